/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "make_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "make_scene: %s\n", what);
		abort();
	}
}

static void attach(struct scene *scene)
{
	memset(&scene->model, 0, sizeof scene->model);
	scene->model.ranking.candidates = scene->candidates;
	scene->model.ranking.order = scene->order;
	scene->model.ranking.ntasks = scene->snap.ntasks;
	scene->model.rates.tasks = scene->task_rates;
	scene->model.rates.ntasks = scene->snap.ntasks;
	scene->model.verdict.kills = scene->kills;
	scene->model.verdict.victims = scene->victims;
	scene->view = (struct emit_view){ .rows = scene->rows, .units = UNITS_HUMAN };
	labels_init(&scene->labels, 8);
	out_init(&scene->out);
}

static void make_rank(struct scene *scene, int32_t pid, uint32_t rank, int64_t points)
{
	uint32_t index = made_index(&scene->snap, pid);
	scene->candidates[index] = (struct candidate){ .eligibility = ELIGIBLE,
						       .adj = scene->snap.tasks[index].oom_score_adj,
						       .rank = rank,
						       .points = points };
	scene->order[rank - 1] = index;
	scene->model.ranking.norder++;
}

static void make_never(struct scene *scene, int32_t pid, enum eligibility why)
{
	uint32_t index = made_index(&scene->snap, pid);
	scene->candidates[index] =
		(struct candidate){ .eligibility = why, .adj = scene->snap.tasks[index].oom_score_adj };
}

static void make_rate(struct scene *scene, enum sys_fact fact, double per_s)
{
	scene->model.rates.per_s[fact] = per_s;
	scene->model.rates.per_s_known[fact] = true;
}

static void make_facts(struct snapshot *snap)
{
	make_fact(snap, SYS_BUFFERS, 5455872);
	make_fact(snap, SYS_CACHED, 439853056);
	make_fact(snap, SYS_SRECLAIMABLE, 83103744);
	make_fact(snap, SYS_SHMEM, 9068544);
	make_fact(snap, SYS_ACTIVE_ANON, 8192);
	make_fact(snap, SYS_HUGE_TOTAL, 3);
	make_fact(snap, SYS_SWAP_FREE, 180000ULL * 4096);
	make_fact(snap, SYS_OOM_KILL, 3);
	make_fact(snap, SYS_ALLOCSTALL, 17);
	make_fact(snap, SYS_PROCS_RUNNING, 2);
	make_fact(snap, SYS_PROCS_BLOCKED, 1);
	make_fact(snap, SYS_CONTEXT_SWITCHES, 123456789);
	make_fact(snap, SYS_CPU_USER, 12345);
	make_fact(snap, SYS_PGPGIN, 1000);
	for (int i = 0; i < PSI__COUNT; i++)
		snap->system.psi[i].some = (struct psi_line){ FACT_KNOWN, 410, 205, 7, 1234567 };
	snap->system.psi[PSI_MEMORY].full = (struct psi_line){ FACT_KNOWN, 80, 0, 10000, 1000000 };
	must(snapshot_reserve_zones(snap, 1) == 0 && snapshot_reserve_swaps(snap, 1) == 0, "out of memory");
	snap->system.nzones = 1;
	snap->system.zones[0] = (struct zone){ .node = 0, .name = "Normal", .free_pages = 500000, .min_pages = 16896,
					       .low_pages = 21120, .high_pages = 25344, .present_pages = 1010000,
					       .managed_pages = 1000000 };
	struct text_ref name;
	must(snapshot_add_text(snap, TEXT("/dev/sda\\0402"), &name) == 0, "out of memory");
	snap->system.nswaps = 1;
	snap->system.swaps[0] = (struct swap_device){ name, 200000ULL * 4096, 20000ULL * 4096, -2 };
}

static void make_rates(struct scene *scene)
{
	struct rates *rates = &scene->model.rates;
	rates->known = true;
	rates->seconds = 2.0;
	make_rate(scene, SYS_PSWPIN, 2.0);
	make_rate(scene, SYS_PSWPOUT, 0.0);
	make_rate(scene, SYS_PGPGIN, 120.5);
	make_rate(scene, SYS_PGPGOUT, 32.0);
	make_rate(scene, SYS_INTERRUPTS, 1200.0);
	make_rate(scene, SYS_CONTEXT_SWITCHES, 3400.0);
	make_rate(scene, SYS_ALLOCSTALL, 0.5);
	make_rate(scene, SYS_REFAULT, 12.0);
	rates->cpu_known = true;
	rates->cpu_user = 0.12;
	rates->cpu_system = 0.04;
	rates->cpu_idle = 0.80;
	rates->cpu_iowait = 0.04;
	scene->task_rates[made_index(&scene->snap, 1804)] =
		(struct task_rate){ .known = true, .minor_per_s = 10.25F, .major_per_s = 0.5F, .growth_bytes_per_s = 1258291.0 };
	scene->task_rates[made_index(&scene->snap, 991)] = (struct task_rate){ .known = true, .growth_bytes_per_s = -2048.4F };
}

