/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/verdict.h"

#define RAM 1000000 /* pages: one adj is 1000 of them */
#define PAGE 4096ULL

/* A snapshot with all that is concluded from it. */
struct scene {
	struct snapshot snap;
	struct rules rules;
	struct whatif whatif;
	struct ranking ranking;
	struct verdict verdict;
};

static void scene_init(struct scene *scene)
{
	assert_int_equal(rules_calibrate(&scene->snap, &scene->rules), 0);
	whatif_init(&scene->whatif);
	ranking_init(&scene->ranking);
	verdict_init(&scene->verdict);
}

static void scene_done(struct scene *scene)
{
	verdict_done(&scene->verdict);
	ranking_done(&scene->ranking);
	whatif_done(&scene->whatif);
	snapshot_done(&scene->snap);
}

static enum verdict_action conclude(struct scene *scene, uint32_t kills)
{
	int r = ranking_make(&scene->ranking, &scene->snap, &scene->rules, &scene->whatif, NULL);
	assert_true(r == 0 || r == -ENODATA);
	assert_int_equal(verdict_make(&scene->verdict, &scene->snap, &scene->rules, &scene->ranking, &scene->whatif,
				      kills),
			 0);
	return scene->verdict.action;
}

static int32_t victim_pid(const struct scene *scene, uint32_t kill, uint32_t victim)
{
	assert_true(kill < scene->verdict.nkills);
	assert_true(victim < scene->verdict.kills[kill].nvictims);
	return scene->snap.tasks[scene->verdict.victims[scene->verdict.kills[kill].first_victim + victim].task].pid;
}

static void assert_says(const struct scene *scene, const char *words)
{
	if (!strstr(scene->verdict.because, words))
		fail_msg("\"%s\" does not say \"%s\"", scene->verdict.because, words);
}

#define SCENE(scene, ...) \
	do { \
		MAKE_SNAPSHOT(&(scene)->snap, RAM, 0, __VA_ARGS__); \
		scene_init(scene); \
	} while (0)

/* --- who is killed -------------------------------------------------------- */

static void the_worst_is_killed_and_the_sentence_says_why(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, MADE_INIT,
	      { .pid = 1804, .comm = "java", .rss = 791674, .file = 1000, .swap = 20480, .pgt = 2048 },
	      { .pid = 991, .comm = "postgres", .rss = 234000 });
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	const struct kill *kill = &scene.verdict.kills[0];
	assert_int_equal(scene.verdict.nkills, 1);
	assert_int_equal(victim_pid(&scene, 0, 0), 1804);
	assert_int_equal(kill->nvictims, 1);
	assert_int_equal(scene.verdict.victims[0].role, VICTIM_CHOSEN);
	assert_int_equal(kill->selected, made_index(&scene.snap, 1804));
	assert_int_equal(kill->frees_bytes, (790674 + 20480 + 2048) * PAGE);
	assert_true(kill->has_runner_up);
	assert_int_equal(kill->runner_up, made_index(&scene.snap, 991));
	assert_int_equal(kill->margin_pages, 791674 + 20480 + 2048 - 234000);
	/* Anon, file and swap of one, anon of the other, and the swap count nobody shows. */
	assert_int_equal(kill->error_pages, 5 * 62);
	assert_true(kill->certain);
	assert_string_equal(scene.verdict.because,
			    "java (1804) would be killed: 3.11G = rss 3.02G + swap 80.0M + tables 8.00M, adj 0; "
			    "next would be postgres (991) 2.21G behind");
	assert_int_equal(scene.verdict.totalpages, RAM);
	assert_int_equal(scene.verdict.waiting_for, 0);
	scene_done(&scene);
}

/* Two candidates whose counters may be further off than they are apart. */
static void a_close_call_names_both(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "a", .rss = 50000 }, { .pid = 20, .comm = "b", .rss = 49876 });
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_int_equal(scene.verdict.kills[0].margin_pages, 124);
	assert_int_equal(scene.verdict.kills[0].error_pages, 124);
	assert_false(scene.verdict.kills[0].certain);
	assert_says(&scene, "a (10) or b (20) would be killed");
	made_task(&scene.snap, 20)->rss_quick_pages--;
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_true(scene.verdict.kills[0].certain);
	assert_says(&scene, "a (10) would be killed");
	scene_done(&scene);
}

