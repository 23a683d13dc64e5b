/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Descriptors of stat and oom_score_adj that stay open, of the top-ranked tasks.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_KEPT_TASKS_H
#define OOMSIGHT_SRC_SAMPLE_KEPT_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/sample/sampler.h"
#include "oomsight/snapshot/snapshot.h"

struct kept_task {
	int32_t pid;
	bool wanted;   /* among the ranked of this tick */
	int stat_fd;   /* -1: to be opened yet */
	int adj_fd;    /* -1: not to be had */
	uint64_t tick; /* when it was last read */
};

struct kept_tasks {
	struct kept_task tasks[SAMPLE_KEPT_DESCRIPTORS / 2]; /* ascending pid */
	uint32_t n;
	uint32_t most;  /* as many as the limit of open files allows */
	bool measured;  /* `most` was found out */
};

void kept_tasks_init(struct kept_tasks *kept);
void kept_tasks_done(struct kept_tasks *kept);

/* Choose anew for the tick after prev: the first of `ranked` (indices of prev's tasks,
 * the next victim first) have a place. Who has one and is not among them keeps it until
 * somebody needs it; who was not read in prev's tick has gone. The first call with
 * somebody ranked raises the soft limit of open files as far as needed, below the hard one. */
void kept_tasks_plan(struct kept_tasks *kept, const struct snapshot *prev, const uint32_t *ranked, uint32_t nranked);

/* The place of that pid, or NULL. Valid until the next plan, drop or shrink. */
struct kept_task *kept_tasks_find(struct kept_tasks *kept, int32_t pid);

/* Close and forget one. */
void kept_tasks_drop(struct kept_tasks *kept, int32_t pid);

/* Descriptors have run out: close all, and keep at most half as many from now on. False
 * when there was nothing to close. */
bool kept_tasks_shrink(struct kept_tasks *kept);

/* How many tasks may have kept descriptors below a limit of open files. */
uint32_t kept_tasks_room(uint64_t open_files);

#endif
