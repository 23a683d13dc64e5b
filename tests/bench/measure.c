/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tick is a burst of output: bytes, and then silence. All readings are taken
 * in the silence after a burst, so a window holds whole ticks, each with the
 * work that led to it. A program that may be silent (ours, when nothing on its
 * screen changes) gets the ticks it must have slept through added: the time
 * between two bursts in whole seconds.
 *
 * CPU time is the kernel's own clock of that process, in nanoseconds, of all its
 * threads, ended ones included; children it has reaped come from stat in clock
 * ticks (none of the programs here has any). Events are counted over ticks of their own
 * after those: to count costs time.
 */
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../e2e/screen.h"

#define QUIET_MS 100
#define SLICE_MS 300
#define FIRST_MS 120000
#define TICK_MS 120000 /* under strace with many processes */
#define MAX_TICKS 1000

static double cpu_ms(pid_t pid)
{
	clockid_t clock;
	struct timespec spent;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) < 0)
		return NAN;
	double ms = (double)spent.tv_sec * 1e3 + (double)spent.tv_nsec / 1e6;

	char path[64], stat[1024];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return NAN;
	size_t n = fread(stat, 1, sizeof(stat) - 1, file);
	fclose(file);
	stat[n] = '\0';
	/* Behind the name: state, then 12 fields up to stime, cutime, cstime. */
	const char *rest = strrchr(stat, ')');
	long children_user = 0, children_system = 0;
	if (rest == NULL || sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld",
				   &children_user, &children_system) != 2)
		return NAN;
	return ms + (double)(children_user + children_system) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

/* The sum of the lines of a /proc/PID file that begin with key, in KiB. */
static double proc_kib(pid_t pid, const char *name, const char *key)
{
	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return NAN;
	double sum = 0;
	bool found = false;
	while (fgets(line, sizeof(line), file) != NULL) {
		const char *colon = strchr(line, ':');
		if (strncmp(line, key, strlen(key)) != 0 || colon == NULL)
			continue;
		sum += strtod(colon + 1, NULL);
		found = true;
	}
	fclose(file);
	return found ? sum : NAN;
}

/* The next burst, looking out for the wish to stop. Returns its bytes, 0 when
 * none came in time or we are to stop, negative when the program has gone. */
static int64_t next_tick(struct screen *screen, const struct window *window)
{
	for (int waited = 0; waited < TICK_MS && !window->stop(window->context); waited += SLICE_MS) {
		int64_t bytes = screen_burst(screen, QUIET_MS, SLICE_MS);
		if (bytes != 0)
			return bytes;
	}
	return 0;
}

/* Let `count` ticks pass; their bytes into bytes (NULL: not wanted), silent ones
 * as 0. Returns the ticks passed, more than asked when the last ones were
 * silent, or -1. */
static int pass_ticks(struct screen *screen, const struct peer *peer, const struct window *window, int count,
		      double bytes[MAX_TICKS])
{
	int passed = 0;
	while (passed < count) {
		int64_t began = pty_now_ms();
		int64_t got = next_tick(screen, window);
		if (got <= 0)
			return -1;
		int64_t seconds = (pty_now_ms() - began + 500) / 1000;
		for (int64_t silent = 1; peer->may_be_silent && silent < seconds && passed < MAX_TICKS - 1; silent++) {
			if (bytes != NULL)
				bytes[passed] = 0;
			passed++;
		}
		if (bytes != NULL)
			bytes[passed] = (double)got;
		passed++;
	}
	return passed;
}

