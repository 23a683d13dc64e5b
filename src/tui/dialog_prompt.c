/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One-line questions in the bottom line: search, filter, user, delay, growth. The
 * filter acts while one types.
 */
#include <stdio.h>

#include "screen.h"

void ui_open_prompt(struct ui *ui, const struct screen *dialog, enum field_accept accept, const char *text)
{
	ui_open(ui, dialog);
	ui_ask(ui, accept, text);
}

#define FIELD_LEAST 10

/* `brief` is asked where the question would leave no room for the answer. */
static void draw_prompt(struct ui *ui, struct pane pane, const char *question, const char *brief)
{
	if (frame_text_width(text_of_str(question)) + 1 + FIELD_LEAST > pane.columns)
		question = brief;
	struct pane line = pane_part(pane, pane.rows - 1, 0, 1, pane.columns);
	pane_fill(line, 0, 0, line.columns, ' ', ROLE_DIALOG);
	int column = pane_str(line, 0, 0, ROLE_DIALOG, question) + 1;
	int width = line.columns - column;
	field_draw(&ui->field, line, 0, column, width > 40 ? 40 : width, ROLE_INPUT);
	if (ui->message[0]) {
		int rows = wrapped_rows(ui->message, pane.columns);
		struct pane above = pane_part(pane, pane.rows - 1 - rows, 0, rows, pane.columns);
		pane_clear(above, ROLE_DIALOG);
		draw_wrapped(above, 0, 0, ui->message_role, ui->message);
	}
	if (width > 66)
		pane_str(line, 0, column + 42, ROLE_DIM, "Enter keeps  Esc cancels");
}

/* Enter closes the prompt: true, what was typed stands in the field. Esc closes
 * it too; any other key is typed. */
static bool is_answered(struct ui *ui, struct key typed)
{
	if (typed.code != KEY_CODE_ENTER && typed.code != KEY_CODE_ESCAPE) {
		ui_type(ui, typed);
		return false;
	}
	ui_close(ui);
	return typed.code == KEY_CODE_ENTER;
}

/* The answer made no sense: the prompt stays open and says so. */
static void ask_again(struct ui *ui, const struct screen *dialog, const char *why)
{
	ui->dialog = dialog;
	ui_message(ui, ROLE_ERROR, "%s", why);
}

/* --- search ------------------------------------------------------------------ */

static void search_draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	(void)env;
	draw_prompt(ui, pane, "Search:", "Search:");
}

void ui_search_next(struct ui *ui, const struct ui_env *env)
{
	if (ui->search[0] == '\0')
		return;
	if (ui->screen == &screen_groups)
		groups_find_next(ui, env);
	else
		ui_find_next(ui, env);
}

static struct ui_command search_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (is_answered(ui, typed)) {
		text_copy(field_text(&ui->field), ui->search, sizeof ui->search);
		ui_search_next(ui, env);
	}
	return command_none();
}

const struct screen dialog_search = { .name = "search", .draw = search_draw, .key = search_key };

/* --- filter ------------------------------------------------------------------ */

static void filter_draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	(void)env;
	draw_prompt(ui, pane, "Show only rows with:", "Filter:");
}

static struct ui_command filter_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	(void)env;
	if (typed.code == KEY_CODE_ESCAPE) {
		ui->view.filter[0] = '\0';
		ui_close(ui);
	} else if (typed.code == KEY_CODE_ENTER) {
		ui_close(ui);
	} else if (ui_type(ui, typed)) {
		text_copy(field_text(&ui->field), ui->view.filter, sizeof ui->view.filter);
	}
	return command_none();
}

const struct screen dialog_filter = { .name = "filter", .draw = filter_draw, .key = filter_key };

/* --- user -------------------------------------------------------------------- */

static void user_draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	(void)env;
	draw_prompt(ui, pane, "Only user (name or number; empty: all):", "User (empty: all):");
}

static struct ui_command user_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (!is_answered(ui, typed))
		return command_none();
	struct text text = field_text(&ui->field);
	char name[FIELD_SIZE];
	text_copy(text, name, sizeof name);
	uint64_t number;
	uint32_t uid;
	if (text.len == 0) {
		ui->view.by_user = false;
	} else if (labels_uid(env->labels, name, &uid) == 0) {
		ui->view.by_user = true;
		ui->view.uid = uid;
	} else if (text_to_u64(text, 10, &number) == 0 && number <= UINT32_MAX) {
		ui->view.by_user = true;
		ui->view.uid = (uint32_t)number;
	} else {
		ask_again(ui, &dialog_user, "That name is not known here; give the number.");
	}
	return command_none();
}

const struct screen dialog_user = { .name = "user", .draw = user_draw, .key = user_key };

/* --- delay ------------------------------------------------------------------- */

static void delay_draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	(void)env;
	draw_prompt(ui, pane, "Seconds between ticks (0.1 to 3600):", "Seconds:");
}

static struct ui_command delay_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	(void)env;
	if (!is_answered(ui, typed))
		return command_none();
	double seconds;
	if (text_to_double(field_text(&ui->field), &seconds) == 0 && seconds >= 0.1 && seconds <= 3600.0)
		return (struct ui_command){ .kind = UI_DELAY, .number = seconds };
	ask_again(ui, &dialog_delay, "That is not a number from 0.1 to 3600.");
	return command_none();
}

const struct screen dialog_delay = { .name = "delay", .draw = delay_draw, .key = delay_key };

/* --- growth, to be assumed ----------------------------------------------------- */

static void grow_draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	char question[128] = "The process has gone:", name[80];
	const struct task *task = ui->ntargets > 0 ? ui_find(env, ui->targets[0].process) : NULL;
	if (ui->ntargets > 1)
		snprintf(question, sizeof question, "What if %u processes grew, each by:", ui->ntargets);
	else if (task)
		snprintf(question, sizeof question, "What if %s grew by:", ui_task_name(env->snap, task, name, sizeof name));
	draw_prompt(ui, pane, question, "Grows by:");
}

static struct ui_command grow_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	int64_t bytes;
	if (!is_answered(ui, typed))
		return command_none();
	const char *objection = sandbox_parse_growth(field_text(&ui->field), &bytes) < 0 ?
					SANDBOX_GROWTH_HINT :
					sandbox_growth_objection(env->snap, bytes);
	if (objection) {
		ask_again(ui, &dialog_grow, objection);
		return command_none();
	}
	for (uint32_t i = 0; i < ui->ntargets; i++) {
		const struct change change = { .kind = KNOB_ADJ, .process = ui->targets[i].process, .value = bytes };
		whatif_assume(ui, env, &change, true);
	}
	if (ui->sandbox.n > 0)
		whatif_open(ui, env);
	return command_none();
}

const struct screen dialog_grow = { .name = "grow", .draw = grow_draw, .key = grow_key };
