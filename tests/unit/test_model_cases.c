/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Cases in which tools that sort by /proc/PID/oom_score, or by a size, name
 * somebody else than the kernel. Case 32, who may protect a process, stands with
 * the tests of the plans.
 */
#include "make_verdict.h"

#define RAM 1000000 /* pages: one adj is 1000 of them, one oom_score 1500 */
#define PAGE UINT64_C(4096)

static int64_t printed(const struct question *q, int32_t pid)
{
	return badness_oom_score(q->rules.era, candidate_of(q, pid)->points, q->ranking.totalpages);
}

static void case_01_one_printed_score_is_a_thousand_pages(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 20100 }, { .pid = 20, .rss = 20000 });
	ask(&q, NULL, 1);
	assert_int_equal(printed(&q, 10), printed(&q, 20));
	ASSERT_KILL(&q, 0, 10);
	question_done(&q);
}

static void case_02_of_equal_points_the_last_forked_dies_since_5_3(void **state)
{
	(void)state;
	struct question q;
	/* Pids have wrapped: the order of forks is not that of pids. */
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 500, .start = 900 }, { .pid = 20, .rss = 500, .start = 100 },
		 { .pid = 30, .rss = 500, .start = 500 });
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	by_rules_of(&q, "5.2.1");
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	question_done(&q);
}

static void case_03_memcg_scales_adj(void **state)
{
	(void)state;
	struct question q;
	/* 50 MiB: one adj is 12 pages there. As measured on 6.18. */
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 11799, .pgt = 36, .cgroup = "/g" },
		 { .pid = 20, .rss = 1623, .pgt = 13, .adj = 700, .cgroup = "/g" },
		 { .pid = 30, .rss = 900000, .adj = 900, .cgroup = "/other" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 12800);
	assert_int_equal(ask(&q, NULL, 3), ACTION_KILL);
	ASSERT_KILL(&q, 1, 20); /* globally the small one is before the big one */
	assert_int_equal(ask_memcg(&q, group, 2), ACTION_KILL);
	assert_int_equal(q.verdict.totalpages, 12800);
	assert_int_equal(q.verdict.constraint, CONSTRAINT_MEMCG);
	ASSERT_KILL(&q, 0, 10);
	ASSERT_KILL(&q, 1, 20);
	assert_int_equal(candidate_of(&q, 20)->points, 1636 + 8400);
	assert_int_equal(candidate_of(&q, 30)->eligibility, INELIGIBLE_OUTSIDE);
	question_done(&q);
}

static void case_04_which_rss_decides_depends_on_the_release(void **state)
{
	(void)state;
	static const struct {
		const char *release;
		int32_t victim;
	} cases[] = { { "6.12.107", 20 }, { "6.18.15", 20 }, { "6.19.14", 20 }, { "7.0.13", 10 }, { "7.3.4", 10 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct question q;
		QUESTION(&q, RAM, 0, { .pid = 10, .rss = 5000, .precise = 5400 },
			 { .pid = 20, .rss = 5224, .precise = 5230 });
		make_release(&q.snap, cases[i].release);
		assert_int_equal(rules_calibrate(&q.snap, &q.rules), 0);
		ask(&q, NULL, 1);
		ASSERT_KILL(&q, 0, cases[i].victim);
		question_done(&q);
	}
}

static void case_05_virtual_size_decided_only_before_2_6_36(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 100, .virt = 50000000 }, { .pid = 20, .rss = 5000, .virt = 6000 });
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	by_rules_of(&q, "2.6.32");
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	question_done(&q);
}

static void case_06_hugetlb_and_unmapped_tmpfs_count_for_nobody(void **state)
{
	(void)state;
	struct question q;
	/* Most of RAM is huge pages of a database and files of a tmpfs. */
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "database", .rss = 3000, .virt = 900000 },
		 { .pid = 20, .comm = "shell", .rss = 4000 });
	make_fact(&q.snap, SYS_HUGETLB, 600000 * PAGE);
	make_fact(&q.snap, SYS_SHMEM, 200000 * PAGE);
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	assert_int_equal(q.verdict.totalpages, RAM);
	question_done(&q);
}

