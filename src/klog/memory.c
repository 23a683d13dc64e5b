/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where memory was: show_mem() and the memory cgroup's block. The lines are lists
 * of "key:value", in changing order; they are read by key, each kind known by
 * how it begins, so that releases that add or move a key need no new code.
 */
#include <string.h>

#include "words.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next "key:value" or "key: value" of a line. unit: "kB" and the like, or
 * empty. False at the end. */
static bool next_pair(struct text *rest, struct text *ret_key, uint64_t *ret_value, struct text *ret_unit)
{
	struct text word;
	while (text_next_word(rest, &word)) {
		long colon = text_find(word, TEXT(":"));
		if (colon <= 0)
			continue;
		*ret_key = text_of(word.ptr, (size_t)colon);
		struct text value = text_from(word, (size_t)colon + 1);
		if (value.len == 0) {
			struct text ahead = *rest;
			if (!text_next_word(&ahead, &value) || !is_digit(*value.ptr))
				continue;
			*rest = ahead;
		}
		size_t n = word_u64(value, ret_value);
		if (n == 0)
			continue;
		*ret_unit = text_from(value, n);
		return true;
	}
	return false;
}

static bool is_kib(struct text unit)
{
	return unit.len >= 2 && (unit.ptr[0] == 'k' || unit.ptr[0] == 'K') && unit.ptr[1] == 'B';
}

static int counter_of(struct text key)
{
	for (int i = 0; i < KLOG_COUNTER__COUNT; i++) {
		if (text_is(key, klog_counter_name((enum klog_counter)i)))
			return i;
	}
	return -1;
}

/* "active_anon:4659 inactive_anon:2167 isolated_anon:0 …": counts without a unit.
 * rsyslog writes the line ends within the record as #012. */
static bool read_counters(struct klog_report *report, struct text body)
{
	struct text rest = text_trim(body), key, unit;
	uint64_t value;
	struct text first;
	struct text look = rest;
	if (!text_next_word(&look, &first) || text_find(first, TEXT(":")) < 0 || !next_pair(&rest, &key, &value, &unit) ||
	    key.ptr != first.ptr || counter_of(key) < 0 || is_kib(unit))
		return false;
	do {
		int i = counter_of(key);
		if (i >= 0 && !is_kib(unit))
			report->counters[i] = klog_u64(value);
	} while (next_pair(&rest, &key, &value, &unit));
	report->has_meminfo = true;
	return true;
}

/* "Node 0 " → its number and what follows; node unknown where it is missing. */
static struct klog_u64 take_node(struct text *t)
{
	uint64_t node;
	long at = text_find(*t, TEXT("Node "));
	if (at >= 0) {
		struct text rest = text_from(*t, (size_t)at + 5);
		size_t n = word_u64(rest, &node);
		if (n > 0 && n < rest.len && rest.ptr[n] == ' ') {
			*t = text_from(rest, n + 1);
			return klog_u64(node);
		}
	}
	return (struct klog_u64){ FACT_UNKNOWN, 0 };
}

static bool is_zone_name(struct text name)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable", "Device" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (text_is(name, names[i]))
			return true;
	}
	return false;
}

static struct klog_zone *zone_of(struct klog_report *report, struct klog_u64 node, struct text name)
{
	for (uint32_t i = 0; i < report->nzones; i++) {
		struct klog_zone *zone = &report->zones[i];
		if (zone->node.state == node.state && zone->node.value == node.value &&
		    text_equal(klog_text(report, zone->name), name))
			return zone;
	}
	struct klog_zone *zone = klog_report_add_zone(report);
	if (zone) {
		zone->node = node;
		zone->name = klog_report_keep(report, name);
	}
	return zone;
}

/* "Node 0 DMA32 free:56160kB min:2180kB …" */
static bool read_zone(struct klog_report *report, struct text body)
{
	static const struct {
		const char *key;
		size_t offset;
	} fields[] = {
#define F(name) { #name, offsetof(struct klog_zone, name##_kib) }
		F(free), F(min), F(low), F(high), F(boost), F(present), F(managed), F(active_anon), F(inactive_anon),
		F(active_file), F(inactive_file), F(unevictable),
#undef F
	};
	struct text t = text_trim(body), name, key, unit;
	uint64_t value;
	struct klog_u64 node = take_node(&t);
	if (!text_next_word(&t, &name) || !is_zone_name(name) || !text_has_prefix(text_trim(t), TEXT("free:")))
		return false;
	struct klog_zone *zone = zone_of(report, node, name);
	if (!zone)
		return true;
	while (next_pair(&t, &key, &value, &unit)) {
		if (!is_kib(unit))
			continue;
		for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
			struct klog_u64 *field = (struct klog_u64 *)((char *)zone + fields[i].offset);
			/* free:, low: and others come again later with another meaning (free_pcp has its own name) */
			if (text_is(key, fields[i].key) && field->state != FACT_KNOWN)
				*field = klog_u64(value);
		}
	}
	report->has_meminfo = true;
	return true;
}

