/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of all that can be set, and the parsers of its kinds of values.
 * The command line and the config file both end in option_set(), so a value
 * means the same in both and is refused in the same words.
 */
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oomsight/knob/knob.h"
#include "oomsight/model/rules.h"
#include "oomsight/snapshot/node.h"
#include "oomsight/tui/column.h"

#define M (1U << SUBCOMMAND_MONITOR)
#define P (1U << SUBCOMMAND_PREDICT)
#define E (1U << SUBCOMMAND_EXPLAIN)
#define FIELD(member) .offset = offsetof(struct options, member), .size = sizeof(((struct options *)0)->member)

const struct subcommand_info subcommand_table[SUBCOMMAND__COUNT] = {
	[SUBCOMMAND_MONITOR] = { "", "[OPTION]...", "the monitor on a terminal, or ticks on standard output with --batch",
				 false },
	[SUBCOMMAND_PREDICT] = { "predict", "[OPTION]...", "who would be killed now: one answer, then exit", false },
	[SUBCOMMAND_EXPLAIN] = { "explain", "[OPTION]... [FILE]...",
				 "the kernel's OOM reports of logs in plain words; FILE - is standard input, none the same or, "
				 "on a terminal, the running host's kernel log",
				 true },
};

static const struct option_choice output_monitor[] = {
	{ "text", EMIT_TEXT }, { "json", EMIT_JSON }, { "openmetrics", EMIT_OPENMETRICS }, { NULL, 0 }
};
static const struct option_choice output_predict[] = {
	{ "text", EMIT_TEXT }, { "json", EMIT_JSON }, { "tsv", EMIT_TSV }, { NULL, 0 }
};
static const struct option_choice output_explain[] = { { "text", EMIT_TEXT }, { "json", EMIT_JSON }, { NULL, 0 } };
static const struct option_choice sources[] = {
	{ "auto", SOURCE_WISH_AUTO }, { "bpf", SOURCE_WISH_BPF }, { "proc", SOURCE_WISH_PROC }, { NULL, 0 }
};
static const struct option_choice units[] = {
	{ "human", UNITS_HUMAN }, { "kib", UNITS_KIB }, { "mib", UNITS_MIB }, { "pages", UNITS_PAGES }, { NULL, 0 }
};

/* An enumeration is stored as the unsigned of option_choice.value. */
static_assert(sizeof(enum emit_format) == sizeof(unsigned) && sizeof(enum source_wish) == sizeof(unsigned) &&
		      sizeof(enum units) == sizeof(unsigned),
	      "enumerations are as wide as unsigned");
static_assert(sizeof units / sizeof units[0] == UNITS__COUNT + 1, "every unit has a name here");

