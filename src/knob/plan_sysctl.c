/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Plans for sysctls: what the write would do to this host now, with figures.
 *
 * Some values take the host down as they are written. They are not refused,
 * for an administrator may have good reasons, but only the typed word yes writes
 * them. Where a figure needed to judge is not known, the worst is assumed.
 */
#include "plan.h"

#include "oomsight/base/units.h"
#include "oomsight/model/commit.h"

static const char readonly_text[] = "This run is read-only (--readonly): nothing is written.";

/* --- the commit limit -------------------------------------------------------- */

uint64_t knob_commit_limit_bytes(const struct snapshot *snap, int64_t ratio, int64_t kbytes)
{
	uint64_t bytes;
	return commit_limit_bytes(snap, ratio, kbytes, &bytes) ? bytes : 0;
}

/* The limit that would hold with the plan's value in place of the snapshot's. */
static bool planned_limit(const struct knob_plan *plan, const struct snapshot *snap, uint64_t *ret_bytes)
{
	const struct sysctl_value *ratio = &snap->system.sysctl[SYSCTL_OVERCOMMIT_RATIO];
	const struct sysctl_value *kbytes = &snap->system.sysctl[SYSCTL_OVERCOMMIT_KBYTES];
	if (plan->sysctl == SYSCTL_OVERCOMMIT_RATIO)
		return commit_limit_bytes(snap, plan->after, 0, ret_bytes);
	if (plan->sysctl == SYSCTL_OVERCOMMIT_KBYTES)
		return commit_limit_bytes(snap, 0, plan->after, ret_bytes);
	/* overcommit_kbytes is absent before 3.14. */
	bool kbytes_said = kbytes->state == FACT_KNOWN || kbytes->state == FACT_ABSENT;
	if (ratio->state == FACT_KNOWN && kbytes_said)
		return commit_limit_bytes(snap, ratio->value, kbytes->state == FACT_KNOWN ? kbytes->value : 0, ret_bytes);
	if (!system_knows(&snap->system, SYS_COMMIT_LIMIT))
		return false;
	*ret_bytes = snap->system.value[SYS_COMMIT_LIMIT];
	return true;
}

/* Committed_AS is a counter with unflushed parts on each CPU, everything grows,
 * and root itself needs something to undo the write with. */
static uint64_t commit_margin_bytes(const struct knob_plan *plan, const struct snapshot *snap, uint64_t committed)
{
	const struct sysctl_value *reserve = &snap->system.sysctl[SYSCTL_ADMIN_RESERVE_KBYTES];
	int64_t reserve_kib = plan->sysctl == SYSCTL_ADMIN_RESERVE_KBYTES ? plan->after :
			      reserve->state == FACT_KNOWN ? reserve->value : 0;
	uint64_t margin = committed / 20;
	if (margin < UINT64_C(64) << 20)
		margin = UINT64_C(64) << 20;
	uint64_t kept = u64_mul_sat((uint64_t)reserve_kib, 1024);
	return margin < kept ? kept : margin;
}

static void say_what_ratio_fits(struct knob_plan *plan, const struct snapshot *snap, uint64_t needed_bytes)
{
	uint64_t base_pages;
	if (!commit_base_pages(snap, &base_pages) || base_pages < 100)
		return;
	uint64_t from_ram = u64_sub_floor(needed_bytes, system_get(&snap->system, SYS_SWAP_TOTAL, 0));
	/* One more than the quotient: the limit must be above, not at, what is needed. */
	uint64_t ratio = snapshot_pages(snap, from_ram) / (base_pages / 100) + 1;
	plan_mind(plan, GATE_OPEN, "overcommit_ratio %llu would fit.", (unsigned long long)ratio);
}

static bool mode_is_2(const struct snapshot *snap)
{
	const struct sysctl_value *mode = &snap->system.sysctl[SYSCTL_OVERCOMMIT_MEMORY];
	return mode->state == FACT_KNOWN && mode->value == 2;
}

/* Under overcommit_memory 2: would anybody still get memory?
 * Source: mm/util.c __vm_enough_memory(). */
