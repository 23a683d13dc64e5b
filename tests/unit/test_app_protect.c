/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each test protects a child of its own: what is done cannot all be undone.
 */
#include "unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protect.h"

/* Sanitizers make mlockall() do nothing. */
#if defined(__SANITIZE_ADDRESS__)
static const bool has_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
static const bool has_sanitizer = true;
#else
static const bool has_sanitizer = false;
#endif
#else
static const bool has_sanitizer = false;
#endif

/* What a linker told of src/app/seldom.ld defines, as this program's is not. */
enum { ASIDE_SIZE = 128 * 1024 };
extern const char seldom_rodata[], seldom_rodata_end[];
__asm__(".pushsection .rodata.aside,\"a\"\n"
	".balign 65536\n"
	".globl seldom_rodata, seldom_rodata_end\n"
	"seldom_rodata:\n"
	".fill 131072, 1, 7\n"
	"seldom_rodata_end:\n"
	".popsection\n");
static const char constants[256 * 1024] = { 7 };

/* Shared with the child: what it found. */
struct found {
	char note[PROTECT_NOTE_SIZE];
	long locked_kib, rss_before_kib, rss_kib, adj_before, adj;
	size_t library_pages_before, library_pages, header_pages;
	size_t deep_pages_before, deep_pages, constant_pages;
	int nice;
	bool allocates;
};

static long status_kib(const char *key)
{
	char line[256];
	long value = -1;
	FILE *file = fopen("/proc/self/status", "r");
	while (file && fgets(line, sizeof line, file)) {
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	}
	if (file)
		fclose(file);
	return value;
}

/* Pages of a range that are mapped; 0 as well when that may not be known. */
static size_t mapped_pages(uintptr_t from, uintptr_t to)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	for (uintptr_t at = from / page; at < to / page; at++) {
		uint64_t entry = 0;
		if (pread(fd, &entry, sizeof entry, (off_t)(at * sizeof entry)) == sizeof entry)
			n += entry >> 63;
	}
	if (fd >= 0)
		close(fd);
	return n;
}

/* Of a library what is mapped so: code, or from the file's start on what the loader has read. */
static size_t library_pages(const char *name, const char *how)
{
	char line[512];
	size_t n = 0;
	FILE *file = fopen("/proc/self/maps", "r");
	while (file && fgets(line, sizeof line, file)) {
		uintptr_t from, to;
		if (strstr(line, name) && strstr(line, how) && sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &from, &to) == 2)
			n += mapped_pages(from, to);
	}
	if (file)
		fclose(file);
	return n;
}

/* Pages of the stack as deep as starting may reach, and ticks do not. */
static size_t deep_pages(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	return mapped_pages(here - 200 * 1024, here - 100 * 1024);
}

static __attribute__((noinline)) void use_stack(void)
{
	volatile char room[200 * 1024];
	for (size_t at = 0; at < sizeof room; at += 1024)
		room[at] = 1;
}

static long own_adj(void)
{
	char text[16] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
		return LONG_MIN;
	close(fd);
	return strtol(text, NULL, 10);
}

static bool allocates(size_t bytes)
{
	char *memory = malloc(bytes);
	if (memory)
		memory[bytes / 2] = 1;
	free(memory);
	return memory != NULL;
}

