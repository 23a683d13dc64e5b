/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tree is made from the sorted list: a task's children follow it in the
 * order of the sort. To stay linear without allocating, tasks are first linked
 * (first child, next sibling) in two arrays, then walked.
 */
#include "oomsight/tui/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "oomsight/base/sort.h"

#define NOBODY UINT32_MAX

void view_init(struct view *view)
{
	memset(view, 0, sizeof *view);
	view->sort = COL_RANK;
}

void view_done(struct view *view)
{
	free(view->rows);
	free(view->depth);
	free(view->scratch);
	view_init(view);
}

bool view_matches(const struct column_context *ctx, uint32_t index, struct text needle)
{
	const struct task *task = &ctx->snap->tasks[index];
	if (text_contains_nocase(snapshot_text(ctx->snap, task->comm), needle))
		return true;
	if (text_contains_nocase(column_foreign(COL_COMMAND, ctx, index), needle))
		return true;
	if (task_knows(task, TASK_CGROUP) && text_contains_nocase(snapshot_text(ctx->snap, task->cgroup), needle))
		return true;
	char buf[COLUMN_TEXT_SIZE];
	column_value(COL_USER, ctx, index, buf);
	if (text_contains_nocase(text_of_str(buf), needle))
		return true;
	snprintf(buf, sizeof buf, "%d", (int)task->pid);
	return text_contains_nocase(text_of_str(buf), needle);
}

/* Does the OOM that is asked about never look at this one? Who cannot be chosen for
 * another reason may be outside, too. */
static bool is_outside(const struct column_context *ctx, uint32_t index)
{
	const struct scope *scope = &ctx->ranking->scope;
	return scope->kind != SCOPE_GLOBAL &&
	       scope_holds(ctx->snap, &ctx->model->rules, scope, &ctx->snap->tasks[index]) == MEMBER_NO;
}

static bool is_shown(const struct view *view, const struct column_context *ctx, uint32_t index)
{
	const struct task *task = &ctx->snap->tasks[index];
	if (view->npids > 0) {
		bool found = false;
		for (unsigned i = 0; i < view->npids; i++)
			found |= view->pids[i] == task->pid;
		if (!found)
			return false;
	}
	if (view->by_user && !(task_knows(task, TASK_STATUS) && task->uid == view->uid))
		return false;
	return view->filter[0] == '\0' || view_matches(ctx, index, text_of_str(view->filter));
}

/* Columns whose order is the kill order itself. */
static bool is_kill_order(enum column column)
{
	return column == COL_RANK || column == COL_POINTS || column == COL_SHARE;
}

struct order {
	const struct view *view;
	const struct column_context *ctx;
};

static bool row_before(uint32_t a, uint32_t b, const void *context)
{
	const struct order *order = context;
	bool backwards = order->view->reverse && !is_kill_order(order->view->sort);
	return backwards ? column_before(order->view->sort, order->ctx, b, a) :
			   column_before(order->view->sort, order->ctx, a, b);
}

static int reserve(struct view *view, uint32_t ntasks)
{
	if (ntasks <= view->capacity && view->rows)
		return 0;
	uint32_t capacity = ntasks + ntasks / 4 + 64;
	uint32_t *rows = malloc(capacity * sizeof *rows);
	/* scratch: for sorting; in tree mode first child and next sibling. Not only when
	 * it is asked for: memory may be gone then. */
	uint32_t *scratch = malloc(2UL * capacity * sizeof *scratch);
	uint8_t *depth = malloc(capacity);
	if (!rows || !scratch || !depth) {
		free(rows);
		free(scratch);
		free(depth);
		return -ENOMEM;
	}
	free(view->rows);
	free(view->scratch);
	free(view->depth);
	view->rows = rows;
	view->scratch = scratch;
	view->depth = depth;
	view->capacity = capacity;
	return 0;
}

static void reverse(uint32_t *rows, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i++) {
		uint32_t row = rows[i];
		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = row;
	}
}

