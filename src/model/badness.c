/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The arithmetic of mm/oom_kill.c and fs/proc/base.c. Each step divides where
 * the kernel divides and in its order, since every remainder dropped shows in
 * the points. Inputs may come from a recording and be absurd: where the
 * kernel's own types would overflow, the result stands at the end of its range
 * instead of wrapping round.
 */
#include "oomsight/model/badness.h"

#include <assert.h>
#include <errno.h>

#include "oomsight/base/units.h"
#include "release.h"

static const struct {
	const char *name;
	struct release first;
} eras[] = {
	[ERA_2_6_32] = { "2.6.32", { 2, 6, 32 } },
	[ERA_2_6_36] = { "2.6.36", { 2, 6, 36 } },
	[ERA_2_6_39] = { "2.6.39", { 2, 6, 39 } },
	[ERA_3_5] = { "3.5", { 3, 5, 0 } },
	[ERA_3_14] = { "3.14", { 3, 14, 0 } },
	[ERA_4_0] = { "4.0", { 4, 0, 0 } },
	[ERA_4_15] = { "4.15", { 4, 15, 0 } },
	[ERA_4_17] = { "4.17", { 4, 17, 0 } },
	[ERA_5_9] = { "5.9", { 5, 9, 0 } },
};
static_assert(sizeof eras / sizeof *eras == ERA__COUNT, "an era without a release");

const char *era_name(enum era era)
{
	return eras[era].name;
}

