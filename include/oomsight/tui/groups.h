/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The list of memory cgroups: in which order, where its cursor stands, and what
 * their counters were when they were first seen.
 *
 * Indices of groups change from tick to tick. What stays is a number made from
 * the path; 0 names none.
 */
#ifndef OOMSIGHT_TUI_GROUPS_H
#define OOMSIGHT_TUI_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/memcg.h"
#include "oomsight/snapshot/snapshot.h"

/* Counters whose growth is shown. */
enum group_counter { GROUP_OOM, GROUP_OOM_KILL, GROUP_OOM_GROUP_KILL, GROUP__COUNTERS };

struct group_base {
	uint64_t name; /* 0: free */
	uint64_t look; /* the last in which the group was there */
	uint64_t counters[GROUP__COUNTERS];
	uint8_t known; /* bits 1 << enum group_counter */
};

struct groups {
	uint32_t *rows; /* indices of memcgs in the order shown */
	uint32_t nrows;
	uint32_t *scratch;
	uint32_t capacity;
	uint32_t row; /* the cursor's */
	uint32_t top;
	uint32_t page_rows;
	uint64_t cursor; /* the group it stays with; 0: the first row, whichever it is */
	bool tree;       /* parents before their children, else nearest to its limit first */
	/* An open hash table by name, at most half full. */
	struct group_base *bases;
	uint32_t nbases;
	uint32_t bases_size; /* 0 or a power of two */
	uint64_t looks;
	uint64_t looked_tick;
};

void groups_init(struct groups *groups);
void groups_done(struct groups *groups);

/* The number of a group, never 0. */
uint64_t group_name(const struct snapshot *snap, uint32_t memcg);

/* The group of that number, or TASK_MEMCG_UNKNOWN. Walks all of them. */
uint32_t group_find(const struct snapshot *snap, uint64_t name);

/* A new sample, with every fact of the groups: rows are made anew, the cursor stays
 * with its group, counters of groups not seen before are noted; a group that was
 * made since the first look began with 0. Returns 0 or -ENOMEM (no rows then). */
int groups_update(struct groups *groups, const struct snapshot *snap, const struct memcg_outlooks *outlooks);

/* The group under the cursor, or TASK_MEMCG_UNKNOWN. */
uint32_t groups_chosen(const struct groups *groups);

/* To another row, clipped to what there is. */
void groups_move(struct groups *groups, const struct snapshot *snap, int64_t row);

/* After page_rows changed: the cursor back on screen. */
void groups_clip(struct groups *groups);

/* The counter, and by how much it grew since the first look. False when the group
 * does not say. */
bool groups_counter(const struct groups *groups, const struct snapshot *snap, uint32_t memcg,
		    enum group_counter counter, uint64_t *ret_value, uint64_t *ret_grown);

#endif
