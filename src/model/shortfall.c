/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel kills until the allocation that failed succeeds, and one page is
 * enough for that. What an operator wants to know is when it is over: on the
 * host, and on nodes, the zones are at their min watermark when a kill comes and
 * kswapd rests only above high, so the distance between the two must come free;
 * in a memory cgroup, what its usage is above the limit once everything that can
 * be reclaimed is. To that comes what a what-if lets processes grow beyond the
 * room there is, and what is missing to watermarks that it raises above it.
 */
#include "shortfall.h"

#include "oomsight/base/units.h"
#include "oomsight/model/cascade.h"
#include "watermarks.h"

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

void shortfall_growth(const struct scope *scope, const struct snapshot *snap, const struct rules *rules,
		      const struct whatif *whatif, uint64_t *ret_more, uint64_t *ret_less)
{
	*ret_more = *ret_less = 0;
	for (uint32_t i = 0; whatif && i < whatif->ngrowths; i++) {
		const struct task *task = snapshot_find(snap, whatif->growths[i].pid);
		int64_t pages = whatif->growths[i].pages;
		if (!task || scope_holds(snap, rules, scope, task) != MEMBER_YES)
			continue;
		if (pages > 0)
			*ret_more = add_sat(*ret_more, snapshot_bytes(snap, (uint64_t)pages));
		else
			*ret_less = add_sat(*ret_less, snapshot_bytes(snap, 0 - (uint64_t)pages));
	}
}

/* Between min and high of the zones that count. False without any. */
static bool watermark_gap(const struct verdict *verdict, const struct snapshot *snap, const struct whatif *whatif,
			  uint64_t *ret_bytes)
{
	uint64_t pages = 0;
	bool any = false;
	for (uint32_t i = 0; i < snap->system.nzones; i++) {
		const struct zone *zone = &snap->system.zones[i];
		if (verdict->constraint != CONSTRAINT_NONE && !nodeset_has(&verdict->scope.nodes, zone->node))
			continue;
		any = true;
		const struct watermarks marks = watermarks_of(snap, whatif, i);
		pages = add_sat(pages, u64_sub_floor(marks.high_pages, marks.min_pages));
	}
	*ret_bytes = snapshot_bytes(snap, pages);
	return any;
}

bool memcg_shortfall(const struct snapshot *snap, const struct rules *rules, const struct whatif *whatif, uint32_t memcg,
		     uint64_t *ret_bytes)
{
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = memcg };
	uint64_t more, less, room, excess;
	if (memcg >= snap->nmemcgs || !memcg_balance(snap, whatif, memcg, &room, &excess))
		return false;
	shortfall_growth(&scope, snap, rules, whatif, &more, &less);
	*ret_bytes = u64_sub_floor(add_sat(more, excess), add_sat(room, less));
	return true;
}

void shortfall_find(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		    const struct whatif *whatif, uint64_t missing_bytes)
{
	uint64_t more, less, excess = 0;
	if (verdict->constraint == CONSTRAINT_MEMCG) {
		verdict->shortfall_known =
			memcg_shortfall(snap, rules, whatif, verdict->scope.memcg, &verdict->shortfall_bytes);
	} else {
		shortfall_growth(&verdict->scope, snap, rules, whatif, &more, &less);
		verdict->shortfall_known = watermark_gap(verdict, snap, whatif, &excess) &&
					   (more == 0 || verdict->headroom_known);
		verdict->shortfall_bytes = add_sat(excess, u64_sub_floor(add_sat(missing_bytes, more),
									 add_sat(verdict->headroom_bytes, less)));
	}
	if (!verdict->shortfall_known)
		verdict->shortfall_bytes = 0;
}

void shortfall_cover(struct verdict *verdict)
{
	uint64_t freed = 0;
	verdict->covering = 0;
	for (uint32_t i = 0; i < verdict->nkills && verdict->shortfall_known; i++) {
		freed = add_sat(freed, verdict->kills[i].frees_bytes);
		if (freed >= verdict->shortfall_bytes) {
			verdict->covering = i + 1;
			return;
		}
	}
}
