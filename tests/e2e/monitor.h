/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor under test: the program on an emulated terminal, processes of
 * known behaviour for it to see, a scratch directory; and its table as values.
 *
 * Each test has a world of its own, which its teardown ends however the test
 * went: nothing outlives it, neither a process nor a file.
 */
#ifndef OOMSIGHT_TESTS_MONITOR_H
#define OOMSIGHT_TESTS_MONITOR_H

#include "../unit/unit.h"

#include <sys/types.h>

#include "helper.h"
#include "screen.h"

#define WORLD_HELPERS 10
#define WORLD_PATH 512

struct world {
	char dir[64]; /* scratch; also the program's HOME and working directory */
	struct screen *screen;
	struct helper helpers[WORLD_HELPERS];
	int nhelpers;
};

/* For cmocka_unit_test_setup_teardown; *state becomes the struct world. */
int world_setup(void **state);
int world_teardown(void **state);
#define world_test(function) cmocka_unit_test_setup_teardown(function, world_setup, world_teardown)

/* Start a helper (tests/helpers), name and arguments ending in NULL. Valid until the teardown. */
struct helper *world_helper(struct world *world, const char *const argv[]);
/* SIGKILL it and collect it: afterwards its pid names nobody. */
void world_kill(struct helper *helper);
/* The path of a file in the scratch directory, into dst. Returns dst. */
char *world_path(const struct world *world, const char *name, char dst[WORLD_PATH]);
/* A writable copy of tests/fixtures/small-host; its path into dst. Returns dst. */
char *world_fake_root(const struct world *world, char dst[WORLD_PATH]);

/* The program's path. */
const char *monitor_program(void);
/* Start it on a screen (world->screen) with these arguments, ending in NULL, and wait for its
 * table. options may be NULL; home and working directory are set here. */
void monitor_start(struct world *world, const struct pty_options *options, const char *const args[]);
#define START(world, ...) monitor_start(world, NULL, (const char *[]){ __VA_ARGS__, NULL })
/* Run argv on a terminal without keys until it ends, and keep all it writes, as it is, followed by
 * a NUL. *ret_status: as from waitpid. Free it. */
char *monitor_capture(const struct world *world, const struct pty_options *options, const char *const argv[],
		      size_t *ret_length, int *ret_status);
/* Leave it with q: status 0, the terminal as it was. */
void monitor_quit(struct world *world);

/* Columns that make a row readable for table_find: --columns TABLE_COLUMNS. */
#define TABLE_COLUMNS "rank,pid,points,oom_score_adj,command"

struct table_row {
	int screen_row;
	bool cursor;
	char sign; /* '!' next victim, '#' protected, … */
	char rank[16];
	int pid;
	char points[16];
	int adj;
	char command[64];
};

/* The row of a process, or false when the table does not show it now. */
bool table_find(struct screen *screen, pid_t pid, struct table_row *ret_row);
/* Pids from the table's top on; works with any columns that begin with rank,pid. */
int table_pids(struct screen *screen, int *ret_pids, int max);

/* Wait until the table's first rows are those of these pids (ending in 0), or fail. */
void expect_pids(struct screen *screen, const int *pids);
#define EXPECT_PIDS(screen, ...) expect_pids(screen, (const int[]){ __VA_ARGS__, 0 })
/* … until `above` stands above `below`. */
void expect_above(struct screen *screen, pid_t above, pid_t below);
/* … until the row of pid shows this adj. */
void expect_adj_shown(struct screen *screen, pid_t pid, int adj);
/* … until the cursor is on the row of pid. */
void expect_cursor_on(struct screen *screen, pid_t pid);
/* … until no row is pid's. */
void expect_no_row(struct screen *screen, pid_t pid);

/* What the kernel says, or INT_MIN when the process is gone. */
int adj_of(pid_t pid);
void set_adj(pid_t pid, int adj);
/* May a child of ours set this adj for itself? The kernel alone knows its floor. */
bool kernel_allows_adj(int adj);

/* A whole small text file, without newlines at its end; fails when there is none. */
char *file_text(const char *path, char *dst, size_t size);

/* Run a program and wait. Returns its exit status, 128 + signal, or -errno. */
int run(const char *const argv[]);

#endif
