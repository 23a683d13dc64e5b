/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two things are read of many processes in every tick: stat, which shows nearly every
 * change, and oom_score_adj. Other files are read when stat shows a change, when
 * somebody asked, or when the process' turn has come, which is at another tick for
 * each pid; until then their facts are copied from the snapshot before, whose tasks
 * stand in the same order (ascending pid), so both lists are walked side by side.
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
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oomsight/sample/parse.h"
#include "oomsight/sample/sampler.h"

/* "proc/PID" or "proc/PID/task/TID": below a root that is not the host's the
 * whole path is resolved within that root, else only what follows "proc/". */
struct task_path {
	char bytes[64];
	size_t len;
};

#define PROC_PREFIX "proc/"

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
	return process_list_init(&reader->list, root);
}

void task_reader_done(struct task_reader *reader)
{
	process_list_done(&reader->list);
	cpu_clocks_done(&reader->clocks);
	kept_tasks_done(&reader->kept);
	mmid_done(&reader->mmid);
}

static void path_of_pid(struct task_path *path, int32_t pid)
{
	char digits[12];
	size_t n = 0;
	for (int32_t rest = pid; rest > 0; rest /= 10)
		digits[n++] = (char)('0' + rest % 10);
	memcpy(path->bytes, PROC_PREFIX, sizeof PROC_PREFIX - 1);
	path->len = sizeof PROC_PREFIX - 1;
	while (n > 0)
		path->bytes[path->len++] = digits[--n];
	path->bytes[path->len] = '\0';
}

