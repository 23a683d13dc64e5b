/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The main job on this very host: who dies next is on top, its oom_score_adj
 * is edited with the consequence shown first, written, and taken back; a signal
 * ends it. All on processes of our own.
 *
 * Two of them are looked at: the hog, adj 1000, which makes it the kernel's
 * first choice, and its rival, adj 500. What is between them is of no matter.
 */
#include "monitor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOG_ADJ 1000
#define RIVAL_ADJ 500

/* Twice the biggest process, so that it leads among others of adj 1000 too. */
static unsigned hog_mib(void)
{
	FILE *ps = popen("ps -eo rss= | sort -n | tail -n 1", "r");
	unsigned long biggest_kib = 0;
	if (ps == NULL || fscanf(ps, "%lu", &biggest_kib) != 1)
		biggest_kib = 0;
	if (ps != NULL)
		pclose(ps);
	unsigned long mib = biggest_kib * 2 / 1024;
	/* … as far as it fits without coming near what it is to show. */
	unsigned long spare = (unsigned long)sysconf(_SC_AVPHYS_PAGES) / 2 * (unsigned long)sysconf(_SC_PAGESIZE) >> 20;
	mib = mib < 400 ? 400 : mib;
	return (unsigned)(mib < spare ? mib : spare);
}

struct pair {
	struct helper *hog, *rival;
	char hog_name[32];
	char pids[48]; /* of both, for --pid */
};

static struct pair start_pair(struct world *world, unsigned mib)
{
	struct pair pair;
	char size[16];
	snprintf(size, sizeof(size), "%u", mib);
	pair.hog = world_helper(world, (const char *[]){ "hog", "--anon", size, "--adj", "1000", "--comm", "e2e-hog", NULL });
	pair.rival = world_helper(world, (const char *[]){ "hog", "--anon", "16", "--adj", "500", "--comm", "e2e-rival", NULL });
	snprintf(pair.hog_name, sizeof(pair.hog_name), "e2e-hog (%d)", (int)pair.hog->pid);
	snprintf(pair.pids, sizeof(pair.pids), "%d,%d", (int)pair.hog->pid, (int)pair.rival->pid);
	return pair;
}

/* Both in a table of their own, the hog above and under the cursor. */
static struct pair start_monitor_on_pair(struct world *world, const char *delay)
{
	struct pair pair = start_pair(world, 16);
	START(world, "-d", delay, "-p", pair.pids, "--columns", TABLE_COLUMNS);
	expect_above(world->screen, pair.hog->pid, pair.rival->pid);
	expect_cursor_on(world->screen, pair.hog->pid);
	return pair;
}

/* On one host only one can be the first: another run of these tests waits its
 * turn. Closing the descriptor gives it up; without it the test goes on as well. */
static int take_turn(void)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t deadline = pty_now_ms() + 2 * SCREEN_PATIENCE_MS;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0 && pty_now_ms() < deadline)
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	return fd;
}

static void the_hog_is_ranked_first_and_named(void **state)
{
	struct world *world = *state;
	int turn = take_turn();
	struct pair pair = start_pair(world, hog_mib());
	START(world, "-d", "1", "--columns", TABLE_COLUMNS);
	EXPECT_PIDS(world->screen, pair.hog->pid);
	char verdict[64];
	struct table_row row;
	snprintf(verdict, sizeof(verdict), "NEXT e2e-hog (%d)", (int)pair.hog->pid);
	expect_screen(world->screen, verdict);
	expect_on_screen(world->screen, table_find(world->screen, pair.hog->pid, &row));
	assert_string_equal(row.rank, "1");
	assert_int_equal(row.sign, '!');
	assert_int_equal(row.adj, HOG_ADJ);
	assert_string_equal(row.command, "e2e-hog");
	expect_screen(world->screen, "model agrees");
	monitor_quit(world);
	helper_stop(pair.hog, SCREEN_PATIENCE_MS);
	close(turn);
}

static void the_preview_ranks_anew_and_writes_nothing(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "1");
	struct screen *screen = world->screen;
	char text[128];
	struct table_row row;

	screen_keys(screen, "a", NULL);
	snprintf(text, sizeof(text), "oom_score_adj of %s", pair.hog_name);
	expect_screen(screen, text);
	expect_screen(screen, "now 1000 (oom_adj 15)   new 1000");

	screen_keys(screen, "-250", NULL);
	expect_screen(screen, "new -250");
	expect_above(screen, pair.rival->pid, pair.hog->pid);
	expect_adj_shown(screen, pair.hog->pid, -250);
	expect_cursor_on(screen, pair.hog->pid);
	expect_screen(screen, "points ");
	expect_screen(screen, "   rank ");
	expect_screen(screen, "next victim: ");
	expect_on_screen(screen, table_find(screen, pair.hog->pid, &row));
	assert_int_equal(row.points[0], '-');
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);

	/* It stays a preview while ticks go by. */
	set_adj(pair.rival->pid, RIVAL_ADJ + 7);
	expect_adj_shown(screen, pair.rival->pid, RIVAL_ADJ + 7);
	expect_adj_shown(screen, pair.hog->pid, -250);
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);

	screen_keys(screen, "Escape", NULL);
	expect_screen_without(screen, text);
	expect_above(screen, pair.hog->pid, pair.rival->pid);
	expect_adj_shown(screen, pair.hog->pid, HOG_ADJ);
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	monitor_quit(world);
}

