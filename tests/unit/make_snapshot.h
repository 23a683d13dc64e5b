/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots made from a few lines of text, for the tests of every room that
 * reads them:
 *
 *	struct snapshot snap;
 *	MAKE_SNAPSHOT(&snap, 1000000, 0,
 *		      { .pid = 10, .comm = "java", .rss = 5000, .pgt = 12 },
 *		      { .pid = 20, .comm = "sshd", .rss = 300, .adj = -1000 });
 *	make_sysctl(&snap, SYSCTL_PANIC_ON_OOM, 1);
 *	made_task(&snap, 20)->state = 'D';
 *	...
 *	snapshot_done(&snap);
 *
 * What a line does not say has a plain value, and every group of facts of a
 * task is known and of this tick unless the line says otherwise: but for
 * TASK_FLOOR, TASK_POLICY, TASK_MMID without .mm_id, TASK_CGROUP without .cgroup
 * and TASK_MARKS without .marked, as the proc source would leave them. Out of
 * memory ends the test program.
 */
#ifndef OOMSIGHT_TESTS_MAKE_SNAPSHOT_H
#define OOMSIGHT_TESTS_MAKE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/snapshot/snapshot.h"

/* One line. Amounts in pages of 4096 bytes. */
struct made_task {
	int32_t pid;
	int32_t ppid;      /* 0 means 1 */
	const char *comm;  /* NULL: "task" */
	size_t comm_len;   /* 0: up to the NUL; else as many raw bytes */
	uint64_t rss;      /* stat field 24, VmRSS and, but for .file and .shmem, RssAnon */
	uint64_t precise;  /* VmRSS where it differs from .rss; 0: the same */
	uint64_t file;     /* RssFile, part of the rss */
	uint64_t shmem;    /* RssShmem, part of the rss */
	uint64_t shr;      /* statm field 3; 0: .file + .shmem */
	uint64_t swap;
	uint64_t pgt;      /* page tables */
	uint64_t virt;     /* 0: twice the rss */
	int adj;           /* oom_score_adj */
	int score;         /* oom_score as the kernel prints it; with .scored */
	bool scored;       /* else TASK_SCORE is FACT_UNKNOWN */
	char state;        /* 0: 'S' */
	uint32_t flags;    /* TASK_FLAG_* */
	uint64_t start;    /* ticks after boot; 0: ten times the pid */
	uint32_t threads;  /* 0: 1 */
	uint32_t uid;
	uint64_t cap_eff;
	int32_t mm_id;
	const char *cgroup; /* see make_memcg */
	uint64_t minor;
	uint64_t major;
	bool sigkill;      /* SIGKILL is pending */
	bool through_thread;
	bool marked;       /* TASK_MARKS is known, as the bpf source leaves it */
	uint8_t marks;     /* TASK_MARK_*, with .marked */
	uint64_t swap_quick; /* with .marked */
	bool no_mm;        /* TASK_MM and TASK_SPLIT are FACT_ABSENT, amounts 0 */
	uint32_t denied;   /* bits 1 << TASK_...: FACT_DENIED, values 0 to be sure */
	uint32_t unknown;  /* bits 1 << TASK_...: FACT_UNKNOWN */
	uint32_t old;      /* bits 1 << TASK_...: read five ticks ago */
};

/* The global init and a kernel thread, as lines. */
#define MADE_INIT { .pid = 1, .comm = "init", .rss = 2000, .pgt = 20, .start = 1 }
#define MADE_KTHREAD { .pid = 2, .comm = "kthreadd", .flags = TASK_FLAG_KTHREAD, .no_mm = true, .start = 2 }

/* A snapshot of a host with 4 KiB pages, 2 CPUs, kernel 6.18, all sysctls at
 * their defaults, half of RAM and all of swap free, PSI absent; the observer is
 * root with every capability in the initial namespaces and prints oom_score 666
 * (the formula of 5.9). Amounts of RAM and swap in pages. Initialises *snap. */
void make_snapshot(struct snapshot *snap, uint64_t ram_pages, uint64_t swap_pages, const struct made_task *tasks,
		   size_t ntasks);

#define MAKE_SNAPSHOT(snap, ram_pages, swap_pages, ...) \
	make_snapshot((snap), (ram_pages), (swap_pages), (const struct made_task[]){ __VA_ARGS__ }, \
		      sizeof((const struct made_task[]){ __VA_ARGS__ }) / sizeof(struct made_task))

/* The task of that pid, to be changed by hand; its absence ends the test. */
struct task *made_task(struct snapshot *snap, int32_t pid);

/* The index of that task. */
uint32_t made_index(const struct snapshot *snap, int32_t pid);

/* A fact or sysctl becomes known with this value (the fact in its own unit). */
void make_fact(struct snapshot *snap, enum sys_fact fact, uint64_t value);
void make_sysctl(struct snapshot *snap, enum sysctl_id id, int64_t value);

/* A memory cgroup of v2 (or of snap->memcg_version when it is set) after its
 * parent and its elder siblings, with usage 0 and this limit in pages; 0: none.
 * Every fact of it is known. Tasks whose .cgroup is this path or below it are
 * in it. Returns its index. */
uint32_t make_memcg(struct snapshot *snap, const char *path, uint64_t max_pages);

/* A NUMA node with this much memory, after those with lower ids. */
void make_node(struct snapshot *snap, uint32_t id, uint64_t present_pages);

/* Mems_allowed of a task, and its memory policy. */
void make_mems(struct snapshot *snap, int32_t pid, const char *nodes);
void make_policy(struct snapshot *snap, int32_t pid, enum task_policy policy, const char *nodes);

/* uname -r. */
void make_release(struct snapshot *snap, const char *release);

/* The tick after: same host, clocks `ms` later, tick + 1. *next is initialised
 * as a copy of *snap, to be changed by hand. */
void make_next(struct snapshot *next, const struct snapshot *snap, uint64_t ms);

#endif
