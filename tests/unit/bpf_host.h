/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of the BPF source share: the machine that runs them, with a sampler
 * of either source.
 */
#ifndef OOMSIGHT_TESTS_UNIT_BPF_HOST_H
#define OOMSIGHT_TESTS_UNIT_BPF_HOST_H

#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "oomsight/sample/sampler.h"

struct host {
	struct root root;
	struct sampler *bpf;
	struct sampler *files;
	struct snapshot before, between, after;
};

static inline int host_setup(void **state)
{
	struct host *host = calloc(1, sizeof *host);
	*state = host;
	if (!host || root_open(&host->root, "/", NULL) < 0)
		return -1;
	/* Another test may be forking a crowd, faster than room is made. */
	for (unsigned i = 0; i < 10 && !host->bpf; i++)
		host->bpf = sampler_new(&host->root, SOURCE_WISH_BPF, NULL);
	host->files = sampler_new(&host->root, SOURCE_WISH_PROC, NULL);
	snapshot_init(&host->before);
	snapshot_init(&host->between);
	snapshot_init(&host->after);
	return host->bpf && host->files ? 0 : -1;
}

static inline int host_teardown(void **state)
{
	struct host *host = *state;
	sampler_free(host->bpf);
	sampler_free(host->files);
	snapshot_done(&host->before);
	snapshot_done(&host->between);
	snapshot_done(&host->after);
	root_close(&host->root);
	free(host);
	return 0;
}

/* Can the program be loaded here? Says why not. */
static inline bool host_has_bpf(void)
{
	struct root root;
	struct diag diag = { .text = "" };
	if (root_open(&root, "/", &diag) < 0)
		return false;
	struct sampler *sampler = sampler_new(&root, SOURCE_WISH_BPF, &diag);
	bool has = sampler != NULL;
	sampler_free(sampler);
	root_close(&root);
	if (!has)
		printf("# the tests of the loaded program are left out: %s\n", diag.text);
	return has;
}

static inline void take(struct sampler *sampler, struct snapshot *prev, struct snapshot *next)
{
	struct diag diag = { .text = "" };
	if (sampler_take(sampler, prev, NULL, next, &diag) < 0)
		fail_msg("%s", diag.text);
}

static inline const struct task *task_of(const struct snapshot *snap, pid_t pid)
{
	const struct task *task = snapshot_find(snap, pid);
	if (!task)
		fail_msg("no task %d", pid);
	return task;
}

static inline const struct task *child_of(const struct snapshot *snap, pid_t parent)
{
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		if (snap->tasks[i].ppid == parent)
			return &snap->tasks[i];
	}
	return NULL;
}

static inline void set_adj(pid_t pid, int adj)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", pid);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(dprintf(fd, "%d", adj) > 0);
	close(fd);
}

#define DESCRIBED 1024

/* Everything of a task that both sources know, as text to be compared; the precise sums
 * only if they are wished for. */
static inline void describe(const struct snapshot *snap, const struct task *task, bool precise, char dst[DESCRIBED])
{
	const struct nodeset *mems = snapshot_nodes(snap, task->mems);
	char nodes[128] = "?";
	if (mems)
		nodeset_format(mems, nodes, sizeof nodes);
	struct text comm = snapshot_text(snap, task->comm), cgroup = snapshot_text(snap, task->cgroup);
	/* The files tell the whole names of kernel threads, and what they work on. */
	int comm_len = task_is_kthread(task) ? 0 : (int)comm.len;
	/* Of an exiting process, v1 tells the root; it still is in its group. */
	int cgroup_len = task->flags & TASK_FLAG_EXITING ? 0 : (int)cgroup.len;
	const unsigned long long sums = precise; /* 0: left out */
	snprintf(dst, DESCRIBED,
		 "ppid %d uid %u threads %u start %llu flags %x kill %d through %d adj %d faults %llu %llu "
		 "virt %llu quick %llu rss %llu anon %llu file %llu shmem %llu shr %llu swap %llu tables %llu caps %llx "
		 "mems %s states %d %d %d %d %d %d comm %.*s cgroup %.*s",
		 task->ppid, task->uid, task->threads, (unsigned long long)task->start_ticks, task->flags,
		 task->sigkill_pending, task->through_thread, task->oom_score_adj,
		 (unsigned long long)task->minor_faults, (unsigned long long)task->major_faults,
		 (unsigned long long)task->virt_bytes, (unsigned long long)task->rss_quick_pages,
		 sums * task->rss_pages, sums * task_anon_pages(task), sums * task->rss_file_pages,
		 sums * task->rss_shmem_pages, sums * task->shr_pages, sums * task->swap_pages,
		 (unsigned long long)task->pgtables_bytes, (unsigned long long)task->cap_eff, nodes,
		 task->group_state[TASK_STAT], task->group_state[TASK_STATUS], task->group_state[TASK_MM],
		 task->group_state[TASK_SPLIT], task->group_state[TASK_STATM], task->group_state[TASK_ADJ], comm_len,
		 comm.ptr, cgroup_len, cgroup.ptr);
}

#endif