static void mind_commit(struct knob_plan *plan, const struct snapshot *snap)
{
	uint64_t limit;
	char committed_text[UNITS_BUFFER], limit_text[UNITS_BUFFER], margin_text[UNITS_BUFFER];
	if (!planned_limit(plan, snap, &limit) || !system_knows(&snap->system, SYS_COMMITTED_AS)) {
		plan_mind(plan, GATE_TYPED_YES,
			"Committed_AS or CommitLimit is not known: if more is committed than the limit "
			"allows, every fork, exec and mmap on this host fails at once.");
		return;
	}
	uint64_t committed = snap->system.value[SYS_COMMITTED_AS];
	uint64_t margin = commit_margin_bytes(plan, snap, committed);
	uint64_t needed = committed > UINT64_MAX - margin ? UINT64_MAX : committed + margin;
	units_human(committed, committed_text);
	units_human(limit, limit_text);
	units_human(margin, margin_text);
	if (needed < limit) {
		plan_mind(plan, GATE_WARN,
			"Programs get no more memory once Committed_AS, now %s, reaches CommitLimit, then "
			"%s.",
			committed_text, limit_text);
		return;
	}
	/* Under mode 2 already, and not made worse: this may be the rescue. */
	if (mode_is_2(snap) && plan->sysctl != SYSCTL_ADMIN_RESERVE_KBYTES &&
	    system_knows(&snap->system, SYS_COMMIT_LIMIT) && limit >= snap->system.value[SYS_COMMIT_LIMIT])
		plan_mind(plan, GATE_WARN,
			"Committed_AS is %s and CommitLimit would be %s: no worse than now, and not enough.",
			committed_text, limit_text);
	else if (committed >= limit)
		plan_mind(plan, GATE_TYPED_YES,
			"Committed_AS is %s and CommitLimit would be %s: every fork, exec and mmap on this "
			"host fails at once, your shell's and this program's too.",
			committed_text, limit_text);
	else
		plan_mind(plan, GATE_TYPED_YES,
			"Committed_AS is %s and CommitLimit would be %s, closer than the margin of %s: "
			"soon every fork, exec and mmap on this host fails, your shell's too.",
			committed_text, limit_text, margin_text);
	say_what_ratio_fits(plan, snap, needed);
}

/* --- one function for each knob that can bite -------------------------------- */

static void mind_overcommit_memory(struct knob_plan *plan, const struct snapshot *snap)
{
	if (plan->after == 2)
		mind_commit(plan, snap);
	else if (plan->after == 1)
		plan_mind(plan, GATE_WARN,
			"Nothing is refused any more: whoever asks for too much is found out by the OOM "
			"killer.");
}

static void mind_commit_amount(struct knob_plan *plan, const struct snapshot *snap)
{
	bool is_ratio = plan->sysctl == SYSCTL_OVERCOMMIT_RATIO;
	const struct sysctl_value *partner =
		&snap->system.sysctl[is_ratio ? SYSCTL_OVERCOMMIT_KBYTES : SYSCTL_OVERCOMMIT_RATIO];
	if (mode_is_2(snap))
		mind_commit(plan, snap);
	else
		plan_mind(plan, GATE_OPEN, "It counts only under overcommit_memory 2.");
	if (plan->after == 0)
		plan_mind(plan, GATE_WARN,
			"overcommit_ratio and overcommit_kbytes are then both 0: only swap may be "
			"committed; write the ratio to go back.");
	else if (partner->state == FACT_KNOWN && partner->value != 0)
		plan_mind(plan, GATE_WARN, "The kernel sets %s, now %lld, to 0.",
			  is_ratio ? "overcommit_kbytes" : "overcommit_ratio", (long long)partner->value);
	else if (partner->state != FACT_KNOWN && partner->state != FACT_ABSENT)
		plan_mind(plan, GATE_WARN, "The kernel sets %s to 0.",
			  is_ratio ? "overcommit_kbytes" : "overcommit_ratio");
}

static void mind_admin_reserve(struct knob_plan *plan, const struct snapshot *snap)
{
	if (mode_is_2(snap))
		mind_commit(plan, snap);
}

