/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "mmid.h"

struct sharer {
	int32_t pid;
	uint64_t mm_id;
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
		{ { { 10, 10, 4096 }, { 12, UINT64_MAX, 4096 } }, 2, false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(last_holds(cases[i].sharers, cases[i].n), cases[i].holds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_stands_as_long_as_its_owner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
