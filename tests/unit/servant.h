/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A child that sleeps but when it is told to do something.
 */
#ifndef OOMSIGHT_TESTS_UNIT_SERVANT_H
#define OOMSIGHT_TESTS_UNIT_SERVANT_H

#include "children.h"

#include <linux/capability.h>
#include <sys/sysinfo.h>
#include <time.h>

enum order {
	GROW,
	GROW_MUCH, /* by more than a unit of adj is */
	MAP, /* without touching it */
	FAULT, /* pages that were there before */
	FAULT_ON, /* for some 100 ms */
	NAME,
	USER,
	CAPS,
	THREAD, /* that maps, touches and ends */
	VFORK,
	SHARE, /* its mm */
	EXEC,
	EXEC_BY_THREAD,
	OWN_ADJ,
	END,
};

#define OWN_ADJ_IS 300
#define FAULTED (64 * (size_t)4096)

static int order_pipe[2]; /* of the servant that is started next */
static char *faulted;     /* pages that are there */

static inline void put_pages(char *memory, size_t size)
{
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
}

static inline char *map_private(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		_exit(1);
	madvise(memory, size, MADV_NOHUGEPAGE);
	return memory;
}

static inline size_t memory_of_host(void)
{
	struct sysinfo info;
	if (sysinfo(&info) < 0)
		_exit(1);
	return (size_t)info.totalram * info.mem_unit;
}

static inline void fault_again(void)
{
	madvise(faulted, FAULTED, MADV_DONTNEED);
	put_pages(faulted, FAULTED);
}

/* Some of the effective ones. */
static inline void drop_caps(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data) < 0)
		_exit(1);
	data[0].effective &= ~(1U << CAP_SYS_ADMIN | 1U << CAP_SYS_RESOURCE | 1U << CAP_NET_RAW);
	if (syscall(SYS_capset, &header, data) < 0)
		_exit(1);
}

static inline void write_file(const char *path, const char *words)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%s", words) < 0)
		_exit(1);
	close(fd);
}

static inline void *touch_and_end(void *nothing)
{
	put_pages(map_private(MIB), MIB);
	return nothing;
}

static inline void *exec_sleep(void *nothing)
{
	(void)nothing;
	be_child();
	execlp("sleep", "sleep", "1000", NULL);
	_exit(1);
}

static inline int sleep_in_clone(void *nothing)
{
	(void)nothing;
	be_child();
	idle_forever();
	return 0;
}

static inline void obey(enum order order)
{
	static char stack[65536];
	pthread_t thread;
	clock_t end;
	char adj[16];
	switch (order) {
	case GROW_MUCH:
		put_pages(map_private(memory_of_host() / 400), memory_of_host() / 400);
		break;
	case GROW:
		put_pages(map_private(4 * MIB), 4 * MIB);
		break;
	case MAP:
		map_private(64 * MIB);
		break;
	case FAULT:
		fault_again();
		break;
	case FAULT_ON:
		for (end = clock() + CLOCKS_PER_SEC / 10; clock() < end;)
			fault_again();
		break;
	case NAME:
		prctl(PR_SET_NAME, "another");
		break;
	case USER:
		if (syscall(SYS_setresuid, -1, 65534, -1) < 0)
			_exit(1);
		be_child(); /* else forgotten with the uid */
		break;
	case CAPS:
		drop_caps();
		break;
	case THREAD:
		pthread_create(&thread, NULL, touch_and_end, NULL);
		pthread_join(thread, NULL);
		break;
	case VFORK:
		if (vfork() == 0) {
			be_child();
			idle_forever();
		}
		break;
	case SHARE:
		clone(sleep_in_clone, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
		break;
	case EXEC:
		exec_sleep(NULL);
		break;
	case EXEC_BY_THREAD:
		pthread_create(&thread, NULL, exec_sleep, NULL);
		idle_forever();
		break;
	case OWN_ADJ:
		drop_caps();
		snprintf(adj, sizeof adj, "%d", OWN_ADJ_IS);
		write_file("/proc/self/oom_score_adj", adj);
		break;
	case END:
		_exit(0);
	}
}

static inline void map_faulted(void)
{
	faulted = map_private(FAULTED);
	put_pages(faulted, FAULTED);
}

/* Ends with the pipe, too. */
static inline void be_servant(int said)
{
	char order;
	close(order_pipe[1]);
	map_faulted();
	tell(said);
	while (read(order_pipe[0], &order, 1) == 1) {
		obey((enum order)order);
		tell(said);
	}
	_exit(0);
}

/* Whose leader sleeps while a thread does what is told, and the leader alone once that ended. */
static inline void *serve_in_thread(void *said)
{
	char order, path[64];
	snprintf(path, sizeof path, "/proc/self/task/%d/comm", (int)getpid());
	tell((int)(intptr_t)said);
	while (read(order_pipe[0], &order, 1) == 1 && order != END) {
		if (order == NAME)
			write_file(path, "another");
		else
			obey((enum order)order);
		tell((int)(intptr_t)said);
	}
	return NULL;
}

static inline void be_thread_s_leader(int said)
{
	pthread_t thread;
	map_faulted();
	pthread_create(&thread, NULL, serve_in_thread, (void *)(intptr_t)said);
	pthread_detach(thread);
}

/* Who leaves a servant behind. */
static inline void be_servant_s_parent(int said)
{
	if (fork() == 0)
		be_servant(said);
	close(order_pipe[1]);
}

/* --- from outside ---------------------------------------------------------------------- */

struct servant {
	struct child child;
	int orders;
	pid_t pid;
};

static inline struct servant start_servant(void (*be)(int))
{
	assert_int_equal(pipe2(order_pipe, O_CLOEXEC), 0);
	struct servant servant = { .child = start(be, 1), .orders = order_pipe[1] };
	servant.pid = servant.child.pid;
	close(order_pipe[0]);
	return servant;
}

static inline void stop_servant(struct servant *servant)
{
	close(servant->orders);
	stop(&servant->child);
}

static inline char state_letter(pid_t pid)
{
	char path[64], bytes[512];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes - 1) : -1;
	if (fd >= 0)
		close(fd);
	bytes[n > 0 ? n : 0] = '\0';
	const char *end = strrchr(bytes, ')');
	return end && end[1] == ' ' ? end[2] : '?';
}

static inline void await_state(pid_t pid, char letter)
{
	for (unsigned i = 0; state_letter(pid) != letter; i++) {
		if (i == 5000)
			fail_msg("%d is %c, not %c", pid, state_letter(pid), letter);
		usleep(1000);
	}
}

/* Does not wait for its being done. */
static inline void give(const struct servant *servant, enum order order)
{
	char byte = (char)order;
	assert_int_equal(write(servant->orders, &byte, 1), 1);
}

static inline void await_done(const struct servant *servant)
{
	char byte;
	assert_int_equal(read(servant->child.said, &byte, 1), 1);
	await_state(servant->pid, 'S');
}

static inline void give_and_await(const struct servant *servant, enum order order)
{
	give(servant, order);
	await_done(servant);
}

/* Of an exec nobody says when it is done. */
static inline void await_exec(pid_t pid)
{
	char path[64], comm[16] = "";
	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	for (unsigned i = 0; strncmp(comm, "sleep\n", 6) != 0; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0 && i < 5000);
		assert_true(read(fd, comm, sizeof comm) > 0);
		close(fd);
		usleep(1000);
	}
	await_state(pid, 'S');
}

#endif
