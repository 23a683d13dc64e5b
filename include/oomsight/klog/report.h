/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One OOM report of the kernel: plain facts, as the log states them. What the
 * text does not hold is FACT_UNKNOWN, "not in this report", and never 0.
 * Conclusions are made in explain.h.
 *
 * Amounts stay in the unit of the log: table rows in pages, other lines in KiB.
 */
#ifndef OOMSIGHT_KLOG_REPORT_H
#define OOMSIGHT_KLOG_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/text.h"
#include "oomsight/snapshot/fact.h"

struct klog_u64 {
	enum fact_state state;
	uint64_t value; /* only when FACT_KNOWN */
};

struct klog_i64 {
	enum fact_state state;
	int64_t value;
};

/* Text in the report's arena, raw: names of processes and cgroups are foreign. */
struct klog_text {
	enum fact_state state;
	uint32_t offset;
	uint32_t len;
};

struct klog_task_id {
	struct klog_i64 pid;
	struct klog_text comm;
};

/* Columns of the task table, of all releases. */
enum klog_column {
	KLOG_PID, /* the thread whose mm was looked at */
	KLOG_UID,
	KLOG_TGID,
	KLOG_TOTAL_VM, /* pages, like all that follow unless said */
	KLOG_RSS,
	KLOG_RSS_ANON,
	KLOG_RSS_FILE,
	KLOG_RSS_SHMEM,
	KLOG_NR_PTES,        /* tables */
	KLOG_NR_PMDS,        /* tables */
	KLOG_PGTABLES_BYTES, /* bytes */
	KLOG_SWAPENTS,
	KLOG_CPU,     /* a processor's number */
	KLOG_OOM_ADJ, /* -17 .. 15 */
	KLOG_OOM_SCORE_ADJ,
	KLOG_OTHER, /* a column no release known here has */
	KLOG_COLUMN__COUNT
};

#define KLOG_COLUMNS_MAX 20

/* The name of a column in the table's own header, "?" for KLOG_OTHER. */
const char *klog_column_name(enum klog_column column);

struct klog_task {
	uint32_t known; /* 1 << enum klog_column, or-ed */
	int64_t value[KLOG_COLUMN__COUNT];
	struct klog_text name;
	bool killed_before; /* by an earlier report of the same log */
};

static inline bool klog_task_has(const struct klog_task *task, enum klog_column column)
{
	return (task->known & 1U << column) != 0;
}

enum klog_role {
	KLOG_ROLE_CHOSEN,
	KLOG_ROLE_CHILD,     /* died in its parent's place, up to 5.0 */
	KLOG_ROLE_SHARES_MM, /* "sharing same memory" */
	KLOG_ROLE_OOM_GROUP, /* memory.oom.group */
	KLOG_ROLE__COUNT
};

/* "chosen", "child", "shares_mm", "oom_group". */
const char *klog_role_name(enum klog_role role);

struct klog_kill {
	struct klog_task_id task;
	enum klog_role role;
	bool dying_already; /* "is already exiting": marked only */
	bool reaped;        /* an oom_reaper line says so */
	struct klog_u64 total_vm_kib, anon_rss_kib, file_rss_kib, shmem_rss_kib, pgtables_kib;
	struct klog_u64 uid;
	struct klog_i64 adj;
};

/* Somebody whose memory the reaper took, in the same breath. */
struct klog_reaped {
	struct klog_task_id task;
	bool failed; /* "unable to reap" */
};

/* Counts of the Mem-Info block, in pages. */
#define KLOG_COUNTERS(X) \
	X(active_anon) X(inactive_anon) X(isolated_anon) X(active_file) X(inactive_file) X(isolated_file) \
	X(unevictable) X(dirty) X(writeback) X(unstable) X(slab_reclaimable) X(slab_unreclaimable) X(mapped) X(shmem) \
	X(pagetables) X(sec_pagetables) X(bounce) X(kernel_misc_reclaimable) X(free) X(free_pcp) X(free_cma)

