/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor under any keys and any host: an input is a little program, one
 * operation a byte (with its operand in those that follow). Bytes below 0x80
 * are typed as they are, or as a special key; from 0x80 on the host changes,
 * the terminal is resized, an order is carried out or fails. After each
 * operation the screen is drawn; no cell may hold anything unprintable, the
 * cursor must stand within the list, and no order may name a process that is
 * not named by pid and start time.
 */
#include <string.h>

#include "fuzz.h"
#include "oomsight/tui/ui.h"

#define TASKS_MOST 24
#define OPERATIONS_MOST 400

struct fuzzed {
	struct snapshot snaps[2];
	unsigned current;
	struct model model;
	struct labels labels;
	struct ui ui;
	struct ui_env env;
	struct frame frame;
	const uint8_t *data;
	size_t size;
};

static uint8_t next_byte(struct fuzzed *f)
{
	if (f->size == 0)
		return 0;
	f->size--;
	return *f->data++;
}

static uint64_t next_amount(struct fuzzed *f)
{
	uint8_t byte = next_byte(f);
	return (uint64_t)(byte & 15) << (byte >> 4) * 4;
}

static struct snapshot *snap_of(struct fuzzed *f)
{
	return &f->snaps[f->current];
}

static void fill_host(struct snapshot *snap)
{
	strcpy(snap->host, "fuzz\x1b[2J");
	strcpy(snap->release, "6.18.2");
	snap->page_bytes = 4096;
	snap->ticks_per_s = 100;
	snap->cpus = 2;
	snap->observer.pid = 99;
	snap->observer.in_init_pid_ns = snap->observer.in_init_user_ns = true;
	snap->observer.cap_eff = ~0ULL;
	snap->system.state[SYS_MEM_TOTAL] = snap->system.state[SYS_SWAP_TOTAL] = FACT_KNOWN;
	snap->system.value[SYS_MEM_TOTAL] = 1ULL << 34;
	for (int i = 0; i < SYSCTL__COUNT; i++)
		snap->system.sysctl[i].state = FACT_KNOWN;
}

static void add_task(struct fuzzed *f, struct snapshot *snap, int32_t pid)
{
	/* Up to 16 bytes of the input are a name, whatever they are. */
	struct text_ref comm;
	size_t len = f->size < 16 ? f->size : 16;
	if (snap->arena_len == 0) /* some name there always is */
		MUST(snapshot_add_text(snap, TEXT("x"), &comm) == 0);
	MUST(snapshot_add_text(snap, text_of((const char *)f->data, len), &comm) == 0);
	struct task *task = snapshot_add_task(snap, pid);
	MUST(task);
	uint8_t kind = next_byte(f);
	task->ppid = next_byte(f) % (TASKS_MOST + 2);
	task->start_ticks = (uint64_t)(kind >> 6) + 5;
	task->comm = comm;
	task->uid = kind & 8 ? 4294967295U : kind & 3;
	task->state = (char)kind;
	task->flags = (kind & 60) == 60 ? TASK_FLAG_KTHREAD : 0;
	task->oom_score_adj = (int16_t)((int)next_byte(f) * 8 - 1000);
	if (task->oom_score_adj > 1000)
		task->oom_score_adj = 1000;
	task->rss_pages = task->rss_quick_pages = next_amount(f);
	task->swap_pages = next_amount(f);
	task->pgtables_bytes = task->virt_bytes = next_amount(f);
	task->mm_id = kind & 16 ? 7 : 0;
	task->threads = (uint32_t)task->rss_pages;
	for (unsigned group = 0; group < TASK__GROUPS; group++)
		task->group_state[group] = (kind & 7) == group % 8 ? FACT_DENIED : FACT_KNOWN;
}

