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
	int64_t min; /* what we let through; see sysctl_range for older kernels */
	int64_t max;
	int64_t kernel_default; /* INT64_MIN where the kernel computes it */
	const char *unit;       /* "", "kB", "s", "%" … */
	const char *meaning;    /* one or two sentences for the panel */
	const struct sysctl_choice *choices; /* NULL where any number in range goes */
	unsigned nchoices;
};

extern const struct sysctl_info sysctl_table[SYSCTL__COUNT];

/* The meaning of a value in a few words (of a choice, or of the numbers it lies
 * among), or "". */
const char *sysctl_value_meaning(enum sysctl_id id, int64_t value);

/* The range on the kernel of that release ("5.4.0-1-amd64"); an unreadable
 * release counts as today's. */
void sysctl_range(enum sysctl_id id, const char *release, int64_t *ret_min, int64_t *ret_max);

/* --- plans ---------------------------------------------------------------- */

enum knob_kind { KNOB_ADJ, KNOB_SYSCTL, KNOB_SIGNAL, KNOB_MEMCG };

/* The files of a memory cgroup that can be written. */
enum memcg_file {
	MEMCG_FILE_MAX,       /* memory.max; v1 memory.limit_in_bytes */
	MEMCG_FILE_HIGH,      /* memory.high; v2 only */
	MEMCG_FILE_OOM_GROUP, /* memory.oom.group; v2 only */
	MEMCG_FILE__COUNT
};

/* The file's name in that version, or NULL. */
const char *memcg_file_name(enum memcg_file file, enum memcg_version version);

/* "max", of a limit. */
#define KNOB_UNLIMITED INT64_MAX

/* A limit as people type it: bytes, or with K, M, G or T ("1.5G"), or "max".
 * Returns 0, -EINVAL or -ERANGE (at or above KNOB_UNLIMITED). */
int knob_parse_bytes(struct text text, int64_t *ret_bytes);

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
	bool is_oom_adj; /* typed as a legacy oom_adj, whose oom_score_adj is `after` */
	int oom_adj;
	/* sysctl */
	enum sysctl_id sysctl;
	/* memcg */
	enum memcg_file file;
	enum memcg_version version;
	uint64_t inode;   /* of its directory; 0: not known */
	char group[160];  /* its path made safe; of a long one the end */
	char dir[1024];   /* its directory below the root, raw */
	bool before_known;
	int64_t before;
	int64_t after;
	enum knob_gate gate;
	char text[512]; /* sentences, each ended by a full stop; may be "" where GATE_OPEN */
};

/* Plan writing an oom_score_adj. task must be of snap. Refuses values out of
 * range, a read-only run, tasks on which it has no effect, tasks of others, and
 * lowering that is known to fail: below the known floor without
 * CAP_SYS_RESOURCE in the initial user namespace. Where the floor is not known,
 * lowering without that capability is a GATE_WARN: the kernel alone knows. */
void knob_plan_adj(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int adj,
		   bool readonly);

/* The same for a value on the scale of the legacy oom_adj, -17 to 15: it is turned into
 * the oom_score_adj that the kernel's own write of oom_adj would store, and written
 * as that. oom_adj itself is written only where the kernel has nothing else (up to
 * 2.6.35): later ones warn in their log of whoever writes it, and compare with the
 * present value instead of the floor.
 * Source: fs/proc/base.c oom_adj_write(), v5.10. */
void knob_plan_oom_adj(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int oom_adj,
		       bool readonly);

/* Plan writing a sysctl: range, rights, and the ways it can take the host down
 * (overcommit_memory 2 above the limit; panic_on_oom with kernel.panic 0; a
 * min_free_kbytes above 5 % of RAM or below 1 MiB; overcommit_kbytes and
 * _ratio undoing one another), with the figures. */
void knob_plan_sysctl(struct knob_plan *ret_plan, const struct snapshot *snap, enum sysctl_id id, int64_t value,
		      bool readonly);

/* Let snap say what this write leaves behind, to plan the next write by: a write of
 * overcommit_ratio or overcommit_kbytes sets the other to 0. */
void knob_assume_sysctl(struct snapshot *snap, enum sysctl_id id, int64_t value);

struct verdict;

/* Plan writing a limit (bytes, or KNOB_UNLIMITED) or memory.oom.group (0 or 1) of
 * the memory cgroup at that index. Limits are rounded down to whole pages, as the
 * kernel does. On v2 a memory.max below what reclaim can bring the usage to kills at
 * once: that asks for the typed yes and says how many and who. On v1 it fails.
 *
 * then: the verdict of this group's OOM with the value assumed, of as many kills as
 * it holds; NULL when it was not made.
 * Source: mm/memcontrol.c memory_max_write(), v4.6 (kills), v6.16 (not with
 * O_NONBLOCK, which is never used here), mem_cgroup_resize_max(), v5.10. */
