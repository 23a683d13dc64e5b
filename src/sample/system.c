/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each fact of sys_fact_table has one source, chosen at the start: libproc2
 * where it has the fact and serves this root, else our own parser. A file is
 * read by us only when a fact of it is ours.
 */
#include "system.h"

#include <errno.h>
#include <stdio.h>

#include "oomsight/sample/parse.h"

static const char *const keyed_paths[SYS_FILE_ZRAM] = {
	[SYS_FILE_MEMINFO] = "proc/meminfo",
	[SYS_FILE_VMSTAT] = "proc/vmstat",
	[SYS_FILE_STAT] = "proc/stat",
};

static const char *const psi_paths[PSI__COUNT] = {
	[PSI_MEMORY] = "proc/pressure/memory",
	[PSI_IO] = "proc/pressure/io",
	[PSI_CPU] = "proc/pressure/cpu",
};

static enum fact_state state_of_error(int error)
{
	switch (-error) {
	case ENOENT:
	case ENOTDIR:
	case EOPNOTSUPP: /* pressure, switched off on the command line */
	case ENOSYS:
		return FACT_ABSENT;
	case EACCES:
	case EPERM:
		return FACT_DENIED;
	default:
		return FACT_UNKNOWN;
	}
}

static void set_states(enum sys_file file, enum fact_state state, struct system_facts *facts)
{
	for (unsigned i = 0; i < SYS__COUNT; i++) {
		if (sys_fact_table[i].file == file)
			facts->state[i] = (uint8_t)state;
	}
}

/* Any refusal, one for want of memory too, costs the facts of that file alone. */
static void read_keyed(struct system_reader *reader, enum sys_file file, struct system_facts *facts)
{
	struct text bytes;
	int r = kept_file_read(&reader->keyed[file], reader->root, reader->buffer, &bytes);
	if (r < 0) {
		set_states(file, state_of_error(r), facts);
		return;
	}
	parse_system_file(file, bytes, facts);
	if (file == SYS_FILE_STAT && reader->cpus == 0)
		reader->cpus = parse_stat_cpus(bytes);
}

static void find_zram(struct system_reader *reader)
{
	char path[96];
	struct text bytes;
	for (unsigned i = 0; i < ZRAM_DEVICES; i++) {
		snprintf(path, sizeof path, "sys/block/zram%u/mm_stat", i);
		if (file_read(reader->root, path, reader->buffer, &bytes) == 0)
			kept_file_init(&reader->zram[reader->nzram++], path);
	}
}

void system_reader_init(struct system_reader *reader, const struct root *root, struct read_buffer *buffer)
{
	*reader = (struct system_reader){ .root = root, .buffer = buffer };
	for (unsigned i = 0; i < SYS_FILE_ZRAM; i++)
		kept_file_init(&reader->keyed[i], keyed_paths[i]);
	for (unsigned i = 0; i < PSI__COUNT; i++)
		kept_file_init(&reader->psi[i], psi_paths[i]);
	kept_file_init(&reader->zoneinfo, "proc/zoneinfo");
	kept_file_init(&reader->swaps, "proc/swaps");
	kept_file_init(&reader->dentries, "proc/sys/fs/dentry-state");
	for (unsigned i = 0; i < SYSCTL__COUNT; i++) {
		char path[96];
		snprintf(path, sizeof path, "proc/sys/%s", sysctl_names[i]);
		for (char *p = path; *p; p++)
			*p = *p == '.' ? '/' : *p;
		kept_file_init(&reader->sysctl[i], path);
	}
	find_zram(reader);

	struct system_facts present = { 0 };
	for (unsigned i = 0; i < SYS_FILE_ZRAM; i++)
		read_keyed(reader, (enum sys_file)i, &present);
	if (root->real)
		reader->lib = libproc_new(&present);
	for (unsigned i = 0; i < SYS__COUNT; i++) {
		enum sys_file file = sys_fact_table[i].file;
		/* What the kernel does not have today it will not have tomorrow. */
		if (file < SYS_FILE_ZRAM && !libproc_has(reader->lib, (enum sys_fact)i) &&
		    !(reader->lib && present.state[i] == FACT_ABSENT))
			reader->own[file] = true;
	}
}

