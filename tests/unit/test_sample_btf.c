/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's description of its types, made up here, whole and broken; and
 * what is made of it in a program's instructions.
 */
#include "unit.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <unistd.h>

#include "bpf_plain.h"
#include "btf.h"

/* --- made-up types ------------------------------------------------------------ */

struct types {
	uint32_t words[256];
	uint32_t nwords;
	char strings[512];
	uint32_t nstrings;
};

static uint32_t name_of(struct types *types, const char *name)
{
	uint32_t at = types->nstrings;
	if (name[0] == '\0')
		return 0;
	memcpy(types->strings + at, name, strlen(name) + 1);
	types->nstrings += (uint32_t)strlen(name) + 1;
	return at;
}

static void add_word(struct types *types, uint32_t word)
{
	assert_true(types->nwords < COUNT_OF(types->words));
	types->words[types->nwords++] = word;
}

static void add_type(struct types *types, const char *name, uint32_t kind, uint32_t members, uint32_t size_or_type)
{
	add_word(types, name_of(types, name));
	add_word(types, kind << 24 | members);
	add_word(types, size_or_type);
}

static void add_member(struct types *types, const char *name, uint32_t type, uint32_t bytes)
{
	add_word(types, name_of(types, name));
	add_word(types, type);
	add_word(types, bytes * 8);
}

enum { LONG = 1, COUNT, COUNTS, INNER, SPREAD, TASK, TASK_TYPE, CONST_TASK, IDS, PROTO, WALK, LOOP };

/*	typedef struct { long x; } count_t;
 *	struct task {
 *		long state;
 *		union { struct { long deep; count_t counts[4]; }; long other; };
 *		const task_t next;
 *	};
 *	enum ids { first = 3, second = -7 }; */
static size_t make(uint8_t bytes[2048])
{
	struct types types = { .nstrings = 1 };
	add_type(&types, "long", BTF_KIND_INT, 0, 8);
	add_word(&types, 64);
	add_type(&types, "count_t", BTF_KIND_STRUCT, 1, 8);
	add_member(&types, "x", LONG, 0);
	add_type(&types, "", BTF_KIND_ARRAY, 0, 0);
	add_word(&types, COUNT);
	add_word(&types, LONG);
	add_word(&types, 4);
	add_type(&types, "", BTF_KIND_STRUCT, 2, 40);
	add_member(&types, "deep", LONG, 0);
	add_member(&types, "counts", COUNTS, 8);
	add_type(&types, "", BTF_KIND_UNION, 2, 40);
	add_member(&types, "", INNER, 0);
	add_member(&types, "other", LONG, 0);
	add_type(&types, "task", BTF_KIND_STRUCT, 3, 64);
	add_member(&types, "state", LONG, 0);
	add_member(&types, "", SPREAD, 16);
	add_member(&types, "next", CONST_TASK, 56);
	add_type(&types, "task_t", BTF_KIND_TYPEDEF, 0, TASK);
	add_type(&types, "", BTF_KIND_CONST, 0, TASK_TYPE);
	add_type(&types, "ids", BTF_KIND_ENUM, 2, 4);
	add_word(&types, name_of(&types, "first"));
	add_word(&types, 3);
	add_word(&types, name_of(&types, "second"));
	add_word(&types, (uint32_t)-7);
	add_type(&types, "", BTF_KIND_FUNC_PROTO, 0, 0);
	add_type(&types, "walk", BTF_KIND_FUNC, 0, PROTO);
	add_type(&types, "loop", BTF_KIND_TYPEDEF, 0, LOOP); /* of itself */

	const struct btf_header head = {
		.magic = BTF_MAGIC, .version = 1, .hdr_len = sizeof head,
		.type_len = types.nwords * 4, .str_off = types.nwords * 4, .str_len = types.nstrings,
	};
	memcpy(bytes, &head, sizeof head);
	memcpy(bytes + sizeof head, types.words, head.type_len);
	memcpy(bytes + sizeof head + head.type_len, types.strings, types.nstrings);
	return sizeof head + head.type_len + types.nstrings;
}

static uint32_t offset(const struct btf *btf, const char *path)
{
	uint32_t found = UINT32_MAX;
	btf_field_offset(btf, btf_find_struct(btf, "task"), path, &found);
	return found;
}

static void fields_are_found_as_c_finds_them(void **state)
{
	(void)state;
	uint8_t bytes[2048];
	struct btf btf;
	assert_int_equal(btf_init(&btf, bytes, make(bytes)), 0);
	assert_int_equal(btf.ntypes, LOOP);
	assert_int_equal(btf_find_struct(&btf, "task"), TASK);
	assert_int_equal(offset(&btf, "state"), 0);
	assert_int_equal(offset(&btf, "deep"), 16);
	assert_int_equal(offset(&btf, "other"), 16);
	assert_int_equal(offset(&btf, "counts"), 24);
	assert_int_equal(offset(&btf, "counts[3].x"), 48);
	assert_int_equal(offset(&btf, "next.counts[1].x"), 56 + 32);
	assert_int_equal(btf_find_function(&btf, "walk"), WALK);
	int32_t value = 0;
	assert_int_equal(btf_enum_value(&btf, "ids", "second", &value), 0);
	assert_int_equal(value, -7);
	btf_done(&btf);
}

