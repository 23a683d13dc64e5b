/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The facts of the whole host at one instant: amounts by a table, pressure,
 * zones, swap devices, sysctls.
 */
#ifndef OOMSIGHT_SNAPSHOT_SYSTEM_H
#define OOMSIGHT_SNAPSHOT_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#include "oomsight/snapshot/fact.h"
#include "oomsight/snapshot/task.h"

/* Every amount of /proc/meminfo, /proc/vmstat, /proc/stat and dentry-state that we keep.
 * X(enumerator, file, key in the file, unit, name in JSON, help)
 *
 * The order is that of the files. `name` is the stem: emit adds _bytes or _pages
 * by the unit. */
#define SYS_FACTS(X) \
	X(MEM_TOTAL, MEMINFO, "MemTotal", BYTES, "total", "RAM the kernel manages") \
	X(MEM_FREE, MEMINFO, "MemFree", BYTES, "free", "RAM holding nothing") \
	X(MEM_AVAILABLE, MEMINFO, "MemAvailable", BYTES, "available", "what could be allocated without swapping, by the kernel's estimate") \
	X(BUFFERS, MEMINFO, "Buffers", BYTES, "buffers", "block device cache") \
	X(CACHED, MEMINFO, "Cached", BYTES, "cached", "page cache, shmem and tmpfs included") \
	X(SWAP_CACHED, MEMINFO, "SwapCached", BYTES, "swap_cached", "in RAM and in swap at once") \
	X(ACTIVE, MEMINFO, "Active", BYTES, "active", "used lately") \
	X(INACTIVE, MEMINFO, "Inactive", BYTES, "inactive", "not used lately") \
	X(ACTIVE_ANON, MEMINFO, "Active(anon)", BYTES, "active_anon", "anonymous and shmem, used lately") \
	X(INACTIVE_ANON, MEMINFO, "Inactive(anon)", BYTES, "inactive_anon", "anonymous and shmem, not used lately") \
	X(ACTIVE_FILE, MEMINFO, "Active(file)", BYTES, "active_file", "file cache, used lately") \
	X(INACTIVE_FILE, MEMINFO, "Inactive(file)", BYTES, "inactive_file", "file cache, first to be reclaimed") \
	X(UNEVICTABLE, MEMINFO, "Unevictable", BYTES, "unevictable", "cannot be reclaimed: mlocked, ramfs") \
	X(MLOCKED, MEMINFO, "Mlocked", BYTES, "mlocked", "locked by mlock") \
	X(HIGH_TOTAL, MEMINFO, "HighTotal", BYTES, "high_total", "high memory (32 bit only)") \
	X(HIGH_FREE, MEMINFO, "HighFree", BYTES, "high_free", "free high memory (32 bit only)") \
	X(LOW_TOTAL, MEMINFO, "LowTotal", BYTES, "low_total", "low memory (32 bit only)") \
	X(LOW_FREE, MEMINFO, "LowFree", BYTES, "low_free", "free low memory (32 bit only)") \
	X(SWAP_TOTAL, MEMINFO, "SwapTotal", BYTES, "swap_total", "swap space") \
	X(SWAP_FREE, MEMINFO, "SwapFree", BYTES, "swap_free", "unused swap space") \
	X(ZSWAP, MEMINFO, "Zswap", BYTES, "zswap", "RAM holding compressed swap pages") \
	X(ZSWAPPED, MEMINFO, "Zswapped", BYTES, "zswapped", "what those pages were before compression") \
	X(DIRTY, MEMINFO, "Dirty", BYTES, "dirty", "waits to be written to disk") \
	X(WRITEBACK, MEMINFO, "Writeback", BYTES, "writeback", "being written to disk") \
	X(ANON_PAGES, MEMINFO, "AnonPages", BYTES, "anon", "anonymous memory mapped by processes") \
	X(MAPPED, MEMINFO, "Mapped", BYTES, "mapped", "files mapped by processes") \
	X(SHMEM, MEMINFO, "Shmem", BYTES, "shared", "shared memory and tmpfs: not reclaimable without swap") \
	X(KRECLAIMABLE, MEMINFO, "KReclaimable", BYTES, "kreclaimable", "kernel memory that gives way under pressure") \
	X(SLAB, MEMINFO, "Slab", BYTES, "slab", "kernel objects") \
	X(SRECLAIMABLE, MEMINFO, "SReclaimable", BYTES, "slab_reclaimable", "kernel objects that give way") \
	X(SUNRECLAIM, MEMINFO, "SUnreclaim", BYTES, "slab_unreclaimable", "kernel objects that do not") \
	X(KERNEL_STACK, MEMINFO, "KernelStack", BYTES, "kernel_stack", "kernel stacks of all threads") \
	X(PAGE_TABLES, MEMINFO, "PageTables", BYTES, "page_tables", "page tables of all processes") \
	X(SEC_PAGE_TABLES, MEMINFO, "SecPageTables", BYTES, "sec_page_tables", "page tables of guests and devices") \
	X(NFS_UNSTABLE, MEMINFO, "NFS_Unstable", BYTES, "nfs_unstable", "sent to an NFS server, not yet on its disk") \
	X(BOUNCE, MEMINFO, "Bounce", BYTES, "bounce", "bounce buffers of block devices") \
	X(WRITEBACK_TMP, MEMINFO, "WritebackTmp", BYTES, "writeback_tmp", "FUSE write-back buffers") \
	X(COMMIT_LIMIT, MEMINFO, "CommitLimit", BYTES, "commit_limit", "most that may be committed under overcommit_memory=2") \
	X(COMMITTED_AS, MEMINFO, "Committed_AS", BYTES, "committed_as", "promised to processes, used or not") \
	X(VMALLOC_TOTAL, MEMINFO, "VmallocTotal", BYTES, "vmalloc_total", "kernel's vmalloc address space") \
	X(VMALLOC_USED, MEMINFO, "VmallocUsed", BYTES, "vmalloc_used", "of it in use") \
	X(VMALLOC_CHUNK, MEMINFO, "VmallocChunk", BYTES, "vmalloc_chunk", "its largest free piece (0 on newer kernels)") \
	X(PERCPU, MEMINFO, "Percpu", BYTES, "percpu", "per-CPU kernel memory") \
	X(HARDWARE_CORRUPTED, MEMINFO, "HardwareCorrupted", BYTES, "hardware_corrupted", "RAM taken out of use as broken") \
	X(ANON_HUGE, MEMINFO, "AnonHugePages", BYTES, "anon_huge", "anonymous memory in transparent huge pages") \
	X(SHMEM_HUGE, MEMINFO, "ShmemHugePages", BYTES, "shmem_huge", "shmem in huge pages") \
	X(SHMEM_PMD_MAPPED, MEMINFO, "ShmemPmdMapped", BYTES, "shmem_pmd_mapped", "of it mapped as huge pages") \
	X(FILE_HUGE, MEMINFO, "FileHugePages", BYTES, "file_huge", "page cache in huge pages") \
	X(FILE_PMD_MAPPED, MEMINFO, "FilePmdMapped", BYTES, "file_pmd_mapped", "of it mapped as huge pages") \
	X(CMA_TOTAL, MEMINFO, "CmaTotal", BYTES, "cma_total", "reserved for the contiguous allocator") \
	X(CMA_FREE, MEMINFO, "CmaFree", BYTES, "cma_free", "of it free") \
	X(UNACCEPTED, MEMINFO, "Unaccepted", BYTES, "unaccepted", "RAM of a confidential guest not yet accepted") \
	X(BALLOON, MEMINFO, "Balloon", BYTES, "balloon", "given back to the hypervisor") \
	X(HUGE_TOTAL, MEMINFO, "HugePages_Total", COUNT, "hugepages_total", "preallocated huge pages of the default size") \
	X(HUGE_FREE, MEMINFO, "HugePages_Free", COUNT, "hugepages_free", "of them unused") \
	X(HUGE_RSVD, MEMINFO, "HugePages_Rsvd", COUNT, "hugepages_reserved", "of them promised") \
	X(HUGE_SURP, MEMINFO, "HugePages_Surp", COUNT, "hugepages_surplus", "of them beyond the pool") \
	X(HUGE_SIZE, MEMINFO, "Hugepagesize", BYTES, "hugepage_size", "size of one of them") \
	X(HUGETLB, MEMINFO, "Hugetlb", BYTES, "hugetlb", "all preallocated huge pages: outside RSS and badness") \
	X(DIRECTMAP_4K, MEMINFO, "DirectMap4k", BYTES, "directmap_4k", "the kernel's own map of RAM, in 4 KiB pages") \
	X(DIRECTMAP_2M, MEMINFO, "DirectMap2M", BYTES, "directmap_2m", "in 2 MiB pages") \
	X(DIRECTMAP_4M, MEMINFO, "DirectMap4M", BYTES, "directmap_4m", "in 4 MiB pages") \
	X(DIRECTMAP_1G, MEMINFO, "DirectMap1G", BYTES, "directmap_1g", "in 1 GiB pages") \
	X(OOM_KILL, VMSTAT, "oom_kill", COUNT, "oom_kills", "processes the OOM killer has killed since boot, memory cgroups included") \
	X(PGPGIN, VMSTAT, "pgpgin", COUNT, "pgpgin", "KiB read from block devices") \
	X(PGPGOUT, VMSTAT, "pgpgout", COUNT, "pgpgout", "KiB written to block devices") \
	X(PSWPIN, VMSTAT, "pswpin", PAGES, "pswpin", "pages swapped in") \
	X(PSWPOUT, VMSTAT, "pswpout", PAGES, "pswpout", "pages swapped out") \
	X(PGFAULT, VMSTAT, "pgfault", COUNT, "pgfault", "page faults") \
	X(PGMAJFAULT, VMSTAT, "pgmajfault", COUNT, "pgmajfault", "page faults that waited for a disk") \
	X(ALLOCSTALL, VMSTAT, "allocstall*", COUNT, "allocstall", "allocations that had to reclaim memory themselves") \
	X(PGSCAN_DIRECT, VMSTAT, "pgscan_direct*", PAGES, "pgscan_direct", "pages looked at by direct reclaim") \
	X(PGSTEAL_DIRECT, VMSTAT, "pgsteal_direct*", PAGES, "pgsteal_direct", "pages it got back") \
	X(PGSCAN_KSWAPD, VMSTAT, "pgscan_kswapd*", PAGES, "pgscan_kswapd", "pages looked at by kswapd") \
	X(PGSTEAL_KSWAPD, VMSTAT, "pgsteal_kswapd*", PAGES, "pgsteal_kswapd", "pages it got back") \
	X(REFAULT, VMSTAT, "workingset_refault*", PAGES, "workingset_refault", "pages faulted in again soon after they were reclaimed") \
	X(COMPACT_STALL, VMSTAT, "compact_stall", COUNT, "compact_stall", "allocations that had to compact memory themselves") \
	X(CPU_USER, STAT, "user", TICKS, "cpu_user", "CPU time in programs") \
	X(CPU_NICE, STAT, "nice", TICKS, "cpu_nice", "CPU time in niced programs") \
	X(CPU_SYSTEM, STAT, "system", TICKS, "cpu_system", "CPU time in the kernel") \
	X(CPU_IDLE, STAT, "idle", TICKS, "cpu_idle", "CPU time idle") \
	X(CPU_IOWAIT, STAT, "iowait", TICKS, "cpu_iowait", "CPU time idle while a disk was waited for") \
	X(CPU_IRQ, STAT, "irq", TICKS, "cpu_irq", "CPU time in hard interrupts") \
	X(CPU_SOFTIRQ, STAT, "softirq", TICKS, "cpu_softirq", "CPU time in soft interrupts") \
	X(CPU_STEAL, STAT, "steal", TICKS, "cpu_steal", "CPU time the hypervisor gave to others") \
	X(INTERRUPTS, STAT, "intr", COUNT, "interrupts", "interrupts") \
	X(CONTEXT_SWITCHES, STAT, "ctxt", COUNT, "context_switches", "context switches") \
	X(FORKS, STAT, "processes", COUNT, "forks", "processes and threads made since boot") \
	X(PROCS_RUNNING, STAT, "procs_running", COUNT, "r", "threads running or ready to") \
	X(PROCS_BLOCKED, STAT, "procs_blocked", COUNT, "b", "threads waiting for a disk") \
	X(ZRAM_ORIG, ZRAM, "orig_data_size", BYTES, "zram_original", "what zram holds, before compression") \
	X(ZRAM_USED, ZRAM, "mem_used_total", BYTES, "zram_used", "RAM that zram takes for it") \
	X(DENTRIES, DENTRIES, "nr_dentry", COUNT, "dentries", "names of files that the kernel keeps, each with its inode") \
	X(DENTRIES_UNUSED, DENTRIES, "nr_unused", COUNT, "dentries_unused", "those of them that nothing holds: they give way")

