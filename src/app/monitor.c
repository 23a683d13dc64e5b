/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor's loop: wait for a key, a signal, an answer of the slow lane or
 * the next tick; bring the state up to date; draw what changed. Everything the
 * operator orders is carried out here, and nowhere else is anything written.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "oomsight/sample/details.h"
#include "oomsight/tui/term.h"
#include "crash.h"
#include "hindsight.h"
#include "protect.h"
#include "session.h"

#define THEMES_MAX 64

struct monitor {
	struct session session;
	struct options options; /* a copy: delay, theme and units change while it runs */
	struct config_places places;
	struct term *term;
	struct frame frame;
	struct theme theme;
	struct audit *audit;
	struct details details;
	char protection[PROTECT_NOTE_SIZE];
	struct hindsight hindsight;
	struct history history;
	uint64_t kills_marked; /* the number of the last event in it */
	int signal_fd;
	uint32_t ticks;
	uint64_t next_ns; /* of the next tick */
	bool redraw;      /* send everything */
	bool dirty;       /* something changed since the last drawing */
	bool quit;
	int error;
	struct diag diag;
};

/* --- themes ------------------------------------------------------------------ */

/* Load the theme of options.config.theme; on failure the default, and *diag says why. */
static int load_theme(struct monitor *monitor, struct diag *diag)
{
	const char *name = monitor->options.config.theme;
	char path[CONFIG_PATH_SIZE];
	struct out text;
	out_init(&text);
	theme_default(&monitor->theme);
	int r = config_read_theme(&monitor->places, name, path, &text, diag);
	if (r == 0)
		r = theme_parse(text_of(text.bytes, text.len), path, &monitor->theme, diag);
	else if (r == -ENOENT && strcmp(name, "default") == 0)
		r = 0; /* compiled in */
	else if (r == -ENOENT)
		diag_set(diag, NULL, 0, "there is no theme '%s'; the default is shown", name);
	out_done(&text);
	return r;
}

static void next_theme(struct monitor *monitor)
{
	char names[THEMES_MAX][CONFIG_THEME_SIZE];
	struct diag diag;
	char line[512];
	size_t n = config_themes(&monitor->places, names, THEMES_MAX);
	size_t at = 0;
	while (at < n && strcmp(names[at], monitor->options.config.theme) != 0)
		at++;
	if (n == 0)
		return;
	memcpy(monitor->options.config.theme, names[at + 1 < n ? at + 1 : 0], CONFIG_THEME_SIZE);
	if (load_theme(monitor, &diag) < 0)
		ui_message(&monitor->session.ui, ROLE_ERROR, "%.250s", diag_format(&diag, line, sizeof line));
	else
		ui_message(&monitor->session.ui, ROLE_NORMAL, "theme %s", monitor->options.config.theme);
	term_theme(monitor->term, &monitor->theme, !options_has_color(&monitor->options));
	monitor->redraw = true;
}

/* --- ticks ------------------------------------------------------------------- */

static void read_details(struct monitor *monitor)
{
	const struct ui *ui = &monitor->session.ui;
	if (ui->details_of.pid != 0)
		details_read(&monitor->session.root, session_snap(&monitor->session), ui->details_of.pid,
			     ui->details_of.start_ticks, &monitor->details);
}

static struct ui_env env_of(const struct monitor *monitor)
{
	struct ui_env env = session_env(&monitor->session);
	env.details = &monitor->details;
	env.protection = monitor->protection;
	env.events = monitor->hindsight.events;
	env.history = &monitor->history;
	return env;
}

static void ask_cmdline(struct session *session, const struct task *task)
{
	const struct snapshot *snap = session_snap(session);
	const struct label_look look = {
		.pid = task->pid,
		.start_ticks = task->start_ticks,
		.program = label_program(snapshot_text(snap, task->comm), task->stack_print),
		.now_ns = snap->monotonic_ns,
	};
	lane_want_cmdline(session->lane, &session->labels, &look);
}

