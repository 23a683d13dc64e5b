/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing limits of memory cgroups: plans by the figures of a made-up host, writes
 * in a fake root.
 */
#include "knob_fixture.h"

#include "make_snapshot.h"
#include "oomsight/model/verdict.h"
#include "../../src/knob/audit.h"

enum { ROOT_GROUP, APP, SUB, GROUPS };

/* java (3 GiB) and helper in /app, which uses 4 GiB, 200 MiB of it file cache. */
static void make(struct snapshot *snap)
{
	MAKE_SNAPSHOT(snap, 4194304, 0, MADE_INIT,
		      { .pid = 100, .comm = "java", .rss = 786432, .cgroup = "/app" },
		      { .pid = 200, .comm = "helper", .rss = 131072, .cgroup = "/app/sub" },
		      { .pid = 300, .comm = "other", .rss = 1500000, .cgroup = "/" });
	make_memcg(snap, "/", 0);
	make_memcg(snap, "/app", 2097152);
	make_memcg(snap, "/app/sub", 0);
	struct memcg *app = &snap->memcgs[APP];
	app->usage_bytes = 4 * GIB;
	app->stat_bytes[MEMCG_STAT_INACTIVE_FILE] = 200 * MIB;
	strcpy(snap->memcg_mount, "sys/fs/cgroup");
}

/* The plan with the verdict of the value assumed, as the screen makes it. */
static struct knob_plan plan_max(const struct snapshot *snap, uint32_t memcg, int64_t value)
{
	struct knob_plan plan;
	struct rules rules;
	struct whatif whatif;
	struct ranking ranking;
	struct verdict verdict;
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = memcg };
	rules_calibrate(snap, &rules);
	whatif_init(&whatif);
	ranking_init(&ranking);
	verdict_init(&verdict);
	assert_int_equal(whatif_set_memcg_max(&whatif, memcg, value == KNOB_UNLIMITED ? MEMCG_UNLIMITED : (uint64_t)value), 0);
	ranking_make(&ranking, snap, &rules, &whatif, &scope);
	assert_int_equal(verdict_make(&verdict, snap, &rules, &ranking, &whatif, VERDICT_KILLS_MAX), 0);
	knob_plan_memcg(&plan, snap, memcg, MEMCG_FILE_MAX, value, &verdict, false);
	whatif_done(&whatif);
	ranking_done(&ranking);
	verdict_done(&verdict);
	assert_whole(plan.text);
	return plan;
}

static void bytes_are_read_as_people_type_them(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int error;
		int64_t bytes;
	} rows[] = {
		{ "0", 0, 0 },		       { "4096", 0, 4096 },
		{ "1K", 0, 1024 },	       { "512m", 0, 512 << 20 },
		{ "1.5G", 0, 1610612736 },     { "2T", 0, INT64_C(2) << 40 },
		{ " max ", 0, KNOB_UNLIMITED }, { "", -EINVAL, 0 },
		{ "G", -EINVAL, 0 },	       { "-1", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },	       { "inf", -EINVAL, 0 },
		{ "1GG", -EINVAL, 0 },	       { "0x10", -EINVAL, 0 },
		{ "1..5G", -EINVAL, 0 },       { "9223372036854775807", -ERANGE, 0 },
		{ "8388608T", -ERANGE, 0 },    { "99999999.5T", -ERANGE, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t bytes = -7;
		print_message("%s\n", rows[i].text);
		assert_int_equal(knob_parse_bytes(text_of_str(rows[i].text), &bytes), rows[i].error);
		assert_true(bytes == (rows[i].error ? -7 : rows[i].bytes));
	}
}

