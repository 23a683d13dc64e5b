/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every edit of a value shares: how the keys of its field end it, and what it
 * takes until a write is ordered. Planning and drawing stand with the screens.
 */
#include "screen.h"

#include <stdarg.h>
#include <stdio.h>

struct ui_command command_refused(struct ui *ui)
{
	ui_message(ui, ROLE_ERROR, "%.250s", ui->plan.text);
	return (struct ui_command){ .kind = UI_REFUSED, .plan = &ui->plan };
}

/* The operator was asked for a typed yes and typed something else: the plan becomes a
 * refused one, for the audit. */
static struct ui_command not_yes(struct ui *ui)
{
	ui->plan.gate = GATE_REFUSED;
	snprintf(ui->plan.text, sizeof ui->plan.text, UI_NOT_YES);
	return (struct ui_command){ .kind = UI_REFUSED, .plan = &ui->plan };
}

static struct ui_command confirm(struct ui *ui, const struct ui_command *write)
{
	bool yes = text_is(field_text(&ui->field), "yes");
	ui_stop_editing(ui);
	if (yes && ui->plan.gate != GATE_REFUSED)
		return *write;
	ui_message(ui, ROLE_NORMAL, "%s", yes ? "Nothing was written: it cannot be any more." :
						"Nothing was written: that was not yes.");
	return yes ? (struct ui_command){ .kind = UI_REFUSED, .plan = &ui->plan } : not_yes(ui);
}

static struct ui_command enter(struct ui *ui, const struct ui_command *write)
{
	if (ui->confirming)
		return confirm(ui, write);
	switch (ui->plan.gate) {
	case GATE_REFUSED:
		return command_refused(ui);
	case GATE_TYPED_YES:
		ui->confirming = true;
		ui_ask(ui, FIELD_TEXT, "");
		return command_none();
	case GATE_OPEN:
	case GATE_WARN:
		break;
	}
	ui_stop_editing(ui);
	return *write;
}

struct ui_command ui_edit_key(struct ui *ui, const struct ui_env *env, struct key typed,
			   void (*update)(struct ui *ui, const struct ui_env *env), const struct ui_command *write)
{
	if (typed.code == KEY_CODE_ESCAPE) {
		ui_stop_editing(ui);
		return command_none();
	}
	if (typed.code != KEY_CODE_ENTER) {
		if (ui_type(ui, typed) && !ui->confirming) {
			ui->undoing = false; /* another value is a write like any other */
			update(ui, env);
		}
		return command_none();
	}
	if (!ui->plan_ok)
		return command_none();
	struct ui_command command = enter(ui, write);
	if (command.is_undo && ui->nundo > 0)
		ui->nundo--;
	return command;
}

#define YES_COLUMNS 8

void draw_yes(const struct ui *ui, struct pane pane, int row, int column, const char *format, ...)
{
	char question[128];
	va_list ap;
	va_start(ap, format);
	vsnprintf(question, sizeof question, format, ap);
	va_end(ap);
	bool fits = column + frame_text_width(text_of_str(question)) + YES_COLUMNS <= pane.columns;
	column = pane_str(pane, row, column, ROLE_WARN, fits ? question : "Type yes: ");
	field_draw(&ui->field, pane, row, column, YES_COLUMNS, ROLE_INPUT);
}
