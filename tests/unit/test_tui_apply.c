/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Several writes in one go: the page that tells of them, the order that leaves it,
 * what came of each, and the undo of them together.
 */
#include "unit.h"

#include <errno.h>

#include "make_ui.h"

/* /a of 400000 pages, /b of 260000. kernel.panic is 0. */
static int setup(void **state)
{
	stage_setup(state);
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 1, .comm = "init", .rss = 2000, .pgt = 20, .start = 1, .cgroup = "/" },
		      MADE_KTHREAD,
		      { .pid = JAVA, .comm = "java", .rss = 200000, .cgroup = "/a" },
		      { .pid = MYSQLD, .comm = "mysqld", .rss = 100000, .cgroup = "/a" },
		      { .pid = CHROME, .comm = "chrome", .rss = 60000, .cgroup = "/b" });
	static const struct {
		const char *path;
		uint64_t max, usage;
	} groups[] = { { "/", 0, 400000 }, { "/a", 400000, 301000 }, { "/b", 260000, 60000 } };
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		uint32_t index = make_memcg(&stage->snap, groups[i].path, groups[i].max);
		stage->snap.memcgs[index].usage_bytes = groups[i].usage * 4096;
	}
	stage_begin(stage);
	stage_draw(stage, 24, 80);
	return 0;
}

/* oom_score_adj of mysqld, swappiness: nothing that could do harm; and growth. */
#define HARMLESS "Down a - 1 0 0 ^X Escape S Down Down Down Down Down Down Down Down Down Down Enter 1 0 ^X Escape q G 1 G Enter "
/* The limit of /a below what it uses. */
#define DANGER "g Home m 1 1 0 0 M ^X Escape Escape "

static void the_page_tells_each_write_and_what_is_none(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "a");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "apply: 2 writes");
	assert_shown(stage, "1. oom_score_adj of mysqld (200): 0 -> -100");
	assert_shown(stage, "It will count as if it held 391M less than now.");
	assert_shown(stage, "2. vm.swappiness: 60 -> 10");
	assert_shown(stage, "mysqld (200) grows by +1.00G: not written, assumed only");
	stage_keys(stage, "Escape");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "what if: 3 assumed");
}

static void enter_orders_all_and_what_was_written_leaves_the_what_if(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "a Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	assert_null(stage->command.declined);
	assert_false(stage->command.is_undo);
	assert_int_equal(stage->command.nwrites, 2);
	assert_int_equal(stage->command.writes[0].change.kind, KNOB_ADJ);
	assert_int_equal(stage->command.writes[0].change.process.pid, MYSQLD);
	assert_int_equal(stage->command.writes[0].change.process.start_ticks, MYSQLD * 10);
	assert_int_equal(stage->command.writes[0].change.value, -100);
	assert_int_equal(stage->command.writes[1].change.sysctl, SYSCTL_SWAPPINESS);
	stage_applied(stage);
	assert_shown(stage, "what came of it");
	assert_shown(stage, "done 0");
	assert_shown(stage, "done 1");
	assert_shown(stage, "2 of 2 done");
	stage_keys(stage, "Escape");
	assert_int_equal(stage->ui.sandbox.n, 1);
	assert_true(stage->ui.sandbox.list[0].is_growth);
	assert_null(stage->ui.reports);
	/* What is left of it cannot be written. */
	stage_keys(stage, "a Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "There is nothing to write");
}

static void one_undo_takes_all_of_it_back(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "a Enter");
	stage_applied(stage);
	stage_keys(stage, "Escape Escape");
	stage_keys(stage, "U");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "undo: 2 writes");
	assert_shown(stage, "1. vm.swappiness: 10 -> 60");
	assert_shown(stage, "2. oom_score_adj of mysqld (200): -100 -> 0");
	assert_false(stage_shows(stage, "assumed only"));
	/* Not now: it can still be undone. */
	stage_keys(stage, "Escape");
	assert_int_equal(stage->ui.nundo, 2);
	stage_keys(stage, "U Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	assert_true(stage->command.is_undo);
	assert_int_equal(stage->command.nwrites, 2);
	stage_applied(stage);
	assert_int_equal(made_task(&stage->snap, MYSQLD)->oom_score_adj, 0);
	assert_int_equal(stage->snap.system.sysctl[SYSCTL_SWAPPINESS].value, 60);
	assert_int_equal(stage->ui.nundo, 0);
	stage_keys(stage, "U");
	assert_shown(stage, "COMMAND");
	assert_shown(stage, "Nothing to undo");
	/* Undoing changes nothing of what is assumed. */
	assert_int_equal(stage->ui.sandbox.n, 1);
}

