/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One tick for people and for logs, like `top -b`: a few header lines, the
 * table, a blank line. Columns never move: a size that is too wide for its
 * column under the chosen units is shown as in human units, whose suffix tells
 * it apart. "?" stands for what is not known, "-" for what does not exist.
 */
#include "oomsight/emit/emit.h"

#include <stdio.h>

#include "parts.h"

#define CELL_BUFFER (UNITS_BUFFER + 2)

/* What sizes are shown in, and how wide their columns are. */
struct sizes {
	enum units units;
	uint32_t page_bytes;
	int width;
};

static struct sizes sizes_of(const struct snapshot *snap, enum units units)
{
	return (struct sizes){ .units = units, .page_bytes = snap->page_bytes, .width = units == UNITS_HUMAN ? 6 : 10 };
}

static const char *state_mark(enum fact_state state)
{
	return state == FACT_ABSENT ? "-" : "?";
}

/* A size for a header line, as long as it wants. */
static const char *amount(const struct sizes *sizes, struct figure figure, char buf[UNITS_BUFFER])
{
	return figure.state == FACT_KNOWN ? units_bytes(figure.value, sizes->units, sizes->page_bytes, buf) :
					    state_mark(figure.state);
}

static struct figure fact(const struct snapshot *snap, enum sys_fact which)
{
	return (struct figure){ (enum fact_state)snap->system.state[which], snap->system.value[which] };
}

/* The size between two words. */
static void out_amount(struct out *out, const struct sizes *sizes, const char *before, struct figure figure,
		       const char *after)
{
	char buf[UNITS_BUFFER];
	out_printf(out, "%s%s%s", before, amount(sizes, figure, buf), after);
}

static void write_title(struct out *out, const struct snapshot *snap, const struct model *model)
{
	char instant[INSTANT_BUFFER], span[UNITS_BUFFER];
	out_str(out, "oomsight ");
	out_safe(out, text_of_str(snap->host));
	out_char(out, ' ');
	out_safe(out, text_of_str(snap->release));
	out_printf(out, "  %s  up %s  source %s", instant_format_ms(snap->realtime_ns, instant),
		   units_span((double)snap->boottime_ns / 1e9, span), source_name(snap->source));
	if (model->check.compared == 0)
		out_str(out, "  model not compared");
	else
		out_printf(out, "  model agrees %u/%u", (unsigned)model->check.agreed, (unsigned)model->check.compared);
	if (model->check.by_kernels_word > 0)
		out_printf(out, "  %u by the kernel's word", (unsigned)model->check.by_kernels_word);
	if (snap->tasks_denied > 0)
		out_printf(out, "  %u not readable", (unsigned)snap->tasks_denied);
	out_char(out, '\n');
}

static const char *header_unit(enum units units)
{
	switch (units) {
	case UNITS_KIB:
		return " KiB";
	case UNITS_MIB:
		return " MiB";
	case UNITS_PAGES:
		return " pages";
	case UNITS_HUMAN:
	case UNITS__COUNT:
		break;
	}
	return "";
}

static void write_psi(struct out *out, const struct psi_line *line)
{
	if (line->state != FACT_KNOWN)
		out_str(out, state_mark(line->state));
	else
		out_printf(out, "%u.%02u%%", (unsigned)(line->avg10_centi / 100), (unsigned)(line->avg10_centi % 100));
}

static void write_memory(struct out *out, const struct snapshot *snap, const struct sizes *sizes)
{
	const struct system_facts *sys = &snap->system;
	out_str(out, "Mem ");
	out_str(out, header_unit(sizes->units));
	out_amount(out, sizes, " ", fact(snap, SYS_MEM_TOTAL), " total");
	out_amount(out, sizes, "  ", memory_used(sys), " used");
	out_amount(out, sizes, "  ", fact(snap, SYS_SHMEM), " shmem");
	out_amount(out, sizes, "  ", memory_buff_cache(sys), " buff/cache");
	out_amount(out, sizes, "  ", fact(snap, SYS_MEM_FREE), " free");
	out_amount(out, sizes, "  ", fact(snap, SYS_MEM_AVAILABLE), " avail\n");
	out_str(out, "Swap");
	out_str(out, header_unit(sizes->units));
	out_amount(out, sizes, " ", fact(snap, SYS_SWAP_TOTAL), " total");
	out_amount(out, sizes, "  ", swap_used(sys), " used");
	out_amount(out, sizes, "  ", fact(snap, SYS_SWAP_FREE), " free");
	out_str(out, "   PSI mem some ");
	write_psi(out, &sys->psi[PSI_MEMORY].some);
	out_str(out, " full ");
	write_psi(out, &sys->psi[PSI_MEMORY].full);
	out_char(out, '\n');
}

