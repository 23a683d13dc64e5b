/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include <curses.h>
#include <stdint.h>
#include <string.h>
#include <term.h>

static const struct {
	const char *name;
	const char *capability; /* NULL: the same everywhere */
	const char *otherwise;
} table[] = {
	{ "F1", "kf1", "\033OP" },
	{ "F2", "kf2", "\033OQ" },
	{ "F3", "kf3", "\033OR" },
	{ "F4", "kf4", "\033OS" },
	{ "F5", "kf5", "\033[15~" },
	{ "F6", "kf6", "\033[17~" },
	{ "F7", "kf7", "\033[18~" },
	{ "F8", "kf8", "\033[19~" },
	{ "F9", "kf9", "\033[20~" },
	{ "F10", "kf10", "\033[21~" },
	{ "F11", "kf11", "\033[23~" },
	{ "F12", "kf12", "\033[24~" },
	{ "Up", "kcuu1", "\033OA" },
	{ "Down", "kcud1", "\033OB" },
	{ "Right", "kcuf1", "\033OC" },
	{ "Left", "kcub1", "\033OD" },
	{ "Home", "khome", "\033OH" },
	{ "End", "kend", "\033OF" },
	{ "PageUp", "kpp", "\033[5~" },
	{ "PageDown", "knp", "\033[6~" },
	{ "Insert", "kich1", "\033[2~" },
	{ "Delete", "kdch1", "\033[3~" },
	{ "BackTab", "kcbt", "\033[Z" },
	{ "Backspace", "kbs", "\177" },
	{ "Enter", NULL, "\r" },
	{ "Escape", NULL, "\033" },
	{ "Tab", NULL, "\t" },
	{ "Space", NULL, " " },
};

/* terminfo keeps the current terminal in one global; ask, and put it away. */
static size_t from_terminfo(const char *term, const char *capability, char dst[KEYS_MAX])
{
	int error;
	if (setupterm(term, 1, &error) != OK)
		return 0;
	size_t length = 0;
	const char *bytes = tigetstr(capability);
	if (bytes != NULL && (intptr_t)bytes != -1 && strlen(bytes) <= KEYS_MAX) {
		length = strlen(bytes);
		memcpy(dst, bytes, length);
	}
	del_curterm(cur_term);
	return length;
}

size_t keys_bytes(const char *term, const char *name, char dst[KEYS_MAX])
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(name, table[i].name) != 0)
			continue;
		size_t length = 0;
		if (table[i].capability != NULL)
			length = from_terminfo(term, table[i].capability, dst);
		if (length == 0) {
			length = strlen(table[i].otherwise);
			memcpy(dst, table[i].otherwise, length);
		}
		return length;
	}
	if (name[0] == '^' && name[1] >= '@' && name[1] <= '_' && name[2] == '\0') {
		dst[0] = (char)(name[1] - '@');
		return 1;
	}
	size_t length = strlen(name);
	if (length > KEYS_MAX)
		return 0;
	memcpy(dst, name, length);
	return length;
}
