/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_scene.h"

/* A reader of JSON that is as strict as RFC 8259 and builds nothing: where the
 * value at p ends, or NULL. */
static const char *skip_value(const char *p);

static const char *skip_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	while (*p != '"') {
		uint32_t code;
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p == '\\') {
			if (p[1] == 'u') {
				if (strspn(p + 2, "0123456789abcdefABCDEF") < 4)
					return NULL;
				p += 6;
			} else {
				if (p[1] == '\0' || !strchr("\"\\/bfnrt", p[1]))
					return NULL;
				p += 2;
			}
			continue;
		}
		size_t len = text_utf8_decode(text_of_str(p), &code);
		if (len == 0)
			return NULL;
		p += len;
	}
	return p + 1;
}

static const char *skip_number(const char *p)
{
	static const char *const digits = "0123456789";
	if (*p == '-')
		p++;
	size_t whole = strspn(p, digits);
	if (whole == 0 || (whole > 1 && *p == '0'))
		return NULL;
	p += whole;
	if (*p == '.') {
		size_t fraction = strspn(p + 1, digits);
		if (fraction == 0)
			return NULL;
		p += 1 + fraction;
	}
	return p;
}

static const char *skip_members(const char *p, bool named, char end)
{
	if (*p == end)
		return p + 1;
	for (;;) {
		if (named) {
			p = skip_string(p);
			if (!p || *p++ != ':')
				return NULL;
		}
		p = skip_value(p);
		if (!p)
			return NULL;
		if (*p == end)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

static const char *skip_value(const char *p)
{
	static const char *const words[] = { "null", "true", "false" };
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	}
	switch (*p) {
	case '{':
		return skip_members(p + 1, true, '}');
	case '[':
		return skip_members(p + 1, false, ']');
	case '"':
		return skip_string(p);
	default:
		return skip_number(p);
	}
}

static void assert_one_line_of_json(const char *json)
{
	const char *end = skip_value(json);
	assert_non_null(end);
	assert_string_equal(end, "\n");
}

static void assert_has(const char *json, const char *piece)
{
	if (!strstr(json, piece))
		fail_msg("%s\nis not in\n%s", piece, json);
}

static void assert_has_not(const char *json, const char *piece)
{
	if (strstr(json, piece))
		fail_msg("%s\nis in\n%s", piece, json);
}

static void a_tick_has_every_fixed_name_with_its_value(void **state)
{
	(void)state;
	static const char *const pieces[] = {
		("{\"schema\":\"oomsight/1\",\"time\":\"2023-11-14T22:13:20.000Z\",\"host\":\"testhost\",\"kernel\":\"6.18.2\","
		"\"page_bytes\":4096,\"source\":\"proc\","),
		"\"uptime_seconds\":86400.000000000,",
		"\"interval_seconds\":2.000000,",
		("\"memory\":{\"total_bytes\":4096000000,\"free_bytes\":2048000000,\"available_bytes\":2048000000,"
		"\"buffers_bytes\":5455872,\"cached_bytes\":439853056,\"swap_cached_bytes\":null,"),
		"\"shared_bytes\":9068544,",
		"\"hugepages_total\":3,",
		"\"used_bytes\":2048000000,\"buff_cache_bytes\":528412672,\"swap_used_bytes\":81920000}",
		"\"swap_total_bytes\":819200000,\"swap_free_bytes\":737280000,",
		"\"commit_limit_bytes\":2867200000,\"committed_as_bytes\":1024000000,",
		("\"vmstat\":{\"r\":2,\"b\":1,\"oom_kills\":3,\"swap_in_bytes_per_second\":8192.00,"
		"\"swap_out_bytes_per_second\":0.00,\"blocks_in_per_second\":120.50,\"blocks_out_per_second\":32.00,"
		"\"pgfault_per_second\":null,"),
		"\"allocstall_per_second\":0.50,\"pgscan_direct_pages_per_second\":null,",
		"\"workingset_refault_pages_per_second\":12.00,",
		("\"interrupts_per_second\":1200.00,\"context_switches_per_second\":3400.00,\"forks_per_second\":null,"
		"\"cpu_user_percent\":12.00,\"cpu_system_percent\":4.00,\"cpu_idle_percent\":80.00,"
		"\"cpu_iowait_percent\":4.00,\"cpu_steal_percent\":0.00}"),
		("\"pressure\":{\"memory\":{\"some\":{\"avg10\":4.10,\"avg60\":2.05,\"avg300\":0.07,"
		"\"total_seconds\":1.234567},\"full\":{\"avg10\":0.80,\"avg60\":0.00,\"avg300\":100.00,"
		"\"total_seconds\":1.000000}},\"io\":{"),
		"\"cpu\":{\"some\":{\"avg10\":4.10,\"avg60\":2.05,\"avg300\":0.07,\"total_seconds\":1.234567},\"full\":null}}",
		"\"sysctl\":{\"vm.panic_on_oom\":0,\"vm.oom_kill_allocating_task\":0,",
		"\"vm.overcommit_memory\":0,",
		("\"zones\":[{\"node\":0,\"name\":\"Normal\",\"free_pages\":500000,\"min_pages\":16896,\"low_pages\":21120,"
		"\"high_pages\":25344,"),
		"\"swaps\":[{\"name\":\"/dev/sda\\\\0402\",\"size_bytes\":819200000,\"used_bytes\":81920000,\"priority\":-2}]",
		"\"rules\":{\"era\":\"5.9\",\"rss\":\"quick\",\"later_wins\":true,\"calibrated\":true}",
		"\"check\":{\"compared\":4,\"agreed\":3,\"by_kernels_word\":0,\"differences\":[{\"pid\":991,\"computed\":721,\"oom_score\":720}]}",
		("\"verdicts\":[{\"scope\":\"global\",\"path\":null,\"nodes\":null,\"sysrq\":false,\"constraint\":\"CONSTRAINT_NONE\","
		"\"totalpages\":1200000,\"action\":\"kill\",\"because\":\"java 1804 would be killed.\","),
		"\"tasks_denied\":0,",
	};
	struct scene scene;
	scene_make(&scene);
	const char *json = scene_json(&scene);
	assert_one_line_of_json(json);
	for (size_t i = 0; i < COUNT_OF(pieces); i++)
		assert_has(json, pieces[i]);
	scene_done(&scene);
}

static void tasks_stand_in_the_views_order_with_every_field(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	const char *json = scene_json(&scene);
	assert_has(json, "\"tasks\":[{\"pid\":1804,\"ppid\":1,\"uid\":1000,\"user\":\"application\",\"comm\":\"java\","
			 "\"state\":\"S\",\"threads\":42,\"start_time\":\"2023-11-13T22:15:23Z\",\"start_ticks\":12345,"
			 "\"cgroup\":\"/app\",\"virt_bytes\":9830400000,\"rss_bytes\":3277209600,\"shr_bytes\":20480000,"
			 "\"rss_anon_bytes\":3256729600,\"rss_file_bytes\":20480000,\"rss_shmem_bytes\":0,"
			 "\"swap_bytes\":81920000,\"pgtables_bytes\":8192000,\"growth_bytes_per_second\":1258291,"
			 "\"minor_faults_per_second\":10.25,\"major_faults_per_second\":0.50,\"oom_score\":1123,"
			 "\"oom_score_adj\":0,\"eligible\":true,\"ineligible_because\":null,\"points_pages\":822000,"
			 "\"rank\":1},{\"pid\":991,");
	assert_has(json, "\"growth_bytes_per_second\":-2048,");
	assert_has(json, "\"oom_score_adj\":-1000,\"eligible\":false,\"ineligible_because\":\"adj_min\","
			 "\"points_pages\":null,\"rank\":null}]}");
	/* In the snapshot, but not in the view. */
	assert_has_not(json, "{\"pid\":1805,\"ppid\"");
	scene_done(&scene);
}

static void an_empty_host_is_still_a_tick(void **state)
{
	(void)state;
	struct scene scene;
	scene_make_empty(&scene);
	const char *json = scene_json(&scene);
	assert_one_line_of_json(json);
	assert_has(json, "\"tasks\":[]}");
	assert_has(json, "\"pressure\":null");
	assert_has(json, "\"interval_seconds\":null");
	assert_has(json, "\"totalpages\":null,\"action\":\"none\"");
	assert_has(json, "\"kills\":[]");
	assert_has(json, "\"headroom_bytes\":null,\"shortfall_bytes\":null,\"eta_seconds\":null");
	scene_done(&scene);
}

static void what_is_not_known_is_null_whatever_the_reason(void **state)
{
	(void)state;
	static const enum fact_state states[] = { FACT_UNKNOWN, FACT_ABSENT, FACT_DENIED, FACT_GONE };
	static const char *const pieces[] = {
		"\"memory\":{\"total_bytes\":null,",
		"\"used_bytes\":null,\"buff_cache_bytes\":null,\"swap_used_bytes\":null}",
		"\"vmstat\":{\"r\":null,\"b\":null,\"oom_kills\":null,\"swap_in_bytes_per_second\":null,",
		"\"cpu_user_percent\":null,",
		"\"pressure\":null",
		"\"vm.panic_on_oom\":null",
		"\"pid\":9999,\"uid\":0,\"oom_score\":null,\"oom_score_adj\":null,",
		("{\"pid\":1804,\"ppid\":null,\"uid\":null,\"user\":null,\"comm\":null,\"state\":null,\"threads\":null,"
		"\"start_time\":null,\"start_ticks\":null,\"cgroup\":null,\"virt_bytes\":null,\"rss_bytes\":null,"
		"\"shr_bytes\":null,\"rss_anon_bytes\":null,\"rss_file_bytes\":null,\"rss_shmem_bytes\":null,"
		"\"swap_bytes\":null,\"pgtables_bytes\":null,\"growth_bytes_per_second\":null,"
		"\"minor_faults_per_second\":null,\"major_faults_per_second\":null,\"oom_score\":null,"
		"\"oom_score_adj\":null,\"eligible\":null,\"ineligible_because\":\"unknown\",\"points_pages\":null,"
		"\"rank\":null}"),
	};
	for (size_t s = 0; s < COUNT_OF(states); s++) {
		struct scene scene;
		scene_make(&scene);
		scene_set_states(&scene, states[s]);
		for (uint32_t i = 0; i < scene.snap.ntasks; i++)
			scene.candidates[i] = (struct candidate){ .eligibility = INELIGIBLE_UNKNOWN };
		scene.model.rates.known = false;
		scene.model.rates.cpu_known = false;
		scene.model.verdict.nkills = 0;
		const char *json = scene_json(&scene);
		assert_one_line_of_json(json);
		for (size_t i = 0; i < COUNT_OF(pieces); i++)
			assert_has(json, pieces[i]);
		scene_done(&scene);
	}
}

static void nobody_has_points_while_totalpages_is_not_known(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene.model.ranking.totalpages = 0;
	assert_has(scene_json(&scene),
		   "\"eligible\":true,\"ineligible_because\":null,\"points_pages\":null,\"rank\":null");
	scene_done(&scene);
}

static void hostile_names_stay_inside_their_quotes(void **state)
{
	(void)state;
	static const struct {
		struct text comm;
		const char *want;
	} cases[] = {
		{ { "\x1b[31mred", 8 }, "\"comm\":\"\\u001b[31mred\"" },
		{ { "a\nb\"},{\"x", 9 }, "\"comm\":\"a\\u000ab\\\"},{\\\"x\"" },
		{ { "back\\slash", 10 }, "\"comm\":\"back\\\\slash\"" },
		{ { "\xff\xfe\x7f", 3 }, "\"comm\":\"\xef\xbf\xbd\xef\xbf\xbd\\u007f\"" },
		{ { "nul\0nul", 7 }, "\"comm\":\"nul\\u0000nul\"" },
		{ { ") S 1 (", 7 }, "\"comm\":\") S 1 (\"" },
		{ { "\xe4\xb8\xad\xe6\x96\x87", 6 }, "\"comm\":\"\xe4\xb8\xad\xe6\x96\x87\"" },
		{ { "", 0 }, "\"comm\":\"\"" },
	};
	struct scene scene;
	scene_make(&scene);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		scene_set_comm(&scene, 1804, cases[i].comm);
		assert_int_equal(snapshot_add_text(&scene.snap, cases[i].comm, &made_task(&scene.snap, 991)->cgroup), 0);
		const char *json = scene_json(&scene);
		assert_one_line_of_json(json);
		assert_has(json, cases[i].want);
	}
	scene_done(&scene);
}

