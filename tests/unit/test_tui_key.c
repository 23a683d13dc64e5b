/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/tui/key.h"

static uint32_t parsed(const char *name)
{
	struct key key = { KEY_CODE_NONE };
	assert_int_equal(key_parse(text_of_str(name), &key), 0);
	return key.code;
}

static void names_are_keys(void **state)
{
	(void)state;
	assert_int_equal(parsed("a"), 'a');
	assert_int_equal(parsed("A"), 'A');
	assert_int_equal(parsed("\\"), '\\');
	assert_int_equal(parsed("^"), '^');
	assert_int_equal(parsed("="), '=');
	assert_int_equal(parsed("F"), 'F');
	assert_int_equal(parsed("\u00e4"), 0xe4);
	assert_int_equal(parsed("Space"), ' ');
	assert_int_equal(parsed("pageup"), KEY_CODE_PAGE_UP);
	assert_int_equal(parsed("F1"), KEY_CODE_F1);
	assert_int_equal(parsed("f12"), KEY_CODE_F12);
	assert_int_equal(parsed("^L"), KEY_CODE_CTRL + 'l');
	assert_int_equal(parsed("^l"), KEY_CODE_CTRL + 'l');
}

static void one_byte_has_one_name(void **state)
{
	(void)state;
	assert_int_equal(parsed("^I"), KEY_CODE_TAB);
	assert_int_equal(parsed("^M"), KEY_CODE_ENTER);
	assert_int_equal(parsed("^J"), KEY_CODE_ENTER);
	assert_int_equal(parsed("^H"), KEY_CODE_BACKSPACE);
}

static void other_names_are_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "",     " ",     "\t",   "\033",     "\x7f", "\xc2\x9b", "F0",   "F13",
					     "F01",  "F-1",   "^[",   "^1",       "^^",   "ab",     "Resize", "Page Up",
					     "\xff", "F1 F2", "^LL", "Spacebar", "Spac", "F99999999999999999999" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct key key = { 'u' };
		assert_int_equal(key_parse(text_of_str(names[i]), &key), -EINVAL);
		assert_int_equal(key.code, 'u');
	}
}

static void every_key_with_a_name_comes_back(void **state)
{
	(void)state;
	unsigned named = 0;
	for (uint32_t code = 0; code < KEY_CODE_F12 + 10; code++) {
		char name[KEY_NAME_SIZE];
		struct key back;
		if (key_to_name((struct key){ code }, name)[0] == '\0')
			continue;
		named++;
		assert_int_equal(key_parse(text_of_str(name), &back), 0);
		bool aliased = strcmp(name, "^I") == 0 || strcmp(name, "^M") == 0 || strcmp(name, "^J") == 0 ||
			       strcmp(name, "^H") == 0;
		if (!aliased)
			assert_int_equal(back.code, code);
	}
	/* Unicode without controls and surrogates, ^A … ^Z, 15 names, F1 … F12. */
	assert_int_equal(named, 0x110000 - 0x20 - 1 - 0x20 - 0x800 + 26 + 15 + 12);
	char name[KEY_NAME_SIZE];
	assert_string_equal(key_to_name((struct key){ KEY_CODE_RESIZE }, name), "");
	assert_string_equal(key_to_name((struct key){ KEY_CODE_F1 + 9 }, name), "F10");
}

static void every_default_key_is_bound_once(void **state)
{
	(void)state;
	struct keymap keymap;
	keymap_default(&keymap);
	unsigned words = 0;
	for (enum action action = ACT_IGNORE + 1; action < ACT__COUNT; action++) {
		struct text keys = text_of_str(action_table[action].keys);
		struct text word;
		while (text_next_word(&keys, &word)) {
			struct key key;
			assert_int_equal(key_parse(word, &key), 0);
			/* A key bound twice would belong to the later action. */
			assert_int_equal(keymap_action(&keymap, key), action);
			words++;
		}
		char names[64];
		assert_string_equal(keymap_keys(&keymap, action, names, sizeof names), action_table[action].keys);
	}
	assert_int_equal(keymap.n, words);
	assert_true(words + ACT__COUNT <= KEYMAP_SIZE);
}

static void actions_have_names_of_their_own(void **state)
{
	(void)state;
	assert_string_equal(action_table[ACT_IGNORE].name, "");
	for (enum action a = ACT_IGNORE + 1; a < ACT__COUNT; a++) {
		assert_true(action_table[a].name[0] != '\0' && action_table[a].help[0] != '\0');
		for (enum action b = a + 1; b < ACT__COUNT; b++)
			assert_string_not_equal(action_table[a].name, action_table[b].name);
	}
}

static void binding_replaces_and_moves_keys(void **state)
{
	(void)state;
	struct keymap keymap;
	struct diag diag;
	char names[64];
	keymap_default(&keymap);
	assert_int_equal(keymap_bind(&keymap, "quit", "x q F10 x", &diag), 0);
	assert_string_equal(keymap_keys(&keymap, ACT_QUIT, names, sizeof names), "q F10 x");
	assert_int_equal(keymap_bind(&keymap, "signal", "q", &diag), 0);
	assert_int_equal(keymap_action(&keymap, (struct key){ 'q' }), ACT_KILL);
	assert_int_equal(keymap_action(&keymap, (struct key){ 'k' }), ACT_IGNORE);
	assert_string_equal(keymap_keys(&keymap, ACT_QUIT, names, sizeof names), "F10 x");
	assert_int_equal(keymap_bind(&keymap, "signal", "", &diag), 0);
	assert_string_equal(keymap_keys(&keymap, ACT_KILL, names, sizeof names), "");
	assert_int_equal(keymap_action(&keymap, (struct key){ KEY_CODE_NONE }), ACT_IGNORE);
}

