/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/model/commit.h"

#include "oomsight/base/units.h"

bool commit_base_pages(const struct snapshot *snap, uint64_t *ret_pages)
{
	const struct system_facts *sys = &snap->system;
	if (snap->page_bytes == 0 || !system_knows(sys, SYS_MEM_TOTAL))
		return false;
	/* Hugetlb counts all sizes (4.18 and later); before, the default size is
	 * what we can see. A kernel without either has no huge pages. */
	uint64_t huge_bytes = system_knows(sys, SYS_HUGETLB) ? sys->value[SYS_HUGETLB] :
		u64_mul_sat(system_get(sys, SYS_HUGE_TOTAL, 0), system_get(sys, SYS_HUGE_SIZE, 0));
	*ret_pages = snapshot_pages(snap, u64_sub_floor(sys->value[SYS_MEM_TOTAL], huge_bytes));
	return true;
}

bool commit_limit_bytes(const struct snapshot *snap, int64_t ratio, int64_t kbytes, uint64_t *ret_bytes)
{
	uint64_t pages;
	if (ratio < 0 || kbytes < 0 || snap->page_bytes == 0 || !system_knows(&snap->system, SYS_SWAP_TOTAL))
		return false;
	if (kbytes > 0) {
		pages = snapshot_pages(snap, u64_mul_sat((uint64_t)kbytes, 1024));
	} else {
		if (!commit_base_pages(snap, &pages))
			return false;
		pages = u64_mul_sat(pages, (uint64_t)ratio) / 100;
	}
	uint64_t bytes = snapshot_bytes(snap, pages);
	if (__builtin_add_overflow(bytes, snap->system.value[SYS_SWAP_TOTAL], ret_bytes))
		*ret_bytes = UINT64_MAX;
	return true;
}
