/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reports are kept apart by the caller's mark where there is one. Without marks
 * one report is open at a time: oom_lock lets one be written at a time.
 *
 * Lines of others between are passed over. A report ends where the next one of the
 * same mark begins, or when nothing of its own came for long.
 */
#include "reports.h"

#include <stdlib.h>
#include <string.h>

#define TAIL_LINES 64    /* foreign lines after a kill until the report is closed */
#define QUIET_LINES 4096 /* foreign lines within a report until it is closed */

void reports_init(struct reports *reports, klog_report_fn *deliver, void *context)
{
	*reports = (struct reports){ .deliver = deliver, .context = context };
	klog_report_init(&reports->first.report);
	reports->slots[0] = &reports->first;
}

static void drop_slot(struct reports *reports, int i)
{
	klog_report_done(&reports->slots[i]->report);
	free(reports->slots[i]);
	reports->slots[i] = NULL;
}

void reports_done(struct reports *reports)
{
	for (int i = 1; i < REPORTS_OPEN; i++) {
		if (reports->slots[i])
			drop_slot(reports, i);
	}
	klog_report_done(&reports->first.report);
}

int reports_prepare(struct reports *reports)
{
	reports->prepared = true;
	return klog_report_prepare(&reports->first.report);
}

static bool is_open(const struct reports *reports, int i)
{
	return reports->slots[i] && reports->slots[i]->open;
}

/* Memory alone is no OOM report: SysRq-m and failed allocations print it too. */
static bool is_worth(const struct klog_report *report)
{
	return report->has_header || report->has_summary || report->nkills > 0 || report->panic != KLOG_PANIC_NONE ||
	       report->nobody_killable || report->chosen.pid.state == FACT_KNOWN || report->has_table;
}

static bool is_victim(const struct reports *reports, const struct klog_report *report, const struct klog_task *task)
{
	for (uint32_t i = 0; i < reports->nvictims; i++) {
		const struct victim *victim = &reports->victims[i];
		if (((klog_task_has(task, KLOG_TGID) && task->value[KLOG_TGID] == victim->pid) ||
		     task->value[KLOG_PID] == victim->pid) &&
		    text_is(klog_text(report, task->name), victim->comm))
			return true;
	}
	return false;
}

/* Mark the rows of earlier victims, and remember this one's. */
static void note_victims(struct reports *reports, struct klog_report *report)
{
	if (report->time.monotonic_ns.state == FACT_KNOWN) {
		if (report->time.monotonic_ns.value < reports->last_ns)
			reports->nvictims = reports->next_victim = 0; /* another boot, or another log */
		reports->last_ns = report->time.monotonic_ns.value;
	}
	for (uint32_t i = 0; i < report->ntasks && reports->nvictims > 0; i++)
		report->tasks[i].killed_before = is_victim(reports, report, &report->tasks[i]);
	for (uint32_t i = 0; i < report->nkills; i++) {
		const struct klog_kill *kill = &report->kills[i];
		if (kill->task.pid.state != FACT_KNOWN || kill->task.comm.state != FACT_KNOWN)
			continue;
		struct victim *victim = &reports->victims[reports->next_victim];
		victim->pid = kill->task.pid.value;
		text_copy(klog_text(report, kill->task.comm), victim->comm, sizeof victim->comm);
		reports->next_victim = (reports->next_victim + 1) % REPORTS_VICTIMS;
		reports->nvictims += reports->nvictims < REPORTS_VICTIMS;
	}
}

static void finish(struct reports *reports, struct slot *slot)
{
	struct klog_report *report = &slot->report;
	slot->open = false;
	/* dump_header() shows either the cgroup's memory or all. */
	if (report->has_header && report->has_meminfo && report->scope == KLOG_SCOPE_UNKNOWN)
		report->scope = KLOG_SCOPE_GLOBAL;
	if (is_worth(report)) {
		note_victims(reports, report);
		reports->deliver(report, reports->context);
	}
	klog_report_clear(report);
	for (int i = 1; i < REPORTS_OPEN; i++) {
		if (slot == reports->slots[i])
			drop_slot(reports, i);
	}
	if (reports->prepared)
		klog_report_prepare(&reports->first.report);
}

static struct slot *slot_of(struct reports *reports, const char *key)
{
	struct slot *newest = NULL;
	for (int i = 0; i < REPORTS_OPEN; i++) {
		struct slot *slot = reports->slots[i];
		if (!is_open(reports, i) || (key[0] && strcmp(slot->key, key) != 0))
			continue;
		if (!newest || slot->age > newest->age)
			newest = slot;
	}
	return newest;
}

/* The first stamp of the report's own lines. */
static void set_time(const struct reports *reports, struct klog_report *report, const struct words *words)
{
	const struct line_time *time = &words->time;
	struct klog_time *t = &report->time;
	if (t->text.state == FACT_KNOWN || t->monotonic_ns.state == FACT_KNOWN || t->realtime_ns.state == FACT_KNOWN)
		return;
	if (time->text.len > 0)
		t->text = klog_report_keep(report, time->text);
	t->monotonic_ns = time->monotonic_ns;
	t->realtime_ns = time->realtime_ns;
	t->local_ns = time->local_ns;
	t->day_ns = time->day_ns;
	if (t->realtime_ns.state != FACT_KNOWN && t->monotonic_ns.state == FACT_KNOWN && reports->has_boot &&
	    t->monotonic_ns.value <= INT64_MAX / 2)
		t->realtime_ns = klog_i64(reports->boot_ns + (int64_t)t->monotonic_ns.value);
}

