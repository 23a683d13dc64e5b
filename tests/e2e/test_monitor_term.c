/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor and the terminal: every kind of it is served, and however the
 * monitor ends or stops, the shell gets it back as it was.
 */
#include "monitor.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct screen *start(struct world *world, const struct pty_options *options)
{
	monitor_start(world, options, (const char *[]){ "-d", "1", NULL });
	return world->screen;
}

/* Send the signal; the wait status of the end. */
static int end_by(struct world *world, int number)
{
	struct screen *screen = start(world, NULL);
	assert_true(screen_is_alternate(screen));
	assert_false(screen_cursor_is_visible(screen));
	/* In the midst of an edit: nothing is asked, nothing is written. */
	screen_keys(screen, "a", "77", NULL);
	expect_screen(screen, "new 77");
	assert_int_equal(kill(screen_pty(screen)->pid, number), 0);
	expect_on_screen(screen, screen_wait_end(screen, SCREEN_PATIENCE_MS));
	expect_on_screen(screen, screen_is_restored(screen));
	return screen_pty(screen)->wait_status;
}

static void q_gives_the_terminal_back(void **state)
{
	struct world *world = *state;
	start(world, NULL);
	monitor_quit(world);
	start(world, NULL);
	screen_keys(world->screen, "F10", NULL);
	assert_true(screen_wait_end(world->screen, SCREEN_PATIENCE_MS));
	assert_int_equal(screen_pty(world->screen)->wait_status, 0);
	assert_true(screen_is_restored(world->screen));
	start(world, NULL);
	screen_keys(world->screen, "^C", NULL);
	assert_true(screen_wait_end(world->screen, SCREEN_PATIENCE_MS));
	assert_int_equal(screen_pty(world->screen)->wait_status, 0);
	assert_true(screen_is_restored(world->screen));
}

static void sigterm_ends_in_good_order(void **state)
{
	assert_int_equal(end_by(*state, SIGTERM), 0);
}

static void sighup_ends_in_good_order(void **state)
{
	assert_int_equal(end_by(*state, SIGHUP), 0);
}

static void a_crash_gives_the_terminal_back(void **state)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGABRT };
	struct world *world = *state;
	for (size_t i = 0; i < COUNT_OF(fatal); i++) {
		int status = end_by(world, fatal[i]);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), fatal[i]);
		expect_screen(world->screen, "oomsight: crashed; the terminal was restored.");
	}
}

static void a_broken_connection_ends_it(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_hangup(screen);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_true(WIFEXITED(screen_pty(screen)->wait_status));
}

static void a_shell_stops_and_continues_it(void **state)
{
	struct world *world = *state;
	char command[WORLD_PATH + 64];
	const struct pty_options options = { .home = world->dir, .working_dir = world->dir };
	struct screen *screen = world->screen = screen_new(&options, (const char *[]){ "sh", "-i", NULL });
	assert_non_null(screen);
	screen_keys(screen, "PS1='prom''pt>'", "Enter", NULL);
	expect_screen(screen, "prompt>");
	snprintf(command, sizeof(command), "%s -d 1; echo status=$?", monitor_program());
	screen_type(screen, command);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "COMMAND");
	for (int i = 0; i < 2; i++) {
		screen_keys(screen, "^Z", NULL);
		expect_screen(screen, "Stopped");
		expect_on_screen(screen, screen_cursor_is_visible(screen));
		expect_on_screen(screen, !screen_is_alternate(screen));
		/* What the shell does meanwhile is its own affair. */
		screen_keys(screen, "echo back''ground", "Enter", NULL);
		expect_screen(screen, "background");
		screen_keys(screen, "fg", "Enter", NULL);
		expect_screen(screen, "COMMAND");
		expect_on_screen(screen, screen_is_alternate(screen));
	}
	screen_keys(screen, "h", NULL);
	expect_screen(screen, "oomsight help");
	screen_keys(screen, "Escape", "q", NULL);
	expect_screen(screen, "prompt>");
	/* A stopped one can be ended too. */
	snprintf(command, sizeof(command), "%s -d 1", monitor_program());
	screen_type(screen, command);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "COMMAND");
	screen_keys(screen, "^Z", NULL);
	expect_screen(screen, "prompt>");
	screen_keys(screen, "kill %%", "Enter", "fg", "Enter", "wait; echo all''done", "Enter", NULL);
	expect_screen(screen, "alldone");
	screen_keys(screen, "exit", "Enter", NULL);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_true(screen_is_restored(screen));
}

/* There is no shell in its session: a stop would be for ever. */
static void it_does_not_stop_where_nobody_could_continue_it(void **state)
{
	struct world *world = *state;
	struct screen *screen = start(world, NULL);
	screen_keys(screen, "^Z", "h", NULL);
	expect_screen(screen, "oomsight help");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "PID USER");
	monitor_quit(world);
}

