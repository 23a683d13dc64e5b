/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The memory cgroups: how near each is to its limit, what its counters say, and
 * who would be killed if the limit were met now.
 */
#include <stdio.h>

#include "flow.h"
#include "screen_groups.h"

enum group_column {
	GROUP_USED,
	GROUP_RECLAIMABLE,
	GROUP_SWAP,
	GROUP_HIGH,
	GROUP_MAX,
	GROUP_ROOM,
	GROUP_OOMS,
	GROUP_KILLS,
	GROUP_GROUP_KILLS,
	GROUP_PRESSURE,
	GROUP_TOGETHER,
	GROUP_TASKS,
	GROUP_VICTIM,
	GROUP_PATH,
	GROUP__COLUMNS
};

/* keep: on a narrow screen the columns with the smallest go first. */
static const struct {
	const char *head;
	uint8_t width;
	uint8_t keep;
	bool is_left;
} group_columns[GROUP__COLUMNS] = {
	[GROUP_USED] = { "USED", 5, 96, false },
	[GROUP_RECLAIMABLE] = { "RECL", 5, 60, false },
	[GROUP_SWAP] = { "SWAP", 5, 40, false },
	[GROUP_HIGH] = { "HIGH", 5, 35, false },
	[GROUP_MAX] = { "MAX", 5, 90, false },
	[GROUP_ROOM] = { "ROOM", 6, 97, false },
	[GROUP_OOMS] = { "OOM", 6, 25, false },
	[GROUP_KILLS] = { "KILLS", 7, 70, false },
	[GROUP_GROUP_KILLS] = { "GKILLS", 6, 20, false },
	[GROUP_PRESSURE] = { "PSI", 4, 65, false },
	[GROUP_TOGETHER] = { "G", 1, 55, false },
	[GROUP_TASKS] = { "TASKS", 5, 30, false },
	[GROUP_VICTIM] = { "VICTIM", 16, 80, true },
	[GROUP_PATH] = { "GROUP", 20, 99, true },
};

#define SIGN_COLUMNS 1

/* --- what stands in a cell ------------------------------------------------------- */

/* Limit or amount as a size; "max" for no limit. Returns the role. */
static enum role size_text(enum fact_state state, uint64_t bytes, char *dst)
{
	if (state == FACT_KNOWN && bytes == MEMCG_UNLIMITED)
		strcpy(dst, "max");
	else if (state == FACT_KNOWN)
		units_human(bytes, dst);
	else
		strcpy(dst, state == FACT_ABSENT ? "-" : state == FACT_DENIED ? "x" : "?");
	return state == FACT_KNOWN ? ROLE_NORMAL : ROLE_VALUE_DENIED;
}

/* "12", "12+3" when three are new since the first look. */
static enum role counter_text(const struct ui *ui, const struct ui_env *env, uint32_t memcg, enum group_counter counter,
			      char *dst)
{
	uint64_t value, grown;
	char total[UNITS_BUFFER], more[UNITS_BUFFER];
	if (!groups_counter(&ui->groups, env->snap, memcg, counter, &value, &grown)) {
		strcpy(dst, env->snap->memcgs[memcg].group_state[MEMCG_EVENTS] == FACT_DENIED ? "x" : "-");
		return ROLE_VALUE_DENIED;
	}
	if (grown > 0)
		snprintf(dst, COLUMN_TEXT_SIZE, "%s+%s", units_count(value, total), units_count(grown, more));
	else
		units_count(value, dst);
	return grown > 0 ? ROLE_BAD : ROLE_NORMAL;
}

