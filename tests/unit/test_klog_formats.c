/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One report of each form the kernel ever printed, 2.6.32 to 6.18, made by hand
 * after the format strings of mm/oom_kill.c.
 */
#include "unit.h"

#include "klog_collect.h"

struct form {
	const char *release; /* the first that prints so */
	const char *text;
	const char *constraint; /* NULL: not stated */
	int64_t chosen, killed;
	const char *chosen_comm, *killed_comm;
	int64_t score;        /* -1: none */
	uint64_t total_vm_kib, shmem_kib, pgtables_kib; /* UINT64_MAX: not in it */
	int64_t adj;          /* INT64_MIN: not in it */
	int64_t trigger_adj;
	uint32_t rows;
	uint32_t columns; /* some that must be there */
	enum klog_role role;
};

#define NO UINT64_MAX
#define C(column) (1U << KLOG_##column)

static const struct form forms[] = {
	{ "2.6.32",
	  "httpd invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0\n"
	  "httpd cpuset=/ mems_allowed=0\n"
	  "Pid: 300, comm: httpd Not tainted 2.6.32 #1\n"
	  "Mem-Info:\n"
	  "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n"
	  "[  100]     0   100     2000     1000   0     -17 sshd\n"
	  "[  200]    48   200    90000    50000   1       0 httpd\n"
	  "Out of memory: kill process 200 (httpd) score 45000 or a child\n"
	  "Killed process 201 (child)\n",
	  NULL, 200, 201, "httpd", "child", 45000, NO, NO, NO, INT64_MIN, INT64_MIN, 2, C(OOM_ADJ) | C(CPU), KLOG_ROLE_CHILD },
	{ "2.6.36",
	  "httpd invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0, oom_score_adj=0\n"
	  "Pid: 300, comm: httpd Not tainted 2.6.36 #1\n"
	  "[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name\n"
	  "[  100]     0   100     2000     1000   0     -17         -1000 sshd\n"
	  "[  200]    48   200    90000    50000   1       0             0 httpd\n"
	  "Out of memory: Kill process 200 (httpd) score 500 or sacrifice child\n"
	  "Killed process 200 (httpd) total-vm:360000kB, anon-rss:200000kB, file-rss:0kB\n",
	  NULL, 200, 200, "httpd", "httpd", 500, 360000, NO, NO, INT64_MIN, 0, 2, C(OOM_ADJ) | C(OOM_SCORE_ADJ),
	  KLOG_ROLE_CHOSEN },
	{ "2.6.32-el6",
	  "Out of memory: Kill process 40738 (mysqld) score 16 or sacrifice child\n"
	  "Killed process 40738, UID 27, (mysqld) total-vm:6424316kB, anon-rss:13128kB, file-rss:4kB\n",
	  NULL, 40738, 40738, "mysqld", "mysqld", 16, 6424316, NO, NO, INT64_MIN, INT64_MIN, 0, 0, KLOG_ROLE_CHOSEN },
	{ "3.10-el7",
	  "Out of memory: Kill process 40738 (mysqld) score 16 or sacrifice child\n"
	  "Killed process 40738 (mysqld), UID 27, total-vm:6424316kB, anon-rss:13128kB, file-rss:4kB, shmem-rss:8kB\n",
	  NULL, 40738, 40738, "mysqld", "mysqld", 16, 6424316, 8, NO, INT64_MIN, INT64_MIN, 0, 0, KLOG_ROLE_CHOSEN },
	{ "2.6.32-openvz",
	  "Out of memory in UB 1234: OOM killed process 40738 (mysqld) score 0 vm:281988kB, rss:17004kB, swap:0kB\n",
	  "CONSTRAINT_MEMCG", 40738, 40738, NULL, "mysqld", -1, 281988, NO, NO, INT64_MIN, INT64_MIN, 0, 0, KLOG_ROLE_CHOSEN },
	{ "3.10",
	  "sed invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=5\n"
	  "sed cpuset=/ mems_allowed=0-1\n"
	  "CPU: 4 PID: 300 Comm: sed Not tainted 3.10.0 #1\n"
	  "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
	  "[  200]    48   200    90000    50000     120       30             7 java\n"
	  "Out of memory: Kill process 200 (java) score 651 or sacrifice child\n"
	  "Killed process 201 (java) total-vm:360000kB, anon-rss:200000kB, file-rss:0kB\n",
	  NULL, 200, 201, "java", "java", 651, 360000, NO, NO, INT64_MIN, 5, 1, C(NR_PTES) | C(SWAPENTS), KLOG_ROLE_CHILD },
	{ "4.4, memory cgroup",
	  "a invoked oom-killer: gfp_mask=0x24000c0, order=0, oom_score_adj=0\n"
	  "Task in /a/b killed as a result of limit of /a\n"
	  "memory: usage 1024kB, limit 1024kB, failcnt 7\n"
	  "Memory cgroup stats for /a: cache:4KB rss:1020KB\n"
	  "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name\n"
	  "[  200]    48   200    90000      250       3       2        0             0 a\n"
	  "Memory cgroup out of memory: Kill process 200 (a) score 998 or sacrifice child\n"
	  "Killed process 200 (a) total-vm:360000kB, anon-rss:1000kB, file-rss:0kB\n",
	  "CONSTRAINT_MEMCG", 200, 200, "a", "a", 998, 360000, NO, NO, INT64_MIN, 0, 1, C(NR_PMDS), KLOG_ROLE_CHOSEN },
	{ "4.12",
	  "a invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null),  order=0, oom_score_adj=0\n"
	  "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name\n"
	  "[  200]    48   200    90000    50000       3       2        0             0 a\n"
	  "Out of memory: Kill process 200 (a) score 8 or sacrifice child\n"
	  "Killed process 200 (a) total-vm:360000kB, anon-rss:1000kB, file-rss:0kB, shmem-rss:12kB\n",
	  NULL, 200, 200, "a", "a", 8, 360000, 12, NO, INT64_MIN, 0, 1, C(NR_PMDS), KLOG_ROLE_CHOSEN },
	{ "4.19",
	  "a invoked oom-killer: gfp_mask=0x6200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null), order=0, oom_score_adj=0\n"
	  "Tasks state (memory values in pages):\n"
	  "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
	  "[    200]    48   200    90000    50000   409600        0             0 a\n"
	  "Out of memory: Kill process 200 (a) score 8 or sacrifice child\n"
	  "Killed process 200 (a) total-vm:360000kB, anon-rss:1000kB, file-rss:0kB, shmem-rss:0kB\n",
	  NULL, 200, 200, "a", "a", 8, 360000, 0, NO, INT64_MIN, 0, 1, C(PGTABLES_BYTES), KLOG_ROLE_CHOSEN },
	{ "5.0",
	  "a invoked oom-killer: gfp_mask=0x6200ca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n"
	  "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=a,pid=200,uid=48\n"
	  "Out of memory: Kill process 200 (a) score 8 or sacrifice child\n"
	  "Killed process 202 (b) total-vm:360000kB, anon-rss:1000kB, file-rss:0kB, shmem-rss:0kB\n",
	  "CONSTRAINT_NONE", 200, 202, "a", "b", 8, 360000, 0, NO, INT64_MIN, 0, 0, 0, KLOG_ROLE_CHILD },
	{ "5.4",
	  "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=1, oom_score_adj=-998\n"
	  "oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=x,mems_allowed=1,3-4,global_oom,task_memcg=/,task=a,pid=200,uid=48\n"
	  "Out of memory: Killed process 200 (a) total-vm:360000kB, anon-rss:1000kB, file-rss:0kB, shmem-rss:0kB, UID:48 pgtables:400kB oom_score_adj:-5\n",
	  "CONSTRAINT_CPUSET", 200, 200, "a", "a", -1, 360000, 0, 400, -5, -998, 0, 0, KLOG_ROLE_CHOSEN },
	{ "6.12",
	  "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	  "CPU: 1 UID: 0 PID: 74 Comm: a Not tainted 6.12.0 #102 PREEMPT(full)\n"
	  "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name\n"
	  "[    200]    48   200    90000    50000    40000     9000      1000   409600        0             0 a\n"
	  "oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=0-1,cpuset=/,mems_allowed=0-3,global_oom,task_memcg=/,task=a,pid=200,uid=48\n"
	  "Out of memory (oom_kill_allocating_task): Killed process 200 (a) total-vm:360000kB, anon-rss:1000kB, file-rss:0kB, shmem-rss:0kB, UID:48 pgtables:400kB oom_score_adj:0\n",
	  "CONSTRAINT_MEMORY_POLICY", 200, 200, "a", "a", -1, 360000, 0, 400, 0, 0, 1, C(RSS_ANON) | C(RSS_SHMEM),
	  KLOG_ROLE_CHOSEN },
};

