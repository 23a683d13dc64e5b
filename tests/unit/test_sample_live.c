/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sampler on the machine that runs the tests.
 */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oomsight/sample/parse.h"
#include "oomsight/sample/sampler.h"
#include "oomsight/snapshot/turnover.h"

static int host_setup(void **state)
{
	struct root *root = calloc(1, sizeof *root);
	*state = root;
	return root ? root_open(root, "/", NULL) : -1;
}

static int host_teardown(void **state)
{
	root_close(*state);
	free(*state);
	return 0;
}

static void take_one(const struct root *root, struct snapshot *snap)
{
	struct diag diag;
	struct sampler *sampler = sampler_new(root, SOURCE_WISH_PROC, &diag);
	assert_non_null(sampler);
	snapshot_init(snap);
	assert_int_equal(sampler_take(sampler, NULL, NULL, snap, &diag), 0);
	sampler_free(sampler);
}

/* A file of a process, read in the plainest way. */
static bool slurp(int32_t pid, const char *name, char dst[65536])
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	size_t n = fread(dst, 1, 65535, file);
	fclose(file);
	dst[n] = '\0';
	return n > 0;
}

/* The number after "\nkey:" in a status file, or -1. */
static long long status_number(const char *status, const char *key, int base)
{
	char wanted[32];
	snprintf(wanted, sizeof wanted, "\n%s:", key);
	const char *found = strstr(status, wanted);
	return found ? strtoll(found + strlen(wanted), NULL, base) : -1;
}

struct plain_stat {
	char state;
	int ppid;
	unsigned flags;
	unsigned long long minflt, majflt, threads, start, vsize, rss;
};

static bool plain_stat(int32_t pid, struct plain_stat *stat)
{
	char bytes[65536];
	if (!slurp(pid, "stat", bytes))
		return false;
	const char *close = strrchr(bytes, ')');
	return close && sscanf(close + 1, " %c %d %*d %*d %*d %*d %u %llu %*u %llu %*u %*u %*u %*d %*d %*d %*d %llu %*d %llu %llu %llu",
			       &stat->state, &stat->ppid, &stat->flags, &stat->minflt, &stat->majflt,
			       &stat->threads, &stat->start, &stat->vsize, &stat->rss) == 9;
}

/* Wait until a process is in this state, by its stat file. */
static bool wait_for_state(pid_t pid, char wanted, unsigned long long least_rss, int32_t tid)
{
	for (int tries = 0; tries < 2000; tries++) {
		struct plain_stat leader, thread = { 0 };
		if (plain_stat(pid, &leader) && leader.state == wanted &&
		    (tid == 0 || (plain_stat(tid, &thread) && thread.rss >= least_rss)))
			return true;
		usleep(5000);
	}
	return false;
}

/* In a child, first of all: when a test fails its children must not stay, for
 * they would hold the test driver's pipe open. */
static void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int pause_forever(void *argument)
{
	(void)argument;
	die_with_parent();
	while (pause() < 0)
		continue;
	return 0;
}

static void assert_equal_to_proc(const struct snapshot *snap, const struct task *task)
{
	static char bytes[65536];
	unsigned long page_kib = snap->page_bytes / 1024;
	unsigned long long shared;
	assert_true(slurp(task->pid, "comm", bytes));
	assert_true(text_equal(snapshot_text(snap, task->comm), text_of(bytes, strlen(bytes) - 1)));
	assert_true(slurp(task->pid, "oom_score", bytes));
	assert_int_equal(task->oom_score, atoi(bytes));
	assert_true(slurp(task->pid, "oom_score_adj", bytes));
	assert_int_equal(task->oom_score_adj, atoi(bytes));
	assert_true(slurp(task->pid, "statm", bytes));
	assert_int_equal(sscanf(bytes, "%*u %*u %llu", &shared), 1);
	if (task->group_state[TASK_STATM] == FACT_KNOWN)
		assert_int_equal(task->shr_pages, shared);
	else
		assert_int_equal(shared, 0);
	assert_true(slurp(task->pid, "cgroup", bytes));
	char path[4096];
	struct text cgroup = snapshot_text(snap, task->cgroup);
	snprintf(path, sizeof path, ":%.*s\n", (int)cgroup.len, cgroup.ptr);
	assert_non_null(strstr(bytes, path));
	assert_true(slurp(task->pid, "status", bytes));
	unsigned uid;
	assert_int_equal(sscanf(strstr(bytes, "\nUid:"), "\nUid: %*u %u", &uid), 1);
	assert_int_equal(task->uid, uid);
	assert_true(task->cap_eff == (uint32_t)status_number(bytes, "CapEff", 16));
	if (status_number(bytes, "VmRSS", 10) < 0) {
		assert_int_equal(task->group_state[TASK_MM], FACT_ABSENT);
		return;
	}
	assert_int_equal(task->group_state[TASK_MM], FACT_KNOWN);
	assert_int_equal(task->rss_pages * page_kib, status_number(bytes, "VmRSS", 10));
	assert_int_equal(task->swap_pages * page_kib, status_number(bytes, "VmSwap", 10));
	assert_int_equal(task->pgtables_bytes / 1024, status_number(bytes, "VmPTE", 10));
	if (task->group_state[TASK_SPLIT] == FACT_KNOWN) {
		assert_int_equal(task_anon_pages(task) * page_kib, status_number(bytes, "RssAnon", 10));
		assert_int_equal(task->rss_file_pages * page_kib, status_number(bytes, "RssFile", 10));
		assert_int_equal(task->rss_shmem_pages * page_kib, status_number(bytes, "RssShmem", 10));
	}
}

