/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memcg_forecast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What one group did. The path is known by its hash: were two ever the same, their
 * figures would make no trend. */
struct memcg_history {
	uint64_t path;  /* 0: free */
	uint64_t tick;  /* when it was last seen */
	uint64_t kills;
	struct forecast forecast;
};

int memcg_forecasts_reserve(struct memcg_forecasts *forecasts, uint32_t groups)
{
	if (groups <= forecasts->capacity)
		return 0;
	struct memcg_history *histories = realloc(forecasts->histories, groups * sizeof *histories);
	if (!histories)
		return -ENOMEM;
	memset(histories + forecasts->capacity, 0, (groups - forecasts->capacity) * sizeof *histories);
	forecasts->histories = histories;
	forecasts->capacity = groups;
	return 0;
}

void memcg_forecasts_done(struct memcg_forecasts *forecasts)
{
	free(forecasts->histories);
	*forecasts = (struct memcg_forecasts){ .histories = NULL };
}

/* FNV-1a; never 0. */
static uint64_t hash_of(struct text path)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (size_t i = 0; i < path.len; i++)
		hash = (hash ^ (unsigned char)path.ptr[i]) * 0x100000001b3;
	return hash | 1;
}

/* Its history, or the place of one not seen in the last tick, emptied. */
static struct memcg_history *find(struct memcg_forecasts *forecasts, uint64_t path, uint64_t tick)
{
	struct memcg_history *unused = NULL;
	for (uint32_t i = 0; i < forecasts->capacity; i++) {
		struct memcg_history *history = &forecasts->histories[i];
		if (history->path == path)
			return history;
		if (!unused && (history->path == 0 || history->tick + 1 < tick))
			unused = history;
	}
	if (unused) {
		memset(unused, 0, sizeof *unused);
		unused->path = path;
	}
	return unused;
}

const struct forecast *memcg_forecast(struct memcg_forecasts *forecasts, const struct snapshot *snap, uint32_t memcg,
				      const struct memcg_outlook *outlook)
{
	const struct memcg *group = &snap->memcgs[memcg];
	if (!outlook->headroom_known || !outlook->headroom_exact || outlook->totalpages == 0)
		return NULL;
	struct memcg_history *history = find(forecasts, hash_of(snapshot_text(snap, group->path)), snap->tick);
	if (!history)
		return NULL;
	uint64_t kills = memcg_knows(group, MEMCG_EVENTS) ? group->events[MEMCG_EVENT_OOM_KILL] : 0;
	/* A group that was away for a tick, or had a kill, begins anew. */
	if (history->tick + 1 < snap->tick || history->kills != kills)
		forecast_reset(&history->forecast);
	history->tick = snap->tick;
	history->kills = kills;
	const struct headroom headroom = {
		.bytes = outlook->headroom_bytes,
		.least_bytes = outlook->headroom_bytes,
		.limit_bytes = snapshot_bytes(snap, outlook->totalpages),
	};
	forecast_push(&history->forecast, snap->monotonic_ns, &headroom);
	return &history->forecast;
}
