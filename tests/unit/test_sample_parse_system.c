/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/sample/parse.h"

static void assert_fact(const struct system_facts *facts, enum sys_fact fact, enum fact_state state, uint64_t value)
{
	assert_int_equal(facts->state[fact], state);
	if (state == FACT_KNOWN)
		assert_true(facts->value[fact] == value);
}

static void meminfo_is_kib_and_plain_counts(void **state)
{
	(void)state;
	struct system_facts facts = { 0 };
	assert_int_equal(parse_system_file(SYS_FILE_MEMINFO,
					   TEXT("MemTotal:        8039228 kB\nMemFree:          412044 kB\n"
						"Active(anon):       1576 kB\nVmallocTotal:   34359738367 kB\n"
						"HugePages_Total:       3\nHugepagesize:       2048 kB\n"
						"MemAvailable:   -5 kB\nCached:  18446744073709551615 kB\nSlab: \nDirty"),
					   &facts), 0);
	assert_fact(&facts, SYS_MEM_TOTAL, FACT_KNOWN, UINT64_C(8039228) * 1024);
	assert_fact(&facts, SYS_MEM_FREE, FACT_KNOWN, UINT64_C(412044) * 1024);
	assert_fact(&facts, SYS_ACTIVE_ANON, FACT_KNOWN, 1576 * 1024);
	assert_fact(&facts, SYS_VMALLOC_TOTAL, FACT_KNOWN, UINT64_C(34359738367) * 1024);
	assert_fact(&facts, SYS_HUGE_TOTAL, FACT_KNOWN, 3);
	assert_fact(&facts, SYS_HUGE_SIZE, FACT_KNOWN, 2048 * 1024);
	assert_fact(&facts, SYS_MEM_AVAILABLE, FACT_UNKNOWN, 0);
	assert_fact(&facts, SYS_CACHED, FACT_UNKNOWN, 0);
	assert_fact(&facts, SYS_SLAB, FACT_UNKNOWN, 0);
	assert_fact(&facts, SYS_DIRTY, FACT_UNKNOWN, 0);
	assert_fact(&facts, SYS_ZSWAP, FACT_ABSENT, 0);
	assert_fact(&facts, SYS_LOW_TOTAL, FACT_ABSENT, 0);
	/* Other files' facts are left alone. */
	assert_fact(&facts, SYS_OOM_KILL, FACT_UNKNOWN, 0);
}

static void a_file_without_a_known_key_makes_nothing_known(void **state)
{
	(void)state;
	static const char *const cases[] = { "", "\n\n\n", "no such thing 1\n", ":\n" };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct system_facts facts = { 0 };
		memset(facts.state, FACT_KNOWN, sizeof facts.state);
		assert_int_equal(parse_system_file(SYS_FILE_VMSTAT, text_of_str(cases[i]), &facts), -EINVAL);
		assert_fact(&facts, SYS_OOM_KILL, FACT_UNKNOWN, 0);
		assert_fact(&facts, SYS_REFAULT, FACT_UNKNOWN, 0);
		assert_int_equal(facts.state[SYS_MEM_TOTAL], FACT_KNOWN);
	}
}

static void a_meminfo_that_contradicts_itself_is_not_believed(void **state)
{
	(void)state;
	struct system_facts facts = { 0 };
	parse_system_file(SYS_FILE_MEMINFO, TEXT("MemTotal: 100 kB\nMemFree: 101 kB\nMemAvailable: 100 kB\n"
						 "SwapTotal: 0 kB\nSwapFree: 1 kB\n"), &facts);
	parse_meminfo_judge(&facts);
	assert_fact(&facts, SYS_MEM_TOTAL, FACT_KNOWN, 102400);
	assert_fact(&facts, SYS_MEM_FREE, FACT_UNKNOWN, 0);
	assert_fact(&facts, SYS_MEM_AVAILABLE, FACT_KNOWN, 102400);
	assert_fact(&facts, SYS_SWAP_TOTAL, FACT_KNOWN, 0);
	assert_fact(&facts, SYS_SWAP_FREE, FACT_UNKNOWN, 0);
	parse_system_file(SYS_FILE_MEMINFO, TEXT("MemTotal: 0 kB\nMemFree: 5 kB\n"), &facts);
	parse_meminfo_judge(&facts);
	assert_fact(&facts, SYS_MEM_TOTAL, FACT_UNKNOWN, 0);
}

