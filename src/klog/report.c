/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The memory of a report: arrays that grow up to a bound, and an arena of text.
 */
#include "oomsight/klog/report.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bounds against hostile input. PID_MAX_LIMIT is 4 million, but a log that
 * holds more rows than this is none. */
#define TASKS_MAX (1U << 18)
#define KILLS_MAX (1U << 14)
#define FEW_MAX 1024
#define ARENA_MAX (16U << 20)

#define FIRST 8 /* items of an array, at first */
#define ARENA_FIRST 2048U
#define ARENA_SPARE 1024U /* of it, for what is not a row's */

/* What becomes larger than this is taken as large as malloc() maps by itself, of which
 * only what is used takes memory, and which is given back whole. */
#define SMALL 4096U
#define MAPPED (160U << 10)

static const char *const column_names[] = {
	[KLOG_PID] = "pid", [KLOG_UID] = "uid", [KLOG_TGID] = "tgid", [KLOG_TOTAL_VM] = "total_vm", [KLOG_RSS] = "rss",
	[KLOG_RSS_ANON] = "rss_anon", [KLOG_RSS_FILE] = "rss_file", [KLOG_RSS_SHMEM] = "rss_shmem",
	[KLOG_NR_PTES] = "nr_ptes", [KLOG_NR_PMDS] = "nr_pmds", [KLOG_PGTABLES_BYTES] = "pgtables_bytes",
	[KLOG_SWAPENTS] = "swapents", [KLOG_CPU] = "cpu", [KLOG_OOM_ADJ] = "oom_adj",
	[KLOG_OOM_SCORE_ADJ] = "oom_score_adj", [KLOG_OTHER] = "?",
};
static_assert(sizeof column_names / sizeof *column_names == KLOG_COLUMN__COUNT, "every column has a name");

static const char *const counter_names[] = {
#define X(name) #name,
	KLOG_COUNTERS(X)
#undef X
};

const char *klog_column_name(enum klog_column column)
{
	return column_names[column];
}

const char *klog_counter_name(enum klog_counter counter)
{
	return counter_names[counter];
}

const char *klog_role_name(enum klog_role role)
{
	static const char *const names[] = { [KLOG_ROLE_CHOSEN] = "chosen", [KLOG_ROLE_CHILD] = "child",
					     [KLOG_ROLE_SHARES_MM] = "shares_mm", [KLOG_ROLE_OOM_GROUP] = "oom_group" };
	static_assert(sizeof names / sizeof *names == KLOG_ROLE__COUNT, "every role has a name");
	return names[role];
}

void klog_report_init(struct klog_report *report)
{
	*report = (struct klog_report){ 0 };
}

void klog_report_done(struct klog_report *report)
{
	free(report->tasks);
	free(report->kills);
	free(report->reaped);
	free(report->zones);
	free(report->hugepages);
	free(report->stats);
	free(report->arena);
	klog_report_init(report);
}

int klog_report_prepare(struct klog_report *report)
{
	if (!report->tasks && (report->tasks = malloc(FIRST * sizeof *report->tasks)))
		report->tasks_capacity = FIRST;
	if (!report->kills && (report->kills = malloc(FIRST * sizeof *report->kills)))
		report->kills_capacity = FIRST;
	if (!report->arena && (report->arena = malloc(ARENA_FIRST)))
		report->arena_capacity = ARENA_FIRST;
	return report->tasks && report->kills && report->arena ? 0 : -ENOMEM;
}

void klog_report_clear(struct klog_report *report)
{
	bool kept_tasks = report->tasks_capacity <= FIRST, kept_kills = report->kills_capacity <= FIRST,
	     kept_arena = report->arena_capacity <= ARENA_FIRST;
	struct klog_report kept = {
		.tasks = kept_tasks ? report->tasks : NULL, .tasks_capacity = kept_tasks ? report->tasks_capacity : 0,
		.kills = kept_kills ? report->kills : NULL, .kills_capacity = kept_kills ? report->kills_capacity : 0,
		.arena = kept_arena ? report->arena : NULL, .arena_capacity = kept_arena ? report->arena_capacity : 0,
	};
	if (kept_tasks)
		report->tasks = NULL;
	if (kept_kills)
		report->kills = NULL;
	if (kept_arena)
		report->arena = NULL;
	klog_report_done(report);
	*report = kept;
}

