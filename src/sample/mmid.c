/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kcmp(2) tells whether two processes have one mm, but asking it of all pairs
 * would be quadratic. Who shares an mm shares all that stat shows of it: where
 * its stack starts (random for each exec), its virtual size, and its rss but
 * for what moved between the two reads. So tasks are sorted by their stack's
 * start, and only those of one start and like figures are compared: unrelated
 * programs never are, and of a server's forked workers few.
 */
#include "mmid.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oomsight/base/sort.h"

void mmid_init(struct mmid *mmid)
{
	*mmid = (struct mmid){ 0 };
}

void mmid_done(struct mmid *mmid)
{
	free(mmid->wanted);
	free(mmid->order);
	free(mmid->scratch);
	mmid_init(mmid);
}

int mmid_begin(struct mmid *mmid, uint32_t tasks)
{
	mmid->nwanted = 0;
	if (tasks <= mmid->capacity)
		return 0;
	mmid_done(mmid);
	mmid->wanted = malloc(tasks * sizeof *mmid->wanted);
	mmid->order = malloc(tasks * sizeof *mmid->order);
	mmid->scratch = malloc(tasks * sizeof *mmid->scratch);
	if (!mmid->wanted || !mmid->order || !mmid->scratch) {
		mmid_done(mmid);
		return -ENOMEM;
	}
	mmid->capacity = tasks;
	return 0;
}

void mmid_want(struct mmid *mmid, uint32_t task)
{
	mmid->wanted[mmid->nwanted++] = task;
}

static bool print_before(uint32_t a, uint32_t b, const void *context)
{
	const struct task *tasks = context;
	return tasks[a].stack_print < tasks[b].stack_print;
}

static bool is_alike(const struct task *a, const struct task *b)
{
	if (a->virt_bytes != b->virt_bytes || task_is_kthread(b) || b->through_thread || b->virt_bytes == 0)
		return false;
	uint64_t larger = a->rss_quick_pages > b->rss_quick_pages ? a->rss_quick_pages : b->rss_quick_pages;
	uint64_t smaller = a->rss_quick_pages + b->rss_quick_pages - larger;
	return larger - smaller <= 64 + larger / 16;
}

bool mmid_holds(const struct snapshot *snap, const struct task *task)
{
	if (task->mm_id == 0)
		return true;
	const struct task *owner = snapshot_find(snap, task->mm_id);
	return owner && owner->mm_id == task->mm_id && (owner == task || is_alike(task, owner));
}

/* 1: one mm, 0: two, or -errno. */
static int shares_mm(int32_t a, int32_t b)
{
	long r = syscall(SYS_kcmp, a, b, KCMP_VM, 0UL, 0UL);
	return r < 0 ? -errno : r == 0;
}

struct range {
	uint32_t first;
	uint32_t end;
};

static struct range range_of(const struct mmid *mmid, const struct snapshot *snap, uint32_t print)
{
	struct range range = { 0, snap->ntasks };
	while (range.first < range.end) {
		uint32_t mid = range.first + (range.end - range.first) / 2;
		if (snap->tasks[mmid->order[mid]].stack_print < print)
			range.first = mid + 1;
		else
			range.end = mid;
	}
	/* The first that is not equal, again by halves: many may be. */
	uint32_t high = snap->ntasks;
	while (range.end < high) {
		uint32_t mid = range.end + (high - range.end) / 2;
		if (snap->tasks[mmid->order[mid]].stack_print <= print)
			range.end = mid + 1;
		else
			high = mid;
	}
	return range;
}

