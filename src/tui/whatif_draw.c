/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The what-if screen: what is assumed above, the verdicts before and after in the
 * middle, both rankings below, side by side where the screen is wide enough.
 */
#include <stdio.h>

#include "flow.h"
#include "oomsight/model/cascade.h"
#include "screen_whatif.h"

#define WIDE 70        /* from so many columns on the rankings stand side by side */
#define KIND_COLUMN 1
#define NAME_COLUMN 8
#define LABEL_COLUMNS 8 /* of the verdicts */

static int at_least(int width, int least)
{
	return width > least ? width : least;
}

/* --- what is assumed ------------------------------------------------------------------ */

bool whatif_value_now(const struct ui_env *env, const struct change *change, int64_t *ret_value)
{
	static const enum memcg_group groups[MEMCG_FILE__COUNT] = { MEMCG_MAX, MEMCG_SOFT, MEMCG_OOM_GROUP };
	const struct snapshot *snap = env->snap;
	if (change->kind == KNOB_ADJ) {
		const struct task *task = ui_find(env, change->process);
		if (!task || !task_knows(task, TASK_ADJ))
			return false;
		*ret_value = task->oom_score_adj;
		return true;
	}
	if (change->kind == KNOB_SYSCTL) {
		*ret_value = snap->system.sysctl[change->sysctl].value;
		return snap->system.sysctl[change->sysctl].state == FACT_KNOWN;
	}
	uint32_t at = group_find(snap, change->group);
	if (at == TASK_MEMCG_UNKNOWN || !memcg_knows(&snap->memcgs[at], groups[change->file]))
		return false;
	uint64_t bytes = change->file == MEMCG_FILE_MAX ? snap->memcgs[at].max_bytes : snap->memcgs[at].high_bytes;
	*ret_value = change->file == MEMCG_FILE_OOM_GROUP ? snap->memcgs[at].oom_group :
		     bytes >= KNOB_UNLIMITED		  ? KNOB_UNLIMITED :
							    (int64_t)bytes;
	return true;
}

const char *whatif_knob_name(const struct ui_env *env, const struct change *change)
{
	if (change->kind == KNOB_SYSCTL)
		return sysctl_names[change->sysctl];
	if (change->kind == KNOB_MEMCG)
		return memcg_file_name(change->file, env->snap->memcg_version);
	return "oom_score_adj";
}

static const char *kind_of(const struct assumption *assumption)
{
	static const char *const files[MEMCG_FILE__COUNT] = { "max", "high", "group" };
	switch (assumption->change.kind) {
	case KNOB_ADJ:
	case KNOB_SIGNAL:
		return assumption->is_growth ? "grows" : "adj";
	case KNOB_SYSCTL:
		return "sysctl";
	case KNOB_MEMCG:
		return files[assumption->change.file];
	}
	return "";
}

static char *value_text(const struct change *change, bool known, int64_t value, char dst[UNITS_BUFFER])
{
	bool is_limit = change->kind == KNOB_MEMCG && change->file != MEMCG_FILE_OOM_GROUP;
	if (!known)
		strcpy(dst, "?");
	else if (is_limit && value == KNOB_UNLIMITED)
		strcpy(dst, "max");
	else if (is_limit)
		units_human((uint64_t)value, dst);
	else
		snprintf(dst, UNITS_BUFFER, "%lld", (long long)value);
	return dst;
}

/* "0 -> -500", "+2.00G" */
static void change_text(const struct ui_env *env, const struct assumption *assumption, char *dst, size_t size)
{
	char before[UNITS_BUFFER], after[UNITS_BUFFER];
	int64_t now = 0;
	if (assumption->is_growth) {
		snprintf(dst, size, "%s", units_human_signed(assumption->change.value, after));
		return;
	}
	bool known = whatif_value_now(env, &assumption->change, &now);
	snprintf(dst, size, "%s -> %s", value_text(&assumption->change, known, now, before),
		 value_text(&assumption->change, true, assumption->change.value, after));
}

