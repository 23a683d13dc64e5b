/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The stream. Gigabytes of a log hold a few kilobytes of reports, so most bytes
 * are only searched for a handful of words, block by block, with memmem(). Where
 * one occurs the parser looks closely: it steps back over lines that look like
 * the inside of a report (its head may be lost), and takes lines apart (join.h,
 * then reports.h) until nothing is open any more.
 */
#include "oomsight/klog/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "join.h"
#include "reports.h"
#include "words.h"

#define BLOCK (256U << 10)    /* searched at once, at most */
#define PIECE (8U << 10)      /* and at least */
#define HISTORY (40U << 10)   /* kept to step back into */
#define LINE_MAX (16U << 10)  /* a longer line is cut there */

/* The same for who keeps little. kernel/printk/printk_ringbuffer.h and internal.h v6.18: a
 * record's text has up to 1024 bytes, each of which dev/kmsg may write as four. */
#define LITTLE_HISTORY (10U << 10)
#define LITTLE_LINE_MAX (5U << 10)
#define LITTLE_CAPACITY (12U << 10)

#define BACK_LINES 4096
#define LOOK_LINES 8          /* lines looked at closely after a word that turned out to mean nothing */

/* What every beginning of a report contains, whatever is lost before it. */
static const struct text needles[] = {
	{ "oom-kill", 8 }, { "of memory", 9 }, { "ed process ", 11 }, { "total_vm", 8 },
};
#define NEEDLES (sizeof needles / sizeof *needles)
#define NEEDLE_LONGEST 11

struct klog_parser {
	struct reports reports;
	struct joiner joiner;
	int error;

	char *bytes;
	size_t len;
	size_t capacity; /* history, line_max, and what is fed at once: PIECE to BLOCK */
	size_t history, line_max;
	bool keeps_little;
	size_t floor;   /* lines before this were read already */
	size_t scanned; /* searched up to here */
	uint64_t offset; /* of bytes[0] in the stream */
	bool close_up;  /* looking at each line from `scanned` on */
	uint32_t look;
	bool cutting; /* the rest of an overlong line is skipped */
};

struct klog_parser *klog_parser_new(klog_report_fn *deliver, void *context)
{
	struct klog_parser *parser = calloc(1, sizeof *parser);
	if (!parser)
		return NULL;
	reports_init(&parser->reports, deliver, context);
	joiner_init(&parser->joiner, &parser->reports);
	parser->history = HISTORY;
	parser->line_max = LINE_MAX;
	return parser;
}

int klog_parser_keep_little(struct klog_parser *parser)
{
	parser->keeps_little = true;
	parser->history = LITTLE_HISTORY;
	parser->line_max = LITTLE_LINE_MAX;
	parser->bytes = malloc(LITTLE_CAPACITY);
	parser->capacity = parser->bytes ? LITTLE_CAPACITY : 0;
	int joins = joiner_prepare(&parser->joiner), reports = reports_prepare(&parser->reports);
	return parser->bytes && joins == 0 && reports == 0 ? 0 : -ENOMEM;
}

void klog_parser_free(struct klog_parser *parser)
{
	if (!parser)
		return;
	joiner_done(&parser->joiner);
	reports_done(&parser->reports);
	free(parser->bytes);
	free(parser);
}

void klog_parser_set_boot(struct klog_parser *parser, int64_t realtime_ns)
{
	parser->reports.boot_ns = realtime_ns;
	parser->reports.has_boot = true;
}

static bool is_busy(const struct klog_parser *parser)
{
	return reports_are_open(&parser->reports) || parser->look > 0;
}

/* Does the line look like the inside of a report? */
static bool looks_inside(struct text line)
{
	return is_table_row(line) || text_find(line, TEXT("kB")) >= 0 || text_find(line, TEXT(" pages ")) >= 0 ||
	       text_find(line, TEXT("_anon")) >= 0 || text_find(line, TEXT("Mem-Info:")) >= 0 ||
	       text_find(line, TEXT(" killed as a result of limit of ")) >= 0;
}

/* The beginning of the line that holds bytes[at]. */
static size_t line_start(const struct klog_parser *parser, size_t at)
{
	const char *p = at > parser->floor ? memrchr(parser->bytes + parser->floor, '\n', at - parser->floor) : NULL;
	return p ? (size_t)(p - parser->bytes) + 1 : parser->floor;
}

/* Step back from a line over what may belong to it: always over one line, for
 * the sentence may have been broken. */
static size_t step_back(const struct klog_parser *parser, size_t at)
{
	/* Not over all that happens to be there: the pieces fed change nothing. */
	size_t start = at, kept = at, back_bytes = parser->history - parser->line_max - 1;
	unsigned strange = 0;
	for (unsigned lines = 0; lines < BACK_LINES && start > parser->floor && strange < 4; lines++) {
		size_t before = line_start(parser, start - 1);
		if (at - before > back_bytes)
			break;
		struct text line = text_of(parser->bytes + before, start - before);
		start = before;
		if (looks_inside(line)) {
			kept = start;
			strange = 0;
		} else {
			if (lines == 0)
				kept = start;
			strange++;
		}
	}
	return kept;
}

