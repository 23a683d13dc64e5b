/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <locale.h>
#include <wchar.h>

#include "width.h"

static void each_character_has_its_width(void **state)
{
	(void)state;
	static const struct {
		uint32_t code;
		int width;
	} cases[] = {
		{ 0, -1 },	  { '\n', -1 },     { 0x1f, -1 },     { ' ', 1 },	  { '~', 1 },
		{ 0x7f, -1 },	  { 0x80, -1 },	    { 0x9f, -1 },     { 0xa0, 1 },	  { 0xe4, 1 },
		{ 0x2ff, 1 },	  { 0x300, 0 },	    { 0x36f, 0 },     { 0x370, 1 },	  { 0x378, -1 },
		{ 0x200b, 0 },	  { 0x200d, 0 },    { 0x202e, 0 },    { 0x2500, 1 },	  { 0x3042, 2 },
		{ 0x6f22, 2 },	  { 0xac00, 2 },    { 0xd7a3, 2 },    { 0xd800, -1 },	  { 0xdfff, -1 },
		{ 0xe000, 1 },	  { 0xff01, 2 },    { 0xffff, -1 },   { 0x1f600, 2 },	  { 0x20000, 2 },
		{ 0x10fffd, 1 },  { 0x10ffff, -1 }, { 0x110000, -1 }, { 0x40000301, -1 }, { UINT32_MAX, -1 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (code_width(cases[i].code) != cases[i].width)
			fail_msg("U+%04X: %d cells, not %d", cases[i].code, code_width(cases[i].code), cases[i].width);
	}
}

/* Releases differ: characters are new, and a few have changed. */
static void widths_are_those_of_the_c_library(void **state)
{
	(void)state;
	uint32_t both = 0, apart = 0;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (uint32_t code = 0x20; code < 0x110000; code++) {
		int ours = code_width(code), theirs = wcwidth((wchar_t)code);
		both += ours >= 0 && theirs >= 0;
		apart += ours >= 0 && theirs >= 0 && ours != theirs;
	}
	assert_true(both > 200000);
	assert_in_range(apart, 0, both / 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_character_has_its_width),
		cmocka_unit_test(widths_are_those_of_the_c_library),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
