/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The facts of one memory cgroup at one instant.
 *
 * A snapshot holds them in pre-order: every group before its children, and the
 * children of one parent in the order they were made. That is the order in which
 * the kernel walks them (css_next_descendant_pre() of kernel/cgroup/cgroup.c, new
 * children are added at the list's tail), and it makes every subtree one range of
 * indices. cgroupfs lists a directory in the order of its names' hashes; what
 * tells the order of creation is the inode number, which is the kernfs id, given
 * in ascending order (fs/kernfs/dir.c __kernfs_new_node(), idr_alloc_cyclic).
 */
#ifndef OOMSIGHT_SNAPSHOT_MEMCG_H
#define OOMSIGHT_SNAPSHOT_MEMCG_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/snapshot/fact.h"
#include "oomsight/snapshot/system.h"
#include "oomsight/snapshot/task.h"

/* Which kind of hierarchy has the memory controller. */
enum memcg_version {
	MEMCG_NONE, /* not mounted, or not to be found */
	MEMCG_V1,
	MEMCG_V2,
};

/* A limit that is not set: "max", or the largest number the counter holds. */
#define MEMCG_UNLIMITED UINT64_MAX

/* Facts that come and go together have one state, as with tasks. */
enum memcg_group {
	MEMCG_USAGE,        /* memory.current; v1 memory.usage_in_bytes */
	MEMCG_MAX,          /* memory.max; v1 memory.limit_in_bytes */
	MEMCG_SOFT,         /* memory.high, low, min; v1: ABSENT */
	MEMCG_SWAP_USAGE,   /* memory.swap.current; v1 memory.memsw.usage_in_bytes */
	MEMCG_SWAP_MAX,     /* memory.swap.max; v1 memory.memsw.limit_in_bytes */
	MEMCG_OOM_GROUP,    /* memory.oom.group; v1: ABSENT */
	MEMCG_OOM_CONTROL,  /* v1 memory.oom_control; v2: ABSENT */
	MEMCG_SWAPPINESS,   /* v1 memory.swappiness; v2: ABSENT */
	MEMCG_HIERARCHY,    /* v1 memory.use_hierarchy; v2: ABSENT */
	MEMCG_STAT,         /* memory.stat */
	MEMCG_EVENTS,       /* memory.events; v1: memory.failcnt and oom_control's oom_kill */
	MEMCG_EVENTS_LOCAL, /* memory.events.local; v1: ABSENT */
	MEMCG_PRESSURE,     /* memory.pressure; v1: ABSENT */
	MEMCG__GROUPS
};

/* Amounts of memory.stat, the whole subtree's.
 * X(enumerator, key in v2, key in v1 or NULL, name in JSON, help) */
#define MEMCG_STATS(X) \
	X(ANON, "anon", "total_rss", "anon", "anonymous memory: not reclaimable without swap") \
	X(INACTIVE_ANON, "inactive_anon", "total_inactive_anon", "inactive_anon", "anonymous and shmem, not used lately") \
	X(ACTIVE_ANON, "active_anon", "total_active_anon", "active_anon", "anonymous and shmem, used lately") \
	X(INACTIVE_FILE, "inactive_file", "total_inactive_file", "inactive_file", "file cache, first to be reclaimed") \
	X(ACTIVE_FILE, "active_file", "total_active_file", "active_file", "file cache, used lately") \
	X(UNEVICTABLE, "unevictable", "total_unevictable", "unevictable", "cannot be reclaimed: mlocked, ramfs") \
	X(SHMEM, "shmem", "total_shmem", "shmem", "shared memory and tmpfs") \
	X(FILE_MAPPED, "file_mapped", "total_mapped_file", "file_mapped", "files mapped by processes") \
	X(DIRTY, "file_dirty", "total_dirty", "dirty", "waits to be written to disk") \
	X(WRITEBACK, "file_writeback", "total_writeback", "writeback", "being written to disk") \
	X(KERNEL_STACK, "kernel_stack", NULL, "kernel_stack", "kernel stacks of its threads") \
	X(PAGETABLES, "pagetables", NULL, "pagetables", "page tables of its processes") \
	X(SOCK, "sock", NULL, "sock", "network buffers") \
	X(SLAB_RECLAIMABLE, "slab_reclaimable", NULL, "slab_reclaimable", "kernel objects that give way") \
	X(SLAB_UNRECLAIMABLE, "slab_unreclaimable", NULL, "slab_unreclaimable", "kernel objects that do not")

enum memcg_stat {
#define X(id, v2, v1, name, help) MEMCG_STAT_##id,
	MEMCG_STATS(X)
#undef X
	MEMCG_STAT__COUNT
};

/* Counters of memory.events. v1 has MAX (memory.failcnt) and OOM_KILL only. */
#define MEMCG_EVENT_KINDS(X) \
	X(LOW, "low", "reclaimed though below memory.low") \
	X(HIGH, "high", "throttled at memory.high") \
	X(MAX, "max", "charges that met the limit") \
	X(OOM, "oom", "the limit could not be met by reclaim") \
	X(OOM_KILL, "oom_kill", "processes of the group killed by the OOM killer") \
	X(OOM_GROUP_KILL, "oom_group_kill", "times the whole group was killed")

enum memcg_event {
#define X(id, name, help) MEMCG_EVENT_##id,
	MEMCG_EVENT_KINDS(X)
#undef X
	MEMCG_EVENT__COUNT
};

/* One row of the two tables above: the file's keys, our name, a help text. */
struct memcg_fact_info {
	const char *v2;
	const char *v1; /* NULL: v1 does not have it */
	const char *name;
	const char *help;
};

extern const struct memcg_fact_info memcg_stat_table[MEMCG_STAT__COUNT];
extern const struct memcg_fact_info memcg_event_table[MEMCG_EVENT__COUNT];

struct memcg {
	struct text_ref path; /* as /proc/PID/cgroup names it: "/", "/system.slice/a.service" */
	uint64_t inode;       /* of its directory; 0: not known */
	uint32_t parent;      /* index; TASK_MEMCG_UNKNOWN for the first */
	uint32_t end;         /* one past the last index of its subtree */
	uint16_t depth;       /* 0 for the first */
	bool oom_group;
	bool oom_kill_disable;
	bool under_oom;
	bool use_hierarchy;   /* v1; false up to 5.10 means: its limit does not bind its children */
	uint8_t swappiness;   /* v1 */
	uint64_t usage_bytes;
	uint64_t max_bytes;   /* or MEMCG_UNLIMITED, as all limits */
	uint64_t high_bytes;
	uint64_t low_bytes;
	uint64_t min_bytes;
	uint64_t swap_usage_bytes; /* v2: of swap alone; v1: memory and swap together */
	uint64_t swap_max_bytes;   /* likewise */
	uint64_t stat_bytes[MEMCG_STAT__COUNT];
	uint64_t events[MEMCG_EVENT__COUNT];       /* the subtree's */
	uint64_t events_local[MEMCG_EVENT__COUNT]; /* its own */
	struct psi pressure;
	uint32_t stat_known;         /* bits 1 << enum memcg_stat */
	uint8_t events_known;        /* bits 1 << enum memcg_event */
	uint8_t events_local_known;
	uint8_t group_state[MEMCG__GROUPS]; /* enum fact_state */
	uint8_t age[MEMCG__GROUPS];         /* ticks since it was read; 0: in this one */
};

static inline bool memcg_knows(const struct memcg *memcg, enum memcg_group group)
{
	return memcg->group_state[group] == FACT_KNOWN;
}

/* Has it a limit of its own that can bring an OOM? */
static inline bool memcg_has_limit(const struct memcg *memcg)
{
	return memcg_knows(memcg, MEMCG_MAX) && memcg->max_bytes != MEMCG_UNLIMITED;
}

#endif
