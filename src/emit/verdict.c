/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One verdict, for people, for programs and for shells.
 *
 * A verdict holds the kills that selection would make even when the kernel
 * would do something else (panic, wait for a dying victim). JSON must not lead
 * a reader of kills[0] to a victim that would not die: `kills` is empty then,
 * and what selection would choose stands under `otherwise_kills`.
 */
#include "oomsight/emit/emit.h"

#include "oomsight/base/units.h"
#include "oomsight/model/cascade.h"
#include "parts.h"

static void write_victim(struct json *json, const struct snapshot *snap, const struct victim *victim)
{
	const struct task *task = &snap->tasks[victim->task];
	json_object(json, NULL);
	json_i64(json, "pid", task->pid);
	json_text(json, "comm", task_comm(snap, task));
	json_i64_if(json, "points_pages", victim->has_points, victim->points);
	json_i64_if(json, "oom_score_adj", victim->has_adj, victim->adj);
	json_str(json, "role", victim_role_name(victim->role));
	json_object_end(json);
}

static void write_path(struct json *json, const char *key, const struct snapshot *snap, uint32_t memcg)
{
	if (memcg < snap->nmemcgs)
		json_text(json, key, snapshot_text(snap, snap->memcgs[memcg].path));
	else
		json_null(json, key);
}

static void write_kills(struct json *json, const struct snapshot *snap, const struct verdict *verdict)
{
	for (uint32_t i = 0; i < verdict->nkills; i++) {
		const struct kill *kill = &verdict->kills[i];
		json_object(json, NULL);
		json_array(json, "victims");
		for (uint32_t v = 0; v < kill->nvictims; v++)
			write_victim(json, snap, &verdict->victims[kill->first_victim + v]);
		json_array_end(json);
		json_u64(json, "frees_bytes", kill->frees_bytes);
		json_u64_if(json, "margin_pages", kill->has_runner_up, kill->margin_pages);
		json_u64(json, "error_pages", kill->error_pages);
		json_i64_if(json, "runner_up_pid", kill->has_runner_up,
			    kill->has_runner_up ? snap->tasks[kill->runner_up].pid : 0);
		write_path(json, "oom_group", snap, kill->group);
		json_bool(json, "certain", kill->certain);
		json_object_end(json);
	}
}

/* Room for a list of every other node there can be. */
#define NODES_TEXT 4096

static void write_scope(struct json *json, const struct snapshot *snap, const struct verdict *verdict)
{
	const struct scope *scope = &verdict->scope;
	char nodes[NODES_TEXT];
	json_str(json, "scope", scope_name(scope->kind));
	write_path(json, "path", snap, scope->kind == SCOPE_MEMCG ? scope->memcg : TASK_MEMCG_UNKNOWN);
	if (scope->kind == SCOPE_CPUSET || scope->kind == SCOPE_MEMPOLICY)
		json_str(json, "nodes", nodeset_format(&scope->nodes, nodes, sizeof nodes));
	else
		json_null(json, "nodes");
	json_bool(json, "sysrq", scope->sysrq);
	json_str(json, "constraint", constraint_name(verdict->constraint));
}

static void write_when(struct json *json, const struct snapshot *snap, const struct verdict_when *when)
{
	json_fixed_if(json, "eta_seconds", when->nearing, when->eta_s, 1);
	json_fixed_if(json, "eta_earliest_seconds", when->nearing, when->eta_earliest_s, 1);
	json_fixed_if(json, "eta_latest_seconds", when->nearing, when->eta_latest_s, 1);
	json_fixed_if(json, "headroom_bytes_per_second", when->nearing, when->bytes_per_s, 0);
	if (!when->nearing || !when->has_grower) {
		json_null(json, "grows_fastest");
		return;
	}
	json_object(json, "grows_fastest");
	json_i64(json, "pid", snap->tasks[when->grower].pid);
	json_text(json, "comm", task_comm(snap, &snap->tasks[when->grower]));
	json_fixed(json, "bytes_per_second", when->grower_bytes_per_s, 0);
	json_object_end(json);
}

void verdict_write_json(struct json *json, const struct snapshot *snap, const struct verdict *verdict)
{
	bool kills = verdict->action == ACTION_KILL;
	write_scope(json, snap, verdict);
	json_u64_if(json, "totalpages", verdict->totalpages > 0, verdict->totalpages);
	json_str(json, "action", verdict_action_name(verdict->action));
	json_str(json, "because", verdict->because);
	json_i64_if(json, "waiting_for_pid", verdict->action == ACTION_WAIT, verdict->waiting_for);
	json_array(json, "kills");
	if (kills)
		write_kills(json, snap, verdict);
	json_array_end(json);
	json_array(json, "otherwise_kills");
	if (!kills)
		write_kills(json, snap, verdict);
	json_array_end(json);
	if (verdict->watch[0])
		json_str(json, "watch", verdict->watch);
	else
		json_null(json, "watch");
	json_i64_if(json, "overtaker_pid", verdict->has_overtaker,
		    verdict->has_overtaker ? snap->tasks[verdict->overtaker].pid : 0);
	json_fixed_if(json, "overtakes_in_seconds", verdict->has_overtaker, verdict->overtakes_s, 1);
	json_u64_if(json, "headroom_bytes", verdict->headroom_known, verdict->headroom_bytes);
	json_u64_if(json, "shortfall_bytes", verdict->shortfall_known, verdict->shortfall_bytes);
	write_when(json, snap, &verdict->when);
}

