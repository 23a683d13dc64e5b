/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/check.h"

#define RAM 6171021 /* pages: one unit of oom_score is some 9257 of them */

static const struct rules today = { .era = ERA_5_9, .rss = RSS_QUICK, .later_wins = true };

static void check_with(struct check *check, const struct snapshot *prev, const struct snapshot *snap,
		       const struct rules *rules, const struct whatif *whatif)
{
	struct ranking ranking;
	ranking_init(&ranking);
	int r = ranking_make(&ranking, snap, rules, whatif, NULL);
	assert_true(r == 0 || r == -ENODATA);
	struct rates rates;
	rates_init(&rates);
	if (prev)
		assert_int_equal(rates_update(&rates, prev, rules), 0);
	check_make(check, &rates, snap, rules, &ranking);
	rates_done(&rates);
	ranking_done(&ranking);
}

/* One task: 1 when compared and agreed, 0 when compared and not, -1 when not compared. */
static int check_one(const struct made_task *line, const struct rules *rules)
{
	struct snapshot snap;
	make_snapshot(&snap, RAM, 0, line, 1);
	struct check check;
	check_with(&check, NULL, &snap, rules, NULL);
	snapshot_done(&snap);
	assert_true(check.compared <= 1);
	assert_int_equal(check.ndifferences, check.compared - check.agreed);
	return check.compared == 0 ? -1 : (int)check.agreed;
}

static void those_taken_at_the_kernel_s_word_are_counted_apart(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 100, .scored = true, .score = 666 },
		      { .pid = 20, .rss = 100, .scored = true, .score = 0 },
		      { .pid = 30, .rss = 100, .adj = -1000, .scored = true, .score = 0 },
		      { .pid = 40, .rss = 100, .scored = true, .score = 0 });
	struct check check;
	check_with(&check, NULL, &snap, &today, NULL);
	assert_int_equal(check.compared, 2);
	assert_int_equal(check.agreed, 2);
	assert_int_equal(check.by_kernels_word, 2);
	snapshot_done(&snap);
}

static void scores_agree_or_differ_or_cannot_be_compared(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct made_task line;
		int want;
	} cases[] = {
		{ "small", { .pid = 10, .rss = 100, .scored = true, .score = 666 }, 1 },
		{ "adj 150", { .pid = 10, .rss = 100, .adj = 150, .scored = true, .score = 766 }, 1 },
		{ "large", { .pid = 10, .rss = 3000000, .swap = 5000, .pgt = 900, .scored = true, .score = 991 }, 1 },
		{ "wrong by far", { .pid = 10, .rss = 3000000, .scored = true, .score = 500 }, 0 },
		{ "wrong by one, far from an edge", { .pid = 10, .rss = 4628, .scored = true, .score = 667 }, 0 },
		{ "one page below an edge", { .pid = 10, .rss = 6171, .scored = true, .score = 667 }, 1 },
		{ "at the edge", { .pid = 10, .rss = 6172, .scored = true, .score = 666 }, 1 },
		{ "a batch and more from the edge", { .pid = 10, .rss = 6100, .scored = true, .score = 667 }, 0 },
		{ "two units off near an edge", { .pid = 10, .rss = 6171, .scored = true, .score = 668 }, 0 },
		{ "init", { .pid = 1, .rss = 100, .scored = true, .score = 0 }, 1 },
		{ "init with a score", { .pid = 1, .rss = 100, .scored = true, .score = 666 }, 0 },
		{ "kernel thread", { .pid = 2, .flags = TASK_FLAG_KTHREAD, .no_mm = true, .scored = true }, 1 },
		{ "adj -1000", { .pid = 10, .rss = 100, .adj = -1000, .scored = true }, 1 },
		{ "adj -1000 with a score", { .pid = 10, .rss = 100, .adj = -1000, .scored = true, .score = 5 }, 0 },
		{ "adj -999", { .pid = 10, .rss = 100, .adj = -999, .scored = true, .score = 1 }, 1 },
		{ "zombie", { .pid = 10, .state = 'Z', .no_mm = true, .scored = true }, 1 },
		{ "fresh zombie", { .pid = 10, .state = 'Z', .no_mm = true, .scored = true, .score = 666 }, -1 },
		{ "zombie leader", { .pid = 10, .state = 'Z', .rss = 76800, .through_thread = true, .scored = true,
				     .score = 674 }, 1 },
		{ "0 for reasons of its own", { .pid = 10, .rss = 100, .scored = true, .score = 0 }, -1 },
		{ "no score", { .pid = 10, .rss = 100 }, -1 },
		{ "score of another tick", { .pid = 10, .rss = 100, .scored = true, .score = 5, .old = 1U << TASK_SCORE },
		  -1 },
		{ "parts of another tick", { .pid = 10, .rss = 100, .scored = true, .score = 5, .old = 1U << TASK_MM },
		  -1 },
		{ "adj of another tick", { .pid = 10, .rss = 100, .scored = true, .score = 5, .old = 1U << TASK_ADJ }, -1 },
		{ "parts denied", { .pid = 10, .scored = true, .score = 5, .denied = 1U << TASK_MM }, -1 },
		{ "adj unknown", { .pid = 10, .rss = 100, .scored = true, .score = 5, .unknown = 1U << TASK_ADJ }, -1 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int got = check_one(&cases[i].line, &today);
		if (got != cases[i].want)
			fail_msg("%s: %d", cases[i].name, got);
	}
}

