/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Help, made from the tables of keys and columns: what they say is what is.
 */
#include <stdio.h>

#include "lines.h"
#include "screen.h"

static const struct {
	const char *label;
	const char *text;
} intro[] = {
	{ "points", "The kernel's badness: rss + swap + page tables, in pages, plus oom_score_adj * (RAM + swap) / 1000. "
		    "The process with the most points is killed, and all that share its memory with it." },
	{ "!", "dies next" },
	{ "#", "protected: oom_score_adj is -1000" },
	{ "-", "never chosen: a kernel thread, init, or without memory of its own" },
	{ "?", "its facts may not be read, so it is not ranked" },
	{ "> *", "the cursor; a tagged process" },
	{ "^ v + -", "in the what-if: dies sooner or later than now, is ranked only then, or only now" },
	{ "sure", "the margin to the next candidate is above what the kernel's own counters may be off by" },
	{ "close", "it is not: either may die" },
	{ "unsure", "not all processes could be read; one of those may have more points" },
	{ "- ? x", "in place of a figure: there is none; not known; may not be read" },
	{ "model agrees", "of so many processes compared in this tick, oom_score computed from the parts equals the "
			  "kernel's file; differences are named" },
	{ "Mem", "| processes and kernel, # shared memory and tmpfs, = cache that can be reclaimed, . free; "
		 "used is RAM less available, as free prints it" },
	{ "PSI", "share of the last 10 s in which some, or all, tasks waited for memory, disk or CPU" },
	{ "si so bi bo", "as vmstat: KiB a second swapped in and out, read from and written to disks" },
	{ "frees", "anonymous memory, swap and page tables of who dies; shared memory and files may stay" },
};

/* How well we are prepared for a host that is dying. */
static void draw_alive(const struct ui_env *env, struct lines *lines)
{
	const struct task *self = snapshot_find(env->snap, env->snap->observer.pid);
	char rss[UNITS_BUFFER], own[UNITS_BUFFER];
	if (env->wakeup)
		lines_printf(lines, "early tick", ROLE_NORMAL, "%s", env->wakeup);
	if (env->events)
		lines_printf(lines, "kills from", ROLE_NORMAL, "%s%s%s", env->events->source, env->events->why[0] ? ": " : "",
			     env->events->why);
	if (env->protection)
		lines_printf(lines, "protection", ROLE_NORMAL, "%s", env->protection);
	if (self && task_knows(self, TASK_SPLIT))
		lines_printf(lines, "own memory", ROLE_NORMAL, "%s, of it private %s",
			     units_human(snapshot_bytes(env->snap, self->rss_quick_pages), rss),
			     units_human(snapshot_bytes(env->snap, task_anon_pages(self)), own));
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct rules *rules = &env->model->rules;
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	pane_str(pane, 0, 0, ROLE_TITLE, "oomsight help");
	draw_wrapped(pane, pane.rows - 1, 0, ROLE_DIM, "Up Down PageUp PageDown scroll; any other key goes back");
	struct lines lines = { pane_part(pane, 1, 0, pane.rows - 2, pane.columns), 14, ROLE_KEY, 0, ui->scroll };
	for (size_t i = 0; i < sizeof intro / sizeof intro[0]; i++)
		lines_printf(&lines, intro[i].label, ROLE_NORMAL, "%s", intro[i].text);
	lines_printf(&lines, "rules", ROLE_NORMAL, "of Linux %s and later, %s; the rss that decides is %s",
		     era_name(rules->era), rules->calibrated ? "seen in the kernel's own scores" : "by its release",
		     rules->rss == RSS_QUICK ? "the quick count (stat)" : "the precise sum (status)");
	lines_printf(&lines, "source", ROLE_NORMAL, "%s%s%s", env->snap->source == SOURCE_BPF ? "bpf" : "proc",
		     env->snap->source_note[0] ? ": " : "", env->snap->source_note);
	draw_alive(env, &lines);
	lines_printf(&lines, "", ROLE_NORMAL, "%s", "");
	lines_printf(&lines, "KEYS", ROLE_NORMAL, "%s", "");
	for (int action = ACT_IGNORE + 1; action < ACT__COUNT; action++) {
		char keys[64];
		keymap_keys(&ui->keymap, (enum action)action, keys, sizeof keys);
		lines_printf(&lines, keys, ROLE_NORMAL, "%s", action_table[action].help);
	}
	lines_printf(&lines, "", ROLE_NORMAL, "%s", "");
	lines_printf(&lines, "COLUMNS", ROLE_NORMAL, "%s", "");
	for (int column = 0; column < COL__COUNT; column++)
		lines_printf(&lines, column_table[column].head, ROLE_NORMAL, "%s", column_table[column].help);
	lines_clip(&lines, &ui->scroll);
	char where[48];
	uint32_t last = ui->scroll + (uint32_t)lines.pane.rows;
	snprintf(where, sizeof where, "%u-%u of %u", ui->scroll + 1, last < lines.next ? last : lines.next, lines.next);
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
	return scroll_key(ui, typed) ? command_none() : ui_return_to(ui, env, ui->help_from);
}

void help_open(struct ui *ui)
{
	ui->help_from = ui->screen;
	ui->screen = &screen_help;
	ui->scroll = 0;
}

const struct screen screen_help = { .name = "help", .draw = draw, .key = key };
