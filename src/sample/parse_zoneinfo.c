/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * /proc/zoneinfo: one block a zone, "Node 0, zone   Normal" at its head.
 *
 * From 4.8 the first zone of each node opens with a block "per-node stats",
 * whose nr_active_anon and the like count the node; the zone's own have
 * nr_zone_ in front. Before, the zone's own are the plain ones and there is no
 * such block. So plain names count once "pages free" has been seen.
 */
#include "oomsight/sample/parse.h"

#include <errno.h>

static bool parse_head(struct text line, struct zone *zone)
{
	struct text word, node;
	uint64_t number;
	if (!text_next_word(&line, &word) || !text_is(word, "Node") || !text_next_word(&line, &node) || node.len < 2 ||
	    node.ptr[node.len - 1] != ',')
		return false;
	node.len--;
	if (text_to_u64(node, 10, &number) < 0 || number > UINT32_MAX)
		return false;
	if (!text_next_word(&line, &word) || !text_is(word, "zone") || !text_next_word(&line, &word))
		return false;
	zone->node = (uint32_t)number;
	text_copy(word, zone->name, sizeof zone->name);
	return true;
}

/* "protection: (0, 1899, 23941)" */
static int parse_protection(struct text rest, struct zone *zone)
{
	struct text piece;
	if (!text_next_until(&rest, '(', &piece) || !text_next_until(&rest, ')', &piece))
		return -EINVAL;
	struct text list = piece;
	uint32_t n = 0;
	while (n < ZONE_PROTECTIONS && text_next_until(&list, ',', &piece)) {
		int r = text_to_u64(text_trim(piece), 10, &zone->protection_pages[n]);
		if (r < 0)
			return r;
		n++;
	}
	zone->protections = n;
	return 0;
}

static int parse_amount(struct text key, struct text rest, struct zone *zone, bool *has_managed)
{
	uint64_t *target = NULL;
	if (text_is(key, "boost"))
		target = &zone->boost_pages;
	else if (text_is(key, "min"))
		target = &zone->min_pages;
	else if (text_is(key, "low"))
		target = &zone->low_pages;
	else if (text_is(key, "high"))
		target = &zone->high_pages;
	else if (text_is(key, "spanned"))
		target = &zone->spanned_pages;
	else if (text_is(key, "present"))
		target = &zone->present_pages;
	else if (text_is(key, "managed"))
		target = &zone->managed_pages;
	else if (text_is(key, "nr_zone_active_anon") || text_is(key, "nr_active_anon"))
		target = &zone->active_anon_pages;
	else if (text_is(key, "nr_zone_inactive_anon") || text_is(key, "nr_inactive_anon"))
		target = &zone->inactive_anon_pages;
	else if (text_is(key, "nr_zone_active_file") || text_is(key, "nr_active_file"))
		target = &zone->active_file_pages;
	else if (text_is(key, "nr_zone_inactive_file") || text_is(key, "nr_inactive_file"))
		target = &zone->inactive_file_pages;
	else if (text_is(key, "protection:"))
		return parse_protection(rest, zone);
	if (!target)
		return 0;
	*has_managed |= target == &zone->managed_pages;
	struct text word;
	return text_next_word(&rest, &word) ? text_to_u64(word, 10, target) : -EINVAL;
}

/* "count: 10796" of one CPU. */
static int add_pageset(struct text line, struct zone *zone)
{
	struct text word;
	uint64_t pages;
	int r = text_next_word(&line, &word) ? text_to_u64(word, 10, &pages) : -EINVAL;
	if (r < 0)
		return r;
	return __builtin_add_overflow(zone->pcp_pages, pages, &zone->pcp_pages) ? -EINVAL : 0;
}

/* The lines up to the next head. Returns 0, or -errno when one makes no sense
 * or there is no "pages free". */
static int parse_block(struct text *rest, struct zone *zone, bool *has_managed)
{
	bool in_zone = false, in_pagesets = false;
	int error = 0;
	struct text line, word;
	while (rest->len > 0 && !text_has_prefix(*rest, TEXT("Node "))) {
		text_next_line(rest, &line);
		if (error < 0 || !text_next_word(&line, &word))
			continue;
		if (in_pagesets) {
			if (text_is(word, "count:"))
				error = add_pageset(line, zone);
			continue;
		}
		if (text_is(word, "pages")) {
			if (!text_next_word(&line, &word) || !text_is(word, "free") || !text_next_word(&line, &word))
				error = -EINVAL;
			else
				error = text_to_u64(word, 10, &zone->free_pages);
			in_zone = true;
		} else if (text_is(word, "pagesets")) {
			in_pagesets = true;
		} else if (in_zone) {
			error = parse_amount(word, line, zone, has_managed);
		}
	}
	return error < 0 ? error : in_zone ? 0 : -EINVAL;
}

bool parse_zoneinfo_next(struct text *rest, struct zone *ret_zone, bool *ret_has_managed)
{
	struct text line;
	while (text_next_line(rest, &line)) {
		struct zone zone = { 0 };
		bool has_managed = false;
		if (!parse_head(line, &zone) || parse_block(rest, &zone, &has_managed) < 0)
			continue;
		*ret_zone = zone;
		*ret_has_managed = has_managed;
		return true;
	}
	return false;
}
