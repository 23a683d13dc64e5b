/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loading a BPF program without libbpf. bpftool's light skeleton is a program
 * by itself that, run once inside the kernel, makes the maps, moves every field
 * access to where this kernel has the field, and loads the real program. It is
 * two byte strings, its instructions and their data, and it leaves descriptors
 * in a context of ours. Needs Linux 5.17: before, the kernel did not do the
 * moving itself.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_IMAGE_H
#define OOMSIGHT_SRC_SAMPLE_BPF_IMAGE_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_image {
	const char *data;
	size_t data_size;
	const char *insns;
	size_t insns_size;
};

/* What the loader reads and fills, laid out as libbpf 1.0 and later generate
 * it: the head, then its maps, then its programs, as they stand in the source. */
struct bpf_image_head {
	uint32_t size; /* of the whole context */
	uint32_t flags;
	uint32_t log_level;
	uint32_t log_size;
	uint64_t log_address;
};
struct bpf_image_map {
	int32_t fd;           /* out */
	uint32_t max_entries; /* in; 0: as the source says */
	uint64_t initial_value;
};
struct bpf_image_program {
	int32_t fd; /* out */
};

/* Run the loader. context: begins with a head whose size is set. 0, or -errno of
 * whatever step failed; descriptors that were made are in the context then,
 * too. */
int bpf_image_load(const struct bpf_image *image, struct bpf_image_head *context);

/* Run a program of type syscall with arguments. Returns what it returns, not
 * negative, or -errno. */
int bpf_program_run(int fd, const void *args, uint32_t size);

/* bpf(2): what it returns, or -errno. */
int bpf(int command, union bpf_attr *attr);

/* An array map, flags as BPF_F_MMAPABLE. Its descriptor or -errno. */
int bpf_array_new(uint32_t value_size, uint32_t entries, uint32_t flags);

/* A map descriptor's content as memory, shared with the kernel; NULL on
 * failure. */
void *bpf_map_memory(int fd, size_t size);

#endif
