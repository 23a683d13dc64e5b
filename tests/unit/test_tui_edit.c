/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What keys do that end in a write: edits of oom_score_adj and sysctls, undo,
 * signals; by keys, down to the command that leaves the screen.
 */
#include "unit.h"

#include "make_ui.h"

/* --- adj ------------------------------------------------------------------------ */

static void adj_preview_ranks_before_anything_is_written(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a - 5 0 0");
	assert_int_equal(stage->command.kind, UI_NONE);
	ROWS(stage, MYSQLD, RENDERER, CHROME, WORKER, JAVA, 1, SSHD);
	assert_int_equal(stage_cursor(stage), JAVA);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "NEXT mysqld (200)"));
	assert_true(stage_shows(stage, "rank 1 -> 5"));
	/* The model itself has not moved. */
	assert_int_equal(stage->model.ranking.candidates[made_index(&stage->snap, JAVA)].rank, 1);
	stage_keys(stage, "Escape");
	ROWS(stage, JAVA, MYSQLD, RENDERER, CHROME, WORKER, 1, SSHD);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "NEXT java (100)"));
	assert_false(stage->ui.previewing);
	assert_int_equal(stage->ui.whatif.nadjs, 0);
}

static void adj_command_carries_target_and_value(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Down a 3 0 0 Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_ADJ);
	assert_int_equal(stage->command.ntargets, 1);
	assert_int_equal(stage->command.targets[0].process.pid, MYSQLD);
	assert_int_equal(stage->command.targets[0].process.start_ticks, MYSQLD * 10);
	assert_int_equal(stage->command.targets[0].value, 300);
	assert_false(stage->command.is_undo);
	assert_null(stage->ui.dialog);
	assert_false(stage->ui.previewing);
}

static void adj_acts_on_all_tagged(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space Down Down a");
	assert_string_equal(stage->ui.field.bytes, "0");
	stage_keys(stage, "- 9 9 9");
	ROWS(stage, RENDERER, CHROME, WORKER, JAVA, MYSQLD, 1, SSHD);
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.ntargets, 2);
	assert_int_equal(stage->command.targets[0].value, -999);
	assert_int_equal(stage->command.targets[1].value, -999);
}

static void adj_steps_and_stops_at_the_ends(void **state)
{
	struct stage *stage = *state;
	static const struct {
		const char *keys;
		const char *field;
	} steps[] = {
		{ "a Up", "1" },	       { "a Down Down", "-2" },
		{ "F7", "-10" },	       { "F8 F8", "20" },
		{ "a PageUp", "100" },	       { "a PageDown F7", "-110" },
		{ "a 9 9 9 Up Up F8", "1000" }, { "a - 9 9 5 PageDown", "-1000" },
	};
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		stage_keys(stage, steps[i].keys);
		assert_string_equal(stage->ui.field.bytes, steps[i].field);
		stage_keys(stage, "Escape");
	}
}

static void adj_step_from_a_number_beyond_all_bounds_is_taken_back(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a");
	stage_type(stage, "9223372036854775807");
	stage_keys(stage, "Up");
	assert_string_equal(stage->ui.field.bytes, "1000");
	stage_keys(stage, "^U");
	stage_type(stage, "-9223372036854775808");
	stage_keys(stage, "Down");
	assert_string_equal(stage->ui.field.bytes, "-1000");
}

static void adj_out_of_range_is_refused_and_audited(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 1 0 0 1");
	assert_false(stage->ui.previewing);
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_REFUSED);
	assert_int_equal(stage->command.plan->gate, GATE_REFUSED);
	assert_int_equal(stage->command.plan->after, 1001);
	assert_non_null(stage->ui.dialog);
	assert_non_null(strstr(stage->ui.message, "-1000 to 1000"));
}

static void adj_number_too_large_or_none_writes_nothing(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a");
	stage_type(stage, "99999999999999999999999");
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	stage_keys(stage, "^U Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	stage_keys(stage, "- Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_non_null(stage->ui.dialog);
}

static void adj_letter_leaves_the_value_that_stands_there(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "F8 x");
	assert_string_equal(stage->ui.field.bytes, "10");
	stage_keys(stage, "5");
	assert_string_equal(stage->ui.field.bytes, "5");
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.targets[0].value, 5);
}

static void adj_of_readonly_run_is_refused(void **state)
{
	struct stage *stage = *state;
	stage->env.readonly = true;
	stage_keys(stage, "a 5 Enter");
	assert_int_equal(stage->command.kind, UI_REFUSED);
	stage_keys(stage, "Escape");
	assert_null(stage->ui.dialog);
}

