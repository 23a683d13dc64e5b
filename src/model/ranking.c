/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One pass judges and scores every task, one sort orders the eligible ones.
 *
 * Successive ticks rank nearly alike, and the sort is linear on what is already
 * in order: so the order of the tick before is the starting arrangement. Tasks
 * are indices there, and indices shift when processes come and go; the pids of
 * the tick before, kept by index, say which task of today each one is. The
 * result never depends on the arrangement, since no two tasks are equal in all
 * of points, start time and pid.
 */
#include "oomsight/model/ranking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/base/sort.h"
#include "oomsight/base/units.h"
#include "grow.h"

#define CAP_SYS_RAWIO 17
#define CAP_SYS_ADMIN 21
#define CAP_SYS_RESOURCE 24

#define NOT_THERE UINT32_MAX

void ranking_init(struct ranking *ranking)
{
	memset(ranking, 0, sizeof *ranking);
}

void ranking_done(struct ranking *ranking)
{
	free(ranking->candidates);
	free(ranking->pids);
	free(ranking->order);
	free(ranking->growths);
	ranking_init(ranking);
}

uint64_t ranking_totalpages(const struct snapshot *snap)
{
	const struct system_facts *sys = &snap->system;
	if (snap->page_bytes == 0 || !system_knows(sys, SYS_MEM_TOTAL) || !system_knows(sys, SYS_SWAP_TOTAL))
		return 0;
	return sys->value[SYS_MEM_TOTAL] / snap->page_bytes + sys->value[SYS_SWAP_TOTAL] / snap->page_bytes;
}

/* --- judging one task ----------------------------------------------------- */

static bool has_cap(const struct task *task, unsigned cap)
{
	return task_knows(task, TASK_STATUS) && (task->cap_eff >> cap & 1U);
}

struct badness_parts task_badness_parts(const struct snapshot *snap, const struct rules *rules, const struct task *task,
					int adj)
{
	return (struct badness_parts){
		.rss_pages = rules->rss == RSS_PRECISE ? task->rss_pages : task->rss_quick_pages,
		/* Where the quick count decides only the bpf source sees it of swap. */
		.swap_pages = rules->rss == RSS_QUICK && task_knows(task, TASK_MARKS) ? task->swap_quick_pages
										       : task->swap_pages,
		/* Up to 4.14 the number of tables counts, each a page where
		 * the files show their size. */
		.pgtables_pages = snap->page_bytes > 0 ? task->pgtables_bytes / snap->page_bytes : 0,
		.adj = adj,
		.root = rules->era < ERA_4_17 && has_cap(task, CAP_SYS_ADMIN),
	};
}

/* Are all facts known that the points are made of? */
static bool knows_parts(const struct rules *rules, const struct task *task)
{
	return task_knows(task, TASK_STAT) && task_knows(task, TASK_MM) &&
	       (rules->era >= ERA_4_17 || task_knows(task, TASK_STATUS));
}

/* A vfork parent sleeps in state D until its child lets go of their mm; the
 * child then shows the parent's figures. */
static bool runs_in_parents_mm(const struct snapshot *snap, const struct task *task)
{
	const struct task *parent = snapshot_find(snap, task->ppid);
	if (!parent || parent->state != 'D')
		return false;
	if (task->mm_id != 0 && task->mm_id == parent->mm_id)
		return true;
	return parent->virt_bytes == task->virt_bytes && parent->rss_pages == task->rss_pages;
}

/* The kernel itself may hold a task for ineligible where no file says so: it
 * prints oom_score 0 for a task whose parts give a score well above. Its word
 * counts only when no older than what it is compared with, and compared with
 * the real adj, never with a what-if. */
static enum eligibility ask_kernel(const struct snapshot *snap, const struct rules *rules, const struct task *task,
				   uint64_t totalpages)
{
	uint8_t age = task->age[TASK_SCORE];
	if (!task_knows(task, TASK_SCORE) || task->oom_score != 0 || !task_knows(task, TASK_ADJ) ||
	    age > task->age[TASK_MM] || age > task->age[TASK_ADJ])
		return ELIGIBLE;
	if (totalpages == 0 || rules->era < ERA_2_6_36 || task->oom_score_adj <= OOM_SCORE_ADJ_MIN)
		return ELIGIBLE;
	const struct badness_parts parts = task_badness_parts(snap, rules, task, task->oom_score_adj);
	int64_t points = badness_points(rules->era, &parts, totalpages);
	if (badness_oom_score(rules->era, points, totalpages) < 2)
		return ELIGIBLE;
	if (task->sigkill_pending || (task->flags & TASK_FLAG_EXITING))
		return INELIGIBLE_REAPED;
	return runs_in_parents_mm(snap, task) ? INELIGIBLE_VFORK : INELIGIBLE_KERNEL;
}

