/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/tui/theme.h"

#include <errno.h>

#define D THEME_COLOR_DEFAULT

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, BRIGHT };

static const char *const color_names[] = {
	[BLACK] = "black", [RED] = "red",         [GREEN] = "green", [YELLOW] = "yellow",
	[BLUE] = "blue",   [MAGENTA] = "magenta", [CYAN] = "cyan",   [WHITE] = "white",
};

static const struct {
	const char *name;
	enum theme_attribute attribute;
} attribute_names[] = {
	{ "bold", THEME_BOLD },           { "dim", THEME_DIM },         { "italic", THEME_ITALIC },
	{ "underline", THEME_UNDERLINE }, { "reverse", THEME_REVERSE }, { "blink", THEME_BLINK },
};
static const size_t n_attributes = sizeof attribute_names / sizeof attribute_names[0];

static const char *const role_names[ROLE__COUNT] = {
#define X(id, name, help) [ROLE_##id] = name,
	ROLES(X)
#undef X
};

/* The same as themes/default.theme; a test compares them. Colours stand on the
 * terminal's own ground, so that dark and light grounds both do; where a ground
 * is set, the foreground is set with it. */
static const struct theme default_theme = { .styles = {
	[ROLE_NORMAL] = { D, D, 0 },
	[ROLE_DIM] = { D, D, THEME_DIM },
	[ROLE_TITLE] = { D, D, THEME_BOLD },
	[ROLE_LABEL] = { CYAN, D, 0 },
	[ROLE_VALUE] = { D, D, THEME_BOLD },
	[ROLE_VALUE_DENIED] = { D, D, THEME_DIM },
	[ROLE_GOOD] = { GREEN, D, 0 },
	[ROLE_WARN] = { MAGENTA, D, THEME_BOLD },
	[ROLE_BAD] = { RED, D, THEME_BOLD },
	[ROLE_BAR_USED] = { GREEN, D, 0 },
	[ROLE_BAR_SHARED] = { MAGENTA, D, 0 },
	[ROLE_BAR_CACHE] = { BLUE, D, 0 },
	[ROLE_BAR_FREE] = { D, D, THEME_DIM },
	[ROLE_VERDICT] = { D, D, THEME_BOLD },
	[ROLE_HEADER] = { BLACK, GREEN, 0 },
	[ROLE_HEADER_SORT] = { BLACK, CYAN, 0 },
	[ROLE_VICTIM] = { RED, D, THEME_BOLD },
	[ROLE_PROTECTED] = { GREEN, D, 0 },
	[ROLE_INELIGIBLE] = { D, D, THEME_DIM },
	[ROLE_CURSOR] = { BLACK, CYAN, 0 },
	[ROLE_TAGGED] = { MAGENTA, D, THEME_BOLD },
	[ROLE_CHANGED] = { D, D, THEME_BOLD | THEME_UNDERLINE },
	[ROLE_MATCH] = { BLACK, YELLOW, 0 },
	[ROLE_KEY] = { CYAN, D, THEME_BOLD },
	[ROLE_DIALOG] = { D, D, 0 },
	[ROLE_INPUT] = { D, D, THEME_REVERSE },
	[ROLE_ERROR] = { WHITE, RED, THEME_BOLD },
} };

static const struct theme mono_theme = { .styles = {
	[ROLE_NORMAL] = { D, D, 0 },
	[ROLE_DIM] = { D, D, THEME_DIM },
	[ROLE_TITLE] = { D, D, THEME_BOLD },
	[ROLE_LABEL] = { D, D, 0 },
	[ROLE_VALUE] = { D, D, THEME_BOLD },
	[ROLE_VALUE_DENIED] = { D, D, THEME_DIM },
	[ROLE_GOOD] = { D, D, 0 },
	[ROLE_WARN] = { D, D, THEME_BOLD },
	[ROLE_BAD] = { D, D, THEME_BOLD | THEME_UNDERLINE },
	[ROLE_BAR_USED] = { D, D, THEME_BOLD },
	[ROLE_BAR_SHARED] = { D, D, 0 },
	[ROLE_BAR_CACHE] = { D, D, THEME_DIM },
	[ROLE_BAR_FREE] = { D, D, THEME_DIM },
	[ROLE_VERDICT] = { D, D, THEME_BOLD },
	[ROLE_HEADER] = { D, D, THEME_REVERSE },
	[ROLE_HEADER_SORT] = { D, D, THEME_REVERSE | THEME_BOLD | THEME_UNDERLINE },
	[ROLE_VICTIM] = { D, D, THEME_BOLD | THEME_UNDERLINE },
	[ROLE_PROTECTED] = { D, D, 0 },
	[ROLE_INELIGIBLE] = { D, D, THEME_DIM },
	[ROLE_CURSOR] = { D, D, THEME_REVERSE },
	[ROLE_TAGGED] = { D, D, THEME_BOLD },
	[ROLE_CHANGED] = { D, D, THEME_BOLD | THEME_UNDERLINE },
	[ROLE_MATCH] = { D, D, THEME_REVERSE | THEME_UNDERLINE },
	[ROLE_KEY] = { D, D, THEME_BOLD },
	[ROLE_DIALOG] = { D, D, 0 },
	[ROLE_INPUT] = { D, D, THEME_REVERSE },
	[ROLE_ERROR] = { D, D, THEME_REVERSE | THEME_BOLD },
} };