static struct screen *start(const struct peer *peer, const struct window *window)
{
	const struct pty_options options = { .rows = window->rows, .cols = window->cols, .home = peer->home };
	struct screen *screen = screen_new(&options, peer->argv);
	if (screen == NULL)
		return NULL;
	for (int waited = 0; waited < FIRST_MS && !window->stop(window->context); waited += SLICE_MS) {
		if (screen_wait(screen, peer->ready, SLICE_MS))
			return screen;
	}
	screen_free(screen);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Over window->ticks more ticks. */
static void count_events(struct screen *screen, const struct peer *peer, const struct window *window, struct sample *sample)
{
	struct event_counters counters;
	double count[EVENT__COUNT];
	bool any = false;
	for (int i = 0; i < EVENT__COUNT; i++)
		any |= events_has(window->events, (enum event)i);
	if (!any || events_begin(window->events, screen_pty(screen)->pid, &counters) < 0)
		return;
	int passed = pass_ticks(screen, peer, window, window->ticks, NULL);
	events_end(&counters, count);
	if (passed <= 0)
		return;
	sample->value[MEASURE_SLABS] = count[EVENT_SLAB] / passed;
	sample->value[MEASURE_KMALLOCS] = count[EVENT_KMALLOC] / passed;
	sample->value[MEASURE_CALLS] = count[EVENT_CALL] / passed;
}

const char *measure_run(const struct peer *peer, const struct window *window, struct sample *ret_sample)
{
	struct screen *screen = start(peer, window);
	if (screen == NULL)
		return "no first screen";
	pid_t pid = screen_pty(screen)->pid;
	struct sample sample;
	for (size_t i = 0; i < MEASURE__COUNT; i++)
		sample.value[i] = NAN;
	sample.value[MEASURE_FIRST_CPU_MS] = cpu_ms(pid);
	double private_first = proc_kib(pid, "smaps_rollup", "Private_");
	double dirty_first = proc_kib(pid, "smaps_rollup", "Private_Dirty");

	double bytes[MAX_TICKS];
	const char *fault = "it stopped writing";
	/* At least one tick before: the first screen may end within a tick. */
	if (pass_ticks(screen, peer, window, window->warm_up > 0 ? window->warm_up : 1, NULL) > 0) {
		double cpu_before = cpu_ms(pid);
		int64_t began = pty_now_ms();
		int passed = pass_ticks(screen, peer, window, window->ticks, bytes);
		if (passed > 0) {
			fault = NULL;
			sample.value[MEASURE_CPU_MS] = (cpu_ms(pid) - cpu_before) / passed;
			sample.value[MEASURE_PERIOD_S] = (double)(pty_now_ms() - began) / 1e3 / passed;
			qsort(bytes, (size_t)passed, sizeof(bytes[0]), by_value);
			sample.value[MEASURE_BYTES] = bytes[passed / 2];
			sample.value[MEASURE_BYTES_LEAST] = bytes[0];
			sample.value[MEASURE_HWM_KIB] = proc_kib(pid, "status", "VmHWM");
			sample.value[MEASURE_PRIVATE_KIB] =
				fmax(private_first, proc_kib(pid, "smaps_rollup", "Private_"));
			sample.value[MEASURE_DIRTY_KIB] =
				fmax(dirty_first, proc_kib(pid, "smaps_rollup", "Private_Dirty"));
			count_events(screen, peer, window, &sample);
		}
	}
	screen_free(screen);
	if (fault == NULL)
		*ret_sample = sample;
	return fault;
}

const char *measure_still(const struct peer *peer, const struct window *window, double *ret_bytes)
{
	struct screen *screen = start(peer, window);
	if (screen == NULL)
		return "no first screen";
	int64_t began = pty_now_ms() + window->warm_up * 1000;
	int64_t until = began + window->ticks * 1000;
	uint64_t before = 0;
	bool counting = false;
	int64_t got = 0;
	while (pty_now_ms() < until && got >= 0 && !window->stop(window->context)) {
		if (!counting && pty_now_ms() >= began) {
			counting = true;
			before = screen_pty(screen)->bytes;
		}
		got = screen_burst(screen, QUIET_MS, SLICE_MS);
	}
	double bytes = (double)(screen_pty(screen)->bytes - before) / window->ticks;
	screen_free(screen);
	if (got < 0 || !counting)
		return "it ended";
	*ret_bytes = bytes;
	return NULL;
}

static pid_t start_strace(pid_t target, const char *report)
{
	char pid_text[16];
	snprintf(pid_text, sizeof(pid_text), "%d", (int)target);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGINT);
	setpgid(0, 0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execlp("strace", "strace", "-f", "-c", "-o", report, "-p", pid_text, (char *)NULL);
	_exit(127);
}

/* The line "100.00 0.01 2 12345 [errors] total" of strace -c. */
static double strace_total(const char *report)
{
	double calls = NAN, value;
	char line[256];
	FILE *file = fopen(report, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strstr(line, " total") != NULL && sscanf(line, "%*s %*s %*s %lf", &value) == 1)
			calls = value;
	}
	if (file != NULL)
		fclose(file);
	return calls;
}

static bool is_traced(pid_t pid)
{
	return proc_kib(pid, "status", "TracerPid") > 0;
}

const char *measure_calls(const struct peer *peer, const struct window *window, double *ret_calls)
{
	char report[] = "/tmp/oomsight-strace-XXXXXX";
	int fd = mkostemp(report, O_CLOEXEC);
	if (fd < 0)
		return "no temporary file";
	close(fd);
	struct screen *screen = start(peer, window);
	pid_t strace = -1;
	int passed = -1;
	const char *fault = "no first screen";
	if (screen != NULL && pass_ticks(screen, peer, window, 1, NULL) > 0) {
		pid_t pid = screen_pty(screen)->pid;
		strace = start_strace(pid, report);
		struct pty tracer = { .pid = strace, .master = -1 };
		fault = "strace cannot attach";
		for (int i = 0; strace > 0 && i < 200 && !is_traced(pid); i++) {
			if (pty_wait_end(&tracer, 10))
				break;
		}
		if (strace > 0 && is_traced(pid)) {
			fault = "it stopped writing under strace";
			passed = pass_ticks(screen, peer, window, window->ticks, NULL);
		}
		if (strace > 0 && !tracer.ended) {
			kill(strace, SIGINT);
			if (!pty_wait_end(&tracer, 10000))
				pty_done(&tracer);
		}
	}
	double total = strace_total(report);
	if (passed > 0 && !isnan(total)) {
		*ret_calls = total / passed;
		fault = NULL;
	} else if (passed > 0) {
		fault = "strace told no total";
	}
	screen_free(screen);
	unlink(report);
	return fault;
}
