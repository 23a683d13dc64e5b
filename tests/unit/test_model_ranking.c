/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/ranking.h"

#define RAM 1000000 /* pages: one adj is 1000 of them */

static const struct rules today = { .era = ERA_5_9, .rss = RSS_QUICK, .later_wins = true, .calibrated = true };

/* --- helpers -------------------------------------------------------------- */

/* Rank a snapshot by rules and compare the pids in order, 0 at the end. */
static void assert_order(const struct snapshot *snap, const struct rules *rules, const int32_t *pids)
{
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, snap, rules, NULL, NULL), 0);
	uint32_t n = 0;
	for (; pids[n] != 0; n++) {
		assert_true(n < ranking.norder);
		assert_int_equal(snap->tasks[ranking.order[n]].pid, pids[n]);
		assert_int_equal(ranking.candidates[ranking.order[n]].rank, n + 1);
	}
	assert_int_equal(ranking.norder, n);
	ranking_done(&ranking);
}

#define ASSERT_ORDER(snap, rules, ...) assert_order((snap), (rules), (const int32_t[]){ __VA_ARGS__, 0 })

static enum eligibility judge_one(const struct made_task *line, const struct rules *rules)
{
	struct snapshot snap;
	make_snapshot(&snap, RAM, 0, line, 1);
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &snap, rules, NULL, NULL), 0);
	enum eligibility eligibility = ranking.candidates[0].eligibility;
	assert_int_equal(ranking.norder, eligibility == ELIGIBLE);
	assert_int_equal(ranking.candidates[0].rank, eligibility == ELIGIBLE);
	ranking_done(&ranking);
	snapshot_done(&snap);
	return eligibility;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

/* Small figures, so that equal points are common. */
static void make_random(struct snapshot *snap, uint32_t *seed, size_t ntasks)
{
	struct made_task lines[64];
	assert_true(ntasks <= COUNT_OF(lines));
	for (size_t i = 0; i < ntasks; i++) {
		static const int adjs[] = { 0, 0, 0, 1, -1, 300, -500, 1000, -999, -1000 };
		lines[i] = (struct made_task){
			.pid = (int32_t)(i * 3 + 2),
			.ppid = (int32_t)(next_random(seed) % 8 * 3 + 2),
			.rss = next_random(seed) % 5 * 1000,
			.swap = next_random(seed) % 2 * 1000,
			.pgt = next_random(seed) % 2,
			.adj = adjs[next_random(seed) % COUNT_OF(adjs)],
			.start = 1 + next_random(seed) % 4,
			.no_mm = next_random(seed) % 8 == 0,
		};
	}
	make_snapshot(snap, RAM, 0, lines, ntasks);
}

/* --- eligibility ---------------------------------------------------------- */

