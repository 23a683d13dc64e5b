/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ENV 32

int64_t pty_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "NAME=value" into the list; a NULL value is left out. Memory is the caller's
 * to free with env_free. */
static int env_add(char **env, size_t *count, const char *name, const char *value)
{
	if (value == NULL)
		return 0;
	if (*count + 1 >= MAX_ENV)
		return -E2BIG;
	if (asprintf(&env[*count], "%s=%s", name, value) < 0) {
		env[*count] = NULL;
		return -ENOMEM;
	}
	env[++*count] = NULL;
	return 0;
}

static void env_free(char **env)
{
	for (size_t i = 0; env[i] != NULL; i++)
		free(env[i]);
}

static int env_build(char **env, const struct pty_options *options)
{
	static const char *const kept[] = { "PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
					    "LD_LIBRARY_PATH", "TERMINFO", "TERMINFO_DIRS" };
	size_t count = 0;
	env[0] = NULL;
	int r = env_add(env, &count, "TERM", options->term != NULL ? options->term : "xterm-256color");
	if (r == 0)
		r = env_add(env, &count, "LC_ALL", options->locale != NULL ? options->locale : "C.UTF-8");
	if (r == 0)
		r = env_add(env, &count, "HOME", options->home != NULL ? options->home : "/");
	for (size_t i = 0; r == 0 && i < sizeof(kept) / sizeof(kept[0]); i++)
		r = env_add(env, &count, kept[i], getenv(kept[i]));
	for (size_t i = 0; r == 0 && options->env != NULL && options->env[i] != NULL; i++) {
		if (count + 1 >= MAX_ENV)
			return -E2BIG;
		env[count] = strdup(options->env[i]);
		if (env[count] == NULL)
			return -ENOMEM;
		env[++count] = NULL;
	}
	return r;
}

/* In the child; never returns. report carries errno if exec fails, and closes
 * by itself if it does not. */
static void become(const char *slave_name, const struct pty_options *options, const char *const argv[],
		   char **env, int report)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &plain, NULL); /* refused for KILL and STOP, which is fine */
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);

	/* The first terminal a session leader opens becomes its own. */
	int slave = setsid() < 0 ? -1 : open(slave_name, O_RDWR);
	if (slave >= 0 && dup2(slave, 0) == 0 && dup2(slave, 1) == 1 && dup2(slave, 2) == 2 &&
	    (options->working_dir == NULL || chdir(options->working_dir) == 0)) {
		if (slave > 2)
			close(slave);
		execvpe(argv[0], (char *const *)argv, env);
	}
	int error = errno;
	if (write(report, &error, sizeof(error)) != (ssize_t)sizeof(error))
		_exit(126);
	_exit(127);
}

static int start_child(struct pty *pty, const char *slave_name, const struct pty_options *options,
		       const char *const argv[])
{
	char *env[MAX_ENV];
	int r = env_build(env, options);
	if (r < 0) {
		env_free(env);
		return r;
	}
	int report[2];
	if (pipe2(report, O_CLOEXEC) < 0) {
		env_free(env);
		return -errno;
	}
	pid_t pid = fork();
	if (pid == 0)
		become(slave_name, options, argv, env, report[1]);
	int error = pid < 0 ? errno : 0;
	close(report[1]);
	env_free(env);
	if (pid > 0) {
		ssize_t n;
		do
			n = read(report[0], &error, sizeof(error));
		while (n < 0 && errno == EINTR);
		if (n != (ssize_t)sizeof(error))
			error = 0;
		if (error != 0)
			waitpid(pid, NULL, 0);
		else
			pty->pid = pid;
	}
	close(report[0]);
	return -error;
}

int pty_start(struct pty *pty, const struct pty_options *options, const char *const argv[])
{
	static const struct pty_options plain = { 0 };
	if (options == NULL)
		options = &plain;
	*pty = (struct pty){ .master = -1 };

	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (master < 0)
		return -errno;
	char slave_name[64];
	int r = 0;
	if (grantpt(master) < 0 || unlockpt(master) < 0)
		r = -errno;
	else
		r = -ptsname_r(master, slave_name, sizeof(slave_name));
	if (r == 0) {
		pty->master = master;
		r = pty_resize(pty, options->rows > 0 ? options->rows : 24, options->cols > 0 ? options->cols : 80);
	}
	/* The two sides share one set of line settings on Linux. */
	if (r == 0 && tcgetattr(master, &pty->before) < 0)
		r = -errno;
	if (r == 0)
		r = start_child(pty, slave_name, options, argv);
	if (r < 0) {
		close(master);
		pty->master = -1;
	}
	return r;
}

void pty_done(struct pty *pty)
{
	if (pty->pid > 0 && !pty->ended) {
		kill(pty->pid, SIGKILL);
		pid_t reaped;
		do
			reaped = waitpid(pty->pid, &pty->wait_status, 0);
		while (reaped < 0 && errno == EINTR);
		pty->ended = true;
	}
	if (pty->pid > 0)
		pty_hangup(pty);
	pty->pid = 0;
}

ssize_t pty_read(struct pty *pty, char *dst, size_t size, int timeout_ms)
{
	if (pty->master < 0)
		return -EIO;
	int64_t deadline = pty_now_ms() + timeout_ms;
	for (;;) {
		ssize_t n = read(pty->master, dst, size);
		if (n > 0) {
			pty->bytes += (uint64_t)n;
			return n;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		int64_t left = deadline - pty_now_ms();
		if (left <= 0)
			return 0;
		struct pollfd ready = { .fd = pty->master, .events = POLLIN };
		if (poll(&ready, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

int pty_write(struct pty *pty, const void *bytes, size_t length)
{
	const char *from = bytes;
	int64_t deadline = pty_now_ms() + 2000;
	while (length > 0) {
		ssize_t n = pty->master < 0 ? (errno = EIO, -1) : write(pty->master, from, length);
		if (n > 0) {
			from += n;
			length -= (size_t)n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (pty_now_ms() >= deadline)
			return -EAGAIN;
		struct pollfd ready = { .fd = pty->master, .events = POLLOUT };
		poll(&ready, 1, 50);
	}
	return 0;
}

int pty_resize(struct pty *pty, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	return ioctl(pty->master, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

void pty_hangup(struct pty *pty)
{
	if (pty->master >= 0)
		close(pty->master);
	pty->master = -1;
}

bool pty_wait_end(struct pty *pty, int timeout_ms)
{
	int64_t deadline = pty_now_ms() + timeout_ms;
	while (!pty->ended) {
		pid_t reaped = waitpid(pty->pid, &pty->wait_status, WNOHANG);
		if (reaped == pty->pid) {
			pty->ended = true;
		} else if (pty_now_ms() >= deadline) {
			return false;
		} else {
			/* No portable wait for a child with a time limit: look often. */
			struct timespec nap = { .tv_nsec = 2000000 };
			nanosleep(&nap, NULL);
		}
	}
	return true;
}

bool pty_is_restored(const struct pty *pty)
{
	struct termios now;
	if (pty->master < 0 || tcgetattr(pty->master, &now) < 0)
		return false;
	return now.c_iflag == pty->before.c_iflag && now.c_oflag == pty->before.c_oflag &&
	       now.c_cflag == pty->before.c_cflag && now.c_lflag == pty->before.c_lflag &&
	       memcmp(now.c_cc, pty->before.c_cc, sizeof(now.c_cc)) == 0;
}
