/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/tui/key.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

const struct action_info action_table[ACT__COUNT] = {
	[ACT_IGNORE] = { "", "", "" },
#define X(id, name, keys, help) [ACT_##id] = { name, keys, help },
	ACTIONS(X)
#undef X
};

/* F1 … F12 and ^A … ^Z are made by rule. */
static const struct {
	uint32_t code;
	const char *name;
} special_keys[] = {
	{ ' ', "Space" },
	{ KEY_CODE_ENTER, "Enter" },
	{ KEY_CODE_ESCAPE, "Escape" },
	{ KEY_CODE_TAB, "Tab" },
	{ KEY_CODE_BACK_TAB, "BackTab" },
	{ KEY_CODE_BACKSPACE, "Backspace" },
	{ KEY_CODE_DELETE, "Delete" },
	{ KEY_CODE_INSERT, "Insert" },
	{ KEY_CODE_UP, "Up" },
	{ KEY_CODE_DOWN, "Down" },
	{ KEY_CODE_LEFT, "Left" },
	{ KEY_CODE_RIGHT, "Right" },
	{ KEY_CODE_PAGE_UP, "PageUp" },
	{ KEY_CODE_PAGE_DOWN, "PageDown" },
	{ KEY_CODE_HOME, "Home" },
	{ KEY_CODE_END, "End" },
};
static const size_t n_special_keys = sizeof special_keys / sizeof special_keys[0];

static bool is_printable(uint32_t code)
{
	return code > 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0) && code <= 0x10ffff &&
	       !(code >= 0xd800 && code < 0xe000);
}

/* What a control byte means; terminals send the same byte for Tab and ^I. */
static uint32_t control_code(unsigned char byte)
{
	switch (byte) {
	case '\t':
		return KEY_CODE_TAB;
	case '\r':
	case '\n':
		return KEY_CODE_ENTER;
	case '\b':
	case 0x7f:
		return KEY_CODE_BACKSPACE;
	case 0x1b:
		return KEY_CODE_ESCAPE;
	case 0:
		return KEY_CODE_NONE;
	default:
		return byte <= 26 ? KEY_CODE_CTRL + 'a' + byte - 1 : KEY_CODE_NONE;
	}
}

static bool equal_nocase(struct text a, struct text b)
{
	return a.len == b.len && text_contains_nocase(a, b);
}

int key_parse(struct text name, struct key *ret_key)
{
	uint32_t code = 0;
	size_t len = text_utf8_decode(name, &code);
	if (len > 0 && len == name.len) {
		if (!is_printable(code))
			return -EINVAL;
		ret_key->code = code;
		return 0;
	}
	if (name.len == 2 && name.ptr[0] == '^') {
		char c = (char)(name.ptr[1] | 0x20);
		if (c < 'a' || c > 'z')
			return -EINVAL;
		ret_key->code = control_code((unsigned char)(c - 'a' + 1));
		return 0;
	}
	if (name.len >= 2 && (name.ptr[0] == 'F' || name.ptr[0] == 'f') && name.ptr[1] != '0') {
		uint64_t n;
		if (text_to_u64(text_of(name.ptr + 1, name.len - 1), 10, &n) == 0 && n >= 1 && n <= 12) {
			ret_key->code = KEY_CODE_F1 + (uint32_t)n - 1;
			return 0;
		}
	}
	for (size_t i = 0; i < n_special_keys; i++) {
		if (equal_nocase(name, text_of_str(special_keys[i].name))) {
			ret_key->code = special_keys[i].code;
			return 0;
		}
	}
	return -EINVAL;
}

char *key_to_name(struct key key, char dst[KEY_NAME_SIZE])
{
	for (size_t i = 0; i < n_special_keys; i++) {
		if (key.code == special_keys[i].code) {
			snprintf(dst, KEY_NAME_SIZE, "%s", special_keys[i].name);
			return dst;
		}
	}
	if (key.code >= KEY_CODE_F1 && key.code <= KEY_CODE_F12)
		snprintf(dst, KEY_NAME_SIZE, "F%u", key.code - KEY_CODE_F1 + 1);
	else if (key.code >= KEY_CODE_CTRL + 'a' && key.code <= KEY_CODE_CTRL + 'z')
		snprintf(dst, KEY_NAME_SIZE, "^%c", (char)(key.code - KEY_CODE_CTRL - 'a' + 'A'));
	else if (is_printable(key.code))
		dst[text_utf8_encode(key.code, dst)] = '\0';
	else
		dst[0] = '\0';
	return dst;
}

static int find_key(const struct keymap *keymap, uint32_t code)
{
	for (unsigned i = 0; i < keymap->n; i++)
		if (keymap->bound[i].code == code)
			return (int)i;
	return -1;
}

static void remove_at(struct keymap *keymap, unsigned i)
{
	keymap->n--;
	memmove(&keymap->bound[i], &keymap->bound[i + 1], (keymap->n - i) * sizeof keymap->bound[0]);
}

static int bind_keys(struct keymap *keymap, enum action action, struct text keys, struct diag *diag)
{
	struct text word;
	while (text_next_word(&keys, &word)) {
		struct key key;
		if (key_parse(word, &key) < 0) {
			diag_set(diag, NULL, 0,
				 "unknown key '%.*s' for %s: use a character, ^A to ^Z, F1 to F12, or a name "
				 "as Space, Enter, PageUp",
				 (int)(word.len < 40 ? word.len : 40), word.ptr, action_table[action].name);
			return -EINVAL;
		}
		int old = find_key(keymap, key.code);
		if (old >= 0)
			remove_at(keymap, (unsigned)old);
		if (keymap->n == KEYMAP_SIZE) {
			diag_set(diag, NULL, 0, "too many keys: at most %d can be bound", KEYMAP_SIZE);
			return -EINVAL;
		}
		keymap->bound[keymap->n].code = key.code;
		keymap->bound[keymap->n].action = action;
		keymap->n++;
	}
	return 0;
}

