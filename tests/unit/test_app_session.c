/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ticks of a host whose processes multiply while memory is out: whichever
 * allocation fails, nothing is looked up beyond what is there, and the next tick
 * recovers. Linked with malloc, calloc and realloc wrapped.
 */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "session.h"

/* More than any array's first room. */
#define NEWCOMERS 1100
#define FIRST_NEWCOMER 5000

/* Allocations of the tick so far; which of them fails (0: none), and do all after it? */
static struct {
	unsigned long count;
	unsigned long fails;
	bool for_good;
} heap;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool heap_gives(void)
{
	heap.count++;
	return heap.fails == 0 || heap.count < heap.fails || (heap.count > heap.fails && !heap.for_good);
}

void *__wrap_malloc(size_t size)
{
	return heap_gives() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return heap_gives() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	return heap_gives() ? __real_realloc(old, size) : NULL;
}

struct host {
	char dir[64]; /* a root of its own */
	struct options options;
	struct session session;
	struct frame frame;
};

static void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char command[512];
	va_list ap;
	va_start(ap, format);
	vsnprintf(command, sizeof command, format, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

/* The newcomers wait beside proc; all of them are the same to its readers. */
static void make_newcomers(const struct host *host)
{
	static const char *const files[] = { "stat", "status", "oom_score", "oom_score_adj", "cgroup" };
	run("mkdir '%s/waiting'", host->dir);
	for (int i = 0; i < NEWCOMERS; i++) {
		char dir[128], from[256], to[256];
		snprintf(dir, sizeof dir, "%s/waiting/%d", host->dir, FIRST_NEWCOMER + i);
		assert_int_equal(mkdir(dir, 0755), 0);
		for (size_t f = 0; f < COUNT_OF(files); f++) {
			snprintf(from, sizeof from, "%s/proc/1804/%s", host->dir, files[f]);
			snprintf(to, sizeof to, "%s/%s", dir, files[f]);
			assert_int_equal(link(from, to), 0);
		}
	}
}

static void move_newcomers(const struct host *host, const char *from_dir, const char *to_dir)
{
	for (int i = 0; i < NEWCOMERS; i++) {
		char from[128], to[128];
		snprintf(from, sizeof from, "%s/%s/%d", host->dir, from_dir, FIRST_NEWCOMER + i);
		snprintf(to, sizeof to, "%s/%s/%d", host->dir, to_dir, FIRST_NEWCOMER + i);
		assert_int_equal(rename(from, to), 0);
	}
}

static int host_setup(void **state)
{
	struct host *host = calloc(1, sizeof *host);
	const char *srcdir = getenv("srcdir");
	heap.fails = 0;
	snprintf(host->dir, sizeof host->dir, "/tmp/oomsight-test-XXXXXX");
	if (!mkdtemp(host->dir))
		return -1;
	run("cp -R '%s'/tests/fixtures/small-host/. '%s'", srcdir ? srcdir : ".", host->dir);
	run("chmod -R u+w '%s'", host->dir);
	make_newcomers(host);
	options_init(&host->options);
	host->options.root = host->dir;
	frame_init(&host->frame);
	frame_resize(&host->frame, 40, 120);
	*state = host;
	return 0;
}

static int host_teardown(void **state)
{
	struct host *host = *state;
	frame_done(&host->frame);
	run("rm -r '%s'", host->dir);
	free(host);
	return 0;
}

/* Every index that is kept is one of a task that is there. */
static void assert_consistent(const struct session *session)
{
	const struct snapshot *snap = session_snap(session);
	const struct ranking *ranking = &session->model.ranking;
	const struct verdict *verdict = &session->model.verdict;
	for (uint32_t i = 0; i < session->ui.view.nrows; i++)
		assert_true(session->ui.view.rows[i] < snap->ntasks);
	for (uint32_t i = 0; i < ranking->norder; i++)
		assert_true(ranking->order[i] < snap->ntasks);
	assert_true(snap->ntasks == 0 || ranking->ntasks == snap->ntasks);
	for (uint32_t i = 0; i < verdict->nkills; i++)
		assert_true(verdict->kills[i].selected < snap->ntasks);
	for (uint32_t i = 0; i < verdict->nvictims; i++)
		assert_true(verdict->victims[i].task < snap->ntasks);
	for (uint32_t i = 0; i < session->model.nmemcg_verdicts; i++) {
		for (uint32_t j = 0; j < session->model.memcg_verdicts[i].nvictims; j++)
			assert_true(session->model.memcg_verdicts[i].victims[j].task < snap->ntasks);
	}
	if (session->ui.previewing) {
		assert_int_equal(session->ui.preview.ntasks, snap->ntasks);
		for (uint32_t i = 0; i < session->ui.preview_verdict.nvictims; i++)
			assert_true(session->ui.preview_verdict.victims[i].task < snap->ntasks);
	}
}

static void draw(struct host *host)
{
	struct ui_env env = session_env(&host->session);
	ui_draw(&host->session.ui, &env, &host->frame);
	assert_consistent(&host->session);
}

static void press(struct host *host, const uint32_t *codes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ui_env env = session_env(&host->session);
		ui_key(&host->session.ui, &env, (struct key){ .code = codes[i] });
		draw(host);
	}
}

