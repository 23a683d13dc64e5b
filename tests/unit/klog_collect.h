/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text → the reports in it, kept for looking at.
 */
#ifndef OOMSIGHT_TESTS_KLOG_COLLECT_H
#define OOMSIGHT_TESTS_KLOG_COLLECT_H

#include "oomsight/klog/explain.h"
#include "oomsight/klog/parse.h"

#define COLLECT_MAX 16

struct collected {
	struct klog_report reports[COLLECT_MAX];
	uint32_t n;
};

static inline void collect_one(struct klog_report *report, void *context)
{
	struct collected *c = context;
	if (c->n < COLLECT_MAX)
		klog_report_take(&c->reports[c->n], report);
	c->n++;
}

/* Feed text in pieces of `chunk` bytes. */
static inline void collect(struct collected *c, struct text text, size_t chunk)
{
	*c = (struct collected){ .n = 0 };
	struct klog_parser *parser = klog_parser_new(collect_one, c);
	assert_non_null(parser);
	for (size_t at = 0; at < text.len; at += chunk)
		assert_int_equal(klog_parser_feed(parser, text.ptr + at, text.len - at < chunk ? text.len - at : chunk), 0);
	assert_int_equal(klog_parser_flush(parser), 0);
	klog_parser_free(parser);
}

static inline void collect_str(struct collected *c, const char *str)
{
	collect(c, text_of_str(str), 4096);
}

static inline void collected_done(struct collected *c)
{
	for (uint32_t i = 0; i < c->n && i < COLLECT_MAX; i++)
		klog_report_done(&c->reports[i]);
}

/* Is the text known, and this? */
static inline bool says(const struct klog_report *report, struct klog_text text, const char *str)
{
	return text.state == FACT_KNOWN && text_is(klog_text(report, text), str);
}

static inline bool is_number(struct klog_i64 number, int64_t value)
{
	return number.state == FACT_KNOWN && number.value == value;
}

static inline bool is_amount(struct klog_u64 number, uint64_t value)
{
	return number.state == FACT_KNOWN && number.value == value;
}

#endif
