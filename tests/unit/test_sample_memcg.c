/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory cgroups and NUMA nodes of recorded hosts: v2, v1 in a hybrid, mounted
 * elsewhere, seen from within a container, changing between two ticks.
 */
#include "unit.h"

#include <sys/stat.h>

#include "oomsight/sample/sampler.h"

struct host {
	char dir[64]; /* a copy that may be changed */
	struct root root;
	struct sampler *sampler;
	struct snapshot snaps[2];
	unsigned ticks;
	struct sample_wish wish;
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

static void host_write(const struct host *host, const char *path, const char *bytes)
{
	char full[512];
	snprintf(full, sizeof full, "%s/%s", host->dir, path);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(bytes, file) >= 0);
	fclose(file);
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

static int hybrid_setup(void **state)
{
	int r = host_setup(state);
	const struct host *host = *state;
	const char *srcdir = getenv("srcdir");
	run("rm -r '%s/sys/fs'", host->dir);
	run("cp -R '%s'/tests/fixtures/hybrid-cgroup/. '%s' && chmod -R u+w '%s'", srcdir ? srcdir : ".", host->dir,
	    host->dir);
	return r;
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

static const struct snapshot *host_take(struct host *host)
{
	struct diag diag;
	if (!host->sampler)
		host->sampler = sampler_new(&host->root, SOURCE_WISH_PROC, &diag);
	assert_non_null(host->sampler);
	struct snapshot *next = &host->snaps[host->ticks % 2];
	struct snapshot *prev = host->ticks ? &host->snaps[(host->ticks + 1) % 2] : NULL;
	assert_int_equal(sampler_take(host->sampler, prev, &host->wish, next, &diag), 0);
	host->ticks++;
	return next;
}

static const struct snapshot *host_take_all(struct host *host)
{
	host->wish = (struct sample_wish){ .memcgs = true, .nodes = true };
	return host_take(host);
}

static const struct memcg *memcg_of(const struct snapshot *snap, const char *path)
{
	uint32_t index = snapshot_find_memcg(snap, text_of_str(path));
	assert_true(index < snap->nmemcgs);
	return &snap->memcgs[index];
}

/* The group a task is charged to; NULL for none. */
static const char *group_of(const struct snapshot *snap, int32_t pid)
{
	static char path[256];
	const struct task *task = snapshot_find(snap, pid);
	assert_non_null(task);
	if (task->memcg == TASK_MEMCG_UNKNOWN)
		return NULL;
	assert_true(task->memcg < snap->nmemcgs);
	return text_copy(snapshot_text(snap, snap->memcgs[task->memcg].path), path, sizeof path);
}

static void assert_is_a_tree(const struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		const struct memcg *memcg = &snap->memcgs[i];
		assert_true(memcg->end > i && memcg->end <= snap->nmemcgs);
		if (i == 0) {
			assert_int_equal(memcg->parent, TASK_MEMCG_UNKNOWN);
			assert_int_equal(memcg->end, snap->nmemcgs);
			assert_int_equal(memcg->depth, 0);
			continue;
		}
		assert_true(memcg->parent < i);
		const struct memcg *parent = &snap->memcgs[memcg->parent];
		assert_true(i < parent->end && memcg->end <= parent->end);
		assert_int_equal(memcg->depth, parent->depth + 1);
	}
}

static void a_v2_tree_is_read_whole(void **state)
{
	const struct snapshot *snap = host_take_all(*state);
	assert_int_equal(snap->memcg_version, MEMCG_V2);
	assert_int_equal(snap->nmemcgs, 13); /* session-9.scope has no controller */
	assert_is_a_tree(snap);
	const struct memcg *app = memcg_of(snap, "/system.slice/app.service");
	assert_true(memcg_has_limit(app));
	assert_int_equal(app->usage_bytes, 3250585600);
	assert_int_equal(app->max_bytes, 3355443200);
	assert_int_equal(app->high_bytes, 3221225472);
	assert_int_equal(app->low_bytes, 4096);
	assert_int_equal(app->min_bytes, 8192);
	assert_int_equal(app->swap_usage_bytes, 83886080);
	assert_int_equal(app->swap_max_bytes, 104857600);
	assert_false(app->oom_group);
	assert_true(memcg_of(snap, "/system.slice/postgresql@15-main.service")->oom_group);
	assert_int_equal(app->stat_known, (1U << MEMCG_STAT__COUNT) - 1);
	assert_int_equal(app->stat_bytes[MEMCG_STAT_ANON], 3145728000);
	assert_int_equal(app->stat_bytes[MEMCG_STAT_INACTIVE_FILE], 41943040);
	assert_int_equal(app->stat_bytes[MEMCG_STAT_SLAB_UNRECLAIMABLE], 4096000);
	assert_int_equal(app->events[MEMCG_EVENT_HIGH], 41);
	assert_int_equal(app->events[MEMCG_EVENT_OOM_KILL], 2);
	const struct memcg *slice = memcg_of(snap, "/system.slice");
	assert_int_equal(slice->events[MEMCG_EVENT_OOM], 3);
	assert_int_equal(slice->events_local[MEMCG_EVENT_OOM], 0);
	assert_true(memcg_knows(slice, MEMCG_MAX) && !memcg_has_limit(slice));
	assert_int_equal(slice->max_bytes, MEMCG_UNLIMITED);
	assert_int_equal(app->pressure.some.avg10_centi, 150);
	assert_int_equal(app->pressure.full.total_us, 65432);
	assert_int_equal(app->group_state[MEMCG_OOM_CONTROL], FACT_ABSENT);
	/* The root of v2 has neither usage nor a limit. */
	const struct memcg *root = memcg_of(snap, "/");
	assert_int_equal(root->group_state[MEMCG_USAGE], FACT_ABSENT);
	assert_int_equal(root->group_state[MEMCG_MAX], FACT_ABSENT);
	assert_true(memcg_knows(root, MEMCG_STAT));
}

static void tasks_are_charged_to_the_nearest_group_with_the_controller(void **state)
{
	struct host *host = *state;
	const struct snapshot *snap = host_take_all(host);
	assert_string_equal(group_of(snap, 1804), "/system.slice/app.service");
	assert_string_equal(group_of(snap, 1), "/init.scope");
	assert_string_equal(group_of(snap, 2), "/");
	/* /user.slice/user-0.slice/session-9.scope */
	assert_string_equal(group_of(snap, 3001), "/user.slice/user-0.slice");
	uint64_t walked = snap->tick;
	host->wish.memcgs = false;
	for (int i = 0; i < 3; i++) {
		snap = host_take(host);
		assert_string_equal(group_of(snap, 3001), "/user.slice/user-0.slice");
	}
	assert_int_equal(snap->memcgs[0].age[MEMCG_STAT], snap->tick - walked);
}

static void between_walks_only_groups_with_a_limit_are_read(void **state)
{
	struct host *host = *state;
	const struct snapshot *snap = host_take(host);
	assert_int_equal(memcg_of(snap, "/system.slice/app.service")->group_state[MEMCG_STAT], FACT_UNKNOWN);
	assert_true(memcg_of(snap, "/system.slice/postgresql@15-main.service")->oom_group);
	host_write(host, "sys/fs/cgroup/system.slice/app.service/memory.current", "777\n");
	host_write(host, "sys/fs/cgroup/system.slice/app.service/memory.max", "888\n");
	host_write(host, "sys/fs/cgroup/system.slice/memory.current", "999\n");
	snap = host_take(host);
	assert_int_equal(memcg_of(snap, "/system.slice/app.service")->usage_bytes, 777);
	assert_int_equal(memcg_of(snap, "/system.slice/app.service")->max_bytes, 888);
	assert_int_equal(memcg_of(snap, "/system.slice")->usage_bytes, 5368709120);
	assert_int_equal(memcg_of(snap, "/system.slice")->age[MEMCG_USAGE], 1);
	unsigned ticks = 0;
	while (memcg_of(snap, "/system.slice")->usage_bytes != 999 && ticks++ < SAMPLE_MAX_AGE)
		snap = host_take(host);
	assert_true(ticks < SAMPLE_MAX_AGE);
	assert_is_a_tree(snap);
}

/* So that a host of many containers costs no more than one of few. */
static void of_many_groups_with_a_limit_the_fullest_are_read_in_every_tick(void **state)
{
	struct host *host = *state;
	char path[96], bytes[32], group[48];
	for (int i = 0; i < 40; i++) {
		run("cp -R '%s/sys/fs/cgroup/system.slice/ssh.service' '%s/sys/fs/cgroup/system.slice/pod%d.service'", host->dir,
		    host->dir, i);
		snprintf(path, sizeof path, "sys/fs/cgroup/system.slice/pod%d.service/memory.max", i);
		host_write(host, path, "1000000\n");
		snprintf(path, sizeof path, "sys/fs/cgroup/system.slice/pod%d.service/memory.current", i);
		snprintf(bytes, sizeof bytes, "%d\n", i * 20000);
		host_write(host, path, bytes);
	}
	host_take(host);
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof path, "sys/fs/cgroup/system.slice/pod%d.service/memory.current", i);
		host_write(host, path, "999999\n");
	}
	const struct snapshot *snap = host_take(host);
	unsigned read = 0;
	for (uint32_t i = 0; i < snap->nmemcgs; i++)
		read += memcg_has_limit(&snap->memcgs[i]) && snap->memcgs[i].age[MEMCG_USAGE] == 0;
	assert_int_equal(read, 8);
	assert_int_equal(memcg_of(snap, "/system.slice/pod39.service")->usage_bytes, 999999);
	assert_int_equal(memcg_of(snap, "/system.slice/pod0.service")->usage_bytes, 0);
	for (int tick = 0; tick < SAMPLE_MAX_AGE; tick++)
		snap = host_take(host);
	for (int i = 0; i < 40; i++) {
		snprintf(group, sizeof group, "/system.slice/pod%d.service", i);
		assert_int_equal(memcg_of(snap, group)->usage_bytes, 999999);
	}
}

