/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * NUMA nodes: what each holds, its zones, who is bound to it, and who would be
 * killed by an OOM bound to the nodes the operator has put together; on demand also
 * on which of them the pages of one process are.
 */
#include <errno.h>
#include <stdio.h>

#include "flow.h"
#include "screen.h"

/* Whose Mems_allowed leave out a node with memory, and name this one. */
static void count_tasks(const struct snapshot *snap, uint32_t node, uint32_t *ret_allowed, uint32_t *ret_bound)
{
	const struct nodeset all = snapshot_memory_nodes(snap);
	*ret_allowed = *ret_bound = 0;
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		const struct nodeset *mems = snapshot_nodes(snap, snap->tasks[i].mems);
		if (task_is_kthread(&snap->tasks[i]) || !task_knows(&snap->tasks[i], TASK_STATUS) || !mems ||
		    !nodeset_has(mems, node))
			continue;
		++*ret_allowed;
		*ret_bound += !nodeset_is_within(&all, mems);
	}
}

static const char *const node_heads[] = { "TOTAL", "FREE", "FILE", "ANON", "TASKS", "BOUND", "SHMEM", "THP", "HUGE", "HFREE" };
#define NODE_FIGURES (sizeof node_heads / sizeof node_heads[0])
#define NODE_FIRST 10 /* where the figures begin */

/* "-" where only meminfo would say and it was not read. */
static void figure_text(const struct snapshot *snap, const struct node *node, size_t figure, char dst[UNITS_BUFFER])
{
	bool known = node->meminfo_state == FACT_KNOWN;
	uint32_t allowed, bound;
	strcpy(dst, "-");
	switch (figure) {
	case 0:
		units_human(known ? node->total_bytes : snapshot_bytes(snap, node->present_pages), dst);
		break;
	case 1:
		units_human(known ? node->free_bytes : snapshot_bytes(snap, node->free_pages), dst);
		break;
	case 2:
		units_human(known ? node->file_bytes : snapshot_bytes(snap, node->file_lru_pages), dst);
		break;
	case 3:
		units_human(known ? node->anon_bytes : snapshot_bytes(snap, node->anon_lru_pages), dst);
		break;
	case 4:
	case 5:
		count_tasks(snap, node->id, &allowed, &bound);
		units_count(figure == 4 ? allowed : bound, dst);
		break;
	case 6:
	case 7:
		if (known)
			units_human(figure == 6 ? node->shmem_bytes : node->anon_huge_bytes, dst);
		break;
	default:
		if (known)
			units_count(figure == 8 ? node->huge_total : node->huge_free, dst);
	}
}

static void draw_node(const struct ui *ui, const struct snapshot *snap, struct pane pane, int row, uint32_t at)
{
	const struct node *node = &snap->nodes[at];
	pane_printf(pane, row, 0, ROLE_NORMAL, "%s[%s] %u", at == ui->choice ? ">" : " ",
		    nodeset_has(&ui->nodes, node->id) ? "x" : " ", node->id);
	for (size_t i = 0; i < NODE_FIGURES && NODE_FIRST + (int)(i + 1) * 6 <= pane.columns; i++) {
		char text[UNITS_BUFFER];
		figure_text(snap, node, i, text);
		pane_right(pane, row, NODE_FIRST + (int)(i + 1) * 6, ROLE_VALUE, text);
	}
	if (at == ui->choice)
		pane_role(pane, row, 0, pane.columns, ROLE_CURSOR);
}

static void draw_zone(const struct snapshot *snap, struct pane pane, int row, const struct zone *zone)
{
	const struct {
		const char *label;
		uint64_t pages;
	} parts[] = { { "free", zone->free_pages }, { "min", zone->min_pages }, { "low", zone->low_pages },
		      { "high", zone->high_pages }, { "managed", zone->managed_pages } };
	enum role role = zone->free_pages < zone->min_pages ? ROLE_BAD :
			 zone->free_pages < zone->low_pages ? ROLE_WARN :
							      ROLE_VALUE;
	char text[UNITS_BUFFER];
	pane_printf(pane, row, 1, ROLE_LABEL, "%s", zone->name);
	struct flow flow = { pane, row, 9, false };
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		flow_item(&flow, parts[i].label, role, "%s", units_human(snapshot_bytes(snap, parts[i].pages), text));
	/* What allocations that could have come from a higher zone must leave alone; of
	 * several the largest where there is no room for all. */
	uint64_t most = 0;
	for (uint32_t i = 0; i < zone->protections; i++) {
		most = zone->protection_pages[i] > most ? zone->protection_pages[i] : most;
		if (pane.columns >= 120)
			flow_item(&flow, i == 0 ? " protects" : "", ROLE_VALUE, "%s",
				  units_human(snapshot_bytes(snap, zone->protection_pages[i]), text));
	}
	if (pane.columns < 120)
		flow_item(&flow, "protects", ROLE_VALUE, "%s", units_human(snapshot_bytes(snap, most), text));
}

