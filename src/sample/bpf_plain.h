/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loading an iterator's BPF program on kernels that do not move its field accesses
 * themselves (before 5.17): the program is shipped with a list of the
 * instructions that hold a place in one of the kernel's structs, and each is
 * set to where the running kernel's own description has it.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_PLAIN_H
#define OOMSIGHT_SRC_SAMPLE_BPF_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "btf.h"

enum bpf_plain_kind {
	PLAIN_FIELD_OFFSET,
	PLAIN_FIELD_EXISTS, /* 0 or 1 */
	PLAIN_ENUM_VALUE,
	PLAIN_ENUM_EXISTS,
};

/* The instruction holds what is to be known of a field or an enumerator. */
struct bpf_plain_move {
	uint32_t insn;
	enum bpf_plain_kind kind;
	const char *top; /* struct or enum */
	const char *field;
};

/* The instruction loads the map of that number. */
struct bpf_plain_use {
	uint32_t insn;
	uint32_t map;
};

struct bpf_plain {
	const uint64_t *insns; /* as struct bpf_insn */
	size_t ninsns;
	const struct bpf_plain_use *uses;
	size_t nuses;
	const struct bpf_plain_move *moves;
	size_t nmoves;
};

/* Set all moved places in a copy of the instructions. What the kernel has not is
 * made an instruction no kernel takes, which does no harm where another one
 * sees to it that it is never come to. 0 or -EINVAL: an instruction that holds
 * no place. */
int bpf_plain_move(const struct bpf_plain *plain, const struct btf *btf, uint64_t *insns);

/* Load the program with these maps as one of the kernel's iterator `target`, as
 * "bpf_iter_task". Returns a descriptor to make readable files of
 * (bpf_iterator_open), or -errno. */
int bpf_plain_load(const struct bpf_plain *plain, const struct btf *btf, const char *target, const int *maps);

/* A file whose reading runs the program once for each object. Returns a
 * descriptor or -errno. */
int bpf_iterator_open(int link);

#endif
