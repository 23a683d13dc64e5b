/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * As much of the kernel as the programs read. The layouts are not the running
 * kernel's: preserve_access_index has each access moved to where the kernel's
 * own BTF says the field of that name lies, so a struct here needs only the
 * fields it is read for, with types of the right width. A name with "___" and
 * more is another layout of the struct before it.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_KERNEL_BPF_H
#define OOMSIGHT_SRC_SAMPLE_BPF_KERNEL_BPF_H

typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;
typedef long long s64;
typedef _Bool bool;
enum { false, true };

#define NULL ((void *)0)
#define CORE __attribute__((preserve_access_index))
#define SECTION(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))

/* --- struct layouts -------------------------------------------------------- */

struct list_head {
	struct list_head *next;
} CORE;
struct atomic {
	int counter;
} CORE;
struct atomic_long {
	long counter;
} CORE;
struct percpu_counter {
	s64 count;
	s32 *counters;
} CORE;
/* 6.18 and later: the flags are a bitmap. */
typedef struct {
	unsigned long __mm_flags[1];
} CORE mm_flags_t;
/* 6.2 and later: the counts are percpu_counters. */
struct mm_struct {
	struct atomic mm_users;
	unsigned long total_vm;
	struct atomic_long pgtables_bytes;
	struct percpu_counter rss_stat[4];
	mm_flags_t flags;
} CORE;
struct mm_rss_stat {
	struct atomic_long count[4];
} CORE;
struct mm_struct___before_6_2 {
	struct mm_rss_stat rss_stat;
} CORE;
struct mm_struct___before_6_18 {
	unsigned long flags;
} CORE;
struct kernfs_node {
	u64 id;
} CORE;
struct cgroup {
	struct kernfs_node *kn;
} CORE;
struct cgroup_subsys_state {
	struct cgroup *cgroup;
} CORE;
struct css_set {
	struct cgroup_subsys_state *subsys[1];
} CORE;
enum cgroup_subsys_id { memory_cgrp_id = 4 };
struct kuid {
	u32 val;
} CORE;
typedef struct kuid kuid_t;
typedef struct {
	u64 val;
} kernel_cap_t;
struct cred {
	kuid_t euid;
	kernel_cap_t cap_effective;
} CORE;
struct kernel_cap_struct {
	u32 cap[2];
} CORE;
struct cred___before_6_3 {
	struct kernel_cap_struct cap_effective;
} CORE;
typedef struct {
	unsigned long sig[1];
} CORE sigset_t;
struct sigpending {
	sigset_t signal;
} CORE;
struct signal_struct {
	int nr_threads;
	struct list_head thread_head;
	struct sigpending shared_pending;
	unsigned long min_flt;
	unsigned long maj_flt;
	bool oom_flag_origin;
	short oom_score_adj;
	short oom_score_adj_min;
	struct mm_struct *oom_mm;
} CORE;
struct completion;
typedef struct {
	unsigned long bits[1];
} CORE nodemask_t;
struct task_struct {
	u32 __state;
	u32 flags;
	u32 on_cpu; /* not in kernels for one CPU; a byte by 7.3, which only an unsigned load is fitted to */
	unsigned long nvcsw;
	unsigned long nivcsw;
	int exit_state;
	nodemask_t mems_allowed;
	struct list_head tasks;
	int pid;
	int tgid;
	struct mm_struct *mm;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct list_head thread_node;
	struct completion *vfork_done;
	u64 start_boottime;
	unsigned long min_flt;
	unsigned long maj_flt;
	struct cred *real_cred;
	struct signal_struct *signal;
	struct sigpending pending;
	struct css_set *cgroups;
	char comm[16];
} CORE;

struct task_struct___before_5_14 {
	long state;
} CORE;
/* Any two words: what it is called is of no matter. */
struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
} CORE;

/* --- maps, helpers, kernel functions --------------------------------------- */

/* A map's attributes are told by types: the number is a dimension. */
#define MAP_UINT(name, value) int(*name)[value]
#define MAP_TYPE(name, value) value *name
#define MAP_TYPE_ARRAY 2
#define MAP_TYPE_PERCPU_ARRAY 6
#define MAP_MMAPABLE 1024

/* Their numbers: include/uapi/linux/bpf.h, __BPF_FUNC_MAPPER. */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_probe_read_kernel)(void *dst, u32 size, const void *from) = (void *)113;
static long (*const bpf_loop)(u32 rounds, void *each, void *context, u64 flags) = (void *)181;
static void *(*const bpf_map_lookup_percpu_elem)(void *map, const void *key, u32 cpu) = (void *)195;

/* Read what may lie anywhere: 0 is left where it does not. */
#define READ(dst, src) bpf_probe_read_kernel(dst, sizeof(*(dst)), __builtin_preserve_access_index(src))
#define FIELD_EXISTS(field) __builtin_preserve_field_info(field, 2)
#define FIELD_OFFSET(field) __builtin_preserve_field_info(field, 0)
#define ENUM_EXISTS(type, value) __builtin_preserve_enum_value(*(type *)value, 0)
#define ENUM_VALUE(type, value) __builtin_preserve_enum_value(*(type *)value, 1)

#define PF_EXITING 0x00000004U
#define PF_KTHREAD 0x00200000U
#define MMF_OOM_SKIP 21 /* include/linux/mm_types.h; 4.9 and later */
#define SIGKILL 9

#endif
