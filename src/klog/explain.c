/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recomputing the choice.
 *
 * The table is printed after the choice by the same task, so its figures are the
 * ones that decided but for what moved in between. What a report lacks is often
 * part of the sum: swap of the host in a memory cgroup's report, the columns of
 * old tables, the release. Then the question is asked the other way round: does
 * the victim come out the same for every value the missing part could have? Only
 * if it does is there an answer.
 */
#include "oomsight/klog/explain.h"

#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "oomsight/base/units.h"
#include "oomsight/model/rules.h"

static bool is_known(enum fact_state state)
{
	return state == FACT_KNOWN;
}

const char *explain_name(const struct klog_report *report, const struct klog_task_id *id, char *dst, size_t size)
{
	char name[64] = "";
	if (is_known(id->comm.state)) {
		text_copy(klog_text(report, id->comm), name, sizeof name);
		for (char *p = name; *p; p++) {
			if (*p < ' ' || *p > '~')
				*p = '?';
		}
	}
	if (name[0] && is_known(id->pid.state))
		snprintf(dst, size, "%s (%lld)", name, (long long)id->pid.value);
	else if (name[0])
		snprintf(dst, size, "%s", name);
	else if (is_known(id->pid.state))
		snprintf(dst, size, "process %lld", (long long)id->pid.value);
	else
		snprintf(dst, size, "somebody");
	return dst;
}

const char *explain_constraint(const struct klog_report *report, char *dst, size_t size)
{
	if (is_known(report->constraint.state)) {
		text_copy(klog_text(report, report->constraint), dst, size);
		return dst;
	}
	if (report->scope == KLOG_SCOPE_MEMCG) {
		snprintf(dst, size, "CONSTRAINT_MEMCG");
		return dst;
	}
	return NULL;
}

static uint64_t counted(const struct klog_report *report, enum klog_counter counter)
{
	return is_known(report->counters[counter].state) ? report->counters[counter].value : 0;
}

struct klog_u64 explain_anon(const struct klog_report *report, uint64_t *ret_locked)
{
	const struct klog_u64 *active = &report->counters[KLOG_COUNT_active_anon], *inactive = &report->counters[KLOG_COUNT_inactive_anon];
	uint64_t shmem = counted(report, KLOG_COUNT_shmem), unevictable = counted(report, KLOG_COUNT_unevictable);
	*ret_locked = unevictable < shmem ? unevictable : shmem;
	if (!is_known(active->state) || !is_known(inactive->state))
		return (struct klog_u64){ FACT_UNKNOWN, 0 };
	return klog_u64(u64_sub_floor(active->value + inactive->value, shmem));
}

/* --- page size ------------------------------------------------------------------------- */

static bool is_page_kib(uint64_t kib)
{
	return kib >= 4 && kib <= 1024 && (kib & (kib - 1)) == 0;
}

static void find_page(const struct klog_report *report, struct explanation *ex)
{
	if (is_known(report->page_kib.state) && is_page_kib(report->page_kib.value)) {
		ex->page_bytes = klog_u64(report->page_kib.value * 1024);
		ex->page_from = "the smallest block of the free lists";
		return;
	}
	for (uint32_t i = 0; i < report->nkills; i++) {
		const struct klog_kill *kill = &report->kills[i];
		const struct klog_task *row =
			is_known(kill->task.pid.state) ? klog_report_task(report, kill->task.pid.value) : NULL;
		if (!row || !is_known(kill->total_vm_kib.state) || !klog_task_has(row, KLOG_TOTAL_VM) ||
		    row->value[KLOG_TOTAL_VM] <= 0)
			continue;
		uint64_t pages = (uint64_t)row->value[KLOG_TOTAL_VM];
		if (kill->total_vm_kib.value % pages == 0 && is_page_kib(kill->total_vm_kib.value / pages)) {
			ex->page_bytes = klog_u64(kill->total_vm_kib.value / pages * 1024);
			ex->page_from = "total-vm of the victim's kill line over total_vm of its row";
			return;
		}
	}
	uint64_t present = 0;
	for (uint32_t i = 0; i < report->nzones; i++) {
		if (!is_known(report->zones[i].present_kib.state))
			return;
		if (__builtin_add_overflow(present, report->zones[i].present_kib.value, &present))
			return;
	}
	if (is_known(report->ram_pages.state) && report->ram_pages.value > 0 && present > 0 &&
	    present % report->ram_pages.value == 0 && is_page_kib(present / report->ram_pages.value)) {
		ex->page_bytes = klog_u64(present / report->ram_pages.value * 1024);
		ex->page_from = "the zones' present memory over the pages of RAM";
	}
}

