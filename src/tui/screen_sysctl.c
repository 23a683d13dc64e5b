/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sysctls that decide about OOM: values, meaning, and editing with the
 * verdict that would follow. What can take the host down wants a typed yes.
 */
#include <stdio.h>

#include "screen.h"

static enum sysctl_id chosen(const struct ui *ui)
{
	return (enum sysctl_id)(ui->choice < SYSCTL__COUNT ? ui->choice : 0);
}

static void stop_editing(struct ui *ui)
{
	ui->editing = false;
	ui->plan_ok = false;
	ui->confirming = false;
	ui_preview_end(ui);
}

static void update(struct ui *ui, const struct ui_env *env)
{
	int64_t value;
	if (!ui->editing || ui->confirming)
		return;
	whatif_clear(&ui->whatif);
	ui->plan_ok = text_to_i64(field_text(&ui->field), &value) == 0;
	if (!ui->plan_ok) {
		ui->previewing = false;
		return;
	}
	knob_plan_sysctl(&ui->plan, env->snap, chosen(ui), value, env->readonly);
	whatif_set_sysctl(&ui->whatif, chosen(ui), value);
	ui_preview(ui, env);
}

static void draw_value(const struct ui_env *env, struct pane pane, int row, enum sysctl_id id, bool is_chosen)
{
	const struct sysctl_info *info = &sysctl_table[id];
	const struct sysctl_value *value = &env->snap->system.sysctl[id];
	enum role role = is_chosen ? ROLE_CURSOR : ROLE_NORMAL;
	char text[48];
	pane_fill(pane, row, 0, pane.columns, ' ', role);
	pane_str(pane, row, 0, role, is_chosen ? ">" : " ");
	pane_str(pane, row, 2, role, info->name);
	if (value->state == FACT_KNOWN)
		snprintf(text, sizeof text, "%lld", (long long)value->value);
	else
		snprintf(text, sizeof text, "%s", value->state == FACT_ABSENT ? "not here" : "denied");
	pane_right(pane_part(pane, row, 30, 1, 12), 0, 12, role, text);
	pane_str(pane, row, 43, role, info->unit);
	if (value->state == FACT_KNOWN)
		pane_str(pane, row, 47, role, sysctl_value_meaning(id, value->value));
}

/* The lower part: meaning, choices, range, and the edit with its consequence. */
static void draw_chosen(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	enum sysctl_id id = chosen(ui);
	const struct sysctl_info *info = &sysctl_table[id];
	int row = draw_wrapped(pane, 0, 0, ROLE_NORMAL, info->meaning);
	for (unsigned i = 0; i < info->nchoices && row < pane.rows - 1; i++)
		pane_printf(pane, row++, 2, ROLE_LABEL, "%lld  %s", (long long)info->choices[i].value,
			    info->choices[i].meaning);
	char range[160], fallback[48];
	if (info->kernel_default == INT64_MIN)
		snprintf(fallback, sizeof fallback, "computed by the kernel");
	else
		snprintf(fallback, sizeof fallback, "%lld", (long long)info->kernel_default);
	int64_t min, max;
	sysctl_range(id, env->snap->release, &min, &max);
	if (max >= INT32_MAX)
		snprintf(range, sizeof range, "range: %lld and more; default %s; root may write", (long long)min, fallback);
	else
		snprintf(range, sizeof range, "range: %lld to %lld; default %s; root may write", (long long)min,
			 (long long)max, fallback);
	if (row < pane.rows)
		pane_str(pane, row++, 0, ROLE_DIM, range);
	if (!ui->editing)
		return;
	if (row >= pane.rows)
		row = pane.rows - 1;
	if (ui->confirming) {
		int column = pane_printf(pane, row, 0, ROLE_WARN, "Type yes to write %lld: ", (long long)ui->plan.after);
		field_draw(&ui->field, pane, row++, column, 8, ROLE_INPUT);
	} else {
		int column = pane_str(pane, row, 0, ROLE_LABEL, "new value ");
		field_draw(&ui->field, pane, row++, column, 22, ROLE_INPUT);
	}
	if (!ui->plan_ok) {
		pane_str(pane, row, 0, ROLE_ERROR, "Type a whole number.");
		return;
	}
	if (ui->plan.text[0])
		row = draw_wrapped(pane, row, 0,
				   ui->plan.gate == GATE_REFUSED ? ROLE_ERROR :
				   ui->plan.gate == GATE_OPEN	 ? ROLE_NORMAL :
								   ROLE_WARN,
				   ui->plan.text);
	if (ui->previewing && row < pane.rows) {
		char line[sizeof ui->preview_verdict.because + 32];
		snprintf(line, sizeof line, "then: %s", ui->preview_verdict.because);
		draw_wrapped(pane, row, 0, ROLE_CHANGED, line);
	}
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	pane_str(pane, 0, 0, ROLE_TITLE, "sysctls that decide about OOM");
	if (env->readonly)
		pane_right(pane, 0, pane.columns, ROLE_WARN, "READ-ONLY");
	int list = SYSCTL__COUNT;
	if (list > (pane.rows - 2) / 2)
		list = (pane.rows - 2) / 2;
	int first = (int)ui->choice >= list ? (int)ui->choice - list + 1 : 0;
	for (int i = 0; i < list && first + i < SYSCTL__COUNT; i++)
		draw_value(env, pane, i + 1, (enum sysctl_id)(first + i), (uint32_t)(first + i) == ui->choice);
	draw_chosen(ui, env, pane_part(pane, list + 2, 0, pane.rows - list - 3, pane.columns));
	struct pane bottom = pane_part(pane, pane.rows - 1, 0, 1, pane.columns);
	if (ui->message[0])
		pane_str(bottom, 0, 0, ui->message_role, ui->message);
	else if (ui->editing)
		pane_str(bottom, 0, 0, ROLE_DIM, "Enter writes  Esc cancels");
	else
		pane_str(bottom, 0, 0, ROLE_DIM, "Up Down choose  Enter edits  U undoes  q or Esc goes back");
}

