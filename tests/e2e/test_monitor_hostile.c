/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Live processes that mean harm: names that would steer the terminal, forks
 * faster than any sample, a /proc that hides nearly all.
 */
#include "monitor.h"

#include <sys/stat.h>

/* At most 15 bytes each; what stands on the screen for it, in part. */
static const struct {
	const char *comm, *shown;
} names[] = {
	{ "\033[2J\033[31mRED", "[31mRED" },
	{ "\033]0;pwned\007", "]0;pwned" },
	{ "a\nb\tc\rd", "a b c d" },
	{ "\377\376z\303", "z" },
	{ "\345\256\275\345\256\275\345\256\275", "\345\256\275\345\256\275\345\256\275" },
	{ "e\314\201\342\200\256gpj", "gpj" },
	{ "\302\23331mC1", "31mC1" },
	{ ") R 1 (x", ") R 1 (x" },
};

/* Bytes of the names that a terminal would act on. */
static const char *const forbidden[] = {
	"\033[2J\033[31m", "\033[31mRED", "\033]0;", "pwned\007", "a\nb", "b\tc", "\377", "\376", "\342\200\256", "\302\233",
};

/* All of names as processes; their pids as --pid wants them. */
static void start_names(struct world *world, char list[128])
{
	size_t used = 0;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct helper *hog = world_helper(
			world, (const char *[]){ "hog", "--anon", "1", "--adj", "900", "--comm", names[i].comm, NULL });
		used += (size_t)snprintf(list + used, 128 - used, "%s%d", i > 0 ? "," : "", (int)hog->pid);
	}
}

static void assert_no_forbidden(const char *bytes, size_t length)
{
	assert_int_equal(strlen(bytes), length);
	for (size_t i = 0; i < COUNT_OF(forbidden); i++)
		assert_null(strstr(bytes, forbidden[i]));
}

static void names_do_not_reach_the_terminal_raw(void **state)
{
	struct world *world = *state;
	char list[128], path[WORLD_PATH];
	start_names(world, list);
	/* Command lines shown: the names are among the arguments too. */
	assert_int_equal(mkdir(world_path(world, "oomsight", path), 0700), 0);
	FILE *config = fopen(world_path(world, "oomsight/config", path), "we");
	assert_non_null(config);
	fputs("command-line = yes\n", config);
	fclose(config);
	char xdg[WORLD_PATH];
	snprintf(xdg, sizeof(xdg), "XDG_CONFIG_HOME=%s", world->dir);
	const char *const with_config[] = { xdg, NULL };
	static const char *const locales[] = { "C.UTF-8", "C" };
	for (size_t i = 0; i < 2 * COUNT_OF(locales); i++) {
		const struct pty_options options = { .rows = 30, .cols = 150, .locale = locales[i / 2],
						     .env = i % 2 == 0 ? NULL : with_config };
		size_t length;
		int status;
		char *bytes = monitor_capture(world, &options,
					      (const char *[]){ monitor_program(), "-n", "4", "-d", "0.3", "-p", list,
								"--columns", TABLE_COLUMNS, NULL },
					      &length, &status);
		assert_int_equal(status, 0);
		assert_non_null(strstr(bytes, "]0;pwned"));
		if (i % 2 == 1)
			assert_non_null(strstr(bytes, "--comm"));
		assert_no_forbidden(bytes, length);
		free(bytes);
	}
}

static bool all_rows_are_right(struct screen *screen, void *context)
{
	const struct world *world = context;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct table_row row;
		if (!table_find(screen, world->helpers[i].pid, &row) || row.adj != 900 ||
		    strstr(row.command, names[i].shown) == NULL)
			return false;
	}
	return screen_find(screen, "oomsight ", 0, NULL) == 0;
}

static void names_are_shown_in_their_rows(void **state)
{
	struct world *world = *state;
	char list[128];
	start_names(world, list);
	START(world, "-d", "1", "-p", list, "--columns", TABLE_COLUMNS);
	struct screen *screen = world->screen;
	expect_on_screen(screen, screen_wait_for(screen, all_rows_are_right, world, SCREEN_PATIENCE_MS));
	/* In dialogs and details, on each of them. */
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		screen_keys(screen, "a", NULL);
		expect_screen(screen, "oom_score_adj of ");
		screen_keys(screen, "Escape", NULL);
		expect_screen_without(screen, "oom_score_adj of ");
		screen_keys(screen, "k", "Enter", NULL);
		expect_screen(screen, "? y/n");
		screen_keys(screen, "n", "Enter", NULL);
		expect_screen(screen, "of totalpages");
		screen_keys(screen, "q", "Down", NULL);
		expect_on_screen(screen, screen_wait_for(screen, all_rows_are_right, world, SCREEN_PATIENCE_MS));
	}
	/* They can be searched for as well. */
	screen_keys(screen, "/", "31mC1", "Enter", NULL); /* C1 alone may stand in a cgroup's name */
	expect_cursor_on(screen, world->helpers[6].pid);
	monitor_quit(world);
}