/* Ask the slow lane for what the rows on screen lack. */
static void ask_labels(struct monitor *monitor)
{
	struct session *session = &monitor->session;
	const struct snapshot *snap = session_snap(session);
	const struct ui *ui = &session->ui;
	uint32_t first, last;
	/* A screenful, and the one that was scrolled away. Without memory for it the
	 * names are shown. */
	labels_keep_cmdlines(&session->labels, 2 * (size_t)monitor->frame.rows);
	if (lane_tend(session->lane, &session->labels, monotonic_ns()))
		monitor->dirty = true;
	ui_visible(ui, &first, &last);
	for (uint32_t i = first; i < last; i++) {
		const struct task *task = &snap->tasks[ui->view.rows[i]];
		if (ui->cmdlines && !task_is_kthread(task))
			ask_cmdline(session, task);
		if (task_knows(task, TASK_STATUS) && !labels_user(&session->labels, task->uid))
			lane_want_user(session->lane, &session->labels, task->uid);
	}
	const struct task *shown = ui->details_of.pid ? snapshot_find(snap, ui->details_of.pid) : NULL;
	if (shown && shown->start_ticks == ui->details_of.start_ticks)
		ask_cmdline(session, shown);
}

/* Kills since the last look into the history. */
static void mark_kills(struct monitor *monitor)
{
	const struct events *events = monitor->hindsight.events;
	struct event event;
	for (uint32_t i = 0; i < events->n && monitor->kills_marked < events->total; i++) {
		events_get(events, i, &event);
		if (event.live && event.number > monitor->kills_marked)
			history_mark(&monitor->history, monotonic_ns());
	}
	monitor->kills_marked = events->total;
}

static void tick(struct monitor *monitor)
{
	struct diag diag;
	char line[512];
	uint64_t before = session_snap(&monitor->session)->tick;
	hindsight_read(&monitor->hindsight, monotonic_ns());
	if (session_tick(&monitor->session, &diag) < 0)
		ui_message(&monitor->session.ui, ROLE_ERROR, "%.250s", diag_format(&diag, line, sizeof line));
	hindsight_tick(&monitor->hindsight, before, monotonic_ns());
	const struct system_facts *sys = &session_snap(&monitor->session)->system;
	history_push(&monitor->history, monotonic_ns(), system_get(sys, SYS_MEM_AVAILABLE, 0),
		     system_knows(sys, SYS_MEM_AVAILABLE) ? system_get(sys, SYS_MEM_TOTAL, 0) : 0);
	mark_kills(monitor);
	read_details(monitor);
	monitor->ticks++;
	monitor->dirty = true;
	uint64_t delay = (uint64_t)(monitor->options.config.delay_s * 1e9);
	uint64_t now = monotonic_ns();
	monitor->next_ns += delay;
	if (monitor->next_ns < now || monitor->next_ns > now + delay)
		monitor->next_ns = now + delay;
	if (monitor->options.iterations > 0 && monitor->ticks >= monitor->options.iterations)
		monitor->quit = true;
}

/* --- orders ------------------------------------------------------------------- */

/* A refused plan too: knob_apply refuses it once more and audits that. */
static void carry_out(struct monitor *monitor, const struct knob_plan *plan, struct knob_result *result)
{
	knob_apply(plan, &monitor->session.root, monitor->options.readonly, monitor->audit, result);
	if (result->error == 0 && plan->kind == KNOB_ADJ)
		session_wrote_adj(&monitor->session, (struct process_id){ plan->pid, plan->start_ticks });
	if (result->error == 0 && plan->kind == KNOB_MEMCG)
		monitor->session.wrote_memcg = true;
}

/* What was ordered, by this snapshot. Returns 0, or -ESRCH or -ENOENT when what it
 * is about is gone; the plan is then a refused one. */
