/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "oomsight/sample/lane.h"

struct bench {
	char dir[64];
	struct root root;
	struct labels labels;
	struct lane *lane;
};

static void bench_write(const struct bench *bench, const char *path, const void *bytes, size_t len)
{
	char full[256];
	snprintf(full, sizeof full, "%s/%s", bench->dir, path);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static void bench_process(const struct bench *bench, int pid, const void *cmdline, size_t len)
{
	char path[128];
	snprintf(path, sizeof path, "%s/proc/%d", bench->dir, pid);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof path, "proc/%d/cmdline", pid);
	bench_write(bench, path, cmdline, len);
	char stat[256];
	int n = snprintf(stat, sizeof stat, "%d (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 4096 1", pid, pid * 10);
	snprintf(path, sizeof path, "proc/%d/stat", pid);
	bench_write(bench, path, stat, (size_t)n);
}

static int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);
	char path[128];
	snprintf(bench->dir, sizeof bench->dir, "/tmp/oomsight-test-XXXXXX");
	if (!mkdtemp(bench->dir))
		return -1;
	snprintf(path, sizeof path, "%s/proc", bench->dir);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/etc", bench->dir);
	mkdir(path, 0755);
	labels_init(&bench->labels, 8);
	if (root_open(&bench->root, bench->dir, NULL) < 0 || labels_keep_cmdlines(&bench->labels, LABEL_CMDLINES) < 0)
		return -1;
	bench->lane = lane_new(&bench->root, NULL);
	*state = bench;
	return bench->lane ? 0 : -1;
}

static int bench_teardown(void **state)
{
	struct bench *bench = *state;
	char command[128];
	lane_free(bench->lane);
	labels_done(&bench->labels);
	root_close(&bench->root);
	snprintf(command, sizeof command, "rm -r '%s'", bench->dir);
	int r = system(command);
	free(bench);
	return r;
}

static void want(struct bench *bench, int pid, uint64_t start)
{
	lane_want_cmdline(bench->lane, &bench->labels, &(struct label_look){ .pid = pid, .start_ticks = start });
}

/* Collect until this many have arrived; polls with a deadline. */
static void collect(struct bench *bench, unsigned n)
{
	while (n > 0) {
		struct pollfd fd = { .fd = lane_fd(bench->lane), .events = POLLIN };
		assert_int_equal(poll(&fd, 1, 20000), 1);
		unsigned came = lane_collect(bench->lane, &bench->labels);
		assert_true(came <= n);
		n -= came;
	}
}

static void assert_cmdline(struct bench *bench, int pid, uint64_t start, enum label_state state, const char *expected)
{
	struct text text = TEXT("");
	assert_int_equal(labels_cmdline(&bench->labels, pid, start, &text), state);
	assert_true(text_is(text, expected));
}

static void command_lines_arrive_later(void **state)
{
	struct bench *bench = *state;
	bench_process(bench, 7, "java\0-jar\0a b\0\0", 15);
	want(bench, 7, 70);
	assert_cmdline(bench, 7, 70, LABEL_PENDING, "");
	collect(bench, 1);
	assert_cmdline(bench, 7, 70, LABEL_KNOWN, "java -jar a b");
	/* Nothing more is announced, and it is not asked again. */
	want(bench, 7, 70);
	struct pollfd fd = { .fd = lane_fd(bench->lane), .events = POLLIN };
	assert_int_equal(poll(&fd, 1, 50), 0);
	assert_int_equal(lane_collect(bench->lane, &bench->labels), 0);
	assert_cmdline(bench, 7, 70, LABEL_KNOWN, "java -jar a b");
}