/* --- totalpages ------------------------------------------------------------------------- */

/* constrained_alloc(), mm/oom_kill.c v6.18. Pages are counted without those
 * reserved at boot: totalram_pages() is what is managed. */
static void find_totalpages(const struct klog_report *report, struct explanation *ex)
{
	if (!is_known(ex->page_bytes.state)) {
		ex->totalpages_because = "the page size is not in this report";
		return;
	}
	uint64_t page_kib = ex->page_bytes.value / 1024;
	if (report->scope == KLOG_SCOPE_MEMCG) {
		const struct klog_limit *swap = &report->limit_swap, *memsw = &report->limit_memsw;
		if (!is_known(report->limit_memory.limit_kib.state)) {
			ex->totalpages_because = "the limit of the cgroup is not in this report";
			return;
		}
		uint64_t limit = report->limit_memory.limit_kib.value;
		ex->totalpages = klog_u64(limit / page_kib);
		ex->totalpages_because = "the cgroup's limit";
		if (is_known(swap->limit_kib.state) && swap->limit_kib.value == 0) {
			ex->totalpages_exact = true;
		} else if (is_known(memsw->limit_kib.state) && memsw->limit_kib.value <= limit) {
			ex->totalpages_exact = true;
		} else {
			ex->totalpages_because = "the cgroup's limit and its share of the host's swap, whose size is not in this report";
		}
		if (limit > UINT64_MAX / 4 / 1024)
			ex->totalpages_exact = false;
		return;
	}
	if (!is_known(report->ram_pages.state) || !is_known(report->reserved_pages.state)) {
		ex->totalpages_because = "the pages of RAM are not in this report";
		return;
	}
	char name[64];
	const char *constraint = explain_constraint(report, name, sizeof name);
	if (constraint && strcmp(constraint, "CONSTRAINT_NONE") != 0) {
		ex->totalpages_because = "only the memory of some nodes counted, and the report does not add it up";
		return;
	}
	uint64_t pages = u64_sub_floor(report->ram_pages.value, report->reserved_pages.value);
	if (is_known(report->swap_total_kib.state) && pages < UINT64_MAX / 4)
		pages += report->swap_total_kib.value / page_kib;
	ex->totalpages = klog_u64(pages);
	ex->totalpages_exact = is_known(report->swap_total_kib.state);
	ex->totalpages_because = ex->totalpages_exact ? "RAM without what is reserved, and swap"
						      : "RAM without what is reserved; swap is not in this report";
}

/* --- eras ---------------------------------------------------------------------------------- */

/* Which rule sets print a table of this form. False for none that can be counted. */
static bool eras_of_table(const struct klog_report *report, enum era *ret_first, enum era *ret_last)
{
	uint32_t columns = report->columns;
	if (columns & 1U << KLOG_PGTABLES_BYTES) {
		*ret_first = ERA_4_15;
		*ret_last = ERA_5_9;
		if (columns & 1U << KLOG_RSS_ANON)
			*ret_first = ERA_5_9;
		if (is_known(report->score.state))
			*ret_last = ERA_4_17;
		return true;
	}
	if (columns & 1U << KLOG_NR_PMDS) {
		*ret_first = *ret_last = ERA_4_0;
		return true;
	}
	if (columns & 1U << KLOG_NR_PTES) {
		*ret_first = ERA_3_5;
		*ret_last = ERA_3_14;
		return true;
	}
	if ((columns & 1U << KLOG_OOM_SCORE_ADJ) && (columns & 1U << KLOG_CPU)) {
		*ret_first = ERA_2_6_36;
		*ret_last = ERA_3_5;
		return true;
	}
	return false;
}

/* --- points ---------------------------------------------------------------------------------- */

static uint64_t column_pages(const struct klog_task *task, enum klog_column column)
{
	return task->value[column] > 0 ? (uint64_t)task->value[column] : 0;
}

