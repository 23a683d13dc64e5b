/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The block above the table: title, memory, swap and pressure, vmstat, policy,
 * verdict. Each line is a flow of items, the most important first; what does
 * not fit the width is left out whole, never cut in a figure.
 */
#include <stdarg.h>
#include <stdio.h>

#include "screen.h"

struct flow {
	struct pane pane;
	int row;
	int column;
	bool full; /* an item did not fit: nothing after it either */
};

/* " label value", when both fit. */
__attribute__((format(printf, 4, 5))) static void item(struct flow *flow, const char *label, enum role role,
							const char *format, ...)
{
	char value[96];
	va_list ap;
	va_start(ap, format);
	vsnprintf(value, sizeof value, format, ap);
	va_end(ap);
	int gap = flow->column > 0 ? 1 : 0;
	int label_width = label[0] ? frame_text_width(text_of_str(label)) + 1 : 0;
	int width = gap + label_width + frame_text_width(text_of_str(value));
	if (flow->full || flow->column + width > flow->pane.columns) {
		flow->full = true;
		return;
	}
	flow->column += gap;
	if (label[0])
		flow->column = pane_str(flow->pane, flow->row, flow->column, ROLE_LABEL, label) + 1;
	flow->column = pane_str(flow->pane, flow->row, flow->column, role, value);
}

/* A fact as a size, or "?". */
static void fact_item(struct flow *flow, const struct ui_env *env, enum sys_fact fact, const char *label)
{
	char buf[UNITS_BUFFER];
	if (system_knows(&env->snap->system, fact))
		item(flow, label, ROLE_VALUE, "%s", units_human(env->snap->system.value[fact], buf));
	else
		item(flow, label, ROLE_VALUE_DENIED, "?");
}

static bool is_compact(int rows)
{
	return rows < 16;
}

int header_rows(int rows, int columns)
{
	if (is_compact(rows))
		return 4;
	return rows >= 30 && columns >= 80 ? 9 : 7;
}

/* --- title ----------------------------------------------------------------- */

static void draw_title(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct snapshot *snap = env->snap;
	const struct check *check = &env->model->check;
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_TITLE);
	struct flow flow = { pane, 0, 0, false };
	unsigned minutes = (unsigned)(snap->boottime_ns / 60000000000ULL);
	item(&flow, "", ROLE_TITLE, "oomsight");
	item(&flow, "", ROLE_TITLE, "%.*s", pane.columns < 100 ? 16 : 64, snap->host);
	/* The release without its packaging on a narrow screen: 6.1.0 of 6.1.0-56-amd64. */
	int release = (int)(pane.columns < 100 ? strcspn(snap->release, "-+") : strlen(snap->release));
	if (pane.columns >= 60)
		item(&flow, "", ROLE_TITLE, "%.*s", release, snap->release);
	if (pane.columns >= 80)
		item(&flow, "", ROLE_TITLE, "up %ud%02u:%02u", minutes / 1440, minutes / 60 % 24, minutes % 60);
	if (ui->paused)
		item(&flow, "", ROLE_WARN, "PAUSED");
	else
		item(&flow, "", ROLE_TITLE, "every %.1fs", env->delay_s);
	if (env->readonly)
		item(&flow, "", ROLE_WARN, "READ-ONLY");
	item(&flow, "", ROLE_TITLE, pane.columns < 90 ? "%s" : "source %s", snap->source == SOURCE_BPF ? "bpf" : "proc");
	if (check->compared > 0)
		item(&flow, "", check->agreed == check->compared ? ROLE_TITLE : ROLE_BAD, "model agrees %u/%u",
		     check->agreed, check->compared);
	if (check->ndifferences > 0)
		item(&flow, "", ROLE_BAD, "pid %d: ours %lld, kernel's %lld", (int)check->differences[0].pid,
		     (long long)check->differences[0].ours, (long long)check->differences[0].kernels);
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
	item(&flow, "used", ROLE_VALUE, "%s", units_human(u64_sub_floor(total, available), buf));
	enum role avail_role = available * 20 < total ? ROLE_BAD : available * 10 < total ? ROLE_WARN : ROLE_VALUE;
	if (pane.columns < 70) {
		item(&flow, "avail", avail_role, "%s", units_human(available, buf));
		return;
	}
	fact_item(&flow, env, SYS_SHMEM, "shmem");
	item(&flow, "cache", ROLE_VALUE, "%s", units_human(cache, buf));
	item(&flow, "avail", avail_role, "%s", units_human(available, buf));
	fact_item(&flow, env, SYS_MEM_FREE, "free");
	fact_item(&flow, env, SYS_SUNRECLAIM, "slab-unrecl");
	fact_item(&flow, env, SYS_UNEVICTABLE, "unevict");
	fact_item(&flow, env, SYS_DIRTY, "dirty");
}

