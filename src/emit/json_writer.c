/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_writer.h"

static void begin2(struct json *json, const char *stem, const char *suffix)
{
	if (json->comma)
		out_char(json->out, ',');
	json->comma = true;
	if (!stem)
		return;
	out_char(json->out, '"');
	out_str(json->out, stem);
	out_str(json->out, suffix);
	out_str(json->out, "\":");
}

static void begin(struct json *json, const char *key)
{
	begin2(json, key, "");
}

void json_object(struct json *json, const char *key)
{
	begin(json, key);
	out_char(json->out, '{');
	json->comma = false;
}

void json_object_end(struct json *json)
{
	out_char(json->out, '}');
	json->comma = true;
}

void json_array(struct json *json, const char *key)
{
	begin(json, key);
	out_char(json->out, '[');
	json->comma = false;
}

void json_array_end(struct json *json)
{
	out_char(json->out, ']');
	json->comma = true;
}

void json_null(struct json *json, const char *key)
{
	begin(json, key);
	out_str(json->out, "null");
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	out_str(json->out, value ? "true" : "false");
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	begin(json, key);
	out_u64(json->out, value);
}

void json_i64(struct json *json, const char *key, int64_t value)
{
	begin(json, key);
	out_i64(json->out, value);
}

void json_fixed(struct json *json, const char *key, double value, int decimals)
{
	begin(json, key);
	out_fixed(json->out, value, decimals);
}

void json_text(struct json *json, const char *key, struct text raw)
{
	begin(json, key);
	out_json_string(json->out, raw);
}

void json_str(struct json *json, const char *key, const char *str)
{
	json_text(json, key, text_of_str(str));
}

void json_scaled(struct json *json, const char *key, uint64_t amount, int decimals)
{
	uint64_t unit = 1;
	for (int i = 0; i < decimals; i++)
		unit *= 10;
	begin(json, key);
	out_u64(json->out, amount / unit);
	out_char(json->out, '.');
	for (unit /= 10; unit > 0; unit /= 10)
		out_char(json->out, (char)('0' + amount / unit % 10));
}

void json_u64_if(struct json *json, const char *key, bool known, uint64_t value)
{
	json_u64_if2(json, key, "", known, value);
}

void json_i64_if(struct json *json, const char *key, bool known, int64_t value)
{
	if (known)
		json_i64(json, key, value);
	else
		json_null(json, key);
}

void json_fixed_if(struct json *json, const char *key, bool known, double value, int decimals)
{
	json_fixed_if2(json, key, "", known, value, decimals);
}

void json_u64_if2(struct json *json, const char *stem, const char *suffix, bool known, uint64_t value)
{
	begin2(json, stem, suffix);
	if (known)
		out_u64(json->out, value);
	else
		out_str(json->out, "null");
}

void json_fixed_if2(struct json *json, const char *stem, const char *suffix, bool known, double value, int decimals)
{
	begin2(json, stem, suffix);
	if (known)
		out_fixed(json->out, value, decimals);
	else
		out_str(json->out, "null");
}