static bool is_or_lacks(struct klog_u64 number, uint64_t wanted)
{
	return wanted == NO ? number.state != FACT_KNOWN : is_amount(number, wanted);
}

static bool is_or_lacks_signed(struct klog_i64 number, int64_t wanted)
{
	return wanted == INT64_MIN ? number.state != FACT_KNOWN : is_number(number, wanted);
}

static void check_form(const struct form *form, const char *text, size_t chunk)
{
	struct collected c;
	char name[64];
	collect(&c, text_of_str(text), chunk);
	if (c.n != 1)
		fail_msg("%s: %u reports", form->release, c.n);
	const struct klog_report *r = &c.reports[0];
	const char *constraint = explain_constraint(r, name, sizeof name);
	if (!is_number(r->chosen.pid, form->chosen) && form->score >= 0)
		fail_msg("%s: chosen", form->release);
	if (form->score >= 0 && !says(r, r->chosen.comm, form->chosen_comm))
		fail_msg("%s: comm of the chosen", form->release);
	if (r->nkills != 1 || !is_number(r->kills[0].task.pid, form->killed) ||
	    !says(r, r->kills[0].task.comm, form->killed_comm) || r->kills[0].role != form->role)
		fail_msg("%s: kill", form->release);
	if ((constraint == NULL) != (form->constraint == NULL) || (constraint && strcmp(constraint, form->constraint) != 0))
		fail_msg("%s: constraint %s", form->release, constraint ? constraint : "none");
	if (!is_or_lacks_signed(r->score, form->score < 0 ? INT64_MIN : form->score))
		fail_msg("%s: score", form->release);
	if (!is_or_lacks(r->kills[0].total_vm_kib, form->total_vm_kib) || !is_or_lacks(r->kills[0].shmem_rss_kib, form->shmem_kib) ||
	    !is_or_lacks(r->kills[0].pgtables_kib, form->pgtables_kib))
		fail_msg("%s: sizes of the kill", form->release);
	if (!is_or_lacks_signed(r->kills[0].adj, form->adj) || !is_or_lacks_signed(r->trigger_adj, form->trigger_adj))
		fail_msg("%s: adj", form->release);
	if (r->ntasks != form->rows || (r->columns & form->columns) != form->columns || (r->columns & C(OTHER)))
		fail_msg("%s: table, %u rows", form->release, r->ntasks);
	collected_done(&c);
}

