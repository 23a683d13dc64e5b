/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal, by ncursesw and its data base.
 *
 * Left to curses: to begin on any terminal, its modes, and its keys. Not left to it:
 * drawing (paint.c; its windows are shrunk to a cell each, and nothing may refresh them),
 * signals (its handlers would exit() or draw from inside a handler), the
 * size (asked of the kernel at each call, instead of a flag set by a handler),
 * characters typed (wget_wch() swallows all that follows an invalid byte), and
 * since it would wait for a terminal that is stopped, the terminal itself: once
 * begun, all is written into an outlet, and the modes are set by us. A frame that
 * comes while the terminal has not taken the one before is dropped.
 */
#include "oomsight/tui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "outlet.h"
#include "paint.h"
#include "terminfo.h"

enum { ESCAPE_DELAY_MS = 50 };

/* How long a stopped terminal may hold us up when it is given back. */
enum { FAREWELL_MS = 2000 };

struct term {
	SCREEN *screen;
	FILE *in, *out; /* curses' own descriptors */
	int in_fd, out_fd;
	struct outlet outlet;
	struct termios saved; /* what the shell had */
	struct termios modes; /* ours */
	WINDOW *keys;         /* a pad: reading keys from it never draws */
	struct key_decoder decoder;
	struct key typed[4]; /* decoded, not yet asked for */
	unsigned n_typed;
	int default_rows, default_columns; /* where the kernel does not know */
	struct painter painter;
	bool no_color;
	bool unknown; /* the terminal may show anything: send everything */
	bool suspended;
	bool dropped; /* a frame, since the terminal took no more */
};

static void set_looks(struct term *term, const struct theme *theme)
{
	int colors = term_colors(term);
	struct theme mono;
	if (colors == 0 && theme_has_colors(theme)) {
		theme_mono(&mono);
		theme = &mono;
	}
	painter_theme(&term->painter, theme, colors);
	term->unknown = true;
}

/* ---- size ---- */

static int within(int value, int max)
{
	return value < 1 ? 1 : value > max ? max : value;
}

