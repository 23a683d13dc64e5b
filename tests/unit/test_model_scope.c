/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is peculiar to the OOM of a memory cgroup, a cpuset, a memory policy, and
 * to SysRq-f.
 */
#include "make_verdict.h"
#include "oomsight/model/model.h"

#define RAM 1000000
#define PAGE UINT64_C(4096)

/* --- totalpages ----------------------------------------------------------- */

static void totalpages_of_a_group_by_version_limit_and_swap(void **state)
{
	(void)state;
	static const struct {
		const char *release;
		enum memcg_version version;
		uint64_t max, swap_max; /* pages; swap_max of v1 is memsw; UINT64_MAX: unlimited */
		uint8_t swappiness;
		uint64_t expected;
	} cases[] = {
		/* v2: limit and what swap it may use. */
		{ "6.18", MEMCG_V2, 10000, UINT64_MAX, 60, 60000 },
		{ "6.18", MEMCG_V2, 10000, 2000, 60, 12000 },
		{ "6.18", MEMCG_V2, 10000, 0, 60, 10000 },
		{ "6.18", MEMCG_V2, 10000, 90000, 60, 60000 },
		{ "6.18", MEMCG_V2, 10000, UINT64_MAX, 0, 10000 },
		{ "6.18", MEMCG_V2, 0, UINT64_MAX, 60, 0 },
		/* v1: memory and swap together. */
		{ "6.18", MEMCG_V1, 10000, UINT64_MAX, 60, 60000 },
		{ "6.18", MEMCG_V1, 10000, 12000, 60, 12000 },
		{ "6.18", MEMCG_V1, 10000, 10000, 60, 10000 },
		{ "6.18", MEMCG_V1, 10000, 12000, 0, 10000 },
		{ "4.19", MEMCG_V1, 10000, 12000, 60, 12000 },
		{ "3.10", MEMCG_V1, 10000, 12000, 60, 12000 },
		{ "3.10", MEMCG_V1, 10000, 12000, 0, 10000 },
		/* Whatever the swappiness. */
		{ "3.4", MEMCG_V1, 10000, 12000, 0, 12000 },
		/* 50000 pages of swap added to bytes: 12 pages of them. */
		{ "2.6.36", MEMCG_V1, 10000, UINT64_MAX, 60, 10012 },
		{ "2.6.36", MEMCG_V1, 10000, 10000, 60, 10000 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct question q;
		QUESTION(&q, RAM, 50000, { .pid = 10, .rss = 10, .cgroup = "/g" });
		by_rules_of(&q, cases[i].release);
		q.snap.memcg_version = cases[i].version;
		make_memcg(&q.snap, "/", 0);
		uint32_t group = make_memcg(&q.snap, "/g", cases[i].max);
		if (cases[i].swap_max != UINT64_MAX)
			q.snap.memcgs[group].swap_max_bytes = cases[i].swap_max * PAGE;
		if (cases[i].version == MEMCG_V2)
			make_sysctl(&q.snap, SYSCTL_SWAPPINESS, cases[i].swappiness);
		else
			q.snap.memcgs[group].swappiness = cases[i].swappiness;
		const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = group };
		assert_int_equal(scope_totalpages(&q.snap, &q.rules, NULL, &scope), cases[i].expected);
		question_done(&q);
	}
}

static void a_limit_of_less_than_a_page_counts_as_one(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 10, .adj = 500, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 1);
	q.snap.memcgs[group].max_bytes = 100;
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_KILL);
	assert_int_equal(q.verdict.totalpages, 1);
	assert_int_equal(candidate_of(&q, 10)->points, 10); /* below 1000 pages adj weighs nothing */
	question_done(&q);
}

static void without_swap_figures_nothing_is_told(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 10, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 100);
	q.snap.system.state[SYS_SWAP_TOTAL] = FACT_UNKNOWN;
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_NONE);
	assert_int_equal(q.verdict.none, NONE_NOT_TOLD);
	question_done(&q);
}