static void after_an_exec_it_is_asked_again_and_the_old_one_shown_meanwhile(void **state)
{
	struct bench *bench = *state;
	struct label_look look = { .pid = 7, .start_ticks = 70, .program = 1, .now_ns = 5 };
	bench_process(bench, 7, "sh\0-c\0exec java", 15);
	lane_want_cmdline(bench->lane, &bench->labels, &look);
	collect(bench, 1);
	bench_write(bench, "proc/7/cmdline", "java", 4);
	look.program = 2;
	lane_want_cmdline(bench->lane, &bench->labels, &look);
	assert_cmdline(bench, 7, 70, LABEL_KNOWN, "sh -c exec java");
	collect(bench, 1);
	assert_cmdline(bench, 7, 70, LABEL_KNOWN, "java");
	/* It loses its arguments, as it ends, and gets others, by writing over them. */
	bench_write(bench, "proc/7/cmdline", "", 0);
	look.now_ns += LABEL_CMDLINE_AGE_NS;
	lane_want_cmdline(bench->lane, &bench->labels, &look);
	collect(bench, 1);
	assert_cmdline(bench, 7, 70, LABEL_DENIED, "");
	bench_write(bench, "proc/7/cmdline", "java: idle", 10);
	lane_want_cmdline(bench->lane, &bench->labels, &look);
	assert_int_equal(lane_collect(bench->lane, &bench->labels), 0);
	look.now_ns += LABEL_CMDLINE_AGE_NS;
	lane_want_cmdline(bench->lane, &bench->labels, &look);
	assert_cmdline(bench, 7, 70, LABEL_DENIED, "");
	collect(bench, 1);
	assert_cmdline(bench, 7, 70, LABEL_KNOWN, "java: idle");
}

static void those_without_one_are_denied(void **state)
{
	struct bench *bench = *state;
	bench_process(bench, 8, "", 0);
	bench_process(bench, 9, "\0\0\0", 3);
	bench_process(bench, 10, "mine", 4);
	want(bench, 8, 80);
	want(bench, 9, 90);
	/* The pid has been taken by another process. */
	want(bench, 10, 99);
	want(bench, 11, 110);
	collect(bench, 4);
	assert_cmdline(bench, 8, 80, LABEL_DENIED, "");
	assert_cmdline(bench, 9, 90, LABEL_DENIED, "");
	assert_cmdline(bench, 10, 99, LABEL_DENIED, "");
	assert_cmdline(bench, 11, 110, LABEL_DENIED, "");
	want(bench, 10, 100);
	collect(bench, 1);
	assert_cmdline(bench, 10, 100, LABEL_KNOWN, "mine");
}

static void long_command_lines_are_cut(void **state)
{
	struct bench *bench = *state;
	char endless[5000];
	memset(endless, 'x', sizeof endless);
	bench_process(bench, 12, endless, sizeof endless);
	want(bench, 12, 120);
	collect(bench, 1);
	struct text text;
	assert_int_equal(labels_cmdline(&bench->labels, 12, 120, &text), LABEL_KNOWN);
	assert_int_equal(text.len, LABEL_CMDLINE_SIZE - 1);
	assert_int_equal(text.ptr[text.len - 1], 'x');
}

static void what_a_full_queue_drops_is_asked_again(void **state)
{
	struct bench *bench = *state;
	unsigned pending = 0;
	struct text text;
	for (int pid = 1000; pid < 1200; pid++)
		want(bench, pid, 1);
	for (int pid = 1000; pid < 1200; pid++)
		pending += labels_cmdline(&bench->labels, pid, 1, &text) == LABEL_PENDING;
	assert_int_equal(pending, 64);
	collect(bench, 64);
	for (int round = 0; round < 3; round++) {
		pending = 0;
		for (int pid = 1000; pid < 1200; pid++) {
			want(bench, pid, 1);
			pending += labels_cmdline(&bench->labels, pid, 1, &text) == LABEL_PENDING;
		}
		collect(bench, pending);
	}
	for (int pid = 1000; pid < 1200; pid++)
		assert_int_equal(labels_cmdline(&bench->labels, pid, 1, &text), LABEL_DENIED);
}

static void users_of_another_root_are_not_looked_up_here(void **state)
{
	struct bench *bench = *state;
	lane_want_user(bench->lane, &bench->labels, 0);
	collect(bench, 1);
	assert_null(labels_user(&bench->labels, 0));
	lane_want_user(bench->lane, &bench->labels, 0);
	struct pollfd fd = { .fd = lane_fd(bench->lane), .events = POLLIN };
	assert_int_equal(poll(&fd, 1, 50), 0);
}

static void users_of_this_host_are_looked_up(void **state)
{
	(void)state;
	struct bench bench;
	assert_int_equal(root_open(&bench.root, "/", NULL), 0);
	labels_init(&bench.labels, 8);
	bench.lane = lane_new(&bench.root, NULL);
	assert_non_null(bench.lane);
	lane_want_user(bench.lane, &bench.labels, 0);
	want(&bench, 1, 1);
	collect(&bench, 1);
	assert_string_equal(labels_user(&bench.labels, 0), "root");
	lane_free(bench.lane);
	labels_done(&bench.labels);
	root_close(&bench.root);
}

