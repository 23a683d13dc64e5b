/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Plans for one process: its oom_score_adj, a signal to it.
 *
 * A plan says beforehand what the kernel will say to the write, as far as that
 * can be known. What cannot be known is the floor (oom_score_adj_min): no file
 * shows it, so without CAP_SYS_RESOURCE a lowering is let through with a
 * warning, for it is allowed down to the floor and the kernel alone can tell.
 */
#include "plan.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "oomsight/base/units.h"
#include "oomsight/model/badness.h"
#include "words.h"

#define ADJ_NEVER (-1000)

void plan_refuse(struct knob_plan *plan, const char *format, ...)
{
	plan->gate = GATE_REFUSED;
	va_list ap;
	va_start(ap, format);
	vsnprintf(plan->text, sizeof plan->text, format, ap);
	va_end(ap);
}

void plan_mind(struct knob_plan *plan, enum knob_gate gate, const char *format, ...)
{
	if (plan->gate < gate)
		plan->gate = gate;
	char sentence[sizeof plan->text];
	va_list ap;
	va_start(ap, format);
	vsnprintf(sentence, sizeof sentence, format, ap);
	va_end(ap);
	words_add(plan->text, sizeof plan->text, "%s", sentence);
}

static void begin_task_plan(struct knob_plan *plan, enum knob_kind kind, const struct snapshot *snap,
			    const struct task *task)
{
	*plan = (struct knob_plan){ .kind = kind, .pid = task->pid, .start_ticks = task->start_ticks };
	words_comm(snapshot_text(snap, task->comm), plan->comm, sizeof plan->comm);
	/* A nameless process still needs a word in the sentences. */
	if (plan->comm[0] == '\0')
		snprintf(plan->comm, sizeof plan->comm, "?");
}

static const char no_identity_text[] =
	"The start time of pid %d could not be read: it cannot be told from another process under that pid.";

static bool is_others(const struct snapshot *snap, const struct task *task)
{
	return task_knows(task, TASK_STATUS) && task->uid != snap->observer.uid;
}

/* --- oom_score_adj --------------------------------------------------------- */

/* What a difference of adj weighs against other processes.
 * Source: mm/oom_kill.c oom_badness(), 3.5 and later: adj * (totalpages / 1000). */
static bool adj_weight_bytes(const struct snapshot *snap, int64_t difference, uint64_t *ret_bytes)
{
	const struct system_facts *sys = &snap->system;
	if (snap->page_bytes == 0 || !system_knows(sys, SYS_MEM_TOTAL) || !system_knows(sys, SYS_SWAP_TOTAL))
		return false;
	uint64_t total_pages = snapshot_pages(snap, sys->value[SYS_MEM_TOTAL] + sys->value[SYS_SWAP_TOTAL]);
	uint64_t units = (uint64_t)(difference < 0 ? -difference : difference);
	*ret_bytes = snapshot_bytes(snap, u64_mul_sat(units, total_pages / 1000));
	return true;
}

static uint64_t size_pages(const struct task *task)
{
	return task_knows(task, TASK_MM) ? task->rss_pages + task->swap_pages : 0;
}

/* Does nobody hold more memory than this one (and it holds some)? */
static bool is_biggest(const struct snapshot *snap, const struct task *task)
{
	uint64_t size = size_pages(task);
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		if (size_pages(&snap->tasks[i]) > size)
			return false;
	}
	return size > 0;
}

static unsigned sharers_of(const struct snapshot *snap, const struct task *task)
{
	unsigned sharers = 0;
	if (task->mm_id == 0)
		return 0;
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		const struct task *other = &snap->tasks[i];
		if (other->mm_id == task->mm_id && !task_same(other, task))
			sharers++;
	}
	return sharers;
}

