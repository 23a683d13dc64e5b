/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pty.h"

static void become(const char *path, const char *const argv[], const int to[2], const int from[2])
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* Not in our process group: a ^C on the terminal is for us, who then end it. */
	setpgid(0, 0);
	if (dup2(to[0], 0) == 0 && dup2(from[1], 1) == 1)
		execv(path, (char *const *)argv);
	_exit(127);
}

/* Read lines until "ready". */
static int wait_ready(struct helper *helper, int timeout_ms)
{
	char text[256];
	size_t length = 0;
	int64_t deadline = pty_now_ms() + timeout_ms;
	while (length + 1 < sizeof(text)) {
		int64_t left = deadline - pty_now_ms();
		struct pollfd readable = { .fd = helper->output, .events = POLLIN };
		if (left <= 0 || poll(&readable, 1, (int)left) == 0)
			return -ETIMEDOUT;
		ssize_t n = read(helper->output, text + length, sizeof(text) - 1 - length);
		if (n == 0)
			return -EPROTO;
		if (n < 0 && errno != EINTR)
			return -errno;
		length += n > 0 ? (size_t)n : 0;
		text[length] = '\0';
		const char *child = strstr(text, "child ");
		const char *ready = strstr(text, "ready\n");
		if (ready == NULL)
			continue;
		helper->child = child != NULL && child < ready ? (pid_t)strtol(child + 6, NULL, 10) : 0;
		return 0;
	}
	return -EPROTO;
}

int helper_start(struct helper *helper, const char *const argv[], int timeout_ms)
{
	*helper = (struct helper){ .input = -1, .output = -1 };
	char path[4096];
	const char *builddir = getenv("builddir");
	snprintf(path, sizeof(path), "%s/tests/helpers/%s", builddir != NULL ? builddir : ".", argv[0]);

	int to[2], from[2];
	if (pipe2(to, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(from, O_CLOEXEC) < 0) {
		int error = errno;
		close(to[0]);
		close(to[1]);
		return -error;
	}
	pid_t pid = fork();
	if (pid == 0)
		become(path, argv, to, from);
	int r = pid < 0 ? -errno : 0;
	close(to[0]);
	close(from[1]);
	helper->input = to[1];
	helper->output = from[0];
	helper->pid = pid > 0 ? pid : 0;
	if (r == 0)
		r = wait_ready(helper, timeout_ms);
	if (r < 0)
		helper_stop(helper, 1000);
	return r;
}

bool helper_stop(struct helper *helper, int timeout_ms)
{
	if (helper->pid <= 0)
		return false;
	close(helper->input);
	struct pty waiter = { .pid = helper->pid, .master = -1 };
	bool by_itself = pty_wait_end(&waiter, timeout_ms);
	if (!by_itself) {
		kill(helper->pid, SIGKILL);
		pty_wait_end(&waiter, 10000);
	}
	helper->wait_status = waiter.wait_status;
	close(helper->output);
	helper->pid = 0;
	return by_itself;
}
