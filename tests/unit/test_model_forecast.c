/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "make_snapshot.h"
#include "oomsight/model/model.h"

#define MIB 1048576.0
#define LIMIT_MIB 8192.0

/* A host whose usage a test sets, tick by tick. */
struct host {
	struct forecast forecast;
	double time_s;
	double limit_mib;
	uint32_t seed;
};

static struct host new_host(void)
{
	struct host host = { .time_s = 1000.0, .limit_mib = LIMIT_MIB, .seed = 1 };
	forecast_reset(&host.forecast);
	return host;
}

static enum forecast_state push(struct host *host, double headroom_mib)
{
	if (headroom_mib < 0.0)
		headroom_mib = 0.0;
	uint64_t left = (uint64_t)(headroom_mib * MIB);
	const struct headroom headroom = { .bytes = left, .least_bytes = left, .limit_bytes = (uint64_t)(host->limit_mib * MIB) };
	forecast_push(&host->forecast, (uint64_t)(host->time_s * 1e9), &headroom);
	return host->forecast.state;
}

/* From -1 to 1, evenly. */
static double noise(struct host *host)
{
	host->seed = host->seed * 1664525U + 1013904223U;
	return (double)(host->seed >> 8) / (double)(1U << 23) - 1.0;
}

static double triangle(double at)
{
	double part = at - (double)(long)at;
	return part < 0.5 ? 4.0 * part - 1.0 : 3.0 - 4.0 * part;
}

static void assert_within(double value, double want, double part)
{
	double distance = value > want ? value - want : want - value;
	if (!(distance <= part * want))
		fail_msg("%.3f, not %.3f by %.0f %%", value, want, part * 100.0);
}

static void nothing_is_foretold_before_eight_ticks(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 1; i < FORECAST_MIN_TICKS; i++, host.time_s += 2.0) {
		assert_int_equal(push(&host, 4000.0 - 40.0 * i), FORECAST_TOO_SHORT);
		assert_true(host.forecast.eta_s == 0.0);
	}
	assert_int_equal(push(&host, 4000.0 - 40.0 * 8), FORECAST_NEARING);
	char text[80];
	host = new_host();
	assert_string_equal(forecast_text(&host.forecast, text, sizeof text), "");
}

static void a_constant_rate_is_told_exactly(void **state)
{
	(void)state;
	static const double rates[] = { 0.5, 3.2, 50.0, 900.0 };
	for (size_t r = 0; r < COUNT_OF(rates); r++) {
		struct host host = new_host();
		double headroom = rates[r] * 400.0;
		for (int i = 0; i < 150; i++, host.time_s += 2.0, headroom -= rates[r] * 2.0) {
			enum forecast_state is = push(&host, headroom);
			if (i < 20)
				continue; /* a short window does not look so far ahead */
			assert_int_equal(is, FORECAST_NEARING);
			assert_within(host.forecast.eta_s, headroom / rates[r], 0.001);
			assert_within(-host.forecast.bytes_per_s, rates[r] * MIB, 0.001);
			assert_within(host.forecast.eta_earliest_s, host.forecast.eta_s, 0.001);
			assert_within(host.forecast.eta_latest_s, host.forecast.eta_s, 0.001);
		}
	}
}

static void ticks_need_not_be_regular(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 100; i++) {
		host.time_s += 1.1 + noise(&host);
		double left = 4000.0 - 10.0 * (host.time_s - 1000.0);
		if (push(&host, left) == FORECAST_NEARING)
			assert_within(host.forecast.eta_s, left / 10.0, 0.001);
	}
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
}

static void noise_widens_the_spread_and_leaves_the_middle(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 64; i++, host.time_s += 1.0) {
		/* One tick in ten is far off, as a big file cache that comes and goes. */
		double wild = i % 10 == 5 ? 300.0 : 0.0;
		push(&host, 2000.0 - 10.0 * i + 30.0 * noise(&host) - wild);
	}
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	assert_within(host.forecast.eta_s, 137.0, 0.2);
	assert_true(host.forecast.eta_earliest_s < host.forecast.eta_s);
	assert_true(host.forecast.eta_s < host.forecast.eta_latest_s);
	assert_true(host.forecast.eta_earliest_s < 137.0 && host.forecast.eta_latest_s > 137.0);
}

