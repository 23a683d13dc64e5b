/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line, by getopt_long over the option table, and --help from the
 * same table.
 */
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* getopt_long's codes: the table's index above all letters. */
#define CODE_BASE 0x100

/* What getopt_long wants, made from the rows of one subcommand. */
struct getopt_tables {
	char letters[2 + 2 * OPTION__COUNT + 1];
	struct option names[OPTION__COUNT + 1];
};

static bool takes_value(const struct option_info *row)
{
	return row->metavar != NULL;
}

static bool belongs_to(const struct option_info *row, enum subcommand subcommand)
{
	return row->name && (row->subcommands & 1U << subcommand);
}

static void tables_make(struct getopt_tables *tables, enum subcommand subcommand)
{
	/* ':' tells a missing value from an unknown option. */
	char *letter = tables->letters;
	*letter++ = ':';
	unsigned n = 0;
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		const struct option_info *row = &option_table[i];
		if (!belongs_to(row, subcommand))
			continue;
		tables->names[n++] = (struct option){ .name = row->name,
						      .has_arg = takes_value(row) ? required_argument : no_argument,
						      .val = CODE_BASE + (int)i };
		if (row->letter) {
			*letter++ = row->letter;
			if (takes_value(row))
				*letter++ = ':';
		}
	}
	*letter = '\0';
	tables->names[n] = (struct option){ 0 };
}

static enum option_id row_of_code(int code, enum subcommand subcommand)
{
	if (code >= CODE_BASE)
		return (enum option_id)(code - CODE_BASE);
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		if (belongs_to(&option_table[i], subcommand) && option_table[i].letter == code)
			return (enum option_id)i;
	}
	return OPTION__COUNT;
}

/* What an option without a value stands for in option_set. */
static struct text implied_value(enum option_id id)
{
	switch (option_table[id].kind) {
	case KIND_FLAG:
		return TEXT("yes");
	case KIND_FLAG_OFF:
		return TEXT("no");
	default:
		return TEXT("");
	}
}

/* Say what getopt_long stumbled over. code: '?' or ':'. word: the argument it
 * was looking at. */
static void explain(int code, const char *word, struct diag *diag)
{
	char name[64] = "";
	if (optopt > 0 && optopt < CODE_BASE && word[0] == '-' && word[1] != '-')
		snprintf(name, sizeof name, "-%c", optopt >= ' ' && optopt < 127 ? optopt : '?');
	else if (optopt >= CODE_BASE)
		snprintf(name, sizeof name, "--%s", option_table[optopt - CODE_BASE].name);

	if (code == ':')
		diag_set(diag, NULL, 0, "%s: needs a value; see --help", name);
	else if (optopt >= CODE_BASE)
		diag_set(diag, NULL, 0, "%s: takes no value; see --help", name);
	else if (name[0])
		diag_set(diag, NULL, 0, "%s: no such option; see --help", name);
	else
		diag_set(diag, NULL, 0, "%.40s: no such option, or the beginning of several; see --help", word);
}

/* One question at a time. */
static int check_scopes(const struct options *options, struct diag *diag)
{
	static const enum option_id scopes[] = { OPTION_MEMCG, OPTION_CPUSET, OPTION_MEMPOLICY, OPTION_SYSRQ };
	const char *first = NULL;
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
		if (!options->given[scopes[i]])
			continue;
		const char *name = option_table[scopes[i]].name;
		if (first) {
			diag_set(diag, NULL, 0, "--%s and --%s ask about two different OOMs: give one of them; see --help",
				 first, name);
			return -EINVAL;
		}
		first = name;
	}
	return 0;
}

/* Only a screen has room for two answers. */
static int check_model(const struct options *options, struct diag *diag)
{
	bool on_stdout = options->batch || options->output != EMIT_TEXT;
	if (options->subcommand != SUBCOMMAND_MONITOR || !options->model || !on_stdout)
		return 0;
	diag_set(diag, NULL, 0, "--model is for the screen, --batch goes by the running kernel's rules alone; use "
				"oomsight predict --model %.40s", options->model);
	return -EINVAL;
}

