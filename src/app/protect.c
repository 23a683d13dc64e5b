/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When memory runs out, the kernel drops the pages of programs: those of their
 * code and constants first, and reads them back from a disk that everybody waits
 * for. A monitor that is not locked stands still just when it is needed.
 *
 * All of it locked at once (mlockall without MCL_ONFAULT) would fault in every
 * page of every library, used or not, and each thread's whole stack. Locked as
 * it is touched, the monitor holds what it has used. Its own code is touched here
 * as a whole (what it never runs aside, seldom.ld), since the keys an operator presses
 * in distress are not those pressed before; of the libraries stays what a tick and a
 * screen have used. What only starting used is given back before: relocations and ncurses'
 * reading of a terminal's entry took pages of libraries and of the stack that would be
 * held for good.
 *
 * The monitor starts no other program, so there is nobody to inherit the score.
 */
#include "protect.h"

#include <errno.h>
#include <link.h>
#include <linux/ioprio.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* More than ticks and screens take: 20 KiB were seen. */
#define STACK_BYTES (28 * 1024)
/* More than starting takes. */
#define STACK_USED_BYTES (256 * 1024)

struct note {
	char *text;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void say(struct note *note, const char *format, ...)
{
	va_list args;
	size_t room = PROTECT_NOTE_SIZE - note->len;
	int n = snprintf(note->text + note->len, room, "%s", note->len > 0 ? ", " : "");
	note->len += n > 0 && (size_t)n < room ? (size_t)n : 0;
	room = PROTECT_NOTE_SIZE - note->len;
	va_start(args, format);
	n = vsnprintf(note->text + note->len, room, format, args);
	va_end(args);
	note->len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

/* --- memory --------------------------------------------------------------- */

/* What the linker has put aside, see seldom.ld; where it could not, it is nothing. */
extern const char seldom_text[] __attribute__((weak)), seldom_text_end[] __attribute__((weak));
extern const char seldom_rodata[] __attribute__((weak)), seldom_rodata_end[] __attribute__((weak));

static bool is_within(uintptr_t page, const char *from, const char *to)
{
	return page >= (uintptr_t)from && page + 4096 <= (uintptr_t)to;
}

/* Pages as such, whatever lies in them. */
__attribute__((no_sanitize_address)) static void touch(uintptr_t from, uintptr_t to)
{
	for (uintptr_t at = from & ~(uintptr_t)4095; at < to; at += 4096) {
		if (!is_within(at, seldom_text, seldom_text_end) && !is_within(at, seldom_rodata, seldom_rodata_end))
			(void)*(const volatile char *)(at < from ? from : at);
	}
}

static __attribute__((noinline)) void touch_stack(void)
{
	volatile char stack[STACK_BYTES];
	for (size_t at = 0; at < sizeof stack; at += 4096)
		stack[at] = 0;
}

/* What is mapped of the program and its libraries. It is noted before any of it is given
 * back, as the headers that tell it lie in what is given back: to read them once more would
 * take 64 KiB of each library again, which the kernel maps around a page that is asked for. */
struct mapped {
	struct range {
		uintptr_t from, to;
	} unwritten[64], own[8];
	size_t n_unwritten, n_own, objects;
};

static void note_range(struct range *ranges, size_t room, size_t *n, uintptr_t from, uintptr_t to)
{
	if (*n < room)
		ranges[(*n)++] = (struct range){ from, to };
}

/* Pages that were written to would lose it. */
static bool is_written_to(const struct dl_phdr_info *info)
{
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type != PT_DYNAMIC)
			continue;
		const ElfW(Dyn) *entry = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
		for (; entry->d_tag != DT_NULL; entry++) {
			if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)))
				return true;
		}
	}
	return false;
}

/* Where the tables of unwinding begin, which nothing here uses: linkers put them behind
 * what is only read. 0: not known. */
static ElfW(Addr) unwinding_of(const struct dl_phdr_info *info)
{
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
			return info->dlpi_phdr[i].p_vaddr;
	}
	return 0;
}

/* Of what is only read, constants: what the loader has read lies in a segment without. */
static void note_own(struct mapped *mapped, const struct dl_phdr_info *info, const ElfW(Phdr) *segment)
{
	ElfW(Addr) unwinding = unwinding_of(info), end = segment->p_vaddr + segment->p_memsz;
	if (!(segment->p_flags & (PF_W | PF_X)) && unwinding != 0) {
		if (unwinding < segment->p_vaddr || unwinding > end)
			return;
		end = unwinding;
	}
	note_range(mapped->own, sizeof mapped->own / sizeof *mapped->own, &mapped->n_own,
		   info->dlpi_addr + segment->p_vaddr, info->dlpi_addr + end);
}

