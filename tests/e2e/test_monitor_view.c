/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the keys show, on the fixture host, whose processes stand still: every
 * order and every selection can be written down.
 */
#include "monitor.h"

/* The fixture's processes in the kernel's order of choice, then those it never chooses. */
#define KILL_ORDER 2500, 2210, 1804, 991, 1004, 2411, 2700, 3001, 2300, 412, 702
#define ALL_ROWS KILL_ORDER, 1, 655, 2600

static struct screen *start(struct world *world, const struct pty_options *options)
{
	char root[WORLD_PATH];
	world_fake_root(world, root);
	monitor_start(world, options, (const char *[]){ "--root", root, "-d", "1", NULL });
	EXPECT_PIDS(world->screen, 2500, 2210, 1804);
	return world->screen;
}

static void rows_stand_in_kill_order(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	EXPECT_PIDS(screen, ALL_ROWS);
	expect_screen(screen, "NEXT helper (2500)");
	expect_screen(screen, "model agrees");
	monitor_quit(world);
}

static void rows_are_sorted_by_any_column(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "M", NULL);
	expect_screen(screen, "Sorted by RES");
	EXPECT_PIDS(screen, 1804, 991, 1004, 2210, 2700);
	screen_keys(screen, "N", NULL);
	expect_screen(screen, "Sorted by PID");
	EXPECT_PIDS(screen, 1, 412, 655, 702, 991, 1004, 1804);
	screen_keys(screen, "R", NULL);
	EXPECT_PIDS(screen, 3001, 2700, 2600, 2500, 2411);
	screen_keys(screen, "P", NULL);
	EXPECT_PIDS(screen, ALL_ROWS);
	screen_keys(screen, ">", NULL);
	expect_screen(screen, "Sorted by PID");
	EXPECT_PIDS(screen, 1, 412, 655);
	screen_keys(screen, ">", NULL);
	expect_screen(screen, "Sorted by USER");
	screen_keys(screen, "<", "<", NULL);
	expect_screen(screen, "Sorted by #");
	EXPECT_PIDS(screen, ALL_ROWS);
	/* The menu begins at the present column. */
	screen_keys(screen, "F6", NULL);
	expect_screen(screen, "sort by");
	expect_screen(screen, "> #");
	screen_keys(screen, "Down", "Enter", NULL);
	expect_screen_without(screen, "sort by");
	EXPECT_PIDS(screen, 1, 412, 655);
	monitor_quit(world);
}

static void a_filter_shows_what_contains_its_text(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "\\", NULL);
	expect_screen(screen, "Show only rows with:");
	screen_keys(screen, "post", NULL);
	expect_no_row(screen, 2500); /* while it is typed */
	EXPECT_PIDS(screen, 991, 1004);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "filter 'post'");
	expect_screen(screen, "NEXT helper (2500)"); /* the verdict knows all */
	screen_keys(screen, "=", NULL);
	EXPECT_PIDS(screen, ALL_ROWS);
	screen_keys(screen, "F4", "no such process", "Enter", NULL);
	expect_screen(screen, "No process matches; = shows all again.");
	/* Keys that need a row have none. */
	screen_keys(screen, "a", "k", "Enter", "Space", "Down", "n", NULL);
	expect_screen(screen, "No process matches; = shows all again.");
	screen_keys(screen, "=", NULL);
	EXPECT_PIDS(screen, ALL_ROWS);
	/* Escape drops what was typed. */
	screen_keys(screen, "\\", "java", NULL);
	EXPECT_PIDS(screen, 1804);
	screen_keys(screen, "Escape", NULL);
	EXPECT_PIDS(screen, ALL_ROWS);
	monitor_quit(world);
}

static void a_search_moves_the_cursor(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "/", NULL);
	expect_screen(screen, "Search:");
	screen_keys(screen, "POST", "Enter", NULL);
	expect_cursor_on(screen, 991);
	screen_keys(screen, "n", NULL);
	expect_cursor_on(screen, 1004);
	screen_keys(screen, "n", NULL); /* round */
	expect_cursor_on(screen, 991);
	/* It stays on its process in another order. */
	screen_keys(screen, "N", NULL);
	EXPECT_PIDS(screen, 1, 412, 655, 702, 991);
	expect_cursor_on(screen, 991);
	screen_keys(screen, "/", "nowhere", "Enter", NULL);
	expect_screen(screen, "'nowhere' is in no row shown.");
	expect_cursor_on(screen, 991);
	screen_keys(screen, "Home", NULL);
	expect_cursor_on(screen, 1);
	screen_keys(screen, "End", NULL);
	expect_cursor_on(screen, 3001);
	monitor_quit(world);
}

