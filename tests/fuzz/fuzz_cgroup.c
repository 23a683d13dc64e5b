/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text path = TEXT("untouched");
	if (parse_task_cgroup(text_of((const char *)data, size), &path) < 0) {
		MUST(text_is(path, "untouched"));
		return 0;
	}
	MUST(is_within(path, data, size));
	MUST(path.len > 0 && !memchr(path.ptr, '\n', path.len));
	return 0;
}
