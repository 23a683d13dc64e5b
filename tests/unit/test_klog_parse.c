/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The stream: what stands around reports, between them and within them.
 */
#include "unit.h"

#include "klog_collect.h"

#define SUMMARY(comm, pid) \
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=" comm \
	",pid=" pid ",uid=0\n"
#define KILL(pid, comm) \
	"Out of memory: Killed process " pid " (" comm ") total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:7 pgtables:40kB oom_score_adj:0\n"

static void hostile_names_are_kept_whole(void **state)
{
	(void)state;
	static const char *const names[] = { "a b", "a)b", ") total-vm:", "(sd-pam)", "a:b", "a'b\"c", "a,pid=1,uid=2", ",task=x,pid=3",
					     "Killed process", "oom-kill:", " lead", "\\x41", "[ 5] 0 5 6 7 x" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char text[2048];
		struct collected c;
		snprintf(text, sizeof text,
			 "[1.000001] %s invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			 "[1.000002] CPU: 1 PID: 41 Comm: %s Not tainted 6.1.0 #1\n"
			 "[1.000003] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			 "[1.000004] [     41]     0    41     1024      256    40960        0             0 %s\n"
			 "[1.000005] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,b,task_memcg=/a,b/c,task=%s,pid=41,uid=0\n"
			 "[1.000006] Memory cgroup out of memory: Killed process 41 (%s) total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:40kB oom_score_adj:0\n",
			 names[i], names[i], names[i], names[i], names[i]);
		collect_str(&c, text);
		const struct klog_report *r = &c.reports[0];
		if (c.n != 1 || !says(r, r->trigger.comm, names[i]) || !is_number(r->trigger.pid, 41))
			fail_msg("'%s': trigger", names[i]);
		if (!says(r, r->chosen.comm, names[i]) || !is_number(r->chosen.pid, 41))
			fail_msg("'%s': chosen", names[i]);
		if (r->nkills != 1 || !says(r, r->kills[0].task.comm, names[i]) || !is_amount(r->kills[0].total_vm_kib, 4096))
			fail_msg("'%s': kill", names[i]);
		if (r->ntasks != 1 || !says(r, r->tasks[0].name, names[i]))
			fail_msg("'%s': row", names[i]);
		assert_true(says(r, r->oom_memcg, "/a,b"));
		collected_done(&c);
	}
}

/* What is kept before the first word of a report has a bound; more of it may be
 * there by chance, and must not be used then. */
static void pieces_change_nothing(void **state)
{
	(void)state;
	static char text[160000];
	size_t n = 0;
	for (int pid = 1000; pid < 1700; pid++)
		n += (size_t)snprintf(text + n, sizeof text - n, "[1.000003] [%7d]     0  %d     1024      256    40960        0             0 name-%d\n", pid, pid, pid);
	uint32_t rows = 0;
	for (int longer = 0; longer < 2; longer++) {
		size_t len = n;
		if (longer) /* and one that is cut before the word in it */
			len += (size_t)snprintf(text + len, sizeof text - len, "%20000d oom-kill: %30000d total_vm\n", 1, 2);
		len += (size_t)snprintf(text + len, sizeof text - len, "[1.000006] " KILL("1690", "name-1690"));
		static const size_t pieces[] = { sizeof text, 65536, 8192, 1000, 77 };
		for (size_t i = 0; i < COUNT_OF(pieces); i++) {
			struct collected c;
			collect(&c, text_of(text, len), pieces[i]);
			assert_int_equal(c.n, 1);
			if (i == 0)
				rows = c.reports[0].ntasks;
			assert_int_equal(c.reports[0].ntasks, rows);
			assert_int_equal(c.reports[0].nkills, 1);
			collected_done(&c);
		}
		assert_true(longer || rows > 200);
	}
}

static void one_who_dies_already_is_not_killed_twice(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, SUMMARY("a", "41") KILL("41", "a") "Tasks in /team are going to be killed due to memory.oom.group set\n"
			"Out of memory: OOM victim 41 (a) is already exiting. Skip killing the task\n" KILL("42", "b")
			"Out of memory: OOM victim 43 (c) is already exiting. Skip killing the task\n");
	assert_int_equal(c.n, 1);
	assert_int_equal(c.reports[0].nkills, 3);
	assert_true(is_number(c.reports[0].kills[1].task.pid, 42) && is_number(c.reports[0].kills[2].task.pid, 43));
	collected_done(&c);
}

