/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What if, on a terminal: assumed, looked at, applied, taken back. On processes of our
 * own, and for sysctls and memory cgroups on a copy of the fixture host.
 */
#include "monitor.h"

#include <unistd.h>

#define HOG_ADJ 1000
#define RIVAL_ADJ 990

struct pair {
	struct helper *hog, *rival;
	char pids[48];
};

static struct helper *start_hog(struct world *world, const char *adj, const char *name)
{
	return world_helper(world, (const char *[]){ "hog", "--anon", "16", "--adj", adj, "--comm", name, NULL });
}

/* The list shows these two, the cursor on the hog. option may be NULL. */
static struct pair start_pair(struct world *world, const char *option)
{
	struct pair pair = { start_hog(world, "1000", "e2e-hog"), start_hog(world, "990", "e2e-rival"), "" };
	char audit[WORLD_PATH];
	snprintf(pair.pids, sizeof(pair.pids), "%d,%d", (int)pair.hog->pid, (int)pair.rival->pid);
	START(world, "-d", "1", "-p", pair.pids, "--columns", TABLE_COLUMNS, "--audit", world_path(world, "audit", audit),
	      option);
	expect_above(world->screen, pair.hog->pid, pair.rival->pid);
	expect_cursor_on(world->screen, pair.hog->pid);
	return pair;
}

/* Lines of the audit that hold this text. */
static int count_audit(struct world *world, const char *text)
{
	char path[WORLD_PATH], all[16384];
	int n = 0;
	file_text(world_path(world, "audit", path), all, sizeof(all));
	for (const char *at = strstr(all, text); at != NULL; at = strstr(at + 1, text))
		n++;
	return n;
}

static void an_adj_is_assumed_applied_and_taken_back(void **state)
{
	struct world *world = *state;
	struct pair pair = start_pair(world, NULL);
	struct screen *screen = world->screen;
	char text[128];

	screen_keys(screen, "a", "980", "^X", NULL);
	expect_screen(screen, "what if: 1 assumed");
	snprintf(text, sizeof(text), ">adj    e2e-hog (%d)", (int)pair.hog->pid);
	expect_screen(screen, text);
	expect_screen(screen, "1000 -> 980");
	expect_screen(screen, "AFTER");
	/* Both rankings: as it is on the left, as it would be on the right. */
	expect_screen(screen, " 1000 e2e-hog");
	expect_screen(screen, " 980 e2e-hog");
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);

	/* It lives on: the rival's own adj changes, the assumption does not. */
	set_adj(pair.rival->pid, 991);
	expect_screen(screen, " 991 e2e-rival");
	expect_screen(screen, " 980 e2e-hog");

	screen_keys(screen, "a", NULL);
	expect_screen(screen, "apply: 1 write");
	snprintf(text, sizeof(text), "1. oom_score_adj of e2e-hog (%d): 1000 -> 980", (int)pair.hog->pid);
	expect_screen(screen, text);
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "1000 -> 980, the kernel now says 980.");
	assert_int_equal(adj_of(pair.hog->pid), 980);
	assert_int_equal(count_audit(world, "outcome=done kernel=980"), 1);

	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "Nothing is assumed.");
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "980 -> 1000, the kernel now says 1000.");
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	screen_keys(screen, "Escape", NULL);
	expect_adj_shown(screen, pair.hog->pid, HOG_ADJ);
	monitor_quit(world);
}

static void all_is_dropped_and_nothing_written(void **state)
{
	struct world *world = *state;
	struct pair pair = start_pair(world, NULL);
	struct screen *screen = world->screen;
	screen_keys(screen, "Space", "Space", "a", "321", "^X", NULL);
	expect_screen(screen, "what if: 2 assumed");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "2 tagged");
	screen_keys(screen, "=", "G", "64M", "Enter", NULL);
	expect_screen(screen, "what if: 3 assumed");
	expect_screen(screen, "+64.0M");
	screen_keys(screen, "D", NULL);
	expect_screen(screen, "3 dropped; nothing is assumed any more, and nothing was written.");
	screen_keys(screen, "q", NULL);
	expect_adj_shown(screen, pair.hog->pid, HOG_ADJ);
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	assert_int_equal(adj_of(pair.rival->pid), RIVAL_ADJ);
	assert_int_equal(count_audit(world, "uid="), 0);
	monitor_quit(world);
}

