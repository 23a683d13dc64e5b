/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The block above the table: title, memory, swap and pressure, vmstat, policy,
 * verdict. Each line is a flow of items, the most important first; what does
 * not fit the width is left out whole, never cut in a figure.
 */
#include <stdarg.h>
#include <stdio.h>

#include "oomsight/model/cascade.h"
#include "flow.h"
#include "screen.h"

/* A fact as a size, or "?". */
static void fact_item(struct flow *flow, const struct ui_env *env, enum sys_fact fact, const char *label)
{
	char buf[UNITS_BUFFER];
	if (system_knows(&env->snap->system, fact))
		flow_item(flow, label, ROLE_VALUE, "%s", units_human(env->snap->system.value[fact], buf));
	else
		flow_item(flow, label, ROLE_VALUE_DENIED, "?");
}

static bool is_compact(int rows)
{
	return rows < 16;
}

int header_rows(int rows, int columns)
{
	if (is_compact(rows))
		return 4;
	return rows >= 30 && columns >= 80 ? 10 : 7;
}

/* --- title ----------------------------------------------------------------- */

static void draw_title(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct snapshot *snap = env->snap;
	const struct check *check = &env->model->check;
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	struct flow flow = { pane, 0, 0, false };
	unsigned minutes = (unsigned)(snap->boottime_ns / 60000000000ULL);
	flow_item(&flow, "", ROLE_TITLE, "oomsight");
	flow_item(&flow, "", ROLE_TITLE, "%.*s", pane.columns < 60 ? 12 : pane.columns < 100 ? 16 : 64, snap->host);
	if (ui_scope(ui)) {
		char scope[200];
		ui_scope_text(ui, env, pane.columns < 60 ? 22 : pane.columns / 2 - 8, pane.frame->ascii, scope, sizeof scope);
		flow_item(&flow, "", ROLE_WARN, "%.190s", scope);
	}
	/* What must not be overlooked comes before what is good to know. */
	if (check->ndifferences > 0 && pane.columns < 60)
		flow_item(&flow, "", ROLE_BAD, "MODEL DIFFERS");
	else if (check->ndifferences > 0)
		flow_item(&flow, "", ROLE_BAD, "pid %d: ours %lld, kernel's %lld", (int)check->differences[0].pid,
			  (long long)check->differences[0].ours, (long long)check->differences[0].kernels);
	if (env->readonly)
		flow_item(&flow, "", ROLE_WARN, "READ-ONLY");
	if (ui->paused)
		flow_item(&flow, "", ROLE_WARN, "PAUSED");
	else
		flow_item(&flow, "", ROLE_TITLE, "every %.6gs", env->delay_s);
	/* The release without its packaging on a narrow screen: 6.1.0 of 6.1.0-56-amd64. */
	int release = (int)(pane.columns < 100 ? strcspn(snap->release, "-+") : strlen(snap->release));
	if (pane.columns >= 60)
		flow_item(&flow, "", ROLE_TITLE, "%.*s", release, snap->release);
	if (pane.columns >= 80)
		flow_item(&flow, "", ROLE_TITLE, "up %ud%02u:%02u", minutes / 1440, minutes / 60 % 24, minutes % 60);
	flow_item(&flow, "", ROLE_TITLE, pane.columns < 90 ? "%s" : "source %s", snap->source == SOURCE_BPF ? "bpf" : "proc");
	if (check->compared > 0)
		flow_item(&flow, "", check->agreed == check->compared ? ROLE_TITLE : ROLE_BAD, "model agrees %u/%u",
			  check->agreed, check->compared);
	if (check->by_kernels_word > 0)
		flow_item(&flow, "", ROLE_WARN, "%u by kernel's word", check->by_kernels_word);
	char keys[64];
	keymap_keys(&ui->keymap, ACT_HELP, keys, sizeof keys);
	char *last = strrchr(keys, ' ');
	char hint[80];
	snprintf(hint, sizeof hint, "%s help", last ? last + 1 : keys);
	if (flow.column + (int)strlen(hint) + 2 <= pane.columns)
		pane_right(pane, 0, pane.columns, ROLE_TITLE, hint);
}