static void a_new_group_is_found_when_a_task_stands_in_it(void **state)
{
	struct host *host = *state;
	host_take(host);
	run("cp -R '%s/sys/fs/cgroup/system.slice/ssh.service' '%s/sys/fs/cgroup/system.slice/new.service'", host->dir,
	    host->dir);
	host_write(host, "proc/1804/cgroup", "0::/system.slice/new.service\n");
	const struct snapshot *snap = host_take(host);
	unsigned ticks = 0;
	while (strcmp(group_of(snap, 1804), "/system.slice/new.service") != 0 && ticks++ < SAMPLE_MAX_AGE + 2)
		snap = host_take(host);
	assert_string_equal(group_of(snap, 1804), "/system.slice/new.service");
	assert_int_equal(snap->nmemcgs, 14);
}

static void a_group_that_goes_is_no_error(void **state)
{
	struct host *host = *state;
	host_take(host);
	run("rm -r '%s/sys/fs/cgroup/system.slice/app.service'", host->dir);
	const struct snapshot *snap = host_take(host);
	assert_int_equal(memcg_of(snap, "/system.slice/app.service")->group_state[MEMCG_MAX], FACT_GONE);
	assert_false(memcg_has_limit(memcg_of(snap, "/system.slice/app.service")));
	snap = host_take_all(host);
	assert_int_equal(snapshot_find_memcg(snap, TEXT("/system.slice/app.service")), TASK_MEMCG_UNKNOWN);
	assert_string_equal(group_of(snap, 1804), "/system.slice");
	/* Even all of them at once. */
	run("rm -r '%s/sys/fs/cgroup'", host->dir);
	snap = host_take(host);
	snap = host_take_all(host);
	assert_int_equal(snap->nmemcgs, 0);
	assert_null(group_of(snap, 1804));
}

