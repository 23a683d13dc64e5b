#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real kernels, real kills: does `oomsight predict` name whom the kernel kills?

For each kernel and case a guest of its own is booted in QEMU by software
emulation. In it a stage is set and frozen, oomsight and a naive predictor are
asked, a real OOM is provoked, and what the kernel's log says is compared with
what was foretold. No network, no disk but an empty one for swap. An OOM
happens inside guests only.

Prints one line a case and closes with "N passed, M failed". Exit status 0, 1
when a case failed, 77 when nothing could be run (no QEMU, no kernel).
"""

import argparse
import concurrent.futures
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import initramfs
from cases import CASES
from judge import judge

HERE = Path(__file__).resolve().parent
EMULATOR = "qemu-system-x86_64"
KERNELS = ["5.10", "6.1", "6.12", "6.18", "newest"]
SMOKE_KERNELS = ["6.1"]
GUEST_SECONDS = 150
MIB = 1 << 20
# -cpu: with "max" this emulator corrupts flags in this_cpu_cmpxchg16b, and
# 6.12 oopses. -no-reboot: the guest's end, by reboot or panic, is QEMU's.
MACHINE = ["-accel", "tcg,thread=multi", "-cpu", "Nehalem,-cx16", "-no-reboot", "-nodefaults", "-no-user-config",
           "-display", "none"]
# What would move while the stage stands still is switched off; with address
# randomisation page tables move by a page or two, and those decide ties.
COMMAND_LINE = ("console=ttyS0 rdinit=/init rootfstype=ramfs transparent_hugepage=never norandmaps "
                "numa_balancing=disable psi=1 cgroup_no_v1=all printk.devkmsg=on mitigations=off "
                "quiet loglevel=4 panic=-1")


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def fetch_kernels(directory, wanted):
    """[(series, release, image)], those that could be had; the others are said."""
    kernels = []
    for series in wanted:
        run = subprocess.run([HERE / "kernels.sh", directory, series], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, check=False)
        if run.returncode == 0:
            kernels.append(tuple(run.stdout.rstrip("\n").split("\t")))
        else:
            print(f"SKIP  {series:8} no kernel: {run.stderr.strip().splitlines()[-1] if run.stderr.strip() else '?'}")
    return kernels


def machine_of(case, scratch):
    arguments = ["-m", str(case.memory_mib), "-smp", str(case.cpus)]
    for node in range(case.nodes if case.nodes > 1 else 0):
        arguments += ["-object", f"memory-backend-ram,id=m{node},size={case.memory_mib // case.nodes}M",
                      "-numa", f"node,nodeid={node},cpus={node},memdev=m{node}"]
    if case.swap_mib > 0:
        disk = scratch / "swap"
        with open(disk, "wb") as file:
            file.truncate(case.swap_mib * MIB)
        arguments += ["-drive", f"if=none,id=swap,format=raw,file={disk},cache=unsafe",
                      "-device", "nvme,drive=swap,serial=swap"]
    return arguments


def run_guest(base, image, case, logs):
    """Boots, waits for the end, returns (results, console, seconds)."""
    logs.mkdir(parents=True, exist_ok=True)
    results, console = logs / f"{case.name}.results", logs / f"{case.name}.console"
    for path in (results, console):
        path.write_bytes(b"")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="oomsight-vm-") as scratch:
        scratch = Path(scratch)
        (scratch / "initrd").write_bytes(base + initramfs.of_case(case))
        command = [EMULATOR, *MACHINE, *machine_of(case, scratch), "-kernel", image, "-initrd", scratch / "initrd",
                   "-append", COMMAND_LINE, "-serial", f"file:{console}", "-serial", f"file:{results}"]
        with open(logs / f"{case.name}.emulator", "wb") as errors, \
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors) as guest:
            try:
                guest.wait(GUEST_SECONDS)
            except subprocess.TimeoutExpired:
                guest.kill()
    return (results.read_text(errors="replace"), console.read_text(errors="replace"), time.monotonic() - start)


def run_case(base, kernel, case, build):
    series, _, image = kernel
    results, console, seconds = run_guest(base, image, case, build / "tests/vm/logs" / series)
    told, judgement = judge(case, results, console)
    if not told.ended and not judgement.why and case.judge != "panic":
        judgement.passed, judgement.why = False, "the guest did not come to its end"
    return told, judgement, seconds


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compare oomsight's predictions with real OOM kills in QEMU guests.")
    parser.add_argument("--build", type=Path, default=Path("."), help="the build directory")
    parser.add_argument("--kernels", default="", help="series, e.g. '6.1 newest'")
    parser.add_argument("--cases", default="", help="names, e.g. 'biggest-rss cpuset'")
    parser.add_argument("--smoke", action="store_true", help="six cases on one kernel")
    parser.add_argument("--jobs", type=int, default=2, help="guests at a time")
    parser.add_argument("--list", action="store_true", help="say what cases there are")
    return parser.parse_args()


def choose_cases(arguments):
    known = {case.name: case for case in CASES}
    names = arguments.cases.split()
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no such case: {', '.join(unknown)}")
    if names:
        return [known[name] for name in names]
    return [case for case in CASES if case.smoke or not arguments.smoke]


def main():
    arguments = parse_arguments()
    if arguments.list:
        for case in CASES:
            print(f"{case.name:24} {case.says}")
        return 0
    cases = choose_cases(arguments)
    build = arguments.build.resolve()
    if shutil.which(EMULATOR) is None:
        skip(f"{EMULATOR} is missing (package qemu-system-x86)")
    busybox = shutil.which("busybox")
    if busybox is None or initramfs.shared_libraries(busybox):
        skip("a static busybox is missing (package busybox-static)")
    wanted = arguments.kernels.split() or (SMOKE_KERNELS if arguments.smoke else KERNELS)
    kernels = fetch_kernels(build / "tests/vm/kernels", wanted)
    if not kernels:
        skip("no kernel to boot")

    start = time.monotonic()
    base = initramfs.base(build)
    passed, failed, naive_right, naive_judged = 0, 0, 0, 0
    print(f"{'':4}  {'kernel':8} {'case':22} {'predicted':38} {'killed':38} {'naive':16}")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = [(kernel, case, pool.submit(run_case, base, kernel, case, build))
                for kernel in kernels for case in cases]
        for kernel, case, run in runs:
            told, judgement, seconds = run.result()
            passed, failed = passed + judgement.passed, failed + (not judgement.passed)
            if judgement.naive_right is not None:
                naive_judged, naive_right = naive_judged + 1, naive_right + judgement.naive_right
            certain = "" if told.verdict is None or all(kill["certain"] for kill in told.verdict["kills"]) else "?"
            print(f"{'PASS' if judgement.passed else 'FAIL'}  {kernel[0]:8} {case.name:22} "
                  f"{judgement.predicted + certain:38} {judgement.killed:38} {judgement.naive:16} {seconds:5.1f} s"
                  f"{'  ' + judgement.why if judgement.why else ''}", flush=True)
    print("\nKernels: " + ", ".join(f"{series} = {release}" for series, release, _ in kernels))
    if naive_judged:
        print(f"Naive (highest oom_score, lowest pid): {naive_right} of {naive_judged} determined victims, "
              f"{100 * naive_right // naive_judged} %")
    print(f"{time.monotonic() - start:.0f} seconds, {arguments.jobs} guests at a time. "
          f"Logs: {build / 'tests/vm/logs'}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