/* Who would die; made by update(). */
static void draw_victim(const struct ui *ui, const struct snapshot *snap, struct pane pane)
{
	char nodes[64];
	if (nodeset_is_empty(&ui->nodes)) {
		draw_wrapped(pane, 0, 1, ROLE_DIM, "Space puts a node into the set an OOM is assumed to be bound to.");
		return;
	}
	nodeset_format(&ui->nodes, nodes, sizeof nodes);
	pane_printf(pane, 0, 1, ROLE_LABEL, "bound to %s by %s:", nodes, ui->nodes_by_policy ? "memory policy" : "cpuset");
	const struct verdict *verdict = &ui->preview_verdict;
	const char *text = verdict->because;
	if (!ui->nodes_judged)
		text = "cannot be told now";
	else if (ui->nodes_by_policy && verdict->action == ACTION_NONE && verdict->none == NONE_NOT_TOLD)
		text = "Memory policies are not read by the monitor: that can hang. oomsight predict --mempolicy reads them.";
	bool is_told = text == verdict->because;
	int row = draw_wrapped(pane_part(pane, 1, 0, pane.rows - 1, pane.columns), 0, 1, is_told ? ROLE_VERDICT : ROLE_WARN,
			       text);
	if (is_told && verdict->action == ACTION_KILL && row + 1 < pane.rows)
		cascade_draw(snap, verdict, pane, row + 1, 1);
}

/* --- the pages of one process ---------------------------------------------------- */

static const char *failure_text(int error)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		return "may not be read: only its owner or CAP_SYS_PTRACE may";
	case -ENOENT:
		return "is not there: the process has ended, or this kernel is built without NUMA";
	case -ESRCH:
		return "is of no use: the process has ended";
	case -ETIMEDOUT:
		return "does not answer in time: its memory is held by something that hangs";
	case -EBUSY:
		return "cannot be read now: too much is waiting to be read; ask again";
	default:
		return strerror(-error);
	}
}

/* "node 0 3.90G, node 1 12.0M", "policy bind:0 3.90G, default 12.0M": to their ends
 * or to that of dst. */
static void pages_text(const struct pages *pages, char *dst, size_t size)
{
	char amount[UNITS_BUFFER];
	size_t len = (size_t)snprintf(dst, size, "%s", pages->nnodes > 0 ? "on" : "on no node");
	for (unsigned i = 0; i < pages->nnodes && len < size; i++)
		len += (size_t)snprintf(dst + len, size - len, "%s node %u %s", i > 0 ? "," : "", pages->nodes[i].node,
					units_human(pages->nodes[i].bytes, amount));
	if (pages->other_nodes_bytes > 0 && len < size)
		len += (size_t)snprintf(dst + len, size - len, ", others %s", units_human(pages->other_nodes_bytes, amount));
	for (unsigned i = 0; i < pages->npolicies && len < size; i++)
		len += (size_t)snprintf(dst + len, size - len, "%s %s %s", i > 0 ? "," : "; by policy",
					pages->policies[i].name, units_human(pages->policies[i].bytes, amount));
	if (pages->other_policies_bytes > 0 && len < size)
		len += (size_t)snprintf(dst + len, size - len, ", others %s",
					units_human(pages->other_policies_bytes, amount));
	if (!pages->is_whole && len < size)
		snprintf(dst + len, size - len, "; not all: it took too long");
}

static void draw_pages(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct pages *pages = &env->labels->pages;
	const struct task *task = ui_find(env, ui->pages_of);
	char name[96], text[768], line[900];
	enum role role = ROLE_VALUE;
	if (task)
		ui_task_name(env->snap, task, name, sizeof name);
	else
		snprintf(name, sizeof name, "pid %d", (int)ui->pages_of.pid);
	if (pages->pid != ui->pages_of.pid || pages->start_ticks != ui->pages_of.start_ticks ||
	    pages->state == PAGES_NONE || pages->state == PAGES_PENDING) {
		snprintf(text, sizeof text, "numa_maps is being read ...");
		role = ROLE_DIM;
	} else if (pages->state == PAGES_FAILED) {
		snprintf(text, sizeof text, "numa_maps %s", failure_text(pages->error));
		role = ROLE_WARN;
	} else {
		pages_text(pages, text, sizeof text);
	}
	snprintf(line, sizeof line, "pages of %s: %s", name, text);
	draw_wrapped(pane, 0, 1, role, line);
}

static struct ui_command ask_pages(struct ui *ui, const struct ui_env *env)
{
	const struct task *task = ui_cursor_task(ui, env);
	if (!task)
		return command_none();
	ui->pages_of = (struct process_id){ task->pid, task->start_ticks };
	return (struct ui_command){ .kind = UI_PAGES };
}

/* --- the screen -------------------------------------------------------------------- */

