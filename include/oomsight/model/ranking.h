/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who could be killed, and in which order the kernel prefers them.
 */
#ifndef OOMSIGHT_MODEL_RANKING_H
#define OOMSIGHT_MODEL_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/rules.h"
#include "oomsight/snapshot/snapshot.h"

enum eligibility {
	ELIGIBLE,
	INELIGIBLE_INIT,     /* pid 1 of the initial pid namespace */
	INELIGIBLE_KTHREAD,
	INELIGIBLE_ADJ_MIN,  /* oom_score_adj -1000 */
	INELIGIBLE_NO_MM,    /* zombie without a living thread, or its mm is released */
	INELIGIBLE_VFORK,    /* lent its parent's mm until it calls exec */
	INELIGIBLE_REAPED,   /* already a victim, its memory taken */
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

struct whatif {
	struct whatif_adj *adjs; /* by ascending pid, one each */
	uint32_t nadjs;
	uint32_t adjs_capacity;
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

void whatif_set_sysctl(struct whatif *whatif, enum sysctl_id id, int64_t value);

/* The sysctl's value with the what-if over the snapshot; `otherwise` when the
 * snapshot does not know it. whatif may be NULL. A what-if that sets only one of
 * vm.overcommit_ratio and vm.overcommit_kbytes makes the other 0, as the write
 * would. */
int64_t whatif_sysctl(const struct snapshot *snap, const struct whatif *whatif, enum sysctl_id id, int64_t otherwise);

struct candidate {
	enum eligibility eligibility;
	int adj;          /* the one counted: the what-if's if there is one */
	uint32_t rank;    /* 1 is killed first; 0 when not eligible */
	struct badness_parts parts;
	int64_t points;   /* only when eligible */
};

struct ranking {
	uint64_t totalpages; /* 0: not known, nobody is ranked */
	struct candidate *candidates; /* one for each task, same index */
	int32_t *pids; /* likewise: who the indices were, for the ranking after */
	uint32_t ntasks;
	uint32_t *order; /* indices of the eligible tasks, first killed first */
	uint32_t norder;
	uint32_t *scratch;
	uint32_t capacity;
};

void ranking_init(struct ranking *ranking);
void ranking_done(struct ranking *ranking);

/* Rank all tasks of a snapshot for a global OOM.
 *
 * whatif: changes to assume, or NULL. The previous content of *ranking only
 * speeds up sorting. Returns 0; -ENOMEM (unchanged); -ENODATA when totalpages
 * is not known (then every candidate is judged for eligibility and none ranked).
 * Source: mm/oom_kill.c oom_evaluate_task(), oom_badness(); kernel-wide order
 * of equals: start time, then pid, the later wins from 5.3 on.
 */
int ranking_make(struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
		 const struct whatif *whatif);

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
