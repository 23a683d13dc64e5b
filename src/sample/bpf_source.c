/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records come in the order of the kernel's list of processes, which is
 * that of their forks; the snapshot wants them by pid, which is nearly the
 * same. They are sorted as indices and then written into the snapshot once,
 * each in the place of the task of the tick before (snapshot/turnover.h), from
 * whom the few facts are taken over that only files tell. Most processes sleep:
 * where a record says that it is the one of the walk before the task stays as it
 * stands.
 *
 * Trust: the program follows pointers by the kernel's own description of its
 * structs, but what a field means is our knowledge. So before the source is
 * used, what it says of ourselves must be what /proc says.
 */
#include "bpf_source.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf_cgroups.h"
#include "bpf_walk.h"
#include "oomsight/base/sort.h"
#include "oomsight/base/units.h"
#include "oomsight/sample/parse.h"

#define RECORDS_AT_LEAST 512

struct bpf_source {
	const struct root *root;
	struct read_buffer *buffer;
	struct task_reader *reader;
	struct kept_file online;
	struct cgroup_table cgroups;
	struct bpf_walk walk;
	uint32_t taken;      /* how many records of the last walk became a snapshot; 0: it was not used */
	uint64_t taken_ns;   /* when that snapshot was begun: another sampler's has its tick, too */
	bool met_twice;      /* a process, in this walk */
	uint32_t same_below; /* of this walk, who says TASK_REC_SAME here is as in prev */
	struct text_ref comm_was, comm_is; /* what was carried over last */
	uint32_t capacity; /* of order, scratch and sharers */
	uint32_t possible_nodes;
	uint32_t *order;
	uint32_t ordered; /* the walk before had so many records, all in that order; 0 if not all */
	uint32_t *scratch;
	uint32_t *sharers; /* places in the order of those whose mm has other users */
	uint32_t scores_left;   /* of new tasks, how many may still be read in this tick */
	unsigned score_age;     /* who asks and has an older one is answered, and of just this age ... */
	uint32_t scores_of_age; /* ... so many more */
	bool few_scores;       /* as wished for */
	unsigned foremost;     /* then: the weight from which on that of a new task is read */
	uint64_t pages_per_adj;
};

/* --- pure parts ------------------------------------------------------------ */

#define STATE_IDLE 0x0402U        /* TASK_IDLE: uninterruptible, but no load */
#define STATE_RTLOCK_WAIT 0x1000U /* 5.15 and later */
#define STATE_FROZEN 0x8000U      /* 6.1 and later */
#define STATE_UNINTERRUPTIBLE 0x0002U
#define STATE_REPORTED 0x007fU

char bpf_state_letter(uint32_t state)
{
	static const char letters[] = "RSDTtXZP";
	if ((state & ~(STATE_REPORTED & ~STATE_UNINTERRUPTIBLE)) == STATE_IDLE)
		return 'I';
	uint32_t reported = state & STATE_REPORTED;
	if (reported == 0 && state & (STATE_RTLOCK_WAIT | STATE_FROZEN))
		reported = STATE_UNINTERRUPTIBLE;
	unsigned place = 0;
	for (; reported != 0; reported >>= 1)
		place++;
	return letters[place];
}

static uint64_t floor_zero(long long pages)
{
	return pages > 0 ? (uint64_t)pages : 0;
}

static uint64_t quick(const struct task_rec *rec, int which)
{
	return floor_zero(rec->count[which]);
}

static uint64_t precise(const struct task_rec *rec, int which)
{
	return floor_zero(rec->count[which] + rec->delta[which]);
}

static uint64_t ticks_of(uint64_t ns, uint32_t ticks_per_s)
{
	return ns / (1000000000U / ticks_per_s);
}

/* --- loading --------------------------------------------------------------- */

static int reserve(struct bpf_source *source, uint32_t capacity)
{
	uint32_t **arrays[] = { &source->order, &source->scratch, &source->sharers };
	for (size_t i = 0; capacity > source->capacity && i < sizeof arrays / sizeof *arrays; i++) {
		uint32_t *bigger = realloc(*arrays[i], capacity * sizeof *bigger);
		if (!bigger)
			return -ENOMEM;
		*arrays[i] = bigger;
	}
	if (source->capacity < capacity)
		source->capacity = capacity;
	return 0;
}

