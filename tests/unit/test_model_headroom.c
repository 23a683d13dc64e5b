/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a host can still give. The zones are those of a guest of 256 MiB with Linux
 * 6.12.
 */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/model.h"

#define PAGE UINT64_C(4096)
#define RAM 54539
#define DMA_KEPT (33 + 198)
#define DMA32_KEPT 424

static const struct zone zones[] = {
	{ .name = "DMA", .managed_pages = 3840, .min_pages = 33, .low_pages = 41, .high_pages = 49, .free_pages = 3000,
	  .protections = 4, .protection_pages = { 0, 198, 198, 198 } },
	{ .name = "DMA32", .managed_pages = 50699, .min_pages = 424, .low_pages = 530, .high_pages = 636,
	  .free_pages = 9000, .pcp_pages = 700, .active_file_pages = 2000, .inactive_file_pages = 1500,
	  .protections = 4 },
};

static void make_guest(struct snapshot *snap, uint64_t swap_pages)
{
	MAKE_SNAPSHOT(snap, RAM, swap_pages, { .pid = 10, .rss = 20000 });
	assert_int_equal(snapshot_reserve_zones(snap, COUNT_OF(zones)), 0);
	memcpy(snap->system.zones, zones, sizeof zones);
	snap->system.nzones = COUNT_OF(zones);
	make_sysctl(snap, SYSCTL_MIN_FREE_KBYTES, 4 * (33 + 424));
	make_sysctl(snap, SYSCTL_WATERMARK_SCALE_FACTOR, 10);
	make_fact(snap, SYS_MEM_FREE, 12000 * PAGE);
	make_fact(snap, SYS_SWAP_FREE, swap_pages * PAGE);
	make_fact(snap, SYS_KRECLAIMABLE, 0);
	make_fact(snap, SYS_HUGE_SIZE, 512 * PAGE);
}

static struct headroom headroom_of(const struct snapshot *snap, const struct whatif *whatif)
{
	struct headroom headroom = { 0 };
	assert_true(host_headroom(snap, whatif, &headroom));
	return headroom;
}

static void each_zone_gives_what_is_above_its_mark_and_reserve(void **state)
{
	(void)state;
	struct snapshot snap;
	make_guest(&snap, 0);
	struct headroom left = headroom_of(&snap, NULL);
	assert_int_equal(left.bytes, (3000 - DMA_KEPT + 9000 + 700 + 3500 - DMA32_KEPT) * PAGE);
	assert_int_equal(left.limit_bytes, (RAM - DMA_KEPT - DMA32_KEPT) * PAGE);
	/* What is missing in one zone another one does not make up for. */
	snap.system.zones[0].free_pages = 100;
	assert_int_equal(headroom_of(&snap, NULL).bytes, (9000 + 700 + 3500 - DMA32_KEPT) * PAGE);
	snapshot_done(&snap);
}

static void free_swap_is_headroom(void **state)
{
	(void)state;
	struct snapshot without, with;
	make_guest(&without, 0);
	make_guest(&with, 2000);
	struct headroom a = headroom_of(&without, NULL), b = headroom_of(&with, NULL);
	assert_int_equal(b.bytes - a.bytes, 2000 * PAGE);
	assert_int_equal(b.least_bytes - a.least_bytes, 2000 * PAGE);
	assert_int_equal(b.limit_bytes - a.limit_bytes, 2000 * PAGE);
	snapshot_done(&without);
	snapshot_done(&with);
}

static void what_is_in_ram_and_swap_at_once_is_headroom_until_swap_is_full(void **state)
{
	(void)state;
	struct snapshot snap;
	make_guest(&snap, 2000);
	uint64_t none = headroom_of(&snap, NULL).bytes;
	make_fact(&snap, SYS_SWAP_CACHED, 600 * PAGE);
	assert_int_equal(headroom_of(&snap, NULL).bytes, none + 600 * PAGE);
	make_fact(&snap, SYS_SWAP_FREE, 256 * PAGE);
	assert_int_equal(headroom_of(&snap, NULL).bytes, none - (2000 - 256 - 600) * PAGE);
	make_fact(&snap, SYS_SWAP_FREE, 255 * PAGE);
	assert_int_equal(headroom_of(&snap, NULL).bytes, none - (2000 - 255) * PAGE);
	snapshot_done(&snap);
}

