/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whose task is carried over, and out of which snapshot: when places shift, walks fail or
 * are of no snapshot, and what else a carried task has than what its record says.
 */
#include "unit.h"

#include "bpf_cgroups.h"
#include "bpf_chain.h"
#include "bpf_walk.h"

/* --- what the source calls --------------------------------------------------------------- */

static int refuse_runs_with;   /* -errno; 0: they are run */
static pid_t refuse_cgroup_of; /* its memory is out for this process' group */

int __real_bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args);
int __wrap_bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args);

int __wrap_bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args)
{
	return refuse_runs_with < 0 ? refuse_runs_with : __real_bpf_walk_run(walk, args);
}

int __real_cgroup_table_find(struct cgroup_table *table, struct task_reader *reader, const struct snapshot *prev,
			     const struct task *was, uint64_t id, struct snapshot *next, struct task *task);
int __wrap_cgroup_table_find(struct cgroup_table *table, struct task_reader *reader, const struct snapshot *prev,
			     const struct task *was, uint64_t id, struct snapshot *next, struct task *task);

int __wrap_cgroup_table_find(struct cgroup_table *table, struct task_reader *reader, const struct snapshot *prev,
			     const struct task *was, uint64_t id, struct snapshot *next, struct task *task)
{
	return task->pid == refuse_cgroup_of ? -ENOMEM :
					       __real_cgroup_table_find(table, reader, prev, was, id, next, task);
}

/* --- others beside it -------------------------------------------------------------------- */

#define ROW 24

static void places_that_shift_are_told(void **state)
{
	struct host *host = *state;
	struct servant row[ROW];
	for (unsigned i = 0; i < ROW; i++)
		row[i] = start_sleeping(host);
	for (unsigned round = 0; round < 6; round++) {
		/* Every third, from another one on, is another process, and sleeps at its end. */
		for (unsigned i = round % 3; i < ROW; i += 3) {
			stop_servant(&row[i]);
			row[i] = start_servant(be_servant);
			give_and_await(&row[i], i % 2 ? GROW : NAME);
		}
		for (unsigned i = round; i < ROW; i += 5)
			set_adj(row[i].pid, 100 * (int)round + (int)i);
		for (unsigned i = 0; i < ROW; i++)
			assert_told(host, row[i].pid);
	}
	for (unsigned i = 0; i < ROW; i++)
		stop_servant(&row[i]);
}

/* The new one may lie where the old one lay, in the same place of the list. */
static void who_takes_the_place_of_another_is_told(void **state)
{
	struct host *host = *state;
	for (unsigned i = 0; i < 30; i++) {
		struct child child = start(i % 2 ? be_named : be_idle, 1);
		await_state(child.pid, 'S');
		assert_told(host, child.pid);
		stop(&child);
		usleep(20000); /* for its memory to be given back */
	}
}

#define CROWD 600

/* The walk begins anew with more room. */
static void a_crowd_that_comes_and_goes_hides_no_change(void **state)
{
	static pid_t crowd[CROWD];
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	unsigned n = 0;
	for (; n < CROWD; n++) {
		crowd[n] = fork();
		if (crowd[n] == 0) {
			be_child();
			idle_forever();
		}
		if (crowd[n] < 0)
			break;
		usleep(500); /* not in the way of tests beside this one */
	}
	set_adj(servant.pid, 600);
	tick(host);
	assert_int_equal(task_of(&host->after, servant.pid)->oom_score_adj, 600);
	assert_told_on(host, servant.pid);
	for (unsigned i = 0; i < n; i++)
		kill(crowd[i], SIGKILL);
	for (unsigned i = 0; i < n; i++)
		waitpid(crowd[i], NULL, 0);
	assert_told_on(host, servant.pid);
	stop_servant(&servant);
}

/* --- which snapshot the walk before became ------------------------------------------------- */

static void assert_adj(const struct host *host, pid_t pid, int adj)
{
	assert_int_equal(task_of(&host->after, pid)->oom_score_adj, adj);
}

/* Another walk saw the change already. */
static void a_snapshot_older_than_the_walk_before_is_not_carried(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	set_adj(servant.pid, 700);
	for (unsigned i = 0; i < 2; i++)
		take(host->bpf, NULL, &host->between);
	tick(host);
	assert_adj(host, servant.pid, 700);
	assert_told_on(host, servant.pid);
	stop_servant(&servant);
}