static void who_has_gone_is_named(void **state)
{
	struct world *world = *state;
	struct pair pair = start_pair(world, NULL);
	struct screen *screen = world->screen;
	char text[128];
	screen_keys(screen, "Space", "Space", "a", "321", "^X", NULL);
	expect_screen(screen, "what if: 2 assumed");
	snprintf(text, sizeof(text), "Gone, and dropped from the what-if: e2e-hog (%d)", (int)pair.hog->pid);
	world_kill(pair.hog);
	expect_screen(screen, text);
	expect_screen(screen, "what if: 1 assumed");
	screen_keys(screen, "q", NULL);
	expect_screen(screen, "COMMAND");
	monitor_quit(world);
}

static void readonly_assumes_but_writes_nothing(void **state)
{
	struct world *world = *state;
	struct pair pair = start_pair(world, "--readonly");
	struct screen *screen = world->screen;
	screen_keys(screen, "a", "980", "^X", NULL);
	expect_screen(screen, " 980 e2e-hog");
	expect_screen(screen, "READ-ONLY");
	screen_keys(screen, "a", NULL);
	expect_screen(screen, "apply: 0 writes, 1 impossible");
	expect_screen(screen, "Nothing of it can be written");
	assert_int_equal(count_audit(world, "outcome=refused"), 0);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "1000 -> 980. This run is read-only");
	expect_screen(screen, "This run is read-only (--readonly): nothing was written.");
	assert_int_equal(adj_of(pair.hog->pid), HOG_ADJ);
	assert_int_equal(count_audit(world, "outcome=refused"), 1);
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "what if: 1 assumed");
	screen_keys(screen, "q", NULL);
	expect_screen(screen, "COMMAND");
	monitor_quit(world);
}

/* --- the fixture host ------------------------------------------------------------------ */

static void assert_file(const char *root, const char *file, const char *value)
{
	char path[WORLD_PATH + 128], text[64];
	snprintf(path, sizeof(path), "%s/%s", root, file);
	assert_string_equal(file_text(path, text, sizeof(text)), value);
}

#define ADJ_FILE "proc/2500/oom_score_adj"
#define PANIC_FILE "proc/sys/vm/panic_on_oom"
#define MAX_FILE "sys/fs/cgroup/system.slice/app.service/memory.max"

static void values_of_every_kind_are_written_and_undone_together(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], audit[WORLD_PATH];
	world_fake_root(world, root);
	START(world, "--root", root, "-d", "1", "--audit", world_path(world, "audit", audit));
	struct screen *screen = world->screen;

	screen_keys(screen, "a", "0", "^X", NULL);
	expect_screen(screen, "what if: 1 assumed");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "what-if: 1 assumed");
	screen_keys(screen, "S", NULL);
	expect_screen(screen, "> vm.panic_on_oom");
	screen_keys(screen, "Enter", "1", "^X", NULL);
	expect_screen(screen, "after   the kernel would panic");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "> vm.panic_on_oom");
	screen_keys(screen, "q", NULL);
	expect_screen(screen, "what-if: 2 assumed");
	screen_keys(screen, "g", NULL);
	expect_screen(screen, ">3.03G"); /* app.service is the nearest to its limit */
	screen_keys(screen, "m", "1G", "^X", NULL);
	expect_screen(screen, "scope /system.slice/app.service");
	expect_screen(screen, "3.12G -> 1.00G lacks 1.94G");
	expect_screen(screen, "kills   1 kill frees 3.06G (1.94G needed): java");

	screen_keys(screen, "a", NULL);
	expect_screen(screen, "apply: 3 writes, 2 dangerous");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "Type yes to write all, 2 dangerous:");
	screen_keys(screen, "no", "Enter", NULL);
	expect_screen(screen, "Nothing was written: that was not yes.");
	assert_file(root, ADJ_FILE, "1000");
	assert_file(root, PANIC_FILE, "0");
	assert_int_equal(count_audit(world, "outcome=refused because="), 3);
	assert_int_equal(count_audit(world, "another word was typed"), 3);

	screen_keys(screen, "a", "Enter", NULL);
	expect_screen(screen, "Type yes to write all");
	screen_keys(screen, "yes", "Enter", NULL);
	expect_screen(screen, "3 of 3 done");
	expect_screen(screen, "vm.panic_on_oom: 0 -> 1, the kernel now says 1.");
	assert_file(root, ADJ_FILE, "0");
	assert_file(root, PANIC_FILE, "1");
	assert_file(root, MAX_FILE, "1073741824");
	assert_int_equal(count_audit(world, "outcome=done"), 3);

	/* Away from there, one undo takes back all three. */
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "Nothing is assumed.");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "memory cgroups");
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "undo: 3 writes");
	assert_file(root, PANIC_FILE, "1");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "3 of 3 done");
	assert_file(root, ADJ_FILE, "1000");
	assert_file(root, PANIC_FILE, "0");
	assert_file(root, MAX_FILE, "3355443200");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "memory cgroups");
	screen_keys(screen, "q", NULL);
	expect_screen(screen, "NEXT helper (2500)");
	monitor_quit(world);
}

