/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files of the whole host made of keys and numbers: meminfo, vmstat, stat; and
 * those that are a number or a few: uptime, sysctls, zram's mm_stat,
 * dentry-state.
 */
#include "oomsight/sample/parse.h"

#include <errno.h>

static const uint64_t kib = 1024;

/* Per-zone and per-type counters that a starred key adds up. Other suffixes
 * are other things: pgscan_direct_throttle counts sleeps, not pages. */
static bool is_part(struct text suffix)
{
	static const char *const parts[] = { "dma", "dma32", "normal", "high", "movable", "device", "anon", "file" };
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (text_is(suffix, parts[i]))
			return true;
	}
	return false;
}

enum match { MATCH_NONE, MATCH_WHOLE, MATCH_PART };

static enum match match_key(const char *pattern, struct text key)
{
	size_t len = strlen(pattern);
	if (pattern[len - 1] != '*')
		return len == key.len && memcmp(pattern, key.ptr, len) == 0 ? MATCH_WHOLE : MATCH_NONE;
	len--;
	if (key.len < len || memcmp(pattern, key.ptr, len) != 0)
		return MATCH_NONE;
	if (key.len == len)
		return MATCH_WHOLE;
	return key.ptr[len] == '_' && is_part(text_of(key.ptr + len + 1, key.len - len - 1)) ? MATCH_PART : MATCH_NONE;
}

static void set_fact(struct system_facts *facts, unsigned fact, int error, uint64_t value)
{
	facts->state[fact] = error < 0 ? FACT_UNKNOWN : FACT_KNOWN;
	facts->value[fact] = error < 0 ? 0 : value;
}

/* The number after a key, in the fact's unit. */
static int fact_value(const struct sys_fact_info *info, struct text rest, uint64_t *ret_value)
{
	struct text word;
	uint64_t value;
	if (!text_next_word(&rest, &word))
		return -EINVAL;
	int r = text_to_u64(word, 10, &value);
	if (r < 0)
		return r;
	if (info->unit == FACT_BYTES && __builtin_mul_overflow(value, kib, &value))
		return -ERANGE;
	*ret_value = value;
	return 0;
}

static void take_line(struct system_facts *facts, unsigned fact, enum match match, bool *whole, struct text rest)
{
	uint64_t value = 0;
	int r = fact_value(&sys_fact_table[fact], rest, &value);
	if (match == MATCH_WHOLE) {
		*whole = true;
		set_fact(facts, fact, r, value);
		return;
	}
	if (*whole || facts->state[fact] == FACT_UNKNOWN)
		return;
	if (r == 0 && facts->state[fact] == FACT_KNOWN && __builtin_add_overflow(facts->value[fact], value, &value))
		r = -ERANGE;
	set_fact(facts, fact, r, value);
}

/* "cpu  user nice system idle …": columns came one by one until 2.6.11. */
static void take_cpu_line(struct system_facts *facts, struct text rest)
{
	for (unsigned fact = SYS_CPU_USER; fact <= SYS_CPU_STEAL; fact++) {
		struct text word;
		if (!text_next_word(&rest, &word))
			return;
		uint64_t value = 0;
		int r = text_to_u64(word, 10, &value);
		set_fact(facts, fact, r, value);
	}
}

static void set_all(enum sys_file file, enum fact_state state, struct system_facts *facts)
{
	for (unsigned i = 0; i < SYS__COUNT; i++) {
		if (sys_fact_table[i].file == file) {
			facts->state[i] = (uint8_t)state;
			facts->value[i] = 0;
		}
	}
}

