/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All processes in one call (Linux 6.7 and later): run by BPF_PROG_RUN, it goes
 * through the task list with the kernel's own iterator, under RCU and without
 * any allocation, and writes a record for each into an array that user space
 * has mapped. Returns how many processes there are; those beyond the array's
 * end are only counted.
 *
 * The precise sum of a count is the count and what every CPU keeps to itself
 * of it. Where that lies: an element of a per-CPU map has an address on each
 * CPU and one common address; the difference is the CPU's offset, for all
 * per-CPU memory.
 *
 * What it costs is waiting: some twenty lines of memory a process, none of them
 * in a cache after a second of other work. So the list is walked first, then the
 * processes are filled in groups, and each group's lines are touched, many at a
 * time, while there is still another one to fill. The list itself cannot be
 * hurried by going along it, as each node tells the next; but where the nodes
 * lay in the walk before is known. And of a process that has not run since then,
 * as most have not, the lines are left alone that only itself can have changed.
 */
#define FOLLOWS_POINTERS
#include "records.bpf.h"
#include "task_fill.bpf.h"

struct bpf_iter_task {
	u64 opaque[3];
} __attribute__((aligned(8)));
struct bpf_iter_num {
	u64 opaque[1];
} __attribute__((aligned(8)));
#define ITER_ALL_PROCESSES 0

KERNEL_FUNCTION int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags);
KERNEL_FUNCTION struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it);
KERNEL_FUNCTION void bpf_iter_task_destroy(struct bpf_iter_task *it);
KERNEL_FUNCTION int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end);
KERNEL_FUNCTION int *bpf_iter_num_next(struct bpf_iter_num *it);
KERNEL_FUNCTION void bpf_iter_num_destroy(struct bpf_iter_num *it);
KERNEL_FUNCTION void bpf_rcu_read_lock(void);
KERNEL_FUNCTION void bpf_rcu_read_unlock(void);

struct bpf_array {
	void *pptrs[1];
} CORE;

/* One for each possible CPU; room for them is made at load. */
struct {
	MAP_UINT(type, MAP_TYPE_ARRAY);
	MAP_UINT(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u64);
} cpu_offsets SECTION(".maps");

struct {
	MAP_UINT(type, MAP_TYPE_PERCPU_ARRAY);
	MAP_UINT(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u64);
} landmark SECTION(".maps");

__attribute__((noinline)) int find_cpu_offsets(int cpus)
{
	struct bpf_array *array = (void *)number_of(&landmark);
	u64 common = 0;
	struct bpf_iter_num it;
	int *cpu;
	READ(&common, (u64 *)&array->pptrs[0]);
	bpf_iter_num_new(&it, 0, cpus);
	while ((cpu = bpf_iter_num_next(&it))) {
		u32 zero = 0, key = (u32)*cpu;
		void *there = bpf_map_lookup_percpu_elem(&landmark, &zero, key);
		u64 *offset = bpf_map_lookup_elem(&cpu_offsets, &key);
		if (there && offset)
			*offset = number_of(there) - common;
	}
	bpf_iter_num_destroy(&it);
	return 0;
}

struct cpu_parts {
	s32 of[TASK_REC_COUNTS];
};

/* Of the counters that lie side by side from there on. */
INLINE void add_cpu(struct cpu_parts *parts, u64 counters, u32 cpu)
{
	u64 *offset = bpf_map_lookup_elem(&cpu_offsets, &cpu);
	if (!offset)
		return;
	u64 two = WORD_AT(counters + *offset), more = WORD_AFTER(counters + *offset);
	parts->of[0] += (s32)two;
	parts->of[1] += (s32)(two >> 32);
	parts->of[2] += (s32)more;
	parts->of[3] += (s32)(more >> 32);
}

#define CPUS_IN_LINE 4 /* an iterator's calls cost more than what they count to */

