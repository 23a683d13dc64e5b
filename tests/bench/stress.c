/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ticks among processes that make them hard: what the median one and the longest cost.
 *
 *	make bench-stress                                   all of it
 *	make bench-stress STRESS_ARGS="--count 8000"        a smaller crowd
 *	make bench-vm-stress                                in a guest, which allows the crowd
 *
 *	--count N     idle processes of the crowd; 32768, or as many as the host allows
 *	--ticks N     of each case; 40
 *	--every MS    from tick to tick; 250
 *	--frozen S    seconds that the terminal stands still; 60
 *	--source NAME proc or auto; both, one after the other
 *
 * A tick is what the monitor does: sample, conclude, bring the rows up to date. The gap
 * is the longest time from the end of one to the end of the next. The cases: this host as it is; beside it a process that keeps its mmap_lock
 * held for writing (two threads change the protection of 512 MiB all the time; how long
 * those wait who do take the lock is shown by reads of its smaps_rollup); 1000
 * processes born and gone a second; a process of 5000 threads; the crowd; and the whole
 * program on a terminal from which nobody reads: its ticks are seen by what it reads.
 *
 * Exit status 1 when a tick fails. Times are printed and not asserted: this is no test.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../e2e/helper.h"
#include "../e2e/pty.h"
#include "session.h"

#define MAX_TICKS 1000
#define LOCKED_BYTES ((size_t)512 << 20)
#define THREADS 5000
/* Processes that others need, and memory for one idle one. */
#define SPARE_PIDS 2000
#define CROWD_KIB_EACH 128

struct settings {
	long count;
	int ticks;
	int every_ms;
	int frozen_s;
	const char *source; /* NULL: both */
};

static long read_number(const char *path, const char *key)
{
	char line[256];
	long value = -1;
	FILE *file = fopen(path, "re");
	while (file != NULL && value < 0 && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	}
	if (file != NULL)
		fclose(file);
	return value;
}

/* --- hard processes ----------------------------------------------------------- */

static void *hold_lock(void *memory)
{
	for (;;) {
		mprotect(memory, LOCKED_BYTES, PROT_READ);
		mprotect(memory, LOCKED_BYTES, PROT_READ | PROT_WRITE);
	}
	return NULL;
}

static void *wait_for_end(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static bool start_threads(int n, size_t stack_bytes, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, stack_bytes);
	for (int i = 0; i < n; i++) {
		if (pthread_create(&thread, &attributes, run, argument) != 0)
			return false;
	}
	return true;
}

static bool be_locked(void)
{
	char *memory = mmap(NULL, LOCKED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	/* Small pages: the more there are, the longer the lock is held. */
	madvise(memory, LOCKED_BYTES, MADV_NOHUGEPAGE);
	memset(memory, 1, LOCKED_BYTES);
	return start_threads(2, 65536, hold_lock, memory);
}

static bool be_many_threads(void)
{
	return start_threads(THREADS - 1, 65536, wait_for_end, NULL);
}

/* A child that becomes what `become` makes of it; -1 when that cannot be had. */
static pid_t start_child(bool (*become)(void))
{
	int ends[2];
	char good = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		good = become();
		if (write(ends[1], &good, 1) != 1 || !good)
			_exit(1);
		wait_for_end(NULL);
	}
	close(ends[1]);
	if (pid > 0 && (read(ends[0], &good, 1) != 1 || !good)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ends[0]);
	return pid;
}

/* --- ticks ----------------------------------------------------------------------- */

static double clock_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Milliseconds that a read of that process' smaps_rollup takes, the longest of some. */
static double lock_wait_ms(pid_t pid)
{
	char path[64], bytes[4096];
	double longest = 0;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	for (int i = 0; i < 5; i++) {
		double began = clock_ms(CLOCK_MONOTONIC);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, bytes, sizeof(bytes)) < 0)
			longest = -1;
		if (fd >= 0)
			close(fd);
		double took = clock_ms(CLOCK_MONOTONIC) - began;
		longest = longest >= 0 && took > longest ? took : longest;
	}
	return longest;
}

