/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor behind a terminal that nobody reads from: a dead connection, a
 * window whose scrolling is held. It goes on sampling and keeps no heap of what
 * it could not show; when the terminal reads again, the screen is whole.
 */
#include "../unit/unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "screen.h"

#define FROZEN_MS 4000

/* On a tree of files: its processes do not multiply while memory is watched. */
static struct screen *start_monitor(void)
{
	const char *builddir = getenv("builddir"), *srcdir = getenv("srcdir");
	char program[4096], root[4096];
	snprintf(program, sizeof program, "%s/oomsight", builddir ? builddir : ".");
	snprintf(root, sizeof root, "%s/tests/fixtures/small-host", srcdir ? srcdir : ".");
	const struct pty_options options = { .rows = 50, .cols = 160 };
	struct screen *screen =
		screen_new(&options, (const char *[]){ program, "--root", root, "-d", "0.2", "--readonly", NULL });
	assert_non_null(screen);
	expect_screen(screen, "PID USER");
	return screen;
}

/* A figure of /proc/PID/`file`: the number after `key`. */
static long figure_of(const struct screen *screen, const char *file, const char *key)
{
	char path[64], line[256];
	long value = -1;
	snprintf(path, sizeof path, "/proc/%d/%s", (int)screen_pty(screen)->pid, file);
	FILE *stream = fopen(path, "r");
	assert_non_null(stream);
	while (value < 0 && fgets(line, sizeof line, stream)) {
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	}
	fclose(stream);
	assert_true(value >= 0);
	return value;
}

/* What has been read grows by every tick: wait for it. False: it stood still. */
static bool ticks_go_on(const struct screen *screen)
{
	long before = figure_of(screen, "io", "rchar:");
	int64_t deadline = pty_now_ms() + SCREEN_PATIENCE_MS;
	while (pty_now_ms() < deadline) {
		if (figure_of(screen, "io", "rchar:") > before + 2000)
			return true;
		(void)poll(NULL, 0, 20);
	}
	return false;
}

/* Not a byte is read from here on until the screen is asked for again. The
 * terminal's buffers are soon full of whole screens. */
static void freeze(struct screen *screen)
{
	for (int i = 0; i < 40; i++) {
		assert_int_equal(screen_keys(screen, "^L", NULL), 0);
		(void)poll(NULL, 0, 20);
	}
}

static void a_frozen_terminal_does_not_stop_the_ticks(void **state)
{
	(void)state;
	struct screen *screen = start_monitor();
	assert_true(ticks_go_on(screen));
	freeze(screen);
	long memory = figure_of(screen, "status", "VmRSS:");
	long written = figure_of(screen, "io", "syscw:");
	for (int64_t end = pty_now_ms() + FROZEN_MS; pty_now_ms() < end;)
		assert_true(ticks_go_on(screen));
	/* It waits for the terminal; it does not try again and again. */
	assert_in_range(figure_of(screen, "io", "syscw:") - written, 0, 200);
	assert_in_range(figure_of(screen, "status", "VmRSS:"), 0, memory + 512);
	/* Keys are taken, and the screen they led to is what is shown at last. */
	assert_int_equal(screen_keys(screen, "h", NULL), 0);
	(void)poll(NULL, 0, 300);
	expect_screen(screen, "oomsight help");
	assert_int_equal(screen_keys(screen, "Escape", NULL), 0);
	expect_screen(screen, "PID USER");
	assert_int_equal(screen_keys(screen, "q", NULL), 0);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_int_equal(screen_pty(screen)->wait_status, 0);
	assert_true(screen_is_restored(screen));
	screen_free(screen);
}

static void one_that_stays_frozen_does_not_keep_it_from_ending(void **state)
{
	(void)state;
	struct screen *screen = start_monitor();
	freeze(screen);
	assert_int_equal(screen_keys(screen, "q", NULL), 0);
	/* Looked at without reading, unlike screen_wait_end(), and left to it. */
	siginfo_t info = { 0 };
	for (int64_t end = pty_now_ms() + SCREEN_PATIENCE_MS; info.si_pid == 0 && pty_now_ms() < end;) {
		assert_int_equal(waitid(P_PID, (id_t)screen_pty(screen)->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
		(void)poll(NULL, 0, 20);
	}
	assert_int_equal(info.si_code, CLD_EXITED);
	assert_int_equal(info.si_status, 0);
	screen_free(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frozen_terminal_does_not_stop_the_ticks),
		cmocka_unit_test(one_that_stays_frozen_does_not_keep_it_from_ending),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
