/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes in a fake root, and on children of our own. Never on the running
 * host's sysctls, never on a process that the test did not start.
 */
#include "knob_fixture.h"

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* A stat line whose name tries to look like the end of the name. Field 22, the
 * start time, is 12300. */
#define STAT_1234 \
	"1234 (evil) R 1 (x) S 1 1234 1234 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 12300 1000000 500 " \
	"18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

static struct knob_plan adj_plan(int64_t after)
{
	return (struct knob_plan){ .kind = KNOB_ADJ, .pid = 1234, .start_ticks = 12300, .comm = "java", .after = after };
}

static struct knob_plan sysctl_plan(enum sysctl_id id, int64_t after)
{
	return (struct knob_plan){ .kind = KNOB_SYSCTL, .sysctl = id, .after = after };
}

static int fake_setup(void **state)
{
	struct fake *fake = calloc(1, sizeof *fake);
	assert_non_null(fake);
	fake_open(fake);
	fake_file(fake, "proc/1234/stat", STAT_1234);
	fake_file(fake, "proc/1234/oom_score_adj", "-500\n");
	fake_file(fake, "proc/sys/vm/swappiness", "60\n");
	fake_file(fake, "proc/sys/vm/overcommit_ratio", "50\n");
	fake_file(fake, "proc/sys/vm/overcommit_kbytes", "18446744073709551615\n");
	*state = fake;
	return 0;
}

static int fake_teardown(void **state)
{
	fake_close(*state);
	free(*state);
	return 0;
}

/* Apply, and see that the texts are sentences and the return value the error. */
static struct knob_result apply(const struct knob_plan *plan, const struct root *root)
{
	struct knob_result result;
	int r = knob_apply(plan, root, false, NULL, &result);
	assert_int_equal(r, result.error);
	assert_whole(result.text);
	return result;
}

/* --- oom_score_adj in a fake root ------------------------------------------------- */

static void adj_is_written_and_read_back(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = adj_plan(7);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, 0);
	assert_true(result.before_known && result.after_known);
	assert_int_equal(result.before, -500);
	assert_int_equal(result.after, 7);
	assert_string_equal(result.text, "oom_score_adj of java (1234): -500 -> 7, the kernel now says 7.");
	assert_fake_file(fake, "proc/1234/oom_score_adj", "7");
}

static void adj_of_a_reused_pid_is_left_alone(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = adj_plan(7);
	plan.start_ticks = 12299;
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ESRCH);
	assert_string_equal(result.text,
			    "pid 1234 was reused by another process (evil) R 1 (x): nothing was written.");
	assert_fake_file(fake, "proc/1234/oom_score_adj", "-500\n");
}

static void a_new_owner_with_a_hostile_name_is_shown_safely(void **state)
{
	struct fake *fake = *state;
	fake_file(fake, "proc/1234/stat", "1234 (\x1b[2J\n) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0 0\n");
	struct knob_plan plan = adj_plan(7);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ESRCH);
	assert_says(result.text, "(\\x1b[2J\\x0a)");
}

static void adj_of_a_vanished_process_is_told(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = adj_plan(7);
	plan.pid = 4321;
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ESRCH);
	assert_string_equal(result.text, "java (4321) has ended: nothing was written.");
}

static void a_stat_without_sense_is_refused(void **state)
{
	struct fake *fake = *state;
	static const char *const stats[] = {
		"", "1234", "1234 (java", "1234 java) S", ")(", "1234 (java) S 1 2 3",
		"1234 (java) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 x 0 0",
		"1234 (java) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 -12300 0 0",
	};
	for (size_t i = 0; i < COUNT_OF(stats); i++) {
		fake_file(fake, "proc/1234/stat", stats[i]);
		struct knob_plan plan = adj_plan(7);
		struct knob_result result = apply(&plan, &fake->root);
		assert_int_equal(result.error, -EBADMSG);
		assert_says(result.text, "makes no sense");
		assert_fake_file(fake, "proc/1234/oom_score_adj", "-500\n");
	}
}

