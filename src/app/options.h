/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything a person can set, in one table: it parses the command line and
 * the config file, and it makes --help and the manual.
 */
#ifndef OOMSIGHT_APP_OPTIONS_H
#define OOMSIGHT_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "oomsight/base/diag.h"
#include "oomsight/base/out.h"
#include "oomsight/base/text.h"
#include "oomsight/emit/emit.h"
#include "oomsight/sample/sampler.h"
#include "oomsight/snapshot/system.h"

enum subcommand { SUBCOMMAND_MONITOR, SUBCOMMAND_PREDICT, SUBCOMMAND_EXPLAIN, SUBCOMMAND__COUNT };

struct subcommand_info {
	const char *name;      /* as argv[1]; "" for the monitor */
	const char *arguments; /* after the name, as usage shows them */
	const char *summary;
	bool takes_files;      /* words after the options */
};

extern const struct subcommand_info subcommand_table[SUBCOMMAND__COUNT];

/* What to do instead of the subcommand. */
enum options_wish { WISH_RUN, WISH_HELP, WISH_VERSION };

#define OPTIONS_PIDS 256
#define PID_LIMIT 4194304 /* PID_MAX_LIMIT of include/linux/threads.h, 64 bit */

/* An instant, where one was given. */
struct options_time {
	bool given;
	int64_t realtime_ns;
};

struct options_adj {
	int32_t pid;
	int16_t adj;
};

/* One row for each thing that can be set. */
#define OPTION_ROWS(X) \
	X(DELAY) X(ITERATIONS) X(BATCH) X(OUTPUT) X(OUTPUT_PREDICT) X(OUTPUT_EXPLAIN) X(SORT) X(USER) X(PID) X(MEMCG) X(CPUSET) X(MEMPOLICY) X(SYSRQ) X(KILLS) \
	X(ADJ) X(SYSCTL) X(MODEL) X(MODEL_MONITOR) \
	X(SINCE) X(UNTIL) X(COMM) X(CGROUP) X(LAST) X(KERNEL) X(JOURNAL) X(BOOT) \
	X(SOURCE) X(READONLY) X(AUDIT) X(ROOT) X(COLUMNS) X(UNITS) X(THEME) X(COLOR) X(ASCII) X(KTHREADS) \
	X(CMDLINE) X(TREE) X(PROTECT) X(PROTECT_MEMORY) X(PROTECT_OOM_SCORE) X(PROTECT_PRIORITY) X(HELP) X(VERSION)

enum option_id {
#define X(id) OPTION_##id,
	OPTION_ROWS(X)
#undef X
	OPTION__COUNT
};

struct options {
	struct config config; /* what the config file can set too */
	enum subcommand subcommand;
	enum options_wish wish;
	bool given[OPTION__COUNT]; /* on the command line: wins over the config file */
	bool no_color_env;         /* NO_COLOR is set and not empty */
	unsigned config_warnings;  /* lines of the config file that were skipped, */
	char config_warning[256];  /* and the first of them in words */

	uint32_t iterations; /* 0: until stopped */
	bool batch;
	enum emit_format output;
	const char *user; /* name or number; NULL: everybody's */
	int32_t pids[OPTIONS_PIDS];
	uint32_t npids; /* 0: all */
	enum source_wish source;
	bool readonly;
	const char *audit; /* NULL: syslog only */
	const char *root;  /* "/" by default */

	/* Which OOM: at most one of these. */
	const char *memcg;
	const char *cpuset;    /* a list of nodes */
	const char *mempolicy; /* likewise */
	bool sysrq;
	const char *model; /* a release; NULL: the running kernel's rules */
	uint32_t kills;
	struct options_adj *adjs; /* as given, the last word for a pid counts */
	uint32_t nadjs;
	bool sysctl_set[SYSCTL__COUNT];
	int64_t sysctl[SYSCTL__COUNT];

	struct options_time since, until;
	const char *comm;   /* NULL: any */
	const char *cgroup; /* NULL: any */
	uint32_t last;      /* 0: all */
	bool kernel_log;
	bool journal;
	const char *boot; /* of the journal; NULL: all */
	char *const *files; /* words after the options, as they stand in argv */
	uint32_t nfiles;
};

enum option_kind {
	KIND_FLAG,    /* bool: given is true; in the config file yes or no */
	KIND_FLAG_OFF, /* bool: given is false; the config file's key says yes or no */
	KIND_SECONDS, /* double, min .. max */
	KIND_COUNT,   /* uint32_t, min .. max */
	KIND_CHOICE,  /* an enum: one of `choices` */
	KIND_STRING,  /* const char *, kept as it stands in argv */
	KIND_NODES,   /* const char *, likewise; a list of NUMA nodes, not empty */
	KIND_RELEASE, /* const char *, likewise; a kernel release; "current" is NULL */
	KIND_NAME,    /* char[size]: letters, digits, '.', '_', '-'; no leading '.' */
	KIND_COLUMNS, /* char[size]: names of columns, each once */
	KIND_SORT,    /* struct config_sort */
	KIND_PIDS,    /* options.pids, the list replaces an earlier one */
	KIND_ADJ,     /* options.adjs, PID=VALUE, repeatable */
	KIND_SYSCTL,  /* options.sysctl, NAME=VALUE, repeatable */
	KIND_TIME,    /* struct options_time: a date, a time or an age */
	KIND_HELP,
	KIND_VERSION,
};

struct option_choice {
	const char *name;
	unsigned value;
};

struct option_info {
	const char *name; /* long option without "--"; NULL: config file only */
	char letter;      /* '\0' for none */
	enum option_kind kind;
	unsigned subcommands;   /* 1 << enum subcommand, or-ed; 0: config file only */
	const char *config_key; /* NULL: command line only */
	const char *metavar;    /* NULL for flags */
	size_t offset;          /* of the field in struct options */
	size_t size;            /* of the field */
	double min, max;
	const struct option_choice *choices; /* up to a NULL name */
	const char *default_text;            /* for people; NULL: none worth a word */
	const char *help;                    /* a sentence part, no final dot */
};

extern const struct option_info option_table[OPTION__COUNT];

/* Defaults of everything; the config part as config_default() makes it. */
void options_init(struct options *options);
void options_done(struct options *options);

/* Parse a command line over initialised options. Uses getopt_long, whose state
 * is global: not for two threads. Returns 0; -EINVAL with *diag filled (one
 * line: "--delay: '0' is not …; see --help"); -ENOMEM likewise. */
int options_parse(struct options *options, int argc, char *const argv[], struct diag *diag);

/* Parse one value as the row wants it into *options. Returns 0; -EINVAL with
 * *diag filled by a sentence part without the option's name ("'0' is not a
 * number of seconds from 0.1 to 3600"), nothing is changed then; -ENOMEM. */
int option_set(enum option_id id, struct text value, struct options *options, struct diag *diag);

/* The row with that config key, or OPTION__COUNT. */
enum option_id option_of_key(struct text key);

/* Take the config file's settings, except those the command line gave. */
void options_adopt(struct options *options, const struct config *file);

/* Colours, by the config and the environment? */
static inline bool options_has_color(const struct options *options)
{
	return options->config.color && !options->no_color_env;
}

/* What --help prints; no line is longer than 80 columns. */
void options_help(enum subcommand subcommand, struct out *out);

#endif
