/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys as values with names, and the table of what they do. The table makes
 * the help screen, the man page's INTERACTIVE COMMANDS and the config file's
 * key lines.
 */
#ifndef OOMSIGHT_TUI_KEY_H
#define OOMSIGHT_TUI_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/diag.h"
#include "oomsight/base/text.h"

/* A printable character is its code point; others lie above Unicode. */
enum key_code {
	KEY_CODE_NONE = 0,
	KEY_CODE_CTRL = 0x200000, /* + letter 'a' … 'z' */
	KEY_CODE_SPECIAL = 0x300000,
	KEY_CODE_UP,
	KEY_CODE_DOWN,
	KEY_CODE_LEFT,
	KEY_CODE_RIGHT,
	KEY_CODE_PAGE_UP,
	KEY_CODE_PAGE_DOWN,
	KEY_CODE_HOME,
	KEY_CODE_END,
	KEY_CODE_ENTER,
	KEY_CODE_ESCAPE,
	KEY_CODE_BACKSPACE,
	KEY_CODE_DELETE,
	KEY_CODE_INSERT,
	KEY_CODE_TAB,
	KEY_CODE_BACK_TAB,
	KEY_CODE_RESIZE, /* the window has another size */
	KEY_CODE_F1,     /* F1 … F12 follow one another */
	KEY_CODE_F12 = KEY_CODE_F1 + 11,
};

struct key {
	uint32_t code; /* enum key_code, or a character */
};

/* What a key asks for on the main screen.
 * X(enumerator, name in config, default keys parted by blanks, help) */
#define ACTIONS(X) \
	X(HELP, "help", "h ? F1", "this help") \
	X(QUIT, "quit", "q F10", "quit") \
	X(UP, "up", "Up", "one row up") \
	X(DOWN, "down", "Down", "one row down") \
	X(PAGE_UP, "page-up", "PageUp", "one page up") \
	X(PAGE_DOWN, "page-down", "PageDown", "one page down") \
	X(FIRST, "first", "Home", "to the first row") \
	X(LAST, "last", "End", "to the last row") \
	X(LEFT, "left", "Left", "scroll the columns left") \
	X(RIGHT, "right", "Right", "scroll the columns right") \
	X(DETAILS, "details", "Enter i", "why: the score of this process taken apart") \
	X(ADJ, "edit-adj", "a", "edit oom_score_adj, with a preview of the consequence") \
	X(ADJ_DOWN, "adj-down", "F7", "the same, beginning one step (10) lower") \
	X(ADJ_UP, "adj-up", "F8", "the same, beginning one step (10) higher") \
	X(WHATIF, "what-if", "x", "what if: all that is assumed (by ^X instead of Enter in an edit), with the rankings before and after; there a applies all, D drops all") \
	X(GROW, "assume-growth", "G", "what if this process, or each that is tagged, grew") \
	X(UNDO, "undo", "U", "undo the last change of an oom_score_adj, sysctl or memory cgroup") \
	X(SYSCTL, "sysctls", "S", "the sysctls that decide about OOM; edit them") \
	X(SYSTEM, "system", "v", "all figures of memory: free, vmstat, meminfo, zones, pressure") \
	X(CGROUPS, "cgroups", "g", "memory cgroups: how near their limits, and who would die there; there m, h, o edit memory.max, memory.high, memory.oom.group") \
	X(NODES, "nodes", "o", "NUMA nodes and their zones, and who would die by an OOM bound to some of them; there p: on which nodes the pages of the process under the cursor are") \
	X(EVENTS, "events", "E", "kills since boot: what was foretold, and the kernel's report explained") \
	X(DISMISS, "dismiss", "Escape", "take away the line that tells of a kill") \
	X(MODEL, "model", "O", "compare with the rules of another kernel release: its rank beside, both ways of counting in the details") \
	X(KILL, "signal", "k F9", "send a signal: choose, then confirm") \
	X(TAG, "tag", "Space", "tag or untag this process; edits act on all tagged") \
	X(TAG_USER, "tag-user", "w", "tag all processes of this one's user") \
	X(TAG_TREE, "tag-tree", "y", "tag this process and all its descendants") \
	X(UNTAG, "untag", "=", "untag all, drop filter and search") \
	X(SORT_PREV, "sort-previous", "<", "sort by the column to the left") \
	X(SORT_NEXT, "sort-next", ">", "sort by the column to the right") \
	X(SORT, "sort", "F6", "choose the column to sort by") \
	X(SORT_KILL, "sort-kill-order", "P", "sort in kill order (the kernel's own)") \
	X(SORT_MEMORY, "sort-memory", "M", "sort by resident memory") \
	X(SORT_PID, "sort-pid", "N", "sort by pid") \
	X(SORT_TIME, "sort-start", "T", "sort by start time") \
	X(REVERSE, "reverse", "R I", "turn the order round") \
	X(SEARCH, "search", "/ F3", "search name, user, pid, cgroup, and command lines once shown, among memory cgroups path and victim; n finds the next") \
	X(SEARCH_NEXT, "search-next", "n", "find the next") \
	X(FILTER, "filter", "\\ F4", "show only rows that contain a text (looked for as by search)") \
	X(USER, "user", "u", "show only one user's processes") \
	X(TREE, "tree", "t F5", "children below their parents") \
	X(KTHREADS, "kernel-threads", "K", "show or hide kernel threads") \
	X(CMDLINE, "command-line", "c", "command line or name") \
	X(COLUMNS, "columns", "f F2", "choose the columns") \
	X(UNITS, "units", "e", "next unit: human, KiB, MiB, pages") \
	X(PAUSE, "pause", "Z", "pause; again: go on") \
	X(DELAY, "delay", "d s", "seconds between ticks") \
	X(REFRESH, "refresh", "r", "take a sample now") \
	X(REDRAW, "redraw", "^L", "draw the screen afresh") \
	X(THEME, "theme", "m", "next theme") \
	X(WRITE_CONFIG, "write-config", "W", "write the configuration file")

