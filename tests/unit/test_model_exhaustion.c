/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Forecasts against what came: guests that ran out of memory, as their /proc told it,
 * up to the kernel's kill (`make bench-vm BENCH_VM_ARGS='--settings trace=1'`, then
 * tests/vm/thrash_fixture.py).
 */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/forecast.h"

#define ZONES 2

struct guest {
	FILE *file;
	char line[512];
	struct snapshot snap;
	struct forecast forecast;
	double now_s, begin_s, kill_s, third_peak_s;
	uint32_t nzones;
};

static bool next_line(struct guest *guest)
{
	do {
		if (!fgets(guest->line, sizeof guest->line, guest->file))
			return false;
	} while (guest->line[0] == '#');
	return true;
}

/* The numbers behind the first word, or from the beginning; all of them must be there. */
static void take_numbers(const char *at, uint64_t *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *end;
		numbers[i] = strtoull(at, &end, 10);
		if (end == at)
			fail_msg("%zu numbers, not %zu: %s", i, n, at);
		at = end;
	}
}

static const char *behind(const char *line, const char *word)
{
	size_t len = strlen(word);
	return strncmp(line, word, len) == 0 && line[len] == ' ' ? line + len : NULL;
}

static void take_zone(struct guest *guest, const char *at)
{
	uint64_t n[5];
	take_numbers(at, n, COUNT_OF(n));
	assert_int_equal(snapshot_reserve_zones(&guest->snap, guest->nzones + 1), 0);
	guest->snap.system.zones[guest->nzones++] = (struct zone){
		.managed_pages = n[0], .min_pages = n[1], .low_pages = n[2], .high_pages = n[3],
		.protections = 1, .protection_pages = { n[4] },
	};
	guest->snap.system.nzones = guest->nzones;
}

/* Up to the first tick, which stays in the line. */
static void open_guest(struct guest *guest, const char *name)
{
	char path[256];
	const char *srcdir = getenv("srcdir"), *at;
	uint64_t n[2];
	snprintf(path, sizeof path, "%s/tests/fixtures/exhaustion/%s", srcdir ? srcdir : ".", name);
	*guest = (struct guest){ .file = fopen(path, "r") };
	if (!guest->file)
		fail_msg("%s: %s", path, strerror(errno));
	forecast_reset(&guest->forecast);
	MAKE_SNAPSHOT(&guest->snap, 1, 0, { .pid = 10 });
	make_fact(&guest->snap, SYS_HUGE_SIZE, 2048 << 10);
	while (next_line(guest) && (guest->line[0] < '0' || guest->line[0] > '9')) {
		if ((at = behind(guest->line, "total"))) {
			take_numbers(at, n, 2);
			make_fact(&guest->snap, SYS_MEM_TOTAL, n[0] << 10);
			make_fact(&guest->snap, SYS_SWAP_TOTAL, n[1] << 10);
		} else if ((at = behind(guest->line, "zone"))) {
			take_zone(guest, at);
		} else if ((at = behind(guest->line, "begin"))) {
			guest->begin_s = strtod(at, NULL) / 1e3;
		} else if ((at = behind(guest->line, "kill"))) {
			guest->kill_s = strtod(at, NULL) / 1e3;
		} else if ((at = behind(guest->line, "third-peak"))) {
			guest->third_peak_s = strtod(at, NULL) / 1e3;
		} else {
			fail_msg("%s: %s", path, guest->line);
		}
	}
	assert_int_equal(guest->nzones, ZONES);
}

