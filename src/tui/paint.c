/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What changed is written look by look over the whole screen, and not row by row: a tick
 * changes some figures here and there, of three or four looks, and changing the look costs as
 * many bytes as moving the cursor. Two figures of one row therefore cost two moves and no
 * change of looks, where row by row cost four changes and rewrote what is between. Plain
 * cells come last, for plain is what the terminal is left in.
 *
 * A blank looks alike in every look without ground, underline and reverse: it is written
 * in whatever look is on, as the cells that a move would only pass.
 *
 * Rows with wide characters are written from left to right, all looks at once: a new wide
 * character cannot spoil what is right of it, as those cells differ as well then, and
 * come later.
 *
 * curses could do all this but the first. It needs three more copies of the screen for it,
 * of 28 bytes a cell: at 120x40 403 KB.
 */
#include "paint.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { ALL_LOOKS = -1 };

static const struct style plain_style = { THEME_COLOR_DEFAULT, THEME_COLOR_DEFAULT, 0 };

void painter_init(struct painter *painter, int fd, bool utf8)
{
	memset(painter, 0, sizeof *painter);
	frame_init(&painter->shown);
	painter->fd = fd;
	painter->utf8 = utf8;
	painter->row = painter->column = -1;
}

void painter_done(struct painter *painter)
{
	frame_done(&painter->shown);
}

/* --- looks ----------------------------------------------------------------- */

static bool is_same_style(struct style a, struct style b)
{
	return a.foreground == b.foreground && a.background == b.background && a.attributes == b.attributes;
}

void painter_theme(struct painter *painter, const struct theme *theme, int colors)
{
	painter->looks[0] = plain_style;
	painter->n_looks = 1;
	for (enum role role = 0; role < ROLE__COUNT; role++) {
		struct style style = theme_style_for(theme->styles[role], colors);
		if (style.foreground != THEME_COLOR_DEFAULT || style.background != THEME_COLOR_DEFAULT)
			style.attributes = (uint8_t)(style.attributes & ~painter->terminfo.not_with_colors);
		unsigned look = 0;
		while (look < painter->n_looks && !is_same_style(painter->looks[look], style))
			look++;
		if (look == painter->n_looks)
			painter->looks[painter->n_looks++] = style;
		painter->look_of[role] = (uint8_t)look;
	}
}

/* A blank in this look cannot be told from a plain one. */
static bool hides_in_blanks(const struct painter *painter, unsigned look)
{
	const struct style *style = &painter->looks[look];
	return style->background == THEME_COLOR_DEFAULT && !(style->attributes & (THEME_UNDERLINE | THEME_REVERSE));
}

static unsigned look_of(const struct painter *painter, struct cell cell)
{
	unsigned look = painter->look_of[cell.role < ROLE__COUNT ? cell.role : ROLE_NORMAL];
	return cell.code == ' ' && hides_in_blanks(painter, look) ? 0 : look;
}

static bool is_blank(const struct painter *painter, struct cell cell)
{
	return cell.code == ' ' && look_of(painter, cell) == 0;
}

static bool differ(const struct painter *painter, struct cell a, struct cell b)
{
	return a.code != b.code || (a.role != b.role && look_of(painter, a) != look_of(painter, b));
}

/* --- bytes ----------------------------------------------------------------- */

static void flush(struct painter *painter)
{
	for (size_t sent = 0; sent < painter->len && painter->error == 0;) {
		ssize_t n = write(painter->fd, painter->bytes + sent, painter->len - sent);
		if (n > 0)
			sent += (size_t)n;
		else if (n == 0 || errno != EINTR)
			painter->error = n < 0 && errno != ENOMEM ? -errno : -EIO; /* -ENOMEM is the frame's */
	}
	painter->len = 0;
}

static void put(struct painter *painter, const char *bytes, size_t len)
{
	if (len > sizeof painter->bytes - painter->len)
		flush(painter);
	memcpy(painter->bytes + painter->len, bytes, len);
	painter->len += len;
}

static size_t put_string(struct painter *painter, enum terminfo_string string, int a, int b)
{
	char bytes[TERMINFO_SEQUENCE_SIZE];
	size_t len = terminfo_bytes(&painter->terminfo, string, a, b, bytes);
	put(painter, bytes, len);
	return len;
}

