/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sysctls the operator may turn, in an administrator's words. Ranges are
 * the kernel's (kernel/sysctl.c, mm: proc_dointvec_minmax bounds), narrowed
 * in one place: vm.overcommit_ratio takes negative numbers in the kernel, which
 * turn CommitLimit into nonsense; we do not write them.
 */
#include "oomsight/knob/knob.h"

#include <limits.h>

#include "oomsight/base/text.h"

#define COMPUTED INT64_MIN
#define LIST(array) (array), (unsigned)(sizeof(array) / sizeof((array)[0]))

static const struct sysctl_choice panic_on_oom_choices[] = {
	{ 0, "kill a process" },
	{ 1, "panic; still kill when only a memcg, cpuset or memory policy is out of memory" },
	{ 2, "panic always, even when one container reaches its own limit" },
};

static const struct sysctl_choice allocating_choices[] = {
	{ 0, "kill the worst process" },
	{ 1, "kill whoever asked for memory last" },
};

static const struct sysctl_choice dump_choices[] = {
	{ 0, "do not log the processes" },
	{ 1, "log every process before a kill" },
};

static const struct sysctl_choice overcommit_choices[] = {
	{ 0, "refuse only requests larger than RAM and swap together" },
	{ 1, "never refuse" },
	{ 2, "refuse what would pass CommitLimit" },
};

const struct sysctl_info sysctl_table[SYSCTL__COUNT] = {
	[SYSCTL_PANIC_ON_OOM] = {
		"vm.panic_on_oom", 0, 2, 0, "",
		"Whether running out of memory kills a process or stops the whole host. "
		"What happens after the panic is set by kernel.panic.",
		LIST(panic_on_oom_choices),
	},
	[SYSCTL_OOM_KILL_ALLOCATING_TASK] = {
		"vm.oom_kill_allocating_task", INT_MIN, INT_MAX, 0, "",
		"Whom a host-wide OOM kills: the process with the most points, or the one that happened to ask for "
		"memory. Memory cgroups always kill the worst; only oom_score_adj -1000 is spared.",
		LIST(allocating_choices),
	},
	[SYSCTL_OOM_DUMP_TASKS] = {
		"vm.oom_dump_tasks", INT_MIN, INT_MAX, 1, "",
		"Whether the kernel log gets a table of all processes at each kill, the only proof of why that one "
		"was chosen. With many thousands of processes it is slow and floods the log.",
		LIST(dump_choices),
	},
	[SYSCTL_OVERCOMMIT_MEMORY] = {
		"vm.overcommit_memory", 0, 2, 0, "",
		"When the kernel says no to a process asking for memory. Under 2 programs see failed allocations "
		"instead of the OOM killer.",
		LIST(overcommit_choices),
	},
	[SYSCTL_OVERCOMMIT_RATIO] = {
		"vm.overcommit_ratio", 0, INT_MAX, 50, "%",
		"Under overcommit_memory 2: the share of RAM (huge pages apart) that may be committed beyond swap. "
		"Writing it sets overcommit_kbytes to 0.",
		NULL, 0,
	},
	[SYSCTL_OVERCOMMIT_KBYTES] = {
		"vm.overcommit_kbytes", 0, INT64_MAX, 0, "kB",
		"Under overcommit_memory 2: the same as overcommit_ratio, as an amount. Writing it, even 0, sets "
		"overcommit_ratio to 0; to go back to the ratio, write the ratio.",
		NULL, 0,
	},
	[SYSCTL_ADMIN_RESERVE_KBYTES] = {
		"vm.admin_reserve_kbytes", 0, INT64_MAX, COMPUTED, "kB",
		"Under overcommit_memory 2: what is kept back for root, so that an administrator can still log in and "
		"kill something.",
		NULL, 0,
	},
	[SYSCTL_USER_RESERVE_KBYTES] = {
		"vm.user_reserve_kbytes", 0, INT64_MAX, COMPUTED, "kB",
		"Under overcommit_memory 2: what one process must leave to others (at most 1/32 of its own size), so "
		"that a user can still start a shell and kill it.",
		NULL, 0,
	},
	[SYSCTL_MIN_FREE_KBYTES] = {
		"vm.min_free_kbytes", 0, INT_MAX, COMPUTED, "kB",
		"The reserve below which only the kernel's emergencies may allocate; all zone watermarks follow from "
		"it. Too much starts OOM kills by itself, too little deadlocks the host.",
		NULL, 0,
	},
	[SYSCTL_WATERMARK_SCALE_FACTOR] = {
		"vm.watermark_scale_factor", 1, 3000, 10, "of 10000",
		"How early the background reclaimer kswapd wakes and how long it works: the distance between the "
		"watermarks, in ten-thousandths of RAM.",
		NULL, 0,
	},
	[SYSCTL_SWAPPINESS] = {
		"vm.swappiness", 0, 200, 60, "",
		"What gives way first under pressure: the file cache (low) or the memory of processes, to swap (high). "
		"100 treats both alike.",
		NULL, 0,
	},
	/* The default is CONFIG_PANIC_TIMEOUT, 0 unless the distribution set it. */
	[SYSCTL_PANIC] = {
		"kernel.panic", INT_MIN, INT_MAX, 0, "s",
		"What happens after a panic: 0 hangs until somebody presses reset, a positive number reboots after "
		"that many seconds, a negative one at once.",
		NULL, 0,
	},
};

