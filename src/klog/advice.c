/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Advice is given only with its figure, and only where the report proves it.
 */
#include "advice.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oomsight/base/units.h"

#define KIB UINT64_C(1024)

static bool is_known(enum fact_state state)
{
	return state == FACT_KNOWN;
}

static void add(struct explanation *ex, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct explanation *ex, const char *format, ...)
{
	va_list args;
	if (ex->nadvice == EXPLAIN_ADVICE)
		return;
	va_start(args, format);
	vsnprintf(ex->advice[ex->nadvice++], sizeof ex->advice[0], format, args);
	va_end(args);
}

static const char *size(uint64_t bytes, char dst[UNITS_BUFFER])
{
	return units_human(bytes, dst);
}

static void printable(const struct klog_report *report, struct klog_text text, char *dst, size_t len)
{
	text_copy(klog_text(report, text), dst, len);
	for (char *p = dst; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
}

static bool is_sysrq(const struct klog_report *report)
{
	return is_known(report->order.state) && report->order.value == -1;
}

/* Was the memory of some nodes short, not that of the host? */
static bool is_of_nodes(const struct klog_report *report)
{
	char name[64];
	const char *constraint = explain_constraint(report, name, sizeof name);
	return constraint && (strcmp(constraint, "CONSTRAINT_CPUSET") == 0 || strcmp(constraint, "CONSTRAINT_MEMORY_POLICY") == 0);
}

/* An adj that would have put the runner-up in the victim's place. */
static void advise_adj(const struct klog_report *report, struct explanation *ex)
{
	char name[96], other[96];
	if (!ex->has_victim || !ex->victim.has_points || !ex->totalpages_exact || ex->era < ERA_3_5 || ex->own_rules)
		return;
	for (uint32_t i = 0; i < ex->ntop; i++) {
		const struct explain_candidate *next = &ex->top[i];
		if (next->task == ex->victim.task || !next->has_points || next->points > ex->victim.points)
			continue;
		struct badness_parts parts = ex->victim.parts;
		int adj = parts.adj;
		while (adj > OOM_SCORE_ADJ_MIN + 1 && badness_points(ex->era, &parts, ex->totalpages.value) >= next->points)
			parts.adj = --adj;
		if (badness_points(ex->era, &parts, ex->totalpages.value) >= next->points)
			return;
		const struct klog_task *row = &report->tasks[next->task];
		struct klog_task_id id = { klog_i64(row->value[klog_task_has(row, KLOG_TGID) ? KLOG_TGID : KLOG_PID]), row->name };
		explain_name(report, &ex->chosen, name, sizeof name);
		explain_name(report, &id, other, sizeof other);
		add(ex, "An oom_score_adj of %d or less for %s, which had %d, would have let %s die in its place.", adj, name,
		    ex->victim.parts.adj, other);
		return;
	}
}

static void advise_limit(const struct klog_report *report, struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER], path[160];
	if (!is_known(ex->page_bytes.state))
		return;
	if (report->scope == KLOG_SCOPE_MEMCG) {
		if (!is_known(report->limit_memory.limit_kib.state) || !ex->table_complete)
			return;
		uint64_t pages = 0;
		for (uint32_t i = 0; i < report->ntasks; i++) {
			const struct klog_task *task = &report->tasks[i];
			if (klog_task_has(task, KLOG_RSS) && task->value[KLOG_RSS] > 0)
				pages += (uint64_t)task->value[KLOG_RSS];
			if (klog_task_has(task, KLOG_SWAPENTS) && task->value[KLOG_SWAPENTS] > 0)
				pages += (uint64_t)task->value[KLOG_SWAPENTS];
		}
		uint64_t need = u64_mul_sat(pages, ex->page_bytes.value), limit = u64_mul_sat(report->limit_memory.limit_kib.value, KIB);
		printable(report, report->oom_memcg, path, sizeof path);
		if (need > limit)
			add(ex, "A limit of %s for %s instead of %s would have held all its processes without swap (shared pages counted for each).",
			    size(need, a), path[0] ? path : "the cgroup", size(limit, b));
		else
			add(ex, "The processes of %s hold %s of its limit of %s: the rest is page cache under write-back, shared memory or "
				"kernel memory, and no choice of victim frees that.",
			    path[0] ? path : "the cgroup", size(need, a), size(limit, b));
		return;
	}
	/* Who holds a fifth of memory made the shortage, or had a large share in it; of a small
	 * victim, or without a shortage of the host, a limit would have changed nothing. */
	if (!ex->has_victim || !is_known(report->task_memcg.state) || is_sysrq(report) || is_of_nodes(report) ||
	    !is_known(ex->totalpages.state))
		return;
	const struct badness_parts *parts = &ex->victim.parts;
	uint64_t held = parts->rss_pages + parts->swap_pages + parts->pgtables_pages;
	uint64_t bytes = u64_mul_sat(held, ex->page_bytes.value);
	printable(report, report->task_memcg, path, sizeof path);
	if (held >= ex->totalpages.value / 5 && bytes > 0 && path[0] && !(path[0] == '/' && !path[1]))
		add(ex, "A memory limit below %s for the cgroup %s would have met the victim there, before the host ran out.",
		    size(bytes, a), path);
}