static int finish(struct painter *painter)
{
	flush(painter);
	int error = painter->error;
	painter->error = 0;
	return error;
}

static void set_look(struct painter *painter, unsigned look)
{
	char bytes[TERMINFO_SEQUENCE_SIZE];
	if (look == painter->look)
		return;
	size_t len = terminfo_style(&painter->terminfo, painter->looks[painter->look], painter->looks[look], bytes);
	put(painter, bytes, len);
	painter->look = look;
}

/* --- the cursor ------------------------------------------------------------ */

static void repeat(struct painter *painter, const char *bytes, size_t len, int times)
{
	while (times-- > 0)
		put(painter, bytes, len);
}

/* The shortest way along a row; 0 when there is none. */
static size_t move_along(const struct terminfo *terminfo, int from, int to, char dst[TERMINFO_SEQUENCE_SIZE])
{
	char other[TERMINFO_SEQUENCE_SIZE];
	size_t len = terminfo_bytes(terminfo, TI_HPA, to, 0, dst);
	if (to == 0) {
		dst[0] = '\r';
		return 1;
	}
	size_t back = terminfo_bytes(terminfo, TI_CUB1, 0, 0, other);
	if (to < from && back == 1 && (len == 0 || (size_t)(from - to) < len)) {
		len = (size_t)(from - to);
		if (len > TERMINFO_SEQUENCE_SIZE)
			return 0;
		memset(dst, other[0], len);
	}
	size_t forth = to > from ? terminfo_bytes(terminfo, TI_CUF, to - from, 0, other) : 0;
	if (forth > 0 && (len == 0 || forth < len)) {
		len = forth;
		memcpy(dst, other, len);
	}
	return len;
}

static void move_to(struct painter *painter, int row, int column)
{
	char direct[TERMINFO_SEQUENCE_SIZE], along[TERMINFO_SEQUENCE_SIZE], down[TERMINFO_SEQUENCE_SIZE];
	const struct terminfo *terminfo = &painter->terminfo;
	if (painter->row == row && painter->column == column)
		return;
	if (!terminfo->moves_safely)
		set_look(painter, 0);
	const size_t direct_len = terminfo_bytes(terminfo, TI_CUP, row, column, direct);
	const int rows = row - painter->row;
	/* A line feed moves straight down in our modes, and never scrolls as it ends on the screen. */
	const bool near = painter->row >= 0 && rows >= 0 && rows < 8 &&
			  (rows == 0 || terminfo_bytes(terminfo, TI_CUD1, 0, 0, down) == 1);
	const bool straight = painter->column == column;
	size_t along_len = near && !straight ? move_along(terminfo, painter->column, column, along) : 0;
	if (near && (straight || along_len > 0) && along_len + (size_t)rows < direct_len) {
		repeat(painter, down, 1, rows);
		put(painter, along, along_len);
	} else {
		put(painter, direct, direct_len);
	}
	painter->row = row;
	painter->column = column;
}

static void put_cell(struct painter *painter, int row, int column, struct cell cell, bool is_wide)
{
	char bytes[4];
	uint32_t code = cell.code > 0x7e && !painter->utf8 ? '?' : cell.code;
	size_t len = text_utf8_encode(code, bytes);
	put(painter, bytes, len);
	painter->row = row;
	painter->column = column + (is_wide ? 2 : 1);
	/* There it waits for the next character, or is in the next row already. */
	if (painter->column >= painter->columns)
		painter->row = painter->column = -1;
}

/* --- rows ------------------------------------------------------------------ */

struct row {
	const struct cell *want;
	struct cell *have;
	int row, columns;
	bool corner_scrolls; /* what is written at its end would scroll the screen */
};

/* Writing again what the cursor would move over may be shorter. Returns whether it was done. */
static bool write_up_to(struct painter *painter, const struct row *row, int column)
{
	enum { SHORTEST_MOVE = 4 };
	const struct cell *want = row->want;
	int gap = column - painter->column;
	if (painter->row != row->row || gap <= 0 || gap > SHORTEST_MOVE)
		return false;
	int bytes = 0;
	for (int i = painter->column; i < column; i++) {
		char utf8[4];
		bool as_is = is_blank(painter, want[i]) ? hides_in_blanks(painter, painter->look) :
							  look_of(painter, want[i]) == painter->look;
		if (!as_is || want[i].code == 0)
			return false;
		bytes += (int)text_utf8_encode(want[i].code, utf8);
	}
	if (bytes > SHORTEST_MOVE)
		return false;
	for (int i = painter->column; i < column; i++) {
		put_cell(painter, row->row, i, want[i], false);
		row->have[i] = want[i];
	}
	return true;
}

