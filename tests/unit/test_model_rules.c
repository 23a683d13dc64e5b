/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/rules.h"

static void make_observer(struct snapshot *snap, const char *release, int score, int adj)
{
	MAKE_SNAPSHOT(snap, 1000000, 0, MADE_INIT);
	make_release(snap, release);
	snap->observer.oom_score = score;
	snap->observer.oom_score_adj = (int16_t)adj;
}

static void behaviour_tells_the_era_where_the_release_lies(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *release;
		int score;
		int adj;
		enum era era;
		bool calibrated;
		bool later_wins;
		enum child_rule child;
	} cases[] = {
		{ "today's", "6.18.2", 666, 0, ERA_5_9, true, true, CHILD_SPARED },
		{ "a little larger", "6.18.2", 671, 0, ERA_5_9, true, true, CHILD_SPARED },
		{ "adj up", "6.1.0-56-amd64", 1333, 1000, ERA_5_9, true, true, CHILD_SPARED },
		{ "adj down", "6.1.0-56-amd64", 67, -900, ERA_5_9, true, true, CHILD_SPARED },
		{ "5.4 with the back-port", "5.4.286", 667, 0, ERA_5_9, true, true, CHILD_SPARED },
		{ "5.4 without", "5.4.0", 0, 0, ERA_4_17, true, true, CHILD_SPARED },
		{ "4.19 without", "4.19.0", 1, 0, ERA_4_17, true, false, CHILD_WORST },
		{ "4.19 with the back-port", "4.19.325", 666, 0, ERA_5_9, true, false, CHILD_WORST },
		{ "4.16, adj 500", "4.16.3", 500, 500, ERA_4_15, true, false, CHILD_WORST },
		{ "3.10", "3.10.0-1160.el7", 0, -500, ERA_3_5, true, false, CHILD_WORST },
		{ "2.6.36, floor 1", "2.6.36", 1, 0, ERA_2_6_36, true, false, CHILD_WORST },
		{ "2.6.32", "2.6.32-754.el6", 40, 0, ERA_2_6_32, true, false, CHILD_FIRST },
		{ "new release, old behaviour", "6.1.0", 0, 0, ERA_4_17, true, true, CHILD_SPARED },
		{ "adj -1000 tells nothing", "6.1.0", 0, -1000, ERA_5_9, false, true, CHILD_SPARED },
		{ "adj -1000 on an old one", "4.4.0", 0, -1000, ERA_4_0, false, false, CHILD_WORST },
		{ "adj -998: both print about 0", "6.1.0", 1, -998, ERA_5_9, false, true, CHILD_SPARED },
		{ "adj -999 on an old one", "5.0.0", 0, -999, ERA_4_17, false, false, CHILD_WORST },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct snapshot snap;
		make_observer(&snap, cases[i].release, cases[i].score, cases[i].adj);
		struct rules rules;
		assert_int_equal(rules_calibrate(&snap, &rules), 0);
		if (rules.era != cases[i].era || rules.calibrated != cases[i].calibrated ||
		    rules.later_wins != cases[i].later_wins || rules.child != cases[i].child)
			fail_msg("%s: era %s, calibrated %d, later wins %d, child %d", cases[i].name,
				 era_name(rules.era), rules.calibrated, rules.later_wins, rules.child);
		snapshot_done(&snap);
	}
}

static void an_unreadable_score_leaves_the_release(void **state)
{
	(void)state;
	struct snapshot snap;
	make_observer(&snap, "5.4.286", 666, 0);
	snap.observer.scores_known = false;
	struct rules rules;
	assert_int_equal(rules_calibrate(&snap, &rules), 0);
	assert_int_equal(rules.era, ERA_4_17);
	assert_false(rules.calibrated);
	snapshot_done(&snap);
}

static void behaviour_alone_is_enough(void **state)
{
	(void)state;
	struct snapshot snap;
	struct rules rules;
	make_observer(&snap, "something else", 666, 0);
	assert_int_equal(rules_calibrate(&snap, &rules), 0);
	assert_int_equal(rules.era, ERA_5_9);
	assert_true(rules.later_wins);
	snap.observer.oom_score = 0;
	assert_int_equal(rules_calibrate(&snap, &rules), 0);
	assert_int_equal(rules.era, ERA_4_17);
	snapshot_done(&snap);
}

static void without_any_clue_todays_rules_hold(void **state)
{
	(void)state;
	struct snapshot snap;
	make_observer(&snap, "", 0, 0);
	snap.observer.scores_known = false;
	struct rules rules;
	assert_int_equal(rules_calibrate(&snap, &rules), -ENODATA);
	assert_int_equal(rules.era, ERA_5_9);
	assert_int_equal(rules.rss, RSS_PRECISE);
	assert_true(rules.later_wins);
	assert_int_equal(rules.child, CHILD_SPARED);
	snapshot_done(&snap);
}

static void the_rss_that_decides_is_the_quick_one_up_to_6_19(void **state)
{
	(void)state;
	static const struct {
		const char *release;
		enum rss_rule rss;
	} cases[] = { { "5.10.223", RSS_QUICK }, { "6.1.192", RSS_QUICK },   { "6.12.107", RSS_QUICK },
		      { "6.19.14", RSS_QUICK },  { "7.0.13", RSS_PRECISE }, { "7.3.4", RSS_PRECISE } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rules rules;
		assert_int_equal(rules_of_release(cases[i].release, &rules), 0);
		assert_int_equal(rules.rss, cases[i].rss);
		assert_false(rules.calibrated);
	}
	struct rules rules = { .era = ERA_3_5 };
	assert_int_equal(rules_of_release("current", &rules), -EINVAL);
	assert_int_equal(rules_of_release("2.4.37", &rules), -EINVAL);
	assert_int_equal(rules.era, ERA_3_5);
}

