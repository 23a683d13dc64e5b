/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "knob_fixture.h"

#include <linux/magic.h>
#include <sys/vfs.h>

static void plan_of(struct knob_plan *plan, const struct snapshot *snap, enum sysctl_id id, int64_t value)
{
	knob_plan_sysctl(plan, snap, id, value, false);
	assert_whole(plan->text);
	assert_int_equal(plan->kind, KNOB_SYSCTL);
	assert_int_equal(plan->sysctl, id);
	assert_int_equal(plan->after, value);
}

/* --- refusals ------------------------------------------------------------------ */

static void sysctls_are_refused_without_the_right_to_write(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	knob_plan_sysctl(&plan, &snap, SYSCTL_SWAPPINESS, 10, true);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "--readonly");
	/* No capability opens /proc/sys to another uid. */
	snap.observer.uid = 1000;
	plan_of(&plan, &snap, SYSCTL_SWAPPINESS, 10);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "Only root may write vm.swappiness; this run is uid 1000.");
	snap.observer.uid = 0;
	snap.observer.in_init_user_ns = false;
	plan_of(&plan, &snap, SYSCTL_SWAPPINESS, 10);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "user namespace");
}

static void sysctls_are_refused_where_the_kernel_has_none(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	snap.system.sysctl[SYSCTL_OVERCOMMIT_KBYTES] = (struct sysctl_value){ FACT_ABSENT, 0 };
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_KBYTES, 1000);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "no vm.overcommit_kbytes");
	/* What could not be read may still be written. */
	snap.system.sysctl[SYSCTL_SWAPPINESS] = (struct sysctl_value){ FACT_DENIED, 0 };
	plan_of(&plan, &snap, SYSCTL_SWAPPINESS, 10);
	assert_int_not_equal(plan.gate, GATE_REFUSED);
	assert_false(plan.before_known);
}

static void sysctls_are_refused_outside_their_range(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	for (int i = 0; i < SYSCTL__COUNT; i++) {
		enum sysctl_id id = (enum sysctl_id)i;
		int64_t min, max;
		sysctl_range(id, snap.release, &min, &max);
		plan_of(&plan, &snap, id, min);
		assert_int_not_equal(plan.gate, GATE_REFUSED);
		plan_of(&plan, &snap, id, max);
		assert_int_not_equal(plan.gate, GATE_REFUSED);
		plan_of(&plan, &snap, id, min - 1);
		assert_int_equal(plan.gate, GATE_REFUSED);
		assert_says(plan.text, sysctl_names[id]);
		if (max < INT64_MAX) {
			plan_of(&plan, &snap, id, max + 1);
			assert_int_equal(plan.gate, GATE_REFUSED);
		}
	}
	snprintf(snap.release, sizeof snap.release, "5.4.0-1");
	plan_of(&plan, &snap, SYSCTL_SWAPPINESS, 101);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "0 to 100 on this kernel");
}

/* --- the commit limit ------------------------------------------------------------ */

static void commit_limit_is_computed_as_the_kernel_does(void **state)
{
	(void)state;
	struct snapshot snap;
	host_init(&snap);
	assert_int_equal(knob_commit_limit_bytes(&snap, 50, 0), 12 * GIB);
	assert_int_equal(knob_commit_limit_bytes(&snap, 0, 0), 4 * GIB);
	assert_int_equal(knob_commit_limit_bytes(&snap, 0, 1024), 4 * GIB + MIB);
	/* kbytes wins over the ratio, and is cut to whole pages */
	assert_int_equal(knob_commit_limit_bytes(&snap, 50, 7), 4 * GIB + 4 * KIB);
	host_fact(&snap, SYS_HUGETLB, 8 * GIB);
	assert_int_equal(knob_commit_limit_bytes(&snap, 50, 0), 8 * GIB);
	snap.system.state[SYS_HUGETLB] = FACT_ABSENT;
	host_fact(&snap, SYS_HUGE_TOTAL, 512);
	host_fact(&snap, SYS_HUGE_SIZE, 2 * MIB);
	assert_int_equal(knob_commit_limit_bytes(&snap, 100, 0), 19 * GIB);
	/* nonsense and the unknown */
	assert_int_equal(knob_commit_limit_bytes(&snap, -1, 0), 0);
	assert_int_equal(knob_commit_limit_bytes(&snap, 0, -1), 0);
	assert_true(knob_commit_limit_bytes(&snap, INT32_MAX, 0) > 300 * GIB);
	assert_true(knob_commit_limit_bytes(&snap, 0, INT64_MAX) > UINT64_MAX / 2);
	snap.system.state[SYS_MEM_TOTAL] = FACT_UNKNOWN;
	assert_int_equal(knob_commit_limit_bytes(&snap, 50, 0), 0);
	snap.system.state[SYS_SWAP_TOTAL] = FACT_DENIED;
	assert_int_equal(knob_commit_limit_bytes(&snap, 0, 1024), 0);
}

