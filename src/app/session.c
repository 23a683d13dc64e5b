/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "oomsight/model/cascade.h"
#include "oomsight/snapshot/turnover.h"

#define USERS_MAX 1024
#define KILLS_SHOWN 3 /* the next victim and who would follow */

static int take_over_view(struct session *session, struct diag *diag)
{
	const struct options *options = session->options;
	const struct config *config = &options->config;
	struct ui *ui = &session->ui;

	ui->units = config->units;
	ui->keymap = config->keymap;
	ui->cmdlines = config->command_line;
	ui->view.tree = config->tree;
	ui->view.kthreads = config->kernel_threads;
	/* Both were looked at when the options were read. */
	if (config->columns[0])
		column_list_parse(text_of_str(config->columns), &ui->columns, NULL);
	if (config->sort.field[0]) {
		ui->view.sort = column_find(text_of_str(config->sort.field));
		ui->view.reverse =
			config->sort.order == (column_sorts_up(ui->view.sort) ? ORDER_DESCENDING : ORDER_ASCENDING);
	}
	ui_compare_with(ui, options->model); /* looked at, too, when the options were read */
	for (uint32_t i = 0; i < options->npids && i < VIEW_PIDS; i++)
		ui->view.pids[ui->view.npids++] = options->pids[i];
	if (options->user) {
		uint64_t number;
		uint32_t uid;
		if (labels_uid(&session->labels, options->user, &uid) == 0) {
			ui->view.uid = uid;
		} else if (text_to_u64(text_of_str(options->user), 10, &number) == 0 && number <= UINT32_MAX) {
			ui->view.uid = (uint32_t)number;
		} else {
			diag_set(diag, NULL, 0, "--user: no user '%s' in /etc/passwd; give the number instead", options->user);
			return -EINVAL;
		}
		ui->view.by_user = true;
	}
	return 0;
}

int session_open(struct session *session, const struct options *options, bool monitor, struct diag *diag)
{
	memset(session, 0, sizeof *session);
	session->options = options;
	session->kills = KILLS_SHOWN;
	session->pressure.fd = -1;
	snapshot_init(&session->snaps[0]);
	snapshot_init(&session->snaps[1]);
	model_init(&session->model);
	labels_init(&session->labels, USERS_MAX);
	ui_init(&session->ui);
	int r = root_open(&session->root, options->root, diag);
	if (r < 0)
		return r;
	session->root_opened = true;
	lane_read_passwd(&session->root, &session->labels);
	r = take_over_view(session, diag);
	if (r < 0)
		return r;
	session->sampler = sampler_new(&session->root, options->source, diag);
	if (!session->sampler)
		return -ENODEV;
	if (options->subcommand == SUBCOMMAND_MONITOR)
		pressure_open(&session->pressure, &session->root);
	if (monitor) {
		session->lane = lane_new(&session->root, diag);
		if (!session->lane)
			return -ENOMEM;
	}
	return 0;
}

void session_close(struct session *session)
{
	lane_free(session->lane);
	pressure_close(&session->pressure);
	sampler_free(session->sampler);
	ui_done(&session->ui);
	model_done(&session->model);
	labels_done(&session->labels);
	snapshot_done(&session->snaps[0]);
	snapshot_done(&session->snaps[1]);
	free(session->need);
	free(session->written);
	if (session->root_opened)
		root_close(&session->root);
}

struct ui_env session_env(const struct session *session)
{
	return (struct ui_env){
		.snap = session_snap(session),
		.model = &session->model,
		.labels = &session->labels,
		.delay_s = session->options->config.delay_s,
		.theme_name = session->options->config.theme,
		.readonly = session->options->readonly,
		.wakeup = session->pressure.note,
	};
}

void session_wrote_adj(struct session *session, struct process_id process)
{
	if (session->nwritten == session->written_capacity) {
		uint32_t capacity = session->nwritten + session->nwritten / 2 + 16;
		struct process_id *written = realloc(session->written, capacity * sizeof *written);
		if (!written)
			return;
		session->written = written;
		session->written_capacity = capacity;
	}
	session->written[session->nwritten++] = process;
}

