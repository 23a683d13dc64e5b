/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/snapshot/turnover.h"

/* --- two ticks of one host ----------------------------------------------------- */

struct ticks {
	struct snapshot prev, next;
	struct turnover turnover;
};

static void begin(struct ticks *ticks, const struct made_task *tasks, size_t n)
{
	make_snapshot(&ticks->prev, 100000, 0, tasks, n);
	snapshot_init(&ticks->next);
	ticks->next.page_bytes = ticks->prev.page_bytes;
	assert_int_equal(turnover_begin(&ticks->turnover, &ticks->prev, &ticks->next, 0), 0);
}

#define BEGIN(ticks, ...) \
	begin((ticks), (const struct made_task[]){ __VA_ARGS__ }, \
	      sizeof((const struct made_task[]){ __VA_ARGS__ }) / sizeof(struct made_task))

static void end(struct ticks *ticks)
{
	turnover_end(&ticks->turnover);
}

static void done(struct ticks *ticks)
{
	snapshot_done(&ticks->prev);
	snapshot_done(&ticks->next);
}

/* The process is there still: as it was, with texts of the newer snapshot. NULL when
 * it was not there before. */
static struct task *stays(struct ticks *ticks, int32_t pid)
{
	const struct task *was = turnover_meet(&ticks->turnover, pid);
	struct task *task = turnover_renew(&ticks->turnover, &was);
	assert_non_null(task);
	if (!was)
		return NULL;
	*task = *was;
	assert_int_equal(snapshot_add_text(&ticks->next, snapshot_text(&ticks->prev, was->comm), &task->comm), 0);
	assert_int_equal(snapshot_add_text(&ticks->next, snapshot_text(&ticks->prev, was->cgroup), &task->cgroup), 0);
	return task;
}

static void is_born(struct ticks *ticks, int32_t pid, const char *comm)
{
	const struct task *was = turnover_meet(&ticks->turnover, pid);
	assert_null(was);
	struct task *task = turnover_renew(&ticks->turnover, &was);
	assert_non_null(task);
	task->start_ticks = 777;
	assert_int_equal(snapshot_add_text(&ticks->next, text_of_str(comm), &task->comm), 0);
}

static void assert_comm(const struct snapshot *snap, int32_t pid, const char *comm)
{
	const struct task *task = snapshot_find(snap, pid);
	assert_non_null(task);
	assert_true(text_equal(snapshot_text(snap, task->comm), text_of_str(comm)));
}

/* --- what stays where ------------------------------------------------------------ */

static void tasks_that_look_the_same_are_in_the_newer_snapshot_alone(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .comm = "a", .rss = 1 }, { .pid = 20, .comm = "b", .rss = 2 });
	stays(&ticks, 10);
	stays(&ticks, 20)->minor_faults = 99;
	end(&ticks);
	assert_int_equal(ticks.next.ntasks, 2);
	assert_int_equal(ticks.prev.ntasks, 0);
	assert_int_equal(ticks.prev.tasks_state, TASKS_HANDED_OVER);
	assert_false(ticks.next.tasks[0].fresh || ticks.next.tasks[1].fresh);
	done(&ticks);
}

static void what_is_gone_or_differs_stays_with_the_older_one(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .rss = 1 }, { .pid = 20, .rss = 2 }, { .pid = 30, .rss = 3 }, { .pid = 40, .rss = 4 });
	stays(&ticks, 20);
	stays(&ticks, 30)->rss_quick_pages = 333;
	end(&ticks);
	assert_int_equal(ticks.prev.ntasks, 3);
	assert_int_equal(ticks.prev.tasks[0].pid, 10);
	assert_int_equal(ticks.prev.tasks[1].pid, 30);
	assert_int_equal(ticks.prev.tasks[1].rss_quick_pages, 3);
	assert_int_equal(ticks.prev.tasks[2].pid, 40);
	assert_int_equal(ticks.next.ntasks, 2);
	done(&ticks);
}

static void whoever_was_met_but_could_not_be_read_is_gone(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10 }, { .pid = 20 });
	assert_non_null(turnover_meet(&ticks.turnover, 10));
	stays(&ticks, 20);
	end(&ticks);
	assert_int_equal(ticks.next.ntasks, 1);
	assert_int_equal(ticks.prev.ntasks, 1);
	assert_int_equal(ticks.prev.tasks[0].pid, 10);
	done(&ticks);
}

