/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One tick in the OpenMetrics text format, 1.0.
 *
 * Host figures carry the names dashboards already know (node_…), so that their
 * panels work unchanged; what only this program knows is oomsight_…. A figure
 * that is not known has no sample. Counters must end in _total: those whose
 * known name does not (node_vmstat_…) are of type unknown, as published there.
 */
#include "oomsight/emit/emit.h"

#include <stdio.h>

#include "parts.h"

#define TOP_CANDIDATES 10
#define NAME_BUFFER 96

/* A family of samples begins: its type, its unit if it has one (the name then
 * ends with it), what it means. */
static void family(struct out *out, const char *name, const char *type, const char *unit, const char *help)
{
	out_printf(out, "# TYPE %s %s\n", name, type);
	if (unit)
		out_printf(out, "# UNIT %s %s\n", name, unit);
	out_printf(out, "# HELP %s %s\n", name, help);
}

static void sample_u64(struct out *out, const char *name, uint64_t value)
{
	out_str(out, name);
	out_char(out, ' ');
	out_u64(out, value);
	out_char(out, '\n');
}

static void gauge_u64(struct out *out, const char *name, const char *unit, const char *help, uint64_t value)
{
	family(out, name, "gauge", unit, help);
	sample_u64(out, name, value);
}

/* A label's value with its quotes. The safe text is widened in place, from its
 * end: each quote and backslash gets a backslash before it. */
static void label_value(struct out *out, struct text raw)
{
	out_char(out, '"');
	size_t start = out->len;
	out_safe(out, raw);
	if (out->error)
		return;
	size_t special = 0;
	for (size_t i = start; i < out->len; i++)
		special += out->bytes[i] == '"' || out->bytes[i] == '\\' ? 1 : 0;
	size_t from = out->len;
	for (size_t i = 0; i < special; i++)
		out_char(out, '\\');
	if (out->error)
		return;
	size_t to = out->len;
	while (to > from) {
		char c = out->bytes[--from];
		out->bytes[--to] = c;
		if (c == '"' || c == '\\')
			out->bytes[--to] = '\\';
	}
	out_char(out, '"');
}

/* "Active(anon)" → Active_anon: what may stand in a name. */
static const char *name_of_key(const char *prefix, const char *key, const char *suffix, char dst[NAME_BUFFER])
{
	int n = snprintf(dst, NAME_BUFFER, "%s%s", prefix, key);
	size_t len = n > 0 ? (size_t)n : 0;
	size_t kept = 0;
	for (size_t i = 0; i < len && i < NAME_BUFFER - 1; i++) {
		if (dst[i] != ')')
			dst[kept++] = dst[i] == '(' ? '_' : dst[i];
	}
	snprintf(dst + kept, NAME_BUFFER - kept, "%s", suffix);
	return dst;
}

static void write_memory(struct out *out, const struct system_facts *sys)
{
	char name[NAME_BUFFER];
	for (unsigned fact = 0; fact < SYS__COUNT; fact++) {
		const struct sys_fact_info *info = &sys_fact_table[fact];
		bool bytes = info->unit == FACT_BYTES;
		if (sys->state[fact] != FACT_KNOWN)
			continue;
		if (info->file == SYS_FILE_MEMINFO)
			name_of_key("node_memory_", info->key, bytes ? "_bytes" : "", name);
		else if (info->file == SYS_FILE_ZRAM || info->file == SYS_FILE_DENTRIES)
			name_of_key("oomsight_", info->name, bytes ? "_bytes" : "", name);
		else
			continue;
		gauge_u64(out, name, bytes ? "bytes" : NULL, info->help, sys->value[fact]);
	}
}

/* Sums over several keys of the file (key ends in '*') exist nowhere under one
 * known name: they are ours. */
static void write_vmstat(struct out *out, const struct system_facts *sys)
{
	char name[NAME_BUFFER];
	for (unsigned fact = 0; fact < SYS__COUNT; fact++) {
		const struct sys_fact_info *info = &sys_fact_table[fact];
		if (info->file != SYS_FILE_VMSTAT || sys->state[fact] != FACT_KNOWN)
			continue;
		if (strchr(info->key, '*')) {
			name_of_key("oomsight_vmstat_", info->name, "", name);
			family(out, name, "counter", NULL, info->help);
			out_str(out, name);
			sample_u64(out, "_total", sys->value[fact]);
		} else {
			name_of_key("node_vmstat_", info->key, "", name);
			family(out, name, "unknown", NULL, info->help);
			sample_u64(out, name, sys->value[fact]);
		}
	}
}

