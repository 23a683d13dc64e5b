/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Natural merge sort: find the runs that are already in order, merge them
 * pairwise until one is left. Stable; n comparisons and no more when nothing has
 * moved, n log n at worst.
 */
#include "oomsight/base/sort.h"

#include <string.h>

static size_t run_end(const uint32_t *v, size_t start, size_t n, sort_before *before, const void *context)
{
	size_t end = start + 1;
	while (end < n && !before(v[end], v[end - 1], context))
		end++;
	return end;
}

static void merge(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, uint32_t *out, sort_before *before,
		  const void *context)
{
	size_t i = 0, j = 0, k = 0;
	while (i < na && j < nb)
		out[k++] = before(b[j], a[i], context) ? b[j++] : a[i++];
	memcpy(out + k, a + i, (na - i) * sizeof *out);
	memcpy(out + k + (na - i), b + j, (nb - j) * sizeof *out);
}

bool sort_indices(uint32_t *indices, uint32_t *scratch, size_t n, sort_before *before, const void *context)
{
	if (n < 2 || run_end(indices, 0, n, before, context) == n)
		return false;
	uint32_t *from = indices, *to = scratch;
	for (;;) {
		size_t start = 0;
		size_t runs = 0;
		while (start < n) {
			size_t mid = run_end(from, start, n, before, context);
			size_t end = mid < n ? run_end(from, mid, n, before, context) : mid;
			merge(from + start, mid - start, from + mid, end - mid, to + start, before, context);
			start = end;
			runs++;
		}
		uint32_t *swap = from;
		from = to;
		to = swap;
		if (runs == 1)
			break;
	}
	if (from != indices)
		memcpy(indices, from, n * sizeof *indices);
	return true;
}