static int tick_some(const struct settings *settings, const char *name, enum source_wish source)
{
	static double wall[MAX_TICKS], cpu[MAX_TICKS];
	struct options options;
	struct session session;
	struct diag diag;
	double ended = NAN, gap = 0;
	options_init(&options);
	options.source = source;
	int r = session_open(&session, &options, true, &diag);
	uint32_t processes = 0;
	for (int i = -2; r == 0 && i < settings->ticks; i++) {
		double began = clock_ms(CLOCK_MONOTONIC), cpu_began = clock_ms(CLOCK_THREAD_CPUTIME_ID);
		r = session_tick(&session, &diag);
		double now = clock_ms(CLOCK_MONOTONIC), took = now - began;
		if (r == 0 && i >= 0) {
			wall[i] = took;
			gap = now - ended > gap ? now - ended : gap;
			cpu[i] = clock_ms(CLOCK_THREAD_CPUTIME_ID) - cpu_began;
			processes = session_snap(&session)->ntasks;
		}
		ended = now;
		poll(NULL, 0, took < settings->every_ms ? settings->every_ms - (int)took : 0);
	}
	if (r < 0) {
		char line[512];
		printf("%-22s %-5s a tick failed: %s\n", name, source == SOURCE_WISH_PROC ? "proc" : "auto",
		       diag_format(&diag, line, sizeof(line)));
	} else {
		size_t n = (size_t)settings->ticks;
		qsort(wall, n, sizeof(wall[0]), by_value);
		qsort(cpu, n, sizeof(cpu[0]), by_value);
		printf("%-22s %-5s %9u %9.2f %9.2f %9.2f %9.2f %9.0f\n", name,
		       session_snap(&session)->source == SOURCE_BPF ? "bpf" : "proc", processes, wall[n / 2], wall[n - 1],
		       cpu[n / 2], cpu[n - 1], gap);
	}
	session_close(&session);
	return r;
}

static int run_case(const struct settings *settings, const char *name)
{
	int r = 0;
	if (!settings->source || strcmp(settings->source, "proc") == 0)
		r = tick_some(settings, name, SOURCE_WISH_PROC);
	if (r == 0 && (!settings->source || strcmp(settings->source, "auto") == 0))
		r = tick_some(settings, name, SOURCE_WISH_AUTO);
	return r;
}

static int run_child(const struct settings *settings, const char *name, bool (*become)(void))
{
	pid_t pid = start_child(become);
	if (pid < 0) {
		printf("%-22s left out: the process cannot be had\n", name);
		return 0;
	}
	int r = run_case(settings, name);
	if (become == be_locked)
		printf("%-22s %-5s whoever takes its mmap_lock waits up to %.0f ms\n", "", "", lock_wait_ms(pid));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return r;
}

static int run_helper(const struct settings *settings, const char *name, const char *const argv[])
{
	struct helper helper;
	int r = helper_start(&helper, argv, 300000);
	if (r < 0) {
		printf("%-22s left out: %s did not start (%s)\n", name, argv[0], strerror(-r));
		return 0;
	}
	r = run_case(settings, name);
	helper_stop(&helper, 120000);
	return r;
}

/* --- a terminal that stands still --------------------------------------------------- */

static double proc_figure(pid_t pid, const char *file, const char *key)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return (double)read_number(path, key);
}

/* Read what comes until it holds `word`. False: it does not come. */
static bool read_until(struct pty *pty, const char *word)
{
	static char bytes[65536];
	for (int64_t end = pty_now_ms() + 60000; pty_now_ms() < end;) {
		ssize_t n = pty_read(pty, bytes, sizeof(bytes) - 1, 1000);
		if (n < 0)
			return false;
		bytes[n] = '\0';
		if (strstr(bytes, word) != NULL)
			return true;
	}
	return false;
}

static void watch_frozen(const struct settings *settings, const char *source, struct pty *pty)
{
	/* Whole screens, so that the terminal's buffers are full. */
	for (int i = 0; i < 40; i++) {
		pty_write(pty, "\f", 1);
		poll(NULL, 0, 20);
	}
	poll(NULL, 0, 1000);
	double read_before = proc_figure(pty->pid, "io", "rchar:"), rss = proc_figure(pty->pid, "status", "VmRSS:");
	double began = clock_ms(CLOCK_MONOTONIC), last = began, gap = 0, now;
	int ticks = 0;
	while ((now = clock_ms(CLOCK_MONOTONIC)) < began + settings->frozen_s * 1e3) {
		double read_now = proc_figure(pty->pid, "io", "rchar:");
		/* A tick reads in several pieces, all within the fifth of a second. */
		if (read_now > read_before + 2000 && now - last > 200) {
			gap = now - last > gap ? now - last : gap;
			last = now;
			ticks++;
		}
		read_before = read_now;
		poll(NULL, 0, 10);
	}
	gap = now - last > gap ? now - last : gap;
	rss = proc_figure(pty->pid, "status", "VmRSS:") - rss;
	bool drawn = read_until(pty, "PID USER");
	printf("%-22s %-5s %d ticks of 1 s in %d s, the longest gap %.0f ms, RSS %+.0f KiB; read again, the screen %s\n",
	       "stopped terminal", source, ticks, settings->frozen_s, gap, rss, drawn ? "is drawn whole" : "DOES NOT COME");
}

