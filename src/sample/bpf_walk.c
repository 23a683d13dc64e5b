/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bpf_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf_image.h"
#include "bpf_plain.h"

#include "bpf/task_each.image.inc"
#include "bpf/task_walk.image.inc"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The generated loader's context for the program that is called. */
struct call_context {
	struct bpf_image_head head;
	struct bpf_image_map maps[task_walk_maps];
	struct bpf_image_program walk;
	uint32_t none;
};

static const struct bpf_plain task_each = {
	.insns = task_each_insns, .ninsns = COUNT_OF(task_each_insns),
	.uses = task_each_uses,	  .nuses = COUNT_OF(task_each_uses),
	.moves = task_each_moves, .nmoves = COUNT_OF(task_each_moves),
};

void bpf_walk_init(struct bpf_walk *walk, const struct root *root, enum bpf_walk_kind kind, uint32_t possible_cpus)
{
	*walk = (struct bpf_walk){ .root = root, .kind = kind, .possible_cpus = possible_cpus, .fd = -1 };
}

void bpf_walk_done(struct bpf_walk *walk)
{
	if (walk->records)
		munmap(walk->records, walk->capacity * sizeof *walk->records);
	if (walk->control)
		munmap(walk->control, sizeof *walk->control);
	if (walk->fd >= 0)
		close(walk->fd);
	bpf_walk_init(walk, walk->root, walk->kind, walk->possible_cpus);
}

/* --- the program that is called ---------------------------------------------- */

static int load_call(struct bpf_walk *walk)
{
	static const struct bpf_image image = {
		.data = task_walk_data, .data_size = sizeof task_walk_data - 1,
		.insns = task_walk_insns, .insns_size = sizeof task_walk_insns - 1,
	};
	struct call_context context = { .head.size = offsetof(struct call_context, none) };
	context.maps[task_walk_records].max_entries = walk->capacity;
	context.maps[task_walk_leaders].max_entries = walk->capacity;
	context.maps[task_walk_cpu_offsets].max_entries = walk->possible_cpus > 0 ? walk->possible_cpus : 1;
	int r = bpf_image_load(&image, &context.head);
	if (context.walk.fd > 0)
		walk->fd = context.walk.fd;
	if (r == 0) {
		walk->records = bpf_map_memory(context.maps[task_walk_records].fd, walk->capacity * sizeof *walk->records);
		if (!walk->records)
			r = -errno;
	}
	/* The program and the memory hold the maps. */
	for (int i = 0; i < task_walk_maps; i++) {
		if (context.maps[i].fd > 0)
			close(context.maps[i].fd);
	}
	return r;
}

/* --- the iterator's program -------------------------------------------------- */

/* Up to 5.10 the memory of maps counts as locked by the user, root's too. */
static void allow_locked_memory(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 && getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
}

static int load_maps(struct bpf_walk *walk, int maps[task_each_maps])
{
	maps[task_each_records] = bpf_array_new(sizeof *walk->records, walk->capacity, BPF_F_MMAPABLE);
	if (maps[task_each_records] < 0)
		return maps[task_each_records];
	maps[task_each_control] = bpf_array_new(sizeof *walk->control, 1, BPF_F_MMAPABLE);
	if (maps[task_each_control] < 0)
		return maps[task_each_control];
	walk->records = bpf_map_memory(maps[task_each_records], walk->capacity * sizeof *walk->records);
	walk->control = bpf_map_memory(maps[task_each_control], sizeof *walk->control);
	return walk->records && walk->control ? 0 : -errno;
}

static int load_program(struct bpf_walk *walk, const int maps[task_each_maps], const struct btf *btf)
{
	/* A kernel that has the other walk may print other sums than the quick
	 * ones, which are all that this one knows. */
	if (btf_find_function(btf, "bpf_iter_task_new") > 0)
		return -EOPNOTSUPP;
	int fd = bpf_plain_load(&task_each, btf, "bpf_iter_task", maps);
	if (fd < 0)
		return fd;
	walk->fd = fd;
	return 0;
}

static int load_with_btf(struct bpf_walk *walk, const int maps[task_each_maps], const char *bytes, size_t size)
{
	struct btf btf;
	int r = btf_init(&btf, bytes, size);
	if (r < 0)
		return r;
	r = load_program(walk, maps, &btf);
	btf_done(&btf);
	return r;
}

/* Some megabytes, so not by the sampler's buffer, and given back at once. */
static int read_btf(const struct root *root, char **ret_bytes, size_t *ret_size)
{
	struct stat stat;
	int fd = root_open_file(root, "sys/kernel/btf/vmlinux", O_RDONLY);
	if (fd < 0)
		return fd;
	int r = fstat(fd, &stat) < 0 || stat.st_size <= 0 ? -EINVAL : 0;
	size_t size = r == 0 ? (size_t)stat.st_size + 1 : 0;
	char *bytes = r == 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
	if (r == 0 && bytes == MAP_FAILED)
		r = -ENOMEM;
	ssize_t n = r == 0 ? root_pread_all(fd, bytes, size) : 0;
	close(fd);
	if (r == 0 && n != stat.st_size) {
		munmap(bytes, size);
		r = n < 0 ? (int)n : -EINVAL;
	}
	if (r == 0) {
		*ret_bytes = bytes;
		*ret_size = (size_t)n;
	}
	return r;
}

static int load_iterator(struct bpf_walk *walk)
{
	int maps[task_each_maps];
	char *bytes;
	size_t size;
	for (int i = 0; i < task_each_maps; i++)
		maps[i] = -1;
	allow_locked_memory();
	int r = load_maps(walk, maps);
	if (r == 0)
		r = read_btf(walk->root, &bytes, &size);
	if (r == 0) {
		r = load_with_btf(walk, maps, bytes, size);
		munmap(bytes, size + 1);
	}
	for (int i = 0; i < task_each_maps; i++) {
		if (maps[i] >= 0)
			close(maps[i]);
	}
	return r;
}

static int run_iterator(struct bpf_walk *walk, const struct task_walk_args *args)
{
	char nothing[64];
	walk->control->nodes = args->nodes;
	walk->control->records = 0;
	int fd = bpf_iterator_open(walk->fd);
	if (fd < 0)
		return fd;
	ssize_t n;
	do {
		n = read(fd, nothing, sizeof nothing);
		/* It pauses after a million tasks. */
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
	int error = errno;
	close(fd);
	return n < 0 ? -error : walk->control->records > INT_MAX ? -EOVERFLOW : (int)walk->control->records;
}

/* --- either -------------------------------------------------------------------- */

int bpf_walk_load(struct bpf_walk *walk, uint32_t capacity)
{
	struct bpf_walk fresh;
	bpf_walk_init(&fresh, walk->root, walk->kind, walk->possible_cpus);
	fresh.capacity = capacity;
	int r = walk->kind == BPF_WALK_CALL ? load_call(&fresh) : load_iterator(&fresh);
	if (r < 0) {
		bpf_walk_done(&fresh);
		return r;
	}
	bpf_walk_done(walk);
	*walk = fresh;
	return 0;
}

int bpf_walk_run(struct bpf_walk *walk, const struct task_walk_args *args)
{
	return walk->kind == BPF_WALK_CALL ? bpf_program_run(walk->fd, args, sizeof *args) : run_iterator(walk, args);
}