/* Of some nodes only: what was free on others did not count. */
static void advise_nodes(const struct klog_report *report, struct explanation *ex)
{
	char nodes[96], name[64];
	const char *constraint = explain_constraint(report, name, sizeof name);
	if (!is_of_nodes(report))
		return;
	bool cpuset = strcmp(constraint, "CONSTRAINT_CPUSET") == 0;
	printable(report, is_known(report->nodemask.state) || !cpuset ? report->nodemask : report->mems_allowed, nodes, sizeof nodes);
	add(ex, "Only the memory of %s%s counted, by a %s: what other nodes have free is of use only where more of them are allowed.",
	    nodes[0] ? "nodes " : "some nodes", nodes, cpuset ? "cpuset" : "memory policy");
}

static void advise_swap(const struct klog_report *report, struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER];
	if (report->scope == KLOG_SCOPE_MEMCG) {
		if (is_known(report->limit_swap.limit_kib.state) && report->limit_swap.limit_kib.value == 0) {
			struct klog_u64 anon = klog_report_stat(report, "anon");
			if (is_known(anon.state))
				add(ex, "The cgroup may not swap (limit 0): %s of anonymous memory had to stay. memory.swap.max would let it out.",
				    size(anon.value, a));
			else
				add(ex, "The cgroup may not swap (limit 0); memory.swap.max would let anonymous memory out.");
		}
		return;
	}
	if (!is_known(report->swap_total_kib.state) || is_sysrq(report))
		return;
	uint64_t total = u64_mul_sat(report->swap_total_kib.value, KIB);
	uint64_t locked;
	struct klog_u64 anon = explain_anon(report, &locked), shmem = report->counters[KLOG_COUNT_shmem];
	if (total == 0 && is_known(anon.state) && is_known(ex->page_bytes.state) && is_known(shmem.state))
		add(ex, "There was no swap: %s%s of anonymous and %s of shared memory (tmpfs, shm) had to stay in RAM. A swap area would have "
			"taken part of it.",
		    explain_anon_is_least(anon, locked) ? "at least " : "", size(u64_mul_sat(anon.value, ex->page_bytes.value), a), size(u64_mul_sat(shmem.value, ex->page_bytes.value), b));
	else if (total == 0 && is_known(anon.state) && is_known(ex->page_bytes.state))
		add(ex, "There was no swap: %s of anonymous memory had to stay in RAM. A swap area would have taken part of it.",
		    size(u64_mul_sat(anon.value, ex->page_bytes.value), a));
	else if (total == 0)
		add(ex, "There was no swap, so anonymous memory had to stay in RAM.");
	else if (is_known(report->swap_free_kib.state) && report->swap_free_kib.value < report->swap_total_kib.value / 64)
		add(ex, "Swap was full: %s of %s free. More swap, or less of what fills it, would have put this off.",
		    size(u64_mul_sat(report->swap_free_kib.value, KIB), a), size(total, b));
}

