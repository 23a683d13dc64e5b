/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a host can still give before its OOM killer is called.
 */
#ifndef OOMSIGHT_MODEL_HEADROOM_H
#define OOMSIGHT_MODEL_HEADROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/ranking.h"
#include "oomsight/snapshot/snapshot.h"

struct headroom {
	uint64_t bytes;
	uint64_t least_bytes; /* if the kernel keeps as much for itself as it may */
	uint64_t limit_bytes; /* of so much: where that moves, nothing has grown */
};

/* Free pages and file cache above each zone's min watermark and lowmem reserve, slab
 * that gives way, free swap and what is in RAM and swap at once. More than MemAvailable, which leaves out all that kswapd
 * would rather keep. whatif: may move the watermarks; may be NULL. False when not
 * known. */
bool host_headroom(const struct snapshot *snap, const struct whatif *whatif, struct headroom *ret_headroom);

#endif
