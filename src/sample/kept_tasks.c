/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading a file of a task through a descriptor that stays open costs half of opening
 * it anew for stat, and a sixth for oom_score_adj. It also answers -ESRCH once that
 * process has gone, whoever has its pid then. But each pins memory of the kernel, 4 KiB
 * for stat, on a host that is short of it: so there is a bound, and who is closest to
 * being killed comes first.
 */
#include "kept_tasks.h"

#include <assert.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define TASKS_MOST (SAMPLE_KEPT_DESCRIPTORS / 2)

/* For everything else that is or may be opened in this program: the host's files, its
 * groups' directories, terminal, logs. */
#define DESCRIPTORS_SPARED 128

void kept_tasks_init(struct kept_tasks *kept)
{
	kept->n = kept->most = 0;
	kept->measured = false;
}

/* Whoever still holds the place must not take another file for this task's. */
static void close_task(struct kept_task *task)
{
	if (task->stat_fd >= 0)
		close(task->stat_fd);
	if (task->adj_fd >= 0)
		close(task->adj_fd);
	task->stat_fd = task->adj_fd = -1;
}

void kept_tasks_done(struct kept_tasks *kept)
{
	for (uint32_t i = 0; i < kept->n; i++)
		close_task(&kept->tasks[i]);
	kept->n = 0;
}

uint32_t kept_tasks_room(uint64_t open_files)
{
	uint64_t pairs = open_files > DESCRIPTORS_SPARED ? (open_files - DESCRIPTORS_SPARED) / 2 : 0;
	return pairs < TASKS_MOST ? (uint32_t)pairs : TASKS_MOST;
}

/* How many may be kept below the limit of now, which is raised if it can be. */
static uint32_t measure(void)
{
	const rlim_t wanted = SAMPLE_KEPT_DESCRIPTORS + DESCRIPTORS_SPARED;
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = { limit.rlim_max < wanted ? limit.rlim_max : wanted, limit.rlim_max };
		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			limit = raised;
	}
	return kept_tasks_room(limit.rlim_cur);
}

bool kept_tasks_shrink(struct kept_tasks *kept)
{
	bool some = kept->n > 0;
	uint32_t room = measure();
	kept_tasks_done(kept);
	kept->most /= 2;
	if (room < kept->most)
		kept->most = room;
	return some;
}

/* The first place whose pid is not below. */
static uint32_t place_of(const struct kept_tasks *kept, int32_t pid)
{
	uint32_t low = 0, high = kept->n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (kept->tasks[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct kept_task *kept_tasks_find(struct kept_tasks *kept, int32_t pid)
{
	uint32_t at = place_of(kept, pid);
	return at < kept->n && kept->tasks[at].pid == pid ? &kept->tasks[at] : NULL;
}

static void drop_at(struct kept_tasks *kept, uint32_t at)
{
	close_task(&kept->tasks[at]);
	kept->n--;
	memmove(&kept->tasks[at], &kept->tasks[at + 1], (kept->n - at) * sizeof *kept->tasks);
}

void kept_tasks_drop(struct kept_tasks *kept, int32_t pid)
{
	struct kept_task *task = kept_tasks_find(kept, pid);
	if (task)
		drop_at(kept, (uint32_t)(task - kept->tasks));
}

static void add(struct kept_tasks *kept, int32_t pid)
{
	uint32_t at = place_of(kept, pid);
	assert(kept->n < TASKS_MOST);
	memmove(&kept->tasks[at + 1], &kept->tasks[at], (kept->n - at) * sizeof *kept->tasks);
	kept->tasks[at] = (struct kept_task){ .pid = pid, .wanted = true, .stat_fd = -1, .adj_fd = -1 };
	kept->n++;
}

void kept_tasks_plan(struct kept_tasks *kept, const struct snapshot *prev, const uint32_t *ranked, uint32_t nranked)
{
	if (nranked > 0 && !kept->measured) {
		kept->most = measure();
		kept->measured = true;
	}
	for (uint32_t i = kept->n; i-- > 0;) {
		kept->tasks[i].wanted = false;
		if (!prev || kept->tasks[i].tick != prev->tick)
			drop_at(kept, i);
	}
	uint32_t chosen = nranked < kept->most ? nranked : kept->most, absent = 0;
	for (uint32_t i = 0; prev && i < chosen; i++) {
		struct kept_task *task = kept_tasks_find(kept, prev->tasks[ranked[i]].pid);
		if (task)
			task->wanted = true;
		else
			absent++;
	}
	for (uint32_t i = kept->n; i-- > 0 && kept->n + absent > kept->most;) {
		if (!kept->tasks[i].wanted)
			drop_at(kept, i);
	}
	for (uint32_t i = 0; prev && i < chosen; i++) {
		int32_t pid = prev->tasks[ranked[i]].pid;
		if (!kept_tasks_find(kept, pid))
			add(kept, pid);
	}
}
