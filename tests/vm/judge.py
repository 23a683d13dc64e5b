# SPDX-License-Identifier: GPL-2.0-or-later
"""What was foretold in a guest, what its kernel did, and whether they agree."""

import json
import re
from dataclasses import dataclass, field

PAGE_BYTES = 4096
# What stands for the points of who is in swapoff(2): oom_evaluate_task() takes it before all.
ORIGIN_POINTS = (1 << 63) - 1
GATE = "oomsight-vm: the gate opens"
KILLED = re.compile(r"(?:Out of memory|Memory cgroup out of memory)( \(oom_kill_allocating_task\))?: "
                    r"Killed process (\d+) \((.*?)\) total-vm")
CONSTRAINT = re.compile(r"oom-kill:constraint=(\w+),")
PANIC = re.compile(r"Kernel panic - not syncing: (.*)")


@dataclass
class Told:
    """The guest's own lines on the second serial port, see guest.sh."""
    kernel: str = ""
    verdict: dict = None
    refused: str = ""
    naive: int = 0
    actors: list = field(default_factory=list)
    names: dict = field(default_factory=dict)
    threads: dict = field(default_factory=dict)
    states: list = field(default_factory=list)
    program: list = field(default_factory=list)
    outcome: str = ""
    dead: set = field(default_factory=set)
    errors: list = field(default_factory=list)
    absent: str = ""
    restless: bool = False
    ended: bool = False


@dataclass
class Report:
    """One decision of the kernel's: the tasks it named dead and its own figures."""
    constraint: str = ""
    killed: list = field(default_factory=list)
    points: dict = field(default_factory=dict)


@dataclass
class Done:
    """What the kernel says it did after the gate was opened."""
    reports: list = field(default_factory=list)
    allocating_task: bool = False
    panic: str = ""
    oops: bool = False


@dataclass
class Judgement:
    predicted: str
    killed: str
    naive: str
    passed: bool
    why: str = ""
    skipped: bool = False
    certain: bool = False
    # None: nothing to say, because nobody was determined to die.
    naive_right: bool = None
    points_apart: int = None


def read_told(text):
    told = Told()
    json_text = []
    for line in text.replace("\r", "").split("\n"):
        word, _, rest = line.partition(" ")
        if word == "kernel":
            told.kernel = rest
        elif word == "predict":
            json_text.append(rest)
        elif word == "predict-error":
            told.refused = told.refused or rest
        elif word == "naive":
            told.naive = int(rest.split()[0])
        elif word == "actor":
            told.actors.append(int(rest))
        elif word == "trigger":
            told.names[int(rest)] = "trigger"
        elif word == "figures":
            figures = re.match(r"(\d+) .*?Name:(\S+)", rest)
            if figures:
                told.names[int(figures[1])] = figures[2]
            else:
                told.errors.append("an actor is gone: " + rest)
        elif word == "thread":
            thread, pid = rest.split()
            if thread.isdigit():
                told.threads[int(thread)] = int(pid)
        elif word == "state" and rest.startswith("{"):
            told.states.append(json.loads(rest))
        elif word == "program":
            told.program.append(rest)
        elif word == "outcome":
            told.outcome = rest
        elif word == "dead":
            told.dead.add(int(rest))
        elif word in ("error", "stage:", "hog:") or "not found" in line:
            told.errors.append(line)
        elif word == "absent":
            told.absent = rest
        elif word == "restless":
            told.restless = True
        elif word == "end":
            told.ended = True
    if json_text and not told.refused:
        told.verdict = json.loads("".join(json_text))
    return told


def read_table(lines, totalpages, threads):
    """{pid: points} by the kernel's task table; its columns grew by three in 6.8."""
    points, columns = {}, None
    for line in lines:
        row = re.search(r"\[ *(\d+|pid) *\] +(.*)", line)
        if row is None:
            continue
        cells = row[2].split()
        if row[1] == "pid":
            columns = {name: i for i, name in enumerate(cells)}
        elif columns is not None and len(cells) >= len(columns):
            rss, tables, swap, adj = (int(cells[columns[name]])
                                      for name in ("rss", "pgtables_bytes", "swapents", "oom_score_adj"))
            pid = int(row[1])
            points[threads.get(pid, pid)] = rss + tables // PAGE_BYTES + swap + adj * (totalpages // 1000)
    return points


