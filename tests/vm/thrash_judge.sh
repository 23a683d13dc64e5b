#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The judge of `make bench-vm` on made-up guests; needs Python 3 and nothing else.
: "${srcdir:?}"
if ! python3 -c 'import dataclasses' 2>/dev/null; then
	echo "1..0 # SKIP no python3"
	exit 0
fi
exec python3 -B "$srcdir/tests/vm/thrash_judge_test.py"