static void who_can_be_killed_and_who_not(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct made_task line;
		enum eligibility eligibility;
	} cases[] = {
		{ "plain", { .pid = 10, .rss = 100 }, ELIGIBLE },
		{ "without any memory mapped", { .pid = 10 }, ELIGIBLE },
		{ "global init", { .pid = 1, .rss = 100 }, INELIGIBLE_INIT },
		{ "kernel thread", { .pid = 10, .flags = TASK_FLAG_KTHREAD, .no_mm = true }, INELIGIBLE_KTHREAD },
		{ "kernel thread with a borrowed mm", { .pid = 10, .flags = TASK_FLAG_KTHREAD, .rss = 100 },
		  INELIGIBLE_KTHREAD },
		{ "adj -1000", { .pid = 10, .rss = 3 * 262144, .adj = -1000 }, INELIGIBLE_ADJ_MIN },
		{ "adj -999", { .pid = 10, .rss = 100, .adj = -999 }, ELIGIBLE },
		{ "zombie", { .pid = 10, .state = 'Z', .no_mm = true }, INELIGIBLE_NO_MM },
		{ "zombie leader with a living thread", { .pid = 10, .state = 'Z', .rss = 76800, .through_thread = true },
		  ELIGIBLE },
		{ "status denied", { .pid = 10, .rss = 100, .denied = 1U << TASK_MM }, INELIGIBLE_UNKNOWN },
		{ "stat denied", { .pid = 10, .rss = 100, .denied = 1U << TASK_STAT }, INELIGIBLE_UNKNOWN },
		{ "adj unreadable", { .pid = 10, .rss = 100, .unknown = 1U << TASK_ADJ }, INELIGIBLE_UNKNOWN },
		{ "no mm, adj unreadable", { .pid = 10, .no_mm = true, .denied = 1U << TASK_ADJ }, INELIGIBLE_NO_MM },
		{ "the split of rss unknown", { .pid = 10, .rss = 100, .unknown = 1U << TASK_SPLIT }, ELIGIBLE },
		{ "capabilities unknown", { .pid = 10, .rss = 100, .unknown = 1U << TASK_STATUS }, ELIGIBLE },
		{ "score as expected", { .pid = 10, .rss = 100, .scored = true, .score = 666 }, ELIGIBLE },
		{ "score 0", { .pid = 10, .rss = 100, .scored = true }, INELIGIBLE_KERNEL },
		{ "score 0 read long before the parts", { .pid = 10, .rss = 100, .scored = true, .old = 1U << TASK_SCORE },
		  ELIGIBLE },
		{ "score 0, all read together long ago",
		  { .pid = 10, .rss = 100, .scored = true, .old = 1U << TASK_SCORE | 1U << TASK_MM | 1U << TASK_ADJ },
		  INELIGIBLE_KERNEL },
		{ "score 0 of a tiny adj -999", { .pid = 10, .rss = 100, .adj = -999, .scored = true }, ELIGIBLE },
		{ "score 0, killed", { .pid = 10, .rss = 100, .scored = true, .sigkill = true }, INELIGIBLE_REAPED },
		{ "score 0, exiting", { .pid = 10, .rss = 100, .scored = true, .flags = TASK_FLAG_EXITING },
		  INELIGIBLE_REAPED },
		{ "marked reaped", { .pid = 10, .rss = 100, .marked = true, .marks = TASK_MARK_OOM_SKIP },
		  INELIGIBLE_REAPED },
		{ "marked as in vfork", { .pid = 10, .rss = 100, .marked = true, .marks = TASK_MARK_VFORK },
		  INELIGIBLE_VFORK },
		{ "a victim not reaped yet", { .pid = 10, .rss = 100, .marked = true, .marks = TASK_MARK_VICTIM },
		  ELIGIBLE },
		{ "marks that are not known", { .pid = 10, .rss = 100, .marks = TASK_MARK_OOM_SKIP }, ELIGIBLE },
		{ "score 0 against marks that know better", { .pid = 10, .rss = 100, .scored = true, .marked = true },
		  ELIGIBLE },
		{ "in swapoff with adj -1000",
		  { .pid = 10, .rss = 100, .adj = -1000, .marked = true, .marks = TASK_MARK_ORIGIN }, ELIGIBLE },
		{ "a kernel thread that breaks KSM pages up",
		  { .pid = 10, .flags = TASK_FLAG_KTHREAD, .no_mm = true, .marked = true, .marks = TASK_MARK_ORIGIN },
		  INELIGIBLE_KTHREAD },
		{ "killed in swapoff, reaped",
		  { .pid = 10, .rss = 100, .marked = true,
		    .marks = TASK_MARK_ORIGIN | TASK_MARK_VICTIM | TASK_MARK_OOM_SKIP },
		  INELIGIBLE_REAPED },
		{ "killed, still scored", { .pid = 10, .rss = 100, .scored = true, .score = 666, .sigkill = true },
		  ELIGIBLE },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		enum eligibility eligibility = judge_one(&cases[i].line, &today);
		if (eligibility != cases[i].eligibility)
			fail_msg("%s: %s", cases[i].name, eligibility_name(eligibility));
	}
}

/* Case 14: only the init of the whole system is spared. */
static void init_of_a_container_is_an_ordinary_candidate(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, MADE_INIT, { .pid = 5, .rss = 100 });
	ASSERT_ORDER(&snap, &today, 5);
	snap.observer.in_init_pid_ns = false;
	ASSERT_ORDER(&snap, &today, 1, 5);
	snapshot_done(&snap);
}

/* Case 18: the child shows its parent's RSS until it calls exec. */
static void a_vfork_child_is_no_second_candidate(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 5000, .state = 'D', .scored = true, .score = 669 },
		      { .pid = 11, .ppid = 10, .rss = 5000, .scored = true });
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
	assert_int_equal(ranking.candidates[1].eligibility, INELIGIBLE_VFORK);
	assert_int_equal(ranking.norder, 1);

	made_task(&snap, 10)->state = 'S'; /* a parent in vfork sleeps uninterruptibly */
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
	assert_int_equal(ranking.candidates[1].eligibility, INELIGIBLE_KERNEL);

	made_task(&snap, 10)->state = 'D';
	made_task(&snap, 11)->virt_bytes++;
	made_task(&snap, 10)->mm_id = made_task(&snap, 11)->mm_id = 77;
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
	assert_int_equal(ranking.candidates[1].eligibility, INELIGIBLE_VFORK);
	ranking_done(&ranking);
	snapshot_done(&snap);
}

