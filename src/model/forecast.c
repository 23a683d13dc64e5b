/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The trend is the median of the slopes between all pairs of ticks (Theil-Sen):
 * a third of the points may be wild, and irregular ticks need no care. Its
 * quartiles are the spread. Least squares would follow one big allocation for
 * a whole window; the last difference alone follows noise.
 *
 * How far to look back: as far as the trend has been the same. The newest eight
 * ticks are taken with the eight before as long as the slopes of both could be of
 * one trend, then 16 and 16, 32 and 32. A hog that begins is so seen after eight
 * ticks, and one that runs on is told ever better.
 *
 * When to keep silent, since a false alarm is what makes people stop looking:
 *  - four of five slopes must point downhill, and in a short window, where luck
 *    has an easier game, nearly all: a step, noise and a saw do not;
 *  - a window does not foretell further than HORIZON times its own length: the
 *    breathing of an idle host is no trend towards anything;
 *  - where usage has turned back by itself twice at this height or above, within
 *    TURN_MEMORY, it may do so again: not before it climbs higher, by more than
 *    peaks of one oscillation differ. A peak of a single tick is no turn.
 * The first swing of what will turn out to be an oscillation is not told from a
 * hog; nobody can. Nor is a hog told that will stop by itself.
 *
 * Swap in compressed RAM (zram) takes of what it seems to add; the trend sees
 * that, the headroom does not.
 */
#include "oomsight/model/forecast.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "oomsight/base/units.h"

#define HORIZON 30.0
#define TURN_MEMORY_NS (1800ULL * 1000000000ULL)
#define PEAKS_DIFFER 3 /* by this part of how far it fell behind them */
#define TURN_SHARE 100 /* a turn is a change by this part of the limit */
#define PAUSE_TICKS 10 /* a longer gap between two ticks, in usual gaps, begins anew */
#define PAUSE_MIN_NS (30ULL * 1000000000ULL)
#define SURE_SHARE 0.75 /* where the earliest time is less than this of the likely one, it is said */
#define PAIRS (FORECAST_TICKS * (FORECAST_TICKS - 1) / 2)

static_assert((FORECAST_TICKS & (FORECAST_TICKS - 1)) == 0, "windows are halves of halves of the ring");

void forecast_reset(struct forecast *forecast)
{
	memset(forecast, 0, sizeof *forecast);
}

/* --- the ring ------------------------------------------------------------- */

/* Place of the tick `back` before the newest. */
static uint32_t place(const struct forecast *forecast, uint32_t back)
{
	return (forecast->next + FORECAST_TICKS - 1 - back) % FORECAST_TICKS;
}

static bool is_after_a_pause(const struct forecast *forecast, uint64_t now)
{
	uint64_t gap = now - forecast->time_ns[place(forecast, 0)];
	if (forecast->n < 3 || gap < PAUSE_MIN_NS)
		return false;
	uint64_t span = forecast->time_ns[place(forecast, 0)] - forecast->time_ns[place(forecast, forecast->n - 1)];
	return gap / PAUSE_TICKS > span / (forecast->n - 1);
}

static void store(struct forecast *forecast, uint64_t now, int64_t used)
{
	forecast->time_ns[forecast->next] = now;
	forecast->used_bytes[forecast->next] = used;
	forecast->next = (forecast->next + 1) % FORECAST_TICKS;
	if (forecast->n < FORECAST_TICKS)
		forecast->n++;
}

/* --- turns ---------------------------------------------------------------- */

static int64_t middle_of(int64_t a, int64_t b, int64_t c)
{
	int64_t low = a < b ? a : b, high = a < b ? b : a;
	return c < low ? low : c > high ? high : c;
}

static int64_t highest_of(int64_t a, int64_t b, int64_t c)
{
	int64_t high = a < b ? b : a;
	return c > high ? c : high;
}

static void end_fall(struct forecast_turn *turn, int64_t trough_bytes)
{
	turn->fallen_bytes = turn->used_bytes > trough_bytes ? turn->used_bytes - trough_bytes : 0;
}

/* Called when the newest ticks will not be replaced any more. least: what makes
 * a turn. */
static void follow_turns(struct forecast *forecast, int64_t least)
{
	if (forecast->n < 3)
		return;
	uint32_t newest = place(forecast, 0), middle = place(forecast, 1), oldest = place(forecast, 2);
	uint64_t now = forecast->time_ns[middle];
	int64_t a = forecast->used_bytes[oldest], b = forecast->used_bytes[middle], c = forecast->used_bytes[newest];
	int64_t used = middle_of(a, b, c);
	if (forecast->n == 3) {
		forecast->falling = false;
		forecast->extreme_bytes = used;
		forecast->extreme_ns = now;
		forecast->peak_bytes = highest_of(a, b, c);
		return;
	}
	bool further = forecast->falling ? used < forecast->extreme_bytes : used > forecast->extreme_bytes;
	int64_t back = forecast->falling ? used - forecast->extreme_bytes : forecast->extreme_bytes - used;
	if (!further && back < least)
		return;
	if (!further) {
		if (!forecast->falling)
			forecast->turns[forecast->nturns++ % FORECAST_TURNS] =
				(struct forecast_turn){ .time_ns = forecast->extreme_ns, .used_bytes = forecast->peak_bytes };
		else if (forecast->nturns > 0)
			end_fall(&forecast->turns[(forecast->nturns - 1) % FORECAST_TURNS], forecast->extreme_bytes);
		forecast->falling = !forecast->falling;
	}
	forecast->extreme_bytes = used;
	forecast->extreme_ns = now;
	forecast->peak_bytes = highest_of(a, b, c);
}

