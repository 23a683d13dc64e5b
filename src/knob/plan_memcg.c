/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Plans for the limits of a memory cgroup.
 *
 * On v2 the write of memory.max itself reclaims and, when that is not enough, kills
 * one process after another until the usage fits. What reclaim gets back is known
 * only roughly, so whatever is not clearly covered by it asks for the typed yes.
 */
#include "plan.h"

#include <stdio.h>

#include "oomsight/base/units.h"
#include "oomsight/model/scope.h"
#include "oomsight/model/verdict.h"
#include "words.h"

/* Of a long path the end, cut between characters. */
static void say_path(struct knob_plan *plan, struct text path)
{
	while (path.len + 1 > sizeof plan->group * 2 / 3) {
		uint32_t code;
		size_t len = text_utf8_decode(path, &code);
		len = len ? len : 1;
		path = text_of(path.ptr + len, path.len - len);
	}
	words_comm(path, plan->group, sizeof plan->group);
}

/* The directory; false when the path does not lie below what is mounted. */
static bool find_dir(struct knob_plan *plan, const struct snapshot *snap, struct text path)
{
	struct text top = text_of_str(snap->memcg_top);
	if (!text_has_prefix(path, top))
		return false;
	struct text below = text_of(path.ptr + top.len, path.len - top.len);
	if (text_is(below, "/"))
		below.len = 0;
	int n = snprintf(plan->dir, sizeof plan->dir, "%s%.*s", snap->memcg_mount, (int)below.len,
			 below.len ? below.ptr : "");
	return n > 0 && (size_t)n < sizeof plan->dir;
}

static void note_before(struct knob_plan *plan, const struct memcg *memcg)
{
	static const enum memcg_group groups[MEMCG_FILE__COUNT] = { MEMCG_MAX, MEMCG_SOFT, MEMCG_OOM_GROUP };
	uint64_t bytes = plan->file == MEMCG_FILE_MAX ? memcg->max_bytes : memcg->high_bytes;
	plan->before_known = memcg_knows(memcg, groups[plan->file]);
	if (plan->file == MEMCG_FILE_OOM_GROUP)
		plan->before = memcg->oom_group;
	else
		plan->before = bytes >= KNOB_UNLIMITED ? KNOB_UNLIMITED : (int64_t)bytes;
}

static bool is_refused(struct knob_plan *plan, const struct snapshot *snap, const struct memcg *memcg, bool readonly)
{
	struct text path = snapshot_text(snap, memcg->path);
	bool is_limit = plan->file != MEMCG_FILE_OOM_GROUP;
	if (readonly) {
		plan_refuse(plan, "This run is read-only (--readonly): nothing is written.");
	} else if (!memcg_file_name(plan->file, plan->version)) {
		plan_refuse(plan, "cgroup v1 has neither memory.high nor memory.oom.group.");
	} else if (text_is(path, "/")) {
		plan_refuse(plan, "The root group has no limits: the host's memory is its limit.");
	} else if (!find_dir(plan, snap, path)) {
		plan_refuse(plan, "The directory of %s is outside of what is mounted here, or its path is too long.",
			    plan->group);
	} else if (is_limit ? plan->after < 0 : plan->after != 0 && plan->after != 1) {
		plan_refuse(plan, is_limit ? "A limit is not below 0." : "memory.oom.group is 0 or 1.");
	} else if (plan->version == MEMCG_V1 && plan->after != KNOB_UNLIMITED && memcg_knows(memcg, MEMCG_SWAP_MAX) &&
		   (uint64_t)plan->after > memcg->swap_max_bytes) {
		plan_refuse(plan,
			    "memory.limit_in_bytes may not be above memory.memsw.limit_in_bytes; raise that first.");
	}
	return plan->gate == GATE_REFUSED;
}

/* --- what a lower limit does --------------------------------------------------- */

