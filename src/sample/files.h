/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How this room reads: into one buffer that is kept and grows, from files that
 * stay open where that is safe.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_FILES_H
#define OOMSIGHT_SRC_SAMPLE_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/root.h"
#include "oomsight/base/text.h"

/* What getdents64(2) fills in; <dirent.h> has it under names that differ. */
struct dir_entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t type; /* DIR_ENTRY_UNKNOWN where the file system does not say */
	char name[];
};

#define DIR_ENTRY_UNKNOWN 0
#define DIR_ENTRY_DIRECTORY 4

#define DIR_ENTRIES_SIZE 8192

/* The room the largest file seen so far needed; and one for the entries of a directory,
 * of which one is read at a time. What no file and no directory filled takes no memory. */
struct read_buffer {
	char *bytes;
	size_t size;
	char *entries; /* DIR_ENTRIES_SIZE bytes, as getdents64 lays them out */
};

int read_buffer_init(struct read_buffer *buffer, size_t size);
void read_buffer_done(struct read_buffer *buffer);

/* Twice the room for files, contents lost. -ENOMEM also beyond what any file of the
 * kernel may take (16 MiB). */
int read_buffer_grow(struct read_buffer *buffer);

/* A file of fixed path that is read in every tick. Below the real root it
 * stays open (a kernel file read at offset 0 is fresh each time); below another
 * root it is opened anew, for there somebody may replace it. */
struct kept_file {
	char path[96];
	int fd; /* -1 while not open */
};

void kept_file_init(struct kept_file *file, const char *path);
void kept_file_done(struct kept_file *file);

/* The whole content; it lies in the buffer until its next use. 0 or -errno. */
int kept_file_read(struct kept_file *file, const struct root *root, struct read_buffer *buffer, struct text *ret_bytes);

/* The same for a file below proc/sys. The kernel takes as much memory for the read as is
 * asked for: proc_sys_call_handler() of fs/proc/proc_sysctl.c, 5.8 and later; the size of the
 * buffer is more than a host out of memory may have at one piece. */
int kept_file_read_sysctl(struct kept_file *file, const struct root *root, struct read_buffer *buffer,
			  struct text *ret_bytes);

/* The same for a file that is not kept open. */
int file_read(const struct root *root, const char *path, struct read_buffer *buffer, struct text *ret_bytes);

#endif
