/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/tui/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/base/sort.h"

static const enum memcg_event counter_events[GROUP__COUNTERS] = {
	[GROUP_OOM] = MEMCG_EVENT_OOM,
	[GROUP_OOM_KILL] = MEMCG_EVENT_OOM_KILL,
	[GROUP_OOM_GROUP_KILL] = MEMCG_EVENT_OOM_GROUP_KILL,
};

void groups_init(struct groups *groups)
{
	memset(groups, 0, sizeof *groups);
	groups->page_rows = 1;
}

void groups_done(struct groups *groups)
{
	free(groups->rows);
	free(groups->scratch);
	free(groups->bases);
	groups_init(groups);
}

/* FNV-1a, 64 bits. */
uint64_t group_name(const struct snapshot *snap, uint32_t memcg)
{
	struct text path = snapshot_text(snap, snap->memcgs[memcg].path);
	uint64_t hash = 0xcbf29ce484222325;
	for (size_t i = 0; i < path.len; i++)
		hash = (hash ^ (unsigned char)path.ptr[i]) * 0x100000001b3;
	return hash ? hash : 1;
}

uint32_t group_find(const struct snapshot *snap, uint64_t name)
{
	for (uint32_t i = 0; name && i < snap->nmemcgs; i++) {
		if (group_name(snap, i) == name)
			return i;
	}
	return TASK_MEMCG_UNKNOWN;
}

/* --- counters at first sight ------------------------------------------------- */

/* The base of that name, or the free place where it belongs. */
static struct group_base *base_place(struct group_base *bases, uint32_t size, uint64_t name)
{
	uint32_t at = (uint32_t)(name & (size - 1));
	while (bases[at].name && bases[at].name != name)
		at = (at + 1) & (size - 1);
	return &bases[at];
}

/* Room for `more` new ones; groups that are gone make room first. */
static int reserve_bases(struct groups *groups, uint32_t more)
{
	if ((uint64_t)(groups->nbases + more) * 2 <= groups->bases_size)
		return 0;
	uint32_t size = 64;
	while (size / 4 < more)
		size *= 2;
	struct group_base *bases = calloc(size, sizeof *bases);
	if (!bases)
		return -ENOMEM;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < groups->bases_size; i++) {
		const struct group_base *base = &groups->bases[i];
		if (base->name && base->look == groups->looks) {
			*base_place(bases, size, base->name) = *base;
			kept++;
		}
	}
	free(groups->bases);
	groups->bases = bases;
	groups->bases_size = size;
	groups->nbases = kept;
	return 0;
}

static bool says(const struct memcg *memcg, enum group_counter counter)
{
	return memcg_knows(memcg, MEMCG_EVENTS) && memcg->events_known >> counter_events[counter] & 1;
}

static int look(struct groups *groups, const struct snapshot *snap)
{
	/* Every group may be new; those of the last look are as many as snap's before. */
	int r = reserve_bases(groups, snap->nmemcgs);
	if (r < 0)
		return r;
	bool first = groups->looks++ == 0;
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		const struct memcg *memcg = &snap->memcgs[i];
		uint64_t name = group_name(snap, i);
		struct group_base *base = base_place(groups->bases, groups->bases_size, name);
		bool is_new = base->name == 0;
		if (is_new) {
			*base = (struct group_base){ .name = name, .known = first ? 0 : 0xff };
			groups->nbases++;
		}
		base->look = groups->looks;
		for (int c = 0; c < GROUP__COUNTERS; c++) {
			if (!says(memcg, (enum group_counter)c))
				continue;
			uint64_t now = memcg->events[counter_events[c]];
			/* A lower number: removed, and made anew under the same path. */
			if (base->known >> c & 1 && now < base->counters[c])
				base->counters[c] = 0;
			else if (!(base->known >> c & 1))
				base->counters[c] = now;
			base->known |= (uint8_t)(1U << c);
		}
	}
	return 0;
}

bool groups_counter(const struct groups *groups, const struct snapshot *snap, uint32_t memcg,
		    enum group_counter counter, uint64_t *ret_value, uint64_t *ret_grown)
{
	const struct memcg *group = &snap->memcgs[memcg];
	if (!says(group, counter))
		return false;
	uint64_t value = group->events[counter_events[counter]], before = value;
	if (groups->bases_size > 0) {
		const struct group_base *base =
			base_place(groups->bases, groups->bases_size, group_name(snap, memcg));
		if (base->name && base->known >> counter & 1)
			before = base->counters[counter];
	}
	*ret_value = value;
	*ret_grown = value > before ? value - before : 0;
	return true;
}

