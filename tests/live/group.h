/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory cgroups of the test's own.
 */
#ifndef OOMSIGHT_TESTS_LIVE_GROUP_H
#define OOMSIGHT_TESTS_LIVE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define GROUP_PATH 1024

struct group {
	char dir[GROUP_PATH];  /* in the file system */
	char path[GROUP_PATH]; /* as /proc/PID/cgroup names it */
	bool v2;
};

/* Make a group below the test's own. NULL, or why it cannot be had. */
const char *group_make_first(struct group *group);

/* Wait until no other test of this build has kills of its own, which a test that looks at
 * the whole host would see; until this process ends no other begins. */
void group_take_turn(void);

/* The first with a limit, which whatever happens below it cannot pass. */
const char *group_make_limited(struct group *group, size_t mib);

/* Make one below another. */
bool group_make(const struct group *parent, const char *name, struct group *ret_group);

/* Its limit, and no swap for it. */
bool group_limit(const struct group *group, size_t mib);

/* Write a value to a file of the group; read one (NUL added). */
bool group_write(const struct group *group, const char *file, const char *value);
bool group_read(const struct group *group, const char *file, char *dst, size_t size);

bool group_add(const struct group *group, pid_t pid);

/* Remove it; waits for its last processes to be gone. */
void group_remove(const struct group *group);

#endif
