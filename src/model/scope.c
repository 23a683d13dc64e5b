/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What bounds an OOM, and who stands within the bounds.
 */
#include "oomsight/model/scope.h"

#include <assert.h>

#include "oomsight/base/units.h"
#include "oomsight/model/ranking.h"

const char *scope_name(enum scope_kind kind)
{
	static const char *const names[] = {
		[SCOPE_GLOBAL] = "global",
		[SCOPE_MEMCG] = "memcg",
		[SCOPE_CPUSET] = "cpuset",
		[SCOPE_MEMPOLICY] = "mempolicy",
	};
	static_assert(sizeof names / sizeof *names == SCOPE__COUNT, "a scope without a name");
	return names[kind];
}

const char *constraint_name(enum constraint constraint)
{
	static const char *const names[] = {
		[CONSTRAINT_NONE] = "CONSTRAINT_NONE",
		[CONSTRAINT_CPUSET] = "CONSTRAINT_CPUSET",
		[CONSTRAINT_MEMORY_POLICY] = "CONSTRAINT_MEMORY_POLICY",
		[CONSTRAINT_MEMCG] = "CONSTRAINT_MEMCG",
	};
	return names[constraint];
}

static bool binds_nodes(const struct snapshot *snap, const struct scope *scope)
{
	struct nodeset memory = snapshot_memory_nodes(snap);
	return !nodeset_is_within(&memory, &scope->nodes);
}

enum constraint scope_constraint(const struct snapshot *snap, const struct scope *scope)
{
	if (!scope || scope->kind == SCOPE_GLOBAL)
		return CONSTRAINT_NONE;
	if (scope->kind == SCOPE_MEMCG)
		return CONSTRAINT_MEMCG;
	if (!binds_nodes(snap, scope))
		return CONSTRAINT_NONE;
	return scope->kind == SCOPE_CPUSET ? CONSTRAINT_CPUSET : CONSTRAINT_MEMORY_POLICY;
}

/* --- totalpages ----------------------------------------------------------- */

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static bool swap_pages(const struct snapshot *snap, uint64_t *ret_pages)
{
	if (snap->page_bytes == 0 || !system_knows(&snap->system, SYS_SWAP_TOTAL))
		return false;
	*ret_pages = snap->system.value[SYS_SWAP_TOTAL] / snap->page_bytes;
	return true;
}

uint64_t memcg_limit(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg)
{
	uint64_t bytes;
	if (whatif && whatif_memcg_max(whatif, memcg, &bytes))
		return bytes;
	return memcg_has_limit(&snap->memcgs[memcg]) ? snap->memcgs[memcg].max_bytes : MEMCG_UNLIMITED;
}

bool memcg_kills_group(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg)
{
	bool on;
	if (whatif && whatif_memcg_oom_group(whatif, memcg, &on))
		return on;
	return memcg_knows(&snap->memcgs[memcg], MEMCG_OOM_GROUP) && snap->memcgs[memcg].oom_group;
}

/* mem_cgroup_swappiness(): v1 groups have one of their own. */
static int64_t swappiness_of(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg)
{
	const struct memcg *group = &snap->memcgs[memcg];
	if (snap->memcg_version == MEMCG_V1 && memcg_knows(group, MEMCG_SWAPPINESS))
		return group->swappiness;
	return whatif_sysctl(snap, whatif, SYSCTL_SWAPPINESS, 60);
}

/* mem_cgroup_get_max() and what it was before. In v1 swap is bounded by memsw,
 * memory and swap together; in v2 by memory.swap.max alone. */
static uint64_t memcg_totalpages(const struct snapshot *snap, const struct rules *rules, const struct whatif *whatif,
				 uint32_t memcg)
{
	uint64_t swap;
	if (memcg >= snap->nmemcgs || !swap_pages(snap, &swap))
		return 0;
	uint64_t limit = memcg_limit(snap, whatif, memcg);
	if (limit == MEMCG_UNLIMITED)
		return 0;
	const struct memcg *group = &snap->memcgs[memcg];
	uint64_t swap_max = memcg_knows(group, MEMCG_SWAP_MAX) ? group->swap_max_bytes : MEMCG_UNLIMITED;
	bool together = snap->memcg_version == MEMCG_V1;
	if (rules->memcg_swap == MEMCG_SWAP_AS_BYTES) {
		/* Bytes and pages were added up: swap counts for next to nothing. */
		uint64_t bytes = add_sat(limit, swap);
		bytes = together && swap_max < bytes ? swap_max : bytes;
		return bytes / snap->page_bytes > 0 ? bytes / snap->page_bytes : 1;
	}
	uint64_t pages = limit / snap->page_bytes;
	bool swaps = rules->memcg_swap == MEMCG_SWAP_ALWAYS || swappiness_of(snap, whatif, memcg) != 0;
	if (swaps && swap_max != MEMCG_UNLIMITED) {
		uint64_t most = swap_max / snap->page_bytes;
		most = together ? u64_sub_floor(most, pages) : most;
		swap = most < swap ? most : swap;
	}
	pages = add_sat(pages, swaps ? swap : 0);
	return pages > 0 ? pages : 1;
}

