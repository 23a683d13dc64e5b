/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A pseudo terminal for tests: the program's side, and what a person at the
 * other side sees and types.
 */
#ifndef OOMSIGHT_TESTS_UNIT_PTY_H
#define OOMSIGHT_TESTS_UNIT_PTY_H

#include <stdbool.h>
#include <stddef.h>

struct pty {
	int person;  /* reads what is shown, writes what is typed */
	int program; /* a terminal */
};

/* Returns 0 or -errno. It becomes nobody's controlling terminal. */
int pty_open(struct pty *pty, unsigned rows, unsigned columns);
void pty_close(struct pty *pty);
int pty_resize(const struct pty *pty, unsigned rows, unsigned columns);

/* All that the program has written until now. Returns the bytes, of which at
 * most `size` are kept; -ETIMEDOUT when they do not come within seconds. */
long pty_read(const struct pty *pty, char *dst, size_t size);

/* Type, and wait until it can be read on the program's side. */
int pty_type(const struct pty *pty, const char *bytes, size_t len);

#endif
