/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kernel → snapshot. The system's figures come through libproc2 where it has
 * them (on the real root; under another root from the same files by our own
 * parsers), the tasks' by a reader of our own.
 */
#ifndef OOMSIGHT_SAMPLE_SAMPLER_H
#define OOMSIGHT_SAMPLE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/root.h"
#include "oomsight/snapshot/snapshot.h"

/* What to read afresh of a task beyond /proc/PID/stat, which is read of every
 * task in every tick. What is not asked for is taken over from the previous
 * snapshot while it cannot have changed, and read anew when it may have (see
 * sampler_take), or when it is `age` ticks old. */
enum sample_need {
	NEED_STATUS = 1 << 0,
	NEED_STATM = 1 << 1,
	NEED_SCORE = 1 << 2,
	NEED_ADJ = 1 << 3,
	NEED_CGROUP = 1 << 4,
	NEED_MMID = 1 << 5, /* who shares the mm: kcmp(2) among tasks of equal figures */
	NEED_ALL = 0x3f,    /* of what is read by itself in time */
	NEED_POLICY = 1 << 6, /* numa_maps: takes the task's mmap_lock and walks its page
	                       * tables; may hang on a sick task, so never in a tick */
};

/* What the reader of a snapshot wants to know. */
struct sample_wish {
	const uint8_t *prev_need; /* enum sample_need bits for each task of prev; NULL: none */
	bool memcgs; /* every fact of every memory cgroup; else only limit, usage and
	              * memory.oom.group are looked after, see sampler_take */
	bool nodes;  /* meminfo of the NUMA nodes */
};

/* Oldest a fact may get that nobody asked for: in ticks, and about so much time
 * if that is less (never less than one tick). */
#define SAMPLE_MAX_AGE 8
#define SAMPLE_MAX_AGE_NS UINT64_C(8000000000)

struct sampler;

/* Where facts about processes are to come from. */
enum source_wish {
	SOURCE_WISH_AUTO, /* bpf where it can be had, else proc; snapshot.source_note then says why */
	SOURCE_WISH_BPF,
	SOURCE_WISH_PROC,
};

/* The root must outlive the sampler. Returns NULL with *diag filled when the
 * root has no usable proc, memory is out, or the source wished for cannot be
 * had. */
struct sampler *sampler_new(const struct root *root, enum source_wish wish, struct diag *diag);
void sampler_free(struct sampler *sampler);

/* Fill *next (any content before is replaced).
 *
 * From bpf every fact is read in every tick, but for what only files tell:
 * scores as below, though of the tasks asked for so many in a tick that each
 * has its turn within SAMPLE_MAX_AGE ticks, and unknown once older; cgroups
 * by their first process. When its program fails, the tasks of that tick are read
 * whole from files: next->source then says proc, and next->source_note why. The
 * files' ways, which are what follows:
 *
 * prev: the snapshot of the tick before, or NULL for a first one; then
 * everything of every task is read, but for its memory policy. wish: NULL asks
 * for nothing; tasks that are not in prev are read whole.
 * Of the others, with nothing asked for, status is read when rss, virtual
 * size, faults, threads or state differ from prev's (swap and page tables
 * cannot move otherwise without one of these, but for a rare MADV_DONTNEED of
 * swapped pages), everything after an exec (another comm, stack or
 * PF_FORKNOEXEC), and each group at the latest every SAMPLE_MAX_AGE ticks or
 * SAMPLE_MAX_AGE_NS, spread over the tasks. Who shares an mm is found out only
 * when asked: the calls for it are bounded, and what they do not settle stays
 * FACT_UNKNOWN and may be asked for again.
 *
 * The tree of memory cgroups is walked in the first tick, when wish.memcgs is
 * set, when a task stands in a group not met before, and every SAMPLE_MAX_AGE
 * ticks; each walk reads the limits and memory.oom.group of every group. In
 * between, usage and limit are read of the groups that have a limit. With
 * wish.memcgs everything is read in every tick.
 *
 * A task that vanishes in between is left out; one that may not be read counts
 * in tasks_denied; neither is an error, nor is a cgroup that goes. Allocates only
 * when there are more tasks or groups than ever before. Returns 0 or -errno with
 * *diag filled (no proc, no memory); *next is then empty. */
int sampler_take(struct sampler *sampler, const struct snapshot *prev, const struct sample_wish *wish,
		 struct snapshot *next, struct diag *diag);

#endif