enum sys_fact {
#define X(id, file, key, unit, name, help) SYS_##id,
	SYS_FACTS(X)
#undef X
	SYS__COUNT
};

enum sys_file { SYS_FILE_MEMINFO, SYS_FILE_VMSTAT, SYS_FILE_STAT, SYS_FILE_ZRAM, SYS_FILE_DENTRIES };

struct sys_fact_info {
	enum sys_file file;
	/* As in the file. A final '*' means: the sum of every key that is the
	 * stem alone or the stem, '_' and more (per-zone counters) — but where
	 * the stem alone stands in the file, only that. */
	const char *key;
	enum fact_unit unit;
	const char *name;
	const char *help;
};

extern const struct sys_fact_info sys_fact_table[SYS__COUNT];

/* The sysctls that decide what an OOM does and when it comes.
 * X(enumerator, name) — the file is /proc/sys with '.' as '/'. Ranges and
 * meanings stand in the knob room's table. */
#define SYSCTLS(X) \
	X(PANIC_ON_OOM, "vm.panic_on_oom") \
	X(OOM_KILL_ALLOCATING_TASK, "vm.oom_kill_allocating_task") \
	X(OOM_DUMP_TASKS, "vm.oom_dump_tasks") \
	X(OVERCOMMIT_MEMORY, "vm.overcommit_memory") \
	X(OVERCOMMIT_RATIO, "vm.overcommit_ratio") \
	X(OVERCOMMIT_KBYTES, "vm.overcommit_kbytes") \
	X(ADMIN_RESERVE_KBYTES, "vm.admin_reserve_kbytes") \
	X(USER_RESERVE_KBYTES, "vm.user_reserve_kbytes") \
	X(MIN_FREE_KBYTES, "vm.min_free_kbytes") \
	X(WATERMARK_SCALE_FACTOR, "vm.watermark_scale_factor") \
	X(SWAPPINESS, "vm.swappiness") \
	X(PANIC, "kernel.panic")

