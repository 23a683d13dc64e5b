/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "knob_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "../../src/knob/audit.h"

/* 2026-11-21T20:59:23Z */
#define WHEN 1795294763

static const struct audit_actor root_by_sudo = { .uid = 0, .sudo_uid = 1000 };
static const struct audit_actor plain = { .uid = 1000, .sudo_uid = -1 };

static struct knob_plan adj_plan(void)
{
	return (struct knob_plan){ .kind = KNOB_ADJ, .pid = 1804, .start_ticks = 73211, .comm = "java",
				   .before_known = true, .before = 1, .after = -500, .text = "Of the plan." };
}

/* --- the line --------------------------------------------------------------------- */

static void a_line_says_who_what_and_how_it_ended(void **state)
{
	(void)state;
	char line[AUDIT_LINE];
	struct knob_plan plan = adj_plan();
	struct knob_result result = { .before_known = true, .before = 0, .after_known = true, .after = -500,
				      .text = "Said." };
	audit_format(line, WHEN, &root_by_sudo, &plan, &result, false, true);
	/* The value read at the write, not the snapshot's. */
	assert_string_equal(line, "2026-11-21T20:59:23Z uid=0 sudo_uid=1000 knob=oom_score_adj pid=1804 start=73211 "
				  "comm=\"java\" change=\"0 -> -500\" outcome=done kernel=-500");
	result = (struct knob_result){ .error = -EACCES, .text = "No right." };
	audit_format(line, WHEN, &plain, &plan, &result, false, true);
	assert_string_equal(line, "2026-11-21T20:59:23Z uid=1000 knob=oom_score_adj pid=1804 start=73211 comm=\"java\" "
				  "change=\"1 -> -500\" outcome=failed because=\"No right.\"");
	audit_format(line, WHEN, &plain, &plan, &result, true, false);
	assert_says(line, " host=fake ");
	assert_says(line, " outcome=refused because=\"No right.\"");
	audit_format(line, WHEN, &plain, &plan, NULL, false, true);
	assert_says(line, " outcome=refused because=\"Of the plan.\"");
}

static void sysctls_and_signals_have_their_own_fields(void **state)
{
	(void)state;
	char line[AUDIT_LINE];
	struct knob_plan plan = { .kind = KNOB_SYSCTL, .sysctl = SYSCTL_PANIC, .after = 10 };
	struct knob_result result = { .error = 0 };
	audit_format(line, WHEN, &plain, &plan, &result, false, true);
	assert_string_equal(line, "2026-11-21T20:59:23Z uid=1000 knob=kernel.panic change=\"? -> 10\" outcome=done");
	plan = (struct knob_plan){ .kind = KNOB_SIGNAL, .pid = 9, .start_ticks = 1, .comm = "x", .signal = SIGTERM };
	audit_format(line, WHEN, &plain, &plan, &result, false, true);
	assert_string_equal(line, "2026-11-21T20:59:23Z uid=1000 knob=signal signal=SIGTERM pid=9 start=1 comm=\"x\" "
				  "outcome=done");
	plan = adj_plan();
	plan.is_oom_adj = true;
	plan.oom_adj = -8;
	audit_format(line, WHEN, &plain, &plan, &result, false, true);
	assert_says(line, " knob=oom_score_adj ");
	assert_says(line, "\" oom_adj=-8 change=\"");
	/* The kernel's rule would make -1058 of it, which nobody typed. */
	plan.oom_adj = -18;
	plan.after = -1058;
	audit_format(line, WHEN, &plain, &plan, NULL, true, true);
	assert_says(line, "\" oom_adj=-18 change=\"1 -> none\" outcome=refused");
	plan.oom_adj = -17;
	plan.after = -1000;
	audit_format(line, WHEN, &plain, &plan, NULL, true, true);
	assert_says(line, "\" oom_adj=-17 change=\"1 -> -1000\" outcome=refused");
	plan = (struct knob_plan){ .kind = KNOB_SIGNAL };
	plan.signal = 40;
	audit_format(line, WHEN, &plain, &plan, &result, false, true);
	assert_says(line, " signal=40 ");
}

static void nobody_can_forge_a_field_or_a_line(void **state)
{
	(void)state;
	char line[AUDIT_LINE];
	struct knob_plan plan = adj_plan();
	struct knob_result result = { .error = -EIO, .text = "a\" uid=0 \n\x1b" };
	snprintf(plan.comm, sizeof plan.comm, "x\" uid=0\n");
	audit_format(line, WHEN, &plain, &plan, &result, false, true);
	assert_says(line, "comm=\"x\\x22 uid=0\\x0a\" change");
	assert_says(line, "because=\"a\\x22 uid=0 \\x0a\\x1b\"");
}

