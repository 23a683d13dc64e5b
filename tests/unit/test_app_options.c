/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "options.h"

#define MAX_ARGS 20

/* Parse "oomsight" and then the words. */
static int parse(struct options *options, struct diag *diag, const char *const words[MAX_ARGS])
{
	char *argv[MAX_ARGS + 2] = { (char[]){ "oomsight" } };
	int argc = 1;
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	options_init(options);
	return options_parse(options, argc, argv, diag);
}

static void no_arguments_are_the_monitor_with_its_defaults(void **state)
{
	(void)state;
	struct options o;
	assert_int_equal(parse(&o, NULL, (const char *[MAX_ARGS]){ NULL }), 0);
	assert_int_equal(o.subcommand, SUBCOMMAND_MONITOR);
	assert_int_equal(o.wish, WISH_RUN);
	assert_true(o.config.delay_s == 2.0);
	assert_int_equal(o.iterations, 0);
	assert_false(o.batch || o.readonly || o.config.ascii);
	assert_true(o.config.protect && o.config.protect_memory && o.config.protect_oom_score && o.config.protect_priority);
	assert_true(o.config.color);
	assert_int_equal(o.output, EMIT_TEXT);
	assert_string_equal(o.config.theme, "default");
	assert_string_equal(o.config.sort.field, "");
	assert_string_equal(o.root, "/");
	assert_int_equal(o.kills, 1);
	assert_null(o.audit);
	options_done(&o);
}

static void every_monitor_option_reaches_its_field(void **state)
{
	(void)state;
	struct options o;
	struct diag diag = { 0 };
	assert_int_equal(parse(&o, &diag,
			       (const char *[MAX_ARGS]){ "-bd.5", "-n", "3", "-o", "json", "--pid=7,4194304", "-uwww",
							 "--readonly", "--no-color", "--units=kib", "-s-rss", NULL }),
			 0);
	assert_true(o.batch && o.readonly);
	assert_true(o.config.delay_s == 0.5);
	assert_int_equal(o.iterations, 3);
	assert_int_equal(o.output, EMIT_JSON);
	assert_int_equal(o.npids, 2);
	assert_int_equal(o.pids[0], 7);
	assert_int_equal(o.pids[1], 4194304);
	assert_string_equal(o.user, "www");
	assert_false(o.config.color);
	assert_int_equal(o.config.units, UNITS_KIB);
	assert_string_equal(o.config.sort.field, "rss");
	assert_int_equal(o.config.sort.order, ORDER_ASCENDING);
	assert_true(o.given[OPTION_DELAY] && o.given[OPTION_SORT] && !o.given[OPTION_THEME]);
	options_done(&o);

	assert_int_equal(parse(&o, &diag,
			       (const char *[MAX_ARGS]){ "--source", "proc", "--audit", "/var/log/a", "--root", "tree",
							 "--columns", "pid,oom_score_adj", "--theme", "light", "--ascii",
							 "--no-protect", NULL }),
			 0);
	assert_int_equal(o.source, SOURCE_WISH_PROC);
	assert_string_equal(o.audit, "/var/log/a");
	assert_string_equal(o.root, "tree");
	assert_string_equal(o.config.columns, "pid,oom_score_adj");
	assert_string_equal(o.config.theme, "light");
	assert_true(o.config.ascii);
	assert_false(o.config.protect);
	assert_true(o.config.protect_memory);
	options_done(&o);
}

