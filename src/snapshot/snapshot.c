/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/snapshot/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "oomsight/base/units.h"

void snapshot_init(struct snapshot *snap)
{
	memset(snap, 0, sizeof *snap);
}

void snapshot_done(struct snapshot *snap)
{
	free(snap->tasks);
	free(snap->arena);
	free(snap->system.zones);
	free(snap->system.swaps);
	free(snap->memcgs);
	free(snap->nodes);
	free(snap->nodesets);
	snapshot_init(snap);
}

void snapshot_clear(struct snapshot *snap)
{
	struct snapshot kept = *snap;
	snapshot_init(snap);
	/* What was recalled is memory for once. */
	if (kept.tasks_state == TASKS_RECALLED) {
		free(kept.tasks);
	} else {
		snap->tasks = kept.tasks;
		snap->tasks_capacity = kept.tasks_capacity;
	}
	snap->arena = kept.arena;
	snap->arena_capacity = kept.arena_capacity;
	snap->system.zones = kept.system.zones;
	snap->system.zones_capacity = kept.system.zones_capacity;
	snap->system.swaps = kept.system.swaps;
	snap->system.swaps_capacity = kept.system.swaps_capacity;
	snap->memcgs = kept.memcgs;
	snap->memcgs_capacity = kept.memcgs_capacity;
	snap->nodes = kept.nodes;
	snap->nodes_capacity = kept.nodes_capacity;
	snap->nodesets = kept.nodesets;
	snap->nodesets_capacity = kept.nodesets_capacity;
}

/* Grow an array of `size`-byte elements to at least `want`, by half at least. */
static int grow(void **array, uint32_t *capacity, uint32_t want, size_t size, uint32_t least)
{
	if (want <= *capacity)
		return 0;
	uint64_t target = (uint64_t)*capacity + *capacity / 2;
	if (target < want)
		target = (uint64_t)want + want / 8;
	if (target < least)
		target = least;
	if (target > UINT32_MAX)
		return -ENOMEM;
	void *bigger = realloc(*array, (size_t)target * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*capacity = (uint32_t)target;
	return 0;
}

int snapshot_reserve_tasks(struct snapshot *snap, uint32_t tasks)
{
	void *array = snap->tasks;
	int r = grow(&array, &snap->tasks_capacity, tasks, sizeof *snap->tasks, 128);
	snap->tasks = array;
	return r;
}

int snapshot_reserve_zones(struct snapshot *snap, uint32_t zones)
{
	void *array = snap->system.zones;
	int r = grow(&array, &snap->system.zones_capacity, zones, sizeof *snap->system.zones, 4);
	snap->system.zones = array;
	return r;
}

int snapshot_reserve_swaps(struct snapshot *snap, uint32_t swaps)
{
	void *array = snap->system.swaps;
	int r = grow(&array, &snap->system.swaps_capacity, swaps, sizeof *snap->system.swaps, 4);
	snap->system.swaps = array;
	return r;
}

int snapshot_reserve_memcgs(struct snapshot *snap, uint32_t memcgs)
{
	void *array = snap->memcgs;
	int r = grow(&array, &snap->memcgs_capacity, memcgs, sizeof *snap->memcgs, 16);
	snap->memcgs = array;
	return r;
}

int snapshot_reserve_nodes(struct snapshot *snap, uint32_t nodes)
{
	void *array = snap->nodes;
	int r = grow(&array, &snap->nodes_capacity, nodes, sizeof *snap->nodes, 2);
	snap->nodes = array;
	return r;
}

int snapshot_reserve_nodesets(struct snapshot *snap, uint32_t nodesets)
{
	void *array = snap->nodesets;
	int r = grow(&array, &snap->nodesets_capacity, nodesets, sizeof *snap->nodesets, 4);
	snap->nodesets = array;
	return r;
}

int snapshot_add_text(struct snapshot *snap, struct text text, struct text_ref *ret_ref)
{
	if (text.len > UINT32_MAX - snap->arena_len)
		return -ENOMEM;
	uint32_t len = (uint32_t)text.len;
	void *arena = snap->arena;
	int r = grow(&arena, &snap->arena_capacity, snap->arena_len + len, 1, 4096);
	snap->arena = arena;
	if (r < 0)
		return r;
	if (len > 0)
		memcpy(snap->arena + snap->arena_len, text.ptr, len);
	*ret_ref = (struct text_ref){ snap->arena_len, len };
	snap->arena_len += len;
	return 0;
}

struct task *snapshot_add_task(struct snapshot *snap, int32_t pid)
{
	if (snapshot_reserve_tasks(snap, snap->ntasks + 1) < 0)
		return NULL;
	struct task *task = &snap->tasks[snap->ntasks++];
	memset(task, 0, sizeof *task);
	task->pid = pid;
	task->memcg = TASK_MEMCG_UNKNOWN;
	task->mems = TASK_NODES_UNKNOWN;
	task->policy_nodes = TASK_NODES_UNKNOWN;
	return task;
}

struct memcg *snapshot_add_memcg(struct snapshot *snap, uint32_t parent)
{
	if (snapshot_reserve_memcgs(snap, snap->nmemcgs + 1) < 0)
		return NULL;
	struct memcg *memcg = &snap->memcgs[snap->nmemcgs++];
	memset(memcg, 0, sizeof *memcg);
	memcg->parent = parent;
	return memcg;
}

void snapshot_link_memcgs(struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		struct memcg *memcg = &snap->memcgs[i];
		memcg->end = i + 1;
		memcg->depth = 0;
		if (memcg->parent < i)
			memcg->depth = (uint16_t)(snap->memcgs[memcg->parent].depth + 1U);
	}
	for (uint32_t i = snap->nmemcgs; i-- > 0;) {
		const struct memcg *memcg = &snap->memcgs[i];
		if (memcg->parent < i && snap->memcgs[memcg->parent].end < memcg->end)
			snap->memcgs[memcg->parent].end = memcg->end;
	}
}

