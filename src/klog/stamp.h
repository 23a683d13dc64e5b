/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Dates as logs write them. Private to this room.
 */
#ifndef OOMSIGHT_KLOG_STAMP_H
#define OOMSIGHT_KLOG_STAMP_H

#include "line.h"

/* Each looks at the start of t, fills *time and returns the bytes of the stamp, or
 * 0 when there is none (*time is untouched then). */
size_t stamp_rfc3339(struct text t, struct line_time *time); /* 2024-03-13T11:16:48.5+01:00, blank for T too */
size_t stamp_syslog(struct text t, struct line_time *time);  /* Mar 13 11:16:48, year before or after the day too */
size_t stamp_ctime(struct text t, struct line_time *time);   /* Wed Mar 13 11:16:48 2024, month in any language */
size_t stamp_logcat(struct text t, struct line_time *time);  /* 03-13 11:16:48.123 */
size_t stamp_seconds(struct text t, struct line_time *time); /* 123.456789: the kernel's own */

/* The beginning of a year, in days since 1970. */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);

#endif
