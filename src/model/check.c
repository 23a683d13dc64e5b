/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts and the score of a task are read some microseconds apart, and the
 * kernel keeps the counts in batches. So what is compared is not one number of
 * ours but the range it can have had in between: strict for a task that stands
 * still away from a rounding edge, no wider than the task itself moved else.
 *
 * Where the score itself told that a task is not eligible, comparing would be
 * going round in a circle: those are counted apart. What could not be read is
 * left out.
 */
#include "oomsight/model/check.h"

#include <string.h>

struct range {
	int64_t low;
	int64_t high;
};

static void widen(struct range *range, int64_t value)
{
	if (value < range->low)
		range->low = value;
	if (value > range->high)
		range->high = value;
}

static bool is_fresh(const struct task *task)
{
	static const enum task_group groups[] = { TASK_STAT, TASK_STATUS, TASK_MM, TASK_ADJ, TASK_SCORE };
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		if (task->age[groups[i]] != 0)
			return false;
	}
	return task_knows(task, TASK_STAT) && task_knows(task, TASK_ADJ) && task_knows(task, TASK_SCORE);
}

/* Must this task print 0, whatever its size? Sets *ret_comparable false where
 * that cannot be told without the score. */
static bool prints_zero(const struct task *task, enum eligibility eligibility, bool *ret_comparable)
{
	*ret_comparable = true;
	if (eligibility == INELIGIBLE_KTHREAD || eligibility == INELIGIBLE_INIT ||
	    task->oom_score_adj <= OOM_SCORE_ADJ_MIN)
		return true;
	if (task->group_state[TASK_MM] == FACT_ABSENT) {
		/* A process that just lost its mm may print its old score for a moment. */
		*ret_comparable = task->oom_score == 0;
		return true;
	}
	*ret_comparable = task_knows(task, TASK_MM) && eligibility != INELIGIBLE_VFORK &&
			  eligibility != INELIGIBLE_REAPED && eligibility != INELIGIBLE_KERNEL &&
			  eligibility != INELIGIBLE_UNKNOWN &&
			  eligibility != INELIGIBLE_ADJ_MIN; /* by a what-if only: not judged further */
	return false;
}

/* The largest step a count can make at once: lib/percpu_counter.c from 6.2 on,
 * TASK_RSS_EVENTS_THRESH before. */
static int64_t batch_pages(const struct snapshot *snap)
{
	int64_t batch = 2 * (int64_t)snap->cpus;
	return batch < 64 ? 64 : batch;
}

static int64_t score_near(const struct rules *rules, const struct ranking *ranking, int64_t points, int64_t away)
{
	int64_t moved;
	if (__builtin_add_overflow(points, away, &moved))
		moved = points;
	return badness_oom_score(rules->era, moved, ranking->totalpages);
}

static bool agrees(const struct rates *rates, const struct snapshot *snap, const struct rules *rules,
		   const struct ranking *ranking, uint32_t index, int64_t ours)
{
	const struct task *task = &snap->tasks[index];
	int64_t kernels = task->oom_score;
	if (kernels == ours)
		return true;
	struct badness_parts parts = ranking_parts(ranking, snap, index);
	parts.adj = task->oom_score_adj;
	int64_t points = badness_points(rules->era, &parts, ranking->totalpages);

	struct range near = { ours, ours };
	widen(&near, score_near(rules, ranking, points, batch_pages(snap)));
	widen(&near, score_near(rules, ranking, points, -batch_pages(snap)));
	if (kernels >= near.low && kernels <= near.high && kernels - ours >= -1 && kernels - ours <= 1)
		return true;

	/* As far as it moved since the tick before, and what of its swap only
	 * the kernel sees. */
	struct range moved = { ours, ours };
	if (task->swap_pages > 0 && !task_knows(task, TASK_MARKS)) {
		widen(&moved, score_near(rules, ranking, points, (int64_t)rules->swap_error_pages));
		widen(&moved, score_near(rules, ranking, points, -(int64_t)rules->swap_error_pages));
	}
	const struct task_rate *before = rates ? rates_find(rates, task) : NULL;
	if (before && before->saw_stat && before->saw_mm) {
		const struct badness_parts now = task_badness_parts(snap, rules, task, task->oom_score_adj);
		const struct badness_parts then = {
			.rss_pages = rates_badness_pages(before, badness_pages(rules->era, &now)),
			.adj = before->saw_adj ? before->adj : now.adj,
			.root = now.root,
		};
		int64_t were = badness_points(rules->era, &then, ranking->totalpages);
		widen(&moved, badness_oom_score(rules->era, were, ranking->totalpages));
	}
	return kernels >= moved.low && kernels <= moved.high;
}

static void compare(struct check *check, const struct rates *rates, const struct snapshot *snap,
		    const struct rules *rules, const struct ranking *ranking, uint32_t index)
{
	const struct task *task = &snap->tasks[index];
	const struct candidate *candidate = &ranking->candidates[index];
	bool comparable;
	int64_t ours = 0;
	bool agreed;
	if (prints_zero(task, candidate->eligibility, &comparable)) {
		agreed = task->oom_score == 0;
	} else {
		struct badness_parts parts = ranking_parts(ranking, snap, index);
		parts.adj = task->oom_score_adj;
		int64_t points = badness_points(rules->era, &parts, ranking->totalpages);
		ours = badness_oom_score(rules->era, points, ranking->totalpages);
		agreed = comparable && agrees(rates, snap, rules, ranking, index, ours);
	}
	if (!comparable)
		return;
	check->compared++;
	if (agreed)
		check->agreed++;
	else if (check->ndifferences < CHECK_DIFFERENCES)
		check->differences[check->ndifferences++] =
			(struct check_difference){ task->pid, ours, task->oom_score };
}

void check_make(struct check *check, const struct rates *rates, const struct snapshot *snap,
		const struct rules *rules, const struct ranking *ranking)
{
	memset(check, 0, sizeof *check);
	/* The heuristic up to 2.6.35 looks at facts that are not sampled. */
	if (ranking->totalpages == 0 || rules->era < ERA_2_6_36)
		return;
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		if (ranking->candidates[i].eligibility == INELIGIBLE_KERNEL)
			check->by_kernels_word++;
		if (is_fresh(&snap->tasks[i]))
			compare(check, rates, snap, rules, ranking, i);
	}
}
