/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Help, made from the tables of keys and columns: what they say is what is.
 */
#include <stdio.h>

#include "screen.h"

/* Lines are produced by number so that nothing needs to be kept. */
static const char *const intro[] = {
	"oomsight ranks the processes as the kernel's OOM killer would: points in pages,",
	"rss + swap + page tables + oom_score_adj * (RAM + swap) / 1000. The largest dies.",
	"Signs: ! dies next (with all that share its memory)   # protected (adj -1000)",
	"       - never chosen (kernel thread, init, no memory)  * tagged  > cursor  ? not readable",
	"Mem bar: | used by processes and kernel  # shmem and tmpfs  = cache  . free",
	"used: RAM less available, as free prints it.  PSI: share of time tasks stalled (10 s)",
	"model agrees a/b: of b processes compared, oom_score from our arithmetic equals the",
	"kernel's own in a.  sure: the margin is above what the kernel's counters can be off.",
	"",
};

#define INTRO ((uint32_t)(sizeof intro / sizeof intro[0]))
#define NKEYS ((uint32_t)ACT__COUNT - 1)
#define KEYS_AT (INTRO + 1)
#define COLUMNS_AT (KEYS_AT + NKEYS + 2)
#define LINES (COLUMNS_AT + COL__COUNT)

static void draw_help_line(const struct ui *ui, struct pane pane, int row, uint32_t line)
{
	if (line < INTRO) {
		pane_str(pane, row, 0, ROLE_NORMAL, intro[line]);
	} else if (line == INTRO) {
		pane_str(pane, row, 0, ROLE_HEADER, "KEYS");
	} else if (line < KEYS_AT + NKEYS) {
		enum action action = (enum action)(line - KEYS_AT + 1);
		char keys[64];
		pane_str(pane, row, 1, ROLE_KEY, keymap_keys(&ui->keymap, action, keys, sizeof keys));
		pane_str(pane, row, 16, ROLE_NORMAL, action_table[action].help);
	} else if (line == COLUMNS_AT - 1) {
		pane_str(pane, row, 0, ROLE_HEADER, "COLUMNS");
	} else if (line >= COLUMNS_AT && line < LINES) {
		const struct column_info *info = &column_table[line - COLUMNS_AT];
		pane_str(pane, row, 1, ROLE_KEY, info->head);
		pane_str(pane, row, 16, ROLE_NORMAL, info->help);
	}
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	pane_str(pane, 0, 0, ROLE_TITLE, "oomsight help");
	if (env->snap->source_note[0])
		pane_printf(pane, 0, 15, ROLE_TITLE, "source: %s", env->snap->source_note);
	else
		pane_printf(pane, 0, 15, ROLE_TITLE, "rules of %s and later, %s; rss %s", era_name(env->model->rules.era),
			    env->model->rules.calibrated ? "seen in the kernel's scores" : "by release",
			    env->model->rules.rss == RSS_QUICK ? "quick (stat)" : "precise (status)");
	uint32_t page = (uint32_t)pane.rows - 2;
	if (ui->scroll + page > LINES)
		ui->scroll = LINES > page ? LINES - page : 0;
	for (uint32_t i = 0; i < page && ui->scroll + i < LINES; i++)
		draw_help_line(ui, pane, (int)i + 1, ui->scroll + i);
	pane_str(pane, pane.rows - 1, 0, ROLE_DIM, "Up Down PageUp PageDown scroll; any other key goes back");
	char where[32];
	snprintf(where, sizeof where, "%u-%u of %u", ui->scroll + 1, ui->scroll + page < LINES ? ui->scroll + page : LINES,
		 LINES);
	if (pane.columns >= 75)
		pane_right(pane, pane.rows - 1, pane.columns, ROLE_DIM, where);
}

bool scroll_key(struct ui *ui, struct key typed)
{
	uint32_t page = ui->rows > 3 ? ui->rows - 3U : 1;
	switch (typed.code) {
	case KEY_CODE_UP:
		ui->scroll -= ui->scroll > 0;
		return true;
	case KEY_CODE_DOWN:
		ui->scroll++;
		return true;
	case KEY_CODE_PAGE_UP:
		ui->scroll -= ui->scroll > page ? page : ui->scroll;
		return true;
	case KEY_CODE_PAGE_DOWN:
	case ' ':
		ui->scroll += page;
		return true;
	case KEY_CODE_HOME:
		ui->scroll = 0;
		return true;
	case KEY_CODE_END:
		ui->scroll = UINT32_MAX / 2;
		return true;
	default:
		return false;
	}
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	(void)env;
	if (!scroll_key(ui, typed))
		ui->screen = &screen_main;
	return command_none();
}

const struct screen screen_help = { .name = "help", .draw = draw, .key = key };