static void draw_name(const struct ui_env *env, struct pane cell, const struct assumption *assumption)
{
	const struct change *change = &assumption->change;
	const struct task *task = change->kind == KNOB_ADJ ? ui_find(env, change->process) : NULL;
	uint32_t at = change->kind == KNOB_MEMCG ? group_find(env->snap, change->group) : TASK_MEMCG_UNKNOWN;
	char behind[32], path[256];
	struct flow flow = { cell, 0, 0, false };
	if (task) {
		snprintf(behind, sizeof behind, " (%d)", (int)task->pid);
		flow_name(&flow, ROLE_NORMAL, "", snapshot_text(env->snap, task->comm), behind);
	} else if (at != TASK_MEMCG_UNKNOWN) {
		pane_str(cell, 0, 0, ROLE_NORMAL,
			 ui_path_text(snapshot_text(env->snap, env->snap->memcgs[at].path), cell.columns, cell.frame->ascii,
				      path, sizeof path));
	} else {
		pane_str(cell, 0, 0, ROLE_NORMAL, change->kind == KNOB_SYSCTL ? sysctl_names[change->sysctl] : assumption->name);
	}
}

static char *rank_text(const struct ranking *ranking, uint32_t index, char dst[16])
{
	uint32_t rank = index < ranking->ntasks ? ranking->candidates[index].rank : 0;
	if (rank > 0)
		snprintf(dst, 16, "%u", rank);
	else
		strcpy(dst, "never");
	return dst;
}

/* "rank 1 -> 5" of a process; "lacks 1.20G" of who meets the limit of a group. */
static void draw_effect(const struct ui *ui, const struct ui_env *env, struct flow *flow, const struct assumption *assumption)
{
	const struct change *change = &assumption->change;
	const struct task *task = change->kind == KNOB_ADJ ? ui_find(env, change->process) : NULL;
	char a[16], b[16], size[UNITS_BUFFER], path[128];
	uint32_t limiting = TASK_MEMCG_UNKNOWN;
	uint64_t missing = 0;
	uint32_t index = task ? (uint32_t)(task - env->snap->tasks) : UINT32_MAX;
	if (ui->previewing && index < ui->preview.ntasks) {
		if (ui->preview.candidates[index].eligibility == INELIGIBLE_OUTSIDE)
			flow_item(flow, "", ROLE_DIM, "not in this scope");
		else
			flow_item(flow, "", ROLE_CHANGED, "rank %s -> %s",
				  rank_text(ui_ranking_now(ui, env), index, a), rank_text(&ui->preview, index, b));
	}
	if (assumption->is_growth)
		limiting = whatif_limiting(ui, env, change->process);
	else if (change->kind == KNOB_MEMCG && change->file == MEMCG_FILE_MAX)
		limiting = group_find(env->snap, change->group);
	if (limiting == TASK_MEMCG_UNKNOWN ||
	    !memcg_shortfall(env->snap, &env->model->rules, &ui->whatif, limiting, &missing) || missing == 0)
		return;
	flow_item(flow, "", ROLE_WARN, "lacks %s", units_human(missing, size));
	if (assumption->is_growth)
		flow_item(flow, "", ROLE_WARN, "in %s",
			  ui_path_text(snapshot_text(env->snap, env->snap->memcgs[limiting].path), 30,
				       flow->pane.frame->ascii, path, sizeof path));
}

static void draw_assumption(const struct ui *ui, const struct ui_env *env, struct pane pane, int row, uint32_t at)
{
	const struct assumption *assumption = &ui->sandbox.list[at];
	bool is_chosen = at == ui->sandbox.at;
	char text[80];
	change_text(env, assumption, text, sizeof text);
	int value_width = frame_text_width(text_of_str(text));
	int name_width = pane.columns - NAME_COLUMN - 1 - value_width;
	if (pane.columns >= WIDE)
		name_width = (pane.columns < 120 ? pane.columns - NAME_COLUMN : 112) * 2 / 5;
	pane_str(pane, row, 0, ROLE_NORMAL, is_chosen ? ">" : " ");
	pane_str(pane, row, KIND_COLUMN, ROLE_LABEL, kind_of(assumption));
	draw_name(env, pane_part(pane, row, NAME_COLUMN, 1, name_width), assumption);
	struct flow flow = { pane, row, NAME_COLUMN + name_width, false };
	flow_item(&flow, "", ROLE_CHANGED, "%s", text);
	if (pane.columns >= WIDE) {
		int least = NAME_COLUMN + name_width + 15; /* "3.12G -> 1.00G" */
		flow.column = flow.column > least ? flow.column : least;
		draw_effect(ui, env, &flow, assumption);
	}
	if (is_chosen)
		pane_role(pane, row, 0, pane.columns, ROLE_CURSOR);
}

