/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stands before the kernel's words on a line of a log. Private to this room.
 */
#ifndef OOMSIGHT_KLOG_LINE_H
#define OOMSIGHT_KLOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/out.h"
#include "oomsight/base/text.h"
#include "oomsight/klog/report.h"

#define LINE_KEY 12

struct line_time {
	struct text text; /* as logged, empty for none */
	struct klog_u64 monotonic_ns;
	struct klog_i64 realtime_ns, local_ns, day_ns;
};

struct line {
	struct text body;   /* the kernel's words */
	size_t width;       /* of the line without the marks of a quote */
	bool prefixed;      /* a stamp or a tag stood before them */
	bool kmsg;          /* a record of /dev/kmsg: \xNN are escapes */
	char key[LINE_KEY]; /* "T123", "C1": who printed it; "" for not marked */
	struct line_time time;
};

/* Take a line apart. decoded: room for a message that was escaped (JSON), must
 * live as long as the line; its content is replaced. */
void line_parse(struct text raw, struct line *line, struct out *decoded);

/* The same without colours and with plain blanks; in room (which is emptied first) where
 * something had to go. */
struct text line_plain(struct text raw, struct out *room);

/* Was the mail kept as it was sent, RFC 2045 6.7? Told by words of a report, in which no
 * "=3D" stands. */
bool line_is_quoted_printable(struct text raw);
/* Append a line of such a mail, decoded. Returns whether it goes on with the next. */
bool line_unquote(struct text raw, struct out *dst);

/* A line that is a JSON object with a log's line in it: that into *decoded, and the time
 * it was taken in. False for what is none; *time is untouched then. */
bool line_json(struct text raw, struct line_time *time, struct out *decoded);

/* \xNN as /dev/kmsg writes them, undone into dst (which is emptied first). */
void line_unescape(struct text text, struct out *dst);

#endif
