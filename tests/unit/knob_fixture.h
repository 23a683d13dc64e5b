/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of the knob room share: a snapshot of a made-up host, and a
 * fake root in a temporary directory.
 */
#ifndef OOMSIGHT_TESTS_KNOB_FIXTURE_H
#define OOMSIGHT_TESTS_KNOB_FIXTURE_H

#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oomsight/base/root.h"
#include "oomsight/knob/knob.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)

static inline void host_fact(struct snapshot *snap, enum sys_fact fact, uint64_t value)
{
	snap->system.value[fact] = value;
	snap->system.state[fact] = FACT_KNOWN;
}

static inline void host_sysctl(struct snapshot *snap, enum sysctl_id id, int64_t value)
{
	snap->system.sysctl[id] = (struct sysctl_value){ FACT_KNOWN, value };
}

/* 16 GiB of RAM, 4 GiB of swap, 6 GiB committed; every sysctl at its default; the
 * observer is full root on the host. */
static inline void host_init(struct snapshot *snap)
{
	snapshot_init(snap);
	snprintf(snap->release, sizeof snap->release, "6.1.0-56-amd64");
	snap->page_bytes = 4096;
	snap->observer = (struct observer){ .pid = 4000, .uid = 0, .cap_eff = ~UINT64_C(0), .in_init_pid_ns = true,
					    .in_init_user_ns = true };
	host_fact(snap, SYS_MEM_TOTAL, 16 * GIB);
	host_fact(snap, SYS_MEM_AVAILABLE, 3 * GIB);
	host_fact(snap, SYS_SWAP_TOTAL, 4 * GIB);
	host_fact(snap, SYS_COMMITTED_AS, 6 * GIB);
	host_fact(snap, SYS_COMMIT_LIMIT, 12 * GIB);
	host_fact(snap, SYS_HUGETLB, 0);
	for (int i = 0; i < SYSCTL__COUNT; i++) {
		int64_t value = sysctl_table[i].kernel_default;
		host_sysctl(snap, (enum sysctl_id)i, value == INT64_MIN ? 65536 : value);
	}
	host_sysctl(snap, SYSCTL_ADMIN_RESERVE_KBYTES, 8192);
}

/* A process of uid 1000, adj 0, all groups known but the floor. */
static inline struct task *host_task(struct snapshot *snap, int32_t pid, const char *comm)
{
	struct task *task = snapshot_add_task(snap, pid);
	assert_non_null(task);
	assert_int_equal(snapshot_add_text(snap, text_of_str(comm), &task->comm), 0);
	task->start_ticks = (uint64_t)pid * 100;
	task->uid = 1000;
	task->state = 'S';
	for (int i = 0; i < TASK__GROUPS; i++)
		task->group_state[i] = FACT_KNOWN;
	task->group_state[TASK_FLOOR] = FACT_UNKNOWN;
	return task;
}

/* --- a fake root -------------------------------------------------------------- */

struct fake {
	char dir[64];
	struct root root;
};

static inline void fake_path(const struct fake *fake, const char *path, char dst[256])
{
	snprintf(dst, 256, "%s/%s", fake->dir, path);
}

/* Make a file, and the directories above it. */
static inline void fake_file(const struct fake *fake, const char *path, const char *content)
{
	char whole[256];
	fake_path(fake, path, whole);
	for (char *slash = strchr(whole + strlen(fake->dir) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(whole, 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
	int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
}

static inline const char *read_whole(const char *path, char *dst, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(root_pread_all(fd, dst, size) >= 0);
	close(fd);
	return dst;
}

static inline void assert_fake_file(const struct fake *fake, const char *path, const char *content)
{
	char whole[256], bytes[256];
	fake_path(fake, path, whole);
	assert_string_equal(read_whole(whole, bytes, sizeof bytes), content);
}

static inline void fake_open(struct fake *fake)
{
	const char *tmp = getenv("TMPDIR");
	struct diag diag;
	snprintf(fake->dir, sizeof fake->dir, "%.30s/oomsight-knob-XXXXXX", tmp && strlen(tmp) <= 30 ? tmp : "/tmp");
	assert_non_null(mkdtemp(fake->dir));
	fake_file(fake, "proc/meminfo", "MemTotal: 1 kB\n");
	assert_int_equal(root_open(&fake->root, fake->dir, &diag), 0);
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void fake_close(struct fake *fake)
{
	root_close(&fake->root);
	assert_int_equal(nftw(fake->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* --- assertions on words -------------------------------------------------------- */

static inline void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words)) {
		print_error("missing: %s\nin: %s\n", words, text);
		fail();
	}
}

/* Nothing was cut off: whatever is said ends with a full stop. */
static inline void assert_whole(const char *text)
{
	size_t len = strlen(text);
	if (len > 0 && text[len - 1] != '.') {
		print_error("cut: %s\n", text);
		fail();
	}
}

#endif
