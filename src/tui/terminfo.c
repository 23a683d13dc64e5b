/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminfo.h"

#include <curses.h>
#include <errno.h>
#include <string.h>
#include <term.h>

int terminfo_check(const char *name, int fd, struct diag *diag)
{
	if (!name || name[0] == '\0') {
		diag_set(diag, NULL, 0,
			 "TERM is not set: set it to the name of your terminal, or use oomsight --batch");
		return -ENOTTY;
	}
	/* newterm() would only say that it failed, initscr() would exit. */
	int found = 0;
	int r = setupterm(name, fd, &found);
	const char *cup = r == OK ? tigetstr("cup") : NULL;
	if (cur_term)
		del_curterm(cur_term);
	if (r == OK && cup && cup != (char *)-1)
		return 0;
	if (r == OK || found == 1)
		diag_set(diag, NULL, 0,
			 "TERM is '%.40s': it cannot move the cursor; use oomsight --batch, or set TERM to the name "
			 "of your terminal",
			 name);
	else if (found == 0)
		diag_set(diag, NULL, 0,
			 "TERM is '%.40s', which the terminal data base does not know; set TERM to a known name such "
			 "as xterm or vt100, install the data base's extra entries (ncurses-term), or use "
			 "oomsight --batch",
			 name);
	else
		diag_set(diag, NULL, 0,
			 "the terminal data base (terminfo) was not found; install ncurses-base, or use "
			 "oomsight --batch");
	return -ENOTTY;
}

/* Append a capability without its padding, "$<" … ">". */
static size_t append(char *dst, size_t size, size_t used, const char *capability)
{
	if (!capability || capability == (char *)-1)
		return used;
	size_t len = used;
	for (const char *p = capability; *p != '\0'; p++) {
		const char *end = p[0] == '$' && p[1] == '<' ? strchr(p, '>') : NULL;
		if (end) {
			p = end;
			continue;
		}
		if (len == size)
			return used;
		dst[len++] = *p;
	}
	return len;
}

size_t terminfo_restore_bytes(char *dst, size_t size)
{
	static const char *const capabilities[] = { "sgr0", "op", "cnorm", "rmkx", "rmcup" };
	size_t used = 0;
	for (size_t i = 0; i < sizeof capabilities / sizeof capabilities[0]; i++)
		used = append(dst, size, used, tigetstr(capabilities[i]));
	return append(dst, size, used, "\r\n");
}
