/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the terminal data base says, apart from term.c because <term.h> makes
 * macros of words such as `columns` and `lines`.
 */
#ifndef OOMSIGHT_TUI_TERMINFO_H
#define OOMSIGHT_TUI_TERMINFO_H

#include <stddef.h>

#include "oomsight/base/diag.h"

/* Can a screen be drawn on the terminal called `name` (NULL: not told)?
 * Returns 0; -ENOTTY with *diag filled when not. */
int terminfo_check(const char *name, int fd, struct diag *diag);

/* The bytes that give the current terminal back: plain attributes, its own
 * colours, the cursor shown, cursor keys and screen as before. Without padding.
 * Returns how many were written; sequences that do not fit are left out. */
size_t terminfo_restore_bytes(char *dst, size_t size);

#endif
