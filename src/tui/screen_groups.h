/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Editing on the screen of memory cgroups. Private to it.
 */
#ifndef OOMSIGHT_TUI_SCREEN_GROUPS_H
#define OOMSIGHT_TUI_SCREEN_GROUPS_H

#include "screen.h"

/* A key that begins an edit of the group under the cursor? */
bool groups_edit_begin(struct ui *ui, const struct ui_env *env, struct key typed);

/* Keys while ui->editing. */
struct ui_command groups_edit_key(struct ui *ui, const struct ui_env *env, struct key typed);

/* Plan anew, with the verdict that would follow; ends the edit when the group is gone. */
void groups_edit_update(struct ui *ui, const struct ui_env *env);

/* Rows of the box on a screen of so many, and drawing it. */
int groups_edit_rows(int rows);
void groups_edit_draw(const struct ui *ui, const struct ui_env *env, struct pane pane);

#endif
