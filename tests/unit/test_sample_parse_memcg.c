/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/sample/parse.h"

static void amounts_and_what_stands_for_no_limit(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		int error;
		uint64_t expected;
	} cases[] = {
		{ "0\n", 0, 0 },
		{ "4096\n", 0, 4096 },
		{ "max\n", 0, MEMCG_UNLIMITED },
		{ "9223372036854771712\n", 0, MEMCG_UNLIMITED }, /* 4 KiB pages */
		{ "9223372036854710272\n", 0, MEMCG_UNLIMITED }, /* 64 KiB pages */
		{ "9223372036854775807\n", 0, MEMCG_UNLIMITED }, /* before 3.19 */
		{ "18446744073709551615\n", 0, MEMCG_UNLIMITED },
		{ "1152921504606846976\n", 0, UINT64_C(1) << 60 },
		{ "18446744073709551616\n", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "maximum\n", -EINVAL, 0 },
		{ "-1\n", -EINVAL, 0 },
		{ "1 2\n", -EINVAL, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint64_t bytes = 7;
		assert_int_equal(parse_memcg_bytes(text_of_str(cases[i].bytes), &bytes), cases[i].error);
		assert_int_equal(bytes, cases[i].error ? 7 : cases[i].expected);
	}
}

static void each_version_has_its_keys(void **state)
{
	(void)state;
	struct text bytes = TEXT("anon 1\nanon x\nanon_thp 9\nrss 2\ntotal_rss 3\nsock 4\nslab_reclaimable\nunevictable 5 6\n");
	struct memcg memcg = { .stat_known = 99 };
	assert_int_equal(parse_memcg_stat(bytes, MEMCG_V2, &memcg), 0);
	assert_int_equal(memcg.stat_known, 1U << MEMCG_STAT_ANON | 1U << MEMCG_STAT_SOCK | 1U << MEMCG_STAT_UNEVICTABLE);
	assert_int_equal(memcg.stat_bytes[MEMCG_STAT_ANON], 1);
	assert_int_equal(memcg.stat_bytes[MEMCG_STAT_SOCK], 4);
	assert_int_equal(parse_memcg_stat(bytes, MEMCG_V1, &memcg), 0);
	assert_int_equal(memcg.stat_known, 1U << MEMCG_STAT_ANON);
	assert_int_equal(memcg.stat_bytes[MEMCG_STAT_ANON], 3);
	assert_int_equal(parse_memcg_stat(TEXT("cache 5\n"), MEMCG_V1, &memcg), -EINVAL);
	assert_int_equal(memcg.stat_bytes[MEMCG_STAT_ANON], 3);
}

static void events_grew_with_the_releases(void **state)
{
	(void)state;
	uint64_t events[MEMCG_EVENT__COUNT] = { 0 };
	uint8_t known = 0;
	assert_int_equal(parse_memcg_events(TEXT("low 1\nhigh 2\nmax 3\noom 4\n"), events, &known), 0); /* 4.9 */
	assert_int_equal(known, 0x0f);
	assert_int_equal(parse_memcg_events(TEXT("low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n"
						 "sock_throttled 7\n"),
					    events, &known),
			 0);
	assert_int_equal(known, 0x3f);
	assert_int_equal(events[MEMCG_EVENT_OOM_GROUP_KILL], 6);
	assert_int_equal(parse_memcg_events(TEXT(""), events, &known), -EINVAL);
}

static void oom_control_had_two_lines_before_4_13(void **state)
{
	(void)state;
	struct memcg memcg = { .events_known = 0 };
	assert_int_equal(parse_memcg_oom_control(TEXT("oom_kill_disable 1\nunder_oom 0\n"), &memcg), 0);
	assert_true(memcg.oom_kill_disable && !memcg.under_oom);
	assert_int_equal(memcg.events_known, 0);
	assert_int_equal(parse_memcg_oom_control(TEXT("oom_kill_disable 0\nunder_oom 1\noom_kill 8\n"), &memcg), 0);
	assert_true(!memcg.oom_kill_disable && memcg.under_oom);
	assert_int_equal(memcg.events[MEMCG_EVENT_OOM_KILL], 8);
	assert_int_equal(parse_memcg_oom_control(TEXT("under_oom 1\n"), &memcg), -EINVAL);
}

