/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminfo.h"

#include <curses.h>
#include <errno.h>
#include <string.h>
#include <term.h>

int terminfo_check(const char *name, int fd, bool *ret_sized, struct diag *diag)
{
	if (!name || name[0] == '\0') {
		diag_set(diag, NULL, 0,
			 "TERM is not set: set it to the name of your terminal, or use oomsight --batch");
		return -ENOTTY;
	}
	/* newterm() would only say that it failed, initscr() would exit. */
	int found = 0;
	/* The size is to be the description's own. */
	use_env(FALSE);
	int r = setupterm(name, fd, &found);
	const char *cup = r == OK ? tigetstr("cup") : NULL;
	bool sized = r == OK && tigetnum("lines") > 0 && tigetnum("cols") > 0;
	if (cur_term)
		del_curterm(cur_term);
	if (r == OK && cup && cup != (char *)-1) {
		*ret_sized = sized;
		return 0;
	}
	if (r == OK || found == 1)
		diag_set(diag, NULL, 0,
			 "TERM is '%.40s': it cannot move the cursor; use oomsight --batch, or set TERM to the name "
			 "of your terminal",
			 name);
	else if (found == 0)
		diag_set(diag, NULL, 0,
			 "TERM is '%.40s', which the terminal data base does not know; set TERM to a known name such "
			 "as xterm or vt100, install the data base's extra entries (ncurses-term), or use "
			 "oomsight --batch",
			 name);
	else
		diag_set(diag, NULL, 0,
			 "the terminal data base (terminfo) was not found; install ncurses-base, or use "
			 "oomsight --batch");
	return -ENOTTY;
}

/* Append a capability without its padding, "$<" … ">". */
static size_t append(char *dst, size_t size, size_t used, const char *capability)
{
	if (!capability || capability == (char *)-1)
		return used;
	size_t len = used;
	for (const char *p = capability; *p != '\0'; p++) {
		const char *end = p[0] == '$' && p[1] == '<' ? strchr(p, '>') : NULL;
		if (end) {
			p = end;
			continue;
		}
		if (len == size)
			return used;
		dst[len++] = *p;
	}
	return len;
}

size_t terminfo_restore_bytes(char *dst, size_t size)
{
	static const char *const capabilities[] = { "sgr0", "op", "cnorm", "rmkx", "rmcup" };
	size_t used = 0;
	for (size_t i = 0; i < sizeof capabilities / sizeof capabilities[0]; i++)
		used = append(dst, size, used, tigetstr(capabilities[i]));
	return append(dst, size, used, "\r\n");
}

/* --- painting -------------------------------------------------------------- */

static const char *const names[TI__COUNT] = {
#define X(id, name) [TI_##id] = name,
	TERMINFO_STRINGS(X)
#undef X
};

/* Colours that terminals of old cannot show together with an attribute. */
static unsigned not_with_colors(int ncv)
{
	/* The bits of no_color_video, terminfo(5). */
	static const struct {
		int bit;
		unsigned attribute;
	} table[] = {
		{ 2, THEME_UNDERLINE }, { 4, THEME_REVERSE }, { 8, THEME_BLINK },
		{ 16, THEME_DIM },	{ 32, THEME_BOLD },   { 32768, THEME_ITALIC },
	};
	unsigned attributes = 0;
	for (size_t i = 0; i < sizeof table / sizeof table[0] && ncv > 0; i++)
		if (ncv & table[i].bit)
			attributes |= table[i].attribute;
	return attributes;
}

void terminfo_read(struct terminfo *terminfo)
{
	for (int i = 0; i < TI__COUNT; i++) {
		const char *string = tigetstr(names[i]);
		terminfo->strings[i] = string && string != (char *)-1 && string[0] != '\0' ? string : NULL;
	}
	const char *const *strings = terminfo->strings;
	terminfo->wraps = tigetflag("am") > 0;
	terminfo->wraps_late = tigetflag("xenl") > 0;
	terminfo->moves_safely = tigetflag("msgr") > 0;
	bool can_set = (strings[TI_SETAF] && strings[TI_SETAB]) || (strings[TI_SETF] && strings[TI_SETB]);
	int colors = can_set && strings[TI_OP] && tigetnum("pairs") > 0 ? tigetnum("colors") : 0;
	terminfo->colors = colors < 8 ? 0 : colors;
	terminfo->not_with_colors = not_with_colors(tigetnum("ncv"));
	/* Such a terminal keeps attributes in cells of their own. */
	if (tigetnum("xmc") > 0)
		terminfo->strings[TI_SGR0] = terminfo->strings[TI_RMSO] = NULL;
}

size_t terminfo_bytes(const struct terminfo *terminfo, enum terminfo_string string, int a, int b,
		      char dst[TERMINFO_SEQUENCE_SIZE])
{
	const char *capability = terminfo->strings[string];
	if (!capability)
		return 0;
	return append(dst, TERMINFO_SEQUENCE_SIZE, 0, strchr(capability, '%') ? tparm(capability, a, b) : capability);
}

