/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel sets all watermarks anew when one of the two sysctls is written, and
 * so it is done here. What is available is not computed from nothing, since the
 * kernel's own figure knows best: it is moved by the difference that the marks make.
 */
#include "watermarks.h"

#include <string.h>

#include "oomsight/base/units.h"

#define SWAP_CLUSTER_MAX 32
#define MARK_MAX 128 /* of a zone that is not lowmem */

bool watermarks_are_assumed(const struct snapshot *snap, const struct whatif *whatif)
{
	if (!whatif || snap->page_bytes == 0)
		return false;
	return (whatif->sysctl_set[SYSCTL_MIN_FREE_KBYTES] || whatif->sysctl_set[SYSCTL_WATERMARK_SCALE_FACTOR]) &&
	       whatif_sysctl(snap, whatif, SYSCTL_MIN_FREE_KBYTES, -1) >= 0;
}

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t at_most(uint64_t value, uint64_t limit)
{
	return value < limit ? value : limit;
}

static bool is_lowmem(const struct zone *zone)
{
	return strcmp(zone->name, "HighMem") != 0 && strcmp(zone->name, "Movable") != 0;
}

static uint64_t lowmem_pages(const struct snapshot *snap)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snap->system.nzones; i++) {
		if (is_lowmem(&snap->system.zones[i]))
			sum = add_sat(sum, snap->system.zones[i].managed_pages);
	}
	return sum;
}

struct watermarks watermarks_of(const struct snapshot *snap, const struct whatif *whatif, uint32_t at)
{
	const struct zone *zone = &snap->system.zones[at];
	uint64_t lowmem = lowmem_pages(snap);
	if (!watermarks_are_assumed(snap, whatif) || lowmem == 0)
		return (struct watermarks){ zone->min_pages, zone->low_pages, zone->high_pages };
	uint64_t least = u64_mul_sat((uint64_t)whatif_sysctl(snap, whatif, SYSCTL_MIN_FREE_KBYTES, 0), 1024) /
			 snap->page_bytes;
	uint64_t share = u64_mul_sat(least, zone->managed_pages) / lowmem;
	/* Without the file (before 4.6) there was no such factor. */
	int64_t factor = whatif_sysctl(snap, whatif, SYSCTL_WATERMARK_SCALE_FACTOR, 0);
	uint64_t scaled = u64_mul_sat(zone->managed_pages, factor > 0 ? (uint64_t)factor : 0) / 10000;
	uint64_t step = share / 4 > scaled ? share / 4 : scaled;
	uint64_t min = share;
	if (!is_lowmem(zone)) {
		min = at_most(zone->managed_pages / 1024, MARK_MAX);
		min = min > SWAP_CLUSTER_MAX ? min : SWAP_CLUSTER_MAX;
	}
	uint64_t low = add_sat(min, step);
	return (struct watermarks){ min, low, add_sat(low, step) };
}

/* What of the host's memory these marks keep from being available, in pages. */
static uint64_t kept_pages(const struct snapshot *snap, const struct whatif *whatif)
{
	const struct system_facts *sys = &snap->system;
	uint64_t kept = 0, low = 0;
	for (uint32_t i = 0; i < sys->nzones; i++) {
		const struct zone *zone = &sys->zones[i];
		const struct watermarks marks = watermarks_of(snap, whatif, i);
		uint64_t protection = 0;
		for (uint32_t j = 0; j < zone->protections; j++)
			protection = zone->protection_pages[j] > protection ? zone->protection_pages[j] : protection;
		kept = add_sat(kept, at_most(add_sat(protection, marks.high_pages), zone->managed_pages));
		low = add_sat(low, marks.low_pages);
	}
	const uint64_t caches[] = {
		system_get(sys, SYS_ACTIVE_FILE, 0) + system_get(sys, SYS_INACTIVE_FILE, 0),
		system_get(sys, SYS_KRECLAIMABLE, system_get(sys, SYS_SRECLAIMABLE, 0)),
	};
	for (size_t i = 0; i < sizeof caches / sizeof *caches; i++)
		kept = add_sat(kept, at_most(caches[i] / snap->page_bytes / 2, low));
	return kept;
}

bool watermarks_available(const struct snapshot *snap, const struct whatif *whatif, uint64_t *ret_bytes,
			  uint64_t *ret_missing_bytes)
{
	if (!system_knows(&snap->system, SYS_MEM_AVAILABLE))
		return false;
	uint64_t available = snap->system.value[SYS_MEM_AVAILABLE], more = 0;
	*ret_missing_bytes = 0;
	if (watermarks_are_assumed(snap, whatif)) {
		uint64_t before = kept_pages(snap, NULL), after = kept_pages(snap, whatif);
		available = add_sat(available, snapshot_bytes(snap, u64_sub_floor(before, after)));
		more = snapshot_bytes(snap, u64_sub_floor(after, before));
		*ret_missing_bytes = u64_sub_floor(more, available);
	}
	*ret_bytes = u64_sub_floor(available, more);
	return true;
}
