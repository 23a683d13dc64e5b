/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sentences about who asked, who was chosen and who died.
 * Formats: mm/oom_kill.c of 2.6.32 .. 6.18.
 */
#include "words.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

long text_find(struct text t, struct text needle)
{
	if (t.len == 0)
		return -1;
	const char *p = memmem(t.ptr, t.len, needle.ptr, needle.len);
	return p ? p - t.ptr : -1;
}

long text_find_last(struct text t, struct text needle)
{
	for (size_t at = t.len >= needle.len ? t.len - needle.len + 1 : 0; at-- > 0;) {
		if (memcmp(t.ptr + at, needle.ptr, needle.len) == 0)
			return (long)at;
	}
	return -1;
}

struct text text_from(struct text t, size_t at)
{
	return at <= t.len ? text_of(t.ptr + at, t.len - at) : text_of(t.ptr + t.len, 0);
}

size_t word_u64(struct text t, uint64_t *ret)
{
	size_t n = 0;
	while (n < t.len && is_digit(t.ptr[n]))
		n++;
	return n > 0 && text_to_u64(text_of(t.ptr, n), 10, ret) == 0 ? n : 0;
}

size_t word_i64(struct text t, int64_t *ret)
{
	size_t n = t.len > 0 && *t.ptr == '-' ? 1 : 0;
	size_t first = n;
	while (n < t.len && is_digit(t.ptr[n]))
		n++;
	return n > first && text_to_i64(text_of(t.ptr, n), ret) == 0 ? n : 0;
}

/* The number behind a key, when something other than the end follows it. */
static struct klog_i64 number_after(struct text t, struct text key, bool may_end)
{
	long at = text_find(t, key);
	int64_t value;
	if (at < 0)
		return (struct klog_i64){ FACT_UNKNOWN, 0 };
	struct text rest = text_from(t, (size_t)at + key.len);
	size_t n = word_i64(rest, &value);
	if (n == 0 || (n == rest.len && !may_end))
		return (struct klog_i64){ FACT_UNKNOWN, 0 };
	return klog_i64(value);
}

/* "total-vm:123kB": only with its unit. */
static struct klog_u64 kib_after(struct text t, struct text key)
{
	long at = text_find(t, key);
	uint64_t value;
	if (at < 0)
		return (struct klog_u64){ FACT_UNKNOWN, 0 };
	struct text rest = text_trim(text_from(t, (size_t)at + key.len));
	size_t n = word_u64(rest, &value);
	if (n == 0 || n >= rest.len || (rest.ptr[n] != 'k' && rest.ptr[n] != 'K'))
		return (struct klog_u64){ FACT_UNKNOWN, 0 };
	return klog_u64(value);
}

static struct klog_u64 as_u64(struct klog_i64 value)
{
	if (value.state != FACT_KNOWN || value.value < 0)
		return (struct klog_u64){ FACT_UNKNOWN, 0 };
	return klog_u64((uint64_t)value.value);
}

static struct klog_text keep(struct klog_report *report, struct text raw)
{
	return klog_report_keep(report, raw);
}

static bool is_pid(int64_t pid)
{
	return pid >= 0 && pid <= INT32_MAX;
}

/* --- which sentence --------------------------------------------------------------- */

static const struct text header_words = { " invoked oom-killer", 19 };

/* Behind "Kill" or "Killed": "process 12 (" or "process 12, UID 3, (". OpenVZ's kernel
 * says "OOM killed process 12 (", its manager and others "killed process 12". */
static long find_process(struct text body, struct text *ret_after)
{
	static const struct text words[] = {
		{ "Killed process ", 15 }, { "Kill process ", 13 }, { "kill process ", 13 }, { "OOM killed process ", 19 },
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		long at = text_find(body, words[i]);
		if (at < 0)
			continue;
		struct text rest = text_from(body, (size_t)at + words[i].len);
		if (rest.len > 0 && is_digit(*rest.ptr)) {
			*ret_after = rest;
			return i < 3 ? at : at + 4;
		}
	}
	return -1;
}

