/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The list of kills. malloc is wrapped in the program itself, to fail.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/klog/event.h"

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static size_t too_large = SIZE_MAX; /* from this on there is no memory */

void *__wrap_malloc(size_t size)
{
	return size >= too_large ? NULL : __real_malloc(size);
}

static int setup(void **state)
{
	struct events *events = calloc(1, sizeof *events);
	assert_non_null(events);
	events_init(events);
	*state = events;
	return 0;
}

static int teardown(void **state)
{
	too_large = SIZE_MAX;
	events_done(*state);
	free(*state);
	return 0;
}

static struct text explanation_of(const struct events *events, uint32_t i)
{
	return events_explanation(events, i);
}

static void add(struct events *events, const char *victim, const char *explanation)
{
	struct event event = { .live = true, .logged = true };
	snprintf(event.victim, sizeof event.victim, "%s", victim);
	events_add(events, &event, text_of_str(explanation));
}

static const char *victim_of(const struct events *events, uint32_t i)
{
	static struct event event;
	events_get(events, i, &event);
	return event.victim;
}

static void the_list_keeps_the_last_and_counts_all(void **state)
{
	struct events *events = *state;
	struct event first, last;
	for (int i = 0; i < EVENTS_MAX + 10; i++) {
		struct event event = { .live = i >= 2, .foretold = i % 2 ? FORETOLD_RIGHT : FORETOLD_WRONG };
		events_add(events, &event, text_of_str("text"));
	}
	events_get(events, 0, &first);
	events_get(events, events->n - 1, &last);
	assert_int_equal(events->n, EVENTS_MAX);
	assert_int_equal(events->total, EVENTS_MAX + 10);
	assert_int_equal(first.number, 11);
	assert_int_equal(last.number, EVENTS_MAX + 10);
	assert_int_equal(events->scored, EVENTS_MAX + 8);
	assert_int_equal(events->right, EVENTS_MAX / 2 + 4);
}

static void all_that_is_said_of_a_kill_is_kept(void **state)
{
	struct events *events = *state;
	struct event event, kept;
	for (unsigned filled = 0; filled < 2; filled++) {
		/* The longest texts, and none. */
		memset(&event, 0, sizeof event);
		memset(event.clock, 'c', filled ? sizeof event.clock - 1 : 0);
		memset(event.victim, 'v', filled ? sizeof event.victim - 1 : 0);
		memset(event.scope, 's', filled ? sizeof event.scope - 1 : 0);
		memset(event.points, 'p', filled ? sizeof event.points - 1 : 0);
		memset(event.because, 'b', filled ? sizeof event.because - 1 : 0);
		event.number = filled + 1;
		event.live = event.has_points = filled;
		event.logged = event.has_time = !filled;
		event.realtime_ns = INT64_MIN + 1 + filled;
		event.others = UINT32_MAX - filled;
		event.rank = 7 + filled;
		event.foretold = FORETOLD_WRONG;
		events_add(events, &event, text_of_str("1. java (7) was killed.\n"));
		events_get(events, filled, &kept);
		assert_string_equal(kept.clock, event.clock);
		assert_string_equal(kept.victim, event.victim);
		assert_string_equal(kept.scope, event.scope);
		assert_string_equal(kept.points, event.points);
		assert_string_equal(kept.because, event.because);
		assert_int_equal(kept.number, event.number);
		assert_int_equal(kept.live, event.live);
		assert_int_equal(kept.logged, event.logged);
		assert_int_equal(kept.has_time, event.has_time);
		assert_int_equal(kept.has_points, event.has_points);
		assert_int_equal(kept.realtime_ns, event.realtime_ns);
		assert_int_equal(kept.others, event.others);
		assert_int_equal(kept.rank, event.rank);
		assert_int_equal(kept.foretold, event.foretold);
		assert_true(text_is(explanation_of(events, filled), "1. java (7) was killed.\n"));
	}
}

static void an_explanation_is_cut_at_its_bound(void **state)
{
	struct events *events = *state;
	static char text[EXPLANATION_MAX + 100];
	for (size_t i = 0; i + 1 < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	add(events, "x", text);
	assert_true(text_equal(explanation_of(events, 0), text_of(text, EXPLANATION_MAX)));
	add(events, "x", "");
	assert_int_equal(explanation_of(events, 1).len, 0);
}

static void without_memory_for_it_only_the_explanation_is_missing(void **state)
{
	struct events *events = *state;
	too_large = 200;
	add(events, "java (7)", "Hm, 0123456789, ABCDEFGHIJKLMNOPQRSTUVWXYZ, zyxwvutsrqponmlkjihgfedcba, 9876543210, ZYXWVUTSRQPONMLKJIHGFEDCBA, "
				"+-*/+-%&/()=?!, <><<>>|<><|, 1029384756, qpwoeirutyalskdjfhgmznxbcv, QPWOEIRUTYALSKDJFHGMZNXBCV");
	assert_string_equal(victim_of(events, 0), "java (7)");
	assert_int_equal(explanation_of(events, 0).len, 0);
}

static void without_any_memory_the_newest_are_kept(void **state)
{
	struct events *events = *state;
	add(events, "first (1)", "1.\n");
	add(events, "second (2)", "2.\n");
	too_large = 0;
	add(events, "third (3)", "3.\n");
	assert_int_equal(events->n, 3); /* in the room that was spared for it */
	assert_string_equal(victim_of(events, 2), "third (3)");
	add(events, "fourth (4)", "4.\n");
	assert_int_equal(events->n, 1);
	assert_string_equal(victim_of(events, 0), "fourth (4)");
	assert_int_equal(events->total, 4);
	too_large = SIZE_MAX;
	for (int i = 0; i < EVENTS_MAX; i++)
		add(events, "later (5)", "5.\n");
	assert_false(events->spare_used);
	assert_string_equal(victim_of(events, 0), "later (5)");
	assert_true(text_is(explanation_of(events, EVENTS_MAX - 1), "5.\n"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_list_keeps_the_last_and_counts_all),
		TEST(all_that_is_said_of_a_kill_is_kept),
		TEST(an_explanation_is_cut_at_its_bound),
		TEST(without_memory_for_it_only_the_explanation_is_missing),
		TEST(without_any_memory_the_newest_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
