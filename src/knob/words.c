/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

/* Characters that draw nothing but steer the terminal or the reading order. */
static bool steers(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == '\\' || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

char *words_comm(struct text raw, char *dst, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;
	while (raw.len > 0) {
		uint32_t code;
		size_t len = text_utf8_decode(raw, &code);
		bool plain = len > 0 && !steers(code);
		size_t bytes = len > 0 ? len : 1;
		size_t needs = plain ? bytes : bytes * 4;
		if (used + needs >= size)
			break;
		for (size_t i = 0; i < bytes; i++) {
			unsigned char byte = (unsigned char)raw.ptr[i];
			if (plain) {
				dst[used++] = (char)byte;
				continue;
			}
			dst[used++] = '\\';
			dst[used++] = 'x';
			dst[used++] = digits[byte >> 4];
			dst[used++] = digits[byte & 15];
		}
		raw = text_of(raw.ptr + bytes, raw.len - bytes);
	}
	dst[used] = '\0';
	return dst;
}

void words_add(char *dst, size_t size, const char *format, ...)
{
	size_t used = strlen(dst);
	if (used > 0 && used + 1 < size) {
		dst[used++] = ' ';
		dst[used] = '\0';
	}
	va_list ap;
	va_start(ap, format);
	vsnprintf(dst + used, size - used, format, ap);
	va_end(ap);
}

const char *knob_signal_name(int signal)
{
	static const char *const names[] = {
		[SIGHUP] = "HUP",     [SIGINT] = "INT",       [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
		[SIGTRAP] = "TRAP",   [SIGABRT] = "ABRT",     [SIGBUS] = "BUS",   [SIGFPE] = "FPE",
		[SIGKILL] = "KILL",   [SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
		[SIGPIPE] = "PIPE",   [SIGALRM] = "ALRM",     [SIGTERM] = "TERM", [SIGCHLD] = "CHLD",
		[SIGCONT] = "CONT",   [SIGSTOP] = "STOP",     [SIGTSTP] = "TSTP", [SIGTTIN] = "TTIN",
		[SIGTTOU] = "TTOU",   [SIGURG] = "URG",       [SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ",
		[SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF",   [SIGWINCH] = "WINCH", [SIGIO] = "IO",
		[SIGPWR] = "PWR",     [SIGSYS] = "SYS",
	};
	if (signal < 0 || (size_t)signal >= sizeof names / sizeof names[0])
		return NULL;
	return names[signal];
}

char *words_signal(int signal, char dst[WORDS_SIGNAL])
{
	const char *name = knob_signal_name(signal);
	if (name)
		snprintf(dst, WORDS_SIGNAL, "SIG%s", name);
	else
		snprintf(dst, WORDS_SIGNAL, "signal %d", signal % 1000);
	return dst;
}

char *words_target(const struct knob_plan *plan, char dst[WORDS_TARGET])
{
	char signal[WORDS_SIGNAL];
	switch (plan->kind) {
	case KNOB_ADJ:
		snprintf(dst, WORDS_TARGET, "oom_score_adj of %s (%d)", plan->comm, (int)plan->pid);
		break;
	case KNOB_SYSCTL:
		snprintf(dst, WORDS_TARGET, "%s", sysctl_names[plan->sysctl]);
		break;
	case KNOB_SIGNAL:
		snprintf(dst, WORDS_TARGET, "%s to %s (%d)", words_signal(plan->signal, signal), plan->comm,
			 (int)plan->pid);
		break;
	}
	return dst;
}
