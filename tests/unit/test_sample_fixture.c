/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sampler over a recorded host, whole and damaged.
 */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oomsight/sample/sampler.h"

struct host {
	char dir[64]; /* a copy that may be changed */
	struct root root;
	struct sampler *sampler;
	struct snapshot snaps[2];
	unsigned ticks;
};

static void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char command[4096];
	va_list ap;
	va_start(ap, format);
	vsnprintf(command, sizeof command, format, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

static void host_path(const struct host *host, const char *path, char dst[256])
{
	snprintf(dst, 256, "%s/%s", host->dir, path);
}

static void host_write(const struct host *host, const char *path, const char *bytes)
{
	char full[256];
	host_path(host, path, full);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(bytes, file) >= 0);
	fclose(file);
}

static void host_remove(const struct host *host, const char *path)
{
	char full[256];
	host_path(host, path, full);
	run("rm -r '%s'", full);
}

static int host_setup(void **state)
{
	struct host *host = calloc(1, sizeof *host);
	const char *srcdir = getenv("srcdir");
	snprintf(host->dir, sizeof host->dir, "/tmp/oomsight-test-XXXXXX");
	if (!mkdtemp(host->dir))
		return -1;
	run("cp -R '%s'/tests/fixtures/small-host/. '%s'", srcdir ? srcdir : ".", host->dir);
	run("chmod -R u+w '%s'", host->dir);
	if (root_open(&host->root, host->dir, NULL) < 0)
		return -1;
	snapshot_init(&host->snaps[0]);
	snapshot_init(&host->snaps[1]);
	*state = host;
	return 0;
}

static int host_teardown(void **state)
{
	struct host *host = *state;
	sampler_free(host->sampler);
	snapshot_done(&host->snaps[0]);
	snapshot_done(&host->snaps[1]);
	root_close(&host->root);
	run("rm -r '%s'", host->dir);
	free(host);
	return 0;
}

static const struct snapshot *host_wish(struct host *host, const struct sample_wish *wish)
{
	struct diag diag;
	if (!host->sampler)
		host->sampler = sampler_new(&host->root, SOURCE_WISH_PROC, &diag);
	assert_non_null(host->sampler);
	struct snapshot *next = &host->snaps[host->ticks % 2];
	struct snapshot *prev = host->ticks ? &host->snaps[(host->ticks + 1) % 2] : NULL;
	assert_int_equal(sampler_take(host->sampler, prev, wish, next, &diag), 0);
	host->ticks++;
	assert_int_equal(next->tick, host->ticks);
	return next;
}

static const struct snapshot *host_take(struct host *host, const uint8_t *need)
{
	return host_wish(host, &(struct sample_wish){ .prev_need = need });
}

static const struct task *task_of(const struct snapshot *snap, int32_t pid)
{
	const struct task *task = snapshot_find(snap, pid);
	assert_non_null(task);
	return task;
}