static void every_form_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		check_form(&forms[i], forms[i].text, 4096);
}

static void pieces_of_any_size_make_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		for (size_t chunk = 1; chunk < 200; chunk += 13)
			check_form(&forms[i], forms[i].text, chunk);
	}
}

/* Every line of text with this before and behind it. */
static void with_around(const char *before, const char *behind, const char *text, char *dst, size_t size)
{
	size_t n = 0;
	while (*text) {
		const char *end = strchr(text, '\n');
		n += (size_t)snprintf(dst + n, size - n, "%s%.*s%s\n", before, (int)(end - text), text, behind);
		assert_true(n < size);
		text = end + 1;
	}
}

static const char *const prefixes[] = {
	"[ 1234.567890] ",
	"[ 1234.567890][ T1234] ",
	"[ 1234.567890] [ T1234] ",
	"[   12.345678][    C1] ",
	"<4>[ 1234.567890] ",
	"<4>",
	"6,1234,5678901234,-;",
	"4,1234,5678901234,-,caller=T77;",
	"Jun 20 12:47:02 web-1 kernel: [15180285.537297] ",
	"Jun  2 12:47:02 web-1 kernel: ",
	"Jun 20 2025 12:47:02 web-1 kernel: ",
	"2024-03-13T11:16:48.123456+01:00 web-1 kernel: [ 1234.567890] ",
	"2024-03-13T11:16:48Z web-1 kernel: ",
	"2024-03-13 11:16:48 web-1 kernel[1]: ",
	"Wed 2024-03-13 11:16:48 CET web-1 kernel: ",
	"1710328608.123456 web-1 kernel: ",
	"<6>1 2024-03-13T11:16:48.123Z web-1 kernel - - - [ 1234.567890] ",
	"[Wed Mar 13 11:16:48 2024] ",
	"[Di Aug 12 03:54:03 2025] ",
	"[mer. mars 13 11:16:48 2024] ",
	"[\xe6\xb0\xb4  3\xe6\x9c\x88 13 11:16:48 2024] ",
	"kern  :warn  : [ 1234.567890] ",
	"kern  :err   : [Wed Mar 13 11:16:48 2024] ",
	"> ",
	"> > [ 1234.567890] ",
	">> [ 1234.567890] ",
	"      ",
	"kernel: ",
	"web-1 kernel: [ 1234.567890] ",
	"web-1 kernel:[1234.567890] ",
	/* dmesg -H, -d, -T -d */
	"[  +0.000012] ",
	"[Mar13 11:16] ",
	"[ 1234.567890 <    0.000012>] ",
	"[Wed Mar 13 11:16:48 2024 <    0.000012>] ",
	/* dmesg with colours */
	"\033[32m[ 1234.567890] \033[0m\033[33m",
	/* RFC 5424 with structured data */
	"<4>1 2024-03-13T11:16:48Z web-1 kernel - - [meta sequenceId=\"4\"] [ 1234.567890] ",
	/* Talos, Android's logcat, MediaTek, Samsung, OpenWrt */
	"kern: warning: [2024-03-13T11:16:48.123456789Z]: ",
	"10.0.0.2: kern:     err: [2024-03-13T11:16:48.123456789Z]: ",
	"03-13 11:16:48.123     0     0 W         : ",
	"03-13 11:16:48.123  root     0     0 I [ 1234.567890] : ",
	"<4>[ 1234.567890] (1)[4242:httpd] ",
	"<4>[ 1234.567890]  (3)[4242:php-fpm: pool w]",
	"[ 1234.567890]I[3:  php-fpm: 4242] ",
	"Wed Mar 13 11:16:48 2024 kern.warn kernel: [ 1234.567890] ",
	/* files named by grep, collectors, consoles of clouds */
	"/var/log/messages:Mar 13 11:16:48 web-1 kernel: ",
	"kern.log:104:Mar 13 11:16:48 web-1 kernel: [ 1234.567890] ",
	"2024/03/13 11:16:48 [ 1234.567890] ",
	"web-1 | Mar 13 11:16:48 web-1 kernel: ",
	"2024-03-13T11:16:48Z,web-1,kernel,[ 1234.567890] ",
};

