/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Makes the manual page: standard input with each line @NAME@ replaced by what
 * the tables of the program say, so that the two cannot part ways. Runs at
 * build time only.
 */
#include <stdio.h>
#include <string.h>

#include "oomsight/base/text.h"
#include "oomsight/knob/knob.h"
#include "oomsight/snapshot/system.h"
#include "oomsight/tui/column.h"
#include "oomsight/tui/frame.h"
#include "oomsight/tui/key.h"
#include "options.h"

/* Text that roff must print as it stands. */
static void roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		switch (*text) {
		case '\\':
			fputs("\\e", stdout);
			break;
		case '-':
			fputs("\\-", stdout);
			break;
		case '^':
			fputs("\\(ha", stdout);
			break;
		case '~':
			fputs("\\(ti", stdout);
			break;
		case '`':
			fputs("\\(ga", stdout);
			break;
		case '\'':
			fputs("\\(aq", stdout);
			break;
		default:
			putchar(*text);
		}
	}
}

/* Prose: hyphens stay hyphens, but names of options are typed as they stand. */
static void prose(const char *text)
{
	struct text rest = text_of_str(text), word;
	for (bool first = true; text_next_word(&rest, &word); first = false) {
		char copy[128];
		text_copy(word, copy, sizeof copy);
		if (!first)
			putchar(' ');
		if (strncmp(copy, "--", 2) == 0) {
			roff(copy);
			continue;
		}
		for (const char *p = copy; *p; p++) {
			if (*p == '-' || (*p == '\'' && p == copy))
				putchar(*p);
			else
				roff((char[]){ *p, '\0' });
		}
	}
}

static void capitalised(const char *text)
{
	char first = *text;
	putchar(first >= 'a' && first <= 'z' ? first - 'a' + 'A' : first);
	if (first && text[1] == ' ') /* "a figure": prose() begins at a word */
		putchar(' ');
	prose(text + 1);
}

/* A help text as a sentence. */
static void sentence(const char *text)
{
	capitalised(text);
	puts(".");
}

static void option_names(const struct option_info *row)
{
	if (row->letter)
		printf("\\fB\\-%c\\fR, ", row->letter);
	fputs("\\fB\\-\\-", stdout);
	roff(row->name);
	fputs("\\fR", stdout);
	if (row->metavar)
		printf(" \\fI%s\\fR", row->metavar);
	putchar('\n');
}

static void default_of(const struct option_info *row)
{
	if (!row->default_text)
		return;
	fputs("The default is ", stdout);
	roff(row->default_text);
	puts(".");
}

static void options_of(enum subcommand subcommand)
{
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		const struct option_info *row = &option_table[i];
		if (!row->name || !(row->subcommands & 1U << subcommand))
			continue;
		puts(".TP");
		option_names(row);
		sentence(row->help);
		default_of(row);
	}
}

static void write_monitor_options(void)
{
	options_of(SUBCOMMAND_MONITOR);
}

static void write_predict_options(void)
{
	options_of(SUBCOMMAND_PREDICT);
}

static void write_explain_options(void)
{
	options_of(SUBCOMMAND_EXPLAIN);
}

static void write_config(void)
{
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		const struct option_info *row = &option_table[i];
		if (!row->config_key)
			continue;
		fputs(".TP\n\\fB", stdout);
		roff(row->config_key);
		fputs("\\fR = ", stdout);
		if (row->metavar)
			printf("\\fI%s\\fR\n", row->metavar);
		else
			puts("yes | no");
		if (row->kind == KIND_FLAG_OFF) {
			fputs("With no, as with \\fB\\-\\-", stdout);
			roff(row->name);
			puts("\\fR:");
			sentence(row->help);
		} else {
			sentence(row->help);
		}
		default_of(row);
	}
}

static void write_keys(void)
{
	for (unsigned i = ACT_IGNORE + 1; i < ACT__COUNT; i++) {
		fputs(".TP\n\\fB", stdout);
		roff(action_table[i].keys);
		fputs("\\fR\n", stdout);
		capitalised(action_table[i].help);
		fputs(" (\\fI", stdout);
		roff(action_table[i].name);
		puts("\\fR).");
	}
}

