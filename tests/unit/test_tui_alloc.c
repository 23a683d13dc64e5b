/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A steady tick must not allocate: on a host that has run out of memory the
 * screen goes on. malloc, calloc and realloc are wrapped (see --wrap in ld(1))
 * and counted while a tick is taken in and drawn.
 */
#include "unit.h"

#include <stdio.h>

#include "make_ui.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);

/* volatile: the compiler knows what malloc does not touch, and would keep a 0.
 * Wrapped functions can be given no context. */
static volatile unsigned allocations;

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	allocations++;
	return __real_realloc(block, size);
}

#define TASKS 2000

static void begin(struct stage *stage)
{
	struct made_task *tasks = calloc(TASKS, sizeof *tasks);
	stage_init(stage);
	for (int i = 0; i < TASKS; i++)
		tasks[i] = (struct made_task){ .pid = 2 + i, .ppid = i % 7 ? 1 + i : 1, .comm = "worker", .rss = 10 + (uint64_t)(i * 37 % 900),
					       .pgt = 2, .uid = (uint32_t)(i % 3) * 500 };
	make_snapshot(&stage->snap, 4000000, 100000, tasks, TASKS);
	free(tasks);
	stage_begin(stage);
	stage_draw(stage, 50, 160);
}

/* Ticks in which every size changes, with some screen open. */
static void ticks_allocate_nothing(const char *keys)
{
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, keys);
	stage_draw(&stage, 50, 160);
	for (unsigned tick = 1; tick <= 5; tick++) {
		for (uint32_t i = 0; i < stage.snap.ntasks; i++) {
			struct task *task = &stage.snap.tasks[i];
			task->rss_quick_pages = task->rss_pages = (task->rss_pages * 7 + tick) % 1000 + 1;
		}
		stage.snap.tick++;
		stage.snap.monotonic_ns += 2000000000;
		assert_int_equal(model_update(&stage.model, &stage.snap, NULL, 3), 0);
		allocations = 0;
		assert_int_equal(ui_update(&stage.ui, &stage.env), 0);
		ui_draw(&stage.ui, &stage.env, &stage.frame);
		assert_int_equal(allocations, 0);
	}
	stage_done(&stage);
}

static void wrapping_counts(void **state)
{
	(void)state;
	allocations = 0;
	void *volatile block = malloc(100);
	void *volatile bigger = realloc(block, 200);
	assert_non_null(bigger);
	free(bigger);
	block = calloc(1, 100);
	free(block);
	assert_int_equal(allocations, 3);
}

static void steady_tick_allocates_nothing(void **state)
{
	(void)state;
	ticks_allocate_nothing("Down Down");
}

static void steady_tick_of_a_filtered_tree_allocates_nothing(void **state)
{
	(void)state;
	ticks_allocate_nothing("t w \\ w o r Enter");
}

static void steady_tick_under_an_open_edit_allocates_nothing(void **state)
{
	(void)state;
	ticks_allocate_nothing("Down Space Space Space a - 5 0 0");
	ticks_allocate_nothing("S Enter 1");
}

static void steady_tick_of_a_what_if_allocates_nothing(void **state)
{
	(void)state;
	static const char assumed[] = "Down Space Space Space a - 5 0 0 ^X Escape G 1 G Enter Escape = S Enter 1 ^X";
	char keys[128];
	ticks_allocate_nothing(assumed);
	snprintf(keys, sizeof keys, "%s Escape q", assumed); /* it lives on beside the list */
	ticks_allocate_nothing(keys);
	snprintf(keys, sizeof keys, "%s Up Enter 2", assumed);
	ticks_allocate_nothing(keys);
	snprintf(keys, sizeof keys, "%s a Enter y", assumed);
	ticks_allocate_nothing(keys);
}

static void steady_tick_of_the_pages_allocates_nothing(void **state)
{
	(void)state;
	ticks_allocate_nothing("h PageDown");
	ticks_allocate_nothing("v PageDown");
	ticks_allocate_nothing("Down Enter");
}

static void steady_tick_beside_another_kernel_allocates_nothing(void **state)
{
	(void)state;
	ticks_allocate_nothing("O End Enter");
	ticks_allocate_nothing("O End Enter Down Enter");
}

static void keys_that_move_allocate_nothing(void **state)
{
	(void)state;
	struct stage stage;
	begin(&stage);
	stage_keys(&stage, "k Enter");
	allocations = 0;
	stage_keys(&stage, "Down PageDown End Up Home Right Left M P R N t e c K K Z h q v q");
	stage_draw(&stage, 50, 160);
	assert_int_equal(allocations, 0);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrapping_counts),
		cmocka_unit_test(steady_tick_allocates_nothing),
		cmocka_unit_test(steady_tick_of_a_filtered_tree_allocates_nothing),
		cmocka_unit_test(steady_tick_under_an_open_edit_allocates_nothing),
		cmocka_unit_test(steady_tick_of_a_what_if_allocates_nothing),
		cmocka_unit_test(steady_tick_of_the_pages_allocates_nothing),
		cmocka_unit_test(steady_tick_beside_another_kernel_allocates_nothing),
		cmocka_unit_test(keys_that_move_allocate_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
