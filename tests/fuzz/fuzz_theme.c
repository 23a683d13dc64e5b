/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Theme files: any bytes give a theme or a reason, and a theme that can be
 * shown on any palette.
 */
#include "fuzz.h"

#include "oomsight/tui/theme.h"

static bool can_show(int16_t color, int colors)
{
	return color >= THEME_COLOR_DEFAULT && color < colors;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int palettes[] = { 0, 8, 16, 88, 256 };
	struct theme theme;
	struct diag diag;
	int r = theme_parse(text_of((const char *)data, size), "fuzz", &theme, &diag);
	MUST(r == 0 || (diag.line > 0 && diag.text[0] != '\0'));
	for (size_t i = 0; i < sizeof palettes / sizeof palettes[0]; i++) {
		for (enum role role = 0; role < ROLE__COUNT; role++) {
			struct style style = theme_style_for(theme.styles[role], palettes[i]);
			MUST(can_show(style.foreground, palettes[i]) && can_show(style.background, palettes[i]));
		}
	}
	return 0;
}
