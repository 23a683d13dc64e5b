/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What another kernel would do with the processes of this one. It is for looking
 * only: edits and previews go by the rules of the kernel that runs, and wherever
 * the other's appear it says that they are not in force, unless they are the same.
 */
#include "compare.h"

#include <errno.h>
#include <stdio.h>

#include "flow.h"

int ui_compare_with(struct ui *ui, const char *release)
{
	struct rules rules;
	if (release && rules_of_release(release, &rules) < 0)
		return -EINVAL;
	ui->comparing = false;
	ui->other_release[0] = '\0';
	if (release) {
		snprintf(ui->other_release, sizeof ui->other_release, "%s", release);
		ui->other_rules = rules;
	}
	return 0;
}

bool ui_wants_cpu_times(const struct ui *ui)
{
	return ui->other_release[0] && rules_ask_cpu_times(&ui->other_rules);
}

int compare_update(struct ui *ui, const struct ui_env *env)
{
	ui->comparing = false;
	if (ui->other_release[0] == '\0')
		return 0;
	const struct rules *rules = &ui->other_rules;
	int r = ranking_make(&ui->other, env->snap, rules, NULL, ui_scope(ui));
	if (r == 0 || r == -ENODATA)
		r = verdict_make(&ui->other_verdict, env->snap, rules, &ui->other, NULL, 1);
	ui->comparing = r == 0;
	return r;
}

/* Are the other's rules those of the kernel that runs? */
static bool is_in_force(const struct ui *ui, const struct ui_env *env)
{
	const struct scope *scope = ui_scope(ui);
	return rules_agree(&ui->other_rules, &env->model->rules, scope && scope->kind == SCOPE_MEMPOLICY);
}

/* --- the line below the verdict ---------------------------------------------------- */

int compare_rows(const struct ui *ui)
{
	return ui->other_release[0] ? 1 : 0;
}

void compare_draw(const struct ui *ui, const struct ui_env *env, struct pane pane)
{
	const struct verdict *verdict = &ui->other_verdict;
	struct flow flow = { pane, 0, 0, false };
	char before[96], behind[48];
	bool wide = pane.columns >= 75;
	pane_fill(pane, 0, 0, pane.columns, ' ', ROLE_CHANGED);
	if (is_in_force(ui, env))
		snprintf(before, sizeof before, "in force here%s: %s ", wide ? ", too, the same rules" : "",
			 ui->other_release);
	else if (wide)
		snprintf(before, sizeof before, "NOT in force (here: rules of %s): %s ",
			 era_name(env->model->rules.era), ui->other_release);
	else
		snprintf(before, sizeof before, "NOT in force: %s ", ui->other_release);
	if (!ui->comparing) {
		flow_item(&flow, "", ROLE_CHANGED, "%scannot be ranked now", before);
	} else if (verdict->action == ACTION_PANIC) {
		flow_item(&flow, "", ROLE_CHANGED, "%swould panic", before);
	} else if (verdict->nkills == 0) {
		flow_item(&flow, "", ROLE_CHANGED, "%swould kill nobody", before);
	} else {
		const struct kill *kill = &verdict->kills[0];
		uint32_t victim = verdict->victims[kill->first_victim].task;
		const struct ranking *ours = ui_ranking_now(ui, env);
		size_t len = strlen(before);
		snprintf(before + len, sizeof before - len, "%s ",
			 verdict->action != ACTION_KILL ? (wide ? "would choose" : "chooses") :
			 wide				? "would kill" :
							  "kills");
		snprintf(behind, sizeof behind, " (%d)", (int)env->snap->tasks[victim].pid);
		flow_name(&flow, ROLE_CHANGED, before, snapshot_text(env->snap, env->snap->tasks[victim].comm), behind);
		if (victim < ours->ntasks && ours->candidates[victim].rank > 0)
			flow_item(&flow, "", ROLE_CHANGED, "#%u here", ours->candidates[victim].rank);
	}
}

/* --- term by term -------------------------------------------------------------------- */

#define TERM_SIZE 48

static char *amount_text(const struct snapshot *snap, const char *what, int64_t pages, char dst[TERM_SIZE])
{
	char size[UNITS_BUFFER];
	snprintf(dst, TERM_SIZE, "%s %lld (%s)", what, (long long)pages, units_points(pages, snap->page_bytes, size));
	return dst;
}