static void the_end_lies_within_the_spread_though_each_tick_is_off(void **state)
{
	(void)state;
	struct host host = new_host();
	unsigned told = 0, within = 0;
	for (int i = 0; i < 199; i++, host.time_s += 1.0) {
		double left = 240.0 - i;
		if (push(&host, 10.0 * left + (i % 2 ? 20.0 : -20.0)) != FORECAST_NEARING)
			continue;
		told++;
		within += host.forecast.eta_earliest_s <= left && left <= host.forecast.eta_latest_s;
	}
	assert_true(told > 160);
	if (within < told)
		fail_msg("the end was within the spread of %u forecasts of %u", within, told);
}

static void what_gets_no_nearer_is_steady(void **state)
{
	(void)state;
	struct host flat = new_host(), growing = new_host(), slow = new_host();
	for (int i = 0; i < 100; i++) {
		flat.time_s += 2.0;
		growing.time_s += 2.0;
		slow.time_s += 2.0;
		push(&flat, 3000.0);
		push(&growing, 3000.0 + i);
		push(&slow, 3000.0 - 0.01 * i); /* gone in a week */
		if (i < FORECAST_MIN_TICKS)
			continue;
		assert_int_equal(flat.forecast.state, FORECAST_STEADY);
		assert_int_equal(growing.forecast.state, FORECAST_STEADY);
		assert_int_equal(slow.forecast.state, FORECAST_STEADY);
		assert_true(slow.forecast.bytes_per_s == 0.0);
	}
}

/* Of ten minutes of a swing, how many ticks after its second one foretold an end? */
static unsigned false_alarms(double period_s, double height_mib, double noise_mib)
{
	struct host host = new_host();
	unsigned alarms = 0;
	for (int i = 0; i < 600; i++, host.time_s += 1.0) {
		enum forecast_state is = push(&host, 2000.0 + height_mib * triangle(i / period_s) + noise_mib * noise(&host));
		alarms += i > 2.5 * period_s && is == FORECAST_NEARING;
	}
	return alarms;
}

static void an_oscillation_without_trend_foretells_nothing(void **state)
{
	(void)state;
	static const double periods[] = { 4.0, 11.0, 20.0, 30.0, 60.0, 110.0, 200.0 };
	for (size_t p = 0; p < COUNT_OF(periods); p++) {
		unsigned clean = false_alarms(periods[p], 1000.0, 0.0);
		if (clean > 0)
			fail_msg("%u false alarms at a period of %.0f s without noise", clean, periods[p]);
		/* With noise a turn may lie a little higher than those before. */
		unsigned alarms = false_alarms(periods[p], 1000.0, 20.0);
		if (alarms > 0)
			fail_msg("%u false alarms at a period of %.0f s", alarms, periods[p]);
	}
}

/* From the third on: of two that happen to be low nobody can tell what is high. */
static void peaks_of_different_heights_foretell_nothing(void **state)
{
	(void)state;
	struct host host = new_host();
	double left = 3000.0;
	unsigned peaks = 0, alarms = 0;
	for (bool down = true; peaks < 40; down = !down) {
		double part = (noise(&host) + 1.0) / 8.0; /* up to a quarter of the swing */
		double goal = 2000.0 + 1000.0 * (down ? part : 1.0 - part);
		while (down ? left > goal : left < goal) {
			left += down ? -20.0 : 20.0;
			host.time_s += 1.0;
			alarms += push(&host, left) == FORECAST_NEARING && peaks >= 3;
		}
		peaks += down;
	}
	assert_int_equal(alarms, 0);
}

static void a_hog_after_an_oscillation_is_told_once_it_climbs_higher(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 200; i++, host.time_s += 1.0)
		push(&host, 3000.0 + 500.0 * triangle(i / 40.0)); /* from 2500 to 3500 */
	unsigned above = 0;
	for (double left = 2800.0; left > 0.0; left -= 20.0, host.time_s += 1.0) {
		enum forecast_state is = push(&host, left);
		if (left > 2190.0) /* peaks may differ by a third of 1000 */
			above += is == FORECAST_NEARING;
		else if (left < 1970.0)
			assert_int_equal(is, FORECAST_NEARING);
	}
	assert_int_equal(above, 0);
}

