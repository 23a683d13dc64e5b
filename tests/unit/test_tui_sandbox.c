/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is assumed, as a list of its own: made, replaced, dropped, and given to the
 * model.
 */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/tui/groups.h"
#include "oomsight/tui/sandbox.h"

static void begin(struct snapshot *snap, struct sandbox *sandbox)
{
	MAKE_SNAPSHOT(snap, 1000000, 0, { .pid = 1, .comm = "init", .rss = 2000, .cgroup = "/" },
		      { .pid = 100, .comm = "java", .rss = 300000, .cgroup = "/a" },
		      { .pid = 200, .comm = "mysqld", .rss = 250000, .cgroup = "/b" });
	make_memcg(snap, "/", 0);
	make_memcg(snap, "/a", 400000);
	make_memcg(snap, "/b", 0);
	snap->memcgs[1].inode = 71;
	sandbox_init(sandbox);
}

static void end(struct snapshot *snap, struct sandbox *sandbox)
{
	sandbox_done(sandbox);
	snapshot_done(snap);
}

static struct change adj(int32_t pid, int64_t value)
{
	return (struct change){ .kind = KNOB_ADJ, .process = { pid, (uint64_t)pid * 10 }, .value = value };
}

static struct change sysctl(enum sysctl_id id, int64_t value)
{
	return (struct change){ .kind = KNOB_SYSCTL, .sysctl = id, .value = value };
}

static struct change memcg(const struct snapshot *snap, uint32_t index, enum memcg_file file, int64_t value)
{
	return (struct change){ .kind = KNOB_MEMCG, .group = group_name(snap, index), .file = file, .value = value };
}

static void assume(struct sandbox *sandbox, const struct snapshot *snap, struct change change)
{
	assert_null(sandbox_objection(snap, &change, false));
	assert_int_equal(sandbox_assume(sandbox, snap, &change, false), 0);
}

static void grow(struct sandbox *sandbox, const struct snapshot *snap, int32_t pid, int64_t bytes)
{
	struct change change = adj(pid, bytes);
	assert_null(sandbox_objection(snap, &change, true));
	assert_int_equal(sandbox_assume(sandbox, snap, &change, true), 0);
}

static void what_protects_stands_before_what_kills(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, memcg(&snap, 1, MEMCG_FILE_MAX, 1 << 30));
	assume(&sandbox, &snap, memcg(&snap, 1, MEMCG_FILE_HIGH, 1 << 30));
	assume(&sandbox, &snap, sysctl(SYSCTL_PANIC_ON_OOM, 1));
	assume(&sandbox, &snap, sysctl(SYSCTL_PANIC, 10));
	assume(&sandbox, &snap, memcg(&snap, 2, MEMCG_FILE_OOM_GROUP, 1));
	grow(&sandbox, &snap, 100, 1 << 20);
	assume(&sandbox, &snap, adj(200, -500));
	assume(&sandbox, &snap, adj(100, 300));
	assert_int_equal(sandbox.n, 8);
	assert_int_equal(sandbox.list[0].change.process.pid, 200);
	assert_int_equal(sandbox.list[1].change.process.pid, 100);
	assert_true(sandbox.list[2].is_growth);
	assert_int_equal(sandbox.list[3].change.file, MEMCG_FILE_OOM_GROUP);
	assert_int_equal(sandbox.list[4].change.sysctl, SYSCTL_PANIC);
	assert_int_equal(sandbox.list[5].change.sysctl, SYSCTL_PANIC_ON_OOM);
	assert_int_equal(sandbox.list[6].change.file, MEMCG_FILE_HIGH);
	assert_int_equal(sandbox.list[7].change.file, MEMCG_FILE_MAX);
	assert_int_equal(sandbox.at, 1); /* the last made */
	end(&snap, &sandbox);
}

static void assert_sysctls(const struct sandbox *sandbox, enum sysctl_id first, enum sysctl_id second)
{
	assert_int_equal(sandbox->n, 2);
	assert_int_equal(sandbox->list[0].change.sysctl, first);
	assert_int_equal(sandbox->list[1].change.sysctl, second);
}