static void an_oom_adj_is_written_as_the_oom_score_adj_the_kernel_keeps(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = adj_plan(470);
	plan.is_oom_adj = true;
	plan.oom_adj = 8;
	fake_file(fake, "proc/1234/oom_adj", "7\n"); /* as the kernel then reads it */
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, 0);
	assert_string_equal(result.text, "oom_score_adj of java (1234): -500 -> 470, the kernel now says 470. oom_adj reads 7.");
	assert_fake_file(fake, "proc/1234/oom_score_adj", "470");
	assert_fake_file(fake, "proc/1234/oom_adj", "7\n");
	assert_true(result.oom_adj_known);
	struct knob_plan back;
	knob_plan_undo(&back, &plan, &result);
	result = apply(&back, &fake->root);
	assert_fake_file(fake, "proc/1234/oom_score_adj", "-500");
}

static void where_there_is_only_oom_adj_that_is_written(void **state)
{
	struct fake *fake = *state;
	char path[256];
	fake_path(fake, "proc/1234/oom_score_adj", path);
	assert_int_equal(unlink(path), 0);
	fake_file(fake, "proc/1234/oom_adj", "-8\n");
	struct knob_plan plan = adj_plan(470);
	plan.is_oom_adj = true;
	plan.oom_adj = 8;
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, 0);
	assert_fake_file(fake, "proc/1234/oom_adj", "8");
	assert_says(result.text, "This kernel has only oom_adj: it is 8.");
	/* Back to what it was, not to what the kernel's rule would make of it. */
	struct knob_plan back;
	knob_plan_undo(&back, &plan, &result);
	assert_int_equal(apply(&back, &fake->root).error, 0);
	assert_fake_file(fake, "proc/1234/oom_adj", "-8");
	/* One typed as oom_score_adj, too. */
	plan = adj_plan(-1000);
	assert_int_equal(apply(&plan, &fake->root).error, 0);
	assert_fake_file(fake, "proc/1234/oom_adj", "-17");
}

static void a_kernel_without_the_file_is_told_from_a_vanished_process(void **state)
{
	struct fake *fake = *state;
	char path[256];
	fake_path(fake, "proc/1234/oom_score_adj", path);
	assert_int_equal(unlink(path), 0);
	struct knob_plan plan = adj_plan(7);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ENOENT);
	assert_says(result.text, "This kernel has no oom_score_adj, nor");
	assert_false(result.before_known);
}

static void a_file_that_cannot_be_opened_is_explained(void **state)
{
	struct fake *fake = *state;
	char path[256];
	fake_path(fake, "proc/1234/oom_score_adj", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	struct knob_plan plan = adj_plan(7);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -EISDIR);
	assert_says(result.text, "oom_score_adj of java (1234) cannot be opened for writing");
}

/* Run in a child that gives up root, where it has it: root opens everything. */
static int as_somebody_else(void (*check)(struct fake *fake), struct fake *fake)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(99);
		check(fake);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void check_denied_adj(struct fake *fake)
{
	struct knob_plan plan = adj_plan(7);
	struct knob_result result;
	if (knob_apply(&plan, &fake->root, false, NULL, &result) != -EACCES)
		_exit(1);
	if (!strstr(result.text, "is owned by uid ") || !strstr(result.text, "only the owner or root"))
		_exit(2);
}

static void a_file_of_somebody_else_names_its_owner(void **state)
{
	struct fake *fake = *state;
	char path[256];
	assert_int_equal(chmod(fake->dir, 0755), 0);
	fake_path(fake, "proc", path);
	assert_int_equal(chmod(path, 0755), 0);
	fake_path(fake, "proc/1234", path);
	assert_int_equal(chmod(path, 0755), 0);
	fake_path(fake, "proc/1234/stat", path);
	assert_int_equal(chmod(path, 0444), 0);
	fake_path(fake, "proc/1234/oom_score_adj", path);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(as_somebody_else(check_denied_adj, fake), 0);
	assert_fake_file(fake, "proc/1234/oom_score_adj", "-500\n");
}

