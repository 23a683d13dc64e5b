/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor in a guest, seen through the guest's serial port as a terminal: its
 * screens of memory cgroups and of NUMA nodes over the real files of a real kernel.
 * screens.py sets the stage and gives the command that boots it:
 *
 *	screens FRAMES COMMAND [ARGUMENT]...
 *
 * FRAMES: a directory that keeps each screen asserted on as text. The command's own
 * terminal must be the guest's.
 */
#include "../unit/unit.h"

#include <stdlib.h>

#include "../e2e/screen.h"

#define ROWS 30
#define COLUMNS 100
#define BOOT_MS 90000

static struct {
	struct screen *screen;
	const char *frames;
	const char *const *command;
	int frame;
} show;

/* Keep what is on the screen. */
static void keep(const char *name)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%02d-%s.txt", show.frames, ++show.frame, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(screen_text(show.screen), file);
	assert_int_equal(fclose(file), 0);
}

/* The row that holds both texts, or the test fails with the screen. */
static const char *row_with(const char *first, const char *second)
{
	for (int at = screen_find(show.screen, first, 0, NULL); at >= 0;
	     at = screen_find(show.screen, first, at + 1, NULL)) {
		if (strstr(screen_row(show.screen, at), second))
			return screen_row(show.screen, at);
	}
	fprintf(stderr, "# no row with \"%s\" and \"%s\"\n", first, second);
	screen_print(show.screen, stderr);
	fail();
	return NULL;
}

static void the_monitor_starts_and_names_the_biggest(void **state)
{
	(void)state;
	const struct pty_options options = { .rows = ROWS, .cols = COLUMNS };
	show.screen = screen_new(&options, show.command);
	assert_non_null(show.screen);
	if (!screen_wait(show.screen, "NEXT elsewhere (", BOOT_MS)) {
		screen_print(show.screen, stderr);
		fail();
	}
	keep("main");
	row_with("1 kill frees ", "elsewhere; then nearby ");
	assert_true(screen_find(show.screen, "model agrees", 0, NULL) == 0);
	assert_int_equal(screen_find(show.screen, "kernel's", 0, NULL), -1); /* no difference to its scores */
}

static void each_group_has_its_limit_and_its_victim(void **state)
{
	(void)state;
	screen_keys(show.screen, "g", NULL);
	expect_screen(show.screen, "memory cgroups v2");
	keep("groups");
	row_with("big (", "/box");
	row_with("64.0M", "/box");
	row_with("pg1 (", "/team");
	row_with("96.0M", "/team");
	/* box is nearer to its limit: it stands before team. */
	assert_true(screen_find(show.screen, "/box", 1, NULL) < screen_find(show.screen, "/team", 1, NULL));
}

static void a_group_that_dies_as_one_says_so(void **state)
{
	(void)state;
	/* The cursor goes to the row of team. */
	for (int i = 0; i < 12 && !strstr(screen_row(show.screen, ROWS - 5), "/team"); i++) {
		screen_keys(show.screen, "Down", NULL);
		screen_settle(show.screen, SCREEN_SETTLED_MS, SCREEN_PATIENCE_MS);
	}
	expect_screen(show.screen, "pg1 +1 (oom.group)");
	keep("groups-team");
	row_with("oom.group 1", "tasks 2");
	row_with("to the limit 96.0M", "of its own");
}

static void the_ranking_of_one_group_holds_its_own_processes(void **state)
{
	(void)state;
	screen_keys(show.screen, "Enter", NULL);
	expect_screen(show.screen, "scope /team");
	expect_screen(show.screen, "NEXT pg1 (");
	keep("groups-scope");
	assert_int_equal(screen_find(show.screen, "elsewhere", 0, NULL), -1);
	screen_keys(show.screen, "q", NULL);
	expect_screen(show.screen, "memory cgroups v2");
	screen_keys(show.screen, "q", NULL);
	expect_screen(show.screen, "NEXT elsewhere (");
}

