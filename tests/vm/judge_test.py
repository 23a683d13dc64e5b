# SPDX-License-Identifier: GPL-2.0-or-later
"""The judge of tests/vm must be able to say no: made-up guests, as TAP."""

import json
import traceback

from cases import Case
from judge import GATE, judge

CASE = Case("made-up", "nothing happens here", "")
TOTALPAGES = 50000


TESTS = []


def test(function):
    TESTS.append(function)
    return function


def verdict(*kills, action="kill"):
    """Each kill a list of (pid, role); points are those that table() gives."""
    return {"action": action, "constraint": "CONSTRAINT_NONE", "totalpages": TOTALPAGES, "kills": [
        {"victims": [{"pid": pid, "role": role, "points_pages": pid * 100 + 1} for pid, role in kill], "certain": True}
        for kill in kills]}


def results(foretold, dead=(), naive=7, more=("outcome killed", "end")):
    lines = ["kernel 6.1.0"]
    lines += [f"figures {pid} stat_rss=1 Name:p{pid} VmRSS:4 adj=0 oom_score=667" for pid in (7, 8, 9)]
    lines += ["thread 7 7", "thread 8 8", "thread 81 8", "thread 9 9"]
    lines += [f"predict {json.dumps(foretold)}"] if foretold else ["predict-error oomsight: no such option"]
    lines += [f"naive {naive} 700", *more, *(f"dead {pid}" for pid in dead)]
    return "\r\n".join(lines)


def table(with_kinds=False):
    kinds = " rss_anon rss_file rss_shmem" if with_kinds else ""
    lines = [f"[  1.0] [  pid  ]   uid  tgid total_vm      rss{kinds} pgtables_bytes swapents oom_score_adj name"]
    lines += [f"[  1.0] [ {pid:5}]     0 {pid} 9999 {pid * 100} {'1 2 3' if with_kinds else ''} 4096 0 0 p{pid}"
              for pid in (7, 8, 9)]
    return lines


def killed(*pids, constraint="CONSTRAINT_NONE", with_kinds=False):
    return "\n".join(["[  1.0] trigger invoked oom-killer: gfp_mask=0x0", *table(with_kinds),
                      f"[  1.0] oom-kill:constraint={constraint},nodemask=(null),task=p{pids[0]},pid={pids[0]},uid=0",
                      *(f"[  1.0] Out of memory: Killed process {pid} (p{pid}) total-vm:1kB" for pid in pids)]) + "\n"


def console(*reports, end=""):
    return f"[  0.9] {GATE}\n" + "".join(reports) + end


def judged(foretold, log, case=CASE, **told):
    return judge(case, results(foretold, **told), log)


def refuses(foretold, log, why, case=CASE, **told):
    judgement = judged(foretold, log, case, **told)
    assert not judgement.passed and why in judgement.why, judgement


ONE = verdict([(8, "chosen")])
GROUP = verdict([(8, "chosen"), (9, "oom_group")])
PANIC = Case("made-up", "panics", "", judge="panic")
ENOMEM = Case("made-up", "refuses", "", judge="enomem")
CASCADE = Case("made-up", "kills twice", "", kills=2)


FLIGHT = Case("made-up", "a victim stays", "", judge="in-flight")
ORIGIN = Case("made-up", "swap is taken away", "", judge="origin")
PROGRAM = Case("made-up", "a program runs", "", judge="program")


def state(waits, because, source="bpf", points=5, first=9):
    return "state " + json.dumps({"source": source, "source_note": "",
                                  "verdicts": [{"waiting_for_pid": waits,
                                                "kills": [{"victims": [{"pid": first, "role": "chosen"}]}]}],
                                  "tasks": [{"pid": 7, "ineligible_because": because, "points_pages": points,
                                             "rank": 1 if first == 7 else 2}]})


def in_flight(*states):
    return {"foretold": verdict([(7, "chosen")]), "log": console(killed(7)), "case": FLIGHT,
            "more": ("actor 7", "outcome killed", *states, "end")}


BEFORE, FLIES, REAPED = state(None, None), state(7, None), state(None, "reaped")


@test
def a_victim_in_flight_is_waited_for_and_then_reaped():
    assert judged(**in_flight(BEFORE, BEFORE, FLIES, REAPED, REAPED)).passed


@test
def a_victim_in_flight_must_be_seen_to_be_one():
    refuses(**in_flight(BEFORE, REAPED), why="eligible, reaped")
    refuses(**in_flight(BEFORE, FLIES, BEFORE), why="eligible, waited for, eligible")
    refuses(**in_flight(BEFORE, FLIES), why="eligible, waited for")
    refuses(**in_flight(BEFORE, FLIES, state(None, "reaped", "proc")), why="not read by BPF")
    refuses(**in_flight(), why="the stuck one was: ")


def in_swapoff(*states, victim=7):
    return {"foretold": verdict([(9, "chosen")]), "log": console(killed(victim)), "case": ORIGIN,
            "more": ("actor 7", "outcome killed", *states, "end")}


TAKES = state(None, None, points=2**63 - 1, first=7)


@test
def who_is_in_swapoff_is_known_and_dies_though_another_was_foretold_before():
    assert judged(**in_swapoff(BEFORE, TAKES, TAKES, FLIES)).passed


@test
def who_is_in_swapoff_must_be_seen_and_chosen_and_die():
    refuses(**in_swapoff(BEFORE, FLIES), why="eligible, waited for")
    refuses(**in_swapoff(TAKES), why="was: in swapoff")
    refuses(**in_swapoff(BEFORE, state(None, None, points=2**63 - 1)), why="not chosen")
    refuses(**in_swapoff(BEFORE, TAKES, victim=9), why="was not killed")
    refuses(**in_swapoff(BEFORE, state(None, None, "proc")), why="not read by BPF")


