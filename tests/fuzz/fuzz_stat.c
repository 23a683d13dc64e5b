/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = text_of((const char *)data, size);
	struct parsed_stat stat = { .pid = -7 };
	int r = parse_task_stat(bytes, &stat);
	if (r < 0) {
		MUST(stat.pid == -7);
	} else {
		MUST(is_within(stat.comm, data, size));
		MUST(stat.state != ' ' && stat.state != '\n');
		/* What follows the name is free of ')': it was the last one. */
		const char *close = stat.comm.ptr + stat.comm.len;
		MUST(*close == ')');
		MUST(!memchr(close + 1, ')', size - (size_t)(close + 1 - (const char *)data)));
	}
	uint64_t pages = 99;
	if (parse_task_statm(bytes, &pages) < 0)
		MUST(pages == 99);
	int32_t number = 99;
	if (parse_task_number(bytes, &number) < 0)
		MUST(number == 99);
	return 0;
}
