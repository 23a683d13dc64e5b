/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The BPF source on the machine that runs the tests, against its files. Skipped
 * where no BPF program can be loaded, but for what then happens.
 */
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpf_host.h"
#include "bpf_image.h"
#include "bpf_source.h"
#include "bpf_walk.h"
#include "btf.h"
#include "children.h"
#include "oomsight/sample/sampler.h"

#define IDLE_CHILDREN 6

/* --- a kernel that refuses ----------------------------------------------------- */

/* The linker puts these between the source and its calls of the kernel. cmocka
 * has no way to hand a state to what is called so deep. */
static int refuse_runs_with;            /* -errno; 0: they are run */
static bool before_6_7;                 /* does the kernel look as if it could iterate only? */
static int refuse_calls_with = -EINVAL; /* then: how it refuses the other program */
static pid_t refuse_stat_of;            /* its memory is out for this process' stat */

int __real_bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args);
int __wrap_bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args);

int __wrap_bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args)
{
	return refuse_runs_with < 0 ? refuse_runs_with : __real_bpf_walk_run(walk, args);
}

int __real_bpf_image_load(const struct bpf_image *image, struct bpf_image_head *context);
int __wrap_bpf_image_load(const struct bpf_image *image, struct bpf_image_head *context);

int __wrap_bpf_image_load(const struct bpf_image *image, struct bpf_image_head *context)
{
	return before_6_7 ? refuse_calls_with : __real_bpf_image_load(image, context);
}

int __real_btf_find_function(const struct btf *btf, const char *name);
int __wrap_btf_find_function(const struct btf *btf, const char *name);

int __wrap_btf_find_function(const struct btf *btf, const char *name)
{
	return before_6_7 && strcmp(name, "bpf_iter_task_new") == 0 ? -ENOENT : __real_btf_find_function(btf, name);
}

int __real_file_read(const struct root *root, const char *path, struct read_buffer *buffer, struct text *ret_bytes);
int __wrap_file_read(const struct root *root, const char *path, struct read_buffer *buffer, struct text *ret_bytes);

int __wrap_file_read(const struct root *root, const char *path, struct read_buffer *buffer, struct text *ret_bytes)
{
	char refused[32];
	snprintf(refused, sizeof refused, "proc/%d/stat", (int)refuse_stat_of);
	return strcmp(path, refused) == 0 ? -ENOMEM : __real_file_read(root, path, buffer, ret_bytes);
}

/* --- the sources --------------------------------------------------------------- */

static int older_host_setup(void **state)
{
	before_6_7 = true;
	return host_setup(state);
}

/* A map of the other program is beyond the limit of locked memory. */
static int locked_host_setup(void **state)
{
	refuse_calls_with = -EPERM;
	return older_host_setup(state);
}

static int older_host_teardown(void **state)
{
	before_6_7 = false;
	refuse_calls_with = -EINVAL;
	return host_teardown(state);
}

