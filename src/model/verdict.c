/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The order of the tests is that of out_of_memory(): panic_on_oom, then the
 * allocating task, then the scan, which stops at a victim still dying. Before
 * all of it stands what keeps an OOM from coming at all: strict overcommit.
 *
 * Under a constraint the same tests run with other answers: a memory cgroup's OOM
 * never asks for the allocating task and never panics for want of a victim.
 *
 * Kills in a row are foretold by taking the dead out of the ranking and asking
 * it again, up to 2.6.35 with points that lost what dead children added. That is what the kernel does if nothing else moves; each kill frees
 * memory, so the further one looks the less it means.
 */
#include "oomsight/model/verdict.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/base/units.h"
#include "oomsight/model/commit.h"
#include "oomsight/model/cascade.h"
#include "grow.h"
#include "sentence.h"
#include "shortfall.h"
#include "watermarks.h"

static const char *const action_names[] = {
	[ACTION_KILL] = "kill",
	[ACTION_KILL_ALLOCATING_TASK] = "kill_allocating_task",
	[ACTION_PANIC] = "panic",
	[ACTION_WAIT] = "wait",
	[ACTION_ENOMEM] = "enomem",
	[ACTION_NONE] = "none",
};
static_assert(sizeof action_names / sizeof *action_names == ACTION__COUNT, "an action without a name");

const char *verdict_action_name(enum verdict_action action)
{
	return action_names[action];
}

const char *victim_role_name(enum victim_role role)
{
	static const char *const names[] = {
		[VICTIM_CHOSEN] = "chosen",
		[VICTIM_SHARES_MM] = "shares_mm",
		[VICTIM_OOM_GROUP] = "oom_group",
	};
	return names[role];
}

void verdict_init(struct verdict *verdict)
{
	memset(verdict, 0, sizeof *verdict);
	verdict->action = ACTION_NONE;
}

void verdict_done(struct verdict *verdict)
{
	free(verdict->kills);
	free(verdict->victims);
	free(verdict->dead);
	verdict_init(verdict);
}

/* What a decision is made from. */
struct scene {
	const struct snapshot *snap;
	const struct rules *rules;
	const struct ranking *ranking;
	const struct whatif *whatif;
};

/* Who is marked dead up to this is gone when the next kill is decided. */
static unsigned gone_by_now(const struct verdict *verdict)
{
	return verdict->nkills + 1;
}

/* Its points when those up to that mark are gone. */
static int64_t points_then(const struct verdict *verdict, const struct scene *scene, uint32_t task, unsigned gone)
{
	return ranking_points_without(scene->ranking, scene->snap, task, verdict->dead, gone);
}

/* --- the kills ------------------------------------------------------------ */

static int add_victim(struct verdict *verdict, const struct scene *scene, uint32_t task, enum victim_role role)
{
	if (verdict->nvictims == verdict->victims_capacity) {
		uint32_t capacity = grown_capacity(verdict->victims_capacity, verdict->nvictims + 1);
		struct victim *victims = realloc(verdict->victims, (size_t)capacity * sizeof *victims);
		if (!victims)
			return -ENOMEM;
		verdict->victims = victims;
		verdict->victims_capacity = capacity;
	}
	const struct candidate *candidate = &scene->ranking->candidates[task];
	bool has_points = candidate->eligibility == ELIGIBLE && scene->ranking->totalpages > 0;
	verdict->victims[verdict->nvictims++] = (struct victim){
		.task = task,
		.role = role,
		.has_points = has_points,
		.points = has_points ? points_then(verdict, scene, task, gone_by_now(verdict)) : 0,
		.has_adj = has_points || task_knows(&scene->snap->tasks[task], TASK_ADJ),
		.adj = candidate->adj,
	};
	verdict->dead[task] = (uint8_t)(gone_by_now(verdict) + 1);
	return 0;
}

/* Does `other` die when `victim` does, by sharing its mm? A vfork child without
 * an mm_id is known by its parent. */