static void explain_takes_files_and_times(void **state)
{
	(void)state;
	struct options o;
	struct diag diag = { 0 };
	assert_int_equal(parse(&o, NULL,
			       (const char *[MAX_ARGS]){ "explain", "a.log", "-o", "json", "--last", "3", "--since", "@1700000000",
							 "--until", "2026-01-31T12:00:00Z", "-p", "7,8", "--comm", "x y", "-", NULL }),
			 0);
	assert_int_equal(o.subcommand, SUBCOMMAND_EXPLAIN);
	assert_int_equal(o.nfiles, 2);
	assert_string_equal(o.files[0], "a.log");
	assert_string_equal(o.files[1], "-");
	assert_int_equal(o.output, EMIT_JSON);
	assert_int_equal(o.last, 3);
	assert_true(o.since.given && o.since.realtime_ns == INT64_C(1700000000000000000));
	assert_true(o.until.given && o.until.realtime_ns == INT64_C(1769860800000000000));
	assert_int_equal(o.npids, 2);
	assert_string_equal(o.comm, "x y");
	options_done(&o);
	static const char *const wrong[] = { "", "now", "2026-13-01", "2026-02-30", "2026-02-29", "2026-04-31T10:00Z", "2026-01-31T25:00", "@", "@x", "5", "5y", "-5m", "2026-01-31Zx" };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		options_init(&o);
		if (option_set(OPTION_SINCE, text_of_str(wrong[i]), &o, &diag) != -EINVAL || o.since.given)
			fail_msg("'%s' was taken", wrong[i]);
		options_done(&o);
	}
	options_init(&o);
	assert_int_equal(option_set(OPTION_SINCE, TEXT("2024-02-29T00:00Z"), &o, &diag), 0);
	assert_int_equal(o.since.realtime_ns, INT64_C(1709164800000000000));
	assert_int_equal(option_set(OPTION_SINCE, TEXT("2d"), &o, &diag), 0);
	assert_true(o.since.given);
	options_done(&o);
}

static void predict_has_options_of_its_own(void **state)
{
	(void)state;
	struct options o;
	struct diag diag = { 0 };
	assert_int_equal(parse(&o, &diag,
			       (const char *[MAX_ARGS]){ "predict", "--kills", "64", "--adj", "12=-1000", "--adj", "12=1000",
							 "--sysctl", "vm.panic_on_oom=2", "-o", "tsv", NULL }),
			 0);
	assert_int_equal(o.subcommand, SUBCOMMAND_PREDICT);
	assert_int_equal(o.kills, 64);
	assert_int_equal(o.nadjs, 2);
	assert_int_equal(o.adjs[0].pid, 12);
	assert_int_equal(o.adjs[0].adj, -1000);
	assert_int_equal(o.adjs[1].adj, 1000);
	assert_true(o.sysctl_set[SYSCTL_PANIC_ON_OOM] && !o.sysctl_set[SYSCTL_SWAPPINESS]);
	assert_int_equal(o.sysctl[SYSCTL_PANIC_ON_OOM], 2);
	assert_int_equal(o.output, EMIT_TSV);
	options_done(&o);
}

static void a_sign_before_the_sort_field_turns_the_order(void **state)
{
	(void)state;
	static const struct {
		const char *value, *field;
		enum sort_order order;
	} cases[] = {
		{ "rss", "rss", ORDER_NATURAL },
		{ "+rss", "rss", ORDER_DESCENDING },
		{ "-rss", "rss", ORDER_ASCENDING },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct options o;
		assert_int_equal(parse(&o, NULL, (const char *[MAX_ARGS]){ "--sort", cases[i].value, NULL }), 0);
		assert_string_equal(o.config.sort.field, cases[i].field);
		assert_int_equal(o.config.sort.order, cases[i].order);
		options_done(&o);
	}
}

