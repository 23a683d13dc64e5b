/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshot and model as text, JSON, tab-separated lines and OpenMetrics. Pure:
 * everything goes into a struct out.
 */
#ifndef OOMSIGHT_EMIT_EMIT_H
#define OOMSIGHT_EMIT_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/out.h"
#include "oomsight/base/units.h"
#include "oomsight/model/model.h"
#include "oomsight/snapshot/labels.h"
#include "oomsight/snapshot/snapshot.h"

enum emit_format { EMIT_TEXT, EMIT_JSON, EMIT_OPENMETRICS, EMIT_TSV };

/* What to show of the tasks, and how. */
struct emit_view {
	const uint32_t *rows; /* indices of tasks, in the order to print */
	uint32_t nrows;
	enum units units;
};

/* One tick of --batch. */
void emit_tick_text(struct out *out, const struct snapshot *snap, const struct model *model,
		    const struct labels *labels, const struct emit_view *view);
void emit_tick_json(struct out *out, const struct snapshot *snap, const struct model *model,
		    const struct labels *labels, const struct emit_view *view); /* one line */
void emit_tick_openmetrics(struct out *out, const struct snapshot *snap, const struct model *model);

/* One verdict, as `oomsight predict` prints it. */
void emit_verdict_text(struct out *out, const struct snapshot *snap, const struct model *model);
void emit_verdict_json(struct out *out, const struct snapshot *snap, const struct model *model);
void emit_verdict_tsv(struct out *out, const struct snapshot *snap, const struct model *model);

#endif
