/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bpf_cgroups.h"

#include <errno.h>
#include <stdlib.h>

#include "oomsight/sample/sampler.h"

/* A v1 cgroup can be renamed and any can be removed with processes still
 * dying in it, so each path is read again once in so many ticks. */
#define REREAD_TICKS 64

void cgroup_table_done(struct cgroup_table *table)
{
	free(table->slots);
	*table = (struct cgroup_table){ 0 };
}

void cgroup_table_begin(struct cgroup_table *table, uint64_t tick, uint32_t reads)
{
	table->tick = tick;
	table->reads_left = reads;
}

/* The slot of that id, or the free one where it would stand. */
static struct cgroup_slot *slot_of(struct cgroup_slot *slots, uint32_t capacity, uint64_t id)
{
	uint64_t hash = id * 0x9e3779b97f4a7c15U;
	uint32_t at = (uint32_t)(hash >> 32) & (capacity - 1);
	while (slots[at].id != 0 && slots[at].id != id)
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

/* Make room; cgroups that had no process lately are forgotten. */
static int grow(struct cgroup_table *table)
{
	uint32_t alive = 0;
	for (uint32_t i = 0; i < table->capacity; i++)
		alive += table->slots[i].id != 0 && table->slots[i].tick + 1 >= table->tick;
	uint32_t capacity = 64;
	while (capacity < 4 * (alive + 1))
		capacity *= 2;
	struct cgroup_slot *slots = calloc(capacity, sizeof *slots);
	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < table->capacity; i++) {
		const struct cgroup_slot *slot = &table->slots[i];
		if (slot->id != 0 && slot->tick + 1 >= table->tick)
			*slot_of(slots, capacity, slot->id) = *slot;
	}
	free(table->slots);
	table->slots = slots;
	table->capacity = capacity;
	table->used = alive;
	return 0;
}

int cgroup_table_find(struct cgroup_table *table, struct task_reader *reader, const struct snapshot *prev,
		      const struct task *was, uint64_t id, struct snapshot *next, struct task *task)
{
	struct cgroup_slot *slot = NULL;
	int r = 0;
	/* A process that exits is shown in v1's root, whatever it was in: its
	 * path says nothing of the cgroup. */
	const bool exits = task->flags & TASK_FLAG_EXITING;
	if (id != 0) {
		if (2 * (table->used + 1) > table->capacity && (r = grow(table)) < 0)
			return r;
		slot = slot_of(table->slots, table->capacity, id);
	}
	if (slot && slot->id == id && slot->tick == next->tick) {
		task->cgroup = slot->path;
		task->memcg = slot->memcg;
		task->group_state[TASK_CGROUP] = FACT_KNOWN;
		return 0;
	}
	bool held = slot && slot->id == id && prev && slot->tick == prev->tick;
	bool again = held && !exits && table->reads_left > 0 && (id + next->tick) % REREAD_TICKS == 0;
	if (held && !again) {
		r = task_reader_set_cgroup(reader, next, snapshot_text(prev, slot->path), task);
		*slot = (struct cgroup_slot){ id, next->tick, task->cgroup, task->memcg };
		return r;
	}
	if (!slot && was && task_knows(was, TASK_CGROUP))
		return task_reader_set_cgroup(reader, next, snapshot_text(prev, was->cgroup), task);
	if (table->reads_left == 0)
		return 0;
	table->reads_left--;
	r = task_reader_fill(reader, NEED_CGROUP, next, task);
	if (r == 0 && slot && !exits && task_knows(task, TASK_CGROUP)) {
		table->used += slot->id == 0;
		*slot = (struct cgroup_slot){ id, next->tick, task->cgroup, task->memcg };
	}
	return r;
}