static void write_stat(struct out *out, const struct snapshot *snap)
{
	const struct system_facts *sys = &snap->system;
	static const struct {
		enum sys_fact fact;
		const char *family;
		bool counter;
	} plain[] = {
		{ SYS_INTERRUPTS, "node_intr", true },
		{ SYS_CONTEXT_SWITCHES, "node_context_switches", true },
		{ SYS_FORKS, "node_forks", true },
		{ SYS_PROCS_RUNNING, "node_procs_running", false },
		{ SYS_PROCS_BLOCKED, "node_procs_blocked", false },
	};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		if (!system_knows(sys, plain[i].fact))
			continue;
		family(out, plain[i].family, plain[i].counter ? "counter" : "gauge", NULL,
		       sys_fact_table[plain[i].fact].help);
		out_str(out, plain[i].family);
		sample_u64(out, plain[i].counter ? "_total" : "", sys->value[plain[i].fact]);
	}

	static const struct {
		enum sys_fact fact;
		const char *mode;
	} modes[] = {
		{ SYS_CPU_USER, "user" },	{ SYS_CPU_NICE, "nice" }, { SYS_CPU_SYSTEM, "system" },
		{ SYS_CPU_IDLE, "idle" },	{ SYS_CPU_IOWAIT, "iowait" }, { SYS_CPU_IRQ, "irq" },
		{ SYS_CPU_SOFTIRQ, "softirq" }, { SYS_CPU_STEAL, "steal" },
	};
	if (snap->ticks_per_s == 0 || !system_knows(sys, SYS_CPU_USER))
		return;
	family(out, "oomsight_cpu_seconds", "counter", "seconds", "CPU time of all processors by mode");
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (!system_knows(sys, modes[i].fact))
			continue;
		out_printf(out, "oomsight_cpu_seconds_total{mode=\"%s\"} ", modes[i].mode);
		out_fixed(out, (double)sys->value[modes[i].fact] / snap->ticks_per_s, 2);
		out_char(out, '\n');
	}
}

static void write_pressure(struct out *out, const struct system_facts *sys)
{
	static const char *const names[PSI__COUNT] = { [PSI_MEMORY] = "memory", [PSI_IO] = "io", [PSI_CPU] = "cpu" };
	for (unsigned i = 0; i < PSI__COUNT; i++) {
		const struct {
			const struct psi_line *line;
			const char *word;
			const char *help;
		} kinds[] = {
			{ &sys->psi[i].some, "waiting", "time in which some task waited for it" },
			{ &sys->psi[i].full, "stalled", "time in which all tasks waited for it" },
		};
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			char name[NAME_BUFFER];
			if (kinds[k].line->state != FACT_KNOWN)
				continue;
			snprintf(name, sizeof name, "node_pressure_%s_%s_seconds", names[i], kinds[k].word);
			family(out, name, "counter", "seconds", kinds[k].help);
			out_printf(out, "%s_total %llu.%06u\n", name,
				   (unsigned long long)(kinds[k].line->total_us / 1000000),
				   (unsigned)(kinds[k].line->total_us % 1000000));
		}
	}
}

static void write_sysctls(struct out *out, const struct system_facts *sys)
{
	for (unsigned i = 0; i < SYSCTL__COUNT; i++) {
		char name[NAME_BUFFER];
		if (sys->sysctl[i].state != FACT_KNOWN)
			continue;
		snprintf(name, sizeof name, "node_sysctl_%s", sysctl_names[i]);
		for (char *dot = strchr(name, '.'); dot; dot = strchr(dot, '.'))
			*dot = '_';
		family(out, name, "gauge", NULL, sysctl_names[i]);
		out_str(out, name);
		out_char(out, ' ');
		out_i64(out, sys->sysctl[i].value);
		out_char(out, '\n');
	}
}

static void write_zones(struct out *out, const struct system_facts *sys)
{
	static const struct {
		const char *family;
		const char *help;
		size_t offset;
	} figures[] = {
		{ "node_zoneinfo_nr_free_pages", "free pages of the zone", offsetof(struct zone, free_pages) },
		{ "node_zoneinfo_min_pages", "its min watermark", offsetof(struct zone, min_pages) },
		{ "node_zoneinfo_low_pages", "its low watermark", offsetof(struct zone, low_pages) },
		{ "node_zoneinfo_high_pages", "its high watermark", offsetof(struct zone, high_pages) },
	};
	if (sys->nzones == 0)
		return;
	for (size_t f = 0; f < sizeof figures / sizeof *figures; f++) {
		family(out, figures[f].family, "gauge", "pages", figures[f].help);
		for (uint32_t i = 0; i < sys->nzones; i++) {
			const struct zone *zone = &sys->zones[i];
			uint64_t pages;
			memcpy(&pages, (const char *)zone + figures[f].offset, sizeof pages);
			out_printf(out, "%s{node=\"%u\",zone=", figures[f].family, (unsigned)zone->node);
			label_value(out, text_of_str(zone->name));
			sample_u64(out, "}", pages);
		}
	}
}