/* Files read between two walks tell the same as both, where these agree. */
static void both_sources_tell_the_same(void **state)
{
	struct host *host = *state;
	struct child children[IDLE_CHILDREN + 5];
	unsigned n = 0;
	for (; n < IDLE_CHILDREN; n++) {
		children[n] = start(be_idle, 1);
		set_adj(children[n].pid, 900 + (int)n);
	}
	children[n++] = start(be_named, 1);
	children[n++] = start(be_threaded, 5);
	children[n++] = start(be_zombie_leader, 1);
	children[n++] = start(be_vfork_parent, 1);
	children[n++] = start(be_sharer, 2);
	usleep(200000);
	take(host->bpf, NULL, &host->before);
	take(host->files, NULL, &host->between);
	take(host->bpf, NULL, &host->after);
	assert_int_equal(host->before.source, SOURCE_BPF);
	assert_int_equal(host->between.source, SOURCE_PROC);

	unsigned compared = 0, seen = 0;
	for (uint32_t i = 0; i < host->between.ntasks; i++) {
		const struct task *task = &host->between.tasks[i];
		const struct task *was = snapshot_find_same(&host->before, task);
		const struct task *is = snapshot_find_same(&host->after, task);
		char before[DESCRIBED], between[DESCRIBED], after[DESCRIBED];
		if (!was || !is)
			continue;
		/* On its way out a process loses its facts one by one, and may have
		 * been reaped or not when each source came by. */
		if ((task->flags & TASK_FLAG_EXITING) && !task->through_thread)
			continue;
		/* Before 6.7 the program knows the quick sums only. */
		describe(&host->before, was, !before_6_7, before);
		describe(&host->between, task, !before_6_7, between);
		describe(&host->after, is, !before_6_7, after);
		if (strcmp(before, after) != 0)
			continue;
		if (strcmp(before, between) != 0)
			fail_msg("%d:\nbpf   %s\nfiles %s", task->pid, before, between);
		compared++;
		for (unsigned child = 0; child < n; child++)
			seen += children[child].pid == task->pid;
	}
	assert_int_equal(seen, n); /* they stood still */
	assert_true(compared > n);

	/* The six stand in the ways they were put. */
	const struct task *zombie = task_of(&host->after, children[IDLE_CHILDREN + 2].pid);
	assert_int_equal(zombie->state, 'Z');
	assert_true(zombie->through_thread);
	assert_true(zombie->rss_quick_pages * host->after.page_bytes >= 19 * MIB);
	const struct task *threaded = task_of(&host->after, children[IDLE_CHILDREN + 1].pid);
	assert_int_equal(threaded->threads, 5);
	assert_int_equal(threaded->mm_id, 0);
	for (unsigned child = 0; child < n; child++)
		stop(&children[child]);
}

static void what_no_file_tells_is_known(void **state)
{
	struct host *host = *state;
	struct child idle = start(be_idle, 1), vforked = start(be_vfork_parent, 1), sharer = start(be_sharer, 2);
	take(host->bpf, NULL, &host->after);
	const struct snapshot *snap = &host->after;

	const struct task *task = task_of(snap, idle.pid);
	assert_true(task_knows(task, TASK_FLOOR) && task_knows(task, TASK_MARKS) && task_knows(task, TASK_MMID));
	assert_int_equal(task->marks, 0);
	assert_int_equal(task->mm_id, 0);
	assert_true(task->oom_score_adj_min <= task->oom_score_adj);

	const struct task *grandchild = child_of(snap, vforked.pid);
	assert_non_null(grandchild);
	assert_int_equal(grandchild->marks, TASK_MARK_VFORK);
	assert_int_equal(task_of(snap, vforked.pid)->marks, 0);
	assert_int_equal(grandchild->mm_id, vforked.pid);
	assert_int_equal(task_of(snap, vforked.pid)->mm_id, vforked.pid);

	const struct task *shared = child_of(snap, sharer.pid);
	assert_non_null(shared);
	assert_int_equal(shared->marks, 0);
	uint64_t lowest = (uint64_t)(shared->pid < sharer.pid ? shared->pid : sharer.pid);
	assert_int_equal(shared->mm_id, lowest);
	assert_int_equal(task_of(snap, sharer.pid)->mm_id, lowest);

	/* Pids ascend, each once. */
	for (uint32_t i = 1; i < snap->ntasks; i++)
		assert_true(snap->tasks[i - 1].pid < snap->tasks[i].pid);
	stop(&idle);
	stop(&vforked);
	stop(&sharer);
}

static void the_older_program_says_that_it_is(void **state)
{
	struct host *host = *state;
	take(host->bpf, NULL, &host->after);
	assert_int_equal(host->after.source, SOURCE_BPF);
	assert_non_null(strstr(host->after.source_note, "iterator"));
	assert_true(host->after.ntasks > 1);
}

static void be_busy(int fd)
{
	/* Some 100 ms, and not in the way of others. */
	setpriority(PRIO_PROCESS, 0, 7);
	while (clock() < CLOCKS_PER_SEC / 10)
		;
	tell(fd);
}

