/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/model/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memcg_forecast.h"

void model_init(struct model *model)
{
	memset(model, 0, sizeof *model);
	ranking_init(&model->ranking);
	verdict_init(&model->verdict);
	rates_init(&model->rates);
	memcg_outlooks_init(&model->outlooks);
	ranking_init(&model->scoped);
}

void model_done(struct model *model)
{
	ranking_done(&model->ranking);
	verdict_done(&model->verdict);
	rates_done(&model->rates);
	memcg_outlooks_done(&model->outlooks);
	ranking_done(&model->scoped);
	memcg_forecasts_done(&model->forecasts);
	for (uint32_t i = 0; i < model->memcg_verdicts_capacity; i++)
		verdict_done(&model->memcg_verdicts[i]);
	free(model->memcg_verdicts);
	model_init(model);
}

void model_clear(struct model *model, const char *because)
{
	struct verdict *verdict = &model->verdict;
	model->ranking.ntasks = model->ranking.norder = 0;
	rates_clear(&model->rates);
	memset(&model->check, 0, sizeof model->check);
	model->outlooks.n = model->outlooks.nnearest = 0;
	model->nmemcg_verdicts = 0;
	verdict->action = ACTION_NONE;
	verdict->none = NONE_NOT_TOLD;
	verdict->nkills = verdict->nvictims = 0;
	verdict->waiting_for = 0;
	verdict->headroom_known = verdict->commit_left_known = verdict->shortfall_known = false;
	verdict->covering = 0;
	verdict->reclaimable = verdict->has_overtaker = false;
	verdict->watch[0] = '\0';
	verdict->when.nearing = false;
	snprintf(verdict->because, sizeof verdict->because, "%s", because);
}

void model_doubt(const struct model *model, struct verdict *verdict)
{
	if (model->check.agreed == model->check.compared)
		return;
	for (uint32_t i = 0; i < verdict->nkills; i++)
		verdict->kills[i].certain = false;
}

/* Of those who could be killed, who grows fastest. */
static bool fastest_candidate(const struct ranking *ranking, const struct rates *rates, uint32_t *ret_task)
{
	double most = 0.0;
	for (uint32_t i = 0; i < ranking->norder; i++) {
		uint32_t task = ranking->order[i];
		if (task < rates->ntasks && rates->tasks[task].known && rates->tasks[task].growth_bytes_per_s > most) {
			most = rates->tasks[task].growth_bytes_per_s;
			*ret_task = task;
		}
	}
	return most > 0.0;
}

/* Take a forecast's result over into the verdict. ranking: of its scope, NULL for
 * the host's. */
static void tell_when(struct verdict *verdict, const struct forecast *forecast, const struct ranking *ranking,
		      const struct rates *rates)
{
	struct verdict_when *when = &verdict->when;
	if (!forecast || forecast->state != FORECAST_NEARING)
		return;
	*when = (struct verdict_when){
		.nearing = true,
		.eta_s = forecast->eta_s,
		.eta_earliest_s = forecast->eta_earliest_s,
		.eta_latest_s = forecast->eta_latest_s,
		.bytes_per_s = forecast->bytes_per_s,
	};
	when->has_grower = ranking ? fastest_candidate(ranking, rates, &when->grower) :
				     rates_fastest(rates, &when->grower);
	if (when->has_grower)
		when->grower_bytes_per_s = rates->tasks[when->grower].growth_bytes_per_s;
}

static void foretell(struct model *model, const struct snapshot *curr, const struct whatif *whatif)
{
	struct headroom headroom;
	uint64_t oom_kills = system_get(&curr->system, SYS_OOM_KILL, 0);
	/* What a kill gave back says nothing of how usage moves by itself. */
	if (oom_kills != model->oom_kills)
		forecast_reset(&model->forecast);
	model->oom_kills = oom_kills;
	if (host_headroom(curr, whatif, &headroom))
		forecast_push(&model->forecast, curr->monotonic_ns, &headroom);
	else
		forecast_reset(&model->forecast);
	tell_when(&model->verdict, &model->forecast, NULL, &model->rates);
}

