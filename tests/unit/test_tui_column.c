/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_ui.h"

#define EVERYTHING_DENIED ((1U << TASK__GROUPS) - 1)

static struct column_context context(const struct stage *stage, enum units units)
{
	return (struct column_context){ .snap = &stage->snap, .model = &stage->model, .ranking = &stage->model.ranking,
					.labels = &stage->labels, .units = units };
}

static void assert_value(const struct stage *stage, enum column column, int32_t pid, const char *wanted)
{
	struct column_context ctx = context(stage, UNITS_HUMAN);
	char text[COLUMN_TEXT_SIZE];
	column_value(column, &ctx, made_index(&stage->snap, pid), text);
	assert_string_equal(text, wanted);
}

static void names_find_their_columns(void **state)
{
	(void)state;
	for (int i = 0; i < COL__COUNT; i++) {
		assert_int_equal(column_find(text_of_str(column_table[i].name)), i);
		assert_int_equal(column_find(text_of_str(column_table[i].head)), i);
		assert_true(strlen(column_table[i].head) <= column_table[i].width || column_is_foreign((enum column)i));
	}
	assert_int_equal(column_find(TEXT("pOiNtS")), COL_POINTS);
	assert_int_equal(column_find(TEXT("%mem")), COL_MEM);
	assert_int_equal(column_find(TEXT("pi")), COL__COUNT);
	assert_int_equal(column_find(TEXT("pid ")), COL__COUNT);
	assert_int_equal(column_find(TEXT("")), COL__COUNT);
}

static void lists_are_parsed_or_refused_whole(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int r;
		unsigned n;
		const char *bad;
	} cases[] = {
		{ "rank pid", 0, 2, NULL },	   { "rank,pid,  command", 0, 3, NULL }, { ",,pid,,", 0, 1, NULL },
		{ "pid nonsense", -EINVAL, 0, "nonsense" }, { "pid rss pid", -EINVAL, 0, "pid" }, { "", -EINVAL, 0, "" },
		{ " , ", -EINVAL, 0, "" },	   { COLUMNS_DEFAULT, 0, 16, NULL },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct column_list list = { .n = 99 };
		struct text bad;
		assert_int_equal(column_list_parse(text_of_str(cases[i].text), &list, &bad), cases[i].r);
		assert_int_equal(list.n, cases[i].r == 0 ? cases[i].n : 99);
		if (cases[i].bad)
			assert_true(text_is(bad, cases[i].bad));
	}
}

static void what_is_not_known_is_no_figure(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_INIT, MADE_KTHREAD,
		      { .pid = 10, .rss = 90, .denied = EVERYTHING_DENIED & ~(1U << TASK_STAT) },
		      { .pid = 20, .rss = 90, .unknown = EVERYTHING_DENIED & ~(1U << TASK_STAT) });
	stage_begin(stage);
	static const enum column columns[] = { COL_USER, COL_SCORE, COL_ADJ, COL_OOM_ADJ, COL_RES, COL_SHR, COL_ANON, COL_FILE,
					       COL_SHMEM, COL_SWAP, COL_PGTABLES, COL_MEM };
	for (size_t i = 0; i < COUNT_OF(columns); i++) {
		assert_value(stage, columns[i], 10, "x");
		assert_value(stage, columns[i], 20, "?");
	}
	assert_value(stage, COL_POINTS, 10, "x");
	assert_value(stage, COL_RANK, 10, "-");
	assert_value(stage, COL_GROWTH, 10, "?");
	/* A kernel thread has no memory, which is no refusal. */
	assert_value(stage, COL_RES, 2, "-");
	assert_value(stage, COL_SWAP, 2, "-");
	assert_value(stage, COL_POINTS, 2, "-");
	/* The init process has memory, but no points. */
	assert_value(stage, COL_POINTS, 1, "-");
	assert_value(stage, COL_SHARE, 1, "-");
	assert_value(stage, COL_RES, 1, "7.81M");
}

static void points_keep_their_sign(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .rss = 1000, .adj = -500 }, { .pid = 20, .rss = 999000, .adj = 1000 },
		      { .pid = 30, .rss = 50000, .adj = -999 }, { .pid = 40, .rss = 1500 });
	stage_begin(stage);
	assert_value(stage, COL_POINTS, 10, "-1.90G");
	assert_value(stage, COL_SHARE, 10, "-50");
	assert_value(stage, COL_POINTS, 20, "7.63G");
	assert_value(stage, COL_SHARE, 20, "200");
	assert_value(stage, COL_SHARE, 30, "-95");
	assert_value(stage, COL_SHARE, 40, "0.1");
}

