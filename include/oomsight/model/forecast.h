/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When memory will be gone: what is left, against how fast it goes. One of these
 * for the host and for each limit; it knows figures and times only.
 */
#ifndef OOMSIGHT_MODEL_FORECAST_H
#define OOMSIGHT_MODEL_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/model/headroom.h"

enum forecast_state {
	FORECAST_TOO_SHORT, /* not enough was seen yet, or what is left is not known */
	FORECAST_STEADY,    /* not getting nearer, or so slowly that it says nothing */
	FORECAST_UNCLEAR,   /* it goes up and down; no trend to foretell from */
	FORECAST_NEARING,
};

/* Ticks looked back on, a power of two; and the fewest a trend is made of. */
#define FORECAST_TICKS 64
#define FORECAST_MIN_TICKS 8

/* Turns from shrinking to growing headroom that are remembered. */
#define FORECAST_TURNS 4

struct forecast_turn {
	uint64_t time_ns;
	int64_t used_bytes;
	int64_t fallen_bytes; /* from there to the trough behind it */
};

struct forecast {
	/* The result. The rest is the forecast's own. */
	enum forecast_state state;
	double bytes_per_s;      /* how the headroom changes: below 0 when NEARING; else 0 */
	double eta_s;            /* until it is gone; only when NEARING */
	double eta_earliest_s;   /* by the steepest and the flattest quarter of what was seen */
	double eta_latest_s;

	uint64_t time_ns[FORECAST_TICKS]; /* a ring */
	int64_t used_bytes[FORECAST_TICKS]; /* limit - headroom: a moved limit is no growth */
	uint32_t n;
	uint32_t next;
	/* Where usage turned back by itself, as a ring. */
	struct forecast_turn turns[FORECAST_TURNS];
	uint32_t nturns;
	bool falling;         /* usage, since the last turn */
	int64_t extreme_bytes; /* highest usage while rising, lowest while falling */
	uint64_t extreme_ns;
	int64_t peak_bytes; /* of single ticks around the extreme */
};

/* Those of the memory cgroups, kept from tick to tick by their paths. */
struct memcg_forecasts {
	struct memcg_history *histories;
	uint32_t capacity;
};

/* All zero is a new one as well; both forget everything. */
void forecast_reset(struct forecast *forecast);

/* The figures of one more tick; the result is made anew. monotonic_ns: rising;
 * the same again replaces the last, an earlier one begins anew, and so does one
 * after a pause far longer than the ticks are apart. Allocates nothing; costs some
 * 60 us when usage climbs, far less when not. */
void forecast_push(struct forecast *forecast, uint64_t monotonic_ns, const struct headroom *headroom);

/* "memory is gone in 14 min at -3.20M/s", and "(2 min 20 s at the earliest)" behind the
 * time where that may come so much sooner; "" unless NEARING. Nothing but ASCII;
 * cut to fit, size > 0. */
char *forecast_text(const struct forecast *forecast, char *dst, size_t size);

/* The same of other figures (seconds, bytes a second), with other words than "memory is gone". */
char *forecast_words(const char *what, double eta_s, double earliest_s, double bytes_per_s, char *dst, size_t size);

#endif