/* '^' behind it: another group's limit further up is the nearest. */
static enum role room_text(const struct ui_env *env, uint32_t memcg, char *dst)
{
	const struct memcg_outlook *outlook = &env->model->outlooks.groups[memcg];
	char size[UNITS_BUFFER];
	if (!outlook->headroom_known) {
		strcpy(dst, "-");
		return ROLE_VALUE_DENIED;
	}
	units_human(outlook->headroom_bytes, size);
	snprintf(dst, COLUMN_TEXT_SIZE, "%s%s", size, outlook->limiting != memcg ? "^" : "");
	uint64_t limit = memcg_limit(env->snap, NULL, outlook->limiting);
	return outlook->headroom_bytes < limit / 20 ? ROLE_BAD :
	       outlook->headroom_bytes < limit / 10 ? ROLE_WARN :
						      ROLE_NORMAL;
}

static enum role pressure_text(const struct memcg *memcg, char *dst)
{
	const struct psi_line *some = &memcg->pressure.some;
	if (!memcg_knows(memcg, MEMCG_PRESSURE) || some->state != FACT_KNOWN) {
		strcpy(dst, "-");
		return ROLE_VALUE_DENIED;
	}
	if (some->avg10_centi < 10000)
		snprintf(dst, COLUMN_TEXT_SIZE, "%u.%u", some->avg10_centi / 100, some->avg10_centi / 10 % 10);
	else
		snprintf(dst, COLUMN_TEXT_SIZE, "%u", some->avg10_centi / 100);
	return some->avg10_centi >= 2000 ? ROLE_BAD : some->avg10_centi >= 500 ? ROLE_WARN : ROLE_NORMAL;
}

/* Every column but the two of foreign text. */
static enum role cell_text(const struct ui *ui, const struct ui_env *env, enum group_column column, uint32_t index,
			   char dst[COLUMN_TEXT_SIZE])
{
	const struct memcg *memcg = &env->snap->memcgs[index];
	const struct memcg_outlook *outlook = &env->model->outlooks.groups[index];
	const uint8_t *state = memcg->group_state;
	switch (column) {
	case GROUP_USED:
		return size_text((enum fact_state)state[MEMCG_USAGE], memcg->usage_bytes, dst);
	case GROUP_RECLAIMABLE:
		return size_text(outlook->reclaimable_known ? FACT_KNOWN : (enum fact_state)state[MEMCG_STAT],
				 outlook->reclaimable_bytes, dst);
	case GROUP_SWAP:
		return size_text((enum fact_state)state[MEMCG_SWAP_USAGE], memcg->swap_usage_bytes, dst);
	case GROUP_HIGH:
		return size_text((enum fact_state)state[MEMCG_SOFT], memcg->high_bytes, dst);
	case GROUP_MAX:
		return size_text((enum fact_state)state[MEMCG_MAX], memcg->max_bytes, dst);
	case GROUP_ROOM:
		return room_text(env, index, dst);
	case GROUP_OOMS:
		return counter_text(ui, env, index, GROUP_OOM, dst);
	case GROUP_KILLS:
		return counter_text(ui, env, index, GROUP_OOM_KILL, dst);
	case GROUP_GROUP_KILLS:
		return counter_text(ui, env, index, GROUP_OOM_GROUP_KILL, dst);
	case GROUP_PRESSURE:
		return pressure_text(memcg, dst);
	case GROUP_TOGETHER:
		strcpy(dst, memcg_knows(memcg, MEMCG_OOM_GROUP) && memcg->oom_group ? "g" : "");
		return ROLE_NORMAL;
	case GROUP_TASKS:
		units_count(outlook->tasks, dst);
		return ROLE_NORMAL;
	case GROUP_VICTIM:
	case GROUP_PATH:
	case GROUP__COLUMNS:
		break;
	}
	dst[0] = '\0';
	return ROLE_NORMAL;
}

static void draw_victim(const struct ui_env *env, struct pane cell, enum role role, uint32_t index)
{
	const struct memcg_outlook *outlook = &env->model->outlooks.groups[index];
	if (!outlook->has_victim) {
		pane_str(cell, 0, 0, role == ROLE_NORMAL ? ROLE_DIM : role, outlook->totalpages > 0 ? "nobody" : "-");
		return;
	}
	char behind[32];
	const struct task *task = &env->snap->tasks[outlook->victim];
	snprintf(behind, sizeof behind, " (%d)", (int)task->pid);
	struct flow flow = { cell, 0, 0, false };
	flow_name(&flow, role, "", snapshot_text(env->snap, task->comm), behind);
}

