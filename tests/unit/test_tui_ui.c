/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What keys do that write nothing: the monitor fed with keys by name over
 * synthetic snapshots.
 */
#include "unit.h"

#include <errno.h>

#include "make_ui.h"
#include "oomsight/model/cascade.h"

/* --- cursor ------------------------------------------------------------------ */

static void rows_stand_in_kill_order_without_kernel_threads(void **state)
{
	ROWS(*state, JAVA, MYSQLD, RENDERER, CHROME, WORKER, 1, SSHD);
}

static void kernel_threads_are_shown_and_hidden(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "K");
	assert_int_equal(stage->ui.view.nrows, 8);
	stage_keys(stage, "K");
	assert_int_equal(stage->ui.view.nrows, 7);
}

static void cursor_that_nobody_moved_stays_on_the_first_row(void **state)
{
	struct stage *stage = *state;
	stage_next(stage, 2000);
	made_task(&stage->snap, MYSQLD)->rss_quick_pages = 400000;
	stage_update(stage);
	assert_int_equal(stage_cursor(stage), MYSQLD);
	assert_int_equal(stage->ui.cursor_row, 0);
}

static void cursor_follows_its_process_over_resort_and_tick(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Down Down");
	assert_int_equal(stage_cursor(stage), RENDERER);
	stage_keys(stage, "N");
	assert_int_equal(stage_cursor(stage), RENDERER);
	assert_int_not_equal(stage->ui.cursor_row, 2);
	stage_keys(stage, "P");
	stage_next(stage, 2000);
	made_task(&stage->snap, RENDERER)->rss_quick_pages = 500000;
	stage_update(stage);
	assert_int_equal(stage_cursor(stage), RENDERER);
	assert_int_equal(stage->ui.cursor_row, 0);
}

static void cursor_stays_on_its_row_when_its_process_goes(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Down Down");
	stage_next(stage, 2000);
	stage_kill(stage, RENDERER);
	stage_update(stage);
	assert_int_equal(stage->ui.cursor_row, 2);
	assert_int_equal(stage_cursor(stage), CHROME);
	/* From now on it follows that one. */
	stage_keys(stage, "N");
	assert_int_equal(stage_cursor(stage), CHROME);
}

static void cursor_does_not_follow_a_reused_pid(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Down Down");
	stage_next(stage, 2000);
	struct task *newcomer = made_task(&stage->snap, RENDERER);
	newcomer->start_ticks = 8000000;
	newcomer->rss_quick_pages = newcomer->rss_pages = 500000;
	stage_update(stage);
	ROWS(stage, RENDERER, JAVA, MYSQLD, CHROME, WORKER, 1, SSHD);
	assert_int_equal(stage->ui.cursor_row, 2);
	assert_int_equal(stage_cursor(stage), MYSQLD);
}

static void cursor_on_the_last_row_moves_up_when_rows_go(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "End");
	assert_int_equal(stage_cursor(stage), SSHD);
	stage_next(stage, 2000);
	stage_kill(stage, SSHD);
	stage_kill(stage, 1);
	stage_update(stage);
	assert_int_equal(stage_cursor(stage), WORKER);
	assert_int_equal(stage->ui.cursor_row, 4);
}

static void cursor_keys_stop_at_both_ends(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Up Up PageUp");
	assert_int_equal(stage->ui.cursor_row, 0);
	stage_keys(stage, "PageDown PageDown PageDown Down");
	assert_int_equal(stage->ui.cursor_row, 6);
	stage_keys(stage, "Home");
	assert_int_equal(stage->ui.cursor_row, 0);
}

static void keys_on_an_empty_list_do_nothing(void **state)
{
	struct stage *stage = *state;
	stage_next(stage, 2000);
	stage->snap.ntasks = 0;
	stage_update(stage);
	stage_keys(stage, "Up Down End Home PageDown Space Enter a F7 F8 k y w n t t N");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_null(stage->ui.dialog);
	assert_int_equal(stage->ui.ntags, 0);
	assert_int_equal(stage->ui.cursor_row, 0);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "No process can be seen."));
}

static void visible_rows_lie_within_the_list(void **state)
{
	struct stage *stage = *state;
	uint32_t first, last;
	stage_draw(stage, 12, 80); /* a page of 6 rows */
	stage_keys(stage, "End");
	ui_visible(&stage->ui, &first, &last);
	assert_int_equal(last, 7);
	assert_int_equal(last - first, stage->ui.page_rows);
	stage_keys(stage, "\\");
	stage_type(stage, "nothing has this");
	ui_visible(&stage->ui, &first, &last);
	assert_int_equal(first, last);
}

