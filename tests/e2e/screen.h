/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program as a person sees it: its pseudo-terminal with an emulated screen
 * behind it (libvterm), for tests that assert on what stands on the screen and
 * never on raw bytes.
 *
 *	struct screen *screen = screen_new(&(struct pty_options){ .rows = 24, .cols = 80 },
 *					   (const char *[]){ "less", "file", NULL });
 *	expect_screen(screen, "first line");
 *	screen_keys(screen, "/", "needle", "Enter", NULL);
 *	expect_screen(screen, "needle");
 *	screen_keys(screen, "q", NULL);
 *	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
 *	assert_true(screen_is_restored(screen));
 *	screen_free(screen);
 *
 * A wait ends on a settled screen: one that shows what is waited for, after
 * which nothing has come for SCREEN_SETTLED_MS. A test of job control (^Z)
 * runs the program below a shell: { "bash", "--norc", "-i", NULL }, and types.
 */
#ifndef OOMSIGHT_TESTS_SCREEN_H
#define OOMSIGHT_TESTS_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "pty.h"

#define SCREEN_SETTLED_MS 80
#define SCREEN_PATIENCE_MS 20000

struct screen;

/* What one cell looks like, colours apart from being a colour not told. */
enum {
	SCREEN_BOLD = 1 << 0,
	SCREEN_UNDERLINE = 1 << 1,
	SCREEN_REVERSE = 1 << 2,
	SCREEN_BLINK = 1 << 3,
	SCREEN_FG = 1 << 4, /* another colour than the terminal's own */
	SCREEN_BG = 1 << 5,
};

/* Start the program (pty_start). NULL with errno set when that fails. */
struct screen *screen_new(const struct pty_options *options, const char *const argv[]);
void screen_free(struct screen *screen); /* kills what still runs */

/* The terminal below, for its pid, its bytes, its wait_status. Read only. */
const struct pty *screen_pty(const struct screen *screen);

/* Type keys by their names (keys.h), ending in NULL. Returns 0 or -errno. */
__attribute__((sentinel)) int screen_keys(struct screen *screen, const char *name, ...);
/* Type these bytes as they are. */
int screen_type(struct screen *screen, const char *bytes);

/* Wait for a settled screen that holds `text` within one row (whose trailing
 * blanks do not count); false: not by then. */
bool screen_wait(struct screen *screen, const char *text, int timeout_ms);
/* … that does not hold it any more. */
bool screen_wait_gone(struct screen *screen, const char *text, int timeout_ms);
/* … of which `holds` is true. */
bool screen_wait_for(struct screen *screen, bool (*holds)(struct screen *screen, void *context), void *context,
		     int timeout_ms);
/* Read until nothing has come for quiet_ms; false: it never was that quiet. */
bool screen_settle(struct screen *screen, int quiet_ms, int timeout_ms);
/* Wait for the next output, at most timeout_ms; then read on until quiet.
 * Returns the bytes of that burst, 0 for none, -EIO when the program is gone. */
int64_t screen_burst(struct screen *screen, int quiet_ms, int timeout_ms);

/* One row without its trailing blanks, in UTF-8; valid until the next call of
 * the same row or of screen_text. Rows and columns count from 0. */
const char *screen_row(struct screen *screen, int row);
/* All rows, each ended by a newline; valid until the next call. */
const char *screen_text(struct screen *screen);
/* The first row that holds text, from row `from` on, or -1; *ret_col (may be
 * NULL) its column. */
int screen_find(struct screen *screen, const char *text, int from, int *ret_col);
/* SCREEN_BOLD | … of one cell. */
unsigned screen_attributes(struct screen *screen, int row, int col);
void screen_size(const struct screen *screen, int *ret_rows, int *ret_cols);
void screen_cursor(const struct screen *screen, int *ret_row, int *ret_col);
bool screen_cursor_is_visible(const struct screen *screen);
bool screen_is_alternate(const struct screen *screen);

/* Another window size, as a person's mouse does it. */
int screen_resize(struct screen *screen, int rows, int cols);
/* The connection breaks. */
void screen_hangup(struct screen *screen);
/* Wait for the program's end, reading on. screen_pty()->wait_status tells how. */
bool screen_wait_end(struct screen *screen, int timeout_ms);
/* Is the terminal as the program found it: the normal screen, a visible
 * cursor, plain attributes, no mouse reports, the line settings of before?
 * Says on standard error what is not. */
bool screen_is_restored(struct screen *screen);

/* The screen in a frame, each line behind "# ". */
void screen_print(struct screen *screen, FILE *to);

/* For cmocka: fail with the whole screen. */
#define expect_screen(screen, text) \
	do { \
		if (!screen_wait(screen, text, SCREEN_PATIENCE_MS)) { \
			fprintf(stderr, "# not on the screen: \"%s\"\n", text); \
			screen_print(screen, stderr); \
			fail(); \
		} \
	} while (0)
#define expect_screen_without(screen, text) \
	do { \
		if (!screen_wait_gone(screen, text, SCREEN_PATIENCE_MS)) { \
			fprintf(stderr, "# still on the screen: \"%s\"\n", text); \
			screen_print(screen, stderr); \
			fail(); \
		} \
	} while (0)
#define expect_on_screen(screen, condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "# not so: %s\n", #condition); \
			screen_print(screen, stderr); \
			fail(); \
		} \
	} while (0)

#endif