static void slab_gives_way_as_far_as_names_are_unused(void **state)
{
	(void)state;
	struct snapshot snap;
	make_guest(&snap, 0);
	uint64_t none = headroom_of(&snap, NULL).bytes;
	make_fact(&snap, SYS_KRECLAIMABLE, 2000 * PAGE);
	assert_int_equal(headroom_of(&snap, NULL).bytes - none, (2000 - 41 - 530) * PAGE);
	snap.system.zones[1].low_pages += 512; /* with a boost, which is over soon */
	snap.system.zones[1].min_pages += 512;
	snap.system.zones[1].boost_pages = 512;
	assert_int_equal(headroom_of(&snap, NULL).bytes - none, (2000 - 41 - 530) * PAGE);
	make_fact(&snap, SYS_KRECLAIMABLE, 100 * PAGE);
	assert_int_equal(headroom_of(&snap, NULL).bytes - none, 50 * PAGE);
	make_fact(&snap, SYS_DENTRIES, 1000);
	make_fact(&snap, SYS_DENTRIES_UNUSED, 300);
	assert_int_equal(headroom_of(&snap, NULL).bytes - none, 100 * PAGE / 1000 * 300);
	make_fact(&snap, SYS_DENTRIES_UNUSED, 1001); /* read apart from the other: the guess again */
	assert_int_equal(headroom_of(&snap, NULL).bytes - none, 50 * PAGE);
	snapshot_done(&snap);
}

static void a_boost_takes_nothing_but_may(void **state)
{
	(void)state;
	struct snapshot snap;
	make_guest(&snap, 0);
	struct headroom calm = headroom_of(&snap, NULL);
	/* 954 are 150 % of 636; in the small zone a page block is more than that. */
	assert_int_equal(calm.bytes - calm.least_bytes, (954 + 512) * PAGE);
	struct zone *zone = &snap.system.zones[1];
	zone->boost_pages = 512;
	zone->min_pages += 512;
	zone->low_pages += 512;
	zone->high_pages += 512;
	struct headroom boosted = headroom_of(&snap, NULL);
	assert_memory_equal(&calm, &boosted, sizeof calm);
	zone->free_pages = zone->pcp_pages = zone->active_file_pages = 0; /* 1500 of the file cache are left */
	assert_int_equal(headroom_of(&snap, NULL).least_bytes, (3000 - DMA_KEPT - 512 + 1500 - DMA32_KEPT - 954) * PAGE);
	zone->inactive_file_pages = 600;
	assert_int_equal(headroom_of(&snap, NULL).least_bytes, (3000 - DMA_KEPT - 512) * PAGE);
	snapshot_done(&snap);
}

static void zones_of_less_than_four_page_blocks_are_not_boosted(void **state)
{
	(void)state;
	struct snapshot snap;
	make_guest(&snap, 0);
	snap.system.zones[0].managed_pages = 4 * 512 - 1;
	struct headroom left = headroom_of(&snap, NULL);
	assert_int_equal(left.bytes - left.least_bytes, 954 * PAGE);
	make_fact(&snap, SYS_HUGE_SIZE, 262144 * PAGE); /* 1 GiB is the default: no page block is so large */
	left = headroom_of(&snap, NULL);
	assert_int_equal(left.bytes - left.least_bytes, 1024 * PAGE);
	snapshot_done(&snap);
}

static void without_zones_memory_and_cache_are_all_there_is(void **state)
{
	(void)state;
	struct snapshot snap;
	make_guest(&snap, 0);
	snap.system.nzones = 0;
	make_fact(&snap, SYS_ACTIVE_FILE, 30 * PAGE);
	make_fact(&snap, SYS_INACTIVE_FILE, 20 * PAGE);
	struct headroom left = headroom_of(&snap, NULL);
	assert_int_equal(left.bytes, 12050 * PAGE);
	assert_int_equal(left.least_bytes, 12050 * PAGE);
	assert_int_equal(left.limit_bytes, RAM * PAGE);
	snapshot_done(&snap);
}

