/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tree of memory cgroups changes rarely and may hold thousands of groups,
 * while those that can bring an OOM are those with a limit, and the next one is mostly
 * among the fullest. So a tick takes the tree over from the snapshot before and reads
 * two small files of the fullest; the walk, which opens every directory, comes once in SAMPLE_MAX_AGE
 * ticks, or at once when a task names a group that is not known.
 *
 * The walk is a stack of directories still to visit. Of each directory its
 * children are pushed the youngest first, so that they are visited in the order
 * of their making, each with all that is below it before the next: see
 * snapshot/memcg.h for why that order matters.
 */
#include "memcgs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oomsight/sample/parse.h"
#include "oomsight/sample/sampler.h"

#define MEMCGS_MAX 65536U
/* Of so many of the fullest, usage and limit are read in every tick. */
#define MEMCGS_A_TICK 8U

static_assert(sizeof(((struct memcg_reader *)0)->base) == sizeof(((struct snapshot *)0)->memcg_mount) &&
		      sizeof(((struct memcg_reader *)0)->top) == sizeof(((struct snapshot *)0)->memcg_top),
	      "the snapshot takes the places over");

static int grow(void **array, uint32_t *capacity, uint32_t want, size_t size)
{
	if (want <= *capacity)
		return 0;
	uint32_t target = want + want / 2 + 64;
	void *bigger = realloc(*array, (size_t)target * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*capacity = target;
	return 0;
}

static int compare_texts(struct text a, struct text b)
{
	int r = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
	return r ? r : (a.len > b.len) - (a.len < b.len);
}

typedef bool sort_before(const void *a, const void *b, const struct memcg_reader *reader);

#define SORTED_SIZE_MAX 32

static void swap(char *a, char *b, size_t size)
{
	char kept[SORTED_SIZE_MAX];
	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

/* Heap sort: qsort() of the C library may ask for memory, and knows no context.
 * size <= SORTED_SIZE_MAX */
static void sort_in_place(void *array, uint32_t n, size_t size, sort_before *before, const struct memcg_reader *reader)
{
	char *at = array;
	uint32_t heap = n / 2, end = n;
	while (end > 1) {
		if (heap > 0)
			heap--;
		else
			swap(at, at + --end * size, size);
		for (uint32_t i = heap, child; (child = 2 * i + 1) < end; i = child) {
			if (child + 1 < end && before(at + child * size, at + (child + 1) * size, reader))
				child++;
			if (!before(at + i * size, at + child * size, reader))
				break;
			swap(at + i * size, at + child * size, size);
		}
	}
}

static bool youngest_first(const void *a, const void *b, const struct memcg_reader *reader)
{
	const struct memcg_pending *x = a, *y = b;
	(void)reader;
	return x->inode > y->inode;
}

/* --- where ------------------------------------------------------------------ */

static bool has_memory(struct memcg_reader *reader)
{
	char path[sizeof reader->base + 32];
	struct text bytes, word;
	snprintf(path, sizeof path, "%s/cgroup.controllers", reader->base);
	if (file_read(reader->root, path, reader->buffer, &bytes) < 0)
		return false;
	while (text_next_word(&bytes, &word)) {
		if (text_is(word, "memory"))
			return true;
	}
	return false;
}

static void find_mount(struct memcg_reader *reader)
{
	struct text bytes;
	struct parsed_memcg_mount mount;
	if (file_read(reader->root, "proc/self/mountinfo", reader->buffer, &bytes) < 0 ||
	    parse_mountinfo_memcg(bytes, &mount) < 0)
		return;
	char point[sizeof reader->base];
	size_t len = parse_unescape(mount.mount_point, point, sizeof point - 1);
	point[len] = '\0';
	snprintf(reader->base, sizeof reader->base, "%s", point[0] == '/' ? point + 1 : point);
	len = parse_unescape(mount.root, reader->top, sizeof reader->top - 1);
	reader->top[len] = '\0';
	if (strcmp(reader->top, "/") == 0)
		reader->top[0] = '\0';
	reader->version = mount.version;
	if (mount.version == MEMCG_V2 && !has_memory(reader))
		reader->version = MEMCG_NONE;
}

int memcg_reader_init(struct memcg_reader *reader, const struct root *root, struct read_buffer *buffer)
{
	memset(reader, 0, sizeof *reader);
	reader->root = root;
	reader->buffer = buffer;
	reader->path = malloc(PATH_MAX);
	if (!reader->path)
		return -ENOMEM;
	find_mount(reader);
	return 0;
}

void memcg_reader_done(struct memcg_reader *reader)
{
	free(reader->places);
	free(reader->names);
	free(reader->pending);
	free(reader->pool);
	free(reader->path);
}

/* --- the files of one group ------------------------------------------------- */

static void set_group(struct memcg *memcg, enum memcg_group group, enum fact_state state)
{
	memcg->group_state[group] = (uint8_t)state;
	memcg->age[group] = 0;
}

/* A file of the group whose directory is dir_fd. ENODEV: the group was removed
 * since we opened it. */
static bool read_of_group(struct memcg_reader *reader, int dir_fd, const char *name, struct memcg *memcg,
			  enum memcg_group group, struct text *ret_bytes)
{
	const struct root dir = { .fd = dir_fd, .real = reader->root->real };
	int r = file_read(&dir, name, reader->buffer, ret_bytes);
	if (r < 0)
		set_group(memcg, group,
			  r == -ENOENT || r == -EOPNOTSUPP	? FACT_ABSENT :
			  r == -EACCES || r == -EPERM ? FACT_DENIED :
			  r == -ENODEV		      ? FACT_GONE :
							FACT_UNKNOWN);
	return r == 0;
}

/* One amount; of several in one group of facts the state is that of the last. */
static void read_bytes(struct memcg_reader *reader, int dir_fd, const char *name, struct memcg *memcg,
		       enum memcg_group group, uint64_t *field)
{
	struct text bytes;
	if (read_of_group(reader, dir_fd, name, memcg, group, &bytes))
		set_group(memcg, group, parse_memcg_bytes(bytes, field) < 0 ? FACT_UNKNOWN : FACT_KNOWN);
}

static uint64_t read_number(struct memcg_reader *reader, int dir_fd, const char *name, struct memcg *memcg,
			    enum memcg_group group, uint64_t most)
{
	uint64_t value = 0;
	read_bytes(reader, dir_fd, name, memcg, group, &value);
	if (memcg_knows(memcg, group) && value > most)
		set_group(memcg, group, FACT_UNKNOWN);
	return value;
}

static const char *usage_file(const struct memcg_reader *reader)
{
	return reader->version == MEMCG_V1 ? "memory.usage_in_bytes" : "memory.current";
}

static const char *limit_file(const struct memcg_reader *reader)
{
	return reader->version == MEMCG_V1 ? "memory.limit_in_bytes" : "memory.max";
}

static void read_usage(struct memcg_reader *reader, int dir_fd, struct memcg *memcg)
{
	read_bytes(reader, dir_fd, usage_file(reader), memcg, MEMCG_USAGE, &memcg->usage_bytes);
	read_bytes(reader, dir_fd, limit_file(reader), memcg, MEMCG_MAX, &memcg->max_bytes);
}

static void read_oom_group(struct memcg_reader *reader, int dir_fd, struct memcg *memcg)
{
	if (reader->version == MEMCG_V1)
		set_group(memcg, MEMCG_OOM_GROUP, FACT_ABSENT);
	else
		memcg->oom_group = read_number(reader, dir_fd, "memory.oom.group", memcg, MEMCG_OOM_GROUP, 1) == 1;
}

static void read_rest_v1(struct memcg_reader *reader, int dir_fd, struct memcg *memcg)
{
	static const enum memcg_group absent[] = { MEMCG_SOFT, MEMCG_EVENTS_LOCAL, MEMCG_PRESSURE };
	struct text bytes;
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		set_group(memcg, absent[i], FACT_ABSENT);
	read_bytes(reader, dir_fd, "memory.memsw.usage_in_bytes", memcg, MEMCG_SWAP_USAGE, &memcg->swap_usage_bytes);
	read_bytes(reader, dir_fd, "memory.memsw.limit_in_bytes", memcg, MEMCG_SWAP_MAX, &memcg->swap_max_bytes);
	memcg->swappiness =
		(uint8_t)read_number(reader, dir_fd, "memory.swappiness", memcg, MEMCG_SWAPPINESS, UINT8_MAX);
	memcg->use_hierarchy = read_number(reader, dir_fd, "memory.use_hierarchy", memcg, MEMCG_HIERARCHY, 1) == 1;
	read_bytes(reader, dir_fd, "memory.failcnt", memcg, MEMCG_EVENTS, &memcg->events[MEMCG_EVENT_MAX]);
	memcg->events_known = memcg_knows(memcg, MEMCG_EVENTS) ? 1U << MEMCG_EVENT_MAX : 0;
	if (read_of_group(reader, dir_fd, "memory.oom_control", memcg, MEMCG_OOM_CONTROL, &bytes))
		set_group(memcg, MEMCG_OOM_CONTROL,
			  parse_memcg_oom_control(bytes, memcg) < 0 ? FACT_UNKNOWN : FACT_KNOWN);
}

static void read_rest_v2(struct memcg_reader *reader, int dir_fd, struct memcg *memcg)
{
	static const enum memcg_group absent[] = { MEMCG_OOM_CONTROL, MEMCG_SWAPPINESS, MEMCG_HIERARCHY };
	struct text bytes;
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		set_group(memcg, absent[i], FACT_ABSENT);
	/* memory.min came after the others: 4.18. */
	memcg->min_bytes = 0;
	read_bytes(reader, dir_fd, "memory.min", memcg, MEMCG_SOFT, &memcg->min_bytes);
	read_bytes(reader, dir_fd, "memory.low", memcg, MEMCG_SOFT, &memcg->low_bytes);
	read_bytes(reader, dir_fd, "memory.high", memcg, MEMCG_SOFT, &memcg->high_bytes);
	read_bytes(reader, dir_fd, "memory.swap.current", memcg, MEMCG_SWAP_USAGE, &memcg->swap_usage_bytes);
	read_bytes(reader, dir_fd, "memory.swap.max", memcg, MEMCG_SWAP_MAX, &memcg->swap_max_bytes);
	if (read_of_group(reader, dir_fd, "memory.events", memcg, MEMCG_EVENTS, &bytes))
		set_group(memcg, MEMCG_EVENTS,
			  parse_memcg_events(bytes, memcg->events, &memcg->events_known) < 0 ? FACT_UNKNOWN : FACT_KNOWN);
	if (read_of_group(reader, dir_fd, "memory.events.local", memcg, MEMCG_EVENTS_LOCAL, &bytes))
		set_group(memcg, MEMCG_EVENTS_LOCAL,
			  parse_memcg_events(bytes, memcg->events_local, &memcg->events_local_known) < 0 ?
				  FACT_UNKNOWN :
				  FACT_KNOWN);
	if (read_of_group(reader, dir_fd, "memory.pressure", memcg, MEMCG_PRESSURE, &bytes))
		set_group(memcg, MEMCG_PRESSURE, parse_psi(bytes, &memcg->pressure) < 0 ? FACT_UNKNOWN : FACT_KNOWN);
}

static void read_everything(struct memcg_reader *reader, int dir_fd, struct memcg *memcg)
{
	struct text bytes;
	if (reader->version == MEMCG_V1)
		read_rest_v1(reader, dir_fd, memcg);
	else
		read_rest_v2(reader, dir_fd, memcg);
	if (read_of_group(reader, dir_fd, "memory.stat", memcg, MEMCG_STAT, &bytes))
		set_group(memcg, MEMCG_STAT,
			  parse_memcg_stat(bytes, reader->version, memcg) < 0 ? FACT_UNKNOWN : FACT_KNOWN);
}

/* --- the walk ----------------------------------------------------------------- */

static_assert(sizeof(struct memcg_place) <= SORTED_SIZE_MAX && sizeof(struct memcg_pending) <= SORTED_SIZE_MAX,
	      "too large to sort");

static int add_place(struct memcg_reader *reader, struct text path, uint32_t memcg, bool plain)
{
	void *names = reader->names, *places = reader->places;
	int r = grow(&names, &reader->names_capacity, reader->names_len + (uint32_t)path.len, 1);
	reader->names = names;
	if (r == 0)
		r = grow(&places, &reader->places_capacity, reader->nplaces + 1, sizeof *reader->places);
	reader->places = places;
	if (r < 0)
		return r;
	memcpy(reader->names + reader->names_len, path.ptr, path.len);
	reader->places[reader->nplaces++] =
		(struct memcg_place){ reader->names_len, (uint32_t)path.len, memcg, plain };
	reader->names_len += (uint32_t)path.len;
	return 0;
}

static int add_pending(struct memcg_reader *reader, uint64_t inode, uint32_t parent, const char *name)
{
	void *pending = reader->pending, *pool = reader->pool;
	size_t len = strlen(name) + 1;
	int r = grow(&pending, &reader->pending_capacity, reader->npending + 1, sizeof *reader->pending);
	reader->pending = pending;
	if (r == 0)
		r = grow(&pool, &reader->pool_capacity, reader->pool_len + (uint32_t)len, 1);
	reader->pool = pool;
	if (r < 0)
		return r;
	memcpy(reader->pool + reader->pool_len, name, len);
	reader->pending[reader->npending++] = (struct memcg_pending){ inode, parent, reader->pool_len };
	reader->pool_len += (uint32_t)len;
	return 0;
}

static bool is_directory(int dir_fd, const struct dir_entry *entry)
{
	struct stat st;
	if (entry->name[0] == '.' && (entry->name[1] == '\0' || (entry->name[1] == '.' && entry->name[2] == '\0')))
		return false;
	if (entry->type != DIR_ENTRY_UNKNOWN)
		return entry->type == DIR_ENTRY_DIRECTORY;
	return fstatat(dir_fd, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int push_children(struct memcg_reader *reader, int dir_fd, uint32_t parent)
{
	uint32_t first = reader->npending;
	for (;;) {
		long n = syscall(SYS_getdents64, dir_fd, reader->buffer->entries, DIR_ENTRIES_SIZE);
		if (n <= 0)
			break; /* a group that is being removed has no children any more */
		for (long at = 0; at < n;) {
			const struct dir_entry *entry = (const void *)(reader->buffer->entries + at);
			at += entry->length;
			int r = is_directory(dir_fd, entry) ? add_pending(reader, entry->inode, parent, entry->name) : 0;
			if (r < 0)
				return r;
		}
	}
	sort_in_place(reader->pending + first, reader->npending - first, sizeof *reader->pending, youngest_first, reader);
	return 0;
}

/* Put into reader->path where a file of a group lies ("": its directory), by the group's
 * path as /proc/PID/cgroup names it; that of a cgroup name space's outside ("/..") is
 * below the mount point all the same. False when that is too long. */
static bool find_file(struct memcg_reader *reader, struct text path, const char *name)
{
	size_t top = strlen(reader->top);
	struct text below = text_of(path.ptr + top, path.len - top);
	if (text_is(below, "/"))
		below.len = 0;
	return snprintf(reader->path, PATH_MAX, "%s%.*s/%s", reader->base, (int)below.len, below.ptr, name) < PATH_MAX;
}

static int open_group(struct memcg_reader *reader, struct text path)
{
	return find_file(reader, path, "") ? root_open_file(reader->root, reader->path, O_RDONLY | O_DIRECTORY) :
					     -ENAMETOOLONG;
}

/* Visit one directory. path lies in the snapshot's arena or is `top`. */
static int visit(struct memcg_reader *reader, struct text_ref path_ref, uint32_t parent, bool all, struct snapshot *next)
{
	struct text path = snapshot_text(next, path_ref);
	int dir_fd = open_group(reader, path);
	if (dir_fd < 0)
		return 0; /* gone, or not for us */
	const struct root dir = { .fd = dir_fd, .real = reader->root->real };
	int fd = root_open_file(&dir, reader->version == MEMCG_V1 ? "memory.usage_in_bytes" : "memory.stat", O_RDONLY);
	int r = 0;
	if (fd < 0) {
		/* In v2 the controller may end here: all below is charged to the parent. */
		if (parent != TASK_MEMCG_UNKNOWN)
			r = add_place(reader, path, parent, true);
		close(dir_fd);
		return r;
	}
	close(fd);
	uint32_t index = next->nmemcgs;
	struct memcg *memcg = snapshot_add_memcg(next, parent);
	r = memcg ? add_place(reader, path, index, false) : -ENOMEM;
	if (r == 0) {
		struct stat st;
		memcg->path = path_ref;
		memcg->inode = fstat(dir_fd, &st) == 0 ? st.st_ino : 0;
		read_usage(reader, dir_fd, memcg);
		read_oom_group(reader, dir_fd, memcg);
		if (all)
			read_everything(reader, dir_fd, memcg);
		r = push_children(reader, dir_fd, index);
	}
	close(dir_fd);
	return r;
}

static bool path_before(const void *a, const void *b, const struct memcg_reader *reader)
{
	const struct memcg_place *x = a, *y = b;
	return compare_texts(text_of(reader->names + x->name, x->len), text_of(reader->names + y->name, y->len)) < 0;
}

static int walk(struct memcg_reader *reader, bool all, struct snapshot *next)
{
	struct text_ref ref;
	reader->nplaces = reader->names_len = reader->npending = reader->pool_len = 0;
	int r = snapshot_add_text(next, text_of_str(reader->top[0] ? reader->top : "/"), &ref);
	if (r == 0)
		r = visit(reader, ref, TASK_MEMCG_UNKNOWN, all, next);
	while (r == 0 && reader->npending > 0 && next->nmemcgs < MEMCGS_MAX) {
		struct memcg_pending dir = reader->pending[--reader->npending];
		const char *name = reader->pool + dir.name;
		struct text parent = snapshot_text(next, next->memcgs[dir.parent].path);
		if (text_is(parent, "/"))
			parent.len = 0;
		int n = snprintf(reader->path, PATH_MAX, "%.*s/%s", (int)parent.len, parent.ptr, name);
		if (n >= PATH_MAX)
			continue;
		r = snapshot_add_text(next, text_of(reader->path, (size_t)n), &ref);
		if (r == 0)
			r = visit(reader, ref, dir.parent, all, next);
	}
	snapshot_link_memcgs(next);
	sort_in_place(reader->places, reader->nplaces, sizeof *reader->places, path_before, reader);
	reader->walked = next->tick;
	reader->stale = false;
	return r;
}

/* --- between walks -------------------------------------------------------------- */

/* --- which of those with a limit are looked at between walks --- */

/* Nearer to its limit than the other? By products, for a limit may be 0. */
static bool is_fuller(const struct memcg *a, const struct memcg *b)
{
	return (double)a->usage_bytes * (double)b->max_bytes > (double)b->usage_bytes * (double)a->max_bytes;
}

/* The fullest of prev's groups with a limit, the fullest first. Returns how many. */
static uint32_t find_fullest(const struct snapshot *prev, uint32_t fullest[MEMCGS_A_TICK])
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < prev->nmemcgs; i++) {
		const struct memcg *memcg = &prev->memcgs[i];
		if (!memcg_has_limit(memcg))
			continue;
		uint32_t at = n < MEMCGS_A_TICK ? n++ : MEMCGS_A_TICK;
		if (at == MEMCGS_A_TICK && !is_fuller(memcg, &prev->memcgs[fullest[MEMCGS_A_TICK - 1]]))
			continue;
		at -= at == MEMCGS_A_TICK;
		for (; at > 0 && is_fuller(memcg, &prev->memcgs[fullest[at - 1]]); at--)
			fullest[at] = fullest[at - 1];
		fullest[at] = i;
	}
	return n;
}

static bool is_among(const uint32_t *indices, uint32_t n, uint32_t index)
{
	for (uint32_t i = 0; i < n; i++) {
		if (indices[i] == index)
			return true;
	}
	return false;
}

/* An amount of a group by its path: where but one file or two are read, opening its
 * directory before would be half of the work. */
static void read_again(struct memcg_reader *reader, struct text path, const char *name, struct memcg *memcg,
		       enum memcg_group group, uint64_t *field)
{
	if (!find_file(reader, path, name))
		return;
	read_bytes(reader, reader->root->fd, reader->path, memcg, group, field);
	if (memcg->group_state[group] == FACT_ABSENT) /* it was there */
		set_group(memcg, group, FACT_GONE);
}

static int take_over(struct memcg_reader *reader, const struct snapshot *prev, struct snapshot *next)
{
	uint32_t fullest[MEMCGS_A_TICK], nfullest = find_fullest(prev, fullest);
	int r = snapshot_reserve_memcgs(next, prev->nmemcgs);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < prev->nmemcgs; i++) {
		struct memcg *memcg = &next->memcgs[next->nmemcgs++];
		*memcg = prev->memcgs[i];
		for (unsigned group = 0; group < MEMCG__GROUPS; group++) {
			if (memcg->age[group] < UINT8_MAX)
				memcg->age[group]++;
		}
		r = snapshot_add_text(next, snapshot_text(prev, prev->memcgs[i].path), &memcg->path);
		if (r < 0)
			return r;
		if (!is_among(fullest, nfullest, i))
			continue;
		struct text path = snapshot_text(next, memcg->path);
		read_again(reader, path, usage_file(reader), memcg, MEMCG_USAGE, &memcg->usage_bytes);
		read_again(reader, path, limit_file(reader), memcg, MEMCG_MAX, &memcg->max_bytes);
	}
	return 0;
}

int memcg_reader_take(struct memcg_reader *reader, const struct snapshot *prev, bool all, struct snapshot *next)
{
	next->memcg_version = reader->version;
	memcpy(next->memcg_mount, reader->base, sizeof next->memcg_mount);
	memcpy(next->memcg_top, reader->top, sizeof next->memcg_top);
	if (reader->version == MEMCG_NONE)
		return 0;
	bool known = prev && reader->walked > 0 && prev->memcg_version == reader->version &&
		     prev->tick >= reader->walked && prev->nmemcgs > 0;
	bool due = all || !known || reader->stale || next->tick - reader->walked >= SAMPLE_MAX_AGE;
	return due ? walk(reader, all, next) : take_over(reader, prev, next);
}

/* --- whose task it is -------------------------------------------------------------- */

static struct text place_path(const struct memcg_reader *reader, uint32_t at)
{
	return text_of(reader->names + reader->places[at].name, reader->places[at].len);
}

static const struct memcg_place *find_place(const struct memcg_reader *reader, struct text path)
{
	uint32_t low = 0, high = reader->nplaces;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int r = compare_texts(place_path(reader, mid), path);
		if (r == 0)
			return &reader->places[mid];
		if (r < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

uint32_t memcg_reader_find(struct memcg_reader *reader, struct text path)
{
	if (reader->version == MEMCG_NONE || reader->nplaces == 0 || path.len == 0)
		return TASK_MEMCG_UNKNOWN;
	bool exact = true;
	while (path.len > 0) {
		const struct memcg_place *place = find_place(reader, path);
		if (place) {
			reader->stale |= !exact && !place->plain;
			return place->memcg;
		}
		exact = false;
		while (path.len > 0 && path.ptr[path.len - 1] != '/')
			path.len--;
		/* "/a" is below "/", "/a/b" below "/a". */
		if (path.len > 1)
			path.len--;
		else if (path.len == 1 && find_place(reader, path) == NULL)
			break;
	}
	return TASK_MEMCG_UNKNOWN;
}
