/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kills: the line over every screen that tells of a new one, the list since boot, and
 * the explanation of each.
 */
#include <stdio.h>

#include "flow.h"
#include "lines.h"
#include "screen.h"

/* --- the line ---------------------------------------------------------------------------- */

/* The latest kill that came while we watched and was not seen; *ret_more: how many
 * more there are. */
static bool unseen(const struct ui *ui, const struct ui_env *env, struct event *ret, uint32_t *ret_more)
{
	struct event event;
	uint32_t n = 0;
	for (uint32_t i = env->events ? env->events->n : 0; i-- > 0;) {
		events_get(env->events, i, &event);
		if (event.number <= ui->dismissed)
			break;
		if (event.live && n++ == 0)
			*ret = event;
	}
	*ret_more = n > 0 ? n - 1 : 0;
	return n > 0;
}

/* "22:41:07" of "2026-11-21 22:41:07". */
static const char *time_of_day(const struct event *event)
{
	const char *blank = strchr(event->clock, ' ');
	return blank ? blank + 1 : event->clock;
}

static const char *outcome(const struct event *event, bool is_short, char *dst, size_t size)
{
	if (!event->logged)
		snprintf(dst, size, is_short ? "not logged" : "no line in the log");
	else if (is_short && event->foretold != FORETOLD_NOTHING)
		snprintf(dst, size, event->foretold == FORETOLD_RIGHT ? "foretold" : "NOT foretold");
	else if (event->foretold == FORETOLD_RIGHT)
		snprintf(dst, size, "as foretold");
	else if (event->foretold == FORETOLD_WRONG && event->rank > 0)
		snprintf(dst, size, "NOT as foretold (rank %u)", event->rank);
	else if (event->foretold == FORETOLD_WRONG)
		snprintf(dst, size, "NOT as foretold");
	else
		snprintf(dst, size, "not scored");
	return dst;
}

/* "by the limit of /system.slice/app.service"; where that is too long "in ...pp.service",
 * since it is the end of a path that tells which group it was. */
static struct text scope_text(const struct event *event, int width, bool ascii, char *dst, size_t size)
{
	struct text all = text_of_str(event->scope);
	const char *slash = strchr(event->scope, '/');
	char path[128];
	int room = width - (int)strlen("in ");
	if (!slash || frame_text_width(all) <= width || room < 4)
		return all;
	snprintf(dst, size, "in %s", ui_path_text(text_of_str(slash), room, ascii, path, sizeof path));
	return text_of_str(dst);
}

int notice_rows(const struct ui *ui, const struct ui_env *env)
{
	struct event event;
	uint32_t more;
	return unseen(ui, env, &event, &more) ? 1 : 0;
}

void notice_draw(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	uint32_t more;
	struct event event;
	if (!unseen(ui, env, &event, &more))
		return;
	char before[128], behind[64], words[48], others[24] = "", key[64], hint[96];
	enum role role = event.foretold == FORETOLD_WRONG ? ROLE_BAD : ROLE_VERDICT;
	bool is_narrow = pane.columns < 60;
	pane_fill(pane, 0, 0, pane.columns, ' ', role);
	if (event.others > 0 && !is_narrow)
		snprintf(others, sizeof others, " and %u more", event.others);
	snprintf(before, sizeof before, "KILLED %s%s%s%s", is_narrow ? "" : time_of_day(&event), is_narrow ? "" : " ", event.victim,
		 others);
	outcome(&event, is_narrow, words, sizeof words);
	struct flow flow = { pane, 0, 0, false };
	/* The name of the group is cut, and left out when that does not help; then the
	 * victim's. */
	snprintf(behind, sizeof behind, ": %s", words);
	int fixed = frame_text_width(text_of_str(before)) + frame_text_width(text_of_str(behind));
	if (event.scope[0] != '?' && fixed + 14 <= pane.columns) {
		char front[160], scope[192];
		snprintf(front, sizeof front, "%s ", before);
		flow_name(&flow, role, front,
			  scope_text(&event, pane.columns - fixed - 1, pane.frame->ascii, scope, sizeof scope), behind);
	} else {
		flow_name(&flow, role, "", text_of_str(before), behind);
	}
	if (event.foretold != FORETOLD_NOTHING)
		flow_item(&flow, "", role, "(%u of %u)", env->events->right, env->events->scored);
	if (more > 0)
		flow_item(&flow, "", role, "and %u before", more);
	keymap_keys(&ui->keymap, ACT_EVENTS, key, 16);
	snprintf(hint, sizeof hint, "%s why  Esc seen", key);
	if (flow.column + (int)strlen(hint) + 2 <= pane.columns)
		pane_right(pane, 0, pane.columns, role, hint);
}

