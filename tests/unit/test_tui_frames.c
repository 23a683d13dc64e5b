/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every screen in every state, as golden frames: tests/fixtures/frames/NAME.txt
 * holds frame_dump() with roles. A frame that differs is printed beside the one
 * expected. After a change that is meant,
 *
 *	make accept-frames
 *
 * writes them anew (it sets ACCEPT_FRAMES=1 for this program); read the
 * difference like code before it is committed.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "make_ui.h"

#define MANY 5000

/* --- scenes: what the host is like ---------------------------------------------- */

static void host(struct stage *stage)
{
	struct snapshot *snap = &stage->snap;
	text_copy(TEXT("db-3"), snap->host, sizeof snap->host);
	make_release(snap, "6.1.0-56-amd64");
	make_fact(snap, SYS_MEM_FREE, 402653184);
	make_fact(snap, SYS_MEM_AVAILABLE, 1503238553);
	make_fact(snap, SYS_BUFFERS, 52428800);
	make_fact(snap, SYS_CACHED, 1610612736);
	make_fact(snap, SYS_SRECLAIMABLE, 209715200);
	make_fact(snap, SYS_SUNRECLAIM, 314572800);
	make_fact(snap, SYS_SHMEM, 536870912);
	make_fact(snap, SYS_SWAP_FREE, 1503238553);
	make_fact(snap, SYS_DIRTY, 4194304);
	make_fact(snap, SYS_ACTIVE, 8053063680);
	make_fact(snap, SYS_INACTIVE, 5368709120);
	make_fact(snap, SYS_PAGE_TABLES, 73400320);
	make_fact(snap, SYS_KERNEL_STACK, 15728640);
	make_fact(snap, SYS_PROCS_RUNNING, 3);
	make_fact(snap, SYS_PROCS_BLOCKED, 7);
	make_fact(snap, SYS_OOM_KILL, 2);
	make_fact(snap, SYS_PSWPIN, 1000);
	make_fact(snap, SYS_PSWPOUT, 1000);
	make_fact(snap, SYS_PGPGIN, 10000);
	make_fact(snap, SYS_PGPGOUT, 10000);
	make_fact(snap, SYS_PGMAJFAULT, 500);
	make_fact(snap, SYS_ALLOCSTALL, 0);
	make_fact(snap, SYS_INTERRUPTS, 100000);
	make_fact(snap, SYS_CONTEXT_SWITCHES, 200000);
	make_fact(snap, SYS_CPU_USER, 1000);
	make_fact(snap, SYS_CPU_SYSTEM, 1000);
	make_fact(snap, SYS_CPU_IDLE, 1000);
	make_fact(snap, SYS_CPU_IOWAIT, 1000);
	snap->system.psi[PSI_MEMORY] = (struct psi){ { FACT_KNOWN, 1234, 402, 97, 5 }, { FACT_KNOWN, 310, 99, 20, 5 } };
	snap->system.psi[PSI_IO] = (struct psi){ { FACT_KNOWN, 4567, 0, 0, 5 }, { FACT_KNOWN, 4011, 0, 0, 5 } };
	snap->system.psi[PSI_CPU] = (struct psi){ { FACT_KNOWN, 88, 5, 1, 5 }, { FACT_ABSENT, 0, 0, 0, 0 } };
	assert_int_equal(snapshot_reserve_zones(snap, 1), 0);
	snap->system.zones[0] = (struct zone){ .node = 0, .name = "Normal", .free_pages = 90000, .min_pages = 16000,
					       .low_pages = 20000, .high_pages = 24000, .managed_pages = 4000000 };
	snap->system.nzones = 1;
	struct swap_device swap = { .size_bytes = 2147483648, .used_bytes = 644245095, .priority = -2 };
	assert_int_equal(snapshot_add_text(snap, TEXT("/dev/mapper/vg0-swap"), &swap.name), 0);
	assert_int_equal(snapshot_reserve_swaps(snap, 1), 0);
	snap->system.swaps[0] = swap;
	snap->system.nswaps = 1;
}

