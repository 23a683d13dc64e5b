/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * /proc/PID/mountinfo, of which only the mount of proc itself is of interest:
 * "22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw,gid=4,hidepid=2".
 */
#include "oomsight/sample/parse.h"

#include <errno.h>

/* The names came with 5.8; before, numbers (fs/proc/root.c). */
static enum proc_hiding hiding_of(struct text value)
{
	if (text_is(value, "1") || text_is(value, "2") || text_is(value, "noaccess") || text_is(value, "invisible"))
		return PROC_HIDES_BY_GROUP;
	if (text_is(value, "4") || text_is(value, "ptraceable"))
		return PROC_HIDES_FROM_ALL;
	return PROC_HIDES_NONE;
}

static void parse_options(struct text options, struct parsed_proc_mount *mount)
{
	struct text option, key;
	while (text_next_until(&options, ',', &option)) {
		struct text value = option;
		uint64_t gid;
		if (!text_next_until(&value, '=', &key))
			continue; /* nothing between two commas */
		if (text_is(key, "hidepid"))
			mount->hiding = hiding_of(value);
		else if (text_is(key, "gid") && text_to_u64(value, 10, &gid) == 0 && gid <= UINT32_MAX)
			mount->gid = (uint32_t)gid;
	}
}

/* The five words before, those up to "-", type, source, then the options. */
static bool parse_line(struct text line, struct text mount_point, struct parsed_proc_mount *ret_mount)
{
	struct text word;
	for (int i = 0; i < 5; i++) {
		if (!text_next_word(&line, &word))
			return false;
	}
	if (!text_equal(word, mount_point))
		return false;
	do {
		if (!text_next_word(&line, &word))
			return false;
	} while (!text_is(word, "-"));
	if (!text_next_word(&line, &word) || !text_is(word, "proc") || !text_next_word(&line, &word) ||
	    !text_next_word(&line, &word))
		return false;
	*ret_mount = (struct parsed_proc_mount){ PROC_HIDES_NONE, 0 };
	parse_options(word, ret_mount);
	return true;
}

int parse_mountinfo_proc(struct text bytes, struct text mount_point, struct parsed_proc_mount *ret_mount)
{
	struct text line;
	bool found = false;
	/* A later line covers an earlier one on the same place. */
	while (text_next_line(&bytes, &line))
		found |= parse_line(line, mount_point, ret_mount);
	return found ? 0 : -ENOENT;
}