static void one_users_processes_stand_alone(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "u", "alice", "Enter", NULL);
	expect_no_row(screen, 1804);
	EXPECT_PIDS(screen, 2500, 2210, 2300, 2600);
	expect_screen(screen, "one user");
	screen_keys(screen, "u", "0", "Enter", NULL);
	EXPECT_PIDS(screen, 3001, 412, 1, 655);
	screen_keys(screen, "u", "who-is-this", "Enter", NULL);
	expect_screen(screen, "not known here; give the number");
	screen_keys(screen, "Escape", "u", "Enter", NULL); /* empty: all */
	EXPECT_PIDS(screen, ALL_ROWS);
	monitor_quit(world);
}

static void a_tree_shows_children_below_parents(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "t", NULL);
	EXPECT_PIDS(screen, 1, 2500, 2210, 2600, 1804, 991, 1004);
	expect_screen(screen, "  `-defunct-child");
	screen_keys(screen, "F5", NULL);
	EXPECT_PIDS(screen, ALL_ROWS);
	expect_screen_without(screen, "`-");
	monitor_quit(world);
}

static void rows_columns_and_units_change(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	expect_on_screen(screen, screen_find(screen, "kthreadd", 0, NULL) < 0);
	screen_keys(screen, "K", NULL);
	expect_screen(screen, "kthreadd");
	screen_keys(screen, "K", NULL);
	expect_screen_without(screen, "kthreadd");

	screen_keys(screen, "c", NULL);
	expect_screen(screen, "java -Xmx4g");
	screen_keys(screen, "c", NULL);
	expect_screen_without(screen, "-Xmx4g");

	expect_screen(screen, "3.08G");
	screen_keys(screen, "e", NULL);
	expect_screen(screen, "3233960");
	screen_keys(screen, "e", "e", NULL);
	expect_screen(screen, "808490"); /* pages */
	screen_keys(screen, "e", NULL);
	expect_screen(screen, "3.08G");

	expect_screen(screen, "USER");
	screen_keys(screen, "f", NULL);
	expect_screen(screen, "columns: Space shows or hides");
	screen_keys(screen, "Down", "Down", "Down", "Space", NULL);
	expect_screen(screen, "> [ ]   USER");
	screen_keys(screen, "Escape", NULL);
	expect_screen_without(screen, "columns:");
	expect_screen_without(screen, "USER");
	screen_keys(screen, "f", "Down", "Down", "Down", "Space", "Escape", NULL);
	expect_screen(screen, "USER");
	monitor_quit(world);
}

static void pause_and_delay_hold_ticks(void **state)
{
	struct world *world = *state;
	char path[WORLD_PATH];
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "Z", NULL);
	expect_screen(screen, "PAUSED");
	world_path(world, "host/proc/1804/oom_score_adj", path);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs("222\n", file);
	assert_int_equal(fclose(file), 0);
	/* Keys work, ticks do not come by themselves. */
	screen_keys(screen, "M", NULL);
	EXPECT_PIDS(screen, 1804, 991);
	assert_false(screen_wait(screen, " 222 ", 1500));
	screen_keys(screen, "Z", NULL);
	expect_screen(screen, " 222 ");
	expect_screen_without(screen, "PAUSED");

	screen_keys(screen, "d", NULL);
	expect_screen(screen, "Seconds between ticks");
	screen_keys(screen, "0.05", "Enter", NULL);
	expect_screen(screen, "not a number from 0.1 to 3600");
	screen_keys(screen, "^U", "3600", "Enter", NULL);
	expect_screen(screen, "every 3600");
	monitor_quit(world);
}

static void each_screen_opens_and_closes(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	static const struct {
		const char *key, *shows;
	} screens[] = {
		{ "h", "oomsight help" }, { "?", "oomsight help" }, { "F1", "oomsight help" },
		{ "Enter", "of totalpages" }, { "v", "MemTotal" },
		{ "S", "> vm.panic_on_oom" },
	};
	for (size_t i = 0; i < COUNT_OF(screens); i++) {
		screen_keys(screen, screens[i].key, NULL);
		expect_screen(screen, screens[i].shows);
		/* q leaves the screen, not the program. */
		screen_keys(screen, "q", NULL);
		EXPECT_PIDS(screen, 2500, 2210);
	}
	/* Help is longer than the screen. */
	screen_keys(screen, "h", "End", NULL);
	expect_screen(screen, "COMMAND");
	screen_keys(screen, "Escape", NULL);
	EXPECT_PIDS(screen, 2500);
	monitor_quit(world);
}

