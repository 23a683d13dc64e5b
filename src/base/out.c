/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/base/out.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void out_init(struct out *out)
{
	memset(out, 0, sizeof *out);
}

void out_done(struct out *out)
{
	free(out->bytes);
	out_init(out);
}

void out_clear(struct out *out)
{
	out->len = 0;
	out->error = 0;
}

void out_reserve(struct out *out, size_t capacity)
{
	if (out->capacity > 0)
		return;
	out->bytes = malloc(capacity);
	out->capacity = out->bytes ? capacity : 0;
}

/* Room for n more bytes and a NUL. False, and the buffer dead, without memory. */
static bool reserve(struct out *out, size_t n)
{
	if (out->error)
		return false;
	if (n < out->capacity - out->len)
		return true;
	size_t want = out->capacity > 0 ? out->capacity : 4096;
	while (want - out->len <= n) {
		if (want > SIZE_MAX / 2) {
			out->error = -ENOMEM;
			return false;
		}
		want *= 2;
	}
	char *bigger = realloc(out->bytes, want);
	if (!bigger) {
		out->error = -ENOMEM;
		return false;
	}
	out->bytes = bigger;
	out->capacity = want;
	return true;
}

void out_text(struct out *out, struct text text)
{
	if (text.len == 0 || !reserve(out, text.len))
		return;
	memcpy(out->bytes + out->len, text.ptr, text.len);
	out->len += text.len;
}

void out_str(struct out *out, const char *str)
{
	out_text(out, text_of_str(str));
}

void out_char(struct out *out, char c)
{
	out_text(out, text_of(&c, 1));
}

void out_printf(struct out *out, const char *format, ...)
{
	/* Most pieces fit at the first try; what does not tells its length. */
	size_t room = 128;
	for (int attempt = 0; attempt < 2 && reserve(out, room); attempt++) {
		va_list ap;
		va_start(ap, format);
		int n = vsnprintf(out->bytes + out->len, out->capacity - out->len, format, ap);
		va_end(ap);
		if (n < 0)
			return;
		room = (size_t)n;
		if (room < out->capacity - out->len) {
			out->len += room;
			return;
		}
	}
}

void out_u64(struct out *out, uint64_t value)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	out_text(out, text_of(digits + at, sizeof digits - at));
}

void out_i64(struct out *out, int64_t value)
{
	if (value < 0)
		out_char(out, '-');
	out_u64(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* By integers, because printf's decimal point is the locale's. */
void out_fixed(struct out *out, double value, int decimals)
{
	if (!isfinite(value)) {
		out_char(out, '0');
		return;
	}
	uint64_t unit = 1;
	for (int i = 0; i < decimals; i++)
		unit *= 10;
	double magnitude = fabs(value);
	double scaled = magnitude * (double)unit + 0.5;
	bool beyond_u64 = scaled >= 18446744073709551615.0;
	uint64_t amount = beyond_u64 ? 0 : (uint64_t)scaled;
	/* What rounds to nothing has no sign. */
	if (value < 0.0 && (beyond_u64 || amount > 0))
		out_char(out, '-');
	if (beyond_u64) {
		/* A double of this size has no fraction left to print. */
		out_printf(out, "%.0f", magnitude);
		amount = 0;
	} else {
		out_u64(out, amount / unit);
		amount %= unit;
	}
	if (decimals > 0)
		out_char(out, '.');
	for (unit /= 10; unit > 0; unit /= 10)
		out_char(out, (char)('0' + amount / unit % 10));
}

/* Characters that act on a terminal instead of standing on it: the controls,
 * line and paragraph separators, and the marks that turn the direction of
 * what follows (they make a name read as another). */
static bool acts_on_terminal(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void out_safe(struct out *out, struct text raw)
{
	while (raw.len > 0) {
		uint32_t code = 0;
		size_t len = text_utf8_decode(raw, &code);
		if (len > 0 && code != '\\' && !acts_on_terminal(code)) {
			out_text(out, text_of(raw.ptr, len));
		} else {
			len = len > 0 ? len : 1;
			for (size_t i = 0; i < len; i++)
				out_printf(out, "\\x%02x", (unsigned char)raw.ptr[i]);
		}
		raw = text_of(raw.ptr + len, raw.len - len);
	}
}

void out_json_string(struct out *out, struct text raw)
{
	out_char(out, '"');
	while (raw.len > 0) {
		uint32_t code = 0xfffd;
		size_t len = text_utf8_decode(raw, &code);
		if (len == 0) {
			len = 1;
			out_str(out, "\xef\xbf\xbd");
		} else if (code == '"' || code == '\\') {
			out_char(out, '\\');
			out_char(out, (char)code);
		} else if (acts_on_terminal(code)) {
			/* Only those below 0x20 must be; the rest because people read
			 * JSON on terminals. */
			out_printf(out, "\\u%04x", (unsigned)code);
		} else {
			out_text(out, text_of(raw.ptr, len));
		}
		raw = text_of(raw.ptr + len, raw.len - len);
	}
	out_char(out, '"');
}
