/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In place of libsystemd.so.0: a journal of three boots, each with one kill, and a line
 * that only claims to be the kernel's.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

#define BOOT(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c

static const struct {
	const char *boot, *transport, *message;
	uint64_t realtime_us;
	const char *boot_us;
} entries[] = {
	{ BOOT("a"), "kernel", "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", 1700000000000000, "5000000" },
	{ BOOT("a"), "kernel", "Out of memory: Killed process 100 (v) total-vm:9kB", 1700000000000100, "5000100" },
	{ BOOT("b"), "kernel", "a line before\nOut of memory: Killed process 200 (v) total-vm:9kB\n", 1710000000000000, "5000000" },
	{ BOOT("c"), "kernel", "Linux version 6.1", 1720000000000000, "0" },
	{ BOOT("c"), "kernel", "Out of memory: Killed process 300 (v) total-vm:9kB", 1720000000001000, "7000000" },
	{ BOOT("c"), "stdout", "Out of memory: Killed process 999 (v) total-vm:9kB", 1720000000002000, "7000002" },
};
#define ENTRIES ((int)(sizeof entries / sizeof *entries))

struct sd_journal {
	int at; /* -1: before the first */
	bool kernel;
	char boot[64]; /* "" for all */
	int unique;
	char data[256];
};

static struct sd_journal only;

static int begin(sd_journal **ret)
{
	only = (struct sd_journal){ .at = -1 };
	*ret = &only;
	return 0;
}

int sd_journal_open(sd_journal **ret, int flags)
{
	(void)flags;
	return begin(ret);
}

int sd_journal_open_directory(sd_journal **ret, const char *path, int flags)
{
	(void)path;
	(void)flags;
	return begin(ret);
}

int sd_journal_open_files(sd_journal **ret, const char **paths, int flags)
{
	(void)flags;
	return strstr(paths[0], "none") ? -ENOENT : begin(ret);
}

void sd_journal_close(sd_journal *j)
{
	(void)j;
}

int sd_journal_add_match(sd_journal *j, const void *data, size_t size)
{
	(void)size;
	if (strcmp(data, "_TRANSPORT=kernel") == 0)
		j->kernel = true;
	else
		snprintf(j->boot, sizeof j->boot, "%s", (const char *)data + strlen("_BOOT_ID="));
	return 0;
}

void sd_journal_flush_matches(sd_journal *j)
{
	j->kernel = false;
	j->boot[0] = '\0';
}

static bool fits(const sd_journal *j, int at)
{
	return (!j->kernel || strcmp(entries[at].transport, "kernel") == 0) && (!j->boot[0] || strcmp(entries[at].boot, j->boot) == 0);
}

int sd_journal_seek_head(sd_journal *j)
{
	j->at = -1;
	return 0;
}

int sd_journal_seek_tail(sd_journal *j)
{
	j->at = ENTRIES;
	return 0;
}

int sd_journal_seek_realtime_usec(sd_journal *j, uint64_t usec)
{
	for (j->at = -1; j->at + 1 < ENTRIES && entries[j->at + 1].realtime_us < usec; j->at++) {
	}
	return 0;
}

int sd_journal_next(sd_journal *j)
{
	while (++j->at < ENTRIES) {
		if (fits(j, j->at))
			return 1;
	}
	return 0;
}

int sd_journal_previous(sd_journal *j)
{
	while (--j->at >= 0) {
		if (fits(j, j->at))
			return 1;
	}
	return 0;
}

int sd_journal_get_data(sd_journal *j, const char *field, const void **data, size_t *len)
{
	const char *value = strcmp(field, "MESSAGE") == 0 ? entries[j->at].message : entries[j->at].boot_us;
	*len = (size_t)snprintf(j->data, sizeof j->data, "%s=%s", field, value);
	*data = j->data;
	return 0;
}

int sd_journal_get_realtime_usec(sd_journal *j, uint64_t *ret)
{
	*ret = entries[j->at].realtime_us;
	return 0;
}

int sd_journal_query_unique(sd_journal *j, const char *field)
{
	(void)field;
	j->unique = 0;
	return 0;
}

/* In no order in particular. */
int sd_journal_enumerate_unique(sd_journal *j, const void **data, size_t *len)
{
	static const char *const boots[] = { "_BOOT_ID=" BOOT("b"), "_BOOT_ID=" BOOT("c"), "_BOOT_ID=" BOOT("a") };
	if (j->unique == 3)
		return 0;
	*data = boots[j->unique++];
	*len = strlen(*data);
	return 1;
}