int era_of_release(const char *text, enum era *ret_era)
{
	struct release release;
	int r = release_numbers(text, &release);
	if (r < 0)
		return r;
	for (int era = ERA__COUNT - 1; era >= 0; era--) {
		const struct release *first = &eras[era].first;
		if (release_from(&release, first->major, first->minor, first->patch)) {
			*ret_era = (enum era)era;
			return 0;
		}
	}
	return -EINVAL; /* older than any rule known here */
}

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static int64_t to_signed(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static int64_t add_signed_sat(int64_t a, int64_t b)
{
	int64_t sum;
	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return a > 0 ? INT64_MAX : INT64_MIN;
}

static int64_t mul_signed_sat(int64_t a, int64_t b)
{
	int64_t product;
	if (!__builtin_mul_overflow(a, b, &product))
		return product;
	return (a > 0) == (b > 0) ? INT64_MAX : INT64_MIN;
}

/* value * 1000 / total, truncated toward zero; total > 0. */
static int64_t thousandths(int64_t value, uint64_t total)
{
	int64_t divisor = to_signed(total);
	int64_t product;
	if (!__builtin_mul_overflow(value, (int64_t)1000, &product))
		return product / divisor;
	return mul_signed_sat(value / divisor, 1000);
}

/* 2.6.36 .. 3.4: everything in thousandths of totalpages, 1 .. 1000. */
static int64_t points_in_thousandths(int64_t base, const struct badness_parts *parts, uint64_t totalpages)
{
	int64_t points = thousandths(base, totalpages);
	if (parts->root)
		points -= 30;
	points = add_signed_sat(points, parts->adj);
	return points <= 0 ? 1 : points > 1000 ? 1000 : points;
}

int64_t badness_points(enum era era, const struct badness_parts *parts, uint64_t totalpages)
{
	if (totalpages == 0)
		totalpages = 1; /* as the kernel does for an empty memcg limit */
	uint64_t sum = add_sat(parts->rss_pages, parts->swap_pages);
	if (era >= ERA_2_6_39)
		sum = add_sat(sum, parts->pgtables_pages);
	int64_t points = to_signed(sum);
	if (era < ERA_3_5)
		return points_in_thousandths(points, parts, totalpages);

	int64_t adj = parts->adj;
	if (parts->root && era == ERA_3_5)
		adj -= 30; /* 3 % of totalpages */
	else if (parts->root && era < ERA_4_17)
		points -= points > INT64_MAX / 3 ? points / 100 * 3 : points * 3 / 100;
	points = add_signed_sat(points, mul_signed_sat(adj, badness_adj_unit_pages(totalpages)));
	if (era < ERA_5_9 && points <= 0)
		points = 1; /* 0 meant: not eligible */
	return points;
}

int64_t badness_oom_score(enum era era, int64_t points, uint64_t totalpages)
{
	if (totalpages == 0)
		totalpages = 1;
	if (era < ERA_3_5)
		return points;
	int64_t share = thousandths(points, totalpages);
	if (era < ERA_5_9)
		return share;
	return mul_signed_sat(add_signed_sat(1000, share), 2) / 3;
}

/* The smallest p with p * 1000 >= share * totalpages. share >= 0. False when
 * it does not fit. */
static bool pages_of_share(int64_t share, uint64_t totalpages, int64_t *ret_pages)
{
	uint64_t product;
	if (__builtin_mul_overflow((uint64_t)share, totalpages, &product) || product > INT64_MAX)
		return false;
	*ret_pages = (int64_t)(product / 1000 + (product % 1000 != 0));
	return true;
}

/* score = (1000 + share) * 2 / 3 with share = points * 1000 / totalpages. For
 * positive scores the outer division gives one or two shares in a row, the
 * inner one a range of points for each: about 0.15 % of totalpages in all. */
bool badness_score_range(int64_t score, uint64_t totalpages, int64_t *ret_low, int64_t *ret_high)
{
	if (score <= 0 || score > INT32_MAX || totalpages == 0)
		return false;
	int64_t least = (3 * score + 1) / 2 - 1000;
	int64_t most = (3 * score + 2) / 2 - 1000;
	int64_t low, high;
	/* Division truncates toward zero, so the range of share 0 lies on both
	 * sides of it, and negative shares begin right above the next one. */
	if (!pages_of_share(least > 0 ? least : 1 - least, totalpages, &low))
		return false;
	if (!pages_of_share(most >= 0 ? most + 1 : -most, totalpages, &high))
		return false;
	low = least > 0 ? low : 1 - low;
	high = most >= 0 ? high - 1 : -high;
	if (low > high)
		return false; /* less than 1000 pages in all: some shares never occur */
	*ret_low = low;
	*ret_high = high;
	return true;
}

/* lib/int_sqrt.c: the root rounded down. */
static uint64_t int_sqrt(uint64_t x)
{
	uint64_t root = 0;
	for (uint64_t bit = 1ULL << 62; bit != 0; bit >>= 2) {
		uint64_t trial = root + bit;
		root >>= 1;
		if (x >= trial) {
			x -= trial;
			root += bit;
		}
	}
	return root;
}

/* include/linux/jiffies.h: SHIFT_HZ, the power of two nearest to HZ. */
static unsigned shift_hz(uint32_t hz)
{
	unsigned shift = 4;
	while (shift < 10 && hz >= 24U << (shift - 4))
		shift++;
	return shift;
}

/* value > 0 */
static uint64_t shift_left_sat(uint64_t value, int shift)
{
	return shift > 63 || value > UINT64_MAX >> shift ? UINT64_MAX : value << shift;
}

uint64_t badness_points_legacy(const struct badness_legacy_parts *parts)
{
	if (parts->oom_adj <= OOM_DISABLE)
		return 0;
	if (parts->swapoff)
		return UINT64_MAX; /* PF_OOM_ORIGIN */
	uint64_t points = parts->total_vm_pages;
	for (uint32_t i = 0; i < parts->nchildren; i++)
		points = add_sat(points, parts->children_pages[i] / 2 + 1);
	uint64_t cpu = parts->cpu_jiffies >> (shift_hz(parts->hz) + 3);
	if (cpu > 0)
		points /= int_sqrt(cpu);
	uint64_t run = parts->run_seconds >> 10;
	if (run > 0)
		points /= int_sqrt(int_sqrt(run));
	if (parts->nice > 0)
		points = u64_mul_sat(points, 2);
	if (parts->cap_sys_admin || parts->cap_sys_resource)
		points /= 4;
	if (parts->cap_sys_rawio)
		points /= 4;
	if (parts->other_cpuset)
		points /= 8;
	if (parts->oom_adj > 0)
		points = shift_left_sat(points > 0 ? points : 1, parts->oom_adj);
	else
		points >>= -parts->oom_adj;
	return points;
}

int oom_adj_to_score_adj(int oom_adj)
{
	if (oom_adj >= OOM_ADJUST_MAX)
		return OOM_SCORE_ADJ_MAX;
	if (oom_adj <= OOM_DISABLE)
		return OOM_SCORE_ADJ_MIN;
	return oom_adj * OOM_SCORE_ADJ_MAX / -OOM_DISABLE;
}

int oom_adj_from_score_adj(int score_adj)
{
	if (score_adj >= OOM_SCORE_ADJ_MAX)
		return OOM_ADJUST_MAX;
	if (score_adj <= OOM_SCORE_ADJ_MIN)
		return OOM_DISABLE;
	int oom_adj = score_adj * -OOM_DISABLE / OOM_SCORE_ADJ_MAX;
	return oom_adj > OOM_ADJUST_MAX ? OOM_ADJUST_MAX : oom_adj;
}