static int parse_with(struct options *options, int argc, char *const argv[], struct diag *diag)
{
	struct getopt_tables tables;
	tables_make(&tables, options->subcommand);
	opterr = 0;
	optind = 0; /* GNU: begin afresh */
	for (;;) {
		int at = optind > 0 ? optind : 1;
		int code = getopt_long(argc, argv, tables.letters, tables.names, NULL);
		if (code == -1)
			break;
		if (code == '?' || code == ':') {
			/* A cluster of letters leaves optind on its word. */
			explain(code, code == ':' || optopt == 0 || optopt >= CODE_BASE ? argv[optind - 1] : argv[at], diag);
			return -EINVAL;
		}
		enum option_id id = row_of_code(code, options->subcommand);
		assert(id < OPTION__COUNT);
		const struct option_info *row = &option_table[id];
		struct diag why = { 0 };
		int r = option_set(id, takes_value(row) ? text_of_str(optarg) : implied_value(id), options, &why);
		if (r < 0) {
			diag_set(diag, NULL, 0, "--%s: %s; see --help", row->name, why.text);
			return r;
		}
		options->given[id] = true;
		/* Who asks for help gets it, whatever stands behind. */
		if (options->wish != WISH_RUN)
			return 0;
	}
	if (subcommand_table[options->subcommand].takes_files) {
		options->files = argv + optind;
		options->nfiles = (uint32_t)(argc - optind);
	} else if (optind < argc) {
		diag_set(diag, NULL, 0, "'%.40s' is not an option, and a subcommand comes first; see --help", argv[optind]);
		return -EINVAL;
	}
	int r = check_scopes(options, diag);
	return r < 0 ? r : check_model(options, diag);
}

int options_parse(struct options *options, int argc, char *const argv[], struct diag *diag)
{
	options->subcommand = SUBCOMMAND_MONITOR;
	if (argc > 1 && argv[1][0] != '-') {
		unsigned i = SUBCOMMAND_MONITOR + 1;
		while (i < SUBCOMMAND__COUNT && strcmp(argv[1], subcommand_table[i].name) != 0)
			i++;
		if (i == SUBCOMMAND__COUNT) {
			diag_set(diag, NULL, 0, "'%.40s' is not a subcommand; see --help", argv[1]);
			return -EINVAL;
		}
		options->subcommand = (enum subcommand)i;
		argc--;
		argv++;
	}
	return parse_with(options, argc, argv, diag);
}

/* --- help ------------------------------------------------------------------- */

#define HELP_WIDTH 79
#define HELP_INDENT 27

/* Append words from the column `indent` on, and go on there where a line is full. */
static void wrap(struct out *out, struct text words, int indent)
{
	size_t column = (size_t)indent;
	struct text word;
	bool first = true;
	while (text_next_word(&words, &word)) {
		if (!first && column + 1 + word.len > HELP_WIDTH) {
			out_printf(out, "\n%*s", indent, "");
			column = (size_t)indent;
			first = true;
		}
		if (!first) {
			out_char(out, ' ');
			column++;
		}
		out_text(out, word);
		column += word.len;
		first = false;
	}
	out_char(out, '\n');
}

void options_help(enum subcommand subcommand, struct out *out)
{
	const struct subcommand_info *self = &subcommand_table[subcommand];
	for (unsigned i = 0; i < SUBCOMMAND__COUNT; i++) {
		const struct subcommand_info *info = &subcommand_table[i];
		if (subcommand != SUBCOMMAND_MONITOR && i != subcommand)
			continue;
		out_printf(out, "%s oomsight%s%s %s\n", i == 0 || i == subcommand ? "Usage:" : "      ",
			   info->name[0] ? " " : "", info->name, info->arguments);
	}
	out_str(out, "\nShow who the kernel would kill next when memory runs out.\n");
	char summary[256];
	int len = snprintf(summary, sizeof summary, "%s: %s.", self->name[0] ? self->name : "Without a subcommand",
			   self->summary);
	wrap(out, text_of(summary, (size_t)len), 0);
	out_char(out, '\n');
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		const struct option_info *row = &option_table[i];
		if (!belongs_to(row, subcommand))
			continue;
		char left[64];
		char letter[] = { '-', row->letter, ',', '\0' };
		int n = snprintf(left, sizeof left, "  %3s --%s%s%s", row->letter ? letter : "", row->name,
				 row->metavar ? " " : "", row->metavar ? row->metavar : "");
		out_str(out, left);
		if (n >= HELP_INDENT - 1) {
			out_char(out, '\n');
			n = 0;
		}
		out_printf(out, "%*s", HELP_INDENT - n, "");
		char help[256];
		n = snprintf(help, sizeof help, row->default_text ? "%s (default: %s)" : "%s", row->help, row->default_text);
		wrap(out, text_of(help, (size_t)n), HELP_INDENT);
	}
	out_str(out, "\nExit status: 0 done, 1 an error while running, 2 a wrong command line.\n");
	if (subcommand == SUBCOMMAND_MONITOR)
		out_str(out, "Keys are shown by h in the monitor. All of it: man oomsight.\n");
}