void klog_report_take(struct klog_report *dst, struct klog_report *src)
{
	if (dst == src)
		return;
	klog_report_done(dst);
	*dst = *src;
	klog_report_init(src);
}

/* Room for item n of an array; the item is zeroed. */
static void *add(void **items, uint32_t *n, uint32_t *capacity, uint32_t max, size_t size)
{
	if (*n >= max)
		return NULL;
	if (*n == *capacity) {
		uint32_t grown = *capacity ? *capacity * 2 : FIRST;
		if (grown * size > SMALL && grown * size < MAPPED)
			grown = (uint32_t)(MAPPED / size) + 1;
		void *p = realloc(*items, grown * size);
		if (!p)
			return NULL;
		*items = p;
		*capacity = grown;
	}
	void *item = (char *)*items + (size_t)(*n)++ * size;
	memset(item, 0, size);
	return item;
}

#define ADD(report, name, max) \
	({ \
		void *items_ = (report)->name; \
		void *item_ = add(&items_, &(report)->n##name, &(report)->name##_capacity, max, sizeof *(report)->name); \
		(report)->name = items_; \
		item_; \
	})

struct klog_task *klog_report_add_task(struct klog_report *report)
{
	return ADD(report, tasks, TASKS_MAX);
}

struct klog_kill *klog_report_add_kill(struct klog_report *report)
{
	return ADD(report, kills, KILLS_MAX);
}

struct klog_reaped *klog_report_add_reaped(struct klog_report *report)
{
	return ADD(report, reaped, KILLS_MAX);
}

struct klog_zone *klog_report_add_zone(struct klog_report *report)
{
	return ADD(report, zones, FEW_MAX);
}

struct klog_hugepages *klog_report_add_hugepages(struct klog_report *report)
{
	return ADD(report, hugepages, FEW_MAX);
}

struct klog_stat *klog_report_add_stat(struct klog_report *report)
{
	return ADD(report, stats, FEW_MAX);
}

struct text klog_text(const struct klog_report *report, struct klog_text text)
{
	if (text.state != FACT_KNOWN)
		return text_of("", 0);
	return text_of(report->arena + text.offset, text.len);
}

static struct klog_text keep(struct klog_report *report, struct text raw, uint32_t spare)
{
	if (raw.len > ARENA_MAX - report->arena_len)
		return (struct klog_text){ FACT_UNKNOWN, 0, 0 };
	uint32_t len = (uint32_t)raw.len, wanted = report->arena_len + len + spare;
	if (!report->arena || wanted > report->arena_capacity) {
		uint32_t capacity = report->arena_capacity ? report->arena_capacity * 2 : ARENA_FIRST;
		if (capacity > SMALL && capacity < MAPPED)
			capacity = MAPPED;
		while (capacity < wanted)
			capacity *= 2;
		char *p = realloc(report->arena, capacity);
		if (!p)
			return (struct klog_text){ FACT_UNKNOWN, 0, 0 };
		report->arena = p;
		report->arena_capacity = capacity;
	}
	struct klog_text kept = { FACT_KNOWN, report->arena_len, len };
	if (len > 0)
		memcpy(report->arena + kept.offset, raw.ptr, len);
	report->arena_len += len;
	return kept;
}

struct klog_text klog_report_keep(struct klog_report *report, struct text raw)
{
	return keep(report, raw, 0);
}

struct klog_text klog_report_keep_row(struct klog_report *report, struct text raw)
{
	return keep(report, raw, ARENA_SPARE);
}

const struct klog_task *klog_report_task(const struct klog_report *report, int64_t pid)
{
	for (int column = KLOG_PID; column >= 0; column = column == KLOG_PID ? KLOG_TGID : -1) {
		for (uint32_t i = 0; i < report->ntasks; i++) {
			const struct klog_task *task = &report->tasks[i];
			if (klog_task_has(task, (enum klog_column)column) && task->value[column] == pid)
				return task;
		}
	}
	return NULL;
}

struct klog_u64 klog_report_stat(const struct klog_report *report, const char *name)
{
	for (uint32_t i = 0; i < report->nstats; i++) {
		if (text_is(klog_text(report, report->stats[i].name), name))
			return klog_u64(report->stats[i].value);
	}
	return (struct klog_u64){ FACT_UNKNOWN, 0 };
}