void theme_default(struct theme *ret_theme)
{
	*ret_theme = default_theme;
}

void theme_mono(struct theme *ret_theme)
{
	*ret_theme = mono_theme;
}

const char *role_name(enum role role)
{
	return role < ROLE__COUNT ? role_names[role] : "";
}

/* ---- palettes ---- */

struct rgb {
	int red, green, blue;
};

static struct rgb gray(int level)
{
	return (struct rgb){ level, level, level };
}

/* What the entries of the usual palettes look like. The first 16 differ from
 * terminal to terminal; these are xterm's. */
static struct rgb palette_rgb(int n, int colors)
{
	if (n < BRIGHT) {
		int on = n == WHITE ? 229 : n == BLUE ? 238 : 205;
		return (struct rgb){ n & RED ? on : 0, n & GREEN ? on : 0, n & BLUE ? on : 0 };
	}
	if (n == BRIGHT)
		return gray(127);
	if (n < 16) {
		if (n == BRIGHT + BLUE)
			return (struct rgb){ 92, 92, 255 };
		return (struct rgb){ n & RED ? 255 : 0, n & GREEN ? 255 : 0, n & BLUE ? 255 : 0 };
	}
	if (colors < 256) {
		static const int cube[] = { 0, 0x8b, 0xcd, 0xff };
		static const int grays[] = { 0x2e, 0x5c, 0x73, 0x8b, 0xa2, 0xb9, 0xd0, 0xe7 };
		if (n >= 80)
			return gray(grays[(n - 80) & 7]);
		n -= 16;
		return (struct rgb){ cube[n / 16], cube[n / 4 % 4], cube[n % 4] };
	}
	if (n >= 232)
		return gray(8 + 10 * (n - 232));
	static const int cube[] = { 0, 95, 135, 175, 215, 255 };
	n -= 16;
	return (struct rgb){ cube[n / 36], cube[n / 6 % 6], cube[n % 6] };
}

static int distance(struct rgb a, struct rgb b)
{
	int red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;
	return red * red + green * green + blue * blue;
}

/* The entry of palette numbers [first, colors) nearest to a colour. */
static int16_t nearest(struct rgb wanted, int first, int colors)
{
	int best = first;
	for (int n = first + 1; n < colors; n++)
		if (distance(wanted, palette_rgb(n, colors)) < distance(wanted, palette_rgb(best, colors)))
			best = n;
	return (int16_t)best;
}

static int16_t color_for(int16_t color, int colors)
{
	if (color < 16 || colors >= 256)
		return color;
	struct rgb wanted = palette_rgb(color, 256);
	return colors >= 88 ? nearest(wanted, 16, 88) : nearest(wanted, 0, 16);
}

struct style theme_style_for(struct style style, int colors)
{
	if (colors < 8) {
		/* A ground of its own marked these cells: reverse does it now. */
		if (style.background != D)
			style.attributes |= THEME_REVERSE;
		style.foreground = style.background = D;
		return style;
	}
	struct style shown = style;
	shown.foreground = color_for(style.foreground, colors);
	shown.background = color_for(style.background, colors);
	if (colors < 16) {
		if (shown.foreground == BRIGHT + BLACK) {
			/* Bold black is invisible on many a black ground. */
			shown.foreground = shown.background == D ? D : BLACK;
			shown.attributes |= shown.background == D ? THEME_DIM : 0;
		} else if (shown.foreground >= BRIGHT) {
			shown.foreground = (int16_t)(shown.foreground - BRIGHT);
			shown.attributes |= THEME_BOLD;
		}
		if (shown.background >= BRIGHT)
			shown.background = (int16_t)(shown.background - BRIGHT);
	}
	bool alike = shown.foreground != D && shown.foreground == shown.background;
	if (alike && style.foreground != style.background)
		return (struct style){ D, D, (uint8_t)(style.attributes | THEME_REVERSE) };
	return shown;
}

