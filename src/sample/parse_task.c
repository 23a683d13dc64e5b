/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of one process: stat, statm, status, cgroup, and single numbers.
 */
#include "oomsight/sample/parse.h"

#include <errno.h>

#define SIGKILL_BIT (UINT64_C(1) << (9 - 1))

static int word_to_u64(struct text *rest, uint64_t *ret_value)
{
	struct text word;
	if (!text_next_word(rest, &word))
		return -EINVAL;
	return text_to_u64(word, 10, ret_value);
}

static int word_to_u32(struct text *rest, uint32_t *ret_value)
{
	uint64_t value;
	int r = word_to_u64(rest, &value);
	if (r < 0)
		return r;
	if (value > UINT32_MAX)
		return -ERANGE;
	*ret_value = (uint32_t)value;
	return 0;
}

static int text_to_i32(struct text t, int32_t *ret_value)
{
	int64_t value;
	int r = text_to_i64(t, &value);
	if (r < 0)
		return r;
	if (value < INT32_MIN || value > INT32_MAX)
		return -ERANGE;
	*ret_value = (int32_t)value;
	return 0;
}

static bool skip_words(struct text *rest, int n)
{
	struct text word;
	while (n-- > 0) {
		if (!text_next_word(rest, &word))
			return false;
	}
	return true;
}

int parse_task_stat(struct text bytes, struct parsed_stat *ret_stat)
{
	struct parsed_stat stat = { 0 };
	struct text rest, word;
	int r = text_split_stat(bytes, &word, &stat.comm, &rest);
	if (r < 0 || (r = text_to_i32(word, &stat.pid)) < 0)
		return r;
	if (!text_next_word(&rest, &word) || word.len != 1)
		return -EINVAL;
	stat.state = word.ptr[0];
	if (!text_next_word(&rest, &word))
		return -EINVAL;
	if ((r = text_to_i32(word, &stat.ppid)) < 0)
		return r;
	/* Fields 5 to 8: process group, session, terminal, its group. */
	if (!skip_words(&rest, 4))
		return -EINVAL;
	if ((r = word_to_u32(&rest, &stat.flags)) < 0 || (r = word_to_u64(&rest, &stat.minor_faults)) < 0)
		return r;
	if (!skip_words(&rest, 1))
		return -EINVAL;
	if ((r = word_to_u64(&rest, &stat.major_faults)) < 0)
		return r;
	uint64_t user, system;
	int64_t nice;
	/* Field 13: children's faults; 16 to 18: children's times, priority. */
	if (!skip_words(&rest, 1))
		return -EINVAL;
	if ((r = word_to_u64(&rest, &user)) < 0 || (r = word_to_u64(&rest, &system)) < 0)
		return r;
	if (__builtin_add_overflow(user, system, &stat.cpu_ticks))
		stat.cpu_ticks = UINT64_MAX;
	if (!skip_words(&rest, 3) || !text_next_word(&rest, &word))
		return -EINVAL;
	if ((r = text_to_i64(word, &nice)) < 0)
		return r;
	stat.nice = nice < -20 ? -20 : nice > 19 ? 19 : (int8_t)nice;
	if ((r = word_to_u32(&rest, &stat.threads)) < 0)
		return r;
	if (!skip_words(&rest, 1))
		return -EINVAL;
	if ((r = word_to_u64(&rest, &stat.start_ticks)) < 0 || (r = word_to_u64(&rest, &stat.virt_bytes)) < 0 ||
	    (r = word_to_u64(&rest, &stat.rss_pages)) < 0)
		return r;
	/* Fields 25 to 27: rsslim and the code's bounds. */
	if (skip_words(&rest, 3) && word_to_u64(&rest, &stat.stack_start) < 0)
		stat.stack_start = 0;
	*ret_stat = stat;
	return 0;
}

int parse_task_statm(struct text bytes, uint64_t *ret_shr_pages)
{
	uint64_t shared;
	if (!skip_words(&bytes, 2))
		return -EINVAL;
	int r = word_to_u64(&bytes, &shared);
	if (r < 0)
		return r;
	*ret_shr_pages = shared;
	return 0;
}

enum status_key {
	KEY_PID,
	KEY_UID,
	KEY_GID,
	KEY_GROUPS,
	KEY_VMRSS,
	KEY_RSSANON,
	KEY_RSSFILE,
	KEY_RSSSHMEM,
	KEY_VMPTE,
	KEY_VMPMD,
	KEY_VMSWAP,
	KEY_SIGPND,
	KEY_SHDPND,
	KEY_CAPEFF,
	KEY_MEMS,
	KEY__COUNT
};

