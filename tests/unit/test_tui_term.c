/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal on a pseudo terminal: modes, sizes, keys, bytes, hang-ups.
 */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "oomsight/tui/term.h"
#include "pty.h"

static struct pty pty;
static struct termios before;
static struct frame frame;
static struct theme theme;
static struct diag diag;

static int setup(void **state)
{
	(void)state;
	unsetenv("ESCDELAY");
	unsetenv("LINES");
	unsetenv("COLUMNS");
	frame_init(&frame);
	theme_default(&theme);
	memset(&diag, 0, sizeof diag);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (pty_open(&pty, 24, 80) < 0 || tcgetattr(pty.program, &before) < 0)
		return -1;
	return frame_resize(&frame, 24, 80);
}

static int teardown(void **state)
{
	(void)state;
	frame_done(&frame);
	pty_close(&pty);
	return 0;
}

static struct term *try_open(const char *name)
{
	if (name)
		setenv("TERM", name, 1);
	else
		unsetenv("TERM");
	return term_open_on(pty.program, pty.program, &theme, false, false, &diag);
}

static struct term *open_term(const char *name)
{
	struct term *term = try_open(name);
	if (!term)
		fail_msg("TERM=%s: %s", name, diag.text);
	return term;
}

static long bytes_written(void)
{
	long n = pty_read(&pty, NULL, 0);
	assert_true(n >= 0);
	return n;
}

static void assert_modes_as_before(void)
{
	struct termios now;
	assert_int_equal(tcgetattr(pty.program, &now), 0);
	assert_int_equal(now.c_iflag, before.c_iflag);
	assert_int_equal(now.c_oflag, before.c_oflag);
	assert_int_equal(now.c_cflag, before.c_cflag);
	assert_int_equal(now.c_lflag, before.c_lflag);
	assert_memory_equal(now.c_cc, before.c_cc, sizeof now.c_cc);
}

static void terminals_that_will_not_do_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *why;
	} cases[] = {
		{ NULL, "TERM is not set" },
		{ "", "TERM is not set" },
		{ "dumb", "TERM is 'dumb': it cannot move the cursor" },
		{ "no-such-terminal", "TERM is 'no-such-terminal', which the terminal data base does not know" },
		{ "../../etc/passwd", "TERM is '../../etc/passwd'" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_null(try_open(cases[i].name));
		assert_non_null(strstr(diag.text, cases[i].why));
		assert_non_null(strstr(diag.text, "--batch"));
		assert_modes_as_before();
	}
	assert_int_equal(bytes_written(), 0);
}

static void what_is_no_terminal_is_refused(void **state)
{
	(void)state;
	int pipe_fds[2];
	setenv("TERM", "xterm", 1);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_null(term_open_on(pipe_fds[0], pty.program, &theme, false, false, &diag));
	assert_non_null(strstr(diag.text, "standard input is not a terminal"));
	assert_null(term_open_on(pty.program, pipe_fds[1], &theme, false, false, &diag));
	assert_non_null(strstr(diag.text, "standard output is not a terminal"));
	assert_null(term_open_on(-1, pty.program, &theme, false, false, NULL));
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_modes_as_before();
}

static void closing_restores_the_modes(void **state)
{
	(void)state;
	struct termios during;
	struct term *term = open_term("xterm");
	assert_int_equal(tcgetattr(pty.program, &during), 0);
	assert_false(during.c_lflag & (ICANON | ECHO));
	assert_true(during.c_lflag & ISIG);
	assert_false(during.c_iflag & IXON);
	assert_int_equal(term_show(term, &frame, false), 0);
	term_close(term);
	assert_modes_as_before();
	term_close(NULL);
}

