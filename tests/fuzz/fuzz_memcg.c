/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = text_of((const char *)data, size);
	struct memcg memcg = { .stat_known = 0 };
	struct parsed_memcg_mount mount;
	struct node node = { .id = 0 };
	struct nodeset nodes = { { 0 } };
	enum task_policy policy;
	uint64_t amount = 7;
	uint64_t events[MEMCG_EVENT__COUNT] = { 0 };
	uint8_t known = 0;
	if (parse_memcg_bytes(bytes, &amount) < 0)
		MUST(amount == 7);
	for (unsigned version = MEMCG_V1; version <= MEMCG_V2; version++) {
		if (parse_memcg_stat(bytes, (enum memcg_version)version, &memcg) == 0)
			MUST(memcg.stat_known != 0 && memcg.stat_known >> MEMCG_STAT__COUNT == 0);
	}
	MUST((parse_memcg_events(bytes, events, &known) == 0) == (known != 0));
	parse_memcg_oom_control(bytes, &memcg);
	parse_node_meminfo(bytes, &node);
	if (parse_numa_maps(bytes, &policy, &nodes) == 0)
		MUST(policy != POLICY_OTHER || nodeset_is_empty(&nodes));
	struct pages pages = { .pid = 1 };
	struct text rest = bytes, line;
	while (text_next_line(&rest, &line))
		pages_add_line(&pages, line, 4096);
	MUST(pages.nnodes <= PAGES_NODES && pages.npolicies <= PAGES_POLICIES);
	if (parse_mountinfo_memcg(bytes, &mount) == 0) {
		MUST(mount.version != MEMCG_NONE);
		MUST(is_within(mount.mount_point, data, size) && is_within(mount.root, data, size));
	}
	return 0;
}