static void what_is_wrong_is_said_in_one_line(void **state)
{
	(void)state;
	static const struct {
		const char *words[MAX_ARGS];
		const char *want;
	} cases[] = {
		{ { "--delay", "0" }, "--delay: '0' is not a number of seconds from 0.1 to 3600; see --help" },
		{ { "-d", "0.09" }, "--delay: '0.09' is not a number of seconds from 0.1 to 3600; see --help" },
		{ { "-d3600.1" }, "--delay: '3600.1' is not a number of seconds from 0.1 to 3600; see --help" },
		{ { "-d-1" }, "--delay: '-1' is not a number of seconds from 0.1 to 3600; see --help" },
		{ { "-d", "nan" }, "--delay: 'nan' is not a number of seconds from 0.1 to 3600; see --help" },
		{ { "-d", "" }, "--delay: '' is not a number of seconds from 0.1 to 3600; see --help" },
		{ { "-n", "0" }, "--iterations: '0' is not a whole number from 1 to 4294967295; see --help" },
		{ { "-n", "4294967296" },
		  "--iterations: '4294967296' is not a whole number from 1 to 4294967295; see --help" },
		{ { "-o", "tsv" }, "--output: 'tsv' is not one of text, json or openmetrics; see --help" },
		{ { "predict", "-o", "openmetrics" },
		  "--output: 'openmetrics' is not one of text, json or tsv; see --help" },
		{ { "--source", "ebpf" }, "--source: 'ebpf' is not one of auto, bpf or proc; see --help" },
		{ { "-p", "0" }, "--pid: '0' is not a process number from 1 to 4194304; see --help" },
		{ { "-p", "1,,2" }, "--pid: '' is not a process number from 1 to 4194304; see --help" },
		{ { "-p", "1," }, "--pid: '1,' is not a list of process numbers parted by commas; see --help" },
		{ { "-p", "" }, "--pid: '' is not a list of process numbers parted by commas; see --help" },
		{ { "--theme", "../../etc/shadow" },
		  "--theme: '../../etc/shadow' is not a name of letters, digits, '.', '_' and '-'; see --help" },
		{ { "-s", "-" }, "--sort: '-' is not a column; see --help" },
		{ { "-s", "\033[2J" }, "--sort: '?[2J' is not a column; see --help" },
		{ { "--audit", "" }, "--audit: is empty; see --help" },
		{ { "predict", "--kills", "65" }, "--kills: '65' is not a whole number from 1 to 64; see --help" },
		{ { "predict", "--adj", "1=1001" },
		  "--adj: '1=1001' is not PID=VALUE with a VALUE from -1000 to 1000; see --help" },
		{ { "predict", "--adj", "0=1" },
		  "--adj: '0=1' is not PID=VALUE with a VALUE from -1000 to 1000; see --help" },
		{ { "predict", "--adj", "5" }, "--adj: '5' is not PID=VALUE with a VALUE from -1000 to 1000; see --help" },
		{ { "predict", "--adj", "5=" }, "--adj: '5=' is not PID=VALUE with a VALUE from -1000 to 1000; see --help" },
		{ { "predict", "--sysctl", "vm.swappiness" },
		  "--sysctl: 'vm.swappiness' is not NAME=VALUE with a whole number as VALUE; see --help" },
		{ { "predict", "--sysctl", "vm.laptop_mode=1" },
		  "--sysctl: 'vm.laptop_mode' is not a sysctl that bears on the OOM killer; their names stand in the "
		  "manual; see --help" },
		{ { "predict", "--sysctl", "vm.panic_on_oom=3" },
		  "--sysctl: 'vm.panic_on_oom=3' is out of range: vm.panic_on_oom goes from 0 to 2; see --help" },
		{ { "predict", "--sysctl", "vm.panic_on_oom=9999999999999999999" },
		  "--sysctl: 'vm.panic_on_oom=9999999999999999999' is not NAME=VALUE with a whole number as VALUE; see "
		  "--help" },
		{ { "--columns", "pid,colour" }, "--columns: 'colour' is not a column, or stands there twice; see --help" },
		{ { "--columns", "pid rank pid" }, "--columns: 'pid' is not a column, or stands there twice; see --help" },
		{ { "--columns", "" }, "--columns: '' is not a column, or stands there twice; see --help" },
		{ { "-s", "+-rss" }, "--sort: '+-rss' is not a column; see --help" },
		{ { "--kills", "2" }, "--kills: no such option, or the beginning of several; see --help" },
		{ { "predict", "-b" }, "-b: no such option; see --help" },
		{ { "-bx" }, "-x: no such option; see --help" },
		{ { "--delay" }, "--delay: needs a value; see --help" },
		{ { "-b", "-d" }, "-d: needs a value; see --help" },
		{ { "--batch=yes" }, "--batch: takes no value; see --help" },
		{ { "explode" }, "'explode' is not a subcommand; see --help" },
		{ { "-b", "predict" }, "'predict' is not an option, and a subcommand comes first; see --help" },
		{ { "" }, "'' is not a subcommand; see --help" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct options o;
		struct diag diag = { 0 };
		assert_int_equal(parse(&o, &diag, cases[i].words), -EINVAL);
		assert_string_equal(diag.text, cases[i].want);
		options_done(&o);
	}
}

static void more_processes_than_fit_are_refused_not_cut(void **state)
{
	(void)state;
	char list[OPTIONS_PIDS * 2 + 4] = "";
	for (unsigned i = 0; i < OPTIONS_PIDS; i++)
		strcat(list, i ? ",9" : "9");
	struct options o;
	struct diag diag = { 0 };
	assert_int_equal(parse(&o, &diag, (const char *[MAX_ARGS]){ "-p", list, NULL }), 0);
	assert_int_equal(o.npids, OPTIONS_PIDS);
	options_done(&o);
	strcat(list, ",9");
	assert_int_equal(parse(&o, &diag, (const char *[MAX_ARGS]){ "-p", list, NULL }), -EINVAL);
	assert_int_equal(o.npids, 0);
	options_done(&o);
}

static void who_asks_for_help_gets_it_whatever_follows(void **state)
{
	(void)state;
	struct options o;
	assert_int_equal(parse(&o, NULL, (const char *[MAX_ARGS]){ "-h", "--nonsense", NULL }), 0);
	assert_int_equal(o.wish, WISH_HELP);
	options_done(&o);
	assert_int_equal(parse(&o, NULL, (const char *[MAX_ARGS]){ "predict", "-V", NULL }), 0);
	assert_int_equal(o.wish, WISH_VERSION);
	options_done(&o);
}

static void the_command_line_wins_over_the_file(void **state)
{
	(void)state;
	struct options o;
	assert_int_equal(parse(&o, NULL, (const char *[MAX_ARGS]){ "-d", "5", "--no-color", NULL }), 0);
	struct config file;
	config_default(&file);
	file.delay_s = 1.0;
	file.color = true;
	file.units = UNITS_PAGES;
	file.tree = true;
	options_adopt(&o, &file);
	assert_true(o.config.delay_s == 5.0);
	assert_false(o.config.color);
	assert_int_equal(o.config.units, UNITS_PAGES);
	assert_true(o.config.tree);
	options_done(&o);
}

static void no_color_of_the_environment_is_not_written_back(void **state)
{
	(void)state;
	struct options o;
	options_init(&o);
	assert_true(options_has_color(&o));
	o.no_color_env = true;
	assert_false(options_has_color(&o));
	assert_true(o.config.color);
	options_done(&o);
}

static void help_names_every_option_within_80_columns(void **state)
{
	(void)state;
	for (unsigned s = 0; s < SUBCOMMAND__COUNT; s++) {
		struct out out;
		out_init(&out);
		options_help((enum subcommand)s, &out);
		out_char(&out, '\0');
		assert_int_equal(out.error, 0);
		for (unsigned i = 0; i < OPTION__COUNT; i++) {
			if (!option_table[i].name)
				continue;
			char name[40];
			snprintf(name, sizeof name, " --%s", option_table[i].name);
			const char *at = strstr(out.bytes, name);
			/* --output and --model stand in the table more than once. */
			bool belongs = false;
			for (unsigned other = 0; other < OPTION__COUNT; other++) {
				const struct option_info *row = &option_table[other];
				if (row->name && strcmp(row->name, option_table[i].name) == 0)
					belongs |= row->subcommands & 1U << s;
			}
			assert_true(belongs == (at != NULL));
		}
		struct text rest = text_of(out.bytes, out.len - 1), line;
		while (text_next_line(&rest, &line)) {
			assert_true(line.len <= 80);
			assert_true(line.len == 0 || line.ptr[line.len - 1] != ' ');
		}
		out_done(&out);
	}
}

static void rows_of_the_table_are_sound(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OPTION__COUNT; i++) {
		const struct option_info *row = &option_table[i];
		assert_true(row->name || row->config_key);
		assert_non_null(row->help);
		assert_true((row->name != NULL) == (row->subcommands != 0));
		assert_true(row->kind != KIND_CHOICE || row->choices);
		/* Settings live in the config part, so that a file can hold them. */
		if (row->config_key)
			assert_true(row->offset + row->size <= sizeof(struct config));
		for (unsigned j = i + 1; j < OPTION__COUNT; j++) {
			const struct option_info *other = &option_table[j];
			if (!(row->subcommands & other->subcommands))
				continue;
			assert_string_not_equal(row->name, other->name);
			assert_true(!row->letter || row->letter != other->letter);
		}
	}
}