int model_update(struct model *model, const struct snapshot *curr, const struct whatif *whatif, uint32_t kills)
{
	model->nmemcg_verdicts = 0;
	model->outlooks.n = model->outlooks.nnearest = 0; /* those of the tick before */
	/* Without a clue today's rules hold, and without totalpages nobody is
	 * ranked: both show in the model itself. */
	int r = rules_calibrate(curr, &model->rules);
	if (r < 0 && r != -ENODATA)
		return r;
	r = ranking_make(&model->ranking, curr, &model->rules, whatif, NULL);
	if (r < 0 && r != -ENODATA)
		return r;
	r = verdict_make(&model->verdict, curr, &model->rules, &model->ranking, whatif, kills);
	if (r < 0)
		return r;
	/* Before the rates, which then forget the tick before. */
	if (!rates_have(&model->rates, curr))
		check_make(&model->check, &model->rates, curr, &model->rules, &model->ranking);
	r = rates_update(&model->rates, curr, &model->rules);
	if (r < 0)
		return r;
	verdict_watch(&model->verdict, curr, &model->ranking, &model->rates);
	foretell(model, curr, whatif);
	model_doubt(model, &model->verdict);
	return 0;
}

int model_predict(struct model *model, const struct snapshot *curr, const struct rules *rules,
		  const struct whatif *whatif, const struct scope *scope, uint32_t kills)
{
	model->nmemcg_verdicts = 0;
	int r = rules_calibrate(curr, &model->rules);
	if (r < 0 && r != -ENODATA)
		return r;
	if (rules)
		model->rules = *rules;
	r = ranking_make(&model->ranking, curr, &model->rules, whatif, scope);
	if (r < 0 && r != -ENODATA)
		return r;
	r = verdict_make(&model->verdict, curr, &model->rules, &model->ranking, whatif, kills);
	if (r < 0)
		return r;
	verdict_watch(&model->verdict, curr, &model->ranking, &model->rates);
	if (!rules)
		model_doubt(model, &model->verdict);
	return 0;
}

static int reserve_verdicts(struct model *model, uint32_t n)
{
	if (n <= model->memcg_verdicts_capacity)
		return 0;
	struct verdict *verdicts = realloc(model->memcg_verdicts, n * sizeof *verdicts);
	if (!verdicts)
		return -ENOMEM;
	model->memcg_verdicts = verdicts;
	while (model->memcg_verdicts_capacity < n)
		verdict_init(&verdicts[model->memcg_verdicts_capacity++]);
	return 0;
}

int model_update_memcgs(struct model *model, const struct snapshot *curr, const struct whatif *whatif)
{
	model->nmemcg_verdicts = 0;
	int r = memcg_outlooks_make(&model->outlooks, curr, &model->rules, &model->ranking, whatif);
	uint32_t n = model->outlooks.nnearest < MODEL_MEMCGS ? model->outlooks.nnearest : MODEL_MEMCGS;
	if (r == 0)
		r = reserve_verdicts(model, n);
	if (r == 0)
		r = memcg_forecasts_reserve(&model->forecasts, n);
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = model->outlooks.nearest[i] };
		struct verdict *verdict = &model->memcg_verdicts[i];
		r = ranking_make(&model->scoped, curr, &model->rules, whatif, &scope);
		if (r == 0 || r == -ENODATA)
			r = verdict_make(verdict, curr, &model->rules, &model->scoped, whatif, 1);
		if (r == 0) {
			verdict_watch(verdict, curr, &model->scoped, &model->rates);
			model_doubt(model, verdict);
			tell_when(verdict, memcg_forecast(&model->forecasts, curr, scope.memcg,
							  &model->outlooks.groups[scope.memcg]),
				  &model->scoped, &model->rates);
			model->nmemcg_verdicts = i + 1;
		}
	}
	return r;
}

int model_foretell_memcg(struct model *model, const struct snapshot *curr, uint32_t memcg,
			 const struct ranking *ranking, struct verdict *verdict)
{
	int r = memcg_forecasts_reserve(&model->forecasts, 1);
	if (r == 0 && memcg < model->outlooks.n)
		tell_when(verdict, memcg_forecast(&model->forecasts, curr, memcg, &model->outlooks.groups[memcg]), ranking,
			  &model->rates);
	return r;
}
