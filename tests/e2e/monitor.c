/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* --- the world ---------------------------------------------------------------- */

int run(const char *const argv[])
{
	pid_t pid;
	int status;
	int error = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ);
	if (error != 0)
		return -error;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	if (world == NULL)
		return -1;
	snprintf(world->dir, sizeof(world->dir), "/tmp/oomsight-test-XXXXXX");
	if (mkdtemp(world->dir) == NULL) {
		free(world);
		return -1;
	}
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct world *world = *state;
	screen_free(world->screen);
	for (int i = 0; i < world->nhelpers; i++)
		helper_stop(&world->helpers[i], 2000);
	int r = run((const char *[]){ "rm", "-rf", world->dir, NULL });
	free(world);
	return r;
}

struct helper *world_helper(struct world *world, const char *const argv[])
{
	assert_true(world->nhelpers < WORLD_HELPERS);
	struct helper *helper = &world->helpers[world->nhelpers];
	assert_int_equal(helper_start(helper, argv, SCREEN_PATIENCE_MS), 0);
	world->nhelpers++;
	return helper;
}

void world_kill(struct helper *helper)
{
	assert_int_equal(kill(helper->pid, SIGKILL), 0);
	assert_true(helper_stop(helper, SCREEN_PATIENCE_MS));
}

char *world_path(const struct world *world, const char *name, char dst[WORLD_PATH])
{
	snprintf(dst, WORLD_PATH, "%s/%s", world->dir, name);
	return dst;
}

char *world_fake_root(const struct world *world, char dst[WORLD_PATH])
{
	char from[WORLD_PATH];
	const char *srcdir = getenv("srcdir");
	snprintf(from, sizeof(from), "%s/tests/fixtures/small-host", srcdir != NULL ? srcdir : ".");
	world_path(world, "host", dst);
	assert_int_equal(run((const char *[]){ "cp", "-R", from, dst, NULL }), 0);
	assert_int_equal(run((const char *[]){ "chmod", "-R", "u+w", dst, NULL }), 0);
	return dst;
}

/* --- the program ---------------------------------------------------------------- */

const char *monitor_program(void)
{
	static char path[WORLD_PATH];
	const char *builddir = getenv("builddir");
	char *real = realpath(builddir != NULL ? builddir : ".", NULL);
	snprintf(path, sizeof(path), "%s/oomsight", real != NULL ? real : ".");
	free(real);
	return path;
}

void monitor_start(struct world *world, const struct pty_options *options, const char *const args[])
{
	const char *argv[32] = { monitor_program() };
	for (int i = 0; args[i] != NULL; i++) {
		assert_true(i + 2 < (int)COUNT_OF(argv));
		argv[i + 1] = args[i];
	}
	struct pty_options used = options != NULL ? *options : (struct pty_options){ 0 };
	used.home = used.home != NULL ? used.home : world->dir;
	used.working_dir = world->dir;
	screen_free(world->screen);
	world->screen = screen_new(&used, argv);
	assert_non_null(world->screen);
	expect_screen(world->screen, "COMMAND");
}

char *monitor_capture(const struct world *world, const struct pty_options *options, const char *const argv[],
		      size_t *ret_length, int *ret_status)
{
	enum { CAPTURE_MAX = 1 << 20 };
	struct pty_options used = options != NULL ? *options : (struct pty_options){ 0 };
	used.home = used.home != NULL ? used.home : world->dir;
	used.working_dir = world->dir;
	struct pty pty;
	char *bytes = malloc(CAPTURE_MAX);
	assert_non_null(bytes);
	assert_int_equal(pty_start(&pty, &used, argv), 0);
	int64_t deadline = pty_now_ms() + SCREEN_PATIENCE_MS;
	size_t length = 0;
	while (pty_now_ms() < deadline) {
		ssize_t n = pty_read(&pty, bytes + length, CAPTURE_MAX - 1 - length, 100);
		if (n < 0)
			break;
		length += (size_t)n;
	}
	bool ended = pty_wait_end(&pty, SCREEN_PATIENCE_MS);
	pty_done(&pty);
	assert_true(ended);
	bytes[length] = '\0';
	*ret_length = length;
	*ret_status = pty.wait_status;
	return bytes;
}

void monitor_quit(struct world *world)
{
	screen_keys(world->screen, "q", NULL);
	expect_on_screen(world->screen, screen_wait_end(world->screen, SCREEN_PATIENCE_MS));
	assert_int_equal(screen_pty(world->screen)->wait_status, 0);
	expect_on_screen(world->screen, screen_is_restored(world->screen));
}

/* --- the table -------------------------------------------------------------------- */

