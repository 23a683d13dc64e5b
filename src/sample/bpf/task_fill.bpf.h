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

/* The same without a call, by way of the record's memory: its mm is to be set afterwards. */
INLINE u64 number_in(struct task_rec *rec, const void *pointer)
{
	*(volatile u64 *)&rec->mm = (u64)pointer;
	return *(volatile u64 *)&rec->mm;
}

/* The compiler moves no read of what comes behind before this. */
#define NOTHING_BEFORE() __asm__ volatile("" ::: "memory")

/* Set what the record says; *changed is not 0 when it said something else. */
#define SET(field, value, changed) \
	do { \
		typeof(field) new_ = (value); \
		*(changed) |= (u64)((field) ^ new_); \
		(field) = new_; \
	} while (0)

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

/* Indices are literal: one in a register would lose the relocation. Returns the marks. */
INLINE u32 fill_counts(struct task_rec *rec, struct mm_struct *mm, u64 *changed)
{
	struct mm_struct___before_6_2 *older = (void *)mm;
	if (FIELD_EXISTS(older->rss_stat.count)) {
		SET(rec->count[0], GET(older, rss_stat.count[0].counter), changed);
		SET(rec->count[1], GET(older, rss_stat.count[1].counter), changed);
		SET(rec->count[2], GET(older, rss_stat.count[2].counter), changed);
		SET(rec->count[3], GET(older, rss_stat.count[3].counter), changed);
		return TASK_REC_PRECISE;
	}
	SET(rec->count[0], GET(mm, rss_stat[0].count), changed);
	SET(rec->count[1], GET(mm, rss_stat[1].count), changed);
	SET(rec->count[2], GET(mm, rss_stat[2].count), changed);
	SET(rec->count[3], GET(mm, rss_stat[3].count), changed);
#ifdef FOLLOWS_POINTERS
	return 0;
#else
	/* 6.2 to 6.6: no file tells more than this either. */
	return TASK_REC_PRECISE;
#endif
}

/* All but whether it is reaped. Its size others change, too: who looks at it below its stack
 * makes that grow (mm/memory.c __access_remote_vm(), 6.5). Returns the marks. */