static void ticks_go_on_among_a_thousand_forks_a_second(void **state)
{
	struct world *world = *state;
	char pid[16];
	struct helper *hog = world_helper(world, (const char *[]){ "hog", "--anon", "1", "--adj", "100", NULL });
	struct helper *churn = world_helper(world, (const char *[]){ "churn", "1000", "600", "20", NULL });
	snprintf(pid, sizeof(pid), "%d", (int)hog->pid);
	START(world, "-d", "0.5", "--columns", TABLE_COLUMNS);
	struct screen *screen = world->screen;
	/* All rows, so that those that come and go are drawn, in several orders. */
	static const char *const orders[] = { "N", "R", "t", "M", "P", "K" };
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		screen_keys(screen, orders[i], "End", "PageUp", "Space", "Home", "=", NULL);
		expect_screen(screen, "PID POINTS");
	}
	screen_keys(screen, "\\", pid, "Enter", NULL);
	for (int adj = 101; adj <= 106; adj++) {
		set_adj(hog->pid, adj);
		expect_adj_shown(screen, hog->pid, adj);
	}
	monitor_quit(world);
	/* It was so to the end: closing its input is what ends it, with status 1 for early. */
	assert_true(helper_stop(churn, SCREEN_PATIENCE_MS));
	assert_int_equal(churn->wait_status, 1 << 8);
}

#define IN_NAMESPACE \
	"unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", \
		"mount -t proc -o hidepid=2 proc /proc && setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"", "sh"

static void hidden_processes_are_no_error(void **state)
{
	struct world *world = *state;
	const struct pty_options options = { .home = "/", .working_dir = "/" };
	world->screen = screen_new(&options, (const char *[]){ IN_NAMESPACE, monitor_program(), "-d", "1", NULL });
	struct screen *screen = world->screen;
	assert_non_null(screen);
	expect_screen(screen, "COMMAND");
	/* Init and the shell are root's: the one that is left is the monitor itself. */
	int pids[8];
	int n = 0;
	for (int64_t deadline = pty_now_ms() + SCREEN_PATIENCE_MS; n == 0 && pty_now_ms() < deadline;) {
		screen_settle(screen, SCREEN_SETTLED_MS, SCREEN_PATIENCE_MS);
		n = table_pids(screen, pids, (int)COUNT_OF(pids));
	}
	expect_on_screen(screen, n == 1);
	expect_screen(screen, "oomsight");
	/* It owns that it does not see everybody: the true next victim may be hidden. */
	expect_screen(screen, "NEXT oomsight (");
	expect_screen(screen, " unsure: ");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "of totalpages");
	screen_keys(screen, "q", "v", NULL);
	expect_screen(screen, "MemTotal");
	screen_keys(screen, "q", "S", NULL);
	expect_screen(screen, "vm.panic_on_oom");
	screen_keys(screen, "Enter", "1", NULL);
	expect_screen(screen, "Only root may write vm.panic_on_oom; this run is uid 65534.");
	screen_keys(screen, "Escape", "q", NULL);
	expect_screen(screen, "COMMAND");
	monitor_quit(world);
}

static bool can_hide(void)
{
	return run((const char *[]){ "sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh", IN_NAMESPACE, monitor_program(),
				     "--batch", "-n", "1", NULL }) == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(names_do_not_reach_the_terminal_raw),
		world_test(names_are_shown_in_their_rows),
		world_test(ticks_go_on_among_a_thousand_forks_a_second),
		world_test(hidden_processes_are_no_error),
	};
	bool hides = can_hide();
	if (!hides)
		fputs("# SKIP hidden_processes_are_no_error: no /proc of our own can be mounted here\n", stderr);
	return _cmocka_run_group_tests("tests", tests, COUNT_OF(tests) - (hides ? 0 : 1), NULL, NULL);
}
