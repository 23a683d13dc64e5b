/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thrash.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PAGE 4096
#define REACH_BYTES ((size_t)1 << 30)
#define SETTLE_S 5
#define THINK_US 1000 /* of a reader between two pages, or it would be a burden on the CPU alone */

/* In the child: 0. Whoever is named here has the usual adjustment. */
static pid_t start(const char *name)
{
	pid_t pid = fork();
	if (pid < 0)
		give_up("fork: %m");
	if (pid > 0)
		return pid;
	prctl(PR_SET_NAME, name);
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		give_up("oom_score_adj: %m");
	close(fd);
	return 0;
}

static void tell(int fd)
{
	if (write(fd, "", 1) != 1)
		_exit(1);
}

static pid_t start_told(const char *name, int *ret_fd, int *ret_tell)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		give_up("pipe: %m");
	pid_t pid = start(name);
	*ret_fd = fds[0];
	*ret_tell = fds[1];
	close(fds[pid == 0 ? 0 : 1]);
	return pid;
}

pid_t start_idle(void)
{
	pid_t pid = start("idle");
	while (pid == 0)
		pause();
	return pid;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 8;
}

pid_t start_reader(const char *path, unsigned seed)
{
	pid_t pid = start("reader");
	if (pid > 0)
		return pid;
	static char page[PAGE];
	uint32_t state = seed;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t pages = fd < 0 ? 0 : lseek(fd, 0, SEEK_END) / PAGE;
	if (pages == 0)
		give_up("%s: %m", path);
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	for (;;) {
		if (pread(fd, page, sizeof page, (off_t)(next_random(&state) % (uint32_t)pages) * PAGE) < 0)
			give_up("%s: %m", path);
		usleep(THINK_US);
	}
}

pid_t start_ticker(int *ret_fd)
{
	int out;
	pid_t pid = start_told("ticker", ret_fd, &out);
	if (pid > 0)
		return pid;
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		give_up("mlockall: %m");
	for (;;) {
		tell(out);
		usleep(1000 * 1000);
	}
}

/* What the kernel can still give, KiB: free memory, file cache, swap. */
static long headroom_kib(void)
{
	static const char *const parts[] = { "MemFree:", "Active(file):", "Inactive(file):", "SwapFree:" };
	char text[4096];
	long sum = 0;
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		give_up("/proc/meminfo: %m");
	close(fd);
	text[n] = '\0';
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const char *at = strstr(text, parts[i]);
		sum += at ? strtol(at + strlen(parts[i]), NULL, 10) : 0;
	}
	return sum;
}

/* From `have` pages to `want`. */
static void move_to(char *memory, size_t *have, size_t want)
{
	if (want < *have)
		madvise(memory + want * PAGE, (*have - want) * PAGE, MADV_DONTNEED);
	for (size_t i = *have; i < want; i++)
		memory[i * PAGE] = 1;
	*have = want;
}

static void grow_for_ever(const struct hog *hog, char *memory, size_t have)
{
	const uint64_t begin = monotonic_ns();
	const size_t base = have;
	for (;;) {
		usleep(100 * 1000);
		double seconds = (double)(monotonic_ns() - begin) / 1e9;
		size_t want = base + (size_t)(seconds * (double)hog->rate_kib * 1024 / PAGE);
		move_to(memory, &have, want < REACH_BYTES / PAGE ? want : REACH_BYTES / PAGE);
	}
}

/* Each way between a half and the whole of the swing. */
static void swing_for_ever(const struct hog *hog, char *memory, size_t have, int out)
{
	const size_t base = have, step = (size_t)hog->rate_kib * 1024 / PAGE / 10;
	const uint32_t swing = (uint32_t)(hog->swing_mib * 256);
	uint32_t state = hog->seed;
	for (bool up = true;; up = !up) {
		size_t part = swing / 4 * (next_random(&state) % 1000) / 1000;
		size_t goal = base + (up ? swing - part : part);
		while (have != goal) {
			usleep(100 * 1000);
			size_t left = up ? goal - have : have - goal;
			size_t by = left < step ? left : step;
			move_to(memory, &have, up ? have + by : have - by);
		}
		if (up)
			tell(out);
	}
}

pid_t start_hog(const struct hog *hog, int *ret_fd)
{
	int out;
	pid_t pid = start_told("hog", ret_fd, &out);
	if (pid > 0)
		return pid;
	char *memory = mmap(NULL, REACH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		give_up("mmap: %m");
	size_t have = 0;
	while (headroom_kib() > hog->left_mib * 1024)
		move_to(memory, &have, have + 128);
	sleep(SETTLE_S);
	tell(out);
	if (hog->swing_mib > 0)
		swing_for_ever(hog, memory, have, out);
	else
		grow_for_ever(hog, memory, have);
	_exit(0);
}
