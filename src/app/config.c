/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The config file's text: read by the option table, written from it.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "options.h"

void config_default(struct config *config)
{
	*config = (struct config){ .delay_s = 2.0, .theme = "default", .units = UNITS_HUMAN, .color = true };
	keymap_default(&config->keymap);
}

/* --- reading ---------------------------------------------------------------- */

/* A comment begins the line or follows a blank; a colour or a column name with
 * '#' inside a word is none. */
static struct text without_comment(struct text value)
{
	for (size_t i = 1; i < value.len; i++) {
		if (value.ptr[i] == '#' && (value.ptr[i - 1] == ' ' || value.ptr[i - 1] == '\t'))
			return text_trim(text_of(value.ptr, i));
	}
	return value;
}

static int set_keys(struct config *config, struct text action, struct text keys, struct diag *diag)
{
	char name[64], list[256];
	if (action.len >= sizeof name || keys.len >= sizeof list || memchr(keys.ptr, '\0', keys.len)) {
		diag_set(diag, NULL, 0, "too long to be keys of an action");
		return -1;
	}
	return keymap_bind(&config->keymap, text_copy(action, name, sizeof name), text_copy(keys, list, sizeof list), diag);
}

static int set_line(struct config *config, struct text line, struct diag *diag)
{
	static const struct text key_prefix = { "key.", 4 };
	struct text rest = line, key = { 0 };
	if (!memchr(line.ptr, '=', line.len) || !text_next_until(&rest, '=', &key) || text_trim(key).len == 0) {
		diag_set(diag, NULL, 0, "is not of the form key = value");
		return -1;
	}
	key = text_trim(key);
	struct text value = text_trim(rest);
	if (text_has_prefix(key, key_prefix))
		return set_keys(config, text_of(key.ptr + 4, key.len - 4), value, diag);

	value = value.len > 0 && value.ptr[0] == '#' ? text_of(value.ptr, 0) : without_comment(value);
	enum option_id id = option_of_key(key);
	if (id == OPTION__COUNT) {
		/* The name is foreign text: only what a setting's name may hold is shown. */
		char name[40];
		text_copy(key, name, sizeof name);
		for (char *p = name; *p; p++) {
			if (*p < '!' || *p > '~')
				*p = '?';
		}
		diag_set(diag, NULL, 0, "unknown setting '%s'", name);
		return -1;
	}
	/* An empty value is the default of what may be empty, as the file we write says. */
	if (value.len == 0 && option_table[id].kind == KIND_LIST) {
		config->columns[0] = '\0';
		return 0;
	}
	if (value.len == 0 && option_table[id].kind == KIND_SORT) {
		config->sort = (struct config_sort){ .order = ORDER_NATURAL };
		return 0;
	}
	struct options options = { .config = *config };
	struct diag why = { 0 };
	if (option_set(id, value, &options, &why) < 0) {
		diag_set(diag, NULL, 0, "%s: %.400s", option_table[id].config_key, why.text);
		return -1;
	}
	*config = options.config;
	return 0;
}

void config_parse(struct text text, const char *name, struct config *config, config_warn *warn, void *context)
{
	struct text line;
	for (unsigned number = 1; text_next_line(&text, &line); number++) {
		line = text_trim(line);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		struct diag why = { 0 };
		if (set_line(config, line, &why) == 0 || !warn)
			continue;
		struct diag diag = { 0 };
		diag_set(&diag, name, number, "%.480s; the line is skipped", why.text);
		warn(&diag, context);
	}
}

/* --- writing ---------------------------------------------------------------- */

static void write_value(const struct config *config, const struct option_info *row, struct out *out)
{
	const char *field = (const char *)config + row->offset;
	bool flag;
	unsigned choice;
	switch (row->kind) {
	case KIND_FLAG:
	case KIND_FLAG_OFF:
		memcpy(&flag, field, sizeof flag);
		out_str(out, flag ? "yes" : "no");
		return;
	case KIND_SECONDS:
		/* Three decimals are a millisecond; the file is for people. */
		out_fixed(out, config->delay_s, config->delay_s < 10.0 ? 3 : 1);
		return;
	case KIND_CHOICE:
		memcpy(&choice, field, sizeof choice);
		for (const struct option_choice *c = row->choices; c->name; c++) {
			if (c->value == choice)
				out_str(out, c->name);
		}
		return;
	case KIND_NAME:
	case KIND_LIST:
		out_str(out, field);
		return;
	default:
		assert(row->kind == KIND_SORT);
		if (config->sort.order != ORDER_NATURAL)
			out_char(out, config->sort.order == ORDER_DESCENDING ? '+' : '-');
		out_str(out, config->sort.field);
		return;
	}
}

void config_write(const struct config *config, struct out *out)
{
	out_str(out, "# Settings of oomsight, written by its key W. Lines are key = value; what is\n"
		     "# not named here, and lines after '#', keep their defaults. See oomsight(1).\n");
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		const struct option_info *row = &option_table[i];
		if (!row->config_key)
			continue;
		if (row->kind == KIND_FLAG_OFF)
			out_printf(out, "\n# %s, yes or no; --%s on the command line\n", row->config_key, row->name);
		else
			out_printf(out, "\n# %s%s\n", row->help, row->kind == KIND_FLAG ? ", yes or no" : "");
		out_printf(out, "%s = ", row->config_key);
		write_value(config, row, out);
		out_char(out, '\n');
	}
	out_str(out, "\n# Keys of the actions: characters, ^A to ^Z, F1 to F12, Space, Enter and so on,\n"
		     "# parted by blanks. A key bound twice belongs to the later line.\n");
	struct keymap standard;
	keymap_default(&standard);
	for (unsigned i = ACT_IGNORE + 1; i < ACT__COUNT; i++) {
		char keys[256], usual[256];
		keymap_keys(&config->keymap, (enum action)i, keys, sizeof keys);
		keymap_keys(&standard, (enum action)i, usual, sizeof usual);
		bool changed = strcmp(keys, usual) != 0;
		out_printf(out, "%skey.%s = %s\n", changed ? "" : "# ", action_table[i].name, keys);
	}
}