/* Case 4, from 7.0 on: badness reads what status shows, to the page. */
static void since_7_0_one_page_decides(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "a", .rss = 900, .precise = 50000 },
	      { .pid = 20, .comm = "b", .rss = 50000, .precise = 49999 });
	make_release(&scene.snap, "7.0.13");
	assert_int_equal(rules_calibrate(&scene.snap, &scene.rules), 0);
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_int_equal(victim_pid(&scene, 0, 0), 10);
	assert_true(scene.verdict.kills[0].certain);
	made_task(&scene.snap, 20)->rss_pages++;
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_int_equal(victim_pid(&scene, 0, 0), 20);
	assert_false(scene.verdict.kills[0].certain);
	assert_says(&scene, "equal points, the later started is chosen");
	scene_done(&scene);
}

static void the_only_candidate_is_certain(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, MADE_INIT, MADE_KTHREAD, { .pid = 10, .comm = "last", .rss = 5 });
	assert_int_equal(conclude(&scene, 5), ACTION_KILL);
	assert_int_equal(scene.verdict.nkills, 1);
	assert_false(scene.verdict.kills[0].has_runner_up);
	assert_true(scene.verdict.kills[0].certain);
	assert_says(&scene, "nobody else could be");
	scene_done(&scene);
}

static void a_policy_that_cannot_be_read_makes_it_uncertain(void **state)
{
	(void)state;
	static const struct {
		enum sysctl_id id;
		const char *words;
	} cases[] = {
		{ SYSCTL_PANIC_ON_OOM, "; vm.panic_on_oom could not be read" },
		{ SYSCTL_OOM_KILL_ALLOCATING_TASK, "; vm.oom_kill_allocating_task could not be read" },
		{ SYSCTL_OVERCOMMIT_MEMORY, "; vm.overcommit_memory could not be read" },
	};
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 50000 }, { .pid = 20, .rss = 100 });
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sysctl_value *value = &scene.snap.system.sysctl[cases[i].id];
		static const enum fact_state unread[] = { FACT_DENIED, FACT_UNKNOWN };
		for (size_t j = 0; j < COUNT_OF(unread); j++) {
			value->state = unread[j];
			assert_int_equal(conclude(&scene, 1), ACTION_KILL);
			assert_false(scene.verdict.policy_known);
			assert_int_equal(scene.verdict.unread, cases[i].id);
			assert_false(scene.verdict.kills[0].certain);
			assert_says(&scene, cases[i].words);
		}
		/* A kernel without it does as if it were 0. */
		value->state = FACT_ABSENT;
		assert_int_equal(conclude(&scene, 1), ACTION_KILL);
		assert_true(scene.verdict.policy_known);
		assert_true(scene.verdict.kills[0].certain);
		assert_null(strstr(scene.verdict.because, "could not be read"));
		value->state = FACT_KNOWN;
	}
	/* What is assumed needs not be read. */
	scene.snap.system.sysctl[SYSCTL_PANIC_ON_OOM].state = FACT_DENIED;
	whatif_set_sysctl(&scene.whatif, SYSCTL_PANIC_ON_OOM, 0);
	conclude(&scene, 1);
	assert_true(scene.verdict.policy_known);
	scene_done(&scene);
}

static void a_memory_cgroup_s_policy_is_panic_on_oom_alone(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 50000, .cgroup = "/app" });
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = make_memcg(&scene.snap, "/app", 60000) };
	scene.snap.system.sysctl[SYSCTL_OOM_KILL_ALLOCATING_TASK].state = FACT_DENIED;
	scene.snap.system.sysctl[SYSCTL_OVERCOMMIT_MEMORY].state = FACT_DENIED;
	for (int i = 0; i < 2; i++) {
		ranking_make(&scene.ranking, &scene.snap, &scene.rules, NULL, &scope);
		assert_int_equal(verdict_make(&scene.verdict, &scene.snap, &scene.rules, &scene.ranking, NULL, 1), 0);
		assert_int_equal(scene.verdict.policy_known, i == 0);
		scene.snap.system.sysctl[SYSCTL_PANIC_ON_OOM].state = FACT_DENIED;
	}
	scene_done(&scene);
}

