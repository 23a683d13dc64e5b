/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A snapshot lists its tasks by ascending pid, and so do the records of those of
 * the tick before: one merge finds who is who. A pid with another start time is
 * another process, with no past.
 *
 * Amounts are kept modulo 2^32. The difference of two such numbers is the true one
 * as long as the amount moved by less than 2^31 from one tick to the next: pages, 8
 * TiB of them at least; faults that wait for a disk. A busy process can have more
 * page faults than that while we are stopped for an hour: their counts are kept
 * modulo 2^40.
 */
#include "oomsight/model/rates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "oomsight/model/ranking.h"

/* Weight of the newest tick: three quarters of the whole come from the last
 * three ticks, nine tenths from the last four or five. */
#define GROWTH_NEWEST 0.4

void rates_init(struct rates *rates)
{
	memset(rates, 0, sizeof *rates);
}

void rates_done(struct rates *rates)
{
	free(rates->tasks);
	rates_init(rates);
}

void rates_clear(struct rates *rates)
{
	struct task_rate *tasks = rates->tasks;
	uint32_t capacity = rates->capacity;
	rates_init(rates);
	rates->tasks = tasks;
	rates->capacity = capacity;
}

static int reserve(struct rates *rates, uint32_t ntasks)
{
	if (ntasks <= rates->capacity)
		return 0;
	uint32_t capacity = grown_capacity(rates->capacity, ntasks);
	struct task_rate *tasks = realloc(rates->tasks, (size_t)capacity * sizeof *tasks);
	if (!tasks)
		return -ENOMEM;
	rates->tasks = tasks;
	rates->capacity = capacity;
	return 0;
}

/* --- the system ----------------------------------------------------------- */

/* Does the fact count events since boot, or is it an amount of now? */
static bool is_counter(enum sys_fact fact)
{
	enum sys_file file = sys_fact_table[fact].file;
	return (file == SYS_FILE_VMSTAT || file == SYS_FILE_STAT) && fact != SYS_PROCS_RUNNING &&
	       fact != SYS_PROCS_BLOCKED;
}

static void rate_facts(struct rates *rates, const struct system_facts *curr)
{
	for (int i = 0; i < SYS__COUNT; i++) {
		enum sys_fact fact = (enum sys_fact)i;
		if (!is_counter(fact) || !rates->counter_known[fact] || !system_knows(curr, fact) ||
		    curr->value[fact] < rates->counter[fact])
			continue; /* a counter that falls was reset: nothing to be said */
		rates->per_s[fact] = (double)(curr->value[fact] - rates->counter[fact]) / rates->seconds;
		rates->per_s_known[fact] = true;
	}
}

/* How far a time went on. iowait and idle are known to step back a little
 * (proc(5)): that is no time at all. */
static double time_passed(const struct rates *rates, const struct system_facts *curr, enum sys_fact fact)
{
	if (!rates->counter_known[fact] || !system_knows(curr, fact) || curr->value[fact] < rates->counter[fact])
		return 0.0;
	return (double)(curr->value[fact] - rates->counter[fact]);
}

static void rate_cpu(struct rates *rates, const struct system_facts *curr)
{
	double user = time_passed(rates, curr, SYS_CPU_USER) + time_passed(rates, curr, SYS_CPU_NICE);
	double system = time_passed(rates, curr, SYS_CPU_SYSTEM) + time_passed(rates, curr, SYS_CPU_IRQ) +
			time_passed(rates, curr, SYS_CPU_SOFTIRQ);
	double idle = time_passed(rates, curr, SYS_CPU_IDLE);
	double iowait = time_passed(rates, curr, SYS_CPU_IOWAIT);
	double steal = time_passed(rates, curr, SYS_CPU_STEAL);
	double all = user + system + idle + iowait + steal;
	if (!(all > 0.0) || !rates->counter_known[SYS_CPU_IDLE] || !system_knows(curr, SYS_CPU_IDLE))
		return;
	rates->cpu_known = true;
	rates->cpu_user = user / all;
	rates->cpu_system = system / all;
	rates->cpu_idle = idle / all;
	rates->cpu_iowait = iowait / all;
	rates->cpu_steal = steal / all;
}

static void keep_counters(struct rates *rates, const struct system_facts *curr)
{
	for (int i = 0; i < SYS__COUNT; i++) {
		rates->counter_known[i] = is_counter((enum sys_fact)i) && system_knows(curr, (enum sys_fact)i);
		rates->counter[i] = rates->counter_known[i] ? curr->value[i] : 0;
	}
}

/* --- the tasks ------------------------------------------------------------ */

static bool is_of(const struct task_rate *record, const struct task *task)
{
	return record->pid == task->pid && record->start_ticks == (uint32_t)task->start_ticks;
}

/* One record for each task, in the order of the tasks: those of who is still there
 * are kept. In place: they are first drawn together towards the begin, then spread
 * from the end. */
static void arrange(struct rates *rates, const struct snapshot *curr)
{
	uint32_t kept = 0, now = 0;
	for (uint32_t then = 0; then < rates->ntasks; then++) {
		while (now < curr->ntasks && curr->tasks[now].pid < rates->tasks[then].pid)
			now++;
		if (now == curr->ntasks)
			break;
		if (is_of(&rates->tasks[then], &curr->tasks[now])) {
			if (kept != then)
				rates->tasks[kept] = rates->tasks[then];
			kept++;
			now++;
		}
	}
	/* The last of them has a place no lower than its own; where all that are left
	 * fill all places that are left, they stand where they belong. */
	for (now = curr->ntasks; now > kept; now--) {
		const struct task *task = &curr->tasks[now - 1];
		if (kept > 0 && is_of(&rates->tasks[kept - 1], task))
			rates->tasks[now - 1] = rates->tasks[--kept];
		else
			rates->tasks[now - 1] =
				(struct task_rate){ .pid = task->pid, .start_ticks = (uint32_t)task->start_ticks };
	}
	rates->ntasks = curr->ntasks;
}

