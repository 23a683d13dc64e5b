/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session.h"

static void pressure_brings_a_tick_forward_but_not_onto_the_last(void **state)
{
	(void)state;
	static const struct {
		uint64_t now_ms, last_ms, due_ms, want_ms;
	} cases[] = {
		{ 5000, 1000, 31000, 5000 },  /* at once */
		{ 1050, 1000, 31000, 1200 },  /* one has just been */
		{ 1200, 1000, 31000, 1200 },
		{ 1050, 1000, 1100, 1100 },   /* due by itself before that */
		{ 5000, 1000, 3000, 3000 },   /* overdue stays so */
		{ 5000, 0, UINT64_MAX / 1000000, 5000 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(hurried_tick_ns(cases[i].now_ms * 1000000, cases[i].last_ms * 1000000,
						 cases[i].due_ms * 1000000),
				 cases[i].want_ms * 1000000);
}

/* A command line that cannot be read to its end, as that of a process stuck with
 * its mmap_lock held: to open a pipe nobody writes to takes for ever. */
static void a_command_line_that_hangs_delays_no_tick(void **state)
{
	(void)state;
	char dir[] = "/tmp/oomsight-session-XXXXXX", path[128];
	assert_non_null(mkdtemp(dir));
	struct options options;
	struct diag diag;
	struct session session;
	options_init(&options);
	assert_int_equal(session_open(&session, &options, true, &diag), 0);
	struct root sick = { 0 };
	snprintf(path, sizeof path, "%s/proc", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/proc/7", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/proc/7/cmdline", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(root_open(&sick, dir, &diag), 0);
	lane_free(session.lane);
	session.lane = lane_new(&sick, &diag);
	assert_non_null(session.lane);
	const struct label_look stuck = { .pid = 7, .start_ticks = 70 };
	lane_want_cmdline(session.lane, &session.labels, &stuck);
	uint64_t begin = monotonic_ns();
	for (int i = 0; i < 5; i++) {
		assert_int_equal(session_tick(&session, &diag), 0);
		assert_int_equal(lane_collect(session.lane, &session.labels), 0);
	}
	assert_int_equal(session_snap(&session)->tick, 5);
	assert_in_range(monotonic_ns() - begin, 0, 5000000000ULL);
	session_close(&session); /* does not wait either */
	assert_in_range(monotonic_ns() - begin, 0, 5000000000ULL);
	/* Let the thread go on over what is left to it. */
	int writer = -1;
	for (int tries = 0; writer < 0 && tries < 1000; tries++) {
		writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (writer < 0)
			usleep(1000);
	}
	/* None: the session was closed before the thread came to the read. */
	if (writer >= 0)
		close(writer);
	usleep(50000);
	root_close(&sick);
	options_done(&options);
	unlink(path);
	snprintf(path, sizeof path, "%s/proc/7", dir);
	rmdir(path);
	snprintf(path, sizeof path, "%s/proc", dir);
	rmdir(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pressure_brings_a_tick_forward_but_not_onto_the_last),
		cmocka_unit_test(a_command_line_that_hangs_delays_no_tick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
