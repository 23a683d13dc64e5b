/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parsed_status status = { .pid = -7 };
	if (parse_task_status(text_of((const char *)data, size), &status) < 0) {
		MUST(status.pid == -7);
		return 0;
	}
	MUST(is_within(status.groups, data, size));
	MUST(status.has_mm || status.rss_kib == 0);
	return 0;
}