const struct option_info option_table[OPTION__COUNT] = {
	[OPTION_DELAY] = { .name = "delay", .letter = 'd', .kind = KIND_SECONDS, .subcommands = M, .config_key = "delay",
			   .metavar = "SECONDS", FIELD(config.delay_s), .min = 0.1, .max = 3600, .default_text = "2",
			   .help = "time between ticks, 0.1 to 3600" },
	[OPTION_ITERATIONS] = { .name = "iterations", .letter = 'n', .kind = KIND_COUNT, .subcommands = M,
				.metavar = "N", FIELD(iterations), .min = 1, .max = UINT32_MAX,
				.help = "stop after N ticks" },
	[OPTION_BATCH] = { .name = "batch", .letter = 'b', .kind = KIND_FLAG, .subcommands = M, FIELD(batch),
			   .help = "no terminal needed: one report a tick on standard output" },
	[OPTION_OUTPUT] = { .name = "output", .letter = 'o', .kind = KIND_CHOICE, .subcommands = M, .metavar = "FORMAT",
			    FIELD(output), .choices = output_monitor, .default_text = "text",
			    .help = "what --batch prints: text, json (one object a line) or openmetrics; the last two imply --batch" },
	[OPTION_OUTPUT_PREDICT] = { .name = "output", .letter = 'o', .kind = KIND_CHOICE, .subcommands = P,
				    .metavar = "FORMAT", FIELD(output), .choices = output_predict,
				    .default_text = "text",
				    .help = "text, json (one object) or tsv (one line a victim)" },
	[OPTION_OUTPUT_EXPLAIN] = { .name = "output", .letter = 'o', .kind = KIND_CHOICE, .subcommands = E,
				    .metavar = "FORMAT", FIELD(output), .choices = output_explain,
				    .default_text = "text", .help = "text or json (one object a report, one a line)" },
	[OPTION_SORT] = { .name = "sort", .letter = 's', .kind = KIND_SORT, .subcommands = M, .config_key = "sort",
			  .metavar = "FIELD", FIELD(config.sort), .default_text = "the kernel's kill order",
			  .help = "sort by this column, as rss; +FIELD from high to low, -FIELD from low to high" },
	[OPTION_USER] = { .name = "user", .letter = 'u', .kind = KIND_STRING, .subcommands = M, .metavar = "USER",
			  FIELD(user), .help = "only processes of this user, by name or number" },
	[OPTION_PID] = { .name = "pid", .letter = 'p', .kind = KIND_PIDS, .subcommands = M | E, .metavar = "LIST",
			 FIELD(pids), .help = "only these processes: numbers parted by commas" },
	[OPTION_MEMCG] = { .name = "memcg", .kind = KIND_STRING, .subcommands = P, .metavar = "PATH", FIELD(memcg),
			   .help = "if this memory cgroup met its own limit; PATH as in /proc/PID/cgroup" },
	[OPTION_CPUSET] = { .name = "cpuset", .kind = KIND_NODES, .subcommands = P, .metavar = "NODES", FIELD(cpuset),
			    .help = "if a task whose cpuset leaves it these NUMA nodes, as 0 or 0-1,3, ran out of them" },
	[OPTION_MEMPOLICY] = { .name = "mempolicy", .kind = KIND_NODES, .subcommands = P, .metavar = "NODES",
			       FIELD(mempolicy),
			       .help = "if an allocation bound to these NUMA nodes by a memory policy failed" },
	[OPTION_SYSRQ] = { .name = "sysrq", .kind = KIND_FLAG, .subcommands = P, FIELD(sysrq),
			   .help = "whom SysRq-f would kill" },
	[OPTION_KILLS] = { .name = "kills", .kind = KIND_COUNT, .subcommands = P, .metavar = "N", FIELD(kills), .min = 1,
			   .max = 64, .default_text = "1", .help = "how many kills in a row to foretell, 1 to 64" },
	[OPTION_ADJ] = { .name = "adj", .kind = KIND_ADJ, .subcommands = P, .metavar = "PID=VALUE", FIELD(adjs),
			 .help = "what if this process had this oom_score_adj; repeatable" },
	[OPTION_SYSCTL] = { .name = "sysctl", .kind = KIND_SYSCTL, .subcommands = P, .metavar = "NAME=VALUE",
			    FIELD(sysctl), .help = "what if this sysctl had this value; repeatable" },
	[OPTION_MODEL] = { .name = "model", .kind = KIND_RELEASE, .subcommands = P, .metavar = "RELEASE", FIELD(model),
			   .default_text = "current",
			   .help = "by the rules of this kernel release, 2.6.32 or later, as if nothing had been "
				   "back-ported to it" },
	[OPTION_MODEL_MONITOR] = { .name = "model", .kind = KIND_RELEASE, .subcommands = M, .metavar = "RELEASE",
				   FIELD(model), .default_text = "current",
				   .help = "compare on the screen with the rules of this kernel release, 2.6.32 or "
					   "later: its rank stands beside this kernel's" },
	[OPTION_SINCE] = { .name = "since", .kind = KIND_TIME, .subcommands = E, .metavar = "TIME", FIELD(since),
			   .help = "only reports from TIME on: 2026-01-31, 2026-01-31T12:00:00Z (without Z local), "
				   "@seconds, or an age as 90m, 12h, 7d" },
	[OPTION_UNTIL] = { .name = "until", .kind = KIND_TIME, .subcommands = E, .metavar = "TIME", FIELD(until),
			   .help = "only reports up to TIME" },
	[OPTION_COMM] = { .name = "comm", .kind = KIND_STRING, .subcommands = E, .metavar = "NAME", FIELD(comm),
			  .help = "only reports in which a process of this name asked, was chosen or was killed" },
	[OPTION_CGROUP] = { .name = "cgroup", .kind = KIND_STRING, .subcommands = E, .metavar = "PATH", FIELD(cgroup),
			    .help = "only reports about this cgroup or one below it" },
	[OPTION_LAST] = { .name = "last", .kind = KIND_COUNT, .subcommands = E, .metavar = "N", FIELD(last), .min = 1,
			  .max = 1000, .help = "only the last N reports, 1 to 1000" },
	[OPTION_KERNEL] = { .name = "kernel", .kind = KIND_FLAG, .subcommands = E, FIELD(kernel_log),
			    .help = "read the running host's kernel log, whatever standard input is" },
	[OPTION_JOURNAL] = { .name = "journal", .kind = KIND_FLAG, .subcommands = E, FIELD(journal),
			     .help = "read what the kernel said from the journal, of all boots; FILE is a journal's "
				     "directory or file, none this host's own" },
	[OPTION_BOOT] = { .name = "boot", .kind = KIND_STRING, .subcommands = E, .metavar = "BOOT", FIELD(boot),
			  .help = "only this boot of the journal: 0 the running one, -1 the one before, or an id; "
				  "implies --journal" },
	[OPTION_SOURCE] = { .name = "source", .kind = KIND_CHOICE, .subcommands = M | P, .metavar = "NAME",
			    FIELD(source), .choices = sources, .default_text = "auto",
			    .help = "where the facts about processes come from: bpf reads what the kernel itself "
				    "decides by, proc reads /proc, auto takes bpf where it can be had" },
	[OPTION_READONLY] = { .name = "readonly", .kind = KIND_FLAG, .subcommands = M, FIELD(readonly),
			      .help = "make every write impossible: adjustments, sysctls, signals, the config file" },
	[OPTION_AUDIT] = { .name = "audit", .kind = KIND_STRING, .subcommands = M, .metavar = "FILE", FIELD(audit),
			   .help = "append every attempted write to FILE too, besides syslog" },
	[OPTION_ROOT] = { .name = "root", .kind = KIND_STRING, .subcommands = M | P | E, .metavar = "DIR", FIELD(root),
			  .default_text = "/",
			  .help = "read and write DIR/proc and DIR/sys instead of the running host's" },
	[OPTION_COLUMNS] = { .name = "columns", .kind = KIND_COLUMNS, .subcommands = M, .config_key = "columns",
			     .metavar = "LIST", FIELD(config.columns),
			     .help = "the columns to show, in this order, parted by commas, as rank,pid,points" },
	[OPTION_UNITS] = { .name = "units", .kind = KIND_CHOICE, .subcommands = M, .config_key = "units",
			   .metavar = "NAME", FIELD(config.units), .choices = units, .default_text = "human",
			   .help = "how sizes are shown: human, kib, mib or pages" },
	[OPTION_THEME] = { .name = "theme", .kind = KIND_NAME, .subcommands = M, .config_key = "theme",
			   .metavar = "NAME", FIELD(config.theme), .default_text = "default",
			   .help = "the colour theme" },
	[OPTION_COLOR] = { .name = "no-color", .kind = KIND_FLAG_OFF, .subcommands = M, .config_key = "color",
			   FIELD(config.color), .help = "no colours, attributes only; NO_COLOR in the environment does the same" },
	[OPTION_ASCII] = { .name = "ascii", .kind = KIND_FLAG, .subcommands = M, .config_key = "ascii",
			   FIELD(config.ascii), .help = "draw with ASCII characters only" },
	[OPTION_KTHREADS] = { .kind = KIND_FLAG, .config_key = "kernel-threads", FIELD(config.kernel_threads),
			      .help = "show kernel threads" },
	[OPTION_CMDLINE] = { .kind = KIND_FLAG, .config_key = "command-line", FIELD(config.command_line),
			     .help = "show command lines instead of names" },
	[OPTION_TREE] = { .kind = KIND_FLAG, .config_key = "tree", FIELD(config.tree),
			  .help = "show children below their parents" },
	[OPTION_PROTECT] = { .name = "no-protect", .kind = KIND_FLAG_OFF, .subcommands = M, .config_key = "protect",
			     FIELD(config.protect),
			     .help = "as root: take no measures to stay alive and quick when memory is gone" },
	[OPTION_PROTECT_MEMORY] = { .kind = KIND_FLAG, .config_key = "protect-memory", FIELD(config.protect_memory),
				    .help = "of these measures: lock our own memory" },
	[OPTION_PROTECT_OOM_SCORE] = { .kind = KIND_FLAG, .config_key = "protect-oom-score",
				       FIELD(config.protect_oom_score),
				       .help = "of these measures: give ourselves an oom_score_adj of -999" },
	[OPTION_PROTECT_PRIORITY] = { .kind = KIND_FLAG, .config_key = "protect-priority",
				      FIELD(config.protect_priority),
				      .help = "of these measures: come before others at CPU and disks" },
	[OPTION_HELP] = { .name = "help", .letter = 'h', .kind = KIND_HELP, .subcommands = M | P | E,
			  .help = "this help, then exit" },
	[OPTION_VERSION] = { .name = "version", .letter = 'V', .kind = KIND_VERSION, .subcommands = M | P | E,
			     .help = "the version, then exit" },
};

