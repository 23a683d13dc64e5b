/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The facts of one process (thread group) at one instant, as the kernel said
 * them. Conclusions (points, rank, rates) live in the model.
 */
#ifndef OOMSIGHT_SNAPSHOT_TASK_H
#define OOMSIGHT_SNAPSHOT_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/snapshot/fact.h"

/* Facts that come and go together have one state: one read brings them. */
enum task_group {
	TASK_STAT,   /* /proc/PID/stat: ppid .. rss_quick_pages; and comm */
	TASK_STATM,  /* /proc/PID/statm: shr_pages */
	TASK_STATUS, /* /proc/PID/status: uid, cap_eff, sigkill_pending, mems */
	TASK_MM,     /* status: rss, swap, page tables; ABSENT without an mm */
	TASK_SPLIT,  /* status: RssAnon, RssFile, RssShmem (Linux 4.5 and later) */
	TASK_SCORE,  /* /proc/PID/oom_score */
	TASK_ADJ,    /* /proc/PID/oom_score_adj */
	TASK_CGROUP, /* /proc/PID/cgroup: the memory controller's path */
	TASK_FLOOR,  /* oom_score_adj_min: no file shows it; the bpf source only */
	TASK_MMID,   /* mm_id: who shares this mm */
	TASK_POLICY, /* /proc/PID/numa_maps: memory policy; only on demand */
	TASK_MARKS,  /* marks, swap_quick_pages: no file shows them; the bpf source only */
	TASK__GROUPS
};

/* Text in the snapshot's arena; len 0 for none. */
struct text_ref {
	uint32_t offset;
	uint32_t len;
};

#define TASK_FLAG_EXITING 0x00000004U /* PF_EXITING */
#define TASK_FLAG_FORKNOEXEC 0x00000040U /* PF_FORKNOEXEC: no exec since it was forked */
#define TASK_FLAG_KTHREAD 0x00200000U /* PF_KTHREAD */

#define TASK_MEMCG_UNKNOWN UINT32_MAX
#define TASK_NODES_UNKNOWN UINT16_MAX

/* The memory policy of a task (set_mempolicy(2)), as far as the OOM killer
 * looks at it. */
enum task_policy {
	POLICY_OTHER, /* default, local, preferred: keeps nobody out of an OOM */
	POLICY_BIND,
	POLICY_INTERLEAVE,
};

/* What the OOM killer asks of a process and no file tells. */
#define TASK_MARK_OOM_SKIP 0x01U /* MMF_OOM_SKIP: its mm is reaped, or given up */
#define TASK_MARK_VICTIM 0x02U   /* chosen by the OOM killer, and not gone yet */
#define TASK_MARK_ORIGIN 0x04U   /* in swapoff, or breaking KSM pages up: chosen before all others */
#define TASK_MARK_VFORK 0x08U    /* runs in its parent's mm until it execs */

/* There are many of them, and memory is what the host lacks: the order leaves no gaps. */
struct task {
	int32_t pid; /* of the thread group's leader */
	int32_t ppid;
	uint64_t start_ticks; /* after boot; with pid it names a process for good */
	uint32_t uid; /* effective, as top shows */
	uint32_t threads;
	struct text_ref comm; /* raw bytes, any of them */
	struct text_ref cgroup; /* the memory controller's path as the file says it */
	uint32_t memcg; /* index in the snapshot's memcgs, or TASK_MEMCG_UNKNOWN */
	uint16_t mems;  /* Mems_allowed: index in the snapshot's nodesets, or TASK_NODES_UNKNOWN */
	uint16_t policy_nodes; /* of POLICY_BIND, POLICY_INTERLEAVE: likewise */
	uint32_t flags; /* PF_* of the leader, stat field 9 */
	uint8_t policy; /* enum task_policy */
	int8_t nice;    /* stat field 19; as cpu_ticks */
	char state;     /* R S D Z T t X I … */
	uint8_t marks;  /* TASK_MARK_* */
	bool sigkill_pending;
	bool through_thread; /* the leader has exited: mm facts are a living thread's */
	bool fresh;          /* the snapshot before did not have it */
	int16_t oom_score_adj;
	int16_t oom_score_adj_min;
	int32_t oom_score;
	int32_t mm_id; /* equal in tasks that share an mm; 0 when nobody else was found to */
	uint32_t cap_eff; /* capabilities 0 to 31; of later ones the OOM killer never asked */
	uint32_t stack_print; /* of where its stack starts, random for each exec; 0 when we may not know it */
	uint32_t cpu_clock;   /* of the sampler's own, see cpu_clocks.h */
	uint32_t major_faults; /* since the process started, the low bits: for how far it went */
	uint64_t minor_faults;
	uint64_t cpu_ticks; /* stat fields 14 and 15: of all its threads, living and dead. Only the
	                     * rules up to 2.6.35 ask for it: not told by bpf, see
	                     * sample_wish.cpu_times */
	uint64_t virt_bytes;
	uint64_t rss_quick_pages; /* stat field 24: get_mm_rss(), or get_mm_rss_sum() where equal */
	uint64_t rss_pages;       /* VmRSS of status: what people are shown */
	uint64_t rss_file_pages;  /* of these; anon is the rest: task_anon_pages() */
	uint64_t rss_shmem_pages;
	uint64_t shr_pages; /* statm field 3 */
	uint64_t swap_pages;       /* VmSwap of status */
	uint64_t swap_quick_pages; /* as get_mm_counter() reads it; of TASK_MARKS */
	uint64_t pgtables_bytes; /* VmPTE, with VmPMD where the kernel prints it apart */
	uint8_t group_state[TASK__GROUPS]; /* enum fact_state */
	uint8_t age[TASK__GROUPS];         /* ticks since the group was read; 0: in this one */
};

/* RssAnon; of TASK_SPLIT. The kernel prints VmRSS as the sum of the three. */
static inline uint64_t task_anon_pages(const struct task *task)
{
	uint64_t rest = task->rss_file_pages + task->rss_shmem_pages;
	return task->rss_pages > rest ? task->rss_pages - rest : 0;
}

static inline bool task_knows(const struct task *task, enum task_group group)
{
	return task->group_state[group] == FACT_KNOWN;
}

/* Is the mark known to be set? */
static inline bool task_has_mark(const struct task *task, uint8_t mark)
{
	return task_knows(task, TASK_MARKS) && (task->marks & mark);
}

static inline bool task_is_kthread(const struct task *task)
{
	return task->flags & TASK_FLAG_KTHREAD;
}

/* Are these the same process, not merely the same pid? */
static inline bool task_same(const struct task *a, const struct task *b)
{
	return a->pid == b->pid && a->start_ticks == b->start_ticks;
}

#endif
