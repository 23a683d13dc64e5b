/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Editing memory.max, memory.high and memory.oom.group of a memory cgroup: the plan,
 * and the kills of this group's OOM under the new value, are made anew at each key.
 */
#include <errno.h>
#include <stdio.h>

#include "screen_groups.h"

/* The verdict of the group's OOM with the value assumed; NULL when memory is out. */
static const struct verdict *assumed(struct ui *ui, const struct ui_env *env, uint32_t index, int64_t value)
{
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = index };
	uint64_t max = value == KNOB_UNLIMITED ? MEMCG_UNLIMITED : (uint64_t)value;
	int r = 0;
	whatif_clear(&ui->whatif);
	if (ui->edit_file == MEMCG_FILE_MAX)
		r = whatif_set_memcg_max(&ui->whatif, index, max);
	else if (ui->edit_file == MEMCG_FILE_OOM_GROUP)
		r = whatif_set_memcg_oom_group(&ui->whatif, index, value == 1);
	if (r == 0)
		r = ranking_make(&ui->preview, env->snap, &env->model->rules, &ui->whatif, &scope);
	if (r == 0 || r == -ENODATA)
		r = verdict_make(&ui->preview_verdict, env->snap, &env->model->rules, &ui->preview, &ui->whatif,
				 VERDICT_KILLS_MAX);
	return r == 0 ? &ui->preview_verdict : NULL;
}

void groups_edit_update(struct ui *ui, const struct ui_env *env)
{
	if (!ui->editing)
		return;
	uint32_t index = group_find(env->snap, ui->edit_group);
	if (index == TASK_MEMCG_UNKNOWN) {
		ui_stop_editing(ui);
		ui_message(ui, ROLE_ERROR, "The memory cgroup is gone; nothing was written.");
		return;
	}
	int64_t value = ui->plan.after;
	if (!ui->confirming && knob_parse_bytes(field_text(&ui->field), &value) < 0) {
		ui->plan_ok = false;
		return;
	}
	ui->plan_ok = true;
	const struct verdict *then = value >= 0 ? assumed(ui, env, index, value) : NULL;
	knob_plan_memcg(&ui->plan, env->snap, index, ui->edit_file, value, then, env->readonly);
}

char *groups_limit_text(int64_t bytes, char dst[32])
{
	if (bytes == KNOB_UNLIMITED)
		strcpy(dst, "max");
	else if (bytes != 0 && bytes % (1 << 20) == 0)
		snprintf(dst, 32, "%lldM", (long long)(bytes / (1 << 20)));
	else
		snprintf(dst, 32, "%lld", (long long)bytes);
	return dst;
}

static void begin(struct ui *ui, uint64_t group, enum memcg_file file, bool known, int64_t value)
{
	char text[32] = "";
	if (known)
		groups_limit_text(value, text);
	ui->editing = true;
	ui->undoing = false;
	ui->confirming = false;
	ui->edit_group = group;
	ui->edit_file = file;
	ui_ask(ui, FIELD_TEXT, text);
}

bool groups_edit_begin(struct ui *ui, const struct ui_env *env, struct key typed)
{
	enum memcg_file file = typed.code == 'm' ? MEMCG_FILE_MAX :
			       typed.code == 'h' ? MEMCG_FILE_HIGH :
			       typed.code == 'o' ? MEMCG_FILE_OOM_GROUP :
						   MEMCG_FILE__COUNT;
	uint32_t index = groups_chosen(&ui->groups);
	if (file == MEMCG_FILE__COUNT || index == TASK_MEMCG_UNKNOWN)
		return false;
	if (!memcg_file_name(file, env->snap->memcg_version)) {
		ui_message(ui, ROLE_ERROR, "cgroup v1 has neither memory.high nor memory.oom.group.");
		return true;
	}
	knob_plan_memcg(&ui->plan, env->snap, index, file, file == MEMCG_FILE_OOM_GROUP ? 0 : KNOB_UNLIMITED, NULL,
			env->readonly);
	/* A switch is offered turned over, a limit as it stands. */
	int64_t value = file == MEMCG_FILE_OOM_GROUP ? !ui->plan.before : ui->plan.before;
	begin(ui, group_name(env->snap, index), file, ui->plan.before_known, value);
	groups_edit_update(ui, env);
	return true;
}

struct ui_command groups_undo(struct ui *ui, const struct change *last)
{
	struct ui_command command = groups_open(ui);
	begin(ui, last->group, last->file, true, last->value);
	ui->groups.cursor = last->group;
	ui->plan_ok = false; /* until its facts are read */
	ui->undoing = true;
	return command;
}

struct ui_command groups_edit_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	const struct ui_command write = { .kind = UI_APPLY_MEMCG, .group = ui->edit_group, .file = ui->edit_file,
					  .value = ui->plan.after, .is_undo = ui->undoing };
	return ui_edit_key(ui, env, typed, groups_edit_update, &write);
}

int groups_edit_rows(int rows)
{
	return rows >= 18 ? 9 : rows - 4; /* a row of the list stays */
}

void groups_edit_draw(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const char *file = memcg_file_name(ui->edit_file, env->snap->memcg_version);
	char path[512];
	int row = 0;
	uint32_t index = group_find(env->snap, ui->edit_group);
	if (index == TASK_MEMCG_UNKNOWN)
		return;
	pane_fill(pane, row, 0, pane.columns, ' ', ROLE_HEADER);
	ui_path_text(snapshot_text(env->snap, env->snap->memcgs[index].path), pane.columns - 1, pane.frame->ascii, path,
		     sizeof path);
	pane_str(pane, row++, 1, ROLE_HEADER, path);
	if (ui->confirming) {
		char value[32];
		draw_yes(ui, pane, row++, 1, "Type yes to write %s %s: ", file ? file : "?",
			 ui->edit_file != MEMCG_FILE_OOM_GROUP ? groups_limit_text(ui->plan.after, value) :
			 ui->plan.after			       ? "1" :
								 "0");
	} else {
		int column = pane_printf(pane, row, 1, ROLE_LABEL, "%s%s ", ui->undoing ? "undo: " : "", file ? file : "?");
		field_draw(&ui->field, pane, row++, column, 16, ROLE_INPUT);
	}
	if (!ui->plan_ok) {
		draw_wrapped(pane, row, 1, ROLE_ERROR,
			     ui->edit_file == MEMCG_FILE_OOM_GROUP ? "Type 0 or 1." :
								     "Type bytes, with K, M, G or T if you like, or max.");
		return;
	}
	draw_wrapped(pane, row, 1,
		     ui->plan.gate == GATE_REFUSED ? ROLE_ERROR :
		     ui->plan.gate == GATE_OPEN	   ? ROLE_NORMAL :
						     ROLE_WARN,
		     ui->plan.text);
}
