/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/tui/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/tui/groups.h"

bool change_is_of_same(const struct change *a, const struct change *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case KNOB_ADJ:
	case KNOB_SIGNAL:
		return a->process.pid == b->process.pid && a->process.start_ticks == b->process.start_ticks;
	case KNOB_SYSCTL:
		return a->sysctl == b->sysctl;
	case KNOB_MEMCG:
		return a->group == b->group && a->file == b->file;
	}
	return false;
}

struct change change_of_plan(const struct knob_plan *plan, uint64_t group)
{
	return (struct change){ .kind = plan->kind, .process = { plan->pid, plan->start_ticks }, .sysctl = plan->sysctl,
				.group = group, .file = plan->file, .value = plan->after };
}

void sandbox_init(struct sandbox *sandbox)
{
	memset(sandbox, 0, sizeof *sandbox);
}

void sandbox_done(struct sandbox *sandbox)
{
	free(sandbox->list);
	sandbox_init(sandbox);
}

void sandbox_clear(struct sandbox *sandbox)
{
	sandbox->n = sandbox->at = 0;
}

/* --- what can be assumed ---------------------------------------------------------- */

static const char *memcg_objection(const struct snapshot *snap, const struct change *change)
{
	uint32_t memcg = group_find(snap, change->group);
	if (memcg == TASK_MEMCG_UNKNOWN)
		return "The memory cgroup is gone.";
	if (!memcg_file_name(change->file, snap->memcg_version))
		return "cgroup v1 has neither memory.high nor memory.oom.group.";
	if (text_is(snapshot_text(snap, snap->memcgs[memcg].path), "/"))
		return "The root group has no limits: the host's memory is its limit.";
	if (change->file == MEMCG_FILE_OOM_GROUP)
		return change->value == 0 || change->value == 1 ? NULL : "memory.oom.group is 0 or 1.";
	return change->value >= 0 ? NULL : "A limit is not below 0.";
}

const char *sandbox_growth_objection(const struct snapshot *snap, int64_t bytes)
{
	uint64_t size = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes;
	uint64_t ram = system_get(&snap->system, SYS_MEM_TOTAL, INT64_MAX);
	if (size < (snap->page_bytes > 0 ? snap->page_bytes : 1))
		return "That is less than a page of memory: nothing would change.";
	if (size >= INT64_MAX || (size > ram && size - ram > system_get(&snap->system, SYS_SWAP_TOTAL, 0)))
		return "That is more than all memory and swap of this host.";
	return NULL;
}

const char *sandbox_objection(const struct snapshot *snap, const struct change *change, bool is_growth)
{
	int64_t min, max;
	switch (change->kind) {
	case KNOB_ADJ:
	case KNOB_SIGNAL:
		if (!snapshot_find(snap, change->process.pid))
			return "The process has gone.";
		if (is_growth)
			return sandbox_growth_objection(snap, change->value);
		if (change->value < OOM_SCORE_ADJ_MIN || change->value > OOM_SCORE_ADJ_MAX)
			return "oom_score_adj takes -1000 to 1000.";
		return NULL;
	case KNOB_SYSCTL:
		if (snap->system.sysctl[change->sysctl].state == FACT_ABSENT)
			return "This kernel has no such sysctl.";
		sysctl_range(change->sysctl, snap->release, &min, &max);
		return change->value < min || change->value > max ? "That is outside of what this sysctl takes." : NULL;
	case KNOB_MEMCG:
		return memcg_objection(snap, change);
	}
	return NULL;
}

int sandbox_parse_growth(struct text text, int64_t *ret_bytes)
{
	int64_t bytes;
	text = text_trim(text);
	bool shrinks = text.len > 0 && text.ptr[0] == '-';
	bool has_sign = shrinks || (text.len > 0 && text.ptr[0] == '+');
	int r = knob_parse_bytes(text_of(text.ptr + has_sign, text.len - has_sign), &bytes);
	if (r == 0 && bytes == KNOB_UNLIMITED)
		r = -EINVAL;
	if (r == -ERANGE) {
		bytes = INT64_MAX;
		r = 0;
	}
	if (r == 0)
		*ret_bytes = shrinks ? -bytes : bytes;
	return r;
}

/* --- the list ------------------------------------------------------------------------ */

/* overcommit_memory 2 counts with the other overcommit values from its write on; any
 * other value frees them to be anything. */
