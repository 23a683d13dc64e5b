/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * More facts of the one process whose details are on screen: read for it
 * alone, none of them takes its mmap_lock.
 */
#ifndef OOMSIGHT_SNAPSHOT_DETAILS_H
#define OOMSIGHT_SNAPSHOT_DETAILS_H

#include <stdint.h>

#include "oomsight/snapshot/fact.h"

#define DETAILS_UNLIMITED UINT64_MAX

struct details_limit {
	enum fact_state state;
	uint64_t soft; /* bytes, or a count; DETAILS_UNLIMITED */
	uint64_t hard;
};

struct details {
	int32_t pid;
	uint64_t start_ticks;
	/* /proc/PID/limits */
	struct details_limit address_space;
	struct details_limit data;
	struct details_limit stack;
	struct details_limit locked; /* mlock */
	struct details_limit processes;
	/* status */
	enum fact_state status_state;
	uint64_t peak_rss_bytes; /* VmHWM */
	uint64_t locked_bytes;   /* VmLck */
	uint64_t hugetlb_bytes;  /* HugetlbPages: outside badness */
};

#endif
