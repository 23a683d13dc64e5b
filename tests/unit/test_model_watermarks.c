/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Watermarks that a what-if moves. The figures are those of a host of 18 GiB with
 * Linux 6.18, vm.min_free_kbytes 67584 and vm.watermark_scale_factor 10.
 */
#include "../../src/model/watermarks.h"
#include "make_verdict.h"

#define RAM 4676149
#define PAGE UINT64_C(4096)

static const struct zone zones[] = {
	{ .name = "DMA", .managed_pages = 3840, .min_pages = 13, .low_pages = 16, .high_pages = 19,
	  .free_pages = 3000, .protections = 2, .protection_pages = { 0, 18000 } },
	{ .name = "DMA32", .managed_pages = 772917, .min_pages = 2792, .low_pages = 3564, .high_pages = 4336,
	  .free_pages = 300000, .protections = 2, .protection_pages = { 0, 15000 } },
	{ .name = "Normal", .managed_pages = 3899392, .min_pages = 14089, .low_pages = 17988, .high_pages = 21887,
	  .free_pages = 700000 },
	{ .name = "Movable", .managed_pages = 0, .min_pages = 32, .low_pages = 32, .high_pages = 32 },
	{ .name = "Device", .managed_pages = 0 },
};

#define GAP ((19 - 13) + (4336 - 2792) + (21887 - 14089))

static void question(struct question *q)
{
	QUESTION(q, RAM, 0, { .pid = 10, .rss = 900000 }, { .pid = 20, .rss = 700000 });
	assert_int_equal(snapshot_reserve_zones(&q->snap, COUNT_OF(zones)), 0);
	memcpy(q->snap.system.zones, zones, sizeof zones);
	q->snap.system.nzones = COUNT_OF(zones);
	make_sysctl(&q->snap, SYSCTL_MIN_FREE_KBYTES, 67584);
	make_sysctl(&q->snap, SYSCTL_WATERMARK_SCALE_FACTOR, 10);
	make_fact(&q->snap, SYS_MEM_AVAILABLE, 1200000 * PAGE);
	make_fact(&q->snap, SYS_SWAP_FREE, 0);
	make_fact(&q->snap, SYS_ACTIVE_FILE, 100000 * PAGE);
	make_fact(&q->snap, SYS_INACTIVE_FILE, 150000 * PAGE);
	make_fact(&q->snap, SYS_KRECLAIMABLE, 20000 * PAGE);
}

static void todays_sysctls_give_todays_watermarks(void **state)
{
	(void)state;
	struct question q;
	question(&q);
	assert_false(watermarks_are_assumed(&q.snap, &q.whatif));
	assert_false(watermarks_are_assumed(&q.snap, NULL));
	q.snap.system.zones[2].min_pages = 20000; /* boosted: a write ends that */
	assert_int_equal(watermarks_of(&q.snap, &q.whatif, 2).min_pages, 20000);
	for (int id = 0; id < 2; id++) {
		whatif_clear(&q.whatif);
		whatif_set_sysctl(&q.whatif, id ? SYSCTL_MIN_FREE_KBYTES : SYSCTL_WATERMARK_SCALE_FACTOR, id ? 67584 : 10);
		assert_true(watermarks_are_assumed(&q.snap, &q.whatif));
		for (uint32_t i = 0; i < COUNT_OF(zones); i++) {
			const struct watermarks marks = watermarks_of(&q.snap, &q.whatif, i);
			assert_int_equal(marks.min_pages, zones[i].min_pages);
			assert_int_equal(marks.low_pages, zones[i].low_pages);
			assert_int_equal(marks.high_pages, zones[i].high_pages);
		}
	}
	q.snap.system.sysctl[SYSCTL_MIN_FREE_KBYTES].state = FACT_DENIED;
	whatif_clear(&q.whatif);
	whatif_set_sysctl(&q.whatif, SYSCTL_WATERMARK_SCALE_FACTOR, 10);
	assert_false(watermarks_are_assumed(&q.snap, &q.whatif));
	question_done(&q);
}

