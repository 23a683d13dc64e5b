/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One tick as one line of JSON, schema "oomsight/1". What each field means
 * stands in oomsight-1.schema.json beside this file; the tests hold the two
 * together.
 */
#include "oomsight/emit/emit.h"

#include "parts.h"

static void write_figure(struct json *json, const char *key, struct figure figure)
{
	json_u64_if(json, key, figure.state == FACT_KNOWN, figure.value);
}

static void write_memory(struct json *json, const struct system_facts *sys)
{
	json_object(json, "memory");
	for (unsigned fact = 0; fact < SYS__COUNT; fact++) {
		const struct sys_fact_info *info = &sys_fact_table[fact];
		if (info->file != SYS_FILE_MEMINFO && info->file != SYS_FILE_ZRAM && info->file != SYS_FILE_DENTRIES)
			continue;
		json_u64_if2(json, info->name, info->unit == FACT_BYTES ? "_bytes" : "",
			     sys->state[fact] == FACT_KNOWN, sys->value[fact]);
	}
	write_figure(json, "used_bytes", memory_used(sys));
	write_figure(json, "buff_cache_bytes", memory_buff_cache(sys));
	write_figure(json, "swap_used_bytes", swap_used(sys));
	json_object_end(json);
}

/* Counters that have a name of their own in vmstat, below. */
static bool has_vmstat_name(unsigned fact)
{
	switch (fact) {
	case SYS_OOM_KILL:
	case SYS_PGPGIN:
	case SYS_PGPGOUT:
	case SYS_PSWPIN:
	case SYS_PSWPOUT:
	case SYS_PROCS_RUNNING:
	case SYS_PROCS_BLOCKED:
		return true;
	default:
		return false;
	}
}

static void write_rate(struct json *json, const char *key, const struct rates *rates, enum sys_fact fact, double unit)
{
	bool known = rates->known && rates->per_s_known[fact];
	json_fixed_if(json, key, known, known ? rates->per_s[fact] * unit : 0.0, 2);
}

static void write_vmstat(struct json *json, const struct snapshot *snap, const struct rates *rates)
{
	const struct system_facts *sys = &snap->system;
	static const enum sys_fact plain[] = { SYS_PROCS_RUNNING, SYS_PROCS_BLOCKED, SYS_OOM_KILL };
	json_object(json, "vmstat");
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		json_u64_if(json, sys_fact_table[plain[i]].name, system_knows(sys, plain[i]), sys->value[plain[i]]);
	write_rate(json, "swap_in_bytes_per_second", rates, SYS_PSWPIN, snap->page_bytes);
	write_rate(json, "swap_out_bytes_per_second", rates, SYS_PSWPOUT, snap->page_bytes);
	/* Blocks of 1024 bytes, as vmstat(8) counts them. */
	write_rate(json, "blocks_in_per_second", rates, SYS_PGPGIN, 1.0);
	write_rate(json, "blocks_out_per_second", rates, SYS_PGPGOUT, 1.0);
	for (unsigned fact = 0; fact < SYS__COUNT; fact++) {
		const struct sys_fact_info *info = &sys_fact_table[fact];
		bool counter = info->file == SYS_FILE_VMSTAT || (info->file == SYS_FILE_STAT && info->unit != FACT_TICKS);
		if (!counter || has_vmstat_name(fact))
			continue;
		bool known = rates->known && rates->per_s_known[fact];
		json_fixed_if2(json, info->name, info->unit == FACT_PAGES ? "_pages_per_second" : "_per_second", known,
			       known ? rates->per_s[fact] : 0.0, 2);
	}
	json_fixed_if(json, "cpu_user_percent", rates->cpu_known, rates->cpu_user * 100.0, 2);
	json_fixed_if(json, "cpu_system_percent", rates->cpu_known, rates->cpu_system * 100.0, 2);
	json_fixed_if(json, "cpu_idle_percent", rates->cpu_known, rates->cpu_idle * 100.0, 2);
	json_fixed_if(json, "cpu_iowait_percent", rates->cpu_known, rates->cpu_iowait * 100.0, 2);
	json_fixed_if(json, "cpu_steal_percent", rates->cpu_known, rates->cpu_steal * 100.0, 2);
	json_object_end(json);
}

static void write_psi_line(struct json *json, const char *key, const struct psi_line *line)
{
	if (line->state != FACT_KNOWN) {
		json_null(json, key);
		return;
	}
	json_object(json, key);
	json_scaled(json, "avg10", line->avg10_centi, 2);
	json_scaled(json, "avg60", line->avg60_centi, 2);
	json_scaled(json, "avg300", line->avg300_centi, 2);
	json_scaled(json, "total_seconds", line->total_us, 6);
	json_object_end(json);
}

static bool psi_known(const struct psi *psi)
{
	return psi->some.state == FACT_KNOWN || psi->full.state == FACT_KNOWN;
}

