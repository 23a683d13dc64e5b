/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which out-of-memory situation a ranking and a verdict speak of: of the whole
 * host, of a memory cgroup at its limit, of an allocation bound to some nodes.
 */
#ifndef OOMSIGHT_MODEL_SCOPE_H
#define OOMSIGHT_MODEL_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/rules.h"
#include "oomsight/snapshot/snapshot.h"

struct whatif;

enum scope_kind {
	SCOPE_GLOBAL,
	SCOPE_MEMCG,     /* the group's own limit is met */
	SCOPE_CPUSET,    /* the allocating task's cpuset leaves it these nodes */
	SCOPE_MEMPOLICY, /* the allocation's policy leaves it these nodes */
	SCOPE__COUNT
};

/* "global" and so on, as in JSON. */
const char *scope_name(enum scope_kind kind);

/* All bits 0 is the global scope, and so is a NULL pointer wherever a scope is
 * taken. */
struct scope {
	enum scope_kind kind;
	bool sysrq;           /* asked for by SysRq-f; SCOPE_GLOBAL only */
	uint32_t memcg;       /* index in the snapshot, SCOPE_MEMCG only */
	struct nodeset nodes; /* SCOPE_CPUSET, SCOPE_MEMPOLICY only */
};

/* The kernel's word for it. A set of nodes that holds every node with memory
 * constrains nothing. */
enum constraint { CONSTRAINT_NONE, CONSTRAINT_CPUSET, CONSTRAINT_MEMORY_POLICY, CONSTRAINT_MEMCG };

const char *constraint_name(enum constraint constraint);
enum constraint scope_constraint(const struct snapshot *snap, const struct scope *scope);

/* Pages the scope may hold, swap included, as constrained_alloc() and
 * mem_cgroup_get_max() of these rules count them; 0 when not known, and for a
 * group without a limit. whatif may be NULL.
 * Source: mm/oom_kill.c constrained_alloc(), v6.18; mm/memcontrol.c
 * mem_cgroup_get_max(), v5.10, mem_cgroup_get_limit() before. */
uint64_t scope_totalpages(const struct snapshot *snap, const struct rules *rules, const struct whatif *whatif,
			  const struct scope *scope);

enum membership { MEMBER_NO, MEMBER_YES, MEMBER_UNKNOWN };

/* Does the kernel look at this task at all in this scope? Source:
 * mm/oom_kill.c oom_cpuset_eligible(), v6.18; mm/memcontrol.c
 * mem_cgroup_scan_tasks(). */
enum membership scope_holds(const struct snapshot *snap, const struct rules *rules, const struct scope *scope,
			    const struct task *task);

/* One past the last group whose memory counts against that group's limit: its
 * subtree's end, or the next group where v1 hierarchy is off. */
uint32_t memcg_domain_end(const struct snapshot *snap, uint32_t memcg);

/* The limit and memory.oom.group with the what-if over the snapshot.
 * memcg_limit returns MEMCG_UNLIMITED also when the limit is not known. */
uint64_t memcg_limit(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg);
bool memcg_kills_group(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg);

/* What could be allocated in the group before its limit, or one further up, is
 * met for good: limit - usage + file cache and slab that can be reclaimed + what
 * of its anonymous memory fits into swap. *ret_limiting: whose limit it is.
 * Returns false when no limit stands above it or nothing is known of usage;
 * *ret_exact is false when memory.stat was not read: then reclaimable memory
 * counts as none. Protection by memory.low and min is not looked at. */
bool memcg_headroom(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg, uint64_t *ret_bytes,
		    uint32_t *ret_limiting, bool *ret_exact);

/* By the group's own limit alone: what may still come, or what is above it once
 * everything is reclaimed and swapped that can be; one of the two is 0. False
 * without a limit of its own, or when its usage is not known. */
bool memcg_balance(const struct snapshot *snap, const struct whatif *whatif, uint32_t memcg, uint64_t *ret_room_bytes,
		   uint64_t *ret_excess_bytes);

/* Of the group's memory, what reclaim gets back without swap. False when
 * memory.stat was not read. */
bool memcg_reclaimable(const struct memcg *memcg, uint64_t *ret_bytes);

#endif
