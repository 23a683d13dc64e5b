/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All conclusions from one snapshot, and from what is kept of those before.
 */
#ifndef OOMSIGHT_MODEL_MODEL_H
#define OOMSIGHT_MODEL_MODEL_H

#include "oomsight/model/check.h"
#include "oomsight/model/forecast.h"
#include "oomsight/model/memcg.h"
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
	/* Of memory cgroups; only after model_update_memcgs (model_update empties them). */
	struct memcg_outlooks outlooks;
	struct verdict *memcg_verdicts; /* of those with a limit, nearest first */
	uint32_t nmemcg_verdicts;
	uint32_t memcg_verdicts_capacity;
	struct ranking scoped; /* of the last of them */
	struct memcg_forecasts forecasts; /* of the same groups */
	struct forecast forecast; /* of the host; made from one update to the next */
	uint64_t oom_kills; /* since boot, as the last update saw them */
};

/* So many groups get a verdict of their own. */
#define MODEL_MEMCGS 64

void model_init(struct model *model);
void model_done(struct model *model);

/* Conclude nothing, about no task: for a snapshot whose model_update failed. The
 * next one has no rates; the forecasts go on. because: why, for the verdict's
 * sentence. Keeps the memory, never fails. */
void model_clear(struct model *model, const char *because);

/* Conclude, tick after tick: rates, self-check and forecast compare with what was
 * kept of the last one. The first has no rates. Another call for the same tick, such
 * as with another what-if, leaves the rates and the self-check as they are. whatif:
 * changes to assume, or NULL. kills: how many to foretell. Returns 0 or -ENOMEM; then
 * parts are of curr and parts of an earlier snapshot: call model_clear. */
int model_update(struct model *model, const struct snapshot *curr, const struct whatif *whatif, uint32_t kills);

/* What if one of these OOMs came: ranking and verdict of that scope, and nothing of
 * the rest. rules: those of another kernel, or NULL for the running one's; whatif
 * and scope as for ranking_make. rates and check are as the last model_update left
 * them, and rates, if known, must be of this snapshot. Returns 0 or -ENOMEM. */
int model_predict(struct model *model, const struct snapshot *curr, const struct rules *rules,
		  const struct whatif *whatif, const struct scope *scope, uint32_t kills);

/* No kill of this verdict is certain if the last model_update found that the
 * kernel's scores are not ours. The verdicts made here are doubted already; for
 * others of the same snapshot. */
void model_doubt(const struct model *model, struct verdict *verdict);

/* After model_update of the same snapshot and what-if: the outlook of every memory
 * cgroup, and whole verdicts for the MODEL_MEMCGS nearest to their limit. The
 * snapshot should hold every fact of them (sample_wish.memcgs). Returns 0 or
 * -ENOMEM. */
int model_update_memcgs(struct model *model, const struct snapshot *curr, const struct whatif *whatif);

/* When the limit of a memory cgroup will be met, into a verdict for it that was made elsewhere, by
 * that ranking. After model_update and memcg_outlooks_make of the same snapshot, which should
 * hold every fact of the groups; in each tick anew, for the trend is of calls in ticks that
 * follow each other. Returns 0 or -ENOMEM. */
int model_foretell_memcg(struct model *model, const struct snapshot *curr, uint32_t memcg,
			 const struct ranking *ranking, struct verdict *verdict);

/* Which tasks the next sample should read all facts of: the top of the ranking,
 * and those that only the kernel's own word (oom_score 0) holds for ineligible.
 * Read rarely, these would fall back to eligible between two words. */
#define MODEL_TOP 64

static inline bool model_is_top(const struct model *model, uint32_t index)
{
	const struct candidate *candidate = &model->ranking.candidates[index];
	return (candidate->rank > 0 && candidate->rank <= MODEL_TOP) ||
	       candidate->eligibility == INELIGIBLE_VFORK || candidate->eligibility == INELIGIBLE_REAPED ||
	       candidate->eligibility == INELIGIBLE_KERNEL;
}

#endif
