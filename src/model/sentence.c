/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A sentence is added to piece by piece and cut where the buffer ends, never in
 * the middle of a byte sequence since it is all ASCII: what a process calls
 * itself is made so first.
 */
#include "sentence.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oomsight/base/units.h"
#include "oomsight/model/rates.h"

struct sentence {
	char *dst;
	size_t size;
	size_t len;
};

/* An empty sentence; size > 0. */
static struct sentence sentence_in(char *dst, size_t size)
{
	dst[0] = '\0';
	return (struct sentence){ dst, size, 0 };
}

__attribute__((format(printf, 2, 3))) static void add(struct sentence *s, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(s->dst + s->len, s->size - s->len, format, args);
	va_end(args);
	if (n < 0)
		return;
	size_t room = s->size - s->len - 1;
	s->len += (size_t)n < room ? (size_t)n : room;
}

char *sentence_name(const struct snapshot *snap, uint32_t task, char dst[SENTENCE_NAME_SIZE])
{
	struct text comm = snapshot_text(snap, snap->tasks[task].comm);
	size_t len = 0;
	for (; len < SENTENCE_NAME_SIZE - 1 && len < comm.len; len++)
		dst[len] = comm.ptr[len] >= ' ' && comm.ptr[len] <= '~' ? comm.ptr[len] : '?';
	dst[len] = '\0';
	return dst;
}

static void add_task(struct sentence *s, const struct snapshot *snap, uint32_t index)
{
	char name[SENTENCE_NAME_SIZE];
	add(s, "%s (%" PRId32 ")", sentence_name(snap, index, name), snap->tasks[index].pid);
}

static void add_size(struct sentence *s, uint64_t bytes)
{
	char buffer[UNITS_BUFFER];
	add(s, "%s", units_human(bytes, buffer));
}

/* Signed points in pages as a size. */
static void add_points(struct sentence *s, const struct snapshot *snap, int64_t points)
{
	uint64_t pages = points < 0 ? 0 - (uint64_t)points : (uint64_t)points;
	if (points < 0)
		add(s, "-");
	add_size(s, snapshot_bytes(snap, pages));
}

/* A path of a memory cgroup, made ASCII; of a long one its end. */
#define PATH_SHOWN 60

static void add_path(struct sentence *s, const struct snapshot *snap, uint32_t memcg)
{
	struct text path = memcg < snap->nmemcgs ? snapshot_text(snap, snap->memcgs[memcg].path) : TEXT("?");
	if (path.len > PATH_SHOWN) {
		add(s, "...");
		path = text_of(path.ptr + path.len - PATH_SHOWN, PATH_SHOWN);
	}
	for (size_t i = 0; i < path.len; i++)
		add(s, "%c", path.ptr[i] >= ' ' && path.ptr[i] <= '~' ? path.ptr[i] : '?');
}

/* " if /app met its limit of 2.0G", " if memory of node 0-1 ran out" */
static void add_scope(struct sentence *s, const struct verdict *verdict, const struct snapshot *snap,
		      const struct whatif *whatif)
{
	const struct scope *scope = &verdict->scope;
	char nodes[64];
	switch (scope->kind) {
	case SCOPE_GLOBAL:
	case SCOPE__COUNT:
		if (scope->sysrq)
			add(s, " by SysRq-f");
		break;
	case SCOPE_MEMCG:
		add(s, " if ");
		add_path(s, snap, scope->memcg);
		add(s, " met its limit of ");
		add_size(s, memcg_limit(snap, whatif, scope->memcg));
		break;
	case SCOPE_CPUSET:
		add(s, " if a cpuset's node %s ran out", nodeset_format(&scope->nodes, nodes, sizeof nodes));
		break;
	case SCOPE_MEMPOLICY:
		add(s, " if memory bound to node %s ran out", nodeset_format(&scope->nodes, nodes, sizeof nodes));
		break;
	}
}

