/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Several writes in one go: all that is assumed, or all that was written together and
 * is taken back. First the page tells each write with what it would do, what can do
 * harm before the rest; then, one confirmation for all; then what came of each.
 *
 * Each is planned as if those before it were written already: kernel.panic 10 makes
 * panic_on_oom 1 harmless, and a lowered limit kills by the oom_score_adj that stand
 * before it in the list. What cannot be written is left out of that, and so is growth,
 * which nobody can write.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lines.h"
#include "screen.h"

#define TEXT_INDENT 2
#define PLAN_INDENT 5

/* --- plans ---------------------------------------------------------------------- */

/* The verdict of the group's OOM under ui->whatif; NULL when memory is out. */
static const struct verdict *assumed_verdict(struct ui *ui, const struct ui_env *env, uint32_t memcg)
{
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = memcg };
	int r = ranking_make(&ui->preview, env->snap, &env->model->rules, &ui->whatif, &scope);
	if (r == 0 || r == -ENODATA)
		r = verdict_make(&ui->preview_verdict, env->snap, &env->model->rules, &ui->preview, &ui->whatif,
				 VERDICT_KILLS_MAX);
	return r == 0 ? &ui->preview_verdict : NULL;
}

static void plan_memcg(struct ui *ui, const struct ui_env *env, const struct change *change, struct knob_plan *plan)
{
	uint32_t memcg = group_find(env->snap, change->group);
	const struct verdict *then = NULL;
	if (memcg == TASK_MEMCG_UNKNOWN) {
		*plan = (struct knob_plan){ .kind = KNOB_MEMCG, .file = change->file, .version = env->snap->memcg_version,
					    .after = change->value, .group = "a memory cgroup", .gate = GATE_REFUSED,
					    .text = "The memory cgroup is gone." };
		return;
	}
	knob_plan_memcg(plan, env->snap, memcg, change->file, change->value, NULL, env->readonly);
	if (change->file != MEMCG_FILE_MAX || plan->gate == GATE_REFUSED)
		return;
	if (change_fill(change, env->snap, &ui->whatif) == 0)
		then = assumed_verdict(ui, env, memcg);
	knob_plan_memcg(plan, env->snap, memcg, change->file, change->value, then, env->readonly);
}

static void plan_adj(const struct ui_env *env, const struct change *change, struct knob_plan *plan)
{
	const struct task *task = ui_find(env, change->process);
	if (task)
		knob_plan_adj(plan, env->snap, task, (int)change->value, env->readonly);
	else
		*plan = (struct knob_plan){ .kind = KNOB_ADJ, .pid = change->process.pid,
					    .start_ticks = change->process.start_ticks, .comm = "?",
					    .after = change->value, .gate = GATE_REFUSED, .text = "The process has gone." };
}

/* assumed: the snapshot with the sysctls written before. ui->whatif: all that was
 * written before; this one is added when it can be. */
static void plan_write(struct ui *ui, const struct ui_env *env, struct snapshot *assumed, const struct ui_write *write,
		       struct knob_plan *plan)
{
	const struct change *change = &write->change;
	switch (change->kind) {
	case KNOB_ADJ:
	case KNOB_SIGNAL:
		plan_adj(env, change, plan);
		break;
	case KNOB_SYSCTL:
		knob_plan_sysctl(plan, assumed, change->sysctl, change->value, env->readonly);
		break;
	case KNOB_MEMCG:
		plan_memcg(ui, env, change, plan);
		break;
	}
	if (plan->gate == GATE_REFUSED)
		return;
	if (write->left_known)
		knob_plan_overtaken(plan, write->left);
	if (change->kind == KNOB_SYSCTL)
		knob_assume_sysctl(assumed, change->sysctl, change->value);
	if (change_fill(change, env->snap, &ui->whatif) < 0)
		ui_message(ui, ROLE_ERROR, UI_NO_PREVIEW);
}

static struct ui_write *add_write(struct ui *ui)
{
	void *array = ui->writes;
	bool room = ui_grow(&array, &ui->writes_capacity, ui->nwrites + 1, sizeof *ui->writes);
	ui->writes = array;
	return room ? &ui->writes[ui->nwrites++] : NULL;
}

/* All of the sandbox that can be written. False when memory is out. */
static bool collect(struct ui *ui)
{
	ui->nwrites = 0;
	for (uint32_t i = 0; i < ui->sandbox.n; i++) {
		if (ui->sandbox.list[i].is_growth)
			continue;
		struct ui_write *write = add_write(ui);
		if (!write)
			return false;
		*write = (struct ui_write){ .change = ui->sandbox.list[i].change };
	}
	return true;
}

static uint32_t count_gate(const struct ui *ui, enum knob_gate gate)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < ui->nwrites; i++)
		n += ui->writes[i].gate == gate;
	return n;
}

