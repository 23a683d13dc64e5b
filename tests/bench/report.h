/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The benchmark's figures, kept and printed.
 */
#ifndef OOMSIGHT_BENCH_REPORT_H
#define OOMSIGHT_BENCH_REPORT_H

#include "measure.h"

#define MAX_ROUNDS 32

/* All of one N on one terminal size. */
struct block {
	long count, processes;
	int rows, cols;
	struct sample sample[PEERS][MAX_ROUNDS];
	int nsamples[PEERS];
	double calls[PEERS]; /* a tick, by strace; NAN: not counted by it */
	char notes[1024];
};

/* Something to say below the table. */
__attribute__((format(printf, 2, 3))) void block_note(struct block *block, const char *format, ...);

/* Processes of the host now. */
long report_processes(void);

/* What is going on, on standard error if that is a terminal; NULL: nothing. */
__attribute__((format(printf, 1, 2))) void report_progress(const char *format, ...);

void report_head(const struct peers *peers, const char *commit, int rounds, int ticks);
void report_block(const struct block *block, const struct peers *peers, int ticks);

#endif