static void a_whole_host_is_read(void **state)
{
	const struct snapshot *snap = host_take(*state, NULL);
	assert_string_equal(snap->host, "small-host");
	assert_string_equal(snap->release, "6.1.0-28-amd64");
	assert_int_equal(snap->cpus, 4);
	assert_int_equal(snap->boottime_ns / 1000000000, 1047471);
	assert_true(snap->realtime_ns > 0);
	assert_int_equal(snap->ntasks, 16);
	assert_int_equal(snap->tasks_denied, 0);
	assert_int_equal(snap->observer.pid, 3001);
	assert_int_equal(snap->observer.uid, 0);
	assert_true(snap->observer.cap_eff == 0x1ffffffffff);
	assert_true(snap->observer.scores_known);
	assert_int_equal(snap->observer.oom_score, 666);
	assert_int_equal(snap->observer.oom_score_adj, 0);
	assert_true(snap->observer.in_init_pid_ns && snap->observer.in_init_user_ns);
	assert_false(snap->observer.proc_hides);

	const struct task *java = task_of(snap, 1804);
	assert_true(text_is(snapshot_text(snap, java->comm), "java"));
	assert_true(text_is(snapshot_text(snap, java->cgroup), "/system.slice/app.service"));
	assert_int_equal(java->ppid, 1);
	assert_int_equal(java->uid, 1001);
	assert_int_equal(java->threads, 48);
	assert_int_equal(java->state, 'S');
	assert_int_equal(java->start_ticks, 40210);
	assert_int_equal(java->oom_score, 879);
	assert_int_equal(java->oom_score_adj, 0);
	/* The file counts pages of 4 KiB, VmRSS is in KiB. */
	assert_int_equal(java->rss_quick_pages, 786030);
	uint64_t page = snap->page_bytes;
	assert_int_equal(java->rss_pages * page, UINT64_C(786030) * 4096 / page * page);
	assert_int_equal(java->swap_pages * page, UINT64_C(20480) * 4096 / page * page);
	assert_int_equal(java->pgtables_bytes, 1980 * 4096);
	assert_int_equal(java->cap_eff, 0);
	for (int group = 0; group < TASK__GROUPS; group++) {
		enum fact_state expected = group == TASK_FLOOR || group == TASK_POLICY || group == TASK_MARKS ? FACT_UNKNOWN :
					   group == TASK_MMID ? FACT_ABSENT : FACT_KNOWN;
		assert_int_equal(java->group_state[group], expected);
		assert_int_equal(java->age[group], 0);
	}
	assert_true(text_equal(snapshot_text(snap, task_of(snap, 2300)->comm), TEXT("x) S 1 \x1b[2J\n\xff")));
	assert_int_equal(task_of(snap, 655)->oom_score_adj, -1000);
	assert_int_equal(task_of(snap, 2500)->oom_score, 1333);
}

static void the_host_s_figures_are_read(void **state)
{
	const struct snapshot *snap = host_take(*state, NULL);
	const struct system_facts *sys = &snap->system;
	assert_int_equal(system_get(sys, SYS_MEM_TOTAL, 0), UINT64_C(8039228) * 1024);
	assert_int_equal(system_get(sys, SYS_SWAP_FREE, 0), UINT64_C(1058748) * 1024);
	assert_int_equal(system_get(sys, SYS_OOM_KILL, 0), 3);
	assert_int_equal(system_get(sys, SYS_ALLOCSTALL, 0), 1404);
	assert_int_equal(system_get(sys, SYS_REFAULT, 0), 1285314);
	assert_int_equal(system_get(sys, SYS_PROCS_RUNNING, 0), 2);
	assert_int_equal(sys->state[SYS_ZRAM_ORIG], FACT_ABSENT);
	assert_int_equal(sys->state[SYS_LOW_TOTAL], FACT_ABSENT);
	assert_int_equal(sys->psi[PSI_MEMORY].some.avg10_centi, 410);
	assert_int_equal(sys->psi[PSI_CPU].full.state, FACT_KNOWN);
	assert_int_equal(sys->sysctl[SYSCTL_OVERCOMMIT_RATIO].state, FACT_KNOWN);
	assert_int_equal(sys->sysctl[SYSCTL_OVERCOMMIT_RATIO].value, 50);
	/* Movable and Device are empty. */
	assert_int_equal(sys->nzones, 3);
	assert_string_equal(sys->zones[2].name, "Normal");
	uint64_t managed = 0;
	for (uint32_t i = 0; i < sys->nzones; i++)
		managed += sys->zones[i].managed_pages;
	assert_int_equal(managed, 8039228 / 4);
	assert_int_equal(sys->nswaps, 2);
	assert_true(text_is(snapshot_text(snap, sys->swaps[1].name), "/swap file"));
	assert_int_equal(sys->swaps[0].used_bytes, 1038400 * 1024);
}

static void tasks_without_memory_say_so(void **state)
{
	const struct snapshot *snap = host_take(*state, NULL);
	static const int32_t pids[] = { 2, 58, 2600 };
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		const struct task *task = task_of(snap, pids[i]);
		assert_int_equal(task->group_state[TASK_MM], FACT_ABSENT);
		assert_int_equal(task->group_state[TASK_SPLIT], FACT_ABSENT);
		assert_int_equal(task->group_state[TASK_STATM], FACT_ABSENT);
		assert_int_equal(task->group_state[TASK_STATUS], FACT_KNOWN);
		assert_int_equal(task->group_state[TASK_ADJ], FACT_KNOWN);
		assert_false(task->through_thread);
	}
	assert_true(task_is_kthread(task_of(snap, 58)));
}

