/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "oomsight/sample/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct psi psi = { .some = { .total_us = 7 } };
	if (parse_psi(text_of((const char *)data, size), &psi) < 0) {
		MUST(psi.some.total_us == 7 && psi.some.state == FACT_UNKNOWN);
		return 0;
	}
	MUST(psi.some.state == FACT_KNOWN || psi.some.state == FACT_ABSENT);
	MUST(psi.full.state == FACT_KNOWN || psi.full.state == FACT_ABSENT);
	MUST(psi.some.state == FACT_KNOWN || psi.full.state == FACT_KNOWN);
	return 0;
}
