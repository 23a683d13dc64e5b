/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_scene.h"

/* What a scraper holds while it reads: the family the samples belong to. */
struct reading {
	char family[128];
	char type[32];
	char families[256][128];
	size_t nfamilies;
	size_t samples;
};

static bool is_name(struct text name)
{
	if (name.len == 0 || (name.ptr[0] >= '0' && name.ptr[0] <= '9'))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

static void read_comment(struct reading *reading, struct text line)
{
	struct text word, name, what;
	assert_true(text_next_word(&line, &word));
	assert_true(text_is(word, "#"));
	assert_true(text_next_word(&line, &word));
	assert_true(text_next_word(&line, &name));
	assert_true(is_name(name));
	if (text_is(word, "TYPE")) {
		assert_true(text_next_word(&line, &what));
		text_copy(name, reading->family, sizeof reading->family);
		text_copy(what, reading->type, sizeof reading->type);
		for (size_t i = 0; i < reading->nfamilies; i++)
			assert_string_not_equal(reading->families[i], reading->family);
		assert_true(reading->nfamilies < COUNT_OF(reading->families));
		memcpy(reading->families[reading->nfamilies++], reading->family, sizeof reading->family);
		return;
	}
	assert_true(text_is(name, reading->family));
	if (text_is(word, "UNIT")) {
		char suffix[40];
		assert_true(text_next_word(&line, &what));
		snprintf(suffix, sizeof suffix, "_%.*s", (int)what.len, what.ptr);
		assert_true(name.len > strlen(suffix));
		assert_string_equal(reading->family + name.len - strlen(suffix), suffix);
		return;
	}
	assert_true(text_is(word, "HELP"));
}

/* Labels up to the brace that closes them; each value quoted, with nothing but
 * \\ \" and \n escaped. */
static void read_labels(struct text *rest)
{
	struct text name;
	do {
		*rest = text_of(rest->ptr + 1, rest->len - 1);
		assert_true(text_next_until(rest, '=', &name));
		assert_true(is_name(name));
		assert_int_equal(rest->ptr[0], '"');
		size_t i = 1;
		while (rest->ptr[i] != '"') {
			if (rest->ptr[i] == '\\') {
				i++;
				assert_non_null(strchr("\\\"n", rest->ptr[i]));
			}
			i++;
			assert_true(i < rest->len);
		}
		*rest = text_of(rest->ptr + i + 1, rest->len - i - 1);
	} while (rest->ptr[0] == ',');
	assert_int_equal(rest->ptr[0], '}');
	*rest = text_of(rest->ptr + 1, rest->len - 1);
}

static void read_sample(struct reading *reading, struct text line)
{
	size_t len = strcspn(line.ptr, "{ ");
	struct text name = text_of(line.ptr, len), rest = text_of(line.ptr + len, line.len - len);
	const char *suffix = strcmp(reading->type, "counter") == 0 ? "_total" :
			     strcmp(reading->type, "info") == 0	   ? "_info" :
								     "";
	char want[160];
	snprintf(want, sizeof want, "%s%s", reading->family, suffix);
	assert_true(text_is(name, want));
	if (rest.ptr[0] == '{')
		read_labels(&rest);
	assert_int_equal(rest.ptr[0], ' ');
	struct text number = text_of(rest.ptr + 1, rest.len - 1);
	bool negative = number.ptr[0] == '-';
	double value;
	assert_int_equal(text_to_double(text_of(number.ptr + negative, number.len - negative), &value), 0);
	reading->samples++;
}

/* The whole exposition, line by line; returns the number of samples. */
static size_t assert_openmetrics(const char *metrics)
{
	struct reading reading = { .nfamilies = 0 };
	struct text rest = text_of_str(metrics), line;
	assert_true(rest.len > 6 && strcmp(metrics + rest.len - 6, "# EOF\n") == 0);
	while (text_next_line(&rest, &line)) {
		if (text_is(line, "# EOF")) {
			assert_int_equal(rest.len, 0);
			return reading.samples;
		}
		assert_true(line.len > 0);
		if (line.ptr[0] == '#')
			read_comment(&reading, line);
		else
			read_sample(&reading, line);
	}
	fail_msg("no # EOF");
	return 0;
}

static void a_tick_is_a_valid_exposition_with_known_names(void **state)
{
	(void)state;
	static const char *const pieces[] = {
		"oomsight_kernel_info{release=\"6.18.2\",source=\"proc\"} 1\n",
		"# TYPE node_memory_MemAvailable_bytes gauge\n# UNIT node_memory_MemAvailable_bytes bytes\n",
		"\nnode_memory_MemAvailable_bytes 2048000000\n",
		"\nnode_memory_Active_anon_bytes 8192\n",
		"\nnode_memory_HugePages_Total 3\n",
		"# TYPE node_vmstat_oom_kill unknown\n",
		"\nnode_vmstat_oom_kill 3\n",
		"\noomsight_vmstat_allocstall_total 17\n",
		"\nnode_context_switches_total 123456789\n",
		"\nnode_procs_blocked 1\n",
		"\noomsight_cpu_seconds_total{mode=\"user\"} 123.45\n",
		"\nnode_pressure_memory_waiting_seconds_total 1.234567\n",
		"\nnode_pressure_memory_stalled_seconds_total 1.000000\n",
		"\nnode_sysctl_vm_panic_on_oom 0\n",
		"\nnode_zoneinfo_min_pages{node=\"0\",zone=\"Normal\"} 16896\n",
		"\noomsight_totalpages 1200000\n",
		"\noomsight_headroom_bytes 2785280000\n",
		"\noomsight_model_compared 4\n",
		"\noomsight_model_agreed 3\n",
		"\noomsight_verdict_action{oomsight_verdict_action=\"kill\"} 1\n",
		"\noomsight_verdict_action{oomsight_verdict_action=\"panic\"} 0\n",
		"\noomsight_verdict_points_pages{pid=\"1804\",comm=\"java\"} 822000\n",
		"\noomsight_verdict_margin_pages 721800\n",
		"\noomsight_task_points_pages{pid=\"1804\",comm=\"java\",rank=\"1\"} 822000\n",
		"\noomsight_task_points_pages{pid=\"991\",comm=\"postgres\",rank=\"2\"} 100200\n# EOF\n",
	};
	struct scene scene;
	scene_make(&scene);
	const char *metrics = scene_openmetrics(&scene);
	assert_true(assert_openmetrics(metrics) > 50);
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		if (!strstr(metrics, pieces[i]))
			fail_msg("%s\nis not in\n%s", pieces[i], metrics);
	}
	scene_done(&scene);
}