void system_reader_done(struct system_reader *reader)
{
	libproc_free(reader->lib);
	for (unsigned i = 0; i < SYS_FILE_ZRAM; i++)
		kept_file_done(&reader->keyed[i]);
	for (unsigned i = 0; i < PSI__COUNT; i++)
		kept_file_done(&reader->psi[i]);
	for (unsigned i = 0; i < SYSCTL__COUNT; i++)
		kept_file_done(&reader->sysctl[i]);
	for (unsigned i = 0; i < reader->nzram; i++)
		kept_file_done(&reader->zram[i]);
	kept_file_done(&reader->zoneinfo);
	kept_file_done(&reader->swaps);
	kept_file_done(&reader->dentries);
}

static void read_psi(struct system_reader *reader, struct system_facts *facts)
{
	for (unsigned i = 0; i < PSI__COUNT; i++) {
		struct text bytes;
		int r = kept_file_read(&reader->psi[i], reader->root, reader->buffer, &bytes);
		facts->psi[i] = (struct psi){ 0 };
		if (r == 0)
			parse_psi(bytes, &facts->psi[i]);
		else
			facts->psi[i].some.state = facts->psi[i].full.state = state_of_error(r);
	}
}

static void read_sysctls(struct system_reader *reader, struct system_facts *facts)
{
	for (unsigned i = 0; i < SYSCTL__COUNT; i++) {
		struct text bytes;
		struct sysctl_value *value = &facts->sysctl[i];
		int r = kept_file_read_sysctl(&reader->sysctl[i], reader->root, reader->buffer, &bytes);
		*value = (struct sysctl_value){ 0 };
		if (r < 0)
			value->state = state_of_error(r);
		else if (parse_sysctl(bytes, &value->value) == 0)
			value->state = FACT_KNOWN;
	}
}

/* The nodes of zoneinfo ascend, and so do those of the snapshot. */
static int add_to_node(struct snapshot *snap, const struct zone *zone, bool has_managed)
{
	uint32_t at = snap->nnodes;
	while (at > 0 && snap->nodes[at - 1].id > zone->node)
		at--;
	if (at == 0 || snap->nodes[at - 1].id != zone->node) {
		int r = snapshot_reserve_nodes(snap, snap->nnodes + 1);
		if (r < 0)
			return r;
		memmove(snap->nodes + at + 1, snap->nodes + at, (snap->nnodes - at) * sizeof *snap->nodes);
		snap->nodes[at++] = (struct node){ .id = zone->node };
		snap->nnodes++;
	}
	struct node *node = &snap->nodes[at - 1];
	node->present_pages += zone->present_pages;
	node->managed_pages += has_managed ? zone->managed_pages : zone->present_pages;
	node->free_pages += zone->free_pages;
	node->file_lru_pages += zone->active_file_pages + zone->inactive_file_pages;
	node->anon_lru_pages += zone->active_anon_pages + zone->inactive_anon_pages;
	node->min_pages += zone->min_pages;
	return 0;
}

static void read_nodes(struct system_reader *reader, struct snapshot *snap)
{
	for (uint32_t i = 0; i < snap->nnodes; i++) {
		struct node *node = &snap->nodes[i];
		char path[96];
		struct text bytes;
		snprintf(path, sizeof path, "sys/devices/system/node/node%u/meminfo", (unsigned)node->id);
		int r = file_read(reader->root, path, reader->buffer, &bytes);
		if (r < 0)
			node->meminfo_state = state_of_error(r);
		else
			node->meminfo_state = parse_node_meminfo(bytes, node) < 0 ? FACT_UNKNOWN : FACT_KNOWN;
	}
}