static void draw_list(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	uint32_t rows = (uint32_t)pane.rows;
	if (ui->sandbox.n == 0) {
		draw_wrapped(pane, 0, 1, ROLE_DIM,
			     "Nothing is assumed. Edit as usual (a, S, or m h o on g) and press ^X instead of Enter; G on the "
			     "list: a process grows.");
		return;
	}
	uint32_t first = ui->sandbox.at >= rows ? ui->sandbox.at - rows + 1 : 0;
	for (uint32_t i = 0; i < rows && first + i < ui->sandbox.n; i++)
		draw_assumption(ui, env, pane, (int)i, first + i);
}

/* --- the verdicts ----------------------------------------------------------------------- */

/* How many of the kills free what is short; 0: not known, or more than are foretold. */
static uint32_t kills_of(const struct verdict *verdict)
{
	return verdict->action == ACTION_KILL && verdict->shortfall_known ? verdict->covering : 0;
}

/* "1 -> 3 kills free 6.10G (5.80G needed): java 4.00G, ..." */
static void draw_kills(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	uint32_t before = kills_of(ui_verdict_now(ui, env)), after = kills_of(&ui->preview_verdict);
	int column = LABEL_COLUMNS;
	pane_str(pane, 0, 0, ROLE_LABEL, "kills");
	if (before > 0 && before != after)
		column = pane_printf(pane, 0, column, ROLE_WARN, "%u -> ", before);
	cascade_draw(env->snap, &ui->preview_verdict, pane, 0, column);
}

/* In as many rows as it needs, and no more than `most`. Returns the row behind it. */
static int draw_verdict(struct pane pane, int row, int most, const char *label, enum role role, const char *because)
{
	pane_str(pane_part(pane, row, 0, 1, LABEL_COLUMNS - 1), 0, 0, ROLE_LABEL, label);
	return row + at_least(draw_wrapped(pane_part(pane, row, 0, most, pane.columns), 0, LABEL_COLUMNS, role, because), 1);
}

/* --- the rankings -------------------------------------------------------------------------- */

/* One of the two, and what it is compared with. Side by side a rank stands once, on
 * the left, and the names get its room on the right. */
struct side {
	const struct ranking *ranking, *other;
	const struct verdict *verdict;
	const char *head;
	bool is_after;
	bool has_ranks;
};

/* Of columns. */
struct widths {
	int rank, pid, adj;
};

static int digits_of(uint32_t number)
{
	int n = 1;
	for (; number >= 10; number /= 10)
		n++;
	return n;
}

/* '^' dies sooner than before, 'v' later, '+' is ranked only now; '-' is no more. */
static char moved_sign(const struct side *side, uint32_t index)
{
	uint32_t here = side->ranking->candidates[index].rank;
	uint32_t there = index < side->other->ntasks ? side->other->candidates[index].rank : 0;
	if (!side->is_after)
		return there == 0 ? '-' : ' ';
	return there == 0 ? '+' : here < there ? '^' : here > there ? 'v' : ' ';
}

static int adj_width(const struct ranking *ranking, int least)
{
	for (uint32_t i = 0; i < ranking->norder; i++) {
		int adj = ranking->candidates[ranking->order[i]].adj;
		least = at_least((int)digits_of((uint32_t)(adj < 0 ? -adj : adj)) + (adj < 0), least);
	}
	return least;
}

static struct widths widths_of(const struct snapshot *snap, const struct side *side)
{
	uint32_t most = side->ranking->norder > side->other->norder ? side->ranking->norder : side->other->norder;
	uint32_t pid = snap->ntasks > 0 ? (uint32_t)snap->tasks[snap->ntasks - 1].pid : 0;
	return (struct widths){ at_least(digits_of(most), 3), at_least(digits_of(pid), 5),
				adj_width(side->other, adj_width(side->ranking, 3)) };
}

