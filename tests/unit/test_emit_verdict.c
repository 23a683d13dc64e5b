/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_scene.h"

static const char *verdict_tsv(struct scene *scene)
{
	emit_verdict_tsv(&scene->out, &scene->snap, &scene->model);
	return scene_take(scene);
}

static const char *verdict_text(struct scene *scene)
{
	emit_verdict_text(&scene->out, &scene->snap, &scene->model);
	return scene_take(scene);
}

static const char *verdict_json(struct scene *scene)
{
	emit_verdict_json(&scene->out, &scene->snap, &scene->model);
	return scene_take(scene);
}

#define JAVA_KILLS \
	"{\"victims\":[{\"pid\":1804,\"comm\":\"java\",\"points_pages\":822000,\"oom_score_adj\":0,\"role\":\"chosen\"}," \
	"{\"pid\":1805,\"comm\":\"java\",\"points_pages\":null,\"oom_score_adj\":-1000,\"role\":\"shares_mm\"}]," \
	"\"frees_bytes\":3330457600,\"margin_pages\":721800,\"error_pages\":128,\"runner_up_pid\":991,\"oom_group\":null,\"certain\":true}," \
	"{\"victims\":[{\"pid\":991,\"comm\":\"postgres\",\"points_pages\":100200,\"oom_score_adj\":0," \
	"\"role\":\"chosen\"}],\"frees_bytes\":409600000,\"margin_pages\":null,\"error_pages\":0," \
	"\"runner_up_pid\":null,\"oom_group\":null,\"certain\":false}"

#define NOTHING_TO_WATCH "\"watch\":null,\"overtaker_pid\":null,\"overtakes_in_seconds\":null,"

static void kills_stand_in_order_with_all_who_die(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	assert_string_equal(verdict_tsv(&scene), "1\tchosen\t1804\t822000\t0\tjava\n"
						 "1\tshares_mm\t1805\t-\t-1000\tjava\n"
						 "2\tchosen\t991\t100200\t0\tpostgres\n");
	assert_string_equal(verdict_json(&scene),
			    "{\"scope\":\"global\",\"path\":null,\"nodes\":null,\"sysrq\":false,\"constraint\":\"CONSTRAINT_NONE\","
			    "\"totalpages\":1200000,\"action\":\"kill\",\"because\":\"java 1804 would be killed.\","
			    "\"waiting_for_pid\":null,\"kills\":[" JAVA_KILLS "],\"otherwise_kills\":[],"
			    NOTHING_TO_WATCH "\"headroom_bytes\":2785280000,\"shortfall_bytes\":null,\"eta_seconds\":null,\"eta_earliest_seconds\":null,"
			    "\"eta_latest_seconds\":null,\"headroom_bytes_per_second\":null,\"grows_fastest\":null}\n");
	assert_string_equal(verdict_text(&scene),
			    "java 1804 would be killed.\n"
			    "\n"
			    "KILL ROLE          PID  POINTS   ADJ  FREES MARGIN SURE COMMAND\n"
			    "   1 chosen       1804   3.14G     0  3.10G  2.75G yes  java\n"
			    "   1 shares_mm    1805       - -1000                    java\n"
			    "   2 chosen        991    391M     0   391M      - no   postgres\n"
			    "\n"
			    "2 kills free 3.48G: java x2 (one memory) 3.10G, postgres 391M\n");
	scene_done(&scene);
}

static void what_gets_nearer_is_foretold(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene.model.forecast = (struct forecast){ .state = FORECAST_NEARING, .bytes_per_s = -3355443.2, .eta_s = 830.04,
						  .eta_earliest_s = 600.0, .eta_latest_s = 1200.5 };
	scene.model.verdict.when = (struct verdict_when){ true, 830.04, 600.0, 1200.5, -3355443.2, true,
							   made_index(&scene.snap, 1804), 1258291.2 };
	assert_non_null(strstr(verdict_json(&scene),
			       "\"eta_seconds\":830.0,\"eta_earliest_seconds\":600.0,\"eta_latest_seconds\":1200.5"));
	assert_non_null(strstr(verdict_json(&scene), "\"headroom_bytes_per_second\":-3355443,\"grows_fastest\":"
						     "{\"pid\":1804,\"comm\":\"java\",\"bytes_per_second\":"));
	assert_non_null(strstr(scene_text(&scene), "\nWHEN memory is gone in 13 min (10 min at the earliest) at -3.20M/s; java (1804) grows fastest\n"));
	assert_non_null(strstr(scene_openmetrics(&scene), "\noomsight_eta_seconds 830.0\n"));
	scene.model.rates.ntasks = 0;
	scene.model.verdict.when.has_grower = false;
	assert_non_null(strstr(verdict_json(&scene), "\"grows_fastest\":null"));
	assert_non_null(strstr(scene_text(&scene), " at -3.20M/s\n"));
	scene.model.forecast.state = FORECAST_UNCLEAR;
	assert_null(strstr(scene_text(&scene), "WHEN"));
	assert_null(strstr(scene_openmetrics(&scene), "oomsight_eta_seconds"));
	scene_done(&scene);
}