static void whoever_could_not_be_read_can_be_met_again(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .rss = 7 }, { .pid = 20 });
	assert_non_null(turnover_meet(&ticks.turnover, 10));
	assert_int_equal(stays(&ticks, 10)->rss_quick_pages, 7);
	stays(&ticks, 20);
	end(&ticks);
	assert_int_equal(ticks.next.ntasks, 2);
	assert_int_equal(ticks.prev.ntasks, 0);
	done(&ticks);
}

/* The task of that pid, met before, is appended in either way and taken back. */
static void try(struct ticks *ticks, int32_t pid, bool carried)
{
	const struct task *was = turnover_meet(&ticks->turnover, pid);
	assert_non_null(was);
	uint64_t rss = was->rss_quick_pages;
	uint8_t known = was->group_state[TASK_CGROUP];
	struct task *task = carried ? turnover_carry(&ticks->turnover) : turnover_renew(&ticks->turnover, &was);
	task->comm = task->cgroup = (struct text_ref){ 0 };
	task->memcg = 77;
	task->nice = 7;
	task->cpu_ticks = 77;
	task->group_state[TASK_CGROUP] = FACT_DENIED;
	task->age[TASK_SCORE]++;
	if (!carried)
		task->rss_quick_pages = 12345;
	uint32_t before = ticks->next.ntasks;
	turnover_drop(&ticks->turnover);
	assert_int_equal(ticks->next.ntasks, before - 1);
	was = turnover_meet(&ticks->turnover, pid);
	assert_int_equal(was->rss_quick_pages, rss);
	assert_true(text_equal(snapshot_text(&ticks->prev, was->comm), TEXT("name")));
	assert_int_equal(was->memcg, TASK_MEMCG_UNKNOWN);
	assert_int_equal(was->nice, 0);
	assert_int_equal(was->cpu_ticks, 0);
	assert_int_equal(was->group_state[TASK_CGROUP], known);
	assert_int_equal(was->age[TASK_SCORE], 0);
}

static void whoever_was_taken_back_is_as_it_was(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .comm = "name", .rss = 7 }, { .pid = 20, .comm = "name", .rss = 8 },
	      { .pid = 30, .comm = "name", .rss = 9 });
	try(&ticks, 10, true);
	try(&ticks, 10, false);
	/* Now in another place than before: 10 is left out. */
	try(&ticks, 20, false);
	try(&ticks, 20, true);
	stays(&ticks, 20);
	end(&ticks);
	assert_int_equal(ticks.prev.ntasks, 2);
	assert_int_equal(ticks.prev.tasks[0].pid, 10);
	assert_int_equal(ticks.prev.tasks[0].rss_quick_pages, 7);
	assert_comm(&ticks.prev, 10, "name");
	assert_int_equal(ticks.prev.tasks[1].pid, 30);
	done(&ticks);
}

static void whoever_is_carried_differs_by_its_group_alone(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .comm = "a", .cgroup = "/x", .rss = 7 }, { .pid = 20, .comm = "b", .cgroup = "/x" });
	for (int32_t pid = 10; pid <= 20; pid += 10) {
		assert_non_null(turnover_meet(&ticks.turnover, pid));
		struct task *task = turnover_carry(&ticks.turnover);
		assert_int_equal(task->pid, pid);
		assert_int_equal(snapshot_add_text(&ticks.next, TEXT("new text"), &task->comm), 0);
		assert_int_equal(snapshot_add_text(&ticks.next, pid == 10 ? TEXT("/y") : TEXT("/x"), &task->cgroup), 0);
	}
	end(&ticks);
	assert_int_equal(ticks.next.ntasks, 2);
	assert_false(ticks.next.tasks[0].fresh || ticks.next.tasks[1].fresh);
	assert_int_equal(ticks.prev.ntasks, 1);
	assert_int_equal(ticks.prev.tasks[0].rss_quick_pages, 7);
	assert_comm(&ticks.prev, 10, "a");
	assert_true(text_equal(snapshot_text(&ticks.prev, ticks.prev.tasks[0].cgroup), TEXT("/x")));
	done(&ticks);
}