/* What badness adds up. False when the row lacks a part. */
static bool parts_of(const struct klog_report *report, const struct explanation *ex, const struct klog_task *task,
		     enum era era, struct badness_parts *ret)
{
	if (!klog_task_has(task, KLOG_RSS) || !klog_task_has(task, KLOG_OOM_SCORE_ADJ))
		return false;
	*ret = (struct badness_parts){ .rss_pages = column_pages(task, KLOG_RSS),
				       .adj = (int)task->value[KLOG_OOM_SCORE_ADJ],
				       .root = klog_task_has(task, KLOG_UID) && task->value[KLOG_UID] == 0 };
	if (task->value[KLOG_OOM_SCORE_ADJ] < OOM_SCORE_ADJ_MIN || task->value[KLOG_OOM_SCORE_ADJ] > OOM_SCORE_ADJ_MAX)
		return false;
	if (klog_task_has(task, KLOG_SWAPENTS)) {
		ret->swap_pages = column_pages(task, KLOG_SWAPENTS);
	} else {
		/* The column is missing up to 3.5: without swap in use it was 0. */
		bool unused = is_known(report->swap_total_kib.state) &&
			      (report->swap_total_kib.value == 0 ||
			       (is_known(report->swap_free_kib.state) &&
				report->swap_free_kib.value == report->swap_total_kib.value));
		if (!unused)
			return false;
	}
	if (klog_task_has(task, KLOG_PGTABLES_BYTES)) {
		if (!is_known(ex->page_bytes.state))
			return false;
		ret->pgtables_pages = column_pages(task, KLOG_PGTABLES_BYTES) / ex->page_bytes.value;
	} else if (klog_task_has(task, KLOG_NR_PTES)) {
		ret->pgtables_pages = column_pages(task, KLOG_NR_PTES);
		if (klog_task_has(task, KLOG_NR_PMDS) && era >= ERA_4_0)
			ret->pgtables_pages += column_pages(task, KLOG_NR_PMDS);
	} else if (era > ERA_2_6_36) {
		return false;
	}
	return true;
}

static bool is_candidate(const struct klog_task *task)
{
	if (klog_task_has(task, KLOG_OOM_SCORE_ADJ) && task->value[KLOG_OOM_SCORE_ADJ] <= OOM_SCORE_ADJ_MIN)
		return false;
	return !(klog_task_has(task, KLOG_OOM_ADJ) && task->value[KLOG_OOM_ADJ] == OOM_DISABLE);
}

static bool is_same_task(const struct klog_task *task, int64_t pid)
{
	return (klog_task_has(task, KLOG_PID) && task->value[KLOG_PID] == pid) ||
	       (klog_task_has(task, KLOG_TGID) && task->value[KLOG_TGID] == pid);
}

/* The ranking of the table under one rule set and one totalpages. */
struct ranked {
	bool complete; /* every candidate could be counted */
	bool any;
	uint32_t best;
	int64_t best_points;
	bool tied; /* somebody else has the same points */
	bool victim_tied; /* the victim is among those that have the most */
};

static struct ranked rank_rows_but(const struct klog_report *report, const struct explanation *ex, enum era era,
				   uint64_t total, bool later_wins, int64_t victim, bool but_killed_before)
{
	struct ranked ranked = { .complete = true };
	for (uint32_t i = 0; i < report->ntasks; i++) {
		const struct klog_task *task = &report->tasks[i];
		struct badness_parts parts;
		if (!is_candidate(task) || (but_killed_before && task->killed_before))
			continue;
		if (!parts_of(report, ex, task, era, &parts)) {
			ranked.complete = false;
			continue;
		}
		int64_t points = badness_points(era, &parts, total);
		bool more = !ranked.any || points > ranked.best_points;
		bool equal = ranked.any && points == ranked.best_points;
		if (more)
			ranked.tied = ranked.victim_tied = false;
		if (equal)
			ranked.tied = true;
		if ((more || equal) && is_same_task(task, victim))
			ranked.victim_tied = true;
		if (more || (equal && later_wins)) {
			ranked.best = i;
			ranked.best_points = points;
		}
		ranked.any = true;
	}
	return ranked;
}

static struct ranked rank_rows(const struct klog_report *report, const struct explanation *ex, enum era era,
			       uint64_t total, bool later_wins, int64_t victim)
{
	return rank_rows_but(report, ex, era, total, later_wins, victim, false);
}