static void nobody_is_listed_as_killed_when_nobody_would_be(void **state)
{
	(void)state;
	static const struct {
		enum verdict_action action;
		const char *tsv;
		const char *json;
	} cases[] = {
		{ ACTION_PANIC, "panic\n", "\"action\":\"panic\"" },
		{ ACTION_KILL_ALLOCATING_TASK, "allocating-task\n", "\"action\":\"kill_allocating_task\"" },
		{ ACTION_ENOMEM, "enomem\n", "\"action\":\"enomem\"" },
		{ ACTION_WAIT, "wait\t1804\n", "\"waiting_for_pid\":1804," },
		{ ACTION_NONE, "none\n", "\"action\":\"none\"" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct scene scene;
		scene_make(&scene);
		scene.model.verdict.action = cases[i].action;
		scene.model.verdict.waiting_for = 1804;
		assert_string_equal(verdict_tsv(&scene), cases[i].tsv);
		const char *json = verdict_json(&scene);
		assert_non_null(strstr(json, cases[i].json));
		assert_non_null(strstr(json, "\"kills\":[],\"otherwise_kills\":[" JAVA_KILLS "]"));
		const char *text = verdict_text(&scene);
		assert_non_null(strstr(text, "If a victim were selected all the same:\n"));
		assert_non_null(strstr(text, "   1 chosen       1804"));
		scene_done(&scene);
	}
}

static void no_kills_make_a_sentence_and_an_empty_list(void **state)
{
	(void)state;
	struct scene scene;
	scene_make_empty(&scene);
	assert_string_equal(verdict_text(&scene), "Not to be told.\n");
	assert_string_equal(verdict_tsv(&scene), "none\n");
	assert_non_null(strstr(verdict_json(&scene), "\"kills\":[],\"otherwise_kills\":[]," NOTHING_TO_WATCH "\"headroom_bytes\":null"));
	scene.model.verdict.action = ACTION_KILL;
	assert_string_equal(verdict_tsv(&scene), "");
	scene_done(&scene);
}

static void a_comm_is_one_field_whatever_it_holds(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene.model.verdict.nkills = 1;
	scene.model.verdict.kills[0].nvictims = 1;
	scene_set_comm(&scene, 1804, text_of("a\tb\nc\\d\x1b[m\xff\x7f", 12));
	assert_string_equal(verdict_tsv(&scene),
			    "1\tchosen\t1804\t822000\t0\ta\\x09b\\x0ac\\x5cd\\x1b[m\\xff\\x7f\n");
	const char *text = verdict_text(&scene);
	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, "yes  a\\x09b\\x0ac\\x5cd\\x1b[m\\xff\\x7f\n"));
	assert_non_null(strstr(verdict_json(&scene), "\"comm\":\"a\\u0009b\\u000ac\\\\d\\u001b[m\xef\xbf\xbd\\u007f\""));
	scene_done(&scene);
}