#define SPARE 16 /* one record for so many processes: all of the room is memory taken */

/* Load the program with room for so many records and one more for each `spare` of them. */
static int load(struct bpf_source *source, uint32_t records, uint32_t spare)
{
	uint32_t capacity = records + records / spare;
	if (capacity < RECORDS_AT_LEAST)
		capacity = RECORDS_AT_LEAST;
	int r = reserve(source, capacity);
	return r < 0 ? r : bpf_walk_load(&source->walk, capacity);
}

/* --- one walk -------------------------------------------------------------- */

/* One more than the last number of "0-3,8"; *ret_whole: is there none missing? 0
 * when the text is not of the format. */
static uint32_t end_of_list(struct text list, bool *ret_whole)
{
	uint64_t last = 0, value;
	size_t at = list.len;
	while (at > 0 && list.ptr[at - 1] >= '0' && list.ptr[at - 1] <= '9')
		at--;
	if (text_to_u64(text_of(list.ptr + at, list.len - at), 10, &value) < 0 || value >= INT_MAX)
		return 0;
	last = value;
	*ret_whole = last == 0 ? at == 0 : at == 2 && list.ptr[0] == '0' && list.ptr[1] == '-';
	return (uint32_t)last + 1;
}

static uint32_t online_cpus(struct bpf_source *source)
{
	struct text bytes;
	bool whole;
	if (source->walk.possible_cpus == 0 || kept_file_read(&source->online, source->root, source->buffer, &bytes) < 0)
		return source->walk.possible_cpus;
	uint32_t cpus = end_of_list(text_trim(bytes), &whole);
	return cpus > 0 && cpus < source->walk.possible_cpus ? cpus : source->walk.possible_cpus;
}

/* Run the program, with more room when there are more processes than fit.
 * Returns how many records there are, or -errno. */
static int walk(struct bpf_source *source)
{
	const struct task_walk_args args = { .cpus = online_cpus(source), .nodes = source->possible_nodes > 1 };
	/* While many are forked there are more again than fit, once it is loaded. */
	for (uint32_t spare = SPARE;; spare /= 4) {
		int n = bpf_walk_run(&source->walk, &args);
		if (n < 0 || (uint32_t)n <= source->walk.capacity)
			return n;
		int r = spare > 0 ? load(source, (uint32_t)n, spare) : -EAGAIN;
		if (r < 0)
			return r;
	}
}

static bool pid_before(uint32_t a, uint32_t b, const void *context)
{
	const struct task_rec *records = context;
	return records[a].pid < records[b].pid;
}

/* The leader has exited: its process lives on in the mm of its threads. */
static void take_over_mm(struct task_rec *rec, const struct task_rec *thread)
{
	rec->marks |= TASK_REC_THROUGH_THREAD | (thread->marks & ~TASK_REC_THREAD);
	rec->mm = thread->mm;
	rec->mm_users = thread->mm_users;
	rec->total_vm_pages = thread->total_vm_pages;
	rec->pgtables_bytes = thread->pgtables_bytes;
	memcpy(rec->count, thread->count, sizeof rec->count);
	memcpy(rec->delta, thread->delta, sizeof rec->delta);
}

/* Add what the threads told to their processes, whose order by pid is there. */
static void add_threads(struct bpf_source *source, uint32_t n, uint32_t processes)
{
	struct task_rec *records = source->walk.records;
	for (uint32_t i = 0; n > processes && i < n; i++) {
		const struct task_rec *thread = &records[i];
		if (!(thread->marks & TASK_REC_THREAD))
			continue;
		uint32_t low = 0, high = processes;
		while (low < high) {
			uint32_t mid = low + (high - low) / 2;
			if (records[source->order[mid]].pid < thread->ppid)
				low = mid + 1;
			else
				high = mid;
		}
		if (low == processes || records[source->order[low]].pid != thread->ppid)
			continue; /* they came and went in between */
		struct task_rec *rec = &records[source->order[low]];
		rec->minor_faults += thread->minor_faults;
		rec->major_faults += thread->major_faults;
		if ((thread->marks & TASK_REC_HAS_MM) && !(rec->marks & TASK_REC_HAS_MM))
			take_over_mm(rec, thread);
	}
}