static void unknown_rules_make_it_uncertain(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 50000 }, { .pid = 20, .rss = 100 });
	make_release(&scene.snap, "custom");
	scene.snap.observer.scores_known = false;
	assert_int_equal(rules_calibrate(&scene.snap, &scene.rules), -ENODATA);
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_false(scene.verdict.kills[0].certain);
	/* By behaviour. */
	scene.snap.observer.scores_known = true;
	scene.snap.observer.oom_score = 666;
	scene.snap.observer.oom_score_adj = 0;
	assert_int_equal(rules_calibrate(&scene.snap, &scene.rules), 0);
	conclude(&scene, 1);
	assert_true(scene.verdict.kills[0].certain);
	scene_done(&scene);
}

static void what_cannot_be_read_makes_it_uncertain(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 50000 }, { .pid = 20, .rss = 100 });
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_true(scene.verdict.kills[0].certain);
	scene.snap.tasks_denied = 1;
	conclude(&scene, 1);
	assert_false(scene.verdict.kills[0].certain);
	assert_says(&scene, "not all processes could be read");
	scene.snap.tasks_denied = 0;
	scene.snap.observer.proc_hides = true;
	conclude(&scene, 1);
	assert_false(scene.verdict.all_seen);
	scene.snap.observer.proc_hides = false;
	scene.snap.observer.in_init_pid_ns = false;
	conclude(&scene, 1);
	assert_false(scene.verdict.all_seen);
	scene.snap.observer.in_init_pid_ns = true;
	made_task(&scene.snap, 20)->group_state[TASK_MM] = FACT_DENIED;
	conclude(&scene, 1);
	assert_false(scene.verdict.all_seen);
	assert_false(scene.verdict.kills[0].certain);
	scene_done(&scene);
}

/* Case 6: what is not in the RSS is neither counted nor freed. */
static void hugetlb_is_neither_counted_nor_freed(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "db", .rss = 500, .virt = 900000 }, { .pid = 20, .rss = 700 });
	make_fact(&scene.snap, SYS_HUGETLB, 800000 * PAGE);
	conclude(&scene, 1);
	assert_int_equal(victim_pid(&scene, 0, 0), 20);
	assert_int_equal(scene.verdict.kills[0].frees_bytes, 700 * PAGE);
	scene_done(&scene);
}

/* Case 7: a worker in front of a shared segment frees next to nothing. */
static void shared_memory_is_counted_but_not_freed(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 500100, .shmem = 500000, .pgt = 1000 },
	      { .pid = 11, .rss = 500101, .shmem = 500000, .pgt = 1000 }, { .pid = 20, .rss = 300000 });
	conclude(&scene, 3);
	assert_int_equal(victim_pid(&scene, 0, 0), 11);
	assert_int_equal(victim_pid(&scene, 1, 0), 10);
	assert_int_equal(victim_pid(&scene, 2, 0), 20);
	assert_int_equal(scene.verdict.kills[0].frees_bytes, 1101 * PAGE);
	assert_int_equal(scene.verdict.kills[2].frees_bytes, 300000 * PAGE);
	scene_done(&scene);
}

static void without_the_split_the_private_part_is_estimated(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 1000, .shr = 300, .unknown = 1U << TASK_SPLIT });
	conclude(&scene, 1);
	assert_int_equal(scene.verdict.kills[0].frees_bytes, 700 * PAGE);
	made_task(&scene.snap, 10)->shr_pages = 5000; /* read a moment later */
	conclude(&scene, 1);
	assert_int_equal(scene.verdict.kills[0].frees_bytes, 0);
	made_task(&scene.snap, 10)->group_state[TASK_STATM] = FACT_DENIED;
	conclude(&scene, 1);
	assert_int_equal(scene.verdict.kills[0].frees_bytes, 1000 * PAGE);
	scene_done(&scene);
}

/* --- who dies with it, and after it --------------------------------------- */

