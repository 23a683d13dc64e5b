/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room as a whole: one update a tick, no allocation in a steady one, and
 * figures no kernel would print. Linked with malloc, calloc and realloc wrapped.
 */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/model.h"

#define RAM 1000000

/* Allocations so far, and how many more succeed (-1: all). */
static struct {
	unsigned long count;
	long left;
} heap = { 0, -1 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool heap_gives(void)
{
	heap.count++;
	return heap.left < 0 || heap.left-- > 0;
}

void *__wrap_malloc(size_t size)
{
	return heap_gives() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return heap_gives() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	return heap_gives() ? __real_realloc(old, size) : NULL;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

#define MANY 500

static void make_many(struct snapshot *snap)
{
	static struct made_task lines[MANY];
	for (int i = 0; i < MANY; i++)
		lines[i] = (struct made_task){ .pid = 2 + i * 2, .rss = (uint64_t)i * 7 % 1000, .mm_id = i % 5 == 0 ? 9 : 0,
					       .adj = i % 7 == 0 ? 300 : 0, .scored = true, .score = 666 };
	make_snapshot(snap, RAM, 0, lines, COUNT_OF(lines));
}

static void a_steady_tick_allocates_nothing(void **state)
{
	(void)state;
	struct snapshot snaps[2];
	make_many(&snaps[0]);
	make_next(&snaps[1], &snaps[0], 2000);
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_set_adj(&whatif, 100, 900), 0);
	struct model model;
	model_init(&model);
	assert_int_equal(model_update(&model, &snaps[0], &whatif, VERDICT_KILLS_MAX), 0);
	uint32_t seed = 1;
	unsigned long before = heap.count;
	for (unsigned tick = 1; tick <= 20; tick++) {
		struct snapshot *prev = &snaps[(tick - 1) % 2], *curr = &snaps[tick % 2];
		curr->monotonic_ns = prev->monotonic_ns + 2000000000;
		curr->tick = prev->tick + 1;
		for (int i = 0; i < 50; i++)
			curr->tasks[next_random(&seed) % MANY].rss_quick_pages = next_random(&seed) % 5000;
		curr->tasks[3].pid = 8 + (int32_t)(tick % 2); /* one goes, one comes */
		curr->ntasks = MANY - tick % 3;
		assert_int_equal(model_update(&model, curr, &whatif, VERDICT_KILLS_MAX), 0);
		assert_int_equal(model.verdict.nkills, VERDICT_KILLS_MAX);
	}
	assert_int_equal(heap.count - before, 0);
	model_done(&model);
	whatif_done(&whatif);
	snapshot_done(&snaps[0]);
	snapshot_done(&snaps[1]);
}

static void out_of_memory_is_an_error_and_can_be_tried_again(void **state)
{
	(void)state;
	struct snapshot snap;
	make_many(&snap);
	struct model model;
	model_init(&model);
	int r = -ENOMEM;
	long allowed = 0;
	for (; r == -ENOMEM && allowed < 50; allowed++) {
		heap.left = allowed;
		r = model_update(&model, &snap, NULL, 64);
		heap.left = -1;
	}
	assert_int_equal(r, 0);
	assert_true(allowed > 3);
	assert_int_equal(model.ranking.ntasks, MANY);
	assert_int_equal(model.verdict.action, ACTION_KILL);
	struct whatif whatif;
	whatif_init(&whatif);
	heap.left = 0;
	r = whatif_set_adj(&whatif, 5, 0);
	heap.left = -1;
	assert_int_equal(r, -ENOMEM);
	assert_int_equal(whatif.nadjs, 0);
	whatif_done(&whatif);
	model_done(&model);
	snapshot_done(&snap);
}

static void next_tick(struct snapshot *snap)
{
	snap->tick++;
	snap->monotonic_ns += 1000000000;
}

static void one_update_concludes_everything(void **state)
{
	(void)state;
	struct snapshot prev, curr;
	MAKE_SNAPSHOT(&prev, RAM, 0, MADE_INIT, { .pid = 10, .rss = 5000, .scored = true, .score = 669 },
		      { .pid = 20, .rss = 9000, .scored = true, .score = 672 });
	make_next(&curr, &prev, 1000);
	made_task(&curr, 10)->rss_quick_pages += 10;
	struct model model;
	model_init(&model);
	assert_int_equal(model_update(&model, &prev, NULL, 1), 0);
	assert_false(model.rates.known);
	assert_int_equal(model_update(&model, &curr, NULL, 2), 0);
	assert_true(model.rules.calibrated);
	assert_int_equal(model.ranking.norder, 2);
	assert_int_equal(model.verdict.action, ACTION_KILL);
	assert_int_equal(model.verdict.nkills, 2);
	assert_true(model.rates.known);
	assert_true(model.rates.tasks[1].growth_bytes_per_s > 40000.0);
	assert_int_equal(model.check.compared, 2);
	assert_int_equal(model.check.agreed, 2);
	assert_true(model_is_top(&model, 1));
	assert_false(model_is_top(&model, 0));
	assert_true(model.verdict.kills[0].certain);
	/* A kernel that counts another way than we do is not foretold for sure. */
	made_task(&curr, 10)->oom_score = 100;
	next_tick(&curr);
	assert_int_equal(model_update(&model, &curr, NULL, 2), 0);
	assert_int_equal(model.check.agreed, 1);
	assert_false(model.verdict.kills[0].certain || model.verdict.kills[1].certain);
	assert_int_equal(model_predict(&model, &curr, NULL, NULL, NULL, 1), 0);
	assert_false(model.verdict.kills[0].certain);
	assert_int_equal(model_predict(&model, &curr, &model.rules, NULL, NULL, 1), 0);
	assert_true(model.verdict.kills[0].certain);
	/* Without totalpages or a clue about the kernel it still concludes what it can. */
	curr.system.state[SYS_MEM_TOTAL] = FACT_DENIED;
	curr.observer.scores_known = false;
	curr.release[0] = '\0';
	next_tick(&curr);
	assert_int_equal(model_update(&model, &curr, NULL, 2), 0);
	assert_int_equal(model.verdict.action, ACTION_NONE);
	assert_true(model.rates.known);
	model_done(&model);
	snapshot_done(&prev);
	snapshot_done(&curr);
}

static void another_update_of_the_same_tick_leaves_the_rates_alone(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, MADE_INIT, { .pid = 10, .rss = 50000, .scored = true, .score = 680 },
		      { .pid = 20, .rss = 9000, .scored = true, .score = 672 });
	struct model model;
	model_init(&model);
	assert_int_equal(model_update(&model, &snap, NULL, 1), 0);
	assert_int_equal(model.check.agreed, 1); /* 700 would be right */
	next_tick(&snap);
	made_task(&snap, 10)->rss_quick_pages += 20000;
	made_task(&snap, 10)->oom_score = 705;
	assert_int_equal(model_update(&model, &snap, NULL, 1), 0);
	assert_int_equal(model.check.agreed, 2); /* on its way: 713 would be right */
	struct whatif whatif;
	whatif_init(&whatif);
	assert_int_equal(whatif_set_adj(&whatif, 20, 1000), 0);
	assert_int_equal(model_update(&model, &snap, &whatif, 1), 0);
	assert_int_equal(snap.tasks[model.ranking.order[0]].pid, 20);
	assert_true(model.rates.known);
	assert_true(model.rates.tasks[1].growth_bytes_per_s == 20000 * 4096.0F);
	assert_int_equal(model.check.agreed, 2);
	next_tick(&snap);
	made_task(&snap, 10)->oom_score = 713;
	assert_int_equal(model_update(&model, &snap, NULL, 1), 0);
	assert_true(model.rates.known);
	assert_int_equal(model.check.agreed, 2);
	/* After a tick without conclusions nothing is known of the one before. */
	model_clear(&model, "out of memory in this tick");
	assert_false(model.rates.known);
	next_tick(&snap);
	made_task(&snap, 10)->rss_quick_pages += 20000;
	assert_int_equal(model_update(&model, &snap, NULL, 1), 0);
	assert_false(model.rates.known || model.rates.tasks[1].known);
	assert_int_equal(model.check.agreed, 1);
	whatif_done(&whatif);
	model_done(&model);
	snapshot_done(&snap);
}

