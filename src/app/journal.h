/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the kernel said, out of the journal, through systemd's library. It is loaded
 * when this is called: the monitor does not carry it.
 */
#ifndef OOMSIGHT_APP_JOURNAL_H
#define OOMSIGHT_APP_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/diag.h"

/* "0" the running boot, "-1" the one before and so on, or an id of 32 hexadecimal digits. */
bool journal_is_boot(const char *boot);

struct journal_wish {
	char *const *paths; /* a directory, or files; npaths 0: this host's own */
	uint32_t npaths;
	const char *boot;   /* journal_is_boot; NULL: all */
	int64_t since_ns;   /* realtime; 0: from the beginning */
};

/* Lines of a log: a date, the kernel's stamp, what it said. Returns 0; what is negative
 * ends the reading. */
typedef int journal_line_fn(const char *bytes, size_t len, void *context);

/* Returns 0; -errno with *diag filled (-ENOTSUP: built without the library, or it is
 * not here; -ENOENT: no such boot; -ENODATA: nothing that may be read); what take
 * returned. */
int journal_read(const struct journal_wish *wish, journal_line_fn *take, void *context, struct diag *diag);

#endif