static uint64_t nodes_totalpages(const struct snapshot *snap, const struct scope *scope)
{
	uint64_t pages;
	if (snap->nnodes == 0 || !swap_pages(snap, &pages))
		return 0;
	bool any = false;
	for (uint32_t i = 0; i < snap->nnodes; i++) {
		if (nodeset_has(&scope->nodes, snap->nodes[i].id)) {
			pages = add_sat(pages, snap->nodes[i].present_pages);
			any = true;
		}
	}
	return any ? pages : 0;
}

uint64_t scope_totalpages(const struct snapshot *snap, const struct rules *rules, const struct whatif *whatif,
			  const struct scope *scope)
{
	switch (scope_constraint(snap, scope)) {
	case CONSTRAINT_MEMCG:
		return memcg_totalpages(snap, rules, whatif, scope->memcg);
	case CONSTRAINT_CPUSET:
	case CONSTRAINT_MEMORY_POLICY:
		return nodes_totalpages(snap, scope);
	case CONSTRAINT_NONE:
		break;
	}
	return ranking_totalpages(snap);
}

/* --- who is within --------------------------------------------------------- */

uint32_t memcg_domain_end(const struct snapshot *snap, uint32_t memcg)
{
	const struct memcg *group = &snap->memcgs[memcg];
	if (snap->memcg_version == MEMCG_V1 && memcg_knows(group, MEMCG_HIERARCHY) && !group->use_hierarchy)
		return memcg + 1;
	return group->end;
}

static enum membership in_memcg(const struct snapshot *snap, uint32_t memcg, const struct task *task)
{
	if (memcg >= snap->nmemcgs || task->memcg >= snap->nmemcgs)
		return MEMBER_UNKNOWN;
	return task->memcg >= memcg && task->memcg < memcg_domain_end(snap, memcg) ? MEMBER_YES : MEMBER_NO;
}

static enum membership meets(const struct nodeset *theirs, const struct nodeset *ours)
{
	if (!theirs)
		return MEMBER_UNKNOWN;
	return nodeset_intersects(theirs, ours) ? MEMBER_YES : MEMBER_NO;
}

/* The policy of the leader stands for those of its threads. */
static enum membership by_policy(const struct snapshot *snap, const struct rules *rules, const struct scope *scope,
				 const struct task *task)
{
	if (task->group_state[TASK_POLICY] == FACT_ABSENT)
		return MEMBER_YES; /* a kernel without NUMA */
	if (!task_knows(task, TASK_POLICY))
		return MEMBER_UNKNOWN;
	bool bound = task->policy == POLICY_BIND || (task->policy == POLICY_INTERLEAVE && rules->interleave_binds);
	return bound ? meets(snapshot_nodes(snap, task->policy_nodes), &scope->nodes) : MEMBER_YES;
}

enum membership scope_holds(const struct snapshot *snap, const struct rules *rules, const struct scope *scope,
			    const struct task *task)
{
	if (!scope || scope->kind == SCOPE_GLOBAL)
		return MEMBER_YES;
	if (scope->kind == SCOPE_MEMCG)
		return in_memcg(snap, scope->memcg, task);
	/* 2.6.32 only favours tasks of other nodes: badness() divides by 8. */
	if (rules->era == ERA_2_6_32 || !binds_nodes(snap, scope))
		return MEMBER_YES;
	if (scope->kind == SCOPE_MEMPOLICY)
		return by_policy(snap, rules, scope, task);
	return meets(snapshot_nodes(snap, task->mems), &scope->nodes);
}

/* --- headroom ---------------------------------------------------------------- */

static uint64_t stat_of(const struct memcg *memcg, enum memcg_stat stat)
{
	return memcg->stat_known >> stat & 1 ? memcg->stat_bytes[stat] : 0;
}

