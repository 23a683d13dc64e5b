/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/snapshot/system.h"

#include <string.h>

const struct sys_fact_info sys_fact_table[SYS__COUNT] = {
#define X(id, in_file, in_key, in_unit, in_name, in_help) \
	[SYS_##id] = { SYS_FILE_##in_file, in_key, FACT_##in_unit, in_name, in_help },
	SYS_FACTS(X)
#undef X
};

const char *const sysctl_names[SYSCTL__COUNT] = {
#define X(id, name) [SYSCTL_##id] = name,
	SYSCTLS(X)
#undef X
};

int sysctl_find(const char *name)
{
	for (int i = 0; i < SYSCTL__COUNT; i++) {
		if (strcmp(sysctl_names[i], name) == 0)
			return i;
	}
	return -1;
}