/* How far the amount moved: its low 32 bits then, and now. */
static int32_t moved(uint32_t then, uint64_t now)
{
	return (int32_t)((uint32_t)now - then);
}

uint64_t rates_badness_pages(const struct task_rate *then, uint64_t now_pages)
{
	return now_pages - (uint64_t)(int64_t)moved(then->badness_pages, now_pages);
}

static double growth_of(const struct task_rate *then, const struct task *now, uint32_t page_bytes, double seconds)
{
	/* rss_quick_pages is of every tick; the other counts of status may be
	 * carried over, and then did not change. */
	double pages = moved(then->rss_quick_pages, now->rss_quick_pages);
	if (then->saw_mm && task_knows(now, TASK_MM))
		pages += moved(then->swap_pages, now->swap_pages);
	return pages * page_bytes / seconds;
}

#define MINOR_BITS 40

/* Minor faults since then; none if there are fewer now. */
static uint64_t minor_since(const struct task_rate *then, uint64_t now)
{
	uint64_t before = (uint64_t)then->minor_high << 32 | then->minor_faults;
	uint64_t more = (now - before) & ((UINT64_C(1) << MINOR_BITS) - 1);
	return more >> (MINOR_BITS - 1) ? 0 : more;
}

static void rate_task(struct task_rate *rate, const struct task *task, uint32_t page_bytes, double seconds)
{
	double growth = growth_of(rate, task, page_bytes, seconds);
	if (rate->known)
		growth = GROWTH_NEWEST * growth + (1.0 - GROWTH_NEWEST) * (double)rate->growth_bytes_per_s;
	int32_t major = moved(rate->major_faults, task->major_faults);
	rate->known = true;
	rate->growth_bytes_per_s = (float)growth;
	rate->minor_per_s = (float)((double)minor_since(rate, task->minor_faults) / seconds);
	rate->major_per_s = major > 0 ? (float)(major / seconds) : 0.0F;
}

static void keep_task(struct task_rate *rate, const struct snapshot *curr, const struct task *task,
		      const struct rules *rules)
{
	const struct badness_parts parts = task_badness_parts(curr, rules, task, 0);
	rate->saw_stat = task_knows(task, TASK_STAT);
	rate->saw_mm = task_knows(task, TASK_MM);
	rate->saw_adj = task_knows(task, TASK_ADJ);
	rate->adj = task->oom_score_adj;
	rate->minor_high = (uint8_t)(task->minor_faults >> 32);
	rate->minor_faults = (uint32_t)task->minor_faults;
	rate->major_faults = (uint32_t)task->major_faults;
	rate->rss_quick_pages = (uint32_t)task->rss_quick_pages;
	rate->swap_pages = (uint32_t)task->swap_pages;
	rate->badness_pages = (uint32_t)badness_pages(rules->era, &parts);
}

static void rate_tasks(struct rates *rates, const struct snapshot *curr, const struct rules *rules)
{
	for (uint32_t i = 0; i < curr->ntasks; i++) {
		struct task_rate *rate = &rates->tasks[i];
		const struct task *task = &curr->tasks[i];
		if (rates->known && rate->saw_stat && task_knows(task, TASK_STAT)) {
			rate_task(rate, task, curr->page_bytes, rates->seconds);
		} else {
			rate->known = false;
			rate->growth_bytes_per_s = rate->minor_per_s = rate->major_per_s = 0.0F;
		}
		keep_task(rate, curr, task, rules);
	}
}

const struct task_rate *rates_find(const struct rates *rates, const struct task *task)
{
	uint32_t low = 0, high = rates->ntasks;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (rates->tasks[mid].pid < task->pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < rates->ntasks && is_of(&rates->tasks[low], task) ? &rates->tasks[low] : NULL;
}

int rates_update(struct rates *rates, const struct snapshot *curr, const struct rules *rules)
{
	int r = reserve(rates, curr->ntasks);
	if (r < 0)
		return r;
	arrange(rates, curr);
	if (rates_have(rates, curr))
		return 0;
	rates->known = rates->tick != 0 && rates->monotonic_ns < curr->monotonic_ns;
	rates->seconds = rates->known ? (double)(curr->monotonic_ns - rates->monotonic_ns) / 1e9 : 0.0;
	rates->cpu_known = false;
	memset(rates->per_s, 0, sizeof rates->per_s);
	memset(rates->per_s_known, 0, sizeof rates->per_s_known);
	if (rates->known) {
		rate_facts(rates, &curr->system);
		rate_cpu(rates, &curr->system);
	}
	rate_tasks(rates, curr, rules);
	keep_counters(rates, &curr->system);
	rates->tick = curr->tick;
	rates->monotonic_ns = curr->monotonic_ns;
	return 0;
}

bool rates_fastest(const struct rates *rates, uint32_t *ret_task)
{
	float most = 0.0F;
	for (uint32_t i = 0; i < rates->ntasks; i++) {
		if (rates->tasks[i].known && rates->tasks[i].growth_bytes_per_s > most) {
			most = rates->tasks[i].growth_bytes_per_s;
			*ret_task = i;
		}
	}
	return most > 0.0F;
}