static void case_07_every_mapper_counts_all_of_a_shared_segment(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .comm = "worker", .rss = 400100, .shmem = 400000 },
		 { .pid = 20, .comm = "worker", .rss = 400050, .shmem = 400000 },
		 { .pid = 30, .comm = "java", .rss = 300000 });
	ask(&q, NULL, 3);
	ASSERT_KILL(&q, 0, 10);
	ASSERT_KILL(&q, 1, 20); /* the death of one frees next to nothing */
	ASSERT_KILL(&q, 2, 30);
	assert_int_equal(q.verdict.kills[0].frees_bytes, 100 * PAGE);
	question_done(&q);
}

static void case_08_swap_counts_in_full(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, RAM, { .pid = 10, .rss = 10, .swap = 300000 }, { .pid = 20, .rss = 200000 });
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	assert_int_equal(q.verdict.totalpages, 2 * RAM);
	question_done(&q);
}

static void case_09_page_tables_count_since_2_6_39(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 300, .pgt = 150000 }, { .pid = 20, .rss = 100000 });
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	by_rules_of(&q, "2.6.36");
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	question_done(&q);
}

static void case_10_a_score_of_0_is_no_protection(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .adj = -999, .score = 0, .scored = true },
		 { .pid = 20, .rss = 900, .adj = -1000, .score = 0, .scored = true });
	assert_int_equal(ask(&q, NULL, 2), ACTION_KILL);
	ASSERT_KILL(&q, 0, 10);
	assert_int_equal(q.verdict.nkills, 1);
	assert_int_equal(candidate_of(&q, 20)->eligibility, INELIGIBLE_ADJ_MIN);
	question_done(&q);
}

static void case_11_adj_999_below_zero_is_killed_last_but_killed(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 600000, .adj = -999 }, { .pid = 20, .rss = 10 },
		 { .pid = 30, .rss = 10, .adj = -999 });
	ask(&q, NULL, 3);
	ASSERT_KILL(&q, 0, 20);
	ASSERT_KILL(&q, 1, 10);
	ASSERT_KILL(&q, 2, 30);
	/* Before 5.9 all of them had one point, and the list's order chose. */
	by_rules_of(&q, "5.2.1");
	ask(&q, NULL, 3);
	ASSERT_KILL(&q, 1, 10);
	assert_int_equal(candidate_of(&q, 10)->points, 1);
	assert_int_equal(candidate_of(&q, 30)->points, 1);
	by_rules_of(&q, "5.8");
	ask(&q, NULL, 3);
	ASSERT_KILL(&q, 1, 30);
	question_done(&q);
}

static void case_12_a_small_helper_with_adj_1000_is_the_global_victim(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900000, .cgroup = "/g" },
		 { .pid = 20, .rss = 200, .adj = 1000, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 500000);
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	ask_memcg(&q, group, 1);
	ASSERT_KILL(&q, 0, 10); /* adj adds no more than the limit's size */
	question_done(&q);
}

static void case_13_root_has_no_bonus_since_4_17(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 100000, .cap_eff = 1U << 21 },
		 { .pid = 20, .rss = 98000 });
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	by_rules_of(&q, "4.16");
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	question_done(&q);
}

static void case_14_the_first_process_of_a_container_is_no_init(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 1, .rss = 9000 }, { .pid = 20, .rss = 100 });
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	q.snap.observer.in_init_pid_ns = false;
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 1);
	question_done(&q);
}

static void case_15_up_to_5_0_a_child_dies_for_its_parent(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 90000 }, { .pid = 20, .ppid = 10, .rss = 5 },
		 { .pid = 30, .ppid = 10, .rss = 50 });
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	by_rules_of(&q, "5.0");
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 30);
	question_done(&q);
}

