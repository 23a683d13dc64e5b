/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What if: everything that is assumed, and what would follow from all of it together.
 * It is judged anew in each tick and at each key; nothing is ever written from here,
 * but for "apply all", which leads to a page of its own (screen_apply.c).
 *
 * The OOM spoken of is that of ui->scope, as on the main screen. It may be another
 * while this screen is open; leaving restores it.
 */
#include <stdio.h>

#include "screen_whatif.h"

/* --- what would follow ------------------------------------------------------------ */

static void judge(struct ui *ui, const struct ui_env *env)
{
	ui->previewing = false;
	if (sandbox_fill(&ui->sandbox, env->snap, &ui->whatif) < 0)
		ui_message(ui, ROLE_ERROR, UI_NO_PREVIEW);
	else
		ui_preview(ui, env);
}

void whatif_drop_gone(struct ui *ui, const struct ui_env *env)
{
	char names[sizeof ui->lost - 40];
	const struct sandbox *sandbox = &ui->sandbox;
	if (sandbox->n == 0)
		return;
	struct assumption edited = sandbox->list[sandbox->at];
	uint32_t gone = sandbox_prune(&ui->sandbox, env->snap, names, sizeof names);
	if (gone == 0)
		return;
	snprintf(ui->lost, sizeof ui->lost, "Gone, and dropped from the what-if: %s", names);
	bool is_there = sandbox->n > 0 && sandbox->list[sandbox->at].is_growth == edited.is_growth &&
			change_is_of_same(&sandbox->list[sandbox->at].change, &edited.change);
	if (ui->screen == &screen_whatif && !is_there)
		ui->editing = false;
}

static void tell_lost(struct ui *ui)
{
	if (ui->lost[0])
		ui_message(ui, ROLE_WARN, "%s", ui->lost);
	ui->lost[0] = '\0';
}

static void update(struct ui *ui, const struct ui_env *env)
{
	judge(ui, env);
	tell_lost(ui);
}

/* --- to this screen ----------------------------------------------------------------- */

void whatif_open(struct ui *ui, const struct ui_env *env)
{
	ui->whatif_from = ui->screen;
	ui->whatif_scope = ui->scope;
	ui->whatif_group = ui->scope_group;
	ui->screen = &screen_whatif;
	ui->whatif_top = 0;
	ui->editing = false;
	update(ui, env);
}

static bool is_size(const struct change *change, bool is_growth)
{
	return is_growth || (change->kind == KNOB_MEMCG && change->file != MEMCG_FILE_OOM_GROUP);
}

/* The value as it is typed. */
static char *typed_text(const struct change *change, bool is_growth, char dst[32])
{
	if (is_size(change, is_growth))
		return groups_limit_text(change->value, dst);
	snprintf(dst, 32, "%lld", (long long)change->value);
	return dst;
}

bool whatif_assume(struct ui *ui, const struct ui_env *env, const struct change *change, bool is_growth)
{
	const char *objection = sandbox_objection(env->snap, change, is_growth);
	int64_t now;
	if (!objection && !is_growth && whatif_value_now(env, change, &now) && now == change->value) {
		char text[32];
		/* Nor is another value of it meant any more. */
		sandbox_forget(&ui->sandbox, change);
		ui_message(ui, ROLE_NORMAL, "%s is %s already: there is nothing to assume.", whatif_knob_name(env, change),
			   typed_text(change, false, text));
		return false;
	}
	if (!objection && sandbox_assume(&ui->sandbox, env->snap, change, is_growth) < 0)
		objection = "Out of memory: it cannot be assumed now.";
	if (objection)
		ui_message(ui, ROLE_ERROR, "%s", objection);
	return !objection;
}

static void show_scope(struct ui *ui, const struct ui_env *env, uint64_t group)
{
	uint32_t index = group_find(env->snap, group);
	ui_leave_scope(ui);
	if (index != TASK_MEMCG_UNKNOWN) {
		ui->scope = (struct scope){ .kind = SCOPE_MEMCG, .memcg = index };
		ui->scope_group = group;
	}
	if (ui_conclude_scope(ui, env) < 0) {
		ui_leave_scope(ui);
		ui_message(ui, ROLE_ERROR, "Out of memory: this cannot be ranked now.");
	}
	ui->whatif_top = 0;
}

static bool take_adj(struct ui *ui, const struct ui_env *env)
{
	bool any = false;
	/* Beyond the scale that is typed on, even if it stood for an oom_score_adj. */
	if (ui->plan_ok && !ui->previewing)
		ui_message(ui, ROLE_ERROR, "%.250s", ui->plan.text);
	if (!ui->plan_ok || !ui->previewing)
		return false;
	for (uint32_t i = 0; i < ui->ntargets; i++) {
		const struct change change = { .kind = KNOB_ADJ, .process = ui->targets[i].process, .value = ui->plan.after };
		if (ui_find(env, change.process) && whatif_assume(ui, env, &change, false))
			any = true;
	}
	if (any && ui->message_role == ROLE_NORMAL)
		ui->message[0] = '\0'; /* some of them had it already: of no interest beside the others */
	return any;
}