static void need_written(struct session *session)
{
	const struct snapshot *snap = session_snap(session);
	for (uint32_t i = 0; i < session->nwritten; i++) {
		const struct task *task = snapshot_find(snap, session->written[i].pid);
		if (!task || task->start_ticks != session->written[i].start_ticks)
			continue;
		session->need[task - snap->tasks] |= NEED_ADJ | NEED_SCORE;
		for (uint32_t j = 0; task->mm_id != 0 && j < snap->ntasks; j++) {
			if (snap->tasks[j].mm_id == task->mm_id)
				session->need[j] |= NEED_ADJ | NEED_SCORE;
		}
	}
	session->nwritten = 0;
}

/* What to read of each task in the next tick: of those that decide the verdict
 * everything, of those on screen what is shown, of those written to what was; the rest is the sampler's own
 * round. */
static bool set_needs(struct session *session)
{
	const struct snapshot *snap = session_snap(session);
	const struct ranking *ranking = &session->model.ranking;
	if (snap->ntasks == 0)
		return false; /* the tick before failed */
	if (snap->ntasks > session->need_capacity) {
		uint32_t capacity = snap->ntasks + snap->ntasks / 2;
		uint8_t *need = realloc(session->need, capacity);
		if (!need)
			return false;
		session->need = need;
		session->need_capacity = capacity;
	}
	/* Batch prints every score there is; reading files the sampler has a
	 * round of its own for them. */
	bool all_scores = !session->lane && snap->source == SOURCE_BPF;
	memset(session->need, all_scores ? NEED_SCORE : 0, snap->ntasks);
	for (uint32_t i = 0; i < snap->ntasks; i++) {
		if (model_is_top(&session->model, i))
			session->need[i] |= NEED_STATUS | NEED_SCORE | NEED_ADJ;
	}
	uint32_t nkills = session->model.verdict.nkills;
	uint32_t kills = nkills > session->kills ? nkills : session->kills;
	for (uint32_t i = 0; i < ranking->norder && i < 2 * kills; i++)
		session->need[ranking->order[i]] |= NEED_MMID;
	uint32_t first, last;
	ui_visible(&session->ui, &first, &last);
	for (uint32_t i = first; i < last; i++)
		session->need[session->ui.view.rows[i]] |= NEED_STATUS | NEED_STATM | NEED_SCORE | NEED_ADJ;
	need_written(session);
	for (uint32_t i = 0; session->want_policies && i < snap->ntasks; i++) {
		if (!task_is_kthread(&snap->tasks[i]))
			session->need[i] |= NEED_POLICY;
	}
	return true;
}

/* In kill order all that is looked at is at the top, or on the screen: the rest may be
 * looked after less often. Other orders, groups, nodes and the rows of batch are of all. */
static bool looks_at_top(const struct session *session)
{
	return session->lane && session->ui.view.sort == COL_RANK && !session->want_memcgs &&
	       !ui_wants_memcgs(&session->ui) && !ui_wants_nodes(&session->ui);
}

int session_sample(struct session *session, struct diag *diag)
{
	struct snapshot *prev = &session->snaps[session->current];
	bool first = prev->tick == 0;
	unsigned next = 1 - session->current;
	bool wished = !first && set_needs(session);
	const struct sample_wish wish = {
		.prev_need = wished ? session->need : NULL,
		/* Two samples are not worth descriptors. */
		.ranked = wished && session->options->subcommand == SUBCOMMAND_MONITOR ? session->model.ranking.order : NULL,
		.nranked = session->model.ranking.norder,
		.between_ns = (uint64_t)(session->options->config.delay_s * 1e9),
		.two_speed = looks_at_top(session),
		.memcgs = session->want_memcgs || session->wrote_memcg || ui_wants_memcgs(&session->ui),
		.nodes = session->want_nodes || ui_wants_nodes(&session->ui),
		.cpu_times = session->want_cpu_times || ui_wants_cpu_times(&session->ui),
		.few_scores = session->lane, /* who prints all tasks wants all */
	};
	int r = sampler_take(session->sampler, first ? NULL : prev, &wish, &session->snaps[next], diag);
	if (session->snaps[next].tick != 0)
		session->current = next;
	session->wrote_memcg = false;
	return r;
}

