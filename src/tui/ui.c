/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor's state: what all screens share. What a key does stands with
 * the screen or dialog that takes it.
 */
#include "oomsight/tui/ui.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "oomsight/model/cascade.h"
#include "compare.h"
#include "flow.h"

void ui_init(struct ui *ui)
{
	memset(ui, 0, sizeof *ui);
	view_init(&ui->view);
	column_list_parse(TEXT(COLUMNS_DEFAULT), &ui->columns, NULL);
	keymap_default(&ui->keymap);
	whatif_init(&ui->whatif);
	sandbox_init(&ui->sandbox);
	groups_init(&ui->groups);
	ranking_init(&ui->scoped);
	verdict_init(&ui->scoped_verdict);
	ranking_init(&ui->preview);
	verdict_init(&ui->preview_verdict);
	ranking_init(&ui->other);
	verdict_init(&ui->other_verdict);
	ui->screen = &screen_main;
	ui->page_rows = 1;
}

void ui_done(struct ui *ui)
{
	view_done(&ui->view);
	whatif_done(&ui->whatif);
	sandbox_done(&ui->sandbox);
	groups_done(&ui->groups);
	ranking_done(&ui->scoped);
	verdict_done(&ui->scoped_verdict);
	ranking_done(&ui->preview);
	verdict_done(&ui->preview_verdict);
	ranking_done(&ui->other);
	verdict_done(&ui->other_verdict);
	free(ui->tags);
	free(ui->targets);
	free(ui->undo);
	free(ui->writes);
	free(ui->reports);
}

void ui_forget(struct ui *ui)
{
	ui->view.nrows = 0;
	ui->cursor_row = ui->top_row = 0;
	ui->previewing = false;
	ui->preview.ntasks = ui->preview.norder = 0;
	ui->preview_verdict.nkills = ui->preview_verdict.nvictims = 0;
	ui->view.hidden = 0;
	ui->groups.nrows = 0;
	ui->nodes_judged = false;
	ui->groups_judged = false;
	ui->comparing = false;
	ui_leave_scope(ui);
}

bool ui_grow(void **array, uint32_t *capacity, uint32_t need, size_t size)
{
	if (need <= *capacity)
		return true;
	uint32_t more = need + need / 2 + 16;
	void *bigger = realloc(*array, more * size);
	if (!bigger)
		return false;
	*array = bigger;
	*capacity = more;
	return true;
}

void ui_message(struct ui *ui, enum role role, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vsnprintf(ui->message, sizeof ui->message, format, ap);
	va_end(ap);
	ui->message_role = role;
}

const struct ranking *ui_ranking_now(const struct ui *ui, const struct ui_env *env)
{
	return ui->scoping ? &ui->scoped : &env->model->ranking;
}

const struct verdict *ui_verdict_now(const struct ui *ui, const struct ui_env *env)
{
	return ui->scoping ? &ui->scoped_verdict : &env->model->verdict;
}

const struct ranking *ui_ranking(const struct ui *ui, const struct ui_env *env)
{
	return ui->previewing ? &ui->preview : ui_ranking_now(ui, env);
}

const struct verdict *ui_verdict(const struct ui *ui, const struct ui_env *env)
{
	return ui->previewing ? &ui->preview_verdict : ui_verdict_now(ui, env);
}

struct column_context ui_context(const struct ui *ui, const struct ui_env *env)
{
	return (struct column_context){
		.snap = env->snap,
		.model = env->model,
		.ranking = ui_ranking(ui, env),
		.labels = env->labels,
		.other = ui->comparing ? &ui->other : NULL,
		.other_release = ui->other_release,
		.units = ui->units,
		.cmdlines = ui->cmdlines,
	};
}

char *ui_task_name(const struct snapshot *snap, const struct task *task, char *dst, size_t size)
{
	/* The frame makes foreign text safe when it is drawn. */
	struct text comm = snapshot_text(snap, task->comm);
	int len = comm.len < 64 ? (int)comm.len : 64;
	snprintf(dst, size, "%.*s (%d)", len, comm.ptr ? comm.ptr : "", (int)task->pid);
	return dst;
}