static bool shares_fate(const struct scene *scene, uint32_t victim, uint32_t other)
{
	const struct task *a = &scene->snap->tasks[victim], *b = &scene->snap->tasks[other];
	enum eligibility eligibility = scene->ranking->candidates[other].eligibility;
	if (eligibility == INELIGIBLE_INIT || eligibility == INELIGIBLE_KTHREAD)
		return false;
	if (a->mm_id != 0 && a->mm_id == b->mm_id)
		return true;
	return eligibility == INELIGIBLE_VFORK && b->ppid == a->pid;
}

/* One process and all that share its mm, wherever they are. */
static int add_with_sharers(struct verdict *verdict, const struct scene *scene, uint32_t chosen, enum victim_role role)
{
	int r = add_victim(verdict, scene, chosen, role);
	const struct task *task = &scene->snap->tasks[chosen];
	if (task->mm_id == 0 && task->state != 'D')
		return r; /* nobody shares, no child in vfork: spare the walk over all */
	for (uint32_t i = 0; r == 0 && i < scene->snap->ntasks; i++) {
		if (!verdict->dead[i] && shares_fate(scene, chosen, i))
			r = add_victim(verdict, scene, i, VICTIM_SHARES_MM);
	}
	return r;
}

/* mm/memcontrol.c mem_cgroup_get_oom_group(), v4.19: from the victim's group
 * upward, not beyond the one that is over its limit, the highest that wants to
 * die as a whole. v1 has no such file. */
static uint32_t oom_group_of(const struct scene *scene, uint32_t chosen)
{
	const struct snapshot *snap = scene->snap;
	uint32_t at = snap->tasks[chosen].memcg, group = TASK_MEMCG_UNKNOWN;
	if (!scene->rules->oom_group || snap->memcg_version != MEMCG_V2)
		return group;
	const struct scope *scope = &scene->ranking->scope;
	uint32_t domain = scope->kind == SCOPE_MEMCG ? scope->memcg : 0;
	while (at < snap->nmemcgs) {
		if (memcg_kills_group(snap, scene->whatif, at))
			group = at;
		if (at == domain || snap->memcgs[at].parent >= at)
			break;
		at = snap->memcgs[at].parent;
	}
	return group;
}

/* oom_kill_memcg_member(): spared are the protected, and the global init. */
static bool dies_with_group(const struct scene *scene, uint32_t task)
{
	const struct candidate *candidate = &scene->ranking->candidates[task];
	bool adj_known = task_knows(&scene->snap->tasks[task], TASK_ADJ);
	return candidate->eligibility != INELIGIBLE_INIT && candidate->eligibility != INELIGIBLE_KTHREAD &&
	       candidate->eligibility != INELIGIBLE_NO_MM &&
	       !(adj_known && candidate->adj <= OOM_SCORE_ADJ_MIN);
}

static int add_group(struct verdict *verdict, const struct scene *scene, uint32_t group)
{
	const struct snapshot *snap = scene->snap;
	int r = 0;
	for (uint32_t i = 0; r == 0 && i < snap->ntasks; i++) {
		uint32_t memcg = snap->tasks[i].memcg;
		if (memcg >= group && memcg < snap->memcgs[group].end && !verdict->dead[i] && dies_with_group(scene, i))
			r = add_with_sharers(verdict, scene, i, VICTIM_OOM_GROUP);
	}
	return r;
}

static int add_victims(struct verdict *verdict, const struct scene *scene, uint32_t chosen, uint32_t group)
{
	int r = add_with_sharers(verdict, scene, chosen, VICTIM_CHOSEN);
	if (r == 0 && group != TASK_MEMCG_UNKNOWN)
		r = add_group(verdict, scene, group);
	return r;
}

/* Nobody has died yet, but for the one that is dying already. */
static int bury_nobody(struct verdict *verdict, const struct scene *scene)
{
	uint32_t n = scene->snap->ntasks;
	if (n > verdict->dead_capacity) {
		uint32_t capacity = grown_capacity(verdict->dead_capacity, n);
		uint8_t *dead = realloc(verdict->dead, capacity);
		if (!dead)
			return -ENOMEM;
		verdict->dead = dead;
		verdict->dead_capacity = capacity;
	}
	for (uint32_t i = 0; i < n; i++)
		verdict->dead[i] = verdict->waiting_for != 0 && (i == verdict->waiting_task ||
								 shares_fate(scene, verdict->waiting_task, i));
	return 0;
}