bool memcg_reclaimable(const struct memcg *memcg, uint64_t *ret_bytes)
{
	if (!memcg_knows(memcg, MEMCG_STAT))
		return false;
	uint64_t bytes = add_sat(add_sat(stat_of(memcg, MEMCG_STAT_INACTIVE_FILE), stat_of(memcg, MEMCG_STAT_ACTIVE_FILE)),
				 stat_of(memcg, MEMCG_STAT_SLAB_RECLAIMABLE));
	/* Flushed at another moment than the counter itself. */
	if (memcg_knows(memcg, MEMCG_USAGE) && bytes > memcg->usage_bytes)
		bytes = memcg->usage_bytes;
	*ret_bytes = bytes;
	return true;
}

/* How much of the group's anonymous memory swap would take. */
static uint64_t swappable(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg)
{
	const struct memcg *group = &snap->memcgs[memcg];
	if (!memcg_knows(group, MEMCG_STAT) || swappiness_of(snap, whatif, memcg) == 0)
		return 0;
	uint64_t bytes = add_sat(stat_of(group, MEMCG_STAT_INACTIVE_ANON), stat_of(group, MEMCG_STAT_ACTIVE_ANON));
	uint64_t room = system_get(&snap->system, SYS_SWAP_FREE, 0);
	if (snap->memcg_version == MEMCG_V2 && memcg_knows(group, MEMCG_SWAP_MAX) &&
	    group->swap_max_bytes != MEMCG_UNLIMITED) {
		uint64_t used = memcg_knows(group, MEMCG_SWAP_USAGE) ? group->swap_usage_bytes : 0;
		uint64_t left = u64_sub_floor(group->swap_max_bytes, used);
		room = left < room ? left : room;
	}
	return bytes < room ? bytes : room;
}

/* What usage leaves of a limit when `spare` of it can be had back; else what is
 * above it all the same. */
static void balance(uint64_t limit, uint64_t usage, uint64_t spare, uint64_t *ret_room, uint64_t *ret_excess)
{
	uint64_t most = add_sat(limit, spare);
	*ret_room = u64_sub_floor(most, usage);
	*ret_excess = u64_sub_floor(usage, most);
}

/* What the group's own limit leaves; false when it has none. */
static bool own_balance(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg, uint64_t *ret_room,
			uint64_t *ret_excess, bool *ret_exact)
{
	const struct memcg *group = &snap->memcgs[memcg];
	uint64_t limit = memcg_limit(snap, whatif, memcg), file = 0;
	if (limit == MEMCG_UNLIMITED || !memcg_knows(group, MEMCG_USAGE))
		return false;
	*ret_exact = memcg_reclaimable(group, &file);
	balance(limit, group->usage_bytes, add_sat(file, swappable(snap, whatif, memcg)), ret_room, ret_excess);
	/* v1: what goes to swap still counts against memory and swap together. */
	if (snap->memcg_version == MEMCG_V1 && memcg_knows(group, MEMCG_SWAP_MAX) &&
	    memcg_knows(group, MEMCG_SWAP_USAGE) && group->swap_max_bytes != MEMCG_UNLIMITED) {
		uint64_t room, excess;
		balance(group->swap_max_bytes, group->swap_usage_bytes, file, &room, &excess);
		*ret_room = room < *ret_room ? room : *ret_room;
		*ret_excess = excess > *ret_excess ? excess : *ret_excess;
	}
	return true;
}

bool memcg_balance(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg, uint64_t *ret_room_bytes,
		   uint64_t *ret_excess_bytes)
{
	bool exact;
	return own_balance(snap, whatif, memcg, ret_room_bytes, ret_excess_bytes, &exact);
}

bool memcg_headroom(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg, uint64_t *ret_bytes,
		    uint32_t *ret_limiting, bool *ret_exact)
{
	bool found = false;
	uint32_t at = memcg;
	while (at < snap->nmemcgs) {
		uint64_t bytes, excess;
		bool exact;
		if (memcg < memcg_domain_end(snap, at) && own_balance(snap, whatif, at, &bytes, &excess, &exact) &&
		    (!found || bytes < *ret_bytes)) {
			*ret_bytes = bytes;
			*ret_limiting = at;
			*ret_exact = exact;
			found = true;
		}
		uint32_t parent = snap->memcgs[at].parent;
		if (parent >= at)
			break; /* a broken recording could go round */
		at = parent;
	}
	return found;
}
