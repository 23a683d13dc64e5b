/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Following a log that grows, below a root of the test's own: a fifo behaves as
 * dev/kmsg does (one read, what is there; then EAGAIN). malloc is wrapped in the
 * program itself, to count and to fail.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oomsight/klog/follow.h"

#define HEADER "4,10,1000000,-;java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
#define KILL(pid) "3,11,1000200,-;Out of memory: Killed process " pid " (java) total-vm:100kB, anon-rss:80kB, file-rss:0kB, " \
		  "shmem-rss:0kB, UID:0 pgtables:68kB oom_score_adj:0\n"
#define OTHER "6,12,1000300,-;eth0: link is up\n SUBSYSTEM=net\n"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *old);

static unsigned allocations;
static size_t taken; /* bytes */
static bool is_memory_out;

static void *note_taken(void *bytes)
{
	allocations++;
	taken += malloc_usable_size(bytes);
	return bytes;
}

void *__wrap_malloc(size_t size)
{
	return is_memory_out ? NULL : note_taken(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_memory_out ? NULL : note_taken(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	if (is_memory_out)
		return NULL;
	taken -= malloc_usable_size(old);
	return note_taken(__real_realloc(old, size));
}

void __wrap_free(void *old)
{
	taken -= malloc_usable_size(old);
	__real_free(old);
}

struct fixture {
	char dir[64];
	struct root root;
	struct follower *follower;
	int writer;
	uint32_t n, rows;
	int64_t pids[8];
	char comm[16], group[128];
	int64_t realtime_ns;
};

static void note(struct klog_report *report, void *context)
{
	struct fixture *f = context;
	if (f->n < 8)
		f->pids[f->n] = report->nkills > 0 ? report->kills[0].task.pid.value : 0;
	if (report->nkills > 0)
		text_copy(klog_text(report, report->kills[0].task.comm), f->comm, sizeof f->comm);
	text_copy(klog_text(report, report->oom_memcg), f->group, sizeof f->group);
	f->rows = report->ntasks;
	f->realtime_ns = report->time.realtime_ns.value;
	f->n++;
}

static void fixture_path(const struct fixture *f, const char *name, char dst[128])
{
	snprintf(dst, 128, "%s/%s", f->dir, name);
}

static void begin(struct fixture *f)
{
	struct diag diag;
	char path[128];
	*f = (struct fixture){ .dir = "/tmp/follow-XXXXXX", .writer = -1 };
	assert_non_null(mkdtemp(f->dir));
	fixture_path(f, "proc", path);
	assert_int_equal(mkdir(path, 0700), 0);
	fixture_path(f, "dev", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(root_open(&f->root, f->dir, &diag), 0);
}

static void begin_fifo(struct fixture *f)
{
	struct diag diag;
	char path[128];
	begin(f);
	fixture_path(f, "dev/kmsg", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	f->follower = follower_new(&f->root, 5000000000, NULL, note, f, &diag);
	assert_non_null(f->follower);
	f->writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(f->writer >= 0);
}

static void end(struct fixture *f)
{
	static const char *const names[] = { "dev/kmsg", "dev", "proc", "" };
	follower_free(f->follower);
	if (f->writer >= 0)
		close(f->writer);
	root_close(&f->root);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[128];
		fixture_path(f, names[i], path);
		remove(path);
	}
}

static void say(const struct fixture *f, const char *str)
{
	assert_int_equal(write(f->writer, str, strlen(str)), strlen(str));
}

static void a_report_is_delivered_when_its_lines_rest(void **state)
{
	(void)state;
	struct fixture f;
	uint64_t due = 0;
	begin_fifo(&f);
	assert_int_equal(follower_read(f.follower, 1000), 0);
	assert_false(follower_is_open(f.follower, &due));
	say(&f, HEADER);
	assert_int_equal(follower_read(f.follower, 2000), 0);
	assert_true(follower_is_open(f.follower, &due));
	assert_int_equal(due, 2000 + FOLLOW_REST_NS);
	say(&f, KILL("1804"));
	assert_int_equal(follower_read(f.follower, 2000 + FOLLOW_REST_NS - 1), 0);
	assert_int_equal(f.n, 0);
	assert_true(follower_is_open(f.follower, &due));
	assert_int_equal(follower_read(f.follower, due - 1), 0);
	assert_int_equal(f.n, 0);
	assert_int_equal(follower_read(f.follower, due), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.pids[0], 1804);
	assert_int_equal(f.realtime_ns, 6000000000);
	assert_false(follower_is_open(f.follower, &due));
	end(&f);
}

static void other_lines_do_not_keep_a_report_back(void **state)
{
	(void)state;
	struct fixture f;
	begin_fifo(&f);
	say(&f, HEADER KILL("7") OTHER);
	assert_int_equal(follower_read(f.follower, 0), 0);
	for (uint64_t now = 10000000; now <= FOLLOW_REST_NS + 10000000; now += 10000000) {
		say(&f, OTHER);
		assert_int_equal(follower_read(f.follower, now), 0);
	}
	assert_int_equal(f.n, 1);
	end(&f);
}

static void two_reports_in_a_row_are_two(void **state)
{
	(void)state;
	struct fixture f;
	begin_fifo(&f);
	say(&f, HEADER KILL("7") HEADER KILL("8"));
	assert_int_equal(follower_read(f.follower, 0), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(follower_read(f.follower, FOLLOW_REST_NS), 0);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.pids[0], 7);
	assert_int_equal(f.pids[1], 8);
	end(&f);
}

static void a_steady_log_allocates_nothing(void **state)
{
	(void)state;
	struct fixture f;
	begin_fifo(&f);
	say(&f, OTHER);
	assert_int_equal(follower_read(f.follower, 0), 0);
	unsigned before = allocations;
	for (uint64_t i = 1; i < 10000; i++) {
		say(&f, OTHER);
		assert_int_equal(follower_read(f.follower, i), 0);
	}
	assert_int_equal(allocations, before);
	end(&f);
}

/* A report with a table, record by record; reads are at one instant. There is memory for
 * so many rows. */
static void say_table(struct fixture *f, unsigned rows, unsigned with_memory)
{
	static const char *const head[] = {
		HEADER, "4,13,1000000,-;Mem-Info:\n",
		"4,14,1000000,-;[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name\n",
	};
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		say(f, head[i]);
	for (unsigned i = 0; i < rows; i++) {
		char row[256];
		is_memory_out = i >= with_memory;
		snprintf(row, sizeof row, "6,15,1000001,-;[%7u]  1000 %7u   123456    65432    65000      432         0   540672        0             "
			 "0 name-%08u\n", i + 2, i + 2, i);
		say(f, row);
		assert_int_equal(follower_read(f->follower, 0), 0);
	}
	say(f, "6,16,1000002,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/box.slice/a,"
	       "task_memcg=/box.slice/a/b,task=java,pid=1804,uid=0\n");
	say(f, KILL("1804"));
	assert_int_equal(follower_read(f->follower, 0), 0);
	assert_int_equal(follower_read(f->follower, FOLLOW_REST_NS), 0);
	is_memory_out = false;
}

static void the_memory_of_a_report_is_given_back(void **state)
{
	(void)state;
	struct fixture f;
	size_t none = taken;
	begin_fifo(&f);
	assert_int_equal(follower_keep_little(f.follower), 0);
	size_t before = taken;
	assert_true(before - none < 25 << 10);
	say_table(&f, 3000, 3000);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.rows, 3000);
	assert_int_equal(taken, before);
	end(&f);
	assert_int_equal(taken, none);
}

static void without_memory_a_report_still_names_its_victim(void **state)
{
	(void)state;
	static const unsigned with_memory[] = { 0, 20 }; /* the table's grows first */
	for (size_t i = 0; i < 2; i++) {
		struct fixture f;
		begin_fifo(&f);
		assert_int_equal(follower_keep_little(f.follower), 0);
		say_table(&f, 3000, with_memory[i]);
		assert_int_equal(f.n, 1);
		assert_int_equal(f.pids[0], 1804);
		assert_string_equal(f.comm, "java");
		assert_string_equal(f.group, "/box.slice/a");
		assert_true(f.rows > with_memory[i] && f.rows < 3000);
		end(&f);
	}
}

static void a_line_without_memory_is_left_out_and_the_log_read_on(void **state)
{
	(void)state;
	struct fixture f;
	begin_fifo(&f);
	assert_int_equal(follower_keep_little(f.follower), 0);
	is_memory_out = true;
	char line[3000];
	memset(line, 'x', sizeof line);
	snprintf(line, sizeof line, "%s", HEADER);
	line[sizeof HEADER - 2] = line[sizeof HEADER - 1] = ' ';
	memcpy(line + sizeof line - 2, "\n", 2);
	say(&f, HEADER);
	say(&f, line);
	say(&f, KILL("1804"));
	assert_int_equal(follower_read(f.follower, 0), 0);
	assert_int_equal(follower_read(f.follower, FOLLOW_REST_NS), 0);
	is_memory_out = false;
	assert_int_equal(f.n, 1);
	assert_int_equal(f.pids[0], 1804);
	end(&f);
}

static void a_fifo_without_a_writer_is_not_polled(void **state)
{
	(void)state;
	struct fixture f;
	begin_fifo(&f);
	assert_int_equal(follower_read(f.follower, 0), 0);
	assert_true(follower_fd(f.follower) >= 0);
	close(f.writer);
	f.writer = -1;
	assert_int_equal(follower_read(f.follower, 1), 0);
	assert_int_equal(follower_fd(f.follower), -1);
	end(&f);
}

static void a_plain_file_is_read_from_its_beginning_and_as_it_grows(void **state)
{
	(void)state;
	struct fixture f;
	struct diag diag;
	char path[128];
	begin(&f);
	fixture_path(&f, "dev/kmsg", path);
	f.writer = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(f.writer >= 0);
	say(&f, HEADER KILL("7"));
	f.follower = follower_new(&f.root, 0, NULL, note, &f, &diag);
	assert_non_null(f.follower);
	assert_int_equal(follower_read(f.follower, 0), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(follower_fd(f.follower), -1);
	say(&f, HEADER KILL("8"));
	assert_int_equal(follower_read(f.follower, 1), 0);
	assert_int_equal(follower_read(f.follower, 1 + FOLLOW_REST_NS), 0);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.pids[1], 8);
	end(&f);
}

static void what_is_no_log_is_not_followed(void **state)
{
	(void)state;
	struct fixture f;
	struct diag diag;
	char path[128], line[512];
	begin(&f);
	assert_null(follower_new(&f.root, 0, NULL, note, &f, &diag));
	assert_non_null(strstr(diag_format(&diag, line, sizeof line), "No such file"));
	fixture_path(&f, "dev/kmsg", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(follower_new(&f.root, 0, NULL, note, &f, &diag));
	assert_non_null(strstr(diag_format(&diag, line, sizeof line), "is not the kernel's log"));
	end(&f);
}

/* --- by the syslog call ------------------------------------------------------------ */

/* What the kernel keeps; the call has no context of its own. */
static struct {
	char text[64 << 10];
	size_t len, size; /* size: of the kernel's buffer */
	int error;
	unsigned calls;
} ring;

static void ring_clear(size_t size)
{
	memset(&ring, 0, sizeof ring);
	ring.size = size;
}

static void ring_add(const char *str)
{
	size_t n = strlen(str);
	while (ring.len + n > ring.size) { /* whole lines are overwritten */
		size_t line = (size_t)((char *)memchr(ring.text, '\n', ring.len) - ring.text) + 1;
		memmove(ring.text, ring.text + line, ring.len - line);
		ring.len -= line;
	}
	memcpy(ring.text + ring.len, str, n);
	ring.len += n;
}

static int fake_syslog(int type, char *buffer, int size)
{
	if (ring.error) {
		errno = ring.error;
		return -1;
	}
	if (type == 10)
		return (int)ring.size;
	ring.calls++;
	size_t from = 0;
	while (ring.len - from > (size_t)size) /* the last lines that fit */
		from = (size_t)((char *)memchr(ring.text + from, '\n', ring.len - from) - ring.text) + 1;
	memcpy(buffer, ring.text + from, ring.len - from);
	return (int)(ring.len - from);
}

#define LOGGED(pid) "<3>[    5.000200] Out of memory: Killed process " pid " (java) total-vm:100kB, anon-rss:80kB, file-rss:0kB\n"

static void begin_syslog(struct fixture *f)
{
	struct diag diag;
	begin(f);
	f->follower = follower_new(&f->root, 1000000000, fake_syslog, note, f, &diag);
	assert_non_null(f->follower);
}

static void without_kmsg_the_syslog_call_serves(void **state)
{
	(void)state;
	struct fixture f;
	ring_clear(4096);
	ring_add(LOGGED("7"));
	begin_syslog(&f);
	assert_string_equal(follower_why_syslog(f.follower), "dev/kmsg cannot be opened: No such file or directory");
	assert_int_equal(follower_fd(f.follower), -1);
	assert_int_equal(follower_read(f.follower, 0), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.pids[0], 7);
	assert_int_equal(f.realtime_ns, 6000200000);
	end(&f);
}

static void only_what_is_new_is_taken_from_the_syslog_call(void **state)
{
	(void)state;
	struct fixture f;
	ring_clear(32 << 10);
	ring_add(LOGGED("7"));
	begin_syslog(&f);
	uint64_t now = 0;
	assert_int_equal(follower_read(f.follower, now), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(follower_read(f.follower, now += FOLLOW_SYSLOG_NS), 0);
		assert_int_equal(follower_flush(f.follower), 0);
	}
	assert_int_equal(f.n, 1);
	ring_add(LOGGED("8"));
	assert_int_equal(follower_read(f.follower, now + 1), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	assert_int_equal(f.n, 1); /* too soon to ask again */
	follower_expect(f.follower);
	assert_int_equal(follower_read(f.follower, now + 2), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.pids[1], 8);
	/* more than is asked for at first */
	for (int i = 0; i < 300; i++)
		ring_add("<6>[    6.000000] eth0: a line of some sixty bytes that nobody looks for\n");
	ring_add(LOGGED("9"));
	assert_int_equal(follower_read(f.follower, now += 2 * FOLLOW_SYSLOG_NS), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	assert_int_equal(f.n, 3);
	assert_int_equal(f.pids[2], 9);
	assert_int_equal(follower_gaps(f.follower), 0);
	end(&f);
}

static void a_syslog_buffer_that_was_overwritten_is_a_gap(void **state)
{
	(void)state;
	struct fixture f;
	ring_clear(1024);
	ring_add(LOGGED("7"));
	begin_syslog(&f);
	assert_int_equal(follower_read(f.follower, 0), 0);
	for (int i = 0; i < 40; i++)
		ring_add("<6>[    6.000000] eth0: a line of some sixty bytes that nobody looks for\n");
	ring_add(LOGGED("8"));
	assert_int_equal(follower_read(f.follower, FOLLOW_SYSLOG_NS), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	assert_int_equal(follower_gaps(f.follower), 1);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.pids[1], 8);
	end(&f);
}

static void a_line_that_grows_is_not_read_twice(void **state)
{
	(void)state;
	struct fixture f;
	ring_clear(4096);
	ring_add(LOGGED("7"));
	begin_syslog(&f);
	assert_int_equal(follower_read(f.follower, 0), 0);
	ring.len--; /* the kernel continues the record, pr_cont() */
	ring_add(", shmem-rss:0kB\n" LOGGED("8"));
	assert_int_equal(follower_read(f.follower, FOLLOW_SYSLOG_NS), 0);
	assert_int_equal(follower_flush(f.follower), 0);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.pids[1], 8);
	end(&f);
}

static void a_steady_syslog_allocates_nothing(void **state)
{
	(void)state;
	struct fixture f;
	ring_clear(32 << 10);
	ring_add("<6>[    1.000000] eth0: link is up\n");
	begin_syslog(&f);
	assert_int_equal(follower_read(f.follower, 0), 0);
	unsigned before = allocations, calls = ring.calls;
	for (uint64_t i = 1; i < 200; i++) {
		ring_add("<6>[    2.000000] eth0: link is up\n");
		assert_int_equal(follower_read(f.follower, i * FOLLOW_SYSLOG_NS), 0);
	}
	assert_int_equal(allocations, before);
	assert_int_equal(ring.calls - calls, 199);
	end(&f);
}

static void a_denied_syslog_call_is_told_with_the_denied_file(void **state)
{
	(void)state;
	struct fixture f;
	struct diag diag;
	ring_clear(4096);
	ring.error = EPERM;
	begin(&f);
	assert_null(follower_new(&f.root, 0, fake_syslog, note, &f, &diag));
	assert_string_equal(diag.text, "cannot be opened: No such file or directory; nor by the syslog call: Operation not permitted "
				       "(kernel.dmesg_restrict is set: CAP_SYSLOG is needed)");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_delivered_when_its_lines_rest),
		cmocka_unit_test(other_lines_do_not_keep_a_report_back),
		cmocka_unit_test(two_reports_in_a_row_are_two),
		cmocka_unit_test(a_steady_log_allocates_nothing),
		cmocka_unit_test(the_memory_of_a_report_is_given_back),
		cmocka_unit_test(without_memory_a_report_still_names_its_victim),
		cmocka_unit_test(a_line_without_memory_is_left_out_and_the_log_read_on),
		cmocka_unit_test(a_fifo_without_a_writer_is_not_polled),
		cmocka_unit_test(a_plain_file_is_read_from_its_beginning_and_as_it_grows),
		cmocka_unit_test(what_is_no_log_is_not_followed),
		cmocka_unit_test(without_kmsg_the_syslog_call_serves),
		cmocka_unit_test(only_what_is_new_is_taken_from_the_syslog_call),
		cmocka_unit_test(a_syslog_buffer_that_was_overwritten_is_a_gap),
		cmocka_unit_test(a_line_that_grows_is_not_read_twice),
		cmocka_unit_test(a_steady_syslog_allocates_nothing),
		cmocka_unit_test(a_denied_syslog_call_is_told_with_the_denied_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