/* A process whose command line takes for ever: to open a pipe nobody writes to does. */
static void bench_hanging_process(const struct bench *bench, int pid)
{
	char path[128];
	bench_process(bench, pid, "", 0);
	snprintf(path, sizeof path, "%s/proc/%d/cmdline", bench->dir, pid);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
}

/* Let the read of it end, with nothing read. */
static void bench_release_file(const struct bench *bench, int pid, const char *name)
{
	char path[128];
	int writer = -1;
	snprintf(path, sizeof path, "%s/proc/%d/%s", bench->dir, pid, name);
	for (int tries = 0; writer < 0 && tries < 10000; tries++) {
		writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (writer < 0)
			usleep(1000);
	}
	assert_true(writer >= 0);
	close(writer);
}

static void bench_release(const struct bench *bench, int pid)
{
	bench_release_file(bench, pid, "cmdline");
}

static uint64_t monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* Tend as one who looks after the patience has run out, until it shows. */
static bool tend_late(struct bench *bench)
{
	for (int tries = 0; tries < 2000; tries++) {
		if (lane_tend(bench->lane, &bench->labels, monotonic_ns() + LANE_PATIENCE_NS + 1000000))
			return true;
		usleep(1000);
	}
	return false;
}

static void a_hanging_read_is_left_behind(void **state)
{
	struct bench *bench = *state;
	bench_hanging_process(bench, 20);
	want(bench, 20, 200);
	usleep(20000);
	assert_cmdline(bench, 20, 200, LABEL_PENDING, "");
	assert_int_equal(lane_collect(bench->lane, &bench->labels), 0);
	lane_free(bench->lane);
	bench->lane = NULL;
	/* Let the thread go on over what is left to it. */
	bench_release(bench, 20);
	usleep(50000);
}

static void one_hanging_read_does_not_starve_the_others(void **state)
{
	struct bench *bench = *state;
	bench_hanging_process(bench, 20);
	bench_process(bench, 21, "well", 4);
	want(bench, 20, 200);
	want(bench, 21, 210);
	/* Within its patience nothing is given up. */
	assert_false(lane_tend(bench->lane, &bench->labels, monotonic_ns()));
	assert_cmdline(bench, 20, 200, LABEL_PENDING, "");
	assert_true(tend_late(bench));
	assert_cmdline(bench, 20, 200, LABEL_DENIED, "");
	collect(bench, 1);
	assert_cmdline(bench, 21, 210, LABEL_KNOWN, "well");
	/* Nobody else is sent into the same trap, also after an exec. */
	struct label_look again = { 20, 200, 77, LABEL_CMDLINE_AGE_NS };
	lane_want_cmdline(bench->lane, &bench->labels, &again);
	bench_process(bench, 22, "", 0);
	want(bench, 22, 220);
	collect(bench, 1);
	assert_cmdline(bench, 22, 220, LABEL_DENIED, "");
	/* Once the read has come back it may be asked for again. */
	bench_release(bench, 20);
	char path[128];
	snprintf(path, sizeof path, "%s/proc/20/cmdline", bench->dir);
	assert_int_equal(unlink(path), 0);
	bench_write(bench, "proc/20/cmdline", "cured", 5);
	for (int tries = 0; tries < 5000 && lane_collect(bench->lane, &bench->labels) == 0; tries++) {
		lane_tend(bench->lane, &bench->labels, 0);
		lane_want_cmdline(bench->lane, &bench->labels, &again);
		usleep(1000);
	}
	assert_cmdline(bench, 20, 200, LABEL_KNOWN, "cured");
}

/* --- pages ------------------------------------------------------------------------ */

static void want_pages(struct bench *bench, int pid)
{
	lane_want_pages(bench->lane, &bench->labels, pid, (uint64_t)pid * 10, 4096);
}

static void pages_come_when_asked_for(void **state)
{
	struct bench *bench = *state;
	const struct pages *pages = &bench->labels.pages;
	bench_process(bench, 7, "x", 1);
	static const char areas[] = "7f00 bind:1 N1=3 kernelpagesize_kB=4\n7f01 default N0=2";
	bench_write(bench, "proc/7/numa_maps", areas, sizeof areas - 1);
	want_pages(bench, 7);
	assert_int_equal(pages->state, PAGES_PENDING);
	want_pages(bench, 7); /* it is on its way already */
	collect(bench, 1);
	assert_int_equal(pages->state, PAGES_KNOWN);
	assert_true(pages->is_whole);
	assert_int_equal(pages->pid, 7);
	assert_int_equal(pages->nnodes, 2);
	assert_int_equal(pages->nodes[0].node, 1);
	assert_int_equal(pages->nodes[0].bytes, 3 * 4096);
	assert_int_equal(pages->nodes[1].bytes, 2 * 4096); /* the last line has no end */
}

