/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/tui/frame.h"

static struct frame frame;

static int setup(void **state)
{
	(void)state;
	frame_init(&frame);
	return frame_resize(&frame, 3, 10);
}

static int teardown(void **state)
{
	(void)state;
	frame_done(&frame);
	return 0;
}

static void assert_frame(const char *want)
{
	char *dump = frame_dump(&frame, false);
	assert_non_null(dump);
	assert_string_equal(dump, want);
	free(dump);
}

static void assert_frame_with_roles(const char *want)
{
	char *dump = frame_dump(&frame, true);
	assert_non_null(dump);
	assert_string_equal(dump, want);
	free(dump);
}

static void a_new_size_is_blank_without_cursor(void **state)
{
	(void)state;
	pane_str(frame_pane(&frame), 0, 0, ROLE_BAD, "text");
	frame.cursor_row = 1;
	assert_int_equal(frame_resize(&frame, 2, 4), 0);
	assert_frame_with_roles("\n\n\n\n");
	assert_int_equal(frame.cursor_row, -1);
	assert_int_equal(frame.rows, 2);
	assert_int_equal(frame.columns, 4);
}

static void a_frame_of_no_cells_can_be_drawn_into(void **state)
{
	(void)state;
	assert_int_equal(frame_resize(&frame, 0, 0), 0);
	assert_int_equal(pane_str(frame_pane(&frame), 0, 0, ROLE_BAD, "text"), 0);
	pane_box(frame_pane(&frame), ROLE_DIALOG, "title");
	pane_clear(frame_pane(&frame), ROLE_BAD);
	assert_frame("");
	assert_int_equal(frame_resize(&frame, 3, 0), 0);
	assert_int_equal(pane_str(frame_pane(&frame), 1, -1, ROLE_BAD, "\u6f22"), 0);
	assert_frame("\n\n\n");
}

static void foreign_text_is_made_safe(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		const char *want;
	} cases[] = {
		{ "plain", "plain" },
		{ "\033[2J\033]0;x\a", "?[2J?]0;x?" },
		{ "a\tb\nc\rd", "a b c d" },
		{ "\x7f\x01", "??" },
		{ "\xc2\x9b" "2J", "?2J" },           /* C1: CSI in one character */
		{ "\xff\xfe" "a", "??a" },            /* no UTF-8 at all */
		{ "\xc0\xaf", "??" },                 /* overlong */
		{ "\xed\xa0\x80", "???" },            /* a surrogate */
		{ "a\xe6\xbc", "a??" },               /* cut short */
		{ "e\xcc\x81" "x", "ex" },            /* a combining accent */
		{ "a\xe2\x80\xae" "b", "ab" },        /* right-to-left override */
		{ "a\xe2\x80\x8d" "b", "ab" },        /* zero-width joiner */
		{ "\xe6\xbc\xa2\xe5\xad\x97", "\xe6\xbc\xa2\xe5\xad\x97" },
		{ "\xf4\x8f\xbf\xbf" "x", "?x" },     /* no character */
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char want[64];
		frame_clear(&frame);
		int end = pane_str(frame_pane(&frame), 0, 0, ROLE_NORMAL, cases[i].in);
		snprintf(want, sizeof want, "%s\n\n\n", cases[i].want);
		assert_frame(want);
		assert_int_equal(end, frame_text_width(text_of_str(cases[i].in)));
	}
}

static void a_nul_byte_in_a_slice_is_a_control_character(void **state)
{
	(void)state;
	pane_text(frame_pane(&frame), 0, 0, ROLE_NORMAL, text_of("a\0b", 3));
	assert_frame("a?b\n\n\n");
}

static void an_ascii_frame_takes_the_same_cells(void **state)
{
	(void)state;
	frame.ascii = true;
	const char *str = "\u00e4\u6f22e\u0301x";
	assert_int_equal(pane_str(frame_pane(&frame), 0, 0, ROLE_NORMAL, str), 5);
	assert_int_equal(frame_text_width(text_of_str(str)), 5);
	assert_frame("???ex\n\n\n");
}

