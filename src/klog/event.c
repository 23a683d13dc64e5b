/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/klog/event.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/base/units.h"

/* One piece of memory for each: the figures, the texts one behind the other, each with
 * its NUL, and the explanation. */
struct kept_event {
	uint64_t number;
	int64_t realtime_ns;
	uint32_t others, rank, explanation_len;
	enum foretold foretold;
	bool live, logged, has_time, has_points;
	char bytes[];
};

/* The texts in their order. */
#define TEXTS(event) { (event)->clock, (event)->victim, (event)->scope, (event)->points, (event)->because }
#define NTEXTS 5

/* The texts are less than the whole struct by the figures, which the header has too. */
static_assert(sizeof(struct kept_event) <= offsetof(struct event, clock) + 32, "an event fits into the spare room");

void events_init(struct events *events)
{
	memset(events, 0, sizeof *events);
}

static void drop_oldest(struct events *events)
{
	struct kept_event *oldest = events->list[events->first];
	if ((char *)oldest == events->spare)
		events->spare_used = false;
	else
		free(oldest);
	events->first = (events->first + 1) % EVENTS_MAX;
	events->n--;
}

void events_done(struct events *events)
{
	while (events->n > 0)
		drop_oldest(events);
	memset(events, 0, sizeof *events);
}

/* Room for a new one; never NULL. *ret_whole: with its explanation. */
static struct kept_event *make_room(struct events *events, size_t texts_len, size_t explanation_len, bool *ret_whole)
{
	if (events->n == EVENTS_MAX)
		drop_oldest(events);
	struct kept_event *room = malloc(sizeof *room + texts_len + explanation_len);
	*ret_whole = room != NULL;
	if (!room)
		room = malloc(sizeof *room + texts_len);
	while (!room && events->spare_used) { /* it is one of theirs, so this comes to an end */
		drop_oldest(events);
		room = malloc(sizeof *room + texts_len);
	}
	if (!room) {
		room = (struct kept_event *)(void *)events->spare;
		events->spare_used = true;
	}
	return room;
}

void events_add(struct events *events, const struct event *event, struct text explanation)
{
	const char *texts[NTEXTS] = TEXTS(event);
	size_t len = 0;
	bool whole;
	for (int i = 0; i < NTEXTS; i++)
		len += strlen(texts[i]) + 1;
	explanation.len = explanation.len < EXPLANATION_MAX ? explanation.len : EXPLANATION_MAX;
	struct kept_event *kept = make_room(events, len, explanation.len, &whole);
	*kept = (struct kept_event){ .number = ++events->total, .realtime_ns = event->realtime_ns, .others = event->others,
				     .rank = event->rank, .explanation_len = whole ? (uint32_t)explanation.len : 0,
				     .foretold = event->foretold, .live = event->live, .logged = event->logged,
				     .has_time = event->has_time, .has_points = event->has_points };
	char *p = kept->bytes;
	for (int i = 0; i < NTEXTS; i++)
		p = stpcpy(p, texts[i]) + 1;
	if (whole)
		memcpy(p, explanation.ptr, explanation.len);
	events->list[(events->first + events->n) % EVENTS_MAX] = kept;
	events->n++;
	if (event->live && event->foretold != FORETOLD_NOTHING) {
		events->scored++;
		events->right += event->foretold == FORETOLD_RIGHT;
	}
}

static const struct kept_event *kept_at(const struct events *events, uint32_t i)
{
	return events->list[(events->first + i) % EVENTS_MAX];
}

void events_get(const struct events *events, uint32_t i, struct event *ret)
{
	const struct kept_event *kept = kept_at(events, i);
	*ret = (struct event){ .number = kept->number, .live = kept->live, .logged = kept->logged, .has_time = kept->has_time,
			       .realtime_ns = kept->realtime_ns, .others = kept->others, .has_points = kept->has_points,
			       .foretold = kept->foretold, .rank = kept->rank };
	char *texts[NTEXTS] = TEXTS(ret);
	const char *p = kept->bytes;
	for (int t = 0; t < NTEXTS; t++) {
		strcpy(texts[t], p); /* as long as they were */
		p += strlen(p) + 1;
	}
}

struct text events_explanation(const struct events *events, uint32_t i)
{
	const struct kept_event *kept = kept_at(events, i);
	const char *p = kept->bytes;
	for (int t = 0; t < NTEXTS; t++)
		p += strlen(p) + 1;
	return text_of(p, kept->explanation_len);
}

static char *printable(const struct klog_report *report, struct klog_text text, char *dst, size_t size)
{
	text_copy(klog_text(report, text), dst, size);
	for (char *p = dst; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return dst;
}

static void set_scope(struct event *event, const struct klog_report *report)
{
	char group[160], nodes[64], name[64];
	const char *constraint = explain_constraint(report, name, sizeof name);
	bool cpuset = constraint && strcmp(constraint, "CONSTRAINT_CPUSET") == 0;
	if (report->scope == KLOG_SCOPE_MEMCG) {
		printable(report, report->oom_memcg, group, sizeof group);
		snprintf(event->scope, sizeof event->scope, "by the limit of %s", group[0] ? group : "a memory cgroup");
	} else if (cpuset || (constraint && strcmp(constraint, "CONSTRAINT_MEMORY_POLICY") == 0)) {
		printable(report, report->nodemask.state == FACT_KNOWN || !cpuset ? report->nodemask : report->mems_allowed, nodes,
			  sizeof nodes);
		snprintf(event->scope, sizeof event->scope, "on nodes %s of a %s", nodes[0] ? nodes : "?", cpuset ? "cpuset" : "policy");
	} else if (report->has_header && report->order.state == FACT_KNOWN && report->order.value == -1) {
		snprintf(event->scope, sizeof event->scope, "by SysRq-f");
	} else {
		snprintf(event->scope, sizeof event->scope, report->scope == KLOG_SCOPE_GLOBAL ? "on the host" : "?");
	}
}

void event_from_report(struct event *ret, const struct klog_report *report, const struct explanation *ex)
{
	memset(ret, 0, sizeof *ret);
	ret->logged = true;
	ret->has_time = report->time.realtime_ns.state == FACT_KNOWN;
	ret->realtime_ns = ret->has_time ? report->time.realtime_ns.value : 0;
	const struct klog_task_id *victim = report->nkills > 0 ? &report->kills[0].task : &ex->chosen;
	if (report->nkills == 0 && (report->panic != KLOG_PANIC_NONE || report->nobody_killable))
		snprintf(ret->victim, sizeof ret->victim, "nobody");
	else
		explain_name(report, victim, ret->victim, sizeof ret->victim);
	ret->others = report->nkills > 0 ? report->nkills - 1 : 0;
	set_scope(ret, report);
	ret->has_points = ex->has_victim && ex->victim.has_points;
	if (ret->has_points && ex->era < ERA_3_5)
		snprintf(ret->points, sizeof ret->points, "%lld/1000", (long long)ex->victim.points);
	else if (ret->has_points && ex->page_bytes.state == FACT_KNOWN)
		units_points(ex->victim.points, (uint32_t)ex->page_bytes.value, ret->points);
	else if (ret->has_points)
		snprintf(ret->points, sizeof ret->points, "%lld pages", (long long)ex->victim.points);
}

uint32_t event_counted_kills(const struct klog_report *report)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < report->nkills; i++)
		n += report->kills[i].role != KLOG_ROLE_SHARES_MM && !report->kills[i].dying_already;
	return n;
}
