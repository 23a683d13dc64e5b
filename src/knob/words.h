/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Words that plans, results and audit lines are made of.
 */
#ifndef OOMSIGHT_KNOB_WORDS_H
#define OOMSIGHT_KNOB_WORDS_H

#include <stddef.h>

#include "oomsight/base/text.h"
#include "oomsight/knob/knob.h"

/* A process's name made safe for a terminal or a log, as a C string: control
 * characters, backslash and what is not UTF-8 as \xNN. Cut between characters
 * to fit; size > 0. Returns dst. */
char *words_comm(struct text raw, char *dst, size_t size);

/* Add a sentence, after a blank if it is not the first; cut to fit. */
void words_add(char *dst, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define WORDS_TARGET 224

/* What the plan is about: "oom_score_adj of java (1804)", "vm.swappiness",
 * "SIGTERM to java (1804)". Returns dst. */
char *words_target(const struct knob_plan *plan, char dst[WORDS_TARGET]);

#define WORDS_VALUE 32

/* The memory cgroup's file; of one that this version does not have, v2's name. */
const char *words_file(const struct knob_plan *plan);

/* The plan's value as people read it: a number, a size, "max". Returns dst. */
char *words_value(const struct knob_plan *plan, int64_t value, char dst[WORDS_VALUE]);

#define WORDS_SIGNAL 16

/* "SIGTERM", or "signal 40". Returns dst. */
char *words_signal(int signal, char dst[WORDS_SIGNAL]);

#endif
