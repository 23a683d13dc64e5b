/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_verdict.h"
#include "oomsight/model/cascade.h"

#define RAM 1000000
#define PAGE 4096ULL
#define MIB 256 /* in pages */

static char *cascade_of(const struct question *q, size_t width, char dst[256])
{
	return cascade_text(&q->verdict, &q->snap, width, dst, 256);
}

static void extend(struct question *q, uint32_t at_most)
{
	assert_int_equal(cascade_extend(&q->verdict, &q->snap, &q->rules, &q->ranking, &q->whatif, at_most), 0);
}

/* Zones whose high mark is so many pages above min. */
static void make_gap(struct question *q, uint64_t pages)
{
	assert_int_equal(snapshot_reserve_zones(&q->snap, 2), 0);
	q->snap.system.zones[0] = (struct zone){ .node = 0, .min_pages = 1000, .high_pages = 1000 + pages };
	q->snap.system.zones[1] = (struct zone){ .node = 1, .min_pages = 50, .high_pages = 50 };
	q->snap.system.nzones = 2;
}

static void the_shortfall_of_the_host_lies_between_min_and_high(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 5000 });
	make_gap(&q, 300);
	ask(&q, NULL, 1);
	assert_true(q.verdict.shortfall_known);
	assert_int_equal(q.verdict.shortfall_bytes, 300 * PAGE);
	assert_int_equal(q.verdict.covering, 1);
	question_done(&q);
}

static void without_zones_no_shortfall_is_known(void **state)
{
	(void)state;
	struct question q;
	char text[256];
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 50 * MIB }, { .pid = 11, .comm = "sh", .rss = 10 * MIB });
	ask(&q, NULL, 2);
	assert_false(q.verdict.shortfall_known);
	assert_int_equal(q.verdict.covering, 0);
	assert_string_equal(cascade_of(&q, 200, text), "2 kills free 60.0M: java 50.0M, sh 10.0M");
	extend(&q, 16);
	assert_int_equal(q.verdict.nkills, 2); /* nothing to reach for */
	question_done(&q);
}

static void nodes_count_their_own_zones_only(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 5000 });
	make_node(&q.snap, 0, 500000);
	make_node(&q.snap, 1, 500000);
	make_mems(&q.snap, 10, "0-1");
	make_gap(&q, 300);
	const struct scope scope = scope_of_nodes(SCOPE_CPUSET, "1");
	ask(&q, &scope, 1);
	assert_true(q.verdict.shortfall_known);
	assert_int_equal(q.verdict.shortfall_bytes, 0);
	question_done(&q);
}

static void kills_are_foretold_until_the_shortfall_is_covered(void **state)
{
	(void)state;
	struct question q;
	char text[256];
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500 * MIB }, { .pid = 11, .comm = "chrome", .rss = 400 * MIB },
		 { .pid = 12, .comm = "mysqld", .rss = 300 * MIB }, { .pid = 13, .comm = "cc1", .rss = 200 * MIB },
		 { .pid = 14, .comm = "sh", .rss = 100 * MIB });
	make_gap(&q, 1350 * MIB);
	ask(&q, NULL, 1);
	assert_int_equal(q.verdict.covering, 0);
	assert_string_equal(cascade_of(&q, 200, text), "1 kill frees 500M (of 1.32G needed): java");
	extend(&q, 2);
	assert_int_equal(q.verdict.nkills, 2);
	assert_int_equal(q.verdict.covering, 0);
	extend(&q, 16);
	assert_int_equal(q.verdict.nkills, 4);
	assert_int_equal(q.verdict.covering, 4);
	ASSERT_KILL(&q, 3, 13);
	assert_string_equal(cascade_of(&q, 200, text),
			    "4 kills free 1.37G (1.32G needed): java 500M, chrome 400M, mysqld 300M, cc1 200M");
	question_done(&q);
}

static void it_stops_when_nobody_is_left(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 500 }, { .pid = 11, .rss = 400 }, { .pid = 12, .rss = 300, .adj = -1000 });
	make_gap(&q, 90000);
	ask(&q, NULL, 1);
	extend(&q, 16);
	assert_int_equal(q.verdict.nkills, 2);
	assert_int_equal(q.verdict.covering, 0);
	question_done(&q);
}

