/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lempel and Ziv's: what stood before is referred to. An explanation is short, so it
 * would find little before it; but most of its words are those of every explanation,
 * and these stand in a text of their own before its beginning. When the wording
 * changes, this one may stay behind: packing then saves less.
 *
 *     0xxxxxxx                     that character; 0: the next byte as it is
 *     1lllnnnn nnnnnnnn [more]     3 + l bytes (l = 7: 10 + more) from n + 1 bytes before
 */
#include "pack.h"

#include <stdint.h>
#include <string.h>

static const char common[] =
	"Swap was full: 0 of  free. More swap, or less of what fills it, would have put this off.\n"
	" of anonymous and  of shared memory (tmpfs, shm) had to stay in RAM. A swap area would have taken part of it.\n"
	"A limit of  instead of  would have held all its processes without swap (shared pages counted for each).\n"
	"The host was out of memory when who asked for memory is not in this report (CONSTRAINT_NONE)\n"
	", for memory.oom.group is set there - below min\n  limit      the host's memory's own points; its kill\n"
	"             node 0 DMA: free DMA32: free Normal: free , min , low \n"
	"Values of oom_score_adj differ, and what they weigh depends on more than is here: the cgroup's limit and its share of the "
	"host's swap, whose size is not in this report.\n  choice     cannot be computed again: The task table is not in this report"
	"anonymous , file , shared , slab , page tables , free , swap  free of \n"
	"1. The memory cgroup  was at its limit when memory was asked for by : the kernel killed , as the table's points say.\n"
	"  when       2026-01-01T00:00:00.000Z, kernel 6.1.0-amd64\n"
	"  limit      of the memory cgroup :  in use, limit  (CONSTRAINT_MEMCG)\n"
	"  asked       asked for 1 page (order 0), GFP_KERNEL, GFP_HIGHUSER_MOVABLE; it is not the victim too\n"
	"  killed     : anonymous , file , shared memory 0, oom_score_adj 0; its memory was reaped\n"
	"  points     rss  + swap 0 + page tables  =  pages (), by the rules of 5.9\n"
	"  worst      1.  points  <- the victim\n             2.  points, adj \n             3.  points\n             4. \n             5. \n"
	"  choice     follows from the table:  has the most points of the table, by the rules of 5.9.\n"
	"  memory     of the cgroup: anonymous , page cache , shared , swap 0\n"
	"  what helps The processes of  hold  of its limit of : the rest is page cache under write-back, shared memory or kernel "
	"memory, and no choice of victim frees that.\n";

#define COMMON (sizeof common - 1)
#define LEAST 3 /* characters that are referred to */
#define LONG 10
#define LONGEST (LONG + 255)
#define WINDOW 4096
#define BUCKETS 256
#define WAYS 4 /* places looked at for each */

/* Places where three characters were seen, the latest first. */
struct seen {
	uint32_t at[BUCKETS][WAYS]; /* from the beginning of `common`, plus one; 0: none */
};

static char at(struct text text, size_t i)
{
	return i < COMMON ? common[i] : text.ptr[i - COMMON];
}

static uint32_t *bucket(struct seen *seen, struct text text, size_t i)
{
	uint32_t h = (uint32_t)(unsigned char)at(text, i) | (uint32_t)(unsigned char)at(text, i + 1) << 8 |
		     (uint32_t)(unsigned char)at(text, i + 2) << 16;
	return seen->at[h * 2654435761U >> 24];
}

static void note(struct seen *seen, struct text text, size_t i)
{
	if (i + LEAST > COMMON + text.len)
		return;
	uint32_t *places = bucket(seen, text, i);
	memmove(places + 1, places, (WAYS - 1) * sizeof *places);
	places[0] = (uint32_t)i + 1;
}

/* The longest piece before i that goes on as text does from i on. */
static size_t find(struct seen *seen, struct text text, size_t i, size_t *ret_from)
{
	size_t end = COMMON + text.len, longest = 0;
	if (i + LEAST > end)
		return 0;
	const uint32_t *places = bucket(seen, text, i);
	for (int way = 0; way < WAYS && places[way] > 0; way++) {
		size_t from = places[way] - 1, n = 0;
		if (i - from > WINDOW)
			break;
		while (n < LONGEST && i + n < end && at(text, from + n) == at(text, i + n))
			n++;
		if (n > longest) {
			longest = n;
			*ret_from = from;
		}
	}
	return longest >= LEAST ? longest : 0;
}

struct packed {
	char *dst;
	size_t size, len;
};

static void put(struct packed *packed, unsigned byte)
{
	if (packed->len < packed->size)
		packed->dst[packed->len] = (char)byte;
	packed->len++;
}

size_t pack(struct text text, char *dst, size_t size)
{
	struct packed packed = { dst, size, 0 };
	struct seen seen = { 0 };
	for (size_t i = 0; i < COMMON; i++)
		note(&seen, text, i);
	for (size_t i = COMMON; i < COMMON + text.len;) {
		size_t from, n = find(&seen, text, i, &from);
		if (n > 0) {
			size_t back = i - from - 1;
			put(&packed, 0x80 | (unsigned)(n < LONG ? n - LEAST : LONG - LEAST) << 4 | (unsigned)(back >> 8));
			put(&packed, (unsigned)back & 0xff);
			if (n >= LONG)
				put(&packed, (unsigned)(n - LONG));
		} else {
			unsigned byte = (unsigned char)at(text, i);
			if (byte >= 0x80)
				put(&packed, 0);
			put(&packed, byte);
			n = 1;
		}
		for (; n > 0; n--)
			note(&seen, text, i++);
	}
	return packed.len;
}

size_t unpack(struct text packed, char *dst, size_t size)
{
	const unsigned char *p = (const unsigned char *)packed.ptr, *end = p + packed.len;
	size_t len = 0;
	while (p < end && len < size) {
		if (*p < 0x80) {
			p += *p == 0;
			if (p < end)
				dst[len++] = (char)*p++;
			continue;
		}
		size_t need = *p >> 4 == 0xf ? 3 : 2;
		if ((size_t)(end - p) < need)
			break;
		size_t n = LEAST + (*p >> 4 & 7U) + (need == 3 ? p[2] : 0), back = ((*p & 0xfU) << 8 | p[1]) + 1U;
		p += need;
		if (back > COMMON + len)
			break;
		for (; n > 0 && len < size; n--, len++)
			dst[len] = at(text_of(dst, len), COMMON + len - back);
	}
	return len;
}
