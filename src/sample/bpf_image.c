/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bpf_image.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int bpf(int command, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, command, attr, sizeof *attr);
	return r < 0 ? -errno : (int)r;
}

static uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

int bpf_program_run(int fd, const void *args, uint32_t size)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.test.prog_fd = (uint32_t)fd;
	attr.test.ctx_in = address_of(args);
	attr.test.ctx_size_in = size;
	int r = bpf(BPF_PROG_TEST_RUN, &attr);
	return r < 0 ? r : (int)attr.test.retval;
}

int bpf_array_new(uint32_t value_size, uint32_t entries, uint32_t flags)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = value_size;
	attr.max_entries = entries;
	attr.map_flags = flags;
	strcpy(attr.map_name, "oomsight");
	return bpf(BPF_MAP_CREATE, &attr);
}

/* The loader's data: a map with one element. */
static int make_data_map(const struct bpf_image *image)
{
	int fd = bpf_array_new((uint32_t)image->data_size, 1, 0);
	if (fd < 0)
		return fd;
	const uint32_t key = 0;
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.map_fd = (uint32_t)fd;
	attr.key = address_of(&key);
	attr.value = address_of(image->data);
	int r = bpf(BPF_MAP_UPDATE_ELEM, &attr);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static int load_loader(const struct bpf_image *image, const int *fds)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;
	attr.insns = address_of(image->insns);
	attr.insn_cnt = (uint32_t)(image->insns_size / sizeof(struct bpf_insn));
	attr.license = address_of("Dual BSD/GPL");
	attr.fd_array = address_of(fds);
	attr.prog_flags = BPF_F_SLEEPABLE;
	strcpy(attr.prog_name, "oomsight_load");
	return bpf(BPF_PROG_LOAD, &attr);
}

int bpf_image_load(const struct bpf_image *image, struct bpf_image_head *context)
{
	const int map = make_data_map(image);
	if (map < 0)
		return map;
	int program = load_loader(image, &map);
	close(map);
	if (program < 0)
		return program;
	int r = bpf_program_run(program, context, context->size);
	close(program);
	return r;
}

void *bpf_map_memory(int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}