static void lowering_below_what_reclaim_gives_names_who_dies(void **state)
{
	(void)state;
	struct snapshot snap;
	make(&snap);
	struct knob_plan plan = plan_max(&snap, APP, 3 * (int64_t)GIB);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	assert_true(plan.before_known && plan.before == 8 * (int64_t)GIB);
	assert_says(plan.text, "1 process in 1 kill dies at once and frees 3.00G: java (100).");
	/* Java alone is not enough any more. */
	plan = plan_max(&snap, APP, 600 * (int64_t)MIB);
	assert_says(plan.text, "2 processes in 2 kills die at once and free 3.50G: java (100), helper (200).");
	plan = plan_max(&snap, APP, 0);
	assert_says(plan.text, "that may still not be enough");
	/* By oom.group it is one kill. */
	snap.memcgs[APP].oom_group = true;
	plan = plan_max(&snap, APP, 3 * (int64_t)GIB);
	assert_says(plan.text, "2 processes in 1 kill die at once and free 3.50G: java (100).");
	snapshot_done(&snap);
}

static void what_reclaim_or_swap_covers_is_told(void **state)
{
	(void)state;
	struct snapshot snap;
	make(&snap);
	struct knob_plan plan = plan_max(&snap, APP, 5 * (int64_t)GIB);
	assert_int_equal(plan.gate, GATE_OPEN);
	assert_says(plan.text, "1.00G are left to it");
	plan = plan_max(&snap, APP, 4 * (int64_t)GIB - 100 * (int64_t)MIB);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "Reclaim has to get 100M back");
	make_fact(&snap, SYS_SWAP_FREE, 2 * GIB);
	plan = plan_max(&snap, APP, 3 * (int64_t)GIB);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	assert_says(plan.text, "824M must go to swap");
	snap.memcgs[APP].swap_max_bytes = 0;
	plan = plan_max(&snap, APP, 3 * (int64_t)GIB);
	assert_says(plan.text, "Reclaim cannot get 824M of it back");
	/* Unknown is not nothing. */
	snap.memcgs[APP].group_state[MEMCG_STAT] = FACT_DENIED;
	plan = plan_max(&snap, APP, 4 * (int64_t)GIB - 4096);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	assert_says(plan.text, "an unknown part");
	snap.memcgs[APP].group_state[MEMCG_USAGE] = FACT_DENIED;
	plan = plan_max(&snap, APP, 7 * (int64_t)GIB);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	plan = plan_max(&snap, APP, KNOB_UNLIMITED);
	assert_int_equal(plan.gate, GATE_OPEN);
	snapshot_done(&snap);
}

static void a_panic_and_nobody_to_kill_are_told(void **state)
{
	(void)state;
	struct snapshot snap;
	make(&snap);
	make_sysctl(&snap, SYSCTL_PANIC_ON_OOM, 2);
	struct knob_plan plan = plan_max(&snap, APP, 3 * (int64_t)GIB);
	assert_int_equal(plan.gate, GATE_TYPED_YES);
	assert_says(plan.text, "PANICS");
	make_sysctl(&snap, SYSCTL_PANIC_ON_OOM, 0);
	made_task(&snap, 100)->oom_score_adj = made_task(&snap, 200)->oom_score_adj = -1000;
	plan = plan_max(&snap, APP, 3 * (int64_t)GIB);
	assert_says(plan.text, "Nobody in it can be killed");
	snapshot_done(&snap);
}

static void v1_fails_instead_of_killing(void **state)
{
	(void)state;
	struct snapshot snap;
	make(&snap);
	snap.memcg_version = MEMCG_V1;
	struct knob_plan plan = plan_max(&snap, APP, 3 * (int64_t)GIB);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "EBUSY");
	snap.memcgs[APP].swap_max_bytes = 9 * GIB;
	plan = plan_max(&snap, APP, 10 * (int64_t)GIB);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "memory.memsw.limit_in_bytes");
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_HIGH, 1, NULL, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_OOM_GROUP, 1, NULL, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	snapshot_done(&snap);
}