static void the_controllers_mount_is_found(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		enum memcg_version version; /* MEMCG_NONE: not found */
		const char *point, *root;
	} cases[] = {
		{ "30 22 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n", MEMCG_V2, "/sys/fs/cgroup", "/" },
		{ "30 22 0:26 / /c2 rw - cgroup2 cgroup2 rw\n31 22 0:27 / /cg/memory rw - cgroup cgroup rw,memory\n", MEMCG_V1,
		  "/cg/memory", "/" },
		{ "31 22 0:27 / /cg/memory rw - cgroup cgroup rw,memory\n30 22 0:26 / /c2 rw - cgroup2 cgroup2 rw\n", MEMCG_V1,
		  "/cg/memory", "/" },
		{ "31 22 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu\n30 22 0:26 / /c2 rw - cgroup2 none rw\n", MEMCG_V2, "/c2",
		  "/" },
		{ "31 22 0:27 / /cg/x rw - cgroup cgroup rw,cpu,memory,xattr\n", MEMCG_V1, "/cg/x", "/" },
		{ "1 2 0:1 /a /in rw - cgroup cgroup rw,memory\n1 2 0:1 / /all rw - cgroup cgroup rw,memory\n", MEMCG_V1,
		  "/all", "/" },
		{ "1 2 0:1 /../.. /above rw - cgroup2 cgroup2 rw\n", MEMCG_V2, "/above", "/../.." },
		{ "1 2 0:1 / /x rw - tmpfs memory rw,memory\n", MEMCG_NONE, NULL, NULL },
		{ "1 2 0:1 / /x rw - cgroup cgroup rw,memory_x\n", MEMCG_NONE, NULL, NULL },
		{ "1 2 0:1 / /x rw cgroup2\n", MEMCG_NONE, NULL, NULL },
		{ "", MEMCG_NONE, NULL, NULL },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct parsed_memcg_mount mount = { .version = MEMCG_NONE };
		int r = parse_mountinfo_memcg(text_of_str(cases[i].bytes), &mount);
		assert_int_equal(r, cases[i].version == MEMCG_NONE ? -ENOENT : 0);
		assert_int_equal(mount.version, cases[i].version);
		if (r < 0)
			continue;
		assert_true(text_is(mount.mount_point, cases[i].point));
		assert_true(text_is(mount.root, cases[i].root));
	}
}

static void the_policy_of_a_task_is_that_of_its_stack(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		int error;
		enum task_policy policy;
		const char *nodes;
	} cases[] = {
		{ "00400000 default file=/bin/cat mapped=7 N0=7\n7ffe default stack anon=2\n", 0, POLICY_OTHER, "" },
		{ "00400000 bind:1 anon=1\n7ffe default stack anon=2\n", 0, POLICY_OTHER, "" }, /* mbind of one area */
		{ "00400000 default\n7ffe bind:0-1 stack anon=2\n", 0, POLICY_BIND, "0-1" },
		{ "7ffe bind=static:3 stack\n", 0, POLICY_BIND, "3" },
		{ "7ffe interleave:0,2 stack\n", 0, POLICY_INTERLEAVE, "0,2" },
		{ "7ffe prefer:0 stack\n", 0, POLICY_OTHER, "" },
		{ "7ffe prefer (many):0 stack\n", 0, POLICY_OTHER, "" },
		{ "7ffe local stack\n", 0, POLICY_OTHER, "" },
		{ "1 bind:0\n2 default\n3 bind:0\n", 0, POLICY_BIND, "0" }, /* no stack shown: what most have */
		{ "7ffe bind:x stack\n", 0, POLICY_OTHER, "" },
		{ "7ffe bind: stack\n", 0, POLICY_BIND, "" },
		{ "", -ENODATA, POLICY_OTHER, "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		enum task_policy policy = POLICY_OTHER;
		struct nodeset nodes = { { 0 } };
		char list[64];
		assert_int_equal(parse_numa_maps(text_of_str(cases[i].bytes), &policy, &nodes), cases[i].error);
		assert_int_equal(policy, cases[i].policy);
		assert_string_equal(nodeset_format(&nodes, list, sizeof list), cases[i].nodes);
	}
}

