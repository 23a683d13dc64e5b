/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bpf_plain.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf_image.h"

/* A call of a helper that is none: the verifier refuses it, where it comes to it. */
#define CALL_NONE 195896080 /* 0xbad2310, as libbpf does */

#define STRUCTS_MAX 16

/* Each struct is looked for once. */
struct known_structs {
	const char *name[STRUCTS_MAX];
	int id[STRUCTS_MAX];
	unsigned n;
};

static int struct_id(struct known_structs *known, const struct btf *btf, const char *name)
{
	for (unsigned i = 0; i < known->n; i++) {
		if (strcmp(known->name[i], name) == 0)
			return known->id[i];
	}
	int id = btf_find_struct(btf, name);
	if (known->n < STRUCTS_MAX) {
		known->name[known->n] = name;
		known->id[known->n++] = id;
	}
	return id;
}

static bool set_immediate(struct bpf_insn *insn, int32_t value)
{
	const unsigned kind = BPF_CLASS(insn->code);
	bool is_constant = (kind == BPF_ALU || kind == BPF_ALU64) && BPF_SRC(insn->code) == BPF_K;
	bool is_load = insn->code == (BPF_LD | BPF_IMM | BPF_DW);
	if (is_constant || is_load)
		insn->imm = value;
	return is_constant || is_load;
}

int bpf_plain_move(const struct bpf_plain *plain, const struct btf *btf, uint64_t *insns)
{
	struct known_structs known = { .n = 0 };
	for (size_t i = 0; i < plain->nmoves; i++) {
		const struct bpf_plain_move *move = &plain->moves[i];
		struct bpf_insn insn;
		uint32_t offset = 0;
		int32_t value = 0;
		int r;
		if (move->insn >= plain->ninsns)
			return -EINVAL;
		memcpy(&insn, &insns[move->insn], sizeof insn);
		if (move->kind == PLAIN_FIELD_OFFSET || move->kind == PLAIN_FIELD_EXISTS) {
			r = btf_field_offset(btf, struct_id(&known, btf, move->top), move->field, &offset);
			value = (int32_t)offset;
		} else {
			r = btf_enum_value(btf, move->top, move->field, &value);
		}
		if (move->kind == PLAIN_FIELD_EXISTS || move->kind == PLAIN_ENUM_EXISTS) {
			value = r == 0;
			r = 0;
		}
		if (!set_immediate(&insn, value))
			return -EINVAL;
		if (r < 0)
			insn = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = CALL_NONE };
		memcpy(&insns[move->insn], &insn, sizeof insn);
	}
	return 0;
}

static int set_maps(const struct bpf_plain *plain, const int *maps, uint64_t *insns)
{
	for (size_t i = 0; i < plain->nuses; i++) {
		struct bpf_insn insn;
		if (plain->uses[i].insn >= plain->ninsns)
			return -EINVAL;
		memcpy(&insn, &insns[plain->uses[i].insn], sizeof insn);
		insn.src_reg = BPF_PSEUDO_MAP_FD;
		insn.imm = maps[plain->uses[i].map];
		memcpy(&insns[plain->uses[i].insn], &insn, sizeof insn);
	}
	return 0;
}

static int load_program(const uint64_t *insns, size_t n, int target)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_TRACING;
	attr.expected_attach_type = BPF_TRACE_ITER;
	attr.attach_btf_id = (uint32_t)target;
	attr.insns = (uint64_t)(uintptr_t)insns;
	attr.insn_cnt = (uint32_t)n;
	attr.license = (uint64_t)(uintptr_t)"GPL";
	strcpy(attr.prog_name, "oomsight");
	return bpf(BPF_PROG_LOAD, &attr);
}

int bpf_plain_load(const struct bpf_plain *plain, const struct btf *btf, const char *target, const int *maps)
{
	int function = btf_find_function(btf, target);
	if (function < 0)
		return function;
	uint64_t *insns = malloc(plain->ninsns * sizeof *insns);
	if (!insns)
		return -ENOMEM;
	memcpy(insns, plain->insns, plain->ninsns * sizeof *insns);
	int r = bpf_plain_move(plain, btf, insns);
	if (r == 0)
		r = set_maps(plain, maps, insns);
	if (r == 0)
		r = load_program(insns, plain->ninsns, function);
	free(insns);
	if (r < 0)
		return r;
	const int program = r;
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.attach_type = BPF_TRACE_ITER;
	r = bpf(BPF_LINK_CREATE, &attr);
	close(program); /* the link holds it */
	return r;
}

int bpf_iterator_open(int link)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.iter_create.link_fd = (uint32_t)link;
	return bpf(BPF_ITER_CREATE, &attr);
}