static void write_count(struct out *out, const char *before, const struct snapshot *snap, enum sys_fact which)
{
	out_str(out, before);
	if (system_knows(&snap->system, which))
		out_u64(out, snap->system.value[which]);
	else
		out_str(out, state_mark((enum fact_state)snap->system.state[which]));
}

/* A rate in whole units of `unit` each. */
static void write_rate(struct out *out, const char *before, const struct rates *rates, enum sys_fact which,
		       double unit)
{
	out_str(out, before);
	if (rates->known && rates->per_s_known[which])
		out_fixed(out, rates->per_s[which] * unit, 0);
	else
		out_char(out, '?');
}

static void write_share(struct out *out, const char *before, const struct rates *rates, double share)
{
	out_str(out, before);
	if (rates->cpu_known)
		out_fixed(out, share * 100.0, 0);
	else
		out_char(out, '?');
}

/* The figures and the names of vmstat(8): si, so, bi and bo in KiB a second. */
static void write_vmstat(struct out *out, const struct snapshot *snap, const struct rates *rates)
{
	double page_kib = snap->page_bytes / 1024.0;
	write_count(out, "r ", snap, SYS_PROCS_RUNNING);
	write_count(out, " b ", snap, SYS_PROCS_BLOCKED);
	write_rate(out, "  si ", rates, SYS_PSWPIN, page_kib);
	write_rate(out, " so ", rates, SYS_PSWPOUT, page_kib);
	write_rate(out, "  bi ", rates, SYS_PGPGIN, 1.0);
	write_rate(out, " bo ", rates, SYS_PGPGOUT, 1.0);
	write_rate(out, "  in ", rates, SYS_INTERRUPTS, 1.0);
	write_rate(out, " cs ", rates, SYS_CONTEXT_SWITCHES, 1.0);
	write_share(out, "  us ", rates, rates->cpu_user);
	write_share(out, " sy ", rates, rates->cpu_system);
	write_share(out, " id ", rates, rates->cpu_idle);
	write_share(out, " wa ", rates, rates->cpu_iowait);
	write_share(out, " st ", rates, rates->cpu_steal);
	write_count(out, "  oom_kill ", snap, SYS_OOM_KILL);
	out_char(out, '\n');
}

/* -1, which none of these can be, when not known. */
static int64_t sysctl_or_unknown(const struct snapshot *snap, enum sysctl_id id)
{
	const struct sysctl_value *value = &snap->system.sysctl[id];
	return value->state == FACT_KNOWN ? value->value : -1;
}

static void write_policy(struct out *out, const struct snapshot *snap, const struct sizes *sizes)
{
	int64_t panic = sysctl_or_unknown(snap, SYSCTL_PANIC_ON_OOM);
	int64_t allocating = sysctl_or_unknown(snap, SYSCTL_OOM_KILL_ALLOCATING_TASK);
	static const char *const overcommit_names[] = { "heuristic", "always", "never" };
	int64_t overcommit = sysctl_or_unknown(snap, SYSCTL_OVERCOMMIT_MEMORY);
	out_str(out, "policy: ");
	if (panic > 0) {
		out_printf(out, "panic at %s out of memory (panic_on_oom ", panic == 1 ? "a system-wide" : "any");
		out_i64(out, panic);
		out_char(out, ')');
	} else if (allocating > 0) {
		out_str(out, "kill who asks for memory (oom_kill_allocating_task ");
		out_i64(out, allocating);
		out_char(out, ')');
	} else if (panic < 0 || allocating < 0) {
		out_char(out, '?');
	} else {
		out_str(out, "kill the worst (panic_on_oom 0)");
	}
	if (overcommit >= 0 && overcommit <= 2)
		out_printf(out, "   overcommit %d %s", (int)overcommit, overcommit_names[overcommit]);
	else
		out_str(out, "   overcommit ?");
	out_amount(out, sizes, ", commit ", fact(snap, SYS_COMMITTED_AS), " of ");
	out_amount(out, sizes, "", fact(snap, SYS_COMMIT_LIMIT), "\n");
}

