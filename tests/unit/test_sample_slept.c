/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Of who has not run since the walk before, the BPF source carries the task over. Whatever
 * is done to a sleeping process, or by one that wakes for a moment, a chain of ticks on the
 * machine that runs the tests must tell what files tell.
 */
#include "unit.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "bpf_chain.h"

#define ARENA (8 * MIB)

static char *arena; /* of servants: mapped before they start, and not touched */

/* --- what it does when it wakes ------------------------------------------------------- */

static void assert_order_is_told(void **state, enum order order)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	char before[DESCRIBED], after[DESCRIBED];
	describe_it(&host->after, servant.pid, before);
	give_and_await(&servant, order);
	assert_told_on(host, servant.pid);
	describe_it(&host->after, servant.pid, after);
	assert_string_not_equal(before, after);
	stop_servant(&servant);
}

static void growth_is_told(void **state)
{
	assert_order_is_told(state, GROW);
}

static void size_alone_is_told(void **state)
{
	assert_order_is_told(state, MAP);
}

static void faults_alone_are_told(void **state)
{
	assert_order_is_told(state, FAULT);
}

static void another_name_is_told(void **state)
{
	assert_order_is_told(state, NAME);
}

static void another_user_is_told(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_order_is_told(state, USER);
}

static void capabilities_dropped_are_told(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_order_is_told(state, CAPS);
}

static void what_a_thread_did_that_has_ended_is_told(void **state)
{
	assert_order_is_told(state, THREAD);
}

static void assert_exec_is_told(void **state, enum order order)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	give(&servant, order);
	await_exec(servant.pid);
	assert_told_on(host, servant.pid);
	stop_servant(&servant);
}

static void an_exec_is_told(void **state)
{
	assert_exec_is_told(state, EXEC);
}

static void an_exec_by_another_thread_is_told(void **state)
{
	assert_exec_is_told(state, EXEC_BY_THREAD);
}

static void who_has_ended_is_a_zombie_until_reaped(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	give(&servant, END);
	await_state(servant.pid, 'Z');
	for (unsigned i = 0; i < 3; i++) {
		tick(host);
		const struct task *task = task_of(&host->after, servant.pid);
		assert_int_equal(task->state, 'Z');
		assert_true(task->flags & TASK_FLAG_EXITING);
		assert_false(task_knows(task, TASK_MM));
		assert_int_equal(task->rss_pages + task->rss_quick_pages + task->pgtables_bytes, 0);
	}
	stop_servant(&servant);
	tick(host);
	assert_null(snapshot_find(&host->after, servant.pid));
}

static void assert_shares(const struct host *host, pid_t pid, pid_t other, uint8_t marks)
{
	assert_int_equal(task_of(&host->after, pid)->mm_id, pid);
	assert_int_equal(task_of(&host->after, pid)->marks, 0);
	assert_int_equal(task_of(&host->after, other)->mm_id, pid);
	assert_int_equal(task_of(&host->after, other)->marks, marks);
}

/* The child that shares its mm. */
static pid_t assert_begins_to_share(struct host *host, pid_t pid, uint8_t marks)
{
	tick(host);
	const struct task *child = child_of(&host->after, pid);
	assert_non_null(child);
	const pid_t other = child->pid;
	await_state(other, 'S');
	for (unsigned i = 0; i < 3; i++) {
		assert_told(host, pid);
		assert_told(host, other);
		assert_shares(host, pid, other, marks);
	}
	return other;
}

static void who_waits_for_its_vforked_child_is_told(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	give(&servant, VFORK);
	await_state(servant.pid, 'D');
	const pid_t vforked = assert_begins_to_share(host, servant.pid, TASK_MARK_VFORK);
	kill(vforked, SIGKILL);
	await_done(&servant);
	assert_told_on(host, servant.pid);
	assert_int_equal(task_of(&host->after, servant.pid)->mm_id, 0);
	stop_servant(&servant);
}

