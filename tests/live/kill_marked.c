/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A real OOM kill among our own children that the monitor cannot read of: it knows the
 * victim by the kernel's tracepoint oom:mark_victim all the same.
 */
#include "../e2e/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "group.h"
#include "hogs.h"

#define SECONDS 20

static struct group top;

static void a_kill_without_a_line_is_named(void **state)
{
	struct world *world = *state;
	struct group group;
	struct hogs hogs = { .n = 0 };
	char killed[64];
	assert_true(hogs_add_big_and_small(&hogs, &top, "marked", &group));
	monitor_start(world, &(struct pty_options){ .rows = 24, .cols = 200 }, (const char *[]){ "-d", "1", "--source", "bpf", NULL });
	struct screen *screen = world->screen;
	screen_keys(screen, "E", NULL);
	expect_screen(screen, "from the kernel's counters and oom:mark_victim");
	snprintf(killed, sizeof killed, "marked-big (%d)", (int)hogs.hogs[0].pid);

	/* Others' kills may stand there too; without a mark it would be "somebody". */
	hogs_write(&hogs, 40, SECONDS);
	bool shown = screen_wait(screen, killed, SCREEN_PATIENCE_MS);
	hogs_bury(&hogs, 1, SECONDS);
	if (!shown)
		screen_print(screen, stderr);
	assert_true(hogs.hogs[0].dead);
	assert_true(shown);
	screen_keys(screen, "Escape", NULL);
	monitor_quit(world);
	hogs_end(&hogs);
	group_remove(&group);
}

/* Does the program, as things stand, take its facts from BPF? */
static bool has_bpf(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		const char *builddir = getenv("builddir");
		char path[4096];
		snprintf(path, sizeof path, "%s/oomsight", builddir ? builddir : ".");
		execl(path, path, "predict", "--source", "bpf", (char *)NULL);
		_exit(127);
	}
	int status;
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static const char *why_not(void)
{
	struct stat st;
	char one;
	if (!hogs_have_kernel_pids())
		return "this is another pid namespace than the kernel's";
	if (stat("/sys/kernel/tracing/events/oom/mark_victim/id", &st) < 0 &&
	    (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	     mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) < 0))
		return "tracefs may not be mounted, not even for this test";
	if (!has_bpf())
		return "the facts cannot be had from BPF here";
	/* kernel.dmesg_restrict does the rest. */
	if (prctl(PR_CAPBSET_DROP, CAP_SYSLOG, 0, 0, 0) < 0)
		return "CAP_SYSLOG cannot be given up";
	pid_t pid = fork();
	if (pid == 0) {
		struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct data[2];
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
		if (syscall(SYS_capget, &head, data) < 0)
			_exit(2);
		data[CAP_TO_INDEX(CAP_SYSLOG)].effective &= ~CAP_TO_MASK(CAP_SYSLOG);
		if (syscall(SYS_capset, &head, data) < 0)
			_exit(2);
		_exit(klogctl(3, &one, 0) < 0 && errno == EPERM ? 0 : 1);
	}
	int status;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return "everybody may read the kernel's log";
	return group_make_limited(&top, 256);
}

int main(void)
{
	group_take_turn();
	const char *why = why_not();
	if (why) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	const struct CMUnitTest tests[] = { world_test(a_kill_without_a_line_is_named) };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	group_remove(&top);
	return failed;
}