static void cpu_times_are_read_where_they_are_wished_for(void **state)
{
	struct host *host = *state;
	struct child child = start(be_busy, 1);
	const struct sample_wish wish = { .cpu_times = true };
	take(host->bpf, NULL, &host->before);
	assert_int_equal(task_of(&host->before, child.pid)->cpu_ticks, 0);
	assert_int_equal(sampler_take(host->bpf, &host->before, &wish, &host->after, NULL), 0);
	assert_int_equal(sampler_take(host->files, NULL, NULL, &host->between, NULL), 0);
	const struct task *task = task_of(&host->after, child.pid), *by_files = task_of(&host->between, child.pid);
	assert_int_equal(host->after.source, SOURCE_BPF);
	assert_true(task->cpu_ticks >= 5);
	assert_int_equal(task->cpu_ticks, by_files->cpu_ticks);
	assert_int_equal(task->nice, 7);
	/* And no longer when nobody asks any more. */
	take(host->bpf, &host->after, &host->before);
	assert_int_equal(task_of(&host->before, child.pid)->cpu_ticks, 0);
	stop(&child);
}

static void a_cpu_time_that_is_refused_fails_no_tick(void **state)
{
	struct host *host = *state;
	struct child busy = start(be_busy, 1), refused = start(be_busy, 1);
	const struct sample_wish wish = { .cpu_times = true };
	refuse_stat_of = refused.pid;
	int r = sampler_take(host->bpf, NULL, &wish, &host->after, NULL);
	refuse_stat_of = 0;
	assert_int_equal(r, 0);
	assert_int_equal(task_of(&host->after, refused.pid)->cpu_ticks, 0);
	assert_true(task_of(&host->after, busy.pid)->cpu_ticks >= 5);
	stop(&busy);
	stop(&refused);
}

/* A change is seen in the next tick, without having been asked for. */
static void a_change_of_adj_is_seen_at_once(void **state)
{
	struct host *host = *state;
	struct child child = start(be_idle, 1);
	take(host->bpf, NULL, &host->before);
	set_adj(child.pid, 777);
	take(host->bpf, &host->before, &host->after);
	assert_int_equal(task_of(&host->after, child.pid)->oom_score_adj, 777);
	assert_int_equal(task_of(&host->after, child.pid)->age[TASK_ADJ], 0);
	stop(&child);
}

/* The tick goes on with files, says so, and takes nothing over that only the
 * program knew; once the program runs again, all is as before. */
static void a_program_that_fails_is_stood_in_for_by_files(void **state)
{
	struct host *host = *state;
	struct child vforked = start(be_vfork_parent, 1);
	struct diag diag = { .text = "" };
	char note[sizeof host->before.source_note];
	take(host->bpf, NULL, &host->before);
	memcpy(note, host->before.source_note, sizeof note);
	const struct task *grandchild = child_of(&host->before, vforked.pid);
	assert_non_null(grandchild);
	assert_int_equal(grandchild->marks, TASK_MARK_VFORK);

	/* All that is wished for speaks of a snapshot that no longer counts. */
	static uint8_t need[65536];
	static uint32_t ranked[65536];
	assert_true(host->before.ntasks <= COUNT_OF(need));
	for (uint32_t i = 0; i < host->before.ntasks; i++)
		ranked[i] = i;
	const struct sample_wish wish = {
		.prev_need = need, .ranked = ranked, .nranked = host->before.ntasks, .two_speed = true,
	};
	refuse_runs_with = -ENOMEM;
	int r = sampler_take(host->bpf, &host->before, &wish, &host->between, &diag);
	assert_int_equal(r, 0);
	assert_int_equal(host->between.source, SOURCE_PROC);
	assert_non_null(strstr(host->between.source_note, "BPF program"));
	assert_non_null(strstr(host->between.source_note, strerror(ENOMEM)));
	grandchild = child_of(&host->between, vforked.pid);
	assert_non_null(grandchild);
	assert_false(task_knows(grandchild, TASK_MARKS) || task_knows(grandchild, TASK_FLOOR));
	assert_true(task_knows(grandchild, TASK_MM) && task_knows(grandchild, TASK_SCORE));
	assert_int_equal(grandchild->age[TASK_MM], 0);
	assert_non_null(snapshot_find(&host->between, 1));
	int again = sampler_take(host->bpf, &host->between, NULL, &host->after, &diag);
	refuse_runs_with = 0;
	assert_int_equal(again, 0);
	assert_int_equal(host->after.source, SOURCE_PROC);
	assert_string_equal(host->after.source_note, host->between.source_note);
	bool had_cgroup = task_knows(child_of(&host->after, vforked.pid), TASK_CGROUP);

	take(host->bpf, &host->after, &host->before);
	assert_int_equal(host->before.source, SOURCE_BPF);
	assert_string_equal(host->before.source_note, note);
	grandchild = child_of(&host->before, vforked.pid);
	assert_non_null(grandchild);
	assert_int_equal(grandchild->marks, TASK_MARK_VFORK);
	assert_true(task_knows(grandchild, TASK_CGROUP) || !had_cgroup);
	stop(&vforked);
}

