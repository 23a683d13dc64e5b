/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every memory cgroup at a glance: how near its limit is, and who would die if it
 * were met. One pass over the tasks and their groups; the whole verdict of one
 * group is ranking_make() and verdict_make() with its scope.
 */
#ifndef OOMSIGHT_MODEL_MEMCG_H
#define OOMSIGHT_MODEL_MEMCG_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/ranking.h"

struct memcg_outlook {
	uint64_t totalpages;     /* if its own limit were met; 0 when it has none */
	uint32_t tasks;          /* processes in its subtree, kernel threads left out */
	bool headroom_known;     /* a limit stands at it or above it */
	bool headroom_exact;     /* memory.stat was read: what is reclaimable counts */
	bool reclaimable_known;
	bool has_victim;         /* of its own limit */
	uint64_t headroom_bytes; /* see memcg_headroom() */
	uint64_t reclaimable_bytes;
	uint32_t limiting;       /* the group whose limit that is */
	uint32_t victim;         /* index of the task */
	int64_t victim_points;
};

struct memcg_outlooks {
	struct memcg_outlook *groups; /* one for each memcg of the snapshot */
	uint32_t n;
	uint32_t *nearest; /* the groups with a limit of their own, least headroom first */
	uint32_t nnearest;
	uint32_t *scratch;
	uint32_t capacity;
};

void memcg_outlooks_init(struct memcg_outlooks *outlooks);
void memcg_outlooks_done(struct memcg_outlooks *outlooks);

/* ranking: the global one of the same snapshot, rules and what-if. Returns 0 or
 * -ENOMEM (nothing is known of any group then). */
int memcg_outlooks_make(struct memcg_outlooks *outlooks, const struct snapshot *snap, const struct rules *rules,
			const struct ranking *ranking, const struct whatif *whatif);

#endif
