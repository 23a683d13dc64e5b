/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/rates.h"

#define RAM 1000000
#define PAGE 4096.0

/* cmocka 1.1.5 compares no doubles. */
static void assert_near(double value, double want)
{
	double distance = value > want ? value - want : want - value;
	if (!(distance <= 1e-6 * (want < 0 ? 1.0 - want : 1.0 + want)))
		fail_msg("%.9f, not %.9f", value, want);
}

static const struct rules rules = { .era = ERA_5_9, .rss = RSS_QUICK, .later_wins = true };

/* Two ticks, one after the other. */
static void update_twice(struct rates *rates, const struct snapshot *prev, const struct snapshot *curr)
{
	rates_init(rates);
	assert_int_equal(rates_update(rates, prev, &rules), 0);
	assert_int_equal(rates_update(rates, curr, &rules), 0);
}

static void make_two(struct snapshot *prev, struct snapshot *curr)
{
	MAKE_SNAPSHOT(prev, RAM, RAM, { .pid = 10, .rss = 1000, .minor = 500, .major = 5 }, { .pid = 20, .rss = 2000 },
		      { .pid = 30, .rss = 3000 });
	make_next(curr, prev, 2000);
}

static void the_first_snapshot_has_no_rates(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 1000 });
	struct rates rates;
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, &snap, &rules), 0);
	assert_false(rates.known);
	assert_int_equal(rates.ntasks, 1);
	assert_false(rates.tasks[0].known);
	snap.tick++; /* no time went by */
	assert_int_equal(rates_update(&rates, &snap, &rules), 0);
	assert_false(rates.known);
	assert_false(rates.tasks[0].known);
	snap.tick++;
	snap.monotonic_ns += 1000;
	assert_int_equal(rates_update(&rates, &snap, &rules), 0);
	assert_true(rates.known);
	assert_true(rates.tasks[0].known);
	rates_clear(&rates);
	assert_false(rates.known);
	assert_int_equal(rates.ntasks, 0);
	assert_null(rates_find(&rates, &snap.tasks[0]));
	snap.tick++;
	snap.monotonic_ns += 1000;
	assert_int_equal(rates_update(&rates, &snap, &rules), 0);
	assert_false(rates.known);
	rates_done(&rates);
	snapshot_done(&snap);
}

