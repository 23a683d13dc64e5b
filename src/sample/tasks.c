/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two things are read of many processes in every tick: stat, which shows nearly every
 * change, and oom_score_adj. Other files are read when stat shows a change, when
 * somebody asked, or when the process' turn has come, which is at another tick for
 * each pid; until then they keep the facts that they had in the snapshot before, in
 * whose place the new one is made (snapshot/turnover.h).
 * After an exec nothing is copied: who starts a program for others sets its
 * oom_score_adj, its cgroup and its user just before.
 *
 * At two speeds a process whose CPU clock (cpu_clocks.c) stood still is copied whole,
 * stat too: nothing but that clock is asked of most processes of a host. Those that
 * are ranked highest are read in any case, through kept descriptors (kept_tasks.c).
 *
 * Nothing is copied from one process to another with the same pid: a kept descriptor
 * answers for the process it was opened of alone, each stat that is read tells when its
 * process was started, and a clock tells its process from any other.
 */
#include "tasks.h"

#include <errno.h>

#include "oomsight/sample/parse.h"
#include "oomsight/sample/sampler.h"
#include "task_files.h"

int task_reader_init(struct task_reader *reader, const struct root *root, struct read_buffer *buffer,
		     struct memcg_reader *memcgs)
{
	reader->root = root;
	reader->buffer = buffer;
	reader->memcgs = memcgs;
	reader->ncgroups = 0;
	mmid_init(&reader->mmid);
	kept_tasks_init(&reader->kept);
	cpu_clocks_init(&reader->clocks, root, buffer);
	return process_list_init(&reader->list, root, buffer);
}

void task_reader_done(struct task_reader *reader)
{
	process_list_done(&reader->list);
	kept_tasks_done(&reader->kept);
	mmid_done(&reader->mmid);
}

/* Did anything change that memory cannot move without? */
static bool has_moved(const struct task *task, const struct task *was)
{
	return task->rss_quick_pages != was->rss_quick_pages || task->virt_bytes != was->virt_bytes ||
	       task->minor_faults != was->minor_faults || task->major_faults != was->major_faults ||
	       task->threads != was->threads || task->state != was->state || task->flags != was->flags;
}

/* Another program since? Kernel workers show in their comm what they are at. */
static bool has_execed(const struct snapshot *next, const struct task *task, const struct snapshot *prev,
		       const struct task *was)
{
	if (task_is_kthread(task))
		return false;
	bool stacks_known = task->stack_print != 0 && was->stack_print != 0;
	return ((task->flags ^ was->flags) & TASK_FLAG_FORKNOEXEC) ||
	       (stacks_known && task->stack_print != was->stack_print) ||
	       !text_equal(snapshot_text(next, task->comm), snapshot_text(prev, was->comm));
}

static void grow_older(struct task *task)
{
	for (unsigned i = 0; i < TASK__GROUPS; i++) {
		if (task->age[i] < UINT8_MAX)
			task->age[i]++;
	}
}

int task_add_comm(struct text comm, struct snapshot *next, struct task *task)
{
	/* Programs of one name often stand side by side. */
	if (task > next->tasks && text_equal(snapshot_text(next, task[-1].comm), comm)) {
		task->comm = task[-1].comm;
		return 0;
	}
	return snapshot_add_text(next, comm, &task->comm);
}

/* Random are, below the highest ones, about thirty bits of an address; the lowest four are 0.
 * An address that is not known is 0 or 1. */
static uint32_t print_of(uint64_t stack_start)
{
	return (uint32_t)(stack_start >> 4);
}

static int take_stat(const struct parsed_stat *stat, struct snapshot *next, struct task *task)
{
	task_set_group(task, TASK_STAT, FACT_KNOWN);
	task->ppid = stat->ppid;
	task->threads = stat->threads;
	task->start_ticks = stat->start_ticks;
	task->flags = stat->flags;
	task->state = stat->state;
	task->minor_faults = stat->minor_faults;
	task->major_faults = (uint32_t)stat->major_faults;
	task->cpu_ticks = stat->cpu_ticks;
	task->nice = stat->nice;
	task->virt_bytes = stat->virt_bytes;
	task->stack_print = print_of(stat->stack_start);
	task->rss_quick_pages = stat->rss_pages;
	task->through_thread = false;
	return task_add_comm(stat->comm, next, task);
}

/* In how many ticks every task's turn comes once. It goes by how far apart ticks are meant
 * to be: on a host so slow that they come late, more work in each would make them later. */