/* Case 17: all who share the mm die, and it is freed once. */
static void sharers_of_the_mm_die_together(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 1, .rss = 5000, .mm_id = 7 }, { .pid = 2, .flags = TASK_FLAG_KTHREAD, .mm_id = 7 },
	      { .pid = 10, .rss = 5000, .mm_id = 7 }, { .pid = 11, .rss = 5000, .mm_id = 7 },
	      { .pid = 12, .rss = 4000, .mm_id = 8 }, { .pid = 13, .rss = 300 });
	conclude(&scene, 10);
	assert_int_equal(scene.verdict.nkills, 3);
	assert_int_equal(scene.verdict.kills[0].nvictims, 2);
	assert_int_equal(victim_pid(&scene, 0, 0), 11);
	assert_int_equal(victim_pid(&scene, 0, 1), 10);
	assert_int_equal(scene.verdict.victims[1].role, VICTIM_SHARES_MM);
	assert_int_equal(scene.verdict.kills[0].frees_bytes, 5000 * PAGE);
	assert_int_equal(scene.verdict.kills[0].runner_up, made_index(&scene.snap, 12));
	assert_int_equal(scene.verdict.kills[0].margin_pages, 1000);
	assert_int_equal(victim_pid(&scene, 1, 0), 12);
	assert_int_equal(victim_pid(&scene, 2, 0), 13);
	assert_says(&scene, "with 1 sharing its memory");
	scene_done(&scene);
}

static void a_vfork_child_dies_with_its_parent(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 5000, .state = 'D' },
	      { .pid = 11, .ppid = 10, .rss = 5000, .scored = true, .score = 0 }, { .pid = 12, .rss = 100 });
	conclude(&scene, 2);
	assert_int_equal(scene.verdict.kills[0].nvictims, 2);
	assert_int_equal(victim_pid(&scene, 0, 1), 11);
	assert_int_equal(victim_pid(&scene, 1, 0), 12);
	scene_done(&scene);
}

static void kills_in_a_row_follow_the_ranking(void **state)
{
	(void)state;
	struct scene scene;
	struct made_task lines[100];
	for (int i = 0; i < 100; i++)
		lines[i] = (struct made_task){ .pid = 10 + i, .rss = 100 + (uint64_t)i * 1000 };
	make_snapshot(&scene.snap, RAM, 0, lines, COUNT_OF(lines));
	scene_init(&scene);
	conclude(&scene, UINT32_MAX);
	assert_int_equal(scene.verdict.nkills, VERDICT_KILLS_MAX);
	for (uint32_t i = 0; i < VERDICT_KILLS_MAX; i++) {
		assert_int_equal(victim_pid(&scene, i, 0), 109 - (int32_t)i);
		assert_int_equal(scene.verdict.kills[i].margin_pages, 1000);
	}
	conclude(&scene, 0);
	assert_int_equal(scene.verdict.nkills, 1);
	scene_done(&scene);
}

/* Case 15: up to 5.0 any killable child with another mm dies in its parent's place. */
static void up_to_5_0_a_child_dies_in_its_parents_place(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "parent", .rss = 50000, .mm_id = 3 },
	      { .pid = 11, .ppid = 10, .comm = "small", .rss = 100 },
	      { .pid = 12, .ppid = 10, .comm = "large", .rss = 900 }, { .pid = 13, .ppid = 10, .rss = 50000, .mm_id = 3 },
	      { .pid = 20, .comm = "other", .rss = 40000 });
	make_release(&scene.snap, "4.19.0");
	scene.snap.observer.oom_score = 0;
	assert_int_equal(rules_calibrate(&scene.snap, &scene.rules), 0);
	conclude(&scene, 4);
	assert_int_equal(victim_pid(&scene, 0, 0), 12);
	assert_int_equal(scene.verdict.kills[0].selected, made_index(&scene.snap, 10));
	assert_int_equal(scene.verdict.kills[0].frees_bytes, 900 * PAGE);
	assert_says(&scene, "large (12) would be killed in the place of its parent parent (10)");
	assert_int_equal(victim_pid(&scene, 1, 0), 11);
	assert_int_equal(victim_pid(&scene, 2, 0), 10);
	assert_int_equal(scene.verdict.kills[2].nvictims, 2);
	assert_int_equal(victim_pid(&scene, 3, 0), 20);
	scene_done(&scene);
}

/* --- what is done instead ------------------------------------------------- */