/* --- sort, filter, search, user ----------------------------------------------- */

static void sort_keys_choose_column_and_direction(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "N");
	ROWS(stage, 1, JAVA, MYSQLD, SSHD, CHROME, RENDERER, WORKER);
	stage_keys(stage, "R");
	ROWS(stage, WORKER, RENDERER, CHROME, SSHD, MYSQLD, JAVA, 1);
	stage_keys(stage, "M");
	assert_false(stage->ui.view.reverse);
	ROWS(stage, JAVA, MYSQLD, RENDERER, CHROME, 1, SSHD, WORKER);
	stage_keys(stage, "T");
	assert_int_equal(stage_pid(stage, 0), WORKER);
	stage_keys(stage, "P");
	assert_int_equal(stage->ui.view.sort, COL_RANK);
}

static void sort_moves_to_the_columns_beside(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, ">");
	assert_int_equal(stage->ui.view.sort, COL_PID);
	stage_keys(stage, "< < <");
	assert_int_equal(stage->ui.view.sort, COL_RANK);
}

static void sort_menu_begins_at_the_present_column(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "N F6 Down Enter");
	assert_int_equal(stage->ui.view.sort, COL_PPID);
	assert_null(stage->ui.dialog);
	stage_keys(stage, "F6 Home Escape");
	assert_int_equal(stage->ui.view.sort, COL_PPID);
	stage_keys(stage, "F6 End Enter");
	assert_int_equal(stage->ui.view.sort, COL_COMMAND);
}

static void filter_acts_while_typed_and_escape_clears_it(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "\\ m");
	ROWS(stage, MYSQLD, CHROME);
	stage_keys(stage, "y");
	ROWS(stage, MYSQLD);
	assert_int_equal(stage->ui.view.hidden, 6);
	stage_keys(stage, "Enter");
	assert_null(stage->ui.dialog);
	ROWS(stage, MYSQLD);
	stage_keys(stage, "\\ Escape");
	assert_int_equal(stage->ui.view.nrows, 7);
}

static void filter_finds_pid_and_user_without_case(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "\\");
	stage_type(stage, "ALICE");
	ROWS(stage, JAVA, RENDERER, CHROME, WORKER);
	stage_keys(stage, "^U");
	stage_type(stage, "410");
	ROWS(stage, RENDERER);
}

static void keys_that_are_commands_are_text_in_a_prompt(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "\\ q");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_string_equal(stage->ui.view.filter, "q");
}

static void search_goes_to_the_next_and_round(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "/ e r Enter");
	assert_int_equal(stage_cursor(stage), RENDERER);
	stage_keys(stage, "n");
	assert_int_equal(stage_cursor(stage), WORKER);
	stage_keys(stage, "n");
	assert_int_equal(stage_cursor(stage), RENDERER);
	assert_int_equal(stage->ui.view.nrows, 7);
}

static void search_without_a_match_says_so_and_stays(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Down / z z z Enter");
	assert_int_equal(stage_cursor(stage), MYSQLD);
	assert_string_equal(stage->ui.message, "'zzz' is in no row shown.");
	stage_keys(stage, "/ Escape");
	assert_string_equal(stage->ui.search, "zzz");
}

static void user_is_found_by_name_and_number(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "u");
	stage_type(stage, "alice");
	stage_keys(stage, "Enter");
	ROWS(stage, JAVA, RENDERER, CHROME, WORKER);
	stage_keys(stage, "u 0 Enter");
	ROWS(stage, MYSQLD, 1, SSHD);
	stage_keys(stage, "u");
	stage_type(stage, "nobody-known");
	stage_keys(stage, "Enter");
	ROWS(stage, MYSQLD, 1, SSHD);
	assert_int_equal(stage->ui.message_role, ROLE_ERROR);
	assert_non_null(stage->ui.dialog); /* asked again, no letter becomes a command */
	stage_keys(stage, "Escape u Enter");
	assert_int_equal(stage->ui.view.nrows, 7);
}

static void equals_drops_filter_user_search_and_tags(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space u 0 Enter \\ m Enter / m Enter =");
	assert_int_equal(stage->ui.view.nrows, 7);
	assert_int_equal(stage->ui.ntags, 0);
	assert_string_equal(stage->ui.search, "");
}