static void broken_lines_are_joined(void **state)
{
	(void)state;
	struct collected c;
	/* the mailer dropped the blank at the break */
	collect_str(&c, "[    1.000001] dd invoked oom-killer:\n"
			"gfp_mask=0x101c4a(GFP_NOFS|__GFP_WRITE),\n"
			"order=3, oom_score_adj=0\n"
			"[    1.000002] [  pid  ]   uid  tgid total_vm      rss\n"
			"pgtables_bytes swapents oom_score_adj name\n"
			"[    1.000003] [   6911]     0  6911    55506      640\n"
			"    73728        0             0 dd\n"
			"[    1.000004] Memory cgroup out of memory: Killed process 6911\n"
			"(dd) total-vm:222024kB, anon-rss:0kB, file-rss:3072kB,\n"
			"shmem-rss:0kB, UID:0 pgtables:72kB oom_score_adj:-9\n");
	assert_int_equal(c.n, 1);
	const struct klog_report *r = &c.reports[0];
	assert_true(is_number(r->order, 3) && is_number(r->trigger_adj, 0));
	assert_int_equal(r->ntasks, 1);
	assert_int_equal(r->tasks[0].value[KLOG_PGTABLES_BYTES], 73728);
	assert_true(says(r, r->tasks[0].name, "dd") && is_number(r->kills[0].adj, -9));
	collected_done(&c);

	/* it left the blank, and broke words too */
	collect_str(&c, "[    1.000001] stress invoked oom-killer: \n"
			"gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n"
			"[    1.000002] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_ad\n"
			"j name\n"
			"[    1.000003] [   1122]     0  1122   179935   130854  1097728        0             0 stre\n"
			"ss\n"
			"[    1.000004] \n"
			"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom\n"
			"_memcg=/t,task_m\n"
			"emcg=/t,task=stress,pid=1122,uid=0\n"
			"[    1.000005] Memory cgroup out of memory: Killed process 1122 (stress) \n"
			"total-vm:719740kB, anon-rss:522880kB, file-rss\n"
			":536kB, shmem-rss:0kB, UID:0 pgtables:1072kB oom_score_adj:0\n");
	assert_int_equal(c.n, 1);
	r = &c.reports[0];
	assert_int_equal(r->ntasks, 1);
	assert_true(says(r, r->tasks[0].name, "stress") && klog_task_has(&r->tasks[0], KLOG_OOM_SCORE_ADJ));
	assert_true(says(r, r->oom_memcg, "/t") && says(r, r->task_memcg, "/t") && is_number(r->chosen.pid, 1122));
	assert_true(is_amount(r->kills[0].file_rss_kib, 536));
	collected_done(&c);
}

/* `text` as a terminal of that width leaves it. */
static void at_width(const char *text, size_t width, char *dst)
{
	while (*text) {
		size_t n = strcspn(text, "\n"), k = n < width ? n : width;
		memcpy(dst, text, k);
		dst += k;
		text += k + (text[k] == '\n');
		*dst++ = '\n';
	}
	*dst = '\0';
}

#define STAMP "[ 1234.567890] "
static void lines_that_a_terminal_broke_are_joined(void **state)
{
	(void)state;
	static const char text[] =
		STAMP "java worker one invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=200\n"
		STAMP "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name\n"
		STAMP "[   6911]     0  6911    55506      640      256      384         0    73728        0             0 Web Content\n"
		STAMP "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a.slice/b.slice/c.scope,"
		"task_memcg=/a.slice/b.slice/c.scope,task=Web Content,pid=6911,uid=0\n"
		STAMP "Memory cgroup out of memory: Killed process 6911 (Web Content) total-vm:222024kB, anon-rss:1024kB, file-rss:1536kB, "
		"shmem-rss:0kB, UID:0 pgtables:72kB oom_score_adj:200\n";
	static const size_t widths[] = { 80, 100, 120, 132, 160 };
	for (size_t i = 0; i < COUNT_OF(widths); i++) {
		char broken[2 * sizeof text];
		struct collected c;
		at_width(text, widths[i], broken);
		collect_str(&c, broken);
		assert_int_equal(c.n, 1);
		const struct klog_report *r = &c.reports[0];
		if (!says(r, r->trigger.comm, "java worker one") || !is_number(r->trigger_adj, 200) || r->ntasks != 1 ||
		    !says(r, r->tasks[0].name, "Web Content") || !says(r, r->oom_memcg, "/a.slice/b.slice/c.scope") ||
		    !says(r, r->task_memcg, "/a.slice/b.slice/c.scope") || !is_number(r->chosen.pid, 6911) ||
		    !is_amount(r->kills[0].file_rss_kib, 1536) || !is_number(r->kills[0].adj, 200))
			fail_msg("at %zu columns", widths[i]);
		collected_done(&c);
	}
}