static void case_16_oom_group_takes_the_whole_subtree(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 9000, .cgroup = "/app/a/x" }, { .pid = 20, .rss = 20, .cgroup = "/app/a" },
		 { .pid = 30, .rss = 30, .adj = -1000, .cgroup = "/app/a" }, { .pid = 40, .rss = 40, .cgroup = "/app/b" },
		 { .pid = 50, .rss = 50, .cgroup = "/other" });
	make_memcg(&q.snap, "/", 0);
	uint32_t app = make_memcg(&q.snap, "/app", 20000);
	q.snap.memcgs[app].usage_bytes = 20000 * PAGE;
	uint32_t a = make_memcg(&q.snap, "/app/a", 0);
	uint32_t x = make_memcg(&q.snap, "/app/a/x", 0);
	make_memcg(&q.snap, "/app/b", 0);
	make_memcg(&q.snap, "/other", 0);
	q.snap.memcgs[a].oom_group = q.snap.memcgs[x].oom_group = true;
	/* The highest such group, its protected members spared; globally, too. */
	assert_int_equal(ask_memcg(&q, app, 2), ACTION_KILL);
	ASSERT_KILL(&q, 0, 10, 20);
	ASSERT_KILL(&q, 1, 40);
	assert_int_equal(q.verdict.kills[0].group, a);
	assert_int_equal(q.verdict.kills[0].frees_bytes, 9020 * PAGE);
	assert_int_equal(q.verdict.victims[1].role, VICTIM_OOM_GROUP);
	assert_says(&q, "with all of /app/a (memory.oom.group, 2 in all)");
	ask(&q, NULL, 2);
	ASSERT_KILL(&q, 0, 10, 20);
	ASSERT_KILL(&q, 1, 50);
	/* Never above the domain: /app/a/x is over its own limit. */
	q.snap.memcgs[x].max_bytes = 10000 * PAGE;
	ask_memcg(&q, x, 1);
	ASSERT_KILL(&q, 0, 10);
	assert_int_equal(q.verdict.kills[0].group, x);
	/* The domain itself counts as well. */
	q.snap.memcgs[app].oom_group = true;
	ask_memcg(&q, app, 1);
	ASSERT_KILL(&q, 0, 10, 20, 40);
	/* Not before 4.19. */
	by_rules_of(&q, "4.18");
	ask_memcg(&q, app, 1);
	ASSERT_KILL(&q, 0, 10);
	question_done(&q);
}

static void case_17_all_who_share_the_mm_die(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, MADE_INIT, { .pid = 10, .rss = 9000, .mm_id = 10 }, { .pid = 20, .rss = 9000, .mm_id = 10 },
		 { .pid = 30, .rss = 8000 });
	ask(&q, NULL, 2);
	ASSERT_KILL(&q, 0, 20, 10);
	ASSERT_KILL(&q, 1, 30);
	assert_int_equal(q.verdict.kills[0].frees_bytes, 9000 * PAGE);
	question_done(&q);
}

static void case_18_a_vfork_child_is_no_candidate(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 90000, .state = 'D', .score = 726, .scored = true },
		 { .pid = 20, .ppid = 10, .rss = 90000, .score = 0, .scored = true },
		 { .pid = 30, .rss = 80000, .score = 720, .scored = true });
	ask(&q, NULL, 2);
	assert_int_equal(candidate_of(&q, 20)->eligibility, INELIGIBLE_VFORK);
	ASSERT_KILL(&q, 0, 10, 20); /* yet it dies with its parent */
	ASSERT_KILL(&q, 1, 30);
	question_done(&q);
}

static void case_19_while_a_victim_dies_nobody_else_is_killed(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 90000, .sigkill = true, .state = 'R', .cgroup = "/g" },
		 { .pid = 20, .rss = 80000, .cgroup = "/h" }, { .pid = 30, .rss = 70000, .cgroup = "/g" });
	make_fact(&q.snap, SYS_OOM_KILL, 1);
	make_memcg(&q.snap, "/", 0);
	uint32_t g = make_memcg(&q.snap, "/g", 100000), h = make_memcg(&q.snap, "/h", 100000);
	assert_int_equal(ask(&q, NULL, 1), ACTION_WAIT);
	assert_int_equal(q.verdict.waiting_for, 10);
	assert_int_equal(ask_memcg(&q, g, 1), ACTION_WAIT);
	ASSERT_KILL(&q, 0, 30);
	/* The scan of another group does not meet it; SysRq-f waits for nobody. */
	assert_int_equal(ask_memcg(&q, h, 1), ACTION_KILL);
	ASSERT_KILL(&q, 0, 20);
	const struct scope sysrq = { .sysrq = true };
	assert_int_equal(ask(&q, &sysrq, 1), ACTION_KILL);
	ASSERT_KILL(&q, 0, 10);
	question_done(&q);
}

