/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Vectors of the reference model of the kernel's arithmetic, and properties
 * that hold for every input.
 */
#include "unit.h"

#include "oomsight/model/badness.h"

#define G 262144ULL /* pages of 4 KiB in 1 GiB */
#define M 256ULL

static const struct {
	struct badness_legacy_parts parts;
	uint64_t points;
} legacy_vectors[] = {
	{ { .total_vm_pages = 100000 }, 100000 },
	{ { .total_vm_pages = 100000, .oom_adj = 3 }, 800000 },
	{ { .total_vm_pages = 100000, .oom_adj = -4 }, 6250 },
	{ { .total_vm_pages = 100000, .oom_adj = -17 }, 0 },
	{ { .total_vm_pages = 0, .oom_adj = 15 }, 32768 },
	{ { .total_vm_pages = 1000, .children_pages = (const uint64_t[]){ 50000, 10001 }, .nchildren = 2 }, 31002 },
	{ { .total_vm_pages = 100000, .cpu_jiffies = 1000 * 8192 / 1000 * 16, .hz = 1000 }, 25000 },
	{ { .total_vm_pages = 100000, .run_seconds = 16 * 1024 }, 50000 },
	{ { .total_vm_pages = 100000, .nice = 5 }, 200000 },
	{ { .total_vm_pages = 100000, .cap_sys_admin = true, .cap_sys_rawio = true }, 6250 },
	{ { .total_vm_pages = 100000, .other_cpuset = true }, 12500 },
};

static const struct {
	enum era era;
	uint64_t totalpages;
	struct badness_parts parts;
	int64_t points;
	int64_t oom_score;
} vectors[] = {
	{ ERA_2_6_36, 4 * G, { .rss_pages = G, .pgtables_pages = 5000 }, 250, 250 },
	{ ERA_2_6_36, 4 * G, { .rss_pages = G, .root = true }, 220, 220 },
	{ ERA_2_6_36, 4 * G, { .rss_pages = 10 }, 1, 1 },
	{ ERA_2_6_36, 4 * G, { .rss_pages = 3 * G, .adj = 900 }, 1000, 1000 },
	{ ERA_2_6_39, 4 * G, { .rss_pages = G, .swap_pages = G, .pgtables_pages = G / 10 }, 524, 524 },
	{ ERA_3_5, 4 * G, { .rss_pages = G, .pgtables_pages = 512 }, (int64_t)G + 512, 250 },
	{ ERA_3_5, 4 * G, { .rss_pages = G, .root = true }, 230704, 220 },
	{ ERA_3_5, 4 * G, { .rss_pages = 100, .root = true }, 1, 0 },
	{ ERA_3_14, 4 * G, { .rss_pages = G, .root = true }, 254280, 242 },
	{ ERA_3_14, 4 * G, { .rss_pages = 100, .adj = -500 }, 1, 0 },
	{ ERA_4_0, 4 * G, { .rss_pages = 2 * G, .pgtables_pages = 1024, .adj = -300 }, 210912, 201 },
	{ ERA_4_17, 4 * G, { .rss_pages = G, .root = true }, (int64_t)G, 250 },
	{ ERA_4_17, 4 * G, { .rss_pages = 100, .adj = -999 }, 1, 0 },
	{ ERA_4_17, 4 * G, { .rss_pages = 100 * M, .adj = 1000 }, 1073600, 1023 },
	{ ERA_5_9, 4 * G, { .rss_pages = 0 }, 0, 666 },
	{ ERA_5_9, 4 * G, { .rss_pages = 100 }, 100, 666 },
	{ ERA_5_9, 4 * G, { .rss_pages = G }, (int64_t)G, 833 },
	{ ERA_5_9, 4 * G, { .rss_pages = G, .root = true }, (int64_t)G, 833 },
	{ ERA_5_9, 4 * G, { .rss_pages = 4 * G }, 4 * (int64_t)G, 1333 },
	{ ERA_5_9, 4 * G, { .rss_pages = 4 * G, .adj = 1000 }, 4 * (int64_t)G + 1048000, 1999 },
	{ ERA_5_9, 4 * G, { .rss_pages = 100, .adj = 1000 }, 1048100, 1332 },
	{ ERA_5_9, 4 * G, { .rss_pages = 100, .adj = -999 }, -1046852, 1 },
	{ ERA_5_9, 4 * G, { .rss_pages = 100, .adj = -500 }, 100 - 500 * 1048, 334 },
	{ ERA_5_9, 4 * G, { .rss_pages = 2 * G, .adj = -500 }, 2 * (int64_t)G - 524000, 666 },
	{ ERA_5_9, 999, { .rss_pages = 500, .adj = 1000 }, 500, 1000 },
	{ ERA_5_9, 25600, { .rss_pages = 20000, .adj = -300 }, 20000 - 300 * 25, 992 },
};

