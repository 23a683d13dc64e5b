/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What went wrong, as a value: rooms return it, the exits print it.
 */
#ifndef OOMSIGHT_BASE_DIAG_H
#define OOMSIGHT_BASE_DIAG_H

struct diag {
	char file[256]; /* the file it is about, "" for none */
	unsigned line;  /* 1 for the first line, 0 for none */
	unsigned column;
	char text[512]; /* one sentence: what failed, on what, why, what to do */
};

/* Fill *diag; a NULL diag is allowed and ignored. file may be NULL. Text that
 * does not fit is cut. */
void diag_set(struct diag *diag, const char *file, unsigned line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* "file:line: text" into dst, cut to fit; size > 0. Returns dst. */
char *diag_format(const struct diag *diag, char *dst, unsigned long size);

#endif