void notice_dismiss(struct ui *ui, const struct ui_env *env)
{
	if (env->events)
		ui->dismissed = env->events->total;
}

/* --- the list ---------------------------------------------------------------------------- */

/* Position of the event under the cursor, the latest being 0. */
static uint32_t position(const struct ui *ui, const struct events *events)
{
	if (ui->event == 0 || events->n == 0)
		return 0;
	uint64_t behind = events->total - ui->event;
	return behind < events->n ? (uint32_t)behind : events->n - 1;
}

static void event_at(const struct events *events, uint32_t position, struct event *ret)
{
	events_get(events, events->n - 1 - position, ret);
}

static void draw_row(struct pane pane, int row, const struct event *event, bool is_cursor)
{
	char foretold[24] = "-", scope[192];
	enum role role = ROLE_NORMAL;
	bool wide = pane.columns >= 80;
	if (event->foretold == FORETOLD_RIGHT) {
		snprintf(foretold, sizeof foretold, "yes");
		role = ROLE_GOOD;
	} else if (event->foretold == FORETOLD_WRONG) {
		role = ROLE_BAD;
		if (event->rank > 0)
			snprintf(foretold, sizeof foretold, "NO (%u)", event->rank);
		else
			snprintf(foretold, sizeof foretold, "NO");
	}
	int at = wide ? 20 : 9;
	pane_str(pane_part(pane, row, 0, 1, at - 1), 0, 0, ROLE_NORMAL, wide ? event->clock : time_of_day(event));
	pane_str(pane_part(pane, row, at, 1, 8), 0, 0, role, foretold);
	at += 9;
	if (wide) {
		pane_right(pane_part(pane, row, at, 1, 9), 0, 9, ROLE_VALUE, event->has_points ? event->points : "?");
		at += 10;
	}
	struct pane rest = pane_part(pane, row, at, 1, pane.columns - at);
	struct flow flow = { rest, 0, 0, false };
	flow_name(&flow, ROLE_VALUE, "", text_of_str(event->victim), "");
	if (event->others > 0)
		flow_item(&flow, "", ROLE_NORMAL, "and %u more", event->others);
	if (event->scope[0] != '?')
		flow_name(&flow, ROLE_DIM, "",
			  scope_text(event, rest.columns - flow.column - 1, rest.frame->ascii, scope, sizeof scope), "");
	if (is_cursor)
		pane_role(pane, row, 0, pane.columns, ROLE_CURSOR);
}

static void draw_list(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct events *events = env->events;
	bool wide = pane.columns >= 80;
	struct flow flow = { pane, 0, 0, false };
	flow_item(&flow, "", ROLE_TITLE, "kills");
	if (events && events->scored > 0)
		flow_item(&flow, "", ROLE_TITLE, "foretold %u of %u", events->right, events->scored);
	if (events && events->total > events->n)
		flow_item(&flow, "", ROLE_TITLE, "the last %u of %llu", events->n, (unsigned long long)events->total);
	if (events)
		flow_item(&flow, "", ROLE_TITLE, "from %s", events->source);
	pane_fill(pane, 1, 0, pane.columns, ' ', ROLE_HEADER);
	pane_str(pane, 1, 0, ROLE_HEADER, wide ? "TIME                FORETOLD    POINTS VICTIM" : "TIME     FORETOLD VICTIM");
	struct pane body = pane_part(pane, 2, 0, pane.rows - 4, pane.columns);
	draw_wrapped(pane, pane.rows - 1, 0, ROLE_DIM, "Up Down choose  Enter explains  Esc goes back");
	if (!events || events->n == 0) {
		struct lines lines = { body, 0, ROLE_LABEL, 0, 0 };
		lines_printf(&lines, "", ROLE_NORMAL, "No kill since boot, as far as it can be seen.");
		if (events && events->why[0])
			lines_printf(&lines, "", ROLE_NORMAL, "What is known comes from %s, for %s.", events->source, events->why);
		return;
	}
	uint32_t cursor = position(ui, events), page = (uint32_t)body.rows;
	uint32_t top = cursor >= page ? cursor - page + 1 : 0;
	struct event event;
	for (uint32_t i = 0; i < page && top + i < events->n; i++) {
		event_at(events, top + i, &event);
		draw_row(body, (int)i, &event, top + i == cursor);
	}
	event_at(events, cursor, &event);
	draw_wrapped(pane_part(pane, pane.rows - 2, 0, 1, pane.columns), 0, 0, ROLE_NORMAL, event.because);
}