static void the_longest_line_fits(void **state)
{
	(void)state;
	char line[AUDIT_LINE];
	struct knob_plan plan = { .kind = KNOB_ADJ, .pid = INT32_MIN, .start_ticks = UINT64_MAX, .before_known = true,
				  .before = INT64_MIN, .after = INT64_MIN, .is_oom_adj = true, .oom_adj = INT32_MIN };
	struct knob_result result = { .error = -EIO };
	memset(plan.comm, 'c', sizeof plan.comm - 1);
	memset(result.text, 't', sizeof result.text - 1);
	audit_format(line, WHEN, &root_by_sudo, &plan, &result, false, false);
	assert_int_equal(line[strlen(line) - 1], '"');
	/* And text that grows fourfold by its escapes is cut, not overrun. */
	memset(result.text, '\n', sizeof result.text - 1);
	audit_format(line, WHEN, &root_by_sudo, &plan, &result, false, false);
	assert_true(strlen(line) < AUDIT_LINE);
}

/* --- the file ------------------------------------------------------------------------ */

struct place {
	struct fake fake;
	char file[256];
	char socket[256];
};

static int place_setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);
	assert_non_null(place);
	fake_open(&place->fake);
	fake_path(&place->fake, "audit.log", place->file);
	fake_path(&place->fake, "log", place->socket);
	fake_file(&place->fake, "proc/sys/vm/swappiness", "60\n");
	*state = place;
	return 0;
}

static int place_teardown(void **state)
{
	struct place *place = *state;
	fake_close(&place->fake);
	free(place);
	return 0;
}

static const struct knob_plan to_5 = { .kind = KNOB_SYSCTL, .sysctl = SYSCTL_SWAPPINESS, .after = 5 };

static unsigned count_lines(const char *text)
{
	unsigned lines = 0;
	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void every_attempt_leaves_one_line_in_the_file(void **state)
{
	struct place *place = *state;
	struct diag diag;
	struct knob_result result;
	struct stat st;
	char bytes[8192];
	struct knob_plan missing = { .kind = KNOB_SYSCTL, .sysctl = SYSCTL_PANIC, .after = 5 };
	struct knob_plan refused = { .kind = KNOB_SYSCTL, .sysctl = SYSCTL_SWAPPINESS, .after = 999,
				     .gate = GATE_REFUSED, .text = "Out of range." };
	struct audit *audit = audit_new_at(place->file, place->socket, &diag);
	assert_non_null(audit);
	assert_int_equal(knob_apply(&to_5, &place->fake.root, false, audit, &result), 0);
	assert_string_equal(result.text, "vm.swappiness: 60 -> 5, the kernel now says 5.");
	assert_int_equal(knob_apply(&to_5, &place->fake.root, true, audit, &result), -EPERM);
	assert_int_equal(knob_apply(&refused, &place->fake.root, false, audit, &result), -EPERM);
	assert_int_equal(knob_apply(&missing, &place->fake.root, false, audit, &result), -ENOENT);
	audit_refused(audit, &refused, &place->fake.root);
	audit_free(audit);

	read_whole(place->file, bytes, sizeof bytes);
	assert_int_equal(count_lines(bytes), 5);
	assert_says(bytes, " host=fake knob=vm.swappiness change=\"60 -> 5\" outcome=done kernel=5\n");
	assert_says(bytes, "outcome=refused because=\"This run is read-only (--readonly): nothing was written.\"\n");
	assert_says(bytes, "change=\"? -> 999\" outcome=refused because=\"Out of range.\"\n");
	assert_says(bytes, "knob=kernel.panic change=\"? -> 5\" outcome=failed because=\"This kernel has no ");
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	/* A second run goes on where the first one stopped. */
	audit = audit_new_at(place->file, place->socket, &diag);
	assert_non_null(audit);
	audit_refused(audit, &refused, &place->fake.root);
	audit_free(audit);
	read_whole(place->file, bytes, sizeof bytes);
	assert_int_equal(count_lines(bytes), 6);
	/* The refusals as well. */
	for (const char *line = bytes; *line; line = strchr(line, '\n') + 1) {
		const char *fake = strstr(line, " host=fake ");
		assert_true(fake && fake < strchr(line, '\n'));
	}
}

static void the_file_is_never_reached_through_a_link(void **state)
{
	struct place *place = *state;
	struct diag diag;
	char target[256], bytes[64];
	fake_file(&place->fake, "precious", "untouched");
	fake_path(&place->fake, "precious", target);
	assert_int_equal(symlink(target, place->file), 0);
	assert_null(audit_new_at(place->file, place->socket, &diag));
	assert_string_equal(diag.file, place->file);
	assert_says(diag.text, "symbolic link");
	assert_string_equal(read_whole(target, bytes, sizeof bytes), "untouched");
}

static void what_is_no_plain_file_is_refused_without_waiting(void **state)
{
	struct place *place = *state;
	struct diag diag;
	assert_int_equal(mkfifo(place->file, 0600), 0);
	assert_null(audit_new_at(place->file, place->socket, &diag)); /* no reader: ENXIO */
	int reader = open(place->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_null(audit_new_at(place->file, place->socket, &diag));
	assert_says(diag.text, "not a regular file");
	close(reader);
	assert_null(audit_new_at(place->fake.dir, place->socket, &diag));
	assert_null(audit_new_at("/nowhere/at/all", place->socket, &diag));
	assert_says(diag.text, "cannot be opened as the audit file: No such file or directory");
}

static void a_lost_line_is_told_and_does_not_stop_the_write(void **state)
{
	struct place *place = *state;
	struct diag diag;
	struct knob_result result;
	struct audit *audit = audit_new_at(place->file, place->socket, &diag);
	assert_non_null(audit);
	/* A file that may not grow: the limit is ours alone. */
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit none = { 4, 4 }; /* room for the sysctl, not for the line */
		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &none) < 0)
			_exit(99);
		if (knob_apply(&to_5, &place->fake.root, false, audit, &result) != 0)
			_exit(1);
		if (!strstr(result.text, "the kernel now says 5. NOT in the audit file "))
			_exit(2);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_fake_file(&place->fake, "proc/sys/vm/swappiness", "5");
	audit_free(audit);
}