#define NOBODY UINT32_MAX

/* Who is the worst of those alive when those up to the mark `gone` are gone, without
 * `but` and its mm (or NOBODY). Points that kills change only fall, those of parents
 * up to 2.6.35: nobody behind the first whose points stand can be worse. */
static uint32_t worst_alive(const struct verdict *verdict, const struct scene *scene, unsigned gone, uint32_t but)
{
	const struct ranking *ranking = scene->ranking;
	uint32_t worst = NOBODY;
	int64_t most = 0;
	for (uint32_t i = 0; i < ranking->norder; i++) {
		uint32_t task = ranking->order[i];
		if (verdict->dead[task] || (but != NOBODY && (task == but || shares_fate(scene, but, task))))
			continue;
		int64_t points = points_then(verdict, scene, task, gone);
		if (worst == NOBODY || ranking_kills_before(ranking, scene->snap, task, points, worst, most)) {
			worst = task;
			most = points;
		}
		if (points == ranking->candidates[task].points)
			break;
	}
	return worst;
}

/* The list of processes, and that of a process's children, is in order of forks:
 * start time is its best likeness, pid parts those of one clock tick. */
static bool was_forked_before(const struct task *a, const struct task *b)
{
	return a->start_ticks != b->start_ticks ? a->start_ticks < b->start_ticks : a->pid < b->pid;
}

/* Up to 5.0 a child with another mm dies in its parent's place
 * (oom_kill_process()). The order puts the worst first; the first forked
 * is the first in its parent's list. */
static uint32_t victim_in_place_of(const struct verdict *verdict, const struct scene *scene, uint32_t selected)
{
	const struct task *tasks = scene->snap->tasks;
	uint32_t found = selected;
	for (uint32_t i = 0; scene->rules->child != CHILD_SPARED && i < scene->ranking->norder; i++) {
		uint32_t task = scene->ranking->order[i];
		if (tasks[task].ppid != tasks[selected].pid || task == selected || verdict->dead[task] ||
		    shares_fate(scene, selected, task))
			continue;
		if (scene->rules->child == CHILD_WORST)
			return task;
		if (found == selected || was_forked_before(&tasks[task], &tasks[found]))
			found = task;
	}
	return found;
}

/* What the kernel gets back for sure: anonymous pages, swap entries, tables. */
static uint64_t freed_by(const struct scene *scene, uint32_t index)
{
	const struct snapshot *snap = scene->snap;
	const struct task *task = &snap->tasks[index];
	if (!task_knows(task, TASK_MM))
		return 0;
	uint64_t anon = task->rss_pages;
	if (task_knows(task, TASK_SPLIT))
		anon = task_anon_pages(task);
	else if (task_knows(task, TASK_STATM))
		anon = u64_sub_floor(task->rss_pages, task->shr_pages);
	int64_t growth = ranking_growth_pages(scene->ranking, task);
	if (growth < 0)
		anon = u64_sub_floor(anon, 0 - (uint64_t)growth);
	else if (__builtin_add_overflow(anon, (uint64_t)growth, &anon))
		anon = UINT64_MAX;
	uint64_t bytes = snapshot_bytes(snap, anon), swap = snapshot_bytes(snap, task->swap_pages);
	if (__builtin_add_overflow(bytes, swap, &bytes) ||
	    __builtin_add_overflow(bytes, task->pgtables_bytes, &bytes))
		return UINT64_MAX;
	return bytes;
}

/* All victims of a kill, each mm once: sharers have nothing of their own. */
static uint64_t freed_bytes(const struct verdict *verdict, const struct scene *scene, const struct kill *kill)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < kill->nvictims; i++) {
		const struct victim *victim = &verdict->victims[kill->first_victim + i];
		if (victim->role != VICTIM_SHARES_MM &&
		    __builtin_add_overflow(sum, freed_by(scene, victim->task), &sum))
			return UINT64_MAX;
	}
	return sum;
}

