/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one root for reading and for writing: nobody else names /proc or /sys.
 * With another prefix than "/" the whole program, writes included, works on
 * that tree and cannot touch the running host.
 */
#ifndef OOMSIGHT_BASE_ROOT_H
#define OOMSIGHT_BASE_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "oomsight/base/diag.h"

struct root {
	int fd;      /* the root directory */
	int proc_fd; /* proc below it, for readers of tasks */
	bool real;   /* the running host's own "/" */
};

/* prefix: "/" or a directory that holds proc (and sys).
 * Returns 0 or -errno with *diag filled. */
int root_open(struct root *root, const char *prefix, struct diag *diag);
void root_close(struct root *root);

/* Open path (relative: "proc/meminfo"). flags as for openat, O_CLOEXEC is added;
 * below a fake root no link leads out of it (openat2, Linux 5.6). Returns a
 * descriptor or -errno. */
int root_open_file(const struct root *root, const char *path, int flags);

/* Read a whole small file: at most size - 1 bytes, NUL added. Returns the
 * bytes read or -errno. */
ssize_t root_read(const struct root *root, const char *path, char *dst, size_t size);

/* Read an already open descriptor from its beginning the same way, as often
 * as one likes: pread until the end. */
ssize_t root_pread_all(int fd, char *dst, size_t size);

/* Write one value in one write call, as the kernel's files want it.
 * Returns 0 or -errno. */
int root_write(const struct root *root, const char *path, const char *value);

#endif
