/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing to a memory cgroup, with its directory held: a group that was removed and
 * made anew under the same path has another inode and is left alone.
 *
 * The write of a limit returns when reclaim, and on v2 killing, is done: it may take
 * seconds. O_NONBLOCK would avoid that from 6.16 on, and with it the killing that the
 * operator was told of; so it is not used.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"
#include "words.h"

/* v1 prints no limit as the largest number of whole pages. */
#define V1_UNLIMITED_LEAST (INT64_MAX - 65536)

static int read_value(const struct knob_plan *plan, const struct root *dir, int64_t *ret_value)
{
	char bytes[32];
	ssize_t n = root_read(dir, memcg_file_name(plan->file, plan->version), bytes, sizeof bytes);
	if (n < 0)
		return (int)n;
	if (text_is(text_trim(text_of(bytes, (size_t)n)), "max")) {
		*ret_value = KNOB_UNLIMITED;
		return 0;
	}
	int r = parse_number(bytes, (size_t)n, ret_value);
	if (r == 0 && plan->version == MEMCG_V1 && *ret_value >= V1_UNLIMITED_LEAST)
		*ret_value = KNOB_UNLIMITED;
	return r;
}

static void explain(const struct knob_plan *plan, int error, struct knob_result *result)
{
	char target[WORDS_TARGET], value[WORDS_VALUE];
	words_target(plan, target);
	words_value(plan, plan->after, value);
	switch (error) {
	case ENOENT:
		result_tell(result, -error, "%s does not exist: this kernel has none, or the controller is off there.", target);
		break;
	case ENODEV:
		result_tell(result, -error, "%s was removed: nothing was written.", plan->group);
		break;
	case EBUSY:
		result_tell(result, -error, "%s could not be lowered to %s: reclaim cannot bring the usage below it.", target,
			    value);
		break;
	case EROFS:
		result_tell(result, -error, "cgroupfs is mounted read-only, as in containers: %s cannot be written here.", target);
		break;
	case EACCES:
	case EPERM:
		result_tell(result, -error, "%s may not be written by uid %u.", target, (unsigned)geteuid());
		break;
	case EINTR:
		result_tell(result, -error, "Writing %s was broken off by a signal.", target);
		break;
	case EINVAL:
		result_tell(result, -error, "The kernel takes no %s as %s.", value, target);
		break;
	default:
		result_tell(result, -error, "%s could not be written: %s.", target, strerror(error));
	}
}

static void write_value(const struct knob_plan *plan, const struct root *dir, struct knob_result *result)
{
	char value[24];
	const char *unlimited = plan->version == MEMCG_V1 ? "-1" : "max";
	bool is_limit = plan->file != MEMCG_FILE_OOM_GROUP;
	if (is_limit && plan->after == KNOB_UNLIMITED)
		snprintf(value, sizeof value, "%s", unlimited);
	else
		snprintf(value, sizeof value, "%lld", (long long)plan->after);
	result->before_known = read_value(plan, dir, &result->before) == 0;
	int r = root_write(dir, memcg_file_name(plan->file, plan->version), value);
	if (r < 0) {
		explain(plan, -r, result);
		return;
	}
	result->after_known = read_value(plan, dir, &result->after) == 0;
	/* A plain file of a fake root keeps what was written. */
	if (result->after_known && is_limit && result->after == -1)
		result->after = KNOB_UNLIMITED;
	say_change(result, plan);
}

void apply_memcg(const struct knob_plan *plan, const struct root *root, struct knob_result *result)
{
	struct stat st;
	int fd = root_open_file(root, plan->dir, O_RDONLY | O_DIRECTORY);
	if (fd == -ENOENT) {
		result_tell(result, fd, "%s was removed: nothing was written.", plan->group);
		return;
	}
	if (fd < 0) {
		result_tell(result, fd, "The directory of %s cannot be opened: %s.", plan->group, strerror(-fd));
		return;
	}
	const struct root dir = { .fd = fd, .real = root->real };
	if (plan->inode != 0 && (fstat(fd, &st) < 0 || st.st_ino != plan->inode))
		result_tell(result, -ENOENT, "%s was removed and made anew since: nothing was written.", plan->group);
	else
		write_value(plan, &dir, result);
	close(fd);
}