/* The kernel says the same as the model. */
static void make_scores(struct stage *stage)
{
	struct ranking ranking;
	ranking_init(&ranking);
	assert_int_equal(ranking_make(&ranking, &stage->snap, &stage->model.rules, NULL, NULL), 0);
	for (uint32_t i = 0; i < stage->snap.ntasks; i++) {
		const struct candidate *candidate = &ranking.candidates[i];
		struct task *task = &stage->snap.tasks[i];
		task->group_state[TASK_SCORE] = FACT_KNOWN;
		task->oom_score = candidate->rank == 0 ? 0 :
				  (int32_t)badness_oom_score(ranking.rules.era, candidate->points, ranking.totalpages);
	}
	ranking_done(&ranking);
}

/* The second tick of a host of 16 GiB, with rates, but for its update. */
static void make_second_tick(struct stage *stage)
{
	stage_begin(stage);
	stage_next(stage, 2000);
	make_fact(&stage->snap, SYS_PSWPIN, 1100);
	make_fact(&stage->snap, SYS_PSWPOUT, 4200);
	make_fact(&stage->snap, SYS_PGPGIN, 52000);
	make_fact(&stage->snap, SYS_PGPGOUT, 19000);
	make_fact(&stage->snap, SYS_PGMAJFAULT, 740);
	make_fact(&stage->snap, SYS_ALLOCSTALL, 12);
	make_fact(&stage->snap, SYS_INTERRUPTS, 109000);
	make_fact(&stage->snap, SYS_CONTEXT_SWITCHES, 231000);
	make_fact(&stage->snap, SYS_CPU_USER, 1230);
	make_fact(&stage->snap, SYS_CPU_SYSTEM, 1070);
	make_fact(&stage->snap, SYS_CPU_IDLE, 1020);
	make_fact(&stage->snap, SYS_CPU_IOWAIT, 1080);
	if (stage->snap.ntasks > 3)
		stage->snap.tasks[3].rss_quick_pages += 5120;
}

static void second_tick(struct stage *stage)
{
	make_second_tick(stage);
	stage_update(stage);
}

static void make_normal(struct stage *stage)
{
	MAKE_SNAPSHOT(&stage->snap, 4194304, 524288, MADE_INIT, MADE_KTHREAD,
		      { .pid = 412, .comm = "systemd-journal", .rss = 12000, .file = 9000, .pgt = 40, .adj = -250, .start = 900 },
		      { .pid = 1804, .comm = "java", .rss = 1572864, .file = 11000, .swap = 120000, .pgt = 3600, .uid = 1000,
			.virt = 5242880, .threads = 212, .start = 73211, .cgroup = "/system.slice/app.service" },
		      { .pid = 2210, .comm = "mysqld", .rss = 1310720, .file = 8000, .swap = 9000, .pgt = 2800, .uid = 112, .threads = 48,
			.start = 73900 },
		      { .pid = 2800, .comm = "sshd", .rss = 2300, .file = 1900, .pgt = 18, .adj = -1000 },
		      { .pid = 3120, .ppid = 2800, .comm = "bash", .rss = 1400, .file = 900, .pgt = 14, .uid = 1000 },
		      { .pid = 40961, .ppid = 3120, .comm = "chrome", .rss = 240000, .file = 40000, .shmem = 50000, .pgt = 900,
			.uid = 4294967294, .adj = 300, .state = 'D' });
	host(stage);
	make_second_tick(stage);
	make_scores(stage);
}

static void normal(struct stage *stage)
{
	make_normal(stage);
	stage_update(stage);
}

static void differing(struct stage *stage)
{
	make_normal(stage);
	made_task(&stage->snap, 412)->oom_score = 577;
	stage_update(stage);
}

static void overcommitted(struct stage *stage)
{
	normal(stage);
	make_fact(&stage->snap, SYS_COMMITTED_AS, 13958643712);
	stage_update(stage);
}

static void adj_decides(struct stage *stage)
{
	normal(stage);
	made_task(&stage->snap, 40961)->oom_score_adj = 400;
	stage_update(stage);
}

static void empty(struct stage *stage)
{
	make_snapshot(&stage->snap, 4194304, 0, NULL, 0);
	stage_begin(stage);
}

static void thousands(struct stage *stage)
{
	struct made_task *tasks = calloc(MANY, sizeof *tasks);
	assert_non_null(tasks);
	for (int i = 0; i < MANY; i++)
		tasks[i] = (struct made_task){ .pid = 1000000 + i * 3, .comm = "worker", .rss = 200 + (uint64_t)(i * 37 % 5000),
					       .pgt = 4, .swap = (uint64_t)(i % 7), .uid = 1000 };
	make_snapshot(&stage->snap, 16777216, 524288, tasks, MANY);
	free(tasks);
	host(stage);
	second_tick(stage);
}

