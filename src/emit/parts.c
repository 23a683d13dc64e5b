/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parts.h"

#include <stdio.h>

#include "oomsight/base/units.h"

const char *const task_size_names[TASK_SIZE__COUNT] = {
	[TASK_SIZE_VIRT] = "virt_bytes",
	[TASK_SIZE_RSS] = "rss_bytes",
	[TASK_SIZE_SHR] = "shr_bytes",
	[TASK_SIZE_RSS_ANON] = "rss_anon_bytes",
	[TASK_SIZE_RSS_FILE] = "rss_file_bytes",
	[TASK_SIZE_RSS_SHMEM] = "rss_shmem_bytes",
	[TASK_SIZE_SWAP] = "swap_bytes",
	[TASK_SIZE_PGTABLES] = "pgtables_bytes",
};

static struct figure figure_of(const struct task *task, enum task_group group, uint64_t value)
{
	return (struct figure){ (enum fact_state)task->group_state[group], value };
}

static struct figure figure_of_pages(const struct snapshot *snap, const struct task *task, enum task_group group,
				     uint64_t pages)
{
	return figure_of(task, group, snapshot_bytes(snap, pages));
}

struct figure task_size(const struct snapshot *snap, const struct task *task, enum task_size size)
{
	switch (size) {
	case TASK_SIZE_VIRT:
		return figure_of(task, TASK_STAT, task->virt_bytes);
	case TASK_SIZE_RSS:
		if (task_knows(task, TASK_MM))
			return figure_of_pages(snap, task, TASK_MM, task->rss_pages);
		/* For a kernel thread or a zombie that is the 0 ps shows. */
		return figure_of_pages(snap, task, TASK_STAT, task->rss_quick_pages);
	case TASK_SIZE_SHR:
		return figure_of_pages(snap, task, TASK_STATM, task->shr_pages);
	case TASK_SIZE_RSS_ANON:
		return figure_of_pages(snap, task, TASK_SPLIT, task_anon_pages(task));
	case TASK_SIZE_RSS_FILE:
		return figure_of_pages(snap, task, TASK_SPLIT, task->rss_file_pages);
	case TASK_SIZE_RSS_SHMEM:
		return figure_of_pages(snap, task, TASK_SPLIT, task->rss_shmem_pages);
	case TASK_SIZE_SWAP:
		return figure_of_pages(snap, task, TASK_MM, task->swap_pages);
	case TASK_SIZE_PGTABLES:
		return figure_of(task, TASK_MM, task->pgtables_bytes);
	case TASK_SIZE__COUNT:
		break;
	}
	return (struct figure){ .state = FACT_UNKNOWN };
}

struct figure memory_used(const struct system_facts *sys)
{
	if (!system_knows(sys, SYS_MEM_TOTAL) || !system_knows(sys, SYS_MEM_AVAILABLE))
		return (struct figure){ .state = FACT_UNKNOWN };
	uint64_t total = sys->value[SYS_MEM_TOTAL];
	uint64_t available = sys->value[SYS_MEM_AVAILABLE];
	/* Inside containers available has been seen above total; free(1) then
	 * falls back on what is free. */
	if (available > total)
		available = system_get(sys, SYS_MEM_FREE, total);
	return (struct figure){ FACT_KNOWN, u64_sub_floor(total, available) };
}

struct figure memory_buff_cache(const struct system_facts *sys)
{
	static const enum sys_fact parts[] = { SYS_BUFFERS, SYS_CACHED, SYS_SRECLAIMABLE };
	uint64_t sum = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!system_knows(sys, parts[i]) || __builtin_add_overflow(sum, sys->value[parts[i]], &sum))
			return (struct figure){ .state = FACT_UNKNOWN };
	}
	return (struct figure){ FACT_KNOWN, sum };
}

struct figure swap_used(const struct system_facts *sys)
{
	if (!system_knows(sys, SYS_SWAP_TOTAL) || !system_knows(sys, SYS_SWAP_FREE))
		return (struct figure){ .state = FACT_UNKNOWN };
	return (struct figure){ FACT_KNOWN, u64_sub_floor(sys->value[SYS_SWAP_TOTAL], sys->value[SYS_SWAP_FREE]) };
}

bool task_has_points(const struct model *model, uint32_t index)
{
	const struct ranking *ranking = &model->ranking;
	return index < ranking->ntasks && ranking->totalpages > 0 && ranking->candidates[index].eligibility == ELIGIBLE;
}

