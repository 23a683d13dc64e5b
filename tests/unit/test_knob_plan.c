/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "knob_fixture.h"

#include <signal.h>

#define CAP_DAC_OVERRIDE_MASK (UINT64_C(1) << 1)
#define CAP_SYS_RESOURCE_MASK (UINT64_C(1) << 24)

/* One process of a made-up host, and who looks at it. */
struct scene {
	const char *name;
	uint32_t observer_uid;
	uint64_t caps;
	bool outside_init_user_ns;
	bool readonly;
	int32_t pid;
	uint32_t uid;
	uint32_t flags;
	int adj_now;
	bool adj_unknown;
	bool floor_known;
	int floor;
	int adj;
	enum knob_gate gate;
	const char *says;
};

static const struct scene scenes[] = {
	{ .name = "plain raise", .caps = ~UINT64_C(0), .pid = 1804, .adj = 500, .gate = GATE_OPEN,
	  /* 500 * (5242880 pages / 1000): the kernel's integer division comes first */
	  .says = "as if it held 10.0G more" },
	{ .name = "root's raise is a floor", .caps = ~UINT64_C(0), .pid = 1804, .adj = 500, .gate = GATE_OPEN,
	  .says = "becomes the floor" },
	{ .name = "plain lowering by root", .caps = ~UINT64_C(0), .pid = 1804, .adj = -500, .gate = GATE_OPEN,
	  .says = "10.0G less" },
	{ .name = "read-only", .caps = ~UINT64_C(0), .readonly = true, .pid = 1804, .adj = 500, .gate = GATE_REFUSED,
	  .says = "--readonly" },
	{ .name = "above the range", .caps = ~UINT64_C(0), .pid = 1804, .adj = 1001, .gate = GATE_REFUSED,
	  .says = "-1000 to 1000; 1001" },
	{ .name = "below the range", .caps = ~UINT64_C(0), .pid = 1804, .adj = -1001, .gate = GATE_REFUSED,
	  .says = "-1001 is outside" },
	{ .name = "far out", .caps = ~UINT64_C(0), .pid = 1804, .adj = INT32_MIN, .gate = GATE_REFUSED,
	  .says = "-2147483648" },
	{ .name = "edge of the range", .caps = ~UINT64_C(0), .pid = 1804, .adj = 1000, .gate = GATE_OPEN, .says = "more" },
	{ .name = "kernel thread", .caps = ~UINT64_C(0), .pid = 2, .flags = TASK_FLAG_KTHREAD, .adj = 500,
	  .gate = GATE_REFUSED, .says = "kernel thread" },
	{ .name = "global init", .caps = ~UINT64_C(0), .pid = 1, .adj = -500, .gate = GATE_WARN,
	  .says = "inherits the value" },
	{ .name = "somebody else's", .observer_uid = 1000, .pid = 1804, .uid = 33, .adj = 500, .gate = GATE_REFUSED,
	  .says = "belongs to uid 33 and this run is uid 1000" },
	{ .name = "somebody else's, with CAP_DAC_OVERRIDE", .observer_uid = 1000, .caps = CAP_DAC_OVERRIDE_MASK,
	  .pid = 1804, .uid = 33, .adj = 500, .gate = GATE_OPEN, .says = "more" },
	{ .name = "somebody else's, root without CAP_DAC_OVERRIDE", .pid = 1804, .uid = 33, .adj = 500,
	  .gate = GATE_WARN, .says = "lacks CAP_DAC_OVERRIDE" },
	{ .name = "own, raised", .observer_uid = 1000, .pid = 1804, .uid = 1000, .adj = 500, .gate = GATE_OPEN,
	  .says = "more" },
	{ .name = "own, lowered, floor unknown", .observer_uid = 1000, .pid = 1804, .uid = 1000, .adj_now = 500, .adj = 0,
	  .gate = GATE_WARN, .says = "only to the floor last set" },
	{ .name = "own, lowered to the known floor", .observer_uid = 1000, .pid = 1804, .uid = 1000, .adj_now = 500,
	  .floor_known = true, .floor = 100, .adj = 100, .gate = GATE_OPEN, .says = "less" },
	{ .name = "own, below the known floor", .observer_uid = 1000, .pid = 1804, .uid = 1000, .adj_now = 500,
	  .floor_known = true, .floor = 100, .adj = 99, .gate = GATE_REFUSED, .says = "below the floor 100" },
	{ .name = "root without CAP_SYS_RESOURCE below the floor", .caps = ~CAP_SYS_RESOURCE_MASK, .pid = 1804,
	  .floor_known = true, .adj = -1, .gate = GATE_REFUSED, .says = "being root is not enough" },
	{ .name = "root of a user namespace below the floor", .caps = ~UINT64_C(0), .outside_init_user_ns = true,
	  .pid = 1804, .floor_known = true, .adj = -1, .gate = GATE_REFUSED, .says = "below the floor 0" },
	{ .name = "full root below the floor", .caps = ~UINT64_C(0), .pid = 1804, .floor_known = true, .adj = -1,
	  .gate = GATE_OPEN, .says = "less" },
	{ .name = "root without CAP_SYS_RESOURCE, floor unknown", .caps = ~CAP_SYS_RESOURCE_MASK, .pid = 1804, .adj = -1,
	  .gate = GATE_WARN, .says = "will likely refuse" },
	{ .name = "present value unknown", .observer_uid = 1000, .pid = 1804, .uid = 1000, .adj_unknown = true, .adj = 5,
	  .gate = GATE_WARN, .says = "present value is not known" },
	{ .name = "never", .caps = ~UINT64_C(0), .pid = 1804, .adj = -1000, .gate = GATE_WARN,
	  .says = "if it is the one that leaks, everything else dies first" },
	{ .name = "never, the largest", .caps = ~UINT64_C(0), .pid = 1804, .adj = -1000, .gate = GATE_WARN,
	  .says = "largest process of all (2.00G)" },
	{ .name = "-999, the largest", .caps = ~UINT64_C(0), .pid = 1804, .adj = -999, .gate = GATE_WARN,
	  .says = "largest process of all (2.00G)" },
	{ .name = "-899, the largest", .caps = ~UINT64_C(0), .pid = 1804, .adj = -899, .gate = GATE_OPEN, .says = "less" },
	{ .name = "out of -1000", .caps = ~UINT64_C(0), .pid = 1804, .adj_now = -1000, .adj = 0, .gate = GATE_OPEN,
	  .says = "now it can be" },
	{ .name = "equal", .observer_uid = 1000, .pid = 1804, .uid = 1000, .adj_now = 7, .adj = 7, .gate = GATE_OPEN,
	  .says = "It is 7 already: nothing changes." },
	{ .name = "equal, by full root", .caps = ~UINT64_C(0), .pid = 1804, .adj_now = 7, .adj = 7, .gate = GATE_OPEN,
	  .says = "becomes its floor" },
};

