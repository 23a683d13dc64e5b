#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The hard ticks of tests/bench/stress in guests, which allow what a host may not: 32768
processes are more than the usual kernel.pid_max of a small one.

A guest is emulated by software, some ten times slower than a machine: its figures stand
beside each other and say nothing of a machine's. Prints what the program says. Exit
status 0, 1 when it failed somewhere, 77 when not all kernels could be had.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bench
import initramfs
from screens import TERMINFO

SERIES = ["6.1", "6.18"]
# Half of it for the crowd: 128 KiB each, which stress asks to be there.
MEMORY_MIB = 9216
GUEST_SECONDS = 1500
PID_MAX = 131072
PROGRAMS = ("oomsight", "tests/bench/stress", "tests/helpers/crowd", "tests/helpers/churn")

INIT = f"""#!/bin/sh
export PATH=/bin TERM=xterm-256color LC_ALL=C.UTF-8 HOME=/ builddir=/build
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir /dev/pts
mount -t devpts devpts /dev/pts
exec </dev/null >/dev/ttyS1 2>&1
echo {PID_MAX} >/proc/sys/kernel/pid_max
/build/tests/bench/stress %s
echo "status $?"
reboot -f
"""


def make_archive(build, stress_options):
    archive = initramfs.Archive()
    busybox = Path(shutil.which("busybox"))
    archive.file("/bin/busybox", busybox.read_bytes())
    for applet in ("sh", "mount", "mkdir", "echo", "reboot"):
        archive.link(f"/bin/{applet}", "busybox")
    libraries = set()
    for program in PROGRAMS:
        archive.file(f"/build/{program}", (build / program).read_bytes())
        libraries.update(initramfs.shared_libraries(build / program))
    for library in sorted(libraries):
        archive.file(library, Path(library).read_bytes())
    terminfo = next((path for path in TERMINFO if path.exists()), None)
    if terminfo is not None:
        archive.file("/lib/terminfo/x/xterm-256color", terminfo.read_bytes(), 0o644)
    archive.file("/etc/passwd", b"root:x:0:0:root:/:/bin/sh\n", 0o644)
    archive.file("/init", (INIT % stress_options).encode())
    for path in ("/dev", "/proc", "/sys", "/tmp"):
        archive.directory(path)
    return archive.done()


def run_guest(archive, image, memory_mib, logs):
    """What the program wrote."""
    logs.mkdir(parents=True, exist_ok=True)
    results, console = logs / "stress.results", logs / "stress.console"
    results.write_bytes(b"")
    with tempfile.TemporaryDirectory(prefix="oomsight-vm-") as scratch:
        initrd = Path(scratch) / "initrd"
        initrd.write_bytes(archive)
        command = [bench.EMULATOR, *bench.MACHINE, "-m", str(memory_mib), "-smp", "2", "-kernel", image,
                   "-initrd", initrd, "-append", bench.COMMAND_LINE,
                   "-serial", f"file:{console}", "-serial", f"file:{results}"]
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=GUEST_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            pass
    return results.read_text(errors="replace").replace("\r", "")


def main():
    parser = argparse.ArgumentParser(description="Run the hard ticks of make bench-stress in QEMU guests.")
    parser.add_argument("--build", type=Path, default=Path("."), help="the build directory")
    parser.add_argument("--kernels", default="", help="series, e.g. '6.1 6.18'")
    parser.add_argument("--memory", type=int, default=MEMORY_MIB, help="MiB of a guest")
    parser.add_argument("--install", action="store_true", help="as root, install what is missing with apt-get")
    parser.add_argument("--stress", default="--every 1000 --ticks 20", help="options of tests/bench/stress")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    if arguments.install:
        bench.install_missing(bench.NEEDED)
    for program, package in bench.NEEDED.items():
        if shutil.which(program) is None:
            bench.skip(f"{program} is missing (package {package})")
    wanted = arguments.kernels.split() or SERIES
    kernels = bench.fetch_kernels(build / "tests/vm/kernels", wanted)
    archive = make_archive(build, arguments.stress)
    good = True
    for series, release, image in kernels:
        print(f"\nguest of {arguments.memory} MiB, Linux {release}", flush=True)
        said = run_guest(archive, image, arguments.memory, build / "tests/vm/logs" / series)
        print(said, end="", flush=True)
        good = good and "\nstatus 0\n" in said
    if not good:
        return 1
    return 0 if len(kernels) == len(wanted) else 77


if __name__ == "__main__":
    sys.exit(main())