static void noise_around_a_level_foretells_nothing(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 2000; i++, host.time_s += 1.0)
		assert_int_not_equal(push(&host, 500.0 + 200.0 * noise(&host)), FORECAST_NEARING);
}

static void a_step_is_no_trend(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 200; i++, host.time_s += 2.0)
		assert_int_not_equal(push(&host, i < 70 ? 6000.0 : i < 140 ? 3000.0 : 500.0), FORECAST_NEARING);
}

static void a_hog_that_begins_is_told_soon(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 100; i++, host.time_s += 1.0)
		push(&host, 6000.0 + noise(&host));
	/* Gone after 60 s: at half of it the figure must hold. */
	for (int i = 0; i < 30; i++, host.time_s += 1.0)
		push(&host, 6000.0 - 100.0 * i + noise(&host));
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	assert_within(host.forecast.eta_s, 31.0, 0.1);
	/* ... and a change of pace, too. */
	for (int i = 0; i < 16; i++, host.time_s += 1.0)
		push(&host, 3000.0 - 20.0 * i + noise(&host));
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	assert_within(host.forecast.eta_s, 135.0, 0.1);
}

/* A program that takes much at once, rests, and grows from then on. */
static void a_step_before_a_hog_is_no_part_of_its_trend(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 60; i++, host.time_s += 1.0)
		push(&host, 6000.0 + noise(&host));
	for (int i = 0; i < 5; i++, host.time_s += 1.0)
		push(&host, 1000.0 + noise(&host));
	for (int i = 0; i < 80; i++, host.time_s += 1.0) {
		double left = 1000.0 - 10.0 * i;
		if (push(&host, left + noise(&host)) != FORECAST_NEARING)
			continue;
		assert_within(host.forecast.eta_s, left / 10.0, 0.15);
		if (i >= 16)
			assert_within(host.forecast.eta_earliest_s, left / 10.0, 0.25);
	}
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
}

static void the_end_of_a_hog_ends_the_forecast(void **state)
{
	(void)state;
	struct host host = new_host();
	double left = 6000.0;
	for (int i = 0; i < 40; i++, host.time_s += 1.0)
		push(&host, left -= 50.0);
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	for (int i = 0; i < 8; i++, host.time_s += 1.0)
		push(&host, left);
	assert_int_equal(host.forecast.state, FORECAST_STEADY);
}

static void added_swap_is_no_shrinking_usage(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 64; i++, host.time_s += 1.0) {
		double swap = i < 40 ? 0.0 : 2048.0; /* swapon */
		host.limit_mib = LIMIT_MIB + swap;
		push(&host, 2000.0 - 10.0 * i + swap);
	}
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	assert_within(host.forecast.eta_s, (2000.0 - 630.0 + 2048.0) / 10.0, 0.001);
}

static void a_pause_begins_anew_and_so_does_time_gone_backwards(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 20; i++, host.time_s += 2.0)
		push(&host, 3000.0 - 20.0 * i);
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	host.time_s += 600.0;
	assert_int_equal(push(&host, 2600.0), FORECAST_TOO_SHORT);
	assert_int_equal(host.forecast.n, 1);
	for (int i = 0; i < 20; i++, host.time_s += 2.0)
		push(&host, 2500.0 - 20.0 * i);
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	host.time_s = 500.0;
	assert_int_equal(push(&host, 2000.0), FORECAST_TOO_SHORT);
	assert_int_equal(host.forecast.n, 1);
	/* A tick an hour is slow, not a pause. */
	for (int i = 0; i < 20; i++, host.time_s += 3600.0)
		push(&host, 2000.0 - 20.0 * i);
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
}

static void the_same_instant_again_replaces_the_last(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 30; i++, host.time_s += 1.0) {
		push(&host, 9.0);
		push(&host, 3000.0 - 30.0 * i);
	}
	assert_int_equal(host.forecast.n, 30);
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	assert_within(host.forecast.eta_s, (3000.0 - 870.0) / 30.0, 0.001);
}

static void nothing_left_is_gone_now(void **state)
{
	(void)state;
	struct host host = new_host();
	for (int i = 0; i < 30; i++, host.time_s += 1.0)
		push(&host, 290.0 - 10.0 * i);
	assert_int_equal(host.forecast.state, FORECAST_NEARING);
	assert_true(host.forecast.eta_s == 0.0);
	char text[80];
	assert_string_equal(forecast_text(&host.forecast, text, sizeof text), "memory is gone in 0 s at -10.0M/s");
	forecast_text(&host.forecast, text, 7);
	assert_string_equal(text, "memory");
}

