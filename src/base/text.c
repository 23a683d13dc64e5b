/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/base/text.h"

#include <errno.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool text_has_prefix(struct text t, struct text prefix)
{
	return t.len >= prefix.len && (prefix.len == 0 || memcmp(t.ptr, prefix.ptr, prefix.len) == 0);
}

struct text text_trim(struct text t)
{
	while (t.len > 0 && is_blank(t.ptr[0])) {
		t.ptr++;
		t.len--;
	}
	while (t.len > 0 && is_blank(t.ptr[t.len - 1]))
		t.len--;
	return t;
}

bool text_next_until(struct text *rest, char sep, struct text *ret_piece)
{
	if (rest->len == 0)
		return false;
	const char *end = memchr(rest->ptr, sep, rest->len);
	size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
	*ret_piece = text_of(rest->ptr, len);
	size_t skip = end ? len + 1 : len;
	rest->ptr += skip;
	rest->len -= skip;
	return true;
}

bool text_next_line(struct text *rest, struct text *ret_line)
{
	return text_next_until(rest, '\n', ret_line);
}

bool text_next_word(struct text *rest, struct text *ret_word)
{
	while (rest->len > 0 && is_blank(rest->ptr[0])) {
		rest->ptr++;
		rest->len--;
	}
	if (rest->len == 0)
		return false;
	size_t len = 0;
	while (len < rest->len && !is_blank(rest->ptr[len]))
		len++;
	*ret_word = text_of(rest->ptr, len);
	rest->ptr += len;
	rest->len -= len;
	return true;
}

int text_to_u64(struct text t, int base, uint64_t *ret_value)
{
	if (t.len == 0)
		return -EINVAL;
	uint64_t value = 0;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];
		unsigned digit;
		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (base == 16 && c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else if (base == 16 && c >= 'A' && c <= 'F')
			digit = (unsigned)(c - 'A') + 10;
		else
			return -EINVAL;
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return -ERANGE;
	}
	*ret_value = value;
	return 0;
}

int text_to_i64(struct text t, int64_t *ret_value)
{
	bool negative = t.len > 0 && t.ptr[0] == '-';
	if (negative)
		t = text_of(t.ptr + 1, t.len - 1);
	uint64_t magnitude;
	int r = text_to_u64(t, 10, &magnitude);
	if (r < 0)
		return r;
	if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
		return -ERANGE;
	*ret_value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

int text_to_double(struct text t, double *ret_value)
{
	double value = 0.0;
	double scale = 1.0;
	bool fraction = false;
	size_t digits = 0;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];
		if (c == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (c < '0' || c > '9')
			return -EINVAL;
		digits++;
		if (digits > 300)
			return -ERANGE;
		if (fraction) {
			scale /= 10.0;
			value += scale * (c - '0');
		} else {
			value = value * 10.0 + (c - '0');
		}
	}
	if (digits == 0)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

char *text_copy(struct text t, char *dst, size_t size)
{
	size_t len = t.len < size - 1 ? t.len : size - 1;
	if (len > 0)
		memcpy(dst, t.ptr, len);
	dst[len] = '\0';
	return dst;
}

size_t text_utf8_decode(struct text t, uint32_t *ret_code)
{
	const unsigned char *p = (const unsigned char *)t.ptr;
	if (t.len == 0)
		return 0;
	if (p[0] < 0x80) {
		*ret_code = p[0];
		return 1;
	}
	size_t len;
	uint32_t code, least;
	if ((p[0] & 0xe0) == 0xc0) {
		len = 2;
		code = p[0] & 0x1fU;
		least = 0x80;
	} else if ((p[0] & 0xf0) == 0xe0) {
		len = 3;
		code = p[0] & 0x0fU;
		least = 0x800;
	} else if ((p[0] & 0xf8) == 0xf0) {
		len = 4;
		code = p[0] & 0x07U;
		least = 0x10000;
	} else {
		return 0;
	}
	if (t.len < len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3fU);
	}
	if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return len;
}

size_t text_utf8_encode(uint32_t code, char dst[4])
{
	unsigned char *p = (unsigned char *)dst;
	if (code < 0x80) {
		p[0] = (unsigned char)code;
		return 1;
	}
	if (code < 0x800) {
		p[0] = (unsigned char)(0xc0 | code >> 6);
		p[1] = (unsigned char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		p[0] = (unsigned char)(0xe0 | code >> 12);
		p[1] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
		p[2] = (unsigned char)(0x80 | (code & 0x3f));
		return 3;
	}
	p[0] = (unsigned char)(0xf0 | (code >> 18 & 0x07));
	p[1] = (unsigned char)(0x80 | (code >> 12 & 0x3f));
	p[2] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
	p[3] = (unsigned char)(0x80 | (code & 0x3f));
	return 4;
}

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_contains_nocase(struct text t, struct text needle)
{
	if (needle.len > t.len)
		return false;
	for (size_t start = 0; start <= t.len - needle.len; start++) {
		size_t i = 0;
		while (i < needle.len && ascii_lower(t.ptr[start + i]) == ascii_lower(needle.ptr[i]))
			i++;
		if (i == needle.len)
			return true;
	}
	return false;
}

int text_split_stat(struct text stat, struct text *ret_pid, struct text *ret_comm, struct text *ret_rest)
{
	const char *open = stat.len > 0 ? memchr(stat.ptr, '(', stat.len) : NULL;
	const char *close = open ? memrchr(open, ')', stat.len - (size_t)(open - stat.ptr)) : NULL;
	if (!close)
		return -EINVAL;
	*ret_pid = text_trim(text_of(stat.ptr, (size_t)(open - stat.ptr)));
	*ret_comm = text_of(open + 1, (size_t)(close - open - 1));
	*ret_rest = text_of(close + 1, (size_t)(stat.ptr + stat.len - close - 1));
	return 0;
}
