#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# VIRT, RSS and SHR of ps and top, for processes that are idle.
for tool in python3 ps top; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP $tool is missing"; exit 0; }
done
PYTHONDONTWRITEBYTECODE=1 exec timeout 120 python3 "${srcdir:?}/tests/e2e/compare.py" tasks
