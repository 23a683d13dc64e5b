/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oomsight/snapshot/labels.h"

#include <errno.h>
#include <stdlib.h>

/* Names come by the dozen, when passwd is read, and then one now and then. */
#define USERS_MORE 16

void labels_init(struct labels *labels, size_t users_max)
{
	*labels = (struct labels){ .users_max = users_max };
}

void labels_done(struct labels *labels)
{
	free(labels->users);
	free(labels->cmdlines);
	memset(labels, 0, sizeof *labels);
}

int labels_keep_cmdlines(struct labels *labels, size_t n)
{
	if (n > LABEL_CMDLINES)
		n = LABEL_CMDLINES;
	if (n <= labels->cmdlines_capacity)
		return 0;
	struct label_cmdline *more = realloc(labels->cmdlines, n * sizeof *more);
	if (!more)
		return -ENOMEM;
	labels->cmdlines = more;
	labels->cmdlines_capacity = n;
	return 0;
}

/* Where uid stands, or would stand. */
static size_t user_position(const struct labels *labels, uint32_t uid)
{
	size_t low = 0, high = labels->nusers;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (labels->users[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool has_room_for_user(struct labels *labels)
{
	if (labels->nusers < labels->users_capacity)
		return true;
	size_t capacity = labels->nusers + USERS_MORE;
	if (capacity > labels->users_max)
		capacity = labels->users_max;
	struct label_user *more = capacity > labels->nusers ? realloc(labels->users, capacity * sizeof *more) : NULL;
	if (!more)
		return false;
	labels->users = more;
	labels->users_capacity = capacity;
	return true;
}

void labels_add_user(struct labels *labels, uint32_t uid, struct text name)
{
	size_t at = user_position(labels, uid);
	if (at < labels->nusers && labels->users[at].uid == uid)
		return;
	if (!has_room_for_user(labels))
		return;
	memmove(&labels->users[at + 1], &labels->users[at], (labels->nusers - at) * sizeof *labels->users);
	labels->users[at].uid = uid;
	text_copy(name, labels->users[at].name, sizeof labels->users[at].name);
	labels->nusers++;
}

const char *labels_user(const struct labels *labels, uint32_t uid)
{
	size_t at = user_position(labels, uid);
	return at < labels->nusers && labels->users[at].uid == uid ? labels->users[at].name : NULL;
}

int labels_uid(const struct labels *labels, const char *name, uint32_t *ret_uid)
{
	for (size_t i = 0; i < labels->nusers; i++) {
		if (strcmp(labels->users[i].name, name) == 0) {
			*ret_uid = labels->users[i].uid;
			return 0;
		}
	}
	return -ENOENT;
}

struct label_cmdline *labels_cmdline_find(const struct labels *labels, int32_t pid, uint64_t start_ticks)
{
	for (size_t i = 0; i < labels->ncmdlines; i++) {
		struct label_cmdline *slot = &labels->cmdlines[i];
		if (slot->pid == pid && slot->start_ticks == start_ticks)
			return slot;
	}
	return NULL;
}

enum label_state labels_cmdline(const struct labels *labels, int32_t pid, uint64_t start_ticks, struct text *ret_text)
{
	const struct label_cmdline *slot = labels_cmdline_find(labels, pid, start_ticks);
	if (!slot)
		return LABEL_NONE;
	if (slot->state == LABEL_KNOWN)
		*ret_text = text_of(slot->bytes, slot->len);
	return slot->state;
}

static struct label_cmdline *oldest_slot(const struct labels *labels)
{
	struct label_cmdline *oldest = &labels->cmdlines[0];
	for (size_t i = 1; i < labels->ncmdlines; i++) {
		if (labels->cmdlines[i].asked < oldest->asked)
			oldest = &labels->cmdlines[i];
	}
	return oldest;
}

struct label_cmdline *labels_cmdline_slot(struct labels *labels, int32_t pid, uint64_t start_ticks)
{
	if (labels->cmdlines_capacity == 0)
		return NULL;
	struct label_cmdline *slot = labels_cmdline_find(labels, pid, start_ticks);
	if (!slot) {
		slot = labels->ncmdlines < labels->cmdlines_capacity ? &labels->cmdlines[labels->ncmdlines++] :
								       oldest_slot(labels);
		slot->pid = pid;
		slot->start_ticks = start_ticks;
		slot->state = LABEL_NONE;
		slot->asking = false;
	}
	slot->asked = ++labels->stamp;
	return slot;
}

/* FNV-1a of 64 bits. */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t label_program(struct text comm, uint32_t stack_print)
{
	uint64_t hash = FNV_OFFSET;
	for (size_t i = 0; i < comm.len; i++)
		hash = (hash ^ (unsigned char)comm.ptr[i]) * FNV_PRIME;
	for (unsigned i = 0; i < 4; i++)
		hash = (hash ^ (stack_print >> (8 * i) & 0xff)) * FNV_PRIME;
	return hash;
}

bool label_cmdline_is_due(const struct label_cmdline *slot, const struct label_look *look)
{
	if (slot->asking)
		return false;
	return slot->state == LABEL_NONE || slot->program != look->program ||
	       look->now_ns - slot->asked_ns >= LABEL_CMDLINE_AGE_NS;
}

void label_cmdline_ask(struct label_cmdline *slot, const struct label_look *look)
{
	if (slot->state == LABEL_NONE)
		slot->state = LABEL_PENDING;
	slot->asking = true;
	slot->program = look->program;
	slot->asked_ns = look->now_ns;
}