static struct ui_command edit_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (typed.code == KEY_CODE_ESCAPE) {
		stop_editing(ui);
		return command_none();
	}
	if (typed.code != KEY_CODE_ENTER) {
		if (ui_type(ui, typed))
			update(ui, env);
		return command_none();
	}
	if (!ui->plan_ok)
		return command_none();
	struct ui_command write = { .kind = UI_APPLY_SYSCTL, .sysctl = chosen(ui), .value = ui->plan.after };
	if (ui->confirming) {
		bool yes = text_is(field_text(&ui->field), "yes");
		stop_editing(ui);
		if (yes)
			return write;
		ui_message(ui, ROLE_NORMAL, "Nothing was written: that was not yes.");
		return command_none();
	}
	switch (ui->plan.gate) {
	case GATE_REFUSED:
		ui_message(ui, ROLE_ERROR, "%.250s", ui->plan.text);
		return (struct ui_command){ .kind = UI_REFUSED, .plan = &ui->plan };
	case GATE_TYPED_YES:
		ui->confirming = true;
		ui_ask(ui, FIELD_TEXT, "");
		return command_none();
	case GATE_OPEN:
	case GATE_WARN:
		break;
	}
	stop_editing(ui);
	return write;
}

void sysctl_edit(struct ui *ui, const struct ui_env *env, enum sysctl_id id, int64_t value)
{
	char digits[32];
	snprintf(digits, sizeof digits, "%lld", (long long)value);
	ui->screen = &screen_sysctl;
	ui->choice = id;
	ui->editing = true;
	ui->confirming = false;
	ui_ask(ui, FIELD_SIGNED, digits);
	update(ui, env);
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (ui->editing)
		return edit_key(ui, env, typed);
	const struct sysctl_value *value = &env->snap->system.sysctl[chosen(ui)];
	switch (typed.code) {
	case KEY_CODE_UP:
		ui->choice -= ui->choice > 0;
		break;
	case KEY_CODE_DOWN:
		ui->choice += ui->choice + 1 < SYSCTL__COUNT;
		break;
	case KEY_CODE_HOME:
		ui->choice = 0;
		break;
	case KEY_CODE_END:
		ui->choice = SYSCTL__COUNT - 1;
		break;
	case KEY_CODE_ENTER:
		if (value->state != FACT_KNOWN) {
			ui_message(ui, ROLE_ERROR, "%s %s, so it is not edited.", sysctl_table[chosen(ui)].name,
				   value->state == FACT_ABSENT ? "does not exist on this kernel" : "cannot be read");
			break;
		}
		sysctl_edit(ui, env, chosen(ui), value->value);
		break;
	default:
		if (keymap_action(&ui->keymap, typed) == ACT_UNDO)
			return screen_main.key(ui, env, typed);
		ui->screen = &screen_main;
		break;
	}
	return command_none();
}

const struct screen screen_sysctl = { .name = "sysctl", .draw = draw, .key = key, .update = update };
