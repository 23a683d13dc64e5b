/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program on a pseudo-terminal: its bytes, its window size, its line
 * settings, its end. What the bytes look like on a screen is screen.h's.
 *
 * Nothing here sleeps for a fixed time: every wait has a deadline and ends as
 * soon as what it waits for has come.
 */
#ifndef OOMSIGHT_TESTS_PTY_H
#define OOMSIGHT_TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

struct pty_options {
	const char *term;        /* TERM; NULL: xterm-256color */
	const char *locale;      /* LC_ALL; NULL: C.UTF-8 */
	int rows, cols;          /* 0: 24 and 80 */
	const char *home;        /* HOME; NULL: / */
	const char *const *env;  /* more "NAME=value", ending in NULL; NULL: none */
	const char *working_dir; /* NULL: as ours */
};

struct pty {
	pid_t pid;  /* also the session and the process group */
	int master; /* -1 once hung up */
	uint64_t bytes; /* received so far */
	bool ended;
	int wait_status; /* as from waitpid, once ended */
	struct termios before;
};

/* Monotonic clock, for deadlines. */
int64_t pty_now_ms(void);

/* Start argv (found in PATH) as the leader of a session of its own with the
 * terminal for its three streams. The environment is PATH, TERM, LC_ALL, HOME,
 * what sanitizers want, and options->env; nothing else of ours. Signals are at
 * their defaults and none is blocked. The program is killed if we die.
 * options may be NULL. Returns 0 or -errno (of exec as well). */
int pty_start(struct pty *pty, const struct pty_options *options, const char *const argv[]);

/* End it whatever it does (SIGKILL), reap it, free what we hold. Safe to call
 * twice, and on a zeroed struct. */
void pty_done(struct pty *pty);

/* Read what is there, waiting at most timeout_ms for the first byte.
 * Returns the bytes read; 0 when none came in time; -EIO when the program's
 * side is closed; another -errno. */
ssize_t pty_read(struct pty *pty, char *dst, size_t size, int timeout_ms);

/* Type these bytes. Returns 0 or -errno (-EAGAIN: the program does not read). */
int pty_write(struct pty *pty, const void *bytes, size_t length);

/* Another window size; the kernel sends SIGWINCH. Returns 0 or -errno. */
int pty_resize(struct pty *pty, int rows, int cols);

/* Close our side, as a broken connection does: the program gets SIGHUP. */
void pty_hangup(struct pty *pty);

/* True once the program has ended (and wait_status is set); waits up to
 * timeout_ms. Does not read: a program that still writes may need pty_read. */
bool pty_wait_end(struct pty *pty, int timeout_ms);

/* Are the line settings as before the program started? */
bool pty_is_restored(const struct pty *pty);

#endif