enum sentence sentence_of(struct text body)
{
	struct text after;
	if (text_find(body, header_words) >= 0)
		return SENTENCE_HEADER;
	if (text_find(body, TEXT("oom-kill:constraint=")) >= 0)
		return SENTENCE_SUMMARY;
	if (text_has_prefix(body, TEXT(",task=")) && text_find(body, TEXT(",pid=")) > 0)
		return SENTENCE_SUMMARY_TAIL;
	if (text_find(body, TEXT("oom_reaper: ")) >= 0)
		return SENTENCE_REAPED;
	long at = find_process(body, &after);
	if (at >= 0) {
		if (body.ptr[at + 4] == 'e')
			return SENTENCE_KILL;
		if (text_find_last(body, TEXT(") sharing same memory")) > 0)
			return SENTENCE_SHARER;
		if (text_find_last(body, TEXT(") score ")) > 0)
			return SENTENCE_CHOICE;
		return SENTENCE_NONE;
	}
	if (text_find(body, TEXT("emory: OOM victim ")) >= 0)
		return SENTENCE_EXITING;
	if (text_find(body, TEXT("Kernel panic - not syncing: ")) >= 0 &&
	    (text_find(body, TEXT("ut of memory")) >= 0 || text_find(body, TEXT("System is deadlocked on memory")) >= 0))
		return text_find(body, TEXT("end Kernel panic")) >= 0 ? SENTENCE_NONE : SENTENCE_PANIC;
	if (text_find(body, TEXT("Out of memory and no killable processes")) >= 0)
		return SENTENCE_NOBODY;
	if (text_find(body, TEXT(" are going to be killed due to memory.oom.group set")) >= 0)
		return SENTENCE_GROUP;
	if (text_find(body, TEXT(" killed as a result of limit of ")) >= 0)
		return SENTENCE_LIMIT;
	return SENTENCE_NONE;
}

/* The last bytes of t are these, blanks aside. */
static bool ends_with(struct text t, const char *end)
{
	size_t len = strlen(end);
	t = text_trim(t);
	return t.len >= len && memcmp(t.ptr + t.len - len, end, len) == 0;
}

bool sentence_wants_more(struct text body)
{
	struct text after;
	if (ends_with(body, " invoked"))
		return true;
	switch (sentence_of(body)) {
	case SENTENCE_HEADER:
		return ends_with(body, "oom-killer:") || ends_with(body, ",");
	case SENTENCE_SUMMARY:
		return ends_with(body, ",");
	case SENTENCE_KILL:
		return ends_with(body, ",") || find_process(body, &after) < 0 || text_find(after, TEXT("(")) < 0;
	default:
		return ends_with(body, "Killed process") || ends_with(body, "emory: Killed");
	}
}

/* --- who asked ---------------------------------------------------------------------- */

/* The name before " invoked oom-killer". What is longer than a name can be holds
 * something else in front: then only a known boundary is believed. */
static struct text trigger_name(struct text before)
{
	if (before.len <= COMM_MAX)
		return before;
	/* "Creating journal: [   34.739137] mkfs.ext4": another line ran into it */
	for (size_t at = before.len; at-- > 0;) {
		if (before.ptr[at] != ']' || at + 2 > before.len)
			continue;
		struct text stamp = text_of(before.ptr, at);
		long open = text_find_last(stamp, TEXT("["));
		if (open < 0)
			break;
		stamp = text_from(stamp, (size_t)open + 1);
		bool is_stamp = stamp.len >= 3 && memchr(stamp.ptr, '.', stamp.len);
		for (size_t i = 0; i < stamp.len; i++)
			is_stamp = is_stamp && (is_digit(stamp.ptr[i]) || stamp.ptr[i] == '.' || stamp.ptr[i] == ' ');
		struct text name = text_from(before, at + 1);
		if (name.len > 0 && *name.ptr == ' ')
			name = text_from(name, 1);
		if (is_stamp && name.len > 0 && name.len <= COMM_MAX)
			return name;
	}
	return text_of("", 0);
}

void read_header(struct klog_report *report, struct text body)
{
	/* The last one: a name may hold the words, what follows them cannot. */
	long at = text_find_last(body, header_words);
	struct text name = trigger_name(text_of(body.ptr, (size_t)at));
	struct text rest = text_from(body, (size_t)at + header_words.len);
	report->has_header = true;
	if (name.len > 0)
		report->trigger.comm = keep(report, name);
	report->order = number_after(rest, TEXT("order="), false);
	report->trigger_oom_adj = number_after(rest, TEXT("oom_adj="), false);
	report->trigger_adj = number_after(rest, TEXT("oom_score_adj="), true);
	long gfp = text_find(rest, TEXT("gfp_mask=0x"));
	if (gfp >= 0) {
		struct text t = text_from(rest, (size_t)gfp + 11);
		size_t n = 0;
		uint64_t mask;
		while (n < t.len && memchr("0123456789abcdef", t.ptr[n], 16))
			n++;
		if (n > 0 && n < t.len && text_to_u64(text_of(t.ptr, n), 16, &mask) == 0)
			report->gfp_mask = klog_u64(mask);
		t = text_from(t, n);
		const char *end = t.len > 0 && *t.ptr == '(' ? memchr(t.ptr, ')', t.len) : NULL;
		if (end)
			report->gfp_flags = keep(report, text_of(t.ptr + 1, (size_t)(end - t.ptr) - 1));
	}
	long mask = text_find(rest, TEXT("nodemask="));
	if (mask >= 0) {
		struct text t = text_from(rest, (size_t)mask + 9), word;
		if (text_next_until(&t, ',', &word) && t.len > 0 && word.len > 0 && *word.ptr != '(')
			report->nodemask = keep(report, text_trim(word));
	}
}

