/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of a log that were wrapped in JSON: by the journal, by container runtimes, by
 * collectors of logs. Only flat keys matter, wherever in the object they stand.
 */
#include <string.h>

#include "line.h"
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

static size_t digits(struct text t)
{
	size_t n = 0;
	while (n < t.len && is_digit(t.ptr[n]))
		n++;
	return n;
}

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

/* The time the journal or a collector took the line in. */
static void read_times(struct text object, struct line_time *time)
{
	static const char *const dates[] = { "time", "@timestamp", "timestamp" };
	struct klog_u64 source = json_micros(object, "_SOURCE_REALTIME_TIMESTAMP");
	struct klog_u64 real = json_micros(object, "__REALTIME_TIMESTAMP");
	if (source.state == FACT_KNOWN)
		real = source;
	if (real.state == FACT_KNOWN)
		time->realtime_ns = klog_i64((int64_t)real.value);
	time->monotonic_ns = json_micros(object, "_SOURCE_MONOTONIC_TIMESTAMP");
	for (size_t i = 0; i < sizeof dates / sizeof *dates && time->realtime_ns.state != FACT_KNOWN; i++) {
		struct text value = json_value(object, dates[i]);
		if (value.len > 0 && *value.ptr == '"')
			stamp_rfc3339(text_of(value.ptr + 1, value.len - 1), time);
	}
}

bool line_json(struct text raw, struct line_time *time, struct out *decoded)
{
	/* the journal; docker and containerd; fluentd and its like; Google's */
	static const char *const keys[] = { "MESSAGE", "log", "message", "msg", "textPayload" };
	if (raw.len < 12 || *raw.ptr != '{')
		return false;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		out_clear(decoded);
		if (!json_string(json_value(raw, keys[i]), decoded) || decoded->error)
			continue;
		read_times(raw, time);
		return true;
	}
	return false;
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