static void hostile(struct stage *stage)
{
	MAKE_SNAPSHOT(&stage->snap, 4194304, 0, MADE_INIT,
		      { .pid = 100, .comm = "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97", .rss = 900000, .pgt = 100 },
		      { .pid = 101, .comm = "\x1b[2J\x1b]0;x\x07", .rss = 800000, .pgt = 100 },
		      { .pid = 102, .comm = "e\xcc\x81\xcc\x81\xe2\x80\xae" "evil\xe2\x80\x8b", .rss = 700000, .pgt = 100 },
		      { .pid = 103, .comm = "\xff\xfe\xc3(\xed\xa0\x80", .rss = 600000, .pgt = 100 },
		      { .pid = 104, .comm = "a\nb\tc\rd", .rss = 500000, .pgt = 100 },
		      { .pid = 105, .comm = "nul\0inside", .comm_len = 10, .rss = 400000, .pgt = 100 },
		      { .pid = 106, .comm = " ) R 1 (", .rss = 300000, .pgt = 100 },
		      { .pid = 107, .comm = "%s%n%d", .rss = 200000, .pgt = 100, .cgroup = "/\x1b[31m/\xff" });
	host(stage);
	second_tick(stage);
}

static void panic(struct stage *stage)
{
	normal(stage);
	make_sysctl(&stage->snap, SYSCTL_PANIC_ON_OOM, 1);
	stage_update(stage);
}

static void enomem(struct stage *stage)
{
	normal(stage);
	make_sysctl(&stage->snap, SYSCTL_OVERCOMMIT_MEMORY, 2);
	make_fact(&stage->snap, SYS_COMMITTED_AS, 10200547328);
	stage_update(stage);
}

static void waiting(struct stage *stage)
{
	normal(stage);
	made_task(&stage->snap, 1804)->sigkill_pending = true;
	stage_update(stage);
}

/* A minute in which java took 20 MiB a tick. */
static void nearing(struct stage *stage)
{
	normal(stage);
	const uint64_t end_pages = stage->snap.system.zones[0].free_pages;
	for (unsigned i = 0; i < 30; i++) {
		stage_next(stage, 2000);
		stage->snap.system.zones[0].free_pages = end_pages + 5120 * (29 - i);
		stage->snap.system.zones[0].inactive_file_pages = 150000;
		made_task(&stage->snap, 1804)->rss_quick_pages += 5120;
		stage_update(stage);
	}
}

static void nearing_panic(struct stage *stage)
{
	nearing(stage);
	make_sysctl(&stage->snap, SYSCTL_PANIC_ON_OOM, 1);
	stage_update(stage);
}

static void close_call(struct stage *stage)
{
	make_normal(stage);
	made_task(&stage->snap, 2210)->rss_quick_pages = 1692844;
	stage_update(stage);
}

static void allocating(struct stage *stage)
{
	normal(stage);
	make_sysctl(&stage->snap, SYSCTL_OOM_KILL_ALLOCATING_TASK, 1);
	stage_update(stage);
}

static void denied(struct stage *stage)
{
	make_normal(stage);
	const uint32_t mine = made_index(&stage->snap, 3120);
	for (uint32_t i = 0; i < stage->snap.ntasks; i++) {
		for (int group = TASK_STATUS; group < TASK__GROUPS && i != mine; group++)
			stage->snap.tasks[i].group_state[group] = FACT_DENIED;
	}
	for (int fact = 0; fact < SYS__COUNT; fact++)
		stage->snap.system.state[fact] = FACT_DENIED;
	for (int id = 0; id < SYSCTL__COUNT; id++)
		stage->snap.system.sysctl[id].state = FACT_DENIED;
	stage->snap.observer.uid = 1000;
	stage->env.readonly = true;
	stage_update(stage);
}

static void with_details(struct stage *stage)
{
	static const struct details details = {
		.pid = 1804, .start_ticks = 73211, .status_state = FACT_KNOWN, .peak_rss_bytes = 7516192768, .locked_bytes = 65536,
		.address_space = { FACT_KNOWN, 17179869184, DETAILS_UNLIMITED },
		.processes = { FACT_KNOWN, 4096, 8192 },
	};
	normal(stage);
	make_memcg(&stage->snap, "/system.slice", 0);
	make_memcg(&stage->snap, "/system.slice/app.service", 3145728);
	stage->env.details = &details;
}