static struct slot *free_slot(struct reports *reports)
{
	for (int i = 0; i < REPORTS_OPEN; i++) {
		if (!reports->slots[i])
			reports->slots[i] = calloc(1, sizeof *reports->slots[i]);
		if (reports->slots[i] && !reports->slots[i]->open)
			return reports->slots[i];
	}
	return NULL;
}

/* The one whose last line is the longest ago; one is open. */
static struct slot *oldest_slot(const struct reports *reports)
{
	struct slot *oldest = NULL;
	for (int i = 0; i < REPORTS_OPEN; i++) {
		if (is_open(reports, i) && (!oldest || reports->slots[i]->age < oldest->age))
			oldest = reports->slots[i];
	}
	return oldest;
}

static struct slot *open_slot(struct reports *reports, const struct words *words)
{
	struct slot *slot = free_slot(reports);
	if (!slot) {
		finish(reports, oldest_slot(reports));
		slot = free_slot(reports);
	}
	if (!slot) {
		finish(reports, &reports->first);
		slot = &reports->first;
	}
	slot->open = true;
	slot->in_stats = false;
	slot->quiet = 0;
	memcpy(slot->key, words->key, sizeof slot->key);
	slot->report.offset = words->offset;
	set_time(reports, &slot->report, words);
	return slot;
}

/* The report a sentence belongs to; a fresh one where the open one already has
 * what must not come twice. */
static struct slot *slot_for(struct reports *reports, const struct words *words, enum sentence sentence)
{
	struct slot *slot = slot_of(reports, words->key);
	if (!slot)
		return open_slot(reports, words);
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
	finish(reports, slot);
	return open_slot(reports, words);
}

static void note_reaped(struct reports *reports, struct text body)
{
	int64_t pid;
	struct text comm;
	bool failed;
	read_reaped(body, &pid, &comm, &failed);
	if (pid < 0)
		return;
	/* The reaper has a mark of its own. */
	struct slot *newest = NULL;
	for (int i = 0; i < REPORTS_OPEN; i++) {
		struct slot *slot = reports->slots[i];
		if (!is_open(reports, i))
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
static void take_sentence(struct reports *reports, const struct words *words, enum sentence sentence)
{
	struct text body = words->body;
	if (sentence == SENTENCE_REAPED) {
		note_reaped(reports, body);
		return;
	}
	/* Torn off by other lines: only where the report lacks it. */
	if (sentence == SENTENCE_SUMMARY_TAIL || sentence == SENTENCE_GROUP || sentence == SENTENCE_SHARER ||
	    sentence == SENTENCE_LIMIT) {
		struct slot *slot = slot_of(reports, words->key);
		if (!slot && sentence == SENTENCE_SUMMARY_TAIL)
			return;
	}
	struct slot *slot = slot_for(reports, words, sentence);
	struct klog_report *report = &slot->report;
	slot->quiet = 0;
	slot->age = ++reports->age;
	slot->in_stats = false;
	set_time(reports, report, words);
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
		read_kill(report, body, sentence, words->whole);
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

void reports_take(struct reports *reports, const struct words *words)
{
	struct text body = words->body;
	enum sentence sentence = sentence_of(body);
	if (sentence != SENTENCE_NONE) {
		take_sentence(reports, words, sentence);
		return;
	}
	struct slot *slot = slot_of(reports, words->key);
	if (!slot) {
		/* The head is lost: a table or the figures of memory may begin one. */
		bool row = is_table_row(body);
		if (!row && !begins_memory(text_trim(body)))
			return;
		slot = open_slot(reports, words);
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
		set_time(reports, report, words);
		slot->quiet = 0;
		slot->age = ++reports->age;
		return;
	}
	slot->quiet++;
	bool killed = report->nkills > 0 || report->panic != KLOG_PANIC_NONE;
	if (slot->quiet > (killed ? TAIL_LINES : QUIET_LINES))
		finish(reports, slot);
}

bool reports_are_open(const struct reports *reports)
{
	for (int i = 0; i < REPORTS_OPEN; i++) {
		if (is_open(reports, i))
			return true;
	}
	return false;
}

bool reports_row_wants_more(struct reports *reports, const char *key, struct text body)
{
	struct slot *slot = slot_of(reports, key);
	return slot && row_wants_more(&slot->report, body);
}

void reports_flush(struct reports *reports)
{
	for (int i = 0; i < REPORTS_OPEN; i++) {
		struct slot *oldest = NULL;
		for (int k = 0; k < REPORTS_OPEN; k++) {
			if (is_open(reports, k) && (!oldest || reports->slots[k]->report.offset < oldest->report.offset))
				oldest = reports->slots[k];
		}
		if (oldest)
			finish(reports, oldest);
	}
}
