/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The what-if screen: how assumptions come there, what is shown of them, how they
 * live on while ticks pass. Nothing of this may order a write.
 */
#include "unit.h"

#include "make_ui.h"

/* Two groups with limits, /a of 400000 pages and /b of 260000; chrome and its children
 * stand in the root, whose limit is the host. */
static int setup_groups(void **state)
{
	stage_setup(state);
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 1, .comm = "init", .rss = 2000, .pgt = 20, .start = 1, .cgroup = "/" },
		      { .pid = JAVA, .comm = "java", .rss = 300000, .cgroup = "/a" },
		      { .pid = MYSQLD, .comm = "mysqld", .rss = 250000, .cgroup = "/b" },
		      { .pid = CHROME, .comm = "chrome", .rss = 60000, .cgroup = "/" },
		      { .pid = WORKER, .comm = "worker", .rss = 1000, .cgroup = "/a" });
	make_fact(&stage->snap, SYS_MEM_AVAILABLE, 100000 * 4096ULL);
	/* A kill is over with the first page: min is high. */
	if (snapshot_reserve_zones(&stage->snap, 1) < 0)
		return -1;
	stage->snap.system.zones[0] = (struct zone){ .name = "Normal", .min_pages = 9, .high_pages = 9 };
	stage->snap.system.nzones = 1;
	static const struct {
		const char *path;
		uint64_t max, usage;
	} groups[] = { { "/", 0, 620000 }, { "/a", 400000, 301000 }, { "/b", 260000, 250000 } };
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		uint32_t index = make_memcg(&stage->snap, groups[i].path, groups[i].max);
		stage->snap.memcgs[index].usage_bytes = groups[i].usage * 4096;
		stage->snap.memcgs[index].inode = 50 + i;
	}
	stage_begin(stage);
	stage_draw(stage, 24, 80);
	return 0;
}

/* --- assuming ------------------------------------------------------------------------ */

static void control_x_assumes_what_enter_would_write(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a - 5 0 0 ^X");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_null(stage->ui.dialog);
	assert_int_equal(stage->ui.sandbox.n, 1);
	assert_shown(stage, "what if: 1 assumed");
	assert_shown(stage, ">adj    java (100)                   0 -> -500      rank 1 -> 5");
	assert_shown(stage, "before  java (100) would be killed");
	assert_shown(stage, "after   mysqld (200) would be killed");
	/* Nobody has moved in fact. */
	assert_int_equal(stage->model.ranking.candidates[made_index(&stage->snap, JAVA)].rank, 1);
	assert_int_equal(made_task(&stage->snap, JAVA)->oom_score_adj, 0);
}

static void who_moved_has_a_sign(void **state)
{
	struct stage *stage = *state;
	/* java to the end; sshd becomes one that can be killed. */
	stage_keys(stage, "a - 1 0 0 0 ^X Escape / s s h d Enter a 0 ^X");
	assert_shown(stage, "!-  1   100  1.15G   0 java               !^   200   979M   0 mysqld");
	assert_shown(stage, "    4   400   236M   0 chrome              +   300  3.98M   0 sshd");
	/* Two came and went before it. */
	assert_shown(stage, "    5   420  1.99M   0 worker                  420  1.99M   0 worker");
	stage_keys(stage, "D Escape N Home Down Down a 5 0 0 ^X"); /* mysqld */
	assert_shown(stage, "!   1   100  1.15G   0 java               !^   200");
	assert_shown(stage, "    2   200   979M   0 mysqld              v   100");
	assert_shown(stage, "    3   410   743M 100 renderer                410");
}

