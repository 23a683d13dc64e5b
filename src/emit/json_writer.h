/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON on one line: commas and quotes in one place, so that the emitters read
 * like the object they write. Private to this room.
 *
 * Every value takes its key, NULL inside an array. Keys are our own literals
 * and are not escaped. What is not known is written as null, never as 0.
 */
#ifndef OOMSIGHT_EMIT_JSON_WRITER_H
#define OOMSIGHT_EMIT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "oomsight/base/out.h"

struct json {
	struct out *out;
	bool comma; /* a value stands before the next one */
};

void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);

void json_null(struct json *json, const char *key);
void json_bool(struct json *json, const char *key, bool value);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_i64(struct json *json, const char *key, int64_t value);
void json_fixed(struct json *json, const char *key, double value, int decimals);
void json_text(struct json *json, const char *key, struct text raw);
void json_str(struct json *json, const char *key, const char *str);

/* amount / 10^decimals, exactly: 123, 2 → 1.23 */
void json_scaled(struct json *json, const char *key, uint64_t amount, int decimals);

/* The value, or null. */
void json_u64_if(struct json *json, const char *key, bool known, uint64_t value);
void json_i64_if(struct json *json, const char *key, bool known, int64_t value);
void json_fixed_if(struct json *json, const char *key, bool known, double value, int decimals);

/* A key of two parts, "free" and "_bytes". */
void json_u64_if2(struct json *json, const char *stem, const char *suffix, bool known, uint64_t value);
void json_fixed_if2(struct json *json, const char *stem, const char *suffix, bool known, double value, int decimals);

#endif
