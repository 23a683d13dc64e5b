/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A line of items, the most important first. What does not fit the width is
 * left out whole, and so is all after it: a figure is never cut. Private to
 * tui.
 */
#ifndef OOMSIGHT_TUI_FLOW_H
#define OOMSIGHT_TUI_FLOW_H

#include "oomsight/tui/frame.h"

struct flow {
	struct pane pane;
	int row;
	int column;
	bool full; /* an item did not fit: nothing after it either */
};

/* "label value" after a blank, when both fit. Returns whether it was drawn. */
bool flow_item(struct flow *flow, const char *label, enum role role, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A foreign name between two texts of ours. It is the name that is cut when
 * the width does not suffice, and what stands behind it (a pid) stays whole. */
void flow_name(struct flow *flow, enum role role, const char *before, struct text name, const char *behind);

/* The longest part from the start of text that takes at most `width` cells;
 * characters stay whole. */
struct text flow_fitting(struct text text, int width);

/* Cut the next line of at most `width` cells off *rest, at a blank
 * if there is one, and the blanks behind it. */
struct text flow_line(struct text *rest, int width);

#endif