/* --- bars ------------------------------------------------------------------ */

struct segment {
	uint64_t amount;
	char sign; /* meaning is never by colour alone */
	enum role role;
};

static void draw_bar(struct pane pane, int row, int column, int width, const struct segment *segments, int n,
		     uint64_t total)
{
	int at = 0;
	uint64_t sum = 0;
	for (int i = 0; i < n && total > 0; i++) {
		uint64_t amount = segments[i].amount < total - sum ? segments[i].amount : total - sum;
		sum += amount;
		int end = (int)((double)sum / (double)total * width + 0.5);
		pane_fill(pane, row, column + at, end - at, (uint32_t)(unsigned char)segments[i].sign, segments[i].role);
		at = end;
	}
	pane_fill(pane, row, column + at, width - at, '.', ROLE_BAR_FREE);
}

static int bar_width(int columns)
{
	int width = columns / 3 - 10;
	return width < 4 ? 4 : width > 40 ? 40 : width;
}

static void draw_memory(const struct ui_env *env, struct pane pane, int row)
{
	const struct system_facts *sys = &env->snap->system;
	uint64_t total = system_get(sys, SYS_MEM_TOTAL, 0);
	uint64_t shmem = system_get(sys, SYS_SHMEM, 0);
	uint64_t cache = u64_sub_floor(system_get(sys, SYS_BUFFERS, 0) + system_get(sys, SYS_CACHED, 0) +
					       system_get(sys, SYS_SRECLAIMABLE, 0),
				       shmem);
	uint64_t rest = system_get(sys, SYS_MEM_FREE, 0) + shmem + cache;
	uint64_t available = system_get(sys, SYS_MEM_AVAILABLE, system_get(sys, SYS_MEM_FREE, 0) + cache);
	char buf[UNITS_BUFFER];
	int width = bar_width(pane.columns);
	const struct segment segments[] = {
		{ u64_sub_floor(total, rest), '|', ROLE_BAR_USED },
		{ shmem, '#', ROLE_BAR_SHARED },
		{ cache, '=', ROLE_BAR_CACHE },
	};
	int column = pane_str(pane, row, 0, ROLE_LABEL, "Mem");
	draw_bar(pane, row, column + 2, width, segments, 3, total);
	struct flow flow = { pane, row, column + 2 + width, false };
	fact_item(&flow, env, SYS_MEM_TOTAL, "");
	bool known = system_knows(sys, SYS_MEM_TOTAL) &&
		     (system_knows(sys, SYS_MEM_AVAILABLE) || system_knows(sys, SYS_MEM_FREE));
	if (!known) {
		flow_item(&flow, "used", ROLE_VALUE_DENIED, "?");
		flow_item(&flow, "avail", ROLE_VALUE_DENIED, "?");
		return;
	}
	flow_item(&flow, "used", ROLE_VALUE, "%s", units_human(u64_sub_floor(total, available), buf));
	enum role avail_role = available * 20 < total ? ROLE_BAD : available * 10 < total ? ROLE_WARN : ROLE_VALUE;
	if (pane.columns < 70) {
		flow_item(&flow, "avail", avail_role, "%s", units_human(available, buf));
		return;
	}
	fact_item(&flow, env, SYS_SHMEM, "shmem");
	flow_item(&flow, "cache", ROLE_VALUE, "%s", units_human(cache, buf));
	flow_item(&flow, "avail", avail_role, "%s", units_human(available, buf));
	fact_item(&flow, env, SYS_MEM_FREE, "free");
	fact_item(&flow, env, SYS_SUNRECLAIM, "slab-unrecl");
	fact_item(&flow, env, SYS_UNEVICTABLE, "unevict");
	fact_item(&flow, env, SYS_DIRTY, "dirty");
}

