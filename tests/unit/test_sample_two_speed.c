/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading at two speeds, of own children: what changes is seen in time, and what is taken
 * over from the tick before is never another process'.
 */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu_clocks.h"
#include "kept_tasks.h"
#include "oomsight/sample/sampler.h"
#include "process_list.h"

#define SLOWEST (SAMPLE_MAX_AGE * SAMPLE_SLOW)

/* --- a child that does as it is told --------------------------------------- */

struct child {
	pid_t pid;
	int orders; /* one byte each */
	int answers;
};

/* fork(2), where the child is to have that pid. */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&pid,
		.set_tid_size = 1,
	};
	return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

/* The same with the highest free pid below that one. */
static pid_t fork_below(pid_t above)
{
	pid_t pid = -1;
	errno = EEXIST;
	while (pid < 0 && errno == EEXIST && --above > 1)
		pid = fork_as(above);
	return pid;
}

static void obey(int orders, int answers)
{
	char order;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(orders, &order, 1) == 1) {
		char *memory;
		pid_t pid = 0;
		switch (order) {
		case 'm': /* take memory */
			memory = malloc((size_t)8 << 20);
			/* volatile: nobody reads it, and clang would write nothing */
			for (size_t at = 0; memory && at < (size_t)8 << 20; at += 4096)
				((volatile char *)memory)[at] = 1;
			break;
		case 'x': /* be another program, which ends with its input */
			dup2(orders, 0);
			execlp("cat", "cat", (char *)NULL);
			_exit(127);
		case 'f': /* have a child */
		case 'F': /* of a lower pid */
			pid = order == 'f' ? fork() : fork_below(getpid());
			if (pid == 0) {
				prctl(PR_SET_PDEATHSIG, 0);
				alarm(60);
				for (;;)
					pause();
			}
			break;
		}
		if (write(answers, &pid, sizeof pid) != sizeof pid)
			_exit(1);
	}
	_exit(0);
}

