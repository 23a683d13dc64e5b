/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names that are not the kernel's facts of the tick: user names, and command
 * lines of the rows on screen. They arrive later, from outside the tick
 * (sample/lane.h); what has not arrived is pending, never waited for.
 */
#ifndef OOMSIGHT_SNAPSHOT_LABELS_H
#define OOMSIGHT_SNAPSHOT_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/text.h"

enum label_state {
	LABEL_NONE,    /* never asked for */
	LABEL_PENDING, /* asked for, not here yet */
	LABEL_KNOWN,
	LABEL_DENIED, /* asked and refused, or the process has none (kernel threads) */
};

#define LABEL_USER_SIZE 33
#define LABEL_CMDLINE_SIZE 256 /* longer command lines are cut */
#define LABEL_CMDLINES 256     /* kept at once, the least recently asked goes first */

struct label_user {
	uint32_t uid;
	char name[LABEL_USER_SIZE];
};

struct label_cmdline {
	int32_t pid;
	uint64_t start_ticks;
	uint64_t asked; /* stamp of the last look, for replacing the oldest */
	enum label_state state;
	uint16_t len;
	char bytes[LABEL_CMDLINE_SIZE]; /* arguments parted by blanks; raw otherwise */
};

struct labels {
	struct label_user *users; /* by ascending uid */
	size_t nusers;
	size_t users_capacity;
	struct label_cmdline *cmdlines; /* LABEL_CMDLINES slots; NULL: none are kept */
	uint64_t stamp;
};

/* users_capacity and the command line slots are allocated here and never grow
 * later. keep_cmdlines false saves their memory. Returns 0 or -ENOMEM. */
int labels_init(struct labels *labels, size_t users_capacity, bool keep_cmdlines);
void labels_done(struct labels *labels);

/* Remember a user's name; the first word for a uid stays. When the table is
 * full the name is dropped (the uid is shown). */
void labels_add_user(struct labels *labels, uint32_t uid, struct text name);

/* The name, or NULL when not known: show the number. */
const char *labels_user(const struct labels *labels, uint32_t uid);

/* The uid of a name known so far. 0 or -ENOENT. */
int labels_uid(const struct labels *labels, const char *name, uint32_t *ret_uid);

/* The command line as far as known. *ret_text is set only when LABEL_KNOWN. */
enum label_state labels_cmdline(const struct labels *labels, int32_t pid, uint64_t start_ticks, struct text *ret_text);

/* The slot for this process, made from the least recently asked one if it has
 * none (state LABEL_NONE then). Marks it as asked now. NULL when none are kept. */
struct label_cmdline *labels_cmdline_slot(struct labels *labels, int32_t pid, uint64_t start_ticks);

#endif