/* "0.3%", "9.9%", " 12%": always as wide, that what follows stays where it is. */
static char *psi_text(uint32_t centi, char dst[16])
{
	if (centi < 1000)
		snprintf(dst, 16, "%u.%u%%", centi / 100, centi / 10 % 10);
	else
		snprintf(dst, 16, "%3u%%", centi / 100);
	return dst;
}

static void psi_item(struct flow *flow, const struct psi *psi, const char *label)
{
	if (psi->some.state != FACT_KNOWN) {
		flow_item(flow, label, ROLE_VALUE_DENIED, "off");
		return;
	}
	char text[16];
	uint32_t some = psi->some.avg10_centi;
	enum role role = some >= 2000 ? ROLE_BAD : some >= 500 ? ROLE_WARN : ROLE_VALUE;
	flow_item(flow, label, role, "some %s", psi_text(some, text));
	if (psi->full.state == FACT_KNOWN) {
		uint32_t full = psi->full.avg10_centi;
		role = full >= 1000 ? ROLE_BAD : full >= 100 ? ROLE_WARN : ROLE_VALUE;
		flow_item(flow, "full", role, "%s", psi_text(full, text));
	}
}

static void draw_swap(const struct ui_env *env, struct pane pane, int row)
{
	const struct system_facts *sys = &env->snap->system;
	uint64_t total = system_get(sys, SYS_SWAP_TOTAL, 0);
	uint64_t used = u64_sub_floor(total, system_get(sys, SYS_SWAP_FREE, 0));
	char buf[UNITS_BUFFER];
	int width = bar_width(pane.columns);
	const struct segment segment = { used, '|', ROLE_BAR_USED };
	int column = pane_str(pane, row, 0, ROLE_LABEL, "Swap");
	draw_bar(pane, row, column + 1, width, &segment, 1, total);
	struct flow flow = { pane, row, column + 1 + width, false };
	if (total == 0 && system_knows(sys, SYS_SWAP_TOTAL)) {
		flow_item(&flow, "", ROLE_VALUE, "none");
	} else {
		fact_item(&flow, env, SYS_SWAP_TOTAL, "");
		if (!system_knows(sys, SYS_SWAP_TOTAL) || !system_knows(sys, SYS_SWAP_FREE))
			flow_item(&flow, "used", ROLE_VALUE_DENIED, "?");
		else
			flow_item(&flow, "used", used * 10 > total * 9 ? ROLE_WARN : ROLE_VALUE, "%s", units_human(used, buf));
	}
	psi_item(&flow, &sys->psi[PSI_MEMORY], "PSI mem");
	psi_item(&flow, &sys->psi[PSI_IO], "io");
	psi_item(&flow, &sys->psi[PSI_CPU], "cpu");
}

/* --- vmstat ----------------------------------------------------------------- */

/* Right in its width, that its neighbours need not be drawn again when it changes. */
static void figure_item(struct flow *flow, const char *label, enum role role, int width, const char *figure)
{
	flow_item(flow, label, role, "%*s", width, figure);
}

#define RATE_WIDTH 4 /* what units_rate() needs at most */

static void rate_item(struct flow *flow, const struct ui_env *env, enum sys_fact fact, double factor,
		      const char *label, int width, bool warn)
{
	const struct rates *rates = &env->model->rates;
	char buf[UNITS_BUFFER];
	if (!rates->known || !rates->per_s_known[fact]) {
		figure_item(flow, label, ROLE_VALUE_DENIED, width, "?");
		return;
	}
	uint64_t value = rounded(rates->per_s[fact] * factor);
	figure_item(flow, label, warn && value > 0 ? ROLE_WARN : ROLE_VALUE, width, units_rate(value, buf));
}

