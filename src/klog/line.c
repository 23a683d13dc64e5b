/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A line of a log, taken apart from the left. Known stamps are cut off one after
 * the other, for they stack: a mail quotes a syslog file whose lines hold the
 * kernel's own stamp and the caller's mark. What is not known is left in place:
 * the recognisers look for the kernel's words anywhere on a line.
 */
#include "line.h"

#include <string.h>

#include "stamp.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip(struct text *t, size_t n)
{
	t->ptr += n;
	t->len -= n;
}

static void skip_blanks(struct text *t)
{
	while (t->len > 0 && (*t->ptr == ' ' || *t->ptr == '\t'))
		skip(t, 1);
}

/* "> > text" of mails. */
static void skip_quotes(struct text *t)
{
	struct text rest = *t;
	for (;;) {
		skip_blanks(&rest);
		if (rest.len == 0 || *rest.ptr != '>')
			return;
		skip(&rest, 1);
		if (rest.len > 0 && *rest.ptr == ' ')
			skip(&rest, 1);
		*t = rest;
	}
}

static size_t digits(struct text t)
{
	size_t n = 0;
	while (n < t.len && is_digit(t.ptr[n]))
		n++;
	return n;
}

/* "[ T123]", "[C1]", "[    C0]" → "T123" */
static bool take_key(struct text *t, struct line *line)
{
	struct text rest = *t;
	if (rest.len < 4 || *rest.ptr != '[')
		return false;
	skip(&rest, 1);
	skip_blanks(&rest);
	if (rest.len == 0 || (*rest.ptr != 'T' && *rest.ptr != 'C'))
		return false;
	size_t n = 1 + digits(text_of(rest.ptr + 1, rest.len - 1));
	if (n < 2 || n >= LINE_KEY || n == rest.len || rest.ptr[n] != ']')
		return false;
	text_copy(text_of(rest.ptr, n), line->key, sizeof line->key);
	skip(&rest, n + 1);
	*t = rest;
	return true;
}

/* "[ 123.456789]", "[123.456789,1] " (with a processor), "[Wed Mar 13 11:16:48 2024]", "[2024-03-13 …]" */
static bool take_bracket(struct text *t, struct line *line)
{
	if (t->len < 4 || *t->ptr != '[')
		return false;
	const char *end = memchr(t->ptr, ']', t->len < 80 ? t->len : 80);
	if (!end)
		return false;
	struct text in = text_of(t->ptr + 1, (size_t)(end - t->ptr) - 1);
	struct line_time time = line->time;
	size_t n = stamp_seconds(in, &time);
	if (n > 0) {
		/* "[  123.456789, T12]" and the like of vendors; else all of it must be the stamp */
		struct text rest = text_of(in.ptr + n, in.len - n);
		skip_blanks(&rest);
		if (rest.len > 0 && *rest.ptr != ',' && *rest.ptr != '@' && *rest.ptr != ':')
			return false;
	} else {
		n = stamp_rfc3339(in, &time);
		if (n == 0)
			n = stamp_ctime(in, &time);
		if (n == 0)
			return false;
	}
	line->time = time;
	skip(t, (size_t)(end - t->ptr) + 1);
	return true;
}

/* "6,1234,567890,-,caller=T12;" */
static bool take_kmsg(struct text *t, struct line *line)
{
	struct text rest = *t;
	uint64_t fields[3];
	for (int i = 0; i < 3; i++) {
		size_t n = digits(rest);
		if (n == 0 || n == rest.len || rest.ptr[n] != ',' || text_to_u64(text_of(rest.ptr, n), 10, &fields[i]) < 0)
			return false;
		skip(&rest, n + 1);
	}
	const char *end = memchr(rest.ptr, ';', rest.len < 128 ? rest.len : 128);
	if (!end || fields[2] > UINT64_MAX / 1000)
		return false;
	struct text flags = text_of(rest.ptr, (size_t)(end - rest.ptr)), flag;
	while (text_next_until(&flags, ',', &flag)) {
		if (text_has_prefix(flag, TEXT("caller=")) && flag.len - 7 < LINE_KEY)
			text_copy(text_of(flag.ptr + 7, flag.len - 7), line->key, sizeof line->key);
	}
	line->time.monotonic_ns = klog_u64(fields[2] * 1000);
	line->kmsg = true;
	skip(&rest, (size_t)(end - rest.ptr) + 1);
	*t = rest;
	return true;
}

