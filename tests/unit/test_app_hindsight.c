/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kills that no log tells of: the kernel's counter and its marks of victims, which are
 * not read at the same instant. The watch of marks is this test's own.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_waits_for_its_count),
		cmocka_unit_test(a_mark_that_was_counted_is_told_at_once),
		cmocka_unit_test(a_mark_that_is_not_counted_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
