/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_scene.h"

static void a_tick_reads_like_this(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	assert_string_equal(
		scene_text(&scene),
		"oomsight testhost 6.18.2  2023-11-14T22:13:20.000Z  up 1 d 0 h  source proc  model agrees 3/4\n"
		"Mem  3.81G total  1.91G used  8.65M shmem  504M buff/cache  1.91G free  1.91G avail\n"
		"Swap 781M total  78.1M used  703M free   PSI mem some 4.10% full 0.80%\n"
		"r 2 b 1  si 8 so 0  bi 121 bo 32  in 1200 cs 3400  us 12 sy 4 id 80 wa 4 st 0  oom_kill 3\n"
		"policy: kill the worst (panic_on_oom 0)   overcommit 0 heuristic, commit 977M of 2.67G\n"
		"NEXT java 1804 would be killed.\n"
		"    #     PID USER       POINTS   %TOT SCORE   ADJ   VIRT    RES    SHR   SWAP  PGTBL GROW/s S COMMAND\n"
		"    1    1804 applicati+  3.14G   68.5  1123     0  9.16G  3.05G  19.5M  78.1M  7.81M +1.20M S java\n"
		"    2     991 105          391M    8.4   720     0   773M   387M   273M  3.91M   800K -2.00K S postgres\n"
		"    -       1 root            -      -     ?     0  15.6M  7.81M      0      0  80.0K      ? S init\n"
		"    -       2 root            -      -     ?     0      0      0      0      -      -      ? S kthreadd\n"
		"    -     700 root            -      -     0 -1000  15.6M  7.81M      0      0  48.0K      ? S sshd\n"
		"\n");
	scene_done(&scene);
}

static void an_empty_host_shows_what_it_does_not_know(void **state)
{
	(void)state;
	struct scene scene;
	scene_make_empty(&scene);
	scene.snap.tasks_denied = 7;
	assert_string_equal(
		scene_text(&scene),
		"oomsight testhost 6.18.2  2023-11-14T22:13:20.000Z  up 1 d 0 h  source proc  model not compared"
		"  7 not readable\n"
		"Mem  ? total  ? used  ? shmem  ? buff/cache  ? free  ? avail\n"
		"Swap ? total  ? used  ? free   PSI mem some ? full ?\n"
		"r ? b ?  si ? so ?  bi ? bo ?  in ? cs ?  us ? sy ? id ? wa ? st ?  oom_kill ?\n"
		"policy: ?   overcommit ?, commit ? of ?\n"
		"NEXT Not to be told.\n"
		"    #     PID USER       POINTS   %TOT SCORE   ADJ   VIRT    RES    SHR   SWAP  PGTBL GROW/s S COMMAND\n"
		"\n");
	scene_done(&scene);
}

/* Call check on each line of the table below its titles. */
static void for_each_row(const char *text, void (*check)(struct text titles, struct text row))
{
	struct text rest = text_of_str(text), line, titles = TEXT("");
	while (text_next_line(&rest, &line)) {
		if (titles.len > 0 && line.len > 0)
			check(titles, line);
		if (text_has_prefix(line, TEXT("    #     PID ")))
			titles = line;
	}
	assert_true(titles.len > 0);
}

/* Every title but the two that stand left ends where its figures end, a blank
 * follows them, and COMMAND begins at one place. */
static void check_columns(struct text titles, struct text row)
{
	struct text rest = titles, title;
	assert_true(row.len >= titles.len - strlen("COMMAND"));
	while (text_next_word(&rest, &title)) {
		size_t begin = (size_t)(title.ptr - titles.ptr), end = begin + title.len;
		if (text_is(title, "COMMAND")) {
			assert_true(begin < 132);
			assert_int_equal(row.ptr[begin - 1], ' ');
			assert_int_not_equal(row.ptr[begin - 2], ' ');
			assert_int_not_equal(row.ptr[begin], ' ');
		} else if (text_is(title, "USER")) {
			assert_int_not_equal(row.ptr[begin], ' ');
			assert_int_equal(row.ptr[begin - 1], ' ');
		} else {
			assert_int_not_equal(row.ptr[end - 1], ' ');
			assert_int_equal(row.ptr[end], ' ');
		}
	}
}

static void columns_stay_in_line_under_all_units(void **state)
{
	(void)state;
	for (unsigned units = 0; units < UNITS__COUNT; units++) {
		struct scene scene;
		scene_make(&scene);
		scene.view.units = (enum units)units;
		for_each_row(scene_text(&scene), check_columns);
		scene_done(&scene);
	}
}

static void columns_stay_in_line_at_the_extremes(void **state)
{
	(void)state;
	for (unsigned units = 0; units < UNITS__COUNT; units++) {
		struct scene scene;
		scene_make(&scene);
		scene.view.units = (enum units)units;
		struct task *java = made_task(&scene.snap, 1804);
		uint32_t index = made_index(&scene.snap, 1804);
		java->virt_bytes = java->rss_pages = java->shr_pages = java->swap_pages = java->pgtables_bytes = UINT64_MAX;
		scene.candidates[index].points = -1200000;
		scene.candidates[index].rank = 32768;
		scene.task_rates[index].growth_bytes_per_s = -1.7e19F;
		scene.candidates[made_index(&scene.snap, 991)].points = INT64_MAX;
		scene.model.ranking.totalpages = UINT64_MAX;
		scene.task_rates[made_index(&scene.snap, 991)].growth_bytes_per_s = 9.9e18F;
		for_each_row(scene_text(&scene), check_columns);
		scene_done(&scene);
	}
}

