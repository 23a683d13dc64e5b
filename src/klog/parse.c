/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The stream. Gigabytes of a log hold a few kilobytes of reports, so most bytes
 * are only searched for a handful of words, block by block, with memmem(). Where
 * one occurs the parser looks closely: it steps back over lines that look like
 * the inside of a report (its head may be lost), and takes lines apart until
 * nothing is open any more.
 *
 * A line that begins without a stamp, below one that has a stamp, belongs to it:
 * a mailer broke it, or the record had several lines. Both are read alike, for
 * all of the kernel's lists can be read with the line end as a blank. Whether
 * the break replaced a blank is told by the first break seen: mailers either
 * leave the blank at the line's end or drop it. A terminal breaks anywhere, and
 * all lines that it broke have one length.
 *
 * Reports are kept apart by the caller's mark where there is one. Without marks
 * one report is open at a time: oom_lock lets one be written at a time.
 */
#include "oomsight/klog/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "oomsight/base/out.h"
#include "words.h"

#define BLOCK (256U << 10)    /* searched at once, at most */
#define HISTORY (40U << 10)   /* kept to step back into */
#define LINE_MAX (16U << 10)  /* a longer line is cut there */
/* Stepped back at most, whatever more is there: the pieces fed change nothing. */
#define BACK_BYTES (HISTORY - LINE_MAX - 1)
#define RECORD (8U << 10)     /* searched at once, at least: a record of /dev/kmsg */
#define LOGICAL_MAX (8U << 10)
#define BACK_LINES 4096
#define SLOTS 8
#define LOOK_LINES 8          /* lines looked at closely after a word that turned out to mean nothing */
#define TAIL_LINES 64         /* foreign lines after a kill until the report is closed */
#define VICTIMS 64            /* remembered of the reports before */
#define QUIET_LINES 4096      /* foreign lines within a report until it is closed */

/* What every beginning of a report contains, whatever is lost before it. */
static const struct text needles[] = {
	{ "oom-kill", 8 }, { "of memory", 9 }, { "ed process ", 11 }, { "total_vm", 8 },
};
#define NEEDLES (sizeof needles / sizeof *needles)
#define NEEDLE_LONGEST 11

/* A report that is being read. */
struct slot {
	struct klog_report report;
	bool open;
	bool in_stats;
	char key[LINE_KEY];
	uint32_t quiet; /* foreign lines since the last of its own */
	uint64_t age;   /* of its last line */
};

/* Who was killed before: the kernel chooses nobody twice. */
struct victim {
	int64_t pid;
	char comm[16];
};

struct klog_parser {
	klog_report_fn *deliver;
	void *context;
	int64_t boot_ns;
	bool has_boot;
	int error;

	char *bytes;
	size_t len;
	size_t capacity; /* HISTORY, LINE_MAX, and what is fed at once: RECORD to BLOCK */
	size_t floor;   /* lines before this were read already */
	size_t scanned; /* searched up to here */
	uint64_t offset; /* of bytes[0] in the stream */
	bool close_up;  /* looking at each line from `scanned` on */
	uint32_t look;
	bool cutting; /* the rest of an overlong line is skipped */

	struct slot slots[SLOTS];
	uint64_t age;
	struct victim victims[VICTIMS]; /* a ring */
	uint32_t nvictims, next_victim;
	uint64_t last_ns; /* the kernel's stamp of the last report */

	struct line line;   /* of the logical line */
	struct out logical; /* its words, joined */
	bool has_logical;
	uint64_t logical_offset;
	char key[LINE_KEY];
	struct out time_text;
	bool blanks_kept; /* breaks of lines leave the blank there */
	size_t line_len;  /* of the line before */
	size_t broken_len; /* of lines that a terminal broke; SIZE_MAX: a mailer did; 0: no break yet */
	bool prefixed;    /* the line before had a stamp */
	bool ended;       /* its last line has a line end: nothing of it is cut off */
	bool quoted_printable; /* a mail as it was sent */
	struct out decoded, unescaped, plain, mail;
};

