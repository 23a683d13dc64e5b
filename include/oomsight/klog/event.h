/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kills of this run and, as far as the log goes back, since boot: each a few
 * lines of plain text, not the report itself, whose table may have a hundred
 * thousand rows. The list is bounded. Memory is taken only when a kill comes, some
 * 600 bytes; where there is none, older kills make room, and the newest is kept in
 * any case. Pure.
 */
#ifndef OOMSIGHT_KLOG_EVENT_H
#define OOMSIGHT_KLOG_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/text.h"
#include "oomsight/base/units.h"
#include "oomsight/klog/explain.h"
#include "oomsight/klog/report.h"

enum foretold {
	FORETOLD_NOTHING, /* nothing was, or it cannot be compared */
	FORETOLD_RIGHT,
	FORETOLD_WRONG,
};

/* All text is printable ASCII. */
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
};

#define EVENTS_MAX 64
/* An explanation has some thirty lines; one of hundreds of victims is cut there. */
#define EXPLANATION_MAX (8U << 10)
/* What an event takes at most without its explanation. */
#define EVENT_ROOM (sizeof(struct event) + 32)

struct kept_event; /* as it is kept: event.c */

struct events {
	struct kept_event *list[EVENTS_MAX]; /* a ring */
	uint32_t first, n;
	bool spare_used;
	_Alignas(8) char spare[EVENT_ROOM]; /* for a kill that comes when there is no memory */
	uint64_t total; /* the number of the last one */
	uint32_t right, scored; /* of the live ones */
	char source[64];  /* where they come from: "the kernel's log", or what serves instead */
	char why[192];    /* why not from dev/kmsg; "" where they are */
};

void events_init(struct events *events);
void events_done(struct events *events);

/* Append; the oldest goes when there is no more room. Gives the event its number.
 * explanation: safe to show, empty for none; cut to EXPLANATION_MAX. It is left out
 * when memory is short. */
void events_add(struct events *events, const struct event *event, struct text explanation);

/* The i-th, 0 the oldest kept; i < events->n. */
void events_get(const struct events *events, uint32_t i, struct event *ret);

/* Its explanation, empty where there is none; valid until the next events_add(). */
struct text events_explanation(const struct events *events, uint32_t i);

/* What a report says, not what was foretold. clock stays empty. */
void event_from_report(struct event *ret, const struct klog_report *report, const struct explanation *ex);

/* How many kills of the report the kernel counted (oom_kill of /proc/vmstat): who
 * merely shares the memory, or was dying already, is not among them.
 * Source: mm/oom_kill.c __oom_kill_process(), v6.18. */
uint32_t event_counted_kills(const struct klog_report *report);

#endif