/* Everything that makes the write useless or impossible. */
static bool adj_is_refused(struct knob_plan *plan, const struct snapshot *snap, const struct task *task,
			   bool has_resource)
{
	const struct observer *observer = &snap->observer;
	if (plan->after < -1000 || plan->after > 1000) {
		plan_refuse(plan,
			"oom_score_adj takes -1000 to 1000; %lld is outside.",
			(long long)plan->after);
	} else if (!task_knows(task, TASK_STAT)) {
		plan_refuse(plan, no_identity_text, plan->pid);
	} else if (task_is_kthread(task)) {
		plan_refuse(plan,
			"%s (%d) is a kernel thread: the OOM killer never chooses it, whatever its value.",
			plan->comm, plan->pid);
	} else if (is_others(snap, task) && observer->uid != 0 && !observer_has(observer, CAP_BIT_DAC_OVERRIDE)) {
		plan_refuse(plan,
			"%s (%d) belongs to uid %u and this run is uid %u: only its owner or root may "
			"write its oom_score_adj.",
			plan->comm, plan->pid, task->uid, observer->uid);
	} else if (task_knows(task, TASK_FLOOR) && plan->after < task->oom_score_adj_min && !has_resource) {
		plan_refuse(plan,
			"%lld is below the floor %d of %s (%d), the value last set with CAP_SYS_RESOURCE; "
			"to go lower needs that capability%s.",
			(long long)plan->after, task->oom_score_adj_min, plan->comm, plan->pid,
			observer->uid == 0 ? ", being root is not enough" : "");
	}
	return plan->gate == GATE_REFUSED;
}

static void adj_mind_floor(struct knob_plan *plan, const struct task *task, bool has_resource)
{
	if (has_resource || task_knows(task, TASK_FLOOR))
		return;
	if (plan->before_known && plan->after < plan->before)
		plan_mind(plan, GATE_WARN,
			"Without CAP_SYS_RESOURCE the kernel lets you lower it only to the floor last set "
			"by a process with that capability (usually the value it was started with); it "
			"will likely refuse.");
	else if (!plan->before_known)
		plan_mind(plan, GATE_WARN,
			"The present value is not known; if this is a lowering below the floor, the kernel "
			"will refuse it without CAP_SYS_RESOURCE.");
}

static void adj_mind_protection(struct knob_plan *plan, const struct snapshot *snap, const struct task *task)
{
	char size[UNITS_BUFFER];
	if (task->pid == 1 && snap->observer.in_init_pid_ns) {
		plan_mind(plan, GATE_WARN,
			"It is the host's init, which the OOM killer never chooses; but what it starts from "
			"now on inherits the value.");
		return;
	}
	if (plan->after == ADJ_NEVER)
		plan_mind(plan, GATE_WARN,
			"It will never be killed; if it is the one that leaks, everything else dies first.");
	else if (plan->after > -900)
		return;
	if (is_biggest(snap, task))
		plan_mind(plan, GATE_WARN,
			"It is the largest process of all (%s): so protected, it can push everybody else "
			"into the OOM killer.",
			units_human(snapshot_bytes(snap, size_pages(task)), size));
}

static void adj_say_effect(struct knob_plan *plan, const struct snapshot *snap, const struct task *task,
			   bool has_resource)
{
	if (plan->before_known && plan->before == plan->after) {
		plan_mind(plan, GATE_OPEN, "It is %lld already: nothing changes%s.", (long long)plan->after,
			  has_resource ? ", but the value becomes its floor" : "");
		return;
	}
	uint64_t bytes;
	char weight[UNITS_BUFFER];
	if (plan->before_known && plan->after != ADJ_NEVER && plan->before != ADJ_NEVER &&
	    adj_weight_bytes(snap, plan->after - plan->before, &bytes))
		plan_mind(plan, GATE_OPEN,
			"It will count as if it held %s %s than now.",
			units_human(bytes, weight), plan->after > plan->before ? "more" : "less");
	else if (plan->before_known && plan->before == ADJ_NEVER)
		plan_mind(plan, GATE_OPEN, "It was never to be killed; now it can be.");
	if (has_resource && plan->before_known && plan->after > plan->before)
		plan_mind(plan, GATE_OPEN, "The value also becomes the floor for its owner.");
	unsigned sharers = sharers_of(snap, task);
	if (sharers > 0)
		plan_mind(plan, GATE_OPEN,
			"%u other process%s shar%s its memory and get%s the same value.",
			sharers, sharers == 1 ? "" : "es", sharers == 1 ? "es" : "e",
			sharers == 1 ? "s" : "");
}

