/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Explanations, made small while nobody reads them. Private to this room.
 */
#ifndef OOMSIGHT_KLOG_PACK_H
#define OOMSIGHT_KLOG_PACK_H

#include <stddef.h>

#include "oomsight/base/text.h"

/* Pack text, which holds no NUL, into dst. Returns how many bytes that takes; where it
 * is more than size, dst holds nothing of use (size 0: only ask). */
size_t pack(struct text text, char *dst, size_t size);

/* What was packed, into dst, cut to size. Returns its length. */
size_t unpack(struct text packed, char *dst, size_t size);

#endif
