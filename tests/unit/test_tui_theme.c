/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/tui/theme.h"

#define D THEME_COLOR_DEFAULT

static void assert_style(struct style style, int foreground, int background, unsigned attributes)
{
	assert_int_equal(style.foreground, foreground);
	assert_int_equal(style.background, background);
	assert_int_equal(style.attributes, attributes);
}

static void assert_same(const struct theme *a, const struct theme *b)
{
	for (enum role role = 0; role < ROLE__COUNT; role++) {
		struct style want = b->styles[role];
		assert_style(a->styles[role], want.foreground, want.background, want.attributes);
	}
}

/* The style of ROLE_BAD after parsing a text. */
static struct style parsed(const char *str)
{
	struct theme theme;
	struct diag diag;
	assert_int_equal(theme_parse(text_of_str(str), "t", &theme, &diag), 0);
	return theme.styles[ROLE_BAD];
}

static void colours_and_attributes_are_read(void **state)
{
	(void)state;
	assert_style(parsed("bad = red"), 1, D, 0);
	assert_style(parsed("bad = default white"), D, 7, 0);
	assert_style(parsed("bad=bright-black bright-white bold blink"), 8, 15, THEME_BOLD | THEME_BLINK);
	assert_style(parsed(" \tbad\t=  0   255  dim italic\tunderline reverse \r\n"), 0, 255,
		     THEME_DIM | THEME_ITALIC | THEME_UNDERLINE | THEME_REVERSE);
	assert_style(parsed("bad = bold"), D, D, THEME_BOLD);
	assert_style(parsed("bad = red # and a comment"), 1, D, 0);
	assert_style(parsed("bad = red #"), 1, D, 0);
	assert_style(parsed("# bad = red\n\n \t\n  # x\nbad = blue"), 4, D, 0);
}

static void exact_colours_take_the_nearest_palette_entry(void **state)
{
	(void)state;
	assert_style(parsed("bad = #000000 #ffffff"), 16, 231, 0);
	assert_style(parsed("bad = #ff0000 #5f87AF"), 196, 67, 0);
	assert_style(parsed("bad = #080808 #eeeeee"), 232, 255, 0);
	assert_style(parsed("bad = #fe0101"), 196, D, 0);
}

static void roles_not_named_keep_the_default(void **state)
{
	(void)state;
	struct theme theme, want;
	theme_default(&want);
	assert_int_equal(theme_parse(TEXT(""), "t", &theme, NULL), 0);
	assert_same(&theme, &want);
	assert_int_equal(theme_parse(TEXT("value.denied = 3 4 blink"), "t", &theme, NULL), 0);
	want.styles[ROLE_VALUE_DENIED] = (struct style){ 3, 4, THEME_BLINK };
	assert_same(&theme, &want);
}

static void a_bad_line_is_named_and_the_default_stays(void **state)
{
	(void)state;
	static const struct {
		struct text text;
		unsigned line;
		const char *why;
	} cases[] = {
		{ TEXT("bad = red\nworse = red\n"), 2, "unknown role 'worse'" },
		{ TEXT("bad = crimson"), 1, "'crimson'" },
		{ TEXT("\n\nbad = 256"), 3, "'256'" },
		{ TEXT("bad = -1"), 1, "'-1'" },
		{ TEXT("bad = bright-default"), 1, "'bright-default'" },
		{ TEXT("bad = #ff000"), 1, "'#ff000'" },
		{ TEXT("bad = #ff00000"), 1, "'#ff00000'" },
		{ TEXT("bad = #gg0000"), 1, "'#gg0000'" },
		{ TEXT("bad = red #comment"), 1, "'#comment'" },
		{ TEXT("bad = red blue green"), 1, "unexpected colour 'green'" },
		{ TEXT("bad = red bold green"), 1, "unexpected colour 'green'" },
		{ TEXT("bad ="), 1, "nothing after" },
		{ TEXT("bad = # red"), 1, "nothing after" },
		{ TEXT("bad red"), 1, "no '='" },
		{ TEXT("= red"), 1, "unknown role ''" },
		{ TEXT("bad = red\ngood = 2\nbad = blue"), 3, "set already in line 1" },
		{ TEXT("bad = RED"), 1, "'RED'" },
		{ TEXT("bad = 99999999999999999999999"), 1, "unknown colour" },
	};
	struct theme want;
	theme_default(&want);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct theme theme;
		struct diag diag;
		memset(&theme, 0x55, sizeof theme);
		assert_int_equal(theme_parse(cases[i].text, "my.theme", &theme, &diag), -EINVAL);
		assert_string_equal(diag.file, "my.theme");
		assert_int_equal(diag.line, cases[i].line);
		if (!strstr(diag.text, cases[i].why))
			fail_msg("\"%s\" does not say \"%s\"", diag.text, cases[i].why);
		assert_same(&theme, &want);
	}
}