static void a_much_earlier_end_is_told_beside_the_likely_one(void **state)
{
	(void)state;
	static const struct {
		double kept_mib; /* perhaps, by the kernel */
		const char *says;
	} cases[] = {
		{ 170.0, "memory is gone in 1 min 10 s at -10.0M/s" },
		{ 180.0, "memory is gone in 1 min 10 s (52 s at the earliest) at -10.0M/s" },
		{ 700.0, "memory is gone in 1 min 10 s (0 s at the earliest) at -10.0M/s" },
	};
	for (size_t c = 0; c < COUNT_OF(cases); c++) {
		struct forecast forecast;
		char text[80];
		forecast_reset(&forecast);
		for (unsigned i = 0; i < 30; i++) {
			double left = (990.0 - 10.0 * i) * MIB;
			const struct headroom headroom = {
				.bytes = (uint64_t)left,
				.least_bytes = (uint64_t)(left - cases[c].kept_mib * MIB),
				.limit_bytes = (uint64_t)(LIMIT_MIB * MIB),
			};
			forecast_push(&forecast, (i + 1) * 1000000000ULL, &headroom);
		}
		assert_string_equal(forecast_text(&forecast, text, sizeof text), cases[c].says);
		assert_within(forecast.eta_latest_s, 70.0, 0.001);
	}
}

/* Whatever figures come, the result is one of the four, finite and in order. */
static void any_figures_give_a_sound_result(void **state)
{
	(void)state;
	struct host host = new_host();
	static const uint64_t extremes[] = { 0, 1, UINT64_MAX, UINT64_MAX / 2, 4096 };
	for (int i = 0; i < 20000; i++) {
		uint64_t headroom = (uint64_t)((noise(&host) + 1.0) * 1e10), limit = (uint64_t)((noise(&host) + 1.0) * 1e10);
		if (noise(&host) > 0.9)
			headroom = extremes[(unsigned)i % COUNT_OF(extremes)];
		if (noise(&host) > 0.95)
			limit = extremes[(unsigned)i % COUNT_OF(extremes)];
		host.time_s += noise(&host) > 0.8 ? 1e-9 : (noise(&host) + 1.0) * 3.0;
		const struct headroom left = { .bytes = headroom, .least_bytes = headroom / 2, .limit_bytes = limit };
		forecast_push(&host.forecast, (uint64_t)(host.time_s * 1e9), &left);
		const struct forecast *f = &host.forecast;
		assert_true(f->n >= 1 && f->n <= FORECAST_TICKS);
		if (f->state != FORECAST_NEARING) {
			assert_true(f->eta_s == 0.0 && f->bytes_per_s == 0.0);
			continue;
		}
		assert_true(f->n >= FORECAST_MIN_TICKS);
		assert_true(f->bytes_per_s < 0.0);
		assert_true(f->eta_earliest_s >= 0.0);
		assert_true(f->eta_earliest_s <= f->eta_s && f->eta_s <= f->eta_latest_s);
		assert_true(f->eta_latest_s < 1e30);
		char text[80];
		assert_non_null(strstr(forecast_text(f, text, sizeof text), "memory is gone in "));
	}
}

/* Twice the figures at twice the pace is the same time. */
static void the_unit_of_the_figures_does_not_matter(void **state)
{
	(void)state;
	struct host one = new_host(), two = new_host();
	two.limit_mib = 2.0 * LIMIT_MIB;
	for (int i = 0; i < 300; i++) {
		double left = 2500.0 - 7.0 * i + 200.0 * noise(&one);
		one.time_s += 1.0;
		two.time_s += 1.0;
		assert_int_equal(push(&one, left), push(&two, 2.0 * left));
		assert_within(two.forecast.eta_s + 1.0, one.forecast.eta_s + 1.0, 1e-6);
	}
}

