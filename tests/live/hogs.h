/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Children that hold memory, and one that makes the limit be met.
 */
#ifndef OOMSIGHT_TESTS_LIVE_HOGS_H
#define OOMSIGHT_TESTS_LIVE_HOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "group.h"

#define HOGS_MAX 8

struct hog {
	pid_t pid; /* 0: none */
	bool dead; /* killed by SIGKILL, and reaped */
};

struct hogs {
	struct hog hogs[HOGS_MAX];
	size_t n;
	pid_t writer;
	int to_writer, from_writer;
};

/* A child in the group that has `mib` of anonymous memory, and, when `shared`, a
 * child of its own that shares it, as ret_sharer. 0 when it cannot be had. */
pid_t hogs_add(struct hogs *hogs, const struct group *group, const char *name, size_t mib, int adj);
pid_t hogs_add_shared(struct hogs *hogs, const struct group *group, const char *name, size_t mib, pid_t *ret_sharer);

/* A small child in the group that fills shared memory nobody maps. */
bool hogs_add_writer(struct hogs *hogs, const struct group *group);

/* "NAME-big" of 30 MiB, "NAME-small" of 8 and a writer, in a group of that name below
 * top that may hold 64. */
bool hogs_add_big_and_small(struct hogs *hogs, const struct group *top, const char *name, struct group *ret_group);

/* Are our pids those by which the kernel names processes, in its log and its
 * tracepoints? include/linux/proc_ns.h has the number of the first namespace. */
bool hogs_have_kernel_pids(void);

/* Let it fill so much more, and wait until it has, or seconds have passed. */
bool hogs_write(struct hogs *hogs, size_t mib, int seconds);

/* Look who has died; waits up to `seconds` for `wanted` deaths in all, then a
 * moment longer for those that nobody expects. */
size_t hogs_bury(struct hogs *hogs, size_t wanted, int seconds);

/* Is that process, no child of ours, gone? */
bool hogs_is_gone(pid_t pid);

/* End all of them. */
void hogs_end(struct hogs *hogs);

#endif