static void names_that_a_mailer_broke_are_joined(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, STAMP "java worker\none invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			STAMP "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			STAMP "[   6911]     0  6911    55506      640    73728        0             0 Web\nContent\n"
			STAMP "[   6912]     0  6912    55506      640    73728        0             0 x\nOut of memory and no killable processes...\n");
	assert_int_equal(c.n, 1);
	const struct klog_report *r = &c.reports[0];
	assert_true(says(r, r->trigger.comm, "java worker one"));
	assert_int_equal(r->ntasks, 2);
	assert_true(says(r, r->tasks[0].name, "Web Content") && says(r, r->tasks[1].name, "x"));
	assert_true(r->nobody_killable);
	collected_done(&c);
}

static void mails_are_read_as_they_were_sent(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "> [  17=2E380000] d=C2=A0d invoked oom-killer: gfp_mask=3D0x101c4a(GFP_NOFS|__GFP_WRITE), order=3D3, =\n"
			"oom_score_adj=3D0\n"
			"> [  17=2E380001] [  pid  ]   uid  tgid total_vm      rss pgtables_b=\n"
			"ytes swapents oom_score_adj name\r\n"
			"> [  17=2E380002] [   6911]     0  6911    55506      640    73728   =\n"
			"      0            -9 dd=20\n"
			"> [  17=2E380003] Out of memory: Killed process 6911 (dd) total-vm:222024kB, anon-=\n"
			"rss:12kB, file-rss:3072kB, shmem-rss:0kB, UID:0 pgtables:72kB oom_score_adj:-9\n");
	assert_int_equal(c.n, 1);
	const struct klog_report *r = &c.reports[0];
	assert_true(says(r, r->trigger.comm, "d d") && is_number(r->order, 3) && is_number(r->trigger_adj, 0));
	assert_int_equal(r->time.monotonic_ns.value, 17380000000);
	assert_int_equal(r->ntasks, 1);
	assert_int_equal(r->tasks[0].value[KLOG_PGTABLES_BYTES], 73728);
	assert_int_equal(r->tasks[0].value[KLOG_OOM_SCORE_ADJ], -9);
	assert_true(is_amount(r->kills[0].anon_rss_kib, 12) && is_number(r->kills[0].adj, -9));
	collected_done(&c);
}

static void a_break_behind_a_hyphen_leaves_no_blank(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, STAMP "Out of memory: Killed process 6911 (dd) total-\nvm:\n222024kB, anon-rss:12kB, file-\nrss:7kB, shmem-rss:0kB, "
			"UID:1000\npgtables:\n136kB oom_score_adj:200\n");
	assert_int_equal(c.n, 1);
	const struct klog_kill *kill = &c.reports[0].kills[0];
	assert_true(is_amount(kill->total_vm_kib, 222024) && is_amount(kill->file_rss_kib, 7) && is_amount(kill->pgtables_kib, 136));
	assert_true(is_amount(kill->uid, 1000) && is_number(kill->adj, 200));
	collected_done(&c);
}

/* Who wrote the log padded its lines; a name that ends with blanks is another's. */
static void padding_is_no_part_of_a_name(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name   \n"
			"[   6911]     0  6911    55506      640    73728        0             0 dd       \n\n"
			KILL("6911", "dd"));
	assert_true(says(&c.reports[0], c.reports[0].tasks[0].name, "dd"));
	collected_done(&c);
	collect_str(&c, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			"[   6911]     0  6911    55506      640    73728        0             0 dd  \n\n"
			KILL("6911", "dd  "));
	assert_true(says(&c.reports[0], c.reports[0].tasks[0].name, "dd  "));
	collected_done(&c);
}

