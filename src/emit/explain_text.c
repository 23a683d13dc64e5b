/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A report in plain words. What the kernel said stands first, what follows from
 * it after.
 */
#include "oomsight/emit/explain.h"

#include <stdio.h>
#include <string.h>

#include "oomsight/base/units.h"
#include "parts.h"

#define LABEL 11
#define NOT_HERE "not in this report"

static bool is_known(enum fact_state state)
{
	return state == FACT_KNOWN;
}

static void label(struct out *out, const char *name)
{
	out_printf(out, "  %-*s", LABEL, name);
}

static const char *kib(struct klog_u64 value, char dst[UNITS_BUFFER])
{
	if (!is_known(value.state))
		return NOT_HERE;
	return units_human(u64_mul_sat(value.value, 1024), dst);
}

static const char *pages(const struct explanation *ex, uint64_t n, char dst[UNITS_BUFFER])
{
	if (is_known(ex->page_bytes.state))
		return units_human(u64_mul_sat(n, ex->page_bytes.value), dst);
	snprintf(dst, UNITS_BUFFER, "%llu pages", (unsigned long long)n);
	return dst;
}

static void when(struct out *out, const struct klog_report *report)
{
	const struct klog_time *time = &report->time;
	char buf[INSTANT_BUFFER];
	label(out, "when");
	if (is_known(time->realtime_ns.state)) {
		out_str(out, instant_format_ms(time->realtime_ns.value, buf));
	} else if (is_known(time->text.state)) {
		out_safe(out, klog_text(report, time->text));
		if (is_known(time->local_ns.state) || is_known(time->day_ns.state))
			out_str(out, " (local time of the log)");
		else
			out_str(out, " s after boot");
	} else if (is_known(time->monotonic_ns.state)) {
		out_printf(out, "%.6f s after boot", (double)time->monotonic_ns.value / 1e9);
	} else {
		out_str(out, NOT_HERE);
	}
	out_str(out, ", kernel ");
	if (is_known(report->release.state))
		out_safe(out, klog_text(report, report->release));
	else
		out_str(out, NOT_HERE);
	out_char(out, '\n');
}

static void limit(struct out *out, const struct klog_report *report)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER], name[64];
	const char *constraint = explain_constraint(report, name, sizeof name);
	label(out, "limit");
	if (report->scope == KLOG_SCOPE_MEMCG) {
		out_str(out, "of the memory cgroup ");
		if (is_known(report->oom_memcg.state))
			out_safe(out, klog_text(report, report->oom_memcg));
		else
			out_str(out, "whose path is " NOT_HERE);
		out_printf(out, ": %s in use", kib(report->limit_memory.usage_kib, a));
		out_printf(out, ", limit %s", kib(report->limit_memory.limit_kib, b));
	} else if (constraint && strcmp(constraint, "CONSTRAINT_CPUSET") == 0) {
		out_str(out, "the memory nodes of a cpuset");
	} else if (constraint && strcmp(constraint, "CONSTRAINT_MEMORY_POLICY") == 0) {
		out_str(out, "the memory nodes of a memory policy");
	} else if (report->scope == KLOG_SCOPE_GLOBAL || (constraint && strcmp(constraint, "CONSTRAINT_NONE") == 0)) {
		out_str(out, "the host's memory");
	} else {
		out_str(out, NOT_HERE);
	}
	if (is_known(report->nodemask.state)) {
		out_str(out, ", nodes ");
		out_safe(out, klog_text(report, report->nodemask));
	} else if (constraint && strcmp(constraint, "CONSTRAINT_CPUSET") == 0 && is_known(report->mems_allowed.state)) {
		out_str(out, ", nodes ");
		out_safe(out, klog_text(report, report->mems_allowed));
	}
	out_printf(out, " (%s)\n", constraint ? constraint : "constraint " NOT_HERE);
}