static int plan_change(const struct snapshot *snap, const struct change *change, bool readonly, struct knob_plan *plan)
{
	const struct task *task;
	uint32_t memcg;
	*plan = (struct knob_plan){ .kind = change->kind, .pid = change->process.pid,
				    .start_ticks = change->process.start_ticks, .comm = "?", .signal = (int)change->value,
				    .file = change->file, .version = snap->memcg_version, .group = "?",
				    .after = change->value, .gate = GATE_REFUSED };
	switch (change->kind) {
	case KNOB_SYSCTL:
		knob_plan_sysctl(plan, snap, change->sysctl, change->value, readonly);
		return 0;
	case KNOB_MEMCG:
		memcg = group_find(snap, change->group);
		snprintf(plan->text, sizeof plan->text, "The memory cgroup is gone; nothing was written.");
		if (memcg == TASK_MEMCG_UNKNOWN)
			return -ENOENT;
		knob_plan_memcg(plan, snap, memcg, change->file, change->value, NULL, readonly);
		return 0;
	case KNOB_ADJ:
	case KNOB_SIGNAL:
		break;
	}
	task = snapshot_find(snap, change->process.pid);
	snprintf(plan->text, sizeof plan->text,
		 "pid %d has ended, or its number was given to another process; nothing was written.",
		 (int)change->process.pid);
	if (!task || task->start_ticks != change->process.start_ticks)
		return -ESRCH;
	if (change->kind == KNOB_SIGNAL)
		knob_plan_signal(plan, snap, task, (int)change->value, readonly);
	else
		knob_plan_adj(plan, snap, task, (int)change->value, readonly);
	return 0;
}

/* The order of a signal or an oom_score_adj to each target. */
static void apply_to_targets(struct monitor *monitor, const struct ui_command *command)
{
	const struct snapshot *snap = session_snap(&monitor->session);
	struct ui *ui = &monitor->session.ui;
	bool is_signal = command->kind == UI_SIGNAL;
	uint32_t failed = 0;
	for (uint32_t i = 0; i < command->ntargets; i++) {
		const struct ui_target *target = &command->targets[i];
		const struct change change = { .kind = is_signal ? KNOB_SIGNAL : KNOB_ADJ, .process = target->process,
					       .value = is_signal ? command->value : target->value };
		struct knob_plan plan;
		struct knob_result result;
		int gone = plan_change(snap, &change, monitor->options.readonly, &plan);
		if (gone == 0 && command->on_oom_adj)
			knob_plan_oom_adj(&plan, snap, snapshot_find(snap, target->process.pid), (int)command->value,
					  monitor->options.readonly);
		carry_out(monitor, &plan, &result);
		if (gone < 0)
			result.error = gone;
		failed += result.error < 0;
		ui_result(ui, command, i, &plan, &result);
	}
	ui_results_done(ui, command, failed);
}

static void apply_one(struct monitor *monitor, const struct ui_command *command)
{
	const struct change change = { .kind = command->kind == UI_APPLY_SYSCTL ? KNOB_SYSCTL : KNOB_MEMCG,
				       .sysctl = command->sysctl, .group = command->group, .file = command->file,
				       .value = command->value };
	struct knob_plan plan;
	struct knob_result result;
	int gone = plan_change(session_snap(&monitor->session), &change, monitor->options.readonly, &plan);
	carry_out(monitor, &plan, &result);
	if (gone < 0)
		result.error = gone;
	ui_result(&monitor->session.ui, command, 0, &plan, &result);
}

static void refuse(struct knob_plan *plan, const char *because)
{
	plan->gate = GATE_REFUSED;
	snprintf(plan->text, sizeof plan->text, "%s", because);
}

/* One after the other, each planned by what those before it did leave behind; one that
 * fails stops none but what can do harm, by then or as it was shown. */
