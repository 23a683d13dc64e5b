/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The exact source: a BPF program reads of every process what oom_badness()
 * reads, in one system call a tick, and the files of /proc are asked only for
 * what it cannot tell: the kernel's own score, and the path of a cgroup seen
 * for the first time.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_SOURCE_H
#define OOMSIGHT_SRC_SAMPLE_BPF_SOURCE_H

#include "oomsight/base/diag.h"
#include "oomsight/sample/sampler.h"
#include "oomsight/snapshot/snapshot.h"
#include "tasks.h"

/* Kernel scores read in a tick, unless that were too few to have each that is
 * asked for within SAMPLE_MAX_AGE ticks. Reading one costs as much as a dozen
 * processes do. */
#define BPF_SCORES_A_TICK 12
/* Of those in a first tick that need not be all: about a screenful. */
#define BPF_SCORES_AT_FIRST 64
/* Paths of cgroups read in a tick, after the first one. */
#define BPF_CGROUPS_A_TICK 8

struct bpf_source;

/* Load the program. host: a snapshot that has page_bytes, ticks_per_s and the
 * observer set. root, buffer and reader must outlive the source. why[] is filled by
 * a part of a sentence: when it cannot be had (NULL), why; else why it is not the
 * quickest way, or nothing. */
struct bpf_source *bpf_source_new(const struct root *root, struct read_buffer *buffer, struct task_reader *reader,
				  const struct snapshot *host, char *why, size_t why_size);
void bpf_source_free(struct bpf_source *source);

/* Fill the tasks of next, whose tick and host are set: as task_reader_take(),
 * but each fact is fresh in each tick, except for scores that were not asked
 * for. -errno with *diag filled when the program could not be run; next may have
 * tasks then, and the source can be asked again in the next tick. */
int bpf_source_take(struct bpf_source *source, struct snapshot *prev, const struct sample_wish *wish,
		    struct snapshot *next, struct diag *diag);

/* The letter of a state as the kernel prints it: state is __state | exit_state.
 * Source: fs/proc/array.c task_state_array[], include/linux/sched.h
 * __task_state_index(), 5.14 to 6.18. */
char bpf_state_letter(uint32_t state);

#endif