/* From `first` on. */
static void sort_rows(struct view *view, const struct column_context *ctx, uint32_t first)
{
	const struct order order = { view, ctx };
	sort_indices(view->rows + first, view->scratch, view->nrows - first, row_before, &order);
	if (is_kill_order(view->sort) && view->reverse)
		reverse(view->rows + first, view->nrows - first);
}

/* Rearrange the sorted rows so that children follow their parents. */
static void make_tree(struct view *view, const struct column_context *ctx)
{
	const struct snapshot *snap = ctx->snap;
	uint32_t *child = view->scratch;
	uint32_t *sibling = view->scratch + view->capacity;
	for (uint32_t i = 0; i < snap->ntasks; i++)
		child[i] = sibling[i] = NOBODY;

	/* Shown tasks are marked by linking to themselves, so that a child whose
	 * parent is not shown becomes a root. */
	for (uint32_t i = 0; i < view->nrows; i++)
		sibling[view->rows[i]] = view->rows[i];
	uint32_t first_root = NOBODY;
	for (uint32_t i = view->nrows; i-- > 0;) {
		uint32_t index = view->rows[i];
		const struct task *parent = snapshot_find(snap, snap->tasks[index].ppid);
		uint32_t parent_index = parent ? (uint32_t)(parent - snap->tasks) : NOBODY;
		bool has_parent = parent && parent_index != index && sibling[parent_index] != NOBODY;
		uint32_t *list = has_parent ? &child[parent_index] : &first_root;
		sibling[index] = *list == NOBODY ? index : *list;
		*list = index;
	}

	unsigned depth = 0;
	uint32_t n = 0;
	uint32_t at = first_root;
	while (at != NOBODY && n < view->nrows) {
		view->rows[n] = at;
		view->depth[n++] = (uint8_t)(depth < VIEW_DEPTH_MAX ? depth : VIEW_DEPTH_MAX);
		if (child[at] != NOBODY) {
			at = child[at];
			depth++;
			continue;
		}
		/* The last of a list links to itself: up until there is a next one. */
		while (sibling[at] == at && depth > 0) {
			at = (uint32_t)(snapshot_find(snap, snap->tasks[at].ppid) - snap->tasks);
			depth--;
		}
		at = sibling[at] == at ? NOBODY : sibling[at];
	}
	/* Loops in ppid (a snapshot is not atomic): append the rest. */
	if (n < view->nrows) {
		const uint32_t placed = n;
		for (uint32_t i = 0; i < snap->ntasks; i++)
			child[i] = 0;
		for (uint32_t i = 0; i < n; i++)
			child[view->rows[i]] = 1;
		for (uint32_t i = 0; i < snap->ntasks && n < view->nrows; i++) {
			if (sibling[i] != NOBODY && !child[i]) {
				view->rows[n] = i;
				view->depth[n++] = 0;
			}
		}
		sort_rows(view, ctx, placed);
	}
}

static void add_row(struct view *view, const struct column_context *ctx, uint32_t index)
{
	if (is_shown(view, ctx, index))
		view->rows[view->nrows++] = index;
	else
		view->hidden++;
}

/* The ranking has sorted nearly all of them already: its order is how any column
 * parts equals, and what the kill order begins with. */
int view_update(struct view *view, const struct column_context *ctx)
{
	const struct snapshot *snap = ctx->snap;
	const struct ranking *ranking = ctx->ranking;
	int r = reserve(view, snap->ntasks);
	view->nrows = 0;
	if (r < 0)
		return r;
	view->hidden = 0;
	for (uint32_t i = 0; i < ranking->norder; i++)
		add_row(view, ctx, ranking->order[i]);
	const uint32_t ranked = view->nrows;
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		if (ranking->candidates[i].rank == 0 && (view->kthreads || !task_is_kthread(&snap->tasks[i])) &&
		    !is_outside(ctx, i))
			add_row(view, ctx, i);
	}
	/* To be reversed, all of it. */
	sort_rows(view, ctx, is_kill_order(view->sort) && !view->reverse ? ranked : 0);
	memset(view->depth, 0, view->nrows);
	if (view->tree)
		make_tree(view, ctx);
	return 0;
}
