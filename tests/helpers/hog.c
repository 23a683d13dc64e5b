/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * hog: a process of known memory, for tests of what others see of it.
 *
 *	--anon MIB          private anonymous memory, written to
 *	--anon-kib KIB      and this much more
 *	--page-out          and all of this private memory moved to swap
 *	--spread            and of it, on each CPU 31 pages more than a multiple of
 *	                    32: what a kernel's per-CPU counter keeps to itself
 *	--huge MIB          huge pages of hugetlb, written to
 *	--shm MIB           shared anonymous memory (shmem), written to
 *	--share PATH        this file mapped shared, read
 *	--file MIB          a private mapping of an unlinked file, read
 *	--sparse MIB        this much page tables: a huge mapping, one page read in
 *	                    each table's reach (the zero page, which no RSS counts)
 *	--grow KIB          and this much more anonymous memory a second,
 *	                    up to 512 MiB
 *	--comm NAME         its name (PR_SET_NAME: 15 bytes, any but NUL)
 *	--adj N             writes N to its own oom_score_adj
 *	--zombie-leader     the main thread exits, another keeps the memory
 *	--clone-vm          a child that shares the memory, a process of its own
 *	--vfork             a vfork child that stays before its exec
 *	--stuck DEVICE      a thread that reads 2 MiB of this device past the cache,
 *	                    over and over: on a slow one, no signal ends the process
 *	                    before that
 *	--swapoff DEVICE    a thread that waits for SIGUSR1 and then takes this swap
 *	                    out of use
 *
 * When all is in place it writes "child PID" for a child it has made and then
 * "ready" to standard output, and stays until standard input ends or SIGTERM.
 * Exit status 1, with a line on standard error, if something cannot be had.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define GROW_LIMIT (512 * MIB)
#define STACK_BYTES (64 * 1024)
#define STUCK_BYTES (2 * MIB)

/* lib/percpu_counter.c: batch = max(32, 2 * CPUs), so this for up to 16 CPUs. */
#define COUNTER_BATCH_PAGES 32

struct plan {
	size_t anon_mib, anon_kib, huge_mib, shm_mib, file_mib, sparse_mib, grow_kib;
	const char *share;
	const char *comm;
	const char *adj;
	const char *stuck;
	const char *swapoff;
	bool page_out, spread, zombie_leader, clone_vm, vfork;
};

static void give_up(const char *what)
{
	fprintf(stderr, "hog: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(1);
}

static void *map(size_t bytes, int protection, int flags, int fd, const char *what)
{
	void *at = mmap(NULL, bytes, protection, flags, fd, 0);
	if (at == MAP_FAILED)
		give_up(what);
	/* Huge pages would make the figures depend on the machine's mood. */
	madvise(at, bytes, MADV_NOHUGEPAGE);
	return at;
}

static void write_to(char *at, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < bytes; i += page)
		*(volatile char *)(at + i) = 1;
}

static void read_from(const char *at, size_t bytes, size_t step)
{
	for (size_t i = 0; i < bytes; i += step)
		(void)*(const volatile char *)(at + i);
}

/* An equal part on each CPU, of a length that leaves as much as can be in its
 * private part of the counter. */
static void write_spread(char *at, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t batches = bytes / page / (size_t)cpus / COUNTER_BATCH_PAGES;
	size_t part = (batches * COUNTER_BATCH_PAGES - 1) * page;
	for (int cpu = 0; batches > 0 && cpu < cpus; cpu++) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set) < 0)
			give_up("sched_setaffinity");
		write_to(at + (size_t)cpu * part, part);
	}
}

static void take_anon(const struct plan *plan)
{
	size_t bytes = plan->anon_mib * MIB + plan->anon_kib * 1024;
	if (bytes == 0)
		return;
	char *at = map(bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, "anon");
	if (plan->spread)
		write_spread(at, bytes);
	else
		write_to(at, bytes);
	if (plan->page_out && madvise(at, bytes, MADV_PAGEOUT) < 0)
		give_up("page-out");
}

static void take_share(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t bytes = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	if (bytes <= 0)
		give_up(path);
	read_from(map((size_t)bytes, PROT_READ, MAP_SHARED, fd, path), (size_t)bytes, (size_t)sysconf(_SC_PAGESIZE));
	close(fd);
}