/* In the order of the file, so that the search goes on where it stopped. */
static const struct text status_keys[KEY__COUNT] = {
	[KEY_PID] = { "Pid", 3 },           [KEY_UID] = { "Uid", 3 },
	[KEY_GID] = { "Gid", 3 },           [KEY_GROUPS] = { "Groups", 6 },
	[KEY_VMRSS] = { "VmRSS", 5 },       [KEY_RSSANON] = { "RssAnon", 7 },
	[KEY_RSSFILE] = { "RssFile", 7 },   [KEY_RSSSHMEM] = { "RssShmem", 8 },
	[KEY_VMPTE] = { "VmPTE", 5 },       [KEY_VMPMD] = { "VmPMD", 5 },
	[KEY_VMSWAP] = { "VmSwap", 6 },     [KEY_SIGPND] = { "SigPnd", 6 },
	[KEY_SHDPND] = { "ShdPnd", 6 },     [KEY_CAPEFF] = { "CapEff", 6 },
	[KEY_MEMS] = { "Mems_allowed_list", 17 },
};

static int take_status_line(enum status_key key, struct text value, struct parsed_status *status, uint64_t *pmd_kib)
{
	struct text word = { "", 0 };
	struct text rest = value;
	uint64_t mask;
	int r;
	switch (key) {
	case KEY_PID:
		return text_to_i32(text_trim(value), &status->pid);
	case KEY_UID:
		return skip_words(&rest, 1) ? word_to_u32(&rest, &status->uid) : -EINVAL;
	case KEY_GID:
		return skip_words(&rest, 3) ? word_to_u32(&rest, &status->gid) : -EINVAL;
	case KEY_GROUPS:
		status->groups = text_trim(value);
		return 0;
	case KEY_VMRSS:
		return word_to_u64(&rest, &status->rss_kib);
	case KEY_RSSANON:
		return word_to_u64(&rest, &status->rss_anon_kib);
	case KEY_RSSFILE:
		return word_to_u64(&rest, &status->rss_file_kib);
	case KEY_RSSSHMEM:
		return word_to_u64(&rest, &status->rss_shmem_kib);
	case KEY_VMPTE:
		return word_to_u64(&rest, &status->pgtables_kib);
	case KEY_VMPMD:
		return word_to_u64(&rest, pmd_kib);
	case KEY_VMSWAP:
		return word_to_u64(&rest, &status->swap_kib);
	case KEY_SIGPND:
	case KEY_SHDPND:
		text_next_word(&rest, &word);
		if ((r = text_to_u64(word, 16, &mask)) < 0)
			return r;
		status->sigkill_pending |= (mask & SIGKILL_BIT) != 0;
		return 0;
	case KEY_CAPEFF:
		text_next_word(&rest, &word);
		return text_to_u64(word, 16, &status->cap_eff);
	case KEY_MEMS:
		status->mems_allowed = text_trim(value);
		return 0;
	case KEY__COUNT:
		break;
	}
	return 0;
}

int parse_task_status(struct text bytes, struct parsed_status *ret_status)
{
	struct parsed_status status = { .groups = { "", 0 }, .mems_allowed = { "", 0 } };
	uint64_t pmd_kib = 0;
	uint32_t seen = 0;
	unsigned next = 0;
	struct text line, key;
	while (text_next_line(&bytes, &line)) {
		struct text value = line;
		if (!text_next_until(&value, ':', &key))
			continue; /* an empty line */
		for (unsigned tried = 0; tried < KEY__COUNT; tried++) {
			unsigned i = (next + tried) % KEY__COUNT;
			if (!text_equal(key, status_keys[i]))
				continue;
			int r = take_status_line((enum status_key)i, value, &status, &pmd_kib);
			if (r < 0)
				return r;
			seen |= 1U << i;
			next = i + 1;
			break;
		}
	}
	if (!(seen & 1U << KEY_UID))
		return -EINVAL;
	uint32_t split = 1U << KEY_RSSANON | 1U << KEY_RSSFILE | 1U << KEY_RSSSHMEM;
	status.has_mm = seen & 1U << KEY_VMRSS;
	status.has_split = (seen & split) == split;
	if (__builtin_add_overflow(status.pgtables_kib, pmd_kib, &status.pgtables_kib))
		return -ERANGE;
	*ret_status = status;
	return 0;
}

static bool lists_memory(struct text controllers)
{
	struct text name;
	while (text_next_until(&controllers, ',', &name)) {
		if (text_is(name, "memory"))
			return true;
	}
	return false;
}

int parse_task_cgroup(struct text bytes, struct text *ret_path)
{
	struct text line, unified = { NULL, 0 };
	while (text_next_line(&bytes, &line)) {
		struct text id, controllers;
		if (!text_next_until(&line, ':', &id))
			continue;
		if (line.len == 0 || !text_next_until(&line, ':', &controllers) || line.len == 0)
			continue;
		/* A path may hold ':', it is all the rest. */
		if (lists_memory(controllers)) {
			*ret_path = line;
			return 0;
		}
		if (text_is(id, "0") && controllers.len == 0)
			unified = line;
	}
	if (!unified.ptr)
		return -ENOENT;
	*ret_path = unified;
	return 0;
}

int parse_task_number(struct text bytes, int32_t *ret_value)
{
	return text_to_i32(text_trim(bytes), ret_value);
}
