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

/* steps: NULL when nobody wants to see them. */
static void note(struct badness_steps *steps, enum badness_term term, int64_t operand, int64_t points)
{
	if (steps)
		steps->steps[steps->n++] = (struct badness_step){ term, operand, points };
}

/* 2.6.36 .. 3.4: everything in thousandths of totalpages, 1 .. 1000. */
static int64_t points_in_thousandths(int64_t base, const struct badness_parts *parts, uint64_t totalpages,
				     struct badness_steps *steps)
{
	int64_t points = thousandths(base, totalpages);
	note(steps, TERM_SHARE, to_signed(totalpages), points);
	if (parts->root) {
		points -= 30;
		note(steps, TERM_ROOT, 30, points);
	}
	points = add_signed_sat(points, parts->adj);
	note(steps, TERM_ADJ, parts->adj, points);
	if (points <= 0) {
		points = 1;
		note(steps, TERM_FLOOR, 1, points);
	} else if (points > 1000) {
		points = 1000;
		note(steps, TERM_CEILING, 1000, points);
	}
	return points;
}

uint64_t badness_pages(enum era era, const struct badness_parts *parts)
{
	uint64_t sum = add_sat(parts->rss_pages, parts->swap_pages);
	return era >= ERA_2_6_39 ? add_sat(sum, parts->pgtables_pages) : sum;
}

static int64_t compute(enum era era, const struct badness_parts *parts, uint64_t totalpages,
		       struct badness_steps *steps)
{
	if (totalpages == 0)
		totalpages = 1; /* as the kernel does for an empty memcg limit */
	note(steps, TERM_RSS, to_signed(parts->rss_pages), to_signed(parts->rss_pages));
	note(steps, TERM_SWAP, to_signed(parts->swap_pages), to_signed(add_sat(parts->rss_pages, parts->swap_pages)));
	int64_t points = to_signed(badness_pages(era, parts));
	if (era >= ERA_2_6_39)
		note(steps, TERM_PGTABLES, to_signed(parts->pgtables_pages), points);
	if (era < ERA_3_5)
		return points_in_thousandths(points, parts, totalpages, steps);

	int64_t root = 0;
	if (parts->root && era == ERA_3_5)
		root = mul_signed_sat(30, badness_adj_unit_pages(totalpages)); /* 3 % of totalpages */
	else if (parts->root && era < ERA_4_17)
		root = points > INT64_MAX / 3 ? points / 100 * 3 : points * 3 / 100;
	if (parts->root && era < ERA_4_17) {
		points = add_signed_sat(points, -root);
		note(steps, TERM_ROOT, root, points);
	}
	points = add_signed_sat(points, mul_signed_sat(parts->adj, badness_adj_unit_pages(totalpages)));
	note(steps, TERM_ADJ, parts->adj, points);
	if (era < ERA_5_9 && points <= 0) {
		points = 1; /* 0 meant: not eligible */
		note(steps, TERM_FLOOR, 1, points);
	}
	return points;
}

int64_t badness_points(enum era era, const struct badness_parts *parts, uint64_t totalpages)
{
	return compute(era, parts, totalpages, NULL);
}

int64_t badness_explain(enum era era, const struct badness_parts *parts, uint64_t totalpages,
			struct badness_steps *ret_steps)
{
	ret_steps->n = 0;
	return compute(era, parts, totalpages, ret_steps);
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

static void note_unsigned(struct badness_steps *steps, enum badness_term term, uint64_t operand, uint64_t points)
{
	note(steps, term, to_signed(operand), to_signed(points));
}

static uint64_t compute_legacy(const struct badness_legacy_parts *parts, struct badness_steps *steps)
{
	if (parts->oom_adj <= OOM_DISABLE)
		return 0;
	if (parts->swapoff) {
		note_unsigned(steps, TERM_SWAPOFF, 0, UINT64_MAX);
		return UINT64_MAX; /* PF_OOM_ORIGIN */
	}
	uint64_t points = parts->total_vm_pages, children = 0;
	note_unsigned(steps, TERM_VIRTUAL, points, points);
	for (uint32_t i = 0; i < parts->nchildren; i++)
		children = add_sat(children, parts->children_pages[i] / 2 + 1);
	points = add_sat(points, children);
	note_unsigned(steps, TERM_CHILDREN, children, points);
	uint64_t cpu = int_sqrt(parts->cpu_jiffies >> (shift_hz(parts->hz) + 3));
	if (cpu > 0) {
		points /= cpu;
		note_unsigned(steps, TERM_CPU, cpu, points);
	}
	uint64_t run = int_sqrt(int_sqrt(parts->run_seconds >> 10));
	if (run > 0) {
		points /= run;
		note_unsigned(steps, TERM_RUN, run, points);
	}
	if (parts->nice > 0) {
		points = u64_mul_sat(points, 2);
		note_unsigned(steps, TERM_NICE, 2, points);
	}
	if (parts->cap_sys_admin || parts->cap_sys_resource) {
		points /= 4;
		note_unsigned(steps, TERM_ADMIN, 4, points);
	}
	if (parts->cap_sys_rawio) {
		points /= 4;
		note_unsigned(steps, TERM_RAWIO, 4, points);
	}
	if (parts->other_cpuset) {
		points /= 8;
		note_unsigned(steps, TERM_CPUSET, 8, points);
	}
	if (parts->oom_adj > 0)
		points = shift_left_sat(points > 0 ? points : 1, parts->oom_adj);
	else
		points >>= -parts->oom_adj;
	if (parts->oom_adj != 0)
		note(steps, TERM_OOM_ADJ, parts->oom_adj, to_signed(points));
	return points;
}

uint64_t badness_points_legacy(const struct badness_legacy_parts *parts)
{
	return compute_legacy(parts, NULL);
}

uint64_t badness_explain_legacy(const struct badness_legacy_parts *parts, struct badness_steps *ret_steps)
{
	ret_steps->n = 0;
	return compute_legacy(parts, ret_steps);
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

int oom_adj_as_score_adj(int oom_adj)
{
	int score_adj = oom_adj_to_score_adj(oom_adj);
	if (oom_adj_from_score_adj(score_adj) != oom_adj)
		score_adj += oom_adj > 0 ? 1 : -1;
	return score_adj;
}
