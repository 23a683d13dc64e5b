/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which snapshot was the last before a kill is told by when its first line was read,
 * not by the log's stamps: the kernel's log clock drifts away from every other. The
 * log is read before a tick samples and again after it, and lines of the second
 * reading count as written during the sampling, so they belong to the snapshot before.
 */
#include "hindsight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>

#include "oomsight/emit/explain.h"

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static const struct snapshot *snapshot_of(const struct session *session, uint64_t tick)
{
	for (unsigned i = 0; i < 2; i++) {
		if (tick > 0 && session->snaps[i].tick == tick)
			return &session->snaps[i];
	}
	return NULL;
}

static void set_clock(struct event *event)
{
	time_t seconds = (time_t)(event->realtime_ns / 1000000000);
	struct tm tm;
	if (!event->has_time || !localtime_r(&seconds, &tm) ||
	    strftime(event->clock, sizeof event->clock, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		event->clock[0] = '\0';
}

static void take_report(struct klog_report *report, void *context)
{
	struct hindsight *hindsight = context;
	struct event event;
	explain_report(report, hindsight->explanation);
	event_from_report(&event, report, hindsight->explanation);
	event.live = hindsight->live;
	if (event.live) {
		event.has_time = true;
		event.realtime_ns = clock_ns(CLOCK_REALTIME);
		hindsight->logged += event_counted_kills(report);
		score_event(&event, report, hindsight->explanation, snapshot_of(hindsight->session, hindsight->seen_tick),
			    &hindsight->session->model.rules, &hindsight->dead);
	}
	set_clock(&event);
	out_clear(&hindsight->text);
	emit_report_text(&hindsight->text, report, hindsight->explanation, (uint32_t)hindsight->events->total + 1);
	out_char(&hindsight->text, '\0');
	event.explanation = hindsight->text.error ? NULL : strdup(hindsight->text.bytes);
	events_add(hindsight->events, &event);
}

int hindsight_open(struct hindsight *hindsight, const struct session *session)
{
	struct diag diag;
	*hindsight = (struct hindsight){ .session = session };
	out_init(&hindsight->text);
	hindsight->events = malloc(sizeof *hindsight->events);
	hindsight->explanation = malloc(sizeof *hindsight->explanation);
	if (!hindsight->events || !hindsight->explanation)
		return -ENOMEM;
	events_init(hindsight->events);
	/* The log of a fake root is another host's. */
	int64_t boot_ns = !session->root.real ? -1 : clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	hindsight->follower =
		follower_new(&session->root, boot_ns, session->root.real ? klogctl : NULL, take_report, hindsight, &diag);
	if (hindsight->follower) {
		const char *why = follower_why_syslog(hindsight->follower);
		follower_read(hindsight->follower, 0);
		follower_flush(hindsight->follower);
		snprintf(hindsight->events->source, sizeof hindsight->events->source, "the kernel's log%s%s",
			 why ? ", by the syslog call: " : "", why ? why : "");
	} else {
		snprintf(hindsight->events->source, sizeof hindsight->events->source, "counters only: dev/kmsg %.160s", diag.text);
	}
	hindsight->live = true;
	return 0;
}

void hindsight_close(struct hindsight *hindsight)
{
	follower_free(hindsight->follower);
	if (hindsight->events)
		events_done(hindsight->events);
	free(hindsight->events);
	free(hindsight->explanation);
	out_done(&hindsight->text);
}

int hindsight_fd(const struct hindsight *hindsight)
{
	return hindsight->follower ? follower_fd(hindsight->follower) : -1;
}

bool hindsight_due(const struct hindsight *hindsight, uint64_t *ret_ns)
{
	return hindsight->follower && follower_is_open(hindsight->follower, ret_ns);
}

/* tick: the last snapshot before what is read now. */
static bool read_log(struct hindsight *hindsight, uint64_t tick, uint64_t now_ns)
{
	uint64_t total = hindsight->events->total, due;
	if (!hindsight->follower)
		return false;
	if (hindsight->seen_tick == 0)
		hindsight->seen_tick = tick;
	int r = follower_read(hindsight->follower, now_ns);
	if (!follower_is_open(hindsight->follower, &due))
		hindsight->seen_tick = 0;
	else if (total != hindsight->events->total)
		hindsight->seen_tick = tick; /* another one began in the same breath */
	if (r < 0)
		snprintf(hindsight->events->source, sizeof hindsight->events->source, "the kernel's log, up to an error: %.60s",
			 strerror(-r));
	return total != hindsight->events->total || r < 0;
}

bool hindsight_read(struct hindsight *hindsight, uint64_t now_ns)
{
	return read_log(hindsight, session_snap(hindsight->session)->tick, now_ns);
}

/* Kills that the kernel counted and its log does not have: by limits of its rate, by a
 * log that was overwritten, or with no log to be read. A line may be read a tick after
 * it was counted, so with a log they must be missing for two ticks. */
static bool count(struct hindsight *hindsight, uint64_t before)
{
	const struct session *session = hindsight->session;
	const struct snapshot *curr = session_snap(session), *prev = snapshot_of(session, before);
	uint64_t due;
	if (!prev || prev == curr || !system_knows(&curr->system, SYS_OOM_KILL) || !system_knows(&prev->system, SYS_OOM_KILL))
		return false;
	hindsight->counted += u64_sub_floor(curr->system.value[SYS_OOM_KILL], prev->system.value[SYS_OOM_KILL]);
	if (hindsight->follower && hindsight->counted > hindsight->logged)
		follower_expect(hindsight->follower);
	if (hindsight_due(hindsight, &due))
		return false;
	bool uneven = hindsight->counted != hindsight->logged;
	bool settled = !uneven || hindsight->uneven_before || !hindsight->follower;
	uint64_t missing = u64_sub_floor(hindsight->counted, hindsight->logged);
	hindsight->uneven_before = !settled;
	if (!settled)
		return false;
	hindsight->counted = hindsight->logged = 0;
	if (missing == 0)
		return false;
	struct event event;
	score_unlogged(&event, missing, prev, curr, &session->model.rules);
	set_clock(&event);
	events_add(hindsight->events, &event);
	return true;
}

bool hindsight_tick(struct hindsight *hindsight, uint64_t before, uint64_t now_ns)
{
	bool news = read_log(hindsight, before, now_ns);
	return count(hindsight, before) || news;
}
