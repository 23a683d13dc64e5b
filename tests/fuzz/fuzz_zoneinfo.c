/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text rest = text_of((const char *)data, size);
	struct zone zone;
	bool has_managed;
	size_t before = rest.len;
	while (parse_zoneinfo_next(&rest, &zone, &has_managed)) {
		MUST(rest.len < before);
		before = rest.len;
		MUST(memchr(zone.name, '\0', sizeof zone.name));
		MUST(zone.protections <= ZONE_PROTECTIONS);
		MUST(has_managed || zone.managed_pages == 0);
	}
	MUST(rest.len == 0);
	return 0;
}