enum klog_counter {
#define X(name) KLOG_COUNT_##name,
	KLOG_COUNTERS(X)
#undef X
	KLOG_COUNTER__COUNT
};

const char *klog_counter_name(enum klog_counter counter);

#define KLOG_ORDERS 16

/* The letters behind a count of free blocks: show_migration_types(), mm/show_mem.c v6.18. */
enum klog_block_type {
	KLOG_BLOCK_COMMON = 1,     /* U, M, E: any request that may use the zone */
	KLOG_BLOCK_HIGHATOMIC = 2, /* H: requests that cannot wait */
	KLOG_BLOCK_CMA = 4,        /* C: movable memory */
	KLOG_BLOCK_ISOLATED = 8,   /* I: nobody */
};

/* One zone of a node. KiB. */
struct klog_zone {
	struct klog_u64 node; /* not known where the architecture has no nodes */
	struct klog_text name;
	struct klog_u64 free_kib, min_kib, low_kib, high_kib, boost_kib, present_kib, managed_kib;
	struct klog_u64 active_anon_kib, inactive_anon_kib, active_file_kib, inactive_file_kib, unevictable_kib;
	bool has_blocks; /* the list of free blocks was there */
	uint8_t norders; /* how many orders it had */
	uint64_t blocks[KLOG_ORDERS];
	uint8_t types[KLOG_ORDERS]; /* what those are kept for: enum klog_block_type, or-ed; 0 where it is not said */
};

struct klog_hugepages {
	struct klog_u64 node;
	uint64_t total, free, size_kib;
};

/* A counter of a memory cgroup against its limit. */
struct klog_limit {
	struct klog_u64 usage_kib, limit_kib, failcnt;
};

/* A line of memory.stat, or of the older list; in bytes where it is an amount. */
struct klog_stat {
	struct klog_text name;
	uint64_t value;
};

enum klog_scope { KLOG_SCOPE_UNKNOWN, KLOG_SCOPE_GLOBAL, KLOG_SCOPE_MEMCG };

enum klog_panic {
	KLOG_PANIC_NONE,
	KLOG_PANIC_SYSCTL,    /* vm.panic_on_oom = 1 */
	KLOG_PANIC_COMPULSORY, /* vm.panic_on_oom = 2 */
	KLOG_PANIC_NOBODY,    /* nobody left to kill */
};

struct klog_time {
	struct klog_text text;          /* as logged */
	struct klog_u64 monotonic_ns;   /* the kernel's own stamp */
	struct klog_i64 realtime_ns;    /* since 1970, where date, year and zone are known */
	struct klog_i64 local_ns;       /* the same of a local time whose zone is not stated */
	struct klog_i64 day_ns;         /* since the beginning of a year that is not stated */
};

struct klog_report {
	uint64_t offset; /* bytes of the stream before the first line */
	struct klog_time time;
	struct klog_text release; /* "6.1.0-56-amd64" */

	bool has_header; /* "invoked oom-killer" */
	struct klog_task_id trigger;
	struct klog_i64 order; /* -1: SysRq-f */
	struct klog_u64 gfp_mask;
	struct klog_text gfp_flags; /* "GFP_KERNEL|__GFP_ZERO" */
	struct klog_i64 trigger_adj;
	struct klog_i64 trigger_oom_adj; /* up to 3.7 */

	bool has_summary; /* the oom-kill: line */
	struct klog_text constraint; /* as stated there: "CONSTRAINT_MEMCG" */
	struct klog_text nodemask;   /* not known where it is (null) */
	struct klog_text cpuset;
	struct klog_text mems_allowed;
	struct klog_text oom_memcg;  /* whose limit */
	struct klog_text task_memcg; /* where the chosen one lives */
	enum klog_scope scope;
	struct klog_task_id chosen;
	struct klog_u64 chosen_uid;
	struct klog_i64 score; /* up to 5.0: thousandths of totalpages */

