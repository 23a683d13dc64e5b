/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The slow lane: reads that may hang on a sick process (its command line takes
 * its mmap_lock) or on a dead directory server (user names) run in a thread of
 * their own. Nobody ever waits for it: one asks, goes on, and collects what
 * has come.
 */
#ifndef OOMSIGHT_SAMPLE_LANE_H
#define OOMSIGHT_SAMPLE_LANE_H

#include "oomsight/base/diag.h"
#include "oomsight/base/root.h"
#include "oomsight/snapshot/labels.h"

struct lane;

/* Read the names of etc/passwd below the root into labels: at start, before
 * the first tick. Returns 0 or -errno (the numbers are shown then). */
int lane_read_passwd(const struct root *root, struct labels *labels);

/* Start the thread. NULL with *diag filled when it cannot be made. */
struct lane *lane_new(const struct root *root, struct diag *diag);

/* Ask for a command line if it is due: labels remember what was asked, and keep
 * what they have until the answer comes. A full queue drops the wish (it is
 * asked again at the next look). */
void lane_want_cmdline(struct lane *lane, struct labels *labels, const struct label_look *look);

/* Ask for a user's name that the passwd file did not have (NSS). */
void lane_want_user(struct lane *lane, struct labels *labels, uint32_t uid);

/* Ask on which NUMA nodes the pages of this process are. labels->pages is of it from
 * now on: pending, unless it is on its way already; a full queue, and a process in
 * whose files a thread hangs, are told at once (-EBUSY, -ETIMEDOUT). page_bytes: of a
 * page of this machine. */
void lane_want_pages(struct lane *lane, struct labels *labels, int32_t pid, uint64_t start_ticks, uint32_t page_bytes);

/* Move what has arrived into labels, without waiting. Returns how many. */
unsigned lane_collect(struct lane *lane, struct labels *labels);

/* Look after the thread, once in a tick. A read that takes longer than
 * LANE_PATIENCE_NS is left behind with its thread: that command line is taken
 * for refused (pages for -ETIMEDOUT), another thread goes on with the other wishes, and the process is
 * asked for no more until the read has come back. At most LANE_LEFT_MAX are left
 * behind at once; then all wait. now_ns: CLOCK_MONOTONIC. Returns true when the
 * labels have changed. */
bool lane_tend(struct lane *lane, struct labels *labels, uint64_t now_ns);

#define LANE_PATIENCE_NS UINT64_C(2000000000)
#define LANE_LEFT_MAX 4

/* A descriptor that polls readable when something has arrived; another one
 * after lane_tend has started another thread. */
int lane_fd(const struct lane *lane);

/* Stop; a thread that hangs in a read is left behind, not waited for. */
void lane_free(struct lane *lane);

#endif