/* The four counters of an mm lie side by side: percpu_counter_init_many(), 6.6. */
__attribute__((noinline)) int add_cpu_parts(u32 index, int cpus)
{
	struct task_rec *rec = bpf_map_lookup_elem(&records, &index);
	struct cpu_parts parts = { { 0 } };
	if (!rec || !FIELD_EXISTS(((struct mm_struct *)0)->rss_stat[0].counters))
		return 0;
	struct mm_struct *mm = POINTER(struct mm_struct, rec->mm);
	u64 first = (u64)mm->rss_stat[0].counters, changed = 0;
	if (cpus == 0 || (u64)mm->rss_stat[3].counters - first != 3 * sizeof(s32))
		return 0;
#pragma clang loop unroll(disable)
	for (int cpu = 0; cpu < CPUS_IN_LINE && cpu < cpus; cpu++)
		add_cpu(&parts, first, (u32)cpu);
	if (cpus > CPUS_IN_LINE) {
		struct bpf_iter_num it;
		int *cpu;
		bpf_iter_num_new(&it, CPUS_IN_LINE, cpus);
		while ((cpu = bpf_iter_num_next(&it)))
			add_cpu(&parts, first, (u32)*cpu);
		bpf_iter_num_destroy(&it);
	}
	SET(rec->delta[0], parts.of[0], &changed);
	SET(rec->delta[1], parts.of[1], &changed);
	SET(rec->delta[2], parts.of[2], &changed);
	SET(rec->delta[3], parts.of[3], &changed);
	if (changed != 0)
		rec->marks &= ~TASK_REC_SAME;
	rec->marks |= TASK_REC_PRECISE;
	return 0;
}

/* --- touched before it is needed ------------------------------------------ */

/* Where the leaders lie, in the order of the list, with MOVED in who did not stand there in
 * the walk before; ahead of the walk, those of that one. Room is made at load. */
struct {
	MAP_UINT(type, MAP_TYPE_ARRAY);
	MAP_UINT(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u64);
} leaders SECTION(".maps");

#define MOVED 1ULL /* an address is a multiple of more */
#define TASK_AT(leader) POINTER(struct task_struct, (leader) & ~MOVED)
#define TOUCH(field) ((void)*(volatile typeof(field) *)__builtin_preserve_access_index(&(field)))
#define AT_ONCE 8 /* as many leaders as caches wait for together */

/* The nodes of the list as it was when these places were filled: most hosts' is
 * the same a second later, and where it is not, a word is read in vain. */
__attribute__((noinline)) int touch_nodes(u32 from)
{
	for (u32 i = 0; i < AT_ONCE; i++) {
		u32 index = from + i;
		u64 *leader = bpf_map_lookup_elem(&leaders, &index);
		if (leader)
			TOUCH(TASK_AT(*leader)->tasks.next);
	}
	return 0;
}

/* One word of each line of memory that task_fill() reads of these tasks. */
__attribute__((noinline)) int touch_tasks(u32 from, u32 end)
{
	for (u32 i = 0; i < AT_ONCE && from + i < end; i++) {
		u32 index = from + i;
		u64 *leader = bpf_map_lookup_elem(&leaders, &index);
		if (!leader)
			break;
		struct task_struct *task = TASK_AT(*leader);
		TOUCH(task->flags);
		TOUCH(task->mm);
		TOUCH(task->real_parent);
		TOUCH(task->start_boottime);
		TOUCH(task->signal);
		TOUCH(task->pending.signal.sig[0]);
		TOUCH(task->cgroups);
	}
	return 0;
}

