/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "oomsight/base/units.h"

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

const char *memcg_file_name(enum memcg_file file, enum memcg_version version)
{
	static const char *const names[MEMCG_FILE__COUNT] = { "memory.max", "memory.high", "memory.oom.group" };
	if (version == MEMCG_V1)
		return file == MEMCG_FILE_MAX ? "memory.limit_in_bytes" : NULL;
	return version == MEMCG_V2 ? names[file] : NULL;
}

const char *words_file(const struct knob_plan *plan)
{
	const char *name = memcg_file_name(plan->file, plan->version);
	return name ? name : memcg_file_name(plan->file, MEMCG_V2);
}

int knob_parse_bytes(struct text text, int64_t *ret_bytes)
{
	static const char suffixes[] = "kmgt";
	text = text_trim(text);
	if (text_is(text, "max")) {
		*ret_bytes = KNOB_UNLIMITED;
		return 0;
	}
	uint64_t factor = 1;
	for (unsigned i = 0; text.len > 0 && suffixes[i]; i++) {
		if ((text.ptr[text.len - 1] | 0x20) == suffixes[i]) {
			factor = UINT64_C(1) << (i + 1) * 10;
			text.len--;
			break;
		}
	}
	/* Nothing but digits and one dot: no sign, no exponent, no "inf". */
	uint64_t whole;
	double number;
	for (size_t i = 0; i < text.len; i++) {
		if ((text.ptr[i] < '0' || text.ptr[i] > '9') && text.ptr[i] != '.')
			return -EINVAL;
	}
	if (text_to_u64(text, 10, &whole) == 0) {
		whole = u64_mul_sat(whole, factor);
	} else {
		if (text_to_double(text, &number) < 0)
			return -EINVAL;
		number *= (double)factor;
		whole = number >= 9.2e18 ? UINT64_MAX : (uint64_t)number;
	}
	if (whole >= KNOB_UNLIMITED)
		return -ERANGE;
	*ret_bytes = (int64_t)whole;
	return 0;
}

char *words_value(const struct knob_plan *plan, int64_t value, char dst[WORDS_VALUE])
{
	if (plan->kind == KNOB_MEMCG && plan->file != MEMCG_FILE_OOM_GROUP && value == KNOB_UNLIMITED)
		snprintf(dst, WORDS_VALUE, "max");
	else if (plan->kind == KNOB_MEMCG && plan->file != MEMCG_FILE_OOM_GROUP && value >= 0)
		units_human((uint64_t)value, dst);
	else
		snprintf(dst, WORDS_VALUE, "%lld", (long long)value);
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
	case KNOB_MEMCG:
		snprintf(dst, WORDS_TARGET, "%s of %s", words_file(plan), plan->group);
		break;
	case KNOB_SIGNAL:
		snprintf(dst, WORDS_TARGET, "%s to %s (%d)", words_signal(plan->signal, signal), plan->comm,
			 (int)plan->pid);
		break;
	}
	return dst;
}

char *knob_change_text(const struct knob_plan *plan, char dst[KNOB_CHANGE_TEXT])
{
	char target[WORDS_TARGET], before[WORDS_VALUE] = "?", after[WORDS_VALUE];
	words_target(plan, target);
	if (plan->before_known)
		words_value(plan, plan->before, before);
	if (plan->kind == KNOB_SIGNAL)
		snprintf(dst, KNOB_CHANGE_TEXT, "%s", target);
	else
		snprintf(dst, KNOB_CHANGE_TEXT, "%s: %s -> %s", target, before, words_value(plan, plan->after, after));
	return dst;
}