static void apply_changes(struct monitor *monitor, const struct ui_command *command)
{
	struct ui *ui = &monitor->session.ui;
	struct snapshot written = *session_snap(&monitor->session);
	uint32_t failed = 0, refused = 0;
	for (uint32_t i = 0; i < command->nwrites; i++) {
		const struct ui_write *write = &command->writes[i];
		struct knob_plan plan;
		struct knob_result result;
		int gone = plan_change(&written, &write->change, monitor->options.readonly, &plan);
		bool was_refused = write->gate == GATE_REFUSED;
		if (was_refused && plan.gate != GATE_REFUSED)
			refuse(&plan, "Not written: it was impossible when it was confirmed.");
		if (command->declined) {
			if (!was_refused)
				refuse(&plan, command->declined);
			audit_refused(monitor->audit, &plan, &monitor->session.root);
			continue;
		}
		if (failed > refused && (write->gate == GATE_TYPED_YES || plan.gate == GATE_TYPED_YES))
			refuse(&plan, "Not written: one of the writes before it failed, and what was foretold for it supposed them all.");
		carry_out(monitor, &plan, &result);
		if (gone < 0)
			result.error = gone;
		failed += result.error < 0;
		refused += was_refused; /* nothing supposed it */
		if (result.error == 0 && plan.kind == KNOB_SYSCTL)
			knob_assume_sysctl(&written, plan.sysctl, result.after_known ? result.after : plan.after);
		ui_result(ui, command, i, &plan, &result);
	}
	if (!command->declined)
		ui_results_done(ui, command, failed);
}

static void write_config(struct monitor *monitor)
{
	struct ui *ui = &monitor->session.ui;
	struct config *config = &monitor->options.config;
	char path[CONFIG_PATH_SIZE], line[512];
	struct diag diag;
	if (monitor->options.readonly) {
		ui_message(ui, ROLE_ERROR, "This is a read-only run: the configuration is not written.");
		return;
	}
	size_t len = 0;
	config->columns[0] = '\0';
	for (unsigned i = 0; i < ui->columns.n; i++)
		len += (size_t)snprintf(config->columns + len, sizeof config->columns - len, "%s%s", i ? "," : "",
					column_table[ui->columns.columns[i]].name);
	snprintf(config->sort.field, sizeof config->sort.field, "%s", column_table[ui->view.sort].name);
	config->sort.order = !ui->view.reverse		     ? ORDER_NATURAL :
			     column_sorts_up(ui->view.sort) ? ORDER_DESCENDING :
							      ORDER_ASCENDING;
	config->units = ui->units;
	config->command_line = ui->cmdlines;
	config->tree = ui->view.tree;
	config->kernel_threads = ui->view.kthreads;
	config->keymap = ui->keymap;
	if (config_save(&monitor->places, config, path, &diag) < 0)
		ui_message(ui, ROLE_ERROR, "%.250s", diag_format(&diag, line, sizeof line));
	else
		ui_message(ui, ROLE_GOOD, "Written to %.200s", path);
}

/* By SIGTSTP, not SIGSTOP: where no shell could ever continue us (an orphaned
 * process group, as of a terminal window's own program) the kernel drops it. */