static unsigned ticks_of_a_round(uint64_t between_ns)
{
	if (between_ns <= SAMPLE_MAX_AGE_NS / SAMPLE_MAX_AGE)
		return SAMPLE_MAX_AGE;
	uint64_t ticks = (SAMPLE_MAX_AGE_NS + between_ns / 2) / between_ns;
	return ticks > 0 ? (unsigned)ticks : 1;
}

/* One process in one tick. */
struct turn {
	const struct snapshot *prev;
	const struct task *was; /* as it stands in prev, or NULL */
	struct kept_task *kept; /* its descriptors, or NULL */
	unsigned asked;         /* enum sample_need bits */
	uint32_t clock;         /* its CPU clock before anything is read; 0: not known */
};

static bool has_turn(int32_t pid, uint64_t tick, unsigned round)
{
	return ((uint64_t)pid + tick) % round == 0;
}

/* Would the group get older than a round (ticks may have become longer) if it were
 * carried over, or was it refused for a passing reason? */
static bool is_overdue(const struct task *was, enum task_group group, unsigned round)
{
	return was->age[group] + 1U >= round || was->group_state[group] == FACT_UNKNOWN;
}

static bool is_slow_overdue(const struct task_reader *reader, const struct task *was)
{
	static const enum task_group groups[] = { TASK_STATUS, TASK_STATM, TASK_SCORE, TASK_CGROUP };
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		if (is_overdue(was, groups[i], reader->slow_round))
			return true;
	}
	return was->group_state[TASK_ADJ] == FACT_UNKNOWN;
}

/* Has it not run since its stat was read? clock: as it is now. */
static bool is_asleep(const struct task *was, uint32_t clock)
{
	return clock != 0 && clock == was->cpu_clock;
}

/* Whose parent exits is given another one without running, before anybody reaps it. */
static bool has_parent(const struct task_reader *reader, const struct snapshot *next, const struct task *was)
{
	if (was->ppid == 0)
		return true;
	/* next has all tasks of lower pids already; one of a higher pid that has not run
	 * since prev lives on. */
	bool listed = was->ppid < was->pid;
	const struct task *parent = listed ? snapshot_find(next, was->ppid) : turnover_ahead(&reader->turnover, was->ppid);
	return parent && !task_has_exited(parent) && parent->start_ticks <= was->start_ticks &&
	       (listed || is_asleep(parent, cpu_clocks_read(&reader->clocks, was->ppid)));
}

/* May it be taken over whole, from a stat that was read before? */
static bool may_be_carried(const struct task_reader *reader, const struct turn *turn, const struct snapshot *next)
{
	const struct task *was = turn->was;
	return reader->two_speed && is_asleep(was, turn->clock) && !turn->kept && turn->asked == 0 && was->mm_id == 0 &&
	       !(task_has_exited(was) && was->threads > 1) && !has_turn(was->pid, next->tick, reader->round) &&
	       !is_overdue(was, TASK_STAT, reader->round) && !is_overdue(was, TASK_ADJ, reader->round) &&
	       !is_slow_overdue(reader, was) && has_parent(reader, next, was);
}

/* Which of the files besides stat to read: enum sample_need bits. */
static unsigned files_due(const struct task_reader *reader, const struct turn *turn, const struct snapshot *next,
			  const struct task *task, bool execed)
{
	const struct task *was = turn->was;
	unsigned need = turn->asked;
	if (!was)
		return NEED_ALL | (need & NEED_POLICY);
	if (has_moved(task, was))
		need |= NEED_STATUS;
	if (turn->kept || has_turn(task->pid, next->tick, reader->round) || is_overdue(was, TASK_ADJ, reader->round))
		need |= NEED_ADJ;
	if (execed || has_turn(task->pid, next->tick, reader->slow_round) || is_slow_overdue(reader, was))
		need |= NEED_ALL & ~(unsigned)NEED_MMID;
	return need;
}

/* Is who shares the mm to be found out now? An mm changes with exec, and then
 * mostly its size does. */
static bool wants_mmid(const struct task_reader *reader, const struct snapshot *next, struct task *task,
		       const struct task *was, bool execed, bool asked)
{
	if (!reader->root->real || task_is_kthread(task) || (task_has_exited(task) && !task->through_thread)) {
		task_set_group(task, TASK_MMID, FACT_ABSENT);
		task->mm_id = 0;
		return false;
	}
	bool holds = was && !execed && task_knows(was, TASK_MMID) && was->virt_bytes == task->virt_bytes &&
		     mmid_holds(next, task); /* whose pid is lower, and stands there already */
	if (holds && (!asked || task->age[TASK_MMID] < SAMPLE_MAX_AGE))
		return false;
	task->mm_id = 0;
	task_set_group(task, TASK_MMID, FACT_UNKNOWN);
	return asked && !task->through_thread;
}

