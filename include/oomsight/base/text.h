/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bounded text slices and checked numbers: what every parser is made of.
 *
 * A slice points into somebody else's buffer, is not NUL-terminated and owns
 * nothing. Nothing here allocates, and nothing depends on the locale.
 */
#ifndef OOMSIGHT_BASE_TEXT_H
#define OOMSIGHT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *ptr;
	size_t len;
};

/* The slice of a string literal. */
#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })

static inline struct text text_of(const char *ptr, size_t len)
{
	return (struct text){ ptr, len };
}

/* str: NUL-terminated, or NULL for the empty slice. */
static inline struct text text_of_str(const char *str)
{
	return (struct text){ str ? str : "", str ? strlen(str) : 0 };
}

static inline bool text_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool text_is(struct text t, const char *str)
{
	return text_equal(t, text_of_str(str));
}

bool text_has_prefix(struct text t, struct text prefix);

/* t without blanks, tabs and line ends on both sides. */
struct text text_trim(struct text t);

/* Cut the next line off *rest, without its '\n'. False when *rest is empty. */
bool text_next_line(struct text *rest, struct text *ret_line);

/* Cut the next run of bytes other than blank, tab and '\n' off *rest. False
 * when there is none left. */
bool text_next_word(struct text *rest, struct text *ret_word);

/* Cut off all before the first `sep`, and the separator itself. Without a
 * separator the piece is the whole rest. False when *rest is empty. */
bool text_next_until(struct text *rest, char sep, struct text *ret_piece);

/* The whole slice as a number. base: 10 or 16 (without 0x).
 * Returns 0; -EINVAL for anything but digits (and one leading '-' where
 * signed), -ERANGE when it does not fit. The output is untouched on failure. */
int text_to_u64(struct text t, int base, uint64_t *ret_value);
int text_to_i64(struct text t, int64_t *ret_value);

/* Seconds or another non-negative decimal: digits, then perhaps '.' and
 * digits. Never depends on the locale. Returns 0, -EINVAL or -ERANGE. */
int text_to_double(struct text t, double *ret_value);

/* Copy t into dst as a C string, cut to fit; size > 0. Returns dst. */
char *text_copy(struct text t, char *dst, size_t size);

/* Decode one UTF-8 sequence at the start of t (t.len > 0).
 * ret_code: the code point. Returns its length in bytes, or 0 when the bytes
 * are not valid UTF-8 (overlong forms and surrogates included); the caller
 * then skips one byte. */
size_t text_utf8_decode(struct text t, uint32_t *ret_code);

/* Encode a code point; returns the bytes written, 1 to 4. */
size_t text_utf8_encode(uint32_t code, char dst[4]);

/* Does the needle occur in t, ASCII letters compared without case? An empty
 * needle occurs everywhere. */
bool text_contains_nocase(struct text t, struct text needle);

/* /proc/PID/stat is "pid (comm) state ...", and comm may hold anything, ") R 1 ("
 * included: it reaches from the first '(' to the last ')'. -EINVAL without them;
 * the outputs are then untouched. */
int text_split_stat(struct text stat, struct text *ret_pid, struct text *ret_comm, struct text *ret_rest);

#endif