/* The release: the word behind "Not tainted", or behind the letters of
 * "Tainted: G  W"; it begins with a number and a point. */
static void read_release(struct klog_report *report, struct text body)
{
	long at = text_find(body, TEXT("ainted"));
	if (at < 0 || report->release.state == FACT_KNOWN)
		return;
	struct text rest = text_from(body, (size_t)at + 6), word;
	for (int i = 0; i < 32 && text_next_word(&rest, &word); i++) {
		size_t n = 0;
		while (n < word.len && is_digit(word.ptr[n]))
			n++;
		if (n > 0 && n + 1 < word.len && word.ptr[n] == '.' && is_digit(word.ptr[n + 1])) {
			/* cut at the end of the line it may be another one */
			if (rest.len > 0)
				report->release = keep(report, word);
			return;
		}
	}
}

bool read_cpu_line(struct klog_report *report, struct text body)
{
	/* 2.6.32: "Pid: 23212, comm: php-fpm Not tainted 2.6.32 #1"; from 3.12 on
	 * "CPU: 1 PID: 393 Comm: x Not tainted", with UID since 6.10. */
	long pid_at = text_find(body, TEXT("PID: "));
	long comm_at = text_find(body, TEXT(" Comm: "));
	if (pid_at < 0 || comm_at < 0) {
		pid_at = text_find(body, TEXT("Pid: "));
		comm_at = text_find(body, TEXT(" comm: "));
	}
	if (pid_at < 0 || comm_at < pid_at)
		return false;
	int64_t pid;
	struct text rest = text_from(body, (size_t)pid_at + 5);
	size_t n = word_i64(rest, &pid);
	if (n == 0 || !is_pid(pid))
		return false;
	struct text name = text_from(body, (size_t)comm_at + 7);
	static const struct text ends[] = { { " Kdump: loaded", 14 }, { " Not tainted", 12 }, { " Tainted: ", 10 } };
	long end = -1;
	for (size_t i = 0; i < 3 && end < 0; i++)
		end = text_find_last(name, ends[i]);
	name = end >= 0 ? text_of(name.ptr, (size_t)end) : text_of("", 0);
	/* The stack dump is of who asked; another one's belongs to something else. */
	struct text asked = klog_text(report, report->trigger.comm);
	if (!report->has_header || report->trigger.pid.state == FACT_KNOWN ||
	    (asked.len > 0 && name.len > 0 && !text_equal(asked, name)))
		return true;
	report->trigger.pid = klog_i64(pid);
	if (asked.len == 0 && name.len > 0)
		report->trigger.comm = keep(report, name);
	read_release(report, body);
	return true;
}

bool read_cpuset_line(struct klog_report *report, struct text body)
{
	long at = text_find_last(body, TEXT(" cpuset="));
	long mems = text_find_last(body, TEXT(" mems_allowed="));
	if (at < 0 || mems < at || report->cpuset.state == FACT_KNOWN)
		return false;
	report->cpuset = keep(report, text_of(body.ptr + at + 8, (size_t)(mems - at) - 8));
	report->mems_allowed = keep(report, text_trim(text_from(body, (size_t)mems + 14)));
	return true;
}

/* --- who was chosen ------------------------------------------------------------------ */

/* "12 (name) …" or "12, UID 3, (name) …" (RHEL 6). until: what follows the name's
 * bracket, NULL for the last bracket there is. */