static void count_item(struct flow *flow, const struct ui_env *env, enum sys_fact fact, const char *label, int width,
		       bool warn)
{
	uint64_t value = env->snap->system.value[fact];
	char buf[UNITS_BUFFER];
	snprintf(buf, sizeof buf, "%llu", (unsigned long long)value);
	if (system_knows(&env->snap->system, fact))
		figure_item(flow, label, warn && value > 0 ? ROLE_WARN : ROLE_VALUE, width, buf);
	else
		figure_item(flow, label, ROLE_VALUE_DENIED, width, "?");
}

static void share_item(struct flow *flow, const char *label, double share, int width, bool warn)
{
	char buf[UNITS_BUFFER];
	snprintf(buf, sizeof buf, "%.0f", share * 100);
	figure_item(flow, label, warn ? ROLE_WARN : ROLE_VALUE, width, buf);
}

/* Without gaps between what belongs together where they would leave no room for the
 * OOM kills, or on larger screens the stalls. */
static void draw_vmstat(const struct ui_env *env, struct pane pane, int row)
{
	const struct rates *rates = &env->model->rates;
	const double page_kib = (double)env->snap->page_bytes / 1024.0;
	const bool wide = pane.columns >= 100;
	const int gap = pane.columns >= 130 ? 0 : 1; /* of each label */
	/* Nothing comes and goes where there is no swap. */
	const bool no_swap = system_knows(&env->snap->system, SYS_SWAP_TOTAL) &&
			     system_get(&env->snap->system, SYS_SWAP_TOTAL, 0) == 0;
	struct flow flow = { pane, row, 0, false };
	count_item(&flow, env, SYS_PROCS_RUNNING, "r", 2, false);
	count_item(&flow, env, SYS_PROCS_BLOCKED, "b", wide ? 2 : 1, false);
	rate_item(&flow, env, SYS_PSWPIN, page_kib, &" si"[gap], no_swap ? 1 : RATE_WIDTH, true);
	rate_item(&flow, env, SYS_PSWPOUT, page_kib, "so", no_swap ? 1 : RATE_WIDTH, true);
	rate_item(&flow, env, SYS_PGPGIN, 1.0, &" bi"[gap], RATE_WIDTH, false);
	rate_item(&flow, env, SYS_PGPGOUT, 1.0, "bo", RATE_WIDTH, false);
	if (wide) {
		rate_item(&flow, env, SYS_INTERRUPTS, 1.0, " in", RATE_WIDTH, false);
		rate_item(&flow, env, SYS_CONTEXT_SWITCHES, 1.0, "cs", RATE_WIDTH, false);
	}
	if (rates->cpu_known) {
		share_item(&flow, &" us"[gap], rates->cpu_user, 2, false);
		share_item(&flow, "sy", rates->cpu_system, 2, false);
		share_item(&flow, "id", rates->cpu_idle, 3, false);
		share_item(&flow, "wa", rates->cpu_iowait, 2, rates->cpu_iowait > 0.2);
	}
	count_item(&flow, env, SYS_OOM_KILL, &" oom_kill"[gap], 1, true);
	rate_item(&flow, env, SYS_PGMAJFAULT, 1.0, &" majflt"[gap], wide ? RATE_WIDTH : 1, false);
	rate_item(&flow, env, SYS_ALLOCSTALL, 1.0, "allocstall", 1, true);
	rate_item(&flow, env, SYS_PGSCAN_DIRECT, 1.0, "scan-direct", 1, true);
	rate_item(&flow, env, SYS_REFAULT, 1.0, "refault", RATE_WIDTH, false);
}

/* --- policy ----------------------------------------------------------------- */

