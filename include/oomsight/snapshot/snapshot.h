/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The facts of one instant. The sampler fills a snapshot, then it is const:
 * model, emit, record and screens read it and never write it.
 */
#ifndef OOMSIGHT_SNAPSHOT_SNAPSHOT_H
#define OOMSIGHT_SNAPSHOT_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/text.h"
#include "oomsight/snapshot/memcg.h"
#include "oomsight/snapshot/node.h"
#include "oomsight/snapshot/system.h"
#include "oomsight/snapshot/task.h"

enum task_source { SOURCE_PROC, SOURCE_BPF };

/* See turnover.h. */
enum tasks_state {
	TASKS_WHOLE,
	TASKS_HANDED_OVER, /* only those that the snapshot after it tells differently, or not at all */
	TASKS_LOST,        /* of those not even all */
	TASKS_RECALLED,    /* whole again */
};

/* What the reader itself is and sees; decides what may be written, and how far
 * the ranking can be trusted. */
struct observer {
	int32_t pid;
	uint32_t uid; /* effective */
	uint64_t cap_eff;
	int32_t oom_score; /* of ourselves, for calibrating the era */
	int16_t oom_score_adj;
	bool scores_known;
	bool in_init_pid_ns;   /* pid 1 is the global init; all processes have a pid here */
	bool in_init_user_ns;  /* capabilities count for the host */
	bool proc_hides;       /* /proc is mounted with hidepid and we are not exempt */
};

struct snapshot {
	/* Of the host, read once. */
	char host[65];
	char release[65]; /* uname -r */
	uint32_t page_bytes;
	uint32_t ticks_per_s;
	uint32_t cpus;
	/* Of the instant. */
	uint64_t tick;        /* 1 for the first snapshot of a run */
	int64_t realtime_ns;  /* since 1970, when the sample was begun */
	uint64_t monotonic_ns;
	uint64_t boottime_ns; /* uptime */
	uint64_t took_ns;     /* how long sampling took */
	enum task_source source;
	char source_note[160]; /* why not a better source; "" when it is the best */
	struct observer observer;
	struct system_facts system;
	/* By ascending pid. */
	enum tasks_state tasks_state;
	struct task *tasks;
	uint32_t ntasks;
	uint32_t tasks_capacity;
	uint32_t tasks_denied; /* pids seen whose stat we may not read */
	/* Memory cgroups in pre-order, see memcg.h. */
	enum memcg_version memcg_version;
	char memcg_mount[512]; /* where their directories are, below the root, no slash in front */
	char memcg_top[512];   /* the group that is mounted there; "" for "/" */
	struct memcg *memcgs;
	uint32_t nmemcgs;
	uint32_t memcgs_capacity;
	/* NUMA nodes by ascending id; at least one when /proc/zoneinfo was read. */
	struct node *nodes;
	uint32_t nnodes;
	uint32_t nodes_capacity;
	/* The different sets of nodes that tasks name, each once. */
	struct nodeset *nodesets;
	uint32_t nnodesets;
	uint32_t nodesets_capacity;
	char *arena;
	uint32_t arena_len;
	uint32_t arena_capacity;
};

/* An empty snapshot: all memory released by _done, _clear keeps it. */
void snapshot_init(struct snapshot *snap);
void snapshot_done(struct snapshot *snap);
void snapshot_clear(struct snapshot *snap);

/* Room for at least this many, kept over _clear; grows by half more so that a
 * steady tick never allocates. Return 0 or -ENOMEM (nothing lost then). */
int snapshot_reserve_tasks(struct snapshot *snap, uint32_t tasks);
int snapshot_reserve_zones(struct snapshot *snap, uint32_t zones);
int snapshot_reserve_swaps(struct snapshot *snap, uint32_t swaps);
int snapshot_reserve_memcgs(struct snapshot *snap, uint32_t memcgs);
int snapshot_reserve_nodes(struct snapshot *snap, uint32_t nodes);
int snapshot_reserve_nodesets(struct snapshot *snap, uint32_t nodesets);

/* Copy text into the arena. Returns 0 or -ENOMEM, *ret_ref then untouched. */
int snapshot_add_text(struct snapshot *snap, struct text text, struct text_ref *ret_ref);

/* The text of a ref of this snapshot. */
static inline struct text snapshot_text(const struct snapshot *snap, struct text_ref ref)
{
	return ref.len > 0 ? text_of(snap->arena + ref.offset, ref.len) : TEXT("");
}

/* A task with every group FACT_UNKNOWN is appended; its pid must be above all
 * others' (or call snapshot_sort_tasks before use). NULL when memory is out. */
struct task *snapshot_add_task(struct snapshot *snap, int32_t pid);

/* Leave out the task of that pid, if there is one. */
void snapshot_remove_task(struct snapshot *snap, int32_t pid);

void snapshot_sort_tasks(struct snapshot *snap);

/* A group with nothing known is appended; NULL when memory is out. Its parent
 * (TASK_MEMCG_UNKNOWN for none) must stand in the snapshot; call
 * snapshot_link_memcgs when all are there. */
struct memcg *snapshot_add_memcg(struct snapshot *snap, uint32_t parent);

/* Fill depth and end of all groups from their parents. */
void snapshot_link_memcgs(struct snapshot *snap);

/* The group of that path, or TASK_MEMCG_UNKNOWN. Walks all of them. */
uint32_t snapshot_find_memcg(const struct snapshot *snap, struct text path);

/* The index of a set of nodes, added when it is new; TASK_NODES_UNKNOWN when there
 * is no more room for sets. */
uint16_t snapshot_intern_nodes(struct snapshot *snap, const struct nodeset *nodes);

/* The set at that index, or NULL for TASK_NODES_UNKNOWN. */
static inline const struct nodeset *snapshot_nodes(const struct snapshot *snap, uint16_t index)
{
	return index < snap->nnodesets ? &snap->nodesets[index] : NULL;
}

/* Every node that has memory. */
struct nodeset snapshot_memory_nodes(const struct snapshot *snap);

/* The task of that pid, or NULL. */
const struct task *snapshot_find(const struct snapshot *snap, int32_t pid);

/* The same process in another snapshot (pid and start time), or NULL. */
const struct task *snapshot_find_same(const struct snapshot *snap, const struct task *task);

/* bytes → whole pages of this snapshot, and back (saturating). */
static inline uint64_t snapshot_pages(const struct snapshot *snap, uint64_t bytes)
{
	return bytes / snap->page_bytes;
}

uint64_t snapshot_bytes(const struct snapshot *snap, uint64_t pages);

#endif