/* The next tick: everybody anew; pids repeat, start times not always. */
static void tick(struct fuzzed *f)
{
	const struct snapshot *before = snap_of(f);
	struct snapshot *next = &f->snaps[1 - f->current];
	snapshot_clear(next);
	fill_host(next);
	next->tick = before->tick + 1;
	next->monotonic_ns = next->boottime_ns = next->tick * 1000000000;
	uint8_t host = next_byte(f);
	for (int i = 0; i < SYSCTL__COUNT; i++)
		next->system.sysctl[i].value = host & 1 ? (host >> 1) % 3 : 0;
	for (int i = 0; i < SYS__COUNT && host & 2; i++) {
		next->system.state[i] = FACT_KNOWN;
		next->system.value[i] = host & 4 ? UINT64_MAX : (uint64_t)host << 28;
	}
	unsigned n = next_byte(f) % (TASKS_MOST + 1);
	for (unsigned i = 0; i < n; i++)
		add_task(f, next, (int32_t)i + 1 + (host & 128 ? 4000000 : 0));
	/* A few groups, each below one before it or beside it. */
	unsigned groups = next_byte(f) % 6;
	next->memcg_version = host & 64 ? MEMCG_V1 : MEMCG_V2;
	for (unsigned i = 0; i < groups; i++) {
		struct memcg *memcg = snapshot_add_memcg(next, i ? i - 1 - (host >> 3) % i : TASK_MEMCG_UNKNOWN);
		char path[3] = { '/', (char)next_byte(f), '\0' };
		MUST(memcg && snapshot_add_text(next, text_of(path, i ? 2 : 1), &memcg->path) == 0);
		memcg->usage_bytes = next_amount(f);
		memcg->max_bytes = host & 16 ? MEMCG_UNLIMITED : next_amount(f);
		memcg->events[MEMCG_EVENT_OOM_KILL] = next_amount(f);
		memcg->events_known = host;
		for (unsigned group = 0; group < MEMCG__GROUPS; group++)
			memcg->group_state[group] = (host & 15) == group ? FACT_DENIED : FACT_KNOWN;
	}
	snapshot_link_memcgs(next);
	MUST(snapshot_reserve_nodes(next, 2) == 0);
	for (uint32_t i = 0; i < (host & 32 ? 2U : 0); i++)
		next->nodes[next->nnodes++] = (struct node){ .id = i * 1023, .present_pages = next_amount(f) };
	for (unsigned i = 0; i < n && groups > 0; i++)
		next->tasks[i].memcg = i % groups;
	f->current = 1 - f->current;
	f->env.snap = snap_of(f);
	MUST(model_update(&f->model, snap_of(f), NULL, 3) == 0);
	if (ui_wants_memcgs(&f->ui))
		MUST(memcg_outlooks_make(&f->model.outlooks, snap_of(f), &f->model.rules, &f->model.ranking, NULL) == 0);
	MUST(ui_update(&f->ui, &f->env) == 0);
}

static void draw(struct fuzzed *f)
{
	ui_draw(&f->ui, &f->env, &f->frame);
	for (uint32_t i = 0; i < (uint32_t)f->frame.rows * f->frame.columns; i++) {
		const struct cell *cell = &f->frame.cells[i];
		MUST(cell->role < ROLE__COUNT);
		if (cell->code == 0)
			MUST(i % f->frame.columns > 0 && cell[-1].code >= 0xa0);
		else
			MUST(cell->code >= 0x20 && (cell->code < 0x7f || cell->code >= 0xa0) && cell->code <= 0x10ffff);
		MUST(!f->frame.ascii || (cell->code >= 0x20 && cell->code < 0x7f));
	}
	MUST(f->ui.view.nrows == 0 || f->ui.cursor_row < f->ui.view.nrows);
	uint32_t first, last;
	ui_visible(&f->ui, &first, &last);
	MUST(first <= last && last <= f->ui.view.nrows);
}

/* What is ordered for one target; a signal has no value to be written. */
static struct change ordered(const struct ui_command *command, uint32_t i)
{
	switch (command->kind) {
	case UI_APPLY_CHANGES:
		return command->writes[i].change;
	case UI_APPLY_SYSCTL:
		return (struct change){ .kind = KNOB_SYSCTL, .sysctl = command->sysctl, .value = command->value };
	case UI_APPLY_MEMCG:
		return (struct change){ .kind = KNOB_MEMCG, .group = command->group, .file = command->file,
					.value = command->value };
	default:
		return (struct change){ .kind = command->kind == UI_SIGNAL ? KNOB_SIGNAL : KNOB_ADJ,
					.process = command->targets[i].process, .value = command->targets[i].value };
	}
}