/* "<6>" and "kern  :warn  : " of dmesg -x */
static bool take_level(struct text *t)
{
	if (t->len > 3 && *t->ptr == '<') {
		size_t n = digits(text_of(t->ptr + 1, t->len - 1));
		if (n >= 1 && n <= 3 && n + 1 < t->len && t->ptr[n + 1] == '>') {
			skip(t, n + 2);
			/* RFC 5424: a version follows */
			if (t->len > 2 && t->ptr[0] == '1' && t->ptr[1] == ' ')
				skip(t, 2);
			return true;
		}
	}
	if (text_has_prefix(*t, TEXT("kern ")) || text_has_prefix(*t, TEXT("kern:"))) {
		const char *first = memchr(t->ptr, ':', t->len < 16 ? t->len : 16);
		if (first) {
			size_t at = (size_t)(first - t->ptr) + 1;
			const char *second = memchr(t->ptr + at, ':', t->len - at < 16 ? t->len - at : 16);
			if (second) {
				skip(t, (size_t)(second - t->ptr) + 1);
				skip_blanks(t);
				return true;
			}
		}
	}
	return false;
}

/* The tag "kernel:" or "kernel[123]:" within the first part of the line, after a
 * stamp and a host name. */
static bool take_tag(struct text *t)
{
	struct text head = text_of(t->ptr, t->len < 320 ? t->len : 320);
	const char *p = head.ptr;
	while ((p = memmem(p, (size_t)(head.ptr + head.len - p), "kernel", 6))) {
		const char *end = head.ptr + head.len, *q = p + 6;
		bool begins = p == head.ptr || p[-1] == ' ' || p[-1] == '\t' || p[-1] == '"';
		p = q;
		if (!begins)
			continue;
		if (q < end && *q == '[') {
			while (q < end && *q != ']')
				q++;
			if (q < end)
				q++;
		}
		if (q + 5 < end && memcmp(q, " - - ", 5) == 0) { /* RFC 5424: no pid, no id, no data */
			q += 5;
			if (q + 2 <= end && memcmp(q, "- ", 2) == 0)
				q += 2;
			skip(t, (size_t)(q - t->ptr));
			return true;
		}
		if (q < end && *q == ':') {
			skip(t, (size_t)(q - t->ptr) + 1);
			if (t->len > 0 && *t->ptr == ' ')
				skip(t, 1);
			return true;
		}
	}
	return false;
}

/* --- JSON of the journal ------------------------------------------------------ */

/* The text behind "key": in a flat object; empty when it is not there. */
static struct text json_value(struct text object, const char *key)
{
	size_t len = strlen(key);
	const char *p = object.ptr, *end = object.ptr + object.len;
	while ((p = memmem(p, (size_t)(end - p), key, len))) {
		const char *q = p + len;
		bool quoted = p > object.ptr && p[-1] == '"' && q < end && *q == '"';
		p = q;
		if (!quoted)
			continue;
		for (q++; q < end && (*q == ' ' || *q == ':'); q++) {
		}
		return text_of(q, (size_t)(end - q));
	}
	return text_of("", 0);
}

static int hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_digits(struct text t, size_t n, uint32_t *ret)
{
	uint32_t value = 0;
	if (t.len < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int digit = hex(t.ptr[i]);
		if (digit < 0)
			return -1;
		value = value << 4 | (uint32_t)digit;
	}
	*ret = value;
	return 0;
}

/* A JSON string, or an array of bytes as the journal writes what is not UTF-8. */
static bool json_string(struct text t, struct out *dst)
{
	if (t.len > 0 && *t.ptr == '[') {
		for (skip(&t, 1); t.len > 0 && *t.ptr != ']';) {
			uint64_t byte;
			size_t n = digits(t);
			if (n > 0 && text_to_u64(text_of(t.ptr, n), 10, &byte) == 0 && byte < 256)
				out_char(dst, (char)byte);
			skip(&t, n ? n : 1);
		}
		return true;
	}
	if (t.len == 0 || *t.ptr != '"')
		return false;
	for (skip(&t, 1); t.len > 0 && *t.ptr != '"'; skip(&t, 1)) {
		if (*t.ptr != '\\' || t.len < 2) {
			out_char(dst, *t.ptr);
			continue;
		}
		skip(&t, 1);
		static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
		const char *escape = memchr(from, *t.ptr, sizeof from - 1);
		uint32_t code, low;
		if (*t.ptr == 'u' && hex_digits(text_of(t.ptr + 1, t.len - 1), 4, &code) == 0) {
			char utf8[4];
			skip(&t, 4);
			if (code >= 0xd800 && code < 0xdc00 && t.len > 6 && t.ptr[1] == '\\' && t.ptr[2] == 'u' &&
			    hex_digits(text_of(t.ptr + 3, t.len - 3), 4, &low) == 0 && low >= 0xdc00 && low < 0xe000) {
				code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
				skip(&t, 6);
			}
			if (code >= 0xd800 && code < 0xe000)
				code = 0xfffd;
			out_text(dst, text_of(utf8, text_utf8_encode(code, utf8)));
		} else {
			out_char(dst, escape ? to[escape - from] : *t.ptr);
		}
	}
	return true;
}