static void text_is_clipped_on_every_side(void **state)
{
	(void)state;
	struct pane pane = pane_part(frame_pane(&frame), 1, 2, 1, 4);
	assert_int_equal(pane_str(pane, 0, -2, ROLE_NORMAL, "abcdefgh"), 4);
	assert_int_equal(pane_str(pane, -1, 0, ROLE_NORMAL, "no"), 2);
	assert_int_equal(pane_str(pane, 1, 0, ROLE_NORMAL, "no"), 2);
	assert_int_equal(pane_str(pane, 0, 4, ROLE_NORMAL, "no"), 4);
	assert_int_equal(pane_str(pane, 0, 9, ROLE_NORMAL, "no"), 9);
	assert_frame("\n  cdef\n\n");
}

static void a_wide_character_cut_by_a_side_is_a_blank(void **state)
{
	(void)state;
	struct pane pane = pane_part(frame_pane(&frame), 0, 1, 1, 3);
	pane_fill(frame_pane(&frame), 0, 0, 10, '.', ROLE_NORMAL);
	assert_int_equal(pane_str(pane, 0, 0, ROLE_BAD, "\u6f22\u5b57"), 3);
	assert_frame_with_roles(".\u6f22 ......\n III\n\n\n\n\n");
	pane_fill(frame_pane(&frame), 0, 0, 10, '.', ROLE_NORMAL);
	assert_int_equal(pane_str(pane, 0, -1, ROLE_BAD, "\u6f22x"), 2);
	assert_frame_with_roles(". x.......\n II\n\n\n\n\n");
}

static void no_half_of_a_wide_character_survives(void **state)
{
	(void)state;
	struct pane pane = frame_pane(&frame);
	pane_str(pane, 0, 0, ROLE_NORMAL, "\u6f22\u5b57");
	pane_str(pane, 0, 1, ROLE_NORMAL, "x"); /* over a right half */
	pane_str(pane, 1, 0, ROLE_NORMAL, "\u6f22\u5b57");
	pane_str(pane, 1, 2, ROLE_NORMAL, "x"); /* over a left half */
	pane_str(pane, 2, 0, ROLE_NORMAL, "\u6f22\u5b57");
	pane_str(pane, 2, 1, ROLE_NORMAL, "\u5b57"); /* over one half of each */
	assert_frame(" x\u5b57\n\u6f22x\n \u5b57\n");
	assert_int_equal(frame.cells[0].code, ' ');
	assert_int_equal(frame.cells[10 + 3].code, ' ');
	assert_int_equal(frame.cells[20 + 3].code, ' ');
	/* A pane's side is no excuse either. */
	pane_str(pane_part(pane, 1, 1, 1, 1), 0, 0, ROLE_NORMAL, "y");
	assert_int_equal(frame.cells[10].code, ' ');
}

static void right_aligned_text_loses_its_left_side(void **state)
{
	(void)state;
	struct pane pane = frame_pane(&frame);
	pane_right(pane, 0, 6, ROLE_NORMAL, "abc");
	pane_right(pane, 1, 3, ROLE_NORMAL, "abcdef");
	pane_right(pane, 2, 99, ROLE_NORMAL, "abc");
	pane_right(pane, 2, 0, ROLE_NORMAL, "none");
	pane_right(pane, 2, -5, ROLE_NORMAL, "none");
	assert_frame("   abc\ndef\n       abc\n");
}

static void printf_draws_and_cuts_at_its_size(void **state)
{
	(void)state;
	assert_int_equal(pane_printf(frame_pane(&frame), 0, 1, ROLE_VALUE, "%d/%s", 212, "x"), 6);
	assert_frame_with_roles(" 212/x\n EEEEE\n\n\n\n\n");
	assert_int_equal(frame_resize(&frame, 1, 2000), 0);
	assert_int_equal(pane_printf(frame_pane(&frame), 0, 0, ROLE_VALUE, "%1500d", 1), PANE_PRINTF_SIZE - 1);
}

