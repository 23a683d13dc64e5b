#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""After `make check-vm`: does `oomsight explain` read the consoles of the guests right?

For each kernel and case, the pids of the kills in the reports, in order, must be those of
the kernel's own "Killed process" lines, no more and no fewer. How many choices follow from
their tables, computed again, is printed beside.

    explain_check.py PROGRAM LOGS
"""
import json
import pathlib
import re
import subprocess
import sys

KILLED = re.compile(r"Killed process (\d+)")


def told(console):
    return [int(pid) for pid in KILLED.findall(console)]


def explain(program, path):
    run = subprocess.run([program, "explain", "-o", "json", str(path)], capture_output=True, text=True, errors="replace",
                         check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def killed(reports):
    return [kill["pid"] for report in reports for kill in report["killed"] if kill["role"] != "shares_mm"]


def main(program, logs):
    wrong = total = 0
    for kernel in sorted(path for path in pathlib.Path(logs).iterdir() if path.is_dir()):
        cases = kills = missed = agrees = told_of = 0
        for console in sorted(kernel.glob("*.console")):
            wanted = told(console.read_text(errors="replace"))
            reports = explain(program, console)
            cases += 1
            kills += len(wanted)
            agrees += sum(report["recomputed"]["agrees"] is True for report in reports)
            told_of += sum(report["recomputed"]["agrees"] is not None for report in reports)
            if killed(reports) != wanted:
                missed += 1
                print(f"{kernel.name} {console.stem}: the kernel killed {wanted}, the reports say {killed(reports)}")
        print(f"{kernel.name}: {cases - missed} of {cases} cases exact, {kills} kills; "
              f"{agrees} of {told_of} choices follow from the table")
        wrong += missed
        total += kills
    return 1 if wrong or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
