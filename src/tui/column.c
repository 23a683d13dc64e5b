/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/tui/column.h"

#include <errno.h>
#include <stdio.h>

const struct column_info column_table[COL__COUNT] = {
#define X(id, in_name, in_head, in_width, in_keep, in_help) \
	[COL_##id] = { in_name, in_head, in_width, in_keep, in_help },
	COLUMNS(X)
#undef X
};

static bool is_nocase(struct text name, const char *known)
{
	return name.len == strlen(known) && text_contains_nocase(name, text_of_str(known));
}

enum column column_find(struct text name)
{
	for (unsigned i = 0; i < COL__COUNT; i++) {
		if (is_nocase(name, column_table[i].name) || is_nocase(name, column_table[i].head))
			return (enum column)i;
	}
	return COL__COUNT;
}

int column_list_parse(struct text names, struct column_list *ret_list, struct text *ret_bad)
{
	struct column_list list = { .n = 0 };
	struct text word;
	while (text_next_word(&names, &word)) {
		struct text piece;
		while (text_next_until(&word, ',', &piece)) {
			if (piece.len == 0)
				continue;
			enum column column = column_find(piece);
			bool again = false;
			for (unsigned i = 0; i < list.n; i++)
				again |= list.columns[i] == column;
			if (column == COL__COUNT || again) {
				if (ret_bad)
					*ret_bad = piece;
				return -EINVAL;
			}
			list.columns[list.n++] = (uint8_t)column;
		}
	}
	if (list.n == 0) {
		if (ret_bad)
			*ret_bad = TEXT("");
		return -EINVAL;
	}
	*ret_list = list;
	return 0;
}

bool column_is_foreign(enum column column)
{
	return column == COL_COMMAND || column == COL_CGROUP;
}

bool column_is_left_aligned(enum column column)
{
	return column == COL_USER || column == COL_STATE || column_is_foreign(column);
}

bool column_sorts_up(enum column column)
{
	return column == COL_RANK || column == COL_OTHER || column == COL_PID || column == COL_PPID || column == COL_USER ||
	       column_is_foreign(column);
}

static unsigned digits(uint64_t value)
{
	unsigned n = 1;
	while (value >= 10) {
		value /= 10;
		n++;
	}
	return n;
}

static bool is_size(enum column column)
{
	switch (column) {
	case COL_POINTS:
	case COL_VIRT:
	case COL_RES:
	case COL_SHR:
	case COL_ANON:
	case COL_FILE:
	case COL_SHMEM:
	case COL_SWAP:
	case COL_PGTABLES:
	case COL_GROWTH:
		return true;
	default:
		return false;
	}
}

const char *column_head(enum column column, const struct column_context *ctx, char dst[COLUMN_TEXT_SIZE])
{
	if (column != COL_OTHER || !ctx->other)
		return column_table[column].head;
	/* Without its packaging. */
	snprintf(dst, COLUMN_TEXT_SIZE, "#%.*s", (int)strcspn(ctx->other_release, "-+"), ctx->other_release);
	return dst;
}

unsigned column_width(enum column column, const struct column_context *ctx)
{
	unsigned width = column_table[column].width;
	const struct snapshot *snap = ctx->snap;
	unsigned need = 0;
	if (column == COL_PID && snap->ntasks > 0)
		need = digits((uint64_t)snap->tasks[snap->ntasks - 1].pid);
	/* A parent may be hidden from us, and so above all pids we see. */
	for (uint32_t i = 0; column == COL_PPID && i < snap->ntasks; i++) {
		unsigned n = snap->tasks[i].ppid > 0 ? digits((uint64_t)snap->tasks[i].ppid) : 1;
		need = n > need ? n : need;
	}
	if (column == COL_RANK)
		need = digits(ctx->ranking->norder);
	if (column == COL_OTHER && ctx->other) {
		char head[COLUMN_TEXT_SIZE];
		unsigned ranks = digits(ctx->other->norder);
		need = (unsigned)strlen(column_head(column, ctx, head));
		need = ranks > need ? ranks : need;
	}
	if (need > width)
		return need;
	if (is_size(column) && ctx->units != UNITS_HUMAN && width < 9)
		return 9;
	return width;
}

static enum role unknown(enum fact_state state, char dst[COLUMN_TEXT_SIZE])
{
	snprintf(dst, COLUMN_TEXT_SIZE, "%s", state == FACT_ABSENT ? "-" : state == FACT_DENIED ? "x" : "?");
	return ROLE_VALUE_DENIED;
}

/* A size in the chosen units; human where that would not fit. */
static enum role size_text(const struct column_context *ctx, enum column column, uint64_t bytes,
			   char dst[COLUMN_TEXT_SIZE])
{
	char buf[UNITS_BUFFER];
	units_bytes(bytes, ctx->units, ctx->snap->page_bytes, buf);
	if (strlen(buf) > column_width(column, ctx))
		units_human(bytes, buf);
	snprintf(dst, COLUMN_TEXT_SIZE, "%s", buf);
	return bytes == 0 ? ROLE_DIM : ROLE_NORMAL;
}

static enum role signed_size_text(const struct column_context *ctx, enum column column, int64_t bytes,
				  char dst[COLUMN_TEXT_SIZE])
{
	if (bytes >= 0)
		return size_text(ctx, column, (uint64_t)bytes, dst);
	char buf[UNITS_BUFFER];
	units_bytes(0 - (uint64_t)bytes, ctx->units, ctx->snap->page_bytes, buf);
	if (strlen(buf) + 1 > column_width(column, ctx))
		units_human(0 - (uint64_t)bytes, buf);
	snprintf(dst, COLUMN_TEXT_SIZE, "-%s", buf);
	return ROLE_NORMAL;
}

static int64_t points_bytes(const struct column_context *ctx, const struct candidate *candidate)
{
	int64_t bytes;
	if (__builtin_mul_overflow(candidate->points, (int64_t)ctx->snap->page_bytes, &bytes))
		return candidate->points < 0 ? INT64_MIN + 1 : INT64_MAX;
	return bytes;
}

static void percent_text(double percent, char dst[COLUMN_TEXT_SIZE])
{
	snprintf(dst, COLUMN_TEXT_SIZE, percent < 99.95 && percent > -9.95 ? "%.1f" : "%.0f", percent);
}

static void age_text(double seconds, char dst[COLUMN_TEXT_SIZE])
{
	uint64_t s = seconds > 0 ? (uint64_t)seconds : 0;
	if (s < 3600)
		snprintf(dst, COLUMN_TEXT_SIZE, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
	else if (s < 86400)
		snprintf(dst, COLUMN_TEXT_SIZE, "%uh%02u", (unsigned)(s / 3600), (unsigned)(s / 60 % 60));
	else if (s < 100 * 86400)
		snprintf(dst, COLUMN_TEXT_SIZE, "%ud%02uh", (unsigned)(s / 86400), (unsigned)(s / 3600 % 24));
	else
		snprintf(dst, COLUMN_TEXT_SIZE, "%llud", (unsigned long long)(s / 86400));
}

/* Rates of broken counters may lie beyond all integers. */
static int64_t whole(double value)
{
	return value >= 9e18 ? INT64_MAX : value <= -9e18 ? -INT64_MAX : (int64_t)value;
}

static double task_age_s(const struct column_context *ctx, const struct task *task)
{
	return (double)ctx->snap->boottime_ns / 1e9 - (double)task->start_ticks / (double)ctx->snap->ticks_per_s;
}

struct text column_foreign(enum column column, const struct column_context *ctx, uint32_t index)
{
	const struct task *task = &ctx->snap->tasks[index];
	if (column == COL_CGROUP)
		return task_knows(task, TASK_CGROUP) ? snapshot_text(ctx->snap, task->cgroup) : TEXT("?");
	if (ctx->cmdlines) {
		struct text cmdline;
		switch (labels_cmdline(ctx->labels, task->pid, task->start_ticks, &cmdline)) {
		case LABEL_KNOWN:
			return cmdline;
		case LABEL_PENDING:
			return TEXT("...");
		case LABEL_NONE:
		case LABEL_DENIED:
			break;
		}
	}
	return snapshot_text(ctx->snap, task->comm);
}

/* Which group of facts a plain size column needs, and its bytes. */
static enum task_group size_fact(enum column column, const struct snapshot *snap, const struct task *task,
				 uint64_t *ret_bytes)
{
	switch (column) {
	case COL_VIRT:
		*ret_bytes = task->virt_bytes;
		return TASK_STAT;
	case COL_SHR:
		*ret_bytes = snapshot_bytes(snap, task->shr_pages);
		return TASK_STATM;
	case COL_ANON:
		*ret_bytes = snapshot_bytes(snap, task_anon_pages(task));
		return TASK_SPLIT;
	case COL_FILE:
		*ret_bytes = snapshot_bytes(snap, task->rss_file_pages);
		return TASK_SPLIT;
	case COL_SHMEM:
		*ret_bytes = snapshot_bytes(snap, task->rss_shmem_pages);
		return TASK_SPLIT;
	case COL_SWAP:
		*ret_bytes = snapshot_bytes(snap, task->swap_pages);
		return TASK_MM;
	case COL_PGTABLES:
		*ret_bytes = task->pgtables_bytes;
		return TASK_MM;
	default:
		*ret_bytes = snapshot_bytes(snap, task->rss_pages);
		return TASK_MM;
	}
}

enum role column_value(enum column column, const struct column_context *ctx, uint32_t index,
		       char dst[COLUMN_TEXT_SIZE])
{
	const struct snapshot *snap = ctx->snap;
	const struct task *task = &snap->tasks[index];
	const struct candidate *candidate = &ctx->ranking->candidates[index];
	const struct task_rate *rate = index < ctx->model->rates.ntasks ? &ctx->model->rates.tasks[index] : NULL;
	bool rated = rate && rate->known;
	dst[0] = '\0';

	switch (column) {
	case COL_RANK:
		if (candidate->rank == 0)
			return unknown(FACT_ABSENT, dst);
		snprintf(dst, COLUMN_TEXT_SIZE, "%u", candidate->rank);
		return ROLE_NORMAL;
	case COL_OTHER: {
		uint32_t rank = ctx->other ? ctx->other->candidates[index].rank : 0;
		if (rank == 0)
			return unknown(FACT_ABSENT, dst);
		snprintf(dst, COLUMN_TEXT_SIZE, "%u", rank);
		return rank == candidate->rank ? ROLE_DIM : ROLE_CHANGED;
	}
	case COL_PID:
		snprintf(dst, COLUMN_TEXT_SIZE, "%d", (int)task->pid);
		return ROLE_NORMAL;
	case COL_PPID:
		snprintf(dst, COLUMN_TEXT_SIZE, "%d", (int)task->ppid);
		return ROLE_NORMAL;
	case COL_USER: {
		if (!task_knows(task, TASK_STATUS))
			return unknown(task->group_state[TASK_STATUS], dst);
		const char *name = labels_user(ctx->labels, task->uid);
		if (name)
			snprintf(dst, COLUMN_TEXT_SIZE, "%s", name);
		else
			snprintf(dst, COLUMN_TEXT_SIZE, "%u", task->uid);
		return ROLE_NORMAL;
	}
	case COL_POINTS:
		if (candidate->eligibility != ELIGIBLE || candidate->rank == 0)
			return unknown(candidate->eligibility == INELIGIBLE_UNKNOWN ? FACT_DENIED : FACT_ABSENT, dst);
		return signed_size_text(ctx, column, points_bytes(ctx, candidate), dst);
	case COL_SHARE:
		if (candidate->rank == 0 || ctx->ranking->totalpages == 0)
			return unknown(FACT_ABSENT, dst);
		percent_text(100.0 * (double)candidate->points / (double)ctx->ranking->totalpages, dst);
		return ROLE_NORMAL;
	case COL_SCORE:
		if (!task_knows(task, TASK_SCORE))
			return unknown(task->group_state[TASK_SCORE], dst);
		if (candidate->rank > 0 && candidate->adj != task->oom_score_adj && task_knows(task, TASK_ADJ)) {
			/* A what-if: what the file would print then. */
			snprintf(dst, COLUMN_TEXT_SIZE, "%lld",
				 (long long)badness_oom_score(ctx->model->rules.era, candidate->points,
							      ranking_totalpages(snap)));
			return ROLE_CHANGED;
		}
		snprintf(dst, COLUMN_TEXT_SIZE, "%d", (int)task->oom_score);
		return ROLE_NORMAL;
	case COL_ADJ:
		if (!task_knows(task, TASK_ADJ))
			return unknown(task->group_state[TASK_ADJ], dst);
		snprintf(dst, COLUMN_TEXT_SIZE, "%d", candidate->adj);
		return candidate->adj != task->oom_score_adj ? ROLE_CHANGED : candidate->adj == 0 ? ROLE_DIM : ROLE_NORMAL;
	case COL_OOM_ADJ:
		if (!task_knows(task, TASK_ADJ))
			return unknown(task->group_state[TASK_ADJ], dst);
		snprintf(dst, COLUMN_TEXT_SIZE, "%d", oom_adj_from_score_adj(candidate->adj));
		return ROLE_NORMAL;
	case COL_VIRT:
	case COL_RES:
	case COL_SHR:
	case COL_ANON:
	case COL_FILE:
	case COL_SHMEM:
	case COL_SWAP:
	case COL_PGTABLES: {
		uint64_t bytes;
		enum task_group group = size_fact(column, snap, task, &bytes);
		/* A kernel thread has no memory of its own to show. */
		if (!task_knows(task, group) || (task_is_kthread(task) && column != COL_RES))
			return unknown(task_is_kthread(task) ? FACT_ABSENT : task->group_state[group], dst);
		return size_text(ctx, column, bytes, dst);
	}
	case COL_GROWTH: {
		if (!rated)
			return unknown(FACT_UNKNOWN, dst);
		int64_t growth = whole(rate->growth_bytes_per_s);
		if (growth > -512 && growth < 512) {
			snprintf(dst, COLUMN_TEXT_SIZE, "0");
			return ROLE_DIM;
		}
		units_rate_bytes(growth, dst);
		return growth > 0 ? ROLE_WARN : ROLE_NORMAL;
	}
	case COL_MINOR:
	case COL_MAJOR:
		if (!rated)
			return unknown(FACT_UNKNOWN, dst);
		units_rate((uint64_t)whole(column == COL_MINOR ? rate->minor_per_s : rate->major_per_s), dst);
		return ROLE_NORMAL;
	case COL_MEM: {
		uint64_t total = system_get(&snap->system, SYS_MEM_TOTAL, 0);
		if (!task_knows(task, TASK_MM) || total == 0)
			return unknown(task->group_state[TASK_MM], dst);
		percent_text(100.0 * (double)snapshot_bytes(snap, task->rss_pages) / (double)total, dst);
		return ROLE_NORMAL;
	}
	case COL_THREADS:
		if (task->threads < 10000)
			snprintf(dst, COLUMN_TEXT_SIZE, "%u", task->threads);
		else if (task->threads < 1000000)
			snprintf(dst, COLUMN_TEXT_SIZE, "%uk", task->threads / 1000);
		else
			snprintf(dst, COLUMN_TEXT_SIZE, "%uM", task->threads / 1000000);
		return ROLE_NORMAL;
	case COL_STATE:
		snprintf(dst, COLUMN_TEXT_SIZE, "%c", task->state > ' ' && task->state < 0x7f ? task->state : '?');
		return task->state == 'D' || task->state == 'Z' ? ROLE_WARN : ROLE_NORMAL;
	case COL_START:
		age_text(task_age_s(ctx, task), dst);
		return ROLE_NORMAL;
	case COL_CGROUP:
	case COL_COMMAND:
	case COL__COUNT:
		break;
	}
	return ROLE_NORMAL;
}

/* -1, 0, 1 as a is less than, equal to or above b. */
#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int text_order(struct text a, struct text b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int r = common ? memcmp(a.ptr, b.ptr, common) : 0;
	return r != 0 ? r : ORDER(a.len, b.len);
}

/* Kill order: ranked tasks by rank, then the others, largest first. */
static int kill_order(const struct column_context *ctx, uint32_t a, uint32_t b)
{
	uint32_t ra = ctx->ranking->candidates[a].rank, rb = ctx->ranking->candidates[b].rank;
	if (ra != rb)
		return ra == 0 ? 1 : rb == 0 ? -1 : ORDER(ra, rb);
	const struct task *ta = &ctx->snap->tasks[a], *tb = &ctx->snap->tasks[b];
	if (ta->rss_quick_pages != tb->rss_quick_pages)
		return ORDER(tb->rss_quick_pages, ta->rss_quick_pages);
	return ORDER(ta->pid, tb->pid);
}

static double rate_of(const struct column_context *ctx, enum column column, uint32_t index)
{
	const struct rates *rates = &ctx->model->rates;
	if (index >= rates->ntasks || !rates->tasks[index].known)
		return -1e300;
	const struct task_rate *rate = &rates->tasks[index];
	return column == COL_GROWTH ? rate->growth_bytes_per_s :
	       column == COL_MINOR  ? rate->minor_per_s :
				      rate->major_per_s;
}

/* The order of two tasks by one column, without ties broken. */
static int column_order(enum column column, const struct column_context *ctx, uint32_t a, uint32_t b)
{
	const struct task *ta = &ctx->snap->tasks[a], *tb = &ctx->snap->tasks[b];
	switch (column) {
	case COL_RANK:
	case COL_POINTS:
	case COL_SHARE:
	case COL__COUNT:
		return kill_order(ctx, a, b);
	case COL_OTHER: {
		uint32_t ra = ctx->other ? ctx->other->candidates[a].rank : 0;
		uint32_t rb = ctx->other ? ctx->other->candidates[b].rank : 0;
		return ra == 0 || rb == 0 ? (ra == 0) - (rb == 0) : ORDER(ra, rb);
	}
	case COL_PID:
		return ORDER(ta->pid, tb->pid);
	case COL_PPID:
		return ORDER(ta->ppid, tb->ppid);
	case COL_USER: {
		char na[COLUMN_TEXT_SIZE], nb[COLUMN_TEXT_SIZE];
		column_value(COL_USER, ctx, a, na);
		column_value(COL_USER, ctx, b, nb);
		return strcmp(na, nb);
	}
	case COL_SCORE:
		return ORDER(tb->oom_score, ta->oom_score);
	case COL_ADJ:
	case COL_OOM_ADJ:
		return ORDER(ctx->ranking->candidates[b].adj, ctx->ranking->candidates[a].adj);
	case COL_VIRT:
	case COL_RES:
	case COL_SHR:
	case COL_ANON:
	case COL_FILE:
	case COL_SHMEM:
	case COL_SWAP:
	case COL_PGTABLES: {
		uint64_t va, vb;
		bool ka = task_knows(ta, size_fact(column, ctx->snap, ta, &va));
		bool kb = task_knows(tb, size_fact(column, ctx->snap, tb, &vb));
		if (ka != kb)
			return ka ? -1 : 1;
		return ORDER(vb, va);
	}
	case COL_MEM:
		return column_order(COL_RES, ctx, a, b);
	case COL_GROWTH:
	case COL_MINOR:
	case COL_MAJOR:
		return ORDER(rate_of(ctx, column, b), rate_of(ctx, column, a));
	case COL_THREADS:
		return ORDER(tb->threads, ta->threads);
	case COL_STATE:
		return ORDER(ta->state, tb->state);
	case COL_START:
		return ORDER(tb->start_ticks, ta->start_ticks);
	case COL_CGROUP:
	case COL_COMMAND:
		return text_order(column_foreign(column, ctx, a), column_foreign(column, ctx, b));
	}
	return 0;
}

bool column_before(enum column column, const struct column_context *ctx, uint32_t a, uint32_t b)
{
	int order = column_order(column, ctx, a, b);
	return order != 0 ? order < 0 : kill_order(ctx, a, b) < 0;
}
