/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Brings a terminal from one frame to the next with few bytes. Private to tui.
 */
#ifndef OOMSIGHT_TUI_PAINT_H
#define OOMSIGHT_TUI_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/tui/frame.h"
#include "oomsight/tui/theme.h"
#include "terminfo.h"

struct painter {
	struct terminfo terminfo;
	struct style looks[ROLE__COUNT + 1]; /* those that differ; the first is plain */
	uint8_t n_looks;
	uint8_t look_of[ROLE__COUNT];
	bool utf8;
	int rows, columns; /* the terminal's */
	struct frame shown;
	/* While painting. */
	int fd;
	int error;       /* -errno of a write */
	unsigned look;   /* what is on */
	int row, column; /* where the cursor is; -1: not known */
	size_t len;
	char bytes[1024];
};

void painter_init(struct painter *painter, int fd, bool utf8);
void painter_done(struct painter *painter);

/* How roles look from now on; what is shown must be painted anew then. colors:
 * the terminal's, 0 when none shall be used. */
void painter_theme(struct painter *painter, const struct theme *theme, int colors);

/* Write what brings the terminal from the frame shown to this one. all: whatever it
 * shows. Nothing is written when nothing changed.
 * Returns 0; -ENOMEM; -errno of a write: the terminal may show anything then. */
int painter_show(struct painter *painter, const struct frame *frame, bool all);

/* Write a sequence without parameters, if the terminal has it. */
int painter_put(struct painter *painter, enum terminfo_string string);

/* Take the screen (cursor keys and all), and leave it, the cursor in its last line. */
int painter_enter(struct painter *painter);
int painter_leave(struct painter *painter);

#endif