static void take_file(size_t bytes)
{
	char name[] = "/tmp/hog-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		give_up(name);
	unlink(name);
	int error = posix_fallocate(fd, 0, (off_t)bytes);
	if (error != 0) {
		errno = error;
		give_up("file");
	}
	read_from(map(bytes, PROT_READ, MAP_PRIVATE, fd, "file"), bytes, (size_t)sysconf(_SC_PAGESIZE));
	close(fd);
}

/* A last-level table is one page of 8-byte entries, each for one page. */
static void take_tables(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t reach = page / sizeof(uint64_t) * page;
	size_t span = bytes / page * reach;
	read_from(map(span, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, "sparse"), span, reach);
}

static void take(const struct plan *plan)
{
	take_anon(plan);
	if (plan->huge_mib > 0)
		write_to(map(plan->huge_mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1,
			     "huge"),
			 plan->huge_mib * MIB);
	if (plan->share != NULL)
		take_share(plan->share);
	if (plan->shm_mib > 0)
		write_to(map(plan->shm_mib * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, "shm"),
			 plan->shm_mib * MIB);
	if (plan->file_mib > 0)
		take_file(plan->file_mib * MIB);
	if (plan->sparse_mib > 0)
		take_tables(plan->sparse_mib * MIB);
	if (plan->comm != NULL)
		prctl(PR_SET_NAME, plan->comm);
	if (plan->adj != NULL) {
		int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, plan->adj, strlen(plan->adj)) < 0)
			give_up("oom_score_adj");
		close(fd);
	}
}

/* Until standard input ends; grows meanwhile. Only system calls: a child that
 * shares our memory may run this too. */
static void stay(size_t grow_kib)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t step = (grow_kib * 1024 / 10 + page - 1) / page * page;
	size_t grown = 0;
	for (;;) {
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
		int r = poll(&input, 1, grow_kib > 0 ? 100 : -1);
		char byte[64];
		if (r > 0 && read(STDIN_FILENO, byte, sizeof(byte)) == 0)
			return;
		if (r == 0 && grown + step <= GROW_LIMIT) {
			write_to(map(step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, "grow"), step);
			grown += step;
		}
	}
}

static void *stay_as_thread(void *context)
{
	const struct plan *plan = context;
	/* A leader that is still on its way out is not yet a zombie. */
	char path[] = "/proc/self/stat", stat[512];
	for (bool gone = false; !gone;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
		if (fd >= 0)
			close(fd);
		stat[n > 0 ? n : 0] = '\0';
		const char *name_end = strrchr(stat, ')');
		gone = name_end != NULL && strncmp(name_end, ") Z", 3) == 0;
		if (!gone)
			usleep(1000);
	}
	say("ready\n");
	stay(plan->grow_kib);
	_exit(0);
}

static void *read_for_ever(void *device)
{
	int fd = open(device, O_RDONLY | O_DIRECT | O_CLOEXEC);
	char *to = map(STUCK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, "stuck");
	if (fd < 0)
		give_up(device);
	for (;;) {
		if (pread(fd, to, STUCK_BYTES, 0) < 0)
			give_up(device);
	}
	return NULL;
}

static void *take_swap_away(void *device)
{
	sigset_t set;
	int number;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigwait(&set, &number) != 0 || swapoff(device) < 0)
		give_up(device);
	return NULL;
}

/* A thread that does something to a device. */
static void start_on(const char *path, void *(*run)(void *))
{
	pthread_t thread;
	union {
		const char *name;
		void *argument;
	} device = { .name = path };
	int error = pthread_create(&thread, NULL, run, device.argument);
	if (error != 0) {
		errno = error;
		give_up("thread");
	}
}

static void leave_as_zombie(struct plan *plan)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, stay_as_thread, plan);
	if (error != 0) {
		errno = error;
		give_up("thread");
	}
	if (plan->comm != NULL)
		pthread_setname_np(thread, plan->comm);
	pthread_exit(NULL);
}

/* The child of --clone-vm: sleeps in its own process on our memory, context
 * (an atomic_bool) included. */