/* Returns whether it is another one than before. */
static bool find_size(struct term *term)
{
	struct painter *painter = &term->painter;
	struct winsize size;
	int rows = term->default_rows, columns = term->default_columns;
	/* A serial line does not know its size. */
	if (ioctl(term->out_fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		rows = size.ws_row;
		columns = size.ws_col;
	}
	rows = within(rows, TERM_ROWS_MAX);
	columns = within(columns, TERM_COLUMNS_MAX);
	bool other = rows != painter->rows || columns != painter->columns;
	painter->rows = rows;
	painter->columns = columns;
	return other;
}

void term_size(struct term *term, uint16_t *ret_rows, uint16_t *ret_columns)
{
	term->unknown |= find_size(term);
	*ret_rows = (uint16_t)term->painter.rows;
	*ret_columns = (uint16_t)term->painter.columns;
}

/* ---- open and close ---- */

/* newterm() sets its own handlers for these where the disposition is the
 * default: they are taken back before any can run. */
static const int curses_signals[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
enum { N_CURSES_SIGNALS = sizeof curses_signals / sizeof curses_signals[0] };

static SCREEN *newterm_without_handlers(FILE *out, FILE *in)
{
	struct sigaction before[N_CURSES_SIGNALS];
	sigset_t set, mask;
	sigemptyset(&set);
	for (size_t i = 0; i < N_CURSES_SIGNALS; i++) {
		sigaddset(&set, curses_signals[i]);
		sigaction(curses_signals[i], NULL, &before[i]);
	}
	pthread_sigmask(SIG_BLOCK, &set, &mask);
	SCREEN *screen = newterm(NULL, out, in);
	for (size_t i = 0; i < N_CURSES_SIGNALS; i++)
		sigaction(curses_signals[i], &before[i], NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return screen;
}

/* What stands behind the dot of "de_DE.UTF-8@euro"; all of "UTF-8", which some systems send
 * along as LC_CTYPE; nothing else, where there is no dot. */
static struct text codeset_of(const char *locale)
{
	const char *dot = strchr(locale, '.');
	if (!dot)
		return strcmp(locale, "UTF-8") == 0 ? text_of_str(locale) : TEXT("");
	return text_of(dot + 1, strcspn(dot + 1, "@"));
}

/* Does the user's locale speak UTF-8? Mostly its name tells. Nothing else here goes by a
 * locale: the library is asked for those whose name does not (en_IN), as it would map tables
 * that stay. */
static bool is_locale_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *name = NULL;
	for (size_t i = 0; i < sizeof variables / sizeof variables[0] && (!name || name[0] == '\0'); i++)
		name = getenv(variables[i]);
	if (!name || name[0] == '\0' || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0)
		return false;
	struct text codeset = codeset_of(name);
	if (codeset.len > 0)
		return text_contains_nocase(codeset, TEXT("UTF-8")) || text_contains_nocase(codeset, TEXT("UTF8"));
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	if (!locale)
		return false;
	bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8;
}

static FILE *open_copy(int fd, const char *mode)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return NULL;
	FILE *file = fdopen(copy, mode);
	if (!file)
		close(copy);
	return file;
}

/* Sequences that terminals send although their description lacks them. */
static void define_common_keys(void)
{
	static const struct {
		const char *bytes;
		int code;
	} sequences[] = {
		{ "\033[A", KEY_UP },       { "\033OA", KEY_UP },       { "\033[B", KEY_DOWN },
		{ "\033OB", KEY_DOWN },     { "\033[C", KEY_RIGHT },    { "\033OC", KEY_RIGHT },
		{ "\033[D", KEY_LEFT },     { "\033OD", KEY_LEFT },     { "\033[H", KEY_HOME },
		{ "\033OH", KEY_HOME },     { "\033[1~", KEY_HOME },    { "\033[7~", KEY_HOME },
		{ "\033[F", KEY_END },      { "\033OF", KEY_END },      { "\033[4~", KEY_END },
		{ "\033[8~", KEY_END },     { "\033[2~", KEY_IC },      { "\033[3~", KEY_DC },
		{ "\033[5~", KEY_PPAGE },   { "\033[6~", KEY_NPAGE },   { "\033[Z", KEY_BTAB },
		{ "\033OP", KEY_F(1) },     { "\033OQ", KEY_F(2) },     { "\033OR", KEY_F(3) },
		{ "\033OS", KEY_F(4) },     { "\033[11~", KEY_F(1) },   { "\033[12~", KEY_F(2) },
		{ "\033[13~", KEY_F(3) },   { "\033[14~", KEY_F(4) },   { "\033[[A", KEY_F(1) },
		{ "\033[[B", KEY_F(2) },    { "\033[[C", KEY_F(3) },    { "\033[[D", KEY_F(4) },
		{ "\033[[E", KEY_F(5) },    { "\033[15~", KEY_F(5) },   { "\033[17~", KEY_F(6) },
		{ "\033[18~", KEY_F(7) },   { "\033[19~", KEY_F(8) },   { "\033[20~", KEY_F(9) },
		{ "\033[21~", KEY_F(10) },  { "\033[23~", KEY_F(11) },  { "\033[24~", KEY_F(12) },
		{ "\033OM", KEY_ENTER },
	};
	/* Reports of a mouse we never ask for: swallowed whole as unknown. */
	define_key(NULL, KEY_MOUSE);
	for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
		/* Beyond KEY_MAX curses numbers keys without a name of its own, as
		 * the Linux console's BackTab. Less than 0: part of a longer one. */
		int code = key_defined(sequences[i].bytes);
		if (code == 0 || code > KEY_MAX)
			define_key(sequences[i].bytes, sequences[i].code);
	}
}

