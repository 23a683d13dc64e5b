/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How much must come free. Private to the model.
 */
#ifndef OOMSIGHT_MODEL_SHORTFALL_H
#define OOMSIGHT_MODEL_SHORTFALL_H

#include "oomsight/model/verdict.h"

/* Fill shortfall_bytes and shortfall_known of a verdict whose scope, constraint
 * and headroom are set. whatif may be NULL. missing_bytes: on the host and on
 * nodes, how far the memory there is falls short of the what-if's watermarks. */
void shortfall_find(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		    const struct whatif *whatif, uint64_t missing_bytes);

/* What processes of the scope grow and shrink by under the what-if (or NULL), in bytes. */
void shortfall_growth(const struct scope *scope, const struct snapshot *snap, const struct rules *rules,
		      const struct whatif *whatif, uint64_t *ret_more, uint64_t *ret_less);

/* Count how many of its kills free as much, into verdict->covering. */
void shortfall_cover(struct verdict *verdict);

#endif
