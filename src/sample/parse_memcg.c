/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of a memory cgroup: single amounts, and lines of a key and a number.
 */
#include "oomsight/sample/parse.h"

#include <errno.h>

/* v1 prints its counter's end for "no limit": LONG_MAX cut to whole pages, of
 * up to 64 KiB; before 3.19 RESOURCE_MAX, larger. No machine has as much. */
#define V1_UNLIMITED ((uint64_t)INT64_MAX - (1U << 20))

int parse_memcg_bytes(struct text bytes, uint64_t *ret_bytes)
{
	struct text word = text_trim(bytes);
	uint64_t value;
	if (text_is(word, "max")) {
		*ret_bytes = MEMCG_UNLIMITED;
		return 0;
	}
	int r = text_to_u64(word, 10, &value);
	if (r < 0)
		return r;
	*ret_bytes = value >= V1_UNLIMITED ? MEMCG_UNLIMITED : value;
	return 0;
}

/* Cut the next line "key number" off. False at the end; lines of another shape
 * are passed over. */
static bool next_pair(struct text *rest, struct text *ret_key, uint64_t *ret_value)
{
	struct text line, value;
	while (text_next_line(rest, &line)) {
		if (text_next_word(&line, ret_key) && text_next_word(&line, &value) &&
		    text_to_u64(value, 10, ret_value) == 0)
			return true;
	}
	return false;
}

int parse_memcg_stat(struct text bytes, enum memcg_version version, struct memcg *memcg)
{
	uint64_t found[MEMCG_STAT__COUNT] = { 0 };
	uint32_t known = 0;
	struct text key;
	uint64_t value;
	while (next_pair(&bytes, &key, &value)) {
		for (unsigned i = 0; i < MEMCG_STAT__COUNT; i++) {
			const char *name = version == MEMCG_V1 ? memcg_stat_table[i].v1 : memcg_stat_table[i].v2;
			if (name && text_is(key, name)) {
				found[i] = value;
				known |= 1U << i;
				break;
			}
		}
	}
	if (known == 0)
		return -EINVAL;
	for (unsigned i = 0; i < MEMCG_STAT__COUNT; i++)
		memcg->stat_bytes[i] = found[i];
	memcg->stat_known = known;
	return 0;
}

int parse_memcg_events(struct text bytes, uint64_t *ret_events, uint8_t *ret_known)
{
	uint8_t known = 0;
	struct text key;
	uint64_t value;
	while (next_pair(&bytes, &key, &value)) {
		for (unsigned i = 0; i < MEMCG_EVENT__COUNT; i++) {
			if (text_is(key, memcg_event_table[i].v2)) {
				ret_events[i] = value;
				known |= (uint8_t)(1U << i);
				break;
			}
		}
	}
	if (known == 0)
		return -EINVAL;
	*ret_known = known;
	return 0;
}

int parse_memcg_oom_control(struct text bytes, struct memcg *memcg)
{
	struct text key;
	uint64_t value;
	bool any = false;
	while (next_pair(&bytes, &key, &value)) {
		if (text_is(key, "oom_kill_disable")) {
			memcg->oom_kill_disable = value != 0;
			any = true;
		} else if (text_is(key, "under_oom")) {
			memcg->under_oom = value != 0;
		} else if (text_is(key, "oom_kill")) {
			memcg->events[MEMCG_EVENT_OOM_KILL] = value;
			memcg->events_known |= 1U << MEMCG_EVENT_OOM_KILL;
		}
	}
	return any ? 0 : -EINVAL;
}
