/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Processes of known ways, for readers of the host to look at.
 */
#ifndef OOMSIGHT_TESTS_UNIT_CHILDREN_H
#define OOMSIGHT_TESTS_UNIT_CHILDREN_H

#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

/* Ends with us, whatever becomes of the test. */
static inline void be_child(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1);
}

static inline void idle_forever(void)
{
	for (;;)
		pause();
}

static inline void tell(int fd)
{
	if (write(fd, "x", 1) != 1)
		_exit(1);
}

static inline void *idle_thread(void *fd)
{
	tell((int)(intptr_t)fd);
	idle_forever();
	return NULL;
}

static inline void be_idle(int fd)
{
	tell(fd);
}

static inline void be_named(int fd)
{
	prctl(PR_SET_NAME, ") R 1 2 \n\x1b");
	tell(fd);
}

static inline void be_threaded(int fd)
{
	pthread_t thread;
	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, idle_thread, (void *)(intptr_t)fd);
	tell(fd);
}

static inline void be_zombie_leader(int fd)
{
	char *memory = mmap(NULL, 20 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;
	for (size_t i = 0; memory != MAP_FAILED && i < 20 * MIB; i += 4096)
		memory[i] = 1;
	pthread_create(&thread, NULL, idle_thread, (void *)(intptr_t)fd);
	/* The leader alone goes. */
	usleep(50000);
	syscall(SYS_exit, 0);
}

static inline void be_vfork_parent(int fd)
{
	if (vfork() == 0) {
		be_child();
		tell(fd);
		idle_forever();
	}
}

static inline int idle_clone(void *fd)
{
	be_child();
	tell((int)(intptr_t)fd);
	idle_forever();
	return 0;
}

static inline void be_sharer(int fd)
{
	static char stack[65536];
	clone(idle_clone, stack + sizeof stack, CLONE_VM | SIGCHLD, (void *)(intptr_t)fd);
	tell(fd);
}

struct child {
	pid_t pid;
	int said;
};

/* Start one; returns when it has said so many words. */
static inline struct child start(void (*be)(int), int words)
{
	int fds[2];
	char byte;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	struct child child = { fork(), fds[0] };
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		be_child();
		be(fds[1]);
		idle_forever();
	}
	close(fds[1]);
	for (int i = 0; i < words; i++)
		assert_int_equal(read(child.said, &byte, 1), 1);
	return child;
}

static inline void stop(struct child *child)
{
	kill(child->pid, SIGKILL);
	close(child->said);
	waitpid(child->pid, NULL, 0);
}

#endif