/* Groups with and without limits, one of them nested, of long and of hostile names. */
static void grouped(struct stage *stage)
{
	static const struct {
		const char *path;
		uint64_t max, usage, file, oom_kill;
	} groups[] = {
		{ "/", 0, 3400000, 400000, 9 },
		{ "/system.slice", 0, 2000000, 200000, 3 },
		{ "/system.slice/app.service", 1900000, 1700000, 5000, 3 },
		{ "/system.slice/app.service/a-worker-with-quite-a-long-name-of-its-own.scope", 0, 700, 10, 0 },
		{ "/system.slice/db.service", 1600000, 1330000, 30000, 0 },
		{ "/user.slice", 0, 300000, 90000, 6 },
		{ "/user.slice/user-1000.slice", 280000, 262144, 60000, 6 },
		{ "/user.slice/\x1b[2J\xff", 0, 1, 0, 0 },
		{ "/empty.slice", 1000, 0, 0, 0 },
	};
	MAKE_SNAPSHOT(&stage->snap, 4194304, 524288, { .pid = 1, .comm = "init", .rss = 2000, .pgt = 20, .start = 1, .cgroup = "/" },
		      MADE_KTHREAD,
		      { .pid = 1804, .comm = "java", .rss = 1572864, .file = 11000, .swap = 120000, .pgt = 3600, .uid = 1000,
			.cgroup = "/system.slice/app.service" },
		      { .pid = 1805, .comm = "helper", .rss = 600, .pgt = 10, .uid = 1000, .adj = 500,
			.cgroup = "/system.slice/app.service/a-worker-with-quite-a-long-name-of-its-own.scope" },
		      { .pid = 2210, .comm = "mysqld", .rss = 1310720, .file = 8000, .swap = 9000, .pgt = 2800, .uid = 112,
			.cgroup = "/system.slice/db.service" },
		      { .pid = 2800, .comm = "sshd", .rss = 2300, .file = 1900, .pgt = 18, .adj = -1000, .cgroup = "/system.slice" },
		      { .pid = 3120, .ppid = 2800, .comm = "bash", .rss = 1400, .file = 900, .pgt = 14, .uid = 1000,
			.cgroup = "/user.slice/user-1000.slice" },
		      { .pid = 40961, .ppid = 3120, .comm = "\xe6\xbc\xa2\xe5\xad\x97 browser", .rss = 240000, .file = 40000,
			.pgt = 900, .uid = 1000, .adj = 300, .cgroup = "/user.slice/user-1000.slice" });
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		uint32_t index = make_memcg(&stage->snap, groups[i].path, groups[i].max);
		struct memcg *memcg = &stage->snap.memcgs[index];
		memcg->usage_bytes = groups[i].usage * 4096;
		memcg->stat_bytes[MEMCG_STAT_INACTIVE_FILE] = groups[i].file * 4096;
		memcg->stat_bytes[MEMCG_STAT_ANON] = (groups[i].usage - groups[i].file) * 4096;
		memcg->events[MEMCG_EVENT_OOM_KILL] = groups[i].oom_kill;
		memcg->events[MEMCG_EVENT_OOM] = groups[i].oom_kill / 3;
		memcg->swap_max_bytes = i % 2 ? MEMCG_UNLIMITED : 0;
	}
	struct memcg *app = &stage->snap.memcgs[2], *user = &stage->snap.memcgs[6];
	app->pressure.some = (struct psi_line){ FACT_KNOWN, 2345, 1000, 500, 7 };
	app->high_bytes = 1800000ULL * 4096;
	app->oom_group = true;
	user->pressure.some = (struct psi_line){ FACT_KNOWN, 612, 100, 50, 7 };
	user->swap_usage_bytes = 4096;
	for (int group = 0; group < MEMCG__GROUPS; group++)
		stage->snap.memcgs[4].group_state[group] = group < MEMCG_SOFT ? FACT_KNOWN : FACT_DENIED;
	stage->snap.memcgs[0].group_state[MEMCG_MAX] = FACT_ABSENT;
	host(stage);
	second_tick(stage);
}

