/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Staying alive, and staying quick, while memory runs out around us.
 */
#ifndef OOMSIGHT_APP_PROTECT_H
#define OOMSIGHT_APP_PROTECT_H

#include <stdbool.h>

#include "oomsight/base/root.h"

/* Not -1000: the kernel would rather kill everybody else, and panic when nobody is
 * left, than touch us, whatever we had come to hold. At -999 we are the last. */
#define PROTECT_OOM_SCORE_ADJ (-999)
#define PROTECT_NICE (-10)

struct protect_wish {
	bool lock_memory; /* what was touched once is never paged out */
	bool oom_score;   /* oom_score_adj of our own; only on the running host */
	bool priority;    /* CPU and disk before others */
};

/* Give back what starting has used so far, which protect() would: that the rest of it does
 * not come on top. */
void protect_give_back(void);

/* Do what is wished and permitted, for the calling thread and all of its memory,
 * after start-up: threads there are already keep their priority. note: what came
 * of it, as a sentence part. Nothing here is worth ending for. */
#define PROTECT_NOTE_SIZE 256
void protect(const struct protect_wish *wish, const struct root *root, char note[PROTECT_NOTE_SIZE]);

#endif
