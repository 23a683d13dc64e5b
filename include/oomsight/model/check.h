/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Does our arithmetic agree with the kernel's? oom_score computed from the
 * parts, beside the file's own number.
 */
#ifndef OOMSIGHT_MODEL_CHECK_H
#define OOMSIGHT_MODEL_CHECK_H

#include <stdint.h>

#include "oomsight/model/ranking.h"
#include "oomsight/model/rates.h"

#define CHECK_DIFFERENCES 8

struct check_difference {
	int32_t pid;
	int64_t ours;
	int64_t kernels;
};

struct check {
	uint32_t compared; /* tasks whose parts and oom_score are known and of the same tick */
	uint32_t agreed;
	uint32_t by_kernels_word; /* not compared: ours would be more than 0, the kernel printed 0, and
	                           * it is taken at its word that they are not eligible */
	uint32_t ndifferences; /* kept, at most CHECK_DIFFERENCES */
	struct check_difference differences[CHECK_DIFFERENCES];
};

/* Compare every task that can be compared. Parts read in this tick only: a
 * score of another tick is another number. A difference of one unit is agreed
 * to when the points stand within one batch of a rounding edge, or the task's
 * figures moved since the tick before, and then only as far as they moved. rates:
 * not updated yet, for it has what was then; NULL: nothing is known of it. A task
 * that only its score 0 told to be ineligible is not compared but counted apart, for
 * were our rules wrong it would hide that; nor is one compared that a what-if
 * protects. */
void check_make(struct check *check, const struct rates *rates, const struct snapshot *snap,
		const struct rules *rules, const struct ranking *ranking);

#endif
