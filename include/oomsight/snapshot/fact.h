/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is known about a fact. A value whose state is not FACT_KNOWN must not
 * be used: it is "not known", never 0.
 */
#ifndef OOMSIGHT_SNAPSHOT_FACT_H
#define OOMSIGHT_SNAPSHOT_FACT_H

enum fact_state {
	FACT_UNKNOWN, /* not asked, or the file made no sense */
	FACT_KNOWN,
	FACT_ABSENT, /* this kernel, or this kind of task, does not have it */
	FACT_DENIED, /* we may not read it */
	FACT_GONE,   /* the task went away while it was read */
};

/* What an amount is counted in. Values are always stored in this unit. */
enum fact_unit {
	FACT_BYTES,
	FACT_PAGES, /* of the snapshot's page size */
	FACT_COUNT, /* events since boot, or a plain number */
	FACT_TICKS, /* clock ticks, snapshot.ticks_per_s of them in a second */
};

#endif