/* --- the explanation ----------------------------------------------------------------------- */

#define LABEL_COLUMNS 13 /* "  asked      ", see emit/explain_text.c */

/* Where the text of a line begins: what does not fit in it goes on there. */
static size_t text_start(struct text line)
{
	size_t blanks = 0;
	while (blanks < line.len && line.ptr[blanks] == ' ')
		blanks++;
	bool has_label = blanks == 2 && line.len > LABEL_COLUMNS && line.ptr[LABEL_COLUMNS - 1] == ' ';
	return has_label ? LABEL_COLUMNS : blanks < 2 * LABEL_COLUMNS ? blanks : 0;
}

static void draw_explanation(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	char words[48];
	struct event event;
	uint32_t at = position(ui, env->events);
	event_at(env->events, at, &event);
	struct text rest = events_explanation(env->events, env->events->n - 1 - at);
	draw_wrapped(pane_part(pane, 0, 0, 1, pane.columns), 0, 0, ROLE_TITLE, event.victim);
	draw_wrapped(pane, pane.rows - 1, 0, ROLE_DIM, "Up Down PageUp PageDown scroll; any other key goes back");
	struct lines lines = { pane_part(pane, 1, 0, pane.rows - 2, pane.columns), 1, ROLE_LABEL, 0, ui->scroll };
	if (event.because[0])
		lines_printf(&lines, "", event.foretold == FORETOLD_WRONG ? ROLE_BAD : ROLE_VERDICT, "%s: %s",
			     outcome(&event, false, words, sizeof words), event.because);
	if (rest.len == 0)
		lines_printf(&lines, "", ROLE_NORMAL, "There is no report of it to be explained.");
	lines.label_role = ROLE_NORMAL;
	for (struct text line; text_next_line(&rest, &line);) {
		char label[32];
		size_t start = text_start(line);
		snprintf(label, sizeof label, " %.*s", (int)start, line.ptr);
		lines.indent = 1 + (int)start;
		line = text_of(line.ptr + start, line.len - start);
		lines_printf(&lines, label, ROLE_NORMAL, "%.*s", (int)(line.len < 1000 ? line.len : 1000), line.ptr);
	}
	lines_clip(&lines, &ui->scroll);
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	if (ui->explaining && env->events && env->events->n > 0)
		draw_explanation(ui, env, pane);
	else
		draw_list(ui, env, pane);
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	const struct events *events = env->events;
	if (ui->explaining) {
		if (!scroll_key(ui, typed))
			ui->explaining = false;
		return command_none();
	}
	uint32_t n = events ? events->n : 0, at = n > 0 ? position(ui, events) : 0;
	uint32_t page = ui->rows > 5 ? ui->rows - 5U : 1;
	switch (typed.code) {
	case KEY_CODE_UP:
		at -= at > 0;
		break;
	case KEY_CODE_DOWN:
		at++;
		break;
	case KEY_CODE_PAGE_UP:
		at -= at > page ? page : at;
		break;
	case KEY_CODE_PAGE_DOWN:
		at += page;
		break;
	case KEY_CODE_HOME:
		at = 0;
		break;
	case KEY_CODE_END:
		at = n;
		break;
	case KEY_CODE_ENTER:
		ui->explaining = n > 0;
		ui->scroll = 0;
		break;
	default:
		notice_dismiss(ui, env); /* what came meanwhile stood in the list */
		ui->screen = &screen_main;
		return command_none();
	}
	if (n > 0) {
		at = at < n ? at : n - 1;
		ui->event = events->total - at;
	}
	return command_none();
}

const struct screen screen_events = { .name = "events", .draw = draw, .key = key };