static int set_modes(struct term *term)
{
	if (cbreak() == ERR || noecho() == ERR || nonl() == ERR || tcgetattr(term->out_fd, &term->modes) < 0)
		return -EIO;
	/* ^S is a key like others. */
	term->modes.c_iflag &= ~(tcflag_t)IXON;
	tcsetattr(term->out_fd, TCSANOW, &term->modes);
	/* Without an outlet we go on with the terminal itself. */
	(void)outlet_open(&term->outlet, fileno(term->out));
	if (!getenv("ESCDELAY"))
		set_escdelay(ESCAPE_DELAY_MS);
	term->keys = newpad(1, 1);
	if (!term->keys)
		return -ENOMEM;
	keypad(term->keys, TRUE);
	nodelay(term->keys, TRUE);
	define_common_keys();
	return 0;
}

static int size_from(const char *variable, int otherwise)
{
	uint64_t size;
	if (text_to_u64(text_of_str(getenv(variable)), 10, &size) < 0 || size == 0 || size > INT_MAX)
		return otherwise;
	return (int)size;
}

static bool is_size_mad(int fd)
{
	struct winsize size;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && (size.ws_row > TERM_ROWS_MAX || size.ws_col > TERM_COLUMNS_MAX))
		return true;
	return size_from("LINES", 0) > TERM_ROWS_MAX || size_from("COLUMNS", 0) > TERM_COLUMNS_MAX;
}

/* Three windows of the screen's size, 28 bytes a cell, in which nothing is drawn. */
static bool shrink_windows(void)
{
	return wresize(stdscr, 1, 1) == OK && wresize(newscr, 1, 1) == OK && wresize(curscr, 1, 1) == OK;
}

struct term *term_open_on(int in_fd, int out_fd, const struct theme *theme, bool no_color, bool ascii,
			  struct diag *diag)
{
	if (!isatty(in_fd) || !isatty(out_fd)) {
		diag_set(diag, NULL, 0, "%s is not a terminal: use oomsight --batch",
			 isatty(in_fd) ? "standard output" : "standard input");
		return NULL;
	}
	bool sized;
	if (terminfo_check(getenv("TERM"), out_fd, &sized, diag) < 0)
		return NULL;
	struct term *term = calloc(1, sizeof *term);
	if (!term) {
		diag_set(diag, NULL, 0, "out of memory");
		return NULL;
	}
	painter_init(&term->painter, -1, !ascii && is_locale_utf8());
	term->in_fd = in_fd;
	term->out_fd = out_fd;
	term->outlet.tty_fd = -1;
	term->no_color = no_color;
	if (tcgetattr(out_fd, &term->saved) == 0) {
		term->in = open_copy(in_fd, "r");
		term->out = open_copy(out_fd, "w");
	}
	if (term->out)
		term->painter.fd = fileno(term->out);
	/* The size in the terminal's description will do to begin with, as curses fills
	 * memory with as many cells as it is told. Some descriptions have none. */
	use_env(!sized && !is_size_mad(out_fd));
	if (term->in && term->out)
		term->screen = newterm_without_handlers(term->out, term->in);
	if (term->screen) {
		terminfo_read(&term->painter.terminfo);
		term->default_rows = size_from("LINES", getmaxy(newscr));
		term->default_columns = size_from("COLUMNS", getmaxx(newscr));
		find_size(term);
	}
	if (!term->screen || !shrink_windows() || set_modes(term) < 0) {
		diag_set(diag, NULL, 0, "cannot take the terminal '%.40s'; use oomsight --batch", getenv("TERM"));
		term_close(term);
		return NULL;
	}
	/* curses took the screen with the keypad's keys, where there is a way to turn these on. */
	if (!term->painter.terminfo.strings[TI_SMKX])
		painter_enter(&term->painter);
	set_looks(term, theme);
	return term;
}

struct term *term_open(const struct theme *theme, bool no_color, bool ascii, struct diag *diag)
{
	return term_open_on(STDIN_FILENO, STDOUT_FILENO, theme, no_color, ascii, diag);
}