static struct text read_theme(const char *name, char *buffer, size_t size)
{
	char path[4096];
	const char *srcdir = getenv("srcdir");
	snprintf(path, sizeof path, "%s/themes/%s.theme", srcdir ? srcdir : ".", name);
	FILE *file = fopen(path, "r");
	if (!file)
		fail_msg("cannot open %s", path);
	size_t len = fread(buffer, 1, size, file);
	fclose(file);
	assert_true(len > 0 && len < size);
	return text_of(buffer, len);
}

static void parse_shipped(const char *name, struct theme *theme)
{
	char buffer[16384];
	struct diag diag;
	struct text text = read_theme(name, buffer, sizeof buffer);
	if (theme_parse(text, name, theme, &diag) < 0)
		fail_msg("%s:%u: %s", diag.file, diag.line, diag.text);
	/* It says something of every role. */
	for (enum role role = 0; role < ROLE__COUNT; role++) {
		char line[64];
		snprintf(line, sizeof line, "\n%s = ", role_name(role));
		if (!text_contains_nocase(text, text_of_str(line)))
			fail_msg("%s.theme does not set %s", name, role_name(role));
	}
}

static void the_compiled_in_themes_are_the_shipped_ones(void **state)
{
	(void)state;
	struct theme shipped, compiled;
	parse_shipped("default", &shipped);
	theme_default(&compiled);
	assert_same(&shipped, &compiled);
	parse_shipped("mono", &shipped);
	theme_mono(&compiled);
	assert_same(&shipped, &compiled);
}

static void shipped_themes_keep_apart_what_must_be_told_apart(void **state)
{
	(void)state;
	static const char *const names[] = { "default", "light", "high-contrast", "colorblind", "mono" };
	static const enum role pairs[][2] = {
		{ ROLE_NORMAL, ROLE_VICTIM }, { ROLE_NORMAL, ROLE_CURSOR },	 { ROLE_CURSOR, ROLE_VICTIM },
		{ ROLE_GOOD, ROLE_BAD },      { ROLE_HEADER, ROLE_HEADER_SORT }, { ROLE_VALUE, ROLE_CHANGED },
		{ ROLE_NORMAL, ROLE_ERROR },  { ROLE_NORMAL, ROLE_TAGGED },	 { ROLE_DIALOG, ROLE_INPUT },
	};
	static const int colors[] = { 0, 8, 16, 88, 256 };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct theme theme;
		parse_shipped(names[i], &theme);
		for (size_t c = 0; c < COUNT_OF(colors); c++) {
			if (colors[c] == 0 && theme_has_colors(&theme))
				continue; /* mono stands in */
			for (size_t p = 0; p < COUNT_OF(pairs); p++) {
				struct style a = theme_style_for(theme.styles[pairs[p][0]], colors[c]);
				struct style b = theme_style_for(theme.styles[pairs[p][1]], colors[c]);
				if (a.foreground == b.foreground && a.background == b.background &&
				    a.attributes == b.attributes)
					fail_msg("%s.theme, %d colours: %s looks like %s", names[i], colors[c],
						 role_name(pairs[p][0]), role_name(pairs[p][1]));
			}
			for (enum role role = 0; role < ROLE__COUNT; role++) {
				struct style style = theme_style_for(theme.styles[role], colors[c]);
				if (style.foreground != D && style.foreground == style.background)
					fail_msg("%s.theme, %d colours: %s is invisible", names[i], colors[c],
						 role_name(role));
				/* Many terminals show bold black as dark grey. */
				if (style.foreground == 0 && (style.attributes & THEME_BOLD))
					fail_msg("%s.theme, %d colours: %s is bold black", names[i], colors[c],
						 role_name(role));
			}
		}
	}
}