/* Moved in without its charge, a process holds more than the group can get back. */
static void kills_free_no_more_than_is_charged_to_the_group(void **state)
{
	(void)state;
	struct question q;
	char text[256];
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "moved", .rss = 200 * MIB, .cgroup = "/g" },
		 { .pid = 11, .comm = "born", .rss = 80 * MIB, .cgroup = "/g" },
		 { .pid = 12, .comm = "last", .rss = 40 * MIB, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 100 * MIB);
	q.snap.memcgs[group].usage_bytes = UINT64_C(104) << 20;
	ask_memcg(&q, group, 1);
	assert_int_equal(q.verdict.kills[0].frees_bytes, UINT64_C(104) << 20);
	assert_true(q.verdict.kills[0].frees_at_most);
	assert_string_equal(cascade_of(&q, 200, text), "1 kill frees at most 104M (4.00M needed): moved");
	q.snap.memcgs[group].usage_bytes = UINT64_C(230) << 20;
	ask_memcg(&q, group, 3);
	assert_int_equal(q.verdict.kills[0].frees_bytes, UINT64_C(200) << 20);
	assert_false(q.verdict.kills[0].frees_at_most);
	assert_int_equal(q.verdict.kills[1].frees_bytes, UINT64_C(30) << 20); /* what the first leaves */
	assert_true(q.verdict.kills[1].frees_at_most);
	assert_int_equal(q.verdict.kills[2].frees_bytes, 0);
	/* Swap is charged too: beside the usage on v2, within one figure on v1. */
	q.snap.memcgs[group].swap_usage_bytes = UINT64_C(20) << 20;
	ask_memcg(&q, group, 2);
	assert_int_equal(q.verdict.kills[1].frees_bytes, UINT64_C(50) << 20);
	q.snap.memcg_version = MEMCG_V1;
	ask_memcg(&q, group, 2);
	assert_int_equal(q.verdict.kills[1].frees_bytes, UINT64_C(30) << 20);
	q.snap.memcgs[group].swap_usage_bytes = UINT64_C(270) << 20;
	ask_memcg(&q, group, 2);
	assert_int_equal(q.verdict.kills[1].frees_bytes, UINT64_C(70) << 20);
	/* What a process is assumed to grow by will be charged. */
	assert_int_equal(whatif_set_growth(&q.whatif, 11, 6 * MIB), 0);
	ask_memcg(&q, group, 2);
	assert_int_equal(q.verdict.kills[1].frees_bytes, UINT64_C(76) << 20);
	whatif_clear(&q.whatif);
	q.snap.memcgs[group].group_state[MEMCG_USAGE] = FACT_DENIED;
	ask_memcg(&q, group, 1);
	assert_int_equal(q.verdict.kills[0].frees_bytes, UINT64_C(200) << 20);
	assert_false(q.verdict.kills[0].frees_at_most);
	question_done(&q);
}

static void who_dies_beyond_the_shortfall_is_said_apart(void **state)
{
	(void)state;
	struct question q;
	char text[256];
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500 * MIB }, { .pid = 11, .comm = "chrome", .rss = 400 * MIB },
		 { .pid = 12, .comm = "sh", .rss = 300 * MIB });
	make_gap(&q, 10 * MIB);
	ask(&q, NULL, 3);
	assert_string_equal(cascade_of(&q, 200, text), "1 kill frees 500M (10.0M needed): java; then chrome 400M, sh 300M");
	question_done(&q);
}

static void alike_kills_in_a_row_are_one_entry(void **state)
{
	(void)state;
	struct question q;
	char text[256];
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "cc1", .rss = 500 * MIB }, { .pid = 11, .comm = "cc1", .rss = 400 * MIB },
		 { .pid = 12, .comm = "sh", .rss = 300 * MIB }, { .pid = 13, .comm = "cc1", .rss = 200 * MIB });
	ask(&q, NULL, 4);
	assert_string_equal(cascade_of(&q, 200, text), "4 kills free 1.37G: cc1 x2 900M, sh 300M, cc1 200M");
	question_done(&q);
}