static void write_columns(void)
{
	for (unsigned i = 0; i < COL__COUNT; i++) {
		const struct column_info *column = &column_table[i];
		fputs(".TP\n\\fB", stdout);
		roff(column->head);
		fputs("\\fR (\\fI", stdout);
		roff(column->name);
		puts("\\fR)");
		sentence(column->help);
	}
}

/* As the JSON output has it (emit/tick_json.c), which has no more of CPU time than
 * vmstat; "" for none. The lint holds both against the schema. */
static const char *json_name(enum sys_fact fact, char dst[64])
{
	const struct sys_fact_info *info = &sys_fact_table[fact];
	const char *suffix = info->unit == FACT_BYTES ? "_bytes" : "";
	switch (fact) {
	case SYS_PROCS_RUNNING:
	case SYS_PROCS_BLOCKED:
	case SYS_OOM_KILL:
		return info->name;
	case SYS_PSWPIN:
		return "swap_in_bytes_per_second";
	case SYS_PSWPOUT:
		return "swap_out_bytes_per_second";
	case SYS_PGPGIN:
		return "blocks_in_per_second";
	case SYS_PGPGOUT:
		return "blocks_out_per_second";
	case SYS_CPU_NICE:
	case SYS_CPU_IRQ:
	case SYS_CPU_SOFTIRQ:
		return "";
	default:
		break;
	}
	if (info->unit == FACT_TICKS)
		suffix = "_percent";
	else if (info->file == SYS_FILE_VMSTAT || info->file == SYS_FILE_STAT)
		suffix = info->unit == FACT_PAGES ? "_pages_per_second" : "_per_second";
	snprintf(dst, 64, "%s%s", info->name, suffix);
	return dst;
}

static void write_host_fields(void)
{
	for (enum sys_fact i = 0; i < SYS__COUNT; i++) {
		char buf[64];
		const char *name = json_name(i, buf);
		if (!name[0])
			continue;
		fputs(".TP\n\\fB", stdout);
		roff(name);
		puts("\\fR");
		sentence(sys_fact_table[i].help);
	}
}

static void write_sysctls(void)
{
	for (unsigned i = 0; i < SYSCTL__COUNT; i++) {
		const struct sysctl_info *info = &sysctl_table[i];
		fputs(".TP\n\\fB", stdout);
		roff(info->name);
		fputs("\\fR", stdout);
		if (info->unit[0])
			printf(" (%s)", info->unit);
		putchar('\n');
		prose(info->meaning);
		putchar('\n');
		for (unsigned c = 0; c < info->nchoices; c++) {
			puts(".br");
			printf("\\fB%lld\\fR ", (long long)info->choices[c].value);
			prose(info->choices[c].meaning);
			puts(c + 1 < info->nchoices ? ";" : ".");
		}
	}
}

static void write_roles(void)
{
	static const struct {
		const char *name;
		const char *help;
	} roles[] = {
#define X(id, name, help) { name, help },
		ROLES(X)
#undef X
	};
	for (unsigned i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		fputs(".TP\n\\fB", stdout);
		roff(roles[i].name);
		puts("\\fR");
		sentence(roles[i].help);
	}
}

static const struct {
	const char *line;
	void (*write)(void);
} parts[] = {
	{ "@OPTIONS@\n", write_monitor_options },
	{ "@PREDICT_OPTIONS@\n", write_predict_options },
	{ "@EXPLAIN_OPTIONS@\n", write_explain_options },
	{ "@CONFIG@\n", write_config },
	{ "@KEYS@\n", write_keys },
	{ "@COLUMNS@\n", write_columns },
	{ "@FIELDS@\n", write_host_fields },
	{ "@SYSCTLS@\n", write_sysctls },
	{ "@ROLES@\n", write_roles },
};

int main(void)
{
	static const char version[] = "@VERSION@";
	char line[1024];
	while (fgets(line, sizeof line, stdin)) {
		size_t i = 0;
		while (i < sizeof parts / sizeof parts[0] && strcmp(line, parts[i].line) != 0)
			i++;
		char *at = strstr(line, version);
		if (i < sizeof parts / sizeof parts[0]) {
			parts[i].write();
		} else if (at) {
			printf("%.*s" PACKAGE_VERSION "%s", (int)(at - line), line, at + sizeof version - 1);
		} else if (line[0] == '@') {
			fprintf(stderr, "gendoc: unknown part %s", line);
			return 1;
		} else {
			fputs(line, stdout);
		}
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
