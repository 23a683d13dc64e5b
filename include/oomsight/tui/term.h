/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal: the only file that talks to ncursesw, behind a struct of
 * operations so that a test can be a terminal too.
 */
#ifndef OOMSIGHT_TUI_TERM_H
#define OOMSIGHT_TUI_TERM_H

#include <stdbool.h>
#include <termios.h>

#include "oomsight/base/diag.h"
#include "oomsight/tui/frame.h"
#include "oomsight/tui/key.h"
#include "oomsight/tui/theme.h"

struct term;

/* Take the controlling terminal on fds 0/1: keys without line editing or echo
 * (^C, ^\ and ^Z stay signals; ^S and ^Q do not stop the output), alternate
 * screen. No signal's disposition is changed: the caller handles SIGWINCH
 * (call term_size), SIGTSTP and SIGCONT (term_suspend, term_resume) and those
 * that end it (term_close), best from before this call: curses ignores SIGTSTP
 * while it draws where it found it unhandled.
 * theme: when colours cannot or shall not be shown and it uses any, the mono
 * theme stands in. ascii: never show anything but ASCII.
 * NULL with *diag filled when stdout or stdin is no terminal, TERM is unset,
 * unknown or too dumb (says so, and that --batch works without). */
struct term *term_open(const struct theme *theme, bool no_color, bool ascii, struct diag *diag);

/* The same on other descriptors; they stay the caller's. */
struct term *term_open_on(int in_fd, int out_fd, const struct theme *theme, bool no_color, bool ascii,
			  struct diag *diag);

/* Give the terminal back as it was. Also safe after a failed write. NULL is fine. */
void term_close(struct term *term);

/* Size in cells, after taking notice of a resize. Asked of the kernel; where it
 * does not know (a serial line), LINES and COLUMNS of the environment, or what
 * the terminal's description says. Never beyond these bounds, whatever a
 * terminal claims, and at least 1 × 1. */
#define TERM_ROWS_MAX 1000
#define TERM_COLUMNS_MAX 2000
void term_size(struct term *term, uint16_t *ret_rows, uint16_t *ret_columns);

/* Show the frame: only what differs from the last one is sent. redraw: send
 * everything. Nothing happens while suspended. Never waits: a frame that comes
 * before the terminal has taken the last one (a slow line, flow control, a dead
 * connection) is dropped, and the next after a standstill is sent whole.
 * Returns 0 or -errno when the terminal is gone (-EIO), or memory is (-ENOMEM). */
int term_show(struct term *term, const struct frame *frame, bool redraw);

/* A descriptor to poll for POLLOUT while something is left to be sent, -1 while
 * not; and what to call then. *ret_dropped: all is sent and frames were dropped,
 * so show the present one. Returns 0 or -EIO when the terminal is gone. */
int term_wait_fd(const struct term *term);
int term_go_on(struct term *term, bool *ret_dropped);

/* The next key that has been typed, KEY_CODE_NONE when there is none; never waits
 * (but for the 50 ms, or what the environment's ESCDELAY says, in which the rest
 * of an escape sequence may come). Keys may be at hand although term_fd() is not
 * readable: call it until it returns KEY_CODE_NONE.
 * -errno (negative) when the terminal is gone (hang-up, end of file). */
int term_key(struct term *term, struct key *ret_key);

/* A descriptor to poll for keys. */
int term_fd(const struct term *term);

/* Change looks while running. */
void term_theme(struct term *term, const struct theme *theme, bool no_color);

/* Is the terminal able to show UTF-8 (frames must be ASCII otherwise), and how
 * many colours are shown (0: attributes only)? */
bool term_is_utf8(const struct term *term);
int term_colors(const struct term *term);

/* Before SIGSTOP (give the terminal back), and after SIGCONT. Resuming what was
 * stopped without term_suspend() is fine too. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

void term_bell(struct term *term);

/* All that a signal handler needs to give the terminal back when the program
 * crashes: write() the bytes to fd, then tcsetattr(fd, TCSANOW, &termios); both
 * are async-signal-safe. Ask again after term_resume(). */
struct term_rescue {
	int fd;
	struct termios termios;
	unsigned short len;
	char bytes[128];
};
void term_get_rescue(const struct term *term, struct term_rescue *ret_rescue);

#endif