static void an_exited_leader_is_seen_through_a_living_thread(void **state)
{
	struct host *host = *state;
	for (int tick = 0; tick < 12; tick++) {
		const struct snapshot *snap = host_take(host, NULL);
		const struct task *task = task_of(snap, 2700);
		assert_true(task->through_thread);
		assert_int_equal(task->state, 'Z');
		assert_int_equal(task->rss_quick_pages, 26210);
		assert_int_equal(task->virt_bytes, UINT64_C(41200) * 4096);
		assert_int_equal(task->pgtables_bytes, 72 * 4096);
		assert_int_equal(task->shr_pages, 610);
		assert_int_equal(task->group_state[TASK_MM], FACT_KNOWN);
		assert_int_equal(task->group_state[TASK_SPLIT], FACT_KNOWN);
		assert_int_equal(task->age[TASK_MM], 0);
	}
	host_remove(host, "proc/2700/task/2702");
	const struct task *task = task_of(host_take(host, NULL), 2700);
	assert_false(task->through_thread);
	assert_int_equal(task->group_state[TASK_MM], FACT_ABSENT);
	assert_int_equal(task->group_state[TASK_STATM], FACT_ABSENT);
}

static void nothing_gets_older_than_promised(void **state)
{
	struct host *host = *state;
	unsigned read_now = 0;
	for (int tick = 0; tick < 3 * SAMPLE_MAX_AGE; tick++) {
		const struct snapshot *snap = host_take(host, NULL);
		for (uint32_t i = 0; i < snap->ntasks; i++) {
			const struct task *task = &snap->tasks[i];
			assert_int_equal(task->age[TASK_STAT], 0);
			for (int group = TASK_STATM; group <= TASK_CGROUP; group++)
				assert_true(task->age[group] < SAMPLE_MAX_AGE);
			if (tick >= SAMPLE_MAX_AGE && task->age[TASK_SCORE] == 0)
				read_now++;
		}
		assert_true(text_is(snapshot_text(snap, task_of(snap, 2411)->cgroup), "/system.slice/mysql.service"));
	}
	/* In two rounds each of the 16 has its turn twice, no more. */
	assert_int_equal(read_now, 2 * 16);
}

static void at_two_speeds_the_dearer_files_have_longer_rounds(void **state)
{
	struct host *host = *state;
	const struct sample_wish wish = { .two_speed = true };
	unsigned read_now = 0, adjs_now = 0;
	for (int tick = 0; tick < 3 * SAMPLE_SLOW * SAMPLE_MAX_AGE; tick++) {
		const struct snapshot *snap = host_wish(host, &wish);
		assert_int_equal(snap->ntasks, 16);
		for (uint32_t i = 0; i < snap->ntasks; i++) {
			const struct task *task = &snap->tasks[i];
			/* A recorded process has no clock. */
			assert_int_equal(task->age[TASK_STAT], 0);
			assert_true(task->age[TASK_ADJ] < SAMPLE_MAX_AGE);
			for (int group = TASK_STATM; group <= TASK_CGROUP; group++)
				assert_true(task->age[group] < SAMPLE_SLOW * SAMPLE_MAX_AGE);
			if (tick >= SAMPLE_SLOW * SAMPLE_MAX_AGE) {
				read_now += task->age[TASK_SCORE] == 0;
				adjs_now += task->age[TASK_ADJ] == 0;
			}
		}
	}
	assert_int_equal(read_now, 2 * 16);
	assert_int_equal(adjs_now, 2 * SAMPLE_SLOW * 16);
}

