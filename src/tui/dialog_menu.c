/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lists to choose from, at the left side over the table: the kernel to compare
 * with, signals, the column to sort by, the columns to show.
 */
#include <signal.h>
#include <stdio.h>

#include "compare.h"
#include "flow.h"

#define ENTER_TAKES "Up Down choose  Enter takes it  any other key closes"

/* A box of n lines with the chosen one marked, and at the foot what keys do. */
static struct pane draw_menu(const struct ui *ui, struct pane whole, const char *title, const char *hint, uint32_t n,
			     uint32_t *ret_first)
{
	struct pane foot = pane_part(whole, whole.rows - 1, 0, 1, whole.columns);
	pane_clear(foot, ROLE_NORMAL);
	draw_wrapped(foot, 0, 0, ROLE_DIM, hint);
	int head = header_rows(whole.rows, whole.columns);
	int rows = whole.rows - head - 1;
	if (rows > (int)n + 2)
		rows = (int)n + 2;
	struct pane box = pane_part(whole, head, 0, rows, whole.columns);
	pane_clear(box, ROLE_DIALOG);
	pane_box(box, ROLE_DIALOG, title);
	uint32_t shown = rows > 2 ? (uint32_t)rows - 2 : 0;
	*ret_first = ui->choice >= shown ? ui->choice - shown + 1 : 0;
	return pane_part(box, 1, 1, (int)shown, box.columns - 2);
}

static void draw_line(const struct ui *ui, struct pane in, uint32_t i, uint32_t first, const char *text)
{
	int row = (int)(i - first);
	enum role role = i == ui->choice ? ROLE_CURSOR : ROLE_DIALOG;
	pane_fill(in, row, 0, in.columns, ' ', role);
	pane_str(in, row, 0, role, i == ui->choice ? ">" : " ");
	draw_wrapped(pane_part(in, row, 2, 1, in.columns - 2), 0, 0, role, text);
}

/* Moves the choice. Returns whether the key was one of the moving ones. */
static bool move_choice(struct ui *ui, struct key typed, uint32_t n)
{
	const uint32_t page = 8;
	switch (typed.code) {
	case KEY_CODE_UP:
		ui->choice = ui->choice > 0 ? ui->choice - 1 : 0;
		return true;
	case KEY_CODE_DOWN:
		ui->choice = ui->choice + 1 < n ? ui->choice + 1 : n - 1;
		return true;
	case KEY_CODE_PAGE_UP:
		ui->choice = ui->choice > page ? ui->choice - page : 0;
		return true;
	case KEY_CODE_PAGE_DOWN:
		ui->choice = ui->choice + page < n ? ui->choice + page : n - 1;
		return true;
	case KEY_CODE_HOME:
		ui->choice = 0;
		return true;
	case KEY_CODE_END:
		ui->choice = n - 1;
		return true;
	default:
		return false;
	}
}

/* --- another kernel ------------------------------------------------------------- */

static void model_draw(struct ui *ui, const struct ui_env *env, struct pane whole)
{
	uint32_t first;
	struct pane in = draw_menu(ui, whole, "compare with the rules of Linux", ENTER_TAKES, RULES_MILESTONES + 1, &first);
	for (uint32_t i = first; i < RULES_MILESTONES + 1 && i < first + (uint32_t)in.rows; i++) {
		char line[128];
		if (i == 0)
			snprintf(line, sizeof line, "%-7s this kernel's alone, those of %s", "none",
				 era_name(env->model->rules.era));
		else /* the newest first */
			snprintf(line, sizeof line, "%-7s %s", rules_milestones[RULES_MILESTONES - i].release,
				 rules_milestones[RULES_MILESTONES - i].change);
		draw_line(ui, in, i, first, line);
	}
}

uint32_t dialog_model_choice(const struct ui *ui)
{
	for (uint32_t i = 1; i < RULES_MILESTONES + 1; i++) {
		if (strcmp(rules_milestones[RULES_MILESTONES - i].release, ui->other_release) == 0)
			return i;
	}
	return 0;
}

