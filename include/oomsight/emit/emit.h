/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshot and model as text, JSON, tab-separated lines and OpenMetrics. Pure:
 * everything is added to a struct out, whose error tells when memory ran out;
 * the same one, cleared, serves the next tick without allocating.
 *
 * The model must have been made from this snapshot. What is not known is null
 * in JSON, "?" in text and absent from OpenMetrics, never 0. Names that
 * processes give themselves are made safe for terminals in every format.
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
	const uint32_t *rows; /* indices of the snapshot's tasks, in the order to print */
	uint32_t nrows;
	enum units units;
};

/* One tick of --batch. labels may be NULL: uids are shown then.
 *
 * Text is a header, a table of fixed width and an empty line. JSON is one line,
 * schema src/emit/oomsight-1.schema.json. OpenMetrics is a whole exposition
 * with its "# EOF", of the host, the verdict and the first ten candidates. */
void emit_tick_text(struct out *out, const struct snapshot *snap, const struct model *model,
		    const struct labels *labels, const struct emit_view *view);
void emit_tick_json(struct out *out, const struct snapshot *snap, const struct model *model,
		    const struct labels *labels, const struct emit_view *view);
void emit_tick_openmetrics(struct out *out, const struct snapshot *snap, const struct model *model);

/* One verdict, as `oomsight predict` prints it. Where the kernel would not kill
 * a process of its choice, JSON's "kills" is empty and tab-separated lines are
 * one word; whom it would choose all the same stands in JSON's
 * "otherwise_kills" and in the text. */
void emit_verdict_text(struct out *out, const struct snapshot *snap, const struct model *model);
void emit_verdict_json(struct out *out, const struct snapshot *snap, const struct model *model);
void emit_verdict_tsv(struct out *out, const struct snapshot *snap, const struct model *model);

#endif
