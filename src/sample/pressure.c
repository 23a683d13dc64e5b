/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/sample/pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char file[] = "proc/pressure/memory";

static void refuse(struct pressure *pressure, int error)
{
	pressure->fd = -1;
	if (error == ENOENT || error == EOPNOTSUPP)
		snprintf(pressure->note, sizeof pressure->note, "none: this kernel does not tell of memory pressure");
	else if (error == EPERM || error == EACCES || error == EINVAL)
		snprintf(pressure->note, sizeof pressure->note, "none: this kernel wants CAP_SYS_RESOURCE for it");
	else
		snprintf(pressure->note, sizeof pressure->note, "none: %s", strerror(error));
}

void pressure_open(struct pressure *pressure, const struct root *root)
{
	*pressure = (struct pressure){ .fd = -1, .note = "none: not the running host" };
	if (!root->real)
		return;
	int fd = root_open_file(root, file, O_RDWR | O_NONBLOCK);
	if (fd < 0) {
		refuse(pressure, -fd);
		return;
	}
	/* With its NUL, as the kernel wants it: psi_write() cuts the last byte. */
	if (write(fd, PRESSURE_TRIGGER, sizeof PRESSURE_TRIGGER) < 0) {
		refuse(pressure, errno);
		close(fd);
		return;
	}
	pressure->fd = fd;
	snprintf(pressure->note, sizeof pressure->note, "when tasks wait for memory for 150 ms within 2 s");
}

void pressure_close(struct pressure *pressure)
{
	if (pressure->fd >= 0)
		close(pressure->fd);
	pressure->fd = -1;
}

bool pressure_rises(struct pressure *pressure, short revents)
{
	if (revents & (POLLERR | POLLNVAL | POLLHUP)) {
		pressure_close(pressure);
		snprintf(pressure->note, sizeof pressure->note, "none: the kernel took it back");
		return false;
	}
	return (revents & POLLPRI) != 0;
}