static void all_facts_together_make_no_family_twice(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	for (unsigned fact = 0; fact < SYS__COUNT; fact++)
		make_fact(&scene.snap, (enum sys_fact)fact, UINT64_MAX);
	for (unsigned i = 0; i < PSI__COUNT; i++) {
		scene.snap.system.psi[i].some = (struct psi_line){ FACT_KNOWN, 0, 0, 0, UINT64_MAX };
		scene.snap.system.psi[i].full = (struct psi_line){ FACT_KNOWN, 0, 0, 0, 0 };
	}
	const char *metrics = scene_openmetrics(&scene);
	assert_true(assert_openmetrics(metrics) > SYS__COUNT);
	assert_non_null(strstr(metrics, "\nnode_memory_MemTotal_bytes 18446744073709551615\n"));
	assert_non_null(strstr(metrics, "\nnode_pressure_io_waiting_seconds_total 18446744073709.551615\n"));
	scene_done(&scene);
}

static void what_is_not_known_has_no_sample(void **state)
{
	(void)state;
	struct scene scene;
	scene_make_empty(&scene);
	const char *metrics = scene_openmetrics(&scene);
	assert_openmetrics(metrics);
	assert_null(strstr(metrics, "node_"));
	assert_null(strstr(metrics, "oomsight_totalpages"));
	assert_null(strstr(metrics, "oomsight_headroom_bytes"));
	assert_null(strstr(metrics, "oomsight_task_points_pages"));
	assert_null(strstr(metrics, "oomsight_cpu_seconds"));
	scene_done(&scene);
}

static void a_verdict_that_kills_nobody_names_nobody(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene.model.verdict.action = ACTION_PANIC;
	const char *metrics = scene_openmetrics(&scene);
	assert_openmetrics(metrics);
	assert_non_null(strstr(metrics, "{oomsight_verdict_action=\"panic\"} 1\n"));
	assert_non_null(strstr(metrics, "{oomsight_verdict_action=\"kill\"} 0\n"));
	assert_null(strstr(metrics, "oomsight_verdict_points_pages"));
	assert_null(strstr(metrics, "oomsight_verdict_margin_pages"));
	scene.model.verdict.action = ACTION_KILL;
	scene.model.verdict.kills[0].has_runner_up = false;
	metrics = scene_openmetrics(&scene);
	assert_non_null(strstr(metrics, "oomsight_verdict_points_pages"));
	assert_null(strstr(metrics, "oomsight_verdict_margin_pages"));
	scene_done(&scene);
}

static void labels_are_escaped(void **state)
{
	(void)state;
	static const struct {
		struct text comm;
		const char *want;
	} cases[] = {
		{ { "", 0 }, "comm=\"\"" },
		{ { "plain", 5 }, "comm=\"plain\"" },
		{ { "\"", 1 }, "comm=\"\\\"\"" },
		{ { "a\"b\"c", 5 }, "comm=\"a\\\"b\\\"c\"" },
		{ { "a\\b", 3 }, "comm=\"a\\\\x5cb\"" },
		{ { "a\nb", 3 }, "comm=\"a\\\\x0ab\"" },
		{ { "\x1b[m\xff", 4 }, "comm=\"\\\\x1b[m\\\\xff\"" },
		{ { "\"} 1\n# EOF\n", 11 }, "comm=\"\\\"} 1\\\\x0a# EOF\\\\x0a\"" },
		{ { "\xe4\xb8\xad", 3 }, "comm=\"\xe4\xb8\xad\"" },
	};
	struct scene scene;
	scene_make(&scene);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char want[128];
		scene_set_comm(&scene, 1804, cases[i].comm);
		const char *metrics = scene_openmetrics(&scene);
		assert_openmetrics(metrics);
		snprintf(want, sizeof want, "{pid=\"1804\",%s,rank=\"1\"} 822000\n", cases[i].want);
		assert_non_null(strstr(metrics, want));
	}
	scene_done(&scene);
}

static void only_the_first_ten_candidates_are_told(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	uint32_t order[12];
	for (size_t i = 0; i < COUNT_OF(order); i++)
		order[i] = made_index(&scene.snap, 991);
	scene.model.ranking.order = order;
	scene.model.ranking.norder = COUNT_OF(order);
	const char *metrics = scene_openmetrics(&scene);
	assert_openmetrics(metrics);
	assert_non_null(strstr(metrics, "rank=\"10\""));
	assert_null(strstr(metrics, "rank=\"11\""));
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tick_is_a_valid_exposition_with_known_names),
		cmocka_unit_test(all_facts_together_make_no_family_twice),
		cmocka_unit_test(what_is_not_known_has_no_sample),
		cmocka_unit_test(a_verdict_that_kills_nobody_names_nobody),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(only_the_first_ten_candidates_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