static void psi_item(struct flow *flow, const struct psi *psi, const char *label)
{
	if (psi->some.state != FACT_KNOWN) {
		item(flow, label, ROLE_VALUE_DENIED, "off");
		return;
	}
	uint32_t some = psi->some.avg10_centi;
	enum role role = some >= 2000 ? ROLE_BAD : some >= 500 ? ROLE_WARN : ROLE_VALUE;
	item(flow, label, role, "some %u.%u%%", some / 100, some / 10 % 10);
	if (psi->full.state == FACT_KNOWN) {
		uint32_t full = psi->full.avg10_centi;
		role = full >= 1000 ? ROLE_BAD : full >= 100 ? ROLE_WARN : ROLE_VALUE;
		item(flow, "full", role, "%u.%u%%", full / 100, full / 10 % 10);
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
		item(&flow, "", ROLE_VALUE, "none");
	} else {
		fact_item(&flow, env, SYS_SWAP_TOTAL, "");
		item(&flow, "used", used * 10 > total * 9 ? ROLE_WARN : ROLE_VALUE, "%s", units_human(used, buf));
	}
	psi_item(&flow, &sys->psi[PSI_MEMORY], "PSI mem");
	psi_item(&flow, &sys->psi[PSI_IO], "io");
	psi_item(&flow, &sys->psi[PSI_CPU], "cpu");
}

/* --- vmstat ----------------------------------------------------------------- */

static void rate_item(struct flow *flow, const struct ui_env *env, enum sys_fact fact, double factor,
		      const char *label, bool warn)
{
	const struct rates *rates = &env->model->rates;
	char buf[UNITS_BUFFER];
	if (!rates->known || !rates->per_s_known[fact]) {
		item(flow, label, ROLE_VALUE_DENIED, "?");
		return;
	}
	uint64_t value = (uint64_t)(rates->per_s[fact] * factor + 0.5);
	item(flow, label, warn && value > 0 ? ROLE_WARN : ROLE_VALUE, "%s", units_count(value, buf));
}

