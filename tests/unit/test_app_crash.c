/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Crashes of a process of our own that holds a terminal.
 */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "crash.h"
#include "oomsight/tui/theme.h"
#include "pty.h"

/* Deeper than any stack, and not to be made a loop. */
static unsigned fill_the_stack(unsigned depth)
{
	volatile unsigned page[1024];
	page[0] = depth;
	return depth == 0 ? 0 : fill_the_stack(depth - 1) + page[0];
}

static void *crash_by_pointer(void *argument)
{
	raise(SIGSEGV);
	return argument;
}

/* Crash with the terminal held, on a full stack or in another thread. */
static void crash(const struct pty *pty, bool in_thread)
{
	struct theme theme;
	pthread_t thread;
	const struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_STACK, &(struct rlimit){ 1 << 20, 1 << 20 });
	theme_default(&theme);
	dup2(pty->program, STDERR_FILENO);
	struct term *term = term_open_on(pty->program, pty->program, &theme, true, true, NULL);
	if (!term)
		_exit(1);
	crash_guard(term);
	if (in_thread && pthread_create(&thread, NULL, crash_by_pointer, NULL) == 0)
		pthread_join(thread, NULL);
	else
		fill_the_stack(1U << 20);
	_exit(2);
}

static void crash_restores(bool in_thread)
{
	struct pty pty;
	struct termios before, after;
	char shown[65536];
	int status;
	assert_int_equal(pty_open(&pty, 24, 80), 0);
	assert_int_equal(tcgetattr(pty.program, &before), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		crash(&pty, in_thread);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_int_equal(tcgetattr(pty.program, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	long n = pty_read(&pty, shown, sizeof shown - 1);
	assert_true(n > 0);
	shown[n] = '\0';
	assert_non_null(strstr(shown, "oomsight: crashed"));
	pty_close(&pty);
}

static void a_full_stack_gives_the_terminal_back(void **state)
{
	(void)state;
	crash_restores(false);
}

static void a_crash_of_another_thread_gives_the_terminal_back(void **state)
{
	(void)state;
	crash_restores(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_stack_gives_the_terminal_back),
		cmocka_unit_test(a_crash_of_another_thread_gives_the_terminal_back),
	};
	setenv("TERM", "xterm", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
