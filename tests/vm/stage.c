/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * stage: what a guest of the bench needs beside its actors (tests/helpers/hog).
 *
 *	stage start [--cgroup DIR] [--bind NODE] PROGRAM [ARGUMENT]...
 *		Starts an actor and returns when it has said "ready": first into
 *		the cgroup, its memory policy bound to the node if asked. Prints
 *		"actor PID", also for each child that the actor reports.
 *	stage trigger [--cgroup DIR] [--bind NODE] [--adj N] [--kills N] [--accounted]
 *		Leaves a process behind that waits for a byte through the fifo
 *		./gate, then allocates in small steps until the kernel has counted N
 *		more OOM kills, lets go of everything and says so through the
 *		fifo ./told: "killed", or "enomem" if it could not map more. Its
 *		address space is mapped before it waits, so that nothing but the
 *		pages it writes comes on top of the stage; with --accounted it maps
 *		as it goes, which is what strict overcommit refuses.
 *	stage await KILLS
 *		Waits until /proc/vmstat counts that many OOM kills, at most 10 s.
 *	stage dead PID...
 *		Prints "dead PID" for each process with no living thread.
 *
 * Linked statically; lives in a guest only.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STEP_BYTES ((size_t)128 << 10)
#define REACH_BYTES ((size_t)1 << 30)

struct place {
	const char *cgroup;
	int node; /* -1: no memory policy */
};

static void give_up(const char *what)
{
	fprintf(stderr, "stage: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int number(const char *text)
{
	char *end;
	errno = 0;
	long value = text == NULL ? 0 : strtol(text, &end, 10);
	if (text == NULL || *text == '\0' || *end != '\0' || errno != 0 || value < -1000 || value > 1 << 22) {
		fprintf(stderr, "stage: a number is wanted, not '%s'\n", text != NULL ? text : "");
		exit(2);
	}
	return (int)value;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		give_up(path);
	close(fd);
}

static void take_place(const struct place *place)
{
	if (place->cgroup != NULL) {
		char path[256], pid[16];
		snprintf(path, sizeof(path), "%s/cgroup.procs", place->cgroup);
		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		write_file(path, pid);
	}
	if (place->node >= 0) {
		unsigned long mask = 1UL << place->node;
		if (syscall(SYS_set_mempolicy, MPOL_BIND, &mask, 8 * sizeof(mask)) < 0)
			give_up("set_mempolicy");
	}
}

static bool take_place_option(struct place *place, char ***arg)
{
	if (strcmp(**arg, "--cgroup") == 0 && (*arg)[1] != NULL)
		place->cgroup = *++*arg;
	else if (strcmp(**arg, "--bind") == 0 && (*arg)[1] != NULL)
		place->node = number(*++*arg);
	else
		return false;
	return true;
}

static int start(char **arg)
{
	struct place place = { .node = -1 };
	while (*arg != NULL && take_place_option(&place, &arg))
		arg++;
	int output[2], input[2];
	if (*arg == NULL || pipe(output) < 0 || pipe(input) < 0)
		give_up("start");
	pid_t pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		take_place(&place);
		/* It stays until its input ends, and holds the other end itself. */
		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		close(input[0]);
		close(output[0]);
		close(output[1]);
		execv(arg[0], arg);
		give_up(arg[0]);
	}
	close(output[1]);
	printf("actor %d\n", (int)pid);
	FILE *said = fdopen(output[0], "r");
	char line[128];
	int child;
	while (said != NULL && fgets(line, sizeof(line), said) != NULL) {
		if (strcmp(line, "ready\n") == 0)
			return 0;
		if (sscanf(line, "child %d", &child) == 1)
			printf("actor %d\n", child);
	}
	fprintf(stderr, "stage: %s gave up\n", arg[0]);
	return 1;
}

static int open_vmstat(void)
{
	int fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		give_up("/proc/vmstat");
	return fd;
}

static int kills_counted(int vmstat)
{
	static char text[16384];
	ssize_t n = pread(vmstat, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	const char *line = strstr(text, "\noom_kill ");
	return line != NULL ? atoi(line + strlen("\noom_kill ")) : 0;
}

/* Waits at the gate, allocates, tells the outcome; never returns. */
static void allocate(int vmstat, int kills, bool accounted, int told)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	const char *outcome = NULL;
	char *reach = NULL;
	if (!accounted) {
		reach = mmap(NULL, REACH_BYTES, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, -1, 0);
		if (reach == MAP_FAILED)
			give_up("mmap");
	}
	int gate = open("gate", O_RDONLY | O_CLOEXEC);
	char byte;
	if (gate < 0 || read(gate, &byte, 1) < 0)
		give_up("gate");
	int goal = kills_counted(vmstat) + kills;
	for (size_t at = 0; outcome == NULL && at < REACH_BYTES; at += STEP_BYTES) {
		char *step = accounted ? mmap(NULL, STEP_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0) : reach + at;
		if (step == MAP_FAILED) {
			outcome = errno == ENOMEM ? "enomem\n" : "mmap failed\n";
			break;
		}
		for (size_t i = 0; i < STEP_BYTES; i += page)
			*(volatile char *)(step + i) = 1;
		if (kills_counted(vmstat) >= goal)
			outcome = "killed\n";
	}
	if (outcome == NULL)
		outcome = "nothing happened\n";
	if (reach != NULL)
		munmap(reach, REACH_BYTES);
	usleep(300 * 1000); /* the dead need a moment to go */
	if (write(told, outcome, strlen(outcome)) < 0)
		_exit(1);
	pause();
	_exit(0);
}

static int trigger(char **arg)
{
	struct place place = { .node = -1 };
	const char *adj = "-1000";
	int kills = 1;
	bool accounted = false;
	for (; *arg != NULL; arg++) {
		if (take_place_option(&place, &arg))
			continue;
		if (strcmp(*arg, "--adj") == 0 && arg[1] != NULL)
			adj = *++arg;
		else if (strcmp(*arg, "--kills") == 0 && arg[1] != NULL)
			kills = number(*++arg);
		else if (strcmp(*arg, "--accounted") == 0)
			accounted = true;
		else {
			fprintf(stderr, "stage: option '%s' is unknown or lacks its value\n", *arg);
			exit(2);
		}
	}
	int ready[2];
	if (pipe(ready) < 0)
		give_up("pipe");
	pid_t pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid > 0) {
		char byte;
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			return 1;
		printf("trigger %d\n", (int)pid);
		return 0;
	}
	close(ready[0]);
	prctl(PR_SET_NAME, "trigger");
	write_file("/proc/self/oom_score_adj", adj);
	take_place(&place);
	int vmstat = open_vmstat();
	kills_counted(vmstat);
	/* For reading too: so the fifo has its writer before it has a reader,
	 * and loses it when this process dies. */
	int told = open("told", O_RDWR | O_CLOEXEC);
	if (told < 0 || write(ready[1], "", 1) != 1)
		give_up("told");
	close(ready[1]);
	allocate(vmstat, kills, accounted, told);
	return 0;
}

