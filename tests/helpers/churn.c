/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * churn RATE SECONDS [LIFE_MS]: processes that come and go, RATE of them a
 * second for SECONDS (at most 600), each alive for LIFE_MS (default 0: it ends
 * at once). Writes "ready" after the first and "done COUNT" at the end; ends
 * early when standard input ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool number(const char *text, long max, long *ret_value)
{
	char *end;
	errno = 0;
	*ret_value = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *ret_value >= 0 && *ret_value <= max;
}

static void live(long life_ms)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct timespec life = { .tv_sec = life_ms / 1000, .tv_nsec = life_ms % 1000 * 1000000 };
	nanosleep(&life, NULL);
	_exit(0);
}

/* True when standard input has ended; waits up to us. */
static bool told_to_end(int64_t us)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec wait = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
	char byte[64];
	return ppoll(&input, 1, &wait, NULL) > 0 && read(STDIN_FILENO, byte, sizeof(byte)) <= 0;
}

int main(int argc, char **argv)
{
	long rate = 0, seconds = 0, life_ms = 0;
	if (argc < 3 || argc > 4 || !number(argv[1], 100000, &rate) || rate == 0 ||
	    !number(argv[2], 600, &seconds) || (argc == 4 && !number(argv[3], 60000, &life_ms))) {
		fputs("usage: churn RATE SECONDS [LIFE_MS]\n", stderr);
		return 2;
	}
	long total = rate * seconds, count = 0;
	int64_t began = now_us();
	while (count < total) {
		pid_t pid = fork();
		if (pid == 0)
			live(life_ms);
		if (pid < 0) {
			fprintf(stderr, "churn: %s\n", strerror(errno));
			break;
		}
		count++;
		if (count == 1 && write(STDOUT_FILENO, "ready\n", 6) != 6)
			break;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		int64_t ahead = began + count * 1000000 / rate - now_us();
		if (ahead > 0 && told_to_end(ahead))
			break;
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
	printf("done %ld\n", count);
	return count == total ? 0 : 1;
}
