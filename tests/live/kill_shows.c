/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A real OOM kill among our own children, in a memory cgroup of our own, as the
 * monitor shows it: at once, with what was foretold for that group, and explained.
 *
 * Other tests of this host may provoke kills in their groups at the same time; what is
 * looked for is the line, or the row of the list, with our victim's name and pid.
 */
#include "../e2e/monitor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "group.h"
#include "hogs.h"

#define TICK "5"
#define TICK_MS 5000
#define SECONDS 20

static struct group top;

/* Kill the biggest of the group, and see it told within one tick. */
static void a_kill_shows_within_a_tick_as_foretold(void **state)
{
	struct world *world = *state;
	struct group group;
	struct hogs hogs = { .n = 0 };
	char killed[64], explained[64];
	assert_true(group_make(&top, "shown", &group));
	assert_true(group_limit(&group, 64));
	assert_true(hogs_add(&hogs, &group, "shown-big", 30, 0));
	assert_true(hogs_add(&hogs, &group, "shown-small", 8, 0));
	assert_true(hogs_add_writer(&hogs, &group));
	monitor_start(world, &(struct pty_options){ .rows = 24, .cols = 200 }, (const char *[]){ "-d", TICK, NULL });
	struct screen *screen = world->screen;
	snprintf(killed, sizeof killed, "shown-big (%d) by the limit of ", (int)hogs.hogs[0].pid);
	snprintf(explained, sizeof explained, "shown-big (%d)", (int)hogs.hogs[0].pid);

	hogs_write(&hogs, 40, SECONDS);
	bool shown = screen_wait(screen, killed, TICK_MS);
	hogs_bury(&hogs, 1, SECONDS);
	if (!shown)
		screen_print(screen, stderr);
	assert_true(hogs.hogs[0].dead);
	assert_true(shown);
	expect_screen(screen, "/shown: as foretold (");
	screen_keys(screen, "E", NULL);
	expect_screen(screen, "from the kernel's log");
	expect_screen(screen, killed);
	expect_screen(screen, "it was foretold");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "limit      of the memory cgroup ");
	expect_screen(screen, explained);
	screen_keys(screen, "Escape", "Escape", NULL);
	monitor_quit(world);
	hogs_end(&hogs);
	group_remove(&group);
}

/* The smaller one's adj is raised between the last tick and the kill. */
static void a_kill_not_foretold_says_why(void **state)
{
	struct world *world = *state;
	struct group group;
	struct hogs hogs = { .n = 0 };
	char killed[64];
	assert_true(group_make(&top, "raised", &group));
	assert_true(group_limit(&group, 64));
	assert_true(hogs_add(&hogs, &group, "raised-big", 30, 0));
	assert_true(hogs_add(&hogs, &group, "raised-small", 8, 0));
	assert_true(hogs_add_writer(&hogs, &group));
	monitor_start(world, &(struct pty_options){ .rows = 24, .cols = 200 }, (const char *[]){ "-d", "3600", NULL });
	struct screen *screen = world->screen;
	snprintf(killed, sizeof killed, "raised-small (%d) by the limit of ", (int)hogs.hogs[1].pid);

	set_adj(hogs.hogs[1].pid, 900);
	hogs_write(&hogs, 26, SECONDS); /* the smaller one's memory suffices: one kill */
	bool shown = screen_wait(screen, killed, SCREEN_PATIENCE_MS);
	hogs_bury(&hogs, 1, SECONDS);
	if (!shown)
		screen_print(screen, stderr);
	assert_true(shown);
	expect_screen(screen, "NOT as foretold (rank ");
	screen_keys(screen, "E", NULL);
	expect_screen(screen, "was foretold; the victim's oom_score_adj was 0 then, and 900 at the kill");
	screen_keys(screen, "Escape", NULL);
	monitor_quit(world);
	hogs_end(&hogs);
	group_remove(&group);
}

static const char *why_not(void)
{
	char buf[64];
	ssize_t n = readlink("/proc/self/ns/pid", buf, sizeof buf - 1);
	buf[n > 0 ? n : 0] = '\0';
	/* The log names processes by their pids in the first namespace, include/linux/proc_ns.h. */
	if (strcmp(buf, "pid:[4026531836]") != 0)
		return "this is another pid namespace than the log's";
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return "the kernel's log may not be read";
	close(fd);
	const char *why = group_make_first(&top);
	if (why)
		return why;
	if (group_limit(&top, 256))
		return NULL;
	group_remove(&top);
	return "no limit can be set here";
}

int main(void)
{
	/* One after the other: each would see the kills of the other. */
	(void)flock(open("Makefile", O_RDONLY | O_CLOEXEC), LOCK_EX);
	const char *why = why_not();
	if (why) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	const struct CMUnitTest tests[] = {
		world_test(a_kill_shows_within_a_tick_as_foretold),
		world_test(a_kill_not_foretold_says_why),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	group_remove(&top);
	return failed;
}
