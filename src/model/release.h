/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kernel releases as numbers, for the rules that no behaviour shows.
 */
#ifndef OOMSIGHT_MODEL_RELEASE_H
#define OOMSIGHT_MODEL_RELEASE_H

#include <stdbool.h>

struct release {
	unsigned major;
	unsigned minor;
	unsigned patch; /* 0 when the text has only two numbers */
};

/* "2.6.32-754.el6" → 2, 6, 32. Two numbers are needed, the third may lack.
 * Returns 0 or -EINVAL. */
int release_numbers(const char *text, struct release *ret_release);

/* Is it this release or a later one? */
bool release_from(const struct release *release, unsigned major, unsigned minor, unsigned patch);

#endif