/* Does the order of the walk before put so many records of this one in order, too? */
static bool is_ordered(const struct bpf_source *source, uint32_t n)
{
	int last = INT_MIN;
	for (uint32_t i = 0; i < n; i++) {
		const struct task_rec *rec = &source->walk.records[source->order[i]];
		if (rec->pid <= last || (rec->marks & TASK_REC_THREAD))
			return false;
		last = rec->pid;
	}
	return true;
}

/* By pid, each process once. Returns how many there are. */
static uint32_t order_records(struct bpf_source *source, uint32_t n)
{
	uint32_t processes = 0, kept = 0;
	if (source->ordered == n && is_ordered(source, n))
		return n;
	for (uint32_t i = 0; i < n; i++) {
		if (!(source->walk.records[i].marks & TASK_REC_THREAD))
			source->order[processes++] = i;
	}
	sort_indices(source->order, source->scratch, processes, pid_before, source->walk.records);
	/* A leader that took over another's place in the list is met twice. */
	for (uint32_t i = 0; i < processes; i++) {
		uint32_t index = source->order[i];
		if (kept == 0 || source->walk.records[index].pid != source->walk.records[source->order[kept - 1]].pid)
			source->order[kept++] = index;
	}
	source->ordered = kept == n ? n : 0;
	source->met_twice = kept < processes;
	add_threads(source, n, kept);
	return kept;
}

static bool mm_before(uint32_t a, uint32_t b, const void *context)
{
	const struct bpf_source *source = context;
	return source->walk.records[source->order[a]].mm < source->walk.records[source->order[b]].mm;
}

/* --- record to task -------------------------------------------------------- */

static void set_group(struct task *task, enum task_group group, bool known)
{
	task->group_state[group] = known ? FACT_KNOWN : FACT_ABSENT;
	task->age[group] = 0;
}

static void take_mm(const struct task_rec *rec, uint32_t page_bytes, struct task *task)
{
	bool has_mm = rec->marks & TASK_REC_HAS_MM;
	set_group(task, TASK_MM, has_mm);
	set_group(task, TASK_SPLIT, has_mm);
	set_group(task, TASK_STATM, has_mm);
	task->through_thread = rec->marks & TASK_REC_THROUGH_THREAD;
	task->virt_bytes = u64_mul_sat(rec->total_vm_pages, page_bytes);
	task->rss_quick_pages = quick(rec, TASK_REC_FILE) + quick(rec, TASK_REC_ANON) + quick(rec, TASK_REC_SHMEM);
	task->swap_quick_pages = quick(rec, TASK_REC_SWAP);
	task->rss_file_pages = precise(rec, TASK_REC_FILE);
	task->rss_shmem_pages = precise(rec, TASK_REC_SHMEM);
	task->shr_pages = task->rss_file_pages + task->rss_shmem_pages;
	task->rss_pages = precise(rec, TASK_REC_ANON) + task->shr_pages;
	task->swap_pages = precise(rec, TASK_REC_SWAP);
	task->pgtables_bytes = rec->pgtables_bytes;
}

static uint8_t marks_of(const struct task_rec *rec)
{
	static const struct {
		uint32_t of_rec;
		uint8_t of_task;
	} table[] = {
		{ TASK_REC_OOM_SKIP, TASK_MARK_OOM_SKIP },
		{ TASK_REC_VICTIM, TASK_MARK_VICTIM },
		{ TASK_REC_ORIGIN, TASK_MARK_ORIGIN },
		{ TASK_REC_VFORK, TASK_MARK_VFORK },
	};
	unsigned marks = 0;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (rec->marks & table[i].of_rec)
			marks |= table[i].of_task;
	}
	return (uint8_t)marks;
}

static struct text comm_of(const struct task_rec *rec)
{
	const char *bytes = (const char *)rec->comm;
	return text_of(bytes, strnlen(bytes, sizeof rec->comm));
}

static void take_mems(const struct bpf_source *source, const struct task_rec *rec, struct snapshot *next,
		      struct task *task)
{
	/* Where there is but one node nobody can be kept from it. */
	struct nodeset nodes = { .bits = { source->possible_nodes == 1 ? 1 : rec->mems_allowed } };
	task->mems = TASK_NODES_UNKNOWN;
	if (nodes.bits[0] == 0 || source->possible_nodes > 64)
		return;
	task->mems = snapshot_intern_nodes(next, &nodes);
}