/* Files of a tmpfs outlive every process: a kill that frees them is one of the last. */
static void advise_shmem(const struct klog_report *report, struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER], of[UNITS_BUFFER + 8] = "";
	const struct klog_u64 *shmem = &report->counters[KLOG_COUNT_shmem];
	uint64_t locked;
	struct klog_u64 anon = explain_anon(report, &locked);
	if (!is_known(shmem->state) || !is_known(anon.state) || !is_known(ex->page_bytes.state) || report->scope == KLOG_SCOPE_MEMCG)
		return;
	uint64_t others = anon.value + locked;
	static const enum klog_counter file[] = { KLOG_COUNT_active_file, KLOG_COUNT_inactive_file };
	for (size_t i = 0; i < sizeof file / sizeof *file; i++)
		others += is_known(report->counters[file[i]].state) ? report->counters[file[i]].value : 0;
	/* RAM may be far larger than what a hypervisor has left of it. */
	bool large = is_known(report->ram_pages.state) && shmem->value >= report->ram_pages.value / 5;
	if (!large && shmem->value <= others)
		return;
	if (is_known(report->ram_pages.state))
		snprintf(of, sizeof of, " of %s", size(u64_mul_sat(report->ram_pages.value, ex->page_bytes.value), b));
	add(ex, "Shared memory (tmpfs as /dev/shm and /tmp, System V segments) held %s%s: what lies in files there no kill frees; "
		"remove them, or mount with a smaller size=.",
	    size(u64_mul_sat(shmem->value, ex->page_bytes.value), a), of);
}

/* On 32 bits the kernel itself can use low memory only, however much HighMem is free. */
static bool advise_lowmem(const struct klog_report *report, struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER], c[UNITS_BUFFER];
	const struct klog_zone *normal = NULL, *high = NULL;
	for (uint32_t i = 0; i < report->nzones; i++) {
		const struct klog_zone *zone = &report->zones[i];
		struct text name = klog_text(report, zone->name);
		if (!is_known(zone->free_kib.state) || !is_known(zone->min_kib.state))
			continue;
		if (text_is(name, "Normal") && zone->free_kib.value < zone->min_kib.value)
			normal = zone;
		if (text_is(name, "HighMem") && is_known(zone->high_kib.state) && zone->free_kib.value > zone->high_kib.value)
			high = zone;
	}
	if (!normal || !high || report->scope == KLOG_SCOPE_MEMCG || is_sysrq(report))
		return false;
	add(ex, "Low memory was exhausted: zone Normal had %s free, below its min of %s, while %s was free in HighMem, where the kernel's "
		"own data cannot be. Swap helps little; a 64-bit kernel does, and a lower vm.lowmem_reserve_ratio keeps more of Normal free "
		"of what can be in HighMem.",
	    size(u64_mul_sat(normal->free_kib.value, KIB), a), size(u64_mul_sat(normal->min_kib.value, KIB), b),
	    size(u64_mul_sat(high->free_kib.value, KIB), c));
	return true;
}

static void advise_overcommit(const struct klog_report *report, struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER];
	if (report->scope == KLOG_SCOPE_MEMCG || !is_known(ex->page_bytes.state) || !is_known(report->ram_pages.state) ||
	    !is_known(report->reserved_pages.state) || !is_known(report->swap_total_kib.state) || !ex->has_victim)
		return;
	const struct klog_task *row = &report->tasks[ex->victim.task];
	if (!klog_task_has(row, KLOG_TOTAL_VM) || row->value[KLOG_TOTAL_VM] <= 0)
		return;
	uint64_t ram = u64_mul_sat(u64_sub_floor(report->ram_pages.value, report->reserved_pages.value), ex->page_bytes.value);
	uint64_t limit = ram / 2 + u64_mul_sat(report->swap_total_kib.value, KIB);
	uint64_t vm = u64_mul_sat((uint64_t)row->value[KLOG_TOTAL_VM], ex->page_bytes.value);
	if (vm > limit)
		add(ex, "With vm.overcommit_memory=2 (ratio 50) all processes together may ask for %s; the victim alone had mapped %s, "
			"and would have been refused what of it is private and writable beyond that.",
		    size(limit, a), size(vm, b));
}

/* The four bits that say which zones a request may use, the same in all releases:
 * include/linux/gfp_types.h v6.18, gfp_zone() and gfp_migratetype(). */
