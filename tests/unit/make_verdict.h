/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A snapshot with all that is concluded from it, for tests of the model:
 *
 *	struct question q;
 *	QUESTION(&q, RAM, 0, { .pid = 10, .rss = 500 }, ...);
 *	ask(&q, NULL, 1);
 *	ASSERT_KILL(&q, 0, 10);
 *	question_done(&q);
 */
#ifndef OOMSIGHT_TESTS_MAKE_VERDICT_H
#define OOMSIGHT_TESTS_MAKE_VERDICT_H

#include "make_snapshot.h"
#include "oomsight/model/verdict.h"
#include "unit.h"

struct question {
	struct snapshot snap;
	struct rules rules;
	struct whatif whatif;
	struct ranking ranking;
	struct verdict verdict;
};

#define QUESTION(q, ram, swap, ...) \
	do { \
		MAKE_SNAPSHOT(&(q)->snap, ram, swap, __VA_ARGS__); \
		question_init(q); \
	} while (0)

static inline void question_init(struct question *q)
{
	assert_int_equal(rules_calibrate(&q->snap, &q->rules), 0);
	whatif_init(&q->whatif);
	ranking_init(&q->ranking);
	verdict_init(&q->verdict);
}

static inline void question_done(struct question *q)
{
	verdict_done(&q->verdict);
	ranking_done(&q->ranking);
	whatif_done(&q->whatif);
	snapshot_done(&q->snap);
}

/* By the rules of another release, without back-ports. */
static inline void by_rules_of(struct question *q, const char *release)
{
	make_release(&q->snap, release);
	assert_int_equal(rules_of_release(release, &q->rules), 0);
}

static inline enum verdict_action ask(struct question *q, const struct scope *scope, uint32_t kills)
{
	int r = ranking_make(&q->ranking, &q->snap, &q->rules, &q->whatif, scope);
	assert_true(r == 0 || r == -ENODATA);
	r = verdict_make(&q->verdict, &q->snap, &q->rules, &q->ranking, &q->whatif, kills);
	assert_int_equal(r, 0);
	return q->verdict.action;
}

static inline enum verdict_action ask_memcg(struct question *q, uint32_t memcg, uint32_t kills)
{
	const struct scope scope = { .kind = SCOPE_MEMCG, .memcg = memcg };
	return ask(q, &scope, kills);
}

static inline struct scope scope_of_nodes(enum scope_kind kind, const char *nodes)
{
	struct scope scope = { .kind = kind };
	assert_int_equal(nodeset_parse(text_of_str(nodes), &scope.nodes), 0);
	return scope;
}

static inline const struct candidate *candidate_of(const struct question *q, int32_t pid)
{
	return &q->ranking.candidates[made_index(&q->snap, pid)];
}

/* The victims of one kill, the chosen one first, 0 at the end. */
static inline void assert_kill(const struct question *q, uint32_t number, const int32_t *pids)
{
	assert_true(number < q->verdict.nkills);
	const struct kill *kill = &q->verdict.kills[number];
	uint32_t n = 0;
	for (; pids[n] != 0; n++) {
		assert_true(n < kill->nvictims);
		assert_int_equal(q->snap.tasks[q->verdict.victims[kill->first_victim + n].task].pid, pids[n]);
	}
	assert_int_equal(kill->nvictims, n);
}

#define ASSERT_KILL(q, number, ...) assert_kill((q), (number), (const int32_t[]){ __VA_ARGS__, 0 })

static inline void assert_says(const struct question *q, const char *words)
{
	if (!strstr(q->verdict.because, words))
		fail_msg("\"%s\" does not say \"%s\"", q->verdict.because, words);
}

#endif
