/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "oomsight/snapshot/node.h"
#include "unit.h"

static void lists_are_read_and_written_back(void **state)
{
	(void)state;
	static const struct {
		const char *list, *back;
		int error;
	} cases[] = {
		{ "0", "0", 0 },
		{ "0-1", "0-1", 0 },
		{ "1,0", "0-1", 0 },
		{ "0-3,8,1022-1023", "0-3,8,1022-1023", 0 },
		{ "", "", 0 },
		{ "1024", NULL, -ERANGE },
		{ "0-1024", NULL, -ERANGE },
		{ "3-1", NULL, -EINVAL },
		{ "0,", NULL, -EINVAL },
		{ ",0", NULL, -EINVAL },
		{ "0-", NULL, -EINVAL },
		{ "-1", NULL, -EINVAL },
		{ "0-1-2", NULL, -EINVAL },
		{ "x", NULL, -EINVAL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct nodeset set;
		char back[64];
		memset(&set, 0xff, sizeof set);
		int r = nodeset_parse(text_of_str(cases[i].list), &set);
		assert_int_equal(r, cases[i].error);
		if (r == 0)
			assert_string_equal(nodeset_format(&set, back, sizeof back), cases[i].back);
		else
			assert_true(nodeset_has(&set, 5)); /* untouched */
	}
}

static void a_long_list_is_cut_between_pieces(void **state)
{
	(void)state;
	struct nodeset set = { { 0 } };
	char small[8];
	for (uint32_t node = 0; node < NODES_MAX; node += 2)
		nodeset_add(&set, node);
	assert_string_equal(nodeset_format(&set, small, sizeof small), "0,2,4,6");
	assert_string_equal(nodeset_format(&set, small, 1), "");
}

static void sets_meet_and_hold_each_other(void **state)
{
	(void)state;
	struct nodeset low, high, both, none = { { 0 } };
	assert_int_equal(nodeset_parse(TEXT("0-1"), &low), 0);
	assert_int_equal(nodeset_parse(TEXT("700"), &high), 0);
	assert_int_equal(nodeset_parse(TEXT("1,700"), &both), 0);
	assert_true(nodeset_intersects(&low, &both));
	assert_true(nodeset_intersects(&high, &both));
	assert_false(nodeset_intersects(&low, &high));
	assert_false(nodeset_intersects(&low, &none));
	assert_true(nodeset_is_within(&high, &both));
	assert_false(nodeset_is_within(&both, &high));
	assert_true(nodeset_is_within(&none, &low));
	assert_true(nodeset_is_empty(&none));
	assert_false(nodeset_is_empty(&high));
	assert_false(nodeset_has(&both, NODES_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_and_written_back),
		cmocka_unit_test(a_long_list_is_cut_between_pieces),
		cmocka_unit_test(sets_meet_and_hold_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
