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

/* The four counters of an mm lie side by side: percpu_counter_init_many(), 6.6. */
__attribute__((noinline)) int add_cpu_parts(u32 index, int cpus)
{
	struct task_rec *rec = bpf_map_lookup_elem(&records, &index);
	struct bpf_iter_num it;
	int *cpu;
	if (!rec || !FIELD_EXISTS(((struct mm_struct *)0)->rss_stat[0].counters))
		return 0;
	struct mm_struct *mm = POINTER(struct mm_struct, rec->mm);
	u64 first = (u64)mm->rss_stat[0].counters;
	if (cpus == 0 || (u64)mm->rss_stat[3].counters - first != 3 * sizeof(s32))
		return 0;
	bpf_iter_num_new(&it, 0, cpus);
	while ((cpu = bpf_iter_num_next(&it))) {
		u32 key = (u32)*cpu;
		u64 *offset = bpf_map_lookup_elem(&cpu_offsets, &key);
		s32 part[4] = { 0 };
		if (!offset || bpf_probe_read_kernel(part, sizeof part, (void *)(first + *offset)) < 0)
			continue;
		rec->delta[0] += part[0];
		rec->delta[1] += part[1];
		rec->delta[2] += part[2];
		rec->delta[3] += part[3];
	}
	bpf_iter_num_destroy(&it);
	rec->marks |= TASK_REC_PRECISE;
	return 0;
}

SECTION("syscall") int task_walk(struct task_walk_args *args)
{
	struct bpf_iter_task it;
	struct task_struct *leader;
	u32 n = 0;
	int cpus = (int)args->cpus;
	find_cpu_offsets(cpus);
	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, NULL, ITER_ALL_PROCESSES);
	while ((leader = bpf_iter_task_next(&it))) {
		if (leader->pid == 0)
			continue; /* the idle task, where the list begins */
		if (task_fill(number_of(leader), n))
			add_cpu_parts(n, cpus);
		n++;
	}
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	return (int)n;
}