static void whoever_is_carried_with_less_known_stays_with_the_older_one_too(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .rss = 7 }, { .pid = 20, .rss = 8 }, { .pid = 30, .rss = 9 });
	for (uint32_t i = 0; i < 3; i++) {
		ticks.next.tasks[i].group_state[TASK_CGROUP] = FACT_KNOWN;
		ticks.next.tasks[i].nice = 5;
	}
	for (int32_t pid = 10; pid <= 30; pid += 10) {
		assert_non_null(turnover_meet(&ticks.turnover, pid));
		struct task *task = turnover_carry(&ticks.turnover);
		task->comm = task->cgroup = (struct text_ref){ 0 };
		if (pid == 10)
			task->group_state[TASK_CGROUP] = FACT_UNKNOWN;
		if (pid == 20)
			task->nice = 0;
	}
	end(&ticks);
	assert_int_equal(ticks.next.ntasks, 3);
	assert_int_equal(ticks.prev.ntasks, 2);
	assert_true(task_knows(&ticks.prev.tasks[0], TASK_CGROUP));
	assert_int_equal(ticks.prev.tasks[1].pid, 20);
	assert_int_equal(ticks.prev.tasks[1].nice, 5);
	done(&ticks);
}

static void another_process_of_the_same_pid_is_fresh(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .comm = "old", .start = 5 });
	stays(&ticks, 10)->start_ticks = 6;
	end(&ticks);
	assert_true(ticks.next.tasks[0].fresh);
	assert_int_equal(turnover_recall(&ticks.prev, &ticks.next), 0);
	assert_int_equal(ticks.prev.ntasks, 1);
	assert_int_equal(ticks.prev.tasks[0].start_ticks, 5);
	done(&ticks);
}

static void each_is_met_at_the_place_it_had(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10 }, { .pid = 20 }, { .pid = 30 }, { .pid = 40 });
	is_born(&ticks, 5, "new");
	stays(&ticks, 20);
	assert_int_equal(turnover_place(&ticks.turnover), 1);
	assert_null(turnover_ahead(&ticks.turnover, 20));
	assert_null(turnover_ahead(&ticks.turnover, 35));
	assert_int_equal(turnover_ahead(&ticks.turnover, 40)->pid, 40);
	stays(&ticks, 40);
	assert_int_equal(turnover_place(&ticks.turnover), 3);
	end(&ticks);
	done(&ticks);
}

static void many_of_lower_pids_make_the_old_ones_move(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 9000, .comm = "x", .rss = 7 }, { .pid = 9001, .comm = "y", .rss = 8 });
	for (int32_t pid = 1; pid <= 500; pid++)
		is_born(&ticks, pid, "new");
	assert_non_null(stays(&ticks, 9000));
	assert_int_equal(turnover_place(&ticks.turnover), 0);
	assert_non_null(stays(&ticks, 9001));
	assert_int_equal(turnover_place(&ticks.turnover), 1);
	end(&ticks);
	assert_int_equal(ticks.next.ntasks, 502);
	for (uint32_t i = 1; i < ticks.next.ntasks; i++)
		assert_true(ticks.next.tasks[i - 1].pid < ticks.next.tasks[i].pid);
	assert_int_equal(snapshot_find(&ticks.next, 9001)->rss_quick_pages, 8);
	assert_comm(&ticks.next, 9000, "x");
	assert_int_equal(ticks.prev.ntasks, 0);
	done(&ticks);
}

/* --- the older one again ------------------------------------------------------------ */

static void the_older_snapshot_is_made_whole_again(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .comm = "gone", .rss = 1 }, { .pid = 20, .comm = "same", .rss = 2 },
	      { .pid = 30, .comm = "grown", .rss = 3 });
	is_born(&ticks, 15, "new");
	stays(&ticks, 20);
	stays(&ticks, 30)->rss_quick_pages = 3000;
	is_born(&ticks, 40, "newer");
	end(&ticks);
	assert_int_equal(turnover_recall(&ticks.prev, &ticks.next), 0);
	assert_int_equal(turnover_recall(&ticks.prev, &ticks.next), 0);
	assert_int_equal(ticks.prev.tasks_state, TASKS_RECALLED);
	assert_int_equal(ticks.prev.ntasks, 3);
	assert_comm(&ticks.prev, 10, "gone");
	assert_comm(&ticks.prev, 20, "same");
	assert_comm(&ticks.prev, 30, "grown");
	assert_int_equal(snapshot_find(&ticks.prev, 30)->rss_quick_pages, 3);
	assert_int_equal(snapshot_find(&ticks.next, 30)->rss_quick_pages, 3000);
	done(&ticks);
}

