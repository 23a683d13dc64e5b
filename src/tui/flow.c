/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow.h"

#include <stdarg.h>
#include <stdio.h>

bool flow_item(struct flow *flow, const char *label, enum role role, const char *format, ...)
{
	char value[192];
	va_list ap;
	va_start(ap, format);
	int len = vsnprintf(value, sizeof value, format, ap);
	va_end(ap);
	int gap = flow->column > 0 ? 1 : 0;
	int label_width = label[0] ? frame_text_width(text_of_str(label)) + 1 : 0;
	int width = gap + label_width + frame_text_width(text_of_str(value));
	if (flow->full || len >= (int)sizeof value || flow->column + width > flow->pane.columns) {
		flow->full = true;
		return false;
	}
	flow->column += gap;
	if (label[0])
		flow->column = pane_str(flow->pane, flow->row, flow->column, ROLE_LABEL, label) + 1;
	flow->column = pane_str(flow->pane, flow->row, flow->column, role, value);
	return true;
}

void flow_name(struct flow *flow, enum role role, const char *before, struct text name, const char *behind)
{
	int gap = flow->column > 0 ? 1 : 0;
	int fixed = gap + frame_text_width(text_of_str(before)) + frame_text_width(text_of_str(behind));
	int room = flow->pane.columns - flow->column - fixed;
	if (flow->full || room < 1) {
		flow->full = true;
		return;
	}
	int column = pane_str(flow->pane, flow->row, flow->column + gap, role, before);
	column = pane_text(flow->pane, flow->row, column, role, flow_fitting(name, room));
	flow->column = pane_str(flow->pane, flow->row, column, role, behind);
}

struct text flow_fitting(struct text text, int width)
{
	size_t at = 0;
	int used = 0;
	while (at < text.len) {
		uint32_t code;
		size_t len = text_utf8_decode(text_of(text.ptr + at, text.len - at), &code);
		if (len == 0)
			len = 1;
		used += frame_text_width(text_of(text.ptr + at, len));
		if (used > width)
			break;
		at += len;
	}
	return text_of(text.ptr, at);
}

struct text flow_line(struct text *rest, int width)
{
	struct text line = flow_fitting(*rest, width);
	size_t blank = line.len < rest->len ? line.len : 0;
	while (blank > 0 && rest->ptr[blank] != ' ')
		blank--;
	if (blank > 0)
		line.len = blank;
	else if (line.len == 0 && rest->len > 0)
		line.len = 1; /* wider than the whole line: go on all the same */
	*rest = text_of(rest->ptr + line.len, rest->len - line.len);
	while (rest->len > 0 && rest->ptr[0] == ' ')
		*rest = text_of(rest->ptr + 1, rest->len - 1);
	return line;
}
