/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What only kernels up to 2.6.35 do.
 */
#include "make_verdict.h"
#include "oomsight/model/rates.h"

#define RAM 1000000

/* oom_kill_process() of 2.6.32 and 2.6.35 walks the children as they were forked and
 * asks none for its points. */
static void up_to_2_6_35_the_first_child_dies_in_its_parents_place(void **state)
{
	(void)state;
	static const char *const releases[] = { "2.6.32", "2.6.35" };
	for (size_t i = 0; i < COUNT_OF(releases); i++) {
		struct question q;
		QUESTION(&q, RAM, 0, { .pid = 10, .comm = "sh", .virt = 2000 },
		      { .pid = 11, .ppid = 10, .comm = "kept", .virt = 9000, .adj = -1000 },
		      { .pid = 12, .ppid = 10, .comm = "late", .virt = 15000, .start = 900 },
		      { .pid = 13, .ppid = 10, .comm = "first", .virt = 12500, .start = 500 },
		      { .pid = 14, .ppid = 10, .comm = "next", .virt = 14000, .start = 500 },
		      { .pid = 20, .comm = "other", .virt = 100 });
		assert_int_equal(rules_of_release(releases[i], &q.rules), 0);
		ask(&q, NULL, 1);
		assert_int_equal(q.verdict.kills[0].selected, made_index(&q.snap, 10));
		ASSERT_KILL(&q, 0, 13);
		assert_says(&q, "first (13) would be killed in the place of its parent sh (10)");
		question_done(&q);
	}
}

/* Half of a child counts for its parent as long as the child lives. */
static void up_to_2_6_35_a_dead_child_counts_no_more(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "parpar", .virt = 1000 },
	      { .pid = 11, .ppid = 10, .comm = "kidone", .virt = 60000 },
	      { .pid = 12, .ppid = 10, .comm = "kidtwo", .virt = 50000 },
	      { .pid = 20, .ppid = 21, .comm = "kid", .virt = 40000 }, { .pid = 21, .comm = "other", .virt = 30000 });
	assert_int_equal(rules_of_release("2.6.32", &q.rules), 0);
	q.snap.boottime_ns = 1000000000;
	ask(&q, NULL, 6);
	ASSERT_KILL(&q, 0, 11);
	assert_int_equal(q.verdict.victims[0].points, 60000);
	assert_int_equal(q.verdict.kills[0].margin_pages, 60000 - 56002);
	assert_int_equal(made_index(&q.snap, 10), q.verdict.kills[0].runner_up);
	ASSERT_KILL(&q, 1, 20); /* in the place of 21: 50001 */
	assert_int_equal(q.verdict.kills[1].selected, made_index(&q.snap, 21));
	assert_int_equal(q.verdict.kills[1].margin_pages, 1);
	ASSERT_KILL(&q, 2, 12);
	assert_int_equal(q.verdict.kills[2].margin_pages, 50000 - 30000);
	ASSERT_KILL(&q, 3, 21);
	assert_int_equal(q.verdict.victims[3].points, 30000);
	assert_int_equal(q.verdict.kills[3].margin_pages, 30000 - 1000);
	ASSERT_KILL(&q, 4, 10);
	assert_int_equal(q.verdict.victims[4].points, 1000);
	assert_int_equal(q.verdict.nkills, 5);
	question_done(&q);
}

/* The virtual size is exact, and no reclaim takes of it. */
static void up_to_2_6_35_the_rss_makes_no_doubt(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "mapper", .rss = 5000, .file = 4900, .virt = 90012 },
	      { .pid = 20, .comm = "grower", .rss = 4000, .swap = 100, .virt = 90000 });
	ask(&q, NULL, 1);
	assert_true(q.verdict.reclaimable);
	assert_true(q.verdict.kills[0].error_pages > 0);
	uint32_t swap_error = q.rules.swap_error_pages;
	struct task_rate of[2] = { { .known = true }, { .known = true, .growth_bytes_per_s = 1e6 } };
	const struct rates rates = { .known = true, .tasks = of, .ntasks = 2 };
	verdict_watch(&q.verdict, &q.snap, &q.ranking, &rates);
	assert_true(q.verdict.has_overtaker);
	assert_int_equal(rules_of_release("2.6.32", &q.rules), 0);
	q.rules.swap_error_pages = swap_error;
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	assert_int_equal(q.verdict.kills[0].error_pages, 0);
	assert_true(q.verdict.kills[0].certain);
	assert_says(&q, "next would be grower (20)");
	verdict_watch(&q.verdict, &q.snap, &q.ranking, &rates);
	assert_false(q.verdict.reclaimable || q.verdict.has_overtaker);
	assert_string_equal(q.verdict.watch, "");
	question_done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_2_6_35_the_first_child_dies_in_its_parents_place),
		cmocka_unit_test(up_to_2_6_35_a_dead_child_counts_no_more),
		cmocka_unit_test(up_to_2_6_35_the_rss_makes_no_doubt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
