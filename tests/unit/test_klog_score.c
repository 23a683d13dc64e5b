/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kills of a made log against what a made snapshot foretells. A host of 1000000
 * pages: one unit of oom_score_adj weighs 1000 of them; /box is limited to 100000.
 */
#include "unit.h"

#include <stdio.h>

#include "klog_collect.h"
#include "make_snapshot.h"
#include "oomsight/klog/score.h"

enum { BIG = 10, MIDDLE = 20, SMALL = 30, BOXED = 40, BOXED_SMALL = 50 };

struct fixture {
	struct snapshot snap;
	struct rules rules;
	struct score_dead dead;
	struct event event;
};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	MAKE_SNAPSHOT(&f->snap, 1000000, 0, MADE_INIT, { .pid = BIG, .comm = "big", .rss = 300000 },
		      { .pid = MIDDLE, .comm = "middle", .rss = 200000 }, { .pid = SMALL, .comm = "small", .rss = 1000 },
		      { .pid = BOXED, .comm = "boxed", .rss = 60000, .cgroup = "/box" },
		      { .pid = BOXED_SMALL, .comm = "little", .rss = 20000, .cgroup = "/box" });
	make_memcg(&f->snap, "/", 0);
	make_memcg(&f->snap, "/box", 100000);
	f->snap.tick = 5;
	assert_int_equal(rules_calibrate(&f->snap, &f->rules), 0);
}

static void end(struct fixture *f)
{
	snapshot_done(&f->snap);
}

/* One report, as a kernel of 6.x writes it. */
static const struct event *kill_by(struct fixture *f, const char *scope, int pid, int rss, int adj)
{
	char log[1024];
	struct collected c;
	struct explanation *ex = calloc(1, sizeof *ex);
	assert_non_null(ex);
	snprintf(log, sizeof log,
		 "asker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
		 "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
		 "[%7d]     0 %5d   999999 %8d    40960        0         %5d name\n"
		 "oom-kill:constraint=%s,task_memcg=/box,task=name,pid=%d,uid=0\n"
		 "%s: Killed process %d (name) total-vm:100kB, anon-rss:80kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
		 "pgtables:68kB oom_score_adj:%d\n",
		 pid, pid, rss, adj, scope, pid, strstr(scope, "MEMCG") ? "Memory cgroup out of memory" : "Out of memory", pid, adj);
	collect_str(&c, log);
	assert_int_equal(c.n, 1);
	explain_report(&c.reports[0], ex);
	event_from_report(&f->event, &c.reports[0], ex);
	assert_int_equal(score_event(&f->event, &c.reports[0], ex, &f->snap, &f->rules, &f->dead), 0);
	collected_done(&c);
	free(ex);
	return &f->event;
}

#define HOST "CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom"
#define BOX(path) "CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=" path

static void the_one_foretold_is_right(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	const struct event *event = kill_by(&f, HOST, BIG, 300000, 0);
	assert_int_equal(event->foretold, FORETOLD_RIGHT);
	assert_int_equal(event->rank, 1);
	assert_string_equal(event->victim, "name (10)");
	assert_string_equal(event->scope, "on the host");
	end(&f);
}

static void a_group_is_asked_about_its_own_limit(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	const struct event *event = kill_by(&f, BOX("/box"), BOXED, 60000, 0);
	assert_int_equal(event->foretold, FORETOLD_RIGHT);
	assert_int_equal(event->rank, 1);
	assert_string_equal(event->scope, "by the limit of /box");
	end(&f);
}

static void below_a_cgroup_namespace_paths_are_shorter(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	assert_int_equal(kill_by(&f, BOX("/machine/c1/box"), BOXED, 60000, 0)->foretold, FORETOLD_RIGHT);
	end(&f);
}

static void a_group_not_known_is_not_scored(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	const struct event *event = kill_by(&f, BOX("/other"), BOXED, 60000, 0);
	assert_int_equal(event->foretold, FORETOLD_NOTHING);
	assert_non_null(strstr(event->because, "the group was not there"));
	assert_int_equal(kill_by(&f, BOX("/"), BOXED, 60000, 0)->foretold, FORETOLD_NOTHING);
	assert_non_null(strstr(f.event.because, "limit was not known"));
	end(&f);
}

static void another_is_wrong_and_the_reason_is_given(void **state)
{
	(void)state;
	static const struct {
		int pid, rss, adj;
		uint32_t rank;
		const char *because;
	} cases[] = {
		{ MIDDLE, 200000, 500, 2, "big (10) was foretold; the victim's oom_score_adj was 0 then, and 500 at the kill" },
		{ MIDDLE, 310000, 0, 2, "big (10) was foretold; the victim grew by 430M" },
		{ SMALL, 1000, 0, 5, "why it was another is not known" },
		{ 99, 1000, 0, 0, "the victim was not there yet" },
		{ 1, 1000, 0, 0, "cannot be killed: " },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		begin(&f);
		const struct event *event = kill_by(&f, HOST, cases[i].pid, cases[i].rss, cases[i].adj);
		assert_int_equal(event->foretold, FORETOLD_WRONG);
		assert_int_equal(event->rank, cases[i].rank);
		if (!strstr(event->because, cases[i].because))
			fail_msg("because is: %s", event->because);
		end(&f);
	}
}

