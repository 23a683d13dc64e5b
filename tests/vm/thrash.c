/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * thrash: /init of a guest that runs out of memory slowly. Statically linked, and
 * alone in the archive the guest boots from, so that nothing but the monitors waits
 * for the disk.
 *
 * The monitors live on the disk, each in a tree of its own with its own copies of
 * the libraries: one that locks its pages would otherwise keep those of the others
 * in memory as well. Each writes to a pseudo-terminal or pipe; a recorder, this
 * process, notes when something comes. It is locked and of real-time priority and
 * keeps all in memory until the end, then tells on the second serial port, a line
 * each, times in monotonic nanoseconds:
 *
 *	out NANOSECONDS NAME HEX	came from a monitor; HEX only for the first one
 *	begin NANOSECONDS		the hog begins to grow
 *	peak NANOSECONDS NUMBER		one that swings turns back
 *	kmsg NANOSECONDS TEXT		"Killed process" and the like in the kernel's log
 *	stack NANOSECONDS NAME TEXT	what a silent one does (stacks=1; see look_into())
 *	trace NANOSECONDS KEY=NUMBER...	what the kernel tells of its memory, once a second (trace=1)
 *	alive NAME 0|1			at the end
 *	figure NAME NANOSECONDS NUMBER	when the hog begins, at the kill, at the end
 *	end
 *
 * Settings on the kernel's command line: rate_kib left_mib swing_mib readers idle
 * seed after_s limit_s swap stacks trace.
 */
#include "thrash.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define RESULTS "/dev/ttyS1"
#define WORKING_SET "/disk/working-set"
#define LOG_BYTES ((size_t)2 << 20)
#define SILENT_NS 1200000000ULL
#define STACK_EVERY_NS 200000000ULL
#define TRACE_EVERY_NS 1000000000ULL

struct source {
	const char *name;
	char *const *command; /* NULL: not a program of the disk */
	bool is_terminal;
	pid_t pid;
	int fd;
	unsigned times;
	char said[256]; /* first of all, for when it does not go on */
	uint64_t last_ns, stack_ns;
};

static struct source sources[] = {
	{ .name = "oomsight", .command = (char *[]){ "/bin/oomsight", "-d", "1", NULL }, .is_terminal = true },
	{ .name = "top", .command = (char *[]){ "/bin/top", "-b", "-d", "1", NULL } },
	{ .name = "htop", .command = (char *[]){ "/bin/htop", "-d", "10", NULL }, .is_terminal = true },
	{ .name = "bare" },
};
#define SOURCES (sizeof sources / sizeof *sources)

void give_up(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	FILE *out = fopen(RESULTS, "w");
	if (out) {
		fputs("error ", out);
		vfprintf(out, format, args);
		fputs("\nend\n", out);
		fclose(out);
	}
	va_end(args);
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);
}

uint64_t monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

long setting(const char *name, long otherwise)
{
	const char *text = getenv(name);
	return text ? strtol(text, NULL, 10) : otherwise;
}

/* --- the log ------------------------------------------------------------------ */

static char log_bytes[LOG_BYTES];
static size_t log_len;

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(log_bytes + log_len, LOG_BYTES - log_len, format, args);
	va_end(args);
	/* Full: the end is missing then, and the bench says so. */
	log_len += n < 0 || (size_t)n >= LOG_BYTES - log_len ? 0 : (size_t)n;
}

static void note_hex(const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	if (LOG_BYTES - log_len < 2 * len + 1)
		return;
	for (size_t i = 0; i < len; i++) {
		log_bytes[log_len++] = digits[bytes[i] >> 4];
		log_bytes[log_len++] = digits[bytes[i] & 15];
	}
}

/* --- the guest ------------------------------------------------------------------ */

static void mount_at(const char *what, const char *where, const char *type, unsigned long flags)
{
	mkdir(where, 0755);
	if (mount(what, where, type, flags, NULL) < 0)
		give_up("mount %s: %m", where);
}

/* The kernel looks for disks while we run already; at most 10 s. */
static void await_disk(const char *device)
{
	off_t bytes = 0;
	for (int tries = 0; bytes <= 0 && tries < 100; tries++) {
		int fd = open(device, O_RDONLY | O_CLOEXEC);
		bytes = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
		if (fd >= 0)
			close(fd);
		if (bytes <= 0)
			usleep(100 * 1000);
	}
}

static void add_swap(const char *device)
{
	/* The header of mm/swapfile.c: union swap_header, version 1. */
	static uint32_t header[1024];
	await_disk(device);
	int fd = open(device, O_RDWR | O_CLOEXEC);
	off_t bytes = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	header[256] = 1;
	header[257] = (uint32_t)(bytes / 4096 - 1);
	memcpy((char *)header + 4086, "SWAPSPACE2", 10);
	if (bytes <= 0 || pwrite(fd, header, sizeof header, 0) != (ssize_t)sizeof header || swapon(device, 0) < 0)
		give_up("swap on %s: %m", device);
	close(fd);
}