bool whatif_take(struct ui *ui, const struct ui_env *env)
{
	if (ui->dialog == &dialog_adj) {
		if (take_adj(ui, env)) {
			ui_close(ui);
			whatif_open(ui, env);
		}
		return true;
	}
	bool is_group = ui->screen == &screen_groups;
	if (ui->dialog || !ui->editing || (!is_group && ui->screen != &screen_sysctl))
		return false;
	const struct change change = { .kind = is_group ? KNOB_MEMCG : KNOB_SYSCTL, .sysctl = ui->plan.sysctl,
				       .group = ui->edit_group, .file = ui->edit_file, .value = ui->plan.after };
	if (!ui->plan_ok || !whatif_assume(ui, env, &change, false))
		return true;
	ui_stop_editing(ui);
	whatif_open(ui, env);
	/* memory.high kills nobody, wherever one looks. */
	if (is_group && change.file != MEMCG_FILE_HIGH) {
		show_scope(ui, env, change.group);
		judge(ui, env);
	}
	return true;
}

static void restore_scope(struct ui *ui, const struct ui_env *env, const struct scope *scope, uint64_t group)
{
	ui->scope = *scope;
	ui->scope_group = group;
	if (ui_conclude_scope(ui, env) < 0)
		ui_leave_scope(ui);
}

static struct ui_command leave(struct ui *ui, const struct ui_env *env)
{
	restore_scope(ui, env, &ui->whatif_scope, ui->whatif_group);
	return ui_return_to(ui, env, ui->whatif_from);
}

/* As on the main screen; an undo that asks may go on to another screen. */
static struct ui_command undo(struct ui *ui, const struct ui_env *env, struct key typed)
{
	const struct scope scope = ui->scope;
	uint64_t group = ui->scope_group;
	restore_scope(ui, env, &ui->whatif_scope, ui->whatif_group);
	struct ui_command command = screen_main.key(ui, env, typed);
	if (ui->screen == &screen_whatif || ui->screen == &screen_apply)
		restore_scope(ui, env, &scope, group);
	return command;
}

/* --- whose OOM ------------------------------------------------------------------------ */

uint32_t whatif_limiting(const struct ui *ui, const struct ui_env *env, struct process_id process)
{
	const struct task *task = ui_find(env, process);
	uint32_t at = task ? task->memcg : TASK_MEMCG_UNKNOWN;
	while (at < env->snap->nmemcgs && memcg_limit(env->snap, &ui->whatif, at) == MEMCG_UNLIMITED) {
		uint32_t parent = env->snap->memcgs[at].parent;
		at = parent < at ? parent : TASK_MEMCG_UNKNOWN;
	}
	return at < env->snap->nmemcgs ? at : TASK_MEMCG_UNKNOWN;
}

/* The group that an assumption bears on; that of place 0 is the one this screen was
 * opened from. 0 for none. */
static uint64_t group_at(const struct ui *ui, const struct ui_env *env, uint32_t place)
{
	if (place == 0)
		return ui->whatif_group;
	const struct change *change = &ui->sandbox.list[place - 1].change;
	if (change->kind == KNOB_MEMCG)
		return change->group;
	if (change->kind != KNOB_ADJ)
		return 0;
	uint32_t memcg = whatif_limiting(ui, env, change->process);
	return memcg == TASK_MEMCG_UNKNOWN ? 0 : group_name(env->snap, memcg);
}

static bool is_first_of_its_group(const struct ui *ui, const struct ui_env *env, uint32_t place)
{
	uint64_t group = group_at(ui, env, place);
	for (uint32_t i = 0; i < place; i++) {
		if (group_at(ui, env, i) == group)
			return false;
	}
	return group != 0;
}

/* The host, then each group once, then the host again. */
static void next_scope(struct ui *ui, const struct ui_env *env)
{
	uint32_t n = ui->sandbox.n + 1, place = 0;
	if (ui->scope_group != 0) {
		while (place < n && group_at(ui, env, place) != ui->scope_group)
			place++;
		place++;
	}
	while (place < n && !is_first_of_its_group(ui, env, place))
		place++;
	uint64_t group = place < n ? group_at(ui, env, place) : 0;
	if (group == ui->scope_group)
		ui_message(ui, ROLE_NORMAL, "No memory cgroup with a limit has to do with what is assumed.");
	show_scope(ui, env, group);
}

