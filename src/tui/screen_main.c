/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The main screen: header, table, bottom line; and what its keys do.
 */
#include <stdarg.h>
#include <stdio.h>

#include "compare.h"

static void add_state(char *dst, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void add_state(char *dst, size_t size, const char *format, ...)
{
	size_t used = strlen(dst);
	va_list ap;
	va_start(ap, format);
	used += (size_t)snprintf(dst + used, size - used, "%s", used > 0 ? ", " : "");
	vsnprintf(dst + used, size - used, format, ap);
	va_end(ap);
}

/* "2 tagged, filter 'java': 7 hidden, what-if: 1 assumed", or in brief. */
static void state_text(const struct ui *ui, bool brief, char *dst, size_t size)
{
	const struct view *view = &ui->view;
	dst[0] = '\0';
	if (ui->ntags > 0)
		add_state(dst, size, "%u tagged", ui->ntags);
	if (view->filter[0] && !brief)
		add_state(dst, size, "filter '%.40s': %u hidden", view->filter, view->hidden);
	else if ((view->by_user || view->npids > 0) && !brief)
		add_state(dst, size, "%s: %u hidden", view->by_user ? "one user" : "some pids", view->hidden);
	else if (view->filter[0] || view->by_user || view->npids > 0)
		add_state(dst, size, "%u hidden", view->hidden);
	if (ui->sandbox.n > 0)
		add_state(dst, size, "%s%u assumed", brief ? "" : "what-if: ", ui->sandbox.n);
}

/* What the table leaves out, is about to be edited or is assumed: never pushed off by
 * hints. */
static int draw_state(const struct ui *ui, struct pane bottom)
{
	char state[160];
	state_text(ui, false, state, sizeof state);
	if (frame_text_width(text_of_str(state)) > bottom.columns - 8) /* "h Help" stays */
		state_text(ui, true, state, sizeof state);
	if (state[0] == '\0')
		return bottom.columns;
	pane_right(bottom, 0, bottom.columns, ROLE_WARN, state);
	return bottom.columns - frame_text_width(text_of_str(state)) - 1;
}

static void draw_hints(const struct ui *ui, struct pane bottom)
{
	static const struct {
		enum action action;
		const char *label;
	} hints[] = {
		{ ACT_HELP, "Help" },   { ACT_DETAILS, "Why" },  { ACT_ADJ, "Adj" },   { ACT_SYSCTL, "Sysctls" },
		{ ACT_SORT, "Sort" },   { ACT_FILTER, "Filter" }, { ACT_TREE, "Tree" }, { ACT_SYSTEM, "Memory" },
		{ ACT_KILL, "Signal" }, { ACT_QUIT, "Quit" },
	};
	int end = draw_state(ui, bottom);
	int column = 0;
	/* A dialog takes all keys, and says which it knows. */
	for (size_t i = 0; !ui->dialog && i < sizeof hints / sizeof hints[0]; i++) {
		char keys[64];
		keymap_keys(&ui->keymap, hints[i].action, keys, sizeof keys);
		struct text all = text_of_str(keys), first;
		if (!text_next_word(&all, &first))
			continue;
		int width = frame_text_width(first) + 1 + frame_text_width(text_of_str(hints[i].label));
		if (column + width > end)
			break;
		column = pane_text(bottom, 0, column, ROLE_KEY, first);
		column = pane_str(bottom, 0, column + 1, ROLE_NORMAL, hints[i].label) + 1;
	}
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	int head = header_rows(pane.rows, pane.columns);
	/* The editor's box leaves the table less room, instead of hiding the row
	 * that is edited. */
	int box = ui->dialog == &dialog_adj ? dialog_adj_rows(pane.rows) : 0;
	header_draw(ui, env, pane_part(pane, 0, 0, head, pane.columns));
	int other = compare_rows(ui);
	if (other > 0)
		compare_draw(ui, env, pane_part(pane, head, 0, other, pane.columns));
	head += other;
	table_draw(ui, env, pane_part(pane, head, 0, pane.rows - head - 1 - box, pane.columns));
	if (ui->message[0])
		draw_message(ui, pane);
	else
		draw_hints(ui, pane_part(pane, pane.rows - 1, 0, 1, pane.columns));
}

static void move_to(struct ui *ui, const struct ui_env *env, int64_t row)
{
	if (ui->view.nrows == 0)
		return;
	if (row < 0)
		row = 0;
	if (row >= (int64_t)ui->view.nrows)
		row = (int64_t)ui->view.nrows - 1;
	ui->cursor_row = (uint32_t)row;
	const struct task *task = ui_cursor_task(ui, env);
	ui->cursor = (struct process_id){ task->pid, task->start_ticks };
}

static void tag(struct ui *ui, const struct task *task)
{
	void *array = ui->tags;
	if (!ui_is_tagged(ui, task) && ui_grow(&array, &ui->tags_capacity, ui->ntags + 1, sizeof *ui->tags)) {
		ui->tags = array;
		ui->tags[ui->ntags++] = (struct process_id){ task->pid, task->start_ticks };
	}
}

static void toggle_tag(struct ui *ui, const struct task *task)
{
	for (uint32_t i = 0; i < ui->ntags; i++) {
		if (ui->tags[i].pid == task->pid && ui->tags[i].start_ticks == task->start_ticks) {
			ui->tags[i] = ui->tags[--ui->ntags];
			return;
		}
	}
	tag(ui, task);
}

static bool descends_from(const struct snapshot *snap, const struct task *task, int32_t ancestor)
{
	for (int depth = 0; task && depth < 256; depth++) {
		if (task->pid == ancestor)
			return true;
		task = snapshot_find(snap, task->ppid);
	}
	return false;
}

static void tag_many(struct ui *ui, const struct ui_env *env, enum action action)
{
	const struct task *at = ui_cursor_task(ui, env);
	if (!at)
		return;
	for (uint32_t i = 0; i < env->snap->ntasks; i++) {
		const struct task *task = &env->snap->tasks[i];
		if (task_is_kthread(task))
			continue;
		bool wanted = action == ACT_TAG_USER ?
				      task_knows(task, TASK_STATUS) && task_knows(at, TASK_STATUS) && task->uid == at->uid :
				      descends_from(env->snap, task, at->pid);
		if (wanted)
			tag(ui, task);
	}
	ui_message(ui, ROLE_NORMAL, "%u tagged: edits and signals act on all of them; = untags.", ui->ntags);
}

void ui_find_next(struct ui *ui, const struct ui_env *env)
{
	struct column_context ctx = ui_context(ui, env);
	for (uint32_t step = 1; step <= ui->view.nrows; step++) {
		uint32_t row = (ui->cursor_row + step) % ui->view.nrows;
		if (view_matches(&ctx, ui->view.rows[row], text_of_str(ui->search))) {
			move_to(ui, env, row);
			return;
		}
	}
	ui_message(ui, ROLE_WARN, UI_NOT_FOUND, ui->search);
}

/* How many columns can go off to the left: the last of them stays. */
static unsigned scrolling_columns(const struct ui *ui)
{
	unsigned n = 0;
	for (unsigned i = 0; i < ui->columns.n; i++) {
		enum column column = (enum column)ui->columns.columns[i];
		n += column != COL_RANK && column != COL_PID && column != COL_COMMAND;
	}
	return n > 0 ? n - 1 : 0;
}

static void sort_by(struct ui *ui, enum column column)
{
	ui->view.sort = column;
	ui->view.reverse = false;
	ui_message(ui, ROLE_NORMAL, "Sorted by %s; R turns it round, P is the kernel's kill order.",
		   column_table[column].head);
}

static void sort_beside(struct ui *ui, int step)
{
	int at = -1;
	for (unsigned i = 0; i < ui->columns.n; i++) {
		if (ui->columns.columns[i] == ui->view.sort)
			at = (int)i;
	}
	at += step;
	if (at >= 0 && at < (int)ui->columns.n)
		sort_by(ui, (enum column)ui->columns.columns[at]);
}

static struct ui_command undo_sysctl(struct ui *ui, const struct ui_env *env)
{
	struct change last = ui->undo[ui->nundo - 1].change;
	knob_plan_sysctl(&ui->plan, env->snap, last.sysctl, last.value, env->readonly);
	if (ui->plan.gate == GATE_TYPED_YES) {
		/* What was harmless then may take the host down now. */
		sysctl_edit(ui, env, last.sysctl, last.value);
		ui->undoing = true;
		return command_none();
	}
	ui->nundo--;
	return (struct ui_command){
		.kind = UI_APPLY_SYSCTL, .sysctl = last.sysctl, .value = last.value, .is_undo = true
	};
}

/* Were values of several kinds, or several of another kind than oom_score_adj, written
 * in one go? */
static bool is_mixed(const struct ui *ui, uint32_t batch)
{
	uint32_t n = 0, others = 0;
	for (uint32_t i = ui->nundo; i > 0 && ui->undo[i - 1].batch == batch; i--) {
		n++;
		others += ui->undo[i - 1].change.kind != KNOB_ADJ;
	}
	return n > 1 && others > 0;
}

/* Does another value stand there than the batch left? Not asked of a memory cgroup,
 * whose undo is always shown before it is written. */
static bool is_overtaken(const struct ui *ui, const struct ui_env *env, uint32_t batch)
{
	for (uint32_t i = ui->nundo; i > 0 && ui->undo[i - 1].batch == batch; i--) {
		const struct ui_undo *undo = &ui->undo[i - 1];
		const struct change *change = &undo->change;
		const struct task *task = change->kind == KNOB_ADJ ? ui_find(env, change->process) : NULL;
		struct knob_plan plan = { .before_known = false };
		if (task)
			knob_plan_adj(&plan, env->snap, task, (int)change->value, env->readonly);
		else if (change->kind == KNOB_SYSCTL)
			knob_plan_sysctl(&plan, env->snap, change->sysctl, change->value, env->readonly);
		if (undo->left_known && knob_plan_overtaken(&plan, undo->left))
			return true;
	}
	return false;
}

static struct ui_command undo(struct ui *ui, const struct ui_env *env)
{
	if (ui->nundo == 0) {
		ui_message(ui, ROLE_NORMAL, "Nothing to undo: nothing has been written in this run.");
		return command_none();
	}
	const struct ui_undo *last = &ui->undo[ui->nundo - 1];
	uint32_t batch = last->batch;
	if (is_mixed(ui, batch) || is_overtaken(ui, env, batch))
		return apply_open_undo(ui, env, batch);
	if (last->change.kind == KNOB_MEMCG)
		return groups_undo(ui, &last->change);
	if (last->change.kind == KNOB_SYSCTL)
		return undo_sysctl(ui, env);
	ui->ntargets = 0;
	while (ui->nundo > 0 && ui->undo[ui->nundo - 1].batch == batch) {
		void *array = ui->targets;
		if (!ui_grow(&array, &ui->targets_capacity, ui->ntargets + 1, sizeof *ui->targets))
			break;
		ui->targets = array;
		last = &ui->undo[--ui->nundo];
		ui->targets[ui->ntargets++] = (struct ui_target){ last->change.process, (int16_t)last->change.value };
	}
	if (ui->ntargets == 0)
		return command_none();
	return (struct ui_command){
		.kind = UI_APPLY_ADJ, .targets = ui->targets, .ntargets = ui->ntargets, .is_undo = true
	};
}

/* Whom an edit or a signal would be about. False when that is nobody, and says so. */
static bool has_targets(struct ui *ui, const struct ui_env *env)
{
	if (ui_collect_targets(ui, env) > 0)
		return true;
	ui_message(ui, ROLE_NORMAL, "No process stands under the cursor.");
	return false;
}

static void open_adj(struct ui *ui, const struct ui_env *env, int step)
{
	if (!has_targets(ui, env))
		return;
	const struct task *task = ui_find(env, ui->targets[0].process);
	if (!task_knows(task, TASK_ADJ)) {
		ui_message(ui, ROLE_ERROR, "oom_score_adj of pid %d cannot be read, so it is not edited.", (int)task->pid);
		return;
	}
	int value = task->oom_score_adj + step;
	value = value < OOM_SCORE_ADJ_MIN ? OOM_SCORE_ADJ_MIN : value > OOM_SCORE_ADJ_MAX ? OOM_SCORE_ADJ_MAX : value;
	char digits[16];
	snprintf(digits, sizeof digits, "%d", value);
	ui_open(ui, &dialog_adj);
	ui->on_oom_adj = false;
	ui_ask(ui, FIELD_SIGNED, digits);
	dialog_adj.update(ui, env);
}

static void switch_screen(struct ui *ui, const struct screen *screen)
{
	ui->screen = screen;
	ui->scroll = 0;
	ui->choice = 0;
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	const struct task *task = ui_cursor_task(ui, env);
	int64_t row = ui->cursor_row;
	int64_t page = ui->page_rows > 1 ? (int64_t)ui->page_rows - 1 : 1;
	enum action action = keymap_action(&ui->keymap, typed);
	char text[VIEW_FILTER_SIZE];

	if (ui_scope(ui) && (action == ACT_QUIT || typed.code == KEY_CODE_ESCAPE)) {
		ui_leave_scope(ui);
		ui->screen = ui->scope_from;
		ui->screen->update(ui, env); /* its list may be of an earlier tick */
		return command_none();
	}

	switch (action) {
	case ACT_HELP:
		help_open(ui);
		break;
	case ACT_QUIT:
		return (struct ui_command){ .kind = UI_QUIT };
	case ACT_UP:
		move_to(ui, env, row - 1);
		break;
	case ACT_DOWN:
		move_to(ui, env, row + 1);
		break;
	case ACT_PAGE_UP:
		move_to(ui, env, row - page);
		break;
	case ACT_PAGE_DOWN:
		move_to(ui, env, row + page);
		break;
	case ACT_FIRST:
		/* On the first row the cursor belongs to the row again, not to a process. */
		move_to(ui, env, 0);
		ui->cursor = (struct process_id){ 0, 0 };
		break;
	case ACT_LAST:
		move_to(ui, env, (int64_t)ui->view.nrows - 1);
		break;
	case ACT_LEFT:
		if (ui->left_column > 0)
			ui->left_column--;
		break;
	case ACT_RIGHT:
		if (ui->left_column < scrolling_columns(ui))
			ui->left_column++;
		break;
	case ACT_DETAILS:
		if (task) {
			ui->details_of = (struct process_id){ task->pid, task->start_ticks };
			ui->cursor = ui->details_of; /* an edit begun there is about this one */
			switch_screen(ui, &screen_details);
		}
		break;
	case ACT_ADJ:
		open_adj(ui, env, 0);
		break;
	case ACT_ADJ_DOWN:
		open_adj(ui, env, -10);
		break;
	case ACT_ADJ_UP:
		open_adj(ui, env, 10);
		break;
	case ACT_WHATIF:
		whatif_open(ui, env);
		break;
	case ACT_GROW:
		if (has_targets(ui, env))
			ui_open_prompt(ui, &dialog_grow, FIELD_TEXT, "");
		break;
	case ACT_UNDO:
		return undo(ui, env);
	case ACT_SYSCTL:
		switch_screen(ui, &screen_sysctl);
		break;
	case ACT_SYSTEM:
		switch_screen(ui, &screen_system);
		break;
	case ACT_CGROUPS:
		return groups_open(ui);
	case ACT_NODES:
		switch_screen(ui, &screen_nodes);
		ui->nodes_judged = false;
		ui->pages_of = (struct process_id){ 0, 0 };
		return (struct ui_command){ .kind = UI_REFRESH }; /* their meminfo is read only while it is looked at */
	case ACT_EVENTS:
		notice_dismiss(ui, env);
		ui->event = 0;
		ui->explaining = false;
		switch_screen(ui, &screen_events);
		break;
	case ACT_DISMISS:
		notice_dismiss(ui, env);
		break;
	case ACT_MODEL:
		ui_open(ui, &dialog_model);
		ui->choice = dialog_model_choice(ui);
		break;
	case ACT_KILL:
		if (has_targets(ui, env))
			ui_open(ui, &dialog_signal);
		break;
	case ACT_TAG:
		if (task) {
			toggle_tag(ui, task);
			move_to(ui, env, row + 1);
		}
		break;
	case ACT_TAG_USER:
	case ACT_TAG_TREE:
		tag_many(ui, env, action);
		break;
	case ACT_UNTAG:
		ui->ntags = 0;
		ui->view.filter[0] = '\0';
		ui->view.by_user = false;
		ui->view.npids = 0;
		ui->search[0] = '\0';
		break;
	case ACT_SORT_PREV:
		sort_beside(ui, -1);
		break;
	case ACT_SORT_NEXT:
		sort_beside(ui, 1);
		break;
	case ACT_SORT:
		ui_open(ui, &dialog_sort);
		ui->choice = ui->view.sort;
		break;
	case ACT_SORT_KILL:
		sort_by(ui, COL_RANK);
		break;
	case ACT_SORT_MEMORY:
		sort_by(ui, COL_RES);
		break;
	case ACT_SORT_PID:
		sort_by(ui, COL_PID);
		break;
	case ACT_SORT_TIME:
		sort_by(ui, COL_START);
		break;
	case ACT_REVERSE:
		ui->view.reverse = !ui->view.reverse;
		break;
	case ACT_SEARCH:
		ui_open_prompt(ui, &dialog_search, FIELD_TEXT, ui->search);
		break;
	case ACT_SEARCH_NEXT:
		ui_search_next(ui, env);
		break;
	case ACT_FILTER:
		ui_open_prompt(ui, &dialog_filter, FIELD_TEXT, ui->view.filter);
		break;
	case ACT_USER:
		ui_open_prompt(ui, &dialog_user, FIELD_TEXT, "");
		break;
	case ACT_TREE:
		ui->view.tree = !ui->view.tree;
		break;
	case ACT_KTHREADS:
		ui->view.kthreads = !ui->view.kthreads;
		break;
	case ACT_CMDLINE:
		ui->cmdlines = !ui->cmdlines;
		break;
	case ACT_COLUMNS:
		ui_open(ui, &dialog_columns);
		break;
	case ACT_UNITS:
		ui->units = (enum units)((ui->units + 1) % UNITS__COUNT);
		ui_message(ui, ROLE_NORMAL, "Sizes %s.",
			   ui->units == UNITS_KIB ? "in KiB" :
			   ui->units == UNITS_MIB ? "in MiB" :
			   ui->units == UNITS_PAGES ? "in pages" :
						      "with K, M and G");
		break;
	case ACT_PAUSE:
		ui->paused = !ui->paused;
		break;
	case ACT_DELAY:
		snprintf(text, sizeof text, "%.6g", env->delay_s);
		ui_open_prompt(ui, &dialog_delay, FIELD_DECIMAL, text);
		break;
	case ACT_REFRESH:
		return (struct ui_command){ .kind = UI_REFRESH };
	case ACT_REDRAW:
		return (struct ui_command){ .kind = UI_REDRAW };
	case ACT_THEME:
		return (struct ui_command){ .kind = UI_NEXT_THEME };
	case ACT_WRITE_CONFIG:
		return (struct ui_command){ .kind = UI_WRITE_CONFIG };
	case ACT_IGNORE:
	case ACT__COUNT:
		break;
	}
	return command_none();
}

const struct screen screen_main = { .name = "main", .draw = draw, .key = key };
