/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * curses cannot be told not to wait: it writes to a descriptor, and one that says
 * EAGAIN it tries again at once, for ever. So its descriptor becomes a file in
 * memory, which takes everything. Nothing more is drawn while some of it is
 * left, so the file never holds more than one screen, and the terminal never
 * lacks a byte of what curses believes to have sent.
 */
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PIECE 4096
#define KEPT_BYTES 65536 /* a larger screen's memory is given back */

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static bool is_same_terminal(int a, int b)
{
	struct stat stat_a, stat_b;
	return fstat(a, &stat_a) == 0 && fstat(b, &stat_b) == 0 && S_ISCHR(stat_a.st_mode) &&
	       stat_a.st_rdev == stat_b.st_rdev;
}

static int open_anew(int fd)
{
	char name[64];
	const int flags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	if (ttyname_r(fd, name, sizeof name) == 0) {
		int own = open(name, flags);
		if (own >= 0 && is_same_terminal(own, fd))
			return own;
		if (own >= 0)
			close(own);
	}
	/* Its name may lie outside of this container. Only a controlling terminal
	 * tells its session. */
	int own = tcgetsid(fd) >= 0 ? open("/dev/tty", flags) : -1;
	return own >= 0 ? own : -ENODEV;
}

int outlet_open(struct outlet *outlet, int curses_fd)
{
	*outlet = (struct outlet){ .tty_fd = -1, .memory_fd = -1 };
	int tty = open_anew(curses_fd);
	if (tty < 0)
		return tty;
	int memory = memfd_create("oomsight-screen", MFD_CLOEXEC);
	if (memory < 0 || dup3(memory, curses_fd, O_CLOEXEC) < 0) {
		int error = errno;
		if (memory >= 0)
			close(memory);
		close(tty);
		return -error;
	}
	close(memory);
	outlet->tty_fd = tty;
	outlet->memory_fd = curses_fd;
	outlet->progress_ns = now_ns();
	return 0;
}

void outlet_close(struct outlet *outlet)
{
	if (outlet->tty_fd >= 0)
		close(outlet->tty_fd);
	outlet->tty_fd = outlet->memory_fd = -1;
}

/* Begin at the front again. */
static void rewind_memory(struct outlet *outlet, int64_t end)
{
	if (end > KEPT_BYTES && ftruncate(outlet->memory_fd, 0) < 0)
		return;
	lseek(outlet->memory_fd, 0, SEEK_SET);
	outlet->sent = 0;
}

/* One piece. Returns what the terminal took; -errno, -EAGAIN when nothing. */
static ssize_t send_piece(struct outlet *outlet, int64_t left)
{
	char piece[PIECE];
	size_t want = left < PIECE ? (size_t)left : PIECE;
	ssize_t n = pread(outlet->memory_fd, piece, want, (off_t)outlet->sent);
	if (n > 0)
		n = write(outlet->tty_fd, piece, (size_t)n);
	return n > 0 ? n : n < 0 ? -errno : -EIO;
}

int outlet_flush(struct outlet *outlet)
{
	if (outlet->tty_fd < 0)
		return 0;
	int64_t end = lseek(outlet->memory_fd, 0, SEEK_CUR);
	while (outlet->sent < end) {
		ssize_t n = send_piece(outlet, end - outlet->sent);
		if (n == -EINTR)
			continue;
		if (n == -EAGAIN) {
			if (now_ns() - outlet->progress_ns > OUTLET_STALLED_MS * 1000000ULL)
				outlet->stalled = true;
			return 1;
		}
		if (n < 0)
			return (int)n;
		outlet->sent += n;
		outlet->progress_ns = now_ns();
	}
	if (end > 0)
		rewind_memory(outlet, end);
	outlet->progress_ns = now_ns();
	return 0;
}

int outlet_drain(struct outlet *outlet, int timeout_ms)
{
	uint64_t deadline = now_ns() + (uint64_t)timeout_ms * 1000000U;
	int r;
	while ((r = outlet_flush(outlet)) == 1) {
		uint64_t now = now_ns();
		if (now >= deadline)
			break;
		struct pollfd fd = { .fd = outlet->tty_fd, .events = POLLOUT };
		(void)poll(&fd, 1, (int)((deadline - now) / 1000000U) + 1);
	}
	return r;
}

void outlet_drop(struct outlet *outlet)
{
	static const char cancel = 0x18;
	if (outlet->tty_fd < 0)
		return;
	int64_t end = lseek(outlet->memory_fd, 0, SEEK_CUR);
	bool cut = outlet->sent > 0 && outlet->sent < end;
	rewind_memory(outlet, end);
	/* First of all that comes later. */
	if (cut && write(outlet->memory_fd, &cancel, 1) < 0)
		outlet->sent = 0;
}
