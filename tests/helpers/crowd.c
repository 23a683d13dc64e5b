/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * crowd N: N idle processes, all children of this one.
 *
 * Writes "ready" when they all run, stays until standard input ends or a signal
 * asks it to end (TERM, INT, HUP), then ends and reaps each by its pid. However
 * this one dies, they die with it. Exit status 1 if not all could be started.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void idle(pid_t parent, const sigset_t *mask)
{
	/* The parent may have died before we asked to be told. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	sigprocmask(SIG_UNBLOCK, mask, NULL);
	for (;;)
		pause();
}

static bool start(pid_t *pids, size_t wanted, size_t *ret_started, int signals, const sigset_t *mask)
{
	pid_t parent = getpid();
	for (size_t i = 0; i < wanted; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			idle(parent, mask);
		if (pids[i] < 0) {
			fprintf(stderr, "crowd: process %zu of %zu: %s\n", i + 1, wanted, strerror(errno));
			return false;
		}
		*ret_started = i + 1;
		struct pollfd asked = { .fd = signals, .events = POLLIN };
		if (poll(&asked, 1, 0) > 0)
			return false;
	}
	return true;
}

static void stay(int signals)
{
	struct pollfd sources[2] = { { .fd = signals, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	for (;;) {
		if (poll(sources, 2, -1) < 0 && errno != EINTR)
			return;
		char byte[64];
		if (sources[0].revents != 0 || (sources[1].revents != 0 && read(STDIN_FILENO, byte, sizeof(byte)) <= 0))
			return;
	}
}

int main(int argc, char **argv)
{
	char *end = NULL;
	long wanted = argc == 2 ? strtol(argv[1], &end, 10) : 0;
	if (argc != 2 || *end != '\0' || wanted < 1 || wanted > 4000000) {
		fputs("usage: crowd N\n", stderr);
		return 2;
	}
	pid_t *pids = calloc((size_t)wanted, sizeof(*pids));
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	int signals = signalfd(-1, &mask, SFD_CLOEXEC);
	if (pids == NULL || signals < 0) {
		perror("crowd");
		return 1;
	}
	size_t started = 0;
	bool all = start(pids, (size_t)wanted, &started, signals, &mask);
	if (all && write(STDOUT_FILENO, "ready\n", 6) == 6)
		stay(signals);
	for (size_t i = 0; i < started; i++)
		kill(pids[i], SIGKILL);
	for (size_t i = 0; i < started; i++)
		waitpid(pids[i], NULL, 0);
	free(pids);
	return all ? 0 : 1;
}