/* Does oom_score_adj, and with it totalpages, bear on the order at all? */
static bool needs_totalpages(const struct klog_report *report, enum era era)
{
	int64_t first = 0;
	bool any = false;
	if (era < ERA_3_14)
		return true; /* thousandths, or a bonus in thousandths of it */
	for (uint32_t i = 0; i < report->ntasks; i++) {
		const struct klog_task *task = &report->tasks[i];
		if (!is_candidate(task) || !klog_task_has(task, KLOG_OOM_SCORE_ADJ))
			continue;
		int64_t adj = task->value[KLOG_OOM_SCORE_ADJ];
		if (any && adj != first)
			return true;
		if (adj != 0 && era < ERA_5_9)
			return true; /* the floor of 1 ties what the sum would part */
		first = adj;
		any = true;
	}
	return false;
}

static void fill_candidate(const struct klog_report *report, const struct explanation *ex, uint32_t index,
			   struct explain_candidate *ret)
{
	*ret = (struct explain_candidate){ .task = index };
	if (!parts_of(report, ex, &report->tasks[index], ex->era, &ret->parts))
		return;
	ret->has_parts = true;
	bool needs = ret->parts.adj != 0 || ex->era < ERA_3_14;
	if (needs && !ex->totalpages_exact)
		return;
	ret->has_points = true;
	ret->points = badness_points(ex->era, &ret->parts, ex->totalpages_exact && ex->totalpages.value > 0 ? ex->totalpages.value : 1);
}

/* The worst rows, by points at the totalpages known; where that is open, by the
 * sum without adj among rows that have the same. */
static void fill_top(const struct klog_report *report, struct explanation *ex, uint64_t total)
{
	int64_t points[EXPLAIN_TOP] = { 0 };
	for (uint32_t i = 0; i < report->ntasks; i++) {
		struct explain_candidate candidate;
		struct badness_parts parts;
		if (!is_candidate(&report->tasks[i]) || !parts_of(report, ex, &report->tasks[i], ex->era, &parts))
			continue;
		int64_t p = badness_points(ex->era, &parts, total);
		uint32_t at = ex->ntop;
		while (at > 0 && p > points[at - 1])
			at--;
		if (at == EXPLAIN_TOP)
			continue;
		if (ex->ntop < EXPLAIN_TOP)
			ex->ntop++;
		for (uint32_t k = ex->ntop - 1; k > at; k--) {
			ex->top[k] = ex->top[k - 1];
			points[k] = points[k - 1];
		}
		fill_candidate(report, ex, i, &candidate);
		ex->top[at] = candidate;
		points[at] = p;
	}
}

/* --- the verdict on the choice ----------------------------------------------------------------- */

static void because(struct explanation *ex, enum explain_agrees agrees, const char *text)
{
	ex->agrees = agrees;
	snprintf(ex->because, sizeof ex->because, "%s", text);
}

static struct klog_task_id row_id(const struct klog_task *task)
{
	return (struct klog_task_id){ klog_i64(task->value[klog_task_has(task, KLOG_TGID) ? KLOG_TGID : KLOG_PID]),
				      task->name };
}

/* All figures are the same: one memory, or two made alike. */
static bool is_twin(const struct klog_task *a, const struct klog_task *b)
{
	static const enum klog_column figures[] = { KLOG_TOTAL_VM, KLOG_RSS, KLOG_PGTABLES_BYTES, KLOG_NR_PTES, KLOG_SWAPENTS,
						    KLOG_OOM_SCORE_ADJ };
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		if (klog_task_has(a, figures[i]) != klog_task_has(b, figures[i]) || a->value[figures[i]] != b->value[figures[i]])
			return false;
	}
	return true;
}

/* The page size is not in the report; is the victim the same with each there is? */
static bool wins_at_any_page(const struct klog_report *report, struct explanation *ex, bool later_wins, int64_t victim)
{
	for (uint64_t page = 4096; page <= 65536; page *= 2) {
		struct explanation assumed = *ex;
		assumed.page_bytes = klog_u64(page);
		struct ranked ranked = rank_rows(report, &assumed, ex->era, 1, later_wins, victim);
		if (!ranked.any || !ranked.complete || !is_same_task(&report->tasks[ranked.best], victim))
			return false;
	}
	ex->recomputed_pid = klog_i64(victim);
	ex->recomputed_comm = ex->chosen.comm;
	because(ex, AGREES_YES,
		"It has the most points of the table with pages of any size from 4 to 64 KiB; the size is not in this report.");
	return true;
}