#define GFP_DMA 0x1U
#define GFP_HIGHMEM 0x2U
#define GFP_DMA32 0x4U
#define GFP_MOVABLE 0x8U

static int zone_rank(struct text name)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable", "Device" };
	int rank = 0;
	while (rank < 5 && !text_is(name, names[rank]))
		rank++;
	return rank;
}

/* The highest zone of the request, as zone_rank() counts. */
static int request_rank(uint64_t gfp)
{
	if ((gfp & GFP_HIGHMEM) && (gfp & GFP_MOVABLE))
		return 4;
	return gfp & GFP_HIGHMEM ? 3 : gfp & GFP_DMA ? 0 : gfp & GFP_DMA32 ? 1 : 2;
}

/* Free blocks that are large enough, by what kept the request from them. Who is let wait
 * for a kill can wait, so what is kept for those that cannot is none of its. */
struct large_blocks {
	bool any; /* the lists are in the report */
	uint64_t all, usable, in_other_zones, cma, reserved;
	bool mixed; /* of some usable ones a part is not: the list does not say how large */
};

static struct large_blocks count_blocks(const struct klog_report *report, unsigned first)
{
	struct large_blocks n = { 0 };
	uint64_t gfp = report->gfp_mask.value;
	for (uint32_t i = 0; i < report->nzones; i++) {
		const struct klog_zone *zone = &report->zones[i];
		if (!zone->has_blocks)
			continue;
		n.any = true;
		for (unsigned order = first; order < KLOG_ORDERS; order++) {
			uint8_t types = zone->types[order];
			uint8_t good = KLOG_BLOCK_COMMON | (gfp & GFP_MOVABLE ? KLOG_BLOCK_CMA : 0);
			n.all += zone->blocks[order];
			if (zone_rank(klog_text(report, zone->name)) > request_rank(gfp)) {
				n.in_other_zones += zone->blocks[order];
			} else if (types == 0 || (types & good)) {
				n.usable += zone->blocks[order];
				n.mixed = n.mixed || (zone->blocks[order] > 0 && (types & ~good));
			} else if (types == KLOG_BLOCK_CMA) {
				n.cma += zone->blocks[order];
			} else {
				n.reserved += zone->blocks[order];
			}
		}
	}
	return n;
}

static void advise_fragments(const struct klog_report *report, struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER], why[256] = "";
	if (!is_known(report->order.state) || report->order.value <= 0 || report->order.value >= KLOG_ORDERS ||
	    report->scope == KLOG_SCOPE_MEMCG || !is_known(report->gfp_mask.state) || !is_known(ex->page_bytes.state))
		return;
	struct large_blocks n = count_blocks(report, (unsigned)report->order.value);
	uint64_t free_kib = 0;
	for (uint32_t i = 0; i < report->nzones; i++) {
		if (is_known(report->zones[i].free_kib.state))
			free_kib += report->zones[i].free_kib.value;
	}
	if (!n.any)
		return;
	const struct {
		uint64_t blocks;
		const char *where;
	} kept[] = { { n.in_other_zones, "in zones it may not use" },
		     { n.cma, "in CMA areas, for movable memory alone" },
		     { n.reserved, "held back for others (highatomic, CMA or isolated)" } };
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		size_t len = strlen(why);
		if (kept[i].blocks > 0)
			snprintf(why + len, sizeof why - len, "%s%llu %s", len > 0 ? ", " : ": ", (unsigned long long)kept[i].blocks, kept[i].where);
	}
	add(ex, "The request was for a block of %s (order %lld). %s were free, but of %llu free blocks that large or larger it could use %s%llu%s. "
		"Where they are few, its memory is in pieces: compaction or a smaller request would help.",
	    size(ex->page_bytes.value << report->order.value, a), (long long)report->order.value,
	    size(u64_mul_sat(free_kib, KIB), b), (unsigned long long)n.all, n.mixed ? "at most " : "", (unsigned long long)n.usable, why);
}

