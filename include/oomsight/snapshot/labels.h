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
#include "oomsight/snapshot/pages.h"

enum label_state {
	LABEL_NONE,    /* never asked for */
	LABEL_PENDING, /* asked for, not here yet */
	LABEL_KNOWN,
	LABEL_DENIED, /* asked and refused, or the process has none (kernel threads) */
};

#define LABEL_USER_SIZE 33
#define LABEL_CMDLINE_SIZE 256 /* longer command lines are cut */
#define LABEL_CMDLINES 256     /* kept at once at most, the least recently asked goes first */
#define LABEL_CMDLINE_AGE_NS UINT64_C(10000000000) /* then it is asked for again while it is looked at */

struct label_user {
	uint32_t uid;
	char name[LABEL_USER_SIZE];
};

/* A look at a process whose command line is to be shown. */
struct label_look {
	int32_t pid;
	uint64_t start_ticks;
	uint64_t program; /* label_program: an exec changes it */
	uint64_t now_ns;  /* of any clock that goes on; the same one in every look */
};

struct label_cmdline {
	int32_t pid;
	enum label_state state;
	uint64_t start_ticks;
	uint64_t asked; /* stamp of the last look, for replacing the oldest */
	uint64_t program;  /* of the look that asked last, and its time */
	uint64_t asked_ns;
	bool asking; /* an answer is on its way; what was known before still stands here */
	uint16_t len;
	char bytes[LABEL_CMDLINE_SIZE]; /* arguments parted by blanks; raw otherwise */
};

struct labels {
	struct label_user *users; /* by ascending uid */
	size_t nusers;
	size_t users_capacity;
	size_t users_max;
	struct label_cmdline *cmdlines; /* taken from the first on: the rest was never touched and takes no memory */
	size_t ncmdlines;
	size_t cmdlines_capacity;       /* 0: none are kept */
	struct pages pages; /* of the process last asked for */
	uint64_t stamp;
};

/* users_max: so many names are remembered. Takes no memory yet. */
void labels_init(struct labels *labels, size_t users_max);
void labels_done(struct labels *labels);

/* Room for so many command lines, LABEL_CMDLINES at most: a screenful must have it.
 * It never gets less. Returns 0 or -ENOMEM; what there was stays then. */
int labels_keep_cmdlines(struct labels *labels, size_t n);

/* Remember a user's name; the first word for a uid stays. With users_max of them,
 * or no memory, the name is dropped (the uid is shown). */
void labels_add_user(struct labels *labels, uint32_t uid, struct text name);

/* The name, or NULL when not known: show the number. */
const char *labels_user(const struct labels *labels, uint32_t uid);

/* The uid of a name known so far. 0 or -ENOENT. */
int labels_uid(const struct labels *labels, const char *name, uint32_t *ret_uid);

/* The command line as far as known. *ret_text is set only when LABEL_KNOWN. */
enum label_state labels_cmdline(const struct labels *labels, int32_t pid, uint64_t start_ticks, struct text *ret_text);

/* A number that tells the programs apart that a process has been: from its comm
 * and its stack's print (task.stack_print; 0 when not known). */
uint64_t label_program(struct text comm, uint32_t stack_print);

/* Must the command line in this slot be asked for: never yet, or not since the
 * last exec, or too long ago? Not while an answer is on its way. */
bool label_cmdline_is_due(const struct label_cmdline *slot, const struct label_look *look);

/* It has been asked for now. */
void label_cmdline_ask(struct label_cmdline *slot, const struct label_look *look);

/* The slot for this process, made from the least recently asked one if it has
 * none (state LABEL_NONE then). Marks it as asked now. NULL when none are kept. */
struct label_cmdline *labels_cmdline_slot(struct labels *labels, int32_t pid, uint64_t start_ticks);

/* The same if it has one; else NULL, and nothing is marked. */
struct label_cmdline *labels_cmdline_find(const struct labels *labels, int32_t pid, uint64_t start_ticks);

#endif
