/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A memory cgroup's kill is compared with what the last snapshot says of that
 * group, not with the global verdict on screen: nobody had asked about the group
 * then, but the answer stood in the same facts. Who was killed before the next tick
 * came is passed over: a cascade runs through the same ranking.
 *
 * Where the log cannot be matched with the snapshot (pids of another namespace, a
 * group younger than the tick, a report without its scope) nothing is scored; a
 * guess would make the score worthless.
 */
#include "oomsight/klog/score.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oomsight/base/units.h"
#include "oomsight/model/ranking.h"
#include "oomsight/model/verdict.h"

#define NAME 80

/* What a snapshot says of one scope. */
struct foresight {
	struct ranking ranking;
	struct verdict verdict;
};

static void foresight_init(struct foresight *f)
{
	ranking_init(&f->ranking);
	verdict_init(&f->verdict);
}

static void foresight_done(struct foresight *f)
{
	ranking_done(&f->ranking);
	verdict_done(&f->verdict);
}

static int foresee(struct foresight *f, const struct snapshot *snap, const struct rules *rules, const struct scope *scope,
		   uint32_t kills)
{
	int r = ranking_make(&f->ranking, snap, rules, NULL, scope);
	if (r < 0)
		return r;
	return verdict_make(&f->verdict, snap, rules, &f->ranking, NULL, kills);
}

__attribute__((format(printf, 3, 4))) static void because(struct event *event, enum foretold foretold, const char *format, ...)
{
	va_list ap;
	event->foretold = foretold;
	va_start(ap, format);
	vsnprintf(event->because, sizeof event->because, format, ap);
	va_end(ap);
}

/* --- which scope --------------------------------------------------------------------- */

/* The log names groups from the top of the hierarchy; below a cgroup namespace our
 * paths are shorter. Then the only group whose path ends the log's is meant. */
static uint32_t find_group(const struct snapshot *snap, struct text path)
{
	uint32_t exact = snapshot_find_memcg(snap, path), found = TASK_MEMCG_UNKNOWN;
	if (exact != TASK_MEMCG_UNKNOWN || path.len == 0)
		return exact;
	size_t longest = 0;
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		struct text own = snapshot_text(snap, snap->memcgs[i].path);
		if (own.len > 1 && own.len > longest && own.len < path.len &&
		    memcmp(path.ptr + path.len - own.len, own.ptr, own.len) == 0) {
			longest = own.len;
			found = i;
		}
	}
	return found;
}

static bool find_scope(struct event *event, const struct klog_report *report, const struct snapshot *snap, struct scope *ret)
{
	char name[64];
	const char *constraint = explain_constraint(report, name, sizeof name);
	*ret = (struct scope){ .kind = SCOPE_GLOBAL };
	if (report->scope == KLOG_SCOPE_MEMCG) {
		ret->kind = SCOPE_MEMCG;
		ret->memcg = find_group(snap, klog_text(report, report->oom_memcg));
		if (ret->memcg == TASK_MEMCG_UNKNOWN) {
			because(event, FORETOLD_NOTHING, "the group was not there, or not to be read, in the tick before");
			return false;
		}
		return true;
	}
	bool cpuset = constraint && strcmp(constraint, "CONSTRAINT_CPUSET") == 0;
	if (cpuset || (constraint && strcmp(constraint, "CONSTRAINT_MEMORY_POLICY") == 0)) {
		/* mm/oom_kill.c constrained_alloc(): a cpuset's nodes are the allocating task's. */
		struct klog_text nodes = cpuset ? report->mems_allowed : report->nodemask;
		ret->kind = cpuset ? SCOPE_CPUSET : SCOPE_MEMPOLICY;
		if (nodes.state == FACT_KNOWN && nodeset_parse(klog_text(report, nodes), &ret->nodes) == 0)
			return true;
		because(event, FORETOLD_NOTHING, "on which nodes memory ran short is not in this report");
		return false;
	}
	ret->sysrq = report->has_header && report->order.state == FACT_KNOWN && report->order.value == -1;
	if (report->scope == KLOG_SCOPE_GLOBAL)
		return true;
	because(event, FORETOLD_NOTHING, "whose limit was met is not in this report");
	return false;
}

/* --- who died ------------------------------------------------------------------------ */

/* The process of a kill: the line may name a thread. */
static int64_t process_of(const struct klog_report *report, int64_t pid)
{
	const struct klog_task *row = klog_report_task(report, pid);
	return row && klog_task_has(row, KLOG_TGID) ? row->value[KLOG_TGID] : pid;
}

