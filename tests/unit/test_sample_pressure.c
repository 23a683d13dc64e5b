/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oomsight/sample/pressure.h"

static void another_root_is_never_written(void **state)
{
	(void)state;
	char dir[] = "/tmp/oomsight-pressure-XXXXXX", path[128];
	struct root root;
	struct pressure pressure;
	struct stat stat_after;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/proc", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/proc/pressure", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/proc/pressure/memory", dir);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(root_open(&root, dir, NULL), 0);
	pressure_open(&pressure, &root);
	assert_int_equal(pressure.fd, -1);
	assert_string_equal(pressure.note, "none: not the running host");
	assert_int_equal(fstat(fd, &stat_after), 0);
	assert_int_equal(stat_after.st_size, 0);
	pressure_close(&pressure);
	root_close(&root);
	close(fd);
	unlink(path);
	snprintf(path, sizeof path, "%s/proc/pressure", dir);
	rmdir(path);
	snprintf(path, sizeof path, "%s/proc", dir);
	rmdir(path);
	rmdir(dir);
}

/* Either the kernel gives one that can be polled, or the note says why not. */
static void the_host_gives_a_trigger_or_a_reason(void **state)
{
	(void)state;
	struct root root;
	struct pressure pressure;
	assert_int_equal(root_open(&root, "/", NULL), 0);
	pressure_open(&pressure, &root);
	assert_int_equal(strncmp(pressure.note, "none: ", 6) == 0, pressure.fd < 0);
	if (pressure.fd >= 0) {
		struct pollfd fd = { .fd = pressure.fd, .events = POLLPRI };
		assert_true(poll(&fd, 1, 0) >= 0);
		assert_int_equal(fd.revents & ~POLLPRI, 0);
		assert_int_equal(fcntl(pressure.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	}
	pressure_close(&pressure);
	assert_int_equal(pressure.fd, -1);
	pressure_close(&pressure);
	root_close(&root);
}

static void only_priority_is_pressure_and_an_error_is_the_end(void **state)
{
	(void)state;
	struct pressure pressure = { .fd = dup(0), .note = "some" };
	assert_true(pressure.fd >= 0);
	int fd = pressure.fd;
	assert_false(pressure_rises(&pressure, 0));
	assert_false(pressure_rises(&pressure, POLLIN));
	assert_true(pressure_rises(&pressure, POLLPRI));
	assert_int_equal(pressure.fd, fd);
	assert_false(pressure_rises(&pressure, POLLPRI | POLLERR));
	assert_int_equal(pressure.fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_string_equal(pressure.note, "none: the kernel took it back");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_root_is_never_written),
		cmocka_unit_test(the_host_gives_a_trigger_or_a_reason),
		cmocka_unit_test(only_priority_is_pressure_and_an_error_is_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
