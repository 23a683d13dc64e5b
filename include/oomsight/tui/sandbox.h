/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the operator assumes and has not written: changes of the host, and processes
 * that grow. It outlives the ticks; who is gone is dropped from it.
 */
#ifndef OOMSIGHT_TUI_SANDBOX_H
#define OOMSIGHT_TUI_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/model/ranking.h"
#include "oomsight/tui/change.h"

struct assumption {
	bool is_growth;       /* change.process grows by change.value bytes: nothing to be written */
	struct change change;
	uint64_t inode;       /* of the group's directory; 0: not known */
	char name[64];        /* the process's or the end of the group's path, raw: told when it is gone */
};

struct sandbox {
	/* In the order in which they would be written, see sandbox_assume. */
	struct assumption *list;
	uint32_t n;
	uint32_t capacity;
	uint32_t at; /* under the cursor: below n, 0 when there is none */
};

void sandbox_init(struct sandbox *sandbox);
void sandbox_done(struct sandbox *sandbox);
void sandbox_clear(struct sandbox *sandbox); /* drop all, memory kept */

/* Why that cannot be assumed: a sentence, or NULL when it can. Whether it could be
 * written is another question, which the plan answers. */
const char *sandbox_objection(const struct snapshot *snap, const struct change *change, bool is_growth);

/* Assume it, in place of what was assumed of the same value; the cursor goes there.
 * There must be no objection. Returns 0 or -ENOMEM.
 *
 * What makes a kill less bad stands before what can kill as it is written: first
 * oom_score_adj, then memory.oom.group, kernel.panic, the other sysctls, memory.high
 * and memory.max at last. vm.overcommit_memory stands behind the sysctls it is to count
 * with where it becomes 2, and else before them. vm.overcommit_ratio takes the place of
 * _kbytes and the reverse, since the write of one zeroes the other. */
int sandbox_assume(struct sandbox *sandbox, const struct snapshot *snap, const struct change *change, bool is_growth);

/* Another value for the one at `at`, which may change its turn; the cursor goes there. */
void sandbox_set(struct sandbox *sandbox, uint32_t at, int64_t value);

void sandbox_remove(struct sandbox *sandbox, uint32_t at);

/* It has been written, or stands there anyway: it is not assumed any more. */
void sandbox_forget(struct sandbox *sandbox, const struct change *change);

/* Drop whoever is not in this snapshot: processes that ended or whose pid names
 * another, groups that were removed or made anew. Returns how many, and their names
 * in ret_names ("java (1804), /a.service"); size > 0. */
uint32_t sandbox_prune(struct sandbox *sandbox, const struct snapshot *snap, char *ret_names, size_t size);

/* Is a memory cgroup among them? */
bool sandbox_has_groups(const struct sandbox *sandbox);

/* All of it as the model takes it, in place of what *whatif held. Returns 0 or -ENOMEM. */
int sandbox_fill(const struct sandbox *sandbox, const struct snapshot *snap, struct whatif *whatif);

/* Put one change over *whatif. Returns 0 or -ENOMEM. */
int change_fill(const struct change *change, const struct snapshot *snap, struct whatif *whatif);

/* Why no process can grow by that: a sentence, or NULL. */
const char *sandbox_growth_objection(const struct snapshot *snap, int64_t bytes);

/* Bytes as knob_parse_bytes takes them, with a sign or without; not "max". What is beyond
 * all numbers becomes the largest, which is objected to. Returns 0 or -EINVAL. */
#define SANDBOX_GROWTH_HINT "Type bytes, with K, M, G or T if you like, as 512M; -512M for less."
int sandbox_parse_growth(struct text text, int64_t *ret_bytes);

#endif
