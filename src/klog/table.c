/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The task table: dump_tasks(), mm/oom_kill.c. Its header names the columns,
 * which changed six times; rows are read by it. A row without a header above it
 * is kept with what every release has in common.
 */
#include <string.h>

#include "words.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static enum klog_column column_of(struct text word)
{
	for (int column = 0; column < KLOG_OTHER; column++) {
		if (text_is(word, klog_column_name((enum klog_column)column)))
			return (enum klog_column)column;
	}
	return KLOG_OTHER;
}

/* What follows "[ pid ]"; empty for what is no header. */
static struct text header_columns(struct text body)
{
	for (long open; (open = text_find(body, TEXT("["))) >= 0;) {
		body = text_from(body, (size_t)open + 1);
		long close = text_find(body, TEXT("]"));
		if (close >= 0 && text_is(text_trim(text_of(body.ptr, (size_t)close)), "pid"))
			return text_from(body, (size_t)close + 1);
	}
	return text_of("", 0);
}

bool read_table_header(struct klog_report *report, struct text body)
{
	struct text t = header_columns(body), word;
	if (t.len == 0 || text_find(t, TEXT("total_vm")) < 0)
		return false;
	uint32_t columns = 1U << KLOG_PID;
	report->ncolumns = 0;
	/* The kernel's header ends with "name": what pads it pads the rows too. */
	report->rows_padded = t.ptr[t.len - 1] == ' ' || t.ptr[t.len - 1] == '\t';
	while (text_next_word(&t, &word) && !text_is(word, "name") && report->ncolumns < KLOG_COLUMNS_MAX) {
		enum klog_column column = column_of(word);
		columns |= 1U << column;
		report->column_order[report->ncolumns++] = (uint8_t)column;
	}
	report->has_table = true;
	report->columns = columns;
	return true;
}

/* "[  123]" anywhere: what stands before is somebody's prefix. Returns what
 * follows the bracket; empty when there is none that numbers follow. */
static struct text row_numbers(struct text body, int64_t *ret_pid)
{
	if (body.len == 0)
		return text_of("", 0);
	for (const char *p = body.ptr, *end = body.ptr + body.len;
	     p < end && (p = memchr(p, '[', (size_t)(end - p)));) {
		struct text t = text_of(p + 1, (size_t)(end - p) - 1);
		p++;
		while (t.len > 0 && *t.ptr == ' ')
			t = text_from(t, 1);
		int64_t pid;
		size_t n = word_i64(t, &pid);
		if (n == 0 || n == t.len || t.ptr[n] != ']' || pid < 0 || pid > INT32_MAX)
			continue;
		t = text_from(t, n + 1);
		struct text rest = t, word;
		int64_t value;
		int numbers = 0;
		while (numbers < 3 && text_next_word(&rest, &word) && word_i64(word, &value) == word.len)
			numbers++;
		if (numbers < 3)
			continue;
		*ret_pid = pid;
		return t;
	}
	return text_of("", 0);
}

bool is_table_row(struct text body)
{
	int64_t pid;
	return row_numbers(body, &pid).len > 0;
}

/* How a row without a header is laid out: only these are the same in all. */
static const uint8_t common_order[] = { KLOG_UID, KLOG_TGID, KLOG_TOTAL_VM, KLOG_RSS };

bool row_wants_more(const struct klog_report *report, struct text body)
{
	int64_t pid, value;
	struct text t = row_numbers(body, &pid), word = { 0 };
	if (t.len == 0 || report->ncolumns == 0)
		return false;
	for (size_t i = 0; i < report->ncolumns; i++) {
		if (!text_next_word(&t, &word) || word_i64(word, &value) != word.len)
			return true;
	}
	return text_trim(t).len == 0;
}

bool read_table_row(struct klog_report *report, struct text body)
{
	int64_t pid;
	struct text t = row_numbers(body, &pid);
	if (t.len == 0)
		return false;
	bool headless = report->ncolumns == 0;
	const uint8_t *order = headless ? common_order : report->column_order;
	size_t ncolumns = headless ? sizeof common_order : report->ncolumns;
	struct klog_task *task = klog_report_add_task(report);
	if (!task) {
		report->tasks_dropped = true;
		return true;
	}
	task->known = 1U << KLOG_PID;
	task->value[KLOG_PID] = pid;
	size_t i = 0;
	for (; i < ncolumns; i++) {
		while (t.len > 0 && is_blank(*t.ptr))
			t = text_from(t, 1);
		int64_t value;
		size_t n = word_i64(t, &value);
		/* a number at the very end may be cut */
		if (n == 0 || n == t.len || !is_blank(t.ptr[n]))
			break;
		t = text_from(t, n);
		task->known |= 1U << order[i];
		task->value[order[i]] = value;
	}
	if (headless)
		return true;
	if (i < ncolumns) {
		report->tasks_cut++;
		return true;
	}
	if (t.len > 0)
		t = text_from(t, 1); /* the one blank of the format; more belong to the name */
	while (report->rows_padded && t.len > 0 && is_blank(t.ptr[t.len - 1]))
		t.len--;
	if (text_trim(t).len == 0)
		report->tasks_cut++;
	else
		task->name = klog_report_keep_row(report, t);
	return true;
}