/* Is a device being given back? Its pages leave SwapTotal at once, but for those
 * in use, and its line in /proc/swaps stays: mm/swapfile.c si_swapinfo(), v2.6.32. */
static bool is_swap_shrinking(const struct snapshot *snap)
{
	uint64_t sizes = 0;
	for (uint32_t i = 0; i < snap->system.nswaps; i++) {
		if (__builtin_add_overflow(sizes, snap->system.swaps[i].size_bytes, &sizes))
			return false;
	}
	return system_knows(&snap->system, SYS_SWAP_TOTAL) && sizes > snap->system.value[SYS_SWAP_TOTAL];
}

/* oom_task_origin(): which task is in swapoff(2) no file tells; swapoff(8) bears
 * its name. One that writes 2 to ksm/run cannot be told from files at all. */
static bool looks_like_origin(const struct snapshot *snap, const struct task *task)
{
	return (task->state == 'R' || task->state == 'D') && text_is(snapshot_text(snap, task->comm), "swapoff");
}

/* mm/oom_kill.c: oom_evaluate_task() takes a process in swapoff at once, but not
 * again once it was killed and its memory taken. */
static bool is_marked_origin(const struct task *task)
{
	return task_has_mark(task, TASK_MARK_ORIGIN) && !task_has_mark(task, TASK_MARK_VICTIM);
}

/* mm/oom_kill.c: oom_unkillable_task(), oom_cpuset_eligible(), then the vetoes of
 * oom_badness(). /proc/PID/oom_score is always of RAM and swap: global_pages. */
static enum eligibility judge(const struct snapshot *snap, const struct rules *rules, const struct scope *scope,
			      const struct task *task, bool adj_known, int adj, uint64_t global_pages)
{
	if (task_is_kthread(task))
		return INELIGIBLE_KTHREAD;
	if (task->pid == 1 && snap->observer.in_init_pid_ns)
		return INELIGIBLE_INIT;
	enum membership member = scope_holds(snap, rules, scope, task);
	if (member == MEMBER_NO)
		return INELIGIBLE_OUTSIDE;
	if (is_marked_origin(task))
		return ELIGIBLE; /* chosen before its badness is looked at, whatever its adj */
	if (adj_known && adj <= OOM_SCORE_ADJ_MIN)
		return INELIGIBLE_ADJ_MIN;
	if (task->group_state[TASK_MM] == FACT_ABSENT)
		return INELIGIBLE_NO_MM;
	if (member == MEMBER_UNKNOWN || !adj_known || !knows_parts(rules, task))
		return INELIGIBLE_UNKNOWN;
	if (task_knows(task, TASK_MARKS) && rules->era >= ERA_4_15)
		return task_has_mark(task, TASK_MARK_OOM_SKIP) ? INELIGIBLE_REAPED :
		       task_has_mark(task, TASK_MARK_VFORK)    ? INELIGIBLE_VFORK :
								 ELIGIBLE;
	return ask_kernel(snap, rules, task, global_pages);
}

/* --- points --------------------------------------------------------------- */

/* pages after a growth that may be negative; never below 0. */
static uint64_t grown(uint64_t pages, int64_t growth)
{
	uint64_t sum;
	if (growth < 0)
		return u64_sub_floor(pages, 0 - (uint64_t)growth);
	return __builtin_add_overflow(pages, (uint64_t)growth, &sum) ? UINT64_MAX : sum;
}

/* Looked up, for most of the time there are none: kept with each candidate they
 * would be a third of it. */
int64_t ranking_growth_pages(const struct ranking *ranking, const struct task *task)
{
	uint32_t low = 0, high = ranking->ngrowths;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (ranking->growths[mid].pid < task->pid)
			low = mid + 1;
		else
			high = mid;
	}
	bool grows = low < ranking->ngrowths && ranking->growths[low].pid == task->pid;
	return grows ? ranking->growths[low].pages : 0;
}

