/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The recognisers: each looks for one of the kernel's sentences in the words of
 * a line and writes what it states into a report. Pure. Private to this room.
 *
 * Names of processes and cgroups are not escaped in the log and may hold
 * anything, so every sentence is taken apart from the end that is certain. A
 * number counts only when what follows it was there too: a cut one would be
 * another number.
 */
#ifndef OOMSIGHT_KLOG_WORDS_H
#define OOMSIGHT_KLOG_WORDS_H

#include <stdbool.h>

#include "oomsight/base/text.h"
#include "oomsight/klog/report.h"

#define COMM_MAX 15 /* TASK_COMM_LEN without its NUL; old and vendor kernels print no more */

/* Where the needle begins in t, or -1. */
long text_find(struct text t, struct text needle);
/* The same, the last occurrence. */
long text_find_last(struct text t, struct text needle);
/* t from `at` on. */
struct text text_from(struct text t, size_t at);

/* A number at the start of t: digits, perhaps after '-'. Returns the bytes, 0
 * for none. whole: something stands behind it. */
size_t word_u64(struct text t, uint64_t *ret);
size_t word_i64(struct text t, int64_t *ret);

enum sentence {
	SENTENCE_NONE,
	SENTENCE_HEADER,      /* X invoked oom-killer: … */
	SENTENCE_CHOICE,      /* Out of memory: Kill process N (X) score S or sacrifice child */
	SENTENCE_SUMMARY,     /* oom-kill:constraint=… */
	SENTENCE_SUMMARY_TAIL, /* ,task=X,pid=N,uid=U: torn off by other lines */
	SENTENCE_KILL,        /* Killed process N (X) … */
	SENTENCE_SHARER,      /* Kill process N (X) sharing same memory */
	SENTENCE_EXITING,     /* OOM victim N (X) is already exiting */
	SENTENCE_REAPED,
	SENTENCE_GROUP,
	SENTENCE_LIMIT,       /* Task in A killed as a result of limit of B */
	SENTENCE_NOBODY,      /* Out of memory and no killable processes... */
	SENTENCE_PANIC,
};

/* Which of the sentences that begin a report or belong to a kill is it? */
enum sentence sentence_of(struct text body);

/* More words must follow before the line makes sense: a mailer broke it. */
bool sentence_wants_more(struct text body);

void read_header(struct klog_report *report, struct text body);
void read_choice(struct klog_report *report, struct text body);
void read_summary(struct klog_report *report, struct text body);
void read_summary_tail(struct klog_report *report, struct text body);
/* whole: the line's end was there, so its last number is too. */
void read_kill(struct klog_report *report, struct text body, enum sentence sentence, bool whole);
void read_reaped(struct text body, int64_t *ret_pid, struct text *ret_comm, bool *ret_failed);
void read_group(struct klog_report *report, struct text body);
void read_limit(struct klog_report *report, struct text body);
void read_panic(struct klog_report *report, struct text body);

/* "CPU: 1 PID: 393 Comm: mkfs.ext4 Not tainted 5.7.0 #1", "Pid: 1, comm: …";
 * "X cpuset=/ mems_allowed=0". False when it is something else. */
bool read_cpu_line(struct klog_report *report, struct text body);
bool read_cpuset_line(struct klog_report *report, struct text body);

/* Table: its header and rows. */
bool read_table_header(struct klog_report *report, struct text body);
bool is_table_row(struct text body);
bool read_table_row(struct klog_report *report, struct text body);
/* A row that has not all columns yet, or no name. */
bool row_wants_more(const struct klog_report *report, struct text body);

/* Memory blocks. in_stats: the lines after "Memory cgroup stats for", kept by the caller. */
bool read_memory(struct klog_report *report, struct text body, bool *in_stats);

#endif
