#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what oomsight --batch -o json tells with free, vmstat, ps, top and
the kernel's own files on this host. TAP on standard output.

    compare.py memory|rates|tasks|scores

Environment: builddir (the program, and the helpers that make processes of
known memory), OOMSIGHT (another program).

Nothing here stands still while it is looked at. So a figure must lie between
those the other tool told before and after, and what moves by itself is tried
again: a wrong figure is wrong each time.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import traceback

BUILD = pathlib.Path(os.environ.get("builddir", "."))
PROGRAM = os.environ.get("OOMSIGHT", str(BUILD / "oomsight"))
PLAIN = {**os.environ, "LC_ALL": "C", "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
PAGE = os.sysconf("SC_PAGE_SIZE")
KIB, MIB = 1024, 1 << 20


class Tap:
    """Collects the tests and prints them."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, name, faults):
        """faults: sentences of what is not so; none: passed."""
        self.count += 1
        print(f"{'not ok' if faults else 'ok'} {self.count} - {name}")
        for fault in faults[:40]:
            print("#", fault)
        self.failed += bool(faults)

    def done(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def oomsight(*options):
    """All ticks of one run."""
    run = subprocess.run([PROGRAM, "--batch", "-o", "json", *options], capture_output=True, text=True, timeout=120)
    if run.returncode != 0 or not run.stdout:
        print(f"Bail out! oomsight {' '.join(options)}: status {run.returncode}: {run.stderr.strip()}")
        sys.exit(1)
    return [json.loads(line) for line in run.stdout.splitlines()]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, env=PLAIN, timeout=60).stdout


class Helper:
    """A program of tests/helpers, ready, until the end of the with block."""

    def __init__(self, *arguments):
        path = BUILD / "tests" / "helpers" / arguments[0]
        self.process = subprocess.Popen([path, *arguments[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.child = None
        for line in self.process.stdout:
            if line.startswith("child "):
                self.child = int(line.split()[1])
            if line == "ready\n":
                return
        raise RuntimeError(f"{arguments} did not get ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Meanwhile:
    """Calls work() again and again in a thread until the end of the with block."""

    def __init__(self, work):
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(work,), daemon=True)

    def run(self, work):
        while not self.stop.is_set():
            work()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(timeout=10)


# --- memory: free ------------------------------------------------------------

def read_free():
    """free's figures by the names of our JSON, bytes."""
    rows = {line.split(":")[0]: [int(x) for x in line.split()[1:]]
            for line in output("free", "-b", "-w", "-v").splitlines() if ":" in line}
    memory = dict(zip(("total_bytes", "used_bytes", "free_bytes", "shared_bytes", "buffers_bytes", "cache",
                       "available_bytes"), rows["Mem"]))
    memory["swap_total_bytes"], _, memory["swap_free_bytes"] = rows["Swap"]
    memory["commit_limit_bytes"], memory["committed_as_bytes"] = rows["Comm"][:2]
    return memory


def compare_memory(tap):
    samples = []

    def sample():
        began = time.monotonic()
        figures = read_free()
        samples.append((began, time.monotonic(), figures))

    ticks = []
    command = [PROGRAM, "--batch", "-o", "json", "-n", "8", "-d", "0.5"]
    with Meanwhile(sample), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            ticks.append((time.monotonic(), json.loads(line)["memory"]))
        time.sleep(0.3)
    tap.check("eight ticks came", [] if len(ticks) == 8 else [f"{len(ticks)} came"])

    # free is itself a process while it looks: its own memory comes and goes.
    slack = {"used_bytes": 2 * MIB, "free_bytes": 2 * MIB, "available_bytes": 2 * MIB, "committed_as_bytes": 4 * MIB,
             "shared_bytes": 64 * KIB, "buffers_bytes": 64 * KIB, "cache": 256 * KIB}
    for key in samples[0][2]:
        misses = []
        # On a busy host a figure goes further between two readings than either
        # shows: allow the largest step seen from one reading to the next.
        step = max((abs(a[2][key] - b[2][key]) for a, b in zip(samples, samples[1:])), default=0)
        allowed = slack[key] + step if key in slack else 0
        for at, memory in ticks:
            ours = memory["cached_bytes"] + memory["slab_reclaimable_bytes"] if key == "cache" else memory[key]
            near = [figures[key] for began, ended, figures in samples if ended >= at - 0.5 and began <= at + 0.1]
            low, high = min(near) - allowed, max(near) + allowed
            if not low <= ours <= high:
                misses.append(f"{key} is {ours}, free says {min(near)} to {max(near)} ({len(near)} readings)")
        # What the sampling thread missed between two readings may hide one tick.
        tap.check(f"{key} as free tells it", misses if len(misses) > (1 if key in slack else 0) else [])


# --- rates: vmstat -----------------------------------------------------------

def compare_rates(tap):
    seconds = 4
    # A steady load, so that it matters little when exactly each tool looks.
    with tempfile.NamedTemporaryFile(dir=BUILD) as file, Helper("churn", "400", "30", "5"):
        def write():
            file.seek(0)
            file.write(os.urandom(MIB))
            file.flush()
            os.fsync(file.fileno())
            time.sleep(0.05)

        command = ["vmstat", "-w", str(seconds), "2"]
        with Meanwhile(write), subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=PLAIN) as vmstat:
            ours = oomsight("-n", "2", "-d", str(seconds))[1]["vmstat"]
            lines = vmstat.stdout.read().splitlines()
    theirs = dict(zip(lines[1].split(), map(int, lines[-1].split())))
    kib = 1 / 1024
    pairs = [  # ours, factor to vmstat's unit, theirs, share and amount that may differ
        ("interrupts_per_second", 1, "in", 0.2, 100),
        ("context_switches_per_second", 1, "cs", 0.2, 200),
        ("blocks_out_per_second", 1, "bo", 0.3, 500),
        ("blocks_in_per_second", 1, "bi", 0.3, 200),
        ("swap_in_bytes_per_second", kib, "si", 0.3, 50),
        ("swap_out_bytes_per_second", kib, "so", 0.3, 50),
        ("cpu_user_percent", 1, "us", 0, 10),
        ("cpu_system_percent", 1, "sy", 0, 10),
        ("cpu_idle_percent", 1, "id", 0, 12),
        ("cpu_iowait_percent", 1, "wa", 0, 10),
    ]
    for name, factor, column, share, amount in pairs:
        if ours.get(name) is None:
            tap.check(f"{name} as vmstat's {column}", [f"{name} is {ours.get(name, 'missing')}"])
            continue
        value = ours[name] * factor
        far = abs(value - theirs[column]) > max(amount, share * theirs[column])
        tap.check(f"{name} as vmstat's {column}", [f"{name} is {value:.1f}, vmstat says {theirs[column]}"] if far else [])
    tap.check("the churn is seen", [] if theirs["cs"] > 400 else [f"vmstat saw {theirs['cs']} context switches a second"])


