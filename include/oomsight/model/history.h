/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The last minutes of the host: how little memory was available, and when processes
 * were killed. Of fixed size; allocates nothing.
 */
#ifndef OOMSIGHT_MODEL_HISTORY_H
#define OOMSIGHT_MODEL_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

/* Twenty minutes. */
#define HISTORY_STEPS 120
#define HISTORY_STEP_NS UINT64_C(10000000000)

struct history_step {
	bool known;       /* a tick fell into it */
	uint16_t permille; /* available of RAM, the least that was seen */
	uint8_t kills;     /* 255: so many or more */
};

/* All zero is a new one. */
struct history {
	struct history_step steps[HISTORY_STEPS]; /* a ring: step n is at n % HISTORY_STEPS */
	uint64_t last; /* the step of the last tick or kill: its time / HISTORY_STEP_NS + 1; 0: none */
};

/* A tick. monotonic_ns: rising, an earlier one counts as the last. available and total
 * in one unit; total 0: not known. */
void history_push(struct history *history, uint64_t monotonic_ns, uint64_t available, uint64_t total);

/* A kill that was seen now. */
void history_mark(struct history *history, uint64_t monotonic_ns);

/* The step `back` before the last one; all zero beyond what was kept. */
struct history_step history_at(const struct history *history, uint32_t back);

#endif
