/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The formats of /proc, as pure functions from bytes to values: no file, no
 * clock, no allocation. They are given what a kernel, or anybody who mounted
 * something over /proc, has written: every byte may be wrong. Slices that are
 * returned point into the input.
 *
 * All return 0 or -errno unless said otherwise: -EINVAL for what is not of the
 * format, -ERANGE for a number that does not fit; the output is then untouched.
 */
#ifndef OOMSIGHT_SAMPLE_PARSE_H
#define OOMSIGHT_SAMPLE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/text.h"
#include "oomsight/snapshot/memcg.h"
#include "oomsight/snapshot/node.h"
#include "oomsight/snapshot/pages.h"
#include "oomsight/snapshot/system.h"

/* /proc/PID/stat, as far as it is used. */
struct parsed_stat {
	int32_t pid;
	int32_t ppid;
	struct text comm; /* equal to /proc/PID/comm: neither escaped nor cut */
	char state;
	uint32_t flags;
	uint32_t threads;
	uint64_t minor_faults;
	uint64_t major_faults;
	uint64_t cpu_ticks; /* fields 14 and 15 */
	int8_t nice;
	uint64_t start_ticks;
	uint64_t virt_bytes;
	uint64_t rss_pages;
	uint64_t stack_start; /* field 28; 0 when missing, 1 when we may not know it */
};

/* comm reaches from the first '(' to the last ')': it may hold both. */
int parse_task_stat(struct text bytes, struct parsed_stat *ret_stat);

/* /proc/PID/statm: its third field, resident pages that are shared. */
int parse_task_statm(struct text bytes, uint64_t *ret_shr_pages);

/* /proc/PID/status, as far as it is used. */
struct parsed_status {
	int32_t pid;
	uint32_t uid;  /* effective */
	uint32_t gid;  /* of file access */
	struct text groups; /* the others, decimal, parted by blanks */
	uint64_t cap_eff;
	bool sigkill_pending; /* for the thread or for the whole process */
	bool has_mm;          /* there is a VmRSS line */
	struct text mems_allowed; /* a list of nodes; empty without the line */
	bool has_split;       /* RssAnon, RssFile and RssShmem: Linux 4.5 and later */
	uint64_t rss_kib;
	uint64_t rss_anon_kib;
	uint64_t rss_file_kib;
	uint64_t rss_shmem_kib;
	uint64_t swap_kib;     /* 0 without a VmSwap line: kernels before 2.6.34 */
	uint64_t pgtables_kib; /* VmPTE, and VmPMD where Linux 4.0 to 4.14 print it apart */
};

int parse_task_status(struct text bytes, struct parsed_status *ret_status);

/* /proc/PID/cgroup: the path in the hierarchy that has the memory controller,
 * else in the unified one. -ENOENT when the process is in neither. */
int parse_task_cgroup(struct text bytes, struct text *ret_path);

/* oom_score, oom_score_adj: one number within int32_t. */
int parse_task_number(struct text bytes, int32_t *ret_value);

/* Fill every fact of sys_fact_table that stands in this file: KNOWN; ABSENT
 * when its key is not there; UNKNOWN when the value is no number or too large.
 * file: MEMINFO, VMSTAT or STAT. Returns -EINVAL when no key at all was found;
 * all facts of the file are UNKNOWN then. */
int parse_system_file(enum sys_file file, struct text bytes, struct system_facts *facts);

/* Make those memory facts UNKNOWN that contradict each other: no RAM at all,
 * more free than there is. */
void parse_meminfo_judge(struct system_facts *facts);

/* How many processors /proc/stat lists. */
uint32_t parse_stat_cpus(struct text bytes);

/* /proc/uptime: its first number in nanoseconds. */
int parse_uptime(struct text bytes, uint64_t *ret_ns);

/* A file of /proc/sys with one number; what does not fit int64_t saturates. */
int parse_sysctl(struct text bytes, int64_t *ret_value);

/* mm_stat of a zram device: bytes before compression and the RAM they take. */
int parse_zram_mm_stat(struct text bytes, uint64_t *ret_original, uint64_t *ret_used);