static void adjs_alone_are_undone_as_ever(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space a 5 ^X a Enter");
	assert_int_equal(stage->command.nwrites, 2);
	stage_applied(stage);
	stage_keys(stage, "U");
	assert_int_equal(stage->command.kind, UI_APPLY_ADJ);
	assert_true(stage->command.is_undo);
	assert_int_equal(stage->command.ntargets, 2);
	stage_applied(stage);
	assert_int_equal(made_task(&stage->snap, JAVA)->oom_score_adj, 0);
	assert_shown(stage, "what if:");
}

static void what_somebody_else_set_since_is_not_undone_unasked(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 4 0 0 Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_ADJ);
	stage_applied(stage);
	made_task(&stage->snap, JAVA)->oom_score_adj = 77;
	stage_update(stage);
	stage_keys(stage, "U");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "undo: 1 write");
	assert_shown(stage, "oom_score_adj of java (100): 77 -> 0");
	assert_shown(stage, "since: it is 77, not the 400 written here");
	stage_keys(stage, "Escape");
	assert_int_equal(stage->ui.nundo, 1);
	stage_keys(stage, "U Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	assert_true(stage->command.is_undo);
	assert_int_equal(stage->command.writes[0].change.value, 0);
	stage_applied(stage);
	assert_int_equal(stage->ui.nundo, 0);
	/* A sysctl likewise. */
	stage_keys(stage, "Escape S End Enter 7 Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_SYSCTL);
	stage_applied(stage);
	stage->snap.system.sysctl[SYSCTL_PANIC].value = 9;
	stage_update(stage);
	stage_keys(stage, "Escape U");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "9, not the 7 written here");
	/* What was put back already is nobody's loss. */
	stage->snap.system.sysctl[SYSCTL_PANIC].value = 0;
	stage_update(stage);
	stage_keys(stage, "Escape U");
	assert_int_equal(stage->command.kind, UI_APPLY_SYSCTL);
}

static void what_can_do_harm_comes_first_and_wants_a_typed_yes(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "Escape " DANGER "x a");
	assert_shown(stage, "apply: 3 writes, 1 dangerous");
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, "! 3. memory.max of /a: 1.53G -> 1.07G"));
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "Type yes to write all, 1 dangerous:");
	stage_keys(stage, "y e s Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	assert_null(stage->command.declined);
	assert_int_equal(stage->command.nwrites, 3);
	assert_int_equal(stage->command.writes[2].change.file, MEMCG_FILE_MAX);
	assert_int_equal(stage->command.writes[2].gate, GATE_TYPED_YES);
	assert_int_equal(stage->command.writes[0].gate, GATE_OPEN);
}

static void another_word_declines_all_of_it(void **state)
{
	static const char *const words[] = { "no", "y", "YES", "" };
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "Escape " DANGER "x");
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		stage_keys(stage, "a Enter");
		stage_type(stage, words[i]);
		stage_keys(stage, "Enter");
		/* For the audit: each of them, as refused. */
		assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
		assert_non_null(strstr(stage->command.declined, "another word was typed"));
		assert_int_equal(stage->command.nwrites, 3);
		assert_shown(stage, "Nothing was written: that was not yes.");
		assert_shown(stage, "what if:");
		assert_int_equal(stage->ui.sandbox.n, 4);
		assert_false(stage->ui.confirming);
	}
	stage_keys(stage, "a Enter y Escape");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "apply:");
}

static void each_is_planned_as_if_those_before_it_were_written(void **state)
{
	struct stage *stage = *state;
	/* java would die for the limit, unless mysqld stands before it. */
	stage_keys(stage, DANGER "x a");
	assert_shown(stage, "frees 781M: java (100)");
	stage_keys(stage, "Escape Escape / m y s q Enter a 9 0 0 ^X a");
	assert_shown(stage, "frees 391M: mysqld (200)");
	stage_keys(stage, "Escape D Escape");
	/* panic_on_oom without a reboot hangs the host; with one it does not. */
	stage_keys(stage, "S Home Enter 1 ^X a");
	assert_shown(stage, "1 dangerous");
	stage_keys(stage, "Escape Escape End Enter 1 0 ^X a");
	assert_shown(stage, "apply: 2 writes");
	assert_false(stage_shows(stage, "dangerous"));
	assert_shown(stage, "1. kernel.panic: 0 -> 10");
	assert_shown(stage, "kernel.panic is 10: the first OOM reboots the host after 10 s.");
}

