/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/emit/explain.h"

#include <stdio.h>

#include "json_writer.h"
#include "oomsight/base/units.h"
#include "parts.h"

static bool is_known(enum fact_state state)
{
	return state == FACT_KNOWN;
}

static void text_if(struct json *json, const char *key, const struct klog_report *report, struct klog_text text)
{
	if (is_known(text.state))
		json_text(json, key, klog_text(report, text));
	else
		json_null(json, key);
}

static void u64_if(struct json *json, const char *key, struct klog_u64 value)
{
	json_u64_if(json, key, is_known(value.state), value.value);
}

static void i64_if(struct json *json, const char *key, struct klog_i64 value)
{
	json_i64_if(json, key, is_known(value.state), value.value);
}

/* KiB of the log as bytes. */
static void kib_if(struct json *json, const char *key, struct klog_u64 kib)
{
	json_u64_if(json, key, is_known(kib.state) && kib.value <= UINT64_MAX / 1024, kib.value * 1024);
}

static void id_fields(struct json *json, const struct klog_report *report, const struct klog_task_id *id)
{
	i64_if(json, "pid", id->pid);
	text_if(json, "comm", report, id->comm);
}

/* RFC 3339; without a zone where the log does not state it, null without a year. */
static void write_time(struct json *json, const struct klog_report *report)
{
	const struct klog_time *time = &report->time;
	char buf[INSTANT_BUFFER];
	if (is_known(time->realtime_ns.state)) {
		json_str(json, "time", instant_format_ms(time->realtime_ns.value, buf));
	} else if (is_known(time->local_ns.state)) {
		instant_format_ms(time->local_ns.value, buf);
		struct text t = text_of_str(buf);
		if (t.len > 0 && t.ptr[t.len - 1] == 'Z')
			t.len--;
		json_text(json, "time", t);
	} else {
		json_null(json, "time");
	}
	text_if(json, "time_text", report, time->text);
	if (is_known(time->monotonic_ns.state))
		json_scaled(json, "monotonic_seconds", time->monotonic_ns.value / 1000, 6);
	else
		json_null(json, "monotonic_seconds");
}

static void write_trigger(struct json *json, const struct klog_report *report)
{
	json_object(json, "trigger");
	id_fields(json, report, &report->trigger);
	i64_if(json, "order", report->order);
	if (is_known(report->gfp_flags.state)) {
		text_if(json, "gfp", report, report->gfp_flags);
	} else if (is_known(report->gfp_mask.state)) {
		char hex[24];
		snprintf(hex, sizeof hex, "0x%llx", (unsigned long long)report->gfp_mask.value);
		json_str(json, "gfp", hex);
	} else {
		json_null(json, "gfp");
	}
	i64_if(json, "oom_score_adj", report->trigger_adj);
	json_object_end(json);
}

static void write_kill(struct json *json, const struct klog_report *report, const struct klog_kill *kill)
{
	json_object(json, NULL);
	id_fields(json, report, &kill->task);
	kib_if(json, "total_vm_bytes", kill->total_vm_kib);
	kib_if(json, "anon_rss_bytes", kill->anon_rss_kib);
	kib_if(json, "file_rss_bytes", kill->file_rss_kib);
	kib_if(json, "shmem_rss_bytes", kill->shmem_rss_kib);
	kib_if(json, "pgtables_bytes", kill->pgtables_kib);
	u64_if(json, "uid", kill->uid);
	i64_if(json, "oom_score_adj", kill->adj);
	json_str(json, "role", klog_role_name(kill->role));
	json_bool(json, "reaped", kill->reaped);
	json_object_end(json);
}

/* A column of a row; the key names the unit. */
static void write_cell(struct json *json, const struct klog_task *task, enum klog_column column, const char *key)
{
	json_i64_if(json, key, klog_task_has(task, column), task->value[column]);
}

