/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tick with its conclusions, for the tests of what is emitted. The model is
 * written down by hand: these tests are about how it is printed, not about
 * whether it is right.
 */
#ifndef OOMSIGHT_TESTS_MAKE_SCENE_H
#define OOMSIGHT_TESTS_MAKE_SCENE_H

#include "make_snapshot.h"
#include "oomsight/emit/emit.h"

#define SCENE_TASKS 8
#define SCENE_VICTIMS 8
#define SCENE_KILLS 2

struct scene {
	struct snapshot snap;
	struct model model;
	struct labels labels;
	struct emit_view view;
	struct out out;
	struct candidate candidates[SCENE_TASKS];
	uint32_t order[SCENE_TASKS];
	struct task_rate task_rates[SCENE_TASKS];
	struct kill kills[SCENE_KILLS];
	struct victim victims[SCENE_VICTIMS];
	uint32_t rows[SCENE_TASKS];
};

/* A host of 1000000 pages of RAM and 200000 of swap where java (1804) would be
 * killed, with its helper (1805) that shares the mm, and then postgres (991);
 * sshd (700) is protected, kthreadd (2) and init (1) are never chosen. All
 * facts a healthy host has are known, rates too. */
void scene_make(struct scene *scene);

/* Nothing known beyond the names of the host: no task, no fact, no verdict. */
void scene_make_empty(struct scene *scene);

void scene_done(struct scene *scene);

/* Every fact of the host and of all tasks gets this state. */
void scene_set_states(struct scene *scene, enum fact_state state);

/* Replace a task's comm by raw bytes. */
void scene_set_comm(struct scene *scene, int32_t pid, struct text raw);

/* What was emitted, as a C string; the buffer is empty for the next. Valid
 * until then. */
const char *scene_take(struct scene *scene);

const char *scene_json(struct scene *scene);
const char *scene_text(struct scene *scene);
const char *scene_openmetrics(struct scene *scene);

#endif