static void case_20_the_task_in_swapoff_is_chosen_before_everybody(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 50000, { .pid = 10, .rss = 900000 }, { .pid = 20, .comm = "swapoff", .rss = 100, .state = 'R' });
	assert_int_equal(snapshot_reserve_swaps(&q.snap, 1), 0);
	q.snap.system.nswaps = 1;
	q.snap.system.swaps[0] = (struct swap_device){ .size_bytes = 50000 * PAGE, .used_bytes = 2000 * PAGE };
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10); /* by its name alone it is nothing special */
	make_fact(&q.snap, SYS_SWAP_TOTAL, 2000 * PAGE); /* what is left to bring in */
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	assert_true(candidate_of(&q, 20)->points == INT64_MAX);
	assert_says(&q, "it is in swapoff, which is chosen before everybody; next would be ");
	assert_null(strstr(q.verdict.because, "behind")); /* its points are no size */
	made_task(&q.snap, 20)->oom_score_adj = -1000;
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 10);
	question_done(&q);
}

static void case_21_the_allocating_task_dies_when_so_set_but_never_in_a_memcg(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 1000);
	make_node(&q.snap, 0, RAM / 2);
	make_node(&q.snap, 1, RAM / 2);
	make_mems(&q.snap, 10, "0-1");
	make_sysctl(&q.snap, SYSCTL_OOM_KILL_ALLOCATING_TASK, 1);
	const struct scope node = scope_of_nodes(SCOPE_CPUSET, "0"), sysrq = { .sysrq = true };
	assert_int_equal(ask(&q, NULL, 1), ACTION_KILL_ALLOCATING_TASK);
	assert_int_equal(ask(&q, &node, 1), ACTION_KILL_ALLOCATING_TASK);
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_KILL);
	assert_int_equal(ask(&q, &sysrq, 1), ACTION_KILL);
	question_done(&q);
}

static void case_22_panic_on_oom_2_panics_on_a_memcg_limit(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 1000);
	make_sysctl(&q.snap, SYSCTL_PANIC_ON_OOM, 1);
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_KILL);
	make_sysctl(&q.snap, SYSCTL_PANIC_ON_OOM, 2);
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_PANIC);
	assert_says(&q, "the kernel would panic if /g met its limit of 3.91M: vm.panic_on_oom is 2");
	by_rules_of(&q, "2.6.32");
	assert_int_equal(ask_memcg(&q, group, 1), ACTION_KILL);
	question_done(&q);
}

static void case_23_a_cpuset_or_a_bound_allocation_has_its_own_candidates(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 5000, { .pid = 10, .rss = 90000 }, { .pid = 20, .rss = 500, .adj = 100 }, { .pid = 30, .rss = 3000 });
	make_node(&q.snap, 0, 600000);
	make_node(&q.snap, 1, 10000);
	make_mems(&q.snap, 10, "0");
	make_mems(&q.snap, 20, "0-1");
	make_mems(&q.snap, 30, "1");
	make_policy(&q.snap, 10, POLICY_BIND, "0");
	make_policy(&q.snap, 20, POLICY_OTHER, "");
	make_policy(&q.snap, 30, POLICY_BIND, "1");
	static const enum scope_kind kinds[] = { SCOPE_CPUSET, SCOPE_MEMPOLICY };
	static const enum constraint constraints[] = { CONSTRAINT_CPUSET, CONSTRAINT_MEMORY_POLICY };
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		const struct scope node = scope_of_nodes(kinds[i], "1");
		assert_int_equal(ask(&q, &node, 2), ACTION_KILL);
		assert_int_equal(q.verdict.constraint, constraints[i]);
		assert_int_equal(q.verdict.totalpages, 15000); /* present pages of the node, and all of swap */
		ASSERT_KILL(&q, 0, 30);
		ASSERT_KILL(&q, 1, 20); /* 500 + 100 * 15 */
		assert_int_equal(candidate_of(&q, 10)->eligibility, INELIGIBLE_OUTSIDE);
	}
	question_done(&q);
}

static void case_24_a_zone_without_free_pages_alarms_nobody(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900 });
	ask(&q, NULL, 1);
	assert_true(q.verdict.headroom_known);
	uint64_t headroom = q.verdict.headroom_bytes;
	/* An order-9 or a DMA request may fail; it kills nobody. */
	assert_int_equal(snapshot_reserve_zones(&q.snap, 1), 0);
	q.snap.system.nzones = 1;
	q.snap.system.zones[0] = (struct zone){ .name = "DMA", .min_pages = 100, .present_pages = 4000 };
	assert_int_equal(ask(&q, NULL, 1), ACTION_KILL);
	assert_int_equal(q.verdict.headroom_bytes, headroom);
	question_done(&q);
}

