/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ticks on standard output, for pipes and for hosts without a usable terminal.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "session.h"

/* One tick into out, whole. */
static void emit_tick(const struct session *session, struct out *out)
{
	const struct snapshot *snap = session_snap(session);
	const struct emit_view view = {
		.rows = session->ui.view.rows,
		.nrows = session->ui.view.nrows,
		.units = session->options->config.units,
	};
	out_clear(out);
	switch (session->options->output) {
	case EMIT_JSON:
		emit_tick_json(out, snap, &session->model, &session->labels, &view);
		break;
	case EMIT_OPENMETRICS:
		emit_tick_openmetrics(out, snap, &session->model);
		break;
	case EMIT_TEXT:
	case EMIT_TSV:
		emit_tick_text(out, snap, &session->model, &session->labels, &view);
		break;
	}
}

/* Wait until `deadline`, until memory pressure makes it earlier, or until a
 * signal comes. True: stop. */
static bool wait_until(struct session *session, uint64_t deadline, int signal_fd)
{
	for (;;) {
		uint64_t now = monotonic_ns();
		if (now >= deadline)
			return false;
		struct pollfd fds[] = {
			{ .fd = signal_fd, .events = POLLIN },
			{ .fd = session->pressure.fd, .events = POLLPRI },
		};
		int n = poll(fds, sizeof fds / sizeof fds[0], (int)((deadline - now + 999999) / 1000000));
		if (n > 0 && fds[0].revents)
			return true;
		if (n > 0 && pressure_rises(&session->pressure, fds[1].revents))
			deadline = hurried_tick_ns(monotonic_ns(), session->last_tick_ns, deadline);
	}
}

static int loop(struct session *session, int signal_fd, struct out *out, struct diag *diag)
{
	const struct options *options = session->options;
	uint64_t delay_ns = (uint64_t)(options->config.delay_s * 1e9);
	uint64_t next = monotonic_ns();
	for (uint32_t n = 0; options->iterations == 0 || n < options->iterations; n++) {
		if (n > 0 && wait_until(session, next, signal_fd))
			return 0;
		int r = session_tick(session, diag);
		if (r < 0)
			return r;
		emit_tick(session, out);
		r = out->error ? out->error : write_all(STDOUT_FILENO, out->bytes, out->len);
		if (r == -EPIPE) /* `| head` has read enough: that is no error */
			return 0;
		if (r < 0) {
			diag_set(diag, NULL, 0, "standard output cannot be written: %s", strerror(-r));
			return r;
		}
		/* Late or brought forward: count from here. */
		uint64_t now = monotonic_ns();
		next += delay_ns;
		if (next < now || next > now + delay_ns)
			next = now + delay_ns;
	}
	return 0;
}

int run_batch(const struct options *options)
{
	struct session session;
	struct out out;
	struct diag diag;
	char line[1024];
	out_init(&out);
	int signal_fd = session_signals(false);
	if (signal_fd < 0) {
		fprintf(stderr, "oomsight: signals cannot be received: %s\n", strerror(-signal_fd));
		return 1;
	}
	int r = session_open(&session, options, false, &diag);
	int status = r == -EINVAL ? 2 : 1;
	session.ui.view.kthreads = true; /* all there are: the reader of a pipe can leave out what it does not want */
	session.want_memcgs = options->output == EMIT_JSON;
	if (r == 0)
		r = loop(&session, signal_fd, &out, &diag);
	if (r < 0)
		fprintf(stderr, "oomsight: %s\n", diag_format(&diag, line, sizeof line));
	session_close(&session);
	out_done(&out);
	close(signal_fd);
	return r < 0 ? status : 0;
}