/* How much of its anonymous memory swap could take. */
static uint64_t swap_room(const struct snapshot *snap, const struct memcg *memcg)
{
	uint64_t room = system_get(&snap->system, SYS_SWAP_FREE, 0);
	if (memcg_knows(memcg, MEMCG_SWAP_MAX) && memcg->swap_max_bytes != MEMCG_UNLIMITED) {
		uint64_t used = memcg_knows(memcg, MEMCG_SWAP_USAGE) ? memcg->swap_usage_bytes : 0;
		uint64_t left = u64_sub_floor(memcg->swap_max_bytes, used);
		room = left < room ? left : room;
	}
	return room;
}

/* "3 processes in 2 kills free 6.10G: java (1804), mysqld (2210)" until enough. */
static void say_kills(struct knob_plan *plan, const struct snapshot *snap, const struct verdict *then, uint64_t missing)
{
	char names[160] = "", freed_text[UNITS_BUFFER];
	uint64_t freed = 0;
	uint32_t kills = 0, processes = 0;
	size_t used = 0;
	while (kills < then->nkills && freed < missing) {
		const struct kill *kill = &then->kills[kills++];
		char name[64];
		freed = kill->frees_bytes > UINT64_MAX - freed ? UINT64_MAX : freed + kill->frees_bytes;
		processes += kill->nvictims;
		verdict_task_text(snap, then->victims[kill->first_victim].task, name, sizeof name);
		if (kills <= 3)
			used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", kills > 1 ? ", " : "", name);
		else if (kills == 4)
			snprintf(names + used, sizeof names - used, ", ...");
		used = used < sizeof names ? used : sizeof names - 1;
	}
	plan_mind(plan, GATE_TYPED_YES, "%u process%s in %u kill%s die%s at once and free%s %s: %s%s.", processes,
		  processes == 1 ? "" : "es", kills, kills == 1 ? "" : "s", processes == 1 ? "s" : "",
		  processes == 1 ? "s" : "", units_human(freed, freed_text), names,
		  freed < missing ? "; that may still not be enough" : "");
}

static void say_shortfall(struct knob_plan *plan, const struct snapshot *snap, const struct memcg *memcg,
			  const struct verdict *then, uint64_t missing)
{
	char size[UNITS_BUFFER];
	units_human(missing, size);
	bool swap_takes_it = missing <= swap_room(snap, memcg);
	if (swap_takes_it)
		plan_mind(plan, GATE_TYPED_YES, "%s must go to swap; what does not get there soon enough the kernel kills for.",
			  size);
	/* Who dies comes first: a small screen cuts the end. */
	if (then && then->action == ACTION_PANIC)
		plan_mind(plan, GATE_TYPED_YES, "The host PANICS: panic_on_oom.");
	else if (then && then->nkills > 0)
		say_kills(plan, snap, then, missing);
	else if (then)
		plan_mind(plan, GATE_TYPED_YES, "Nobody in it can be killed: it stays above the limit and its allocations fail.");
	if (!swap_takes_it)
		plan_mind(plan, GATE_TYPED_YES, "Reclaim cannot get %s of it back, so the kernel kills.", size);
}

