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

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* "prefer (many):0" and "weighted interleave:0" are two words. */
static bool next_policy(struct text *line, struct text *ret_policy)
{
	struct text first, second, rest;
	if (!text_next_word(line, &first))
		return false;
	*ret_policy = first;
	rest = *line;
	if ((text_is(first, "prefer") || text_is(first, "weighted")) && text_next_word(&rest, &second)) {
		*ret_policy = text_of(first.ptr, (size_t)(second.ptr + second.len - first.ptr));
		*line = rest;
	}
	return true;
}

/* "N3=17" */
static bool is_node_count(struct text word, uint32_t *ret_node, uint64_t *ret_pages)
{
	struct text name;
	uint64_t node;
	if (!text_has_prefix(word, TEXT("N")) || !text_next_until(&word, '=', &name) || name.len < 2 ||
	    text_to_u64(text_of(name.ptr + 1, name.len - 1), 10, &node) < 0 || node >= NODES_MAX ||
	    text_to_u64(word, 10, ret_pages) < 0)
		return false;
	*ret_node = (uint32_t)node;
	return true;
}

static void add_node(struct pages *pages, uint32_t node, uint64_t bytes)
{
	unsigned i = 0;
	while (i < pages->nnodes && pages->nodes[i].node != node)
		i++;
	if (i == PAGES_NODES) {
		pages->other_nodes_bytes = add_sat(pages->other_nodes_bytes, bytes);
		return;
	}
	if (i == pages->nnodes)
		pages->nodes[pages->nnodes++] = (struct pages_of_node){ .node = node };
	pages->nodes[i].bytes = add_sat(pages->nodes[i].bytes, bytes);
}

static void add_policy(struct pages *pages, struct text policy, uint64_t bytes)
{
	char name[PAGES_POLICY_SIZE];
	unsigned i = 0;
	text_copy(policy, name, sizeof name);
	while (i < pages->npolicies && strcmp(pages->policies[i].name, name) != 0)
		i++;
	if (i == PAGES_POLICIES) {
		pages->other_policies_bytes = add_sat(pages->other_policies_bytes, bytes);
		return;
	}
	if (i == pages->npolicies)
		memcpy(pages->policies[pages->npolicies++].name, name, sizeof name);
	pages->policies[i].bytes = add_sat(pages->policies[i].bytes, bytes);
}

void pages_add_line(struct pages *pages, struct text line, uint32_t page_bytes)
{
	static const struct text size_key = TEXT("kernelpagesize_kB=");
	struct text address, policy, word, rest;
	uint64_t bytes = page_bytes, size_kib, count, sum = 0;
	uint32_t node;
	if (!text_next_word(&line, &address) || !next_policy(&line, &policy))
		return;
	/* The size of the pages stands behind their numbers. */
	for (rest = line; text_next_word(&rest, &word);) {
		if (text_has_prefix(word, size_key) &&
		    text_to_u64(text_of(word.ptr + size_key.len, word.len - size_key.len), 10, &size_kib) == 0)
			bytes = u64_mul_sat(size_kib, 1024);
	}
	for (rest = line; text_next_word(&rest, &word);) {
		if (!is_node_count(word, &node, &count))
			continue;
		count = u64_mul_sat(count, bytes);
		add_node(pages, node, count);
		sum = add_sat(sum, count);
	}
	add_policy(pages, policy, sum);
}