/* Has usage turned back by itself at this height twice lately? */
static bool has_turned_back_here(const struct forecast *forecast, uint64_t now, int64_t used)
{
	unsigned times = 0;
	for (uint32_t i = 0; i < FORECAST_TURNS && i < forecast->nturns; i++) {
		const struct forecast_turn *turn = &forecast->turns[i];
		int64_t reach = turn->used_bytes + turn->fallen_bytes / PEAKS_DIFFER;
		times += now - turn->time_ns <= TURN_MEMORY_NS && reach >= used;
	}
	return times >= 2;
}

/* --- slopes --------------------------------------------------------------- */

/* The n-th smallest of values, which lies from first to last; those below it are
 * moved before it, those above behind (Hoare's selection). */
static double nth_smallest(double *values, uint32_t first, uint32_t last, uint32_t n)
{
	while (first < last) {
		double pivot = values[first + (last - first) / 2];
		int64_t i = first, j = last;
		while (i <= j) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i <= j) {
				double value = values[i];
				values[i++] = values[j];
				values[j--] = value;
			}
		}
		if ((int64_t)n <= j)
			last = (uint32_t)j;
		else if ((int64_t)n >= i)
			first = (uint32_t)i;
		else
			break;
	}
	return values[n];
}

/* Usage in bytes a second. */
struct trend {
	double median, lower, upper; /* quartiles */
	double rising;               /* share of the slopes */
	double span_s;
};

/* Of `count` ticks up to the one `back` before the newest; count >= 2. */
static struct trend trend_of(const struct forecast *forecast, uint32_t back, uint32_t count)
{
	double slopes[PAIRS];
	uint32_t n = 0, rising = 0;
	for (uint32_t a = 1; a < count; a++) {
		uint32_t earlier = place(forecast, back + a);
		for (uint32_t b = 0; b < a; b++) {
			uint32_t later = place(forecast, back + b);
			double seconds = (double)(forecast->time_ns[later] - forecast->time_ns[earlier]) / 1e9;
			double grown = (double)(forecast->used_bytes[later] - forecast->used_bytes[earlier]);
			slopes[n++] = grown / seconds;
			rising += grown > 0.0;
		}
	}
	struct trend trend = { .rising = (double)rising / n };
	trend.median = nth_smallest(slopes, 0, n - 1, n / 2);
	trend.lower = nth_smallest(slopes, 0, n / 2, n / 4);
	trend.upper = nth_smallest(slopes, n / 2, n - 1, n - 1 - n / 4);
	trend.span_s = (double)(forecast->time_ns[place(forecast, back)] -
				forecast->time_ns[place(forecast, back + count - 1)]) / 1e9;
	return trend;
}

static bool lies_within(double median, const struct trend *trend, double grace)
{
	double spread = trend->upper - trend->lower;
	return median >= trend->lower - spread - grace && median <= trend->upper + spread + grace;
}

/* A window without any noise has no spread: an eighth of the steeper one's slope is
 * no difference. */
static double grace_of(const struct trend *a, const struct trend *b)
{
	double steep_a = a->median < 0 ? -a->median : a->median;
	double steep_b = b->median < 0 ? -b->median : b->median;
	return (steep_a > steep_b ? steep_a : steep_b) / 8;
}

/* Could both be parts of one trend? The median of each lies no further from the
 * quartiles of the other than these are apart. That the quartiles meet is not enough:
 * those of a window with a step in it reach from nothing to its height. */
static bool is_same_trend(const struct trend *a, const struct trend *b)
{
	double grace = grace_of(a, b);
	return lies_within(a->median, b, grace) && lies_within(b->median, a, grace);
}

/* The trend now, over as many ticks as it has lasted. To look back further is of use
 * while that makes it surer; a step at the far end does not. n >= FORECAST_MIN_TICKS. */
static struct trend trend_now(const struct forecast *forecast, uint32_t *ret_count)
{
	uint32_t count = FORECAST_MIN_TICKS;
	struct trend trend = trend_of(forecast, 0, count);
	for (;;) {
		uint32_t before = forecast->n - count < count ? forecast->n - count : count;
		if (before < FORECAST_MIN_TICKS)
			break;
		struct trend older = trend_of(forecast, count, before);
		if (!is_same_trend(&trend, &older))
			break;
		struct trend both = trend_of(forecast, 0, count + before);
		if (both.upper - both.lower > trend.upper - trend.lower + grace_of(&trend, &older))
			break;
		count += before;
		trend = both;
	}
	*ret_count = count;
	return trend;
}