void options_init(struct options *options)
{
	*options = (struct options){ .output = EMIT_TEXT, .root = "/", .kills = 1 };
	config_default(&options->config);
}

void options_done(struct options *options)
{
	free(options->adjs);
	options->adjs = NULL;
	options->nadjs = 0;
}

enum option_id option_of_key(struct text key)
{
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		if (option_table[i].config_key && text_is(key, option_table[i].config_key))
			return (enum option_id)i;
	}
	return OPTION__COUNT;
}

void options_adopt(struct options *options, const struct config *file)
{
	static_assert(offsetof(struct options, config) == 0, "offsets of settings count from the config");
	struct config merged = *file;
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		const struct option_info *row = &option_table[i];
		if (row->config_key && options->given[i])
			memcpy((char *)&merged + row->offset, (const char *)&options->config + row->offset, row->size);
	}
	options->config = merged;
}

/* --- values ----------------------------------------------------------------- */

/* The value as it may stand in a message: short, and nothing that a terminal
 * would act on. */
#define QUOTED_SIZE 64

static const char *quoted(struct text value, char dst[QUOTED_SIZE])
{
	text_copy(value, dst, QUOTED_SIZE);
	for (char *p = dst; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	if (value.len >= QUOTED_SIZE)
		memcpy(dst + QUOTED_SIZE - 4, "...", 4);
	return dst;
}

static int set_flag(bool *field, struct text value, struct diag *diag)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (text_is(value, yes[i]) || text_is(value, no[i])) {
			*field = text_is(value, yes[i]);
			return 0;
		}
	}
	char q[QUOTED_SIZE];
	diag_set(diag, NULL, 0, "'%s' is neither yes nor no", quoted(value, q));
	return -EINVAL;
}