static void callers_marks_keep_reports_apart(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "[ 1.000001][   T10] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			"[ 1.000002][   T20] b invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=1, oom_score_adj=0\n"
			"[ 1.000003][   T10] CPU: 1 PID: 10 Comm: a Not tainted 6.1.0 #1\n"
			"[ 1.000004][    C0] CPU: 0 PID: 99 Comm: a Not tainted 9.9.9 #1\n"
			"[ 1.000005][   T20] CPU: 1 PID: 20 Comm: b Not tainted 6.1.0 #1\n"
			"[ 1.000006][   T20] " SUMMARY("y", "21")
			"[ 1.000007][   T10] " SUMMARY("x", "11")
			"[ 1.000008][   T10] " KILL("11", "x")
			"[ 1.000009][   T20] " KILL("21", "y")
			"[ 1.000010][    T5] oom_reaper: reaped process 21 (y), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n");
	assert_int_equal(c.n, 2);
	for (int i = 0; i < 2; i++) {
		const struct klog_report *r = &c.reports[i];
		assert_true(is_number(r->trigger.pid, i == 0 ? 10 : 20) && is_number(r->order, i));
		assert_true(is_number(r->chosen.pid, i == 0 ? 11 : 21));
		assert_int_equal(r->nkills, 1);
		assert_true(is_number(r->kills[0].task.pid, i == 0 ? 11 : 21));
		assert_true(r->kills[0].reaped == (i == 1));
	}
	collected_done(&c);
}

static void kills_without_a_dump_are_reports_each(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, KILL("11", "x") "noise\n" KILL("12", "y") "oom_kill_process: 3 callbacks suppressed\n" KILL("13", "z"));
	assert_int_equal(c.n, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(c.reports[i].nkills, 1);
		assert_true(is_number(c.reports[i].kills[0].task.pid, 11 + i));
		assert_false(c.reports[i].has_header);
	}
	collected_done(&c);
}

static void a_group_dies_in_one_report(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, SUMMARY("x", "11") KILL("11", "x")
			"Tasks in /a b are going to be killed due to memory.oom.group set\n" KILL("12", "y") KILL("13", "z"));
	assert_int_equal(c.n, 1);
	const struct klog_report *r = &c.reports[0];
	assert_int_equal(r->nkills, 3);
	assert_int_equal(r->kills[0].role, KLOG_ROLE_CHOSEN);
	assert_int_equal(r->kills[1].role, KLOG_ROLE_OOM_GROUP);
	assert_int_equal(r->kills[2].role, KLOG_ROLE_OOM_GROUP);
	assert_true(says(r, r->oom_group, "/a b"));
	collected_done(&c);
}

static void sharers_and_dying_victims_are_told_apart(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "Out of memory: Kill process 11 (x) score 5 or sacrifice child\n"
			"Killed process 11 (x) total-vm:4096kB, anon-rss:1024kB, file-rss:0kB\n"
			"Kill process 12 (y) sharing same memory\n");
	assert_int_equal(c.n, 1);
	assert_int_equal(c.reports[0].nkills, 2);
	assert_int_equal(c.reports[0].kills[1].role, KLOG_ROLE_SHARES_MM);
	collected_done(&c);
	collect_str(&c, "Memory cgroup out of memory: OOM victim 14 (w) is already exiting. Skip killing the task\n");
	assert_int_equal(c.n, 1);
	assert_true(c.reports[0].kills[0].dying_already && is_number(c.reports[0].kills[0].task.pid, 14));
	assert_int_equal(c.reports[0].scope, KLOG_SCOPE_MEMCG);
	collected_done(&c);
}

static void panics_are_reports(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum klog_panic panic;
	} cases[] = {
		{ "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled\n", KLOG_PANIC_SYSCTL },
		{ "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled\n", KLOG_PANIC_COMPULSORY },
		{ "Kernel panic - not syncing: out of memory. panic_on_oom is selected\n", KLOG_PANIC_SYSCTL },
		{ "Kernel panic - not syncing: out of memory. Compulsory panic_on_oom is selected.\n", KLOG_PANIC_COMPULSORY },
		{ "Kernel panic - not syncing: Out of memory and no killable processes...\n", KLOG_PANIC_NOBODY },
		{ "Out of memory and no killable processes...\nKernel panic - not syncing: System is deadlocked on memory\n",
		  KLOG_PANIC_NOBODY },
		{ "Out of memory and no killable processes...\n", KLOG_PANIC_NONE },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct collected c;
		collect_str(&c, cases[i].text);
		assert_int_equal(c.n, 1);
		assert_int_equal(c.reports[0].panic, cases[i].panic);
		assert_int_equal(c.reports[0].nkills, 0);
		collected_done(&c);
	}
}