def read_done(text, threads, totalpages):
    """A report begins with the allocation that was refused, or SysRq's; the log
    names the thread whose mm was found, which need not be the leader; 5.10 and
    7.x name a group's first victim twice."""
    done = Done()
    done.oops = re.search(r"BUG: |Oops: |general protection", text) is not None
    before, gate, after = text.partition(GATE)
    if not gate:
        done.panic = "before the gate" if PANIC.search(before) else ""
        return done
    panic = PANIC.search(after)
    done.panic = panic[1].strip() if panic else ""
    for report in re.split(r"(?= invoked oom-killer: )", after)[1:]:
        killed = []
        for match in KILLED.finditer(report):
            pid = threads.get(int(match[2]), int(match[2]))
            done.allocating_task |= match[1] is not None
            if pid not in killed:
                killed.append(pid)
        if killed:
            constraint = CONSTRAINT.search(report)
            done.reports.append(Report(constraint[1] if constraint else "", killed,
                                       read_table(report.split("\n"), totalpages, threads)))
    return done


def chosen(verdict):
    return [victim["pid"] for kill in verdict["kills"] for victim in kill["victims"] if victim["role"] == "chosen"]


def victims(verdict, kill):
    return {victim["pid"] for victim in verdict["kills"][kill]["victims"]}


def named(told, pids):
    return [f"{told.names.get(pid, '?')}({pid})" if pid else "nobody" for pid in pids]


def show_predicted(told):
    if told.verdict is None:
        return "refused"
    if told.verdict["action"] != "kill":
        return told.verdict["action"]
    kills = []
    for i, first in enumerate(chosen(told.verdict)):
        others = victims(told.verdict, i) - {first}
        kills.append("+".join(named(told, [first, *sorted(others)])))
    return " > ".join(kills)


def judge_victim(case, told, done):
    """Whose order is foretold dies in that order; and with each those that were
    to go with it, and nobody else."""
    verdict = told.verdict
    if verdict["action"] != "kill":
        return f"a kill was not foretold but: {verdict['action']}"
    if done.panic and "deadlocked" not in done.panic:
        return f"panic: {done.panic}"
    if len(done.reports) < case.kills:
        return f"the kernel killed {len(done.reports)} times instead of {case.kills}"
    expected = set()
    for kill, report in zip(verdict["kills"], done.reports[:case.kills]):
        by_role = {victim["pid"]: victim["role"] for victim in kill["victims"]}
        expected |= set(by_role)
        if by_role.get(report.killed[0]) != "chosen":
            return "another one died"
        if report.constraint != verdict["constraint"]:
            return f"foretold {verdict['constraint']}, but it was {report.constraint or 'none that the log names'}"
        # Who shares the memory dies without a line in the log.
        named_dead = {pid for pid, role in by_role.items() if role != "shares_mm"}
        if set(report.killed) - set(by_role):
            return "died too: " + ", ".join(named(told, sorted(set(report.killed) - set(by_role))))
        if named_dead - set(report.killed):
            return "was spared: " + ", ".join(named(told, sorted(named_dead - set(report.killed))))
    # After the kills it may come to a panic for want of candidates; then nobody
    # is left to say who else is dead.
    if done.panic:
        return ""
    if expected - told.dead:
        return "alive: " + ", ".join(named(told, sorted(expected - told.dead)))
    if len(done.reports) == case.kills and told.dead - expected:
        return "dead too: " + ", ".join(named(told, sorted(told.dead - expected)))
    return ""


def source_of(state):
    return state["source"] + (f" ({state['source_note']})" if state["source_note"] else "")


def moment_of(state, pid):
    """What one tick tells of the process."""
    task = next((task for task in state["tasks"] if task["pid"] == pid), None)
    if state["verdicts"][0]["waiting_for_pid"] == pid:
        return "waited for"
    if task is None:
        return "gone"
    if task["ineligible_because"] is None and task["points_pages"] == ORIGIN_POINTS:
        chosen_pid = (chosen(state["verdicts"][0]) or [None])[0]
        return "in swapoff" if task["rank"] == 1 and chosen_pid == pid else "in swapoff, but not chosen"
    return task["ineligible_because"] or "eligible"


def moments_of(told, pid):
    moments = []
    for state in told.states:
        moment = moment_of(state, pid)
        if moments[-1:] != [moment]:
            moments.append(moment)
    return moments


def judge_origin(told, done):
    """The first actor went into swapoff(2) and was still at it when memory ended."""
    taker = told.actors[0]
    if not done.reports or done.reports[0].killed[0] != taker:
        return "who was in swapoff was not killed"
    if any(state["source"] != "bpf" for state in told.states):
        return "it was not read by BPF: " + source_of(told.states[0])
    moments = moments_of(told, taker)
    return "" if moments[:2] == ["eligible", "in swapoff"] else "who was in swapoff was: " + ", ".join(moments)