static void starred_keys_add_up_zones_but_not_strangers(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		enum sys_fact fact;
		enum fact_state state;
		uint64_t value;
	} cases[] = {
		/* 2.6.32 to 4.7: per zone, with a stranger of like name from 3.6. */
		{ "pgscan_direct_dma 1\npgscan_direct_dma32 20\npgscan_direct_normal 300\npgscan_direct_movable 4000\n"
		  "pgscan_direct_throttle 50000\n", SYS_PGSCAN_DIRECT, FACT_KNOWN, 4321 },
		/* 4.8 and later: the stem alone. */
		{ "pgscan_direct 7\npgscan_direct_throttle 50000\n", SYS_PGSCAN_DIRECT, FACT_KNOWN, 7 },
		{ "pgscan_direct_normal 5\npgscan_direct 7\npgscan_direct_dma 9\n", SYS_PGSCAN_DIRECT, FACT_KNOWN, 7 },
		{ "workingset_refault 5\n", SYS_REFAULT, FACT_KNOWN, 5 },
		{ "workingset_refault_anon 5\nworkingset_refault_file 6\n", SYS_REFAULT, FACT_KNOWN, 11 },
		{ "allocstall 3\n", SYS_ALLOCSTALL, FACT_KNOWN, 3 },
		{ "allocstall_dma 0\nallocstall_normal 2\nallocstall_device 1\n", SYS_ALLOCSTALL, FACT_KNOWN, 3 },
		{ "allocstall_dma 18446744073709551615\nallocstall_normal 2\n", SYS_ALLOCSTALL, FACT_UNKNOWN, 0 },
		{ "allocstall_dma x\nallocstall_normal 2\n", SYS_ALLOCSTALL, FACT_UNKNOWN, 0 },
		{ "allocstalling 2\npgfault 1\n", SYS_ALLOCSTALL, FACT_ABSENT, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct system_facts facts = { 0 };
		assert_int_equal(parse_system_file(SYS_FILE_VMSTAT, text_of_str(cases[i].bytes), &facts), 0);
		assert_fact(&facts, cases[i].fact, cases[i].state, cases[i].value);
	}
}

static void stat_gives_cpu_time_and_counters(void **state)
{
	(void)state;
	struct system_facts facts = { 0 };
	struct text bytes = TEXT("cpu  9120411 12044 2104118 301204110 812044 1 91204 12044 3 4\ncpu0 1 2 3\ncpu11 1 2 3\n"
				 "cpufreq 7\nintr 812044110 9 0 0\nctxt 1912044118\nbtime 1700000000\nprocesses 412044\n"
				 "procs_running 2\nprocs_blocked 1\nsoftirq 5 6\n");
	assert_int_equal(parse_system_file(SYS_FILE_STAT, bytes, &facts), 0);
	assert_fact(&facts, SYS_CPU_USER, FACT_KNOWN, 9120411);
	assert_fact(&facts, SYS_CPU_IRQ, FACT_KNOWN, 1);
	assert_fact(&facts, SYS_CPU_STEAL, FACT_KNOWN, 12044);
	assert_fact(&facts, SYS_INTERRUPTS, FACT_KNOWN, 812044110);
	assert_fact(&facts, SYS_CONTEXT_SWITCHES, FACT_KNOWN, 1912044118);
	assert_fact(&facts, SYS_FORKS, FACT_KNOWN, 412044);
	assert_fact(&facts, SYS_PROCS_RUNNING, FACT_KNOWN, 2);
	assert_fact(&facts, SYS_PROCS_BLOCKED, FACT_KNOWN, 1);
	assert_int_equal(parse_stat_cpus(bytes), 2);
	assert_int_equal(parse_stat_cpus(TEXT("")), 0);
	assert_int_equal(parse_system_file(SYS_FILE_STAT, TEXT("cpu  1 2 3 4\n"), &facts), 0);
	assert_fact(&facts, SYS_CPU_IDLE, FACT_KNOWN, 4);
	assert_fact(&facts, SYS_CPU_IOWAIT, FACT_ABSENT, 0);
}