static void asked(struct out *out, const struct klog_report *report)
{
	char name[96];
	label(out, "asked");
	if (!report->has_header) {
		out_str(out, "who asked for memory is " NOT_HERE "\n");
		return;
	}
	out_str(out, explain_name(report, &report->trigger, name, sizeof name));
	if (is_known(report->order.state) && report->order.value == -1)
		out_str(out, ", by SysRq-f");
	else if (is_known(report->order.state) && report->order.value >= 0 && report->order.value < 32)
		out_printf(out, " asked for %u page%s (order %d)", 1U << report->order.value, report->order.value ? "s" : "",
			   (int)report->order.value);
	if (is_known(report->gfp_flags.state) && report->gfp_flags.len > 0) {
		out_str(out, ", ");
		out_safe(out, klog_text(report, report->gfp_flags));
	} else if (is_known(report->gfp_mask.state) && report->gfp_mask.value == 0 && is_known(report->order.state) &&
		   report->order.value == 0) {
		out_str(out, " after a page fault that had found none"); /* pagefault_out_of_memory(), up to 5.15 */
	} else if (is_known(report->gfp_mask.state)) {
		out_printf(out, ", gfp_mask 0x%llx", (unsigned long long)report->gfp_mask.value);
	}
	bool same = report->nkills > 0 && is_known(report->trigger.pid.state) &&
		    is_known(report->kills[0].task.pid.state) && report->trigger.pid.value == report->kills[0].task.pid.value;
	if (report->nkills > 0 && is_known(report->trigger.pid.state))
		out_str(out, same ? "; it is the victim too" : "; it is not the victim");
	out_char(out, '\n');
}

static void killed(struct out *out, const struct klog_report *report, const struct explanation *ex)
{
	static const char *const roles[] = { [KLOG_ROLE_CHOSEN] = "", [KLOG_ROLE_CHILD] = " in its parent's place",
					     [KLOG_ROLE_SHARES_MM] = " for it shares the victim's memory",
					     [KLOG_ROLE_OOM_GROUP] = " by memory.oom.group" };
	char name[96], a[UNITS_BUFFER], b[UNITS_BUFFER], c[UNITS_BUFFER];
	for (uint32_t i = 0; i < report->nkills; i++) {
		const struct klog_kill *kill = &report->kills[i];
		label(out, i == 0 ? "killed" : "");
		out_str(out, explain_name(report, &kill->task, name, sizeof name));
		out_str(out, roles[kill->role]);
		if (kill->dying_already)
			out_str(out, ", which was dying already");
		if (is_known(kill->anon_rss_kib.state) || is_known(kill->file_rss_kib.state))
			out_printf(out, ": anonymous %s, file %s, shared memory %s", kib(kill->anon_rss_kib, a),
				   kib(kill->file_rss_kib, b), kib(kill->shmem_rss_kib, c));
		if (is_known(kill->adj.state))
			out_printf(out, ", oom_score_adj %lld", (long long)kill->adj.value);
		if (kill->reaped)
			out_str(out, "; its memory was reaped");
		out_char(out, '\n');
	}
	if (report->nkills == 0) {
		label(out, "killed");
		if (report->panic != KLOG_PANIC_NONE || report->nobody_killable)
			out_printf(out, "nobody%s\n", report->panic != KLOG_PANIC_NONE ? ": the kernel panicked" : "");
		else if (is_known(ex->chosen.pid.state) || is_known(ex->chosen.comm.state))
			out_printf(out, "%s was chosen; its kill is " NOT_HERE "\n", explain_name(report, &ex->chosen, name, sizeof name));
		else
			out_str(out, NOT_HERE "\n");
	} else if (report->panic != KLOG_PANIC_NONE) {
		label(out, "");
		out_str(out, "and the kernel panicked\n");
	}
	if (is_known(report->oom_group.state)) {
		label(out, "");
		out_str(out, "all of ");
		out_safe(out, klog_text(report, report->oom_group));
		out_str(out, ", for memory.oom.group is set there\n");
	}
	for (uint32_t i = 0; i < report->nreaped; i++) {
		label(out, i == 0 ? "and" : "");
		out_printf(out, "%s: %s\n", explain_name(report, &report->reaped[i].task, name, sizeof name),
			   report->reaped[i].failed ? "could not be reaped" : "was reaped; its own kill is " NOT_HERE);
	}
}