#define CROWD 900

static void more_processes_than_there_was_room_for_are_all_told(void **state)
{
	struct host *host = *state;
	static struct child crowd[CROWD];
	take(host->bpf, NULL, &host->before);
	unsigned started = 0;
	for (; started < CROWD; started++) {
		crowd[started] = (struct child){ fork(), -1 };
		if (crowd[started].pid == 0) {
			be_child();
			idle_forever();
		}
		if (crowd[started].pid < 0)
			break; /* the host does not allow more: so many will do */
	}
	take(host->bpf, &host->before, &host->after);
	assert_int_equal(host->after.source, SOURCE_BPF);
	for (unsigned i = 0; i < started; i++)
		task_of(&host->after, crowd[i].pid);
	for (unsigned i = 0; i < started; i++)
		kill(crowd[i].pid, SIGKILL);
	for (unsigned i = 0; i < started; i++)
		waitpid(crowd[i].pid, NULL, 0);
	take(host->bpf, &host->after, &host->before);
	for (unsigned i = 0; i < started; i++)
		assert_null(snapshot_find(&host->before, crowd[i].pid));
}

/* --- system calls --------------------------------------------------------------- */

#define MARK SYS_getpgrp /* parts the ticks; the reader has no use for it */

/* A tick as a monitor takes it, with a screenful of scores asked for, between two
 * marks, in a process of its own. Never returns. */
static void take_between_marks(void)
{
	static struct snapshot snaps[2];
	static uint8_t need[65536];
	struct root root;
	struct sampler *sampler = root_open(&root, "/", NULL) == 0 ? sampler_new(&root, SOURCE_WISH_BPF, NULL) : NULL;
	snapshot_init(&snaps[0]);
	snapshot_init(&snaps[1]);
	if (!sampler || sampler_take(sampler, NULL, NULL, &snaps[0], NULL) < 0 ||
	    sampler_take(sampler, &snaps[0], NULL, &snaps[1], NULL) < 0 || snaps[1].ntasks > sizeof need)
		_exit(1);
	for (uint32_t i = 0; i < snaps[1].ntasks; i++)
		need[i] = i < 40 ? NEED_SCORE : 0;
	const struct sample_wish wish = { .prev_need = need };
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	syscall(MARK);
	int r = sampler_take(sampler, &snaps[1], &wish, &snaps[0], NULL);
	syscall(MARK);
	_exit(r < 0);
}

/* How many calls lie between the marks. */
static unsigned calls_of_a_tick(void)
{
	unsigned calls = 0, marks = 0;
	int status;
	bool entered = false;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		take_between_marks();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status)); /* else no tick could be taken, or no tracing is allowed */
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	while (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		entered = !entered;
		struct __ptrace_syscall_info info;
		ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
		if (!entered)
			continue;
		if (info.entry.nr == MARK)
			marks++;
		else
			calls += marks == 1;
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(marks, 2);
	return calls;
}

static void start_crowd(struct child *crowd, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		crowd[i] = start(be_idle, 1);
}