# --- tasks: ps, top, /proc ----------------------------------------------------

def read_text(path):
    try:
        return pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return None


def read_statm():
    """pid -> its line of statm."""
    return {int(entry): read_text(f"/proc/{entry}/statm") for entry in os.listdir("/proc") if entry.isdigit()}


def read_ps():
    return {int(pid): (int(vsz) * KIB, int(rss) * KIB)
            for pid, vsz, rss in (line.split() for line in output("ps", "-e", "-o", "pid=,vsz=,rss=").splitlines())}


def read_top(pids):
    lines = output("top", "-b", "-n", "1", "-w", "200", "-e", "k", "-p", ",".join(map(str, pids))).splitlines()
    at = next(i for i, line in enumerate(lines) if "VIRT" in line and "SHR" in line)
    columns = lines[at].split()
    where = [columns.index(name) for name in ("VIRT", "RES", "SHR")]
    return {int(line.split()[0]): tuple(int(line.split()[i]) * KIB for i in where) for line in lines[at + 1:] if line.strip()}


def status_bytes(pid, key):
    for line in (read_text(f"/proc/{pid}/status") or "").splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * KIB
    return None


def compare_tasks(tap):
    hogs = [("hog", "--anon", "40"), ("hog", "--shm", "24"), ("hog", "--file", "12"), ("hog", "--sparse", "3")]
    helpers = [Helper(*hog) for hog in hogs]
    try:
        pids = [helper.pid for helper in helpers]
        wrong, compared = None, set()
        for _ in range(4):
            before, ps = read_statm(), read_ps()
            tasks = {task["pid"]: task for task in oomsight("-n", "1")[0]["tasks"]}
            after = read_statm()
            idle = [pid for pid, statm in before.items()
                    if statm and after.get(pid) == statm and ps.get(pid, (0,))[0] > 0 and pid in tasks]
            faults = {}
            for pid in idle:
                ours = tuple(tasks[pid][key] for key in ("virt_bytes", "rss_bytes", "shr_bytes"))
                theirs = (*ps[pid], int(before[pid].split()[2]) * PAGE)
                if ours != theirs:
                    faults[pid] = f"{pid} {tasks[pid]['comm']!r}: VIRT, RSS, SHR are {ours}, ps and statm say {theirs}"
            compared |= set(idle) - set(faults)
            wrong = faults if wrong is None else {pid: faults[pid] for pid in faults if pid in wrong}
            if not wrong:
                break
        tap.check("VIRT and RSS as ps, SHR as statm, for idle processes", list(wrong.values()))
        missing = [pid for pid in pids if pid not in compared]
        tap.check("our hogs and some others were compared",
                  [f"hogs {missing} were not, {len(compared)} in all"] if missing or len(compared) < 5 else [])

        top = read_top(pids)
        tap.check("VIRT, RES and SHR as top, for the hogs", [
            f"{pid}: {tasks[pid]} against top's {top.get(pid)}" for pid in pids
            if top.get(pid) != tuple(tasks[pid][key] for key in ("virt_bytes", "rss_bytes", "shr_bytes"))])
        parts = (("rss_anon_bytes", "RssAnon"), ("rss_file_bytes", "RssFile"), ("rss_shmem_bytes", "RssShmem"),
                 ("swap_bytes", "VmSwap"), ("pgtables_bytes", "VmPTE"))
        tap.check("the parts of the hogs as in status", [
            f"{pid} {ours} is {tasks[pid][ours]}, {theirs} is {status_bytes(pid, theirs)}"
            for pid in pids for ours, theirs in parts if tasks[pid][ours] != status_bytes(pid, theirs)])
        large = [("rss_anon_bytes", 40), ("rss_shmem_bytes", 24), ("rss_file_bytes", 12), ("pgtables_bytes", 3)]
        tap.check("each hog is large in its part", [
            f"{pid} {key} is {tasks[pid][key]}" for pid, (key, mib) in zip(pids, large) if tasks[pid][key] < mib * MIB - 256 * KIB])
        # In the order of hogs: pid, parent and name are those of this very process.
        tap.check("parent, user and name are right", [
            f"{tasks[pid]}" for pid in pids
            if (tasks[pid]["ppid"], tasks[pid]["uid"], tasks[pid]["comm"]) != (os.getpid(), os.getuid(), "hog")])
    finally:
        for helper in helpers:
            helper.__exit__()


