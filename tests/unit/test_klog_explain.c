/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The choice computed again: right, wrong, or not to be told.
 */
#include "unit.h"

#include "klog_collect.h"

#define HEADER "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
#define CPU(release) "CPU: 1 PID: 41 Comm: a Not tainted " release " #1\n"
/* 1 048 576 pages of RAM, no swap: an adj unit of 1048 */
#define RAM "Mem-Info:\nNode 0 DMA: 1*4kB (U) = 4kB\nFree swap  = 0kB\nTotal swap = 0kB\n1048676 pages RAM\n100 pages reserved\n"
#define TABLE "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
#define ROW(pid, rss, adj, name) "[" pid "]     9 " pid " 9000 " rss " 40960 0 " adj " " name "\n"
#define SUMMARY(pid) \
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/x,task=v,pid=" pid ",uid=9\n"
#define KILL(pid) "Out of memory: Killed process " pid " (v) total-vm:36000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:9 pgtables:40kB oom_score_adj:0\n"
#define MEMCG_KILL(pid) "Memory cgroup out of memory: Killed process " pid " (v) total-vm:36000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:9 pgtables:40kB oom_score_adj:0\n"

struct answer {
	const char *name, *text;
	enum explain_agrees agrees;
	int64_t pid;       /* -1: none */
	const char *words; /* in because */
};

