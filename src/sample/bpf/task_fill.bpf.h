/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a process's leader to its record: everything but what takes a walk over
 * the CPUs.
 *
 * It is a function by itself to the verifier, which so looks at it once and
 * not once for every way round the caller's loop: that is the difference
 * between a second and some milliseconds at load. Such functions are given
 * plain numbers; POINTER() makes a pointer of one, and GET() reads a field
 * through it. With FOLLOWS_POINTERS that is a plain load that the kernel lets fail
 * (bpf_rdonly_cast(), 6.2). Without, for older kernels, it is a call, everything is
 * one function, and threads are left to who goes through all of them.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_TASK_FILL_BPF_H
#define OOMSIGHT_SRC_SAMPLE_BPF_TASK_FILL_BPF_H

#include "kernel.bpf.h"
#include "task_rec.h"

#ifdef FOLLOWS_POINTERS
#define FUNCTION __attribute__((noinline))
#define POINTER(type, number) ((type *)bpf_rdonly_cast((const void *)(number), __builtin_btf_type_id(*(type *)0, 1)))
#define GET(pointer, field) ((pointer)->field)
#else
#define FUNCTION INLINE
#define POINTER(type, number) ((type *)(number))
#define GET(pointer, field) \
	({ \
		typeof((pointer)->field) value_ = 0; \
		READ(&value_, &(pointer)->field); \
		value_; \
	})
#endif

/* The same address, but no more than a number to the verifier. */
INLINE u64 number_of(const void *pointer)
{
	const void *volatile from = pointer;
	u64 number = 0;
	bpf_probe_read_kernel(&number, sizeof number, (const void *)&from);
	return number;
}

#ifdef FOLLOWS_POINTERS
/* The word that lies there. */
#define WORD_AT(address) ((u64)POINTER(struct timespec64, address)->tv_sec)
/* The second one there. */
#define WORD_AFTER(address) ((u64)POINTER(struct timespec64, address)->tv_nsec)
#else
#define WORD_AT(address) \
	({ \
		u64 word_ = 0; \
		bpf_probe_read_kernel(&word_, sizeof word_, (const void *)(address)); \
		word_; \
	})
#define WORD_AFTER(address) WORD_AT((address) + 8)
#endif

/* The same without a call, by way of the record's memory. */
INLINE u64 number_in(struct task_rec *rec, const void *pointer)
{
	*(volatile u64 *)&rec->mm = (u64)pointer;
	return *(volatile u64 *)&rec->mm;
}

/* --- the mm ---------------------------------------------------------------- */

INLINE u32 mm_marks(u64 address)
{
	struct mm_struct *mm = POINTER(struct mm_struct, address);
	struct mm_struct___before_6_18 *older = (void *)mm;
	unsigned long flags;
	if (FIELD_EXISTS(mm->flags.__mm_flags))
		flags = GET(mm, flags.__mm_flags[0]);
	else
		flags = GET(older, flags);
	return (u32)(flags >> MMF_OOM_SKIP & 1) * TASK_REC_OOM_SKIP;
}

/* Indices are literal: one in a register would lose the relocation. */
INLINE void fill_counts(struct task_rec *rec, struct mm_struct *mm)
{
	struct mm_struct___before_6_2 *older = (void *)mm;
	if (FIELD_EXISTS(older->rss_stat.count)) {
		rec->count[0] = GET(older, rss_stat.count[0].counter);
		rec->count[1] = GET(older, rss_stat.count[1].counter);
		rec->count[2] = GET(older, rss_stat.count[2].counter);
		rec->count[3] = GET(older, rss_stat.count[3].counter);
		rec->marks |= TASK_REC_PRECISE;
	} else {
		rec->count[0] = GET(mm, rss_stat[0].count);
		rec->count[1] = GET(mm, rss_stat[1].count);
		rec->count[2] = GET(mm, rss_stat[2].count);
		rec->count[3] = GET(mm, rss_stat[3].count);
#ifndef FOLLOWS_POINTERS
		/* 6.2 to 6.6: no file tells more than this either. */
		rec->marks |= TASK_REC_PRECISE;
#endif
	}
}

INLINE void fill_mm(struct task_rec *rec, u64 address)
{
	struct mm_struct *mm = POINTER(struct mm_struct, address);
	rec->mm = address;
	rec->marks |= TASK_REC_HAS_MM | mm_marks(address);
	rec->total_vm_pages = GET(mm, total_vm);
	rec->pgtables_bytes = (u64)GET(mm, pgtables_bytes.counter);
	rec->mm_users = (u32)GET(mm, mm_users.counter);
	fill_counts(rec, mm);
}

/* --- the other threads ----------------------------------------------------- */

#ifdef FOLLOWS_POINTERS
#define THREADS_MAX (1U << 22) /* PID_MAX_LIMIT */

struct thread_walk {
	u64 at; /* list nodes */
	u64 head;
	u64 leader;
	u64 minor_faults;
	u64 major_faults;
	u64 mm; /* of the first thread that has one */
};

/* 1 ends the walk. What is on the list stays until the end of RCU's grace
 * period, and reads of what is not there fail. */