static void all_nodes_with_memory_are_no_constraint(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 7, { .pid = 10, .rss = 10 });
	make_node(&q.snap, 0, 500);
	make_node(&q.snap, 1, 0); /* processors only */
	make_sysctl(&q.snap, SYSCTL_PANIC_ON_OOM, 1);
	const struct scope all = scope_of_nodes(SCOPE_CPUSET, "0");
	assert_int_equal(ask(&q, &all, 1), ACTION_PANIC);
	assert_int_equal(q.verdict.constraint, CONSTRAINT_NONE);
	assert_int_equal(q.verdict.totalpages, RAM + 7);
	make_node(&q.snap, 2, 300);
	make_mems(&q.snap, 10, "0-2");
	assert_int_equal(ask(&q, &all, 1), ACTION_KILL);
	assert_int_equal(q.verdict.constraint, CONSTRAINT_CPUSET);
	assert_int_equal(q.verdict.totalpages, 507);
	question_done(&q);
}

/* --- candidates ------------------------------------------------------------ */

static void of_equals_the_group_walked_last_dies(void **state)
{
	(void)state;
	struct question q;
	/* The youngest process stands in the elder group. */
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 500, .start = 100, .cgroup = "/g/b" },
		 { .pid = 20, .rss = 500, .start = 900, .cgroup = "/g/a" },
		 { .pid = 30, .rss = 500, .start = 950, .cgroup = "/g" },
		 { .pid = 40, .rss = 500, .start = 50, .cgroup = "/g/b" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 4000);
	make_memcg(&q.snap, "/g/a", 0);
	make_memcg(&q.snap, "/g/b", 0);
	ask_memcg(&q, group, 4);
	ASSERT_KILL(&q, 0, 10);
	ASSERT_KILL(&q, 1, 40);
	ASSERT_KILL(&q, 2, 20);
	ASSERT_KILL(&q, 3, 30);
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 30); /* globally start time alone counts */
	by_rules_of(&q, "4.19");
	ask_memcg(&q, group, 1);
	ASSERT_KILL(&q, 0, 30); /* the first of the walk stays */
	question_done(&q);
}

static void with_v1_hierarchy_off_a_limit_binds_its_own_tasks_only(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/g/in" }, { .pid = 20, .rss = 100, .cgroup = "/g" });
	q.snap.memcg_version = MEMCG_V1;
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 4000);
	make_memcg(&q.snap, "/g/in", 0);
	ask_memcg(&q, group, 1);
	ASSERT_KILL(&q, 0, 10);
	q.snap.memcgs[group].use_hierarchy = false;
	ask_memcg(&q, group, 1);
	ASSERT_KILL(&q, 0, 20);
	question_done(&q);
}

static void an_unknown_group_makes_it_uncertain(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/g" }, { .pid = 20, .rss = 90000 }, MADE_KTHREAD);
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 4000);
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_KILL);
	assert_int_equal(candidate_of(&q, 20)->eligibility, INELIGIBLE_UNKNOWN);
	assert_int_equal(candidate_of(&q, 2)->eligibility, INELIGIBLE_KTHREAD);
	assert_false(q.verdict.kills[0].certain);
	assert_says(&q, "not all processes could be read");
	const struct scope none = { .kind = SCOPE_MEMCG, .memcg = 77 };
	assert_int_equal(ask(&q, &none, 1), ACTION_NONE); /* no such group: no harm */
	question_done(&q);
}

static void interleaved_tasks_were_bound_up_to_5_13(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900 }, { .pid = 20, .rss = 100 }, { .pid = 30, .rss = 50 });
	make_node(&q.snap, 0, 5000);
	make_node(&q.snap, 1, 5000);
	make_policy(&q.snap, 10, POLICY_INTERLEAVE, "0");
	make_policy(&q.snap, 20, POLICY_BIND, "0-1");
	q.snap.tasks[2].group_state[TASK_POLICY] = FACT_ABSENT;
	const struct scope node = scope_of_nodes(SCOPE_MEMPOLICY, "1");
	ask(&q, &node, 1);
	ASSERT_KILL(&q, 0, 10);
	by_rules_of(&q, "5.10");
	ask(&q, &node, 2);
	ASSERT_KILL(&q, 0, 20);
	ASSERT_KILL(&q, 1, 30);
	q.snap.tasks[2].group_state[TASK_POLICY] = FACT_DENIED;
	ask(&q, &node, 1);
	assert_false(q.verdict.kills[0].certain);
	question_done(&q);
}