static int take_record(const struct bpf_source *source, const struct task_rec *rec, struct snapshot *next,
		       struct task *task)
{
	set_group(task, TASK_STAT, true);
	set_group(task, TASK_STATUS, true);
	set_group(task, TASK_ADJ, true);
	set_group(task, TASK_FLOOR, true);
	set_group(task, TASK_MARKS, true);
	task->ppid = rec->ppid;
	task->uid = rec->uid;
	task->threads = rec->threads;
	task->start_ticks = ticks_of(rec->start_ns, next->ticks_per_s);
	task->flags = rec->flags;
	task->state = bpf_state_letter(rec->state);
	task->minor_faults = rec->minor_faults;
	task->major_faults = rec->major_faults;
	task->cap_eff = rec->cap_effective;
	task->sigkill_pending = rec->marks & TASK_REC_SIGKILL;
	task->oom_score_adj = rec->adj;
	task->oom_score_adj_min = rec->adj_min;
	task->marks = marks_of(rec);
	take_mems(source, rec, next, task);
	take_mm(rec, next->page_bytes, task);
	return task_add_comm(comm_of(rec), next, task);
}

/* --- what only files tell --------------------------------------------------- */

#define SCORE_LACKS (SAMPLE_MAX_AGE + 1) /* older than any that is held */

static unsigned score_age(const struct task *task)
{
	unsigned age = task->age[TASK_SCORE];
	return task->group_state[TASK_SCORE] == FACT_UNKNOWN || age > SAMPLE_MAX_AGE ? SCORE_LACKS : age;
}

/* The oldest first: by turns that are counted, a row would miss its own whenever others
 * before it come and go. */
static bool is_due(struct bpf_source *source, const struct task *was)
{
	unsigned age = score_age(was);
	if (age != source->score_age)
		return age > source->score_age;
	bool due = source->scores_of_age > 0;
	source->scores_of_age -= due;
	return due;
}

/* Binary digits of what the points will be made of: a guess at who will stand
 * high, and so be asked for. */
static unsigned weight_of(const struct bpf_source *source, const struct task_rec *rec)
{
	uint64_t pages = quick(rec, TASK_REC_FILE) + quick(rec, TASK_REC_ANON) + quick(rec, TASK_REC_SHMEM) +
			 quick(rec, TASK_REC_SWAP);
	uint64_t weight = rec->adj <= -1000 ? 0 : rec->adj < 0 ? pages : pages + (uint64_t)rec->adj * source->pages_per_adj;
	return weight > 0 ? 64 - (unsigned)__builtin_clzll(weight) : 0;
}

/* Does it weigh so much more or less that its score must be another one? A score goes by
 * two thirds of an adj's unit. */
static bool weighs_other(const struct bpf_source *source, const struct task *was, const struct task *task)
{
	uint64_t then = was->rss_pages + was->swap_pages, now = task->rss_pages + task->swap_pages;
	return was->oom_score_adj != task->oom_score_adj || task_knows(was, TASK_MM) != task_knows(task, TASK_MM) ||
	       (then > now ? then - now : now - then) > source->pages_per_adj;
}

/* It may have begun to exit since the walk: then there is nothing left to score. */
static bool is_leaving(const struct bpf_source *source, int32_t pid)
{
	struct text bytes;
	struct parsed_stat stat;
	char path[32];
	snprintf(path, sizeof path, "proc/%d/stat", (int)pid);
	return file_read(source->root, path, source->buffer, &bytes) < 0 || parse_task_stat(bytes, &stat) < 0 ||
	       (stat.flags & TASK_FLAG_EXITING);
}

static int read_score(struct bpf_source *source, struct snapshot *next, struct task *task)
{
	int r = task_reader_fill(source->reader, NEED_SCORE, next, task);
	if (r == 0 && task_knows(task, TASK_SCORE) && task->oom_score == 0 && task_knows(task, TASK_MM) &&
	    task->oom_score_adj >= 0 && is_leaving(source, task->pid))
		task->group_state[TASK_SCORE] = FACT_UNKNOWN;
	return r;
}