static int set_seconds(const struct option_info *row, double *field, struct text value, struct diag *diag)
{
	double seconds;
	if (text_to_double(value, &seconds) < 0 || seconds < row->min || seconds > row->max) {
		char q[QUOTED_SIZE];
		diag_set(diag, NULL, 0, "'%s' is not a number of seconds from %g to %g", quoted(value, q), row->min,
			 row->max);
		return -EINVAL;
	}
	*field = seconds;
	return 0;
}

static int set_count(const struct option_info *row, uint32_t *field, struct text value, struct diag *diag)
{
	uint64_t count;
	if (text_to_u64(value, 10, &count) < 0 || (double)count < row->min || (double)count > row->max) {
		char q[QUOTED_SIZE];
		diag_set(diag, NULL, 0, "'%s' is not a whole number from %.0f to %.0f", quoted(value, q), row->min,
			 row->max);
		return -EINVAL;
	}
	*field = (uint32_t)count;
	return 0;
}

static int set_choice(const struct option_info *row, void *field, struct text value, struct diag *diag)
{
	for (const struct option_choice *c = row->choices; c->name; c++) {
		if (text_is(value, c->name)) {
			memcpy(field, &c->value, sizeof c->value);
			return 0;
		}
	}
	char names[128];
	size_t len = 0;
	for (const struct option_choice *c = row->choices; c->name; c++) {
		const char *between = len == 0 ? "" : c[1].name ? ", " : " or ";
		int n = snprintf(names + len, sizeof names - len, "%s%s", between, c->name);
		len += (size_t)n;
		assert(len < sizeof names);
	}
	char q[QUOTED_SIZE];
	diag_set(diag, NULL, 0, "'%s' is not one of %s", quoted(value, q), names);
	return -EINVAL;
}