static void every_eligibility_has_its_words(void **state)
{
	(void)state;
	for (int i = 0; i < ELIGIBILITY__COUNT; i++) {
		assert_true(strlen(eligibility_name((enum eligibility)i)) > 0);
		assert_true(strlen(eligibility_because((enum eligibility)i)) > 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(eligibility_name((enum eligibility)i),
						eligibility_name((enum eligibility)j));
	}
}

/* --- which number counts -------------------------------------------------- */

/* Case 4: one file does not do for all kernels. */
static void the_quick_rss_decides_up_to_6_19_and_the_precise_one_later(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 5434, .precise = 5522 },
		      { .pid = 20, .rss = 5495, .precise = 5485 });
	ASSERT_ORDER(&snap, &today, 20, 10);
	struct rules later = today;
	later.rss = RSS_PRECISE;
	ASSERT_ORDER(&snap, &later, 10, 20);
	snapshot_done(&snap);
}

/* Of swap only the bpf source sees the number that decides there. */
static void the_quick_swap_count_decides_where_it_is_known(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, RAM, { .pid = 10, .rss = 100, .swap = 500, .marked = true, .swap_quick = 450 },
		      { .pid = 20, .rss = 100, .swap = 470, .marked = true, .swap_quick = 480 },
		      { .pid = 30, .rss = 100, .swap = 460, .swap_quick = 9000 });
	ASSERT_ORDER(&snap, &today, 20, 30, 10);
	struct rules later = today;
	later.rss = RSS_PRECISE;
	ASSERT_ORDER(&snap, &later, 10, 20, 30);
	snapshot_done(&snap);
}

static void whoever_is_in_swapoff_is_chosen_before_all(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, RAM, { .pid = 10, .rss = 900000, .adj = 1000 },
		      { .pid = 20, .rss = 1, .adj = -1000, .marked = true, .marks = TASK_MARK_ORIGIN }, { .pid = 30, .rss = 5 });
	ASSERT_ORDER(&snap, &today, 20, 10, 30);
	made_task(&snap, 20)->marks = 0;
	ASSERT_ORDER(&snap, &today, 10, 30);
	snapshot_done(&snap);
}

/* Case 5. */
static void virtual_size_does_not_count_since_2_6_36(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 100, .virt = 5000000 }, { .pid = 20, .rss = 200 });
	ASSERT_ORDER(&snap, &today, 20, 10);
	const struct rules old = { .era = ERA_2_6_32 };
	ASSERT_ORDER(&snap, &old, 10, 20);
	snapshot_done(&snap);
}

/* Cases 7, 8 and 9: shared memory counts in full for each, swap and page tables count. */
static void shared_pages_swap_and_page_tables_count_in_full(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, RAM, { .pid = 10, .rss = 50100, .shmem = 50000 },
		      { .pid = 11, .rss = 50101, .shmem = 50000 }, { .pid = 20, .rss = 10, .swap = 60000 },
		      { .pid = 30, .rss = 10, .pgt = 60001 }, { .pid = 40, .rss = 50000 });
	ASSERT_ORDER(&snap, &today, 30, 20, 11, 10, 40);
	const struct rules old = { .era = ERA_2_6_36 };
	ASSERT_ORDER(&snap, &old, 20, 10, 11, 40, 30); /* no page tables before 2.6.39; thousandths tie */
	snapshot_done(&snap);
}

/* Case 13. */
static void root_is_favoured_only_before_4_17(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 10100, .cap_eff = 1ULL << 21 }, { .pid = 20, .rss = 10000 });
	ASSERT_ORDER(&snap, &today, 10, 20);
	const struct rules old = { .era = ERA_4_15 };
	ASSERT_ORDER(&snap, &old, 20, 10);
	made_task(&snap, 10)->group_state[TASK_STATUS] = FACT_DENIED;
	ASSERT_ORDER(&snap, &old, 20); /* whether it is root is part of its points there */
	snapshot_done(&snap);
}

/* Cases 10, 11 and 12: adj adds its share of everything, and never more. */
static void adj_weighs_thousandths_of_ram_and_swap(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 600000, .adj = -999 }, { .pid = 20, .rss = 500, .adj = 1000 },
		      { .pid = 30, .rss = 900000 }, { .pid = 40, .rss = 100, .adj = -999 },
		      { .pid = 50, .rss = 999999, .adj = -1000 });
	ASSERT_ORDER(&snap, &today, 20, 30, 10, 40);
	snapshot_done(&snap);
}

