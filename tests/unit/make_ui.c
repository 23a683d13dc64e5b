/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "make_ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "make_ui: %s\n", what);
		abort();
	}
}

void stage_init(struct stage *stage)
{
	memset(stage, 0, sizeof *stage);
	snapshot_init(&stage->snap);
	model_init(&stage->model);
	labels_init(&stage->labels, 8);
	must(labels_keep_cmdlines(&stage->labels, 8) == 0, "no memory");
	labels_add_user(&stage->labels, 0, TEXT("root"));
	labels_add_user(&stage->labels, 1000, TEXT("alice"));
	ui_init(&stage->ui);
	frame_init(&stage->frame);
	events_init(&stage->events);
	stage->env = (struct ui_env){ .snap = &stage->snap, .model = &stage->model, .labels = &stage->labels,
				      .delay_s = 2.0, .theme_name = "default" };
}

void stage_done(struct stage *stage)
{
	ui_done(&stage->ui);
	frame_done(&stage->frame);
	events_done(&stage->events);
	model_done(&stage->model);
	labels_done(&stage->labels);
	snapshot_done(&stage->snap);
}

int stage_setup(void **state)
{
	*state = malloc(sizeof(struct stage));
	must(*state != NULL, "no memory");
	stage_init(*state);
	return 0;
}

int stage_setup_of_six(void **state)
{
	stage_setup(state);
	stage_of_six(*state);
	return 0;
}

int stage_teardown(void **state)
{
	stage_done(*state);
	free(*state);
	return 0;
}

void stage_update(struct stage *stage)
{
	must(model_update(&stage->model, &stage->snap, NULL, 3) == 0, "model_update");
	if (ui_wants_memcgs(&stage->ui))
		must(memcg_outlooks_make(&stage->model.outlooks, &stage->snap, &stage->model.rules, &stage->model.ranking,
					 NULL) == 0, "memcg_outlooks_make");
	must(ui_update(&stage->ui, &stage->env) == 0, "ui_update");
}

void stage_begin(struct stage *stage)
{
	stage_update(stage);
}

void stage_of_six(struct stage *stage)
{
	MAKE_SNAPSHOT(&stage->snap, 1000000, 0, MADE_INIT, MADE_KTHREAD,
		      { .pid = JAVA, .comm = "java", .rss = 300000, .pgt = 700, .uid = 1000 },
		      { .pid = MYSQLD, .comm = "mysqld", .rss = 250000, .pgt = 600 },
		      { .pid = SSHD, .comm = "sshd", .rss = 1000, .pgt = 20, .adj = -1000 },
		      { .pid = CHROME, .comm = "chrome", .rss = 60000, .pgt = 300, .uid = 1000 },
		      { .pid = RENDERER, .ppid = CHROME, .comm = "renderer", .rss = 90000, .pgt = 300, .uid = 1000, .adj = 100 },
		      { .pid = WORKER, .ppid = RENDERER, .comm = "worker", .rss = 500, .pgt = 10, .uid = 1000 });
	stage_begin(stage);
	stage_draw(stage, 24, 80);
}

void stage_next(struct stage *stage, uint64_t ms)
{
	struct snapshot before = stage->snap;
	make_next(&stage->snap, &before, ms);
	snapshot_done(&before);
}

void stage_kill(struct stage *stage, int32_t pid)
{
	uint32_t index = made_index(&stage->snap, pid);
	stage->snap.ntasks--;
	memmove(&stage->snap.tasks[index], &stage->snap.tasks[index + 1],
		(stage->snap.ntasks - index) * sizeof *stage->snap.tasks);
}

static void feed(struct stage *stage, struct key key)
{
	struct ui_command command = ui_key(&stage->ui, &stage->env, key);
	if (command.kind != UI_NONE)
		stage->command = command;
	/* A refresh is a tick, and what the ui wants to know may have changed. */
	if (command.kind == UI_REFRESH)
		stage_update(stage);
}

void stage_keys(struct stage *stage, const char *names)
{
	struct text rest = text_of_str(names), word;
	stage->command = (struct ui_command){ .kind = UI_NONE };
	while (text_next_word(&rest, &word)) {
		struct key key;
		must(key_parse(word, &key) == 0, "a key without that name");
		feed(stage, key);
	}
}

void stage_type(struct stage *stage, const char *text)
{
	struct text rest = text_of_str(text);
	stage->command = (struct ui_command){ .kind = UI_NONE };
	while (rest.len > 0) {
		struct key key;
		size_t len = text_utf8_decode(rest, &key.code);
		must(len > 0, "not UTF-8");
		feed(stage, key);
		rest = text_of(rest.ptr + len, rest.len - len);
	}
}

/* What a command orders for its i-th target. */
static struct change ordered(const struct ui_command *command, uint32_t i)
{
	if (command->kind == UI_APPLY_CHANGES)
		return command->writes[i].change;
	struct change change = { .kind = command->kind == UI_APPLY_SYSCTL ? KNOB_SYSCTL : KNOB_MEMCG, .sysctl = command->sysctl,
				 .group = command->group, .file = command->file, .value = command->value };
	if (command->kind == UI_APPLY_ADJ)
		change = (struct change){ .kind = KNOB_ADJ, .process = command->targets[i].process,
					  .value = command->targets[i].value };
	return change;
}

