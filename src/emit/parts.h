/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the formats of this room share: a figure that may not be known, the
 * sizes of a task by name, instants. Private to this room.
 */
#ifndef OOMSIGHT_EMIT_PARTS_H
#define OOMSIGHT_EMIT_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "json_writer.h"
#include "oomsight/base/out.h"
#include "oomsight/model/model.h"
#include "oomsight/snapshot/labels.h"
#include "oomsight/snapshot/snapshot.h"

/* An amount with what is known about it. */
struct figure {
	enum fact_state state;
	uint64_t value; /* only when FACT_KNOWN */
};

enum task_size {
	TASK_SIZE_VIRT,
	TASK_SIZE_RSS,
	TASK_SIZE_SHR,
	TASK_SIZE_RSS_ANON,
	TASK_SIZE_RSS_FILE,
	TASK_SIZE_RSS_SHMEM,
	TASK_SIZE_SWAP,
	TASK_SIZE_PGTABLES,
	TASK_SIZE__COUNT
};

/* Names in JSON: "virt_bytes" and so on. */
extern const char *const task_size_names[TASK_SIZE__COUNT];

/* In bytes. RSS is VmRSS; where that was not read, stat's own count. */
struct figure task_size(const struct snapshot *snap, const struct task *task, enum task_size size);

/* RAM in use as free(1) of procps-ng 4 counts it: total - available. */
struct figure memory_used(const struct system_facts *sys);

/* Buffers, page cache and reclaimable slab: the buff/cache column of free(1). */
struct figure memory_buff_cache(const struct system_facts *sys);

struct figure swap_used(const struct system_facts *sys);

/* Does the ranking hold points for this task? Not for those the kernel would
 * never choose, and for nobody while totalpages is not known. */
bool task_has_points(const struct model *model, uint32_t index);

/* points as a share of totalpages in per cent; only when it has points. */
double points_percent(const struct model *model, int64_t points);

/* The name of a task's user, or the digits of the uid in buf; "" when the uid
 * is not known. labels may be NULL. */
#define USER_DIGITS 12
const char *task_user(const struct labels *labels, const struct task *task, char buf[USER_DIGITS]);

/* The comm, raw. */
struct text task_comm(const struct snapshot *snap, const struct task *task);

const char *source_name(enum task_source source);

/* Instants as RFC 3339 in UTC, "2026-01-31T23:59:59Z": at most this long. */
#define INSTANT_BUFFER 40

/* With milliseconds. */
const char *instant_format_ms(int64_t realtime_ns, char dst[INSTANT_BUFFER]);

/* When the task was started, to the second. The clock time of boot shifts with
 * every correction of the clock: what names a process is start_ticks. NULL when
 * it cannot be told. */
const char *instant_task_start(const struct snapshot *snap, const struct task *task, char dst[INSTANT_BUFFER]);

/* The fields of a VERDICT, between braces the caller has opened. */
void verdict_write_json(struct json *json, const struct snapshot *snap, const struct verdict *verdict);

#endif