/* What is charged to the group, swap included where it is accounted, the what-if's
 * growth in it and less what the kills before gave back. False when not known. */
static bool charged_bytes(const struct verdict *verdict, const struct scene *scene, uint64_t *ret_bytes)
{
	const struct snapshot *snap = scene->snap;
	const struct memcg *memcg = &snap->memcgs[verdict->scope.memcg];
	if (!memcg_knows(memcg, MEMCG_USAGE))
		return false;
	uint64_t bytes = memcg->usage_bytes, more, less;
	if (memcg_knows(memcg, MEMCG_SWAP_USAGE) && snap->memcg_version == MEMCG_V1)
		bytes = memcg->swap_usage_bytes > bytes ? memcg->swap_usage_bytes : bytes;
	else if (memcg_knows(memcg, MEMCG_SWAP_USAGE) &&
		 __builtin_add_overflow(bytes, memcg->swap_usage_bytes, &bytes))
		return false;
	shortfall_growth(&verdict->scope, snap, scene->rules, scene->whatif, &more, &less);
	if (__builtin_add_overflow(bytes, more, &bytes))
		return false;
	for (uint32_t i = 0; i < verdict->nkills; i++)
		bytes = u64_sub_floor(bytes, verdict->kills[i].frees_bytes);
	*ret_bytes = bytes;
	return true;
}

/* A process may hold pages that were charged to the group it was in before, and a
 * sharer's count for each that maps them: its own group gets back what it was charged. */
static void bound_by_charge(const struct verdict *verdict, const struct scene *scene, struct kill *kill)
{
	uint64_t charged;
	if (verdict->constraint != CONSTRAINT_MEMCG || verdict->scope.memcg >= scene->snap->nmemcgs ||
	    !charged_bytes(verdict, scene, &charged) || kill->frees_bytes <= charged)
		return;
	kill->frees_bytes = charged;
	kill->frees_at_most = true;
}

static uint64_t error_pages(const struct scene *scene, uint32_t index)
{
	const struct task *task = &scene->snap->tasks[index];
	uint64_t pages = rules_counter_error_pages(scene->rules, scene->snap, task);
	bool counts_swap = scene->rules->era >= ERA_2_6_36;
	uint64_t swap = counts_swap && task->swap_pages > 0 && !task_knows(task, TASK_MARKS) ? scene->rules->swap_error_pages : 0;
	return __builtin_add_overflow(pages, swap, &pages) ? UINT64_MAX : pages;
}

/* a - b in pages; a >= b. */
static uint64_t margin_of(const struct scene *scene, int64_t a, int64_t b)
{
	uint64_t difference = (uint64_t)a - (uint64_t)b;
	enum era era = scene->rules->era;
	if (era == ERA_2_6_36 || era == ERA_2_6_39)
		return u64_mul_sat(difference, scene->ranking->totalpages / 1000);
	return difference;
}

/* Is all known that a kill depends on, beside the points? */
static bool is_trusted(const struct verdict *verdict, const struct scene *scene)
{
	return verdict->all_seen && verdict->policy_known && scene->rules->known;
}

/* Whom selection would turn to if the selected, its mm and whoever dies by this
 * kill were not there. The kill is already counted in *verdict. */
static void find_runner_up(struct verdict *verdict, const struct scene *scene, struct kill *kill)
{
	unsigned gone = gone_by_now(verdict) - 1; /* when it was decided */
	uint32_t other = worst_alive(verdict, scene, gone, kill->selected);
	if (other == NOBODY) {
		kill->certain = is_trusted(verdict, scene);
		return;
	}
	kill->has_runner_up = true;
	kill->runner_up = other;
	kill->margin_pages = margin_of(scene, points_then(verdict, scene, kill->selected, gone),
				       points_then(verdict, scene, other, gone));
	uint64_t error = error_pages(scene, kill->selected);
	if (__builtin_add_overflow(error, error_pages(scene, kill->runner_up), &error))
		error = UINT64_MAX;
	kill->error_pages = error;
	kill->certain = is_trusted(verdict, scene) && kill->margin_pages > error;
}

/* At once as many as a screen shows, so that no later tick asks for memory; few ask for
 * more. */
