/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "mmid.h"

struct sharer {
	int32_t pid;
	int32_t mm_id;
	uint64_t virt_bytes;
};

/* Does the id of the last of these still hold? */
static bool last_holds(const struct sharer *sharers, size_t n)
{
	struct snapshot snap;
	snapshot_init(&snap);
	for (size_t i = 0; i < n; i++) {
		struct task *task = snapshot_add_task(&snap, sharers[i].pid);
		assert_non_null(task);
		task->mm_id = sharers[i].mm_id;
		task->virt_bytes = sharers[i].virt_bytes;
	}
	bool holds = mmid_holds(&snap, &snap.tasks[n - 1]);
	snapshot_done(&snap);
	return holds;
}

static void an_id_stands_as_long_as_its_owner(void **state)
{
	(void)state;
	static const struct {
		struct sharer sharers[3];
		size_t n;
		bool holds;
	} cases[] = {
		{ { { 10, 10, 4096 }, { 12, 10, 4096 } }, 2, true },
		{ { { 10, 10, 4096 } }, 1, true }, /* the owner itself */
		{ { { 12, 0, 4096 } }, 1, true },  /* nobody to lose */
		/* Its owner died; another one who shares is no witness. */
		{ { { 12, 10, 4096 } }, 1, false },
		{ { { 11, 10, 4096 }, { 12, 10, 4096 } }, 2, false },
		/* The pid was given to another process: a new one has no id yet. */
		{ { { 10, 0, 4096 }, { 12, 10, 4096 } }, 2, false },
		/* The owner shares with somebody else now, or has another size. */
		{ { { 9, 9, 4096 }, { 10, 9, 4096 }, { 12, 10, 4096 } }, 3, false },
		{ { { 10, 10, 8192 }, { 12, 10, 4096 } }, 2, false },
		{ { { 10, 10, 4096 }, { 12, INT32_MAX, 4096 } }, 2, false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(last_holds(cases[i].sharers, cases[i].n), cases[i].holds);
}

/* Tasks of one stack start, none like another; how many of them are settled. */
static uint32_t settled_of(uint32_t n)
{
	struct snapshot snap;
	struct mmid mmid;
	uint32_t settled = 0;
	snapshot_init(&snap);
	mmid_init(&mmid);
	assert_int_equal(mmid_begin(&mmid, n), 0);
	for (uint32_t i = 0; i < n; i++) {
		struct task *task = snapshot_add_task(&snap, 1000000 + (int32_t)i);
		assert_non_null(task);
		task->virt_bytes = 4096 * (uint64_t)(i + 1);
		mmid_want(&mmid, i);
	}
	mmid_resolve(&mmid, &snap);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(snap.tasks[i].mm_id, 0);
		settled += task_knows(&snap.tasks[i], TASK_MMID);
	}
	mmid_done(&mmid);
	snapshot_done(&snap);
	return settled;
}

static void a_server_s_workers_are_looked_at_within_a_bound(void **state)
{
	(void)state;
	/* Each pair twice: as a family, and as strangers. */
	uint32_t most = 700;
	assert_true(2 * most * most <= MMID_LOOKS);
	assert_int_equal(settled_of(most), most);
	assert_in_range(settled_of(20000), 0, MMID_LOOKS / 20000 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_stands_as_long_as_its_owner),
		cmocka_unit_test(a_server_s_workers_are_looked_at_within_a_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
