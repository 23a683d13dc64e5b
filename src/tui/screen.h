/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a screen or dialog is: a const struct of operations. Private to tui.
 */
#ifndef OOMSIGHT_TUI_SCREEN_H
#define OOMSIGHT_TUI_SCREEN_H

#include "oomsight/tui/ui.h"

struct screen {
	const char *name;
	/* Draw into the whole frame (screens), or over it (dialogs). */
	void (*draw)(struct ui *ui, const struct ui_env *env, struct pane pane);
	struct ui_command (*key)(struct ui *ui, const struct ui_env *env, struct key key);
	/* A new sample has come while it is open; may be NULL. */
	void (*update)(struct ui *ui, const struct ui_env *env);
};

extern const struct screen screen_main;    /* screen_main.c */
extern const struct screen screen_help;    /* screen_help.c */
extern const struct screen screen_details; /* screen_details.c */
extern const struct screen screen_system;  /* screen_system.c */
extern const struct screen screen_sysctl;  /* screen_sysctl.c */
extern const struct screen screen_groups;  /* screen_groups.c */
extern const struct screen screen_nodes;   /* screen_nodes.c */
extern const struct screen screen_events;  /* screen_events.c */
extern const struct screen screen_whatif;  /* screen_whatif.c */
extern const struct screen screen_apply;   /* screen_apply.c */

extern const struct screen dialog_adj;     /* dialog_adj.c */
extern const struct screen dialog_signal;  /* dialog_menu.c: these four */
extern const struct screen dialog_sort;
extern const struct screen dialog_columns;
extern const struct screen dialog_model;
extern const struct screen dialog_search;  /* dialog_prompt.c: these five */
extern const struct screen dialog_filter;
extern const struct screen dialog_user;
extern const struct screen dialog_delay;
extern const struct screen dialog_grow;

/* A rate rounded; of broken counters it may lie beyond all integers. */
static inline uint64_t rounded(double rate)
{
	return rate >= 1.8e19 ? UINT64_MAX : rate > 0 ? (uint64_t)(rate + 0.5) : 0;
}

/* What an adj adds; of broken figures the end of the range. */
static inline int64_t adj_pages(int adj, uint64_t totalpages)
{
	int64_t pages;
	if (__builtin_mul_overflow((int64_t)adj, badness_adj_unit_pages(totalpages), &pages))
		return adj < 0 ? -INT64_MAX : INT64_MAX;
	return pages;
}

static inline struct ui_command command_none(void)
{
	return (struct ui_command){ .kind = UI_NONE };
}

/* edit.c */

#define UI_NOT_YES "It asks for the typed word yes, and another word was typed."
/* The plan is refused: said, and to be audited. */
struct ui_command command_refused(struct ui *ui);
/* A key in the field of a screen's edit. `update` plans what was typed; `write` orders
 * what is planned, which is the command to return once Enter, and a typed yes where the
 * plan asks for one, has ended the edit. */
struct ui_command ui_edit_key(struct ui *ui, const struct ui_env *env, struct key typed,
			   void (*update)(struct ui *ui, const struct ui_env *env), const struct ui_command *write);

