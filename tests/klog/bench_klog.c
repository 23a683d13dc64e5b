/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * `make bench-klog`: how fast logs are searched for reports. A log of the given
 * size is made in a temporary file, lines as a busy host writes them with a
 * report every few MiB, and read through the parser on one core. The figure is
 * MiB/s of wall clock, reading from the page cache included.
 *
 *	bench_klog [MIB [MIB_BETWEEN_REPORTS]]      1024 8
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "oomsight/klog/parse.h"

#define CHUNK (256U << 10)
#define MIB (1U << 20)

static const char *const noise[] = {
	"Jun 20 12:47:02 web-1 kernel: [15180285.537297] usb 1-1: new high-speed USB device number 5 using xhci_hcd\n",
	"Jun 20 12:47:02 web-1 sshd[4711]: Accepted publickey for deploy from 192.0.2.17 port 51234 ssh2: ED25519 SHA256:abc\n",
	"Jun 20 12:47:02 web-1 systemd[1]: Started Session 4711 of user deploy.\n",
	"Jun 20 12:47:03 web-1 app[1804]: {\"level\":\"info\",\"path\":\"/v1/orders\",\"ms\":12,\"memory\":\"ok\",\"room\":7}\n",
	"Jun 20 12:47:03 web-1 kernel: [15180286.000001] [UFW BLOCK] IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 TTL=244\n",
	"Jun 20 12:47:04 web-1 CRON[99]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)\n",
};

static size_t put_noise(char *dst, size_t size, unsigned *seed)
{
	size_t n = 0;
	for (;;) {
		*seed = *seed * 1103515245U + 12345U;
		const char *line = noise[(*seed >> 16) % (sizeof noise / sizeof *noise)];
		size_t len = strlen(line);
		if (n + len > size)
			return n;
		memcpy(dst + n, line, len);
		n += len;
	}
}

static size_t put_report(char *dst, size_t size)
{
	static const char stamp[] = "Jun 20 12:47:05 web-1 kernel: [15180287.000001] ";
	size_t n = 0;
	n += (size_t)snprintf(dst + n, size - n, "%sa invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n", stamp);
	n += (size_t)snprintf(dst + n, size - n, "%s[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n", stamp);
	for (int pid = 1000; pid < 1200; pid++)
		n += (size_t)snprintf(dst + n, size - n, "%s[%7d]     0 %5d   179935   %6d  1097728        0             0 worker\n", stamp, pid, pid, pid);
	n += (size_t)snprintf(dst + n, size - n, "%soom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=worker,pid=1199,uid=0\n", stamp);
	n += (size_t)snprintf(dst + n, size - n, "%sOut of memory: Killed process 1199 (worker) total-vm:719740kB, anon-rss:4796kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1072kB oom_score_adj:0\n", stamp);
	return n;
}

static void count(struct klog_report *report, void *context)
{
	(void)report;
	++*(unsigned *)context;
}

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned long size = argc > 1 ? strtoul(argv[1], NULL, 10) : 1024, between = argc > 2 ? strtoul(argv[2], NULL, 10) : 8;
	unsigned seed = 1, wrote = 0, found = 0;
	char *block = malloc(MIB);
	FILE *file = tmpfile();
	struct klog_parser *parser = klog_parser_new(count, &found);
	if (!block || !file || !parser || size == 0 || between == 0) {
		fprintf(stderr, "bench_klog: no room, or no size\n");
		return 1;
	}
	unsigned long long bytes = 0;
	for (unsigned long i = 0; i < size; i++) {
		size_t n = 0;
		if (i % between == 0) {
			n = put_report(block, MIB);
			wrote++;
		}
		n += put_noise(block + n, MIB - n, &seed);
		if (fwrite(block, 1, n, file) != n) {
			perror("bench_klog: the temporary file");
			return 1;
		}
		bytes += n;
	}
	fflush(file);
	rewind(file);
	double start = now();
	for (ssize_t n; (n = read(fileno(file), block, CHUNK)) > 0;)
		klog_parser_feed(parser, block, (size_t)n);
	klog_parser_flush(parser);
	double seconds = now() - start;
	printf("%llu MiB with %u reports in %.2f s: %.0f MB/s, %u found\n", bytes / MIB, wrote, seconds, (double)bytes / 1e6 / seconds, found);
	klog_parser_free(parser);
	free(block);
	fclose(file);
	return found == wrote ? 0 : 1;
}