static void those_the_kernel_holds_ineligible_are_asked_again(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, RAM, 0, { .pid = 10, .rss = 5000, .scored = true, .score = 0 },
		      { .pid = 20, .rss = 5000, .adj = -1000 });
	struct model model;
	model_init(&model);
	assert_int_equal(model_update(&model, &snap, NULL, 1), 0);
	assert_int_equal(model.ranking.candidates[0].eligibility, INELIGIBLE_KERNEL);
	assert_true(model_is_top(&model, 0));
	assert_false(model_is_top(&model, 1));
	model_done(&model);
	snapshot_done(&snap);
}

/* Bytes at random in every field: nothing to be right about, but no undefined
 * behaviour either (the sanitizer build watches), and the invariants hold. */
static void figures_of_a_broken_recording_do_no_harm(void **state)
{
	(void)state;
	uint32_t seed = 7;
	struct model model;
	model_init(&model);
	struct snapshot curr;
	make_many(&curr);
	static const char *const releases[] = { "2.6.32", "2.6.36", "3.4", "3.10", "4.19", "5.4", "6.18", "7.1", "?" };
	for (int round = 0; round < 400; round++) {
		for (uint32_t i = 0; i < curr.ntasks; i++) {
			struct task *task = &curr.tasks[i];
			struct text_ref comm = task->comm, cgroup = task->cgroup;
			unsigned char *bytes = (unsigned char *)task;
			for (int n = 0; n < 40; n++)
				bytes[next_random(&seed) % sizeof *task] = (unsigned char)next_random(&seed);
			task->comm = comm;
			task->cgroup = cgroup;
			/* What the type system promises of a snapshot. */
			task->sigkill_pending = next_random(&seed) % 2;
			task->through_thread = false;
			for (int group = 0; group < TASK__GROUPS; group++)
				task->group_state[group] %= FACT_GONE + 1;
		}
		for (int fact = 0; fact < SYS__COUNT; fact++) {
			curr.system.value[fact] = (uint64_t)next_random(&seed) << next_random(&seed) % 41;
			curr.system.state[fact] = (uint8_t)(next_random(&seed) % 8 == 0 ? FACT_UNKNOWN : FACT_KNOWN);
		}
		for (int id = 0; id < SYSCTL__COUNT; id++)
			make_sysctl(&curr, (enum sysctl_id)id, (int64_t)next_random(&seed) - 1000);
		make_sysctl(&curr, SYSCTL_OVERCOMMIT_MEMORY, next_random(&seed) % 3);
		make_release(&curr, releases[next_random(&seed) % COUNT_OF(releases)]);
		curr.observer.oom_score = (int32_t)(next_random(&seed) % 2 * 666);
		curr.cpus = next_random(&seed) << next_random(&seed) % 8;
		curr.ticks_per_s = next_random(&seed) % 3 * 100;
		curr.page_bytes = round % 16 == 0 ? 0 : 4096U << next_random(&seed) % 5;
		curr.monotonic_ns += next_random(&seed) % 4 * next_random(&seed);
		curr.tick += round % 8 != 0;
		assert_int_equal(model_update(&model, &curr, NULL, 1 + next_random(&seed) % 64), 0);
		for (uint32_t i = 0; i < model.ranking.norder; i++) {
			const struct candidate *candidate = &model.ranking.candidates[model.ranking.order[i]];
			assert_int_equal(candidate->eligibility, ELIGIBLE);
			assert_int_equal(candidate->rank, i + 1);
			assert_true(candidate->adj > -1000 || candidate->points == INT64_MAX); /* in swapoff */
			int adj;
			ranking_adj_for_rank(&model.ranking, &curr, &model.rules, model.ranking.order[i], 2, &adj);
		}
		assert_true(model.check.agreed <= model.check.compared);
		assert_true(strlen(model.verdict.because) > 0);
	}
	model_done(&model);
	snapshot_done(&curr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_tick_allocates_nothing),
		cmocka_unit_test(out_of_memory_is_an_error_and_can_be_tried_again),
		cmocka_unit_test(one_update_concludes_everything),
		cmocka_unit_test(another_update_of_the_same_tick_leaves_the_rates_alone),
		cmocka_unit_test(those_the_kernel_holds_ineligible_are_asked_again),
		cmocka_unit_test(figures_of_a_broken_recording_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