/* Two processes of one group were killed after the list was first looked at. */
static void killed_since(struct stage *stage)
{
	grouped(stage);
	stage_keys(stage, "g q");
	stage_next(stage, 2000);
	for (int i = 0; i < 3; i++) {
		stage->snap.memcgs[i].events[MEMCG_EVENT_OOM_KILL] += 2;
		stage->snap.memcgs[i].events[MEMCG_EVENT_OOM]++;
	}
	stage_update(stage);
}

/* What the heuristic of 2.6.32 looks at: a database that has worked for hours, a
 * niced browser with rights. */
static void worked_for_long(struct stage *stage)
{
	normal(stage);
	struct snapshot *snap = &stage->snap;
	snap->boottime_ns = 90000ULL * 1000000000;
	made_task(snap, 1804)->cpu_ticks = 640000;
	made_task(snap, 2210)->cpu_ticks = 20000;
	struct task *browser = made_task(snap, 40961);
	browser->nice = 5;
	browser->cap_eff = 1ULL << 21 | 1ULL << 17;
	made_task(snap, 412)->cap_eff = 1ULL << 21;
	stage_update(stage);
}

/* Two nodes; java may use the first alone, mysqld the second. */
static void two_nodes(struct stage *stage)
{
	normal(stage);
	struct snapshot *snap = &stage->snap;
	make_node(snap, 0, 2097152);
	make_node(snap, 1, 2097152);
	snap->nodes[0].meminfo_state = FACT_KNOWN;
	snap->nodes[0].total_bytes = 8589934592;
	snap->nodes[0].free_bytes = 104857600;
	snap->nodes[0].file_bytes = 734003200;
	snap->nodes[0].anon_bytes = 6442450944;
	snap->nodes[0].shmem_bytes = 536870912;
	snap->nodes[0].huge_total = 16;
	for (uint32_t i = 0; i < snap->ntasks; i++)
		make_mems(snap, snap->tasks[i].pid, "0-1");
	make_mems(snap, 1804, "0");
	make_mems(snap, 2210, "1");
	struct zone *zone = &snap->system.zones[0];
	zone->protections = 3;
	zone->protection_pages[1] = 4096;
	stage_update(stage);
}

/* The log may not be read. */
static void kills_by_counters(struct stage *stage)
{
	normal(stage);
	stage_events(stage, 0);
	snprintf(stage->events.source, sizeof stage->events.source, "the kernel's counters and oom:mark_victim");
	snprintf(stage->events.why, sizeof stage->events.why,
		 "dev/kmsg cannot be opened: Operation not permitted; nor by the syslog call: Operation not permitted "
		 "(kernel.dmesg_restrict is set: CAP_SYSLOG is needed)");
}

static void with_history(struct stage *stage)
{
	normal(stage);
	stage_history(stage);
}

static void paged(struct stage *stage)
{
	two_nodes(stage);
	const struct task *java = made_task(&stage->snap, 1804);
	stage->labels.pages = (struct pages){
		.pid = 1804, .start_ticks = java->start_ticks, .state = PAGES_KNOWN, .is_whole = true, .nnodes = 2, .npolicies = 3,
		.nodes = { { 0, 6330253312 }, { 1, 112377856 } },
		.policies = { { "bind:0", 6330253312 }, { "default", 12288 }, { "prefer (many):0-1", 112365568 } },
	};
}

static void pages_denied(struct stage *stage)
{
	paged(stage);
	stage->labels.pages.state = PAGES_FAILED;
	stage->labels.pages.error = -EACCES;
}

/* Something of every kind is assumed; the last made is a limit, in whose group one is. */
static void assuming(struct stage *stage)
{
	grouped(stage);
	stage_keys(stage, "a - 4 0 0 ^X Escape Down G 2 G Enter Escape S Home Down Enter 1 ^X Escape q");
	stage_keys(stage, "g Down Down o ^X Escape m 6 G ^X");
}