static void who_begins_and_ceases_to_share_its_mm_is_told(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	give_and_await(&servant, SHARE);
	const pid_t sharer = assert_begins_to_share(host, servant.pid, 0);
	/* It sleeps on. */
	kill(sharer, SIGKILL);
	await_state(sharer, 'Z');
	assert_told_on(host, servant.pid);
	assert_int_equal(task_of(&host->after, servant.pid)->mm_id, 0);
	stop_servant(&servant);
}

static void what_threads_do_while_their_leader_sleeps_is_told(void **state)
{
	static const enum order orders[] = { GROW, MAP, FAULT, NAME };
	struct host *host = *state;
	struct servant servant = start_servant(be_thread_s_leader);
	await_state(servant.pid, 'S');
	assert_told(host, servant.pid);
	for (unsigned i = 0; i < COUNT_OF(orders); i++) {
		give_and_await(&servant, orders[i]);
		usleep(10000); /* the thread goes to sleep, too */
		assert_told(host, servant.pid);
		assert_told(host, servant.pid);
	}
	give(&servant, END);
	for (unsigned i = 0; i < TRIES && task_of(&host->after, servant.pid)->threads == 2; i++) {
		usleep(1000);
		tick(host);
	}
	assert_int_equal(task_of(&host->after, servant.pid)->threads, 1);
	assert_told_on(host, servant.pid);
	stop_servant(&servant);
}

static uint64_t faults_by_file(pid_t pid)
{
	char path[64], bytes[512];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof bytes - 1);
	close(fd);
	assert_true(n > 0);
	bytes[n] = '\0';
	unsigned long long faults;
	assert_int_equal(sscanf(strrchr(bytes, ')'), ") %*c %*d %*d %*d %*d %*d %*u %llu", &faults), 1);
	return faults;
}

/* It need not have been taken off its CPU since the tick before. */
static void what_is_done_on_a_cpu_is_told_at_once(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	struct pollfd said = { .fd = servant.child.said, .events = POLLIN };
	unsigned ticks = 0;
	give(&servant, FAULT_ON);
	for (; poll(&said, 1, 0) == 0; ticks++) {
		uint64_t before = faults_by_file(servant.pid);
		tick(host);
		uint64_t told = task_of(&host->after, servant.pid)->minor_faults;
		assert_in_range(told, before, faults_by_file(servant.pid));
	}
	assert_true(ticks > 2);
	await_done(&servant);
	assert_told_on(host, servant.pid);
	stop_servant(&servant);
}

/* --- what others do to it while it sleeps ---------------------------------------------- */

static void another_adj_is_told(void **state)
{
	static const int adjs[] = { 500, 1000, 400 };
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	for (unsigned i = 0; i < COUNT_OF(adjs); i++) {
		set_adj(servant.pid, adjs[i]);
		assert_told_on(host, servant.pid);
		assert_int_equal(task_of(&host->after, servant.pid)->oom_score_adj, adjs[i]);
	}
	stop_servant(&servant);
}

/* Whoever may lower an adj sets the floor, too: here to the adj that there is. */
static void another_floor_alone_is_told(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	give_and_await(&servant, OWN_ADJ);
	await_carried(host, servant.pid);
	int floor = task_of(&host->after, servant.pid)->oom_score_adj_min;
	assert_true(floor < OWN_ADJ_IS);
	set_adj(servant.pid, OWN_ADJ_IS);
	if (host->after.observer.cap_eff >> CAP_SYS_RESOURCE & 1)
		floor = OWN_ADJ_IS;
	else
		print_message("# without CAP_SYS_RESOURCE the floor stays\n");
	assert_told(host, servant.pid);
	assert_int_equal(task_of(&host->after, servant.pid)->oom_score_adj_min, floor);
	await_carried(host, servant.pid);
	assert_int_equal(task_of(&host->after, servant.pid)->oom_score_adj_min, floor);
	stop_servant(&servant);
}

static bool has_written(const char *dir, const char *file, const char *words)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", dir, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool has = fd >= 0 && dprintf(fd, "%s", words) > 0;
	if (fd >= 0)
		close(fd);
	return has;
}

