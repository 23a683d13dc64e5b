/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A forecast for each memory cgroup with a limit, kept from tick to tick: the
 * groups' places in a snapshot move, their paths do not. Private to model.
 */
#ifndef OOMSIGHT_MODEL_MEMCG_FORECAST_H
#define OOMSIGHT_MODEL_MEMCG_FORECAST_H

#include <stdint.h>

#include "oomsight/model/forecast.h"
#include "oomsight/model/memcg.h"

/* Make room for the forecasts of this many groups. Returns 0 or -ENOMEM. */
int memcg_forecasts_reserve(struct memcg_forecasts *forecasts, uint32_t groups);
void memcg_forecasts_done(struct memcg_forecasts *forecasts);

/* The forecast of one group, with this tick's figures. NULL when nothing is known
 * of how near its limit is, or there is no room. */
const struct forecast *memcg_forecast(struct memcg_forecasts *forecasts, const struct snapshot *snap, uint32_t memcg,
				      const struct memcg_outlook *outlook);

#endif
