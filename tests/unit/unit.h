/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every unit test includes: cmocka with the headers it wants before it.
 */
#ifndef OOMSIGHT_TESTS_UNIT_H
#define OOMSIGHT_TESTS_UNIT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
