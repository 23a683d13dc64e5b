/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tracepoint counted by perf_event_open(2): the kernel adds one where the event
 * happens in the process' own context, and nothing is recorded. The number of a
 * tracepoint stands in tracefs. Where that is mounted nowhere, a mount of our own is
 * asked for that is attached to no directory and ends with its descriptor: nobody else
 * sees it.
 */
#include "events.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const NAMES[EVENT__COUNT] = {
	[EVENT_SLAB] = "kmem/kmem_cache_alloc",
	[EVENT_KMALLOC] = "kmem/kmalloc",
	[EVENT_CALL] = "raw_syscalls/sys_enter",
};

static int mount_apart(void)
{
	int context = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	if (context < 0)
		return -1;
	int fd = -1;
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return fd;
}

static uint64_t read_id(int tracefs, const char *name)
{
	char path[64], text[32];
	snprintf(path, sizeof(path), "events/%s/id", name);
	int fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strtoull(text, NULL, 10);
}

static int open_counter(uint64_t id, pid_t thread)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attributes), .config = id, .inherit = 1,
	};
	return (int)syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

bool events_has(const struct events *events, enum event event)
{
	return events->id[event] != 0;
}

const char *events_init(struct events *events)
{
	*events = (struct events){ { 0 } };
	int tracefs = open("/sys/kernel/tracing/events", O_PATH | O_CLOEXEC);
	if (tracefs >= 0) {
		close(tracefs);
		tracefs = open("/sys/kernel/tracing", O_PATH | O_DIRECTORY | O_CLOEXEC);
	} else {
		tracefs = mount_apart();
	}
	if (tracefs < 0)
		return "tracefs is not mounted, nor may it be";
	bool any = false;
	for (size_t i = 0; i < EVENT__COUNT; i++) {
		events->id[i] = read_id(tracefs, NAMES[i]);
		any |= events->id[i] != 0;
	}
	close(tracefs);
	if (!any)
		return "the tracepoints cannot be read or are not there";
	struct event_counters counters;
	double count[EVENT__COUNT];
	int r = events_begin(events, getpid(), &counters);
	if (r < 0) {
		*events = (struct events){ { 0 } };
		return r == -EACCES || r == -EPERM ? "perf_event_open is refused (CAP_PERFMON or root is wanted)" :
						     "perf_event_open takes no tracepoints here";
	}
	events_end(&counters, count);
	return NULL;
}

int events_begin(const struct events *events, pid_t pid, struct event_counters *ret_counters)
{
	char path[64];
	int r = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	for (size_t i = 0; i < EVENT__COUNT; i++) {
		for (size_t j = 0; j < EVENT_THREADS; j++)
			ret_counters->fd[i][j] = -1;
	}
	DIR *threads = opendir(path);
	if (threads == NULL)
		return -errno;
	/* A thread that starts while we look is its maker's, whose counters it inherits. */
	const struct dirent *entry;
	size_t n = 0;
	while (r == 0 && (entry = readdir(threads)) != NULL) {
		pid_t thread = (pid_t)atoi(entry->d_name);
		if (thread <= 0)
			continue;
		for (size_t i = 0; r == 0 && i < EVENT__COUNT; i++) {
			if (events->id[i] == 0)
				continue;
			if (n < EVENT_THREADS)
				ret_counters->fd[i][n] = open_counter(events->id[i], thread);
			r = n == EVENT_THREADS ? -E2BIG : ret_counters->fd[i][n] < 0 ? -errno : 0;
		}
		n++;
	}
	closedir(threads);
	if (r < 0) {
		double count[EVENT__COUNT];
		events_end(ret_counters, count);
	}
	return r;
}

void events_end(struct event_counters *counters, double ret_count[EVENT__COUNT])
{
	for (size_t i = 0; i < EVENT__COUNT; i++) {
		ret_count[i] = NAN;
		for (size_t j = 0; j < EVENT_THREADS && counters->fd[i][j] >= 0; j++) {
			uint64_t value;
			if (read(counters->fd[i][j], &value, sizeof(value)) == (ssize_t)sizeof(value))
				ret_count[i] = (j > 0 ? ret_count[i] : 0) + (double)value;
			close(counters->fd[i][j]);
			counters->fd[i][j] = -1;
		}
	}
}
