/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kills on screen: the line that tells of one, the list, the explanation.
 */
#include "unit.h"

#include "make_ui.h"

/* Keys, and then a screen of 80x24. Does it show the text? */
static bool shows_after(struct stage *stage, const char *keys, const char *text)
{
	stage_keys(stage, keys);
	stage_draw(stage, 24, 80);
	return stage_shows(stage, text);
}

static void kills_from_before_are_listed_and_not_told(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 1);
	assert_false(shows_after(stage, "", "KILLED"));
	assert_true(shows_after(stage, "E", "mysqld (1200)"));
}

static void a_kill_is_told_on_every_screen_until_it_is_dismissed(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 2);
	assert_true(shows_after(stage, "", "KILLED 22:41:07 java (1804)"));
	assert_true(stage_shows(stage, ": as foretold"));
	stage_draw(stage, 24, 120);
	assert_true(stage_shows(stage, "java (1804) and 2 more by the limit of /system.slice/app.service: as foretold (1 of 1)"));
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, "KILLED java (1804): foretold"));
	assert_true(shows_after(stage, "Down t", "KILLED"));
	assert_true(shows_after(stage, "h", "KILLED"));
	/* Leaving another screen by Escape does not take it away unread. */
	assert_true(shows_after(stage, "Escape", "KILLED"));
	assert_true(shows_after(stage, "a Escape", "KILLED"));
	assert_false(shows_after(stage, "Escape", "KILLED"));
	assert_true(shows_after(stage, "", "oomsight"));
}

static void the_next_kill_is_told_again(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 2);
	stage_keys(stage, "Escape");
	struct event event = { .live = true, .logged = true, .victim = "late (9)", .scope = "on the host", .foretold = FORETOLD_WRONG };
	events_add(&stage->events, &event, text_of("", 0));
	assert_true(shows_after(stage, "", "late (9) on the host: NOT as foretold (1 of 2)"));
}

static void several_unseen_are_counted(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 4);
	stage_draw(stage, 24, 120);
	assert_true(stage_shows(stage, "somebody in /box: no line in the log and 2 before"));
}

static void the_list_begins_at_the_latest_and_stops_at_both_ends(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 4);
	assert_false(shows_after(stage, "E", "KILLED"));
	assert_true(stage_shows(stage, "foretold 1 of 2"));
	assert_true(shows_after(stage, "Up", "by the kernel's counters alone"));
	assert_true(shows_after(stage, "Down", "chrome (400) was foretold"));
	assert_int_equal(stage->ui.event, 3);
	stage_keys(stage, "End Down PageDown");
	assert_int_equal(stage->ui.event, 1);
	stage_keys(stage, "Home");
	assert_int_equal(stage->ui.event, 4);
}

static void the_cursor_of_the_list_stays_with_its_kill(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 4);
	stage_keys(stage, "E Down");
	struct event event = { .live = true, .victim = "late (9)" };
	for (int i = 0; i < EVENTS_MAX - 2; i++)
		events_add(&stage->events, &event, text_of("", 0));
	assert_true(shows_after(stage, "", "chrome (400) was foretold"));
	events_add(&stage->events, &event, text_of("", 0)); /* it falls out of the list */
	stage_keys(stage, "Up Down");
	assert_int_equal(stage->ui.event, 4);
}

static void enter_explains_and_any_other_key_goes_back(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 3);
	assert_true(shows_after(stage, "E End Enter", "1. mysqld (1200) was killed"));
	assert_true(stage_shows(stage, "<- the victim"));
	assert_true(shows_after(stage, "Escape", "FORETOLD"));
	assert_ptr_equal(stage->ui.dialog, NULL);
	assert_true(shows_after(stage, "Escape", "NEXT java"));
}

static void a_kill_without_a_report_says_so(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 4);
	assert_true(shows_after(stage, "E Enter", "There is no report of it"));
}

static void without_kills_the_list_says_so(void **state)
{
	struct stage *stage = *state;
	assert_true(shows_after(stage, "E", "No kill since boot"));
	assert_true(shows_after(stage, "Down Enter End", "No kill since boot"));
	assert_true(shows_after(stage, "q", "NEXT java"));
	stage_events(stage, 0);
	assert_true(shows_after(stage, "E Enter", "from the kernel's log"));
}

/* What stands at its end tells which group it was. */
static void a_long_path_keeps_its_end(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 2);
	stage->frame.ascii = true;
	assert_shown(stage, "java (1804) and 2 more in /system.slice/app.service: as foretold");
	stage_keys(stage, "E");
	assert_shown(stage, "3.20G java (1804) and 2 more in <ce/app.service\n");
}

static void an_explanation_goes_on_beside_its_labels(void **state)
{
	struct stage *stage = *state;
	stage_events(stage, 1);
	stage_keys(stage, "E Enter");
	stage_draw(stage, 10, 40);
	assert_true(stage_shows(stage, "   when       2026-11-20T03:12:45.000Z,\n              kernel 6.1.0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(kills_from_before_are_listed_and_not_told),
		STAGE_TEST(a_kill_is_told_on_every_screen_until_it_is_dismissed),
		STAGE_TEST(the_next_kill_is_told_again),
		STAGE_TEST(several_unseen_are_counted),
		STAGE_TEST(the_list_begins_at_the_latest_and_stops_at_both_ends),
		STAGE_TEST(the_cursor_of_the_list_stays_with_its_kill),
		STAGE_TEST(enter_explains_and_any_other_key_goes_back),
		STAGE_TEST(a_kill_without_a_report_says_so),
		STAGE_TEST(without_kills_the_list_says_so),
		STAGE_TEST(a_long_path_keeps_its_end),
		STAGE_TEST(an_explanation_goes_on_beside_its_labels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
