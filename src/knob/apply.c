/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing, with the process held fast.
 *
 * Between the snapshot and the Enter of the operator a process can end and its
 * pid can go to another. So the directory /proc/PID is opened first, the start
 * time read through it is compared with the plan's, and the value is written
 * through the same descriptor: the kernel ties it to one process, and answers
 * ESRCH for it once that is gone.
 */
#include "apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oomsight/model/badness.h"
#include "audit.h"
#include "words.h"

void result_tell(struct knob_result *result, int error, const char *format, ...)
{
	result->error = error;
	va_list ap;
	va_start(ap, format);
	vsnprintf(result->text, sizeof result->text, format, ap);
	va_end(ap);
}

int parse_number(const char *bytes, size_t len, int64_t *ret_value)
{
	int r = text_to_i64(text_trim(text_of(bytes, len)), ret_value);
	if (r == -ERANGE) {
		*ret_value = INT64_MAX;
		return 0;
	}
	return r;
}

/* --- which process is it ------------------------------------------------------ */

int open_pid_dir(const struct knob_plan *plan, const struct root *root, struct knob_result *result)
{
	char name[16];
	snprintf(name, sizeof name, "%d", (int)plan->pid);
	int fd = openat(root->proc_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	int error = errno;
	if (error == ENOENT || error == ESRCH)
		result_tell(result, -ESRCH, "%s (%d) has ended: nothing was written.", plan->comm, plan->pid);
	else
		result_tell(result, -error,
			"The directory of %s (%d) in /proc cannot be opened: %s.",
			plan->comm, plan->pid, strerror(error));
	return result->error;
}

/* The start time is field 22, the 20th after comm. */
static int parse_stat(struct text stat, struct text *ret_comm, uint64_t *ret_start)
{
	struct text pid, comm, rest, word;
	int r = text_split_stat(stat, &pid, &comm, &rest);
	if (r < 0)
		return r;
	for (int field = 3; field <= 22; field++) {
		if (!text_next_word(&rest, &word))
			return -EINVAL;
	}
	if (text_to_u64(word, 10, ret_start) < 0)
		return -EINVAL;
	*ret_comm = comm;
	return 0;
}

/* Read a small file of the process. Returns the bytes or -errno. */
static ssize_t read_at(int dir_fd, const char *name, char *dst, size_t size)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	ssize_t n = root_pread_all(fd, dst, size);
	close(fd);
	return n;
}

int check_identity(const struct knob_plan *plan, int pid_dir_fd, struct knob_result *result)
{
	char stat[2048]; /* a name of 64 bytes and some 50 numbers */
	ssize_t n = read_at(pid_dir_fd, "stat", stat, sizeof stat);
	if (n == -ENOENT || n == -ESRCH) {
		result_tell(result, -ESRCH, "%s (%d) has ended: nothing was written.", plan->comm, plan->pid);
		return result->error;
	}
	if (n < 0) {
		result_tell(result, (int)n,
			"stat of %s (%d) cannot be read, so it may be another process: %s; nothing was "
			"written.",
			plan->comm, plan->pid, strerror((int)-n));
		return result->error;
	}
	struct text comm;
	uint64_t start_ticks;
	if (parse_stat(text_of(stat, (size_t)n), &comm, &start_ticks) < 0) {
		result_tell(result, -EBADMSG,
			"stat of %s (%d) makes no sense, so it may be another process: nothing was written.",
			plan->comm, plan->pid);
	} else if (start_ticks != plan->start_ticks) {
		char now[64];
		result_tell(result, -ESRCH,
			"pid %d was reused by another process (%s): nothing was written.",
			plan->pid, words_comm(comm, now, sizeof now));
	}
	return result->error;
}

/* --- oom_score_adj -------------------------------------------------------------- */

static int read_file(int dir_fd, const char *name, int64_t *ret_value)
{
	char bytes[32];
	ssize_t n = read_at(dir_fd, name, bytes, sizeof bytes);
	if (n < 0)
		return (int)n;
	return parse_number(bytes, (size_t)n, ret_value);
}