static void up_to_2_6_35_other_nodes_divide_and_a_policy_kills_who_allocates(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .virt = 8000, .rss = 1 }, { .pid = 20, .virt = 1200, .rss = 1 });
	make_node(&q.snap, 0, 5000);
	make_node(&q.snap, 1, 5000);
	make_mems(&q.snap, 10, "0");
	make_mems(&q.snap, 20, "1");
	by_rules_of(&q, "2.6.32");
	const struct scope node = scope_of_nodes(SCOPE_CPUSET, "1"), bound = scope_of_nodes(SCOPE_MEMPOLICY, "1");
	ask(&q, &node, 1);
	assert_int_equal(candidate_of(&q, 10)->eligibility, ELIGIBLE);
	ASSERT_KILL(&q, 0, 20);
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	assert_int_equal(ask(&q, &bound, 1), ACTION_KILL_ALLOCATING_TASK);
	question_done(&q);
}

static void up_to_2_6_35_cpu_time_and_nice_count(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .virt = 8000, .rss = 1, .start = 8640000 },
		 { .pid = 20, .virt = 7000, .rss = 1, .start = 8640000 });
	by_rules_of(&q, "2.6.32");
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	made_task(&q.snap, 10)->cpu_ticks = 20000; /* 200 s */
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	made_task(&q.snap, 10)->nice = 19;
	made_task(&q.snap, 10)->cpu_ticks = 4500; /* 4 units: the root of them is 2 */
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	question_done(&q);
}

/* --- actions ------------------------------------------------------------------ */

static void who_meets_a_limit_may_go_without_a_kill(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .adj = -1000, .cgroup = "/g" }, { .pid = 20, .rss = 5, .cgroup = "/" });
	q.snap.memcg_version = MEMCG_V1;
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 4000);
	/* Nobody can be killed: that panics globally, not for a limit. */
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_NONE);
	assert_int_equal(q.verdict.none, NONE_NOBODY);
	assert_says(&q, "none in /g can be");
	/* oom_kill_disable comes before all, panic_on_oom as well. */
	made_task(&q.snap, 10)->oom_score_adj = 0;
	q.snap.memcgs[group].oom_kill_disable = true;
	make_sysctl(&q.snap, SYSCTL_PANIC_ON_OOM, 2);
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_NONE);
	assert_int_equal(q.verdict.none, NONE_KILL_DISABLED);
	assert_says(&q, "/g has oom_kill_disable set");
	/* A group without a limit is never over it. */
	assert_int_equal(ask_memcg(&q, 0, 1), ACTION_NONE);
	assert_int_equal(q.verdict.none, NONE_NO_LIMIT);
	assert_int_equal(q.verdict.nkills, 0);
	assert_says(&q, "/ has no limit of its own");
	question_done(&q);
}

static void strict_overcommit_does_not_keep_a_group_from_its_limit(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 4000);
	make_sysctl(&q.snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	make_fact(&q.snap, SYS_COMMIT_LIMIT, 1000 * PAGE);
	make_fact(&q.snap, SYS_COMMITTED_AS, 999 * PAGE);
	const struct scope sysrq = { .sysrq = true };
	assert_int_equal(ask(&q, NULL, 1), ACTION_ENOMEM);
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_KILL);
	assert_int_equal(ask(&q, &sysrq, 1), ACTION_KILL);
	question_done(&q);
}

static void sysrq_kills_whatever_panic_on_oom_says_since_4_3(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900 });
	const struct scope sysrq = { .sysrq = true };
	make_sysctl(&q.snap, SYSCTL_PANIC_ON_OOM, 2);
	assert_int_equal(ask(&q, &sysrq, 1), ACTION_KILL);
	assert_says(&q, "would be killed by SysRq-f");
	made_task(&q.snap, 10)->oom_score_adj = -1000;
	assert_int_equal(ask(&q, &sysrq, 1), ACTION_NONE);
	assert_says(&q, "SysRq-f finds nobody");
	by_rules_of(&q, "4.2");
	assert_int_equal(ask(&q, &sysrq, 1), ACTION_PANIC);
	question_done(&q);
}

