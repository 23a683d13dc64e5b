# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guests of thrash.c told: silences, screens, forecasts, and whether they are
what is aimed at. Pure but for the terminal in memory (libvterm)."""

import ctypes
import ctypes.util
import re
import statistics
from dataclasses import dataclass, field

ROWS, COLUMNS = 40, 120
SECOND = 10 ** 9
PEERS = ["top", "htop"]

# What is aimed at. Below NOISE_S two silences are the same; where no peer was
# silent for SHALLOW_S, the guest did not thrash and nothing can be said.
LIMIT_RATIO = 1.5
NOISE_S = 1.5
SHALLOW_S = 3.0
FORECAST_ERROR = 0.20


@dataclass(frozen=True)
class Stage:
    name: str
    settings: dict
    swap: bool = False
    # By how much the peers' longest silence must be longer than ours, by kernel;
    # "" stands for any other one; {}: they are only told. None: silences are not judged
    # where forecasts are.
    peers_ratio: dict | None = None
    foretells: bool = False  # the time to the kill is judged
    swings: bool = False     # there is nothing to foretell


@dataclass
class Run:
    error: str = ""
    begin: int = 0
    kill: int = 0
    killed: str = ""
    stop: int = 0
    third_peak: int = 0
    times: dict = field(default_factory=dict)
    output: list = field(default_factory=list)
    alive: dict = field(default_factory=dict)
    figures: dict = field(default_factory=dict)
    stacks: list = field(default_factory=list)


def parse(text):
    run = Run(error="the guest did not come to its end")
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        fields = rest.split(" ", 2)
        if word == "out" and len(fields) >= 2:
            run.times.setdefault(fields[1], []).append(int(fields[0]))
            if len(fields) == 3 and fields[2]:
                run.output.append((int(fields[0]), bytes.fromhex(fields[2])))
        elif word == "begin":
            run.begin = int(rest)
        elif word == "peak" and fields[1] == "3":
            run.third_peak = int(fields[0])
        elif word == "kmsg":
            killed = re.search(r"Killed process (\d+) \((.*)\)(?: total-vm|,)", rest)
            if killed and not run.kill:
                run.kill, run.killed = int(fields[0]), f"{killed[2]} ({killed[1]})"
        elif word == "stop":
            run.stop = int(rest)
        elif word == "alive":
            run.alive[fields[0]] = fields[1] == "1"
        elif word == "figure":
            run.figures.setdefault(fields[0], []).append((int(fields[1]), int(fields[2])))
        elif word == "stack":
            run.stacks.append(rest)
        elif word == "error":
            run.error = rest
            return run
        elif word == "end":
            run.error = "" if run.begin and run.stop else "the hog never began"
    return run


def longest_silence(run, name):
    """Seconds, from the moment the hog begins to the end; what goes on at either
    end counts."""
    times = run.times.get(name, [])
    before = [time for time in times if time <= run.begin]
    inside = [time for time in times if run.begin < time <= run.stop]
    marks = [before[-1] if before else run.begin, *inside, run.stop]
    return max(later - earlier for earlier, later in zip(marks, marks[1:])) / SECOND


def grown(run, name):
    """By how much a figure grew from the beginning to the kill."""
    values = [value for _, value in run.figures.get(name, [])]
    return values[1] - values[0] if len(values) > 1 else 0


class Rectangle(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("start_row", "end_row", "start_column", "end_column")]


class Terminal:
    """libvterm's."""

    def __init__(self):
        self._lib = ctypes.CDLL(ctypes.util.find_library("vterm") or "libvterm.so.0")
        pointer = ctypes.c_void_p
        for function, result, arguments in (
                ("vterm_new", pointer, [ctypes.c_int, ctypes.c_int]),
                ("vterm_free", None, [pointer]),
                ("vterm_obtain_screen", pointer, [pointer]),
                ("vterm_screen_reset", None, [pointer, ctypes.c_int]),
                ("vterm_input_write", ctypes.c_size_t, [pointer, ctypes.c_char_p, ctypes.c_size_t]),
                ("vterm_screen_get_text", ctypes.c_size_t,
                 [pointer, ctypes.c_char_p, ctypes.c_size_t, Rectangle])):
            getattr(self._lib, function).restype = result
            getattr(self._lib, function).argtypes = arguments
        self._vterm = self._lib.vterm_new(ROWS, COLUMNS)
        self._screen = self._lib.vterm_obtain_screen(self._vterm)
        self._lib.vterm_screen_reset(self._screen, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lib.vterm_free(self._vterm)

    def feed(self, data):
        self._lib.vterm_input_write(self._vterm, data, len(data))

    def row(self, number):
        buffer = ctypes.create_string_buffer(8 * COLUMNS)
        length = self._lib.vterm_screen_get_text(self._screen, buffer, len(buffer),
                                                 Rectangle(number, number + 1, 0, COLUMNS))
        return buffer.raw[:length].decode(errors="replace").rstrip()


UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def span(text):
    """Seconds of "14 min", "1 min 05 s"."""
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (s|min|h|d)\b", text))


@dataclass
class Frame:
    time: int
    next: str  # "name (pid)", "" when the screen names nobody
    eta: float | None
    earliest: float | None = None  # where that is shown


def read_frame(time, rows):
    text = "\n".join(rows)
    named = re.search(r"^NEXT (.*?\(\d+\))", text, re.M)
    foretold = re.search(r"gone in ((?:\d+ (?:s|min|h|d) ?)+)(?:\(([^)]*) at the earliest\))?", text)
    return Frame(time, named[1] if named else "", span(foretold[1]) if foretold else None,
                 span(foretold[2]) if foretold and foretold[2] else None)


def frames(run):
    with Terminal() as terminal:
        for time, data in run.output:
            terminal.feed(data)
            yield read_frame(time, [terminal.row(number) for number in range(12)])


def last_before(all_frames, time):
    before = [frame for frame in all_frames if frame.time < time]
    return before[-1] if before else None


@dataclass
class Outcome:
    """A run with what its screens showed."""
    kernel: str
    stage: Stage
    run: Run
    frames: list

    def silence(self, name):
        return longest_silence(self.run, name)

    def named(self):
        """Whom the last frame before the kill had named."""
        frame = last_before(self.frames, self.run.kill)
        return frame.next if frame else ""

    def survived(self):
        after = [time for time in self.run.times.get("oomsight", []) if time > self.run.kill]
        return self.run.alive.get("oomsight", False) and len(after) > 0

    def forecast_errors(self):
        """At half of the time the hog had: how wrong the time left was, as a part of
        it, and how wrong the earliest would have been, None where that was not shown.
        Both None: nothing was foretold."""
        half = self.run.begin + (self.run.kill - self.run.begin) // 2
        frame = last_before(self.frames, half)
        left = (self.run.kill - half) / SECOND

        def error(eta):
            return None if eta is None else ((frame.time - half) / SECOND + eta - left) / left
        return (error(frame.eta), error(frame.earliest)) if frame else (None, None)

    def false_alarms(self):
        """(frames that foretold an end that never came, all frames) of a run that
        swings, from its third peak on: before, nobody can tell it from a hog."""
        inside = [frame for frame in self.frames if self.run.third_peak <= frame.time <= self.run.stop]
        return sum(frame.eta is not None for frame in inside), len(inside)


@dataclass
class Verdict:
    says: str
    passed: bool | None  # None: cannot be judged


def judge_silences(kernel, stage, outcomes):
    middle = {name: statistics.median(outcome.silence(name) for outcome in outcomes)
              for name in ("oomsight", "bare", *PEERS)}
    where = f"{kernel} {stage.name}"
    if max(middle[name] for name in PEERS) < SHALLOW_S:
        return [Verdict(f"{where}: did not thrash, no peer was silent for {SHALLOW_S:g} s", None)]
    ours, bare = middle["oomsight"], middle["bare"]
    verdicts = [Verdict(f"{where}: longest silence {ours:.2f} s, of the bare ticker {bare:.2f} s "
                        f"(at most {LIMIT_RATIO:g} times as long, or {NOISE_S:g} s longer)",
                        ours <= LIMIT_RATIO * bare or ours <= bare + NOISE_S)]
    wanted = (stage.peers_ratio or {}).get(kernel, (stage.peers_ratio or {}).get(""))
    for name in PEERS:
        text = f"{where}: {name} {middle[name]:.2f} s, {middle[name] / ours:.1f} times ours"
        verdicts.append(Verdict(f"{text} (at least {wanted:g})" if wanted else text,
                                middle[name] >= wanted * ours if wanted else True))
    return verdicts


def judge_kills(kernel, stage, outcomes):
    """Of runs in which the kernel killed."""
    where, n = f"{kernel} {stage.name}", len(outcomes)
    survived = sum(outcome.survived() for outcome in outcomes)
    named = sum(outcome.named() == outcome.run.killed for outcome in outcomes)
    return [Verdict(f"{where}: survived {survived} of {n} runs", survived == n),
            Verdict(f"{where}: the last frame had named the victim in {named} of {n} runs", named == n)]


def forecast_text(error, earliest):
    if error is None:
        return "none"
    return f"{100 * error:+.0f} %" + ("" if earliest is None else f" (earliest {100 * earliest:+.0f} %)")


def judge_forecast(kernel, stage, outcomes):
    errors = [outcome.forecast_errors() for outcome in outcomes]
    text = " ".join(forecast_text(*error) for error in errors)

    def holds(error, earliest):
        return error is not None and (abs(error) <= FORECAST_ERROR or
                                      earliest is not None and earliest <= 0 <= error)
    return [Verdict(f"{kernel} {stage.name}: at half time the forecast was wrong by {text} "
                    f"(at most {100 * FORECAST_ERROR:.0f} %, or between the earliest and the likely end)",
                    all(holds(*error) for error in errors))]


def judge_swing(kernel, stage, outcomes):
    alarms = sum(outcome.false_alarms()[0] for outcome in outcomes)
    frames = sum(outcome.false_alarms()[1] for outcome in outcomes)
    if frames == 0:
        return [Verdict(f"{kernel} {stage.name}: nothing was seen after the third peak", None)]
    return [Verdict(f"{kernel} {stage.name}: {alarms} of {frames} frames after the third peak foretell an end (none)",
                    alarms == 0)]


def judge_stage(kernel, stage, outcomes):
    """All that is aimed at there; outcomes of whole runs."""
    if stage.swings:
        return judge_swing(kernel, stage, outcomes)
    killed = [outcome for outcome in outcomes if outcome.run.kill]
    if len(killed) < len(outcomes) or not outcomes:
        return [Verdict(f"{kernel} {stage.name}: nobody was killed in {len(outcomes) - len(killed)} of "
                        f"{len(outcomes)} runs", None)]
    verdicts = judge_kills(kernel, stage, outcomes)
    if stage.foretells:
        verdicts += judge_forecast(kernel, stage, outcomes)
    if stage.peers_ratio is not None or not stage.foretells:
        verdicts = judge_silences(kernel, stage, outcomes) + verdicts
    return verdicts
