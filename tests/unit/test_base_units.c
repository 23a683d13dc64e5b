/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/base/units.h"

static void human_sizes_have_three_digits_and_carry(void **state)
{
	(void)state;
	static const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 1023, "1023" },
		{ 1024, "1.00K" },
		{ 10239, "10.0K" },
		{ 1024 * 1000, "0.98M" },
		{ 1023ULL * 1024, "1.00M" },
		{ 3328599654ULL, "3.10G" },
		{ 1ULL << 40, "1.00T" },
		{ UINT64_MAX, "16.0E" },
	};
	char buf[UNITS_BUFFER];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_string_equal(units_human(cases[i].bytes, buf), cases[i].want);
		assert_true(strlen(buf) <= 5);
	}
}

static void signed_sizes_carry_their_sign_and_zero_has_none(void **state)
{
	(void)state;
	char buf[UNITS_BUFFER];
	assert_string_equal(units_human_signed(0, buf), "0");
	assert_string_equal(units_human_signed(2048, buf), "+2.00K");
	assert_string_equal(units_human_signed(-2048, buf), "-2.00K");
	assert_string_equal(units_human_signed(INT64_MIN, buf), "-8.00E");
}

static void counts_use_thousands(void **state)
{
	(void)state;
	char buf[UNITS_BUFFER];
	assert_string_equal(units_count(999, buf), "999");
	assert_string_equal(units_count(1200, buf), "1.20k");
	assert_string_equal(units_count(999999, buf), "1.00M");
}

static void rates_have_two_digits(void **state)
{
	(void)state;
	char buf[UNITS_BUFFER];
	assert_string_equal(units_rate(0, buf), "0");
	assert_string_equal(units_rate(999, buf), "999");
	assert_string_equal(units_rate(1249, buf), "1.2k");
	assert_string_equal(units_rate(9949, buf), "9.9k");
	assert_string_equal(units_rate(9950, buf), "10k");
	assert_string_equal(units_rate(999499, buf), "999k");
	assert_string_equal(units_rate(999500, buf), "1.0M");
	assert_string_equal(units_rate(UINT64_MAX, buf), "18E");
	assert_string_equal(units_rate_bytes(0, buf), "0");
	assert_string_equal(units_rate_bytes(1023, buf), "+1023");
	assert_string_equal(units_rate_bytes(-1536, buf), "-1.5K");
	assert_string_equal(units_rate_bytes(20 * 1048576, buf), "+20M");
	assert_string_equal(units_rate_bytes(INT64_MIN, buf), "-8.0E");
	for (uint64_t value = 1; value < UINT64_MAX / 3; value += value / 2 + 1) {
		assert_true(strlen(units_rate(value, buf)) <= 4);
		assert_true(strlen(units_rate_bytes((int64_t)(value / 2), buf)) <= 5);
	}
}

static void each_unit_names_itself_and_parses_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < UNITS__COUNT; i++) {
		enum units back = UNITS__COUNT;
		assert_int_equal(units_parse(units_name((enum units)i), &back), 0);
		assert_int_equal(back, i);
	}
	enum units untouched = UNITS_MIB;
	assert_int_equal(units_parse("furlongs", &untouched), -EINVAL);
	assert_int_equal(untouched, UNITS_MIB);
}

static void pages_follow_the_page_size_given(void **state)
{
	(void)state;
	char buf[UNITS_BUFFER];
	assert_string_equal(units_bytes(131072, UNITS_PAGES, 4096, buf), "32");
	assert_string_equal(units_bytes(131072, UNITS_PAGES, 65536, buf), "2");
	assert_string_equal(units_bytes(131072, UNITS_KIB, 4096, buf), "128");
	assert_string_equal(units_bytes(1572864, UNITS_MIB, 4096, buf), "1.5");
}

static void spans_pick_two_units(void **state)
{
	(void)state;
	char buf[UNITS_BUFFER];
	assert_string_equal(units_span(14.2, buf), "14 s");
	assert_string_equal(units_span(200, buf), "3 min 20 s");
	assert_string_equal(units_span(840, buf), "14 min");
	assert_string_equal(units_span(18180, buf), "5 h 03 min");
	assert_string_equal(units_span(1047600, buf), "12 d 3 h");
	assert_string_equal(units_span(-1, buf), "0 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(human_sizes_have_three_digits_and_carry),
		cmocka_unit_test(signed_sizes_carry_their_sign_and_zero_has_none),
		cmocka_unit_test(counts_use_thousands),
		cmocka_unit_test(rates_have_two_digits),
		cmocka_unit_test(each_unit_names_itself_and_parses_back),
		cmocka_unit_test(pages_follow_the_page_size_given),
		cmocka_unit_test(spans_pick_two_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