/* Also where no key must be turned on, which takes the screen elsewhere. */
static void the_screen_is_taken_once_and_left_once(void **state)
{
	(void)state;
	static const struct {
		const char *name, *takes, *leaves;
	} cases[] = {
		{ "xterm", "\033[?1049h", "\033[?1049l" },
		{ "cygwin", "\0337\033[?47h", "\033[?47l\0338" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		static char bytes[65536];
		struct term *term = open_term(cases[i].name);
		assert_int_equal(term_show(term, &frame, true), 0);
		term_close(term);
		long n = pty_read(&pty, bytes, sizeof bytes - 1);
		assert_true(n > 0);
		bytes[n] = '\0';
		const char *taken = strstr(bytes, cases[i].takes), *left = strstr(bytes, cases[i].leaves);
		assert_true(taken && left && taken < left);
		assert_null(strstr(taken + 1, cases[i].takes));
		assert_null(strstr(left + 1, cases[i].leaves));
	}
}

static void signals_are_left_alone(void **state)
{
	(void)state;
	static const int signals[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH, SIGCONT, SIGHUP, SIGQUIT };
	/* Whoever started the tests may have had some ignored, as a shell does in the background. */
	struct sigaction inherited[COUNT_OF(signals)];
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		assert_int_equal(sigaction(signals[i], NULL, &inherited[i]), 0);
	struct term *term = open_term("xterm");
	assert_int_equal(term_show(term, &frame, true), 0);
	term_suspend(term);
	term_resume(term);
	assert_int_equal(term_show(term, &frame, true), 0);
	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		struct sigaction action;
		assert_int_equal(sigaction(signals[i], NULL, &action), 0);
		assert_true(action.sa_handler == inherited[i].sa_handler);
	}
	sigset_t mask;
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	assert_false(sigismember(&mask, SIGTERM));
	term_close(term);
}

static void an_unchanged_frame_sends_nothing(void **state)
{
	(void)state;
	static const char *const names[] = { "xterm-256color", "xterm", "linux", "screen", "vt100" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct term *term = open_term(names[i]);
		frame_clear(&frame);
		pane_str(frame_pane(&frame), 3, 5, ROLE_BAD, "\u6f22 some text");
		for (int cursor = -1; cursor < 5; cursor += 5) {
			frame.cursor_row = (int16_t)cursor;
			frame.cursor_column = (int16_t)cursor;
			assert_int_equal(term_show(term, &frame, false), 0);
			assert_true(bytes_written() > 0);
			assert_int_equal(term_show(term, &frame, false), 0);
			assert_int_equal(bytes_written(), 0);
			uint16_t rows, columns;
			term_size(term, &rows, &columns);
			assert_int_equal(term_show(term, &frame, false), 0);
			assert_int_equal(bytes_written(), 0);
		}
		/* One figure costs its bytes, and some to go there and colour it. */
		pane_str(frame_pane(&frame), 10, 40, ROLE_VALUE, "7");
		assert_int_equal(term_show(term, &frame, false), 0);
		assert_in_range(bytes_written(), 1, 40);
		assert_int_equal(term_show(term, &frame, true), 0);
		assert_true(bytes_written() > 20);
		term_close(term);
	}
}

/* System calls that wrote something, by the kernel's count; -1: it has none. */
static long writes_until_now(void)
{
	FILE *file = fopen("/proc/self/io", "r");
	char line[64];
	long count = -1;
	while (file && fgets(line, sizeof line, file))
		(void)sscanf(line, "syscw: %ld", &count);
	if (file)
		fclose(file);
	return count;
}

static void scattered_changes_are_written_at_once(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	assert_int_equal(term_show(term, &frame, false), 0);
	for (int row = 0; row < 20; row += 2)
		pane_str(frame_pane(&frame), row, row * 3, (enum role)(ROLE_VALUE + row % 4), "7");
	long before_showing = writes_until_now();
	assert_int_equal(term_show(term, &frame, false), 0);
	long after = writes_until_now();
	/* Into memory, from there to the terminal. */
	if (before_showing >= 0)
		assert_int_equal(after - before_showing, 2);
	assert_true(bytes_written() > 10);
	term_close(term);
}

/* Sequences that change the look, in what has been written. */
static unsigned looks_changed(size_t *ret_bytes)
{
	char bytes[1024];
	unsigned count = 0;
	long n = pty_read(&pty, bytes, sizeof bytes);
	assert_in_range(n, 0, sizeof bytes);
	for (long i = 0, start = 0; i < n; i++) {
		if (bytes[i] == '\033')
			start = i;
		else if (bytes[i] == 'm' && start >= 0 && strspn(bytes + start + 1, "[;0123456789") == (size_t)(i - start - 1))
			count++;
	}
	*ret_bytes = (size_t)n;
	return count;
}

