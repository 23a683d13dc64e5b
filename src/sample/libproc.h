/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libproc2, for the figures of the running host. It reads its own /proc, so it
 * serves the real root only; and it gives 0 for what a kernel does not have,
 * so what there is must be found out before.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_LIBPROC_H
#define OOMSIGHT_SRC_SAMPLE_LIBPROC_H

#include "oomsight/snapshot/system.h"

struct libproc;

/* present: facts KNOWN in it exist on this kernel. NULL when the library does
 * not work here; everything comes from our own parsers then. */
struct libproc *libproc_new(const struct system_facts *present);
void libproc_free(struct libproc *lib);

/* Will libproc_read bring this fact? */
bool libproc_has(const struct libproc *lib, enum sys_fact fact);

/* Set the facts it has; UNKNOWN when a read fails. Allocates nothing. */
void libproc_read(struct libproc *lib, struct system_facts *facts);

#endif