static void a_refused_binding_changes_nothing(void **state)
{
	(void)state;
	struct keymap keymap, before;
	struct diag diag;
	keymap_default(&keymap);
	before = keymap;
	assert_int_equal(keymap_bind(&keymap, "quit", "x F13", &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "'F13'"));
	assert_int_equal(keymap_bind(&keymap, "flee", "x", &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "'flee'"));
	assert_int_equal(keymap_bind(&keymap, "", "x", NULL), -EINVAL);
	char many[KEYMAP_SIZE * 4 + 8];
	size_t len = 0;
	for (uint32_t code = 0x100; code < 0x100 + KEYMAP_SIZE + 1; code++) {
		len += text_utf8_encode(code, many + len);
		many[len++] = ' ';
	}
	many[len] = '\0';
	assert_int_equal(keymap_bind(&keymap, "quit", many, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "128"));
	assert_int_equal(keymap.n, before.n);
	assert_memory_equal(keymap.bound, before.bound, sizeof keymap.bound);
}

static void names_that_do_not_fit_are_left_out(void **state)
{
	(void)state;
	struct keymap keymap;
	char names[7];
	keymap_default(&keymap);
	assert_string_equal(keymap_keys(&keymap, ACT_HELP, names, 7), "h ? F1");
	assert_string_equal(keymap_keys(&keymap, ACT_HELP, names, 6), "h ?");
	assert_string_equal(keymap_keys(&keymap, ACT_HELP, names, 1), "");
}

/* Feed bytes, flush, and write the names of the keys. */
static void decode(const char *bytes, size_t len, char *dst, size_t size)
{
	struct key_decoder decoder = { 0 };
	size_t used = 0;
	dst[0] = '\0';
	for (size_t i = 0; i <= len; i++) {
		struct key keys[2];
		unsigned n = i < len ? key_decoder_feed(&decoder, (unsigned char)bytes[i], keys)
				     : key_decoder_flush(&decoder, keys);
		for (unsigned k = 0; k < n; k++) {
			char name[KEY_NAME_SIZE];
			used += (size_t)snprintf(dst + used, size - used, "%s ", key_to_name(keys[k], name));
		}
	}
}

static void bytes_become_keys(void **state)
{
	(void)state;
	static const struct {
		struct text bytes;
		const char *want;
	} cases[] = {
		{ TEXT(""), "" },
		{ TEXT("aB "), "a B Space " },
		{ TEXT("\r\n\t\b\x7f\x0c\x1a"), "Enter Enter Tab Backspace Backspace ^L ^Z " },
		{ TEXT("\0\x1c\x1f"), "" },
		{ TEXT("\033"), "Escape " },
		{ TEXT("\033\033"), "Escape Escape " },
		{ TEXT("\033q"), "Escape q " },
		{ TEXT("\033\r"), "Escape Enter " },
		{ TEXT("\033\xc3\xa4"), "Escape \u00e4 " },
		{ TEXT("\033[1;5Ak"), "k " },
		{ TEXT("\033[200~k"), "k " },
		{ TEXT("\033[[Ek"), "k " },
		{ TEXT("\033OXk"), "k " },
		{ TEXT("\033[1;\033[Ak"), "k " },
		{ TEXT("\033[1;5"), "" },
		{ TEXT("\033O\033"), "Escape " },
		{ TEXT("\xc3\xa4\xf0\x9f\x98\x80"), "\u00e4 \U0001f600 " },
		{ TEXT("\xff\xfeq"), "q " },
		{ TEXT("\x80\x80q"), "q " },
		{ TEXT("\xe6\xbcq"), "q " },
		{ TEXT("\xe6\xbc\xc3\xa4"), "\u00e4 " },
		{ TEXT("\xe6\xbc\r\xa2q"), "Enter q " },
		{ TEXT("\xed\xa0\x80q"), "q " },
		{ TEXT("\xc2\x9bq"), "q " },
		{ TEXT("\xf8\x88\x80\x80\x80q"), "q " },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char got[128];
		decode(cases[i].bytes.ptr, cases[i].bytes.len, got, sizeof got);
		assert_string_equal(got, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_keys),
		cmocka_unit_test(one_byte_has_one_name),
		cmocka_unit_test(other_names_are_refused),
		cmocka_unit_test(every_key_with_a_name_comes_back),
		cmocka_unit_test(every_default_key_is_bound_once),
		cmocka_unit_test(actions_have_names_of_their_own),
		cmocka_unit_test(binding_replaces_and_moves_keys),
		cmocka_unit_test(a_refused_binding_changes_nothing),
		cmocka_unit_test(names_that_do_not_fit_are_left_out),
		cmocka_unit_test(bytes_become_keys),
	};
	return cmocka_run_group_tests_name("tui/key", tests, NULL, NULL);
}
