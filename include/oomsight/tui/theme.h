/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Themes: role → looks. A theme file has lines
 *
 *     role = foreground background attributes…
 *
 * A line that begins with '#' is a comment; after a value, '#' and a blank
 * begin one. Colours: default, black, red, green, yellow, blue, magenta, cyan,
 * white, bright-<one of these>, a palette number 0 … 255, or #rrggbb (shown by
 * the nearest palette entry). A colour left out is default. Attributes: bold
 * dim italic underline reverse blink. A role not named keeps the compiled-in
 * look; an unknown role or colour, or a role set twice, is an error with file,
 * line and reason.
 */
#ifndef OOMSIGHT_TUI_THEME_H
#define OOMSIGHT_TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/text.h"
#include "oomsight/tui/frame.h"

#define THEME_COLOR_DEFAULT (-1)

enum theme_attribute {
	THEME_BOLD = 1 << 0,
	THEME_DIM = 1 << 1,
	THEME_ITALIC = 1 << 2,
	THEME_UNDERLINE = 1 << 3,
	THEME_REVERSE = 1 << 4,
	THEME_BLINK = 1 << 5,
};

struct style {
	int16_t foreground; /* palette number 0 … 255 or THEME_COLOR_DEFAULT */
	int16_t background;
	uint8_t attributes; /* enum theme_attribute */
};

struct theme {
	struct style styles[ROLE__COUNT];
};

/* The compiled-in theme: good on dark and light grounds, 8 colours. */
void theme_default(struct theme *ret_theme);

/* No colours at all, attributes only: --no-color, NO_COLOR, mono terminals. */
void theme_mono(struct theme *ret_theme);

/* Parse a theme file's text over the default. Returns 0; -EINVAL with *diag
 * filled (file: `name`), *ret_theme is the default then. Pure. */
int theme_parse(struct text text, const char *name, struct theme *ret_theme, struct diag *diag);

/* The style a terminal of `colors` colours (0, 8, 16, 88, 256 …) can show:
 * nearest colours, none below 8. What would become unreadable (a foreground
 * that falls together with its background) or unmarked (a background without
 * colours) is shown in reverse instead. */
struct style theme_style_for(struct style style, int colors);

/* Does any role use a colour? */
bool theme_has_colors(const struct theme *theme);

const char *role_name(enum role role);

#endif
