/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the BPF programs leave of each process for user space to read. Both
 * sides include this; it names no other header, for <stdint.h> does not fit
 * the BPF target everywhere.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_TASK_REC_H
#define OOMSIGHT_SRC_SAMPLE_BPF_TASK_REC_H

/* The four counts of an mm, in the kernel's order: MM_FILEPAGES and so on of
 * include/linux/mm_types_task.h, 4.5 and later. */
enum { TASK_REC_FILE, TASK_REC_ANON, TASK_REC_SWAP, TASK_REC_SHMEM, TASK_REC_COUNTS };

#define TASK_REC_HAS_MM 0x01U         /* what follows of the mm is filled */
#define TASK_REC_THROUGH_THREAD 0x02U /* the leader has no mm any more: another thread's */
#define TASK_REC_PRECISE 0x04U        /* delta[] is filled: the precise sums are known */
#define TASK_REC_OOM_SKIP 0x08U       /* MMF_OOM_SKIP */
#define TASK_REC_VICTIM 0x10U         /* signal->oom_mm: the OOM killer chose it */
#define TASK_REC_ORIGIN 0x20U         /* signal->oom_flag_origin */
#define TASK_REC_VFORK 0x40U          /* in_vfork() */
#define TASK_REC_SIGKILL 0x80U        /* SIGKILL is pending */
#define TASK_REC_THREAD 0x100U        /* no process but one more thread of process ppid: its faults, and
                                       * its mm if the leader has none any more */
#define TASK_REC_SAME 0x200U          /* the walk before left the same process here, and all that is said
                                       * of it but the precise sums' being known */

struct task_rec {
	unsigned long long start_ns;  /* after boot, suspend included */
	unsigned long long mm;        /* where it lies: equal where shared. Never to be shown. */
	unsigned long long total_vm_pages;
	long long count[TASK_REC_COUNTS]; /* pages; negative ones count as 0 */
	unsigned long long pgtables_bytes;
	unsigned long long minor_faults; /* of all threads there ever were */
	unsigned int major_faults;  /* likewise, the low bits */
	unsigned int cap_effective; /* capabilities 0 to 31 */
	unsigned long long mems_allowed; /* nodes 0 to 63; 0: not known */
	unsigned long long cgroup_id; /* in the memory controller's hierarchy; 0: none */
	unsigned long long comm[2]; /* 16 bytes */
	int delta[TASK_REC_COUNTS];   /* what the CPUs keep to themselves of count[] */
	unsigned int marks;           /* TASK_REC_* */
	int pid;
	int ppid;
	unsigned int uid; /* effective */
	unsigned int threads;
	unsigned int mm_users;
	unsigned int flags; /* PF_* */
	unsigned int state; /* __state | exit_state, see bpf_state_letter() */
	short adj;
	short adj_min;
	unsigned int switches; /* how often its leader was taken off a CPU, the low bits */
};

/* Of one walk. */
struct task_walk_args {
	unsigned int cpus;  /* possible ones, at most those the map of offsets has room
	                     * for; 0 for no precise sums */
	unsigned int nodes; /* 0: mems_allowed is not wanted */
};

/* Of the program that is called for each task, in and out. */
struct task_each_control {
	unsigned int nodes;   /* as above */
	unsigned int records; /* filled since it was set to 0, or there would be if there was room */
};

#endif