static void pages_are_summed_by_node_and_policy(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"00400000 default file=/bin/cat mapped=7 N0=5 N1=2 kernelpagesize_kB=4",
		"7f00 bind:1 anon=3 dirty=3 N1=3 kernelpagesize_kB=2048",
		"7f01 prefer (many):0-1 anon=1 N0=1 kernelpagesize_kB=4",
		"7f02 weighted interleave:0-1 anon=1 N1=1",
		"7f03 default", /* no page of it is there */
		"7f04 interleave:0-1 N0=1 N0=x Nx=3 N1024=5 N=1 =4 N3", /* a fifth policy */
		"", "7f05",
	};
	struct pages pages = { .pid = 7 };
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		pages_add_line(&pages, text_of_str(lines[i]), 4096);
	assert_int_equal(pages.nnodes, 2);
	assert_int_equal(pages.nodes[0].node, 0);
	assert_int_equal(pages.nodes[0].bytes, 7 * 4096);
	assert_int_equal(pages.nodes[1].node, 1);
	assert_int_equal(pages.nodes[1].bytes, 3 * 4096 + 3 * 2097152);
	assert_int_equal(pages.npolicies, PAGES_POLICIES);
	assert_string_equal(pages.policies[0].name, "default");
	assert_int_equal(pages.policies[0].bytes, 7 * 4096);
	assert_string_equal(pages.policies[1].name, "bind:1");
	assert_int_equal(pages.policies[1].bytes, 3 * 2097152);
	assert_string_equal(pages.policies[2].name, "prefer (many):0-1");
	assert_string_equal(pages.policies[3].name, "weighted interleave:0-1");
	assert_int_equal(pages.policies[3].bytes, 4096);
	assert_int_equal(pages.other_policies_bytes, 4096);
}

static void more_nodes_than_there_is_room_for_count_together(void **state)
{
	(void)state;
	struct pages pages = { .pid = 7 };
	for (int i = 0; i < PAGES_NODES + 3; i++) {
		char line[64];
		snprintf(line, sizeof line, "7f00 default anon=1 N%d=18446744073709551615", i * 2);
		pages_add_line(&pages, text_of_str(line), 4096);
	}
	assert_int_equal(pages.nnodes, PAGES_NODES);
	assert_int_equal(pages.nodes[PAGES_NODES - 1].node, 2 * (PAGES_NODES - 1));
	assert_int_equal(pages.other_nodes_bytes, UINT64_MAX);
	assert_int_equal(pages.policies[0].bytes, UINT64_MAX);
}

static void a_node_needs_a_total(void **state)
{
	(void)state;
	struct node node = { .id = 3 };
	assert_int_equal(parse_node_meminfo(TEXT("Node 3 MemFree: 5 kB\n"), &node), -EINVAL);
	assert_int_equal(parse_node_meminfo(TEXT("Node 3 MemTotal: 9 kB\nNode 3 AnonPages: 18446744073709551615 kB\nNode 3\n"
						 "Node 3 HugePages_Total: 4\nNode 3 Shmem: many\n"),
					    &node),
			 0);
	assert_int_equal(node.total_bytes, 9 * 1024);
	assert_int_equal(node.anon_bytes, UINT64_MAX);
	assert_int_equal(node.huge_total, 4);
	assert_int_equal(node.shmem_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts_and_what_stands_for_no_limit),
		cmocka_unit_test(each_version_has_its_keys),
		cmocka_unit_test(events_grew_with_the_releases),
		cmocka_unit_test(oom_control_had_two_lines_before_4_13),
		cmocka_unit_test(the_controllers_mount_is_found),
		cmocka_unit_test(the_policy_of_a_task_is_that_of_its_stack),
		cmocka_unit_test(a_node_needs_a_total),
		cmocka_unit_test(pages_are_summed_by_node_and_policy),
		cmocka_unit_test(more_nodes_than_there_is_room_for_count_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
