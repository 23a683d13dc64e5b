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

/* Most explanations are no longer, so they need no memory when a kill comes. */
#define TEXT_KEPT 2048

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void set_clock(struct event *event)
{
	time_t seconds = (time_t)(event->realtime_ns / 1000000000);
	struct tm tm;
	if (!event->has_time || !localtime_r(&seconds, &tm) ||
	    strftime(event->clock, sizeof event->clock, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		event->clock[0] = '\0';
}

static void note_pids(struct hindsight *hindsight, const struct klog_report *report)
{
	for (uint32_t i = 0; i < report->nkills && hindsight->nlogged_pids < HINDSIGHT_MARKS; i++) {
		if (report->kills[i].task.pid.state == FACT_KNOWN)
			hindsight->logged_pids[hindsight->nlogged_pids++] = report->kills[i].task.pid.value;
	}
}

/* So many victims that their lines are more than is kept: whole lines stay. */
static struct text cut(struct out *text)
{
	static const char more[] = "  and so on: oomsight explain --kernel has it whole\n";
	size_t room = EXPLANATION_MAX - (sizeof more - 1);
	if (text->len > EXPLANATION_MAX) {
		while (room > 0 && text->bytes[room - 1] != '\n')
			room--;
		text->len = room;
		out_str(text, more);
	}
	return out_text_of(text);
}

static void take_report(struct klog_report *report, void *context)
{
	struct hindsight *hindsight = context;
	/* Here, where the stack's pages are locked, for memory may have run out. */
	struct explanation explanation;
	struct event event;
	explain_report(report, &explanation);
	event_from_report(&event, report, &explanation);
	event.live = hindsight->live;
	if (event.live) {
		event.has_time = true;
		event.realtime_ns = clock_ns(CLOCK_REALTIME);
		hindsight->logged += event_counted_kills(report);
		note_pids(hindsight, report);
		score_event(&event, report, &explanation, session_recall(hindsight->session, hindsight->seen_tick),
			    &hindsight->session->model.rules, &hindsight->dead);
	}
	set_clock(&event);
	struct out *text = &hindsight->text;
	emit_report_text(text, report, &explanation, (uint32_t)hindsight->events->total + 1);
	events_add(hindsight->events, &event, text->error ? text_of("", 0) : cut(text));
	out_clear(text);
	if (text->capacity > TEXT_KEPT)
		out_done(text);
	out_reserve(text, TEXT_KEPT);
}

static void set_source(struct hindsight *hindsight, const char *source, const char *why)
{
	struct events *events = hindsight->events;
	snprintf(events->source, sizeof events->source, "%.40s%s", source, hindsight->watch ? " and oom:mark_victim" : "");
	snprintf(events->why, sizeof events->why, "%s", why);
}

int hindsight_open(struct hindsight *hindsight, struct session *session)
{
	struct diag diag;
	*hindsight = (struct hindsight){ .session = session };
	out_init(&hindsight->text);
	hindsight->events = malloc(sizeof *hindsight->events);
	out_reserve(&hindsight->text, TEXT_KEPT);
	if (!hindsight->events)
		return -ENOMEM;
	events_init(hindsight->events);
	/* The log of a fake root is another host's. */
	int64_t boot_ns = !session->root.real ? -1 : clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	hindsight->follower =
		follower_new(&session->root, boot_ns, session->root.real ? klogctl : NULL, take_report, hindsight, &diag);
	if (hindsight->follower && follower_keep_little(hindsight->follower) < 0)
		return -ENOMEM;
	if (hindsight->follower) {
		const char *why = follower_why_syslog(hindsight->follower);
		follower_read(hindsight->follower, 0);
		follower_flush(hindsight->follower);
		set_source(hindsight, why ? "the syslog call" : "the kernel's log", why ? why : "");
	} else {
		char why[192];
		snprintf(why, sizeof why, "dev/kmsg %.170s", diag.text);
		set_source(hindsight, "the kernel's counters", why);
	}
	hindsight->live = true;
	return 0;
}

void hindsight_close(struct hindsight *hindsight)
{
	follower_free(hindsight->follower);
	victim_watch_free(hindsight->watch);
	if (hindsight->events)
		events_done(hindsight->events);
	free(hindsight->events);
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
	if (r < 0) {
		char why[96];
		snprintf(why, sizeof why, "the kernel's log ended with an error: %.50s", strerror(-r));
		set_source(hindsight, "the kernel's counters", why);
	}
	return total != hindsight->events->total || r < 0;
}

bool hindsight_read(struct hindsight *hindsight, uint64_t now_ns)
{
	return read_log(hindsight, session_snap(hindsight->session)->tick, now_ns);
}

/* With the bpf source, for it takes the same rights. */
static void open_watch(struct hindsight *hindsight)
{
	struct diag diag;
	if (hindsight->watch_tried || session_snap(hindsight->session)->source != SOURCE_BPF)
		return;
	hindsight->watch_tried = true;
	hindsight->watch = victim_watch_new(&hindsight->session->root, &diag);
	if (!hindsight->watch)
		return;
	struct events *events = hindsight->events;
	size_t len = strlen(events->source);
	snprintf(events->source + len, sizeof events->source - len, " and oom:mark_victim");
}

static void read_marks(struct hindsight *hindsight)
{
	struct victim_mark marks[HINDSIGHT_MARKS];
	uint32_t n = hindsight->watch ? victim_watch_read(hindsight->watch, marks, HINDSIGHT_MARKS - hindsight->nmarks) : 0;
	for (uint32_t i = 0; i < n; i++) {
		struct score_mark *mark = &hindsight->marks[hindsight->nmarks++];
		mark->pid = marks[i].pid;
		memcpy(mark->comm, marks[i].comm, sizeof mark->comm);
	}
}

static bool is_logged(const struct hindsight *hindsight, int64_t pid)
{
	for (uint32_t i = 0; i < hindsight->nlogged_pids; i++) {
		if (hindsight->logged_pids[i] == pid)
			return true;
	}
	return false;
}

/* Leave those marks that no line of the log told of. */
static void drop_logged_marks(struct hindsight *hindsight)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < hindsight->nmarks; i++) {
		if (!is_logged(hindsight, hindsight->marks[i].pid))
			hindsight->marks[kept++] = hindsight->marks[i];
	}
	hindsight->nmarks = kept;
}