/* One run in which the n-th allocation of the tick that brings the newcomers fails.
 * Returns whether that tick asked so often. */
static bool run_failing_at(struct host *host, unsigned long n, bool for_good, bool dialog)
{
	static const uint32_t open_dialog[] = { 'a', '5', '0', '0' };
	static const uint32_t look_about[] = { KEY_CODE_DOWN, KEY_CODE_END, KEY_CODE_ENTER, KEY_CODE_ESCAPE,
					       'a', '7', KEY_CODE_ESCAPE, 't', KEY_CODE_HOME, 't' };
	struct session *session = &host->session;
	struct diag diag;
	heap.fails = 0;
	assert_int_equal(session_open(session, &host->options, true, &diag), 0);
	session->want_memcgs = true;
	assert_int_equal(session_tick(session, &diag), 0);
	assert_int_equal(session_tick(session, &diag), 0);
	uint32_t before = session_snap(session)->ntasks;
	draw(host);
	if (dialog)
		press(host, open_dialog, COUNT_OF(open_dialog));

	move_newcomers(host, "waiting", "proc");
	heap.count = 0;
	heap.fails = n;
	heap.for_good = for_good;
	session_tick(session, &diag);
	bool reached = heap.count >= n;
	assert_consistent(session);
	draw(host);
	press(host, look_about, COUNT_OF(look_about));
	heap.fails = 0;

	/* The next tick knows them all. */
	assert_int_equal(session_tick(session, &diag), 0);
	assert_int_equal(session_snap(session)->ntasks, before + NEWCOMERS);
	assert_consistent(session);
	assert_int_equal(session->model.verdict.action, ACTION_KILL);
	assert_true(session->ui.view.nrows > NEWCOMERS);
	draw(host);
	session_close(session);
	move_newcomers(host, "proc", "waiting");
	return reached;
}

/* At every allocation the tick makes. */
static void run_failing_everywhere(struct host *host, bool for_good, bool dialog)
{
	unsigned long n = 1;
	while (run_failing_at(host, n, for_good, dialog))
		n++;
	/* There was something to fail. */
	assert_true(n > 10);
}

static void one_failing_allocation_does_no_harm(void **state)
{
	run_failing_everywhere(*state, false, false);
}

static void memory_that_is_out_for_good_does_no_harm(void **state)
{
	run_failing_everywhere(*state, true, false);
}

static void a_preview_does_no_harm_either(void **state)
{
	run_failing_everywhere(*state, false, true);
	run_failing_everywhere(*state, true, true);
}

static void a_failing_first_tick_does_no_harm(void **state)
{
	struct host *host = *state;
	struct diag diag;
	bool reached = true;
	for (unsigned long n = 1; reached; n++) {
		struct session *session = &host->session;
		heap.fails = 0;
		assert_int_equal(session_open(session, &host->options, true, &diag), 0);
		heap.count = 0;
		heap.fails = n;
		heap.for_good = false;
		session_tick(session, &diag);
		reached = heap.count >= n;
		heap.fails = 0;
		draw(host);
		assert_int_equal(session_tick(session, &diag), 0);
		assert_consistent(session);
		assert_int_equal(session->model.verdict.action, ACTION_KILL);
		session_close(session);
	}
}