static void a_snapshot_of_another_sampler_is_not_carried(void **state)
{
	struct host *host = *state;
	struct servant servant = start_servant(be_servant);
	struct sampler *other = sampler_new(&host->root, SOURCE_WISH_BPF, NULL);
	assert_non_null(other);
	await_state(servant.pid, 'S');
	take(other, NULL, &host->after);
	set_adj(servant.pid, 700);
	take(host->bpf, NULL, &host->between);
	assert_int_equal(host->between.tick, host->after.tick);
	tick(host);
	assert_adj(host, servant.pid, 700);
	sampler_free(other);
	stop_servant(&servant);
}

static void a_walk_that_fails_hides_no_change(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	for (unsigned i = 0; i < 2; i++) {
		refuse_runs_with = -ENOMEM;
		set_adj(servant.pid, 500 + (int)i);
		tick_with(host, NULL);
		assert_int_equal(host->after.source, SOURCE_PROC);
		assert_adj(host, servant.pid, 500 + (int)i);
		set_adj(servant.pid, 600 + (int)i);
		refuse_runs_with = 0;
		assert_told_on(host, servant.pid);
		assert_adj(host, servant.pid, 600 + (int)i);
	}
	stop_servant(&servant);
}

static void a_tick_that_fails_midway_hides_no_change(void **state)
{
	struct host *host = *state;
	struct servant first = start_sleeping(host), second = start_sleeping(host), third = start_sleeping(host);
	const pid_t pids[] = { first.pid, second.pid, third.pid };
	char told[COUNT_OF(pids)][DESCRIBED], recalled[DESCRIBED];
	for (unsigned i = 0; i < COUNT_OF(pids); i++) {
		await_carried(host, pids[i]);
		describe_it(&host->after, pids[i], told[i]);
	}
	refuse_cgroup_of = second.pid;
	set_adj(first.pid, 500);
	set_adj(third.pid, 501);
	tick_with(host, NULL);
	refuse_cgroup_of = 0;
	assert_int_equal(host->after.source, SOURCE_PROC);
	assert_int_equal(turnover_recall(&host->before, &host->after), 0);
	for (unsigned i = 0; i < COUNT_OF(pids); i++) {
		describe_it(&host->before, pids[i], recalled);
		assert_string_equal(recalled, told[i]);
		assert_true(task_knows(task_of(&host->before, pids[i]), TASK_CGROUP));
	}
	for (unsigned i = 0; i < COUNT_OF(pids); i++)
		assert_told_on(host, pids[i]);
	stop_servant(&first);
	stop_servant(&second);
	stop_servant(&third);
}

/* All that are carried over are brought back, who is told differently as he was told. */
static void a_tick_before_is_recalled_as_it_was(void **state)
{
	struct host *host = *state;
	struct servant changed = start_sleeping(host), grown = start_sleeping(host), same = start_sleeping(host);
	const pid_t pids[] = { changed.pid, grown.pid, same.pid };
	char told[COUNT_OF(pids)][DESCRIBED], recalled[DESCRIBED];
	await_carried(host, changed.pid);
	for (int adj = 300; adj < 310; adj++) {
		await_carried(host, same.pid);
		for (unsigned i = 0; i < COUNT_OF(pids); i++)
			describe_it(&host->after, pids[i], told[i]);
		set_adj(changed.pid, adj);
		give_and_await(&grown, adj % 2 ? GROW : NAME);
		tick(host);
		assert_adj(host, changed.pid, adj);
		assert_int_equal(turnover_recall(&host->before, &host->after), 0);
		for (unsigned i = 0; i < COUNT_OF(pids); i++) {
			describe_it(&host->before, pids[i], recalled);
			assert_string_equal(recalled, told[i]);
		}
	}
	stop_servant(&changed);
	stop_servant(&grown);
	stop_servant(&same);
}

/* --- the kernel's score of it ---------------------------------------------------------------- */

static const struct task *tick_wishing(struct host *host, pid_t pid, const uint8_t *need)
{
	tick_with(host, &(struct sample_wish){ .prev_need = need, .few_scores = true });
	if (host->after.source != SOURCE_BPF)
		skip(); /* files stood in, whose ages are other ones */
	return task_of(&host->after, pid);
}