static int take_score(struct bpf_source *source, const struct task_rec *rec, const struct task *was, bool asked,
		      struct snapshot *next, struct task *task)
{
	/* Beside what is of now the score of before would be a contradiction. */
	bool changed = was && weighs_other(source, was, task);
	bool held = was && was->group_state[TASK_SCORE] != FACT_UNKNOWN && !changed;
	bool wanted = was		  ? asked && (changed || is_due(source, was)) :
		      !source->few_scores ? true :
					    source->scores_left > 0 && weight_of(source, rec) >= source->foremost;
	if (wanted) {
		source->scores_left -= !was && source->few_scores;
		return read_score(source, next, task);
	}
	if (held && was->age[TASK_SCORE] < SAMPLE_MAX_AGE) {
		task->oom_score = was->oom_score;
		task->group_state[TASK_SCORE] = was->group_state[TASK_SCORE];
		task->age[TASK_SCORE] = (uint8_t)(was->age[TASK_SCORE] + 1);
	}
	return 0;
}

static int take_policy(struct bpf_source *source, const struct task *was, bool asked, struct snapshot *next,
		       struct task *task)
{
	task->policy_nodes = TASK_NODES_UNKNOWN;
	if (asked)
		return task_reader_fill(source->reader, NEED_POLICY, next, task);
	if (was && was->age[TASK_POLICY] < UINT8_MAX) {
		task->policy = was->policy;
		task->policy_nodes = was->policy_nodes;
		task->group_state[TASK_POLICY] = was->group_state[TASK_POLICY];
		task->age[TASK_POLICY] = (uint8_t)(was->age[TASK_POLICY] + 1);
	}
	return 0;
}

/* The least weight that no more than so many have. */
static unsigned find_foremost(const struct bpf_source *source, uint32_t records, uint32_t most)
{
	uint32_t having[65] = { 0 };
	for (uint32_t i = 0; i < records; i++)
		having[weight_of(source, &source->walk.records[source->order[i]])]++;
	unsigned weight = 65;
	for (uint32_t n = 0; weight > 0 && n + having[weight - 1] <= most; weight--)
		n += having[weight - 1];
	return weight;
}

static void plan_scores(struct bpf_source *source, const struct snapshot *prev, const struct sample_wish *wish,
			const struct snapshot *next, uint32_t records)
{
	uint32_t asked = 0, having[SCORE_LACKS + 1] = { 0 };
	for (uint32_t i = 0; prev && wish->prev_need && i < prev->ntasks; i++) {
		if (!(wish->prev_need[i] & NEED_SCORE))
			continue;
		asked++;
		having[score_age(&prev->tasks[i])]++;
	}
	source->scores_left = (asked + SAMPLE_MAX_AGE - 1) / SAMPLE_MAX_AGE;
	if (source->scores_left < BPF_SCORES_A_TICK)
		source->scores_left = BPF_SCORES_A_TICK;
	/* Those who ask come first, new ones have what they leave. */
	unsigned age = SCORE_LACKS;
	for (; age > 0 && having[age] <= source->scores_left; age--)
		source->scores_left -= having[age];
	source->score_age = age;
	source->scores_of_age = source->scores_left < having[age] ? source->scores_left : having[age];
	source->scores_left -= source->scores_of_age;
	source->few_scores = wish->few_scores;
	source->foremost = 0;
	source->pages_per_adj = system_get(&next->system, SYS_MEM_TOTAL, 0) / next->page_bytes / 1000;
	if (wish->few_scores && !prev) {
		source->scores_left = BPF_SCORES_AT_FIRST;
		source->foremost = find_foremost(source, records, BPF_SCORES_AT_FIRST);
	}
}

/* Tasks whose mm has other users: who are they? The id is the lowest pid, as
 * an address of the kernel is nobody's business. */
static void find_sharers(struct bpf_source *source, struct task *tasks, uint32_t nsharers)
{
	sort_indices(source->sharers, source->scratch, nsharers, mm_before, source);
	for (uint32_t first = 0, end; first < nsharers; first = end) {
		uint64_t mm = source->walk.records[source->order[source->sharers[first]]].mm;
		for (end = first + 1; end < nsharers; end++) {
			if (source->walk.records[source->order[source->sharers[end]]].mm != mm)
				break;
		}
		/* The sort is stable and tasks ascend by pid. */
		for (uint32_t i = first; end - first > 1 && i < end; i++)
			tasks[source->sharers[i]].mm_id = tasks[source->sharers[first]].pid;
	}
}