static void an_adj_goes_down_and_up_and_back(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "1");
	struct screen *screen = world->screen;

	screen_keys(screen, "a", "100", NULL);
	expect_screen(screen, "new 100");
	expect_above(screen, pair.rival->pid, pair.hog->pid);
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "1000 -> 100, the kernel now says 100.");
	assert_int_equal(adj_of(pair.hog->pid), 100);
	expect_above(screen, pair.rival->pid, pair.hog->pid);
	expect_adj_shown(screen, pair.hog->pid, 100);

	/* Up, by the steps of the keys: F8 opens 10 higher, PageUp adds 100. */
	expect_cursor_on(screen, pair.hog->pid);
	screen_keys(screen, "F8", NULL);
	expect_screen(screen, "new 110");
	screen_keys(screen, "PageUp", "PageUp", "PageUp", "PageUp", "PageUp", "Up", NULL);
	expect_screen(screen, "new 611");
	expect_above(screen, pair.hog->pid, pair.rival->pid);
	assert_int_equal(adj_of(pair.hog->pid), 100);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "100 -> 611, the kernel now says 611.");
	assert_int_equal(adj_of(pair.hog->pid), 611);
	expect_above(screen, pair.hog->pid, pair.rival->pid);

	/* Each undo takes back one edit. */
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "611 -> 100, the kernel now says 100.");
	assert_int_equal(adj_of(pair.hog->pid), 100);
	expect_above(screen, pair.rival->pid, pair.hog->pid);
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "100 -> 1000, the kernel now says 1000.");
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	expect_above(screen, pair.hog->pid, pair.rival->pid);
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "Nothing to undo");
	monitor_quit(world);
}

static void tagged_rows_are_edited_and_undone_in_one_go(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "1");
	struct screen *screen = world->screen;
	screen_keys(screen, "Space", "Space", NULL);
	expect_screen(screen, "2 tagged");
	screen_keys(screen, "a", "321", NULL);
	expect_screen(screen, "oom_score_adj of 2: e2e-");
	expect_adj_shown(screen, pair.hog->pid, 321);
	expect_adj_shown(screen, pair.rival->pid, 321);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "2 of 2 done");
	assert_int_equal(adj_of(pair.hog->pid), 321);
	assert_int_equal(adj_of(pair.rival->pid), 321);
	screen_keys(screen, "U", NULL);
	expect_adj_shown(screen, pair.hog->pid, HOG_ADJ);
	expect_adj_shown(screen, pair.rival->pid, RIVAL_ADJ);
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	assert_int_equal(adj_of(pair.rival->pid), RIVAL_ADJ);
	monitor_quit(world);
}

static void what_is_no_adj_is_refused(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "1");
	struct screen *screen = world->screen;
	static const struct {
		const char *typed, *said;
	} cases[] = {
		{ "1001", "oom_score_adj takes -1000 to 1000; 1001 is outside." },
		{ "-1001", "oom_score_adj takes -1000 to 1000; -1001 is outside." },
		{ "-", "Type a whole number from -1000" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		screen_keys(screen, "a", cases[i].typed, NULL);
		expect_screen(screen, cases[i].said);
		screen_keys(screen, "Enter", NULL);
		expect_screen(screen, cases[i].said);
		screen_keys(screen, "Escape", NULL);
		expect_screen_without(screen, "Esc cancels");
		assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	}
	monitor_quit(world);
}

static void lowering_below_the_floor_is_explained(void **state)
{
	struct world *world = *state;
	bool allowed = kernel_allows_adj(-999);
	/* Files do not tell the floor: it is the kernel that refuses. */
	struct pair pair = start_pair(world, 16);
	START(world, "--source", "proc", "-d", "1", "-p", pair.pids, "--columns", TABLE_COLUMNS);
	struct screen *screen = world->screen;
	expect_above(screen, pair.hog->pid, pair.rival->pid);
	expect_cursor_on(screen, pair.hog->pid);
	screen_keys(screen, "a", "-999", "Enter", NULL);
	if (allowed) {
		expect_screen(screen, "1000 -> -999, the kernel now says -999.");
		assert_int_equal(adj_of(pair.hog->pid), -999);
	} else {
		expect_screen(screen, "The kernel refused -999 for e2e-hog");
		expect_screen(screen, "CAP_SYS_RESOURCE");
		expect_adj_shown(screen, pair.hog->pid, HOG_ADJ);
		assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
		screen_keys(screen, "U", NULL);
		expect_screen(screen, "Nothing to undo");
	}
	monitor_quit(world);
}