static void draw_policy(const struct ui *ui, const struct ui_env *env, struct pane pane, int row)
{
	const struct whatif *whatif = ui->previewing ? &ui->whatif : NULL;
	int64_t panic = whatif_sysctl(env->snap, whatif, SYSCTL_PANIC_ON_OOM, -1);
	int64_t allocating = whatif_sysctl(env->snap, whatif, SYSCTL_OOM_KILL_ALLOCATING_TASK, -1);
	int64_t overcommit = whatif_sysctl(env->snap, whatif, SYSCTL_OVERCOMMIT_MEMORY, -1);
	const struct system_facts *sys = &env->snap->system;
	char a[UNITS_BUFFER], b[UNITS_BUFFER];
	struct flow flow = { pane, row, 0, false };
	if (panic < 0)
		flow_item(&flow, "policy:", ROLE_VALUE_DENIED, "not known (panic_on_oom ?)");
	else
		flow_item(&flow, "policy:", panic > 0 ? ROLE_BAD : allocating != 0 ? ROLE_WARN : ROLE_VALUE,
			  "%s (panic_on_oom %lld)",
			  panic > 0	  ? "panic" :
			  allocating == 0 ? "kill the worst" :
			  allocating < 0  ? "kill" :
					    "kill whoever allocates",
			  (long long)panic);
	static const char *const modes[] = { "heuristic", "always", "never beyond the limit" };
	if (overcommit >= 0 && overcommit <= 2)
		flow_item(&flow, " overcommit", overcommit == 2 ? ROLE_WARN : ROLE_VALUE, "%lld%s%s", (long long)overcommit,
		     pane.columns < 100 ? "" : " ", pane.columns < 100 ? "" : modes[overcommit]);
	if (system_knows(sys, SYS_COMMITTED_AS) && system_knows(sys, SYS_COMMIT_LIMIT)) {
		uint64_t committed = sys->value[SYS_COMMITTED_AS], limit = sys->value[SYS_COMMIT_LIMIT];
		flow_item(&flow, " commit", overcommit == 2 && committed * 10 > limit * 9 ? ROLE_BAD : ROLE_VALUE, "%s of %s",
		     units_human(committed, a), units_human(limit, b));
	}
}

/* --- verdict ---------------------------------------------------------------- */

/* Room for the second line of the verdict, filled piece by piece. */
struct pieces {
	char line[320];
	size_t len;
	int width; /* of the screen */
};

/* Add a piece unless it does not fit the width. Returns whether it did. */
__attribute__((format(printf, 2, 3))) static bool add_piece(struct pieces *pieces, const char *format, ...)
{
	size_t room = sizeof pieces->line - pieces->len;
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(pieces->line + pieces->len, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room || frame_text_width(text_of_str(pieces->line)) > pieces->width) {
		pieces->line[pieces->len] = '\0';
		return false;
	}
	pieces->len += (size_t)n;
	return true;
}

/* "memory is gone in 14 min at -3.20M/s, java (1804) grows": as much of it as fits.
 * in_group: of a memory cgroup's limit. Returns the width; 0 when it is not getting nearer. */
static int draw_forecast(const struct ui_env *env, const struct verdict_when *when, bool in_group, struct pane pane, int row)
{
	char text[96], name[80];
	struct pieces pieces = { .width = pane.columns - 5 };
	if (!when->nearing)
		return 0;
	if (!add_piece(&pieces, "%s", forecast_words(in_group ? "the limit is met" : "memory is gone", when->eta_s,
						      when->eta_earliest_s, when->bytes_per_s, text, sizeof text)))
		add_piece(&pieces, "%s in %s", in_group ? "met" : "gone", units_span(when->eta_s, text));
	if (when->has_grower) {
		ui_task_name(env->snap, &env->snap->tasks[when->grower], name, sizeof name);
		add_piece(&pieces, ", %s grows", name);
	}
	pane_str(pane, row, 5, when->eta_s < 120.0 ? ROLE_BAD : ROLE_WARN, pieces.line);
	return frame_text_width(text_of_str(pieces.line));
}

bool cascade_draw(const struct snapshot *snap, const struct verdict *verdict, struct pane pane, int row, int column)
{
	char line[320];
	if (column >= pane.columns)
		return false;
	cascade_text(verdict, snap, (size_t)(pane.columns - column), line, sizeof line);
	pane_str(pane, row, column, ROLE_VERDICT, line);
	return line[0] != '\0';
}

