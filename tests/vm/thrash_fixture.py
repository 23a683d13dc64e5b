#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""thrash_fixture.py RESULTS TITLE: what a guest of the thrashing bench told with trace=1,
as a fixture for tests/unit/test_model_exhaustion.c, on standard output."""

import sys

BEFORE_NS = 20 * 10 ** 9
TICK = ["MemFree", "KReclaimable", "SwapFree", "SwapCached", "dentries", "unused"]
FORMAT = """\
# {title}:
# what its /proc said once a second. zone: managed pages, min, low and high watermark without
# a boost, reserve. A tick: milliseconds; MemFree, KReclaimable, SwapFree and SwapCached in KiB;
# dentries and unused ones; of each zone the free, per-CPU, file and boost pages."""


def read_tick(words):
    """{key: number}, and the populated zones, each a {key: number}."""
    facts, zones = {}, []
    for word in words:
        key, _, value = word.rpartition("=")
        # Of a zone, boost comes first where the kernel has it, else min.
        if key == "boost" or (key == "min" and (not zones or "min" in zones[-1])):
            zones.append({"count": 0})
        if key == "count":
            zones[-1][key] += int(value)
        elif zones and key not in ("dentries", "unused"):
            zones[-1].setdefault(key, int(value))  # the lists of a CPU have a "high", too
        else:
            facts[key] = int(value)
    for zone in zones:
        zone.setdefault("boost", 0)
    return facts, [zone for zone in zones if zone.get("managed", 0) > 0]


def main():
    begin = kill = third_peak = 0
    ticks = []
    with open(sys.argv[1], encoding="utf-8", errors="replace") as results:
        for line in results:
            word, _, rest = line.partition(" ")
            fields = rest.split()
            if word == "trace":
                ticks.append((int(fields[0]), *read_tick(fields[1:])))
            elif word == "begin":
                begin = int(fields[0])
            elif word == "peak" and fields[1] == "3":
                third_peak = int(fields[0])
            elif word == "kmsg" and "Killed process" in rest:
                kill = kill or int(fields[0])
    ticks = [tick for tick in ticks if tick[0] >= begin - BEFORE_NS and (not kill or tick[0] < kill)]
    start, facts, zones = ticks[0]
    print(FORMAT.format(title=sys.argv[2]))
    print("total", facts["MemTotal"], facts["SwapTotal"])
    for zone in zones:
        print("zone", zone["managed"], *(zone[mark] - zone["boost"] for mark in ("min", "low", "high")),
              zone["protection"])
    for name, time in (("begin", begin), ("kill", kill), ("third-peak", third_peak)):
        if time:
            print(name, (time - start) // 10 ** 6)
    for time, facts, zones in ticks:
        print((time - start) // 10 ** 6, *(facts[key] for key in TICK),
              *(f"{zone['nr_free_pages']} {zone['count']} "
                f"{zone['nr_zone_inactive_file'] + zone['nr_zone_active_file']} {zone['boost']}" for zone in zones))


if __name__ == "__main__":
    main()