/* Words for numbers that are not a list of choices. */
static const struct {
	enum sysctl_id id;
	int64_t from;
	int64_t to;
	const char *meaning;
} ranges[] = {
	/* The kernel asks only whether these are zero. */
	{ SYSCTL_OOM_KILL_ALLOCATING_TASK, INT_MIN, -1, "kill whoever asked for memory last" },
	{ SYSCTL_OOM_KILL_ALLOCATING_TASK, 2, INT_MAX, "kill whoever asked for memory last" },
	{ SYSCTL_OOM_DUMP_TASKS, INT_MIN, -1, "log every process before a kill" },
	{ SYSCTL_OOM_DUMP_TASKS, 2, INT_MAX, "log every process before a kill" },
	{ SYSCTL_OVERCOMMIT_KBYTES, 0, 0, "overcommit_ratio counts" },
	{ SYSCTL_OVERCOMMIT_KBYTES, 1, INT64_MAX, "counts in place of overcommit_ratio" },
	{ SYSCTL_SWAPPINESS, 0, 0, "swap only when the file cache is nearly gone" },
	{ SYSCTL_SWAPPINESS, 1, 99, "reclaim the file cache rather than swap" },
	{ SYSCTL_SWAPPINESS, 100, 100, "reclaim and swap alike" },
	{ SYSCTL_SWAPPINESS, 101, 200, "swap rather than reclaim the file cache (for zram, zswap)" },
	{ SYSCTL_PANIC, INT_MIN, -1, "reboot at once" },
	{ SYSCTL_PANIC, 0, 0, "hang until somebody presses reset" },
	{ SYSCTL_PANIC, 1, INT_MAX, "reboot after that many seconds" },
};

const char *sysctl_value_meaning(enum sysctl_id id, int64_t value)
{
	const struct sysctl_info *info = &sysctl_table[id];
	for (unsigned i = 0; i < info->nchoices; i++) {
		if (info->choices[i].value == value)
			return info->choices[i].meaning;
	}
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		if (ranges[i].id == id && value >= ranges[i].from && value <= ranges[i].to)
			return ranges[i].meaning;
	}
	return "";
}

/* Is the release older than major.minor? False when it cannot be read. */
static bool is_older(const char *release, uint64_t major, uint64_t minor)
{
	struct text rest = text_of_str(release), first, second;
	uint64_t a, b;
	if (!text_next_until(&rest, '.', &first) || !text_next_until(&rest, '.', &second))
		return false;
	size_t digits = 0;
	while (digits < second.len && second.ptr[digits] >= '0' && second.ptr[digits] <= '9')
		digits++;
	if (text_to_u64(first, 10, &a) < 0 || text_to_u64(text_of(second.ptr, digits), 10, &b) < 0)
		return false;
	return a < major || (a == major && b < minor);
}

void sysctl_range(enum sysctl_id id, const char *release, int64_t *ret_min, int64_t *ret_max)
{
	*ret_min = sysctl_table[id].min;
	*ret_max = sysctl_table[id].max;
	/* 5.7 takes 100 at most, 5.8.1 takes 200. */
	if (id == SYSCTL_SWAPPINESS && is_older(release, 5, 8))
		*ret_max = 100;
	/* 5.10 takes 1000 at most, 5.15 takes 3000; between them the kernel decides. */
	if (id == SYSCTL_WATERMARK_SCALE_FACTOR && is_older(release, 5, 11))
		*ret_max = 1000;
}
