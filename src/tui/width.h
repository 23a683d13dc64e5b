/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OOMSIGHT_SRC_TUI_WIDTH_H
#define OOMSIGHT_SRC_TUI_WIDTH_H

#include <stdint.h>

/* How many cells a terminal gives to a character: 1, 2, 0 for what combines with the one
 * before it or is not seen; -1 for control characters and what is no character. */
int code_width(uint32_t code);

#endif
