/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys: any bytes as a key's name, as a key line of the config file, and as
 * what a terminal types into a line.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "oomsight/tui/field.h"
#include "oomsight/tui/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void name_comes_back(struct text name)
{
	struct key key, again;
	char buffer[KEY_NAME_SIZE];
	if (key_parse(name, &key) < 0)
		return;
	must(key_parse(text_of_str(key_to_name(key, buffer)), &again) == 0);
	must(again.code == key.code);
}

static void bindings_are_whole_or_none(const char *keys)
{
	struct keymap keymap, before;
	keymap_default(&keymap);
	before = keymap;
	if (keymap_bind(&keymap, "quit", keys, NULL) < 0)
		must(memcmp(&keymap, &before, sizeof keymap) == 0);
	must(keymap.n <= KEYMAP_SIZE);
	for (unsigned a = 0; a < keymap.n; a++)
		for (unsigned b = a + 1; b < keymap.n; b++)
			must(keymap.bound[a].code != keymap.bound[b].code);
}

static void field_is_sound(const struct field *field)
{
	struct text rest = text_of_str(field->bytes);
	must(rest.len == field->len && field->len < FIELD_SIZE && field->cursor <= field->len);
	must(field->cursor == field->len || ((unsigned char)field->bytes[field->cursor] & 0xc0) != 0x80);
	while (rest.len > 0) {
		uint32_t code;
		size_t len = text_utf8_decode(rest, &code);
		must(len > 0 && code >= 0x20 && code != 0x7f);
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
		must(n <= 2);
		for (unsigned k = 0; k < n; k++) {
			must(keys[k].code != KEY_CODE_NONE);
			field_key(&field, keys[k]);
		}
		field_is_sound(&field);
	}
	if (key_decoder_flush(&decoder, keys))
		must(keys[0].code == KEY_CODE_ESCAPE);
	must(!key_decoder_flush(&decoder, keys));
	return 0;
}