/* Source: mm/oom_kill.c check_panic_on_oom(), kernel/panic.c panic(). */
static void mind_panic(struct knob_plan *plan, const struct snapshot *snap)
{
	const struct sysctl_value *on_oom = &snap->system.sysctl[SYSCTL_PANIC_ON_OOM];
	const struct sysctl_value *panic = &snap->system.sysctl[SYSCTL_PANIC];
	bool is_panic = plan->sysctl == SYSCTL_PANIC;
	if (is_panic) {
		if (plan->after != 0)
			return;
		if (on_oom->state != FACT_KNOWN)
			plan_mind(plan, GATE_TYPED_YES,
				"vm.panic_on_oom is not known: if it is not 0, the first OOM hangs the "
				"host until somebody presses reset.");
		else if (on_oom->value != 0)
			plan_mind(plan, GATE_TYPED_YES,
				"vm.panic_on_oom is %lld: with kernel.panic 0 the first OOM hangs the host "
				"until somebody presses reset.",
				(long long)on_oom->value);
		return;
	}
	if (plan->after == 0)
		return;
	if (panic->state != FACT_KNOWN)
		plan_mind(plan, GATE_TYPED_YES,
			"kernel.panic is not known: if it is 0, the first OOM hangs the host until "
			"somebody presses reset.");
	else if (panic->value == 0)
		plan_mind(plan, GATE_TYPED_YES,
			"kernel.panic is 0: the first OOM hangs the host until somebody presses reset; to "
			"have it reboot, set kernel.panic first, to 10 for example.");
	else if (panic->value > 0)
		plan_mind(plan, GATE_WARN, "kernel.panic is %lld: the first OOM reboots the host after %lld s.",
			  (long long)panic->value, (long long)panic->value);
	else
		plan_mind(plan, GATE_WARN, "kernel.panic is %lld: the first OOM reboots the host at once.",
			  (long long)panic->value);
	if (plan->after == 2)
		plan_mind(plan, GATE_WARN,
			"The value 2 panics also when a single memory cgroup, one container, reaches its "
			"own limit.");
}

/* Source: mm/page_alloc.c min_free_kbytes_sysctl_handler(), init_per_zone_wmark_min(). */
static void mind_min_free(struct knob_plan *plan, const struct snapshot *snap)
{
	const struct system_facts *sys = &snap->system;
	uint64_t bytes = u64_mul_sat((uint64_t)plan->after, 1024);
	uint64_t before = plan->before_known && plan->before > 0 ? u64_mul_sat((uint64_t)plan->before, 1024) : 0;
	char asked[UNITS_BUFFER], total[UNITS_BUFFER], available[UNITS_BUFFER];
	units_human(bytes, asked);
	if (plan->after < 1024) {
		plan_mind(plan, GATE_TYPED_YES,
			"%lld kB is less than 1 MiB: the kernel's own emergencies can find nothing and the "
			"host deadlocks under pressure.",
			(long long)plan->after);
	} else if (!system_knows(sys, SYS_MEM_TOTAL)) {
		plan_mind(plan, GATE_TYPED_YES,
			"MemTotal is not known: a reserve above a few per cent of it starts OOM kills by "
			"itself.");
	} else if (bytes > sys->value[SYS_MEM_TOTAL] / 20) {
		plan_mind(plan, GATE_TYPED_YES,
			"%s is more than 5 %% of the %s of RAM: a reserve so large starts OOM kills by "
			"itself.",
			asked, units_human(sys->value[SYS_MEM_TOTAL], total));
		if (!system_knows(sys, SYS_MEM_AVAILABLE))
			plan_mind(plan, GATE_OPEN, "MemAvailable is not known.");
		else if (u64_sub_floor(bytes, before) >= sys->value[SYS_MEM_AVAILABLE])
			plan_mind(plan, GATE_OPEN, "MemAvailable is only %s: kills may start at once.",
				  units_human(sys->value[SYS_MEM_AVAILABLE], available));
		else
			plan_mind(plan, GATE_OPEN, "MemAvailable is %s and shrinks by as much.",
				  units_human(sys->value[SYS_MEM_AVAILABLE], available));
	}
	plan_mind(plan, GATE_WARN,
		"The kernel no longer computes it itself when memory is added, until reboot.");
}

static void mind_rest(struct knob_plan *plan, const struct snapshot *snap)
{
	char kept[UNITS_BUFFER];
	if (plan->sysctl == SYSCTL_SWAPPINESS && plan->after == 0)
		plan_mind(plan, GATE_WARN,
			"0 leaves swap alone until the file cache is nearly gone: the OOM killer comes "
			"sooner, with swap still free.");
	if (plan->sysctl == SYSCTL_OOM_KILL_ALLOCATING_TASK && plan->after != 0)
		plan_mind(plan, GATE_WARN,
			"The victim is then whoever happens to ask for memory, often not the one that "
			"leaks; no ranking foretells it.");
	if (plan->sysctl == SYSCTL_OOM_DUMP_TASKS && plan->after == 0)
		plan_mind(plan, GATE_WARN,
			"After a kill nothing in the log will show why that process was chosen.");
	if (plan->sysctl == SYSCTL_WATERMARK_SCALE_FACTOR && plan->after > 1000 &&
	    system_knows(&snap->system, SYS_MEM_TOTAL))
		plan_mind(plan, GATE_WARN, "kswapd then keeps about %s of RAM free all the time.",
			  units_human(snap->system.value[SYS_MEM_TOTAL] / 10000 * (uint64_t)plan->after, kept));
}

