/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/tui/field.h"

void field_init(struct field *field, enum field_accept accept)
{
	*field = (struct field){ .accept = accept };
}

struct text field_text(const struct field *field)
{
	return text_of(field->bytes, field->len);
}

static bool is_typeable(uint32_t code)
{
	return code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0) && code <= 0x10ffff;
}

static bool can_insert(const struct field *field, uint32_t code)
{
	bool is_digit = code >= '0' && code <= '9';
	/* Nothing stands before a sign. */
	bool before_sign = field->cursor == 0 && field->len > 0 && field->bytes[0] == '-';
	switch (field->accept) {
	case FIELD_TEXT:
		return is_typeable(code);
	case FIELD_UNSIGNED:
		return is_digit;
	case FIELD_SIGNED:
		return !before_sign && (is_digit || (code == '-' && field->cursor == 0));
	case FIELD_DECIMAL:
		return is_digit || (code == '.' && !memchr(field->bytes, '.', field->len));
	}
	return false;
}

static bool insert(struct field *field, uint32_t code)
{
	char bytes[4];
	if (!can_insert(field, code))
		return false;
	size_t len = text_utf8_encode(code, bytes);
	if (field->len + len >= FIELD_SIZE)
		return false;
	char *at = field->bytes + field->cursor;
	memmove(at + len, at, field->len - field->cursor + 1);
	memcpy(at, bytes, len);
	field->len += len;
	field->cursor += len;
	return true;
}

void field_set(struct field *field, const char *str)
{
	struct text rest = text_of_str(str);
	field_init(field, field->accept);
	while (rest.len > 0) {
		uint32_t code = 0;
		size_t len = text_utf8_decode(rest, &code);
		if (len > 0)
			insert(field, code);
		else
			len = 1;
		rest.ptr += len;
		rest.len -= len;
	}
}

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The character before and behind an offset. */
static size_t before(const struct field *field, size_t at)
{
	while (at > 0 && is_continuation(field->bytes[--at]))
		;
	return at;
}

static size_t behind(const struct field *field, size_t at)
{
	while (at < field->len && is_continuation(field->bytes[++at]))
		;
	return at;
}

static size_t word_before(const struct field *field)
{
	size_t at = field->cursor;
	while (at > 0 && field->bytes[at - 1] == ' ')
		at--;
	while (at > 0 && field->bytes[at - 1] != ' ')
		at--;
	return at;
}

static bool cut(struct field *field, size_t from, size_t to)
{
	memmove(field->bytes + from, field->bytes + to, field->len - to + 1);
	field->len -= to - from;
	field->cursor = from;
	return to > from;
}

bool field_key(struct field *field, struct key key)
{
	switch (key.code) {
	case KEY_CODE_BACKSPACE:
		return cut(field, before(field, field->cursor), field->cursor);
	case KEY_CODE_DELETE:
		return cut(field, field->cursor, behind(field, field->cursor));
	case KEY_CODE_CTRL + 'u':
		return cut(field, 0, field->cursor);
	case KEY_CODE_CTRL + 'k':
		return cut(field, field->cursor, field->len);
	case KEY_CODE_CTRL + 'w':
		return cut(field, word_before(field), field->cursor);
	case KEY_CODE_LEFT:
		field->cursor = before(field, field->cursor);
		return false;
	case KEY_CODE_RIGHT:
		field->cursor = behind(field, field->cursor);
		return false;
	case KEY_CODE_HOME:
	case KEY_CODE_CTRL + 'a':
		field->cursor = 0;
		return false;
	case KEY_CODE_END:
	case KEY_CODE_CTRL + 'e':
		field->cursor = field->len;
		return false;
	default:
		return insert(field, key.code);
	}
}

void field_draw(const struct field *field, struct pane pane, int row, int column, int columns, enum role role)
{
	struct pane box = pane_part(pane, row, column, 1, columns);
	if (box.rows == 0 || box.columns == 0)
		return;
	/* The cursor takes a cell as well. */
	size_t start = 0;
	while (start < field->cursor &&
	       frame_text_width(text_of(field->bytes + start, field->cursor - start)) >= box.columns)
		start = behind(field, start);
	pane_clear(box, role);
	pane_text(box, 0, 0, role, text_of(field->bytes + start, field->len - start));
	int offset = frame_text_width(text_of(field->bytes + start, field->cursor - start));
	pane.frame->cursor_row = (int16_t)box.row;
	pane.frame->cursor_column = (int16_t)(box.column + offset);
}