static void add_adj(struct sentence *s, const struct snapshot *snap, const struct rules *rules,
		    const struct ranking *ranking, int adj)
{
	add(s, ", adj %d", adj);
	if (adj == 0 || rules->era < ERA_3_5)
		return;
	uint64_t weight = (uint64_t)(adj < 0 ? -(int64_t)adj : adj);
	uint64_t unit = (uint64_t)badness_adj_unit_pages(ranking->totalpages);
	add(s, adj < 0 ? " takes off " : " adds ");
	add_size(s, snapshot_bytes(snap, u64_mul_sat(weight, unit)));
}

static void add_parts(struct sentence *s, const struct snapshot *snap, const struct rules *rules,
		      const struct ranking *ranking, uint32_t index)
{
	const struct candidate *candidate = &ranking->candidates[index];
	const struct badness_parts parts = ranking_parts(ranking, snap, index);
	if (candidate->eligibility != ELIGIBLE) {
		add(s, "not eligible: %s", eligibility_because(candidate->eligibility));
		return;
	}
	if (ranking->totalpages == 0) {
		add(s, ranking->scope.kind == SCOPE_MEMCG ? "not known: the group has no limit" :
							   "not known: the size of RAM and swap could not be read");
		return;
	}
	if (candidate->origin) {
		add(s, "it is in swapoff, which is chosen before everybody");
		return;
	}
	if (rules->era == ERA_2_6_32) {
		add(s, "%" PRId64 " by size, age, children and rights, adj %d", candidate->points, candidate->adj);
		return;
	}
	if (rules->era < ERA_3_5)
		add(s, "%" PRId64 " of 1000", candidate->points);
	else
		add_points(s, snap, candidate->points);
	add(s, " = rss ");
	add_size(s, snapshot_bytes(snap, parts.rss_pages));
	add(s, " + swap ");
	add_size(s, snapshot_bytes(snap, parts.swap_pages));
	if (rules->era >= ERA_2_6_39) {
		add(s, " + tables ");
		add_size(s, snapshot_bytes(snap, parts.pgtables_pages));
	}
	if (parts.root)
		add(s, rules->era < ERA_3_14 ? ", root takes off 3%% of all" : ", root takes off 3%% of it");
	add_adj(s, snap, rules, ranking, candidate->adj);
}

void verdict_parts_text(const struct snapshot *snap, const struct rules *rules, const struct ranking *ranking,
			uint32_t task, char *dst, size_t size)
{
	struct sentence s = sentence_in(dst, size);
	add_parts(&s, snap, rules, ranking, task);
}

void verdict_task_text(const struct snapshot *snap, uint32_t task, char *dst, size_t size)
{
	struct sentence s = sentence_in(dst, size);
	add_task(&s, snap, task);
}

/* The one who dies by this kill. */
static uint32_t chosen_of(const struct verdict *verdict, const struct kill *kill)
{
	return verdict->victims[kill->first_victim].task;
}

/* "java (1804) would be killed: 3.10G = ...; next would be postgres (991), 2.21G behind" */
static void add_kill(struct sentence *s, const struct verdict *verdict, const struct snapshot *snap,
		     const struct rules *rules, const struct ranking *ranking, const struct whatif *whatif)
{
	const struct kill *kill = &verdict->kills[0];
	bool close = kill->has_runner_up && kill->margin_pages <= kill->error_pages;
	uint32_t chosen = chosen_of(verdict, kill);
	add_task(s, snap, chosen);
	if (close) {
		add(s, " or ");
		add_task(s, snap, kill->runner_up);
	}
	add(s, " would be killed");
	if (kill->group != TASK_MEMCG_UNKNOWN) {
		add(s, " with all of ");
		add_path(s, snap, kill->group);
		add(s, " (memory.oom.group, %" PRIu32 " in all)", kill->nvictims);
	} else if (kill->nvictims > 1) {
		add(s, " with %" PRIu32 " sharing its memory", kill->nvictims - 1);
	}
	if (chosen != kill->selected) {
		add(s, " in the place of its parent ");
		add_task(s, snap, kill->selected);
	}
	add_scope(s, verdict, snap, whatif);
	add(s, ": ");
	add_parts(s, snap, rules, ranking, kill->selected);
	if (close && kill->error_pages == 0) {
		add(s, "; equal points, the %s started is chosen", rules->later_wins ? "later" : "earlier");
	} else if (close) {
		add(s, "; they are ");
		add_size(s, snapshot_bytes(snap, kill->margin_pages));
		add(s, " apart, the kernel's counters may be ");
		add_size(s, snapshot_bytes(snap, kill->error_pages));
		add(s, " off");
	} else if (kill->has_runner_up) {
		add(s, "; next would be ");
		add_task(s, snap, kill->runner_up);
		if (!ranking->candidates[kill->selected].origin) { /* whose points are no size */
			add(s, " ");
			add_size(s, snapshot_bytes(snap, kill->margin_pages));
			add(s, " behind");
		}
	} else {
		add(s, "; nobody else could be");
	}
	if (!verdict->all_seen)
		add(s, "; not all processes could be read");
}

