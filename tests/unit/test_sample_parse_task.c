/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/sample/parse.h"

#define STAT_TAIL " S 1 1804 1804 0 -1 4194560 921220 7 4120 8 120 40 0 0 20 0 48 0 40210 9765355520 786030 " \
		  "18446744073709551615 94020007389184 94020008289184 140720118226944 0\n"

static void stat_is_split_at_the_last_parenthesis(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		const char *comm;
	} cases[] = {
		{ "1804 (java)" STAT_TAIL, "java" },
		{ "1804 ()" STAT_TAIL, "" },
		{ "1804 (x) S 1 2 3)" STAT_TAIL, "x) S 1 2 3" },
		{ "1804 (()" STAT_TAIL, "(" },
		{ "1804 ())))" STAT_TAIL, ")))" },
		{ "1804 (a\nb\tc)" STAT_TAIL, "a\nb\tc" },
		{ "1804 (\xff\xfe\x1b[2J)" STAT_TAIL, "\xff\xfe\x1b[2J" },
		{ "1804 (kworker/u8:1-events_unbound)" STAT_TAIL, "kworker/u8:1-events_unbound" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct parsed_stat stat;
		assert_int_equal(parse_task_stat(text_of_str(cases[i].bytes), &stat), 0);
		assert_true(text_is(stat.comm, cases[i].comm));
		assert_int_equal(stat.pid, 1804);
		assert_int_equal(stat.state, 'S');
		assert_int_equal(stat.ppid, 1);
		assert_int_equal(stat.flags, 4194560);
		assert_int_equal(stat.minor_faults, 921220);
		assert_int_equal(stat.major_faults, 4120);
		assert_int_equal(stat.threads, 48);
		assert_int_equal(stat.start_ticks, 40210);
		assert_int_equal(stat.virt_bytes, 9765355520);
		assert_int_equal(stat.rss_pages, 786030);
		assert_true(stat.stack_start == 140720118226944);
	}
}

static void stat_may_end_after_the_rss(void **state)
{
	(void)state;
	struct parsed_stat stat;
	assert_int_equal(parse_task_stat(TEXT("7 (a) R 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 1"), &stat), 0);
	assert_int_equal(stat.rss_pages, 1);
	assert_int_equal(stat.stack_start, 0);
	assert_int_equal(parse_task_stat(TEXT("7 (a) R 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 "
					      "18446744073709551615 18446744073709551615"), &stat), 0);
	assert_true(stat.virt_bytes == UINT64_MAX && stat.rss_pages == UINT64_MAX);
}

static void broken_stat_is_refused_and_touches_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		int error;
	} cases[] = {
		{ "", -EINVAL },
		{ "1804", -EINVAL },
		{ "1804 (", -EINVAL },
		{ "1804 (java", -EINVAL },
		{ "1804 (java)", -EINVAL },
		{ "x (java)" STAT_TAIL, -EINVAL },
		{ "99999999999 (java)" STAT_TAIL, -ERANGE },
		{ "7 (a) RR 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 1", -EINVAL },
		{ "7 (a) R 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 4096", -EINVAL },
		{ "7 (a) R 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 -1", -EINVAL },
		{ "7 (a) R 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 18446744073709551616", -ERANGE },
		{ "7 (a) R 0 1 1 0 -1 4294967296 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 1", -ERANGE },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct parsed_stat stat = { .pid = -7 };
		assert_int_equal(parse_task_stat(text_of_str(cases[i].bytes), &stat), cases[i].error);
		assert_int_equal(stat.pid, -7);
	}
}

#define STATUS_HEAD "Name:\tVmRSS: 7 kB\\nUid:\t9\nState:\tS (sleeping)\nTgid:\t42\nPid:\t42\nPPid:\t1\n"
#define STATUS_IDS "Uid:\t1000\t0\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t4 24 \n"

