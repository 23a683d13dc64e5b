/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/model/ranking.h"
#include "grow.h"

void whatif_init(struct whatif *whatif)
{
	memset(whatif, 0, sizeof *whatif);
}

void whatif_done(struct whatif *whatif)
{
	free(whatif->adjs);
	free(whatif->growths);
	free(whatif->memcgs);
	whatif_init(whatif);
}

void whatif_clear(struct whatif *whatif)
{
	struct whatif kept = *whatif;
	whatif_init(whatif);
	whatif->adjs = kept.adjs;
	whatif->adjs_capacity = kept.adjs_capacity;
	whatif->growths = kept.growths;
	whatif->growths_capacity = kept.growths_capacity;
	whatif->memcgs = kept.memcgs;
	whatif->memcgs_capacity = kept.memcgs_capacity;
}

int whatif_set_adj(struct whatif *whatif, int32_t pid, int16_t adj)
{
	uint32_t at = whatif->nadjs;
	while (at > 0 && whatif->adjs[at - 1].pid >= pid)
		at--;
	if (at < whatif->nadjs && whatif->adjs[at].pid == pid) {
		whatif->adjs[at].adj = adj;
		return 0;
	}
	if (whatif->nadjs == whatif->adjs_capacity) {
		uint32_t capacity = grown_capacity(whatif->adjs_capacity, whatif->nadjs + 1);
		struct whatif_adj *adjs = realloc(whatif->adjs, (size_t)capacity * sizeof *adjs);
		if (!adjs)
			return -ENOMEM;
		whatif->adjs = adjs;
		whatif->adjs_capacity = capacity;
	}
	memmove(whatif->adjs + at + 1, whatif->adjs + at, (whatif->nadjs - at) * sizeof *whatif->adjs);
	whatif->adjs[at] = (struct whatif_adj){ pid, adj };
	whatif->nadjs++;
	return 0;
}

int whatif_write_adj(struct whatif *whatif, const struct snapshot *snap, int32_t pid, int16_t adj)
{
	int r = whatif_set_adj(whatif, pid, adj);
	const struct task *task = snapshot_find(snap, pid);
	if (!task || task->mm_id == 0)
		return r;
	for (uint32_t i = 0; r == 0 && i < snap->ntasks; i++) {
		const struct task *other = &snap->tasks[i];
		bool global_init = other->pid == 1 && snap->observer.in_init_pid_ns;
		if (other->mm_id == task->mm_id && !global_init && !task_is_kthread(other))
			r = whatif_set_adj(whatif, other->pid, adj);
	}
	return r;
}

int whatif_set_growth(struct whatif *whatif, int32_t pid, int64_t pages)
{
	uint32_t at = whatif->ngrowths;
	while (at > 0 && whatif->growths[at - 1].pid >= pid)
		at--;
	if (at < whatif->ngrowths && whatif->growths[at].pid == pid) {
		whatif->growths[at].pages = pages;
		return 0;
	}
	if (whatif->ngrowths == whatif->growths_capacity) {
		uint32_t capacity = grown_capacity(whatif->growths_capacity, whatif->ngrowths + 1);
		struct whatif_growth *growths = realloc(whatif->growths, (size_t)capacity * sizeof *growths);
		if (!growths)
			return -ENOMEM;
		whatif->growths = growths;
		whatif->growths_capacity = capacity;
	}
	memmove(whatif->growths + at + 1, whatif->growths + at, (whatif->ngrowths - at) * sizeof *whatif->growths);
	whatif->growths[at] = (struct whatif_growth){ pid, pages };
	whatif->ngrowths++;
	return 0;
}

static const struct whatif_memcg *find_memcg(const struct whatif *whatif, uint32_t memcg)
{
	for (uint32_t i = 0; i < whatif->nmemcgs; i++) {
		if (whatif->memcgs[i].memcg == memcg)
			return &whatif->memcgs[i];
	}
	return NULL;
}

/* The entry of that group, made when there is none; NULL when memory is out. */
static struct whatif_memcg *entry_of(struct whatif *whatif, uint32_t memcg)
{
	const struct whatif_memcg *found = find_memcg(whatif, memcg);
	if (found)
		return &whatif->memcgs[found - whatif->memcgs];
	if (whatif->nmemcgs == whatif->memcgs_capacity) {
		uint32_t capacity = grown_capacity(whatif->memcgs_capacity, whatif->nmemcgs + 1);
		struct whatif_memcg *memcgs = realloc(whatif->memcgs, (size_t)capacity * sizeof *memcgs);
		if (!memcgs)
			return NULL;
		whatif->memcgs = memcgs;
		whatif->memcgs_capacity = capacity;
	}
	struct whatif_memcg *entry = &whatif->memcgs[whatif->nmemcgs++];
	*entry = (struct whatif_memcg){ .memcg = memcg };
	return entry;
}

int whatif_set_memcg_max(struct whatif *whatif, uint32_t memcg, uint64_t max_bytes)
{
	struct whatif_memcg *entry = entry_of(whatif, memcg);
	if (!entry)
		return -ENOMEM;
	entry->max_set = true;
	entry->max_bytes = max_bytes;
	return 0;
}

int whatif_set_memcg_oom_group(struct whatif *whatif, uint32_t memcg, bool on)
{
	struct whatif_memcg *entry = entry_of(whatif, memcg);
	if (!entry)
		return -ENOMEM;
	entry->oom_group_set = true;
	entry->oom_group = on;
	return 0;
}

bool whatif_memcg_max(const struct whatif *whatif, uint32_t memcg, uint64_t *ret_bytes)
{
	const struct whatif_memcg *entry = find_memcg(whatif, memcg);
	if (!entry || !entry->max_set)
		return false;
	*ret_bytes = entry->max_bytes;
	return true;
}

bool whatif_memcg_oom_group(const struct whatif *whatif, uint32_t memcg, bool *ret_on)
{
	const struct whatif_memcg *entry = find_memcg(whatif, memcg);
	if (!entry || !entry->oom_group_set)
		return false;
	*ret_on = entry->oom_group;
	return true;
}

void whatif_set_sysctl(struct whatif *whatif, enum sysctl_id id, int64_t value)
{
	whatif->sysctl_set[id] = true;
	whatif->sysctl[id] = value;
}

/* Writing either of these two files zeroes the other: mm/util.c,
 * overcommit_ratio_handler() and overcommit_kbytes_handler(). */
static bool is_zeroed_by(const struct whatif *whatif, enum sysctl_id id)
{
	return (id == SYSCTL_OVERCOMMIT_RATIO && whatif->sysctl_set[SYSCTL_OVERCOMMIT_KBYTES]) ||
	       (id == SYSCTL_OVERCOMMIT_KBYTES && whatif->sysctl_set[SYSCTL_OVERCOMMIT_RATIO]);
}

int64_t whatif_sysctl(const struct snapshot *snap, const struct whatif *whatif, enum sysctl_id id, int64_t otherwise)
{
	if (whatif && whatif->sysctl_set[id])
		return whatif->sysctl[id];
	if (whatif && is_zeroed_by(whatif, id))
		return 0;
	const struct sysctl_value *sysctl = &snap->system.sysctl[id];
	return sysctl->state == FACT_KNOWN ? sysctl->value : otherwise;
}
