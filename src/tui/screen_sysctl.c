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

/* Plan and preview the field's value, or, while yes is asked for, the value
 * planned before: the host's figures may have changed meanwhile. */
static void update(struct ui *ui, const struct ui_env *env)
{
	int64_t value = ui->plan.after;
	if (!ui->editing)
		return;
	whatif_clear(&ui->whatif);
	ui->plan_ok = ui->confirming || text_to_i64(field_text(&ui->field), &value) == 0;
	if (!ui->plan_ok) {
		ui->previewing = false;
		return;
	}
	knob_plan_sysctl(&ui->plan, env->snap, chosen(ui), value, env->readonly);
	whatif_set_sysctl(&ui->whatif, chosen(ui), value);
	ui_preview(ui, env);
}

void sysctl_edit(struct ui *ui, const struct ui_env *env, enum sysctl_id id, int64_t value)
{
	char digits[32];
	snprintf(digits, sizeof digits, "%lld", (long long)value);
	ui->screen = &screen_sysctl;
	ui->choice = id;
	ui->editing = true;
	ui->undoing = false;
	ui->confirming = false;
	ui_ask(ui, FIELD_SIGNED, digits);
	update(ui, env);
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
		snprintf(text, sizeof text, "%s", value->state == FACT_ABSENT ? "not here" :
						  value->state == FACT_DENIED ? "denied" :
										"?");
	struct pane cell = pane_part(pane, row, 30, 1, 12);
	if (value->state == FACT_KNOWN && (int)strlen(text) > cell.columns)
		units_count((uint64_t)(value->value < 0 ? 0 : value->value), text);
	pane_right(cell, 0, cell.columns, role, text);
	pane_str(pane, row, 43, role, info->unit);
	if (value->state == FACT_KNOWN)
		draw_wrapped(pane_part(pane, row, 47, 1, pane.columns - 47), 0, 0, role,
			     sysctl_value_meaning(id, value->value));
}

static void range_text(const struct ui_env *env, enum sysctl_id id, char *dst, size_t size)
{
	const struct sysctl_info *info = &sysctl_table[id];
	int64_t min, max;
	char fallback[48] = "computed by the kernel";
	sysctl_range(id, env->snap->release, &min, &max);
	if (info->kernel_default != INT64_MIN)
		snprintf(fallback, sizeof fallback, "%lld", (long long)info->kernel_default);
	if (min == INT32_MIN && max == INT32_MAX)
		snprintf(dst, size, "any number; default %s; root may write", fallback);
	else if (max == INT64_MAX || max == INT32_MAX)
		snprintf(dst, size, "range: %lld and more; default %s; root may write", (long long)min, fallback);
	else
		snprintf(dst, size, "range: %lld to %lld; default %s; root may write", (long long)min, (long long)max,
			 fallback);
}

static void draw_choices(struct pane pane, int row, const struct sysctl_info *info)
{
	for (unsigned i = 0; i < info->nchoices && row < pane.rows; i++) {
		pane_printf(pane, row, 2, ROLE_LABEL, "%lld", (long long)info->choices[i].value);
		row = draw_wrapped(pane, row, 5, ROLE_LABEL, info->choices[i].meaning);
	}
}

/* The edit: field, what the write would do, the verdict that would follow. These
 * come before all explanation; where rows are few the verdict keeps two. */
static int draw_edit(const struct ui *ui, struct pane pane)
{
	int row = 0;
	if (ui->confirming) {
		draw_yes(ui, pane, row++, 0, "Type yes to write %lld: ", (long long)ui->plan.after);
	} else {
		int column = pane_str(pane, row, 0, ROLE_LABEL, ui->undoing ? "undo: write " : "new value ");
		field_draw(&ui->field, pane, row++, column, 22, ROLE_INPUT);
	}
	if (!ui->plan_ok)
		return draw_wrapped(pane, row, 0, ROLE_ERROR, "Type a whole number.");
	char line[sizeof ui->preview_verdict.because + 32] = "";
	if (ui->previewing && ui->plan.gate != GATE_REFUSED)
		snprintf(line, sizeof line, "then: %s", ui->preview_verdict.because);
	int kept = wrapped_rows(line, pane.columns);
	kept = kept > 2 && pane.rows < 12 ? 2 : kept;
	row = draw_wrapped(pane_part(pane, 0, 0, pane.rows - kept, pane.columns), row, 0,
			   ui->plan.gate == GATE_REFUSED ? ROLE_ERROR :
			   ui->plan.gate == GATE_OPEN	 ? ROLE_NORMAL :
							   ROLE_WARN,
			   ui->plan.text);
	return draw_wrapped(pane, row, 0, ROLE_CHANGED, line);
}

/* The lower part: the edit, then meaning, range and choices as far as there is room. */
static void draw_chosen(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct sysctl_info *info = &sysctl_table[chosen(ui)];
	char range[160];
	range_text(env, chosen(ui), range, sizeof range);
	int row = 0;
	if (ui->editing) {
		row = draw_edit(ui, pane);
		row = draw_wrapped(pane, row, 0, ROLE_DIM, range);
		draw_choices(pane, row, info);
		return;
	}
	row = draw_wrapped(pane, row, 0, ROLE_NORMAL, info->meaning);
	row = draw_wrapped(pane, row, 0, ROLE_DIM, range);
	draw_choices(pane, row, info);
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	pane_str(pane, 0, 0, ROLE_TITLE, "sysctls that decide about OOM");
	if (env->readonly)
		pane_right(pane, 0, pane.columns, ROLE_WARN, "READ-ONLY");
	/* While one is edited the text about it matters more than the list. */
	int list = ui->editing ? (pane.rows - 2) / 4 : pane.rows / 2;
	list = list > SYSCTL__COUNT ? SYSCTL__COUNT : list < 1 ? 1 : list;
	int gap = pane.rows > 12;
	int first = (int)ui->choice >= list ? (int)ui->choice - list + 1 : 0;
	for (int i = 0; i < list && first + i < SYSCTL__COUNT; i++)
		draw_value(env, pane, i + 1, (enum sysctl_id)(first + i), (uint32_t)(first + i) == ui->choice);
	draw_chosen(ui, env, pane_part(pane, list + 1 + gap, 0, pane.rows - list - 2 - gap, pane.columns));
	struct pane bottom = pane_part(pane, pane.rows - 1, 0, 1, pane.columns);
	if (ui->message[0])
		draw_message(ui, pane);
	else if (ui->confirming)
		pane_str(bottom, 0, 0, ROLE_DIM, "Only the word yes writes  Esc cancels");
	else if (ui->editing)
		pane_str(bottom, 0, 0, ROLE_DIM, "Enter writes  ^X assumes  Esc cancels");
	else
		draw_wrapped(bottom, 0, 0, ROLE_DIM, "Up Down choose  Enter edits  U undoes  q or Esc goes back");
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (ui->editing) {
		const struct ui_command write = { .kind = UI_APPLY_SYSCTL, .sysctl = chosen(ui), .value = ui->plan.after,
						  .is_undo = ui->undoing };
		return ui_edit_key(ui, env, typed, update, &write);
	}
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
		if (keymap_action(&ui->keymap, typed) == ACT_UNDO || keymap_action(&ui->keymap, typed) == ACT_WHATIF)
			return screen_main.key(ui, env, typed);
		ui->screen = &screen_main;
		break;
	}
	return command_none();
}

const struct screen screen_sysctl = { .name = "sysctl", .draw = draw, .key = key, .update = update };
