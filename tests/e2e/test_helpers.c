/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The helper programs are what other tests lean on: each must be what it says,
 * by the kernel's own files.
 */
#include "../unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "pty.h"

#define READY_MS 10000
#define STOP_MS 5000

static void read_proc(pid_t pid, const char *name, char *dst, size_t size)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, dst, size - 1);
	dst[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* A line of status in KiB; -1 when it has none. */
static long status_kib(pid_t pid, const char *key)
{
	char status[4096];
	read_proc(pid, "status", status, sizeof(status));
	const char *line = strstr(status, key);
	return line == NULL ? -1 : strtol(line + strlen(key) + 1, NULL, 10);
}

static char state_of(pid_t pid)
{
	char stat[512];
	read_proc(pid, "stat", stat, sizeof(stat));
	const char *name_end = strrchr(stat, ')');
	return name_end != NULL && name_end[1] == ' ' ? name_end[2] : '?';
}

static pid_t parent_of(pid_t pid)
{
	return (pid_t)status_kib(pid, "PPid:");
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
		count += entry->d_name[0] != '.';
	if (dir != NULL)
		closedir(dir);
	return count;
}

static int count_children(pid_t parent)
{
	DIR *dir = opendir("/proc");
	int count = 0;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		count += pid > 0 && parent_of(pid) == parent;
	}
	closedir(dir);
	return count;
}

static bool gone_within(pid_t pid, int timeout_ms)
{
	int64_t deadline = pty_now_ms() + timeout_ms;
	while (kill(pid, 0) == 0 && pty_now_ms() < deadline) {
		/* An orphan is ours, see main. */
		waitpid(pid, NULL, WNOHANG);
		usleep(2000);
	}
	return kill(pid, 0) != 0;
}

static void hog_holds_what_it_was_told(void **state)
{
	(void)state;
	struct helper hog;
	assert_int_equal(helper_start(&hog, (const char *[]){ "hog", "--anon", "24", "--shm", "8", "--file", "4", "--sparse",
							      "2", "--comm", "a) b\033[2J", "--adj", "321", NULL },
				      READY_MS), 0);
	/* The program itself adds a little; a per-CPU counter may hide a little. */
	assert_in_range(status_kib(hog.pid, "RssAnon:"), 24 * 1024 - 256, 24 * 1024 + 1024);
	assert_in_range(status_kib(hog.pid, "RssShmem:"), 8 * 1024 - 256, 8 * 1024 + 256);
	assert_in_range(status_kib(hog.pid, "RssFile:"), 4 * 1024 - 256, 4 * 1024 + 4096);
	assert_in_range(status_kib(hog.pid, "VmPTE:"), 2 * 1024, 2 * 1024 + 512);
	char text[64];
	read_proc(hog.pid, "comm", text, sizeof(text));
	assert_string_equal(text, "a) b\033[2J\n");
	read_proc(hog.pid, "oom_score_adj", text, sizeof(text));
	assert_string_equal(text, "321\n");
	assert_true(helper_stop(&hog, STOP_MS));
	assert_int_equal(hog.wait_status, 0);
}

static void hog_grows(void **state)
{
	(void)state;
	struct helper hog;
	assert_int_equal(helper_start(&hog, (const char *[]){ "hog", "--grow", "20480", NULL }, READY_MS), 0);
	long first = status_kib(hog.pid, "RssAnon:");
	int64_t deadline = pty_now_ms() + 10000;
	while (status_kib(hog.pid, "RssAnon:") < first + 4096 && pty_now_ms() < deadline)
		usleep(10000);
	assert_true(status_kib(hog.pid, "RssAnon:") >= first + 4096);
	assert_true(helper_stop(&hog, STOP_MS));
}

static void zombie_leader_keeps_its_memory_in_a_thread(void **state)
{
	(void)state;
	struct helper hog;
	assert_int_equal(helper_start(&hog, (const char *[]){ "hog", "--anon", "16", "--zombie-leader", NULL }, READY_MS), 0);
	assert_int_equal(state_of(hog.pid), 'Z');
	assert_int_equal(status_kib(hog.pid, "VmRSS:"), -1);
	char path[64], name[32], text[4096];
	snprintf(path, sizeof(path), "/proc/%d/task", (int)hog.pid);
	assert_int_equal(count_entries(path), 2);
	DIR *tasks = opendir(path);
	long thread_kib = 0;
	for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
		if (entry->d_name[0] == '.' || strtol(entry->d_name, NULL, 10) == hog.pid)
			continue;
		snprintf(name, sizeof(name), "task/%.12s/status", entry->d_name);
		read_proc(hog.pid, name, text, sizeof(text));
		const char *line = strstr(text, "RssAnon:");
		thread_kib = line != NULL ? strtol(line + 8, NULL, 10) : 0;
	}
	closedir(tasks);
	assert_true(thread_kib >= 16 * 1024 - 256);
	assert_true(helper_stop(&hog, STOP_MS));
}

static void clone_vm_child_is_another_process_on_the_same_memory(void **state)
{
	(void)state;
	struct helper hog;
	assert_int_equal(helper_start(&hog, (const char *[]){ "hog", "--anon", "16", "--clone-vm", NULL }, READY_MS), 0);
	assert_true(hog.child > 0);
	assert_int_equal(parent_of(hog.child), hog.pid);
	assert_true(status_kib(hog.child, "RssAnon:") >= 16 * 1024 - 256);
	pid_t child = hog.child;
	assert_true(helper_stop(&hog, STOP_MS));
	assert_true(gone_within(child, STOP_MS));
}

