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
#include "oomsight/snapshot/system.h"
#include "oomsight/snapshot/task.h"

enum task_source { SOURCE_PROC, SOURCE_BPF };

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
	struct task *tasks;
	uint32_t ntasks;
	uint32_t tasks_capacity;
	uint32_t tasks_denied; /* pids seen whose stat we may not read */
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

void snapshot_sort_tasks(struct snapshot *snap);

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
