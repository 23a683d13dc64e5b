/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <locale.h>
#include <math.h>

#include "oomsight/base/out.h"

/* Compare what was written, then empty the buffer for the next case. */
static void assert_out(struct out *out, const char *want)
{
	assert_int_equal(out->error, 0);
	out_char(out, '\0');
	assert_string_equal(out->bytes, want);
	assert_int_equal(out->len, strlen(want) + 1);
	out_clear(out);
}

static void pieces_follow_each_other(void **state)
{
	(void)state;
	struct out out;
	out_init(&out);
	out_str(&out, "a");
	out_text(&out, TEXT(""));
	out_text(&out, TEXT("bc"));
	out_str(&out, NULL);
	out_char(&out, '!');
	out_printf(&out, " %d %s", -7, "x");
	assert_out(&out, "abc! -7 x");
	out_done(&out);
}

static void the_buffer_grows_over_every_size_and_is_kept(void **state)
{
	(void)state;
	struct out out;
	out_init(&out);
	for (int i = 0; i < 100000; i++)
		out_printf(&out, "%06d", i);
	assert_int_equal(out.error, 0);
	assert_int_equal(out.len, 600000);
	assert_memory_equal(out.bytes + 6 * 4095, "004095", 6);
	assert_memory_equal(out.bytes + 6 * 99999, "099999", 6);
	size_t capacity = out.capacity;
	out_clear(&out);
	assert_int_equal(out.len, 0);
	assert_int_equal(out.capacity, capacity);
	out_done(&out);
	assert_null(out.bytes);
}

static void one_piece_may_be_longer_than_all_before(void **state)
{
	(void)state;
	struct out out;
	out_init(&out);
	char *longer = malloc(20001);
	assert_non_null(longer);
	memset(longer, 'x', 20000);
	longer[20000] = '\0';
	out_printf(&out, "<%s>", longer);
	assert_int_equal(out.len, 20002);
	assert_int_equal(out.bytes[0], '<');
	assert_int_equal(out.bytes[20001], '>');
	free(longer);
	out_done(&out);
}

static void an_error_stays_until_the_buffer_is_cleared(void **state)
{
	(void)state;
	struct out out;
	out_init(&out);
	out_str(&out, "kept");
	out.error = -ENOMEM;
	out_str(&out, "dropped");
	out_printf(&out, "%d", 1);
	out_u64(&out, 1);
	assert_int_equal(out.len, 4);
	assert_int_equal(out.error, -ENOMEM);
	out_clear(&out);
	out_str(&out, "again");
	assert_out(&out, "again");
	out_done(&out);
}

static void an_impossible_size_is_an_error_not_a_crash(void **state)
{
	(void)state;
	struct out out;
	out_init(&out);
	out_text(&out, text_of("x", SIZE_MAX / 2 + 1));
	assert_int_equal(out.error, -ENOMEM);
	assert_int_equal(out.len, 0);
	out_done(&out);
}

static void whole_numbers_reach_both_ends(void **state)
{
	(void)state;
	struct out out;
	out_init(&out);
	out_u64(&out, 0);
	out_char(&out, ' ');
	out_u64(&out, UINT64_MAX);
	out_char(&out, ' ');
	out_i64(&out, INT64_MIN);
	out_char(&out, ' ');
	out_i64(&out, INT64_MAX);
	out_char(&out, ' ');
	out_i64(&out, -1);
	assert_out(&out, "0 18446744073709551615 -9223372036854775808 9223372036854775807 -1");
	out_done(&out);
}