/* The whole path, or in the tree the last part of it below its parent's. */
static void draw_path(const struct ui *ui, const struct ui_env *env, struct pane cell, enum role role, uint32_t index)
{
	const struct memcg *memcg = &env->snap->memcgs[index];
	struct text path = snapshot_text(env->snap, memcg->path);
	char text[512];
	int at = 0;
	if (ui->groups.tree && memcg->depth > 0) {
		const char *slash = memrchr(path.ptr, '/', path.len);
		if (slash)
			path = text_of(slash + 1, (size_t)(path.ptr + path.len - slash - 1));
		at = 2 * (memcg->depth < VIEW_DEPTH_MAX ? memcg->depth : VIEW_DEPTH_MAX);
		if (at > cell.columns / 2)
			at = cell.columns / 2;
		if (at >= 2)
			pane_str(cell, 0, at - 2, role == ROLE_NORMAL ? ROLE_DIM : role, "`-");
	}
	ui_path_text(path, cell.columns - at, cell.frame->ascii, text, sizeof text);
	pane_str(cell, 0, at, role, text);
}

/* --- the list --------------------------------------------------------------------- */

struct group_layout {
	uint8_t columns[GROUP__COLUMNS];
	int width[GROUP__COLUMNS]; /* by column */
	int n;
};

static void make_layout(int columns, struct group_layout *layout)
{
	int used = SIGN_COLUMNS - 1;
	layout->n = 0;
	for (int i = 0; i < GROUP__COLUMNS; i++) {
		layout->columns[layout->n++] = (uint8_t)i;
		layout->width[i] = group_columns[i].width;
		used += group_columns[i].width + 1;
	}
	while (used > columns && layout->n > 1) {
		int least = 0;
		for (int i = 1; i < layout->n; i++) {
			if (group_columns[layout->columns[i]].keep < group_columns[layout->columns[least]].keep)
				least = i;
		}
		used -= layout->width[layout->columns[least]] + 1;
		layout->n--;
		memmove(&layout->columns[least], &layout->columns[least + 1], (size_t)(layout->n - least));
	}
	/* What is left over goes to the path, but for some to the victim's name. */
	int left = columns - used;
	int more = left > 40 ? 8 : 0;
	layout->width[GROUP_VICTIM] += more;
	layout->width[GROUP_PATH] += left > 0 ? left - more : 0;
}

static void draw_heads(const struct group_layout *layout, struct pane pane)
{
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_HEADER);
	int column = SIGN_COLUMNS;
	for (int i = 0; i < layout->n; i++) {
		int id = layout->columns[i], width = layout->width[id];
		if (group_columns[id].is_left)
			pane_str(pane_part(pane, 0, column, 1, width), 0, 0, ROLE_HEADER, group_columns[id].head);
		else
			pane_right(pane_part(pane, 0, column, 1, width), 0, width, ROLE_HEADER, group_columns[id].head);
		column += width + 1;
	}
}

static void draw_row(const struct ui *ui, const struct ui_env *env, const struct group_layout *layout, struct pane pane,
		     int row, uint32_t list_row)
{
	uint32_t index = ui->groups.rows[list_row];
	bool is_chosen = list_row == ui->groups.row;
	int column = SIGN_COLUMNS;
	if (is_chosen)
		pane_str(pane, row, 0, ROLE_NORMAL, ">");
	for (int i = 0; i < layout->n; i++) {
		enum group_column id = (enum group_column)layout->columns[i];
		int width = layout->width[id];
		struct pane cell = pane_part(pane, row, column, 1, width);
		if (id == GROUP_VICTIM) {
			draw_victim(env, cell, ROLE_NORMAL, index);
		} else if (id == GROUP_PATH) {
			draw_path(ui, env, cell, ROLE_NORMAL, index);
		} else {
			char text[COLUMN_TEXT_SIZE];
			enum role role = cell_text(ui, env, id, index, text);
			pane_right(cell, 0, width, role, text);
		}
		column += width + 1;
	}
	if (is_chosen)
		pane_role(pane, row, 0, pane.columns, ROLE_CURSOR);
}

