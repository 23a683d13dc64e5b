/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What `oomsight predict --memcg` foretells, against what the kernel then does.
 *
 * Each scene stands in a group made for it below the test's own group. All who
 * can die are children of this program: the limit is met by a child that fills
 * shared memory within the group, and no other group is near its limit. TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "group.h"
#include "hogs.h"

#define VICTIMS_MAX 16
#define SECONDS 20
#define KILLS 4 /* asked for */

struct prediction {
	char word[32]; /* "none" and so on; "" with victims */
	pid_t pids[VICTIMS_MAX];
	unsigned kills[VICTIMS_MAX];
	size_t n;
};

static unsigned ntests;

static void report(bool ok, const char *name)
{
	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++ntests, name);
	fflush(stdout);
}

/* Ask the program; one line a victim: kill, role, pid, points, adj, comm. */
static bool predict(const struct group *group, unsigned kills, struct prediction *ret)
{
	const char *builddir = getenv("builddir");
	char program[4096], number[16], line[512];
	int out[2];
	memset(ret, 0, sizeof *ret);
	snprintf(program, sizeof program, "%s/oomsight", builddir ? builddir : ".");
	snprintf(number, sizeof number, "%u", kills);
	if (pipe2(out, O_CLOEXEC) < 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl(program, program, "predict", "--memcg", group->path, "--kills", number, "-o", "tsv", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	FILE *file = fdopen(out[0], "r");
	while (file && fgets(line, sizeof line, file)) {
		int victim;
		unsigned kill;
		char role[16];
		printf("# %s", line);
		if (sscanf(line, "%u\t%15[^\t]\t%d", &kill, role, &victim) != 3) {
			sscanf(line, "%31[^\t\n]", ret->word);
		} else if (ret->n < VICTIMS_MAX) {
			ret->kills[ret->n] = kill;
			ret->pids[ret->n++] = victim;
		}
	}
	if (file)
		fclose(file);
	int status = 1;
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool is_foretold(const struct prediction *prediction, pid_t pid, unsigned kills)
{
	for (size_t i = 0; i < prediction->n; i++) {
		if (prediction->pids[i] == pid && prediction->kills[i] <= kills)
			return true;
	}
	return false;
}

/* Whom a tool would name that sorts by oom_score, the lowest pid of equals. */
static pid_t naive(const struct hogs *hogs)
{
	long most = -1;
	pid_t worst = 0;
	for (size_t i = 0; i < hogs->n; i++) {
		char path[64], digits[32] = "";
		snprintf(path, sizeof path, "/proc/%d/oom_score", (int)hogs->hogs[i].pid);
		FILE *file = fopen(path, "r");
		if (file && fgets(digits, sizeof digits, file) && atol(digits) > most) {
			most = atol(digits);
			worst = hogs->hogs[i].pid;
		}
		if (file)
			fclose(file);
	}
	return worst;
}

static bool are_dead_by(const struct hogs *hogs, const struct prediction *prediction, unsigned kills)
{
	for (size_t i = 0; i < hogs->n; i++) {
		if (hogs->hogs[i].dead != is_foretold(prediction, hogs->hogs[i].pid, kills))
			return false;
	}
	return true;
}

/* Have those died that were foretold for the first kills, and nobody out of turn?
 * The kernel may go on to the next kill before the memory of one is free (a
 * victim that shares its mm is gone before its sharers are): so at least that
 * many kills must have come, in the order foretold. */
static bool all_as_foretold(struct hogs *hogs, const struct prediction *prediction, unsigned kills)
{
	size_t wanted = 0;
	for (size_t i = 0; i < hogs->n; i++)
		wanted += is_foretold(prediction, hogs->hogs[i].pid, kills);
	hogs_bury(hogs, wanted, SECONDS);
	for (size_t i = 0; i < hogs->n; i++) {
		if (hogs->hogs[i].dead)
			printf("# %d was killed\n", (int)hogs->hogs[i].pid);
	}
	for (unsigned n = kills; wanted > 0 && n <= KILLS; n++) {
		if (are_dead_by(hogs, prediction, n))
			return true;
	}
	return false;
}

/* Meet the limit of `asked`, as the writer's group does, and compare. */
static bool one_kill_as_foretold(struct hogs *hogs, const struct group *asked, size_t fill_mib)
{
	struct prediction prediction;
	if (!predict(asked, KILLS, &prediction))
		return false;
	printf("# by oom_score it would be %d\n", (int)naive(hogs));
	if (!hogs_write(hogs, fill_mib, SECONDS))
		printf("# the writer has not come to its end\n");
	return all_as_foretold(hogs, &prediction, 1);
}

static void the_worst_inside_dies_though_a_worse_lives_outside(const struct group *top)
{
	struct group inside, outside;
	struct hogs hogs = { .n = 0 };
	bool ok = group_make(top, "inside", &inside) && group_make(top, "outside", &outside) && group_limit(&inside, 64) &&
		  hogs_add(&hogs, &outside, "outside", 60, 0) && hogs_add(&hogs, &inside, "big", 24, 0) &&
		  hogs_add(&hogs, &inside, "small", 8, 0) && hogs_add_writer(&hogs, &inside) &&
		  one_kill_as_foretold(&hogs, &inside, 40) && hogs.hogs[1].dead;
	report(ok, "the_worst_inside_dies_though_a_worse_lives_outside");
	hogs_end(&hogs);
	group_remove(&inside);
	group_remove(&outside);
}

static void adj_weighs_by_the_limit_not_by_the_host(const struct group *top)
{
	struct group group;
	struct hogs hogs = { .n = 0 };
	bool ok = group_make(top, "adj", &group) && group_limit(&group, 64) && hogs_add(&hogs, &group, "big", 30, 0) &&
		  hogs_add(&hogs, &group, "helper", 4, 200) && hogs_add_writer(&hogs, &group) &&
		  one_kill_as_foretold(&hogs, &group, 40) && hogs.hogs[0].dead;
	report(ok, "adj_weighs_by_the_limit_not_by_the_host");
	hogs_end(&hogs);
	group_remove(&group);
}

static void of_equal_siblings_the_foretold_dies(const struct group *top)
{
	struct group group;
	struct hogs hogs = { .n = 0 };
	bool ok = group_make(top, "equal", &group) && group_limit(&group, 64);
	for (int i = 0; ok && i < 4; i++)
		ok = hogs_add(&hogs, &group, "equal", 10, 0);
	ok = ok && hogs_add_writer(&hogs, &group) && one_kill_as_foretold(&hogs, &group, 28);
	report(ok, "of_equal_siblings_the_foretold_dies");
	hogs_end(&hogs);
	group_remove(&group);
}

static void the_limit_that_is_met_bounds_who_can_die(const struct group *top)
{
	struct group outer, inner;
	struct hogs hogs = { .n = 0 };
	bool ok = group_make(top, "outer", &outer) && group_limit(&outer, 160) && group_make(&outer, "inner", &inner) &&
		  group_limit(&inner, 48) && hogs_add(&hogs, &inner, "inner", 20, 0) &&
		  (outer.v2 || hogs_add(&hogs, &outer, "outer", 60, 0)) && hogs_add_writer(&hogs, &inner) &&
		  one_kill_as_foretold(&hogs, &inner, 36) && hogs.hogs[0].dead;
	report(ok, "the_limit_that_is_met_bounds_who_can_die");
	hogs_end(&hogs);
	group_remove(&inner);
	group_remove(&outer);
}

static void an_outer_limit_kills_within_all_its_subtree(const struct group *top)
{
	struct group outer, inner, other;
	struct hogs hogs = { .n = 0 };
	bool ok = group_make(top, "outer", &outer) && group_limit(&outer, 96) && group_make(&outer, "inner", &inner) &&
		  group_make(&outer, "other", &other) && group_limit(&inner, 80) &&
		  hogs_add(&hogs, &inner, "inner", 40, 0) && hogs_add(&hogs, &other, "other", 20, 0) &&
		  hogs_add_writer(&hogs, &other) && one_kill_as_foretold(&hogs, &outer, 50) && hogs.hogs[0].dead;
	report(ok, "an_outer_limit_kills_within_all_its_subtree");
	hogs_end(&hogs);
	group_remove(&inner);
	group_remove(&other);
	group_remove(&outer);
}

static void who_shares_the_memory_dies_too(const struct group *top)
{
	struct group group;
	struct hogs hogs = { .n = 0 };
	struct prediction prediction;
	pid_t sharer = 0;
	bool ok = group_make(top, "shared", &group) && group_limit(&group, 64) &&
		  hogs_add_shared(&hogs, &group, "shared", 30, &sharer) && hogs_add(&hogs, &group, "small", 8, 0) &&
		  hogs_add_writer(&hogs, &group) && predict(&group, KILLS, &prediction) && hogs_write(&hogs, 44, SECONDS) &&
		  is_foretold(&prediction, sharer, 1) && all_as_foretold(&hogs, &prediction, 1) && hogs_is_gone(sharer);
	report(ok, "who_shares_the_memory_dies_too");
	hogs_end(&hogs);
	group_remove(&group);
}

static void three_in_a_row_die_as_foretold(const struct group *top)
{
	struct group group;
	struct hogs hogs = { .n = 0 };
	struct prediction prediction;
	bool ok = group_make(top, "row", &group) && group_limit(&group, 96) && hogs_add(&hogs, &group, "third", 12, 0) &&
		  hogs_add(&hogs, &group, "first", 30, 0) && hogs_add(&hogs, &group, "second", 20, 0) &&
		  hogs_add(&hogs, &group, "last", 4, 0) && hogs_add_writer(&hogs, &group) &&
		  predict(&group, KILLS, &prediction);
	/* 66 MiB stand; each time the freed and half of the next are filled. */
	static const size_t fills[] = { 36, 26, 22 };
	for (unsigned i = 0; ok && i < 3; i++)
		ok = hogs_write(&hogs, fills[i], SECONDS) && all_as_foretold(&hogs, &prediction, i + 1);
	report(ok, "three_in_a_row_die_as_foretold");
	hogs_end(&hogs);
	group_remove(&group);
}

static void with_kills_disabled_nobody_dies(const struct group *top)
{
	struct group group;
	struct hogs hogs = { .n = 0 };
	struct prediction prediction;
	char control[256] = "";
	bool ok = group_make(top, "disabled", &group) && group_limit(&group, 48) &&
		  group_write(&group, "memory.oom_control", "1") && hogs_add(&hogs, &group, "big", 20, 0) &&
		  hogs_add_writer(&hogs, &group) && predict(&group, 1, &prediction) &&
		  strcmp(prediction.word, "none") == 0 && !hogs_write(&hogs, 40, 2) && hogs_bury(&hogs, 0, 1) == 0 &&
		  group_read(&group, "memory.oom_control", control, sizeof control) && strstr(control, "under_oom 1");
	report(ok, "with_kills_disabled_nobody_dies");
	hogs_end(&hogs);
	group_remove(&group);
}

static void with_oom_group_all_of_it_die(const struct group *top)
{
	struct group outer, inner;
	struct hogs hogs = { .n = 0 };
	bool ok = group_make(top, "outer", &outer) && group_limit(&outer, 96) && group_make(&outer, "inner", &inner) &&
		  group_write(&inner, "memory.oom.group", "1") && hogs_add(&hogs, &inner, "big", 30, 0) &&
		  hogs_add(&hogs, &inner, "small", 4, 0);
	struct group other;
	ok = ok && group_make(&outer, "other", &other) && hogs_add(&hogs, &other, "other", 20, 0) &&
	     hogs_add_writer(&hogs, &other) && one_kill_as_foretold(&hogs, &outer, 50) && hogs.hogs[1].dead;
	report(ok, "with_oom_group_all_of_it_die");
	hogs_end(&hogs);
	group_remove(&inner);
	group_remove(&other);
	group_remove(&outer);
}

int main(void)
{
	struct group top;
	group_take_turn();
	/* Whatever happens, the groups are not left behind: the limit of all. */
	const char *why = group_make_limited(&top, 512);
	if (why) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	the_worst_inside_dies_though_a_worse_lives_outside(&top);
	adj_weighs_by_the_limit_not_by_the_host(&top);
	of_equal_siblings_the_foretold_dies(&top);
	the_limit_that_is_met_bounds_who_can_die(&top);
	an_outer_limit_kills_within_all_its_subtree(&top);
	who_shares_the_memory_dies_too(&top);
	three_in_a_row_die_as_foretold(&top);
	if (top.v2)
		with_oom_group_all_of_it_die(&top);
	else
		with_kills_disabled_nobody_dies(&top);
	group_remove(&top);
	printf("1..%u\n", ntests);
	return 0;
}