/* --- cursor --------------------------------------------------------------- */

const struct task *ui_find(const struct ui_env *env, struct process_id id)
{
	const struct task *task = id.pid ? snapshot_find(env->snap, id.pid) : NULL;
	return task && task->start_ticks == id.start_ticks ? task : NULL;
}

const struct task *ui_cursor_task(const struct ui *ui, const struct ui_env *env)
{
	if (ui->view.nrows == 0)
		return NULL;
	return &env->snap->tasks[ui->view.rows[ui->cursor_row]];
}

static void keep_cursor_on_screen(struct ui *ui)
{
	if (ui->cursor_row < ui->top_row)
		ui->top_row = ui->cursor_row;
	if (ui->cursor_row >= ui->top_row + ui->page_rows)
		ui->top_row = ui->cursor_row - ui->page_rows + 1;
	uint32_t last_top = ui->view.nrows > ui->page_rows ? ui->view.nrows - ui->page_rows : 0;
	if (ui->top_row > last_top)
		ui->top_row = last_top;
}

/* The cursor follows its process; when that is gone it stays on its row. */
static void place_cursor(struct ui *ui, const struct ui_env *env)
{
	const struct view *view = &ui->view;
	const struct task *task = ui_find(env, ui->cursor);
	if (ui->cursor.pid == 0)
		ui->cursor_row = 0;
	if (task) {
		uint32_t index = (uint32_t)(task - env->snap->tasks);
		for (uint32_t i = 0; i < view->nrows; i++) {
			if (view->rows[i] == index) {
				ui->cursor_row = i;
				keep_cursor_on_screen(ui);
				return;
			}
		}
	}
	if (ui->cursor_row >= view->nrows)
		ui->cursor_row = view->nrows ? view->nrows - 1 : 0;
	if (ui->cursor.pid != 0 && view->nrows > 0) {
		const struct task *now = &env->snap->tasks[view->rows[ui->cursor_row]];
		ui->cursor = (struct process_id){ now->pid, now->start_ticks };
	}
	keep_cursor_on_screen(ui);
}

void ui_visible(const struct ui *ui, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t last = ui->top_row + ui->page_rows;
	*ret_first = ui->top_row < ui->view.nrows ? ui->top_row : ui->view.nrows;
	*ret_last = last < ui->view.nrows ? last : ui->view.nrows;
}

bool ui_dies_next(const struct verdict *verdict, uint32_t index)
{
	/* Else nobody dies, or it is not known who. */
	if (verdict->nkills == 0 || verdict->action != ACTION_KILL)
		return false;
	for (uint32_t i = 0; i < verdict->kills[0].nvictims; i++) {
		if (verdict->victims[verdict->kills[0].first_victim + i].task == index)
			return true;
	}
	return false;
}

/* --- tags and targets ------------------------------------------------------ */

bool ui_is_tagged(const struct ui *ui, const struct task *task)
{
	for (uint32_t i = 0; i < ui->ntags; i++) {
		if (ui->tags[i].pid == task->pid && ui->tags[i].start_ticks == task->start_ticks)
			return true;
	}
	return false;
}

static void drop_dead_tags(struct ui *ui, const struct ui_env *env)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < ui->ntags; i++) {
		if (ui_find(env, ui->tags[i]))
			ui->tags[kept++] = ui->tags[i];
	}
	ui->ntags = kept;
}

static bool add_target(struct ui *ui, const struct task *task)
{
	void *array = ui->targets;
	bool room = ui_grow(&array, &ui->targets_capacity, ui->ntargets + 1, sizeof *ui->targets);
	ui->targets = array;
	if (room)
		ui->targets[ui->ntargets++] = (struct ui_target){ { task->pid, task->start_ticks }, 0 };
	return room;
}