static int open_once(const struct task_reader *reader, const struct task_path *path, const char *name, int flags)
{
	char full[sizeof path->bytes + 16];
	memcpy(full, path->bytes, path->len);
	memcpy(full + path->len, name, strlen(name) + 1);
	if (!reader->root->real)
		return root_open_file(reader->root, full, flags);
	int fd = openat(reader->root->proc_fd, full + sizeof PROC_PREFIX - 1, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Kept descriptors give way to whatever else is to be opened. */
static int open_of_task(struct task_reader *reader, const struct task_path *path, const char *name, int flags)
{
	int fd = open_once(reader, path, name, flags);
	if (fd == -EMFILE && kept_tasks_shrink(&reader->kept))
		fd = open_once(reader, path, name, flags);
	return fd;
}

/* All that stands in a file of a task, by one read call where it fits: the kernel prints
 * such a file in one piece. The content lies in the buffer until its next use. */
static int read_whole(struct task_reader *reader, int fd, struct text *ret_bytes)
{
	for (;;) {
		ssize_t n = pread(fd, reader->buffer->bytes, reader->buffer->size, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if ((size_t)n < reader->buffer->size) {
			*ret_bytes = text_of(reader->buffer->bytes, (size_t)n);
			return 0;
		}
		int r = read_buffer_grow(reader->buffer);
		if (r < 0)
			return r;
	}
}

static int read_of_task(struct task_reader *reader, const struct task_path *path, const char *name, struct text *ret_bytes)
{
	int fd = open_of_task(reader, path, name, O_RDONLY);
	if (fd < 0)
		return fd;
	int r = read_whole(reader, fd, ret_bytes);
	close(fd);
	return r;
}

/* What no other file of any task will be spared. A host short of memory may
 * refuse one file (-ENOMEM, -ENFILE) and give the next: that is not ours. */
static bool is_our_trouble(int error)
{
	return error == -EMFILE;
}

/* A group could not be read. 0 when its state now says why; -ESRCH when the
 * task is gone; another -errno when the trouble is ours. */
static int take_error(struct task_reader *reader, const struct task_path *path, struct task *task,
		      enum task_group group, int error)
{
	enum fact_state state = FACT_UNKNOWN;
	if (error == -ESRCH || is_our_trouble(error))
		return error;
	if (error == -ENOENT) {
		/* Gone, or a kernel without this file? */
		int fd = open_of_task(reader, path, "/stat", O_RDONLY);
		if (fd == -ENOENT)
			return -ESRCH;
		if (is_our_trouble(fd))
			return fd;
		if (fd >= 0) {
			close(fd);
			state = FACT_ABSENT;
		}
	} else if (error == -EACCES || error == -EPERM) {
		state = FACT_DENIED;
	}
	task->group_state[group] = (uint8_t)state;
	task->age[group] = 0;
	return 0;
}

static void set_group(struct task *task, enum task_group group, enum fact_state state)
{
	task->group_state[group] = (uint8_t)state;
	task->age[group] = 0;
}

static void take_mm(struct task *task, const struct parsed_status *status, uint32_t page_bytes)
{
	set_group(task, TASK_MM, status->has_mm ? FACT_KNOWN : FACT_ABSENT);
	set_group(task, TASK_SPLIT, status->has_mm && status->has_split ? FACT_KNOWN : FACT_ABSENT);
	uint32_t page_kib = page_bytes / 1024;
	task->rss_pages = status->rss_kib / page_kib;
	task->rss_anon_pages = status->rss_anon_kib / page_kib;
	task->rss_file_pages = status->rss_file_kib / page_kib;
	task->rss_shmem_pages = status->rss_shmem_kib / page_kib;
	task->swap_pages = status->swap_kib / page_kib;
	if (__builtin_mul_overflow(status->pgtables_kib, (uint64_t)1024, &task->pgtables_bytes))
		set_group(task, TASK_MM, FACT_UNKNOWN);
}

/* Tasks side by side mostly may use the same nodes: intern finds these early. */
static void take_mems(const struct parsed_status *status, struct snapshot *next, struct task *task)
{
	struct nodeset nodes;
	task->mems = TASK_NODES_UNKNOWN;
	if (status->mems_allowed.len > 0 && nodeset_parse(status->mems_allowed, &nodes) == 0)
		task->mems = snapshot_intern_nodes(next, &nodes);
}

static int read_status(struct task_reader *reader, const struct task_path *path, struct snapshot *next,
		       struct task *task)
{
	struct text bytes;
	struct parsed_status status;
	int r = read_of_task(reader, path, "/status", &bytes);
	if (r < 0) {
		r = take_error(reader, path, task, TASK_STATUS, r);
		set_group(task, TASK_MM, (enum fact_state)task->group_state[TASK_STATUS]);
		set_group(task, TASK_SPLIT, (enum fact_state)task->group_state[TASK_STATUS]);
		return r;
	}
	if (parse_task_status(bytes, &status) < 0) {
		set_group(task, TASK_STATUS, FACT_UNKNOWN);
		set_group(task, TASK_MM, FACT_UNKNOWN);
		set_group(task, TASK_SPLIT, FACT_UNKNOWN);
		return 0;
	}
	set_group(task, TASK_STATUS, FACT_KNOWN);
	task->uid = status.uid;
	task->cap_eff = status.cap_eff;
	task->sigkill_pending = status.sigkill_pending;
	take_mm(task, &status, next->page_bytes);
	take_mems(&status, next, task);
	return 0;
}

static int read_statm(struct task_reader *reader, const struct task_path *path, struct task *task)
{
	struct text bytes;
	int r = read_of_task(reader, path, "/statm", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_STATM, r);
	r = parse_task_statm(bytes, &task->shr_pages);
	set_group(task, TASK_STATM, r < 0 ? FACT_UNKNOWN : FACT_KNOWN);
	return 0;
}

static void take_number(struct text bytes, struct task *task, enum task_group group)
{
	int32_t value;
	bool fits = parse_task_number(bytes, &value) == 0 && (group == TASK_SCORE || (value >= -1000 && value <= 1000));
	set_group(task, group, fits ? FACT_KNOWN : FACT_UNKNOWN);
	if (fits && group == TASK_SCORE)
		task->oom_score = value;
	else if (fits)
		task->oom_score_adj = (int16_t)value;
}

static int read_score(struct task_reader *reader, const struct task_path *path, struct task *task)
{
	struct text bytes;
	int r = read_of_task(reader, path, "/oom_score", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_SCORE, r);
	take_number(bytes, task, TASK_SCORE);
	return 0;
}

/* kept: its descriptors, or NULL. */
static int read_adj(struct task_reader *reader, const struct task_path *path, const struct kept_task *kept,
		    struct task *task)
{
	struct text bytes;
	int r = kept && kept->adj_fd >= 0 ? read_whole(reader, kept->adj_fd, &bytes) :
					    read_of_task(reader, path, "/oom_score_adj", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_ADJ, r);
	take_number(bytes, task, TASK_ADJ);
	return 0;
}

/* The path's place in the arena, shared with a recent task's equal one, and the
 * memory cgroup it names. */
static int add_cgroup(struct task_reader *reader, struct snapshot *next, struct text path, struct task *task)
{
	unsigned n = reader->ncgroups < CGROUPS_REMEMBERED ? reader->ncgroups : CGROUPS_REMEMBERED;
	for (unsigned i = 0; i < n; i++) {
		unsigned at = (reader->ncgroups - 1 - i) % CGROUPS_REMEMBERED;
		if (text_equal(snapshot_text(next, reader->cgroups[at].path), path)) {
			task->cgroup = reader->cgroups[at].path;
			task->memcg = reader->cgroups[at].memcg;
			return 0;
		}
	}
	task->memcg = memcg_reader_find(reader->memcgs, path);
	int r = snapshot_add_text(next, path, &task->cgroup);
	if (r == 0)
		reader->cgroups[reader->ncgroups++ % CGROUPS_REMEMBERED] =
			(struct task_cgroup){ task->cgroup, task->memcg };
	return r;
}

/* The same for a task that stays where it was: who stands beside it mostly is in the
 * same group, whose text prev has at one place. */
static int carry_cgroup(struct task_reader *reader, const struct snapshot *prev, const struct task *was,
			struct snapshot *next, struct task *task)
{
	if (reader->carried.path.len > 0 && reader->carried_from.offset == was->cgroup.offset &&
	    reader->carried_from.len == was->cgroup.len) {
		task->cgroup = reader->carried.path;
		task->memcg = reader->carried.memcg;
		return 0;
	}
	int r = add_cgroup(reader, next, snapshot_text(prev, was->cgroup), task);
	if (r == 0) {
		reader->carried_from = was->cgroup;
		reader->carried = (struct task_cgroup){ task->cgroup, task->memcg };
	}
	return r;
}

static int read_cgroup(struct task_reader *reader, const struct task_path *path, struct snapshot *next, struct task *task)
{
	struct text bytes, cgroup;
	int r = read_of_task(reader, path, "/cgroup", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_CGROUP, r);
	if (parse_task_cgroup(bytes, &cgroup) < 0) {
		set_group(task, TASK_CGROUP, FACT_ABSENT);
		return 0;
	}
	set_group(task, TASK_CGROUP, FACT_KNOWN);
	return add_cgroup(reader, next, cgroup, task);
}

static int read_policy(struct task_reader *reader, const struct task_path *path, struct snapshot *next,
		       struct task *task)
{
	struct text bytes;
	enum task_policy policy;
	struct nodeset nodes;
	int r = read_of_task(reader, path, "/numa_maps", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_POLICY, r);
	if (parse_numa_maps(bytes, &policy, &nodes) < 0) {
		set_group(task, TASK_POLICY, FACT_ABSENT);
		return 0;
	}
	task->policy = (uint8_t)policy;
	task->policy_nodes = policy == POLICY_OTHER ? TASK_NODES_UNKNOWN : snapshot_intern_nodes(next, &nodes);
	set_group(task, TASK_POLICY,
		  policy != POLICY_OTHER && task->policy_nodes == TASK_NODES_UNKNOWN ? FACT_UNKNOWN : FACT_KNOWN);
	return 0;
}

static bool has_exited(const struct task *task)
{
	return task->state == 'Z' || task->state == 'X';
}

/* The mm of a process whose leader has exited while threads go on: that of the
 * first thread that still has one, as find_lock_task_mm() of mm/oom_kill.c looks
 * for it. Leaves the task alone when there is none. */
static int read_through_thread(struct task_reader *reader, const struct task_path *leader, uint32_t page_bytes,
			       struct task *task)
{
	int fd = open_of_task(reader, leader, "/task", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? -ESRCH : is_our_trouble(fd) ? fd : 0;
	int r = 0;
	for (;;) {
		long n = syscall(SYS_getdents64, fd, reader->list.entries, sizeof reader->list.entries);
		if (n <= 0)
			break;
		for (long at = 0; at < n && !task->through_thread;) {
			const struct dir_entry *entry = (const void *)(reader->list.entries + at);
			int32_t tid;
			at += entry->length;
			if (!process_list_pid(entry->name, &tid) || tid == task->pid)
				continue;
			struct task_path thread;
			struct text bytes;
			struct parsed_status status;
			struct parsed_stat stat;
			thread.len = (size_t)snprintf(thread.bytes, sizeof thread.bytes, "%s/task/%d", leader->bytes, tid);
			r = read_of_task(reader, &thread, "/status", &bytes);
			if (is_our_trouble(r))
				goto out;
			if (r < 0 || parse_task_status(bytes, &status) < 0 || !status.has_mm)
				continue;
			r = read_of_task(reader, &thread, "/stat", &bytes);
			if (is_our_trouble(r))
				goto out;
			if (r < 0 || parse_task_stat(bytes, &stat) < 0)
				continue;
			task->through_thread = true;
			task->virt_bytes = stat.virt_bytes;
			task->rss_quick_pages = stat.rss_pages;
			take_mm(task, &status, page_bytes);
			r = read_statm(reader, &thread, task);
			/* That thread may go; the process need not. */
			if (r == -ESRCH)
				r = 0;
			goto out;
		}
	}
	r = 0;
out:
	close(fd);
	return r;
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
	bool stacks_known = task->stack_start > 1 && was->stack_start > 1;
	return ((task->flags ^ was->flags) & TASK_FLAG_FORKNOEXEC) ||
	       (stacks_known && task->stack_start != was->stack_start) ||
	       !text_equal(snapshot_text(next, task->comm), snapshot_text(prev, was->comm));
}

static void grow_older(struct task *task)
{
	for (unsigned i = 0; i < TASK__GROUPS; i++) {
		if (task->age[i] < UINT8_MAX)
			task->age[i]++;
	}
}

static int take_comm(struct text comm, struct snapshot *next, struct task *task)
{
	/* Programs of one name often stand side by side. */
	if (task > next->tasks && text_equal(snapshot_text(next, task[-1].comm), comm)) {
		task->comm = task[-1].comm;
		return 0;
	}
	return snapshot_add_text(next, comm, &task->comm);
}

static int take_stat(const struct parsed_stat *stat, struct snapshot *next, struct task *task)
{
	set_group(task, TASK_STAT, FACT_KNOWN);
	task->ppid = stat->ppid;
	task->threads = stat->threads;
	task->start_ticks = stat->start_ticks;
	task->flags = stat->flags;
	task->state = stat->state;
	task->minor_faults = stat->minor_faults;
	task->major_faults = stat->major_faults;
	task->cpu_ticks = stat->cpu_ticks;
	task->nice = stat->nice;
	task->virt_bytes = stat->virt_bytes;
	task->stack_start = stat->stack_start;
	task->rss_quick_pages = stat->rss_pages;
	task->through_thread = false;
	return take_comm(stat->comm, next, task);
}

/* In how many ticks every task's turn comes once. The time between two ticks is
 * rounded, so that its jitter does not move the turns about. */
static unsigned ticks_of_a_round(const struct snapshot *prev, const struct snapshot *next)
{
	const uint64_t grain_ns = 100000000;
	uint64_t between_ns = prev ? next->monotonic_ns - prev->monotonic_ns : 0;
	between_ns = (between_ns + grain_ns / 2) / grain_ns * grain_ns;
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
	bool slept;             /* its CPU clock stood still since its stat was read */
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

/* Whose parent ends is given another one without running. */
static bool has_parent(const struct snapshot *prev, const struct snapshot *next, const struct task *was)
{
	if (was->ppid == 0)
		return true;
	/* next has all tasks of lower pids already. */
	const struct task *parent = snapshot_find(was->ppid < was->pid ? next : prev, was->ppid);
	return parent && parent->start_ticks <= was->start_ticks;
}

/* May it be taken over whole, from a stat that was read before? */
static bool may_be_carried(const struct task_reader *reader, const struct turn *turn, const struct snapshot *next)
{
	const struct task *was = turn->was;
	return reader->two_speed && turn->slept && !turn->kept && turn->asked == 0 && was->mm_id == 0 &&
	       !(has_exited(was) && was->threads > 1) && !has_turn(was->pid, next->tick, reader->round) &&
	       !is_overdue(was, TASK_STAT, reader->round) && !is_overdue(was, TASK_ADJ, reader->round) &&
	       !is_slow_overdue(reader, was) && has_parent(turn->prev, next, was);
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
	if (!reader->root->real || task_is_kthread(task) || (has_exited(task) && !task->through_thread)) {
		set_group(task, TASK_MMID, FACT_ABSENT);
		task->mm_id = 0;
		return false;
	}
	bool holds = was && !execed && task_knows(was, TASK_MMID) && was->virt_bytes == task->virt_bytes &&
		     mmid_holds(next, task); /* whose pid is lower, and stands there already */
	if (holds && (!asked || task->age[TASK_MMID] < SAMPLE_MAX_AGE))
		return false;
	task->mm_id = 0;
	set_group(task, TASK_MMID, FACT_UNKNOWN);
	return asked && !task->through_thread;
}

static int read_rest(struct task_reader *reader, const struct task_path *path, const struct kept_task *kept,
		     unsigned need, struct snapshot *next, struct task *task)
{
	int r = 0;
	bool lingers = has_exited(task) && task->threads > 1;
	if (need & NEED_STATUS || lingers)
		r = read_status(reader, path, next, task);
	if (r == 0 && lingers)
		r = read_through_thread(reader, path, next->page_bytes, task);
	if (task_is_kthread(task) || (has_exited(task) && !task->through_thread)) {
		set_group(task, TASK_STATM, FACT_ABSENT);
		task->shr_pages = 0;
	} else if (r == 0 && need & NEED_STATM && !task->through_thread) {
		r = read_statm(reader, path, task);
	}
	if (r == 0 && need & NEED_SCORE)
		r = read_score(reader, path, task);
	if (r == 0 && need & NEED_ADJ)
		r = read_adj(reader, path, kept, task);
	if (r == 0 && need & NEED_CGROUP)
		r = read_cgroup(reader, path, next, task);
	if (r == 0 && need & NEED_POLICY)
		r = read_policy(reader, path, next, task);
	return r;
}

/* Open what is to be kept of a task. The number was one process' all the while if stat
 * can still be read through the first descriptor when there is a second. */
static int open_kept(const struct task_reader *reader, const struct task_path *path, struct kept_task *kept)
{
	int fd = open_once(reader, path, "/stat", O_RDONLY);
	if (fd < 0)
		return fd;
	kept->stat_fd = fd;
	fd = open_once(reader, path, "/oom_score_adj", O_RDONLY);
	kept->adj_fd = fd < 0 ? -1 : fd;
	return fd == -EMFILE ? fd : 0;
}

/* stat, by the kept descriptor if there is one; *kept becomes NULL if it is of no more use. */
static int read_stat(struct task_reader *reader, const struct task_path *path, struct kept_task **kept, uint64_t tick,
		     struct text *ret_bytes)
{
	if (*kept) {
		int r = (*kept)->stat_fd < 0 ? open_kept(reader, path, *kept) : 0;
		if (r == 0)
			r = read_whole(reader, (*kept)->stat_fd, ret_bytes);
		if (r == 0) {
			(*kept)->tick = tick;
			return 0;
		}
		/* Its process has gone; the number may be another's now. */
		if (r == -EMFILE)
			kept_tasks_shrink(&reader->kept);
		else
			kept_tasks_drop(&reader->kept, (*kept)->pid);
		*kept = NULL;
	}
	return read_of_task(reader, path, "/stat", ret_bytes);
}

/* Take the task over whole as it was. 0 or -ENOMEM. */
static int carry_task(struct task_reader *reader, const struct turn *turn, struct snapshot *next)
{
	struct task *task = snapshot_add_task(next, turn->was->pid);
	if (!task)
		return -ENOMEM;
	*task = *turn->was;
	grow_older(task);
	int r = take_comm(snapshot_text(turn->prev, turn->was->comm), next, task);
	if (r == 0)
		r = carry_cgroup(reader, turn->prev, turn->was, next, task);
	if (r == 0)
		mmid_add(&reader->mmid, next->ntasks - 1, task->stack_start, false);
	return r;
}

static int read_task(struct task_reader *reader, struct turn *turn, struct snapshot *next, int32_t pid)
{
	struct task_path path;
	struct text bytes;
	struct parsed_stat stat;
	path_of_pid(&path, pid);
	int r = read_stat(reader, &path, &turn->kept, next->tick, &bytes);
	if (r == -ENOENT || r == -ESRCH || is_our_trouble(r))
		return r;
	/* -ENOMEM from here on is our own. */
	if (r < 0 || parse_task_stat(bytes, &stat) < 0)
		return -EACCES;
	if (turn->was && turn->was->start_ticks != stat.start_ticks)
		turn->was = NULL;
	const struct task *was = turn->was;

	struct task *task = snapshot_add_task(next, pid);
	if (!task)
		return -ENOMEM;
	if (was) {
		*task = *was;
		grow_older(task);
	}
	r = take_stat(&stat, next, task);
	bool execed = r == 0 && was && has_execed(next, task, turn->prev, was);
	unsigned need = files_due(reader, turn, next, task, execed);
	if (r == 0 && was && !(need & NEED_CGROUP))
		r = carry_cgroup(reader, turn->prev, was, next, task);
	if (r == 0)
		r = read_rest(reader, &path, turn->kept, need, next, task);
	if (r < 0) {
		next->ntasks--;
		return r;
	}
	mmid_add(&reader->mmid, (uint32_t)(task - next->tasks), stat.stack_start,
		 wants_mmid(reader, next, task, was, execed, need & NEED_MMID));
	return 0;
}

int task_reader_count(struct task_reader *reader, uint32_t *ret_processes)
{
	int r = process_list_read(&reader->list);
	if (r == 0)
		*ret_processes = reader->list.n;
	return r;
}

int task_reader_begin(struct task_reader *reader, const struct snapshot *prev, struct snapshot *next)
{
	reader->ncgroups = 0;
	reader->carried.path.len = 0;
	reader->two_speed = false;
	reader->round = reader->slow_round = ticks_of_a_round(prev, next);
	if (!prev || prev->nnodesets == 0)
		return 0;
	/* Tasks taken over name sets of nodes by their places in prev. */
	int r = snapshot_reserve_nodesets(next, prev->nnodesets);
	if (r < 0)
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
	set_group(task, TASK_CGROUP, FACT_KNOWN);
	return add_cgroup(reader, next, path, task);
}

int task_reader_fill(struct task_reader *reader, unsigned need, struct snapshot *next, struct task *task)
{
	struct task_path path;
	int r = 0;
	path_of_pid(&path, task->pid);
	if (need & NEED_SCORE)
		r = read_score(reader, &path, task);
	if (r == 0 && need & NEED_CGROUP)
		r = read_cgroup(reader, &path, next, task);
	if (r == 0 && need & NEED_POLICY)
		r = read_policy(reader, &path, next, task);
	return r;
}

/* Make room and plan for the processes listed. 0 or -errno. */
static int begin_all(struct task_reader *reader, const struct snapshot *prev, const struct sample_wish *wish,
		     struct snapshot *next)
{
	uint32_t n = reader->list.n;
	/* Slack, so that the few that come and go do not make it grow. */
	uint32_t room = n + n / 8 + 64;
	int r = 0;
	if (next->tasks_capacity < n)
		r = snapshot_reserve_tasks(next, room);
	if (r == 0)
		r = mmid_begin(&reader->mmid, reader->mmid.capacity < n ? room : n);
	if (r == 0)
		r = task_reader_begin(reader, prev, next);
	if (r < 0)
		return r;
	reader->two_speed = wish->two_speed;
	if (reader->two_speed)
		reader->slow_round = reader->round * SAMPLE_SLOW;
	if (reader->root->real)
		kept_tasks_plan(&reader->kept, prev, wish->ranked, wish->ranked ? wish->nranked : 0);
	return cpu_clocks_begin(&reader->clocks, prev, next, reader->clocks.capacity < n ? room : n);
}

/* One listed process; at: where it would stand in prev. 0 also when it cannot be read
 * (counted) or has gone (*ret_gone); -errno when the trouble is ours. */
static int take_one(struct task_reader *reader, const struct snapshot *prev, uint32_t at, const struct sample_wish *wish,
		    struct snapshot *next, int32_t pid, bool *ret_gone)
{
	bool met = prev && at < prev->ntasks && prev->tasks[at].pid == pid;
	struct turn turn = {
		.prev = prev,
		.was = met ? &prev->tasks[at] : NULL,
		.kept = kept_tasks_find(&reader->kept, pid),
		.asked = met && wish->prev_need ? wish->prev_need[at] : 0,
	};
	if (reader->two_speed && !turn.kept)
		turn.slept = cpu_clocks_read(&reader->clocks, pid, met ? at : UINT32_MAX, next->ntasks);
	else
		cpu_clocks_skip(&reader->clocks, next->ntasks);
	int r = turn.was && may_be_carried(reader, &turn, next) ? carry_task(reader, &turn, next) :
								  read_task(reader, &turn, next, pid);
	*ret_gone = r == -ENOENT || r == -ESRCH;
	if (r == -EACCES)
		next->tasks_denied++;
	return r == -EACCES || *ret_gone ? 0 : r;
}

int task_reader_take(struct task_reader *reader, const struct snapshot *prev, const struct sample_wish *wish,
		     struct snapshot *next, struct diag *diag)
{
	struct process_list *list = &reader->list;
	int r = process_list_update(list, reader->root->real, next);
	if (r < 0) {
		diag_set(diag, "proc", 0, "the processes cannot be listed: %s", strerror(-r));
		return r;
	}
	r = begin_all(reader, prev, wish, next);
	uint32_t at = 0, there = 0;
	for (uint32_t i = 0; r == 0 && i < list->n; i++) {
		int32_t pid = list->pids[i];
		bool gone;
		while (prev && at < prev->ntasks && prev->tasks[at].pid < pid)
			at++;
		r = take_one(reader, prev, at, wish, next, pid, &gone);
		if (!gone)
			list->pids[there++] = pid;
	}
	if (r < 0) {
		process_list_forget(list);
		diag_set(diag, "proc", 0, "the processes cannot be read: %s", strerror(-r));
		return r;
	}
	process_list_keep(list, there);
	mmid_resolve(&reader->mmid, next);
	return 0;
}