static int read_zones(struct system_reader *reader, struct snapshot *snap)
{
	struct text rest;
	int r = kept_file_read(&reader->zoneinfo, reader->root, reader->buffer, &rest);
	if (r < 0)
		return 0;
	struct zone zone;
	bool has_managed;
	while (parse_zoneinfo_next(&rest, &zone, &has_managed)) {
		if ((r = add_to_node(snap, &zone, has_managed)) < 0)
			return r;
		if ((has_managed ? zone.managed_pages : zone.present_pages) == 0)
			continue;
		if ((r = snapshot_reserve_zones(snap, snap->system.nzones + 1)) < 0)
			return r;
		snap->system.zones[snap->system.nzones++] = zone;
	}
	return 0;
}

static int read_swaps(struct system_reader *reader, struct snapshot *snap)
{
	struct text rest;
	int r = kept_file_read(&reader->swaps, reader->root, reader->buffer, &rest);
	if (r < 0)
		return 0;
	struct parsed_swap parsed;
	while (parse_swaps_next(&rest, &parsed)) {
		char name[256];
		struct swap_device device = {
			.size_bytes = parsed.size_bytes,
			.used_bytes = parsed.used_bytes,
			.priority = parsed.priority,
		};
		size_t len = parse_unescape(parsed.name, name, sizeof name);
		if ((r = snapshot_add_text(snap, text_of(name, len), &device.name)) < 0 ||
		    (r = snapshot_reserve_swaps(snap, snap->system.nswaps + 1)) < 0)
			return r;
		snap->system.swaps[snap->system.nswaps++] = device;
	}
	return 0;
}

static void read_zram(struct system_reader *reader, struct system_facts *facts)
{
	uint64_t original = 0, used = 0;
	enum fact_state state = reader->nzram > 0 ? FACT_KNOWN : FACT_ABSENT;
	for (unsigned i = 0; i < reader->nzram; i++) {
		struct text bytes;
		uint64_t device_original, device_used;
		/* A device may be taken away while we run; it holds nothing then. */
		if (kept_file_read(&reader->zram[i], reader->root, reader->buffer, &bytes) < 0)
			continue;
		if (parse_zram_mm_stat(bytes, &device_original, &device_used) < 0 ||
		    __builtin_add_overflow(original, device_original, &original) ||
		    __builtin_add_overflow(used, device_used, &used))
			state = FACT_UNKNOWN;
	}
	facts->state[SYS_ZRAM_ORIG] = facts->state[SYS_ZRAM_USED] = (uint8_t)state;
	facts->value[SYS_ZRAM_ORIG] = original;
	facts->value[SYS_ZRAM_USED] = used;
}

static void read_dentries(struct system_reader *reader, struct system_facts *facts)
{
	struct text bytes;
	int r = kept_file_read_sysctl(&reader->dentries, reader->root, reader->buffer, &bytes);
	enum fact_state state = r < 0 ? state_of_error(r) : FACT_KNOWN;
	if (r == 0 && parse_dentry_state(bytes, &facts->value[SYS_DENTRIES], &facts->value[SYS_DENTRIES_UNUSED]) < 0)
		state = FACT_UNKNOWN;
	facts->state[SYS_DENTRIES] = facts->state[SYS_DENTRIES_UNUSED] = (uint8_t)state;
}

int system_reader_take(struct system_reader *reader, bool nodes, struct snapshot *snap)
{
	struct system_facts *facts = &snap->system;
	for (unsigned i = 0; i < SYS_FILE_ZRAM; i++) {
		set_states((enum sys_file)i, FACT_ABSENT, facts);
		if (reader->own[i])
			read_keyed(reader, (enum sys_file)i, facts);
	}
	if (reader->lib)
		libproc_read(reader->lib, facts);
	parse_meminfo_judge(facts);
	read_psi(reader, facts);
	read_sysctls(reader, facts);
	read_zram(reader, facts);
	read_dentries(reader, facts);
	int r = read_zones(reader, snap);
	if (r == 0 && nodes)
		read_nodes(reader, snap);
	return r < 0 ? r : read_swaps(reader, snap);
}
