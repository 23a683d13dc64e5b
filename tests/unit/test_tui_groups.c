/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen of memory cgroups, and the main screen of one of them.
 */
#include "unit.h"

#include <stdio.h>

#include "make_ui.h"

/* In kill order of the host: java (a.service), mysqld (b.service), worker
 * (a.service/c), sshd outside of all with a limit. */
static void begin(struct stage *stage)
{
	stage_init(stage);
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 1, .comm = "init", .rss = 2000, .pgt = 20, .start = 1, .cgroup = "/" },
		      MADE_KTHREAD,
		      { .pid = 100, .comm = "java", .rss = 300000, .cgroup = "/a.service" },
		      { .pid = 200, .comm = "mysqld", .rss = 250000, .cgroup = "/b.service" },
		      { .pid = 300, .comm = "sshd", .rss = 900, .cgroup = "/" },
		      { .pid = 400, .comm = "worker", .rss = 1000, .cgroup = "/a.service/c" });
	static const struct {
		const char *path;
		uint64_t max, usage;
	} groups[] = {
		{ "/", 0, 560000 },
		{ "/a.service", 400000, 301000 },
		{ "/a.service/c", 0, 1000 },
		{ "/b.service", 260000, 250000 },
		{ "/d.service", 0, 7 },
	};
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		uint32_t index = make_memcg(&stage->snap, groups[i].path, groups[i].max);
		stage->snap.memcgs[index].usage_bytes = groups[i].usage * 4096;
		stage->snap.memcgs[index].events[MEMCG_EVENT_OOM_KILL] = 5;
	}
	stage_begin(stage);
	stage_draw(stage, 24, 80);
}

static void assert_rows(const struct stage *stage, const char *const *paths, uint32_t n)
{
	assert_int_equal(stage->ui.groups.nrows, n);
	for (uint32_t i = 0; i < n; i++) {
		char path[64];
		text_copy(snapshot_text(&stage->snap, stage->snap.memcgs[stage->ui.groups.rows[i]].path), path, sizeof path);
		assert_string_equal(path, paths[i]);
	}
}

static void the_nearest_to_its_limit_is_first_and_t_shows_the_tree(void **state)
{
	(void)state;
	static const char *const nearest[] = { "/b.service", "/a.service", "/a.service/c", "/", "/d.service" };
	static const char *const tree[] = { "/", "/a.service", "/a.service/c", "/b.service", "/d.service" };
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g");
	assert_rows(&stage, nearest, COUNT_OF(nearest));
	stage_keys(&stage, "t");
	assert_rows(&stage, tree, COUNT_OF(tree));
	stage_keys(&stage, "t");
	assert_rows(&stage, nearest, COUNT_OF(nearest));
	stage_done(&stage);
}

static void all_facts_are_wanted_only_while_they_are_looked_at(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	assert_false(ui_wants_memcgs(&stage.ui));
	stage_keys(&stage, "g");
	assert_int_equal(stage.command.kind, UI_REFRESH);
	assert_true(ui_wants_memcgs(&stage.ui));
	stage_keys(&stage, "Enter");
	assert_true(ui_wants_memcgs(&stage.ui));
	stage_keys(&stage, "Escape Escape");
	assert_false(ui_wants_memcgs(&stage.ui));
	stage_done(&stage);
}

static void the_cursor_stays_with_its_group(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down");
	assert_int_equal(groups_chosen(&stage.ui.groups), 1);
	/* b.service gets so much room that a.service is nearest now. */
	stage_next(&stage, 1000);
	stage.snap.memcgs[3].usage_bytes = 0;
	stage_update(&stage);
	assert_int_equal(stage.ui.groups.row, 0);
	assert_int_equal(groups_chosen(&stage.ui.groups), 1);
	stage_done(&stage);
}

static void the_cursor_nobody_moved_stays_on_the_first_row(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g");
	stage_next(&stage, 1000);
	stage.snap.memcgs[3].usage_bytes = 0;
	stage_update(&stage);
	assert_int_equal(stage.ui.groups.row, 0);
	assert_int_equal(groups_chosen(&stage.ui.groups), 1);
	stage_keys(&stage, "End PageDown");
	assert_int_equal(stage.ui.groups.row, 4);
	stage_keys(&stage, "Home Up");
	assert_int_equal(stage.ui.groups.row, 0);
	stage_done(&stage);
}

