/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What tools that show or send a log put among its words: blanks that do not break
 * (U+00A0, mails), colours (dmesg on a terminal, recorded), the quoted-printable code of
 * mails kept as they were sent.
 */
#include "line.h"
#include "words.h"

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
	return room->error ? raw : out_text_of(room);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool line_is_quoted_printable(struct text raw)
{
	static const struct text words[] = { { "gfp_mask=3D", 11 }, { "oom_score_adj=3D", 16 }, { "constraint=3D", 13 }, { "mems_allowed=3D", 15 } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (text_find(raw, words[i]) >= 0)
			return true;
	}
	return false;
}

bool line_unquote(struct text raw, struct out *dst)
{
	while (raw.len > 0 && (raw.ptr[raw.len - 1] == '\r' || raw.ptr[raw.len - 1] == ' '))
		raw.len--; /* RFC 2045 6.7 (3): blanks at the end were added on the way */
	bool goes_on = raw.len > 0 && raw.ptr[raw.len - 1] == '=';
	raw.len -= goes_on;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.ptr[i] == '=' && i + 2 < raw.len && hex(raw.ptr[i + 1]) >= 0 && hex(raw.ptr[i + 2]) >= 0) {
			out_char(dst, (char)(hex(raw.ptr[i + 1]) << 4 | hex(raw.ptr[i + 2])));
			i += 2;
		} else {
			out_char(dst, raw.ptr[i]);
		}
	}
	return goes_on;
}