static void update(struct ui *ui, const struct ui_env *env)
{
	struct snapshot assumed = *env->snap;
	if (ui->applied)
		return;
	if (!ui->undoing && !collect(ui)) {
		ui->nwrites = 0;
		ui_message(ui, ROLE_ERROR, "Out of memory: it cannot be planned now.");
	}
	whatif_clear(&ui->whatif);
	for (uint32_t i = 0; i < ui->nwrites; i++) {
		struct knob_plan plan;
		plan_write(ui, env, &assumed, &ui->writes[i], &plan);
		ui->writes[i].gate = plan.gate;
	}
}

/* --- drawing ----------------------------------------------------------------------- */

static void draw_plan(struct lines *lines, const struct knob_plan *plan, uint32_t number)
{
	char text[KNOB_CHANGE_TEXT];
	bool refused = plan->gate == GATE_REFUSED, danger = plan->gate == GATE_TYPED_YES;
	lines->label_role = refused ? ROLE_ERROR : ROLE_WARN;
	lines->indent = TEXT_INDENT;
	lines_printf(lines, refused ? "x" : danger ? "!" : "", refused ? ROLE_DIM : danger ? ROLE_WARN : ROLE_NORMAL,
		     "%u. %s", number, knob_change_text(plan, text));
	lines->indent = PLAN_INDENT;
	if (refused)
		lines_printf(lines, "", ROLE_ERROR, "not written: %s", plan->text);
	else if (plan->text[0])
		lines_printf(lines, "", plan->gate == GATE_OPEN ? ROLE_DIM : ROLE_WARN, "%s", plan->text);
}

/* What can do harm is not to be looked for at the page's end. */
static void draw_plans(struct ui *ui, const struct ui_env *env, struct lines *lines)
{
	for (int harmless = 0; harmless < 2; harmless++) {
		struct snapshot assumed = *env->snap;
		whatif_clear(&ui->whatif);
		for (uint32_t i = 0; i < ui->nwrites; i++) {
			struct knob_plan plan;
			plan_write(ui, env, &assumed, &ui->writes[i], &plan);
			if ((plan.gate != GATE_TYPED_YES) == harmless)
				draw_plan(lines, &plan, i + 1);
		}
	}
	lines->indent = TEXT_INDENT;
	for (uint32_t i = 0; i < ui->sandbox.n && !ui->undoing; i++) {
		const struct assumption *assumption = &ui->sandbox.list[i];
		char size[UNITS_BUFFER];
		if (assumption->is_growth)
			lines_printf(lines, "-", ROLE_DIM, "%s grows by %s: not written, assumed only", assumption->name,
				     units_human_signed(assumption->change.value, size));
	}
}

static void draw_reports(const struct ui *ui, struct lines *lines)
{
	lines->indent = TEXT_INDENT;
	lines->label_role = ROLE_ERROR;
	for (int good = 0; good < 2; good++) {
		for (uint32_t i = 0; i < ui->nreports; i++) {
			if (ui->reports[i].failed != good)
				lines_printf(lines, good ? "" : "x", good ? ROLE_GOOD : ROLE_ERROR, "%s",
					     ui->reports[i].text);
		}
	}
}

static void draw_title(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	uint32_t refused = count_gate(ui, GATE_REFUSED), danger = count_gate(ui, GATE_TYPED_YES);
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	int column = pane_str(pane, 0, 0, ROLE_TITLE, ui->applied ? "what came of it" : ui->undoing ? "undo" : "apply");
	if (!ui->applied)
		column = pane_printf(pane, 0, column, ROLE_TITLE, ": %u write%s", ui->nwrites - refused,
				     ui->nwrites - refused == 1 ? "" : "s");
	if (!ui->applied && danger > 0)
		column = pane_printf(pane, 0, column, ROLE_WARN, ", %u dangerous", danger);
	if (!ui->applied && refused > 0)
		pane_printf(pane, 0, column, ROLE_WARN, ", %u impossible", refused);
	if (env->readonly)
		pane_right(pane, 0, pane.columns, ROLE_WARN, "READ-ONLY");
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	struct pane bottom = pane_part(pane, pane.rows - 1, 0, 1, pane.columns);
	uint32_t danger = count_gate(ui, GATE_TYPED_YES), possible = ui->nwrites - count_gate(ui, GATE_REFUSED);
	int foot = ui->confirming ? 2 : 1;
	struct lines lines = { pane_part(pane, 1, 0, pane.rows - 1 - foot, pane.columns), TEXT_INDENT, ROLE_WARN, 0,
			       ui->scroll };
	draw_title(ui, env, pane);
	if (ui->applied)
		draw_reports(ui, &lines);
	else
		draw_plans(ui, env, &lines);
	lines_clip(&lines, &ui->scroll);
	if (ui->confirming)
		draw_yes(ui, pane, pane.rows - 2, 0, "Type yes to write all, %u dangerous: ", danger);
	if (ui->message[0])
		draw_message(ui, pane);
	else
		draw_wrapped(bottom, 0, 0, ROLE_DIM,
			     ui->applied    ? "Esc goes back  Up Down scroll  U undoes" :
			     ui->confirming ? "Only the word yes writes  Esc cancels" :
			     possible > 0   ? "Enter writes all by number  Esc cancels  Up Down scroll" :
					      "Nothing of it can be written  Esc goes back  Up Down scroll");
}