static void names_are_whole_beside_one_another_with_the_longest_pids(void **state)
{
	struct stage *stage = *state;
	snapshot_done(&stage->snap);
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_INIT,
		      { .pid = 4194301, .comm = "a-name-of-15-by", .rss = 300000, .adj = -999 },
		      { .pid = 4194302, .comm = "another-name-15", .rss = 250000 },
		      { .pid = 4194303, .comm = "protected-at-15", .rss = 9, .adj = -1000 });
	stage_begin(stage);
	stage_keys(stage, "a 5 ^X");
	assert_shown(stage, "    #     PID POINTS  ADJ BEFORE                 PID POINTS  ADJ AFTER\n"
			    "!   1 4194302   977M    0 another-name-15 !  4194302   996M    5 another-name-15\n"
			    "    2 4194301 -2.67G -999 a-name-of-15-by    4194301 -2.67G -999 a-name-of-15-by\n");
	/* Who is ranked only then has a rank as well. */
	stage_keys(stage, "D Escape / p r o t Enter a 0 ^X");
	assert_shown(stage, "    3                                      v 4194301 -2.67G -999 a-name-of-15-by");
}

static void all_tagged_are_assumed(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space a 7 ^X");
	assert_int_equal(stage->ui.sandbox.n, 2);
	assert_int_equal(stage->ui.preview.candidates[made_index(&stage->snap, JAVA)].adj, 7);
	assert_int_equal(stage->ui.preview.candidates[made_index(&stage->snap, MYSQLD)].adj, 7);
}

static void what_makes_no_sense_is_not_assumed(void **state)
{
	struct stage *stage = *state;
	static const struct {
		const char *keys;
		const char *says;
	} rows[] = {
		{ "a 1 0 0 1 ^X", "oom_score_adj takes -1000 to 1000; 1001 is outside." },
		{ "a Tab 1 6 ^X", "oom_adj takes -17 to 15; 16 is outside." },
		{ "a ^U ^X", "Type a whole number" },
		{ "S Enter 3 ^X", "outside of what this sysctl takes" },
		{ "S Enter ^U ^X", "Type a whole number" },
		{ "G x Enter", "Type bytes, with K, M, G or T if you like, as 512M" },
		{ "G m a x Enter", "Type bytes, with K, M, G or T" },
		{ "G Enter", "Type bytes, with K, M, G or T" },
		{ "G 0 Enter", "That is less than a page of memory: nothing would change." },
		{ "G - 4 0 9 5 Enter", "That is less than a page of memory: nothing would change." },
		{ "G 4 G Enter", "That is more than all memory and swap of this host." },
		{ "G - 9 9 9 9 9 9 9 9 9 9 T Enter", "That is more than all memory and swap of this host." },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		stage_keys(stage, rows[i].keys);
		print_message("%s\n", rows[i].keys);
		assert_int_equal(stage->command.kind, UI_NONE);
		assert_int_equal(stage->ui.sandbox.n, 0);
		assert_shown(stage, rows[i].says);
		stage_keys(stage, rows[i].keys[0] == 'S' ? "Escape q" : "Escape");
	}
}

static void what_is_no_change_is_not_assumed(void **state)
{
	struct stage *stage = *state;
	static const struct {
		const char *keys, *says;
	} rows[] = {
		{ "a 0 ^X", "oom_score_adj is 0 already: there is nothing to assume." },
		{ "a Tab ^X", "oom_score_adj is 0 already" },
		{ "Space Space a 0 ^X", "oom_score_adj is 0 already" },
		{ "S Enter ^X", "vm.panic_on_oom is 0 already" },
		{ "S Enter 0 ^X", "vm.panic_on_oom is 0 already" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		stage_keys(stage, rows[i].keys);
		print_message("%s\n", rows[i].keys);
		assert_shown(stage, rows[i].says);
		assert_int_equal(stage->command.kind, UI_NONE);
		assert_int_equal(stage->ui.sandbox.n, 0);
		assert_true(stage->ui.dialog || stage->ui.editing); /* another value can be typed */
		stage_keys(stage, rows[i].keys[0] == 'S' ? "Escape q" : "Escape =");
	}
}

static void of_several_only_those_are_assumed_that_would_change(void **state)
{
	struct stage *stage = *state;
	made_task(&stage->snap, MYSQLD)->oom_score_adj = 7;
	stage_update(stage);
	stage_keys(stage, "Space Space a 7 ^X");
	assert_int_equal(stage->ui.sandbox.n, 1);
	assert_int_equal(stage->ui.sandbox.list[0].change.process.pid, JAVA);
	assert_shown(stage, "what if: 1 assumed");
	assert_false(stage_shows(stage, "already"));
}

static void the_value_that_stands_there_ends_what_was_assumed(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 5 ^X Escape a 0 ^X");
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_shown(stage, "oom_score_adj is 0 already: there is nothing to assume.");
}

static void a_limit_that_is_no_change_is_not_assumed(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "g m ^X");
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_shown(stage, "memory.max is 1064960000 already: there is nothing to assume.");
	stage_keys(stage, "Escape h m a x ^X");
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_shown(stage, "memory.high is max already");
	stage_keys(stage, "Escape o 0 ^X");
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_shown(stage, "memory.oom.group is 0 already");
}

