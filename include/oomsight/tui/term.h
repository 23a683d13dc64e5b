/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal: the only file that talks to ncursesw, behind a struct of
 * operations so that a test can be a terminal too.
 */
#ifndef OOMSIGHT_TUI_TERM_H
#define OOMSIGHT_TUI_TERM_H

#include <stdbool.h>

#include "oomsight/base/diag.h"
#include "oomsight/tui/frame.h"
#include "oomsight/tui/key.h"
#include "oomsight/tui/theme.h"

struct term;

/* Take the controlling terminal on fds 0/1: raw keys, alternate screen.
 * setlocale() must have been called. NULL with *diag filled when stdout or
 * stdin is no terminal, TERM is unset, unknown or too dumb (says so, and that
 * --batch works without). */
struct term *term_open(const struct theme *theme, bool no_color, bool ascii, struct diag *diag);

/* Give the terminal back as it was. Also safe after a failed write. NULL is fine. */
void term_close(struct term *term);

/* Size in cells, after taking notice of a resize. */
void term_size(struct term *term, uint16_t *ret_rows, uint16_t *ret_columns);

/* Show the frame: only what differs from the last one is sent. redraw: send
 * everything. Returns 0 or -errno when the terminal is gone. */
int term_show(struct term *term, const struct frame *frame, bool redraw);

/* The next key that has been typed, KEY_NONE when there is none; never waits.
 * -errno (negative) when the terminal is gone (hang-up, end of file). */
int term_key(struct term *term, struct key *ret_key);

/* A descriptor to poll for keys. */
int term_fd(const struct term *term);

/* Change looks while running. */
void term_theme(struct term *term, const struct theme *theme, bool no_color);

/* Is the terminal able to show UTF-8, and how many colours has it? */
bool term_is_utf8(const struct term *term);
int term_colors(const struct term *term);

/* Before SIGSTOP (give the terminal back), and after SIGCONT. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

void term_bell(struct term *term);

#endif
