/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What burdens the guest of the thrashing bench (thrash.c), each a process of
 * its own that ends with the guest. Lives in a guest only.
 */
#ifndef OOMSIGHT_VM_THRASH_H
#define OOMSIGHT_VM_THRASH_H

#include <stdint.h>
#include <sys/types.h>

/* Says why, and ends the guest. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *format, ...);

uint64_t monotonic_ns(void);

/* A word of the kernel's command line "name=NUMBER", which init finds in its
 * environment. */
long setting(const char *name, long otherwise);

/* Does nothing, for ever. */
pid_t start_idle(void);

/* Reads pages of the file at random, for ever: a working set. */
pid_t start_reader(const char *path, unsigned seed);

/* Locked and with nothing to do but to write a byte a second: what a process can
 * reach at best. ret_fd: where the bytes come. */
pid_t start_ticker(int *ret_fd);

/* Takes memory until left_mib of the host's headroom are left, in five seconds of
 * rest says so by a byte, and goes on. With swing_mib 0 by rate_kib a second, until
 * it dies; else up and down between there and swing_mib more, at that rate, each way
 * of another length, for ever, with a byte at each peak. Time lost is made up for:
 * the rate is constant. */
struct hog {
	long left_mib, rate_kib, swing_mib;
	unsigned seed;
};
pid_t start_hog(const struct hog *hog, int *ret_fd);

#endif