static void ages_fit_their_column(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .rss = 1 });
	stage_begin(stage);
	static const struct {
		uint64_t age_s;
		const char *text;
	} cases[] = {
		{ 0, "0:00" },		       { 59, "0:59" },		     { 3599, "59:59" },
		{ 3600, "1h00" },	       { 86399, "23h59" },	     { 86400, "1d00h" },
		{ 99 * 86400 + 82800, "99d23h" }, { 100 * 86400, "100d" }, { 99999ULL * 86400, "99999d" },
	};
	stage->snap.boottime_ns = 100000ULL * 86400 * 1000000000;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		made_task(&stage->snap, 10)->start_ticks = (100000ULL * 86400 - cases[i].age_s) * 100;
		assert_value(stage, COL_START, 10, cases[i].text);
	}
	/* Clocks read at two moments: nobody is younger than 0. */
	made_task(&stage->snap, 10)->start_ticks = UINT64_MAX;
	assert_value(stage, COL_START, 10, "0:00");
}

static void growth_is_signed_and_quiet_around_zero(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .rss = 1000 }, { .pid = 20, .rss = 100000 }, { .pid = 30, .rss = 7 });
	stage_begin(stage);
	stage_next(stage, 1000);
	made_task(&stage->snap, 10)->rss_quick_pages += 2560;
	made_task(&stage->snap, 20)->rss_quick_pages -= 2560;
	stage_update(stage);
	assert_value(stage, COL_GROWTH, 30, "0");
	struct column_context ctx = context(stage, UNITS_HUMAN);
	char up[COLUMN_TEXT_SIZE], down[COLUMN_TEXT_SIZE];
	assert_int_equal(column_value(COL_GROWTH, &ctx, made_index(&stage->snap, 10), up), ROLE_WARN);
	assert_int_equal(column_value(COL_GROWTH, &ctx, made_index(&stage->snap, 20), down), ROLE_NORMAL);
	assert_int_equal(up[0], '+');
	assert_int_equal(down[0], '-');
	assert_true(column_before(COL_GROWTH, &ctx, 0, 2));
	assert_true(column_before(COL_GROWTH, &ctx, 2, 1));
}

/* The largest values a kernel can say, in every column and unit. */
static void no_value_is_wider_than_its_column(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1ULL << 40, 1ULL << 30, MADE_INIT,
		      { .pid = 4194304, .ppid = 4194303, .rss = 1ULL << 39, .swap = 1ULL << 29, .pgt = 1ULL << 30, .file = 1ULL << 38,
			.shmem = 1ULL << 37, .adj = 1000, .score = 2000, .scored = true, .threads = 4194304, .virt = 1ULL << 46,
			.start = 1, .minor = UINT64_MAX / 2, .major = UINT64_MAX / 2 },
		      { .pid = 4194300, .ppid = 4194304, .rss = 1, .adj = -999, .start = 1, .minor = 5, .major = 5 },
		      { .pid = 7, .rss = (1ULL << 20) - 1, .pgt = 255999, .threads = 10000 });
	stage_begin(stage);
	stage_next(stage, 100);
	stage->snap.boottime_ns = 99999ULL * 86400 * 1000000000;
	made_task(&stage->snap, 4194304)->minor_faults += 1ULL << 50;
	made_task(&stage->snap, 4194304)->rss_quick_pages /= 2;
	made_task(&stage->snap, 4194300)->rss_quick_pages = 1ULL << 38;
	stage_update(stage);
	for (int units = 0; units < UNITS__COUNT; units++) {
		struct column_context ctx = context(stage, (enum units)units);
		for (int column = 0; column < COL__COUNT; column++) {
			for (uint32_t i = 0; i < stage->snap.ntasks && !column_is_foreign((enum column)column); i++) {
				char text[COLUMN_TEXT_SIZE];
				column_value((enum column)column, &ctx, i, text);
				if (strlen(text) > column_width((enum column)column, &ctx))
					fail_msg("%s in %s: '%s' is wider than %u", column_table[column].name,
						 units_name((enum units)units), text, column_width((enum column)column, &ctx));
			}
		}
	}
}

static void threads_are_scaled_above_four_digits(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .rss = 1, .threads = 9999 }, { .pid = 20, .rss = 1, .threads = 32768 });
	stage_begin(stage);
	assert_value(stage, COL_THREADS, 10, "9999");
	assert_value(stage, COL_THREADS, 20, "32k");
}