static void higher_ones_leave_less_and_ask_for_more(void **state)
{
	(void)state;
	struct question q;
	question(&q);
	ask(&q, NULL, 2);
	assert_int_equal(q.verdict.headroom_bytes, 1200000 * PAGE);
	assert_int_equal(q.verdict.shortfall_bytes, GAP * PAGE);
	assert_int_equal(q.verdict.covering, 1);
	/* 500000 pages: 410, 82644 and 416944, a quarter of each between the marks. */
	whatif_set_sysctl(&q.whatif, SYSCTL_MIN_FREE_KBYTES, 2000000);
	ask(&q, NULL, 2);
	assert_int_equal(q.verdict.shortfall_bytes, 2 * (102 + 20661 + 104236) * PAGE);
	/* High watermarks and protection, no more than DMA has; of files and slab the
	 * low watermarks or half. */
	uint64_t before = 3840 + (4336 + 15000) + 21887 + (16 + 3564 + 17988 + 32) + 10000;
	uint64_t after = 3840 + (82644 + 2 * 20661 + 15000) + (416944 + 2 * 104236) + 125000 + 10000;
	assert_int_equal(q.verdict.headroom_bytes, (1200000 - (after - before)) * PAGE);
	whatif_set_sysctl(&q.whatif, SYSCTL_MIN_FREE_KBYTES, 67584);
	ask(&q, NULL, 2);
	assert_int_equal(q.verdict.headroom_bytes, 1200000 * PAGE);
	whatif_set_sysctl(&q.whatif, SYSCTL_WATERMARK_SCALE_FACTOR, 1000);
	ask(&q, NULL, 2);
	assert_int_equal(q.verdict.shortfall_bytes, 2 * (384 + 77291 + 389939) * PAGE);
	question_done(&q);
}

static void what_is_missing_to_them_must_come_free_too(void **state)
{
	(void)state;
	struct question q;
	question(&q);
	make_fact(&q.snap, SYS_MEM_AVAILABLE, 1000000 * PAGE);
	whatif_set_sysctl(&q.whatif, SYSCTL_MIN_FREE_KBYTES, 4000000);
	ask(&q, NULL, 2);
	uint64_t left = q.verdict.headroom_bytes, gap = q.verdict.shortfall_bytes;
	assert_true(left == 0 && gap > 2 * UINT64_C(249999) * PAGE);
	make_fact(&q.snap, SYS_MEM_AVAILABLE, 900000 * PAGE);
	ask(&q, NULL, 2);
	assert_int_equal(q.verdict.headroom_bytes, 0);
	assert_int_equal(q.verdict.shortfall_bytes, gap + 100000 * PAGE);
	make_fact(&q.snap, SYS_SWAP_FREE, 30000 * PAGE);
	ask(&q, NULL, 2);
	assert_int_equal(q.verdict.shortfall_bytes, gap + 70000 * PAGE);
	question_done(&q);
}

static void nodes_go_by_their_own_zones(void **state)
{
	(void)state;
	struct question q;
	question(&q);
	assert_int_equal(snapshot_reserve_nodes(&q.snap, 2), 0);
	q.snap.nodes[0] = (struct node){ .id = 0, .present_pages = 776757, .free_pages = 303000, .min_pages = 2805 };
	q.snap.nodes[1] = (struct node){ .id = 1, .present_pages = 3899392, .free_pages = 700000, .min_pages = 14121 };
	q.snap.nnodes = 2;
	for (uint32_t i = 2; i < COUNT_OF(zones); i++)
		q.snap.system.zones[i].node = 1;
	const struct scope scope = scope_of_nodes(SCOPE_MEMPOLICY, "0");
	ask(&q, &scope, 1);
	assert_int_equal(q.verdict.headroom_bytes, (303000 - 2805) * PAGE);
	whatif_set_sysctl(&q.whatif, SYSCTL_MIN_FREE_KBYTES, 400000);
	ask(&q, &scope, 1); /* 100000 pages: 82 and 16528 */
	assert_int_equal(q.verdict.headroom_bytes, (303000 - 82 - 16528) * PAGE);
	assert_int_equal(q.verdict.shortfall_bytes, 2 * (20 + 4132) * PAGE);
	q.snap.nodes[0].free_pages = 10000;
	ask(&q, &scope, 1);
	assert_int_equal(q.verdict.headroom_bytes, 0);
	assert_int_equal(q.verdict.shortfall_bytes, (2 * (20 + 4132) + 6610) * PAGE);
	question_done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(todays_sysctls_give_todays_watermarks),
		cmocka_unit_test(higher_ones_leave_less_and_ask_for_more),
		cmocka_unit_test(what_is_missing_to_them_must_come_free_too),
		cmocka_unit_test(nodes_go_by_their_own_zones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