/* The release is not known: do earlier rules that print such a table make the victim the
 * worst? best: who it is by those of ex->era. */
static bool fits_earlier(const struct klog_report *report, struct explanation *ex, enum era first, bool later_wins,
			 const char *best)
{
	uint64_t least = is_known(ex->totalpages.state) && ex->totalpages.value > 0 ? ex->totalpages.value : 1;
	int64_t victim = ex->chosen.pid.value;
	enum era last = ex->era;
	for (enum era era = last; era-- > first;) {
		bool exact = ex->totalpages_exact || !needs_totalpages(report, era);
		struct ranked low = rank_rows(report, ex, era, least, later_wins, victim);
		struct ranked high = exact ? low : rank_rows(report, ex, era, UINT64_C(1) << 52, later_wins, victim);
		if (!low.complete || (!low.victim_tied && !high.victim_tied))
			continue;
		ex->agrees = low.victim_tied && high.victim_tied ? AGREES_YES : AGREES_UNKNOWN;
		if (ex->agrees == AGREES_YES) {
			ex->era = era;
			ex->ntop = 0;
			fill_top(report, ex, least);
			ex->recomputed_pid = klog_i64(victim);
			ex->recomputed_comm = ex->chosen.comm;
			snprintf(ex->because, sizeof ex->because,
				 "It has the most points by the rules of %s%s; by those of %s it would have been %s, and the release is not "
				 "in this report.",
				 era_name(era), low.tied ? ", others having as many" : "", era_name(last), best);
		} else {
			ex->recomputed_pid.state = FACT_UNKNOWN;
			snprintf(ex->because, sizeof ex->because,
				 "By the rules of %s it would have been %s, by those of %s it depends on what oom_score_adj weighed (%s); "
				 "the release is not in this report.",
				 era_name(last), best, era_name(era), ex->totalpages_because);
		}
		return true;
	}
	return false;
}