static void run_frozen(const struct settings *settings)
{
	static const char *const sources[] = { "proc", "auto" };
	const char *builddir = getenv("builddir");
	char program[4096];
	snprintf(program, sizeof(program), "%s/oomsight", builddir != NULL ? builddir : ".");
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct pty pty = { .master = -1 };
		if (settings->source && strcmp(settings->source, sources[i]) != 0)
			continue;
		if (pty_start(&pty, NULL, (const char *[]){ program, "--source", sources[i], "-d", "1", NULL }) == 0 &&
		    read_until(&pty, "PID USER"))
			watch_frozen(settings, sources[i], &pty);
		else
			printf("%-22s %-5s left out: %s does not come up\n", "stopped terminal", sources[i], program);
		pty_done(&pty);
	}
}

/* --- how many there may be ------------------------------------------------------- */

/* Threads that run now: the number behind '/' in loadavg. */
static long running_threads(void)
{
	char line[128] = "";
	FILE *file = fopen("/proc/loadavg", "re");
	if (file != NULL) {
		if (fgets(line, sizeof(line), file) == NULL)
			line[0] = '\0';
		fclose(file);
	}
	const char *slash = strchr(line, '/');
	return slash != NULL ? strtol(slash + 1, NULL, 10) : 0;
}

static long crowd_that_fits(long wanted)
{
	long running = running_threads();
	long bounds[] = {
		read_number("/proc/sys/kernel/pid_max", "") - running - SPARE_PIDS,
		read_number("/proc/sys/kernel/threads-max", "") - running - SPARE_PIDS,
		read_number("/proc/meminfo", "MemAvailable:") / 2 / CROWD_KIB_EACH,
	};
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		wanted = bounds[i] < wanted ? bounds[i] : wanted;
	return wanted;
}

static long parse_number(const char *text, long min, long max)
{
	char *end;
	long value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || value < min || value > max) {
		fprintf(stderr, "stress: a number from %ld to %ld is wanted, not '%s'\n", min, max, text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "ticks", required_argument, NULL, 't' },
		{ "source", required_argument, NULL, 's' },
		{ "every", required_argument, NULL, 'e' },
		{ "frozen", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct settings settings = { .count = 32768, .ticks = 40, .every_ms = 250, .frozen_s = 60 };
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c': settings.count = parse_number(optarg, 1, 1000000); break;
		case 't': settings.ticks = (int)parse_number(optarg, 1, MAX_TICKS); break;
		case 's': settings.source = optarg; break;
		case 'e': settings.every_ms = (int)parse_number(optarg, 10, 60000); break;
		case 'f': settings.frozen_s = (int)parse_number(optarg, 0, 3600); break;
		default: return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("a tick of the monitor, n = %d, one each %d ms; the median and the longest\n", settings.ticks, settings.every_ms);
	printf("%-22s %-5s %9s %9s %9s %9s %9s %9s\n", "case", "from", "processes", "wall ms", "longest", "CPU ms", "longest",
	       "gap ms");

	char seconds[16], count[24], name[48];
	snprintf(seconds, sizeof(seconds), "%d", 60 + 3 * settings.ticks * settings.every_ms / 1000);
	int r = run_case(&settings, "this host as it is");
	if (r == 0)
		r = run_child(&settings, "mmap_lock held", be_locked);
	if (r == 0)
		r = run_helper(&settings, "1000 forks a second", (const char *[]){ "churn", "1000", seconds, NULL });
	if (r == 0)
		r = run_child(&settings, "5000 threads", be_many_threads);
	long crowd = crowd_that_fits(settings.count);
	snprintf(count, sizeof(count), "%ld", crowd);
	snprintf(name, sizeof(name), "%ld processes", crowd);
	if (r == 0 && crowd > 0)
		r = run_helper(&settings, name, (const char *[]){ "crowd", count, NULL });
	if (r == 0 && settings.frozen_s > 0)
		run_frozen(&settings);
	return r == 0 ? 0 : 1;
}