/* --- tags ---------------------------------------------------------------------- */

static void space_tags_and_untags_and_goes_down(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space");
	assert_int_equal(stage->ui.ntags, 2);
	assert_int_equal(stage->ui.cursor_row, 2);
	stage_keys(stage, "Up Space");
	assert_int_equal(stage->ui.ntags, 1);
	assert_int_equal(stage->ui.tags[0].pid, JAVA);
}

static void tags_of_a_user_and_of_a_subtree(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "w");
	assert_int_equal(stage->ui.ntags, 4);
	stage_keys(stage, "= / c h r o Enter y");
	assert_int_equal(stage_cursor(stage), CHROME);
	assert_int_equal(stage->ui.ntags, 3);
	stage_keys(stage, "y");
	assert_int_equal(stage->ui.ntags, 3);
}

static void tag_dies_with_its_process(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space");
	stage_next(stage, 2000);
	made_task(&stage->snap, JAVA)->start_ticks = 8000000;
	stage_update(stage);
	assert_int_equal(stage->ui.ntags, 1);
	assert_int_equal(stage->ui.tags[0].pid, MYSQLD);
}

static void tag_subtree_ends_in_a_loop_of_parents(void **state)
{
	struct stage *stage = *state;
	made_task(&stage->snap, CHROME)->ppid = WORKER;
	stage_update(stage);
	stage_keys(stage, "/ j a v a Enter y");
	assert_int_equal(stage->ui.ntags, 1);
}

/* --- columns, delay, screens ------------------------------------------------------- */

static void columns_are_shown_hidden_and_moved(void **state)
{
	struct stage *stage = *state;
	unsigned n = stage->ui.columns.n;
	stage_keys(stage, "f Down Down Space"); /* ppid */
	assert_int_equal(stage->ui.columns.n, n + 1);
	assert_int_equal(stage->ui.columns.columns[n], COL_PPID);
	stage_keys(stage, "<");
	assert_int_equal(stage->ui.columns.columns[n - 1], COL_PPID);
	stage_keys(stage, "> > Space Escape");
	assert_int_equal(stage->ui.columns.n, n);
	assert_int_equal(stage->ui.columns.columns[n - 1], COL_COMMAND);
	assert_null(stage->ui.dialog);
}

static void last_column_cannot_be_hidden(void **state)
{
	struct stage *stage = *state;
	stage->ui.columns = (struct column_list){ { COL_PID }, 1 };
	stage_keys(stage, "f Down Space Escape Right Left Right");
	assert_int_equal(stage->ui.columns.n, 1);
	stage_draw(stage, 24, 80);
}

static void columns_scroll_off_and_come_back(void **state)
{
	struct stage *stage = *state;
	for (int i = 0; i < 40; i++)
		stage_keys(stage, "Right");
	stage_draw(stage, 24, 80);
	assert_false(stage_shows(stage, "POINTS"));
	assert_true(stage_shows(stage, "java"));
	/* As many keys back as had an effect. */
	for (unsigned i = stage->ui.left_column; i > 0; i--)
		stage_keys(stage, "Left");
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "POINTS"));
}

static void delay_is_checked(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = { { "0.1", true },	{ "3600", true },   { "2.5", true }, { "0.09", false },
		      { "0", false },	{ "3601", false }, { "", false },   { ".", false } };
	struct stage *stage = *state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		stage_keys(stage, "d ^U");
		stage_type(stage, cases[i].text);
		stage_keys(stage, "Enter");
		assert_int_equal(stage->command.kind, cases[i].good ? UI_DELAY : UI_NONE);
		assert_int_equal(stage->ui.message[0] == '\0', cases[i].good);
		assert_int_equal(stage->ui.dialog == NULL, cases[i].good);
		stage_keys(stage, "Escape");
	}
	stage->env.delay_s = 0.25;
	stage_keys(stage, "d");
	assert_string_equal(stage->ui.field.bytes, "0.25");
}

