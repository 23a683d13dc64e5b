/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The program is written down as its instructions: a tracepoint's record has one
 * layout on all architectures, told by its format file, so nothing has to be compiled
 * or moved for the running kernel.
 * Source: include/trace/events/oom.h mark_victim, v4.14 and v6.9.
 */
#include "oomsight/sample/victims.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf_image.h"
#include "oomsight/base/text.h"

#define KEPT 64 /* a power of two */

/* The map's only element. */
struct ring {
	uint64_t n; /* ever */
	struct victim_mark marks[KEPT];
};

struct victim_watch {
	const struct ring *ring;
	int perf_fd; /* holds the program, and that the map */
	uint64_t seen;
};

struct layout {
	uint64_t id;   /* of the tracepoint */
	uint16_t pid;  /* offsets in its record */
	uint16_t comm; /* where the name's place is told; 0: there is none */
};

/* --- the program --------------------------------------------------------------------- */

#define INSN(c, d, s, o, i) ((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (int16_t)(o), .imm = (i) })
#define MOVE(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define CALC(op, d, i) INSN(BPF_ALU64 | (op) | BPF_K, d, 0, 0, i)
#define ADD(d, s) INSN(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define LOAD(size, d, s, o) INSN(BPF_LDX | (size) | BPF_MEM, d, s, o, 0)
#define STORE(size, d, o, s) INSN(BPF_STX | (size) | BPF_MEM, d, s, o, 0)
#define CALL(function) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)

enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 };

/* ring->marks[ring->n % KEPT] = { pid, comm }; ring->n++. Returns the length. */
static uint32_t write_program(struct bpf_insn program[40], int map, const struct layout *layout)
{
	uint32_t len = 0;
#define PUT(insn) program[len++] = (insn)
	PUT(MOVE(R6, R1));
	PUT(SET(R1, 0));
	PUT(STORE(BPF_W, R10, -4, R1)); /* the key */
	PUT(INSN(BPF_LD | BPF_DW | BPF_IMM, R1, BPF_PSEUDO_MAP_FD, 0, map));
	PUT(INSN(0, 0, 0, 0, 0));
	PUT(MOVE(R2, R10));
	PUT(CALC(BPF_ADD, R2, -4));
	PUT(CALL(BPF_FUNC_map_lookup_elem));
	uint32_t jump = len;
	PUT(INSN(BPF_JMP | BPF_JEQ | BPF_K, R0, 0, 0, 0));
	PUT(MOVE(R7, R0));
	PUT(LOAD(BPF_DW, R8, R7, offsetof(struct ring, n)));
	PUT(MOVE(R9, R8));
	PUT(CALC(BPF_AND, R9, KEPT - 1));
	PUT(CALC(BPF_MUL, R9, (int)sizeof(struct victim_mark)));
	PUT(ADD(R9, R7)); /* r9: ring + index * size */
	PUT(LOAD(BPF_W, R1, R6, layout->pid));
	PUT(STORE(BPF_W, R9, offsetof(struct ring, marks) + offsetof(struct victim_mark, pid), R1));
	if (layout->comm > 0) {
		PUT(LOAD(BPF_W, R3, R6, layout->comm)); /* __data_loc: length and offset */
		PUT(CALC(BPF_AND, R3, 0xffff));
		PUT(ADD(R3, R6));
		PUT(SET(R2, 16));
		PUT(MOVE(R1, R9));
		PUT(CALC(BPF_ADD, R1, (int)(offsetof(struct ring, marks) + offsetof(struct victim_mark, comm))));
		PUT(CALL(BPF_FUNC_probe_read_kernel_str));
	}
	PUT(CALC(BPF_ADD, R8, 1));
	PUT(STORE(BPF_DW, R7, offsetof(struct ring, n), R8));
	program[jump].off = (int16_t)(len - jump - 1);
	PUT(SET(R0, 0));
	PUT(INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
#undef PUT
	return len;
}

/* --- the kernel's side ------------------------------------------------------------------ */

static int make_map(void)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(struct ring);
	attr.max_entries = 1;
	attr.map_flags = BPF_F_MMAPABLE;
	strcpy(attr.map_name, "oomsight_marks");
	return bpf(BPF_MAP_CREATE, &attr);
}

