/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

static void check_file(enum sys_file file, struct text bytes)
{
	struct system_facts facts = { 0 };
	int r = parse_system_file(file, bytes, &facts);
	parse_meminfo_judge(&facts);
	for (unsigned i = 0; i < SYS__COUNT; i++) {
		if (sys_fact_table[i].file != file || r < 0)
			MUST(facts.state[i] == FACT_UNKNOWN);
		if (facts.state[i] == FACT_KNOWN && sys_fact_table[i].unit == FACT_BYTES)
			MUST(facts.value[i] % 1024 == 0);
	}
	MUST(!system_knows(&facts, SYS_MEM_TOTAL) || facts.value[SYS_MEM_TOTAL] > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = text_of((const char *)data, size);
	check_file(SYS_FILE_MEMINFO, bytes);
	check_file(SYS_FILE_VMSTAT, bytes);
	check_file(SYS_FILE_STAT, bytes);
	MUST(parse_stat_cpus(bytes) <= size / 4);
	uint64_t ns = 7, original = 7, used = 7;
	if (parse_uptime(bytes, &ns) < 0)
		MUST(ns == 7);
	if (parse_zram_mm_stat(bytes, &original, &used) < 0)
		MUST(original == 7 && used == 7);
	uint64_t dentries = 7, unused = 7;
	if (parse_dentry_state(bytes, &dentries, &unused) < 0)
		MUST(dentries == 7 && unused == 7);
	int64_t value = 7;
	if (parse_sysctl(bytes, &value) < 0)
		MUST(value == 7);
	return 0;
}
