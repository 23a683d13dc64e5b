/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reader of the processes.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_TASKS_H
#define OOMSIGHT_SRC_SAMPLE_TASKS_H

#include "files.h"
#include "memcgs.h"
#include "mmid.h"
#include "oomsight/base/diag.h"
#include "oomsight/snapshot/snapshot.h"

#define CGROUPS_REMEMBERED 16

struct task_cgroup {
	struct text_ref path;
	uint32_t memcg;
};

struct task_reader {
	const struct root *root;
	struct read_buffer *buffer;
	int dir_fd; /* proc once more, for a position of its own */
	int32_t *pids;
	uint32_t npids;
	uint32_t pids_capacity;
	unsigned round; /* ticks in which every task is read whole once */
	struct mmid mmid;
	/* cgroup paths of the tick so far: most tasks share a few. */
	struct memcg_reader *memcgs;
	struct task_cgroup cgroups[CGROUPS_REMEMBERED];
	unsigned ncgroups; /* ever added in this tick */
	_Alignas(8) char entries[32768]; /* of a directory, as getdents64 lays them out */
};

/* root, buffer and memcgs must outlive the reader. 0 or -errno. */
int task_reader_init(struct task_reader *reader, const struct root *root, struct read_buffer *buffer,
		     struct memcg_reader *memcgs);
void task_reader_done(struct task_reader *reader);

/* How many processes there are about now. 0 or -errno. */
int task_reader_count(struct task_reader *reader, uint32_t *ret_processes);

/* For who fills the tasks of a tick by other means: a new tick; its sets of
 * nodes begin with those of prev, if there is one. 0 or -ENOMEM. */
int task_reader_begin(struct task_reader *reader, const struct snapshot *prev, struct snapshot *next);

/* Add one task, whole from files, below the pids there are; was: as it stands
 * in prev, or NULL. 0; -ENOENT or -ESRCH when there is no such process;
 * another -errno. */
int task_reader_add(struct task_reader *reader, const struct snapshot *prev, const struct task *was, unsigned asked,
		    struct snapshot *next, int32_t pid);

/* The task stands in the cgroup of that path. 0 or -ENOMEM. */
int task_reader_set_cgroup(struct task_reader *reader, struct snapshot *next, struct text path, struct task *task);

/* Read single facts of a task of next: NEED_SCORE, NEED_CGROUP, NEED_POLICY. 0;
 * -ESRCH when it is gone; another -errno when the trouble is ours. */
int task_reader_fill(struct task_reader *reader, unsigned need, struct snapshot *next, struct task *task);

/* Fill the tasks of next, whose tick, time, page size and memcgs are set. prev and prev_need
 * as for sampler_take. 0 or -errno with *diag filled. */
int task_reader_take(struct task_reader *reader, const struct snapshot *prev, const uint8_t *prev_need,
		     struct snapshot *next, struct diag *diag);

#endif