/* What may stand around a line: in objects of collectors. */
static const struct {
	const char *before, *behind;
} wrappings[] = {
	{ "{\"log\":\"[ 1234.567890] ", "\\n\",\"stream\":\"stdout\",\"time\":\"2024-03-13T11:16:48.123456789Z\"}" },
	{ "{\"@timestamp\":\"2024-03-13T11:16:48Z\",\"message\":\"", "\"}" },
	{ "{\"jsonPayload\": {\"message\": \"[ 1234.567890] ", "\"}, \"timestamp\": \"2024-03-13T11:16:48Z\"}" },
	{ "{ \"_TRANSPORT\" : \"kernel\", \"MESSAGE\" : \"", "\" }" },
	{ "\"2024-03-13\",\"[ 1234.567890] ", "\"" },
	{ "[ 1234.567890] ", "\r" },
	{ "\033[33m[ 1234.567890] \033[0m", "\033[0m" },
	{ "_TRANSPORT=kernel\nMESSAGE=", "\n" },
};

static void every_form_is_read_behind_every_prefix(void **state)
{
	(void)state;
	static char text[16384];
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		for (size_t p = 0; p < COUNT_OF(prefixes); p++) {
			with_around(prefixes[p], "", forms[i].text, text, sizeof text);
			check_form(&forms[i], text, 4096);
		}
	}
}