/* Case 33: cgroups do not matter for a global OOM. Case 27: nor do threads. */
static void only_processes_count_not_their_groups_or_threads(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 100, .cgroup = "/big", .threads = 500 },
		      { .pid = 11, .rss = 100, .cgroup = "/big" }, { .pid = 12, .rss = 150, .cgroup = "/small" });
	ASSERT_ORDER(&snap, &today, 12, 11, 10);
	snapshot_done(&snap);
}

static void the_old_heuristic_counts_children_and_bits_of_adj(void **state)
{
	(void)state;
	const struct rules old = { .era = ERA_2_6_32 };
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .virt = 1000 }, { .pid = 11, .ppid = 10, .virt = 50000 },
		      { .pid = 12, .ppid = 10, .virt = 10001 }, { .pid = 13, .ppid = 10, .virt = 70000, .mm_id = 5 });
	made_task(&snap, 10)->mm_id = 5;
	snap.boottime_ns = 1000000000;
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &snap, &old, NULL, NULL), 0);
	assert_int_equal(ranking.candidates[0].points, 31002);
	assert_int_equal(ranking.candidates[1].points, 50000);
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_set_adj(&whatif, 11, 58 * 3 + 3), 0); /* oom_adj 3 */
	assert_int_equal(ranking_make(&ranking, &snap, &old, &whatif, NULL), 0);
	assert_int_equal(ranking.candidates[1].points, 400000);
	whatif_done(&whatif);
	ranking_done(&ranking);
	snapshot_done(&snap);
}

/* --- ties ----------------------------------------------------------------- */

/* Cases 1 and 2; seen on 6.18: of eight equal children the last forked dies first. */
static void of_equals_the_later_forked_dies_since_5_3(void **state)
{
	(void)state;
	struct made_task ties[8];
	for (int i = 0; i < 8; i++)
		ties[i] = (struct made_task){ .pid = 100 + i, .rss = 189, .pgt = 9, .adj = 1000, .start = 5000 };
	struct snapshot snap;
	make_snapshot(&snap, 4096, 0, ties, COUNT_OF(ties));
	ASSERT_ORDER(&snap, &today, 107, 106, 105, 104, 103, 102, 101, 100);
	struct rules earlier = today;
	earlier.later_wins = false;
	ASSERT_ORDER(&snap, &earlier, 100, 101, 102, 103, 104, 105, 106, 107);
	/* Pids wrap round: the start time says who came later. */
	made_task(&snap, 100)->start_ticks = 9000;
	ASSERT_ORDER(&snap, &today, 100, 107, 106, 105, 104, 103, 102, 101);
	snapshot_done(&snap);
}

static void equal_scores_are_not_equal_points(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, 6171021, 0, { .pid = 10, .rss = 9000 }, { .pid = 20, .rss = 8999 });
	assert_int_equal(badness_oom_score(ERA_5_9, 9000, 6171021), badness_oom_score(ERA_5_9, 8999, 6171021));
	ASSERT_ORDER(&snap, &today, 10, 20);
	snapshot_done(&snap);
}

static void the_reference_model_chooses_the_same_from_two(void **state)
{
	(void)state;
	const struct made_task two[] = { { .pid = 1000, .comm = "big", .rss = 11799, .pgt = 36 },
					 { .pid = 1001, .comm = "small", .rss = 1623, .pgt = 13, .adj = 700 } };
	struct snapshot snap;
	make_snapshot(&snap, 12800, 0, two, 2);
	ASSERT_ORDER(&snap, &today, 1000, 1001);
	snapshot_done(&snap);
	make_snapshot(&snap, 6171021, 0, two, 2);
	ASSERT_ORDER(&snap, &today, 1001, 1000);
	snapshot_done(&snap);
}

/* --- the order as a whole ------------------------------------------------- */

static void the_order_does_not_depend_on_the_one_before(void **state)
{
	(void)state;
	uint32_t seed = 1;
	struct ranking used;
	ranking_init(&used);
	for (int round = 0; round < 300; round++) {
		struct snapshot snap;
		make_random(&snap, &seed, next_random(&seed) % 60);
		if (round % 3 == 0) /* other pids, so that tasks come and go */
			for (uint32_t i = 0; i < snap.ntasks; i++)
				snap.tasks[i].pid += (int32_t)i;
		struct ranking fresh;
		ranking_init(&fresh);
		assert_int_equal(ranking_make(&fresh, &snap, &today, NULL, NULL), 0);
		assert_int_equal(ranking_make(&used, &snap, &today, NULL, NULL), 0);
		assert_int_equal(fresh.norder, used.norder);
		for (uint32_t i = 0; i < fresh.norder; i++)
			assert_int_equal(fresh.order[i], used.order[i]);
		ranking_done(&fresh);
		snapshot_done(&snap);
	}
	ranking_done(&used);
}