/* The question for a typed yes, and its field; a short one where it leaves no room. */
void draw_yes(const struct ui *ui, struct pane pane, int row, int column, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* ui.c */

/* Whose OOM: NULL is the host's. */
const struct scope *ui_scope(const struct ui *ui);
/* The main screen for this scope; Escape leads back to the screen that is open.
 * Without effect when memory is out. */
void ui_set_scope(struct ui *ui, const struct ui_env *env, const struct scope *scope);
void ui_leave_scope(struct ui *ui);
/* Rank and judge anew for ui->scope, whose group may stand at another index now. Returns
 * 0 or -ENOMEM. */
int ui_conclude_scope(struct ui *ui, const struct ui_env *env);
/* "scope /system.slice/a.service", "scope nodes 0-1", cut from the left to `width`
 * cells and no more than the buffer holds; "" for the host's. */
char *ui_scope_text(const struct ui *ui, const struct ui_env *env, int width, bool ascii, char *dst, size_t size);
/* The end of a path that takes at most `width` cells, "…" (or "<") before it when
 * it is cut. */
char *ui_path_text(struct text path, int width, bool ascii, char *dst, size_t size);

struct column_context ui_context(const struct ui *ui, const struct ui_env *env);
/* Of the scope, as things are; and as they would be while an edit is open. */
const struct ranking *ui_ranking_now(const struct ui *ui, const struct ui_env *env);
const struct verdict *ui_verdict_now(const struct ui *ui, const struct ui_env *env);
const struct ranking *ui_ranking(const struct ui *ui, const struct ui_env *env);
const struct verdict *ui_verdict(const struct ui *ui, const struct ui_env *env);
/* The process in this snapshot, or NULL: a reused pid is not the same. */
const struct task *ui_find(const struct ui_env *env, struct process_id id);
/* Would this task die with the next kill? */
bool ui_dies_next(const struct verdict *verdict, uint32_t index);
/* The task under the cursor, or NULL. */
const struct task *ui_cursor_task(const struct ui *ui, const struct ui_env *env);
bool ui_is_tagged(const struct ui *ui, const struct task *task);
/* The tagged processes that still live, else the one under the cursor (it then
 * stays with it), into ui->targets. Returns how many. */
uint32_t ui_collect_targets(struct ui *ui, const struct ui_env *env);
/* Compute the preview from ui->whatif. When memory is out there is none, and the
 * message line says so. */
void ui_preview(struct ui *ui, const struct ui_env *env);
#define UI_NO_PREVIEW "Out of memory: what would follow cannot be shown."
/* Rank and judge for a scope into ui->preview, as things are, without showing it in
 * the list. False when memory is out. */
bool ui_judge_scope(struct ui *ui, const struct ui_env *env, const struct scope *scope);
void ui_preview_end(struct ui *ui);
/* The field of a screen (not of a dialog) is closed, and its preview with it. */
void ui_stop_editing(struct ui *ui);
void ui_open(struct ui *ui, const struct screen *dialog);
/* Back to the screen another one was opened from. */
struct ui_command ui_return_to(struct ui *ui, const struct ui_env *env, const struct screen *screen);
/* Fill the field; the first character typed replaces the text. */
void ui_ask(struct ui *ui, enum field_accept accept, const char *text);
/* A key for the field. Returns whether its text changed. */
bool ui_type(struct ui *ui, struct key key);
void ui_close(struct ui *ui);
/* The safe name of a task: "java (1804)". */
char *ui_task_name(const struct snapshot *snap, const struct task *task, char *dst, size_t size);
/* Make room for one element more in a growing array of ui. False: no memory. */
bool ui_grow(void **array, uint32_t *capacity, uint32_t need, size_t size);

/* dialog_adj.c: rows of its box, which stands above the last row of `rows`. */
int dialog_adj_rows(int rows);

/* dialog_prompt.c: ask for a line of text. */
void ui_open_prompt(struct ui *ui, const struct screen *dialog, enum field_accept accept, const char *text);

/* The cursor of the screen to the next row that contains ui->search,
 * round once; without effect where that is empty. */
void ui_search_next(struct ui *ui, const struct ui_env *env);
#define UI_NOT_FOUND "'%s' is in no row shown."
/* How the main screen does it, and that of the memory cgroups: screen_main.c and
 * screen_groups.c. */
void ui_find_next(struct ui *ui, const struct ui_env *env);
void groups_find_next(struct ui *ui, const struct ui_env *env);

/* screen_groups.c: to that screen. */
struct ui_command groups_open(struct ui *ui);
/* The same with this file of a group being edited; value: what it is about to be. */
struct ui_command groups_undo(struct ui *ui, const struct change *last);

/* groups_edit.c: a limit as it is typed: "512M", "max". Returns dst. */
char *groups_limit_text(int64_t bytes, char dst[32]);

/* screen_whatif.c: to that screen. */
void whatif_open(struct ui *ui, const struct ui_env *env);
/* Assume the change, or say why that is not possible. */
bool whatif_assume(struct ui *ui, const struct ui_env *env, const struct change *change, bool is_growth);
/* Assume what stands in the open edit of oom_score_adj, of a sysctl or of a memory
 * cgroup, and go to that screen. False when no such edit is open. */
bool whatif_take(struct ui *ui, const struct ui_env *env);
/* A new sample: who is gone leaves the assumptions, and ui->lost names him. */
void whatif_drop_gone(struct ui *ui, const struct ui_env *env);

/* screen_apply.c: the page that tells what would be written, of all that is assumed,
 * and of the batch on the undo stack's top. */
void apply_open(struct ui *ui, const struct ui_env *env);
struct ui_command apply_open_undo(struct ui *ui, const struct ui_env *env, uint32_t batch);
/* What came of one of its writes. */
void apply_report(struct ui *ui, const struct ui_command *command, uint32_t target, const struct knob_plan *plan,
		  const struct knob_result *result);

/* screen_sysctl.c: open the panel with this sysctl being edited. */
void sysctl_edit(struct ui *ui, const struct ui_env *env, enum sysctl_id id, int64_t value);

/* screen_events.c: the line that tells of the last kill nobody has seen yet. Returns
 * its rows: 0 where there is none. */
int notice_rows(const struct ui *ui, const struct ui_env *env);
void notice_draw(const struct ui *ui, const struct ui_env *env, struct pane pane);
void notice_dismiss(struct ui *ui, const struct ui_env *env);

/* header.c: the block above the table. Returns the rows it took. */
int header_rows(int rows, int columns);
void header_draw(const struct ui *ui, const struct ui_env *env, struct pane pane);
/* The kills of a verdict in one line from `column` on, see cascade_text(). Returns
 * whether there was room for it. */
bool cascade_draw(const struct snapshot *snap, const struct verdict *verdict, struct pane pane, int row, int column);

/* table.c */
void table_draw(struct ui *ui, const struct ui_env *env, struct pane pane);

/* screen_help.c: to that screen; it leads back to the one that is open. */
void help_open(struct ui *ui);
/* Moves ui->scroll; the drawing clips it. Was it a scrolling key? */
bool scroll_key(struct ui *ui, struct key typed);

/* ui.c */

/* Wrap text at blanks into at most `rows` lines of the pane from `row` on.
 * Ends with "..." when that is not all. Returns the row after the last one. */
int draw_wrapped(struct pane pane, int row, int column, enum role role, const char *str);
/* How many lines that takes. */
int wrapped_rows(const char *str, int width);
/* The message at the pane's foot, wrapped into as many lines as it needs, 3 at most. */
void draw_message(const struct ui *ui, struct pane pane);

/* The line of dialog_model that names ui->other_release; 0, "none", when no line does. */
uint32_t dialog_model_choice(const struct ui *ui);

#endif
