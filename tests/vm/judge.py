# SPDX-License-Identifier: GPL-2.0-or-later
"""What was foretold in a guest, what its kernel did, and whether they agree."""

import json
import re
from dataclasses import dataclass, field

GATE = "oomsight-vm: the gate opens"
KILLED = re.compile(r"(?:Out of memory|Memory cgroup out of memory)( \(oom_kill_allocating_task\))?: "
                    r"Killed process (\d+) \((.*?)\) total-vm")
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
    outcome: str = ""
    dead: set = field(default_factory=set)
    errors: list = field(default_factory=list)
    restless: bool = False
    ended: bool = False


@dataclass
class Done:
    """What the kernel says it did after the gate was opened."""
    killed: list = field(default_factory=list)
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
    naive_right: bool = None


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
        elif word == "predict-exit" and rest != "0":
            told.refused = told.refused or f"exit status {rest}"
        elif word == "naive":
            told.naive = int(rest.split()[0])
        elif word == "actor":
            told.actors.append(int(rest))
        elif word == "trigger":
            told.names[int(rest)] = "trigger"
        elif word == "figures":
            pid, name = re.match(r"(\d+) .*?Name:(\S+)", rest).groups()
            told.names[int(pid)] = name
        elif word == "thread":
            thread, pid = rest.split()
            told.threads[int(thread)] = int(pid)
        elif word == "outcome":
            told.outcome = rest
        elif word == "dead":
            told.dead.add(int(rest))
        elif word in ("error", "stage:", "hog:") or "not found" in line:
            told.errors.append(line)
        elif word == "restless":
            told.restless = True
        elif word == "end":
            told.ended = True
    if json_text and not told.refused:
        told.verdict = json.loads("".join(json_text))
    return told


def read_done(text, threads):
    """The log names the thread whose mm was found, which need not be the
    leader; 5.10 and 7.x name a group's first victim twice."""
    done = Done()
    before, gate, after = text.partition(GATE)
    if not gate:
        done.panic = "before the gate" if PANIC.search(before) else ""
        return done
    for match in KILLED.finditer(after):
        pid = threads.get(int(match[2]), int(match[2]))
        done.allocating_task |= match[1] is not None
        if pid not in done.killed:
            done.killed.append(pid)
    panic = PANIC.search(after)
    done.panic = panic[1].strip() if panic else ""
    done.oops = re.search(r"BUG: |Oops: |general protection", text) is not None
    return done


def chosen(verdict):
    return [victim["pid"] for kill in verdict["kills"] for victim in kill["victims"] if victim["role"] == "chosen"]


def victims(verdict, kill):
    return {victim["pid"] for victim in verdict["kills"][kill]["victims"]}


def named(told, pids):
    return [f"{told.names.get(pid, '?')}({pid})" for pid in pids]


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
    """Whose order is foretold dies in that order; and with each the others that
    were to go with it, and nobody else."""
    predicted = chosen(told.verdict)
    if told.verdict["action"] != "kill":
        return f"a kill was not foretold but: {told.verdict['action']}"
    if done.panic:
        return f"panic: {done.panic}"
    if not done.killed:
        return "the kernel killed nobody"
    expected = set().union(*(victims(told.verdict, i) for i in range(len(predicted))))
    # Members of an oom.group stand in the log one after the other as well.
    leaders = [pid for pid in done.killed if pid in predicted or pid not in expected]
    if leaders[:case.kills] != predicted[:case.kills]:
        return "another one died"
    if not expected <= told.dead:
        return "alive: " + ", ".join(named(told, sorted(expected - told.dead)))
    if len(leaders) == case.kills and told.dead - expected:
        return "dead too: " + ", ".join(named(told, sorted(told.dead - expected)))
    return ""


def judge_action(case, told, done):
    action = told.verdict["action"]
    if case.judge == "panic":
        if action != "panic":
            return f"panic was not foretold but: {action}"
        return "" if "panic_on_oom" in done.panic else "no panic_on_oom panic"
    if case.judge == "allocating-task":
        if action != "kill_allocating_task":
            return f"kill_allocating_task was not foretold but: {action}"
        return "" if done.allocating_task else "the kernel did not kill the allocating task"
    if action != "enomem":
        return f"enomem was not foretold but: {action}"
    return "" if told.outcome == "enomem" and not done.killed and not told.dead else "somebody died"


def judge(case, results, console):
    told = read_told(results)
    done = read_done(console, told.threads)
    killed = " > ".join(named(told, done.killed)) or "nobody"
    if done.panic:
        killed = "panic"
    elif done.allocating_task:
        killed = "allocating task: " + killed
    elif told.outcome == "enomem":
        killed += " (ENOMEM)"
    judgement = Judgement(show_predicted(told), killed, "".join(named(told, [told.naive])), False)
    if done.oops:
        judgement.why = "the guest's kernel oopsed"
    elif told.errors:
        judgement.why = f"the stage failed: {told.errors[0]}"
    elif told.refused:
        judgement.why = f"predict refused: {told.refused}"
    elif told.verdict is None:
        judgement.why = "the guest did not get as far as the prediction"
    elif told.restless:
        judgement.why = "the stage did not stand still"
    elif case.judge == "victim":
        judgement.why = judge_victim(case, told, done)
    else:
        judgement.why = judge_action(case, told, done)
    if case.judge == "victim" and done.killed and not done.oops and not told.errors:
        judgement.naive_right = done.killed[0] == told.naive
        if case.naive_wrong and judgement.naive_right and not judgement.why:
            judgement.why = "the stage does not show what it is for: the naive answer is right too"
    judgement.passed = judgement.why == ""
    return told, judgement