static void what_makes_no_sense_is_unknown(void **state)
{
	struct host *host = *state;
	const char *dir = "sys/fs/cgroup/system.slice/app.service/";
	static const struct {
		const char *file, *bytes;
		enum memcg_group group;
		enum fact_state expected;
	} cases[] = {
		{ "memory.max", "lots\n", MEMCG_MAX, FACT_UNKNOWN },
		{ "memory.current", "", MEMCG_USAGE, FACT_UNKNOWN },
		{ "memory.oom.group", "2\n", MEMCG_OOM_GROUP, FACT_UNKNOWN },
		{ "memory.stat", "nothing known\n", MEMCG_STAT, FACT_UNKNOWN },
		{ "memory.events", "x y\n", MEMCG_EVENTS, FACT_UNKNOWN },
		{ "memory.swap.max", "99999999999999999999999\n", MEMCG_SWAP_MAX, FACT_UNKNOWN },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char path[256];
		snprintf(path, sizeof path, "%s%s", dir, cases[i].file);
		host_write(host, path, cases[i].bytes);
	}
	const struct snapshot *snap = host_take_all(host);
	const struct memcg *app = memcg_of(snap, "/system.slice/app.service");
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(app->group_state[cases[i].group], cases[i].expected);
}

static void v1_of_a_hybrid_is_read(void **state)
{
	const struct snapshot *snap = host_take_all(*state);
	assert_int_equal(snap->memcg_version, MEMCG_V1);
	assert_int_equal(snap->nmemcgs, 5);
	assert_is_a_tree(snap);
	const struct memcg *aa = memcg_of(snap, "/docker/aa");
	assert_int_equal(aa->usage_bytes, 524288000);
	assert_int_equal(aa->max_bytes, 536870912);
	assert_int_equal(aa->swap_usage_bytes, 600000000);
	assert_int_equal(aa->swap_max_bytes, 1073741824);
	assert_int_equal(aa->swappiness, 0);
	assert_true(aa->oom_kill_disable && aa->under_oom && aa->use_hierarchy);
	assert_int_equal(aa->events[MEMCG_EVENT_OOM_KILL], 4);
	assert_int_equal(aa->events[MEMCG_EVENT_MAX], 77);
	assert_int_equal(aa->events_known, 1U << MEMCG_EVENT_OOM_KILL | 1U << MEMCG_EVENT_MAX);
	assert_int_equal(aa->stat_bytes[MEMCG_STAT_INACTIVE_FILE], 524288000 / 8);
	assert_int_equal(aa->stat_bytes[MEMCG_STAT_ACTIVE_FILE], 20480);
	assert_false(aa->stat_known >> MEMCG_STAT_SOCK & 1);
	assert_int_equal(aa->group_state[MEMCG_OOM_GROUP], FACT_ABSENT);
	assert_false(memcg_of(snap, "/docker/bb")->use_hierarchy);
	const struct memcg *root = memcg_of(snap, "/");
	assert_int_equal(root->max_bytes, MEMCG_UNLIMITED);
	assert_string_equal(group_of(snap, 1804), "/docker/aa/sub");
	assert_string_equal(group_of(snap, 655), "/docker/bb");
	assert_string_equal(group_of(snap, 1), "/");
}