/* --- headroom -------------------------------------------------------------------- */

static void the_nearest_limit_up_the_tree_is_the_headroom(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 5000, { .pid = 10, .rss = 900, .cgroup = "/a/b" });
	make_memcg(&q.snap, "/", 0);
	uint32_t a = make_memcg(&q.snap, "/a", 1000), b = make_memcg(&q.snap, "/a/b", 800);
	q.snap.memcgs[a].usage_bytes = 900 * PAGE;
	q.snap.memcgs[b].usage_bytes = 100 * PAGE;
	uint64_t bytes = 0;
	uint32_t limiting = 99;
	bool exact = false;
	assert_true(memcg_headroom(&q.snap, NULL, b, &bytes, &limiting, &exact));
	assert_int_equal(bytes, 100 * PAGE);
	assert_int_equal(limiting, a);
	assert_true(exact);
	assert_false(memcg_headroom(&q.snap, NULL, 0, &bytes, &limiting, &exact));
	/* Anonymous memory goes to swap, as far as the group may use it. */
	q.snap.memcgs[a].stat_bytes[MEMCG_STAT_INACTIVE_ANON] = 300 * PAGE;
	q.snap.memcgs[a].swap_max_bytes = 250 * PAGE;
	q.snap.memcgs[a].swap_usage_bytes = 30 * PAGE;
	assert_true(memcg_headroom(&q.snap, NULL, b, &bytes, &limiting, &exact));
	assert_int_equal(bytes, 320 * PAGE);
	make_sysctl(&q.snap, SYSCTL_SWAPPINESS, 0);
	assert_true(memcg_headroom(&q.snap, NULL, b, &bytes, &limiting, &exact));
	assert_int_equal(bytes, 100 * PAGE);
	q.snap.memcgs[a].group_state[MEMCG_STAT] = FACT_UNKNOWN;
	assert_true(memcg_headroom(&q.snap, NULL, b, &bytes, &limiting, &exact));
	assert_false(exact);
	ask_memcg(&q, a, 1);
	assert_false(q.verdict.headroom_known);
	question_done(&q);
}

static void in_v1_memory_and_swap_have_one_limit_together(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 5000, { .pid = 10, .rss = 900, .cgroup = "/a" });
	q.snap.memcg_version = MEMCG_V1;
	make_memcg(&q.snap, "/", 0);
	uint32_t a = make_memcg(&q.snap, "/a", 1000), limiting;
	struct memcg *memcg = &q.snap.memcgs[a];
	memcg->usage_bytes = 900 * PAGE;
	memcg->stat_bytes[MEMCG_STAT_ACTIVE_ANON] = 600 * PAGE;
	memcg->swap_max_bytes = 1500 * PAGE;
	memcg->swap_usage_bytes = 1200 * PAGE;
	uint64_t bytes = 0;
	bool exact;
	assert_true(memcg_headroom(&q.snap, NULL, a, &bytes, &limiting, &exact));
	assert_int_equal(bytes, 300 * PAGE); /* not 100 + 600 */
	question_done(&q);
}

/* --- what if, what next --------------------------------------------------------- */

static void growth_can_be_assumed(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900 }, { .pid = 20, .rss = 500 });
	assert_int_equal(whatif_set_growth(&q.whatif, 20, 500), 0);
	assert_int_equal(whatif_set_growth(&q.whatif, 10, 7), 0);
	assert_int_equal(whatif_set_growth(&q.whatif, 10, -950), 0);
	ask(&q, NULL, 2);
	ASSERT_KILL(&q, 0, 20);
	assert_int_equal(candidate_of(&q, 20)->points, 1000);
	assert_int_equal(candidate_of(&q, 10)->points, 0);
	assert_int_equal(q.verdict.kills[0].frees_bytes, 1000 * PAGE);
	assert_int_equal(q.whatif.ngrowths, 2);
	whatif_clear(&q.whatif);
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	question_done(&q);
}