uint32_t snapshot_find_memcg(const struct snapshot *snap, struct text path)
{
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		if (text_equal(snapshot_text(snap, snap->memcgs[i].path), path))
			return i;
	}
	return TASK_MEMCG_UNKNOWN;
}

/* More different sets than any host has; a bound against nonsense. */
#define NODESETS_MAX 1024

uint16_t snapshot_intern_nodes(struct snapshot *snap, const struct nodeset *nodes)
{
	for (uint32_t i = 0; i < snap->nnodesets; i++) {
		if (nodeset_equal(&snap->nodesets[i], nodes))
			return (uint16_t)i;
	}
	if (snap->nnodesets == NODESETS_MAX || snapshot_reserve_nodesets(snap, snap->nnodesets + 1) < 0)
		return TASK_NODES_UNKNOWN;
	snap->nodesets[snap->nnodesets] = *nodes;
	return (uint16_t)snap->nnodesets++;
}

struct nodeset snapshot_memory_nodes(const struct snapshot *snap)
{
	struct nodeset set = { { 0 } };
	for (uint32_t i = 0; i < snap->nnodes; i++) {
		if (snap->nodes[i].present_pages > 0 && snap->nodes[i].id < NODES_MAX)
			nodeset_add(&set, snap->nodes[i].id);
	}
	return set;
}

void snapshot_remove_task(struct snapshot *snap, int32_t pid)
{
	const struct task *found = snapshot_find(snap, pid);
	if (!found)
		return;
	uint32_t at = (uint32_t)(found - snap->tasks);
	snap->ntasks--;
	memmove(&snap->tasks[at], &snap->tasks[at + 1], (snap->ntasks - at) * sizeof *snap->tasks);
}

/* Pids arrive nearly in order (readdir of /proc gives them so): insertion is
 * linear then. Rarely anything moves, and never far. */
void snapshot_sort_tasks(struct snapshot *snap)
{
	for (uint32_t i = 1; i < snap->ntasks; i++) {
		if (snap->tasks[i - 1].pid <= snap->tasks[i].pid)
			continue;
		struct task moved = snap->tasks[i];
		uint32_t at = i;
		while (at > 0 && snap->tasks[at - 1].pid > moved.pid) {
			snap->tasks[at] = snap->tasks[at - 1];
			at--;
		}
		snap->tasks[at] = moved;
	}
}

const struct task *snapshot_find(const struct snapshot *snap, int32_t pid)
{
	uint32_t low = 0, high = snap->ntasks;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (snap->tasks[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < snap->ntasks && snap->tasks[low].pid == pid ? &snap->tasks[low] : NULL;
}

const struct task *snapshot_find_same(const struct snapshot *snap, const struct task *task)
{
	const struct task *found = snapshot_find(snap, task->pid);
	return found && task_same(found, task) ? found : NULL;
}

uint64_t snapshot_bytes(const struct snapshot *snap, uint64_t pages)
{
	return u64_mul_sat(pages, snap->page_bytes);
}