static int set_nodes(const char **field, struct text value, struct diag *diag)
{
	struct nodeset nodes;
	char q[QUOTED_SIZE];
	if (nodeset_parse(value, &nodes) < 0 || nodeset_is_empty(&nodes)) {
		diag_set(diag, NULL, 0, "'%s' is not a list of NUMA nodes such as 0 or 0-1,3", quoted(value, q));
		return -EINVAL;
	}
	*field = value.ptr;
	return 0;
}

static int set_release(const char **field, struct text value, struct diag *diag)
{
	struct rules rules;
	char q[QUOTED_SIZE], release[QUOTED_SIZE];
	if (text_is(value, "current")) {
		*field = NULL;
		return 0;
	}
	if (value.len >= sizeof release || rules_of_release(text_copy(value, release, sizeof release), &rules) < 0) {
		diag_set(diag, NULL, 0, "'%s' is not a kernel release from 2.6.32 on, nor 'current'", quoted(value, q));
		return -EINVAL;
	}
	*field = value.ptr;
	return 0;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
	       c == '-';
}

/* A name never leads out of the directory it is looked up in. */
static int set_name(const struct option_info *row, char *field, struct text value, struct diag *diag)
{
	char q[QUOTED_SIZE];
	bool good = value.len > 0 && value.len < row->size && value.ptr[0] != '.';
	for (size_t i = 0; good && i < value.len; i++)
		good = is_name_char(value.ptr[i]);
	if (!good) {
		diag_set(diag, NULL, 0, "'%s' is not a name of letters, digits, '.', '_' and '-'", quoted(value, q));
		return -EINVAL;
	}
	text_copy(value, field, row->size);
	return 0;
}

static int set_columns(const struct option_info *row, char *field, struct text value, struct diag *diag)
{
	char q[QUOTED_SIZE];
	struct column_list list;
	struct text bad;
	if (value.len >= row->size) {
		diag_set(diag, NULL, 0, "the list is longer than %zu characters", row->size - 1);
		return -EINVAL;
	}
	if (column_list_parse(value, &list, &bad) < 0) {
		diag_set(diag, NULL, 0, "'%s' is not a column, or stands there twice", quoted(bad, q));
		return -EINVAL;
	}
	text_copy(value, field, row->size);
	return 0;
}

static int set_sort(struct config_sort *field, struct text value, struct diag *diag)
{
	struct text name = value;
	enum sort_order order = ORDER_NATURAL;
	if (name.len > 0 && (name.ptr[0] == '+' || name.ptr[0] == '-')) {
		order = name.ptr[0] == '+' ? ORDER_DESCENDING : ORDER_ASCENDING;
		name = text_of(name.ptr + 1, name.len - 1);
	}
	enum column column = column_find(name);
	if (column == COL__COUNT) {
		char q[QUOTED_SIZE];
		diag_set(diag, NULL, 0, "'%s' is not a column", quoted(value, q));
		return -EINVAL;
	}
	text_copy(text_of_str(column_table[column].name), field->field, sizeof field->field);
	field->order = order;
	return 0;
}

