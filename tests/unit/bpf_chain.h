/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ticks by BPF, each given the one before, so that who sleeps is carried over; beside
 * what files tell. For programs that are linked with --wrap=turnover_carry.
 */
#ifndef OOMSIGHT_TESTS_UNIT_BPF_CHAIN_H
#define OOMSIGHT_TESTS_UNIT_BPF_CHAIN_H

#include "bpf_host.h"
#include "oomsight/snapshot/turnover.h"
#include "servant.h"

#define TRIES 200

static bool carries;        /* does this kernel take the program that can tell who slept? */
static int32_t watched_pid; /* how often was its task carried over? */
static unsigned carried;

struct task *__real_turnover_carry(struct turnover *turnover);
struct task *__wrap_turnover_carry(struct turnover *turnover);

struct task *__wrap_turnover_carry(struct turnover *turnover)
{
	carried += turnover->pid == watched_pid;
	return __real_turnover_carry(turnover);
}

/* Each is given the one before: host->after, which becomes host->before. */
static inline void tick_with(struct host *host, const struct sample_wish *wish)
{
	struct diag diag = { .text = "" };
	struct snapshot older = host->before;
	host->before = host->after;
	host->after = older;
	struct snapshot *prev = host->before.tick != 0 ? &host->before : NULL;
	if (sampler_take(host->bpf, prev, wish, &host->after, &diag) < 0)
		fail_msg("%s", diag.text);
}

/* Once more where files stood in: another test may be forking a crowd just now. */
static inline void tick(struct host *host)
{
	for (unsigned i = 0; i == 0 || host->after.source != SOURCE_BPF; i++) {
		if (i == TRIES)
			fail_msg("%s", host->after.source_note);
		tick_with(host, NULL);
	}
}

static inline void describe_it(const struct snapshot *snap, pid_t pid, char dst[DESCRIBED])
{
	const struct task *task = task_of(snap, pid);
	describe(snap, task, carries, dst); /* before 6.7 the program knows the quick sums only */
	size_t len = strlen(dst);
	snprintf(dst + len, DESCRIBED - len, " state %c", task->state);
}

/* The next tick tells of it what files tell that are read before and after, once these agree. */
static inline void assert_told(struct host *host, pid_t pid)
{
	char before[DESCRIBED], by_bpf[DESCRIBED], after[DESCRIBED];
	for (unsigned i = 0; i < TRIES; i++) {
		take(host->files, NULL, &host->between);
		describe_it(&host->between, pid, before);
		tick(host);
		describe_it(&host->after, pid, by_bpf);
		take(host->files, NULL, &host->between);
		describe_it(&host->between, pid, after);
		if (strcmp(before, after) != 0)
			continue;
		if (strcmp(before, by_bpf) != 0)
			fail_msg("%d:\nbpf   %s\nfiles %s", pid, by_bpf, before);
		return;
	}
	fail_msg("%d does not keep still", pid);
}

/* Tick until it is carried over. */
static inline void await_carried(struct host *host, pid_t pid)
{
	watched_pid = pid;
	for (unsigned i = 0; i < TRIES; i++) {
		carried = 0;
		tick(host);
		if (carried > 0 || (!carries && i > 1))
			return;
		usleep(1000);
	}
	fail_msg("%d is never carried over", pid);
}

/* At once, and while it sleeps on. */
static inline void assert_told_on(struct host *host, pid_t pid)
{
	assert_told(host, pid);
	await_carried(host, pid);
	assert_told(host, pid);
}

static inline struct servant start_sleeping(struct host *host)
{
	struct servant servant = start_servant(be_servant);
	await_state(servant.pid, 'S');
	await_carried(host, servant.pid);
	return servant;
}

static inline int find_out_whether_it_carries(void **state)
{
	void *made = NULL;
	(void)state;
	if (host_setup(&made) < 0)
		return -1;
	struct host *host = made;
	tick(host);
	carries = !strstr(host->after.source_note, "iterator");
	return host_teardown(&made);
}

#define CHAIN_TEST(name) cmocka_unit_test_setup_teardown(name, host_setup, host_teardown)

#endif