static void who_dies_together_is_one_entry(void **state)
{
	(void)state;
	struct question q;
	char text[256];
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500 * MIB, .mm_id = 7 },
		 { .pid = 11, .comm = "helper", .rss = 500 * MIB, .mm_id = 7 },
		 { .pid = 20, .comm = "postgres", .rss = 300 * MIB, .cgroup = "/pg" },
		 { .pid = 21, .comm = "postgres", .rss = 200 * MIB, .cgroup = "/pg" },
		 { .pid = 22, .comm = "postgres", .rss = 100 * MIB, .cgroup = "/pg" });
	make_memcg(&q.snap, "/", 0);
	q.snap.memcgs[make_memcg(&q.snap, "/pg", 0)].oom_group = true;
	ask(&q, NULL, 2);
	assert_string_equal(cascade_of(&q, 200, text),
			    "2 kills free 1.07G: helper +1 (one memory) 500M, postgres x3 (oom.group) 600M");
	question_done(&q);
}

static void what_does_not_fit_is_counted(void **state)
{
	(void)state;
	struct question q;
	char text[256], small[24];
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500 * MIB }, { .pid = 11, .comm = "chrome", .rss = 400 * MIB },
		 { .pid = 12, .comm = "mysqld", .rss = 300 * MIB }, { .pid = 13, .comm = "sh", .rss = 200 * MIB });
	ask(&q, NULL, 4);
	const char *whole = "4 kills free 1.37G: java 500M, chrome 400M, mysqld 300M, sh 200M";
	assert_string_equal(cascade_of(&q, strlen(whole), text), whole);
	for (size_t width = 0; width < strlen(whole); width++) {
		cascade_of(&q, width, text);
		assert_true(strlen(text) <= width);
		assert_true(text[0] == '\0' || strstr(text, " more"));
	}
	assert_string_equal(cascade_of(&q, strlen(whole) - 1, text), "4 kills free 1.37G: java 500M, chrome 400M, +2 more");
	cascade_text(&q.verdict, &q.snap, 200, small, sizeof small);
	assert_true(strlen(small) < sizeof small);
	question_done(&q);
}

static void nobody_to_kill_is_no_line(void **state)
{
	(void)state;
	struct question q;
	char text[256] = "before";
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 500, .adj = -1000 });
	ask(&q, NULL, 4);
	assert_string_equal(cascade_of(&q, 200, text), "");
	question_done(&q);
}

/* --- what is above a group's limit -------------------------------------------- */

static uint32_t group_of(struct question *q, uint64_t max_pages, uint64_t usage_pages)
{
	make_memcg(&q->snap, "/", 0);
	uint32_t group = make_memcg(&q->snap, "/app", max_pages);
	q->snap.memcgs[group].usage_bytes = usage_pages * PAGE;
	return group;
}

static void a_group_below_its_limit_is_not_short(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500, .cgroup = "/app" });
	ask_memcg(&q, group_of(&q, 1000, 600), 1);
	assert_true(q.verdict.shortfall_known);
	assert_int_equal(q.verdict.shortfall_bytes, 0);
	assert_int_equal(q.verdict.covering, 1); /* one page will do */
	question_done(&q);
}

static void a_lower_limit_leaves_what_cannot_be_reclaimed(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500, .cgroup = "/app" });
	uint32_t group = group_of(&q, 1000, 900);
	q.snap.memcgs[group].stat_bytes[MEMCG_STAT_INACTIVE_FILE] = 100 * PAGE;
	q.snap.memcgs[group].stat_known |= 1 << MEMCG_STAT_INACTIVE_FILE;
	assert_int_equal(whatif_set_memcg_max(&q.whatif, group, 300 * PAGE), 0);
	ask_memcg(&q, group, 1);
	assert_int_equal(q.verdict.shortfall_bytes, 500 * PAGE);
	/* Nothing is left below the limit: what can be reclaimed is used up. */
	assert_true(q.verdict.headroom_known);
	assert_int_equal(q.verdict.headroom_bytes, 0);
	question_done(&q);
}