static void write_task(struct json *json, const struct klog_report *report, const struct klog_task *task)
{
	json_object(json, NULL);
	write_cell(json, task, KLOG_PID, "pid");
	write_cell(json, task, KLOG_TGID, "tgid");
	text_if(json, "comm", report, task->name);
	write_cell(json, task, KLOG_UID, "uid");
	write_cell(json, task, KLOG_TOTAL_VM, "total_vm_pages");
	write_cell(json, task, KLOG_RSS, "rss_pages");
	write_cell(json, task, KLOG_RSS_ANON, "rss_anon_pages");
	write_cell(json, task, KLOG_RSS_FILE, "rss_file_pages");
	write_cell(json, task, KLOG_RSS_SHMEM, "rss_shmem_pages");
	write_cell(json, task, KLOG_SWAPENTS, "swap_pages");
	write_cell(json, task, KLOG_PGTABLES_BYTES, "pgtables_bytes");
	write_cell(json, task, KLOG_NR_PTES, "nr_ptes");
	write_cell(json, task, KLOG_NR_PMDS, "nr_pmds");
	write_cell(json, task, KLOG_OOM_SCORE_ADJ, "oom_score_adj");
	json_object_end(json);
}

static void write_candidate(struct json *json, const char *key, const struct klog_report *report,
			    const struct explain_candidate *candidate)
{
	const struct klog_task *task = &report->tasks[candidate->task];
	json_object(json, key);
	write_cell(json, task, klog_task_has(task, KLOG_TGID) ? KLOG_TGID : KLOG_PID, "pid");
	text_if(json, "comm", report, task->name);
	json_i64_if(json, "points", candidate->has_points, candidate->points);
	json_u64(json, "rss_pages", candidate->parts.rss_pages);
	json_u64(json, "swap_pages", candidate->parts.swap_pages);
	json_u64(json, "pgtables_pages", candidate->parts.pgtables_pages);
	json_i64(json, "oom_score_adj", candidate->parts.adj);
	json_object_end(json);
}

static void write_zone(struct json *json, const struct klog_report *report, const struct klog_zone *zone)
{
	json_object(json, NULL);
	u64_if(json, "node", zone->node);
	text_if(json, "name", report, zone->name);
	kib_if(json, "free_bytes", zone->free_kib);
	kib_if(json, "min_bytes", zone->min_kib);
	kib_if(json, "low_bytes", zone->low_kib);
	kib_if(json, "high_bytes", zone->high_kib);
	kib_if(json, "managed_bytes", zone->managed_kib);
	if (zone->has_blocks) {
		json_array(json, "free_blocks");
		for (unsigned order = 0; order < zone->norders; order++)
			json_u64(json, NULL, zone->blocks[order]);
		json_array_end(json);
	} else {
		json_null(json, "free_blocks");
	}
	json_object_end(json);
}

static void write_limit(struct json *json, const char *key, const struct klog_limit *limit)
{
	json_object(json, key);
	kib_if(json, "usage_bytes", limit->usage_kib);
	kib_if(json, "limit_bytes", limit->limit_kib);
	u64_if(json, "failcnt", limit->failcnt);
	json_object_end(json);
}

static void write_memory(struct json *json, const struct klog_report *report)
{
	json_object(json, "memory");
	if (report->has_meminfo) {
		json_object(json, "counters_pages");
		for (int i = 0; i < KLOG_COUNTER__COUNT; i++)
			u64_if(json, klog_counter_name((enum klog_counter)i), report->counters[i]);
		json_object_end(json);
	} else {
		json_null(json, "counters_pages");
	}
	u64_if(json, "ram_pages", report->ram_pages);
	u64_if(json, "reserved_pages", report->reserved_pages);
	kib_if(json, "swap_total_bytes", report->swap_total_kib);
	kib_if(json, "swap_free_bytes", report->swap_free_kib);
	json_array(json, "zones");
	for (uint32_t i = 0; i < report->nzones; i++)
		write_zone(json, report, &report->zones[i]);
	json_array_end(json);
	if (report->scope == KLOG_SCOPE_MEMCG) {
		json_object(json, "memcg");
		write_limit(json, "memory", &report->limit_memory);
		write_limit(json, "memsw", &report->limit_memsw);
		write_limit(json, "swap", &report->limit_swap);
		write_limit(json, "kmem", &report->limit_kmem);
		json_object_end(json);
	} else {
		json_null(json, "memcg");
	}
	json_object_end(json);
}