/* /proc/sys/fs/dentry-state: SYS_DENTRIES and SYS_DENTRIES_UNUSED, both or neither. */
int parse_dentry_state(struct text bytes, uint64_t *ret_dentries, uint64_t *ret_unused);

/* A file of /proc/pressure. A line that is not there is ABSENT. */
int parse_psi(struct text bytes, struct psi *ret_psi);

/* Cut the next zone off /proc/zoneinfo; populated or not. *ret_has_managed:
 * did the kernel print `managed` (Linux 3.8 and later)? False at the end. A
 * zone with a line that makes no sense is passed over. */
bool parse_zoneinfo_next(struct text *rest, struct zone *ret_zone, bool *ret_has_managed);

/* A line of /proc/swaps. */
struct parsed_swap {
	struct text name; /* as it stands there, blanks as \040 */
	uint64_t size_bytes;
	uint64_t used_bytes;
	int32_t priority;
};

/* Cut the next device off /proc/swaps; the head line and nonsense are passed
 * over. False at the end. */
bool parse_swaps_next(struct text *rest, struct parsed_swap *ret_swap);

/* Undo the kernel's \ooo in a path. dst has room for size bytes; the result
 * is cut to fit. Returns its length (no NUL is added). */
size_t parse_unescape(struct text escaped, char *dst, size_t size);

/* How a mounted proc hides processes from others. */
enum proc_hiding {
	PROC_HIDES_NONE,
	PROC_HIDES_BY_GROUP,  /* hidepid=1, 2, noaccess, invisible: not from members of gid */
	PROC_HIDES_FROM_ALL, /* hidepid=4, ptraceable: a group does not help */
};

struct parsed_proc_mount {
	enum proc_hiding hiding;
	uint32_t gid; /* the exempt group; 0 when none is named */
};

/* The options of the uppermost proc on mount_point in /proc/PID/mountinfo.
 * -ENOENT when there is none. */
int parse_mountinfo_proc(struct text bytes, struct text mount_point, struct parsed_proc_mount *ret_mount);

/* Where the memory controller's hierarchy is mounted. */
struct parsed_memcg_mount {
	enum memcg_version version;
	struct text mount_point; /* escaped as it stands there */
	struct text root;        /* the group that is mounted, as /proc/PID/cgroup names it */
};

/* A v1 mount with the memory controller, else the first of cgroup v2 (which may
 * or may not have the controller: its cgroup.controllers tells). Of several the
 * first that shows the hierarchy's root. -ENOENT when there is neither. */
int parse_mountinfo_memcg(struct text bytes, struct parsed_memcg_mount *ret_mount);

/* A file of one amount of a memory cgroup, in bytes; "max", and from
 * 2^63 - 1 MiB on upwards what v1 prints for no limit, is MEMCG_UNLIMITED. */
int parse_memcg_bytes(struct text bytes, uint64_t *ret_bytes);

/* memory.stat into stat_bytes and stat_known. -EINVAL when none of the keys
 * stands there; the group is then untouched. */
int parse_memcg_stat(struct text bytes, enum memcg_version version, struct memcg *memcg);

/* memory.events or memory.events.local: MEMCG_EVENT__COUNT counters, and which
 * of them stand there. */
int parse_memcg_events(struct text bytes, uint64_t *ret_events, uint8_t *ret_known);

/* v1 memory.oom_control: oom_kill_disable, under_oom; oom_kill goes to events. */
int parse_memcg_oom_control(struct text bytes, struct memcg *memcg);

/* sys/devices/system/node/nodeN/meminfo. -EINVAL without a MemTotal. */
int parse_node_meminfo(struct text bytes, struct node *node);

/* The memory policy of a task, from /proc/PID/numa_maps. An area without a
 * policy of its own shows the task's: that of the stack, else the one most areas
 * have. *ret_nodes is empty but for POLICY_BIND and POLICY_INTERLEAVE. -ENODATA
 * for an empty file. */
int parse_numa_maps(struct text bytes, enum task_policy *ret_policy, struct nodeset *ret_nodes);

/* Add one line (an area) of /proc/PID/numa_maps. page_bytes: of a page where the line
 * does not say. What is no such line is left out. */
void pages_add_line(struct pages *pages, struct text line, uint32_t page_bytes);

#endif
