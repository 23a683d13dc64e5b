/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Why not one printf: a column of sizes must never be wider than it says, and
 * rounding must not turn 1023.97 MiB into "1024M". The value is scaled first,
 * then printed with as many decimals as three digits allow, then scaled again
 * if rounding carried it over the edge.
 */
#include "oomsight/base/units.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char *scale(uint64_t amount, unsigned step, const char *suffixes, int digits, char dst[UNITS_BUFFER])
{
	if (amount < step) {
		snprintf(dst, UNITS_BUFFER, "%u", (unsigned)amount);
		return dst;
	}
	double value = (double)amount;
	size_t power = 0;
	while (value >= step && suffixes[power + 1] != '\0') {
		value /= step;
		power++;
	}
	/* What would print as "1000" or more moves up one suffix. */
	if (value >= 999.5 && suffixes[power + 1] != '\0') {
		value /= step;
		power++;
	}
	int decimals = digits == 3 ? (value < 9.995 ? 2 : value < 99.95 ? 1 : 0) : value < 9.95 ? 1 : 0;
	snprintf(dst, UNITS_BUFFER, "%.*f%c", decimals, value, suffixes[power]);
	return dst;
}

char *units_human(uint64_t bytes, char dst[UNITS_BUFFER])
{
	return scale(bytes, 1024, "BKMGTPE", 3, dst);
}

static char *scale_signed(int64_t bytes, int digits, char dst[UNITS_BUFFER])
{
	char plain[UNITS_BUFFER];
	uint64_t magnitude = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes;
	scale(magnitude, 1024, "BKMGTPE", digits, plain);
	snprintf(dst, UNITS_BUFFER, "%s%.20s", bytes == 0 ? "" : bytes < 0 ? "-" : "+", plain);
	return dst;
}

char *units_human_signed(int64_t bytes, char dst[UNITS_BUFFER])
{
	return scale_signed(bytes, 3, dst);
}

char *units_points(int64_t pages, uint32_t page_bytes, char dst[UNITS_BUFFER])
{
	int64_t bytes;
	if (__builtin_mul_overflow(pages, (int64_t)page_bytes, &bytes))
		bytes = pages < 0 ? INT64_MIN + 1 : INT64_MAX;
	return bytes < 0 ? units_human_signed(bytes, dst) : units_human((uint64_t)bytes, dst);
}

char *units_count(uint64_t count, char dst[UNITS_BUFFER])
{
	return scale(count, 1000, " kMGTPE", 3, dst);
}

char *units_rate(uint64_t count, char dst[UNITS_BUFFER])
{
	return scale(count, 1000, " kMGTPE", 2, dst);
}

char *units_rate_bytes(int64_t bytes, char dst[UNITS_BUFFER])
{
	return scale_signed(bytes, 2, dst);
}

char *units_bytes(uint64_t bytes, enum units units, uint32_t page_bytes, char dst[UNITS_BUFFER])
{
	switch (units) {
	case UNITS_KIB:
		snprintf(dst, UNITS_BUFFER, "%llu", (unsigned long long)(bytes / 1024));
		return dst;
	case UNITS_MIB:
		snprintf(dst, UNITS_BUFFER, "%.1f", (double)bytes / (1024.0 * 1024.0));
		return dst;
	case UNITS_PAGES:
		snprintf(dst, UNITS_BUFFER, "%llu", (unsigned long long)(bytes / page_bytes));
		return dst;
	case UNITS_HUMAN:
	case UNITS__COUNT:
		break;
	}
	return units_human(bytes, dst);
}

char *units_span(double seconds, char dst[UNITS_BUFFER])
{
	if (!(seconds >= 0.0))
		seconds = 0.0;
	if (seconds > 3650.0 * 86400.0) {
		snprintf(dst, UNITS_BUFFER, "years");
		return dst;
	}
	uint64_t s = (uint64_t)(seconds + 0.5);
	if (s < 60)
		snprintf(dst, UNITS_BUFFER, "%u s", (unsigned)s);
	else if (s < 600)
		snprintf(dst, UNITS_BUFFER, "%u min %02u s", (unsigned)(s / 60), (unsigned)(s % 60));
	else if (s < 3600)
		snprintf(dst, UNITS_BUFFER, "%u min", (unsigned)(s / 60));
	else if (s < 86400)
		snprintf(dst, UNITS_BUFFER, "%u h %02u min", (unsigned)(s / 3600), (unsigned)(s / 60 % 60));
	else
		snprintf(dst, UNITS_BUFFER, "%u d %u h", (unsigned)(s / 86400), (unsigned)(s / 3600 % 24));
	return dst;
}

static const char *const names[UNITS__COUNT] = {
	[UNITS_HUMAN] = "human",
	[UNITS_KIB] = "kib",
	[UNITS_MIB] = "mib",
	[UNITS_PAGES] = "pages",
};

const char *units_name(enum units units)
{
	return names[units];
}

int units_parse(const char *name, enum units *ret_units)
{
	for (unsigned i = 0; i < UNITS__COUNT; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret_units = (enum units)i;
			return 0;
		}
	}
	return -EINVAL;
}
