/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/sample/details.h"

#include <errno.h>
#include <stdio.h>

#include "oomsight/base/text.h"

static enum fact_state state_of(ssize_t result)
{
	if (result >= 0)
		return FACT_KNOWN;
	return result == -EACCES || result == -EPERM ? FACT_DENIED : result == -ESRCH ? FACT_GONE : FACT_ABSENT;
}

struct details_limit details_parse_limit(struct text limits, struct text name)
{
	struct text line, soft, hard;
	while (text_next_line(&limits, &line)) {
		if (!text_has_prefix(line, name))
			continue;
		struct details_limit limit = { .state = FACT_KNOWN, .soft = DETAILS_UNLIMITED, .hard = DETAILS_UNLIMITED };
		line = text_of(line.ptr + name.len, line.len - name.len);
		if (!text_next_word(&line, &soft) || !text_next_word(&line, &hard))
			break;
		if (!text_is(soft, "unlimited") && text_to_u64(soft, 10, &limit.soft) < 0)
			break;
		if (!text_is(hard, "unlimited") && text_to_u64(hard, 10, &limit.hard) < 0)
			break;
		return limit;
	}
	return (struct details_limit){ .state = FACT_UNKNOWN };
}

static uint64_t status_kib(struct text status, struct text name)
{
	struct text line, word;
	uint64_t kib = 0;
	while (text_next_line(&status, &line)) {
		if (text_has_prefix(line, name)) {
			line = text_of(line.ptr + name.len, line.len - name.len);
			if (text_next_word(&line, &word))
				text_to_u64(word, 10, &kib);
			break;
		}
	}
	return kib * 1024;
}

void details_read(const struct root *root, const struct snapshot *snap, int32_t pid, uint64_t start_ticks,
		  struct details *ret_details)
{
	char path[64], buf[8192];
	*ret_details = (struct details){ .pid = pid, .start_ticks = start_ticks };
	const struct task *task = snapshot_find(snap, pid);
	if (!task || task->start_ticks != start_ticks) {
		ret_details->status_state = FACT_GONE;
		return;
	}
	snprintf(path, sizeof path, "proc/%d/limits", (int)pid);
	ssize_t n = root_read(root, path, buf, sizeof buf);
	if (n > 0) {
		struct text limits = text_of(buf, (size_t)n);
		ret_details->address_space = details_parse_limit(limits, TEXT("Max address space"));
		ret_details->data = details_parse_limit(limits, TEXT("Max data size"));
		ret_details->stack = details_parse_limit(limits, TEXT("Max stack size"));
		ret_details->locked = details_parse_limit(limits, TEXT("Max locked memory"));
		ret_details->processes = details_parse_limit(limits, TEXT("Max processes"));
	}
	snprintf(path, sizeof path, "proc/%d/status", (int)pid);
	n = root_read(root, path, buf, sizeof buf);
	ret_details->status_state = state_of(n);
	if (n > 0) {
		struct text status = text_of(buf, (size_t)n);
		ret_details->peak_rss_bytes = status_kib(status, TEXT("VmHWM:"));
		ret_details->locked_bytes = status_kib(status, TEXT("VmLck:"));
		ret_details->hugetlb_bytes = status_kib(status, TEXT("HugetlbPages:"));
	}
}
