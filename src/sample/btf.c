/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Types stand one after the other with lengths by their kind, so a first pass
 * notes where each is. What is read comes from the kernel, but it is checked
 * all the same: nothing is looked at beyond the end, and nothing is followed
 * without an end.
 */
#include "btf.h"

#include <errno.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "oomsight/base/text.h"

/* Deeper than any type of a kernel is made of others. */
#define DEPTH_MAX 32

/* Kinds that came after the oldest header we build with. */
#define KIND_FLOAT 16
#define KIND_DECL_TAG 17
#define KIND_TYPE_TAG 18
#define KIND_ENUM64 19

/* --- the table of types ---------------------------------------------------- */

/* What follows the struct btf_type of a kind; -1: not known. */
static int64_t size_behind(const struct btf_type *type)
{
	const int64_t vlen = BTF_INFO_VLEN(type->info);
	switch (type->info >> 24 & 0x1f) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return vlen * (int64_t)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return vlen * (int64_t)sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return vlen * (int64_t)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
	case KIND_ENUM64:
		return vlen * 12;
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case KIND_FLOAT:
	case KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

/* How many types there are; where they stand into `types` if that is not NULL. -1:
 * not of the format. */
static int64_t walk_types(const uint8_t *bytes, uint32_t at, uint32_t end, uint32_t *types)
{
	int64_t n = 0;
	while (at < end) {
		struct btf_type type;
		if (end - at < sizeof type)
			return -1;
		memcpy(&type, bytes + at, sizeof type);
		int64_t behind = size_behind(&type);
		if (behind < 0 || behind > (int64_t)(end - at - sizeof type))
			return -1;
		if (types)
			types[n] = at;
		n++;
		at += (uint32_t)(sizeof type + (size_t)behind);
	}
	return n;
}

int btf_init(struct btf *btf, const void *bytes, size_t size)
{
	struct btf_header head;
	*btf = (struct btf){ .bytes = bytes, .size = size };
	if (size < sizeof head || size > UINT32_MAX)
		return -EINVAL;
	memcpy(&head, bytes, sizeof head);
	uint64_t types = (uint64_t)head.hdr_len + head.type_off, types_end = types + head.type_len;
	uint64_t strings = (uint64_t)head.hdr_len + head.str_off, strings_end = strings + head.str_len;
	/* The last string's end ends them all. */
	if (head.magic != BTF_MAGIC || types % 4 != 0 || types_end > size || strings_end > size || head.str_len == 0 ||
	    btf->bytes[strings_end - 1] != '\0')
		return -EINVAL;
	btf->size = (size_t)strings_end;
	btf->strings = (uint32_t)strings;
	int64_t n = walk_types(bytes, (uint32_t)types, (uint32_t)types_end, NULL);
	if (n <= 0 || n >= INT32_MAX)
		return -EINVAL;
	btf->types = malloc((size_t)n * sizeof *btf->types);
	if (!btf->types)
		return -ENOMEM;
	btf->ntypes = (uint32_t)walk_types(bytes, (uint32_t)types, (uint32_t)types_end, btf->types);
	return 0;
}

void btf_done(struct btf *btf)
{
	free(btf->types);
	*btf = (struct btf){ .bytes = NULL };
}

/* --- one type --------------------------------------------------------------- */

struct found {
	struct btf_type type;
	uint32_t kind;
	uint32_t behind; /* where its members stand */
};

static bool get_type(const struct btf *btf, uint32_t id, struct found *ret)
{
	if (id == 0 || id > btf->ntypes)
		return false;
	uint32_t at = btf->types[id - 1];
	memcpy(&ret->type, btf->bytes + at, sizeof ret->type);
	ret->kind = ret->type.info >> 24 & 0x1f;
	ret->behind = at + (uint32_t)sizeof ret->type;
	return true;
}

/* The type without the names and qualifiers around it. */
static bool get_plain(const struct btf *btf, uint32_t id, struct found *ret)
{
	for (int depth = 0; depth < DEPTH_MAX && get_type(btf, id, ret); depth++) {
		switch (ret->kind) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = ret->type.type;
			break;
		default:
			return true;
		}
	}
	return false;
}

static bool has_members(const struct found *found)
{
	return found->kind == BTF_KIND_STRUCT || found->kind == BTF_KIND_UNION;
}

static const char *string_at(const struct btf *btf, uint32_t offset)
{
	return offset < btf->size - btf->strings ? (const char *)btf->bytes + btf->strings + offset : "";
}

static bool is_named(const struct btf *btf, uint32_t offset, struct text name)
{
	return text_equal(text_of_str(string_at(btf, offset)), name);
}

