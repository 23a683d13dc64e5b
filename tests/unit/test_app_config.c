/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "config.h"

struct warnings {
	unsigned n;
	struct diag last;
};

static void keep(const struct diag *diag, void *context)
{
	struct warnings *warnings = context;
	warnings->n++;
	warnings->last = *diag;
}

static struct warnings parse(struct config *config, const char *text)
{
	struct warnings warnings = { 0 };
	config_parse(text_of_str(text), "cfg", config, keep, &warnings);
	return warnings;
}

static enum action action_of(const struct config *config, const char *name)
{
	struct key key;
	assert_int_equal(key_parse(text_of_str(name), &key), 0);
	return keymap_action(&config->keymap, key);
}

static void every_setting_is_read(void **state)
{
	(void)state;
	struct config c;
	config_default(&c);
	struct warnings w = parse(&c, "# comment\n"
				      "\n"
				      " # comment\n"
				      "delay = 0.5\n"
				      "  sort=-pid\r\n"
				      "columns = pid, oom_score_adj\n"
				      "theme = light\n"
				      "units = mib\n"
				      "ascii = yes\n"
				      "protect-memory = no\n"
				      "color = off\n"
				      "kernel-threads = true\n"
				      "command-line = 1\n"
				      "tree = on\n"
				      "key.quit = x ^C\n"
				      "key.filter = #");
	assert_int_equal(w.n, 0);
	assert_true(c.delay_s == 0.5);
	assert_string_equal(c.sort.field, "pid");
	assert_int_equal(c.sort.order, ORDER_ASCENDING);
	assert_string_equal(c.columns, "pid, oom_score_adj");
	assert_string_equal(c.theme, "light");
	assert_int_equal(c.units, UNITS_MIB);
	assert_true(c.protect && !c.protect_memory && c.protect_oom_score);
	assert_true(c.ascii && !c.color && c.kernel_threads && c.command_line && c.tree);
	assert_int_equal(action_of(&c, "x"), ACT_QUIT);
	assert_int_equal(action_of(&c, "^C"), ACT_QUIT);
	assert_int_equal(action_of(&c, "q"), ACT_IGNORE);
	assert_int_equal(action_of(&c, "#"), ACT_FILTER);
}

static void a_line_without_sense_warns_with_its_place_and_is_skipped(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		const char *want;
	} cases[] = {
		{ "delay = fast", "delay: 'fast' is not a number of seconds from 0.1 to 3600; the line is skipped" },
		{ "delay =", "delay: '' is not a number of seconds from 0.1 to 3600; the line is skipped" },
		{ "dellay = 1", "unknown setting 'dellay'; the line is skipped" },
		{ "iterations = 3", "unknown setting 'iterations'; the line is skipped" },
		{ "delay = 5 # slow",
		  "delay: '5 # slow' is not a number of seconds from 0.1 to 3600; the line is skipped" },
		{ "units = 2", "units: '2' is not one of human, kib, mib or pages; the line is skipped" },
		{ "columns = pid shoe-size",
		  "columns: 'shoe-size' is not a column, or stands there twice; the line is skipped" },
		{ "sort = shoe-size", "sort: 'shoe-size' is not a column; the line is skipped" },
		{ "ascii = maybe", "ascii: 'maybe' is neither yes nor no; the line is skipped" },
		{ "theme = ../x", "theme: '../x' is not a name of letters, digits, '.', '_' and '-'; the line is skipped" },
		{ "just words", "is not of the form key = value; the line is skipped" },
		{ "= 3", "is not of the form key = value; the line is skipped" },
		{ "key.explode = x", "unknown action 'explode'; the line is skipped" },
		{ "\033]0;evil\007 = 1", "unknown setting '?]0;evil?'; the line is skipped" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct config c, untouched;
		config_default(&c);
		untouched = c;
		char text[128];
		snprintf(text, sizeof text, "tree = no\n%s\ntree = yes\n", cases[i].line);
		struct warnings w = parse(&c, text);
		assert_int_equal(w.n, 1);
		assert_string_equal(w.last.file, "cfg");
		assert_int_equal(w.last.line, 2);
		assert_string_equal(w.last.text, cases[i].want);
		/* The line after it counts again. */
		assert_true(c.tree);
		assert_true(c.delay_s == untouched.delay_s && c.units == untouched.units && c.ascii == untouched.ascii);
		assert_string_equal(c.theme, untouched.theme);
		assert_int_equal(action_of(&c, "q"), ACT_QUIT);
	}
}