/* Blanks right before figures of the look that is written now go with them. */
static bool leads_to(const struct painter *painter, const struct row *row, int column, unsigned look)
{
	for (; column < row->columns && differ(painter, row->want[column], row->have[column]); column++)
		if (!is_blank(painter, row->want[column]))
			return look_of(painter, row->want[column]) == look;
	return false;
}

/* From this column on there are but blanks, and sending one sequence for them is worth it. */
static bool ends_in_blanks(const struct painter *painter, const struct cell *want, const struct cell *have, int column,
			   int columns)
{
	enum { SEQUENCE = 3 };
	int last = column;
	for (int i = column; i < columns; i++) {
		if (!is_blank(painter, want[i]))
			return false;
		if (differ(painter, want[i], have[i]))
			last = i;
	}
	return last - column >= SEQUENCE;
}

static void paint_row(struct painter *painter, const struct row *row, int only)
{
	const struct cell *want = row->want;
	for (int column = 0; column < row->columns; column++) {
		if (!differ(painter, want[column], row->have[column]))
			continue;
		const bool blank = is_blank(painter, want[column]);
		const unsigned look = look_of(painter, want[column]);
		if (only != ALL_LOOKS && look != (unsigned)only) {
			bool follows = painter->row == row->row && painter->column == column &&
				       painter->look == (unsigned)only;
			bool fits = blank && hides_in_blanks(painter, (unsigned)only) &&
				    (follows || leads_to(painter, row, column, (unsigned)only));
			if (!fits)
				continue;
		}
		const bool clears = ends_in_blanks(painter, want, row->have, column, row->columns);
		row->have[column] = want[column];
		/* The right half of a wide one has been written with the left. */
		if (want[column].code == 0 || (row->corner_scrolls && column == painter->columns - 1))
			continue;
		if (!write_up_to(painter, row, column))
			move_to(painter, row->row, column);
		if (!blank)
			set_look(painter, look);
		else if (!hides_in_blanks(painter, painter->look))
			set_look(painter, only != ALL_LOOKS && hides_in_blanks(painter, (unsigned)only) ? (unsigned)only : 0);
		if (clears && put_string(painter, TI_EL, 0, 0) > 0) {
			memcpy(row->have + column, want + column, (size_t)(row->columns - column) * sizeof *want);
			return;
		}
		put_cell(painter, row->row, column, want[column],
			 column + 1 < row->columns && want[column + 1].code == 0);
	}
}

static bool has_wide(const struct cell *cells, int columns)
{
	for (int i = 0; i < columns; i++)
		if (cells[i].code == 0)
			return true;
	return false;
}

/* The cheapest of these looks to go on with. */
static unsigned next_look(const struct painter *painter, uint64_t looks)
{
	char bytes[TERMINFO_SEQUENCE_SIZE];
	unsigned best = 0;
	size_t least = SIZE_MAX;
	for (unsigned look = 1; look < painter->n_looks; look++) {
		if (!(looks >> look & 1))
			continue;
		size_t len = terminfo_style(&painter->terminfo, painter->looks[painter->look], painter->looks[look], bytes);
		if (len < least) {
			least = len;
			best = look;
		}
	}
	return best;
}

static struct row row_at(struct painter *painter, const struct frame *frame, int row)
{
	const size_t start = (size_t)row * frame->columns;
	return (struct row){
		.want = frame->cells + start,
		.have = painter->shown.cells + start,
		.row = row,
		.columns = frame->columns < painter->columns ? frame->columns : painter->columns,
		.corner_scrolls = painter->terminfo.wraps && !painter->terminfo.wraps_late && row == painter->rows - 1,
	};
}