static void adj_of_init_is_written_with_a_warning(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "N Home a 5");
	assert_int_equal(stage->ui.plan.pid, 1);
	assert_int_equal(stage->ui.plan.gate, GATE_WARN);
	assert_non_null(strstr(stage->ui.plan.text, "inherits"));
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_ADJ);
}

static void adj_that_changes_nothing_is_not_written(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_null(stage->ui.dialog);
	assert_non_null(strstr(stage->ui.message, "already"));
}

static void adj_that_cannot_be_read_is_not_edited(void **state)
{
	struct stage *stage = *state;
	made_task(&stage->snap, JAVA)->group_state[TASK_ADJ] = FACT_DENIED;
	stage_update(stage);
	stage_keys(stage, "/ j a v a Enter a");
	assert_null(stage->ui.dialog);
	assert_int_equal(stage->ui.message_role, ROLE_ERROR);
}

static void adj_preview_takes_those_along_who_share_the_memory(void **state)
{
	struct stage *stage = *state;
	made_task(&stage->snap, CHROME)->mm_id = 7;
	made_task(&stage->snap, CHROME)->group_state[TASK_MMID] = FACT_KNOWN;
	made_task(&stage->snap, WORKER)->mm_id = 7;
	made_task(&stage->snap, WORKER)->group_state[TASK_MMID] = FACT_KNOWN;
	stage_update(stage);
	stage_keys(stage, "/ w o r k Enter a 4 4");
	assert_int_equal(stage->ui.preview.candidates[made_index(&stage->snap, CHROME)].adj, 44);
	assert_int_equal(stage->ui.preview.candidates[made_index(&stage->snap, JAVA)].adj, 0);
}

static void adj_preview_follows_the_next_tick(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a - 1 0 0");
	ROWS(stage, MYSQLD, JAVA, RENDERER, CHROME, WORKER, 1, SSHD);
	stage_next(stage, 2000);
	made_task(&stage->snap, JAVA)->rss_quick_pages = 900000;
	stage_update(stage);
	ROWS(stage, JAVA, MYSQLD, RENDERER, CHROME, WORKER, 1, SSHD);
	assert_true(stage->ui.previewing);
	assert_int_equal(stage->ui.preview.candidates[made_index(&stage->snap, JAVA)].adj, -100);
}

static void adj_of_a_process_that_went_is_not_written(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 5");
	stage_next(stage, 2000);
	stage_kill(stage, JAVA);
	stage_update(stage);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "The process has gone"));
	stage_keys(stage, "7 Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	stage_keys(stage, "Escape");
	assert_null(stage->ui.dialog);
	assert_int_equal(stage_cursor(stage), MYSQLD);
}

static void adj_is_not_applied_to_who_got_the_pid(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a - 9 0 0");
	stage_next(stage, 2000);
	made_task(&stage->snap, JAVA)->start_ticks = 8000000;
	stage_update(stage);
	/* The newcomer is not even previewed with it. */
	assert_false(stage->ui.previewing);
	assert_int_equal(stage->ui.whatif.nadjs, 0);
	assert_int_equal(stage_pid(stage, 0), JAVA);
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
}

static void adj_of_several_goes_on_for_those_who_live(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space a 7");
	stage_next(stage, 2000);
	stage_kill(stage, JAVA);
	stage_update(stage);
	assert_int_equal(stage->ui.whatif.nadjs, 1);
	assert_int_equal(stage->ui.whatif.adjs[0].pid, MYSQLD);
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_ADJ);
	/* The one that went is carried with its start time: apply refuses it. */
	assert_int_equal(stage->command.ntargets, 2);
	assert_int_equal(stage->command.targets[0].process.start_ticks, JAVA * 10);
}

static void adj_leaves_the_row_it_is_about_in_sight(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "End a");
	stage_draw(stage, 24, 80);
	assert_true(stage->ui.page_rows < 7);
	assert_true(stage->ui.cursor_row >= stage->ui.top_row);
	assert_true(stage->ui.cursor_row < stage->ui.top_row + stage->ui.page_rows);
}

/* --- undo ------------------------------------------------------------------------- */

