/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/knob/knob.h"

static void every_sysctl_is_named_explained_and_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < SYSCTL__COUNT; i++) {
		const struct sysctl_info *info = &sysctl_table[i];
		assert_string_equal(info->name, sysctl_names[i]);
		assert_true(strlen(info->meaning) > 40);
		assert_true(info->meaning[strlen(info->meaning) - 1] == '.');
		assert_non_null(info->unit);
		assert_true(info->min < info->max);
		if (info->kernel_default != INT64_MIN)
			assert_true(info->kernel_default >= info->min && info->kernel_default <= info->max);
	}
}

static void every_choice_is_in_range_and_means_something(void **state)
{
	(void)state;
	for (int i = 0; i < SYSCTL__COUNT; i++) {
		const struct sysctl_info *info = &sysctl_table[i];
		assert_true((info->choices == NULL) == (info->nchoices == 0));
		for (unsigned c = 0; c < info->nchoices; c++) {
			assert_true(info->choices[c].value >= info->min && info->choices[c].value <= info->max);
			assert_string_equal(sysctl_value_meaning((enum sysctl_id)i, info->choices[c].value),
					    info->choices[c].meaning);
		}
	}
}

static void ranges_and_defaults_are_the_kernels(void **state)
{
	(void)state;
	static const struct {
		enum sysctl_id id;
		int64_t min, max, kernel_default;
	} rows[] = {
		{ SYSCTL_PANIC_ON_OOM, 0, 2, 0 },
		{ SYSCTL_OOM_KILL_ALLOCATING_TASK, INT32_MIN, INT32_MAX, 0 },
		{ SYSCTL_OOM_DUMP_TASKS, INT32_MIN, INT32_MAX, 1 },
		{ SYSCTL_OVERCOMMIT_MEMORY, 0, 2, 0 },
		{ SYSCTL_OVERCOMMIT_RATIO, 0, INT32_MAX, 50 },
		{ SYSCTL_OVERCOMMIT_KBYTES, 0, INT64_MAX, 0 },
		{ SYSCTL_ADMIN_RESERVE_KBYTES, 0, INT64_MAX, INT64_MIN },
		{ SYSCTL_USER_RESERVE_KBYTES, 0, INT64_MAX, INT64_MIN },
		{ SYSCTL_MIN_FREE_KBYTES, 0, INT32_MAX, INT64_MIN },
		{ SYSCTL_WATERMARK_SCALE_FACTOR, 1, 3000, 10 },
		{ SYSCTL_SWAPPINESS, 0, 200, 60 },
		{ SYSCTL_PANIC, INT32_MIN, INT32_MAX, 0 },
	};
	assert_int_equal(COUNT_OF(rows), SYSCTL__COUNT);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t min, max;
		sysctl_range(rows[i].id, "6.1.0", &min, &max);
		assert_true(min == rows[i].min && max == rows[i].max);
		assert_true(sysctl_table[rows[i].id].kernel_default == rows[i].kernel_default);
	}
}

static void older_kernels_take_less(void **state)
{
	(void)state;
	static const struct {
		enum sysctl_id id;
		const char *release;
		int64_t max;
	} rows[] = {
		{ SYSCTL_SWAPPINESS, "5.7.14-generic", 100 },     { SYSCTL_SWAPPINESS, "4.19.0", 100 },
		{ SYSCTL_SWAPPINESS, "5.8.1", 200 },              { SYSCTL_SWAPPINESS, "5.10-rc1", 200 },
		{ SYSCTL_SWAPPINESS, "10.1", 200 },               { SYSCTL_SWAPPINESS, "strange", 200 },
		{ SYSCTL_SWAPPINESS, "", 200 },                   { SYSCTL_SWAPPINESS, "5.", 200 },
		{ SYSCTL_WATERMARK_SCALE_FACTOR, "5.10.7", 1000 }, { SYSCTL_WATERMARK_SCALE_FACTOR, "5.15.85", 3000 },
		{ SYSCTL_PANIC_ON_OOM, "2.6.32", 2 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t min, max;
		sysctl_range(rows[i].id, rows[i].release, &min, &max);
		assert_int_equal(max, rows[i].max);
	}
}

static void numbers_without_choices_have_words_too(void **state)
{
	(void)state;
	assert_non_null(strstr(sysctl_value_meaning(SYSCTL_PANIC, 0), "hang"));
	assert_string_equal(sysctl_value_meaning(SYSCTL_PANIC, -1), "reboot at once");
	assert_non_null(strstr(sysctl_value_meaning(SYSCTL_PANIC, 30), "seconds"));
	assert_string_equal(sysctl_value_meaning(SYSCTL_OOM_KILL_ALLOCATING_TASK, -7),
			    sysctl_value_meaning(SYSCTL_OOM_KILL_ALLOCATING_TASK, 1));
	assert_non_null(strstr(sysctl_value_meaning(SYSCTL_PANIC_ON_OOM, 2), "container"));
	assert_string_equal(sysctl_value_meaning(SYSCTL_PANIC_ON_OOM, 3), "");
	assert_string_equal(sysctl_value_meaning(SYSCTL_MIN_FREE_KBYTES, 65536), "");
}

static void signals_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(knob_signal_name(9), "KILL");
	assert_string_equal(knob_signal_name(15), "TERM");
	assert_null(knob_signal_name(0));
	assert_null(knob_signal_name(-1));
	assert_null(knob_signal_name(64));
	assert_null(knob_signal_name(100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sysctl_is_named_explained_and_in_order),
		cmocka_unit_test(every_choice_is_in_range_and_means_something),
		cmocka_unit_test(ranges_and_defaults_are_the_kernels),
		cmocka_unit_test(older_kernels_take_less),
		cmocka_unit_test(numbers_without_choices_have_words_too),
		cmocka_unit_test(signals_have_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