static void numbers_of_single_files(void **state)
{
	(void)state;
	uint64_t ns = 0, original = 0, used = 0;
	assert_int_equal(parse_uptime(TEXT("1047471.44 4012044.10\n"), &ns), 0);
	assert_true(ns / 10000000 == 104747144);
	assert_int_equal(parse_uptime(TEXT(""), &ns), -EINVAL);
	assert_int_equal(parse_uptime(TEXT("99999999999"), &ns), -ERANGE);

	int64_t value = 0;
	assert_int_equal(parse_sysctl(TEXT("-1\n"), &value), 0);
	assert_int_equal(value, -1);
	assert_int_equal(parse_sysctl(TEXT("18446744073709551615\n"), &value), 0);
	assert_true(value == INT64_MAX);
	assert_int_equal(parse_sysctl(TEXT("-9223372036854775809\n"), &value), 0);
	assert_true(value == INT64_MIN);
	value = 5;
	assert_int_equal(parse_sysctl(TEXT("off\n"), &value), -EINVAL);
	assert_int_equal(parse_sysctl(TEXT(" \n"), &value), -EINVAL);
	assert_int_equal(value, 5);

	assert_int_equal(parse_zram_mm_stat(TEXT("   4096     1204     8192        0     8192        0\n"), &original, &used), 0);
	assert_int_equal(original, 4096);
	assert_int_equal(used, 8192);
	assert_int_equal(parse_zram_mm_stat(TEXT("4096 1204"), &original, &used), -EINVAL);

	uint64_t dentries = 7, unused = 7;
	assert_int_equal(parse_dentry_state(TEXT("11907\n"), &dentries, &unused), -EINVAL);
	assert_int_equal(parse_dentry_state(TEXT("11907\t-1\t45"), &dentries, &unused), -EINVAL);
	assert_int_equal(dentries, 7);
	assert_int_equal(unused, 7);
	assert_int_equal(parse_dentry_state(TEXT("11907\t1217\t45\t0\t800\t0\n"), &dentries, &unused), 0);
	assert_int_equal(dentries, 11907);
	assert_int_equal(unused, 1217);
}

static void pressure_has_one_line_or_two(void **state)
{
	(void)state;
	struct psi psi;
	assert_int_equal(parse_psi(TEXT("some avg10=24.75 avg60=5.05 avg300=100.00 total=9632509\n"
					"full avg10=0.00 avg60=0.01 avg300=0.00 total=18446744073709551615\n"), &psi), 0);
	assert_int_equal(psi.some.state, FACT_KNOWN);
	assert_int_equal(psi.some.avg10_centi, 2475);
	assert_int_equal(psi.some.avg60_centi, 505);
	assert_int_equal(psi.some.avg300_centi, 10000);
	assert_int_equal(psi.some.total_us, 9632509);
	assert_int_equal(psi.full.avg60_centi, 1);
	assert_true(psi.full.total_us == UINT64_MAX);
	assert_int_equal(parse_psi(TEXT("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"), &psi), 0);
	assert_int_equal(psi.full.state, FACT_ABSENT);

	static const char *const broken[] = { "", "some\n", "some avg10=1.00 avg60=1.00 avg300=1.00\n",
					      "some avg10=1.0 avg60=1.00 avg300=1.00 total=1\n",
					      "some avg10=1 avg60=1.00 avg300=1.00 total=1\n",
					      "some avg10=-1.00 avg60=1.00 avg300=1.00 total=1\n",
					      "some avg10=99999999999.00 avg60=1.00 avg300=1.00 total=1\n",
					      "some avg10=1.00 avg60=1.00 avg300=1.00 total=18446744073709551616\n" };
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		psi.some.total_us = 77;
		assert_true(parse_psi(text_of_str(broken[i]), &psi) < 0);
		assert_int_equal(psi.some.total_us, 77);
	}
}

