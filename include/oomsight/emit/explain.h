/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An OOM report explained, for people and as JSON. Pure; names that processes
 * give themselves are made safe. What the report lacks is null in JSON and "not
 * in this report" in text.
 */
#ifndef OOMSIGHT_EMIT_EXPLAIN_H
#define OOMSIGHT_EMIT_EXPLAIN_H

#include "oomsight/base/out.h"
#include "oomsight/klog/explain.h"

/* One line, schema definitions/report. */
void emit_report_json(struct out *out, const struct klog_report *report, const struct explanation *ex);

/* Some thirty lines and an empty one. number: of the report, from 1. */
void emit_report_text(struct out *out, const struct klog_report *report, const struct explanation *ex, uint32_t number);

#endif