/* And of what they point to. */
__attribute__((noinline)) int touch_rest(u32 from, u32 end)
{
	for (u32 i = 0; i < AT_ONCE && from + i < end; i++) {
		u32 index = from + i;
		u64 *leader = bpf_map_lookup_elem(&leaders, &index);
		if (!leader)
			break;
		struct task_rec *rec = bpf_map_lookup_elem(&records, &index);
		struct task_struct *task = TASK_AT(*leader);
		struct signal_struct *signal = task->signal;
		struct mm_struct *mm = task->mm;
		struct mm_struct___before_6_18 *older = (void *)mm;
		TOUCH(signal->shared_pending.signal.sig[0]);
		TOUCH(signal->oom_score_adj);
		TOUCH(mm->mm_users.counter);
		TOUCH(mm->total_vm);
		TOUCH(mm->rss_stat[0].count);
		TOUCH(mm->rss_stat[2].count);
		TOUCH(mm->rss_stat[3].count);
		if (rec && rec->switches == switches_of(task))
			continue; /* has slept, as it seems */
		struct cred *cred = task->real_cred;
		TOUCH(task->tgid);
		TOUCH(signal->nr_threads);
		TOUCH(signal->min_flt);
		TOUCH(cred->euid.val);
		TOUCH(cred->cap_effective);
		if (FIELD_EXISTS(mm->flags.__mm_flags))
			TOUCH(mm->flags.__mm_flags[0]);
		else
			TOUCH(older->flags);
	}
	return 0;
}

/* And of the parts that the first CPUs keep; those of many CPUs are waited for
 * together as it is. */
__attribute__((noinline)) int touch_cpu_parts(u32 from, u32 end, int cpus)
{
	for (u32 i = 0; i < AT_ONCE && from + i < end; i++) {
		u32 index = from + i;
		u64 *leader = bpf_map_lookup_elem(&leaders, &index);
		if (!leader || !FIELD_EXISTS(((struct mm_struct *)0)->rss_stat[0].counters))
			break;
		u64 first = (u64)TASK_AT(*leader)->mm->rss_stat[0].counters;
		if (first == 0)
			continue; /* a kernel thread: to read there would be a fault */
		for (int cpu = 0; cpu < 2 && cpu < cpus; cpu++) {
			u32 key = (u32)cpu;
			u64 *offset = bpf_map_lookup_elem(&cpu_offsets, &key);
			if (offset)
				TOUCH(POINTER(struct timespec64, first + *offset)->tv_sec);
		}
	}
	return 0;
}

SECTION("syscall") int task_walk(struct task_walk_args *args)
{
	struct bpf_iter_task it;
	struct bpf_iter_num numbers;
	struct task_struct *leader;
	int *number;
	u32 n = 0;
	int cpus = (int)args->cpus;
	find_cpu_offsets(cpus);
	bpf_rcu_read_lock();
	touch_nodes(0);
	touch_nodes(AT_ONCE);
	bpf_iter_task_new(&it, NULL, ITER_ALL_PROCESSES);
	while ((leader = bpf_iter_task_next(&it))) {
		if (n == 0 && leader->pid == 0)
			continue; /* the idle task, where the list begins */
		volatile u64 *slot = bpf_map_lookup_elem(&leaders, &n);
		if (slot) {
			u64 before = *slot & ~MOVED;
			*slot = (u64)leader;
			u64 now = *slot; /* a number, no pointer any more */
			*slot = now == before ? now : now | MOVED;
		}
		n++;
		if (n % AT_ONCE == 0)
			touch_nodes(n + AT_ONCE);
	}
	bpf_iter_task_destroy(&it);
	bpf_iter_num_new(&numbers, 0, (int)n);
	while ((number = bpf_iter_num_next(&numbers))) {
		u32 index = (u32)*number;
		u64 *slot = bpf_map_lookup_elem(&leaders, &index);
		if (!slot)
			break;
		if (index % AT_ONCE == 0) {
			touch_tasks(index + 3 * AT_ONCE, n);
			touch_rest(index + 2 * AT_ONCE, n);
			touch_cpu_parts(index + AT_ONCE, n, cpus);
		}
		if (task_fill(*slot & ~MOVED, index, args->nodes, !(*slot & MOVED)))
			add_cpu_parts(index, cpus);
	}
	bpf_iter_num_destroy(&numbers);
	bpf_rcu_read_unlock();
	return (int)n;
}