/* before: run in the child first; may be NULL. */
static struct found protect_child(const struct protect_wish *wish, const char *prefix, void (*before)(void))
{
	struct found *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	pid_t pid = fork();
	if (pid == 0) {
		struct root root;
		if (root_open(&root, prefix, NULL) < 0)
			_exit(3);
		if (before)
			before();
		shared->adj_before = own_adj();
		shared->rss_before_kib = status_kib("VmRSS:");
		shared->library_pages_before = library_pages("/libcmocka", " r-xp ");
		shared->deep_pages_before = deep_pages();
		protect(wish, &root, shared->note);
		/* Code that is not used meanwhile, and what is not even of the library that is. */
		shared->library_pages = library_pages("/libcmocka", " r-xp ");
		shared->header_pages = library_pages("/libc.so", " r--p 00000000 ");
		shared->deep_pages = deep_pages();
		shared->constant_pages = mapped_pages((uintptr_t)constants, (uintptr_t)constants + sizeof constants);
		shared->adj = own_adj();
		shared->nice = getpriority(PRIO_PROCESS, 0);
		shared->locked_kib = status_kib("VmLck:");
		shared->rss_kib = status_kib("VmRSS:");
		shared->allocates = allocates((size_t)200 << 20);
		_exit(0);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	struct found found = *shared;
	munmap(shared, sizeof *shared);
	return found;
}

static void what_is_not_wished_is_not_done(void **state)
{
	(void)state;
	struct found found = protect_child(&(struct protect_wish){ false, false, false }, "/", NULL);
	assert_string_equal(found.note, "none wished");
	assert_int_equal(found.locked_kib, 0);
	assert_int_equal(found.adj, found.adj_before);
	assert_int_equal(found.nice, getpriority(PRIO_PROCESS, 0));
}

static void memory_is_locked_as_it_is_touched(void **state)
{
	(void)state;
	struct found found = protect_child(&(struct protect_wish){ .lock_memory = true }, "/", NULL);
	if (strstr(found.note, "not locked")) {
		assert_int_equal(found.locked_kib, 0);
	} else {
		assert_string_equal(found.note, "memory locked");
		assert_true(found.locked_kib > 0 || has_sanitizer);
		/* Not all of all libraries and stacks. */
		assert_in_range(found.rss_kib, 1, found.rss_before_kib + 1024);
	}
	assert_true(found.allocates);
	assert_int_equal(found.adj, found.adj_before);
}

static void what_only_starting_used_is_given_back(void **state)
{
	(void)state;
	struct found found = protect_child(&(struct protect_wish){ .priority = true }, "/", use_stack);
	assert_int_equal(found.library_pages, found.library_pages_before);
	assert_true(found.deep_pages_before > 20);
	assert_int_equal(found.deep_pages, found.deep_pages_before);
	found = protect_child(&(struct protect_wish){ .lock_memory = true }, "/", use_stack);
	assert_int_equal(found.library_pages, 0);
	assert_int_equal(found.deep_pages, 0);
	/* The last page of a segment, which it does not fill, stays. */
	assert_in_range(found.header_pages, 0, has_sanitizer ? SIZE_MAX : 1);
}

static void what_starting_used_so_far_is_given_back_before_its_end(void **state)
{
	(void)state;
	struct found found = protect_child(&(struct protect_wish){ .priority = true }, "/", protect_give_back);
	assert_int_equal(found.library_pages, 0);
	assert_int_equal(found.locked_kib, 0);
}

/* To touch it would end the child. */
static void forbid_what_was_put_aside(void)
{
	if (mprotect((void *)(uintptr_t)seldom_rodata, ASIDE_SIZE, PROT_NONE) < 0)
		_exit(5);
}

static void all_of_the_program_is_touched_but_what_was_put_aside(void **state)
{
	(void)state;
	assert_int_equal((uintptr_t)seldom_rodata_end - (uintptr_t)seldom_rodata, ASIDE_SIZE);
	struct found found = protect_child(&(struct protect_wish){ .lock_memory = true }, "/", forbid_what_was_put_aside);
	if (!strstr(found.note, "not locked"))
		assert_int_equal(found.constant_pages, sizeof constants / (size_t)sysconf(_SC_PAGESIZE));
}

static void become_limited(void)
{
	struct rlimit limit;
	bool got = getrlimit(RLIMIT_MEMLOCK, &limit) == 0;
	if (limit.rlim_max > 64 << 20)
		limit.rlim_max = 64 << 20;
	limit.rlim_cur = limit.rlim_max;
	if (!got || setrlimit(RLIMIT_MEMLOCK, &limit) < 0 || (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0))
		_exit(4);
}

/* All we have fits the limit now; what we may need later does not. */
static void a_limit_is_not_walked_into(void **state)
{
	(void)state;
	struct found found = protect_child(&(struct protect_wish){ .lock_memory = true }, "/", become_limited);
	assert_true(has_sanitizer || strncmp(found.note, "memory not locked (", 19) == 0);
	assert_true(found.locked_kib <= 0); /* or not to be read any more, as nobody */
	assert_true(found.allocates);
}

static void the_score_is_lowered_or_the_refusal_told(void **state)
{
	(void)state;
	struct found found = protect_child(&(struct protect_wish){ .oom_score = true }, "/", NULL);
	char stays[40];
	snprintf(stays, sizeof stays, "oom_score_adj stays %ld (", found.adj_before);
	if (found.adj == PROTECT_OOM_SCORE_ADJ) {
		assert_string_equal(found.note, "oom_score_adj -999");
	} else {
		assert_int_equal(found.adj, found.adj_before);
		assert_int_equal(strncmp(found.note, stays, strlen(stays)), 0);
	}
	assert_int_equal(found.locked_kib, 0);
}

static void on_another_root_no_score_is_written(void **state)
{
	(void)state;
	char dir[] = "/tmp/oomsight-protect-XXXXXX", proc[64], self[80], file[112];
	struct stat after;
	assert_non_null(mkdtemp(dir));
	snprintf(proc, sizeof proc, "%s/proc", dir);
	snprintf(self, sizeof self, "%s/self", proc);
	snprintf(file, sizeof file, "%s/oom_score_adj", self);
	assert_int_equal(mkdir(proc, 0700), 0);
	assert_int_equal(mkdir(self, 0700), 0);
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	struct found found = protect_child(&(struct protect_wish){ .oom_score = true }, dir, NULL);
	assert_string_equal(found.note, "oom_score_adj left alone (not the running host)");
	assert_int_equal(found.adj, found.adj_before);
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(after.st_size, 0);
	unlink(file);
	rmdir(self);
	rmdir(proc);
	rmdir(dir);
}

static void the_note_tells_of_each_measure(void **state)
{
	(void)state;
	struct found found = protect_child(&(struct protect_wish){ true, true, true }, "/", NULL);
	char nice_text[32];
	snprintf(nice_text, sizeof nice_text, "nice %d", found.nice);
	assert_non_null(strstr(found.note, "oom_score_adj "));
	assert_non_null(strstr(found.note, nice_text));
	assert_non_null(strstr(found.note, "memory "));
	assert_true(found.nice <= getpriority(PRIO_PROCESS, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_wished_is_not_done),
		cmocka_unit_test(memory_is_locked_as_it_is_touched),
		cmocka_unit_test(what_only_starting_used_is_given_back),
		cmocka_unit_test(what_starting_used_so_far_is_given_back_before_its_end),
		cmocka_unit_test(all_of_the_program_is_touched_but_what_was_put_aside),
		cmocka_unit_test(a_limit_is_not_walked_into),
		cmocka_unit_test(the_score_is_lowered_or_the_refusal_told),
		cmocka_unit_test(on_another_root_no_score_is_written),
		cmocka_unit_test(the_note_tells_of_each_measure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
