/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All processes before Linux 6.7 (from 5.8 on): an iterator's program, which the
 * kernel calls once for each task, threads too, while somebody reads the
 * iterator. It prints nothing into that file, so that one read() goes through
 * all, but writes records into an array that user space has mapped. Threads
 * come by themselves, so a thread that is no leader leaves a record to be
 * added to its process's.
 *
 * The kernels it is for do not move field accesses themselves, and know no
 * loader inside the kernel: bpf_plain.h has what is done instead.
 */
#include "records.bpf.h"
#include "task_fill.bpf.h"

struct {
	MAP_UINT(type, MAP_TYPE_ARRAY);
	MAP_UINT(max_entries, 1);
	MAP_UINT(map_flags, MAP_MMAPABLE);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct task_each_control);
} control SECTION(".maps");

INLINE void thread_fill(u64 address, u32 index)
{
	struct task_rec *rec = bpf_map_lookup_elem(&records, &index);
	struct task_struct *task = POINTER(struct task_struct, address);
	struct task_struct *leader = GET(task, group_leader);
	if (!rec)
		return;
	__builtin_memset(rec, 0, sizeof *rec);
	rec->pid = GET(task, pid);
	rec->ppid = GET(task, tgid);
	rec->marks = TASK_REC_THREAD;
	rec->minor_faults = GET(task, min_flt);
	rec->major_faults = GET(task, maj_flt);
	u64 mm = (u64)GET(task, mm), changed = 0;
	if (mm == 0 || GET(leader, mm))
		return;
	rec->mm = mm;
	rec->marks |= fill_mm(rec, mm, &changed) | mm_marks(mm);
}

/* What a program of the kind is given: fields of kernel/bpf/task_iter.c's
 * bpf_iter__task. */
struct iteration {
	void *meta;
	struct task_struct *task; /* NULL at the end */
};

SECTION("iter/task") int task_each(struct iteration *now)
{
	u32 zero = 0;
	struct task_each_control *counted = bpf_map_lookup_elem(&control, &zero);
	if (!now->task || !counted)
		return 0;
	u64 address = number_of(now->task);
	struct task_struct *task = POINTER(struct task_struct, address);
	u32 index = counted->records++;
	if (GET(task, pid) == GET(task, tgid))
		task_fill(address, index, counted->nodes, 0);
	else
		thread_fill(address, index);
	return 0;
}