/* All that is compared, as one number (FNV-1a); 0 when something is missing.
 * The same before and after the sample: the process stood still meanwhile. */
static uint64_t print_of_files(int32_t pid)
{
	static const char *const names[] = { "stat", "statm", "status", "comm", "cgroup", "oom_score", "oom_score_adj" };
	static char bytes[65536];
	uint64_t print = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (!slurp(pid, names[i], bytes))
			return 0;
		/* All of a user's processes share the count in this line. */
		char *shared = strstr(bytes, "\nSigQ:");
		for (char *p = shared ? shared + 1 : NULL; p && *p && *p != '\n'; p++)
			*p = ' ';
		for (const char *p = bytes; *p; p++)
			print = (print ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	}
	return print;
}

static void idle_tasks_equal_what_proc_shows(void **state)
{
	static uint64_t before[8192];
	struct snapshot first, snap;
	struct diag diag;
	unsigned compared = 0;
	struct sampler *sampler = sampler_new(*state, SOURCE_WISH_PROC, &diag);
	assert_non_null(sampler);
	/* At least one that certainly idles. */
	pid_t idler = fork();
	assert_true(idler >= 0);
	if (idler == 0)
		pause_forever(NULL);
	assert_true(wait_for_state(idler, 'S', 0, 0));
	snapshot_init(&first);
	snapshot_init(&snap);
	assert_int_equal(sampler_take(sampler, NULL, NULL, &first, &diag), 0);
	uint32_t n = first.ntasks < COUNT_OF(before) ? first.ntasks : (uint32_t)COUNT_OF(before);
	for (uint32_t i = 0; i < n; i++)
		before[i] = print_of_files(first.tasks[i].pid);
	uint8_t *need = malloc(first.ntasks);
	assert_non_null(need);
	memset(need, NEED_ALL, first.ntasks);
	assert_int_equal(sampler_take(sampler, &first, &(struct sample_wish){ .prev_need = need }, &snap, &diag), 0);
	assert_int_equal(turnover_recall(&first, &snap), 0);
	assert_true(first.ntasks >= n);
	for (uint32_t i = 0; i < n; i++) {
		const struct task *task = snapshot_find_same(&snap, &first.tasks[i]);
		struct plain_stat stat;
		if (!task || !before[i] || !plain_stat(first.tasks[i].pid, &stat) ||
		    print_of_files(first.tasks[i].pid) != before[i])
			continue;
		assert_int_equal(task->state, stat.state);
		assert_int_equal(task->ppid, stat.ppid);
		assert_int_equal(task->flags, stat.flags);
		assert_int_equal(task->minor_faults, stat.minflt);
		assert_int_equal(task->major_faults, stat.majflt);
		assert_int_equal(task->threads, stat.threads);
		assert_int_equal(task->start_ticks, stat.start);
		/* An exited leader's figures are a thread's: tested below. */
		if (task->through_thread)
			continue;
		assert_int_equal(task->virt_bytes, stat.vsize);
		assert_int_equal(task->rss_quick_pages, stat.rss);
		assert_equal_to_proc(&snap, task);
		compared++;
	}
	assert_true(compared >= 1);
	end_child(idler);
	free(need);
	sampler_free(sampler);
	snapshot_done(&first);
	snapshot_done(&snap);
}