/* --- the group under the cursor, in words --------------------------------------------- */

static void draw_limit(const struct ui_env *env, struct pane pane, uint32_t index)
{
	const struct memcg_outlook *outlook = &env->model->outlooks.groups[index];
	char room[UNITS_BUFFER], limit[UNITS_BUFFER], path[200];
	if (!outlook->headroom_known) {
		pane_str(pane, 0, 0, ROLE_DIM, "No limit stands at it or above it.");
		return;
	}
	struct flow flow = { pane, 0, 0, false };
	flow_item(&flow, "room", ROLE_VALUE, "%s", units_human(outlook->headroom_bytes, room));
	flow_item(&flow, "to the limit", ROLE_VALUE, "%s",
		  units_human(memcg_limit(env->snap, NULL, outlook->limiting), limit));
	if (outlook->limiting != index)
		flow_item(&flow, "of", ROLE_VALUE, "%s",
			  ui_path_text(snapshot_text(env->snap, env->snap->memcgs[outlook->limiting].path),
				       pane.columns - flow.column - 4, pane.frame->ascii, path, sizeof path));
	else
		flow_item(&flow, "", ROLE_VALUE, "of its own");
	if (!outlook->headroom_exact)
		flow_item(&flow, "", ROLE_WARN, "(what is reclaimable is not known)");
}

static void draw_counters(const struct ui *ui, const struct ui_env *env, struct pane pane, uint32_t index)
{
	static const char *const labels[GROUP__COUNTERS] = { "oom", "oom_kill", "oom_group_kill" };
	const struct memcg *memcg = &env->snap->memcgs[index];
	const struct memcg_outlook *outlook = &env->model->outlooks.groups[index];
	char text[COLUMN_TEXT_SIZE];
	struct flow flow = { pane, 0, 0, false };
	flow_item(&flow, "tasks", ROLE_VALUE, "%u", outlook->tasks);
	for (int i = 0; i < GROUP__COUNTERS; i++) {
		enum role role = counter_text(ui, env, index, (enum group_counter)i, text);
		flow_item(&flow, labels[i], role == ROLE_NORMAL ? ROLE_VALUE : role, "%s", text);
	}
	if (memcg_knows(memcg, MEMCG_OOM_GROUP))
		flow_item(&flow, "oom.group", ROLE_VALUE, "%d", memcg->oom_group);
	if (memcg_knows(memcg, MEMCG_OOM_CONTROL) && memcg->oom_kill_disable)
		flow_item(&flow, "", ROLE_WARN, "oom_kill_disable");
	enum role role = size_text((enum fact_state)memcg->group_state[MEMCG_SOFT], memcg->high_bytes, text);
	flow_item(&flow, "high", role == ROLE_NORMAL ? ROLE_VALUE : role, "%s", text);
	role = size_text((enum fact_state)memcg->group_state[MEMCG_SWAP_USAGE], memcg->swap_usage_bytes, text);
	flow_item(&flow, env->snap->memcg_version == MEMCG_V1 ? "mem+swap" : "swap",
		  role == ROLE_NORMAL ? ROLE_VALUE : role, "%s", text);
}

static void draw_chosen(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	uint32_t index = groups_chosen(&ui->groups);
	if (index == TASK_MEMCG_UNKNOWN)
		return;
	char path[512];
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_HEADER);
	ui_path_text(snapshot_text(env->snap, env->snap->memcgs[index].path), pane.columns - 1, pane.frame->ascii, path,
		     sizeof path);
	pane_str(pane, 0, 1, ROLE_HEADER, path);
	draw_limit(env, pane_part(pane, 1, 1, 1, pane.columns - 1), index);
	draw_counters(ui, env, pane_part(pane, 2, 1, 1, pane.columns - 1), index);
	const struct verdict *verdict = &ui->preview_verdict;
	if (pane.rows > 3 && ui->groups_judged && verdict->action == ACTION_KILL)
		cascade_draw(env->snap, verdict, pane, 3, 1);
	else if (pane.rows > 3 && ui->groups_judged && verdict->none != NONE_NO_LIMIT)
		draw_wrapped(pane_part(pane, 3, 0, 1, pane.columns), 0, 1, ROLE_VALUE, verdict->because);
}

