/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The log of the operator's writes.
 *
 * Why not syslog(3): its socket blocks. On a host out of memory the daemon at
 * the other end may not run for a minute, its queue fills up, and the monitor
 * would hang in the very moment it is needed; nor does it tell of a failure. So
 * the one datagram is sent here, without waiting, in the form every daemon
 * takes (RFC 3164: priority, local time, tag, text).
 *
 * Facility auth, level notice: who changed what with root's rights is what
 * administrators look for there, and it is readable to them by default.
 */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "oomsight/model/badness.h"
#include "words.h"

struct audit {
	struct audit_actor actor;
	int file_fd;   /* -1: no file asked for */
	int syslog_fd; /* -1: no socket to be had */
	struct sockaddr_un syslog_address;
	char file[256];
};

static long sudo_uid(void)
{
	const char *said = getenv("SUDO_UID");
	uint64_t uid;
	if (!said || text_to_u64(text_of_str(said), 10, &uid) < 0 || uid > UINT32_MAX)
		return -1;
	return (long)uid;
}

/* A descriptor or -errno with *diag filled. */
static int open_file(const char *file, struct diag *diag)
{
	/* O_NONBLOCK: a FIFO without a reader must not hold us up. */
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	if (fd < 0) {
		int error = errno;
		diag_set(diag, file, 0, "cannot be opened as the audit file: %s",
			 error == ELOOP ? "it is a symbolic link, which is not followed; name the file itself" :
					  strerror(error));
		return -error;
	}
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		diag_set(diag, file, 0, "cannot be the audit file: it is not a regular file");
		return -EINVAL;
	}
	return fd;
}

struct audit *audit_new_at(const char *file, const char *syslog_socket, struct diag *diag)
{
	struct audit *audit = calloc(1, sizeof *audit);
	if (!audit) {
		diag_set(diag, file, 0, "no memory for the audit");
		return NULL;
	}
	audit->file_fd = -1;
	if (file) {
		audit->file_fd = open_file(file, diag);
		if (audit->file_fd < 0) {
			free(audit);
			return NULL;
		}
		snprintf(audit->file, sizeof audit->file, "%s", file);
	}
	audit->actor = (struct audit_actor){ .uid = (long)getuid(), .sudo_uid = sudo_uid() };
	audit->syslog_address.sun_family = AF_UNIX;
	snprintf(audit->syslog_address.sun_path, sizeof audit->syslog_address.sun_path, "%s", syslog_socket);
	audit->syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return audit;
}

struct audit *audit_new(const char *file, struct diag *diag)
{
	return audit_new_at(file, _PATH_LOG, diag);
}

void audit_free(struct audit *audit)
{
	if (!audit)
		return;
	if (audit->file_fd >= 0)
		close(audit->file_fd);
	if (audit->syslog_fd >= 0)
		close(audit->syslog_fd);
	free(audit);
}

/* --- the line --------------------------------------------------------------------- */

struct line {
	char *bytes;
	size_t size;
	size_t used;
};

static void line_add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line_add(struct line *line, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(line->bytes + line->used, line->size - line->used, format, ap);
	va_end(ap);
	size_t room = line->size - line->used - 1;
	line->used += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room;
}

/* name="text": nothing in text can end the quotes or the line. Backslashes stay:
 * names are made safe already. */
static void line_add_quoted(struct line *line, const char *name, const char *text)
{
	line_add(line, " %s=\"", name);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		if (byte == '"' || byte < 0x20 || byte == 0x7f)
			line_add(line, "\\x%02x", byte);
		else
			line_add(line, "%c", byte);
	}
	line_add(line, "\"");
}

/* In bytes, where people are shown a size. */
static void exact_value(const struct knob_plan *plan, int64_t value, char dst[24])
{
	if (plan->kind == KNOB_MEMCG && value == KNOB_UNLIMITED)
		snprintf(dst, 24, "max");
	else
		snprintf(dst, 24, "%lld", (long long)value);
}

/* Was a value typed that no oom_score_adj stands for? */
static bool has_no_value(const struct knob_plan *plan)
{
	return plan->kind == KNOB_ADJ && plan->is_oom_adj && (plan->oom_adj < OOM_DISABLE || plan->oom_adj > OOM_ADJUST_MAX);
}

static void line_add_change(struct line *line, const struct knob_plan *plan, const struct knob_result *result)
{
	bool known = result && result->before_known ? true : plan->before_known;
	char before[24], after[24];
	exact_value(plan, result && result->before_known ? result->before : plan->before, before);
	exact_value(plan, plan->after, after);
	line_add(line, " change=\"%s -> %s\"", known ? before : "?", has_no_value(plan) ? "none" : after);
}

