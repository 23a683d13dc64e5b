/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor looking back: it follows the kernel's log, and where there is none the
 * kernel's counters, and holds each kill against what was foretold.
 */
#ifndef OOMSIGHT_APP_HINDSIGHT_H
#define OOMSIGHT_APP_HINDSIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/out.h"
#include "oomsight/klog/event.h"
#include "oomsight/klog/follow.h"
#include "oomsight/klog/score.h"
#include "oomsight/sample/victims.h"
#include "session.h"

/* Marks, and pids of the log, that are kept until counters and log are even. */
#define HINDSIGHT_MARKS 64

struct hindsight {
	struct session *session;
	struct follower *follower; /* NULL: only counters */
	struct events *events;
	struct out text; /* of an explanation */
	struct score_dead dead;
	bool live;         /* what was there at the start is read */
	uint64_t now_ns;
	uint64_t seen_tick; /* the snapshot before the report that is open; 0: none is */
	/* Kills since counters and log were last even. */
	uint64_t counted, logged;
	struct victim_watch *watch; /* NULL: only with the bpf source */
	bool watch_tried;
	struct score_mark marks[HINDSIGHT_MARKS]; /* since then, too */
	uint32_t nmarks;
	int64_t logged_pids[HINDSIGHT_MARKS];
	uint32_t nlogged_pids;
	bool uneven_before; /* they were not at the last tick either */
};

/* Begin, and read what the log holds since boot. session: opened; it must stay where
 * it is. Returns 0 or -ENOMEM; without a log that may be read, counters serve. */
int hindsight_open(struct hindsight *hindsight, struct session *session);
void hindsight_close(struct hindsight *hindsight);

/* To be polled; -1: nothing to wait for. */
int hindsight_fd(const struct hindsight *hindsight);

/* When hindsight_read is due, though nothing comes; false: never. */
bool hindsight_due(const struct hindsight *hindsight, uint64_t *ret_ns);

/* Read the log. Before a tick and when the descriptor is ready. Returns whether there
 * is something new to show. */
bool hindsight_read(struct hindsight *hindsight, uint64_t now_ns);

/* After a tick that took a new snapshot, `before` being the number of the one before
 * it (0: none). Returns as hindsight_read. */
bool hindsight_tick(struct hindsight *hindsight, uint64_t before, uint64_t now_ns);

#endif