static void compare(const struct klog_report *report, struct explanation *ex, enum era first, enum era last,
		    bool later_wins, bool tie_known)
{
	int64_t victim = ex->chosen.pid.value;
	bool needs = needs_totalpages(report, ex->era);
	uint64_t total = is_known(ex->totalpages.state) && ex->totalpages.value > 0 ? ex->totalpages.value : 1;
	fill_top(report, ex, total);
	struct ranked ranked = rank_rows(report, ex, ex->era, total, later_wins, victim);
	if (!is_known(ex->page_bytes.state) && !needs && wins_at_any_page(report, ex, later_wins, victim))
		return;
	if (!ranked.any || !ranked.complete) {
		because(ex, AGREES_UNKNOWN,
			klog_task_has(&report->tasks[0], KLOG_SWAPENTS) || (report->columns & 1U << KLOG_SWAPENTS)
				? (is_known(ex->page_bytes.state) ? "Rows of the table are cut, so the points cannot be computed."
								  : "The page size is not in this report, so page tables cannot be counted.")
				: "The table of this release has no column for swap or page tables, and swap was in use: the points "
				  "cannot be computed.");
		ex->ntop = 0;
		return;
	}
	struct ranked at_most = ranked;
	if (needs && !is_known(ex->totalpages.state)) {
		char text[256];
		snprintf(text, sizeof text, "Values of oom_score_adj differ, and what they weigh cannot be told: %s.",
			 ex->totalpages_because);
		because(ex, AGREES_UNKNOWN, text);
		return;
	}
	/* Points grow linearly with totalpages: what holds at both ends holds between. */
	if (needs && !ex->totalpages_exact)
		at_most = rank_rows(report, ex, ex->era, UINT64_C(1) << 52, later_wins, victim);
	if (at_most.best != ranked.best) {
		char text[256];
		snprintf(text, sizeof text, "Values of oom_score_adj differ, and what they weigh depends on more than is here: %s.",
			 ex->totalpages_because);
		because(ex, AGREES_UNKNOWN, text);
		return;
	}
	const struct klog_task *best = &report->tasks[ranked.best];
	struct klog_task_id id = row_id(best);
	char name[96], other[96], by[48];
	snprintf(by, sizeof by, "by the rules of %s", era_name(ex->era));
	explain_name(report, &id, name, sizeof name);
	ex->recomputed_pid = id.pid;
	ex->recomputed_comm = id.comm;
	if (is_same_task(best, victim)) {
		ex->agrees = AGREES_YES;
		snprintf(ex->because, sizeof ex->because, "%s has the most points of the table, %s%s.", name, by,
			 ranked.tied ? ", and of equals the kernel takes this one" : "");
		if (ex->era_by_release || first == last)
			return;
		for (enum era era = first; era <= last; era++) {
			struct ranked again = rank_rows(report, ex, era, total, later_wins, victim);
			if (again.best != ranked.best || (needs && !ex->totalpages_exact)) {
				because(ex, AGREES_UNKNOWN, "The release is not in this report, and its table fits rules that differ on the victim.");
				ex->recomputed_pid.state = FACT_UNKNOWN;
				return;
			}
		}
		return;
	}
	if (ranked.victim_tied && !tie_known) {
		ex->agrees = AGREES_YES;
		ex->recomputed_pid = klog_i64(victim);
		ex->recomputed_comm = ex->chosen.comm;
		snprintf(ex->because, sizeof ex->because,
			 "It has the most points of the table together with %s; which of equals is taken depends on the release.", name);
		return;
	}
	if (!ex->era_by_release && fits_earlier(report, ex, first, later_wins, name))
		return;
	/* A back-port of later rules into this release. */
	for (enum era era = ex->era + 1; era <= last; era++) {
		struct ranked later = rank_rows(report, ex, era, total, later_wins, victim);
		if (!later.any || !later.complete || !is_same_task(&report->tasks[later.best], victim))
			continue;
		ex->era = era;
		ex->ntop = 0;
		fill_top(report, ex, total);
		ex->recomputed_pid = klog_i64(victim);
		ex->recomputed_comm = ex->chosen.comm;
		ex->agrees = AGREES_YES;
		snprintf(ex->because, sizeof ex->because,
			 "It has the most points by the rules of %s, which this kernel must carry: by those of its release it would have been %s.",
			 era_name(era), name);
		return;
	}
	if (report->columns & 1U << KLOG_OTHER) {
		ex->own_rules = true;
		ex->recomputed_pid.state = FACT_UNKNOWN;
		because(ex, AGREES_UNKNOWN, "The table has a column that no release known here prints: this kernel counts by rules of its own.");
		return;
	}
	explain_name(report, &ex->chosen, other, sizeof other);
	/* A victim whose memory was taken is passed over, mm/oom_kill.c oom_evaluate_task(). */
	struct ranked others = rank_rows_but(report, ex, ex->era, total, later_wins, victim, true);
	if (best->killed_before && others.any && is_same_task(&report->tasks[others.best], victim)) {
		ex->recomputed_pid = klog_i64(victim);
		ex->recomputed_comm = ex->chosen.comm;
		ex->agrees = AGREES_YES;
		snprintf(ex->because, sizeof ex->because,
			 "%s has more points, but was killed before in this log and is not chosen twice; of the others %s has the most, %s.",
			 name, other, by);
		return;
	}
	ex->agrees = AGREES_NO;
	const struct klog_task *row = klog_report_task(report, victim);
	struct badness_parts parts;
	if (report->allocating_task) {
		snprintf(ex->because, sizeof ex->because,
			 "vm.oom_kill_allocating_task was set: the kernel took who asked for memory and compared nobody. By points it would have been %s.",
			 name);
	} else if (row && ex->era >= ERA_4_15 && is_twin(best, row)) {
		snprintf(ex->because, sizeof ex->because,
			 "%s has the very figures of %s and would be taken of the two; but between vfork and exec a process has its "
			 "parent's memory and is not chosen, and that it was so is the likeliest: the report does not say.",
			 name, other);
	} else if (row && parts_of(report, ex, row, ex->era, &parts)) {
		int64_t points = badness_points(ex->era, &parts, total);
		snprintf(ex->because, sizeof ex->because,
			 "%s has %lld points more than %s %s, so when the kernel chose it cannot have been eligible (an earlier "
			 "victim whose memory was taken or could not be, or between vfork and exec), or figures moved since; the "
			 "report does not say which.",
			 name, (long long)(ranked.best_points - points), other, by);
	}
}

