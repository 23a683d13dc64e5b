/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys: any bytes as a key's name, as a key line of the config file, and as
 * what a terminal types into a line.
 */
#include "fuzz.h"

#include "oomsight/tui/field.h"
#include "oomsight/tui/key.h"

static void name_comes_back(struct text name)
{
	struct key key, again;
	char buffer[KEY_NAME_SIZE];
	if (key_parse(name, &key) < 0)
		return;
	MUST(key_parse(text_of_str(key_to_name(key, buffer)), &again) == 0);
	MUST(again.code == key.code);
}

static void bindings_are_whole_or_none(const char *keys)
{
	struct keymap keymap, before;
	keymap_default(&keymap);
	before = keymap;
	if (keymap_bind(&keymap, "quit", keys, NULL) < 0)
		MUST(memcmp(&keymap, &before, sizeof keymap) == 0);
	MUST(keymap.n <= KEYMAP_SIZE);
	for (unsigned a = 0; a < keymap.n; a++)
		for (unsigned b = a + 1; b < keymap.n; b++)
			MUST(keymap.bound[a].code != keymap.bound[b].code);
}

static void field_is_sound(const struct field *field)
{
	struct text rest = text_of_str(field->bytes);
	MUST(rest.len == field->len && field->len < FIELD_SIZE && field->cursor <= field->len);
	MUST(field->cursor == field->len || ((unsigned char)field->bytes[field->cursor] & 0xc0) != 0x80);
	while (rest.len > 0) {
		uint32_t code;
		size_t len = text_utf8_decode(rest, &code);
		MUST(len > 0 && code >= 0x20 && code != 0x7f);
		rest = text_of(rest.ptr + len, rest.len - len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text all = text_of((const char *)data, size);
	struct key_decoder decoder = { 0 };
	struct field field;
	struct key keys[2];
	char line[1024];

	name_comes_back(all);
	bindings_are_whole_or_none(text_copy(all, line, sizeof line));
	field_init(&field, size > 0 ? (enum field_accept)(data[0] % (FIELD_DECIMAL + 1)) : FIELD_TEXT);
	field_set(&field, line);
	field_is_sound(&field);
	for (size_t i = 0; i < size; i++) {
		unsigned n = key_decoder_feed(&decoder, data[i], keys);
		MUST(n <= 2);
		for (unsigned k = 0; k < n; k++) {
			MUST(keys[k].code != KEY_CODE_NONE);
			field_key(&field, keys[k]);
		}
		field_is_sound(&field);
	}
	if (key_decoder_flush(&decoder, keys))
		MUST(keys[0].code == KEY_CODE_ESCAPE);
	MUST(!key_decoder_flush(&decoder, keys));
	return 0;
}
