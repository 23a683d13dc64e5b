/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The running kernel's description of its types, /sys/kernel/btf/vmlinux (5.4 and
 * later): where does a struct have its field? Format:
 * Documentation/bpf/btf.rst; include/uapi/linux/btf.h.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BTF_H
#define OOMSIGHT_SRC_SAMPLE_BTF_H

#include <stddef.h>
#include <stdint.h>

struct btf {
	const uint8_t *bytes;
	size_t size;
	uint32_t strings; /* where they begin */
	uint32_t *types;  /* where type 1, 2, … stand */
	uint32_t ntypes;
};

/* bytes must outlive the struct. 0; -EINVAL when they are not of the format;
 * -ENOMEM. */
int btf_init(struct btf *btf, const void *bytes, size_t size);
void btf_done(struct btf *btf);

/* The number of the function of that name, or -ENOENT. */
int btf_find_function(const struct btf *btf, const char *name);

/* The number of the struct of that name, or -ENOENT. Looks at every type. */
int btf_find_struct(const struct btf *btf, const char *name);

/* How many bytes into the struct of that number the field lies. path: members
 * parted by dots, each with [index] if it is an array's element, as
 * "rss_stat[1].count"; members of structs and unions without a name are found
 * as C does. 0 with *ret_offset set, or -ENOENT. */
int btf_field_offset(const struct btf *btf, int top, const char *path, uint32_t *ret_offset);

/* The value of an enumerator. 0 with *ret_value set, or -ENOENT. */
int btf_enum_value(const struct btf *btf, const char *top, const char *name, int32_t *ret_value);

#endif