/* --- keys ------------------------------------------------------------------------------ */

static void open_page(struct ui *ui, const struct ui_env *env)
{
	ui->apply_from = ui->screen;
	ui->screen = &screen_apply;
	ui->scroll = 0;
	ui->applied = false;
	ui->confirming = false;
	ui->nreports = 0;
	ui->previewing = false; /* nobody makes it anew while this page is open */
	update(ui, env);
}

void apply_open(struct ui *ui, const struct ui_env *env)
{
	ui->undoing = false;
	open_page(ui, env);
}

struct ui_command apply_open_undo(struct ui *ui, const struct ui_env *env, uint32_t batch)
{
	ui->nwrites = 0;
	/* The last written is the first taken back. */
	for (uint32_t i = ui->nundo; i > 0 && ui->undo[i - 1].batch == batch; i--) {
		struct ui_write *write = add_write(ui);
		if (!write) {
			ui_message(ui, ROLE_ERROR, "Out of memory: the undo cannot be planned now.");
			return command_none();
		}
		const struct ui_undo *undo = &ui->undo[i - 1];
		*write = (struct ui_write){ .change = undo->change, .left_known = undo->left_known, .left = undo->left };
	}
	ui->undoing = true;
	open_page(ui, env);
	return command_none();
}

void apply_report(struct ui *ui, const struct ui_command *command, uint32_t target, const struct knob_plan *plan,
		  const struct knob_result *result)
{
	void *array = ui->reports;
	bool room = ui_grow(&array, &ui->reports_capacity, ui->nreports + 1, sizeof *ui->reports);
	ui->reports = array;
	if (room) {
		struct ui_report *report = &ui->reports[ui->nreports++];
		char change[KNOB_CHANGE_TEXT];
		report->failed = result->error < 0;
		/* Not every refusal names what it is about. */
		snprintf(report->text, sizeof report->text, "%s%s%s", report->failed ? knob_change_text(plan, change) : "",
			 report->failed ? ". " : "", result->text);
	}
	if (result->error == 0 && !command->is_undo)
		sandbox_forget(&ui->sandbox, &command->writes[target].change);
}

static struct ui_command leave(struct ui *ui, const struct ui_env *env)
{
	free(ui->reports);
	ui->reports = NULL;
	ui->nreports = ui->reports_capacity = 0;
	ui->applied = false;
	ui->nwrites = 0;
	return ui_return_to(ui, env, ui->apply_from);
}

/* All of them: what is impossible is refused once more, and audited. */
static struct ui_command finish(struct ui *ui, const char *declined)
{
	ui->confirming = false;
	return (struct ui_command){ .kind = UI_APPLY_CHANGES, .writes = ui->writes, .nwrites = ui->nwrites,
				    .is_undo = ui->undoing, .declined = declined };
}

static struct ui_command write_all(struct ui *ui, const struct ui_env *env)
{
	bool yes = ui->confirming && text_is(field_text(&ui->field), "yes");
	/* The figures may have changed since they were drawn. */
	update(ui, env);
	if (ui->nwrites == 0) {
		ui_message(ui, ROLE_WARN, "There is nothing to write: growth is assumed only.");
		return command_none();
	}
	if (ui->confirming && !yes) {
		struct ui_command declined = finish(ui, UI_NOT_YES);
		ui_return_to(ui, env, ui->apply_from);
		ui_message(ui, ROLE_NORMAL, "Nothing was written: that was not yes.");
		return declined;
	}
	if (count_gate(ui, GATE_TYPED_YES) > 0 && !yes) {
		ui->confirming = true;
		ui_ask(ui, FIELD_TEXT, "");
		return command_none();
	}
	/* Those that fail again come back, see ui_result. */
	uint32_t batch = ui->nundo > 0 ? ui->undo[ui->nundo - 1].batch : 0;
	while (ui->undoing && ui->nundo > 0 && ui->undo[ui->nundo - 1].batch == batch)
		ui->nundo--;
	ui->applied = true;
	ui->scroll = 0;
	return finish(ui, NULL);
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (ui->confirming && typed.code == KEY_CODE_ESCAPE) {
		ui->confirming = false;
		return command_none();
	}
	if (!ui->applied && typed.code == KEY_CODE_ENTER)
		return write_all(ui, env);
	if (ui->confirming) {
		ui_type(ui, typed);
		return command_none();
	}
	if (scroll_key(ui, typed))
		return command_none();
	struct ui_command back = leave(ui, env);
	if (keymap_action(&ui->keymap, typed) == ACT_UNDO)
		return ui->screen->key(ui, env, typed);
	return back;
}

const struct screen screen_apply = { .name = "apply", .draw = draw, .key = key, .update = update };
