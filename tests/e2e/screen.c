/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text is built from the emulator's cells on demand: a test looks at the screen
 * far more seldom than the program writes to it. A cell of a wide character's
 * second half holds no character of its own and adds nothing to the row.
 */
#include "screen.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "keys.h"
#include "tame.h"

/* A cell may hold a character with combining ones, each up to 4 bytes. */
#define CELL_BYTES (VTERM_MAX_CHARS_PER_CELL * 4)
#define WIDE_TAIL ((uint32_t)-1)

struct screen {
	struct pty pty;
	struct tame tame;
	VTerm *vterm;
	VTermScreen *cells;
	char term[64];
	int rows, cols;
	int cursor_row, cursor_col;
	bool cursor_visible;
	bool alternate;
	bool mouse;
	char **row;  /* rows buffers of row_size bytes */
	char *text;
	size_t row_size;
};

static int on_property(VTermProp property, VTermValue *value, void *user)
{
	struct screen *screen = user;
	if (property == VTERM_PROP_CURSORVISIBLE)
		screen->cursor_visible = value->boolean;
	else if (property == VTERM_PROP_ALTSCREEN)
		screen->alternate = value->boolean;
	else if (property == VTERM_PROP_MOUSE)
		screen->mouse = value->number != VTERM_PROP_MOUSE_NONE;
	return 1;
}

static int on_cursor(VTermPos to, VTermPos from, int visible, void *user)
{
	(void)from;
	(void)visible;
	struct screen *screen = user;
	screen->cursor_row = to.row;
	screen->cursor_col = to.col;
	return 1;
}

static void to_emulator(const char *bytes, size_t length, void *context)
{
	struct screen *screen = context;
	vterm_input_write(screen->vterm, bytes, length);
}

/* What a terminal answers to queries (where is the cursor, who are you). */
static void to_program(const char *bytes, size_t length, void *context)
{
	struct screen *screen = context;
	/* A program that has gone needs no answer. */
	(void)pty_write(&screen->pty, bytes, length);
}

static void buffers_free(struct screen *screen)
{
	for (int i = 0; screen->row != NULL && i < screen->rows; i++)
		free(screen->row[i]);
	free(screen->row);
	free(screen->text);
	screen->row = NULL;
	screen->text = NULL;
}

static bool buffers_make(struct screen *screen)
{
	screen->row_size = (size_t)screen->cols * CELL_BYTES + 2;
	screen->row = calloc((size_t)screen->rows, sizeof(*screen->row));
	screen->text = calloc((size_t)screen->rows, screen->row_size);
	bool ok = screen->row != NULL && screen->text != NULL;
	for (int i = 0; ok && i < screen->rows; i++) {
		screen->row[i] = calloc(1, screen->row_size);
		ok = screen->row[i] != NULL;
	}
	return ok;
}

struct screen *screen_new(const struct pty_options *options, const char *const argv[])
{
	static const VTermScreenCallbacks callbacks = {
		.settermprop = on_property,
		.movecursor = on_cursor,
	};
	struct screen *screen = calloc(1, sizeof(*screen));
	if (screen == NULL)
		return NULL;
	screen->pty.master = -1;
	screen->rows = options != NULL && options->rows > 0 ? options->rows : 24;
	screen->cols = options != NULL && options->cols > 0 ? options->cols : 80;
	screen->cursor_visible = true;
	snprintf(screen->term, sizeof(screen->term), "%s",
		 options != NULL && options->term != NULL ? options->term : "xterm-256color");
	screen->vterm = vterm_new(screen->rows, screen->cols);
	if (screen->vterm == NULL || !buffers_make(screen)) {
		screen_free(screen);
		errno = ENOMEM;
		return NULL;
	}
	const char *locale = options != NULL && options->locale != NULL ? options->locale : "C.UTF-8";
	vterm_set_utf8(screen->vterm, strstr(locale, "UTF-8") != NULL || strstr(locale, "utf8") != NULL);
	vterm_output_set_callback(screen->vterm, to_program, screen);
	screen->cells = vterm_obtain_screen(screen->vterm);
	vterm_screen_set_callbacks(screen->cells, &callbacks, screen);
	vterm_screen_enable_altscreen(screen->cells, 1);
	vterm_screen_reset(screen->cells, 1);
	tame_init(&screen->tame, to_emulator, screen);

	int r = pty_start(&screen->pty, options, argv);
	if (r < 0) {
		screen_free(screen);
		errno = -r;
		return NULL;
	}
	return screen;
}

void screen_free(struct screen *screen)
{
	if (screen == NULL)
		return;
	pty_done(&screen->pty);
	if (screen->vterm != NULL)
		vterm_free(screen->vterm);
	buffers_free(screen);
	free(screen);
}

const struct pty *screen_pty(const struct screen *screen)
{
	return &screen->pty;
}