static void a_sysctl_is_assumed_from_its_row(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S Enter 1 ^X");
	assert_shown(stage, ">sysctl vm.panic_on_oom              0 -> 1");
	assert_shown(stage, "after   the kernel would panic");
	/* Back to where one came from, and nothing is edited there any more. */
	stage_keys(stage, "Escape");
	assert_shown(stage, "sysctls that decide about OOM");
	assert_false(stage->ui.editing);
	assert_false(stage->ui.previewing);
	stage_keys(stage, "q");
	assert_shown(stage, "NEXT java (100)");
	assert_shown(stage, "what-if: 1 assumed");
}

static void growth_is_assumed_from_the_list(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Down G 1 G Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, ">grows  mysqld (200)                 +1.00G         rank 2 -> 1");
	assert_shown(stage, "!^   200  1.96G   0 mysqld");
	stage_keys(stage, "Escape Space Space G - 5 0 M Enter");
	assert_int_equal(stage->ui.sandbox.n, 2); /* mysqld again, and renderer */
	assert_int_equal(stage->ui.sandbox.list[0].change.value, -50 * 1048576);
	assert_int_equal(stage->ui.sandbox.list[1].change.value, -50 * 1048576);
}

static void a_growth_that_is_refused_stands_as_typed(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "G 0 Enter");
	assert_non_null(stage->ui.dialog);
	assert_string_equal(stage->ui.field.bytes, "0");
	/* The question and what was typed are in sight, below what is wrong with it. */
	assert_shown(stage, "nothing would change.\n"
			    "What if java (100) grew by: 0\n");
	stage_keys(stage, "^U 9 9 9 9 9 9 G Enter");
	assert_string_equal(stage->ui.field.bytes, "999999G");
	stage_keys(stage, "^U 1 G Enter");
	assert_shown(stage, "what if: 1 assumed");
}

static void a_narrow_prompt_leaves_room_to_type(void **state)
{
	struct stage *stage = *state;
	static const struct {
		const char *keys, *shown;
	} rows[] = {
		{ "G 1 2 3 4 M", "What if java (100) grew by: 1234M" },
		{ "Space Space G 1 2 3 4 M", "Grows by: 1234M" },
		{ "u a l i c e", "User (empty: all): alice" },
		{ "d 1 2 3 4", "Seconds: 1234" },
		{ "/ j a v a", "Search: java" },
		{ "\\ j a v a", "Show only rows with: java" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		stage_keys(stage, rows[i].keys);
		stage_draw(stage, 10, 40);
		assert_true(stage_shows(stage, rows[i].shown));
		stage_keys(stage, "Escape");
	}
}

static void a_group_is_assumed_and_looked_at(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "g"); /* nearest first: /b, /a */
	stage_keys(stage, "Down m 1 1 0 0 M ^X");
	assert_shown(stage, "scope /a");
	assert_shown(stage, ">max    /a                           1.53G -> 1.07G lacks 75.8M");
	assert_shown(stage, "kills   1 kill frees 1.14G (75.8M needed): java; then worker 3.91M");
	stage_keys(stage, "Escape");
	assert_shown(stage, "memory cgroups");
	assert_int_equal(stage->ui.scope.kind, SCOPE_GLOBAL);
	stage_keys(stage, "o ^X");
	assert_shown(stage, ">group  /a                           0 -> 1");
	assert_shown(stage, "with all of /a");
	stage_keys(stage, "Escape h 1 G ^X");
	assert_shown(stage, ">high   /a                           max -> 1.00G");
	assert_int_equal(stage->ui.scope.kind, SCOPE_GLOBAL);
}