static void sizes_follow_the_units(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene.view.units = UNITS_KIB;
	const char *text = scene_text(&scene);
	assert_non_null(strstr(text, "\nMem  KiB 4000000 total  2000000 used  8856 shmem  516028 buff/cache"));
	assert_non_null(strstr(text, " 1804 applicati+    3288000   68.5  1123     0    9600000    3200400 "));
	scene.view.units = UNITS_PAGES;
	text = scene_text(&scene);
	assert_non_null(strstr(text, "\nSwap pages 200000 total  20000 used  180000 free"));
	assert_non_null(strstr(text, " 1804 applicati+     822000   68.5 "));
	scene.view.units = UNITS_MIB;
	text = scene_text(&scene);
	assert_non_null(strstr(text, "\nMem  MiB 3906.2 total"));
	/* Points below zero, and a size too wide for its column. */
	scene.view.units = UNITS_KIB;
	scene.candidates[made_index(&scene.snap, 1804)].points = -25;
	made_task(&scene.snap, 1804)->virt_bytes = 128ULL << 40;
	assert_non_null(strstr(scene_text(&scene), " applicati+       -100    0.0  1123     0       128T "));
	scene_done(&scene);
}

static void hostile_names_cannot_move_the_table(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene_set_comm(&scene, 1804, TEXT("\x1b[2J\n\\evil\xff"));
	made_task(&scene.snap, 991)->state = '\n';
	const char *text = scene_text(&scene);
	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, " S \\x1b[2J\\x0a\\x5cevil\\xff\n"));
	assert_non_null(strstr(text, " \\x0a postgres\n"));
	scene_done(&scene);
}

/* Nine times e with an acute accent, two bytes each. */
#define E_ACUTE_9 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"

static void user_names_are_cut_by_characters(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	labels_add_user(&scene.labels, 105, TEXT(E_ACUTE_9 "\xc3\xa9\xc3\xa9"));
	made_task(&scene.snap, 1804)->uid = 7;
	labels_add_user(&scene.labels, 7, TEXT("exactly-10"));
	const char *text = scene_text(&scene);
	assert_non_null(strstr(text, " " E_ACUTE_9 "+   391M "));
	assert_non_null(strstr(text, " exactly-10  3.14G "));
	scene_done(&scene);
}

static void the_policy_line_names_what_the_sysctls_decide(void **state)
{
	(void)state;
	static const struct {
		int64_t panic, allocating, overcommit;
		const char *want;
	} cases[] = {
		{ 1, 0, 2, "policy: panic at a system-wide out of memory (panic_on_oom 1)   overcommit 2 never, " },
		{ 2, 1, 1, "policy: panic at any out of memory (panic_on_oom 2)   overcommit 1 always, " },
		{ 0, 1, 3, "policy: kill who asks for memory (oom_kill_allocating_task 1)   overcommit ?, " },
		{ 0, 0, INT64_MIN, "policy: kill the worst (panic_on_oom 0)   overcommit ?, " },
	};
	struct scene scene;
	scene_make(&scene);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		make_sysctl(&scene.snap, SYSCTL_PANIC_ON_OOM, cases[i].panic);
		make_sysctl(&scene.snap, SYSCTL_OOM_KILL_ALLOCATING_TASK, cases[i].allocating);
		make_sysctl(&scene.snap, SYSCTL_OVERCOMMIT_MEMORY, cases[i].overcommit);
		assert_non_null(strstr(scene_text(&scene), cases[i].want));
	}
	scene.snap.system.sysctl[SYSCTL_OOM_KILL_ALLOCATING_TASK].state = FACT_DENIED;
	assert_non_null(strstr(scene_text(&scene), "policy: ?   "));
	scene_done(&scene);
}

static void what_cannot_be_told_is_not_drawn_as_never(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	uint32_t java = made_index(&scene.snap, 1804);
	scene.candidates[java] = (struct candidate){ .eligibility = INELIGIBLE_UNKNOWN };
	memset(scene.snap.tasks[java].group_state, FACT_DENIED, TASK__GROUPS);
	assert_non_null(strstr(scene_text(&scene), "    -    1804 ?               ?      ?     ?     ?      ?      ?"
						   "      ?      ?      ? +1.20M ? ?\n"));
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tick_reads_like_this),
		cmocka_unit_test(an_empty_host_shows_what_it_does_not_know),
		cmocka_unit_test(columns_stay_in_line_under_all_units),
		cmocka_unit_test(columns_stay_in_line_at_the_extremes),
		cmocka_unit_test(sizes_follow_the_units),
		cmocka_unit_test(hostile_names_cannot_move_the_table),
		cmocka_unit_test(user_names_are_cut_by_characters),
		cmocka_unit_test(the_policy_line_names_what_the_sysctls_decide),
		cmocka_unit_test(what_cannot_be_told_is_not_drawn_as_never),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
