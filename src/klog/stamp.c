/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stamp.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A cursor over the text. */
struct scan {
	const char *p, *end;
};

static bool take(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* min..max digits. */
static bool number(struct scan *s, int min, int max, int64_t *ret)
{
	int64_t value = 0;
	int n = 0;
	while (n < max && s->p < s->end && is_digit(*s->p)) {
		value = value * 10 + (*s->p++ - '0');
		n++;
	}
	if (n < min)
		return false;
	*ret = value;
	return true;
}

static void blanks(struct scan *s)
{
	while (s->p < s->end && *s->p == ' ')
		s->p++;
}

/* ".123456" → ns; nothing is 0. */
static int64_t fraction(struct scan *s)
{
	int64_t ns = 0, unit = NS_PER_S / 10;
	if (s->end - s->p < 2 || (*s->p != '.' && *s->p != ',') || !is_digit(s->p[1]))
		return 0;
	for (s->p++; s->p < s->end && is_digit(*s->p); s->p++) {
		ns += (*s->p - '0') * unit;
		unit /= 10;
	}
	return ns;
}

/* 11:16:48 and perhaps a fraction → ns since midnight. */
static bool clock_time(struct scan *s, int64_t *ret_ns)
{
	int64_t h, m, sec;
	if (!number(s, 1, 2, &h) || !take(s, ':') || !number(s, 2, 2, &m) || !take(s, ':') || !number(s, 2, 2, &sec) ||
	    h > 23 || m > 59 || sec > 60)
		return false;
	*ret_ns = ((h * 60 + m) * 60 + sec) * NS_PER_S + fraction(s);
	return true;
}

int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
	return year >= 1970 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int64_t date_ns(int64_t year, int64_t month, int64_t day)
{
	return days_from_civil(year, (unsigned)month, (unsigned)day) * 24 * 3600 * NS_PER_S;
}

static void set_text(struct line_time *time, struct text t, const struct scan *s)
{
	time->text = text_of(t.ptr, (size_t)(s->p - t.ptr));
}

size_t stamp_rfc3339(struct text t, struct line_time *time)
{
	struct scan s = { t.ptr, t.ptr + t.len };
	int64_t year, month, day, ns, zh = 0, zm = 0;
	if (!number(&s, 4, 4, &year) || (!take(&s, '-') && !take(&s, '/')) || !number(&s, 2, 2, &month) ||
	    (!take(&s, '-') && !take(&s, '/')) || !number(&s, 2, 2, &day) || (!take(&s, 'T') && !take(&s, ' ')) ||
	    !clock_time(&s, &ns) || !is_date(year, month, day))
		return 0;
	ns += date_ns(year, month, day);
	struct scan zone = s;
	if (take(&zone, 'Z')) {
		s = zone;
		time->realtime_ns = klog_i64(ns);
	} else if (zone.p < zone.end && (*zone.p == '+' || *zone.p == '-')) {
		int sign = *zone.p++ == '-' ? 1 : -1;
		if (number(&zone, 2, 2, &zh) && (take(&zone, ':'), number(&zone, 2, 2, &zm)) && zh <= 14 && zm < 60) {
			s = zone;
			time->realtime_ns = klog_i64(ns + sign * (zh * 60 + zm) * 60 * NS_PER_S);
		} else {
			time->local_ns = klog_i64(ns);
		}
	} else {
		time->local_ns = klog_i64(ns);
	}
	set_text(time, t, &s);
	return time->text.len;
}

/* The English three letters → 1 .. 12, or 0. */
static int64_t month_of(struct text word)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	char low[3];
	if (word.len != 3)
		return 0;
	for (int i = 0; i < 3; i++)
		low[i] = (char)(word.ptr[i] | 0x20);
	for (int m = 0; m < 12; m++) {
		if (memcmp(names + (size_t)m * 3, low, 3) == 0)
			return m + 1;
	}
	return 0;
}

static struct text word_of(struct scan *s)
{
	const char *first = s->p;
	while (s->p < s->end && *s->p != ' ' && !is_digit(*s->p))
		s->p++;
	return text_of(first, (size_t)(s->p - first));
}

