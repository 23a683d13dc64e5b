/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's word that tasks have begun to wait for memory, when it comes and
 * not when the next tick is due: a trigger of pressure stall information.
 */
#ifndef OOMSIGHT_SAMPLE_PRESSURE_H
#define OOMSIGHT_SAMPLE_PRESSURE_H

#include <stdbool.h>

#include "oomsight/base/root.h"

/* 150 ms of waiting within two seconds. Without a privilege the kernel takes only
 * windows that are a multiple of two seconds (since 6.4; before, CAP_SYS_RESOURCE
 * is needed for any). */
#define PRESSURE_TRIGGER "some 150000 2000000"

struct pressure {
	int fd;        /* to poll for POLLPRI; -1 when there is none */
	char note[96]; /* a sentence part: what it is, or why there is none */
};

/* Ask the kernel for it; only on the running host. Nothing is to be done when it
 * refuses: the ticks come when they are due. */
void pressure_open(struct pressure *pressure, const struct root *root);
void pressure_close(struct pressure *pressure);

/* What poll() said of the descriptor. True: tasks wait for memory. Where the
 * kernel takes the trigger back, it is closed. At most once in a window. */
bool pressure_rises(struct pressure *pressure, short revents);

#endif