/* Case 22, its global part; also with oom_kill_allocating_task set. */
static void panic_on_oom_panics_before_anything_else(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "java", .rss = 5000 });
	make_sysctl(&scene.snap, SYSCTL_OOM_KILL_ALLOCATING_TASK, 1);
	for (int value = 1; value <= 2; value++) {
		make_sysctl(&scene.snap, SYSCTL_PANIC_ON_OOM, value);
		assert_int_equal(conclude(&scene, 1), ACTION_PANIC);
		assert_int_equal(victim_pid(&scene, 0, 0), 10);
	}
	assert_string_equal(scene.verdict.because,
			    "the kernel would panic: vm.panic_on_oom is 2; without that it would kill java (10)");
	whatif_set_sysctl(&scene.whatif, SYSCTL_PANIC_ON_OOM, 0);
	assert_int_equal(conclude(&scene, 1), ACTION_KILL_ALLOCATING_TASK);
	scene_done(&scene);
}

/* Case 21. */
static void the_allocating_task_is_killed_when_asked_for(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "java", .rss = 5000 });
	make_sysctl(&scene.snap, SYSCTL_OOM_KILL_ALLOCATING_TASK, -3); /* nonzero is on */
	assert_int_equal(conclude(&scene, 1), ACTION_KILL_ALLOCATING_TASK);
	assert_says(&scene, "whoever asks for memory");
	assert_says(&scene, "java (10)");
	scene_done(&scene);
}

/* Case 19: a victim in flight stops the scan. */
static void a_dying_victim_is_waited_for(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "dying", .rss = 300, .sigkill = true, .mm_id = 9 },
	      { .pid = 11, .comm = "sharer", .rss = 90000, .mm_id = 9 }, { .pid = 20, .comm = "next", .rss = 5000 });
	/* No OOM kill since boot: somebody else's kill. */
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	make_fact(&scene.snap, SYS_OOM_KILL, 3);
	assert_int_equal(conclude(&scene, 2), ACTION_WAIT);
	assert_int_equal(scene.verdict.waiting_for, 10);
	assert_int_equal(scene.verdict.nkills, 1);
	assert_int_equal(victim_pid(&scene, 0, 0), 20);
	assert_string_equal(scene.verdict.because,
			    "nobody would be killed until dying (10), which is already dying, is gone; then next (20)");
	/* Killed by hand and hanging: nobody waits for that. */
	made_task(&scene.snap, 10)->state = 'D';
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	made_task(&scene.snap, 10)->state = 'R';
	assert_int_equal(conclude(&scene, 1), ACTION_WAIT);
	/* Panic comes before the scan. */
	make_sysctl(&scene.snap, SYSCTL_PANIC_ON_OOM, 1);
	assert_int_equal(conclude(&scene, 1), ACTION_PANIC);
	assert_int_equal(scene.verdict.waiting_for, 0);
	scene_done(&scene);
}

/* What is known from the kernel itself needs no signs, and overrules them. */
static void a_marked_victim_is_waited_for_until_it_is_reaped(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "asked to go", .rss = 300, .sigkill = true, .marked = true },
	      { .pid = 11, .comm = "stuck", .state = 'D', .rss = 200, .marked = true, .marks = TASK_MARK_VICTIM },
	      { .pid = 20, .comm = "next", .rss = 5000, .marked = true });
	assert_int_equal(conclude(&scene, 1), ACTION_WAIT);
	assert_int_equal(scene.verdict.waiting_for, 11);
	assert_int_equal(victim_pid(&scene, 0, 0), 20);
	/* Its mm may be gone already, as long as it is not marked as taken. */
	made_task(&scene.snap, 11)->state = 'Z';
	made_task(&scene.snap, 11)->group_state[TASK_MM] = FACT_ABSENT;
	assert_int_equal(conclude(&scene, 1), ACTION_WAIT);
	made_task(&scene.snap, 11)->marks |= TASK_MARK_OOM_SKIP;
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	/* A kill by hand is none of the OOM killer's, whatever it did before. */
	make_fact(&scene.snap, SYS_OOM_KILL, 3);
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	scene_done(&scene);
}

/* Cases 19 and 29: once reaped, or without an mm, nobody waits for it. */
static void a_reaped_victim_is_not_waited_for(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 9000, .sigkill = true, .scored = true, .score = 0 },
	      { .pid = 11, .sigkill = true, .state = 'Z', .no_mm = true }, { .pid = 20, .rss = 5000 });
	make_fact(&scene.snap, SYS_OOM_KILL, 3);
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_int_equal(victim_pid(&scene, 0, 0), 20);
	scene_done(&scene);
}

