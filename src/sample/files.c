/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LARGEST_FILE ((size_t)16 << 20)

int read_buffer_init(struct read_buffer *buffer, size_t size)
{
	*buffer = (struct read_buffer){ malloc(size), size, malloc(DIR_ENTRIES_SIZE) };
	if (buffer->bytes && buffer->entries)
		return 0;
	read_buffer_done(buffer);
	return -ENOMEM;
}

void read_buffer_done(struct read_buffer *buffer)
{
	free(buffer->bytes);
	free(buffer->entries);
	*buffer = (struct read_buffer){ NULL, 0, NULL };
}

int read_buffer_grow(struct read_buffer *buffer)
{
	if (buffer->size >= LARGEST_FILE)
		return -ENOMEM;
	char *bigger = realloc(buffer->bytes, buffer->size * 2);
	if (!bigger)
		return -ENOMEM;
	buffer->bytes = bigger;
	buffer->size *= 2;
	return 0;
}

/* first: how much to ask for at first. */
static int read_fd(int fd, struct read_buffer *buffer, size_t first, struct text *ret_bytes)
{
	for (size_t size = first < buffer->size ? first : buffer->size;; size = buffer->size) {
		ssize_t n = root_pread_all(fd, buffer->bytes, size);
		if (n < 0)
			return (int)n;
		if ((size_t)n < size - 1) {
			*ret_bytes = text_of(buffer->bytes, (size_t)n);
			return 0;
		}
		int r = size < buffer->size ? 0 : read_buffer_grow(buffer);
		if (r < 0)
			return r;
	}
}

void kept_file_init(struct kept_file *file, const char *path)
{
	snprintf(file->path, sizeof file->path, "%s", path);
	file->fd = -1;
}

void kept_file_done(struct kept_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

static int read_kept(struct kept_file *file, const struct root *root, struct read_buffer *buffer, size_t first,
		     struct text *ret_bytes)
{
	if (file->fd < 0) {
		int fd = root_open_file(root, file->path, O_RDONLY);
		if (fd < 0)
			return fd;
		file->fd = fd;
	}
	int r = read_fd(file->fd, buffer, first, ret_bytes);
	if (r < 0 || !root->real)
		kept_file_done(file);
	return r;
}

int kept_file_read(struct kept_file *file, const struct root *root, struct read_buffer *buffer, struct text *ret_bytes)
{
	return read_kept(file, root, buffer, SIZE_MAX, ret_bytes);
}

int kept_file_read_sysctl(struct kept_file *file, const struct root *root, struct read_buffer *buffer,
			  struct text *ret_bytes)
{
	return read_kept(file, root, buffer, 256, ret_bytes);
}

int file_read(const struct root *root, const char *path, struct read_buffer *buffer, struct text *ret_bytes)
{
	int fd = root_open_file(root, path, O_RDONLY);
	if (fd < 0)
		return fd;
	int r = read_fd(fd, buffer, SIZE_MAX, ret_bytes);
	close(fd);
	return r;
}