static void a_theme_changes_looks_only(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	bool had_color = false, had_none = false;
	/* Round through all: at least one with colours and one without. */
	for (int i = 0; i < 5; i++) {
		screen_keys(screen, "m", NULL);
		expect_screen(screen, "theme ");
		EXPECT_PIDS(screen, ALL_ROWS);
		bool color = false;
		for (int row = 0; row < 24; row++) {
			for (int col = 0; col < 80; col++)
				color |= (screen_attributes(screen, row, col) & (SCREEN_FG | SCREEN_BG)) != 0;
		}
		had_color |= color;
		had_none |= !color;
		screen_keys(screen, "r", NULL); /* takes the message away */
		expect_screen_without(screen, "theme ");
	}
	assert_true(had_color);
	assert_true(had_none);
	monitor_quit(world);
}

static void settings_are_written_and_read_back(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], config[WORLD_PATH], path[WORLD_PATH], xdg[WORLD_PATH + 32];
	char text[8192];
	world_fake_root(world, root);
	snprintf(xdg, sizeof(xdg), "XDG_CONFIG_HOME=%s", world_path(world, "xdg", config));
	const struct pty_options options = { .env = (const char *[]){ xdg, NULL } };
	monitor_start(world, &options, (const char *[]){ "--root", root, "-d", "1", NULL });
	screen_keys(world->screen, "d", "3", "Enter", "e", "M", "R", "W", NULL);
	expect_screen(world->screen, "Written to ");
	file_text(world_path(world, "xdg/oomsight/config", path), text, sizeof(text));
	assert_non_null(strstr(text, "delay = 3"));
	assert_non_null(strstr(text, "units = kib"));
	monitor_quit(world);

	monitor_start(world, &options, (const char *[]){ "--root", root, NULL });
	expect_screen(world->screen, "every 3s");
	expect_screen(world->screen, "3233960");
	EXPECT_PIDS(world->screen, 2600, 2411, 2300, 3001);
	monitor_quit(world);

	/* What is asked for now goes before what was written. */
	monitor_start(world, &options, (const char *[]){ "--root", root, "-d", "7", "--readonly", NULL });
	expect_screen(world->screen, "every 7s");
	screen_keys(world->screen, "W", NULL);
	expect_screen(world->screen, "read-only run");
	monitor_quit(world);
	char after[8192];
	assert_string_equal(text, file_text(path, after, sizeof(after)));
}

static void any_size_is_drawn(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "Down", NULL);
	expect_cursor_on(screen, 2210);
	assert_int_equal(screen_resize(screen, 10, 40), 0);
	expect_screen(screen, "NEXT helper");
	EXPECT_PIDS(screen, 2500, 2210, 1804);
	expect_cursor_on(screen, 2210);
	assert_int_equal(screen_resize(screen, 9, 40), 0);
	expect_screen(screen, "window too small");
	expect_screen(screen, "40x9; needs 40x10");
	assert_int_equal(screen_resize(screen, 24, 39), 0);
	expect_screen(screen, "39x24; needs 40x10");
	assert_int_equal(screen_resize(screen, 1, 1), 0);
	expect_screen(screen, "o");
	assert_int_equal(screen_resize(screen, 60, 200), 0);
	EXPECT_PIDS(screen, ALL_ROWS);
	expect_screen(screen, "oomsight small-host");
	assert_int_equal(screen_resize(screen, 24, 80), 0);
	EXPECT_PIDS(screen, ALL_ROWS);
	expect_screen(screen, "NEXT helper (2500)");
	expect_cursor_on(screen, 2210);
	/* A dialog survives it as well. */
	screen_keys(screen, "a", "17", NULL);
	expect_screen(screen, "new 17");
	assert_int_equal(screen_resize(screen, 10, 40), 0);
	expect_screen(screen, "new 17");
	assert_int_equal(screen_resize(screen, 24, 80), 0);
	expect_screen(screen, "oom_score_adj of chrome (2210)");
	expect_screen(screen, "new 17");
	screen_keys(screen, "Escape", NULL);
	EXPECT_PIDS(screen, ALL_ROWS);
	monitor_quit(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(rows_stand_in_kill_order),
		world_test(rows_are_sorted_by_any_column),
		world_test(a_filter_shows_what_contains_its_text),
		world_test(a_search_moves_the_cursor),
		world_test(one_users_processes_stand_alone),
		world_test(a_tree_shows_children_below_parents),
		world_test(rows_columns_and_units_change),
		world_test(pause_and_delay_hold_ticks),
		world_test(each_screen_opens_and_closes),
		world_test(a_theme_changes_looks_only),
		world_test(settings_are_written_and_read_back),
		world_test(any_size_is_drawn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
