/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "make_snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES 4096

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "make_snapshot: %s\n", what);
		abort();
	}
}

void make_fact(struct snapshot *snap, enum sys_fact fact, uint64_t value)
{
	snap->system.value[fact] = value;
	snap->system.state[fact] = FACT_KNOWN;
}

void make_sysctl(struct snapshot *snap, enum sysctl_id id, int64_t value)
{
	snap->system.sysctl[id] = (struct sysctl_value){ FACT_KNOWN, value };
}

void make_release(struct snapshot *snap, const char *release)
{
	text_copy(text_of_str(release), snap->release, sizeof snap->release);
}

static void make_host(struct snapshot *snap)
{
	text_copy(TEXT("testhost"), snap->host, sizeof snap->host);
	make_release(snap, "6.18.2");
	snap->page_bytes = PAGE_BYTES;
	snap->ticks_per_s = 100;
	snap->cpus = 2;
	snap->tick = 1;
	snap->realtime_ns = 1700000000LL * 1000000000;
	snap->monotonic_ns = 86400ULL * 1000000000;
	snap->boottime_ns = 86400ULL * 1000000000;
	snap->took_ns = 1000000;
	snap->source = SOURCE_PROC;
	snap->observer = (struct observer){
		.pid = 9999,
		.cap_eff = (1ULL << 41) - 1,
		.oom_score = 666,
		.scores_known = true,
		.in_init_pid_ns = true,
		.in_init_user_ns = true,
	};
}

static void make_system(struct snapshot *snap, uint64_t ram_pages, uint64_t swap_pages)
{
	uint64_t ram = ram_pages * PAGE_BYTES, swap = swap_pages * PAGE_BYTES;
	make_fact(snap, SYS_MEM_TOTAL, ram);
	make_fact(snap, SYS_MEM_FREE, ram / 2);
	make_fact(snap, SYS_MEM_AVAILABLE, ram / 2);
	make_fact(snap, SYS_SWAP_TOTAL, swap);
	make_fact(snap, SYS_SWAP_FREE, swap);
	make_fact(snap, SYS_HUGETLB, 0);
	make_fact(snap, SYS_COMMIT_LIMIT, ram / 2 + swap);
	make_fact(snap, SYS_COMMITTED_AS, ram / 4);
	make_fact(snap, SYS_OOM_KILL, 0);
	for (int i = 0; i < PSI__COUNT; i++)
		snap->system.psi[i] = (struct psi){ { .state = FACT_ABSENT }, { .state = FACT_ABSENT } };
	static const struct {
		enum sysctl_id id;
		int64_t value;
	} defaults[] = {
		{ SYSCTL_PANIC_ON_OOM, 0 },
		{ SYSCTL_OOM_KILL_ALLOCATING_TASK, 0 },
		{ SYSCTL_OOM_DUMP_TASKS, 1 },
		{ SYSCTL_OVERCOMMIT_MEMORY, 0 },
		{ SYSCTL_OVERCOMMIT_RATIO, 50 },
		{ SYSCTL_OVERCOMMIT_KBYTES, 0 },
		{ SYSCTL_ADMIN_RESERVE_KBYTES, 8192 },
		{ SYSCTL_USER_RESERVE_KBYTES, 131072 },
		{ SYSCTL_MIN_FREE_KBYTES, 67584 },
		{ SYSCTL_WATERMARK_SCALE_FACTOR, 10 },
		{ SYSCTL_SWAPPINESS, 60 },
		{ SYSCTL_PANIC, 0 },
	};
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		make_sysctl(snap, defaults[i].id, defaults[i].value);
}

static struct text_ref add_text(struct snapshot *snap, struct text text)
{
	struct text_ref ref = { 0, 0 };
	must(snapshot_add_text(snap, text, &ref) == 0, "out of memory");
	return ref;
}

static void forget(struct task *task, enum task_group group)
{
	switch (group) {
	case TASK_MM:
		task->rss_pages = task->swap_pages = task->pgtables_bytes = 0;
		break;
	case TASK_SPLIT:
		task->rss_file_pages = task->rss_shmem_pages = 0;
		break;
	case TASK_SCORE:
		task->oom_score = 0;
		break;
	case TASK_ADJ:
		task->oom_score_adj = 0;
		break;
	default:
		break;
	}
}

