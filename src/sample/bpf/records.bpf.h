/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the programs leave the records, and what they call to do so.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_RECORDS_BPF_H
#define OOMSIGHT_SRC_SAMPLE_BPF_RECORDS_BPF_H

#include "kernel.bpf.h"
#include "task_rec.h"

char LICENSE[] SECTION("license") = "GPL";

/* Room for the processes is made at load. */
struct {
	MAP_UINT(type, MAP_TYPE_ARRAY);
	MAP_UINT(max_entries, 1);
	MAP_UINT(map_flags, MAP_MMAPABLE);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct task_rec);
} records SECTION(".maps");

#define KERNEL_FUNCTION extern __attribute__((section(".ksyms")))
KERNEL_FUNCTION void *bpf_rdonly_cast(const void *address, u32 type_id);

#endif