static void pages_scroll_and_stop_at_their_end(void **state)
{
	static const char *const screens[] = { "h", "v", "Enter" };
	struct stage *stage = *state;
	for (size_t i = 0; i < COUNT_OF(screens); i++) {
		stage_keys(stage, screens[i]);
		stage_keys(stage, "Up");
		assert_int_equal(stage->ui.scroll, 0);
		stage_keys(stage, "End");
		stage_draw(stage, 12, 60);
		uint32_t end = stage->ui.scroll;
		assert_in_range(end, 1, 1000);
		stage_keys(stage, "Down");
		stage_draw(stage, 12, 60);
		assert_int_equal(stage->ui.scroll, end);
		stage_keys(stage, "PageUp");
		assert_int_equal(stage->ui.scroll, end > 9 ? end - 9 : 0);
		stage_keys(stage, "Home");
		assert_int_equal(stage->ui.scroll, 0);
		stage_keys(stage, "q");
		assert_int_equal(stage->command.kind, UI_NONE);
		stage_draw(stage, 12, 60);
		assert_true(stage_shows(stage, "NEXT java"));
	}
}

static void details_say_when_their_process_has_ended(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Enter");
	stage_next(stage, 2000);
	made_task(&stage->snap, JAVA)->start_ticks = 8000000;
	stage_update(stage);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "This process has ended."));
}

static void edit_from_the_details_is_about_that_process_or_refused(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Enter");
	stage_next(stage, 2000);
	made_task(&stage->snap, MYSQLD)->rss_quick_pages = 800000;
	stage_update(stage);
	assert_int_equal(stage_pid(stage, 0), MYSQLD);
	stage_keys(stage, "a 5 Enter");
	assert_int_equal(stage->command.targets[0].process.pid, JAVA);

	stage_keys(stage, "Enter");
	stage_next(stage, 2000);
	stage_kill(stage, JAVA);
	stage_update(stage);
	stage_keys(stage, "a");
	assert_null(stage->ui.dialog);
	assert_int_equal(stage->ui.message_role, ROLE_ERROR);
}

static void units_pause_and_command_lines_toggle(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "e Z c t");
	assert_int_equal(stage->ui.units, UNITS_KIB);
	assert_true(stage->ui.paused && stage->ui.cmdlines && stage->ui.view.tree);
	stage_keys(stage, "e e e Z c t");
	assert_int_equal(stage->ui.units, UNITS_HUMAN);
	assert_false(stage->ui.paused || stage->ui.cmdlines || stage->ui.view.tree);
}

static void commands_leave_as_commands(void **state)
{
	static const struct {
		const char *key;
		enum ui_command_kind kind;
	} cases[] = { { "q", UI_QUIT },	     { "F10", UI_QUIT },       { "^C", UI_QUIT },    { "^Z", UI_SUSPEND },
		      { "^L", UI_REDRAW },   { "r", UI_REFRESH },      { "m", UI_NEXT_THEME }, { "W", UI_WRITE_CONFIG } };
	struct stage *stage = *state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		stage_keys(stage, cases[i].key);
		assert_int_equal(stage->command.kind, cases[i].kind);
	}
}

static void unknown_keys_are_ignored(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Down x X % ^B F11 F12 Insert Tab BackTab");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_int_equal(stage_cursor(stage), MYSQLD);
	assert_null(stage->ui.dialog);
	ui_key(&stage->ui, &stage->env, (struct key){ KEY_CODE_NONE });
	ui_key(&stage->ui, &stage->env, (struct key){ KEY_CODE_RESIZE });
	ui_key(&stage->ui, &stage->env, (struct key){ 0xffffffff });
	assert_int_equal(stage_cursor(stage), MYSQLD);
}

static void keymap_is_honoured(void **state)
{
	struct stage *stage = *state;
	struct diag diag;
	assert_int_equal(keymap_bind(&stage->ui.keymap, "edit-adj", "x", &diag), 0);
	assert_int_equal(keymap_bind(&stage->ui.keymap, "tree", "^L", &diag), 0);
	stage_keys(stage, "a");
	assert_null(stage->ui.dialog);
	stage_keys(stage, "x");
	assert_non_null(stage->ui.dialog);
	stage_keys(stage, "Escape ^L");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_true(stage->ui.view.tree);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "x Adj"));
}

static void message_goes_with_the_next_key(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "U");
	assert_true(stage->ui.message[0] != '\0');
	stage_keys(stage, "Down");
	assert_string_equal(stage->ui.message, "");
}

static void tree_puts_children_below_their_parents(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "t");
	ROWS(stage, 1, JAVA, MYSQLD, CHROME, RENDERER, WORKER, SSHD);
	assert_int_equal(stage->ui.view.depth[4], 2);
	stage_keys(stage, "/ c h r o Enter y");
	assert_int_equal(stage->ui.ntags, 3);
}

