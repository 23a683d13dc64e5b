/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the terminal sends, as an emulated terminal (libvterm) shows it: it must
 * be the frame, cell by cell.
 */
#include "unit.h"

#include <vterm.h>

#include "oomsight/tui/term.h"
#include "pty.h"

enum { ROWS = 24, COLUMNS = 80 };

static struct pty pty;
static struct frame frame;
static struct theme theme;
static struct term *term;
static VTerm *emulator;
static VTermScreen *screen;
static bool cursor_visible, alternate, no_color;

static int set_property(VTermProp property, VTermValue *value, void *user)
{
	(void)user;
	if (property == VTERM_PROP_CURSORVISIBLE)
		cursor_visible = value->boolean;
	if (property == VTERM_PROP_ALTSCREEN)
		alternate = value->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = set_property };

static int setup(void **state)
{
	(void)state;
	unsetenv("LINES");
	unsetenv("COLUMNS");
	frame_init(&frame);
	theme_default(&theme);
	emulator = vterm_new(ROWS, COLUMNS);
	vterm_set_utf8(emulator, 1);
	screen = vterm_obtain_screen(emulator);
	cursor_visible = true;
	alternate = no_color = false;
	vterm_screen_set_callbacks(screen, &callbacks, NULL);
	vterm_screen_enable_altscreen(screen, 1);
	vterm_screen_reset(screen, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (pty_open(&pty, ROWS, COLUMNS) < 0)
		return -1;
	return frame_resize(&frame, ROWS, COLUMNS);
}

static int teardown(void **state)
{
	(void)state;
	term_close(term);
	term = NULL;
	vterm_free(emulator);
	frame_done(&frame);
	pty_close(&pty);
	return 0;
}

static void open_term(const char *name)
{
	struct diag diag;
	setenv("TERM", name, 1);
	term = term_open_on(pty.program, pty.program, &theme, false, false, &diag);
	if (!term)
		fail_msg("TERM=%s: %s", name, diag.text);
}

/* Pass on what has been written. */
static void emulate(void)
{
	static char bytes[1 << 17];
	long n = pty_read(&pty, bytes, sizeof bytes);
	assert_in_range(n, 0, sizeof bytes);
	vterm_input_write(emulator, bytes, (size_t)n);
}

static VTermScreenCell cell_at(int row, int column)
{
	VTermScreenCell cell;
	assert_int_equal(vterm_screen_get_cell(screen, (VTermPos){ row, column }, &cell), 1);
	return cell;
}

/* The emulated screen as frame_dump() writes a frame. */
static char *dump_screen(void)
{
	struct frame seen;
	int rows, columns;
	vterm_get_size(emulator, &rows, &columns);
	frame_init(&seen);
	assert_int_equal(frame_resize(&seen, (uint16_t)rows, (uint16_t)columns), 0);
	for (int row = 0; row < rows; row++) {
		for (int column = 0; column < columns; column++) {
			uint32_t code = cell_at(row, column).chars[0];
			if (code == UINT32_MAX) /* behind a wide one */
				code = 0;
			else if (code == 0)
				code = ' ';
			seen.cells[row * columns + column].code = code & CELL_CODE_MASK;
		}
	}
	char *dump = frame_dump(&seen, false);
	frame_done(&seen);
	return dump;
}

static bool is_color(VTermColor color, int want)
{
	if (want == THEME_COLOR_DEFAULT)
		return VTERM_COLOR_IS_DEFAULT_FG(&color) || VTERM_COLOR_IS_DEFAULT_BG(&color);
	return VTERM_COLOR_IS_INDEXED(&color) && color.indexed.idx == want;
}

/* Of a blank only the ground is seen. */
static bool looks_so(VTermScreenCell cell, struct style style, bool blank, bool can_underline)
{
	bool reverse = style.attributes & THEME_REVERSE;
	if (!is_color(cell.bg, style.background) || cell.attrs.reverse != reverse ||
	    (can_underline && (cell.attrs.underline != 0) != ((style.attributes & THEME_UNDERLINE) != 0)))
		return false;
	return (blank && !reverse) ||
	       (is_color(cell.fg, style.foreground) && cell.attrs.bold == ((style.attributes & THEME_BOLD) != 0));
}

static void compare_looks(const char *what, unsigned step)
{
	struct theme shown = theme;
	/* Its colours and underlining exclude each other. */
	bool can_underline = strcmp(getenv("TERM"), "linux") != 0;
	if (term_colors(term) == 0)
		theme_mono(&shown);
	for (int row = 0; row < frame.rows; row++) {
		for (int column = 0; column < frame.columns; column++) {
			struct cell cell = frame.cells[row * frame.columns + column];
			struct style style = theme_style_for(shown.styles[cell.role], term_colors(term));
			if (cell.code != 0 && !looks_so(cell_at(row, column), style, cell.code == ' ', can_underline))
				fail_msg("%s, step %u: row %d, column %d does not look %s", what, step, row, column,
					 role_name((enum role)cell.role));
		}
	}
}

static void show_and_compare(bool redraw, const char *what, unsigned step)
{
	assert_int_equal(term_show(term, &frame, redraw), 0);
	emulate();
	char *want = frame_dump(&frame, false);
	char *got = dump_screen();
	if (strcmp(want, got) != 0)
		fail_msg("%s, step %u\n---- the frame\n%s---- the screen\n%s", what, step, want, got);
	free(want);
	free(got);
	if (!no_color)
		compare_looks(what, step);
	VTermPos cursor;
	vterm_state_get_cursorpos(vterm_obtain_state(emulator), &cursor);
	if (frame.cursor_row >= 0) {
		assert_int_equal(cursor.row, frame.cursor_row);
		assert_int_equal(cursor.col, frame.cursor_column);
		assert_true(cursor_visible);
	}
}

static const char *const terminals[] = { "xterm-256color", "xterm", "linux", "screen", "vt100" };

static void draw_everything(void)
{
	struct pane pane = frame_pane(&frame);
	pane_box(pane, ROLE_DIALOG, "\u6f22\u5b57 title");
	for (int role = 0; role < ROLE__COUNT; role++)
		pane_printf(pane, 1 + role % 20, 2 + 30 * (role / 20), (enum role)role,
			    "%2d %s \u00e4\u2588\u6f22\U0001f600", role, role_name((enum role)role));
	/* The corner where a terminal would scroll. */
	pane_str(pane, ROWS - 1, COLUMNS - 1, ROLE_BAD, "X");
}

static void every_terminal_shows_the_frame(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(terminals); i++) {
		vterm_screen_reset(screen, 1);
		open_term(terminals[i]);
		draw_everything();
		frame.cursor_row = 5;
		frame.cursor_column = 7;
		show_and_compare(false, terminals[i], 0);
		frame_clear(&frame);
		show_and_compare(false, terminals[i], 1);
		draw_everything();
		show_and_compare(true, terminals[i], 2);
		term_close(term);
		term = NULL;
		frame_clear(&frame);
		emulate();
	}
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 16;
}

