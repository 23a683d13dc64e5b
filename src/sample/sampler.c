/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One tick: clocks, ourselves, the host, the processes.
 */
#include "oomsight/sample/sampler.h"

#include <errno.h>
#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bpf_source.h"
#include "files.h"
#include "memcgs.h"
#include "oomsight/snapshot/turnover.h"
#include "oomsight/sample/parse.h"
#include "system.h"
#include "tasks.h"

#define CAP_SYS_PTRACE_BIT 19

/* The initial namespaces have these numbers on every host:
 * include/linux/proc_ns.h, 3.8 and later. */
#define INIT_PID_NS "pid:[4026531836]"
#define INIT_USER_NS "user:[4026531837]"

struct sampler {
	const struct root *root;
	struct read_buffer buffer;
	struct system_reader system;
	struct memcg_reader memcgs;
	struct task_reader tasks;
	struct bpf_source *bpf; /* NULL: tasks are read from files */
	char source_note[160];
	char host[65];
	char release[65];
	uint32_t page_bytes;
	uint32_t ticks_per_s;
	uint32_t cpus;
	uint64_t tick;
	bool in_init_pid_ns;
	bool in_init_user_ns;
	struct parsed_proc_mount proc_mount;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* Is the namespace the given one? Recorded roots hold a link, a text file of
 * the same words, or nothing: then it counts as the initial one. */
static bool is_namespace(const struct root *root, const char *path, const char *expected)
{
	char bytes[64];
	ssize_t n = readlinkat(root->fd, path, bytes, sizeof bytes);
	if (n < 0)
		n = root_read(root, path, bytes, sizeof bytes);
	if (n < 0)
		return true;
	return text_is(text_trim(text_of(bytes, (size_t)n)), expected);
}

static void read_name(struct sampler *sampler, const char *path, char dst[65])
{
	struct text bytes;
	if (file_read(sampler->root, path, &sampler->buffer, &bytes) == 0)
		text_copy(text_trim(bytes), dst, 65);
}

static void read_host(struct sampler *sampler)
{
	struct utsname name;
	if (sampler->root->real && uname(&name) == 0) {
		text_copy(text_of_str(name.nodename), sampler->host, sizeof sampler->host);
		text_copy(text_of_str(name.release), sampler->release, sizeof sampler->release);
	} else {
		read_name(sampler, "proc/sys/kernel/hostname", sampler->host);
		read_name(sampler, "proc/sys/kernel/osrelease", sampler->release);
	}
	/* No file tells the page size; a recorded root is taken to be of this
	 * machine's kind. */
	long page_bytes = sysconf(_SC_PAGESIZE);
	long ticks_per_s = sysconf(_SC_CLK_TCK);
	sampler->page_bytes = page_bytes > 0 ? (uint32_t)page_bytes : 4096;
	sampler->ticks_per_s = ticks_per_s > 0 ? (uint32_t)ticks_per_s : 100;
	sampler->cpus = sampler->system.cpus;
	if (sampler->cpus == 0) {
		long cpus = sysconf(_SC_NPROCESSORS_ONLN);
		sampler->cpus = cpus > 0 ? (uint32_t)cpus : 1;
	}
}

static void read_surroundings(struct sampler *sampler)
{
	struct text bytes;
	sampler->in_init_pid_ns = is_namespace(sampler->root, "proc/self/ns/pid", INIT_PID_NS);
	sampler->in_init_user_ns = is_namespace(sampler->root, "proc/self/ns/user", INIT_USER_NS);
	if (file_read(sampler->root, "proc/self/mountinfo", &sampler->buffer, &bytes) == 0)
		parse_mountinfo_proc(bytes, TEXT("/proc"), &sampler->proc_mount);
}

static void read_observer(struct sampler *sampler, struct observer *observer);

/* Load the exact source, if it is wished for. 0, or -ENOTSUP with *diag filled
 * when nothing else is wished for. */
static int open_source(struct sampler *sampler, enum source_wish wish, struct diag *diag)
{
	char why[sizeof sampler->source_note];
	if (wish == SOURCE_WISH_PROC)
		return 0;
	struct snapshot host;
	snapshot_init(&host);
	host.page_bytes = sampler->page_bytes;
	host.ticks_per_s = sampler->ticks_per_s;
	read_observer(sampler, &host.observer);
	sampler->bpf = bpf_source_new(sampler->root, &sampler->buffer, &sampler->tasks, &host, why, sizeof why);
	if (!sampler->bpf && wish == SOURCE_WISH_BPF) {
		diag_set(diag, NULL, 0, "--source bpf: %s; use --source auto or proc", why);
		return -ENOTSUP;
	}
	text_copy(text_of_str(why), sampler->source_note, sizeof sampler->source_note);
	return 0;
}

struct sampler *sampler_new(const struct root *root, enum source_wish wish, struct diag *diag)
{
	struct sampler *sampler = calloc(1, sizeof *sampler);
	if (!sampler || read_buffer_init(&sampler->buffer, 16384) < 0) {
		free(sampler);
		diag_set(diag, NULL, 0, "out of memory for the sampler");
		return NULL;
	}
	sampler->root = root;
	int r = memcg_reader_init(&sampler->memcgs, root, &sampler->buffer);
	if (r == 0)
		r = task_reader_init(&sampler->tasks, root, &sampler->buffer, &sampler->memcgs);
	if (r < 0) {
		diag_set(diag, "proc", 0, "the processes cannot be listed: %s", strerror(-r));
		memcg_reader_done(&sampler->memcgs);
		read_buffer_done(&sampler->buffer);
		free(sampler);
		return NULL;
	}
	system_reader_init(&sampler->system, root, &sampler->buffer);
	read_host(sampler);
	read_surroundings(sampler);
	if (open_source(sampler, wish, diag) < 0) {
		sampler_free(sampler);
		return NULL;
	}
	return sampler;
}

void sampler_free(struct sampler *sampler)
{
	if (!sampler)
		return;
	bpf_source_free(sampler->bpf);
	task_reader_done(&sampler->tasks);
	memcg_reader_done(&sampler->memcgs);
	system_reader_done(&sampler->system);
	read_buffer_done(&sampler->buffer);
	free(sampler);
}

static bool is_in_group(const struct parsed_status *status, uint32_t gid)
{
	struct text rest = status->groups, word;
	uint64_t value;
	if (status->gid == gid)
		return true;
	while (text_next_word(&rest, &word)) {
		if (text_to_u64(word, 10, &value) == 0 && value == gid)
			return true;
	}
	return false;
}

/* has_pid_permissions() of fs/proc/base.c, 5.8. */
static bool is_hidden_from(const struct sampler *sampler, const struct parsed_status *self)
{
	if (sampler->proc_mount.hiding == PROC_HIDES_NONE)
		return false;
	if (sampler->in_init_user_ns && self->cap_eff >> CAP_SYS_PTRACE_BIT & 1)
		return false;
	return sampler->proc_mount.hiding == PROC_HIDES_FROM_ALL || !is_in_group(self, sampler->proc_mount.gid);
}

static void read_observer(struct sampler *sampler, struct observer *observer)
{
	struct text bytes;
	struct parsed_status self = { .groups = { "", 0 }, .uid = geteuid() };
	*observer = (struct observer){
		.in_init_pid_ns = sampler->in_init_pid_ns,
		.in_init_user_ns = sampler->in_init_user_ns,
	};
	if (file_read(sampler->root, "proc/self/status", &sampler->buffer, &bytes) == 0)
		parse_task_status(bytes, &self);
	observer->pid = self.pid;
	observer->uid = self.uid;
	observer->cap_eff = self.cap_eff;
	observer->proc_hides = is_hidden_from(sampler, &self);

	int32_t score, adj;
	if (file_read(sampler->root, "proc/self/oom_score", &sampler->buffer, &bytes) == 0 &&
	    parse_task_number(bytes, &score) == 0 &&
	    file_read(sampler->root, "proc/self/oom_score_adj", &sampler->buffer, &bytes) == 0 &&
	    parse_task_number(bytes, &adj) == 0 && adj >= -1000 && adj <= 1000) {
		observer->oom_score = score;
		observer->oom_score_adj = (int16_t)adj;
		observer->scores_known = true;
	}
}

static uint64_t read_uptime_ns(struct sampler *sampler)
{
	struct text bytes;
	uint64_t ns = 0;
	if (sampler->root->real)
		return clock_ns(CLOCK_BOOTTIME);
	if (file_read(sampler->root, "proc/uptime", &sampler->buffer, &bytes) == 0)
		parse_uptime(bytes, &ns);
	return ns;
}

/* The tasks, from files where the exact source fails: the program stays loaded and
 * is run again in the next tick, for memory may only just have been out. */
static int take_tasks(struct sampler *sampler, struct snapshot *prev, const struct sample_wish *wish,
		      struct snapshot *next, struct diag *diag)
{
	static const struct sample_wish nothing = { .prev_need = NULL };
	struct diag failed = { .text = "" };
	if (sampler->bpf) {
		next->source = SOURCE_BPF;
		if (bpf_source_take(sampler->bpf, prev, wish, next, &failed) == 0)
			return 0;
		next->source = SOURCE_PROC;
		text_copy(text_of_str(failed.text), next->source_note, sizeof next->source_note);
		/* Midway: all of them are to be taken over again. */
		if (prev && prev->tasks_state == TASKS_HANDED_OVER && turnover_recall(prev, next) < 0)
			wish = &nothing;
		next->ntasks = next->nnodesets = 0;
	}
	return task_reader_take(&sampler->tasks, prev, wish, next, diag);
}

/* What the BPF program does not tell, since no kernel that has BPF ranks by it. Of a
 * task gone since, or whose file a host short of memory refuses, it stays 0. (-ENOMEM is
 * never our own here: the buffer does not grow for a stat.) */
static void read_cpu_times(struct sampler *sampler, struct snapshot *next)
{
	for (uint32_t i = 0; i < next->ntasks; i++) {
		struct task *task = &next->tasks[i];
		struct parsed_stat stat;
		struct text bytes;
		char path[32];
		if (task_is_kthread(task))
			continue;
		snprintf(path, sizeof path, "proc/%d/stat", (int)task->pid);
		if (file_read(sampler->root, path, &sampler->buffer, &bytes) < 0 || parse_task_stat(bytes, &stat) < 0 ||
		    stat.start_ticks != task->start_ticks)
			continue;
		task->cpu_ticks = stat.cpu_ticks;
		task->nice = stat.nice;
	}
}

int sampler_take(struct sampler *sampler, struct snapshot *prev, const struct sample_wish *wish,
		 struct snapshot *next, struct diag *diag)
{
	static const struct sample_wish nothing = { .prev_need = NULL };
	if (!wish)
		wish = &nothing;
	snapshot_clear(next);
	next->tick = ++sampler->tick;
	next->realtime_ns = (int64_t)clock_ns(CLOCK_REALTIME);
	next->monotonic_ns = clock_ns(CLOCK_MONOTONIC);
	next->boottime_ns = read_uptime_ns(sampler);
	next->source = SOURCE_PROC;
	memcpy(next->source_note, sampler->source_note, sizeof next->source_note);
	memcpy(next->host, sampler->host, sizeof next->host);
	memcpy(next->release, sampler->release, sizeof next->release);
	next->page_bytes = sampler->page_bytes;
	next->ticks_per_s = sampler->ticks_per_s;
	next->cpus = sampler->cpus;
	read_observer(sampler, &next->observer);
	int r = system_reader_take(&sampler->system, wish->nodes, next);
	if (r == 0)
		r = memcg_reader_take(&sampler->memcgs, prev, wish->memcgs, next);
	/* What is kept of tasks gives way, and the next tick goes well. */
	if (r == -EMFILE)
		kept_tasks_shrink(&sampler->tasks.kept);
	if (r < 0)
		diag_set(diag, "proc", 0, "the system's figures cannot be read: %s", strerror(-r));
	else
		r = take_tasks(sampler, prev, wish, next, diag);
	if (r < 0 && (!prev || next->ntasks == 0)) {
		snapshot_clear(next);
		return r;
	}
	if (wish->cpu_times && next->source == SOURCE_BPF)
		read_cpu_times(sampler, next);
	next->took_ns = clock_ns(CLOCK_MONOTONIC) - next->monotonic_ns;
	return r;
}