/* Case 28: a zombie leader with living threads is killed like any other. */
static void a_zombie_leader_with_living_threads_is_killed(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "zl", .state = 'Z', .rss = 76800, .through_thread = true },
	      { .pid = 20, .rss = 5000 });
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_int_equal(victim_pid(&scene, 0, 0), 10);
	scene_done(&scene);
}

static void when_nobody_can_be_killed_the_kernel_panics(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, MADE_INIT, MADE_KTHREAD, { .pid = 10, .rss = 5000, .adj = -1000 });
	assert_int_equal(conclude(&scene, 1), ACTION_PANIC);
	assert_string_equal(scene.verdict.because, "the kernel would panic: nobody can be killed");
	/* Not to be told when there are processes we cannot see. */
	scene.snap.observer.proc_hides = true;
	assert_int_equal(conclude(&scene, 1), ACTION_NONE);
	assert_says(&scene, "others are hidden");
	scene_done(&scene);
}

static void without_totalpages_nothing_is_foretold(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 5000 });
	scene.snap.system.state[SYS_MEM_TOTAL] = FACT_UNKNOWN;
	assert_int_equal(conclude(&scene, 1), ACTION_NONE);
	assert_int_equal(scene.verdict.nkills, 0);
	assert_int_equal(scene.verdict.totalpages, 0);
	assert_says(&scene, "could not be read");
	char text[80];
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 0, text, sizeof text);
	assert_string_equal(text, "not known: the size of RAM and swap could not be read");
	make_sysctl(&scene.snap, SYSCTL_PANIC_ON_OOM, 1);
	assert_int_equal(conclude(&scene, 1), ACTION_PANIC); /* that much is sure */
	scene_done(&scene);
}

static void an_empty_snapshot_tells_nothing(void **state)
{
	(void)state;
	struct scene scene;
	make_snapshot(&scene.snap, RAM, 0, NULL, 0);
	scene_init(&scene);
	assert_int_equal(conclude(&scene, 1), ACTION_NONE);
	assert_true(strlen(scene.verdict.because) > 0);
	scene_done(&scene);
}

static void strict_overcommit_fails_allocations_first(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "java", .rss = 5000 });
	make_sysctl(&scene.snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	make_fact(&scene.snap, SYS_MEM_AVAILABLE, 400000 * PAGE);
	make_fact(&scene.snap, SYS_COMMIT_LIMIT, 500000 * PAGE);
	make_fact(&scene.snap, SYS_COMMITTED_AS, 200000 * PAGE);
	assert_int_equal(conclude(&scene, 1), ACTION_ENOMEM);
	assert_int_equal(scene.verdict.commit_left_bytes, 300000 * PAGE);
	assert_int_equal(scene.verdict.headroom_bytes, 400000 * PAGE);
	assert_int_equal(victim_pid(&scene, 0, 0), 10);
	assert_says(&scene, "1.14G may still be promised while 1.53G are free; an OOM would kill java (10)");
	/* More may be promised than there is: memory runs out first. */
	make_fact(&scene.snap, SYS_COMMITTED_AS, 100000 * PAGE);
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	/* Already beyond the limit. */
	make_fact(&scene.snap, SYS_COMMITTED_AS, 900000 * PAGE);
	make_sysctl(&scene.snap, SYSCTL_PANIC_ON_OOM, 1);
	assert_int_equal(conclude(&scene, 1), ACTION_ENOMEM);
	assert_int_equal(scene.verdict.commit_left_bytes, 0);
	assert_says(&scene, "an OOM would panic");
	/* In the other modes the limit is only shown. */
	make_sysctl(&scene.snap, SYSCTL_OVERCOMMIT_MEMORY, 0);
	assert_int_equal(conclude(&scene, 1), ACTION_PANIC);
	scene_done(&scene);
}

