/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The process table. Columns that do not fit are left out, the least useful
 * first (column_table[].keep); once the operator scrolls sideways, columns go
 * off to the left instead and whatever then fits is shown.
 */
#include <stdio.h>

#include "screen.h"

#define SIGN_COLUMNS 2    /* a tag, and what is special about the row */
#define COMMAND_LEAST 16 /* a whole comm: 15 bytes, and a blank */

/* Which of the chosen columns are drawn, and how wide. */
struct layout {
	struct column_list list;
	unsigned width[COL__COUNT];
};

static unsigned total_width(const struct layout *layout)
{
	unsigned sum = SIGN_COLUMNS;
	for (unsigned i = 0; i < layout->list.n; i++)
		sum += layout->width[i] + (i > 0);
	return sum;
}

static void remove_column(struct layout *layout, unsigned at)
{
	for (unsigned i = at + 1; i < layout->list.n; i++) {
		layout->list.columns[i - 1] = layout->list.columns[i];
		layout->width[i - 1] = layout->width[i];
	}
	layout->list.n--;
}

/* The other kernel's rank beside this one's, unless it has a place already. */
static void insert_other(struct column_list *list)
{
	unsigned at = 0;
	for (unsigned i = 0; i < list->n; i++) {
		if (list->columns[i] == COL_OTHER)
			return;
		if (list->columns[i] == COL_RANK)
			at = i + 1;
	}
	for (unsigned i = list->n++; i > at; i--)
		list->columns[i] = list->columns[i - 1];
	list->columns[at] = COL_OTHER;
}

static void make_layout(const struct ui *ui, const struct column_context *ctx, unsigned columns, struct layout *layout)
{
	layout->list = ui->columns;
	if (ctx->other)
		insert_other(&layout->list);
	for (unsigned i = 0; i < layout->list.n; i++) {
		enum column column = (enum column)layout->list.columns[i];
		layout->width[i] = column == COL_COMMAND ? COMMAND_LEAST : column_width(column, ctx);
	}
	if (ui->left_column > 0) {
		/* Ranks and pid stay: they say what a row is. */
		unsigned gone = 0;
		for (unsigned i = 0; i < layout->list.n && gone < ui->left_column;) {
			enum column column = (enum column)layout->list.columns[i];
			if (column == COL_RANK || column == COL_OTHER || column == COL_PID || column == COL_COMMAND) {
				i++;
			} else {
				remove_column(layout, i);
				gone++;
			}
		}
		for (unsigned i = layout->list.n; i-- > 0 && total_width(layout) > columns;) {
			if (layout->list.columns[i] != COL_COMMAND && i > 1)
				remove_column(layout, i);
		}
	}
	while (total_width(layout) > columns && layout->list.n > 1) {
		unsigned least = 0;
		for (unsigned i = 1; i < layout->list.n; i++) {
			if (column_table[layout->list.columns[i]].keep < column_table[layout->list.columns[least]].keep)
				least = i;
		}
		remove_column(layout, least);
	}
	/* What is left over goes to the last column. */
	if (layout->list.n > 0) {
		unsigned used = total_width(layout);
		if (used < columns && column_is_foreign((enum column)layout->list.columns[layout->list.n - 1]))
			layout->width[layout->list.n - 1] += columns - used;
	}
}

static void draw_heads(const struct ui *ui, const struct column_context *ctx, const struct layout *layout,
		       struct pane pane)
{
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_HEADER);
	int column = SIGN_COLUMNS;
	for (unsigned i = 0; i < layout->list.n; i++) {
		enum column id = (enum column)layout->list.columns[i];
		char text[COLUMN_TEXT_SIZE];
		const char *head = column_head(id, ctx, text);
		enum role role = id == ui->view.sort ? ROLE_HEADER_SORT : ROLE_HEADER;
		int width = (int)layout->width[i];
		if (column_is_left_aligned(id))
			pane_str(pane, 0, column, role, head);
		else
			pane_right(pane_part(pane, 0, column, 1, width), 0, width, role, head);
		column += width + 1;
	}
}