/* The ratio's write sets overcommit_kbytes, which is what the limit stands on, to 0. */
static void the_partner_that_a_write_zeroes_is_weighed(void **state)
{
	static const struct change changes[] = {
		{ .kind = KNOB_SYSCTL, .sysctl = SYSCTL_OVERCOMMIT_RATIO, .value = 50 },
		{ .kind = KNOB_SYSCTL, .sysctl = SYSCTL_OVERCOMMIT_MEMORY, .value = 2 },
	};
	struct stage *stage = *state;
	stage->snap.system.sysctl[SYSCTL_OVERCOMMIT_RATIO] = (struct sysctl_value){ .state = FACT_KNOWN, .value = 0 };
	stage->snap.system.sysctl[SYSCTL_OVERCOMMIT_KBYTES] = (struct sysctl_value){ .state = FACT_KNOWN, .value = 3900000 };
	make_fact(&stage->snap, SYS_COMMITTED_AS, 650000 * 4096ULL);
	stage_update(stage);
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		assert_int_equal(sandbox_assume(&stage->ui.sandbox, &stage->snap, &changes[i], false), 0);
	stage_keys(stage, "x a");
	assert_shown(stage, "apply: 2 writes, 1 dangerous");
	assert_shown(stage, "! 2. vm.overcommit_memory: 0 -> 2");
	assert_shown(stage, "Committed_AS is 2.48G and CommitLimit would be 1.9");
}

static void growth_does_not_change_who_dies_by_a_write(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, DANGER "/ m y s q Enter G 2 G Enter a");
	assert_shown(stage, "frees 781M: java (100)");
}

static void what_cannot_be_written_is_named_and_ordered_as_such(void **state)
{
	struct stage *stage = *state;
	stage->snap.observer.uid = 1000;
	stage->snap.observer.cap_eff = 0;
	made_task(&stage->snap, MYSQLD)->uid = 1000;
	stage_update(stage);
	stage_keys(stage, HARMLESS "a");
	assert_shown(stage, "apply: 1 write, 1 impossible");
	assert_shown(stage, "x 2. vm.swappiness: 60 -> 10");
	assert_shown(stage, "not written: Only root may write vm.swappiness");
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	/* For the audit: refused, as it was shown. */
	assert_int_equal(stage->command.nwrites, 2);
	assert_int_equal(stage->command.writes[0].change.process.pid, MYSQLD);
	assert_int_not_equal(stage->command.writes[0].gate, GATE_REFUSED);
	assert_int_equal(stage->command.writes[1].gate, GATE_REFUSED);
}

/* Say of each write of the last command that it failed. */
static void all_failed(struct stage *stage, int error)
{
	const struct knob_result result = { .error = error, .text = "No." };
	uint32_t n = stage->command.nwrites;
	for (uint32_t i = 0; i < n; i++) {
		const struct change *change = &stage->command.writes[i].change;
		const struct knob_plan plan = { .kind = change->kind, .pid = change->process.pid, .start_ticks = change->process.start_ticks,
						.comm = "mysqld", .sysctl = change->sysctl, .after = change->value };
		ui_result(&stage->ui, &stage->command, i, &plan, &result);
	}
	ui_results_done(&stage->ui, &stage->command, n);
}

static void an_undo_that_was_refused_can_be_tried_again(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "a Enter");
	stage_applied(stage);
	stage_keys(stage, "Escape Escape");
	/* root no more */
	stage->snap.observer.uid = 1000;
	stage->snap.observer.cap_eff = 0;
	stage_update(stage);
	stage_keys(stage, "U");
	assert_shown(stage, "undo: 0 writes, 2 impossible");
	for (int i = 0; i < 2; i++) {
		stage_keys(stage, i ? "Escape U Enter" : "Enter");
		assert_int_equal(stage->command.nwrites, 2);
		assert_int_equal(stage->command.writes[0].gate, GATE_REFUSED);
		/* The last written is the first taken back, however often it is tried. */
		assert_int_equal(stage->command.writes[0].change.sysctl, SYSCTL_SWAPPINESS);
		assert_int_equal(stage->command.writes[1].change.process.pid, MYSQLD);
		assert_int_equal(stage->ui.nundo, 0);
		all_failed(stage, -EPERM);
		assert_int_equal(stage->ui.nundo, 2);
	}
}