# --- scores: the kernel's own ------------------------------------------------

def c_div(a, b):
    """Division as in C: towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def is_new_formula():
    """5.9 and back-ports print (1000 + points per mille) * 2 / 3; see what we get."""
    adj, score = (int(read_text(f"/proc/self/{name}")) for name in ("oom_score_adj", "oom_score"))
    return abs(score - (1000 + adj) * 2 // 3) < abs(score - max(adj, 0))


def recompute(task, totalpages, new_formula):
    """What /proc/PID/oom_score prints, from our points (fs/proc/base.c proc_oom_score)."""
    points = task["points_pages"]
    if points is None:
        return 0
    permille = c_div(points * 1000, totalpages)
    return c_div((1000 + permille) * 2, 3) if new_formula else max(permille, 0)


def compare_scores(tap):
    hogs = [("--anon", "64"), ("--anon", "32", "--adj", "500"), ("--zombie-leader", "--anon", "300"), ("--vfork",),
            ("--clone-vm", "--anon", "20"), ("--sparse", "8", "--adj", "1000"), ("--comm", "a) R 1\n", "--adj", "7")]
    helpers = [Helper("hog", *hog) for hog in hogs]
    new_formula = is_new_formula()
    try:
        alive_before = {int(entry) for entry in os.listdir("/proc") if entry.isdigit()}
        agreed, wrong, told = set(), {}, set()
        for _ in range(6):
            tick = oomsight("-n", "1")[0]
            totalpages = (tick["memory"]["total_bytes"] + tick["memory"]["swap_total_bytes"]) // PAGE
            wrong = {}
            for task in tick["tasks"]:
                pid = task["pid"]
                told.add(pid)
                kernel = read_text(f"/proc/{pid}/oom_score")
                if pid in agreed or kernel is None:
                    continue
                ours = recompute(task, totalpages, new_formula)
                if ours == int(kernel) and task["oom_score"] in (None, int(kernel)):
                    agreed.add(pid)
                else:
                    wrong[pid] = (f"{pid} {task['comm']!r} {task['state']}: {ours} from {task['points_pages']} pages, "
                                  f"oom_score told {task['oom_score']}, the kernel says {kernel.strip()}"
                                  f" ({task['ineligible_because']})")
            if not wrong:
                break
        alive_after = {int(entry) for entry in os.listdir("/proc") if entry.isdigit()}
        tap.check(f"oom_score of {len(agreed)} processes recomputed equals the kernel's", list(wrong.values()))
        unseen = (alive_before & alive_after) - told
        tap.check("every live process is told", [f"{pid}: {read_text(f'/proc/{pid}/stat')}" for pid in sorted(unseen)])

        tasks = {task["pid"]: task for task in tick["tasks"]}
        tap.check("totalpages of the global verdict is RAM and swap",
                  [] if tick["verdicts"][0]["totalpages"] == totalpages else [f"{tick['verdicts'][0]} against {totalpages}"])
        ranked = [task for task in tick["tasks"] if task["points_pages"] is not None]
        faults = [f"rank {task['rank']} at place {i + 1}" for i, task in enumerate(ranked) if task["rank"] != i + 1]
        faults += [f"{a['pid']} with {a['points_pages']} before {b['pid']} with {b['points_pages']}"
                   for a, b in zip(ranked, ranked[1:]) if a["points_pages"] < b["points_pages"]]
        tap.check("the tasks stand in the order of their points", faults)
        plain, high, zombie, vfork, shared, first, named = helpers
        tap.check("none but its like is ranked before the hog of adj 1000", [
            str(task) for task in ranked[:tasks[first.pid]["rank"]] if task["oom_score_adj"] != 1000])
        tap.check("a zombie leader is ranked by its threads' memory", [] if (tasks[zombie.pid]["points_pages"] or 0) * PAGE >= 300 * MIB
                  else [str(tasks[zombie.pid])])
        tap.check("a child in vfork is never chosen", [] if tasks[vfork.child]["eligible"] is False
                  and tasks[vfork.child]["points_pages"] is None else [str(tasks[vfork.child])])
        tap.check("processes on one memory have equal points", [] if abs(
            tasks[shared.pid]["points_pages"] - tasks[shared.child]["points_pages"]) <= 64 else [str(tasks[shared.child])])
        tap.check("a name that looks like stat's fields confuses nobody",
                  [] if tasks[named.pid]["comm"].startswith("a) R 1") and tasks[named.pid]["oom_score_adj"] == 7
                  and tasks[named.pid]["ppid"] == os.getpid() else [str(tasks[named.pid])])
        tap.check("adj is told as set", [] if (tasks[high.pid]["oom_score_adj"], tasks[plain.pid]["oom_score_adj"]) ==
                  (500, int(read_text("/proc/self/oom_score_adj"))) else [f"{tasks[high.pid]} {tasks[plain.pid]}"])
    finally:
        for helper in helpers:
            helper.__exit__()


def main():
    tap = Tap()
    subjects = {"memory": compare_memory, "rates": compare_rates, "tasks": compare_tasks, "scores": compare_scores}
    if len(sys.argv) != 2 or sys.argv[1] not in subjects:
        sys.exit(__doc__)
    try:
        subjects[sys.argv[1]](tap)
    except (OSError, ValueError, LookupError, TypeError, subprocess.SubprocessError) as error:
        # Output that cannot be understood is a failed test, told with its place.
        traceback.print_exc()
        tap.check("the output was understood", [f"{type(error).__name__}: {error}"])
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