/* {pid="1",comm="init" — the brace is left open for more labels. */
static void open_task_labels(struct out *out, const struct snapshot *snap, uint32_t index)
{
	out_printf(out, "{pid=\"%d\",comm=", (int)snap->tasks[index].pid);
	label_value(out, task_comm(snap, &snap->tasks[index]));
}

static void write_candidates(struct out *out, const struct snapshot *snap, const struct model *model)
{
	const struct ranking *ranking = &model->ranking;
	if (ranking->totalpages == 0 || ranking->norder == 0)
		return;
	family(out, "oomsight_task_points_pages", "gauge", "pages", "badness of those who would be killed first");
	for (uint32_t i = 0; i < ranking->norder && i < TOP_CANDIDATES; i++) {
		uint32_t index = ranking->order[i];
		out_str(out, "oomsight_task_points_pages");
		open_task_labels(out, snap, index);
		out_printf(out, ",rank=\"%u\"} ", (unsigned)i + 1);
		out_i64(out, ranking->candidates[index].points);
		out_char(out, '\n');
	}
}

static void write_verdict(struct out *out, const struct snapshot *snap, const struct model *model)
{
	const struct verdict *verdict = &model->verdict;
	family(out, "oomsight_verdict_action", "stateset", NULL, "what a global out of memory would lead to now");
	for (unsigned action = 0; action < ACTION__COUNT; action++)
		out_printf(out, "oomsight_verdict_action{oomsight_verdict_action=\"%s\"} %d\n",
			   verdict_action_name((enum verdict_action)action), action == verdict->action ? 1 : 0);
	if (verdict->totalpages > 0)
		gauge_u64(out, "oomsight_totalpages", NULL, "pages a global out of memory counts: RAM and swap",
			  verdict->totalpages);
	if (verdict->headroom_known)
		gauge_u64(out, "oomsight_headroom_bytes", "bytes", "what can be allocated before memory is gone",
			  verdict->headroom_bytes);
	if (model->forecast.state == FORECAST_NEARING) {
		family(out, "oomsight_eta_seconds", "gauge", "seconds", "until memory is gone if usage goes on as it does");
		out_str(out, "oomsight_eta_seconds ");
		out_fixed(out, model->forecast.eta_s, 1);
		out_char(out, '\n');
	}
	if (verdict->action != ACTION_KILL || verdict->nkills == 0 || verdict->kills[0].nvictims == 0)
		return;
	const struct kill *kill = &verdict->kills[0];
	uint32_t chosen = verdict->victims[kill->first_victim].task;
	if (task_has_points(model, chosen)) {
		family(out, "oomsight_verdict_points_pages", "gauge", "pages", "badness of the process killed next");
		out_str(out, "oomsight_verdict_points_pages");
		open_task_labels(out, snap, chosen);
		out_str(out, "} ");
		out_i64(out, model->ranking.candidates[chosen].points);
		out_char(out, '\n');
	}
	gauge_u64(out, "oomsight_verdict_frees_bytes", "bytes", "what that kill gives back", kill->frees_bytes);
	if (kill->has_runner_up)
		gauge_u64(out, "oomsight_verdict_margin_pages", "pages", "points between it and the next candidate",
			  kill->margin_pages);
	gauge_u64(out, "oomsight_verdict_certain", NULL, "1 when the margin is above the error of the counters",
		  kill->certain ? 1 : 0);
}

void emit_tick_openmetrics(struct out *out, const struct snapshot *snap, const struct model *model)
{
	family(out, "oomsight_kernel", "info", NULL, "the kernel and where the task facts come from");
	out_str(out, "oomsight_kernel_info{release=");
	label_value(out, text_of_str(snap->release));
	out_printf(out, ",source=\"%s\"} 1\n", source_name(snap->source));
	write_memory(out, &snap->system);
	write_vmstat(out, &snap->system);
	write_stat(out, snap);
	write_pressure(out, &snap->system);
	write_sysctls(out, &snap->system);
	write_zones(out, &snap->system);
	gauge_u64(out, "oomsight_tasks", NULL, "processes seen", snap->ntasks);
	gauge_u64(out, "oomsight_tasks_denied", NULL, "processes that could not be read", snap->tasks_denied);
	gauge_u64(out, "oomsight_model_compared", NULL, "tasks whose oom_score was compared with the kernel's",
		  model->check.compared);
	gauge_u64(out, "oomsight_model_agreed", NULL, "of them those where both agree", model->check.agreed);
	write_verdict(out, snap, model);
	write_candidates(out, snap, model);
	out_str(out, "# EOF\n");
}