/* Without the name. */
static int fixed_columns(const struct side *side, const struct widths *widths)
{
	return 2 + (side->has_ranks ? widths->rank : 0) + 1 + widths->pid + 1 + 6 + 1 + widths->adj + 1;
}

static void draw_rank(const struct ui_env *env, struct pane pane, int row, const struct side *side, uint32_t at,
		      const struct widths *widths)
{
	uint32_t index = side->ranking->order[at];
	const struct task *task = &env->snap->tasks[index];
	const struct candidate *candidate = &side->ranking->candidates[index];
	bool dies = ui_dies_next(side->verdict, index);
	char sign = moved_sign(side, index), text[UNITS_BUFFER];
	enum role role = dies ? ROLE_VICTIM : ROLE_NORMAL;
	enum role moved = sign != ' ' ? ROLE_CHANGED : role;
	pane_fill(pane, row, 0, pane.columns, ' ', role);
	int column = pane_str(pane, row, 0, role, dies ? "!" : " ");
	column = pane_printf(pane, row, column, moved, "%c", sign);
	if (side->has_ranks)
		column = pane_printf(pane, row, column, moved, "%*u", widths->rank, at + 1);
	column = pane_printf(pane, row, column, role, " %*d", widths->pid, (int)task->pid);
	column = pane_printf(pane, row, column, role, " %6s", units_points(candidate->points, env->snap->page_bytes, text));
	int before = index < side->other->ntasks ? side->other->candidates[index].adj : candidate->adj;
	column = pane_printf(pane, row, column, side->is_after && before != candidate->adj ? ROLE_CHANGED : role, " %*d",
			     widths->adj, candidate->adj);
	pane_text(pane, row, column + 1, role, snapshot_text(env->snap, task->comm));
}

static void draw_side(const struct ui *ui, const struct ui_env *env, struct pane pane, const struct side *side,
		      const struct widths *widths)
{
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_HEADER);
	pane_printf(pane, 0, 2, ROLE_HEADER, "%*s %*s POINTS %*s %s", side->has_ranks ? widths->rank : 0,
		    side->has_ranks ? "#" : "", widths->pid, "PID", widths->adj, "ADJ", side->head);
	for (int row = 1; row < pane.rows && ui->whatif_top + (uint32_t)row - 1 < side->ranking->norder; row++)
		draw_rank(env, pane, row, side, ui->whatif_top + (uint32_t)row - 1, widths);
	if (side->ranking->norder == 0)
		pane_str(pane, 1, 2, ROLE_DIM, "nobody is ranked");
}

static void draw_beside(const struct ui *ui, const struct ui_env *env, struct pane pane, const struct side *before,
			struct side *after, const struct widths *widths)
{
	after->has_ranks = false;
	int names = pane.columns - 1 - fixed_columns(before, widths) - fixed_columns(after, widths);
	int left = fixed_columns(before, widths) + names / 2;
	draw_side(ui, env, pane_part(pane, 0, 0, pane.rows, left), before, widths);
	draw_side(ui, env, pane_part(pane, 0, left + 1, pane.rows, pane.columns - left - 1), after, widths);
	/* Who is ranked only then has a rank, too. */
	uint32_t at = before->ranking->norder > 0 ? before->ranking->norder : 1; /* or "nobody" */
	for (at = at > ui->whatif_top ? at : ui->whatif_top; at < after->ranking->norder; at++)
		pane_printf(pane, (int)(at - ui->whatif_top) + 1, 2, ROLE_DIM, "%*u", widths->rank, at + 1);
}