static bool read_id(struct klog_report *report, struct text t, struct text until, struct klog_task_id *ret_id,
		    struct text *ret_rest, struct klog_u64 *ret_uid)
{
	int64_t pid;
	uint64_t uid;
	size_t n = word_i64(t, &pid);
	if (n == 0 || n == t.len || !is_pid(pid))
		return false;
	struct text rest = text_from(t, n);
	if (text_has_prefix(rest, TEXT(", UID "))) {
		rest = text_from(rest, 6);
		n = word_u64(rest, &uid);
		if (n > 0 && n < rest.len && ret_uid)
			*ret_uid = klog_u64(uid);
		rest = text_from(rest, n);
		if (rest.len > 0 && *rest.ptr == ',')
			rest = text_from(rest, 1);
	}
	ret_id->pid = klog_i64(pid);
	rest = text_trim(rest);
	*ret_rest = rest;
	if (rest.len == 0 || *rest.ptr != '(')
		return true;
	rest = text_from(rest, 1);
	long end = until.len > 0 ? text_find_last(rest, until) : -1;
	if (end < 0)
		end = text_find_last(rest, TEXT(")"));
	/* A comm is 15 bytes at most: a bracket further on closes something else. */
	if (end > 4 * COMM_MAX)
		end = text_find(rest, TEXT(")"));
	if (end < 0)
		return true;
	ret_id->comm = keep(report, text_of(rest.ptr, (size_t)end));
	*ret_rest = text_from(rest, (size_t)end + 1);
	return true;
}

/* What stands before "Kill": whose memory was out. */
static void read_scope(struct klog_report *report, struct text body)
{
	if (text_find(body, TEXT("emory cgroup out of memory")) >= 0)
		report->scope = KLOG_SCOPE_MEMCG;
	else if (text_find(body, TEXT("ut of memory")) >= 0 && report->scope == KLOG_SCOPE_UNKNOWN)
		report->scope = KLOG_SCOPE_GLOBAL;
	long ub = text_find(body, TEXT("emory in UB "));
	long end = ub >= 0 ? text_find(text_from(body, (size_t)ub), TEXT(":")) : -1;
	if (end > 0) { /* the container's beancounters, OpenVZ */
		report->scope = KLOG_SCOPE_MEMCG;
		report->oom_memcg = keep(report, text_of(body.ptr + ub + 9, (size_t)end - 9));
	}
	if (text_find(body, TEXT("(oom_kill_allocating_task)")) >= 0)
		report->allocating_task = true;
	if (text_find(body, TEXT("No available memory (MPOL_BIND)")) >= 0 && report->constraint.state != FACT_KNOWN)
		report->constraint = keep(report, TEXT("CONSTRAINT_MEMORY_POLICY"));
}

void read_choice(struct klog_report *report, struct text body)
{
	struct text after, rest;
	long at = find_process(body, &after);
	read_scope(report, text_of(body.ptr, (size_t)at));
	if (!read_id(report, after, TEXT(") score "), &report->chosen, &rest, NULL))
		return;
	if (text_has_prefix(rest, TEXT(" score ")))
		report->score = number_after(rest, TEXT(" score "), false);
}

/* key's value up to the next of the keys that may follow. */
static struct text value_until(struct text t, struct text key, struct text next)
{
	long at = text_find(t, key);
	if (at < 0)
		return text_of("", 0);
	struct text value = text_from(t, (size_t)at + key.len);
	long end = text_find(value, next);
	return end < 0 ? text_of("", 0) : text_of(value.ptr, (size_t)end);
}

/* Where ",task=NAME" begins, t ending with the name: the first place from which
 * what is left is no longer than a name, for the name may hold the words too. */
static long find_task(struct text t)
{
	long last = text_find_last(t, TEXT(",task="));
	size_t from = t.len > COMM_MAX + 6 ? t.len - COMM_MAX - 6 : 0;
	long at = text_find(text_from(t, from), TEXT(",task="));
	return at >= 0 ? (long)from + at : last;
}

/* ",task=NAME,pid=N,uid=U" from the right: the name may hold all of these. */
void read_summary_tail(struct klog_report *report, struct text body)
{
	long uid_at = text_find_last(body, TEXT(",uid="));
	long pid_at = text_find_last(uid_at >= 0 ? text_of(body.ptr, (size_t)uid_at) : body, TEXT(",pid="));
	long task_at = pid_at >= 0 ? find_task(text_of(body.ptr, (size_t)pid_at)) : -1;
	if (task_at < 0)
		return;
	report->chosen.comm = keep(report, text_of(body.ptr + task_at + 6, (size_t)(pid_at - task_at) - 6));
	struct klog_i64 pid = number_after(text_from(body, (size_t)pid_at), TEXT(",pid="), false);
	/* a pid with nothing behind it may be cut */
	if (uid_at >= 0 && pid.state == FACT_KNOWN && is_pid(pid.value)) {
		report->chosen.pid = pid;
		report->chosen_uid = as_u64(number_after(text_from(body, (size_t)uid_at), TEXT(",uid="), true));
	}
}