/* Made when they are asked for: kept, they would be more than half of a candidate. */
struct badness_parts ranking_parts(const struct ranking *ranking, const struct snapshot *snap, uint32_t index)
{
	const struct candidate *candidate = &ranking->candidates[index];
	struct badness_parts parts = task_badness_parts(snap, &ranking->rules, &snap->tasks[index], candidate->adj);
	parts.rss_pages = grown(parts.rss_pages, ranking_growth_pages(ranking, &snap->tasks[index]));
	return parts;
}

/* What the heuristic up to 2.6.35 looks at. children: the sum of half of each
 * child's pages and one; *ret_child stands for all of them. CPU time is in the ticks
 * of the files, not in the kernel's own: the unit it is cut to (8 to 10 seconds) is
 * nearly the same for all. */
static struct badness_legacy_parts legacy_parts(const struct snapshot *snap, const struct scope *scope,
						const struct task *task, int adj, int64_t growth_pages,
						uint64_t children, uint64_t *ret_child)
{
	const struct nodeset *mems = snapshot_nodes(snap, task->mems);
	/* One child of this size adds exactly that sum. */
	*ret_child = children > 0 ? u64_mul_sat(children - 1, 2) : 0;
	uint64_t started_s = snap->ticks_per_s > 0 ? task->start_ticks / snap->ticks_per_s : 0;
	return (struct badness_legacy_parts){
		.total_vm_pages = grown(snap->page_bytes > 0 ? task->virt_bytes / snap->page_bytes : 0, growth_pages),
		.children_pages = ret_child,
		.nchildren = children > 0,
		.cpu_jiffies = task->cpu_ticks,
		.hz = snap->ticks_per_s,
		.nice = task->nice,
		.other_cpuset = scope->kind == SCOPE_CPUSET && mems && !nodeset_intersects(mems, &scope->nodes),
		.run_seconds = u64_sub_floor(snap->boottime_ns / 1000000000, started_s),
		.cap_sys_admin = has_cap(task, CAP_SYS_ADMIN),
		.cap_sys_resource = has_cap(task, CAP_SYS_RESOURCE),
		.cap_sys_rawio = has_cap(task, CAP_SYS_RAWIO),
		.oom_adj = oom_adj_from_score_adj(adj),
	};
}

static int64_t legacy_points(const struct snapshot *snap, const struct scope *scope, const struct task *task, int adj,
			     int64_t growth_pages, uint64_t children)
{
	uint64_t child;
	const struct badness_legacy_parts parts = legacy_parts(snap, scope, task, adj, growth_pages, children, &child);
	uint64_t points = badness_points_legacy(&parts);
	return points > INT64_MAX ? INT64_MAX : (int64_t)points;
}

/* So that no number of children overflows their sum. */
#define LEGACY_SHARE_MAX (1ULL << 40)

/* What `child` adds to its parent under the heuristic up to 2.6.35. */
static uint64_t legacy_share(const struct snapshot *snap, const struct task *parent, const struct task *child)
{
	bool same_mm = child->mm_id != 0 && child->mm_id == parent->mm_id;
	if (same_mm || snap->page_bytes == 0 || !task_knows(child, TASK_STAT) ||
	    child->group_state[TASK_MM] == FACT_ABSENT)
		return 0;
	uint64_t share = child->virt_bytes / snap->page_bytes / 2 + 1;
	return share < LEGACY_SHARE_MAX ? share : LEGACY_SHARE_MAX;
}

/* marks: those of 1 to last_mark do not count; NULL: all do. */
static uint64_t legacy_children(const struct snapshot *snap, const struct task *parent, const uint8_t *marks,
				unsigned last_mark)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		bool gone = marks && marks[i] > 0 && marks[i] <= last_mark;
		if (snap->tasks[i].ppid == parent->pid && !gone)
			sum += legacy_share(snap, parent, &snap->tasks[i]);
	}
	return sum;
}

static int64_t points_with_adj(const struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
			       uint32_t index, int adj)
{
	const struct candidate *candidate = &ranking->candidates[index];
	const struct task *task = &snap->tasks[index];
	if (candidate->origin)
		return INT64_MAX;
	if (rules->era == ERA_2_6_32)
		return legacy_points(snap, &ranking->scope, task, adj, ranking_growth_pages(ranking, task),
				     legacy_children(snap, task, NULL, 0));
	struct badness_parts changed = ranking_parts(ranking, snap, index);
	changed.adj = adj;
	return badness_points(rules->era, &changed, ranking->totalpages);
}