/* dl_iterate_phdr() begins with the program itself. */
static int note_object(struct dl_phdr_info *info, size_t size, void *context)
{
	struct mapped *mapped = context;
	bool written_to = is_written_to(info), own = mapped->objects++ == 0;
	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + segment->p_vaddr;
		if (segment->p_type != PT_LOAD)
			continue;
		if (own && segment->p_flags & PF_R)
			note_own(mapped, info, segment);
		if (!written_to && !(segment->p_flags & PF_W))
			note_range(mapped->unwritten, sizeof mapped->unwritten / sizeof *mapped->unwritten,
				   &mapped->n_unwritten, from, from + segment->p_memsz);
	}
	return 0;
}

/* The pages within. Those of a file are there again when they are used. */
static void give_back(uintptr_t from, uintptr_t to, uintptr_t page)
{
	from = (from + page - 1) & ~(page - 1);
	to &= ~(page - 1);
	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

/* Before it is locked: locked memory cannot be given back. Nothing but the stack lies so near
 * below it: the kernel keeps a gap of 1 MiB (mm/mmap.c, stack_guard_gap). */
static void give_back_start(struct mapped *mapped)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end = (uintptr_t)__builtin_frame_address(0) - STACK_BYTES;
	*mapped = (struct mapped){ .objects = 0 };
	dl_iterate_phdr(note_object, mapped);
	for (size_t i = 0; i < mapped->n_unwritten; i++)
		give_back(mapped->unwritten[i].from, mapped->unwritten[i].to, page);
	give_back(end - STACK_USED_BYTES, end, page);
}

/* Does RLIMIT_MEMLOCK hold for us? Where it does, each later allocation beyond it
 * would fail. Who is exempt is told by trying: capabilities count in the initial
 * user namespace only. Call it with everything locked. */
static bool is_lock_limited(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return true;
	if (limit.rlim_cur == RLIM_INFINITY)
		return false;
	size_t beyond = (size_t)limit.rlim_cur + 4096;
	void *probe = mmap(NULL, beyond, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (probe == MAP_FAILED)
		return true;
	munmap(probe, beyond);
	return false;
}

static void lock_memory(struct note *note)
{
	/* Memory once taken from the kernel is kept: it would have to be asked for
	 * again when there is none. */
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	struct mapped mapped;
	give_back_start(&mapped);
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0) {
		say(note, "memory not locked (%s)", strerror(errno));
		return;
	}
	if (is_lock_limited()) {
		munlockall();
		say(note, "memory not locked (ulimit -l would hold)");
		return;
	}
	touch_stack();
	for (size_t i = 0; i < mapped.n_own; i++)
		touch(mapped.own[i].from, mapped.own[i].to);
	say(note, "memory locked");
}

void protect_give_back(void)
{
	struct mapped mapped;
	give_back_start(&mapped);
}

/* --- the OOM killer's view of us --------------------------------------------- */

static void lower_score(const struct root *root, struct note *note)
{
	char text[16], wanted[16];
	if (!root->real) {
		say(note, "oom_score_adj left alone (not the running host)");
		return;
	}
	ssize_t len = root_read(root, "proc/self/oom_score_adj", text, sizeof text);
	long now = len > 0 ? strtol(text, NULL, 10) : 0;
	if (len > 0 && now <= PROTECT_OOM_SCORE_ADJ) {
		say(note, "oom_score_adj %ld", now);
		return;
	}
	snprintf(wanted, sizeof wanted, "%d", PROTECT_OOM_SCORE_ADJ);
	int r = root_write(root, "proc/self/oom_score_adj", wanted);
	if (r == 0)
		say(note, "oom_score_adj %s", wanted);
	else
		say(note, "oom_score_adj stays %ld (%s)", now, r == -EACCES ? "CAP_SYS_RESOURCE is needed" : strerror(-r));
}

/* --- CPU and disk ------------------------------------------------------------ */

static void raise_priority(struct note *note)
{
	errno = 0;
	int now = getpriority(PRIO_PROCESS, 0);
	if (errno == 0 && now > PROTECT_NICE && setpriority(PRIO_PROCESS, 0, PROTECT_NICE) == 0)
		now = PROTECT_NICE;
	say(note, "nice %d", now);
	/* The first of the usual class; the real-time one could starve others. */
	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 0)) == 0)
		say(note, "first at disks");
}

void protect(const struct protect_wish *wish, const struct root *root, char note[PROTECT_NOTE_SIZE])
{
	struct note said = { .text = note };
	note[0] = '\0';
	if (wish->oom_score)
		lower_score(root, &said);
	if (wish->priority)
		raise_priority(&said);
	if (wish->lock_memory)
		lock_memory(&said);
	if (said.len == 0)
		say(&said, "none wished");
}
