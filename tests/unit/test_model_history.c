/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The last minutes of the host.
 */
#include "unit.h"

#include "oomsight/model/history.h"

#define STEP HISTORY_STEP_NS

static void a_step_keeps_the_least_of_its_ticks(void **state)
{
	(void)state;
	struct history history = { .last = 0 };
	history_push(&history, 7 * STEP, 500, 1000);
	history_push(&history, 7 * STEP + 2, 31, 1000);
	history_push(&history, 8 * STEP - 1, 900, 1000);
	history_push(&history, 8 * STEP, 700, 1000);
	assert_int_equal(history_at(&history, 0).permille, 700);
	assert_int_equal(history_at(&history, 1).permille, 31);
	assert_false(history_at(&history, 2).known);
}

static void steps_without_a_tick_are_not_known(void **state)
{
	(void)state;
	struct history history = { .last = 0 };
	history_push(&history, 1 * STEP, 100, 1000);
	history_push(&history, 4 * STEP, 200, 1000);
	assert_true(history_at(&history, 0).known && !history_at(&history, 1).known && !history_at(&history, 2).known);
	assert_int_equal(history_at(&history, 3).permille, 100);
	history_push(&history, 4 * STEP, 200, 0); /* what is not known changes nothing */
	assert_int_equal(history_at(&history, 0).permille, 200);
}

static void what_is_older_than_the_ring_is_gone(void **state)
{
	(void)state;
	struct history history = { .last = 0 };
	for (uint64_t i = 0; i < 3 * HISTORY_STEPS; i++)
		history_push(&history, i * STEP, i % 1000, 1000);
	for (uint32_t back = 0; back < HISTORY_STEPS; back++)
		assert_int_equal(history_at(&history, back).permille, (3 * HISTORY_STEPS - 1 - back) % 1000);
	assert_false(history_at(&history, HISTORY_STEPS).known);
	history_push(&history, 9 * HISTORY_STEPS * STEP, 5, 1000); /* a long pause */
	assert_true(history_at(&history, 0).known && !history_at(&history, 1).known);
}

static void kills_stand_in_their_step(void **state)
{
	(void)state;
	struct history history = { .last = 0 };
	history_mark(&history, 0);
	history_mark(&history, 1);
	history_push(&history, STEP, 2000, 1000);
	assert_int_equal(history_at(&history, 0).kills, 0);
	assert_int_equal(history_at(&history, 0).permille, 1000);
	assert_int_equal(history_at(&history, 1).kills, 2);
	assert_false(history_at(&history, 1).known);
	for (int i = 0; i < 300; i++)
		history_mark(&history, STEP);
	assert_int_equal(history_at(&history, 0).kills, 255);
	history_mark(&history, 0); /* a clock that goes back */
	assert_int_equal(history_at(&history, 0).kills, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_keeps_the_least_of_its_ticks),
		cmocka_unit_test(steps_without_a_tick_are_not_known),
		cmocka_unit_test(what_is_older_than_the_ring_is_gone),
		cmocka_unit_test(kills_stand_in_their_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