static void what_is_not_known_is_not_told(void **state)
{
	(void)state;
	static const enum sys_fact needed[] = { SYS_MEM_TOTAL, SYS_MEM_FREE, SYS_SWAP_FREE };
	for (size_t i = 0; i < COUNT_OF(needed); i++) {
		struct snapshot snap;
		struct headroom headroom = { .bytes = 7 };
		make_guest(&snap, 0);
		snap.system.state[needed[i]] = FACT_DENIED;
		assert_false(host_headroom(&snap, NULL, &headroom));
		assert_int_equal(headroom.bytes, 7);
		snapshot_done(&snap);
	}
}

static void hostile_figures_do_not_overflow(void **state)
{
	(void)state;
	struct snapshot snap;
	make_guest(&snap, 0);
	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		struct zone *zone = &snap.system.zones[i];
		zone->free_pages = zone->pcp_pages = zone->active_file_pages = zone->managed_pages = UINT64_MAX - 3;
		zone->high_pages = zone->min_pages = zone->boost_pages = UINT64_MAX / 2;
	}
	make_fact(&snap, SYS_SWAP_FREE, UINT64_MAX - 1);
	struct headroom left = headroom_of(&snap, NULL);
	assert_int_equal(left.bytes, UINT64_MAX);
	assert_true(left.least_bytes <= left.bytes);
	snapshot_done(&snap);
}

/* The reserves of a what-if count, and setting them is no growth of anybody. */
static void assumed_watermarks_bring_the_end_nearer(void **state)
{
	(void)state;
	struct snapshot snaps[2];
	struct model model;
	struct whatif whatif;
	make_guest(&snaps[0], 0);
	make_next(&snaps[1], &snaps[0], 1000);
	assert_int_equal(snapshot_reserve_zones(&snaps[1], COUNT_OF(zones)), 0);
	memcpy(snaps[1].system.zones, zones, sizeof zones);
	snaps[1].system.nzones = COUNT_OF(zones);
	whatif_clear(&whatif);
	whatif_set_sysctl(&whatif, SYSCTL_MIN_FREE_KBYTES, 4 * 10 * (33 + 424));
	model_init(&model);
	double without = 0.0;
	for (unsigned i = 0; i <= 24; i++) {
		struct snapshot *prev = &snaps[(i + 1) % 2], *curr = &snaps[i % 2];
		if (i > 0) {
			curr->tick = prev->tick + 1;
			curr->monotonic_ns = prev->monotonic_ns + 1000000000;
		}
		curr->system.zones[1].free_pages = 9000 - 100 * i;
		assert_int_equal(model_update(&model, curr, i < 20 ? NULL : &whatif, 1), 0);
		if (i < 12)
			continue;
		assert_int_equal(model.forecast.state, FORECAST_NEARING);
		assert_true(-model.forecast.bytes_per_s == 100.0 * PAGE);
		if (i == 19)
			without = model.forecast.eta_s;
		/* 9 times 457 pages more are kept, but for what rounding to zones loses */
		if (i == 20)
			assert_true(without - 1.0 - model.forecast.eta_s > 40.9 && without - 1.0 - model.forecast.eta_s < 41.3);
	}
	model_done(&model);
	snapshot_done(&snaps[0]);
	snapshot_done(&snaps[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_zone_gives_what_is_above_its_mark_and_reserve),
		cmocka_unit_test(free_swap_is_headroom),
		cmocka_unit_test(what_is_in_ram_and_swap_at_once_is_headroom_until_swap_is_full),
		cmocka_unit_test(slab_gives_way_as_far_as_names_are_unused),
		cmocka_unit_test(a_boost_takes_nothing_but_may),
		cmocka_unit_test(zones_of_less_than_four_page_blocks_are_not_boosted),
		cmocka_unit_test(without_zones_memory_and_cache_are_all_there_is),
		cmocka_unit_test(what_is_not_known_is_not_told),
		cmocka_unit_test(hostile_figures_do_not_overflow),
		cmocka_unit_test(assumed_watermarks_bring_the_end_nearer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
