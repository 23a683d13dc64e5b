/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * If we crash, the operator's terminal is given back first.
 */
#ifndef OOMSIGHT_APP_CRASH_H
#define OOMSIGHT_APP_CRASH_H

#include "oomsight/tui/term.h"

/* From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT restore this terminal
 * before they take their default course. Call again after the terminal was
 * taken anew; NULL: no terminal is held any more. */
void crash_guard(const struct term *term);

#endif
