/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/base/sort.h"

struct keys {
	const int *key;
	size_t *comparisons;
};

static bool smaller_key(uint32_t a, uint32_t b, const void *context)
{
	const struct keys *keys = context;
	++*keys->comparisons;
	return keys->key[a] < keys->key[b];
}

static void equal_keys_keep_their_order(void **state)
{
	(void)state;
	enum { N = 1000 };
	static int key[N];
	static uint32_t index[N], scratch[N];
	unsigned seed = 12345;
	for (uint32_t i = 0; i < N; i++) {
		seed = seed * 1103515245U + 12345U;
		key[i] = (int)(seed >> 16) % 37;
		index[i] = i;
	}
	size_t comparisons = 0;
	struct keys keys = { key, &comparisons };
	sort_indices(index, scratch, N, smaller_key, &keys);
	for (uint32_t i = 1; i < N; i++) {
		assert_true(key[index[i - 1]] <= key[index[i]]);
		if (key[index[i - 1]] == key[index[i]])
			assert_true(index[i - 1] < index[i]);
	}
}

static void sorted_input_costs_one_pass(void **state)
{
	(void)state;
	int key[100];
	uint32_t index[100], scratch[100], not_in_it[100];
	for (uint32_t i = 0; i < 100; i++) {
		key[i] = (int)i;
		index[i] = i;
		scratch[i] = not_in_it[i] = 1000 + i;
	}
	size_t comparisons = 0;
	struct keys keys = { key, &comparisons };
	assert_false(sort_indices(index, scratch, 100, smaller_key, &keys));
	assert_int_equal(comparisons, 99);
	assert_memory_equal(scratch, not_in_it, sizeof scratch);
	key[99] = 50;
	assert_true(sort_indices(index, scratch, 100, smaller_key, &keys));
	assert_int_equal(index[51], 99);
}

static void none_one_and_reversed_are_fine(void **state)
{
	(void)state;
	size_t comparisons = 0;
	int key[3] = { 3, 2, 1 };
	struct keys keys = { key, &comparisons };
	uint32_t index[3] = { 0, 1, 2 }, scratch[3];
	sort_indices(index, scratch, 0, smaller_key, &keys);
	sort_indices(index, scratch, 1, smaller_key, &keys);
	assert_int_equal(comparisons, 0);
	sort_indices(index, scratch, 3, smaller_key, &keys);
	assert_int_equal(index[0], 2);
	assert_int_equal(index[1], 1);
	assert_int_equal(index[2], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_keys_keep_their_order),
		cmocka_unit_test(sorted_input_costs_one_pass),
		cmocka_unit_test(none_one_and_reversed_are_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
