/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel gives up on reclaim, and kills, when no zone that may be used has more
 * than its min watermark and its lowmem reserve even if all of its file pages came
 * free, or when 16 rounds in a row freed nothing (mm/page_alloc.c
 * should_reclaim_retry(), v6.18). Kills that were measured on 6.1 and 6.12 came within
 * some hundred KiB of that sum, with the file cache squeezed to nearly nothing and
 * every unused dentry gone. So it is counted zone by zone:
 *
 *  - the reserve (protection in /proc/zoneinfo) that a low zone keeps from requests
 *    which could be met higher up is never given to processes: 1/256 of all that lies
 *    above it, by default;
 *  - pages in the lists of the CPUs are not among the free ones. Before it kills the
 *    kernel drains them (__alloc_pages_direct_reclaim()). Since 6.7 they may be an
 *    eighth of a zone (zone_highsize()), and a hog that lives on them would seem not
 *    to grow.
 *
 * With swap the free slots come to that, and the pages that are in RAM and in swap at
 * once: to be rid of them costs nothing. While the swap fills they are many, and a hog
 * that lives on them would seem to give memory back. Once it is full, though, anonymous
 * pages are not looked at any more (mm/vmscan.c can_reclaim_anon_pages()), and they stay.
 *
 * One thing nobody can foretell. Where an allocation falls back to page blocks of
 * another kind, boost_watermark() (5.0) raises all watermarks of the zone by up to
 * watermark_boost_factor of high, 150 % unless somebody set it, or a page block,
 * whichever is more; kswapd takes it back when it has reclaimed as much. While there
 * is enough to reclaim, that is over at once and no part of what processes cannot
 * have. But the last ones before the end are not taken back, and the same hog is
 * killed with a boost or without one. Hence the least there may be.
 */
#include "oomsight/model/headroom.h"

#include "oomsight/base/units.h"
#include "watermarks.h"

#define BOOST_PERCENT 150
#define SWAP_CLUSTER 256
#define PAGEBLOCK_MAX 1024 /* pages: MAX_PAGE_ORDER; a huge page where that is less */

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t pageblock_pages(const struct snapshot *snap)
{
	uint64_t pages = system_get(&snap->system, SYS_HUGE_SIZE, 0) / snap->page_bytes;
	return pages == 0 || pages > PAGEBLOCK_MAX ? PAGEBLOCK_MAX : pages;
}

/* By how much the kernel may raise the watermarks of a zone; small ones it spares.
 * Source: mm/page_alloc.c boost_watermark(), v6.18. */
static uint64_t most_boost(const struct snapshot *snap, const struct zone *zone, uint64_t high_pages)
{
	uint64_t pageblock = pageblock_pages(snap), most = u64_mul_sat(high_pages, BOOST_PERCENT) / 100;
	if (zone->managed_pages / 4 < pageblock || most == 0)
		return 0;
	return most > pageblock ? most : pageblock;
}

struct zone_sum {
	uint64_t left_pages;
	uint64_t least_pages;
	uint64_t kept_pages;
};

static void add_zone(const struct snapshot *snap, const struct whatif *whatif, uint32_t at, struct zone_sum *sum)
{
	const struct zone *zone = &snap->system.zones[at];
	const struct watermarks marks = watermarks_of(snap, whatif, at);
	uint64_t boost = watermarks_are_assumed(snap, whatif) ? 0 : zone->boost_pages, protection = 0;
	for (uint32_t i = 0; i < zone->protections; i++)
		protection = zone->protection_pages[i] > protection ? zone->protection_pages[i] : protection;
	uint64_t kept = add_sat(u64_sub_floor(marks.min_pages, boost), protection);
	uint64_t have = add_sat(add_sat(zone->free_pages, zone->pcp_pages),
				add_sat(zone->active_file_pages, zone->inactive_file_pages));
	uint64_t left = u64_sub_floor(have, kept);
	sum->left_pages = add_sat(sum->left_pages, left);
	sum->least_pages = add_sat(sum->least_pages,
				   u64_sub_floor(left, most_boost(snap, zone, u64_sub_floor(marks.high_pages, boost))));
	sum->kept_pages = add_sat(sum->kept_pages, kept);
}

/* What of the kernel's caches gives way. Names in use pin their inodes, and a file
 * system that lives in memory holds all of its names for ever: 9 MiB of tracefs on
 * 6.1. Where that is not known, si_mem_available()'s guess of how much is in use. */
static uint64_t slab_that_gives_way(const struct snapshot *snap)
{
	const struct system_facts *sys = &snap->system;
	uint64_t slab = system_get(sys, SYS_KRECLAIMABLE, system_get(sys, SYS_SRECLAIMABLE, 0)), low = 0;
	uint64_t dentries = system_get(sys, SYS_DENTRIES, 0), unused = system_get(sys, SYS_DENTRIES_UNUSED, 0);
	if (dentries > 0 && unused <= dentries)
		return slab / dentries * unused;
	for (uint32_t i = 0; i < sys->nzones; i++)
		low = add_sat(low, u64_sub_floor(sys->zones[i].low_pages, sys->zones[i].boost_pages));
	low = snapshot_bytes(snap, low);
	return slab - (slab / 2 < low ? slab / 2 : low);
}

/* Less than a cluster of slots (SWAPFILE_CLUSTER) may be left when none can be had:
 * CPUs keep some of their own (mm/swap_slots.c, v6.12). */
static uint64_t swap_that_takes(const struct snapshot *snap)
{
	uint64_t free_bytes = snap->system.value[SYS_SWAP_FREE];
	if (free_bytes < snapshot_bytes(snap, SWAP_CLUSTER))
		return free_bytes;
	return add_sat(free_bytes, system_get(&snap->system, SYS_SWAP_CACHED, 0));
}

bool host_headroom(const struct snapshot *snap, const struct whatif *whatif, struct headroom *ret_headroom)
{
	const struct system_facts *sys = &snap->system;
	if (!system_knows(sys, SYS_MEM_TOTAL) || !system_knows(sys, SYS_MEM_FREE) || !system_knows(sys, SYS_SWAP_FREE) ||
	    snap->page_bytes == 0)
		return false;
	struct zone_sum sum = { 0 };
	for (uint32_t i = 0; i < sys->nzones; i++)
		add_zone(snap, whatif, i, &sum);
	uint64_t left = snapshot_bytes(snap, sum.left_pages), least = snapshot_bytes(snap, sum.least_pages);
	if (sys->nzones == 0)
		left = least = add_sat(sys->value[SYS_MEM_FREE],
				       add_sat(system_get(sys, SYS_ACTIVE_FILE, 0), system_get(sys, SYS_INACTIVE_FILE, 0)));
	uint64_t besides = add_sat(slab_that_gives_way(snap), swap_that_takes(snap));
	ret_headroom->bytes = add_sat(left, besides);
	ret_headroom->least_bytes = add_sat(least, besides);
	ret_headroom->limit_bytes = u64_sub_floor(add_sat(sys->value[SYS_MEM_TOTAL], system_get(sys, SYS_SWAP_TOTAL, 0)),
						  snapshot_bytes(snap, sum.kept_pages));
	return true;
}