static void points(struct out *out, const struct klog_report *report, const struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER], c[UNITS_BUFFER], d[UNITS_BUFFER];
	label(out, "points");
	if (!ex->has_victim) {
		out_str(out, "of the victim: its row is " NOT_HERE "\n");
		return;
	}
	if (!ex->victim.has_parts) {
		const struct klog_task *row = &report->tasks[ex->victim.task];
		if (klog_task_has(row, KLOG_RSS) && row->value[KLOG_RSS] >= 0)
			out_printf(out, "rss %s; the other parts are " NOT_HERE, pages(ex, (uint64_t)row->value[KLOG_RSS], a));
		else
			out_str(out, NOT_HERE);
		if (is_known(report->score.state))
			out_printf(out, "; the kernel counted %lld thousandths", (long long)report->score.value);
		out_char(out, '\n');
		return;
	}
	const struct badness_parts *parts = &ex->victim.parts;
	out_printf(out, "rss %s + swap %s + page tables %s", pages(ex, parts->rss_pages, a), pages(ex, parts->swap_pages, b),
		   pages(ex, parts->pgtables_pages, c));
	if (parts->adj != 0 && ex->totalpages_exact && ex->era >= ERA_3_5)
		out_printf(out, " + oom_score_adj %d * %lld pages", parts->adj, (long long)badness_adj_unit_pages(ex->totalpages.value));
	else if (parts->adj != 0)
		out_printf(out, ", oom_score_adj %d", parts->adj);
	if (ex->victim.has_points) {
		out_printf(out, " = %lld %s", (long long)ex->victim.points, ex->era >= ERA_3_5 ? "pages" : "thousandths");
		if (is_known(ex->page_bytes.state) && ex->era >= ERA_3_5)
			out_printf(out, " (%s)", units_points(ex->victim.points, (uint32_t)ex->page_bytes.value, d));
	} else {
		out_printf(out, "; what adj weighs is not known: %s", ex->totalpages_because);
	}
	out_printf(out, ", by the rules of %s%s\n", era_name(ex->era), ex->own_rules ? ", not this kernel's own" : "");
}

static void worst(struct out *out, const struct klog_report *report, const struct explanation *ex)
{
	char name[96];
	for (uint32_t i = 0; i < ex->ntop; i++) {
		const struct explain_candidate *candidate = &ex->top[i];
		const struct klog_task *task = &report->tasks[candidate->task];
		struct klog_task_id id = { klog_i64(task->value[klog_task_has(task, KLOG_TGID) ? KLOG_TGID : KLOG_PID]), task->name };
		label(out, i == 0 ? "worst" : "");
		out_printf(out, "%u. %-26s ", i + 1, explain_name(report, &id, name, sizeof name));
		if (candidate->has_points)
			out_printf(out, "%12lld points", (long long)candidate->points);
		else
			out_printf(out, "%12llu pages and its adj",
				   (unsigned long long)(candidate->parts.rss_pages + candidate->parts.swap_pages + candidate->parts.pgtables_pages));
		if (candidate->parts.adj != 0)
			out_printf(out, ", adj %d", candidate->parts.adj);
		if (ex->has_victim && candidate->task == ex->victim.task)
			out_str(out, "  <- the victim");
		out_char(out, '\n');
	}
	if (ex->own_rules && ex->ntop > 0) {
		label(out, "");
		out_printf(out, "so by the rules of %s; this kernel's own may order them otherwise\n", era_name(ex->era));
	}
}

