/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kills of a verdict taken together: how much must come free, how many of
 * them free as much, and all of that in one line.
 */
#ifndef OOMSIGHT_MODEL_CASCADE_H
#define OOMSIGHT_MODEL_CASCADE_H

#include <stdbool.h>
#include <stddef.h>

#include "oomsight/model/verdict.h"

/* What must come free in that memory cgroup under the what-if: what is above its own
 * limit and cannot be reclaimed, and what grows in it beyond the room. False without
 * a limit of its own, or when its usage is not known. whatif may be NULL. */
bool memcg_shortfall(const struct snapshot *snap, const struct rules *rules, const struct whatif *whatif, uint32_t memcg,
		     uint64_t *ret_bytes);

/* Foretell further kills of a verdict just made by verdict_make() with the same
 * arguments, until they free what is short or there are at_most of them (up to
 * VERDICT_KILLS_MAX) or nobody is left. Returns 0; -ENOMEM, the verdict then
 * holds the kills that found room. */
int cascade_extend(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		   const struct ranking *ranking, const struct whatif *whatif, uint32_t at_most);

/* So many kills a screen foretells at most to see a shortfall covered. */
#define CASCADE_SHOWN 16

/* "3 kills free 6.10G (5.80G needed): java 4.00G, postgres x4 (oom.group) 1.50G,
 * chrome x2 600M; then sshd 40.0M": the kills that free what is short, in order,
 * each with what it frees, and those foretold beyond them. Processes that die
 * together or one after another under one name are one entry. Nothing but ASCII,
 * no wider than `width`: entries that do not fit are left out and counted at the
 * end (", +3 more"). dst is empty without a kill, and where not even the first
 * entry fits. size > 0. Returns dst. */
char *cascade_text(const struct verdict *verdict, const struct snapshot *snap, size_t width, char *dst, size_t size);

#endif