static void paint_cells(struct painter *painter, const struct frame *frame)
{
	const int rows = frame->rows < painter->rows ? frame->rows : painter->rows;
	uint64_t looks = 0;
	int first = rows, last = -1;
	for (int i = 0; i < rows; i++) {
		const struct row row = row_at(painter, frame, i);
		uint64_t changed = 0;
		for (int column = 0; column < row.columns; column++)
			if (differ(painter, row.want[column], row.have[column]))
				changed |= UINT64_C(1) << look_of(painter, row.want[column]);
		if (changed == 0)
			continue;
		if (has_wide(row.want, row.columns) || has_wide(row.have, row.columns)) {
			paint_row(painter, &row, ALL_LOOKS);
			continue;
		}
		looks |= changed;
		first = i < first ? i : first;
		last = i;
	}
	while (looks) {
		unsigned look = next_look(painter, looks);
		for (int i = first; i <= last; i++) {
			const struct row row = row_at(painter, frame, i);
			paint_row(painter, &row, (int)look);
		}
		looks &= ~(UINT64_C(1) << look);
	}
	set_look(painter, 0);
}

/* --- frames ---------------------------------------------------------------- */

/* A blank screen, whatever was there. */
static int begin_anew(struct painter *painter, const struct frame *frame)
{
	if ((painter->shown.rows != frame->rows || painter->shown.columns != frame->columns) &&
	    frame_resize(&painter->shown, frame->rows, frame->columns) < 0)
		return -ENOMEM;
	frame_clear(&painter->shown);
	put_string(painter, TI_SGR0, 0, 0);
	painter->look = 0;
	/* Whoever was here before may have left another part of the screen scrolling. */
	put_string(painter, TI_CSR, 0, painter->rows - 1);
	put_string(painter, TI_RMIR, 0, 0);
	painter->row = painter->column = -1;
	if (put_string(painter, TI_CLEAR, 0, 0) > 0) {
		painter->row = painter->column = 0;
		/* It is blank in the terminal's own look. */
		if (hides_in_blanks(painter, painter->look_of[ROLE_NORMAL]))
			return 0;
	}
	for (size_t i = 0; i < (size_t)frame->rows * frame->columns; i++)
		painter->shown.cells[i].code = CELL_CODE_MASK;
	return 0;
}

static void place_cursor(struct painter *painter, const struct frame *frame, bool all)
{
	bool visible = frame->cursor_row >= 0 && frame->cursor_column >= 0;
	bool was_visible = painter->shown.cursor_row >= 0 && painter->shown.cursor_column >= 0;
	if (all || visible != was_visible)
		put_string(painter, visible ? TI_CNORM : TI_CIVIS, 0, 0);
	/* Hidden, it may stay wherever drawing leaves it. */
	if (visible && frame->cursor_row < painter->rows && frame->cursor_column < painter->columns)
		move_to(painter, frame->cursor_row, frame->cursor_column);
	else if (!painter->terminfo.strings[TI_CIVIS])
		move_to(painter, painter->rows - 1, 0);
	painter->shown.cursor_row = frame->cursor_row;
	painter->shown.cursor_column = frame->cursor_column;
}

int painter_show(struct painter *painter, const struct frame *frame, bool all)
{
	all |= painter->shown.rows != frame->rows || painter->shown.columns != frame->columns;
	if (all && begin_anew(painter, frame) < 0)
		return -ENOMEM;
	paint_cells(painter, frame);
	place_cursor(painter, frame, all);
	return finish(painter);
}

/* --- begin and end --------------------------------------------------------- */

int painter_put(struct painter *painter, enum terminfo_string string)
{
	put_string(painter, string, 0, 0);
	return finish(painter);
}

int painter_enter(struct painter *painter)
{
	put_string(painter, TI_SMCUP, 0, 0);
	put_string(painter, TI_SMKX, 0, 0);
	return finish(painter);
}

int painter_leave(struct painter *painter)
{
	put_string(painter, TI_SGR0, 0, 0);
	for (unsigned look = 0; look < painter->n_looks; look++) {
		const struct style *style = &painter->looks[look];
		if (style->foreground != THEME_COLOR_DEFAULT || style->background != THEME_COLOR_DEFAULT) {
			put_string(painter, TI_OP, 0, 0);
			break;
		}
	}
	put_string(painter, TI_CNORM, 0, 0);
	put_string(painter, TI_RMKX, 0, 0);
	painter->row = painter->column = -1;
	move_to(painter, painter->rows - 1, 0);
	put_string(painter, TI_RMCUP, 0, 0);
	painter->look = 0;
	painter->row = painter->column = -1;
	return finish(painter);
}