static void write_pressure(struct json *json, const struct system_facts *sys)
{
	static const char *const names[PSI__COUNT] = { [PSI_MEMORY] = "memory", [PSI_IO] = "io", [PSI_CPU] = "cpu" };
	bool any = false;
	for (unsigned i = 0; i < PSI__COUNT; i++)
		any = any || psi_known(&sys->psi[i]);
	if (!any) {
		json_null(json, "pressure");
		return;
	}
	json_object(json, "pressure");
	for (unsigned i = 0; i < PSI__COUNT; i++) {
		if (!psi_known(&sys->psi[i])) {
			json_null(json, names[i]);
			continue;
		}
		json_object(json, names[i]);
		write_psi_line(json, "some", &sys->psi[i].some);
		write_psi_line(json, "full", &sys->psi[i].full);
		json_object_end(json);
	}
	json_object_end(json);
}

static void write_sysctl(struct json *json, const struct system_facts *sys)
{
	json_object(json, "sysctl");
	for (unsigned i = 0; i < SYSCTL__COUNT; i++)
		json_i64_if(json, sysctl_names[i], sys->sysctl[i].state == FACT_KNOWN, sys->sysctl[i].value);
	json_object_end(json);
}

static void write_zones(struct json *json, const struct system_facts *sys)
{
	json_array(json, "zones");
	for (uint32_t i = 0; i < sys->nzones; i++) {
		const struct zone *zone = &sys->zones[i];
		json_object(json, NULL);
		json_u64(json, "node", zone->node);
		json_str(json, "name", zone->name);
		json_u64(json, "free_pages", zone->free_pages);
		json_u64(json, "min_pages", zone->min_pages);
		json_u64(json, "low_pages", zone->low_pages);
		json_u64(json, "high_pages", zone->high_pages);
		json_u64(json, "present_pages", zone->present_pages);
		json_u64(json, "managed_pages", zone->managed_pages);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_swaps(struct json *json, const struct snapshot *snap)
{
	const struct system_facts *sys = &snap->system;
	json_array(json, "swaps");
	for (uint32_t i = 0; i < sys->nswaps; i++) {
		const struct swap_device *swap = &sys->swaps[i];
		json_object(json, NULL);
		json_text(json, "name", swap->name.len > 0 ? snapshot_text(snap, swap->name) : TEXT(""));
		json_u64(json, "size_bytes", swap->size_bytes);
		json_u64(json, "used_bytes", swap->used_bytes);
		json_i64(json, "priority", swap->priority);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_trust(struct json *json, const struct snapshot *snap, const struct model *model)
{
	const struct rules *rules = &model->rules;
	json_object(json, "rules");
	json_str(json, "era", era_name(rules->era));
	json_str(json, "rss", rules->rss == RSS_PRECISE ? "precise" : "quick");
	json_bool(json, "later_wins", rules->later_wins);
	json_bool(json, "calibrated", rules->calibrated);
	json_object_end(json);

	const struct check *check = &model->check;
	json_object(json, "check");
	json_u64(json, "compared", check->compared);
	json_u64(json, "agreed", check->agreed);
	json_u64(json, "by_kernels_word", check->by_kernels_word);
	json_array(json, "differences");
	for (uint32_t i = 0; i < check->ndifferences; i++) {
		json_object(json, NULL);
		json_i64(json, "pid", check->differences[i].pid);
		json_i64(json, "computed", check->differences[i].ours);
		json_i64(json, "oom_score", check->differences[i].kernels);
		json_object_end(json);
	}
	json_array_end(json);
	json_object_end(json);

	const struct observer *observer = &snap->observer;
	json_object(json, "observer");
	json_i64(json, "pid", observer->pid);
	json_u64(json, "uid", observer->uid);
	json_i64_if(json, "oom_score", observer->scores_known, observer->oom_score);
	json_i64_if(json, "oom_score_adj", observer->scores_known, observer->oom_score_adj);
	json_bool(json, "in_init_pid_ns", observer->in_init_pid_ns);
	json_bool(json, "in_init_user_ns", observer->in_init_user_ns);
	json_bool(json, "proc_hides", observer->proc_hides);
	json_object_end(json);
}

/* Who it is: the facts of stat, status and cgroup. */
static void write_task_identity(struct json *json, const struct snapshot *snap, const struct labels *labels,
				const struct task *task)
{
	char digits[USER_DIGITS], instant[INSTANT_BUFFER];
	bool stat = task_knows(task, TASK_STAT);
	bool status = task_knows(task, TASK_STATUS);
	json_i64(json, "pid", task->pid);
	json_i64_if(json, "ppid", stat, task->ppid);
	json_u64_if(json, "uid", status, task->uid);
	if (status)
		json_str(json, "user", task_user(labels, task, digits));
	else
		json_null(json, "user");
	if (stat) {
		json_text(json, "comm", task_comm(snap, task));
		json_text(json, "state", text_of(&task->state, 1));
	} else {
		json_null(json, "comm");
		json_null(json, "state");
	}
	json_u64_if(json, "threads", stat, task->threads);
	const char *start = instant_task_start(snap, task, instant);
	if (start)
		json_str(json, "start_time", start);
	else
		json_null(json, "start_time");
	json_u64_if(json, "start_ticks", stat, task->start_ticks);
	if (task_knows(task, TASK_CGROUP))
		json_text(json, "cgroup", task->cgroup.len > 0 ? snapshot_text(snap, task->cgroup) : TEXT(""));
	else
		json_null(json, "cgroup");
}

static void write_task(struct json *json, const struct snapshot *snap, const struct model *model,
		       const struct labels *labels, uint32_t index)
{
	const struct task *task = &snap->tasks[index];
	json_object(json, NULL);
	write_task_identity(json, snap, labels, task);
	for (unsigned size = 0; size < TASK_SIZE__COUNT; size++)
		write_figure(json, task_size_names[size], task_size(snap, task, (enum task_size)size));

	bool rated = model->rates.known && index < model->rates.ntasks && model->rates.tasks[index].known;
	const struct task_rate none = { .known = false };
	const struct task_rate *rate = rated ? &model->rates.tasks[index] : &none;
	json_fixed_if(json, "growth_bytes_per_second", rated, rate->growth_bytes_per_s, 0);
	json_fixed_if(json, "minor_faults_per_second", rated, rate->minor_per_s, 2);
	json_fixed_if(json, "major_faults_per_second", rated, rate->major_per_s, 2);

	json_i64_if(json, "oom_score", task_knows(task, TASK_SCORE), task->oom_score);
	json_i64_if(json, "oom_score_adj", task_knows(task, TASK_ADJ), task->oom_score_adj);

	enum eligibility eligibility =
		index < model->ranking.ntasks ? model->ranking.candidates[index].eligibility : INELIGIBLE_UNKNOWN;
	if (eligibility == INELIGIBLE_UNKNOWN)
		json_null(json, "eligible");
	else
		json_bool(json, "eligible", eligibility == ELIGIBLE);
	if (eligibility == ELIGIBLE)
		json_null(json, "ineligible_because");
	else
		json_str(json, "ineligible_because", eligibility_name(eligibility));
	const struct candidate nobody = { .rank = 0 };
	bool has_points = task_has_points(model, index);
	const struct candidate *candidate = has_points ? &model->ranking.candidates[index] : &nobody;
	json_i64_if(json, "points_pages", has_points, candidate->points);
	json_u64_if(json, "rank", candidate->rank > 0, candidate->rank);
	json_object_end(json);
}

void emit_tick_json(struct out *out, const struct snapshot *snap, const struct model *model,
		    const struct labels *labels, const struct emit_view *view)
{
	struct json json = { .out = out };
	char instant[INSTANT_BUFFER];
	json_object(&json, NULL);
	json_str(&json, "schema", "oomsight/1");
	json_str(&json, "time", instant_format_ms(snap->realtime_ns, instant));
	json_str(&json, "host", snap->host);
	json_str(&json, "kernel", snap->release);
	json_u64(&json, "page_bytes", snap->page_bytes);
	json_str(&json, "source", source_name(snap->source));
	json_str(&json, "source_note", snap->source_note);
	json_u64(&json, "tick", snap->tick);
	json_scaled(&json, "uptime_seconds", snap->boottime_ns, 9);
	json_scaled(&json, "took_seconds", snap->took_ns, 9);
	json_fixed_if(&json, "interval_seconds", model->rates.known, model->rates.seconds, 6);
	json_u64(&json, "cpus", snap->cpus);

	write_memory(&json, &snap->system);
	write_vmstat(&json, snap, &model->rates);
	write_pressure(&json, &snap->system);
	write_sysctl(&json, &snap->system);
	write_zones(&json, &snap->system);
	write_swaps(&json, snap);
	write_trust(&json, snap, model);

	json_array(&json, "verdicts");
	json_object(&json, NULL);
	verdict_write_json(&json, snap, &model->verdict);
	json_object_end(&json);
	for (uint32_t i = 0; i < model->nmemcg_verdicts; i++) {
		json_object(&json, NULL);
		verdict_write_json(&json, snap, &model->memcg_verdicts[i]);
		json_object_end(&json);
	}
	json_array_end(&json);

	json_u64(&json, "tasks_denied", snap->tasks_denied);
	json_array(&json, "tasks");
	for (uint32_t i = 0; i < view->nrows; i++)
		write_task(&json, snap, model, labels, view->rows[i]);
	json_array_end(&json);
	json_object_end(&json);
	out_char(out, '\n');
}
