/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Amounts as people read them, in a known number of columns.
 */
#ifndef OOMSIGHT_BASE_UNITS_H
#define OOMSIGHT_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* How sizes are shown. */
enum units {
	UNITS_HUMAN, /* 3.1G, 20M, 812K: powers of 1024, at most 5 columns */
	UNITS_KIB,   /* whole KiB */
	UNITS_MIB,   /* MiB with one decimal */
	UNITS_PAGES, /* whole pages of the snapshot's page size */
	UNITS__COUNT
};

#define UNITS_BUFFER 32

/* bytes as "0", "812K", "20M", "3.10G": at most 5 columns up to 999 EiB; three
 * significant digits at most. Returns dst. */
char *units_human(uint64_t bytes, char dst[UNITS_BUFFER]);

/* The same with a sign; "+0" is "0". At most 6 columns. */
char *units_human_signed(int64_t bytes, char dst[UNITS_BUFFER]);

/* Signed pages as a size: "3.10G", "-812M"; only what is below zero has a sign.
 * At most 6 columns. */
char *units_points(int64_t pages, uint32_t page_bytes, char dst[UNITS_BUFFER]);

/* A count (not bytes): "0", "999", "1.2k", "34M": powers of 1000. */
char *units_count(uint64_t count, char dst[UNITS_BUFFER]);

/* What happens in a second jitters: two significant digits from a thousand on, so at
 * most 4 columns. A count as "0", "999", "1.2k", "340k"; bytes with their sign (one
 * column more) as "0", "+812", "-1.5K", "+20M". */
char *units_rate(uint64_t count, char dst[UNITS_BUFFER]);
char *units_rate_bytes(int64_t bytes, char dst[UNITS_BUFFER]);

/* bytes under the chosen units. page_bytes > 0. */
char *units_bytes(uint64_t bytes, enum units units, uint32_t page_bytes, char dst[UNITS_BUFFER]);

/* A span as "14 s", "3 min 20 s", "5 h 03 min", "12 d 3 h". */
char *units_span(double seconds, char dst[UNITS_BUFFER]);

/* The name in config and on screen ("human", "kib", "mib", "pages"), and back.
 * units_parse returns 0 or -EINVAL. */
const char *units_name(enum units units);
int units_parse(const char *name, enum units *ret_units);

/* a - b, or 0 where b is larger: for kernel figures read at two moments. */
static inline uint64_t u64_sub_floor(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* a * b, or UINT64_MAX where it does not fit. */
static inline uint64_t u64_mul_sat(uint64_t a, uint64_t b)
{
	uint64_t product;
	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

#endif
