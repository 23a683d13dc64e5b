/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which processes are shown, and in which order: sort, filter, tree.
 */
#ifndef OOMSIGHT_TUI_VIEW_H
#define OOMSIGHT_TUI_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/tui/column.h"

#define VIEW_FILTER_SIZE 64
#define VIEW_PIDS 64
#define VIEW_DEPTH_MAX 32 /* deeper descendants are drawn at this depth */

struct view {
	enum column sort;
	bool reverse;
	bool tree;
	bool kthreads; /* show kernel threads */
	char filter[VIEW_FILTER_SIZE]; /* only rows that contain it (name, command line, user, pid, cgroup); "" all */
	bool by_user;
	uint32_t uid;
	int32_t pids[VIEW_PIDS]; /* only these; npids 0: all */
	unsigned npids;
	/* The result. */
	uint32_t *rows; /* indices of tasks */
	uint8_t *depth; /* of each row in tree mode, else 0 */
	uint32_t nrows;
	uint32_t hidden; /* tasks that filter, user or pids leave out */
	uint32_t *scratch;
	uint32_t capacity;
};

/* Kill order, no kernel threads, everything else shown. */
void view_init(struct view *view);
void view_done(struct view *view);

/* Does the text occur in what the row shows (name, command line, user, pid, cgroup)? */
bool view_matches(const struct column_context *ctx, uint32_t task, struct text needle);

/* Make rows anew; grows its arrays only when there are more tasks than ever.
 * Returns 0 or -ENOMEM (rows are empty then). */
int view_update(struct view *view, const struct column_context *ctx);

#endif
