/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who has run since the tick before, by the CPU clocks of the processes.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_CPU_CLOCKS_H
#define OOMSIGHT_SRC_SAMPLE_CPU_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "files.h"
#include "oomsight/base/root.h"
#include "oomsight/snapshot/snapshot.h"

struct cpu_clocks {
	bool usable;
	bool follows;   /* `then` is of the tick before */
	uint64_t tick;  /* whose tasks `now` is of */
	uint32_t *then; /* for each task of the tick before: its clock, read before stat; 0: not known */
	uint32_t *now;  /* likewise of the tick that is being made */
	uint32_t capacity;
};

/* Usable only if proc below this root shows our own PID namespace, for the clocks
 * are asked for by number, and if the clocks are finer than the timer's ticks. */
void cpu_clocks_init(struct cpu_clocks *clocks, const struct root *root, struct read_buffer *buffer);
void cpu_clocks_done(struct cpu_clocks *clocks);

/* A new tick after prev (or NULL; no task taken out of it since), with room for so
 * many tasks. 0 or -ENOMEM. */
int cpu_clocks_begin(struct cpu_clocks *clocks, const struct snapshot *prev, const struct snapshot *next, uint32_t tasks);

/* Read the clock of the task that will stand at `index` of the new tick. Did it
 * stand still since the tick before, where the task stood at `was`? False when
 * that is not known (was: UINT32_MAX for nowhere). */
bool cpu_clocks_read(struct cpu_clocks *clocks, int32_t pid, uint32_t was, uint32_t index);

/* Read the clock of a task that stood at `was` of the tick before, and note nothing: did
 * it stand still since then? False when that is not known. */
bool cpu_clocks_stands(const struct cpu_clocks *clocks, int32_t pid, uint32_t was);

/* No clock was read of the task that stands there in the new tick. */
void cpu_clocks_skip(struct cpu_clocks *clocks, uint32_t index);

/* --- pure parts, for tests ------------------------------------------------- */

/* Does this /proc/self/status say that proc shows pid's own PID namespace and no
 * outer one? (NSpid: Linux 4.1 and later; without it the number decides.) */
bool cpu_clocks_own_namespace(struct text status, int32_t pid);

#endif
