/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading the further facts of the one process whose details are shown.
 */
#ifndef OOMSIGHT_SAMPLE_DETAILS_H
#define OOMSIGHT_SAMPLE_DETAILS_H

#include "oomsight/base/root.h"
#include "oomsight/snapshot/details.h"
#include "oomsight/snapshot/snapshot.h"

/* Read limits and status of the process. What cannot be read has its state say
 * so. */
void details_read(const struct root *root, const struct snapshot *snap, int32_t pid, uint64_t start_ticks,
		  struct details *ret_details);

/* One line of /proc/PID/limits whose name is given. Pure. */
struct details_limit details_parse_limit(struct text limits, struct text name);

#endif