/* "frees 2.00G with 1 more that shares it; close: ...; then ..." is_last: who would
 * die after it has no line of its own. */
static void draw_consequence(const struct ui_env *env, const struct verdict *verdict, bool in_group, struct pane pane,
			     int row, bool is_last)
{
	const struct snapshot *snap = env->snap;
	const struct kill *kill = &verdict->kills[0];
	char name[80], margin[UNITS_BUFFER], error[UNITS_BUFFER];
	pane_fill(pane, row, 0, pane.columns, ' ', ROLE_VERDICT);
	int taken = draw_forecast(env, &verdict->when, in_group, pane, row);
	/* Where one kill is not enough, how many are matters most. */
	if (is_last && verdict->shortfall_known && verdict->covering != 1 &&
	    cascade_draw(snap, verdict, pane, row, taken > 0 ? taken + 7 : 5)) {
		if (taken > 0)
			pane_str(pane, row, taken + 5, ROLE_VERDICT, ";");
		return;
	}
	struct pieces pieces = { .width = pane.columns - 5 - taken };
	if (!add_piece(&pieces, "%sfrees %s%s", taken > 0 ? "; " : "", kill->frees_at_most ? "at most " : "",
		       units_human(kill->frees_bytes, margin)))
		return;
	if (kill->nvictims > 1)
		add_piece(&pieces, " with %u more", kill->nvictims - 1);
	uint32_t alternative = UINT32_MAX; /* named as the other who may die first */
	if (kill->has_runner_up) {
		uint64_t margin_bytes = snapshot_bytes(snap, kill->margin_pages);
		units_human(margin_bytes, margin);
		units_human(snapshot_bytes(snap, kill->error_pages), error);
		ui_task_name(snap, &snap->tasks[kill->runner_up], name, sizeof name);
		/* Who is in swapoff has points that are no size. */
		bool sized = verdict->victims[kill->first_victim].points < INT64_MAX;
		if (sized && kill->margin_pages > kill->error_pages)
			add_piece(&pieces, ", %s ahead", margin);
		else if (sized &&
			 (add_piece(&pieces, "; close: %s is %s behind, counters may err by %s", name, margin, error) ||
			  add_piece(&pieces, "; or %s", name)))
			alternative = kill->runner_up;
	}
	uint64_t freed = kill->frees_bytes;
	uint32_t kills = 1;
	const char *before = "; then ";
	for (uint32_t i = 1; is_last && i < verdict->nkills && i < 3; i++) {
		uint32_t victim = verdict->victims[verdict->kills[i].first_victim].task;
		ui_task_name(snap, &snap->tasks[victim], name, sizeof name);
		if (victim != alternative && !add_piece(&pieces, "%s%s", before, name))
			break;
		before = victim != alternative ? ", " : before;
		uint64_t more = verdict->kills[i].frees_bytes;
		freed = more > UINT64_MAX - freed ? UINT64_MAX : freed + more;
		kills++;
	}
	if (kills > 1)
		add_piece(&pieces, "; the %u kills free %s", kills, units_human(freed, margin));
	pane_str(pane, row, 5 + taken, ROLE_VERDICT, pieces.line);
}

/* "6.32G = 942M of its own, adj 300 adds 5.40G", or the points alone. */
static void draw_short_parts(struct flow *flow, const struct snapshot *snap, const struct ranking *ranking,
			     uint32_t index)
{
	const struct candidate *candidate = &ranking->candidates[index];
	const struct badness_parts parts = ranking_parts(ranking, snap, index);
	uint64_t own = snapshot_bytes(snap, parts.rss_pages + parts.swap_pages + parts.pgtables_pages);
	int64_t adj = adj_pages(candidate->adj, ranking->totalpages);
	char a[UNITS_BUFFER], b[UNITS_BUFFER], c[UNITS_BUFFER], line[96];
	units_points(candidate->points, snap->page_bytes, a);
	snprintf(line, sizeof line, "%s = %s of its own, adj %d %s %s", a, units_human(own, b),
		 candidate->adj, adj < 0 ? "takes off" : "adds", units_points(adj < 0 ? -adj : adj, snap->page_bytes, c));
	bool fits = flow->column + 1 + (int)strlen(line) <= flow->pane.columns;
	flow_item(flow, "", ROLE_VERDICT, "%s", fits && !parts.root ? line : a);
}