/* tid: the pid it is to have, 0 for any. False when that is not allowed here. */
static bool child_start(struct child *child, pid_t tid)
{
	int orders[2], answers[2];
	assert_int_equal(pipe2(orders, O_CLOEXEC), 0);
	assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
	child->pid = tid ? fork_as(tid) : fork();
	if (child->pid == 0) {
		close(orders[1]);
		obey(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	child->orders = orders[1];
	child->answers = answers[0];
	return child->pid > 0;
}

static pid_t child_do(const struct child *child, char order)
{
	pid_t answer = -1;
	assert_int_equal(write(child->orders, &order, 1), 1);
	assert_int_equal(read(child->answers, &answer, sizeof answer), sizeof answer);
	return answer;
}

static void child_end(struct child *child)
{
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	close(child->orders);
	close(child->answers);
}

static void write_adj(pid_t pid, const char *value)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)pid);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(value, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Until it waits for an order again. */
static void wait_asleep(pid_t pid)
{
	char path[64], bytes[512];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	for (int tries = 0; tries < 2000; tries++) {
		FILE *file = fopen(path, "re");
		size_t n = file ? fread(bytes, 1, sizeof bytes - 1, file) : 0;
		if (file)
			fclose(file);
		bytes[n] = '\0';
		const char *end = strrchr(bytes, ')');
		if (end && end[1] && end[2] == 'S')
			return;
		usleep(1000);
	}
	fail_msg("child %d does not come to rest", (int)pid);
}

/* --- ticks ------------------------------------------------------------------ */

struct watch {
	struct root root;
	struct sampler *sampler;
	struct snapshot snaps[2];
	unsigned ticks;
	pid_t ranked[512]; /* in this order */
	unsigned nranked;
};

static int watch_setup(void **state)
{
	struct diag diag;
	struct watch *watch = calloc(1, sizeof *watch);
	if (!watch || root_open(&watch->root, "/", NULL) < 0)
		return -1;
	watch->sampler = sampler_new(&watch->root, SOURCE_WISH_PROC, &diag);
	snapshot_init(&watch->snaps[0]);
	snapshot_init(&watch->snaps[1]);
	*state = watch;
	return watch->sampler ? 0 : -1;
}

static int watch_teardown(void **state)
{
	struct watch *watch = *state;
	sampler_free(watch->sampler);
	snapshot_done(&watch->snaps[0]);
	snapshot_done(&watch->snaps[1]);
	root_close(&watch->root);
	free(watch);
	return 0;
}

/* 0 or -errno. */
static int take(struct watch *watch)
{
	struct diag diag;
	uint32_t ranked[512], n = 0;
	struct snapshot *next = &watch->snaps[watch->ticks % 2];
	struct snapshot *prev = watch->ticks ? &watch->snaps[(watch->ticks + 1) % 2] : NULL;
	for (unsigned i = 0; prev && i < watch->nranked; i++) {
		const struct task *task = snapshot_find(prev, watch->ranked[i]);
		if (task)
			ranked[n++] = (uint32_t)(task - prev->tasks);
	}
	const struct sample_wish wish = { .ranked = ranked, .nranked = n, .two_speed = true };
	int r = sampler_take(watch->sampler, prev, &wish, next, &diag);
	watch->ticks++;
	return r;
}

static const struct snapshot *tick(struct watch *watch)
{
	assert_int_equal(take(watch), 0);
	return &watch->snaps[(watch->ticks + 1) % 2];
}

static const struct task *task_of(const struct snapshot *snap, pid_t pid)
{
	const struct task *task = snapshot_find(snap, pid);
	assert_non_null(task);
	return task;
}

/* For a test that needs clocks which this host may not have. */
static bool clocks_are_usable(const struct watch *watch)
{
	struct cpu_clocks clocks;
	struct read_buffer buffer;
	assert_int_equal(read_buffer_init(&buffer, 4096), 0);
	cpu_clocks_init(&clocks, &watch->root, &buffer);
	bool usable = clocks.usable;
	read_buffer_done(&buffer);
	return usable;
}

/* Tick until the task was carried over, with `left` ticks left before its turn, as it is
 * wherever clocks are usable. */
static const struct task *tick_until_carried(struct watch *watch, pid_t pid, unsigned left)
{
	wait_asleep(pid);
	for (unsigned i = 0; i < 4 * SAMPLE_MAX_AGE; i++) {
		const struct snapshot *snap = tick(watch);
		const struct task *task = task_of(snap, pid);
		if (task->age[TASK_STAT] > 0 && ((uint64_t)pid + snap->tick) % SAMPLE_MAX_AGE == SAMPLE_MAX_AGE - 1 - left)
			return task;
	}
	fail_msg("the clocks of processes can be used here, but child %d is read in every tick", (int)pid);
	return NULL;
}

/* --- the bounds --------------------------------------------------------------- */

static void a_sleeping_task_is_read_in_its_turn_only(void **state)
{
	struct watch *watch = *state;
	struct child child;
	unsigned stat_read = 0, oldest[TASK__GROUPS] = { 0 };
	if (!clocks_are_usable(watch))
		skip();
	assert_true(child_start(&child, 0));
	tick_until_carried(watch, child.pid, 0);
	for (unsigned i = 0; i < 2 * SLOWEST; i++) {
		const struct task *task = task_of(tick(watch), child.pid);
		stat_read += task->age[TASK_STAT] == 0;
		for (int group = 0; group < TASK__GROUPS; group++)
			oldest[group] = task->age[group] > oldest[group] ? task->age[group] : oldest[group];
		assert_true(task_knows(task, TASK_MM) && task_knows(task, TASK_ADJ) && task_knows(task, TASK_CGROUP));
	}
	/* Once in a round, which is shorter where ticks last long. */
	assert_in_range(stat_read, 2 * SAMPLE_SLOW, SLOWEST);
	assert_in_range(oldest[TASK_STAT], 1, SAMPLE_MAX_AGE - 1);
	assert_in_range(oldest[TASK_ADJ], 1, SAMPLE_MAX_AGE - 1);
	assert_in_range(oldest[TASK_STATUS], 1, SLOWEST - 1);
	assert_in_range(oldest[TASK_CGROUP], 1, SLOWEST - 1);
	assert_in_range(oldest[TASK_SCORE], 1, SLOWEST - 1);
	child_end(&child);
}

static void memory_taken_shows_at_the_next_tick(void **state)
{
	struct watch *watch = *state;
	struct child child;
	if (!clocks_are_usable(watch))
		skip();
	assert_true(child_start(&child, 0));
	const struct task *task = tick_until_carried(watch, child.pid, 5);
	uint64_t before = task->rss_quick_pages, pages = ((uint64_t)8 << 20) / (uint64_t)sysconf(_SC_PAGESIZE);
	child_do(&child, 'm');
	wait_asleep(child.pid);
	task = task_of(tick(watch), child.pid);
	assert_int_equal(task->age[TASK_STAT], 0);
	assert_int_equal(task->age[TASK_STATUS], 0);
	assert_true(task->rss_quick_pages >= before + pages - pages / 8);
	child_end(&child);
}

static void an_adj_written_shows_in_time(void **state)
{
	struct watch *watch = *state;
	struct child ranked, other;
	if (!clocks_are_usable(watch))
		skip();
	assert_true(child_start(&ranked, 0));
	assert_true(child_start(&other, 0));
	watch->ranked[0] = ranked.pid;
	watch->nranked = 1;
	tick(watch);
	tick(watch);
	tick_until_carried(watch, other.pid, 6);
	write_adj(ranked.pid, "321");
	write_adj(other.pid, "123");
	const struct snapshot *snap = tick(watch);
	assert_int_equal(task_of(snap, ranked.pid)->oom_score_adj, 321);
	unsigned ticks = 1;
	while (task_of(snap, other.pid)->oom_score_adj != 123 && ticks <= SAMPLE_MAX_AGE) {
		/* Old, and it says so. */
		assert_true(task_of(snap, other.pid)->age[TASK_ADJ] > 0);
		snap = tick(watch);
		ticks++;
	}
	assert_in_range(ticks, 1, SAMPLE_MAX_AGE);
	child_end(&ranked);
	child_end(&other);
}

static void an_exec_leaves_nothing_of_the_program_before(void **state)
{
	struct watch *watch = *state;
	struct child child;
	if (!clocks_are_usable(watch))
		skip();
	assert_true(child_start(&child, 0));
	tick_until_carried(watch, child.pid, 5);
	write_adj(child.pid, "55");
	char order = 'x';
	assert_int_equal(write(child.orders, &order, 1), 1);
	const struct task *task = NULL;
	for (int tries = 0; tries < 500; tries++) {
		const struct snapshot *snap = tick(watch);
		task = task_of(snap, child.pid);
		if (text_is(snapshot_text(snap, task->comm), "cat"))
			break;
		usleep(2000);
	}
	static const enum task_group groups[] = { TASK_STAT, TASK_STATUS, TASK_ADJ, TASK_SCORE, TASK_CGROUP };
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		assert_int_equal(task->age[groups[i]], 0);
	assert_int_equal(task->oom_score_adj, 55);
	child_end(&child);
}

static void who_has_ended_is_gone_at_the_next_tick(void **state)
{
	struct watch *watch = *state;
	struct child ranked, other;
	assert_true(child_start(&ranked, 0));
	assert_true(child_start(&other, 0));
	watch->ranked[0] = ranked.pid;
	watch->nranked = 1;
	tick(watch);
	tick(watch);
	if (clocks_are_usable(watch))
		tick_until_carried(watch, other.pid, 5);
	child_end(&ranked);
	child_end(&other);
	const struct snapshot *snap = tick(watch);
	assert_null(snapshot_find(snap, ranked.pid));
	assert_null(snapshot_find(snap, other.pid));
}

static void who_was_born_is_there_at_the_next_tick(void **state)
{
	struct watch *watch = *state;
	tick(watch);
	tick(watch);
	for (int i = 0; i < 3; i++) {
		struct child child;
		assert_true(child_start(&child, 0));
		const struct task *task = task_of(tick(watch), child.pid);
		assert_int_equal(task->age[TASK_CGROUP], 0);
		child_end(&child);
	}
}

/* The same number for another process. */
static void reuse_pid(struct watch *watch, bool ranked)
{
	struct child child;
	assert_true(child_start(&child, 0));
	pid_t pid = child.pid;
	watch->ranked[0] = pid;
	watch->nranked = ranked;
	write_adj(pid, "77");
	for (int i = 0; i < 3; i++)
		tick(watch);
	if (!ranked)
		tick_until_carried(watch, pid, 5);
	uint64_t start = task_of(tick(watch), pid)->start_ticks;
	child_end(&child);
	usleep(30000); /* start times have the grain of a clock tick */
	if (!child_start(&child, pid)) {
		close(child.orders);
		close(child.answers);
		skip(); /* not allowed here */
	}
	wait_asleep(pid);
	const struct task *task = task_of(tick(watch), pid);
	assert_true(task->start_ticks > start);
	assert_int_equal(task->oom_score_adj, 0);
	for (int group = TASK_STAT; group <= TASK_CGROUP; group++)
		assert_int_equal(task->age[group], 0);
	child_end(&child);
}

static void a_reused_pid_takes_over_nothing(void **state)
{
	if (!clocks_are_usable(*state))
		skip();
	reuse_pid(*state, false);
}

static void a_reused_pid_that_is_ranked_takes_over_nothing(void **state)
{
	reuse_pid(*state, true);
}

/* At once, whether the parent is reaped or not. */
static void lose_parent(struct watch *watch, char order, bool reaped)
{
	struct child child;
	siginfo_t end;
	assert_true(child_start(&child, 0));
	pid_t grandchild = child_do(&child, order);
	if (grandchild <= 0) {
		child_end(&child);
		skip(); /* no pid may be chosen here */
	}
	wait_asleep(child.pid);
	const struct task *task = tick_until_carried(watch, grandchild, 6);
	assert_int_equal(task->ppid, child.pid);
	if (reaped) {
		child_end(&child);
	} else {
		kill(child.pid, SIGKILL);
		assert_int_equal(waitid(P_PID, (id_t)child.pid, &end, WEXITED | WNOWAIT), 0);
	}
	task = task_of(tick(watch), grandchild);
	pid_t ppid = task->ppid;
	kill(grandchild, SIGKILL);
	if (!reaped)
		child_end(&child);
	assert_true(ppid != child.pid);
}

static void an_orphan_s_new_parent_shows(void **state)
{
	if (!clocks_are_usable(*state))
		skip();
	lose_parent(*state, 'f', true);
	lose_parent(*state, 'f', false);
}

static void so_it_does_where_the_parent_had_a_higher_pid(void **state)
{
	if (!clocks_are_usable(*state))
		skip();
	lose_parent(*state, 'F', true);
	lose_parent(*state, 'F', false);
}

/* --- descriptors ---------------------------------------------------------------- */

/* How many are open; *ret_inheritable: how many of them a child would get. */
static unsigned open_files(unsigned *ret_inheritable)
{
	unsigned n = 0;
	*ret_inheritable = 0;
	for (int fd = 0; fd < 4096; fd++) {
		int flags = fcntl(fd, F_GETFD);
		n += flags >= 0;
		*ret_inheritable += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return n;
}

#define CROWD (SAMPLE_KEPT_DESCRIPTORS / 2 + 44)

static void start_crowd(struct watch *watch)
{
	for (watch->nranked = 0; watch->nranked < CROWD; watch->nranked++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		watch->ranked[watch->nranked] = pid;
	}
}

static void end_crowd(const struct watch *watch)
{
	for (unsigned i = 0; i < watch->nranked; i++) {
		kill(watch->ranked[i], SIGKILL);
		waitpid(watch->ranked[i], NULL, 0);
	}
}

static void descriptors_are_bounded_and_given_back(void **state)
{
	struct watch *watch = *state;
	unsigned inheritable, before = open_files(&inheritable), inherited = inheritable;
	start_crowd(watch);
	tick(watch);
	const struct snapshot *snap = tick(watch);
	/* The system's files are kept too, from the first tick on. */
	assert_in_range(open_files(&inheritable), before + SAMPLE_KEPT_DESCRIPTORS, before + SAMPLE_KEPT_DESCRIPTORS + 24);
	assert_int_equal(inheritable, inherited);
	/* Who is ranked highest has them: so its adj is of this tick. */
	for (unsigned i = 0; i < SAMPLE_KEPT_DESCRIPTORS / 2; i++)
		assert_int_equal(task_of(snap, watch->ranked[i])->age[TASK_ADJ], 0);
	/* Another order, then nobody: the bound holds, and nothing leaks. */
	for (int round = 0; round < 4; round++) {
		for (unsigned i = 0; i < CROWD / 2; i++) {
			pid_t swapped = watch->ranked[i];
			watch->ranked[i] = watch->ranked[CROWD - 1 - i];
			watch->ranked[CROWD - 1 - i] = swapped;
		}
		snap = tick(watch);
		assert_true(open_files(&inheritable) <= before + SAMPLE_KEPT_DESCRIPTORS + 24);
		for (unsigned i = 0; i < SAMPLE_KEPT_DESCRIPTORS / 2; i++)
			assert_int_equal(task_of(snap, watch->ranked[i])->age[TASK_ADJ], 0);
	}
	end_crowd(watch);
	tick(watch);
	tick(watch);
	assert_true(open_files(&inheritable) <= before + 24);
	sampler_free(watch->sampler);
	watch->sampler = NULL;
	assert_true(open_files(&inheritable) <= before);
}

enum { LIMIT_FINE, LIMIT_NOT_SET, LIMIT_TICK_FAILED, LIMIT_PASSED, LIMIT_OTHER, LIMIT_UNREAD };

/* In a child, whose limits are its own: some ticks below a limit of open files, and
 * `later` as many below another. */
static int tick_below_limit(struct watch *watch, struct rlimit limit, rlim_t left, rlim_t later)
{
	unsigned inheritable;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return LIMIT_NOT_SET;
	start_crowd(watch);
	for (int i = 0; i < 2 * SAMPLE_MAX_AGE; i++) {
		if (i == 3 && later > 0 && setrlimit(RLIMIT_NOFILE, &(struct rlimit){ later, later }) < 0)
			return LIMIT_NOT_SET;
		if (take(watch) < 0)
			return LIMIT_TICK_FAILED;
		const struct snapshot *snap = &watch->snaps[(watch->ticks + 1) % 2];
		for (unsigned j = 0; j < CROWD; j++) {
			const struct task *task = snapshot_find(snap, watch->ranked[j]);
			if (!task || !task_knows(task, TASK_ADJ) || task->age[TASK_ADJ] >= SAMPLE_MAX_AGE)
				return LIMIT_UNREAD;
		}
	}
	end_crowd(watch);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur != left)
		return LIMIT_OTHER;
	return open_files(&inheritable) <= left ? LIMIT_FINE : LIMIT_PASSED;
}

static void the_limits_of_open_files_are_respected(void **state)
{
	static const struct {
		struct rlimit limit; /* soft, hard */
		rlim_t left;
		rlim_t later;
	} cases[] = {
		{ { 64, 64 }, 64, 0 },
		{ { 64, 4096 }, 640, 0 }, /* raised */
		{ { 64, 200 }, 200, 0 },
		{ { 1024, 4096 }, 1024, 0 },
		/* Somebody takes away what there was: what is kept gives way. */
		{ { 1024, 4096 }, 96, 96 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(tick_below_limit(*state, cases[i].limit, cases[i].left, cases[i].later));
		int status = 0;
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), LIMIT_FINE);
	}
}