static void write_verdict(struct out *out, const struct snapshot *snap, const struct model *model)
{
	char when[96], grower[64];
	uint32_t index;
	out_str(out, "NEXT ");
	out_str(out, model->verdict.because);
	out_char(out, '\n');
	if (model->forecast.state != FORECAST_NEARING)
		return;
	out_printf(out, "WHEN %s", forecast_text(&model->forecast, when, sizeof when));
	if (rates_fastest(&model->rates, &index)) {
		verdict_task_text(snap, index, grower, sizeof grower);
		out_printf(out, "; %s grows fastest", grower);
	}
	out_char(out, '\n');
}

/* Thirteen cells a row, thousands of rows: without printf. */
static void cell(struct out *out, int width, const char *text)
{
	static const char blanks[] = "                ";
	size_t len = strlen(text), want = (size_t)width;
	if (len < want)
		out_text(out, text_of(blanks, want - len < sizeof blanks - 1 ? want - len : sizeof blanks - 1));
	out_text(out, text_of(text, len));
	out_char(out, ' ');
}

static void size_cell(struct out *out, const struct sizes *sizes, struct figure figure)
{
	char buf[UNITS_BUFFER];
	const char *text = amount(sizes, figure, buf);
	if (strlen(text) > (size_t)sizes->width)
		text = units_human(figure.value, buf);
	cell(out, sizes->width, text);
}

/* A signed size; always_sign puts '+' before what grows. */
static void signed_cell(struct out *out, const struct sizes *sizes, bool negative, uint64_t magnitude,
			bool always_sign)
{
	char buf[UNITS_BUFFER], text[CELL_BUFFER];
	units_bytes(magnitude, sizes->units, sizes->page_bytes, buf);
	const char *sign = magnitude == 0 ? "" : negative ? "-" : always_sign ? "+" : "";
	if (strlen(sign) + strlen(buf) > (size_t)sizes->width)
		units_human(magnitude, buf);
	snprintf(text, sizeof text, "%s%s", sign, buf);
	cell(out, sizes->width, text);
}

/* As many characters of a name as fit, '+' in place of the rest. */
static void name_cell(struct out *out, size_t width, const char *name)
{
	size_t start = out->len;
	out_safe(out, text_of_str(name));
	if (out->error)
		return;
	size_t columns = 0, cut = out->len;
	for (size_t i = start; i < out->len; i++) {
		bool begins = ((unsigned char)out->bytes[i] & 0xc0) != 0x80;
		if (begins && columns == width - 1)
			cut = i;
		columns += begins ? 1 : 0;
	}
	if (columns > width) {
		out->len = cut;
		out_char(out, '+');
		columns = width;
	}
	out_printf(out, "%*s", (int)(width - columns) + 1, "");
}

static void percent_cell(struct out *out, int width, double percent)
{
	size_t start = out->len;
	out_fixed(out, percent, 1);
	char text[CELL_BUFFER];
	text_copy(text_of(out->error ? "" : out->bytes + start, out->len - start), text, sizeof text);
	out->len = start;
	cell(out, width, text);
}

static void points_cells(struct out *out, const struct model *model, const struct sizes *sizes, uint32_t index)
{
	if (!task_has_points(model, index)) {
		bool never = index < model->ranking.ntasks &&
			     model->ranking.candidates[index].eligibility != INELIGIBLE_UNKNOWN &&
			     model->ranking.candidates[index].eligibility != ELIGIBLE;
		const char *mark = state_mark(never ? FACT_ABSENT : FACT_UNKNOWN);
		cell(out, sizes->width, mark);
		cell(out, 6, mark);
		return;
	}
	int64_t points = model->ranking.candidates[index].points;
	uint64_t magnitude = points < 0 ? 0 - (uint64_t)points : (uint64_t)points;
	signed_cell(out, sizes, points < 0, u64_mul_sat(magnitude, sizes->page_bytes), false);
	percent_cell(out, 6, points_percent(model, points));
}