static int share(void *context)
{
	atomic_bool *bound = context;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	atomic_store(bound, true);
	pause(); /* no signal is handled, so nothing but death ends it */
	return 0;
}

/* The child of --vfork: its parent is suspended, so all talking is its. */
static int stay_in_vfork(void *context)
{
	(void)context;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	char line[48];
	snprintf(line, sizeof(line), "child %d\nready\n", (int)getpid());
	say(line);
	stay(0);
	_exit(0);
}

static char *stack_top(void)
{
	char *stack = map(STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, "stack");
	return stack + STACK_BYTES;
}

static size_t number(const char *text)
{
	char *end;
	errno = 0;
	unsigned long long value = text == NULL ? 0 : strtoull(text, &end, 10);
	if (text == NULL || *text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > 1U << 20) {
		fprintf(stderr, "hog: a number up to %u is wanted, not '%s'\n", 1U << 20, text != NULL ? text : "");
		exit(2);
	}
	return (size_t)value;
}

static struct plan parse(char **argv)
{
	struct plan plan = { 0 };
	struct {
		const char *name;
		size_t *amount;
		const char **text;
		bool *flag;
	} options[] = {
		{ .name = "--anon", .amount = &plan.anon_mib },
		{ .name = "--anon-kib", .amount = &plan.anon_kib },
		{ .name = "--huge", .amount = &plan.huge_mib },
		{ .name = "--shm", .amount = &plan.shm_mib },
		{ .name = "--file", .amount = &plan.file_mib },
		{ .name = "--sparse", .amount = &plan.sparse_mib },
		{ .name = "--grow", .amount = &plan.grow_kib },
		{ .name = "--share", .text = &plan.share },
		{ .name = "--comm", .text = &plan.comm },
		{ .name = "--adj", .text = &plan.adj },
		{ .name = "--stuck", .text = &plan.stuck },
		{ .name = "--swapoff", .text = &plan.swapoff },
		{ .name = "--page-out", .flag = &plan.page_out },
		{ .name = "--spread", .flag = &plan.spread },
		{ .name = "--zombie-leader", .flag = &plan.zombie_leader },
		{ .name = "--clone-vm", .flag = &plan.clone_vm },
		{ .name = "--vfork", .flag = &plan.vfork },
	};
	const size_t count = sizeof(options) / sizeof(options[0]);
	for (char **arg = argv + 1; *arg != NULL; arg++) {
		size_t i = 0;
		while (i < count && strcmp(*arg, options[i].name) != 0)
			i++;
		if (i == count || (options[i].flag == NULL && arg[1] == NULL)) {
			fprintf(stderr, "hog: option '%s' is unknown or lacks its value\n", *arg);
			exit(2);
		}
		if (options[i].flag != NULL)
			*options[i].flag = true;
		else if (options[i].text != NULL)
			*options[i].text = *++arg;
		else
			*options[i].amount = number(*++arg);
	}
	return plan;
}

int main(int argc, char **argv)
{
	(void)argc;
	struct plan plan = parse(argv);
	take(&plan);
	if (plan.stuck != NULL)
		start_on(plan.stuck, read_for_ever);
	if (plan.swapoff != NULL) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		start_on(plan.swapoff, take_swap_away);
	}
	if (plan.zombie_leader)
		leave_as_zombie(&plan);
	if (plan.vfork) {
		/* As vfork() does, on a stack of its own: the compiler need not
		 * know that a function returns twice. */
		pid_t child = clone(stay_in_vfork, stack_top(), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
		if (child < 0)
			give_up("vfork");
		waitpid(child, NULL, 0);
		return 0;
	}
	pid_t child = 0;
	if (plan.clone_vm) {
		atomic_bool bound = false;
		child = clone(share, stack_top(), CLONE_VM | SIGCHLD, &bound);
		if (child < 0)
			give_up("clone");
		/* Were we to die before it is bound to us, it would stay for ever. */
		while (!atomic_load(&bound))
			usleep(1000);
		char line[32];
		snprintf(line, sizeof(line), "child %d\n", (int)child);
		say(line);
	}
	say("ready\n");
	stay(plan.grow_kib);
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	return 0;
}