static void adj_plans_foretell_the_kernel(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(scenes); i++) {
		const struct scene *scene = &scenes[i];
		struct snapshot snap;
		host_init(&snap);
		snap.observer.uid = scene->observer_uid;
		snap.observer.cap_eff = scene->caps;
		snap.observer.in_init_user_ns = !scene->outside_init_user_ns;
		struct task *task = host_task(&snap, scene->pid, "java");
		task->uid = scene->uid;
		task->flags = scene->flags;
		task->rss_pages = 2 * GIB / 4096;
		task->oom_score_adj = (int16_t)scene->adj_now;
		if (scene->adj_unknown)
			task->group_state[TASK_ADJ] = FACT_DENIED;
		if (scene->floor_known)
			task->group_state[TASK_FLOOR] = FACT_KNOWN;
		task->oom_score_adj_min = (int16_t)scene->floor;

		struct knob_plan plan;
		knob_plan_adj(&plan, &snap, task, scene->adj, scene->readonly);
		if (plan.gate != scene->gate)
			print_error("%s: gate %d: %s\n", scene->name, (int)plan.gate, plan.text);
		assert_int_equal(plan.gate, scene->gate);
		assert_says(plan.text, scene->says);
		assert_whole(plan.text);
		assert_int_equal(plan.kind, KNOB_ADJ);
		assert_int_equal(plan.pid, scene->pid);
		assert_int_equal(plan.start_ticks, task->start_ticks);
		assert_string_equal(plan.comm, "java");
		assert_int_equal(plan.before_known, !scene->adj_unknown);
		if (!scene->adj_unknown)
			assert_int_equal(plan.before, scene->adj_now);
		assert_int_equal(plan.after, scene->adj);
		snapshot_done(&snap);
	}
}