static void other_words_about_memory_are_no_reports(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "\n\n\n", "java: out of memory\n", "systemd[1]: x.service: A process of this unit has been killed by the OOM killer.\n",
		"Mem-Info:\nactive_anon:1 inactive_anon:2 isolated_anon:0\n512558 pages RAM\n",
		"python3: page allocation failure: order:5, mode:0xcc0(GFP_KERNEL)\nMem-Info:\nactive_anon:1 inactive_anon:2 isolated_anon:0\n",
		"OOM killer enabled.\nOOM killer disabled.\n", "Kernel panic - not syncing: Fatal exception\n",
		"Killed process by hand\n", "oom_reaper: reaped process 21 (y), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n",
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct collected c;
		collect_str(&c, texts[i]);
		if (c.n != 0)
			fail_msg("a report in: %s", texts[i]);
	}
}

static void records_of_dev_kmsg_are_decoded(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "4,10,1500000,-,caller=T41;a\\x5cb\\xc3\\xa9 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			"4,11,1500001,-,caller=T41;Mem-Info:\n"
			"4,12,1500002,-,caller=T41;active_anon:1 inactive_anon:2 isolated_anon:3\\x0a active_file:4 inactive_file:5 isolated_file:6\\x0a free:7 free_pcp:8 free_cma:9\n"
			" SUBSYSTEM=x\n"
			"6,13,1500003,-,caller=T41;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/\\x09x,task=v,pid=7,uid=0\n");
	assert_int_equal(c.n, 1);
	const struct klog_report *r = &c.reports[0];
	assert_true(says(r, r->trigger.comm, "a\\b\xc3\xa9"));
	assert_true(is_amount(r->time.monotonic_ns, 1500000000));
	assert_true(is_amount(r->counters[KLOG_COUNT_free], 7) && is_amount(r->counters[KLOG_COUNT_active_file], 4));
	assert_true(says(r, r->task_memcg, "/\tx") && is_number(r->chosen.pid, 7));
	collected_done(&c);
}

static void objects_of_the_journal_are_decoded(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "{\"__REALTIME_TIMESTAMP\":\"1700000000123456\",\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"a \\\"q\\\" \\u00e9 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\"}\n"
			"{\"MESSAGE\":[79,117,116,32,111,102,32,109,101,109,111,114,121,58,32,75,105,108,108,101,100,32,112,114,111,99,101,115,115,32,57,32,40,255,41,32,116],\"PRIORITY\":\"3\"}\n");
	assert_int_equal(c.n, 1);
	const struct klog_report *r = &c.reports[0];
	assert_true(says(r, r->trigger.comm, "a \"q\" \xc3\xa9"));
	assert_true(is_number(r->time.realtime_ns, INT64_C(1700000000123456000)));
	assert_int_equal(r->nkills, 1);
	assert_true(is_number(r->kills[0].task.pid, 9) && says(r, r->kills[0].task.comm, "\xff"));
	collected_done(&c);
}

