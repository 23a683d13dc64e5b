/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of one process: reads them into a task of a snapshot. Which of them, and
 * when, is decided in tasks.c.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_TASK_FILES_H
#define OOMSIGHT_SRC_SAMPLE_TASK_FILES_H

#include "tasks.h"

/* "proc/PID" or "proc/PID/task/TID": below a root that is not the host's the
 * whole path is resolved within that root, else only what follows "proc/". */
struct task_path {
	char bytes[64];
	size_t len;
};

void task_path_init(struct task_path *path, int32_t pid);

/* Is the error (-errno) one that no other file of any task will be spared? A host short
 * of memory may refuse one file (-ENOMEM, -ENFILE) and give the next: that is not ours. */
bool task_files_fail(int error);

/* The bytes of stat, in the buffer until its next use: by the kept descriptor if there is
 * one (opened when it is not yet); *kept becomes NULL if it is of no more use. tick: that
 * of the snapshot. 0 or -errno: -ENOENT or -ESRCH when there is no such process. */
int task_files_stat(struct task_reader *reader, const struct task_path *path, struct kept_task **kept, uint64_t tick,
		    struct text *ret_bytes);

/* Read what `need` (enum sample_need) says into a task of next whose stat was taken, and
 * what must be read of a leader that has exited. A file that cannot be read makes its
 * group unknown, absent or denied. kept: the task's descriptors, or NULL. 0; -ESRCH when
 * the process has gone; another -errno when the trouble is ours. */
int task_files_read(struct task_reader *reader, const struct task_path *path, const struct kept_task *kept,
		    unsigned need, struct snapshot *next, struct task *task);

/* Of that only NEED_SCORE, NEED_ADJ, NEED_CGROUP and NEED_POLICY. */
int task_files_fill(struct task_reader *reader, const struct task_path *path, const struct kept_task *kept,
		    unsigned need, struct snapshot *next, struct task *task);

/* The task of next stands in the cgroup of that path; or of the one that prev says. 0 or
 * -ENOMEM. */
int task_files_add_cgroup(struct task_reader *reader, struct snapshot *next, struct text path, struct task *task);
int task_files_carry_cgroup(struct task_reader *reader, const struct snapshot *prev, struct text_ref was,
			    struct snapshot *next, struct task *task);

/* The group was looked at just now. */
static inline void task_set_group(struct task *task, enum task_group group, enum fact_state state)
{
	task->group_state[group] = (uint8_t)state;
	task->age[group] = 0;
}

static inline bool task_has_exited(const struct task *task)
{
	return task->state == 'Z' || task->state == 'X';
}

#endif