static void what_is_mounted_may_be_a_group_of_its_own(void **state)
{
	struct host *host = *state;
	/* As a container without a cgroup name space sees it. */
	host_write(host, "proc/self/mountinfo",
		   "23 28 0:21 / /proc rw - proc proc rw\n"
		   "34 31 0:29 /docker/aa /run/memory rw,relatime - cgroup cgroup rw,memory\n");
	run("mkdir -p '%s/run' && cp -R '%s/sys/fs/cgroup/mem ory/docker/aa' '%s/run/memory'", host->dir, host->dir, host->dir);
	const struct snapshot *snap = host_take_all(host);
	assert_int_equal(snap->nmemcgs, 2);
	assert_true(text_is(snapshot_text(snap, snap->memcgs[0].path), "/docker/aa"));
	assert_true(memcg_has_limit(&snap->memcgs[0]));
	assert_string_equal(group_of(snap, 1804), "/docker/aa/sub");
	assert_string_equal(group_of(snap, 1004), "/docker/aa");
	assert_null(group_of(snap, 655));
	assert_null(group_of(snap, 1));
}

static void without_the_controller_there_are_no_groups(void **state)
{
	struct host *host = *state;
	host_write(host, "sys/fs/cgroup/cgroup.controllers", "cpu pids\n");
	const struct snapshot *snap = host_take_all(host);
	assert_int_equal(snap->memcg_version, MEMCG_NONE);
	assert_int_equal(snap->nmemcgs, 0);
	assert_null(group_of(snap, 1804));
}

