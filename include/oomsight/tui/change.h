/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One value of the host that is to become another, named in terms that stay from
 * tick to tick: it can be assumed, written, and taken back.
 */
#ifndef OOMSIGHT_TUI_CHANGE_H
#define OOMSIGHT_TUI_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/knob/knob.h"
#include "oomsight/snapshot/snapshot.h"

/* Names a process for good. */
struct process_id {
	int32_t pid; /* 0: none */
	uint64_t start_ticks;
};

struct change {
	enum knob_kind kind;
	struct process_id process; /* KNOB_ADJ, KNOB_SIGNAL */
	enum sysctl_id sysctl;     /* KNOB_SYSCTL */
	uint64_t group;            /* KNOB_MEMCG; see groups.h */
	enum memcg_file file;      /* likewise */
	int64_t value;             /* of a signal its number, which cannot be assumed */
};

/* Are both about the same value? */
bool change_is_of_same(const struct change *a, const struct change *b);

/* What the plan is to write, of this group if it is of one. */
struct change change_of_plan(const struct knob_plan *plan, uint64_t group);

#endif