static int await(const char *kills)
{
	int goal = number(kills), vmstat = open_vmstat();
	for (int i = 0; i < 1000; i++) {
		if (kills_counted(vmstat) >= goal) {
			usleep(300 * 1000);
			return 0;
		}
		usleep(10 * 1000);
	}
	return 1;
}

static bool has_living_thread(const char *pid)
{
	char path[300], stat[512];
	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	DIR *threads = opendir(path);
	if (threads == NULL)
		return false;
	bool living = false;
	const struct dirent *entry;
	while (!living && (entry = readdir(threads)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%s/task/%s/stat", pid, entry->d_name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
		if (fd >= 0)
			close(fd);
		stat[n > 0 ? n : 0] = '\0';
		const char *name_end = strrchr(stat, ')');
		living = name_end != NULL && strchr("ZXx", name_end[2]) == NULL;
	}
	closedir(threads);
	return living;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && strcmp(argv[1], "start") == 0)
		return start(argv + 2);
	if (argc >= 2 && strcmp(argv[1], "trigger") == 0)
		return trigger(argv + 2);
	if (argc == 3 && strcmp(argv[1], "await") == 0)
		return await(argv[2]);
	if (argc >= 2 && strcmp(argv[1], "dead") == 0) {
		for (int i = 2; i < argc; i++) {
			if (!has_living_thread(argv[i]))
				printf("dead %s\n", argv[i]);
		}
		return 0;
	}
	fprintf(stderr, "stage: see the head of stage.c\n");
	return 2;
}