const struct snapshot *session_snap_of(const struct session *session, uint64_t tick)
{
	for (unsigned i = 0; i < 2; i++) {
		if (tick > 0 && session->snaps[i].tick == tick)
			return &session->snaps[i];
	}
	return NULL;
}

const struct snapshot *session_recall(struct session *session, uint64_t tick)
{
	const struct snapshot *snap = session_snap_of(session, tick);
	struct snapshot *before = &session->snaps[1 - session->current];
	return snap == before && turnover_recall(before, session_snap(session)) < 0 ? NULL : snap;
}

static void forget_tasks(struct session *session, const char *because)
{
	struct snapshot *before = &session->snaps[1 - session->current];
	session->snaps[session->current].ntasks = 0;
	/* Most of its tasks were there. */
	if (before->tasks_state == TASKS_HANDED_OVER)
		before->tasks_state = TASKS_LOST;
	model_clear(&session->model, because);
	ui_forget(&session->ui);
}

int session_tick(struct session *session, struct diag *diag)
{
	const struct snapshot *prev = session_snap(session);
	session->last_tick_ns = monotonic_ns();
	int sampled = session_sample(session, diag);
	if (sampled < 0 && session_snap(session) == prev) {
		/* Its tasks went over to a snapshot that did not come about? */
		if (prev->tasks_state != TASKS_WHOLE)
			forget_tasks(session, "the processes could not be read in this tick");
		return sampled;
	}
	int r = model_update(&session->model, session_snap(session), NULL, session->kills);
	if (r == 0)
		r = cascade_extend(&session->model.verdict, session_snap(session), &session->model.rules,
				   &session->model.ranking, NULL, CASCADE_SHOWN);
	if (r == 0)
		model_doubt(&session->model, &session->model.verdict);
	if (r == 0 && session->want_memcgs)
		r = model_update_memcgs(&session->model, session_snap(session), NULL);
	else if (r == 0 && ui_wants_memcgs(&session->ui)) /* the screens show no whole verdicts of all */
		r = memcg_outlooks_make(&session->model.outlooks, session_snap(session), &session->model.rules,
					&session->model.ranking, NULL);
	if (r == 0) {
		struct ui_env env = session_env(session);
		r = ui_update(&session->ui, &env);
	}
	struct ui *ui = &session->ui;
	if (r == 0 && ui->scoping && ui->scope.kind == SCOPE_MEMCG)
		r = model_foretell_memcg(&session->model, session_snap(session), ui->scope.memcg, &ui->scoped,
					 &ui->scoped_verdict);
	if (r < 0) {
		/* Ranking, verdict and rows may be of the older snapshot: nothing
		 * must look a task up by them until the next tick has succeeded. */
		diag_set(diag, NULL, 0, "out of memory: %u processes cannot be ranked in this tick",
			 session_snap(session)->ntasks);
		forget_tasks(session, "out of memory in this tick");
	}
	return r < 0 ? r : sampled;
}

int session_signals(bool terminal)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (terminal) {
		/* What would end us by default must not leave the terminal behind. */
		sigaddset(&set, SIGQUIT);
		sigaddset(&set, SIGUSR1);
		sigaddset(&set, SIGUSR2);
		sigaddset(&set, SIGALRM);
		sigaddset(&set, SIGPWR);
		sigaddset(&set, SIGTSTP);
		sigaddset(&set, SIGCONT);
		sigaddset(&set, SIGWINCH);
	}
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	/* A reader that went away is an error of write(), not the end of us. */
	signal(SIGPIPE, SIG_IGN);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

uint64_t monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}