static const struct answer answers[] = {
	{ "the worst died", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "v") ROW("11", "500", "0", "w") SUMMARY("10") KILL("10"),
	  AGREES_YES, 10, "most points" },
	{ "the last of equals from 5.3 on", HEADER CPU("6.1.0") RAM TABLE ROW("10", "500", "0", "w") ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"),
	  AGREES_YES, 11, "of equals" },
	{ "the first of equals before", HEADER CPU("5.0.0") RAM TABLE ROW("10", "500", "0", "v") ROW("11", "500", "0", "w") SUMMARY("10") KILL("10"),
	  AGREES_YES, 10, "of equals" },
	{ "adj weighs totalpages", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "w") ROW("11", "500", "1", "v") SUMMARY("11") KILL("11"),
	  AGREES_YES, 11, "most points" },
	{ "-1000 is no candidate", HEADER CPU("6.1.0") RAM TABLE ROW("10", "90000", "-1000", "w") ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"),
	  AGREES_YES, 11, "most points" },
	{ "negative points count from 5.9 on", HEADER CPU("5.10.0") RAM TABLE ROW("10", "600", "-998", "v") ROW("11", "500", "-998", "w") SUMMARY("10") KILL("10"),
	  AGREES_YES, 10, "most points" },
	{ "before, all below 1 tie", HEADER CPU("5.4.0") RAM TABLE ROW("10", "600", "-998", "w") ROW("11", "500", "-998", "v") SUMMARY("11") KILL("11"),
	  AGREES_YES, 11, "of equals" },
	{ "a back-port of 5.9 shows", HEADER CPU("5.4.286") RAM TABLE ROW("10", "600", "-998", "v") ROW("11", "500", "-998", "w") SUMMARY("10") KILL("10"),
	  AGREES_YES, 10, "must carry" },
	{ "without a release, earlier rules the table fits", HEADER RAM TABLE ROW("10", "600", "-998", "v") ROW("11", "900", "-998", "w") SUMMARY("10") KILL("10"),
	  AGREES_YES, 10, "rules of 4.17, others having as many" },
	{ "without a release, what adj weighs may tie all by earlier rules",
	  HEADER "memory: usage 4096kB, limit 4096kB, failcnt 1\nswap: usage 0kB, limit 9007199254740988kB, failcnt 0\n" TABLE
	  ROW("10", "600", "-998", "v") ROW("11", "1900", "-998", "w") MEMCG_KILL("10"),
	  AGREES_UNKNOWN, -1, "depends on what oom_score_adj weighed" },
	{ "another one died", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "w") ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"),
	  AGREES_NO, 10, "500 points more" },
	{ "who allocated died", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "w") ROW("11", "500", "0", "v") SUMMARY("11")
	  "Out of memory (oom_kill_allocating_task): Killed process 11 (v) total-vm:36000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:9 pgtables:40kB oom_score_adj:0\n",
	  AGREES_NO, 10, "vm.oom_kill_allocating_task" },
	{ "a twin between vfork and exec", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "v") ROW("11", "1000", "0", "v") SUMMARY("10") KILL("10"),
	  AGREES_NO, 11, "between vfork and exec" },
	{ "nobody may be killed", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "-1000", "w") "Out of memory and no killable processes...\n",
	  AGREES_YES, -1, "all have oom_score_adj -1000" },
	{ "nobody is killed though somebody might", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "w") "Out of memory and no killable processes...\n",
	  AGREES_NO, -1, "lists candidates" },
	{ "nobody may be killed of a table that is cut", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "-1000", "w") "[11] 9 11 9000 5\nOut of memory and no killable processes...\n",
	  AGREES_UNKNOWN, -1, "not whole" },
	{ "the victim has no row", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "w") SUMMARY("11") KILL("11"), AGREES_UNKNOWN, -1, "not in the table" },
	{ "no table", HEADER CPU("6.1.0") RAM SUMMARY("11") KILL("11"), AGREES_UNKNOWN, -1, "not in this report" },
	{ "no header of the table", HEADER CPU("6.1.0") RAM ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"), AGREES_UNKNOWN, -1, "header" },
	{ "a row is cut", HEADER CPU("6.1.0") RAM TABLE "[10] 9 10 9000 5\n" ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"), AGREES_UNKNOWN, -1, "not whole" },
	{ "swap of the host is missing in a cgroup's report, and adj differ",
	  HEADER CPU("6.1.0") "memory: usage 4096kB, limit 4096kB, failcnt 1\nswap: usage 0kB, limit 9007199254740988kB, failcnt 0\n" TABLE
	  ROW("10", "900", "0", "v") ROW("11", "100", "500", "w") MEMCG_KILL("10"),
	  AGREES_UNKNOWN, -1, "depends on more" },
	{ "there adj are the same", HEADER CPU("6.1.0") "memory: usage 4096kB, limit 4096kB, failcnt 1\nswap: usage 0kB, limit 9007199254740988kB, failcnt 0\n" TABLE
	  ROW("10", "900", "200", "v") ROW("11", "100", "200", "w") MEMCG_KILL("10"),
	  AGREES_YES, 10, "most points" },
	{ "there the victim has the larger adj", HEADER CPU("6.1.0") "memory: usage 4096kB, limit 4096kB, failcnt 1\nswap: usage 0kB, limit 9007199254740988kB, failcnt 0\n" TABLE
	  ROW("10", "900", "500", "v") ROW("11", "100", "200", "w") MEMCG_KILL("10"),
	  AGREES_YES, 10, "most points" },
	{ "a tiny cgroup leaves adj without weight", HEADER CPU("6.1.0") "memory: usage 400kB, limit 400kB, failcnt 1\nswap: usage 0kB, limit 0kB, failcnt 0\n" TABLE
	  ROW("10", "90", "0", "v") ROW("11", "10", "900", "w") MEMCG_KILL("10"),
	  AGREES_YES, 10, "most points" },
	{ "panic came first", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "w")
	  "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled\n", AGREES_UNKNOWN, -1, "panicked" },
	{ "nobody was left", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "w") "Out of memory and no killable processes...\n", AGREES_NO, -1, "nobody" },
	{ "up to 3.5 the table lacks swap", "a invoked oom-killer: gfp_mask=0x1, order=0, oom_adj=0, oom_score_adj=0\n"
	  "Free swap  = 0kB\nTotal swap = 4000kB\n1048676 pages RAM\n100 pages reserved\n"
	  "[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name\n[   10]     9    10     9000      600   0       0             0 v\n"
	  "Out of memory: Kill process 10 (v) score 5 or sacrifice child\nKilled process 10 (v) total-vm:36000kB, anon-rss:4kB, file-rss:0kB\n",
	  AGREES_UNKNOWN, -1, "no column" },
};

static void the_choice_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct collected c;
		struct explanation ex;
		collect_str(&c, answers[i].text);
		if (c.n != 1)
			fail_msg("%s: %u reports", answers[i].name, c.n);
		explain_report(&c.reports[0], &ex);
		if (ex.agrees != answers[i].agrees || !strstr(ex.because, answers[i].words))
			fail_msg("%s: %d, %s", answers[i].name, (int)ex.agrees, ex.because);
		if (answers[i].pid < 0 ? ex.recomputed_pid.state == FACT_KNOWN : !is_number(ex.recomputed_pid, answers[i].pid))
			fail_msg("%s: pid %lld", answers[i].name, (long long)ex.recomputed_pid.value);
		assert_true(ex.summary[0]);
		collected_done(&c);
	}
}

