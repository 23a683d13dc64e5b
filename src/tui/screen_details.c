/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One process: why it would or would not die, term by term, and what would
 * change that.
 */
#include <stdio.h>

#include "lines.h"
#include "screen.h"

#define CAP_SYS_ADMIN_BIT 21
#define CAP_SYS_RESOURCE_BIT 24

static char *pages_text(const struct snapshot *snap, uint64_t pages, char dst[UNITS_BUFFER])
{
	return units_human(snapshot_bytes(snap, pages), dst);
}

static void score_lines(struct lines *lines, const struct ui *ui, const struct ui_env *env, const struct task *task)
{
	const struct snapshot *snap = env->snap;
	const struct ranking *ranking = ui_ranking(ui, env);
	uint32_t index = (uint32_t)(task - snap->tasks);
	const struct candidate *c = &ranking->candidates[index];
	char a[UNITS_BUFFER], b[UNITS_BUFFER];
	if (c->rank == 0) {
		bool judged = c->eligibility != INELIGIBLE_UNKNOWN;
		lines_printf(lines, "verdict", judged ? ROLE_GOOD : ROLE_WARN, "is not %s because %s",
			     judged ? "killed" : "ranked", eligibility_because(c->eligibility));
		return;
	}
	const struct verdict *verdict = ui_verdict(ui, env);
	int64_t unit = badness_adj_unit_pages(ranking->totalpages);
	if (ui_dies_next(verdict, index))
		lines_printf(lines, "verdict", ROLE_BAD, c->rank == 1 ?
			     "is next to die because no process the kernel may choose has more points." :
			     "dies next, together with the one that is chosen.");
	else if (c->rank == 1)
		lines_printf(lines, "verdict", ROLE_WARN, "has the most points, yet is not killed now: %s.", verdict->because);
	else
		lines_printf(lines, "verdict", c->rank <= 3 ? ROLE_WARN : ROLE_GOOD,
		     "is %slikely to die because %s%u other%s would be chosen before it.", c->rank <= 3 ? "" : "not ", c->rank <= 3 ? "only " : "", c->rank - 1,
		     c->rank == 2 ? "" : "s");
	lines_printf(lines, "rank", ROLE_VALUE, "%u of %u", c->rank, ranking->norder);
	lines_printf(lines, "points", ROLE_VALUE, "%lld pages (%s), %.2f%% of totalpages %llu", (long long)c->points,
	     units_points(c->points, snap->page_bytes, a),
	     100.0 * (double)c->points / (double)ranking->totalpages, (unsigned long long)ranking->totalpages);
	lines_printf(lines, "  rss", ROLE_VALUE, "%12llu pages  %s (%s)", (unsigned long long)c->parts.rss_pages,
	     pages_text(snap, c->parts.rss_pages, a),
	     env->model->rules.rss == RSS_QUICK ? "the kernel's quick count, stat field 24" : "the precise sum, status");
	lines_printf(lines, "+ swap", ROLE_VALUE, "%12llu pages  %s", (unsigned long long)c->parts.swap_pages,
	     pages_text(snap, c->parts.swap_pages, a));
	lines_printf(lines, "+ pagetables", ROLE_VALUE, "%12llu pages  %s", (unsigned long long)c->parts.pgtables_pages,
	     pages_text(snap, c->parts.pgtables_pages, a));
	lines_printf(lines, "+ adj", ROLE_VALUE, "%12lld pages  %s = %d * %lld (totalpages / 1000)", (long long)(c->adj * unit),
	     units_points(c->adj * unit, snap->page_bytes, b), c->adj, (long long)unit);
	if (task_knows(task, TASK_SCORE)) {
		uint64_t total = ranking_totalpages(snap);
		lines_printf(lines, "oom_score", ROLE_VALUE, "%d; from the points: %lld; one unit is %s", (int)task->oom_score,
		     (long long)badness_oom_score(env->model->rules.era, c->points, total),
		     pages_text(snap, total * 3 / 2000, a));
	}
	int adj;
	if (ranking_adj_for_rank(ranking, snap, &env->model->rules, index, 2, &adj) && c->rank == 1)
		lines_printf(lines, "to spare it", ROLE_CHANGED, "oom_score_adj %d or less leaves the top", adj);
	if (c->rank > 1 && ranking_adj_for_rank(ranking, snap, &env->model->rules, index, 1, &adj))
		lines_printf(lines, "to offer it", ROLE_CHANGED, "oom_score_adj up to %d would put it first", adj);
}

