/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_ui.h"

/* Rows, parted by blanks, each with its depth behind a dot. */
static void assert_rows(const struct stage *stage, const char *wanted)
{
	char text[1024] = "";
	size_t len = 0;
	for (uint32_t i = 0; i < stage->ui.view.nrows && len < sizeof text; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%d.%d", i ? " " : "", (int)stage_pid(stage, i),
					stage->ui.view.depth[i]);
	assert_string_equal(text, wanted);
}

static void everybody_stands_in_the_view_once(const struct stage *stage)
{
	assert_int_equal(stage->ui.view.nrows, stage->snap.ntasks);
	for (uint32_t i = 0; i < stage->snap.ntasks; i++) {
		uint32_t found = 0;
		for (uint32_t row = 0; row < stage->ui.view.nrows; row++)
			found += stage->ui.view.rows[row] == i;
		assert_int_equal(found, 1);
	}
}

static void children_follow_their_parent_in_the_order_of_the_sort(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_INIT, { .pid = 10, .rss = 10 }, { .pid = 11, .ppid = 10, .rss = 900 },
		      { .pid = 12, .ppid = 10, .rss = 5000 }, { .pid = 13, .ppid = 11, .rss = 1 },
		      { .pid = 20, .rss = 100 });
	stage->ui.view.tree = true;
	stage_begin(stage);
	assert_rows(stage, "1.0 20.1 10.1 12.2 11.2 13.3");
	stage->ui.view.reverse = true;
	stage_update(stage);
	assert_rows(stage, "1.0 10.1 11.2 13.3 12.2 20.1");
}

static void child_of_a_hidden_parent_is_a_root(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .comm = "parent", .rss = 10, .ppid = 9 },
		      { .pid = 11, .ppid = 10, .comm = "child", .rss = 900 },
		      { .pid = 12, .ppid = 11, .comm = "child", .rss = 9 });
	stage->ui.view.tree = true;
	strcpy(stage->ui.view.filter, "child");
	stage_begin(stage);
	assert_rows(stage, "11.0 12.1");
	assert_int_equal(stage->ui.view.hidden, 1);
}

static void loops_of_parents_lose_nobody(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_INIT, { .pid = 10, .ppid = 12, .rss = 10 },
		      { .pid = 11, .ppid = 10, .rss = 20 }, { .pid = 12, .ppid = 11, .rss = 30 },
		      { .pid = 13, .ppid = 12, .rss = 40 }, { .pid = 20, .ppid = 20, .rss = 50 },
		      { .pid = 30, .ppid = 1, .rss = 60 });
	stage->ui.view.tree = true;
	stage_begin(stage);
	everybody_stands_in_the_view_once(stage);
	assert_rows(stage, "20.0 1.0 30.1 13.0 12.0 11.0 10.0");
}

static void chain_of_a_hundred_keeps_its_order_and_is_drawn_flat_below(void **state)
{
	struct stage *stage = *state;
	struct made_task tasks[101];
	for (int i = 0; i < 101; i++)
		tasks[i] = (struct made_task){ .pid = 10 + i, .ppid = 9 + i, .rss = 1000 - (uint64_t)i };
	make_snapshot(&stage->snap, 1000000, 0, tasks, COUNT_OF(tasks));
	stage->ui.view.tree = true;
	stage->ui.view.sort = COL_RANK;
	stage->ui.view.reverse = true; /* against the chain */
	stage_begin(stage);
	everybody_stands_in_the_view_once(stage);
	for (uint32_t i = 0; i < 101; i++) {
		assert_int_equal(stage_pid(stage, i), 10 + (int)i);
		assert_int_equal(stage->ui.view.depth[i], i < VIEW_DEPTH_MAX ? i : VIEW_DEPTH_MAX);
	}
	stage_draw(stage, 60, 200);
	stage_draw(stage, 24, 80);
}

static void sibling_of_a_deep_chain_stands_behind_it(void **state)
{
	struct stage *stage = *state;
	struct made_task tasks[52];
	for (int i = 0; i < 50; i++)
		tasks[i] = (struct made_task){ .pid = 10 + i, .ppid = 9 + i, .rss = 100 };
	tasks[50] = (struct made_task){ .pid = 200, .ppid = 50, .rss = 1 }; /* below the 41st */
	tasks[51] = (struct made_task){ .pid = 300, .ppid = 10, .rss = 1 };
	make_snapshot(&stage->snap, 1000000, 0, tasks, COUNT_OF(tasks));
	stage->ui.view.tree = true;
	stage_begin(stage);
	everybody_stands_in_the_view_once(stage);
	assert_int_equal(stage_pid(stage, 49), 59);
	assert_int_equal(stage_pid(stage, 50), 200);
	assert_int_equal(stage->ui.view.depth[50], VIEW_DEPTH_MAX);
	assert_int_equal(stage_pid(stage, 51), 300);
	assert_int_equal(stage->ui.view.depth[51], 1);
}

static void only_the_pids_asked_for_are_shown(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_INIT, MADE_KTHREAD, { .pid = 10, .rss = 10 }, { .pid = 20, .rss = 20 });
	stage->ui.view.pids[0] = 20;
	stage->ui.view.pids[1] = 77;
	stage->ui.view.npids = 2;
	stage_begin(stage);
	assert_rows(stage, "20.0");
	assert_int_equal(stage->ui.view.hidden, 2);
}

static void user_that_is_not_known_is_nobodys(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .rss = 10, .denied = 1U << TASK_STATUS }, { .pid = 20, .rss = 20 });
	stage->ui.view.by_user = true;
	stage->ui.view.uid = 0;
	stage_begin(stage);
	assert_rows(stage, "20.0");
}

static void filter_looks_at_what_the_row_shows(void **state)
{
	static const struct {
		const char *filter;
		const char *rows;
	} cases[] = {
		{ "JAVA", "10.0" }, { "20", "20.0" }, { "root", "10.0 20.0" }, { "system.slice", "20.0" },
		{ "-jar", "10.0" }, { "\x1b", "" },
	};
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .comm = "java", .rss = 90 },
		      { .pid = 20, .comm = "x", .rss = 20, .cgroup = "/system.slice/a" });
	struct label_cmdline *slot = labels_cmdline_slot(&stage->labels, 10, 100);
	slot->state = LABEL_KNOWN;
	slot->len = 12;
	memcpy(slot->bytes, "x -jar y.jar", 12);
	stage->ui.cmdlines = true;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		snprintf(stage->ui.view.filter, VIEW_FILTER_SIZE, "%s", cases[i].filter);
		stage_update(stage);
		assert_rows(stage, cases[i].rows);
	}
}

static void nobody_makes_no_rows(void **state)
{
	struct stage *stage = *state;
	make_snapshot(&stage->snap, 1000000, 0, NULL, 0);
	stage->ui.view.tree = true;
	stage_begin(stage);
	assert_int_equal(stage->ui.view.nrows, 0);
	stage->ui.view.tree = false;
	stage_update(stage);
	assert_int_equal(stage->ui.view.nrows, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(children_follow_their_parent_in_the_order_of_the_sort),
		TEST(child_of_a_hidden_parent_is_a_root),
		TEST(loops_of_parents_lose_nobody),
		TEST(chain_of_a_hundred_keeps_its_order_and_is_drawn_flat_below),
		TEST(sibling_of_a_deep_chain_stands_behind_it),
		TEST(only_the_pids_asked_for_are_shown),
		TEST(user_that_is_not_known_is_nobodys),
		TEST(filter_looks_at_what_the_row_shows),
		TEST(nobody_makes_no_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