static bool parse_pid(struct text word, int32_t *ret_pid)
{
	uint64_t pid;
	if (text_to_u64(word, 10, &pid) < 0 || pid < 1 || pid > PID_LIMIT)
		return false;
	*ret_pid = (int32_t)pid;
	return true;
}

static int set_pids(struct options *options, struct text value, struct diag *diag)
{
	int32_t pids[OPTIONS_PIDS];
	uint32_t n = 0;
	char q[QUOTED_SIZE];
	struct text rest = value, word;
	while (text_next_until(&rest, ',', &word)) {
		if (n == OPTIONS_PIDS) {
			diag_set(diag, NULL, 0, "more than %d processes", OPTIONS_PIDS);
			return -EINVAL;
		}
		if (!parse_pid(text_trim(word), &pids[n++])) {
			diag_set(diag, NULL, 0, "'%s' is not a process number from 1 to %d", quoted(word, q), PID_LIMIT);
			return -EINVAL;
		}
	}
	if (n == 0 || value.ptr[value.len - 1] == ',') {
		diag_set(diag, NULL, 0, "'%s' is not a list of process numbers parted by commas", quoted(value, q));
		return -EINVAL;
	}
	memcpy(options->pids, pids, n * sizeof pids[0]);
	options->npids = n;
	return 0;
}

static int set_adj(struct options *options, struct text value, struct diag *diag)
{
	struct text rest = value, left = { 0 };
	struct options_adj new;
	int64_t adj;
	if (!memchr(value.ptr, '=', value.len) || !text_next_until(&rest, '=', &left) || !parse_pid(left, &new.pid) ||
	    text_to_i64(rest, &adj) < 0 || adj < -1000 || adj > 1000) {
		char q[QUOTED_SIZE];
		diag_set(diag, NULL, 0, "'%s' is not PID=VALUE with a VALUE from -1000 to 1000", quoted(value, q));
		return -EINVAL;
	}
	new.adj = (int16_t)adj;
	struct options_adj *grown = realloc(options->adjs, (options->nadjs + 1) * sizeof *grown);
	if (!grown) {
		diag_set(diag, NULL, 0, "out of memory");
		return -ENOMEM;
	}
	options->adjs = grown;
	options->adjs[options->nadjs++] = new;
	return 0;
}

static int set_sysctl(struct options *options, struct text value, struct diag *diag)
{
	char q[QUOTED_SIZE];
	char name[64];
	struct text rest = value, left = { 0 };
	int64_t number;
	if (!memchr(value.ptr, '=', value.len) || !text_next_until(&rest, '=', &left) ||
	    text_to_i64(rest, &number) < 0) {
		diag_set(diag, NULL, 0, "'%s' is not NAME=VALUE with a whole number as VALUE", quoted(value, q));
		return -EINVAL;
	}
	int id = left.len < sizeof name ? sysctl_find(text_copy(left, name, sizeof name)) : -1;
	if (id < 0) {
		diag_set(diag, NULL, 0, "'%s' is not a sysctl that bears on the OOM killer; their names stand in the manual",
			 quoted(left, q));
		return -EINVAL;
	}
	const struct sysctl_info *info = &sysctl_table[id];
	if (number < info->min || number > info->max) {
		diag_set(diag, NULL, 0, "'%s' is out of range: %s goes from %lld to %lld", quoted(value, q), info->name,
			 (long long)info->min, (long long)info->max);
		return -EINVAL;
	}
	options->sysctl_set[id] = true;
	options->sysctl[id] = number;
	return 0;
}

/* n digits at *p; false when there are others. */
static bool two_digits(const char **p, int n, int *ret)
{
	int value = 0;
	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		value = value * 10 + (**p - '0');
	}
	*ret = value;
	return true;
}

