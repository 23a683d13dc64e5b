/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/base/diag.h"
#include "oomsight/base/text.h"

static void lines_words_and_pieces_are_cut_in_order(void **state)
{
	(void)state;
	struct text rest = TEXT("a  bc\n\nlast"), line, word;
	assert_true(text_next_line(&rest, &line));
	assert_true(text_next_word(&line, &word));
	assert_true(text_is(word, "a"));
	assert_true(text_next_word(&line, &word));
	assert_true(text_is(word, "bc"));
	assert_false(text_next_word(&line, &word));
	assert_true(text_next_line(&rest, &line));
	assert_int_equal(line.len, 0);
	assert_true(text_next_line(&rest, &line));
	assert_true(text_is(line, "last"));
	assert_false(text_next_line(&rest, &line));
}

static void numbers_are_whole_slices_or_errors(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		int base;
		int want_r;
		uint64_t want;
	} cases[] = {
		{ "0", 10, 0, 0 },
		{ "18446744073709551615", 10, 0, UINT64_MAX },
		{ "18446744073709551616", 10, -ERANGE, 7 },
		{ "", 10, -EINVAL, 7 },
		{ "-1", 10, -EINVAL, 7 },
		{ "1 ", 10, -EINVAL, 7 },
		{ "1a", 10, -EINVAL, 7 },
		{ "1a", 16, 0, 26 },
		{ "FFfe", 16, 0, 65534 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint64_t got = 7;
		assert_int_equal(text_to_u64(text_of_str(cases[i].in), cases[i].base, &got), cases[i].want_r);
		assert_true(got == cases[i].want);
	}
	int64_t s = 7;
	assert_int_equal(text_to_i64(TEXT("-9223372036854775808"), &s), 0);
	assert_true(s == INT64_MIN);
	assert_int_equal(text_to_i64(TEXT("9223372036854775808"), &s), -ERANGE);
	assert_true(s == INT64_MIN);
	assert_int_equal(text_to_i64(TEXT("-"), &s), -EINVAL);
	assert_int_equal(text_to_i64(TEXT("+3"), &s), -EINVAL);
}

static void decimals_never_ask_the_locale(void **state)
{
	(void)state;
	double d = 0;
	assert_int_equal(text_to_double(TEXT("0.25"), &d), 0);
	assert_true(d > 0.2499 && d < 0.2501);
	assert_int_equal(text_to_double(TEXT("3600"), &d), 0);
	assert_true(d > 3599.9 && d < 3600.1);
	assert_int_equal(text_to_double(TEXT("0,5"), &d), -EINVAL);
	assert_int_equal(text_to_double(TEXT("."), &d), -EINVAL);
	assert_int_equal(text_to_double(TEXT("1.2.3"), &d), -EINVAL);
}

static void utf8_refuses_what_is_not_utf8(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t want_len;
		uint32_t want;
	} cases[] = {
		{ "A", 1, 'A' },
		{ "\xc3\xa9", 2, 0xe9 },
		{ "\xe4\xb8\xad", 3, 0x4e2d },
		{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "\x80", 0, 0 },             /* a continuation alone */
		{ "\xc3", 0, 0 },             /* cut */
		{ "\xc0\xaf", 0, 0 },         /* overlong */
		{ "\xed\xa0\x80", 0, 0 },     /* surrogate */
		{ "\xf4\x90\x80\x80", 0, 0 }, /* beyond the last code point */
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint32_t code = 0;
		assert_int_equal(text_utf8_decode(text_of_str(cases[i].bytes), &code), cases[i].want_len);
		assert_int_equal(code, cases[i].want);
		if (cases[i].want_len > 0) {
			char back[4];
			assert_int_equal(text_utf8_encode(code, back), cases[i].want_len);
			assert_memory_equal(back, cases[i].bytes, cases[i].want_len);
		}
	}
}

static void copies_are_cut_and_terminated(void **state)
{
	(void)state;
	char dst[4];
	assert_string_equal(text_copy(TEXT("abcdef"), dst, sizeof dst), "abc");
	assert_string_equal(text_copy(TEXT(""), dst, sizeof dst), "");
}

static void search_ignores_ascii_case(void **state)
{
	(void)state;
	assert_true(text_contains_nocase(TEXT("PostgreSQL"), TEXT("gresq")));
	assert_true(text_contains_nocase(TEXT("x"), TEXT("")));
	assert_false(text_contains_nocase(TEXT("x"), TEXT("xy")));
}

static void a_diag_names_file_and_line(void **state)
{
	(void)state;
	struct diag diag;
	char buf[600];
	diag_set(&diag, "themes/x.theme", 3, "unknown role '%s'", "vitcim");
	assert_string_equal(diag_format(&diag, buf, sizeof buf), "themes/x.theme:3: unknown role 'vitcim'");
	diag_set(&diag, NULL, 0, "plain");
	assert_string_equal(diag_format(&diag, buf, sizeof buf), "plain");
	diag_set(NULL, NULL, 0, "nobody listens");
}

static void a_stat_line_is_split_around_its_comm(void **state)
{
	(void)state;
	struct text pid = TEXT("p"), comm = TEXT("c"), rest = TEXT("r");
	static const char *const senseless[] = { "", "5", "5 x) S", "5 (x S", ") (" };
	for (size_t i = 0; i < COUNT_OF(senseless); i++)
		assert_int_equal(text_split_stat(text_of_str(senseless[i]), &pid, &comm, &rest), -EINVAL);
	assert_true(text_is(pid, "p") && text_is(comm, "c") && text_is(rest, "r"));
	assert_int_equal(text_split_stat(TEXT("5 (a) R 1 (b)) S 1"), &pid, &comm, &rest), 0);
	assert_true(text_is(pid, "5") && text_is(comm, "a) R 1 (b)") && text_is(rest, " S 1"));
	assert_int_equal(text_split_stat(TEXT("5 ()"), &pid, &comm, &rest), 0);
	assert_true(comm.len == 0 && rest.len == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stat_line_is_split_around_its_comm),
		cmocka_unit_test(lines_words_and_pieces_are_cut_in_order),
		cmocka_unit_test(numbers_are_whole_slices_or_errors),
		cmocka_unit_test(decimals_never_ask_the_locale),
		cmocka_unit_test(utf8_refuses_what_is_not_utf8),
		cmocka_unit_test(copies_are_cut_and_terminated),
		cmocka_unit_test(search_ignores_ascii_case),
		cmocka_unit_test(a_diag_names_file_and_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