/* Where naive tools are wrong, 32: uid 0 alone may not lower adj. */
static void case_32_root_without_the_capability_cannot_protect(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	snap.observer.uid = 0;
	struct task *task = host_task(&snap, 1804, "java");
	task->group_state[TASK_FLOOR] = FACT_KNOWN;
	snap.observer.cap_eff = ~CAP_SYS_RESOURCE_MASK;
	knob_plan_adj(&plan, &snap, task, -1000, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "being root is not enough");
	/* The capability counts in the initial user namespace only. */
	snap.observer.cap_eff = ~UINT64_C(0);
	knob_plan_adj(&plan, &snap, task, -1000, false);
	assert_int_not_equal(plan.gate, GATE_REFUSED);
	snap.observer.in_init_user_ns = false;
	knob_plan_adj(&plan, &snap, task, -1000, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	snapshot_done(&snap);
}

static void init_of_a_container_is_an_ordinary_process(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	snap.observer.in_init_pid_ns = false;
	knob_plan_adj(&plan, &snap, host_task(&snap, 1, "tini"), 100, false);
	assert_int_equal(plan.gate, GATE_OPEN);
	snapshot_done(&snap);
}

static void a_smaller_process_may_be_protected_without_a_word_on_size(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	host_task(&snap, 10, "small");
	snap.tasks[0].rss_pages = 10;
	host_task(&snap, 20, "big");
	snap.tasks[1].swap_pages = 11;
	knob_plan_adj(&plan, &snap, &snap.tasks[0], -999, false);
	assert_int_equal(plan.gate, GATE_OPEN);
	knob_plan_adj(&plan, &snap, &snap.tasks[1], -999, false);
	assert_int_equal(plan.gate, GATE_WARN);
	snapshot_done(&snap);
}

static void who_shares_the_memory_is_told(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	for (int32_t pid = 10; pid < 14; pid++)
		host_task(&snap, pid, "worker")->mm_id = pid < 13 ? 77 : 0;
	knob_plan_adj(&plan, &snap, &snap.tasks[0], 100, false);
	assert_says(plan.text, "2 other processes share its memory and get the same value.");
	snap.tasks[1].mm_id = 0;
	knob_plan_adj(&plan, &snap, &snap.tasks[0], 100, false);
	assert_says(plan.text, "1 other process shares its memory and gets the same value.");
	knob_plan_adj(&plan, &snap, &snap.tasks[3], 100, false);
	assert_null(strstr(plan.text, "share"));
	snapshot_done(&snap);
}

static void a_process_without_start_time_is_refused(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	struct task *task = host_task(&snap, 50, "secret");
	task->group_state[TASK_STAT] = FACT_DENIED;
	knob_plan_adj(&plan, &snap, task, 100, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_says(plan.text, "start time of pid 50");
	knob_plan_signal(&plan, &snap, task, SIGTERM, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	snapshot_done(&snap);
}

static void hostile_names_are_made_safe(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *safe;
	} rows[] = {
		{ "\x1b]0;owned\x07", "\\x1b]0;owned\\x07" },
		{ "a\nb", "a\\x0ab" },
		{ "back\\slash", "back\\x5cslash" },
		{ "\xc3\xa4 ok", "\xc3\xa4 ok" },
		{ "\xff\xfe", "\\xff\\xfe" },
		{ "\xc2\x9b" "31m", "\\xc2\\x9b31m" },        /* CSI as one C1 character */
		{ "\xe2\x80\xae" "cod", "\\xe2\\x80\\xaecod" }, /* right-to-left override */
		{ "cut\xe2\x82", "cut\\xe2\\x82" },
		{ ") R 1 (", ") R 1 (" },
		{ "", "?" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct knob_plan plan;
		host_init(&snap);
		knob_plan_adj(&plan, &snap, host_task(&snap, 5, rows[i].raw), 1, false);
		assert_string_equal(plan.comm, rows[i].safe);
		snapshot_done(&snap);
	}
}

static void long_names_are_cut_between_characters(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	/* 62 letters leave one byte: the two of an umlaut do not fit. */
	knob_plan_adj(&plan, &snap,
		      host_task(&snap, 5, "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg\xc3\xa4"), 1, false);
	assert_int_equal(strlen(plan.comm), 62);
	/* 15 bytes of nonsense, the most a process can have, fit whole. */
	knob_plan_adj(&plan, &snap,
		      host_task(&snap, 6, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 1, false);
	assert_int_equal(strlen(plan.comm), 60);
	snapshot_done(&snap);
}

static void the_longest_refusal_fits(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	snap.observer.uid = UINT32_MAX;
	snap.observer.cap_eff = 0;
	struct task *task =
		host_task(&snap, INT32_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
	task->uid = UINT32_MAX - 1;
	knob_plan_adj(&plan, &snap, task, -1000, false);
	assert_int_equal(plan.gate, GATE_REFUSED);
	assert_whole(plan.text);
	/* And the longest warning: everything to be minded at once. */
	snap.observer.uid = 0;
	task->rss_pages = UINT32_MAX;
	task->mm_id = 1;
	task->oom_score_adj = 1000;
	knob_plan_adj(&plan, &snap, task, -1000, false);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "leaks");
	assert_says(plan.text, "largest");
	assert_says(plan.text, "floor");
	assert_says(plan.text, "CAP_DAC_OVERRIDE");
	assert_whole(plan.text);
	snapshot_done(&snap);
}

static void no_weight_is_claimed_without_the_figures(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	snap.system.state[SYS_SWAP_TOTAL] = FACT_UNKNOWN;
	knob_plan_adj(&plan, &snap, host_task(&snap, 5, "java"), 500, false);
	assert_null(strstr(plan.text, "as if"));
	snapshot_done(&snap);
}

/* --- signals -------------------------------------------------------------------- */

static void signal_plans_refuse_what_must_not_be(void **state)
{
	(void)state;
	static const struct {
		int32_t pid;
		uint32_t flags;
		int signal;
		bool readonly;
		enum knob_gate gate;
		const char *says;
	} rows[] = {
		{ 1804, 0, SIGTERM, false, GATE_OPEN, "SIGTERM is sent to java (1804)." },
		{ 1804, 0, SIGKILL, false, GATE_WARN, "can save nothing" },
		{ 1804, 0, 64, false, GATE_OPEN, "signal 64 is sent" },
		{ 1804, 0, SIGTERM, true, GATE_REFUSED, "--readonly" },
		{ 1804, 0, 0, false, GATE_REFUSED, "0 is none" },
		{ 1804, 0, 65, false, GATE_REFUSED, "65 is none" },
		{ 1804, 0, -9, false, GATE_REFUSED, "-9 is none" },
		{ 1, 0, SIGTERM, false, GATE_REFUSED, "init" },
		{ 4000, 0, SIGTERM, false, GATE_REFUSED, "this program itself" },
		{ 2, TASK_FLAG_KTHREAD, SIGKILL, false, GATE_REFUSED, "kernel thread" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct snapshot snap;
		struct knob_plan plan;
		host_init(&snap);
		struct task *task = host_task(&snap, rows[i].pid, "java");
		task->flags = rows[i].flags;
		knob_plan_signal(&plan, &snap, task, rows[i].signal, rows[i].readonly);
		assert_int_equal(plan.gate, rows[i].gate);
		assert_says(plan.text, rows[i].says);
		assert_whole(plan.text);
		assert_int_equal(plan.signal, rows[i].signal);
		snapshot_done(&snap);
	}
}

static void signal_plans_warn_where_they_help_nothing(void **state)
{
	(void)state;
	struct snapshot snap;
	struct knob_plan plan;
	host_init(&snap);
	struct task *task = host_task(&snap, 1804, "java");
	task->state = 'D';
	knob_plan_signal(&plan, &snap, task, SIGKILL, false);
	assert_says(plan.text, "uninterruptibly");
	task->sigkill_pending = true;
	knob_plan_signal(&plan, &snap, task, SIGKILL, false);
	assert_says(plan.text, "before");
	task->state = 'Z';
	knob_plan_signal(&plan, &snap, task, SIGKILL, false);
	assert_says(plan.text, "dead already");
	/* A leader that has exited while its threads run can still be killed. */
	task->sigkill_pending = false;
	task->through_thread = true;
	knob_plan_signal(&plan, &snap, task, SIGKILL, false);
	assert_says(plan.text, "can save nothing");
	snap.observer.uid = 33;
	snap.observer.cap_eff = 0;
	knob_plan_signal(&plan, &snap, task, SIGTERM, false);
	assert_int_equal(plan.gate, GATE_WARN);
	assert_says(plan.text, "without CAP_KILL");
	snapshot_done(&snap);
}

/* --- undo ------------------------------------------------------------------------ */

static void undo_puts_back_what_was_read_before_the_write(void **state)
{
	(void)state;
	/* The snapshot said 0, the file said 10 when it was written. */
	struct knob_plan done = { .kind = KNOB_ADJ, .pid = 7, .start_ticks = 70, .comm = "java", .before_known = true,
				  .before = 0, .after = -500 }, undo;
	struct knob_result result = { .before_known = true, .before = 10, .after_known = true, .after = -500 };
	knob_plan_undo(&undo, &done, &result);
	assert_int_equal(undo.gate, GATE_OPEN);
	assert_int_equal(undo.kind, KNOB_ADJ);
	assert_int_equal(undo.pid, 7);
	assert_int_equal(undo.start_ticks, 70);
	assert_string_equal(undo.comm, "java");
	assert_int_equal(undo.before, -500);
	assert_int_equal(undo.after, 10);
	assert_says(undo.text, "oom_score_adj of java (7) back to 10.");
}

static void undo_refuses_where_there_is_nothing_to_take_back(void **state)
{
	(void)state;
	struct knob_plan adj = { .kind = KNOB_ADJ, .pid = 7, .comm = "java", .after = 5 }, undo;
	struct knob_plan signal = { .kind = KNOB_SIGNAL, .pid = 7, .comm = "java", .signal = SIGTERM };
	struct knob_result failed = { .error = -EACCES, .before_known = true };
	struct knob_result blind = { .before_known = false };
	struct knob_result good = { .before_known = true };
	knob_plan_undo(&undo, &adj, &failed);
	assert_int_equal(undo.gate, GATE_REFUSED);
	assert_says(undo.text, "was not changed");
	knob_plan_undo(&undo, &adj, &blind);
	assert_int_equal(undo.gate, GATE_REFUSED);
	assert_says(undo.text, "former value");
	knob_plan_undo(&undo, &signal, &good);
	assert_int_equal(undo.gate, GATE_REFUSED);
	assert_says(undo.text, "signal");
}

static void undo_of_overcommit_writes_the_one_that_counted(void **state)
{
	(void)state;
	static const struct {
		enum sysctl_id written;
		int64_t before, partner_before;
		enum sysctl_id undone;
		int64_t after;
	} rows[] = {
		{ SYSCTL_OVERCOMMIT_KBYTES, 0, 50, SYSCTL_OVERCOMMIT_RATIO, 50 },
		{ SYSCTL_OVERCOMMIT_KBYTES, 1000, 0, SYSCTL_OVERCOMMIT_KBYTES, 1000 },
		{ SYSCTL_OVERCOMMIT_KBYTES, 1000, 50, SYSCTL_OVERCOMMIT_KBYTES, 1000 },
		{ SYSCTL_OVERCOMMIT_KBYTES, 0, 0, SYSCTL_OVERCOMMIT_KBYTES, 0 },
		{ SYSCTL_OVERCOMMIT_RATIO, 0, 8000, SYSCTL_OVERCOMMIT_KBYTES, 8000 },
		{ SYSCTL_OVERCOMMIT_RATIO, 50, 0, SYSCTL_OVERCOMMIT_RATIO, 50 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct knob_plan done = { .kind = KNOB_SYSCTL, .sysctl = rows[i].written, .after = 77 }, undo;
		struct knob_result result = { .before_known = true, .before = rows[i].before, .after_known = true,
					      .after = 77, .partner_known = true,
					      .partner_before = rows[i].partner_before };
		knob_plan_undo(&undo, &done, &result);
		assert_int_equal(undo.sysctl, rows[i].undone);
		assert_int_equal(undo.after, rows[i].after);
		assert_int_equal(undo.gate, GATE_OPEN);
		assert_says(undo.text, sysctl_names[rows[i].undone]);
	}
}

static void undo_back_into_strict_overcommit_asks_for_yes(void **state)
{
	(void)state;
	struct knob_plan done = { .kind = KNOB_SYSCTL, .sysctl = SYSCTL_OVERCOMMIT_MEMORY, .after = 0 }, undo;
	struct knob_result result = { .before_known = true, .before = 2, .after_known = true, .after = 0 };
	knob_plan_undo(&undo, &done, &result);
	assert_int_equal(undo.after, 2);
	assert_int_equal(undo.gate, GATE_TYPED_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adj_plans_foretell_the_kernel),
		cmocka_unit_test(case_32_root_without_the_capability_cannot_protect),
		cmocka_unit_test(init_of_a_container_is_an_ordinary_process),
		cmocka_unit_test(a_smaller_process_may_be_protected_without_a_word_on_size),
		cmocka_unit_test(who_shares_the_memory_is_told),
		cmocka_unit_test(a_process_without_start_time_is_refused),
		cmocka_unit_test(hostile_names_are_made_safe),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(the_longest_refusal_fits),
		cmocka_unit_test(no_weight_is_claimed_without_the_figures),
		cmocka_unit_test(signal_plans_refuse_what_must_not_be),
		cmocka_unit_test(signal_plans_warn_where_they_help_nothing),
		cmocka_unit_test(undo_puts_back_what_was_read_before_the_write),
		cmocka_unit_test(undo_refuses_where_there_is_nothing_to_take_back),
		cmocka_unit_test(undo_of_overcommit_writes_the_one_that_counted),
		cmocka_unit_test(undo_back_into_strict_overcommit_asks_for_yes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