static void growth_beyond_the_room_is_short(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500, .cgroup = "/app" },
		 { .pid = 11, .comm = "other", .rss = 500 });
	uint32_t group = group_of(&q, 1000, 600);
	assert_int_equal(whatif_set_growth(&q.whatif, 10, 700), 0);
	assert_int_equal(whatif_set_growth(&q.whatif, 11, 5000), 0); /* elsewhere */
	ask_memcg(&q, group, 1);
	assert_int_equal(q.verdict.shortfall_bytes, 300 * PAGE);
	assert_int_equal(whatif_set_growth(&q.whatif, 10, -100), 0);
	ask_memcg(&q, group, 1);
	assert_int_equal(q.verdict.shortfall_bytes, 0);
	question_done(&q);
}

static void growth_beyond_all_memory_is_short(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "java", .rss = 500 });
	make_gap(&q, 100);
	make_fact(&q.snap, SYS_MEM_AVAILABLE, 1000 * PAGE);
	assert_int_equal(whatif_set_growth(&q.whatif, 10, 1700), 0);
	ask(&q, NULL, 1);
	assert_int_equal(q.verdict.shortfall_bytes, 800 * PAGE);
	q.snap.system.state[SYS_MEM_AVAILABLE] = FACT_DENIED;
	ask(&q, NULL, 1);
	assert_false(q.verdict.shortfall_known);
	question_done(&q);
}

static void what_a_group_lacks_is_asked_without_a_verdict(void **state)
{
	(void)state;
	static const struct {
		uint64_t max; /* assumed, in pages; 0: as it is, 1000 */
		int32_t grows;
		int64_t by;
		uint64_t lacks;
	} cases[] = {
		{ 0, 10, 300, 0 }, { 0, 10, 301, 1 }, { 650, 10, 0, 50 }, { 650, 20, 9, 59 }, { 650, 30, 5000, 50 },
		{ 650, 10, -60, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct question q;
		uint64_t bytes = 77;
		QUESTION(&q, RAM, 0, { .pid = 10, .rss = 400, .cgroup = "/g" }, { .pid = 20, .rss = 300, .cgroup = "/g" },
			 { .pid = 30, .rss = 5000, .cgroup = "/" });
		uint32_t top = make_memcg(&q.snap, "/", 0), group = make_memcg(&q.snap, "/g", 1000);
		q.snap.memcgs[group].usage_bytes = 700 * PAGE;
		assert_int_equal(whatif_set_growth(&q.whatif, cases[i].grows, cases[i].by), 0);
		if (cases[i].max > 0)
			assert_int_equal(whatif_set_memcg_max(&q.whatif, group, cases[i].max * PAGE), 0);
		assert_true(memcg_shortfall(&q.snap, &q.rules, &q.whatif, group, &bytes));
		assert_int_equal(bytes, cases[i].lacks * PAGE);
		bytes = 77;
		assert_false(memcg_shortfall(&q.snap, &q.rules, &q.whatif, top, &bytes));
		assert_false(memcg_shortfall(&q.snap, &q.rules, &q.whatif, TASK_MEMCG_UNKNOWN, &bytes));
		assert_int_equal(bytes, 77);
		question_done(&q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_group_lacks_is_asked_without_a_verdict),
		cmocka_unit_test(the_shortfall_of_the_host_lies_between_min_and_high),
		cmocka_unit_test(without_zones_no_shortfall_is_known),
		cmocka_unit_test(nodes_count_their_own_zones_only),
		cmocka_unit_test(kills_are_foretold_until_the_shortfall_is_covered),
		cmocka_unit_test(it_stops_when_nobody_is_left),
		cmocka_unit_test(kills_free_no_more_than_is_charged_to_the_group),
		cmocka_unit_test(who_dies_beyond_the_shortfall_is_said_apart),
		cmocka_unit_test(alike_kills_in_a_row_are_one_entry),
		cmocka_unit_test(who_dies_together_is_one_entry),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(nobody_to_kill_is_no_line),
		cmocka_unit_test(a_group_below_its_limit_is_not_short),
		cmocka_unit_test(a_lower_limit_leaves_what_cannot_be_reclaimed),
		cmocka_unit_test(growth_beyond_the_room_is_short),
		cmocka_unit_test(growth_beyond_all_memory_is_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