/* The second of two reports, the first of which killed who has the most points there. */
static void who_was_killed_before_is_not_chosen_again(void **state)
{
	(void)state;
	static const char *const seconds[] = {
		HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "v") ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"),
		HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "v") "Out of memory and no killable processes...\n",
	};
	for (size_t i = 0; i < 2; i++) {
		char text[4096];
		struct collected c;
		struct explanation ex;
		snprintf(text, sizeof text, "%s%s", SUMMARY("10") KILL("10"), seconds[i]);
		collect_str(&c, text);
		assert_int_equal(c.n, 2);
		explain_report(&c.reports[1], &ex);
		assert_int_equal(ex.agrees, AGREES_YES);
		assert_non_null(strstr(ex.because, "killed before in this log"));
		collected_done(&c);
	}
}

/* Uptime that begins anew is another boot: its pids are other processes'. */
static void a_boot_between_forgets_the_victims(void **state)
{
	(void)state;
	struct collected c;
	struct explanation ex;
	collect_str(&c, "[  900.000000] " KILL("10") "[    5.000000] " HEADER "\n" CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "v")
			ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"));
	assert_int_equal(c.n, 2);
	explain_report(&c.reports[1], &ex);
	assert_int_equal(ex.agrees, AGREES_NO);
	collected_done(&c);
	/* Who died since is remembered. */
	collect_str(&c, "[  900.000000] " KILL("9") "[    5.000000] " KILL("10") "[    6.000000] " HEADER "\n" CPU("6.1.0") RAM
			TABLE ROW("10", "1000", "0", "v") ROW("11", "500", "0", "v") SUMMARY("11") KILL("11"));
	assert_int_equal(c.n, 3);
	explain_report(&c.reports[2], &ex);
	assert_int_equal(ex.agrees, AGREES_YES);
	collected_done(&c);
}

static void page_size_comes_from_the_data(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text;
		uint64_t bytes; /* 0: not known */
	} cases[] = {
		{ "free lists", HEADER "Mem-Info:\nNode 0 DMA: 1*64kB (U) 1*128kB (U) = 192kB\n", 65536 },
		{ "row and kill line", TABLE ROW("10", "5", "0", "v") "Out of memory: Killed process 10 (v) total-vm:144000kB, anon-rss:4kB\n", 16384 },
		{ "zones", HEADER "Mem-Info:\nNode 0 DMA free:1kB min:1kB present:32000kB\nNode 0 Normal free:1kB min:1kB present:32000kB\n8000 pages RAM\n", 8192 },
		{ "nothing", TABLE ROW("10", "5", "0", "v") "Out of memory: Killed process 11 (v) total-vm:144000kB, anon-rss:4kB\n", 0 },
		{ "no power of two", TABLE ROW("10", "5", "0", "v") "Out of memory: Killed process 10 (v) total-vm:108000kB, anon-rss:4kB\n", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct collected c;
		struct explanation ex;
		collect_str(&c, cases[i].text);
		assert_int_equal(c.n, 1);
		explain_report(&c.reports[0], &ex);
		if (cases[i].bytes ? !is_amount(ex.page_bytes, cases[i].bytes) : ex.page_bytes.state == FACT_KNOWN)
			fail_msg("%s: %llu", cases[i].name, (unsigned long long)ex.page_bytes.value);
		collected_done(&c);
	}
}

static void the_worst_stand_in_order(void **state)
{
	(void)state;
	struct collected c;
	struct explanation ex;
	collect_str(&c, HEADER CPU("6.1.0") RAM TABLE ROW("1", "10", "0", "a") ROW("2", "60", "0", "b") ROW("3", "50", "0", "c")
			ROW("4", "20", "1", "d") ROW("5", "40", "0", "e") ROW("6", "30", "0", "f") ROW("7", "99999", "-1000", "g") SUMMARY("4") KILL("4"));
	explain_report(&c.reports[0], &ex);
	static const int64_t order[] = { 4, 2, 3, 5, 6 };
	assert_int_equal(ex.ntop, EXPLAIN_TOP);
	for (size_t i = 0; i < COUNT_OF(order); i++)
		assert_int_equal(c.reports[0].tasks[ex.top[i].task].value[KLOG_PID], order[i]);
	/* 20 pages, 10 of tables, and one unit of 1 048 576 / 1000 */
	assert_true(ex.top[0].has_points && ex.top[0].points == 20 + 10 + 1048);
	assert_true(is_amount(ex.totalpages, 1048576) && ex.totalpages_exact);
	collected_done(&c);
}