static void stamps_say_what_they_know(void **state)
{
	(void)state;
	static const struct {
		const char *prefix;
		int64_t realtime_s, local_s; /* -1: not known */
		bool day;
	} cases[] = {
		{ "2024-03-13T11:16:48+01:00 h kernel: ", 1710325008, -1, false },
		{ "2024-03-13T11:16:48Z h kernel: ", 1710328608, -1, false },
		{ "2024-03-13T11:16:48-0530 h kernel: ", 1710348408, -1, false },
		{ "[Wed Mar 13 11:16:48 2024] ", -1, 1710328608, false },
		{ "[\xe6\xb0\xb4  3\xe6\x9c\x88 13 11:16:48 2024] ", -1, 1710328608, false },
		{ "[mer. mars 13 11:16:48 2024] ", -1, 1710328608, false },
		{ "[mar mar 12 11:16:48 2024] ", -1, 1710242208, false }, /* martes, marzo */
		{ "[Do M\xc3\xa4r 14 11:16:48 2024] ", -1, 1710415008, false },
		{ "[\xd0\xa1\xd1\x80 \xd0\xbc\xd0\xb0\xd1\x80 13 11:16:48 2024] ", -1, 1710328608, false },
		{ "[Che Mbo 13 11:16:48 2024] ", -1, -1, false }, /* the language is not known */
		{ "03-13 11:16:48.123     0     0 W         : ", -1, -1, true },
		{ "kern:     err: [2024-03-13T11:16:48.123456789Z]: ", 1710328608, -1, false },
		{ "Mar 13 11:16:48 h kernel: ", -1, -1, true },
		{ "[ 12.5] ", -1, -1, false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[512];
		struct collected c;
		snprintf(text, sizeof text, "%s" KILL("11", "x"), cases[i].prefix);
		collect_str(&c, text);
		assert_int_equal(c.n, 1);
		const struct klog_time *t = &c.reports[0].time;
		if (cases[i].realtime_s < 0 ? t->realtime_ns.state == FACT_KNOWN : t->realtime_ns.value / 1000000000 != cases[i].realtime_s)
			fail_msg("%s: realtime %lld", cases[i].prefix, (long long)t->realtime_ns.value);
		if (cases[i].local_s < 0 ? t->local_ns.state == FACT_KNOWN : !is_number(t->local_ns, cases[i].local_s * 1000000000))
			fail_msg("%s: local", cases[i].prefix);
		assert_int_equal(t->day_ns.state == FACT_KNOWN, cases[i].day);
		assert_int_equal(t->text.state, FACT_KNOWN);
		collected_done(&c);
	}
}

static void a_head_that_is_lost_leaves_the_rest(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "[ 1.1] Node 0 DMA: 1*16kB (U) 2*32kB (U) = 80kB\n"
			"[ 1.2] 512558 pages RAM\n"
			"[ 1.3] [     41]     0    41     1024      256    40960        0             0 x\n"
			"[ 1.4] [     42]     0    42     1024      257    40960        0             0 y\n"
			"[ 1.5] " SUMMARY("y", "42") "[ 1.6] " KILL("42", "y"));
	assert_int_equal(c.n, 1);
	const struct klog_report *r = &c.reports[0];
	assert_int_equal(r->ntasks, 2);
	assert_false(r->has_table || r->has_header);
	/* columns are not told apart without their header, but for what all have */
	assert_true(klog_task_has(&r->tasks[0], KLOG_RSS) && !klog_task_has(&r->tasks[0], KLOG_PGTABLES_BYTES));
	assert_true(is_amount(r->page_kib, 16) && is_amount(r->ram_pages, 512558));
	collected_done(&c);
}

/* More than fits: the bounds hold, and what follows is found. */
/* No line of a cgroup's memory has the words that are searched for. */
static void a_cgroup_named_before_its_memory_is_found(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, "h kernel: Task in /box/a killed as a result of limit of /box\n"
			"h kernel: memory: usage 524288kB, limit 524288kB, failcnt 24\n"
			"h kernel: Memory cgroup stats for /box: cache:1000KB rss:500000KB\n"
			"h kernel: " KILL("42", "y"));
	assert_int_equal(c.n, 1);
	assert_true(says(&c.reports[0], c.reports[0].oom_memcg, "/box") && says(&c.reports[0], c.reports[0].task_memcg, "/box/a"));
	assert_true(is_amount(c.reports[0].limit_memory.limit_kib, 524288));
	collected_done(&c);
}

