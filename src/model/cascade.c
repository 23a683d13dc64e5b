/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An entry is a run of kills that read alike: one kill with all who die of it,
 * or lone processes of one name that are killed one after another.
 */
#include "oomsight/model/cascade.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oomsight/base/units.h"
#include "sentence.h"

struct entry {
	uint32_t kills;
	uint32_t processes;
	uint64_t frees_bytes;
	bool same_name; /* all processes have the first one's */
};

static struct text name_of(const struct verdict *verdict, const struct snapshot *snap, uint32_t victim)
{
	return snapshot_text(snap, snap->tasks[verdict->victims[victim].task].comm);
}

static bool is_lone(const struct kill *kill)
{
	return kill->nvictims == 1 && kill->group == TASK_MEMCG_UNKNOWN;
}

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* The entry that begins with kill `at`, of the kills before `end`. */
static struct entry entry_at(const struct verdict *verdict, const struct snapshot *snap, uint32_t at, uint32_t end)
{
	const struct kill *kill = &verdict->kills[at];
	struct text name = name_of(verdict, snap, kill->first_victim);
	struct entry entry = { 1, kill->nvictims, kill->frees_bytes, true };
	for (uint32_t i = 1; i < kill->nvictims; i++)
		entry.same_name &= text_equal(name, name_of(verdict, snap, kill->first_victim + i));
	for (uint32_t i = at + 1; is_lone(kill) && i < end; i++) {
		const struct kill *next = &verdict->kills[i];
		if (!is_lone(next) || !text_equal(name, name_of(verdict, snap, next->first_victim)))
			break;
		entry.kills++;
		entry.processes++;
		entry.frees_bytes = add_sat(entry.frees_bytes, next->frees_bytes);
	}
	return entry;
}

/* "postgres x4 (oom.group) 1.50G". with_size: also what it frees. */
static void entry_text(const struct verdict *verdict, const struct snapshot *snap, uint32_t at, const struct entry *entry,
		       bool with_size, char *dst, size_t size)
{
	const struct kill *kill = &verdict->kills[at];
	char name[SENTENCE_NAME_SIZE], count[24] = "", freed[UNITS_BUFFER];
	sentence_name(snap, verdict->victims[kill->first_victim].task, name);
	if (entry->processes > 1)
		snprintf(count, sizeof count, entry->same_name ? " x%u" : " +%u",
			 entry->same_name ? entry->processes : entry->processes - 1);
	snprintf(dst, size, "%s%s%s%s%s", name, count,
		 kill->group != TASK_MEMCG_UNKNOWN ? " (oom.group)" :
		 kill->nvictims > 1		   ? " (one memory)" :
						     "",
		 with_size ? " " : "", with_size ? units_human(entry->frees_bytes, freed) : "");
}

/* How wide ", +3 more" is. */
static size_t more_width(uint32_t kills)
{
	return kills == 0 ? 0 : kills < 10 ? 9 : 10;
}

struct line {
	char *dst;
	size_t room; /* bytes and cells */
	size_t len;
};

/* Add it all or nothing. keep: cells that must stay free behind it. */
__attribute__((format(printf, 3, 4))) static bool add(struct line *line, size_t keep, const char *format, ...)
{
	char piece[128];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(piece, sizeof piece, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof piece || line->len + (size_t)n + keep > line->room)
		return false;
	memcpy(line->dst + line->len, piece, (size_t)n + 1);
	line->len += (size_t)n;
	return true;
}

static void add_head(struct line *line, const struct verdict *verdict, uint32_t kills)
{
	uint64_t freed = 0;
	bool at_most = false;
	char a[UNITS_BUFFER];
	for (uint32_t i = 0; i < kills; i++) {
		freed = add_sat(freed, verdict->kills[i].frees_bytes);
		at_most |= verdict->kills[i].frees_at_most;
	}
	add(line, 0, "%u kill%s free%s %s%s", kills, kills == 1 ? "" : "s", kills == 1 ? "s" : "",
	    at_most ? "at most " : "", units_human(freed, a));
	if (verdict->shortfall_known && verdict->shortfall_bytes > 0)
		add(line, 0, " (%s%s needed)", verdict->covering == 0 ? "of " : "", units_human(verdict->shortfall_bytes, a));
	add(line, 0, ": ");
}

char *cascade_text(const struct verdict *verdict, const struct snapshot *snap, size_t width, char *dst, size_t size)
{
	struct line line = { dst, width < size - 1 ? width : size - 1, 0 };
	/* Nothing known of a shortfall, or not enough: all of them are needed. */
	uint32_t needed = verdict->covering > 0 ? verdict->covering : verdict->nkills;
	dst[0] = '\0';
	if (verdict->nkills == 0)
		return dst;
	add_head(&line, verdict, needed);
	size_t head = line.len;
	bool first = true;
	for (uint32_t at = 0; at < verdict->nkills;) {
		uint32_t end = at < needed ? needed : verdict->nkills;
		struct entry entry = entry_at(verdict, snap, at, end);
		char text[112];
		entry_text(verdict, snap, at, &entry, needed > 1 || at > 0, text, sizeof text);
		uint32_t left = verdict->nkills - at - entry.kills;
		if (!add(&line, more_width(left), "%s%s", first ? "" : at == needed ? "; then " : ", ", text)) {
			if (!first)
				add(&line, 0, ", +%u more", verdict->nkills - at);
			break;
		}
		first = false;
		at += entry.kills;
	}
	if (first && line.len == head)
		dst[0] = '\0';
	return dst;
}
