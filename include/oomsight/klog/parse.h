/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A stream of log bytes → OOM reports, of every release from 2.6.32 on and with
 * whatever stands before the kernel's words: time stamps, syslog, journal,
 * /dev/kmsg, JSON, quotes of a mail. Pure; memory is bounded whatever the input.
 *
 * Lines that a mailer broke are joined again; what was cut is left out rather
 * than completed. Lines of other origin between are passed over: by the
 * caller's mark where the log has it, else by their shape.
 */
#ifndef OOMSIGHT_KLOG_PARSE_H
#define OOMSIGHT_KLOG_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/text.h"
#include "oomsight/klog/report.h"

/* A finished report. It is the parser's: valid during the call, in which it may
 * be moved away with klog_report_take(). */
typedef void klog_report_fn(struct klog_report *report, void *context);

struct klog_parser;

/* NULL when memory is short. */
struct klog_parser *klog_parser_new(klog_report_fn *deliver, void *context);
void klog_parser_free(struct klog_parser *parser);

/* For the log of a running kernel, whose reader is to stay small and to go on when memory
 * has run out. All that a small report needs is there from the start, 25 KiB; of a large
 * one rows are left out where there is no more. Lines are cut at 5 KiB, of which the
 * kernel's are shorter, and where the head of a report is lost, what is left of it is
 * looked for 5 KiB back. To be called before anything is fed. Returns 0 or -ENOMEM. */
int klog_parser_keep_little(struct klog_parser *parser);

/* The wall clock at the kernel clock's 0, for logs of the running host: reports
 * that have only the kernel's own stamp then get a time. */
void klog_parser_set_boot(struct klog_parser *parser, int64_t realtime_ns);

/* More of the stream, cut anywhere. A record of /dev/kmsg is fed as read.
 * Returns 0 or -ENOMEM (sticky). */
int klog_parser_feed(struct klog_parser *parser, const char *bytes, size_t len);

/* 0: no report is open, nothing is gained by a flush. Else a number that rises with
 * every line that belongs to one: whoever follows a log flushes when it rests. */
uint64_t klog_parser_progress(const struct klog_parser *parser);

/* Nothing came for a while, or the stream is at its end: deliver what is open.
 * Feeding may go on afterwards. Returns 0 or -ENOMEM. */
int klog_parser_flush(struct klog_parser *parser);

#endif