static void what_cannot_be_written_is_refused(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	make(&snap);
	knob_plan_memcg(&plan, &snap, ROOT_GROUP, MEMCG_FILE_MAX, 1, NULL, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_MAX, 1, NULL, true);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "--readonly");
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_MAX, -1, NULL, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_OOM_GROUP, 2, NULL, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	/* Only a part of the hierarchy is mounted, and this group is not in it. */
	strcpy(snap.memcg_top, "/container");
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_MAX, KNOB_UNLIMITED, NULL, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	strcpy(snap.memcg_top, "/app");
	knob_plan_memcg(&plan, &snap, SUB, MEMCG_FILE_MAX, KNOB_UNLIMITED, NULL, false);
	assert_int_equal(plan.gate, GATE_OPEN);
	assert_string_equal(plan.dir, "sys/fs/cgroup/sub");
	snap.observer.uid = 1000;
	snap.observer.cap_eff = 0;
	knob_plan_memcg(&plan, &snap, SUB, MEMCG_FILE_HIGH, 4096, NULL, false);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "Unless the group was given to uid 1000");
	snapshot_done(&snap);
}

static void high_slows_down_and_oom_group_says_whom_it_takes(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	make(&snap);
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_HIGH, 1 * (int64_t)GIB, NULL, false);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "Nobody is killed");
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_OOM_GROUP, 1, NULL, false);
	assert_int_equal(plan.gate, GATE_OPEN);
	assert_says(plan.text, "2 processes");
	snapshot_done(&snap);
}

static void limits_are_whole_pages(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	make(&snap);
	knob_plan_memcg(&plan, &snap, APP, MEMCG_FILE_MAX, 5 * (int64_t)GIB + 4095, NULL, false);
	assert_true(plan.after == 5 * (int64_t)GIB);
	snapshot_done(&snap);
}

static void long_and_hostile_paths_are_made_safe(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	char path[600] = "/";
	MAKE_SNAPSHOT(&snap, 1000, 0, MADE_INIT);
	make_memcg(&snap, "/", 0);
	memset(path + 1, 'x', 580);
	strcpy(path + 500, "\x1b[2Jleaf");
	struct memcg *memcg = snapshot_add_memcg(&snap, 0);
	assert_int_equal(snapshot_add_text(&snap, text_of_str(path), &memcg->path), 0);
	snapshot_link_memcgs(&snap);
	knob_plan_memcg(&plan, &snap, 1, MEMCG_FILE_MAX, KNOB_UNLIMITED, NULL, false);
	assert_says(plan.group, "\\x1b[2Jleaf");
	assert_null(strchr(plan.group, '\x1b'));
	assert_int_equal(strlen(plan.dir), strlen(path));
	snapshot_done(&snap);
}

/* --- writes in a fake root -------------------------------------------------------- */

static int setup(void **state)
{
	struct fake *fake = calloc(1, sizeof *fake);
	assert_non_null(fake);
	fake_open(fake);
	fake_file(fake, "sys/fs/cgroup/app/memory.max", "max\n");
	fake_file(fake, "sys/fs/cgroup/app/memory.oom.group", "0\n");
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_close(*state);
	free(*state);
	return 0;
}

static struct knob_plan write_plan(enum memcg_file file, int64_t after)
{
	return (struct knob_plan){ .kind = KNOB_MEMCG, .file = file, .version = MEMCG_V2, .group = "/app",
				   .dir = "sys/fs/cgroup/app", .after = after };
}

static void a_limit_is_written_read_back_and_undone(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = write_plan(MEMCG_FILE_MAX, 1 << 30), back;
	struct knob_result result;
	assert_int_equal(knob_apply(&plan, &fake->root, false, NULL, &result), 0);
	assert_string_equal(result.text, "memory.max of /app: max -> 1.00G, the kernel now says 1.00G.");
	assert_fake_file(fake, "sys/fs/cgroup/app/memory.max", "1073741824");
	knob_plan_undo(&back, &plan, &result);
	assert_int_equal(back.kind, KNOB_MEMCG);
	assert_true(back.after == KNOB_UNLIMITED);
	assert_says(back.text, "Puts memory.max of /app back to max.");
	assert_int_equal(knob_apply(&back, &fake->root, false, NULL, &result), 0);
	assert_fake_file(fake, "sys/fs/cgroup/app/memory.max", "max");
	plan = write_plan(MEMCG_FILE_OOM_GROUP, 1);
	assert_int_equal(knob_apply(&plan, &fake->root, false, NULL, &result), 0);
	assert_fake_file(fake, "sys/fs/cgroup/app/memory.oom.group", "1");
}