static void make_groups(struct task *task, const struct made_task *made)
{
	for (unsigned group = 0; group < TASK__GROUPS; group++) {
		enum fact_state state = FACT_KNOWN;
		if ((group == TASK_SCORE && !made->scored) || (group == TASK_CGROUP && !made->cgroup) ||
		    (group == TASK_MMID && made->mm_id == 0) || group == TASK_POLICY ||
		    (group == TASK_MARKS && !made->marked))
			state = FACT_UNKNOWN;
		else if (group == TASK_FLOOR || ((group == TASK_MM || group == TASK_SPLIT) && made->no_mm))
			state = FACT_ABSENT;
		if (made->denied >> group & 1U)
			state = FACT_DENIED;
		if (made->unknown >> group & 1U)
			state = FACT_UNKNOWN;
		task->group_state[group] = (uint8_t)state;
		task->age[group] = made->old >> group & 1U ? 5 : 0;
		if (state != FACT_KNOWN)
			forget(task, (enum task_group)group);
	}
}

static void make_task(struct snapshot *snap, const struct made_task *made)
{
	const char *name = made->comm ? made->comm : "task";
	struct text comm = made->comm_len > 0 ? text_of(name, made->comm_len) : text_of_str(name);
	struct text_ref comm_ref = add_text(snap, comm);
	struct text_ref cgroup_ref = add_text(snap, text_of_str(made->cgroup));
	struct task *task = snapshot_add_task(snap, made->pid);
	must(task != NULL, "out of memory");
	uint64_t precise = made->precise ? made->precise : made->rss;
	uint64_t mapped = made->file + made->shmem;
	task->ppid = made->ppid ? made->ppid : 1;
	task->uid = made->uid;
	task->threads = made->threads ? made->threads : 1;
	task->start_ticks = made->start ? made->start : (uint64_t)made->pid * 10;
	task->comm = comm_ref;
	task->cgroup = cgroup_ref;
	task->flags = made->flags;
	task->state = made->state ? made->state : 'S';
	task->sigkill_pending = made->sigkill;
	task->through_thread = made->through_thread;
	task->marks = made->marks;
	task->swap_quick_pages = made->swap_quick;
	task->oom_score_adj = (int16_t)made->adj;
	task->oom_score = made->score;
	task->minor_faults = made->minor;
	task->major_faults = (uint32_t)made->major;
	task->virt_bytes = (made->virt ? made->virt : 2 * made->rss) * PAGE_BYTES;
	task->rss_quick_pages = made->rss;
	task->rss_pages = precise;
	task->rss_file_pages = made->file;
	task->rss_shmem_pages = made->shmem;
	task->shr_pages = made->shr ? made->shr : mapped;
	task->swap_pages = made->swap;
	task->pgtables_bytes = made->pgt * PAGE_BYTES;
	task->cap_eff = (uint32_t)made->cap_eff;
	task->mm_id = made->mm_id;
	make_groups(task, made);
}

void make_snapshot(struct snapshot *snap, uint64_t ram_pages, uint64_t swap_pages, const struct made_task *tasks,
		   size_t ntasks)
{
	snapshot_init(snap);
	make_host(snap);
	make_system(snap, ram_pages, swap_pages);
	for (size_t i = 0; i < ntasks; i++)
		make_task(snap, &tasks[i]);
	snapshot_sort_tasks(snap);
}

uint32_t made_index(const struct snapshot *snap, int32_t pid)
{
	const struct task *found = snapshot_find(snap, pid);
	must(found != NULL, "no such task");
	return (uint32_t)(found - snap->tasks);
}

struct task *made_task(struct snapshot *snap, int32_t pid)
{
	return &snap->tasks[made_index(snap, pid)];
}

static bool is_below(struct text path, const char *group)
{
	struct text prefix = text_of_str(group);
	if (text_is(prefix, "/"))
		return true;
	return text_has_prefix(path, prefix) && (path.len == prefix.len || path.ptr[prefix.len] == '/');
}

uint32_t make_memcg(struct snapshot *snap, const char *path, uint64_t max_pages)
{
	uint32_t parent = TASK_MEMCG_UNKNOWN;
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		char other[256];
		text_copy(snapshot_text(snap, snap->memcgs[i].path), other, sizeof other);
		if (is_below(text_of_str(path), other))
			parent = i;
	}
	if (snap->memcg_version == MEMCG_NONE)
		snap->memcg_version = MEMCG_V2;
	uint32_t index = snap->nmemcgs;
	struct memcg *memcg = snapshot_add_memcg(snap, parent);
	must(memcg != NULL, "out of memory");
	must(snapshot_add_text(snap, text_of_str(path), &memcg->path) == 0, "out of memory");
	memcg->max_bytes = max_pages > 0 ? max_pages * PAGE_BYTES : MEMCG_UNLIMITED;
	memcg->high_bytes = memcg->swap_max_bytes = MEMCG_UNLIMITED;
	memcg->swappiness = 60;
	memcg->use_hierarchy = true;
	memcg->stat_known = (1U << MEMCG_STAT__COUNT) - 1;
	memcg->events_known = memcg->events_local_known = (1U << MEMCG_EVENT__COUNT) - 1;
	memset(memcg->group_state, FACT_KNOWN, sizeof memcg->group_state);
	snapshot_link_memcgs(snap);
	must(parent == TASK_MEMCG_UNKNOWN || snap->memcgs[parent].end == index + 1, "memcgs out of order");
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		struct task *task = &snap->tasks[i];
		if (task->cgroup.len > 0 && is_below(snapshot_text(snap, task->cgroup), path))
			task->memcg = index;
	}
	return index;
}