static bool is_dead(const struct score_dead *dead, int64_t pid)
{
	for (uint32_t i = 0; i < dead->n; i++) {
		if (dead->pids[i] == pid)
			return true;
	}
	return false;
}

static void bury(struct score_dead *dead, const struct klog_report *report)
{
	for (uint32_t i = 0; i < report->nkills && dead->n < SCORE_DEAD_MAX; i++) {
		if (report->kills[i].task.pid.state == FACT_KNOWN)
			dead->pids[dead->n++] = process_of(report, report->kills[i].task.pid.value);
	}
}

/* The rank among those who were still alive. */
static uint32_t rank_of(const struct foresight *f, const struct snapshot *snap, const struct score_dead *dead, uint32_t index)
{
	uint32_t rank = f->ranking.candidates[index].rank;
	for (uint32_t i = 0; i < f->ranking.norder && f->ranking.order[i] != index; i++)
		rank -= rank > 1 && is_dead(dead, snap->tasks[f->ranking.order[i]].pid);
	return rank;
}

/* The first kill foretold whose victim was still alive; NULL: none. */
static const struct kill *next_kill(const struct verdict *verdict, const struct snapshot *snap, const struct score_dead *dead)
{
	for (uint32_t i = 0; i < verdict->nkills; i++) {
		const struct kill *kill = &verdict->kills[i];
		if (!is_dead(dead, snap->tasks[verdict->victims[kill->first_victim].task].pid))
			return kill;
	}
	return NULL;
}

/* --- why not ------------------------------------------------------------------------- */

static bool adj_changed(const struct klog_report *report, const struct task *task, int *ret_adj)
{
	const struct klog_task *row = klog_report_task(report, task->pid);
	int64_t adj;
	if (row && klog_task_has(row, KLOG_OOM_SCORE_ADJ))
		adj = row->value[KLOG_OOM_SCORE_ADJ];
	else if (report->kills[0].adj.state == FACT_KNOWN)
		adj = report->kills[0].adj.value;
	else
		return false;
	*ret_adj = (int)adj;
	return task_knows(task, TASK_ADJ) && adj != task->oom_score_adj;
}

static uint64_t own_pages(const struct badness_parts *parts)
{
	return parts->rss_pages + parts->swap_pages + parts->pgtables_pages;
}

/* Another died than the one foretold. */
static void why_wrong(struct event *event, const struct klog_report *report, const struct explanation *ex,
		      const struct foresight *f, const struct snapshot *snap, const struct kill *kill, uint32_t index)
{
	const struct task *task = &snap->tasks[index];
	const struct candidate *candidate = &f->ranking.candidates[index];
	char name[NAME], a[UNITS_BUFFER], b[UNITS_BUFFER];
	int adj;
	verdict_task_text(snap, f->verdict.victims[kill->first_victim].task, name, sizeof name);
	size_t len = (size_t)snprintf(event->because, sizeof event->because, "%s was foretold; ", name);
	char *rest = event->because + len;
	size_t room = sizeof event->because - len;
	event->foretold = FORETOLD_WRONG;
	const struct badness_parts own = ranking_parts(&f->ranking, snap, index);
	uint64_t grown = ex->has_victim ? u64_sub_floor(own_pages(&ex->victim.parts), own_pages(&own)) : 0;
	if (adj_changed(report, task, &adj))
		snprintf(rest, room, "the victim's oom_score_adj was %d then, and %d at the kill", (int)task->oom_score_adj, adj);
	else if (candidate->eligibility != ELIGIBLE)
		snprintf(rest, room, "the victim was held for one that cannot be killed: %s", eligibility_because(candidate->eligibility));
	else if (report->nkills > 0 && report->kills[0].role == KLOG_ROLE_CHILD)
		snprintf(rest, room, "the victim died in its parent's place");
	else if (kill->has_runner_up && kill->margin_pages <= kill->error_pages)
		snprintf(rest, room, "the two were %s apart, and counters may err by %s",
			 units_human(snapshot_bytes(snap, kill->margin_pages), a),
			 units_human(snapshot_bytes(snap, kill->error_pages), b));
	else if (grown > kill->error_pages)
		snprintf(rest, room, "the victim grew by %s between that tick and the kill", units_human(snapshot_bytes(snap, grown), a));
	else if (!f->verdict.all_seen)
		snprintf(rest, room, "not all processes could be read");
	else
		snprintf(rest, room, "why it was another is not known");
}