static void the_order_is_total_and_complete(void **state)
{
	(void)state;
	uint32_t seed = 2;
	for (int round = 0; round < 200; round++) {
		struct snapshot snap;
		make_random(&snap, &seed, 40);
		struct ranking ranking;
		ranking_init(&ranking);
		assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
		uint32_t eligible = 0;
		for (uint32_t i = 0; i < snap.ntasks; i++) {
			const struct candidate *candidate = &ranking.candidates[i];
			assert_int_equal(candidate->rank > 0, candidate->eligibility == ELIGIBLE);
			assert_true(candidate->rank == 0 || ranking.order[candidate->rank - 1] == i);
			assert_true(candidate->rank == 0 || snap.tasks[i].oom_score_adj != -1000);
			eligible += candidate->eligibility == ELIGIBLE;
		}
		assert_int_equal(ranking.norder, eligible);
		for (uint32_t i = 1; i < ranking.norder; i++) {
			const struct task *a = &snap.tasks[ranking.order[i - 1]], *b = &snap.tasks[ranking.order[i]];
			int64_t pa = ranking.candidates[ranking.order[i - 1]].points;
			int64_t pb = ranking.candidates[ranking.order[i]].points;
			assert_true(pa > pb || (pa == pb && (a->start_ticks > b->start_ticks ||
							     (a->start_ticks == b->start_ticks && a->pid > b->pid))));
		}
		ranking_done(&ranking);
		snapshot_done(&snap);
	}
}

static void pids_of_a_broken_recording_do_no_harm(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 5 }, { .pid = 20, .rss = 4 }, { .pid = 30, .rss = 3 });
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
	snap.tasks[0].pid = 20; /* twice, then out of order */
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
	assert_int_equal(ranking.norder, 3);
	snap.tasks[0].pid = INT32_MAX;
	snap.tasks[2].pid = INT32_MIN;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
	assert_int_equal(ranking.norder, 3);
	assert_int_equal(ranking.order[0], 0);
	assert_int_equal(ranking.order[2], 2);
	ranking_done(&ranking);
	snapshot_done(&snap);
}

static void without_totalpages_nobody_is_ranked(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, MADE_INIT, { .pid = 10, .rss = 100 }, { .pid = 20, .rss = 100, .adj = -1000 });
	snap.system.state[SYS_SWAP_TOTAL] = FACT_UNKNOWN;
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), -ENODATA);
	assert_int_equal(ranking.norder, 0);
	assert_int_equal(ranking.ntasks, 3);
	assert_int_equal(ranking.candidates[0].eligibility, INELIGIBLE_INIT);
	assert_int_equal(ranking.candidates[1].eligibility, ELIGIBLE);
	assert_int_equal(ranking.candidates[1].rank, 0);
	assert_int_equal(ranking.candidates[2].eligibility, INELIGIBLE_ADJ_MIN);
	snap.system.state[SYS_SWAP_TOTAL] = FACT_KNOWN;
	snap.page_bytes = 0;
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), -ENODATA);
	ranking_done(&ranking);
	snapshot_done(&snap);
}

static void totalpages_is_ram_and_swap(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, 1000, 234, { .pid = 1 });
	assert_int_equal(ranking_totalpages(&snap), 1234);
	snapshot_done(&snap);
}

/* --- what if -------------------------------------------------------------- */

static void a_whatif_reranks_without_touching_the_facts(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, MADE_INIT, { .pid = 10, .rss = 5000 }, { .pid = 20, .rss = 4000 },
		      { .pid = 30, .rss = 9000, .adj = -1000 });
	struct whatif whatif;
	whatif_init(&whatif);
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(whatif_set_adj(&whatif, 30, 0), 0);
	assert_int_equal(whatif_set_adj(&whatif, 10, -1000), 0);
	assert_int_equal(whatif_set_adj(&whatif, 1, 1000), 0);
	assert_int_equal(whatif_set_adj(&whatif, 25, 1000), 0); /* no such process */
	assert_int_equal(ranking_make(&ranking, &snap, &today, &whatif, NULL), 0);
	assert_int_equal(ranking.norder, 2);
	assert_int_equal(snap.tasks[ranking.order[0]].pid, 30);
	assert_int_equal(snap.tasks[ranking.order[1]].pid, 20);
	assert_int_equal(ranking.candidates[1].eligibility, INELIGIBLE_ADJ_MIN);
	assert_int_equal(ranking.candidates[1].adj, -1000);
	assert_int_equal(ranking.candidates[0].eligibility, INELIGIBLE_INIT);
	assert_int_equal(snap.tasks[1].oom_score_adj, 0);
	ranking_done(&ranking);
	whatif_done(&whatif);
	snapshot_done(&snap);
}