static void every_form_is_read_in_every_wrapping(void **state)
{
	(void)state;
	static char text[32768];
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		for (size_t p = 0; p < COUNT_OF(wrappings); p++) {
			if (strchr(forms[i].text, '"') || strchr(forms[i].text, '\\'))
				continue; /* would need escapes */
			with_around(wrappings[p].before, wrappings[p].behind, forms[i].text, text, sizeof text);
			check_form(&forms[i], text, 4096);
		}
	}
}

/* Cut anywhere: what is left may be less, never something else. */
static void cut_reports_lose_facts_and_invent_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		const struct form *form = &forms[i];
		size_t len = strlen(form->text);
		for (size_t cut = 0; cut < 2 * len; cut++) {
			struct collected c;
			/* first the tail is missing, then the head */
			struct text text = cut < len ? text_of(form->text, cut) : text_of(form->text + (cut - len), 2 * len - cut);
			collect(&c, text, 4096);
			assert_true(c.n <= 1);
			for (uint32_t k = 0; k < c.n; k++) {
				struct klog_report *r = &c.reports[k];
				struct explanation ex;
				explain_report(r, &ex);
				assert_true(r->nkills <= 1 && r->ntasks <= form->rows);
				if (r->chosen.pid.state == FACT_KNOWN)
					assert_int_equal(r->chosen.pid.value, form->chosen);
				if (r->chosen.comm.state == FACT_KNOWN)
					assert_true(says(r, r->chosen.comm, form->chosen_comm));
				if (r->nkills == 1) {
					assert_int_equal(r->kills[0].task.pid.value, form->killed);
					if (r->kills[0].task.comm.state == FACT_KNOWN)
						assert_true(says(r, r->kills[0].task.comm, form->killed_comm));
					if (r->kills[0].total_vm_kib.state == FACT_KNOWN)
						assert_true(is_amount(r->kills[0].total_vm_kib, form->total_vm_kib));
					if (r->kills[0].pgtables_kib.state == FACT_KNOWN)
						assert_true(is_amount(r->kills[0].pgtables_kib, form->pgtables_kib));
				}
				for (uint32_t t = 0; t < r->ntasks; t++) {
					const struct klog_task *task = &r->tasks[t];
					int64_t pid = task->value[KLOG_PID];
					assert_true(pid == 100 || pid == 200);
					if (klog_task_has(task, KLOG_RSS))
						assert_true(task->value[KLOG_RSS] == 1000 || task->value[KLOG_RSS] == 50000 ||
							    task->value[KLOG_RSS] == 250);
				}
			}
			collected_done(&c);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(pieces_of_any_size_make_no_difference),
		cmocka_unit_test(every_form_is_read_behind_every_prefix),
		cmocka_unit_test(every_form_is_read_in_every_wrapping),
		cmocka_unit_test(cut_reports_lose_facts_and_invent_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
