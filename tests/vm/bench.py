#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real kernels, real kills: does `oomsight predict` name whom the kernel kills?

For each kernel and case a guest of its own is booted in QEMU by software
emulation. In it a stage is set and frozen, oomsight and a naive predictor are
asked, a real OOM is provoked, and what the kernel's log says is compared with
what was foretold. No network, no disk but an empty one for swap. An OOM
happens inside guests only.

Prints one line a case (with how many pages the points foretold are apart from
the kernel's own table in the log) and closes with "N passed, M failed". Exit status 0, 1
when a case failed, 77 when not all could be run (no QEMU, no kernel).
"""

import argparse
import concurrent.futures
import os
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
NEEDED = {EMULATOR: "qemu-system-x86", "busybox": "busybox-static"}
KERNELS = ["5.10", "6.1", "6.12", "6.18", "newest"]
SMOKE_KERNELS = ["6.1"]
GUEST_SECONDS = 90
MIB = 1 << 20
# -cpu: with "max" this emulator corrupts flags in this_cpu_cmpxchg16b, and
# 6.12 oopses. -no-reboot: the guest's end, by reboot or panic, is QEMU's.
MACHINE = ["-accel", "tcg,thread=multi", "-cpu", "Nehalem,-cx16", "-no-reboot", "-nodefaults", "-no-user-config",
           "-display", "none"]
# What would move while the stage stands still is switched off; with address
# randomisation page tables move by a page or two, and those decide ties.
COMMAND_LINE = ("console=ttyS0 rdinit=/init rootfstype=ramfs transparent_hugepage=never norandmaps "
                "numa_balancing=disable psi=1 printk.devkmsg=on mitigations=off "
                "quiet loglevel=4 panic=-1")


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def install_missing(needed):
    """Only as root and with apt-get; what is still missing then is said by main()."""
    packages = [package for program, package in needed.items() if shutil.which(program) is None]
    if packages and shutil.which("apt-get") and os.geteuid() == 0:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *command], env=environment,
                           stdout=subprocess.DEVNULL, check=False)


def fetch_kernels(directory, wanted):
    """[[series, release, image]], those that could be had; the others are said."""
    run = subprocess.run([HERE / "kernels.sh", directory, *wanted], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False)
    kernels = [line.split("\t") for line in run.stdout.splitlines()]
    had = {kernel[0] for kernel in kernels}
    reasons = "; ".join(run.stderr.split("\n")).strip("; ")
    for series in wanted:
        if series not in had:
            print(f"SKIP  {series:8} {reasons}")
    return kernels


def machine_of(case, scratch):
    arguments = ["-m", str(case.memory_mib), "-smp", str(case.cpus)]
    for node in range(case.nodes if case.nodes > 1 else 0):
        arguments += ["-object", f"memory-backend-ram,id=m{node},size={case.memory_mib // case.nodes}M",
                      "-numa", f"node,nodeid={node},cpus={node},memdev=m{node}"]
    if case.swap_mib > 0 or case.slow_disk > 0:
        disk = scratch / "disk"
        with open(disk, "wb") as file:
            file.truncate((case.swap_mib or 16) * MIB)
        slow = f",throttling.bps-read={case.slow_disk}" if case.slow_disk > 0 else ""
        arguments += ["-drive", f"if=none,id=disk,format=raw,file={disk},cache=unsafe{slow}",
                      "-device", "nvme,drive=disk,serial=disk"]
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
        command_line = COMMAND_LINE + ("" if case.cgroup_v1 else " cgroup_no_v1=all")
        command = [EMULATOR, *MACHINE, *machine_of(case, scratch), "-kernel", image, "-initrd", scratch / "initrd",
                   "-append", command_line, "-serial", f"file:{console}", "-serial", f"file:{results}"]
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
    return judge(case, results, console), seconds


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compare oomsight's predictions with real OOM kills in QEMU guests.")
    parser.add_argument("--build", type=Path, default=Path("."), help="the build directory")
    parser.add_argument("--kernels", default="", help="series, e.g. '6.1 newest'")
    parser.add_argument("--cases", default="", help="names, e.g. 'biggest-rss cpuset'")
    parser.add_argument("--smoke", action="store_true", help="seven cases on one kernel")
    parser.add_argument("--jobs", type=int, default=2, help="guests at a time")
    parser.add_argument("--install", action="store_true", help="as root, install what is missing with apt-get")
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


class Score:
    def __init__(self):
        self.passed = self.failed = self.skipped = self.naive_right = self.naive_judged = 0
        self.apart = []

    def add(self, judgement):
        if judgement.skipped:
            self.skipped += 1
            return
        self.passed += judgement.passed
        self.failed += not judgement.passed
        if judgement.naive_right is not None:
            self.naive_judged += 1
            self.naive_right += judgement.naive_right
        if judgement.points_apart is not None:
            self.apart.append(abs(judgement.points_apart))

    def show(self):
        if self.naive_judged:
            print(f"Naive (highest oom_score, lowest pid): {self.naive_right} of {self.naive_judged} determined victims, "
                  f"{100 * self.naive_right / self.naive_judged:.0f} %")
        if self.apart:
            print(f"Points foretold against the kernel's own table: {self.apart.count(0)} of {len(self.apart)} equal, "
                  f"at most {max(self.apart)} pages apart")


def print_row(kernel, case, judgement, seconds):
    apart = "" if judgement.points_apart is None else f"{judgement.points_apart:+d}"
    word = "SKIP" if judgement.skipped else "PASS" if judgement.passed else "FAIL"
    predicted = judgement.predicted + ("" if judgement.certain or judgement.skipped else " ?")
    print(f"{kernel[0]:7} {case.name:22} {predicted:38} {judgement.killed:38} {judgement.naive:14} {apart:>5} "
          f"{seconds:4.0f} s  {word}{'  ' + judgement.why if judgement.why else ''}", flush=True)


def main():
    arguments = parse_arguments()
    if arguments.list:
        for case in CASES:
            print(f"{case.name:24} {case.says}")
        return 0
    cases = choose_cases(arguments)
    build = arguments.build.resolve()
    if arguments.install:
        install_missing(NEEDED)
    for program, package in NEEDED.items():
        if shutil.which(program) is None:
            skip(f"{program} is missing (package {package})")
    if initramfs.shared_libraries(shutil.which("busybox")):
        skip("busybox is not a static one (package busybox-static)")
    wanted = arguments.kernels.split() or (SMOKE_KERNELS if arguments.smoke else KERNELS)
    kernels = fetch_kernels(build / "tests/vm/kernels", wanted)
    if not kernels:
        skip("no kernel to boot")

    start = time.monotonic()
    base = initramfs.base(build)
    score = Score()
    print(f"{'kernel':7} {'case':22} {'predicted (?: not certain)':38} {'killed':38} {'naive':14} {'apart':>5}")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = [(kernel, case, pool.submit(run_case, base, kernel, case, build))
                for kernel in kernels for case in cases]
        for kernel, case, run in runs:
            judgement, seconds = run.result()
            score.add(judgement)
            print_row(kernel, case, judgement, seconds)
    print("\nKernels: " + ", ".join(f"{series} = {release}" for series, release, _ in kernels))
    score.show()
    print(f"{time.monotonic() - start:.0f} seconds, {arguments.jobs} guests at a time. "
          f"Logs: {build / 'tests/vm/logs'}")
    if len(kernels) < len(wanted):
        print(f"skipped for want of a kernel: {(len(wanted) - len(kernels)) * len(cases)}")
    if score.skipped:
        print(f"skipped because the kernel has not what the case is about: {score.skipped}")
    print(f"{score.passed} passed, {score.failed} failed")
    if score.failed:
        return 1
    return 0 if len(kernels) == len(wanted) else 77


if __name__ == "__main__":
    sys.exit(main())