/* What comes after a first clause: who an OOM would kill, in short. */
static void add_otherwise(struct sentence *s, const struct verdict *verdict, const struct snapshot *snap,
			  const char *clause)
{
	if (verdict->nkills == 0)
		return;
	add(s, "; %s ", clause);
	add_task(s, snap, chosen_of(verdict, &verdict->kills[0]));
}

static void add_panic(struct sentence *s, const struct verdict *verdict, const struct snapshot *snap,
		      const struct whatif *whatif)
{
	int64_t panic_on_oom = whatif_sysctl(snap, whatif, SYSCTL_PANIC_ON_OOM, 0);
	add(s, "the kernel would panic");
	add_scope(s, verdict, snap, whatif);
	if (panic_on_oom == 0) {
		add(s, ": nobody can be killed");
		return;
	}
	add(s, ": vm.panic_on_oom is %" PRId64, panic_on_oom);
	add_otherwise(s, verdict, snap, "without that it would kill");
}

static void add_enomem(struct sentence *s, const struct verdict *verdict, const struct snapshot *snap,
		       const struct whatif *whatif)
{
	add(s, "allocations fail before memory runs out: vm.overcommit_memory is 2, ");
	add_size(s, verdict->commit_left_bytes);
	add(s, " may still be promised while ");
	add_size(s, verdict->headroom_bytes);
	add(s, " are free");
	if (whatif_sysctl(snap, whatif, SYSCTL_PANIC_ON_OOM, 0) != 0)
		add(s, "; an OOM would panic");
	else
		add_otherwise(s, verdict, snap, "an OOM would kill");
}

static void add_none(struct sentence *s, const struct verdict *verdict, const struct snapshot *snap)
{
	uint32_t memcg = verdict->scope.memcg;
	switch (verdict->none) {
	case NONE_NO_LIMIT:
		add(s, "nobody would be killed: ");
		add_path(s, snap, memcg);
		add(s, " has no limit of its own");
		break;
	case NONE_KILL_DISABLED:
		add(s, "nobody would be killed: ");
		add_path(s, snap, memcg);
		add(s, " has oom_kill_disable set, tasks that meet its limit sleep until there is room");
		break;
	case NONE_NOBODY:
		add(s, "nobody would be killed");
		if (verdict->scope.kind == SCOPE_MEMCG) {
			add(s, ": none in ");
			add_path(s, snap, memcg);
			add(s, " can be, allocations fail or try again without end");
		} else {
			add(s, ": SysRq-f finds nobody that can be");
		}
		break;
	case NONE_NOT_TOLD:
		if (verdict->totalpages == 0)
			add(s, "cannot be told: the size of RAM and swap could not be read");
		else
			add(s, "cannot be told: none of the processes that could be read can be killed, "
			       "and others are hidden");
		break;
	}
}

