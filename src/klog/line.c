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
#include "words.h"

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

/* What dmesg -H writes: "  +0.000012" since the line before, or "Mar13 11:16" */
static bool is_human(struct text in)
{
	skip_blanks(&in);
	if (in.len > 3 && *in.ptr == '+')
		return is_digit(in.ptr[1]) && memchr(in.ptr, '.', in.len);
	const char *end = in.ptr + in.len;
	return in.len >= 9 && in.len <= 24 && end[-6] == ' ' && is_digit(end[-5]) && is_digit(end[-4]) && end[-3] == ':' &&
	       is_digit(end[-2]) && is_digit(end[-1]);
}

/* "[ 123.456789]", "[123.456789,1] " (with a processor), "[ 123.456789 <    0.000012>]" and "[  +0.000012]" (dmesg
 * with deltas), "[Wed Mar 13 11:16:48 2024]", "[Mar13 11:16]", "[2024-03-13 …]" */
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
		if (rest.len > 0 && !memchr(",@:<", *rest.ptr, 4))
			return false;
	} else {
		n = stamp_rfc3339(in, &time);
		if (n == 0)
			n = stamp_ctime(in, &time);
		if (n == 0 && !is_human(in))
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

/* "<6>", "kern  :warn  : " of dmesg -x, "10.0.0.2: kern: warning: " of Talos */
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
	long node = text_find(text_of(t->ptr, t->len < 64 ? t->len : 64), TEXT(": kern:"));
	if (node > 0)
		skip(t, (size_t)node + 2);
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
			const char *data = q < end && *q == '[' ? memchr(q, ']', (size_t)(end - q)) : NULL;
			if (data && memchr(q, '=', (size_t)(data - q)))
				q = data + 1;
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

/* --- vendors' ----------------------------------------------------------------- */

/* Behind the kernel's stamp: "(1)[4242:comm] " of MediaTek, "I[3:  comm: 4242] " of Samsung. */
static void take_cpu_mark(struct text *t)
{
	struct text rest = *t;
	skip_blanks(&rest);
	bool any = false;
	if (rest.len > 3 && *rest.ptr == '(') {
		size_t n = digits(text_of(rest.ptr + 1, rest.len - 1));
		if (n > 0 && n + 1 < rest.len && rest.ptr[n + 1] == ')') {
			skip(&rest, n + 2);
			any = true;
		}
	}
	if (!any && rest.len > 3 && *rest.ptr >= 'A' && *rest.ptr <= 'Z')
		skip(&rest, 1);
	if (rest.len < 4 || *rest.ptr != '[')
		return;
	size_t n = 1;
	while (n < rest.len && (rest.ptr[n] == ' ' || is_digit(rest.ptr[n])))
		n++;
	const char *end = memchr(rest.ptr, ']', rest.len < 48 ? rest.len : 48);
	if (n == 1 || n == rest.len || rest.ptr[n] != ':' || !end)
		return;
	skip(&rest, (size_t)(end - rest.ptr) + 1);
	*t = rest;
}

/* "06-13 04:05:06.123     0     0 W         : " of logcat */
static bool take_logcat(struct text *t, struct line *line)
{
	struct line_time time = line->time;
	size_t n = stamp_logcat(*t, &time);
	struct text rest = text_from(*t, n), word;
	if (n == 0)
		return false;
	for (int i = 0; i < 4 && text_next_word(&rest, &word); i++) {
		if (word.len != 1 || !memchr("VDIWEF", *word.ptr, 6))
			continue;
		line->time = time;
		*t = rest;
		rest = text_trim(rest);
		if (text_has_prefix(rest, TEXT(": ")))
			*t = text_from(rest, 1);
		return true;
	}
	return false;
}

/* "[  123.456789] " with six digits somewhere near the beginning: what stands before
 * is somebody's, of a form not known here. */
static bool take_stamp_within(struct text *t, struct line *line)
{
	struct text head = text_of(t->ptr, t->len < 200 ? t->len : 200);
	for (long at = 0; (at = text_find(head, TEXT("["))) >= 0; head = text_from(head, (size_t)at + 1)) {
		struct text in = text_from(head, (size_t)at + 1);
		skip_blanks(&in);
		size_t n = digits(in);
		if (n == 0 || n + 7 >= in.len || in.ptr[n] != '.' || digits(text_from(in, n + 1)) != 6 || in.ptr[n + 7] != ']')
			continue;
		struct text rest = text_of(head.ptr + at, (size_t)(t->ptr + t->len - head.ptr) - (size_t)at);
		if (!take_bracket(&rest, line))
			continue;
		*t = rest;
		return true;
	}
	return false;
}

/* --- all of it ------------------------------------------------------------------ */

/* "1710328608.123 host kernel: …", or nothing of the kind */
static size_t stamp_unix(struct text t, struct line_time *time)
{
	size_t n = t.len > 0 && is_digit(*t.ptr) ? stamp_seconds(t, time) : 0;
	struct text after = text_from(t, n);
	if (n == 0 || !take_tag(&after))
		return 0;
	if (time->monotonic_ns.value >= UINT64_C(1000000000) * 1000000000) {
		time->realtime_ns = klog_i64((int64_t)time->monotonic_ns.value);
		time->monotonic_ns.state = FACT_UNKNOWN;
	}
	return n;
}

/* What a collector of logs wrote around a line, and how a file ends it. */
static struct text unwrap(struct text raw, struct line *line, struct out *decoded)
{
	struct text t = raw;
	skip_quotes(&t);
	line->width = t.len;
	struct text object = t;
	skip_blanks(&object);
	if (line_json(object, &line->time, decoded)) {
		t = out_text_of(decoded);
		while (t.len > 0 && t.ptr[t.len - 1] == '\n')
			t.len--;
		line->prefixed = true;
	} else if (text_has_prefix(t, TEXT("MESSAGE="))) { /* journalctl -o export */
		skip(&t, 8);
		line->prefixed = true;
	} else if (t.len > 2 && *t.ptr == '"' && t.ptr[t.len - 1] == '"') { /* a column of a table */
		t.len--;
	}
	return t;
}

void line_parse(struct text raw, struct line *line, struct out *decoded)
{
	*line = (struct line){ .body = raw };
	while (raw.len > 0 && (raw.ptr[raw.len - 1] == '\r' || raw.ptr[raw.len - 1] == '\0'))
		raw.len--;
	struct text t = unwrap(raw, line, decoded);
	bool any = line->prefixed;
	struct text first = t;
	skip_blanks(&t);
	if (take_kmsg(&t, line)) {
		line->prefixed = true;
		line->body = t;
		return;
	}
	bool outside = any;
	any = take_level(&t) || any;
	struct line_time time = line->time;
	size_t n = stamp_rfc3339(t, &time);
	if (n == 0)
		n = stamp_syslog(t, &time);
	if (n == 0)
		n = stamp_unix(t, &time);
	if (n > 0) {
		line->time = time;
		skip(&t, n);
		any = true;
	} else {
		any = take_logcat(&t, line) || any;
	}
	bool stamped = take_bracket(&t, line);
	any = stamped || any;
	bool tagged = take_tag(&t);
	any = tagged || any;
	if (any) {
		struct text rest = t;
		skip_blanks(&rest);
		if (take_level(&rest)) {
			t = rest;
			skip_blanks(&rest);
		}
		if (take_bracket(&rest, line)) {
			t = rest;
			stamped = true;
		}
	}
	if (!stamped && !outside && take_stamp_within(&t, line))
		any = stamped = true;
	struct text colon = t;
	skip_blanks(&colon);
	if (stamped && text_has_prefix(colon, TEXT(": ")))
		t = text_from(colon, 1);
	if (stamped)
		take_cpu_mark(&t);
	struct text rest = t;
	skip_blanks(&rest);
	if (any && take_key(&rest, line))
		t = rest;
	if (any && t.len > 0 && *t.ptr == ' ')
		skip(&t, 1);
	line->prefixed = any;
	line->body = any ? t : first;
}
