#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The monitor's screens over real kernels: memory cgroups and NUMA nodes.

For each kernel a guest of two nodes is booted in QEMU by software emulation. In it
groups, limits and bindings are made, and the monitor runs on the second serial port,
which is a terminal: tests/vm/screens types its keys, emulates its screen and asserts
on what stands there. Nothing is provoked, nobody is killed.

The screens are kept as text in tests/vm/logs/SERIES/screens. Exit status 0, 1 when a
kernel failed, 77 when not all could be run (no QEMU, no kernel).
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bench
import initramfs

SERIES = ["6.1", "newest"]
MEMORY_MIB = 640
GUEST_SECONDS = 300
TERMINFO = [Path("/lib/terminfo/x/xterm-256color"), Path("/usr/share/terminfo/x/xterm-256color")]

# In the words of guest.sh. What is bound to a node allocates there; elsewhere may use
# the first node alone, nearby the second.
STAGE = """
cgroup box memory.max 64M
cgroup team memory.max 96M memory.oom.group 1
cgroup zero cpuset.mems 0
cgroup one cpuset.mems 1
actor big --cgroup $CG/box --anon 40
actor little --cgroup $CG/box --anon 10
actor pg1 --cgroup $CG/team --anon 30
actor pg2 --cgroup $CG/team --anon 20
actor elsewhere --cgroup $CG/zero --anon 80
actor nearby --cgroup $CG/one --anon 60
actor tied --bind 1 --anon 20
exec </dev/ttyS1
stty sane rows 30 cols 100
export TERM=xterm-256color LC_ALL=C.UTF-8 HOME=/
oomsight --no-protect --delay 2
echo "oomsight ended with $?"
reboot -f
"""


def case_archive(terminfo):
    archive = initramfs.Archive()
    archive.file("/case.sh", f"predict_options='' trigger_options=''\nset_stage() {{\n{STAGE}}}\n".encode(), 0o644)
    archive.file("/lib/terminfo/x/xterm-256color", terminfo.read_bytes(), 0o644)
    return archive.done()


def guest_command(image, initrd, console):
    half = MEMORY_MIB // 2
    nodes = []
    for node in range(2):
        nodes += ["-object", f"memory-backend-ram,id=m{node},size={half}M",
                  "-numa", f"node,nodeid={node},cpus={node},memdev=m{node}"]
    return [bench.EMULATOR, *bench.MACHINE, "-m", str(MEMORY_MIB), "-smp", "2", *nodes, "-kernel", image,
            "-initrd", str(initrd), "-append", bench.COMMAND_LINE + " cgroup_no_v1=all",
            "-serial", f"file:{console}", "-chardev", "stdio,id=terminal,signal=off", "-serial", "chardev:terminal"]


def run_kernel(build, base, kernel, terminfo):
    """True when all that is asserted holds."""
    series, release, image = kernel
    frames = build / "tests/vm/logs" / series / "screens"
    frames.mkdir(parents=True, exist_ok=True)
    for old in frames.glob("*.txt"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="oomsight-vm-") as scratch:
        initrd = Path(scratch) / "initrd"
        initrd.write_bytes(base + case_archive(terminfo))
        # The emulator keeps the terminal from adding carriage returns to what the
        # guest sends only where that is switched off before.
        command = [build / "tests/vm/screens", frames, "sh", "-c", 'stty -onlcr && exec "$@"', "sh",
                   *guest_command(image, initrd, frames / "console")]
        try:
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 errors="replace", timeout=GUEST_SECONDS, check=False)
            output, passed = run.stdout, run.returncode == 0
        except subprocess.TimeoutExpired as expired:
            output, passed = (expired.stdout or b"").decode(errors="replace"), False
    (frames / "log").write_text(output)
    run, held = (len(re.findall(rf"^\[ +{word} +\]", output, re.M)) for word in ("RUN", "OK"))
    print(f"{series:8} {release:32} {held} of {run} hold  {'PASS' if passed else 'FAIL'}  {frames}", flush=True)
    if not passed:
        print(output)
    return passed


def main():
    parser = argparse.ArgumentParser(description="Look at the monitor's screens in QEMU guests.")
    parser.add_argument("--build", type=Path, default=Path("."), help="the build directory")
    parser.add_argument("--kernels", default="", help="series, e.g. '6.1 newest'")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    for program, package in bench.NEEDED.items():
        if shutil.which(program) is None:
            bench.skip(f"{program} is missing (package {package})")
    terminfo = next((path for path in TERMINFO if path.exists()), None)
    if terminfo is None:
        bench.skip("there is no terminfo entry of xterm-256color (package ncurses-base)")
    wanted = arguments.kernels.split() or SERIES
    kernels = bench.fetch_kernels(build / "tests/vm/kernels", wanted)
    if not kernels:
        bench.skip("no kernel to boot")
    base = initramfs.base(build)
    results = [run_kernel(build, base, kernel, terminfo) for kernel in kernels]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    if not all(results):
        return 1
    return 0 if len(kernels) == len(wanted) else 77


if __name__ == "__main__":
    sys.exit(main())
