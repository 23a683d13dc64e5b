/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The programs that stand side by side in the benchmark.
 */
#ifndef OOMSIGHT_BENCH_PEERS_H
#define OOMSIGHT_BENCH_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#define PEER_ARGS 12
#define PEERS 6

struct peer {
	const char *name;
	const char *argv[PEER_ARGS];
	const char *home;
	const char *ready; /* what its first whole screen shows */
	/* May a tick pass without output? Only if its screen need not change. */
	bool may_be_silent;
	bool present;
	char why_not[128]; /* when it is not */
};

/* A directory for their configurations; removed by peers_done. */
struct peers {
	char home[64];
	char oom_home[96], plain_home[96];
	struct peer peer[PEERS]; /* ours first, then top+oom, top, htop, ours by files, ours static */
};

/* Make the homes and find out who is there: each is started once on a
 * terminal of its own. program: path of oomsight; source: its --source;
 * static_program: of one linked statically, or NULL. Returns 0 or -errno. */
int peers_init(struct peers *peers, const char *program, const char *source, const char *static_program);
void peers_done(struct peers *peers);

#endif