/* Seen on a virtual machine: the walk passes over init, for a reason not found.
 * It is never killed, but it is there: files tell of it. */
static int take_hidden_init(struct bpf_source *source, const struct snapshot *prev, const uint8_t *prev_need,
			    struct snapshot *next, uint32_t records)
{
	if (records > 0 && source->walk.records[source->order[0]].pid == 1)
		return 0;
	const struct task *was = turnover_meet(&source->reader->turnover, 1);
	int r = task_reader_add(source->reader, prev, was, was && prev_need ? prev_need[0] : 0, next, 1);
	return r == -ENOMEM ? r : 0;
}

/* May all that the record says be taken over from the task as it was, and the rest be
 * left as it is for one more tick? */
static bool may_be_carried(const struct bpf_source *source, uint32_t index, const struct task *was, unsigned asked)
{
	const struct task_rec *rec = &source->walk.records[index];
	return (rec->marks & TASK_REC_SAME) && index < source->same_below && rec->cgroup_id != 0 && was &&
	       !(asked & (NEED_SCORE | NEED_POLICY)) && was->age[TASK_SCORE] < SAMPLE_MAX_AGE &&
	       was->age[TASK_POLICY] < UINT8_MAX;
}

static int carry_comm(struct bpf_source *source, const struct snapshot *prev, struct snapshot *next, struct task *task)
{
	const struct text_ref was = task->comm;
	/* Those that stand side by side mostly share one. */
	if (was.offset != source->comm_was.offset || was.len != source->comm_was.len) {
		int r = snapshot_add_text(next, snapshot_text(prev, was), &source->comm_is);
		if (r < 0)
			return r;
		source->comm_was = was;
	}
	task->comm = source->comm_is;
	return 0;
}

static int carry_task(struct bpf_source *source, const struct snapshot *prev, const struct task_rec *rec,
		      struct snapshot *next)
{
	struct task *task = turnover_carry(&source->reader->turnover);
	if (task->group_state[TASK_SCORE] != FACT_UNKNOWN)
		task->age[TASK_SCORE]++;
	task->age[TASK_POLICY]++;
	/* Of files, see sample_wish.cpu_times. */
	task->cpu_ticks = 0;
	task->nice = 0;
	task->cgroup = (struct text_ref){ 0 };
	task->memcg = TASK_MEMCG_UNKNOWN;
	task->group_state[TASK_CGROUP] = FACT_UNKNOWN;
	int r = carry_comm(source, prev, next, task);
	if (r == 0)
		r = cgroup_table_find(&source->cgroups, source->reader, prev, NULL, rec->cgroup_id, next, task);
	if (r < 0 && r != -ESRCH)
		turnover_drop(&source->reader->turnover);
	return r;
}

static int renew_task(struct bpf_source *source, const struct snapshot *prev, const struct task_rec *rec,
		      const struct task *was, unsigned asked, struct snapshot *next)
{
	struct task *task = turnover_renew(&source->reader->turnover, &was);
	if (!task)
		return -ENOMEM;
	int r = take_record(source, rec, next, task);
	if (r < 0)
		return r;
	if (was && !task_same(was, task)) {
		was = NULL;
		asked = 0;
	}
	set_group(task, TASK_MMID, rec->marks & TASK_REC_HAS_MM);
	r = take_score(source, rec, was, asked & NEED_SCORE, next, task);
	if (r == 0)
		r = take_policy(source, was, asked & NEED_POLICY, next, task);
	if (r == 0)
		r = cgroup_table_find(&source->cgroups, source->reader, prev, was, rec->cgroup_id, next, task);
	return r;
}