size_t stamp_syslog(struct text t, struct line_time *time)
{
	struct scan s = { t.ptr, t.ptr + t.len };
	int64_t day, year = 0, ns;
	struct scan weekday = s;
	struct text word = word_of(&weekday);
	int64_t month = month_of(word);
	if (month == 0) {
		/* "Wed 2024-03-13 11:16:48 CET" of journalctl -o short-full */
		if (word.len < 2 || word.len > 12 || !take(&weekday, ' '))
			return 0;
		size_t n = stamp_rfc3339(text_of(weekday.p, (size_t)(weekday.end - weekday.p)), time);
		if (n == 0)
			return 0;
		s.p = weekday.p + n;
		if (time->local_ns.state == FACT_KNOWN && s.end - s.p > 4 && memcmp(s.p, " UTC", 4) == 0) {
			s.p += 4;
			time->realtime_ns = time->local_ns;
			time->local_ns.state = FACT_UNKNOWN;
		} else if (take(&s, ' ')) {
			while (s.p < s.end && *s.p >= 'A' && *s.p <= 'Z')
				s.p++;
		}
		set_text(time, t, &s);
		return time->text.len;
	}
	s = weekday;
	blanks(&s);
	if (!number(&s, 1, 2, &day) || !take(&s, ' '))
		return 0;
	blanks(&s);
	struct scan before_year = s;
	if (!number(&s, 4, 4, &year) || !take(&s, ' ')) {
		s = before_year;
		year = 0;
	}
	if (!clock_time(&s, &ns) || !is_date(year ? year : 2000, month, day))
		return 0;
	if (year)
		time->local_ns = klog_i64(date_ns(year, month, day) + ns);
	else /* a leap year, so that Feb 29 is a day of its own */
		time->day_ns = klog_i64(date_ns(2000, month, day) - date_ns(2000, 1, 1) + ns);
	set_text(time, t, &s);
	return time->text.len;
}

size_t stamp_ctime(struct text t, struct line_time *time)
{
	/* Names of days and months are the locale's; only clock and year have one
	 * shape everywhere, and in some languages a number stands for the month. */
	struct scan s = { t.ptr, t.ptr + t.len };
	const char *clock = NULL;
	for (const char *p = s.p; p + 8 <= s.end && p < s.p + 64; p++) {
		if (p[2] == ':' && p[5] == ':' && is_digit(p[0]) && is_digit(p[1])) {
			clock = p;
			break;
		}
	}
	int64_t ns, year, day = 0, month = 0, value;
	if (!clock)
		return 0;
	struct scan after = { clock, s.end };
	if (!clock_time(&after, &ns))
		return 0;
	blanks(&after);
	if (!number(&after, 4, 4, &year))
		return 0;
	for (struct scan w = { s.p, clock }; w.p < w.end;) {
		if (*w.p == ' ') {
			w.p++;
		} else if (is_digit(*w.p)) {
			if (!number(&w, 1, 2, &value))
				return 0;
			/* " 3月": a number with a word on it is the month */
			if (w.p < w.end && *w.p != ' ' && *w.p != '.')
				month = value;
			else
				day = value;
		} else {
			struct text word = word_of(&w);
			if (month_of(word) > 0)
				month = month_of(word);
			if (word.len == 0)
				w.p++;
		}
	}
	if (month > 0 && is_date(year, month, day))
		time->local_ns = klog_i64(date_ns(year, month, day) + ns);
	set_text(time, t, &after);
	return time->text.len;
}

size_t stamp_seconds(struct text t, struct line_time *time)
{
	struct scan s = { t.ptr, t.ptr + t.len };
	int64_t seconds;
	blanks(&s);
	const char *first = s.p;
	if (!number(&s, 1, 10, &seconds) || s.p == s.end || *s.p != '.')
		return 0;
	const char *dot = s.p;
	int64_t ns = fraction(&s);
	if (s.p - dot < 2)
		return 0;
	time->monotonic_ns = klog_u64((uint64_t)(seconds * NS_PER_S + ns));
	if (time->text.len == 0)
		time->text = text_of(first, (size_t)(s.p - first));
	return (size_t)(s.p - t.ptr);
}