/* Mode 2 with the old ratio for a moment could leave no fork to anybody. */
static void overcommit_2_comes_after_what_it_counts_with(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, sysctl(SYSCTL_OVERCOMMIT_MEMORY, 2));
	assume(&sandbox, &snap, sysctl(SYSCTL_OVERCOMMIT_RATIO, 90));
	assert_sysctls(&sandbox, SYSCTL_OVERCOMMIT_RATIO, SYSCTL_OVERCOMMIT_MEMORY);
	assume(&sandbox, &snap, sysctl(SYSCTL_OVERCOMMIT_KBYTES, 1 << 20));
	assert_sysctls(&sandbox, SYSCTL_OVERCOMMIT_KBYTES, SYSCTL_OVERCOMMIT_MEMORY);
	/* Back to a mode that does not count, before a limit that is too low. */
	assume(&sandbox, &snap, sysctl(SYSCTL_OVERCOMMIT_MEMORY, 0));
	assert_sysctls(&sandbox, SYSCTL_OVERCOMMIT_MEMORY, SYSCTL_OVERCOMMIT_KBYTES);
	assert_int_equal(sandbox.at, 0);
	sandbox_set(&sandbox, 0, 2);
	assert_sysctls(&sandbox, SYSCTL_OVERCOMMIT_KBYTES, SYSCTL_OVERCOMMIT_MEMORY);
	assert_int_equal(sandbox.at, 1);
	assert_int_equal(sandbox.list[1].change.value, 2);
	end(&snap, &sandbox);
}

static void the_same_value_is_assumed_once(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, adj(100, 300));
	assume(&sandbox, &snap, adj(200, 1));
	assume(&sandbox, &snap, adj(100, -300));
	grow(&sandbox, &snap, 100, 4096);
	grow(&sandbox, &snap, 100, -4096);
	assert_int_equal(sandbox.n, 3);
	assert_int_equal(sandbox.list[0].change.value, -300);
	assert_int_equal(sandbox.list[2].change.value, -4096);
	assert_int_equal(sandbox.at, 2);
	end(&snap, &sandbox);
}

static void ratio_and_kbytes_are_not_assumed_together(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, sysctl(SYSCTL_OVERCOMMIT_RATIO, 80));
	assume(&sandbox, &snap, sysctl(SYSCTL_OVERCOMMIT_KBYTES, 1000000));
	assert_int_equal(sandbox.n, 1);
	assert_int_equal(sandbox.list[0].change.sysctl, SYSCTL_OVERCOMMIT_KBYTES);
	assume(&sandbox, &snap, sysctl(SYSCTL_OVERCOMMIT_RATIO, 80));
	assert_int_equal(sandbox.n, 1);
	assert_int_equal(sandbox.list[0].change.sysctl, SYSCTL_OVERCOMMIT_RATIO);
	end(&snap, &sandbox);
}