static void keys_in_a_window_that_shows_nothing_do_nothing(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 5");
	stage_draw(stage, 9, 80);
	stage_keys(stage, "0 Enter Escape k Enter y");
	assert_int_equal(stage->command.kind, UI_NONE);
	stage_draw(stage, 24, 39);
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	/* The edit is still open as it was. */
	stage_draw(stage, 10, 40);
	assert_string_equal(stage->ui.field.bytes, "5");
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_ADJ);
	stage_draw(stage, 9, 39);
	stage_keys(stage, "q");
	assert_int_equal(stage->command.kind, UI_QUIT);
}

static void undo_without_a_change_says_so(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "U");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_non_null(strstr(stage->ui.message, "Nothing to undo"));
}

static void undo_takes_back_one_batch_at_a_time(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space a 7 Enter");
	stage_applied(stage);
	assert_string_equal(stage->ui.message, "2 of 2 done");
	stage_keys(stage, "= / c h r o Enter a 9 Enter");
	stage_applied(stage);
	assert_int_equal(stage->ui.nundo, 3);

	stage_keys(stage, "U");
	assert_int_equal(stage->command.kind, UI_APPLY_ADJ);
	assert_true(stage->command.is_undo);
	assert_int_equal(stage->command.ntargets, 1);
	assert_int_equal(stage->command.targets[0].process.pid, CHROME);
	assert_int_equal(stage->command.targets[0].value, 0);
	stage_applied(stage);
	stage_keys(stage, "U");
	assert_int_equal(stage->command.ntargets, 2);
	stage_applied(stage);
	assert_int_equal(made_task(&stage->snap, JAVA)->oom_score_adj, 0);
	assert_int_equal(stage->ui.nundo, 0);
	stage_keys(stage, "U");
	assert_int_equal(stage->command.kind, UI_NONE);
}

static void failed_write_is_not_undone(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "a 7 Enter");
	struct knob_plan plan;
	knob_plan_adj(&plan, &stage->snap, made_task(&stage->snap, JAVA), 7, false);
	struct knob_result result = { .error = -EACCES, .before_known = true, .text = "The kernel refused." };
	ui_result(&stage->ui, &stage->command, 0, &plan, &result);
	ui_results_done(&stage->ui, &stage->command, 1);
	assert_int_equal(stage->ui.nundo, 0);
	assert_string_equal(stage->ui.message, "The kernel refused.");
	assert_int_equal(stage->ui.message_role, ROLE_ERROR);
}

static void results_of_many_name_the_first_failure(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "Space Space Space a 7 Enter");
	struct knob_plan plan;
	knob_plan_adj(&plan, &stage->snap, made_task(&stage->snap, JAVA), 7, false);
	const struct knob_result results[] = {
		{ .before_known = true, .after = 7, .text = "done" },
		{ .error = -EACCES, .text = "refused A" },
		{ .error = -ESRCH, .text = "refused B" },
	};
	for (uint32_t i = 0; i < 3; i++)
		ui_result(&stage->ui, &stage->command, i, &plan, &results[i]);
	ui_results_done(&stage->ui, &stage->command, 2);
	assert_string_equal(stage->ui.message, "1 of 3 done; first failure: refused A");
	assert_int_equal(stage->ui.message_role, ROLE_ERROR);
	assert_int_equal(stage->ui.nundo, 1);
}

/* --- sysctls ---------------------------------------------------------------------- */

static void sysctl_without_danger_is_written_by_enter(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S Down Down Down Down Down Down Down Down Down Down Enter");
	assert_true(stage->ui.editing);
	assert_string_equal(stage->ui.field.bytes, "60");
	stage_keys(stage, "1 0 Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_SYSCTL);
	assert_int_equal(stage->command.sysctl, SYSCTL_SWAPPINESS);
	assert_int_equal(stage->command.value, 10);
	assert_false(stage->ui.editing);
}

static void sysctl_that_can_hang_the_host_wants_the_word_yes(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S Enter 1");
	assert_int_equal(stage->ui.preview_verdict.action, ACTION_PANIC);
	stage_keys(stage, "Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_true(stage->ui.confirming);
	stage_keys(stage, "y e s Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_SYSCTL);
	assert_int_equal(stage->command.sysctl, SYSCTL_PANIC_ON_OOM);
	assert_int_equal(stage->command.value, 1);
	assert_false(stage->ui.previewing);
}

static void any_other_word_writes_nothing(void **state)
{
	static const char *const words[] = { "no", "y", "YES", "yess", "ye", "" };
	struct stage *stage = *state;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		stage_keys(stage, "S Enter 1 Enter");
		assert_true(stage->ui.confirming);
		stage_type(stage, words[i]);
		stage_keys(stage, "Enter");
		/* Like every refused attempt it goes to the audit. */
		assert_int_equal(stage->command.kind, UI_REFUSED);
		assert_int_equal(stage->command.plan->gate, GATE_REFUSED);
		assert_int_equal(stage->command.plan->sysctl, SYSCTL_PANIC_ON_OOM);
		assert_int_equal(stage->command.plan->after, 1);
		assert_non_null(strstr(stage->command.plan->text, "another word was typed"));
		assert_false(stage->ui.editing);
		assert_non_null(strstr(stage->ui.message, "Nothing was written"));
		stage_keys(stage, "q");
	}
}

static void sysctl_escape_restores_the_models_verdict(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S Enter 1 Escape");
	assert_false(stage->ui.editing);
	assert_false(stage->ui.previewing);
	stage_keys(stage, "Enter 1 Enter Escape q");
	assert_false(stage->ui.confirming);
	assert_false(stage->ui.previewing);
	assert_int_equal(stage->command.kind, UI_NONE);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "NEXT java (100)"));
}

