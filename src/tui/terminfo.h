/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the terminal data base says, apart from term.c because <term.h> makes
 * macros of words such as `columns` and `lines`.
 */
#ifndef OOMSIGHT_TUI_TERMINFO_H
#define OOMSIGHT_TUI_TERMINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "oomsight/base/diag.h"
#include "oomsight/tui/theme.h"

/* Can a screen be drawn on the terminal called `name` (NULL: not told)?
 * Returns 0; -ENOTTY with *diag filled when not. *ret_sized: its description has
 * a size. */
int terminfo_check(const char *name, int fd, bool *ret_sized, struct diag *diag);

/* The bytes that give the current terminal back: plain attributes, its own
 * colours, the cursor shown, cursor keys and screen as before. Without padding.
 * Returns how many were written; sequences that do not fit are left out. */
size_t terminfo_restore_bytes(char *dst, size_t size);

/* Sequences a screen is painted with. X(enumerator, name in the data base) */
#define TERMINFO_STRINGS(X) \
	X(CUP, "cup") X(HPA, "hpa") X(CUF, "cuf") X(CUB1, "cub1") X(CUD1, "cud1") X(CLEAR, "clear") X(EL, "el") \
	X(CSR, "csr") X(RMIR, "rmir") X(SGR0, "sgr0") X(RMACS, "rmacs") X(OP, "op") X(SETAF, "setaf") X(SETAB, "setab") \
	X(SETF, "setf") X(SETB, "setb") X(BOLD, "bold") X(DIM, "dim") X(SITM, "sitm") X(SMUL, "smul") X(REV, "rev") \
	X(SMSO, "smso") X(RMSO, "rmso") X(BLINK, "blink") X(CIVIS, "civis") X(CNORM, "cnorm") X(BEL, "bel") X(SMCUP, "smcup") \
	X(RMCUP, "rmcup") X(SMKX, "smkx") X(RMKX, "rmkx")

enum terminfo_string {
#define X(id, name) TI_##id,
	TERMINFO_STRINGS(X)
#undef X
	TI__COUNT
};

struct terminfo {
	const char *strings[TI__COUNT]; /* NULL: it has none. The terminal's. */
	bool wraps;        /* the cursor goes to the next line behind the last column … */
	bool wraps_late;   /* … but only when one more character comes */
	bool moves_safely; /* also while attributes are on */
	int colors;        /* 0: none that could be set and reset */
	unsigned not_with_colors; /* enum theme_attribute */
};

/* Of the current terminal, as long as that lives. */
void terminfo_read(struct terminfo *terminfo);

#define TERMINFO_SEQUENCE_SIZE 128

/* The bytes of a sequence with its parameters, without padding. Returns how many;
 * 0 when the terminal has none, or it is too long. */
size_t terminfo_bytes(const struct terminfo *terminfo, enum terminfo_string string, int a, int b,
		      char dst[TERMINFO_SEQUENCE_SIZE]);

/* The bytes that turn one style into another, the shortest way; nothing on a
 * terminal that cannot, or would need a cell of the screen to do it. */
size_t terminfo_style(const struct terminfo *terminfo, struct style from, struct style to,
		      char dst[TERMINFO_SEQUENCE_SIZE]);

#endif
