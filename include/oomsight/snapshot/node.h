/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * NUMA nodes, and sets of them.
 */
#ifndef OOMSIGHT_SNAPSHOT_NODE_H
#define OOMSIGHT_SNAPSHOT_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/text.h"
#include "oomsight/snapshot/fact.h"

/* The kernel's MAX_NUMNODES is 1 << CONFIG_NODES_SHIFT, which is 10 at most. */
#define NODES_MAX 1024

struct nodeset {
	uint64_t bits[NODES_MAX / 64];
};

static inline bool nodeset_has(const struct nodeset *set, uint32_t node)
{
	return node < NODES_MAX && (set->bits[node / 64] >> node % 64 & 1);
}

/* node < NODES_MAX */
static inline void nodeset_add(struct nodeset *set, uint32_t node)
{
	set->bits[node / 64] |= UINT64_C(1) << node % 64;
}

bool nodeset_is_empty(const struct nodeset *set);
bool nodeset_equal(const struct nodeset *a, const struct nodeset *b);
bool nodeset_intersects(const struct nodeset *a, const struct nodeset *b);

/* Is every node of a in b, too? */
bool nodeset_is_within(const struct nodeset *a, const struct nodeset *b);

/* A list as the kernel and taskset write it: "0-3,8"; an empty text is the
 * empty set. Returns 0; -EINVAL for what is no such list; -ERANGE for a node
 * beyond NODES_MAX. The output is untouched on failure. */
int nodeset_parse(struct text list, struct nodeset *ret_set);

/* The same backwards, cut to fit; size > 0. "" for the empty set. Returns dst. */
char *nodeset_format(const struct nodeset *set, char *dst, size_t size);

/* One node. What /proc/zoneinfo says of it is in every snapshot; its meminfo is
 * read when asked for only. */
struct node {
	uint32_t id;
	uint64_t present_pages; /* all zones': what totalpages counts, reserved memory included */
	uint64_t managed_pages;
	uint64_t free_pages;
	uint64_t file_lru_pages; /* active and inactive; 0 where zones do not say (before 4.8) */
	uint64_t anon_lru_pages;
	uint64_t min_pages;      /* watermarks of its zones */
	/* sys/devices/system/node/nodeN/meminfo */
	enum fact_state meminfo_state;
	uint64_t total_bytes;
	uint64_t free_bytes;
	uint64_t file_bytes; /* FilePages: page cache, shmem included */
	uint64_t anon_bytes; /* AnonPages */
	uint64_t shmem_bytes;
	uint64_t anon_huge_bytes;
	uint64_t huge_total; /* preallocated huge pages of the default size */
	uint64_t huge_free;
};

#endif