static void sysctl_out_of_range_is_refused(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S Enter 3 Enter");
	assert_int_equal(stage->command.kind, UI_REFUSED);
	assert_true(stage->ui.editing);
}

static void sysctl_absent_is_not_edited(void **state)
{
	struct stage *stage = *state;
	stage->snap.system.sysctl[SYSCTL_PANIC_ON_OOM].state = FACT_ABSENT;
	stage_update(stage);
	stage_keys(stage, "S Enter");
	assert_false(stage->ui.editing);
	assert_int_equal(stage->ui.message_role, ROLE_ERROR);
}

static void sysctl_plan_follows_the_figures_while_yes_is_asked_for(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S Enter 1 Enter");
	assert_non_null(strstr(stage->ui.plan.text, "hangs the host"));
	stage_next(stage, 2000);
	make_sysctl(&stage->snap, SYSCTL_PANIC, 10);
	stage_update(stage);
	assert_true(stage->ui.confirming);
	assert_non_null(strstr(stage->ui.plan.text, "reboots the host after 10 s"));
	stage_keys(stage, "y e s Enter");
	assert_int_equal(stage->command.value, 1);
}

static void sysctl_undo_is_weighed_again(void **state)
{
	struct stage *stage = *state;
	make_sysctl(&stage->snap, SYSCTL_PANIC_ON_OOM, 1);
	stage_update(stage);
	stage_keys(stage, "S Enter 0 Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_SYSCTL);
	stage_applied(stage);
	/* Going back to 1 would hang the host at the first OOM. */
	stage_keys(stage, "q U");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_true(stage->ui.editing);
	assert_int_equal(stage->ui.nundo, 1);
	stage_keys(stage, "Enter y e s Enter");
	assert_int_equal(stage->command.kind, UI_APPLY_SYSCTL);
	assert_int_equal(stage->command.value, 1);
	assert_true(stage->command.is_undo);
	assert_int_equal(stage->ui.nundo, 0);
}

static void sysctl_undo_without_danger_is_written_at_once(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "S End Up Enter 1 0 Enter");
	stage_applied(stage);
	stage_keys(stage, "U");
	assert_int_equal(stage->command.kind, UI_APPLY_SYSCTL);
	assert_int_equal(stage->command.sysctl, SYSCTL_SWAPPINESS);
	assert_int_equal(stage->command.value, 60);
	assert_true(stage->command.is_undo);
}

static void undo_of_overcommit_kbytes_writes_the_ratio_it_zeroed(void **state)
{
	struct stage *stage = *state;
	struct ui_command command = { .kind = UI_APPLY_SYSCTL, .sysctl = SYSCTL_OVERCOMMIT_KBYTES, .value = 4000000 };
	struct knob_plan plan;
	knob_plan_sysctl(&plan, &stage->snap, command.sysctl, command.value, false);
	struct knob_result result = { .before_known = true, .before = 0, .after_known = true, .after = 4000000,
				      .partner_known = true, .partner_before = 50 };
	ui_result(&stage->ui, &command, 0, &plan, &result);
	stage_keys(stage, "U");
	assert_int_equal(stage->command.sysctl, SYSCTL_OVERCOMMIT_RATIO);
	assert_int_equal(stage->command.value, 50);
}

/* --- signals ---------------------------------------------------------------------- */