static int load_program(int map, const struct layout *layout)
{
	struct bpf_insn program[40];
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_TRACEPOINT;
	attr.insn_cnt = write_program(program, map, layout);
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.license = (uint64_t)(uintptr_t)"Dual BSD/GPL";
	strcpy(attr.prog_name, "oomsight_mark");
	return bpf(BPF_PROG_LOAD, &attr);
}

/* Run it at the tracepoint, on all CPUs: the event's own is of no matter to a program,
 * include/trace/perf.h. Returns the event that holds it. */
static int attach(int program, uint64_t id)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof attr, .config = id };
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) < 0 || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

/* --- tracefs ---------------------------------------------------------------------------- */

/* "field:… NAME;	offset:8;	size:4;": the offset; 0: no such field. */
static uint16_t field_offset(struct text format, const char *name)
{
	struct text line;
	size_t len = strlen(name);
	while (text_next_line(&format, &line)) {
		const char *p = memmem(line.ptr, line.len, name, len), *end = line.ptr + line.len;
		const char *offset = p ? memmem(p, (size_t)(end - p), "offset:", 7) : NULL;
		uint64_t value;
		if (!offset)
			continue;
		struct text digits = text_of(offset + 7, (size_t)(end - offset) - 7), number;
		if (text_next_until(&digits, ';', &number) && text_to_u64(number, 10, &value) == 0 && value < 256)
			return (uint16_t)value;
	}
	return 0;
}

static int read_layout(const struct root *root, struct layout *ret, struct diag *diag)
{
	static const char *const places[] = { "sys/kernel/tracing", "sys/kernel/debug/tracing" };
	char path[96], text[4096];
	ssize_t n = -ENOENT;
	for (size_t i = 0; i < 2 && n < 0; i++) {
		snprintf(path, sizeof path, "%s/events/oom/mark_victim/id", places[i]);
		n = root_read(root, path, text, sizeof text);
		if (n < 0 || text_to_u64(text_trim(text_of(text, (size_t)n)), 10, &ret->id) < 0)
			continue;
		snprintf(path, sizeof path, "%s/events/oom/mark_victim/format", places[i]);
		n = root_read(root, path, text, sizeof text);
	}
	if (n < 0) {
		diag_set(diag, "sys/kernel/tracing", 0, "has no oom:mark_victim that may be read: %s", strerror((int)-n));
		return (int)n;
	}
	ret->pid = field_offset(text_of(text, (size_t)n), " pid;");
	ret->comm = field_offset(text_of(text, (size_t)n), "__data_loc char[] comm;");
	if (ret->pid > 0)
		return 0;
	diag_set(diag, path, 0, "names no pid");
	return -ENODATA;
}

struct victim_watch *victim_watch_new(const struct root *root, struct diag *diag)
{
	struct layout layout;
	if (!root->real) {
		diag_set(diag, NULL, 0, "only the running host has victims to be watched");
		return NULL;
	}
	if (read_layout(root, &layout, diag) < 0)
		return NULL;
	struct victim_watch *watch = calloc(1, sizeof *watch);
	int map = watch ? make_map() : -ENOMEM;
	int program = map < 0 ? map : load_program(map, &layout);
	int perf = program < 0 ? program : attach(program, layout.id);
	const void *memory = perf < 0 ? NULL : bpf_map_memory(map, sizeof(struct ring));
	if (map >= 0)
		close(map);
	if (program >= 0)
		close(program);
	if (memory) {
		*watch = (struct victim_watch){ .ring = memory, .perf_fd = perf };
		return watch;
	}
	diag_set(diag, NULL, 0, "oom:mark_victim cannot be followed: %s", strerror(perf < 0 ? -perf : errno));
	if (perf >= 0)
		close(perf);
	free(watch);
	return NULL;
}

void victim_watch_free(struct victim_watch *watch)
{
	if (!watch)
		return;
	munmap((void *)(uintptr_t)watch->ring, sizeof *watch->ring);
	close(watch->perf_fd);
	free(watch);
}

uint32_t victim_watch_read(struct victim_watch *watch, struct victim_mark *marks, uint32_t max)
{
	uint64_t n = __atomic_load_n(&watch->ring->n, __ATOMIC_ACQUIRE), first = watch->seen;
	uint32_t read = 0;
	if (n - first > KEPT)
		first = n - KEPT;
	if (n - first > max)
		first = n - max;
	for (uint64_t i = first; i < n; i++) {
		marks[read] = watch->ring->marks[i % KEPT];
		marks[read++].comm[15] = '\0';
	}
	watch->seen = n;
	return read;
}