static void help_tells_how_well_we_are_protected(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "h");
	stage_draw(stage, 60, 100);
	assert_false(stage_shows(stage, "early tick"));
	assert_false(stage_shows(stage, "protection "));
	stage->env.wakeup = "when tasks wait";
	stage->env.protection = "memory locked, oom_score_adj -999";
	stage->snap.observer.pid = SSHD;
	stage_draw(stage, 60, 100);
	assert_true(stage_shows(stage, "early tick    when tasks wait"));
	assert_true(stage_shows(stage, "protection    memory locked, oom_score_adj -999"));
	assert_true(stage_shows(stage, "own memory    "));
}

static void another_kernels_rank_stands_beside(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	/* Counted by virtual size, the worker leads. */
	made_task(&stage.snap, WORKER)->virt_bytes = 4096ULL * 5000000;
	stage_update(&stage);
	assert_false(stage.ui.comparing);
	stage_keys(&stage, "O End");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "> 2.6.32"));
	assert_false(ui_wants_cpu_times(&stage.ui));
	stage_keys(&stage, "Enter");
	assert_true(stage.ui.comparing);
	/* What only that kernel asks for is read from now on, at once. */
	assert_true(ui_wants_cpu_times(&stage.ui));
	assert_int_equal(stage.command.kind, UI_REFRESH);
	stage_update(&stage);
	assert_int_equal(stage_pid(&stage, 0), JAVA); /* this kernel's order stays */
	assert_int_equal(stage_pid(&stage, 4), WORKER);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "#2.6.32"));
	assert_true(stage_shows(&stage, "NOT in force"));
	/* By half of its child's size the renderer comes close, by its adj above. */
	uint32_t first = stage.ui.other.order[0];
	assert_int_equal(stage.snap.tasks[first].pid, RENDERER);
	/* And its own child dies in its place. */
	assert_true(stage_shows(&stage, "NOT in force (here: rules of 5.9): 2.6.32 would kill worker (420) #5 here"));
	stage_draw(&stage, 10, 40);
	assert_true(stage_shows(&stage, "NOT in force: 2.6.32 "));
	/* Off again. */
	stage_keys(&stage, "O Home Enter");
	assert_false(stage.ui.comparing);
	assert_false(ui_wants_cpu_times(&stage.ui));
	stage_draw(&stage, 24, 80);
	assert_false(stage_shows(&stage, "NOT in force"));
	stage_done(&stage);
}

static void the_menu_of_releases_opens_on_the_chosen_one(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	stage_keys(&stage, "O");
	assert_int_equal(stage.ui.choice, 0);
	stage_keys(&stage, "Down Down Enter O");
	assert_int_equal(stage.ui.choice, 2);
	stage_keys(&stage, "Home Enter O");
	assert_int_equal(stage.ui.choice, 0);
	stage_done(&stage);
}

static void edits_go_by_the_running_kernels_rules(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	assert_int_equal(ui_compare_with(&stage.ui, "3.5"), 0);
	stage_update(&stage);
	stage_keys(&stage, "a - 9 0 0");
	/* Below 0, which the old rules would have raised to 1. */
	assert_int_equal(stage.ui.preview.candidates[made_index(&stage.snap, JAVA)].points, 300700 - 900 * 1000);
	assert_int_equal(stage.ui.preview.candidates[made_index(&stage.snap, JAVA)].rank, 5);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "#3.5"));
	stage_done(&stage);
}

static void what_is_no_release_is_not_compared_with(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	assert_int_equal(ui_compare_with(&stage.ui, "2.4.20"), -EINVAL);
	assert_int_equal(ui_compare_with(&stage.ui, "6.1.0-56-amd64-with-a-very-long-name"), 0);
	stage_update(&stage);
	assert_true(stage.ui.comparing);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "#6.1.0 "));
	stage_done(&stage);
}

static void the_same_rules_are_said_to_be_in_force(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	assert_int_equal(ui_compare_with(&stage.ui, "5.9"), 0);
	stage_update(&stage);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "in force here, too, the same rules: 5.9 would kill"));
	assert_false(stage_shows(&stage, "NOT in force"));
	stage_keys(&stage, "Down Down Enter");
	stage_draw(&stage, 30, 80);
	assert_true(stage_shows(&stage, "| IN FORCE, too: Linux 5.9"));
	assert_false(stage_shows(&stage, "NOT in force"));
	stage_done(&stage);
}