void ranking_explain(const struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
		     uint32_t index, struct badness_steps *ret_steps)
{
	const struct candidate *candidate = &ranking->candidates[index];
	const struct task *task = &snap->tasks[index];
	ret_steps->n = 0;
	if (candidate->rank == 0 || candidate->origin)
		return;
	if (rules->era != ERA_2_6_32) {
		const struct badness_parts own = ranking_parts(ranking, snap, index);
		badness_explain(rules->era, &own, ranking->totalpages, ret_steps);
		return;
	}
	uint64_t child;
	const struct badness_legacy_parts parts = legacy_parts(snap, &ranking->scope, task, candidate->adj,
							       ranking_growth_pages(ranking, task),
							       legacy_children(snap, task, NULL, 0), &child);
	badness_explain_legacy(&parts, ret_steps);
}

int64_t ranking_points_without(const struct ranking *ranking, const struct snapshot *snap, uint32_t index,
			       const uint8_t *marks, unsigned last_mark)
{
	const struct candidate *candidate = &ranking->candidates[index];
	const struct task *task = &snap->tasks[index];
	if (candidate->origin || ranking->rules.era != ERA_2_6_32)
		return candidate->points;
	return legacy_points(snap, &ranking->scope, task, candidate->adj, ranking_growth_pages(ranking, task),
			     legacy_children(snap, task, marks, last_mark));
}

/* --- the order ------------------------------------------------------------ */

struct order_context {
	const struct snapshot *snap;
	const struct candidate *candidates;
	const struct scope *scope;
	bool later_wins;
};

/* Is a killed rather than b, which has as many points? The kernel walks the
 * list of processes, which is in order of their forks: start time is its best
 * likeness, pid parts those of one clock tick. For a memory cgroup it walks the
 * groups, and in each the processes as they came in. */
static bool wins_tie(const struct task *a, const struct task *b, const struct scope *scope, bool later_wins)
{
	if (scope->kind == SCOPE_MEMCG && a->memcg != b->memcg)
		return (a->memcg > b->memcg) == later_wins;
	bool later = a->start_ticks != b->start_ticks ? a->start_ticks > b->start_ticks : a->pid > b->pid;
	return later == later_wins;
}

bool ranking_kills_before(const struct ranking *ranking, const struct snapshot *snap, uint32_t a, int64_t points_a,
			  uint32_t b, int64_t points_b)
{
	if (points_a != points_b)
		return points_a > points_b;
	return wins_tie(&snap->tasks[a], &snap->tasks[b], &ranking->scope, ranking->rules.later_wins);
}

static bool is_killed_before(uint32_t a, uint32_t b, const void *context)
{
	const struct order_context *order = context;
	int64_t points_a = order->candidates[a].points, points_b = order->candidates[b].points;
	if (points_a != points_b)
		return points_a > points_b;
	return a != b && wins_tie(&order->snap->tasks[a], &order->snap->tasks[b], order->scope, order->later_wins);
}

static int reserve(struct ranking *ranking, uint32_t ntasks)
{
	if (ntasks <= ranking->capacity)
		return 0;
	uint32_t capacity = grown_capacity(ranking->capacity, ntasks);
	struct candidate *candidates = realloc(ranking->candidates, (size_t)capacity * sizeof *candidates);
	if (candidates)
		ranking->candidates = candidates;
	uint32_t *pids = realloc(ranking->pids, (size_t)capacity * sizeof *pids);
	if (pids)
		ranking->pids = pids;
	uint32_t *order = realloc(ranking->order, (size_t)capacity * sizeof *order);
	if (order)
		ranking->order = order;
	if (!candidates || !pids || !order)
		return -ENOMEM;
	ranking->capacity = capacity;
	return 0;
}

static int reserve_growths(struct ranking *ranking, uint32_t ngrowths)
{
	if (ngrowths <= ranking->growths_capacity)
		return 0;
	uint32_t capacity = grown_capacity(ranking->growths_capacity, ngrowths);
	struct whatif_growth *growths = realloc(ranking->growths, (size_t)capacity * sizeof *growths);
	if (!growths)
		return -ENOMEM;
	ranking->growths = growths;
	ranking->growths_capacity = capacity;
	return 0;
}

/* Turn the order of the tick before into today's indices, tasks that are gone
 * left out. Both lists of pids ascend: a merge finds who is who. */
