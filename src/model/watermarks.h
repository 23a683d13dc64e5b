/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The zones' watermarks, and what is available above them, when
 * vm.min_free_kbytes or vm.watermark_scale_factor are assumed. Private to the model.
 */
#ifndef OOMSIGHT_MODEL_WATERMARKS_H
#define OOMSIGHT_MODEL_WATERMARKS_H

#include "oomsight/model/ranking.h"

struct watermarks {
	uint64_t min_pages;
	uint64_t low_pages;
	uint64_t high_pages;
};

/* Does the what-if move them? Not when it leaves vm.min_free_kbytes unknown. */
bool watermarks_are_assumed(const struct snapshot *snap, const struct whatif *whatif);

/* Of the zone at that index of snap->system.zones: as /proc/zoneinfo says, or as
 * the kernel would set them under the what-if. whatif may be NULL.
 * Source: mm/page_alloc.c __setup_per_zone_wmarks(), v6.18. */
struct watermarks watermarks_of(const struct snapshot *snap, const struct whatif *whatif, uint32_t zone);

/* MemAvailable; under the what-if with the reserves and low watermarks that it
 * brings. *ret_missing_bytes: how far the memory there is falls short of these, 0
 * without the what-if. False when MemAvailable is not known.
 * Source: mm/show_mem.c si_mem_available(), mm/page_alloc.c
 * calculate_totalreserve_pages(), v6.18. */
bool watermarks_available(const struct snapshot *snap, const struct whatif *whatif, uint64_t *ret_bytes,
			  uint64_t *ret_missing_bytes);

#endif
