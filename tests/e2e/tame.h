/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rewrites what terminals do and the emulator does not, so that the screen
 * shows what a person would see:
 *
 * - REP (CSI n b), which terminfo's xterm entries have and libvterm before 0.3
 *   ignores, becomes the repeated character;
 * - the Linux console's palette sequences (OSC P rrggbb and OSC R), which have no
 *   terminator and would swallow the text after them, are left out;
 * - whether the cursor shows is no part of a saved cursor (DECRC, 1049): libvterm
 *   restores it as well, which no terminal does.
 *
 * All else passes as it is. Sequences may be cut anywhere between two calls.
 */
#ifndef OOMSIGHT_TESTS_TAME_H
#define OOMSIGHT_TESTS_TAME_H

#include <stdbool.h>
#include <stddef.h>

struct tame {
	enum { TAME_GROUND, TAME_ESCAPE, TAME_CSI, TAME_OSC, TAME_PALETTE } state;
	char held[64]; /* a sequence not yet judged */
	size_t nheld;
	size_t palette_left;
	bool cursor_hidden;
	char glyph[8]; /* the last character, in UTF-8 */
	size_t nglyph;
	void (*write)(const char *bytes, size_t length, void *context);
	void *context;
};

void tame_init(struct tame *tame, void (*write)(const char *, size_t, void *), void *context);
void tame_feed(struct tame *tame, const char *bytes, size_t length);

#endif