static void carry_order_over(struct ranking *ranking, const struct snapshot *snap, uint32_t ntasks_then)
{
	if (ranking->norder == 0)
		return; /* nothing to carry over, and the pids may not be there */
	uint32_t *now_at = ranking->pids; /* each index takes the place of its pid */
	uint32_t now = 0;
	for (uint32_t then = 0; then < ntasks_then; then++) {
		int32_t pid = (int32_t)ranking->pids[then];
		while (now < snap->ntasks && snap->tasks[now].pid < pid)
			now++;
		bool there = now < snap->ntasks && snap->tasks[now].pid == pid;
		now_at[then] = there ? now : NOT_THERE;
	}
	uint32_t kept = 0;
	for (uint32_t i = 0; i < ranking->norder; i++) {
		uint32_t index = now_at[ranking->order[i]];
		if (index != NOT_THERE)
			ranking->order[kept++] = index;
	}
	ranking->norder = kept;
}

/* The adj of every task with the what-if over it; both ascend by pid. */
static bool next_adj(const struct task *task, const struct whatif *whatif, uint32_t *at, int *ret_adj)
{
	while (whatif && *at < whatif->nadjs && whatif->adjs[*at].pid < task->pid)
		++*at;
	if (whatif && *at < whatif->nadjs && whatif->adjs[*at].pid == task->pid) {
		*ret_adj = whatif->adjs[*at].adj;
		return true;
	}
	*ret_adj = task->oom_score_adj;
	return task_knows(task, TASK_ADJ);
}

/* All but those of the heuristic up to 2.6.35, for which other tasks count too. */
static int64_t score(const struct ranking *ranking, const struct snapshot *snap, const struct rules *rules, uint32_t index)
{
	const struct candidate *candidate = &ranking->candidates[index];
	if (candidate->eligibility != ELIGIBLE || ranking->totalpages == 0)
		return 0;
	if (candidate->origin)
		return INT64_MAX;
	const struct badness_parts parts = ranking_parts(ranking, snap, index);
	return badness_points(rules->era, &parts, ranking->totalpages);
}

/* Returns whether the tasks are those that were ranked before, each at its place. */
static bool judge_all(struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
		      const struct whatif *whatif, uint32_t ntasks_then)
{
	uint64_t global_pages = ranking_totalpages(snap);
	uint32_t at = 0;
	bool same = ranking->norder > 0 && ntasks_then == snap->ntasks;
	bool swap_shrinks = is_swap_shrinking(snap), legacy = rules->era == ERA_2_6_32;
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		const struct task *task = &snap->tasks[i];
		struct candidate *candidate = &ranking->candidates[i];
		int adj;
		bool adj_known = next_adj(task, whatif, &at, &adj);
		same = same && (int32_t)ranking->pids[i] == task->pid;
		memset(candidate, 0, sizeof *candidate);
		candidate->adj = (int16_t)adj;
		candidate->eligibility = judge(snap, rules, &ranking->scope, task, adj_known, adj, global_pages);
		bool origin = task_knows(task, TASK_MARKS) ? is_marked_origin(task) :
							     swap_shrinks && looks_like_origin(snap, task);
		candidate->origin = origin && candidate->eligibility == ELIGIBLE;
		if (!legacy)
			candidate->points = score(ranking, snap, rules, i);
	}
	return same;
}

static void score_all_legacy(struct ranking *ranking, const struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		const struct task *parent = snapshot_find(snap, snap->tasks[i].ppid);
		if (parent) /* the sum waits where the points will stand */
			ranking->candidates[parent - snap->tasks].points +=
				(int64_t)legacy_share(snap, parent, &snap->tasks[i]);
	}
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		struct candidate *candidate = &ranking->candidates[i];
		if (candidate->eligibility != ELIGIBLE)
			candidate->points = 0;
		else if (candidate->origin)
			candidate->points = INT64_MAX;
		else
			candidate->points = legacy_points(snap, &ranking->scope, &snap->tasks[i], candidate->adj,
							  ranking_growth_pages(ranking, &snap->tasks[i]),
							  (uint64_t)candidate->points);
	}
}

