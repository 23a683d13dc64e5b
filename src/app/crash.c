/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A signal handler gets no argument of ours: this file holds the program's one
 * piece of mutable static state. The handler has a stack of its own, for the
 * crash that comes of the program's stack being full.
 */
#include "crash.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct term_rescue rescue;
static volatile sig_atomic_t armed;

/* Of the largest frames known (AMX) 11 KiB are taken; SIGSTKSZ is no constant. */
static char own_stack[65536];

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static void on_crash(int number)
{
	if (armed) {
		static const char words[] = "oomsight: crashed; the terminal was restored. Please report it.\n";
		ssize_t n = write(rescue.fd, rescue.bytes, rescue.len);
		tcsetattr(rescue.fd, TCSANOW, &rescue.termios);
		if (n >= 0)
			n = write(STDERR_FILENO, words, sizeof words - 1);
		(void)n; /* there is nobody left to tell */
	}
	raise(number); /* SA_RESETHAND: the default action now */
}

void crash_guard(const struct term *term)
{
	armed = 0;
	if (!term)
		return;
	term_get_rescue(term, &rescue);
	armed = 1;
	/* Without it the handler runs where the crash was, which mostly will do. */
	sigaltstack(&(stack_t){ .ss_sp = own_stack, .ss_size = sizeof own_stack }, NULL);
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND | SA_ONSTACK };
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
		sigaction(fatal[i], &action, NULL);
}