void emit_verdict_json(struct out *out, const struct snapshot *snap, const struct model *model)
{
	struct json json = { .out = out };
	json_object(&json, NULL);
	verdict_write_json(&json, snap, &model->verdict);
	json_object_end(&json);
	out_char(out, '\n');
}

void emit_verdict_tsv(struct out *out, const struct snapshot *snap, const struct model *model)
{
	const struct verdict *verdict = &model->verdict;
	switch (verdict->action) {
	case ACTION_PANIC:
		out_str(out, "panic\n");
		return;
	case ACTION_KILL_ALLOCATING_TASK:
		out_str(out, "allocating-task\n");
		return;
	case ACTION_ENOMEM:
		out_str(out, "enomem\n");
		return;
	case ACTION_WAIT:
		out_str(out, "wait\t");
		out_i64(out, verdict->waiting_for);
		out_char(out, '\n');
		return;
	case ACTION_KILL:
		break;
	case ACTION_NONE:
	case ACTION__COUNT:
		out_str(out, "none\n");
		return;
	}
	for (uint32_t i = 0; i < verdict->nkills; i++) {
		const struct kill *kill = &verdict->kills[i];
		for (uint32_t v = 0; v < kill->nvictims; v++) {
			const struct victim *victim = &verdict->victims[kill->first_victim + v];
			const struct task *task = &snap->tasks[victim->task];
			out_u64(out, i + 1);
			out_char(out, '\t');
			out_str(out, victim_role_name(victim->role));
			out_char(out, '\t');
			out_i64(out, task->pid);
			out_char(out, '\t');
			/* Never empty: a shell's read takes two tabs for one. */
			if (victim->has_points)
				out_i64(out, victim->points);
			else
				out_char(out, '-');
			out_char(out, '\t');
			if (victim->has_adj)
				out_i64(out, victim->adj);
			else
				out_char(out, '-');
			out_char(out, '\t');
			out_safe(out, task_comm(snap, task));
			out_char(out, '\n');
		}
	}
}

static void write_text_row(struct out *out, const struct snapshot *snap, uint32_t number, const struct kill *kill,
			   const struct victim *victim)
{
	const struct task *task = &snap->tasks[victim->task];
	char buf[UNITS_BUFFER];
	out_printf(out, "%4u %-9s %7d ", (unsigned)number, victim_role_name(victim->role), (int)task->pid);
	if (victim->has_points) {
		int64_t points = victim->points;
		uint64_t magnitude = points < 0 ? 0 - (uint64_t)points : (uint64_t)points;
		units_human(snapshot_bytes(snap, magnitude), buf);
		out_printf(out, "%*s%s ", 7 - (int)strlen(buf), points < 0 ? "-" : "", buf);
	} else {
		out_printf(out, "%7s ", "-");
	}
	if (victim->has_adj)
		out_printf(out, "%5d ", victim->adj);
	else
		out_printf(out, "%5s ", "?");
	/* What the kill as a whole does stands with the first who dies of it. */
	if (victim->role == VICTIM_CHOSEN) {
		out_printf(out, "%6s ", units_human(kill->frees_bytes, buf));
		out_printf(out, "%6s ",
			   kill->has_runner_up ? units_human(snapshot_bytes(snap, kill->margin_pages), buf) : "-");
		out_printf(out, "%-4s ", kill->certain ? "yes" : "no");
	} else {
		out_printf(out, "%6s %6s %4s ", "", "", "");
	}
	out_safe(out, task_comm(snap, task));
	out_char(out, '\n');
}

void emit_verdict_text(struct out *out, const struct snapshot *snap, const struct model *model)
{
	const struct verdict *verdict = &model->verdict;
	out_str(out, verdict->because);
	out_char(out, '\n');
	if (verdict->watch[0]) {
		out_str(out, verdict->watch);
		out_char(out, '\n');
	}
	if (verdict->nkills == 0)
		return;
	if (verdict->action != ACTION_KILL)
		out_str(out, "\nIf a victim were selected all the same:\n");
	out_char(out, '\n');
	out_str(out, "KILL ROLE          PID  POINTS   ADJ  FREES MARGIN SURE COMMAND\n");
	for (uint32_t i = 0; i < verdict->nkills; i++) {
		const struct kill *kill = &verdict->kills[i];
		for (uint32_t v = 0; v < kill->nvictims; v++)
			write_text_row(out, snap, i + 1, kill, &verdict->victims[kill->first_victim + v]);
	}
	char line[1024];
	if (verdict->nkills > 1)
		out_printf(out, "\n%s\n", cascade_text(verdict, snap, sizeof line, line, sizeof line));
}