struct klog_parser *klog_parser_new(klog_report_fn *deliver, void *context)
{
	struct klog_parser *parser = calloc(1, sizeof *parser);
	if (!parser)
		return NULL;
	parser->deliver = deliver;
	parser->context = context;
	out_init(&parser->logical);
	out_init(&parser->time_text);
	out_init(&parser->decoded);
	out_init(&parser->unescaped);
	out_init(&parser->plain);
	out_init(&parser->mail);
	for (int i = 0; i < SLOTS; i++)
		klog_report_init(&parser->slots[i].report);
	return parser;
}

void klog_parser_free(struct klog_parser *parser)
{
	if (!parser)
		return;
	for (int i = 0; i < SLOTS; i++)
		klog_report_done(&parser->slots[i].report);
	out_done(&parser->logical);
	out_done(&parser->time_text);
	out_done(&parser->decoded);
	out_done(&parser->unescaped);
	out_done(&parser->plain);
	out_done(&parser->mail);
	free(parser->bytes);
	free(parser);
}

void klog_parser_set_boot(struct klog_parser *parser, int64_t realtime_ns)
{
	parser->boot_ns = realtime_ns;
	parser->has_boot = true;
}

/* --- reports that are open --------------------------------------------------------- */

/* Memory alone is no OOM report: SysRq-m and failed allocations print it too. */
static bool is_worth(const struct klog_report *report)
{
	return report->has_header || report->has_summary || report->nkills > 0 || report->panic != KLOG_PANIC_NONE ||
	       report->nobody_killable || report->chosen.pid.state == FACT_KNOWN || report->has_table;
}

static bool is_victim(const struct klog_parser *parser, const struct klog_report *report, const struct klog_task *task)
{
	for (uint32_t i = 0; i < parser->nvictims; i++) {
		const struct victim *victim = &parser->victims[i];
		if (((klog_task_has(task, KLOG_TGID) && task->value[KLOG_TGID] == victim->pid) ||
		     task->value[KLOG_PID] == victim->pid) &&
		    text_is(klog_text(report, task->name), victim->comm))
			return true;
	}
	return false;
}

/* Mark the rows of earlier victims, and remember this one's. */
static void note_victims(struct klog_parser *parser, struct klog_report *report)
{
	if (report->time.monotonic_ns.state == FACT_KNOWN) {
		if (report->time.monotonic_ns.value < parser->last_ns)
			parser->nvictims = parser->next_victim = 0; /* another boot, or another log */
		parser->last_ns = report->time.monotonic_ns.value;
	}
	for (uint32_t i = 0; i < report->ntasks && parser->nvictims > 0; i++)
		report->tasks[i].killed_before = is_victim(parser, report, &report->tasks[i]);
	for (uint32_t i = 0; i < report->nkills; i++) {
		const struct klog_kill *kill = &report->kills[i];
		if (kill->task.pid.state != FACT_KNOWN || kill->task.comm.state != FACT_KNOWN)
			continue;
		struct victim *victim = &parser->victims[parser->next_victim];
		victim->pid = kill->task.pid.value;
		text_copy(klog_text(report, kill->task.comm), victim->comm, sizeof victim->comm);
		parser->next_victim = (parser->next_victim + 1) % VICTIMS;
		parser->nvictims += parser->nvictims < VICTIMS;
	}
}

static void finish(struct klog_parser *parser, struct slot *slot)
{
	struct klog_report *report = &slot->report;
	slot->open = false;
	/* dump_header() shows either the cgroup's memory or all. */
	if (report->has_header && report->has_meminfo && report->scope == KLOG_SCOPE_UNKNOWN)
		report->scope = KLOG_SCOPE_GLOBAL;
	if (is_worth(report)) {
		note_victims(parser, report);
		parser->deliver(report, parser->context);
	}
	klog_report_clear(report);
}

static struct slot *slot_of(struct klog_parser *parser, const char *key)
{
	struct slot *newest = NULL;
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &parser->slots[i];
		if (!slot->open || (key[0] && strcmp(slot->key, key) != 0))
			continue;
		if (!newest || slot->age > newest->age)
			newest = slot;
	}
	return newest;
}

