/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "task_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oomsight/sample/parse.h"

#define PROC_PREFIX "proc/"

void task_path_init(struct task_path *path, int32_t pid)
{
	char digits[12];
	size_t n = 0;
	for (int32_t rest = pid; rest > 0; rest /= 10)
		digits[n++] = (char)('0' + rest % 10);
	memcpy(path->bytes, PROC_PREFIX, sizeof PROC_PREFIX - 1);
	path->len = sizeof PROC_PREFIX - 1;
	while (n > 0)
		path->bytes[path->len++] = digits[--n];
	path->bytes[path->len] = '\0';
}

static int open_once(const struct task_reader *reader, const struct task_path *path, const char *name, int flags)
{
	char full[sizeof path->bytes + 16];
	memcpy(full, path->bytes, path->len);
	memcpy(full + path->len, name, strlen(name) + 1);
	if (!reader->root->real)
		return root_open_file(reader->root, full, flags);
	int fd = openat(reader->root->proc_fd, full + sizeof PROC_PREFIX - 1, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Kept descriptors give way to whatever else is to be opened. */
static int open_of_task(struct task_reader *reader, const struct task_path *path, const char *name, int flags)
{
	int fd = open_once(reader, path, name, flags);
	if (fd == -EMFILE && kept_tasks_shrink(&reader->kept))
		fd = open_once(reader, path, name, flags);
	return fd;
}

/* All that stands in a file of a task, by one read call where it fits: the kernel prints
 * such a file in one piece. The content lies in the buffer until its next use. */
static int read_whole(struct task_reader *reader, int fd, struct text *ret_bytes)
{
	for (;;) {
		ssize_t n = pread(fd, reader->buffer->bytes, reader->buffer->size, 0);
		if (n >= 0 && (size_t)n < reader->buffer->size) {
			*ret_bytes = text_of(reader->buffer->bytes, (size_t)n);
			return 0;
		}
		if (n < 0 && errno == EINTR)
			continue;
		int r = n < 0 ? -errno : read_buffer_grow(reader->buffer);
		if (r < 0)
			return r;
	}
}

static int read_of_task(struct task_reader *reader, const struct task_path *path, const char *name, struct text *ret_bytes)
{
	int fd = open_of_task(reader, path, name, O_RDONLY);
	if (fd < 0)
		return fd;
	int r = read_whole(reader, fd, ret_bytes);
	close(fd);
	return r;
}

bool task_files_fail(int error)
{
	return error == -EMFILE;
}

/* A group could not be read. 0 when its state now says why; -ESRCH when the
 * task is gone; another -errno when the trouble is ours. */
static int take_error(struct task_reader *reader, const struct task_path *path, struct task *task,
		      enum task_group group, int error)
{
	enum fact_state state = FACT_UNKNOWN;
	if (error == -ESRCH || task_files_fail(error))
		return error;
	if (error == -ENOENT) {
		/* Gone, or a kernel without this file? */
		int fd = open_of_task(reader, path, "/stat", O_RDONLY);
		if (fd == -ENOENT)
			return -ESRCH;
		if (task_files_fail(fd))
			return fd;
		if (fd >= 0) {
			close(fd);
			state = FACT_ABSENT;
		}
	} else if (error == -EACCES || error == -EPERM) {
		state = FACT_DENIED;
	}
	task->group_state[group] = (uint8_t)state;
	task->age[group] = 0;
	return 0;
}

static void take_mm(struct task *task, const struct parsed_status *status, uint32_t page_bytes)
{
	task_set_group(task, TASK_MM, status->has_mm ? FACT_KNOWN : FACT_ABSENT);
	task_set_group(task, TASK_SPLIT, status->has_mm && status->has_split ? FACT_KNOWN : FACT_ABSENT);
	uint32_t page_kib = page_bytes / 1024;
	task->rss_pages = status->rss_kib / page_kib;
	task->rss_file_pages = status->rss_file_kib / page_kib;
	task->rss_shmem_pages = status->rss_shmem_kib / page_kib;
	task->swap_pages = status->swap_kib / page_kib;
	if (__builtin_mul_overflow(status->pgtables_kib, (uint64_t)1024, &task->pgtables_bytes))
		task_set_group(task, TASK_MM, FACT_UNKNOWN);
}

/* Tasks side by side mostly may use the same nodes: intern finds these early. */
static void take_mems(const struct parsed_status *status, struct snapshot *next, struct task *task)
{
	struct nodeset nodes;
	task->mems = TASK_NODES_UNKNOWN;
	if (status->mems_allowed.len > 0 && nodeset_parse(status->mems_allowed, &nodes) == 0)
		task->mems = snapshot_intern_nodes(next, &nodes);
}

static int read_status(struct task_reader *reader, const struct task_path *path, struct snapshot *next,
		       struct task *task)
{
	struct text bytes;
	struct parsed_status status;
	int r = read_of_task(reader, path, "/status", &bytes);
	if (r < 0) {
		r = take_error(reader, path, task, TASK_STATUS, r);
		task_set_group(task, TASK_MM, (enum fact_state)task->group_state[TASK_STATUS]);
		task_set_group(task, TASK_SPLIT, (enum fact_state)task->group_state[TASK_STATUS]);
		return r;
	}
	if (parse_task_status(bytes, &status) < 0) {
		task_set_group(task, TASK_STATUS, FACT_UNKNOWN);
		task_set_group(task, TASK_MM, FACT_UNKNOWN);
		task_set_group(task, TASK_SPLIT, FACT_UNKNOWN);
		return 0;
	}
	task_set_group(task, TASK_STATUS, FACT_KNOWN);
	task->uid = status.uid;
	task->cap_eff = (uint32_t)status.cap_eff;
	task->sigkill_pending = status.sigkill_pending;
	take_mm(task, &status, next->page_bytes);
	take_mems(&status, next, task);
	return 0;
}

static int read_statm(struct task_reader *reader, const struct task_path *path, struct task *task)
{
	struct text bytes;
	int r = read_of_task(reader, path, "/statm", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_STATM, r);
	r = parse_task_statm(bytes, &task->shr_pages);
	task_set_group(task, TASK_STATM, r < 0 ? FACT_UNKNOWN : FACT_KNOWN);
	return 0;
}

static void take_number(struct text bytes, struct task *task, enum task_group group)
{
	int32_t value;
	bool fits = parse_task_number(bytes, &value) == 0 && (group == TASK_SCORE || (value >= -1000 && value <= 1000));
	task_set_group(task, group, fits ? FACT_KNOWN : FACT_UNKNOWN);
	if (fits && group == TASK_SCORE)
		task->oom_score = value;
	else if (fits)
		task->oom_score_adj = (int16_t)value;
}

static int read_score(struct task_reader *reader, const struct task_path *path, struct task *task)
{
	struct text bytes;
	int r = read_of_task(reader, path, "/oom_score", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_SCORE, r);
	take_number(bytes, task, TASK_SCORE);
	return 0;
}

/* kept: its descriptors, or NULL. */
static int read_adj(struct task_reader *reader, const struct task_path *path, const struct kept_task *kept,
		    struct task *task)
{
	struct text bytes;
	int r = kept && kept->adj_fd >= 0 ? read_whole(reader, kept->adj_fd, &bytes) :
					    read_of_task(reader, path, "/oom_score_adj", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_ADJ, r);
	take_number(bytes, task, TASK_ADJ);
	return 0;
}

/* The path's place in the arena, shared with a recent task's equal one, and the
 * memory cgroup it names. */
int task_files_add_cgroup(struct task_reader *reader, struct snapshot *next, struct text path, struct task *task)
{
	unsigned n = reader->ncgroups < CGROUPS_REMEMBERED ? reader->ncgroups : CGROUPS_REMEMBERED;
	for (unsigned i = 0; i < n; i++) {
		unsigned at = (reader->ncgroups - 1 - i) % CGROUPS_REMEMBERED;
		if (text_equal(snapshot_text(next, reader->cgroups[at].path), path)) {
			task->cgroup = reader->cgroups[at].path;
			task->memcg = reader->cgroups[at].memcg;
			return 0;
		}
	}
	task->memcg = memcg_reader_find(reader->memcgs, path);
	int r = snapshot_add_text(next, path, &task->cgroup);
	if (r == 0)
		reader->cgroups[reader->ncgroups++ % CGROUPS_REMEMBERED] =
			(struct task_cgroup){ task->cgroup, task->memcg };
	return r;
}

/* The same for a task that stays where it was: who stands beside it mostly is in the
 * same group, whose text prev has at one place. */
int task_files_carry_cgroup(struct task_reader *reader, const struct snapshot *prev, struct text_ref was,
			    struct snapshot *next, struct task *task)
{
	if (reader->carried.path.len > 0 && reader->carried_from.offset == was.offset &&
	    reader->carried_from.len == was.len) {
		task->cgroup = reader->carried.path;
		task->memcg = reader->carried.memcg;
		return 0;
	}
	int r = task_files_add_cgroup(reader, next, snapshot_text(prev, was), task);
	if (r == 0) {
		reader->carried_from = was;
		reader->carried = (struct task_cgroup){ task->cgroup, task->memcg };
	}
	return r;
}

static int read_cgroup(struct task_reader *reader, const struct task_path *path, struct snapshot *next, struct task *task)
{
	struct text bytes, cgroup;
	int r = read_of_task(reader, path, "/cgroup", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_CGROUP, r);
	if (parse_task_cgroup(bytes, &cgroup) < 0) {
		task_set_group(task, TASK_CGROUP, FACT_ABSENT);
		return 0;
	}
	task_set_group(task, TASK_CGROUP, FACT_KNOWN);
	return task_files_add_cgroup(reader, next, cgroup, task);
}

static int read_policy(struct task_reader *reader, const struct task_path *path, struct snapshot *next,
		       struct task *task)
{
	struct text bytes;
	enum task_policy policy;
	struct nodeset nodes;
	int r = read_of_task(reader, path, "/numa_maps", &bytes);
	if (r < 0)
		return take_error(reader, path, task, TASK_POLICY, r);
	if (parse_numa_maps(bytes, &policy, &nodes) < 0) {
		task_set_group(task, TASK_POLICY, FACT_ABSENT);
		return 0;
	}
	task->policy = (uint8_t)policy;
	task->policy_nodes = policy == POLICY_OTHER ? TASK_NODES_UNKNOWN : snapshot_intern_nodes(next, &nodes);
	task_set_group(task, TASK_POLICY,
		  policy != POLICY_OTHER && task->policy_nodes == TASK_NODES_UNKNOWN ? FACT_UNKNOWN : FACT_KNOWN);
	return 0;
}

/* The mm of a process whose leader has exited while threads go on: that of the
 * first thread that still has one, as find_lock_task_mm() of mm/oom_kill.c looks
 * for it. Leaves the task alone when there is none. */
static int read_through_thread(struct task_reader *reader, const struct task_path *leader, uint32_t page_bytes,
			       struct task *task)
{
	int fd = open_of_task(reader, leader, "/task", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? -ESRCH : task_files_fail(fd) ? fd : 0;
	int r = 0;
	for (;;) {
		long n = syscall(SYS_getdents64, fd, reader->buffer->entries, DIR_ENTRIES_SIZE);
		if (n <= 0)
			break;
		for (long at = 0; at < n && !task->through_thread;) {
			const struct dir_entry *entry = (const void *)(reader->buffer->entries + at);
			int32_t tid;
			at += entry->length;
			if (!process_list_pid(entry->name, &tid) || tid == task->pid)
				continue;
			struct task_path thread;
			struct text bytes;
			struct parsed_status status;
			struct parsed_stat stat;
			thread.len = (size_t)snprintf(thread.bytes, sizeof thread.bytes, "%s/task/%d", leader->bytes, tid);
			r = read_of_task(reader, &thread, "/status", &bytes);
			if (task_files_fail(r))
				goto out;
			if (r < 0 || parse_task_status(bytes, &status) < 0 || !status.has_mm)
				continue;
			r = read_of_task(reader, &thread, "/stat", &bytes);
			if (task_files_fail(r))
				goto out;
			if (r < 0 || parse_task_stat(bytes, &stat) < 0)
				continue;
			task->through_thread = true;
			task->virt_bytes = stat.virt_bytes;
			task->rss_quick_pages = stat.rss_pages;
			take_mm(task, &status, page_bytes);
			r = read_statm(reader, &thread, task);
			/* That thread may go; the process need not. */
			if (r == -ESRCH)
				r = 0;
			goto out;
		}
	}
	r = 0;
out:
	close(fd);
	return r;
}

/* Open what is to be kept of a task. The number was one process' all the while if stat
 * can still be read through the first descriptor when there is a second. */
static int open_kept(const struct task_reader *reader, const struct task_path *path, struct kept_task *kept)
{
	int fd = open_once(reader, path, "/stat", O_RDONLY);
	if (fd < 0)
		return fd;
	kept->stat_fd = fd;
	fd = open_once(reader, path, "/oom_score_adj", O_RDONLY);
	kept->adj_fd = fd < 0 ? -1 : fd;
	return fd == -EMFILE ? fd : 0;
}

int task_files_stat(struct task_reader *reader, const struct task_path *path, struct kept_task **kept, uint64_t tick,
		     struct text *ret_bytes)
{
	if (*kept) {
		int r = (*kept)->stat_fd < 0 ? open_kept(reader, path, *kept) : 0;
		if (r == 0)
			r = read_whole(reader, (*kept)->stat_fd, ret_bytes);
		if (r == 0) {
			(*kept)->tick = tick;
			return 0;
		}
		/* Its process has gone; the number may be another's now. */
		if (r == -EMFILE)
			kept_tasks_shrink(&reader->kept);
		else
			kept_tasks_drop(&reader->kept, (*kept)->pid);
		*kept = NULL;
	}
	return read_of_task(reader, path, "/stat", ret_bytes);
}

int task_files_fill(struct task_reader *reader, const struct task_path *path, const struct kept_task *kept,
		    unsigned need, struct snapshot *next, struct task *task)
{
	int r = 0;
	if (need & NEED_SCORE)
		r = read_score(reader, path, task);
	if (r == 0 && need & NEED_ADJ)
		r = read_adj(reader, path, kept, task);
	if (r == 0 && need & NEED_CGROUP)
		r = read_cgroup(reader, path, next, task);
	if (r == 0 && need & NEED_POLICY)
		r = read_policy(reader, path, next, task);
	return r;
}

int task_files_read(struct task_reader *reader, const struct task_path *path, const struct kept_task *kept,
		     unsigned need, struct snapshot *next, struct task *task)
{
	int r = 0;
	bool lingers = task_has_exited(task) && task->threads > 1;
	if (need & NEED_STATUS || lingers)
		r = read_status(reader, path, next, task);
	if (r == 0 && lingers)
		r = read_through_thread(reader, path, next->page_bytes, task);
	if (task_is_kthread(task) || (task_has_exited(task) && !task->through_thread)) {
		task_set_group(task, TASK_STATM, FACT_ABSENT);
		task->shr_pages = 0;
	} else if (r == 0 && need & NEED_STATM && !task->through_thread) {
		r = read_statm(reader, path, task);
	}
	return r < 0 ? r : task_files_fill(reader, path, kept, need, next, task);
}