static void draw_kill(const struct ui *ui, const struct ui_env *env, struct pane pane, int row, int rows)
{
	const struct snapshot *snap = env->snap;
	const struct verdict *verdict = ui_verdict(ui, env);
	const struct ranking *ranking = ui_ranking(ui, env);
	const struct kill *kill = &verdict->kills[0];
	const struct task *task = &snap->tasks[verdict->victims[kill->first_victim].task];
	const struct candidate *candidate = &ranking->candidates[kill->selected];
	char behind[32], parts[160];
	bool close = kill->has_runner_up && kill->margin_pages <= kill->error_pages;

	pane_fill(pane, row, 0, pane.columns, ' ', ROLE_VERDICT);
	struct flow flow = { pane, row, 0, false };
	snprintf(behind, sizeof behind, " (%d)", (int)task->pid);
	flow_name(&flow, ROLE_VERDICT, "NEXT ", snapshot_text(snap, task->comm), behind);
	flow_item(&flow, "", kill->certain ? ROLE_GOOD : ROLE_WARN, kill->certain ? "sure:" : close ? "close:" : "unsure:");
	verdict_parts_text(snap, &env->model->rules, ranking, kill->selected, parts, sizeof parts);
	if (flow.column + (int)strlen(parts) + 1 <= pane.columns)
		flow_item(&flow, "", ROLE_VERDICT, "%s", parts);
	else if (env->model->rules.era >= ERA_3_5)
		draw_short_parts(&flow, snap, ranking, kill->selected);
	if (ranking->totalpages > 0 && env->model->rules.era >= ERA_3_5)
		flow_item(&flow, "", ROLE_VERDICT, "(%.1f%% of %s)",
			  100.0 * (double)candidate->points / (double)ranking->totalpages,
			  ranking->scope.kind == SCOPE_GLOBAL ? "RAM + swap" :
			  ranking->scope.kind == SCOPE_MEMCG  ? "its limit" :
								"these nodes + swap");
	if (rows > 1)
		draw_consequence(env, verdict, ranking->scope.kind == SCOPE_MEMCG, pane, row + 1, rows == 2);
	if (rows > 2) {
		pane_fill(pane, row + 2, 0, pane.columns, ' ', ROLE_VERDICT);
		cascade_draw(snap, verdict, pane, row + 2, 5);
	}
}

static void draw_verdict(const struct ui *ui, const struct ui_env *env, struct pane pane, int row, int rows)
{
	const struct verdict *verdict = ui_verdict(ui, env);
	if (verdict->action == ACTION_KILL && verdict->nkills > 0) {
		draw_kill(ui, env, pane, row, rows);
		return;
	}
	static const char *const words[ACTION__COUNT] = {
		[ACTION_KILL] = "nobody",
		[ACTION_KILL_ALLOCATING_TASK] = "whoever allocates",
		[ACTION_PANIC] = "PANIC",
		[ACTION_WAIT] = "wait",
		[ACTION_ENOMEM] = "ENOMEM",
		[ACTION_NONE] = "?",
	};
	char line[sizeof verdict->because + 128], when[96];
	forecast_text(&env->model->forecast, when, sizeof when);
	snprintf(line, sizeof line, "NEXT %s: %s%s%s", words[verdict->action], when, when[0] ? "; " : "", verdict->because);
	for (int i = 0; i < rows; i++)
		pane_fill(pane, row + i, 0, pane.columns, ' ', ROLE_VERDICT);
	draw_wrapped(pane_part(pane, row, 0, rows, pane.columns), 0, 0,
		     verdict->action == ACTION_PANIC ? ROLE_BAD : ROLE_VERDICT, line);
}