static void take_tick(struct guest *guest)
{
	uint64_t n[7 + 4 * ZONES];
	take_numbers(guest->line, n, COUNT_OF(n));
	guest->now_s = (double)n[0] / 1e3;
	make_fact(&guest->snap, SYS_MEM_FREE, n[1] << 10);
	make_fact(&guest->snap, SYS_KRECLAIMABLE, n[2] << 10);
	make_fact(&guest->snap, SYS_SWAP_FREE, n[3] << 10);
	make_fact(&guest->snap, SYS_SWAP_CACHED, n[4] << 10);
	make_fact(&guest->snap, SYS_DENTRIES, n[5]);
	make_fact(&guest->snap, SYS_DENTRIES_UNUSED, n[6]);
	for (size_t i = 0; i < ZONES; i++) {
		struct zone *zone = &guest->snap.system.zones[i];
		const uint64_t *of = n + 7 + 4 * i, boost = of[3];
		zone->free_pages = of[0];
		zone->pcp_pages = of[1];
		zone->inactive_file_pages = of[2];
		zone->min_pages += boost - zone->boost_pages;
		zone->low_pages += boost - zone->boost_pages;
		zone->high_pages += boost - zone->boost_pages;
		zone->boost_pages = boost;
	}
	struct headroom headroom;
	assert_true(host_headroom(&guest->snap, NULL, &headroom));
	forecast_push(&guest->forecast, n[0] * 1000000, &headroom);
}

static void close_guest(struct guest *guest)
{
	fclose(guest->file);
	snapshot_done(&guest->snap);
}

/* Of the time the hog had: from the fifth of it on, until a tenth is left. */
static bool is_judged(const struct guest *guest)
{
	double whole = guest->kill_s - guest->begin_s;
	return guest->now_s >= guest->begin_s + 0.2 * whole && guest->now_s <= guest->begin_s + 0.9 * whole;
}

/* How wrong the forecast was at half of that time, as a part of what was left then;
 * nothing foretold counts as wholly wrong. In how many of the ticks judged the kill
 * lay within the spread, in per cent. */
static void foretell(const char *name, double *ret_error, double *ret_within)
{
	struct guest guest;
	unsigned judged = 0, within = 0;
	open_guest(&guest, name);
	assert_true(guest.begin_s > 0.0 && guest.kill_s > guest.begin_s);
	*ret_error = 1.0;
	do {
		take_tick(&guest);
		const struct forecast *forecast = &guest.forecast;
		double left = guest.kill_s - guest.now_s;
		if (guest.now_s <= (guest.begin_s + guest.kill_s) / 2)
			*ret_error = forecast->state == FORECAST_NEARING ? (forecast->eta_s - left) / left : 1.0;
		if (!is_judged(&guest))
			continue;
		judged++;
		within += forecast->state == FORECAST_NEARING && forecast->eta_earliest_s <= left &&
			  left <= forecast->eta_latest_s;
	} while (next_line(&guest));
	close_guest(&guest);
	assert_true(judged > 20);
	*ret_within = 100.0 * within / judged;
}

static void half_way_the_time_left_is_told(void **state)
{
	(void)state;
	static const char *const guests[] = {
		"120-kib-6.1.txt", "120-kib-6.12.txt", "300-kib-6.1.txt", "300-kib-6.12.txt", "300-kib-boosted-6.12.txt",
		"1000-kib-6.12.txt", "2000-kib-6.12.txt", "swap-6.1.txt", "swap-6.12.txt",
	};
	for (size_t i = 0; i < COUNT_OF(guests); i++) {
		double error, within;
		foretell(guests[i], &error, &within);
		print_message("# %s: %+.0f %%, %.0f %% of the spreads held the end\n", guests[i], 100.0 * error, within);
		if (error < -0.2 || error > 0.2)
			fail_msg("%s: wrong by %+.0f %%", guests[i], 100.0 * error);
		if (within < 90.0)
			fail_msg("%s: the spreads of %.0f %% of the ticks held the end", guests[i], within);
	}
}

static void a_hog_that_swings_foretells_nothing_from_its_third_peak_on(void **state)
{
	(void)state;
	struct guest guest;
	unsigned judged = 0, alarms = 0;
	open_guest(&guest, "swing-6.12.txt");
	assert_true(guest.third_peak_s > guest.begin_s);
	do {
		take_tick(&guest);
		judged += guest.now_s >= guest.third_peak_s;
		alarms += guest.now_s >= guest.third_peak_s && guest.forecast.state == FORECAST_NEARING;
	} while (next_line(&guest));
	close_guest(&guest);
	assert_true(judged > 150);
	assert_int_equal(alarms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_way_the_time_left_is_told),
		cmocka_unit_test(a_hog_that_swings_foretells_nothing_from_its_third_peak_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