static int take_all(struct bpf_source *source, const struct snapshot *prev, const uint8_t *prev_need,
		    struct snapshot *next, uint32_t records)
{
	struct turnover *turnover = &source->reader->turnover;
	uint32_t nsharers = 0;
	/* After a tick read from files no cgroup is known by its number. */
	bool goes_on = prev && prev->source == SOURCE_BPF;
	cgroup_table_begin(&source->cgroups, next->tick, goes_on ? BPF_CGROUPS_A_TICK : UINT32_MAX);
	source->comm_was = source->comm_is = (struct text_ref){ 0 };
	int r = take_hidden_init(source, prev, prev_need, next, records);
	const uint32_t added = next->ntasks;
	for (uint32_t i = 0; r == 0 && i < records; i++) {
		const uint32_t index = source->order[i];
		const struct task_rec *rec = &source->walk.records[index];
		const struct task *was = turnover_meet(turnover, rec->pid);
		unsigned asked = was && prev_need ? prev_need[turnover_place(turnover)] : 0;
		/* Threads are users, too; that some are not does no harm here. */
		if (rec->marks & TASK_REC_HAS_MM && rec->mm_users > 1)
			source->sharers[nsharers++] = i;
		r = may_be_carried(source, index, was, asked) ? carry_task(source, prev, rec, next) :
								renew_task(source, prev, rec, was, asked, next);
		/* Gone since: the record stands, the rest is not known. */
		if (r == -ESRCH)
			r = 0;
	}
	if (r == 0)
		find_sharers(source, next->tasks + added, nsharers);
	return r;
}

int bpf_source_take(struct bpf_source *source, struct snapshot *prev, const struct sample_wish *wish,
		    struct snapshot *next, struct diag *diag)
{
	bool of_last_walk = prev && prev->source == SOURCE_BPF && prev->monotonic_ns == source->taken_ns;
	source->same_below = of_last_walk ? source->taken : 0;
	source->taken = 0;
	int n = walk(source);
	if (n < 0) {
		diag_set(diag, NULL, 0, "the BPF program could not be run in this tick (%s), the next one tries it again",
			 strerror(-n));
		return n;
	}
	uint32_t records = order_records(source, (uint32_t)n);
	plan_scores(source, prev, wish, next, records);
	int r = task_reader_begin(source->reader, prev, wish->between_ns, next, records + 1);
	if (r == 0) {
		r = take_all(source, prev, wish->prev_need, next, records);
		turnover_end(&source->reader->turnover);
	}
	if (r < 0) {
		diag_set(diag, "proc", 0, "the processes cannot be read: %s", strerror(-r));
		return r;
	}
	/* Of two records of one process the snapshot has but one, and the next walk may go by the other. */
	source->taken = source->met_twice ? 0 : (uint32_t)n;
	source->taken_ns = next->monotonic_ns;
	return 0;
}

/* --- may it be trusted? ------------------------------------------------------ */

static const struct task_rec *find_record(const struct bpf_source *source, uint32_t records, int32_t pid)
{
	for (uint32_t i = 0; i < records; i++) {
		const struct task_rec *rec = &source->walk.records[source->order[i]];
		if (rec->pid == pid)
			return rec;
	}
	return NULL;
}

/* Does the record of ourselves say what the files say? n: of how many records it is. */
static const char *distrust(struct bpf_source *source, const struct snapshot *host, int n)
{
	struct text bytes;
	struct parsed_stat stat;
	const struct task_rec *rec = find_record(source, order_records(source, (uint32_t)n), host->observer.pid);
	if (!rec)
		return "this process is not among those the program sees";
	if (file_read(source->root, "proc/self/stat", source->buffer, &bytes) < 0 || parse_task_stat(bytes, &stat) < 0)
		return "there is no /proc/self/stat to compare with";
	if (!(rec->marks & TASK_REC_HAS_MM) || !(rec->marks & TASK_REC_PRECISE))
		return "this kernel lays out its memory counters in an unknown way";
	uint64_t pages = quick(rec, TASK_REC_FILE) + quick(rec, TASK_REC_ANON) + quick(rec, TASK_REC_SHMEM);
	uint64_t apart = pages > stat.rss_pages ? pages - stat.rss_pages : stat.rss_pages - pages;
	if (rec->ppid != stat.ppid || rec->threads != stat.threads || !text_equal(comm_of(rec), stat.comm) ||
	    rec->uid != host->observer.uid || rec->cap_effective != (uint32_t)host->observer.cap_eff ||
	    (host->observer.scores_known && rec->adj != host->observer.oom_score_adj) ||
	    ticks_of(rec->start_ns, host->ticks_per_s) != stat.start_ticks || apart > 256 + stat.rss_pages / 4 ||
	    rec->total_vm_pages * host->page_bytes / 2 > stat.virt_bytes || rec->pgtables_bytes == 0)
		return "what the program reads of this process is not what /proc shows";
	return NULL;
}