double points_percent(const struct model *model, int64_t points)
{
	return 100.0 * (double)points / (double)model->ranking.totalpages;
}

const char *task_user(const struct labels *labels, const struct task *task, char buf[USER_DIGITS])
{
	if (!task_knows(task, TASK_STATUS))
		return "";
	const char *name = labels ? labels_user(labels, task->uid) : NULL;
	if (name)
		return name;
	snprintf(buf, USER_DIGITS, "%u", (unsigned)task->uid);
	return buf;
}

struct text task_comm(const struct snapshot *snap, const struct task *task)
{
	return task->comm.len > 0 ? snapshot_text(snap, task->comm) : TEXT("");
}

const char *source_name(enum task_source source)
{
	return source == SOURCE_BPF ? "bpf" : "proc";
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* Why not gmtime_r: the C library may read TZ and a zone file even for UTC, and
 * this room reads neither. */
struct date {
	int64_t year;
	unsigned month; /* 1 .. 12 */
	unsigned day;   /* 1 .. 31 */
};

/* Days of a 400-year cycle before its year `year`, years counted from March so
 * that a leap day is the last of its year. */
static int64_t days_before_year(int64_t year)
{
	return 365 * year + year / 4 - year / 100 + year / 400;
}

static struct date date_of_day(int64_t days_since_1970)
{
	static const int64_t days_before_month[12] = { 0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337 };
	const int64_t cycle_days = 146097;
	int64_t days = days_since_1970 + 719468; /* since 1 March of the year 0 */
	int64_t cycle = floor_div(days, cycle_days);
	days -= cycle * cycle_days;
	int64_t year = days / 366;
	while (days_before_year(year + 1) <= days)
		year++;
	days -= days_before_year(year);
	unsigned march_month = 11;
	while (days_before_month[march_month] > days)
		march_month--;
	bool next_year = march_month >= 10; /* January and February */
	return (struct date){
		.year = cycle * 400 + year + (next_year ? 1 : 0),
		.month = next_year ? march_month - 9 : march_month + 3,
		.day = (unsigned)(days - days_before_month[march_month]) + 1,
	};
}

/* "2026-01-31T12:34:56", without the zone. Returns the bytes written. */
static int format_seconds(int64_t seconds_since_1970, char dst[INSTANT_BUFFER])
{
	int64_t day = floor_div(seconds_since_1970, 86400);
	unsigned second = (unsigned)(seconds_since_1970 - day * 86400);
	struct date date = date_of_day(day);
	return snprintf(dst, INSTANT_BUFFER, "%04d-%02u-%02uT%02u:%02u:%02u", (int)date.year, date.month, date.day,
			second / 3600, second / 60 % 60, second % 60);
}

const char *instant_format_ms(int64_t realtime_ns, char dst[INSTANT_BUFFER])
{
	int64_t rest_ns = realtime_ns % 1000000000;
	unsigned ms = (unsigned)((rest_ns < 0 ? rest_ns + 1000000000 : rest_ns) / 1000000);
	int n = format_seconds(floor_div(realtime_ns, 1000000000), dst);
	snprintf(dst + n, INSTANT_BUFFER - (size_t)n, ".%03uZ", ms);
	return dst;
}

const char *instant_task_start(const struct snapshot *snap, const struct task *task, char dst[INSTANT_BUFFER])
{
	if (!task_knows(task, TASK_STAT) || snap->ticks_per_s == 0)
		return NULL;
	uint64_t whole_s = task->start_ticks / snap->ticks_per_s;
	/* A start beyond the range of the clock is a recording's nonsense. */
	if (whole_s > INT32_MAX || snap->boottime_ns > INT64_MAX)
		return NULL;
	uint64_t rest_ns = task->start_ticks % snap->ticks_per_s * 1000000000 / snap->ticks_per_s;
	int64_t start_ns;
	if (__builtin_sub_overflow(snap->realtime_ns, (int64_t)snap->boottime_ns, &start_ns) ||
	    __builtin_add_overflow(start_ns, (int64_t)(whole_s * 1000000000 + rest_ns), &start_ns))
		return NULL;
	int n = format_seconds(floor_div(start_ns, 1000000000), dst);
	snprintf(dst + n, INSTANT_BUFFER - (size_t)n, "Z");
	return dst;
}