static void the_root_group_is_objected_to(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "g t Home m 1 G ^X");
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_true(stage->ui.editing);
	assert_non_null(strstr(stage->ui.message, "The root group has no limits"));
}

static void the_bottom_line_tells_of_tags_filter_and_what_if_together(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 5 ^X Escape Space Space \\ a v a Enter");
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "h Help Enter Why a Adj      2 tagged, filter 'ava': 6 hidden, what-if: 1 assumed"));
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, "2 tagged, 6 hidden, 1 assumed"));
	stage_keys(stage, "=");
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, " what-if: 1 assumed"));
	assert_false(stage_shows(stage, "tagged"));
}

/* --- the list ---------------------------------------------------------------------------- */

static void help_leads_back_to_the_what_if(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a - 5 0 0 ^X ?");
	assert_shown(stage, "oomsight help");
	stage_keys(stage, "Escape");
	assert_shown(stage, "after   mysqld (200) would be killed");
	/* And from there to where it was opened. */
	stage_keys(stage, "Escape h q");
	assert_shown(stage, "COMMAND");
}

static void without_assumptions_it_says_how(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "x");
	assert_shown(stage, "Nothing is assumed.");
	assert_shown(stage, "\nEsc back\n");
	assert_shown(stage, "before  java (100) would be killed");
	stage_keys(stage, "Enter Delete Down Up D a");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "there is nothing to apply");
	stage_keys(stage, "q");
	assert_shown(stage, "COMMAND");
}

static void an_assumption_is_edited_in_place(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a - 5 ^X Enter");
	assert_string_equal(stage->ui.field.bytes, "-5");
	stage_keys(stage, "- 5 0 0");
	assert_shown(stage, "oom_score_adj -500");
	assert_shown(stage, "rank 1 -> 5"); /* while it is typed */
	stage_keys(stage, "Escape");
	assert_shown(stage, "0 -> -5 ");
	stage_keys(stage, "Enter 3 0 0 0");
	assert_shown(stage, "takes -1000 to 1000");
	stage_keys(stage, "Enter");
	assert_true(stage->ui.editing); /* not before it makes sense */
	assert_int_equal(stage->ui.sandbox.list[0].change.value, 300);
	stage_keys(stage, "Backspace Enter");
	assert_false(stage->ui.editing);
	assert_shown(stage, "0 -> 300 ");
}

static void sizes_are_edited_as_they_are_typed(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "G 2 G Enter Enter");
	assert_string_equal(stage->ui.field.bytes, "2048M");
	stage_keys(stage, "- 5 K Enter");
	assert_int_equal(stage->ui.sandbox.list[0].change.value, -5120);
	stage_keys(stage, "Enter");
	assert_string_equal(stage->ui.field.bytes, "-5120");
	stage_keys(stage, "0 Enter");
	assert_shown(stage, "That is less than a page of memory: nothing would change.");
	stage_keys(stage, "x");
	assert_shown(stage, "Type bytes, with K, M, G or T");
	stage_keys(stage, "Escape");
	assert_int_equal(stage->ui.sandbox.list[0].change.value, -5120);
}

static void one_is_dropped_and_all_are(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 5 ^X Escape S Enter 1 ^X Escape q G 1 G Enter");
	assert_int_equal(stage->ui.sandbox.n, 3);
	stage_keys(stage, "Delete");
	assert_int_equal(stage->ui.sandbox.n, 2);
	assert_shown(stage, "sysctl vm.panic_on_oom");
	assert_false(stage_shows(stage, "grows"));
	stage_keys(stage, "D");
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_shown(stage, "2 dropped; nothing is assumed any more");
	stage_keys(stage, "Escape");
	stage_draw(stage, 24, 80);
	assert_false(stage_shows(stage, "assumed"));
}

