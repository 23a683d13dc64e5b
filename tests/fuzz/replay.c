/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs a fuzz target over every seed and, always in the same way, over damaged
 * copies of it: cut at each place, bytes replaced, lines doubled and dropped,
 * numbers blown up, noise. Each input lies alone in memory of its exact size,
 * so that a sanitizer sees the first byte too many.
 */
#include <dirent.h>
#include <string.h>

#include "fuzz.h"

#define SEED_LARGEST 65536
#define CUTS 1500
#define NOISES 1500

struct seed {
	uint8_t bytes[SEED_LARGEST];
	size_t size;
};

static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	MUST(copy);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_cuts(const struct seed *seed)
{
	size_t step = seed->size / CUTS + 1;
	for (size_t size = 0; size < seed->size; size += step) {
		run(seed->bytes, size);
		run(seed->bytes + size, seed->size - size);
	}
}

static void run_replaced(struct seed *seed)
{
	static const uint8_t odd[] = { 0, '\n', ' ', ')', '(', ':', '-', '9', 0xff };
	size_t step = seed->size / CUTS + 1;
	for (size_t at = 0; at < seed->size; at += step) {
		uint8_t kept = seed->bytes[at];
		for (size_t i = 0; i < sizeof odd; i++) {
			seed->bytes[at] = odd[i];
			run(seed->bytes, seed->size);
		}
		seed->bytes[at] = kept;
	}
}

/* seed with `cut` bytes at `at` replaced by `text`. */
static void run_spliced(const struct seed *seed, size_t at, size_t cut, const void *text, size_t len)
{
	uint8_t *made = malloc(seed->size - cut + len + 1);
	MUST(made);
	memcpy(made, seed->bytes, at);
	memcpy(made + at, text, len);
	memcpy(made + at + len, seed->bytes + at + cut, seed->size - at - cut);
	run(made, seed->size - cut + len);
	free(made);
}

static void run_lines(const struct seed *seed)
{
	for (size_t at = 0; at < seed->size;) {
		const uint8_t *newline = memchr(seed->bytes + at, '\n', seed->size - at);
		size_t len = newline ? (size_t)(newline - seed->bytes) - at + 1 : seed->size - at;
		run_spliced(seed, at, len, "", 0);
		run_spliced(seed, at, 0, seed->bytes + at, len);
		at += len;
	}
}

static void run_numbers(const struct seed *seed)
{
	static const char *const numbers[] = { "0", "-1", "18446744073709551615", "18446744073709551616",
					       "99999999999999999999999999999999999999", "" };
	for (size_t at = 0; at < seed->size;) {
		size_t len = 0;
		while (at + len < seed->size && seed->bytes[at + len] >= '0' && seed->bytes[at + len] <= '9')
			len++;
		for (size_t i = 0; len > 0 && i < sizeof numbers / sizeof numbers[0]; i++)
			run_spliced(seed, at, len, numbers[i], strlen(numbers[i]));
		at += len + 1;
	}
}

static uint32_t next_noise(uint32_t *noise)
{
	*noise ^= *noise << 13;
	*noise ^= *noise >> 17;
	*noise ^= *noise << 5;
	return *noise;
}

static void run_noise(const struct seed *seed)
{
	uint32_t noise = 2463534242U;
	if (seed->size == 0)
		return;
	uint8_t *made = malloc(seed->size);
	MUST(made);
	for (int round = 0; round < NOISES; round++) {
		memcpy(made, seed->bytes, seed->size);
		for (uint32_t n = 1 + next_noise(&noise) % 8; n > 0; n--)
			made[next_noise(&noise) % seed->size] = (uint8_t)next_noise(&noise);
		run(made, seed->size);
	}
	free(made);
}

static int read_seed(const char *path, struct seed *seed)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return -1;
	seed->size = fread(seed->bytes, 1, sizeof seed->bytes, file);
	fclose(file);
	return seed->size < sizeof seed->bytes ? 0 : -1;
}

int main(int argc, char **argv)
{
	static struct seed seed;
	const char *srcdir = getenv("srcdir");
	const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
	name = name ? name + 1 : argv[0];
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	char dir_path[2048], path[4096];
	snprintf(dir_path, sizeof dir_path, "%s/tests/fuzz/seeds/%s", srcdir ? srcdir : ".", name);
	DIR *dir = opendir(dir_path);
	if (!dir) {
		printf("Bail out! no seeds in %s\n", dir_path);
		return 1;
	}
	int n = 0, failed = 0;
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", dir_path, entry->d_name);
		if (read_seed(path, &seed) < 0) {
			printf("not ok %d - %s cannot be read or is too large\n", ++n, entry->d_name);
			failed = 1;
			continue;
		}
		run(seed.bytes, seed.size);
		run_cuts(&seed);
		run_replaced(&seed);
		run_lines(&seed);
		run_numbers(&seed);
		run_noise(&seed);
		printf("ok %d - %s\n", ++n, entry->d_name);
		fflush(stdout);
	}
	closedir(dir);
	printf("1..%d\n", n);
	return failed || n == 0;
}
