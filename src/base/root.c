/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int root_open(struct root *root, const char *prefix, struct diag *diag)
{
	int fd = open(prefix, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		int error = errno;
		diag_set(diag, prefix, 0, "cannot be opened as a root directory: %s", strerror(error));
		return -error;
	}
	*root = (struct root){ .fd = fd, .real = strcmp(prefix, "/") == 0 };
	root->proc_fd = root_open_file(root, "proc", O_RDONLY | O_DIRECTORY);
	if (root->proc_fd < 0) {
		close(fd);
		diag_set(diag, prefix, 0, "has no readable directory proc: %s; is /proc mounted?",
			 strerror(-root->proc_fd));
		return root->proc_fd;
	}
	return 0;
}

void root_close(struct root *root)
{
	close(root->proc_fd);
	close(root->fd);
}

int root_open_file(const struct root *root, const char *path, int flags)
{
	int fd;
	if (root->real) {
		fd = openat(root->fd, path, flags | O_CLOEXEC | O_NOCTTY);
	} else {
		/* A link in a fake root must not lead to the running host. */
		struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC | O_NOCTTY),
					.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
		fd = (int)syscall(SYS_openat2, root->fd, path, &how, sizeof how);
	}
	return fd < 0 ? -errno : fd;
}

/* The longest number, its sign and a newline. */
#define NUMBER_SIZE 22

ssize_t root_pread_all(int fd, char *dst, size_t size)
{
	size_t len = 0;
	while (len < size - 1) {
		ssize_t n = pread(fd, dst + len, size - 1 - len, (off_t)len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		/* One number and its newline come whole: no need to be told that
		 * there is nothing behind. */
		if (len <= NUMBER_SIZE && dst[len - 1] == '\n')
			break;
	}
	dst[len] = '\0';
	return (ssize_t)len;
}

ssize_t root_read(const struct root *root, const char *path, char *dst, size_t size)
{
	int fd = root_open_file(root, path, O_RDONLY);
	if (fd < 0)
		return fd;
	ssize_t n = root_pread_all(fd, dst, size);
	close(fd);
	return n;
}

int root_write(const struct root *root, const char *path, const char *value)
{
	int fd = root_open_file(root, path, root->real ? O_WRONLY : O_WRONLY | O_TRUNC);
	if (fd < 0)
		return fd;
	size_t len = strlen(value);
	ssize_t n = write(fd, value, len);
	int r = n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}
