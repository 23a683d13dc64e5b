/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The benchmark: oomsight beside top and htop, among N idle processes.
 *
 *	make bench                               all of it, some minutes
 *	make bench BENCH_ARGS="--count 2000"     one N
 *	make bench BENCH_ARGS="--count 200 --rounds 1 --ticks 3 --no-strace"   a glance
 *	make bench BENCH_ARGS="--size 80x24"     on a smaller terminal
 *
 *	--count N[,N…]   idle processes; 200,2000,10000
 *	--size CxR[,…]   terminals; 120x40
 *	--rounds N       each program N times, in turn (A B C D A B C D …); 3
 *	--ticks N        ticks measured each time; 8
 *	--warm-up N      ticks let pass before; 2
 *	--source NAME    oomsight's --source; auto
 *	--no-strace      no counting of system calls by strace, where it cannot be had otherwise
 *	--static PATH    of an oomsight linked statically, for one more row; make bench-static
 *	--oomsight PATH  the program; $builddir/oomsight
 *	--commit TEXT    named in the report; make gives git's description
 *	--still-root DIR a recorded host for --root, for the bytes of a tick in which
 *	                 nothing changes; make gives one of the tests'
 *
 * The programs: oomsight; top showing SWAP, OOMs and OOMa beside its VIRT, RES, SHR
 * (the like-for-like peer; without PR, NI and TIME+, which cost it nothing, so that
 * all fits in 80 columns; the columns are looked for on its screen); top as it comes; htop as it comes; oomsight
 * reading files. Each at
 * one tick a second on a pseudo-terminal whose output is read at once.
 *
 * What is printed, a row for each program:
 *	CPU ms       CPU time of a tick: median of the rounds (least–most); a round is the
 *	             mean of its ticks, start-up left out
 *	calls        system calls of a tick, all threads; by the kernel's tracepoint or, where
 *	             that is refused, from a run of its own under strace -c (whose slowness
 *	             makes oomsight read more files in each of its longer ticks)
 *	slab, kmalloc  what the kernel allocates for it in a tick: kmem_cache_alloc and
 *	             kmalloc events in its context, each a place to wait when memory is gone
 *	bytes        to the terminal in a tick: median; and in the quietest tick: what a
 *	             tick costs when nothing changes but the host's own figures
 *	RSS          VmHWM in KiB: the peak, shared pages of libraries included
 *	private      Private_Clean + Private_Dirty of smaps_rollup in KiB: the text of a program
 *	             that runs once is in it, though the page cache has it anyway
 *	dirty        Private_Dirty alone: what nobody had without it
 *	first ms     CPU time from exec until the first screen stands
 * and below it, for each peer, oomsight's figure divided by the peer's; for CPU
 * also the least and the most of the ratios of single rounds.
 *
 * Figures of other machines or runs are not comparable; the ratios of one run
 * are, as far as their spread says. Times are not asserted: this is no test.
 * Every process started is ended by its pid, also on ^C; a crowd that the
 * limits of the host do not allow is left out with the reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../e2e/helper.h"
#include "measure.h"
#include "report.h"

#define MAX_LIST 8
#define MAX_COUNT 1000000
/* Room for what else runs and for us. */
#define SPARE_PIDS 500
/* Kernel stack, page tables, task and mm of one idle process, generously. */
#define CROWD_KIB_EACH 128

struct settings {
	long count[MAX_LIST];
	int ncount;
	int rows[MAX_LIST], cols[MAX_LIST];
	int nsize;
	int rounds, ticks, warm_up;
	bool strace;
	const char *source, *program, *static_program, *commit;
	const char *fixture; /* a directory for --root, or NULL */
};

/* SIGINT and SIGTERM are blocked, so asking is all there is to it. */
static bool is_interrupted(void *context)
{
	(void)context;
	sigset_t pending;
	return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
					     sigismember(&pending, SIGHUP));
}

static double read_number(const char *path, const char *key)
{
	char line[256];
	double value = NAN;
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), "%lf", &value) == 1)
			break;
	}
	if (file != NULL)
		fclose(file);
	return value;
}