void read_summary(struct klog_report *report, struct text body)
{
	long at = text_find(body, TEXT("oom-kill:constraint="));
	struct text t = text_from(body, (size_t)at + 20);
	size_t n = 0;
	while (n < t.len && (t.ptr[n] == '_' || (t.ptr[n] >= 'A' && t.ptr[n] <= 'Z') || is_digit(t.ptr[n])))
		n++;
	report->has_summary = true;
	if (n > 0 && n < t.len)
		report->constraint = keep(report, text_of(t.ptr, n));
	struct text mask = value_until(t, TEXT(",nodemask="), TEXT(","));
	if (mask.len > 0 && *mask.ptr != '(') {
		/* a list has commas of its own, and the next key has none of its characters */
		mask = text_from(t, (size_t)text_find(t, TEXT(",nodemask=")) + 10);
		size_t len = 0;
		while (len < mask.len && (is_digit(mask.ptr[len]) || mask.ptr[len] == '-' ||
					  (mask.ptr[len] == ',' && len + 1 < mask.len && is_digit(mask.ptr[len + 1]))))
			len++;
		report->nodemask = keep(report, text_of(mask.ptr, len));
	}
	struct text cpuset = value_until(t, TEXT(",cpuset="), TEXT(",mems_allowed="));
	if (cpuset.len > 0)
		report->cpuset = keep(report, cpuset);
	long mems = text_find(t, TEXT(",mems_allowed="));
	if (mems >= 0) {
		struct text list = text_from(t, (size_t)mems + 14);
		size_t len = 0;
		while (len < list.len && (is_digit(list.ptr[len]) || list.ptr[len] == '-' ||
					  (list.ptr[len] == ',' && len + 1 < list.len && is_digit(list.ptr[len + 1]))))
			len++;
		if (len > 0)
			report->mems_allowed = keep(report, text_of(list.ptr, len));
	}
	struct text memcg = value_until(t, TEXT(",oom_memcg="), TEXT(",task_memcg="));
	if (memcg.len > 0) {
		report->oom_memcg = keep(report, memcg);
		report->scope = KLOG_SCOPE_MEMCG;
	}
	if (text_find(t, TEXT(",global_oom")) >= 0)
		report->scope = KLOG_SCOPE_GLOBAL;
	/* The path may hold commas, the name may too: the last ",task=" before the pid. */
	long path_at = text_find(t, TEXT(",task_memcg="));
	read_summary_tail(report, t);
	if (path_at >= 0) {
		struct text path = text_from(t, (size_t)path_at + 12);
		long pid_at = text_find_last(path, TEXT(",pid="));
		long end = pid_at >= 0 ? find_task(text_of(path.ptr, (size_t)pid_at)) : -1;
		if (end < 0)
			end = text_find(path, TEXT(",task="));
		if (end > 0)
			report->task_memcg = keep(report, text_of(path.ptr, (size_t)end));
	}
}

/* --- who died ------------------------------------------------------------------------ */

