/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A steady tick allocates nothing, neither in our code nor in the libraries it
 * calls: the allocator's entry points are ours in this program.
 */
#include "unit.h"

#include <dlfcn.h>

#include "oomsight/sample/sampler.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ALLOCATOR_OF_ITS_OWN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ALLOCATOR_OF_ITS_OWN 1
#endif
#endif

#ifdef HAS_ALLOCATOR_OF_ITS_OWN
int main(void)
{
	puts("1..0 # SKIP a sanitizer has its own allocator");
	return 0;
}
#else

/* The only state of this program: cmocka gives none to an allocator. */
static unsigned long allocations;
static char early[4096]; /* for the dynamic linker, before it can tell us */
static size_t early_used;

static void *early_alloc(size_t size)
{
	size_t aligned = (size + 15) & ~(size_t)15;
	if (aligned > sizeof early - early_used)
		return NULL;
	void *p = early + early_used;
	early_used += aligned;
	return p;
}

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof early;
}

void *malloc(size_t size)
{
	static void *(*real)(size_t);
	static bool asking;
	allocations++;
	if (!real) {
		if (asking)
			return early_alloc(size);
		asking = true;
		*(void **)&real = dlsym(RTLD_NEXT, "malloc");
		asking = false;
	}
	return real(size);
}

void *calloc(size_t n, size_t size)
{
	static void *(*real)(size_t, size_t);
	static bool asking;
	allocations++;
	if (!real) {
		size_t total;
		if (__builtin_mul_overflow(n, size, &total))
			return NULL;
		if (asking)
			return early_alloc(total);
		asking = true;
		*(void **)&real = dlsym(RTLD_NEXT, "calloc");
		asking = false;
	}
	return real(n, size);
}

void free(void *p)
{
	static void (*real)(void *);
	if (!p || is_early(p))
		return;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "free");
	real(p);
}

void *realloc(void *p, size_t size)
{
	static void *(*real)(void *, size_t);
	allocations++;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "realloc");
	if (is_early(p)) {
		void *moved = malloc(size);
		size_t left = (size_t)(early + sizeof early - (char *)p);
		if (moved)
			memcpy(moved, p, left < size ? left : size);
		return moved;
	}
	return real(p, size);
}

struct run {
	struct root root;
	struct sampler *sampler;
	struct snapshot snaps[2];
	bool memcgs;    /* every fact of the memory cgroups is wished for */
	bool two_speed; /* with some ranked, whose descriptors are kept */
};

#define RANKED 40


static void run_begin(struct run *run, const char *prefix, enum source_wish source)
{
	struct diag diag;
	assert_int_equal(root_open(&run->root, prefix, &diag), 0);
	run->sampler = sampler_new(&run->root, source, &diag);
	assert_non_null(run->sampler);
	snapshot_init(&run->snaps[0]);
	snapshot_init(&run->snaps[1]);
	run->memcgs = run->two_speed = false;
}

static void run_end(struct run *run)
{
	sampler_free(run->sampler);
	snapshot_done(&run->snaps[0]);
	snapshot_done(&run->snaps[1]);
	root_close(&run->root);
}

/* Returns how often memory was asked for in that tick. */
static unsigned long run_tick(struct run *run, unsigned tick, const uint8_t *need)
{
	struct diag diag;
	struct snapshot *prev = tick ? &run->snaps[(tick + 1) % 2] : NULL;
	struct sample_wish wish = { .prev_need = prev ? need : NULL, .memcgs = run->memcgs, .two_speed = run->two_speed };
	uint32_t ranked[RANKED];
	/* Others in each tick, so that places change hands. */
	for (uint32_t i = 0; prev && run->two_speed && i < RANKED; i++)
		ranked[i] = (tick / 4 + i) % prev->ntasks;
	if (prev && run->two_speed && prev->ntasks >= RANKED) {
		wish.ranked = ranked;
		wish.nranked = RANKED;
	}
	unsigned long before = allocations;
	int r = sampler_take(run->sampler, prev, &wish, &run->snaps[tick % 2], &diag);
	unsigned long asked = allocations - before;
	assert_int_equal(r, 0);
	return asked;
}

