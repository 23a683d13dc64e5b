/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reader of the processes.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_TASKS_H
#define OOMSIGHT_SRC_SAMPLE_TASKS_H

#include "cpu_clocks.h"
#include "files.h"
#include "kept_tasks.h"
#include "memcgs.h"
#include "mmid.h"
#include "oomsight/base/diag.h"
#include "oomsight/sample/sampler.h"
#include "oomsight/snapshot/snapshot.h"
#include "oomsight/snapshot/turnover.h"
#include "process_list.h"

#define CGROUPS_REMEMBERED 16

struct task_cgroup {
	struct text_ref path;
	uint32_t memcg;
};

struct task_reader {
	const struct root *root;
	struct read_buffer *buffer;
	struct process_list list;
	struct cpu_clocks clocks;
	struct kept_tasks kept;
	struct turnover turnover;
	bool takes_over;     /* in this tick: facts hold that the tick before read */
	bool two_speed;      /* in this tick */
	unsigned round;      /* ticks in which stat and oom_score_adj of every task are read once */
	unsigned slow_round; /* and all of every task */
	struct mmid mmid;
	/* cgroup paths of the tick so far: most tasks share a few. */
	struct memcg_reader *memcgs;
	struct task_cgroup cgroups[CGROUPS_REMEMBERED];
	unsigned ncgroups; /* ever added in this tick */
	struct text_ref carried_from; /* of prev: the last path taken over */
	struct task_cgroup carried;   /* what it is in next; an empty path: none yet */
};

/* root, buffer and memcgs must outlive the reader. 0 or -errno. */
int task_reader_init(struct task_reader *reader, const struct root *root, struct read_buffer *buffer,
		     struct memcg_reader *memcgs);
void task_reader_done(struct task_reader *reader);

/* How many processes there are about now. 0 or -errno. */
int task_reader_count(struct task_reader *reader, uint32_t *ret_processes);

/* For who fills the tasks of a tick by other means: a new tick of about so many;
 * its sets of nodes begin with those of prev, if there is one, whose tasks are to be
 * met one after the other (reader->turnover). between_ns: see struct sample_wish. 0 or
 * -ENOMEM. */
int task_reader_begin(struct task_reader *reader, struct snapshot *prev, uint64_t between_ns, struct snapshot *next,
		      uint32_t tasks);

/* Add one task, whole from files, that was met just now; was: as it stood in prev, or
 * NULL. 0; -ENOENT or -ESRCH when there is no such process; another -errno. */
int task_reader_add(struct task_reader *reader, const struct snapshot *prev, const struct task *was, unsigned asked,
		    struct snapshot *next, int32_t pid);

/* The task stands in the cgroup of that path. 0 or -ENOMEM. */
int task_reader_set_cgroup(struct task_reader *reader, struct snapshot *next, struct text path, struct task *task);

/* Read single facts of a task of next: NEED_SCORE, NEED_CGROUP, NEED_POLICY. 0;
 * -ESRCH when it is gone; another -errno when the trouble is ours. */
int task_reader_fill(struct task_reader *reader, unsigned need, struct snapshot *next, struct task *task);

/* Fill the tasks of next, whose tick, time, page size, host's figures and memcgs are set.
 * prev and wish as for sampler_take; of a prev that the bpf source filled no fact is taken
 * over, and nothing of the wish holds. 0 or -errno with *diag filled: who was not reached
 * then stands in next as in prev, if that was handed over already. */
int task_reader_take(struct task_reader *reader, struct snapshot *prev, const struct sample_wish *wish,
		     struct snapshot *next, struct diag *diag);

/* The task's name, said by next. 0 or -ENOMEM. */
int task_add_comm(struct text comm, struct snapshot *next, struct task *task);

#endif