/* The first stamp of the report's own lines. */
static void set_time(struct klog_parser *parser, struct klog_report *report)
{
	const struct line_time *time = &parser->line.time;
	struct klog_time *t = &report->time;
	if (t->text.state == FACT_KNOWN || t->monotonic_ns.state == FACT_KNOWN || t->realtime_ns.state == FACT_KNOWN)
		return;
	if (parser->time_text.len > 0)
		t->text = klog_report_keep(report, out_text_of(&parser->time_text));
	t->monotonic_ns = time->monotonic_ns;
	t->realtime_ns = time->realtime_ns;
	t->local_ns = time->local_ns;
	t->day_ns = time->day_ns;
	if (t->realtime_ns.state != FACT_KNOWN && t->monotonic_ns.state == FACT_KNOWN && parser->has_boot &&
	    t->monotonic_ns.value <= INT64_MAX / 2)
		t->realtime_ns = klog_i64(parser->boot_ns + (int64_t)t->monotonic_ns.value);
}

static struct slot *open_slot(struct klog_parser *parser, const char *key)
{
	struct slot *slot = NULL;
	for (int i = 0; i < SLOTS; i++) {
		struct slot *other = &parser->slots[i];
		if (!other->open) {
			slot = other;
			break;
		}
		if (!slot || other->age < slot->age)
			slot = other;
	}
	if (slot->open)
		finish(parser, slot);
	slot->open = true;
	slot->in_stats = false;
	slot->quiet = 0;
	memcpy(slot->key, key, sizeof slot->key);
	slot->report.offset = parser->logical_offset;
	set_time(parser, &slot->report);
	return slot;
}

/* The report a sentence belongs to; a fresh one where the open one already has
 * what must not come twice. */
static struct slot *slot_for(struct klog_parser *parser, const char *key, enum sentence sentence)
{
	struct slot *slot = slot_of(parser, key);
	if (!slot)
		return open_slot(parser, key);
	const struct klog_report *report = &slot->report;
	bool other = false;
	switch (sentence) {
	case SENTENCE_HEADER:
		other = true;
		break;
	case SENTENCE_SUMMARY:
		other = report->has_summary || report->chosen.pid.state == FACT_KNOWN || report->nkills > 0;
		break;
	case SENTENCE_CHOICE:
		/* 5.0 alone printed the summary before it */
		other = report->score.state == FACT_KNOWN || report->nkills > 0;
		break;
	case SENTENCE_KILL:
	case SENTENCE_EXITING:
		other = report->nkills > 0 && report->oom_group.state != FACT_KNOWN;
		break;
	default:
		break;
	}
	if (!other)
		return slot;
	finish(parser, slot);
	return open_slot(parser, key);
}

static void note_reaped(struct klog_parser *parser, struct text body)
{
	int64_t pid;
	struct text comm;
	bool failed;
	read_reaped(body, &pid, &comm, &failed);
	if (pid < 0)
		return;
	/* The reaper has a mark of its own. */
	struct slot *newest = NULL;
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &parser->slots[i];
		if (!slot->open)
			continue;
		for (uint32_t k = 0; k < slot->report.nkills; k++) {
			struct klog_kill *kill = &slot->report.kills[k];
			if (kill->task.pid.value == pid) {
				kill->reaped = !failed;
				return;
			}
		}
		if (slot->report.nkills > 0 && (!newest || slot->age > newest->age))
			newest = slot;
	}
	struct klog_reaped *reaped = newest ? klog_report_add_reaped(&newest->report) : NULL;
	if (!reaped)
		return;
	struct klog_text name = comm.len > 0 ? klog_report_keep(&newest->report, comm) : (struct klog_text){ 0 };
	*reaped = (struct klog_reaped){ { klog_i64(pid), name }, failed };
}

