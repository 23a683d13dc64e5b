/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log as it grows: dev/kmsg below the root, else by the syslog call; first
 * what is there since boot, then what comes. Never blocks.
 *
 * The last line of a report cannot be told from its form, so a report is
 * delivered when its lines have rested for FOLLOW_REST_NS, or another begins.
 */
#ifndef OOMSIGHT_KLOG_FOLLOW_H
#define OOMSIGHT_KLOG_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/root.h"
#include "oomsight/klog/parse.h"

#define FOLLOW_REST_NS UINT64_C(150000000)

/* The syslog call reads all of the log each time, some milliseconds: not more often. */
#define FOLLOW_SYSLOG_NS UINT64_C(2000000000)

struct follower;

/* klogctl(), or a test's own: the same meaning, -1 and errno included. */
typedef int follower_syslog_fn(int type, char *buffer, int size);

/* Open the log; nothing is read yet. boot_ns: the wall clock at the kernel clock's
 * 0, see klog_parser_set_boot; negative where it is not known. dev/kmsg may be missing,
 * denied, or something else (containers put a console there, whose input is not ours to
 * take; below a fake root a plain file or a fifo serves too): then syslog is called,
 * where it is not NULL. Returns NULL with *diag filled when neither can be read. */
struct follower *follower_new(const struct root *root, int64_t boot_ns, follower_syslog_fn *syslog, klog_report_fn *deliver,
			      void *context, struct diag *diag);
void follower_free(struct follower *follower);

/* For who stays: klog_parser_keep_little(). Before anything is read. */
int follower_keep_little(struct follower *follower);

/* Why the syslog call is used; NULL while dev/kmsg is read. */
const char *follower_why_syslog(const struct follower *follower);

/* To be polled for POLLIN; -1 while there is nothing to wait for (a plain file, a
 * fifo nobody writes to, the syslog call, a log that failed): then a look at every tick
 * is enough. */
int follower_fd(const struct follower *follower);

/* Something is known to stand in the log: the next reading is not put off. */
void follower_expect(struct follower *follower);

/* Read what is there, and deliver what is complete. now_ns: a clock that does not
 * jump. Returns 0, -ENOMEM or what reading failed with; the log is not read on after
 * an error. */
int follower_read(struct follower *follower, uint64_t now_ns);

/* Did the last reading stop at its bound, with more to come? */
bool follower_is_behind(const struct follower *follower);

/* Deliver what is begun as it is: the end of what was there at the start. */
int follower_flush(struct follower *follower);

/* Is a report begun? Then follower_read is to be called again at *ret_due_ns at the
 * latest. */
bool follower_is_open(const struct follower *follower, uint64_t *ret_due_ns);

/* How many times records were overwritten before they could be read. */
uint32_t follower_gaps(const struct follower *follower);

#endif