static void compare(struct event *event, const struct klog_report *report, const struct explanation *ex,
		    const struct foresight *f, const struct snapshot *snap, const struct score_dead *dead)
{
	const struct verdict *verdict = &f->verdict;
	const struct kill *kill = next_kill(verdict, snap, dead);
	const struct task *task = snapshot_find(snap, (int32_t)process_of(report, report->kills[0].task.pid.value));
	uint32_t index = task ? (uint32_t)(task - snap->tasks) : 0;
	if (task)
		event->rank = rank_of(f, snap, dead, index);
	if (verdict->action == ACTION_KILL_ALLOCATING_TASK && report->allocating_task)
		because(event, FORETOLD_RIGHT, "whoever asked for memory would be killed");
	else if (report->allocating_task)
		because(event, FORETOLD_WRONG, "the kernel killed whoever asked for memory: oom_kill_allocating_task");
	else if (verdict->action != ACTION_KILL && verdict->action != ACTION_WAIT)
		because(event, FORETOLD_WRONG, "no kill was foretold: %.200s", verdict->because);
	else if (!task)
		because(event, FORETOLD_WRONG, "the victim was not there yet in the tick before");
	else if (!kill)
		because(event, FORETOLD_NOTHING, "too many were killed before the next tick");
	else if (verdict->victims[kill->first_victim].task != index)
		why_wrong(event, report, ex, f, snap, kill, index);
	else if (kill->certain)
		because(event, FORETOLD_RIGHT, "it was foretold, and sure");
	else
		because(event, FORETOLD_RIGHT, "it was foretold, though another stood close");
}

int score_event(struct event *event, const struct klog_report *report, const struct explanation *ex,
		const struct snapshot *before, const struct rules *rules, struct score_dead *dead)
{
	struct scope scope;
	event->foretold = FORETOLD_NOTHING;
	event->rank = 0;
	if (!before || before->tick == 0 || before->ntasks == 0) {
		because(event, FORETOLD_NOTHING, "there is no tick before it to compare with");
		return 0;
	}
	if (dead->tick != before->tick)
		*dead = (struct score_dead){ .tick = before->tick };
	if (report->nkills == 0 || report->kills[0].task.pid.state != FACT_KNOWN) {
		because(event, FORETOLD_NOTHING, "who was killed is not in this report");
		return 0;
	}
	if (!before->observer.in_init_pid_ns) {
		because(event, FORETOLD_NOTHING, "the log's pids are the host's, and this is another pid namespace");
		return 0;
	}
	int r = 0;
	if (find_scope(event, report, before, &scope)) {
		struct foresight f;
		foresight_init(&f);
		r = foresee(&f, before, rules, &scope, dead->n + 1);
		if (r == 0)
			compare(event, report, ex, &f, before, dead);
		else if (r == -ENODATA)
			because(event, FORETOLD_NOTHING, scope.kind == SCOPE_MEMCG ?
								 "the group's limit was not known in the tick before" :
								 "the size of RAM and swap was not known in the tick before");
		else
			because(event, FORETOLD_NOTHING, "out of memory");
		foresight_done(&f);
		r = r == -ENODATA ? 0 : r;
	}
	bury(dead, report);
	return r;
}

/* --- without a line -------------------------------------------------------------------- */

static bool kills_of(const struct memcg *memcg, uint64_t *ret)
{
	*ret = memcg->events[MEMCG_EVENT_OOM_KILL];
	return memcg_knows(memcg, MEMCG_EVENTS) && (memcg->events_known >> MEMCG_EVENT_OOM_KILL & 1);
}

static bool is_within(const struct snapshot *snap, uint32_t memcg, uint32_t group)
{
	while (memcg != group && memcg < snap->nmemcgs)
		memcg = snap->memcgs[memcg].parent;
	return memcg == group;
}

/* The deepest group that has counted kills since: those above it count them too. task:
 * one of its own, or NULL for any. */