/* A sentence that may begin a report. */
static void take_sentence(struct klog_parser *parser, const char *key, enum sentence sentence, struct text body)
{
	if (sentence == SENTENCE_REAPED) {
		note_reaped(parser, body);
		return;
	}
	/* Torn off by other lines: only where the report lacks it. */
	if (sentence == SENTENCE_SUMMARY_TAIL || sentence == SENTENCE_GROUP || sentence == SENTENCE_SHARER ||
	    sentence == SENTENCE_LIMIT) {
		struct slot *slot = slot_of(parser, key);
		if (!slot && sentence == SENTENCE_SUMMARY_TAIL)
			return;
	}
	struct slot *slot = slot_for(parser, key, sentence);
	struct klog_report *report = &slot->report;
	slot->quiet = 0;
	slot->age = ++parser->age;
	slot->in_stats = false;
	set_time(parser, report);
	if (report->ntasks > 0 && sentence != SENTENCE_LIMIT)
		report->table_ended = true;
	switch (sentence) {
	case SENTENCE_HEADER:
		read_header(report, body);
		break;
	case SENTENCE_CHOICE:
		read_choice(report, body);
		break;
	case SENTENCE_SUMMARY:
		read_summary(report, body);
		break;
	case SENTENCE_SUMMARY_TAIL:
		read_summary_tail(report, body);
		break;
	case SENTENCE_KILL:
	case SENTENCE_SHARER:
	case SENTENCE_EXITING:
		read_kill(report, body, sentence, parser->ended);
		break;
	case SENTENCE_GROUP:
		read_group(report, body);
		break;
	case SENTENCE_LIMIT:
		read_limit(report, body);
		break;
	case SENTENCE_NOBODY:
		report->nobody_killable = true;
		break;
	case SENTENCE_PANIC:
		read_panic(report, body);
		break;
	case SENTENCE_NONE:
	case SENTENCE_REAPED:
		break;
	}
}

static bool is_cpu_line(struct text body)
{
	body = text_trim(body);
	return text_has_prefix(body, TEXT("CPU: ")) || text_has_prefix(body, TEXT("Pid: "));
}

/* The header of the table, or a line of the memory block. */
static bool begins_memory(struct text body)
{
	static const char *const prefixes[] = { "Mem-Info:", "active_anon:", "Node ", "DMA", "Normal", "HighMem", "Movable",
						"memory: usage ", "memory+swap: usage ", "swap: usage ", "kmem: usage ", "Memory cgroup stats for " };
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		if (text_has_prefix(body, text_of_str(prefixes[i])))
			return true;
	}
	return text_find(body, TEXT("total_vm")) >= 0 || text_find(body, TEXT("pages RAM")) >= 0;
}

/* The words of one whole line. */
static void take_words(struct klog_parser *parser, const char *key, struct text body)
{
	enum sentence sentence = sentence_of(body);
	if (sentence != SENTENCE_NONE) {
		take_sentence(parser, key, sentence, body);
		return;
	}
	struct slot *slot = slot_of(parser, key);
	if (!slot) {
		/* The head is lost: a table or the figures of memory may begin one. */
		bool row = is_table_row(body);
		if (!row && !begins_memory(text_trim(body)))
			return;
		slot = open_slot(parser, key);
	}
	struct klog_report *report = &slot->report;
	bool own = false;
	if (read_table_header(report, body)) {
		slot->in_stats = false;
		own = true;
	} else if (is_cpu_line(body) && read_cpu_line(report, body)) {
		own = true; /* before rows: the name in it may look like one */
	} else if (report->nkills == 0 && read_table_row(report, body)) {
		own = true;
	} else {
		own = read_memory(report, body, &slot->in_stats) || read_cpu_line(report, body) ||
		      read_cpuset_line(report, body);
	}
	if (own) {
		set_time(parser, report);
		slot->quiet = 0;
		slot->age = ++parser->age;
		return;
	}
	slot->quiet++;
	bool killed = report->nkills > 0 || report->panic != KLOG_PANIC_NONE;
	if (slot->quiet > (killed ? TAIL_LINES : QUIET_LINES))
		finish(parser, slot);
}

static void take_logical(struct klog_parser *parser)
{
	if (!parser->has_logical)
		return;
	parser->has_logical = false;
	if (parser->logical.error) {
		parser->error = parser->logical.error;
		return;
	}
	struct text body = out_text_of(&parser->logical);
	if (parser->line.kmsg && body.len > 0 && memchr(body.ptr, '\\', body.len)) {
		line_unescape(body, &parser->unescaped);
		body = out_text_of(&parser->unescaped);
	}
	take_words(parser, parser->key, body);
}