static void limit_line(struct lines *lines, const char *label, const struct details_limit *limit, bool bytes)
{
	char soft[UNITS_BUFFER], hard[UNITS_BUFFER];
	if (limit->state != FACT_KNOWN || limit->soft == DETAILS_UNLIMITED)
		return;
	if (limit->hard == DETAILS_UNLIMITED)
		strcpy(hard, "unlimited");
	else if (bytes)
		units_human(limit->hard, hard);
	else
		snprintf(hard, sizeof hard, "%llu", (unsigned long long)limit->hard);
	if (bytes)
		units_human(limit->soft, soft);
	else
		snprintf(soft, sizeof soft, "%llu", (unsigned long long)limit->soft);
	lines_printf(lines, label, ROLE_VALUE, "%s (hard: %s)", soft, hard);
}

static void details_lines(struct lines *lines, const struct ui_env *env, const struct task *task)
{
	const struct details *details = env->details;
	char a[UNITS_BUFFER], b[UNITS_BUFFER], c[UNITS_BUFFER];
	if (!details || details->pid != task->pid || details->start_ticks != task->start_ticks) {
		lines_printf(lines, "limits", ROLE_VALUE_DENIED, "...");
		return;
	}
	if (details->status_state == FACT_KNOWN)
		lines_printf(lines, "peak rss", ROLE_VALUE, "%s   locked %s   hugetlb %s (outside badness)",
		     units_human(details->peak_rss_bytes, a), units_human(details->locked_bytes, b),
		     units_human(details->hugetlb_bytes, c));
	if (details->cgroup_limit_state == FACT_KNOWN)
		lines_printf(lines, "memcg limit", ROLE_VALUE, "%s, used %s, by %s", units_human(details->cgroup_limit_bytes, a),
		     units_human(details->cgroup_usage_bytes, b), details->cgroup_limit_path);
	else if (details->cgroup_limit_state == FACT_ABSENT)
		lines_printf(lines, "memcg limit", ROLE_VALUE, "none up the tree");
	else
		lines_printf(lines, "memcg limit", ROLE_VALUE_DENIED, "not readable");
	limit_line(lines, "ulimit -v", &details->address_space, true);
	limit_line(lines, "ulimit -d", &details->data, true);
	limit_line(lines, "ulimit -l", &details->locked, true);
	limit_line(lines, "ulimit -s", &details->stack, true);
	limit_line(lines, "ulimit -u", &details->processes, false);
}

static void parent_lines(struct lines *lines, const struct ui_env *env, const struct task *task)
{
	const struct task *at = task;
	for (int depth = 0; depth < 12; depth++) {
		const struct task *parent = snapshot_find(env->snap, at->ppid);
		if (!parent || parent == at)
			break;
		char name[96], adj[16] = "?";
		if (task_knows(parent, TASK_ADJ))
			snprintf(adj, sizeof adj, "%d", (int)parent->oom_score_adj);
		bool same = task_knows(parent, TASK_ADJ) && task_knows(task, TASK_ADJ) && task->oom_score_adj != 0 &&
			    parent->oom_score_adj == task->oom_score_adj;
		lines_printf(lines, depth == 0 ? "parents" : "", ROLE_VALUE, "%s adj %s%s",
		     ui_task_name(env->snap, parent, name, sizeof name), adj,
		     same ? "  <- the same: adj is inherited at fork" : "");
		at = parent;
	}
}

