/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kills in the log of the fixture host, whose dev/kmsg is a fifo or a plain file of
 * the test's own; and none to be read.
 */
#include "monitor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define REPORT(pid, name) \
	"4,10,1000000,-;asker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n" \
	"6,11,1000001,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=" \
	name ",pid=" pid ",uid=0\n" \
	"3,12,1000002,-;Out of memory: Killed process " pid " (" name ") total-vm:100kB, anon-rss:80kB, file-rss:0kB, " \
	"shmem-rss:0kB, UID:0 pgtables:68kB oom_score_adj:0\n"

static const struct pty_options wide = { .rows = 24, .cols = 120 };

static void kmsg_of(const char *root, char dst[WORLD_PATH])
{
	char dev[WORLD_PATH];
	assert_true(snprintf(dev, sizeof dev, "%s/dev", root) < (int)sizeof dev);
	assert_int_equal(mkdir(dev, 0700), 0);
	assert_true(snprintf(dst, WORLD_PATH, "%s/kmsg", dev) < WORLD_PATH);
}

static void put(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void a_line_of_the_log_shows_without_waiting_for_a_tick(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], kmsg[WORLD_PATH];
	kmsg_of(world_fake_root(world, root), kmsg);
	assert_int_equal(mkfifo(kmsg, 0600), 0);
	int writer = open(kmsg, O_RDWR | O_CLOEXEC);
	assert_true(writer >= 0);
	monitor_start(world, &wide, (const char *[]){ "--root", root, "-d", "3600", NULL });
	static const char text[] = REPORT("2210", "mysqld");
	assert_int_equal(write(writer, text, sizeof text - 1), sizeof text - 1);
	expect_screen(world->screen, "mysqld (2210) on the host: ");
	screen_keys(world->screen, "Escape", NULL);
	expect_screen_without(world->screen, "KILLED");
	screen_keys(world->screen, "v", NULL);
	expect_screen(world->screen, "kills (X) 1");
	screen_keys(world->screen, "Escape", NULL);
	close(writer);
	monitor_quit(world);
}

static void kills_since_boot_are_listed_and_explained(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], kmsg[WORLD_PATH];
	kmsg_of(world_fake_root(world, root), kmsg);
	put(kmsg, O_CREAT, REPORT("77", "early") REPORT("78", "\\x1b[2Jevil"));
	monitor_start(world, &wide, (const char *[]){ "--root", root, "-d", "1", NULL });
	struct screen *screen = world->screen;
	expect_on_screen(screen, screen_find(screen, "KILLED", 0, NULL) < 0);
	screen_keys(screen, "E", NULL);
	expect_screen(screen, "?[2Jevil (78) on the host");
	screen_keys(screen, "Down", "Enter", NULL);
	expect_screen(screen, "the kernel killed early (77)");
	expect_screen(screen, "when       1.000000 s after boot");
	screen_keys(screen, "Escape", NULL);
	/* A plain file that grows is read with the tick. */
	put(kmsg, O_APPEND, REPORT("79", "late"));
	expect_screen(screen, "late (79)");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "NEXT ");
	monitor_quit(world);
}

static void without_a_log_the_counter_tells(void **state)
{
	struct world *world = *state;
	char root[WORLD_PATH], vmstat[WORLD_PATH + 16];
	world_fake_root(world, root);
	monitor_start(world, &wide, (const char *[]){ "--root", root, "-d", "1", NULL });
	struct screen *screen = world->screen;
	screen_keys(screen, "E", NULL);
	expect_screen(screen, "from the kernel's counters");
	screen_keys(screen, "Escape", NULL);
	expect_screen(screen, "oom_kill 3");
	snprintf(vmstat, sizeof vmstat, "%s/proc/vmstat", root);
	assert_int_equal(run((const char *[]){ "sed", "-i", "s/^oom_kill 3$/oom_kill 5/", vmstat, NULL }), 0);
	expect_screen(screen, "somebody and 1 more: no line in the log");
	monitor_quit(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(a_line_of_the_log_shows_without_waiting_for_a_tick),
		world_test(kills_since_boot_are_listed_and_explained),
		world_test(without_a_log_the_counter_tells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
