/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The operator's taste: what the config file holds and W writes. Parsing and
 * writing text are pure; the functions that touch files stand apart below.
 *
 * A file has lines `key = value`; a line that begins with '#' is a comment.
 * Values are names, never numbers of an enum.
 */
#ifndef OOMSIGHT_APP_CONFIG_H
#define OOMSIGHT_APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/out.h"
#include "oomsight/base/text.h"
#include "oomsight/base/units.h"
#include "oomsight/tui/key.h"

enum sort_order {
	ORDER_NATURAL,    /* as the column has it: figures from high to low */
	ORDER_DESCENDING, /* "+FIELD" */
	ORDER_ASCENDING,  /* "-FIELD" */
};

#define CONFIG_FIELD_SIZE 24
#define CONFIG_COLUMNS_SIZE 512
#define CONFIG_THEME_SIZE 64
#define CONFIG_PATH_SIZE 4096
#define CONFIG_FILE_MAX 65536 /* bytes; a longer config or theme file is refused */

struct config_sort {
	char field[CONFIG_FIELD_SIZE]; /* a column's name; "": kill order */
	enum sort_order order;
};

struct config {
	double delay_s;
	struct config_sort sort;
	char columns[CONFIG_COLUMNS_SIZE]; /* names parted by ',' or blanks; "": the default ones */
	char theme[CONFIG_THEME_SIZE];
	enum units units;
	bool color;
	bool ascii;
	bool kernel_threads;
	bool command_line;
	bool tree;
	bool protect; /* the monitor, as root: with all that follows */
	bool protect_memory;
	bool protect_oom_score;
	bool protect_priority;
	struct keymap keymap;
};

void config_default(struct config *config);

/* Told of every line that is skipped. */
typedef void config_warn(const struct diag *diag, void *context);

/* Read settings over *config. Lines that make no sense are told to `warn` (NULL:
 * nobody) with `name` and their number, and skipped. Pure. */
void config_parse(struct text text, const char *name, struct config *config, config_warn *warn, void *context);

/* The whole config as a commented file that config_parse reads back. Pure. */
void config_write(const struct config *config, struct out *out);

/* --- files ------------------------------------------------------------------ */

/* Where to look, in this order; NULL or "" for a place there is not. */
struct config_places {
	const char *xdg;     /* $XDG_CONFIG_HOME, an absolute path */
	const char *home;    /* $HOME */
	const char *sysconf; /* /etc */
	const char *pkgdata; /* /usr/share/oomsight */
	bool trusted_only;   /* as root: only root's files that nobody else can write */
};

void config_places_init(struct config_places *places);

/* Read the first config file there is over *config. One that may not be
 * trusted or read is told to `warn`, and the next place is tried. No file at
 * all is no error. */
void config_load(const struct config_places *places, struct config *config, config_warn *warn, void *context);

/* Write the operator's own config file, whole or not at all; missing
 * directories are made. path (size CONFIG_PATH_SIZE) becomes the file's name.
 * Returns 0 or -errno with *diag filled. */
int config_save(const struct config_places *places, const struct config *config, char *path, struct diag *diag);

/* Read the theme of that name: the operator's own file, else the installed one,
 * else the one compiled in. path (size CONFIG_PATH_SIZE) becomes the file's
 * name, the bytes are appended to *out. Returns 0; -ENOENT when there is none; another -errno with *diag filled. */
int config_read_theme(const struct config_places *places, const char *name, char *path, struct out *out,
		      struct diag *diag);

/* Names of all themes there are, sorted, each once. Returns how many stand in names. */
size_t config_themes(const struct config_places *places, char names[][CONFIG_THEME_SIZE], size_t max);

#endif