/* Load whichever program this kernel takes. 0, or -errno with why[] filled. EPERM alone
 * says little: up to 5.10 a map beyond the limit of locked memory is refused so, and only
 * the iterator, which kernels of that age can run, has that limit raised. */
static int load_any(struct bpf_source *source, uint32_t processes, char *why, size_t why_size)
{
	int r = load(source, processes, SPARE);
	if (r == 0 || r == -ENOMEM) {
		snprintf(why, why_size, "%s", r < 0 ? "out of memory" : "");
		return r;
	}
	bpf_walk_init(&source->walk, source->root, BPF_WALK_ITERATOR, source->walk.possible_cpus);
	int older = load(source, processes, SPARE);
	if (older == 0)
		snprintf(why, why_size, "an iterator over all threads; one call for all processes needs Linux 6.7");
	else if (r == -EPERM && (older == -EPERM || older == -EOPNOTSUPP))
		snprintf(why, why_size, "loading a BPF program needs root, or CAP_BPF and CAP_PERFMON, and no kernel lockdown");
	else if (older == -EOPNOTSUPP)
		snprintf(why, why_size, "the kernel does not take the program (%s)", strerror(-r));
	else
		snprintf(why, why_size, "the kernel does not take the programs, neither that for 6.7 and later (%s) nor that for 5.8 (%s)",
			 strerror(-r), strerror(-older));
	return older;
}

static const char *obstacle(const struct root *root, const struct snapshot *host)
{
	if (!root->real)
		return "it reads the running kernel only, and --root names a tree";
	if (!host->observer.in_init_pid_ns || !host->observer.in_init_user_ns)
		return "in a container's namespaces the kernel's numbers are not ours";
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || sizeof(void *) != 8)
		return "it is made for 64-bit little-endian machines";
	if (faccessat(root->fd, "sys/kernel/btf/vmlinux", R_OK, 0) < 0)
		return "this kernel does not describe itself (no /sys/kernel/btf/vmlinux)";
	return NULL;
}

struct bpf_source *bpf_source_new(const struct root *root, struct read_buffer *buffer, struct task_reader *reader,
				  const struct snapshot *host, char *why, size_t why_size)
{
	const char *reason = obstacle(root, host);
	struct bpf_source *source = reason ? NULL : calloc(1, sizeof *source);
	struct text bytes;
	bool whole = false;
	uint32_t cpus = 0, processes;
	if (!source) {
		snprintf(why, why_size, "%s", reason ? reason : "out of memory");
		return NULL;
	}
	source->root = root;
	source->buffer = buffer;
	source->reader = reader;
	kept_file_init(&source->online, "sys/devices/system/cpu/online");
	if (file_read(root, "sys/devices/system/cpu/possible", buffer, &bytes) == 0)
		cpus = end_of_list(text_trim(bytes), &whole);
	bpf_walk_init(&source->walk, root, BPF_WALK_CALL, whole ? cpus : 0);
	if (file_read(root, "sys/devices/system/node/possible", buffer, &bytes) == 0)
		source->possible_nodes = end_of_list(text_trim(bytes), &whole);
	int r = task_reader_count(reader, &processes);
	if (r < 0)
		snprintf(why, why_size, "the processes cannot be counted (%s)", strerror(-r));
	else
		r = load_any(source, processes, why, why_size);
	int n = r == 0 ? walk(source) : r;
	if (r == 0 && n < 0)
		snprintf(why, why_size, "the program does not run (%s)", strerror(-n));
	else if (r == 0 && (reason = distrust(source, host, n)))
		snprintf(why, why_size, "%s", reason);
	if (n >= 0 && !reason)
		return source;
	bpf_source_free(source);
	return NULL;
}

void bpf_source_free(struct bpf_source *source)
{
	if (!source)
		return;
	bpf_walk_done(&source->walk);
	kept_file_done(&source->online);
	cgroup_table_done(&source->cgroups);
	free(source->order);
	free(source->scratch);
	free(source->sharers);
	free(source);
}