/* Up to 2.6.35 there is nothing but oom_adj. A process that has gone has neither. */
static bool has_oom_adj_alone(int dir_fd)
{
	return faccessat(dir_fd, "oom_score_adj", F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT &&
	       faccessat(dir_fd, "oom_adj", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool read_oom_adj(int dir_fd, int *ret_oom_adj)
{
	int64_t value;
	if (read_file(dir_fd, "oom_adj", &value) < 0 || value < OOM_DISABLE || value > OOM_ADJUST_MAX)
		return false;
	*ret_oom_adj = (int)value;
	return true;
}

/* On the scale of oom_score_adj, whatever the file. */
static bool read_adj(int dir_fd, bool legacy, int64_t *ret_value)
{
	int oom_adj;
	if (!legacy)
		return read_file(dir_fd, "oom_score_adj", ret_value) == 0;
	if (!read_oom_adj(dir_fd, &oom_adj))
		return false;
	*ret_value = oom_adj_as_score_adj(oom_adj);
	return true;
}

static void explain_open(const struct knob_plan *plan, int dir_fd, int error, struct knob_result *result)
{
	struct stat st;
	struct knob_result identity = { 0 };
	switch (error) {
	case ENOENT:
	case ESRCH:
		/* A file that is not there and a process that is not there look
		 * alike. */
		if (check_identity(plan, dir_fd, &identity) == -ESRCH)
			*result = identity;
		else
			result_tell(result, -error,
				"This kernel has no oom_score_adj, nor the older oom_adj.");
		break;
	case EACCES:
	case EPERM:
		if (fstatat(dir_fd, "oom_score_adj", &st, AT_SYMLINK_NOFOLLOW) == 0)
			result_tell(result, -error,
				"oom_score_adj of %s (%d) is owned by uid %u and this run is uid %u: only "
				"the owner or root with CAP_DAC_OVERRIDE may write it.",
				plan->comm, plan->pid, (unsigned)st.st_uid, (unsigned)geteuid());
		else
			result_tell(result, -error,
				"oom_score_adj of %s (%d) may not be written by uid %u.",
				plan->comm, plan->pid, (unsigned)geteuid());
		break;
	case EROFS:
		result_tell(result, -error,
			"/proc is mounted read-only, as in some containers: oom_score_adj of %s (%d) "
			"cannot be written.",
			plan->comm, plan->pid);
		break;
	default:
		result_tell(result, -error,
			"oom_score_adj of %s (%d) cannot be opened for writing: %s.",
			plan->comm, plan->pid, strerror(error));
	}
}

static void explain_write(const struct knob_plan *plan, int error, struct knob_result *result)
{
	switch (error) {
	case EACCES:
	case EPERM:
		result_tell(result, -error,
			"The kernel refused %lld for %s (%d): lowering below the floor last set with "
			"CAP_SYS_RESOURCE needs CAP_SYS_RESOURCE in the initial user namespace, which this "
			"process has not%s.",
			(long long)plan->after, plan->comm, plan->pid,
			geteuid() == 0 ? "; being root is not enough" : "");
		break;
	case ESRCH:
		result_tell(result, -error, "%s (%d) has ended: nothing was written.", plan->comm, plan->pid);
		break;
	case EINVAL:
		result_tell(result, -error,
			"The kernel takes no %lld as oom_score_adj.",
			(long long)plan->after);
		break;
	default:
		result_tell(result, -error,
			"oom_score_adj of %s (%d) could not be written: %s.",
			plan->comm, plan->pid, strerror(error));
	}
}

/* "0 -> -500, the kernel now says -500" */
void say_change(struct knob_result *result, const struct knob_plan *plan)
{
	char target[WORDS_TARGET], before[WORDS_VALUE] = "?", asked[WORDS_VALUE], now[WORDS_VALUE];
	words_target(plan, target);
	words_value(plan, plan->after, asked);
	words_value(plan, result->after, now);
	if (result->before_known)
		words_value(plan, result->before, before);
	if (!result->after_known)
		result_tell(result, 0,
			"%s: %s -> %s was written, but it cannot be read back.",
			target, before, asked);
	else if (result->after == plan->after)
		result_tell(result, 0, "%s: %s -> %s, the kernel now says %s.", target, before, asked, now);
	else
		result_tell(result, 0,
			"%s: %s -> %s was written, yet the kernel now says %s: it keeps another value "
			"than the one asked for, or somebody else writes it too.",
			target, before, asked, now);
}

/* What both files say now. */
static void say_adj(struct knob_result *result, const struct knob_plan *plan, bool legacy)
{
	char legacy_text[64] = "";
	say_change(result, plan);
	if (legacy)
		snprintf(legacy_text, sizeof legacy_text, " This kernel has only oom_adj: it is %d.", result->oom_adj);
	else if (plan->is_oom_adj)
		snprintf(legacy_text, sizeof legacy_text, " oom_adj reads %d.", result->oom_adj);
	if (result->oom_adj_known && legacy_text[0])
		words_add(result->text, sizeof result->text, "%s", legacy_text + 1);
}

static void write_adj(const struct knob_plan *plan, const struct root *root, int dir_fd,
		      struct knob_result *result)
{
	bool legacy = has_oom_adj_alone(dir_fd);
	result->before_known = read_adj(dir_fd, legacy, &result->before);
	/* A plain file of a fake root must be emptied; the kernel's takes no notice. */
	int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (root->real ? 0 : O_TRUNC);
	int fd = openat(dir_fd, legacy ? "oom_adj" : "oom_score_adj", flags);
	if (fd < 0) {
		explain_open(plan, dir_fd, errno, result);
		return;
	}
	int64_t number = plan->after;
	if (legacy)
		number = plan->is_oom_adj ? plan->oom_adj : oom_adj_from_score_adj((int)plan->after);
	char value[24];
	int len = snprintf(value, sizeof value, "%lld", (long long)number);
	ssize_t n = write(fd, value, (size_t)len);
	int error = n < 0 ? errno : n < len ? EIO : 0;
	close(fd);
	if (error) {
		explain_write(plan, error, result);
		return;
	}
	result->after_known = read_adj(dir_fd, legacy, &result->after);
	result->oom_adj_known = read_oom_adj(dir_fd, &result->oom_adj);
	if (legacy && plan->is_oom_adj && result->oom_adj_known && result->oom_adj == plan->oom_adj)
		result->after = plan->after; /* exactly what was asked for */
	say_adj(result, plan, legacy);
}

void apply_adj(const struct knob_plan *plan, const struct root *root, struct knob_result *result)
{
	int dir_fd = open_pid_dir(plan, root, result);
	if (dir_fd < 0)
		return;
	if (check_identity(plan, dir_fd, result) == 0)
		write_adj(plan, root, dir_fd, result);
	close(dir_fd);
}

/* --- sysctls ---------------------------------------------------------------------- */

#define SYSCTL_PATH 96

static void sysctl_path(enum sysctl_id id, char dst[SYSCTL_PATH])
{
	size_t used = (size_t)snprintf(dst, SYSCTL_PATH, "proc/sys/");
	for (const char *c = sysctl_names[id]; *c && used + 1 < SYSCTL_PATH; c++)
		dst[used++] = *c == '.' ? '/' : *c;
	dst[used] = '\0';
}

static int read_sysctl(const struct root *root, enum sysctl_id id, int64_t *ret_value)
{
	char path[SYSCTL_PATH], bytes[64];
	sysctl_path(id, path);
	ssize_t n = root_read(root, path, bytes, sizeof bytes);
	return n < 0 ? (int)n : parse_number(bytes, (size_t)n, ret_value);
}

static void explain_sysctl(const struct knob_plan *plan, int error, struct knob_result *result)
{
	const char *name = sysctl_names[plan->sysctl];
	switch (error) {
	case ENOENT:
		result_tell(result, -error, "This kernel has no %s, or this container hides it.", name);
		break;
	case EROFS:
		result_tell(result, -error,
			"/proc/sys is mounted read-only, as in containers: %s can be written on the host "
			"only.",
			name);
		break;
	case EACCES:
	case EPERM:
		result_tell(result, -error,
			"%s may be written by the host's root only; this run is uid %u%s.",
			name, (unsigned)geteuid(),
			geteuid() == 0 ? ", held back by a user namespace or a security module" : "");
		break;
	case EINVAL:
	case ERANGE:
		result_tell(result, -error,
			"The kernel refused %lld for %s: it is outside the range of this kernel.",
			(long long)plan->after, name);
		break;
	default:
		result_tell(result, -error, "%s could not be written: %s.", name, strerror(error));
	}
}

void apply_sysctl(const struct knob_plan *plan, const struct root *root, struct knob_result *result)
{
	char path[SYSCTL_PATH], value[24];
	sysctl_path(plan->sysctl, path);
	snprintf(value, sizeof value, "%lld", (long long)plan->after);
	result->before_known = read_sysctl(root, plan->sysctl, &result->before) == 0;
	if (plan->sysctl == SYSCTL_OVERCOMMIT_RATIO)
		result->partner_known = read_sysctl(root, SYSCTL_OVERCOMMIT_KBYTES, &result->partner_before) == 0;
	else if (plan->sysctl == SYSCTL_OVERCOMMIT_KBYTES)
		result->partner_known = read_sysctl(root, SYSCTL_OVERCOMMIT_RATIO, &result->partner_before) == 0;
	int r = root_write(root, path, value);
	if (r < 0) {
		explain_sysctl(plan, -r, result);
		return;
	}
	result->after_known = read_sysctl(root, plan->sysctl, &result->after) == 0;
	say_change(result, plan);
}

/* --- the door ------------------------------------------------------------------------ */

int knob_apply(const struct knob_plan *plan, const struct root *root, bool readonly, struct audit *audit,
	       struct knob_result *ret_result)
{
	struct knob_result result = { 0 };
	bool refused = true;
	if (readonly) {
		result_tell(&result, -EPERM, "This run is read-only (--readonly): nothing was written.");
	} else if (plan->gate == GATE_REFUSED) {
		result_tell(&result, -EPERM, "%s", plan->text);
	} else {
		refused = false;
		switch (plan->kind) {
		case KNOB_ADJ:
			apply_adj(plan, root, &result);
			break;
		case KNOB_SYSCTL:
			apply_sysctl(plan, root, &result);
			break;
		case KNOB_MEMCG:
			apply_memcg(plan, root, &result);
			break;
		case KNOB_SIGNAL:
			apply_signal(plan, root, &result);
			break;
		}
	}
	if (audit)
		audit_record(audit, plan, &result, refused, root->real);
	*ret_result = result;
	return result.error;
}
