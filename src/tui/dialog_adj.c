/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Editing oom_score_adj: while a value is typed the list above is ranked with
 * it, and the box says what would change. Nothing is written before Enter. Tab
 * goes to the scale of the legacy oom_adj and back: the number typed is turned
 * into the other by the kernel's rule, everything else stays the same.
 */
#include <stdio.h>

#include "flow.h"
#include "screen.h"

#define BOX_ROWS 9

static const struct task *first_target(const struct ui *ui, const struct ui_env *env)
{
	for (uint32_t i = 0; i < ui->ntargets; i++) {
		const struct task *task = ui_find(env, ui->targets[i].process);
		if (task)
			return task;
	}
	return NULL;
}

/* The scale that is typed on. */
static int scale_min(const struct ui *ui)
{
	return ui->on_oom_adj ? OOM_DISABLE : OOM_SCORE_ADJ_MIN;
}

static int scale_max(const struct ui *ui)
{
	return ui->on_oom_adj ? OOM_ADJUST_MAX : OOM_SCORE_ADJ_MAX;
}

static const char *scale_name(const struct ui *ui)
{
	return ui->on_oom_adj ? "oom_adj" : "oom_score_adj";
}

/* The largest value of the scale that is no more than this oom_score_adj, which is
 * above -1000. */
static int on_scale(const struct ui *ui, int adj)
{
	int value = ui->on_oom_adj ? OOM_ADJUST_MAX : adj;
	while (ui->on_oom_adj && oom_adj_to_score_adj(value) > adj)
		value--;
	return value;
}

/* Plan and preview from the field's text. */
static void update(struct ui *ui, const struct ui_env *env)
{
	const struct task *task = first_target(ui, env);
	int64_t value;
	whatif_clear(&ui->whatif);
	ui->plan_ok = task && text_to_i64(field_text(&ui->field), &value) == 0 && value >= INT16_MIN && value <= INT16_MAX;
	if (!ui->plan_ok) {
		ui->previewing = false;
		return;
	}
	if (ui->on_oom_adj)
		knob_plan_oom_adj(&ui->plan, env->snap, task, (int)value, env->readonly);
	else
		knob_plan_adj(&ui->plan, env->snap, task, (int)value, env->readonly);
	if (value < scale_min(ui) || value > scale_max(ui)) {
		ui->previewing = false;
		return;
	}
	int16_t adj = (int16_t)ui->plan.after;
	for (uint32_t i = 0; i < ui->ntargets; i++) {
		ui->targets[i].value = adj;
		const struct task *target = ui_find(env, ui->targets[i].process);
		if (target && whatif_write_adj(&ui->whatif, env->snap, target->pid, adj) < 0) {
			/* Half of it would be a wrong foretelling. */
			ui->previewing = false;
			ui_message(ui, ROLE_ERROR, UI_NO_PREVIEW);
			return;
		}
	}
	ui_preview(ui, env);
}

static void ask(struct ui *ui, int value)
{
	char digits[16];
	snprintf(digits, sizeof digits, "%d", value);
	ui_ask(ui, FIELD_SIGNED, digits);
}

/* To the other scale, with the same value as far as it has one. */
static void turn_scale(struct ui *ui, const struct ui_env *env)
{
	int64_t value = 0;
	text_to_i64(field_text(&ui->field), &value);
	int number = value < scale_min(ui) ? scale_min(ui) : value > scale_max(ui) ? scale_max(ui) : (int)value;
	ask(ui, ui->on_oom_adj ? oom_adj_to_score_adj(number) : oom_adj_from_score_adj(number));
	ui->on_oom_adj = !ui->on_oom_adj;
	update(ui, env);
}

static char *rank_text(const struct candidate *candidate, char *dst, size_t size)
{
	if (candidate->rank > 0)
		snprintf(dst, size, "%u", candidate->rank);
	else
		snprintf(dst, size, "never");
	return dst;
}

static char *points_text(const struct ui_env *env, const struct candidate *candidate, char *dst)
{
	if (candidate->rank == 0)
		return strcpy(dst, "none");
	return units_points(candidate->points, env->snap->page_bytes, dst);
}