def program(*lines, source="bpf"):
    return {"foretold": None, "log": "", "case": PROGRAM, "more": (state(None, None, source), *lines, "end")}


@test
def a_program_that_passes_passes():
    judgement = judged(**program("program [       OK ] one", "program status 0"))
    assert judgement.passed and judgement.killed == "1 tests passed", judgement


@test
def a_program_must_have_run_to_a_good_end():
    refuses(**program("program [  FAILED  ] one", "program status 0"), why="FAILED")
    refuses(**program("program [       OK ] one", "program status 1"), why="status 1")
    refuses(**program(), why="it said nothing")
    refuses(**program("program status 0", source="proc"), why="BPF is not to be had")


@test
def who_was_foretold_died():
    judgement = judged(ONE, console(killed(8)), dead=[8])
    assert judgement.passed and judgement.naive_right is False and judgement.points_apart == 0, judgement


@test
def another_one_died():
    refuses(ONE, console(killed(9)), "another one died", dead=[9])


@test
def the_right_one_for_the_wrong_reason():
    refuses(ONE, console(killed(8, constraint="CONSTRAINT_MEMCG")), "foretold CONSTRAINT_NONE", dead=[8])


@test
def only_the_first_kill_counts():
    assert judged(ONE, console(killed(8), killed(9)), dead=[8, 9]).passed


@test
def a_kill_before_the_gate_does_not_count():
    refuses(ONE, killed(8) + console(), "killed 0 times", dead=[8])


@test
def a_thread_named_for_its_process():
    assert judged(ONE, console(killed(81)), dead=[8]).passed


@test
def the_table_of_newer_kernels_is_read():
    assert judged(ONE, console(killed(8, with_kinds=True)), dead=[8]).points_apart == 0


@test
def nobody_died():
    refuses(ONE, console(), "killed 0 times")


@test
def a_group_that_is_foretold_dies():
    assert judged(GROUP, console(killed(8, 8, 9)), dead=[8, 9]).passed


@test
def a_group_that_is_not_foretold():
    refuses(ONE, console(killed(8, 9)), "died too", dead=[8, 9])


@test
def a_member_that_is_spared():
    refuses(GROUP, console(killed(8)), "was spared", dead=[8])


@test
def a_partner_dies_without_a_word():
    partners = verdict([(8, "chosen"), (9, "shares_mm")])
    assert judged(partners, console(killed(8)), dead=[8, 9]).passed
    refuses(partners, console(killed(8)), "alive: p9(9)", dead=[8])


@test
def a_silent_death_that_is_not_foretold():
    refuses(ONE, console(killed(8)), "dead too: p9(9)", dead=[8, 9])


@test
def the_order_of_a_cascade():
    two = verdict([(8, "chosen")], [(9, "chosen")])
    assert judged(two, console(killed(8), killed(9)), CASCADE, dead=[8, 9]).passed
    refuses(two, console(killed(8), killed(7)), "another one died", CASCADE, dead=[7, 8])
    refuses(two, console(killed(8)), "killed 1 times instead of 2", CASCADE, dead=[8])


@test
def a_panic_that_is_not_foretold():
    refuses(ONE, console(end="Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled\n"), "panic")


@test
def a_panic_of_the_right_kind():
    panic = verdict(action="panic")
    log = console(end="Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled\n")
    assert judged(panic, log, PANIC, more=()).passed
    refuses(panic, console(end="Kernel panic - not syncing: System is deadlocked on memory\n"), "no panic of that kind",
            PANIC, more=())
    refuses(ONE, log, "panic was not foretold", PANIC, more=())


@test
def enomem_and_somebody_died():
    enomem = verdict(action="enomem")
    assert judged(enomem, console(), ENOMEM, more=("outcome enomem", "end")).passed
    refuses(enomem, console(killed(8)), "somebody died", ENOMEM, more=("outcome enomem", "end"), dead=[8])


@test
def no_prediction():
    refuses(None, console(killed(8)), "predict refused: oomsight: no such option", dead=[8])


@test
def a_stage_that_failed_or_moved():
    refuses(ONE, console(killed(8)), "stage failed", dead=[8], more=("error actor big", "end"))
    refuses(ONE, console(killed(8)), "did not stand still", dead=[8], more=("restless", "end"))
    refuses(ONE, console(killed(8)), "did not come to its end", dead=[8], more=())


@test
def what_the_kernel_has_not():
    judgement = judged(None, "", more=("absent no such controller", "end"))
    assert judgement.skipped and not judgement.passed, judgement


@test
def a_deadlock_after_the_foretold_kill():
    end = "Kernel panic - not syncing: System is deadlocked on memory\n"
    assert judged(ONE, console(killed(8), end=end), more=()).passed
    refuses(ONE, console(killed(9), end=end), "another one died", more=())
    other = "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled\n"
    refuses(ONE, console(killed(8), end=other), "panic", more=())


@test
def a_kernel_that_oopsed():
    refuses(ONE, console(killed(8), end="BUG: kernel NULL pointer dereference\n"), "oopsed", dead=[8])


@test
def a_stage_meant_to_mislead_that_does_not():
    misleading = Case("made-up", "misleads", "", naive_wrong=True)
    assert judged(ONE, console(killed(8)), misleading, dead=[8], naive=7).passed
    refuses(ONE, console(killed(8)), "naive answer is right too", misleading, dead=[8], naive=8)


def main():
    print(f"1..{len(TESTS)}")
    for number, function in enumerate(TESTS, 1):
        try:
            function()
            print(f"ok {number} - {function.__name__}")
        except AssertionError:
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()))
            print(f"not ok {number} - {function.__name__}")


if __name__ == "__main__":
    main()