static void mind_max(struct knob_plan *plan, const struct snapshot *snap, const struct memcg *memcg,
		     const struct verdict *then)
{
	char usage[UNITS_BUFFER], size[UNITS_BUFFER];
	if (plan->after == KNOB_UNLIMITED) {
		plan_mind(plan, GATE_OPEN, "Then only limits further up, and the host's memory, hold it.");
		return;
	}
	if (!memcg_knows(memcg, MEMCG_USAGE)) {
		plan_mind(plan, GATE_TYPED_YES, "What it uses is not known: the kernel may have to kill at once.");
		return;
	}
	uint64_t limit = (uint64_t)plan->after, reclaimable = 0;
	units_human(memcg->usage_bytes, usage);
	if (memcg->usage_bytes <= limit) {
		plan_mind(plan, GATE_OPEN, "It uses %s: %s are left to it.", usage,
			  units_human(limit - memcg->usage_bytes, size));
		return;
	}
	bool exact = memcg_reclaimable(memcg, &reclaimable);
	uint64_t above = memcg->usage_bytes - limit;
	if (plan->version == MEMCG_V2 && above > reclaimable)
		say_shortfall(plan, snap, memcg, then, above - reclaimable);
	plan_mind(plan, GATE_WARN, "It uses %s, of which %s can be reclaimed.", usage,
		  exact ? units_human(reclaimable, size) : "an unknown part");
	if (plan->version == MEMCG_V1) {
		plan_mind(plan, GATE_WARN, "Nobody is killed on cgroup v1: if reclaim cannot get below the limit, the write fails (EBUSY).");
		return;
	}
	if (above <= reclaimable)
		plan_mind(plan, GATE_WARN, "Reclaim has to get %s back at once; where it fails, the kernel kills.",
			  units_human(above, size));
}

static void mind_high(struct knob_plan *plan, const struct memcg *memcg)
{
	char usage[UNITS_BUFFER];
	if (plan->after == KNOB_UNLIMITED || !memcg_knows(memcg, MEMCG_USAGE))
		return;
	units_human(memcg->usage_bytes, usage);
	if (memcg->usage_bytes > (uint64_t)plan->after)
		plan_mind(plan, GATE_WARN,
			  "It uses %s: its processes are made to reclaim and to sleep until it is below. Nobody is killed "
			  "by memory.high.",
			  usage);
	else
		plan_mind(plan, GATE_OPEN, "It uses %s. Above the limit its processes are slowed down; nobody is killed.", usage);
}

static void mind_oom_group(struct knob_plan *plan, const struct snapshot *snap, uint32_t memcg)
{
	uint32_t processes = 0;
	for (uint32_t i = 0; i < snap->ntasks; i++)
		processes += snap->tasks[i].memcg >= memcg && snap->tasks[i].memcg < snap->memcgs[memcg].end;
	if (plan->after == 1)
		plan_mind(plan, GATE_OPEN,
			  "When one of its %u process%s is chosen, all of them die, but for those with oom_score_adj -1000.",
			  processes, processes == 1 ? "" : "es");
	else
		plan_mind(plan, GATE_OPEN,
			  "Then only the chosen one of its %u process%s dies, unless a group further up says otherwise.",
			  processes, processes == 1 ? "" : "es");
}

void knob_plan_memcg(struct knob_plan *ret_plan, const struct snapshot *snap, uint32_t memcg, enum memcg_file file,
		     int64_t value, const struct verdict *then, bool readonly)
{
	struct knob_plan *plan = ret_plan;
	const struct memcg *group = &snap->memcgs[memcg];
	*plan = (struct knob_plan){ .kind = KNOB_MEMCG, .file = file, .version = snap->memcg_version,
				    .inode = group->inode, .after = value };
	if (file != MEMCG_FILE_OOM_GROUP && value != KNOB_UNLIMITED && value > 0 && snap->page_bytes > 0)
		plan->after = value - value % (int64_t)snap->page_bytes;
	say_path(plan, snapshot_text(snap, group->path));
	note_before(plan, group);
	if (is_refused(plan, snap, group, readonly))
		return;
	if (plan->before_known && plan->before == plan->after)
		plan_mind(plan, GATE_OPEN, "That is what stands there.");
	else if (file == MEMCG_FILE_MAX)
		mind_max(plan, snap, group, then);
	else if (file == MEMCG_FILE_HIGH)
		mind_high(plan, group);
	else
		mind_oom_group(plan, snap, memcg);
	if (snap->observer.uid != 0 && !observer_has(&snap->observer, CAP_BIT_DAC_OVERRIDE))
		plan_mind(plan, GATE_WARN, "Unless the group was given to uid %u, the kernel will refuse.",
			  snap->observer.uid);
}
