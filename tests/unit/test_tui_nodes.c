/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen of NUMA nodes.
 */
#include "unit.h"

#include <errno.h>

#include "make_ui.h"

/* java may use both nodes, mysqld the first alone, worker the second alone. */
static void begin(struct stage *stage)
{
	stage_init(stage);
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_KTHREAD, { .pid = 100, .comm = "java", .rss = 200000 },
		      { .pid = 200, .comm = "mysqld", .rss = 300000 }, { .pid = 300, .comm = "worker", .rss = 1000 });
	make_node(&stage->snap, 0, 500000);
	make_node(&stage->snap, 2, 500000);
	make_mems(&stage->snap, 100, "0,2");
	make_mems(&stage->snap, 200, "0");
	make_mems(&stage->snap, 300, "2");
	stage_begin(stage);
	stage_draw(stage, 24, 80);
}

static void meminfo_is_wanted_only_while_it_is_looked_at(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	assert_false(ui_wants_nodes(&stage.ui));
	stage_keys(&stage, "o");
	assert_int_equal(stage.command.kind, UI_REFRESH);
	assert_true(ui_wants_nodes(&stage.ui));
	stage_keys(&stage, "q");
	assert_false(ui_wants_nodes(&stage.ui));
	assert_int_equal(stage.command.kind, UI_NONE);
	stage_done(&stage);
}

static void the_victim_is_of_the_nodes_put_together(void **state)
{
	(void)state;
	static const struct {
		const char *keys;
		const char *says;
	} rows[] = {
		{ "o", "Space puts a node into the set" },
		{ "o Space", "mysqld (200) would be killed" },
		{ "o Down Space", "java (100) would be killed" },
		/* All nodes with memory bind nobody. */
		{ "o Space Down Space", "mysqld (200) would be killed" },
		{ "o Space Space", "Space puts a node into the set" },
		{ "o End Up Home Down Down Down Space", "bound to 2 by cpuset" },
		{ "o Space b", "Memory policies are not read" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stage stage;
		begin(&stage);
		stage_keys(&stage, rows[i].keys);
		stage_draw(&stage, 24, 80);
		print_message("%s\n", rows[i].keys);
		assert_true(stage_shows(&stage, rows[i].says));
		stage_done(&stage);
	}
}

static void a_policy_that_is_known_is_judged(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	make_policy(&stage.snap, 100, POLICY_BIND, "2");
	make_policy(&stage.snap, 200, POLICY_BIND, "0");
	make_policy(&stage.snap, 300, POLICY_BIND, "2");
	stage_keys(&stage, "o Down Space b");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "java (100) would be killed"));
	stage_done(&stage);
}

static void enter_ranks_who_may_use_the_nodes(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "o Down Enter");
	ROWS(&stage, 100, 300);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "scope cpuset 2"));
	stage_keys(&stage, "Escape");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "NUMA nodes: 2"));
	assert_true(stage_shows(&stage, "java (100) would be killed"));
	stage_keys(&stage, "Escape");
	ROWS(&stage, 200, 100, 300);
	stage_done(&stage);
}

static void bound_are_those_that_may_not_use_all_nodes(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "o");
	stage_draw(&stage, 24, 80);
	/* node 0: java and mysqld may use it, mysqld nothing else */
	assert_true(stage_shows(&stage, ">[ ] 0     1.91G"));
	assert_true(stage_shows(&stage, "    2     1     -     -"));
	stage_done(&stage);
}

/* As the application does when it is asked for pages. */
static struct pages *asked(struct stage *stage)
{
	struct pages *pages = &stage->labels.pages;
	assert_int_equal(stage->command.kind, UI_PAGES);
	*pages = (struct pages){ .pid = stage->ui.pages_of.pid, .start_ticks = stage->ui.pages_of.start_ticks,
				 .state = PAGES_PENDING };
	return pages;
}

static void the_pages_of_the_chosen_process_come_when_asked_for(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "Down o");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "p pages of java"));
	assert_false(stage_shows(&stage, "pages of java (100):"));
	stage_keys(&stage, "p");
	struct pages *pages = asked(&stage);
	assert_int_equal(stage.ui.pages_of.pid, 100);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "pages of java (100): numa_maps is being read ..."));
	pages->nnodes = pages->npolicies = 2;
	pages->nodes[0] = (struct pages_of_node){ 0, 3221225472 };
	pages->nodes[1] = (struct pages_of_node){ 2, 12288 };
	pages->policies[0] = (struct pages_of_policy){ "bind:0", 3221225472 };
	pages->policies[1] = (struct pages_of_policy){ "default", 12288 };
	pages->state = PAGES_KNOWN;
	pages->is_whole = true;
	stage_draw(&stage, 24, 160);
	assert_true(stage_shows(&stage,
				"pages of java (100): on node 0 3.00G, node 2 12.0K; by policy bind:0 3.00G, default 12.0K"));
	assert_false(stage_shows(&stage, "not all"));
	/* Another visit begins without. */
	stage_keys(&stage, "q o");
	stage_draw(&stage, 24, 80);
	assert_false(stage_shows(&stage, "pages of java (100)"));
	stage_done(&stage);
}

static void pages_that_cannot_be_read_say_why(void **state)
{
	(void)state;
	static const struct {
		int error;
		const char *says;
	} rows[] = {
		{ -EACCES, "numa_maps may not be read" },
		{ -ENOENT, "numa_maps is not there" },
		{ -ESRCH, "numa_maps is of no use" },
		{ -ETIMEDOUT, "numa_maps does not answer in time" },
		{ -EBUSY, "numa_maps cannot be read now" },
		{ -EIO, "numa_maps Input/output error" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stage stage;
		begin(&stage);
		stage_keys(&stage, "o p");
		struct pages *pages = asked(&stage);
		pages->state = PAGES_FAILED;
		pages->error = rows[i].error;
		stage_draw(&stage, 24, 80);
		assert_true(stage_shows(&stage, rows[i].says));
		stage_done(&stage);
	}
}

static void an_answer_for_another_process_is_not_shown(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "o p");
	struct pages *pages = asked(&stage);
	pages->state = PAGES_KNOWN;
	pages->start_ticks++;
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "being read"));
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meminfo_is_wanted_only_while_it_is_looked_at),
		cmocka_unit_test(the_victim_is_of_the_nodes_put_together),
		cmocka_unit_test(a_policy_that_is_known_is_judged),
		cmocka_unit_test(enter_ranks_who_may_use_the_nodes),
		cmocka_unit_test(the_pages_of_the_chosen_process_come_when_asked_for),
		cmocka_unit_test(pages_that_cannot_be_read_say_why),
		cmocka_unit_test(an_answer_for_another_process_is_not_shown),
		cmocka_unit_test(bound_are_those_that_may_not_use_all_nodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