enum { REST_FINE, REST_FIRST, REST_LIMIT, REST_TAKEN, REST_EMPTY, REST_OTHERS, REST_OLD, REST_AFTER };

/* In a child: a tick in which no file of a process can be opened, and one after it. */
static int tick_without_descriptors(struct sampler *sampler, struct snapshot snaps[3])
{
	struct diag diag;
	struct rlimit limit;
	int lowest = dup(STDIN_FILENO);
	if (sampler_take(sampler, NULL, NULL, &snaps[0], &diag) < 0)
		return REST_FIRST;
	uint32_t n = snaps[0].ntasks;
	int32_t first = snaps[0].tasks[0].pid;
	close(lowest);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return REST_LIMIT;
	/* What was opened meanwhile, and is kept, lies above. */
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)lowest, limit.rlim_max }) < 0)
		return REST_LIMIT;
	if (sampler_take(sampler, &snaps[0], NULL, &snaps[1], &diag) != -EMFILE)
		return REST_TAKEN;
	if (snaps[1].tick == 0)
		return REST_EMPTY;
	if (snaps[1].ntasks + 8 < n) /* some may have ended meanwhile */
		return REST_OTHERS;
	/* The first one is where descriptors ran out. */
	if (snaps[1].tasks[0].pid != first)
		return REST_OTHERS;
	for (uint32_t i = 0; i < snaps[1].ntasks; i++) {
		if (snaps[1].tasks[i].fresh || snaps[1].tasks[i].age[TASK_STAT] != 1)
			return REST_OLD;
	}
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || sampler_take(sampler, &snaps[1], NULL, &snaps[2], &diag) < 0)
		return REST_AFTER;
	for (uint32_t i = 0; i < snaps[2].ntasks; i++) {
		if (snaps[2].tasks[i].age[TASK_STAT] != 0)
			return REST_AFTER;
	}
	return REST_FINE;
}