static void what_is_asked_for_is_fresh(void **state)
{
	struct host *host = *state;
	const struct snapshot *snap = host_take(host, NULL);
	host_write(host, "proc/1804/oom_score_adj", "500\n");
	host_write(host, "proc/991/oom_score_adj", "500\n");
	uint8_t need[16] = { 0 };
	need[task_of(snap, 1804) - snap->tasks] = NEED_ADJ | NEED_CGROUP;
	snap = host_take(host, need);
	assert_int_equal(task_of(snap, 1804)->oom_score_adj, 500);
	assert_int_equal(task_of(snap, 1804)->age[TASK_ADJ], 0);
	assert_int_equal(task_of(snap, 1804)->age[TASK_CGROUP], 0);
	assert_int_equal(task_of(snap, 1804)->age[TASK_SCORE], 1);
	/* Not asked for and not its turn: (991 + 2) % 8 is 1. */
	assert_int_equal(task_of(snap, 991)->oom_score_adj, 0);
	assert_int_equal(task_of(snap, 991)->age[TASK_ADJ], 1);
	for (int tick = 0; tick < SAMPLE_MAX_AGE; tick++)
		snap = host_take(host, NULL);
	assert_int_equal(task_of(snap, 991)->oom_score_adj, 500);
}

static void memory_that_moves_is_looked_at_at_once(void **state)
{
	struct host *host = *state;
	host_take(host, NULL);
	host_write(host, "proc/2500/status", "Name:\thelper\nPid:\t2500\nUid:\t0\t77\t0\t0\nVmRSS:\t 400000 kB\nVmPTE:\t 64 kB\n");
	/* One page more than before. */
	host_write(host, "proc/2500/stat", "2500 (helper) S 1 2500 2500 0 -1 4194560 1000 0 3 0 120 40 0 0 20 0 1 0 98000 "
					   "10649600 1281 18446744073709551615\n");
	const struct task *task = task_of(host_take(host, NULL), 2500);
	assert_int_equal(task->age[TASK_STATUS], 0);
	assert_int_equal(task->uid, 77);
	assert_int_equal(task->pgtables_bytes, 65536);
	assert_int_equal(task->group_state[TASK_SPLIT], FACT_ABSENT);
	assert_int_equal(task->age[TASK_SCORE], 1);
}

/* The stat line of pid 2500 with what an exec changes. */
static void host_exec(const struct host *host, const char *comm, unsigned flags, const char *stack)
{
	char line[512];
	snprintf(line, sizeof line, "2500 (%s) S 1 2500 2500 0 -1 %u 1000 0 3 0 120 40 0 0 20 0 1 0 98000 10649600 1280 "
				    "18446744073709551615 1 1 %s 0\n", comm, flags, stack);
	host_write(host, "proc/2500/stat", line);
}

static void after_an_exec_nothing_is_carried_over(void **state)
{
	struct host *host = *state;
	static const struct {
		const char *comm;
		unsigned flags;
		const char *stack;
		bool execed;
	} steps[] = {
		{ "start", 0x400100, "140720163840000", true }, /* another comm than helper */
		{ "start", 0x400140, "140720163840000", true }, /* forked and not execed, or the other way round */
		{ "start", 0x400140, "140720163850000", true }, /* the same program anew */
		{ "start", 0x400140, "0", false },              /* we may not know it any more */
		{ "start", 0x400140, "140720163860000", false },
		{ "start", 0x400140, "140720163860000", false },
	};
	host_take(host, NULL);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		host_exec(host, steps[i].comm, steps[i].flags, steps[i].stack);
		char adj[16], cgroup[32];
		snprintf(adj, sizeof adj, "%d\n", 100 + (int)i);
		snprintf(cgroup, sizeof cgroup, "0::/step%d\n", (int)i);
		host_write(host, "proc/2500/oom_score_adj", adj);
		host_write(host, "proc/2500/cgroup", cgroup);
		const struct snapshot *snap = host_take(host, NULL);
		const struct task *task = task_of(snap, 2500);
		/* Its own turn: (2500 + tick) % 8 is 0 in tick 4. */
		bool fresh = steps[i].execed || snap->tick == 4;
		static const enum task_group groups[] = { TASK_STATUS, TASK_STATM, TASK_SCORE, TASK_ADJ, TASK_CGROUP };
		for (size_t j = 0; j < COUNT_OF(groups); j++)
			assert_int_equal(task->age[groups[j]] == 0, fresh);
		assert_int_equal(task->oom_score_adj == 100 + (int)i, fresh);
		assert_int_equal(text_equal(snapshot_text(snap, task->cgroup), text_of(cgroup + 3, strlen(cgroup) - 4)), fresh);
	}
}