/* --- lines ------------------------------------------------------------------------------ */

/* Is the logical line a row of the open report's table that is not whole? */
static bool logical_row_wants_more(struct klog_parser *parser)
{
	struct slot *slot = slot_of(parser, parser->key);
	return slot && row_wants_more(&slot->report, out_text_of(&parser->logical));
}

static bool logical_is_row(const struct klog_parser *parser)
{
	return is_table_row(out_text_of(&parser->logical));
}

/* Was the line before broken by a terminal? These have few widths; rows that a mailer
 * broke are of one length too. The first break decides on the log. */
static bool is_hard_break(const struct klog_parser *parser)
{
	static const size_t widths[] = { 80, 100, 120, 128, 132, 160, 200, 240 };
	if (parser->broken_len > 0)
		return parser->line_len == parser->broken_len;
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		if (parser->line_len == widths[i])
			return true;
	}
	return false;
}

/* The end of a name that was broken at a blank: "Web" and "Content". */
static bool is_rest_of_name(struct text before, struct text name)
{
	before = text_trim(before);
	return before.len > 0 && name.len > 0 && before.len + 1 + name.len <= COMM_MAX;
}

/* The same in the row that is the logical line. */
static bool is_rest_of_row(const struct klog_parser *parser, struct text body)
{
	struct text row = out_text_of(&parser->logical);
	size_t n = 0;
	while (n < row.len && n <= COMM_MAX && !(row.ptr[row.len - n - 1] >= '0' && row.ptr[row.len - n - 1] <= '9'))
		n++;
	return is_rest_of_name(text_from(row, row.len - n), text_trim(body));
}

/* Does this line, which has no stamp, go on where the logical line ended? */
static bool is_continuation(struct klog_parser *parser, struct text body)
{
	if (!parser->has_logical || parser->logical.len + body.len > LOGICAL_MAX)
		return false;
	struct text so_far = out_text_of(&parser->logical);
	enum sentence sentence = sentence_of(body);
	if (parser->prefixed && is_hard_break(parser))
		return true;
	if (sentence == SENTENCE_HEADER && parser->prefixed)
		return is_rest_of_name(so_far, text_of(body.ptr, (size_t)text_find(body, TEXT(" invoked oom-killer"))));
	if (is_table_row(body) || sentence == SENTENCE_HEADER)
		return false;
	if (logical_is_row(parser) && sentence != SENTENCE_NONE)
		return false; /* the row was cut */
	if (sentence_wants_more(so_far) || logical_row_wants_more(parser))
		return true;
	if (!parser->prefixed)
		return false;
	/* A whole row goes on only with the rest of its name. */
	if (logical_is_row(parser))
		return is_rest_of_row(parser, body) || (parser->blanks_kept && !memchr(body.ptr, ' ', body.len) && body.len < COMM_MAX);
	return true;
}

/* Put it behind the logical line, with the blank that the break replaced. */
static void continue_line(struct klog_parser *parser, struct text body)
{
	bool hard = is_hard_break(parser);
	bool blank = parser->logical.len > 0 && parser->logical.bytes[parser->logical.len - 1] == ' ';
	if (parser->broken_len == 0)
		parser->broken_len = hard ? parser->line_len : SIZE_MAX;
	if (blank && parser->logical.len > 1 && !hard)
		parser->blanks_kept = true;
	/* Mailers break behind hyphens too: "total-" and "vm:". */
	size_t n = parser->logical.len;
	bool hyphen = n > 1 && parser->logical.bytes[n - 1] == '-' && parser->logical.bytes[n - 2] != ' ';
	if (!parser->blanks_kept && !hard && !hyphen)
		out_char(&parser->logical, ' ');
	out_text(&parser->logical, body);
}

