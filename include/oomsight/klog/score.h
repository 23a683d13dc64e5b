/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The scorecard: a kill against what the snapshot before it foretold for the
 * same scope. Pure but for memory, which is taken only when there is a kill.
 */
#ifndef OOMSIGHT_KLOG_SCORE_H
#define OOMSIGHT_KLOG_SCORE_H

#include "oomsight/klog/event.h"
#include "oomsight/klog/report.h"
#include "oomsight/model/rules.h"
#include "oomsight/snapshot/snapshot.h"

/* Kills compared with one snapshot: whom it foretold first may be dead already when
 * the next kill comes before the next tick. */
#define SCORE_DEAD_MAX 64

struct score_dead {
	uint64_t tick; /* of the snapshot */
	int64_t pids[SCORE_DEAD_MAX];
	uint32_t n;
};

/* Fill foretold, rank and because of the event.
 *
 * before: the last snapshot begun before the kill, or NULL. ex: of the report. *dead
 * is brought up to date. Returns 0 or -ENOMEM (nothing was compared then, and
 * because says so). */
int score_event(struct event *event, const struct klog_report *report, const struct explanation *ex,
		const struct snapshot *before, const struct rules *rules, struct score_dead *dead);

/* Whom the kernel marked as a victim: oom:mark_victim. */
struct score_mark {
	int64_t pid;   /* in the first pid namespace */
	char comm[20]; /* "" where the kernel does not tell */
};

/* Kills that no line of the log tells of: `count` between two ticks, by the kernel's
 * counter. Names the group whose memory.events counted them. mark: who it was, or NULL;
 * scored where a limit that holds for it was met. Without a mark the process is named
 * that was foretold, if it is gone since, and nothing is scored. Returns 0 or -ENOMEM
 * (the event is filled all the same, with less). */
int score_unlogged(struct event *ret, uint64_t count, const struct score_mark *mark, const struct snapshot *prev,
		   const struct snapshot *curr, const struct rules *rules);

#endif