static void case_25_a_group_full_of_page_cache_has_room(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 900, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 10000);
	struct memcg *memcg = &q.snap.memcgs[group];
	memcg->usage_bytes = memcg->max_bytes;
	memcg->stat_bytes[MEMCG_STAT_INACTIVE_FILE] = 6000 * PAGE;
	memcg->stat_bytes[MEMCG_STAT_ACTIVE_FILE] = 2000 * PAGE;
	memcg->stat_bytes[MEMCG_STAT_SHMEM] = 1000 * PAGE; /* on the anonymous lists: stays */
	memcg->stat_bytes[MEMCG_STAT_ACTIVE_ANON] = 1900 * PAGE;
	memcg->stat_bytes[MEMCG_STAT_SLAB_RECLAIMABLE] = 50 * PAGE;
	ask_memcg(&q, group, 1);
	assert_true(q.verdict.headroom_known);
	assert_int_equal(q.verdict.headroom_bytes, 8050 * PAGE);
	question_done(&q);
}

static void case_26_free_swap_is_headroom(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 400000, { .pid = 10, .rss = 900 });
	make_fact(&q.snap, SYS_MEM_AVAILABLE, 100 * PAGE);
	make_fact(&q.snap, SYS_SWAP_FREE, 300000 * PAGE);
	ask(&q, NULL, 1);
	assert_int_equal(q.verdict.headroom_bytes, 300100 * PAGE);
	question_done(&q);
}

static void case_27_threads_do_not_multiply_a_process(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 5000, .threads = 400 }, { .pid = 20, .rss = 90000 });
	ask(&q, NULL, 2);
	ASSERT_KILL(&q, 0, 20);
	assert_int_equal(candidate_of(&q, 10)->points, 5000);
	assert_int_equal(q.verdict.nkills, 2);
	question_done(&q);
}

static void case_28_a_zombie_leader_with_running_threads_is_scored(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 76800, .state = 'Z', .threads = 2, .through_thread = true },
		 { .pid = 20, .rss = 900 }, { .pid = 30, .state = 'Z', .no_mm = true });
	ask(&q, NULL, 3);
	ASSERT_KILL(&q, 0, 10);
	assert_int_equal(q.verdict.nkills, 2);
	assert_int_equal(candidate_of(&q, 30)->eligibility, INELIGIBLE_NO_MM);
	question_done(&q);
}

static void case_29_who_has_let_go_of_its_memory_is_no_victim(void **state)
{
	(void)state;
	struct question q;
	/* One is past exit_mm(), one dumps core: the latter counts as before. */
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 9000, .flags = TASK_FLAG_EXITING, .no_mm = true },
		 { .pid = 20, .rss = 8000, .flags = 0x200 }, { .pid = 30, .rss = 7000 });
	ask(&q, NULL, 2);
	ASSERT_KILL(&q, 0, 20);
	ASSERT_KILL(&q, 1, 30);
	question_done(&q);
}

static void case_30_an_old_release_with_new_rules_is_found_out(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 10, .adj = -999 }, { .pid = 20, .rss = 5000, .adj = -999 });
	make_release(&q.snap, "5.4.286");
	q.snap.observer.oom_score = 667;
	assert_int_equal(rules_calibrate(&q.snap, &q.rules), 0);
	assert_true(q.rules.era == ERA_5_9 && q.rules.calibrated);
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 20);
	q.snap.observer.oom_score = 0;
	assert_int_equal(rules_calibrate(&q.snap, &q.rules), 0);
	assert_int_equal(q.rules.era, ERA_4_17);
	question_done(&q);
}