static bool has_moved_to(const char *group, pid_t pid)
{
	char number[16];
	snprintf(number, sizeof number, "%d", pid);
	return has_written(group, "cgroup.procs", number);
}

/* A new group at the top of the hierarchy of that controller: v2's if it is at work there,
 * else one of v1. */
static void name_group(const char *controller, const char *name, char dst[64])
{
	char at_work[128] = "";
	FILE *top = fopen("/sys/fs/cgroup/cgroup.subtree_control", "re");
	bool v2 = top && fgets(at_work, sizeof at_work, top) && strstr(at_work, controller);
	if (top)
		fclose(top);
	snprintf(dst, 64, "/sys/fs/cgroup/%s/oomsight-%d%s", v2 ? "." : controller, (int)getpid(), name);
}

static void cgroup_told(const struct snapshot *snap, pid_t pid, char dst[256])
{
	const struct task *task = task_of(snap, pid);
	assert_true(task_knows(task, TASK_CGROUP));
	text_copy(snapshot_text(snap, task->cgroup), dst, 256);
}

/* And the tick before, if it is asked for, goes on telling the other one. */
static void another_cgroup_is_told(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	for (unsigned i = 0; i < 3; i++) {
		char group[64], before[256], after[256], recalled[256];
		name_group("memory", i % 2 ? "-b" : "-a", group);
		cgroup_told(&host->after, servant.pid, before);
		if ((mkdir(group, 0700) < 0 && errno != EEXIST) || !has_moved_to(group, servant.pid)) {
			print_message("# no memory group can be made\n");
			break;
		}
		tick(host);
		cgroup_told(&host->after, servant.pid, after);
		assert_string_not_equal(before, after);
		assert_int_equal(turnover_recall(&host->before, &host->after), 0);
		cgroup_told(&host->before, servant.pid, recalled);
		assert_string_equal(before, recalled);
		assert_told_on(host, servant.pid);
	}
	stop_servant(&servant);
}