static void advise_slab(const struct klog_report *report, struct explanation *ex)
{
	char a[UNITS_BUFFER], b[UNITS_BUFFER];
	const struct klog_u64 *slab = &report->counters[KLOG_COUNT_slab_unreclaimable];
	if (!is_known(slab->state) || !is_known(report->ram_pages.state) || !is_known(ex->page_bytes.state) ||
	    slab->value < report->ram_pages.value / 5)
		return;
	add(ex, "The kernel itself holds %s of %s in slab that it cannot give back: no victim frees that.",
	    size(u64_mul_sat(slab->value, ex->page_bytes.value), a),
	    size(u64_mul_sat(report->ram_pages.value, ex->page_bytes.value), b));
}

void advise(const struct klog_report *report, struct explanation *ex)
{
	if (is_sysrq(report))
		add(ex, "Somebody pressed SysRq-f (order -1): memory need not have been short.");
	bool low = advise_lowmem(report, ex);
	advise_adj(report, ex);
	if (!low)
		advise_limit(report, ex);
	advise_nodes(report, ex);
	advise_shmem(report, ex);
	if (!low) {
		advise_swap(report, ex);
		advise_overcommit(report, ex);
	}
	advise_fragments(report, ex);
	advise_slab(report, ex);
}

void summarise(const struct klog_report *report, struct explanation *ex)
{
	char who[96], asked[96], path[160], where[256], agrees[64] = "";
	/* SysRq-f is served by a kernel thread that asks for nothing. */
	bool has_asker = report->has_header && !is_sysrq(report);
	const char *asking = has_asker ? " when memory was asked for by " : "";
	explain_name(report, &report->trigger, asked, sizeof asked);
	if (!has_asker)
		asked[0] = '\0';
	printable(report, report->oom_memcg, path, sizeof path);
	char name[64];
	const char *constraint = explain_constraint(report, name, sizeof name);
	if (report->scope == KLOG_SCOPE_MEMCG)
		snprintf(where, sizeof where, "The memory cgroup %s%swas at its limit", path, path[0] ? " " : "");
	else if (is_sysrq(report))
		snprintf(where, sizeof where, "SysRq-f asked for a kill");
	else if (constraint && text_is(text_of_str(constraint), "CONSTRAINT_CPUSET"))
		snprintf(where, sizeof where, "The nodes a cpuset allows had no memory left");
	else if (constraint && text_is(text_of_str(constraint), "CONSTRAINT_MEMORY_POLICY"))
		snprintf(where, sizeof where, "The nodes of a memory policy had no memory left");
	else if (report->scope == KLOG_SCOPE_GLOBAL || constraint)
		snprintf(where, sizeof where, "The host was out of memory");
	else
		snprintf(where, sizeof where, "Memory was out (where is not in this report)");
	if (ex->agrees != AGREES_UNKNOWN)
		snprintf(agrees, sizeof agrees, ex->agrees == AGREES_YES ? ", as the table's points say" : ", not as the table's points say");
	if (report->nkills > 0) {
		explain_name(report, &report->kills[0].task, who, sizeof who);
		snprintf(ex->summary, sizeof ex->summary, "%s%s%s: the kernel killed %s%s%s%s.", where,
			 asking, asked, who,
			 report->nkills > 1 ? " and others with it" : "", agrees,
			 report->panic != KLOG_PANIC_NONE ? ", and panicked" : "");
	} else if (report->panic != KLOG_PANIC_NONE || report->nobody_killable) {
		snprintf(ex->summary, sizeof ex->summary, "%s%s%s: %s.", where,
			 asking, asked,
			 report->panic == KLOG_PANIC_NONE     ? "the kernel found nobody to kill"
			 : report->panic == KLOG_PANIC_NOBODY ? "the kernel found nobody to kill and panicked"
							      : "the kernel panicked, as vm.panic_on_oom says");
	} else if (is_known(ex->chosen.pid.state) || is_known(ex->chosen.comm.state)) {
		explain_name(report, &ex->chosen, who, sizeof who);
		snprintf(ex->summary, sizeof ex->summary, "%s%s%s: the kernel chose %s%s; the kill is not in this report.", where,
			 asking, asked, who, agrees);
	} else {
		snprintf(ex->summary, sizeof ex->summary, "%s%s%s; who was killed is not in this report.", where,
			 asking, asked);
	}
}