/* The kernel found nobody it could kill: does the table say so too? */
static void judge_nobody(const struct klog_report *report, struct explanation *ex)
{
	bool any = false, any_left = false;
	for (uint32_t i = 0; i < report->ntasks; i++) {
		const struct klog_task *task = &report->tasks[i];
		bool may_be = is_candidate(task) && (klog_task_has(task, KLOG_OOM_SCORE_ADJ) || klog_task_has(task, KLOG_OOM_ADJ));
		any = any || may_be;
		any_left = any_left || (may_be && !task->killed_before);
	}
	uint64_t total = is_known(ex->totalpages.state) && ex->totalpages.value > 0 ? ex->totalpages.value : 1;
	fill_top(report, ex, total);
	if (any_left)
		because(ex, AGREES_NO,
			"The kernel found nobody it could kill, though the table lists candidates: all of them must have been victims "
			"already, whose memory was taken or could not be.");
	else if (!ex->table_complete)
		because(ex, AGREES_UNKNOWN, "The task table is not whole in this report; nobody of what is left could be killed.");
	else if (any)
		because(ex, AGREES_YES, "Who may be killed was killed before in this log, and all others have oom_score_adj -1000.");
	else
		because(ex, AGREES_YES, "Nobody in the table may be killed: all have oom_score_adj -1000.");
}

static void recompute(const struct klog_report *report, struct explanation *ex)
{
	enum era first, last;
	bool has_victim = is_known(ex->chosen.pid.state);
	if (report->panic == KLOG_PANIC_SYSCTL || report->panic == KLOG_PANIC_COMPULSORY) {
		because(ex, AGREES_UNKNOWN, "The kernel panicked by vm.panic_on_oom before it chose anybody.");
		return;
	}
	if (report->ntasks == 0) {
		because(ex, AGREES_UNKNOWN, "The task table is not in this report.");
		return;
	}
	if (!report->has_table || !eras_of_table(report, &first, &last)) {
		because(ex, AGREES_UNKNOWN,
			report->has_table ? "The rules of this release count what its table does not show: run time, children, capabilities."
					  : "The header of the task table is not in this report, so its columns cannot be told apart.");
		return;
	}
	enum era era = last;
	struct rules rules = { .later_wins = true };
	char release[96];
	text_copy(klog_text(report, report->release), release, sizeof release);
	bool tie_known = is_known(report->release.state) && rules_of_release(release, &rules) == 0;
	ex->era_by_release = is_known(report->release.state) && era_of_release(release, &era) == 0;
	if (!ex->era_by_release)
		era = last;
	ex->era = era < first ? first : era > last ? last : era;
	ex->has_era = true;
	if (has_victim) {
		for (uint32_t i = 0; i < report->ntasks; i++) {
			if (is_same_task(&report->tasks[i], ex->chosen.pid.value)) {
				ex->has_victim = true;
				fill_candidate(report, ex, i, &ex->victim);
				break;
			}
		}
	}
	if (!has_victim && report->nobody_killable) {
		judge_nobody(report, ex);
		return;
	}
	if (!has_victim) {
		because(ex, AGREES_UNKNOWN, "Whom the kernel chose is not in this report.");
		return;
	}
	if (!ex->has_victim) {
		because(ex, AGREES_UNKNOWN, "The victim's row is not in the table, so rows are missing.");
		return;
	}
	if (!ex->table_complete) {
		because(ex, AGREES_UNKNOWN, "The task table is not whole in this report.");
		return;
	}
	compare(report, ex, first, last, rules.later_wins, tie_known);
}

void explain_report(const struct klog_report *report, struct explanation *ret)
{
	*ret = (struct explanation){ .page_from = "", .totalpages_because = "" };
	ret->chosen = report->chosen;
	if (report->nkills > 0 && report->kills[0].role == KLOG_ROLE_CHOSEN) {
		if (!is_known(ret->chosen.pid.state))
			ret->chosen.pid = report->kills[0].task.pid;
		if (!is_known(ret->chosen.comm.state))
			ret->chosen.comm = report->kills[0].task.comm;
	}
	find_page(report, ret);
	find_totalpages(report, ret);
	bool victim_listed = is_known(ret->chosen.pid.state) && klog_report_task(report, ret->chosen.pid.value);
	ret->table_complete = report->has_table && report->ntasks > 0 && report->tasks_cut == 0 &&
			      !report->tasks_dropped && report->table_ended &&
			      (victim_listed || !is_known(ret->chosen.pid.state));
	recompute(report, ret);
	advise(report, ret);
	summarise(report, ret);
}
