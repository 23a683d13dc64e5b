/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * `oomsight predict`: one sample, one verdict. Two samples in fact: whom the
 * first ranks at the top is read once more with everything, so that sharers of
 * its memory are known.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "session.h"

static int make_whatif(const struct options *options, const struct snapshot *snap, struct whatif *whatif,
		       struct diag *diag)
{
	for (uint32_t i = 0; i < options->nadjs; i++) {
		if (!snapshot_find(snap, options->adjs[i].pid)) {
			diag_set(diag, NULL, 0, "--adj: there is no process %d", (int)options->adjs[i].pid);
			return -ESRCH;
		}
		int r = whatif_write_adj(whatif, snap, options->adjs[i].pid, options->adjs[i].adj);
		if (r < 0) {
			diag_set(diag, NULL, 0, "out of memory");
			return r;
		}
	}
	for (int id = 0; id < SYSCTL__COUNT; id++) {
		if (options->sysctl_set[id])
			whatif_set_sysctl(whatif, (enum sysctl_id)id, options->sysctl[id]);
	}
	return 0;
}

static int predict(struct session *session, struct whatif *whatif, struct out *out, struct diag *diag)
{
	const struct options *options = session->options;
	int r = session_tick(session, diag);
	if (r == 0)
		r = session_tick(session, diag);
	if (r == 0)
		r = make_whatif(options, session_snap(session), whatif, diag);
	if (r < 0)
		return r;
	const struct snapshot *snap = session_snap(session);
	r = model_update(&session->model, NULL, snap, whatif, options->kills);
	if (r < 0) {
		diag_set(diag, NULL, 0, "out of memory: %u processes cannot be ranked", snap->ntasks);
		return r;
	}
	switch (options->output) {
	case EMIT_JSON:
		emit_verdict_json(out, snap, &session->model);
		break;
	case EMIT_TSV:
		emit_verdict_tsv(out, snap, &session->model);
		break;
	case EMIT_TEXT:
	case EMIT_OPENMETRICS:
		emit_verdict_text(out, snap, &session->model);
		break;
	}
	r = out->error ? out->error : write_all(STDOUT_FILENO, out->bytes, out->len);
	if (r == -EPIPE)
		return 0;
	if (r < 0)
		diag_set(diag, NULL, 0, "standard output cannot be written: %s", strerror(-r));
	return r;
}

int run_predict(const struct options *options)
{
	struct session session;
	struct whatif whatif;
	struct out out;
	struct diag diag;
	char line[1024];
	out_init(&out);
	whatif_init(&whatif);
	signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write() */
	int r = session_open(&session, options, false, &diag);
	session.kills = options->kills;
	if (r == 0)
		r = predict(&session, &whatif, &out, &diag);
	if (r < 0)
		fprintf(stderr, "oomsight: %s\n", diag_format(&diag, line, sizeof line));
	session_close(&session);
	whatif_done(&whatif);
	out_done(&out);
	return r < 0 ? 1 : 0;
}