static bool is_sgr(const char *bytes, size_t len)
{
	if (len < 3 || memcmp(bytes, "\033[", 2) != 0 || bytes[len - 1] != 'm')
		return false;
	for (size_t i = 2; i < len - 1; i++)
		if (!strchr("0123456789;:", bytes[i]))
			return false;
	return true;
}

/* What is sent to change the style: sequences of ECMA-48 that follow each other
 * are one. */
struct change {
	char bytes[TERMINFO_SEQUENCE_SIZE];
	size_t len;
	bool open; /* ends with such a sequence */
};

static void change_add(struct change *change, const char *bytes, size_t len)
{
	bool sgr = is_sgr(bytes, len);
	size_t shared = sgr && change->open ? 2 : 0;
	if (change->len + len - shared > sizeof change->bytes)
		return;
	if (shared)
		change->bytes[change->len - 1] = ';';
	memcpy(change->bytes + change->len, bytes + shared, len - shared);
	change->len += len - shared;
	change->open = sgr || (change->open && len == 0);
}

static void change_to(struct change *change, const struct terminfo *terminfo, enum terminfo_string string, int a)
{
	char bytes[TERMINFO_SEQUENCE_SIZE];
	size_t len = terminfo_bytes(terminfo, string, a, 0, bytes);
	change_add(change, bytes, len);
}

static void add_plain(struct change *change, const struct terminfo *terminfo)
{
	char plain[TERMINFO_SEQUENCE_SIZE], line[TERMINFO_SEQUENCE_SIZE];
	size_t len = terminfo_bytes(terminfo, TI_SGR0, 0, 0, plain);
	size_t drawing = terminfo_bytes(terminfo, TI_RMACS, 0, 0, line);
	if (len == 0) {
		change_to(change, terminfo, TI_RMSO, 0);
		return;
	}
	/* Most end line drawing as well, which is never begun. */
	char *start = plain;
	if (drawing > 0 && len > drawing && memcmp(plain, line, drawing) == 0) {
		start += drawing;
		len -= drawing;
	} else if (drawing > 0 && len > drawing && memcmp(plain + len - drawing, line, drawing) == 0) {
		len -= drawing;
	}
	change_add(change, start, len);
	if (!is_sgr(start, len) && terminfo->colors > 0)
		change_to(change, terminfo, TI_OP, 0);
}

static void add_attributes(struct change *change, const struct terminfo *terminfo, unsigned attributes)
{
	static const struct {
		unsigned attribute;
		enum terminfo_string string, instead;
	} table[] = {
		{ THEME_BOLD, TI_BOLD, TI_BOLD },	   { THEME_DIM, TI_DIM, TI_DIM },
		{ THEME_ITALIC, TI_SITM, TI_SITM },	   { THEME_UNDERLINE, TI_SMUL, TI_SMUL },
		{ THEME_REVERSE, TI_REV, TI_SMSO }, { THEME_BLINK, TI_BLINK, TI_BLINK },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (!(attributes & table[i].attribute))
			continue;
		/* Without sgr0 standout alone can be ended. */
		bool has_own = terminfo->strings[table[i].string] && terminfo->strings[TI_SGR0];
		if (has_own || table[i].attribute == THEME_REVERSE)
			change_to(change, terminfo, has_own ? table[i].string : table[i].instead, 0);
	}
}

/* setf and setb, the older ones, count with red and blue exchanged. */
static int old_color(int color)
{
	return (color & ~5) | (color & 1) << 2 | (color & 4) >> 2;
}

static void add_color(struct change *change, const struct terminfo *terminfo, int color, enum terminfo_string ansi,
		      enum terminfo_string old)
{
	if (color == THEME_COLOR_DEFAULT)
		return;
	if (terminfo->strings[ansi])
		change_to(change, terminfo, ansi, color);
	else
		change_to(change, terminfo, old, old_color(color));
}

/* Whatever `from` has `to` has as well, or sets anew. */
static bool is_more(struct style from, struct style to)
{
	return !(from.attributes & ~to.attributes) &&
	       (from.foreground == THEME_COLOR_DEFAULT || to.foreground != THEME_COLOR_DEFAULT) &&
	       (from.background == THEME_COLOR_DEFAULT || to.background != THEME_COLOR_DEFAULT);
}

size_t terminfo_style(const struct terminfo *terminfo, struct style from, struct style to,
		      char dst[TERMINFO_SEQUENCE_SIZE])
{
	static const struct style plain = { THEME_COLOR_DEFAULT, THEME_COLOR_DEFAULT, 0 };
	struct change change = { .len = 0 };
	if (!terminfo->strings[TI_SGR0] && !terminfo->strings[TI_RMSO])
		return 0;
	if (!is_more(from, to)) {
		add_plain(&change, terminfo);
		from = plain;
	}
	add_attributes(&change, terminfo, to.attributes & ~(unsigned)from.attributes);
	if (to.foreground != from.foreground)
		add_color(&change, terminfo, to.foreground, TI_SETAF, TI_SETF);
	if (to.background != from.background)
		add_color(&change, terminfo, to.background, TI_SETAB, TI_SETB);
	memcpy(dst, change.bytes, change.len);
	return change.len;
}