static struct ui_command model_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (move_choice(ui, typed, RULES_MILESTONES + 1))
		return command_none();
	ui->dialog = NULL;
	if (typed.code != KEY_CODE_ENTER)
		return command_none();
	/* Milestones are releases that rules are known of. */
	ui_compare_with(ui, ui->choice > 0 ? rules_milestones[RULES_MILESTONES - ui->choice].release : NULL);
	if (compare_update(ui, env) < 0)
		ui_message(ui, ROLE_ERROR, "Out of memory: it cannot be ranked by other rules now.");
	else if (ui->choice > 0)
		ui_message(ui, ROLE_NORMAL, "Rank by the rules of Linux %s beside this kernel's; edits go by this kernel's.",
			   ui->other_release);
	/* What it counts by may not have been read yet. */
	if (!ui_wants_cpu_times(ui))
		return command_none();
	return (struct ui_command){ .kind = UI_REFRESH };
}

const struct screen dialog_model = { .name = "model", .draw = model_draw, .key = model_key };

/* --- signals ------------------------------------------------------------------ */

static const struct {
	int number;
	const char *name;
	const char *meaning;
} signals[] = {
	{ SIGTERM, "TERM", "end in good order" },
	{ SIGKILL, "KILL", "end at once" },
	{ SIGINT, "INT", "interrupt" },
	{ SIGHUP, "HUP", "hang up; often: read the configuration again" },
	{ SIGQUIT, "QUIT", "quit with a core dump" },
	{ SIGSTOP, "STOP", "stop until CONT" },
	{ SIGCONT, "CONT", "go on" },
	{ SIGUSR1, "USR1", "the program's own" },
	{ SIGUSR2, "USR2", "the program's own" },
};

#define NSIGNALS ((uint32_t)(sizeof signals / sizeof signals[0]))

/* The first of those meant that still lives. */
static const struct task *first_target(const struct ui *ui, const struct ui_env *env)
{
	const struct task *task = NULL;
	for (uint32_t i = 0; i < ui->ntargets && !task; i++)
		task = ui_find(env, ui->targets[i].process);
	return task;
}

static void signal_draw(struct ui *ui, const struct ui_env *env, struct pane whole)
{
	uint32_t first;
	struct pane in = draw_menu(ui, whole, "signal", ENTER_TAKES, NSIGNALS, &first);
	for (uint32_t i = first; i < NSIGNALS && i < first + (uint32_t)in.rows; i++) {
		char line[96];
		snprintf(line, sizeof line, "%2d SIG%-5s %s", signals[i].number, signals[i].name, signals[i].meaning);
		draw_line(ui, in, i, first, line);
	}
	if (!ui->confirming)
		return;
	const struct task *task = first_target(ui, env);
	/* What to mind stands above the question. */
	int rows = task && ui->plan.gate == GATE_WARN ? wrapped_rows(ui->plan.text, whole.columns) : 0;
	if (rows > 3)
		rows = 3;
	struct pane mind = pane_part(whole, whole.rows - 1 - rows, 0, rows, whole.columns);
	pane_clear(mind, ROLE_WARN);
	draw_wrapped(mind, 0, 0, ROLE_WARN, ui->plan.text);
	struct pane bottom = pane_part(whole, whole.rows - 1, 0, 1, whole.columns);
	pane_fill(bottom, 0, 0, bottom.columns, ' ', ROLE_WARN);
	if (!task) {
		pane_str(bottom, 0, 0, ROLE_WARN, "The process has gone; any key closes.");
		return;
	}
	struct flow flow = { bottom, 0, 0, false };
	char before[40], behind[64], more[32] = "";
	if (ui->ntargets > 1)
		snprintf(more, sizeof more, " +%u more", ui->ntargets - 1);
	snprintf(before, sizeof before, "Send SIG%s to ", signals[ui->choice].name);
	snprintf(behind, sizeof behind, " (%d)%s? y/n", (int)task->pid, more);
	flow_name(&flow, ROLE_WARN, before, snapshot_text(env->snap, task->comm), behind);
}

static struct ui_command gone(struct ui *ui)
{
	ui_message(ui, ROLE_ERROR, "The process has gone; no signal was sent.");
	ui->dialog = NULL;
	return command_none();
}