static void a_file_of_many_areas_is_read_to_its_end(void **state)
{
	struct bench *bench = *state;
	const struct pages *pages = &bench->labels.pages;
	char path[128];
	bench_process(bench, 7, "x", 1);
	snprintf(path, sizeof path, "%s/proc/7/numa_maps", bench->dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 20000; i++) {
		fprintf(file, "7f%08x default N0=1 N3=2 kernelpagesize_kB=4\n", i);
		if (i == 777) /* no buffer is long enough for this: it is left out */
			fprintf(file, "7f00 default file=/%040000d N5=1 kernelpagesize_kB=4\n", 0);
	}
	fclose(file);
	want_pages(bench, 7);
	collect(bench, 1);
	assert_true(pages->is_whole);
	assert_int_equal(pages->nnodes, 2);
	assert_int_equal(pages->nodes[0].bytes, 20000 * 4096);
	assert_int_equal(pages->nodes[1].node, 3);
	assert_int_equal(pages->nodes[1].bytes, 40000 * 4096);
}

static void pages_that_cannot_be_had_say_why(void **state)
{
	struct bench *bench = *state;
	const struct pages *pages = &bench->labels.pages;
	bench_process(bench, 7, "x", 1);
	want_pages(bench, 7);
	collect(bench, 1);
	assert_int_equal(pages->state, PAGES_FAILED);
	assert_int_equal(pages->error, -ENOENT);
	bench_write(bench, "proc/7/numa_maps", "7f00 default N0=2\n", 18);
	lane_want_pages(bench->lane, &bench->labels, 7, 71, 4096);
	collect(bench, 1);
	assert_int_equal(pages->error, -ESRCH);
}

static void only_the_last_process_asked_for_is_kept(void **state)
{
	struct bench *bench = *state;
	bench_process(bench, 7, "x", 1);
	bench_process(bench, 8, "x", 1);
	bench_write(bench, "proc/7/numa_maps", "7f00 default N0=2\n", 18);
	bench_write(bench, "proc/8/numa_maps", "7f00 default N6=2\n", 18);
	want_pages(bench, 7);
	want_pages(bench, 8);
	collect(bench, 2);
	assert_int_equal(bench->labels.pages.pid, 8);
	assert_int_equal(bench->labels.pages.nodes[0].node, 6);
}

static void pages_that_hang_are_given_up(void **state)
{
	struct bench *bench = *state;
	const struct pages *pages = &bench->labels.pages;
	char path[128];
	bench_process(bench, 20, "x", 1);
	snprintf(path, sizeof path, "%s/proc/20/numa_maps", bench->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	want_pages(bench, 20);
	assert_true(tend_late(bench));
	assert_int_equal(pages->state, PAGES_FAILED);
	assert_int_equal(pages->error, -ETIMEDOUT);
	/* Not sent into the same trap again. */
	want_pages(bench, 20);
	assert_int_equal(pages->state, PAGES_FAILED);
	assert_int_equal(pages->error, -ETIMEDOUT);
	bench_release_file(bench, 20, "numa_maps");
}

static void no_more_than_a_few_threads_are_left_behind(void **state)
{
	struct bench *bench = *state;
	for (int pid = 30; pid <= 30 + LANE_LEFT_MAX; pid++) {
		bench_hanging_process(bench, pid);
		want(bench, pid, (uint64_t)pid * 10);
	}
	for (int i = 0; i < LANE_LEFT_MAX; i++)
		assert_true(tend_late(bench));
	assert_false(lane_tend(bench->lane, &bench->labels, UINT64_MAX));
	assert_cmdline(bench, 30 + LANE_LEFT_MAX - 1, (30 + LANE_LEFT_MAX - 1) * 10, LABEL_DENIED, "");
	assert_cmdline(bench, 30 + LANE_LEFT_MAX, (30 + LANE_LEFT_MAX) * 10, LABEL_PENDING, "");
	/* A place becomes free when one of them comes back. */
	bench_release(bench, 31);
	assert_true(tend_late(bench));
	assert_cmdline(bench, 30 + LANE_LEFT_MAX, (30 + LANE_LEFT_MAX) * 10, LABEL_DENIED, "");
	for (int pid = 30; pid <= 30 + LANE_LEFT_MAX; pid++) {
		if (pid != 31)
			bench_release(bench, pid);
	}
}

/* The blocked signals of our youngest thread: others may still be ending. */
static uint64_t blocked_in_thread(void)
{
	char path[128], line[256];
	uint64_t blocked = 0;
	long youngest = getpid();
	DIR *dir = opendir("/proc/self/task");
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		long tid = strtol(entry->d_name, NULL, 10);
		youngest = tid > youngest ? tid : youngest;
	}
	closedir(dir);
	assert_true(youngest > getpid());
	snprintf(path, sizeof path, "/proc/self/task/%ld/status", youngest);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "SigBlk:", 7) == 0)
			blocked = strtoull(line + 7, NULL, 16);
	}
	fclose(file);
	return blocked;
}