static void the_details_count_by_both_rules(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	assert_int_equal(ui_compare_with(&stage.ui, "2.6.39"), 0);
	stage_update(&stage);
	stage_keys(&stage, "Down Down Enter");
	stage_draw(&stage, 30, 80);
	assert_true(stage_shows(&stage, "IN FORCE: rules of Linux 5.9"));
	assert_true(stage_shows(&stage, "| NOT in force: Linux 2.6.39"));
	assert_true(stage_shows(&stage, "* 1000 / 1000000 (RAM+swap)"));
	assert_true(stage_shows(&stage, "+ adj 100 * 1000"));
	assert_true(stage_shows(&stage, "= thousandths, rank 3 of 5"));
	/* One below the other. */
	stage_draw(&stage, 40, 60);
	assert_false(stage_shows(&stage, "|"));
	assert_true(stage_shows(&stage, " = pages, rank 3 of 5"));
	assert_true(stage_shows(&stage, " = thousandths, rank 3 of 5"));
	stage_done(&stage);
}

/* Zones that are so many pages from their high mark when it comes to a kill. */
static void make_short(struct stage *stage, uint64_t pages)
{
	assert_int_equal(snapshot_reserve_zones(&stage->snap, 1), 0);
	stage->snap.system.zones[0] = (struct zone){ .name = "Normal", .min_pages = 1, .high_pages = 1 + pages };
	stage->snap.system.nzones = 1;
	stage_update(stage);
	/* As the session does at each tick. */
	assert_int_equal(cascade_extend(&stage->model.verdict, &stage->snap, &stage->model.rules, &stage->model.ranking,
					NULL, CASCADE_SHOWN), 0);
}

static void the_kills_that_are_needed_have_a_line_where_there_is_room(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	make_short(&stage, 100);
	stage_draw(&stage, 30, 80);
	assert_true(stage_shows(&stage, "     1 kill frees "));
	assert_true(stage_shows(&stage, "java; then mysqld "));
	assert_true(stage_shows(&stage, " ahead"));
	/* On a smaller screen it stands there only when one kill is not enough. */
	stage_draw(&stage, 24, 80);
	assert_false(stage_shows(&stage, "1 kill frees"));
	make_short(&stage, 600000);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "3 kills free "));
	assert_true(stage_shows(&stage, " needed): java "));
	/* Who is in swapoff is ahead of everybody, by no size. */
	struct task *task = &stage.snap.tasks[stage.model.ranking.order[1]];
	task->group_state[TASK_MARKS] = FACT_KNOWN;
	task->marks = TASK_MARK_ORIGIN;
	make_short(&stage, 100);
	stage_draw(&stage, 30, 80);
	assert_true(stage_shows(&stage, "it is in swapoff"));
	assert_false(stage_shows(&stage, " ahead"));
	stage_done(&stage);
}

static void a_preview_foretells_as_many_kills_as_are_needed(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	make_short(&stage, 1 << 30);
	stage_keys(&stage, "a 5");
	assert_true(stage.ui.previewing);
	assert_int_equal(stage.ui.preview_verdict.nkills, 5); /* all but the protected one */
	assert_int_equal(stage.ui.preview_verdict.covering, 0);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "5 kills free "));
	assert_true(stage_shows(&stage, "(of 4.00T needed)"));
	stage_done(&stage);
}

/* java and mysqld are too near to each other to tell; renderer comes after both. */
static void a_close_call_is_not_told_twice(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	MAKE_SNAPSHOT(&stage.snap, 1000000, 0, MADE_INIT, { .pid = JAVA, .comm = "java", .rss = 300000, .threads = 64 },
		      { .pid = MYSQLD, .comm = "mysqld", .rss = 300000 - 1, .threads = 64 },
		      { .pid = RENDERER, .comm = "renderer", .rss = 90000 });
	make_release(&stage.snap, "6.1.0");
	stage_begin(&stage);
	stage_draw(&stage, 24, 140);
	assert_true(stage_shows(&stage, "NEXT java (100) close"));
	assert_true(stage_shows(&stage, "close: mysqld (200) is 4.00K behind"));
	assert_true(stage_shows(&stage, "; then renderer (410)"));
	assert_false(stage_shows(&stage, "then mysqld (200)"));
	stage_done(&stage);
}