static void a_whatif_moves_the_commit_limit(void **state)
{
	(void)state;
	struct scene scene;
	MAKE_SNAPSHOT(&scene.snap, RAM, 1000, { .pid = 10, .rss = 5000 });
	scene_init(&scene);
	make_fact(&scene.snap, SYS_COMMITTED_AS, 0);
	make_fact(&scene.snap, SYS_HUGETLB, 200000 * PAGE);
	whatif_set_sysctl(&scene.whatif, SYSCTL_OVERCOMMIT_RATIO, 80);
	conclude(&scene, 1);
	assert_int_equal(scene.verdict.commit_left_bytes, (640000 + 1000) * PAGE);
	whatif_clear(&scene.whatif);
	whatif_set_sysctl(&scene.whatif, SYSCTL_OVERCOMMIT_KBYTES, 40);
	conclude(&scene, 1);
	assert_int_equal(scene.verdict.commit_left_bytes, (10 + 1000) * PAGE);
	/* Any write of the one zeroes the other: 0 and 0 leaves swap alone. */
	whatif_set_sysctl(&scene.whatif, SYSCTL_OVERCOMMIT_KBYTES, 0);
	conclude(&scene, 1);
	assert_int_equal(scene.verdict.commit_left_bytes, 1000 * PAGE);
	/* Negative is accepted by the file; nothing sane follows. */
	whatif_clear(&scene.whatif);
	whatif_set_sysctl(&scene.whatif, SYSCTL_OVERCOMMIT_RATIO, -5);
	conclude(&scene, 1);
	assert_false(scene.verdict.commit_left_known);
	scene_done(&scene);
}

static void headroom_is_known_only_with_both_its_parts(void **state)
{
	(void)state;
	struct scene scene;
	MAKE_SNAPSHOT(&scene.snap, RAM, 5000, { .pid = 10, .rss = 5000 });
	scene_init(&scene);
	conclude(&scene, 1);
	assert_true(scene.verdict.headroom_known);
	assert_int_equal(scene.verdict.headroom_bytes, (RAM / 2 + 5000) * PAGE);
	scene.snap.system.state[SYS_MEM_AVAILABLE] = FACT_ABSENT;
	make_sysctl(&scene.snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	assert_int_equal(conclude(&scene, 1), ACTION_KILL);
	assert_false(scene.verdict.headroom_known);
	scene_done(&scene);
}

/* --- words ---------------------------------------------------------------- */

static void foreign_names_are_made_safe(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .comm = "e\033[31m)\n\xff\xc3\xa9 ok", .rss = 5000 });
	conclude(&scene, 1);
	char text[64];
	verdict_task_text(&scene.snap, 0, text, sizeof text);
	assert_string_equal(text, "e?[31m)???? ok (10)");
	assert_says(&scene, "e?[31m)???? ok (10) would be killed");
	verdict_task_text(&scene.snap, 0, text, 5);
	assert_string_equal(text, "e?[3");
	verdict_task_text(&scene.snap, 0, text, 1);
	assert_string_equal(text, "");
	scene_done(&scene);
}

static void sentences_are_ascii_and_end_in_their_buffer(void **state)
{
	(void)state;
	static char name[4000];
	memset(name, 0xe9, sizeof name);
	struct scene scene;
	SCENE(&scene,
	      { .pid = INT32_MAX - 1, .comm = name, .comm_len = sizeof name, .rss = UINT64_MAX / 3, .swap = UINT64_MAX / 3,
		.adj = -999, .mm_id = 4 },
	      { .pid = INT32_MAX - 2, .comm = name, .comm_len = sizeof name, .rss = 5, .mm_id = 4 },
	      { .pid = INT32_MAX, .comm = name, .comm_len = sizeof name, .rss = UINT64_MAX / 4 });
	scene.snap.tasks_denied = 3;
	conclude(&scene, 3);
	assert_true(strlen(scene.verdict.because) < sizeof scene.verdict.because);
	assert_true(strlen(scene.verdict.because) > 100);
	for (const char *at = scene.verdict.because; *at; at++)
		assert_true(*at >= ' ' && *at <= '~');
	scene_done(&scene);
}