/* Some changes at random places, wide characters above all. */
static void scribble(uint32_t *seed)
{
	static const char *const pieces[] = {
		"\u6f22\u5b57\u6f22\u5b57", "plain text", "x", "\u6f22", "        ", "a\u6f22b\u5b57c", "\U0001f600\U0001f600",
		"\u00e4\u00f6\u00fc", "||||####....", "                                        ",
	};
	struct pane pane = frame_pane(&frame);
	unsigned n = next_random(seed) % 12;
	for (unsigned i = 0; i < n; i++) {
		int row = (int)(next_random(seed) % ROWS);
		int column = (int)(next_random(seed) % (COLUMNS + 4)) - 4;
		pane_str(pane, row, column, (enum role)(next_random(seed) % ROLE__COUNT),
			 pieces[next_random(seed) % COUNT_OF(pieces)]);
		pane_role(pane, (int)(next_random(seed) % ROWS), (int)(next_random(seed) % COLUMNS),
			  (int)(next_random(seed) % COLUMNS), (enum role)(next_random(seed) % ROLE__COUNT));
	}
	bool hidden = next_random(seed) % 2;
	frame.cursor_row = hidden ? -1 : (int16_t)(next_random(seed) % ROWS);
	frame.cursor_column = hidden ? -1 : (int16_t)(next_random(seed) % COLUMNS);
}

