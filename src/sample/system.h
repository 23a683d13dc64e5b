/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reader of the whole host's facts.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_SYSTEM_H
#define OOMSIGHT_SRC_SAMPLE_SYSTEM_H

#include "files.h"
#include "libproc.h"
#include "oomsight/snapshot/snapshot.h"

#define ZRAM_DEVICES 16 /* more are not looked at */

struct system_reader {
	const struct root *root;
	struct read_buffer *buffer;
	struct libproc *lib; /* NULL below a root that is not the running host's */
	bool own[SYS_FILE_ZRAM]; /* does a fact of this file come from our parser? */
	struct kept_file keyed[SYS_FILE_ZRAM];
	struct kept_file zoneinfo;
	struct kept_file swaps;
	struct kept_file psi[PSI__COUNT];
	struct kept_file sysctl[SYSCTL__COUNT];
	struct kept_file zram[ZRAM_DEVICES];
	unsigned nzram;
	struct kept_file dentries;
	uint32_t cpus; /* as /proc/stat listed them at the start; 0: not known */
};

/* root and buffer must outlive the reader. Finds out what this kernel has. */
void system_reader_init(struct system_reader *reader, const struct root *root, struct read_buffer *buffer);
void system_reader_done(struct system_reader *reader);

/* Fill snap->system. What cannot be read says so in its state. Returns 0 or
 * -ENOMEM. */
int system_reader_take(struct system_reader *reader, bool nodes, struct snapshot *snap);

#endif