static void decimals_are_rounded_and_never_the_locales(void **state)
{
	(void)state;
	static const struct {
		double value;
		int decimals;
		const char *want;
	} cases[] = {
		{ 0.0, 0, "0" },
		{ 0.0, 2, "0.00" },
		{ -0.0, 1, "0.0" },
		{ -0.04, 1, "0.0" },
		{ -0.06, 1, "-0.1" },
		{ 0.05, 2, "0.05" },
		{ 12.345, 1, "12.3" },
		{ 9.99, 1, "10.0" },
		{ -1234.5678, 3, "-1234.568" },
		{ 1e18, 2, "1000000000000000000.00" },
		{ 1e22, 1, "10000000000000000000000.0" },
		{ -1e22, 0, "-10000000000000000000000" },
		{ (double)UINT64_MAX, 0, "18446744073709551616" },
		{ HUGE_VAL, 2, "0" },
		{ -HUGE_VAL, 2, "0" },
		{ NAN, 2, "0" },
	};
	/* A comma locale shows what leans on printf; without one on this host
	 * the C locale is as good as it gets. */
	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
		setlocale(LC_NUMERIC, "de_DE");
	struct out out;
	out_init(&out);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		out_fixed(&out, cases[i].value, cases[i].decimals);
		assert_out(&out, cases[i].want);
	}
	out_done(&out);
	setlocale(LC_NUMERIC, "C");
}

static void foreign_text_cannot_act_on_a_terminal(void **state)
{
	(void)state;
	static const struct {
		struct text raw;
		const char *want;
	} cases[] = {
		{ { "", 0 }, "" },
		{ { "java", 4 }, "java" },
		{ { "a b(c)", 6 }, "a b(c)" },
		{ { "\x1b[2J", 4 }, "\\x1b[2J" },
		{ { "a\nb\tc\r", 6 }, "a\\x0ab\\x09c\\x0d" },
		{ { "\0\x7f", 2 }, "\\x00\\x7f" },
		{ { "C:\\x", 4 }, "C:\\x5cx" },
		{ { "\xff\xc3", 2 }, "\\xff\\xc3" },
		{ { "\xc3\xa9\xe4\xb8\xad", 5 }, "\xc3\xa9\xe4\xb8\xad" },
		{ { "\xc2\x9b" "2J", 4 }, "\\xc2\\x9b2J" },         /* C1 CSI */
		{ { "\x9b" "2J", 3 }, "\\x9b2J" },                   /* the same, not UTF-8 */
		{ { "a\xe2\x80\xae" "b", 5 }, "a\\xe2\\x80\\xaeb" }, /* right-to-left override */
		{ { "\xc0\x9b", 2 }, "\\xc0\\x9b" },                 /* overlong ESC */
	};
	struct out out;
	out_init(&out);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		out_safe(&out, cases[i].raw);
		assert_out(&out, cases[i].want);
	}
	out_done(&out);
}

static void json_strings_are_always_valid(void **state)
{
	(void)state;
	static const struct {
		struct text raw;
		const char *want;
	} cases[] = {
		{ { "", 0 }, "\"\"" },
		{ { "java", 4 }, "\"java\"" },
		{ { "a\"b\\c/", 6 }, "\"a\\\"b\\\\c/\"" },
		{ { "\0\n\x1f\x7f", 4 }, "\"\\u0000\\u000a\\u001f\\u007f\"" },
		{ { "\xc3\xa9\xf0\x9f\x98\x80", 6 }, "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ { "\xff" "A\xe4\xb8", 4 }, "\"\xef\xbf\xbd" "A\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ { "\xed\xa0\x80", 3 }, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ { "\xc2\x9b\xe2\x80\xa8", 5 }, "\"\\u009b\\u2028\"" },
	};
	struct out out;
	out_init(&out);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		out_json_string(&out, cases[i].raw);
		assert_out(&out, cases[i].want);
	}
	out_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_follow_each_other),
		cmocka_unit_test(the_buffer_grows_over_every_size_and_is_kept),
		cmocka_unit_test(one_piece_may_be_longer_than_all_before),
		cmocka_unit_test(an_error_stays_until_the_buffer_is_cleared),
		cmocka_unit_test(an_impossible_size_is_an_error_not_a_crash),
		cmocka_unit_test(whole_numbers_reach_both_ends),
		cmocka_unit_test(decimals_are_rounded_and_never_the_locales),
		cmocka_unit_test(foreign_text_cannot_act_on_a_terminal),
		cmocka_unit_test(json_strings_are_always_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