/* Make what the task, a copy of one of prev, says one of next. 0; or -ENOMEM with the task
 * taken back. */
static int take_over(struct task_reader *reader, const struct snapshot *prev, struct snapshot *next, struct task *task)
{
	grow_older(task);
	int r = task_add_comm(snapshot_text(prev, task->comm), next, task);
	if (r == 0)
		r = task_files_carry_cgroup(reader, prev, task->cgroup, next, task);
	if (r < 0)
		turnover_drop(&reader->turnover);
	return r;
}

static int read_task(struct task_reader *reader, struct turn *turn, struct snapshot *next, int32_t pid)
{
	struct task_path path;
	struct text bytes;
	struct parsed_stat stat;
	task_path_init(&path, pid);
	int r = task_files_stat(reader, &path, &turn->kept, next->tick, &bytes);
	if (r == -ENOENT || r == -ESRCH || task_files_fail(r))
		return r;
	/* -ENOMEM from here on is our own. */
	if (r < 0 || parse_task_stat(bytes, &stat) < 0)
		return -EACCES;
	if (turn->was && turn->was->start_ticks != stat.start_ticks)
		turn->was = NULL;
	struct task *task = turnover_renew(&reader->turnover, &turn->was);
	if (!task)
		return -ENOMEM;
	const struct task *was = turn->was;
	if (was) {
		*task = *was;
		grow_older(task);
	}
	task->cpu_clock = turn->clock;
	r = take_stat(&stat, next, task);
	bool execed = r == 0 && was && has_execed(next, task, turn->prev, was);
	unsigned need = files_due(reader, turn, next, task, execed);
	if (r == 0 && was && !(need & NEED_CGROUP))
		r = task_files_carry_cgroup(reader, turn->prev, was->cgroup, next, task);
	if (r == 0)
		r = task_files_read(reader, &path, turn->kept, need, next, task);
	if (r < 0) {
		turnover_drop(&reader->turnover);
		return r;
	}
	if (wants_mmid(reader, next, task, was, execed, need & NEED_MMID))
		mmid_want(&reader->mmid, (uint32_t)(task - next->tasks));
	return 0;
}

int task_reader_count(struct task_reader *reader, uint32_t *ret_processes)
{
	int r = process_list_read(&reader->list);
	if (r == 0)
		*ret_processes = reader->list.n;
	return r;
}

int task_reader_begin(struct task_reader *reader, struct snapshot *prev, uint64_t between_ns, struct snapshot *next,
		      uint32_t tasks)
{
	reader->ncgroups = 0;
	reader->carried.path.len = 0;
	reader->takes_over = prev != NULL;
	reader->two_speed = false;
	reader->round = reader->slow_round = ticks_of_a_round(between_ns);
	/* Slack, so that the few that come and go do not make it grow. */
	if ((prev ? prev : next)->tasks_capacity < tasks)
		tasks += tasks / 8 + 64;
	/* Tasks taken over name sets of nodes by their places in prev. */
	int r = prev ? snapshot_reserve_nodesets(next, prev->nnodesets) : 0;
	if (r == 0)
		r = turnover_begin(&reader->turnover, prev, next, tasks);
	if (r < 0 || !prev || prev->nnodesets == 0)
		return r;
	memcpy(next->nodesets, prev->nodesets, prev->nnodesets * sizeof *prev->nodesets);
	next->nnodesets = prev->nnodesets;
	return 0;
}

int task_reader_add(struct task_reader *reader, const struct snapshot *prev, const struct task *was, unsigned asked,
		    struct snapshot *next, int32_t pid)
{
	int r = mmid_begin(&reader->mmid, next->ntasks + 1);
	struct turn turn = { .prev = prev, .was = was, .asked = asked };
	return r < 0 ? r : read_task(reader, &turn, next, pid);
}

int task_reader_set_cgroup(struct task_reader *reader, struct snapshot *next, struct text path, struct task *task)
{
	task_set_group(task, TASK_CGROUP, FACT_KNOWN);
	return task_files_add_cgroup(reader, next, path, task);
}