static uint32_t killing_group(const struct snapshot *prev, const struct snapshot *curr, const struct task *task)
{
	uint32_t found = TASK_MEMCG_UNKNOWN;
	for (uint32_t i = 0; i < curr->nmemcgs; i++) {
		uint64_t now, then;
		if (!kills_of(&curr->memcgs[i], &now) || now == 0)
			continue;
		uint32_t old = snapshot_find_memcg(prev, snapshot_text(curr, curr->memcgs[i].path));
		if (old == TASK_MEMCG_UNKNOWN || !kills_of(&prev->memcgs[old], &then) || now <= then ||
		    (task && !is_within(prev, task->memcg, old)))
			continue;
		if (found == TASK_MEMCG_UNKNOWN || prev->memcgs[old].depth > prev->memcgs[found].depth)
			found = old;
	}
	return found;
}

/* "java (1804)": by the mark, else by the tick before. */
static void name_mark(const struct score_mark *mark, const struct task *task, const struct snapshot *prev, char *dst, size_t size)
{
	char comm[NAME] = "";
	if (mark->comm[0])
		snprintf(comm, sizeof comm, "%s", mark->comm);
	else if (task)
		text_copy(snapshot_text(prev, task->comm), comm, sizeof comm);
	for (char *p = comm; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	if (comm[0])
		snprintf(dst, size, "%.40s (%lld)", comm, (long long)mark->pid);
	else
		snprintf(dst, size, "process %lld", (long long)mark->pid);
}

/* A kill in a group, known by its mark, against what was foretold there. */
static void compare_mark(struct event *event, const struct task *task, const struct foresight *f, const struct snapshot *prev)
{
	uint32_t first = f->verdict.victims[f->verdict.kills[0].first_victim].task;
	char name[NAME];
	if (!task) {
		because(event, FORETOLD_WRONG, "the log has no line of it; the victim was not there yet in the tick before");
		return;
	}
	event->rank = f->ranking.candidates[task - prev->tasks].rank;
	verdict_task_text(prev, first, name, sizeof name);
	if (task == &prev->tasks[first])
		because(event, FORETOLD_RIGHT, "the log has no line of it, but the kernel marked it; it was foretold");
	else
		because(event, FORETOLD_WRONG, "the log has no line of it, but the kernel marked it; %s was foretold", name);
}

int score_unlogged(struct event *ret, uint64_t count, const struct score_mark *mark, const struct snapshot *prev,
		   const struct snapshot *curr, const struct rules *rules)
{
	const struct task *task = mark && prev->observer.in_init_pid_ns ? snapshot_find(prev, (int32_t)mark->pid) : NULL;
	memset(ret, 0, sizeof *ret);
	ret->live = true;
	ret->has_time = true;
	ret->realtime_ns = curr->realtime_ns;
	ret->others = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count - 1;
	if (mark)
		name_mark(mark, task, prev, ret->victim, sizeof ret->victim);
	else
		snprintf(ret->victim, sizeof ret->victim, "somebody");
	struct scope scope = { .kind = SCOPE_GLOBAL };
	uint32_t group = killing_group(prev, curr, task);
	if (group != TASK_MEMCG_UNKNOWN) {
		struct text path = snapshot_text(prev, prev->memcgs[group].path);
		snprintf(ret->scope, sizeof ret->scope, "in %.*s", (int)(path.len < 160 ? path.len : 160), path.ptr);
		for (char *p = ret->scope; *p; p++) {
			if (*p < ' ' || *p > '~')
				*p = '?';
		}
		if (memcg_has_limit(&prev->memcgs[group]))
			scope = (struct scope){ .kind = SCOPE_MEMCG, .memcg = group };
	} else {
		snprintf(ret->scope, sizeof ret->scope, "?");
	}
	because(ret, FORETOLD_NOTHING, mark ? "the log has no line of it, but the kernel marked it; whose limit was met is not known"
						   : "by the kernel's counters alone, the log has no line of it");
	struct foresight f;
	foresight_init(&f);
	int r = foresee(&f, prev, rules, &scope, 1);
	if (r == 0 && f.verdict.nkills > 0 && mark) {
		if (scope.kind == SCOPE_MEMCG && prev->observer.in_init_pid_ns)
			compare_mark(ret, task, &f, prev);
	} else if (r == 0 && f.verdict.nkills > 0) {
		uint32_t index = f.verdict.victims[f.verdict.kills[0].first_victim].task;
		char name[NAME];
		verdict_task_text(prev, index, name, sizeof name);
		if (!snapshot_find_same(curr, &prev->tasks[index]))
			because(ret, FORETOLD_NOTHING, "the log has no line of it; %s, foretold there, has ended since", name);
	}
	foresight_done(&f);
	return r == -ENODATA ? 0 : r;
}
