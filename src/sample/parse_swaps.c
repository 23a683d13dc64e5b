/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * /proc/swaps: a head line, then name, type, size, used (both KiB), priority.
 */
#include "oomsight/sample/parse.h"

#include <errno.h>

static int kib_to_bytes(struct text word, uint64_t *ret_bytes)
{
	uint64_t value;
	int r = text_to_u64(word, 10, &value);
	if (r < 0)
		return r;
	return __builtin_mul_overflow(value, (uint64_t)1024, ret_bytes) ? -ERANGE : 0;
}

bool parse_swaps_next(struct text *rest, struct parsed_swap *ret_swap)
{
	struct text line, type, size, used, priority;
	while (text_next_line(rest, &line)) {
		struct parsed_swap swap;
		int64_t rank;
		if (!text_next_word(&line, &swap.name) || !text_next_word(&line, &type) || !text_next_word(&line, &size) ||
		    !text_next_word(&line, &used) || !text_next_word(&line, &priority))
			continue;
		if (kib_to_bytes(size, &swap.size_bytes) < 0 || kib_to_bytes(used, &swap.used_bytes) < 0 ||
		    text_to_i64(priority, &rank) < 0 || rank < INT32_MIN || rank > INT32_MAX)
			continue;
		swap.priority = (int32_t)rank;
		*ret_swap = swap;
		return true;
	}
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

size_t parse_unescape(struct text escaped, char *dst, size_t size)
{
	size_t len = 0;
	for (size_t i = 0; i < escaped.len && len < size; i++) {
		const char *p = escaped.ptr + i;
		if (p[0] == '\\' && escaped.len - i > 3 && p[1] <= '3' && is_octal(p[1]) && is_octal(p[2]) && is_octal(p[3])) {
			dst[len++] = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			i += 3;
		} else {
			dst[len++] = p[0];
		}
	}
	return len;
}
