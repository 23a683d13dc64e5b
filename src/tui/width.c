/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The widths are the C library's, but in a table of our own. The library would map
 * 350 KiB of a locale for them, of which the first name that is not ASCII faults in
 * what no screen has touched before: from a disk that everybody waits for, when memory
 * is out. Nor does what is drawn depend on a locale so. A terminal may know a
 * newer Unicode or an older one, as it may than the library.
 */
#include "width.h"

#include <stddef.h>

/* Where a run of characters of one width begins; it lasts until the next one does. */
#define R(code, width) ((uint32_t)(code) << 2 | (uint32_t)((width) + 1))
static const uint32_t runs[] = {
#include "width.inc"
};
#undef R

int code_width(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return 1;
	if (code < runs[0] >> 2 || code > 0x10ffff)
		return -1;
	size_t low = 0, high = sizeof runs / sizeof *runs;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (runs[mid] >> 2 <= code)
			low = mid;
		else
			high = mid;
	}
	return (int)(runs[low] & 3) - 1;
}