uint32_t ui_collect_targets(struct ui *ui, const struct ui_env *env)
{
	ui->ntargets = 0;
	drop_dead_tags(ui, env);
	for (uint32_t i = 0; i < ui->ntags; i++)
		add_target(ui, ui_find(env, ui->tags[i]));
	const struct task *task = ui_cursor_task(ui, env);
	if (ui->ntags == 0 && task && add_target(ui, task)) {
		/* What is edited is what the cursor stands on, also when the preview
		 * or the next tick moves it off the first row. */
		ui->cursor = (struct process_id){ task->pid, task->start_ticks };
	}
	return ui->ntargets;
}

/* --- scope ----------------------------------------------------------------- */

#define KILLS_SHOWN 3 /* or more, where these do not free enough */

/* The verdict of a ranking as the screens show it. */
static int judge(struct verdict *verdict, const struct ui_env *env, const struct ranking *ranking,
		 const struct whatif *whatif)
{
	const struct rules *rules = &env->model->rules;
	int r = verdict_make(verdict, env->snap, rules, ranking, whatif, KILLS_SHOWN);
	if (r == 0)
		r = cascade_extend(verdict, env->snap, rules, ranking, whatif, CASCADE_SHOWN);
	return r;
}

const struct scope *ui_scope(const struct ui *ui)
{
	return ui->scope.kind == SCOPE_GLOBAL ? NULL : &ui->scope;
}

void ui_leave_scope(struct ui *ui)
{
	ui->scope = (struct scope){ .kind = SCOPE_GLOBAL };
	ui->scope_group = 0;
	ui->scoping = false;
}

static int conclude_scope(struct ui *ui, const struct ui_env *env)
{
	ui->scoping = false;
	if (!ui_scope(ui))
		return 0;
	if (ui->scope.kind == SCOPE_MEMCG) {
		ui->scope.memcg = group_find(env->snap, ui->scope_group);
		if (ui->scope.memcg == TASK_MEMCG_UNKNOWN) {
			ui_leave_scope(ui);
			ui_message(ui, ROLE_WARN, "That memory cgroup is gone; this is the whole host again.");
			return 0;
		}
	}
	int r = ranking_make(&ui->scoped, env->snap, &env->model->rules, NULL, &ui->scope);
	if (r == 0 || r == -ENODATA)
		r = judge(&ui->scoped_verdict, env, &ui->scoped, NULL);
	ui->scoping = r == 0;
	if (r == 0)
		verdict_watch(&ui->scoped_verdict, env->snap, &ui->scoped, &env->model->rates);
	if (r == 0)
		model_doubt(env->model, &ui->scoped_verdict);
	return r;
}

int ui_conclude_scope(struct ui *ui, const struct ui_env *env)
{
	int r = conclude_scope(ui, env);
	return r == 0 ? compare_update(ui, env) : r;
}

void ui_set_scope(struct ui *ui, const struct ui_env *env, const struct scope *scope)
{
	ui->scope = *scope;
	ui->scope_group = scope->kind == SCOPE_MEMCG ? group_name(env->snap, scope->memcg) : 0;
	if (ui_conclude_scope(ui, env) < 0) {
		ui_leave_scope(ui);
		ui_message(ui, ROLE_ERROR, "Out of memory: this cannot be ranked now.");
		return;
	}
	ui->scope_from = ui->screen;
	ui->screen = &screen_main;
	ui->cursor = (struct process_id){ 0, 0 };
}

char *ui_path_text(struct text path, int width, bool ascii, char *dst, size_t size)
{
	const char *sign = frame_text_width(path) <= width ? "" : ascii ? "<" : "\xe2\x80\xa6";
	int room = sign[0] ? width - 1 : width;
	while (path.len > 0 && (frame_text_width(path) > room || path.len + 4 > size)) {
		/* A character at a time; a byte where it is none. */
		uint32_t code;
		size_t len = text_utf8_decode(path, &code);
		len = len ? len : 1;
		path = text_of(path.ptr + len, path.len - len);
	}
	snprintf(dst, size, "%s%.*s", sign, (int)path.len, path.len ? path.ptr : "");
	return dst;
}