static void any_change_arrives_wholly(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(terminals); i++) {
		uint32_t seed = 42 + (uint32_t)i;
		vterm_screen_reset(screen, 1);
		open_term(terminals[i]);
		for (unsigned step = 0; step < 200; step++) {
			scribble(&seed);
			show_and_compare(step % 50 == 49, terminals[i], step);
		}
		term_close(term);
		term = NULL;
		emulate();
	}
}

static void roles_look_as_the_theme_says(void **state)
{
	(void)state;
	theme.styles[ROLE_BAD] = (struct style){ 196, 17, THEME_BOLD };
	theme.styles[ROLE_GOOD] = (struct style){ 2, THEME_COLOR_DEFAULT, THEME_UNDERLINE };
	theme.styles[ROLE_CURSOR] = (struct style){ 0, 6, 0 };
	open_term("xterm-256color");
	pane_str(frame_pane(&frame), 0, 0, ROLE_BAD, "bad");
	pane_str(frame_pane(&frame), 1, 0, ROLE_GOOD, "good");
	pane_str(frame_pane(&frame), 2, 0, ROLE_CURSOR, "cursor");
	pane_str(frame_pane(&frame), 3, 0, ROLE_NORMAL, "normal");
	show_and_compare(false, "colours", 0);
	VTermScreenCell bad = cell_at(0, 1), good = cell_at(1, 1), cursor = cell_at(2, 1), normal = cell_at(3, 1);
	assert_true(VTERM_COLOR_IS_INDEXED(&bad.fg) && bad.fg.indexed.idx == 196);
	assert_true(VTERM_COLOR_IS_INDEXED(&bad.bg) && bad.bg.indexed.idx == 17);
	assert_true(bad.attrs.bold && !bad.attrs.underline);
	assert_true(VTERM_COLOR_IS_INDEXED(&good.fg) && good.fg.indexed.idx == 2);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&good.bg));
	assert_true(good.attrs.underline && !good.attrs.bold);
	assert_true(cursor.fg.indexed.idx == 0 && cursor.bg.indexed.idx == 6);
	assert_true(VTERM_COLOR_IS_DEFAULT_FG(&normal.fg) && VTERM_COLOR_IS_DEFAULT_BG(&normal.bg));

	/* Another theme, and none at all, while running. */
	theme.styles[ROLE_BAD] = (struct style){ 21, THEME_COLOR_DEFAULT, 0 };
	term_theme(term, &theme, false);
	show_and_compare(false, "colours", 1);
	bad = cell_at(0, 1);
	assert_int_equal(bad.fg.indexed.idx, 21);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&bad.bg) && !bad.attrs.bold);
	term_theme(term, &theme, true);
	no_color = true;
	show_and_compare(false, "colours", 2);
	bad = cell_at(0, 1);
	cursor = cell_at(2, 1);
	assert_true(VTERM_COLOR_IS_DEFAULT_FG(&bad.fg) && bad.attrs.bold && bad.attrs.underline);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&cursor.bg) && cursor.attrs.reverse);
}

static void without_colours_the_mono_theme_stands_in(void **state)
{
	(void)state;
	open_term("vt100");
	pane_str(frame_pane(&frame), 0, 0, ROLE_CURSOR, "cursor");
	pane_str(frame_pane(&frame), 1, 0, ROLE_VICTIM, "victim");
	show_and_compare(false, "vt100", 0);
	VTermScreenCell cursor = cell_at(0, 0), victim = cell_at(1, 0);
	assert_true(cursor.attrs.reverse && !victim.attrs.reverse);
	assert_true(victim.attrs.bold && victim.attrs.underline);
	assert_true(VTERM_COLOR_IS_DEFAULT_FG(&victim.fg));
}

