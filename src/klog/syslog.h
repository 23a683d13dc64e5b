/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log by the syslog(2) call, for where dev/kmsg may not be opened or is
 * not there (containers, kernels before 3.5). Private to this room.
 *
 * Without privileges the call gives only all of what the kernel keeps, never what is
 * new: SYSLOG_ACTION_READ_ALL, SYSLOG_ACTION_SIZE_BUFFER, and only where
 * kernel.dmesg_restrict is 0. So the end of the last reading is remembered, and looked
 * for in the next one; what stands behind it is new.
 * Source: kernel/printk/printk.c check_syslog_permissions(), syslog_print_all(), v6.18.
 */
#ifndef OOMSIGHT_KLOG_SYSLOG_H
#define OOMSIGHT_KLOG_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "oomsight/klog/follow.h"
#include "oomsight/klog/parse.h"

#define SYSLOG_MARK 512

struct syslog_log {
	follower_syslog_fn *call;
	char mark[SYSLOG_MARK]; /* the last bytes read, without the line's end */
	size_t mark_len;
	bool begun;
};

/* Feed what was not read before. Returns 1 when lines were overwritten that were never
 * seen, else 0, or -errno: -EPERM, -ENOMEM, -ENOSYS. */
int syslog_log_read(struct syslog_log *log, struct klog_parser *parser);

#endif
