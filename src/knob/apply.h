/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hands of knob_apply, one for each kind of knob, and what they share. Each
 * fills *result (zeroed before), its text included, and leaves the audit to
 * knob_apply.
 */
#ifndef OOMSIGHT_KNOB_APPLY_H
#define OOMSIGHT_KNOB_APPLY_H

#include "oomsight/knob/knob.h"

void apply_adj(const struct knob_plan *plan, const struct root *root, struct knob_result *result);
void apply_sysctl(const struct knob_plan *plan, const struct root *root, struct knob_result *result);
void apply_memcg(const struct knob_plan *plan, const struct root *root, struct knob_result *result);
void apply_signal(const struct knob_plan *plan, const struct root *root, struct knob_result *result);

/* error: 0 or -errno. Sets error and text, whatever was there. */
void result_tell(struct knob_result *result, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "target: before -> after, the kernel now says ..." of a write that succeeded. */
void say_change(struct knob_result *result, const struct knob_plan *plan);

/* The whole number a kernel file holds; numbers above INT64_MAX read as that.
 * Returns 0 or -EINVAL. */
int parse_number(const char *bytes, size_t len, int64_t *ret_value);

/* Is the process in this /proc/PID directory the one of the plan? Reads stat.
 * Returns 0; -ESRCH with the words in *result when it is gone or another one;
 * another -errno, with the words, when that cannot be told. */
int check_identity(const struct knob_plan *plan, int pid_dir_fd, struct knob_result *result);

/* The directory of the plan's pid: a descriptor, or -errno with the words in
 * *result. It is of one process for good: once that is gone, files below it
 * give ESRCH though the pid may have a new owner. */
int open_pid_dir(const struct knob_plan *plan, const struct root *root, struct knob_result *result);

#endif