	struct klog_kill *kills;
	uint32_t nkills;
	struct klog_reaped *reaped; /* without those among the kills */
	uint32_t nreaped;
	struct klog_text oom_group; /* "are going to be killed due to memory.oom.group" */
	bool allocating_task;
	bool nobody_killable;
	enum klog_panic panic;

	bool has_table; /* its header line was there */
	uint32_t columns; /* of that header: 1 << enum klog_column */
	uint8_t column_order[KLOG_COLUMNS_MAX]; /* after the pid, as printed */
	uint8_t ncolumns;
	bool rows_padded; /* blanks follow the names, put there by whoever wrote the log */
	struct klog_task *tasks;
	uint32_t ntasks;
	uint32_t tasks_cut;  /* rows that end early, or hold no numbers any more */
	bool tasks_dropped;  /* more rows than are kept */
	bool table_ended;    /* what follows the table in the log was there, so it was not cut at its end */

	bool has_meminfo;
	struct klog_u64 page_kib; /* the smallest block of the free lists */
	struct klog_u64 counters[KLOG_COUNTER__COUNT];
	struct klog_zone *zones;
	uint32_t nzones;
	struct klog_hugepages *hugepages;
	uint32_t nhugepages;
	struct klog_u64 ram_pages, highmem_pages, reserved_pages, pagecache_pages, swapcache_pages;
	struct klog_u64 swap_total_kib, swap_free_kib;

	struct klog_limit limit_memory, limit_memsw, limit_swap, limit_kmem;
	struct klog_stat *stats;
	uint32_t nstats;

	char *arena;
	uint32_t arena_len;
	/* Room, for growing. */
	uint32_t arena_capacity, tasks_capacity, kills_capacity, reaped_capacity, zones_capacity, hugepages_capacity,
		stats_capacity;
};

void klog_report_init(struct klog_report *report);
void klog_report_done(struct klog_report *report);

/* Memory for a small report, which nothing else is needed for. 0 or -ENOMEM. */
int klog_report_prepare(struct klog_report *report);

/* Empty. What a small report takes is kept, the rest given back. */
void klog_report_clear(struct klog_report *report);

/* Move *src into *dst (what it held is freed) and leave *src empty. */
void klog_report_take(struct klog_report *dst, struct klog_report *src);

/* The text, or the empty slice where it is not known. Valid as long as the
 * report is not changed. */
struct text klog_text(const struct klog_report *report, struct klog_text text);

/* Keep a copy of raw. Returns a known text; one not known when memory or the
 * arena's bound (16 MiB) is reached. */
struct klog_text klog_report_keep(struct klog_report *report, struct text raw);

/* The same for the name in a row: without memory, rows leave room for what says who was
 * killed. */
struct klog_text klog_report_keep_row(struct klog_report *report, struct text raw);

/* Room for one more; zeroed. NULL when memory or the bound is reached. */
struct klog_task *klog_report_add_task(struct klog_report *report);
struct klog_kill *klog_report_add_kill(struct klog_report *report);
struct klog_reaped *klog_report_add_reaped(struct klog_report *report);
struct klog_zone *klog_report_add_zone(struct klog_report *report);
struct klog_hugepages *klog_report_add_hugepages(struct klog_report *report);
struct klog_stat *klog_report_add_stat(struct klog_report *report);

/* The row of a process, by its pid or tgid; NULL where there is none. */
const struct klog_task *klog_report_task(const struct klog_report *report, int64_t pid);

/* The value of a memory.stat line, in bytes. */
struct klog_u64 klog_report_stat(const struct klog_report *report, const char *name);

static inline struct klog_u64 klog_u64(uint64_t value)
{
	return (struct klog_u64){ FACT_KNOWN, value };
}

static inline struct klog_i64 klog_i64(int64_t value)
{
	return (struct klog_i64){ FACT_KNOWN, value };
}

#endif