/* The first of the words from `from` on; NULL when none is there. */
static const char *find_needle(const char *from, size_t all)
{
	const char *first = NULL;
	for (size_t i = 0, len = all; i < NEEDLES && len > 0; i++) {
		const char *p = memmem(from, len, needles[i].ptr, needles[i].len);
		/* of the others only what begins before it matters */
		if (p && (!first || p < first)) {
			first = p;
			len = (size_t)(p - from) + NEEDLE_LONGEST;
			if (len > all)
				len = all;
		}
	}
	return first;
}

/* Search the bytes that were not searched yet. Returns false when none of the
 * words is there; all that ends before the last bytes is done with then. */
static bool search(struct klog_parser *parser)
{
	const char *end = parser->bytes + parser->len, *from = parser->bytes + parser->scanned;
	size_t at;
	for (;;) {
		const char *first = from && from < end ? find_needle(from, (size_t)(end - from)) : NULL;
		if (!first) {
			size_t tail = parser->len - parser->floor < NEEDLE_LONGEST ? parser->floor : parser->len - NEEDLE_LONGEST;
			if (tail > parser->scanned)
				parser->scanned = tail;
			return false;
		}
		at = line_start(parser, (size_t)(first - parser->bytes));
		if ((size_t)(first - parser->bytes) - at < parser->line_max)
			break; /* else the line is cut before it */
		from = memchr(first, '\n', (size_t)(end - first));
	}
	parser->scanned = step_back(parser, at); /* but not over what was read already */
	parser->close_up = true;
	parser->look = LOOK_LINES;
	/* The lines stepped over are not counted as looked at. */
	for (size_t p = parser->scanned; p < at; p++)
		parser->look += parser->bytes[p] == '\n';
	return true;
}

static void read_lines(struct klog_parser *parser, bool end)
{
	while (parser->scanned < parser->len) {
		char *start = parser->bytes + parser->scanned;
		size_t left = parser->len - parser->scanned;
		char *newline = memchr(start, '\n', left);
		size_t n = newline ? (size_t)(newline - start) : left;
		if (!newline && !end && n < parser->line_max)
			return;
		bool was_cutting = parser->cutting;
		parser->cutting = !newline && !end;
		if (!was_cutting)
			joiner_take(&parser->joiner, text_of(start, n < parser->line_max ? n : parser->line_max), parser->offset + parser->scanned,
				  newline != NULL);
		parser->scanned += n + (newline ? 1 : 0);
		parser->floor = parser->scanned;
		if (parser->look > 0)
			parser->look--;
		if (!is_busy(parser)) {
			joiner_end(&parser->joiner);
			if (!is_busy(parser)) {
				parser->close_up = false;
				joiner_pass_over(&parser->joiner);
				return;
			}
		}
	}
}

static void process(struct klog_parser *parser, bool end)
{
	for (;;) {
		if (parser->len == 0 || (!parser->close_up && !search(parser)))
			return;
		size_t before = parser->scanned;
		read_lines(parser, end);
		if (parser->close_up && (parser->scanned == before || parser->scanned >= parser->len))
			return;
	}
}

/* Make room for more: forget what was read, and history beyond its bound. */
static void compact(struct klog_parser *parser)
{
	size_t keep_from = parser->scanned > parser->history ? parser->scanned - parser->history : 0;
	if (keep_from < parser->floor)
		keep_from = parser->floor;
	if (parser->close_up)
		keep_from = parser->scanned;
	memmove(parser->bytes, parser->bytes + keep_from, parser->len - keep_from);
	parser->len -= keep_from;
	parser->scanned -= keep_from;
	parser->floor = parser->floor > keep_from ? parser->floor - keep_from : 0;
	parser->offset += keep_from;
}

/* Files come in large pieces and are searched fast in them. */
static int reserve(struct klog_parser *parser, size_t fed)
{
	size_t capacity = HISTORY + LINE_MAX + (fed < PIECE ? PIECE : fed < BLOCK ? fed : BLOCK);
	if (parser->keeps_little)
		return parser->bytes ? 0 : -ENOMEM;
	if (capacity <= parser->capacity)
		return 0;
	char *bytes = realloc(parser->bytes, capacity);
	if (!bytes)
		return -ENOMEM;
	parser->bytes = bytes;
	parser->capacity = capacity;
	return 0;
}

int klog_parser_feed(struct klog_parser *parser, const char *bytes, size_t len)
{
	if (parser->error == 0)
		parser->error = reserve(parser, len);
	while (len > 0 && parser->error == 0) {
		if (parser->len == parser->capacity)
			compact(parser);
		size_t n = parser->capacity - parser->len;
		if (n > len)
			n = len;
		memcpy(parser->bytes + parser->len, bytes, n);
		parser->len += n;
		bytes += n;
		len -= n;
		process(parser, false);
		parser->error = parser->joiner.error;
	}
	return parser->error;
}

uint64_t klog_parser_progress(const struct klog_parser *parser)
{
	return is_busy(parser) || parser->joiner.has_logical ? parser->reports.age + 1 : 0;
}

int klog_parser_flush(struct klog_parser *parser)
{
	process(parser, true);
	joiner_end(&parser->joiner);
	joiner_reset(&parser->joiner); /* the next file is another's */
	parser->look = 0;
	parser->close_up = false;
	reports_flush(&parser->reports);
	return parser->error ? parser->error : parser->joiner.error;
}