/* --- rows --------------------------------------------------------------------- */

static int reserve_rows(struct groups *groups, uint32_t n)
{
	if (n <= groups->capacity)
		return 0;
	uint32_t capacity = n + n / 2 + 64;
	uint32_t *rows = malloc(capacity * sizeof *rows);
	uint32_t *scratch = malloc(capacity * sizeof *scratch);
	if (!rows || !scratch) {
		free(rows);
		free(scratch);
		return -ENOMEM;
	}
	free(groups->rows);
	free(groups->scratch);
	groups->rows = rows;
	groups->scratch = scratch;
	groups->capacity = capacity;
	return 0;
}

struct nearness {
	const struct snapshot *snap;
	const struct memcg_outlook *outlooks;
};

/* Groups without any limit follow, the largest first. */
static bool is_nearer(uint32_t a, uint32_t b, const void *context)
{
	const struct nearness *nearness = context;
	const struct memcg_outlook *x = &nearness->outlooks[a], *y = &nearness->outlooks[b];
	if (x->headroom_known != y->headroom_known)
		return x->headroom_known;
	if (x->headroom_known && x->headroom_bytes != y->headroom_bytes)
		return x->headroom_bytes < y->headroom_bytes;
	uint64_t usage_a = nearness->snap->memcgs[a].usage_bytes, usage_b = nearness->snap->memcgs[b].usage_bytes;
	if (!x->headroom_known && usage_a != usage_b)
		return usage_a > usage_b;
	return a < b;
}

void groups_clip(struct groups *groups)
{
	if (groups->row < groups->top)
		groups->top = groups->row;
	if (groups->row >= groups->top + groups->page_rows)
		groups->top = groups->row - groups->page_rows + 1;
	uint32_t last_top = groups->nrows > groups->page_rows ? groups->nrows - groups->page_rows : 0;
	if (groups->top > last_top)
		groups->top = last_top;
}

static void place_cursor(struct groups *groups, const struct snapshot *snap)
{
	uint32_t index = group_find(snap, groups->cursor);
	if (groups->cursor == 0)
		groups->row = 0;
	for (uint32_t i = 0; index != TASK_MEMCG_UNKNOWN && i < groups->nrows; i++) {
		if (groups->rows[i] == index)
			groups->row = i;
	}
	if (groups->row >= groups->nrows)
		groups->row = groups->nrows ? groups->nrows - 1 : 0;
	if (groups->cursor != 0 && groups->nrows > 0)
		groups->cursor = group_name(snap, groups->rows[groups->row]);
	groups_clip(groups);
}

int groups_update(struct groups *groups, const struct snapshot *snap, const struct memcg_outlooks *outlooks)
{
	groups->nrows = 0;
	if (outlooks->n != snap->nmemcgs)
		return 0; /* not concluded in this tick */
	int r = reserve_rows(groups, snap->nmemcgs);
	if (r == 0 && groups->looked_tick != snap->tick) {
		r = look(groups, snap);
		groups->looked_tick = snap->tick;
	}
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < snap->nmemcgs; i++)
		groups->rows[i] = i;
	groups->nrows = snap->nmemcgs;
	const struct nearness nearness = { snap, outlooks->groups };
	if (!groups->tree)
		sort_indices(groups->rows, groups->scratch, groups->nrows, is_nearer, &nearness);
	place_cursor(groups, snap);
	return 0;
}

uint32_t groups_chosen(const struct groups *groups)
{
	return groups->row < groups->nrows ? groups->rows[groups->row] : TASK_MEMCG_UNKNOWN;
}

void groups_move(struct groups *groups, const struct snapshot *snap, int64_t row)
{
	if (groups->nrows == 0)
		return;
	row = row < 0 ? 0 : row >= (int64_t)groups->nrows ? (int64_t)groups->nrows - 1 : row;
	groups->row = (uint32_t)row;
	groups->cursor = group_name(snap, groups->rows[row]);
	groups_clip(groups);
}