/* The same, and it was applied: one of the writes failed. */
static void applied(struct stage *stage)
{
	assuming(stage);
	stage_keys(stage, "a Enter y e s Enter");
	const struct ui_command command = stage->command;
	static const char *const texts[] = {
		"oom_score_adj of helper (1805): 500 -> -400, the kernel now says -400.",
		"memory.oom.group of /system.slice/app.service may not be written by uid 0.",
		"vm.oom_kill_allocating_task: 0 -> 1, the kernel now says 1.",
		"Not written: one of the writes before it failed, and what was foretold for it supposed them all.",
	};
	for (uint32_t i = 0; i < command.nwrites; i++) {
		const struct change *change = &command.writes[i].change;
		const struct knob_plan plan = { .kind = change->kind, .pid = change->process.pid, .comm = "helper",
						.sysctl = change->sysctl, .file = change->file, .version = MEMCG_V2,
						.group = "/system.slice/app.service", .after = change->value };
		struct knob_result result = { .error = i % 2 ? -EPERM : 0 };
		snprintf(result.text, sizeof result.text, "%s", texts[i % COUNT_OF(texts)]);
		ui_result(&stage->ui, &command, i, &plan, &result);
	}
	ui_results_done(&stage->ui, &command, 2);
	stage_update(stage);
}

static void assuming_readonly(struct stage *stage)
{
	assuming(stage);
	stage->env.readonly = true;
	stage_update(stage);
}

static void kills(struct stage *stage)
{
	normal(stage);
	stage_events(stage, 4);
}

static void kill_foretold(struct stage *stage)
{
	normal(stage);
	stage_events(stage, 2);
}

static void kill_wrong(struct stage *stage)
{
	normal(stage);
	stage_events(stage, 3);
}

/* --- cases ------------------------------------------------------------------------ */

static const struct frame_case {
	const char *name;
	void (*scene)(struct stage *stage);
	const char *keys;
} cases[] = {
	{ "main", normal, "" },
	{ "main-differs", differing, "" },
	{ "main-adj-decides", adj_decides, "" },
	{ "main-empty", empty, "" },
	{ "main-thousands", thousands, "Down Down" },
	{ "main-thousands-end", thousands, "End" },
	{ "main-hostile", hostile, "" },
	{ "main-panic", panic, "" },
	{ "main-enomem", enomem, "" },
	{ "main-wait", waiting, "" },
	{ "main-close", close_call, "" },
	{ "main-nearing", nearing, "" },
	{ "main-nearing-panic", nearing_panic, "" },
	{ "main-allocating", allocating, "" },
	{ "main-denied", denied, "" },
	{ "main-tree", normal, "t K" },
	{ "main-tagged-paused", normal, "Down Space Z" },
	{ "main-filter", normal, "\\ b" },
	{ "main-filtered", normal, "\\ z z Enter" },
	{ "main-kib", normal, "e Escape" },
	{ "main-columns-right", normal, "Right Right Right Right" },
	{ "adj", normal, "a - 4 0 0" },
	{ "adj-legacy", normal, "a Tab - 8" },
	{ "adj-legacy-wrong", normal, "a Tab -" },
	{ "adj-tagged", normal, "Space Space a - 1 0 0 0" },
	{ "adj-refused", normal, "a 2 0 0 0 Enter" },
	{ "adj-hostile", hostile, "a 5" },
	{ "sysctl", normal, "S" },
	{ "sysctl-danger", enomem, "S Enter 1" },
	{ "sysctl-commit", overcommitted, "S Down Down Down Enter 2" },
	{ "sysctl-yes", overcommitted, "S Down Down Down Enter 2 Enter y e" },
	{ "sysctl-min-free", normal, "S Home Down Down Down Down Down Down Down Down Enter 4 0 0 0 0 0 0" },
	{ "sysctl-refused", normal, "S Enter 9 Enter" },
	{ "sysctl-denied", denied, "S" },
	{ "help", normal, "h" },
	{ "help-end", normal, "h End" },
	{ "details", with_details, "Enter" },
	{ "details-end", with_details, "Enter End" },
	{ "details-ineligible", normal, "N Home Enter" },
	{ "details-denied", denied, "Enter" },
	{ "system", normal, "v" },
	{ "system-end", normal, "v End" },
	{ "system-history", with_history, "v" },
	{ "signal", normal, "k Down" },
	{ "signal-confirm", normal, "k Down Enter" },
	{ "sort", normal, "F6" },
	{ "columns", normal, "f Down Down" },
	{ "delay", normal, "d" },
	{ "compare", worked_for_long, "O End Enter Escape" },
	{ "compare-menu", normal, "O Down Down" },
	{ "compare-adj", worked_for_long, "O End Enter a - 4 0 0" },
	{ "compare-details", worked_for_long, "O End Enter End Home Down Down Enter" },
	{ "compare-details-thousandths", worked_for_long, "O End Up Up Enter Down Down Enter" },
	{ "compare-details-protected", worked_for_long, "O End Enter Down Down Down Down Down Enter" },
	{ "compare-hostile", hostile, "O End Up Enter Escape" },
	{ "compare-empty", empty, "O End Enter Escape" },
	{ "nodes", two_nodes, "o" },
	{ "nodes-set", two_nodes, "o Down Space" },
	{ "nodes-pages", paged, "o Space p" },
	{ "nodes-pages-pending", two_nodes, "o p" },
	{ "nodes-pages-denied", pages_denied, "o p" },
	{ "nodes-policy", two_nodes, "o Space b" },
	{ "nodes-none", empty, "o" },
	{ "nodes-scope", two_nodes, "o Down Space Enter" },
	{ "groups", grouped, "g" },
	{ "groups-killed", killed_since, "g Down" },
	{ "groups-tree", grouped, "g t Down Down Down" },
	{ "groups-none", normal, "g" },
	{ "groups-edit-max", grouped, "g Down Down m 2 G" },
	{ "groups-edit-yes", grouped, "g Down Down m 2 G Enter y" },
	{ "groups-edit-oom-group", grouped, "g Down Down o" },
	{ "groups-edit-wrong", grouped, "g Down Down h x" },
	{ "groups-scope", grouped, "g Down Enter" },
	{ "groups-scope-nested", grouped, "g t Down Down Down Enter" },
	{ "groups-scope-adj", grouped, "g Down Down Enter a 1 0" },
	{ "groups-scope-empty", grouped, "g Enter" },
	{ "groups-scope-details", grouped, "g Down Enter Enter" },
	{ "whatif", assuming, "" },
	{ "whatif-host", assuming, "Tab" },
	{ "whatif-edit", assuming, "Enter 1 G" },
	{ "whatif-edit-wrong", assuming, "Up Up Enter 7" },
	{ "whatif-empty", normal, "x" },
	{ "whatif-panic", normal, "S Enter 1 ^X" },
	{ "whatif-hostile", hostile, "Space Space Space Space a - 9 ^X" },
	{ "whatif-thousands", thousands, "a - 1 0 0 0 ^X PageDown" },
	{ "whatif-grow", normal, "G 5 1 2" },
	{ "whatif-on-main", assuming, "Escape Escape" },
	{ "whatif-apply", assuming, "a" },
	{ "whatif-apply-yes", assuming, "a Enter y e" },
	{ "whatif-applied", applied, "" },
	{ "whatif-readonly", assuming_readonly, "a" },
	{ "message-long", normal, "a - 5 Escape U" },
	{ "kill-foretold", kill_foretold, "" },
	{ "kill-wrong", kill_wrong, "" },
	{ "kill-unlogged", kills, "" },
	{ "kill-over-dialog", kill_foretold, "a - 4 0 0" },
	{ "events", kills, "E" },
	{ "events-down", kills, "E Down" },
	{ "events-empty", normal, "E" },
	{ "events-counters", kills_by_counters, "E" },
	{ "events-explained", kills, "E Down Enter" },
	{ "events-without-report", kills, "E Enter" },
};

