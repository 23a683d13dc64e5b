/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How much memory overcommit_memory=2 lets be promised.
 */
#ifndef OOMSIGHT_MODEL_COMMIT_H
#define OOMSIGHT_MODEL_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/snapshot/snapshot.h"

/* RAM that counts for overcommit_ratio: without preallocated huge pages. False
 * when it is not known. */
bool commit_base_pages(const struct snapshot *snap, uint64_t *ret_pages);

/* The limit with these values of overcommit_ratio (used when kbytes is 0) and
 * overcommit_kbytes. False when it is not known, or one of them is negative.
 * Source: mm/util.c vm_commit_limit(), v3.16. */
bool commit_limit_bytes(const struct snapshot *snap, int64_t ratio, int64_t kbytes, uint64_t *ret_bytes);

#endif