void keymap_default(struct keymap *keymap)
{
	*keymap = (struct keymap){ 0 };
	for (enum action action = ACT_IGNORE + 1; action < ACT__COUNT; action++) {
		int r = bind_keys(keymap, action, text_of_str(action_table[action].keys), NULL);
		assert(r == 0);
		(void)r;
	}
}

static enum action find_action(const char *name)
{
	for (enum action action = ACT_IGNORE + 1; action < ACT__COUNT; action++)
		if (strcmp(name, action_table[action].name) == 0)
			return action;
	return ACT_IGNORE;
}

int keymap_bind(struct keymap *keymap, const char *action_name, const char *keys, struct diag *diag)
{
	enum action action = find_action(action_name);
	if (action == ACT_IGNORE) {
		diag_set(diag, NULL, 0, "unknown action '%.40s'", action_name);
		return -EINVAL;
	}
	struct keymap changed = *keymap;
	for (unsigned i = changed.n; i-- > 0;)
		if (changed.bound[i].action == action)
			remove_at(&changed, i);
	int r = bind_keys(&changed, action, text_of_str(keys), diag);
	if (r < 0)
		return r;
	*keymap = changed;
	return 0;
}

enum action keymap_action(const struct keymap *keymap, struct key key)
{
	int i = find_key(keymap, key.code);
	return i >= 0 ? keymap->bound[i].action : ACT_IGNORE;
}

char *keymap_keys(const struct keymap *keymap, enum action action, char *dst, size_t size)
{
	size_t used = 0;
	dst[0] = '\0';
	for (unsigned i = 0; i < keymap->n; i++) {
		if (keymap->bound[i].action != action)
			continue;
		char name[KEY_NAME_SIZE];
		key_to_name((struct key){ keymap->bound[i].code }, name);
		size_t need = strlen(name) + (used > 0 ? 1 : 0);
		if (used + need >= size)
			break;
		used += (size_t)snprintf(dst + used, size - used, "%s%s", used > 0 ? " " : "", name);
	}
	return dst;
}

static unsigned feed_text(struct key_decoder *decoder, unsigned char byte, struct key *ret_key)
{
	/* A byte that cannot continue what came before begins anew. */
	if ((byte & 0xc0) != 0x80)
		decoder->n = 0;
	else if (decoder->n == 0 || decoder->n == sizeof decoder->bytes)
		return 0;
	decoder->bytes[decoder->n++] = (char)byte;
	uint32_t code;
	if (text_utf8_decode(text_of(decoder->bytes, decoder->n), &code) == 0)
		return 0;
	decoder->n = 0;
	if (code != ' ' && !is_printable(code))
		return 0;
	ret_key->code = code;
	return 1;
}

static unsigned feed_ground(struct key_decoder *decoder, unsigned char byte, struct key *ret_key)
{
	if (byte >= 0x20 && byte != 0x7f)
		return feed_text(decoder, byte, ret_key);
	decoder->n = 0;
	if (byte == 0x1b) {
		decoder->state = KEY_STATE_ESCAPE;
		return 0;
	}
	uint32_t code = control_code(byte);
	if (code == KEY_CODE_NONE)
		return 0;
	ret_key->code = code;
	return 1;
}

unsigned key_decoder_feed(struct key_decoder *decoder, unsigned char byte, struct key ret_keys[2])
{
	enum key_state state = decoder->state;
	if (state != KEY_STATE_GROUND && byte == 0x1b) {
		/* A sequence broken off by the next one. */
		if (state == KEY_STATE_ESCAPE)
			ret_keys[0].code = KEY_CODE_ESCAPE;
		decoder->state = KEY_STATE_ESCAPE;
		return state == KEY_STATE_ESCAPE ? 1 : 0;
	}
	switch (state) {
	case KEY_STATE_GROUND:
		return feed_ground(decoder, byte, ret_keys);
	case KEY_STATE_ESCAPE:
		if (byte == '[' || byte == 'O') {
			decoder->state = byte == '[' ? KEY_STATE_CSI : KEY_STATE_LAST;
			return 0;
		}
		/* Alt with a key, or Escape and a key in quick succession: both
		 * send these bytes. Nothing typed is lost as the latter. */
		decoder->state = KEY_STATE_GROUND;
		ret_keys[0].code = KEY_CODE_ESCAPE;
		return 1 + feed_ground(decoder, byte, ret_keys + 1);
	case KEY_STATE_CSI:
		if (byte == '[') /* the Linux console's F1 … F5: ESC [ [ A */
			decoder->state = KEY_STATE_LAST;
		else if (byte < 0x20 || byte >= 0x40)
			decoder->state = KEY_STATE_GROUND;
		return 0;
	case KEY_STATE_LAST:
		decoder->state = KEY_STATE_GROUND;
		return 0;
	}
	return 0;
}

bool key_decoder_flush(struct key_decoder *decoder, struct key *ret_key)
{
	enum key_state state = decoder->state;
	decoder->state = KEY_STATE_GROUND;
	if (state != KEY_STATE_ESCAPE)
		return false;
	ret_key->code = KEY_CODE_ESCAPE;
	return true;
}