/* Whatever the column, the sort is a strict order over everybody. */
static void every_column_sorts_without_contradiction(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_INIT, MADE_KTHREAD, { .pid = 10, .rss = 500, .uid = 1000, .threads = 3 },
		      { .pid = 11, .rss = 500, .uid = 1000 }, { .pid = 12, .rss = 500, .adj = -1000, .state = 'D' },
		      { .pid = 13, .rss = 0, .denied = EVERYTHING_DENIED },
		      { .pid = 14, .rss = 9000, .swap = 3, .score = 7, .scored = true, .cgroup = "/b" },
		      { .pid = 15, .ppid = 14, .rss = 9000, .file = 20, .shmem = 30, .cgroup = "/a", .major = 4 });
	stage_begin(stage);
	struct column_context ctx = context(stage, UNITS_HUMAN);
	uint32_t n = stage->snap.ntasks;
	for (int i = 0; i < COL__COUNT; i++) {
		enum column column = (enum column)i;
		for (uint32_t a = 0; a < n; a++) {
			assert_false(column_before(column, &ctx, a, a));
			for (uint32_t b = 0; b < n; b++) {
				if (a != b)
					assert_int_equal(column_before(column, &ctx, a, b), !column_before(column, &ctx, b, a));
				for (uint32_t c = 0; c < n; c++) {
					if (column_before(column, &ctx, a, b) && column_before(column, &ctx, b, c))
						assert_true(column_before(column, &ctx, a, c));
				}
			}
		}
	}
}

static void columns_sort_largest_first_and_names_ascending(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0,
		      { .pid = 10, .comm = "b", .rss = 900, .swap = 1, .adj = 5, .virt = 9000, .score = 1, .scored = true, .threads = 2 },
		      { .pid = 20, .comm = "a", .rss = 100, .swap = 9, .adj = 7, .virt = 8000, .score = 2, .scored = true, .uid = 1000,
			.start = 5 });
	stage_begin(stage);
	struct column_context ctx = context(stage, UNITS_HUMAN);
	static const enum column first[] = { COL_PID, COL_VIRT, COL_RES, COL_MEM, COL_ANON, COL_THREADS, COL_START };
	static const enum column second[] = { COL_RANK, COL_POINTS, COL_SHARE, COL_SCORE, COL_ADJ, COL_OOM_ADJ, COL_SWAP, COL_COMMAND,
					      COL_USER };
	for (size_t i = 0; i < COUNT_OF(first); i++)
		assert_true(column_before(first[i], &ctx, 0, 1));
	for (size_t i = 0; i < COUNT_OF(second); i++)
		assert_true(column_before(second[i], &ctx, 1, 0));
}

static void command_line_is_shown_once_it_is_known(void **state)
{
	struct stage *stage = *state;
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, { .pid = 10, .comm = "java", .rss = 1 });
	stage_begin(stage);
	struct column_context ctx = context(stage, UNITS_HUMAN);
	assert_true(text_is(column_foreign(COL_COMMAND, &ctx, 0), "java"));
	ctx.cmdlines = true;
	assert_true(text_is(column_foreign(COL_COMMAND, &ctx, 0), "java"));
	struct label_cmdline *slot = labels_cmdline_slot(&stage->labels, 10, 100);
	slot->state = LABEL_PENDING;
	assert_true(text_is(column_foreign(COL_COMMAND, &ctx, 0), "..."));
	slot->state = LABEL_DENIED;
	assert_true(text_is(column_foreign(COL_COMMAND, &ctx, 0), "java"));
	slot->state = LABEL_KNOWN;
	memcpy(slot->bytes, "java -jar", slot->len = 9);
	assert_true(text_is(column_foreign(COL_COMMAND, &ctx, 0), "java -jar"));
	/* Another process under that pid is not called so. */
	made_task(&stage->snap, 10)->start_ticks = 5;
	assert_true(text_is(column_foreign(COL_COMMAND, &ctx, 0), "java"));
	assert_true(text_is(column_foreign(COL_CGROUP, &ctx, 0), "?"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_find_their_columns),
		TEST(lists_are_parsed_or_refused_whole),
		TEST(what_is_not_known_is_no_figure),
		TEST(points_keep_their_sign),
		TEST(ages_fit_their_column),
		TEST(growth_is_signed_and_quiet_around_zero),
		TEST(no_value_is_wider_than_its_column),
		TEST(threads_are_scaled_above_four_digits),
		TEST(every_column_sorts_without_contradiction),
		TEST(columns_sort_largest_first_and_names_ascending),
		TEST(command_line_is_shown_once_it_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