int parse_system_file(enum sys_file file, struct text bytes, struct system_facts *facts)
{
	bool whole[SYS__COUNT] = { false };
	bool found = false;
	unsigned first = SYS__COUNT, end = 0;
	set_all(file, FACT_ABSENT, facts);
	for (unsigned i = 0; i < SYS__COUNT; i++) {
		if (sys_fact_table[i].file == file) {
			first = first < i ? first : i;
			end = i + 1;
		}
	}
	/* The table follows the files: the next key mostly stands where the
	 * last search stopped. */
	unsigned next = first;
	struct text line;
	while (text_next_line(&bytes, &line)) {
		struct text key;
		if (!text_next_word(&line, &key))
			continue;
		if (file == SYS_FILE_STAT && text_is(key, "cpu")) {
			take_cpu_line(facts, line);
			found = true;
			continue;
		}
		if (file == SYS_FILE_MEMINFO && key.ptr[key.len - 1] == ':')
			key.len--;
		for (unsigned tried = 0; tried < end - first; tried++) {
			unsigned i = first + (next - first + tried) % (end - first);
			if (sys_fact_table[i].file != file || sys_fact_table[i].unit == FACT_TICKS)
				continue;
			enum match match = match_key(sys_fact_table[i].key, key);
			if (match == MATCH_NONE)
				continue;
			take_line(facts, i, match, &whole[i], line);
			found = true;
			next = match == MATCH_WHOLE ? i + 1 : i;
			break;
		}
	}
	if (!found) {
		set_all(file, FACT_UNKNOWN, facts);
		return -EINVAL;
	}
	return 0;
}

static void forget_excess(struct system_facts *facts, enum sys_fact part, enum sys_fact whole)
{
	if (system_knows(facts, part) && system_knows(facts, whole) && facts->value[part] > facts->value[whole])
		facts->state[part] = FACT_UNKNOWN;
}

void parse_meminfo_judge(struct system_facts *facts)
{
	if (system_knows(facts, SYS_MEM_TOTAL) && facts->value[SYS_MEM_TOTAL] == 0)
		facts->state[SYS_MEM_TOTAL] = FACT_UNKNOWN;
	forget_excess(facts, SYS_MEM_FREE, SYS_MEM_TOTAL);
	forget_excess(facts, SYS_MEM_AVAILABLE, SYS_MEM_TOTAL);
	forget_excess(facts, SYS_SWAP_FREE, SYS_SWAP_TOTAL);
}

uint32_t parse_stat_cpus(struct text bytes)
{
	uint32_t cpus = 0;
	struct text line;
	while (text_next_line(&bytes, &line)) {
		if (line.len > 3 && memcmp(line.ptr, "cpu", 3) == 0 && line.ptr[3] >= '0' && line.ptr[3] <= '9')
			cpus++;
	}
	return cpus;
}

int parse_uptime(struct text bytes, uint64_t *ret_ns)
{
	struct text word;
	double seconds;
	if (!text_next_word(&bytes, &word))
		return -EINVAL;
	int r = text_to_double(word, &seconds);
	if (r < 0)
		return r;
	if (seconds >= 1e10)
		return -ERANGE;
	*ret_ns = (uint64_t)(seconds * 1e9 + 0.5);
	return 0;
}

int parse_sysctl(struct text bytes, int64_t *ret_value)
{
	struct text word;
	int64_t value;
	if (!text_next_word(&bytes, &word))
		return -EINVAL;
	int r = text_to_i64(word, &value);
	if (r == -ERANGE)
		value = word.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
	else if (r < 0)
		return r;
	*ret_value = value;
	return 0;
}

static int take_columns(struct text bytes, uint64_t *columns, int n)
{
	for (int i = 0; i < n; i++) {
		struct text word;
		if (!text_next_word(&bytes, &word))
			return -EINVAL;
		int r = text_to_u64(word, 10, &columns[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int parse_zram_mm_stat(struct text bytes, uint64_t *ret_original, uint64_t *ret_used)
{
	uint64_t column[3];
	int r = take_columns(bytes, column, 3);
	if (r < 0)
		return r;
	*ret_original = column[0];
	*ret_used = column[2];
	return 0;
}

int parse_dentry_state(struct text bytes, uint64_t *ret_dentries, uint64_t *ret_unused)
{
	uint64_t column[2];
	int r = take_columns(bytes, column, 2);
	if (r < 0)
		return r;
	*ret_dentries = column[0];
	*ret_unused = column[1];
	return 0;
}