static void what_can_do_harm_is_not_written_after_a_failure(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], audit[WORLD_PATH], file[WORLD_PATH + 64];
	world_fake_root(world, root);
	START(world, "--root", root, "-d", "3600", "--audit", world_path(world, "audit", audit));
	struct screen *screen = world->screen;
	screen_keys(screen, "a", "0", "^X", "Escape", NULL);
	expect_screen(screen, "what-if: 1 assumed");
	screen_keys(screen, "S", "Enter", "1", "^X", "Escape", NULL);
	expect_screen(screen, "> vm.panic_on_oom");
	screen_keys(screen, "End", "Up", "Enter", "100", "^X", "a", NULL);
	expect_screen(screen, "apply: 3 writes, 1 dangerous");
	/* Its file goes before it is written. */
	snprintf(file, sizeof(file), "%s/%s", root, ADJ_FILE);
	assert_int_equal(unlink(file), 0);
	screen_keys(screen, "Enter", "yes", "Enter", NULL);
	expect_screen(screen, "vm.panic_on_oom: 0 -> 1. Not written: one of the writes before it failed");
	expect_screen(screen, "vm.swappiness: 60 -> 100, the kernel now says 100.");
	expect_screen(screen, "1 of 3 done; first failure:");
	assert_file(root, PANIC_FILE, "0");
	assert_file(root, "proc/sys/vm/swappiness", "100");
	assert_int_equal(count_audit(world, "outcome=refused"), 1);
	assert_int_equal(count_audit(world, "outcome=failed"), 1);
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "sysctl vm.panic_on_oom");
	screen_keys(screen, "Escape", "q", NULL);
	expect_screen(screen, "COMMAND");
	monitor_quit(world);
}

static void what_is_refused_among_others_is_told_and_audited(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], audit[WORLD_PATH];
	world_fake_root(world, root);
	START(world, "--root", root, "-d", "3600", "-p", "2500,58", "--audit", world_path(world, "audit", audit));
	struct screen *screen = world->screen;
	screen_keys(screen, "K", NULL);
	expect_screen(screen, "kswapd0");
	screen_keys(screen, "Space", "Space", "a", "5", "^X", "a", NULL);
	expect_screen(screen, "apply: 1 write, 1 impossible");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "1 of 2 done; first failure: kswapd0 (58) is a kernel thread");
	assert_file(root, ADJ_FILE, "5");
	assert_int_equal(count_audit(world, "outcome=done"), 1);
	assert_int_equal(count_audit(world, "outcome=refused because=\"kswapd0 (58) is a kernel thread"), 1);
	screen_keys(screen, "Escape", "Escape", NULL);
	expect_screen(screen, "COMMAND");
	monitor_quit(world);
}

/* panic_on_oom alone hangs the host; it was harmless only for the reboot before it. */
static void what_a_failure_makes_harmful_is_not_written(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], audit[WORLD_PATH], file[WORLD_PATH + 64];
	world_fake_root(world, root);
	START(world, "--root", root, "-d", "3600", "--audit", world_path(world, "audit", audit));
	struct screen *screen = world->screen;
	screen_keys(screen, "S", "Enter", "1", "^X", "Escape", NULL);
	expect_screen(screen, "> vm.panic_on_oom");
	screen_keys(screen, "End", "Enter", "10", "^X", "a", NULL);
	expect_screen(screen, "apply: 2 writes");
	expect_screen(screen, "kernel.panic is 10");
	assert_false(screen_wait(screen, "dangerous", 0));
	snprintf(file, sizeof(file), "%s/proc/sys/kernel/panic", root);
	assert_int_equal(unlink(file), 0);
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "0 of 2 done; first failure:");
	expect_screen(screen, "vm.panic_on_oom: 0 -> 1. Not written: one of the writes before it failed");
	assert_file(root, PANIC_FILE, "0");
	assert_int_equal(count_audit(world, "outcome=refused"), 1);
	assert_int_equal(count_audit(world, "outcome=failed"), 1);
	screen_keys(screen, "Escape", "Escape", "q", NULL);
	expect_screen(screen, "COMMAND");
	monitor_quit(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(an_adj_is_assumed_applied_and_taken_back),
		world_test(all_is_dropped_and_nothing_written),
		world_test(who_has_gone_is_named),
		world_test(readonly_assumes_but_writes_nothing),
		world_test(values_of_every_kind_are_written_and_undone_together),
		world_test(what_can_do_harm_is_not_written_after_a_failure),
		world_test(what_is_refused_among_others_is_told_and_audited),
		world_test(what_a_failure_makes_harmful_is_not_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
