/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <stdarg.h>
#include <stdio.h>

#include "flow.h"

void lines_printf(struct lines *lines, const char *label, enum role role, const char *format, ...)
{
	char buf[1024];
	va_list ap;
	va_start(ap, format);
	vsnprintf(buf, sizeof buf, format, ap);
	va_end(ap);
	struct text rest = text_of_str(buf);
	do {
		struct text line = flow_line(&rest, lines->pane.columns - lines->indent);
		if (lines->next >= lines->scroll && lines->next - lines->scroll < (uint32_t)lines->pane.rows) {
			int row = (int)(lines->next - lines->scroll);
			/* A label that is too long must not run into the text. */
			pane_str(pane_part(lines->pane, row, 0, 1, lines->indent - 1), 0, 0, lines->label_role, label);
			pane_text(lines->pane, row, lines->indent, role, line);
		}
		label = "";
		lines->next++;
	} while (rest.len > 0);
}

void lines_clip(const struct lines *lines, uint32_t *scroll)
{
	uint32_t page = (uint32_t)lines->pane.rows;
	uint32_t most = lines->next > page ? lines->next - page : 0;
	if (*scroll > most)
		*scroll = most;
}
