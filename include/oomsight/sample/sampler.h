/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kernel → snapshot. The memory of the host comes through libproc2 where it has
 * the figures (on the real root; all else, and under another root, by our own
 * parsers), the tasks' by a reader of our own.
 */
#ifndef OOMSIGHT_SAMPLE_SAMPLER_H
#define OOMSIGHT_SAMPLE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/root.h"
#include "oomsight/snapshot/snapshot.h"

/* What to read afresh of a task, and /proc/PID/stat with it. What is not asked for
 * is taken over from the previous snapshot while it cannot have changed, and read
 * anew when it may have, or when it is so many ticks old: see sampler_take. */
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
	const uint32_t *ranked; /* tasks of prev by rank, the next victim first; NULL: none */
	uint32_t nranked;
	uint64_t between_ns; /* how far apart ticks are meant to be; 0: not told */
	bool two_speed; /* tasks that did not run need not be read in every tick */
	bool memcgs; /* every fact of every memory cgroup; else only limit, usage and
	              * memory.oom.group are looked after, and these in every tick of the fullest
	              * groups only, of the others at the latest every SAMPLE_MAX_AGE ticks */
	bool nodes;  /* meminfo of the NUMA nodes */
	bool cpu_times; /* CPU time and niceness of every task, see rules_ask_cpu_times(): from
	                 * files they come with the rest, from bpf a file each is read for them */
	bool few_scores; /* of tasks not in prev, the scores only of those likely to be asked for */
};

/* Oldest a fact may get that nobody asked for: in ticks, and about so much time as ticks
 * are meant to be apart if that is less (never less than one tick). */
#define SAMPLE_MAX_AGE 8
#define SAMPLE_MAX_AGE_NS UINT64_C(8000000000)

/* At two speeds, what stands neither in stat nor in oom_score_adj may get so many times
 * older, as long as stat shows no change. */
#define SAMPLE_SLOW 4

/* So many descriptors of ranked tasks are kept open: two of each. */
#define SAMPLE_KEPT_DESCRIPTORS 512

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
 * has its turn within SAMPLE_MAX_AGE ticks, and unknown once older, and with
 * few_scores of new tasks only some; cgroups by their first process. When its
 * program fails, the tasks of that tick are read whole from files: next->source
 * then says proc, and next->source_note why. The files' ways, which are what
 * follows:
 *
 * prev: the snapshot of the tick before, or NULL for a first one; then
 * everything of every task is read, but for its memory policy. Its tasks go over to
 * next, and only turnover_recall() makes it whole again. wish: NULL asks
 * for nothing; tasks that are not in prev are read whole.
 * Of the others stat is read in every tick, and with nothing asked for, status when
 * rss, virtual size, faults, threads or state differ from prev's (swap and page tables
 * cannot move otherwise without one of these, but for a rare MADV_DONTNEED of
 * swapped pages), everything after an exec (another comm, stack or
 * PF_FORKNOEXEC), and each group at the latest every SAMPLE_MAX_AGE ticks or
 * SAMPLE_MAX_AGE_NS, spread over the tasks. Who shares an mm is found out only
 * when asked: the calls for it are bounded, and what they do not settle stays
 * FACT_UNKNOWN and may be asked for again.
 *
 * Of the ranked, as many as SAMPLE_KEPT_DESCRIPTORS and the limit of open files allow,
 * oom_score_adj too is read in every tick, through descriptors that are kept.
 *
 * At two speeds stat is not read of a task whose CPU clock stood still since it was
 * read last, who is not ranked, of whom nothing is asked, who shares no mm and whose
 * parent lives: it cannot have changed by its own doing. What others do to a sleeping
 * task (reclaim, pages put into it, a write to its oom_score_adj) shows with its stat and
 * oom_score_adj, which are read every SAMPLE_MAX_AGE ticks at the latest as above; the
 * other files every SAMPLE_SLOW times as many. Without usable clocks (another PID namespace's proc,
 * a root that is not the host's) stat is read in every tick all the same.
 *
 * A task that vanishes in between is left out; one that may not be read counts
 * in tasks_denied; neither is an error, nor is a cgroup that goes. Allocates only
 * when there are more tasks or groups than ever before.
 *
 * Returns 0 or -errno with *diag filled (no proc, no memory, no descriptors). Then
 * *next either is empty (tick 0), and prev as it was unless its tasks_state says other; or
 * it is a whole snapshot in which tasks that could not be reached are as they were in prev. */
int sampler_take(struct sampler *sampler, struct snapshot *prev, const struct sample_wish *wish,
		 struct snapshot *next, struct diag *diag);

#endif