static void a_task_is_in_the_group_that_the_older_snapshot_has(void **state)
{
	(void)state;
	struct ticks ticks;
	make_snapshot(&ticks.prev, 100000, 0, (const struct made_task[]){ { .pid = 10, .cgroup = "/b" }, { .pid = 20, .cgroup = "/b" } }, 2);
	make_memcg(&ticks.prev, "/", 0);
	uint32_t b = make_memcg(&ticks.prev, "/b", 100);
	/* In the newer one another group stands in front. */
	make_next(&ticks.next, &ticks.prev, 1000);
	ticks.next.ntasks = ticks.next.nmemcgs = 0;
	make_memcg(&ticks.next, "/", 0);
	make_memcg(&ticks.next, "/a", 100);
	uint32_t b_now = make_memcg(&ticks.next, "/b", 100);
	assert_int_not_equal(b, b_now);
	assert_int_equal(turnover_begin(&ticks.turnover, &ticks.prev, &ticks.next, 0), 0);
	stays(&ticks, 10)->memcg = b_now;
	stays(&ticks, 20)->memcg = b_now;
	end(&ticks);
	assert_int_equal(ticks.prev.ntasks, 0);
	assert_int_equal(turnover_recall(&ticks.prev, &ticks.next), 0);
	assert_int_equal(ticks.prev.tasks[0].memcg, b);
	assert_int_equal(ticks.prev.tasks[1].memcg, b);
	assert_true(text_equal(snapshot_text(&ticks.prev, ticks.prev.tasks[1].cgroup), TEXT("/b")));
	done(&ticks);
}

static void whoever_moved_to_another_group_differs(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .cgroup = "/a" }, { .pid = 20, .cgroup = "/a" }, { .pid = 30, .comm = "sh" });
	stays(&ticks, 10);
	struct task *moved = stays(&ticks, 20);
	assert_int_equal(snapshot_add_text(&ticks.next, TEXT("/b"), &moved->cgroup), 0);
	struct task *execed = stays(&ticks, 30);
	assert_int_equal(snapshot_add_text(&ticks.next, TEXT("ls"), &execed->comm), 0);
	end(&ticks);
	assert_int_equal(ticks.prev.ntasks, 2);
	assert_int_equal(ticks.prev.tasks[0].pid, 20);
	assert_int_equal(ticks.prev.tasks[1].pid, 30);
	done(&ticks);
}

static void what_was_handed_over_twice_is_lost(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .rss = 1 });
	stays(&ticks, 10);
	/* Midway it begins anew. */
	ticks.next.ntasks = 0;
	assert_int_equal(turnover_begin(&ticks.turnover, &ticks.prev, &ticks.next, 8), 0);
	is_born(&ticks, 10, "a");
	end(&ticks);
	assert_int_equal(ticks.next.ntasks, 1);
	assert_int_equal(turnover_recall(&ticks.prev, &ticks.next), -ENODATA);
	done(&ticks);
}

static void a_recalled_snapshot_gives_its_memory_back(void **state)
{
	(void)state;
	struct ticks ticks;
	BEGIN(&ticks, { .pid = 10, .rss = 1 });
	stays(&ticks, 10);
	end(&ticks);
	assert_int_equal(turnover_recall(&ticks.prev, &ticks.next), 0);
	snapshot_clear(&ticks.prev);
	assert_int_equal(ticks.prev.tasks_capacity, 0);
	assert_null(ticks.prev.tasks);
	done(&ticks);
}

/* --- and whatever happens ------------------------------------------------------------ */

#define PIDS 300

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 8) % below;
}

/* Hosts of all kinds of change, one tick after the other in the same two snapshots:
 * the older one, recalled, is what it was. */
