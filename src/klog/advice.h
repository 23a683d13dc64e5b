/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What would have helped, and the whole in a sentence. Private to this room.
 */
#ifndef OOMSIGHT_KLOG_ADVICE_H
#define OOMSIGHT_KLOG_ADVICE_H

#include "oomsight/klog/explain.h"

/* Fill ex->advice; the rest of *ex is made already. */
void advise(const struct klog_report *report, struct explanation *ex);

/* Fill ex->summary. */
void summarise(const struct klog_report *report, struct explanation *ex);

#endif
