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
	ACTION_NONE,                 /* nobody would be killed, or it cannot be told: see enum none_reason */
	ACTION__COUNT
};

/* Why ACTION_NONE. */
enum none_reason {
	NONE_NOT_TOLD,      /* what could be read does not tell */
	NONE_NO_LIMIT,      /* the group has no limit of its own: it is never over it */
	NONE_KILL_DISABLED, /* v1 memory.oom_control: tasks that meet the limit sleep */
	NONE_NOBODY,        /* nobody in scope can be killed: the allocation fails, or loops */
};

/* "kill_allocating_task" and so on, as in JSON. */
const char *verdict_action_name(enum verdict_action action);

enum victim_role { VICTIM_CHOSEN, VICTIM_SHARES_MM, VICTIM_OOM_GROUP };

const char *victim_role_name(enum victim_role role);

struct victim {
	uint32_t task; /* index in the snapshot */
	enum victim_role role;
	bool has_points; /* under the verdict's scope */
	bool has_adj;
	int adj;         /* the one counted: the what-if's if there is one */
	int64_t points;
};

/* One kill: the chosen process and all that die with it. */
struct kill {
	uint32_t selected;      /* whose points were the worst: the chosen victim itself, or
	                         * up to 5.0 its parent, in whose place the child dies */
	uint32_t first_victim; /* index in verdict.victims; the chosen one first */
	uint32_t nvictims;
	uint64_t frees_bytes;   /* anonymous memory, swap and page tables of all victims, each mm
	                         * once; shared memory may stay. In a memory cgroup no more than
	                         * what is charged to it and earlier kills leave */
	bool frees_at_most;     /* that bound is what frees_bytes says: of what the victims hold
	                         * some is charged elsewhere */
	uint32_t group;         /* the memory cgroup whose oom.group takes all its members with
	                         * it; TASK_MEMCG_UNKNOWN for none */
	uint64_t margin_pages;  /* points between it and the next candidate that survives it */
	bool has_runner_up;     /* else margin_pages says nothing */
	uint32_t runner_up;     /* index of that candidate's task */
	uint64_t error_pages;   /* how far the counters of the two may be off together */
	bool certain;           /* margin above error, every process could be judged, the policy
	                         * and the kernel's rules are known, and no difference was found
	                         * between its scores and ours (model_doubt) */
};

#define VERDICT_KILLS_MAX 64

/* When it will come to that: a forecast's result, see forecast.h. */
struct verdict_when {
	bool nearing;       /* else nothing of the rest is set */
	double eta_s;
	double eta_earliest_s;
	double eta_latest_s;
	double bytes_per_s; /* below 0: how the headroom changes */
	bool has_grower;
	uint32_t grower;    /* index of the task in the scope that grows fastest */
	double grower_bytes_per_s;
};

struct verdict {
	struct scope scope;
	enum constraint constraint;
	uint64_t totalpages; /* under it; 0: not known, or no limit */
	enum verdict_action action;
	enum none_reason none; /* with ACTION_NONE */
	struct kill *kills; /* in order; also what selection would do when the action is not ACTION_KILL */
	uint32_t nkills;
	uint32_t kills_capacity;
	struct victim *victims;
	uint32_t nvictims;
	uint32_t victims_capacity;
	int32_t waiting_for;   /* pid, for ACTION_WAIT; 0 else */
	uint32_t waiting_task; /* its index; only with ACTION_WAIT */
	uint8_t *dead; /* of each task: 0, or 1 when it is dying already, or 2 + the index of
	                * the kill foretold by which it dies */
	uint32_t dead_capacity;
	uint64_t headroom_bytes; /* of the scope */
	bool headroom_known;
	uint64_t shortfall_bytes; /* what must come free until it is over: on the host and on nodes, from
				   * the zones' min watermarks to high; in a memory cgroup, what is above
				   * its limit and cannot be reclaimed; and a what-if's growth beyond
				   * the headroom, and what there is too little for its watermarks */
	bool shortfall_known;
	uint32_t covering; /* so many of the kills free as much; 0: those foretold do not, or not known */
	uint64_t commit_left_bytes; /* what overcommit_memory=2 would still grant */
	bool commit_left_known;
	bool all_seen;     /* every process could be judged: none hidden, none unreadable */
	bool policy_known; /* every sysctl that decides in this scope could be read, or is none of this kernel's */
	enum sysctl_id unread; /* unless policy_known: the first that could not; it counts as 0 */
	char because[512]; /* one plain sentence, nothing but ASCII */
	/* What may change the answer, see verdict_watch. */
	bool reclaimable;     /* the first chosen leads only by file pages, which reclaim takes first */
	bool has_overtaker;
	uint32_t overtaker;   /* index of the task that will lead at its present growth */
	double overtakes_s;   /* in so many seconds */
	char watch[256];      /* the same in words; "" when there is nothing to watch */
	struct verdict_when when;
};

/* Beyond this an overtaking is not worth a word. */
#define VERDICT_WATCH_S 3600

void verdict_init(struct verdict *verdict);
void verdict_done(struct verdict *verdict);

/* Decide for the scope of the ranking. kills: how many kills in a row to foretell,
 * 1 .. VERDICT_KILLS_MAX (taken into that range). ranking must come from the same
 * snapshot, rules and what-if.
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

struct rates;

/* Look at what may change the answer: fills the verdict's fields for it. rates: of
 * the same snapshot, or NULL. Nothing under rules up to 2.6.35, where the virtual
 * size decides. */
void verdict_watch(struct verdict *verdict, const struct snapshot *snap, const struct ranking *ranking,
		   const struct rates *rates);

/* The points of a task taken apart, for sentences: "3.10G = rss 3.02G + swap
 * 80.0M + tables 8.00M, adj 300 adds 1.85G". Nothing but ASCII. Of a task that is
 * not eligible: why. Cut to fit; size > 0. */
void verdict_parts_text(const struct snapshot *snap, const struct rules *rules, const struct ranking *ranking,
			uint32_t task, char *dst, size_t size);

/* "java (1804)": comm and pid, every byte of comm that is not printable ASCII as
 * '?'. Cut to fit; size > 0. */
void verdict_task_text(const struct snapshot *snap, uint32_t task, char *dst, size_t size);

#endif
