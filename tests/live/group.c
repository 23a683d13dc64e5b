/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "oomsight/base/root.h"
#include "oomsight/sample/parse.h"

static bool join(char dst[GROUP_PATH], const char *a, const char *b)
{
	int n = snprintf(dst, GROUP_PATH, "%s%s%s", strcmp(a, "/") == 0 ? "" : a, b[0] == '/' ? "" : "/", b);
	return n > 0 && n < GROUP_PATH;
}

bool group_read(const struct group *group, const char *file, char *dst, size_t size)
{
	char path[2 * GROUP_PATH];
	snprintf(path, sizeof path, "%s/%s", group->dir, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = root_pread_all(fd, dst, size);
	close(fd);
	return n >= 0;
}

bool group_write(const struct group *group, const char *file, const char *value)
{
	char path[2 * GROUP_PATH];
	snprintf(path, sizeof path, "%s/%s", group->dir, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = write(fd, value, strlen(value));
	close(fd);
	return n == (ssize_t)strlen(value);
}

bool group_make(const struct group *parent, const char *name, struct group *ret_group)
{
	char unused[64];
	ret_group->v2 = parent->v2;
	if (!join(ret_group->dir, parent->dir, name) || !join(ret_group->path, parent->path, name))
		return false;
	if (parent->v2)
		group_write(parent, "cgroup.subtree_control", "+memory");
	if (mkdir(ret_group->dir, 0755) < 0)
		return false;
	if (group_read(ret_group, ret_group->v2 ? "memory.max" : "memory.limit_in_bytes", unused, sizeof unused))
		return true;
	rmdir(ret_group->dir);
	return false;
}

const char *group_make_first(struct group *group)
{
	static char mountinfo[65536], cgroup[8192];
	struct diag diag;
	struct root root;
	struct parsed_memcg_mount mount;
	struct text path;
	struct group own;
	char name[64], point[GROUP_PATH], below[GROUP_PATH];
	if (root_open(&root, "/", &diag) < 0)
		return "no proc";
	ssize_t n = root_read(&root, "proc/self/mountinfo", mountinfo, sizeof mountinfo);
	ssize_t m = root_read(&root, "proc/self/cgroup", cgroup, sizeof cgroup);
	root_close(&root);
	if (n < 0 || m < 0 || parse_mountinfo_memcg(text_of(mountinfo, (size_t)n), &mount) < 0 ||
	    parse_task_cgroup(text_of(cgroup, (size_t)m), &path) < 0)
		return "no memory controller is mounted";
	size_t len = parse_unescape(mount.mount_point, point, sizeof point - 1);
	point[len] = '\0';
	/* What is mounted may be a group itself. */
	size_t top = text_is(mount.root, "/") ? 0 : mount.root.len;
	if (top > 0 && !text_has_prefix(path, mount.root))
		return "this process stands outside of what is mounted";
	text_copy(text_of(path.ptr + top, path.len - top), below, sizeof below);
	own.v2 = mount.version == MEMCG_V2;
	text_copy(path, own.path, sizeof own.path);
	if (!join(own.dir, point, below))
		return "too long a path";
	if (access(own.dir, W_OK) < 0)
		return "no group can be made here";
	snprintf(name, sizeof name, "oomsight-test-%d", (int)getpid());
	return group_make(&own, name, group) ? NULL : "no memory cgroup can be made here";
}

void group_take_turn(void)
{
	(void)flock(open("Makefile", O_RDONLY | O_CLOEXEC), LOCK_EX);
}

const char *group_make_limited(struct group *group, size_t mib)
{
	const char *why = group_make_first(group);
	if (why)
		return why;
	if (group_limit(group, mib))
		return NULL;
	group_remove(group);
	return "no limit can be set here";
}

bool group_limit(const struct group *group, size_t mib)
{
	char bytes[32];
	snprintf(bytes, sizeof bytes, "%zu", mib << 20);
	if (group->v2) {
		group_write(group, "memory.swap.max", "0");
		return group_write(group, "memory.max", bytes);
	}
	group_write(group, "memory.swappiness", "0");
	return group_write(group, "memory.limit_in_bytes", bytes);
}

bool group_add(const struct group *group, pid_t pid)
{
	char digits[16];
	snprintf(digits, sizeof digits, "%d", (int)pid);
	return group_write(group, "cgroup.procs", digits);
}

void group_remove(const struct group *group)
{
	const struct timespec moment = { 0, 10000000 };
	for (int i = 0; i < 500 && rmdir(group->dir) < 0 && errno == EBUSY; i++)
		nanosleep(&moment, NULL);
}