static void signal_is_sent_only_after_y(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "k Down Enter");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_true(stage->ui.confirming);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "Send SIGKILL to java (100)? y/n"));
	stage_keys(stage, "y");
	assert_int_equal(stage->command.kind, UI_SIGNAL);
	assert_int_equal(stage->command.value, 9);
	assert_int_equal(stage->command.ntargets, 1);
	assert_int_equal(stage->command.targets[0].process.pid, JAVA);
	assert_int_equal(stage->command.targets[0].process.start_ticks, JAVA * 10);
	assert_null(stage->ui.dialog);
}

static void signal_is_not_sent_after_anything_else(void **state)
{
	static const char *const keys[] = { "k Enter n", "k Enter Enter", "k Enter Escape", "k Enter Space", "k q", "k Escape" };
	struct stage *stage = *state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		stage_keys(stage, keys[i]);
		assert_int_equal(stage->command.kind, UI_NONE);
		assert_null(stage->ui.dialog);
		assert_false(stage->ui.confirming);
	}
}

static void signal_question_tells_only_what_is_to_be_minded(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "k Enter");
	assert_shown(stage, "Send SIGTERM to java (100)? y/n");
	assert_false(stage_shows(stage, "is sent to"));
	stage_keys(stage, "n k Down Enter");
	assert_shown(stage, "It ends at once and can save nothing.");
	stage_kill(stage, JAVA);
	stage_update(stage);
	assert_shown(stage, "The process has gone; any key closes.");
	assert_false(stage_shows(stage, "It ends at once"));
}

static void nobody_under_the_cursor_is_told(void **state)
{
	struct stage *stage = *state;
	static const char *const keys[] = { "a", "F7", "k", "G" };
	stage_keys(stage, "\\ z z Enter");
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		stage_keys(stage, keys[i]);
		assert_null(stage->ui.dialog);
		assert_shown(stage, "No process stands under the cursor.");
	}
}

static void signal_to_init_is_refused(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "N Home k Enter");
	assert_int_equal(stage->command.kind, UI_REFUSED);
	assert_null(stage->ui.dialog);
}

static void signal_is_not_sent_to_who_got_the_pid(void **state)
{
	struct stage *stage = *state;
	stage_keys(stage, "k Enter");
	stage_next(stage, 2000);
	made_task(&stage->snap, JAVA)->start_ticks = 8000000;
	stage_update(stage);
	stage_draw(stage, 24, 80);
	assert_true(stage_shows(stage, "The process has gone"));
	stage_keys(stage, "y");
	assert_int_equal(stage->command.kind, UI_NONE);
	assert_int_equal(stage->ui.message_role, ROLE_ERROR);
}

static void tab_types_on_the_scale_of_oom_adj(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	made_task(&stage.snap, JAVA)->oom_score_adj = 500;
	stage_update(&stage);
	stage_keys(&stage, "a Tab");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "oom_adj of java (100)"));
	assert_true(stage_shows(&stage, "now 8 (oom_score_adj 500)   new 8"));
	assert_true(stage_shows(&stage, "(-1 leaves the top)")); /* -58, where -51 would do */
	stage_keys(&stage, "- 8");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "new -8      (oom_score_adj -470)"));
	assert_non_null(strstr(stage.ui.plan.text, "The kernel keeps oom_score_adj -470, which reads back as oom_adj -7."));
	assert_int_equal(stage.ui.preview.candidates[made_index(&stage.snap, JAVA)].adj, -470);
	assert_int_equal(stage.ui.preview.candidates[made_index(&stage.snap, JAVA)].points, 300700 - 470 * 1000);
	stage_keys(&stage, "Enter");
	assert_int_equal(stage.command.kind, UI_APPLY_ADJ);
	assert_true(stage.command.on_oom_adj);
	assert_int_equal(stage.command.value, -8);
	assert_int_equal(stage.command.targets[0].value, -470);
	stage_applied(&stage);
	/* Undone as what it was: an oom_score_adj. */
	stage_keys(&stage, "U");
	assert_false(stage.command.on_oom_adj);
	assert_int_equal(stage.command.targets[0].value, 500);
	/* The next edit begins on the usual scale. */
	stage_keys(&stage, "a");
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "oom_score_adj of java (100)"));
	stage_done(&stage);
}

