# SPDX-License-Identifier: GPL-2.0-or-later
"""The judge of the thrashing bench must be able to say no: made-up guests, as TAP."""

import sys
import traceback

from thrash_judge import (SECOND, Frame, Outcome, Run, Stage, grown, judge_stage, longest_silence, parse,
                          read_frame)

TESTS = []
THRASH = Stage("made-up", {}, peers_ratio={"6.1": 4.0, "": 2.0})
RATE = Stage("made-up", {}, foretells=True)
SWING = Stage("made-up", {}, swings=True)


def test(function):
    TESTS.append(function)
    return function


def seconds(*times):
    return [int(time * SECOND) for time in times]


def ticks(gap, end=120.0):
    """A tick a second, with one silence of `gap` from second 50 on."""
    return seconds(*range(51), *(50 + gap + i for i in range(int(end - 50 - gap) + 1)))


def thrashed(ours=1.2, bare=1.0, top=9.0, htop=10.0, kernel="6.1", **changes):
    times = {"oomsight": ticks(ours), "bare": ticks(bare), "top": ticks(top), "htop": ticks(htop)}
    run = Run(begin=10 * SECOND, kill=100 * SECOND, killed="hog (9)", stop=120 * SECOND, times=times,
              alive={"oomsight": True})
    frames = [Frame(95 * SECOND, "hog (9)", 20.0), Frame(101 * SECOND, "top (3)", None)]
    outcome = Outcome(kernel, THRASH, run, frames)
    for name, value in changes.items():
        setattr(outcome.run if hasattr(outcome.run, name) else outcome, name, value)
    return outcome


def answers(stage, *outcomes):
    return [verdict.passed for verdict in judge_stage(outcomes[0].kernel, stage, list(outcomes))]


def foretold(eta, earliest=None):
    """At half of the 90 seconds, 45 are left."""
    return thrashed(frames=[Frame(55 * SECOND - 1, "hog (9)", eta, earliest), Frame(99 * SECOND, "hog (9)", 1.0)])


@test
def a_guest_that_does_what_is_aimed_at_passes():
    assert answers(THRASH, thrashed()) == [True] * 5


@test
def a_long_silence_of_ours_fails():
    assert answers(THRASH, thrashed(ours=2.4))[0] is True
    assert answers(THRASH, thrashed(ours=2.6))[0] is False
    assert answers(THRASH, thrashed(ours=5.8, bare=4.0, top=30.0, htop=30.0))[0] is True
    assert answers(THRASH, thrashed(ours=6.2, bare=4.0, top=30.0, htop=30.0))[0] is False


@test
def peers_too_near_to_us_fail_by_kernel():
    assert answers(THRASH, thrashed(ours=2.4))[1:3] == [False, True]
    assert answers(THRASH, thrashed(ours=2.4, kernel="6.12"))[1:3] == [True, True]
    assert answers(THRASH, thrashed(ours=2.4, top=4.7, kernel="6.12"))[1:3] == [False, True]


@test
def one_wild_run_of_three_does_not_decide():
    assert answers(THRASH, thrashed(), thrashed(ours=9.0), thrashed())[0] is True
    assert answers(THRASH, thrashed(), thrashed(ours=9.0), thrashed(ours=9.0))[0] is False


@test
def a_guest_that_did_not_thrash_says_nothing():
    assert answers(THRASH, thrashed(top=1.5, htop=2.0))[0] is None


@test
def a_silence_at_either_end_counts():
    run = thrashed().run
    run.times["top"] = seconds(5, 30, 31, 112)
    assert longest_silence(run, "top") == 81
    run.times["top"] = seconds(5, 30, 31)
    assert longest_silence(run, "top") == 89
    run.times["top"] = []
    assert longest_silence(run, "top") == 110


@test
def one_that_dies_or_never_comes_back_has_not_survived():
    assert answers(THRASH, thrashed(alive={"oomsight": False}))[3] is False
    silent = thrashed()
    silent.run.times["oomsight"] = seconds(*range(100))
    assert answers(THRASH, silent)[3] is False