static void cpu_time_is_told_whole_and_in_cpus(void **state)
{
	struct stage *stage = *state;
	for (uint64_t tick = 0; tick < 2; tick++) {
		stage_next(stage, 1000);
		make_fact(&stage->snap, SYS_CPU_USER, (23 * 3600 + 59 * 60) * 100 + tick * 150);
		stage_update(stage);
	}
	stage_keys(stage, "v");
	stage->ui.scroll = 1000;
	stage_draw(stage, 60, 80);
	assert_true(stage_shows(stage, "user           23 h 59 min 1.50 CPU  CPU time in programs"));
}

static void units_are_named_as_people_do(void **state)
{
	struct stage *stage = *state;
	static const char *const said[] = { "Sizes in KiB.", "Sizes in MiB.", "Sizes in pages.", "Sizes with K, M and G." };
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		stage_keys(stage, "e");
		assert_string_equal(stage->ui.message, said[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_close_call_is_not_told_twice),
		STAGE_TEST(rows_stand_in_kill_order_without_kernel_threads),
		STAGE_TEST(cpu_time_is_told_whole_and_in_cpus),
		STAGE_TEST(units_are_named_as_people_do),
		STAGE_TEST(kernel_threads_are_shown_and_hidden),
		STAGE_TEST(cursor_that_nobody_moved_stays_on_the_first_row),
		STAGE_TEST(cursor_follows_its_process_over_resort_and_tick),
		STAGE_TEST(cursor_stays_on_its_row_when_its_process_goes),
		STAGE_TEST(cursor_does_not_follow_a_reused_pid),
		STAGE_TEST(cursor_on_the_last_row_moves_up_when_rows_go),
		STAGE_TEST(cursor_keys_stop_at_both_ends),
		STAGE_TEST(keys_on_an_empty_list_do_nothing),
		STAGE_TEST(visible_rows_lie_within_the_list),
		STAGE_TEST(sort_keys_choose_column_and_direction),
		STAGE_TEST(sort_moves_to_the_columns_beside),
		STAGE_TEST(sort_menu_begins_at_the_present_column),
		STAGE_TEST(filter_acts_while_typed_and_escape_clears_it),
		STAGE_TEST(filter_finds_pid_and_user_without_case),
		STAGE_TEST(keys_that_are_commands_are_text_in_a_prompt),
		STAGE_TEST(search_goes_to_the_next_and_round),
		STAGE_TEST(search_without_a_match_says_so_and_stays),
		STAGE_TEST(user_is_found_by_name_and_number),
		STAGE_TEST(equals_drops_filter_user_search_and_tags),
		STAGE_TEST(space_tags_and_untags_and_goes_down),
		STAGE_TEST(tags_of_a_user_and_of_a_subtree),
		STAGE_TEST(tag_dies_with_its_process),
		STAGE_TEST(tag_subtree_ends_in_a_loop_of_parents),
		STAGE_TEST(columns_are_shown_hidden_and_moved),
		STAGE_TEST(last_column_cannot_be_hidden),
		STAGE_TEST(columns_scroll_off_and_come_back),
		STAGE_TEST(delay_is_checked),
		STAGE_TEST(pages_scroll_and_stop_at_their_end),
		STAGE_TEST(help_tells_how_well_we_are_protected),
		STAGE_TEST(details_say_when_their_process_has_ended),
		STAGE_TEST(edit_from_the_details_is_about_that_process_or_refused),
		STAGE_TEST(units_pause_and_command_lines_toggle),
		STAGE_TEST(commands_leave_as_commands),
		STAGE_TEST(unknown_keys_are_ignored),
		STAGE_TEST(keymap_is_honoured),
		STAGE_TEST(message_goes_with_the_next_key),
		STAGE_TEST(tree_puts_children_below_their_parents),
		cmocka_unit_test(another_kernels_rank_stands_beside),
		cmocka_unit_test(edits_go_by_the_running_kernels_rules),
		cmocka_unit_test(the_menu_of_releases_opens_on_the_chosen_one),
		cmocka_unit_test(what_is_no_release_is_not_compared_with),
		cmocka_unit_test(the_same_rules_are_said_to_be_in_force),
		cmocka_unit_test(the_details_count_by_both_rules),
		cmocka_unit_test(the_kills_that_are_needed_have_a_line_where_there_is_room),
		cmocka_unit_test(a_preview_foretells_as_many_kills_as_are_needed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
