/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { DEADLINE_MS = 10000 };

int pty_open(struct pty *pty, unsigned rows, unsigned columns)
{
	pty->program = -1;
	pty->person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->person < 0)
		return -errno;
	if (grantpt(pty->person) == 0 && unlockpt(pty->person) == 0)
		pty->program = open(ptsname(pty->person), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->program < 0) {
		int error = errno;
		pty_close(pty);
		return -error;
	}
	return pty_resize(pty, rows, columns);
}

void pty_close(struct pty *pty)
{
	if (pty->person >= 0)
		close(pty->person);
	if (pty->program >= 0)
		close(pty->program);
	pty->person = pty->program = -1;
}

int pty_resize(const struct pty *pty, unsigned rows, unsigned columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
	return ioctl(pty->person, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

long pty_read(const struct pty *pty, char *dst, size_t size)
{
	/* The kernel passes bytes on at its leisure, but in order: a byte that no
	 * program writes marks the end. */
	static const char mark = 0x1e;
	size_t len = 0;
	if (write(pty->program, &mark, 1) != 1)
		return -errno;
	for (;;) {
		struct pollfd poll_fd = { .fd = pty->person, .events = POLLIN };
		char buffer[4096];
		if (poll(&poll_fd, 1, DEADLINE_MS) != 1)
			return -ETIMEDOUT;
		ssize_t n = read(pty->person, buffer, sizeof buffer);
		if (n < 0)
			return -errno;
		for (ssize_t i = 0; i < n; i++) {
			if (buffer[i] == mark)
				return (long)len;
			if (len < size)
				dst[len] = buffer[i];
			len++;
		}
	}
}

int pty_type(const struct pty *pty, const char *bytes, size_t len)
{
	if (write(pty->person, bytes, len) != (ssize_t)len)
		return -EIO;
	for (int waited_ms = 0; waited_ms < DEADLINE_MS; waited_ms += 2) {
		int waiting = 0;
		if (ioctl(pty->program, FIONREAD, &waiting) == 0 && waiting >= (int)len)
			return 0;
		(void)poll(NULL, 0, 2);
	}
	return -ETIMEDOUT;
}