/* "(UMEC)" → bits; 0 for anything else. */
static uint8_t block_types(struct text word)
{
	uint8_t types = 0;
	if (word.len < 3 || word.ptr[0] != '(' || word.ptr[word.len - 1] != ')')
		return 0;
	for (size_t i = 1; i < word.len - 1; i++) {
		switch (word.ptr[i]) {
		case 'U':
		case 'M':
		case 'E':
			types |= KLOG_BLOCK_COMMON;
			break;
		case 'H':
			types |= KLOG_BLOCK_HIGHATOMIC;
			break;
		case 'C':
			types |= KLOG_BLOCK_CMA;
			break;
		case 'I':
			types |= KLOG_BLOCK_ISOLATED;
			break;
		default:
			return 0;
		}
	}
	return types;
}

/* "Node 0 DMA: 3*4kB (U) 1*8kB … = 3364kB": the first size is the page's. */
static bool read_blocks(struct klog_report *report, struct text body)
{
	struct text t = text_trim(body), name, word;
	struct klog_u64 node = take_node(&t);
	if (!text_next_word(&t, &name) || name.len < 2 || name.ptr[name.len - 1] != ':' ||
	    !is_zone_name(text_of(name.ptr, name.len - 1)))
		return false;
	name.len--;
	uint64_t blocks[KLOG_ORDERS] = { 0 };
	uint8_t types[KLOG_ORDERS] = { 0 };
	uint64_t base = 0;
	unsigned order = 0;
	while (text_next_word(&t, &word) && *word.ptr != '=') {
		uint64_t count, kib;
		size_t n = word_u64(word, &count);
		if (n == 0 && order > 0)
			types[order - 1] |= block_types(word);
		if (order == KLOG_ORDERS)
			continue;
		if (n == 0 || n == word.len || word.ptr[n] != '*')
			continue;
		struct text size = text_from(word, n + 1);
		n = word_u64(size, &kib);
		if (n == 0 || !is_kib(text_from(size, n)))
			break;
		if (order == 0)
			base = kib;
		if (base == 0 || kib != base << order)
			break;
		blocks[order++] = count;
	}
	if (order == 0)
		return false;
	struct klog_zone *zone = zone_of(report, node, name);
	if (zone) {
		memcpy(zone->blocks, blocks, sizeof blocks);
		memcpy(zone->types, types, sizeof types);
		zone->has_blocks = true;
		zone->norders = (uint8_t)order;
	}
	if (report->page_kib.state != FACT_KNOWN)
		report->page_kib = klog_u64(base);
	report->has_meminfo = true;
	return true;
}

static bool read_hugepages(struct klog_report *report, struct text body)
{
	static const struct text keys[] = { { "hugepages_total=", 16 }, { "hugepages_free=", 15 }, { "hugepages_size=", 15 } };
	uint64_t values[3];
	for (int i = 0; i < 3; i++) {
		long at = text_find(body, keys[i]);
		struct text rest = text_from(body, at < 0 ? body.len : (size_t)at + keys[i].len);
		size_t n = word_u64(rest, &values[i]);
		if (n == 0 || n == rest.len)
			return false;
	}
	struct text t = body;
	struct klog_u64 node = take_node(&t);
	struct klog_hugepages *huge = klog_report_add_hugepages(report);
	if (huge)
		*huge = (struct klog_hugepages){ node, values[0], values[1], values[2] };
	return true;
}

/* "512558 pages RAM", "Total swap = 0kB" */
static bool read_total(struct klog_report *report, struct text body)
{
	static const struct {
		const char *words;
		size_t offset;
	} totals[] = {
#define F(words, name) { words, offsetof(struct klog_report, name) }
		F(" pages RAM", ram_pages), F(" pages HighMem", highmem_pages), F(" pages reserved", reserved_pages),
		F(" total pagecache pages", pagecache_pages), F(" pages in swap cache", swapcache_pages),
#undef F
	};
	static const struct text swaps[] = { { "Total swap = ", 13 }, { "Free swap  = ", 13 }, { "Free swap = ", 12 } };
	uint64_t value;
	body = text_trim(body);
	size_t n = word_u64(body, &value);
	for (size_t i = 0; n > 0 && i < sizeof totals / sizeof *totals; i++) {
		if (!text_has_prefix(text_from(body, n), text_of_str(totals[i].words)))
			continue;
		struct klog_u64 *field = (struct klog_u64 *)((char *)report + totals[i].offset);
		if (field->state != FACT_KNOWN)
			*field = klog_u64(value);
		report->has_meminfo = true;
		return true;
	}
	for (size_t i = 0; i < sizeof swaps / sizeof *swaps; i++) {
		if (!text_has_prefix(body, swaps[i]))
			continue;
		struct text rest = text_from(body, swaps[i].len);
		n = word_u64(rest, &value);
		if (n > 0 && is_kib(text_from(rest, n))) {
			if (i == 0)
				report->swap_total_kib = klog_u64(value);
			else
				report->swap_free_kib = klog_u64(value);
		}
		return true;
	}
	return false;
}

