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

/* Wait until `deadline`, or until a signal comes. True: stop. */
static bool wait_until(uint64_t deadline, int signal_fd)
{
	for (;;) {
		uint64_t now = monotonic_ns();
		if (now >= deadline)
			return false;
		struct pollfd fd = { .fd = signal_fd, .events = POLLIN };
		if (poll(&fd, 1, (int)((deadline - now + 999999) / 1000000)) > 0)
			return true;
	}
}

static int loop(struct session *session, int signal_fd, struct out *out, struct diag *diag)
{
	const struct options *options = session->options;
	uint64_t delay_ns = (uint64_t)(options->config.delay_s * 1e9);
	uint64_t next = monotonic_ns();
	for (uint32_t n = 0; options->iterations == 0 || n < options->iterations; n++) {
		if (n > 0 && wait_until(next, signal_fd))
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
		next += delay_ns;
		if (next < monotonic_ns()) /* late: do not try to catch up */
			next = monotonic_ns() + delay_ns;
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