/* The row's own sign and role. */
static char row_sign(const struct ui *ui, const struct ui_env *env, uint32_t index, enum role *ret_role)
{
	const struct candidate *candidate = &ui_ranking(ui, env)->candidates[index];
	*ret_role = ROLE_NORMAL;
	if (ui_dies_next(ui_verdict(ui, env), index)) {
		*ret_role = ROLE_VICTIM;
		return '!';
	}
	switch (candidate->eligibility) {
	case ELIGIBLE:
		return ' ';
	case INELIGIBLE_ADJ_MIN:
		*ret_role = ROLE_PROTECTED;
		return '#';
	case INELIGIBLE_UNKNOWN:
		*ret_role = ROLE_INELIGIBLE;
		return '?';
	default:
		*ret_role = ROLE_INELIGIBLE;
		return '-';
	}
}

static void draw_row(const struct ui *ui, const struct ui_env *env, const struct column_context *ctx,
		     const struct layout *layout, struct pane pane, int row, uint32_t view_row)
{
	uint32_t index = ui->view.rows[view_row];
	const struct task *task = &env->snap->tasks[index];
	enum role base;
	char sign = row_sign(ui, env, index, &base);
	bool tagged = ui_is_tagged(ui, task);
	bool cursor = view_row == ui->cursor_row;
	if (tagged && base != ROLE_VICTIM) /* who dies next is said above all */
		base = ROLE_TAGGED;

	pane_fill(pane, row, 0, pane.columns, ' ', base);
	char signs[3] = { cursor ? '>' : tagged ? '*' : ' ', sign, '\0' };
	if (cursor && tagged)
		signs[0] = '*';
	pane_str(pane, row, 0, base, signs);

	int column = SIGN_COLUMNS;
	for (unsigned i = 0; i < layout->list.n; i++) {
		enum column id = (enum column)layout->list.columns[i];
		int width = (int)layout->width[i];
		struct pane cell = pane_part(pane, row, column, 1, width);
		if (column_is_foreign(id)) {
			int at = 0;
			if (id == COL_COMMAND && ui->view.tree && ui->view.depth[view_row] > 0) {
				at = 2 * ui->view.depth[view_row];
				if (at > width / 2)
					at = width / 2;
				pane_str(cell, 0, at > 2 ? at - 2 : 0, ROLE_DIM, "`-");
			}
			pane_text(cell, 0, at, base, column_foreign(id, ctx, index));
		} else {
			char text[COLUMN_TEXT_SIZE];
			enum role role = column_value(id, ctx, index, text);
			if (base != ROLE_NORMAL && role != ROLE_CHANGED)
				role = base;
			if (column_is_left_aligned(id)) {
				pane_str(cell, 0, 0, role, text);
				/* A name or uid that goes on must not look whole. */
				if (frame_text_width(text_of_str(text)) > width)
					pane_fill(cell, 0, width - 1, 1, '+', role);
			} else {

				pane_right(cell, 0, width, role, text);
			}
		}
		column += width + 1;
	}
	if (cursor)
		pane_role(pane, row, 0, pane.columns, ROLE_CURSOR);
}

void table_draw(struct ui *ui, const struct ui_env *env, struct pane pane)
{
	if (pane.rows < 2)
		return;
	uint32_t page = (uint32_t)pane.rows - 1;
	if (ui->page_rows != page) {
		ui->page_rows = page;
		if (ui->cursor_row >= ui->top_row + page)
			ui->top_row = ui->cursor_row - page + 1;
		if (ui->view.nrows <= page)
			ui->top_row = 0;
		else if (ui->top_row > ui->view.nrows - page)
			ui->top_row = ui->view.nrows - page;
	}
	struct column_context ctx = ui_context(ui, env);
	struct layout layout;
	make_layout(ui, &ctx, (unsigned)pane.columns, &layout);
	draw_heads(ui, &ctx, &layout, pane);
	for (uint32_t i = 0; i < page && ui->top_row + i < ui->view.nrows; i++)
		draw_row(ui, env, &ctx, &layout, pane, (int)i + 1, ui->top_row + i);
	if (ui->view.nrows == 0)
		pane_str(pane, 1, SIGN_COLUMNS, ROLE_WARN,
			 ui_scope(ui) && !ui->view.hidden ? "No process is in this scope; Esc goes back." :
			 ui->view.hidden ? "No process matches; = shows all again." : "No process can be seen.");
}
