/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/snapshot/memcg.h"

const struct memcg_fact_info memcg_stat_table[MEMCG_STAT__COUNT] = {
#define X(id, in_v2, in_v1, in_name, in_help) [MEMCG_STAT_##id] = { in_v2, in_v1, in_name, in_help },
	MEMCG_STATS(X)
#undef X
};

const struct memcg_fact_info memcg_event_table[MEMCG_EVENT__COUNT] = {
#define X(id, in_name, in_help) [MEMCG_EVENT_##id] = { in_name, 0, in_name, in_help },
	MEMCG_EVENT_KINDS(X)
#undef X
};