/* a and b share: give them and all who share with either one id. */
static void join(const struct mmid *mmid, struct range range, struct snapshot *snap, struct task *a, struct task *b)
{
	int32_t id = a->pid < b->pid ? a->pid : b->pid;
	if (a->mm_id && a->mm_id < id)
		id = a->mm_id;
	if (b->mm_id && b->mm_id < id)
		id = b->mm_id;
	int32_t old_a = a->mm_id, old_b = b->mm_id;
	for (uint32_t i = range.first; i < range.end; i++) {
		struct task *task = &snap->tasks[mmid->order[i]];
		if (task == a || task == b || (task->mm_id && (task->mm_id == old_a || task->mm_id == old_b))) {
			task->mm_id = id;
			task->group_state[TASK_MMID] = FACT_KNOWN;
			task->age[TASK_MMID] = 0;
		}
	}
}

static bool is_family(const struct task *a, const struct task *b)
{
	return a->ppid == b->pid || b->ppid == a->pid;
}

/* What may still be spent in this tick. */
struct budget {
	unsigned calls; /* of kcmp */
	unsigned looks; /* at a task that might be compared */
};

/* Compare two that are alike. False when no call is left. */
static bool compare(const struct mmid *mmid, struct range range, struct snapshot *snap, struct task *task,
		    struct task *other, struct budget *budget, enum fact_state *state)
{
	if (task->mm_id && task->mm_id == other->mm_id)
		return true;
	if (budget->calls == 0)
		return false;
	budget->calls--;
	int r = shares_mm(task->pid, other->pid);
	if (r > 0)
		join(mmid, range, snap, task, other);
	else if (r == -EPERM || r == -EACCES)
		*state = FACT_DENIED;
	else if (r == -ENOSYS)
		*state = FACT_ABSENT;
	return true;
}

/* Compare one task with its parent alone: that costs no look at all the others. */
static void resolve_parent(const struct mmid *mmid, struct range range, struct snapshot *snap, struct task *task,
			   struct budget *budget)
{
	const struct task *found = snapshot_find(snap, task->ppid);
	enum fact_state state = FACT_UNKNOWN;
	if (!found)
		return;
	struct task *parent = &snap->tasks[found - snap->tasks];
	if (parent->stack_print == task->stack_print && is_alike(task, parent))
		compare(mmid, range, snap, task, parent, budget, &state);
}

/* Compare one task with those like it that are of its family, or with the
 * others. Whoever is made to share an mm is mostly its owner's child, so that
 * the families of all come first and are not starved by a server's workers. */
static void resolve_one(const struct mmid *mmid, struct range range, struct snapshot *snap, struct task *task,
			bool family, struct budget *budget)
{
	enum fact_state state = FACT_KNOWN;
	for (uint32_t i = range.first; i < range.end; i++) {
		struct task *other = &snap->tasks[mmid->order[i]];
		if (budget->looks == 0) {
			state = FACT_UNKNOWN;
			break;
		}
		budget->looks--;
		if (other == task || is_family(task, other) != family || !is_alike(task, other))
			continue;
		if (!compare(mmid, range, snap, task, other, budget, &state)) {
			state = FACT_UNKNOWN;
			break;
		}
	}
	/* What the family left unsettled the others cannot settle. */
	if (task->mm_id)
		task->group_state[TASK_MMID] = FACT_KNOWN;
	else if (family || task->group_state[TASK_MMID] == FACT_KNOWN)
		task->group_state[TASK_MMID] = (uint8_t)state;
	task->age[TASK_MMID] = 0;
}

void mmid_resolve(struct mmid *mmid, struct snapshot *snap)
{
	if (mmid->nwanted == 0)
		return;
	for (uint32_t i = 0; i < snap->ntasks; i++)
		mmid->order[i] = i;
	sort_indices(mmid->order, mmid->scratch, snap->ntasks, print_before, snap->tasks);
	struct budget budget = { .calls = MMID_CALLS, .looks = MMID_LOOKS };
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < mmid->nwanted; i++) {
			uint32_t index = mmid->wanted[i];
			struct range range = range_of(mmid, snap, snap->tasks[index].stack_print);
			if (round == 0)
				resolve_parent(mmid, range, snap, &snap->tasks[index], &budget);
			else
				resolve_one(mmid, range, snap, &snap->tasks[index], round == 1, &budget);
		}
	}
}
