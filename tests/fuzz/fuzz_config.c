/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The config parser on any bytes: it never does more than warn, and what it
 * made of them is written as a file that reads back without a warning to the
 * same file.
 */
#include "config.h"
#include "fuzz.h"

static void count(const struct diag *diag, void *context)
{
	unsigned *warnings = context;
	(*warnings)++;
	/* A warning goes to a terminal. */
	for (const char *p = diag->text; *p; p++)
		MUST(*p >= ' ' && *p <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config, back;
	struct out first, second;
	unsigned warnings = 0;
	out_init(&first);
	out_init(&second);

	config_default(&config);
	config_parse(text_of((const char *)data, size), "input", &config, count, &warnings);
	config_write(&config, &first);
	config_default(&back);
	warnings = 0;
	config_parse(text_of(first.bytes, first.len), "written", &back, count, &warnings);
	config_write(&back, &second);
	MUST(first.error == 0 && second.error == 0);
	MUST(warnings == 0);
	MUST(text_equal(text_of(first.bytes, first.len), text_of(second.bytes, second.len)));
	out_done(&first);
	out_done(&second);
	return 0;
}