static const char *nothing_text(const struct ui_env *env)
{
	if (env->snap->memcg_version == MEMCG_NONE)
		return "No memory controller is to be found: the host has none, or it is not mounted here.";
	if (env->snap->nmemcgs == 0)
		return "No memory cgroup can be read.";
	return "They are read with the next tick.";
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	struct groups *groups = &ui->groups;
	struct group_layout layout;
	int foot = ui->editing ? groups_edit_rows(pane.rows) : pane.rows >= 20 ? 4 : pane.rows >= 16 ? 3 : 0;
	uint32_t page = (uint32_t)(pane.rows - 3 - foot);
	if (groups->page_rows != page) {
		groups->page_rows = page;
		groups_clip(groups);
	}
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	struct flow title = { pane, 0, 0, false };
	flow_item(&title, "", ROLE_TITLE, "memory cgroups");
	flow_item(&title, "", ROLE_TITLE, "v%d", env->snap->memcg_version == MEMCG_V1 ? 1 : 2);
	flow_item(&title, "", ROLE_TITLE, groups->tree ? "as a tree" : "nearest to a limit first");
	if (groups->nrows > 0)
		flow_item(&title, "", ROLE_TITLE, "%u of %u", groups->row + 1, groups->nrows);
	if (env->readonly)
		pane_right(pane, 0, pane.columns, ROLE_WARN, "READ-ONLY");
	make_layout(pane.columns, &layout);
	draw_heads(&layout, pane_part(pane, 1, 0, 1, pane.columns));
	for (uint32_t i = 0; i < page && groups->top + i < groups->nrows; i++)
		draw_row(ui, env, &layout, pane, (int)i + 2, groups->top + i);
	if (groups->nrows == 0)
		draw_wrapped(pane_part(pane, 2, 0, pane.rows - 3, pane.columns), 0, 1, ROLE_WARN, nothing_text(env));
	else if (ui->editing)
		groups_edit_draw(ui, env, pane_part(pane, pane.rows - 1 - foot, 0, foot, pane.columns));
	else if (foot > 0)
		draw_chosen(ui, env, pane_part(pane, pane.rows - 1 - foot, 0, foot, pane.columns));
	if (ui->message[0])
		draw_message(ui, pane);
	else
		draw_wrapped(pane_part(pane, pane.rows - 1, 0, 1, pane.columns), 0, 0, ROLE_DIM,
			     ui->confirming ? "Only the word yes writes  Esc cancels" :
			     ui->editing    ? "Enter writes  ^X assumes  Esc cancels" :
					      "Enter ranks it  m max  h high  o oom.group  t tree  / search  U undo  Esc back");
}

/* --- keys ------------------------------------------------------------------------------ */

/* Whom the OOM of the group under the cursor would take, one after another. */
static void judge_chosen(struct ui *ui, const struct ui_env *env)
{
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = groups_chosen(&ui->groups) };
	ui->groups_judged = scope.memcg != TASK_MEMCG_UNKNOWN && ui_judge_scope(ui, env, &scope);
}

/* By its path or by who would be killed. */
static bool matches(const struct ui_env *env, uint32_t index, struct text needle)
{
	const struct memcg_outlook *outlook = &env->model->outlooks.groups[index];
	char name[96];
	if (text_contains_nocase(snapshot_text(env->snap, env->snap->memcgs[index].path), needle))
		return true;
	return outlook->has_victim &&
	       text_contains_nocase(text_of_str(ui_task_name(env->snap, &env->snap->tasks[outlook->victim], name, sizeof name)),
				    needle);
}

