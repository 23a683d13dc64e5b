/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/base/diag.h"

#include <stdarg.h>
#include <stdio.h>

void diag_set(struct diag *diag, const char *file, unsigned line, const char *format, ...)
{
	if (!diag)
		return;
	snprintf(diag->file, sizeof diag->file, "%s", file ? file : "");
	diag->line = line;
	diag->column = 0;
	va_list ap;
	va_start(ap, format);
	vsnprintf(diag->text, sizeof diag->text, format, ap);
	va_end(ap);
}

char *diag_format(const struct diag *diag, char *dst, unsigned long size)
{
	if (diag->file[0] == '\0')
		snprintf(dst, size, "%s", diag->text);
	else if (diag->line == 0)
		snprintf(dst, size, "%s: %s", diag->file, diag->text);
	else
		snprintf(dst, size, "%s:%u: %s", diag->file, diag->line, diag->text);
	return dst;
}