static void draw_vmstat(const struct ui_env *env, struct pane pane, int row)
{
	const struct system_facts *sys = &env->snap->system;
	const struct rates *rates = &env->model->rates;
	double page_kib = (double)env->snap->page_bytes / 1024.0;
	struct flow flow = { pane, row, 0, false };
	item(&flow, "r", ROLE_VALUE, "%llu", (unsigned long long)system_get(sys, SYS_PROCS_RUNNING, 0));
	item(&flow, "b", ROLE_VALUE, "%llu", (unsigned long long)system_get(sys, SYS_PROCS_BLOCKED, 0));
	rate_item(&flow, env, SYS_PSWPIN, page_kib, " si", true);
	rate_item(&flow, env, SYS_PSWPOUT, page_kib, "so", true);
	rate_item(&flow, env, SYS_PGPGIN, 1.0, " bi", false);
	rate_item(&flow, env, SYS_PGPGOUT, 1.0, "bo", false);
	rate_item(&flow, env, SYS_INTERRUPTS, 1.0, " in", false);
	rate_item(&flow, env, SYS_CONTEXT_SWITCHES, 1.0, "cs", false);
	if (rates->cpu_known) {
		item(&flow, " us", ROLE_VALUE, "%.0f", rates->cpu_user * 100);
		item(&flow, "sy", ROLE_VALUE, "%.0f", rates->cpu_system * 100);
		item(&flow, "id", ROLE_VALUE, "%.0f", rates->cpu_idle * 100);
		item(&flow, "wa", rates->cpu_iowait > 0.2 ? ROLE_WARN : ROLE_VALUE, "%.0f", rates->cpu_iowait * 100);
	}
	if (system_knows(sys, SYS_OOM_KILL))
		item(&flow, " oom_kill", sys->value[SYS_OOM_KILL] ? ROLE_WARN : ROLE_VALUE, "%llu",
		     (unsigned long long)sys->value[SYS_OOM_KILL]);
	else
		item(&flow, " oom_kill", ROLE_VALUE_DENIED, "?");
	rate_item(&flow, env, SYS_PGMAJFAULT, 1.0, " majflt", false);
	rate_item(&flow, env, SYS_ALLOCSTALL, 1.0, "allocstall", true);
	rate_item(&flow, env, SYS_PGSCAN_DIRECT, 1.0, "scan-direct", true);
	rate_item(&flow, env, SYS_REFAULT, 1.0, "refault", false);
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
	item(&flow, "policy:", panic > 0 ? ROLE_BAD : ROLE_VALUE, "%s (panic_on_oom %lld)",
	     panic < 0	    ? "not known" :
	     panic > 0	    ? "panic" :
	     allocating > 0 ? "kill whoever allocates" :
			      "kill the worst",
	     (long long)panic);
	static const char *const modes[] = { "heuristic", "always", "never beyond the limit" };
	if (overcommit >= 0 && overcommit <= 2)
		item(&flow, " overcommit", overcommit == 2 ? ROLE_WARN : ROLE_VALUE, "%lld%s%s", (long long)overcommit,
		     pane.columns < 100 ? "" : " ", pane.columns < 100 ? "" : modes[overcommit]);
	if (system_knows(sys, SYS_COMMITTED_AS) && system_knows(sys, SYS_COMMIT_LIMIT)) {
		uint64_t committed = sys->value[SYS_COMMITTED_AS], limit = sys->value[SYS_COMMIT_LIMIT];
		item(&flow, " commit", overcommit == 2 && committed * 10 > limit * 9 ? ROLE_BAD : ROLE_VALUE, "%s of %s",
		     units_human(committed, a), units_human(limit, b));
	}
}

/* --- verdict ---------------------------------------------------------------- */