enum sysctl_id {
#define X(id, name) SYSCTL_##id,
	SYSCTLS(X)
#undef X
	SYSCTL__COUNT
};

extern const char *const sysctl_names[SYSCTL__COUNT];

/* The sysctl of that name, or -1. */
int sysctl_find(const char *name);

enum psi_resource { PSI_MEMORY, PSI_IO, PSI_CPU, PSI__COUNT };

struct psi_line {
	enum fact_state state; /* ABSENT: no such line (full of cpu on old kernels) */
	uint32_t avg10_centi;  /* share of time stalled, in hundredths of a per cent */
	uint32_t avg60_centi;
	uint32_t avg300_centi;
	uint64_t total_us;
};

struct psi {
	struct psi_line some;
	struct psi_line full;
};

#define ZONE_PROTECTIONS 8

/* One populated zone of /proc/zoneinfo, in pages. */
struct zone {
	uint32_t node;
	char name[12];
	uint64_t free_pages;
	uint64_t pcp_pages;   /* kept ready by the CPUs, not among the free ones */
	uint64_t boost_pages; /* for a while in min, low and high; 0 where the kernel does not tell */
	uint64_t min_pages;
	uint64_t low_pages;
	uint64_t high_pages;
	uint64_t spanned_pages;
	uint64_t present_pages;
	uint64_t managed_pages;
	uint64_t active_anon_pages; /* nr_zone_*; 0 where the kernel has none */
	uint64_t inactive_anon_pages;
	uint64_t active_file_pages;
	uint64_t inactive_file_pages;
	uint64_t protection_pages[ZONE_PROTECTIONS]; /* lowmem reserve, by the zone asked for */
	uint32_t protections;
};

/* One line of /proc/swaps. */
struct swap_device {
	struct text_ref name;
	uint64_t size_bytes;
	uint64_t used_bytes;
	int32_t priority;
};

struct sysctl_value {
	enum fact_state state;
	int64_t value; /* overcommit_kbytes and the reserves saturate at INT64_MAX */
};

struct system_facts {
	uint64_t value[SYS__COUNT];
	uint8_t state[SYS__COUNT]; /* enum fact_state */
	struct psi psi[PSI__COUNT];
	struct sysctl_value sysctl[SYSCTL__COUNT];
	struct zone *zones;
	uint32_t nzones;
	uint32_t zones_capacity;
	struct swap_device *swaps;
	uint32_t nswaps;
	uint32_t swaps_capacity;
};

static inline bool system_knows(const struct system_facts *sys, enum sys_fact fact)
{
	return sys->state[fact] == FACT_KNOWN;
}

/* The value, or `otherwise` when it is not known. */
static inline uint64_t system_get(const struct system_facts *sys, enum sys_fact fact, uint64_t otherwise)
{
	return system_knows(sys, fact) ? sys->value[fact] : otherwise;
}

#endif
