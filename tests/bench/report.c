/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct spread {
	double median, least, most;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Of the values that are known; all NAN when none is. */
static struct spread spread_of(const double *values, int count)
{
	double known[MAX_ROUNDS];
	int n = 0;
	for (int i = 0; i < count; i++) {
		if (!isnan(values[i]))
			known[n++] = values[i];
	}
	if (n == 0)
		return (struct spread){ NAN, NAN, NAN };
	qsort(known, (size_t)n, sizeof(known[0]), by_value);
	double median = n % 2 != 0 ? known[n / 2] : (known[n / 2 - 1] + known[n / 2]) / 2;
	return (struct spread){ median, known[0], known[n - 1] };
}

static struct spread measured(const struct block *block, size_t peer, enum measure what)
{
	double values[MAX_ROUNDS];
	for (int i = 0; i < block->nsamples[peer]; i++)
		values[i] = block->sample[peer][i].value[what];
	return spread_of(values, block->nsamples[peer]);
}

static double median(const struct block *block, size_t peer, enum measure what)
{
	return measured(block, peer, what).median;
}

void block_note(struct block *block, const char *format, ...)
{
	size_t used = strlen(block->notes);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(block->notes + used, sizeof(block->notes) - used, format, arguments);
	va_end(arguments);
	used = strlen(block->notes);
	snprintf(block->notes + used, sizeof(block->notes) - used, "\n");
}

long report_processes(void)
{
	long count = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;)
		count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	if (proc != NULL)
		closedir(proc);
	return count;
}

void report_progress(const char *format, ...)
{
	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r\033[K", stderr);
	if (format == NULL)
		return;
	va_list arguments;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

/* The first line of path that begins with key, behind its colon. */
static void print_line(const char *path, const char *key, const char *before)
{
	char line[256];
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		char *colon = strchr(line, ':');
		if (strncmp(line, key, strlen(key)) != 0 || colon == NULL)
			continue;
		line[strcspn(line, "\n")] = '\0';
		printf("%s%s", before, colon + 1 + strspn(colon + 1, " \t"));
		break;
	}
	if (file != NULL)
		fclose(file);
}

void report_head(const struct peers *peers, const char *commit, int rounds, int ticks)
{
	struct utsname host;
	uname(&host);
	printf("oomsight benchmark, commit %s\n", commit);
	printf("machine: Linux %s %s, %ld CPUs", host.release, host.machine, sysconf(_SC_NPROCESSORS_ONLN));
	print_line("/proc/cpuinfo", "model name", ", ");
	print_line("/proc/meminfo", "MemTotal", ", ");
	printf("\nn = %d rounds of %d ticks of one second each, programs in turn; median (least-most)\n", rounds, ticks);
	for (size_t p = 0; p < PEERS; p++) {
		const struct peer *peer = &peers->peer[p];
		printf("%-9s", peer->name);
		for (size_t i = 0; peer->argv[i] != NULL; i++)
			printf(" %s", i == 0 && strrchr(peer->argv[0], '/') != NULL ? strrchr(peer->argv[0], '/') + 1 : peer->argv[i]);
		if (!peer->present)
			printf("   NOT MEASURED: %s", peer->why_not);
		putchar('\n');
	}
}

static void print_number(double value, int width, int decimals)
{
	if (isnan(value))
		printf(" %*s", width, "-");
	else
		printf(" %*.*f", width, decimals, value);
}

static double calls(const struct block *block, size_t p)
{
	double counted = median(block, p, MEASURE_CALLS);
	return isnan(counted) ? block->calls[p] : counted;
}

static void print_row(const struct block *block, size_t p, const char *name)
{
	struct spread cpu = measured(block, p, MEASURE_CPU_MS);
	char range[40] = "-";
	if (!isnan(cpu.median))
		snprintf(range, sizeof(range), "(%.2f-%.2f)", cpu.least, cpu.most);
	printf("%-9s", name);
	print_number(cpu.median, 8, 2);
	printf(" %-17s", range);
	print_number(median(block, p, MEASURE_PERIOD_S), 6, 2);
	print_number(calls(block, p), 7, 0);
	print_number(median(block, p, MEASURE_SLABS), 7, 0);
	print_number(median(block, p, MEASURE_KMALLOCS), 7, 0);
	print_number(median(block, p, MEASURE_BYTES), 7, 0);
	print_number(median(block, p, MEASURE_BYTES_LEAST), 7, 0);
	print_number(median(block, p, MEASURE_HWM_KIB), 7, 0);
	print_number(median(block, p, MEASURE_PRIVATE_KIB), 7, 0);
	print_number(median(block, p, MEASURE_DIRTY_KIB), 7, 0);
	print_number(median(block, p, MEASURE_FIRST_CPU_MS), 9, 2);
	putchar('\n');
}

static void print_ratios(const struct block *block, size_t p, const char *name)
{
	double ratio[MAX_ROUNDS];
	int rounds = block->nsamples[0] < block->nsamples[p] ? block->nsamples[0] : block->nsamples[p];
	for (int i = 0; i < rounds; i++)
		ratio[i] = block->sample[0][i].value[MEASURE_CPU_MS] / block->sample[p][i].value[MEASURE_CPU_MS];
	struct spread spread = spread_of(ratio, rounds);
	char range[40] = "-", label[24];
	if (!isnan(spread.median))
		snprintf(range, sizeof(range), "(%.3f-%.3f)", spread.least, spread.most);
	snprintf(label, sizeof(label), "/%s", name);
	printf("%-9s", label);
	print_number(median(block, 0, MEASURE_CPU_MS) / median(block, p, MEASURE_CPU_MS), 8, 3);
	printf(" %-17s %6s", range, "");
	print_number(calls(block, 0) / calls(block, p), 7, 3);
	static const struct {
		enum measure what;
		int width;
	} columns[] = {
		{ MEASURE_SLABS, 7 },	{ MEASURE_KMALLOCS, 7 },    { MEASURE_BYTES, 7 },     { MEASURE_BYTES_LEAST, 7 },
		{ MEASURE_HWM_KIB, 7 }, { MEASURE_PRIVATE_KIB, 7 }, { MEASURE_DIRTY_KIB, 7 }, { MEASURE_FIRST_CPU_MS, 9 },
	};
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		print_number(median(block, 0, columns[i].what) / median(block, p, columns[i].what), columns[i].width, 3);
	putchar('\n');
}

void report_block(const struct block *block, const struct peers *peers, int ticks)
{
	printf("\nN = %ld idle processes (%ld in all), terminal %dx%d, %d ticks a round\n", block->count, block->processes,
	       block->cols, block->rows, ticks);
	printf("%-9s %8s %-17s %6s %7s %7s %7s %7s %7s %7s %7s %7s %9s\n", "program", "CPU ms", "(least-most)", "tick s",
	       "calls", "slab", "kmalloc", "bytes", "least", "RSS KiB", "private", "dirty", "first ms");
	for (size_t p = 0; p < PEERS; p++) {
		if (block->nsamples[p] > 0)
			print_row(block, p, peers->peer[p].name);
	}
	if (block->nsamples[0] > 0)
		puts("oomsight divided by");
	for (size_t p = 1; p < PEERS; p++) {
		if (block->nsamples[0] > 0 && block->nsamples[p] > 0)
			print_ratios(block, p, peers->peer[p].name);
	}
	fputs(block->notes, stdout);
}
