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

#endif