static void figures_of_one_look_are_written_together(void **state)
{
	(void)state;
	size_t bytes;
	struct term *term = open_term("xterm-256color");
	struct pane pane = frame_pane(&frame);
	for (int row = 3; row < 9; row++)
		for (int column = 4; column < 70; column += 12) {
			pane_str(pane, row, column, ROLE_LABEL, "label ");
			pane_str(pane, row, column + 6, column % 24 == 4 ? ROLE_VALUE : ROLE_BAD, "1000");
		}
	assert_int_equal(term_show(term, &frame, false), 0);
	(void)bytes_written();
	for (int row = 3; row < 9; row++)
		for (int column = 4; column < 70; column += 12)
			pane_str(pane, row, column + 9, column % 24 == 4 ? ROLE_VALUE : ROLE_BAD, "1");
	assert_int_equal(term_show(term, &frame, false), 0);
	/* On, on and off, not for each of 36 figures. */
	assert_int_equal(looks_changed(&bytes), 3);
	assert_in_range(bytes, 36, 36 * 8 + 30);
	term_close(term);
}

static void the_rest_of_a_row_is_cleared_at_once(void **state)
{
	(void)state;
	size_t bytes;
	struct term *term = open_term("xterm-256color");
	pane_fill(frame_pane(&frame), 3, 10, 70, 'x', ROLE_BAD);
	assert_int_equal(term_show(term, &frame, false), 0);
	(void)bytes_written();
	pane_fill(frame_pane(&frame), 3, 10, 70, ' ', ROLE_VALUE);
	assert_int_equal(term_show(term, &frame, false), 0);
	assert_int_equal(looks_changed(&bytes), 0);
	assert_in_range(bytes, 1, 12);
	term_close(term);
}

static void assert_size(struct term *term, unsigned want_rows, unsigned want_columns)
{
	uint16_t rows = 0, columns = 0;
	term_size(term, &rows, &columns);
	assert_int_equal(rows, want_rows);
	assert_int_equal(columns, want_columns);
}

static void sizes_follow_the_kernel(void **state)
{
	(void)state;
	static const struct {
		unsigned rows, columns, want_rows, want_columns;
	} cases[] = {
		{ 24, 80, 24, 80 },   { 10, 40, 10, 40 },
		{ 1, 1, 1, 1 },       { 65535, 65535, TERM_ROWS_MAX, TERM_COLUMNS_MAX },
		{ 60, 200, 60, 200 },
	};
	/* Shells leave these behind; they are wrong after a resize. */
	setenv("LINES", "7", 1);
	setenv("COLUMNS", "9", 1);
	struct term *term = open_term("xterm");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(pty_resize(&pty, cases[i].rows, cases[i].columns), 0);
		assert_size(term, cases[i].want_rows, cases[i].want_columns);
	}
	term_suspend(term);
	term_resume(term);
	assert_int_equal(term_show(term, &frame, false), 0);
	assert_size(term, 60, 200);
	(void)bytes_written();
	/* A frame of another size than the terminal is cut or leaves it blank. */
	for (uint16_t n = 0; n < 40; n += 13) {
		assert_int_equal(frame_resize(&frame, n, (uint16_t)(n * 5)), 0);
		pane_fill(frame_pane(&frame), 0, 0, 200, 'x', ROLE_BAD);
		assert_int_equal(term_show(term, &frame, false), 0);
		assert_true(bytes_written() >= 0);
	}
	term_close(term);
}

static void a_line_without_a_size_has_the_environments(void **state)
{
	(void)state;
	assert_int_equal(pty_resize(&pty, 0, 0), 0);
	struct term *term = open_term("vt100");
	assert_size(term, 24, 80);
	term_close(term);
	setenv("LINES", "30", 1);
	setenv("COLUMNS", "0", 1);
	term = open_term("vt100");
	assert_size(term, 30, 80);
	term_close(term);
	setenv("LINES", "-30", 1);
	setenv("COLUMNS", "99999999999", 1);
	term = open_term("vt100");
	assert_size(term, 24, 80);
	assert_int_equal(pty_resize(&pty, 50, 132), 0);
	assert_size(term, 50, 132);
	term_close(term);
}

static void a_mad_size_is_bounded_from_the_start(void **state)
{
	(void)state;
	assert_int_equal(pty_resize(&pty, 65535, 65535), 0);
	struct term *term = open_term("xterm");
	assert_size(term, TERM_ROWS_MAX, TERM_COLUMNS_MAX);
	term_close(term);
	/* A description without a size leaves nothing to begin with. */
	term = try_open("linux");
	assert_null(term);
	assert_non_null(strstr(diag.text, "cannot take the terminal 'linux'"));
	assert_modes_as_before();
}

