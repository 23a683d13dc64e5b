/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * On which NUMA nodes the pages of one process are, and by which memory policies
 * they came there: /proc/PID/numa_maps. The kernel walks all its page tables for
 * that with its mmap_lock held, so it is read for one process at a time, when the
 * operator asks, and outside the tick.
 */
#ifndef OOMSIGHT_SNAPSHOT_PAGES_H
#define OOMSIGHT_SNAPSHOT_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#define PAGES_NODES 16    /* told apart; the rest counts together */
#define PAGES_POLICIES 4  /* likewise */
#define PAGES_POLICY_SIZE 32

enum pages_state {
	PAGES_NONE,    /* never asked for */
	PAGES_PENDING, /* asked for, not here yet */
	PAGES_KNOWN,
	PAGES_FAILED,  /* see error */
};

struct pages_of_node {
	uint32_t node;
	uint64_t bytes;
};

struct pages_of_policy {
	char name[PAGES_POLICY_SIZE]; /* as the file says it, "bind:0-1"; cut to fit */
	uint64_t bytes;
};

struct pages {
	int32_t pid;
	uint64_t start_ticks;
	enum pages_state state;
	int error;     /* -EACCES, -ENOENT (no NUMA, or gone), -ETIMEDOUT, -ESRCH (another one by now) … */
	bool is_whole; /* else the read was given up after PAGES_PATIENCE_NS: there are more */
	uint8_t nnodes;
	uint8_t npolicies;
	struct pages_of_node nodes[PAGES_NODES];          /* in order of appearance */
	struct pages_of_policy policies[PAGES_POLICIES];  /* likewise; of areas without pages, too */
	uint64_t other_nodes_bytes;
	uint64_t other_policies_bytes;
};

/* A file that takes longer is not read to its end. */
#define PAGES_PATIENCE_NS UINT64_C(1500000000)

#endif