/* Returns whether the order is another one; the pids are overwritten then. */
static bool order_all(struct ranking *ranking, const struct snapshot *snap, const struct rules *rules)
{
	/* Those of the order before first, then who is new; rank marks the
	 * placed ones meanwhile. */
	uint32_t placed = 0;
	for (uint32_t i = 0; i < ranking->norder; i++) {
		uint32_t index = ranking->order[i];
		if (ranking->candidates[index].eligibility == ELIGIBLE && ranking->candidates[index].rank == 0) {
			ranking->candidates[index].rank = 1;
			ranking->order[placed++] = index;
		}
	}
	for (uint32_t i = 0; i < ranking->ntasks; i++) {
		if (ranking->candidates[i].eligibility == ELIGIBLE && ranking->candidates[i].rank == 0)
			ranking->order[placed++] = i;
	}
	ranking->norder = placed;
	const struct order_context context = { snap, ranking->candidates, &ranking->scope, rules->later_wins };
	bool moved = sort_indices(ranking->order, ranking->pids, ranking->norder, is_killed_before, &context);
	for (uint32_t i = 0; i < ranking->norder; i++)
		ranking->candidates[ranking->order[i]].rank = i + 1;
	return moved;
}

int ranking_make(struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
		 const struct whatif *whatif, const struct scope *scope)
{
	uint32_t ngrowths = whatif ? whatif->ngrowths : 0, ntasks_then = ranking->ntasks;
	int r = reserve(ranking, snap->ntasks);
	if (r == 0)
		r = reserve_growths(ranking, ngrowths);
	if (r < 0)
		return r;
	ranking->scope = scope ? *scope : (struct scope){ .kind = SCOPE_GLOBAL };
	ranking->rules = *rules;
	ranking->totalpages = scope_totalpages(snap, rules, whatif, &ranking->scope);
	ranking->ntasks = snap->ntasks;
	ranking->ngrowths = ngrowths;
	if (ngrowths > 0)
		memcpy(ranking->growths, whatif->growths, ngrowths * sizeof *ranking->growths);
	bool same = judge_all(ranking, snap, rules, whatif, ntasks_then);
	if (ranking->totalpages == 0) {
		ranking->norder = 0;
		return -ENODATA;
	}
	if (rules->era == ERA_2_6_32)
		score_all_legacy(ranking, snap);
	if (!same)
		carry_order_over(ranking, snap, ntasks_then);
	bool moved = order_all(ranking, snap, rules);
	for (uint32_t i = 0; (moved || !same) && i < snap->ntasks; i++)
		ranking->pids[i] = (uint32_t)snap->tasks[i].pid;
	return 0;
}

/* --- which adj for which rank --------------------------------------------- */

/* Would the task stand behind `other` with this adj? */
static bool stands_behind(const struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
			  uint32_t index, int adj, uint32_t other)
{
	const struct task *task = &snap->tasks[index];
	int64_t points = points_with_adj(ranking, snap, rules, index, adj);
	int64_t others = ranking->candidates[other].points;
	if (points != others)
		return points < others;
	return wins_tie(&snap->tasks[other], task, &ranking->scope, rules->later_wins);
}

bool ranking_adj_for_rank(const struct ranking *ranking, const struct snapshot *snap, const struct rules *rules,
			  uint32_t index, uint32_t rank, int *ret_adj)
{
	const struct candidate *candidate = &ranking->candidates[index];
	bool protected = candidate->eligibility == INELIGIBLE_ADJ_MIN && knows_parts(rules, &snap->tasks[index]);
	if (ranking->totalpages == 0 || rank == 0 || (candidate->eligibility != ELIGIBLE && !protected))
		return false;
	if (rank == 1) {
		*ret_adj = OOM_SCORE_ADJ_MAX;
		return true;
	}
	/* The others are in order: rank - 1 of them stand before it exactly when
	 * the last of these does. */
	uint32_t at = rank - 2;
	if (candidate->rank > 0 && candidate->rank - 1 <= at)
		at++; /* its own place in the order does not count */
	if (at >= ranking->norder)
		return false;
	uint32_t other = ranking->order[at];
	int low = OOM_SCORE_ADJ_MIN + 1, high = OOM_SCORE_ADJ_MAX;
	if (!stands_behind(ranking, snap, rules, index, low, other))
		return false;
	/* Points never fall as adj rises: the largest adj that is low enough. */
	while (low < high) {
		int mid = low + (high - low + 1) / 2;
		if (stands_behind(ranking, snap, rules, index, mid, other))
			low = mid;
		else
			high = mid - 1;
	}
	*ret_adj = low;
	return true;
}
