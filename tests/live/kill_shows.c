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
	assert_true(hogs_add_big_and_small(&hogs, &top, "shown", &group));
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
	assert_true(hogs_add_big_and_small(&hogs, &top, "raised", &group));
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
	if (!hogs_have_kernel_pids())
		return "this is another pid namespace than the log's";
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return "the kernel's log may not be read";
	close(fd);
	return group_make_limited(&top, 256);
}

int main(void)
{
	group_take_turn();
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
