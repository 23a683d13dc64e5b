/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A stable sort that never allocates (the C library's qsort may) and is linear
 * on input already in order, as rankings of successive ticks nearly are.
 */
#ifndef OOMSIGHT_BASE_SORT_H
#define OOMSIGHT_BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Must a stand before b? */
typedef bool sort_before(uint32_t a, uint32_t b, const void *context);

/* Sort n indices in place. scratch: n more. Returns false when they were in order already; else
 * what was in scratch is lost. */
bool sort_indices(uint32_t *indices, uint32_t *scratch, size_t n, sort_before *before, const void *context);

#endif