/* What the application would say to an order. */
static void obey(struct fuzzed *f, const struct ui_command *command, bool succeeds)
{
	uint32_t n = 0;
	if (command->kind == UI_REFUSED)
		MUST(command->plan && command->plan->gate == GATE_REFUSED);
	if (command->kind == UI_DELAY)
		MUST(command->number >= 0.1 && command->number <= 3600);
	if (command->kind == UI_APPLY_SYSCTL || command->kind == UI_APPLY_MEMCG)
		n = 1;
	else if (command->kind == UI_APPLY_ADJ || command->kind == UI_SIGNAL)
		MUST((n = command->ntargets) > 0);
	else if (command->kind == UI_APPLY_CHANGES)
		MUST((n = command->nwrites) > 0);
	if (n == 0 || command->declined)
		return;
	for (uint32_t i = 0; i < n; i++) {
		const struct change change = ordered(command, i);
		const struct knob_plan plan = { .kind = change.kind, .sysctl = change.sysctl, .file = change.file,
						.version = MEMCG_V2, .pid = change.process.pid,
						.start_ticks = change.process.start_ticks, .after = change.value };
		const struct knob_result result = { .error = succeeds ? 0 : -1, .before_known = true, .before = 1,
						    .text = "\xff" "said" };
		if (change.kind == KNOB_ADJ || change.kind == KNOB_SIGNAL)
			MUST(plan.pid > 0 && plan.start_ticks > 0);
		MUST(change.kind != KNOB_ADJ || (change.value >= -1000 && change.value <= 1000));
		ui_result(&f->ui, command, i, &plan, &result);
	}
	if (command->kind != UI_APPLY_SYSCTL && command->kind != UI_APPLY_MEMCG)
		ui_results_done(&f->ui, command, succeeds ? 0 : n);
}

static struct key key_of(uint8_t byte)
{
	if (byte >= 0x20 && byte < 0x7f)
		return (struct key){ byte };
	if (byte == '\n')
		return (struct key){ KEY_CODE_ENTER };
	if (byte == 0x1b)
		return (struct key){ KEY_CODE_ESCAPE };
	return (struct key){ KEY_CODE_SPECIAL + byte };
}

static void resize(struct fuzzed *f)
{
	static const struct {
		uint16_t rows, columns;
	} sizes[] = { { 24, 80 }, { 10, 40 }, { 60, 200 }, { 9, 39 }, { 0, 0 }, { 1, 1 }, { 11, 131 }, { 30, 41 } };
	unsigned at = next_byte(f) % 16;
	f->frame.ascii = at >= 8;
	MUST(frame_resize(&f->frame, sizes[at % 8].rows, sizes[at % 8].columns) == 0);
}

static void operate(struct fuzzed *f)
{
	uint8_t byte = next_byte(f);
	struct ui_command command;
	if (byte < 0x80)
		command = ui_key(&f->ui, &f->env, key_of(byte));
	else if (byte < 0xa0)
		command = ui_key(&f->ui, &f->env, (struct key){ KEY_CODE_CTRL + 'a' + (byte & 31) % 26U });
	else if (byte < 0xb0)
		command = ui_key(&f->ui, &f->env, (struct key){ KEY_CODE_F1 + byte % 12U });
	else if (byte < 0xe0)
		return tick(f);
	else if (byte < 0xf0)
		return resize(f);
	else {
		f->env.readonly = byte & 1;
		f->ui.cmdlines = byte & 2;
		return;
	}
	obey(f, &command, f->size % 3 > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzzed f = { .data = data, .size = size };
	snapshot_init(&f.snaps[0]);
	snapshot_init(&f.snaps[1]);
	model_init(&f.model);
	ui_init(&f.ui);
	frame_init(&f.frame);
	labels_init(&f.labels, 2);
	labels_add_user(&f.labels, 0, TEXT("ro\x1bot"));
	f.env = (struct ui_env){ .model = &f.model, .labels = &f.labels, .delay_s = 1, .theme_name = "default" };
	MUST(frame_resize(&f.frame, 24, 80) == 0);
	tick(&f);
	for (int i = 0; i < OPERATIONS_MOST && f.size > 0; i++) {
		operate(&f);
		draw(&f);
	}
	ui_done(&f.ui);
	model_done(&f.model);
	labels_done(&f.labels);
	frame_done(&f.frame);
	snapshot_done(&f.snaps[0]);
	snapshot_done(&f.snaps[1]);
	return 0;
}