static void what_cannot_be_is_objected_to(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	begin(&snap, &sandbox);
	snap.system.sysctl[SYSCTL_SWAPPINESS].state = FACT_ABSENT;
	const struct change bad[] = {
		adj(100, 1001), adj(100, -1001), adj(999, 0), sysctl(SYSCTL_PANIC_ON_OOM, 3), sysctl(SYSCTL_SWAPPINESS, 1),
		memcg(&snap, 1, MEMCG_FILE_OOM_GROUP, 2), memcg(&snap, 1, MEMCG_FILE_MAX, -1), memcg(&snap, 0, MEMCG_FILE_MAX, 4096),
		{ .kind = KNOB_MEMCG, .group = 5, .file = MEMCG_FILE_MAX, .value = 4096 },
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_non_null(sandbox_objection(&snap, &bad[i], false));
	const struct change grown = adj(100, 1 << 30), none = adj(100, 0), stranger = adj(999, 1 << 30);
	assert_null(sandbox_objection(&snap, &grown, true));
	assert_non_null(sandbox_objection(&snap, &none, true));
	assert_non_null(sandbox_objection(&snap, &stranger, true));
	const struct change ends[] = { adj(100, 1000), adj(1, -1000), memcg(&snap, 1, MEMCG_FILE_MAX, 0),
				       memcg(&snap, 2, MEMCG_FILE_HIGH, KNOB_UNLIMITED) };
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		assert_null(sandbox_objection(&snap, &ends[i], false));
	snap.memcg_version = MEMCG_V1;
	const struct change v2_only = memcg(&snap, 1, MEMCG_FILE_HIGH, 4096);
	assert_non_null(sandbox_objection(&snap, &v2_only, false));
	end(&snap, &sandbox);
}

static void the_gone_are_named_and_dropped(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	char names[128];
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, adj(100, 300));
	assume(&sandbox, &snap, adj(200, 300));
	assume(&sandbox, &snap, sysctl(SYSCTL_PANIC, 10));
	assume(&sandbox, &snap, memcg(&snap, 1, MEMCG_FILE_MAX, 1 << 30));
	assume(&sandbox, &snap, memcg(&snap, 2, MEMCG_FILE_MAX, 1 << 30));
	assert_true(sandbox_has_groups(&sandbox));
	assert_int_equal(sandbox_prune(&sandbox, &snap, names, sizeof names), 0);
	assert_string_equal(names, "");
	assert_int_equal(sandbox.at, 4);

	/* The pid has another owner, the path another directory; one group is gone. */
	made_task(&snap, 100)->start_ticks = 7;
	snap.memcgs[1].inode = 72;
	snap.nmemcgs = 2;
	assert_int_equal(sandbox_prune(&sandbox, &snap, names, sizeof names), 3);
	assert_string_equal(names, "java (100), /a, /b");
	assert_int_equal(sandbox.n, 2);
	assert_int_equal(sandbox.at, 1);
	assert_false(sandbox_has_groups(&sandbox));
	end(&snap, &sandbox);
}

static void names_that_do_not_fit_are_cut(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	char names[8];
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, adj(100, 300));
	assume(&sandbox, &snap, adj(200, 300));
	snap.ntasks = 0;
	assert_int_equal(sandbox_prune(&sandbox, &snap, names, sizeof names), 2);
	assert_string_equal(names, "java (1");
	assert_int_equal(sandbox.n, 0);
	assert_int_equal(sandbox.at, 0);
	end(&snap, &sandbox);
}

static void the_cursor_stays_with_its_row(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, adj(100, 1));
	assume(&sandbox, &snap, adj(200, 2));
	assume(&sandbox, &snap, adj(1, 3));
	sandbox.at = 1;
	sandbox_remove(&sandbox, 0);
	assert_int_equal(sandbox.list[sandbox.at].change.value, 2);
	sandbox_remove(&sandbox, 0);
	assert_int_equal(sandbox.list[sandbox.at].change.value, 3);
	sandbox_remove(&sandbox, 0);
	assert_int_equal(sandbox.at, 0);
	assert_int_equal(sandbox.n, 0);
	end(&snap, &sandbox);
}

static void what_was_written_is_assumed_no_more(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	begin(&snap, &sandbox);
	assume(&sandbox, &snap, adj(100, 1));
	grow(&sandbox, &snap, 100, 4096);
	const struct change written = adj(100, 5), other = sysctl(SYSCTL_PANIC, 1);
	sandbox_forget(&sandbox, &other);
	assert_int_equal(sandbox.n, 2);
	sandbox_forget(&sandbox, &written);
	assert_int_equal(sandbox.n, 1);
	assert_true(sandbox.list[0].is_growth);
	end(&snap, &sandbox);
}

