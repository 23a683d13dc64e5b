/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/snapshot/node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORDS (NODES_MAX / 64)

bool nodeset_is_empty(const struct nodeset *set)
{
	for (unsigned i = 0; i < WORDS; i++) {
		if (set->bits[i] != 0)
			return false;
	}
	return true;
}

bool nodeset_equal(const struct nodeset *a, const struct nodeset *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

bool nodeset_intersects(const struct nodeset *a, const struct nodeset *b)
{
	for (unsigned i = 0; i < WORDS; i++) {
		if (a->bits[i] & b->bits[i])
			return true;
	}
	return false;
}

bool nodeset_is_within(const struct nodeset *a, const struct nodeset *b)
{
	for (unsigned i = 0; i < WORDS; i++) {
		if (a->bits[i] & ~b->bits[i])
			return false;
	}
	return true;
}

int nodeset_parse(struct text list, struct nodeset *ret_set)
{
	struct nodeset set = { { 0 } };
	struct text rest = list, piece;
	while (text_next_until(&rest, ',', &piece)) {
		struct text last = piece, first;
		uint64_t from, to;
		bool is_range = piece.len > 0 && memchr(piece.ptr, '-', piece.len);
		if (!text_next_until(&last, '-', &first) || text_to_u64(first, 10, &from) < 0)
			return -EINVAL;
		to = from;
		if (is_range && text_to_u64(last, 10, &to) < 0)
			return -EINVAL;
		if (to < from)
			return -EINVAL;
		if (to >= NODES_MAX)
			return -ERANGE;
		for (uint64_t node = from; node <= to; node++)
			nodeset_add(&set, (uint32_t)node);
	}
	if (list.len > 0 && list.ptr[list.len - 1] == ',')
		return -EINVAL;
	*ret_set = set;
	return 0;
}

char *nodeset_format(const struct nodeset *set, char *dst, size_t size)
{
	size_t len = 0;
	dst[0] = '\0';
	for (uint32_t node = 0; node < NODES_MAX; node++) {
		if (!nodeset_has(set, node))
			continue;
		uint32_t last = node;
		while (nodeset_has(set, last + 1))
			last++;
		char piece[24];
		int n = last == node ? snprintf(piece, sizeof piece, "%s%u", len ? "," : "", (unsigned)node) :
				       snprintf(piece, sizeof piece, "%s%u-%u", len ? "," : "", (unsigned)node,
						(unsigned)last);
		if (len + (size_t)n >= size)
			break;
		memcpy(dst + len, piece, (size_t)n + 1);
		len += (size_t)n;
		node = last;
	}
	return dst;
}