static void counters_become_rates_and_amounts_do_not(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	make_two(&prev, &curr);
	make_fact(&prev, SYS_PGFAULT, 1000);
	make_fact(&curr, SYS_PGFAULT, 1500);
	make_fact(&prev, SYS_PSWPIN, 10);
	make_fact(&curr, SYS_PSWPIN, 10);
	make_fact(&prev, SYS_PGMAJFAULT, 50); /* reset */
	make_fact(&curr, SYS_PGMAJFAULT, 49);
	make_fact(&curr, SYS_FORKS, 100); /* not known before */
	make_fact(&prev, SYS_PROCS_RUNNING, 1); /* an amount in a file of counters */
	make_fact(&curr, SYS_PROCS_RUNNING, 5);
	struct rates rates;
	update_twice(&rates, &prev, &curr);
	assert_true(rates.known);
	assert_near(rates.seconds, 2.0);
	assert_true(rates.per_s_known[SYS_PGFAULT]);
	assert_near(rates.per_s[SYS_PGFAULT], 250.0);
	assert_true(rates.per_s_known[SYS_PSWPIN]);
	assert_near(rates.per_s[SYS_PSWPIN], 0.0);
	assert_false(rates.per_s_known[SYS_PGMAJFAULT]);
	assert_false(rates.per_s_known[SYS_FORKS]);
	assert_false(rates.per_s_known[SYS_PROCS_RUNNING]);
	assert_false(rates.per_s_known[SYS_MEM_FREE]);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

static void cpu_shares_add_up_to_one(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	make_two(&prev, &curr);
	static const struct {
		enum sys_fact fact;
		uint64_t before, after;
	} times[] = {
		{ SYS_CPU_USER, 100, 130 },  { SYS_CPU_NICE, 0, 10 },    { SYS_CPU_SYSTEM, 50, 55 },
		{ SYS_CPU_IDLE, 1000, 1140 }, { SYS_CPU_IOWAIT, 20, 19 }, { SYS_CPU_IRQ, 0, 3 },
		{ SYS_CPU_SOFTIRQ, 0, 2 },   { SYS_CPU_STEAL, 5, 15 },
	};
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		make_fact(&prev, times[i].fact, times[i].before);
		make_fact(&curr, times[i].fact, times[i].after);
	}
	struct rates rates;
	update_twice(&rates, &prev, &curr);
	assert_true(rates.cpu_known);
	assert_near(rates.cpu_user, 0.2);
	assert_near(rates.cpu_system, 0.05);
	assert_near(rates.cpu_idle, 0.7);
	assert_near(rates.cpu_iowait, 0.0); /* it steps back at times */
	assert_near(rates.cpu_steal, 0.05);
	curr.system.state[SYS_CPU_IDLE] = FACT_UNKNOWN;
	rates_done(&rates);
	update_twice(&rates, &prev, &curr);
	assert_false(rates.cpu_known);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

static void tasks_are_compared_with_themselves(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	make_two(&prev, &curr);
	struct task *task = made_task(&curr, 10);
	task->rss_quick_pages += 100;
	task->swap_pages += 50;
	task->minor_faults += 30;
	task->major_faults += 1;
	made_task(&curr, 20)->start_ticks++; /* the pid was given to another */
	made_task(&curr, 20)->rss_quick_pages += 5000;
	made_task(&curr, 30)->pid = 35; /* one is gone, one is new */
	struct rates rates;
	update_twice(&rates, &prev, &curr);
	assert_true(rates.tasks[0].known);
	assert_near(rates.tasks[0].minor_per_s, 15.0);
	assert_near(rates.tasks[0].major_per_s, 0.5);
	assert_near(rates.tasks[0].growth_bytes_per_s, 75.0 * PAGE);
	assert_false(rates.tasks[1].known);
	assert_near(rates.tasks[1].growth_bytes_per_s, 0.0);
	assert_false(rates.tasks[2].known);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

static void growth_leaves_out_what_is_not_known(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	make_two(&prev, &curr);
	made_task(&curr, 10)->rss_quick_pages += 100;
	made_task(&prev, 10)->group_state[TASK_MM] = FACT_DENIED;
	made_task(&curr, 10)->swap_pages = 99999;
	made_task(&curr, 20)->group_state[TASK_STAT] = FACT_DENIED;
	made_task(&curr, 30)->rss_quick_pages -= 1000;
	made_task(&curr, 30)->minor_faults = 0;
	struct rates rates;
	update_twice(&rates, &prev, &curr);
	assert_near(rates.tasks[0].growth_bytes_per_s, 50.0 * PAGE);
	assert_false(rates.tasks[1].known);
	assert_near(rates.tasks[2].growth_bytes_per_s, -500.0 * PAGE);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

/* One tick after another, everybody moving one index up meanwhile. */
static void growth_is_smoothed_over_ticks(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	make_two(&prev, &curr);
	struct rates rates;
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, &prev, &rules), 0);
	made_task(&curr, 30)->rss_quick_pages += 2000;
	assert_int_equal(rates_update(&rates, &curr, &rules), 0);
	assert_near(rates.tasks[2].growth_bytes_per_s, 1000.0 * PAGE);
	struct snapshot later;
	make_next(&later, &curr, 2000);
	memmove(later.tasks, later.tasks + 1, 2 * sizeof *later.tasks); /* pid 10 is gone */
	later.ntasks = 2;
	assert_int_equal(rates_update(&rates, &later, &rules), 0);
	assert_near(rates.tasks[1].growth_bytes_per_s, 600.0 * PAGE);
	struct snapshot last;
	make_next(&last, &later, 2000);
	made_task(&last, 30)->rss_quick_pages += 200;
	assert_int_equal(rates_update(&rates, &last, &rules), 0);
	assert_near(rates.tasks[1].growth_bytes_per_s, 0.4 * 100.0 * PAGE + 0.6 * 600.0 * PAGE);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
	snapshot_done(&later);
	snapshot_done(&last);
}

/* Only the low bits are kept: amounts beyond them move all the same. */
static void large_amounts_move_by_their_difference(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	make_two(&prev, &curr);
	struct task *then = made_task(&prev, 10), *now = made_task(&curr, 10);
	then->rss_quick_pages = 0x7fffffff0;
	now->rss_quick_pages = 0x800000010;
	then->swap_pages = 0x100000000;
	now->swap_pages = 0x0ffffffff;
	then->minor_faults = 0xfffffffff0;
	now->minor_faults = 0x11000000000; /* 2^36 and 16 more: some hours of a busy process */
	then->major_faults = UINT32_MAX;
	now->major_faults = UINT32_MAX - 5;
	made_task(&prev, 20)->minor_faults = 0x10000000001;
	made_task(&curr, 20)->minor_faults = 0x0ffffffffff;
	struct rates rates;
	update_twice(&rates, &prev, &curr);
	assert_near(rates.tasks[0].growth_bytes_per_s, 31.0 / 2 * PAGE);
	assert_near(rates.tasks[0].minor_per_s, (0x1000000000 + 16) / 2.0);
	assert_near(rates.tasks[0].major_per_s, 0.0);
	assert_near(rates.tasks[1].minor_per_s, 0.0);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

#define PIDS 40

/* Whoever comes and goes: each has the rate that is known of it alone. */
static void records_follow_their_tasks(void **state)
{
	(void)state;
	uint32_t seed = 3;
	uint64_t rss[PIDS] = { 0 }, start[PIDS] = { 0 };
	bool there[PIDS] = { false };
	struct rates rates;
	rates_init(&rates);
	for (uint64_t tick = 1; tick < 300; tick++) {
		bool same[PIDS];
		struct made_task lines[PIDS];
		size_t n = 0;
		uint64_t leave = tick % 3, come = tick / 30 % 4; /* waves of few and of many */
		for (int i = 0; i < PIDS; i++) {
			seed = seed * 1664525U + 1013904223U;
			unsigned dice = seed >> 24;
			bool was = there[i];
			same[i] = was && dice % 8 >= leave;
			there[i] = same[i] || dice / 8 % 4 < come;
			if (there[i] && !same[i])
				start[i]++;
			rss[i] += (uint64_t)i + 1;
			if (there[i])
				lines[n++] = (struct made_task){ .pid = 10 + i, .rss = rss[i], .start = start[i] };
		}
		struct snapshot snap;
		make_snapshot(&snap, RAM, 0, lines, n);
		snap.tick = tick;
		snap.monotonic_ns = tick * 1000000000;
		assert_int_equal(rates_update(&rates, &snap, &rules), 0);
		assert_int_equal(rates.ntasks, n);
		for (uint32_t t = 0; t < n; t++) {
			int i = snap.tasks[t].pid - 10;
			assert_ptr_equal(rates_find(&rates, &snap.tasks[t]), &rates.tasks[t]);
			assert_int_equal(rates.tasks[t].known, same[i]);
			assert_near(rates.tasks[t].growth_bytes_per_s, same[i] ? (i + 1) * PAGE : 0.0);
		}
		snapshot_done(&snap);
	}
	rates_done(&rates);
}

static void another_update_of_the_same_tick_changes_no_rate(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	make_two(&prev, &curr);
	make_fact(&prev, SYS_PGFAULT, 1000);
	make_fact(&curr, SYS_PGFAULT, 1500);
	made_task(&curr, 30)->rss_quick_pages += 2000;
	struct rates rates;
	update_twice(&rates, &prev, &curr);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(rates_update(&rates, &curr, &rules), 0);
		assert_true(rates.known);
		assert_near(rates.seconds, 2.0);
		assert_near(rates.per_s[SYS_PGFAULT], 250.0);
		assert_near(rates.tasks[2].growth_bytes_per_s, 1000.0 * PAGE);
	}
	snapshot_remove_task(&curr, 10); /* no true snapshot does that, but indices must hold */
	assert_int_equal(rates_update(&rates, &curr, &rules), 0);
	assert_int_equal(rates.ntasks, 2);
	assert_near(rates.tasks[1].growth_bytes_per_s, 1000.0 * PAGE);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

static void what_was_badness_is_kept(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, RAM, { .pid = 10, .rss = 1000, .precise = 1200, .swap = 70, .pgt = 5, .adj = -17 });
	struct rules older = rules;
	struct rates rates;
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, &snap, &rules), 0);
	const struct task_rate *then = rates_find(&rates, &snap.tasks[0]);
	assert_non_null(then);
	assert_int_equal(then->adj, -17);
	assert_true(then->saw_stat && then->saw_mm && then->saw_adj);
	assert_int_equal(rates_badness_pages(then, 1075), 1075);
	assert_int_equal(rates_badness_pages(then, 0), 1075);
	assert_int_equal(rates_badness_pages(then, 0x80000432), 1075);
	assert_int_equal(rates_badness_pages(then, 0x300000000), 0x300000433);
	older.rss = RSS_PRECISE;
	snap.tick++;
	assert_int_equal(rates_update(&rates, &snap, &older), 0);
	assert_int_equal(rates_badness_pages(&rates.tasks[0], 0), 1275);
	older.era = ERA_2_6_36; /* no page tables */
	snap.tick++;
	assert_int_equal(rates_update(&rates, &snap, &older), 0);
	assert_int_equal(rates_badness_pages(&rates.tasks[0], 0), 1270);
	snap.tasks[0].start_ticks++;
	assert_null(rates_find(&rates, &snap.tasks[0]));
	rates_done(&rates);
	snapshot_done(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_snapshot_has_no_rates),
		cmocka_unit_test(counters_become_rates_and_amounts_do_not),
		cmocka_unit_test(cpu_shares_add_up_to_one),
		cmocka_unit_test(tasks_are_compared_with_themselves),
		cmocka_unit_test(growth_leaves_out_what_is_not_known),
		cmocka_unit_test(growth_is_smoothed_over_ticks),
		cmocka_unit_test(large_amounts_move_by_their_difference),
		cmocka_unit_test(records_follow_their_tasks),
		cmocka_unit_test(another_update_of_the_same_tick_changes_no_rate),
		cmocka_unit_test(what_was_badness_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