void sentence_make(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		   const struct ranking *ranking, const struct whatif *whatif)
{
	struct sentence s = sentence_in(verdict->because, sizeof verdict->because);
	switch (verdict->action) {
	case ACTION_KILL:
		add_kill(&s, verdict, snap, rules, ranking, whatif);
		break;
	case ACTION_KILL_ALLOCATING_TASK:
		add(&s, "whoever asks for memory then would be killed");
		add_scope(&s, verdict, snap, whatif);
		if (whatif_sysctl(snap, whatif, SYSCTL_OOM_KILL_ALLOCATING_TASK, 0) != 0)
			add(&s, ": vm.oom_kill_allocating_task is on");
		add_otherwise(&s, verdict, snap, "if that one cannot be killed,");
		break;
	case ACTION_PANIC:
		add_panic(&s, verdict, snap, whatif);
		break;
	case ACTION_WAIT:
		add(&s, "nobody would be killed until ");
		add_task(&s, snap, verdict->waiting_task);
		add(&s, ", which is already dying, is gone");
		add_otherwise(&s, verdict, snap, "then");
		break;
	case ACTION_ENOMEM:
		add_enomem(&s, verdict, snap, whatif);
		break;
	case ACTION_NONE:
	case ACTION__COUNT:
		add_none(&s, verdict, snap);
		break;
	}
	if (!verdict->policy_known && verdict->action != ACTION_NONE)
		add(&s, "; %s could not be read", sysctl_names[verdict->unread]);
}

/* Would the chosen still stand first if reclaim took the file pages of both? */
static bool leads_by_file_pages(const struct verdict *verdict, const struct snapshot *snap,
				const struct ranking *ranking)
{
	const struct kill *kill = &verdict->kills[0];
	const struct task *first = &snap->tasks[kill->selected], *second = &snap->tasks[kill->runner_up];
	if (!kill->has_runner_up || !task_knows(first, TASK_SPLIT) || !task_knows(second, TASK_SPLIT))
		return false;
	const struct candidate *candidates = ranking->candidates;
	uint64_t more = u64_sub_floor(first->rss_file_pages, second->rss_file_pages);
	uint64_t ahead = (uint64_t)candidates[kill->selected].points - (uint64_t)candidates[kill->runner_up].points;
	return more > ahead;
}

/* How many of the order are looked at: those far behind do not overtake soon. */
#define WATCHED 64

static void find_overtaker(struct verdict *verdict, const struct snapshot *snap, const struct ranking *ranking,
			   const struct rates *rates)
{
	uint32_t first = verdict->kills[0].selected;
	if (!rates || !rates->known || first >= rates->ntasks || !rates->tasks[first].known || snap->page_bytes == 0)
		return;
	double lead_growth = rates->tasks[first].growth_bytes_per_s;
	for (uint32_t i = 0; i < ranking->norder && i < WATCHED; i++) {
		uint32_t index = ranking->order[i];
		if (index == first || verdict->dead[index] || index >= rates->ntasks || !rates->tasks[index].known)
			continue;
		double closing = rates->tasks[index].growth_bytes_per_s - lead_growth;
		double behind = ((double)ranking->candidates[first].points - (double)ranking->candidates[index].points) *
				(double)snap->page_bytes;
		if (closing <= 0 || behind / closing > VERDICT_WATCH_S)
			continue;
		if (!verdict->has_overtaker || behind / closing < verdict->overtakes_s) {
			verdict->has_overtaker = true;
			verdict->overtaker = index;
			verdict->overtakes_s = behind / closing;
		}
	}
}

void verdict_watch(struct verdict *verdict, const struct snapshot *snap, const struct ranking *ranking,
		   const struct rates *rates)
{
	struct sentence s = sentence_in(verdict->watch, sizeof verdict->watch);
	char span[UNITS_BUFFER];
	verdict->reclaimable = false;
	verdict->has_overtaker = false;
	verdict->overtakes_s = 0;
	if (verdict->nkills == 0 || verdict->action == ACTION_NONE)
		return;
	if (ranking->rules.era < ERA_2_6_36)
		return; /* virtual size decides: reclaim takes nothing of it, and the rates are of the rss */
	verdict->reclaimable = leads_by_file_pages(verdict, snap, ranking);
	find_overtaker(verdict, snap, ranking, rates);
	if (verdict->reclaimable) {
		add_task(&s, snap, verdict->kills[0].selected);
		add(&s, " leads only by mapped files, which are given up first: ");
		add_task(&s, snap, verdict->kills[0].runner_up);
		add(&s, " may be worse by then");
	}
	if (verdict->has_overtaker) {
		add(&s, "%s", s.len > 0 ? "; " : "");
		add_task(&s, snap, verdict->overtaker);
		add(&s, " will be the worst in %s at its present growth", units_span(verdict->overtakes_s, span));
	}
}