static struct ui_command signal_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	const struct task *task = first_target(ui, env);
	if (ui->confirming) {
		ui->confirming = false;
		if (!task)
			return gone(ui);
		ui->dialog = NULL;
		if (typed.code != 'y' && typed.code != 'Y') {
			ui_message(ui, ROLE_NORMAL, "No signal was sent.");
			return command_none();
		}
		return (struct ui_command){ .kind = UI_SIGNAL,
					    .value = signals[ui->choice].number,
					    .targets = ui->targets,
					    .ntargets = ui->ntargets };
	}
	if (move_choice(ui, typed, NSIGNALS))
		return command_none();
	if (typed.code == KEY_CODE_ENTER) {
		if (!task)
			return gone(ui);
		knob_plan_signal(&ui->plan, env->snap, task, signals[ui->choice].number, env->readonly);
		if (ui->plan.gate == GATE_REFUSED) {
			ui->dialog = NULL;
			return command_refused(ui);
		}
		ui->confirming = true;
	} else {
		ui->dialog = NULL;
	}
	return command_none();
}

const struct screen dialog_signal = { .name = "signal", .draw = signal_draw, .key = signal_key };

/* --- sort --------------------------------------------------------------------- */

static void sort_draw(struct ui *ui, const struct ui_env *env, struct pane whole)
{
	(void)env;
	uint32_t first;
	struct pane in = draw_menu(ui, whole, "sort by", ENTER_TAKES, COL__COUNT, &first);
	for (uint32_t i = first; i < COL__COUNT && i < first + (uint32_t)in.rows; i++) {
		char line[256];
		snprintf(line, sizeof line, "%-8s %s", column_table[i].head, column_table[i].help);
		draw_line(ui, in, i, first, line);
	}
}

static struct ui_command sort_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	(void)env;
	if (move_choice(ui, typed, COL__COUNT))
		return command_none();
	if (typed.code == KEY_CODE_ENTER) {
		ui->view.sort = (enum column)ui->choice;
		ui->view.reverse = false;
	}
	ui->dialog = NULL;
	return command_none();
}

const struct screen dialog_sort = { .name = "sort", .draw = sort_draw, .key = sort_key };

/* --- columns ------------------------------------------------------------------ */

static int place_of(const struct ui *ui, uint32_t column)
{
	for (unsigned i = 0; i < ui->columns.n; i++) {
		if (ui->columns.columns[i] == column)
			return (int)i;
	}
	return -1;
}

static void columns_draw(struct ui *ui, const struct ui_env *env, struct pane whole)
{
	(void)env;
	uint32_t first;
	struct pane in = draw_menu(ui, whole, "columns: Space shows or hides, < > moves",
				   "Up Down choose  any other key closes", COL__COUNT, &first);
	for (uint32_t i = first; i < COL__COUNT && i < first + (uint32_t)in.rows; i++) {
		char line[256];
		int place = place_of(ui, i);
		char where[12] = "";
		if (place >= 0)
			snprintf(where, sizeof where, "%2d", place + 1);
		snprintf(line, sizeof line, "[%c]%2s %-8s %s", place >= 0 ? 'x' : ' ', where, column_table[i].head,
			 column_table[i].help);
		draw_line(ui, in, i, first, line);
	}
}

static void swap_columns(struct ui *ui, int a, int b)
{
	if (a < 0 || b < 0 || a >= (int)ui->columns.n || b >= (int)ui->columns.n)
		return;
	uint8_t kept = ui->columns.columns[a];
	ui->columns.columns[a] = ui->columns.columns[b];
	ui->columns.columns[b] = kept;
}

static struct ui_command columns_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	(void)env;
	int place = place_of(ui, ui->choice);
	if (move_choice(ui, typed, COL__COUNT))
		return command_none();
	switch (typed.code) {
	case ' ':
		if (place < 0) {
			ui->columns.columns[ui->columns.n++] = (uint8_t)ui->choice;
		} else if (ui->columns.n > 1) {
			for (unsigned i = (unsigned)place + 1; i < ui->columns.n; i++)
				ui->columns.columns[i - 1] = ui->columns.columns[i];
			ui->columns.n--;
		}
		break;
	case '<':
	case KEY_CODE_LEFT:
		swap_columns(ui, place, place - 1);
		break;
	case '>':
	case KEY_CODE_RIGHT:
		swap_columns(ui, place, place + 1);
		break;
	default:
		ui->dialog = NULL;
		break;
	}
	return command_none();
}

const struct screen dialog_columns = { .name = "columns", .draw = columns_draw, .key = columns_key };
