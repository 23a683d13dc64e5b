/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kills that no log tells of: the kernel's counter and its marks of victims, which are
 * not read at the same instant. The watch of marks is this test's own.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hindsight.h"
#include "make_snapshot.h"

struct victim_watch {
	struct victim_mark marks[8];
	uint32_t n;
};

struct victim_watch *victim_watch_new(const struct root *root, struct diag *diag)
{
	(void)root;
	(void)diag;
	return NULL;
}

void victim_watch_free(struct victim_watch *watch)
{
	(void)watch;
}

uint32_t victim_watch_read(struct victim_watch *watch, struct victim_mark *marks, uint32_t max)
{
	uint32_t n = watch->n < max ? watch->n : max;
	memcpy(marks, watch->marks, n * sizeof *marks);
	watch->n = 0;
	return n;
}

struct fixture {
	struct session session;
	struct hindsight hindsight;
	struct events events;
	struct victim_watch watch;
};

static struct fixture *begin(void)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	for (unsigned i = 0; i < 2; i++) {
		struct snapshot *snap = &f->session.snaps[i];
		MAKE_SNAPSHOT(snap, 1000000, 0, MADE_INIT, { .pid = 10, .comm = "big", .rss = 300000 }, { .pid = 20, .comm = "small", .rss = 2000 });
		snap->observer.in_init_pid_ns = true;
		snap->system.state[SYS_OOM_KILL] = FACT_KNOWN;
		snap->system.value[SYS_OOM_KILL] = 0;
		snap->tick = i + 1;
	}
	assert_int_equal(rules_of_release("6.1.0", &f->session.model.rules), 0);
	events_init(&f->events);
	f->session.current = 1;
	f->hindsight = (struct hindsight){ .session = &f->session, .events = &f->events, .watch = &f->watch, .live = true };
	return f;
}

static void end(struct fixture *f)
{
	events_done(&f->events);
	snapshot_done(&f->session.snaps[0]);
	snapshot_done(&f->session.snaps[1]);
	free(f);
}

static void mark(struct fixture *f, int32_t pid, const char *comm)
{
	struct victim_mark *mark = &f->watch.marks[f->watch.n++];
	mark->pid = pid;
	memcpy(mark->comm, comm, strlen(comm) + 1);
}

/* The next tick; so many kills are counted by then. */
static bool tick(struct fixture *f, uint64_t kills)
{
	uint64_t before = session_snap(&f->session)->tick;
	f->session.current = 1 - f->session.current;
	struct snapshot *snap = &f->session.snaps[f->session.current];
	snap->tick = before + 1;
	snap->system.value[SYS_OOM_KILL] = kills;
	return hindsight_tick(&f->hindsight, before, 0);
}

/* The last event is of that victim. */
static bool last_is(const struct events *events, const char *victim)
{
	struct event event;
	events_get(events, events->n - 1, &event);
	return strcmp(event.victim, victim) == 0;
}

static void a_mark_waits_for_its_count(void **state)
{
	(void)state;
	struct fixture *f = begin();
	mark(f, 10, "big"); /* after the counters of this tick were read */
	assert_false(tick(f, 0));
	assert_int_equal(f->events.total, 0);
	assert_true(tick(f, 1));
	assert_int_equal(f->events.total, 1);
	assert_true(last_is(&f->events, "big (10)"));
	end(f);
}

static void a_mark_that_was_counted_is_told_at_once(void **state)
{
	(void)state;
	struct fixture *f = begin();
	mark(f, 20, "small");
	assert_true(tick(f, 1));
	assert_true(last_is(&f->events, "small (20)"));
	assert_false(tick(f, 1));
	assert_int_equal(f->events.total, 1);
	end(f);
}

/* Who was dying by itself is marked, and never counted. */
static void a_mark_that_is_not_counted_is_forgotten(void **state)
{
	(void)state;
	struct fixture *f = begin();
	mark(f, 10, "big");
	assert_false(tick(f, 0));
	assert_false(tick(f, 0));
	assert_true(tick(f, 1));
	assert_true(last_is(&f->events, "somebody"));
	end(f);
}

/* A whole cgroup of hundreds died: their lines are more than is kept. */
static void the_explanation_of_hundreds_of_victims_is_cut_and_says_so(void **state)
{
	(void)state;
	static const char more[] = " has it whole\n";
	static const char *const names[] = { "dev/kmsg", "dev", "proc", "" };
	char dir[] = "/tmp/hindsight-XXXXXX", path[64];
	struct diag diag;
	struct fixture *f = begin();
	struct hindsight hindsight;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 2; i > 0; i--) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	snprintf(path, sizeof path, "%s/%s", dir, names[0]);
	FILE *log = fopen(path, "w");
	assert_non_null(log);
	fprintf(log, "6,1,1,-;Tasks in /box are going to be killed due to memory.oom.group set\n");
	for (int i = 0; i < 400; i++)
		fprintf(log, "3,2,2,-;Memory cgroup out of memory: Killed process %d (worker) total-vm:100kB, anon-rss:80kB, file-rss:0kB, "
			     "shmem-rss:0kB, UID:0 pgtables:68kB oom_score_adj:0\n", 100 + i);
	fclose(log);
	assert_int_equal(root_open(&f->session.root, dir, &diag), 0);
	assert_int_equal(hindsight_open(&hindsight, &f->session), 0);
	assert_int_equal(hindsight.events->n, 1);
	struct text text = events_explanation(hindsight.events, 0);
	assert_true(text.len > EXPLANATION_MAX - 200 && text.len <= EXPLANATION_MAX);
	assert_memory_equal(text.ptr + text.len - strlen(more), more, strlen(more));
	hindsight_close(&hindsight);
	root_close(&f->session.root);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		remove(path);
	}
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_waits_for_its_count),
		cmocka_unit_test(a_mark_that_was_counted_is_told_at_once),
		cmocka_unit_test(a_mark_that_is_not_counted_is_forgotten),
		cmocka_unit_test(the_explanation_of_hundreds_of_victims_is_cut_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
