/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of a log → what the kernel said in one go: without what stands before its
 * words, and joined again where a mailer or a terminal broke them. Private to this room.
 */
#ifndef OOMSIGHT_KLOG_JOIN_H
#define OOMSIGHT_KLOG_JOIN_H

#include "line.h"
#include "oomsight/base/out.h"
#include "reports.h"

struct joiner {
	struct reports *reports; /* who takes the words */
	int error;          /* -ENOMEM: sticky */
	bool goes_on;       /* a line there is no memory for is left out instead */
	struct line line;   /* of the logical line */
	struct out logical; /* its words, joined */
	bool has_logical;
	uint64_t offset; /* in the stream */
	char key[LINE_KEY];
	struct out time_text;
	bool blanks_kept; /* breaks of lines leave the blank there */
	size_t line_len;  /* of the line before */
	size_t broken_len; /* of lines that a terminal broke; SIZE_MAX: a mailer did; 0: no break yet */
	bool prefixed;    /* the line before had a stamp */
	bool ended;       /* its last line has a line end: nothing of it is cut off */
	bool quoted_printable; /* a mail as it was sent */
	struct out decoded, unescaped, plain, mail;
};

void joiner_init(struct joiner *joiner, struct reports *reports);
void joiner_done(struct joiner *joiner);

/* Memory for the lines of a kernel's log from the start; what is longer, and finds none,
 * is left out. 0 or -ENOMEM. */
int joiner_prepare(struct joiner *joiner);

/* The next line, which began at that offset. ended: its end was there. */
void joiner_take(struct joiner *joiner, struct text raw, uint64_t offset, bool ended);

/* No more lines for now: hand on what there is. */
void joiner_end(struct joiner *joiner);

/* Lines follow that are not taken: the next one taken belongs to none before. */
void joiner_pass_over(struct joiner *joiner);

/* The next line is another file's. */
void joiner_reset(struct joiner *joiner);

#endif
