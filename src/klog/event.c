/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/klog/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/base/units.h"

void events_init(struct events *events)
{
	memset(events, 0, sizeof *events);
}

void events_done(struct events *events)
{
	for (uint32_t i = 0; i < EVENTS_MAX; i++)
		free(events->list[i].explanation);
	memset(events, 0, sizeof *events);
}

void events_add(struct events *events, const struct event *event)
{
	if (events->n == EVENTS_MAX) {
		free(events->list[events->first].explanation);
		events->first = (events->first + 1) % EVENTS_MAX;
		events->n--;
	}
	struct event *slot = &events->list[(events->first + events->n) % EVENTS_MAX];
	events->n++;
	*slot = *event;
	slot->number = ++events->total;
	if (event->live && event->foretold != FORETOLD_NOTHING) {
		events->scored++;
		events->right += event->foretold == FORETOLD_RIGHT;
	}
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
