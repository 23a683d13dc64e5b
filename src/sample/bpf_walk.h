/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A BPF program that goes through all processes and leaves a record of each,
 * loaded and ready to be run. There are two, and who reads the records need
 * not know which it was.
 */
#ifndef OOMSIGHT_SRC_SAMPLE_BPF_WALK_H
#define OOMSIGHT_SRC_SAMPLE_BPF_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/task_rec.h"
#include "oomsight/base/root.h"

enum bpf_walk_kind {
	BPF_WALK_CALL,     /* one call: Linux 6.7 and later */
	BPF_WALK_ITERATOR, /* an iterator read to its end: 5.8 to 6.6 */
};

struct bpf_walk {
	const struct root *root;
	enum bpf_walk_kind kind;
	uint32_t possible_cpus; /* 0: not all of them have precise sums to be found */
	int fd;                 /* of the program, or of the iterator's link; -1: none */
	uint32_t capacity;
	struct task_rec *records; /* shared with the kernel; they change when the program runs */
	struct task_each_control *control; /* likewise; of BPF_WALK_ITERATOR */
};

/* Nothing is loaded. root: the running host's; it must outlive the walk. */
void bpf_walk_init(struct bpf_walk *walk, const struct root *root, enum bpf_walk_kind kind, uint32_t possible_cpus);
void bpf_walk_done(struct bpf_walk *walk);

/* Load the program with room for so many records. What was loaded before stays on
 * failure. 0 or -errno; -EOPNOTSUPP when this kernel is for the other kind. */
int bpf_walk_load(struct bpf_walk *walk, uint32_t capacity);

/* Run it. Returns how many records there are, which may be more than there is
 * room for (those beyond are not filled), or -errno. */
int bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args);

#endif
