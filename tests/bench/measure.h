/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One program on one terminal for some ticks: what it cost.
 */
#ifndef OOMSIGHT_BENCH_MEASURE_H
#define OOMSIGHT_BENCH_MEASURE_H

#include <stdbool.h>

#include "events.h"
#include "peers.h"

/* Not measured: NAN. */
enum measure {
	MEASURE_CPU_MS,      /* CPU time of a tick, all threads and reaped children */
	MEASURE_BYTES,       /* to the terminal in a tick, median of the ticks */
	MEASURE_BYTES_LEAST, /* in the quietest tick */
	MEASURE_PERIOD_S,    /* from tick to tick: 1 s and, for some, their work */
	MEASURE_HWM_KIB,     /* VmHWM at the end */
	MEASURE_PRIVATE_KIB, /* Private_* of smaps_rollup, the larger of start and end */
	MEASURE_DIRTY_KIB,   /* Private_Dirty alone */
	MEASURE_FIRST_CPU_MS, /* CPU time until the first screen has settled */
	MEASURE_CALLS,       /* system calls in a tick */
	MEASURE_SLABS,       /* kmem_cache_alloc events in a tick */
	MEASURE_KMALLOCS,    /* kmalloc events in a tick */
	MEASURE__COUNT
};

struct sample {
	double value[MEASURE__COUNT];
};

struct window {
	int rows, cols;
	int warm_up; /* ticks before, not counted */
	int ticks;   /* ticks measured */
	const struct events *events; /* counted over as many ticks more */
	bool (*stop)(void *context); /* asked often: end early? */
	void *context;
};

/* Fill ret_sample. Returns NULL, or why it was not measured. */
const char *measure_run(const struct peer *peer, const struct window *window, struct sample *ret_sample);

/* Bytes to the terminal in a second of a program with one tick a second, over
 * window->ticks seconds after window->warm_up: for a program that may have
 * nothing at all to write. Returns NULL or why not. */
const char *measure_still(const struct peer *peer, const struct window *window, double *ret_bytes);

/* System calls in a tick by strace, where there is no tracepoint of them. Returns
 * NULL or why not. */
const char *measure_calls(const struct peer *peer, const struct window *window, double *ret_calls);

#endif