static void set_up(void)
{
	mount_at("proc", "/proc", "proc", 0);
	mount_at("sysfs", "/sys", "sysfs", 0);
	mount_at("dev", "/dev", "devtmpfs", 0);
	mount_at("devpts", "/dev/pts", "devpts", 0);
	await_disk("/dev/nvme0n1");
	mount_at("/dev/nvme0n1", "/disk", "ext4", MS_RDONLY);
	for (size_t i = 0; i < SOURCES; i++) {
		static const char *const trees[] = { "/proc", "/sys", "/dev" };
		char path[64];
		for (size_t t = 0; sources[i].command && t < sizeof trees / sizeof *trees; t++) {
			snprintf(path, sizeof path, "/disk/%s%s", sources[i].name, trees[t]);
			mount_at(trees[t], path, NULL, MS_BIND | MS_REC);
		}
	}
	if (setting("swap", 0))
		add_swap("/dev/nvme1n1");
}

/* --- monitors --------------------------------------------------------------- */

static void become_monitor(const struct source *source, int out)
{
	static char *const environment[] = { "PATH=/bin", "TERM=xterm-256color", "HOME=/", "LC_ALL=C", NULL };
	char path[64];
	int adj = open("/proc/self/oom_score_adj", O_WRONLY);
	if (adj < 0 || write(adj, "0", 1) != 1)
		_exit(126);
	close(adj);
	setsid();
	if (source->is_terminal)
		ioctl(out, TIOCSCTTY, 0);
	snprintf(path, sizeof path, "/disk/%s", source->name);
	if (chroot(path) < 0 || chdir("/") < 0)
		_exit(126);
	int null = open("/dev/null", O_RDWR);
	dup2(source->is_terminal ? out : null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execve(source->command[0], source->command, environment);
	dprintf(STDOUT_FILENO, "%s: %m\n", source->command[0]);
	_exit(127);
}

static void start_monitor(struct source *source)
{
	int fds[2];
	if (source->is_terminal) {
		const struct winsize size = { .ws_row = 40, .ws_col = 120 };
		char path[64];
		int number, unlock = 0;
		fds[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (fds[0] < 0 || ioctl(fds[0], TIOCSPTLCK, &unlock) < 0 || ioctl(fds[0], TIOCGPTN, &number) < 0 ||
		    ioctl(fds[0], TIOCSWINSZ, &size) < 0)
			give_up("pseudo-terminal: %m");
		snprintf(path, sizeof path, "/dev/pts/%d", number);
		fds[1] = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	} else if (pipe2(fds, O_CLOEXEC) < 0) {
		fds[1] = -1;
	}
	if (fds[1] < 0)
		give_up("pseudo-terminal or pipe: %m");
	source->pid = fork();
	if (source->pid < 0)
		give_up("fork: %m");
	if (source->pid == 0)
		become_monitor(source, fds[1]);
	close(fds[1]);
	source->fd = fds[0];
}

/* --- figures ---------------------------------------------------------------- */

/* The number behind `key`, behind `line`. */
static void note_figure(const char *name, const char *path, const char *line, const char *key)
{
	static char text[32768];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	const char *at = strstr(text, line);
	at = at ? strstr(at, key) : NULL;
	note("figure %s %llu %lld\n", name, (unsigned long long)monotonic_ns(), at ? strtoll(at + strlen(key), NULL, 10) : -1);
}

static void note_figures(void)
{
	note_figure("major-faults", "/proc/vmstat", "pgmajfault ", " ");
	note_figure("refaults", "/proc/vmstat", "workingset_refault_file ", " ");
	note_figure("kills", "/proc/vmstat", "oom_kill ", " ");
	note_figure("full-us", "/proc/pressure/memory", "full ", "total=");
}

/* Every line of the file that begins with one of the keys; those of a zone stand
 * behind each other, zone by zone. */
static void trace_file(const char *path, const char *const *keys)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (char *line = text, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		line += strspn(line, " ");
		for (const char *const *key = keys; *key; key++) {
			size_t len = strlen(*key);
			if (strncmp(line, *key, len) != 0 || (line[len] != ' ' && line[len] != ':'))
				continue;
			/* Of a list, as "protection: (0, 198, 198)", the last one. */
			const char *number = line + len + 1;
			for (const char *at = number; at < next; at++)
				number = *at == ',' ? at + 1 : number;
			note(" %s=%lld", *key, strtoll(number, NULL, 10));
		}
	}
}

static void trace(uint64_t now)
{
	static const char *const meminfo[] = {
		"MemTotal", "MemFree", "MemAvailable", "Active(anon)", "Inactive(anon)", "Active(file)", "Inactive(file)",
		"Unevictable", "Mlocked", "SwapTotal", "SwapFree", "SwapCached", "Dirty", "Writeback", "AnonPages", "Mapped",
		"Shmem", "KReclaimable", "SUnreclaim", "KernelStack", "PageTables", NULL
	};
	static const char *const vmstat[] = {
		"oom_kill", "pgmajfault", "pgscan_direct", "pgsteal_direct", "pgscan_kswapd", "pgsteal_kswapd",
		"workingset_refault_file", "workingset_activate_file", "nr_isolated_file", "pswpin", "pswpout", NULL
	};
	static const char *const zoneinfo[] = {
		"boost", "min", "low", "high", "managed", "protection", "nr_free_pages", "nr_zone_inactive_file",
		"nr_zone_active_file", "count", NULL
	};
	note("trace %llu", (unsigned long long)now);
	trace_file("/proc/meminfo", meminfo);
	trace_file("/proc/vmstat", vmstat);
	trace_file("/proc/zoneinfo", zoneinfo);
	note(" dentries=");
	static char text[256];
	int fd = open("/proc/sys/fs/dentry-state", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	char *rest = text;
	unsigned long dentries = strtoul(rest, &rest, 10);
	note("%lu unused=%lu\n", dentries, strtoul(rest, NULL, 10));
}

/* --- recording ---------------------------------------------------------------- */

struct recorder {
	int kmsg_fd, hog_fd;
	unsigned told; /* by the hog */
	uint64_t kill_ns, loop_ns, longest_loop_ns, trace_ns;
	bool stacks, trace;
};

static void take_output(struct source *source, uint64_t now)
{
	static unsigned char bytes[8192];
	ssize_t n = read(source->fd, bytes, sizeof bytes);
	if (n <= 0) { /* it has ended */
		int status = 0;
		waitpid(source->pid, &status, 0);
		snprintf(source->said, sizeof source->said, "ended, status %#x", (unsigned)status);
		close(source->fd);
		source->fd = -1;
		return;
	}
	if (source->times++ == 0)
		memcpy(source->said, bytes, (size_t)n < sizeof source->said ? (size_t)n : sizeof source->said - 1);
	source->last_ns = now;
	note("out %llu %s ", (unsigned long long)now, source->name);
	if (source == sources)
		note_hex(bytes, (size_t)n);
	note("\n");
}

static void take_kmsg(struct recorder *recorder, uint64_t now)
{
	static char line[8192];
	ssize_t n;
	while ((n = read(recorder->kmsg_fd, line, sizeof line - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		line[n > 0 ? n : 0] = '\0';
		line[strcspn(line, "\n")] = '\0';
		const char *text = strchr(line, ';');
		if (!text || (!recorder->trace && !strstr(text, "Killed process") && !strstr(text, "invoked oom-killer")))
			continue;
		note("kmsg %llu %s\n", (unsigned long long)now, text + 1);
		if (recorder->kill_ns == 0 && strstr(text, "Killed process")) {
			recorder->kill_ns = now;
			note_figures();
		}
	}
}

static void read_line(char *dst, size_t size, pid_t pid, const char *file)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, dst, size - 1);
	if (fd >= 0)
		close(fd);
	dst[n > 0 ? n : 0] = '\0';
	for (char *p = dst; *p; p++)
		*p = *p == '\n' ? ';' : *p;
}

/* What a silent one waits in: time on the CPU and time spent waiting for it, in
 * nanoseconds, and the kernel's stack. Costs allocations, so not in a run that
 * counts. */
static void look_into(struct source *source, uint64_t now)
{
	char times[128], stack[2048];
	if (source->last_ns == 0 || now - source->last_ns < SILENT_NS || now - source->stack_ns < STACK_EVERY_NS)
		return;
	source->stack_ns = now;
	read_line(times, sizeof times, source->pid, "schedstat");
	read_line(stack, sizeof stack, source->pid, "stack");
	note("stack %llu %s %s %s\n", (unsigned long long)now, source->name, times, stack);
}

/* Its first word is that it begins, the others are its peaks. */
static void take_hog(struct recorder *recorder, uint64_t now)
{
	char byte;
	if (read(recorder->hog_fd, &byte, 1) != 1) {
		close(recorder->hog_fd);
		recorder->hog_fd = -1;
		return;
	}
	if (recorder->told++ > 0) {
		note("peak %llu %u\n", (unsigned long long)now, recorder->told - 1);
		return;
	}
	note("begin %llu\n", (unsigned long long)now);
	note_figures();
}

/* One round; at most 200 ms. */
static void record(struct recorder *recorder)
{
	struct pollfd fds[SOURCES + 2];
	for (size_t i = 0; i < SOURCES; i++)
		fds[i] = (struct pollfd){ .fd = sources[i].fd, .events = POLLIN };
	fds[SOURCES] = (struct pollfd){ .fd = recorder->kmsg_fd, .events = POLLIN };
	fds[SOURCES + 1] = (struct pollfd){ .fd = recorder->hog_fd, .events = POLLIN };
	poll(fds, SOURCES + 2, 200);
	uint64_t now = monotonic_ns();
	if (recorder->loop_ns && now - recorder->loop_ns > recorder->longest_loop_ns)
		recorder->longest_loop_ns = now - recorder->loop_ns;
	recorder->loop_ns = now;
	for (size_t i = 0; i < SOURCES; i++) {
		if (fds[i].revents)
			take_output(&sources[i], now);
		else if (recorder->stacks)
			look_into(&sources[i], now);
	}
	if (recorder->trace && now - recorder->trace_ns >= TRACE_EVERY_NS) {
		recorder->trace_ns = now;
		trace(now);
	}
	if (fds[SOURCES].revents)
		take_kmsg(recorder, now);
	if (fds[SOURCES + 1].revents)
		take_hog(recorder, now);
}

static void record_for(struct recorder *recorder, uint64_t ns)
{
	for (uint64_t end = monotonic_ns() + ns; monotonic_ns() < end;)
		record(recorder);
}

static void tell(void)
{
	int fd = open(RESULTS, O_WRONLY | O_NOCTTY);
	struct termios raw;
	if (fd < 0)
		_exit(1);
	tcgetattr(fd, &raw);
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	for (size_t at = 0; at < log_len;) {
		ssize_t n = write(fd, log_bytes + at, log_len - at);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	tcdrain(fd);
}

int main(void)
{
	const struct hog hog = {
		.left_mib = setting("left_mib", 40),
		.rate_kib = setting("rate_kib", 300),
		.swing_mib = setting("swing_mib", 0),
		.seed = (unsigned)setting("seed", 1),
	};
	const uint64_t limit_ns = (uint64_t)setting("limit_s", 300) * 1000000000U;
	const uint64_t after_ns = (uint64_t)setting("after_s", 10) * 1000000000U;
	struct recorder recorder = { .hog_fd = -1, .stacks = setting("stacks", 0) != 0,
				     .trace = setting("trace", 0) != 0 };
	signal(SIGCHLD, SIG_DFL);
	set_up();
	/* The archive has no console to begin with. */
	while (open("/dev/null", O_RDWR) < STDERR_FILENO)
		continue;
	recorder.kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (recorder.kmsg_fd < 0 || lseek(recorder.kmsg_fd, 0, SEEK_END) < 0)
		give_up("/dev/kmsg: %m");
	for (long i = setting("idle", 60); i > 0; i--)
		start_idle();
	for (size_t i = 0; i < SOURCES; i++) {
		if (sources[i].command)
			start_monitor(&sources[i]);
		else
			sources[i].pid = start_ticker(&sources[i].fd);
	}
	pid_t readers = (pid_t)setting("readers", 4);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		give_up("mlockall: %m");
	const struct sched_param first = { .sched_priority = 1 };
	bool calm = false;
	for (uint64_t end = monotonic_ns() + 60000000000U; !calm && monotonic_ns() < end;) {
		record(&recorder);
		calm = true;
		for (size_t i = 0; i < SOURCES; i++)
			calm = calm && sources[i].times >= 5;
	}
	for (size_t i = 0; !calm && i < SOURCES; i++) {
		if (sources[i].times < 5)
			give_up("%s has not begun: %u times, %s: %s", sources[i].name,
				sources[i].times, sources[i].fd < 0 ? "ended" : "runs", sources[i].said);
	}
	for (unsigned i = 0; i < (unsigned)readers; i++)
		start_reader(WORKING_SET, hog.seed * 100 + i);
	record_for(&recorder, 3000000000U);
	start_hog(&hog, &recorder.hog_fd);
	sched_setscheduler(0, SCHED_FIFO, &first);
	for (uint64_t end = monotonic_ns() + limit_ns; monotonic_ns() < end;) {
		record(&recorder);
		if (recorder.kill_ns && monotonic_ns() - recorder.kill_ns > after_ns)
			break;
	}
	note("stop %llu\n", (unsigned long long)monotonic_ns());
	for (size_t i = 0; i < SOURCES; i++)
		note("alive %s %d\n", sources[i].name, kill(sources[i].pid, 0) == 0);
	note("figure recorder-us %llu %llu\n", (unsigned long long)monotonic_ns(),
	     (unsigned long long)(recorder.longest_loop_ns / 1000));
	note_figures();
	note("end\n");
	tell();
	reboot(RB_AUTOBOOT);
	return 1;
}