static void the_model_gets_all_of_it_each_tick(void **state)
{
	(void)state;
	struct snapshot snap;
	struct sandbox sandbox;
	struct whatif whatif;
	uint64_t max;
	bool together;
	begin(&snap, &sandbox);
	whatif_init(&whatif);
	whatif_set_sysctl(&whatif, SYSCTL_SWAPPINESS, 1);
	assume(&sandbox, &snap, adj(200, -500));
	assume(&sandbox, &snap, sysctl(SYSCTL_PANIC_ON_OOM, 2));
	assume(&sandbox, &snap, memcg(&snap, 1, MEMCG_FILE_MAX, 1 << 30));
	assume(&sandbox, &snap, memcg(&snap, 1, MEMCG_FILE_HIGH, 1 << 20));
	assume(&sandbox, &snap, memcg(&snap, 2, MEMCG_FILE_MAX, KNOB_UNLIMITED));
	assume(&sandbox, &snap, memcg(&snap, 2, MEMCG_FILE_OOM_GROUP, 1));
	grow(&sandbox, &snap, 100, 3 * 4096 + 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sandbox_fill(&sandbox, &snap, &whatif), 0);
		assert_int_equal(whatif.nadjs, 1);
		assert_int_equal(whatif.adjs[0].pid, 200);
		assert_int_equal(whatif.adjs[0].adj, -500);
		assert_int_equal(whatif.ngrowths, 1);
		assert_int_equal(whatif.growths[0].pages, 3);
		assert_false(whatif.sysctl_set[SYSCTL_SWAPPINESS]);
		assert_int_equal(whatif.sysctl[SYSCTL_PANIC_ON_OOM], 2);
		assert_true(whatif_memcg_max(&whatif, 1, &max));
		assert_int_equal(max, 1 << 30);
		assert_true(whatif_memcg_max(&whatif, 2, &max));
		assert_true(max == MEMCG_UNLIMITED);
		assert_true(whatif_memcg_oom_group(&whatif, 2, &together));
		assert_true(together);
		assert_false(whatif_memcg_oom_group(&whatif, 1, &together));
	}
	whatif_done(&whatif);
	end(&snap, &sandbox);
}

static void growth_is_typed_as_sizes_are(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int r;
		int64_t bytes;
	} rows[] = {
		{ "512M", 0, 512 << 20 },  { "+1.5G", 0, 1610612736 },	  { "-4K", 0, -4096 }, { "0", 0, 0 },
		{ " 7 ", 0, 7 },	   { "", -EINVAL, 0 },		  { "-", -EINVAL, 0 }, { "max", -EINVAL, 0 },
		{ "--1", -EINVAL, 0 },	   { "x", -EINVAL, 0 },
		{ "9999999999T", 0, INT64_MAX }, { "-9999999999T", 0, -INT64_MAX },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t bytes = 0;
		assert_int_equal(sandbox_parse_growth(text_of_str(rows[i].text), &bytes), rows[i].r);
		assert_int_equal(bytes, rows[i].bytes);
	}
}

static void growth_that_changes_nothing_or_cannot_be_is_objected_to(void **state)
{
	(void)state;
	static const struct {
		int64_t bytes;
		bool can_be;
	} rows[] = {
		{ 0, false },
		{ 4095, false },
		{ -4095, false },
		{ 4096, true },
		{ -4096, true },
		{ 1000500 * 4096LL, true },
		{ -1000500 * 4096LL, true },
		{ 1000500 * 4096LL + 1, false },
		{ INT64_MAX, false },
		{ INT64_MIN, false },
	};
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, 1000000, 500, { .pid = 100, .comm = "java", .rss = 300000 });
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(sandbox_growth_objection(&snap, rows[i].bytes) == NULL, rows[i].can_be);
	snap.system.state[SYS_MEM_TOTAL] = FACT_ABSENT;
	assert_null(sandbox_growth_objection(&snap, INT64_MAX - 1));
	assert_non_null(sandbox_growth_objection(&snap, INT64_MAX));
	snapshot_done(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_protects_stands_before_what_kills),
		cmocka_unit_test(overcommit_2_comes_after_what_it_counts_with),
		cmocka_unit_test(the_same_value_is_assumed_once),
		cmocka_unit_test(ratio_and_kbytes_are_not_assumed_together),
		cmocka_unit_test(what_cannot_be_is_objected_to),
		cmocka_unit_test(the_gone_are_named_and_dropped),
		cmocka_unit_test(names_that_do_not_fit_are_cut),
		cmocka_unit_test(the_cursor_stays_with_its_row),
		cmocka_unit_test(what_was_written_is_assumed_no_more),
		cmocka_unit_test(the_model_gets_all_of_it_each_tick),
		cmocka_unit_test(growth_is_typed_as_sizes_are),
		cmocka_unit_test(growth_that_changes_nothing_or_cannot_be_is_objected_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
