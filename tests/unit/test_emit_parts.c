/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <time.h>

#include "../../src/emit/parts.h"
#include "make_snapshot.h"

static void instants_are_utc_with_milliseconds(void **state)
{
	(void)state;
	static const struct {
		int64_t ns;
		const char *want;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 999999, "1970-01-01T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 951782400000000000, "2000-02-29T00:00:00.000Z" },
		{ 951868799999000000, "2000-02-29T23:59:59.999Z" },
		{ 951868800000000000, "2000-03-01T00:00:00.000Z" },
		{ 1709164800000000000, "2024-02-29T00:00:00.000Z" },
		{ 1735689599123456789, "2024-12-31T23:59:59.123Z" },
		{ 4107542400000000000, "2100-03-01T00:00:00.000Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145Z" },
	};
	char buf[INSTANT_BUFFER];
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(instant_format_ms(cases[i].ns, buf), cases[i].want);
}

static void every_day_is_the_c_librarys_day(void **state)
{
	(void)state;
	for (int64_t day = -106000; day < 106000; day++) {
		char ours[INSTANT_BUFFER], theirs[INSTANT_BUFFER];
		time_t seconds = (time_t)(day * 86400 + 43210);
		struct tm tm;
		assert_non_null(gmtime_r(&seconds, &tm));
		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
		assert_string_equal(instant_format_ms((int64_t)seconds * 1000000000, ours), theirs);
	}
}

static void a_task_starts_after_boot(void **state)
{
	(void)state;
	struct snapshot snap;
	/* Booted at 22:13:20 the day before. */
	MAKE_SNAPSHOT(&snap, 1000, 0, { .pid = 5, .start = 199 });
	struct task *task = made_task(&snap, 5);
	char buf[INSTANT_BUFFER];
	assert_string_equal(instant_task_start(&snap, task, buf), "2023-11-13T22:13:21Z");
	snap.realtime_ns += 10000000;
	assert_string_equal(instant_task_start(&snap, task, buf), "2023-11-13T22:13:22Z");
	task->start_ticks = UINT64_MAX;
	assert_null(instant_task_start(&snap, task, buf));
	task->start_ticks = 0;
	snap.boottime_ns = UINT64_MAX;
	assert_null(instant_task_start(&snap, task, buf));
	snap.boottime_ns = INT64_MAX;
	snap.realtime_ns = INT64_MIN;
	assert_null(instant_task_start(&snap, task, buf));
	snap.boottime_ns = 0;
	snap.realtime_ns = 0;
	assert_string_equal(instant_task_start(&snap, task, buf), "1970-01-01T00:00:00Z");
	snap.ticks_per_s = 0;
	assert_null(instant_task_start(&snap, task, buf));
	snap.ticks_per_s = 100;
	task->group_state[TASK_STAT] = FACT_DENIED;
	assert_null(instant_task_start(&snap, task, buf));
	snapshot_done(&snap);
}

static void memory_in_use_is_what_free_says(void **state)
{
	(void)state;
	struct snapshot snap;
	make_snapshot(&snap, 0, 0, NULL, 0);
	struct system_facts *sys = &snap.system;
	make_fact(&snap, SYS_MEM_TOTAL, 25276510208);
	make_fact(&snap, SYS_MEM_AVAILABLE, 24921731072);
	make_fact(&snap, SYS_MEM_FREE, 24654438400);
	assert_int_equal(memory_used(sys).state, FACT_KNOWN);
	assert_true(memory_used(sys).value == 354779136);
	/* A container's meminfo that makes no sense must not wrap. */
	make_fact(&snap, SYS_MEM_AVAILABLE, 25276510209);
	assert_true(memory_used(sys).value == 25276510208 - 24654438400);
	make_fact(&snap, SYS_MEM_FREE, UINT64_MAX);
	assert_true(memory_used(sys).value == 0);
	sys->state[SYS_MEM_AVAILABLE] = FACT_ABSENT;
	assert_int_not_equal(memory_used(sys).state, FACT_KNOWN);
	make_fact(&snap, SYS_SWAP_TOTAL, 10);
	make_fact(&snap, SYS_SWAP_FREE, 11);
	assert_true(swap_used(sys).value == 0);
	sys->state[SYS_SWAP_FREE] = FACT_UNKNOWN;
	assert_int_not_equal(swap_used(sys).state, FACT_KNOWN);
	make_fact(&snap, SYS_BUFFERS, 1);
	make_fact(&snap, SYS_CACHED, 2);
	assert_int_not_equal(memory_buff_cache(sys).state, FACT_KNOWN);
	make_fact(&snap, SYS_SRECLAIMABLE, 4);
	assert_true(memory_buff_cache(sys).value == 7);
	make_fact(&snap, SYS_CACHED, UINT64_MAX);
	assert_int_not_equal(memory_buff_cache(sys).state, FACT_KNOWN);
	snapshot_done(&snap);
}

static void rss_is_the_one_people_know_where_it_was_read(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, 1000, 0, MADE_KTHREAD, { .pid = 5, .rss = 100, .precise = 110, .pgt = 3 });
	struct task *task = made_task(&snap, 5);
	assert_true(task_size(&snap, task, TASK_SIZE_RSS).value == 110 * 4096);
	assert_true(task_size(&snap, task, TASK_SIZE_PGTABLES).value == 3 * 4096);
	task->group_state[TASK_MM] = FACT_UNKNOWN;
	assert_int_equal(task_size(&snap, task, TASK_SIZE_RSS).state, FACT_KNOWN);
	assert_true(task_size(&snap, task, TASK_SIZE_RSS).value == 100 * 4096);
	assert_int_equal(task_size(&snap, task, TASK_SIZE_SWAP).state, FACT_UNKNOWN);
	task->group_state[TASK_STAT] = FACT_DENIED;
	assert_int_equal(task_size(&snap, task, TASK_SIZE_RSS).state, FACT_DENIED);
	task = made_task(&snap, 2);
	assert_int_equal(task_size(&snap, task, TASK_SIZE_RSS).state, FACT_KNOWN);
	assert_true(task_size(&snap, task, TASK_SIZE_RSS).value == 0);
	assert_int_equal(task_size(&snap, task, TASK_SIZE_SWAP).state, FACT_ABSENT);
	snapshot_done(&snap);
}

static void a_user_without_a_name_is_a_number(void **state)
{
	(void)state;
	struct labels labels;
	char digits[USER_DIGITS];
	struct task task = { .uid = UINT32_MAX };
	labels_init(&labels, 2);
	labels_add_user(&labels, 0, TEXT("root"));
	assert_string_equal(task_user(&labels, &task, digits), "");
	task.group_state[TASK_STATUS] = FACT_KNOWN;
	assert_string_equal(task_user(&labels, &task, digits), "4294967295");
	assert_string_equal(task_user(NULL, &task, digits), "4294967295");
	task.uid = 0;
	assert_string_equal(task_user(&labels, &task, digits), "root");
	labels_done(&labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instants_are_utc_with_milliseconds),
		cmocka_unit_test(every_day_is_the_c_librarys_day),
		cmocka_unit_test(a_task_starts_after_boot),
		cmocka_unit_test(memory_in_use_is_what_free_says),
		cmocka_unit_test(rss_is_the_one_people_know_where_it_was_read),
		cmocka_unit_test(a_user_without_a_name_is_a_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