static int reserve_kills(struct verdict *verdict, uint32_t kills)
{
	uint32_t capacity = kills > CASCADE_SHOWN ? VERDICT_KILLS_MAX : CASCADE_SHOWN;
	if (capacity <= verdict->kills_capacity)
		return 0;
	struct kill *more = realloc(verdict->kills, capacity * sizeof *more);
	if (!more)
		return -ENOMEM;
	verdict->kills = more;
	verdict->kills_capacity = capacity;
	return 0;
}

static int foretell_kills(struct verdict *verdict, const struct scene *scene, uint32_t kills)
{
	int r = reserve_kills(verdict, kills);
	if (r < 0)
		return r;
	while (verdict->nkills < kills) {
		uint32_t selected = worst_alive(verdict, scene, gone_by_now(verdict), NOBODY);
		if (selected == NOBODY)
			return 0;
		uint32_t chosen = victim_in_place_of(verdict, scene, selected);
		struct kill *kill = &verdict->kills[verdict->nkills];
		*kill = (struct kill){ .selected = selected, .first_victim = verdict->nvictims,
				       .group = oom_group_of(scene, chosen) };
		r = add_victims(verdict, scene, chosen, kill->group);
		if (r < 0)
			return r;
		kill->nvictims = verdict->nvictims - kill->first_victim;
		kill->frees_bytes = freed_bytes(verdict, scene, kill);
		bound_by_charge(verdict, scene, kill);
		verdict->nkills++;
		find_runner_up(verdict, scene, kill);
	}
	return 0;
}

/* --- the action ----------------------------------------------------------- */

static bool all_judged(const struct scene *scene)
{
	const struct snapshot *snap = scene->snap;
	if (snap->tasks_denied > 0 || snap->observer.proc_hides || !snap->observer.in_init_pid_ns)
		return false;
	for (uint32_t i = 0; i < scene->ranking->ntasks; i++) {
		if (scene->ranking->candidates[i].eligibility == INELIGIBLE_UNKNOWN)
			return false;
	}
	return true;
}

static bool is_told(const struct scene *scene, enum sysctl_id id)
{
	if (scene->whatif && scene->whatif->sysctl_set[id])
		return true;
	enum fact_state state = scene->snap->system.sysctl[id].state;
	return state == FACT_KNOWN || state == FACT_ABSENT;
}

/* Of the sysctls that are asked in this scope, is there one not known? */
static void find_policy(struct verdict *verdict, const struct scene *scene)
{
	bool sysrq = verdict->scope.sysrq, memcg = verdict->constraint == CONSTRAINT_MEMCG;
	const struct {
		enum sysctl_id id;
		bool asked;
	} policy[] = {
		{ SYSCTL_PANIC_ON_OOM, (!sysrq || scene->rules->sysrq_panics) && (!memcg || scene->rules->memcg_panics) },
		{ SYSCTL_OOM_KILL_ALLOCATING_TASK, !sysrq && !memcg },
		{ SYSCTL_OVERCOMMIT_MEMORY, !sysrq && !memcg },
	};
	verdict->policy_known = true;
	for (size_t i = sizeof policy / sizeof *policy; i-- > 0;) {
		if (policy[i].asked && !is_told(scene, policy[i].id)) {
			verdict->policy_known = false;
			verdict->unread = policy[i].id;
		}
	}
}

/* A victim still dying: oom_evaluate_task() of mm/oom_kill.c, where its marks
 * are known; else as far as files show it, see the header. */
static bool is_dying(const struct scene *scene, uint32_t index, bool had_kills)
{
	const struct task *task = &scene->snap->tasks[index];
	enum eligibility eligibility = scene->ranking->candidates[index].eligibility;
	if (task_knows(task, TASK_MARKS))
		return task_has_mark(task, TASK_MARK_VICTIM) && !task_has_mark(task, TASK_MARK_OOM_SKIP) &&
		       eligibility != INELIGIBLE_INIT && eligibility != INELIGIBLE_OUTSIDE;
	return had_kills && task->sigkill_pending && task->state != 'D' && task_knows(task, TASK_MM) &&
	       eligibility == ELIGIBLE;
}

