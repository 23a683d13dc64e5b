# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's file system: busybox, the actors, oomsight with its libraries.

Written as cpio "newc" (Documentation/driver-api/early-userspace/buffer-format.rst)
by hand: no cpio program, no device nodes, no root needed. The kernel unpacks
archives that lie one after the other, so a case is a small one behind the base.
"""

import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Archive:
    def __init__(self):
        self._bytes = bytearray()
        self._inode = 0
        self._directories = {"/"}

    def _pad(self, to):
        self._bytes += b"\0" * (-len(self._bytes) % to)

    def _entry(self, path, mode, content):
        self._inode += 1
        name = path.lstrip("/").encode() + b"\0"
        fields = [self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
        self._bytes += b"070701" + b"".join(b"%08x" % value for value in fields) + name
        self._pad(4)
        self._bytes += content
        self._pad(4)

    def directory(self, path):
        if path not in self._directories:
            self.directory(str(Path(path).parent))
            self._directories.add(path)
            self._entry(path, 0o040755, b"")

    def file(self, path, content, mode=0o755):
        self.directory(str(Path(path).parent))
        self._entry(path, 0o100000 | mode, content)

    def link(self, path, target):
        self.directory(str(Path(path).parent))
        self._entry(path, 0o120777, target.encode())

    def done(self):
        self._entry("TRAILER!!!", 0, b"")
        self._pad(512)
        return bytes(self._bytes)


def shared_libraries(program):
    """What ldd resolves; nothing for a static program."""
    run = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", run.stdout) if run.returncode == 0 else []


def base(build):
    """What all guests have in common, from the build directory."""
    archive = Archive()
    busybox = shutil.which("busybox")
    archive.file("/bin/busybox", Path(busybox).read_bytes())
    applets = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split()
    for applet in applets:
        if applet != "busybox":
            archive.link(f"/bin/{applet}", "busybox")
    libraries = set()
    for program in ("tests/vm/hog", "tests/vm/stage", "oomsight", "tests/unit/test_sample_bpf",
                    "tests/unit/test_sample_slept", "tests/unit/test_sample_carried"):
        archive.file(f"/bin/{Path(program).name}", (build / program).read_bytes())
        libraries.update(shared_libraries(build / program))
    for library in sorted(libraries):
        archive.file(library, Path(library).read_bytes())
    # What the test program looks for below its $srcdir.
    recorded = Path("tests/fixtures/small-host")
    for path in sorted((HERE.parent.parent / recorded).rglob("*")):
        if path.is_file() and not path.is_symlink():
            archive.file(f"/srv/{recorded}/{path.relative_to(HERE.parent.parent / recorded)}", path.read_bytes(), 0o644)
    archive.file("/etc/passwd", b"root:x:0:0:root:/:/bin/sh\n", 0o644)
    archive.file("/init", (HERE / "guest.sh").read_bytes())
    for path in ("/dev", "/proc", "/sys", "/run", "/tmp"):
        archive.directory(path)
    return archive.done()


def of_case(case):
    archive = Archive()
    archive.file("/case.sh", "\n".join([
        f'predict_options="{case.predict}"',
        f'trigger_options="{case.trigger}"',
        f"set_stage() {{ {case.stage}; }}",
        f"provoke() {{ {case.provoke}; }}",
        ""]).encode(), 0o644)
    return archive.done()