static void predict_asks_about_one_oom_at_a_time(void **state)
{
	(void)state;
	static const struct {
		const char *words[MAX_ARGS];
		const char *says; /* NULL: accepted */
	} cases[] = {
		{ { "predict", "--memcg", "/a b" }, NULL },
		{ { "predict", "--cpuset", "0-1,3", "--model", "2.6.32" }, NULL },
		{ { "--model", "2.6.32" }, NULL },
		{ { "--model", "current", "--batch" }, NULL },
		{ { "--model", "2.6.32", "--batch" },
		  "--model is for the screen, --batch goes by the running kernel's rules alone; use oomsight predict "
		  "--model 2.6.32" },
		{ { "--model", "2.6.32", "-o", "json" },
		  "--model is for the screen, --batch goes by the running kernel's rules alone; use oomsight predict "
		  "--model 2.6.32" },
		{ { "predict", "--mempolicy", "1023" }, NULL },
		{ { "predict", "--sysrq", "--sysrq", "--model", "current" }, NULL },
		{ { "predict", "--memcg", "/a", "--sysrq" },
		  "--memcg and --sysrq ask about two different OOMs: give one of them; see --help" },
		{ { "predict", "--mempolicy", "0", "--cpuset", "0" },
		  "--cpuset and --mempolicy ask about two different OOMs: give one of them; see --help" },
		{ { "predict", "--memcg", "" }, "--memcg: is empty; see --help" },
		{ { "predict", "--cpuset", "" }, "--cpuset: '' is not a list of NUMA nodes such as 0 or 0-1,3; see --help" },
		{ { "predict", "--cpuset", "1024" },
		  "--cpuset: '1024' is not a list of NUMA nodes such as 0 or 0-1,3; see --help" },
		{ { "predict", "--mempolicy", "0,x" },
		  "--mempolicy: '0,x' is not a list of NUMA nodes such as 0 or 0-1,3; see --help" },
		{ { "predict", "--model", "2.4.20" },
		  "--model: '2.4.20' is not a kernel release from 2.6.32 on, nor 'current'; see --help" },
		{ { "predict", "--model", "new" },
		  "--model: 'new' is not a kernel release from 2.6.32 on, nor 'current'; see --help" },
		{ { "--memcg", "/a" }, "--memcg: no such option, or the beginning of several; see --help" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct options o;
		struct diag diag = { 0 };
		int r = parse(&o, &diag, cases[i].words);
		assert_int_equal(r, cases[i].says ? -EINVAL : 0);
		if (cases[i].says)
			assert_string_equal(diag.text, cases[i].says);
		options_done(&o);
	}
	struct options o;
	assert_int_equal(parse(&o, NULL, (const char *[MAX_ARGS]){ "predict", "--memcg", "/a b", "--model", "4.4", NULL }), 0);
	assert_string_equal(o.memcg, "/a b");
	assert_string_equal(o.model, "4.4");
	assert_false(o.sysrq);
	options_done(&o);
	assert_int_equal(parse(&o, NULL, (const char *[MAX_ARGS]){ "predict", "--model", "4.4", "--model", "current", NULL }), 0);
	assert_null(o.model);
	options_done(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_arguments_are_the_monitor_with_its_defaults),
		cmocka_unit_test(every_monitor_option_reaches_its_field),
		cmocka_unit_test(predict_has_options_of_its_own),
		cmocka_unit_test(explain_takes_files_and_times),
		cmocka_unit_test(predict_asks_about_one_oom_at_a_time),
		cmocka_unit_test(a_sign_before_the_sort_field_turns_the_order),
		cmocka_unit_test(what_is_wrong_is_said_in_one_line),
		cmocka_unit_test(more_processes_than_fit_are_refused_not_cut),
		cmocka_unit_test(who_asks_for_help_gets_it_whatever_follows),
		cmocka_unit_test(the_command_line_wins_over_the_file),
		cmocka_unit_test(no_color_of_the_environment_is_not_written_back),
		cmocka_unit_test(help_names_every_option_within_80_columns),
		cmocka_unit_test(rows_of_the_table_are_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