/* How far single ticks lie from the trend: the newest is one of them. Between their
 * quartiles. */
static double scatter_of(const struct forecast *forecast, uint32_t count, double slope)
{
	double aside[FORECAST_TICKS];
	uint32_t newest = place(forecast, 0);
	for (uint32_t back = 0; back < count; back++) {
		uint32_t at = place(forecast, back);
		double seconds = (double)(forecast->time_ns[newest] - forecast->time_ns[at]) / 1e9;
		aside[back] = (double)forecast->used_bytes[at] + slope * seconds;
	}
	double lower = nth_smallest(aside, 0, count - 1, count / 4);
	return nth_smallest(aside, 0, count - 1, count - 1 - count / 4) - lower;
}

/* --- the forecast ------------------------------------------------------------ */

static enum forecast_state judge(const struct trend *trend, uint32_t count, double headroom)
{
	double rising_wanted = count < 2 * FORECAST_MIN_TICKS ? 0.96 : count < 4 * FORECAST_MIN_TICKS ? 0.88 : 0.8;
	if (!(trend->median > 0.0) || headroom > trend->median * trend->span_s * HORIZON)
		return FORECAST_STEADY;
	return trend->rising >= rising_wanted && trend->lower > 0.0 ? FORECAST_NEARING : FORECAST_UNCLEAR;
}

/* Whatever slopes there are, can their median lead to the end within the
 * horizon? Spares quiet hosts and groups the work. */
static bool is_quiet(const struct forecast *forecast, int64_t used, double headroom)
{
	int64_t least = used;
	for (uint32_t back = 0; back < forecast->n; back++) {
		int64_t then = forecast->used_bytes[place(forecast, back)];
		least = then < least ? then : least;
	}
	return (double)(used - least) * 2 * HORIZON < headroom;
}

static int64_t signed_bytes(uint64_t bytes)
{
	return bytes > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)bytes;
}

void forecast_push(struct forecast *forecast, uint64_t monotonic_ns, const struct headroom *headroom)
{
	const double left = (double)headroom->bytes;
	int64_t limit = signed_bytes(headroom->limit_bytes), used = limit - signed_bytes(headroom->bytes);
	uint64_t last_ns = forecast->n > 0 ? forecast->time_ns[place(forecast, 0)] : 0;
	if (forecast->n > 0 && (monotonic_ns < last_ns || is_after_a_pause(forecast, monotonic_ns)))
		forecast_reset(forecast);
	if (forecast->n > 0 && monotonic_ns == last_ns) {
		forecast->used_bytes[place(forecast, 0)] = used;
	} else {
		follow_turns(forecast, limit / TURN_SHARE + 1);
		store(forecast, monotonic_ns, used);
	}
	forecast->state = FORECAST_TOO_SHORT;
	forecast->bytes_per_s = forecast->eta_s = forecast->eta_earliest_s = forecast->eta_latest_s = 0.0;
	if (forecast->n < FORECAST_MIN_TICKS)
		return;
	forecast->state = FORECAST_STEADY;
	if (is_quiet(forecast, used, left))
		return;
	uint32_t count;
	struct trend trend = trend_now(forecast, &count);
	forecast->state = judge(&trend, count, left);
	if (forecast->state == FORECAST_NEARING && has_turned_back_here(forecast, monotonic_ns, used))
		forecast->state = FORECAST_UNCLEAR;
	if (forecast->state != FORECAST_NEARING)
		return;
	forecast->bytes_per_s = -trend.median;
	forecast->eta_s = left / trend.median;
	double scatter = scatter_of(forecast, count, trend.median);
	double least = (double)headroom->least_bytes - scatter;
	forecast->eta_earliest_s = least > 0.0 ? least / trend.upper : 0.0;
	forecast->eta_latest_s = (left + scatter) / trend.lower;
}

char *forecast_words(const char *what, double eta_s, double earliest_s, double bytes_per_s, char *dst, size_t size)
{
	char span[UNITS_BUFFER], earliest[UNITS_BUFFER], rate[UNITS_BUFFER];
	double pace = -bytes_per_s;
	units_human(pace < 1e18 ? (uint64_t)pace : (uint64_t)1e18, rate);
	units_span(eta_s, span);
	if (earliest_s < eta_s * SURE_SHARE)
		snprintf(dst, size, "%s in %s (%s at the earliest) at -%s/s", what, span, units_span(earliest_s, earliest),
			 rate);
	else
		snprintf(dst, size, "%s in %s at -%s/s", what, span, rate);
	return dst;
}

char *forecast_text(const struct forecast *forecast, char *dst, size_t size)
{
	dst[0] = '\0';
	if (forecast->state == FORECAST_NEARING)
		forecast_words("memory is gone", forecast->eta_s, forecast->eta_earliest_s, forecast->bytes_per_s, dst, size);
	return dst;
}
