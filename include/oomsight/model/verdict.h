/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What out_of_memory() would do now: the whole decision, not only the order.
 */
#ifndef OOMSIGHT_MODEL_VERDICT_H
#define OOMSIGHT_MODEL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/model/ranking.h"

enum verdict_action {
	ACTION_KILL,
	ACTION_KILL_ALLOCATING_TASK, /* whoever asks for memory then */
	ACTION_PANIC,                /* panic_on_oom, or nobody is eligible */
	ACTION_WAIT,                 /* a victim is already dying: nobody else until it is gone */
	ACTION_ENOMEM,               /* overcommit_memory=2: allocations fail before memory runs out */
	ACTION_NONE,                 /* not to be told from what could be read */
	ACTION__COUNT
};

/* "kill_allocating_task" and so on, as in JSON. */
const char *verdict_action_name(enum verdict_action action);

enum victim_role { VICTIM_CHOSEN, VICTIM_SHARES_MM, VICTIM_OOM_GROUP };

const char *victim_role_name(enum victim_role role);

struct victim {
	uint32_t task; /* index in the snapshot */
	enum victim_role role;
};

/* One kill: the chosen process and all that die with it. */
struct kill {
	uint32_t selected;      /* whose points were the worst: the chosen victim itself, or
	                         * up to 5.0 its parent, in whose place the child dies */
	uint32_t first_victim; /* index in verdict.victims; the chosen one first */
	uint32_t nvictims;
	uint64_t frees_bytes;   /* anonymous memory, swap and page tables; shared memory may stay */
	uint64_t margin_pages;  /* points between it and the next candidate that survives it */
	bool has_runner_up;     /* else margin_pages says nothing */
	uint32_t runner_up;     /* index of that candidate's task */
	uint64_t error_pages;   /* how far the counters of the two may be off together */
	bool certain;           /* margin above error, and every process could be judged */
};

#define VERDICT_KILLS_MAX 64

struct verdict {
	uint64_t totalpages;
	enum verdict_action action;
	struct kill kills[VERDICT_KILLS_MAX]; /* in order; also what selection would do
	                                       * when the action is not ACTION_KILL */
	uint32_t nkills;
	struct victim *victims;
	uint32_t nvictims;
	uint32_t victims_capacity;
	int32_t waiting_for;   /* pid, for ACTION_WAIT; 0 else */
	uint32_t waiting_task; /* its index; only with ACTION_WAIT */
	uint64_t headroom_bytes;
	bool headroom_known;
	uint64_t commit_left_bytes; /* what overcommit_memory=2 would still grant */
	bool commit_left_known;
	bool all_seen;     /* every process could be judged: none hidden, none unreadable */
	char because[320]; /* one plain sentence, nothing but ASCII */
};

void verdict_init(struct verdict *verdict);
void verdict_done(struct verdict *verdict);

/* Decide. kills: how many kills in a row to foretell, 1 .. VERDICT_KILLS_MAX
 * (taken into that range). ranking must come from the same snapshot, rules and
 * what-if.
 *
 * ACTION_WAIT is a likelihood, not a fact, with facts from files: they do not
 * show which task the OOM killer marked. A task with SIGKILL pending that still
 * holds memory the kernel would count, on a host that has had OOM kills, is
 * taken for one; it may also be dying by an operator's hand. Not so in state D:
 * there a process killed by hand can hang for hours, while the reaper takes an
 * OOM victim's memory within seconds.
 *
 * Returns 0 or -ENOMEM.
 * Source: mm/oom_kill.c out_of_memory(), check_panic_on_oom(),
 * oom_evaluate_task(), __oom_kill_process(), v6.18; mm/util.c
 * __vm_enough_memory(); up to 5.0 oom_kill_process() for the children. */
int verdict_make(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		 const struct ranking *ranking, const struct whatif *whatif, uint32_t kills);

/* The points of a task taken apart, for sentences: "3.10G = rss 3.02G + swap
 * 80.0M + tables 8.00M, adj 300 adds 1.85G". Nothing but ASCII. Of a task that is
 * not eligible: why. Cut to fit; size > 0. */
void verdict_parts_text(const struct snapshot *snap, const struct rules *rules, const struct ranking *ranking,
			uint32_t task, char *dst, size_t size);

/* "java (1804)": comm and pid, every byte of comm that is not printable ASCII as
 * '?'. Cut to fit; size > 0. */
void verdict_task_text(const struct snapshot *snap, uint32_t task, char *dst, size_t size);

#endif