static void what_is_not_known_of_a_victim_is_not_made_up(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	struct victim *java = &scene.victims[0], *helper = &scene.victims[1];
	java->adj = 500; /* a what-if over the file's 0 */
	java->points = -7;
	assert_non_null(strstr(verdict_tsv(&scene), "1\tchosen\t1804\t-7\t500\tjava\n"));
	assert_non_null(strstr(verdict_json(&scene), "\"points_pages\":-7,\"oom_score_adj\":500,"));
	assert_non_null(strstr(verdict_text(&scene), "   1 chosen       1804  -28.0K   500 "));
	helper->has_adj = false;
	assert_non_null(strstr(verdict_tsv(&scene), "1\tshares_mm\t1805\t-\t-\tjava\n"));
	assert_non_null(strstr(verdict_json(&scene), "\"points_pages\":null,\"oom_score_adj\":null,"));
	assert_non_null(strstr(verdict_text(&scene), "   1 shares_mm    1805       -     ? "));
	scene_done(&scene);
}

static void extremes_do_not_break_the_lines(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene.victims[0].points = INT64_MIN;
	scene.model.verdict.kills[0].margin_pages = UINT64_MAX;
	assert_non_null(strstr(verdict_tsv(&scene), "\t-9223372036854775808\t"));
	assert_non_null(strstr(verdict_text(&scene), "   1 chosen       1804  -16.0E     0  3.10G  16.0E yes  java\n"));
	scene_done(&scene);
}

static void each_scope_says_where_memory_runs_out(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	struct verdict *verdict = &scene.model.verdict;
	make_memcg(&scene.snap, "/", 0);
	uint32_t app = make_memcg(&scene.snap, "/a\"p\x1b", 2000);
	verdict->scope = (struct scope){ .kind = SCOPE_MEMCG, .memcg = app };
	verdict->constraint = CONSTRAINT_MEMCG;
	verdict->kills[0].group = app;
	const char *json = verdict_json(&scene);
	assert_non_null(strstr(json, "{\"scope\":\"memcg\",\"path\":\"/a\\\"p\\u001b\",\"nodes\":null,\"sysrq\":false,"
				     "\"constraint\":\"CONSTRAINT_MEMCG\","));
	assert_non_null(strstr(json, "\"oom_group\":\"/a\\\"p\\u001b\","));
	verdict->scope = (struct scope){ .kind = SCOPE_CPUSET };
	nodeset_add(&verdict->scope.nodes, 0);
	nodeset_add(&verdict->scope.nodes, 2);
	verdict->constraint = CONSTRAINT_CPUSET;
	assert_non_null(strstr(verdict_json(&scene),
			       "{\"scope\":\"cpuset\",\"path\":null,\"nodes\":\"0,2\",\"sysrq\":false,"
			       "\"constraint\":\"CONSTRAINT_CPUSET\","));
	verdict->scope.kind = SCOPE_MEMPOLICY;
	verdict->constraint = CONSTRAINT_MEMORY_POLICY;
	assert_non_null(strstr(verdict_json(&scene), "\"scope\":\"mempolicy\",\"path\":null,\"nodes\":\"0,2\","));
	verdict->scope = (struct scope){ .sysrq = true };
	verdict->constraint = CONSTRAINT_NONE;
	assert_non_null(strstr(verdict_json(&scene), "{\"scope\":\"global\",\"path\":null,\"nodes\":null,\"sysrq\":true,"));
	scene_done(&scene);
}

static void what_to_watch_stands_beside_the_verdict(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	struct verdict *verdict = &scene.model.verdict;
	strcpy(verdict->watch, "postgres is growing");
	verdict->has_overtaker = true;
	verdict->overtaker = made_index(&scene.snap, 991);
	verdict->overtakes_s = 12.5;
	assert_non_null(strstr(verdict_json(&scene), "\"watch\":\"postgres is growing\",\"overtaker_pid\":991,"
						     "\"overtakes_in_seconds\":12.5,"));
	assert_non_null(strstr(verdict_text(&scene), "java 1804 would be killed.\npostgres is growing\n\nKILL "));
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_stand_in_order_with_all_who_die),
		cmocka_unit_test(what_gets_nearer_is_foretold),
		cmocka_unit_test(nobody_is_listed_as_killed_when_nobody_would_be),
		cmocka_unit_test(no_kills_make_a_sentence_and_an_empty_list),
		cmocka_unit_test(a_comm_is_one_field_whatever_it_holds),
		cmocka_unit_test(what_is_not_known_of_a_victim_is_not_made_up),
		cmocka_unit_test(extremes_do_not_break_the_lines),
		cmocka_unit_test(each_scope_says_where_memory_runs_out),
		cmocka_unit_test(what_to_watch_stands_beside_the_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
