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

#include "screen.h"

void ui_init(struct ui *ui)
{
	memset(ui, 0, sizeof *ui);
	view_init(&ui->view);
	column_list_parse(TEXT(COLUMNS_DEFAULT), &ui->columns, NULL);
	keymap_default(&ui->keymap);
	whatif_init(&ui->whatif);
	ranking_init(&ui->preview);
	verdict_init(&ui->preview_verdict);
	ui->screen = &screen_main;
	ui->page_rows = 1;
}

void ui_done(struct ui *ui)
{
	view_done(&ui->view);
	whatif_done(&ui->whatif);
	ranking_done(&ui->preview);
	verdict_done(&ui->preview_verdict);
	free(ui->tags);
	free(ui->targets);
	free(ui->undo);
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

const struct ranking *ui_ranking(const struct ui *ui, const struct ui_env *env)
{
	return ui->previewing ? &ui->preview : &env->model->ranking;
}

const struct verdict *ui_verdict(const struct ui *ui, const struct ui_env *env)
{
	return ui->previewing ? &ui->preview_verdict : &env->model->verdict;
}

struct column_context ui_context(const struct ui *ui, const struct ui_env *env)
{
	return (struct column_context){
		.snap = env->snap,
		.model = env->model,
		.ranking = ui_ranking(ui, env),
		.labels = env->labels,
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

static const struct task *find_process(const struct ui_env *env, struct process_id id)
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
	const struct task *task = find_process(env, ui->cursor);
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
		if (find_process(env, ui->tags[i]))
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
		add_target(ui, find_process(env, ui->tags[i]));
	const struct task *task = ui_cursor_task(ui, env);
	if (ui->ntags == 0 && task)
		add_target(ui, task);
	return ui->ntargets;
}

/* --- preview --------------------------------------------------------------- */

void ui_preview(struct ui *ui, const struct ui_env *env)
{
	const struct rules *rules = &env->model->rules;
	int r = ranking_make(&ui->preview, env->snap, rules, &ui->whatif);
	if (r == 0 || r == -ENODATA)
		r = verdict_make(&ui->preview_verdict, env->snap, rules, &ui->preview, &ui->whatif,
				 env->model->verdict.nkills > 3 ? env->model->verdict.nkills : 3);
	ui->previewing = r == 0;
}

void ui_preview_end(struct ui *ui)
{
	ui->previewing = false;
	whatif_clear(&ui->whatif);
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
	if (ui->fresh && printable)
		field_set(&ui->field, "");
	ui->fresh = false;
	return field_key(&ui->field, key);
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
	if (ui->previewing)
		ui_preview(ui, env);
	if (ui->screen->update)
		ui->screen->update(ui, env);
	if (ui->dialog && ui->dialog->update)
		ui->dialog->update(ui, env);
	return make_rows(ui, env);
}

struct ui_command ui_key(struct ui *ui, const struct ui_env *env, struct key key)
{
	if (key.code == KEY_CODE_NONE || key.code == KEY_CODE_RESIZE)
		return command_none();
	if (key.code == KEY_CODE_CTRL + 'z')
		return (struct ui_command){ .kind = UI_SUSPEND };
	if (key.code == KEY_CODE_CTRL + 'l')
		return (struct ui_command){ .kind = UI_REDRAW };
	if (key.code == KEY_CODE_CTRL + 'c')
		return (struct ui_command){ .kind = UI_QUIT };
	ui->message[0] = '\0';
	const struct screen *screen = ui->dialog ? ui->dialog : ui->screen;
	struct ui_command command = screen->key(ui, env, key);
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
	if (frame->rows < UI_MIN_ROWS || frame->columns < UI_MIN_COLUMNS) {
		pane_str(all, 0, 0, ROLE_WARN, "oomsight: window too small");
		pane_printf(all, 1, 0, ROLE_NORMAL, "%ux%u; needs %ux%u", frame->columns, frame->rows, UI_MIN_COLUMNS,
			    UI_MIN_ROWS);
		return;
	}
	uint32_t scroll = ui->scroll;
	ui->screen->draw(ui, env, all);
	if (ui->scroll != scroll) { /* it was beyond the page's end, which only drawing knows */
		frame_clear(frame);
		ui->screen->draw(ui, env, all);
	}
	if (ui->dialog)
		ui->dialog->draw(ui, env, all);
}

int draw_wrapped(struct pane pane, int row, int column, enum role role, const char *text)
{
	int width = pane.columns - column;
	while (*text && row < pane.rows && width > 0) {
		size_t len = strlen(text);
		size_t cut = len;
		if (frame_text_width(text_of_str(text)) > width) {
			cut = 0;
			for (size_t i = 0; i < len; i++) {
				if (frame_text_width(text_of(text, i)) > width)
					break;
				if (text[i] == ' ')
					cut = i;
			}
			if (cut == 0)
				cut = (size_t)width < len ? (size_t)width : len;
		}
		pane_text(pane, row++, column, role, text_of(text, cut));
		text += cut;
		while (*text == ' ')
			text++;
	}
	return row;
}

/* --- what came of a command -------------------------------------------------- */

static void remember_undo(struct ui *ui, const struct knob_plan *plan, const struct knob_result *result)
{
	struct knob_plan back;
	knob_plan_undo(&back, plan, result);
	if (back.gate == GATE_REFUSED)
		return;
	void *array = ui->undo;
	bool room = ui_grow(&array, &ui->undo_capacity, ui->nundo + 1, sizeof *ui->undo);
	ui->undo = array;
	if (!room)
		return;
	ui->undo[ui->nundo++] = (struct ui_undo){
		.batch = ui->batch,
		.kind = back.kind,
		.process = { back.pid, back.start_ticks },
		.sysctl = back.sysctl,
		.value = back.after,
	};
}

void ui_result(struct ui *ui, const struct ui_command *command, uint32_t target, const struct knob_plan *plan,
	       const struct knob_result *result)
{
	if (target == 0)
		ui->batch++;
	if (!command->is_undo)
		remember_undo(ui, plan, result);
	/* Of many, the first failure is what the message line keeps. */
	if (ui->message[0] == '\0' || (result->error < 0 && ui->message_role != ROLE_ERROR))
		ui_message(ui, result->error < 0 ? ROLE_ERROR : ROLE_GOOD, "%s", result->text);
}

void ui_results_done(struct ui *ui, const struct ui_command *command, uint32_t failed)
{
	if (command->ntargets > 1) {
		char first[sizeof ui->message];
		snprintf(first, sizeof first, "%s", failed ? ui->message : "");
		ui_message(ui, failed ? ROLE_ERROR : ROLE_GOOD, "%u of %u done%s%.150s", command->ntargets - failed,
			   command->ntargets, failed ? "; first failure: " : "", first);
	}
}
