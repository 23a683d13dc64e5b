/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The harness itself, against the shell: what it reports must be so, and what
 * is not so it must not report.
 */
#include "../unit/unit.h"

#include <signal.h>
#include <sys/wait.h>

#include "keys.h"
#include "screen.h"
#include "tame.h"

static struct screen *start_shell(const struct pty_options *options, const char *script)
{
	struct screen *screen = screen_new(options, (const char *[]){ "sh", "-c", script, NULL });
	assert_non_null(screen);
	return screen;
}

static void text_is_found_by_row_and_column(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "printf 'one\\n  two\\033[7mREV\\033[m \\033[31mred\\033[m'; read x");
	expect_screen(screen, "red");
	assert_string_equal(screen_row(screen, 0), "one");
	assert_string_equal(screen_row(screen, 1), "  twoREV red");
	assert_string_equal(screen_row(screen, 2), "");
	assert_string_equal(screen_row(screen, 99), "");
	int col = -1;
	assert_int_equal(screen_find(screen, "REV", 0, &col), 1);
	assert_int_equal(col, 5);
	assert_int_equal(screen_attributes(screen, 1, 4), 0);
	assert_int_equal(screen_attributes(screen, 1, 5), SCREEN_REVERSE);
	assert_int_equal(screen_attributes(screen, 1, 9), SCREEN_FG);
	assert_int_equal(screen_find(screen, "one", 1, NULL), -1);
	assert_ptr_equal(strstr(screen_text(screen), "one\n  twoREV red\n\n"), screen_text(screen));
	screen_free(screen);
}

static void wide_and_combining_characters_stand_in_their_columns(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "printf '\\346\\274\\242x e\\314\\201y'; read x");
	expect_screen(screen, "y");
	assert_string_equal(screen_row(screen, 0), "\346\274\242x e\314\201y");
	int col = -1;
	assert_int_equal(screen_find(screen, "x", 0, &col), 0);
	assert_int_equal(col, 2);
	assert_int_equal(screen_find(screen, "y", 0, &col), 0);
	assert_int_equal(col, 5);
	screen_free(screen);
}

static void what_is_not_there_is_not_found(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "echo here; read x");
	expect_screen(screen, "here");
	assert_false(screen_wait(screen, "elsewhere", 200));
	assert_false(screen_wait_gone(screen, "here", 200));
	screen_free(screen);
}

static void a_wait_outlives_the_text_before(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "echo first; read x; printf '\\033[H\\033[2Jsecond'; read x");
	expect_screen(screen, "first");
	assert_int_equal(screen_keys(screen, "Enter", NULL), 0);
	expect_screen_without(screen, "first");
	expect_screen(screen, "second");
	screen_free(screen);
}

static void a_screen_that_never_settles_is_no_match(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "while :; do printf '\\rmoving'; done");
	assert_false(screen_wait(screen, "moving", 300));
	screen_free(screen);
}

static void environment_is_ours_alone(void **state)
{
	(void)state;
	setenv("OOMSIGHT_LEAK", "leaked", 1);
	const struct pty_options options = {
		.term = "vt100", .locale = "C", .rows = 10, .cols = 40, .home = "/nowhere",
		.env = (const char *[]){ "EXTRA=more", NULL }, .working_dir = "/",
	};
	struct screen *screen =
		start_shell(&options, "echo $TERM,$LC_ALL,$HOME,$EXTRA,$OOMSIGHT_LEAK,; pwd; stty size; echo end; read x");
	expect_screen(screen, "end");
	assert_string_equal(screen_row(screen, 0), "vt100,C,/nowhere,more,,");
	assert_string_equal(screen_row(screen, 1), "/");
	assert_string_equal(screen_row(screen, 2), "10 40");
	screen_free(screen);
}

static void resize_reaches_the_program(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "trap 'stty size' WINCH; echo up; while :; do sleep 0.05; done");
	expect_screen(screen, "up");
	assert_int_equal(screen_resize(screen, 33, 111), 0);
	expect_screen(screen, "33 111");
	int rows, cols;
	screen_size(screen, &rows, &cols);
	assert_int_equal(rows, 33);
	assert_int_equal(cols, 111);
	screen_free(screen);
}

