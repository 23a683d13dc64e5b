/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every figure of the host: the last minutes, the whole table of facts, pressure,
 * zones and swap devices, each with its rate where it counts events.
 */
#include <stdio.h>

#include "flow.h"
#include "screen.h"

static bool is_counter(enum sys_fact fact)
{
	const struct sys_fact_info *info = &sys_fact_table[fact];
	return (info->file == SYS_FILE_VMSTAT || info->file == SYS_FILE_STAT) && fact != SYS_PROCS_RUNNING &&
	       fact != SYS_PROCS_BLOCKED;
}

/* Ten percent and less are worth a look; three leave little to reclaim. */
static enum role history_role(const struct history_step *step)
{
	return step->kills > 0 || step->permille < 30 ? ROLE_BAD : step->permille < 100 ? ROLE_WARN : ROLE_BAR_USED;
}

/* Eighths of a cell; tenths as digits where only ASCII may be drawn. */
static uint32_t history_code(const struct history_step *step, bool ascii)
{
	if (step->kills > 0)
		return 'X';
	if (!step->known)
		return ' ';
	if (ascii)
		return '0' + (step->permille < 1000 ? step->permille / 100U : 9U);
	return 0x2581 + (step->permille < 1000 ? step->permille / 125U : 7U);
}

/* Two lines: what is drawn, and the steps, now at the right. */
static void draw_history(const struct ui_env *env, struct pane pane, int row, bool is_head)
{
	struct history_step least = { .permille = 1000 };
	uint32_t columns = pane.columns < HISTORY_STEPS ? (uint32_t)pane.columns : HISTORY_STEPS, kills = 0;
	for (uint32_t back = 0; back < columns; back++) {
		struct history_step step = history_at(env->history, back);
		kills += step.kills;
		if (step.known && (!least.known || step.permille < least.permille))
			least = step;
		if (!is_head)
			pane_fill(pane, row, pane.columns - 1 - (int)back, 1, history_code(&step, pane.frame->ascii), history_role(&step));
	}
	if (!is_head)
		return;
	struct flow flow = { pane, row, 0, false };
	flow_item(&flow, "", ROLE_LABEL, "available of RAM");
	if (least.known)
		flow_item(&flow, "least", history_role(&least), "%u.%u%%", least.permille / 10U, least.permille % 10U);
	if (kills > 0)
		flow_item(&flow, "kills (X)", ROLE_BAD, "%u", kills);
	unsigned seconds = (unsigned)(HISTORY_STEP_NS / 1000000000);
	flow_item(&flow, "", ROLE_DIM, "a cell: the least of %u s; in all %u min", seconds, columns * seconds / 60);
}

static void draw_fact(const struct ui_env *env, struct pane pane, int row, enum sys_fact fact)
{
	const struct sys_fact_info *info = &sys_fact_table[fact];
	const struct system_facts *sys = &env->snap->system;
	char value[UNITS_BUFFER] = "-", rate[UNITS_BUFFER + 2] = "";
	if (system_knows(sys, fact)) {
		if (fact == SYS_PGPGIN || fact == SYS_PGPGOUT) /* the kernel counts KiB */
			units_human(u64_mul_sat(sys->value[fact], 1024), value);
		else if (info->unit == FACT_TICKS)
			units_span((double)sys->value[fact] / (double)env->snap->ticks_per_s, value);
		else if (info->unit == FACT_BYTES)
			units_human(sys->value[fact], value);
		else
			units_count(sys->value[fact], value);
	}
	if (is_counter(fact) && env->model->rates.known && env->model->rates.per_s_known[fact]) {
		char buf[UNITS_BUFFER];
		double per_s = env->model->rates.per_s[fact], cpus = per_s / (double)env->snap->ticks_per_s;
		if (info->unit == FACT_TICKS)
			snprintf(rate, sizeof rate, "%.*f CPU", cpus < 10.0 ? 2 : cpus < 1000.0 ? 1 : 0, cpus < 1e6 ? cpus : 1e6);
		else
			snprintf(rate, sizeof rate, "%s/s", units_count(rounded(per_s), buf));
	}
	pane_str(pane, row, 0, ROLE_LABEL, info->key);
	/* "23 h 59 min" takes more, and stands behind a short name. */
	int at = info->unit == FACT_TICKS ? 14 : 18;
	pane_right(pane_part(pane, row, at, 1, 26 - at), 0, 26 - at, system_knows(sys, fact) ? ROLE_VALUE : ROLE_VALUE_DENIED,
		   value);
	pane_right(pane_part(pane, row, 26, 1, 9), 0, 9, ROLE_VALUE, rate);
	if (pane.columns >= 60)
		draw_wrapped(pane_part(pane, row, 37, 1, pane.columns - 37), 0, 0, ROLE_DIM, info->help);
}

