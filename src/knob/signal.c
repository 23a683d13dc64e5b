/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Signals, through a pidfd.
 *
 * The pidfd is opened before the start time is read: the process of the plan was
 * there when the plan was made, so if it is still there afterwards it was there
 * in between, and the pidfd is its own. Kernels before 5.3 have no pidfd_open;
 * there the start time is checked right before kill(), and the result says so.
 */
#include "apply.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "words.h"

static void explain_signal(const struct knob_plan *plan, int error, struct knob_result *result)
{
	char name[WORDS_SIGNAL];
	words_signal(plan->signal, name);
	switch (error) {
	case ESRCH:
		result_tell(result, -error, "%s (%d) has ended: %s was not sent.", plan->comm, plan->pid, name);
		break;
	case EPERM:
		result_tell(result, -error,
			"uid %u may not send %s to %s (%d): only its owner, or root with CAP_KILL, may.",
			(unsigned)geteuid(), name, plan->comm, plan->pid);
		break;
	case EINVAL:
		result_tell(result, -error, "This kernel knows no %s.", name);
		break;
	default:
		result_tell(result, -error, "%s to %s (%d) was not sent: %s.", name, plan->comm, plan->pid,
			    strerror(error));
	}
}

static int check_pid(const struct knob_plan *plan, const struct root *root, struct knob_result *result)
{
	int dir_fd = open_pid_dir(plan, root, result);
	if (dir_fd < 0)
		return dir_fd;
	int r = check_identity(plan, dir_fd, result);
	close(dir_fd);
	return r;
}

void apply_signal(const struct knob_plan *plan, const struct root *root, struct knob_result *result)
{
	char name[WORDS_SIGNAL];
	if (!root->real) {
		result_tell(result, -EPERM,
			"This is not the running host but a copy of its files: no signal is sent.");
		return;
	}
	/* Planned already; but these three must never happen by a caller's slip. */
	if (plan->pid <= 1 || plan->pid == getpid() || plan->signal < 1 || plan->signal > 64) {
		result_tell(result, -EINVAL,
			"Signal %d to pid %d is not sent from here.",
			plan->signal, plan->pid);
		return;
	}
	int pidfd = (int)syscall(SYS_pidfd_open, plan->pid, 0U);
	/* Some sandboxes answer EPERM for system calls they do not know. */
	if (pidfd < 0 && errno != ENOSYS && errno != EPERM) {
		explain_signal(plan, errno, result);
		return;
	}
	if (check_pid(plan, root, result) == 0) {
		long r = pidfd >= 0 ? syscall(SYS_pidfd_send_signal, pidfd, plan->signal, NULL, 0U) :
				      kill(plan->pid, plan->signal);
		if (r < 0)
			explain_signal(plan, errno, result);
		else
			result_tell(result, 0,
				"%s was sent to %s (%d)%s.",
				words_signal(plan->signal, name), plan->comm, plan->pid,
				pidfd >= 0 ? "" : " by pid, checked just before: this kernel has no pidfd");
	}
	if (pidfd >= 0)
		close(pidfd);
}
