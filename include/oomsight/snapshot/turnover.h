/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tasks of one tick become those of the next in one array, since from one tick to
 * the next nearly all of them stay, and memory for two lists of them would be twice as
 * much that a host without memory has to spare for us. The array goes over from the
 * older snapshot to the newer one, which is written from its front as fast as it is
 * read; what the newer one does not say any more stays with the older: the tasks that
 * are gone, and those that look different to the OOM killer now. From these and the
 * newer one the older can be made whole again, which a kill between the two asks for.
 *
 * Whoever makes the newer snapshot asks for the pids there are in ascending order:
 *
 *	turnover_begin(&turnover, prev, next, n);
 *	for each pid {
 *		was = turnover_meet(&turnover, pid);
 *		task = snapshot_add_task(next, pid);	... or not
 *	}
 *	turnover_end(&turnover);
 */
#ifndef OOMSIGHT_SNAPSHOT_TURNOVER_H
#define OOMSIGHT_SNAPSHOT_TURNOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/snapshot/snapshot.h"

/* Of a turnover that has begun. */
struct turnover {
	struct snapshot *prev; /* NULL: nothing is taken over */
	struct snapshot *next;
	uint32_t old;     /* where in the array the next old task lies */
	uint32_t old_end; /* one past the last of them */
	uint32_t shift;   /* how far the old ones were moved to make room */
	int32_t pid;      /* met last; 0: none yet */
	bool met;         /* it was there already: the old task before `old` */
	enum { NOT_ADDED, RENEWED, CARRIED } added; /* how next got its task since */
	struct task was;  /* as it stood, once it is renewed; of one that is carried what may be set in it */
	/* The texts found equal last, for the next one is mostly like it. */
	struct text_ref cgroup_was, cgroup_is;
	uint32_t memcg_was, memcg_is;
	bool memcgs_known;
};

/* next, which has no tasks yet, takes over those of prev, if that is whole (snapshot.tasks_state).
 * From one that is not, or NULL, nothing is taken over, and its tasks are lost. There is room
 * for so many tasks then. Returns 0, or -ENOMEM with nothing changed. */
int turnover_begin(struct turnover *turnover, struct snapshot *prev, struct snapshot *next, uint32_t tasks);

/* The task of that pid as it stood in prev, valid until the next call; NULL when there was
 * none, or no memory to keep it apart from new ones. Old tasks of lower pids are gone. The pid
 * is above those asked for before, or the last of them if next has no task of it. */
const struct task *turnover_meet(struct turnover *turnover, int32_t pid);

/* Append to next a task of the pid that was met last, with nothing known of it. *was, if not
 * NULL, goes on telling how it stood. NULL when memory is out. */
struct task *turnover_renew(struct turnover *turnover, const struct task **was);

/* Append to next the task that was met as it stood. comm, cgroup and memcg are prev's, and are to
 * be set to next's; nice, cpu_ticks, group_state and age may be set, and nothing else. */
struct task *turnover_carry(struct turnover *turnover);

/* Take the task appended last back: the pid is as it was when it was met. */
void turnover_drop(struct turnover *turnover);

/* At which place the task that was met stood in prev. */
static inline uint32_t turnover_place(const struct turnover *turnover)
{
	return turnover->old - 1 - turnover->shift;
}

/* An old task above the pid met last; NULL when there is none. */
const struct task *turnover_ahead(const struct turnover *turnover, int32_t pid);

/* The lowest pid of those old tasks; 0 when there are none any more. */
static inline int32_t turnover_next(const struct turnover *turnover)
{
	return turnover->old < turnover->old_end ? turnover->next->tasks[turnover->old].pid : 0;
}

/* All pids that there are were met. */
void turnover_end(struct turnover *turnover);

/* Make prev, of which next was made, whole again: each task as it stood in all that the
 * OOM killer looks at; times, faults and what else changes without it may be the newer
 * ones. Returns 0; -ENOMEM; -ENODATA when its tasks are lost. */
int turnover_recall(struct snapshot *prev, const struct snapshot *next);

#endif