static void whoever_is_not_reached_for_want_of_descriptors_is_as_he_was(void **state)
{
	struct watch *watch = *state;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		static struct snapshot snaps[3];
		for (size_t i = 0; i < COUNT_OF(snaps); i++)
			snapshot_init(&snaps[i]);
		_exit(tick_without_descriptors(watch->sampler, snaps));
	}
	int status = 0;
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), REST_FINE);
}

static void the_room_for_kept_descriptors_follows_the_limit(void **state)
{
	(void)state;
	static const struct {
		uint64_t limit;
		uint32_t tasks;
	} cases[] = { { 0, 0 }, { 64, 0 }, { 128, 0 }, { 129, 0 }, { 130, 1 }, { 256, 64 }, { 639, 255 }, { 640, 256 },
		      { 1024, 256 }, { UINT64_MAX, 256 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(kept_tasks_room(cases[i].limit), cases[i].tasks);
}

/* Who closes all while somebody holds one of the places must leave no number there that
 * the next file opened will have. */
static void a_closed_descriptor_is_not_taken_for_the_file_that_has_its_number_next(void **state)
{
	(void)state;
	static struct task tasks[] = { { .pid = 5 }, { .pid = 7 } };
	static const uint32_t ranked[] = { 0, 1 };
	static struct kept_tasks kept;
	struct snapshot prev;
	snapshot_init(&prev);
	prev.tasks = tasks;
	prev.ntasks = COUNT_OF(tasks);
	kept_tasks_init(&kept);
	kept_tasks_plan(&kept, &prev, ranked, COUNT_OF(ranked));
	struct kept_task *held = kept_tasks_find(&kept, 7);
	assert_non_null(held);
	held->stat_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	held->adj_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const int numbers[2] = { held->stat_fd, held->adj_fd };
	assert_true(kept_tasks_shrink(&kept));
	assert_null(kept_tasks_find(&kept, 7));
	int others[2] = { open("/dev/zero", O_RDONLY | O_CLOEXEC), open("/dev/zero", O_RDONLY | O_CLOEXEC) };
	assert_int_equal(others[0], numbers[0]);
	assert_int_equal(others[1], numbers[1]);
	assert_int_equal(held->stat_fd, -1);
	assert_int_equal(held->adj_fd, -1);
	/* Nor are they closed once more. */
	kept_tasks_done(&kept);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_int_equal(close(others[i]), 0);
}

/* --- the list -------------------------------------------------------------------- */

static void the_list_is_read_when_somebody_may_be_new(void **state)
{
	(void)state;
	char dir[] = "/tmp/oomsight-test-XXXXXX", path[64];
	static const int added[] = { 12, 7, 300, 40, 9, 8, 81 };
	assert_non_null(mkdtemp(dir));
	struct root root = { .proc_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct process_list list;
	struct read_buffer buffer;
	assert_int_equal(read_buffer_init(&buffer, 4096), 0);
	struct snapshot *snap = calloc(1, sizeof *snap);
	assert_non_null(snap);
	assert_int_equal(process_list_init(&list, &root, &buffer), 0);
	snap->system.state[SYS_FORKS] = FACT_KNOWN;
	snap->system.value[SYS_FORKS] = 1000;
	for (size_t i = 0; i < COUNT_OF(added); i++) {
		snprintf(path, sizeof path, "%s/%d", dir, added[i]);
		assert_int_equal(mkdir(path, 0700), 0);
		uint32_t known = list.n;
		bool real = true, reads = false;
		switch (i) {
		case 0: reads = true; break; /* the first time */
		case 1: break; /* no fork: nobody can be new */
		case 2: snap->system.value[SYS_FORKS]++; reads = true; break;
		case 3: snap->observer.proc_hides = true; reads = true; break; /* may have come to light */
		case 4: snap->observer.proc_hides = false; real = false; reads = true; break;
		case 5: snap->system.value[SYS_FORKS] = 0; reads = true; break;
		case 6: reads = true; break; /* 0 as before: nobody counts */
		}
		assert_int_equal(process_list_update(&list, real, snap), 0);
		assert_int_equal(list.n, reads ? i + 1 : known);
		for (uint32_t j = 1; j < list.n; j++)
			assert_true(list.pids[j - 1] < list.pids[j]);
	}
	/* It is read once in a while in any case. */
	snap->system.value[SYS_FORKS] = 1001;
	assert_int_equal(process_list_update(&list, true, snap), 0);
	snprintf(path, sizeof path, "%s/77", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	for (int tick = 1; tick <= SAMPLE_MAX_AGE; tick++) {
		assert_int_equal(process_list_update(&list, true, snap), 0);
		assert_int_equal(list.n, COUNT_OF(added) + (tick == SAMPLE_MAX_AGE));
	}
	process_list_done(&list);
	read_buffer_done(&buffer);
	close(root.proc_fd);
	free(snap);
	char command[96];
	snprintf(command, sizeof command, "rm -r '%s'", dir);
	assert_int_equal(system(command), 0);
}

static void clocks_are_asked_in_our_own_namespace_only(void **state)
{
	(void)state;
	static const struct {
		const char *status;
		bool ours;
	} cases[] = {
		{ "Name:\tx\nTgid:\t7\nPid:\t7\nNSpid:\t7\n", true },
		{ "Name:\tx\nPid:\t7\nNSpid:\t7\t1\n", false }, /* we are pid 1 of a namespace below */
		{ "Name:\tx\nPid:\t7\n", true },               /* before 4.1 */
		{ "Name:\tx\nPid:\t8\nNSpid:\t8\n", false },
		{ "Name:\tx\nPid:\t7\nNSpid:\t\n", false },
		{ "", false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(cpu_clocks_own_namespace(text_of_str(cases[i].status), 7), cases[i].ours);
}

#define WATCH_TEST(f) cmocka_unit_test_setup_teardown(f, watch_setup, watch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(a_sleeping_task_is_read_in_its_turn_only),
		WATCH_TEST(memory_taken_shows_at_the_next_tick),
		WATCH_TEST(an_adj_written_shows_in_time),
		WATCH_TEST(an_exec_leaves_nothing_of_the_program_before),
		WATCH_TEST(who_has_ended_is_gone_at_the_next_tick),
		WATCH_TEST(who_was_born_is_there_at_the_next_tick),
		WATCH_TEST(a_reused_pid_takes_over_nothing),
		WATCH_TEST(a_reused_pid_that_is_ranked_takes_over_nothing),
		WATCH_TEST(an_orphan_s_new_parent_shows),
		WATCH_TEST(so_it_does_where_the_parent_had_a_higher_pid),
		WATCH_TEST(descriptors_are_bounded_and_given_back),
		WATCH_TEST(the_limits_of_open_files_are_respected),
		WATCH_TEST(whoever_is_not_reached_for_want_of_descriptors_is_as_he_was),
		cmocka_unit_test(the_room_for_kept_descriptors_follows_the_limit),
		cmocka_unit_test(a_closed_descriptor_is_not_taken_for_the_file_that_has_its_number_next),
		cmocka_unit_test(the_list_is_read_when_somebody_may_be_new),
		cmocka_unit_test(clocks_are_asked_in_our_own_namespace_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
