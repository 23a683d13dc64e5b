/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pressure: "some avg10=0.12 avg60=0.00 avg300=0.00 total=4711", and "full" so.
 */
#include "oomsight/sample/parse.h"

#include <errno.h>

/* "12.34" → 1234. The kernel prints two decimals (PSI averages are fixed
 * point): kernel/sched/psi.c psi_show(), 4.20. */
static int text_to_centi(struct text t, uint32_t *ret_centi)
{
	struct text whole, rest = t;
	uint64_t units, fraction;
	if (!text_next_until(&rest, '.', &whole) || rest.len != 2)
		return -EINVAL;
	int r = text_to_u64(whole, 10, &units);
	if (r == 0)
		r = text_to_u64(rest, 10, &fraction);
	if (r < 0)
		return r;
	if (units > UINT32_MAX / 100 - 1)
		return -ERANGE;
	*ret_centi = (uint32_t)(units * 100 + fraction);
	return 0;
}

static int parse_line(struct text rest, struct psi_line *ret_line)
{
	struct psi_line line = { .state = FACT_KNOWN };
	bool has_10 = false, has_60 = false, has_300 = false, has_total = false;
	struct text word, key;
	while (text_next_word(&rest, &word)) {
		int r = 0;
		text_next_until(&word, '=', &key);
		if (text_is(key, "avg10")) {
			r = text_to_centi(word, &line.avg10_centi);
			has_10 = true;
		} else if (text_is(key, "avg60")) {
			r = text_to_centi(word, &line.avg60_centi);
			has_60 = true;
		} else if (text_is(key, "avg300")) {
			r = text_to_centi(word, &line.avg300_centi);
			has_300 = true;
		} else if (text_is(key, "total")) {
			r = text_to_u64(word, 10, &line.total_us);
			has_total = true;
		}
		if (r < 0)
			return r;
	}
	if (!has_10 || !has_60 || !has_300 || !has_total)
		return -EINVAL;
	*ret_line = line;
	return 0;
}

int parse_psi(struct text bytes, struct psi *ret_psi)
{
	struct psi psi = { .some = { .state = FACT_ABSENT }, .full = { .state = FACT_ABSENT } };
	bool found = false;
	struct text line, word;
	while (text_next_line(&bytes, &line)) {
		if (!text_next_word(&line, &word))
			continue;
		struct psi_line *target = text_is(word, "some") ? &psi.some : text_is(word, "full") ? &psi.full : NULL;
		if (!target)
			continue;
		int r = parse_line(line, target);
		if (r < 0)
			return r;
		found = true;
	}
	if (!found)
		return -EINVAL;
	*ret_psi = psi;
	return 0;
}