static void growth_cell(struct out *out, const struct model *model, const struct sizes *sizes, uint32_t index)
{
	if (!model->rates.known || index >= model->rates.ntasks || !model->rates.tasks[index].known) {
		cell(out, sizes->width, "?");
		return;
	}
	double growth = model->rates.tasks[index].growth_bytes_per_s;
	double magnitude = growth < 0.0 ? -growth : growth;
	/* Far below 2^64, and false for what is not a number. */
	uint64_t bytes = magnitude < 1e19 ? (uint64_t)(magnitude + 0.5) : 0;
	signed_cell(out, sizes, growth < 0.0, bytes, true);
}

static void number_cell(struct out *out, int width, const struct task *task, enum task_group group, int value)
{
	char text[CELL_BUFFER];
	snprintf(text, sizeof text, "%d", value);
	cell(out, width, task_knows(task, group) ? text : state_mark((enum fact_state)task->group_state[group]));
}

static void write_row(struct out *out, const struct snapshot *snap, const struct model *model,
		      const struct labels *labels, const struct sizes *sizes, uint32_t index)
{
	static const enum task_size columns[] = { TASK_SIZE_VIRT, TASK_SIZE_RSS, TASK_SIZE_SHR, TASK_SIZE_SWAP,
						  TASK_SIZE_PGTABLES };
	const struct task *task = &snap->tasks[index];
	char buf[CELL_BUFFER], digits[USER_DIGITS];
	bool has_rank = task_has_points(model, index);
	snprintf(buf, sizeof buf, "%u", has_rank ? (unsigned)model->ranking.candidates[index].rank : 0);
	cell(out, 5, has_rank ? buf : "-");
	snprintf(buf, sizeof buf, "%d", (int)task->pid);
	cell(out, 7, buf);
	const char *user = task_user(labels, task, digits);
	name_cell(out, 10, *user ? user : "?");
	points_cells(out, model, sizes, index);
	number_cell(out, 5, task, TASK_SCORE, task->oom_score);
	number_cell(out, 5, task, TASK_ADJ, task->oom_score_adj);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		size_cell(out, sizes, task_size(snap, task, columns[i]));
	growth_cell(out, model, sizes, index);
	if (task_knows(task, TASK_STAT))
		out_safe(out, text_of(&task->state, 1));
	else
		out_char(out, '?');
	out_char(out, ' ');
	if (task_knows(task, TASK_STAT))
		out_safe(out, task_comm(snap, task));
	else
		out_char(out, '?');
	out_char(out, '\n');
}

static void write_titles(struct out *out, const struct sizes *sizes)
{
	static const char *const after_adj[] = { "VIRT", "RES", "SHR", "SWAP", "PGTBL", "GROW/s" };
	cell(out, 5, "#");
	cell(out, 7, "PID");
	name_cell(out, 10, "USER");
	cell(out, sizes->width, "POINTS");
	cell(out, 6, "%TOT");
	cell(out, 5, "SCORE");
	cell(out, 5, "ADJ");
	for (size_t i = 0; i < sizeof after_adj / sizeof *after_adj; i++)
		cell(out, sizes->width, after_adj[i]);
	out_str(out, "S COMMAND\n");
}

void emit_tick_text(struct out *out, const struct snapshot *snap, const struct model *model,
		    const struct labels *labels, const struct emit_view *view)
{
	struct sizes sizes = sizes_of(snap, view->units);
	write_title(out, snap, model);
	write_memory(out, snap, &sizes);
	write_vmstat(out, snap, &model->rates);
	write_policy(out, snap, &sizes);
	write_verdict(out, snap, model);
	write_titles(out, &sizes);
	for (uint32_t i = 0; i < view->nrows; i++)
		write_row(out, snap, model, labels, &sizes, view->rows[i]);
	out_char(out, '\n');
}