static void ourselves_are_among_the_tasks(void **state)
{
	struct snapshot snap;
	take_one(*state, &snap);
	const struct task *self = snapshot_find(&snap, getpid());
	assert_non_null(self);
	assert_int_equal(snap.observer.pid, getpid());
	assert_int_equal(snap.observer.uid, geteuid());
	assert_int_equal(self->uid, geteuid());
	assert_int_equal(self->ppid, getppid());
	assert_true(self->cap_eff == (uint32_t)snap.observer.cap_eff);
	assert_true(snap.observer.scores_known);
	assert_int_equal(self->oom_score_adj, snap.observer.oom_score_adj);
	assert_int_equal(self->group_state[TASK_MM], FACT_KNOWN);
	assert_true(snap.took_ns > 0);
	assert_true(strlen(snap.host) > 0 && strlen(snap.release) > 0);
	assert_int_equal(snap.page_bytes, sysconf(_SC_PAGESIZE));
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	assert_true(snap.boottime_ns / 1000000000U <= (uint64_t)now.tv_sec);
	assert_true(snap.boottime_ns / 1000000000U + 60 > (uint64_t)now.tv_sec);
	snapshot_done(&snap);
}

/* Both ways to the system's figures: what libproc2 gave, and our parsers on
 * the same files. Only figures that do not move are compared exactly. */
static void libproc2_and_our_parsers_agree(void **state)
{
	static char bytes[1 << 20];
	const struct root *root = *state;
	static const enum sys_fact steady[] = { SYS_MEM_TOTAL, SYS_SWAP_TOTAL, SYS_HUGE_TOTAL, SYS_HUGE_SIZE, SYS_COMMIT_LIMIT,
						SYS_VMALLOC_TOTAL, SYS_OOM_KILL, SYS_CMA_TOTAL, SYS_HARDWARE_CORRUPTED,
						SYS_LOW_TOTAL, SYS_HIGH_TOTAL, SYS_COMPACT_STALL, SYS_PSWPIN, SYS_NFS_UNSTABLE };
	struct snapshot snap;
	struct system_facts own = { 0 };
	take_one(root, &snap);
	static const char *const paths[] = { "proc/meminfo", "proc/vmstat", "proc/stat" };
	for (unsigned i = 0; i < COUNT_OF(paths); i++) {
		ssize_t n = root_read(root, paths[i], bytes, sizeof bytes);
		assert_true(n > 0);
		assert_int_equal(parse_system_file((enum sys_file)i, text_of(bytes, (size_t)n), &own), 0);
	}
	for (unsigned i = 0; i < COUNT_OF(steady); i++) {
		assert_int_equal(snap.system.state[steady[i]], own.state[steady[i]]);
		assert_true(snap.system.value[steady[i]] == own.value[steady[i]]);
	}
	for (unsigned i = 0; i < SYS_ZRAM_ORIG; i++) {
		/* The same facts exist either way, and none is of another scale. */
		assert_int_equal(snap.system.state[i], own.state[i]);
		if (own.state[i] == FACT_KNOWN && own.value[i] > (UINT64_C(1) << 30)) {
			assert_true(snap.system.value[i] > own.value[i] / 4);
			assert_true(snap.system.value[i] < own.value[i] * 4);
		}
	}
	/* Counters never run backwards, and ours was read later. */
	static const enum sys_fact counters[] = { SYS_CPU_USER, SYS_CPU_SYSTEM, SYS_INTERRUPTS, SYS_CONTEXT_SWITCHES, SYS_FORKS,
						  SYS_PGFAULT, SYS_PGPGIN, SYS_PGPGOUT, SYS_PGMAJFAULT };
	for (unsigned i = 0; i < COUNT_OF(counters); i++) {
		assert_true(snap.system.value[counters[i]] <= own.value[counters[i]]);
		assert_true(snap.system.value[counters[i]] + own.value[counters[i]] / 2 >= own.value[counters[i]] / 2);
	}
	assert_true(snap.system.nzones >= 1);
	for (unsigned i = 0; i < SYSCTL__COUNT; i++)
		assert_true(snap.system.sysctl[i].state != FACT_UNKNOWN);
	snapshot_done(&snap);
}

static void *hold_memory(void *argument)
{
	(void)argument;
	die_with_parent();
	size_t size = (size_t)32 << 20;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory != MAP_FAILED)
		memset(memory, 1, size);
	while (pause() < 0)
		continue;
	return NULL;
}

/* The one thread of pid that is not its leader; 0 when there is none yet. */
static int32_t other_thread(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	for (int tries = 0; tries < 2000; tries++) {
		DIR *dir = opendir(path);
		for (struct dirent *entry; dir && (entry = readdir(dir));) {
			int32_t tid = atoi(entry->d_name);
			if (tid > 0 && tid != pid) {
				closedir(dir);
				return tid;
			}
		}
		if (dir)
			closedir(dir);
		usleep(5000);
	}
	return 0;
}