/* The groups with a limit, and init where it is hidden, cost what they cost. */
static unsigned calls_of_others(struct host *host)
{
	unsigned calls = 0;
	take(host->bpf, NULL, &host->before);
	for (uint32_t i = 0; i < host->before.nmemcgs; i++)
		calls += memcg_has_limit(&host->before.memcgs[i]) ? 12 : 0;
	return calls + (task_knows(&host->before.tasks[0], TASK_MARKS) ? 0 : 18);
}

static void a_tick_is_as_many_calls_whatever_there_is_to_see(void **state)
{
	struct host *host = *state;
	static struct child crowd[400];
	unsigned few = calls_of_a_tick();
	start_crowd(crowd, COUNT_OF(crowd));
	unsigned many = calls_of_a_tick();
	for (unsigned i = 0; i < COUNT_OF(crowd); i++)
		stop(&crowd[i]);
	unsigned others = calls_of_others(host);
	printf("# %u calls, and %u with 400 processes more; of them up to %u not for processes\n", few, many, others);
	/* The screen comes on top, with some twenty. */
	assert_true(few <= 110 + others);
	assert_true(many <= 110 + others);
}

/* Of scores that are asked for each has its turn, few in a tick; one nobody
 * asks for is forgotten when it is old. */
static void scores_take_turns(void **state)
{
	struct host *host = *state;
	struct snapshot *snaps[2] = { &host->before, &host->after };
	static uint8_t need[65536];
	memset(need, NEED_SCORE, sizeof need);
	pid_t self = getpid(), parent = getppid();
	take(host->bpf, NULL, snaps[0]);
	assert_true(task_knows(task_of(snaps[0], self), TASK_SCORE));
	assert_true(snaps[0]->ntasks < sizeof need);
	unsigned most = 0;
	for (unsigned tick = 1; tick < 20; tick++) {
		struct snapshot *prev = snaps[(tick + 1) % 2], *next = snaps[tick % 2];
		uint8_t *of_parent = &need[task_of(prev, parent) - prev->tasks];
		*of_parent = 0;
		const struct sample_wish wish = { .prev_need = need };
		assert_int_equal(sampler_take(host->bpf, prev, &wish, next, NULL), 0);
		*of_parent = NEED_SCORE;
		unsigned read = 0;
		for (uint32_t i = 0; i < next->ntasks; i++)
			read += task_knows(&next->tasks[i], TASK_SCORE) && next->tasks[i].age[TASK_SCORE] == 0 &&
				!next->tasks[i].fresh; /* new ones are read at once */
		most = read > most ? read : most;
		assert_true(task_knows(task_of(next, self), TASK_SCORE));
		assert_true(task_of(next, self)->age[TASK_SCORE] <= SAMPLE_MAX_AGE);
		assert_int_equal(task_knows(task_of(next, parent), TASK_SCORE), tick <= SAMPLE_MAX_AGE);
	}
	assert_true(most > 0 && most <= snaps[1]->ntasks / SAMPLE_MAX_AGE + BPF_SCORES_A_TICK + 1);
}

/* Others who stop asking move nobody's turn: whoever goes on asking keeps its score. */
static void a_score_asked_for_is_kept_while_others_come_and_go(void **state)
{
	struct host *host = *state;
	struct snapshot *snaps[2] = { &host->before, &host->after };
	const struct sample_wish first = { .few_scores = true };
	static struct child crowd[80];
	static uint8_t need[65536];
	start_crowd(crowd, COUNT_OF(crowd));
	assert_int_equal(sampler_take(host->bpf, NULL, &first, snaps[0], NULL), 0);
	for (unsigned tick = 1; tick < 30; tick++) {
		struct snapshot *prev = snaps[(tick + 1) % 2], *next = snaps[tick % 2];
		memset(need, 0, sizeof need);
		for (unsigned i = tick; i < COUNT_OF(crowd); i++)
			need[task_of(prev, crowd[i].pid) - prev->tasks] = NEED_SCORE;
		const struct sample_wish wish = { .prev_need = need, .few_scores = true };
		assert_int_equal(sampler_take(host->bpf, prev, &wish, next, NULL), 0);
		for (unsigned i = 30; tick > SAMPLE_MAX_AGE && i < COUNT_OF(crowd); i++)
			assert_true(task_knows(task_of(next, crowd[i].pid), TASK_SCORE));
	}
	for (unsigned i = 0; i < COUNT_OF(crowd); i++)
		stop(&crowd[i]);
}

