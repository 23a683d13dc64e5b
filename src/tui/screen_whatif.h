/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The what-if screen: drawing. Private to it.
 */
#ifndef OOMSIGHT_TUI_SCREEN_WHATIF_H
#define OOMSIGHT_TUI_SCREEN_WHATIF_H

#include "screen.h"

void whatif_draw(struct ui *ui, const struct ui_env *env, struct pane pane);

/* The nearest group with a limit that the process is charged to, its own or one
 * further up, under what is assumed; TASK_MEMCG_UNKNOWN for none. */
uint32_t whatif_limiting(const struct ui *ui, const struct ui_env *env, struct process_id process);

/* "oom_score_adj", "vm.swappiness", "memory.max". */
const char *whatif_knob_name(const struct ui_env *env, const struct change *change);

/* What stands there now, in the terms of change->value. False when it is not known. */
bool whatif_value_now(const struct ui_env *env, const struct change *change, int64_t *ret_value);

#endif
