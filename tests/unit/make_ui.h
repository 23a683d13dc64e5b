/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor on a stage, for tests: a synthetic snapshot, the model of it, and
 * keys fed by name.
 *
 *	struct stage stage;
 *	stage_init(&stage);
 *	MAKE_SNAPSHOT(&stage.snap, ...);
 *	stage_begin(&stage);
 *	stage_keys(&stage, "Down a 5 0 Enter");
 *	assert_int_equal(stage.command.kind, UI_APPLY_ADJ);
 *	stage_done(&stage);
 *
 * Whatever fails here (a key without a name, no memory) ends the test program.
 */
#ifndef OOMSIGHT_TESTS_MAKE_UI_H
#define OOMSIGHT_TESTS_MAKE_UI_H

#include "make_snapshot.h"
#include "oomsight/tui/ui.h"

struct stage {
	struct snapshot snap;
	struct model model;
	struct labels labels; /* uid 0 root, 1000 alice */
	struct ui ui;
	struct ui_env env;
	struct ui_command command; /* the last that was not UI_NONE, of the last keys */
	struct frame frame;
	struct events events; /* env.events, once stage_events() has been called */
	struct history history; /* env.history, once stage_history() has been called */
};

void stage_init(struct stage *stage);
void stage_done(struct stage *stage);

/* As setup and teardown of a test: *state is a stage, bare or of six. */
int stage_setup(void **state);
int stage_setup_of_six(void **state);
int stage_teardown(void **state);
#define STAGE_TEST(function) cmocka_unit_test_setup_teardown(function, stage_setup_of_six, stage_teardown)

/* stage->snap is made: model and rows. */
void stage_begin(struct stage *stage);

/* A quarter of an hour in which memory shrinks, with two kills. */
void stage_history(struct stage *stage);

/* The pids of stage_of_six(). */
enum { JAVA = 100, MYSQLD = 200, SSHD = 300, CHROME = 400, RENDERER = 410, WORKER = 420 };

/* Six processes, init and a kernel thread on a host with 1000000 pages of RAM
 * and no swap, so that one unit of oom_score_adj weighs 1000 pages; drawn once
 * at 80x24. In kill order: java, mysqld, renderer (a child of chrome), chrome,
 * worker (a child of renderer); sshd has adj -1000. alice owns java and chrome's. */
void stage_of_six(struct stage *stage);

/* The rows shown are these pids and no others. */
#define ROWS(stage, ...) \
	do { \
		const int32_t wanted_[] = { __VA_ARGS__, 0 }; \
		for (uint32_t row_ = 0; row_ < sizeof wanted_ / sizeof wanted_[0]; row_++) \
			assert_int_equal(stage_pid(stage, row_), wanted_[row_]); \
	} while (0)

/* stage->snap was changed in place: the same tick again. */
void stage_update(struct stage *stage);

/* The next tick: stage->snap becomes a copy of itself, `ms` later, for the
 * caller to change; stage_update() then makes model and rows of it. */
void stage_next(struct stage *stage, uint64_t ms);

/* The first n of four kills: one from before the run, one as foretold, one not, one
 * that no line of the log tells of. */
void stage_events(struct stage *stage, unsigned n);

/* The process is gone from the snapshot. */
void stage_kill(struct stage *stage, int32_t pid);

/* Feed keys: names parted by blanks. */
void stage_keys(struct stage *stage, const char *names);

/* Feed each character of a text. */
void stage_type(struct stage *stage, const char *text);

/* Say that the last command did what it asked, as the application would. */
void stage_applied(struct stage *stage);

/* Draw at a size. */
void stage_draw(struct stage *stage, uint16_t rows, uint16_t columns);

/* Does the frame, drawn before, show this text in one row? */
bool stage_shows(const struct stage *stage, const char *text);

/* Is this text in a row of the frame at 80x24? Where it is not, the frame is printed. */
bool stage_has(struct stage *stage, const char *text);
#define assert_shown(stage, text) assert_true(stage_has(stage, text))

/* pid of the n-th row, counted from 0; 0 beyond the end. And of the cursor. */
int32_t stage_pid(const struct stage *stage, uint32_t row);
int32_t stage_cursor(const struct stage *stage);

#endif
