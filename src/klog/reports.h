/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The reports that are being read: the words of whole lines → finished reports.
 * Private to this room.
 */
#ifndef OOMSIGHT_KLOG_REPORTS_H
#define OOMSIGHT_KLOG_REPORTS_H

#include "line.h"
#include "oomsight/klog/parse.h"
#include "words.h"

#define REPORTS_OPEN 8     /* at once */
#define REPORTS_VICTIMS 64 /* remembered of the reports before */

/* A report that is being read. */
struct slot {
	struct klog_report report;
	bool open;
	bool in_stats;
	char key[LINE_KEY];
	uint32_t quiet; /* foreign lines since the last of its own */
	uint64_t age;   /* of its last line */
};

/* Who was killed before: the kernel chooses nobody twice. */
struct victim {
	int64_t pid;
	char comm[16];
};

struct reports {
	klog_report_fn *deliver;
	void *context;
	int64_t boot_ns;
	bool has_boot;
	bool prepared; /* a small report's memory is there between reports */
	struct slot first;
	struct slot *slots[REPORTS_OPEN]; /* the first, and what is open of others */
	uint64_t age; /* rises with every line that belongs to a report */
	struct victim victims[REPORTS_VICTIMS]; /* a ring */
	uint32_t nvictims, next_victim;
	uint64_t last_ns; /* the kernel's stamp of the last report */
};

/* What the kernel said in one go. */
struct words {
	struct text body;
	const char *key; /* char[LINE_KEY] */
	struct line_time time;
	uint64_t offset; /* in the stream */
	bool whole;      /* the end of the line was there: nothing of it is cut off */
};

void reports_init(struct reports *reports, klog_report_fn *deliver, void *context);
void reports_done(struct reports *reports);

/* Memory for a small report from the start. 0 or -ENOMEM. */
int reports_prepare(struct reports *reports);

void reports_take(struct reports *reports, const struct words *words);

bool reports_are_open(const struct reports *reports);

/* Is that a row of the open report's table that is not whole? */
bool reports_row_wants_more(struct reports *reports, const char *key, struct text body);

/* Deliver what is open. */
void reports_flush(struct reports *reports);

#endif
