/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A growing buffer of bytes to be written out: rooms that emit stay free of
 * files, and a tick is written in one piece or not at all.
 */
#ifndef OOMSIGHT_BASE_OUT_H
#define OOMSIGHT_BASE_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/text.h"

struct out {
	char *bytes;
	size_t len;
	size_t capacity;
	int error; /* 0 or -ENOMEM: sticky, what follows is dropped */
};

/* What was put into it so far; never a null pointer, though nothing was. */
static inline struct text out_text_of(const struct out *out)
{
	return text_of(out->bytes ? out->bytes : "", out->len);
}

void out_init(struct out *out);
void out_done(struct out *out);
void out_clear(struct out *out); /* empty, memory kept, error forgotten */

/* Room for so many bytes from the start, where nothing was put into it yet. Without
 * memory it stays as it was, and grows when it must. */
void out_reserve(struct out *out, size_t capacity);

void out_text(struct out *out, struct text text);
void out_str(struct out *out, const char *str);
void out_char(struct out *out, char c);
void out_printf(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Decimal numbers, never through the locale. */
void out_u64(struct out *out, uint64_t value);
void out_i64(struct out *out, int64_t value);
void out_fixed(struct out *out, double value, int decimals); /* "0" for what is not finite */

/* Foreign text made safe for a terminal or a log: control characters (C1 and
 * DEL too), line separators, marks that turn the direction of writing, invalid
 * UTF-8 and backslash, each byte of them as \xNN. */
void out_safe(struct out *out, struct text raw);

/* A JSON string with its quotes: the same characters as \uNNNN, each byte that
 * is not UTF-8 as U+FFFD. */
void out_json_string(struct out *out, struct text raw);

#endif