/* --- editing one of them ------------------------------------------------------------------ */

static const struct assumption *chosen(const struct ui *ui)
{
	return ui->sandbox.n > 0 ? &ui->sandbox.list[ui->sandbox.at] : NULL;
}

static void begin_edit(struct ui *ui)
{
	const struct assumption *assumption = chosen(ui);
	char text[32];
	if (!assumption)
		return;
	typed_text(&assumption->change, assumption->is_growth, text);
	ui->editing = true;
	ui->value_kept = assumption->change.value;
	ui_ask(ui, is_size(&assumption->change, assumption->is_growth) ? FIELD_TEXT : FIELD_SIGNED, text);
}

/* What is typed is assumed as soon as it makes sense. */
static void take_typed(struct ui *ui, const struct ui_env *env)
{
	const struct assumption *assumption = chosen(ui);
	struct change change = assumption->change;
	struct text text = field_text(&ui->field);
	bool is_growth = assumption->is_growth, is_limit = !is_growth && is_size(&change, false);
	int r = is_growth ? sandbox_parse_growth(text, &change.value) :
		is_limit  ? knob_parse_bytes(text, &change.value) :
			    text_to_i64(text, &change.value);
	const char *objection = r == 0	  ? sandbox_objection(env->snap, &change, is_growth) :
				is_growth ? SANDBOX_GROWTH_HINT :
				is_limit  ? "Type bytes, with K, M, G or T if you like, or max." :
					    "Type a whole number.";
	ui->plan_ok = !objection;
	if (objection) {
		ui_message(ui, ROLE_ERROR, "%s", objection);
		return;
	}
	sandbox_set(&ui->sandbox, ui->sandbox.at, change.value);
	judge(ui, env);
}

static void edit_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (typed.code == KEY_CODE_ESCAPE) {
		sandbox_set(&ui->sandbox, ui->sandbox.at, ui->value_kept);
		ui->editing = false;
		judge(ui, env);
	} else if (typed.code == KEY_CODE_ENTER) {
		ui->editing = !ui->plan_ok;
		if (ui->editing)
			take_typed(ui, env); /* says again why not */
	} else if (ui_type(ui, typed)) {
		take_typed(ui, env);
	}
}

/* --- keys ----------------------------------------------------------------------------------- */

static void drop_all(struct ui *ui)
{
	ui_message(ui, ROLE_NORMAL, "%u dropped; nothing is assumed any more, and nothing was written.", ui->sandbox.n);
	sandbox_clear(&ui->sandbox);
}

/* One that acts on the list. Returns whether it was. */
static bool list_key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	struct sandbox *sandbox = &ui->sandbox;
	switch (typed.code) {
	case KEY_CODE_UP:
		sandbox->at -= sandbox->at > 0;
		return true;
	case KEY_CODE_DOWN:
		sandbox->at += sandbox->at + 1 < sandbox->n;
		return true;
	case KEY_CODE_PAGE_DOWN:
		ui->whatif_top += 8;
		return true;
	case KEY_CODE_PAGE_UP:
		ui->whatif_top -= ui->whatif_top < 8 ? ui->whatif_top : 8;
		return true;
	case KEY_CODE_HOME:
		ui->whatif_top = 0;
		return true;
	case KEY_CODE_DELETE:
	case KEY_CODE_BACKSPACE:
	case '-':
		if (sandbox->n > 0)
			sandbox_remove(sandbox, sandbox->at);
		break;
	case 'D':
		drop_all(ui);
		break;
	case KEY_CODE_TAB:
		next_scope(ui, env);
		break;
	default:
		return false;
	}
	judge(ui, env);
	return true;
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (ui->editing) {
		edit_key(ui, env, typed);
		return command_none();
	}
	if (list_key(ui, env, typed))
		return command_none();
	switch (typed.code) {
	case KEY_CODE_ENTER:
		ui->plan_ok = true;
		begin_edit(ui);
		return command_none();
	case 'a':
		if (ui->sandbox.n > 0)
			apply_open(ui, env);
		else
			ui_message(ui, ROLE_NORMAL, "Nothing is assumed: there is nothing to apply.");
		return command_none();
	case KEY_CODE_ESCAPE:
		return leave(ui, env);
	default:
		break;
	}
	switch (keymap_action(&ui->keymap, typed)) {
	case ACT_UNDO:
		return undo(ui, env, typed);
	case ACT_HELP:
		help_open(ui);
		return command_none();
	case ACT_REFRESH:
		return (struct ui_command){ .kind = UI_REFRESH };
	case ACT_QUIT:
	case ACT_WHATIF:
		return leave(ui, env);
	default:
		return command_none();
	}
}

const struct screen screen_whatif = { .name = "whatif", .draw = whatif_draw, .key = key, .update = update };
