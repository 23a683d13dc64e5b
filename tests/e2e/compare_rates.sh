#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The rates of vmstat, under a steady load.
for tool in python3 vmstat; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP $tool is missing"; exit 0; }
done
PYTHONDONTWRITEBYTECODE=1 exec timeout 120 python3 "${srcdir:?}/tests/e2e/compare.py" rates