static void zones_of_new_kernels_come_after_the_node(void **state)
{
	(void)state;
	struct text rest = TEXT("Node 1, zone   Normal\n  per-node stats\n      nr_inactive_anon 2960\n      nr_active_anon 394\n"
				"  pages free     207546\n        boost    512\n        min      5355\n        low      6693\n"
				"        high     8031\n        promo    9369\n        spanned  5505024\n        present  5505023\n"
				"        managed  360448\n        cma      0\n        protection: (0, 0, 12, 13, 14)\n"
				"      nr_free_pages 207546\n      nr_zone_inactive_anon 1\n      nr_zone_active_anon 2\n"
				"      nr_zone_inactive_file 3\n      nr_zone_active_file 4\n  pagesets\n    cpu: 0\n"
				"              count:    10796\n              high:     11212\n              high_min: 2905\n"
				"    cpu: 1\n              count:    4\n              high:     11212\n"
				"Node 1, zone  Movable\n  pages free     0\n        min      32\n        present  0\n"
				"        managed  0\n        protection: (0, 0, 0, 0, 0)\n");
	struct zone zone;
	bool has_managed;
	assert_true(parse_zoneinfo_next(&rest, &zone, &has_managed));
	assert_true(has_managed);
	assert_int_equal(zone.node, 1);
	assert_string_equal(zone.name, "Normal");
	assert_int_equal(zone.free_pages, 207546);
	assert_int_equal(zone.pcp_pages, 10800);
	assert_int_equal(zone.boost_pages, 512);
	assert_int_equal(zone.min_pages, 5355);
	assert_int_equal(zone.low_pages, 6693);
	assert_int_equal(zone.high_pages, 8031);
	assert_int_equal(zone.spanned_pages, 5505024);
	assert_int_equal(zone.present_pages, 5505023);
	assert_int_equal(zone.managed_pages, 360448);
	assert_int_equal(zone.inactive_anon_pages, 1);
	assert_int_equal(zone.active_anon_pages, 2);
	assert_int_equal(zone.inactive_file_pages, 3);
	assert_int_equal(zone.active_file_pages, 4);
	assert_int_equal(zone.protections, 5);
	assert_int_equal(zone.protection_pages[2], 12);
	assert_true(parse_zoneinfo_next(&rest, &zone, &has_managed));
	assert_string_equal(zone.name, "Movable");
	assert_true(has_managed && zone.managed_pages == 0);
	assert_false(parse_zoneinfo_next(&rest, &zone, &has_managed));
}

static void zones_of_old_kernels_have_their_own_lists(void **state)
{
	(void)state;
	struct text rest = TEXT("Node 0, zone      DMA\n  pages free     3973\n        min      22\n        low      27\n"
				"        high     33\n        scanned  0\n        spanned  4095\n        present  3860\n"
				"    nr_free_pages 3973\n    nr_inactive_anon 5\n    nr_active_anon 6\n    nr_inactive_file 7\n"
				"    nr_active_file 8\n        protection: (0, 2991)\n  pagesets\n    cpu: 0\n              high:  99\n");
	struct zone zone;
	bool has_managed;
	assert_true(parse_zoneinfo_next(&rest, &zone, &has_managed));
	assert_false(has_managed);
	assert_int_equal(zone.present_pages, 3860);
	assert_int_equal(zone.high_pages, 33);
	assert_int_equal(zone.active_anon_pages, 6);
	assert_int_equal(zone.inactive_file_pages, 7);
	assert_int_equal(zone.protections, 2);
}

static void nonsense_among_zones_is_passed_over(void **state)
{
	(void)state;
	struct text rest = TEXT("junk\nNode x, zone DMA\n  pages free 1\nNode 0, zone\nNode 0, zone DMA\n  pages free minus\n"
				"Node 0, zone A_name_too_long_for_us\n  pages free 5\n        protection: (1,2,3,4,5,6,7,8,9,10)\n"
				"Node 0, zone DMA\n");
	struct zone zone;
	bool has_managed;
	assert_true(parse_zoneinfo_next(&rest, &zone, &has_managed));
	assert_string_equal(zone.name, "A_name_too_");
	assert_int_equal(zone.free_pages, 5);
	assert_int_equal(zone.protections, ZONE_PROTECTIONS);
	assert_false(parse_zoneinfo_next(&rest, &zone, &has_managed));
}