static void assert_counter(const struct stage *stage, uint32_t memcg, uint64_t value, uint64_t grown)
{
	uint64_t v, g;
	assert_true(groups_counter(&stage->ui.groups, &stage->snap, memcg, GROUP_OOM_KILL, &v, &g));
	assert_int_equal(v, value);
	assert_int_equal(g, grown);
}

static void counters_grow_from_the_first_look(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g");
	assert_counter(&stage, 1, 5, 0);
	stage_next(&stage, 1000);
	stage.snap.memcgs[1].events[MEMCG_EVENT_OOM_KILL] = 7;
	stage_update(&stage);
	assert_counter(&stage, 1, 7, 2);
	assert_counter(&stage, 3, 5, 0);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "7+2"));
	/* The look taken first holds, also after others in between. */
	stage_keys(&stage, "q g");
	assert_counter(&stage, 1, 7, 2);
	/* Made anew under the same path: it counts from 0 again. */
	stage_next(&stage, 1000);
	stage.snap.memcgs[1].events[MEMCG_EVENT_OOM_KILL] = 1;
	stage_update(&stage);
	assert_counter(&stage, 1, 1, 1);
	stage_done(&stage);
}

static void a_group_made_after_the_first_look_began_with_none(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g");
	stage_next(&stage, 1000);
	uint32_t made = make_memcg(&stage.snap, "/e.service", 10);
	stage.snap.memcgs[made].events[MEMCG_EVENT_OOM_KILL] = 3;
	stage_update(&stage);
	assert_counter(&stage, made, 3, 3);
	/* One that does not say has none. */
	uint64_t value, grown;
	stage.snap.memcgs[made].group_state[MEMCG_EVENTS] = FACT_DENIED;
	assert_false(groups_counter(&stage.ui.groups, &stage.snap, made, GROUP_OOM_KILL, &value, &grown));
	stage_done(&stage);
}

static void many_groups_come_and_go_and_their_counters_are_kept(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g");
	for (int round = 0; round < 6; round++) {
		stage_next(&stage, 1000);
		for (uint32_t i = 0; i < 200; i++) {
			char path[32];
			snprintf(path, sizeof path, "/r%d-%u", round, i);
			uint32_t made = make_memcg(&stage.snap, path, 0);
			stage.snap.memcgs[made].events[MEMCG_EVENT_OOM_KILL] = i;
		}
		stage.snap.memcgs[3].events[MEMCG_EVENT_OOM_KILL]++;
		stage_update(&stage);
		assert_counter(&stage, 5 + 150, 150, 150);
		assert_counter(&stage, 3, 6 + (uint64_t)round, 1 + (uint64_t)round);
		stage.snap.nmemcgs = 5;
		stage.snap.memcgs[0].end = 5;
	}
	stage_done(&stage);
}

static void a_group_is_searched_by_path_or_victim(void **state)
{
	(void)state;
	/* /b.service with mysqld, /a.service with java, /a.service/c with worker, /, /d.service */
	static const struct {
		const char *keys;
		uint32_t row;
	} rows[] = {
		{ "/ S E R V I C E Enter", 1 },
		{ "n", 2 },
		{ "n", 4 },
		{ "n", 0 }, /* round */
		{ "F3 ^U j a v a Enter", 1 },
		{ "n", 1 },
		{ "/ ^U x Escape", 1 },
		{ "Home n", 1 },
		{ "/ ^U ( 2 0 0 ) Enter", 0 },
	};
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		stage_keys(&stage, rows[i].keys);
		print_message("%s\n", rows[i].keys);
		assert_int_equal(stage.ui.groups.row, rows[i].row);
		assert_null(stage.ui.dialog);
	}
	/* The cursor stays with what was found, and the words below are of it. */
	stage_keys(&stage, "/ ^U a . s e r v i c e / c Enter");
	stage_next(&stage, 1000);
	stage_update(&stage);
	assert_int_equal(stage.ui.groups.row, 2);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "room 387M to the limit 1.53G of /a.service"));
	stage_done(&stage);
}