static struct style made_for(int foreground, int background, unsigned attributes, int colors)
{
	struct style style = { (int16_t)foreground, (int16_t)background, (uint8_t)attributes };
	return theme_style_for(style, colors);
}

static void fewer_colours_show_the_nearest(void **state)
{
	(void)state;
	assert_style(made_for(196, 231, THEME_BOLD, 256), 196, 231, THEME_BOLD);
	assert_style(made_for(196, 231, THEME_BOLD, INT32_MAX), 196, 231, THEME_BOLD);
	assert_style(made_for(196, 16, 0, 16), 9, 0, 0);
	assert_style(made_for(196, 16, 0, 8), 1, 0, THEME_BOLD);
	assert_style(made_for(3, 12, 0, 16), 3, 12, 0);
	assert_style(made_for(3, 12, 0, 8), 3, 4, 0);
	assert_style(made_for(244, D, 0, 8), D, D, THEME_DIM);
	assert_style(made_for(8, 2, 0, 8), 0, 2, 0);
	/* xterm's 88: a cube of four levels, then eight greys. */
	assert_style(made_for(196, 231, 0, 88), 16 + 3 * 16, 16 + 63, 0);
	assert_style(made_for(232, D, 0, 88), 16, D, 0);
	assert_style(made_for(255, D, 0, 88), 87, D, 0);
}

static void without_colours_marks_are_reversed(void **state)
{
	(void)state;
	assert_style(made_for(1, D, THEME_BOLD, 0), D, D, THEME_BOLD);
	assert_style(made_for(0, 6, 0, 0), D, D, THEME_REVERSE);
	assert_style(made_for(0, 6, 0, -1), D, D, THEME_REVERSE);
	assert_style(made_for(D, D, 0, 2), D, D, 0);
}

static void colours_that_fall_together_become_reverse(void **state)
{
	(void)state;
	assert_style(made_for(196, 160, 0, 8), D, D, THEME_REVERSE);
	assert_style(made_for(9, 1, THEME_BOLD, 8), D, D, THEME_BOLD | THEME_REVERSE);
	/* Somebody who asks for it gets it. */
	assert_style(made_for(1, 1, 0, 8), 1, 1, 0);
}

static void every_style_fits_every_palette(void **state)
{
	(void)state;
	static const int colors[] = { 8, 16, 88, 256 };
	for (size_t c = 0; c < COUNT_OF(colors); c++) {
		for (int n = D; n < 256; n++) {
			struct style style = made_for(n, (n + 128) % 256, 0, colors[c]);
			assert_in_range(style.foreground + 1, 0, colors[c]);
			assert_in_range(style.background + 1, 0, colors[c]);
		}
	}
}

static void roles_have_names_of_their_own(void **state)
{
	(void)state;
	for (enum role a = 0; a < ROLE__COUNT; a++)
		for (enum role b = a + 1; b < ROLE__COUNT; b++)
			assert_string_not_equal(role_name(a), role_name(b));
	assert_string_equal(role_name(ROLE_BAR_USED), "bar.used");
	assert_string_equal(role_name(ROLE__COUNT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours_and_attributes_are_read),
		cmocka_unit_test(exact_colours_take_the_nearest_palette_entry),
		cmocka_unit_test(roles_not_named_keep_the_default),
		cmocka_unit_test(a_bad_line_is_named_and_the_default_stays),
		cmocka_unit_test(the_compiled_in_themes_are_the_shipped_ones),
		cmocka_unit_test(shipped_themes_keep_apart_what_must_be_told_apart),
		cmocka_unit_test(fewer_colours_show_the_nearest),
		cmocka_unit_test(without_colours_marks_are_reversed),
		cmocka_unit_test(colours_that_fall_together_become_reverse),
		cmocka_unit_test(every_style_fits_every_palette),
		cmocka_unit_test(roles_have_names_of_their_own),
	};
	return cmocka_run_group_tests_name("tui/theme", tests, NULL, NULL);
}