static void nodes_and_what_tasks_may_use_of_them(void **state)
{
	struct host *host = *state;
	const struct snapshot *snap = host_take(host);
	assert_int_equal(snap->nnodes, 1);
	uint64_t present = 0;
	for (uint32_t i = 0; i < snap->system.nzones; i++)
		present += snap->system.zones[i].present_pages;
	assert_int_equal(snap->nodes[0].present_pages, present);
	assert_int_equal(snap->nodes[0].managed_pages, 8039228 / 4);
	assert_int_equal(snap->nodes[0].meminfo_state, FACT_UNKNOWN);
	const struct nodeset *mems = snapshot_nodes(snap, snapshot_find(snap, 1804)->mems);
	assert_non_null(mems);
	assert_true(nodeset_has(mems, 0) && !nodeset_has(mems, 1));
	assert_int_equal(snap->nnodesets, 1);
	snap = host_take_all(host);
	assert_int_equal(snap->nodes[0].meminfo_state, FACT_KNOWN);
	assert_int_equal(snap->nodes[0].free_bytes, UINT64_C(412204) * 1024);
	assert_int_equal(snap->nodes[0].huge_free, 7);
	assert_int_equal(snapshot_find(snap, 1804)->mems, 0); /* taken over, with its set */
	assert_int_equal(snap->nnodesets, 1);
}

static void policies_are_read_on_demand_only(void **state)
{
	struct host *host = *state;
	host_write(host, "proc/1804/numa_maps", "7f00 bind:0 anon=3 N0=3\n7fff bind:0 stack anon=1\n");
	const struct snapshot *snap = host_take(host);
	assert_int_equal(snapshot_find(snap, 1804)->group_state[TASK_POLICY], FACT_UNKNOWN);
	uint8_t need[64];
	memset(need, NEED_POLICY, sizeof need);
	host->wish.prev_need = need;
	snap = host_take(host);
	const struct task *java = snapshot_find(snap, 1804);
	assert_int_equal(java->group_state[TASK_POLICY], FACT_KNOWN);
	assert_int_equal(java->policy, POLICY_BIND);
	assert_true(nodeset_has(snapshot_nodes(snap, java->policy_nodes), 0));
	assert_int_equal(snapshot_find(snap, 655)->group_state[TASK_POLICY], FACT_ABSENT);
}

#define WITH_HOST(test) cmocka_unit_test_setup_teardown(test, host_setup, host_teardown)
#define WITH_HYBRID(test) cmocka_unit_test_setup_teardown(test, hybrid_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOST(a_v2_tree_is_read_whole),
		WITH_HOST(tasks_are_charged_to_the_nearest_group_with_the_controller),
		WITH_HOST(between_walks_only_groups_with_a_limit_are_read),
		WITH_HOST(of_many_groups_with_a_limit_the_fullest_are_read_in_every_tick),
		WITH_HOST(a_new_group_is_found_when_a_task_stands_in_it),
		WITH_HOST(a_group_that_goes_is_no_error),
		WITH_HOST(what_makes_no_sense_is_unknown),
		WITH_HYBRID(v1_of_a_hybrid_is_read),
		WITH_HYBRID(what_is_mounted_may_be_a_group_of_its_own),
		WITH_HOST(without_the_controller_there_are_no_groups),
		WITH_HOST(nodes_and_what_tasks_may_use_of_them),
		WITH_HOST(policies_are_read_on_demand_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