static void stop_here(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void suspend(struct monitor *monitor)
{
	term_suspend(monitor->term);
	stop_here();
	term_resume(monitor->term);
	crash_guard(monitor->term);
	monitor->redraw = true;
}

static void obey(struct monitor *monitor, const struct ui_command *command)
{
	switch (command->kind) {
	case UI_NONE:
		break;
	case UI_QUIT:
		monitor->quit = true;
		break;
	case UI_REFRESH:
		tick(monitor);
		break;
	case UI_REDRAW:
		monitor->redraw = true;
		break;
	case UI_SUSPEND:
		suspend(monitor);
		break;
	case UI_DELAY:
		monitor->options.config.delay_s = command->number;
		monitor->next_ns = monotonic_ns();
		break;
	case UI_APPLY_ADJ:
	case UI_SIGNAL:
		apply_to_targets(monitor, command);
		tick(monitor);
		break;
	case UI_APPLY_SYSCTL:
	case UI_APPLY_MEMCG:
		apply_one(monitor, command);
		tick(monitor);
		break;
	case UI_APPLY_CHANGES:
		apply_changes(monitor, command);
		tick(monitor);
		break;
	case UI_PAGES: {
		struct session *session = &monitor->session;
		const struct process_id whose = session->ui.pages_of;
		lane_want_pages(session->lane, &session->labels, whose.pid, whose.start_ticks,
				session_snap(session)->page_bytes);
		break;
	}
	case UI_REFUSED:
		audit_refused(monitor->audit, command->plan, &monitor->session.root);
		break;
	case UI_NEXT_THEME:
		next_theme(monitor);
		break;
	case UI_WRITE_CONFIG:
		write_config(monitor);
		break;
	}
}

/* --- the loop ------------------------------------------------------------------- */

static void read_signals(struct monitor *monitor)
{
	struct signalfd_siginfo info;
	while (read(monitor->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		switch (info.ssi_signo) {
		case SIGTSTP:
			suspend(monitor);
			break;
		case SIGCONT:
			/* Stopped and continued from outside: whoever had the terminal
			 * meanwhile may have changed it. */
			term_resume(monitor->term);
			monitor->redraw = true;
			break;
		case SIGWINCH:
			monitor->dirty = true;
			break;
		default:
			monitor->quit = true;
			break;
		}
	}
}

static void read_keys(struct monitor *monitor)
{
	while (!monitor->quit) {
		struct key key;
		int r = term_key(monitor->term, &key);
		if (r < 0) {
			monitor->error = r;
			monitor->quit = true;
			return;
		}
		if (key.code == KEY_CODE_NONE)
			return;
		struct ui_env env = env_of(monitor);
		int32_t details_before = monitor->session.ui.details_of.pid;
		struct ui_command command = ui_key(&monitor->session.ui, &env, key);
		monitor->dirty = true;
		obey(monitor, &command);
		if (monitor->session.ui.details_of.pid != details_before)
			read_details(monitor);
	}
}

static void show(struct monitor *monitor)
{
	uint16_t rows, columns;
	term_size(monitor->term, &rows, &columns);
	if (rows != monitor->frame.rows || columns != monitor->frame.columns) {
		if (frame_resize(&monitor->frame, rows, columns) < 0) {
			monitor->dirty = false; /* out of memory: again at the next tick */
			return;
		}
		monitor->redraw = true;
	}
	struct ui_env env = env_of(monitor);
	ui_draw(&monitor->session.ui, &env, &monitor->frame);
	int r = term_show(monitor->term, &monitor->frame, monitor->redraw);
	if (r < 0) {
		monitor->error = r;
		monitor->quit = true;
	}
	monitor->redraw = false;
	monitor->dirty = false;
}

/* The terminal takes bytes again. */
static void go_on_sending(struct monitor *monitor)
{
	bool dropped;
	int r = term_go_on(monitor->term, &dropped);
	if (r < 0) {
		monitor->error = r;
		monitor->quit = true;
	} else if (dropped) {
		monitor->dirty = true;
	}
}

static void loop(struct monitor *monitor)
{
	tick(monitor);
	while (!monitor->quit) {
		if (monitor->dirty || monitor->redraw) {
			show(monitor);
			ask_labels(monitor);
		}
		uint64_t now = monotonic_ns();
		int timeout = -1;
		if (!monitor->session.ui.paused)
			timeout = monitor->next_ns > now ? (int)((monitor->next_ns - now + 999999) / 1000000) : 0;
		uint64_t due;
		if (hindsight_due(&monitor->hindsight, &due)) {
			int ms = due > now ? (int)((due - now + 999999) / 1000000) : 0;
			timeout = timeout < 0 || ms < timeout ? ms : timeout;
		}
		struct pollfd fds[] = {
			{ .fd = term_fd(monitor->term), .events = POLLIN },
			{ .fd = monitor->signal_fd, .events = POLLIN },
			{ .fd = lane_fd(monitor->session.lane), .events = POLLIN },
			{ .fd = term_wait_fd(monitor->term), .events = POLLOUT },
			{ .fd = monitor->session.pressure.fd, .events = POLLPRI },
			{ .fd = hindsight_fd(&monitor->hindsight), .events = POLLIN },
		};
		int n = poll(fds, sizeof fds / sizeof fds[0], timeout);
		if (hindsight_read(&monitor->hindsight, monotonic_ns())) {
			mark_kills(monitor);
			monitor->dirty = true;
		}
		if (n > 0 && fds[1].revents)
			read_signals(monitor);
		if (n > 0 && fds[2].revents && lane_collect(monitor->session.lane, &monitor->session.labels) > 0) {
			struct ui_env env = env_of(monitor);
			ui_update(&monitor->session.ui, &env);
			monitor->dirty = true;
		}
		if (n > 0 && pressure_rises(&monitor->session.pressure, fds[4].revents))
			monitor->next_ns = hurried_tick_ns(monotonic_ns(), monitor->session.last_tick_ns, monitor->next_ns);
		if (n > 0 && fds[3].revents)
			go_on_sending(monitor);
		if (n > 0 && fds[0].revents)
			read_keys(monitor);
		if (!monitor->quit && !monitor->session.ui.paused && monotonic_ns() >= monitor->next_ns)
			tick(monitor);
	}
}

/* Whoever else than root runs us could do little of it. */
static bool may_protect(const struct monitor *monitor)
{
	return monitor->options.config.protect && geteuid() == 0;
}

static int open_monitor(struct monitor *monitor)
{
	struct diag *diag = &monitor->diag;
	struct diag theme_diag;
	int r = session_open(&monitor->session, &monitor->options, true, diag);
	if (r < 0)
		return r;
	r = hindsight_open(&monitor->hindsight, &monitor->session);
	if (r < 0) {
		diag_set(diag, NULL, 0, "out of memory while starting");
		return r;
	}
	monitor->audit = audit_new(monitor->options.audit, diag);
	if (!monitor->audit)
		return -EACCES;
	int theme_error = load_theme(monitor, &theme_diag);
	if (may_protect(monitor) && monitor->options.config.protect_memory)
		protect_give_back();
	monitor->term = term_open(&monitor->theme, !options_has_color(&monitor->options), monitor->options.config.ascii,
				  diag);
	if (!monitor->term)
		return -ENOTTY;
	crash_guard(monitor->term);
	monitor->frame.ascii = monitor->options.config.ascii || !term_is_utf8(monitor->term);
	if (monitor->options.config_warnings > 0)
		ui_message(&monitor->session.ui, ROLE_ERROR, "%.200s%s", monitor->options.config_warning,
			   monitor->options.config_warnings > 1 ? " (and more: see stderr)" : "");
	if (theme_error < 0) {
		char line[512];
		ui_message(&monitor->session.ui, ROLE_ERROR, "%.250s", diag_format(&theme_diag, line, sizeof line));
	}
	return 0;
}

/* Before the first tick. */
static void stay_alive(struct monitor *monitor)
{
	const struct config *config = &monitor->options.config;
	const struct protect_wish wish = {
		.lock_memory = config->protect_memory,
		/* Read-only is to write nothing, not even about ourselves. */
		.oom_score = config->protect_oom_score && !monitor->options.readonly,
		.priority = config->protect_priority,
	};
	if (!config->protect)
		snprintf(monitor->protection, sizeof monitor->protection, "none wished");
	else if (!may_protect(monitor))
		snprintf(monitor->protection, sizeof monitor->protection, "none: only root's monitor protects itself");
	else
		protect(&wish, &monitor->session.root, monitor->protection);
}

int run_monitor(const struct options *options)
{
	struct monitor monitor = { .options = *options };
	char line[1024];
	frame_init(&monitor.frame);
	config_places_init(&monitor.places);
	monitor.signal_fd = session_signals(true);
	int r = monitor.signal_fd;
	if (r < 0)
		diag_set(&monitor.diag, NULL, 0, "signals cannot be received: %s", strerror(-r));
	else
		r = open_monitor(&monitor);
	if (r >= 0) {
		stay_alive(&monitor);
		loop(&monitor);
	}
	crash_guard(NULL);
	term_close(monitor.term);
	if (r < 0)
		fprintf(stderr, "oomsight: %s\n", diag_format(&monitor.diag, line, sizeof line));
	else if (monitor.error < 0 && monitor.error != -EIO)
		fprintf(stderr, "oomsight: the terminal is gone: %s\n", strerror(-monitor.error));
	int status = r == -EINVAL ? 2 : r < 0 ? 1 : 0;
	audit_free(monitor.audit);
	hindsight_close(&monitor.hindsight);
	session_close(&monitor.session);
	frame_done(&monitor.frame);
	if (monitor.signal_fd >= 0)
		close(monitor.signal_fd);
	return status;
}