static uint64_t meminfo_bytes(const char *bytes, const char *key)
{
	struct text rest = text_of_str(bytes), line, word;
	uint64_t kib = 0;
	while (text_next_line(&rest, &line)) {
		if (text_next_word(&line, &word) && text_is(word, key) && text_next_word(&line, &word))
			assert_int_equal(text_to_u64(word, 10, &kib), 0);
	}
	return kib * KIB;
}

static int64_t sysctl_now(const char *path)
{
	char bytes[64];
	int64_t value;
	read_whole(path, bytes, sizeof bytes);
	assert_int_equal(text_to_i64(text_trim(text_of_str(bytes)), &value), 0);
	return value;
}

static void commit_limit_is_the_running_kernels_own(void **state)
{
	(void)state;
	struct statfs fs;
	/* Some containers put a file of their own over it. */
	if (statfs("/proc/meminfo", &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return;
	char bytes[16384];
	struct snapshot snap;
	read_whole("/proc/meminfo", bytes, sizeof bytes);
	host_init(&snap);
	snap.page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	host_fact(&snap, SYS_MEM_TOTAL, meminfo_bytes(bytes, "MemTotal:"));
	host_fact(&snap, SYS_SWAP_TOTAL, meminfo_bytes(bytes, "SwapTotal:"));
	host_fact(&snap, SYS_HUGETLB, meminfo_bytes(bytes, "Hugetlb:"));
	assert_int_equal(knob_commit_limit_bytes(&snap, sysctl_now("/proc/sys/vm/overcommit_ratio"),
						 sysctl_now("/proc/sys/vm/overcommit_kbytes")),
			 meminfo_bytes(bytes, "CommitLimit:"));
}

static void strict_overcommit_asks_for_yes_where_it_would_not_fit(void **state)
{
	(void)state;
	static const struct {
		uint64_t committed;
		int64_t ratio, kbytes, reserve;
		enum knob_gate gate;
		const char *says, *also;
	} rows[] = {
		/* limit 12 GiB */
		{ 6 * GIB, 50, 0, 8192, GATE_WARN, "now 6.00G", "then 12.0G" },
		{ 13 * GIB, 50, 0, 8192, GATE_TYPED_YES, "Committed_AS is 13.0G and CommitLimit would be 12.0G",
		  "every fork, exec and mmap on this host fails at once" },
		{ 12 * GIB, 50, 0, 8192, GATE_TYPED_YES, "fails at once", "overcommit_ratio 54 would fit" },
		/* 5 % of 11.5 GiB is 0.575: over; of 11.4 it is 0.57: 11.97, fits */
		{ 11776 * MIB, 50, 0, 8192, GATE_TYPED_YES, "closer than the margin of 589M", "would fit" },
		{ 11673 * MIB, 50, 0, 8192, GATE_WARN, "now 11.4G", "" },
		/* limit 4 GiB + 1 GiB by kbytes */
		{ 4 * GIB, 0, 1048576, 8192, GATE_WARN, "then 5.00G", "" },
		{ 5 * GIB, 0, 1048576, 8192, GATE_TYPED_YES, "CommitLimit would be 5.00G", "would fit" },
		/* 64 MiB at least, on a small host: limit 4 GiB, all of it swap */
		{ 0, 0, 0, 0, GATE_WARN, "now 0", "" },
		/* the administrators' reserve, where it is larger */
		{ 6 * GIB, 50, 0, 7 * 1024 * 1024, GATE_TYPED_YES, "margin of 7.00G", "" },
		{ 6 * GIB, 50, 0, 6 * 1024 * 1024, GATE_TYPED_YES, "margin of 6.00G", "" },
		{ 6 * GIB, 50, 0, 6 * 1024 * 1024 - 1, GATE_WARN, "then 12.0G", "" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct knob_plan plan;
		host_init(&snap);
		host_fact(&snap, SYS_COMMITTED_AS, rows[i].committed);
		host_sysctl(&snap, SYSCTL_OVERCOMMIT_RATIO, rows[i].ratio);
		host_sysctl(&snap, SYSCTL_OVERCOMMIT_KBYTES, rows[i].kbytes);
		host_sysctl(&snap, SYSCTL_ADMIN_RESERVE_KBYTES, rows[i].reserve);
		plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
		assert_says(plan.text, rows[i].says);
		assert_says(plan.text, rows[i].also);
		assert_int_equal(plan.gate, rows[i].gate);
	}
}

static void the_ratio_named_does_fit(void **state)
{
	(void)state;
	for (uint64_t committed = 3 * GIB; committed < 64 * GIB; committed += 777 * MIB) {
		struct snapshot snap;
		struct knob_plan plan;
		host_init(&snap);
		host_fact(&snap, SYS_COMMITTED_AS, committed);
		host_sysctl(&snap, SYSCTL_OVERCOMMIT_RATIO, 0);
		plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
		const char *named = strstr(plan.text, "overcommit_ratio ");
		if (plan.gate != GATE_TYPED_YES) {
			assert_true(committed < 4 * GIB);
			continue;
		}
		assert_non_null(named);
		host_sysctl(&snap, SYSCTL_OVERCOMMIT_RATIO, strtol(named + strlen("overcommit_ratio "), NULL, 10));
		plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
		assert_int_equal(plan.gate, GATE_WARN);
	}
}

static void strict_overcommit_asks_for_yes_without_figures(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	snap.system.state[SYS_COMMITTED_AS] = FACT_UNKNOWN;
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	assert_says(plan.text, "not known");
	/* Where the two sysctls are not known the kernel's own figure serves. */
	host_fact(&snap, SYS_COMMITTED_AS, GIB);
	snap.system.sysctl[SYSCTL_OVERCOMMIT_RATIO].state = FACT_DENIED;
	host_fact(&snap, SYS_COMMIT_LIMIT, 9 * GIB);
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "then 9.00G");
	snap.system.state[SYS_COMMIT_LIMIT] = FACT_ABSENT;
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
}

static void other_overcommit_modes_are_let_through(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	host_fact(&snap, SYS_COMMITTED_AS, 100 * GIB);
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 1);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "OOM killer");
	host_sysctl(&snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 0);
	assert_int_equal(plan.gate, GATE_OPEN);
	assert_says(plan.text, "0: refuse only requests larger");
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	assert_int_equal(plan.gate, GATE_OPEN);
	assert_says(plan.text, "It is 2 already: nothing changes.");
}

