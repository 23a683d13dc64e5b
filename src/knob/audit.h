/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts of the audit that the room itself and its tests use.
 */
#ifndef OOMSIGHT_KNOB_AUDIT_H
#define OOMSIGHT_KNOB_AUDIT_H

#include <time.h>

#include "oomsight/knob/knob.h"

#define AUDIT_LINE 1400

/* As audit_new, with another syslog socket than the host's. */
struct audit *audit_new_at(const char *file, const char *syslog_socket, struct diag *diag);

/* Who acts: what a line says beside plan and result. */
struct audit_actor {
	long uid;
	long sudo_uid; /* -1: not through sudo */
};

/* The line, without its end. result NULL: the plan was refused on screen.
 * refused: the result is a refusal of ours. Pure. Returns dst. */
char *audit_format(char dst[AUDIT_LINE], time_t when, const struct audit_actor *actor, const struct knob_plan *plan,
		   const struct knob_result *result, bool refused, bool real_root);

/* Write the line everywhere; what fails is added to result->text. */
void audit_record(struct audit *audit, const struct knob_plan *plan, struct knob_result *result, bool refused,
		  bool real_root);

#endif