void emit_report_json(struct out *out, const struct klog_report *report, const struct explanation *ex)
{
	static const char *const scopes[] = { [KLOG_SCOPE_GLOBAL] = "global", [KLOG_SCOPE_MEMCG] = "memcg" };
	static const char *const panics[] = { [KLOG_PANIC_SYSCTL] = "panic_on_oom",
					      [KLOG_PANIC_COMPULSORY] = "panic_on_oom_compulsory",
					      [KLOG_PANIC_NOBODY] = "nobody_killable" };
	struct json json = { .out = out };
	char name[64];
	json_object(&json, NULL);
	write_time(&json, report);
	text_if(&json, "kernel", report, report->release);
	const char *constraint = explain_constraint(report, name, sizeof name);
	if (constraint)
		json_str(&json, "constraint", constraint);
	else
		json_null(&json, "constraint");
	if (report->scope == KLOG_SCOPE_UNKNOWN)
		json_null(&json, "scope");
	else
		json_str(&json, "scope", scopes[report->scope]);
	text_if(&json, "memcg", report, report->oom_memcg);
	text_if(&json, "task_memcg", report, report->task_memcg);
	text_if(&json, "nodemask", report, report->nodemask);
	text_if(&json, "cpuset", report, report->cpuset);
	text_if(&json, "mems_allowed", report, report->mems_allowed);
	write_trigger(&json, report);
	json_object(&json, "chosen");
	id_fields(&json, report, &ex->chosen);
	i64_if(&json, "score", report->score);
	json_object_end(&json);
	json_array(&json, "killed");
	for (uint32_t i = 0; i < report->nkills; i++)
		write_kill(&json, report, &report->kills[i]);
	json_array_end(&json);
	json_array(&json, "also_reaped");
	for (uint32_t i = 0; i < report->nreaped; i++) {
		json_object(&json, NULL);
		id_fields(&json, report, &report->reaped[i].task);
		json_bool(&json, "failed", report->reaped[i].failed);
		json_object_end(&json);
	}
	json_array_end(&json);
	text_if(&json, "oom_group", report, report->oom_group);
	json_bool(&json, "panic", report->panic != KLOG_PANIC_NONE);
	if (report->panic == KLOG_PANIC_NONE)
		json_null(&json, "panic_because");
	else
		json_str(&json, "panic_because", panics[report->panic]);
	json_bool(&json, "nobody_killable", report->nobody_killable);
	json_bool(&json, "allocating_task", report->allocating_task);
	u64_if(&json, "page_bytes", ex->page_bytes);
	json_u64_if(&json, "totalpages", ex->totalpages_exact, ex->totalpages.value);
	json_bool(&json, "table_complete", ex->table_complete);
	json_array(&json, "tasks");
	for (uint32_t i = 0; i < report->ntasks; i++)
		write_task(&json, report, &report->tasks[i]);
	json_array_end(&json);
	if (ex->has_era)
		json_str(&json, "rules", era_name(ex->era));
	else
		json_null(&json, "rules");
	json_array(&json, "worst");
	for (uint32_t i = 0; i < ex->ntop; i++)
		write_candidate(&json, NULL, report, &ex->top[i]);
	json_array_end(&json);
	json_object(&json, "recomputed");
	i64_if(&json, "pid", ex->recomputed_pid);
	if (ex->agrees == AGREES_UNKNOWN)
		json_null(&json, "agrees");
	else
		json_bool(&json, "agrees", ex->agrees == AGREES_YES);
	json_str(&json, "because", ex->because);
	json_object_end(&json);
	write_memory(&json, report);
	json_array(&json, "advice");
	for (uint32_t i = 0; i < ex->nadvice; i++)
		json_str(&json, NULL, ex->advice[i]);
	json_array_end(&json);
	json_str(&json, "summary", ex->summary);
	json_object_end(&json);
	out_char(out, '\n');
}