static void the_model_foretells_and_names_who_grows(void **state)
{
	(void)state;
	struct snapshot snaps[2];
	MAKE_SNAPSHOT(&snaps[0], 1000000, 0, { .pid = 10, .rss = 1000 }, { .pid = 20, .rss = 2000 }, { .pid = 30, .rss = 50 });
	make_next(&snaps[1], &snaps[0], 1000);
	struct model model;
	uint32_t grower = 99;
	model_init(&model);
	assert_int_equal(model_update(&model, &snaps[0], NULL, 1), 0);
	assert_int_equal(model.forecast.state, FORECAST_TOO_SHORT);
	assert_false(rates_fastest(&model.rates, &grower));
	assert_int_equal(grower, 99);
	for (unsigned i = 1; i <= 12; i++) {
		struct snapshot *prev = &snaps[(i - 1) % 2], *curr = &snaps[i % 2];
		curr->tick = prev->tick + 1;
		curr->monotonic_ns = prev->monotonic_ns + 1000000000;
		for (int t = 0; t < 3; t++)
			curr->tasks[t].rss_quick_pages = prev->tasks[t].rss_quick_pages + (t == 1 ? 5000 : 10);
		make_fact(curr, SYS_MEM_FREE, (500000 - 5020ULL * i) * 4096);
		assert_int_equal(model_update(&model, curr, NULL, 1), 0);
	}
	assert_int_equal(model.forecast.state, FORECAST_NEARING);
	assert_within(model.forecast.eta_s, (500000.0 - 5020.0 * 12) / 5020.0, 0.001);
	assert_true(rates_fastest(&model.rates, &grower));
	assert_int_equal(grower, 1);
	/* A kill: what was before tells nothing any more. */
	snaps[1].tick++;
	snaps[1].monotonic_ns = snaps[0].monotonic_ns + 1000000000;
	make_fact(&snaps[1], SYS_OOM_KILL, 1);
	assert_int_equal(model_update(&model, &snaps[1], NULL, 1), 0);
	assert_int_equal(model.forecast.state, FORECAST_TOO_SHORT);
	assert_int_equal(model.forecast.n, 1);
	/* A tick that failed has no figures, and those before it still hold. */
	model_clear(&model, "out of memory in this tick");
	snaps[1].tick++;
	snaps[1].monotonic_ns += 1000000000;
	assert_int_equal(model_update(&model, &snaps[1], NULL, 1), 0);
	assert_false(model.rates.known);
	assert_int_equal(model.forecast.n, 2);
	snaps[1].system.state[SYS_SWAP_FREE] = FACT_UNKNOWN;
	assert_int_equal(model_update(&model, &snaps[1], NULL, 1), 0);
	assert_int_equal(model.forecast.n, 0);
	model_done(&model);
	snapshot_done(&snaps[0]);
	snapshot_done(&snaps[1]);
}

static void each_group_with_a_limit_has_a_forecast_of_its_own(void **state)
{
	(void)state;
	struct snapshot snaps[2];
	MAKE_SNAPSHOT(&snaps[0], 1000000, 0, { .pid = 10, .rss = 1000, .cgroup = "/a" }, { .pid = 20, .rss = 2000, .cgroup = "/b" },
		      { .pid = 30, .rss = 50 });
	make_memcg(&snaps[0], "/", 0);
	uint32_t a = make_memcg(&snaps[0], "/a", 50000), b = make_memcg(&snaps[0], "/b", 80000);
	make_next(&snaps[1], &snaps[0], 1000);
	struct model model;
	model_init(&model);
	for (unsigned i = 0; i <= 20; i++) {
		struct snapshot *prev = &snaps[(i + 1) % 2], *curr = &snaps[i % 2];
		if (i > 0) {
			curr->tick = prev->tick + 1;
			curr->monotonic_ns = prev->monotonic_ns + 1000000000;
			made_task(curr, 20)->rss_quick_pages = made_task(prev, 20)->rss_quick_pages + 300;
			made_task(curr, 30)->rss_quick_pages = made_task(prev, 30)->rss_quick_pages + 9000; /* elsewhere */
		}
		curr->memcgs[a].usage_bytes = 1000 * 4096;
		curr->memcgs[b].usage_bytes = (70000ULL + 300 * i) * 4096;
		if (i == 19)
			curr->memcgs[b].events[MEMCG_EVENT_OOM_KILL]++;
		if (i == 20)
			curr->memcgs[b].events[MEMCG_EVENT_OOM_KILL] = prev->memcgs[b].events[MEMCG_EVENT_OOM_KILL];
		assert_int_equal(model_update(&model, curr, NULL, 1), 0);
		assert_int_equal(model_update_memcgs(&model, curr, NULL), 0);
		assert_int_equal(model.nmemcg_verdicts, 2);
		assert_false(model.memcg_verdicts[1].when.nearing);
		const struct verdict_when *when = &model.memcg_verdicts[0].when;
		assert_int_equal(when->nearing, i >= 7 && i < 19);
		if (!when->nearing)
			continue;
		assert_within(when->eta_s, (10000.0 - 300.0 * i) / 300.0, 0.001);
		assert_true(when->has_grower);
		assert_int_equal(curr->tasks[when->grower].pid, 20);
	}
	model_done(&model);
	snapshot_done(&snaps[0]);
	snapshot_done(&snaps[1]);
}