static const struct task *tick_asking(struct host *host, pid_t pid)
{
	static uint8_t need[65536];
	const size_t place = (size_t)(task_of(&host->after, pid) - host->after.tasks);
	assert_true(place < sizeof need);
	memset(need, 0, sizeof need);
	need[place] = NEED_SCORE;
	return tick_wishing(host, pid, need);
}

static const struct task *tick_not_asking(struct host *host, pid_t pid)
{
	return tick_wishing(host, pid, NULL);
}

static void the_score_of_a_sleeper_ages_and_is_forgotten(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	const struct task *task = tick_asking(host, servant.pid);
	assert_true(task_knows(task, TASK_SCORE));
	const int32_t score = task->oom_score;
	carried = 0;
	for (unsigned age = 0; age <= SAMPLE_MAX_AGE; age++) {
		assert_true(task_knows(task, TASK_SCORE));
		assert_int_equal(task->age[TASK_SCORE], age);
		assert_int_equal(task->oom_score, score);
		task = tick_not_asking(host, servant.pid);
	}
	assert_int_equal(carried > 0, carries);
	assert_false(task_knows(task, TASK_SCORE));
	assert_false(task_knows(tick_not_asking(host, servant.pid), TASK_SCORE));
	for (unsigned i = 0; i < 2 * SAMPLE_MAX_AGE; i++)
		assert_int_equal(tick_asking(host, servant.pid)->age[TASK_SCORE], 0);
	stop_servant(&servant);
}

static void the_score_beside_another_adj_is_another_one(void **state)
{
	struct host *host = *state;
	struct servant servant = start_sleeping(host);
	const int32_t score = tick_asking(host, servant.pid)->oom_score;
	tick_not_asking(host, servant.pid);
	set_adj(servant.pid, 800);
	assert_false(task_knows(tick_not_asking(host, servant.pid), TASK_SCORE));
	const struct task *task = tick_asking(host, servant.pid);
	assert_true(task_knows(task, TASK_SCORE));
	assert_true(task->oom_score > score);
	set_adj(servant.pid, 400);
	const int32_t higher = task->oom_score;
	task = tick_asking(host, servant.pid);
	assert_true(task_knows(task, TASK_SCORE));
	assert_true(task->oom_score < higher);
	stop_servant(&servant);
}

static void no_score_of_before_stands_beside_what_it_weighs_now(void **state)
{
	struct host *host = *state;
	struct servant grows = start_sleeping(host), ends = start_sleeping(host);
	const int32_t score = tick_asking(host, grows.pid)->oom_score;
	assert_true(task_knows(tick_asking(host, ends.pid), TASK_SCORE));
	assert_true(task_knows(tick_not_asking(host, grows.pid), TASK_SCORE));
	give_and_await(&grows, GROW_MUCH);
	give(&ends, END);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)ends.pid, &info, WEXITED | WNOWAIT), 0);
	assert_false(task_knows(tick_not_asking(host, grows.pid), TASK_SCORE));
	assert_false(task_knows(task_of(&host->after, ends.pid), TASK_SCORE));
	const struct task *task = tick_asking(host, grows.pid);
	assert_true(task_knows(task, TASK_SCORE));
	assert_true(task->oom_score > score);
	assert_int_equal(tick_asking(host, ends.pid)->oom_score, 0);
	stop_servant(&grows);
	stop_servant(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(places_that_shift_are_told),
		CHAIN_TEST(who_takes_the_place_of_another_is_told),
		CHAIN_TEST(a_crowd_that_comes_and_goes_hides_no_change),
		CHAIN_TEST(a_snapshot_older_than_the_walk_before_is_not_carried),
		CHAIN_TEST(a_snapshot_of_another_sampler_is_not_carried),
		CHAIN_TEST(a_walk_that_fails_hides_no_change),
		CHAIN_TEST(a_tick_that_fails_midway_hides_no_change),
		CHAIN_TEST(a_tick_before_is_recalled_as_it_was),
		CHAIN_TEST(the_score_of_a_sleeper_ages_and_is_forgotten),
		CHAIN_TEST(the_score_beside_another_adj_is_another_one),
		CHAIN_TEST(no_score_of_before_stands_beside_what_it_weighs_now),
	};
	return host_has_bpf() ? cmocka_run_group_tests(tests, find_out_whether_it_carries, NULL) : 77;
}
