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
};

/* Usable only if proc below this root shows our own PID namespace, for the clocks
 * are asked for by number, and if the clocks are finer than the timer's ticks. */
void cpu_clocks_init(struct cpu_clocks *clocks, const struct root *root, struct read_buffer *buffer);

/* The clock of a process now: one that was read before its stat (task.cpu_clock) and is
 * equal tells that it has not run since. 0 when it cannot be had. */
uint32_t cpu_clocks_read(const struct cpu_clocks *clocks, int32_t pid);

/* --- pure parts, for tests ------------------------------------------------- */

/* Does this /proc/self/status say that proc shows pid's own PID namespace and no
 * outer one? (NSpid: Linux 4.1 and later; without it the number decides.) */
bool cpu_clocks_own_namespace(struct text status, int32_t pid);

#endif