static void the_end_is_told_with_its_status(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "echo bye; exit 7");
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_true(WIFEXITED(screen_pty(screen)->wait_status));
	assert_int_equal(WEXITSTATUS(screen_pty(screen)->wait_status), 7);
	/* What it wrote last is still to be seen. */
	assert_string_equal(screen_row(screen, 0), "bye");
	assert_true(screen_is_restored(screen));
	screen_free(screen);
}

static void a_hangup_reaches_the_program(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "echo up; read x; read x");
	expect_screen(screen, "up");
	screen_hangup(screen);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_true(WIFSIGNALED(screen_pty(screen)->wait_status));
	assert_int_equal(WTERMSIG(screen_pty(screen)->wait_status), SIGHUP);
	screen_free(screen);
}

static void a_program_that_cannot_start_is_an_error(void **state)
{
	(void)state;
	errno = 0;
	assert_null(screen_new(NULL, (const char *[]){ "/no/such/program", NULL }));
	assert_int_equal(errno, ENOENT);
	struct pty_options nowhere = { .working_dir = "/no/such/directory" };
	assert_null(screen_new(&nowhere, (const char *[]){ "sh", "-c", "true", NULL }));
	assert_int_equal(errno, ENOENT);
}

static void what_is_left_behind_is_noticed(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		bool restored;
	} cases[] = {
		{ "true", true },
		{ "printf '\\033[?1049h'", false },
		{ "printf '\\033[?1049h\\033[?1049l'", true },
		{ "printf '\\033[?25l'", false },
		{ "printf '\\033[?25l\\033[?25h'", true },
		{ "printf '\\033[7mleft'", false },
		{ "printf '\\033[?1000h'", false },
		{ "stty -echo", false },
		{ "stty -echo; stty echo", true },
		{ "stty raw", false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct screen *screen = start_shell(NULL, cases[i].script);
		assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
		if (screen_is_restored(screen) != cases[i].restored)
			fail_msg("after: %s", cases[i].script);
		screen_free(screen);
	}
}

static void keys_are_those_of_the_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *term, *name, *bytes;
	} cases[] = {
		{ "xterm-256color", "F7", "\033[18~" },
		{ "xterm-256color", "F1", "\033OP" },
		{ "linux", "F1", "\033[[A" },
		{ "xterm-256color", "Up", "\033OA" },
		{ "linux", "Up", "\033[A" },
		{ "no-such-terminal", "Down", "\033OB" },
		{ "vt100", "Enter", "\r" },
		{ "vt100", "Escape", "\033" },
		{ "vt100", "^L", "\014" },
		{ "vt100", "^", "^" },
		{ "vt100", "-250", "-250" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char bytes[KEYS_MAX];
		size_t length = keys_bytes(cases[i].term, cases[i].name, bytes);
		assert_int_equal(length, strlen(cases[i].bytes));
		assert_memory_equal(bytes, cases[i].bytes, length);
	}
	char bytes[KEYS_MAX];
	assert_int_equal(keys_bytes("vt100", "longer than any key that a test would type", bytes), 0);
}

static void bursts_are_counted_apart(void **state)
{
	(void)state;
	struct screen *screen = start_shell(NULL, "stty -echo; echo up; while read x; do printf 12345; done");
	expect_screen(screen, "up");
	uint64_t before = screen_pty(screen)->bytes;
	assert_int_equal(screen_burst(screen, 80, 100), 0);
	screen_keys(screen, "Enter", NULL);
	assert_int_equal(screen_burst(screen, 80, SCREEN_PATIENCE_MS), 5);
	screen_keys(screen, "Enter", "Enter", NULL);
	assert_int_equal(screen_burst(screen, 200, SCREEN_PATIENCE_MS), 10);
	assert_int_equal(screen_pty(screen)->bytes - before, 15);
	screen_free(screen);
}

static void collect(const char *bytes, size_t length, void *context)
{
	char *to = context;
	strncat(to, bytes, length);
}