static void find_dying(struct verdict *verdict, const struct scene *scene)
{
	verdict->waiting_for = 0;
	if (scene->ranking->scope.sysrq)
		return; /* it waits for nobody */
	bool had_kills = system_get(&scene->snap->system, SYS_OOM_KILL, 0) != 0;
	for (uint32_t i = 0; i < scene->snap->ntasks; i++) {
		if (is_dying(scene, i, had_kills)) {
			verdict->waiting_for = scene->snap->tasks[i].pid;
			verdict->waiting_task = i;
			return;
		}
	}
}

/* Free swap takes what is missing first. */
static void add_swap(const struct snapshot *snap, uint64_t bytes, uint64_t missing, uint64_t *ret_bytes,
		     uint64_t *ret_missing_bytes)
{
	uint64_t swap = snap->system.value[SYS_SWAP_FREE];
	*ret_missing_bytes = u64_sub_floor(missing, swap);
	if (__builtin_add_overflow(bytes, u64_sub_floor(swap, missing), ret_bytes))
		*ret_bytes = UINT64_MAX;
}

/* The min watermarks of a node's zones under the what-if. */
static uint64_t assumed_min(const struct snapshot *snap, const struct whatif *whatif, uint32_t node)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snap->system.nzones; i++) {
		if (snap->system.zones[i].node == node &&
		    __builtin_add_overflow(sum, watermarks_of(snap, whatif, i).min_pages, &sum))
			return UINT64_MAX;
	}
	return sum;
}

/* Free pages and file cache of the nodes beyond their min watermarks, and swap:
 * what should_reclaim_retry() of mm/page_alloc.c looks at. */
static bool nodes_headroom(const struct snapshot *snap, const struct scope *scope, const struct whatif *whatif,
			   uint64_t *ret_bytes, uint64_t *ret_missing_bytes)
{
	bool assumed = watermarks_are_assumed(snap, whatif);
	uint64_t pages = 0, least = 0;
	bool any = false;
	for (uint32_t i = 0; i < snap->nnodes; i++) {
		const struct node *node = &snap->nodes[i];
		if (!nodeset_has(&scope->nodes, node->id))
			continue;
		any = true;
		if (__builtin_add_overflow(pages, node->free_pages, &pages) ||
		    __builtin_add_overflow(pages, node->file_lru_pages, &pages) ||
		    __builtin_add_overflow(least, assumed ? assumed_min(snap, whatif, node->id) : node->min_pages,
					   &least))
			return false;
	}
	if (!any || !system_knows(&snap->system, SYS_SWAP_FREE))
		return false;
	uint64_t missing = assumed ? snapshot_bytes(snap, u64_sub_floor(least, pages)) : 0;
	add_swap(snap, snapshot_bytes(snap, u64_sub_floor(pages, least)), missing, ret_bytes, ret_missing_bytes);
	return true;
}

static bool host_headroom(const struct snapshot *snap, const struct whatif *whatif, uint64_t *ret_bytes,
			  uint64_t *ret_missing_bytes)
{
	uint64_t bytes, missing;
	if (!system_knows(&snap->system, SYS_SWAP_FREE) || !watermarks_available(snap, whatif, &bytes, &missing))
		return false;
	add_swap(snap, bytes, missing, ret_bytes, ret_missing_bytes);
	return true;
}

/* Returns what is missing to assumed watermarks, in bytes. */
static uint64_t find_headroom(struct verdict *verdict, const struct scene *scene)
{
	uint64_t bytes = 0, missing = 0;
	uint32_t limiting;
	bool exact = false;
	verdict->headroom_bytes = 0;
	switch (verdict->constraint) {
	case CONSTRAINT_NONE:
		verdict->headroom_known = host_headroom(scene->snap, scene->whatif, &bytes, &missing);
		break;
	case CONSTRAINT_CPUSET:
	case CONSTRAINT_MEMORY_POLICY:
		verdict->headroom_known = nodes_headroom(scene->snap, &verdict->scope, scene->whatif, &bytes,
							 &missing);
		break;
	case CONSTRAINT_MEMCG:
		verdict->headroom_known = verdict->scope.memcg < scene->snap->nmemcgs &&
					  memcg_headroom(scene->snap, scene->whatif, verdict->scope.memcg, &bytes,
							 &limiting, &exact) &&
					  exact;
		break;
	}
	if (verdict->headroom_known)
		verdict->headroom_bytes = bytes;
	return missing;
}

