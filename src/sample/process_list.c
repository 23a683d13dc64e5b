/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oomsight/base/text.h"
#include "oomsight/sample/sampler.h"

int process_list_init(struct process_list *list, const struct root *root, struct read_buffer *buffer)
{
	list->buffer = buffer;
	list->pids = NULL;
	list->n = list->capacity = 0;
	list->whole = false;
	list->forks = 0;
	list->age = 0;
	list->dir_fd = openat(root->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return list->dir_fd < 0 ? -errno : 0;
}

void process_list_done(struct process_list *list)
{
	if (list->dir_fd >= 0)
		close(list->dir_fd);
	list->dir_fd = -1;
	free(list->pids);
	list->pids = NULL;
}

bool process_list_pid(const char *name, int32_t *ret_pid)
{
	uint64_t value;
	if (name[0] < '1' || name[0] > '9' || text_to_u64(text_of_str(name), 10, &value) < 0 || value > INT32_MAX)
		return false;
	*ret_pid = (int32_t)value;
	return true;
}

static int add_pid(struct process_list *list, int32_t pid)
{
	if (list->n == list->capacity) {
		uint32_t capacity = list->capacity ? list->capacity + list->capacity / 4 : 1024;
		int32_t *bigger = realloc(list->pids, capacity * sizeof *bigger);
		if (!bigger)
			return -ENOMEM;
		list->pids = bigger;
		list->capacity = capacity;
	}
	list->pids[list->n++] = pid;
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
	return (x > y) - (x < y);
}

int process_list_read(struct process_list *list)
{
	bool ascending = true;
	list->n = 0;
	list->whole = false;
	if (lseek(list->dir_fd, 0, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		long n = syscall(SYS_getdents64, list->dir_fd, list->buffer->entries, DIR_ENTRIES_SIZE);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		for (long at = 0; at < n;) {
			const struct dir_entry *entry = (const void *)(list->buffer->entries + at);
			int32_t pid;
			at += entry->length;
			if (!process_list_pid(entry->name, &pid))
				continue;
			ascending &= list->n == 0 || list->pids[list->n - 1] < pid;
			int r = add_pid(list, pid);
			if (r < 0)
				return r;
		}
	}
	/* The kernel lists them in order; a directory on a disk does not. */
	if (!ascending)
		qsort(list->pids, list->n, sizeof *list->pids, compare_pids);
	return 0;
}

int process_list_update(struct process_list *list, bool real, const struct snapshot *next)
{
	uint64_t forks = next->system.value[SYS_FORKS];
	/* Who always says 0, as a proc that is not the kernel's may, does not count. */
	bool counted = real && !next->observer.proc_hides && system_knows(&next->system, SYS_FORKS) && forks > 0;
	if (counted && list->whole && list->forks == forks && list->age + 1 < SAMPLE_MAX_AGE) {
		list->age++;
		return 0;
	}
	int r = process_list_read(list);
	list->whole = r == 0 && counted;
	list->forks = forks;
	list->age = 0;
	return r;
}

void process_list_keep(struct process_list *list, uint32_t n)
{
	list->n = n;
}

void process_list_forget(struct process_list *list)
{
	list->whole = false;
}
