/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What changed from one tick to the next, per second. The snapshot of the tick before
 * is gone by then: what is needed of it is kept here, in as few bytes as will do.
 */
#ifndef OOMSIGHT_MODEL_RATES_H
#define OOMSIGHT_MODEL_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/rules.h"
#include "oomsight/snapshot/snapshot.h"

/* There is one for each task. */
struct task_rate {
	float growth_bytes_per_s; /* of rss + swap, smoothed over about four ticks */
	float minor_per_s;
	float major_per_s;
	bool known : 1; /* the same process was seen in the tick before */
	/* Who it is, and what was seen of it last. Of every amount only the low bits:
	 * enough for how far it moved, and the rest is as it is now. */
	bool saw_stat : 1;
	bool saw_mm : 1;
	bool saw_adj : 1;
	uint8_t minor_high; /* bits 32 to 39 */
	int16_t adj;
	int32_t pid;
	uint32_t start_ticks;
	uint32_t minor_faults;
	uint32_t major_faults;
	uint32_t rss_quick_pages;
	uint32_t swap_pages;
	uint32_t badness_pages;
};

struct rates {
	bool known; /* false for the first tick */
	double seconds; /* since the tick before */
	double per_s[SYS__COUNT]; /* of counters, in the fact's own unit; 0 where not known */
	bool per_s_known[SYS__COUNT];
	/* Shares of CPU time, adding up to 1 when known. */
	bool cpu_known;
	double cpu_user, cpu_system, cpu_idle, cpu_iowait, cpu_steal;
	struct task_rate *tasks; /* one for each task of the snapshot */
	uint32_t ntasks;
	uint32_t capacity;
	/* What was seen last. */
	uint64_t tick; /* 0: nothing yet */
	uint64_t monotonic_ns;
	uint64_t counter[SYS__COUNT];
	bool counter_known[SYS__COUNT];
};

void rates_init(struct rates *rates);
void rates_done(struct rates *rates);

/* The next tick is as the first. Keeps the memory. */
void rates_clear(struct rates *rates);

/* Compare the snapshot with what was kept of the one before, and keep what the next
 * one is compared with. rules: which figures of a task are its badness. A second call
 * for the same tick changes nothing, but that each task of the snapshot then has its
 * place in tasks[], were others in it. Returns 0 or -ENOMEM (unchanged). */
int rates_update(struct rates *rates, const struct snapshot *curr, const struct rules *rules);

/* Were they updated for this snapshot's tick already? */
static inline bool rates_have(const struct rates *rates, const struct snapshot *snap)
{
	return rates->tick != 0 && rates->tick == snap->tick;
}

/* What was kept of the same process; NULL when it was not seen. Of the tick before,
 * if asked before rates_update. */
const struct task_rate *rates_find(const struct rates *rates, const struct task *task);

/* The pages of which its points were made then, those of now being known. */
uint64_t rates_badness_pages(const struct task_rate *then, uint64_t now_pages);

/* The task that grows fastest, *ret_task its index. False when none grows, or
 * that is not known. */
bool rates_fastest(const struct rates *rates, uint32_t *ret_task);

#endif
