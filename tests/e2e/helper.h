/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Starts a program of tests/helpers, waits until it is ready, and ends it.
 */
#ifndef OOMSIGHT_TESTS_HELPER_H
#define OOMSIGHT_TESTS_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

struct helper {
	pid_t pid;
	pid_t child; /* the process it made, where it says so; else 0 */
	int input;   /* its standard input: closing it ends most of them */
	int output;
	int wait_status; /* once stopped */
};

/* Start argv ("hog" is looked for in $builddir/tests/helpers, else in
 * tests/helpers) and wait up to timeout_ms for its line "ready".
 * Returns 0 or -errno: -ETIMEDOUT, or -EPROTO when it ended without. */
int helper_start(struct helper *helper, const char *const argv[], int timeout_ms);

/* Close its input, and if it has not ended after timeout_ms kill it.
 * True when it ended by itself. Safe on a zeroed struct and to call twice. */
bool helper_stop(struct helper *helper, int timeout_ms);

#endif