char *ui_scope_text(const struct ui *ui, const struct ui_env *env, int width, bool ascii, char *dst, size_t size)
{
	static const char *const heads[SCOPE__COUNT] = {
		[SCOPE_GLOBAL] = "", [SCOPE_MEMCG] = "scope ", [SCOPE_CPUSET] = "scope cpuset ", [SCOPE_MEMPOLICY] = "scope policy "
	};
	const char *head = heads[ui->scope.kind];
	char name[160] = "", nodes[128];
	struct text all = TEXT("");
	if (ui->scope.kind == SCOPE_MEMCG)
		all = snapshot_text(env->snap, env->snap->memcgs[ui->scope.memcg].path);
	else if (ui->scope.kind != SCOPE_GLOBAL)
		all = text_of_str(nodeset_format(&ui->scope.nodes, nodes, sizeof nodes));
	ui_path_text(all, width - (int)strlen(head), ascii, name, sizeof name);
	snprintf(dst, size, "%s%s", head, name);
	return dst;
}

bool ui_wants_memcgs(const struct ui *ui)
{
	return ui->screen == &screen_groups || ui->scope.kind == SCOPE_MEMCG || sandbox_has_groups(&ui->sandbox);
}

bool ui_wants_nodes(const struct ui *ui)
{
	return ui->screen == &screen_nodes;
}

/* --- preview --------------------------------------------------------------- */

void ui_preview(struct ui *ui, const struct ui_env *env)
{
	int r = ranking_make(&ui->preview, env->snap, &env->model->rules, &ui->whatif, ui_scope(ui));
	if (r == 0 || r == -ENODATA)
		r = judge(&ui->preview_verdict, env, &ui->preview, &ui->whatif);
	if (r == 0)
		model_doubt(env->model, &ui->preview_verdict);
	ui->previewing = r == 0;
	if (r < 0)
		ui_message(ui, ROLE_ERROR, UI_NO_PREVIEW);
}

bool ui_judge_scope(struct ui *ui, const struct ui_env *env, const struct scope *scope)
{
	int r = ranking_make(&ui->preview, env->snap, &env->model->rules, NULL, scope);
	if (r == 0 || r == -ENODATA)
		r = judge(&ui->preview_verdict, env, &ui->preview, NULL);
	if (r == 0)
		model_doubt(env->model, &ui->preview_verdict);
	return r == 0;
}

void ui_preview_end(struct ui *ui)
{
	ui->previewing = false;
	whatif_clear(&ui->whatif);
}

void ui_stop_editing(struct ui *ui)
{
	ui->editing = false;
	ui->undoing = false;
	ui->confirming = false;
	ui->plan_ok = false;
	ui_preview_end(ui);
}

void ui_open(struct ui *ui, const struct screen *dialog)
{
	ui->dialog = dialog;
	ui->choice = 0;
	ui->confirming = false;
	ui->plan_ok = false;
	ui->message[0] = '\0';
}

void ui_ask(struct ui *ui, enum field_accept accept, const char *text)
{
	field_init(&ui->field, accept);
	field_set(&ui->field, text);
	ui->fresh = true;
}

bool ui_type(struct ui *ui, struct key key)
{
	bool printable = key.code >= ' ' && key.code < KEY_CODE_CTRL;
	if (ui->fresh && printable) {
		/* A character the field does not take leaves it as it was. */
		struct field typed = ui->field;
		field_set(&typed, "");
		if (!field_key(&typed, key))
			return false;
		ui->field = typed;
		ui->fresh = false;
		return true;
	}
	ui->fresh = false;
	return field_key(&ui->field, key);
}

struct ui_command ui_return_to(struct ui *ui, const struct ui_env *env, const struct screen *screen)
{
	ui_stop_editing(ui);
	if (screen == &screen_groups)
		return groups_open(ui); /* its list may be of an earlier tick */
	ui->screen = screen;
	if (screen->update)
		screen->update(ui, env);
	return command_none();
}

void ui_close(struct ui *ui)
{
	ui->dialog = NULL;
	ui->confirming = false;
	ui_preview_end(ui);
}

