/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/snapshot/snapshot.h"

static void tasks_are_found_by_pid_and_by_identity(void **state)
{
	(void)state;
	struct snapshot snap;
	snapshot_init(&snap);
	static const int32_t pids[] = { 7, 3, 99, 1, 50 };
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		struct task *task = snapshot_add_task(&snap, pids[i]);
		assert_non_null(task);
		task->start_ticks = (uint64_t)pids[i] * 10;
	}
	snapshot_sort_tasks(&snap);
	for (uint32_t i = 1; i < snap.ntasks; i++)
		assert_true(snap.tasks[i - 1].pid < snap.tasks[i].pid);
	assert_int_equal(snapshot_find(&snap, 50)->start_ticks, 500);
	assert_null(snapshot_find(&snap, 2));
	assert_null(snapshot_find(&snap, 1000));
	struct task reused = { .pid = 50, .start_ticks = 777 };
	assert_null(snapshot_find_same(&snap, &reused));
	reused.start_ticks = 500;
	assert_ptr_equal(snapshot_find_same(&snap, &reused), snapshot_find(&snap, 50));
	snapshot_remove_task(&snap, 50);
	snapshot_remove_task(&snap, 50);
	assert_int_equal(snap.ntasks, 4);
	assert_null(snapshot_find(&snap, 50));
	assert_non_null(snapshot_find(&snap, 99));
	snapshot_done(&snap);
}

static void text_survives_the_arena_moving(void **state)
{
	(void)state;
	struct snapshot snap;
	snapshot_init(&snap);
	struct text_ref first, empty, ref;
	assert_int_equal(snapshot_add_text(&snap, TEXT("a\0b"), &first), 0);
	assert_int_equal(snapshot_add_text(&snap, TEXT(""), &empty), 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(snapshot_add_text(&snap, TEXT("0123456789"), &ref), 0);
	assert_true(text_equal(snapshot_text(&snap, first), TEXT("a\0b")));
	assert_int_equal(snapshot_text(&snap, empty).len, 0);
	snapshot_done(&snap);
}

static void clearing_keeps_the_memory(void **state)
{
	(void)state;
	struct snapshot snap;
	snapshot_init(&snap);
	assert_int_equal(snapshot_reserve_tasks(&snap, 1000), 0);
	assert_int_equal(snapshot_reserve_zones(&snap, 3), 0);
	snap.tick = 5;
	struct task *before = snap.tasks;
	snapshot_clear(&snap);
	assert_int_equal(snap.tick, 0);
	assert_int_equal(snapshot_reserve_tasks(&snap, 1000), 0);
	assert_ptr_equal(snap.tasks, before);
	assert_true(snap.system.zones_capacity >= 3);
	snapshot_done(&snap);
}

static void every_fact_of_the_table_is_named_and_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < SYS__COUNT; i++) {
		const struct sys_fact_info *info = &sys_fact_table[i];
		assert_non_null(info->key);
		assert_true(strlen(info->name) > 0 && strlen(info->help) > 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(info->name, sys_fact_table[j].name);
	}
	for (int i = 0; i < SYSCTL__COUNT; i++)
		assert_int_equal(sysctl_find(sysctl_names[i]), i);
	assert_int_equal(sysctl_find("vm.nothing"), -1);
}

static void unknown_facts_are_never_used_as_zero(void **state)
{
	(void)state;
	struct snapshot snap;
	snapshot_init(&snap);
	snap.system.value[SYS_OOM_KILL] = 12;
	assert_int_equal(system_get(&snap.system, SYS_OOM_KILL, 99), 99);
	snap.system.state[SYS_OOM_KILL] = FACT_KNOWN;
	assert_int_equal(system_get(&snap.system, SYS_OOM_KILL, 99), 12);
	snap.page_bytes = 65536;
	assert_int_equal(snapshot_bytes(&snap, 2), 131072);
	assert_true(snapshot_bytes(&snap, UINT64_MAX) == UINT64_MAX);
	snapshot_done(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_are_found_by_pid_and_by_identity),
		cmocka_unit_test(text_survives_the_arena_moving),
		cmocka_unit_test(clearing_keeps_the_memory),
		cmocka_unit_test(every_fact_of_the_table_is_named_and_explained),
		cmocka_unit_test(unknown_facts_are_never_used_as_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
