/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page of labelled, wrapped lines that scrolls: made anew at each drawing,
 * only what is on screen is drawn. Private to tui.
 */
#ifndef OOMSIGHT_TUI_LINES_H
#define OOMSIGHT_TUI_LINES_H

#include "oomsight/tui/frame.h"

struct lines {
	struct pane pane;
	int indent; /* where the text begins, behind the label */
	enum role label_role;
	uint32_t next; /* the next line's number, counted from the page's top */
	uint32_t scroll; /* lines off the top of the pane */
};

/* Add one entry; what does not fit the width goes on in further lines. */
void lines_printf(struct lines *lines, const char *label, enum role role, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* After the last entry: *scroll is brought back so that the page's end is not
 * above the pane's. */
void lines_clip(const struct lines *lines, uint32_t *scroll);

#endif