@test
def only_the_last_frame_before_the_kill_names_the_victim():
    assert answers(THRASH, thrashed(killed="top (3)"))[4] is False
    assert answers(THRASH, thrashed(frames=[]))[4] is False


@test
def a_run_without_a_kill_is_not_judged():
    assert answers(RATE, thrashed(kill=0)) == [None]
    assert [verdict.passed for verdict in judge_stage("6.1", RATE, [])] == [None]


@test
def a_forecast_is_held_against_what_came():
    assert answers(RATE, foretold(45.0))[2] is True
    assert answers(RATE, foretold(53.0))[2] is True
    assert answers(RATE, foretold(55.0))[2] is False
    assert answers(RATE, foretold(35.0))[2] is False
    assert answers(RATE, foretold(45.0), foretold(None))[2] is False


@test
def a_spread_that_holds_the_end_is_no_error():
    assert answers(RATE, foretold(70.0, 40.0))[2] is True
    assert answers(RATE, foretold(70.0, 46.0))[2] is False
    assert answers(RATE, foretold(35.0, 20.0))[2] is False


@test
def where_silences_are_judged_a_forecast_may_be_too():
    both = Stage("made-up", {}, peers_ratio={"": 2.0}, foretells=True)
    assert answers(both, foretold(45.0)) == [True] * 6
    assert answers(both, foretold(90.0)) == [True] * 5 + [False]


@test
def a_forecast_where_nothing_grows_fails():
    calm = [Frame(second * SECOND, "hog (9)", None) for second in range(20, 110)]
    assert answers(SWING, thrashed(frames=calm, kill=0, third_peak=50 * SECOND)) == [True]
    alarm = [*calm, Frame(60 * SECOND, "hog (9)", 30.0)]
    assert answers(SWING, thrashed(frames=alarm, kill=0, third_peak=50 * SECOND)) == [False]
    assert answers(SWING, thrashed(frames=alarm, kill=0, third_peak=61 * SECOND)) == [True]
    assert answers(SWING, thrashed(frames=[], kill=0, third_peak=50 * SECOND)) == [None]


@test
def a_screen_is_read():
    frame = read_frame(7, ["oomsight every 1s", "NEXT a b (12) sure: 3.0M", "     memory is gone in 1 min 05 s at -3.0M/s"])
    assert (frame.next, frame.eta) == ("a b (12)", 65)
    assert frame.earliest is None
    frame = read_frame(7, ["     memory is gone in 1 min 05 s (42 s at the earliest) at -3.0M/s"])
    assert (frame.eta, frame.earliest) == (65, 42)
    assert read_frame(7, ["     gone in 42 s, hog (9) grows"]).eta == 42
    assert read_frame(7, ["oomsight"]) == Frame(7, "", None)


@test
def what_a_guest_tells_is_read():
    run = parse("out 1 oomsight 1b5b\nout 2 top \nbegin 10\nfigure faults 10 3\npeak 11 2\npeak 12 3\n"
                "kmsg 20 Out of memory: Killed process 9 (a (b)), UID:0\nfigure faults 20 8\nstop 30\nalive oomsight 1\nend\n")
    assert run.error == "" and run.output == [(1, b"\x1b[")] and run.times["top"] == [2]
    assert (run.begin, run.kill, run.killed, run.stop, run.third_peak) == (10, 20, "a (b) (9)", 30, 12)
    assert run.alive == {"oomsight": True} and grown(run, "faults") == 5
    assert parse("begin 10\nstop 30\n").error and parse("error no disk\nend\n").error == "no disk"
    assert parse("stop 30\nend\n").error == "the hog never began"


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, function in enumerate(TESTS, 1):
        try:
            function()
            print(f"ok {number} - {function.__name__}")
        except AssertionError:
            failed += 1
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()))
            print(f"not ok {number} - {function.__name__}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