static bool changes_commit_limit(const struct whatif *whatif)
{
	return whatif && (whatif->sysctl_set[SYSCTL_OVERCOMMIT_RATIO] || whatif->sysctl_set[SYSCTL_OVERCOMMIT_KBYTES]);
}

/* The file's own figure, unless the what-if changes what it is made of. */
static bool commit_limit(const struct scene *scene, uint64_t *ret_bytes)
{
	const struct system_facts *sys = &scene->snap->system;
	if (!changes_commit_limit(scene->whatif) && system_knows(sys, SYS_COMMIT_LIMIT)) {
		*ret_bytes = sys->value[SYS_COMMIT_LIMIT];
		return true;
	}
	int64_t kbytes = whatif_sysctl(scene->snap, scene->whatif, SYSCTL_OVERCOMMIT_KBYTES, 0);
	int64_t ratio = whatif_sysctl(scene->snap, scene->whatif, SYSCTL_OVERCOMMIT_RATIO, kbytes > 0 ? 0 : -1);
	return commit_limit_bytes(scene->snap, ratio, kbytes, ret_bytes);
}

static void find_commit_left(struct verdict *verdict, const struct scene *scene)
{
	uint64_t limit;
	if (!system_knows(&scene->snap->system, SYS_COMMITTED_AS) || !commit_limit(scene, &limit))
		return;
	verdict->commit_left_bytes = u64_sub_floor(limit, scene->snap->system.value[SYS_COMMITTED_AS]);
	verdict->commit_left_known = true;
}

/* check_panic_on_oom(). */
static bool panics(const struct verdict *verdict, const struct scene *scene)
{
	int64_t panic_on_oom = whatif_sysctl(scene->snap, scene->whatif, SYSCTL_PANIC_ON_OOM, 0);
	if (panic_on_oom == 0 || (verdict->scope.sysrq && !scene->rules->sysrq_panics))
		return false;
	if (panic_on_oom != 2)
		return verdict->constraint == CONSTRAINT_NONE;
	return verdict->constraint != CONSTRAINT_MEMCG || scene->rules->memcg_panics;
}

static bool kills_allocating_task(const struct verdict *verdict, const struct scene *scene)
{
	if (verdict->constraint == CONSTRAINT_MEMCG || verdict->scope.sysrq)
		return false; /* never asked; SysRq's allocating task is a kernel thread */
	/* "No available memory (MPOL_BIND)" of 2.6.32. */
	if (verdict->constraint == CONSTRAINT_MEMORY_POLICY && scene->rules->era == ERA_2_6_32)
		return true;
	return whatif_sysctl(scene->snap, scene->whatif, SYSCTL_OOM_KILL_ALLOCATING_TASK, 0) != 0;
}

static bool fails_to_commit(const struct verdict *verdict, const struct scene *scene)
{
	return verdict->constraint != CONSTRAINT_MEMCG && !verdict->scope.sysrq &&
	       whatif_sysctl(scene->snap, scene->whatif, SYSCTL_OVERCOMMIT_MEMORY, 0) == 2 &&
	       verdict->commit_left_known && verdict->headroom_known &&
	       verdict->commit_left_bytes < verdict->headroom_bytes;
}

/* Is the limit such that no OOM follows? Sets verdict->none. */
static bool is_harmless(struct verdict *verdict, const struct scene *scene)
{
	if (verdict->constraint != CONSTRAINT_MEMCG || verdict->scope.memcg >= scene->snap->nmemcgs)
		return false;
	const struct memcg *memcg = &scene->snap->memcgs[verdict->scope.memcg];
	bool limitless = memcg_limit(scene->snap, scene->whatif, verdict->scope.memcg) == MEMCG_UNLIMITED;
	/* The root of v2 has no such file, that of v1 one that cannot be set. */
	bool told = memcg_knows(memcg, MEMCG_MAX) || memcg->group_state[MEMCG_MAX] == FACT_ABSENT;
	if (limitless && told) {
		verdict->none = NONE_NO_LIMIT;
		return true;
	}
	if (memcg_knows(memcg, MEMCG_OOM_CONTROL) && memcg->oom_kill_disable) {
		verdict->none = NONE_KILL_DISABLED;
		return true;
	}
	return false;
}