static void what_is_not_utf8_is_never_sent(void **state)
{
	(void)state;
	char bytes[4096];
	struct diag diag;
	setenv("TERM", "xterm", 1);
	term = term_open_on(pty.program, pty.program, &theme, false, true, &diag);
	assert_non_null(term);
	pane_str(frame_pane(&frame), 0, 0, ROLE_NORMAL, "\u00e4\u2588b");
	assert_int_equal(term_show(term, &frame, false), 0);
	long n = pty_read(&pty, bytes, sizeof bytes);
	assert_in_range(n, 1, sizeof bytes);
	for (long i = 0; i < n; i++)
		assert_true((unsigned char)bytes[i] < 0x80);
	vterm_input_write(emulator, bytes, (size_t)n);
	assert_int_equal(cell_at(0, 0).chars[0], '?');
	assert_int_equal(cell_at(0, 1).chars[0], '?');
	assert_int_equal(cell_at(0, 2).chars[0], 'b');
}

static void resizes_are_followed(void **state)
{
	(void)state;
	static const struct {
		uint16_t rows, columns;
	} sizes[] = { { 10, 40 }, { 24, 80 }, { 60, 200 }, { 1, 1 }, { 24, 80 } };
	open_term("xterm-256color");
	draw_everything();
	show_and_compare(false, "resize", 0);
	for (unsigned i = 0; i < COUNT_OF(sizes); i++) {
		uint16_t rows, columns;
		assert_int_equal(pty_resize(&pty, sizes[i].rows, sizes[i].columns), 0);
		vterm_set_size(emulator, sizes[i].rows, sizes[i].columns);
		term_size(term, &rows, &columns);
		assert_int_equal(frame_resize(&frame, rows, columns), 0);
		draw_everything();
		show_and_compare(false, "resize", i + 1);
		term_suspend(term);
		term_resume(term);
		show_and_compare(false, "resize, resumed", i + 1);
	}
}

static void waiting_keys_do_not_put_off_drawing(void **state)
{
	(void)state;
	open_term("xterm-256color");
	show_and_compare(false, "keys", 0);
	assert_int_equal(pty_type(&pty, "some keys", 9), 0);
	draw_everything();
	show_and_compare(false, "keys", 1);
}

static void the_screen_before_comes_back(void **state)
{
	(void)state;
	static const char shell[] = "$ oomsight";
	vterm_input_write(emulator, shell, sizeof shell - 1);
	open_term("xterm-256color");
	draw_everything();
	show_and_compare(false, "start", 0);
	assert_true(alternate && !cursor_visible);

	term_suspend(term);
	emulate();
	assert_true(!alternate && cursor_visible);
	assert_int_equal(cell_at(0, 2).chars[0], 'o');
	term_resume(term);
	show_and_compare(false, "resumed", 1);
	assert_true(alternate && !cursor_visible);

	struct term_rescue rescue;
	term_get_rescue(term, &rescue);
	vterm_input_write(emulator, rescue.bytes, rescue.len);
	assert_true(!alternate && cursor_visible);
	assert_int_equal(cell_at(0, 2).chars[0], 'o');

	term_close(term);
	term = NULL;
	emulate();
	assert_true(!alternate && cursor_visible);
	assert_int_equal(cell_at(0, 2).chars[0], 'o');
	VTermPos cursor;
	vterm_input_write(emulator, "z", 1);
	vterm_state_get_cursorpos(vterm_obtain_state(emulator), &cursor);
	VTermScreenCell typed = cell_at(cursor.row, cursor.col - 1);
	assert_int_equal(typed.chars[0], 'z');
	assert_true(!typed.attrs.bold && !typed.attrs.reverse && VTERM_COLOR_IS_DEFAULT_FG(&typed.fg));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_terminal_shows_the_frame),
		TEST(any_change_arrives_wholly),
		TEST(roles_look_as_the_theme_says),
		TEST(without_colours_the_mono_theme_stands_in),
		TEST(what_is_not_utf8_is_never_sent),
		TEST(resizes_are_followed),
		TEST(waiting_keys_do_not_put_off_drawing),
		TEST(the_screen_before_comes_back),
	};
	return cmocka_run_group_tests_name("tui/term on a screen", tests, NULL, NULL);
}