static void its_own_crash_reaches_the_handler_and_other_signals_do_not(void **state)
{
	struct bench *bench = *state;
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	static const int others[] = { SIGTERM, SIGINT, SIGHUP, SIGWINCH, SIGTSTP };
	bench_process(bench, 40, "", 0);
	want(bench, 40, 400);
	collect(bench, 1);
	uint64_t blocked = blocked_in_thread();
	for (size_t i = 0; i < COUNT_OF(crashes); i++)
		assert_false(blocked & UINT64_C(1) << (crashes[i] - 1));
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_true(blocked & UINT64_C(1) << (others[i] - 1));
}

static void passwd_lines_are_taken_as_they_are(void **state)
{
	struct bench *bench = *state;
	char bytes[20000];
	size_t len = (size_t)snprintf(bytes, sizeof bytes, "root:x:0:0::/:/bin/sh\n:x:5:\nbroken\n\nminus:x:-1:0\nbig:x:4294967296:0\n"
							   "second:x:0:0::\nnobody:*:4294967294:1::/:\nlong:x:77:");
	/* A line longer than any buffer, and one without its end. */
	memset(bytes + len, 'y', 15000);
	len += 15000;
	len += (size_t)snprintf(bytes + len, sizeof bytes - len, "\nafter:x:78:0::/:\nlast:x:79:0");
	bench_write(bench, "etc/passwd", bytes, len);
	assert_int_equal(lane_read_passwd(&bench->root, &bench->labels), 0);
	assert_string_equal(labels_user(&bench->labels, 0), "root");
	assert_string_equal(labels_user(&bench->labels, 4294967294), "nobody");
	assert_null(labels_user(&bench->labels, 5));
	assert_null(labels_user(&bench->labels, 77));
	assert_string_equal(labels_user(&bench->labels, 78), "after");
	assert_string_equal(labels_user(&bench->labels, 79), "last");
	assert_int_equal(bench->labels.nusers, 4);
}

static void without_a_passwd_file_numbers_are_shown(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(lane_read_passwd(&bench->root, &bench->labels), -ENOENT);
	assert_null(labels_user(&bench->labels, 0));
}

#define BENCH_TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(command_lines_arrive_later),
		BENCH_TEST(after_an_exec_it_is_asked_again_and_the_old_one_shown_meanwhile),
		BENCH_TEST(those_without_one_are_denied),
		BENCH_TEST(long_command_lines_are_cut),
		BENCH_TEST(what_a_full_queue_drops_is_asked_again),
		BENCH_TEST(users_of_another_root_are_not_looked_up_here),
		cmocka_unit_test(users_of_this_host_are_looked_up),
		BENCH_TEST(pages_come_when_asked_for),
		BENCH_TEST(a_file_of_many_areas_is_read_to_its_end),
		BENCH_TEST(pages_that_cannot_be_had_say_why),
		BENCH_TEST(only_the_last_process_asked_for_is_kept),
		BENCH_TEST(pages_that_hang_are_given_up),
		BENCH_TEST(a_hanging_read_is_left_behind),
		BENCH_TEST(one_hanging_read_does_not_starve_the_others),
		BENCH_TEST(no_more_than_a_few_threads_are_left_behind),
		BENCH_TEST(its_own_crash_reaches_the_handler_and_other_signals_do_not),
		BENCH_TEST(passwd_lines_are_taken_as_they_are),
		BENCH_TEST(without_a_passwd_file_numbers_are_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
