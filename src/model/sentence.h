/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The verdict in words.
 */
#ifndef OOMSIGHT_MODEL_SENTENCE_H
#define OOMSIGHT_MODEL_SENTENCE_H

#include "oomsight/model/verdict.h"

/* Fill verdict->because from everything else in it. whatif may be NULL. */
void sentence_make(struct verdict *verdict, const struct snapshot *snap, const struct rules *rules,
		   const struct ranking *ranking, const struct whatif *whatif);

/* The comm of a task, every byte that is not printable ASCII as '?'. */
#define SENTENCE_NAME_SIZE 33 /* a comm has at most 15 bytes; kernel threads show more, recordings anything */
char *sentence_name(const struct snapshot *snap, uint32_t task, char dst[SENTENCE_NAME_SIZE]);

#endif
