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

/* What strftime(3)'s %b gives elsewhere, where it is not the English: how such a word
 * begins. No beginning here is another month in another of these languages. */
static int64_t foreign_month_of(struct text word)
{
	static const struct {
		const char *begins;
		int month;
	} months[] = {
		{ "ene", 1 }, { "gen", 1 }, { "janv", 1 }, { "sty", 1 }, { "led", 1 }, { "oca", 1 }, { "\xd1\x8f\xd0\xbd\xd0\xb2", 1 },
		{ "f\xc3\xa9v", 2 }, { "fev", 2 }, { "lut", 2 }, { "\xc3\xbano", 2 }, { "\xc5\x9fub", 2 }, { "\xd1\x84\xd0\xb5\xd0\xb2", 2 },
		{ "m\xc3\xa4r", 3 }, { "mars", 3 }, { "mrt", 3 }, { "b\xc5\x99" "e", 3 }, { "\xd0\xbc\xd0\xb0\xd1\x80", 3 },
		{ "abr", 4 }, { "avr", 4 }, { "kwi", 4 }, { "dub", 4 }, { "nis", 4 }, { "\xd0\xb0\xd0\xbf\xd1\x80", 4 },
		{ "mai", 5 }, { "maj", 5 }, { "mag", 5 }, { "mei", 5 }, { "kv\xc4\x9b", 5 }, { "\xd0\xbc\xd0\xb0\xd0\xb9", 5 }, { "\xd0\xbc\xd0\xb0\xd1\x8f", 5 },
		{ "juin", 6 }, { "giu", 6 }, { "cze", 6 }, { "haz", 6 }, { "\xd0\xb8\xd1\x8e\xd0\xbd", 6 },
		{ "juil", 7 }, { "lug", 7 }, { "lip", 7 }, { "tem", 7 }, { "\xd0\xb8\xd1\x8e\xd0\xbb", 7 },
		{ "ago", 8 }, { "ao\xc3\xbb", 8 }, { "sie", 8 }, { "srp", 8 }, { "a\xc4\x9fu", 8 }, { "\xd0\xb0\xd0\xb2\xd0\xb3", 8 },
		{ "sept", 9 }, { "set", 9 }, { "wrz", 9 }, { "z\xc3\xa1\xc5\x99", 9 }, { "eyl", 9 }, { "\xd1\x81\xd0\xb5\xd0\xbd", 9 },
		{ "okt", 10 }, { "ott", 10 }, { "out", 10 }, { "oct.", 10 }, { "pa\xc5\xba", 10 }, { "\xc5\x99\xc3\xadj", 10 }, { "eki", 10 }, { "\xd0\xbe\xd0\xba\xd1\x82", 10 },
		{ "nov.", 11 }, { "lis", 11 }, { "kas", 11 }, { "\xd0\xbd\xd0\xbe\xd1\x8f", 11 },
		{ "dez", 12 }, { "dic", 12 }, { "d\xc3\xa9" "c", 12 }, { "gru", 12 }, { "pro", 12 }, { "ara", 12 }, { "\xd0\xb4\xd0\xb5\xd0\xba", 12 },
	};
	char low[16];
	text_copy(word, low, sizeof low);
	for (char *p = low; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
	for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
		if (strncmp(low, months[i].begins, strlen(months[i].begins)) == 0)
			return months[i].month;
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
	 * shape everywhere, and in some languages a number stands for the month. The day's
	 * name comes first and may look like a month's: the last word that does counts. */
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
			int64_t named = month_of(word);
			if (named == 0)
				named = foreign_month_of(word);
			if (named > 0)
				month = named;
			if (word.len == 0)
				w.p++;
		}
	}
	if (month > 0 && is_date(year, month, day))
		time->local_ns = klog_i64(date_ns(year, month, day) + ns);
	set_text(time, t, &after);
	return time->text.len;
}

size_t stamp_logcat(struct text t, struct line_time *time)
{
	struct scan s = { t.ptr, t.ptr + t.len };
	int64_t month, day, ns;
	if (!number(&s, 2, 2, &month) || !take(&s, '-') || !number(&s, 2, 2, &day) || !take(&s, ' ') || !clock_time(&s, &ns) ||
	    !is_date(2000, month, day))
		return 0;
	time->day_ns = klog_i64(date_ns(2000, month, day) - date_ns(2000, 1, 1) + ns);
	set_text(time, t, &s);
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
