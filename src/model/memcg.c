/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ranking all tasks anew for each group would cost tasks times groups. But who is
 * eligible was judged for the global ranking, and a task belongs only to the
 * groups on its way up: so each task is offered to these, a few, and each keeps
 * the worst.
 */
#include "oomsight/model/memcg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "oomsight/base/sort.h"

void memcg_outlooks_init(struct memcg_outlooks *outlooks)
{
	memset(outlooks, 0, sizeof *outlooks);
}

void memcg_outlooks_done(struct memcg_outlooks *outlooks)
{
	free(outlooks->groups);
	free(outlooks->nearest);
	free(outlooks->scratch);
	memcg_outlooks_init(outlooks);
}

static int reserve(struct memcg_outlooks *outlooks, uint32_t n)
{
	if (n <= outlooks->capacity)
		return 0;
	uint32_t capacity = grown_capacity(outlooks->capacity, n);
	struct memcg_outlook *groups = realloc(outlooks->groups, (size_t)capacity * sizeof *groups);
	if (groups)
		outlooks->groups = groups;
	uint32_t *nearest = realloc(outlooks->nearest, (size_t)capacity * sizeof *nearest);
	if (nearest)
		outlooks->nearest = nearest;
	uint32_t *scratch = realloc(outlooks->scratch, (size_t)capacity * sizeof *scratch);
	if (scratch)
		outlooks->scratch = scratch;
	if (!groups || !nearest || !scratch)
		return -ENOMEM;
	outlooks->capacity = capacity;
	return 0;
}

/* Of two equals, is the task at index a killed before that at b in a memcg OOM? */
static bool wins_tie(const struct snapshot *snap, bool later_wins, uint32_t a, uint32_t b)
{
	const struct task *x = &snap->tasks[a], *y = &snap->tasks[b];
	bool later = x->memcg != y->memcg		? x->memcg > y->memcg :
		     x->start_ticks != y->start_ticks ? x->start_ticks > y->start_ticks :
							x->pid > y->pid;
	return later == later_wins;
}

static void offer(struct memcg_outlook *group, const struct snapshot *snap, const struct rules *rules,
		  const struct candidate *candidate, const struct badness_parts *parts, uint32_t index)
{
	/* The heuristic up to 2.6.35 knows no totalpages. */
	int64_t points = rules->era == ERA_2_6_32 || candidate->origin ? candidate->points :
						    badness_points(rules->era, parts, group->totalpages);
	if (group->has_victim && (points < group->victim_points ||
				  (points == group->victim_points &&
				   !wins_tie(snap, rules->later_wins, index, group->victim))))
		return;
	group->has_victim = true;
	group->victim = index;
	group->victim_points = points;
}

static bool is_nearer(uint32_t a, uint32_t b, const void *context)
{
	const struct memcg_outlook *groups = context;
	bool known_a = groups[a].headroom_known, known_b = groups[b].headroom_known;
	if (known_a != known_b)
		return known_a;
	if (known_a && groups[a].headroom_bytes != groups[b].headroom_bytes)
		return groups[a].headroom_bytes < groups[b].headroom_bytes;
	return a < b;
}

int memcg_outlooks_make(struct memcg_outlooks *outlooks, const struct snapshot *snap, const struct rules *rules,
			const struct ranking *ranking, const struct whatif *whatif)
{
	outlooks->n = outlooks->nnearest = 0;
	int r = reserve(outlooks, snap->nmemcgs);
	if (r < 0)
		return r;
	struct memcg_outlook *groups = outlooks->groups;
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = i };
		struct memcg_outlook *group = &groups[i];
		*group = (struct memcg_outlook){ .totalpages = scope_totalpages(snap, rules, whatif, &scope) };
		group->headroom_known = memcg_headroom(snap, whatif, i, &group->headroom_bytes, &group->limiting,
						       &group->headroom_exact);
		group->reclaimable_known = memcg_reclaimable(&snap->memcgs[i], &group->reclaimable_bytes);
		if (memcg_limit(snap, whatif, i) != MEMCG_UNLIMITED)
			outlooks->nearest[outlooks->nnearest++] = i;
	}
	outlooks->n = snap->nmemcgs;
	for (uint32_t i = 0; i < snap->ntasks && i < ranking->ntasks; i++) {
		const struct candidate *candidate = &ranking->candidates[i];
		const struct badness_parts parts = ranking_parts(ranking, snap, i);
		uint32_t at = snap->tasks[i].memcg;
		while (at < snap->nmemcgs) {
			if (candidate->eligibility != INELIGIBLE_KTHREAD)
				groups[at].tasks++;
			if (candidate->eligibility == ELIGIBLE && groups[at].totalpages > 0 &&
			    snap->tasks[i].memcg < memcg_domain_end(snap, at))
				offer(&groups[at], snap, rules, candidate, &parts, i);
			uint32_t parent = snap->memcgs[at].parent;
			if (parent >= at)
				break;
			at = parent;
		}
	}
	sort_indices(outlooks->nearest, outlooks->scratch, outlooks->nnearest, is_nearer, groups);
	return 0;
}
