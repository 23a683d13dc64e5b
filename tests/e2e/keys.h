/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys by name, as the bytes a terminal of a given kind sends for them.
 */
#ifndef OOMSIGHT_TESTS_KEYS_H
#define OOMSIGHT_TESTS_KEYS_H

#include <stddef.h>

#define KEYS_MAX 32

/* The bytes of one key in terminal `term` (terminfo's, in application mode:
 * what a program that has sent smkx gets; xterm's where terminfo has none).
 *
 * name: "F1" … "F12", "Up" "Down" "Left" "Right" "Home" "End" "PageUp"
 * "PageDown" "Insert" "Delete" "Enter" "Escape" "Tab" "BackTab" "Backspace"
 * "Space", "^A" … "^_" for Control, otherwise the text itself ("a", "-250").
 * Returns the number of bytes, or 0 if the text is longer than KEYS_MAX. */
size_t keys_bytes(const char *term, const char *name, char dst[KEYS_MAX]);

#endif
