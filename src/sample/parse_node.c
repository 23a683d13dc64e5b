/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * NUMA: a node's meminfo, and the memory policies of a process.
 */
#include "oomsight/sample/parse.h"

#include <errno.h>
#include <stddef.h>

#include "oomsight/base/units.h"

/* "Node 0 MemTotal:  16314352 kB"; counts of huge pages have no unit. */
int parse_node_meminfo(struct text bytes, struct node *node)
{
	static const struct {
		const char *key;
		size_t offset;
		unsigned unit;
	} keys[] = {
		{ "MemTotal:", offsetof(struct node, total_bytes), 1024 },
		{ "MemFree:", offsetof(struct node, free_bytes), 1024 },
		{ "FilePages:", offsetof(struct node, file_bytes), 1024 },
		{ "AnonPages:", offsetof(struct node, anon_bytes), 1024 },
		{ "Shmem:", offsetof(struct node, shmem_bytes), 1024 },
		{ "AnonHugePages:", offsetof(struct node, anon_huge_bytes), 1024 },
		{ "HugePages_Total:", offsetof(struct node, huge_total), 1 },
		{ "HugePages_Free:", offsetof(struct node, huge_free), 1 },
	};
	struct text line, word, key, number;
	uint64_t value;
	bool has_total = false;
	while (text_next_line(&bytes, &line)) {
		if (!text_next_word(&line, &word) || !text_is(word, "Node") || !text_next_word(&line, &word) ||
		    !text_next_word(&line, &key) || !text_next_word(&line, &number) ||
		    text_to_u64(number, 10, &value) < 0)
			continue;
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
			if (text_is(key, keys[i].key)) {
				*(uint64_t *)((char *)node + keys[i].offset) = u64_mul_sat(value, keys[i].unit);
				has_total |= i == 0;
			}
		}
	}
	return has_total ? 0 : -EINVAL;
}

/* "bind:0-1", "interleave=static:0", "weighted interleave:0", "default",
 * "prefer:0", "local": mm/mempolicy.c mpol_to_str(). Flags stand between '='
 * and ':'. */
static enum task_policy policy_of(struct text word, struct nodeset *ret_nodes)
{
	*ret_nodes = (struct nodeset){ { 0 } };
	struct text rest = word, mode;
	text_next_until(&rest, ':', &mode);
	enum task_policy policy = POLICY_OTHER;
	if (text_has_prefix(mode, TEXT("bind")))
		policy = POLICY_BIND;
	else if (text_has_prefix(mode, TEXT("interleave")))
		policy = POLICY_INTERLEAVE;
	if (policy != POLICY_OTHER && nodeset_parse(rest, ret_nodes) < 0)
		return POLICY_OTHER;
	return policy;
}

/* How many different policies of areas are told apart in counting. */
#define POLICIES 8

int parse_numa_maps(struct text bytes, enum task_policy *ret_policy, struct nodeset *ret_nodes)
{
	struct text policies[POLICIES];
	unsigned counts[POLICIES] = { 0 };
	unsigned n = 0, most = 0;
	struct text line, address, policy, word;
	while (text_next_line(&bytes, &line)) {
		if (!text_next_word(&line, &address) || !text_next_word(&line, &policy))
			continue;
		while (text_next_word(&line, &word)) {
			if (text_is(word, "stack")) {
				*ret_policy = policy_of(policy, ret_nodes);
				return 0;
			}
		}
		unsigned i = 0;
		while (i < n && !text_equal(policies[i], policy))
			i++;
		if (i == n && n < POLICIES)
			policies[n++] = policy;
		if (i < n && ++counts[i] > counts[most])
			most = i;
	}
	if (n == 0)
		return -ENODATA;
	*ret_policy = policy_of(policies[most], ret_nodes);
	return 0;
}
