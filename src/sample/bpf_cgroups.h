/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Paths of cgroups by the kernel's number of them: a path is read once, from
 * /proc/PID/cgroup of any process in it, and then taken over from tick to tick.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_CGROUPS_H
#define OOMSIGHT_SRC_SAMPLE_BPF_CGROUPS_H

#include <stdint.h>

#include "oomsight/snapshot/snapshot.h"
#include "tasks.h"

struct cgroup_slot {
	uint64_t id;   /* 0: free */
	uint64_t tick; /* whose snapshot has the text */
	struct text_ref path;
	uint32_t memcg; /* in that snapshot */
};

struct cgroup_table {
	struct cgroup_slot *slots; /* open addressing; a power of two of them */
	uint32_t capacity;
	uint32_t used;
	uint64_t tick;
	uint32_t reads_left;
};

void cgroup_table_done(struct cgroup_table *table);

/* A new tick (the reader's has begun), in which at most so many files may be read. */
void cgroup_table_begin(struct cgroup_table *table, uint64_t tick, uint32_t reads);

/* Set the task's cgroup, known or not. was: the same task in prev, or NULL.
 * 0; -ESRCH when the process is gone; another -errno when the trouble is ours. */
int cgroup_table_find(struct cgroup_table *table, struct task_reader *reader, const struct snapshot *prev,
		      const struct task *was, uint64_t id, struct snapshot *next, struct task *task);

#endif