static void status_is_read_on_every_generation_of_kernels(void **state)
{
	(void)state;
	static const struct {
		const char *kernel;
		const char *bytes;
		bool has_mm, has_split, sigkill;
		uint64_t rss, anon, swap, tables, cap_eff;
	} cases[] = {
		{ "2.6.32", STATUS_HEAD STATUS_IDS "VmRSS:\t    1536 kB\nVmPTE:\t      56 kB\nSigPnd:\t0000000000000000\n"
			    "ShdPnd:\t0000000000000000\nCapEff:\tfffffffffffffeff\n",
		  true, false, false, 1536, 0, 0, 56, 0xfffffffffffffeff },
		{ "4.4", STATUS_HEAD STATUS_IDS "VmRSS:\t  241204 kB\nVmPTE:\t     812 kB\nVmPMD:\t      20 kB\nVmSwap:\t"
			 "   40120 kB\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000100\nCapEff:\t0000000000000000\n",
		  true, false, true, 241204, 0, 40120, 832, 0 },
		{ "5.4", STATUS_HEAD STATUS_IDS "VmRSS:\t    4096 kB\nRssAnon:\t    1024 kB\nRssFile:\t    3072 kB\n"
			 "RssShmem:\t       0 kB\nVmPTE:\t      60 kB\nVmSwap:\t       4 kB\nSigPnd:\t0000000000000100\n"
			 "ShdPnd:\t0000000000000000\nCapEff:\t0000003fffffffff\n",
		  true, true, true, 4096, 1024, 4, 60, 0x3fffffffff },
		{ "6.18 and 7.x", STATUS_HEAD STATUS_IDS "Kthread:\t0\nVmRSS:\t    1740 kB\nRssAnon:\t     116 kB\n"
				  "RssFile:\t    1624 kB\nRssShmem:\t       0 kB\nVmPTE:\t      40 kB\nVmSwap:\t       0 kB\n"
				  "SigPnd:\t0000000000000200\nShdPnd:\t0000000000000080\nCapEff:\t000001fffeffffff\n",
		  true, true, false, 1740, 116, 0, 40, 0x1fffeffffff },
		{ "a kernel thread", STATUS_HEAD STATUS_IDS "Kthread:\t1\nThreads:\t1\nCapEff:\t000001ffffffffff\n",
		  false, false, false, 0, 0, 0, 0, 0x1ffffffffff },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct parsed_status status;
		assert_int_equal(parse_task_status(text_of_str(cases[i].bytes), &status), 0);
		assert_int_equal(status.pid, 42);
		assert_int_equal(status.uid, 0);
		assert_int_equal(status.gid, 8);
		assert_true(text_is(status.groups, "4 24"));
		assert_int_equal(status.has_mm, cases[i].has_mm);
		assert_int_equal(status.has_split, cases[i].has_split);
		assert_int_equal(status.sigkill_pending, cases[i].sigkill);
		assert_int_equal(status.rss_kib, cases[i].rss);
		assert_int_equal(status.rss_anon_kib, cases[i].anon);
		assert_int_equal(status.swap_kib, cases[i].swap);
		assert_int_equal(status.pgtables_kib, cases[i].tables);
		assert_true(status.cap_eff == cases[i].cap_eff);
	}
}

static void broken_status_is_refused_and_touches_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		int error;
	} cases[] = {
		{ "", -EINVAL },
		{ "VmRSS:\t1 kB\n", -EINVAL },
		{ "Uid:\t0\n", -EINVAL },
		{ "Uid:\t0\t4294967296\t0\t0\n", -ERANGE },
		{ STATUS_IDS "VmRSS:\n", -EINVAL },
		{ STATUS_IDS "VmRSS:\t-4 kB\n", -EINVAL },
		{ STATUS_IDS "VmSwap:\t18446744073709551616 kB\n", -ERANGE },
		{ STATUS_IDS "VmPTE:\t18446744073709551615 kB\nVmPMD:\t1 kB\n", -ERANGE },
		{ STATUS_IDS "CapEff:\t00000000000000000001ffffffffffffffff\n", -ERANGE },
		{ STATUS_IDS "SigPnd:\tnone\n", -EINVAL },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct parsed_status status = { .pid = -7 };
		assert_int_equal(parse_task_status(text_of_str(cases[i].bytes), &status), cases[i].error);
		assert_int_equal(status.pid, -7);
	}
}

static void the_cgroup_is_that_of_the_memory_controller(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		const char *path;
	} cases[] = {
		{ "0::/system.slice/app.service\n", "/system.slice/app.service" },
		{ "0::/\n", "/" },
		{ "9:name=systemd:/s\n4:memory:/m\n0::/u\n", "/m" },
		{ "0::/u\n3:cpu,memory,pids:/joint\n", "/joint" },
		{ "2:memory:/a:b::c\n", "/a:b::c" },
		{ "4:memory_x,notmemory:/m\n0::/u", "/u" },
		{ "0::/gone (deleted)\n", "/gone (deleted)" },
		{ "9:name=systemd:/s\n", NULL },
		{ "4:memory:\n", NULL },
		{ "0:memory", NULL },
		{ "1:cpu:/0::/no\n", NULL },
		{ "", NULL },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct text path = TEXT("untouched");
		int r = parse_task_cgroup(text_of_str(cases[i].bytes), &path);
		assert_int_equal(r, cases[i].path ? 0 : -ENOENT);
		assert_true(text_is(path, cases[i].path ? cases[i].path : "untouched"));
	}
}

static void small_numbers_are_checked(void **state)
{
	(void)state;
	int32_t value = 99;
	assert_int_equal(parse_task_number(TEXT("-1000\n"), &value), 0);
	assert_int_equal(value, -1000);
	assert_int_equal(parse_task_number(TEXT("1333\n"), &value), 0);
	assert_int_equal(value, 1333);
	assert_int_equal(parse_task_number(TEXT("\n"), &value), -EINVAL);
	assert_int_equal(parse_task_number(TEXT("1 2\n"), &value), -EINVAL);
	assert_int_equal(parse_task_number(TEXT("2147483648"), &value), -ERANGE);
	assert_int_equal(value, 1333);
	uint64_t pages = 99;
	assert_int_equal(parse_task_statm(TEXT("2384120 786030 7020 220 0 1192060 0\n"), &pages), 0);
	assert_int_equal(pages, 7020);
	assert_int_equal(parse_task_statm(TEXT("2384120 786030"), &pages), -EINVAL);
	assert_int_equal(pages, 7020);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_is_split_at_the_last_parenthesis),
		cmocka_unit_test(stat_may_end_after_the_rss),
		cmocka_unit_test(broken_stat_is_refused_and_touches_nothing),
		cmocka_unit_test(status_is_read_on_every_generation_of_kernels),
		cmocka_unit_test(broken_status_is_refused_and_touches_nothing),
		cmocka_unit_test(the_cgroup_is_that_of_the_memory_controller),
		cmocka_unit_test(small_numbers_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