/* A terminal that does not even take a farewell gets a short one when it is there again. */
static void leave_screen(struct term *term)
{
	(void)painter_leave(&term->painter);
	if (outlet_drain(&term->outlet, FAREWELL_MS) == 1) {
		struct term_rescue rescue;
		term_get_rescue(term, &rescue);
		outlet_drop(&term->outlet);
		if (write(term->outlet.memory_fd, rescue.bytes, rescue.len) == (ssize_t)rescue.len)
			(void)outlet_flush(&term->outlet);
	}
	tcsetattr(term->out_fd, TCSANOW, &term->saved);
}

void term_close(struct term *term)
{
	if (!term)
		return;
	if (term->screen) {
		set_term(term->screen);
		if (!term->suspended)
			leave_screen(term);
		if (term->keys)
			delwin(term->keys);
		delscreen(term->screen);
	}
	outlet_close(&term->outlet);
	if (term->in)
		fclose(term->in);
	if (term->out)
		fclose(term->out);
	painter_done(&term->painter);
	free(term);
}

/* ---- drawing ---- */

static bool is_gone(int fd)
{
	struct pollfd poll_fd = { .fd = fd };
	return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* 0, or -EIO when the terminal is gone. */
static int flush(struct term *term)
{
	int r = outlet_flush(&term->outlet);
	return r < 0 || is_gone(term->out_fd) ? -EIO : 0;
}

int term_show(struct term *term, const struct frame *frame, bool redraw)
{
	if (term->suspended)
		return 0;
	set_term(term->screen);
	int waiting = outlet_flush(&term->outlet);
	if (waiting != 0) {
		term->dropped = true;
		term->unknown |= redraw;
		return waiting < 0 || is_gone(term->out_fd) ? -EIO : 0;
	}
	/* Who knows what became of a screen that nobody drew for so long. */
	term->unknown |= term->outlet.stalled;
	term->outlet.stalled = term->dropped = false;
	int r = painter_show(&term->painter, frame, redraw || term->unknown);
	if (r == -ENOMEM)
		return r;
	/* What was not written is anybody's guess. */
	term->unknown = r < 0;
	return flush(term);
}

int term_wait_fd(const struct term *term)
{
	return term->outlet.tty_fd >= 0 && !term->suspended && lseek(term->outlet.memory_fd, 0, SEEK_CUR) > 0 ?
		       term->outlet.tty_fd : -1;
}

int term_go_on(struct term *term, bool *ret_dropped)
{
	int r = outlet_flush(&term->outlet);
	*ret_dropped = r == 0 && term->dropped;
	return r < 0 || is_gone(term->out_fd) ? -EIO : 0;
}

void term_theme(struct term *term, const struct theme *theme, bool no_color)
{
	set_term(term->screen);
	term->no_color = no_color;
	set_looks(term, theme);
}

bool term_is_utf8(const struct term *term)
{
	return term->painter.utf8;
}

int term_colors(const struct term *term)
{
	return term->no_color ? 0 : term->painter.terminfo.colors;
}

void term_bell(struct term *term)
{
	set_term(term->screen);
	if (!term->suspended && outlet_flush(&term->outlet) == 0) {
		(void)painter_put(&term->painter, TI_BEL);
		(void)outlet_flush(&term->outlet);
	}
}

/* ---- keys ---- */

static uint32_t special_code(int curses_code)
{
	static const struct {
		int curses;
		uint32_t code;
	} table[] = {
		{ KEY_UP, KEY_CODE_UP },	 { KEY_DOWN, KEY_CODE_DOWN },
		{ KEY_LEFT, KEY_CODE_LEFT },	 { KEY_RIGHT, KEY_CODE_RIGHT },
		{ KEY_PPAGE, KEY_CODE_PAGE_UP }, { KEY_NPAGE, KEY_CODE_PAGE_DOWN },
		{ KEY_HOME, KEY_CODE_HOME },	 { KEY_END, KEY_CODE_END },
		{ KEY_FIND, KEY_CODE_HOME },	 { KEY_SELECT, KEY_CODE_END },
		{ KEY_A1, KEY_CODE_HOME },	 { KEY_C1, KEY_CODE_END },
		{ KEY_A3, KEY_CODE_PAGE_UP },	 { KEY_C3, KEY_CODE_PAGE_DOWN },
		{ KEY_ENTER, KEY_CODE_ENTER },	 { KEY_BACKSPACE, KEY_CODE_BACKSPACE },
		{ KEY_DC, KEY_CODE_DELETE },	 { KEY_IC, KEY_CODE_INSERT },
		{ KEY_BTAB, KEY_CODE_BACK_TAB }, { KEY_RESIZE, KEY_CODE_RESIZE },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].curses == curses_code)
			return table[i].code;
	if (curses_code >= KEY_F(1) && curses_code <= KEY_F(12))
		return KEY_CODE_F1 + (uint32_t)(curses_code - KEY_F(1));
	return KEY_CODE_NONE;
}