/* Nobody can be killed: a global OOM panics, a limit met does not. */
static enum verdict_action when_nobody(struct verdict *verdict, const struct scene *scene)
{
	if (!verdict->all_seen || scene->snap->ntasks == 0)
		return ACTION_NONE;
	bool sysrq = verdict->scope.sysrq && !scene->rules->sysrq_panics;
	if (verdict->constraint != CONSTRAINT_MEMCG && !sysrq)
		return ACTION_PANIC;
	verdict->none = NONE_NOBODY;
	return ACTION_NONE;
}

static enum verdict_action decide(struct verdict *verdict, const struct scene *scene)
{
	verdict->none = NONE_NOT_TOLD;
	if (is_harmless(verdict, scene))
		return ACTION_NONE;
	if (fails_to_commit(verdict, scene))
		return ACTION_ENOMEM;
	if (panics(verdict, scene))
		return ACTION_PANIC;
	if (kills_allocating_task(verdict, scene))
		return ACTION_KILL_ALLOCATING_TASK;
	if (scene->ranking->totalpages == 0)
		return ACTION_NONE;
	if (verdict->waiting_for != 0)
		return ACTION_WAIT;
	if (verdict->nkills > 0)
		return ACTION_KILL;
	return when_nobody(verdict, scene);
}

int verdict_make(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		 const struct ranking *ranking, const struct whatif *whatif, uint32_t kills)
{
	const struct scene scene = { snap, rules, ranking, whatif };
	if (kills < 1)
		kills = 1;
	if (kills > VERDICT_KILLS_MAX)
		kills = VERDICT_KILLS_MAX;
	verdict->scope = ranking->scope;
	verdict->constraint = scope_constraint(snap, &ranking->scope);
	verdict->totalpages = ranking->totalpages;
	verdict->nkills = 0;
	verdict->nvictims = 0;
	verdict->covering = 0;
	verdict->commit_left_known = false;
	verdict->when = (struct verdict_when){ .nearing = false };
	verdict->commit_left_bytes = 0;
	verdict->all_seen = all_judged(&scene);
	find_policy(verdict, &scene);
	find_dying(verdict, &scene);
	uint64_t missing = find_headroom(verdict, &scene);
	find_commit_left(verdict, &scene);
	shortfall_find(verdict, snap, rules, whatif, missing);
	int r = bury_nobody(verdict, &scene);
	if (r == 0)
		r = foretell_kills(verdict, &scene, kills);
	if (r < 0) {
		verdict->nkills = 0;
		verdict->nvictims = 0;
		verdict->action = ACTION_NONE;
		verdict->none = NONE_NOT_TOLD;
		return r;
	}
	shortfall_cover(verdict);
	verdict->action = decide(verdict, &scene);
	if (verdict->action != ACTION_WAIT)
		verdict->waiting_for = 0;
	sentence_make(verdict, snap, rules, ranking, whatif);
	verdict_watch(verdict, snap, ranking, NULL);
	return 0;
}

int cascade_extend(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		   const struct ranking *ranking, const struct whatif *whatif, uint32_t at_most)
{
	const struct scene scene = { snap, rules, ranking, whatif };
	int r = 0;
	if (at_most > VERDICT_KILLS_MAX)
		at_most = VERDICT_KILLS_MAX;
	while (r == 0 && verdict->shortfall_known && verdict->covering == 0 && verdict->nkills < at_most) {
		uint32_t before = verdict->nkills, victims = verdict->nvictims;
		r = foretell_kills(verdict, &scene, before + 1);
		if (r < 0)
			verdict->nvictims = victims;
		if (verdict->nkills == before)
			break; /* nobody is left */
		shortfall_cover(verdict);
	}
	return r;
}
