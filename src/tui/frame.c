/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Drawing into the grid. Two rules keep it sound: every cell is written
 * through cell_put(), which never leaves half of a wide character behind; and
 * every foreign character passes safe_code() first.
 */
#include "oomsight/tui/frame.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "width.h"

/* What a character becomes when drawn. */
struct glyph {
	uint32_t code;
	int width; /* 0: nothing is drawn */
};

static struct glyph safe_code(uint32_t code, bool ascii)
{
	if (code == '\t' || code == '\n' || code == '\r')
		return (struct glyph){ ' ', 1 };
	int width = code_width(code);
	if (width < 0 || width > 2)
		return (struct glyph){ '?', 1 };
	/* A wide character keeps its two cells, so that frame_text_width() is
	 * right for both kinds of frame. */
	if (ascii && code >= 0x7f)
		return (struct glyph){ '?', width };
	return (struct glyph){ code, width };
}

/* Take the next character off *rest; rest->len > 0. */
static struct glyph next_glyph(struct text *rest, bool ascii)
{
	uint32_t code = 0;
	size_t len = text_utf8_decode(*rest, &code);
	struct glyph glyph = len > 0 ? safe_code(code, ascii) : (struct glyph){ '?', 1 };
	if (len == 0)
		len = 1;
	rest->ptr += len;
	rest->len -= len;
	return glyph;
}

void frame_init(struct frame *frame)
{
	*frame = (struct frame){ .cursor_row = -1, .cursor_column = -1 };
}

void frame_done(struct frame *frame)
{
	free(frame->cells);
	frame_init(frame);
}

int frame_resize(struct frame *frame, uint16_t rows, uint16_t columns)
{
	uint32_t n = (uint32_t)rows * columns;
	if (n > frame->capacity) {
		struct cell *cells = calloc(n, sizeof *cells);
		if (!cells)
			return -ENOMEM;
		free(frame->cells);
		frame->cells = cells;
		frame->capacity = n;
	}
	frame->rows = rows;
	frame->columns = columns;
	frame_clear(frame);
	return 0;
}

void frame_clear(struct frame *frame)
{
	uint32_t n = (uint32_t)frame->rows * frame->columns;
	for (uint32_t i = 0; i < n; i++)
		frame->cells[i] = (struct cell){ ' ', ROLE_NORMAL };
	frame->cursor_row = -1;
	frame->cursor_column = -1;
}

struct pane frame_pane(struct frame *frame)
{
	return (struct pane){ .frame = frame, .rows = frame->rows, .columns = frame->columns };
}

/* Clip [start, start + size) to [0, limit). */
static void clip(int *start, int *size, int limit)
{
	long long first = *start;
	long long end = first + (*size > 0 ? *size : 0);
	if (first < 0)
		first = 0;
	if (first > limit)
		first = limit;
	if (end > limit)
		end = limit;
	*start = (int)first;
	*size = end > first ? (int)(end - first) : 0;
}

struct pane pane_part(struct pane pane, int row, int column, int rows, int columns)
{
	clip(&row, &rows, pane.rows);
	clip(&column, &columns, pane.columns);
	return (struct pane){ .frame = pane.frame, .row = pane.row + row, .column = pane.column + column,
			      .rows = rows, .columns = columns };
}

/* Write a character of `width` cells that lies wholly in the frame. A wide
 * character that loses one half loses the other as well. */
static void cell_put(struct frame *frame, int row, int column, struct glyph glyph, enum role role)
{
	struct cell *line = frame->cells + (size_t)row * frame->columns;
	int end = column + glyph.width;
	if (line[column].code == 0 && column > 0)
		line[column - 1].code = ' ';
	if (end < frame->columns && line[end].code == 0)
		line[end].code = ' ';
	line[column] = (struct cell){ glyph.code & CELL_CODE_MASK, (uint8_t)role };
	if (glyph.width == 2)
		line[column + 1] = (struct cell){ glyph.code == '?' ? '?' : 0, (uint8_t)role };
}

static void pane_put(struct pane pane, int row, int column, struct glyph glyph, enum role role)
{
	if (column < 0 || column + glyph.width > pane.columns) {
		/* Cut by a side: a blank stands for the half that is inside. */
		if (glyph.width == 2 && (column == -1 || column == pane.columns - 1))
			pane_put(pane, row, column < 0 ? 0 : column, (struct glyph){ ' ', 1 }, role);
		return;
	}
	cell_put(pane.frame, pane.row + row, pane.column + column, glyph, role);
}

int pane_text(struct pane pane, int row, int column, enum role role, struct text text)
{
	bool inside = row >= 0 && row < pane.rows;
	bool ascii = pane.frame->ascii;
	while (text.len > 0 && column < pane.columns) {
		struct glyph glyph = next_glyph(&text, ascii);
		if (glyph.width == 0)
			continue;
		if (inside)
			pane_put(pane, row, column, glyph, role);
		column += glyph.width;
		if (column > pane.columns)
			column = pane.columns;
	}
	return column;
}