static char *term_text(const struct snapshot *snap, const struct rules *rules, uint64_t totalpages,
		       const struct badness_step *step, char dst[TERM_SIZE])
{
	long long operand = (long long)step->operand;
	bool pages = rules->era >= ERA_3_5;
	switch (step->term) {
	case TERM_RSS:
		return amount_text(snap, "  rss", step->operand, dst);
	case TERM_SWAP:
		return amount_text(snap, "+ swap", step->operand, dst);
	case TERM_PGTABLES:
		return amount_text(snap, "+ page tables", step->operand, dst);
	case TERM_VIRTUAL:
		return amount_text(snap, "  virtual", step->operand, dst);
	case TERM_CHILDREN:
		return amount_text(snap, "+ children", step->operand, dst);
	case TERM_SHARE:
		snprintf(dst, TERM_SIZE, "* 1000 / %lld (RAM+swap)", operand);
		return dst;
	case TERM_ROOT:
		snprintf(dst, TERM_SIZE, "- %lld for root", operand);
		return dst;
	case TERM_ADJ:
		if (pages)
			snprintf(dst, TERM_SIZE, "+ adj %lld * %lld", operand, (long long)badness_adj_unit_pages(totalpages));
		else
			snprintf(dst, TERM_SIZE, "+ adj %lld", operand);
		return dst;
	case TERM_FLOOR:
		return strcpy(dst, "  at least 1");
	case TERM_CEILING:
		return strcpy(dst, "  at most 1000");
	case TERM_CPU:
		snprintf(dst, TERM_SIZE, "/ %lld by CPU time", operand);
		return dst;
	case TERM_RUN:
		snprintf(dst, TERM_SIZE, "/ %lld by age", operand);
		return dst;
	case TERM_NICE:
		return strcpy(dst, "* 2 for nice");
	case TERM_ADMIN:
		return strcpy(dst, "/ 4 for admin rights");
	case TERM_RAWIO:
		return strcpy(dst, "/ 4 for raw I/O");
	case TERM_CPUSET:
		return strcpy(dst, "/ 8 for other nodes");
	case TERM_OOM_ADJ:
		snprintf(dst, TERM_SIZE, "%s %lld by oom_adj", operand < 0 ? ">>" : "<<", operand < 0 ? -operand : operand);
		return dst;
	case TERM_SWAPOFF:
	case TERM__COUNT:
		break;
	}
	dst[0] = '\0';
	return dst;
}

/* One of the two: its heading, steps and rank as rows of text. */
struct account {
	char rows[TERM__COUNT + 2][2 * TERM_SIZE];
	unsigned n;
};

static void account_make(struct account *account, const char *heading, const struct snapshot *snap,
			 const struct rules *rules, const struct ranking *ranking, uint32_t task, int width)
{
	const struct candidate *candidate = &ranking->candidates[task];
	struct badness_steps steps;
	int digits = 1;
	account->n = 0;
	snprintf(account->rows[account->n++], sizeof account->rows[0], "%s", heading);
	ranking_explain(ranking, snap, rules, task, &steps);
	for (unsigned i = 0; i < steps.n; i++) {
		int len = snprintf(NULL, 0, "%lld", (long long)steps.steps[i].points);
		digits = len > digits ? len : digits;
	}
	for (unsigned i = 0; i < steps.n; i++) {
		char text[TERM_SIZE];
		int left = width - digits - 1;
		left = left < 0 ? 0 : left < TERM_SIZE ? left : TERM_SIZE;
		term_text(snap, rules, ranking->totalpages, &steps.steps[i], text);
		snprintf(account->rows[account->n++], sizeof account->rows[0], "%-*.*s %*lld", left, left, text, digits,
			 (long long)steps.steps[i].points);
	}
	if (candidate->rank > 0)
		snprintf(account->rows[account->n++], sizeof account->rows[0], "= %s, rank %u of %u",
			 candidate->origin	  ? "in swapoff" :
			 rules->era >= ERA_3_5	  ? "pages" :
			 rules->era > ERA_2_6_32 ? "thousandths" :
						    "points",
			 candidate->rank, ranking->norder);
	else
		snprintf(account->rows[account->n++], sizeof account->rows[0], "%s: %.60s",
			 candidate->eligibility == INELIGIBLE_UNKNOWN ? "not ranked" : "never",
			 eligibility_because(candidate->eligibility));
}

void compare_lines(struct lines *lines, const struct ui *ui, const struct ui_env *env, uint32_t task)
{
	bool beside = lines->pane.columns >= 78;
	int indent = lines->indent;
	lines->indent = 1;
	int room = lines->pane.columns - lines->indent, width = beside ? (room - 3) / 2 : room;
	width = width < TERM_SIZE + 20 ? width : TERM_SIZE + 20;
	struct account ours, theirs;
	char heading[96];
	snprintf(heading, sizeof heading, "IN FORCE: rules of Linux %s", era_name(env->model->rules.era));
	account_make(&ours, heading, env->snap, &env->model->rules, ui_ranking(ui, env), task, width);
	snprintf(heading, sizeof heading, "%s: Linux %s",
		 is_in_force(ui, env) ? "IN FORCE, too" : "NOT in force", ui->other_release);
	account_make(&theirs, heading, env->snap, &ui->other_rules, &ui->other, task, width);
	if (beside) {
		for (unsigned i = 0; i < ours.n || i < theirs.n; i++)
			lines_printf(lines, "", i == 0 ? ROLE_CHANGED : ROLE_VALUE, "%-*.*s | %.*s", width, width,
				     i < ours.n ? ours.rows[i] : "", width, i < theirs.n ? theirs.rows[i] : "");
	} else {
		for (unsigned i = 0; i < ours.n; i++)
			lines_printf(lines, "", i == 0 ? ROLE_CHANGED : ROLE_VALUE, "%s", ours.rows[i]);
		for (unsigned i = 0; i < theirs.n; i++)
			lines_printf(lines, "", i == 0 ? ROLE_CHANGED : ROLE_VALUE, "%s", theirs.rows[i]);
	}
	lines->indent = indent;
}
