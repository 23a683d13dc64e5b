/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Between curses and the terminal: what curses writes goes into memory first,
 * from there to the terminal as fast as it takes it, and never faster. Private
 * to tui.
 */
#ifndef OOMSIGHT_TUI_OUTLET_H
#define OOMSIGHT_TUI_OUTLET_H

#include <stdbool.h>
#include <stdint.h>

struct outlet {
	int tty_fd;    /* of our own, never waits; -1: curses writes to the terminal itself */
	int memory_fd; /* what curses writes to; the caller's */
	int64_t sent;  /* bytes of it */
	uint64_t progress_ns; /* when the terminal last took some, or had nothing to take */
	bool stalled;  /* it took none for STALLED_MS; until outlet_forgive() */
};

/* A terminal that takes nothing for so long is not slow but stopped. */
#define OUTLET_STALLED_MS 2000

/* Turn curses_fd, a descriptor of the terminal that curses writes to, into
 * memory. The shell shares the terminal's open file: it is opened anew, so that
 * only our own descriptor does not wait. Where either cannot be done, -errno:
 * everything works as before, but a stopped terminal stops us as well. */
int outlet_open(struct outlet *outlet, int curses_fd);
void outlet_close(struct outlet *outlet);

/* Send what there is. Returns 0 when nothing is left, 1 when the terminal takes
 * no more now (tty_fd polls writable later); -errno when it is gone. */
int outlet_flush(struct outlet *outlet);

/* The same, waiting up to timeout_ms for it to take everything. */
int outlet_drain(struct outlet *outlet, int timeout_ms);

/* Forget what was not sent. A sequence cut in its middle is cancelled. */
void outlet_drop(struct outlet *outlet);

#endif