static int find(const struct btf *btf, uint32_t kind, const char *name, struct found *ret)
{
	for (uint32_t id = 1; id <= btf->ntypes; id++) {
		if (get_type(btf, id, ret) && ret->kind == kind && is_named(btf, ret->type.name_off, text_of_str(name)))
			return (int)id;
	}
	return -ENOENT;
}

/* How many bytes one takes; 0: not known. */
static uint32_t size_of(const struct btf *btf, uint32_t id)
{
	struct found found;
	struct btf_array array;
	uint32_t times = 1;
	for (int depth = 0; depth < DEPTH_MAX && get_plain(btf, id, &found); depth++) {
		switch (found.kind) {
		case BTF_KIND_PTR:
			return times * 8;
		case BTF_KIND_ARRAY:
			memcpy(&array, btf->bytes + found.behind, sizeof array);
			times *= array.nelems;
			id = array.type;
			break;
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case KIND_ENUM64:
		case KIND_FLOAT:
			return times * found.type.size;
		default:
			return 0;
		}
	}
	return 0;
}

/* --- questions --------------------------------------------------------------- */

int btf_find_function(const struct btf *btf, const char *name)
{
	struct found found;
	return find(btf, BTF_KIND_FUNC, name, &found);
}

int btf_find_struct(const struct btf *btf, const char *name)
{
	struct found found;
	return find(btf, BTF_KIND_STRUCT, name, &found);
}

/* Members without a name are looked into. Adds to *offset. */
static bool find_member(const struct btf *btf, const struct found *in, struct text name, int depth, uint32_t *offset,
			uint32_t *ret_type)
{
	const bool has_bit_sizes = in->type.info >> 31;
	for (uint32_t i = 0; depth < DEPTH_MAX && i < BTF_INFO_VLEN(in->type.info); i++) {
		struct btf_member member;
		struct found inner;
		memcpy(&member, btf->bytes + in->behind + i * sizeof member, sizeof member);
		const uint32_t bits = has_bit_sizes ? BTF_MEMBER_BIT_OFFSET(member.offset) : member.offset;
		const bool is_bits = has_bit_sizes && BTF_MEMBER_BITFIELD_SIZE(member.offset) > 0;
		uint32_t here = *offset + bits / 8;
		if (is_named(btf, member.name_off, name)) {
			*offset = here;
			*ret_type = member.type;
			return !is_bits && name.len > 0;
		}
		if (string_at(btf, member.name_off)[0] == '\0' && get_plain(btf, member.type, &inner) &&
		    has_members(&inner) && find_member(btf, &inner, name, depth + 1, &here, ret_type)) {
			*offset = here;
			return true;
		}
	}
	return false;
}

/* "[2]" of an array: its element. */
static bool take_index(const struct btf *btf, struct text number, uint32_t *offset, uint32_t *type)
{
	struct found found;
	struct btf_array array;
	uint64_t index;
	if (text_to_u64(number, 10, &index) < 0 || !get_plain(btf, *type, &found) || found.kind != BTF_KIND_ARRAY)
		return false;
	memcpy(&array, btf->bytes + found.behind, sizeof array);
	if (index >= array.nelems)
		return false;
	*offset += (uint32_t)index * size_of(btf, array.type);
	*type = array.type;
	return true;
}

int btf_field_offset(const struct btf *btf, int top, const char *path, uint32_t *ret_offset)
{
	struct found found;
	struct text rest = text_of_str(path), step, name, number;
	uint32_t offset = 0, id = top > 0 ? (uint32_t)top : 0;
	while (text_next_until(&rest, '.', &step)) {
		if (!get_plain(btf, id, &found) || !has_members(&found) || !text_next_until(&step, '[', &name) ||
		    !find_member(btf, &found, name, 0, &offset, &id))
			return -ENOENT;
		if (text_next_until(&step, ']', &number) && !take_index(btf, number, &offset, &id))
			return -ENOENT;
	}
	*ret_offset = offset;
	return 0;
}

int btf_enum_value(const struct btf *btf, const char *top, const char *name, int32_t *ret_value)
{
	struct found found;
	if (find(btf, BTF_KIND_ENUM, top, &found) < 0)
		return -ENOENT;
	for (uint32_t i = 0; i < BTF_INFO_VLEN(found.type.info); i++) {
		struct btf_enum value;
		memcpy(&value, btf->bytes + found.behind + i * sizeof value, sizeof value);
		if (is_named(btf, value.name_off, text_of_str(name))) {
			*ret_value = value.val;
			return 0;
		}
	}
	return -ENOENT;
}
