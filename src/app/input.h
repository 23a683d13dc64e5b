/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes of a log file, decompressed on the way where it is gzip, xz or zstd: told
 * by its first bytes, never by its name.
 */
#ifndef OOMSIGHT_APP_INPUT_H
#define OOMSIGHT_APP_INPUT_H

#include <stddef.h>
#include <sys/types.h>

#include "oomsight/base/diag.h"

struct input;

/* Take over fd; name is for messages and must live as long. Returns 0 or -errno
 * with *diag filled; fd is closed then. */
int input_open(struct input **ret_input, int fd, const char *name, struct diag *diag);
void input_close(struct input *input);

/* The next bytes: how many, 0 at the end, -errno with *diag filled. A file that
 * ends within its compressed stream is an error after all that could be read. */
ssize_t input_read(struct input *input, char *dst, size_t size, struct diag *diag);

#endif
