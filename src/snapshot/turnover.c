/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The array during a turnover:
 *
 *	| tasks of next | free | old tasks not met yet | free |
 *	0            ntasks   old                   old_end   capacity
 *
 * A task that was there before is read from its place before its successor is
 * written, at that place or below it. Where the free part between the two is used up, by
 * a process whose pid is below others' that were there before, the old tasks
 * are moved up; new pids are mostly above all others, and then nothing moves.
 */
#include "oomsight/snapshot/turnover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void swap_arrays(struct snapshot *a, struct snapshot *b)
{
	struct task *tasks = a->tasks;
	uint32_t capacity = a->tasks_capacity;
	a->tasks = b->tasks;
	a->tasks_capacity = b->tasks_capacity;
	b->tasks = tasks;
	b->tasks_capacity = capacity;
}

int turnover_begin(struct turnover *turnover, struct snapshot *prev, struct snapshot *next, uint32_t tasks)
{
	bool whole = prev && (prev->tasks_state == TASKS_WHOLE || prev->tasks_state == TASKS_RECALLED);
	if (!whole) {
		if (prev)
			prev->tasks_state = TASKS_LOST;
		*turnover = (struct turnover){ .next = next };
		return snapshot_reserve_tasks(next, tasks);
	}
	uint32_t old = prev->ntasks;
	swap_arrays(prev, next);
	int r = snapshot_reserve_tasks(next, tasks > old ? tasks : old);
	/* All may have changed. What is not written costs no memory. */
	if (r == 0)
		r = snapshot_reserve_tasks(prev, old);
	if (r < 0) {
		swap_arrays(prev, next);
		return r;
	}
	*turnover = (struct turnover){ .prev = prev, .next = next, .old_end = old };
	prev->tasks_state = TASKS_HANDED_OVER;
	prev->ntasks = 0;
	return 0;
}

/* --- does it look the same to the OOM killer? -------------------------------- */

static bool is_text_equal(const struct turnover *turnover, struct text_ref was, struct text_ref is)
{
	return text_equal(snapshot_text(turnover->prev, was), snapshot_text(turnover->next, is));
}

static bool is_ref_equal(struct text_ref a, struct text_ref b)
{
	return a.offset == b.offset && a.len == b.len;
}

/* Tasks side by side are mostly of one group. */
static bool is_cgroup_equal(struct turnover *turnover, const struct task *was, const struct task *is)
{
	if (!is_ref_equal(was->cgroup, turnover->cgroup_was) || !is_ref_equal(is->cgroup, turnover->cgroup_is)) {
		if (!is_text_equal(turnover, was->cgroup, is->cgroup))
			return false;
		turnover->cgroup_was = was->cgroup;
		turnover->cgroup_is = is->cgroup;
	}
	if (turnover->memcgs_known && turnover->memcg_was == was->memcg && turnover->memcg_is == is->memcg)
		return true;
	const struct snapshot *prev = turnover->prev, *next = turnover->next;
	bool before = was->memcg < prev->nmemcgs, now = is->memcg < next->nmemcgs;
	if (before != now ||
	    (now && !is_text_equal(turnover, prev->memcgs[was->memcg].path, next->memcgs[is->memcg].path)))
		return false;
	turnover->memcgs_known = true;
	turnover->memcg_was = was->memcg;
	turnover->memcg_is = is->memcg;
	return true;
}

static bool looks_same(struct turnover *turnover, const struct task *was, const struct task *is)
{
	return was->rss_quick_pages == is->rss_quick_pages && was->rss_pages == is->rss_pages &&
	       was->swap_pages == is->swap_pages && was->swap_quick_pages == is->swap_quick_pages &&
	       was->pgtables_bytes == is->pgtables_bytes && was->virt_bytes == is->virt_bytes &&
	       was->oom_score == is->oom_score && was->oom_score_adj == is->oom_score_adj &&
	       was->oom_score_adj_min == is->oom_score_adj_min && was->flags == is->flags && was->state == is->state &&
	       was->marks == is->marks && was->sigkill_pending == is->sigkill_pending &&
	       was->through_thread == is->through_thread && was->mm_id == is->mm_id && was->ppid == is->ppid &&
	       was->uid == is->uid && was->cap_eff == is->cap_eff && was->nice == is->nice &&
	       was->threads == is->threads && was->mems == is->mems && was->policy == is->policy &&
	       was->policy_nodes == is->policy_nodes &&
	       memcmp(was->group_state, is->group_state, sizeof was->group_state) == 0 &&
	       is_text_equal(turnover, was->comm, is->comm) && is_cgroup_equal(turnover, was, is);
}