static void an_unknown_key_name_changes_no_binding(void **state)
{
	(void)state;
	struct config c;
	config_default(&c);
	struct warnings w = parse(&c, "key.quit = F99\n");
	assert_int_equal(w.n, 1);
	assert_int_equal(action_of(&c, "q"), ACT_QUIT);
}

static void bytes_of_no_meaning_never_do_more_than_warn(void **state)
{
	(void)state;
	struct config c;
	config_default(&c);
	static const char bytes[] = "delay = 1\0\n\xff\xfe = \x80\nkey. = \nkey.quit = a\0b\n\n==\n";
	struct warnings w = { 0 };
	config_parse(text_of(bytes, sizeof bytes - 1), "cfg", &c, keep, &w);
	assert_int_equal(w.n, 5);
	assert_true(c.delay_s == 2.0);
	assert_int_equal(action_of(&c, "q"), ACT_QUIT);
	/* Nobody to warn is fine too. */
	config_parse(text_of(bytes, sizeof bytes - 1), "cfg", &c, NULL, NULL);
}

static void what_is_written_reads_back_the_same(void **state)
{
	(void)state;
	struct config c, back;
	config_default(&c);
	struct warnings w = parse(&c, "delay = 0.125\nsort = +rss\ncolumns = pid,oom_score_adj\ntheme = mono\nunits = pages\n"
				      "color = no\nascii = yes\ntree = yes\nkernel-threads = yes\ncommand-line = yes\n"
				      "key.quit = x\nkey.units =\nkey.filter = # F4\n");
	assert_int_equal(w.n, 0);
	for (unsigned round = 0; round < 2; round++) {
		struct out out;
		out_init(&out);
		config_write(&c, &out);
		assert_int_equal(out.error, 0);
		config_default(&back);
		w = (struct warnings){ 0 };
		config_parse(text_of(out.bytes, out.len), "written", &back, keep, &w);
		out_done(&out);
		assert_int_equal(w.n, 0);
		assert_true(back.delay_s == c.delay_s);
		assert_string_equal(back.sort.field, c.sort.field);
		assert_int_equal(back.sort.order, c.sort.order);
		assert_string_equal(back.columns, c.columns);
		assert_string_equal(back.theme, c.theme);
		assert_int_equal(back.units, c.units);
		assert_true(back.color == c.color && back.ascii == c.ascii && back.tree == c.tree);
		assert_true(back.kernel_threads == c.kernel_threads && back.command_line == c.command_line);
		for (unsigned a = ACT_IGNORE + 1; a < ACT__COUNT; a++) {
			char ours[256], theirs[256];
			keymap_keys(&c.keymap, (enum action)a, ours, sizeof ours);
			keymap_keys(&back.keymap, (enum action)a, theirs, sizeof theirs);
			assert_string_equal(ours, theirs);
		}
		/* The second round: nothing was ever changed. */
		config_default(&c);
	}
}

static void a_moved_key_stays_moved_when_written(void **state)
{
	(void)state;
	struct config c, back;
	config_default(&c);
	/* 'q' leaves quit for help: help stands before quit in the file. */
	assert_int_equal(parse(&c, "key.help = q h\n").n, 0);
	struct out out;
	out_init(&out);
	config_write(&c, &out);
	config_default(&back);
	config_parse(text_of(out.bytes, out.len), "written", &back, NULL, NULL);
	out_done(&out);
	assert_int_equal(action_of(&back, "q"), ACT_HELP);
	assert_int_equal(action_of(&back, "h"), ACT_HELP);
	assert_int_equal(action_of(&back, "F10"), ACT_QUIT);
	assert_int_equal(action_of(&back, "F1"), ACT_IGNORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_is_read),
		cmocka_unit_test(a_line_without_sense_warns_with_its_place_and_is_skipped),
		cmocka_unit_test(an_unknown_key_name_changes_no_binding),
		cmocka_unit_test(bytes_of_no_meaning_never_do_more_than_warn),
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(a_moved_key_stays_moved_when_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