void knob_plan_adj(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int adj,
		   bool readonly)
{
	struct knob_plan *plan = ret_plan;
	const struct observer *observer = &snap->observer;
	bool has_resource = observer_has(observer, CAP_BIT_SYS_RESOURCE) && observer->in_init_user_ns;

	begin_task_plan(plan, KNOB_ADJ, snap, task);
	plan->after = adj;
	if (task_knows(task, TASK_ADJ)) {
		plan->before_known = true;
		plan->before = task->oom_score_adj;
	}
	if (readonly) {
		plan_refuse(plan, "This run is read-only (--readonly): nothing is written.");
		return;
	}
	if (adj_is_refused(plan, snap, task, has_resource))
		return;
	adj_mind_protection(plan, snap, task);
	adj_mind_floor(plan, task, has_resource);
	if (is_others(snap, task) && !observer_has(observer, CAP_BIT_DAC_OVERRIDE))
		plan_mind(plan, GATE_WARN,
			"It belongs to uid %u and this root lacks CAP_DAC_OVERRIDE: the kernel will likely "
			"refuse.",
			task->uid);
	adj_say_effect(plan, snap, task, has_resource);
}

void knob_plan_oom_adj(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int oom_adj,
		       bool readonly)
{
	struct knob_plan *plan = ret_plan;
	bool fits = oom_adj >= OOM_DISABLE && oom_adj <= OOM_ADJUST_MAX;
	int adj = oom_adj_to_score_adj(oom_adj);
	knob_plan_adj(plan, snap, task, adj, readonly);
	plan->is_oom_adj = true;
	plan->oom_adj = oom_adj;
	if (!fits) {
		plan_refuse(plan, "oom_adj takes %d to %d; %d is outside.", OOM_DISABLE, OOM_ADJUST_MAX, oom_adj);
	} else if (plan->gate != GATE_REFUSED) {
		int reads = oom_adj_from_score_adj(adj);
		if (reads != oom_adj)
			plan_mind(plan, GATE_OPEN, "The kernel keeps oom_score_adj %d, which reads back as oom_adj %d.", adj,
				  reads);
		else
			plan_mind(plan, GATE_OPEN, "The kernel keeps oom_score_adj %d.", adj);
	}
}

/* --- signals ---------------------------------------------------------------- */

void knob_plan_signal(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int signal,
		      bool readonly)
{
	struct knob_plan *plan = ret_plan;
	const struct observer *observer = &snap->observer;
	char name[WORDS_SIGNAL];

	begin_task_plan(plan, KNOB_SIGNAL, snap, task);
	plan->signal = signal;
	words_signal(signal, name);
	if (readonly) {
		plan_refuse(plan, "This run is read-only (--readonly): no signal is sent.");
	} else if (signal < 1 || signal > 64) {
		plan_refuse(plan, "Signals go from 1 to 64; %d is none.", signal);
	} else if (task->pid <= 1) {
		plan_refuse(plan, "pid %d is init: no signal is sent to it from here.", task->pid);
	} else if (task->pid == observer->pid) {
		plan_refuse(plan, "%s (%d) is this program itself.", plan->comm, plan->pid);
	} else if (!task_knows(task, TASK_STAT)) {
		plan_refuse(plan, no_identity_text, plan->pid);
	} else if (task_is_kthread(task)) {
		plan_refuse(plan, "%s (%d) is a kernel thread: it takes no signals.", plan->comm, plan->pid);
	}
	if (plan->gate == GATE_REFUSED)
		return;
	/* Not a refusal: the kernel compares our ids with its real and saved uid,
	 * and the snapshot holds the effective one. */
	if (is_others(snap, task) && observer->uid != 0 && !observer_has(observer, CAP_BIT_KILL))
		plan_mind(plan, GATE_WARN,
			"It belongs to uid %u and this run is uid %u without CAP_KILL: the kernel will "
			"likely refuse.",
			task->uid, observer->uid);
	if (task->state == 'Z' && !task->through_thread)
		plan_mind(plan, GATE_WARN,
			"It is dead already and waits for its parent (%d) to collect it; no signal has an "
			"effect.",
			task->ppid);
	else if (signal == SIGKILL && task_knows(task, TASK_STATUS) && task->sigkill_pending)
		plan_mind(plan, GATE_WARN, "SIGKILL was sent to it before and has not ended it yet.");
	else if (signal == SIGKILL && task->state == 'D')
		plan_mind(plan, GATE_WARN,
			"It waits uninterruptibly, likely for a disk: it dies, and frees its memory, only "
			"when that wait ends.");
	else if (signal == SIGKILL)
		plan_mind(plan, GATE_WARN, "It ends at once and can save nothing.");
	else
		plan_mind(plan, GATE_OPEN, "%s is sent to %s (%d).", name, plan->comm, plan->pid);
}