static void both_rankings_scroll_together(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 5 ^X PageDown");
	assert_int_equal(stage->ui.whatif_top, 8);
	stage_draw(stage, 24, 80); /* the end is clipped where it is known */
	assert_int_equal(stage->ui.whatif_top, 4);
	assert_true(stage_shows(stage, "    5   420"));
	stage_keys(stage, "PageUp");
	assert_int_equal(stage->ui.whatif_top, 0);
}

/* --- ticks ------------------------------------------------------------------------------------ */

static void every_tick_judges_anew(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a - 1 0 0 ^X");
	assert_shown(stage, "after   mysqld (200) would be killed");
	stage_next(stage, 2000);
	made_task(&stage->snap, JAVA)->rss_quick_pages = 900000;
	stage_update(stage);
	assert_shown(stage, "after   java (100) would be killed");
	assert_shown(stage, "rank 1 -> 1");
	/* It lives on while something else is looked at. */
	stage_keys(stage, "Escape v q h q");
	stage_next(stage, 2000);
	made_task(&stage->snap, JAVA)->rss_quick_pages = 300000;
	stage_update(stage);
	stage_keys(stage, "x");
	assert_shown(stage, "after   mysqld (200) would be killed");
}

static void who_is_gone_is_named_and_dropped(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space a 7 ^X");
	stage_next(stage, 2000);
	stage_kill(stage, JAVA);
	stage_update(stage);
	assert_shown(stage, "Gone, and dropped from the what-if: java (100)");
	assert_int_equal(stage->ui.sandbox.n, 1);
	/* Its pid has another owner. */
	stage_next(stage, 2000);
	made_task(&stage->snap, MYSQLD)->start_ticks = 5000000;
	stage_update(stage);
	assert_shown(stage, "Gone, and dropped from the what-if: mysqld (200)");
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_int_equal(stage->ui.whatif.nadjs, 0);
}

static void who_went_meanwhile_is_named_when_one_looks(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 7 ^X Escape");
	stage_next(stage, 2000);
	stage_kill(stage, JAVA);
	stage_update(stage);
	stage_draw(stage, 24, 80);
	assert_false(stage_shows(stage, "Gone"));
	stage_keys(stage, "x");
	assert_shown(stage, "Gone, and dropped from the what-if: java (100)");
	stage_keys(stage, "Escape x");
	stage_draw(stage, 24, 80);
	assert_false(stage_shows(stage, "Gone"));
}

static void an_edit_ends_with_its_process(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space a 7 ^X Home Enter 5");
	assert_true(stage->ui.editing);
	int32_t edited = stage->ui.sandbox.list[stage->ui.sandbox.at].change.process.pid;
	stage_next(stage, 2000);
	stage_kill(stage, edited == JAVA ? MYSQLD : JAVA);
	stage_update(stage);
	assert_true(stage->ui.editing); /* another one went */
	stage_next(stage, 2000);
	stage_kill(stage, edited);
	stage_update(stage);
	assert_false(stage->ui.editing);
	stage_keys(stage, "Enter Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
}

/* An undo that asks leads from the what-if to where nobody makes its preview anew. */
static void the_preview_ends_where_an_undo_leads_away(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "g Home m 1 5 0 0 M Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_MEMCG);
	stage_applied(stage);
	stage_keys(stage, "Escape a 7 ^X");
	assert_true(stage->ui.previewing);
	stage_keys(stage, "U");
	assert_true(stage->ui.undoing);
	assert_false(stage->ui.previewing);
	stage_keys(stage, "z z"); /* no number: nothing is judged */
	assert_false(stage->ui.previewing);
}

/* Whatever screen was left behind with a preview: the next tick makes no rows of it. */
static void a_preview_that_nobody_renews_ends_with_its_tick(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 7 ^X");
	assert_true(stage->ui.previewing);
	const struct screen *left = stage->ui.screen;
	stage_keys(stage, "Escape h");
	assert_ptr_not_equal(stage->ui.screen, left);
	stage->ui.previewing = true;
	stage_next(stage, 1000);
	stage_kill(stage, JAVA);
	stage_kill(stage, MYSQLD);
	stage_update(stage);
	assert_false(stage->ui.previewing);
	for (uint32_t i = 0; i < stage->ui.view.nrows; i++)
		assert_true(stage->ui.view.rows[i] < stage->snap.ntasks);
}

static void a_group_that_was_removed_is_named_and_dropped(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "g Down m 1 G ^X Escape Up m 1 G ^X");
	assert_int_equal(stage->ui.sandbox.n, 2);
	assert_true(ui_wants_memcgs(&stage->ui));
	stage_next(stage, 2000);
	stage->snap.memcgs[1].inode = 99; /* /a was made anew */
	stage->snap.nmemcgs = 2; /* /b is gone, which is looked at */
	stage->snap.memcgs[0].end = 2;
	made_task(&stage->snap, MYSQLD)->memcg = 0;
	stage_update(stage);
	assert_int_equal(stage->ui.sandbox.n, 0);
	assert_int_equal(stage->ui.scope.kind, SCOPE_GLOBAL);
	assert_non_null(strstr(stage->ui.message, "/a, /b"));
	stage_keys(stage, "Escape Escape");
	assert_false(ui_wants_memcgs(&stage->ui));
}