static void draw_rankings(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct side before = { ui_ranking_now(ui, env), &ui->preview, ui_verdict_now(ui, env), "BEFORE", false, true };
	struct side after = { &ui->preview, ui_ranking_now(ui, env), &ui->preview_verdict, "AFTER", true, true };
	if (!ui->previewing)
		return;
	struct widths widths = widths_of(env->snap, &before);
	if (ui->sandbox.n == 0) {
		draw_side(ui, env, pane, &before, &widths);
		return;
	}
	uint32_t most = before.ranking->norder > after.ranking->norder ? before.ranking->norder : after.ranking->norder;
	uint32_t last = most > 0 ? most - 1 : 0;
	ui->whatif_top = ui->whatif_top < last ? ui->whatif_top : last;
	if (pane.columns >= WIDE) {
		draw_beside(ui, env, pane, &before, &after, &widths);
	} else {
		/* What would be is asked for: it gets the odd row. */
		int half = pane.rows / 2;
		draw_side(ui, env, pane_part(pane, 0, 0, half, pane.columns), &before, &widths);
		draw_side(ui, env, pane_part(pane, half, 0, pane.rows - half, pane.columns), &after, &widths);
	}
}

/* --- all of it ------------------------------------------------------------------------------- */

static void draw_title(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	char scope[128];
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	struct flow flow = { pane, 0, 0, false };
	flow_item(&flow, "", ROLE_TITLE, "what if: %u assumed", ui->sandbox.n);
	flow_item(&flow, "", ROLE_TITLE, " %s",
		  ui_scope(ui) ? ui_scope_text(ui, env, pane.columns - 22 - (env->readonly ? 10 : 0), pane.frame->ascii, scope,
					       sizeof scope) :
				 "host");
	if (!env->readonly)
		flow_item(&flow, "", ROLE_TITLE, " nothing is written");
	else
		pane_right(pane, 0, pane.columns, ROLE_WARN, "READ-ONLY");
}

static void draw_edit(const struct ui *ui, const struct ui_env *env, struct pane pane, int row)
{
	const struct assumption *assumption = &ui->sandbox.list[ui->sandbox.at];
	int column = pane_printf(pane, row, 1, ROLE_LABEL, "%s ",
				 assumption->is_growth ? "grows by" : whatif_knob_name(env, &assumption->change));
	field_draw(&ui->field, pane, row, column, 16, ROLE_INPUT);
	struct flow flow = { pane, row, column + 16, false };
	if (!ui->plan_ok)
		flow_item(&flow, "", ROLE_ERROR, "cannot be");
}

void whatif_draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	bool is_tall = pane.rows >= 20;
	int most = is_tall ? 6 : pane.rows >= 14 ? 3 : 1;
	int list = ui->sandbox.n == 0 ? (pane.columns >= WIDE ? 2 : 3) : (int)ui->sandbox.n < most ? (int)ui->sandbox.n : most;
	int verdict = is_tall ? 2 : 1;
	bool kills = ui->previewing && ui->sandbox.n > 0 && ui->preview_verdict.action == ACTION_KILL && pane.rows >= 14;
	int row = 1;
	char after[32] = "after";
	uint32_t n = kills_of(&ui->preview_verdict);
	/* Where there is no room for a line about them. */
	if (pane.rows < 14 && n > 1)
		snprintf(after, sizeof after, "%u%skills", n, n < 10 ? " " : "");
	draw_title(ui, env, pane);
	draw_list(ui, env, pane_part(pane, row, 0, list, pane.columns));
	row += list;
	if (ui->editing)
		draw_edit(ui, env, pane, row++);
	row = draw_verdict(pane, row, verdict, "before", ROLE_VERDICT, ui_verdict_now(ui, env)->because);
	if (ui->previewing && ui->sandbox.n > 0) {
		const char *because = ui->preview_verdict.because;
		bool same = strcmp(because, ui_verdict_now(ui, env)->because) == 0;
		row = draw_verdict(pane, row, verdict, after, same ? ROLE_VERDICT : ROLE_CHANGED, because);
	}
	if (kills)
		draw_kills(ui, env, pane_part(pane, row++, 0, 1, pane.columns));
	draw_rankings(ui, env, pane_part(pane, row, 0, pane.rows - row - 1, pane.columns));
	if (ui->message[0])
		draw_message(ui, pane);
	else
		draw_wrapped(pane_part(pane, pane.rows - 1, 0, 1, pane.columns), 0, 0, ROLE_DIM,
			     ui->editing	 ? "Enter keeps  Esc takes back" :
			     ui->sandbox.n == 0 ? "Esc back" :
						  "a apply  D drop all  Enter edit  Del drop  Tab host/group  Esc back");
}