static void draw_kill(const struct ui *ui, const struct ui_env *env, struct pane pane, int row, int rows)
{
	const struct snapshot *snap = env->snap;
	const struct verdict *verdict = ui_verdict(ui, env);
	const struct ranking *ranking = ui_ranking(ui, env);
	const struct kill *kill = &verdict->kills[0];
	const struct task *task = &snap->tasks[verdict->victims[kill->first_victim].task];
	const struct candidate *candidate = &ranking->candidates[task - snap->tasks];
	char name[96], parts[160], buf[UNITS_BUFFER], line[320];

	struct text comm = snapshot_text(snap, task->comm);
	snprintf(name, sizeof name, "%.*s %d", (int)(comm.len < 40 ? comm.len : 40), comm.ptr, (int)task->pid);
	verdict_parts_text(snap, &env->model->rules, ranking, (uint32_t)(task - snap->tasks), parts, sizeof parts);

	struct flow flow = { pane, row, 0, false };
	pane_fill(pane, row, 0, pane.columns, ' ', ROLE_VERDICT);
	item(&flow, "", ROLE_VERDICT, "NEXT %s", name);
	item(&flow, "", kill->certain ? ROLE_GOOD : ROLE_WARN, kill->certain ? "(sure):" : "(close):");
	if (flow.column + (int)strlen(parts) + 1 <= pane.columns)
		item(&flow, "", ROLE_VERDICT, "%s", parts);
	else
		item(&flow, "", ROLE_VERDICT, "%s", units_points(candidate->points, snap->page_bytes, buf));
	if (ranking->totalpages > 0)
		item(&flow, "", ROLE_VERDICT, "= %.1f%% of RAM + swap",
		     100.0 * (double)candidate->points / (double)ranking->totalpages);
	if (rows < 2)
		return;

	size_t len = (size_t)snprintf(line, sizeof line, "frees %s", units_human(kill->frees_bytes, buf));
	if (kill->nvictims > 1)
		len += (size_t)snprintf(line + len, sizeof line - len, " with %u more that share its memory",
					kill->nvictims - 1);
	if (kill->has_runner_up && !kill->certain && len < sizeof line) {
		const struct task *other = &snap->tasks[kill->runner_up];
		struct text other_comm = snapshot_text(snap, other->comm);
		len += (size_t)snprintf(line + len, sizeof line - len, "; close: %.*s %d is %llu pages behind, counters may err by %llu",
					(int)(other_comm.len < 40 ? other_comm.len : 40), other_comm.ptr, (int)other->pid,
					(unsigned long long)kill->margin_pages, (unsigned long long)kill->error_pages);
	} else if (kill->has_runner_up && len < sizeof line) {
		len += (size_t)snprintf(line + len, sizeof line - len, ", %s ahead",
					units_human(snapshot_bytes(snap, kill->margin_pages), buf));
	}
	if (len >= sizeof line)
		len = sizeof line - 1;
	for (uint32_t i = 1; i < verdict->nkills && i < 3 && len < sizeof line - 1; i++) {
		const struct task *then = &snap->tasks[verdict->victims[verdict->kills[i].first_victim].task];
		struct text then_comm = snapshot_text(snap, then->comm);
		int n = snprintf(line + len, sizeof line - len, "%s%.*s %d", i == 1 ? "; then " : ", ",
				 (int)(then_comm.len < 40 ? then_comm.len : 40), then_comm.ptr, (int)then->pid);
		len += n > 0 ? (size_t)n : 0;
		if (len >= sizeof line)
			len = sizeof line - 1;
	}
	pane_fill(pane, row + 1, 0, pane.columns, ' ', ROLE_VERDICT);
	pane_str(pane, row + 1, 5, ROLE_VERDICT, line);
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
		[ACTION_NONE] = "not known",
	};
	char line[sizeof verdict->because + 32];
	snprintf(line, sizeof line, "NEXT %s: %s", words[verdict->action], verdict->because);
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
		item(&flow, "zone", tightest_ratio < 1.5 ? ROLE_BAD : tightest_ratio < 3 ? ROLE_WARN : ROLE_VALUE,
		     "%u %s free %s", tightest->node, tightest->name,
		     units_human(snapshot_bytes(env->snap, tightest->free_pages), buf));
		item(&flow, "min", ROLE_VALUE, "%s", units_human(snapshot_bytes(env->snap, tightest->min_pages), buf));
		item(&flow, "low", ROLE_VALUE, "%s", units_human(snapshot_bytes(env->snap, tightest->low_pages), buf));
		item(&flow, "high", ROLE_VALUE, "%s", units_human(snapshot_bytes(env->snap, tightest->high_pages), buf));
	}
	rate_item(&flow, env, SYS_PGSCAN_KSWAPD, 1.0, " kswapd scan", false);
	rate_item(&flow, env, SYS_PGSTEAL_KSWAPD, 1.0, "steal", false);
	rate_item(&flow, env, SYS_PGSTEAL_DIRECT, 1.0, " direct steal", false);

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
	if (pane.rows == 9) {
		draw_more(env, pane, row);
		row += 2;
	}
	draw_verdict(ui, env, pane, row, 2);
}