void knob_plan_memcg(struct knob_plan *ret_plan, const struct snapshot *snap, uint32_t memcg, enum memcg_file file,
		     int64_t value, const struct verdict *then, bool readonly);

/* Plan sending a signal (1 .. 64). Refuses pid 1, ourselves, kernel threads. */
void knob_plan_signal(struct knob_plan *ret_plan, const struct snapshot *snap, const struct task *task, int signal,
		      bool readonly);

/* Of an undo: where something else stands than `left`, which the write to be taken back
 * left there, the plan says that somebody else's value would be lost (GATE_WARN).
 * Returns whether it does. */
bool knob_plan_overtaken(struct knob_plan *plan, int64_t left);

#define KNOB_CHANGE_TEXT 320

/* "oom_score_adj of java (1804): 0 -> -500"; "SIGTERM to java (1804)". "?" for what
 * is not known. Returns dst. */
char *knob_change_text(const struct knob_plan *plan, char dst[KNOB_CHANGE_TEXT]);

/* "TERM" and so on, without the SIG; NULL for a number without a name. */
const char *knob_signal_name(int signal);

/* What CommitLimit would be under the given sysctls; 0 when it cannot be known
 * (and under ratio 0 and kbytes 0 without swap, where it is 0).
 * Source: mm/util.c vm_commit_limit(). */
uint64_t knob_commit_limit_bytes(const struct snapshot *snap, int64_t ratio, int64_t kbytes);

/* --- doing it ------------------------------------------------------------- */

struct knob_result {
	int error;         /* 0 or -errno */
	bool before_known; /* read just before the write */
	int64_t before;
	bool after_known; /* read back after it */
	int64_t after;
	bool oom_adj_known; /* of an oom_score_adj: what oom_adj reads as after it */
	int oom_adj;
	/* overcommit_ratio and overcommit_kbytes: a write to one sets the other
	 * to 0. This is the other, read just before; undo needs it. */
	bool partner_known;
	int64_t partner_before;
	char text[512]; /* one clear sentence, success or not */
};

/* The plan that takes a write back: after is what stood there before. A
 * refused plan when nothing was written, when the former value is not known, or
 * for a signal. Undoing overcommit_kbytes may mean writing overcommit_ratio, and
 * the reverse. The figures are not weighed again here (going back to
 * overcommit_memory 2 always asks for the typed yes): for a sysctl, show the
 * operator what knob_plan_sysctl says of ret_plan->sysctl and ret_plan->after. */
void knob_plan_undo(struct knob_plan *ret_plan, const struct knob_plan *done, const struct knob_result *result);

/* The log of what the operator did: one line for each write tried or refused,
 *
 *   2026-11-21T20:59:23Z uid=0 sudo_uid=1000 knob=oom_score_adj pid=1804
 *   start=73211 comm="java" change="0 -> -500" outcome=done kernel=-500
 *
 * (in one line). outcome is done, refused or failed; because="…" says why. One typed
 * as an oom_adj has oom_adj= with it, and one below a fake root host=fake. The line
 * goes to syslog (facility auth, level notice) and to the file. A line that
 * could not be written does not stop the operator, who may be saving the host:
 * the result's text then says that it is missing. A host without a syslog socket
 * is no failure. Nothing here waits: a syslog daemon that has stopped reading,
 * as on a host out of memory, loses the line and we say so. */
struct audit;

/* file: NULL for syslog alone. It is appended to, created 0600, and must be a
 * regular file that is no symbolic link. The real uid and SUDO_UID are noted
 * here, once. Returns NULL with *diag filled when the file cannot be opened. */
struct audit *audit_new(const char *file, struct diag *diag);
void audit_free(struct audit *audit);

/* Write it, whatever the gate was: the caller has asked the operator. A plan
 * that is GATE_REFUSED, or any plan when `readonly`, is refused here once more
 * (-EPERM), and audited. pid and start time are checked again through a held
 * directory descriptor (or pidfd for signals); another process under that pid is
 * -ESRCH; another memory cgroup under that path -ENOENT. Signals go to the running host alone: refused below a fake root.
 * audit: NULL for no log. Returns ret_result->error. */
int knob_apply(const struct knob_plan *plan, const struct root *root, bool readonly, struct audit *audit,
	       struct knob_result *ret_result);

/* Record a refusal that never reached apply (a plan refused on screen). audit may
 * be NULL. */
void audit_refused(struct audit *audit, const struct knob_plan *plan, const struct root *root);

#endif