static unsigned scores_known(const struct snapshot *snap)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < snap->ntasks; i++)
		n += task_knows(&snap->tasks[i], TASK_SCORE);
	return n;
}

/* Who ends between the walk and the reading of its file has none. */
static unsigned living_without_score(const struct snapshot *snap)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < snap->ntasks; i++)
		n += !task_knows(&snap->tasks[i], TASK_SCORE) && (kill(snap->tasks[i].pid, 0) == 0 || errno != ESRCH);
	return n;
}

/* Who wants few has those of the foremost at once, of whom one with an adj of 1000
 * is; the others when they are asked for. */
static void a_first_tick_can_do_with_few_scores(void **state)
{
	struct host *host = *state;
	const struct sample_wish few = { .few_scores = true };
	static struct child crowd[BPF_SCORES_AT_FIRST + 20];
	static uint8_t need[65536];
	start_crowd(crowd, COUNT_OF(crowd));
	set_adj(crowd[7].pid, 1000);
	take(host->bpf, NULL, &host->before);
	assert_int_equal(living_without_score(&host->before), 0);
	assert_int_equal(sampler_take(host->bpf, NULL, &few, &host->before, NULL), 0);
	assert_true(scores_known(&host->before) <= BPF_SCORES_AT_FIRST + 1); /* and init where it is hidden */
	assert_true(task_knows(task_of(&host->before, crowd[7].pid), TASK_SCORE));

	assert_true(host->before.ntasks < sizeof need);
	memset(need, 0, sizeof need);
	need[task_of(&host->before, crowd[8].pid) - host->before.tasks] = NEED_SCORE;
	const struct sample_wish one = { .prev_need = need, .few_scores = true };
	assert_int_equal(sampler_take(host->bpf, &host->before, &one, &host->after, NULL), 0);
	assert_true(task_knows(task_of(&host->after, crowd[8].pid), TASK_SCORE));
	for (unsigned i = 0; i < COUNT_OF(crowd); i++)
		stop(&crowd[i]);
}

/* --- without BPF --------------------------------------------------------------- */

/* Does what is wished for say why it cannot be had? Run where it cannot. */
static bool says_why(const struct root *root, const char *words)
{
	struct diag diag = { .text = "" };
	struct snapshot snap;
	snapshot_init(&snap);
	struct sampler *sampler = sampler_new(root, SOURCE_WISH_BPF, &diag);
	bool refused = !sampler && strstr(diag.text, "--source bpf: ") && strstr(diag.text, words);
	sampler_free(sampler);
	sampler = sampler_new(root, SOURCE_WISH_AUTO, &diag);
	bool noted = sampler && sampler_take(sampler, NULL, NULL, &snap, &diag) == 0 && snap.source == SOURCE_PROC &&
		     strstr(snap.source_note, words) && snap.ntasks > 0;
	if (!refused || !noted)
		fprintf(stderr, "# '%s', '%s' without '%s'\n", diag.text, snap.source_note, words);
	sampler_free(sampler);
	snapshot_done(&snap);
	return refused && noted;
}

