/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hogs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

struct plan {
	const char *name;
	size_t mib;
	int adj;
	bool shared;
};

static void pause_ms(long ms)
{
	const struct timespec span = { ms / 1000, ms % 1000 * 1000000 };
	nanosleep(&span, NULL);
}

static void fill(char *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 4096)
		*(volatile char *)(at + i) = 1;
}

static void write_adj(int adj)
{
	char digits[16];
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	int n = snprintf(digits, sizeof digits, "%d", adj);
	if (fd < 0 || write(fd, digits, (size_t)n) != n)
		_exit(1);
	close(fd);
}

static int sleep_on(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

/* The life of a hog: in: told when it stands in its group; out: tells when it
 * has all, and the pid of its sharer. */
static void live(const struct plan *plan, pid_t parent, int in, int out)
{
	char go;
	pid_t sharer = 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, plan->name);
	if (getppid() != parent || read(in, &go, 1) != 1)
		_exit(1);
	if (plan->adj != 0)
		write_adj(plan->adj);
	char *at = mmap(NULL, plan->mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		_exit(1);
	madvise(at, plan->mib * MIB, MADV_NOHUGEPAGE);
	fill(at, plan->mib * MIB);
	if (plan->shared)
		sharer = clone(sleep_on, at + MIB, CLONE_VM | SIGCHLD, NULL);
	if (sharer < 0 || write(out, &sharer, sizeof sharer) != sizeof sharer)
		_exit(1);
	for (;;)
		pause();
}

static pid_t start(struct hogs *hogs, const struct group *group, const struct plan *plan, pid_t *ret_sharer)
{
	int in[2], out[2];
	pid_t parent = getpid(), sharer = 0;
	if (hogs->n == HOGS_MAX || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return 0;
	pid_t pid = fork();
	if (pid == 0)
		live(plan, parent, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	bool ready = pid > 0 && group_add(group, pid) && write(in[1], "", 1) == 1 &&
		     read(out[0], &sharer, sizeof sharer) == sizeof sharer;
	close(in[1]);
	close(out[0]);
	if (pid > 0)
		hogs->hogs[hogs->n++] = (struct hog){ .pid = pid };
	if (ret_sharer)
		*ret_sharer = sharer;
	return ready ? pid : 0;
}

pid_t hogs_add(struct hogs *hogs, const struct group *group, const char *name, size_t mib, int adj)
{
	const struct plan plan = { .name = name, .mib = mib, .adj = adj };
	return start(hogs, group, &plan, NULL);
}

pid_t hogs_add_shared(struct hogs *hogs, const struct group *group, const char *name, size_t mib, pid_t *ret_sharer)
{
	const struct plan plan = { .name = name, .mib = mib, .shared = true };
	return start(hogs, group, &plan, ret_sharer);
}

/* Fills by faults, for up to 4.18 only these bring a memory cgroup's OOM, and
 * maps a MiB at a time, so that its own rss stays small. */
static void write_on_demand(pid_t parent, int in, int out)
{
	size_t mib = 0, done = 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "writer");
	int fd = memfd_create("filling", MFD_CLOEXEC);
	if (getppid() != parent || fd < 0)
		_exit(1);
	while (read(in, &mib, sizeof mib) == sizeof mib) {
		if (ftruncate(fd, (off_t)((done + mib) * MIB)) < 0)
			_exit(1);
		for (; mib > 0; mib--, done++) {
			char *at = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(done * MIB));
			if (at == MAP_FAILED)
				_exit(1);
			fill(at, MIB);
			munmap(at, MIB);
		}
		if (write(out, "", 1) != 1)
			break;
	}
	_exit(0);
}

bool hogs_add_writer(struct hogs *hogs, const struct group *group)
{
	int in[2], out[2];
	pid_t parent = getpid();
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return false;
	hogs->writer = fork();
	if (hogs->writer == 0)
		write_on_demand(parent, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	hogs->to_writer = in[1];
	hogs->from_writer = out[0];
	return hogs->writer > 0 && group_add(group, hogs->writer);
}

bool hogs_add_big_and_small(struct hogs *hogs, const struct group *top, const char *name, struct group *ret_group)
{
	char big[16], small[16];
	snprintf(big, sizeof big, "%s-big", name);
	snprintf(small, sizeof small, "%s-small", name);
	return group_make(top, name, ret_group) && group_limit(ret_group, 64) && hogs_add(hogs, ret_group, big, 30, 0) &&
	       hogs_add(hogs, ret_group, small, 8, 0) && hogs_add_writer(hogs, ret_group);
}

bool hogs_have_kernel_pids(void)
{
	char ns[64];
	ssize_t n = readlink("/proc/self/ns/pid", ns, sizeof ns - 1);
	ns[n > 0 ? n : 0] = '\0';
	return strcmp(ns, "pid:[4026531836]") == 0;
}

bool hogs_write(struct hogs *hogs, size_t mib, int seconds)
{
	char done;
	struct pollfd fd = { .fd = hogs->from_writer, .events = POLLIN };
	return write(hogs->to_writer, &mib, sizeof mib) == sizeof mib && poll(&fd, 1, seconds * 1000) == 1 &&
	       read(hogs->from_writer, &done, 1) == 1;
}

static size_t count_dead(struct hogs *hogs)
{
	size_t dead = 0;
	for (size_t i = 0; i < hogs->n; i++) {
		int status;
		struct hog *hog = &hogs->hogs[i];
		if (!hog->dead && waitpid(hog->pid, &status, WNOHANG) == hog->pid)
			hog->dead = true;
		dead += hog->dead;
	}
	return dead;
}

size_t hogs_bury(struct hogs *hogs, size_t wanted, int seconds)
{
	for (int i = 0; i < seconds * 100 && count_dead(hogs) < wanted; i++)
		pause_ms(10);
	pause_ms(200);
	return count_dead(hogs);
}

bool hogs_is_gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return true;
		pause_ms(10);
	}
	return false;
}

void hogs_end(struct hogs *hogs)
{
	for (size_t i = 0; i < hogs->n; i++) {
		struct hog *hog = &hogs->hogs[i];
		if (!hog->dead && kill(hog->pid, SIGKILL) == 0)
			waitpid(hog->pid, NULL, 0);
	}
	if (hogs->writer > 0) {
		kill(hogs->writer, SIGKILL);
		waitpid(hogs->writer, NULL, 0);
		close(hogs->to_writer);
		close(hogs->from_writer);
	}
	memset(hogs, 0, sizeof *hogs);
}
