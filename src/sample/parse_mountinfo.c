/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * /proc/PID/mountinfo, of which the mounts of proc itself and of the memory
 * controller are of interest:
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

struct mount_line {
	struct text root;
	struct text mount_point;
	struct text type;
	struct text options; /* of the file system, not of the mount */
};

/* The five words before, those up to "-", type, source, then the options. */
static bool split_line(struct text line, struct mount_line *ret_mount)
{
	struct text word;
	for (int i = 0; i < 5; i++) {
		if (!text_next_word(&line, &word))
			return false;
		if (i == 3)
			ret_mount->root = word;
	}
	ret_mount->mount_point = word;
	do {
		if (!text_next_word(&line, &word))
			return false;
	} while (!text_is(word, "-"));
	return text_next_word(&line, &ret_mount->type) && text_next_word(&line, &word) &&
	       text_next_word(&line, &ret_mount->options);
}

static bool parse_line(struct text line, struct text mount_point, struct parsed_proc_mount *ret_mount)
{
	struct mount_line mount;
	if (!split_line(line, &mount) || !text_equal(mount.mount_point, mount_point) || !text_is(mount.type, "proc"))
		return false;
	*ret_mount = (struct parsed_proc_mount){ PROC_HIDES_NONE, 0 };
	parse_options(mount.options, ret_mount);
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

static bool lists_memory(struct text options)
{
	struct text option;
	while (text_next_until(&options, ',', &option)) {
		if (text_is(option, "memory"))
			return true;
	}
	return false;
}

int parse_mountinfo_memcg(struct text bytes, struct parsed_memcg_mount *ret_mount)
{
	struct parsed_memcg_mount best = { .version = MEMCG_NONE };
	struct text line;
	while (text_next_line(&bytes, &line)) {
		struct mount_line mount;
		if (!split_line(line, &mount))
			continue;
		enum memcg_version version = MEMCG_NONE;
		if (text_is(mount.type, "cgroup") && lists_memory(mount.options))
			version = MEMCG_V1;
		else if (text_is(mount.type, "cgroup2"))
			version = MEMCG_V2;
		if (version == MEMCG_NONE || (best.version == MEMCG_V1 && version == MEMCG_V2))
			continue;
		bool better = best.version == MEMCG_NONE || (best.version == MEMCG_V2 && version == MEMCG_V1) ||
			      (text_is(mount.root, "/") && !text_is(best.root, "/"));
		if (better)
			best = (struct parsed_memcg_mount){ version, mount.mount_point, mount.root };
	}
	if (best.version == MEMCG_NONE)
		return -ENOENT;
	*ret_mount = best;
	return 0;
}