INLINE u32 fill_mm(struct task_rec *rec, u64 address, u64 *changed)
{
	struct mm_struct *mm = POINTER(struct mm_struct, address);
	SET(rec->total_vm_pages, (u64)GET(mm, total_vm), changed);
	SET(rec->pgtables_bytes, (u64)GET(mm, pgtables_bytes.counter), changed);
	SET(rec->mm_users, (u32)GET(mm, mm_users.counter), changed);
	return TASK_REC_HAS_MM | fill_counts(rec, mm, changed);
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

INLINE u32 cap_effective(struct cred *cred)
{
	struct cred___before_6_3 *older = (void *)cred;
	if (!FIELD_EXISTS(older->cap_effective.cap))
		return (u32)GET(cred, cap_effective.val);
	return GET(older, cap_effective.cap[0]);
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

INLINE u32 switches_of(struct task_struct *task)
{
	return (u32)(GET(task, nvcsw) + GET(task, nivcsw));
}

/* Has a process of one thread, with an mm of its own, not run since its record was
 * filled? Being taken off a CPU is counted before the task is off it: who is off and
 * was taken off no more often was off all the time. The count in the record is older
 * than all else in it; next is the number of threads, so that of one that ended meanwhile
 * all is known that it did. No two tasks start at one place in the same nanosecond. */
INLINE bool has_slept(const struct task_rec *rec, struct task_struct *task, u64 mm)
{
	struct mm_struct *its_mm = POINTER(struct mm_struct, mm);
	if (!FIELD_EXISTS(task->on_cpu) || GET(task, on_cpu))
		return false;
	NOTHING_BEFORE();
	if (rec->switches != switches_of(task))
		return false;
	return rec->start_ns == GET(task, start_boottime) && rec->threads == 1 && mm != 0 && rec->mm_users == 1 &&
	       GET(its_mm, mm_users.counter) == 1;
}

/* What changes by the doing of the process alone. */
INLINE void fill_own(struct task_rec *rec, struct task_struct *task, struct signal_struct *signal)
{
	struct cred *cred = GET(task, real_cred);
	rec->pid = GET(task, tgid);
	rec->start_ns = GET(task, start_boottime);
	rec->uid = GET(cred, euid.val);
	rec->cap_effective = cap_effective(cred);
	rec->minor_faults = GET(signal, min_flt) + GET(task, min_flt);
	rec->major_faults = (u32)(GET(signal, maj_flt) + GET(task, maj_flt));
	u64 comm = number_in(rec, &task->comm[0]);
	rec->comm[0] = WORD_AT(comm);
	rec->comm[1] = WORD_AFTER(comm);
}

/* Fill records[index] of the process whose leader lies at that address; of the
 * nodes it may use only if they are wanted. again: the walk before filled it of a
 * process that lay there. Returns 1 when it has an mm. */
FUNCTION int task_fill(u64 leader, u32 index, u32 nodes, u32 again)
{
	struct task_rec *rec = bpf_map_lookup_elem(&records, &index);
	struct task_struct *task = POINTER(struct task_struct, leader);
	struct signal_struct *signal = GET(task, signal);
	struct task_struct *parent = GET(task, real_parent);
	u64 changed = 0;
	if (!rec)
		return 0;
	u64 mm_before = rec->mm, mm = number_in(rec, GET(task, mm));
	bool slept = again && mm == mm_before && has_slept(rec, task, mm);
	if (!slept) {
		__builtin_memset(rec, 0, sizeof *rec);
		rec->switches = switches_of(task);
		NOTHING_BEFORE();
		rec->threads = (u32)GET(signal, nr_threads);
		NOTHING_BEFORE();
		fill_own(rec, task, signal);
	}
	u32 flags = GET(task, flags), state = task_state(task);
	if (flags & PF_EXITING)
		state |= (u32)GET(task, exit_state);
	SET(rec->flags, flags, &changed);
	SET(rec->state, state, &changed);
	SET(rec->ppid, GET(parent, tgid), &changed);
	SET(rec->adj, GET(signal, oom_score_adj), &changed);
	SET(rec->adj_min, GET(signal, oom_score_adj_min), &changed);
	if (nodes && FIELD_EXISTS(task->mems_allowed))
		SET(rec->mems_allowed, GET(task, mems_allowed.bits[0]), &changed);
	SET(rec->cgroup_id, cgroup_id(rec, task), &changed);
	u64 pending = GET(task, pending.signal.sig[0]) | GET(signal, shared_pending.signal.sig[0]);
	u32 marks = (u32)(pending >> (SIGKILL - 1) & 1) * TASK_REC_SIGKILL +
		    (u32)GET(signal, oom_flag_origin) * TASK_REC_ORIGIN;
	/* A kernel thread has no mm, though it may borrow one. */
	if (flags & PF_KTHREAD)
		mm = 0;
#ifdef FOLLOWS_POINTERS
	else if (rec->threads > 1) {
		u64 first = walk_threads(rec, leader, signal);
		if (mm == 0 && first != 0)
			marks |= TASK_REC_THROUGH_THREAD;
		mm = first;
	}
#endif
	if (mm != 0) {
		/* While its process sleeps none is reaped but a victim's, see below, and what was
		 * shared with one, whose other users are killed: mm/oom_kill.c __oom_kill_process(). */
		bool not_reaped_since = slept && !(marks & TASK_REC_SIGKILL);
		marks |= fill_mm(rec, mm, &changed) |
			 (not_reaped_since ? rec->marks & TASK_REC_OOM_SKIP : mm_marks(mm));
		/* include/linux/sched/mm.h: in_vfork(). Parent and child are users both. */
		if (rec->mm_users > 1 && GET(task, vfork_done) && number_of(GET(parent, mm)) == mm)
			marks |= TASK_REC_VFORK;
	}
	struct mm_struct *oom_mm = GET(signal, oom_mm);
	if (oom_mm)
		marks |= TASK_REC_VICTIM | mm_marks(number_of(oom_mm));
	changed |= (rec->marks ^ marks) & ~(TASK_REC_PRECISE | TASK_REC_SAME);
	rec->marks = marks | (slept && changed == 0 ? TASK_REC_SAME : 0);
	rec->mm = mm;
	return mm != 0;
}

#endif