/* Case 30: the same task under the rule that does not hold here. */
static void the_wrong_era_shows(void **state)
{
	(void)state;
	const struct made_task line = { .pid = 10, .rss = 100, .scored = true, .score = 666 };
	const struct rules old = { .era = ERA_4_17 };
	assert_int_equal(check_one(&line, &old), 0);
	const struct rules oldest = { .era = ERA_2_6_32 };
	assert_int_equal(check_one(&line, &oldest), -1);
}

static void the_wrong_rss_shows(void **state)
{
	(void)state;
	const struct made_task line = { .pid = 10, .rss = 100, .precise = 30000, .scored = true, .score = 669 };
	assert_int_equal(check_one(&line, &today), 0);
	struct rules precise = today;
	precise.rss = RSS_PRECISE;
	assert_int_equal(check_one(&line, &precise), 1);
}

static void a_task_that_moved_agrees_as_far_as_it_moved(void **state)
{
	(void)state;
	struct snapshot prev, snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 100000, .scored = true, .score = 675 });
	struct check check;
	check_with(&check, NULL, &snap, &today, NULL);
	assert_int_equal(check.compared, 1);
	assert_int_equal(check.agreed, 0);
	make_next(&prev, &snap, 2000);
	check_with(&check, &prev, &snap, &today, NULL); /* it stood still */
	assert_int_equal(check.agreed, 0);
	made_task(&prev, 10)->rss_quick_pages = 50000;
	check_with(&check, &prev, &snap, &today, NULL);
	assert_int_equal(check.agreed, 1);
	snap.tasks[0].oom_score = 500; /* further than it moved */
	check_with(&check, &prev, &snap, &today, NULL);
	assert_int_equal(check.agreed, 0);
	snap.tasks[0].oom_score = 675;
	made_task(&prev, 10)->start_ticks++; /* another process */
	check_with(&check, &prev, &snap, &today, NULL);
	assert_int_equal(check.agreed, 0);
	snapshot_done(&prev);
	snapshot_done(&snap);
}

static void swap_that_only_the_kernel_sees_is_allowed_for(void **state)
{
	(void)state;
	const struct made_task swapped = { .pid = 10, .rss = 1000, .swap = 1000, .scored = true, .score = 667 };
	assert_int_equal(check_one(&swapped, &today), 0);
	struct rules doubtful = today;
	doubtful.swap_error_pages = 8128;
	assert_int_equal(check_one(&swapped, &doubtful), 1);
	const struct made_task resident = { .pid = 10, .rss = 2000, .scored = true, .score = 667 };
	assert_int_equal(check_one(&resident, &doubtful), 0);
}

static void a_whatif_is_not_what_the_kernel_printed(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 100, .scored = true, .score = 666 },
		      { .pid = 20, .rss = 100, .scored = true, .score = 666 },
		      { .pid = 30, .rss = 100, .adj = -1000, .scored = true, .score = 0 });
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_set_adj(&whatif, 10, 1000), 0);
	assert_int_equal(whatif_set_adj(&whatif, 20, -1000), 0);
	assert_int_equal(whatif_set_adj(&whatif, 30, 500), 0);
	struct check check;
	check_with(&check, NULL, &snap, &today, &whatif);
	assert_int_equal(check.compared, 2); /* the one protected by the what-if is not judged */
	assert_int_equal(check.agreed, 2);
	whatif_done(&whatif);
	snapshot_done(&snap);
}

static void the_first_differences_are_kept(void **state)
{
	(void)state;
	struct made_task lines[20];
	for (int i = 0; i < 20; i++)
		lines[i] = (struct made_task){ .pid = 10 + i, .rss = 100, .scored = true, .score = 700 + i };
	struct snapshot snap;
	make_snapshot(&snap, RAM, 0, lines, COUNT_OF(lines));
	struct check check;
	check_with(&check, NULL, &snap, &today, NULL);
	assert_int_equal(check.compared, 20);
	assert_int_equal(check.agreed, 0);
	assert_int_equal(check.ndifferences, CHECK_DIFFERENCES);
	assert_int_equal(check.differences[7].pid, 17);
	assert_int_equal(check.differences[7].ours, 666);
	assert_int_equal(check.differences[7].kernels, 707);
	snap.system.state[SYS_MEM_TOTAL] = FACT_UNKNOWN;
	check_with(&check, NULL, &snap, &today, NULL);
	assert_int_equal(check.compared, 0);
	assert_int_equal(check.ndifferences, 0);
	snapshot_done(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_taken_at_the_kernel_s_word_are_counted_apart),
		cmocka_unit_test(scores_agree_or_differ_or_cannot_be_compared),
		cmocka_unit_test(the_wrong_era_shows),
		cmocka_unit_test(the_wrong_rss_shows),
		cmocka_unit_test(a_task_that_moved_agrees_as_far_as_it_moved),
		cmocka_unit_test(swap_that_only_the_kernel_sees_is_allowed_for),
		cmocka_unit_test(a_whatif_is_not_what_the_kernel_printed),
		cmocka_unit_test(the_first_differences_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