static void nothing_is_written_to_who_has_gone(void **state)
{
	struct world *world = *state;
	/* The monitor's sample is an old one: it cannot know. */
	struct pair pair = start_monitor_on_pair(world, "3600");
	struct screen *screen = world->screen;
	screen_keys(screen, "a", "600", NULL);
	expect_screen(screen, "new 600");
	pid_t gone = pair.hog->pid;
	world_kill(pair.hog);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "has ended: nothing was written.");
	expect_no_row(screen, gone);
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "Nothing to undo");
	assert_int_equal(adj_of(pair.rival->pid), RIVAL_ADJ);
	monitor_quit(world);
}

static void the_dialog_sees_that_its_process_has_gone(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "1");
	struct screen *screen = world->screen;
	screen_keys(screen, "a", "600", NULL);
	expect_screen(screen, "new 600");
	world_kill(pair.hog);
	expect_screen(screen, "The process has gone; nothing can be written.");
	/* The keys of the dialog have nobody to act on; the cursor has moved to the rival. */
	screen_keys(screen, "Up", "7", "Enter", NULL);
	expect_screen(screen, "The process has gone; nothing can be written.");
	screen_keys(screen, "Escape", NULL);
	expect_screen_without(screen, "The process has gone");
	expect_cursor_on(screen, pair.rival->pid);
	assert_int_equal(adj_of(pair.rival->pid), RIVAL_ADJ);
	monitor_quit(world);
}

static void a_row_under_the_cursor_may_vanish(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "1");
	pid_t gone = pair.hog->pid;
	world_kill(pair.hog);
	expect_no_row(world->screen, gone);
	expect_cursor_on(world->screen, pair.rival->pid);
	monitor_quit(world);
}

static bool is_alive(const struct helper *helper)
{
	siginfo_t info = { 0 };
	return waitid(P_PID, (id_t)helper->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static void a_signal_is_sent_when_confirmed(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "1");
	struct screen *screen = world->screen;
	char question[64];
	snprintf(question, sizeof(question), "Send SIGTERM to e2e-hog (%d)? y/n", (int)pair.hog->pid);

	screen_keys(screen, "k", NULL);
	expect_screen(screen, "15 SIGTERM");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, question);
	screen_keys(screen, "n", NULL);
	expect_screen(screen, "No signal was sent.");
	assert_true(is_alive(pair.hog));

	screen_keys(screen, "F9", "Enter", NULL);
	expect_screen(screen, question);
	screen_keys(screen, "y", NULL);
	expect_screen(screen, "was sent to e2e-hog");
	pid_t gone = pair.hog->pid;
	assert_true(helper_stop(pair.hog, SCREEN_PATIENCE_MS));
	assert_true(WIFSIGNALED(pair.hog->wait_status));
	assert_int_equal(WTERMSIG(pair.hog->wait_status), SIGTERM);
	expect_no_row(screen, gone);
	expect_cursor_on(screen, pair.rival->pid);
	monitor_quit(world);
}

static void no_signal_is_sent_to_who_has_gone(void **state)
{
	struct world *world = *state;
	struct pair pair = start_monitor_on_pair(world, "3600");
	struct screen *screen = world->screen;
	screen_keys(screen, "k", "Enter", NULL);
	expect_screen(screen, "? y/n");
	world_kill(pair.hog);
	screen_keys(screen, "y", NULL);
	expect_screen(screen, "has ended");
	assert_true(is_alive(pair.rival));
	monitor_quit(world);
}

static void readonly_reaches_processes_too(void **state)
{
	struct world *world = *state;
	struct pair pair = start_pair(world, 16);
	START(world, "-d", "1", "--readonly", "-p", pair.pids, "--columns", TABLE_COLUMNS);
	struct screen *screen = world->screen;
	expect_cursor_on(screen, pair.hog->pid);
	expect_screen(screen, "READ-ONLY");
	screen_keys(screen, "a", "100", "Enter", NULL);
	expect_screen(screen, "This run is read-only");
	screen_keys(screen, "Escape", "k", "Enter", NULL);
	expect_screen(screen, "no signal is sent.");
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	assert_true(is_alive(pair.hog));
	monitor_quit(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(the_hog_is_ranked_first_and_named),
		world_test(the_preview_ranks_anew_and_writes_nothing),
		world_test(an_adj_goes_down_and_up_and_back),
		world_test(tagged_rows_are_edited_and_undone_in_one_go),
		world_test(what_is_no_adj_is_refused),
		world_test(lowering_below_the_floor_is_explained),
		world_test(nothing_is_written_to_who_has_gone),
		world_test(the_dialog_sees_that_its_process_has_gone),
		world_test(a_row_under_the_cursor_may_vanish),
		world_test(a_signal_is_sent_when_confirmed),
		world_test(no_signal_is_sent_to_who_has_gone),
		world_test(readonly_reaches_processes_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
