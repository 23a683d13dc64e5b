/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who could be killed, and in which order the kernel prefers them.
 */
#ifndef OOMSIGHT_MODEL_RANKING_H
#define OOMSIGHT_MODEL_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/rules.h"
#include "oomsight/model/scope.h"
#include "oomsight/snapshot/snapshot.h"

enum eligibility {
	ELIGIBLE,
	INELIGIBLE_INIT,     /* pid 1 of the initial pid namespace */
	INELIGIBLE_KTHREAD,
	INELIGIBLE_ADJ_MIN,  /* oom_score_adj -1000 */
	INELIGIBLE_NO_MM,    /* zombie without a living thread, or its mm is released */
	INELIGIBLE_VFORK,    /* lent its parent's mm until it calls exec */
	INELIGIBLE_REAPED,   /* already a victim, its memory taken */
	INELIGIBLE_OUTSIDE,  /* not in the group, or on the nodes, that ran short */
	INELIGIBLE_KERNEL,   /* the kernel's own oom_score says no, and the files do not say why */
	INELIGIBLE_UNKNOWN,  /* a part could not be read */
	ELIGIBILITY__COUNT
};

/* "kernel_thread" and so on, for JSON; and a sentence part for people. */
const char *eligibility_name(enum eligibility eligibility);
const char *eligibility_because(enum eligibility eligibility);

/* Changes that have not happened: what if. Merged over a snapshot's facts. */
struct whatif_adj {
	int32_t pid;
	int16_t adj;
};

/* This process grows by so many pages of anonymous memory (or shrinks). */
struct whatif_growth {
	int32_t pid;
	int64_t pages;
};

/* Changes of a memory cgroup. */
struct whatif_memcg {
	uint32_t memcg; /* index in the snapshot */
	bool max_set;
	bool oom_group_set;
	bool oom_group;
	uint64_t max_bytes; /* or MEMCG_UNLIMITED */
};

struct whatif {
	struct whatif_adj *adjs; /* by ascending pid, one each */
	uint32_t nadjs;
	uint32_t adjs_capacity;
	struct whatif_growth *growths; /* by ascending pid, one each */
	uint32_t ngrowths;
	uint32_t growths_capacity;
	struct whatif_memcg *memcgs; /* one a group */
	uint32_t nmemcgs;
	uint32_t memcgs_capacity;
	bool sysctl_set[SYSCTL__COUNT];
	int64_t sysctl[SYSCTL__COUNT];
};

void whatif_init(struct whatif *whatif);
void whatif_done(struct whatif *whatif);
void whatif_clear(struct whatif *whatif); /* no changes, memory kept */

/* Set or replace one adj. Returns 0 or -ENOMEM. */
int whatif_set_adj(struct whatif *whatif, int32_t pid, int16_t adj);

/* The same as a write of the file does it: everybody known to share the mm gets
 * the value too, but for the global init and kernel threads. Returns 0 or
 * -ENOMEM (some may be set then). Source: fs/proc/base.c __set_oom_adj(), v4.9. */
int whatif_write_adj(struct whatif *whatif, const struct snapshot *snap, int32_t pid, int16_t adj);

/* Set or replace the growth of one process. Returns 0 or -ENOMEM. */
int whatif_set_growth(struct whatif *whatif, int32_t pid, int64_t pages);

/* Set or replace one setting of a memory cgroup, by its index in the snapshot
 * that will be asked about: indices shift when groups come and go. Return 0 or
 * -ENOMEM. */
int whatif_set_memcg_max(struct whatif *whatif, uint32_t memcg, uint64_t max_bytes);
int whatif_set_memcg_oom_group(struct whatif *whatif, uint32_t memcg, bool on);

/* Does the what-if set it? Then *ret_... is the value. */
bool whatif_memcg_max(const struct whatif *whatif, uint32_t memcg, uint64_t *ret_bytes);
bool whatif_memcg_oom_group(const struct whatif *whatif, uint32_t memcg, bool *ret_on);

void whatif_set_sysctl(struct whatif *whatif, enum sysctl_id id, int64_t value);

/* The sysctl's value with the what-if over the snapshot; `otherwise` when the
 * snapshot does not know it. whatif may be NULL. A what-if that sets only one of
 * vm.overcommit_ratio and vm.overcommit_kbytes makes the other 0, as the write
 * would. */
