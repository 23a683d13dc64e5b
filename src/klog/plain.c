/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What tools that show or send a log put among its words: blanks that do not break
 * (U+00A0, mails), colours (dmesg on a terminal, recorded).
 */
#include "line.h"

/* "\e[33m" and the like at the start of t → its bytes, or 0. ECMA-48 5.4: parameters,
 * then one final byte. */
static size_t colour(struct text t)
{
	size_t n = 2;
	if (t.len < 3 || t.ptr[0] != '\x1b' || t.ptr[1] != '[')
		return 0;
	while (n < t.len && t.ptr[n] >= 0x20 && t.ptr[n] < 0x40)
		n++;
	return n < t.len ? n + 1 : 0;
}

struct text line_plain(struct text raw, struct out *room)
{
	const char *first = raw.ptr, *end = raw.ptr + raw.len;
	while (first < end && *first != '\x1b' && *first != '\xc2')
		first++;
	if (first == end)
		return raw;
	out_clear(room);
	out_text(room, text_of(raw.ptr, (size_t)(first - raw.ptr)));
	while (first < end) {
		size_t n = colour(text_of(first, (size_t)(end - first)));
		if (n > 0) {
			first += n;
		} else if (*first == '\xc2' && first + 1 < end && first[1] == '\xa0') {
			out_char(room, ' ');
			first += 2;
		} else {
			out_char(room, *first++);
		}
	}
	return room->error ? raw : text_of(room->bytes, room->len);
}