static void a_zombie_leader_shows_its_thread_s_memory(void **state)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		die_with_parent();
		pthread_t thread;
		if (pthread_create(&thread, NULL, hold_memory, NULL) != 0)
			_exit(1);
		pthread_exit(NULL);
	}
	uint64_t pages = ((uint64_t)32 << 20) / (uint64_t)sysconf(_SC_PAGESIZE);
	int32_t tid = other_thread(pid);
	assert_true(tid > 0);
	assert_true(wait_for_state(pid, 'Z', pages, tid));
	struct snapshot snap;
	take_one(*state, &snap);
	const struct task *task = snapshot_find(&snap, pid);
	assert_non_null(task);
	assert_int_equal(task->state, 'Z');
	assert_true(task->through_thread);
	assert_int_equal(task->group_state[TASK_MM], FACT_KNOWN);
	assert_true(task->rss_pages >= pages);
	assert_true(task->rss_quick_pages >= pages - pages / 8);
	assert_true(task->virt_bytes > (uint64_t)32 << 20);
	assert_true(task->pgtables_bytes > 0);
	assert_int_equal(task->group_state[TASK_STATM], FACT_KNOWN);
	snapshot_done(&snap);
	end_child(pid);
}

static void a_plain_zombie_has_no_memory(void **state)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_true(wait_for_state(pid, 'Z', 0, 0));
	struct snapshot snap;
	take_one(*state, &snap);
	const struct task *task = snapshot_find(&snap, pid);
	assert_non_null(task);
	assert_false(task->through_thread);
	assert_int_equal(task->group_state[TASK_MM], FACT_ABSENT);
	assert_int_equal(task->group_state[TASK_STATM], FACT_ABSENT);
	assert_int_equal(task->group_state[TASK_MMID], FACT_ABSENT);
	assert_int_equal(task->oom_score, 0);
	snapshot_done(&snap);
	waitpid(pid, NULL, 0);
}

static void sharers_of_an_mm_get_one_id_and_forks_do_not(void **state)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t parent = fork();
	assert_true(parent >= 0);
	if (parent == 0) {
		die_with_parent();
		static char stack[65536] __attribute__((aligned(16)));
		pid_t sharers[2] = { clone(pause_forever, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL), fork() };
		if (sharers[1] == 0)
			pause_forever(NULL);
		if (write(ends[1], sharers, sizeof sharers) != sizeof sharers)
			_exit(1);
		pause_forever(NULL);
	}
	pid_t children[2] = { 0, 0 };
	assert_int_equal(read(ends[0], children, sizeof children), sizeof children);
	close(ends[0]);
	close(ends[1]);
	assert_true(children[0] > 0 && children[1] > 0);
	/* In a first tick all are asked for, and on a host full of workers not
	 * all can be settled; here it is these three. */
	struct snapshot first, snap;
	struct diag diag;
	struct sampler *sampler = sampler_new(*state, SOURCE_WISH_PROC, &diag);
	assert_non_null(sampler);
	snapshot_init(&first);
	snapshot_init(&snap);
	assert_int_equal(sampler_take(sampler, NULL, NULL, &first, &diag), 0);
	uint8_t *need = calloc(first.ntasks, 1);
	assert_non_null(need);
	const int32_t asked[] = { parent, children[0], children[1] };
	for (size_t i = 0; i < COUNT_OF(asked); i++) {
		struct task *task = &first.tasks[snapshot_find(&first, asked[i]) - first.tasks];
		need[task - first.tasks] = NEED_MMID;
		task->group_state[TASK_MMID] = FACT_UNKNOWN;
	}
	assert_int_equal(sampler_take(sampler, &first, &(struct sample_wish){ .prev_need = need }, &snap, &diag), 0);
	free(need);
	sampler_free(sampler);
	const struct task *one = snapshot_find(&snap, parent);
	const struct task *other = snapshot_find(&snap, children[0]);
	const struct task *forked = snapshot_find(&snap, children[1]);
	assert_true(one && other && forked);
	/* A kernel or a sandbox may have no kcmp; then it must say so. */
	if (syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0) == 0) {
		assert_int_equal(one->group_state[TASK_MMID], FACT_KNOWN);
		assert_int_equal(other->group_state[TASK_MMID], FACT_KNOWN);
		assert_int_equal(one->mm_id, parent < children[0] ? parent : children[0]);
		assert_int_equal(other->mm_id, one->mm_id);
		assert_int_equal(forked->group_state[TASK_MMID], FACT_KNOWN);
		assert_int_equal(forked->mm_id, 0);
	} else {
		assert_true(one->group_state[TASK_MMID] == FACT_ABSENT || one->group_state[TASK_MMID] == FACT_DENIED);
		assert_int_equal(one->mm_id, 0);
	}
	snapshot_done(&first);
	snapshot_done(&snap);
	kill(children[0], SIGKILL);
	kill(children[1], SIGKILL);
	end_child(parent);
}