static void the_counter_counts(void **state)
{
	(void)state;
	unsigned long before = allocations;
	struct snapshot snap;
	snapshot_init(&snap);
	assert_int_equal(snapshot_reserve_tasks(&snap, 1000), 0);
	snapshot_done(&snap);
	assert_true(allocations > before);
}

static void a_steady_tick_of_a_recorded_host_allocates_nothing(void **state)
{
	(void)state;
	struct run run;
	char prefix[2048];
	const char *srcdir = getenv("srcdir");
	snprintf(prefix, sizeof prefix, "%s/tests/fixtures/small-host", srcdir ? srcdir : ".");
	run_begin(&run, prefix, SOURCE_WISH_PROC);
	uint8_t need[64];
	memset(need, NEED_ALL, sizeof need);
	assert_true(run_tick(&run, 0, NULL) > 0);
	run_tick(&run, 1, NULL);
	for (unsigned tick = 2; tick < 30; tick++)
		assert_int_equal(run_tick(&run, tick, tick % 3 ? need : NULL), 0);
	run.memcgs = true;
	run_tick(&run, 30, NULL);
	run_tick(&run, 31, NULL);
	for (unsigned tick = 32; tick < 50; tick++)
		assert_int_equal(run_tick(&run, tick, need), 0);
	run_end(&run);
}

/* On this machine processes come and go; a tick is steady when there are no
 * more of them, and no more of their names, than ever before. */
static void assert_steady_ticks_allocate_nothing(enum source_wish source, bool two_speed)
{
	struct run run;
	run_begin(&run, "/", source);
	run.two_speed = two_speed;
	uint32_t most_tasks[2] = { 0, 0 }, most_text[2] = { 0, 0 }, most_memcgs = 0;
	unsigned steady = 0;
	for (unsigned tick = 0; tick < 60; tick++) {
		unsigned long asked = run_tick(&run, tick, NULL);
		const struct snapshot *snap = &run.snaps[tick % 2];
		uint32_t *tasks = &most_tasks[tick % 2], *text = &most_text[tick % 2];
		if (tick >= 2 && snap->ntasks <= *tasks && snap->arena_len <= *text &&
		    snap->nmemcgs <= most_memcgs) {
			assert_int_equal(asked, 0);
			steady++;
		}
		most_memcgs = snap->nmemcgs > most_memcgs ? snap->nmemcgs : most_memcgs;
		*tasks = snap->ntasks > *tasks ? snap->ntasks : *tasks;
		*text = snap->arena_len > *text ? snap->arena_len : *text;
	}
	assert_true(steady > 0);
	run_end(&run);
}

static void a_steady_tick_of_this_machine_allocates_nothing(void **state)
{
	(void)state;
	assert_steady_ticks_allocate_nothing(SOURCE_WISH_PROC, false);
}

static void a_steady_tick_at_two_speeds_allocates_nothing(void **state)
{
	(void)state;
	assert_steady_ticks_allocate_nothing(SOURCE_WISH_PROC, true);
}

/* By BPF where it can be had: then /proc's round is not what is measured. */
static void a_steady_tick_of_the_best_source_allocates_nothing(void **state)
{
	(void)state;
	assert_steady_ticks_allocate_nothing(SOURCE_WISH_AUTO, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_counter_counts),
		cmocka_unit_test(a_steady_tick_of_a_recorded_host_allocates_nothing),
		cmocka_unit_test(a_steady_tick_of_this_machine_allocates_nothing),
		cmocka_unit_test(a_steady_tick_at_two_speeds_allocates_nothing),
		cmocka_unit_test(a_steady_tick_of_the_best_source_allocates_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
