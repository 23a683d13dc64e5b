/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A line being typed: text, a cursor, and what keys do to them.
 */
#ifndef OOMSIGHT_TUI_FIELD_H
#define OOMSIGHT_TUI_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "oomsight/tui/frame.h"
#include "oomsight/tui/key.h"

/* What may be typed. */
enum field_accept {
	FIELD_TEXT,     /* anything printable */
	FIELD_UNSIGNED, /* digits */
	FIELD_SIGNED,   /* digits, and '-' as the first character */
	FIELD_DECIMAL,  /* digits and one '.' */
};

#define FIELD_SIZE 256

struct field {
	char bytes[FIELD_SIZE]; /* valid UTF-8, NUL-terminated */
	size_t len;             /* bytes, without the NUL */
	size_t cursor;          /* a byte offset, at the start of a character or at the end */
	enum field_accept accept;
};

/* Empty. */
void field_init(struct field *field, enum field_accept accept);

/* Another text, the cursor behind it. Characters that could not be typed are
 * left out, and so is what does not fit. NULL: empty. */
void field_set(struct field *field, const char *str);

/* What has been typed. */
struct text field_text(const struct field *field);

/* A key: characters are inserted; Backspace, Delete, ^U (clear to the start),
 * ^K (clear to the end) and ^W (clear the word before) remove; Left, Right,
 * Home, End, ^A, ^E move. Others do nothing. Returns whether the text changed. */
bool field_key(struct field *field, struct key key);

/* Draw into `columns` cells of a row, scrolled so that the cursor is within,
 * and put the frame's cursor there. */
void field_draw(const struct field *field, struct pane pane, int row, int column, int columns, enum role role);

#endif
