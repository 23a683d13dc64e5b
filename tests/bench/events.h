/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How often a process makes the kernel do something, by the kernel's tracepoints.
 */
#ifndef OOMSIGHT_BENCH_EVENTS_H
#define OOMSIGHT_BENCH_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum event {
	EVENT_SLAB,    /* kmem:kmem_cache_alloc */
	EVENT_KMALLOC, /* kmem:kmalloc */
	EVENT_CALL,    /* raw_syscalls:sys_enter */
	EVENT__COUNT
};

#define EVENT_THREADS 16

struct events {
	uint64_t id[EVENT__COUNT]; /* of the tracepoints, 0: this kernel has it not */
};

/* Find the tracepoints and try them on this process. NULL, or why nothing can be
 * counted. */
const char *events_init(struct events *events);
bool events_has(const struct events *events, enum event event);

struct event_counters {
	int fd[EVENT__COUNT][EVENT_THREADS]; /* -1: none */
};

/* From now on, in all threads that the process has and will have. 0 or -errno. */
int events_begin(const struct events *events, pid_t pid, struct event_counters *ret_counters);
/* How many since events_begin; NAN: not counted. */
void events_end(struct event_counters *counters, double ret_count[EVENT__COUNT]);

#endif