static void the_largest_numbers_are_whole(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	uint32_t java = made_index(&scene.snap, 1804);
	make_fact(&scene.snap, SYS_MEM_TOTAL, UINT64_MAX);
	make_fact(&scene.snap, SYS_MEM_AVAILABLE, 0);
	scene.snap.system.psi[PSI_MEMORY].some.total_us = UINT64_MAX;
	make_sysctl(&scene.snap, SYSCTL_OVERCOMMIT_KBYTES, INT64_MAX);
	make_sysctl(&scene.snap, SYSCTL_PANIC, INT64_MIN);
	scene.snap.tasks[java].virt_bytes = UINT64_MAX;
	scene.snap.tasks[java].rss_pages = UINT64_MAX;
	scene.snap.tasks[java].start_ticks = UINT64_MAX;
	scene.candidates[java].points = INT64_MIN;
	scene.model.rates.per_s[SYS_PSWPIN] = 1e300;
	scene.task_rates[java].growth_bytes_per_s = -1e25F;
	scene.model.verdict.kills[0].frees_bytes = UINT64_MAX;
	const char *json = scene_json(&scene);
	assert_one_line_of_json(json);
	assert_has(json, "\"total_bytes\":18446744073709551615,");
	assert_has(json, "\"used_bytes\":18446744073709551615,");
	assert_has(json, "\"total_seconds\":18446744073709.551615}");
	assert_has(json, "\"vm.overcommit_kbytes\":9223372036854775807,");
	assert_has(json, "\"kernel.panic\":-9223372036854775808}");
	assert_has(json, "\"virt_bytes\":18446744073709551615,\"rss_bytes\":18446744073709551615,");
	assert_has(json, "\"start_time\":null,\"start_ticks\":18446744073709551615,");
	assert_has(json, "\"points_pages\":-9223372036854775808,");
	assert_has(json, "\"frees_bytes\":18446744073709551615,");
	scene_done(&scene);
}

static void the_second_tick_needs_no_memory(void **state)
{
	(void)state;
	struct scene scene;
	scene_make(&scene);
	scene_json(&scene);
	const char *bytes = scene.out.bytes;
	size_t capacity = scene.out.capacity;
	scene_json(&scene);
	assert_ptr_equal(scene.out.bytes, bytes);
	assert_int_equal(scene.out.capacity, capacity);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tick_has_every_fixed_name_with_its_value),
		cmocka_unit_test(tasks_stand_in_the_views_order_with_every_field),
		cmocka_unit_test(an_empty_host_is_still_a_tick),
		cmocka_unit_test(what_is_not_known_is_null_whatever_the_reason),
		cmocka_unit_test(nobody_has_points_while_totalpages_is_not_known),
		cmocka_unit_test(hostile_names_stay_inside_their_quotes),
		cmocka_unit_test(the_largest_numbers_are_whole),
		cmocka_unit_test(the_second_tick_needs_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