/* One line on the terminal, status 1. */
static void assert_refused(struct world *world, const char *const argv[], const struct pty_options *options,
			   const char *says)
{
	size_t length;
	int status;
	char *text = monitor_capture(world, options, argv, &length, &status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_equal(strlen(text), length);
	assert_memory_equal(text, "oomsight: ", 10);
	assert_non_null(strstr(text, says));
	assert_ptr_equal(strchr(text, '\n'), text + length - 1);
	assert_null(strchr(text, '\033'));
	free(text);
}

static void a_terminal_that_cannot_is_told_so(void **state)
{
	struct world *world = *state;
	const char *const plain[] = { monitor_program(), NULL };
	assert_refused(world, plain, &(struct pty_options){ .term = "dumb" }, "TERM is 'dumb'");
	assert_refused(world, plain, &(struct pty_options){ .term = "no-such-terminal" }, "does not know");
	assert_refused(world, plain, &(struct pty_options){ .term = "" }, "TERM is not set");
	assert_refused(world, (const char *[]){ "env", "-u", "TERM", monitor_program(), NULL }, NULL, "TERM is not set");
	assert_refused(world, (const char *[]){ "sh", "-c", "\"$0\" </dev/null", monitor_program(), NULL }, NULL,
		       "standard input is not a terminal");
}

static void every_terminal_is_served(void **state)
{
	static const char *const terms[] = { "vt100", "linux", "screen", "xterm", "xterm-256color" };
	static const char *const locales[] = { "C.UTF-8", "C" };
	struct world *world = *state;
	for (size_t i = 0; i < COUNT_OF(terms) * COUNT_OF(locales); i++) {
		const struct pty_options options = { .term = terms[i / 2], .locale = locales[i % 2] };
		struct screen *screen = start(world, &options);
		expect_screen(screen, "PID USER");
		expect_screen(screen, "NEXT ");
		screen_keys(screen, "a", NULL);
		expect_screen(screen, "oom_score_adj of ");
		screen_keys(screen, "F8", NULL);
		expect_screen(screen, "Esc cancels");
		screen_keys(screen, "Escape", NULL);
		expect_screen_without(screen, "Esc cancels");
		screen_keys(screen, "F1", NULL);
		expect_screen(screen, "oomsight help");
		screen_keys(screen, "PageDown", "End", "Home", "Down", "Escape", NULL);
		expect_screen(screen, "PID USER");
		monitor_quit(world);
	}
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

/* Three ticks, as bytes. */
static char *ticks(struct world *world, const struct pty_options *options, const char *option)
{
	size_t length;
	int status;
	char *bytes = monitor_capture(world, options,
				      (const char *[]){ monitor_program(), "-n", "3", "-d", "0.3", option, NULL },
				      &length, &status);
	assert_int_equal(status, 0);
	assert_int_equal(strlen(bytes), length); /* no NUL among them */
	assert_non_null(strstr(bytes, "COMMAND"));
	return bytes;
}

static void the_c_locale_gets_ascii_only(void **state)
{
	struct world *world = *state;
	char *bytes = ticks(world, &(struct pty_options){ .locale = "C" }, NULL);
	assert_true(is_ascii(bytes));
	free(bytes);
	/* Boxes as well. */
	const struct pty_options options = { .locale = "C" };
	struct screen *screen = start(world, &options);
	screen_keys(screen, "a", NULL);
	expect_screen(screen, "+- oom_score_adj of ");
	expect_on_screen(screen, is_ascii(screen_text(screen)));
	screen_keys(screen, "Escape", NULL);
	monitor_quit(world);

	monitor_start(world, NULL, (const char *[]){ "--ascii", NULL });
	screen_keys(world->screen, "a", NULL);
	expect_screen(world->screen, "+- oom_score_adj of ");
	expect_on_screen(world->screen, is_ascii(screen_text(world->screen)));
	screen_keys(world->screen, "Escape", NULL);
	monitor_quit(world);
}

/* SGR sequences with a colour in them, ECMA-48 30 … 49 and xterm's 90 … 107. */
static int count_colors(const char *bytes)
{
	int count = 0;
	for (const char *p = strstr(bytes, "\033["); p != NULL; p = strstr(p, "\033[")) {
		p += 2;
		size_t length = strspn(p, "0123456789;");
		if (p[length] != 'm')
			continue;
		for (const char *end = p + length; p < end; p++) {
			char *next;
			long number = strtol(p, &next, 10);
			count += next > p && ((number >= 30 && number <= 49) || (number >= 90 && number <= 107));
			p = next;
		}
	}
	return count;
}

static void no_colour_means_none(void **state)
{
	static const char *const terms[] = { "xterm-256color", "xterm", "linux", "screen" };
	struct world *world = *state;
	for (size_t i = 0; i < COUNT_OF(terms); i++) {
		struct pty_options options = { .term = terms[i] };
		char *bytes = ticks(world, &options, NULL);
		assert_true(count_colors(bytes) > 0);
		free(bytes);
		bytes = ticks(world, &options, "--no-color");
		assert_int_equal(count_colors(bytes), 0);
		free(bytes);
		options.env = (const char *[]){ "NO_COLOR=1", NULL };
		bytes = ticks(world, &options, NULL);
		assert_int_equal(count_colors(bytes), 0);
		assert_null(strstr(bytes, "\033]")); /* nor the palette touched */
		free(bytes);
		options.env = (const char *[]){ "NO_COLOR=", NULL };
		bytes = ticks(world, &options, NULL);
		assert_true(count_colors(bytes) > 0);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(q_gives_the_terminal_back),
		world_test(sigterm_ends_in_good_order),
		world_test(sighup_ends_in_good_order),
		world_test(a_crash_gives_the_terminal_back),
		world_test(a_broken_connection_ends_it),
		world_test(a_shell_stops_and_continues_it),
		world_test(it_does_not_stop_where_nobody_could_continue_it),
		world_test(a_terminal_that_cannot_is_told_so),
		world_test(every_terminal_is_served),
		world_test(the_c_locale_gets_ascii_only),
		world_test(no_colour_means_none),
	};
	/* The crashes are wanted; their cores are not. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