static void a_cascade_before_the_next_tick_runs_through_the_ranking(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	assert_int_equal(kill_by(&f, HOST, BIG, 300000, 0)->foretold, FORETOLD_RIGHT);
	assert_int_equal(kill_by(&f, HOST, MIDDLE, 200000, 0)->foretold, FORETOLD_RIGHT);
	assert_int_equal(f.event.rank, 1);
	assert_int_equal(kill_by(&f, HOST, SMALL, 1000, 0)->foretold, FORETOLD_WRONG);
	assert_int_equal(f.event.rank, 3);
	/* The next tick begins anew. */
	f.snap.tick++;
	assert_int_equal(kill_by(&f, HOST, BIG, 300000, 0)->foretold, FORETOLD_RIGHT);
	end(&f);
}

static void panic_on_oom_foretold_and_a_kill_is_wrong(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	make_sysctl(&f.snap, SYSCTL_PANIC_ON_OOM, 1);
	assert_int_equal(kill_by(&f, HOST, BIG, 300000, 0)->foretold, FORETOLD_WRONG);
	assert_non_null(strstr(f.event.because, "no kill was foretold"));
	end(&f);
}

static void other_pids_are_not_compared(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.snap.observer.in_init_pid_ns = false;
	assert_int_equal(kill_by(&f, HOST, BIG, 300000, 0)->foretold, FORETOLD_NOTHING);
	assert_non_null(strstr(f.event.because, "pid namespace"));
	f.snap.tick = 0;
	assert_int_equal(kill_by(&f, HOST, BIG, 300000, 0)->foretold, FORETOLD_NOTHING);
	assert_non_null(strstr(f.event.because, "no tick before"));
	end(&f);
}

static void a_kill_without_a_line_names_the_group_and_who_is_gone(void **state)
{
	(void)state;
	struct fixture f;
	struct snapshot next;
	struct event event;
	begin(&f);
	make_next(&next, &f.snap, 1000);
	assert_int_equal(score_unlogged(&event, 1, NULL, &f.snap, &next, &f.rules), 0);
	assert_string_equal(event.scope, "?");
	assert_null(strstr(event.because, "ended"));
	for (uint32_t i = 0; i < 2; i++)
		next.memcgs[i].events[MEMCG_EVENT_OOM_KILL] = f.snap.memcgs[i].events[MEMCG_EVENT_OOM_KILL] + 3;
	snapshot_remove_task(&next, BOXED);
	assert_int_equal(score_unlogged(&event, 3, NULL, &f.snap, &next, &f.rules), 0);
	assert_string_equal(event.scope, "in /box");
	assert_int_equal(event.others, 2);
	assert_false(event.logged);
	assert_int_equal(event.foretold, FORETOLD_NOTHING);
	assert_non_null(strstr(event.because, "boxed (40), foretold there, has ended since"));
	snapshot_done(&next);
	end(&f);
}

static void a_kill_without_a_line_is_scored_by_its_mark(void **state)
{
	(void)state;
	struct fixture f;
	struct snapshot next;
	struct event event;
	const struct score_mark boxed = { .pid = BOXED, .comm = "boxed" }, nameless = { .pid = BIG }, young = { .pid = 9999, .comm = "y\x1b" };
	begin(&f);
	make_next(&next, &f.snap, 1000);
	/* whose limit it was is not known */
	assert_int_equal(score_unlogged(&event, 1, &nameless, &f.snap, &next, &f.rules), 0);
	assert_string_equal(event.victim, "big (10)");
	assert_int_equal(event.foretold, FORETOLD_NOTHING);
	assert_non_null(strstr(event.because, "the kernel marked it; whose limit"));
	for (uint32_t i = 0; i < 2; i++)
		next.memcgs[i].events[MEMCG_EVENT_OOM_KILL] = f.snap.memcgs[i].events[MEMCG_EVENT_OOM_KILL] + 1;
	assert_int_equal(score_unlogged(&event, 1, &boxed, &f.snap, &next, &f.rules), 0);
	assert_string_equal(event.victim, "boxed (40)");
	assert_string_equal(event.scope, "in /box");
	assert_int_equal(event.foretold, FORETOLD_RIGHT);
	assert_int_equal(event.rank, 1);
	assert_int_equal(score_unlogged(&event, 1, &young, &f.snap, &next, &f.rules), 0);
	assert_string_equal(event.victim, "y? (9999)");
	assert_int_equal(event.foretold, FORETOLD_WRONG);
	assert_non_null(strstr(event.because, "not there yet"));
	f.snap.observer.in_init_pid_ns = false;
	assert_int_equal(score_unlogged(&event, 1, &boxed, &f.snap, &next, &f.rules), 0);
	assert_string_equal(event.victim, "boxed (40)");
	assert_int_equal(event.foretold, FORETOLD_NOTHING);
	snapshot_done(&next);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_one_foretold_is_right),
		cmocka_unit_test(a_group_is_asked_about_its_own_limit),
		cmocka_unit_test(below_a_cgroup_namespace_paths_are_shorter),
		cmocka_unit_test(a_group_not_known_is_not_scored),
		cmocka_unit_test(another_is_wrong_and_the_reason_is_given),
		cmocka_unit_test(a_cascade_before_the_next_tick_runs_through_the_ranking),
		cmocka_unit_test(panic_on_oom_foretold_and_a_kill_is_wrong),
		cmocka_unit_test(other_pids_are_not_compared),
		cmocka_unit_test(a_kill_without_a_line_names_the_group_and_who_is_gone),
		cmocka_unit_test(a_kill_without_a_line_is_scored_by_its_mark),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
