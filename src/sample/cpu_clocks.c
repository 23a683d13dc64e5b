/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One clock_gettime(2) tells how many nanoseconds of CPU time a process has used, all
 * its threads together; it costs a tenth of reading stat, opens nothing and makes the
 * kernel allocate nothing. As long as that figure stands still no thread of the process
 * ran: it faulted no page in, mapped and unmapped nothing, and did neither fork, exec
 * nor exit. So all that stat showed still holds, but for what others do to a sleeping
 * process. Reclaim takes its pages and swapoff brings them back, by which its badness
 * does not rise. But its rss may rise, too: khugepaged fills the holes of a range that it
 * makes one huge page of, and who holds its userfaultfd (UFFDIO_COPY) or may trace it
 * (process_vm_writev, /proc/PID/mem) makes pages come to be in it. And somebody may write
 * its oom_score_adj or renice it. That is why every task is read in its turn all the
 * same: SAMPLE_MAX_AGE bounds how late any of this shows.
 *
 * A process that runs at this moment on another CPU may not be charged for its last
 * timer tick yet; it is found at the next tick of ours. The number also tells two
 * processes apart that had one pid: they would have to have used the same nanoseconds.
 * Only the lower 32 bits are kept: who ran for a multiple of 4.29 seconds to the
 * nanosecond between two ticks would be taken for asleep until its turn comes.
 */
#include "cpu_clocks.h"

#include <time.h>
#include <unistd.h>

#include "oomsight/sample/parse.h"

/* include/linux/posix-timers_types.h: ~pid << 3 | CPUCLOCK_SCHED, of the process. It is
 * what clock_getcpuclockid(3) makes, which asks the kernel whether it exists besides. */
static clockid_t clock_of(int32_t pid)
{
	return (clockid_t)((~(uint32_t)pid << 3) | 2U);
}

/* 0 when it cannot be had. */
static uint32_t read_clock(int32_t pid)
{
	struct timespec spent;
	if (clock_gettime(clock_of(pid), &spent) < 0)
		return 0;
	uint32_t ns = (uint32_t)((uint64_t)spent.tv_sec * 1000000000U + (uint64_t)spent.tv_nsec);
	return ns == 0 ? 1 : ns; /* a kernel thread may never have run */
}

/* Where the scheduler's clock counts timer ticks, a short run leaves no trace. */
static bool is_fine(void)
{
	for (int tries = 0; tries < 4; tries++) {
		if (read_clock((int32_t)getpid()) % 1000000U != 0)
			return true;
	}
	return false;
}

bool cpu_clocks_own_namespace(struct text status, int32_t pid)
{
	struct text line, key, word;
	bool ours = false;
	while (text_next_line(&status, &line)) {
		uint64_t number;
		if (!text_next_until(&line, ':', &key))
			continue;
		if (text_is(key, "Pid"))
			ours = text_to_u64(text_trim(line), 10, &number) == 0 && number == (uint64_t)pid;
		else if (text_is(key, "NSpid"))
			return ours && text_next_word(&line, &word) && !text_next_word(&line, &word);
	}
	return ours;
}

void cpu_clocks_init(struct cpu_clocks *clocks, const struct root *root, struct read_buffer *buffer)
{
	struct text status;
	*clocks = (struct cpu_clocks){ .usable = false };
	if (root->real && file_read(root, "proc/self/status", buffer, &status) == 0)
		clocks->usable = cpu_clocks_own_namespace(status, (int32_t)getpid()) && is_fine();
}

uint32_t cpu_clocks_read(const struct cpu_clocks *clocks, int32_t pid)
{
	return clocks->usable ? read_clock(pid) : 0;
}