static void make_verdict(struct scene *scene)
{
	struct verdict *verdict = &scene->model.verdict;
	verdict->totalpages = 1200000;
	verdict->action = ACTION_KILL;
	verdict->nkills = 2;
	verdict->nvictims = 3;
	scene->victims[0] = (struct victim){ made_index(&scene->snap, 1804), VICTIM_CHOSEN, true, true, 0, 822000 };
	scene->victims[1] = (struct victim){ made_index(&scene->snap, 1805), VICTIM_SHARES_MM, false, true, -1000, 0 };
	scene->victims[2] = (struct victim){ made_index(&scene->snap, 991), VICTIM_CHOSEN, true, true, 0, 100200 };
	verdict->kills[0] = (struct kill){ .first_victim = 0, .nvictims = 2, .frees_bytes = 3330457600, .group = TASK_MEMCG_UNKNOWN,
					   .margin_pages = 721800, .has_runner_up = true,
					   .runner_up = made_index(&scene->snap, 991), .error_pages = 128,
					   .certain = true };
	verdict->kills[1] = (struct kill){ .first_victim = 2, .nvictims = 1, .frees_bytes = 409600000,
					   .group = TASK_MEMCG_UNKNOWN };
	verdict->headroom_bytes = 2785280000;
	verdict->headroom_known = true;
	strcpy(verdict->because, "java 1804 would be killed.");
}

void scene_make(struct scene *scene)
{
	memset(scene, 0, sizeof *scene);
	MAKE_SNAPSHOT(&scene->snap, 1000000, 200000, MADE_INIT, MADE_KTHREAD,
		      { .pid = 700, .comm = "sshd", .rss = 2000, .pgt = 12, .adj = -1000, .score = 0, .scored = true },
		      { .pid = 991, .comm = "postgres", .rss = 99000, .file = 40000, .shmem = 30000, .swap = 1000,
			.pgt = 200, .uid = 105, .score = 720, .scored = true, .cgroup = "/db" },
		      { .pid = 1804, .comm = "java", .rss = 800000, .precise = 800100, .file = 5000, .swap = 20000,
			.pgt = 2000, .uid = 1000, .score = 1123, .scored = true, .threads = 42, .virt = 2400000,
			.cgroup = "/app", .mm_id = 5, .start = 12345, .minor = 7 },
		      { .pid = 1805, .comm = "java", .rss = 800000, .precise = 800100, .file = 5000, .swap = 20000,
			.pgt = 2000, .uid = 1000, .adj = -1000, .mm_id = 5 });
	attach(scene);
	make_facts(&scene->snap);
	labels_add_user(&scene->labels, 0, TEXT("root"));
	labels_add_user(&scene->labels, 1000, TEXT("application"));

	struct model *model = &scene->model;
	model->rules = (struct rules){ .era = ERA_5_9, .rss = RSS_QUICK, .later_wins = true, .calibrated = true };
	model->ranking.totalpages = 1200000;
	make_rank(scene, 1804, 1, 822000);
	make_rank(scene, 991, 2, 100200);
	make_never(scene, 1805, INELIGIBLE_ADJ_MIN);
	make_never(scene, 700, INELIGIBLE_ADJ_MIN);
	make_never(scene, 2, INELIGIBLE_KTHREAD);
	make_never(scene, 1, INELIGIBLE_INIT);
	make_rates(scene);
	make_verdict(scene);
	model->check = (struct check){ .compared = 4, .agreed = 3, .ndifferences = 1,
				       .differences = { { .pid = 991, .ours = 721, .kernels = 720 } } };
	static const int32_t shown[] = { 1804, 991, 1, 2, 700 };
	scene->view.nrows = sizeof shown / sizeof *shown;
	for (uint32_t i = 0; i < scene->view.nrows; i++)
		scene->rows[i] = made_index(&scene->snap, shown[i]);
}

void scene_make_empty(struct scene *scene)
{
	memset(scene, 0, sizeof *scene);
	make_snapshot(&scene->snap, 0, 0, NULL, 0);
	attach(scene);
	scene->model.rules.era = ERA_5_9;
	scene->model.verdict.action = ACTION_NONE;
	strcpy(scene->model.verdict.because, "Not to be told.");
	scene_set_states(scene, FACT_UNKNOWN);
}

void scene_done(struct scene *scene)
{
	snapshot_done(&scene->snap);
	labels_done(&scene->labels);
	out_done(&scene->out);
}

void scene_set_states(struct scene *scene, enum fact_state state)
{
	struct system_facts *sys = &scene->snap.system;
	memset(sys->state, (int)state, sizeof sys->state);
	for (int i = 0; i < SYSCTL__COUNT; i++)
		sys->sysctl[i].state = state;
	for (int i = 0; i < PSI__COUNT; i++)
		sys->psi[i].some.state = sys->psi[i].full.state = state;
	for (uint32_t i = 0; i < scene->snap.ntasks; i++)
		memset(scene->snap.tasks[i].group_state, (int)state, sizeof scene->snap.tasks[i].group_state);
	scene->snap.observer.scores_known = state == FACT_KNOWN;
}

void scene_set_comm(struct scene *scene, int32_t pid, struct text raw)
{
	must(snapshot_add_text(&scene->snap, raw, &made_task(&scene->snap, pid)->comm) == 0, "out of memory");
}

const char *scene_take(struct scene *scene)
{
	out_char(&scene->out, '\0');
	must(scene->out.error == 0, "out of memory");
	out_clear(&scene->out);
	return scene->out.bytes;
}

const char *scene_json(struct scene *scene)
{
	emit_tick_json(&scene->out, &scene->snap, &scene->model, &scene->labels, &scene->view);
	return scene_take(scene);
}

const char *scene_text(struct scene *scene)
{
	emit_tick_text(&scene->out, &scene->snap, &scene->model, &scene->labels, &scene->view);
	return scene_take(scene);
}

const char *scene_openmetrics(struct scene *scene)
{
	emit_tick_openmetrics(&scene->out, &scene->snap, &scene->model);
	return scene_take(scene);
}
