/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The columns of the process table: one table makes the screen, the chooser,
 * the config names, the man page's FIELDS and the sort orders.
 */
#ifndef OOMSIGHT_TUI_COLUMN_H
#define OOMSIGHT_TUI_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomsight/base/units.h"
#include "oomsight/model/model.h"
#include "oomsight/snapshot/labels.h"
#include "oomsight/tui/frame.h"

/* X(enumerator, name in config, head, width, keep, help)
 *
 * keep: on a narrow screen the columns with the smallest go first. */
#define COLUMNS(X) \
	X(RANK, "rank", "#", 4, 99, "place in the kernel's order of choice: 1 is killed next") \
	X(PID, "pid", "PID", 5, 99, "process id") \
	X(PPID, "ppid", "PPID", 5, 10, "id of the parent") \
	X(USER, "user", "USER", 8, 60, "effective user") \
	X(POINTS, "points", "POINTS", 6, 98, "the kernel's badness: rss + swap + page tables + what oom_score_adj adds; what decides") \
	X(SHARE, "share", "%TOT", 4, 50, "points as a share of totalpages (RAM + swap)") \
	X(SCORE, "oom_score", "SCORE", 5, 55, "/proc/PID/oom_score as the kernel prints it: coarse, 0 to 2000") \
	X(ADJ, "oom_score_adj", "ADJ", 5, 97, "/proc/PID/oom_score_adj: -1000 never chosen, 1000 first") \
	X(OOM_ADJ, "oom_adj", "OADJ", 4, 12, "legacy /proc/PID/oom_adj, -17 to 15") \
	X(VIRT, "virt", "VIRT", 5, 32, "virtual size; does not count in badness") \
	X(RES, "rss", "RES", 5, 90, "resident memory (VmRSS): anon + file + shmem") \
	X(SHR, "shr", "SHR", 5, 30, "of it file and shared memory; counted in full in every process that maps it") \
	X(ANON, "anon", "ANON", 5, 20, "of it anonymous: what a kill gives back at once") \
	X(FILE, "file", "FILE", 5, 18, "of it mapped files") \
	X(SHMEM, "shmem", "SHMEM", 5, 19, "of it shared memory and tmpfs") \
	X(SWAP, "swap", "SWAP", 5, 80, "swapped out; counts in badness like RAM") \
	X(PGTABLES, "pgtables", "PGTBL", 5, 35, "page tables; count in badness") \
	X(GROWTH, "growth", "GROW/s", 6, 58, "growth of rss and swap a second, smoothed") \
	X(MINOR, "minflt", "MINF/s", 6, 8, "minor page faults a second") \
	X(MAJOR, "majflt", "MAJF/s", 6, 15, "major page faults a second: each waited for a disk") \
	X(MEM, "mem", "%MEM", 4, 25, "resident memory as a share of RAM") \
	X(THREADS, "threads", "THR", 4, 6, "threads") \
	X(STATE, "state", "S", 1, 57, "state: R runs, S sleeps, D waits for a disk, Z zombie, T stopped, I idle kernel thread") \
	X(START, "start", "START", 6, 5, "age of the process") \
	X(OTHER, "other_rank", "OTHER", 5, 99, "place by the rules of the kernel release chosen with O; not in force here") \
	X(CGROUP, "cgroup", "CGROUP", 20, 4, "path of its memory cgroup") \
	X(COMMAND, "command", "COMMAND", 15, 100, "name, or command line (c)")

enum column {
#define X(id, name, head, width, keep, help) COL_##id,
	COLUMNS(X)
#undef X
	COL__COUNT
};

struct column_info {
	const char *name;
	const char *head;
	uint8_t width;
	uint8_t keep;
	const char *help;
};

extern const struct column_info column_table[COL__COUNT];

/* The columns shown unless configured otherwise. */
#define COLUMNS_DEFAULT \
	"rank pid user points share oom_score oom_score_adj virt rss shr swap pgtables growth mem state command"

/* The column of that name or head ("rss", "RES"), read without case, or
 * COL__COUNT. */
enum column column_find(struct text name);

/* An ordered choice of columns. */
struct column_list {
	uint8_t columns[COL__COUNT]; /* enum column */
	unsigned n;
};

/* Names parted by blanks or commas; unknown ones are an error: -EINVAL, with
 * *ret_bad (may be NULL) the first of them. */
int column_list_parse(struct text names, struct column_list *ret_list, struct text *ret_bad);

/* What a cell is made from. ranking: the one shown (a preview, or the model's). */
struct column_context {
	const struct snapshot *snap;
	const struct model *model;
	const struct ranking *ranking;
	const struct labels *labels;
	const struct ranking *other; /* by another kernel's rules, or NULL */
	const char *other_release;   /* whose; "" without */
	enum units units;
	bool cmdlines; /* COMMAND shows the command line */
};

#define COLUMN_TEXT_SIZE 64

/* What stands above it: of OTHER the release, "#2.6.32". */
const char *column_head(enum column column, const struct column_context *ctx, char dst[COLUMN_TEXT_SIZE]);

/* The cell's text for every column but COMMAND and CGROUP (foreign text, see
 * column_foreign). Returns the role it asks for: ROLE_NORMAL, or
 * ROLE_VALUE_DENIED with "-" (absent), "?" (not known) or "x" (denied). Never
 * wider than column_width(), but for USER. */
enum role column_value(enum column column, const struct column_context *ctx, uint32_t task, char dst[COLUMN_TEXT_SIZE]);

/* Raw text of the columns that hold foreign text. */
struct text column_foreign(enum column column, const struct column_context *ctx, uint32_t task);

bool column_is_foreign(enum column column);
bool column_is_left_aligned(enum column column);

/* Sorted from low to high unless turned round (pids, names, ranks)? Figures are
 * from high to low. */
bool column_sorts_up(enum column column);

/* Width in cells, wide enough for this snapshot's pids and the units chosen. */
unsigned column_width(enum column column, const struct column_context *ctx);

/* Must task a stand before task b when sorted by this column (largest first,
 * names and pids ascending)? Ties fall back to the kill order. */
bool column_before(enum column column, const struct column_context *ctx, uint32_t a, uint32_t b);

#endif