int pane_str(struct pane pane, int row, int column, enum role role, const char *str)
{
	return pane_text(pane, row, column, role, text_of_str(str));
}

int pane_printf(struct pane pane, int row, int column, enum role role, const char *format, ...)
{
	char buffer[PANE_PRINTF_SIZE];
	va_list ap;
	va_start(ap, format);
	int len = vsnprintf(buffer, sizeof buffer, format, ap);
	va_end(ap);
	return len < 0 ? column : pane_str(pane, row, column, role, buffer);
}

int frame_text_width(struct text text)
{
	int width = 0;
	while (text.len > 0 && width < INT_MAX - 2)
		width += next_glyph(&text, false).width;
	return width;
}

void pane_right(struct pane pane, int row, int end_column, enum role role, const char *str)
{
	struct text text = text_of_str(str);
	if (end_column > pane.columns)
		end_column = pane.columns;
	if (end_column > 0)
		pane_text(pane, row, end_column - frame_text_width(text), role, text);
}

void pane_fill(struct pane pane, int row, int column, int columns, uint32_t code, enum role role)
{
	if (row < 0 || row >= pane.rows)
		return;
	clip(&column, &columns, pane.columns);
	struct glyph glyph = safe_code(code, pane.frame->ascii);
	if (glyph.width != 1)
		glyph = (struct glyph){ '?', 1 };
	for (int i = 0; i < columns; i++)
		cell_put(pane.frame, pane.row + row, pane.column + column + i, glyph, role);
}

void pane_clear(struct pane pane, enum role role)
{
	for (int row = 0; row < pane.rows; row++)
		pane_fill(pane, row, 0, pane.columns, ' ', role);
}

void pane_role(struct pane pane, int row, int column, int columns, enum role role)
{
	if (row < 0 || row >= pane.rows)
		return;
	clip(&column, &columns, pane.columns);
	struct frame *frame = pane.frame;
	struct cell *line = frame->cells + (size_t)(pane.row + row) * frame->columns + pane.column;
	for (int i = 0; i < columns; i++)
		line[column + i].role = (uint8_t)role;
}

void pane_box(struct pane pane, enum role role, const char *title)
{
	if (pane.rows < 2 || pane.columns < 2)
		return;
	static const uint32_t light[] = { 0x250c, 0x2510, 0x2514, 0x2518, 0x2500, 0x2502 };
	static const uint32_t plain[] = { '+', '+', '+', '+', '-', '|' };
	const uint32_t *line = pane.frame->ascii ? plain : light;
	int bottom = pane.rows - 1;
	int right = pane.columns - 1;
	pane_fill(pane, 0, 1, right - 1, line[4], role);
	pane_fill(pane, bottom, 1, right - 1, line[4], role);
	for (int row = 1; row < bottom; row++) {
		pane_fill(pane, row, 0, 1, line[5], role);
		pane_fill(pane, row, right, 1, line[5], role);
	}
	pane_fill(pane, 0, 0, 1, line[0], role);
	pane_fill(pane, 0, right, 1, line[1], role);
	pane_fill(pane, bottom, 0, 1, line[2], role);
	pane_fill(pane, bottom, right, 1, line[3], role);
	if (title && title[0] != '\0' && pane.columns > 6) {
		struct pane top = pane_part(pane, 0, 2, 1, pane.columns - 4);
		int end = pane_str(top, 0, 1, role, title);
		pane_fill(top, 0, 0, 1, ' ', role);
		pane_fill(top, 0, end, 1, ' ', role);
	}
}

static char role_letter(uint8_t role)
{
	if (role == ROLE_NORMAL)
		return ' ';
	return (char)(role < 26 ? 'A' + role : 'a' + role - 26);
}
static_assert(ROLE__COUNT <= 52, "frame_dump() has a letter for each role");

static char *without_blanks(char *start, char *end)
{
	while (end > start && end[-1] == ' ')
		end--;
	*end++ = '\n';
	return end;
}

char *frame_dump(const struct frame *frame, bool with_roles)
{
	size_t line_size = (size_t)frame->columns * 4 + 1;
	if (with_roles)
		line_size += (size_t)frame->columns + 1;
	char *dump = malloc(frame->rows * line_size + 1);
	if (!dump)
		return NULL;
	char *p = dump;
	for (unsigned row = 0; row < frame->rows; row++) {
		const struct cell *line = frame->cells + (size_t)row * frame->columns;
		char *start = p;
		for (unsigned i = 0; i < frame->columns; i++)
			if (line[i].code != 0)
				p += text_utf8_encode(line[i].code, p);
		p = without_blanks(start, p);
		if (!with_roles)
			continue;
		start = p;
		for (unsigned i = 0; i < frame->columns; i++)
			*p++ = role_letter(line[i].role);
		p = without_blanks(start, p);
	}
	*p = '\0';
	return dump;
}
