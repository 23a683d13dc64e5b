/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All conclusions from one snapshot, and the one before.
 */
#ifndef OOMSIGHT_MODEL_MODEL_H
#define OOMSIGHT_MODEL_MODEL_H

#include "oomsight/model/check.h"
#include "oomsight/model/ranking.h"
#include "oomsight/model/rates.h"
#include "oomsight/model/rules.h"
#include "oomsight/model/verdict.h"

struct model {
	struct rules rules;
	struct ranking ranking;
	struct verdict verdict;
	struct rates rates;
	struct check check;
};

void model_init(struct model *model);
void model_done(struct model *model);

/* Conclude. prev: the snapshot of the tick before, or NULL. whatif: changes to
 * assume, or NULL. kills: how many to foretell. Returns 0 or -ENOMEM. */
int model_update(struct model *model, const struct snapshot *prev, const struct snapshot *curr,
		 const struct whatif *whatif, uint32_t kills);

/* What the next sample should read of the task at `index` of curr beyond the
 * cheap facts: enum sample_need bits would be the sampler's word; here plain
 * answers. Top-ranked and just changed tasks want everything fresh. */
#define MODEL_TOP 64

static inline bool model_is_top(const struct model *model, uint32_t index)
{
	uint32_t rank = model->ranking.candidates[index].rank;
	return rank > 0 && rank <= MODEL_TOP;
}

#endif