/* "memory: usage 524288kB, limit 524288kB, failcnt 69" */
static bool read_limits(struct klog_report *report, struct text body)
{
	static const struct {
		const char *words;
		size_t offset;
	} limits[] = {
		{ "memory: usage ", offsetof(struct klog_report, limit_memory) },
		{ "memory+swap: usage ", offsetof(struct klog_report, limit_memsw) },
		{ "swap: usage ", offsetof(struct klog_report, limit_swap) },
		{ "kmem: usage ", offsetof(struct klog_report, limit_kmem) },
	};
	body = text_trim(body);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct text words = text_of_str(limits[i].words);
		if (!text_has_prefix(body, words))
			continue;
		struct klog_limit *limit = (struct klog_limit *)((char *)report + limits[i].offset);
		struct text rest = text_from(body, words.len);
		uint64_t value;
		size_t n = word_u64(rest, &value);
		if (n > 0 && is_kib(text_from(rest, n)))
			limit->usage_kib = klog_u64(value);
		long at = text_find(rest, TEXT("limit "));
		if (at >= 0) {
			struct text t = text_from(rest, (size_t)at + 6);
			n = word_u64(text_trim(t), &value);
			if (n > 0 && is_kib(text_from(text_trim(t), n)))
				limit->limit_kib = klog_u64(value);
		}
		at = text_find(rest, TEXT("failcnt "));
		if (at >= 0 && word_u64(text_from(rest, (size_t)at + 8), &value) > 0)
			limit->failcnt = klog_u64(value);
		report->scope = KLOG_SCOPE_MEMCG;
		return true;
	}
	return false;
}

static void add_stat(struct klog_report *report, struct text name, uint64_t value)
{
	struct klog_stat *stat = klog_report_add_stat(report);
	if (stat)
		*stat = (struct klog_stat){ klog_report_keep(report, name), value };
}

static bool is_stat_name(struct text name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!(c >= 'a' && c <= 'z') && c != '_' && c != '(' && c != ')' && !(i > 0 && is_digit(c)))
			return false;
	}
	return name.len > 0 && name.len < 48;
}

/* "anon 0", several on a line where the record had many lines. */
static bool read_stats(struct klog_report *report, struct text body)
{
	struct text name, number;
	bool any = false;
	while (text_next_word(&body, &name) && is_stat_name(name)) {
		uint64_t value;
		if (!text_next_word(&body, &number) || word_u64(number, &value) != number.len)
			break;
		add_stat(report, name, value);
		any = true;
	}
	return any;
}

/* "Memory cgroup stats for /leaker: cache:844KB rss:521136KB …", or the path alone
 * and lines below. Of several groups below the limit only the first counts. */
static bool read_stats_header(struct klog_report *report, struct text body, bool *in_stats)
{
	long at = text_find(body, TEXT("Memory cgroup stats"));
	if (at < 0)
		return false;
	struct text t = text_from(body, (size_t)at + 19), key, unit;
	uint64_t value;
	*in_stats = report->nstats == 0;
	if (text_has_prefix(t, TEXT(" for "))) {
		/* the path may hold colons: it ends at the one before the pairs, or at the end */
		t = text_from(t, 5);
		long end = text_find(t, TEXT(": cache:"));
		if (end < 0 && t.len > 0 && text_trim(t).ptr[text_trim(t).len - 1] == ':')
			end = (long)(text_trim(t).len) - 1;
		if (end < 0)
			end = text_find(t, TEXT(": "));
		if (end > 0 && report->oom_memcg.state != FACT_KNOWN)
			report->oom_memcg = klog_report_keep(report, text_of(t.ptr, (size_t)end));
		t = text_from(t, end < 0 ? t.len : (size_t)end + 1);
	}
	report->scope = KLOG_SCOPE_MEMCG;
	if (*in_stats && read_stats(report, t))
		return true;
	while (*in_stats && next_pair(&t, &key, &value, &unit)) {
		if (is_kib(unit) && value <= UINT64_MAX / 1024)
			add_stat(report, key, value * 1024);
	}
	return true;
}

bool read_memory(struct klog_report *report, struct text body, bool *in_stats)
{
	if (read_stats_header(report, body, in_stats) || read_limits(report, body))
		return true;
	if (*in_stats && read_stats(report, body))
		return true;
	struct text trimmed = text_trim(body);
	if (text_has_prefix(trimmed, TEXT("Mem-Info:"))) {
		report->has_meminfo = true;
		trimmed = text_trim(text_from(trimmed, 9));
		if (trimmed.len > 0)
			read_counters(report, trimmed);
		return true;
	}
	return read_counters(report, body) || read_zone(report, body) || read_blocks(report, body) ||
	       read_hugepages(report, body) || read_total(report, body);
}
