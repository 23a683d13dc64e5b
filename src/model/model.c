/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/model/model.h"

#include <errno.h>
#include <string.h>

void model_init(struct model *model)
{
	memset(&model->rules, 0, sizeof model->rules);
	memset(&model->check, 0, sizeof model->check);
	ranking_init(&model->ranking);
	verdict_init(&model->verdict);
	rates_init(&model->rates);
}

void model_done(struct model *model)
{
	ranking_done(&model->ranking);
	verdict_done(&model->verdict);
	rates_done(&model->rates);
}

int model_update(struct model *model, const struct snapshot *prev, const struct snapshot *curr,
		 const struct whatif *whatif, uint32_t kills)
{
	/* Without a clue today's rules hold, and without totalpages nobody is
	 * ranked: both show in the model itself. */
	int r = rules_calibrate(curr, &model->rules);
	if (r < 0 && r != -ENODATA)
		return r;
	r = ranking_make(&model->ranking, curr, &model->rules, whatif);
	if (r < 0 && r != -ENODATA)
		return r;
	r = verdict_make(&model->verdict, curr, &model->rules, &model->ranking, whatif, kills);
	if (r < 0)
		return r;
	r = rates_update(&model->rates, prev, curr);
	if (r < 0)
		return r;
	check_make(&model->check, prev, curr, &model->rules, &model->ranking);
	return 0;
}
