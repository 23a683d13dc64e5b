/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * top's file format changes with its releases, so its configuration is not
 * written here: top itself is driven through its field screen and told to
 * save, and what it then shows is looked at. Plain top and htop have an empty
 * home: their defaults.
 */
#include "peers.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../e2e/screen.h"

#define KEY_MS 30
#define START_MS 15000

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *level)
{
	(void)status;
	(void)kind;
	(void)level;
	return remove(path);
}

void peers_done(struct peers *peers)
{
	if (peers->home[0] != '\0')
		nftw(peers->home, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	peers->home[0] = '\0';
}

static void press(struct screen *screen, const char *key, int times)
{
	/* top reads one key and drops what was typed ahead. */
	for (int i = 0; i < times; i++) {
		screen_keys(screen, key, NULL);
		screen_settle(screen, KEY_MS, 1000);
	}
}

/* On the field screen, with the cursor on *row: go to a field, move it before
 * COMMAND if asked to, and toggle it. True when its mark changed as wanted. */
static bool field_set(struct screen *screen, int *row, const char *name, bool shown)
{
	char line[32];
	snprintf(line, sizeof(line), "%s = ", name);
	int at = screen_find(screen, line, 4, NULL);
	int command = screen_find(screen, "COMMAND  = ", 4, NULL);
	if (at < 0 || command < 0)
		return false;
	press(screen, at > *row ? "Down" : "Up", abs(at - *row));
	if (shown && at > command) {
		press(screen, "Right", 1);
		press(screen, "Up", at - command);
		press(screen, "Left", 1);
		at = command;
	}
	press(screen, "d", 1);
	*row = at;
	return (screen_row(screen, at)[0] == '*') == shown && strstr(screen_row(screen, at), line) != NULL;
}

/* Leaves a configuration in home. Returns NULL or what went wrong. */
static const char *configure_top(const char *home)
{
	static const char *const add[] = { "SWAP    ", "OOMs    ", "OOMa    " };
	static const char *const leave_out[] = { "PR      ", "NI      ", "TIME+   " }; /* for 80 columns */
	const struct pty_options options = { .rows = 120, .cols = 120, .home = home };
	struct screen *screen = screen_new(&options, (const char *[]){ "top", NULL });
	if (screen == NULL)
		return "cannot be started";
	const char *fault = "has no field screen as expected";
	if (screen_wait(screen, "PID USER", START_MS) && screen_keys(screen, "f", NULL) == 0 &&
	    screen_wait(screen, "Fields Management", START_MS)) {
		fault = "does not take the fields SWAP, OOMs, OOMa";
		bool good = true;
		int row = screen_find(screen, "PID      = ", 0, NULL);
		press(screen, "Home", 1);
		for (size_t i = 0; good && i < sizeof(add) / sizeof(add[0]); i++)
			good = field_set(screen, &row, add[i], true);
		for (size_t i = 0; good && i < sizeof(leave_out) / sizeof(leave_out[0]); i++)
			good = field_set(screen, &row, leave_out[i], false);
		screen_keys(screen, "q", NULL);
		if (good && screen_wait(screen, "PID USER", START_MS) && screen_keys(screen, "W", NULL) == 0)
			fault = screen_wait(screen, "Wrote configuration", START_MS) ? NULL : "does not save its fields";
	}
	screen_keys(screen, "q", NULL);
	screen_wait_end(screen, START_MS);
	screen_free(screen);
	return fault;
}

/* Do the columns really stand on the screen, as narrow as we use it? */
static const char *check_top(const char *home)
{
	static const char *const columns[] = { "VIRT", "RES", "SHR", "SWAP", "OOMs", "OOMa", "COMMAND" };
	const struct pty_options options = { .rows = 24, .cols = 80, .home = home };
	struct screen *screen = screen_new(&options, (const char *[]){ "top", "-d", "1", NULL });
	if (screen == NULL)
		return "cannot be started";
	const char *fault = "does not show its columns";
	if (screen_wait(screen, "PID USER", START_MS)) {
		const char *header = screen_row(screen, screen_find(screen, "PID USER", 0, NULL));
		fault = NULL;
		for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
			if (strstr(header, columns[i]) == NULL)
				fault = "does not show VIRT RES SHR SWAP OOMs OOMa at 80 columns";
		}
	}
	if (fault != NULL)
		screen_print(screen, stderr);
	screen_free(screen);
	return fault;
}

static void try(struct peer *peer)
{
	if (peer->why_not[0] != '\0')
		return;
	const struct pty_options options = { .rows = 40, .cols = 120, .home = peer->home };
	struct screen *screen = screen_new(&options, peer->argv);
	if (screen == NULL) {
		snprintf(peer->why_not, sizeof(peer->why_not), "%s: %s", peer->argv[0], strerror(errno));
		return;
	}
	peer->present = screen_wait(screen, peer->ready, START_MS);
	if (!peer->present) {
		snprintf(peer->why_not, sizeof(peer->why_not), "%s no screen with '%s'",
			 screen_wait_end(screen, 0) ? "it ended and showed" : "it showed", peer->ready);
	}
	screen_free(screen);
}

static int make_home(char *dst, size_t size, const char *parent, const char *name)
{
	snprintf(dst, size, "%s/%s", parent, name);
	return mkdir(dst, 0700) < 0 ? -errno : 0;
}

int peers_init(struct peers *peers, const char *program, const char *source, const char *static_program)
{
	*peers = (struct peers){ .home = "/tmp/oomsight-bench-XXXXXX" };
	if (mkdtemp(peers->home) == NULL) {
		peers->home[0] = '\0';
		return -errno;
	}
	int r = make_home(peers->oom_home, sizeof(peers->oom_home), peers->home, "oom");
	if (r == 0)
		r = make_home(peers->plain_home, sizeof(peers->plain_home), peers->home, "plain");
	if (r < 0) {
		peers_done(peers);
		return r;
	}
	peers->peer[0] = (struct peer){
		.name = "oomsight", .argv = { program, "--source", source, "-d", "1" },
		.home = peers->plain_home, .ready = "PID", .may_be_silent = true,
	};
	peers->peer[1] = (struct peer){ .name = "top+oom", .argv = { "top", "-d", "1" }, .home = peers->oom_home, .ready = "OOMa" };
	peers->peer[2] = (struct peer){ .name = "top", .argv = { "top", "-d", "1" }, .home = peers->plain_home, .ready = "PID USER" };
	peers->peer[3] = (struct peer){ .name = "htop", .argv = { "htop", "-d", "10" }, .home = peers->plain_home, .ready = "PID USER" };
	peers->peer[4] = (struct peer){
		.name = "by proc", .argv = { program, "--source", "proc", "-d", "1" },
		.home = peers->plain_home, .ready = "PID", .may_be_silent = true,
	};
	peers->peer[5] = (struct peer){
		.name = "static", .argv = { static_program, "--source", source, "-d", "1" },
		.home = peers->plain_home, .ready = "PID", .may_be_silent = true,
	};
	if (static_program == NULL)
		snprintf(peers->peer[5].why_not, sizeof(peers->peer[5].why_not), "by make bench-static alone");
	const char *fault = configure_top(peers->oom_home);
	if (fault == NULL)
		fault = check_top(peers->oom_home);
	if (fault != NULL)
		snprintf(peers->peer[1].why_not, sizeof(peers->peer[1].why_not), "top %s", fault);
	for (size_t i = 0; i < PEERS; i++)
		try(&peers->peer[i]);
	return 0;
}