static void draw_foot(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct task *task = ui_cursor_task(ui, env);
	struct flow flow = { pane, 0, 0, false };
	static const char *const hints[] = { "Esc back", " Space in set", " b cpuset/policy", " Enter ranks it" };
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		flow_item(&flow, "", ROLE_DIM, "%s", hints[i]);
	if (!task)
		return;
	/* Half a name would be another's. */
	struct text name = snapshot_text(env->snap, task->comm);
	int room = pane.columns - flow.column - frame_text_width(TEXT("  p pages of "));
	if (frame_text_width(name) > room)
		name = TEXT("a process");
	if (frame_text_width(name) <= room)
		flow_name(&flow, ROLE_DIM, " p pages of ", name, "");
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct snapshot *snap = env->snap;
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	pane_printf(pane, 0, 0, ROLE_TITLE, "NUMA nodes: %u", snap->nnodes);
	draw_foot(ui, env, pane_part(pane, pane.rows - 1, 0, 1, pane.columns));
	if (snap->nnodes == 0) {
		pane_str(pane, 2, 1, ROLE_WARN, "No node is known: zoneinfo cannot be read.");
		return;
	}
	if (ui->choice >= snap->nnodes)
		ui->choice = snap->nnodes - 1;
	pane_fill(pane, 1, 0, pane.columns, ' ', ROLE_HEADER);
	pane_str(pane, 1, 5, ROLE_HEADER, "NODE");
	for (size_t i = 0; i < NODE_FIGURES && NODE_FIRST + (int)(i + 1) * 6 <= pane.columns; i++)
		pane_right(pane, 1, NODE_FIRST + (int)(i + 1) * 6, ROLE_HEADER, node_heads[i]);
	/* The verdict keeps three rows or four, the pages of a process three once asked
	 * for, the nodes half of the rest, zones what is left. */
	int pages = ui->pages_of.pid == 0 ? 0 : 3;
	int verdict = pages > 0 && pane.rows < 16 ? 0 : pane.rows >= 20 ? 4 : 3;
	int foot = verdict + pages, most = (pane.rows - 3 - foot) / 2;
	int list = (int)snap->nnodes < most ? (int)snap->nnodes : most;
	uint32_t first = ui->choice >= (uint32_t)list ? ui->choice - (uint32_t)list + 1 : 0;
	int row = 2;
	for (int i = 0; i < list; i++)
		draw_node(ui, snap, pane, row++, first + (uint32_t)i);
	struct pane zones = pane_part(pane, row, 0, pane.rows - 1 - foot - row, pane.columns);
	int at = 0;
	for (uint32_t i = 0; i < snap->system.nzones; i++) {
		if (snap->system.zones[i].node == snap->nodes[ui->choice].id && at < zones.rows)
			draw_zone(snap, zones, at++, &snap->system.zones[i]);
	}
	if (pages > 0)
		draw_pages(ui, env, pane_part(pane, pane.rows - 1 - foot, 0, pages, pane.columns));
	if (verdict > 0)
		draw_victim(ui, snap, pane_part(pane, pane.rows - 1 - verdict, 0, verdict, pane.columns));
	if (ui->message[0])
		draw_message(ui, pane);
}

static struct scope scope_of(const struct ui *ui)
{
	return (struct scope){ .kind = ui->nodes_by_policy ? SCOPE_MEMPOLICY : SCOPE_CPUSET, .nodes = ui->nodes };
}

static void update(struct ui *ui, const struct ui_env *env)
{
	const struct scope scope = scope_of(ui);
	ui->nodes_judged = !nodeset_is_empty(&ui->nodes) && ui_judge_scope(ui, env, &scope);
}

static void toggle(struct ui *ui, uint32_t node)
{
	if (node < NODES_MAX)
		ui->nodes.bits[node / 64] ^= UINT64_C(1) << node % 64;
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	const struct snapshot *snap = env->snap;
	switch (typed.code) {
	case KEY_CODE_UP:
		ui->choice -= ui->choice > 0;
		break;
	case KEY_CODE_DOWN:
		ui->choice += ui->choice + 1 < snap->nnodes;
		break;
	case KEY_CODE_HOME:
		ui->choice = 0;
		break;
	case KEY_CODE_END:
		ui->choice = snap->nnodes > 0 ? snap->nnodes - 1 : 0;
		break;
	case ' ':
		if (ui->choice < snap->nnodes)
			toggle(ui, snap->nodes[ui->choice].id);
		update(ui, env);
		break;
	case 'p':
		return ask_pages(ui, env);
	case 'b':
		ui->nodes_by_policy = !ui->nodes_by_policy;
		update(ui, env);
		break;
	case KEY_CODE_ENTER:
		if (nodeset_is_empty(&ui->nodes) && ui->choice < snap->nnodes)
			toggle(ui, snap->nodes[ui->choice].id);
		if (!nodeset_is_empty(&ui->nodes)) {
			const struct scope scope = scope_of(ui);
			ui_set_scope(ui, env, &scope);
		}
		break;
	default:
		ui->screen = &screen_main;
		break;
	}
	return command_none();
}

const struct screen screen_nodes = { .name = "nodes", .draw = draw, .key = key, .update = update };