/* NULL when the host has room for n more processes, else what forbids them. */
static const char *crowd_fits(long n, char *dst, size_t size)
{
	long running = report_processes();
	double pid_max = read_number("/proc/sys/kernel/pid_max", "");
	double threads_max = read_number("/proc/sys/kernel/threads-max", "");
	double available = read_number("/proc/meminfo", "MemAvailable:");
	struct rlimit limit;
	bool limited = getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
	double wanted = (double)(n + running + SPARE_PIDS);
	if (wanted > pid_max)
		snprintf(dst, size, "kernel.pid_max is %.0f, %.0f wanted", pid_max, wanted);
	else if (wanted > threads_max)
		snprintf(dst, size, "kernel.threads-max is %.0f, %.0f wanted", threads_max, wanted);
	else if (limited && wanted > (double)limit.rlim_cur)
		snprintf(dst, size, "the limit of processes (ulimit -u) is %.0f, %.0f wanted", (double)limit.rlim_cur, wanted);
	else if ((double)n * CROWD_KIB_EACH > available / 2)
		snprintf(dst, size, "they might take %ld MiB, %.0f MiB are available", n * CROWD_KIB_EACH / 1024, available / 1024);
	else
		return NULL;
	return dst;
}

static void measure_block(const struct settings *settings, const struct peers *peers, const struct events *events,
			  struct block *block)
{
	const struct window window = {
		.rows = block->rows, .cols = block->cols, .warm_up = settings->warm_up, .ticks = settings->ticks,
		.events = events, .stop = is_interrupted,
	};
	for (int round = 0; round < settings->rounds; round++) {
		for (size_t p = 0; p < PEERS; p++) {
			const struct peer *peer = &peers->peer[p];
			if (!peer->present || is_interrupted(NULL))
				continue;
			report_progress("N=%ld %dx%d round %d of %d: %s", block->count, block->cols, block->rows, round + 1,
					settings->rounds, peer->name);
			struct sample sample;
			const char *fault = measure_run(peer, &window, &sample);
			if (fault == NULL)
				block->sample[p][block->nsamples[p]++] = sample;
			else
				block_note(block, "%s, round %d: %s", peer->name, round + 1, fault);
		}
	}
	struct window few = window;
	few.ticks = 3;
	for (size_t p = 0; p < PEERS; p++) {
		block->calls[p] = NAN;
		const struct peer *peer = &peers->peer[p];
		if (!settings->strace || events_has(events, EVENT_CALL) || !peer->present || is_interrupted(NULL))
			continue;
		report_progress("N=%ld system calls: %s", block->count, peer->name);
		const char *fault = measure_calls(peer, &few, &block->calls[p]);
		if (fault != NULL)
			block_note(block, "%s, system calls: %s", peer->name, fault);
	}
	report_progress(NULL);
}

static int run_count(const struct settings *settings, const struct peers *peers, const struct events *events, long count)
{
	char reason[128], number[32];
	if (crowd_fits(count, reason, sizeof(reason)) != NULL) {
		printf("\nN = %ld left out: %s\n", count, reason);
		return 0;
	}
	snprintf(number, sizeof(number), "%ld", count);
	report_progress("starting %ld processes", count);
	struct helper crowd;
	int r = helper_start(&crowd, (const char *[]){ "crowd", number, NULL }, 120000);
	if (r < 0) {
		report_progress(NULL);
		printf("\nN = %ld left out: the crowd did not start (%s)\n", count, strerror(-r));
		return 0;
	}
	for (int i = 0; i < settings->nsize && !is_interrupted(NULL); i++) {
		struct block *block = calloc(1, sizeof(*block));
		if (block == NULL)
			break;
		block->count = count;
		block->processes = report_processes();
		block->rows = settings->rows[i];
		block->cols = settings->cols[i];
		measure_block(settings, peers, events, block);
		if (!is_interrupted(NULL))
			report_block(block, peers, settings->ticks);
		free(block);
	}
	if (!helper_stop(&crowd, 60000))
		fprintf(stderr, "bench: the crowd had to be killed\n");
	return is_interrupted(NULL) ? -EINTR : 0;
}

/* A recorded host stands stiller than any live one. The peers cannot be shown
 * one, so this is a figure of ours alone. */
static void run_still(const struct settings *settings, const struct peers *peers)
{
	if (settings->fixture == NULL || !peers->peer[0].present)
		return;
	struct peer still = {
		.name = "oomsight", .home = peers->plain_home, .ready = "PID",
		.argv = { settings->program, "--root", settings->fixture, "-d", "1" },
	};
	for (int i = 0; i < settings->nsize && !is_interrupted(NULL); i++) {
		const struct window window = {
			.rows = settings->rows[i], .cols = settings->cols[i], .warm_up = 2, .ticks = 10, .stop = is_interrupted,
		};
		double bytes;
		const char *fault = measure_still(&still, &window, &bytes);
		printf("\nnothing changes at all (a recorded host), terminal %dx%d, 10 s: ", window.cols, window.rows);
		if (fault == NULL)
			printf("oomsight writes %.1f bytes a tick\n", bytes);
		else
			printf("not measured, %s\n", fault);
	}
}