static int turn_of_sysctl(const struct change *change)
{
	if (change->sysctl == SYSCTL_OVERCOMMIT_MEMORY)
		return change->value == 2 ? 6 : 4;
	return change->sysctl == SYSCTL_PANIC ? 3 : 5;
}

/* The lower, the earlier it is written. */
static int turn_of(const struct assumption *assumption)
{
	const struct change *change = &assumption->change;
	switch (change->kind) {
	case KNOB_ADJ:
	case KNOB_SIGNAL:
		return assumption->is_growth ? 1 : 0;
	case KNOB_SYSCTL:
		return turn_of_sysctl(change);
	case KNOB_MEMCG:
		return change->file == MEMCG_FILE_OOM_GROUP ? 2 : change->file == MEMCG_FILE_HIGH ? 7 : 8;
	}
	return 8;
}

static void note_name(struct assumption *assumption, const struct snapshot *snap)
{
	if (assumption->change.kind == KNOB_ADJ) {
		const struct task *task = snapshot_find(snap, assumption->change.process.pid);
		struct text comm = task ? snapshot_text(snap, task->comm) : TEXT("?");
		int len = comm.len < 32 ? (int)comm.len : 32;
		snprintf(assumption->name, sizeof assumption->name, "%.*s (%d)", len, len ? comm.ptr : "",
			 (int)assumption->change.process.pid);
	} else if (assumption->change.kind == KNOB_MEMCG) {
		uint32_t memcg = group_find(snap, assumption->change.group);
		struct text path = snapshot_text(snap, snap->memcgs[memcg].path);
		size_t cut = path.len < sizeof assumption->name ? 0 : path.len - sizeof assumption->name + 1;
		snprintf(assumption->name, sizeof assumption->name, "%.*s", (int)(path.len - cut), path.ptr + cut);
		assumption->inode = snap->memcgs[memcg].inode;
	}
}

static struct assumption *find(struct sandbox *sandbox, const struct change *change, bool is_growth)
{
	for (uint32_t i = 0; i < sandbox->n; i++) {
		if (sandbox->list[i].is_growth == is_growth && change_is_of_same(&sandbox->list[i].change, change))
			return &sandbox->list[i];
	}
	return NULL;
}

/* Of the pair that zero one another, the one that must give way. */
static void drop_partner(struct sandbox *sandbox, const struct change *change)
{
	struct change partner = *change;
	if (change->kind != KNOB_SYSCTL)
		return;
	if (change->sysctl == SYSCTL_OVERCOMMIT_RATIO)
		partner.sysctl = SYSCTL_OVERCOMMIT_KBYTES;
	else if (change->sysctl == SYSCTL_OVERCOMMIT_KBYTES)
		partner.sysctl = SYSCTL_OVERCOMMIT_RATIO;
	else
		return;
	struct assumption *found = find(sandbox, &partner, false);
	if (found)
		sandbox_remove(sandbox, (uint32_t)(found - sandbox->list));
}

static int reserve(struct sandbox *sandbox)
{
	if (sandbox->n < sandbox->capacity)
		return 0;
	uint32_t capacity = sandbox->n + sandbox->n / 2 + 16;
	struct assumption *list = realloc(sandbox->list, capacity * sizeof *list);
	if (!list)
		return -ENOMEM;
	sandbox->list = list;
	sandbox->capacity = capacity;
	return 0;
}

void sandbox_set(struct sandbox *sandbox, uint32_t at, int64_t value)
{
	struct assumption *list = sandbox->list;
	struct assumption moved = list[at];
	moved.change.value = value;
	for (; at > 0 && turn_of(&list[at - 1]) > turn_of(&moved); at--)
		list[at] = list[at - 1];
	for (; at + 1 < sandbox->n && turn_of(&list[at + 1]) < turn_of(&moved); at++)
		list[at] = list[at + 1];
	list[at] = moved;
	sandbox->at = at;
}

int sandbox_assume(struct sandbox *sandbox, const struct snapshot *snap, const struct change *change, bool is_growth)
{
	drop_partner(sandbox, change);
	struct assumption *found = find(sandbox, change, is_growth);
	if (found) {
		sandbox_set(sandbox, (uint32_t)(found - sandbox->list), change->value);
		return 0;
	}
	int r = reserve(sandbox);
	if (r < 0)
		return r;
	struct assumption made = { .is_growth = is_growth, .change = *change };
	note_name(&made, snap);
	sandbox->list[sandbox->n++] = made;
	sandbox_set(sandbox, sandbox->n - 1, change->value);
	return 0;
}