static void long_ticks_carry_facts_no_longer_than_seconds(void **state)
{
	struct host *host = *state;
	static const struct {
		uint64_t delay_ms;
		unsigned age_max;
	} cases[] = { { 100, 7 }, { 500, 7 }, { 1000, 7 }, { 2000, 3 }, { 4000, 1 }, { 8000, 0 }, { 60000, 0 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned oldest = 0;
		for (unsigned tick = 0; tick < 2 * SAMPLE_MAX_AGE; tick++) {
			const struct sample_wish wish = { .between_ns = cases[i].delay_ms * 1000000 };
			const struct snapshot *snap = host_wish(host, &wish);
			for (uint32_t j = 0; j < snap->ntasks; j++)
				oldest = snap->tasks[j].age[TASK_ADJ] > oldest ? snap->tasks[j].age[TASK_ADJ] : oldest;
		}
		/* At once, also in the first tick after the delay has grown. */
		assert_int_equal(oldest, cases[i].age_max);
	}
}

/* Else each late tick would have more to do, and be later for it. */
static void ticks_that_come_late_read_no_more(void **state)
{
	struct host *host = *state;
	const struct sample_wish wish = { .between_ns = 1000000000 };
	unsigned oldest = 0;
	for (unsigned tick = 0; tick < 2 * SAMPLE_MAX_AGE; tick++) {
		if (host->ticks > 0)
			host->snaps[(host->ticks + 1) % 2].monotonic_ns -= 60000000000;
		const struct snapshot *snap = host_wish(host, &wish);
		for (uint32_t j = 0; j < snap->ntasks; j++)
			oldest = snap->tasks[j].age[TASK_ADJ] > oldest ? snap->tasks[j].age[TASK_ADJ] : oldest;
	}
	assert_int_equal(oldest, SAMPLE_MAX_AGE - 1);
}

static void a_reused_pid_is_another_process(void **state)
{
	struct host *host = *state;
	host_take(host, NULL);
	host_write(host, "proc/2500/stat", "2500 (other) S 1 2500 2500 0 -1 4194560 1000 0 3 0 120 40 0 0 20 0 1 0 98001 "
					   "10649600 1280 18446744073709551615\n");
	host_write(host, "proc/2500/oom_score_adj", "-7\n");
	host_write(host, "proc/2500/cgroup", "0::/other\n");
	const struct snapshot *snap = host_take(host, NULL);
	const struct task *task = task_of(snap, 2500);
	assert_int_equal(task->oom_score_adj, -7);
	assert_int_equal(task->age[TASK_ADJ], 0);
	assert_true(text_is(snapshot_text(snap, task->comm), "other"));
	assert_true(text_is(snapshot_text(snap, task->cgroup), "/other"));
}

static void vanished_and_senseless_tasks_do_not_stop_the_tick(void **state)
{
	struct host *host = *state;
	host_take(host, NULL);
	host_remove(host, "proc/1804");
	host_remove(host, "proc/655/stat");
	host_write(host, "proc/412/stat", "412 (systemd-jour");
	run("mkdir '%s/proc/77' '%s/proc/9x'", host->dir, host->dir);
	run("cp -R '%s/proc/702' '%s/proc/702000'", host->dir, host->dir);
	const struct snapshot *snap = host_take(host, NULL);
	assert_null(snapshot_find(snap, 1804));
	assert_null(snapshot_find(snap, 655));
	assert_null(snapshot_find(snap, 77));
	assert_null(snapshot_find(snap, 412));
	assert_int_equal(snap->tasks_denied, 1);
	assert_int_equal(snap->ntasks, 16 - 3 + 1);
	for (uint32_t i = 1; i < snap->ntasks; i++)
		assert_true(snap->tasks[i - 1].pid < snap->tasks[i].pid);
	assert_int_equal(task_of(snap, 702000)->age[TASK_SCORE], 0);
}

/* Larger than any file is read: a read refused for want of memory, as the kernel
 * refuses one when it has none. */
static void host_refuse(const struct host *host, const char *path)
{
	char full[256];
	host_path(host, path, full);
	assert_int_equal(truncate(full, (off_t)20 << 20), 0);
}

static void a_read_refused_for_want_of_memory_costs_only_that_file(void **state)
{
	struct host *host = *state;
	host_refuse(host, "proc/1804/status");
	host_refuse(host, "proc/1804/oom_score_adj");
	host_refuse(host, "proc/991/cgroup");
	host_refuse(host, "proc/991/statm");
	host_refuse(host, "proc/702/stat");
	host_refuse(host, "proc/vmstat");
	host_refuse(host, "proc/zoneinfo");
	for (int tick = 0; tick < 2; tick++) {
		const struct snapshot *snap = host_take(host, NULL);
		assert_int_equal(snap->ntasks, 15);
		assert_int_equal(snap->tasks_denied, 1);
		assert_null(snapshot_find(snap, 702));
		const struct task *java = task_of(snap, 1804), *postgres = task_of(snap, 991);
		assert_int_equal(java->group_state[TASK_STATUS], FACT_UNKNOWN);
		assert_int_equal(java->group_state[TASK_MM], FACT_UNKNOWN);
		assert_int_equal(java->group_state[TASK_ADJ], FACT_UNKNOWN);
		assert_int_equal(java->group_state[TASK_SCORE], FACT_KNOWN);
		assert_int_equal(postgres->group_state[TASK_CGROUP], FACT_UNKNOWN);
		assert_int_equal(postgres->group_state[TASK_STATM], FACT_UNKNOWN);
		assert_int_equal(postgres->group_state[TASK_MM], FACT_KNOWN);
		assert_int_equal(snap->system.state[SYS_OOM_KILL], FACT_UNKNOWN);
		assert_int_equal(snap->system.nzones, 0);
		assert_true(system_knows(&snap->system, SYS_MEM_TOTAL));
	}
	/* It is asked for again at once, not when its turn comes: (1804 + 3) % 8 is 7. */
	host_write(host, "proc/1804/oom_score_adj", "300\n");
	assert_int_equal(task_of(host_take(host, NULL), 1804)->oom_score_adj, 300);
}

static void files_an_old_kernel_lacks_are_absent(void **state)
{
	struct host *host = *state;
	static const char *const gone[] = { "proc/pressure", "proc/swaps", "proc/zoneinfo", "proc/sys/vm/user_reserve_kbytes",
					    "proc/1804/oom_score_adj", "proc/1804/cgroup", "proc/self/ns" };
	for (size_t i = 0; i < COUNT_OF(gone); i++)
		host_remove(host, gone[i]);
	host_write(host, "proc/1804/status", "Name:\tjava\nPid:\t1804\nUid:\t1\t1\t1\t1\nVmRSS:\t 4000 kB\nVmPTE:\t 64 kB\n");
	const struct snapshot *snap = host_take(host, NULL);
	assert_int_equal(snap->system.psi[PSI_MEMORY].some.state, FACT_ABSENT);
	assert_int_equal(snap->system.psi[PSI_MEMORY].full.state, FACT_ABSENT);
	assert_int_equal(snap->system.nswaps, 0);
	assert_int_equal(snap->system.nzones, 0);
	assert_int_equal(snap->system.sysctl[SYSCTL_USER_RESERVE_KBYTES].state, FACT_ABSENT);
	assert_int_equal(snap->system.sysctl[SYSCTL_SWAPPINESS].state, FACT_KNOWN);
	assert_true(snap->observer.in_init_pid_ns);
	const struct task *java = task_of(snap, 1804);
	assert_int_equal(java->group_state[TASK_ADJ], FACT_ABSENT);
	assert_int_equal(java->group_state[TASK_CGROUP], FACT_ABSENT);
	assert_int_equal(java->group_state[TASK_SCORE], FACT_KNOWN);
	assert_int_equal(java->group_state[TASK_MM], FACT_KNOWN);
	assert_int_equal(java->group_state[TASK_SPLIT], FACT_ABSENT);
	assert_int_equal(java->swap_pages, 0);
	assert_int_equal(java->pgtables_bytes, 65536);
}

static void figures_that_make_no_sense_are_unknown(void **state)
{
	struct host *host = *state;
	host_write(host, "proc/meminfo", "the kernel is on holiday\n");
	host_write(host, "proc/sys/vm/swappiness", "plenty\n");
	host_write(host, "proc/pressure/memory", "some avg10=none\n");
	host_write(host, "proc/1804/oom_score_adj", "1001\n");
	host_write(host, "proc/1804/statm", "?\n");
	host_write(host, "proc/1804/status", "Name:\tjava\n");
	host_write(host, "proc/self/oom_score", "\n");
	const struct snapshot *snap = host_take(host, NULL);
	assert_int_equal(snap->system.state[SYS_MEM_TOTAL], FACT_UNKNOWN);
	assert_int_equal(snap->system.sysctl[SYSCTL_SWAPPINESS].state, FACT_UNKNOWN);
	assert_int_equal(snap->system.psi[PSI_MEMORY].some.state, FACT_UNKNOWN);
	assert_false(snap->observer.scores_known);
	const struct task *java = task_of(snap, 1804);
	assert_int_equal(java->group_state[TASK_ADJ], FACT_UNKNOWN);
	assert_int_equal(java->group_state[TASK_STATM], FACT_UNKNOWN);
	assert_int_equal(java->group_state[TASK_STATUS], FACT_UNKNOWN);
	assert_int_equal(java->group_state[TASK_MM], FACT_UNKNOWN);
	assert_int_equal(java->group_state[TASK_SCORE], FACT_KNOWN);
}

static void a_changed_sysctl_is_seen_at_the_next_tick(void **state)
{
	struct host *host = *state;
	host_take(host, NULL);
	host_remove(host, "proc/sys/vm/swappiness");
	host_write(host, "proc/sys/vm/swappiness", "1\n");
	host_write(host, "proc/sys/vm/user_reserve_kbytes", "18446744073709551615\n");
	const struct snapshot *snap = host_take(host, NULL);
	assert_int_equal(snap->system.sysctl[SYSCTL_SWAPPINESS].value, 1);
	assert_true(snap->system.sysctl[SYSCTL_USER_RESERVE_KBYTES].value == INT64_MAX);
}

static void hiding_concerns_those_it_hides_from(void **state)
{
	struct host *host = *state;
	static const struct {
		const char *hidepid;
		const char *self;
		bool hides;
	} cases[] = {
		{ "2", "Pid:\t3001\nUid:\t5\t5\t5\t5\nGid:\t9\t9\t9\t9\nGroups:\t7 8 \nCapEff:\t0000000000000000\n", true },
		{ "2", "Pid:\t3001\nUid:\t5\t5\t5\t5\nGid:\t9\t9\t9\t9\nGroups:\t7 4 \nCapEff:\t0000000000000000\n", false },
		{ "2", "Pid:\t3001\nUid:\t5\t5\t5\t5\nGid:\t9\t9\t9\t4\nGroups:\t\nCapEff:\t0000000000000000\n", false },
		{ "2", "Pid:\t3001\nUid:\t5\t5\t5\t5\nGid:\t9\t9\t9\t9\nGroups:\t\nCapEff:\t0000000000080000\n", false },
		{ "4", "Pid:\t3001\nUid:\t5\t5\t5\t5\nGid:\t9\t9\t9\t4\nGroups:\t4\nCapEff:\t0000000000000000\n", true },
		{ "0", "Pid:\t3001\nUid:\t5\t5\t5\t5\nGid:\t9\t9\t9\t9\nGroups:\t\nCapEff:\t0000000000000000\n", false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char line[128];
		snprintf(line, sizeof line, "23 28 0:21 / /proc rw - proc proc rw,gid=4,hidepid=%s\n", cases[i].hidepid);
		host_write(host, "proc/self/mountinfo", line);
		host_write(host, "proc/self/status", cases[i].self);
		sampler_free(host->sampler);
		host->sampler = NULL;
		host->ticks = 0;
		assert_int_equal(host_take(host, NULL)->observer.proc_hides, cases[i].hides);
	}
}

static void links_do_not_lead_out_of_the_root(void **state)
{
	struct host *host = *state;
	host_remove(host, "proc/meminfo");
	host_remove(host, "proc/2500");
	run("ln -s /proc/meminfo '%s/proc/meminfo' && ln -s /proc/self '%s/proc/2500'", host->dir, host->dir);
	const struct snapshot *snap = host_take(host, NULL);
	assert_false(system_knows(&snap->system, SYS_MEM_TOTAL));
	/* /proc/self of this root is a directory of its own, that of pid 3001. */
	const struct task *task = snapshot_find(snap, 2500);
	assert_true(!task || text_is(snapshot_text(snap, task->comm), "oomsight"));
}

static void zram_devices_are_added_up(void **state)
{
	struct host *host = *state;
	run("mkdir -p '%s/sys/block/zram0' '%s/sys/block/zram2'", host->dir, host->dir);
	host_write(host, "sys/block/zram0/mm_stat", "  8192  1000  4096  0  4096  0  0  0  0\n");
	host_write(host, "sys/block/zram2/mm_stat", "  100  10  20  0\n");
	const struct snapshot *snap = host_take(host, NULL);
	assert_int_equal(system_get(&snap->system, SYS_ZRAM_ORIG, 0), 8292);
	assert_int_equal(system_get(&snap->system, SYS_ZRAM_USED, 0), 4116);
}

static void names_of_files_are_counted(void **state)
{
	struct host *host = *state;
	assert_int_equal(host_take(host, NULL)->system.state[SYS_DENTRIES], FACT_ABSENT);
	run("mkdir -p '%s/proc/sys/fs'", host->dir);
	host_write(host, "proc/sys/fs/dentry-state", "11907\t1217\t45\t0\t800\t0\n");
	const struct snapshot *snap = host_take(host, NULL);
	assert_int_equal(system_get(&snap->system, SYS_DENTRIES, 0), 11907);
	assert_int_equal(system_get(&snap->system, SYS_DENTRIES_UNUSED, 0), 1217);
}

static void an_endless_status_is_read_to_its_end(void **state)
{
	struct host *host = *state;
	/* A process may be in 65536 groups; what matters stands behind them. */
	size_t size = 400000;
	char *bytes = malloc(size);
	assert_non_null(bytes);
	size_t len = (size_t)snprintf(bytes, size, "Pid:\t1804\nUid:\t1\t1\t1\t1\nGroups:\t");
	for (unsigned i = 0; i < 65536; i++)
		len += (size_t)snprintf(bytes + len, size - len, "%u ", i % 10000);
	snprintf(bytes + len, size - len, "\nVmRSS:\t 4000 kB\nVmSwap:\t 8000 kB\n");
	host_write(host, "proc/1804/status", bytes);
	free(bytes);
	const struct snapshot *snap = host_take(host, NULL);
	assert_int_equal(task_of(snap, 1804)->group_state[TASK_MM], FACT_KNOWN);
	assert_int_equal(task_of(snap, 1804)->swap_pages, 8000 * 1024 / snap->page_bytes);
	assert_int_equal(task_of(snap, 991)->uid, 114);
}

#define HOST_TEST(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(a_whole_host_is_read),
		HOST_TEST(the_host_s_figures_are_read),
		HOST_TEST(tasks_without_memory_say_so),
		HOST_TEST(an_exited_leader_is_seen_through_a_living_thread),
		HOST_TEST(nothing_gets_older_than_promised),
		HOST_TEST(at_two_speeds_the_dearer_files_have_longer_rounds),
		HOST_TEST(what_is_asked_for_is_fresh),
		HOST_TEST(memory_that_moves_is_looked_at_at_once),
		HOST_TEST(after_an_exec_nothing_is_carried_over),
		HOST_TEST(long_ticks_carry_facts_no_longer_than_seconds),
		HOST_TEST(ticks_that_come_late_read_no_more),
		HOST_TEST(a_reused_pid_is_another_process),
		HOST_TEST(vanished_and_senseless_tasks_do_not_stop_the_tick),
		HOST_TEST(a_read_refused_for_want_of_memory_costs_only_that_file),
		HOST_TEST(files_an_old_kernel_lacks_are_absent),
		HOST_TEST(figures_that_make_no_sense_are_unknown),
		HOST_TEST(a_changed_sysctl_is_seen_at_the_next_tick),
		HOST_TEST(hiding_concerns_those_it_hides_from),
		HOST_TEST(links_do_not_lead_out_of_the_root),
		HOST_TEST(zram_devices_are_added_up),
		HOST_TEST(names_of_files_are_counted),
		HOST_TEST(an_endless_status_is_read_to_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
