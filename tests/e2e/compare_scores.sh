#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# oom_score of every process, recomputed from our points: the kernel's.
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is missing"; exit 0; }
PYTHONDONTWRITEBYTECODE=1 exec timeout 120 python3 "${srcdir:?}/tests/e2e/compare.py" scores
