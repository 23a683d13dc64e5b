/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What fuzz targets share.
 */
#ifndef OOMSIGHT_TESTS_FUZZ_H
#define OOMSIGHT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "oomsight/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that holds for every input. */
#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* Does the slice lie within the input? */
static inline int is_within(struct text slice, const uint8_t *data, size_t size)
{
	const char *first = (const char *)data;
	return slice.len == 0 || (slice.ptr >= first && slice.ptr + slice.len <= first + size);
}

#endif
