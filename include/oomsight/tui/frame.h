/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen as a value: a grid of cells, each a character and a role. Screens
 * draw into a frame, a terminal shows it, a test compares it. Foreign text is
 * made safe here: nothing but printable characters ever gets into a cell.
 */
#ifndef OOMSIGHT_TUI_FRAME_H
#define OOMSIGHT_TUI_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/text.h"

/* What a cell means; a theme gives each its looks. X(enumerator, name in theme
 * files, help) */
#define ROLES(X) \
	X(NORMAL, "normal", "plain text") \
	X(DIM, "dim", "what matters less: units, hints") \
	X(TITLE, "title", "the top line") \
	X(LABEL, "label", "names of figures") \
	X(VALUE, "value", "figures") \
	X(VALUE_DENIED, "value.denied", "a figure that may not be read, or is not known") \
	X(GOOD, "good", "all is well") \
	X(WARN, "warn", "to be watched") \
	X(BAD, "bad", "act now") \
	X(BAR_USED, "bar.used", "memory in use, in bars") \
	X(BAR_SHARED, "bar.shared", "shared memory and tmpfs, in bars") \
	X(BAR_CACHE, "bar.cache", "reclaimable cache, in bars") \
	X(BAR_FREE, "bar.free", "free, in bars") \
	X(VERDICT, "verdict", "the verdict line") \
	X(HEADER, "header", "column heads") \
	X(HEADER_SORT, "header.sort", "the head of the column sorted by") \
	X(VICTIM, "victim", "the row of who is killed next, and who dies with it") \
	X(PROTECTED, "protected", "rows the kernel never chooses by adj") \
	X(INELIGIBLE, "ineligible", "rows that cannot be chosen: kernel threads, init") \
	X(CURSOR, "cursor", "the row under the cursor") \
	X(TAGGED, "tagged", "tagged rows") \
	X(CHANGED, "changed", "a value edited but not yet written") \
	X(MATCH, "match", "found text") \
	X(KEY, "key", "names of keys") \
	X(DIALOG, "dialog", "boxes over the screen") \
	X(INPUT, "input", "the field being typed in") \
	X(ERROR, "error", "a message that something failed")

enum role {
#define X(id, name, help) ROLE_##id,
	ROLES(X)
#undef X
	ROLE__COUNT
};

#define CELL_CODE_MASK 0xffffffU /* Unicode ends at 0x10ffff */

struct cell {
	unsigned code : 24; /* one printable character; 0: the right half of a wide one */
	unsigned role : 8;  /* enum role */
};

struct frame {
	struct cell *cells; /* rows * columns */
	uint16_t rows;
	uint16_t columns;
	uint32_t capacity;
	int16_t cursor_row; /* where the terminal's cursor stands; -1: hidden */
	int16_t cursor_column;
	bool ascii; /* only ASCII may be drawn: others become '?' */
};

void frame_init(struct frame *frame);
void frame_done(struct frame *frame);

/* Another size; the content is blank afterwards. Returns 0 or -ENOMEM (the old
 * size stays). */
int frame_resize(struct frame *frame, uint16_t rows, uint16_t columns);

/* All blank, ROLE_NORMAL, no cursor. */
void frame_clear(struct frame *frame);

/* A place to write in: clipped on all sides; rows and columns are counted
 * within it. */
struct pane {
	struct frame *frame;
	int row, column;   /* of its upper left corner in the frame */
	int rows, columns; /* its size, never beyond the frame */
};

struct pane frame_pane(struct frame *frame);

/* A part of a pane, clipped to it. */
struct pane pane_part(struct pane pane, int row, int column, int rows, int columns);

/* Draw text made safe: control characters and broken UTF-8 become '?' (one a
 * byte), tabs and line ends blanks, combining and zero-width characters are
 * left out, a wide character that would be cut is replaced by a blank. In an
 * ASCII frame each cell of a non-ASCII character becomes '?'. Stops at the
 * pane's right side. Returns the column after the last cell drawn (also when
 * the row lies outside), never beyond the pane unless it began there. */
int pane_text(struct pane pane, int row, int column, enum role role, struct text text);
int pane_str(struct pane pane, int row, int column, enum role role, const char *str);
#define PANE_PRINTF_SIZE 1024 /* what is longer is cut */
int pane_printf(struct pane pane, int row, int column, enum role role, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Right-aligned so that it ends before `end_column`; cut on the left if it must. */
void pane_right(struct pane pane, int row, int end_column, enum role role, const char *str);

/* code: a character of one cell; '?' stands for any other. */
void pane_fill(struct pane pane, int row, int column, int columns, uint32_t code, enum role role);
void pane_clear(struct pane pane, enum role role);
/* Give cells another role, keeping their characters. */
void pane_role(struct pane pane, int row, int column, int columns, enum role role);

/* Cells the text takes when drawn by pane_text. */
int frame_text_width(struct text text);

/* A box with a title around the whole pane (ASCII lines when frame->ascii). */
void pane_box(struct pane pane, enum role role, const char *title);

/* The frame as lines of UTF-8 for tests; with_roles adds after each line one
 * of letters, one a cell: ' ' for ROLE_NORMAL, then 'B' to 'Z', 'a' to 'z' in
 * the order of ROLES. Blanks at the ends of lines are left out. The caller
 * frees it. NULL when memory is out. */
char *frame_dump(const struct frame *frame, bool with_roles);

#endif