static void a_whatif_with_no_change_changes_nothing(void **state)
{
	(void)state;
	uint32_t seed = 3;
	for (int round = 0; round < 50; round++) {
		struct snapshot snap;
		make_random(&snap, &seed, 40);
		struct whatif whatif;
		whatif_init(&whatif);
		for (uint32_t i = 0; i < snap.ntasks; i++)
			assert_int_equal(whatif_set_adj(&whatif, snap.tasks[i].pid, snap.tasks[i].oom_score_adj), 0);
		struct ranking plain, assumed;
		ranking_init(&plain);
		ranking_init(&assumed);
		assert_int_equal(ranking_make(&plain, &snap, &today, NULL, NULL), 0);
		assert_int_equal(ranking_make(&assumed, &snap, &today, &whatif, NULL), 0);
		assert_int_equal(plain.norder, assumed.norder);
		for (uint32_t i = 0; i < snap.ntasks; i++) {
			assert_int_equal(plain.candidates[i].eligibility, assumed.candidates[i].eligibility);
			assert_int_equal(plain.candidates[i].points, assumed.candidates[i].points);
			assert_int_equal(plain.candidates[i].rank, assumed.candidates[i].rank);
		}
		ranking_done(&plain);
		ranking_done(&assumed);
		whatif_done(&whatif);
		snapshot_done(&snap);
	}
}

static void the_kernels_word_is_compared_with_the_real_adj(void **state)
{
	(void)state;
	/* Tiny and -999: the kernel prints 0 and yet it is eligible. */
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 100, .adj = -999, .scored = true, .score = 0 });
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_set_adj(&whatif, 10, 500), 0);
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &snap, &today, &whatif, NULL), 0);
	assert_int_equal(ranking.candidates[0].eligibility, ELIGIBLE);
	assert_int_equal(ranking.candidates[0].points, 100 + 500 * 1000);
	ranking_done(&ranking);
	whatif_done(&whatif);
	snapshot_done(&snap);
}

static void whatifs_keep_one_adj_a_pid_in_order(void **state)
{
	(void)state;
	struct whatif whatif;
	whatif_init(&whatif);
	static const int32_t pids[] = { 50, 10, 30, 50, 70, 10, 1 };
	for (size_t i = 0; i < COUNT_OF(pids); i++)
		assert_int_equal(whatif_set_adj(&whatif, pids[i], (int16_t)i), 0);
	static const struct whatif_adj want[] = { { 1, 6 }, { 10, 5 }, { 30, 2 }, { 50, 3 }, { 70, 4 } };
	assert_int_equal(whatif.nadjs, COUNT_OF(want));
	for (uint32_t i = 0; i < COUNT_OF(want); i++) {
		assert_int_equal(whatif.adjs[i].pid, want[i].pid);
		assert_int_equal(whatif.adjs[i].adj, want[i].adj);
	}
	whatif_set_sysctl(&whatif, SYSCTL_PANIC, 5);
	struct whatif_adj *memory = whatif.adjs;
	whatif_clear(&whatif);
	assert_int_equal(whatif.nadjs, 0);
	assert_false(whatif.sysctl_set[SYSCTL_PANIC]);
	assert_ptr_equal(whatif.adjs, memory);
	for (int32_t pid = 1000; pid > 0; pid--)
		assert_int_equal(whatif_set_adj(&whatif, pid, 0), 0);
	assert_int_equal(whatif.nadjs, 1000);
	whatif_done(&whatif);
}

static void a_write_reaches_all_who_share_the_mm(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 1, .mm_id = 5 }, { .pid = 2, .flags = TASK_FLAG_KTHREAD, .mm_id = 5 },
		      { .pid = 10, .mm_id = 5 }, { .pid = 11, .mm_id = 6 }, { .pid = 12, .mm_id = 5 }, { .pid = 13 });
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_write_adj(&whatif, &snap, 12, 500), 0);
	assert_int_equal(whatif_write_adj(&whatif, &snap, 13, -5), 0);
	assert_int_equal(whatif_write_adj(&whatif, &snap, 99, 7), 0);
	static const struct whatif_adj want[] = { { 10, 500 }, { 12, 500 }, { 13, -5 }, { 99, 7 } };
	assert_int_equal(whatif.nadjs, COUNT_OF(want));
	for (uint32_t i = 0; i < COUNT_OF(want); i++) {
		assert_int_equal(whatif.adjs[i].pid, want[i].pid);
		assert_int_equal(whatif.adjs[i].adj, want[i].adj);
	}
	whatif_done(&whatif);
	snapshot_done(&snap);
}