static void fill_takes_only_narrow_printable_characters(void **state)
{
	(void)state;
	struct pane pane = frame_pane(&frame);
	pane_fill(pane, 0, -3, 5, '#', ROLE_NORMAL);
	pane_fill(pane, 0, 8, 50, 0x2588, ROLE_NORMAL);
	pane_fill(pane, 1, 0, 1, 0x6f22, ROLE_NORMAL);
	pane_fill(pane, 1, 1, 1, 0x1b, ROLE_NORMAL);
	pane_fill(pane, 1, 2, 1, 0x301, ROLE_NORMAL);
	pane_fill(pane, 3, 0, 9, 'x', ROLE_NORMAL);
	pane_fill(pane, 2, 5, -1, 'x', ROLE_NORMAL);
	assert_frame("##      \u2588\u2588\n???\n\n");
}

static void roles_change_without_the_text(void **state)
{
	(void)state;
	struct pane pane = frame_pane(&frame);
	pane_str(pane, 1, 0, ROLE_NORMAL, "abc");
	pane_role(pane, 1, 1, 100, ROLE_CURSOR);
	pane_role(pane, 3, 0, 10, ROLE_CURSOR);
	pane_role(pane, 0, -5, 6, ROLE_ERROR);
	assert_frame_with_roles("\na\nabc\n TTTTTTTTT\n\n\n");
}

static void parts_of_panes_never_leave_them(void **state)
{
	(void)state;
	static const int values[] = { INT32_MIN, -1, 0, 1, 2, 9, 10, 11, INT32_MAX };
	struct pane whole = frame_pane(&frame);
	for (size_t a = 0; a < COUNT_OF(values); a++) {
		for (size_t b = 0; b < COUNT_OF(values); b++) {
			struct pane part = pane_part(whole, values[a], values[a], values[b], values[b]);
			assert_in_range(part.row, 0, 3);
			assert_in_range(part.rows, 0, 3 - part.row);
			assert_in_range(part.column, 0, 10);
			assert_in_range(part.columns, 0, 10 - part.column);
			pane_clear(part, ROLE_BAD);
			pane_str(part, values[a], values[b], ROLE_BAD, "ab\u6f22");
			pane_fill(part, values[a], values[b], values[a], 'x', ROLE_BAD);
			pane_box(part, ROLE_BAD, "title");
		}
	}
}

static void boxes_have_lines_and_a_title(void **state)
{
	(void)state;
	pane_box(frame_pane(&frame), ROLE_NORMAL, "Title too long");
	assert_frame("\u250c\u2500 Title\u2500\u2510\n\u2502        \u2502\n"
		     "\u2514\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2518\n");
	frame_clear(&frame);
	frame.ascii = true;
	pane_box(frame_pane(&frame), ROLE_NORMAL, "Ab");
	assert_frame("+- Ab ---+\n|        |\n+--------+\n");
	frame_clear(&frame);
	pane_box(pane_part(frame_pane(&frame), 0, 0, 1, 10), ROLE_NORMAL, "Ab");
	assert_frame("\n\n\n");
}

static void each_role_has_a_letter_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(frame_resize(&frame, 1, ROLE__COUNT), 0);
	for (int role = 0; role < ROLE__COUNT; role++)
		pane_role(frame_pane(&frame), 0, role, 1, (enum role)role);
	char *dump = frame_dump(&frame, true);
	assert_non_null(dump);
	assert_int_equal(strlen(dump), 1 + ROLE__COUNT + 1);
	for (int role = 0; role < ROLE__COUNT; role++)
		assert_ptr_equal(strchr(dump + 1, dump[1 + role]), dump + 1 + role);
	free(dump);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_size_is_blank_without_cursor),
		TEST(a_frame_of_no_cells_can_be_drawn_into),
		TEST(foreign_text_is_made_safe),
		TEST(a_nul_byte_in_a_slice_is_a_control_character),
		TEST(an_ascii_frame_takes_the_same_cells),
		TEST(text_is_clipped_on_every_side),
		TEST(a_wide_character_cut_by_a_side_is_a_blank),
		TEST(no_half_of_a_wide_character_survives),
		TEST(right_aligned_text_loses_its_left_side),
		TEST(printf_draws_and_cuts_at_its_size),
		TEST(fill_takes_only_narrow_printable_characters),
		TEST(roles_change_without_the_text),
		TEST(parts_of_panes_never_leave_them),
		TEST(boxes_have_lines_and_a_title),
		TEST(each_role_has_a_letter_of_its_own),
	};
	return cmocka_run_group_tests_name("tui/frame", tests, NULL, NULL);
}