static void repeats_and_palettes_are_tamed(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "-\033[4bx", "-----x" },
		{ "\342\224\200\033[2b", "\342\224\200\342\224\200\342\224\200" },
		{ "\033[3b", "" },
		{ "a\033[b", "aa" },
		{ "a\033[0;1mb\033[?25l\033[5B", "a\033[0;1mb\033[?25l\033[5B" },
		{ "a\033]Rb\033]P0a1b2c3c", "abc" },
		{ "\033]0;title\007z", "\033]0;title\007z" },
		{ "\033[?25l\0337\033[?25h\0338\033[?1049l",
		  "\033[?25l\0337\033[?25h\0338\033[?25h\033[?1049l\033[?25h" },
		{ "\033(0q\033[2b\033(B", "\033(0qqq\033(B" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		/* Whole, and one byte at a time. */
		for (size_t piece = 1; piece <= 64; piece += 63) {
			char out[256] = "";
			struct tame tame;
			tame_init(&tame, collect, out);
			size_t length = strlen(cases[i].in);
			for (size_t at = 0; at < length; at += piece)
				tame_feed(&tame, cases[i].in + at, piece < length - at ? piece : length - at);
			assert_string_equal(out, cases[i].out);
		}
	}
}

static void a_full_screen_program_is_seen_in_every_terminal(void **state)
{
	(void)state;
	static const char *const terms[] = { "xterm-256color", "xterm", "linux", "screen", "vt100" };
	for (size_t i = 0; i < COUNT_OF(terms); i++) {
		const struct pty_options options = { .term = terms[i], .rows = 24, .cols = 80 };
		struct screen *screen = screen_new(&options, (const char *[]){ "top", "-d", "1", NULL });
		assert_non_null(screen);
		expect_screen(screen, "PID USER");
		expect_screen(screen, "MiB Mem");
		screen_keys(screen, "h", NULL);
		expect_screen(screen, "Help for Interactive Commands");
		screen_keys(screen, "Escape", NULL);
		expect_screen(screen, "PID USER");
		screen_keys(screen, "q", NULL);
		assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
		assert_int_equal(screen_pty(screen)->wait_status, 0);
		assert_true(screen_is_restored(screen));
		screen_free(screen);
	}
}

static void job_control_works_below_a_shell(void **state)
{
	(void)state;
	struct screen *screen = screen_new(NULL, (const char *[]){ "bash", "--norc", "-i", NULL });
	assert_non_null(screen);
	screen_keys(screen, "PS1='prompt>'", "Enter", NULL);
	expect_screen(screen, "prompt>");
	screen_keys(screen, "top -d 1", "Enter", NULL);
	expect_screen(screen, "PID USER");
	screen_keys(screen, "^Z", NULL);
	expect_screen(screen, "Stopped");
	assert_true(screen_cursor_is_visible(screen));
	screen_keys(screen, "fg", "Enter", NULL);
	expect_screen(screen, "PID USER");
	screen_keys(screen, "q", NULL);
	expect_screen(screen, "prompt>");
	screen_keys(screen, "exit", "Enter", NULL);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_true(screen_is_restored(screen));
	screen_free(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_found_by_row_and_column),
		cmocka_unit_test(wide_and_combining_characters_stand_in_their_columns),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(a_wait_outlives_the_text_before),
		cmocka_unit_test(a_screen_that_never_settles_is_no_match),
		cmocka_unit_test(environment_is_ours_alone),
		cmocka_unit_test(resize_reaches_the_program),
		cmocka_unit_test(the_end_is_told_with_its_status),
		cmocka_unit_test(a_hangup_reaches_the_program),
		cmocka_unit_test(a_program_that_cannot_start_is_an_error),
		cmocka_unit_test(what_is_left_behind_is_noticed),
		cmocka_unit_test(keys_are_those_of_the_terminal),
		cmocka_unit_test(bursts_are_counted_apart),
		cmocka_unit_test(repeats_and_palettes_are_tamed),
		cmocka_unit_test(a_full_screen_program_is_seen_in_every_terminal),
		cmocka_unit_test(job_control_works_below_a_shell),
	};
	const size_t need_top = 2; /* the last ones */
	bool have_top = system("command -v top >/dev/null && command -v bash >/dev/null") == 0;
	if (!have_top)
		fputs("# without top and bash the last two tests are left out\n", stderr);
	return _cmocka_run_group_tests("tests", tests, COUNT_OF(tests) - (have_top ? 0 : need_top), NULL, NULL);
}