static void sysctls_come_from_the_whatif_first(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, MADE_INIT);
	make_sysctl(&snap, SYSCTL_PANIC_ON_OOM, 1);
	make_sysctl(&snap, SYSCTL_OVERCOMMIT_RATIO, 50);
	snap.system.sysctl[SYSCTL_SWAPPINESS].state = FACT_DENIED;
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_sysctl(&snap, NULL, SYSCTL_PANIC_ON_OOM, 7), 1);
	assert_int_equal(whatif_sysctl(&snap, &whatif, SYSCTL_PANIC_ON_OOM, 7), 1);
	assert_int_equal(whatif_sysctl(&snap, &whatif, SYSCTL_SWAPPINESS, 7), 7);
	whatif_set_sysctl(&whatif, SYSCTL_PANIC_ON_OOM, 2);
	assert_int_equal(whatif_sysctl(&snap, &whatif, SYSCTL_PANIC_ON_OOM, 7), 2);
	/* Writing one of these zeroes the other. */
	whatif_set_sysctl(&whatif, SYSCTL_OVERCOMMIT_KBYTES, 0);
	assert_int_equal(whatif_sysctl(&snap, &whatif, SYSCTL_OVERCOMMIT_RATIO, 7), 0);
	whatif_set_sysctl(&whatif, SYSCTL_OVERCOMMIT_RATIO, 80);
	assert_int_equal(whatif_sysctl(&snap, &whatif, SYSCTL_OVERCOMMIT_RATIO, 7), 80);
	whatif_done(&whatif);
	snapshot_done(&snap);
}

/* --- which adj for which rank --------------------------------------------- */

/* The rank of a task with this adj, by ranking everything again; 0 when it is
 * not eligible. */
static uint32_t rank_with_adj(const struct snapshot *snap, const struct rules *rules, uint32_t index, int adj)
{
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_set_adj(&whatif, snap->tasks[index].pid, (int16_t)adj), 0);
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, snap, rules, &whatif, NULL), 0);
	uint32_t rank = ranking.candidates[index].rank;
	ranking_done(&ranking);
	whatif_done(&whatif);
	return rank;
}

static void compare_with_brute_force(const struct snapshot *snap, const struct rules *rules)
{
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, snap, rules, NULL, NULL), 0);
	for (uint32_t index = 0; index < snap->ntasks; index++) {
		if (snap->tasks[index].group_state[TASK_MM] != FACT_KNOWN)
			continue;
		int best[12];
		for (size_t rank = 0; rank < COUNT_OF(best); rank++)
			best[rank] = -1000;
		for (int adj = -999; adj <= 1000; adj++) {
			uint32_t reached = rank_with_adj(snap, rules, index, adj);
			for (uint32_t rank = 1; rank <= reached && rank < COUNT_OF(best); rank++)
				best[rank] = adj;
		}
		for (uint32_t rank = 0; rank < COUNT_OF(best); rank++) {
			int adj = -1000;
			bool found = ranking_adj_for_rank(&ranking, snap, rules, index, rank, &adj);
			assert_int_equal(found, best[rank] > -1000);
			assert_int_equal(adj, best[rank]);
		}
	}
	ranking_done(&ranking);
}

static void the_adj_for_a_rank_is_the_one_brute_force_finds(void **state)
{
	(void)state;
	static const struct rules all_rules[] = {
		{ .era = ERA_5_9, .later_wins = true },
		{ .era = ERA_4_17 },
		{ .era = ERA_2_6_39 },
		{ .era = ERA_2_6_32 },
	};
	uint32_t seed = 4;
	for (int round = 0; round < 6; round++) {
		struct snapshot snap;
		make_random(&snap, &seed, 8);
		compare_with_brute_force(&snap, &all_rules[(size_t)round % COUNT_OF(all_rules)]);
		snapshot_done(&snap);
	}
}

static void no_adj_helps_who_cannot_be_ranked(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, MADE_INIT, MADE_KTHREAD, { .pid = 10, .rss = 5000 },
		      { .pid = 20, .rss = 900000, .adj = -1000 }, { .pid = 30, .rss = 10, .denied = 1U << TASK_MM });
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &snap, &today, NULL, NULL), 0);
	int adj = 77;
	for (int32_t pid = 1; pid <= 2; pid++)
		assert_false(ranking_adj_for_rank(&ranking, &snap, &today, made_index(&snap, pid), 1, &adj));
	assert_false(ranking_adj_for_rank(&ranking, &snap, &today, made_index(&snap, 30), 1, &adj));
	/* The only one stands first whatever its adj. */
	assert_false(ranking_adj_for_rank(&ranking, &snap, &today, made_index(&snap, 10), 2, &adj));
	assert_int_equal(adj, 77);
	/* A protected one may be asked about: 900000 - a * 1000 below 5000. */
	assert_true(ranking_adj_for_rank(&ranking, &snap, &today, made_index(&snap, 20), 2, &adj));
	assert_int_equal(adj, -896);
	ranking_done(&ranking);
	snapshot_done(&snap);
}

