/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Both snapshots list their tasks by ascending pid, so one merge finds who is
 * who. A pid with another start time is another process, with no past.
 */
#include "oomsight/model/rates.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

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
	free(rates->growth_before);
	rates_init(rates);
}

static int reserve(struct rates *rates, uint32_t ntasks)
{
	if (ntasks <= rates->capacity)
		return 0;
	uint32_t capacity = grown_capacity(rates->capacity, ntasks);
	struct task_rate *tasks = realloc(rates->tasks, (size_t)capacity * sizeof *tasks);
	if (tasks)
		rates->tasks = tasks;
	double *growth_before = realloc(rates->growth_before, (size_t)capacity * sizeof *growth_before);
	if (growth_before)
		rates->growth_before = growth_before;
	if (!tasks || !growth_before)
		return -ENOMEM;
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

static void rate_facts(struct rates *rates, const struct system_facts *prev, const struct system_facts *curr)
{
	for (int i = 0; i < SYS__COUNT; i++) {
		enum sys_fact fact = (enum sys_fact)i;
		if (!is_counter(fact) || !system_knows(prev, fact) || !system_knows(curr, fact) ||
		    curr->value[fact] < prev->value[fact])
			continue; /* a counter that falls was reset: nothing to be said */
		rates->per_s[fact] = (double)(curr->value[fact] - prev->value[fact]) / rates->seconds;
		rates->per_s_known[fact] = true;
	}
}

/* How far a time went on. iowait and idle are known to step back a little
 * (proc(5)): that is no time at all. */
static double time_passed(const struct system_facts *prev, const struct system_facts *curr, enum sys_fact fact)
{
	if (!system_knows(prev, fact) || !system_knows(curr, fact) || curr->value[fact] < prev->value[fact])
		return 0.0;
	return (double)(curr->value[fact] - prev->value[fact]);
}

static void rate_cpu(struct rates *rates, const struct system_facts *prev, const struct system_facts *curr)
{
	double user = time_passed(prev, curr, SYS_CPU_USER) + time_passed(prev, curr, SYS_CPU_NICE);
	double system = time_passed(prev, curr, SYS_CPU_SYSTEM) + time_passed(prev, curr, SYS_CPU_IRQ) +
			time_passed(prev, curr, SYS_CPU_SOFTIRQ);
	double idle = time_passed(prev, curr, SYS_CPU_IDLE);
	double iowait = time_passed(prev, curr, SYS_CPU_IOWAIT);
	double steal = time_passed(prev, curr, SYS_CPU_STEAL);
	double all = user + system + idle + iowait + steal;
	if (!(all > 0.0) || !system_knows(prev, SYS_CPU_IDLE) || !system_knows(curr, SYS_CPU_IDLE))
		return;
	rates->cpu_known = true;
	rates->cpu_user = user / all;
	rates->cpu_system = system / all;
	rates->cpu_idle = idle / all;
	rates->cpu_iowait = iowait / all;
	rates->cpu_steal = steal / all;
}

/* --- the tasks ------------------------------------------------------------ */

static double growth_of(const struct task *prev, const struct task *curr, uint32_t page_bytes, double seconds)
{
	/* rss_quick_pages is of every tick; the other counts of status may be
	 * carried over, and then did not change. */
	double pages = (double)curr->rss_quick_pages - (double)prev->rss_quick_pages;
	if (task_knows(prev, TASK_MM) && task_knows(curr, TASK_MM))
		pages += (double)curr->swap_pages - (double)prev->swap_pages;
	return pages * page_bytes / seconds;
}

static float events_per_s(uint64_t prev, uint64_t curr, double seconds)
{
	return curr > prev ? (float)((double)(curr - prev) / seconds) : 0.0F;
}

/* growth_before: of the same process one tick before, or NAN. */
static void rate_task(struct task_rate *rate, const struct task *prev, const struct task *curr, double growth_before,
		      uint32_t page_bytes, double seconds)
{
	if (!task_same(prev, curr) || !task_knows(prev, TASK_STAT) || !task_knows(curr, TASK_STAT))
		return;
	double growth = growth_of(prev, curr, page_bytes, seconds);
	if (!isnan(growth_before))
		growth = GROWTH_NEWEST * growth + (1.0 - GROWTH_NEWEST) * growth_before;
	*rate = (struct task_rate){
		.known = true,
		.minor_per_s = events_per_s(prev->minor_faults, curr->minor_faults, seconds),
		.major_per_s = events_per_s(prev->major_faults, curr->major_faults, seconds),
		.growth_bytes_per_s = growth,
	};
}

static void rate_tasks(struct rates *rates, const struct snapshot *prev, const struct snapshot *curr)
{
	bool has_past = rates->nbefore == prev->ntasks;
	uint32_t then = 0;
	for (uint32_t now = 0; now < curr->ntasks; now++) {
		while (then < prev->ntasks && prev->tasks[then].pid < curr->tasks[now].pid)
			then++;
		if (then == prev->ntasks)
			return;
		rate_task(&rates->tasks[now], &prev->tasks[then], &curr->tasks[now],
			  has_past ? rates->growth_before[then] : NAN, curr->page_bytes, rates->seconds);
	}
}

int rates_update(struct rates *rates, const struct snapshot *prev, const struct snapshot *curr)
{
	int r = reserve(rates, curr->ntasks);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < rates->ntasks; i++)
		rates->growth_before[i] = rates->tasks[i].known ? rates->tasks[i].growth_bytes_per_s : (double)NAN;
	struct rates fresh = {
		.tasks = rates->tasks,
		.ntasks = curr->ntasks,
		.capacity = rates->capacity,
		.growth_before = rates->growth_before,
		.nbefore = rates->ntasks,
	};
	*rates = fresh;
	if (curr->ntasks > 0)
		memset(rates->tasks, 0, curr->ntasks * sizeof *rates->tasks);
	if (!prev || prev->tick == 0 || prev->monotonic_ns >= curr->monotonic_ns)
		return 0;
	rates->known = true;
	rates->seconds = (double)(curr->monotonic_ns - prev->monotonic_ns) / 1e9;
	rate_facts(rates, &prev->system, &curr->system);
	rate_cpu(rates, &prev->system, &curr->system);
	rate_tasks(rates, prev, curr);
	return 0;
}

bool rates_fastest(const struct rates *rates, uint32_t *ret_task)
{
	double most = 0.0;
	for (uint32_t i = 0; i < rates->ntasks; i++) {
		if (rates->tasks[i].known && rates->tasks[i].growth_bytes_per_s > most) {
			most = rates->tasks[i].growth_bytes_per_s;
			*ret_task = i;
		}
	}
	return most > 0.0;
}