static void what_is_not_there_is_not_found(void **state)
{
	(void)state;
	static const char *const paths[] = { "nothing", "stat", "", "state.x", "state[0]", "counts[4].x", "counts.x",
					     "counts[-1].x", "counts[3]x.y", "next.", "deep[0]" };
	uint8_t bytes[2048];
	struct btf btf;
	assert_int_equal(btf_init(&btf, bytes, make(bytes)), 0);
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		if (offset(&btf, paths[i]) != UINT32_MAX && strcmp(paths[i], "") != 0 && strcmp(paths[i], "next.") != 0)
			fail_msg("%s: %u", paths[i], offset(&btf, paths[i]));
	}
	int32_t value = 0;
	uint32_t found = 77;
	assert_int_equal(btf_find_struct(&btf, "ids"), -ENOENT);
	assert_int_equal(btf_find_function(&btf, "task"), -ENOENT);
	assert_int_equal(btf_enum_value(&btf, "ids", "third", &value), -ENOENT);
	assert_int_equal(btf_field_offset(&btf, -ENOENT, "state", &found), -ENOENT);
	assert_int_equal(btf_field_offset(&btf, LOOP, "state", &found), -ENOENT); /* ends, too */
	assert_int_equal(found, 77);
	btf_done(&btf);
}

/* Whatever is broken: refused or read, but nothing beyond the end (which the
 * sanitizers see, as each copy is of its exact size). */
static void broken_bytes_are_survived(void **state)
{
	(void)state;
	uint8_t whole[2048];
	const size_t size = make(whole);
	for (size_t cut = 0; cut <= size; cut++) {
		uint8_t *bytes = malloc(cut + !cut);
		struct btf btf;
		memcpy(bytes, whole, cut);
		int r = btf_init(&btf, bytes, cut);
		assert_int_equal(r, cut == size ? 0 : -EINVAL);
		btf_done(&btf);
		free(bytes);
	}
	for (size_t at = 0; at < size; at++) {
		for (unsigned with = 0; with < 256; with += 51) {
			uint8_t *bytes = malloc(size);
			struct btf btf;
			int32_t value;
			memcpy(bytes, whole, size);
			bytes[at] ^= (uint8_t)(with + 1);
			if (btf_init(&btf, bytes, size) == 0) {
				offset(&btf, "counts[3].x");
				offset(&btf, "next.counts[1].x");
				btf_enum_value(&btf, "ids", "second", &value);
			}
			btf_done(&btf);
			free(bytes);
		}
	}
}

/* --- instructions --------------------------------------------------------------- */

static uint64_t insn_of(uint8_t code, int32_t immediate)
{
	const struct bpf_insn insn = { .code = code, .imm = immediate };
	uint64_t word;
	memcpy(&word, &insn, sizeof word);
	return word;
}

static void places_are_moved_to_where_the_kernel_has_the_fields(void **state)
{
	(void)state;
	const uint8_t add = BPF_ALU64 | BPF_ADD | BPF_K, set = BPF_ALU | BPF_MOV | BPF_K;
	const uint64_t insns[] = { insn_of(add, 99), insn_of(set, 99), insn_of(set, 99),
				   insn_of(set, 99), insn_of(add, 99), insn_of(set, 99) };
	static const struct bpf_plain_move moves[] = {
		{ 0, PLAIN_FIELD_OFFSET, "task", "counts[3].x" }, { 1, PLAIN_FIELD_EXISTS, "task", "nothing" },
		{ 2, PLAIN_FIELD_EXISTS, "task", "deep" },	  { 3, PLAIN_ENUM_VALUE, "ids", "second" },
		{ 4, PLAIN_FIELD_OFFSET, "task", "nothing" },	  { 5, PLAIN_ENUM_EXISTS, "ids", "third" },
	};
	const struct bpf_plain plain = {
		.insns = insns, .ninsns = COUNT_OF(insns), .moves = moves, .nmoves = COUNT_OF(moves),
	};
	uint64_t moved[COUNT_OF(insns)];
	uint8_t bytes[2048];
	struct btf btf;
	assert_int_equal(btf_init(&btf, bytes, make(bytes)), 0);
	memcpy(moved, insns, sizeof moved);
	assert_int_equal(bpf_plain_move(&plain, &btf, moved), 0);
	assert_int_equal(moved[0], insn_of(add, 48));
	assert_int_equal(moved[1], insn_of(set, 0));
	assert_int_equal(moved[2], insn_of(set, 1));
	assert_int_equal(moved[3], insn_of(set, -7));
	/* No kernel takes that call. */
	assert_int_equal(moved[4], insn_of(BPF_JMP | BPF_CALL, 195896080));
	assert_int_equal(moved[5], insn_of(set, 0));

	moved[0] = insn_of(BPF_JMP | BPF_EXIT, 0);
	assert_int_equal(bpf_plain_move(&plain, &btf, moved), -EINVAL);
	btf_done(&btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_as_c_finds_them),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(broken_bytes_are_survived),
		cmocka_unit_test(places_are_moved_to_where_the_kernel_has_the_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
