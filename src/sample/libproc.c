/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libproc.h"

#include <libproc2/meminfo.h>
#include <stdlib.h>

struct source {
	enum sys_fact fact;
	int item;
};

/* What is missing here libproc2 4.0.2 does not have, or not as the one figure
 * that sys_fact_table means (sums over zones). Of /proc/stat it keeps what was and is of
 * each CPU besides, in 25 KiB; of /proc/vmstat it lacks half of the figures, so that the file
 * had to be read twice in each tick. */
static const struct source meminfo_sources[] = {
	{ SYS_MEM_TOTAL, MEMINFO_MEM_TOTAL },
	{ SYS_MEM_FREE, MEMINFO_MEM_FREE },
	{ SYS_MEM_AVAILABLE, MEMINFO_MEM_AVAILABLE },
	{ SYS_BUFFERS, MEMINFO_MEM_BUFFERS },
	{ SYS_CACHED, MEMINFO_MEM_CACHED },
	{ SYS_SWAP_CACHED, MEMINFO_SWAP_CACHED },
	{ SYS_ACTIVE, MEMINFO_MEM_ACTIVE },
	{ SYS_INACTIVE, MEMINFO_MEM_INACTIVE },
	{ SYS_ACTIVE_ANON, MEMINFO_MEM_ACTIVE_ANON },
	{ SYS_INACTIVE_ANON, MEMINFO_MEM_INACTIVE_ANON },
	{ SYS_ACTIVE_FILE, MEMINFO_MEM_ACTIVE_FILE },
	{ SYS_INACTIVE_FILE, MEMINFO_MEM_INACTIVE_FILE },
	{ SYS_UNEVICTABLE, MEMINFO_MEM_UNEVICTABLE },
	{ SYS_MLOCKED, MEMINFO_MEM_LOCKED },
	{ SYS_HIGH_TOTAL, MEMINFO_MEM_HIGH_TOTAL },
	{ SYS_HIGH_FREE, MEMINFO_MEM_HIGH_FREE },
	{ SYS_LOW_TOTAL, MEMINFO_MEM_LOW_TOTAL },
	{ SYS_LOW_FREE, MEMINFO_MEM_LOW_FREE },
	{ SYS_SWAP_TOTAL, MEMINFO_SWAP_TOTAL },
	{ SYS_SWAP_FREE, MEMINFO_SWAP_FREE },
	{ SYS_DIRTY, MEMINFO_MEM_DIRTY },
	{ SYS_WRITEBACK, MEMINFO_MEM_WRITEBACK },
	{ SYS_ANON_PAGES, MEMINFO_MEM_ANON },
	{ SYS_MAPPED, MEMINFO_MEM_MAPPED },
	{ SYS_SHMEM, MEMINFO_MEM_SHARED },
	{ SYS_KRECLAIMABLE, MEMINFO_MEM_KERNEL_RECLAIM },
	{ SYS_SLAB, MEMINFO_MEM_SLAB },
	{ SYS_SRECLAIMABLE, MEMINFO_MEM_SLAB_RECLAIM },
	{ SYS_SUNRECLAIM, MEMINFO_MEM_SLAB_UNRECLAIM },
	{ SYS_KERNEL_STACK, MEMINFO_MEM_KERNEL_STACK },
	{ SYS_PAGE_TABLES, MEMINFO_MEM_PAGE_TABLES },
	{ SYS_NFS_UNSTABLE, MEMINFO_MEM_NFS_UNSTABLE },
	{ SYS_BOUNCE, MEMINFO_MEM_BOUNCE },
	{ SYS_WRITEBACK_TMP, MEMINFO_MEM_WRITEBACK_TMP },
	{ SYS_COMMIT_LIMIT, MEMINFO_MEM_COMMIT_LIMIT },
	{ SYS_COMMITTED_AS, MEMINFO_MEM_COMMITTED_AS },
	{ SYS_VMALLOC_TOTAL, MEMINFO_MEM_VM_ALLOC_TOTAL },
	{ SYS_VMALLOC_USED, MEMINFO_MEM_VM_ALLOC_USED },
	{ SYS_PERCPU, MEMINFO_MEM_PER_CPU },
	{ SYS_HARDWARE_CORRUPTED, MEMINFO_MEM_HARD_CORRUPTED },
	{ SYS_ANON_HUGE, MEMINFO_MEM_HUGE_ANON },
	{ SYS_SHMEM_HUGE, MEMINFO_MEM_SHMEM_HUGE },
	{ SYS_FILE_HUGE, MEMINFO_MEM_FILE_HUGEPAGES },
	{ SYS_CMA_TOTAL, MEMINFO_MEM_CMA_TOTAL },
	{ SYS_CMA_FREE, MEMINFO_MEM_CMA_FREE },
	{ SYS_HUGE_TOTAL, MEMINFO_MEM_HUGE_TOTAL },
	{ SYS_HUGE_FREE, MEMINFO_MEM_HUGE_FREE },
	{ SYS_HUGE_RSVD, MEMINFO_MEM_HUGE_RSVD },
	{ SYS_HUGE_SURP, MEMINFO_MEM_HUGE_SURPLUS },
	{ SYS_HUGE_SIZE, MEMINFO_MEM_HUGE_SIZE },
	{ SYS_HUGETLB, MEMINFO_MEM_HUGETBL },
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct libproc {
	struct meminfo_info *meminfo;
	bool has[SYS__COUNT];
	/* The item arrays must stay the same from call to call: the library
	 * makes new result stacks when they differ. */
	enum meminfo_item meminfo_items[COUNT_OF(meminfo_sources)];
};

static void note_present(const struct system_facts *present, const struct source *sources, size_t n, bool has[SYS__COUNT])
{
	for (size_t i = 0; i < n; i++)
		has[sources[i].fact] = system_knows(present, sources[i].fact);
}

struct libproc *libproc_new(const struct system_facts *present)
{
	struct libproc *lib = calloc(1, sizeof *lib);
	if (!lib)
		return NULL;
	for (size_t i = 0; i < COUNT_OF(meminfo_sources); i++)
		lib->meminfo_items[i] = (enum meminfo_item)meminfo_sources[i].item;
	/* A part that cannot be set up is left to our own parsers. */
	if (procps_meminfo_new(&lib->meminfo) == 0)
		note_present(present, meminfo_sources, COUNT_OF(meminfo_sources), lib->has);
	return lib;
}

void libproc_free(struct libproc *lib)
{
	if (!lib)
		return;
	if (lib->meminfo)
		procps_meminfo_unref(&lib->meminfo);
	free(lib);
}

bool libproc_has(const struct libproc *lib, enum sys_fact fact)
{
	return lib && lib->has[fact];
}

static void set_fact(const struct libproc *lib, struct system_facts *facts, enum sys_fact fact, bool read, uint64_t value)
{
	if (!lib->has[fact])
		return;
	facts->state[fact] = read ? FACT_KNOWN : FACT_UNKNOWN;
	/* The library gives meminfo's amounts in KiB, as they stand there. */
	facts->value[fact] = sys_fact_table[fact].unit == FACT_BYTES ? value * 1024 : value;
}

void libproc_read(struct libproc *lib, struct system_facts *facts)
{
	if (lib->meminfo) {
		const struct meminfo_stack *stack =
			procps_meminfo_select(lib->meminfo, lib->meminfo_items, (int)COUNT_OF(meminfo_sources));
		for (size_t i = 0; i < COUNT_OF(meminfo_sources); i++)
			set_fact(lib, facts, meminfo_sources[i].fact, stack, stack ? stack->head[i].result.ul_int : 0);
	}
}