static void draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct snapshot *snap = env->snap;
	const struct task *task = ui_find(env, ui->details_of);
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	draw_wrapped(pane, pane.rows - 1, 0, ROLE_DIM, "Up Down scroll  a edits adj  any other key goes back");
	if (!task) {
		pane_printf(pane, 0, 0, ROLE_TITLE, "pid %d", (int)ui->details_of.pid);
		pane_str(pane, 2, 0, ROLE_WARN, "This process has ended.");
		return;
	}
	char name[96], a[UNITS_BUFFER], b[UNITS_BUFFER], c[UNITS_BUFFER], d[UNITS_BUFFER];
	pane_str(pane, 0, 0, ROLE_TITLE, ui_task_name(snap, task, name, sizeof name));
	struct lines lines = { pane_part(pane, 1, 0, pane.rows - 2, pane.columns), 14, ROLE_LABEL, 0, ui->scroll };
	score_lines(&lines, ui, env, task);

	struct column_context ctx = ui_context(ui, env);
	ctx.cmdlines = true;
	struct text command = column_foreign(COL_COMMAND, &ctx, (uint32_t)(task - snap->tasks));
	lines_printf(&lines, "command", ROLE_VALUE, "%.*s", (int)(command.len < 300 ? command.len : 300), command.ptr);
	char uid[16] = "?";
	if (task_knows(task, TASK_STATUS))
		snprintf(uid, sizeof uid, "%u", task->uid);
	const char *user = task_knows(task, TASK_STATUS) ? labels_user(env->labels, task->uid) : NULL;
	lines_printf(&lines, "who", ROLE_VALUE, "uid %s%s%s%s, state %c, %u thread%s%s", uid, user ? " (" : "", user ? user : "",
	     user ? ")" : "", task->state, task->threads, task->threads == 1 ? "" : "s", task->through_thread ? "; its leader has exited, threads live on" : "");
	if (task_knows(task, TASK_MM))
		lines_printf(&lines, "memory", ROLE_VALUE, "rss %s  virt %s  swap %s  page tables %s",
		     pages_text(snap, task->rss_pages, a), units_human(task->virt_bytes, b),
		     pages_text(snap, task->swap_pages, c), units_human(task->pgtables_bytes, d));
	if (task_knows(task, TASK_SPLIT))
		lines_printf(&lines, "  of rss", ROLE_VALUE, "anon %s  file %s  shmem %s", pages_text(snap, task->rss_anon_pages, a),
		     pages_text(snap, task->rss_file_pages, b), pages_text(snap, task->rss_shmem_pages, c));
	if (task_knows(task, TASK_MM) && task->rss_pages != task->rss_quick_pages)
		lines_printf(&lines, "", ROLE_DIM, "the kernel's quick rss count says %s: per-CPU counters not folded yet",
		     pages_text(snap, task->rss_quick_pages, a));
	if (task_knows(task, TASK_ADJ))
		lines_printf(&lines, "adj", ROLE_VALUE, "oom_score_adj %d (legacy oom_adj %d)%s", (int)task->oom_score_adj,
		     oom_adj_from_score_adj(task->oom_score_adj),
		     task_knows(task, TASK_MMID) && task->mm_id ? "; shares its memory: they die together" : "");
	if (task_knows(task, TASK_STATUS))
		lines_printf(&lines, "capabilities", ROLE_VALUE, "CAP_SYS_RESOURCE %s (may lower adj), CAP_SYS_ADMIN %s",
		     task->cap_eff >> CAP_SYS_RESOURCE_BIT & 1 ? "yes" : "no", task->cap_eff >> CAP_SYS_ADMIN_BIT & 1 ? "yes" : "no");
	if (task_knows(task, TASK_CGROUP)) {
		struct text cgroup = snapshot_text(snap, task->cgroup);
		lines_printf(&lines, "cgroup", ROLE_VALUE, "%.*s", (int)(cgroup.len < 300 ? cgroup.len : 300), cgroup.ptr);
	}
	details_lines(&lines, env, task);
	parent_lines(&lines, env, task);
	lines_clip(&lines, &ui->scroll);
}

static struct ui_command key(struct ui *ui, const struct ui_env *env, struct key typed)
{
	if (scroll_key(ui, typed))
		return command_none();
	struct process_id shown = ui->details_of;
	ui->screen = &screen_main;
	ui->details_of = (struct process_id){ 0, 0 }; /* nobody needs its figures any more */
	enum action action = keymap_action(&ui->keymap, typed);
	/* Edits go to the main screen: its list shows what they would do. */
	if (action != ACT_ADJ && action != ACT_ADJ_DOWN && action != ACT_ADJ_UP && action != ACT_KILL)
		return command_none();
	const struct task *task = ui_cursor_task(ui, env);
	if (!task || task->pid != shown.pid || task->start_ticks != shown.start_ticks) {
		/* The cursor has gone on to another process; nobody asked to edit that. */
		ui_message(ui, ROLE_ERROR, "pid %d has ended or is not in the list; choose again.", (int)shown.pid);
		return command_none();
	}
	return screen_main.key(ui, env, typed);
}

const struct screen screen_details = { .name = "details", .draw = draw, .key = key };