static void oom_group_can_be_assumed(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/g" }, { .pid = 20, .rss = 500, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 4000);
	assert_int_equal(whatif_set_memcg_oom_group(&q.whatif, group, true), 0);
	ask_memcg(&q, group, 1);
	ASSERT_KILL(&q, 0, 10, 20);
	assert_int_equal(q.verdict.totalpages, 4000); /* the limit is as it was */
	question_done(&q);
}

static void a_lead_of_file_pages_is_named(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "reader", .rss = 9000, .file = 8000 }, { .pid = 20, .comm = "java", .rss = 5000 });
	ask(&q, NULL, 1);
	assert_true(q.verdict.reclaimable);
	assert_non_null(strstr(q.verdict.watch, "reader (10) leads only by mapped files"));
	made_task(&q.snap, 10)->rss_file_pages = 3000;
	ask(&q, NULL, 1);
	assert_false(q.verdict.reclaimable);
	assert_string_equal(q.verdict.watch, "");
	question_done(&q);
}

static void who_will_overtake_is_named(void **state)
{
	(void)state;
	struct model model;
	struct snapshot prev, curr;
	model_init(&model);
	MAKE_SNAPSHOT(&prev, RAM, 0, { .pid = 10, .comm = "big", .rss = 9000 }, { .pid = 20, .comm = "leak", .rss = 5000 });
	make_next(&curr, &prev, 1000);
	struct task *leak = made_task(&curr, 20);
	leak->rss_pages = leak->rss_quick_pages = 5500;
	assert_int_equal(model_update(&model, &prev, NULL, 1), 0);
	assert_false(model.verdict.has_overtaker);
	assert_int_equal(model_update(&model, &curr, NULL, 1), 0);
	assert_true(model.verdict.has_overtaker);
	assert_int_equal(model.verdict.overtaker, made_index(&curr, 20));
	assert_true(model.verdict.overtakes_s > 1 && model.verdict.overtakes_s < 60);
	assert_non_null(strstr(model.verdict.watch, "leak (20) will be the worst in "));
	model_done(&model);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

/* --- all groups at once ------------------------------------------------------------ */

static void outlooks_agree_with_the_verdicts_of_each_group(void **state)
{
	(void)state;
	struct model model;
	struct snapshot snap;
	model_init(&model);
	MAKE_SNAPSHOT(&snap, RAM, 0, MADE_INIT, MADE_KTHREAD, { .pid = 10, .rss = 900, .cgroup = "/a" },
		      { .pid = 20, .rss = 600, .adj = 300, .cgroup = "/a/x" },
		      { .pid = 30, .rss = 600, .adj = 300, .cgroup = "/a/y" },
		      { .pid = 40, .rss = 70, .cgroup = "/b" }, { .pid = 50, .rss = 7000, .adj = -1000, .cgroup = "/b" },
		      { .pid = 60, .rss = 9, .cgroup = "/c" });
	make_memcg(&snap, "/", 0);
	uint32_t a = make_memcg(&snap, "/a", 3000);
	uint32_t x = make_memcg(&snap, "/a/x", 50000);
	make_memcg(&snap, "/a/y", 0);
	uint32_t b = make_memcg(&snap, "/b", 9000);
	uint32_t c = make_memcg(&snap, "/c", 0);
	snap.memcgs[b].usage_bytes = 8900 * PAGE;
	assert_int_equal(model_update(&model, &snap, NULL, 1), 0);
	assert_int_equal(model_update_memcgs(&model, &snap, NULL), 0);
	const struct memcg_outlook *groups = model.outlooks.groups;
	assert_int_equal(model.outlooks.n, snap.nmemcgs);
	/* b is 100 pages from its limit; a and x both are by a's, 3000. */
	assert_int_equal(model.outlooks.nnearest, 3);
	assert_int_equal(model.outlooks.nearest[0], b);
	assert_int_equal(model.outlooks.nearest[1], a);
	assert_int_equal(model.outlooks.nearest[2], x);
	assert_int_equal(groups[x].limiting, a);
	assert_int_equal(groups[a].tasks, 3);
	assert_int_equal(groups[b].tasks, 2);
	assert_int_equal(groups[c].tasks, 1);
	assert_false(groups[c].has_victim || groups[c].headroom_known);
	assert_int_equal(model.nmemcg_verdicts, 3);
	for (uint32_t i = 0; i < 3; i++) {
		const struct verdict *verdict = &model.memcg_verdicts[i];
		const struct memcg_outlook *group = &groups[model.outlooks.nearest[i]];
		assert_int_equal(verdict->scope.memcg, model.outlooks.nearest[i]);
		assert_int_equal(verdict->action, ACTION_KILL);
		assert_true(group->has_victim);
		assert_int_equal(verdict->victims[0].task, group->victim);
		assert_true(verdict->victims[0].points == group->victim_points);
		assert_int_equal(verdict->totalpages, group->totalpages);
		assert_int_equal(verdict->headroom_bytes, group->headroom_bytes);
	}
	/* The global verdict is untouched by them: 600 + 300 * 1000. */
	assert_int_equal(snap.tasks[model.verdict.victims[0].task].pid, 30);
	assert_int_equal(model.verdict.scope.kind, SCOPE_GLOBAL);
	model_done(&model);
	snapshot_done(&snap);
}

static void broken_trees_do_no_harm(void **state)
{
	(void)state;
	struct model model;
	struct snapshot snap;
	model_init(&model);
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/a" }, { .pid = 20, .rss = 90, .cgroup = "/b" });
	make_memcg(&snap, "/", 0);
	uint32_t a = make_memcg(&snap, "/a", 3000), b = make_memcg(&snap, "/b", 3000);
	snap.memcgs[a].parent = b; /* round in a circle */
	snap.memcgs[b].parent = a;
	snap.memcgs[b].oom_group = true;
	snap.tasks[1].memcg = 1000;
	snapshot_link_memcgs(&snap);
	assert_int_equal(model_update(&model, &snap, NULL, 2), 0);
	assert_int_equal(model_update_memcgs(&model, &snap, NULL), 0);
	assert_int_equal(model.nmemcg_verdicts, 2);
	model_done(&model);
	snapshot_done(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totalpages_of_a_group_by_version_limit_and_swap),
		cmocka_unit_test(a_limit_of_less_than_a_page_counts_as_one),
		cmocka_unit_test(without_swap_figures_nothing_is_told),
		cmocka_unit_test(all_nodes_with_memory_are_no_constraint),
		cmocka_unit_test(of_equals_the_group_walked_last_dies),
		cmocka_unit_test(with_v1_hierarchy_off_a_limit_binds_its_own_tasks_only),
		cmocka_unit_test(an_unknown_group_makes_it_uncertain),
		cmocka_unit_test(interleaved_tasks_were_bound_up_to_5_13),
		cmocka_unit_test(up_to_2_6_35_other_nodes_divide_and_a_policy_kills_who_allocates),
		cmocka_unit_test(up_to_2_6_35_cpu_time_and_nice_count),
		cmocka_unit_test(who_meets_a_limit_may_go_without_a_kill),
		cmocka_unit_test(strict_overcommit_does_not_keep_a_group_from_its_limit),
		cmocka_unit_test(sysrq_kills_whatever_panic_on_oom_says_since_4_3),
		cmocka_unit_test(the_nearest_limit_up_the_tree_is_the_headroom),
		cmocka_unit_test(in_v1_memory_and_swap_have_one_limit_together),
		cmocka_unit_test(growth_can_be_assumed),
		cmocka_unit_test(oom_group_can_be_assumed),
		cmocka_unit_test(a_lead_of_file_pages_is_named),
		cmocka_unit_test(who_will_overtake_is_named),
		cmocka_unit_test(outlooks_agree_with_the_verdicts_of_each_group),
		cmocka_unit_test(broken_trees_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