/* --- update, key, draw ------------------------------------------------------ */

static int make_rows(struct ui *ui, const struct ui_env *env)
{
	struct column_context ctx = ui_context(ui, env);
	int r = view_update(&ui->view, &ctx);
	place_cursor(ui, env);
	return r;
}

int ui_update(struct ui *ui, const struct ui_env *env)
{
	drop_dead_tags(ui, env);
	whatif_drop_gone(ui, env);
	int r = ui_conclude_scope(ui, env);
	if (r < 0)
		return r;
	/* It holds indices of another snapshot, until whoever opened it makes it anew. */
	ui->previewing = false;
	if (ui->screen->update)
		ui->screen->update(ui, env);
	if (ui->dialog && ui->dialog->update)
		ui->dialog->update(ui, env);
	return make_rows(ui, env);
}

/* Was the last frame one that shows nothing of the host? */
static bool is_too_small(const struct ui *ui)
{
	return ui->rows > 0 && (ui->rows < UI_MIN_ROWS || ui->columns_n < UI_MIN_COLUMNS);
}

struct ui_command ui_key(struct ui *ui, const struct ui_env *env, struct key key)
{
	if (key.code == KEY_CODE_NONE || key.code == KEY_CODE_RESIZE)
		return command_none();
	if (key.code == KEY_CODE_CTRL + 'z')
		return (struct ui_command){ .kind = UI_SUSPEND };
	if (key.code == KEY_CODE_CTRL + 'l' && keymap_action(&ui->keymap, key) == ACT_REDRAW)
		return (struct ui_command){ .kind = UI_REDRAW };
	if (key.code == KEY_CODE_CTRL + 'c')
		return (struct ui_command){ .kind = UI_QUIT };
	/* What nobody sees nobody means: nothing is edited or sent there. */
	if (is_too_small(ui))
		return (struct ui_command){ .kind = keymap_action(&ui->keymap, key) == ACT_QUIT ? UI_QUIT : UI_NONE };
	ui->message[0] = '\0';
	const struct screen *screen = ui->dialog ? ui->dialog : ui->screen;
	struct ui_command command = command_none();
	/* In every edit of a value: assume it instead of writing it. */
	if (key.code != KEY_CODE_CTRL + 'x' || !whatif_take(ui, env))
		command = screen->key(ui, env, key);
	if (make_rows(ui, env) < 0)
		ui_message(ui, ROLE_ERROR, "Out of memory: the table cannot be made; it comes back with the next tick.");
	return command;
}

void ui_draw(struct ui *ui, const struct ui_env *env, struct frame *frame)
{
	frame_clear(frame);
	ui->rows = frame->rows;
	ui->columns_n = frame->columns;
	struct pane all = frame_pane(frame);
	if (is_too_small(ui)) {
		char size[40];
		int row = draw_wrapped(all, 0, 0, ROLE_WARN, "oomsight: window too small");
		snprintf(size, sizeof size, "%ux%u; needs %dx%d", frame->columns, frame->rows, UI_MIN_COLUMNS, UI_MIN_ROWS);
		draw_wrapped(all, row, 0, ROLE_NORMAL, size);
		return;
	}
	int notice = notice_rows(ui, env);
	all = pane_part(all, notice, 0, all.rows - notice, all.columns);
	uint32_t scroll = ui->scroll;
	ui->screen->draw(ui, env, all);
	if (ui->scroll != scroll) { /* it was beyond the page's end, which only drawing knows */
		frame_clear(frame);
		ui->screen->draw(ui, env, all);
	}
	if (notice > 0)
		notice_draw(ui, env, pane_part(frame_pane(frame), 0, 0, notice, all.columns));
	if (ui->dialog)
		ui->dialog->draw(ui, env, all);
}