static void links_do_not_lead_out_of_the_fake_root(void **state)
{
	struct fake *fake = *state;
	char path[256], outside[64] = "/tmp/oomsight-knob-outside-XXXXXX", bytes[32];
	int fd = mkstemp(outside);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "11\n", 3), 3);
	close(fd);

	fake_path(fake, "proc/1234/oom_score_adj", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(outside, path), 0);
	struct knob_plan plan = adj_plan(7);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ELOOP);
	assert_false(result.before_known);

	fake_path(fake, "proc/sys/vm/swappiness", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(outside, path), 0);
	plan = sysctl_plan(SYSCTL_SWAPPINESS, 10);
	result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ENOENT);

	assert_string_equal(read_whole(outside, bytes, sizeof bytes), "11\n");
	assert_int_equal(unlink(outside), 0);
}

static void a_link_is_no_process(void **state)
{
	struct fake *fake = *state;
	char path[256];
	fake_path(fake, "proc/5678", path);
	assert_int_equal(symlink("1234", path), 0);
	struct knob_plan plan = adj_plan(7);
	plan.pid = 5678;
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ENOTDIR);
	assert_says(result.text, "The directory of java (5678) in /proc cannot be opened");
	assert_fake_file(fake, "proc/1234/oom_score_adj", "-500\n");
}

/* --- sysctls ------------------------------------------------------------------------ */

static void sysctl_is_written_and_read_back(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = sysctl_plan(SYSCTL_SWAPPINESS, 5);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, 0);
	assert_int_equal(result.before, 60);
	assert_int_equal(result.after, 5);
	assert_false(result.partner_known);
	assert_string_equal(result.text, "vm.swappiness: 60 -> 5, the kernel now says 5.");
	assert_fake_file(fake, "proc/sys/vm/swappiness", "5");
}

static void a_former_value_without_sense_is_not_invented(void **state)
{
	struct fake *fake = *state;
	fake_file(fake, "proc/sys/vm/swappiness", "sixty\n");
	struct knob_plan plan = sysctl_plan(SYSCTL_SWAPPINESS, 5);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, 0);
	assert_false(result.before_known);
	assert_says(result.text, "vm.swappiness: ? -> 5");
}

static void the_value_a_write_zeroes_is_kept_for_undo(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = sysctl_plan(SYSCTL_OVERCOMMIT_KBYTES, 1000), undo;
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, 0);
	assert_true(result.before == INT64_MAX); /* an unsigned long above it */
	assert_true(result.partner_known);
	assert_int_equal(result.partner_before, 50);
	fake_file(fake, "proc/sys/vm/overcommit_kbytes", "0\n");
	result = apply(&plan, &fake->root);
	knob_plan_undo(&undo, &plan, &result);
	assert_int_equal(undo.sysctl, SYSCTL_OVERCOMMIT_RATIO);
	result = apply(&undo, &fake->root);
	assert_fake_file(fake, "proc/sys/vm/overcommit_ratio", "50");
}

static void a_sysctl_the_kernel_lacks_is_told(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = sysctl_plan(SYSCTL_PANIC_ON_OOM, 1);
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -ENOENT);
	assert_says(result.text, "no vm.panic_on_oom");
	/* It was not made either. */
	char path[256];
	fake_path(fake, "proc/sys/vm/panic_on_oom", path);
	assert_int_equal(access(path, F_OK), -1);
}

static void check_denied_sysctl(struct fake *fake)
{
	struct knob_plan plan = sysctl_plan(SYSCTL_SWAPPINESS, 5);
	struct knob_result result;
	if (knob_apply(&plan, &fake->root, false, NULL, &result) != -EACCES)
		_exit(1);
	if (!strstr(result.text, "vm.swappiness may be written by the host's root only; this run is uid "))
		_exit(2);
}

static void a_sysctl_of_root_is_explained(void **state)
{
	struct fake *fake = *state;
	char path[256];
	static const char *const dirs[] = { "", "proc", "proc/sys", "proc/sys/vm" };
	for (size_t i = 0; i < COUNT_OF(dirs); i++) {
		fake_path(fake, dirs[i], path);
		assert_int_equal(chmod(path, 0755), 0);
	}
	fake_path(fake, "proc/sys/vm/swappiness", path);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(as_somebody_else(check_denied_sysctl, fake), 0);
	assert_fake_file(fake, "proc/sys/vm/swappiness", "60\n");
}

