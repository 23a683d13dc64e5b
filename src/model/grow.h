/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How arrays of this room grow: by half more than asked, so that a steady tick
 * and a few more tasks never allocate.
 */
#ifndef OOMSIGHT_MODEL_GROW_H
#define OOMSIGHT_MODEL_GROW_H

#include <stdint.h>

static inline uint32_t grown_capacity(uint32_t capacity, uint32_t want)
{
	uint64_t target = (uint64_t)want + want / 2;
	if (target < 64)
		target = 64;
	if (target < capacity)
		target = capacity;
	return target > UINT32_MAX ? UINT32_MAX : (uint32_t)target;
}

#endif