static void help_leads_back_to_the_groups(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down F1 PageDown");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "oomsight help"));
	stage_keys(&stage, "q");
	assert_int_equal(stage.command.kind, UI_REFRESH); /* their facts are of an earlier tick */
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "memory cgroups"));
	assert_int_equal(groups_chosen(&stage.ui.groups), 1);
	stage_done(&stage);
}

static void a_group_that_is_not_there_is_not_found(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down / z z Enter");
	assert_int_equal(stage.ui.groups.row, 1);
	assert_string_equal(stage.ui.message, "'zz' is in no row shown.");
	stage_keys(&stage, "/ ^U Enter n"); /* for nothing */
	assert_int_equal(stage.ui.groups.row, 1);
	assert_string_equal(stage.ui.message, "");
	/* In an edit it is a character. */
	stage_keys(&stage, "m / n");
	assert_null(stage.ui.dialog);
	assert_string_equal(stage.ui.field.bytes, "/n");
	stage_done(&stage);
}

static void enter_ranks_only_the_group(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down Enter");
	ROWS(&stage, 100, 400);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "scope /a.service"));
	assert_true(stage_shows(&stage, "NEXT java (100)"));
	/* When its own limit is met, not when the host's memory is gone. */
	stage.model.verdict.when = (struct verdict_when){ .nearing = true, .eta_s = 9, .eta_earliest_s = 9, .bytes_per_s = -1e6 };
	stage_draw(&stage, 24, 80);
	assert_false(stage_shows(&stage, "memory is gone"));
	stage.ui.scoped_verdict.when = (struct verdict_when){ .nearing = true, .eta_s = 56, .eta_earliest_s = 56, .bytes_per_s = -524288 };
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "the limit is met in 56 s at -512K/s"));
	stage_draw(&stage, 24, 120);
	/* 300000 pages of 400000 */
	assert_true(stage_shows(&stage, "(75.0% of its limit)"));
	stage_keys(&stage, "q");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "memory cgroups"));
	assert_int_equal(stage.command.kind, UI_NONE);
	stage_keys(&stage, "q");
	ROWS(&stage, 100, 200, 400, 300, 1);
	stage_keys(&stage, "q");
	assert_int_equal(stage.command.kind, UI_QUIT);
	stage_done(&stage);
}

static void the_scope_follows_its_group_and_ends_with_it(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Enter"); /* b.service */
	ROWS(&stage, 200);
	stage_next(&stage, 1000);
	/* a.service/c goes: b.service stands one place further up. */
	memmove(&stage.snap.memcgs[2], &stage.snap.memcgs[3], 2 * sizeof stage.snap.memcgs[0]);
	stage.snap.nmemcgs = 4;
	snapshot_link_memcgs(&stage.snap);
	made_task(&stage.snap, 200)->memcg = 2;
	made_task(&stage.snap, 400)->memcg = 1;
	stage_update(&stage);
	ROWS(&stage, 200);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "scope /b.service"));
	stage_next(&stage, 1000);
	stage.snap.memcgs[2] = stage.snap.memcgs[3];
	stage.snap.nmemcgs = 3;
	snapshot_link_memcgs(&stage.snap);
	made_task(&stage.snap, 200)->memcg = TASK_MEMCG_UNKNOWN;
	stage_update(&stage);
	stage_draw(&stage, 24, 80);
	assert_false(stage_shows(&stage, "scope"));
	assert_true(stage_shows(&stage, "That memory cgroup is gone"));
	assert_int_equal(stage_pid(&stage, 1), 200);
	stage_done(&stage);
}

static void an_edit_in_a_scope_is_weighed_in_it(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	/* Of the host's 1000 pages a unit the worker would lead; of 400 it does not. */
	stage_keys(&stage, "g Down Enter Down a");
	stage_type(&stage, "500");
	ROWS(&stage, 100, 400);
	stage_keys(&stage, "Escape a");
	stage_type(&stage, "800");
	ROWS(&stage, 400, 100);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "rank 2 -> 1"));
	stage_keys(&stage, "Escape");
	ROWS(&stage, 100, 400);
	stage_done(&stage);
}

