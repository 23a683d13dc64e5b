/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text rest = text_of((const char *)data, size);
	struct parsed_swap swap;
	char name[40];
	while (parse_swaps_next(&rest, &swap)) {
		MUST(is_within(swap.name, data, size));
		MUST(swap.name.len > 0 && swap.size_bytes % 1024 == 0);
		size_t len = parse_unescape(swap.name, name, sizeof name);
		MUST(len <= sizeof name && len <= swap.name.len);
	}
	MUST(rest.len == 0);
	MUST(parse_unescape(text_of((const char *)data, size), name, sizeof name) <= sizeof name);
	return 0;
}