static void memory(struct out *out, const struct klog_report *report, const struct explanation *ex)
{
	static const struct {
		const char *name;
		enum klog_counter a, b;
	} rows[] = {
		{ "file", KLOG_COUNT_active_file, KLOG_COUNT_inactive_file },
		{ "shared", KLOG_COUNT_shmem, KLOG_COUNT_shmem },
		{ "slab", KLOG_COUNT_slab_reclaimable, KLOG_COUNT_slab_unreclaimable },
		{ "page tables", KLOG_COUNT_pagetables, KLOG_COUNT_pagetables },
		{ "free", KLOG_COUNT_free, KLOG_COUNT_free },
	};
	char a[UNITS_BUFFER], b[UNITS_BUFFER], c[UNITS_BUFFER];
	label(out, "memory");
	if (!report->has_meminfo && report->nstats == 0) {
		out_str(out, "where it was is " NOT_HERE "\n");
		return;
	}
	if (report->has_meminfo) {
		uint64_t locked;
		struct klog_u64 anon = explain_anon(report, &locked);
		bool first = !is_known(anon.state);
		if (is_known(anon.state))
			out_printf(out, "anonymous %s%s", explain_anon_is_least(anon, locked) ? "at least " : "", pages(ex, anon.value, a));
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			const struct klog_u64 *x = &report->counters[rows[i].a], *y = &report->counters[rows[i].b];
			if (!is_known(x->state) || !is_known(y->state))
				continue;
			out_printf(out, "%s%s %s", first ? "" : ", ", rows[i].name,
				   pages(ex, x->value + (rows[i].a == rows[i].b ? 0 : y->value), a));
			first = false;
		}
		if (is_known(report->swap_total_kib.state))
			out_printf(out, "%sswap %s free of %s", first ? "" : ", ", kib(report->swap_free_kib, a), kib(report->swap_total_kib, b));
		uint64_t huge_kib = 0;
		for (uint32_t i = 0; i < report->nhugepages; i++)
			huge_kib += u64_mul_sat(report->hugepages[i].total, report->hugepages[i].size_kib);
		if (huge_kib > 0)
			out_printf(out, ", huge pages %s", units_human(u64_mul_sat(huge_kib, 1024), a));
		out_str(out, first && report->swap_total_kib.state != FACT_KNOWN ? "by kinds: " NOT_HERE "\n" : "\n");
		for (uint32_t i = 0; i < report->nzones; i++) {
			const struct klog_zone *zone = &report->zones[i];
			if (!is_known(zone->free_kib.state) || !is_known(zone->min_kib.state))
				continue;
			label(out, "");
			if (is_known(zone->node.state))
				out_printf(out, "node %llu ", (unsigned long long)zone->node.value);
			out_safe(out, klog_text(report, zone->name));
			out_printf(out, ": free %s, min %s, low %s%s\n", kib(zone->free_kib, a), kib(zone->min_kib, b), kib(zone->low_kib, c),
				   zone->free_kib.value < zone->min_kib.value ? " - below min" : "");
		}
		return;
	}
	static const char *const stats[][2] = { { "anon", "anonymous" }, { "rss", "anonymous" }, { "file", "file" }, { "cache", "page cache" },
						{ "shmem", "shared" }, { "kernel", "kernel" }, { "slab", "slab" }, { "pagetables", "page tables" },
						{ "swap", "swap" }, { "zswapped", "in zswap" } };
	bool first = true;
	for (size_t i = 0; i < sizeof stats / sizeof *stats; i++) {
		struct klog_u64 value = klog_report_stat(report, stats[i][0]);
		if (!is_known(value.state))
			continue;
		out_printf(out, "%s%s %s", first ? "of the cgroup: " : ", ", stats[i][1], units_human(value.value, a));
		first = false;
	}
	out_str(out, first ? NOT_HERE "\n" : "\n");
}

void emit_report_text(struct out *out, const struct klog_report *report, const struct explanation *ex, uint32_t number)
{
	out_printf(out, "%u. %s\n", number, ex->summary);
	when(out, report);
	limit(out, report);
	asked(out, report);
	killed(out, report, ex);
	points(out, report, ex);
	worst(out, report, ex);
	label(out, "choice");
	out_printf(out, "%s %s\n",
		   ex->agrees == AGREES_YES  ? "follows from the table:"
		   : ex->agrees == AGREES_NO ? "does not follow from the table:"
					     : "cannot be computed again:",
		   ex->because);
	memory(out, report, ex);
	for (uint32_t i = 0; i < ex->nadvice; i++) {
		label(out, i == 0 ? "what helps" : "");
		out_printf(out, "%s\n", ex->advice[i]);
	}
	out_char(out, '\n');
}
