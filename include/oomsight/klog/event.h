/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kills of this run and, as far as the log goes back, since boot: each a few
 * lines of plain text, not the report itself, whose table may have a hundred
 * thousand rows. The list is bounded; memory is taken only when a kill comes. Pure.
 */
#ifndef OOMSIGHT_KLOG_EVENT_H
#define OOMSIGHT_KLOG_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/units.h"
#include "oomsight/klog/explain.h"
#include "oomsight/klog/report.h"

enum foretold {
	FORETOLD_NOTHING, /* nothing was, or it cannot be compared */
	FORETOLD_RIGHT,
	FORETOLD_WRONG,
};

/* All text is printable ASCII, but for `explanation`, which is safe to show. */
struct event {
	uint64_t number; /* 1 for the first of this run */
	bool live;       /* it came while the program watched */
	bool logged;     /* else only the kernel's counters tell of it */
	bool has_time;
	int64_t realtime_ns;
	char clock[20];  /* the same for people; the caller's, for it needs the zone */
	char victim[64]; /* "java (1804)"; "nobody" after a panic */
	uint32_t others; /* so many died with it */
	char scope[192]; /* behind the victim: "on the host", "by the limit of /x"; "?" */
	bool has_points;
	char points[UNITS_BUFFER]; /* with unit */
	enum foretold foretold;
	uint32_t rank;   /* the victim's in what was foretold; 0: it had none */
	char because[256]; /* why it was as foretold, or not; "" for kills from before */
	char *explanation; /* some thirty lines; NULL: there is none */
};

#define EVENTS_MAX 64

struct events {
	struct event list[EVENTS_MAX]; /* a ring */
	uint32_t first, n;
	uint64_t total; /* the number of the last one */
	uint32_t right, scored; /* of the live ones */
	char source[64];  /* where they come from: "the kernel's log", or what serves instead */
	char why[192];    /* why not from dev/kmsg; "" where they are */
};

/* The i-th, 0 the oldest kept; i < events->n. */
static inline const struct event *events_at(const struct events *events, uint32_t i)
{
	return &events->list[(events->first + i) % EVENTS_MAX];
}

/* The last one; NULL where there is none. */
static inline const struct event *events_last(const struct events *events)
{
	return events->n > 0 ? events_at(events, events->n - 1) : NULL;
}

void events_init(struct events *events);
void events_done(struct events *events);

/* Append; the oldest goes when there is no more room. Takes over event->explanation
 * and gives the event its number. */
void events_add(struct events *events, const struct event *event);

/* What a report says, not what was foretold. explanation and clock stay empty. */
void event_from_report(struct event *ret, const struct klog_report *report, const struct explanation *ex);

/* How many kills of the report the kernel counted (oom_kill of /proc/vmstat): who
 * merely shares the memory, or was dying already, is not among them.
 * Source: mm/oom_kill.c __oom_kill_process(), v6.18. */
uint32_t event_counted_kills(const struct klog_report *report);

#endif
