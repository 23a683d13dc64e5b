/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "oomsight/model/ranking.h"

static const struct {
	const char *name;
	const char *because;
} table[] = {
	[ELIGIBLE] = { "eligible", "it can be killed" },
	[INELIGIBLE_INIT] = { "init", "it is the init of the whole system" },
	[INELIGIBLE_KTHREAD] = { "kernel_thread", "it is a kernel thread" },
	[INELIGIBLE_ADJ_MIN] = { "adj_min", "its oom_score_adj is -1000" },
	[INELIGIBLE_NO_MM] = { "no_mm", "it has no memory of its own any more" },
	[INELIGIBLE_VFORK] = { "vfork", "it runs in its parent's memory until it calls exec" },
	[INELIGIBLE_REAPED] = { "reaped", "it is dying and its memory is already taken" },
	[INELIGIBLE_OUTSIDE] = { "outside", "it is not where memory would run short" },
	[INELIGIBLE_KERNEL] = { "kernel", "the kernel counts it as not eligible (oom_score 0), the files do not say why" },
	[INELIGIBLE_UNKNOWN] = { "unknown", "not all that counts could be read" },
};
static_assert(sizeof table / sizeof *table == ELIGIBILITY__COUNT, "an eligibility without words");

const char *eligibility_name(enum eligibility eligibility)
{
	return table[eligibility].name;
}

const char *eligibility_because(enum eligibility eligibility)
{
	return table[eligibility].because;
}
