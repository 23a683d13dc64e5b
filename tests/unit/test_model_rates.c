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

static void make_two(struct snapshot *prev, struct snapshot *curr)
{
	MAKE_SNAPSHOT(prev, RAM, RAM, { .pid = 10, .rss = 1000, .minor = 500, .major = 5 }, { .pid = 20, .rss = 2000 },
		      { .pid = 30, .rss = 3000 });
	make_next(curr, prev, 2000);
}

static void the_first_snapshot_has_no_rates(void **state)
{
	(void)state;
	struct snapshot snap, empty;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 1000 });
	snapshot_init(&empty);
	struct rates rates;
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, NULL, &snap), 0);
	assert_false(rates.known);
	assert_int_equal(rates.ntasks, 1);
	assert_false(rates.tasks[0].known);
	assert_int_equal(rates_update(&rates, &empty, &snap), 0);
	assert_false(rates.known);
	assert_int_equal(rates_update(&rates, &snap, &snap), 0); /* no time went by */
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
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, &prev, &curr), 0);
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
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, &prev, &curr), 0);
	assert_true(rates.cpu_known);
	assert_near(rates.cpu_user, 0.2);
	assert_near(rates.cpu_system, 0.05);
	assert_near(rates.cpu_idle, 0.7);
	assert_near(rates.cpu_iowait, 0.0); /* it steps back at times */
	assert_near(rates.cpu_steal, 0.05);
	curr.system.state[SYS_CPU_IDLE] = FACT_UNKNOWN;
	assert_int_equal(rates_update(&rates, &prev, &curr), 0);
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
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, &prev, &curr), 0);
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
	rates_init(&rates);
	assert_int_equal(rates_update(&rates, &prev, &curr), 0);
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
	assert_int_equal(rates_update(&rates, NULL, &prev), 0);
	made_task(&curr, 30)->rss_quick_pages += 2000;
	assert_int_equal(rates_update(&rates, &prev, &curr), 0);
	assert_near(rates.tasks[2].growth_bytes_per_s, 1000.0 * PAGE);
	struct snapshot later;
	make_next(&later, &curr, 2000);
	memmove(later.tasks, later.tasks + 1, 2 * sizeof *later.tasks); /* pid 10 is gone */
	later.ntasks = 2;
	assert_int_equal(rates_update(&rates, &curr, &later), 0);
	assert_near(rates.tasks[1].growth_bytes_per_s, 600.0 * PAGE);
	struct snapshot last;
	make_next(&last, &later, 2000);
	made_task(&last, 30)->rss_quick_pages += 200;
	assert_int_equal(rates_update(&rates, &later, &last), 0);
	assert_near(rates.tasks[1].growth_bytes_per_s, 0.4 * 100.0 * PAGE + 0.6 * 600.0 * PAGE);
	rates_done(&rates);
	snapshot_done(&prev);
	snapshot_done(&curr);
	snapshot_done(&later);
	snapshot_done(&last);
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
