/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's badness, era by era: pure integer arithmetic, C rules kept
 * (division truncates toward zero).
 */
#ifndef OOMSIGHT_MODEL_BADNESS_H
#define OOMSIGHT_MODEL_BADNESS_H

#include <stdbool.h>
#include <stdint.h>

#define OOM_SCORE_ADJ_MIN (-1000)
#define OOM_SCORE_ADJ_MAX 1000
#define OOM_DISABLE (-17)    /* legacy oom_adj: never kill */
#define OOM_ADJUST_MAX 15    /* legacy oom_adj: the largest */

/* Rule sets, named by the first mainline release that has them. Distribution
 * and stable trees carry back-ports: find the running kernel's by behaviour. */
enum era {
	ERA_2_6_32, /* total_vm, children, CPU and run time, nice, capabilities */
	ERA_2_6_36, /* rss + swap in thousandths of totalpages, adj in thousandths */
	ERA_2_6_39, /* + page tables */
	ERA_3_5,    /* pages; root bonus 3 % of totalpages */
	ERA_3_14,   /* root bonus 3 % of its own size */
	ERA_4_0,    /* + pmd tables */
	ERA_4_15,   /* pgtables_bytes; no points within vfork or once reaped */
	ERA_4_17,   /* no root bonus */
	ERA_5_9,    /* signed points, no floor */
	ERA__COUNT
};

/* "5.9" and so on. */
const char *era_name(enum era era);

/* The era of a mainline release such as "4.19" or "6.1.0-56-amd64", as if it
 * carried no back-ports. Returns 0 or -EINVAL. */
int era_of_release(const char *release, enum era *ret_era);

/* What badness is made of from 2.6.36 on. Pages of the task's machine. */
struct badness_parts {
	uint64_t rss_pages; /* the number that decides, see rules.rss */
	uint64_t swap_pages;
	uint64_t pgtables_pages; /* as the era counts them */
	int adj;                 /* oom_score_adj, -999 .. 1000 */
	bool root;               /* CAP_SYS_ADMIN in the initial user namespace */
};

/* The pages of these parts that the era counts, together. */
uint64_t badness_pages(enum era era, const struct badness_parts *parts);

/* What the heuristic up to 2.6.35 looks at. */
struct badness_legacy_parts {
	uint64_t total_vm_pages;
	const uint64_t *children_pages; /* total_vm of direct children with another mm */
	uint32_t nchildren;
	uint64_t cpu_jiffies;
	uint32_t hz; /* 100, 250, 300 or 1000 */
	uint64_t run_seconds;
	int nice;
	bool cap_sys_admin;
	bool cap_sys_resource;
	bool cap_sys_rawio;
	bool other_cpuset; /* no thread's memory nodes overlap the allocating task's */
	int oom_adj;       /* -16 .. 15 */
	bool swapoff;
};

/* Badness of an eligible task.
 *
 * era: ERA_2_6_36 or later. totalpages: pages allowed under the constraint,
 * swap included; > 0.
 * Returns signed points: pages from 3.5 on, thousandths before.
 * Source: mm/oom_kill.c oom_badness().
 */
int64_t badness_points(enum era era, const struct badness_parts *parts, uint64_t totalpages);

/* The heuristic up to 2.6.35. Source: mm/oom_kill.c badness(), 2.6.32. */
uint64_t badness_points_legacy(const struct badness_legacy_parts *parts);

/* One step of that arithmetic, to be shown. */
enum badness_term {
	TERM_RSS,
	TERM_SWAP,
	TERM_PGTABLES,
	TERM_SHARE,    /* pages to thousandths; operand: totalpages */
	TERM_ROOT,     /* operand: what is taken off */
	TERM_ADJ,      /* operand: oom_score_adj */
	TERM_FLOOR,    /* at least 1 */
	TERM_CEILING,  /* at most 1000 */
	TERM_VIRTUAL,  /* from here on the heuristic up to 2.6.35 */
	TERM_CHILDREN, /* half of their virtual sizes, and one each */
	TERM_CPU,      /* operand: the divisor */
	TERM_RUN,      /* likewise */
	TERM_NICE,
	TERM_ADMIN,    /* CAP_SYS_ADMIN or CAP_SYS_RESOURCE */
	TERM_RAWIO,
	TERM_CPUSET,
	TERM_OOM_ADJ,  /* operand: oom_adj, by which points are shifted */
	TERM_SWAPOFF,
	TERM__COUNT
};

struct badness_step {
	enum badness_term term;
	int64_t operand;
	int64_t points; /* after it */
};

/* In the kernel's order. Of terms that change nothing only rss, swap, page tables,
 * virtual size, children and oom_score_adj are there. */
struct badness_steps {
	struct badness_step steps[TERM__COUNT];
	unsigned n;
};

/* The same as badness_points() and badness_points_legacy(), every step noted. */
int64_t badness_explain(enum era era, const struct badness_parts *parts, uint64_t totalpages,
			struct badness_steps *ret_steps);
uint64_t badness_explain_legacy(const struct badness_legacy_parts *parts, struct badness_steps *ret_steps);

/* What one unit of oom_score_adj is worth: totalpages / 1000, the division
 * first; 0 when totalpages is below 1000. */
static inline int64_t badness_adj_unit_pages(uint64_t totalpages)
{
	return (int64_t)(totalpages / 1000);
}

/* What /proc/PID/oom_score prints for an eligible task with these points.
 * totalpages: always RAM + swap here. Source: fs/proc/base.c proc_oom_score(). */
int64_t badness_oom_score(enum era era, int64_t points, uint64_t totalpages);

/* 5.9 and later: the points that print as `score`, both ends included. False
 * for scores that no points of 1 or more thousandths yield, and for 0. */
bool badness_score_range(int64_t score, uint64_t totalpages, int64_t *ret_low, int64_t *ret_high);

/* /proc/PID/oom_adj as written (-17 .. 15) → oom_score_adj, and as read.
 * Source: fs/proc/base.c oom_adj_write(), oom_adj_read(), v5.10. */
int oom_adj_to_score_adj(int oom_adj);
int oom_adj_from_score_adj(int score_adj);

/* The oom_score_adj nearest to 0 that reads as this oom_adj, where a kernel has
 * nothing but oom_adj: the kernel's own rule for writes loses one on the way back
 * (8 becomes 470, which reads as 7). */
int oom_adj_as_score_adj(int oom_adj);

#endif
