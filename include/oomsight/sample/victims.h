/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whom the kernel's OOM killer marks as its victims, by its tracepoint
 * oom:mark_victim: known even where the log's rate is limited or it may not be read.
 * A BPF program of a few instructions notes each in memory that we have mapped, so a
 * look costs no system call. Needs Linux 5.5, tracefs, CAP_BPF and CAP_PERFMON.
 *
 * Marked is also who was dying by itself already, of which the log says nothing.
 */
#ifndef OOMSIGHT_SAMPLE_VICTIMS_H
#define OOMSIGHT_SAMPLE_VICTIMS_H

#include <stdint.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/root.h"

struct victim_mark {
	int32_t pid;   /* of the process, in the first pid namespace */
	char comm[20]; /* 6.9 and later, else "" */
};

struct victim_watch;

/* NULL with *diag filled where it cannot be had. Only of the running host: below a
 * fake root there is none. */
struct victim_watch *victim_watch_new(const struct root *root, struct diag *diag);
void victim_watch_free(struct victim_watch *watch);

/* The marks since the last call, the oldest first; of more than max, or than were
 * kept, the latest. Returns how many. */
uint32_t victim_watch_read(struct victim_watch *watch, struct victim_mark *marks, uint32_t max);

#endif
