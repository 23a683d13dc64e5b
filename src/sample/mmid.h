/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who shares whose mm: processes made by clone(CLONE_VM) without CLONE_THREAD,
 * and vfork's child until it execs. The OOM killer kills them together.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_MMID_H
#define OOMSIGHT_SRC_SAMPLE_MMID_H

#include <stdbool.h>

#include "oomsight/snapshot/snapshot.h"

/* Most kcmp calls in a tick, and most pairs that are looked at, whether to be compared:
 * all of a server's workers have one stack start, so in a first tick the pairs would be
 * as many as their number squared. What is not settled then stays FACT_UNKNOWN. */
#define MMID_CALLS 1024
#define MMID_LOOKS 1048576

struct mmid {
	/* One for each task of the snapshot that is being made. */
	uint32_t *wanted;
	uint32_t *order;
	uint32_t *scratch;
	uint32_t capacity;
	uint32_t nwanted;
};

void mmid_init(struct mmid *mmid);
void mmid_done(struct mmid *mmid);

/* Forget the last tick and make room for this many tasks. 0 or -ENOMEM. */
int mmid_begin(struct mmid *mmid, uint32_t tasks);

/* Who shares the mm of that task (an index in the snapshot) is to be found out. */
void mmid_want(struct mmid *mmid, uint32_t task);

/* Does the mm_id that this task has from the tick before still stand for the mm
 * it did? An id is the lowest pid of those found to share: with that process
 * gone its number may be given to another, so it must stand in snap, with the
 * id carried on, and like the task. True without an id. */
bool mmid_holds(const struct snapshot *snap, const struct task *task);

/* Set mm_id and its state for those that are wanted, and for whom they share
 * with. */
void mmid_resolve(struct mmid *mmid, struct snapshot *snap);

#endif
