/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syslog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* include/linux/syslog.h */
#define ACTION_READ_ALL 3
#define ACTION_SIZE_BUFFER 10

/* As much as a second brings as a rule; more than that is asked for again in full. */
#define RECENT (16 << 10)

/* Where the mark ends in what was read; NULL when it is not there. Of several the last:
 * a log without stamps may repeat itself. */
static const char *behind_mark(const struct syslog_log *log, const char *bytes, size_t len)
{
	const char *found = NULL, *end = bytes + len;
	for (const char *p = bytes; (p = memmem(p, (size_t)(end - p), log->mark, log->mark_len)); p++)
		found = p + log->mark_len;
	return found;
}

/* The line's end is left out: a record that is continued grows in place. */
static void set_mark(struct syslog_log *log, const char *bytes, size_t len)
{
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	size_t n = len < SYSLOG_MARK ? len : SYSLOG_MARK;
	memcpy(log->mark, bytes + len - n, n);
	log->mark_len = n;
}

/* Feed what stands behind the mark. False when the mark is not there. */
static bool feed_new(struct syslog_log *log, struct klog_parser *parser, const char *bytes, size_t len, int *ret_error)
{
	const char *from = log->mark_len > 0 ? behind_mark(log, bytes, len) : bytes, *end = bytes + len;
	if (!from)
		return false;
	if (log->mark_len > 0 && from < end && *from == '\n')
		from++;
	*ret_error = klog_parser_feed(parser, from, (size_t)(end - from));
	set_mark(log, bytes, len);
	return true;
}

static int read_all(struct syslog_log *log, struct klog_parser *parser)
{
	int size = log->call(ACTION_SIZE_BUFFER, NULL, 0);
	if (size < 0)
		return -errno;
	char *bytes = malloc((size_t)size + 1);
	if (!bytes)
		return -ENOMEM;
	int n = log->call(ACTION_READ_ALL, bytes, size), r = n < 0 ? -errno : 0;
	if (n > 0 && !feed_new(log, parser, bytes, (size_t)n, &r)) {
		log->mark_len = 0;
		feed_new(log, parser, bytes, (size_t)n, &r);
		r = r < 0 ? r : 1;
	}
	free(bytes);
	return r;
}

int syslog_log_read(struct syslog_log *log, struct klog_parser *parser)
{
	char recent[RECENT];
	if (log->begun && log->mark_len > 0) {
		int n = log->call(ACTION_READ_ALL, recent, sizeof recent), r = 0;
		if (n < 0)
			return -errno;
		if (n == 0 || feed_new(log, parser, recent, (size_t)n, &r))
			return r;
	}
	log->begun = true;
	return read_all(log, parser);
}
