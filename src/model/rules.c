/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Release numbers lie: stable and distribution trees carry back-ports (5.4.286
 * has the badness of 5.9). What shows in the kernel's answers is taken from
 * them, and the release decides only what does not show.
 */
#include "oomsight/model/rules.h"

#include <errno.h>
#include <string.h>

#include "oomsight/base/units.h"
#include "release.h"

/* The first release with the newest rules known. */
#define TODAY "7.0"

static bool is_quick_rss(const struct release *release)
{
	return !release_from(release, 7, 0, 0);
}

/* Rules of a release, as if nothing had been back-ported to it. -EINVAL when
 * it is older than any rule known. */
static int rules_by_release(const char *text, struct rules *ret_rules, struct release *ret_release)
{
	enum era era;
	int r = release_numbers(text, ret_release);
	if (r < 0)
		return r;
	r = era_of_release(text, &era);
	if (r < 0)
		return r;
	*ret_rules = (struct rules){
		.era = era,
		.known = true,
		.rss = is_quick_rss(ret_release) ? RSS_QUICK : RSS_PRECISE,
		.later_wins = release_from(ret_release, 5, 3, 0),
		.child = release_from(ret_release, 5, 1, 0) ? CHILD_SPARED :
			 era >= ERA_2_6_36		    ? CHILD_WORST :
							      CHILD_FIRST,
		.oom_group = release_from(ret_release, 4, 19, 0),
		.memcg_panics = era >= ERA_2_6_36,
		.sysrq_panics = !release_from(ret_release, 4, 3, 0),
		.interleave_binds = !release_from(ret_release, 5, 14, 0),
		.memcg_swap = release_from(ret_release, 3, 8, 0)    ? MEMCG_SWAP_BY_SWAPPINESS :
			      release_from(ret_release, 2, 6, 38) ? MEMCG_SWAP_ALWAYS :
								    MEMCG_SWAP_AS_BYTES,
	};
	return 0;
}

int rules_of_release(const char *text, struct rules *ret_rules)
{
	struct release release;
	return rules_by_release(text, ret_rules, &release);
}

const struct rules_milestone rules_milestones[RULES_MILESTONES] = {
	{ "2.6.32", "virtual size, children; less by CPU time, age, capabilities" },
	{ "2.6.36", "rss + swap and oom_score_adj, in thousandths of RAM + swap" },
	{ "2.6.39", "page tables count" },
	{ "3.5", "in pages; root has 3 % of RAM + swap taken off" },
	{ "3.8", "swap counts for a group by its swappiness" },
	{ "3.14", "root has 3 % of its own size taken off" },
	{ "4.0", "page tables of two levels count" },
	{ "4.15", "all page tables count; none in vfork or reaped" },
	{ "4.17", "nothing is taken off for root" },
	{ "4.19", "memory.oom.group" },
	{ "5.1", "the chosen dies itself, not one of its children" },
	{ "5.3", "of equals the later started dies" },
	{ "5.9", "points below 0 count" },
	{ "7.0", "the precise rss decides" },
};

bool rules_agree(const struct rules *a, const struct rules *b, bool policies)
{
	return a->era == b->era && a->rss == b->rss && a->later_wins == b->later_wins && a->child == b->child &&
	       a->oom_group == b->oom_group && a->memcg_panics == b->memcg_panics &&
	       a->sysrq_panics == b->sysrq_panics && a->memcg_swap == b->memcg_swap &&
	       (!policies || a->interleave_binds == b->interleave_binds);
}

/* Below this distance between what the two formulas print, the answer of a
 * small process does not tell them apart. Reached near adj -1000. */
#define FORMULAS_APART 20

/* Does the observer's own score follow the formula of 5.9? A small process
 * with adj a prints about (1000 + a) * 2 / 3 there and max(0, a) before. */
static bool observe_formula(const struct observer *observer, bool *ret_is_5_9)
{
	if (!observer->scores_known || observer->oom_score_adj <= OOM_SCORE_ADJ_MIN)
		return false;
	int adj = observer->oom_score_adj;
	int since = (1000 + adj) * 2 / 3;
	int before = adj > 0 ? adj : 0;
	if (since - before < FORMULAS_APART)
		return false;
	*ret_is_5_9 = observer->oom_score > before + (since - before) / 2;
	return true;
}

/* lib/percpu_counter.c: compute_batch_value(). */
static uint64_t percpu_batch(uint32_t cpus)
{
	uint64_t batch = 2 * (uint64_t)cpus;
	return batch < 32 ? 32 : batch;
}

/* How far the shared count of one percpu counter may be from the precise sum. */
static uint64_t percpu_error_pages(uint32_t cpus)
{
	return u64_mul_sat(cpus, percpu_batch(cpus) - 1);
}

/* From 6.12 (by back-port to its stable tree; 6.17 in mainline) to 6.19 status
 * prints the precise swap count while badness reads the quick one, which no
 * file shows. Before and after both are the same number. */
static uint32_t swap_error(const struct release *release, uint32_t cpus)
{
	if (!is_quick_rss(release) || !release_from(release, 6, 12, 0))
		return 0;
	uint64_t pages = percpu_error_pages(cpus);
	return pages > UINT32_MAX ? UINT32_MAX : (uint32_t)pages;
}

int rules_calibrate(const struct snapshot *snap, struct rules *ret_rules)
{
	struct rules rules;
	struct release release;
	bool is_5_9 = true;
	bool observed = observe_formula(&snap->observer, &is_5_9);
	bool released = rules_by_release(snap->release, &rules, &release) == 0;
	/* Else the newest release that behaves so. */
	if (!released && rules_by_release(observed && !is_5_9 ? "5.8" : TODAY, &rules, &release) < 0)
		return -ENODATA;
	if (observed) {
		if (is_5_9)
			rules.era = ERA_5_9;
		else if (rules.era == ERA_5_9)
			rules.era = ERA_4_17;
		rules.calibrated = true;
	}
	rules.known = observed || released;
	rules.oom_group = true; /* the file is there or it is not */
	rules.swap_error_pages = swap_error(&release, snap->cpus);
	*ret_rules = rules;
	return observed || released ? 0 : -ENODATA;
}

/* One event's worth of pages that a thread keeps to itself up to 6.1:
 * TASK_RSS_EVENTS_THRESH, mm/memory.c. */
#define THREAD_RSS_EVENTS 64

uint64_t rules_counter_error_pages(const struct rules *rules, const struct snapshot *snap, const struct task *task)
{
	if (rules->era < ERA_2_6_36)
		return 0; /* total_vm is one exact number */
	struct release release;
	bool released = release_numbers(snap->release, &release) == 0;
	if (released && !release_from(&release, 6, 2, 0))
		return u64_mul_sat(THREAD_RSS_EVENTS, task->threads > 0 ? task->threads : 1);
	if (rules->rss == RSS_PRECISE)
		return 0;
	uint64_t counters = task->swap_pages > 0;
	if (task_knows(task, TASK_SPLIT))
		counters += (uint64_t)(task_anon_pages(task) > 0) + (task->rss_file_pages > 0) +
			    (task->rss_shmem_pages > 0);
	else
		counters += 3;
	return u64_mul_sat(counters, percpu_error_pages(snap->cpus));
}
