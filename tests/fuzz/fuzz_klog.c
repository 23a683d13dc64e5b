/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A log of any bytes: parsed, explained and printed. Cut into pieces it must
 * give the same answers, by a parser that keeps little too. More seeds: tests/fixtures/oomlogs.
 */
#include "fuzz.h"

#include <string.h>

#include "oomsight/emit/explain.h"
#include "oomsight/klog/explain.h"
#include "oomsight/klog/parse.h"

static void within(const struct klog_report *report, struct klog_text text)
{
	if (text.state == FACT_KNOWN)
		MUST(text.offset <= report->arena_len && text.len <= report->arena_len - text.offset);
}

static void take(struct klog_report *report, void *context)
{
	struct out *out = context;
	static struct explanation ex;
	MUST(report->nkills > 0 || report->has_header || report->has_summary || report->has_table ||
	     report->chosen.pid.state == FACT_KNOWN || report->panic != KLOG_PANIC_NONE || report->nobody_killable);
	for (uint32_t i = 0; i < report->ntasks; i++)
		within(report, report->tasks[i].name);
	for (uint32_t i = 0; i < report->nkills; i++) {
		within(report, report->kills[i].task.comm);
		MUST(report->kills[i].task.pid.state == FACT_KNOWN && report->kills[i].task.pid.value >= 0);
	}
	explain_report(report, &ex);
	MUST(ex.ntop <= EXPLAIN_TOP && ex.nadvice <= EXPLAIN_ADVICE);
	MUST(ex.agrees == AGREES_UNKNOWN || ex.because[0]);
	for (uint32_t i = 1; i < ex.ntop; i++)
		MUST(!ex.top[i].has_points || !ex.top[i - 1].has_points || ex.top[i - 1].points >= ex.top[i].points);
	emit_report_json(out, report, &ex);
	emit_report_text(out, report, &ex, 1);
}

static void parse(const uint8_t *data, size_t size, size_t piece, bool little, struct out *out)
{
	struct klog_parser *parser = klog_parser_new(take, out);
	MUST(parser && (!little || klog_parser_keep_little(parser) == 0));
	for (size_t at = 0; at < size; at += piece)
		MUST(klog_parser_feed(parser, (const char *)data + at, size - at < piece ? size - at : piece) == 0);
	MUST(klog_parser_flush(parser) == 0);
	klog_parser_free(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int little = 0; little < 2; little++) {
		struct out whole, pieces;
		out_init(&whole);
		out_init(&pieces);
		parse(data, size, size + 1, little, &whole);
		parse(data, size, 1 + size / 7, little, &pieces);
		MUST(whole.error == 0 && text_equal(text_of(whole.bytes, whole.len), text_of(pieces.bytes, pieces.len)));
		for (size_t i = 0; i < whole.len; i++)
			MUST((unsigned char)whole.bytes[i] >= ' ' || whole.bytes[i] == '\n');
		out_done(&whole);
		out_done(&pieces);
	}
	return 0;
}