int draw_wrapped(struct pane pane, int row, int column, enum role role, const char *str)
{
	int width = pane.columns - column;
	struct text rest = text_of_str(str);
	while (rest.len > 0 && row < pane.rows && width > 0) {
		/* The last line says that there is more. */
		bool is_cut = row == pane.rows - 1 && width > 4 && frame_text_width(rest) > width;
		struct text line = flow_line(&rest, is_cut ? width - 4 : width);
		int end = pane_text(pane, row++, column, role, line);
		if (is_cut)
			pane_str(pane, row - 1, end, role, " ...");
	}
	return row;
}

int wrapped_rows(const char *str, int width)
{
	struct text rest = text_of_str(str);
	int rows = 0;
	for (; rest.len > 0 && width > 0; rows++)
		flow_line(&rest, width);
	return rows;
}

void draw_message(const struct ui *ui, struct pane pane)
{
	int rows = wrapped_rows(ui->message, pane.columns);
	/* A dialog leaves the last row. */
	int most = ui->dialog ? 1 : pane.rows > 12 ? 3 : 2;
	most = rows < most ? rows : most;
	struct pane bottom = pane_part(pane, pane.rows - most, 0, most, pane.columns);
	pane_clear(bottom, ROLE_NORMAL);
	draw_wrapped(bottom, 0, 0, ui->message_role, ui->message);
}

/* --- what came of a command -------------------------------------------------- */

static void push_undo(struct ui *ui, const struct knob_plan *plan, uint64_t group)
{
	void *array = ui->undo;
	bool room = ui_grow(&array, &ui->undo_capacity, ui->nundo + 1, sizeof *ui->undo);
	ui->undo = array;
	if (room)
		ui->undo[ui->nundo++] = (struct ui_undo){ ui->batch, change_of_plan(plan, group), plan->before_known, plan->before };
}

static void remember_undo(struct ui *ui, const struct knob_plan *plan, uint64_t group, const struct knob_result *result)
{
	struct knob_plan back;
	knob_plan_undo(&back, plan, result);
	/* What changed nothing has nothing to be undone. */
	if (back.gate != GATE_REFUSED && !(back.before_known && back.before == back.after))
		push_undo(ui, &back, group);
}

void ui_result(struct ui *ui, const struct ui_command *command, uint32_t target, const struct knob_plan *plan,
	       const struct knob_result *result)
{
	if (target == 0)
		ui->batch++;
	bool is_one_of_many = command->kind == UI_APPLY_CHANGES;
	uint64_t group = is_one_of_many ? command->writes[target].change.group : command->group;
	if (!command->is_undo)
		remember_undo(ui, plan, group, result);
	else if (result->error < 0 && result->error != -ESRCH && result->error != -ENOENT)
		push_undo(ui, plan, group); /* it can be tried again */
	if (is_one_of_many)
		apply_report(ui, command, target, plan, result);
	/* Of many, the first failure is what the message line keeps. */
	if (ui->message[0] == '\0' || (result->error < 0 && ui->message_role != ROLE_ERROR))
		ui_message(ui, result->error < 0 ? ROLE_ERROR : ROLE_GOOD, "%s", result->text);
}

/* Those of an undo that are to be tried again came back the last first. */
static void turn_undo_round(struct ui *ui)
{
	uint32_t last = ui->nundo, first = last;
	while (first > 0 && ui->undo[first - 1].batch == ui->batch)
		first--;
	for (; first + 1 < last; first++, last--) {
		struct ui_undo other = ui->undo[first];
		ui->undo[first] = ui->undo[last - 1];
		ui->undo[last - 1] = other;
	}
}

void ui_results_done(struct ui *ui, const struct ui_command *command, uint32_t failed)
{
	if (command->is_undo)
		turn_undo_round(ui);
	uint32_t n = command->kind == UI_APPLY_CHANGES ? command->nwrites : command->ntargets;
	if (n > 1) {
		char first[sizeof ui->message];
		snprintf(first, sizeof first, "%s", failed ? ui->message : "");
		ui_message(ui, failed ? ROLE_ERROR : ROLE_GOOD, "%u of %u done%s%.150s", n - failed, n, failed ? "; first failure: " : "", first);
	}
}
