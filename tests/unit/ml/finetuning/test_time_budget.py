from __future__ import annotations

import itertools
import math

import pytest

from ml.finetuning.time_budget import BoundedTraining, TimeBudget


class Nothing(BoundedTraining):
    def _advance(self) -> dict[str, float]:
        return {}


def test_ends_after_its_steps() -> None:
    assert len(list(Nothing(3, TimeBudget()).steps())) == 3


def test_ends_sooner_when_its_time_is_over_by_the_clock_it_was_given() -> None:
    hours = itertools.count(step=3600.0)
    assert len(list(Nothing(100, TimeBudget(4 * 3600.0, lambda: next(hours))).steps())) == 4


def test_looking_at_what_was_learned_takes_of_the_same_time() -> None:
    hours = itertools.count(step=3600.0)
    training = Nothing(100, TimeBudget(4 * 3600.0, lambda: next(hours)))
    done = 0
    for _ in training.steps():
        with training.counted():
            done += 1
    assert done == 2


def test_a_share_of_an_allowance_is_counted_by_the_same_clock() -> None:
    allowed = TimeBudget(60.0, lambda: 0.0)
    assert allowed.share(0.25) == TimeBudget(15.0, allowed.clock)
    assert TimeBudget().share(0.25).seconds == math.inf


def test_tells_which_share_is_done_of_steps_or_of_time() -> None:
    minutes = itertools.count(step=60.0)
    slow, quick = Nothing(10, TimeBudget(300.0, lambda: next(minutes))), Nothing(10, TimeBudget())
    next(slow.steps())
    next(quick.steps())
    assert (slow.done, quick.done) == pytest.approx((0.2, 0.1))