/* "java (1804)" behind a word of ours; the name is cut to fit, the pid is not. */
static void victim_item(struct flow *flow, const struct ui_env *env, const struct verdict *verdict, const char *before,
			enum role role)
{
	char behind[32];
	if (verdict->action == ACTION_PANIC) {
		flow_item(flow, "", role, "%snone: panic", before);
	} else if (verdict->nkills == 0) {
		flow_item(flow, "", role, "%snobody", before);
	} else {
		const struct task *task = &env->snap->tasks[verdict->victims[verdict->kills[0].first_victim].task];
		snprintf(behind, sizeof behind, " (%d)", (int)task->pid);
		flow_name(flow, role, before, snapshot_text(env->snap, task->comm), behind);
	}
}

static void draw_change(const struct ui *ui, const struct ui_env *env, struct pane in, uint32_t index)
{
	const struct candidate *now = &ui_ranking_now(ui, env)->candidates[index];
	const struct candidate *then = &ui->preview.candidates[index];
	char a[UNITS_BUFFER], b[UNITS_BUFFER];
	struct flow flow = { in, 1, 0, false };
	const char *gap = in.columns >= 60 ? "  " : "";
	flow_item(&flow, "", ROLE_DIALOG, "points %s", points_text(env, now, a));
	flow_item(&flow, "", ROLE_CHANGED, "-> %s", points_text(env, then, b));
	flow_item(&flow, "", ROLE_DIALOG, "%srank %s", gap, rank_text(now, a, sizeof a));
	flow_item(&flow, "", ROLE_CHANGED, "-> %s", rank_text(then, b, sizeof b));
	int safe;
	if (now->rank == 1 &&
	    ranking_adj_for_rank(ui_ranking_now(ui, env), env->snap, &env->model->rules, index, 2, &safe))
		flow_item(&flow, "", ROLE_DIALOG, "%s(%d leaves the top)", gap, on_scale(ui, safe));

	flow = (struct flow){ in, 2, 0, false };
	if (in.columns >= 70)
		victim_item(&flow, env, ui_verdict_now(ui, env), "next victim: ", ROLE_DIALOG);
	victim_item(&flow, env, &ui->preview_verdict, in.columns >= 70 ? "-> " : "then next: ", ROLE_CHANGED);
}

int dialog_adj_rows(int rows)
{
	return rows > BOX_ROWS + 1 ? BOX_ROWS : rows - 1;
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane whole)
{
	int rows = dialog_adj_rows(whole.rows);
	struct pane box = pane_part(whole, whole.rows - 1 - rows, 0, rows, whole.columns);
	const struct task *task = first_target(ui, env);
	char title[160], name[96], now[16] = "?";
	pane_clear(box, ROLE_DIALOG);
	if (!task) {
		pane_box(box, ROLE_DIALOG, scale_name(ui));
		draw_wrapped(pane_part(box, 1, 2, rows - 2, box.columns - 4), 0, 0, ROLE_ERROR,
			     "The process has gone; nothing can be written. Esc closes.");
		return;
	}
	ui_task_name(env->snap, task, name, sizeof name);
	if (ui->ntargets > 1)
		snprintf(title, sizeof title, "%s of %u: %s ...", scale_name(ui), ui->ntargets, name);
	else
		snprintf(title, sizeof title, "%s of %s", scale_name(ui), name);
	pane_box(box, ROLE_DIALOG, title);

	struct pane in = pane_part(box, 1, 2, rows - 2, box.columns - 4);
	uint32_t index = (uint32_t)(task - env->snap->tasks);
	int column;
	int adj = task->oom_score_adj, oom_adj = oom_adj_from_score_adj(task->oom_score_adj);
	if (task_knows(task, TASK_ADJ))
		snprintf(now, sizeof now, "%d", ui->on_oom_adj ? oom_adj : adj);
	if (in.columns >= 60 && task_knows(task, TASK_ADJ))
		column = pane_printf(in, 0, 0, ROLE_DIALOG, "now %s (%s %d)   new ", now,
				     ui->on_oom_adj ? "oom_score_adj" : "oom_adj", ui->on_oom_adj ? adj : oom_adj);
	else
		column = pane_printf(in, 0, 0, ROLE_DIALOG, "now %s  new ", now);
	field_draw(&ui->field, in, 0, column, 7, ROLE_INPUT);
	struct flow flow = { in, 0, column + 7, false };
	if (ui->plan_ok && ui->previewing) {
		int then = ui->preview.candidates[index].adj;
		flow_item(&flow, "", ROLE_DIALOG, ui->on_oom_adj ? "(oom_score_adj %d)" : "(oom_adj %d)",
			  ui->on_oom_adj ? then : oom_adj_from_score_adj(then));
		draw_change(ui, env, in, index);
	}
	int row = 3;
	if (!ui->plan_ok)
		draw_wrapped(in, row, 0, ROLE_ERROR,
			     ui->on_oom_adj ? "Type a whole number from -17 (never killed) to 15 (first)." :
					      "Type a whole number from -1000 (never killed) to 1000 (first).");
	else if (ui->plan.text[0])
		draw_wrapped(pane_part(in, row, 0, rows - 3 - row, in.columns), 0, 0,
			     ui->plan.gate == GATE_REFUSED ? ROLE_ERROR :
			     ui->plan.gate == GATE_OPEN	   ? ROLE_DIALOG :
							     ROLE_WARN,
			     ui->plan.text);
	flow = (struct flow){ in, rows - 3, 0, false };
	static const char *const hints[2][7] = {
		{ "Enter writes", " Esc cancels", " ^X assumes", " Tab oom_adj", " Up/Down 1", " F7/F8 10", " PgUp/PgDn 100" },
		{ "Enter writes", " Esc cancels", " ^X assumes", " Tab oom_score_adj", " Up/Down 1", " PgUp/PgDn 5", "" },
	};
	for (size_t i = 0; i < 7 && hints[ui->on_oom_adj][i][0]; i++)
		flow_item(&flow, "", ROLE_DIM, "%s", hints[ui->on_oom_adj][i]);
}

