/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor as a value: keys go in, commands come out, a frame is drawn. It
 * reads snapshot and model, never the kernel, and writes nothing: what is to
 * be written leaves as a command, and shows when the next sample shows it.
 *
 *     key → action → ui_key (pure) → command → the app applies → ui_result
 */
#ifndef OOMSIGHT_TUI_UI_H
#define OOMSIGHT_TUI_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/units.h"
#include "oomsight/klog/event.h"
#include "oomsight/knob/knob.h"
#include "oomsight/model/history.h"
#include "oomsight/model/model.h"
#include "oomsight/snapshot/details.h"
#include "oomsight/snapshot/labels.h"
#include "oomsight/snapshot/snapshot.h"
#include "oomsight/tui/field.h"
#include "oomsight/tui/frame.h"
#include "oomsight/tui/groups.h"
#include "oomsight/tui/key.h"
#include "oomsight/tui/sandbox.h"
#include "oomsight/tui/view.h"

/* The smallest screen that shows anything useful. */
#define UI_MIN_ROWS 10
#define UI_MIN_COLUMNS 40

/* What the screens are made from; valid until the next sample. */
struct ui_env {
	const struct snapshot *snap;
	const struct model *model;
	const struct labels *labels;
	const struct details *details; /* NULL, or of ui->details_of */
	const struct events *events;   /* NULL: nobody looks for kills */
	const struct history *history; /* NULL: not kept */
	double delay_s;
	const char *theme_name;
	bool readonly;
	const char *wakeup;     /* what brings a tick forward; NULL: not said */
	const char *protection; /* what keeps us alive; NULL: not said */
};

enum ui_command_kind {
	UI_NONE,
	UI_QUIT,
	UI_REFRESH,      /* sample now */
	UI_REDRAW,       /* send the whole screen again */
	UI_SUSPEND,      /* stop ourselves (^Z) */
	UI_DELAY,        /* number: seconds */
	UI_APPLY_ADJ,    /* targets: write `value` to each (or each target's own value for undo) */
	UI_APPLY_SYSCTL, /* sysctl: write value */
	UI_APPLY_MEMCG,  /* group, file: write value */
	UI_APPLY_CHANGES, /* writes: all of them, in this order; with `declined` none, but audit each as refused */
	UI_PAGES,        /* ask on which nodes the pages of ui->pages_of are */
	UI_SIGNAL,       /* targets: send value */
	UI_REFUSED,      /* a plan the screen refused: audit it (plan) */
	UI_NEXT_THEME,
	UI_WRITE_CONFIG,
};

struct ui_target {
	struct process_id process;
	int16_t value; /* the adj for this one */
};

/* One of several writes. gate: as the operator was shown it. What was refused then is
 * never written; it is told and audited like the rest. What can do harm must not be
 * written once one before it has failed that was not refused: what was foretold for it
 * supposed that one. */
struct ui_write {
	struct change change;
	enum knob_gate gate;
	bool left_known; /* of an undo: see struct ui_undo */
	int64_t left;
};

struct ui_command {
	enum ui_command_kind kind;
	double number;
	enum sysctl_id sysctl;
	uint64_t group; /* see groups.h */
	enum memcg_file file;
	int64_t value;
	bool on_oom_adj; /* UI_APPLY_ADJ: `value` was typed as a legacy oom_adj, for all targets */
	bool is_undo;
	const struct ui_target *targets; /* the ui's own, valid until the next key */
	uint32_t ntargets;
	const struct ui_write *writes; /* likewise */
	uint32_t nwrites;
	const char *declined; /* NULL, or why the operator was asked in vain */
	const struct knob_plan *plan;
};

/* What came of one of several writes. */
struct ui_report {
	bool failed;
	char text[KNOB_CHANGE_TEXT + 256];
};

/* One change that can be undone; those of one command share a batch. */
struct ui_undo {
	uint32_t batch;
	struct change change; /* to be written */
	bool left_known;
	int64_t left; /* what the change to be taken back left there: another value is somebody else's */
};

struct screen; /* src/tui/screen.h: struct of operations */

struct ui {
	struct view view;
	struct column_list columns;
	struct keymap keymap;
	enum units units;
	bool cmdlines;
	bool paused;

	const struct screen *screen; /* what fills the screen */
	const struct screen *dialog; /* over it, or NULL */
	const struct screen *help_from; /* where help was opened */
	uint16_t rows;     /* size of the last frame drawn */
	uint16_t columns_n;

	/* The table. */
	struct process_id cursor;
	uint32_t cursor_row; /* where it stands, or stood when its process went */
	uint32_t top_row;
	uint32_t page_rows; /* table rows on screen */
	unsigned left_column; /* columns scrolled off to the left */
	struct process_id *tags;
	uint32_t ntags;
	uint32_t tags_capacity;
	char search[VIEW_FILTER_SIZE];

	/* The list of memory cgroups. */
	struct groups groups;
	bool groups_judged; /* preview_verdict is of the one under the cursor */

	/* NUMA nodes; the cursor is `choice`. */
	struct nodeset nodes;  /* those an OOM is assumed to be bound to */
	bool nodes_by_policy;  /* by memory policy, else by cpuset */
	bool nodes_judged;     /* preview_verdict says who would die */
	struct process_id pages_of; /* whose pages were asked for; pid 0: nobody's */