static void growth_is_of_who_grows_and_of_this_what_if(void **state)
{
	(void)state;
	struct snapshot snap;
	struct made_task lines[50];
	for (int i = 0; i < 50; i++)
		lines[i] = (struct made_task){ .pid = 100 + 3 * i, .rss = 1000 + (uint64_t)i };
	make_snapshot(&snap, 1000000, 0, lines, COUNT_OF(lines));
	const struct rules rules = { .era = ERA_5_9, .rss = RSS_QUICK, .later_wins = true };
	struct ranking ranking;
	struct whatif whatif;
	ranking_init(&ranking);
	whatif_init(&whatif);
	for (int i = 0; i < 50; i += 2)
		assert_int_equal(whatif_set_growth(&whatif, 100 + 3 * i, 100 * i - 1000), 0);
	assert_int_equal(whatif_set_growth(&whatif, 101, 7), 0); /* nobody there */
	assert_int_equal(ranking_make(&ranking, &snap, &rules, &whatif, NULL), 0);
	for (uint32_t i = 0; i < snap.ntasks; i++) {
		int64_t growth = i % 2 ? 0 : 100 * (int64_t)i - 1000;
		assert_int_equal(ranking_growth_pages(&ranking, &snap.tasks[i]), growth);
		assert_true(ranking_parts(&ranking, &snap, i).rss_pages == (uint64_t)((int64_t)snap.tasks[i].rss_quick_pages + growth));
		assert_true(ranking.candidates[i].points == (int64_t)snap.tasks[i].rss_quick_pages + growth);
	}
	assert_int_equal(ranking_make(&ranking, &snap, &rules, NULL, NULL), 0);
	for (uint32_t i = 0; i < snap.ntasks; i++)
		assert_int_equal(ranking_growth_pages(&ranking, &snap.tasks[i]), 0);
	assert_int_equal(ranking.order[0], 49);
	whatif_done(&whatif);
	ranking_done(&ranking);
	snapshot_done(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_can_be_killed_and_who_not),
		cmocka_unit_test(init_of_a_container_is_an_ordinary_candidate),
		cmocka_unit_test(a_vfork_child_is_no_second_candidate),
		cmocka_unit_test(every_eligibility_has_its_words),
		cmocka_unit_test(the_quick_rss_decides_up_to_6_19_and_the_precise_one_later),
		cmocka_unit_test(the_quick_swap_count_decides_where_it_is_known),
		cmocka_unit_test(whoever_is_in_swapoff_is_chosen_before_all),
		cmocka_unit_test(virtual_size_does_not_count_since_2_6_36),
		cmocka_unit_test(shared_pages_swap_and_page_tables_count_in_full),
		cmocka_unit_test(root_is_favoured_only_before_4_17),
		cmocka_unit_test(adj_weighs_thousandths_of_ram_and_swap),
		cmocka_unit_test(only_processes_count_not_their_groups_or_threads),
		cmocka_unit_test(the_old_heuristic_counts_children_and_bits_of_adj),
		cmocka_unit_test(of_equals_the_later_forked_dies_since_5_3),
		cmocka_unit_test(equal_scores_are_not_equal_points),
		cmocka_unit_test(the_reference_model_chooses_the_same_from_two),
		cmocka_unit_test(the_order_does_not_depend_on_the_one_before),
		cmocka_unit_test(the_order_is_total_and_complete),
		cmocka_unit_test(pids_of_a_broken_recording_do_no_harm),
		cmocka_unit_test(without_totalpages_nobody_is_ranked),
		cmocka_unit_test(totalpages_is_ram_and_swap),
		cmocka_unit_test(a_whatif_reranks_without_touching_the_facts),
		cmocka_unit_test(a_whatif_with_no_change_changes_nothing),
		cmocka_unit_test(the_kernels_word_is_compared_with_the_real_adj),
		cmocka_unit_test(whatifs_keep_one_adj_a_pid_in_order),
		cmocka_unit_test(a_write_reaches_all_who_share_the_mm),
		cmocka_unit_test(sysctls_come_from_the_whatif_first),
		cmocka_unit_test(the_adj_for_a_rank_is_the_one_brute_force_finds),
		cmocka_unit_test(no_adj_helps_who_cannot_be_ranked),
		cmocka_unit_test(growth_is_of_who_grows_and_of_this_what_if),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
