/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Explanations packed come out as they were.
 */
#include "unit.h"

#include <string.h>

#include "pack.h"

#define ROOM 32768

static size_t pack_and_compare(struct text text)
{
	static char packed[ROOM], again[ROOM];
	size_t n = pack(text, packed, sizeof packed);
	assert_true(n <= sizeof packed);
	assert_int_equal(pack(text, NULL, 0), n);
	assert_int_equal(unpack(text_of(packed, n), again, sizeof again), text.len);
	assert_memory_equal(again, text.ptr, text.len);
	return n;
}

static void texts_of_every_length_come_out(void **state)
{
	(void)state;
	char text[600];
	pack_and_compare(text_of("", 0));
	for (size_t period = 1; period < 300; period += 7) {
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = (char)('a' + (i % period) * 7 % 26);
		for (size_t len = 1; len <= sizeof text; len++)
			pack_and_compare(text_of(text, len));
	}
}

static void every_byte_but_nul_comes_out(void **state)
{
	(void)state;
	char text[4 * 255];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(1 + (i * i + i / 255) % 255);
	pack_and_compare(text_of(text, sizeof text));
}

/* What lies further back than can be referred to is not. */
static void long_texts_come_out(void **state)
{
	(void)state;
	static char text[15000];
	unsigned random = 1;
	for (size_t i = 0; i < sizeof text; i++) {
		random = random * 1103515245U + 12345U;
		text[i] = i % 5000 < 300 ? (char)('a' + i % 5000 % 23) : (char)('0' + (random >> 16) % 10);
	}
	assert_true(pack_and_compare(text_of(text, sizeof text)) < sizeof text);
}

static void what_does_not_fit_is_cut_and_not_overrun(void **state)
{
	(void)state;
	static const char text[] = "The host was out of memory, and the host was out of memory again.";
	char packed[64], small[10];
	size_t n = pack(text_of_str(text), packed, sizeof packed);
	memset(small, '#', sizeof small);
	assert_int_equal(pack(text_of_str(text), small, 4), n);
	assert_int_equal(small[4], '#');
	assert_int_equal(unpack(text_of(packed, n), small, 6), 6);
	assert_memory_equal(small, "The ho", 6);
	assert_int_equal(small[6], '#');
}

static void what_was_not_packed_does_no_harm(void **state)
{
	(void)state;
	char bytes[3], again[64];
	for (unsigned i = 0; i < 1U << 16; i++) {
		bytes[0] = (char)(i >> 8);
		bytes[1] = (char)i;
		bytes[2] = (char)(i * 31);
		for (size_t len = 1; len <= sizeof bytes; len++)
			assert_true(unpack(text_of(bytes, len), again, sizeof again) <= sizeof again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_every_length_come_out),
		cmocka_unit_test(every_byte_but_nul_comes_out),
		cmocka_unit_test(long_texts_come_out),
		cmocka_unit_test(what_does_not_fit_is_cut_and_not_overrun),
		cmocka_unit_test(what_was_not_packed_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
