/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

/* How much was asked for, by each read. */
static size_t asked[16];
static unsigned reads;

ssize_t __real_root_pread_all(int fd, char *dst, size_t size);
ssize_t __wrap_root_pread_all(int fd, char *dst, size_t size);

ssize_t __wrap_root_pread_all(int fd, char *dst, size_t size)
{
	if (reads < COUNT_OF(asked))
		asked[reads++] = size;
	return __real_root_pread_all(fd, dst, size);
}

/* A file of so many bytes below a root of its own. */
struct place {
	char dir[32];
	struct root root;
	struct read_buffer buffer;
};

static void begin(struct place *place, size_t len)
{
	char path[48];
	strcpy(place->dir, "/tmp/oomsight-test-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(path, sizeof path, "%s/proc", place->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/value", place->dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (size_t i = 0; i < len; i++)
		fputc('a' + (int)(i % 26), file);
	fclose(file);
	assert_int_equal(root_open(&place->root, place->dir, NULL), 0);
	assert_int_equal(read_buffer_init(&place->buffer, 1024), 0);
	reads = 0;
}

static void end(struct place *place)
{
	char path[48];
	read_buffer_done(&place->buffer);
	root_close(&place->root);
	snprintf(path, sizeof path, "%s/value", place->dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/proc", place->dir);
	rmdir(path);
	rmdir(place->dir);
}

static void assert_whole(struct text bytes, size_t len)
{
	assert_int_equal(bytes.len, len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(bytes.ptr[i], 'a' + (int)(i % 26));
}

/* The kernel takes memory for as much as is asked. */
static void of_a_sysctl_little_is_asked_for(void **state)
{
	(void)state;
	struct place place;
	struct kept_file file;
	struct text bytes;
	begin(&place, 40);
	kept_file_init(&file, "value");
	assert_int_equal(kept_file_read_sysctl(&file, &place.root, &place.buffer, &bytes), 0);
	assert_whole(bytes, 40);
	assert_int_equal(reads, 1);
	assert_true(asked[0] <= 256);
	end(&place);
}

static void a_long_file_is_read_whole_all_the_same(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 254, 255, 256, 1022, 1023, 1024, 5000 };
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct place place;
		struct kept_file file;
		struct text bytes;
		begin(&place, sizes[i]);
		kept_file_init(&file, "value");
		assert_int_equal(kept_file_read_sysctl(&file, &place.root, &place.buffer, &bytes), 0);
		assert_whole(bytes, sizes[i]);
		assert_int_equal(kept_file_read(&file, &place.root, &place.buffer, &bytes), 0);
		assert_whole(bytes, sizes[i]);
		end(&place);
	}
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
	(void)state;
	struct place place;
	struct kept_file file;
	struct text bytes;
	begin(&place, 1);
	kept_file_init(&file, "none");
	assert_int_equal(kept_file_read_sysctl(&file, &place.root, &place.buffer, &bytes), -ENOENT);
	assert_int_equal(kept_file_read(&file, &place.root, &place.buffer, &bytes), -ENOENT);
	end(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_sysctl_little_is_asked_for),
		cmocka_unit_test(a_long_file_is_read_whole_all_the_same),
		cmocka_unit_test(a_file_that_is_not_there_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