/* Does a write of the value that stands there already change something? */
static bool writing_does_more(enum sysctl_id id)
{
	return id == SYSCTL_OVERCOMMIT_RATIO || id == SYSCTL_OVERCOMMIT_KBYTES || id == SYSCTL_MIN_FREE_KBYTES;
}

/* --- the plan ------------------------------------------------------------------ */

static bool sysctl_is_refused(struct knob_plan *plan, const struct snapshot *snap)
{
	const struct observer *observer = &snap->observer;
	const char *name = sysctl_names[plan->sysctl];
	int64_t min, max;
	sysctl_range(plan->sysctl, snap->release, &min, &max);
	/* /proc/sys asks for the euid only; no capability opens it.
	 * Source: fs/proc/proc_sysctl.c test_perm(). */
	if (snap->system.sysctl[plan->sysctl].state == FACT_ABSENT)
		plan_refuse(plan, "This kernel has no %s.", name);
	else if (plan->after < min || plan->after > max)
		plan_refuse(plan,
			"%s takes %lld to %lld on this kernel; %lld is outside.",
			name, (long long)min, (long long)max, (long long)plan->after);
	else if (observer->uid != 0)
		plan_refuse(plan, "Only root may write %s; this run is uid %u.", name, observer->uid);
	else if (!observer->in_init_user_ns)
		plan_refuse(plan,
			"Only the host's root may write %s; this one is root of a user namespace "
			"(container) alone.",
			name);
	return plan->gate == GATE_REFUSED;
}

void knob_assume_sysctl(struct snapshot *snap, enum sysctl_id id, int64_t value)
{
	struct sysctl_value *all = snap->system.sysctl;
	struct sysctl_value *partner = id == SYSCTL_OVERCOMMIT_RATIO  ? &all[SYSCTL_OVERCOMMIT_KBYTES] :
				       id == SYSCTL_OVERCOMMIT_KBYTES ? &all[SYSCTL_OVERCOMMIT_RATIO] :
									NULL;
	all[id] = (struct sysctl_value){ .state = FACT_KNOWN, .value = value };
	if (partner && partner->state != FACT_ABSENT)
		*partner = (struct sysctl_value){ .state = FACT_KNOWN, .value = 0 };
}

void knob_plan_sysctl(struct knob_plan *ret_plan, const struct snapshot *snap, enum sysctl_id id, int64_t value,
		      bool readonly)
{
	struct knob_plan *plan = ret_plan;
	const struct sysctl_value *now = &snap->system.sysctl[id];
	*plan = (struct knob_plan){ .kind = KNOB_SYSCTL, .sysctl = id, .after = value };
	if (now->state == FACT_KNOWN) {
		plan->before_known = true;
		plan->before = now->value;
	}
	if (readonly) {
		plan_refuse(plan, "%s", readonly_text);
		return;
	}
	if (sysctl_is_refused(plan, snap))
		return;
	if (plan->before_known && plan->before == value && !writing_does_more(id)) {
		plan_mind(plan, GATE_OPEN, "It is %lld already: nothing changes.", (long long)value);
		return;
	}
	switch (id) {
	case SYSCTL_OVERCOMMIT_MEMORY:
		mind_overcommit_memory(plan, snap);
		break;
	case SYSCTL_OVERCOMMIT_RATIO:
	case SYSCTL_OVERCOMMIT_KBYTES:
		mind_commit_amount(plan, snap);
		break;
	case SYSCTL_ADMIN_RESERVE_KBYTES:
		mind_admin_reserve(plan, snap);
		break;
	case SYSCTL_PANIC_ON_OOM:
	case SYSCTL_PANIC:
		mind_panic(plan, snap);
		break;
	case SYSCTL_MIN_FREE_KBYTES:
		mind_min_free(plan, snap);
		break;
	case SYSCTL_OOM_KILL_ALLOCATING_TASK:
	case SYSCTL_OOM_DUMP_TASKS:
	case SYSCTL_USER_RESERVE_KBYTES:
	case SYSCTL_WATERMARK_SCALE_FACTOR:
	case SYSCTL_SWAPPINESS:
	case SYSCTL__COUNT:
		mind_rest(plan, snap);
		break;
	}
	if (plan->text[0] == '\0' && sysctl_value_meaning(id, value)[0] != '\0')
		plan_mind(plan, GATE_OPEN, "%lld: %s.", (long long)value, sysctl_value_meaning(id, value));
}