/* A date with or without a time of day, in UTC with Z, else local. */
static bool parse_date(const char *p, time_t *ret)
{
	struct tm tm = { .tm_isdst = -1 };
	int year;
	if (!two_digits(&p, 4, &year) || *p++ != '-' || !two_digits(&p, 2, &tm.tm_mon) || *p++ != '-' ||
	    !two_digits(&p, 2, &tm.tm_mday) || year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon--;
	if (*p == 'T' || *p == ' ') {
		p++;
		if (!two_digits(&p, 2, &tm.tm_hour) || *p++ != ':' || !two_digits(&p, 2, &tm.tm_min) || tm.tm_hour > 23 ||
		    tm.tm_min > 59)
			return false;
		if (*p == ':' && (p++, !two_digits(&p, 2, &tm.tm_sec) || tm.tm_sec > 60))
			return false;
	}
	bool utc = *p == 'Z';
	if (p[utc] != '\0')
		return false;
	/* The 30th of February would be read as the 2nd of March. */
	struct tm noon = { .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday, .tm_hour = 12 };
	if (timegm(&noon) == (time_t)-1 || noon.tm_mon != tm.tm_mon)
		return false;
	*ret = utc ? timegm(&tm) : mktime(&tm);
	return *ret != (time_t)-1;
}

/* "90m": before now. */
static bool parse_age(struct text value, time_t *ret)
{
	static const struct {
		char letter;
		uint64_t seconds;
	} units_of_time[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t count;
	if (value.len < 2 || text_to_u64(text_of(value.ptr, value.len - 1), 10, &count) < 0 || count > 1000000000)
		return false;
	for (size_t i = 0; i < sizeof units_of_time / sizeof *units_of_time; i++) {
		if (value.ptr[value.len - 1] == units_of_time[i].letter) {
			*ret = time(NULL) - (time_t)(count * units_of_time[i].seconds);
			return true;
		}
	}
	return false;
}

static int set_time(struct options_time *field, struct text value, struct diag *diag)
{
	char q[QUOTED_SIZE];
	time_t when;
	uint64_t seconds;
	bool ok = false;
	if (value.len > 1 && *value.ptr == '@') {
		ok = text_to_u64(text_of(value.ptr + 1, value.len - 1), 10, &seconds) == 0 && seconds < UINT64_C(8000000000);
		when = ok ? (time_t)seconds : 0;
	} else if (value.len < QUOTED_SIZE) {
		ok = parse_date(text_copy(value, q, sizeof q), &when) || parse_age(value, &when);
	}
	if (!ok) {
		diag_set(diag, NULL, 0, "'%s' is not a time as 2026-01-31, 2026-01-31T12:00:00Z, @1769860800 or 90m",
			 quoted(value, q));
		return -EINVAL;
	}
	*field = (struct options_time){ true, (int64_t)when * 1000000000 };
	return 0;
}

int option_set(enum option_id id, struct text value, struct options *options, struct diag *diag)
{
	const struct option_info *row = &option_table[id];
	void *field = (char *)options + row->offset;
	switch (row->kind) {
	case KIND_FLAG:
	case KIND_FLAG_OFF:
		return set_flag(field, value, diag);
	case KIND_SECONDS:
		return set_seconds(row, field, value, diag);
	case KIND_COUNT:
		return set_count(row, field, value, diag);
	case KIND_CHOICE:
		return set_choice(row, field, value, diag);
	case KIND_STRING:
		if (value.len == 0) {
			diag_set(diag, NULL, 0, "is empty");
			return -EINVAL;
		}
		memcpy(field, &value.ptr, sizeof value.ptr);
		return 0;
	case KIND_NODES:
		return set_nodes(field, value, diag);
	case KIND_RELEASE:
		return set_release(field, value, diag);
	case KIND_NAME:
		return set_name(row, field, value, diag);
	case KIND_COLUMNS:
		return set_columns(row, field, value, diag);
	case KIND_SORT:
		return set_sort(field, value, diag);
	case KIND_PIDS:
		return set_pids(options, value, diag);
	case KIND_ADJ:
		return set_adj(options, value, diag);
	case KIND_SYSCTL:
		return set_sysctl(options, value, diag);
	case KIND_TIME:
		return set_time(field, value, diag);
	case KIND_HELP:
		options->wish = WISH_HELP;
		return 0;
	case KIND_VERSION:
		options->wish = WISH_VERSION;
		return 0;
	}
	return -EINVAL;
}
