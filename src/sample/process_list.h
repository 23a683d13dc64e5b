/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which processes there are: the numbers among the names in proc.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_PROCESS_LIST_H
#define OOMSIGHT_SRC_SAMPLE_PROCESS_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "files.h"
#include "oomsight/base/root.h"
#include "oomsight/snapshot/snapshot.h"

struct process_list {
	int dir_fd;    /* proc once more, for a position of its own */
	int32_t *pids; /* ascending */
	uint32_t n;
	uint32_t capacity;
	bool whole;     /* all there were when the host had made `forks` processes and threads */
	uint64_t forks;
	unsigned age; /* ticks since it was read */
	struct read_buffer *buffer;
};

/* buffer must outlive the list. 0 or -errno. */
int process_list_init(struct process_list *list, const struct root *root, struct read_buffer *buffer);
void process_list_done(struct process_list *list);

/* Read it. 0 or -errno. */
int process_list_read(struct process_list *list);

/* Bring it up to date for this tick, whose host's figures are there. The directory is
 * not read while nobody can have been added: while the count of forks stands still
 * (kernel/fork.c counts in copy_process() with the same lock held under which the new
 * one becomes visible; a count of 0 is none), the directory hides nobody from us who may
 * come to light by another way, and it was read less than SAMPLE_MAX_AGE ticks ago. Who
 * has gone meanwhile may still be listed: process_list_keep drops them. 0 or -errno. */
int process_list_update(struct process_list *list, bool real, const struct snapshot *next);

/* The pids that are still there, when all have been looked at: the first n of pids. */
void process_list_keep(struct process_list *list, uint32_t n);

/* What it holds is not to be relied on: the next update reads it anew. */
void process_list_forget(struct process_list *list);

/* The number that a name is, if it is one: digits, no leading 0. */
bool process_list_pid(const char *name, int32_t *ret_pid);

#endif