/* In a child with a mount namespace of its own: the fake root, mounted read-only. */
static void check_read_only_mount(struct fake *fake)
{
	struct knob_plan sysctl = sysctl_plan(SYSCTL_SWAPPINESS, 5), adj = adj_plan(7);
	struct knob_result result;
	struct root root;
	struct diag diag;
	if (unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(fake->dir, fake->dir, NULL, MS_BIND, NULL) < 0 ||
	    mount("none", fake->dir, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
		_exit(77);
	if (root_open(&root, fake->dir, &diag) < 0)
		_exit(99);
	if (knob_apply(&sysctl, &root, false, NULL, &result) != -EROFS)
		_exit(1);
	if (!strstr(result.text, "/proc/sys is mounted read-only, as in containers"))
		_exit(2);
	if (knob_apply(&adj, &root, false, NULL, &result) != -EROFS)
		_exit(3);
	if (!strstr(result.text, "/proc is mounted read-only") || !result.before_known || result.before != -500)
		_exit(4);
	_exit(0);
}

static void a_read_only_mount_is_told_in_words(void **state)
{
	struct fake *fake = *state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		check_read_only_mount(fake);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		print_message("# no mount namespace to be had here: not tried\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
	assert_fake_file(fake, "proc/sys/vm/swappiness", "60\n");
}

/* --- refusals ------------------------------------------------------------------------- */

static void readonly_writes_nothing_of_any_kind(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plans[] = { adj_plan(7), sysctl_plan(SYSCTL_SWAPPINESS, 5),
				     { .kind = KNOB_SIGNAL, .pid = 1234, .start_ticks = 12300, .signal = SIGTERM } };
	for (size_t i = 0; i < COUNT_OF(plans); i++) {
		struct knob_result result;
		assert_int_equal(knob_apply(&plans[i], &fake->root, true, NULL, &result), -EPERM);
		assert_says(result.text, "--readonly");
		assert_false(result.after_known);
	}
	assert_fake_file(fake, "proc/1234/oom_score_adj", "-500\n");
	assert_fake_file(fake, "proc/sys/vm/swappiness", "60\n");
}

static void a_refused_plan_is_refused_again(void **state)
{
	struct fake *fake = *state;
	struct knob_plan plan = adj_plan(7);
	plan.gate = GATE_REFUSED;
	snprintf(plan.text, sizeof plan.text, "Because.");
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -EPERM);
	assert_string_equal(result.text, "Because.");
	assert_fake_file(fake, "proc/1234/oom_score_adj", "-500\n");
}

static void no_signal_leaves_a_fake_root(void **state)
{
	struct fake *fake = *state;
	/* SIGCONT: harmless to whoever has that pid if the refusal failed. */
	struct knob_plan plan = { .kind = KNOB_SIGNAL, .pid = 1234, .start_ticks = 12300, .comm = "java",
				  .signal = SIGCONT };
	struct knob_result result = apply(&plan, &fake->root);
	assert_int_equal(result.error, -EPERM);
	assert_says(result.text, "not the running host");
}

/* --- the real kernel, on children of our own -------------------------------------------- */

struct child {
	pid_t pid;
	uint64_t start_ticks;
	struct root root;
};

static uint64_t start_of(const struct root *root, pid_t pid)
{
	char path[64], stat[2048];
	snprintf(path, sizeof path, "proc/%d/stat", (int)pid);
	assert_true(root_read(root, path, stat, sizeof stat) > 0);
	struct text rest = text_of_str(strrchr(stat, ')') + 1), word;
	uint64_t start;
	for (int field = 3; field <= 22; field++)
		assert_true(text_next_word(&rest, &word));
	assert_int_equal(text_to_u64(word, 10, &start), 0);
	return start;
}

static void child_start(struct child *child)
{
	struct diag diag;
	assert_int_equal(root_open(&child->root, "/", &diag), 0);
	child->pid = fork();
	assert_true(child->pid >= 0);
	if (child->pid == 0) {
		for (;;)
			pause();
	}
	child->start_ticks = start_of(&child->root, child->pid);
}

static void child_end(struct child *child)
{
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	root_close(&child->root);
}

static struct knob_plan child_plan(const struct child *child, int64_t after)
{
	return (struct knob_plan){ .kind = KNOB_ADJ, .pid = child->pid, .start_ticks = child->start_ticks,
				   .comm = "child", .after = after };
}

static int64_t adj_of(const struct child *child)
{
	char path[64], bytes[32];
	int64_t adj;
	snprintf(path, sizeof path, "proc/%d/oom_score_adj", (int)child->pid);
	assert_true(root_read(&child->root, path, bytes, sizeof bytes) > 0);
	assert_int_equal(text_to_i64(text_trim(text_of_str(bytes)), &adj), 0);
	return adj;
}

static void a_childs_adj_goes_up_and_comes_back(void **state)
{
	(void)state;
	struct child child;
	child_start(&child);
	int64_t start = adj_of(&child);
	int64_t up = start <= 700 ? start + 300 : 1000;
	struct knob_plan plan = child_plan(&child, up), undo;
	struct knob_result result = apply(&plan, &child.root);
	assert_int_equal(result.error, 0);
	assert_int_equal(result.before, start);
	assert_int_equal(result.after, up);
	assert_int_equal(adj_of(&child), up);
	/* Down to where it was is free: that is not below the floor. */
	knob_plan_undo(&undo, &plan, &result);
	result = apply(&undo, &child.root);
	assert_int_equal(result.error, 0);
	assert_int_equal(adj_of(&child), start);
	child_end(&child);
}

/* Give up CAP_SYS_RESOURCE, if we have it, or take it back. */
static void set_resource(bool have)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	assert_int_equal(syscall(SYS_capget, &header, data), 0);
	if (have)
		data[0].effective |= data[0].permitted & (1U << CAP_SYS_RESOURCE);
	else
		data[0].effective &= ~(1U << CAP_SYS_RESOURCE);
	assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

static void below_the_floor_the_kernels_refusal_is_explained(void **state)
{
	(void)state;
	struct child child;
	child_start(&child);
	int64_t start = adj_of(&child);
	struct knob_plan plan = child_plan(&child, -1000);
	set_resource(false);
	struct knob_result result = apply(&plan, &child.root);
	set_resource(true);
	if (result.error == 0) {
		/* Only where our own starter left us a floor of -1000. */
		assert_int_equal(adj_of(&child), -1000);
	} else {
		assert_int_equal(result.error, -EACCES);
		assert_says(result.text, "needs CAP_SYS_RESOURCE in the initial user namespace");
		assert_int_equal(strstr(result.text, "being root is not enough") != NULL, geteuid() == 0);
		assert_int_equal(result.before, start);
		assert_int_equal(adj_of(&child), start);
	}
	/* With whatever rights this run has: either it is done, or it is explained. */
	result = apply(&plan, &child.root);
	if (result.error == 0)
		assert_int_equal(adj_of(&child), -1000);
	else
		assert_says(result.text, "CAP_SYS_RESOURCE");
	child_end(&child);
}

static void the_kernels_own_range_is_told(void **state)
{
	(void)state;
	struct child child;
	child_start(&child);
	int64_t start = adj_of(&child);
	struct knob_plan plan = child_plan(&child, 1001);
	struct knob_result result = apply(&plan, &child.root);
	assert_int_equal(result.error, -EINVAL);
	assert_says(result.text, "The kernel takes no 1001 as oom_score_adj.");
	assert_int_equal(adj_of(&child), start);
	child_end(&child);
}

static void a_child_with_another_start_time_is_left_alone(void **state)
{
	(void)state;
	struct child child;
	child_start(&child);
	int64_t start = adj_of(&child);
	struct knob_plan plan = child_plan(&child, 1000);
	plan.start_ticks++;
	struct knob_result result = apply(&plan, &child.root);
	assert_int_equal(result.error, -ESRCH);
	assert_says(result.text, "was reused by another process");
	assert_int_equal(adj_of(&child), start);

	plan.kind = KNOB_SIGNAL;
	plan.signal = SIGKILL;
	result = apply(&plan, &child.root);
	assert_int_equal(result.error, -ESRCH);
	assert_says(result.text, "was reused by another process");
	assert_int_equal(waitpid(child.pid, NULL, WNOHANG), 0);
	child_end(&child);
}

static void a_signal_reaches_the_child(void **state)
{
	(void)state;
	struct child child;
	child_start(&child);
	struct knob_plan plan = child_plan(&child, 0);
	plan.kind = KNOB_SIGNAL;
	plan.signal = SIGTERM;
	struct knob_result result = apply(&plan, &child.root);
	assert_int_equal(result.error, 0);
	assert_says(result.text, "SIGTERM was sent to child");
	int status;
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	/* Gone now: no second signal, no adj. */
	result = apply(&plan, &child.root);
	assert_int_equal(result.error, -ESRCH);
	assert_says(result.text, "has ended");
	plan.kind = KNOB_ADJ;
	result = apply(&plan, &child.root);
	assert_int_equal(result.error, -ESRCH);
	assert_says(result.text, "has ended");
	root_close(&child.root);
}

static void init_and_ourselves_get_no_signal(void **state)
{
	(void)state;
	struct root root;
	struct diag diag;
	assert_int_equal(root_open(&root, "/", &diag), 0);
	/* SIGCONT: harmless if the refusal failed. */
	const struct {
		pid_t pid;
		int signal;
	} rows[] = { { 1, SIGCONT }, { 0, SIGCONT }, { -1, SIGCONT }, { getpid(), SIGCONT }, { getppid(), 0 } };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct knob_plan plan = { .kind = KNOB_SIGNAL, .pid = rows[i].pid, .signal = rows[i].signal };
		struct knob_result result = apply(&plan, &root);
		assert_int_equal(result.error, -EINVAL);
	}
	root_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FAKE_ROOT(test) cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
		IN_FAKE_ROOT(adj_is_written_and_read_back),
		IN_FAKE_ROOT(adj_of_a_reused_pid_is_left_alone),
		IN_FAKE_ROOT(a_new_owner_with_a_hostile_name_is_shown_safely),
		IN_FAKE_ROOT(adj_of_a_vanished_process_is_told),
		IN_FAKE_ROOT(a_stat_without_sense_is_refused),
		IN_FAKE_ROOT(an_oom_adj_is_written_as_the_oom_score_adj_the_kernel_keeps),
		IN_FAKE_ROOT(where_there_is_only_oom_adj_that_is_written),
		IN_FAKE_ROOT(a_kernel_without_the_file_is_told_from_a_vanished_process),
		IN_FAKE_ROOT(a_file_that_cannot_be_opened_is_explained),
		IN_FAKE_ROOT(a_file_of_somebody_else_names_its_owner),
		IN_FAKE_ROOT(links_do_not_lead_out_of_the_fake_root),
		IN_FAKE_ROOT(a_link_is_no_process),
		IN_FAKE_ROOT(sysctl_is_written_and_read_back),
		IN_FAKE_ROOT(a_former_value_without_sense_is_not_invented),
		IN_FAKE_ROOT(the_value_a_write_zeroes_is_kept_for_undo),
		IN_FAKE_ROOT(a_sysctl_the_kernel_lacks_is_told),
		IN_FAKE_ROOT(a_sysctl_of_root_is_explained),
		IN_FAKE_ROOT(a_read_only_mount_is_told_in_words),
		IN_FAKE_ROOT(readonly_writes_nothing_of_any_kind),
		IN_FAKE_ROOT(a_refused_plan_is_refused_again),
		IN_FAKE_ROOT(no_signal_leaves_a_fake_root),
		cmocka_unit_test(a_childs_adj_goes_up_and_comes_back),
		cmocka_unit_test(below_the_floor_the_kernels_refusal_is_explained),
		cmocka_unit_test(the_kernels_own_range_is_told),
		cmocka_unit_test(a_child_with_another_start_time_is_left_alone),
		cmocka_unit_test(a_signal_reaches_the_child),
		cmocka_unit_test(init_and_ourselves_get_no_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