static void another_parent_is_told(void **state)
{
	struct host *host = *state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	struct servant servant = start_servant(be_servant_s_parent);
	tick(host);
	const struct task *orphan = child_of(&host->after, servant.pid);
	assert_non_null(orphan);
	const pid_t pid = orphan->pid;
	await_state(pid, 'S');
	await_carried(host, pid);
	assert_int_equal(task_of(&host->after, pid)->ppid, servant.pid);
	kill(servant.pid, SIGKILL);
	await_state(servant.pid, 'Z');
	assert_told_on(host, pid);
	assert_int_equal(task_of(&host->after, pid)->ppid, getpid());
	assert_int_equal(waitpid(servant.pid, NULL, 0), servant.pid);
	assert_told_on(host, pid);
	close(servant.orders);
	close(servant.child.said);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* Woken, while we keep the CPU that it is to run on. */
static void who_is_woken_and_waits_for_a_cpu_is_told(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	const struct sched_param none = { 0 };
	cpu_set_t all, one;
	unsigned seen = 0;
	CPU_ZERO(&one);
	CPU_SET((unsigned)sched_getcpu(), &one);
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	assert_int_equal(sched_setaffinity(servant.pid, sizeof one, &one), 0);
	assert_int_equal(sched_setscheduler(servant.pid, SCHED_IDLE, &none), 0);
	for (unsigned i = 0; i < TRIES && seen < 3; i++) {
		await_carried(host, servant.pid);
		give(&servant, NAME);
		bool woken = state_letter(servant.pid) == 'R';
		tick(host);
		bool still = state_letter(servant.pid) == 'R';
		if (woken && still) {
			assert_int_equal(task_of(&host->after, servant.pid)->state, 'R');
			seen++;
		}
		await_done(&servant);
	}
	sched_setaffinity(0, sizeof all, &all);
	assert_int_equal(seen, 3);
	stop_servant(&servant);
}

static void who_is_stopped_and_goes_on_is_told(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	kill(servant.pid, SIGSTOP);
	await_state(servant.pid, 'T');
	assert_told_on(host, servant.pid);
	kill(servant.pid, SIGCONT);
	await_state(servant.pid, 'S');
	assert_told_on(host, servant.pid);
	stop_servant(&servant);
}

/* Who is frozen in v1 does not run even to die. */
static void a_kill_that_waits_is_told(void **state)
{
	struct host *host = *state;
	char group[64];
	struct servant servant = start_sleeping(host);
	name_group("freezer", "-a", group);
	if (mkdir(group, 0700) == 0 && has_moved_to(group, servant.pid) && has_written(group, "freezer.state", "FROZEN")) {
		await_state(servant.pid, 'D');
		assert_told_on(host, servant.pid);
		kill(servant.pid, SIGKILL);
		assert_told(host, servant.pid);
		assert_true(task_of(&host->after, servant.pid)->sigkill_pending);
		await_carried(host, servant.pid);
		assert_told(host, servant.pid);
		assert_true(has_written(group, "freezer.state", "THAWED"));
	} else {
		print_message("# no freezer group of v1 can be made\n");
	}
	stop_servant(&servant);
}

static int open_memory(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* Read there, it has page tables more, but no page; written, a page. */
static void what_others_put_into_it_is_told(void **state)
{
	struct host *host = *state;
	char before[DESCRIBED], after[DESCRIBED], byte = 1;
	arena = map_private(ARENA);
	struct servant servant = start_sleeping(host);
	int fd = open_memory(servant.pid);
	off_t middle = (off_t)(uintptr_t)(arena + ARENA / 2);
	for (unsigned i = 0; i < 2; i++) {
		describe_it(&host->after, servant.pid, before);
		assert_int_equal(i == 0 ? pread(fd, &byte, 1, middle) : pwrite(fd, &byte, 1, middle), 1);
		assert_told(host, servant.pid);
		describe_it(&host->after, servant.pid, after);
		assert_string_not_equal(before, after);
		await_carried(host, servant.pid);
		assert_told(host, servant.pid);
	}
	close(fd);
	stop_servant(&servant);
	munmap(arena, ARENA);
}

/* Whoever looks at it below its stack, as debuggers do, makes that grow: mm/memory.c
 * __access_remote_vm(), 6.5 and later; mm/gup.c before. */
static void a_stack_that_others_let_grow_is_told(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	char path[64], line[256], byte;
	unsigned long long stack = 0, from;
	snprintf(path, sizeof path, "/proc/%d/maps", servant.pid);
	FILE *maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof line, maps)) {
		if (strstr(line, "[stack]") && sscanf(line, "%llx", &from) == 1)
			stack = from;
	}
	fclose(maps);
	assert_true(stack > 0);
	uint64_t virt = task_of(&host->after, servant.pid)->virt_bytes;
	int fd = open_memory(servant.pid);
	ssize_t n = pread(fd, &byte, 1, (off_t)(stack - 65536));
	close(fd);
	assert_told(host, servant.pid);
	if (n == 1)
		assert_true(task_of(&host->after, servant.pid)->virt_bytes >= virt + 65536);
	else
		print_message("# the stack did not grow\n");
	await_carried(host, servant.pid);
	assert_told(host, servant.pid);
	stop_servant(&servant);
}

/* Pages of a file, mapped but not touched. */
static char *map_file(size_t size)
{
	char path[128];
	const char *tmp = getenv("TMPDIR");
	snprintf(path, sizeof path, "%.100s/oomsight-slept-XXXXXX", tmp ? tmp : "/tmp");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	unlink(path);
	for (size_t i = 0; i < size; i += sizeof path)
		assert_int_equal(write(fd, path, sizeof path), sizeof path);
	assert_int_equal(fsync(fd), 0);
	char *file = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	assert_true(file != MAP_FAILED);
	return file;
}

static void be_reader(int said)
{
	for (size_t i = 0; i < ARENA; i += 4096)
		((volatile char *)arena)[i];
	be_servant(said);
}

