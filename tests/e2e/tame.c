/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REPEAT 1000 /* wider than any screen here; a hostile count must not hang us */

void tame_init(struct tame *tame, void (*write)(const char *, size_t, void *), void *context)
{
	*tame = (struct tame){ .state = TAME_GROUND, .write = write, .context = context };
}

static void let_go(struct tame *tame)
{
	tame->write(tame->held, tame->nheld, tame->context);
	tame->nheld = 0;
	tame->state = TAME_GROUND;
}

/* Hold one byte more; what is too long to be one of ours is let go. */
static void hold(struct tame *tame, char byte)
{
	tame->held[tame->nheld++] = byte;
	if (tame->nheld == sizeof(tame->held))
		let_go(tame);
}

static void drop(struct tame *tame)
{
	tame->nheld = 0;
	tame->state = TAME_GROUND;
}

static void remember(struct tame *tame, char byte)
{
	unsigned char value = (unsigned char)byte;
	if (value < 0x20 || value == 0x7f)
		return;
	bool continues = (value & 0xc0) == 0x80;
	if (!continues)
		tame->nglyph = 0;
	if (tame->nglyph < sizeof(tame->glyph))
		tame->glyph[tame->nglyph++] = byte;
}

/* held: ESC [ digits b */
static void repeat(struct tame *tame)
{
	tame->held[tame->nheld - 1] = '\0';
	long count = strtol(tame->held + 2, NULL, 10);
	if (count < 1)
		count = 1;
	if (count > MAX_REPEAT)
		count = MAX_REPEAT;
	for (long i = 0; i < count && tame->nglyph > 0; i++)
		tame->write(tame->glyph, tame->nglyph, tame->context);
	drop(tame);
}

static bool is_held(const struct tame *tame, const char *sequence)
{
	return tame->nheld == strlen(sequence) && memcmp(tame->held, sequence, tame->nheld) == 0;
}

/* Let a sequence go; where it restores a saved cursor, say again whether it shows. */
static void let_go_with_cursor(struct tame *tame)
{
	bool restores = is_held(tame, "\0338") || is_held(tame, "\033[?1049l");
	if (is_held(tame, "\033[?25l"))
		tame->cursor_hidden = true;
	else if (is_held(tame, "\033[?25h") || is_held(tame, "\033c"))
		tame->cursor_hidden = false;
	let_go(tame);
	if (restores)
		tame->write(tame->cursor_hidden ? "\033[?25l" : "\033[?25h", 6, tame->context);
}

static void feed_csi(struct tame *tame, char byte)
{
	hold(tame, byte);
	if (tame->state != TAME_CSI || (unsigned char)byte < 0x40)
		return;
	size_t digits = strspn(tame->held + 2, "0123456789");
	if (byte == 'b' && digits + 3 == tame->nheld)
		repeat(tame);
	else
		let_go_with_cursor(tame);
}

void tame_feed(struct tame *tame, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char byte = bytes[i];
		switch (tame->state) {
		case TAME_GROUND:
			if (byte == '\033') {
				hold(tame, byte);
				tame->state = TAME_ESCAPE;
				break;
			}
			remember(tame, byte);
			tame->write(&byte, 1, tame->context);
			break;
		case TAME_ESCAPE:
			hold(tame, byte);
			if (byte == '[')
				tame->state = TAME_CSI;
			else if (byte == ']')
				tame->state = TAME_OSC;
			else
				let_go_with_cursor(tame);
			break;
		case TAME_CSI:
			feed_csi(tame, byte);
			break;
		case TAME_OSC:
			hold(tame, byte);
			if (byte == 'R') {
				drop(tame);
			} else if (byte == 'P') {
				tame->nheld = 0;
				tame->palette_left = 7;
				tame->state = TAME_PALETTE;
			} else {
				let_go(tame);
			}
			break;
		case TAME_PALETTE:
			if (--tame->palette_left == 0)
				tame->state = TAME_GROUND;
			break;
		}
	}
}