/* A figure as the screens print it, "318M", in MiB. */
static double mib(const char *text)
{
	char *end;
	double value = strtod(text, &end);
	return *end == 'G' ? value * 1024 : *end == 'K' ? value / 1024 : value;
}

static void both_nodes_stand_there_with_their_memory(void **state)
{
	(void)state;
	screen_keys(show.screen, "o", NULL);
	expect_screen(show.screen, "NUMA nodes: 2");
	expect_screen(show.screen, "BOUND");
	keep("nodes");
	double total = 0;
	for (int node = 0; node < 2; node++) {
		char start[16];
		snprintf(start, sizeof start, "[ ] %d ", node);
		int row = screen_find(show.screen, start, 0, NULL);
		assert_true(row > 0);
		double size = mib(strstr(screen_row(show.screen, row), start) + strlen(start));
		if (size < 240 || size > 320) {
			screen_print(show.screen, stderr);
			fail_msg("node %d has %.1f MiB of its 320", node, size);
		}
		total += size;
	}
	assert_true(total < 640);
}

static void each_set_of_nodes_has_its_victim(void **state)
{
	(void)state;
	screen_keys(show.screen, "End", "Space", NULL);
	expect_screen(show.screen, "bound to 1 by cpuset:");
	expect_screen(show.screen, "nearby (");
	keep("nodes-1");
	row_with("nearby (", "would be killed if a cpuset's node 1 ran out");
	screen_keys(show.screen, "Space", "Home", "Space", NULL);
	expect_screen(show.screen, "bound to 0 by cpuset:");
	expect_screen(show.screen, "elsewhere (");
	keep("nodes-0");
	row_with("elsewhere (", "would be killed if a cpuset's node 0 ran out");
}

static void the_pages_of_a_bound_process_are_on_its_node(void **state)
{
	(void)state;
	screen_keys(show.screen, "Escape", NULL);
	expect_screen(show.screen, "NEXT elsewhere (");
	screen_keys(show.screen, "/", NULL);
	screen_type(show.screen, "tied");
	screen_keys(show.screen, "Enter", "o", NULL);
	expect_screen(show.screen, "p pages of tied");
	screen_keys(show.screen, "p", NULL);
	expect_screen(show.screen, "by policy ");
	keep("nodes-pages");
	const char *row = row_with("pages of tied (", "bind:1");
	const char *on_1 = strstr(row, "node 1 ");
	assert_non_null(on_1);
	assert_true(mib(on_1 + strlen("node 1 ")) >= 20);
}

static void it_leaves_the_terminal_and_the_guest_ends(void **state)
{
	(void)state;
	screen_keys(show.screen, "Escape", NULL);
	expect_screen(show.screen, "NEXT elsewhere (");
	screen_keys(show.screen, "q", NULL);
	expect_screen(show.screen, "oomsight ended with 0");
	assert_false(screen_is_alternate(show.screen));
	assert_true(screen_wait_end(show.screen, BOOT_MS));
}

static int done(void **state)
{
	(void)state;
	if (show.screen)
		screen_free(show.screen); /* ends the guest whatever it does */
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_monitor_starts_and_names_the_biggest),
		cmocka_unit_test(each_group_has_its_limit_and_its_victim),
		cmocka_unit_test(a_group_that_dies_as_one_says_so),
		cmocka_unit_test(the_ranking_of_one_group_holds_its_own_processes),
		cmocka_unit_test(both_nodes_stand_there_with_their_memory),
		cmocka_unit_test(each_set_of_nodes_has_its_victim),
		cmocka_unit_test(the_pages_of_a_bound_process_are_on_its_node),
		cmocka_unit_test(it_leaves_the_terminal_and_the_guest_ends),
	};
	if (argc < 3) {
		fprintf(stderr, "usage: screens FRAMES COMMAND [ARGUMENT]...\n");
		return 2;
	}
	show.frames = argv[1];
	show.command = (const char *const *)(argv + 2);
	return cmocka_run_group_tests(tests, NULL, done);
}