/* Few pages count in what a CPU keeps to itself, many in the sum. */
static void what_is_taken_from_it_is_told(void **state)
{
	static const size_t pages[] = { 3, 1024 };
	struct host *host = *state;
	arena = map_file(ARENA);
	struct servant servant = start_servant(be_reader);
	await_state(servant.pid, 'S');
	int pidfd = (int)syscall(SYS_pidfd_open, servant.pid, 0);
	for (unsigned i = 0; i < COUNT_OF(pages); i++) {
		await_carried(host, servant.pid);
		uint64_t before = task_of(&host->after, servant.pid)->rss_file_pages;
		struct iovec range = { arena + i * ARENA / 2, pages[i] * 4096 };
		if (syscall(SYS_process_madvise, pidfd, &range, 1UL, MADV_PAGEOUT, 0) < 0)
			print_message("# no advice is taken here: %s\n", strerror(errno));
		assert_told(host, servant.pid);
		uint64_t after = task_of(&host->after, servant.pid)->rss_file_pages;
		print_message("# %llu pages of %llu were taken\n", (unsigned long long)(before - after),
			      (unsigned long long)before);
		await_carried(host, servant.pid);
		assert_told(host, servant.pid);
	}
	close(pidfd);
	stop_servant(&servant);
	munmap(arena, ARENA);
}

/* Who is left in it by a test that failed is one of ours. */
static void remove_group(const char *group)
{
	char path[128];
	int pid;
	snprintf(path, sizeof path, "%s/cgroup.procs", group);
	FILE *procs = fopen(path, "re");
	while (procs && fscanf(procs, "%d", &pid) == 1 && pid > 1)
		kill(pid, SIGKILL);
	if (procs)
		fclose(procs);
	has_written(group, "freezer.state", "THAWED");
	for (unsigned i = 0; i < TRIES && rmdir(group) < 0 && errno == EBUSY; i++) {
		waitpid(-1, NULL, WNOHANG);
		usleep(1000);
	}
}

static int remove_groups(void **state)
{
	static const char *const groups[][2] = { { "memory", "-a" }, { "memory", "-b" }, { "freezer", "-a" } };
	(void)state;
	for (unsigned i = 0; i < COUNT_OF(groups); i++) {
		char group[64];
		name_group(groups[i][0], groups[i][1], group);
		remove_group(group);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(growth_is_told),
		CHAIN_TEST(size_alone_is_told),
		CHAIN_TEST(faults_alone_are_told),
		CHAIN_TEST(another_name_is_told),
		CHAIN_TEST(another_user_is_told),
		CHAIN_TEST(capabilities_dropped_are_told),
		CHAIN_TEST(what_a_thread_did_that_has_ended_is_told),
		CHAIN_TEST(an_exec_is_told),
		CHAIN_TEST(an_exec_by_another_thread_is_told),
		CHAIN_TEST(who_has_ended_is_a_zombie_until_reaped),
		CHAIN_TEST(who_waits_for_its_vforked_child_is_told),
		CHAIN_TEST(who_begins_and_ceases_to_share_its_mm_is_told),
		CHAIN_TEST(what_threads_do_while_their_leader_sleeps_is_told),
		CHAIN_TEST(what_is_done_on_a_cpu_is_told_at_once),
		CHAIN_TEST(another_adj_is_told),
		CHAIN_TEST(another_floor_alone_is_told),
		CHAIN_TEST(another_cgroup_is_told),
		CHAIN_TEST(another_parent_is_told),
		CHAIN_TEST(who_is_woken_and_waits_for_a_cpu_is_told),
		CHAIN_TEST(who_is_stopped_and_goes_on_is_told),
		CHAIN_TEST(a_kill_that_waits_is_told),
		CHAIN_TEST(what_others_put_into_it_is_told),
		CHAIN_TEST(a_stack_that_others_let_grow_is_told),
		CHAIN_TEST(what_is_taken_from_it_is_told),
	};
	return host_has_bpf() ? cmocka_run_group_tests(tests, find_out_whether_it_carries, remove_groups) : 77;
}