int screen_type(struct screen *screen, const char *bytes)
{
	return pty_write(&screen->pty, bytes, strlen(bytes));
}

int screen_keys(struct screen *screen, const char *name, ...)
{
	int r = 0;
	va_list names;
	va_start(names, name);
	for (; r == 0 && name != NULL; name = va_arg(names, const char *)) {
		char bytes[KEYS_MAX];
		size_t length = keys_bytes(screen->term, name, bytes);
		r = length == 0 ? -EINVAL : pty_write(&screen->pty, bytes, length);
	}
	va_end(names);
	return r;
}

/* One read into the emulator; as pty_read. */
static ssize_t take(struct screen *screen, int timeout_ms)
{
	char bytes[4096];
	ssize_t n = pty_read(&screen->pty, bytes, sizeof(bytes), timeout_ms);
	if (n > 0)
		tame_feed(&screen->tame, bytes, (size_t)n);
	return n;
}

bool screen_settle(struct screen *screen, int quiet_ms, int timeout_ms)
{
	int64_t deadline = pty_now_ms() + timeout_ms;
	while (pty_now_ms() < deadline) {
		if (take(screen, quiet_ms) <= 0)
			return true; /* quiet, or nobody left to write */
	}
	return false;
}

int64_t screen_burst(struct screen *screen, int quiet_ms, int timeout_ms)
{
	uint64_t before = screen->pty.bytes;
	ssize_t n = take(screen, timeout_ms);
	if (n <= 0)
		return n;
	int64_t deadline = pty_now_ms() + timeout_ms;
	while (take(screen, quiet_ms) > 0 && pty_now_ms() < deadline)
		continue;
	return (int64_t)(screen->pty.bytes - before);
}

bool screen_wait_for(struct screen *screen, bool (*holds)(struct screen *screen, void *context), void *context,
		     int timeout_ms)
{
	int64_t deadline = pty_now_ms() + timeout_ms;
	for (;;) {
		bool settled = screen_settle(screen, SCREEN_SETTLED_MS, timeout_ms);
		if (settled && holds(screen, context))
			return true;
		int64_t left = deadline - pty_now_ms();
		if (left <= 0)
			return false;
		ssize_t n = take(screen, (int)left);
		if (n < 0)
			return holds(screen, context);
	}
}

struct wanted {
	const char *text;
	bool present;
};

static bool shows(struct screen *screen, void *context)
{
	const struct wanted *wanted = context;
	return (screen_find(screen, wanted->text, 0, NULL) >= 0) == wanted->present;
}

bool screen_wait(struct screen *screen, const char *text, int timeout_ms)
{
	struct wanted wanted = { text, true };
	return screen_wait_for(screen, shows, &wanted, timeout_ms);
}

bool screen_wait_gone(struct screen *screen, const char *text, int timeout_ms)
{
	struct wanted wanted = { text, false };
	return screen_wait_for(screen, shows, &wanted, timeout_ms);
}

static size_t put_utf8(char *dst, uint32_t code)
{
	if (code < 0x80) {
		dst[0] = (char)code;
		return 1;
	}
	size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	dst[0] = (char)(lead[more] | code >> (6 * more));
	for (size_t i = 1; i <= more; i++)
		dst[i] = (char)(0x80 | (code >> (6 * (more - i)) & 0x3f));
	return more + 1;
}

static VTermScreenCell cell_at(const struct screen *screen, int row, int col)
{
	VTermScreenCell cell = { 0 };
	vterm_screen_get_cell(screen->cells, (VTermPos){ .row = row, .col = col }, &cell);
	return cell;
}

const char *screen_row(struct screen *screen, int row)
{
	if (row < 0 || row >= screen->rows)
		return "";
	char *dst = screen->row[row];
	size_t length = 0, inked = 0;
	for (int col = 0; col < screen->cols; col++) {
		VTermScreenCell cell = cell_at(screen, row, col);
		if (cell.chars[0] == WIDE_TAIL)
			continue;
		if (cell.chars[0] == 0) {
			dst[length++] = ' ';
			continue;
		}
		for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++)
			length += put_utf8(dst + length, cell.chars[i]);
		if (cell.chars[0] != ' ')
			inked = length;
	}
	dst[inked] = '\0';
	return dst;
}

const char *screen_text(struct screen *screen)
{
	char *dst = screen->text;
	for (int row = 0; row < screen->rows; row++) {
		const char *line = screen_row(screen, row);
		size_t length = strlen(line);
		memcpy(dst, line, length);
		dst += length;
		*dst++ = '\n';
	}
	*dst = '\0';
	return screen->text;
}