static struct klog_u64 json_micros(struct text object, const char *key)
{
	struct text t = json_value(object, key);
	uint64_t us;
	if (t.len > 0 && *t.ptr == '"')
		skip(&t, 1);
	if (text_to_u64(text_of(t.ptr, digits(t)), 10, &us) < 0 || us > INT64_MAX / 1000)
		return (struct klog_u64){ FACT_UNKNOWN, 0 };
	return klog_u64(us * 1000);
}

static bool take_json(struct text raw, struct line *line, struct out *decoded)
{
	struct text object = raw;
	skip_blanks(&object);
	if (object.len < 12 || *object.ptr != '{')
		return false;
	struct text message = json_value(object, "MESSAGE");
	out_clear(decoded);
	if (!json_string(message, decoded) || decoded->error)
		return false;
	struct klog_u64 source = json_micros(object, "_SOURCE_REALTIME_TIMESTAMP");
	struct klog_u64 real = json_micros(object, "__REALTIME_TIMESTAMP");
	if (source.state == FACT_KNOWN)
		real = source;
	if (real.state == FACT_KNOWN)
		line->time.realtime_ns = klog_i64((int64_t)real.value);
	line->time.monotonic_ns = json_micros(object, "_SOURCE_MONOTONIC_TIMESTAMP");
	line->body = text_of(decoded->bytes, decoded->len);
	line->prefixed = true;
	return true;
}

/* --- all of it ------------------------------------------------------------------ */

void line_parse(struct text raw, struct line *line, struct out *decoded)
{
	*line = (struct line){ .body = raw };
	while (raw.len > 0 && (raw.ptr[raw.len - 1] == '\r' || raw.ptr[raw.len - 1] == '\0'))
		raw.len--;
	struct text t = raw;
	skip_quotes(&t);
	if (take_json(t, line, decoded))
		return;
	struct text first = t;
	skip_blanks(&t);
	if (take_kmsg(&t, line)) {
		line->prefixed = true;
		line->body = t;
		return;
	}
	bool any = take_level(&t);
	struct line_time time = line->time;
	size_t n = stamp_rfc3339(t, &time);
	if (n == 0)
		n = stamp_syslog(t, &time);
	if (n == 0 && t.len > 0 && is_digit(*t.ptr) && (n = stamp_seconds(t, &time)) > 0) {
		/* "1710328608.123 host kernel: …", or nothing of the kind */
		struct text after = text_of(t.ptr + n, t.len - n);
		if (!take_tag(&after)) {
			n = 0;
		} else if (time.monotonic_ns.value >= UINT64_C(1000000000) * 1000000000) {
			time.realtime_ns = klog_i64((int64_t)time.monotonic_ns.value);
			time.monotonic_ns.state = FACT_UNKNOWN;
		}
	}
	if (n > 0) {
		line->time = time;
		skip(&t, n);
		any = true;
	}
	any = take_bracket(&t, line) || any;
	any = take_tag(&t) || any;
	if (any) {
		struct text rest = t;
		skip_blanks(&rest);
		if (take_level(&rest)) {
			t = rest;
			skip_blanks(&rest);
		}
		if (take_bracket(&rest, line))
			t = rest;
	}
	struct text rest = t;
	skip_blanks(&rest);
	if (any && take_key(&rest, line))
		t = rest;
	if (any && t.len > 0 && *t.ptr == ' ')
		skip(&t, 1);
	line->prefixed = any;
	line->body = any ? t : first;
}

void line_unescape(struct text text, struct out *dst)
{
	out_clear(dst);
	while (text.len > 0) {
		uint32_t byte;
		if (text.len >= 4 && text.ptr[0] == '\\' && text.ptr[1] == 'x' &&
		    hex_digits(text_of(text.ptr + 2, text.len - 2), 2, &byte) == 0) {
			out_char(dst, (char)byte);
			skip(&text, 4);
		} else {
			out_char(dst, *text.ptr);
			skip(&text, 1);
		}
	}
}