static void a_group_without_a_limit_of_its_own_ranks_nobody(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down Down Enter");
	ROWS(&stage, 400);
	assert_int_equal(stage.ui.scoped.norder, 0);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "no limit of its own"));
	stage_done(&stage);
}

/* --- editing ------------------------------------------------------------------- */

static void a_limit_below_the_usage_wants_a_typed_yes_and_can_be_undone(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down m"); /* a.service: 1600000 KiB, 1204000 KiB used */
	assert_string_equal(stage.ui.field.bytes, "1638400000");
	stage_type(&stage, "1100M");
	assert_int_equal(stage.ui.plan.gate, GATE_TYPED_YES);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "java (100)"));
	stage_keys(&stage, "Enter");
	assert_int_equal(stage.command.kind, UI_NONE);
	stage_type(&stage, "no");
	stage_keys(&stage, "Enter");
	assert_int_equal(stage.command.kind, UI_REFUSED);
	assert_int_equal(stage.command.plan->gate, GATE_REFUSED);
	assert_int_equal(stage.command.plan->after, 1100 << 20);
	stage_keys(&stage, "m");
	stage_type(&stage, "1100M");
	stage_keys(&stage, "Enter");
	stage_type(&stage, "yes");
	stage_keys(&stage, "Enter");
	assert_int_equal(stage.command.kind, UI_APPLY_MEMCG);
	assert_int_equal(stage.command.file, MEMCG_FILE_MAX);
	assert_int_equal(stage.command.value, 1100 << 20);
	assert_int_equal(group_find(&stage.snap, stage.command.group), 1);
	stage_applied(&stage);
	stage_keys(&stage, "U");
	assert_string_equal(stage.ui.field.bytes, "1638400000");
	stage_keys(&stage, "Enter");
	assert_int_equal(stage.command.kind, UI_APPLY_MEMCG);
	assert_true(stage.command.is_undo);
	assert_int_equal(stage.command.value, 1638400000);
	stage_applied(&stage);
	stage_keys(&stage, "U");
	assert_int_equal(stage.command.kind, UI_NONE);
	stage_done(&stage);
}

static void anything_but_yes_writes_nothing(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down m");
	stage_type(&stage, "0");
	stage_keys(&stage, "Enter y Enter");
	assert_int_equal(stage.command.kind, UI_REFUSED);
	assert_false(stage.ui.editing);
	stage_keys(&stage, "m");
	stage_type(&stage, "lots");
	stage_keys(&stage, "Enter");
	assert_int_equal(stage.command.kind, UI_NONE);
	assert_true(stage.ui.editing);
	stage_keys(&stage, "Escape");
	assert_false(stage.ui.editing);
	stage_done(&stage);
}

static void what_became_impossible_while_yes_is_asked_for_is_not_written(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g m 5 0 0 M Enter");
	assert_true(stage.ui.confirming);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "Type yes to write memory.max 500M:"));
	stage.env.readonly = true;
	stage_update(&stage);
	stage_keys(&stage, "y e s Enter");
	assert_int_equal(stage.command.kind, UI_REFUSED);
	assert_int_equal(stage.command.plan->gate, GATE_REFUSED);
	assert_string_equal(stage.ui.message, "Nothing was written: it cannot be any more.");
	assert_false(stage.ui.editing);
	stage_done(&stage);
}

static void oom_group_is_offered_turned_over(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Down o");
	assert_string_equal(stage.ui.field.bytes, "1");
	stage_keys(&stage, "Enter");
	assert_int_equal(stage.command.kind, UI_APPLY_MEMCG);
	assert_int_equal(stage.command.file, MEMCG_FILE_OOM_GROUP);
	assert_int_equal(stage.command.value, 1);
	stage_done(&stage);
}

static void a_refused_edit_is_told_and_audited(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage.env.readonly = true;
	stage_keys(&stage, "g h Enter");
	assert_int_equal(stage.command.kind, UI_REFUSED);
	assert_int_equal(stage.command.plan->gate, GATE_REFUSED);
	stage_done(&stage);
}