/* --- undo --------------------------------------------------------------------- */

/* Writing overcommit_ratio or overcommit_kbytes zeroes the other, so writing the
 * old 0 back would leave both at 0, and nothing but swap could be committed.
 * The one of the two that was not 0 must be written.
 * Source: mm/util.c overcommit_ratio_handler(), overcommit_kbytes_handler(). */
static void undo_through_partner(struct knob_plan *plan, const struct knob_result *result)
{
	if (result->before != 0 || !result->partner_known || result->partner_before == 0)
		return;
	if (plan->sysctl == SYSCTL_OVERCOMMIT_RATIO)
		plan->sysctl = SYSCTL_OVERCOMMIT_KBYTES;
	else if (plan->sysctl == SYSCTL_OVERCOMMIT_KBYTES)
		plan->sysctl = SYSCTL_OVERCOMMIT_RATIO;
	else
		return;
	plan->before = 0;
	plan->after = result->partner_before;
}

bool knob_plan_overtaken(struct knob_plan *plan, int64_t left)
{
	char now[WORDS_VALUE], ours[WORDS_VALUE];
	if (plan->gate == GATE_REFUSED || !plan->before_known || plan->before == left || plan->before == plan->after)
		return false;
	plan_mind(plan, GATE_WARN, "Somebody else has set it since: it is %s, not the %s written here, and that would be lost.",
		  words_value(plan, plan->before, now), words_value(plan, left, ours));
	return true;
}

void knob_plan_undo(struct knob_plan *ret_plan, const struct knob_plan *done, const struct knob_result *result)
{
	struct knob_plan *plan = ret_plan;
	*plan = *done;
	plan->text[0] = '\0';
	plan->gate = GATE_OPEN;
	plan->is_oom_adj = false; /* what was there is an oom_score_adj */
	char target[WORDS_TARGET];
	words_target(plan, target);
	if (done->kind == KNOB_SIGNAL) {
		plan_refuse(plan, "A signal cannot be taken back.");
		return;
	}
	if (result->error < 0) {
		plan_refuse(plan, "%s was not changed: there is nothing to take back.", target);
		return;
	}
	if (!result->before_known) {
		plan_refuse(plan, "The former value of %s is not known: it cannot be put back.", target);
		return;
	}
	plan->before_known = result->after_known;
	plan->before = result->after;
	plan->after = result->before;
	if (plan->kind == KNOB_SYSCTL) {
		undo_through_partner(plan, result);
		words_target(plan, target);
	}
	if (plan->kind == KNOB_SYSCTL && plan->sysctl == SYSCTL_OVERCOMMIT_MEMORY && plan->after == 2)
		plan_mind(plan, GATE_TYPED_YES,
			"If more is committed by now than the limit allows, every program fails at once.");
	char value[WORDS_VALUE];
	plan_mind(plan, GATE_OPEN, "Puts %s back to %s.", target, words_value(plan, plan->after, value));
}