bool theme_has_colors(const struct theme *theme)
{
	for (enum role role = 0; role < ROLE__COUNT; role++)
		if (theme->styles[role].foreground != D || theme->styles[role].background != D)
			return true;
	return false;
}

/* ---- theme files ---- */

static bool parse_hex_color(struct text word, int16_t *ret_color)
{
	uint64_t value;
	if (word.len != 7 || text_to_u64(text_of(word.ptr + 1, 6), 16, &value) < 0)
		return false;
	struct rgb wanted = { (int)(value >> 16), (int)(value >> 8 & 0xff), (int)(value & 0xff) };
	/* The first 16 look different everywhere. */
	*ret_color = nearest(wanted, 16, 256);
	return true;
}

static bool parse_color(struct text word, int16_t *ret_color)
{
	if (text_is(word, "default")) {
		*ret_color = D;
		return true;
	}
	if (word.len > 0 && word.ptr[0] == '#')
		return parse_hex_color(word, ret_color);
	uint64_t number;
	if (text_to_u64(word, 10, &number) == 0) {
		*ret_color = (int16_t)(number & 0xff);
		return number <= 255;
	}
	int16_t base = 0;
	if (text_has_prefix(word, TEXT("bright-"))) {
		base = BRIGHT;
		word = text_of(word.ptr + 7, word.len - 7);
	}
	for (int16_t i = BLACK; i <= WHITE; i++) {
		if (text_is(word, color_names[i])) {
			*ret_color = (int16_t)(base + i);
			return true;
		}
	}
	return false;
}

static uint8_t parse_attribute(struct text word)
{
	for (size_t i = 0; i < n_attributes; i++)
		if (text_is(word, attribute_names[i].name))
			return (uint8_t)attribute_names[i].attribute;
	return 0;
}

static enum role find_role(struct text name)
{
	enum role role = 0;
	while (role < ROLE__COUNT && !text_is(name, role_names[role]))
		role++;
	return role;
}

struct place {
	const char *name;
	unsigned line;
	struct diag *diag;
};

static int refuse(const struct place *place, const char *what, struct text word, const char *hint)
{
	int shown = word.len < 60 ? (int)word.len : 60;
	diag_set(place->diag, place->name, place->line, "%s '%.*s'%s", what, shown, word.ptr, hint);
	return -EINVAL;
}

static int parse_style(struct text value, const struct place *place, struct style *ret_style)
{
	struct style style = { D, D, 0 };
	struct text word;
	unsigned words = 0, colors = 0;
	while (text_next_word(&value, &word) && !text_is(word, "#")) {
		uint8_t attribute = parse_attribute(word);
		int16_t color;
		words++;
		if (attribute != 0) {
			style.attributes |= attribute;
			colors = 2;
		} else if (!parse_color(word, &color)) {
			return refuse(place, "unknown colour or attribute", word,
				      "; a comment after a value begins with '# '");
		} else if (colors == 2) {
			return refuse(place, "unexpected colour", word,
				      ": the order is foreground, background, attributes");
		} else if (colors++ == 0) {
			style.foreground = color;
		} else {
			style.background = color;
		}
	}
	if (words == 0)
		return refuse(place, "nothing after", TEXT("="), ": write 'default' for the terminal's own look");
	*ret_style = style;
	return 0;
}

/* seen: the line each role was set in, 0 for not yet. */
static int parse_line(struct text line, const struct place *place, struct theme *theme,
		      unsigned seen[ROLE__COUNT])
{
	struct text value = text_trim(line);
	if (value.len == 0 || value.ptr[0] == '#')
		return 0;
	if (!memchr(value.ptr, '=', value.len))
		return refuse(place, "no '=' in", value, ": a line is role = foreground background attributes");
	struct text name;
	text_next_until(&value, '=', &name);
	name = text_trim(name);
	enum role role = find_role(name);
	if (role == ROLE__COUNT)
		return refuse(place, "unknown role", name, "");
	if (seen[role] != 0) {
		diag_set(place->diag, place->name, place->line, "role %s is set already in line %u",
			 role_names[role], seen[role]);
		return -EINVAL;
	}
	seen[role] = place->line;
	return parse_style(value, place, &theme->styles[role]);
}

int theme_parse(struct text text, const char *name, struct theme *ret_theme, struct diag *diag)
{
	struct theme theme = default_theme;
	struct place place = { .name = name, .diag = diag };
	unsigned seen[ROLE__COUNT] = { 0 };
	struct text line;
	*ret_theme = default_theme;
	while (text_next_line(&text, &line)) {
		place.line++;
		int r = parse_line(line, &place, &theme, seen);
		if (r < 0)
			return r;
	}
	*ret_theme = theme;
	return 0;
}
