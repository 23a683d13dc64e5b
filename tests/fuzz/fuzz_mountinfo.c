/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parsed_proc_mount mount = { PROC_HIDES_BY_GROUP, 77 };
	if (parse_mountinfo_proc(text_of((const char *)data, size), TEXT("/proc"), &mount) < 0)
		MUST(mount.hiding == PROC_HIDES_BY_GROUP && mount.gid == 77);
	return 0;
}