/* --- one after the other ------------------------------------------------------- */

/* There is room: turnover_begin saw to it. */
static void keep(struct turnover *turnover, const struct task *was)
{
	turnover->prev->tasks[turnover->prev->ntasks++] = *was;
}

/* What whoever carries a task may set in it. */
static void copy_set(const struct task *from, struct task *to)
{
	to->comm = from->comm;
	to->cgroup = from->cgroup;
	to->memcg = from->memcg;
	to->nice = from->nice;
	to->cpu_ticks = from->cpu_ticks;
	memcpy(to->group_state, from->group_state, sizeof to->group_state);
	memcpy(to->age, from->age, sizeof to->age);
}

/* A carried task as it was. */
static void put_back(const struct turnover *turnover, const struct task *carried, struct task *ret)
{
	if (ret != carried)
		*ret = *carried;
	copy_set(&turnover->was, ret);
}

static void settle_renewed(struct turnover *turnover, struct task *is)
{
	const struct task *was = turnover->met ? &turnover->was : NULL;
	is->fresh = !was || !task_same(is, was);
	if (was && (is->fresh || !looks_same(turnover, was, is)))
		keep(turnover, was);
}

static void settle_carried(struct turnover *turnover, struct task *is)
{
	const struct task *was = &turnover->was;
	is->fresh = false;
	if (was->nice != is->nice || memcmp(was->group_state, is->group_state, sizeof was->group_state) != 0 ||
	    !is_cgroup_equal(turnover, was, is))
		put_back(turnover, is, &turnover->prev->tasks[turnover->prev->ntasks++]);
}

/* The pid met last is through. */
static void settle(struct turnover *turnover)
{
	struct snapshot *next = turnover->next;
	if (turnover->added == RENEWED)
		settle_renewed(turnover, &next->tasks[next->ntasks - 1]);
	else if (turnover->added == CARRIED)
		settle_carried(turnover, &next->tasks[next->ntasks - 1]);
	else if (turnover->met)
		keep(turnover, &next->tasks[turnover->old - 1]);
	turnover->added = NOT_ADDED;
	turnover->met = false;
}

/* Move the old tasks up. Without memory for that one of them makes room. */
static void make_room(struct turnover *turnover)
{
	struct snapshot *next = turnover->next;
	uint32_t left = turnover->old_end - turnover->old, more = 16 + left / 16;
	if (snapshot_reserve_tasks(next, turnover->old_end + more) < 0) {
		keep(turnover, &next->tasks[turnover->old++]);
		return;
	}
	struct task *old = &next->tasks[turnover->old];
	memmove(old + more, old, left * sizeof *old);
	turnover->old += more;
	turnover->old_end += more;
	turnover->shift += more;
}

const struct task *turnover_meet(struct turnover *turnover, int32_t pid)
{
	struct snapshot *next = turnover->next;
	if (turnover->pid != pid) {
		settle(turnover);
		while (turnover->old < turnover->old_end && next->tasks[turnover->old].pid < pid)
			keep(turnover, &next->tasks[turnover->old++]);
		turnover->pid = pid;
		turnover->met = turnover->old < turnover->old_end && next->tasks[turnover->old].pid == pid;
		if (turnover->met)
			turnover->old++;
		else if (turnover->old < turnover->old_end && turnover->old == next->ntasks)
			make_room(turnover);
	}
	return turnover->met ? &next->tasks[turnover->old - 1] : NULL;
}

