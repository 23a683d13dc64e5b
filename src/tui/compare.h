/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The ranking by another kernel's rules beside the running one's. Private to tui.
 */
#ifndef OOMSIGHT_TUI_COMPARE_H
#define OOMSIGHT_TUI_COMPARE_H

#include "lines.h"
#include "screen.h"

/* Rank the snapshot at hand by the other rules, if any were chosen, for the scope
 * shown and as things are. Returns 0 or -ENOMEM. */
int compare_update(struct ui *ui, const struct ui_env *env);

/* The line that says whom the other kernel would kill, and that it is not this one:
 * its rows, 0 where nothing is compared. */
int compare_rows(const struct ui *ui);
void compare_draw(const struct ui *ui, const struct ui_env *env, struct pane pane);

/* The points of one task by both rules, term by term: side by side, or one below the
 * other on a narrow screen. Only while ui->comparing. */
void compare_lines(struct lines *lines, const struct ui *ui, const struct ui_env *env, uint32_t task);

#endif