/* Nothing more to read: is that for now, or for ever? */
static bool is_at_end(const struct term *term)
{
	struct pollfd poll_fd = { .fd = term->in_fd, .events = POLLIN };
	int waiting = 0;
	if (poll(&poll_fd, 1, 0) != 1)
		return false;
	if (poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	/* Readable without a byte is the end of file; with one, it has just come. */
	return ioctl(term->in_fd, FIONREAD, &waiting) < 0 || waiting == 0;
}

/* Read until a key is complete or nothing is there. */
static int read_keys(struct term *term)
{
	/* A flood of bytes that mean nothing must not keep us here. */
	enum { BYTES_AT_ONCE = 1024 };
	for (int i = 0; i < BYTES_AT_ONCE && term->n_typed == 0; i++) {
		int c = wgetch(term->keys);
		if (c == ERR) {
			if (key_decoder_flush(&term->decoder, term->typed))
				term->n_typed = 1;
			else if (is_at_end(term))
				return -EIO;
			return 0;
		}
		if (c < 0x100) {
			term->n_typed = key_decoder_feed(&term->decoder, (unsigned char)c, term->typed);
			continue;
		}
		if (key_decoder_flush(&term->decoder, term->typed))
			term->n_typed = 1;
		uint32_t code = special_code(c);
		if (code != KEY_CODE_NONE)
			term->typed[term->n_typed++].code = code;
	}
	return 0;
}

int term_key(struct term *term, struct key *ret_key)
{
	if (term->n_typed == 0 && !term->suspended) {
		set_term(term->screen);
		int r = read_keys(term);
		if (r < 0)
			return r;
	}
	if (term->n_typed == 0) {
		ret_key->code = KEY_CODE_NONE;
		return 0;
	}
	*ret_key = term->typed[0];
	term->n_typed--;
	memmove(term->typed, term->typed + 1, term->n_typed * sizeof term->typed[0]);
	return 0;
}

int term_fd(const struct term *term)
{
	return term->in_fd;
}

/* ---- suspend, crash ---- */

void term_suspend(struct term *term)
{
	if (term->suspended)
		return;
	set_term(term->screen);
	leave_screen(term);
	term->suspended = true;
}

void term_resume(struct term *term)
{
	set_term(term->screen);
	if (term->suspended) {
		/* The shell's modes may have been changed meanwhile. */
		(void)tcgetattr(term->out_fd, &term->saved);
	}
	outlet_drop(&term->outlet);
	tcsetattr(term->out_fd, TCSANOW, &term->modes);
	(void)painter_enter(&term->painter);
	term->suspended = false;
	term->unknown = true;
}

void term_get_rescue(const struct term *term, struct term_rescue *ret_rescue)
{
	set_term(term->screen);
	ret_rescue->fd = term->out_fd;
	ret_rescue->termios = term->saved;
	ret_rescue->len = (unsigned short)terminfo_restore_bytes(ret_rescue->bytes, sizeof ret_rescue->bytes);
}
