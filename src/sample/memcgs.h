/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reader of the memory cgroups.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_MEMCGS_H
#define OOMSIGHT_SRC_SAMPLE_MEMCGS_H

#include "files.h"
#include "oomsight/snapshot/snapshot.h"

/* A directory the walk has met. */
struct memcg_place {
	uint32_t name; /* offset of its path in reader->names */
	uint32_t len;
	uint32_t memcg; /* index; of a directory without the controller: its parent's */
	bool plain;     /* it has not the controller, nor has anything below it */
};

/* A directory the walk has still to visit. */
struct memcg_pending {
	uint64_t inode;
	uint32_t parent; /* index of its group */
	uint32_t name;   /* offset in reader->pool */
};

struct memcg_reader {
	const struct root *root;
	struct read_buffer *buffer;
	enum memcg_version version;
	char base[512]; /* the mount point below the root, no slash in front */
	char top[512];  /* the group mounted there, "" for "/" */
	uint64_t walked; /* the tick of the last walk; 0: never */
	bool stale;      /* a task stands in a group that is not known */
	struct memcg_place *places; /* by path */
	uint32_t nplaces;
	uint32_t places_capacity;
	char *names;
	uint32_t names_len;
	uint32_t names_capacity;
	struct memcg_pending *pending;
	uint32_t npending;
	uint32_t pending_capacity;
	char *pool; /* names of pending directories, each with its NUL */
	uint32_t pool_len;
	uint32_t pool_capacity;
	char *path; /* of the file at hand */
};

/* Find where the controller is mounted. root and buffer must outlive the
 * reader. 0 or -ENOMEM; without a controller nothing will be read. */
int memcg_reader_init(struct memcg_reader *reader, const struct root *root, struct read_buffer *buffer);
void memcg_reader_done(struct memcg_reader *reader);

/* Fill the memcgs of next. prev as for sampler_take; all: every fact. 0 or -ENOMEM. */
int memcg_reader_take(struct memcg_reader *reader, const struct snapshot *prev, bool all, struct snapshot *next);

/* The group a task is charged to, by its path in /proc/PID/cgroup: the nearest
 * directory upward that has the controller. TASK_MEMCG_UNKNOWN outside of what is
 * mounted; remembers when the path was new. */
uint32_t memcg_reader_find(struct memcg_reader *reader, struct text path);

#endif