/* --- large screens: reclaim and zones ------------------------------------------ */

static void draw_more(const struct ui_env *env, struct pane pane, int row)
{
	const struct system_facts *sys = &env->snap->system;
	const struct zone *tightest = NULL;
	double tightest_ratio = 0;
	for (uint32_t i = 0; i < sys->nzones; i++) {
		const struct zone *zone = &sys->zones[i];
		/* DMA zones serve nobody who could be killed for them. */
		if (zone->min_pages == 0 || strncmp(zone->name, "DMA", 3) == 0)
			continue;
		double ratio = (double)zone->free_pages / (double)zone->min_pages;
		if (!tightest || ratio < tightest_ratio) {
			tightest = zone;
			tightest_ratio = ratio;
		}
	}
	struct flow flow = { pane, row, 0, false };
	char buf[UNITS_BUFFER];
	if (tightest) {
		flow_item(&flow, "zone", tightest_ratio < 1.5 ? ROLE_BAD : tightest_ratio < 3 ? ROLE_WARN : ROLE_VALUE,
		     "%u %s free %s", tightest->node, tightest->name,
		     units_human(snapshot_bytes(env->snap, tightest->free_pages), buf));
		flow_item(&flow, "min", ROLE_VALUE, "%s", units_human(snapshot_bytes(env->snap, tightest->min_pages), buf));
		flow_item(&flow, "low", ROLE_VALUE, "%s", units_human(snapshot_bytes(env->snap, tightest->low_pages), buf));
		flow_item(&flow, "high", ROLE_VALUE, "%s", units_human(snapshot_bytes(env->snap, tightest->high_pages), buf));
	}
	rate_item(&flow, env, SYS_PGSCAN_KSWAPD, 1.0, " kswapd scan", RATE_WIDTH, false);
	rate_item(&flow, env, SYS_PGSTEAL_KSWAPD, 1.0, "steal", RATE_WIDTH, false);
	rate_item(&flow, env, SYS_PGSTEAL_DIRECT, 1.0, " direct steal", RATE_WIDTH, false);

	flow = (struct flow){ pane, row + 1, 0, false };
	fact_item(&flow, env, SYS_ACTIVE, "active");
	fact_item(&flow, env, SYS_INACTIVE, "inactive");
	fact_item(&flow, env, SYS_PAGE_TABLES, "page-tables");
	fact_item(&flow, env, SYS_KERNEL_STACK, "kernel-stacks");
	if (system_get(sys, SYS_HUGETLB, 0) > 0)
		fact_item(&flow, env, SYS_HUGETLB, "hugetlb");
	if (system_get(sys, SYS_ZRAM_USED, 0) > 0)
		fact_item(&flow, env, SYS_ZRAM_USED, "zram");
	if (system_get(sys, SYS_ZSWAP, 0) > 0)
		fact_item(&flow, env, SYS_ZSWAP, "zswap");
	fact_item(&flow, env, SYS_PERCPU, "percpu");
	fact_item(&flow, env, SYS_MLOCKED, "mlocked");
}

void header_draw(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	draw_title(ui, env, pane);
	draw_memory(env, pane, 1);
	if (pane.rows == 4) {
		draw_verdict(ui, env, pane, 2, 2);
		return;
	}
	draw_swap(env, pane, 2);
	draw_vmstat(env, pane, 3);
	draw_policy(ui, env, pane, 4);
	int row = 5;
	bool is_large = pane.rows == 10;
	if (is_large) {
		draw_more(env, pane, row);
		row += 2;
	}
	draw_verdict(ui, env, pane, row, is_large ? 3 : 2);
}
