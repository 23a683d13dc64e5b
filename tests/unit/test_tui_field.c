/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/tui/field.h"

static struct field field;

static int setup(void **state)
{
	(void)state;
	field_init(&field, FIELD_TEXT);
	return 0;
}

static bool press(uint32_t code)
{
	return field_key(&field, (struct key){ code });
}

static void assert_field(const char *want, size_t cursor)
{
	assert_string_equal(field.bytes, want);
	assert_int_equal(field.len, strlen(want));
	assert_int_equal(field.cursor, cursor);
}

static void characters_go_in_at_the_cursor(void **state)
{
	(void)state;
	assert_true(press('a'));
	assert_true(press('c'));
	assert_false(press(KEY_CODE_LEFT));
	assert_true(press('b'));
	assert_field("abc", 2);
	assert_true(press(0xe4));
	assert_field("ab\u00e4c", 4);
	assert_true(text_is(field_text(&field), "ab\u00e4c"));
}

static void movement_and_deletion_go_by_characters(void **state)
{
	(void)state;
	field_set(&field, "a\u6f22\u00e4");
	assert_field("a\u6f22\u00e4", 6);
	press(KEY_CODE_LEFT);
	press(KEY_CODE_LEFT);
	assert_int_equal(field.cursor, 1);
	assert_true(press(KEY_CODE_DELETE));
	assert_field("a\u00e4", 1);
	press(KEY_CODE_RIGHT);
	assert_int_equal(field.cursor, 3);
	assert_true(press(KEY_CODE_BACKSPACE));
	assert_field("a", 1);
}

static void nothing_happens_at_the_ends(void **state)
{
	(void)state;
	static const uint32_t keys[] = { KEY_CODE_BACKSPACE, KEY_CODE_DELETE, KEY_CODE_LEFT,
					 KEY_CODE_RIGHT,     KEY_CODE_HOME,   KEY_CODE_END,
					 KEY_CODE_CTRL + 'u', KEY_CODE_CTRL + 'w', KEY_CODE_CTRL + 'k' };
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_false(press(keys[i]));
		assert_field("", 0);
	}
	field_set(&field, "ab");
	assert_false(press(KEY_CODE_DELETE));
	assert_false(press(KEY_CODE_RIGHT));
	assert_field("ab", 2);
	press(KEY_CODE_HOME);
	assert_false(press(KEY_CODE_BACKSPACE));
	assert_false(press(KEY_CODE_LEFT));
	assert_field("ab", 0);
}

static void words_and_lines_are_cleared(void **state)
{
	(void)state;
	field_set(&field, "one two  three  ");
	assert_true(press(KEY_CODE_CTRL + 'w'));
	assert_field("one two  ", 9);
	assert_true(press(KEY_CODE_CTRL + 'w'));
	assert_field("one ", 4);
	field_set(&field, "one two");
	press(KEY_CODE_CTRL + 'a');
	press(KEY_CODE_RIGHT);
	assert_true(press(KEY_CODE_CTRL + 'u'));
	assert_field("ne two", 0);
	press(KEY_CODE_RIGHT);
	assert_true(press(KEY_CODE_CTRL + 'k'));
	assert_field("n", 1);
	press(KEY_CODE_HOME);
	press(KEY_CODE_CTRL + 'e');
	assert_field("n", 1);
}

static void other_keys_are_ignored(void **state)
{
	(void)state;
	static const uint32_t keys[] = { KEY_CODE_NONE, KEY_CODE_ENTER, KEY_CODE_ESCAPE, KEY_CODE_TAB,
					 KEY_CODE_F1,   KEY_CODE_UP,    KEY_CODE_RESIZE, KEY_CODE_CTRL + 'x',
					 0x1b,          0x7f,           0x9b,            0x110000 };
	field_set(&field, "ab");
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_false(press(keys[i]));
		assert_field("ab", 2);
	}
}

static void a_full_field_refuses_whole_characters(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_SIZE - 2; i++)
		assert_true(press('x'));
	assert_false(press(0xe4));
	assert_true(press('y'));
	assert_false(press('z'));
	assert_int_equal(field.len, FIELD_SIZE - 1);
	assert_int_equal(field.bytes[field.len], '\0');
	assert_int_equal(field.bytes[field.len - 1], 'y');
}