char *audit_format(char dst[AUDIT_LINE], time_t when, const struct audit_actor *actor, const struct knob_plan *plan,
		   const struct knob_result *result, bool refused, bool real_root)
{
	struct line line = { .bytes = dst, .size = AUDIT_LINE };
	struct tm utc;
	char name[WORDS_SIGNAL];
	dst[0] = '\0';
	if (gmtime_r(&when, &utc))
		line_add(&line, "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
			 utc.tm_hour, utc.tm_min, utc.tm_sec);
	line_add(&line, " uid=%ld", actor->uid);
	if (actor->sudo_uid >= 0)
		line_add(&line, " sudo_uid=%ld", actor->sudo_uid);
	if (!real_root)
		line_add(&line, " host=fake");
	switch (plan->kind) {
	case KNOB_ADJ:
		line_add(&line, " knob=oom_score_adj");
		break;
	case KNOB_SYSCTL:
		line_add(&line, " knob=%s", sysctl_names[plan->sysctl]);
		break;
	case KNOB_MEMCG:
		line_add(&line, " knob=%s", words_file(plan));
		line_add_quoted(&line, "group", plan->group);
		break;
	case KNOB_SIGNAL:
		words_signal(plan->signal, name);
		line_add(&line, " knob=signal signal=%s", knob_signal_name(plan->signal) ? name : name + strlen("signal "));
		break;
	}
	if (plan->kind == KNOB_ADJ || plan->kind == KNOB_SIGNAL) {
		line_add(&line, " pid=%d start=%llu", (int)plan->pid, (unsigned long long)plan->start_ticks);
		line_add_quoted(&line, "comm", plan->comm);
	}
	if (plan->kind == KNOB_ADJ && plan->is_oom_adj)
		line_add(&line, " oom_adj=%d", plan->oom_adj);
	if (plan->kind != KNOB_SIGNAL)
		line_add_change(&line, plan, result);
	refused = refused || !result;
	line_add(&line, " outcome=%s", refused ? "refused" : result->error < 0 ? "failed" : "done");
	if (!refused && result->error == 0 && result->after_known) {
		char now[24];
		exact_value(plan, result->after, now);
		line_add(&line, " kernel=%s", now);
	}
	if (refused || result->error < 0)
		line_add_quoted(&line, "because", result ? result->text : plan->text);
	return dst;
}

/* --- where it goes -------------------------------------------------------------------- */

/* Returns 0 or -errno; 0 as well where no syslog listens at all. */
static int send_to_syslog(const struct audit *audit, time_t when, const char *text)
{
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char packet[AUDIT_LINE + 80];
	struct tm local;
	if (audit->syslog_fd < 0)
		return 0;
	if (!localtime_r(&when, &local))
		return -EOVERFLOW;
	int len = snprintf(packet, sizeof packet, "<%d>%s %2d %02d:%02d:%02d oomsight[%ld]: %s", LOG_AUTH | LOG_NOTICE,
			   months[local.tm_mon], local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
			   (long)getpid(), text);
	/* The address each time: the daemon may have been started anew. */
	ssize_t n = sendto(audit->syslog_fd, packet, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL,
			   (const struct sockaddr *)&audit->syslog_address, sizeof audit->syslog_address);
	if (n < 0 && (errno == ENOENT || errno == ECONNREFUSED))
		return 0;
	return n < 0 ? -errno : 0;
}

/* One write call with O_APPEND: lines of two monitors do not mix. */
static int append_to_file(const struct audit *audit, char line[AUDIT_LINE + 1])
{
	if (audit->file_fd < 0)
		return 0;
	size_t len = strlen(line);
	line[len++] = '\n';
	ssize_t n = write(audit->file_fd, line, len);
	line[len - 1] = '\0';
	return n < 0 ? -errno : (size_t)n < len ? -ENOSPC : 0;
}

static void record(struct audit *audit, const struct knob_plan *plan, struct knob_result *result, bool refused,
		   bool real_root)
{
	char line[AUDIT_LINE + 1];
	time_t now = time(NULL);
	audit_format(line, now, &audit->actor, plan, result, refused, real_root);
	int syslog_error = send_to_syslog(audit, now, line);
	int file_error = append_to_file(audit, line);
	if (!result)
		return;
	if (file_error < 0)
		words_add(result->text, sizeof result->text, "NOT in the audit file %.100s: %s.", audit->file,
			  strerror(-file_error));
	if (syslog_error < 0)
		words_add(result->text, sizeof result->text, "NOT in syslog: %s.",
			  syslog_error == -EAGAIN ? "its daemon does not read" : strerror(-syslog_error));
}

void audit_record(struct audit *audit, const struct knob_plan *plan, struct knob_result *result, bool refused,
		  bool real_root)
{
	record(audit, plan, result, refused, real_root);
}

void audit_refused(struct audit *audit, const struct knob_plan *plan, const struct root *root)
{
	if (audit)
		record(audit, plan, NULL, true, root->real);
}
