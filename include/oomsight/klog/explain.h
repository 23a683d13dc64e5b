/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a report means: the points of its table by the rules of its release, the
 * victim these give and whether the kernel's was the same, and what would have
 * changed the outcome. Pure. Where the report does not hold what a conclusion
 * needs, that is said; nothing is assumed.
 */
#ifndef OOMSIGHT_KLOG_EXPLAIN_H
#define OOMSIGHT_KLOG_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/klog/report.h"
#include "oomsight/model/badness.h"

#define EXPLAIN_TOP 5
#define EXPLAIN_ADVICE 8

enum explain_agrees { AGREES_UNKNOWN, AGREES_YES, AGREES_NO };

/* One row of the table as the kernel would have counted it. */
struct explain_candidate {
	uint32_t task;  /* index of the row */
	bool has_parts;  /* not where the table lacks a column that counts */
	bool has_points; /* not where the table or totalpages lack a part */
	int64_t points; /* pages; thousandths up to 3.4 */
	struct badness_parts parts;
};

struct explanation {
	struct klog_u64 page_bytes;
	const char *page_from; /* where the page size was found, for people */

	bool has_era;
	enum era era;      /* the rules used */
	bool own_rules;    /* the kernel's own are not known: its points are others */
	bool era_by_release; /* else every rule set the table's form allows was tried */
	struct klog_u64 totalpages;     /* at least this */
	bool totalpages_exact;
	const char *totalpages_because; /* what is missing, or how it was made up */

	struct klog_task_id chosen; /* from the summary, the choice or the kill line */
	bool table_complete;
	struct explain_candidate top[EXPLAIN_TOP]; /* worst first */
	uint32_t ntop;
	bool has_victim; /* the chosen one has a row */
	struct explain_candidate victim;

	struct klog_i64 recomputed_pid;
	struct klog_text recomputed_comm; /* of the report */
	enum explain_agrees agrees;
	char because[512];

	char advice[EXPLAIN_ADVICE][512]; /* sentences, each with its figure */
	uint32_t nadvice;
	char summary[768]; /* one sentence on what happened */
};

/* Conclude. All text in *ret is printable ASCII: other bytes of names are '?'. */
void explain_report(const struct klog_report *report, struct explanation *ret);

/* Helpers of explaining, for the emitters too. "java (1804)", "process 1804" or
 * "somebody"; cut to fit, printable ASCII. Returns dst. */
const char *explain_name(const struct klog_report *report, const struct klog_task_id *id, char *dst, size_t size);

/* Pages of anonymous memory proper: the kernel's lists of anonymous memory hold shmem
 * too, but for what of it is locked. *ret_locked: what may be locked shmem, by which it
 * can be more. */
struct klog_u64 explain_anon(const struct klog_report *report, uint64_t *ret_locked);

/* Is that much enough to say "at least"? */
static inline bool explain_anon_is_least(struct klog_u64 anon, uint64_t locked)
{
	return locked > anon.value / 64;
}


/* "CONSTRAINT_MEMCG" and so on: as stated, or as the other lines prove it; NULL
 * where neither is in the report. */
const char *explain_constraint(const struct klog_report *report, char *dst, size_t size);

#endif