/* The advised adj, put into the table, changes the victim; one more does not. */
static void the_advised_adj_would_have_worked(void **state)
{
	(void)state;
	struct collected c;
	struct explanation ex;
	char text[4096], adj_text[16];
	int adj;
	static const char *const format = HEADER CPU("6.1.0") RAM TABLE "[10] 9 10 9000 90000 40960 0 %s v\n" ROW("11", "500", "0", "w") SUMMARY("%s") KILL("10");
	snprintf(text, sizeof text, format, "0", "10");
	collect_str(&c, text);
	explain_report(&c.reports[0], &ex);
	assert_int_equal(ex.agrees, AGREES_YES);
	assert_int_equal(sscanf(ex.advice[0], "An oom_score_adj of %d ", &adj), 1);
	collected_done(&c);
	for (int more = 0; more < 2; more++) {
		snprintf(adj_text, sizeof adj_text, "%d", adj + more);
		snprintf(text, sizeof text, format, adj_text, "10");
		collect_str(&c, text);
		explain_report(&c.reports[0], &ex);
		assert_int_equal(ex.recomputed_pid.value, more ? 10 : 11);
		collected_done(&c);
	}
}

/* Is there advice with these words? */
static bool advises(const struct explanation *ex, const char *words)
{
	for (uint32_t i = 0; i < ex->nadvice; i++) {
		if (strstr(ex->advice[i], words))
			return true;
	}
	return false;
}

struct advice_case {
	const char *name, *text;
	const char *there, *missing; /* words of the advice; NULL: none to look for */
};

#define ASKS(gfp, order) "a invoked oom-killer: gfp_mask=" gfp ", order=" order ", oom_score_adj=0\n"
#define LOW(min) "Normal free:4552kB min:" min "kB low:8640kB high:9548kB\nHighMem free:1051220kB min:512kB low:1748kB high:2984kB\n"
#define LARGE ASKS("0xcc0(GFP_KERNEL)", "2")

