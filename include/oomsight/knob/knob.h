/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The operator's hand on the kernel. A plan is pure: what would be written,
 * what stands there now, whether it can succeed, what it would do. Apply does
 * it, reads back and says both. Audit tells it to syslog, refusals included.
 */
#ifndef OOMSIGHT_KNOB_KNOB_H
#define OOMSIGHT_KNOB_KNOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/root.h"
#include "oomsight/snapshot/snapshot.h"

/* --- the table of sysctls ------------------------------------------------ */

struct sysctl_choice {
	int64_t value;
	const char *meaning; /* a few words */
};

struct sysctl_info {
	const char *name;
	int64_t min;
	int64_t max;
	int64_t kernel_default; /* INT64_MIN where the kernel computes it */
	const char *unit;       /* "", "kB", "s", "%" … */
	const char *meaning;    /* one or two sentences for the panel */
	const struct sysctl_choice *choices; /* NULL where any number in range goes */
	unsigned nchoices;
};

extern const struct sysctl_info sysctl_table[SYSCTL__COUNT];

/* The meaning of a value: a choice's words, or "" . */
const char *sysctl_value_meaning(enum sysctl_id id, int64_t value);

/* --- plans ---------------------------------------------------------------- */

enum knob_kind { KNOB_ADJ, KNOB_SYSCTL, KNOB_SIGNAL };

enum knob_gate {
	GATE_OPEN,      /* Enter writes it */
	GATE_WARN,      /* Enter writes it; `text` says what to mind */
	GATE_TYPED_YES, /* can take the host down: only the typed word yes */
	GATE_REFUSED,   /* cannot or must not be written; `text` says why */
};

struct knob_plan {
	enum knob_kind kind;
	/* adj and signal */
	int32_t pid;
	uint64_t start_ticks;
	char comm[64]; /* made safe */
	int signal;
	/* sysctl */
	enum sysctl_id sysctl;
	bool before_known;
	int64_t before;
	int64_t after;
	enum knob_gate gate;
	char text[512]; /* one or two sentences */
};

/* Plan writing an oom_score_adj. task must be of snap. Refuses values out of
 * range, a read-only run, and lowering that is known to fail: below the floor
 * (when the floor is known) or, without CAP_SYS_RESOURCE in the initial user
 * namespace, below the present value when that is as low as it ever was seen
 * (a GATE_WARN then: the kernel alone knows the floor). */
void knob_plan_adj(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int adj,
		   bool readonly);

/* Plan writing a sysctl: range, rights, and the ways it can take the host down
 * (overcommit_memory 2 above the limit; panic_on_oom with kernel.panic 0; a
 * min_free_kbytes above 5 % of RAM or below 1 MiB; overcommit_kbytes and
 * _ratio undoing one another), with the figures. */
void knob_plan_sysctl(struct knob_plan *ret_plan, const struct snapshot *snap, enum sysctl_id id, int64_t value,
		      bool readonly);

/* Plan sending a signal (1 .. 64). */
void knob_plan_signal(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int signal,
		      bool readonly);

/* What CommitLimit would be under the given sysctls; 0 when not known. */
uint64_t knob_commit_limit_bytes(const struct snapshot *snap, int64_t ratio, int64_t kbytes);

/* --- doing it ------------------------------------------------------------- */

struct knob_result {
	int error;          /* 0 or -errno */
	bool before_known;  /* read just before the write */
	int64_t before;
	bool after_known;   /* read back after it */
	int64_t after;
	char text[512];     /* one clear sentence, success or not */
};

struct audit;

/* syslog, and the file if not NULL (appended, created 0600, never through a
 * link). Returns NULL with *diag filled when the file cannot be opened. */
struct audit *audit_new(const char *file, struct diag *diag);
void audit_free(struct audit *audit);

/* Write it, whatever the gate was: the caller has asked the operator. A plan
 * that is GATE_REFUSED, or any plan when `readonly`, is refused here once more,
 * and audited. pid and start time are checked again through a held directory
 * descriptor (or pidfd for signals). Returns ret_result->error. */
int knob_apply(const struct knob_plan *plan, const struct root *root, bool readonly, struct audit *audit,
	       struct knob_result *ret_result);

/* Record a refusal that never reached apply (a plan refused on screen). */
void audit_refused(struct audit *audit, const struct knob_plan *plan);

#endif