static void a_group_removed_or_made_anew_is_left_alone(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = write_plan(MEMCG_FILE_MAX, 0);
	struct knob_result result;
	char path[256];
	struct stat st;
	fake_path(fake, "sys/fs/cgroup/app", path);
	assert_int_equal(stat(path, &st), 0);
	plan.inode = st.st_ino + 1;
	assert_int_equal(knob_apply(&plan, &fake->root, false, NULL, &result), -ENOENT);
	assert_says(result.text, "made anew");
	assert_fake_file(fake, "sys/fs/cgroup/app/memory.max", "max\n");
	plan.inode = st.st_ino;
	assert_int_equal(knob_apply(&plan, &fake->root, true, NULL, &result), -EPERM);
	assert_fake_file(fake, "sys/fs/cgroup/app/memory.max", "max\n");
	assert_int_equal(knob_apply(&plan, &fake->root, false, NULL, &result), 0);
	assert_fake_file(fake, "sys/fs/cgroup/app/memory.max", "0");
	strcpy(plan.dir, "sys/fs/cgroup/gone");
	assert_int_equal(knob_apply(&plan, &fake->root, false, NULL, &result), -ENOENT);
	assert_says(result.text, "was removed");
	plan = write_plan(MEMCG_FILE_HIGH, 0);
	assert_int_equal(knob_apply(&plan, &fake->root, false, NULL, &result), -ENOENT);
	assert_says(result.text, "does not exist");
}

static void no_link_leads_out_of_a_fake_root(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = write_plan(MEMCG_FILE_MAX, 4096);
	struct knob_result result;
	char path[256];
	fake_path(fake, "sys/fs/cgroup/link", path);
	assert_int_equal(symlink("/tmp", path), 0);
	strcpy(plan.dir, "sys/fs/cgroup/link");
	assert_true(knob_apply(&plan, &fake->root, false, NULL, &result) < 0);
}

static void the_audit_names_group_file_and_bytes(void **state)
{
	(void)state;
	char line[AUDIT_LINE];
	const struct audit_actor actor = { 0, -1 };
	struct knob_plan plan = write_plan(MEMCG_FILE_MAX, 5368709120);
	struct knob_result result = { .before_known = true, .before = KNOB_UNLIMITED, .after_known = true, .after = 5368709120 };
	audit_format(line, 0, &actor, &plan, &result, false, true);
	assert_string_equal(line, "1970-01-01T00:00:00Z uid=0 knob=memory.max group=\"/app\" change=\"max -> 5368709120\" "
				  "outcome=done kernel=5368709120");
	/* A refusal of what this version does not have still names it. */
	plan = write_plan(MEMCG_FILE_HIGH, 1);
	plan.version = MEMCG_V1;
	audit_format(line, 0, &actor, &plan, NULL, true, true);
	assert_says(line, "knob=memory.high");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_read_as_people_type_them),
		cmocka_unit_test(lowering_below_what_reclaim_gives_names_who_dies),
		cmocka_unit_test(what_reclaim_or_swap_covers_is_told),
		cmocka_unit_test(a_panic_and_nobody_to_kill_are_told),
		cmocka_unit_test(v1_fails_instead_of_killing),
		cmocka_unit_test(what_cannot_be_written_is_refused),
		cmocka_unit_test(high_slows_down_and_oom_group_says_whom_it_takes),
		cmocka_unit_test(limits_are_whole_pages),
		cmocka_unit_test(long_and_hostile_paths_are_made_safe),
		cmocka_unit_test_setup_teardown(a_limit_is_written_read_back_and_undone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_group_removed_or_made_anew_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(no_link_leads_out_of_a_fake_root, setup, teardown),
		cmocka_unit_test(the_audit_names_group_file_and_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
