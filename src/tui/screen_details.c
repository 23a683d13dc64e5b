/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One process: why it would or would not die, term by term, and what would
 * change that.
 */
#include <stdio.h>

#include "compare.h"

#define CAP_SYS_ADMIN_BIT 21
#define CAP_SYS_RESOURCE_BIT 24

static char *pages_text(const struct snapshot *snap, uint64_t pages, char dst[UNITS_BUFFER])
{
	return units_human(snapshot_bytes(snap, pages), dst);
}

/* Which adj would give it which place. */
static void adj_lines(struct lines *lines, const struct ui_env *env, const struct ranking *ranking, uint32_t index)
{
	const struct rules *rules = &env->model->rules;
	uint32_t rank = ranking->candidates[index].rank;
	int adj;
	/* The largest with which somebody else is first; one more offers it. */
	bool has_spare = ranking_adj_for_rank(ranking, env->snap, rules, index, 2, &adj);
	if (has_spare && rank == 1)
		lines_printf(lines, "to spare it", ROLE_CHANGED, "oom_score_adj %d or less leaves the top", adj);
	else if (has_spare && adj < OOM_SCORE_ADJ_MAX)
		lines_printf(lines, "to offer it", ROLE_CHANGED, "oom_score_adj %d or more puts it first", adj + 1);
	static const uint32_t ranks[] = { 3, 5, 10, 20 };
	char text[160] = "";
	size_t len = 0;
	for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
		if (ranks[i] > ranking->norder || !ranking_adj_for_rank(ranking, env->snap, rules, index, ranks[i], &adj))
			continue;
		len += (size_t)snprintf(text + len, sizeof text - len, "%srank %u at %d", len ? ", " : "", ranks[i], adj);
	}
	if (len > 0)
		lines_printf(lines, "adj for rank", ROLE_VALUE, "%s, or less", text);
}

/* Who else dies with it. */
static void sharer_lines(struct lines *lines, const struct ui_env *env, const struct task *task)
{
	const struct snapshot *snap = env->snap;
	if (!task_knows(task, TASK_MMID) || task->mm_id == 0)
		return;
	unsigned shown = 0;
	for (uint32_t i = 0; i < snap->ntasks && shown < 8; i++) {
		const struct task *other = &snap->tasks[i];
		char name[96];
		if (other == task || !task_knows(other, TASK_MMID) || other->mm_id != task->mm_id)
			continue;
		lines_printf(lines, shown++ == 0 ? "shares with" : "", ROLE_WARN, "%s: they die together",
			     ui_task_name(snap, other, name, sizeof name));
	}
}

static void term_lines(struct lines *lines, const struct ui_env *env, const struct ranking *ranking,
		       uint32_t index)
{
	const struct snapshot *snap = env->snap;
	const struct candidate *candidate = &ranking->candidates[index];
	const struct badness_parts parts = ranking_parts(ranking, snap, index);
	int64_t unit = badness_adj_unit_pages(ranking->totalpages);
	char a[UNITS_BUFFER], b[UNITS_BUFFER];
	lines_printf(lines, "  rss", ROLE_VALUE, "%12llu pages  %s (%s)", (unsigned long long)parts.rss_pages,
	     pages_text(snap, parts.rss_pages, a),
	     env->model->rules.rss == RSS_QUICK ? "the kernel's quick count, stat field 24" : "the precise sum, status");
	lines_printf(lines, "+ swap", ROLE_VALUE, "%12llu pages  %s", (unsigned long long)parts.swap_pages,
	     pages_text(snap, parts.swap_pages, a));
	lines_printf(lines, "+ pagetables", ROLE_VALUE, "%12llu pages  %s", (unsigned long long)parts.pgtables_pages,
	     pages_text(snap, parts.pgtables_pages, a));
	lines_printf(lines, "+ adj", ROLE_VALUE, "%12lld pages  %s = %d * %lld (totalpages / 1000)", (long long)adj_pages(candidate->adj, ranking->totalpages),
	     units_points(adj_pages(candidate->adj, ranking->totalpages), snap->page_bytes, b), candidate->adj, (long long)unit);
}