/* The verdict of a screen for one group. */
static void one_group_can_be_foretold_by_itself(void **state)
{
	(void)state;
	struct snapshot snap;
	MAKE_SNAPSHOT(&snap, 1000000, 0, { .pid = 20, .rss = 2000, .cgroup = "/b" });
	make_memcg(&snap, "/", 0);
	uint32_t b = make_memcg(&snap, "/b", 80000);
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = b };
	struct model model;
	struct ranking ranking;
	struct verdict verdict;
	model_init(&model);
	ranking_init(&ranking);
	verdict_init(&verdict);
	for (unsigned i = 0; i <= 12; i++) {
		snap.tick++;
		snap.monotonic_ns += 1000000000;
		made_task(&snap, 20)->rss_quick_pages += 300;
		snap.memcgs[b].usage_bytes = (70000ULL + 300 * i) * 4096;
		assert_int_equal(model_update(&model, &snap, NULL, 1), 0);
		assert_int_equal(memcg_outlooks_make(&model.outlooks, &snap, &model.rules, &model.ranking, NULL), 0);
		assert_int_equal(ranking_make(&ranking, &snap, &model.rules, NULL, &scope), 0);
		assert_int_equal(verdict_make(&verdict, &snap, &model.rules, &ranking, NULL, 1), 0);
		assert_int_equal(model_foretell_memcg(&model, &snap, b, &ranking, &verdict), 0);
		assert_int_equal(verdict.when.nearing, i >= 7);
		if (verdict.when.nearing)
			assert_within(verdict.when.eta_s, (10000.0 - 300.0 * i) / 300.0, 0.001);
	}
	verdict_done(&verdict);
	ranking_done(&ranking);
	model_done(&model);
	snapshot_done(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_group_can_be_foretold_by_itself),
		cmocka_unit_test(nothing_is_foretold_before_eight_ticks),
		cmocka_unit_test(a_constant_rate_is_told_exactly),
		cmocka_unit_test(ticks_need_not_be_regular),
		cmocka_unit_test(noise_widens_the_spread_and_leaves_the_middle),
		cmocka_unit_test(the_end_lies_within_the_spread_though_each_tick_is_off),
		cmocka_unit_test(what_gets_no_nearer_is_steady),
		cmocka_unit_test(an_oscillation_without_trend_foretells_nothing),
		cmocka_unit_test(peaks_of_different_heights_foretell_nothing),
		cmocka_unit_test(a_hog_after_an_oscillation_is_told_once_it_climbs_higher),
		cmocka_unit_test(noise_around_a_level_foretells_nothing),
		cmocka_unit_test(a_step_is_no_trend),
		cmocka_unit_test(a_hog_that_begins_is_told_soon),
		cmocka_unit_test(a_step_before_a_hog_is_no_part_of_its_trend),
		cmocka_unit_test(the_end_of_a_hog_ends_the_forecast),
		cmocka_unit_test(added_swap_is_no_shrinking_usage),
		cmocka_unit_test(a_pause_begins_anew_and_so_does_time_gone_backwards),
		cmocka_unit_test(the_same_instant_again_replaces_the_last),
		cmocka_unit_test(nothing_left_is_gone_now),
		cmocka_unit_test(a_much_earlier_end_is_told_beside_the_likely_one),
		cmocka_unit_test(any_figures_give_a_sound_result),
		cmocka_unit_test(the_unit_of_the_figures_does_not_matter),
		cmocka_unit_test(each_group_with_a_limit_has_a_forecast_of_its_own),
		cmocka_unit_test(the_model_foretells_and_names_who_grows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
