/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/klog/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "syslog.h"

/* kernel/printk/internal.h PRINTK_MESSAGE_MAX of v6.18, CONSOLE_EXT_LOG_MAX of older
 * ones: 8192. A smaller buffer would get EINVAL. */
#define RECORD_SIZE 8192

/* include/uapi/linux/major.h MEM_MAJOR, drivers/char/mem.c: the same since 3.5. */
#define KMSG_MAJOR 1
#define KMSG_MINOR 11

/* A log that is written faster than it is read must not hold up the screen. */
#define RECORDS_AT_ONCE 65536

struct follower {
	struct klog_parser *parser;
	int fd; /* -1 after an error, and with the syslog call */
	struct syslog_log syslog; /* call NULL: not used, or after an error */
	char why_syslog[96];
	bool expecting;
	uint64_t called_ns; /* the syslog call, last */
	bool is_behind;
	bool at_end; /* read() said so: poll would do so for ever */
	uint32_t gaps;
	uint64_t progress; /* of the parser */
	uint64_t moved_ns; /* when it was last another */
};

/* include/linux/syslog.h SYSLOG_ACTION_READ_ALL */
#define SYSLOG_READ_ALL 3

static bool is_log(int fd, bool real)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return false;
	if (S_ISCHR(st.st_mode))
		return st.st_rdev == makedev(KMSG_MAJOR, KMSG_MINOR);
	return !real && (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode));
}

static int open_log(const struct root *root, struct diag *diag)
{
	int fd = root_open_file(root, "dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (fd < 0) {
		diag_set(diag, "dev/kmsg", 0, "cannot be opened: %s", strerror(-fd));
	} else if (!is_log(fd, root->real)) {
		diag_set(diag, "dev/kmsg", 0, "is not the kernel's log");
		close(fd);
		fd = -ENODEV;
	}
	return fd;
}

/* Ask for nothing, as a trial. */
static bool can_call(follower_syslog_fn *syslog, struct diag *diag)
{
	char one;
	if (syslog(SYSLOG_READ_ALL, &one, 0) >= 0)
		return true;
	char why[64];
	snprintf(why, sizeof why, "%.63s", diag->text);
	diag_set(diag, "dev/kmsg", 0, "%s; nor by the syslog call: %s%s", why, strerror(errno),
		 errno == EPERM ? " (kernel.dmesg_restrict is set: CAP_SYSLOG is needed)" : "");
	return false;
}

struct follower *follower_new(const struct root *root, int64_t boot_ns, follower_syslog_fn *syslog, klog_report_fn *deliver,
			      void *context, struct diag *diag)
{
	int fd = open_log(root, diag);
	if (fd < 0 && (!syslog || !can_call(syslog, diag)))
		return NULL;
	struct follower *follower = calloc(1, sizeof *follower);
	if (follower)
		follower->parser = klog_parser_new(deliver, context);
	if (!follower || !follower->parser) {
		diag_set(diag, NULL, 0, "out of memory");
		free(follower);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	follower->fd = fd;
	if (fd < 0) {
		follower->fd = -1;
		follower->syslog.call = syslog;
		follower->expecting = true;
		snprintf(follower->why_syslog, sizeof follower->why_syslog, "dev/kmsg %.80s", diag->text);
	}
	if (boot_ns >= 0)
		klog_parser_set_boot(follower->parser, boot_ns);
	return follower;
}

void follower_free(struct follower *follower)
{
	if (!follower)
		return;
	if (follower->fd >= 0)
		close(follower->fd);
	klog_parser_free(follower->parser);
	free(follower);
}

int follower_keep_little(struct follower *follower)
{
	return klog_parser_keep_little(follower->parser);
}

int follower_fd(const struct follower *follower)
{
	return follower->at_end ? -1 : follower->fd;
}

const char *follower_why_syslog(const struct follower *follower)
{
	return follower->why_syslog[0] ? follower->why_syslog : NULL;
}

void follower_expect(struct follower *follower)
{
	follower->expecting = true;
}

bool follower_is_behind(const struct follower *follower)
{
	return follower->is_behind;
}

static int give_up(struct follower *follower, int error)
{
	if (follower->fd >= 0)
		close(follower->fd);
	follower->fd = -1;
	follower->syslog.call = NULL;
	follower->is_behind = false;
	return error;
}

static int read_syslog(struct follower *follower, uint64_t now_ns)
{
	if (!follower->expecting && now_ns - follower->called_ns < FOLLOW_SYSLOG_NS)
		return 0;
	follower->expecting = false;
	follower->called_ns = now_ns;
	int r = syslog_log_read(&follower->syslog, follower->parser);
	if (r < 0)
		return give_up(follower, r);
	follower->gaps += (uint32_t)r;
	return 0;
}

static int read_records(struct follower *follower)
{
	char record[RECORD_SIZE];
	follower->is_behind = true;
	for (uint32_t n = 0; n < RECORDS_AT_ONCE; n++) {
		ssize_t got = read(follower->fd, record, sizeof record);
		follower->at_end = got == 0;
		if (got == 0 || (got < 0 && errno == EAGAIN)) {
			follower->is_behind = false;
			break;
		}
		if (got < 0 && errno == EPIPE) {
			/* Overwritten: it goes on with the oldest that is left. */
			follower->gaps++;
			continue;
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return give_up(follower, -errno);
		if (klog_parser_feed(follower->parser, record, (size_t)got) < 0)
			return give_up(follower, -ENOMEM);
	}
	return 0;
}

int follower_read(struct follower *follower, uint64_t now_ns)
{
	int r = 0;
	if (follower->fd >= 0)
		r = read_records(follower);
	else if (follower->syslog.call)
		r = read_syslog(follower, now_ns);
	uint64_t progress = klog_parser_progress(follower->parser);
	if (progress != follower->progress)
		follower->moved_ns = now_ns;
	follower->progress = progress;
	if (progress != 0 && now_ns - follower->moved_ns >= FOLLOW_REST_NS) {
		int flushed = follower_flush(follower);
		r = r < 0 ? r : flushed;
	}
	return r;
}

int follower_flush(struct follower *follower)
{
	int r = klog_parser_flush(follower->parser);
	follower->progress = 0;
	return r;
}

bool follower_is_open(const struct follower *follower, uint64_t *ret_due_ns)
{
	if (follower->progress == 0)
		return false;
	*ret_due_ns = follower->moved_ns + FOLLOW_REST_NS;
	return true;
}

uint32_t follower_gaps(const struct follower *follower)
{
	return follower->gaps;
}