static void score_lines(struct lines *lines, const struct ui *ui, const struct ui_env *env, const struct task *task)
{
	const struct snapshot *snap = env->snap;
	const struct ranking *ranking = ui_ranking(ui, env);
	uint32_t index = (uint32_t)(task - snap->tasks);
	const struct candidate *c = &ranking->candidates[index];
	char a[UNITS_BUFFER];
	if (c->rank == 0 && c->eligibility == ELIGIBLE) {
		lines_printf(lines, "verdict", ROLE_WARN, "cannot be ranked: the size of RAM and swap could not be read");
		return;
	}
	if (c->rank == 0) {
		bool judged = c->eligibility != INELIGIBLE_UNKNOWN;
		lines_printf(lines, "verdict", judged ? ROLE_GOOD : ROLE_WARN, "is not %s because %s",
			     judged ? "killed" : "ranked", eligibility_because(c->eligibility));
		if (ui->comparing)
			compare_lines(lines, ui, env, index);
		return;
	}
	const struct verdict *verdict = ui_verdict(ui, env);
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
	if (ui->comparing)
		compare_lines(lines, ui, env, index);
	else
		term_lines(lines, env, ranking, index);
	if (task_knows(task, TASK_SCORE)) {
		/* The file knows no scope. */
		const struct candidate *global = &env->model->ranking.candidates[index];
		uint64_t total = ranking_totalpages(snap);
		lines_printf(lines, "oom_score", ROLE_VALUE, "%d; from the points: %lld; one unit is %s", (int)task->oom_score,
		     (long long)badness_oom_score(env->model->rules.era, global->points, total),
		     pages_text(snap, total * 3 / 2000, a));
	}
	adj_lines(lines, env, ranking, index);
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

/* The limits of its memory cgroup and of those above, the nearest first. */
static void memcg_lines(struct lines *lines, const struct ui_env *env, const struct task *task)
{
	const struct snapshot *snap = env->snap;
	char max[UNITS_BUFFER], usage[UNITS_BUFFER];
	unsigned limits = 0;
	bool all_known = true;
	if (task->memcg >= snap->nmemcgs) {
		lines_printf(lines, "memcg limit", ROLE_VALUE_DENIED, "not known");
		return;
	}
	for (uint32_t at = task->memcg; at < snap->nmemcgs; at = snap->memcgs[at].parent) {
		const struct memcg *memcg = &snap->memcgs[at];
		struct text path = snapshot_text(snap, memcg->path);
		all_known &= memcg_knows(memcg, MEMCG_MAX) || memcg->depth == 0;
		if (!memcg_has_limit(memcg))
			continue;
		strcpy(usage, "?");
		if (memcg_knows(memcg, MEMCG_USAGE))
			units_human(memcg->usage_bytes, usage);
		lines_printf(lines, limits++ == 0 ? "memcg limit" : "", ROLE_VALUE, "%s, used %s, by %.*s",
			     units_human(memcg->max_bytes, max), usage, (int)(path.len < 400 ? path.len : 400), path.ptr);
	}
	if (limits == 0)
		lines_printf(lines, "memcg limit", all_known ? ROLE_VALUE : ROLE_VALUE_DENIED,
			     all_known ? "none up the tree" : "none that can be read");
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
		lines_printf(&lines, "  of rss", ROLE_VALUE, "anon %s  file %s  shmem %s", pages_text(snap, task_anon_pages(task), a),
		     pages_text(snap, task->rss_file_pages, b), pages_text(snap, task->rss_shmem_pages, c));
	bool differs = strcmp(pages_text(snap, task->rss_pages, a), pages_text(snap, task->rss_quick_pages, b)) != 0;
	if (task_knows(task, TASK_MM) && differs)
		lines_printf(&lines, "", ROLE_DIM, "the kernel's quick rss count says %s: per-CPU counters not folded yet",
		     pages_text(snap, task->rss_quick_pages, a));
	if (task_knows(task, TASK_ADJ))
		lines_printf(&lines, "adj", ROLE_VALUE, "oom_score_adj %d (legacy oom_adj %d)%s", (int)task->oom_score_adj,
		     oom_adj_from_score_adj(task->oom_score_adj),
		     task_knows(task, TASK_MMID) && task->mm_id ? "; its memory is shared" : "");
	sharer_lines(&lines, env, task);
	if (task_knows(task, TASK_STATUS))
		lines_printf(&lines, "capabilities", ROLE_VALUE, "CAP_SYS_RESOURCE %s (may lower adj), CAP_SYS_ADMIN %s",
		     task->cap_eff >> CAP_SYS_RESOURCE_BIT & 1 ? "yes" : "no", task->cap_eff >> CAP_SYS_ADMIN_BIT & 1 ? "yes" : "no");
	if (task_knows(task, TASK_CGROUP)) {
		struct text cgroup = snapshot_text(snap, task->cgroup);
		lines_printf(&lines, "cgroup", ROLE_VALUE, "%.*s", (int)(cgroup.len < 300 ? cgroup.len : 300), cgroup.ptr);
	}
	memcg_lines(&lines, env, task);
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