static long parse_number(const char *text, const char *what, long min, long max)
{
	char *end;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < min || value > max) {
		fprintf(stderr, "bench: %s: a number from %ld to %ld is wanted, not '%s'\n", what, min, max, text);
		exit(2);
	}
	return value;
}

static void parse_counts(struct settings *settings, char *list)
{
	settings->ncount = 0;
	for (char *word = strtok(list, ","); word != NULL && settings->ncount < MAX_LIST; word = strtok(NULL, ","))
		settings->count[settings->ncount++] = parse_number(word, "--count", 1, MAX_COUNT);
}

static void parse_sizes(struct settings *settings, char *list)
{
	settings->nsize = 0;
	for (char *word = strtok(list, ","); word != NULL && settings->nsize < MAX_LIST; word = strtok(NULL, ",")) {
		char *rows = strchr(word, 'x');
		if (rows != NULL)
			*rows++ = '\0';
		settings->cols[settings->nsize] = (int)parse_number(word, "--size", 40, 500);
		settings->rows[settings->nsize] = (int)parse_number(rows != NULL ? rows : "", "--size", 10, 200);
		settings->nsize++;
	}
}

static struct settings parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },	{ "size", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },	{ "ticks", required_argument, NULL, 't' },
		{ "warm-up", required_argument, NULL, 'w' },	{ "source", required_argument, NULL, 'S' },
		{ "no-strace", no_argument, NULL, 'n' },	{ "oomsight", required_argument, NULL, 'o' },
		{ "commit", required_argument, NULL, 'C' },	{ "still-root", required_argument, NULL, 'R' },
		{ "static", required_argument, NULL, 'x' },
		{ NULL, 0, NULL, 0 },
	};
	struct settings settings = {
		.count = { 200, 2000, 10000 }, .ncount = 3, .rows = { 40 }, .cols = { 120 }, .nsize = 1,
		.rounds = 3, .ticks = 8, .warm_up = 2, .strace = true, .source = "auto", .commit = "unknown",
	};
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c': parse_counts(&settings, optarg); break;
		case 's': parse_sizes(&settings, optarg); break;
		case 'r': settings.rounds = (int)parse_number(optarg, "--rounds", 1, MAX_ROUNDS); break;
		case 't': settings.ticks = (int)parse_number(optarg, "--ticks", 1, 100); break;
		case 'w': settings.warm_up = (int)parse_number(optarg, "--warm-up", 1, 100); break;
		case 'S': settings.source = optarg; break;
		case 'n': settings.strace = false; break;
		case 'o': settings.program = optarg; break;
		case 'x': settings.static_program = optarg; break;
		case 'C': settings.commit = optarg; break;
		case 'R': settings.fixture = optarg; break;
		default: exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "bench: '%s' is no option\n", argv[optind]);
		exit(2);
	}
	return settings;
}

int main(int argc, char **argv)
{
	struct settings settings = parse(argc, argv);
	char program[4096];
	const char *builddir = getenv("builddir");
	snprintf(program, sizeof(program), "%s/oomsight", builddir != NULL ? builddir : ".");
	if (settings.program == NULL)
		settings.program = program;

	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);

	struct peers peers;
	int r = peers_init(&peers, settings.program, settings.source, settings.static_program);
	if (r < 0) {
		fprintf(stderr, "bench: cannot make a directory in /tmp: %s\n", strerror(-r));
		return 1;
	}
	/* Pages of a program just linked count as dirtied by it until they are written. */
	sync();
	report_head(&peers, settings.commit, settings.rounds, settings.ticks);
	struct events events;
	const char *fault = events_init(&events);
	if (fault != NULL)
		printf("allocations of the kernel: not counted, %s\n", fault);
	if (settings.strace && !events_has(&events, EVENT_CALL) && system("command -v strace >/dev/null") != 0) {
		puts("system calls: not counted, strace is missing");
		settings.strace = false;
	}
	run_still(&settings, &peers);
	for (int i = 0; r == 0 && i < settings.ncount; i++)
		r = run_count(&settings, &peers, &events, settings.count[i]);
	peers_done(&peers);
	if (r == -EINTR)
		fputs("bench: interrupted\n", stderr);
	return r == 0 ? 0 : 1;
}