static void take_plain_line(struct klog_parser *parser, struct text raw, uint64_t offset, bool ended)
{
	struct line line;
	line_parse(line_plain(raw, &parser->plain), &line, &parser->decoded);
	struct text body = line.body;
	parser->ended = ended;
	if (!line.prefixed) {
		if (text_trim(body).len == 0) {
			/* an empty line ends what stood before */
			take_logical(parser);
			parser->prefixed = false;
			return;
		}
		if (is_continuation(parser, body)) {
			continue_line(parser, body);
			parser->line_len = line.width;
			return;
		}
	}
	take_logical(parser);
	parser->ended = ended;
	parser->line_len = line.width;
	while (!line.prefixed && body.len > 0 && (*body.ptr == ' ' || *body.ptr == '\t'))
		body = text_from(body, 1); /* the indentation of a quote */
	if (line.prefixed || !parser->prefixed)
		parser->line = line;
	parser->prefixed = line.prefixed;
	parser->has_logical = true;
	parser->logical_offset = offset;
	out_clear(&parser->logical);
	out_text(&parser->logical, body);
	out_clear(&parser->time_text);
	out_text(&parser->time_text, parser->line.time.text);
	memcpy(parser->key, line.key, sizeof parser->key);
	/* The slices point into the line, which goes. */
	parser->line.body = text_of("", 0);
	parser->line.time.text = text_of("", 0);
}

static void take_line(struct klog_parser *parser, struct text raw, uint64_t offset, bool ended)
{
	parser->quoted_printable = parser->quoted_printable || line_is_quoted_printable(raw);
	if (!parser->quoted_printable) {
		take_plain_line(parser, raw, offset, ended);
	} else if (!line_unquote(raw, &parser->mail) || !ended || parser->mail.len >= LOGICAL_MAX) {
		struct text decoded = out_text_of(&parser->mail);
		take_plain_line(parser, decoded, offset, ended);
		out_clear(&parser->mail);
	}
}

static bool is_busy(const struct klog_parser *parser)
{
	for (int i = 0; i < SLOTS; i++) {
		if (parser->slots[i].open)
			return true;
	}
	return parser->look > 0;
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
	size_t start = at, kept = at;
	unsigned strange = 0;
	for (unsigned lines = 0; lines < BACK_LINES && start > parser->floor && strange < 4; lines++) {
		size_t before = line_start(parser, start - 1);
		if (at - before > BACK_BYTES)
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
		if ((size_t)(first - parser->bytes) - at < LINE_MAX)
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
		if (!newline && !end && n < LINE_MAX)
			return;
		bool was_cutting = parser->cutting;
		parser->cutting = !newline && !end;
		if (!was_cutting)
			take_line(parser, text_of(start, n < LINE_MAX ? n : LINE_MAX), parser->offset + parser->scanned,
				  newline != NULL);
		parser->scanned += n + (newline ? 1 : 0);
		parser->floor = parser->scanned;
		if (parser->look > 0)
			parser->look--;
		if (!is_busy(parser)) {
			take_logical(parser);
			if (!is_busy(parser)) {
				parser->close_up = false;
				parser->prefixed = false;
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
	size_t keep_from = parser->scanned > HISTORY ? parser->scanned - HISTORY : 0;
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

/* Files come in large pieces and are searched fast in them; the log of a running
 * kernel comes record by record, and its reader is to stay small. */
static int reserve(struct klog_parser *parser, size_t fed)
{
	size_t capacity = HISTORY + LINE_MAX + (fed < RECORD ? RECORD : fed < BLOCK ? fed : BLOCK);
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
	}
	return parser->error;
}

uint64_t klog_parser_progress(const struct klog_parser *parser)
{
	return is_busy(parser) || parser->has_logical ? parser->age + 1 : 0;
}

int klog_parser_flush(struct klog_parser *parser)
{
	process(parser, true);
	take_logical(parser);
	out_clear(&parser->mail);
	parser->look = 0;
	parser->close_up = false;
	parser->prefixed = false;
	parser->blanks_kept = false; /* the next file is another's */
	parser->broken_len = 0;
	parser->quoted_printable = false;
	for (int i = 0; i < SLOTS; i++) {
		struct slot *oldest = NULL;
		for (int k = 0; k < SLOTS; k++) {
			if (parser->slots[k].open && (!oldest || parser->slots[k].report.offset < oldest->report.offset))
				oldest = &parser->slots[k];
		}
		if (oldest)
			finish(parser, oldest);
	}
	return parser->error;
}