static void without_privileges_files_are_read_and_the_reason_told(void **state)
{
	(void)state;
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct root root;
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(2);
		_exit(root_open(&root, "/", NULL) == 0 && says_why(&root, "CAP_BPF") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_recorded_host_has_no_kernel_to_ask(void **state)
{
	(void)state;
	char prefix[2048];
	struct root root;
	const char *srcdir = getenv("srcdir");
	snprintf(prefix, sizeof prefix, "%s/tests/fixtures/small-host", srcdir ? srcdir : ".");
	assert_int_equal(root_open(&root, prefix, NULL), 0);
	assert_true(says_why(&root, "--root"));
	root_close(&root);
}

static void files_leave_no_note_when_they_were_wished_for(void **state)
{
	(void)state;
	struct root root;
	struct snapshot snap;
	assert_int_equal(root_open(&root, "/", NULL), 0);
	struct sampler *sampler = sampler_new(&root, SOURCE_WISH_PROC, NULL);
	assert_non_null(sampler);
	snapshot_init(&snap);
	take(sampler, NULL, &snap);
	assert_int_equal(snap.source, SOURCE_PROC);
	assert_string_equal(snap.source_note, "");
	sampler_free(sampler);
	snapshot_done(&snap);
	root_close(&root);
}

/* --- pure ---------------------------------------------------------------------- */

static void states_have_the_kernel_s_letters(void **state)
{
	(void)state;
	static const struct {
		uint32_t state;
		char letter;
	} cases[] = {
		{ 0, 'R' }, { 0x1, 'S' }, { 0x2, 'D' }, { 0x4, 'T' }, { 0x8, 't' }, { 0x10, 'X' }, { 0x20, 'Z' },
		{ 0x40, 'P' }, { 0x402, 'I' }, { 0x102, 'D' }, { 0x2 | 0x100 | 0x200, 'D' }, { 0x1000, 'D' },
		{ 0x8000, 'D' }, { 0x80 | 0x20, 'Z' }, { 0x200, 'R' }, { 0x2001, 'S' }, { UINT32_MAX, 'P' },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (bpf_state_letter(cases[i].state) != cases[i].letter)
			fail_msg("%#x: %c", cases[i].state, bpf_state_letter(cases[i].state));
	}
}

int main(void)
{
	const struct CMUnitTest always[] = {
		cmocka_unit_test(states_have_the_kernel_s_letters),
		cmocka_unit_test(without_privileges_files_are_read_and_the_reason_told),
		cmocka_unit_test(a_recorded_host_has_no_kernel_to_ask),
		cmocka_unit_test(files_leave_no_note_when_they_were_wished_for),
	};
	const struct CMUnitTest loaded[] = {
		cmocka_unit_test(states_have_the_kernel_s_letters),
		cmocka_unit_test(without_privileges_files_are_read_and_the_reason_told),
		cmocka_unit_test(a_recorded_host_has_no_kernel_to_ask),
		cmocka_unit_test(files_leave_no_note_when_they_were_wished_for),
		cmocka_unit_test_setup_teardown(both_sources_tell_the_same, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(what_no_file_tells_is_known, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(both_sources_tell_the_same, older_host_setup, older_host_teardown),
		cmocka_unit_test_setup_teardown(what_no_file_tells_is_known, older_host_setup, older_host_teardown),
		cmocka_unit_test_setup_teardown(the_older_program_says_that_it_is, older_host_setup, older_host_teardown),
		cmocka_unit_test_setup_teardown(the_older_program_says_that_it_is, locked_host_setup, older_host_teardown),
		cmocka_unit_test_setup_teardown(more_processes_than_there_was_room_for_are_all_told, older_host_setup,
						older_host_teardown),
		cmocka_unit_test_setup_teardown(cpu_times_are_read_where_they_are_wished_for, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(a_cpu_time_that_is_refused_fails_no_tick, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(a_change_of_adj_is_seen_at_once, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(a_program_that_fails_is_stood_in_for_by_files, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(a_tick_is_as_many_calls_whatever_there_is_to_see, host_setup,
						host_teardown),
		cmocka_unit_test_setup_teardown(a_first_tick_can_do_with_few_scores, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(scores_take_turns, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(a_score_asked_for_is_kept_while_others_come_and_go, host_setup, host_teardown),
		cmocka_unit_test_setup_teardown(more_processes_than_there_was_room_for_are_all_told, host_setup,
						host_teardown),
	};
	return host_has_bpf() ? cmocka_run_group_tests(loaded, NULL, NULL) : cmocka_run_group_tests(always, NULL, NULL);
}