static void what_v1_has_not_is_refused_at_once(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage.snap.memcg_version = MEMCG_V1;
	stage_update(&stage);
	stage_keys(&stage, "g h");
	assert_false(stage.ui.editing);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "cgroup v1 has neither memory.high nor memory.oom.group."));
	stage_keys(&stage, "o");
	assert_false(stage.ui.editing);
	stage_keys(&stage, "m");
	assert_true(stage.ui.editing);
	stage_done(&stage);
}

static void an_edit_ends_with_its_group(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g End m"); /* d.service, the last */
	assert_true(stage.ui.editing);
	stage_next(&stage, 1000);
	stage.snap.nmemcgs = 4;
	snapshot_link_memcgs(&stage.snap);
	stage_update(&stage);
	assert_false(stage.ui.editing);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "is gone"));
	stage_done(&stage);
}

/* Whoever was judged by the edit is of a tick before; nobody must be looked up by it. */
static void what_was_judged_in_an_edit_ends_with_its_group(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_draw(&stage, 30, 100);
	stage_keys(&stage, "g Home m"); /* b.service, whose mysqld would die */
	assert_true(stage.ui.editing);
	stage_next(&stage, 1000);
	stage_kill(&stage, 100);
	stage_kill(&stage, 200);
	stage_kill(&stage, 300);
	stage_kill(&stage, 400);
	stage.snap.nmemcgs = 3;
	snapshot_link_memcgs(&stage.snap);
	stage_update(&stage);
	assert_false(stage.ui.editing);
	for (uint32_t i = 0; stage.ui.groups_judged && i < stage.ui.preview_verdict.nvictims; i++)
		assert_true(stage.ui.preview_verdict.victims[i].task < stage.snap.ntasks);
	stage_draw(&stage, 30, 100);
	assert_true(stage_shows(&stage, "is gone"));
	stage_done(&stage);
}

static void a_tick_that_failed_leaves_nothing_to_look_up(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "g Enter");
	ui_forget(&stage.ui);
	stage.snap.ntasks = stage.snap.nmemcgs = 0;
	stage.model.verdict.nkills = 0;
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "No process can be seen"));
	stage_keys(&stage, "g");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "No memory cgroup can be read"));
	stage_keys(&stage, "Enter Down End t");
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_to_its_limit_is_first_and_t_shows_the_tree),
		cmocka_unit_test(all_facts_are_wanted_only_while_they_are_looked_at),
		cmocka_unit_test(the_cursor_stays_with_its_group),
		cmocka_unit_test(the_cursor_nobody_moved_stays_on_the_first_row),
		cmocka_unit_test(counters_grow_from_the_first_look),
		cmocka_unit_test(a_group_made_after_the_first_look_began_with_none),
		cmocka_unit_test(many_groups_come_and_go_and_their_counters_are_kept),
		cmocka_unit_test(a_group_is_searched_by_path_or_victim),
		cmocka_unit_test(help_leads_back_to_the_groups),
		cmocka_unit_test(a_group_that_is_not_there_is_not_found),
		cmocka_unit_test(enter_ranks_only_the_group),
		cmocka_unit_test(the_scope_follows_its_group_and_ends_with_it),
		cmocka_unit_test(an_edit_in_a_scope_is_weighed_in_it),
		cmocka_unit_test(a_group_without_a_limit_of_its_own_ranks_nobody),
		cmocka_unit_test(a_limit_below_the_usage_wants_a_typed_yes_and_can_be_undone),
		cmocka_unit_test(anything_but_yes_writes_nothing),
		cmocka_unit_test(what_became_impossible_while_yes_is_asked_for_is_not_written),
		cmocka_unit_test(oom_group_is_offered_turned_over),
		cmocka_unit_test(a_refused_edit_is_told_and_audited),
		cmocka_unit_test(what_v1_has_not_is_refused_at_once),
		cmocka_unit_test(an_edit_ends_with_its_group),
		cmocka_unit_test(what_was_judged_in_an_edit_ends_with_its_group),
		cmocka_unit_test(a_tick_that_failed_leaves_nothing_to_look_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