static const struct frame_size {
	const char *name;
	uint16_t rows, columns;
	bool ascii;
} sizes[] = {
	{ "80x24", 24, 80, false },
	{ "40x10", 10, 40, false },
	{ "200x60", 60, 200, false },
	{ "80x24-ascii", 24, 80, true },
};

/* --- golden files ------------------------------------------------------------------- */

static char *read_golden(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	static char text[400000];
	size_t len = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[len] = '\0';
	return text;
}

static void write_golden(const char *path, const char *dump)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(dump, 1, strlen(dump), file), strlen(dump));
	assert_int_equal(fclose(file), 0);
}

static void every_cell_is_printable(const struct frame *frame)
{
	for (uint32_t i = 0; i < (uint32_t)frame->rows * frame->columns; i++) {
		uint32_t code = frame->cells[i].code;
		bool is_right_half = code == 0 && i % frame->columns > 0;
		assert_true(is_right_half || (code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0)));
		assert_true(!frame->ascii || (code >= 0x20 && code < 0x7f));
		assert_true(frame->cells[i].role < ROLE__COUNT);
	}
}

static bool is_as_accepted(const struct frame *frame, const char *name)
{
	const char *srcdir = getenv("srcdir"), *accept = getenv("ACCEPT_FRAMES");
	char path[2048];
	snprintf(path, sizeof path, "%s/tests/fixtures/frames/%s.txt", srcdir ? srcdir : ".", name);
	char *dump = frame_dump(frame, true);
	assert_non_null(dump);
	if (accept && strcmp(accept, "1") == 0)
		write_golden(path, dump);
	const char *golden = read_golden(path);
	bool same = golden && strcmp(golden, dump) == 0;
	if (!same)
		print_error("%s differs.\n--- expected\n%s--- drawn\n%s---\n", name, golden ? golden : "(no such file)\n", dump);
	free(dump);
	return same;
}