static void the_swap_count_is_in_doubt_from_6_12_to_6_19(void **state)
{
	(void)state;
	static const struct {
		const char *release;
		uint32_t cpus;
		uint32_t pages;
	} cases[] = {
		{ "6.1.0", 64, 0 },   { "6.6.9", 64, 0 },       { "6.12.0", 2, 62 }, { "6.18.2", 64, 8128 },
		{ "6.19.1", 256, 130816 }, { "7.0.0", 64, 0 }, { "6.18.2", UINT32_MAX, UINT32_MAX },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct snapshot snap;
		make_observer(&snap, cases[i].release, 666, 0);
		snap.cpus = cases[i].cpus;
		struct rules rules;
		assert_int_equal(rules_calibrate(&snap, &rules), 0);
		assert_int_equal(rules.swap_error_pages, cases[i].pages);
		snapshot_done(&snap);
	}
}

static uint64_t error_of(const char *release, uint32_t cpus, const struct made_task *line)
{
	struct snapshot snap;
	make_snapshot(&snap, 1000000, 0, line, 1);
	make_release(&snap, release);
	snap.cpus = cpus;
	struct rules rules;
	assert_int_equal(rules_calibrate(&snap, &rules), 0);
	uint64_t pages = rules_counter_error_pages(&rules, &snap, &snap.tasks[0]);
	snapshot_done(&snap);
	return pages;
}

static void counters_err_by_threads_then_by_cpus_then_not_at_all(void **state)
{
	(void)state;
	const struct made_task threaded = { .pid = 5, .rss = 1000, .threads = 10 };
	assert_int_equal(error_of("5.10.223", 64, &threaded), 640);
	assert_int_equal(error_of("6.1.0", 64, &threaded), 640);
	const struct made_task anon = { .pid = 5, .rss = 1000 };
	assert_int_equal(error_of("6.2.1", 2, &anon), 62);
	assert_int_equal(error_of("6.18.2", 64, &anon), 8128);
	const struct made_task all = { .pid = 5, .rss = 1000, .file = 100, .shmem = 100, .swap = 100 };
	assert_int_equal(error_of("6.18.2", 2, &all), 4 * 62);
	const struct made_task unsplit = { .pid = 5, .rss = 1000, .unknown = 1U << TASK_SPLIT };
	assert_int_equal(error_of("6.18.2", 2, &unsplit), 3 * 62);
	assert_int_equal(error_of("7.0.13", 64, &all), 0);
}

static void releases_are_read_as_numbers(void **state)
{
	(void)state;
	unsigned major = 0, minor = 0;
	assert_int_equal(release_parse("6.1.0-56-amd64", &major, &minor), 0);
	assert_int_equal(major, 6);
	assert_int_equal(minor, 1);
	assert_int_equal(release_parse("3.10.el7", &major, &minor), 0);
	assert_int_equal(minor, 10);
	assert_int_equal(release_parse("six.one", &major, &minor), -EINVAL);
	assert_int_equal(major, 3);
}

static void every_milestone_changes_a_rule(void **state)
{
	(void)state;
	struct rules before = { 0 };
	for (size_t i = 0; i < RULES_MILESTONES; i++) {
		struct rules rules;
		assert_int_equal(rules_of_release(rules_milestones[i].release, &rules), 0);
		assert_true(rules_milestones[i].change[0]);
		if (i > 0 && rules.era == before.era && rules.rss == before.rss && rules.later_wins == before.later_wins &&
		    rules.child == before.child && rules.oom_group == before.oom_group &&
		    rules.memcg_swap == before.memcg_swap)
			fail_msg("%s changes nothing", rules_milestones[i].release);
		before = rules;
	}
}

static void rules_agree_when_every_choice_is_the_same(void **state)
{
	(void)state;
	struct rules a, b;
	assert_int_equal(rules_of_release("6.18.2", &a), 0);
	assert_int_equal(rules_of_release("5.9", &b), 0);
	a.calibrated = true;
	a.swap_error_pages = 62;
	assert_true(rules_agree(&a, &b, false));
	assert_false(rules_agree(&a, &b, true)); /* MPOL_INTERLEAVE bound until 5.13 */
	for (size_t i = 1; i < RULES_MILESTONES; i++) {
		assert_int_equal(rules_of_release(rules_milestones[i - 1].release, &a), 0);
		assert_int_equal(rules_of_release(rules_milestones[i].release, &b), 0);
		assert_false(rules_agree(&a, &b, false));
		assert_true(rules_agree(&b, &b, true));
	}
}

static void every_era_is_a_milestone(void **state)
{
	(void)state;
	for (int era = 0; era < ERA__COUNT; era++) {
		bool found = false;
		for (size_t i = 0; i < RULES_MILESTONES; i++)
			found |= strcmp(rules_milestones[i].release, era_name((enum era)era)) == 0;
		if (!found)
			fail_msg("%s", era_name((enum era)era));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behaviour_tells_the_era_where_the_release_lies),
		cmocka_unit_test(an_unreadable_score_leaves_the_release),
		cmocka_unit_test(behaviour_alone_is_enough),
		cmocka_unit_test(without_any_clue_todays_rules_hold),
		cmocka_unit_test(the_rss_that_decides_is_the_quick_one_up_to_6_19),
		cmocka_unit_test(the_swap_count_is_in_doubt_from_6_12_to_6_19),
		cmocka_unit_test(counters_err_by_threads_then_by_cpus_then_not_at_all),
		cmocka_unit_test(releases_are_read_as_numbers),
		cmocka_unit_test(every_milestone_changes_a_rule),
		cmocka_unit_test(rules_agree_when_every_choice_is_the_same),
		cmocka_unit_test(every_era_is_a_milestone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