static void draw_zone(const struct ui_env *env, struct pane pane, int row, const struct zone *zone)
{
	char f[UNITS_BUFFER], mi[UNITS_BUFFER], lo[UNITS_BUFFER], hi[UNITS_BUFFER], ma[UNITS_BUFFER];
	const struct snapshot *snap = env->snap;
	enum role role = zone->free_pages < zone->min_pages ? ROLE_BAD :
			 zone->free_pages < zone->low_pages ? ROLE_WARN :
							      ROLE_VALUE;
	const struct {
		const char *label;
		char *text;
	} parts[] = {
		{ "free", units_human(snapshot_bytes(snap, zone->free_pages), f) },
		{ "min", units_human(snapshot_bytes(snap, zone->min_pages), mi) },
		{ "low", units_human(snapshot_bytes(snap, zone->low_pages), lo) },
		{ "high", units_human(snapshot_bytes(snap, zone->high_pages), hi) },
		{ "managed", units_human(snapshot_bytes(snap, zone->managed_pages), ma) },
	};
	pane_printf(pane, row, 0, ROLE_LABEL, "node %u %s", zone->node, zone->name);
	struct flow flow = { pane, row, 17, false };
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		flow_item(&flow, parts[i].label, role, "%s", parts[i].text);
}

static void draw_psi(const struct ui_env *env, struct pane pane, int row, enum psi_resource resource)
{
	static const char *const names[PSI__COUNT] = { "memory", "io", "cpu" };
	const struct psi *psi = &env->snap->system.psi[resource];
	const struct psi_line *lines[2] = { &psi->some, &psi->full };
	pane_printf(pane, row, 0, ROLE_LABEL, "pressure %s", names[resource]);
	struct flow flow = { pane, row, 17, false };
	for (int i = 0; i < 2; i++) {
		const struct psi_line *line = lines[i];
		const char *label = i ? " full" : "some";
		if (line->state != FACT_KNOWN) {
			flow_item(&flow, label, ROLE_VALUE_DENIED, line->state == FACT_ABSENT ? "-" : "?");
			continue;
		}
		flow_item(&flow, label, ROLE_VALUE, "%u.%02u", line->avg10_centi / 100, line->avg10_centi % 100);
		flow_item(&flow, "", ROLE_VALUE, "%u.%02u", line->avg60_centi / 100, line->avg60_centi % 100);
		flow_item(&flow, "", ROLE_VALUE, "%u.%02u", line->avg300_centi / 100, line->avg300_centi % 100);
	}
	flow_item(&flow, "", ROLE_DIM, " %% over 10, 60, 300 s");
}

static void draw_swap_device(const struct ui_env *env, struct pane pane, int row, const struct swap_device *swap)
{
	char size[UNITS_BUFFER], used[UNITS_BUFFER];
	pane_str(pane, row, 0, ROLE_LABEL, "swap");
	struct flow flow = { pane, row, 17, false };
	flow_item(&flow, "", ROLE_VALUE, "%s of %s", units_human(swap->used_bytes, used), units_human(swap->size_bytes, size));
	flow_item(&flow, "priority", ROLE_VALUE, "%d", (int)swap->priority);
	flow_name(&flow, ROLE_VALUE, " ", snapshot_text(env->snap, swap->name), "");
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct system_facts *sys = &env->snap->system;
	uint32_t histories = env->history ? 2 : 0;
	uint32_t lines = histories + PSI__COUNT + sys->nzones + sys->nswaps + SYS__COUNT;
	uint32_t page = (uint32_t)pane.rows - 2;
	if (ui->scroll + page > lines)
		ui->scroll = lines > page ? lines - page : 0;
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	draw_wrapped(pane_part(pane, 0, 0, 1, pane.columns), 0, 0, ROLE_TITLE,
		     "memory of the host: as in meminfo, vmstat, stat, zoneinfo, pressure");
	for (uint32_t i = 0; i < page && ui->scroll + i < lines; i++) {
		uint32_t line = ui->scroll + i;
		int row = (int)i + 1;
		if (line < histories) {
			draw_history(env, pane, row, line == 0);
			continue;
		}
		line -= histories;
		if (line < PSI__COUNT) {
			draw_psi(env, pane, row, (enum psi_resource)line);
			continue;
		}
		line -= PSI__COUNT;
		if (line < sys->nzones) {
			draw_zone(env, pane, row, &sys->zones[line]);
			continue;
		}
		line -= sys->nzones;
		if (line < sys->nswaps) {
			draw_swap_device(env, pane, row, &sys->swaps[line]);
			continue;
		}
		draw_fact(env, pane, row, (enum sys_fact)(line - sys->nswaps));
	}
	draw_wrapped(pane, pane.rows - 1, 0, ROLE_DIM, "Up Down PageUp PageDown scroll; any other key goes back");
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	(void)env;
	if (!scroll_key(ui, typed))
		ui->screen = &screen_main;
	return command_none();
}

const struct screen screen_system = { .name = "system", .draw = draw, .key = key };