static long walk_one_thread(u32 round __attribute__((unused)), struct thread_walk *walk)
{
	struct list_head *node = (void *)walk->at;
	struct task_struct *thread = NULL;
	if (walk->at == 0 || walk->at == walk->head)
		return 1;
	thread = (void *)(walk->at - FIELD_OFFSET(thread->thread_node));
	walk->at = 0;
	READ(&walk->at, &node->next);
	if (walk->mm == 0)
		READ(&walk->mm, &thread->mm);
	if ((u64)thread != walk->leader) {
		unsigned long faults = 0;
		READ(&faults, &thread->min_flt);
		walk->minor_faults += faults;
		READ(&faults, &thread->maj_flt);
		walk->major_faults += faults;
	}
	return 0;
}

/* The faults of the other threads; and of a leader that has exited, the mm of
 * the first thread that has one: mm/oom_kill.c find_lock_task_mm(). */
INLINE u64 walk_threads(struct task_rec *rec, u64 leader, struct signal_struct *signal)
{
	struct thread_walk walk = { .leader = leader, .head = number_of(&signal->thread_head) };
	bpf_probe_read_kernel(&walk.at, sizeof walk.at, (void *)walk.head);
	bpf_loop(THREADS_MAX, walk_one_thread, &walk, 0);
	rec->minor_faults += walk.minor_faults;
	rec->major_faults += walk.major_faults;
	return walk.mm;
}
#endif

/* --- the record ------------------------------------------------------------ */

INLINE u32 task_state(struct task_struct *task)
{
	struct task_struct___before_5_14 *older = (void *)task;
	return FIELD_EXISTS(older->state) ? (u32)GET(older, state) : GET(task, __state);
}

INLINE u64 cap_effective(struct cred *cred)
{
	struct cred___before_6_3 *older = (void *)cred;
	if (!FIELD_EXISTS(older->cap_effective.cap))
		return GET(cred, cap_effective.val);
	return GET(older, cap_effective.cap[0]) | (u64)GET(older, cap_effective.cap[1]) << 32;
}

INLINE u64 cgroup_id(struct task_rec *rec, struct task_struct *task)
{
	struct css_set *set = GET(task, cgroups);
	if (!ENUM_EXISTS(enum cgroup_subsys_id, memory_cgrp_id))
		return 0;
	u64 slot = number_in(rec, &set->subsys[0]) + ENUM_VALUE(enum cgroup_subsys_id, memory_cgrp_id) * sizeof(void *);
	struct cgroup_subsys_state *css = POINTER(struct cgroup_subsys_state, WORD_AT(slot));
	struct cgroup *cgroup = GET(css, cgroup);
	struct kernfs_node *node = GET(cgroup, kn);
	return GET(node, id);
}

/* Fill records[index] of the process whose leader lies at that address; of the
 * nodes it may use only if they are wanted. Returns 1 when it has an mm. */
FUNCTION int task_fill(u64 leader, u32 index, u32 nodes)
{
	struct task_rec *rec = bpf_map_lookup_elem(&records, &index);
	struct task_struct *task = POINTER(struct task_struct, leader);
	struct signal_struct *signal = GET(task, signal);
	struct cred *cred = GET(task, real_cred);
	struct task_struct *parent = GET(task, real_parent);
	if (!rec)
		return 0;
	__builtin_memset(rec, 0, sizeof *rec);
	rec->pid = GET(task, tgid);
	rec->ppid = GET(parent, tgid);
	rec->start_ns = GET(task, start_boottime);
	rec->uid = GET(cred, euid.val);
	rec->cap_effective = cap_effective(cred);
	rec->threads = (u32)GET(signal, nr_threads);
	rec->flags = GET(task, flags);
	rec->state = task_state(task) | (u32)GET(task, exit_state);
	rec->adj = GET(signal, oom_score_adj);
	rec->adj_min = GET(signal, oom_score_adj_min);
	rec->minor_faults = GET(signal, min_flt) + GET(task, min_flt);
	rec->major_faults = GET(signal, maj_flt) + GET(task, maj_flt);
	if (nodes && FIELD_EXISTS(task->mems_allowed))
		rec->mems_allowed = GET(task, mems_allowed.bits[0]);
	rec->cgroup_id = cgroup_id(rec, task);
	u64 comm = number_in(rec, &task->comm[0]);
	rec->comm[0] = WORD_AT(comm);
	rec->comm[1] = WORD_AFTER(comm);
	rec->mm = 0;
	u64 pending = GET(task, pending.signal.sig[0]) | GET(signal, shared_pending.signal.sig[0]);
	rec->marks = (u32)(pending >> (SIGKILL - 1) & 1) * TASK_REC_SIGKILL +
		     (u32)GET(signal, oom_flag_origin) * TASK_REC_ORIGIN;
	/* A kernel thread has no mm, though it may borrow one. */
	if (rec->flags & PF_KTHREAD)
		return 0;
	u64 mm = number_in(rec, GET(task, mm));
#ifdef FOLLOWS_POINTERS
	if (rec->threads > 1) {
		u64 first = walk_threads(rec, leader, signal);
		if (mm == 0 && first != 0)
			rec->marks |= TASK_REC_THROUGH_THREAD;
		mm = first;
	}
#endif
	if (mm != 0) {
		fill_mm(rec, mm);
		/* include/linux/sched/mm.h: in_vfork(). */
		if (GET(task, vfork_done) && number_of(GET(parent, mm)) == mm)
			rec->marks |= TASK_REC_VFORK;
	}
	struct mm_struct *oom_mm = GET(signal, oom_mm);
	if (oom_mm)
		rec->marks |= TASK_REC_VICTIM | mm_marks(number_of(oom_mm));
	return mm != 0;
}

#endif