struct task *turnover_renew(struct turnover *turnover, const struct task **was)
{
	if (turnover->met)
		turnover->was = turnover->next->tasks[turnover->old - 1];
	struct task *task = snapshot_add_task(turnover->next, turnover->pid);
	if (!task)
		return NULL;
	turnover->added = RENEWED;
	if (*was)
		*was = &turnover->was;
	return task;
}

struct task *turnover_carry(struct turnover *turnover)
{
	struct snapshot *next = turnover->next;
	const struct task *from = &next->tasks[turnover->old - 1];
	struct task *to = &next->tasks[next->ntasks++];
	copy_set(from, &turnover->was);
	turnover->added = CARRIED;
	if (to != from)
		*to = *from;
	return to;
}

void turnover_drop(struct turnover *turnover)
{
	struct snapshot *next = turnover->next;
	const struct task *added = &next->tasks[--next->ntasks];
	if (turnover->met && turnover->added == RENEWED)
		next->tasks[turnover->old - 1] = turnover->was;
	else if (turnover->met)
		put_back(turnover, added, &next->tasks[turnover->old - 1]);
	turnover->added = NOT_ADDED;
}

const struct task *turnover_ahead(const struct turnover *turnover, int32_t pid)
{
	const struct task *tasks = turnover->next->tasks;
	uint32_t low = turnover->old, high = turnover->old_end;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (tasks[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < turnover->old_end && tasks[low].pid == pid ? &tasks[low] : NULL;
}

void turnover_end(struct turnover *turnover)
{
	settle(turnover);
	while (turnover->old < turnover->old_end)
		keep(turnover, &turnover->next->tasks[turnover->old++]);
}

/* --- and back -------------------------------------------------------------------- */

/* Which of prev's groups is that of next; last: the one found for at_last, which the
 * task before was in, since looking for one walks them all. */
static uint32_t group_back(const struct snapshot *prev, const struct snapshot *next, uint32_t is, uint32_t at_last,
			   uint32_t last)
{
	if (is >= next->nmemcgs)
		return TASK_MEMCG_UNKNOWN;
	return is == at_last ? last : snapshot_find_memcg(prev, snapshot_text(next, next->memcgs[is].path));
}

/* The task as it is stood in prev as well: let its texts be prev's. */
static int bring_back(struct snapshot *prev, const struct snapshot *next, const struct task *is, struct task *ret)
{
	*ret = *is;
	int r = snapshot_add_text(prev, snapshot_text(next, is->comm), &ret->comm);
	return r < 0 ? r : snapshot_add_text(prev, snapshot_text(next, is->cgroup), &ret->cgroup);
}

int turnover_recall(struct snapshot *prev, const struct snapshot *next)
{
	if (prev->tasks_state == TASKS_LOST)
		return -ENODATA;
	if (prev->tasks_state != TASKS_HANDED_OVER)
		return 0;
	uint32_t capacity = prev->ntasks + next->ntasks, n = 0, kept = 0;
	uint32_t memcg_is = TASK_MEMCG_UNKNOWN, memcg_was = TASK_MEMCG_UNKNOWN;
	struct task *whole = malloc((capacity + 1) * sizeof *whole);
	if (!whole)
		return -ENOMEM;
	for (uint32_t i = 0; i <= next->ntasks; i++) {
		const struct task *is = i < next->ntasks ? &next->tasks[i] : NULL;
		while (kept < prev->ntasks && (!is || prev->tasks[kept].pid < is->pid))
			whole[n++] = prev->tasks[kept++];
		if (!is || is->fresh || (kept < prev->ntasks && prev->tasks[kept].pid == is->pid))
			continue;
		if (bring_back(prev, next, is, &whole[n]) < 0) {
			free(whole);
			return -ENOMEM;
		}
		memcg_was = group_back(prev, next, is->memcg, memcg_is, memcg_was);
		memcg_is = is->memcg;
		whole[n++].memcg = memcg_was;
	}
	free(prev->tasks);
	prev->tasks = whole;
	prev->ntasks = n;
	prev->tasks_capacity = capacity + 1;
	prev->tasks_state = TASKS_RECALLED;
	return 0;
}