static void colours_and_characters_are_what_the_terminal_can(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int colors;
	} cases[] = { { "xterm-256color", 256 }, { "xterm", 8 }, { "linux", 8 }, { "screen", 8 }, { "vt100", 0 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct term *term = open_term(cases[i].name);
		assert_int_equal(term_colors(term), cases[i].colors);
		assert_true(term_is_utf8(term));
		term_theme(term, &theme, true);
		assert_int_equal(term_colors(term), 0);
		term_close(term);
	}
	setenv("TERM", "xterm", 1);
	struct term *term = term_open_on(pty.program, pty.program, &theme, true, true, &diag);
	assert_non_null(term);
	assert_int_equal(term_colors(term), 0);
	assert_false(term_is_utf8(term));
	term_close(term);
}

static void utf8_is_for_locales_that_speak_it(void **state)
{
	(void)state;
	static const struct {
		const char *all, *ctype, *lang;
		bool utf8;
	} cases[] = {
		{ "C.UTF-8", "C", "C", true },
		{ "xx_XX.UTF-8", NULL, NULL, true }, /* known to no library here, yet the terminal's */
		{ "", "de_DE.utf8@euro", "C", true },
		{ NULL, NULL, "en_IN.UTF-8", true },
		{ NULL, "UTF-8", "C", true },
		{ "C", "C.UTF-8", "C.UTF-8", false },
		{ "POSIX", NULL, NULL, false },
		{ "de_DE.ISO-8859-15@UTF-8", NULL, NULL, false },
		{ "xx_XX", NULL, "C.UTF-8", false }, /* no name of a character set: the library knows no such locale */
		{ "xx_XX.", NULL, NULL, false },
		{ "", "", "", false },
		{ NULL, NULL, NULL, false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *const pairs[][2] = {
			{ "LC_ALL", cases[i].all }, { "LC_CTYPE", cases[i].ctype }, { "LANG", cases[i].lang },
		};
		for (size_t j = 0; j < COUNT_OF(pairs); j++) {
			if (pairs[j][1])
				setenv(pairs[j][0], pairs[j][1], 1);
			else
				unsetenv(pairs[j][0]);
		}
		struct term *term = open_term("xterm");
		assert_int_equal(term_is_utf8(term), cases[i].utf8);
		term_close(term);
	}
}

/* The names of the keys typed, until `want` has come or time is up. */
static void collect_keys(struct term *term, const char *want, char *dst, size_t size)
{
	size_t used = 0;
	dst[0] = '\0';
	for (int waited_ms = 0; waited_ms < 2000; waited_ms += 2) {
		struct key key;
		assert_int_equal(term_key(term, &key), 0);
		if (key.code != KEY_CODE_NONE) {
			char name[KEY_NAME_SIZE];
			used += (size_t)snprintf(dst + used, size - used, "%s ", key_to_name(key, name));
			assert_true(used < size);
			continue;
		}
		if (strcmp(dst, want) == 0)
			return;
		(void)poll(NULL, 0, 2);
	}
}

static void keys_are_read_on_every_terminal(void **state)
{
	(void)state;
	static const char *const names[] = { "xterm-256color", "xterm", "linux", "screen", "vt100" };
	static const struct {
		struct text bytes;
		const char *want;
	} cases[] = {
		{ TEXT("q"), "q " },
		{ TEXT("\r\n\t\177 "), "Enter Enter Tab Backspace Space " },
		{ TEXT("\f\001"), "^L ^A " },
		{ TEXT("\033"), "Escape " },
		{ TEXT("\033OA\033[A\033OB\033[B\033[C\033OD"), "Up Up Down Down Right Left " },
		{ TEXT("\033[5~\033[6~\033[2~\033[3~"), "PageUp PageDown Insert Delete " },
		{ TEXT("\033[1~\033[4~\033[H\033OH\033OF"), "Home End Home Home End " },
		{ TEXT("\033OP\033OQ\033OR\033OS"), "F1 F2 F3 F4 " },
		{ TEXT("\033[15~\033[17~\033[18~\033[19~"), "F5 F6 F7 F8 " },
		{ TEXT("\033[20~\033[21~\033[23~\033[24~"), "F9 F10 F11 F12 " },
		{ TEXT("\033[Z"), "BackTab " },
		{ TEXT("\xc3\xa4\xe6\xbc\xa2"), "\u00e4 \u6f22 " },
		{ TEXT("\xff\xe6" "q"), "q " },
		{ TEXT("\033[1;7Aq"), "q " },
		{ TEXT("\033[99~q"), "q " },
		{ TEXT("\033[<0;1;1Mq"), "q " },
	};
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		struct term *term = open_term(names[n]);
		struct key key = { 'u' };
		assert_int_equal(term_fd(term), pty.program);
		assert_int_equal(term_key(term, &key), 0);
		assert_int_equal(key.code, KEY_CODE_NONE);
		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			char got[256];
			assert_int_equal(pty_type(&pty, cases[i].bytes.ptr, cases[i].bytes.len), 0);
			collect_keys(term, cases[i].want, got, sizeof got);
			if (strcmp(got, cases[i].want) != 0)
				fail_msg("TERM=%s, case %zu: \"%s\", not \"%s\"", names[n], i, got, cases[i].want);
		}
		term_close(term);
	}
}