static void frames_are_as_accepted(void **state)
{
	const struct frame_size *size = *state;
	bool all = true;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct stage stage;
		char name[128];
		/* Most screens of an ASCII terminal are the same cells. */
		if (size->ascii && strcmp(cases[i].name, "main-hostile") != 0 && strcmp(cases[i].name, "adj") != 0 &&
		    strcmp(cases[i].name, "system-history") != 0)
			continue;
		stage_init(&stage);
		stage.frame.ascii = size->ascii;
		cases[i].scene(&stage);
		stage_draw(&stage, size->rows, size->columns); /* pages are as long as the screen */
		stage_keys(&stage, cases[i].keys);
		stage_draw(&stage, size->rows, size->columns);
		every_cell_is_printable(&stage.frame);
		snprintf(name, sizeof name, "%s-%s", cases[i].name, size->name);
		all &= is_as_accepted(&stage.frame, name);
		stage_done(&stage);
	}
	assert_true(all);
}

static void below_the_minimum_the_frame_says_so(void **state)
{
	(void)state;
	static const struct {
		uint16_t rows, columns;
	} small[] = { { 9, 80 }, { 24, 39 }, { 1, 1 }, { 2, 200 }, { 60, 3 } };
	struct stage stage;
	bool all = true;
	stage_init(&stage);
	normal(&stage);
	for (size_t i = 0; i < COUNT_OF(small); i++) {
		char name[64];
		stage_keys(&stage, i % 2 ? "a" : "Escape");
		stage_draw(&stage, small[i].rows, small[i].columns);
		every_cell_is_printable(&stage.frame);
		snprintf(name, sizeof name, "too-small-%ux%u", small[i].columns, small[i].rows);
		all &= is_as_accepted(&stage.frame, name);
	}
	stage_done(&stage);
	assert_true(all);
}

/* No frame at all, and every size around the minimum: nothing may be written outside. */
static void any_size_is_drawn_within_the_frame(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct stage stage;
		if (cases[i].scene == thousands)
			continue;
		stage_init(&stage);
		cases[i].scene(&stage);
		stage_keys(&stage, cases[i].keys);
		for (uint16_t rows = 0; rows < 28; rows += 3) {
			for (uint16_t columns = 0; columns < 130; columns += 13) {
				stage_draw(&stage, rows, columns);
				every_cell_is_printable(&stage.frame);
			}
		}
		stage_done(&stage);
	}
}

static void frame_does_not_depend_on_what_was_drawn_before(void **state)
{
	(void)state;
	struct stage stage;
	stage_init(&stage);
	normal(&stage);
	stage_draw(&stage, 24, 80);
	char *first = frame_dump(&stage.frame, true);
	static const char *const tours[] = { "h", "S", "v", "Enter", "a", "k", "f" };
	for (size_t i = 0; i < COUNT_OF(tours); i++) {
		stage_keys(&stage, tours[i]);
		stage_draw(&stage, 60, 200);
		stage_keys(&stage, stage.ui.dialog ? "Escape" : "q");
		stage_draw(&stage, 24, 80);
		stage_keys(&stage, "Home");
	}
	stage_draw(&stage, 24, 80);
	char *last = frame_dump(&stage.frame, true);
	assert_string_equal(first, last);
	free(first);
	free(last);
	stage_done(&stage);
}

#define SIZE(i) { "frames_are_as_accepted: " #i, frames_are_as_accepted, NULL, NULL, (void *)(uintptr_t)&sizes[i] }

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIZE(0), SIZE(1), SIZE(2), SIZE(3),
		cmocka_unit_test(below_the_minimum_the_frame_says_so),
		cmocka_unit_test(any_size_is_drawn_within_the_frame),
		cmocka_unit_test(frame_does_not_depend_on_what_was_drawn_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