int task_reader_fill(struct task_reader *reader, unsigned need, struct snapshot *next, struct task *task)
{
	struct task_path path;
	task_path_init(&path, task->pid);
	return task_files_fill(reader, &path, NULL, need, next, task);
}

/* Make room and plan for the processes listed. 0 or -errno. */
static int begin_all(struct task_reader *reader, struct snapshot *prev, const struct sample_wish *wish,
		     struct snapshot *next)
{
	uint32_t n = reader->list.n, room = n + n / 8 + 64;
	int r = mmid_begin(&reader->mmid, reader->mmid.capacity < n ? room : n);
	if (r < 0)
		return r;
	if (reader->root->real)
		kept_tasks_plan(&reader->kept, prev, wish->ranked, wish->ranked ? wish->nranked : 0);
	r = task_reader_begin(reader, prev, wish->between_ns, next, n);
	reader->two_speed = wish->two_speed;
	if (reader->two_speed)
		reader->slow_round = reader->round * SAMPLE_SLOW;
	return r;
}

/* One listed process. 0 also when it cannot be read (counted) or has gone (*ret_gone);
 * -errno when the trouble is ours. */
static int take_one(struct task_reader *reader, const struct snapshot *prev, const struct sample_wish *wish,
		    struct snapshot *next, int32_t pid, bool *ret_gone)
{
	const struct task *was = turnover_meet(&reader->turnover, pid);
	if (!reader->takes_over)
		was = NULL;
	struct turn turn = {
		.prev = prev,
		.was = was,
		.kept = kept_tasks_find(&reader->kept, pid),
		.asked = was && wish->prev_need ? wish->prev_need[turnover_place(&reader->turnover)] : 0,
	};
	/* Of those that are read anyway, too: a child asks for its parent's. */
	if (reader->two_speed)
		turn.clock = cpu_clocks_read(&reader->clocks, pid);
	int r = was && may_be_carried(reader, &turn, next) ?
			take_over(reader, prev, next, turnover_carry(&reader->turnover)) :
			read_task(reader, &turn, next, pid);
	*ret_gone = r == -ENOENT || r == -ESRCH;
	if (r == -EACCES)
		next->tasks_denied++;
	return r == -EACCES || *ret_gone ? 0 : r;
}

/* Descriptors or memory are out: who was not reached, that last one too, is shown as
 * he was, but for what no file told. */
static void carry_rest(struct task_reader *reader, const struct snapshot *prev, struct snapshot *next, int32_t pid)
{
	for (; pid > 0; pid = turnover_next(&reader->turnover)) {
		const struct task *was = turnover_meet(&reader->turnover, pid);
		struct task *task = was ? turnover_renew(&reader->turnover, &was) : NULL;
		if (!was)
			continue;
		if (!task)
			return;
		*task = *was;
		if (take_over(reader, prev, next, task) < 0)
			return;
		if (!reader->takes_over)
			task->group_state[TASK_MARKS] = task->group_state[TASK_FLOOR] = FACT_UNKNOWN;
	}
}

int task_reader_take(struct task_reader *reader, struct snapshot *prev, const struct sample_wish *wish,
		     struct snapshot *next, struct diag *diag)
{
	static const struct sample_wish anew = { .prev_need = NULL };
	struct process_list *list = &reader->list;
	bool takes_over = prev && prev->source == SOURCE_PROC;
	if (prev && !takes_over)
		wish = &anew;
	int r = process_list_update(list, reader->root->real, next);
	if (r < 0) {
		diag_set(diag, "proc", 0, "the processes cannot be listed: %s", strerror(-r));
		return r;
	}
	r = begin_all(reader, prev, wish, next);
	bool begun = r == 0;
	reader->takes_over = takes_over;
	uint32_t there = 0;
	int32_t pid = 0;
	for (uint32_t i = 0; r == 0 && i < list->n; i++) {
		bool gone;
		pid = list->pids[i];
		r = take_one(reader, prev, wish, next, pid, &gone);
		if (!gone)
			list->pids[there++] = pid;
	}
	if (begun && r < 0)
		carry_rest(reader, prev, next, pid);
	if (begun)
		turnover_end(&reader->turnover);
	if (r < 0) {
		process_list_forget(list);
		diag_set(diag, "proc", 0, "the processes cannot be read: %s", strerror(-r));
		return r;
	}
	process_list_keep(list, there);
	mmid_resolve(&reader->mmid, next);
	return 0;
}