static void ratio_and_kbytes_undo_one_another(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_KBYTES, 1000000);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "sets overcommit_ratio, now 50, to 0");
	assert_says(plan.text, "only under overcommit_memory 2");
	/* Writing the 0 that stands there is not nothing. */
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_KBYTES, 0);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "both 0");
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_RATIO, 80);
	assert_int_equal(plan.gate, GATE_OPEN);
	host_sysctl(&snap, SYSCTL_OVERCOMMIT_KBYTES, 5000);
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_RATIO, 80);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "sets overcommit_kbytes, now 5000, to 0");
	snap.system.sysctl[SYSCTL_OVERCOMMIT_KBYTES].state = FACT_ABSENT;
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_RATIO, 80);
	assert_int_equal(plan.gate, GATE_OPEN);
	snap.system.sysctl[SYSCTL_OVERCOMMIT_KBYTES].state = FACT_DENIED;
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_RATIO, 80);
	assert_says(plan.text, "sets overcommit_kbytes to 0.");
}

static void a_limit_set_below_what_is_committed_asks_for_yes(void **state)
{
	(void)state;
	static const struct {
		enum sysctl_id id;
		int64_t value;
		enum knob_gate gate;
		const char *says;
	} rows[] = {
		{ SYSCTL_OVERCOMMIT_RATIO, 50, GATE_WARN, "then 12.0G" },
		{ SYSCTL_OVERCOMMIT_RATIO, 10, GATE_TYPED_YES, "CommitLimit would be 5.60G" },
		{ SYSCTL_OVERCOMMIT_KBYTES, 1024 * 1024, GATE_TYPED_YES, "CommitLimit would be 5.00G" },
		{ SYSCTL_OVERCOMMIT_KBYTES, 0, GATE_TYPED_YES, "CommitLimit would be 4.00G" },
		{ SYSCTL_OVERCOMMIT_KBYTES, 4 * 1024 * 1024, GATE_WARN, "then 8.00G" },
		{ SYSCTL_ADMIN_RESERVE_KBYTES, 7 * 1024 * 1024, GATE_TYPED_YES, "margin of 7.00G" },
		{ SYSCTL_ADMIN_RESERVE_KBYTES, 1024, GATE_WARN, "then 12.0G" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct knob_plan plan;
		host_init(&snap);
		host_sysctl(&snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
		plan_of(&plan, &snap, rows[i].id, rows[i].value);
		assert_says(plan.text, rows[i].says);
		assert_int_equal(plan.gate, rows[i].gate);
	}
}

static void a_rescue_that_is_not_enough_is_not_held_up(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	host_sysctl(&snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	host_fact(&snap, SYS_COMMITTED_AS, 20 * GIB);
	plan_of(&plan, &snap, SYSCTL_OVERCOMMIT_RATIO, 60);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "no worse than now, and not enough");
}

/* --- panic ------------------------------------------------------------------------ */

static void a_panic_that_would_hang_asks_for_yes(void **state)
{
	(void)state;
	static const struct {
		enum sysctl_id id;
		int64_t other, value;
		enum knob_gate gate;
		const char *says;
	} rows[] = {
		{ SYSCTL_PANIC_ON_OOM, 0, 1, GATE_TYPED_YES, "kernel.panic is 0: the first OOM hangs the host" },
		{ SYSCTL_PANIC_ON_OOM, 0, 2, GATE_TYPED_YES, "a single memory cgroup" },
		{ SYSCTL_PANIC_ON_OOM, 30, 1, GATE_WARN, "reboots the host after 30 s" },
		{ SYSCTL_PANIC_ON_OOM, 30, 2, GATE_WARN, "a single memory cgroup" },
		{ SYSCTL_PANIC_ON_OOM, -1, 1, GATE_WARN, "reboots the host at once" },
		{ SYSCTL_PANIC_ON_OOM, 0, 0, GATE_OPEN, "0: kill a process" },
		{ SYSCTL_PANIC, 1, 0, GATE_TYPED_YES, "vm.panic_on_oom is 1: with kernel.panic 0 the first OOM hangs" },
		{ SYSCTL_PANIC, 2, 0, GATE_TYPED_YES, "vm.panic_on_oom is 2" },
		{ SYSCTL_PANIC, 0, 0, GATE_OPEN, "hang until somebody presses reset" },
		{ SYSCTL_PANIC, 2, 10, GATE_OPEN, "reboot after that many seconds" },
		{ SYSCTL_PANIC, 2, -1, GATE_OPEN, "reboot at once" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct knob_plan plan;
		bool is_panic = rows[i].id == SYSCTL_PANIC;
		host_init(&snap);
		/* something else stands there, so that each row is a change */
		host_sysctl(&snap, rows[i].id, is_panic ? 5 : rows[i].value == 1 ? 0 : 1);
		host_sysctl(&snap, is_panic ? SYSCTL_PANIC_ON_OOM : SYSCTL_PANIC, rows[i].other);
		plan_of(&plan, &snap, rows[i].id, rows[i].value);
		assert_says(plan.text, rows[i].says);
		assert_int_equal(plan.gate, rows[i].gate);
	}
}

static void a_panic_with_an_unknown_end_asks_for_yes(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	host_sysctl(&snap, SYSCTL_PANIC, 5);
	snap.system.sysctl[SYSCTL_PANIC_ON_OOM].state = FACT_DENIED;
	plan_of(&plan, &snap, SYSCTL_PANIC, 0);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	snap.system.sysctl[SYSCTL_PANIC].state = FACT_DENIED;
	plan_of(&plan, &snap, SYSCTL_PANIC_ON_OOM, 1);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	assert_says(plan.text, "not known");
}

/* --- the rest ------------------------------------------------------------------------ */

static void min_free_asks_for_yes_at_both_ends(void **state)
{
	(void)state;
	static const struct {
		int64_t kib;
		enum knob_gate gate;
		const char *says, *also;
	} rows[] = {
		{ 131072, GATE_WARN, "no longer computes it", "" },
		{ 65536, GATE_WARN, "no longer computes it", "" }, /* as it is: still pinned */
		{ 1024, GATE_WARN, "no longer computes it", "" },
		{ 1023, GATE_TYPED_YES, "1023 kB is less than 1 MiB", "deadlocks" },
		{ 0, GATE_TYPED_YES, "0 kB is less", "deadlocks" },
		{ 838860, GATE_WARN, "no longer computes it", "" }, /* 5 % of 16 GiB */
		{ 838861, GATE_TYPED_YES, "819M is more than 5 % of the 16.0G of RAM", "MemAvailable is 3.00G" },
		{ 3 * 1024 * 1024, GATE_TYPED_YES, "3.00G is more than 5 %", "shrinks by as much" },
		{ 4 * 1024 * 1024, GATE_TYPED_YES, "MemAvailable is only 3.00G", "kills may start at once" },
		{ INT32_MAX, GATE_TYPED_YES, "2.00T is more than 5 %", "kills may start at once" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct knob_plan plan;
		host_init(&snap);
		plan_of(&plan, &snap, SYSCTL_MIN_FREE_KBYTES, rows[i].kib);
		assert_says(plan.text, rows[i].says);
		assert_says(plan.text, rows[i].also);
		assert_int_equal(plan.gate, rows[i].gate);
		/* The worst is assumed of a host whose size is not known. */
		snap.system.state[SYS_MEM_TOTAL] = FACT_UNKNOWN;
		plan_of(&plan, &snap, SYSCTL_MIN_FREE_KBYTES, rows[i].kib);
		assert_int_equal(plan.gate, GATE_TYPED_YES);
	}
}

static void lesser_dangers_are_named(void **state)
{
	(void)state;
	static const struct {
		enum sysctl_id id;
		int64_t value;
		enum knob_gate gate;
		const char *says;
	} rows[] = {
		{ SYSCTL_SWAPPINESS, 0, GATE_WARN, "OOM killer comes sooner" },
		{ SYSCTL_SWAPPINESS, 1, GATE_OPEN, "1: reclaim the file cache" },
		{ SYSCTL_SWAPPINESS, 60, GATE_OPEN, "It is 60 already" },
		{ SYSCTL_OOM_KILL_ALLOCATING_TASK, 1, GATE_WARN, "no ranking foretells it" },
		{ SYSCTL_OOM_KILL_ALLOCATING_TASK, -3, GATE_WARN, "no ranking foretells it" },
		{ SYSCTL_OOM_DUMP_TASKS, 0, GATE_WARN, "nothing in the log" },
		{ SYSCTL_WATERMARK_SCALE_FACTOR, 1000, GATE_OPEN, "" },
		{ SYSCTL_WATERMARK_SCALE_FACTOR, 2000, GATE_WARN, "about 3.20G of RAM free" },
		{ SYSCTL_USER_RESERVE_KBYTES, 1, GATE_OPEN, "" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct knob_plan plan;
		host_init(&snap);
		plan_of(&plan, &snap, rows[i].id, rows[i].value);
		assert_says(plan.text, rows[i].says);
		assert_int_equal(plan.gate, rows[i].gate);
		assert_true(plan.before_known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sysctls_are_refused_without_the_right_to_write),
		cmocka_unit_test(sysctls_are_refused_where_the_kernel_has_none),
		cmocka_unit_test(sysctls_are_refused_outside_their_range),
		cmocka_unit_test(commit_limit_is_computed_as_the_kernel_does),
		cmocka_unit_test(commit_limit_is_the_running_kernels_own),
		cmocka_unit_test(strict_overcommit_asks_for_yes_where_it_would_not_fit),
		cmocka_unit_test(the_ratio_named_does_fit),
		cmocka_unit_test(strict_overcommit_asks_for_yes_without_figures),
		cmocka_unit_test(other_overcommit_modes_are_let_through),
		cmocka_unit_test(ratio_and_kbytes_undo_one_another),
		cmocka_unit_test(a_limit_set_below_what_is_committed_asks_for_yes),
		cmocka_unit_test(a_rescue_that_is_not_enough_is_not_held_up),
		cmocka_unit_test(a_panic_that_would_hang_asks_for_yes),
		cmocka_unit_test(a_panic_with_an_unknown_end_asks_for_yes),
		cmocka_unit_test(min_free_asks_for_yes_at_both_ends),
		cmocka_unit_test(lesser_dangers_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
