/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One run of the program: the source, the two snapshots, the conclusions, the
 * labels and the view, owned in one place. Monitor and batch are the same loop
 * over it with other exits.
 */
#ifndef OOMSIGHT_APP_SESSION_H
#define OOMSIGHT_APP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/root.h"
#include "oomsight/emit/emit.h"
#include "oomsight/model/model.h"
#include "oomsight/sample/lane.h"
#include "oomsight/sample/pressure.h"
#include "oomsight/sample/sampler.h"
#include "oomsight/snapshot/labels.h"
#include "oomsight/snapshot/snapshot.h"
#include "oomsight/tui/ui.h"
#include "options.h"

struct session {
	const struct options *options;
	struct root root;
	bool root_opened;
	struct sampler *sampler;
	struct snapshot snaps[2]; /* the latest, and what the one before differs from it */
	unsigned current; /* which of the two is the latest */
	uint8_t *need;    /* for each task of the latest: what to read of it next */
	uint32_t need_capacity;
	struct process_id *written; /* whose oom_score_adj was written since the last sample */
	uint32_t nwritten;
	uint32_t written_capacity;
	struct model model;
	struct labels labels;
	struct lane *lane; /* NULL in batch */
	struct ui ui;      /* the view of batch, too */
	uint32_t kills;    /* how many to foretell */
	bool want_memcgs;  /* every fact of the memory cgroups in each tick */
	bool wrote_memcg;  /* and in the next one, since something of them was written */
	bool want_cpu_times; /* CPU time and niceness of every task, likewise */
	bool want_nodes;   /* likewise of the NUMA nodes */
	bool want_policies; /* memory policies: slow, and may hang on a sick process */
	struct pressure pressure; /* brings a tick forward */
	uint64_t last_tick_ns;
};

/* Open root, sampler and pressure; take over the options' view (sort, user,
 * pids …).
 * monitor: with the slow lane.
 * Returns 0 or -errno with *diag filled; call session_close in any case. */
int session_open(struct session *session, const struct options *options, bool monitor, struct diag *diag);
void session_close(struct session *session);

/* Its oom_score_adj was written: the next sample reads it anew, and that of all who
 * share its mm, to whom the kernel gives the same. Without memory for that they come
 * with the sampler's own round. */
void session_wrote_adj(struct session *session, struct process_id process);

/* Sample once, and conclude nothing: the conclusions at hand say what to read.
 * Returns 0 or -errno with *diag filled; then the snapshot before stays the current
 * one, or the new one has tasks that could not be read anew: see sampler_take. */
int session_sample(struct session *session, struct diag *diag);

/* Sample once and conclude. Returns 0 or -errno with *diag filled; what is current then
 * can be shown. */
int session_tick(struct session *session, struct diag *diag);

/* The snapshot of that tick, if it is the latest or the one before; NULL else. Of the
 * one before the tasks are not there but in session_recall(), which returns NULL also when
 * memory is out. */
const struct snapshot *session_snap_of(const struct session *session, uint64_t tick);
const struct snapshot *session_recall(struct session *session, uint64_t tick);

static inline const struct snapshot *session_snap(const struct session *session)
{
	return &session->snaps[session->current];
}

/* What the screens draw from. */
struct ui_env session_env(const struct session *session);

/* A stop was asked for: blocks SIGINT, SIGTERM, SIGHUP, SIGPIPE (and with
 * `terminal` all else that ends a program by default, and SIGTSTP, SIGCONT,
 * SIGWINCH) and returns a descriptor that reads
 * struct signalfd_siginfo of them; -errno on failure. */
int session_signals(bool terminal);

/* Write all of it. Returns 0 or -errno (-EPIPE when nobody reads any more). */
int write_all(int fd, const char *bytes, size_t len);

uint64_t monotonic_ns(void);

/* Ticks brought forward by memory pressure are at least this far apart. */
#define HURRIED_TICKS_NS 200000000ULL

/* When the next tick is due if pressure rises `now`: as soon as may be, never
 * later than it was due before. */
static inline uint64_t hurried_tick_ns(uint64_t now, uint64_t last_tick, uint64_t due)
{
	uint64_t soonest = last_tick + HURRIED_TICKS_NS > now ? last_tick + HURRIED_TICKS_NS : now;
	return soonest < due ? soonest : due;
}

/* The subcommands. They return the exit status, and print on stderr what failed. */
int run_monitor(const struct options *options);
int run_batch(const struct options *options);
int run_predict(const struct options *options);
int run_explain(const struct options *options);

#endif
