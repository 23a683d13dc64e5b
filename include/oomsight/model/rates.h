/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What changed between two snapshots, per second.
 */
#ifndef OOMSIGHT_MODEL_RATES_H
#define OOMSIGHT_MODEL_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/snapshot/snapshot.h"

struct task_rate {
	double growth_bytes_per_s; /* of rss + swap, smoothed over about four ticks */
	float minor_per_s;
	float major_per_s;
	bool known; /* the same process stood in the previous snapshot */
};

struct rates {
	bool known; /* false for the first snapshot */
	double seconds; /* between the two */
	double per_s[SYS__COUNT]; /* of counters, in the fact's own unit; 0 where not known */
	bool per_s_known[SYS__COUNT];
	/* Shares of CPU time, adding up to 1 when known. */
	bool cpu_known;
	double cpu_user, cpu_system, cpu_idle, cpu_iowait, cpu_steal;
	struct task_rate *tasks; /* one for each task of the later snapshot */
	uint32_t ntasks;
	uint32_t capacity;
	double *growth_before; /* of the tick before, for smoothing; NAN: not known */
	uint32_t nbefore;
};

void rates_init(struct rates *rates);
void rates_done(struct rates *rates);

/* prev may be NULL or empty: nothing is known then. Successive calls must pass
 * successive snapshots. Returns 0 or -ENOMEM. */
int rates_update(struct rates *rates, const struct snapshot *prev, const struct snapshot *curr);

/* The task that grows fastest, *ret_task its index. False when none grows, or
 * that is not known. */
bool rates_fastest(const struct rates *rates, uint32_t *ret_task);

#endif
