/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/model/history.h"

#include <string.h>

/* The step of this time; those between it and the last are emptied. */
static struct history_step *step_at(struct history *history, uint64_t monotonic_ns)
{
	uint64_t step = monotonic_ns / HISTORY_STEP_NS + 1;
	if (history->last == 0 || step >= history->last + HISTORY_STEPS) {
		memset(history->steps, 0, sizeof history->steps);
		history->last = step;
	}
	while (history->last < step) {
		history->last++;
		history->steps[history->last % HISTORY_STEPS] = (struct history_step){ 0 };
	}
	return &history->steps[history->last % HISTORY_STEPS];
}

void history_push(struct history *history, uint64_t monotonic_ns, uint64_t available, uint64_t total)
{
	struct history_step *step = step_at(history, monotonic_ns);
	if (total == 0)
		return;
	uint16_t permille = available >= total ? 1000 : (uint16_t)((double)available * 1000 / (double)total);
	if (!step->known || permille < step->permille)
		step->permille = permille;
	step->known = true;
}

void history_mark(struct history *history, uint64_t monotonic_ns)
{
	struct history_step *step = step_at(history, monotonic_ns);
	if (step->kills < UINT8_MAX)
		step->kills++;
}

struct history_step history_at(const struct history *history, uint32_t back)
{
	if (back >= HISTORY_STEPS || back >= history->last)
		return (struct history_step){ 0 };
	return history->steps[(history->last - back) % HISTORY_STEPS];
}