static void step(struct ui *ui, const struct ui_env *env, int64_t by)
{
	int64_t value = 0;
	text_to_i64(field_text(&ui->field), &value);
	if (value > scale_max(ui) || value < scale_min(ui))
		by = 0; /* back to the nearest that is allowed */
	value += by;
	ask(ui, value < scale_min(ui) ? scale_min(ui) : value > scale_max(ui) ? scale_max(ui) : (int)value);
	update(ui, env);
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	/* A step of 10 or of 100 is beyond the few values of oom_adj. */
	int64_t some = ui->on_oom_adj ? 1 : 10, many = ui->on_oom_adj ? 5 : 100;
	switch (typed.code) {
	case KEY_CODE_TAB:
		turn_scale(ui, env);
		return command_none();
	case KEY_CODE_ESCAPE:
	case KEY_CODE_F1 + 9:
		ui_close(ui);
		return command_none();
	case KEY_CODE_UP:
		step(ui, env, 1);
		return command_none();
	case KEY_CODE_DOWN:
		step(ui, env, -1);
		return command_none();
	case KEY_CODE_F1 + 6:
		step(ui, env, -some);
		return command_none();
	case KEY_CODE_F1 + 7:
		step(ui, env, some);
		return command_none();
	case KEY_CODE_PAGE_UP:
		step(ui, env, many);
		return command_none();
	case KEY_CODE_PAGE_DOWN:
		step(ui, env, -many);
		return command_none();
	case KEY_CODE_ENTER:
		break;
	default:
		if (ui_type(ui, typed))
			update(ui, env);
		return command_none();
	}

	if (!ui->plan_ok)
		return command_none();
	if (ui->plan.gate == GATE_REFUSED)
		return command_refused(ui);
	if (ui->ntargets == 1 && ui->plan.before_known && ui->plan.before == ui->plan.after) {
		ui_message(ui, ROLE_NORMAL, "oom_score_adj is %lld already: nothing was written.", (long long)ui->plan.after);
		ui_close(ui);
		return command_none();
	}
	ui_close(ui);
	return (struct ui_command){ .kind = UI_APPLY_ADJ,
				    .on_oom_adj = ui->on_oom_adj,
				    .value = ui->plan.oom_adj,
				    .targets = ui->targets,
				    .ntargets = ui->ntargets };
}

const struct screen dialog_adj = { .name = "adj", .draw = draw, .key = key, .update = update };