static bool parse_row(struct screen *screen, int at, struct table_row *ret_row)
{
	const char *line = screen_row(screen, at);
	int used = 0;
	if (strlen(line) < 3)
		return false;
	*ret_row = (struct table_row){ .screen_row = at, .cursor = line[0] == '>', .sign = line[1] };
	int n = sscanf(line + 2, " %15s %d %15s %d %n", ret_row->rank, &ret_row->pid, ret_row->points, &ret_row->adj,
		       &used);
	if (n < 2)
		return false;
	snprintf(ret_row->command, sizeof(ret_row->command), "%.63s", n == 4 ? line + 2 + used : "");
	return true;
}

/* A dialog may cover the table's lower part: its rows have no rank and pid. */
static int table_read(struct screen *screen, struct table_row *rows, int max)
{
	int height, width, n = 0;
	screen_size(screen, &height, &width);
	int head = screen_find(screen, " PID ", 0, NULL);
	for (int at = head + 1; head >= 0 && at < height - 1 && n < max; at++) {
		if (!parse_row(screen, at, &rows[n]))
			break;
		n++;
	}
	return n;
}

bool table_find(struct screen *screen, pid_t pid, struct table_row *ret_row)
{
	struct table_row rows[100];
	int n = table_read(screen, rows, (int)COUNT_OF(rows));
	for (int i = 0; i < n; i++) {
		if (rows[i].pid == pid) {
			*ret_row = rows[i];
			return true;
		}
	}
	return false;
}

int table_pids(struct screen *screen, int *ret_pids, int max)
{
	struct table_row rows[100];
	int n = table_read(screen, rows, max < (int)COUNT_OF(rows) ? max : (int)COUNT_OF(rows));
	for (int i = 0; i < n; i++)
		ret_pids[i] = rows[i].pid;
	return n;
}

/* --- waits ------------------------------------------------------------------------- */

static bool begins_with(struct screen *screen, void *context)
{
	const int *wanted = context;
	int pids[100];
	int n = table_pids(screen, pids, (int)COUNT_OF(pids));
	for (int i = 0; wanted[i] != 0; i++) {
		if (i >= n || pids[i] != wanted[i])
			return false;
	}
	return true;
}

#define EXPECT(screen, holds, context) \
	expect_on_screen(screen, screen_wait_for(screen, holds, context, SCREEN_PATIENCE_MS))

void expect_pids(struct screen *screen, const int *pids)
{
	EXPECT(screen, begins_with, (void *)(intptr_t)pids);
}

struct two {
	int a, b;
};

static bool stands_above(struct screen *screen, void *context)
{
	const struct two *two = context;
	struct table_row above, below;
	return table_find(screen, two->a, &above) && table_find(screen, two->b, &below) &&
	       above.screen_row < below.screen_row;
}

void expect_above(struct screen *screen, pid_t above, pid_t below)
{
	struct two two = { above, below };
	EXPECT(screen, stands_above, &two);
}

static bool shows_adj(struct screen *screen, void *context)
{
	const struct two *two = context;
	struct table_row row;
	return table_find(screen, two->a, &row) && row.adj == two->b;
}

void expect_adj_shown(struct screen *screen, pid_t pid, int adj)
{
	struct two two = { pid, adj };
	EXPECT(screen, shows_adj, &two);
}

static bool has_cursor(struct screen *screen, void *context)
{
	struct table_row row;
	return table_find(screen, *(const int *)context, &row) && row.cursor;
}

void expect_cursor_on(struct screen *screen, pid_t pid)
{
	int wanted = pid;
	EXPECT(screen, has_cursor, &wanted);
}

static bool has_no_row(struct screen *screen, void *context)
{
	struct table_row row;
	return !table_find(screen, *(const int *)context, &row);
}

void expect_no_row(struct screen *screen, pid_t pid)
{
	int unwanted = pid;
	EXPECT(screen, has_no_row, &unwanted);
}

/* --- the kernel's side --------------------------------------------------------------- */

static int open_adj(pid_t pid, int flags)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	return open(path, flags | O_CLOEXEC);
}

int adj_of(pid_t pid)
{
	char bytes[32] = "";
	int fd = open_adj(pid, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);
	if (fd >= 0)
		close(fd);
	return n <= 0 ? INT_MIN : (int)strtol(bytes, NULL, 10);
}

static bool write_adj(pid_t pid, int adj)
{
	char bytes[32];
	int length = snprintf(bytes, sizeof(bytes), "%d", adj);
	int fd = open_adj(pid, O_WRONLY);
	bool done = fd >= 0 && write(fd, bytes, (size_t)length) == length;
	if (fd >= 0)
		close(fd);
	return done;
}

void set_adj(pid_t pid, int adj)
{
	assert_true(write_adj(pid, adj));
}

bool kernel_allows_adj(int adj)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(write_adj(getpid(), adj) ? 0 : 1);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

char *file_text(const char *path, char *dst, size_t size)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		fail_msg("%s: %s", path, strerror(errno));
		return dst; /* not reached, which only cmocka knows */
	}
	size_t n = fread(dst, 1, size - 1, file);
	fclose(file);
	while (n > 0 && dst[n - 1] == '\n')
		n--;
	dst[n] = '\0';
	return dst;
}