static void tab_goes_there_and_back(void **state)
{
	(void)state;
	static const struct {
		const char *keys;
		const char *field;
	} cases[] = {
		{ "a 1 0 0 0 Tab", "15" },	{ "a - 1 0 0 0 Tab", "-17" },	{ "a 1 0 0 Tab", "1" },
		{ "a Tab 1 5 Tab", "1000" },	{ "a Tab - 1 7 Tab", "-1000" }, { "a Tab 3 Tab", "176" },
		{ "a Tab 1 6 Up", "15" },	{ "a Tab - 9 9 Up", "-17" },	{ "a Tab Down PageDown", "-6" },
		{ "a 5 0 0 0 Tab", "15" },	{ "a Tab F8 F8 F7", "1" },	{ "a Tab End Backspace x Tab", "0" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct stage stage;
		stage_init(&stage);
		stage_of_six(&stage);
		stage_keys(&stage, cases[i].keys);
		char text[32];
		text_copy(field_text(&stage.ui.field), text, sizeof text);
		assert_string_equal(text, cases[i].field);
		stage_done(&stage);
	}
}

static void an_oom_adj_out_of_range_is_refused(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	stage_of_six(&stage);
	stage_keys(&stage, "a Tab 1 6 Enter");
	assert_int_equal(stage.command.kind, UI_REFUSED);
	stage_draw(&stage, 24, 80);
	assert_true(stage_shows(&stage, "oom_adj takes -17 to 15; 16 is outside."));
	assert_false(stage.ui.previewing);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(adj_preview_ranks_before_anything_is_written),
		STAGE_TEST(adj_command_carries_target_and_value),
		STAGE_TEST(adj_acts_on_all_tagged),
		STAGE_TEST(adj_steps_and_stops_at_the_ends),
		STAGE_TEST(adj_step_from_a_number_beyond_all_bounds_is_taken_back),
		STAGE_TEST(adj_out_of_range_is_refused_and_audited),
		STAGE_TEST(adj_number_too_large_or_none_writes_nothing),
		STAGE_TEST(adj_letter_leaves_the_value_that_stands_there),
		STAGE_TEST(adj_of_readonly_run_is_refused),
		STAGE_TEST(adj_of_init_is_written_with_a_warning),
		STAGE_TEST(adj_that_changes_nothing_is_not_written),
		STAGE_TEST(adj_that_cannot_be_read_is_not_edited),
		STAGE_TEST(adj_preview_takes_those_along_who_share_the_memory),
		STAGE_TEST(adj_preview_follows_the_next_tick),
		STAGE_TEST(adj_of_a_process_that_went_is_not_written),
		STAGE_TEST(adj_is_not_applied_to_who_got_the_pid),
		STAGE_TEST(adj_of_several_goes_on_for_those_who_live),
		STAGE_TEST(adj_leaves_the_row_it_is_about_in_sight),
		STAGE_TEST(keys_in_a_window_that_shows_nothing_do_nothing),
		STAGE_TEST(undo_without_a_change_says_so),
		STAGE_TEST(undo_takes_back_one_batch_at_a_time),
		STAGE_TEST(failed_write_is_not_undone),
		STAGE_TEST(results_of_many_name_the_first_failure),
		STAGE_TEST(sysctl_without_danger_is_written_by_enter),
		STAGE_TEST(sysctl_that_can_hang_the_host_wants_the_word_yes),
		STAGE_TEST(any_other_word_writes_nothing),
		STAGE_TEST(sysctl_escape_restores_the_models_verdict),
		STAGE_TEST(sysctl_out_of_range_is_refused),
		STAGE_TEST(sysctl_absent_is_not_edited),
		STAGE_TEST(sysctl_plan_follows_the_figures_while_yes_is_asked_for),
		STAGE_TEST(sysctl_undo_is_weighed_again),
		STAGE_TEST(sysctl_undo_without_danger_is_written_at_once),
		STAGE_TEST(undo_of_overcommit_kbytes_writes_the_ratio_it_zeroed),
		STAGE_TEST(signal_is_sent_only_after_y),
		STAGE_TEST(signal_is_not_sent_after_anything_else),
		STAGE_TEST(signal_question_tells_only_what_is_to_be_minded),
		STAGE_TEST(nobody_under_the_cursor_is_told),
		STAGE_TEST(signal_to_init_is_refused),
		STAGE_TEST(signal_is_not_sent_to_who_got_the_pid),
		cmocka_unit_test(tab_types_on_the_scale_of_oom_adj),
		cmocka_unit_test(tab_goes_there_and_back),
		cmocka_unit_test(an_oom_adj_out_of_range_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