int64_t whatif_sysctl(const struct snapshot *snap, const struct whatif *whatif, enum sysctl_id id, int64_t otherwise);

/* There is one for each task: ordered so that nothing is lost between the fields. */
struct candidate {
	int64_t points;   /* only when eligible; INT64_MAX for a task in swapoff */
	uint32_t rank;    /* 1 is killed first; 0 when not eligible */
	int16_t adj;      /* the one counted: the what-if's if there is one */
	enum eligibility eligibility : 8;
	bool origin;      /* in swapoff(2): chosen before everybody */
};

struct ranking {
	struct scope scope;  /* what was asked about */
	struct rules rules;  /* by which */
	uint64_t totalpages; /* of that scope; 0: not known or no limit, nobody is ranked */
	struct candidate *candidates; /* one for each task, same index */
	uint32_t *pids; /* likewise: who the indices were, for the ranking after; sorted in before */
	uint32_t ntasks;
	uint32_t *order; /* indices of the eligible tasks, first killed first */
	uint32_t norder;
	uint32_t capacity;
	struct whatif_growth *growths; /* the what-if's, by ascending pid */
	uint32_t ngrowths;
	uint32_t growths_capacity;
};

void ranking_init(struct ranking *ranking);
void ranking_done(struct ranking *ranking);

/* Rank all tasks of a snapshot.
 *
 * whatif: changes to assume, or NULL. scope: which OOM, NULL for a global one. The
 * previous content of *ranking only speeds up sorting. Returns 0; -ENOMEM
 * (unchanged); -ENODATA when totalpages is not known, or the scope is a group
 * without a limit (then every candidate is judged for eligibility and none ranked).
 * Source: mm/oom_kill.c oom_evaluate_task(), oom_badness(); kernel-wide order
 * of equals: start time, then pid, the later wins from 5.3 on. In a memory cgroup
 * the order of the groups comes first (mm/memcontrol.c mem_cgroup_scan_tasks()):
 * of two equals in different groups the one in the group walked later wins, and
 * within a group the later forked or moved there, for which start time stands.
 */
int ranking_make(struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
		 const struct whatif *whatif, const struct scope *scope);

/* How the points of an eligible task came about under the rules it was ranked by.
 * None for a task in swapoff, and for who is not eligible. */
void ranking_explain(const struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
		     uint32_t index, struct badness_steps *ret_steps);

/* What the points of a task are made of with this adj. */
struct badness_parts task_badness_parts(const struct snapshot *snap, const struct rules *rules, const struct task *task,
					int adj);

/* By how many pages the what-if lets it grow; negative where it shrinks. */
int64_t ranking_growth_pages(const struct ranking *ranking, const struct task *task);

/* What the points of the task at `index` are made of, its growth counted in rss_pages.
 * snap: the one that was ranked. */
struct badness_parts ranking_parts(const struct ranking *ranking, const struct snapshot *snap, uint32_t index);

/* Would the task at index a, with that many points, be killed before the one at b? */
bool ranking_kills_before(const struct ranking *ranking, const struct snapshot *snap, uint32_t a, int64_t points_a,
			  uint32_t b, int64_t points_b);

/* Up to 2.6.35 a process answers for half of each child: the points of an eligible
 * one when the children are gone whose mark in `marks` (one for each task) is 1 to
 * `last_mark`. Under later rules, and in swapoff, its points as they are. */
int64_t ranking_points_without(const struct ranking *ranking, const struct snapshot *snap, uint32_t index,
			       const uint8_t *marks, unsigned last_mark);

/* RAM + swap in pages, as a global OOM counts them; 0 when not known. */
uint64_t ranking_totalpages(const struct snapshot *snap);

/* The adj values at which the task at `index` would hold rank `rank` (1 = the
 * next victim), others unchanged: largest adj such that its rank is at least
 * `rank` (that is, as many as rank-1 others stand before it). Returns false
 * when no adj in -999 .. 1000 does, and for tasks that are not eligible for
 * another reason than adj -1000. For "leaves the top": rank 2. */
bool ranking_adj_for_rank(const struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
			  uint32_t index, uint32_t rank, int *ret_adj);

#endif
