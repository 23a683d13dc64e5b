/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <stdarg.h>
#include <stdio.h>

/* Bytes of text that fill at most `width` cells, cut at a blank if there is one. */
static size_t fitting(struct text text, int width)
{
	if (frame_text_width(text) <= width)
		return text.len;
	size_t blank = 0, fit = 0;
	for (size_t i = 1; i <= text.len && frame_text_width(text_of(text.ptr, i)) <= width; i++) {
		fit = i;
		if (i < text.len && text.ptr[i] == ' ')
			blank = i;
	}
	return blank ? blank : fit ? fit : 1;
}

void lines_printf(struct lines *lines, const char *label, enum role role, const char *format, ...)
{
	char buf[512];
	va_list ap;
	va_start(ap, format);
	vsnprintf(buf, sizeof buf, format, ap);
	va_end(ap);
	struct text rest = text_of_str(buf);
	do {
		size_t cut = fitting(rest, lines->pane.columns - lines->indent);
		if (lines->next >= lines->scroll && lines->next - lines->scroll < (uint32_t)lines->pane.rows) {
			int row = (int)(lines->next - lines->scroll);
			pane_str(lines->pane, row, 0, lines->label_role, label);
			pane_text(lines->pane, row, lines->indent, role, text_of(rest.ptr, cut));
		}
		label = "";
		lines->next++;
		rest = text_of(rest.ptr + cut, rest.len - cut);
		while (rest.len > 0 && rest.ptr[0] == ' ')
			rest = text_of(rest.ptr + 1, rest.len - 1);
	} while (rest.len > 0);
}

void lines_clip(const struct lines *lines, uint32_t *scroll)
{
	uint32_t page = (uint32_t)lines->pane.rows;
	uint32_t most = lines->next > page ? lines->next - page : 0;
	if (*scroll > most)
		*scroll = most;
}
