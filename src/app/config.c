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
	*config = (struct config){ .delay_s = 2.0, .theme = "default", .units = UNITS_HUMAN, .color = true,
				   .protect = true, .protect_memory = true, .protect_oom_score = true,
				   .protect_priority = true };
	keymap_default(&config->keymap);
}

/* --- reading ---------------------------------------------------------------- */

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

	enum option_id id = option_of_key(key);
	if (id == OPTION__COUNT) {
		char name[40];
		diag_set(diag, NULL, 0, "unknown setting '%s'", text_copy(key, name, sizeof name));
		return -1;
	}
	/* An empty value is the default of what may be empty, as the file we write says. */
	if (value.len == 0 && option_table[id].kind == KIND_COLUMNS) {
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

/* The file's own words stand in the message: none may act on a terminal. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

void config_parse(struct text text, const char *name, struct config *config, config_warn *warn, void *context)
{
	struct text line;
	for (unsigned number = 1; text_next_line(&text, &line); number++) {
		line = text_trim(line);
		/* Only whole lines are comments: '#' may be a key. */
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		struct diag why = { 0 };
		if (set_line(config, line, &why) == 0 || !warn)
			continue;
		make_printable(why.text);
		struct diag diag = { 0 };
		diag_set(&diag, name, number, "%.480s; the line is skipped", why.text);
		warn(&diag, context);
	}
}

/* --- writing ---------------------------------------------------------------- */

/* To the millisecond, without zeros at the end. seconds: below a day. */
static void write_seconds(double seconds, struct out *out)
{
	unsigned ms = (unsigned)(seconds * 1000.0 + 0.5);
	int decimals = ms % 1000 == 0 ? 0 : ms % 100 == 0 ? 1 : ms % 10 == 0 ? 2 : 3;
	out_fixed(out, (double)ms / 1000.0, decimals);
}

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
		write_seconds(config->delay_s, out);
		return;
	case KIND_CHOICE:
		memcpy(&choice, field, sizeof choice);
		for (const struct option_choice *c = row->choices; c->name; c++) {
			if (c->value == choice)
				out_str(out, c->name);
		}
		return;
	case KIND_NAME:
	case KIND_COLUMNS:
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
	out_str(out, "# Settings of oomsight, written by its key W. Lines are key = value, lines\n"
		     "# that begin with '#' are comments; what is not named has its default. See\n"
		     "# FILES in oomsight(1).\n");
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
