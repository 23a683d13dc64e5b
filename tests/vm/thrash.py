#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A host that dies slowly: who still ticks, and was it foretold?

Guests of 256 MB in QEMU, by software emulation: the monitors and a file that is read
at random lie on one slow disk, a hog takes memory at a constant rate until the
kernel kills it. In each guest oomsight, `top -b`, htop and a bare locked ticker
run side by side at 1 s; what counts is the longest silence of each. See thrash.c.

Prints a line a run, then each target with what was measured (medians over the runs).
Exit status 0, 1 when a target is missed, 77 when not all could be judged.
"""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bench
import initramfs
from thrash_judge import (PEERS, SECOND, Outcome, Stage, Verdict, forecast_text, frames, grown, judge_stage,
                          parse)

NEEDED = {bench.EMULATOR: "qemu-system-x86", "top": "procps", "htop": "htop", "mke2fs": "e2fsprogs"}
MEMORY_MIB = 256
WORKING_SET_MIB = 120
SWAP_MIB = 96
READS_PER_S = 120
GUEST_SECONDS = 900
COMMAND_LINE = ("console=ttyS0 rdinit=/init rootfstype=ramfs transparent_hugepage=never psi=1 cgroup_disable=memory "
                "mitigations=off quiet loglevel=3 panic=-1")
TERMINFO = ["/lib/terminfo", "/usr/share/terminfo"]
KERNELS = ["6.1", "6.12"]

# How much is left when the hog begins to grow, and how fast it grows, make how deep
# and how long the guest thrashes.
ALL_STAGES = [
    Stage("no-swap", {"left_mib": 30, "rate_kib": 300}, peers_ratio={"6.1": 4.0, "": 2.0}, foretells=True),
    Stage("deep", {"left_mib": 14, "rate_kib": 120}, peers_ratio={"6.1": 4.0, "": 2.0}, foretells=True),
    Stage("swap", {"left_mib": 40, "rate_kib": 400}, swap=True, peers_ratio={}, foretells=True),
    *(Stage(f"rate-{rate}", {"left_mib": 100, "rate_kib": rate}, foretells=True) for rate in (500, 1000, 2000)),
    Stage("swing", {"left_mib": 90, "rate_kib": 4000, "swing_mib": 40, "limit_s": 240}, swings=True),
]
STAGES = {stage.name: stage for stage in ALL_STAGES}


# --- the guest ---

def add_program(tree, program):
    for file in [program, *initramfs.shared_libraries(program)]:
        target = tree / ("bin/" + Path(file).name if file is program else file.lstrip("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o755)


def make_disk(build, path):
    """The monitors, each with its own copies of all it maps, and the working set."""
    with tempfile.TemporaryDirectory(prefix="oomsight-thrash-") as scratch:
        scratch = Path(scratch)
        for name, program in (("oomsight", build / "oomsight"), ("top", shutil.which("top")),
                              ("htop", shutil.which("htop"))):
            tree = scratch / name
            add_program(tree, program)
            for directory in ("proc", "sys", "dev", "etc"):
                (tree / directory).mkdir(parents=True, exist_ok=True)
            (tree / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
            for kind in ("x/xterm-256color", "d/dumb"):
                (tree / "lib/terminfo" / kind).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(next(Path(path) / kind for path in TERMINFO if (Path(path) / kind).exists()),
                                tree / "lib/terminfo" / kind)
        with open(scratch / "working-set", "wb") as file:  # no zeros: the image would not hold them
            for _ in range(WORKING_SET_MIB):
                file.write(os.urandom(1 << 20))
        path.write_bytes(b"")  # mke2fs tells people when it makes a file
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", scratch, path,
                        f"{WORKING_SET_MIB + 80}M"], check=True)


def make_archive(build):
    archive = initramfs.Archive()
    archive.file("/init", (build / "tests/vm/thrash").read_bytes())
    for path in ("/dev", "/proc", "/sys", "/disk"):
        archive.directory(path)
    return archive.done()


def run_guest(archive, disk, image, stage, seed, logs, extra):
    logs.mkdir(parents=True, exist_ok=True)
    results, console = logs / f"{stage.name}-{seed}.results", logs / f"{stage.name}-{seed}.console"
    for path in (results, console):
        path.write_bytes(b"")
    settings = {"seed": seed, "swap": int(stage.swap), **stage.settings, **extra}
    with tempfile.TemporaryDirectory(prefix="oomsight-thrash-") as scratch:
        scratch = Path(scratch)
        (scratch / "initrd").write_bytes(archive)
        slow = f"throttling.iops-total={READS_PER_S}"
        command = [bench.EMULATOR, *bench.MACHINE, "-m", str(MEMORY_MIB), "-smp", "1", "-kernel", image,
                   "-initrd", scratch / "initrd",
                   "-append", COMMAND_LINE + "".join(f" {name}={value}" for name, value in settings.items()),
                   "-drive", f"if=none,id=disk,format=raw,file={disk},snapshot=on,{slow}",
                   "-device", "nvme,drive=disk,serial=disk",
                   "-serial", f"file:{console}", "-serial", f"file:{results}"]
        if stage.swap:
            with open(scratch / "swap", "wb") as file:
                file.truncate(SWAP_MIB << 20)
            command += ["-drive", f"if=none,id=swap,format=raw,file={scratch / 'swap'},cache=unsafe,{slow}",
                        "-device", "nvme,drive=swap,serial=swap"]
        with open(logs / f"{stage.name}-{seed}.emulator", "wb") as errors, \
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors) as guest:
            try:
                guest.wait(GUEST_SECONDS)
            except subprocess.TimeoutExpired:
                guest.kill()
    return parse(results.read_text(errors="replace"))


# --- what came of it ---

def print_outcome(outcome):
    run = outcome.run
    row = f"{outcome.kernel:7} {outcome.stage.name:9} "
    if run.error:
        row += run.error
    else:
        row += " ".join(f"{outcome.silence(name):8.2f}" for name in ("oomsight", "bare", *PEERS))
        row += f" {grown(run, 'full-us') / 1e6:6.1f} {grown(run, 'major-faults'):6}"
        row += f" {(run.kill - run.begin) / SECOND:5.0f} {run.killed}, named {outcome.named()}" if run.kill else ""
        row += f", forecast {forecast_text(*outcome.forecast_errors())}" if run.kill else ""
    print(row, flush=True)


def print_verdicts(verdicts):
    for verdict in verdicts:
        word = "SKIP" if verdict.passed is None else "PASS" if verdict.passed else "FAIL"
        print(f"{word}  {verdict.says}")
    failed = sum(verdict.passed is False for verdict in verdicts)
    skipped = sum(verdict.passed is None for verdict in verdicts)
    print(f"{len(verdicts) - failed - skipped} passed, {failed} failed, {skipped} could not be judged")
    return 1 if failed else 77 if skipped else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measure oomsight and its peers in QEMU guests that run out of memory.")
    parser.add_argument("--build", type=Path, default=Path("."), help="the build directory")
    parser.add_argument("--kernels", default="", help="series, e.g. '6.1 newest'")
    parser.add_argument("--stages", default="", help=f"of {' '.join(STAGES)}")
    parser.add_argument("--runs", type=int, default=3, help="of each stage on each kernel")
    parser.add_argument("--jobs", type=int, default=1, help="guests at a time")
    parser.add_argument("--settings", default="", help="for the guest, e.g. 'stacks=1'; see thrash.c")
    parser.add_argument("--install", action="store_true", help="as root, install what is missing with apt-get")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    unknown = [name for name in arguments.stages.split() if name not in STAGES]
    if unknown:
        sys.exit(f"no such stage: {', '.join(unknown)}")
    stages = [STAGES[name] for name in arguments.stages.split() or STAGES]
    build = arguments.build.resolve()
    if arguments.install:
        bench.install_missing(NEEDED)
    for program, package in NEEDED.items():
        if shutil.which(program) is None:
            bench.skip(f"{program} is missing (package {package})")
    wanted = arguments.kernels.split() or KERNELS
    kernels = bench.fetch_kernels(build / "tests/vm/kernels", wanted)
    archive = make_archive(build)
    extra = dict(word.split("=", 1) for word in arguments.settings.split())
    logs = build / "tests/vm/logs/thrash"

    def measure(disk, kernel, stage, seed):
        run = run_guest(archive, disk, kernel[2], stage, seed, logs / kernel[0], extra)
        return Outcome(kernel[0], stage, run, [] if run.error else list(frames(run)))

    print("The longest silence in seconds at a tick a second; stalled: seconds in which nobody got on for want of memory;\n"
          "faults: major ones; kill: seconds from the hog's beginning.\n")
    print(f"{'kernel':7} {'stage':9} {'oomsight':>8} {'bare':>8} {'top -b':>8} {'htop':>8} {'stalled':>6} {'faults':>5} "
          f"{'kill':>5}")
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="oomsight-thrash-") as scratch, \
            concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        disk = Path(scratch) / "disk"
        make_disk(build, disk)
        pending = [(kernel, stage, [pool.submit(measure, disk, kernel, stage, seed + 1)
                                    for seed in range(arguments.runs)]) for kernel in kernels for stage in stages]
        for kernel, stage, runs in pending:
            outcomes = [run.result() for run in runs]
            for outcome in outcomes:
                print_outcome(outcome)
            whole = [outcome for outcome in outcomes if not outcome.run.error]
            if len(whole) < len(outcomes):
                verdicts.append(Verdict(f"{kernel[0]} {stage.name}: {len(outcomes) - len(whole)} runs came to nothing", None))
            verdicts += judge_stage(kernel[0], stage, whole)
    print("\nKernels: " + ", ".join(f"{series} = {release}" for series, release, _ in kernels) + f". Logs: {logs}")
    for series in wanted:
        if series not in {kernel[0] for kernel in kernels}:
            verdicts.append(Verdict(f"{series}: there is no such kernel to boot", None))
    return print_verdicts(verdicts)


if __name__ == "__main__":
    sys.exit(main())