static const struct advice_case advice_cases[] = {
	{ "blocks of CMA are not for the kernel", LARGE "Mem-Info:\nNode 0 Normal: 9*4kB (UMEC) 0*8kB 5*16kB (C) 2*32kB (UC) 0*64kB = 180kB\n",
	  "of 7 free blocks that large or larger it could use at most 2: 5 in CMA areas", NULL },
	{ "but for movable memory", ASKS("0x100cca(GFP_HIGHUSER_MOVABLE)", "2") "Mem-Info:\nNode 0 Normal: 9*4kB (UMEC) 0*8kB 5*16kB (C) 2*32kB (UC) 0*64kB = 180kB\n",
	  "larger it could use 7.", "CMA" },
	{ "a zone above the request's", LARGE "Mem-Info:\nNode 0 DMA32: 0*4kB 0*8kB 1*16kB (M) = 16kB\nNode 0 Movable: 0*4kB 0*8kB 3*16kB (M) = 48kB\n",
	  "of 4 free blocks that large or larger it could use 1: 3 in zones it may not use", NULL },
	{ "a request for DMA memory", ASKS("0xcc1(GFP_KERNEL|GFP_DMA)", "2") "Mem-Info:\nNode 0 DMA: 0*4kB 0*8kB 1*16kB (M) = 16kB\nNode 0 DMA32: 0*4kB 0*8kB 3*16kB (M) = 48kB\n",
	  "could use 1: 3 in zones", NULL },
	{ "blocks held back", LARGE "Mem-Info:\nNode 0 Normal: 0*4kB 0*8kB 4*16kB (H) 1*32kB (CH) 2*64kB (I) = 224kB\n",
	  "could use 0: 7 held back", "at most" },
	{ "a limit for a large victim", HEADER CPU("6.1.0") RAM TABLE ROW("10", "300000", "0", "v") ROW("11", "500", "0", "w") SUMMARY("10") KILL("10"),
	  "A memory limit below 1.14G for the cgroup /x", "Only the memory" },
	{ "none for a small one", HEADER CPU("6.1.0") RAM TABLE ROW("10", "1000", "0", "v") ROW("11", "500", "0", "w") SUMMARY("10") KILL("10"),
	  NULL, "A memory limit" },
	{ "none by SysRq-f", ASKS("0xcc0(GFP_KERNEL)", "-1") CPU("6.1.0") RAM TABLE ROW("10", "300000", "0", "v") ROW("11", "500", "0", "w") SUMMARY("10") KILL("10"),
	  "SysRq-f", "A memory limit" },
	{ "none for nodes of a policy", HEADER CPU("6.1.0") RAM TABLE ROW("10", "300000", "0", "v") ROW("11", "500", "0", "w")
	  "oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1-2,cpuset=/,mems_allowed=0-3,global_oom,task_memcg=/x,task=v,pid=10,uid=9\n" KILL("10"),
	  "Only the memory of nodes 1-2 counted, by a memory policy", "A memory limit" },
	{ "nor for those of a cpuset", HEADER CPU("6.1.0") RAM TABLE ROW("10", "300000", "0", "v") ROW("11", "500", "0", "w")
	  "oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=a,mems_allowed=0-3,global_oom,task_memcg=/x,task=v,pid=10,uid=9\n" KILL("10"),
	  "Only the memory of nodes 0-3 counted, by a cpuset", "A memory limit" },
	{ "shared memory is not counted as anonymous", HEADER CPU("6.1.0") "active_anon:300000 inactive_anon:700000 shmem:900000 free:9\n" RAM TABLE ROW("10", "1000", "0", "v") KILL("10"),
	  "no swap: 391M of anonymous and 3.43G of shared memory", NULL },
	{ "where it holds much it is named", HEADER CPU("6.1.0") "active_anon:300000 inactive_anon:700000 shmem:900000 free:9\n" RAM TABLE ROW("10", "1000", "0", "v") KILL("10"),
	  "System V segments) held 3.43G of 4.00G", NULL },
	{ "what is locked may be shared memory", HEADER CPU("6.1.0") "active_anon:300000 inactive_anon:700000 unevictable:900000 shmem:900000 free:9\n" RAM TABLE ROW("10", "1000", "0", "v") KILL("10"),
	  "no swap: at least 391M of anonymous", NULL },
	{ "so where RAM is not known", HEADER "Mem-Info:\nactive_anon:300000 inactive_anon:700000 shmem:900000 free:9\nNode 0 DMA: 1*4kB (U) = 4kB\n",
	  "System V segments) held 3.43G: ", NULL },
	{ "and where little not", HEADER CPU("6.1.0") "active_anon:300000 inactive_anon:700000 shmem:9000 free:9\n" RAM TABLE ROW("10", "1000", "0", "v") KILL("10"),
	  NULL, "System V segments" },
	{ "low memory is exhausted", HEADER CPU("5.7.0") LOW("7732") RAM TABLE ROW("10", "300000", "0", "v") KILL("10"),
	  "Low memory was exhausted: zone Normal had 4.45M free, below its min of 7.55M, while 1.00G was free in HighMem", "no swap" },
	{ "low memory is not exhausted", HEADER CPU("5.7.0") LOW("732") RAM TABLE ROW("10", "300000", "0", "v") KILL("10"), "no swap", "Low memory" },
	{ "by unknown rules no adj is advised", HEADER CPU("6.1.0") RAM
	  "[  pid  ]   uid  tgid total_vm      rss odd pgtables_bytes swapents oom_score_adj name\n"
	  "[10]     9 10 9000 400 7 40960 0 0 v\n[11]     9 11 9000 500 7 40960 0 0 w\n[12]     9 12 9000 300 7 40960 0 0 x\n" SUMMARY("10") KILL("10"), NULL, "An oom_score_adj" },
	{ "old lists have no letters", LARGE "Mem-Info:\nNode 0 Normal: 0*4kB 0*8kB 4*16kB 1*32kB = 96kB\n", "could use 5.", "at most" },
};

static void advice_has_its_proof(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(advice_cases); i++) {
		const struct advice_case *a = &advice_cases[i];
		struct collected c;
		struct explanation ex;
		collect_str(&c, a->text);
		if (c.n != 1)
			fail_msg("%s: %u reports", a->name, c.n);
		explain_report(&c.reports[0], &ex);
		if ((a->there && !advises(&ex, a->there)) || (a->missing && advises(&ex, a->missing)))
			fail_msg("%s: %s", a->name, ex.nadvice > 0 ? ex.advice[ex.nadvice - 1] : "no advice");
		collected_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_choice_is_judged),
		cmocka_unit_test(who_was_killed_before_is_not_chosen_again),
		cmocka_unit_test(a_boot_between_forgets_the_victims),
		cmocka_unit_test(page_size_comes_from_the_data),
		cmocka_unit_test(the_worst_stand_in_order),
		cmocka_unit_test(advice_has_its_proof),
		cmocka_unit_test(the_advised_adj_would_have_worked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