/* --- syslog ---------------------------------------------------------------------------- */

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void syslog_gets_the_line_in_its_own_form(void **state)
{
	struct place *place = *state;
	struct diag diag;
	struct knob_result result;
	char packet[4096], tag[64];
	/* The daemon may come after us, and come anew. */
	struct audit *audit = audit_new_at(NULL, place->socket, &diag);
	assert_non_null(audit);
	for (int round = 0; round < 2; round++) {
		int daemon = listen_at(place->socket);
		assert_int_equal(knob_apply(&to_5, &place->fake.root, true, audit, &result), -EPERM);
		assert_null(strstr(result.text, "NOT"));
		ssize_t n = recv(daemon, packet, sizeof packet - 1, 0);
		assert_true(n > 0);
		packet[n] = '\0';
		/* auth is 4, notice 5; "<37>Nov 21 20:59:23 oomsight[1]: " */
		assert_true(strncmp(packet, "<37>", 4) == 0);
		assert_int_equal(packet[7], ' ');
		assert_int_equal(packet[13], ':');
		snprintf(tag, sizeof tag, " oomsight[%d]: 2", (int)getpid());
		assert_ptr_equal(strstr(packet, tag), packet + 19);
		assert_says(packet, "knob=vm.swappiness change=\"? -> 5\" outcome=refused");
		close(daemon);
		assert_int_equal(unlink(place->socket), 0);
	}
	audit_free(audit);
}

static void a_host_without_syslog_is_no_failure(void **state)
{
	struct place *place = *state;
	struct diag diag;
	struct knob_result result;
	struct audit *audit = audit_new_at(NULL, place->socket, &diag);
	assert_non_null(audit);
	assert_int_equal(knob_apply(&to_5, &place->fake.root, false, audit, &result), 0);
	assert_null(strstr(result.text, "NOT"));
	audit_free(audit);
	audit_free(NULL);
}

static void a_daemon_that_does_not_read_cannot_hold_us_up(void **state)
{
	struct place *place = *state;
	struct diag diag;
	struct knob_result result = { 0 };
	int daemon = listen_at(place->socket);
	struct audit *audit = audit_new_at(NULL, place->socket, &diag);
	assert_non_null(audit);
	/* Its queue (net.unix.max_dgram_qlen) is full sooner or later. */
	for (int i = 0; i < 100000 && !strstr(result.text, "NOT"); i++)
		assert_int_equal(knob_apply(&to_5, &place->fake.root, true, audit, &result), -EPERM);
	assert_says(result.text, "NOT in syslog: its daemon does not read.");
	audit_free(audit);
	close(daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)
		cmocka_unit_test(a_line_says_who_what_and_how_it_ended),
		cmocka_unit_test(sysctls_and_signals_have_their_own_fields),
		cmocka_unit_test(nobody_can_forge_a_field_or_a_line),
		cmocka_unit_test(the_longest_line_fits),
		IN_A_PLACE(every_attempt_leaves_one_line_in_the_file),
		IN_A_PLACE(the_file_is_never_reached_through_a_link),
		IN_A_PLACE(what_is_no_plain_file_is_refused_without_waiting),
		IN_A_PLACE(a_lost_line_is_told_and_does_not_stop_the_write),
		IN_A_PLACE(syslog_gets_the_line_in_its_own_form),
		IN_A_PLACE(a_host_without_syslog_is_no_failure),
		IN_A_PLACE(a_daemon_that_does_not_read_cannot_hold_us_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