static void processes_that_come_and_go_are_no_trouble(void **state)
{
	pid_t storm = fork();
	assert_true(storm >= 0);
	if (storm == 0) {
		die_with_parent();
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			for (int i = 0; i < 50; i++) {
				if (fork() == 0) {
					usleep((unsigned)(i * 40));
					_exit(0);
				}
			}
			usleep(2000);
		}
	}
	struct diag diag;
	struct sampler *sampler = sampler_new(*state, SOURCE_WISH_PROC, &diag);
	assert_non_null(sampler);
	struct snapshot snaps[2];
	snapshot_init(&snaps[0]);
	snapshot_init(&snaps[1]);
	for (unsigned tick = 0; tick < 40; tick++) {
		struct snapshot *next = &snaps[tick % 2];
		assert_int_equal(sampler_take(sampler, tick ? &snaps[(tick + 1) % 2] : NULL, NULL, next, &diag), 0);
		assert_non_null(snapshot_find(next, storm));
		for (uint32_t i = 1; i < next->ntasks; i++)
			assert_true(next->tasks[i - 1].pid < next->tasks[i].pid);
		for (uint32_t i = 0; i < next->ntasks; i++)
			assert_int_equal(next->tasks[i].group_state[TASK_STATUS], FACT_KNOWN);
	}
	sampler_free(sampler);
	snapshot_done(&snaps[0]);
	snapshot_done(&snaps[1]);
	end_child(storm);
}

/* In namespaces of its own, a proc that hides the tasks of others from an
 * ordinary user. Exit status: 0 as expected, 77 not possible here, else wrong. */
static int look_at_hiding_proc(const char *dir)
{
	char proc[256];
	snprintf(proc, sizeof proc, "%s/proc", dir);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("proc", proc, "proc", 0, "hidepid=1") < 0)
		return 77;
	pid_t user = fork();
	if (user == 0) {
		struct root root;
		struct diag diag;
		struct snapshot snap;
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(77);
		if (root_open(&root, dir, &diag) < 0)
			_exit(2);
		struct sampler *sampler = sampler_new(&root, SOURCE_WISH_PROC, &diag);
		snapshot_init(&snap);
		if (!sampler || sampler_take(sampler, NULL, NULL, &snap, &diag) < 0)
			_exit(3);
		/* Pid 1 is root's, pid 2 is ours. */
		if (snap.tasks_denied != 1 || snap.ntasks != 1 || snap.tasks[0].pid != 2)
			_exit(4);
		sampler_free(sampler);
		snapshot_done(&snap);
		root_close(&root);
		_exit(0);
	}
	int status = 0;
	waitpid(user, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

static void hidden_tasks_are_counted_as_denied(void **state)
{
	(void)state;
	char dir[] = "/tmp/oomsight-test-XXXXXX", proc[64];
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	snprintf(proc, sizeof proc, "%s/proc", dir);
	assert_int_equal(mkdir(proc, 0755), 0);
	pid_t outer = fork();
	assert_true(outer >= 0);
	if (outer == 0) {
		if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
			_exit(77);
		pid_t first = fork();
		if (first == 0)
			_exit(look_at_hiding_proc(dir));
		int status = 0;
		waitpid(first, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 6);
	}
	int status = 0;
	waitpid(outer, &status, 0);
	rmdir(proc);
	rmdir(dir);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		print_message("hidden tasks: not tried, namespaces are not allowed here\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
}

#define HOST_TEST(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(idle_tasks_equal_what_proc_shows),
		HOST_TEST(ourselves_are_among_the_tasks),
		HOST_TEST(libproc2_and_our_parsers_agree),
		HOST_TEST(a_zombie_leader_shows_its_thread_s_memory),
		HOST_TEST(a_plain_zombie_has_no_memory),
		HOST_TEST(sharers_of_an_mm_get_one_id_and_forks_do_not),
		HOST_TEST(processes_that_come_and_go_are_no_trouble),
		HOST_TEST(hidden_tasks_are_counted_as_denied),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