static void vfork_child_holds_its_parent(void **state)
{
	(void)state;
	struct helper hog;
	assert_int_equal(helper_start(&hog, (const char *[]){ "hog", "--anon", "16", "--vfork", NULL }, READY_MS), 0);
	assert_true(hog.child > 0);
	assert_int_equal(state_of(hog.pid), 'D');
	assert_true(status_kib(hog.child, "RssAnon:") >= 16 * 1024 - 256);
	/* The kernel never chooses a process in vfork: its score file says 0. */
	char text[32];
	read_proc(hog.child, "oom_score", text, sizeof(text));
	assert_string_equal(text, "0\n");
	pid_t child = hog.child;
	assert_true(helper_stop(&hog, STOP_MS));
	assert_true(gone_within(child, STOP_MS));
}

static void sigterm_ends_every_kind_of_hog_and_its_child(void **state)
{
	(void)state;
	static const char *const kinds[] = { "--clone-vm", "--vfork", "--zombie-leader" };
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct helper hog;
		assert_int_equal(helper_start(&hog, (const char *[]){ "hog", kinds[i], NULL }, READY_MS), 0);
		pid_t child = hog.child;
		kill(hog.pid, SIGTERM);
		struct pty waiter = { .pid = hog.pid, .master = -1 };
		assert_true(pty_wait_end(&waiter, STOP_MS));
		assert_true(WIFSIGNALED(waiter.wait_status) && WTERMSIG(waiter.wait_status) == SIGTERM);
		assert_true(child == 0 || gone_within(child, STOP_MS));
		close(hog.input);
		close(hog.output);
	}
}

static void hog_says_what_it_cannot_do(void **state)
{
	(void)state;
	struct helper hog;
	assert_int_equal(helper_start(&hog, (const char *[]){ "hog", "--adj", "1001", NULL }, READY_MS), -EPROTO);
	assert_int_equal(helper_start(&hog, (const char *[]){ "hog", "--anon", "many", NULL }, READY_MS), -EPROTO);
	assert_int_equal(helper_start(&hog, (const char *[]){ "no-such-helper", NULL }, READY_MS), -EPROTO);
}

static void crowd_comes_and_goes_as_one(void **state)
{
	(void)state;
	struct helper crowd;
	assert_int_equal(helper_start(&crowd, (const char *[]){ "crowd", "37", NULL }, READY_MS), 0);
	assert_int_equal(count_children(crowd.pid), 37);
	pid_t parent = crowd.pid;
	assert_true(helper_stop(&crowd, STOP_MS));
	assert_int_equal(crowd.wait_status, 0);
	assert_int_equal(count_children(parent), 0);
}

static void crowd_dies_with_its_parent(void **state)
{
	(void)state;
	struct helper crowd;
	assert_int_equal(helper_start(&crowd, (const char *[]){ "crowd", "3", NULL }, READY_MS), 0);
	char path[64], text[256];
	snprintf(path, sizeof(path), "task/%d/children", (int)crowd.pid);
	read_proc(crowd.pid, path, text, sizeof(text));
	pid_t child = (pid_t)strtol(text, NULL, 10);
	if (child <= 0) {
		/* The file needs CONFIG_PROC_CHILDREN: look for it the long way. */
		for (child = crowd.pid + 1; parent_of(child) != crowd.pid && child < crowd.pid + 1000; child++)
			continue;
	}
	assert_int_equal(parent_of(child), crowd.pid);
	kill(crowd.pid, SIGKILL);
	struct pty waiter = { .pid = crowd.pid, .master = -1 };
	assert_true(pty_wait_end(&waiter, STOP_MS));
	assert_true(gone_within(child, STOP_MS));
	close(crowd.input);
	close(crowd.output);
}

static void churn_makes_as_many_as_it_says(void **state)
{
	(void)state;
	struct helper churn;
	assert_int_equal(helper_start(&churn, (const char *[]){ "churn", "200", "1", "5", NULL }, READY_MS), 0);
	struct pty waiter = { .pid = churn.pid, .master = -1 };
	assert_true(pty_wait_end(&waiter, 20000));
	assert_int_equal(waiter.wait_status, 0);
	char text[64] = "";
	assert_true(read(churn.output, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "done 200\n");
	close(churn.input);
	close(churn.output);
}

int main(void)
{
	/* In a container the first process may never wait for orphans: we do. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hog_holds_what_it_was_told),
		cmocka_unit_test(hog_grows),
		cmocka_unit_test(zombie_leader_keeps_its_memory_in_a_thread),
		cmocka_unit_test(clone_vm_child_is_another_process_on_the_same_memory),
		cmocka_unit_test(vfork_child_holds_its_parent),
		cmocka_unit_test(sigterm_ends_every_kind_of_hog_and_its_child),
		cmocka_unit_test(hog_says_what_it_cannot_do),
		cmocka_unit_test(crowd_comes_and_goes_as_one),
		cmocka_unit_test(crowd_dies_with_its_parent),
		cmocka_unit_test(churn_makes_as_many_as_it_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