static void numbers_take_nothing_else(void **state)
{
	(void)state;
	static const struct {
		enum field_accept accept;
		const char *in;
		const char *want;
	} cases[] = {
		{ FIELD_UNSIGNED, "-1 2a3.\u00e44", "1234" },
		{ FIELD_SIGNED, "-1-2a3.4", "-1234" },
		{ FIELD_SIGNED, "1-2", "12" },
		{ FIELD_SIGNED, "--1", "-1" },
		{ FIELD_DECIMAL, "-1.5.2", "1.52" },
		{ FIELD_TEXT, "a\033b\xff\xc2\x9b" "c\n", "abc" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		field_init(&field, cases[i].accept);
		field_set(&field, cases[i].in);
		assert_field(cases[i].want, strlen(cases[i].want));
		assert_int_equal(field.accept, cases[i].accept);
	}
}

static void nothing_goes_before_a_sign(void **state)
{
	(void)state;
	field_init(&field, FIELD_SIGNED);
	field_set(&field, "5");
	press(KEY_CODE_HOME);
	assert_true(press('-'));
	press(KEY_CODE_HOME);
	assert_false(press('-'));
	assert_false(press('1'));
	assert_field("-5", 0);
}

static void a_null_text_is_empty(void **state)
{
	(void)state;
	field_set(&field, "ab");
	field_set(&field, NULL);
	assert_field("", 0);
}

static void drawing_keeps_the_cursor_in_sight(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned left; /* times */
		int columns;
		const char *want;
		int cursor;
	} cases[] = {
		{ "", 0, 5, "[     ]\n", 1 },
		{ "abc", 0, 5, "[abc  ]\n", 4 },
		{ "abcde", 0, 5, "[bcde ]\n", 5 },
		{ "abcde", 1, 5, "[abcde]\n", 5 },
		{ "abcdefgh", 8, 5, "[abcde]\n", 1 },
		{ "abcdefgh", 2, 5, "[cdefg]\n", 5 },
		{ "\u6f22\u5b57\u6f22", 0, 5, "[\u5b57\u6f22 ]\n", 5 },
		{ "\u6f22\u5b57x", 0, 5, "[\u5b57x  ]\n", 4 },
		{ "abc", 0, 1, "[ ]\n", 1 },
	};
	struct frame frame;
	frame_init(&frame);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(frame_resize(&frame, 1, (uint16_t)(cases[i].columns + 2)), 0);
		struct pane pane = frame_pane(&frame);
		pane_str(pane, 0, 0, ROLE_NORMAL, "[");
		pane_str(pane, 0, cases[i].columns + 1, ROLE_NORMAL, "]");
		field_set(&field, cases[i].text);
		for (unsigned n = 0; n < cases[i].left; n++)
			press(KEY_CODE_LEFT);
		field_draw(&field, pane, 0, 1, cases[i].columns, ROLE_INPUT);
		char *dump = frame_dump(&frame, false);
		assert_string_equal(dump, cases[i].want);
		free(dump);
		assert_int_equal(frame.cursor_row, 0);
		assert_int_equal(frame.cursor_column, cases[i].cursor);
	}
	frame.cursor_row = -1;
	field_draw(&field, frame_pane(&frame), 5, 0, 5, ROLE_INPUT);
	field_draw(&field, frame_pane(&frame), 0, 0, 0, ROLE_INPUT);
	assert_int_equal(frame.cursor_row, -1);
	frame_done(&frame);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(characters_go_in_at_the_cursor),
		TEST(movement_and_deletion_go_by_characters),
		TEST(nothing_happens_at_the_ends),
		TEST(words_and_lines_are_cleared),
		TEST(other_keys_are_ignored),
		TEST(a_full_field_refuses_whole_characters),
		TEST(numbers_take_nothing_else),
		TEST(nothing_goes_before_a_sign),
		TEST(a_null_text_is_empty),
		TEST(drawing_keeps_the_cursor_in_sight),
	};
	return cmocka_run_group_tests_name("tui/field", tests, NULL, NULL);
}