static void the_parts_say_what_adj_adds_and_takes(void **state)
{
	(void)state;
	struct scene scene;
	SCENE(&scene, { .pid = 10, .rss = 262144, .adj = 300 }, { .pid = 11, .rss = 262144, .adj = -500 },
	      { .pid = 12, .rss = 262144, .adj = -1000 }, { .pid = 13, .rss = 262144, .cap_eff = 1ULL << 21 });
	conclude(&scene, 1);
	char text[160];
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 0, text, sizeof text);
	assert_string_equal(text, "2.14G = rss 1.00G + swap 0 + tables 0, adj 300 adds 1.14G");
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 1, text, sizeof text);
	assert_string_equal(text, "-929M = rss 1.00G + swap 0 + tables 0, adj -500 takes off 1.91G");
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 2, text, sizeof text);
	assert_string_equal(text, "not eligible: its oom_score_adj is -1000");
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 3, text, sizeof text);
	assert_string_equal(text, "1.00G = rss 1.00G + swap 0 + tables 0, adj 0");

	scene.rules.era = ERA_4_15;
	conclude(&scene, 1);
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 3, text, sizeof text);
	assert_string_equal(text, "993M = rss 1.00G + swap 0 + tables 0, root takes off 3% of it, adj 0");
	scene.rules.era = ERA_2_6_36;
	conclude(&scene, 1);
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 0, text, sizeof text);
	assert_string_equal(text, "562 of 1000 = rss 1.00G + swap 0, adj 300");
	assert_int_equal(scene.verdict.kills[0].margin_pages, (562 - (262 - 30)) * 1000);
	scene.rules.era = ERA_2_6_32;
	conclude(&scene, 1);
	verdict_parts_text(&scene.snap, &scene.rules, &scene.ranking, 3, text, sizeof text);
	assert_true(strstr(text, " by size, age, children and rights, adj 0") != NULL);
	scene_done(&scene);
}

static void every_action_and_role_has_its_name(void **state)
{
	(void)state;
	static const char *const names[] = { "kill", "kill_allocating_task", "panic", "wait", "enomem", "none" };
	for (int i = 0; i < ACTION__COUNT; i++)
		assert_string_equal(verdict_action_name((enum verdict_action)i), names[i]);
	assert_string_equal(victim_role_name(VICTIM_CHOSEN), "chosen");
	assert_string_equal(victim_role_name(VICTIM_SHARES_MM), "shares_mm");
	assert_string_equal(victim_role_name(VICTIM_OOM_GROUP), "oom_group");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_is_killed_and_the_sentence_says_why),
		cmocka_unit_test(a_close_call_names_both),
		cmocka_unit_test(since_7_0_one_page_decides),
		cmocka_unit_test(the_only_candidate_is_certain),
		cmocka_unit_test(a_policy_that_cannot_be_read_makes_it_uncertain),
		cmocka_unit_test(a_memory_cgroup_s_policy_is_panic_on_oom_alone),
		cmocka_unit_test(unknown_rules_make_it_uncertain),
		cmocka_unit_test(what_cannot_be_read_makes_it_uncertain),
		cmocka_unit_test(hugetlb_is_neither_counted_nor_freed),
		cmocka_unit_test(shared_memory_is_counted_but_not_freed),
		cmocka_unit_test(without_the_split_the_private_part_is_estimated),
		cmocka_unit_test(sharers_of_the_mm_die_together),
		cmocka_unit_test(a_vfork_child_dies_with_its_parent),
		cmocka_unit_test(kills_in_a_row_follow_the_ranking),
		cmocka_unit_test(up_to_5_0_a_child_dies_in_its_parents_place),
		cmocka_unit_test(panic_on_oom_panics_before_anything_else),
		cmocka_unit_test(the_allocating_task_is_killed_when_asked_for),
		cmocka_unit_test(a_dying_victim_is_waited_for),
		cmocka_unit_test(a_marked_victim_is_waited_for_until_it_is_reaped),
		cmocka_unit_test(a_reaped_victim_is_not_waited_for),
		cmocka_unit_test(a_zombie_leader_with_living_threads_is_killed),
		cmocka_unit_test(when_nobody_can_be_killed_the_kernel_panics),
		cmocka_unit_test(without_totalpages_nothing_is_foretold),
		cmocka_unit_test(an_empty_snapshot_tells_nothing),
		cmocka_unit_test(strict_overcommit_fails_allocations_first),
		cmocka_unit_test(a_whatif_moves_the_commit_limit),
		cmocka_unit_test(headroom_is_known_only_with_both_its_parts),
		cmocka_unit_test(foreign_names_are_made_safe),
		cmocka_unit_test(sentences_are_ascii_and_end_in_their_buffer),
		cmocka_unit_test(the_parts_say_what_adj_adds_and_takes),
		cmocka_unit_test(every_action_and_role_has_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