static void carry_out(struct snapshot *snap, const struct change *change, struct knob_plan *plan, struct knob_result *result)
{
	*result = (struct knob_result){ .before_known = true, .after_known = true };
	if (change->kind == KNOB_SYSCTL) {
		knob_plan_sysctl(plan, snap, change->sysctl, change->value, false);
		snap->system.sysctl[change->sysctl].value = change->value;
	} else if (change->kind == KNOB_MEMCG) {
		uint32_t memcg = group_find(snap, change->group);
		knob_plan_memcg(plan, snap, memcg, change->file, change->value, NULL, false);
		if (change->file == MEMCG_FILE_MAX)
			snap->memcgs[memcg].max_bytes = change->value == KNOB_UNLIMITED ? MEMCG_UNLIMITED :
											  (uint64_t)change->value;
		else if (change->file == MEMCG_FILE_OOM_GROUP)
			snap->memcgs[memcg].oom_group = change->value == 1;
	} else {
		struct task *task = made_task(snap, change->process.pid);
		knob_plan_adj(plan, snap, task, (int)change->value, false);
		task->oom_score_adj = (int16_t)change->value;
	}
	result->before = plan->before;
	result->after = plan->after;
}

void stage_applied(struct stage *stage)
{
	const struct ui_command *command = &stage->command;
	uint32_t n = command->kind == UI_APPLY_CHANGES ? command->nwrites :
		     command->kind == UI_APPLY_ADJ     ? command->ntargets :
							 1;
	for (uint32_t i = 0; i < n; i++) {
		const struct change change = ordered(command, i);
		struct knob_plan plan;
		struct knob_result result;
		carry_out(&stage->snap, &change, &plan, &result);
		snprintf(result.text, sizeof result.text, "done %u", i);
		ui_result(&stage->ui, command, i, &plan, &result);
	}
	ui_results_done(&stage->ui, command, 0);
	stage_update(stage);
}

void stage_draw(struct stage *stage, uint16_t rows, uint16_t columns)
{
	if (stage->frame.rows != rows || stage->frame.columns != columns)
		must(frame_resize(&stage->frame, rows, columns) == 0, "no memory");
	ui_draw(&stage->ui, &stage->env, &stage->frame);
}

bool stage_shows(const struct stage *stage, const char *text)
{
	char *dump = frame_dump(&stage->frame, false);
	must(dump != NULL, "no memory");
	bool found = strstr(dump, text) != NULL;
	free(dump);
	return found;
}

bool stage_has(struct stage *stage, const char *text)
{
	stage_draw(stage, 24, 80);
	if (stage_shows(stage, text))
		return true;
	char *dump = frame_dump(&stage->frame, false);
	fprintf(stderr, "'%s' is not in\n%s\n", text, dump ? dump : "");
	free(dump);
	return false;
}

int32_t stage_pid(const struct stage *stage, uint32_t row)
{
	return row < stage->ui.view.nrows ? stage->snap.tasks[stage->ui.view.rows[row]].pid : 0;
}

int32_t stage_cursor(const struct stage *stage)
{
	return stage_pid(stage, stage->ui.cursor_row);
}

static void add_event(struct stage *stage, unsigned n, const struct event *event, const char *explanation)
{
	if (stage->events.n == n)
		return;
	events_add(&stage->events, event, text_of_str(explanation));
}

void stage_history(struct stage *stage)
{
	stage->env.history = &stage->history;
	for (uint64_t step = 0; step < 90; step++) {
		if (step >= 60 && step < 63)
			continue; /* paused */
		history_push(&stage->history, step * HISTORY_STEP_NS, step < 75 ? 980 - 13 * step : 400, 1000);
	}
	history_mark(&stage->history, 89 * HISTORY_STEP_NS);
	stage->history.steps[76 % HISTORY_STEPS].kills = 1;
}

void stage_events(struct stage *stage, unsigned n)
{
	snprintf(stage->events.source, sizeof stage->events.source, "the kernel's log");
	stage->env.events = &stage->events;
	add_event(stage, n,
		  &(struct event){ .logged = true, .has_time = true, .clock = "2026-11-20 03:12:45", .victim = "mysqld (1200)",
				   .scope = "on the host", .has_points = true, .points = "6.10G" },
		  "1. mysqld (1200) was killed: the host had run out of memory.\n"
		  "  when       2026-11-20T03:12:45.000Z, kernel 6.1.0\n"
		  "  worst      1. mysqld (1200)              1599078 points  <- the victim\n\n");
	add_event(stage, n,
		  &(struct event){ .live = true, .logged = true, .has_time = true, .clock = "2026-11-21 22:41:07",
				   .victim = "java (1804)", .others = 2, .scope = "by the limit of /system.slice/app.service",
				   .has_points = true, .points = "3.20G", .foretold = FORETOLD_RIGHT, .rank = 1,
				   .because = "it was foretold, and sure" },
		  "2. java (1804) was killed: /system.slice/app.service had met its limit of 3.00G.\n");
	add_event(stage, n,
		  &(struct event){ .live = true, .logged = true, .has_time = true, .clock = "2026-11-21 22:44:30",
				   .victim = "worker (77)", .scope = "on the host", .foretold = FORETOLD_WRONG, .rank = 5,
				   .because = "chrome (400) was foretold; the victim grew by 2.10G between that tick and the kill" },
		  "3. worker (77) was killed: the host had run out of memory.\n");
	add_event(stage, n,
		  &(struct event){ .live = true, .has_time = true, .clock = "2026-11-21 22:50:00", .victim = "somebody",
				   .scope = "in /box", .because = "by the kernel's counters alone, the log has no line of it" },
		  NULL);
}