/* Without the header, and something else between. */
static void limits_before_a_table_belong_to_it(void **state)
{
	(void)state;
	struct collected c;
	collect_str(&c, STAMP "memory: usage 16kB, limit 32kB, failcnt 5\n" STAMP "memory+swap: usage 17kB, limit 33kB, failcnt 0\n[...]\n"
			STAMP "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			STAMP "[   6911]     0  6911    55506      640    73728        0             0 dd\n" STAMP KILL("6911", "dd"));
	assert_int_equal(c.n, 1);
	assert_true(is_amount(c.reports[0].limit_memory.limit_kib, 32) && is_amount(c.reports[0].limit_memsw.limit_kib, 33));
	collected_done(&c);
}

static void memory_is_bounded(void **state)
{
	(void)state;
	struct collected c = { .n = 0 };
	struct klog_parser *parser = klog_parser_new(collect_one, &c);
	static char line[40000];
	memset(line, 'x', sizeof line);
	for (int i = 0; i < 50; i++)
		assert_int_equal(klog_parser_feed(parser, line, sizeof line), 0);
	assert_int_equal(klog_parser_feed(parser, "\n", 1), 0);
	assert_int_equal(klog_parser_feed(parser, KILL("11", "x"), strlen(KILL("11", "x"))), 0);
	static const char header[] = "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n";
	static const char row[] = "[     41]     0    41     1024      256    40960        0             0 x\n";
	assert_int_equal(klog_parser_feed(parser, "a invoked oom-killer: order=0, \n", 32), 0);
	assert_int_equal(klog_parser_feed(parser, header, sizeof header - 1), 0);
	for (int i = 0; i < 300000; i++)
		assert_int_equal(klog_parser_feed(parser, row, sizeof row - 1), 0);
	assert_int_equal(klog_parser_feed(parser, KILL("41", "x"), strlen(KILL("41", "x"))), 0);
	assert_int_equal(klog_parser_flush(parser), 0);
	klog_parser_free(parser);
	assert_int_equal(c.n, 2);
	assert_true(is_number(c.reports[0].kills[0].task.pid, 11));
	assert_true(c.reports[1].tasks_dropped && c.reports[1].ntasks == 1U << 18);
	collected_done(&c);
}

static void a_follower_gets_reports_at_a_pause(void **state)
{
	(void)state;
	struct collected c = { .n = 0 };
	struct klog_parser *parser = klog_parser_new(collect_one, &c);
	klog_parser_set_boot(parser, INT64_C(1700000000000000000));
	static const char first[] = "3,1,5000000,-;" KILL("11", "x"), second[] = "3,2,9000000,-;" KILL("12", "y");
	assert_int_equal(klog_parser_feed(parser, first, sizeof first - 1), 0);
	assert_int_equal(c.n, 0); /* more of it may come */
	assert_int_equal(klog_parser_flush(parser), 0);
	assert_int_equal(c.n, 1);
	assert_true(is_number(c.reports[0].time.realtime_ns, INT64_C(1700000005000000000)));
	assert_int_equal(klog_parser_feed(parser, second, sizeof second - 1), 0);
	assert_int_equal(klog_parser_flush(parser), 0);
	assert_int_equal(c.n, 2);
	assert_true(is_number(c.reports[1].kills[0].task.pid, 12));
	klog_parser_free(parser);
	collected_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_names_are_kept_whole),
		cmocka_unit_test(pieces_change_nothing),
		cmocka_unit_test(one_who_dies_already_is_not_killed_twice),
		cmocka_unit_test(broken_lines_are_joined),
		cmocka_unit_test(lines_that_a_terminal_broke_are_joined),
		cmocka_unit_test(names_that_a_mailer_broke_are_joined),
		cmocka_unit_test(mails_are_read_as_they_were_sent),
		cmocka_unit_test(a_break_behind_a_hyphen_leaves_no_blank),
		cmocka_unit_test(padding_is_no_part_of_a_name),
		cmocka_unit_test(callers_marks_keep_reports_apart),
		cmocka_unit_test(kills_without_a_dump_are_reports_each),
		cmocka_unit_test(a_group_dies_in_one_report),
		cmocka_unit_test(sharers_and_dying_victims_are_told_apart),
		cmocka_unit_test(panics_are_reports),
		cmocka_unit_test(other_words_about_memory_are_no_reports),
		cmocka_unit_test(records_of_dev_kmsg_are_decoded),
		cmocka_unit_test(objects_of_the_journal_are_decoded),
		cmocka_unit_test(stamps_say_what_they_know),
		cmocka_unit_test(a_head_that_is_lost_leaves_the_rest),
		cmocka_unit_test(a_cgroup_named_before_its_memory_is_found),
		cmocka_unit_test(limits_before_a_table_belong_to_it),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(a_follower_gets_reports_at_a_pause),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