void make_node(struct snapshot *snap, uint32_t id, uint64_t present_pages)
{
	must(snapshot_reserve_nodes(snap, snap->nnodes + 1) == 0, "out of memory");
	snap->nodes[snap->nnodes++] = (struct node){ .id = id, .present_pages = present_pages,
						     .managed_pages = present_pages, .free_pages = present_pages / 2 };
}

static uint16_t intern(struct snapshot *snap, const char *nodes)
{
	struct nodeset set;
	must(nodeset_parse(text_of_str(nodes), &set) == 0, "no list of nodes");
	return snapshot_intern_nodes(snap, &set);
}

void make_mems(struct snapshot *snap, int32_t pid, const char *nodes)
{
	made_task(snap, pid)->mems = intern(snap, nodes);
}

void make_policy(struct snapshot *snap, int32_t pid, enum task_policy policy, const char *nodes)
{
	struct task *task = made_task(snap, pid);
	task->policy = (uint8_t)policy;
	task->policy_nodes = policy == POLICY_OTHER ? TASK_NODES_UNKNOWN : intern(snap, nodes);
	task->group_state[TASK_POLICY] = FACT_KNOWN;
}

void make_next(struct snapshot *next, const struct snapshot *snap, uint64_t ms)
{
	*next = *snap;
	next->tasks = NULL;
	next->tasks_capacity = next->ntasks = 0;
	next->arena = NULL;
	next->arena_capacity = next->arena_len = 0;
	next->system.zones = NULL;
	next->system.zones_capacity = next->system.nzones = 0;
	next->system.swaps = NULL;
	next->system.swaps_capacity = next->system.nswaps = 0;
	next->memcgs = NULL;
	next->memcgs_capacity = next->nmemcgs = 0;
	next->nodes = NULL;
	next->nodes_capacity = next->nnodes = 0;
	next->nodesets = NULL;
	next->nodesets_capacity = next->nnodesets = 0;
	add_text(next, text_of(snap->arena, snap->arena_len));
	must(snapshot_reserve_tasks(next, snap->ntasks) == 0 && snapshot_reserve_zones(next, snap->system.nzones) == 0 &&
		     snapshot_reserve_swaps(next, snap->system.nswaps) == 0 &&
		     snapshot_reserve_memcgs(next, snap->nmemcgs) == 0 &&
		     snapshot_reserve_nodes(next, snap->nnodes) == 0 &&
		     snapshot_reserve_nodesets(next, snap->nnodesets) == 0,
	     "out of memory");
	if (snap->ntasks > 0)
		memcpy(next->tasks, snap->tasks, snap->ntasks * sizeof *snap->tasks);
	if (snap->system.nzones > 0)
		memcpy(next->system.zones, snap->system.zones, snap->system.nzones * sizeof *snap->system.zones);
	if (snap->system.nswaps > 0)
		memcpy(next->system.swaps, snap->system.swaps, snap->system.nswaps * sizeof *snap->system.swaps);
	if (snap->nmemcgs > 0)
		memcpy(next->memcgs, snap->memcgs, snap->nmemcgs * sizeof *snap->memcgs);
	if (snap->nnodes > 0)
		memcpy(next->nodes, snap->nodes, snap->nnodes * sizeof *snap->nodes);
	if (snap->nnodesets > 0)
		memcpy(next->nodesets, snap->nodesets, snap->nnodesets * sizeof *snap->nodesets);
	next->nmemcgs = snap->nmemcgs;
	next->nnodes = snap->nnodes;
	next->nnodesets = snap->nnodesets;
	next->ntasks = snap->ntasks;
	next->system.nzones = snap->system.nzones;
	next->system.nswaps = snap->system.nswaps;
	next->tick++;
	next->realtime_ns += (int64_t)ms * 1000000;
	next->monotonic_ns += ms * 1000000;
	next->boottime_ns += ms * 1000000;
}