/* How old the status of any task got in the ticks of some rounds. */
static unsigned oldest_status(struct session *session)
{
	unsigned oldest = 0;
	for (int tick = 0; tick < 3 * SAMPLE_SLOW * SAMPLE_MAX_AGE; tick++) {
		struct diag diag;
		assert_int_equal(session_tick(session, &diag), 0);
		const struct snapshot *snap = session_snap(session);
		for (uint32_t i = 0; tick >= SAMPLE_SLOW * SAMPLE_MAX_AGE && i < snap->ntasks; i++) {
			assert_true(snap->tasks[i].age[TASK_ADJ] < SAMPLE_MAX_AGE);
			oldest = snap->tasks[i].age[TASK_STATUS] > oldest ? snap->tasks[i].age[TASK_STATUS] : oldest;
		}
	}
	return oldest;
}

/* Of all tasks anew in time where all of them are looked at: in other orders than the
 * kills', and in batch. */
static void only_in_kill_order_is_the_rest_read_more_slowly(void **state)
{
	struct host *host = *state;
	struct session *session = &host->session;
	struct diag diag;
	heap.fails = 0;
	assert_int_equal(session_open(session, &host->options, true, &diag), 0);
	assert_in_range(oldest_status(session), SAMPLE_MAX_AGE, SAMPLE_SLOW * SAMPLE_MAX_AGE - 1);
	session->ui.view.sort = COL_PID;
	assert_in_range(oldest_status(session), 1, SAMPLE_MAX_AGE - 1);
	session_close(session);
	assert_int_equal(session_open(session, &host->options, false, &diag), 0);
	assert_in_range(oldest_status(session), 1, SAMPLE_MAX_AGE - 1);
	session_close(session);
}

static const struct task *task_of(const struct session *session, int32_t pid)
{
	const struct task *task = snapshot_find(session_snap(session), pid);
	assert_non_null(task);
	return task;
}

/* In each tick of a round another value; in how many does the sample after it show it? */
static int shown_at_once(struct host *host, int32_t pid, bool tell)
{
	struct session *session = &host->session;
	int shown = 0;
	for (int tick = 0; tick < SAMPLE_MAX_AGE; tick++) {
		struct diag diag;
		int value = (tell ? -700 : -900) - tick; /* far from the top of the list */
		run("echo %d >'%s/proc/%d/oom_score_adj'", value, host->dir, (int)pid);
		if (tell)
			session_wrote_adj(session, (struct process_id){ pid, task_of(session, pid)->start_ticks });
		assert_int_equal(session_tick(session, &diag), 0);
		shown += task_of(session, pid)->oom_score_adj == value;
	}
	return shown;
}

#define OUT_OF_SIGHT 5500

static void what_we_wrote_shows_in_the_next_sample(void **state)
{
	struct host *host = *state;
	struct session *session = &host->session;
	struct diag diag;
	heap.fails = 0;
	/* All newcomers but one are one file. */
	run("cd '%s/waiting/%d' && rm oom_score_adj && echo -800 >oom_score_adj", host->dir, OUT_OF_SIGHT);
	move_newcomers(host, "waiting", "proc");
	assert_int_equal(session_open(session, &host->options, true, &diag), 0);
	assert_int_equal(session_tick(session, &diag), 0);
	assert_int_equal(session_tick(session, &diag), 0);
	draw(host);
	assert_in_range(shown_at_once(host, OUT_OF_SIGHT, false), 0, SAMPLE_MAX_AGE / 2);
	assert_int_equal(shown_at_once(host, OUT_OF_SIGHT, true), SAMPLE_MAX_AGE);
	session_close(session);
}

#define HOST_TEST(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(one_failing_allocation_does_no_harm),
		HOST_TEST(memory_that_is_out_for_good_does_no_harm),
		HOST_TEST(a_preview_does_no_harm_either),
		HOST_TEST(a_failing_first_tick_does_no_harm),
		HOST_TEST(what_we_wrote_shows_in_the_next_sample),
		HOST_TEST(only_in_kill_order_is_the_rest_read_more_slowly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