static void legacy_points_are_those_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(legacy_vectors); i++) {
		uint64_t points = badness_points_legacy(&legacy_vectors[i].parts);
		if (points != legacy_vectors[i].points)
			fail_msg("legacy vector %zu: %llu points", i, (unsigned long long)points);
	}
}

static void points_and_scores_are_those_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		int64_t points = badness_points(vectors[i].era, &vectors[i].parts, vectors[i].totalpages);
		int64_t score = badness_oom_score(vectors[i].era, points, vectors[i].totalpages);
		if (points != vectors[i].points || score != vectors[i].oom_score)
			fail_msg("vector %zu: %lld points, oom_score %lld", i, (long long)points, (long long)score);
	}
}

static void swapoff_counts_as_everything_in_the_old_heuristic(void **state)
{
	(void)state;
	const struct badness_legacy_parts parts = { .total_vm_pages = 1, .swapoff = true };
	assert_true(badness_points_legacy(&parts) == UINT64_MAX);
}

static void cpu_time_weighs_by_the_unit_of_its_hz(void **state)
{
	(void)state;
	/* 16 units of 8 s (10 s at HZ 100) divide by 4. */
	static const struct {
		uint32_t hz;
		uint64_t unit_jiffies;
	} cases[] = { { 100, 1 << 10 }, { 250, 1 << 11 }, { 300, 1 << 11 }, { 1000, 1 << 13 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct badness_legacy_parts parts = { .total_vm_pages = 1000, .hz = cases[i].hz };
		parts.cpu_jiffies = cases[i].unit_jiffies * 16;
		assert_int_equal(badness_points_legacy(&parts), 250);
		parts.cpu_jiffies = cases[i].unit_jiffies - 1;
		assert_int_equal(badness_points_legacy(&parts), 1000);
	}
}

static void legacy_adj_converts_as_the_kernel_does(void **state)
{
	(void)state;
	static const int to[][2] = { { -17, -1000 }, { -16, -941 }, { -1, -58 }, { 0, 0 },
				     { 1, 58 },      { 8, 470 },    { 14, 823 }, { 15, 1000 } };
	static const int from[][2] = { { -1000, -17 }, { -999, -16 }, { -59, -1 }, { -58, 0 }, { 0, 0 },
				       { 58, 0 },      { 59, 1 },     { 500, 8 },  { 999, 15 }, { 1000, 15 } };
	for (size_t i = 0; i < COUNT_OF(to); i++)
		assert_int_equal(oom_adj_to_score_adj(to[i][0]), to[i][1]);
	for (size_t i = 0; i < COUNT_OF(from); i++)
		assert_int_equal(oom_adj_from_score_adj(from[i][0]), from[i][1]);
	assert_int_equal(oom_adj_to_score_adj(INT32_MAX), 1000);
	assert_int_equal(oom_adj_from_score_adj(INT32_MIN), -17);
}

static void check_inverse(uint64_t total, int64_t points)
{
	int64_t score = badness_oom_score(ERA_5_9, points, total);
	int64_t low, high;
	if (!badness_score_range(score, total, &low, &high)) {
		assert_int_equal(score, 0);
		return;
	}
	if (points < low || points > high)
		fail_msg("total %llu: %lld points print %lld, range %lld .. %lld", (unsigned long long)total,
			 (long long)points, (long long)score, (long long)low, (long long)high);
	assert_int_equal(badness_oom_score(ERA_5_9, low, total), score);
	assert_int_equal(badness_oom_score(ERA_5_9, high, total), score);
	assert_int_not_equal(badness_oom_score(ERA_5_9, low - 1, total), score);
	assert_int_not_equal(badness_oom_score(ERA_5_9, high + 1, total), score);
}

static void a_score_gives_back_its_range_of_points(void **state)
{
	(void)state;
	static const uint64_t totals[] = { 999, 25600, 4 * G, 6171021 };
	for (size_t t = 0; t < COUNT_OF(totals); t++) {
		int64_t total = (int64_t)totals[t];
		int64_t step = total / 997 > 1 ? total / 997 : 1;
		for (int64_t points = 1 - total; points < 2 * total; points += step)
			check_inverse(totals[t], points);
		for (int64_t points = -1; points <= 1; points++)
			check_inverse(totals[t], points);
	}
}

static void scores_that_nothing_prints_have_no_range(void **state)
{
	(void)state;
	int64_t low = 7, high = 7;
	assert_false(badness_score_range(0, 4 * G, &low, &high));
	assert_false(badness_score_range(-5, 4 * G, &low, &high));
	assert_false(badness_score_range(667, 0, &low, &high));
	assert_false(badness_score_range(INT64_MAX, 4 * G, &low, &high));
	assert_false(badness_score_range(700, UINT64_MAX, &low, &high));
	assert_false(badness_score_range(667, UINT64_MAX / 2, &low, &high));
	/* With 10 pages in all a page is 100 thousandths: most scores never occur. */
	assert_false(badness_score_range(670, 10, &low, &high));
	assert_int_equal(low, 7);
	assert_int_equal(high, 7);
	assert_true(badness_score_range(666, 10, &low, &high));
	assert_int_equal(low, 0);
	assert_int_equal(high, 0);
}

static void one_adj_is_a_thousandth_divided_first(void **state)
{
	(void)state;
	assert_int_equal(badness_adj_unit_pages(12800), 12);
	assert_int_equal(badness_adj_unit_pages(999), 0);
	assert_int_equal(badness_adj_unit_pages(0), 0);
}

static void raising_adj_never_lowers_badness(void **state)
{
	(void)state;
	static const uint64_t totals[] = { 1, 999, 12800, 4 * G, UINT64_MAX };
	static const uint64_t sizes[] = { 0, 1, 100, G, 5 * G, UINT64_MAX };
	for (enum era era = ERA_2_6_36; era < ERA__COUNT; era++) {
		for (size_t t = 0; t < COUNT_OF(totals); t++) {
			for (size_t s = 0; s < COUNT_OF(sizes) * 2; s++) {
				struct badness_parts parts = { .rss_pages = sizes[s / 2], .root = s % 2, .adj = -999 };
				int64_t before = badness_points(era, &parts, totals[t]);
				for (parts.adj = -998; parts.adj <= 1000; parts.adj++) {
					int64_t points = badness_points(era, &parts, totals[t]);
					assert_true(points >= before);
					before = points;
				}
			}
		}
	}
}

static void before_5_9_nobody_eligible_has_less_than_one_point(void **state)
{
	(void)state;
	for (enum era era = ERA_2_6_36; era < ERA_5_9; era++) {
		const struct badness_parts none = { .adj = -999, .root = true };
		assert_int_equal(badness_points(era, &none, 4 * G), 1);
	}
	const struct badness_parts none = { .adj = -999 };
	assert_true(badness_points(ERA_5_9, &none, 4 * G) < 0);
}

static void absurd_figures_stay_at_the_end_of_the_range(void **state)
{
	(void)state;
	const struct badness_parts huge = { UINT64_MAX, UINT64_MAX, UINT64_MAX, INT32_MAX, true };
	const struct badness_parts deep = { 0, 0, 0, INT32_MIN, true };
	for (enum era era = ERA_2_6_36; era < ERA__COUNT; era++) {
		int64_t most = badness_points(era, &huge, UINT64_MAX);
		int64_t least = badness_points(era, &deep, UINT64_MAX);
		assert_true(most >= least);
		assert_true(era < ERA_3_5 ? most <= 1000 : most == INT64_MAX);
		assert_true(era < ERA_5_9 ? least == 1 : least == INT64_MIN);
		assert_true(badness_points(era, &huge, 0) >= badness_points(era, &deep, 0));
		assert_true(badness_oom_score(era, INT64_MAX, 1) >= badness_oom_score(era, INT64_MIN, 1));
		assert_true(badness_oom_score(era, INT64_MAX, 0) > 0);
	}
	const struct badness_legacy_parts old = { .total_vm_pages = UINT64_MAX, .nice = 1, .oom_adj = INT32_MAX };
	assert_true(badness_points_legacy(&old) == UINT64_MAX);
	const struct badness_legacy_parts odd = { .total_vm_pages = 5, .hz = UINT32_MAX, .run_seconds = UINT64_MAX,
						  .cpu_jiffies = UINT64_MAX };
	assert_int_equal(badness_points_legacy(&odd), 0);
}

static void a_release_has_the_era_of_the_first_at_or_before_it(void **state)
{
	(void)state;
	static const struct {
		const char *release;
		enum era era;
	} cases[] = {
		{ "2.6.32", ERA_2_6_32 },     { "2.6.35.6", ERA_2_6_32 }, { "2.6.36", ERA_2_6_36 },
		{ "2.6.38", ERA_2_6_36 },     { "2.6.39.4", ERA_2_6_39 }, { "3.4.113", ERA_2_6_39 },
		{ "3.5", ERA_3_5 },           { "3.13.10", ERA_3_5 },     { "3.14-rc1", ERA_3_14 },
		{ "4.0", ERA_4_0 },           { "4.14.177", ERA_4_0 },    { "4.15.18", ERA_4_15 },
		{ "4.18.0-305.el8", ERA_4_17 }, { "5.8.1", ERA_4_17 },    { "5.9", ERA_5_9 },
		{ "6.1.0-56-amd64", ERA_5_9 }, { "7.3.4", ERA_5_9 },      { "65535.0", ERA_5_9 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		enum era era;
		assert_int_equal(era_of_release(cases[i].release, &era), 0);
		assert_string_equal(era_name(era), era_name(cases[i].era));
	}
	static const char *const bad[] = { "", "6", "6.", ".6", "v6.1", "6.x", " 6.1", "2.4.37", "2.6.31", "2.6",
					   "99999.1", "6.99999999999999999999" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		enum era era = ERA_3_5;
		assert_int_equal(era_of_release(bad[i], &era), -EINVAL);
		assert_int_equal(era, ERA_3_5);
	}
}

static void a_small_memcg_shrinks_what_adj_weighs(void **state)
{
	(void)state;
	/* Seen on 6.18: 50 MiB group, "big" was killed though its oom_score is half. */
	const struct badness_parts big = { .rss_pages = 11799, .pgtables_pages = 36 };
	const struct badness_parts small = { .rss_pages = 1623, .pgtables_pages = 13, .adj = 700 };
	assert_true(badness_points(ERA_5_9, &big, 12800) > badness_points(ERA_5_9, &small, 12800));
	assert_true(badness_points(ERA_5_9, &big, 6171021) < badness_points(ERA_5_9, &small, 6171021));
	assert_int_equal(badness_oom_score(ERA_5_9, badness_points(ERA_5_9, &big, 6171021), 6171021), 667);
	assert_int_equal(badness_oom_score(ERA_5_9, badness_points(ERA_5_9, &small, 6171021), 6171021), 1133);
}

static void every_oom_adj_has_an_oom_score_adj_that_reads_as_it(void **state)
{
	(void)state;
	for (int oom_adj = OOM_DISABLE; oom_adj <= OOM_ADJUST_MAX; oom_adj++) {
		int adj = oom_adj_as_score_adj(oom_adj);
		assert_int_equal(oom_adj_from_score_adj(adj), oom_adj);
		int step = adj > 0 ? -1 : 1; /* the next nearer to 0 does not */
		if (oom_adj != 0 && oom_adj != OOM_ADJUST_MAX)
			assert_int_not_equal(oom_adj_from_score_adj(adj + step), oom_adj);
	}
}

static void the_last_step_is_the_points(void **state)
{
	(void)state;
	struct badness_steps steps;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		int64_t points = badness_explain(vectors[i].era, &vectors[i].parts, vectors[i].totalpages, &steps);
		assert_int_equal(points, vectors[i].points);
		assert_int_equal(steps.steps[steps.n - 1].points, vectors[i].points);
	}
	for (size_t i = 0; i < COUNT_OF(legacy_vectors); i++) {
		assert_int_equal(badness_explain_legacy(&legacy_vectors[i].parts, &steps), legacy_vectors[i].points);
		if (legacy_vectors[i].points > 0)
			assert_int_equal(steps.steps[steps.n - 1].points, legacy_vectors[i].points);
		else
			assert_int_equal(steps.n, 0); /* protected: nothing is computed */
	}
}

static void assert_steps(const struct badness_steps *steps, const struct badness_step *wanted, size_t n)
{
	assert_int_equal(steps->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(steps->steps[i].term, wanted[i].term);
		assert_int_equal(steps->steps[i].operand, wanted[i].operand);
		assert_int_equal(steps->steps[i].points, wanted[i].points);
	}
}

#define ASSERT_STEPS(steps, ...) \
	assert_steps(steps, (const struct badness_step[]){ __VA_ARGS__ }, COUNT_OF(((const struct badness_step[]){ __VA_ARGS__ })))

static void steps_stand_in_the_kernels_order(void **state)
{
	(void)state;
	struct badness_steps steps;
	const struct badness_parts parts = { .rss_pages = 1000, .swap_pages = 200, .pgtables_pages = 30, .adj = -5, .root = true };
	badness_explain(ERA_5_9, &parts, 10000, &steps);
	ASSERT_STEPS(&steps, { TERM_RSS, 1000, 1000 }, { TERM_SWAP, 200, 1200 }, { TERM_PGTABLES, 30, 1230 },
		     { TERM_ADJ, -5, 1180 });
	badness_explain(ERA_3_14, &parts, 10000, &steps);
	ASSERT_STEPS(&steps, { TERM_RSS, 1000, 1000 }, { TERM_SWAP, 200, 1200 }, { TERM_PGTABLES, 30, 1230 },
		     { TERM_ROOT, 36, 1194 }, { TERM_ADJ, -5, 1144 });
	badness_explain(ERA_3_5, &parts, 10000, &steps);
	ASSERT_STEPS(&steps, { TERM_RSS, 1000, 1000 }, { TERM_SWAP, 200, 1200 }, { TERM_PGTABLES, 30, 1230 },
		     { TERM_ROOT, 300, 930 }, { TERM_ADJ, -5, 880 });
	badness_explain(ERA_2_6_36, &parts, 10000, &steps);
	ASSERT_STEPS(&steps, { TERM_RSS, 1000, 1000 }, { TERM_SWAP, 200, 1200 }, { TERM_SHARE, 10000, 120 },
		     { TERM_ROOT, 30, 90 }, { TERM_ADJ, -5, 85 });
	const struct badness_parts tiny = { .rss_pages = 1, .adj = -500 }, huge = { .rss_pages = 9000, .adj = 500 };
	badness_explain(ERA_4_17, &tiny, 10000, &steps);
	assert_int_equal(steps.steps[steps.n - 1].term, TERM_FLOOR);
	badness_explain(ERA_2_6_39, &huge, 10000, &steps);
	assert_int_equal(steps.steps[steps.n - 1].term, TERM_CEILING);
}

static void the_old_heuristic_shows_what_it_divides_by(void **state)
{
	(void)state;
	struct badness_steps steps;
	const struct badness_legacy_parts parts = {
		.total_vm_pages = 100000, .children_pages = (const uint64_t[]){ 50000, 10001 }, .nchildren = 2,
		.cpu_jiffies = 16 * 8192, .hz = 1000, .run_seconds = 16 * 1024, .nice = 5, .cap_sys_resource = true,
		.cap_sys_rawio = true, .other_cpuset = true, .oom_adj = 2,
	};
	badness_explain_legacy(&parts, &steps);
	ASSERT_STEPS(&steps, { TERM_VIRTUAL, 100000, 100000 }, { TERM_CHILDREN, 30002, 130002 }, { TERM_CPU, 4, 32500 },
		     { TERM_RUN, 2, 16250 }, { TERM_NICE, 2, 32500 }, { TERM_ADMIN, 4, 8125 }, { TERM_RAWIO, 4, 2031 },
		     { TERM_CPUSET, 8, 253 }, { TERM_OOM_ADJ, 2, 1012 });
	badness_explain_legacy(&(struct badness_legacy_parts){ .total_vm_pages = 7, .hz = 1000 }, &steps);
	ASSERT_STEPS(&steps, { TERM_VIRTUAL, 7, 7 }, { TERM_CHILDREN, 0, 7 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legacy_points_are_those_of_the_vectors),
		cmocka_unit_test(points_and_scores_are_those_of_the_vectors),
		cmocka_unit_test(swapoff_counts_as_everything_in_the_old_heuristic),
		cmocka_unit_test(cpu_time_weighs_by_the_unit_of_its_hz),
		cmocka_unit_test(legacy_adj_converts_as_the_kernel_does),
		cmocka_unit_test(a_score_gives_back_its_range_of_points),
		cmocka_unit_test(scores_that_nothing_prints_have_no_range),
		cmocka_unit_test(one_adj_is_a_thousandth_divided_first),
		cmocka_unit_test(raising_adj_never_lowers_badness),
		cmocka_unit_test(before_5_9_nobody_eligible_has_less_than_one_point),
		cmocka_unit_test(absurd_figures_stay_at_the_end_of_the_range),
		cmocka_unit_test(a_release_has_the_era_of_the_first_at_or_before_it),
		cmocka_unit_test(a_small_memcg_shrinks_what_adj_weighs),
		cmocka_unit_test(the_last_step_is_the_points),
		cmocka_unit_test(steps_stand_in_the_kernels_order),
		cmocka_unit_test(the_old_heuristic_shows_what_it_divides_by),
		cmocka_unit_test(every_oom_adj_has_an_oom_score_adj_that_reads_as_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
