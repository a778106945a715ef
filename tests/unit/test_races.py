"""Holds the races to fairness: all compute the same, on as many numbers, and the fastest time counts."""

from itertools import pairwise
from types import SimpleNamespace

import pytest

from leaky_lib import races
from leaky_lib.races import LAYER_PARTS, Race, layer_cost_live


def test_a_race_reports_after_every_round_the_fastest_so_far():
    looks = list(layer_cost_live(channels=2, images=3, rounds=4))
    assert [look.progress for look in looks] == [0.25, 0.5, 0.75, 1.0]
    for look in looks:
        assert look.size == 3 * 8 * 8 * 2, "numbers that the activation functions get"
        assert tuple(look.seconds) == LAYER_PARTS
        assert all(seconds > 0 for seconds in look.seconds.values())
    for earlier, later in pairwise(looks):
        assert all(later.seconds[form] <= earlier.seconds[form] for form in LAYER_PARTS)


@pytest.mark.parametrize("rounds", [1, 3])
def test_a_race_has_as_many_rounds_as_it_is_told(rounds):
    assert len(list(layer_cost_live(channels=1, images=1, rounds=rounds))) == rounds


def test_the_run_of_another_machine_is_a_whole_run_of_the_same_race():
    here, there = next(layer_cost_live(rounds=1)), races.ELSEWHERE["layer"]
    assert (there.size, there.progress) == (here.size, 1)
    assert list(there.seconds) == list(here.seconds)
    assert all(0 < seconds < 0.01 for seconds in there.seconds.values()), "as a run of milliseconds has it"


def test_ratios_are_multiples_of_the_fastest():
    race = Race(10, {"a": 2.0, "b": 0.5, "c": 1.0}, 1.0)
    assert race.ratios == {"a": 4.0, "b": 1.0, "c": 2.0}


@pytest.mark.parametrize("name", ["channels", "rounds"])
@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (-1, ValueError), (2.0, TypeError)])
def test_a_race_over_nothing_is_refused_at_the_call(name, value, error):
    with pytest.raises(error, match=f"^{name} must be .*; got .*{value}"):
        layer_cost_live(**{name: value})


def test_by_default_a_race_is_long_enough_to_tell():
    first = next(layer_cost_live())
    assert first.size == 60 * 8 * 8 * 8
    assert first.progress == 1 / 60


@pytest.mark.parametrize("tick", [1e-6, 1e-4, 1e-3])
def test_what_is_shorter_than_a_tick_of_the_clock_is_done_until_the_clock_tells(monkeypatch, tick):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(races, "perf_counter", lambda: clock.now // tick * tick)

    def lasting(seconds):
        def work() -> None:
            clock.now += seconds

        return work

    *_, last = races._timed({"short": lasting(7e-6), "long": lasting(7e-5)}, 10, 3)
    assert last.ratios["short"] == 1
    assert last.ratios["long"] == pytest.approx(10, rel=0.05 + 300 * tick)


def test_the_time_of_a_computation_is_from_its_beginning_to_its_end(monkeypatch):
    clock = SimpleNamespace(now=7.0)
    monkeypatch.setattr(races, "perf_counter", lambda: clock.now)
    durations = iter([3.0, 1.0, 2.0, 5.0])

    def works() -> None:
        clock.now += next(durations)

    first, second = races._timed({"a": works, "b": works}, 10, 2)
    assert first.seconds == {"a": 3.0, "b": 1.0}
    assert second.seconds == {"a": 2.0, "b": 1.0}