void read_kill(struct klog_report *report, struct text body, enum sentence sentence, bool whole)
{
	struct klog_task_id id = { 0 };
	struct klog_u64 uid = { FACT_UNKNOWN, 0 };
	struct text after, rest = text_of("", 0);
	struct text until = TEXT(") total-vm:");
	bool ok;
	if (sentence == SENTENCE_EXITING) {
		long at = text_find(body, TEXT("OOM victim "));
		read_scope(report, text_of(body.ptr, (size_t)at));
		ok = read_id(report, text_from(body, (size_t)at + 11), TEXT(") is already exiting"), &id, &rest, NULL);
	} else {
		long at = find_process(body, &after);
		if (at > 0)
			read_scope(report, text_of(body.ptr, (size_t)at));
		if (sentence == SENTENCE_SHARER)
			until = TEXT(") sharing same memory");
		else if (text_find(after, until) < 0)
			until = text_find(after, TEXT("), UID ")) > 0 ? TEXT("), UID ") : TEXT(") vsz:");
		ok = read_id(report, after, until, &id, &rest, &uid);
	}
	/* oom_kill_process() comes to the victim again among the tasks of its oom.group. */
	for (uint32_t i = 0; ok && sentence == SENTENCE_EXITING && i < report->nkills; i++)
		ok = report->kills[i].task.pid.value != id.pid.value;
	struct klog_kill *kill = ok ? klog_report_add_kill(report) : NULL;
	if (!kill)
		return;
	*kill = (struct klog_kill){ .task = id, .uid = uid };
	if (sentence == SENTENCE_SHARER)
		kill->role = KLOG_ROLE_SHARES_MM;
	else if (report->oom_group.state == FACT_KNOWN && report->nkills > 1)
		kill->role = KLOG_ROLE_OOM_GROUP;
	else if (report->chosen.pid.state == FACT_KNOWN && report->score.state == FACT_KNOWN &&
		 report->chosen.pid.value != id.pid.value)
		kill->role = KLOG_ROLE_CHILD;
	kill->dying_already = sentence == SENTENCE_EXITING;
	kill->total_vm_kib = kib_after(rest, TEXT("total-vm:"));
	static const struct text older[] = { { " vsz:", 5 }, { " vm:", 4 } };
	for (size_t i = 0; i < 2 && kill->total_vm_kib.state != FACT_KNOWN; i++)
		kill->total_vm_kib = kib_after(rest, older[i]);
	kill->anon_rss_kib = kib_after(rest, TEXT("anon-rss:"));
	kill->file_rss_kib = kib_after(rest, TEXT("file-rss:"));
	kill->shmem_rss_kib = kib_after(rest, TEXT("shmem-rss:"));
	kill->pgtables_kib = kib_after(rest, TEXT("pgtables:"));
	if (kill->uid.state != FACT_KNOWN) /* RHEL 7: "), UID 27, total-vm:" */
		kill->uid = as_u64(number_after(rest, text_has_prefix(rest, TEXT(", UID ")) ? TEXT(", UID ") : TEXT("UID:"), whole));
	kill->adj = number_after(rest, TEXT("oom_score_adj:"), true);
}

void read_reaped(struct text body, int64_t *ret_pid, struct text *ret_comm, bool *ret_failed)
{
	long at = text_find(body, TEXT("oom_reaper: "));
	struct text t = text_from(body, (size_t)at + 12);
	*ret_pid = -1;
	*ret_comm = text_of("", 0);
	*ret_failed = text_has_prefix(t, TEXT("unable to reap pid:"));
	if (*ret_failed)
		t = text_from(t, 19);
	else if (text_has_prefix(t, TEXT("reaped process ")))
		t = text_from(t, 15);
	else
		return;
	int64_t pid;
	size_t n = word_i64(t, &pid);
	if (n == 0 || n == t.len || !is_pid(pid))
		return;
	t = text_trim(text_from(t, n));
	long end = text_find_last(t, TEXT("), now anon-rss"));
	if (end < 0)
		end = text_find_last(t, TEXT(")"));
	if (t.len > 0 && *t.ptr == '(' && end > 0)
		*ret_comm = text_of(t.ptr + 1, (size_t)end - 1);
	*ret_pid = pid;
}

void read_group(struct klog_report *report, struct text body)
{
	long end = text_find_last(body, TEXT(" are going to be killed due to memory.oom.group set"));
	struct text t = text_of(body.ptr, (size_t)end);
	long at = text_find(t, TEXT("Tasks in "));
	if (at >= 0)
		report->oom_group = keep(report, text_from(t, (size_t)at + 9));
}

void read_limit(struct klog_report *report, struct text body)
{
	long mid = text_find_last(body, TEXT(" killed as a result of limit of "));
	struct text t = text_of(body.ptr, (size_t)mid);
	long at = text_find(t, TEXT("Task in "));
	report->scope = KLOG_SCOPE_MEMCG;
	if (at >= 0)
		report->task_memcg = keep(report, text_from(t, (size_t)at + 8));
	report->oom_memcg = keep(report, text_trim(text_from(body, (size_t)mid + 32)));
}

void read_panic(struct klog_report *report, struct text body)
{
	if (text_find(body, TEXT("ompulsory panic_on_oom")) >= 0)
		report->panic = KLOG_PANIC_COMPULSORY;
	else if (text_find(body, TEXT("panic_on_oom")) >= 0)
		report->panic = KLOG_PANIC_SYSCTL;
	else
		report->panic = KLOG_PANIC_NOBODY;
	if (report->panic == KLOG_PANIC_NOBODY)
		report->nobody_killable = true;
}