enum action {
	ACT_IGNORE, /* a key bound to nothing */
#define X(id, name, keys, help) ACT_##id,
	ACTIONS(X)
#undef X
	ACT__COUNT
};

struct action_info {
	const char *name;
	const char *keys; /* default keys by name */
	const char *help;
};

/* Indexed by enum action; [ACT_IGNORE] is empty. */
extern const struct action_info action_table[ACT__COUNT];

#define KEYMAP_SIZE 128

struct keymap {
	struct {
		uint32_t code;
		enum action action;
	} bound[KEYMAP_SIZE];
	unsigned n;
};

void keymap_default(struct keymap *keymap);

/* Bind keys (names parted by blanks) to an action, instead of those it had; a
 * key bound elsewhere moves. No keys: the action can no longer be asked for.
 * Returns 0; -EINVAL with *diag filled for an unknown action or key, or too
 * many keys (nothing is changed then). */
int keymap_bind(struct keymap *keymap, const char *action, const char *keys, struct diag *diag);

enum action keymap_action(const struct keymap *keymap, struct key key);

/* The keys of an action as names parted by blanks, into dst; those that do not
 * fit are left out; size > 0. Returns dst. */
char *keymap_keys(const struct keymap *keymap, enum action action, char *dst, size_t size);

/* "F7", "^L", "Space", "PageUp", "a" → key, and back; names longer than one
 * character are read without case. ^I, ^M, ^J, ^H are Tab, Enter, Enter and
 * Backspace, as terminals send the same byte for them. Returns 0 or -EINVAL.
 * A key without a name (KEY_CODE_NONE, KEY_CODE_RESIZE) becomes "".
 * (ncursesw has a function key_name() already.) */
int key_parse(struct text name, struct key *ret_key);
#define KEY_NAME_SIZE 16
char *key_to_name(struct key key, char dst[KEY_NAME_SIZE]);

/* What a terminal types, byte by byte → keys. Escape sequences of keys that
 * nobody knows (the terminal's own are recognised before) are swallowed whole,
 * so that their letters do not act as commands; bytes that are not UTF-8 are
 * ignored. All zero is the initial state. */
enum key_state {
	KEY_STATE_GROUND,
	KEY_STATE_ESCAPE, /* after ESC */
	KEY_STATE_CSI,    /* after ESC [ */
	KEY_STATE_LAST,   /* one byte is left of a sequence */
};

struct key_decoder {
	enum key_state state;
	char bytes[4]; /* of an unfinished UTF-8 character */
	unsigned n;
};

/* Returns how many keys the byte completed: 0, 1 or 2 (Escape and another). */
unsigned key_decoder_feed(struct key_decoder *decoder, unsigned char byte, struct key ret_keys[2]);

/* No more bytes are there for now: an ESC alone is the Escape key. */
bool key_decoder_flush(struct key_decoder *decoder, struct key *ret_key);

#endif