static void over_many_ticks_the_older_one_is_always_what_it_was(void **state)
{
	(void)state;
	struct snapshot snaps[2];
	uint64_t rss[2][PIDS] = { { 0 } }, start[2][PIDS] = { { 0 } };
	uint32_t seed = 7;
	snapshot_init(&snaps[0]);
	snapshot_init(&snaps[1]);
	for (unsigned tick = 0; tick < 400; tick++) {
		struct snapshot *prev = &snaps[(tick + 1) % 2], *next = &snaps[tick % 2];
		uint64_t *rss_now = rss[tick % 2], *rss_then = rss[(tick + 1) % 2];
		uint64_t *start_now = start[tick % 2], *start_then = start[(tick + 1) % 2];
		uint32_t dying = draw(&seed, 100), born = draw(&seed, 100), moving = draw(&seed, 100);
		struct turnover turnover;
		snapshot_clear(next);
		next->tick = tick + 1;
		assert_int_equal(turnover_begin(&turnover, tick ? prev : NULL, next, draw(&seed, PIDS)), 0);
		for (int32_t pid = 1; pid < PIDS; pid++) {
			bool there = start_then[pid] && draw(&seed, 100) >= dying;
			rss_now[pid] = start_now[pid] = 0;
			if (!there && draw(&seed, 100) >= born)
				continue;
			const struct task *was = turnover_meet(&turnover, pid);
			assert_int_equal(was != NULL, start_then[pid] != 0);
			bool moves = !there || draw(&seed, 100) < moving, carried = !moves && draw(&seed, 2);
			struct task *task = carried ? turnover_carry(&turnover) : turnover_renew(&turnover, &was);
			assert_non_null(task);
			if (there && !carried)
				*task = *was;
			else if (!there)
				task->start_ticks = 1000 * (tick + 1) + (uint64_t)pid;
			if (moves)
				task->rss_quick_pages = draw(&seed, 1000000);
			assert_int_equal(snapshot_add_text(next, TEXT("same"), &task->comm), 0);
			rss_now[pid] = task->rss_quick_pages;
			start_now[pid] = task->start_ticks;
		}
		turnover_end(&turnover);
		if (tick > 0 && draw(&seed, 3) == 0) {
			assert_int_equal(turnover_recall(prev, next), 0);
			for (int32_t pid = 1; pid < PIDS; pid++) {
				const struct task *task = snapshot_find(prev, pid);
				assert_int_equal(task ? task->start_ticks : 0, start_then[pid]);
				assert_int_equal(task ? task->rss_quick_pages : 0, rss_then[pid]);
			}
		}
		for (int32_t pid = 1; pid < PIDS; pid++)
			assert_int_equal(snapshot_find(next, pid) != NULL, start_now[pid] != 0);
	}
	snapshot_done(&snaps[0]);
	snapshot_done(&snaps[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_that_look_the_same_are_in_the_newer_snapshot_alone),
		cmocka_unit_test(what_is_gone_or_differs_stays_with_the_older_one),
		cmocka_unit_test(whoever_was_met_but_could_not_be_read_is_gone),
		cmocka_unit_test(whoever_could_not_be_read_can_be_met_again),
		cmocka_unit_test(whoever_was_taken_back_is_as_it_was),
		cmocka_unit_test(whoever_is_carried_differs_by_its_group_alone),
		cmocka_unit_test(whoever_is_carried_with_less_known_stays_with_the_older_one_too),
		cmocka_unit_test(another_process_of_the_same_pid_is_fresh),
		cmocka_unit_test(each_is_met_at_the_place_it_had),
		cmocka_unit_test(many_of_lower_pids_make_the_old_ones_move),
		cmocka_unit_test(the_older_snapshot_is_made_whole_again),
		cmocka_unit_test(a_task_is_in_the_group_that_the_older_snapshot_has),
		cmocka_unit_test(whoever_moved_to_another_group_differs),
		cmocka_unit_test(what_was_handed_over_twice_is_lost),
		cmocka_unit_test(a_recalled_snapshot_gives_its_memory_back),
		cmocka_unit_test(over_many_ticks_the_older_one_is_always_what_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