static void where_nothing_can_be_written_the_attempt_is_refused_and_audited(void **state)
{
	struct stage *stage = *state;
	stage->env.readonly = true;
	stage_keys(stage, HARMLESS "Escape " DANGER "x a");
	assert_shown(stage, "apply: 0 writes, 3 impossible");
	assert_shown(stage, "READ-ONLY");
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	assert_int_equal(stage->command.nwrites, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(stage->command.writes[i].gate, GATE_REFUSED);
}

static void what_failed_stays_assumed(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "a Enter");
	const struct knob_result results[] = {
		{ .error = -EPERM, .text = "The kernel refused -100 for mysqld (200)." },
		{ .before_known = true, .before = 60, .after_known = true, .after = 10, .text = "vm.swappiness: 60 -> 10" },
	};
	for (uint32_t i = 0; i < 2; i++) {
		const struct change *change = &stage->command.writes[i].change;
		const struct knob_plan plan = { .kind = change->kind, .pid = change->process.pid, .comm = "mysqld", .sysctl = change->sysctl,
						.after = change->value };
		ui_result(&stage->ui, &stage->command, i, &plan, &results[i]);
	}
	ui_results_done(&stage->ui, &stage->command, 1);
	assert_shown(stage, "x oom_score_adj of mysqld (200): ? -> -100. The kernel refused -100 for mysqld");
	assert_shown(stage, "1 of 2 done; first failure: The kernel refused");
	assert_int_equal(stage->ui.sandbox.n, 2);
	assert_int_equal(stage->ui.nundo, 1);
	assert_int_equal(stage->ui.undo[0].change.sysctl, SYSCTL_SWAPPINESS);
}

static void the_page_follows_the_ticks(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "a");
	/* The rows must not be made of a preview of another tick, whose tasks are others. */
	assert_false(stage->ui.previewing);
	stage_next(stage, 2000);
	stage_kill(stage, MYSQLD);
	stage_update(stage);
	assert_shown(stage, "apply: 1 write");
	assert_false(stage_shows(stage, "mysqld"));
	/* On the undo's page they stay, and are said to be gone. */
	stage_keys(stage, "Escape D Escape / j a v a Enter a 5 ^X Escape S End Enter 7 ^X a Enter");
	stage_applied(stage);
	stage_keys(stage, "Escape U");
	stage_next(stage, 2000);
	stage_kill(stage, JAVA);
	stage_update(stage);
	assert_shown(stage, "undo: 1 write, 1 impossible");
	assert_shown(stage, "The process has gone.");
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.nwrites, 2);
}

static void a_dangerous_undo_wants_a_typed_yes(void **state)
{
	struct stage *stage = *state;
	stage->snap.memcgs[1].max_bytes = 1100ULL << 20; /* below what /a uses, and it was raised */
	stage_update(stage);
	stage_keys(stage, "g Home m 1 6 0 0 M ^X Escape Escape a 5 ^X a Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	stage_applied(stage);
	stage_keys(stage, "U");
	assert_shown(stage, "undo: 2 writes, 1 dangerous");
	stage_keys(stage, "Enter n o Enter");
	assert_non_null(stage->command.declined);
	assert_true(stage->command.is_undo);
	assert_int_equal(stage->ui.nundo, 2);
	stage_keys(stage, "U Enter y e s Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_CHANGES);
	assert_null(stage->command.declined);
	assert_int_equal(stage->ui.nundo, 0);
}

static void a_long_page_scrolls(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, HARMLESS "Escape " DANGER "x a");
	stage_draw(stage, 10, 40);
	stage_keys(stage, "End");
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, "assumed only"));
	stage_keys(stage, "Home");
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, "! 3. memory.max"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_page_tells_each_write_and_what_is_none),
		TEST(enter_orders_all_and_what_was_written_leaves_the_what_if),
		TEST(one_undo_takes_all_of_it_back),
		TEST(adjs_alone_are_undone_as_ever),
		TEST(what_somebody_else_set_since_is_not_undone_unasked),
		TEST(what_can_do_harm_comes_first_and_wants_a_typed_yes),
		TEST(another_word_declines_all_of_it),
		TEST(each_is_planned_as_if_those_before_it_were_written),
		TEST(the_partner_that_a_write_zeroes_is_weighed),
		TEST(growth_does_not_change_who_dies_by_a_write),
		TEST(what_cannot_be_written_is_named_and_ordered_as_such),
		TEST(an_undo_that_was_refused_can_be_tried_again),
		TEST(where_nothing_can_be_written_the_attempt_is_refused_and_audited),
		TEST(what_failed_stays_assumed),
		TEST(the_page_follows_the_ticks),
		TEST(a_dangerous_undo_wants_a_typed_yes),
		TEST(a_long_page_scrolls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