static void a_tick_that_failed_is_survived(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 7 ^X");
	stage->snap.ntasks = 0;
	model_clear(&stage->model, "out of memory in this tick");
	ui_forget(&stage->ui);
	stage_draw(stage, 24, 80);
	stage_keys(stage, "Down Tab a Escape Enter Escape Escape");
	stage_draw(stage, 24, 80);
	assert_int_equal(stage->ui.sandbox.n, 1);
}

/* --- scopes --------------------------------------------------------------------------------- */

static void tab_goes_through_the_groups_it_bears_on(void **state)
{
	struct stage *stage = *state;
	/* worker grows in /a, chrome under no limit; /b gets another one. */
	stage_keys(stage, "/ w o r k Enter G 1 G Enter Escape / c h r o Enter G 1 G Enter Escape g m 2 G ^X");
	assert_shown(stage, "scope /b");
	stage_keys(stage, "Tab");
	assert_shown(stage, " host ");
	stage_keys(stage, "Tab");
	assert_shown(stage, "scope /a");
	assert_shown(stage, "not in this scope");
	stage_keys(stage, "Tab");
	assert_shown(stage, "scope /b");
	stage_keys(stage, "Escape Escape");
	assert_int_equal(stage->ui.scope.kind, SCOPE_GLOBAL);
}

static void growth_beyond_a_limit_is_marked(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "G 1 G Enter"); /* java in /a, 387M below its limit */
	assert_shown(stage, "+1.00G         rank 1 -> 1 lacks 637M in /a");
	assert_shown(stage, "kills   1 kill frees 2.14G (633M needed): java");
	stage_keys(stage, "Tab");
	assert_shown(stage, "kills   1 kill frees 2.14G (637M needed): java");
	stage_keys(stage, "Enter 1 0 M Enter");
	stage_draw(stage, 24, 80);
	assert_false(stage_shows(stage, "short"));
	assert_false(stage_shows(stage, "lacks"));
}

static void the_scope_of_the_list_is_that_of_the_what_if(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "g Down Enter");
	ROWS(stage, JAVA, WORKER);
	stage_keys(stage, "Down a 1 0 0 0 ^X");
	assert_shown(stage, "scope /a");
	assert_shown(stage, "rank 2 -> 1");
	stage_keys(stage, "Tab");
	assert_shown(stage, " host ");
	stage_keys(stage, "Escape");
	assert_int_equal(stage->ui.scope.kind, SCOPE_MEMCG);
	ROWS(stage, JAVA, WORKER);
	stage_keys(stage, "Escape");
	assert_shown(stage, "memory cgroups");
}

static void tab_without_a_limit_says_so(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S Enter 1 ^X Tab");
	assert_shown(stage, "No memory cgroup with a limit has to do with what is assumed.");
}

/* --- small screens, other runs ------------------------------------------------------------------ */

