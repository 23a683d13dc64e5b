/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * `oomsight predict`: one verdict from two samples. Whom the first ranks at the
 * top, in the scope that was asked about, is read once more with everything, so
 * that sharers of its memory are known.
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

/* The group a person named: as /proc/PID/cgroup names it, a missing first slash
 * and one too many at the end forgiven. */
static int find_memcg(const struct snapshot *snap, const char *given, uint32_t *ret_memcg, struct diag *diag)
{
	struct text wanted = text_of_str(given);
	while (wanted.len > 1 && wanted.ptr[wanted.len - 1] == '/')
		wanted.len--;
	if (snap->nmemcgs == 0) {
		diag_set(diag, NULL, 0, "--memcg: no memory cgroups can be read here: the controller is not mounted, "
					"or not in cgroup.controllers");
		return -ENOENT;
	}
	for (uint32_t i = 0; i < snap->nmemcgs; i++) {
		struct text path = snapshot_text(snap, snap->memcgs[i].path);
		bool same = text_equal(path, wanted);
		if (!same && path.len > 0 && wanted.len > 0 && wanted.ptr[0] != '/')
			same = text_equal(text_of(path.ptr + 1, path.len - 1), wanted);
		if (same) {
			*ret_memcg = i;
			return 0;
		}
	}
	diag_set(diag, NULL, 0, "--memcg: there is no memory cgroup %.200s; the part of /proc/PID/cgroup after the last "
				"colon names one", given);
	return -ENOENT;
}

static int find_nodes(const struct snapshot *snap, const char *option, const char *list, struct nodeset *ret_nodes,
		      struct diag *diag)
{
	struct nodeset memory = snapshot_memory_nodes(snap);
	char have[64];
	int r = nodeset_parse(text_of_str(list), ret_nodes);
	if (r == 0 && nodeset_is_within(ret_nodes, &memory))
		return 0;
	diag_set(diag, NULL, 0, "%s: not all of the nodes %.60s have memory; those that have: %s", option, list,
		 nodeset_format(&memory, have, sizeof have));
	return r < 0 ? r : -ENODEV;
}

/* Which OOM the options ask about, by the groups and nodes of this snapshot. */
static int make_scope(const struct options *options, const struct snapshot *snap, struct scope *ret_scope,
		      struct diag *diag)
{
	*ret_scope = (struct scope){ .kind = SCOPE_GLOBAL, .sysrq = options->sysrq };
	if (options->memcg) {
		ret_scope->kind = SCOPE_MEMCG;
		return find_memcg(snap, options->memcg, &ret_scope->memcg, diag);
	}
	if (options->cpuset) {
		ret_scope->kind = SCOPE_CPUSET;
		return find_nodes(snap, "--cpuset", options->cpuset, &ret_scope->nodes, diag);
	}
	if (options->mempolicy) {
		ret_scope->kind = SCOPE_MEMPOLICY;
		return find_nodes(snap, "--mempolicy", options->mempolicy, &ret_scope->nodes, diag);
	}
	return 0;
}

/* One sample, and the verdict of the scope from it. */
static int conclude(struct session *session, struct whatif *whatif, struct diag *diag)
{
	const struct options *options = session->options;
	struct scope scope;
	struct rules rules;
	int r = session_sample(session, diag);
	const struct snapshot *snap = session_snap(session);
	/* We shall be gone when the kill comes: no answer must name us. */
	if (r == 0)
		snapshot_remove_task(&session->snaps[session->current], snap->observer.pid);
	whatif_clear(whatif);
	if (r == 0)
		r = make_scope(options, snap, &scope, diag);
	if (r == 0)
		r = make_whatif(options, snap, whatif, diag);
	if (r < 0)
		return r;
	bool other = options->model && rules_of_release(options->model, &rules) == 0;
	r = model_predict(&session->model, snap, other ? &rules : NULL, whatif, &scope, options->kills);
	if (r < 0)
		diag_set(diag, NULL, 0, "out of memory: %u processes cannot be ranked", snap->ntasks);
	return r;
}

static int predict(struct session *session, struct whatif *whatif, struct out *out, struct diag *diag)
{
	const struct options *options = session->options;
	session->want_memcgs = true;
	session->want_nodes = options->cpuset || options->mempolicy;
	struct rules rules;
	session->want_cpu_times = options->model && rules_of_release(options->model, &rules) == 0 &&
				  rules_ask_cpu_times(&rules);
	int r = conclude(session, whatif, diag);
	session->want_policies = options->mempolicy;
	if (r == 0)
		r = conclude(session, whatif, diag);
	if (r < 0)
		return r;
	const struct snapshot *snap = session_snap(session);
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
