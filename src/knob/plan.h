/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a plan collects its gate and its text: the first refusal ends it, what is
 * to be minded adds up.
 */
#ifndef OOMSIGHT_KNOB_PLAN_H
#define OOMSIGHT_KNOB_PLAN_H

#include "oomsight/knob/knob.h"

/* Bits of CapEff, from include/uapi/linux/capability.h. */
#define CAP_BIT_DAC_OVERRIDE 1
#define CAP_BIT_KILL 5
#define CAP_BIT_SYS_RESOURCE 24

static inline bool observer_has(const struct observer *observer, unsigned cap_bit)
{
	return observer->cap_eff >> cap_bit & 1;
}

/* Make it a refusal that says this and nothing else. */
void plan_refuse(struct knob_plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Raise the gate to at least this one and add a sentence. */
void plan_mind(struct knob_plan *plan, enum knob_gate gate, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