/* Counters and log are even, so none of the first n is of a kill that is yet to be told.
 * Later ones may be: counters are read when a tick begins, marks after it, and a kill
 * between is counted at the next tick only. */
static void drop_old_marks(struct hindsight *hindsight, uint32_t n)
{
	hindsight->nmarks -= n;
	memmove(hindsight->marks, hindsight->marks + n, hindsight->nmarks * sizeof *hindsight->marks);
}

static void add_unlogged(struct hindsight *hindsight, uint64_t count, const struct score_mark *mark,
			 const struct snapshot *prev, const struct snapshot *curr)
{
	struct event event;
	score_unlogged(&event, count, mark, prev, curr, &hindsight->session->model.rules);
	set_clock(&event);
	events_add(hindsight->events, &event, text_of("", 0));
}

/* Kills that the kernel counted and its log does not have: by limits of its rate, by a
 * log that was overwritten, or with no log to be read. A line may be read a tick after
 * it was counted, so with a log they must be missing for two ticks. */
static bool count(struct hindsight *hindsight, uint64_t before)
{
	const struct session *session = hindsight->session;
	const struct snapshot *curr = session_snap(session), *prev = session_snap_of(session, before);
	uint64_t due;
	uint32_t old_marks = hindsight->nmarks;
	open_watch(hindsight);
	read_marks(hindsight);
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
	if (!uneven) {
		drop_old_marks(hindsight, old_marks);
		drop_logged_marks(hindsight);
		hindsight->counted = hindsight->logged = 0;
		hindsight->nlogged_pids = 0;
		return false;
	}
	drop_logged_marks(hindsight);
	const struct snapshot *whole = session_recall(hindsight->session, before);
	struct snapshot nameless;
	if (!whole) {
		nameless = *prev;
		nameless.ntasks = 0;
		whole = &nameless;
	}
	for (uint32_t i = 0; i < hindsight->nmarks && missing > 0; i++, missing--)
		add_unlogged(hindsight, 1, &hindsight->marks[i], whole, curr);
	bool news = hindsight->nmarks > 0 || missing > 0;
	if (missing > 0)
		add_unlogged(hindsight, missing, NULL, whole, curr);
	hindsight->counted = hindsight->logged = 0;
	hindsight->nmarks = hindsight->nlogged_pids = 0;
	return news;
}

bool hindsight_tick(struct hindsight *hindsight, uint64_t before, uint64_t now_ns)
{
	bool news = read_log(hindsight, before, now_ns);
	return count(hindsight, before) || news;
}