/* Bytes into the row -> column on the screen. */
static int column_of(const struct screen *screen, int row, size_t bytes)
{
	size_t passed = 0;
	for (int col = 0; col < screen->cols; col++) {
		VTermScreenCell cell = cell_at(screen, row, col);
		if (cell.chars[0] == WIDE_TAIL)
			continue;
		if (passed >= bytes)
			return col;
		char scratch[4];
		if (cell.chars[0] == 0)
			passed++;
		for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++)
			passed += put_utf8(scratch, cell.chars[i]);
	}
	return screen->cols;
}

int screen_find(struct screen *screen, const char *text, int from, int *ret_col)
{
	for (int row = from; row < screen->rows; row++) {
		const char *line = screen_row(screen, row);
		const char *hit = strstr(line, text);
		if (hit == NULL)
			continue;
		if (ret_col != NULL)
			*ret_col = column_of(screen, row, (size_t)(hit - line));
		return row;
	}
	return -1;
}

unsigned screen_attributes(struct screen *screen, int row, int col)
{
	VTermScreenCell cell = cell_at(screen, row, col);
	unsigned set = 0;
	set |= cell.attrs.bold ? SCREEN_BOLD : 0U;
	set |= cell.attrs.underline ? SCREEN_UNDERLINE : 0U;
	set |= cell.attrs.reverse ? SCREEN_REVERSE : 0U;
	set |= cell.attrs.blink ? SCREEN_BLINK : 0U;
	set |= !VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) ? SCREEN_FG : 0U;
	set |= !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg) ? SCREEN_BG : 0U;
	return set;
}

void screen_size(const struct screen *screen, int *ret_rows, int *ret_cols)
{
	*ret_rows = screen->rows;
	*ret_cols = screen->cols;
}

void screen_cursor(const struct screen *screen, int *ret_row, int *ret_col)
{
	*ret_row = screen->cursor_row;
	*ret_col = screen->cursor_col;
}

bool screen_cursor_is_visible(const struct screen *screen)
{
	return screen->cursor_visible;
}

bool screen_is_alternate(const struct screen *screen)
{
	return screen->alternate;
}

int screen_resize(struct screen *screen, int rows, int cols)
{
	buffers_free(screen);
	screen->rows = rows;
	screen->cols = cols;
	if (!buffers_make(screen))
		return -ENOMEM;
	vterm_set_size(screen->vterm, rows, cols);
	return pty_resize(&screen->pty, rows, cols);
}

void screen_hangup(struct screen *screen)
{
	pty_hangup(&screen->pty);
}

bool screen_wait_end(struct screen *screen, int timeout_ms)
{
	int64_t deadline = pty_now_ms() + timeout_ms;
	while (!pty_wait_end(&screen->pty, 0) && pty_now_ms() < deadline) {
		/* A terminal nobody reads would hold the program up; one that is
		 * closed already has nothing more to say. */
		if (take(screen, 10) < 0)
			return pty_wait_end(&screen->pty, timeout_ms);
	}
	if (!screen->pty.ended)
		return false;
	/* Its last bytes may still be on their way through the kernel: they have all
	 * come when the read says that the other side is closed. A child that keeps
	 * it open may say nothing more. */
	while (take(screen, 1000) > 0)
		continue;
	return true;
}

bool screen_is_restored(struct screen *screen)
{
	VTermState *state = vterm_obtain_state(screen->vterm);
	VTermValue bold = { 0 }, underline = { 0 }, reverse = { 0 };
	vterm_state_get_penattr(state, VTERM_ATTR_BOLD, &bold);
	vterm_state_get_penattr(state, VTERM_ATTR_UNDERLINE, &underline);
	vterm_state_get_penattr(state, VTERM_ATTR_REVERSE, &reverse);
	const struct {
		bool bad;
		const char *what;
	} faults[] = {
		{ screen->alternate, "still on the alternate screen" },
		{ !screen->cursor_visible, "the cursor is still hidden" },
		{ screen->mouse, "the mouse still reports" },
		{ bold.boolean || underline.number != 0 || reverse.boolean, "text attributes are still on" },
		{ !pty_is_restored(&screen->pty), "the line settings differ" },
	};
	bool good = true;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (faults[i].bad) {
			fprintf(stderr, "# terminal not restored: %s\n", faults[i].what);
			good = false;
		}
	}
	return good;
}

void screen_print(struct screen *screen, FILE *to)
{
	fprintf(to, "# screen %dx%d, TERM=%s, cursor %d,%d%s%s, %llu bytes\n", screen->cols, screen->rows,
		screen->term, screen->cursor_col, screen->cursor_row, screen->cursor_visible ? "" : " hidden",
		screen->alternate ? ", alternate" : "", (unsigned long long)screen->pty.bytes);
	for (int row = 0; row < screen->rows; row++)
		fprintf(to, "# |%s\n", screen_row(screen, row));
	if (screen->pty.ended)
		fprintf(to, "# the program has ended, wait status 0x%x\n", (unsigned)screen->pty.wait_status);
}