static void swap_devices_keep_odd_names(void **state)
{
	(void)state;
	struct text rest = TEXT("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
				"/dev/sda3                               partition\t1048572\t\t1038400\t\t-2\n"
				"/swap\\040file\\134\\012x\\9                 file\t\t8\t\t0\t\t32767\n"
				"/huge file 18446744073709551615 0 0\n/short file 8\n");
	struct parsed_swap swap;
	char name[32];
	assert_true(parse_swaps_next(&rest, &swap));
	assert_true(text_is(swap.name, "/dev/sda3"));
	assert_int_equal(swap.size_bytes, 1048572 * 1024);
	assert_int_equal(swap.used_bytes, 1038400 * 1024);
	assert_int_equal(swap.priority, -2);
	assert_true(parse_swaps_next(&rest, &swap));
	size_t len = parse_unescape(swap.name, name, sizeof name);
	assert_true(text_is(text_of(name, len), "/swap file\\\nx\\9"));
	assert_int_equal(swap.priority, 32767);
	assert_false(parse_swaps_next(&rest, &swap));
	assert_int_equal(parse_unescape(TEXT("abcdef"), name, 3), 3);
	assert_int_equal(parse_unescape(TEXT("\\04"), name, 8), 3);
}

static void hidepid_is_found_in_the_uppermost_proc(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		int r;
		enum proc_hiding hiding;
		uint32_t gid;
	} cases[] = {
		{ "23 28 0:21 / /proc rw,relatime shared:13 - proc proc rw\n", 0, PROC_HIDES_NONE, 0 },
		{ "23 28 0:21 / /proc rw,relatime - proc proc rw,gid=4,hidepid=2\n", 0, PROC_HIDES_BY_GROUP, 4 },
		{ "23 28 0:21 / /proc rw shared:1 master:2 - proc none rw,hidepid=invisible,gid=7\n", 0, PROC_HIDES_BY_GROUP, 7 },
		{ "23 28 0:21 / /proc rw - proc proc rw,hidepid=noaccess\n", 0, PROC_HIDES_BY_GROUP, 0 },
		{ "23 28 0:21 / /proc rw - proc proc rw,hidepid=1\n", 0, PROC_HIDES_BY_GROUP, 0 },
		{ "23 28 0:21 / /proc rw - proc proc rw,hidepid=4,gid=4\n", 0, PROC_HIDES_FROM_ALL, 4 },
		{ "23 28 0:21 / /proc rw - proc proc rw,hidepid=ptraceable\n", 0, PROC_HIDES_FROM_ALL, 0 },
		{ "23 28 0:21 / /proc rw - proc proc rw,hidepid=0\n", 0, PROC_HIDES_NONE, 0 },
		{ "23 28 0:21 / /proc rw - proc proc rw,hidepid=2\n24 23 0:22 / /proc rw - proc proc rw\n", 0, PROC_HIDES_NONE, 0 },
		{ "23 28 0:21 / /proc/fs rw,hidepid=2 - proc proc rw,hidepid=2\n", -ENOENT, 0, 0 },
		{ "23 28 0:21 / /proc rw - tmpfs proc rw,hidepid=2\n", -ENOENT, 0, 0 },
		{ "23 28 0:21 / /proc rw - proc\n", -ENOENT, 0, 0 },
		{ "23 28 0:21 / /proc rw", -ENOENT, 0, 0 },
		{ "", -ENOENT, 0, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct parsed_proc_mount mount = { PROC_HIDES_NONE, 99 };
		assert_int_equal(parse_mountinfo_proc(text_of_str(cases[i].bytes), TEXT("/proc"), &mount), cases[i].r);
		assert_int_equal(mount.hiding, cases[i].hiding);
		assert_int_equal(mount.gid, cases[i].r == 0 ? cases[i].gid : 99);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meminfo_is_kib_and_plain_counts),
		cmocka_unit_test(a_file_without_a_known_key_makes_nothing_known),
		cmocka_unit_test(a_meminfo_that_contradicts_itself_is_not_believed),
		cmocka_unit_test(starred_keys_add_up_zones_but_not_strangers),
		cmocka_unit_test(stat_gives_cpu_time_and_counters),
		cmocka_unit_test(numbers_of_single_files),
		cmocka_unit_test(pressure_has_one_line_or_two),
		cmocka_unit_test(zones_of_new_kernels_come_after_the_node),
		cmocka_unit_test(zones_of_old_kernels_have_their_own_lists),
		cmocka_unit_test(nonsense_among_zones_is_passed_over),
		cmocka_unit_test(swap_devices_keep_odd_names),
		cmocka_unit_test(hidepid_is_found_in_the_uppermost_proc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