void groups_find_next(struct ui *ui, const struct ui_env *env)
{
	struct groups *groups = &ui->groups;
	for (uint32_t step = 1; step <= groups->nrows; step++) {
		uint32_t row = (groups->row + step) % groups->nrows;
		if (matches(env, groups->rows[row], text_of_str(ui->search))) {
			groups_move(groups, env->snap, row);
			judge_chosen(ui, env);
			return;
		}
	}
	ui_message(ui, ROLE_WARN, UI_NOT_FOUND, ui->search);
}

static void update(struct ui *ui, const struct ui_env *env)
{
	if (groups_update(&ui->groups, env->snap, &env->model->outlooks) < 0)
		ui_message(ui, ROLE_ERROR, "Out of memory: the list cannot be made in this tick.");
	ui->groups_judged = false;
	if (ui->editing)
		groups_edit_update(ui, env);
	if (!ui->editing) /* or no longer: its group is gone */
		judge_chosen(ui, env);
}

struct ui_command groups_open(struct ui *ui)
{
	ui->screen = &screen_groups;
	ui->groups.nrows = 0; /* those of another tick */
	ui_preview_end(ui);   /* another screen's */
	/* Their facts are not read while nobody looks. */
	return (struct ui_command){ .kind = UI_REFRESH };
}

static struct ui_command act(struct ui *ui, const struct ui_env *env, struct key typed)
{
	struct groups *groups = &ui->groups;
	int64_t row = groups->row, page = groups->page_rows > 1 ? (int64_t)groups->page_rows - 1 : 1;
	uint32_t chosen = groups_chosen(groups);
	if (ui->editing)
		return groups_edit_key(ui, env, typed);
	if (groups_edit_begin(ui, env, typed))
		return command_none();
	if (typed.code == KEY_CODE_ESCAPE) {
		ui->screen = &screen_main;
		return command_none();
	}
	switch (keymap_action(&ui->keymap, typed)) {
	case ACT_UP:
		groups_move(groups, env->snap, row - 1);
		break;
	case ACT_DOWN:
		groups_move(groups, env->snap, row + 1);
		break;
	case ACT_PAGE_UP:
		groups_move(groups, env->snap, row - page);
		break;
	case ACT_PAGE_DOWN:
		groups_move(groups, env->snap, row + page);
		break;
	case ACT_FIRST:
		groups_move(groups, env->snap, 0);
		groups->cursor = 0; /* it belongs to the row again, not to a group */
		break;
	case ACT_LAST:
		groups_move(groups, env->snap, (int64_t)groups->nrows - 1);
		break;
	case ACT_DETAILS:
		if (chosen != TASK_MEMCG_UNKNOWN)
			ui_set_scope(ui, env, &(struct scope){ .kind = SCOPE_MEMCG, .memcg = chosen });
		break;
	case ACT_TREE:
		groups->tree = !groups->tree;
		update(ui, env);
		break;
	case ACT_SEARCH:
		ui_open_prompt(ui, &dialog_search, FIELD_TEXT, ui->search);
		break;
	case ACT_SEARCH_NEXT:
		ui_search_next(ui, env);
		break;
	case ACT_HELP:
		help_open(ui);
		break;
	case ACT_REFRESH:
		return (struct ui_command){ .kind = UI_REFRESH };
	case ACT_UNDO:
	case ACT_WHATIF:
		return screen_main.key(ui, env, typed);
	case ACT_QUIT:
	case ACT_CGROUPS:
		ui->screen = &screen_main;
		break;
	default:
		break;
	}
	return command_none();
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	struct ui_command command = act(ui, env, typed);
	if (ui->screen == &screen_groups && !ui->editing)
		judge_chosen(ui, env); /* another one, or an edit has ended */
	return command;
}

const struct screen screen_groups = { .name = "groups", .draw = draw, .key = key, .update = update };