static void case_31_a_lower_limit_is_tried_without_writing(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 6000, .cgroup = "/g" }, { .pid = 20, .rss = 3000, .adj = 400, .cgroup = "/g" });
	make_memcg(&q.snap, "/", 0);
	uint32_t group = make_memcg(&q.snap, "/g", 12000);
	ask_memcg(&q, group, 2);
	ASSERT_KILL(&q, 0, 20); /* 3000 + 400 * 12 */
	assert_int_equal(whatif_set_memcg_max(&q.whatif, group, 5000 * PAGE), 0);
	assert_int_equal(ask_memcg(&q, group, 2), ACTION_KILL);
	assert_int_equal(q.verdict.totalpages, 5000);
	ASSERT_KILL(&q, 0, 10); /* 3000 + 400 * 5 */
	assert_int_equal(whatif_set_memcg_max(&q.whatif, group, MEMCG_UNLIMITED), 0);
	assert_int_equal(ask_memcg(&q, group, 2), ACTION_NONE);
	assert_int_equal(q.verdict.none, NONE_NO_LIMIT);
	assert_int_equal(q.snap.memcgs[group].max_bytes, 12000 * PAGE);
	question_done(&q);
}

static void case_33_a_global_oom_looks_at_processes_not_at_groups(void **state)
{
	(void)state;
	struct question q;
	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 4000, .cgroup = "/big" }, { .pid = 20, .rss = 4000, .cgroup = "/big" },
		 { .pid = 30, .rss = 4000, .cgroup = "/big/in/it" }, { .pid = 40, .rss = 5000, .cgroup = "/small" });
	make_memcg(&q.snap, "/", 0);
	make_memcg(&q.snap, "/big", 100000);
	make_memcg(&q.snap, "/big/in", 0);
	make_memcg(&q.snap, "/big/in/it", 0);
	make_memcg(&q.snap, "/small", 6000);
	ask(&q, NULL, 1);
	ASSERT_KILL(&q, 0, 40);
	assert_int_equal(q.verdict.totalpages, RAM);
	question_done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_01_one_printed_score_is_a_thousand_pages),
		cmocka_unit_test(case_02_of_equal_points_the_last_forked_dies_since_5_3),
		cmocka_unit_test(case_03_memcg_scales_adj),
		cmocka_unit_test(case_04_which_rss_decides_depends_on_the_release),
		cmocka_unit_test(case_05_virtual_size_decided_only_before_2_6_36),
		cmocka_unit_test(case_06_hugetlb_and_unmapped_tmpfs_count_for_nobody),
		cmocka_unit_test(case_07_every_mapper_counts_all_of_a_shared_segment),
		cmocka_unit_test(case_08_swap_counts_in_full),
		cmocka_unit_test(case_09_page_tables_count_since_2_6_39),
		cmocka_unit_test(case_10_a_score_of_0_is_no_protection),
		cmocka_unit_test(case_11_adj_999_below_zero_is_killed_last_but_killed),
		cmocka_unit_test(case_12_a_small_helper_with_adj_1000_is_the_global_victim),
		cmocka_unit_test(case_13_root_has_no_bonus_since_4_17),
		cmocka_unit_test(case_14_the_first_process_of_a_container_is_no_init),
		cmocka_unit_test(case_15_up_to_5_0_a_child_dies_for_its_parent),
		cmocka_unit_test(case_16_oom_group_takes_the_whole_subtree),
		cmocka_unit_test(case_17_all_who_share_the_mm_die),
		cmocka_unit_test(case_18_a_vfork_child_is_no_candidate),
		cmocka_unit_test(case_19_while_a_victim_dies_nobody_else_is_killed),
		cmocka_unit_test(case_20_the_task_in_swapoff_is_chosen_before_everybody),
		cmocka_unit_test(case_21_the_allocating_task_dies_when_so_set_but_never_in_a_memcg),
		cmocka_unit_test(case_22_panic_on_oom_2_panics_on_a_memcg_limit),
		cmocka_unit_test(case_23_a_cpuset_or_a_bound_allocation_has_its_own_candidates),
		cmocka_unit_test(case_24_a_zone_without_free_pages_alarms_nobody),
		cmocka_unit_test(case_25_a_group_full_of_page_cache_has_room),
		cmocka_unit_test(case_26_free_swap_is_headroom),
		cmocka_unit_test(case_27_threads_do_not_multiply_a_process),
		cmocka_unit_test(case_28_a_zombie_leader_with_running_threads_is_scored),
		cmocka_unit_test(case_29_who_has_let_go_of_its_memory_is_no_victim),
		cmocka_unit_test(case_30_an_old_release_with_new_rules_is_found_out),
		cmocka_unit_test(case_31_a_lower_limit_is_tried_without_writing),
		cmocka_unit_test(case_33_a_global_oom_looks_at_processes_not_at_groups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