	/* Whose OOM the main screen speaks of, unless it is the host's. */
	bool scoping;                    /* scoped and scoped_verdict are of the snapshot at hand */
	struct scope scope;              /* likewise its indices */
	uint64_t scope_group;            /* names the memory cgroup, see groups.h */
	const struct screen *scope_from; /* where it was chosen: Escape leads back */
	struct ranking scoped;
	struct verdict scoped_verdict;

	/* Another kernel's rules, to compare with: never those that edits go by. */
	char other_release[32]; /* "": none */
	struct rules other_rules;
	bool comparing; /* other and other_verdict are of the snapshot at hand */
	struct ranking other;
	struct verdict other_verdict;

	/* A what-if shown instead of the model's ranking while an edit is open. */
	bool previewing;
	struct whatif whatif;
	struct ranking preview;
	struct verdict preview_verdict;

	/* What is assumed on the what-if screen; preview and preview_verdict are what would
	 * follow, scoped and model what is. */
	struct sandbox sandbox;
	char lost[160];      /* who was dropped from it, until it is told; "" nobody */
	uint32_t whatif_top; /* ranks off the top of both lists */
	int64_t value_kept;  /* of the assumption being edited: Escape restores it */
	const struct screen *whatif_from; /* where it was opened: Escape leads back ... */
	struct scope whatif_scope;        /* ... and to this scope */
	uint64_t whatif_group;

	/* The page that tells what is to be written in one go, then what came of it. */
	struct ui_write *writes;
	uint32_t nwrites;
	uint32_t writes_capacity;
	struct ui_report *reports;
	uint32_t nreports;
	uint32_t reports_capacity;
	bool applied; /* it tells what came of it */
	const struct screen *apply_from;

	/* Dialogs. */
	struct field field;
	bool fresh; /* the next character typed replaces what stands in the field */
	struct ui_target *targets; /* whom the open edit is about */
	uint32_t ntargets;
	uint32_t targets_capacity;
	bool on_oom_adj;       /* ... types on the scale of the legacy oom_adj */
	struct knob_plan plan; /* of the first target, or the sysctl */
	bool plan_ok;          /* the field holds a number that was planned */
	uint32_t choice;       /* of a menu or panel */
	uint32_t scroll;       /* of help, details, system */
	bool editing;          /* the sysctl screen's field is open */
	uint64_t edit_group;   /* on the screen of memory cgroups: whose file is edited */
	enum memcg_file edit_file;
	bool undoing;          /* ... for the last undo, which wants a typed yes */
	bool confirming;       /* a second step: y/n, or a typed yes */
	int signal;
	struct process_id details_of;
	uint64_t event;     /* number of the one under the cursor; 0: the latest */
	bool explaining;    /* ... and its explanation fills the screen */
	uint64_t dismissed; /* live kills up to this number have been seen */

	struct ui_undo *undo;
	uint32_t nundo;
	uint32_t undo_capacity;
	uint32_t batch;

	char message[256]; /* bottom line; "" none */
	enum role message_role;
};

/* Start on the main screen with the default columns and keys. */
void ui_init(struct ui *ui);
void ui_done(struct ui *ui);

/* From the next ui_update on show the ranking by the rules of this release beside the
 * running kernel's; NULL: no longer. Returns 0; -EINVAL for what is no release that
 * rules are known of. */
int ui_compare_with(struct ui *ui, const char *release);

/* The rows and the preview are of no snapshot any more: show none until the next
 * ui_update. What is edited stays. */
void ui_forget(struct ui *ui);

/* A new sample or new labels: rows are made anew, cursor, tags and an open
 * preview follow their processes. Returns 0 or -ENOMEM. */
int ui_update(struct ui *ui, const struct ui_env *env);

/* What the next sample must hold for what is on screen: every fact of the memory
 * cgroups, with memcg_outlooks_make() of them in env->model->outlooks. */
bool ui_wants_memcgs(const struct ui *ui);
/* Likewise meminfo of the NUMA nodes. */
bool ui_wants_nodes(const struct ui *ui);
/* Likewise CPU time and niceness of all tasks. */
bool ui_wants_cpu_times(const struct ui *ui);

/* React to a key; rows and preview are brought up to date. */
struct ui_command ui_key(struct ui *ui, const struct ui_env *env, struct key key);

/* What came of a command: one call for each target (or the sysctl). */
void ui_result(struct ui *ui, const struct ui_command *command, uint32_t target, const struct knob_plan *plan,
	       const struct knob_result *result);

/* Call once after the results of a command: sums them up in the message line. */
void ui_results_done(struct ui *ui, const struct ui_command *command, uint32_t failed);

/* Show a message in the bottom line until the next key. */
void ui_message(struct ui *ui, enum role role, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Draw everything into the frame (any size). */
void ui_draw(struct ui *ui, const struct ui_env *env, struct frame *frame);

/* The tasks whose rows are on screen: indices first … last - 1 of view.rows. */
void ui_visible(const struct ui *ui, uint32_t *ret_first, uint32_t *ret_last);

#endif