static void a_narrow_screen_has_both_below_one_another(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "G 1 G Enter");
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, ">grows  java (100)                +1.00G"));
	assert_true(stage_shows(stage, "after   java (100) would be killed"));
	assert_true(stage_shows(stage, "#   PID POINTS ADJ BEFORE"));
	assert_true(stage_shows(stage, "#   PID POINTS ADJ AFTER"));
	assert_true(stage_shows(stage, "!   1   100  2.14G   0 java"));
}

/* A limit so low that both in /a have to die, where there is one line for it and where
 * there is none. */
static void how_many_kills_it_takes_is_told(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "g Down m 1 M ^X");
	assert_shown(stage, "kills   1 -> 2 kills free 1.15G (1.15G needed): java 1.14G, worker 3.91M");
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, "2 kills java (100) would be killed"));
}

static void an_adj_on_the_legacy_scale_is_assumed_as_the_kernel_keeps_it(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a Tab - 8 ^X");
	assert_int_equal(stage->ui.sandbox.n, 1);
	assert_int_equal(stage->ui.sandbox.list[0].change.value, -470);
	assert_shown(stage, "0 -> -470");
}

static void readonly_assumes_as_well(void **state)
{
	struct stage *stage = *state;
	stage->env.readonly = true;
	stage_keys(stage, "a - 5 0 0 ^X");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_shown(stage, "READ-ONLY");
	assert_shown(stage, "after   mysqld (200) would be killed");
}

#define GROUPS_TEST(function) cmocka_unit_test_setup_teardown(function, setup_groups, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(control_x_assumes_what_enter_would_write),
		STAGE_TEST(who_moved_has_a_sign),
		STAGE_TEST(names_are_whole_beside_one_another_with_the_longest_pids),
		STAGE_TEST(all_tagged_are_assumed),
		STAGE_TEST(what_makes_no_sense_is_not_assumed),
		STAGE_TEST(what_is_no_change_is_not_assumed),
		STAGE_TEST(of_several_only_those_are_assumed_that_would_change),
		STAGE_TEST(the_value_that_stands_there_ends_what_was_assumed),
		GROUPS_TEST(a_limit_that_is_no_change_is_not_assumed),
		STAGE_TEST(a_sysctl_is_assumed_from_its_row),
		STAGE_TEST(growth_is_assumed_from_the_list),
		STAGE_TEST(a_growth_that_is_refused_stands_as_typed),
		STAGE_TEST(a_narrow_prompt_leaves_room_to_type),
		GROUPS_TEST(a_group_is_assumed_and_looked_at),
		GROUPS_TEST(the_root_group_is_objected_to),
		STAGE_TEST(the_bottom_line_tells_of_tags_filter_and_what_if_together),
		STAGE_TEST(help_leads_back_to_the_what_if),
		STAGE_TEST(without_assumptions_it_says_how),
		STAGE_TEST(an_assumption_is_edited_in_place),
		STAGE_TEST(sizes_are_edited_as_they_are_typed),
		STAGE_TEST(one_is_dropped_and_all_are),
		STAGE_TEST(both_rankings_scroll_together),
		STAGE_TEST(every_tick_judges_anew),
		STAGE_TEST(who_is_gone_is_named_and_dropped),
		STAGE_TEST(who_went_meanwhile_is_named_when_one_looks),
		STAGE_TEST(an_edit_ends_with_its_process),
		GROUPS_TEST(a_group_that_was_removed_is_named_and_dropped),
		STAGE_TEST(a_tick_that_failed_is_survived),
		GROUPS_TEST(tab_goes_through_the_groups_it_bears_on),
		GROUPS_TEST(growth_beyond_a_limit_is_marked),
		GROUPS_TEST(the_scope_of_the_list_is_that_of_the_what_if),
		STAGE_TEST(tab_without_a_limit_says_so),
		GROUPS_TEST(a_narrow_screen_has_both_below_one_another),
		GROUPS_TEST(how_many_kills_it_takes_is_told),
		STAGE_TEST(an_adj_on_the_legacy_scale_is_assumed_as_the_kernel_keeps_it),
		STAGE_TEST(readonly_assumes_as_well),
		GROUPS_TEST(the_preview_ends_where_an_undo_leads_away),
		STAGE_TEST(a_preview_that_nobody_renews_ends_with_its_tick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