static void the_linux_console_sends_its_own_function_keys(void **state)
{
	(void)state;
	struct term *term = open_term("linux");
	char got[128];
	const char *want = "F1 F5 ";
	assert_int_equal(pty_type(&pty, "\033[[A\033[[E", 8), 0);
	collect_keys(term, want, got, sizeof got);
	assert_string_equal(got, want);
	term_close(term);
}

static void reading_keys_draws_nothing(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	struct key key;
	pane_fill(frame_pane(&frame), 0, 0, 80, 'x', ROLE_BAD);
	assert_int_equal(term_show(term, &frame, false), 0);
	(void)bytes_written();
	assert_int_equal(pty_type(&pty, "abc", 3), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(term_key(term, &key), 0);
	assert_int_equal(bytes_written(), 0);
	term_close(term);
}

static void a_hang_up_is_noticed_and_survived(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	struct key key = { 'u' };
	assert_int_equal(term_show(term, &frame, false), 0);
	close(pty.person);
	pty.person = -1;
	assert_int_equal(term_key(term, &key), -EIO);
	assert_int_equal(key.code, 'u');
	pane_str(frame_pane(&frame), 0, 0, ROLE_BAD, "x");
	assert_int_equal(term_show(term, &frame, false), -EIO);
	uint16_t rows, columns;
	term_size(term, &rows, &columns);
	term_bell(term);
	term_suspend(term);
	term_resume(term);
	assert_int_equal(term_show(term, &frame, true), -EIO);
	term_close(term);
}

/* As if ^S had been typed on another terminal in front of this one. */
static void stop_output(bool stop)
{
	assert_int_equal(tcflow(pty.program, stop ? TCOOFF : TCOON), 0);
}

static void a_stopped_terminal_holds_nobody_up(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	bool dropped = true;
	assert_int_equal(term_show(term, &frame, false), 0);
	assert_int_equal(term_wait_fd(term), -1);
	assert_true(bytes_written() > 0);
	stop_output(true);
	for (int i = 0; i < 50; i++) {
		pane_printf(frame_pane(&frame), 3, 5, ROLE_VALUE, "%d", i);
		assert_int_equal(term_show(term, &frame, i % 2), 0);
	}
	int fd = term_wait_fd(term);
	assert_true(fd >= 0);
	assert_int_not_equal(fd, pty.program);
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	assert_int_equal(poll(&writable, 1, 0), 0);
	assert_int_equal(term_go_on(term, &dropped), 0);
	assert_false(dropped);
	stop_output(false);
	assert_int_equal(poll(&writable, 1, 10000), 1);
	assert_int_equal(term_go_on(term, &dropped), 0);
	assert_true(dropped);
	assert_int_equal(term_wait_fd(term), -1);
	char bytes[20000];
	long n = pty_read(&pty, bytes, sizeof bytes);
	assert_in_range(n, 1, 8000); /* the one frame, not fifty */
	assert_int_equal(term_show(term, &frame, false), 0);
	n = pty_read(&pty, bytes, sizeof bytes);
	assert_in_range(n, 1, (long)sizeof bytes);
	assert_non_null(memmem(bytes, (size_t)n, "49", 2));
	/* Once dropped is not for ever. */
	assert_int_equal(term_go_on(term, &dropped), 0);
	assert_false(dropped);
	term_close(term);
	assert_modes_as_before();
}

static void the_shells_own_descriptor_still_waits(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	assert_int_equal(fcntl(pty.program, F_GETFL) & O_NONBLOCK, 0);
	term_close(term);
	assert_int_equal(fcntl(pty.program, F_GETFL) & O_NONBLOCK, 0);
}

static void closing_gives_a_stopped_terminal_up(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	assert_int_equal(term_show(term, &frame, false), 0);
	(void)bytes_written();
	stop_output(true);
	assert_int_equal(term_show(term, &frame, true), 0);
	term_close(term); /* after two seconds */
	stop_output(false);
	assert_modes_as_before();
	assert_int_equal(bytes_written(), 0);
}

static void suspended_it_is_the_shells(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	assert_int_equal(term_show(term, &frame, false), 0);
	term_suspend(term);
	term_suspend(term);
	assert_modes_as_before();
	(void)bytes_written();
	pane_str(frame_pane(&frame), 0, 0, ROLE_BAD, "x");
	assert_int_equal(term_show(term, &frame, true), 0);
	term_bell(term);
	assert_int_equal(bytes_written(), 0);
	/* What somebody sets meanwhile is what is given back in the end. */
	before.c_cc[VINTR] = 7;
	assert_int_equal(tcsetattr(pty.program, TCSANOW, &before), 0);
	term_resume(term);
	struct termios during;
	assert_int_equal(tcgetattr(pty.program, &during), 0);
	assert_false(during.c_lflag & (ICANON | ECHO));
	assert_int_equal(term_show(term, &frame, false), 0);
	assert_true(bytes_written() > 0);
	term_resume(term);
	assert_int_equal(term_show(term, &frame, false), 0);
	assert_true(bytes_written() > 0);
	term_close(term);
	assert_modes_as_before();
}

static void closing_while_suspended_leaves_the_shells_modes(void **state)
{
	(void)state;
	struct term *term = open_term("xterm");
	assert_int_equal(term_show(term, &frame, false), 0);
	term_suspend(term);
	before.c_lflag &= ~(tcflag_t)ECHO;
	assert_int_equal(tcsetattr(pty.program, TCSANOW, &before), 0);
	(void)bytes_written();
	term_close(term);
	assert_modes_as_before();
	assert_int_equal(bytes_written(), 0);
}

static void a_rescue_restores_the_modes(void **state)
{
	(void)state;
	static const char *const names[] = { "xterm-256color", "linux", "screen", "vt100", "vt52" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct term_rescue rescue;
		struct term *term = open_term(names[i]);
		term_get_rescue(term, &rescue);
		assert_int_equal(rescue.fd, pty.program);
		assert_in_range(rescue.len, 2, sizeof rescue.bytes);
		assert_null(memchr(rescue.bytes, '$', rescue.len));
		assert_int_equal(tcsetattr(rescue.fd, TCSANOW, &rescue.termios), 0);
		assert_modes_as_before();
		term_close(term);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(terminals_that_will_not_do_are_named),
		TEST(what_is_no_terminal_is_refused),
		TEST(closing_restores_the_modes),
		TEST(the_screen_is_taken_once_and_left_once),
		TEST(signals_are_left_alone),
		TEST(an_unchanged_frame_sends_nothing),
		TEST(scattered_changes_are_written_at_once),
		TEST(figures_of_one_look_are_written_together),
		TEST(the_rest_of_a_row_is_cleared_at_once),
		TEST(sizes_follow_the_kernel),
		TEST(a_line_without_a_size_has_the_environments),
		TEST(a_mad_size_is_bounded_from_the_start),
		TEST(colours_and_characters_are_what_the_terminal_can),
		TEST(utf8_is_for_locales_that_speak_it),
		TEST(keys_are_read_on_every_terminal),
		TEST(the_linux_console_sends_its_own_function_keys),
		TEST(reading_keys_draws_nothing),
		TEST(a_hang_up_is_noticed_and_survived),
		TEST(a_stopped_terminal_holds_nobody_up),
		TEST(the_shells_own_descriptor_still_waits),
		TEST(closing_gives_a_stopped_terminal_up),
		TEST(suspended_it_is_the_shells),
		TEST(closing_while_suspended_leaves_the_shells_modes),
		TEST(a_rescue_restores_the_modes),
	};
	return cmocka_run_group_tests_name("tui/term", tests, NULL, NULL);
}
