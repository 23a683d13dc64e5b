/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which rules the running kernel follows: found by its behaviour where it
 * shows, by its release where not.
 */
#ifndef OOMSIGHT_MODEL_RULES_H
#define OOMSIGHT_MODEL_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/model/badness.h"
#include "oomsight/snapshot/snapshot.h"

/* Which of the kernel's two counts of a process's rss badness reads. */
enum rss_rule {
	RSS_QUICK,   /* get_mm_counter(): stat field 24 (6.2 .. 6.19; before, both are one) */
	RSS_PRECISE, /* get_mm_counter_sum(): status and statm (7.0 and later) */
};

/* Who dies in the place of the chosen. Source: mm/oom_kill.c oom_kill_process(). */
enum child_rule {
	CHILD_SPARED, /* nobody (5.1 and later) */
	CHILD_WORST,  /* of its children with another mm that can be killed, the worst (2.6.36 .. 5.0) */
	CHILD_FIRST,  /* of these the first forked, its points not asked for (up to 2.6.35) */
};

/* What of swap counts in the totalpages of a memory cgroup's OOM. */
enum memcg_swap_rule {
	MEMCG_SWAP_BY_SWAPPINESS, /* all the group may use, unless its swappiness is 0 (3.8 and later) */
	MEMCG_SWAP_ALWAYS,        /* the same whatever the swappiness (2.6.38 .. 3.7) */
	MEMCG_SWAP_AS_BYTES,      /* pages added to bytes: next to nothing (2.6.36, 2.6.37) */
};

struct rules {
	enum era era;
	enum rss_rule rss;
	bool later_wins;     /* of equal points the later forked is chosen (5.3 and later) */
	enum child_rule child;
	bool oom_group;      /* memory.oom.group is obeyed (4.19 and later) */
	bool memcg_panics;   /* panic_on_oom=2 holds for memory cgroups, too (2.6.36 and later) */
	bool sysrq_panics;   /* panic_on_oom holds for SysRq-f, too (up to 4.2) */
	bool interleave_binds; /* MPOL_INTERLEAVE counts like MPOL_BIND (up to 5.13) */
	enum memcg_swap_rule memcg_swap;
	bool known;          /* found by behaviour or of a release; else the newest are assumed */
	bool calibrated;     /* the era was found by behaviour, not only by release */
	uint32_t swap_error_pages; /* how far the swap count read may be from the one badness reads */
};

/* Calibrate from the snapshot's observer (its own oom_score and adj) and
 * release. Returns 0; -ENODATA when neither tells, with today's rules. */
int rules_calibrate(const struct snapshot *snap, struct rules *ret_rules);

/* The rules of a named release ("2.6.32" …), as if it carried no back-ports.
 * Returns 0; -EINVAL for what is no release or older than 2.6.32 ("current" is
 * no release: calibrate). */
int rules_of_release(const char *release, struct rules *ret_rules);

/* Do both lead to the same choice? policies: in an OOM of a memory policy, else in
 * every other one. How they became known, and how far counters err, does not matter. */
bool rules_agree(const struct rules *a, const struct rules *b, bool policies);

/* Do these rules ask for CPU time and niceness? Those up to 2.6.35 do. */
static inline bool rules_ask_cpu_times(const struct rules *rules)
{
	return rules->era < ERA_2_6_36;
}

/* Releases that changed a rule, the oldest first, each with what is new in it. */
struct rules_milestone {
	const char *release;
	const char *change; /* a sentence part */
};

#define RULES_MILESTONES 14
extern const struct rules_milestone rules_milestones[RULES_MILESTONES];

/* How many pages the kernel's counters of this task may be away from what they
 * will say when the kill is decided, though no memory moved: per-thread caches
 * up to 6.1, unflushed per-CPU deltas from 6.2, nothing from 7.0, nor under rules up to
 * 2.6.35, which ask for the virtual size. Where badness
 * and we read the same count, that count is exact now: this is how far it may
 * still tip. Which of them the running kernel has is told by its release.
 * Source: kernel/fork.c, lib/percpu_counter.c (batch = max(32, 2 * cpus)). */
uint64_t rules_counter_error_pages(const struct rules *rules, const struct snapshot *snap, const struct task *task);

/* Numbers of a release: "6.1.0-56-amd64" → 6, 1. Returns 0 or -EINVAL. */
int release_parse(const char *release, unsigned *ret_major, unsigned *ret_minor);

#endif