void sandbox_remove(struct sandbox *sandbox, uint32_t at)
{
	sandbox->n--;
	memmove(&sandbox->list[at], &sandbox->list[at + 1], (sandbox->n - at) * sizeof *sandbox->list);
	if (sandbox->at > at || (sandbox->at == sandbox->n && sandbox->at > 0))
		sandbox->at--;
}

void sandbox_forget(struct sandbox *sandbox, const struct change *change)
{
	struct assumption *found = find(sandbox, change, false);
	if (found)
		sandbox_remove(sandbox, (uint32_t)(found - sandbox->list));
}

static bool is_there(const struct assumption *assumption, const struct snapshot *snap)
{
	const struct change *change = &assumption->change;
	if (change->kind == KNOB_ADJ) {
		const struct task *task = snapshot_find(snap, change->process.pid);
		return task && task->start_ticks == change->process.start_ticks;
	}
	if (change->kind != KNOB_MEMCG)
		return true;
	uint32_t memcg = group_find(snap, change->group);
	return memcg != TASK_MEMCG_UNKNOWN && (assumption->inode == 0 || snap->memcgs[memcg].inode == 0 ||
					       assumption->inode == snap->memcgs[memcg].inode);
}

uint32_t sandbox_prune(struct sandbox *sandbox, const struct snapshot *snap, char *ret_names, size_t size)
{
	uint32_t gone = 0;
	size_t used = 0;
	ret_names[0] = '\0';
	for (uint32_t i = 0; i < sandbox->n;) {
		if (is_there(&sandbox->list[i], snap)) {
			i++;
			continue;
		}
		int n = snprintf(ret_names + used, size - used, "%s%s", gone > 0 ? ", " : "", sandbox->list[i].name);
		used = (size_t)n < size - used ? used + (size_t)n : size - 1;
		sandbox_remove(sandbox, i);
		gone++;
	}
	return gone;
}

bool sandbox_has_groups(const struct sandbox *sandbox)
{
	for (uint32_t i = 0; i < sandbox->n; i++) {
		if (sandbox->list[i].change.kind == KNOB_MEMCG)
			return true;
	}
	return false;
}

/* --- for the model ----------------------------------------------------------------------- */

static int fill_memcg(const struct change *change, const struct snapshot *snap, struct whatif *whatif)
{
	uint32_t memcg = group_find(snap, change->group);
	if (memcg == TASK_MEMCG_UNKNOWN)
		return 0;
	switch (change->file) {
	case MEMCG_FILE_MAX:
		return whatif_set_memcg_max(whatif, memcg,
					    change->value == KNOB_UNLIMITED ? MEMCG_UNLIMITED : (uint64_t)change->value);
	case MEMCG_FILE_OOM_GROUP:
		return whatif_set_memcg_oom_group(whatif, memcg, change->value == 1);
	case MEMCG_FILE_HIGH: /* it kills nobody */
	case MEMCG_FILE__COUNT:
		break;
	}
	return 0;
}

int change_fill(const struct change *change, const struct snapshot *snap, struct whatif *whatif)
{
	switch (change->kind) {
	case KNOB_ADJ:
		return whatif_write_adj(whatif, snap, change->process.pid, (int16_t)change->value);
	case KNOB_SYSCTL:
		whatif_set_sysctl(whatif, change->sysctl, change->value);
		return 0;
	case KNOB_MEMCG:
		return fill_memcg(change, snap, whatif);
	case KNOB_SIGNAL:
		break;
	}
	return 0;
}

int sandbox_fill(const struct sandbox *sandbox, const struct snapshot *snap, struct whatif *whatif)
{
	int r = 0;
	whatif_clear(whatif);
	for (uint32_t i = 0; r == 0 && i < sandbox->n; i++) {
		const struct change *change = &sandbox->list[i].change;
		if (sandbox->list[i].is_growth)
			r = snap->page_bytes == 0 ? 0 :
			    whatif_set_growth(whatif, change->process.pid, change->value / (int64_t)snap->page_bytes);
		else
			r = change_fill(change, snap, whatif);
	}
	return r;
}