def judge_in_flight(told, done):
    """The first actor was killed and cannot end. Up to 5.10 its memory is taken at
    once, later after two seconds: until then nobody else is chosen."""
    stuck = told.actors[0]
    if not done.reports or done.reports[0].killed[0] != stuck:
        return "the stuck one was not killed"
    if any(state["source"] != "bpf" for state in told.states):
        return "it was not read by BPF: " + source_of(told.states[0])
    moments = moments_of(told, stuck)
    expected = [["eligible", "waited for", "reaped"]]
    if told.kernel.startswith("5."):
        expected.append(["eligible", "reaped"])
    # It may come to its end at last.
    if moments[:3] in expected or moments[:2] in expected:
        return ""
    return "the stuck one was: " + ", ".join(moments)


def judge_program(told):
    """The program says itself what failed; that nothing was left out shows in
    that the source it is about could be had."""
    if not told.states:
        return "the guest did not get as far as the program"
    if told.states[0]["source"] != "bpf":
        return "BPF is not to be had: " + source_of(told.states[0])
    failed = [line for line in told.program if "FAILED" in line or "ERROR" in line]
    if told.program[-1:] != ["status 0"] or failed:
        return "; ".join(failed[:2] or told.program[-2:]) or "it said nothing"
    return ""


def judge_action(case, told, done):
    action = told.verdict["action"]
    if case.judge == "panic":
        if action != "panic":
            return f"panic was not foretold but: {action}"
        return "" if case.panic_says in done.panic else f"no panic of that kind: {done.panic or 'none at all'}"
    if case.judge == "allocating-task":
        if action != "kill_allocating_task":
            return f"kill_allocating_task was not foretold but: {action}"
        return "" if done.allocating_task else "the kernel did not kill the allocating task"
    if action != "enomem":
        return f"enomem was not foretold but: {action}"
    return "" if told.outcome == "enomem" and not done.reports and not told.dead else "somebody died"


def is_naive_right(told, done):
    """The pid it names dies in the first kill, also as a partner of the chosen."""
    if told.naive in done.reports[0].killed:
        return True
    partners = victims(told.verdict, 0) if told.verdict and told.verdict["kills"] else set()
    return told.naive in partners & told.dead and done.reports[0].killed[0] in partners


def points_apart(told, done):
    """How far the points foretold are from the kernel's own, in pages."""
    if told.verdict is None or not done.reports or not told.verdict["kills"]:
        return None
    victim = told.verdict["kills"][0]["victims"][0]
    kernels = done.reports[0].points.get(victim["pid"])
    return None if kernels is None else victim["points_pages"] - kernels


def why_not(case, told, done):
    if done.oops:
        return "the guest's kernel oopsed"
    if told.errors:
        return f"the stage failed: {told.errors[0]}"
    if case.judge == "program":
        return judge_program(told)
    if told.refused:
        return f"predict refused: {told.refused}"
    if told.verdict is None:
        return "the guest did not get as far as the prediction"
    if told.restless:
        return "the stage did not stand still"
    if case.judge == "in-flight":
        return judge_in_flight(told, done)
    if case.judge == "origin":
        return judge_origin(told, done)
    if case.judge != "victim":
        return judge_action(case, told, done)
    why = judge_victim(case, told, done)
    if not why and case.naive_wrong and is_naive_right(told, done):
        return "the stage does not show what it is for: the naive answer is right too"
    if not why and not told.ended and not done.panic:
        return "the guest did not come to its end"
    return why


def show_killed(told, done):
    deeds = ["+".join(named(told, report.killed)) for report in done.reports] + (["panic"] if done.panic else [])
    killed = " > ".join(deeds) or "nobody"
    if done.allocating_task:
        return "allocating task: " + killed
    return killed + (" (ENOMEM)" if told.outcome == "enomem" else "")


def judge(case, results, console):
    told = read_told(results)
    totalpages = told.verdict["totalpages"] if told.verdict else 0
    done = read_done(console, told.threads, totalpages or 0)
    why = why_not(case, told, done)
    if told.absent:
        return Judgement("", "", "", False, told.absent, skipped=True)
    if case.judge == "program":
        tests = sum(line.startswith("[       OK ]") for line in told.program)
        return Judgement(source_of(told.states[0])[:38] if told.states else "", f"{tests} tests passed", "", why == "", why,
                         certain=True)
    judgement = Judgement(show_predicted(told), show_killed(told, done), "".join(named(told, [told.naive])),
                          why == "", why, certain=told.verdict is not None and
                          all(kill["certain"] for kill in told.verdict["kills"]))
    if case.judge == "victim":
        judgement.points_apart = points_apart(told, done)
        if done.reports and not done.oops and not told.errors:
            judgement.naive_right = is_naive_right(told, done)
    return judgement
