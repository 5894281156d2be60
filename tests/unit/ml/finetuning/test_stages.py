from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from ml.finetuning.stages import (
    Advance,
    CheckpointError,
    Losses,
    Pace,
    PlannedStage,
    TimeBudget,
    run_stages,
)


class Counting:
    """A stage that counts its steps, in all and since it was built."""

    def __init__(self, name: str, steps: int, converges_at: int | None = None) -> None:
        self.name, self.steps = name, steps
        self.count = self.fresh = 0
        self._converges_at = converges_at

    @property
    def converged(self) -> bool:
        return self.count == self._converges_at

    def step(self, pace: Pace) -> Losses:
        assert pace.step == self.count
        self.count += 1
        self.fresh += 1
        return {"loss": 1.0 / self.count}

    def save(self) -> dict[str, Any]:
        return {"count": self.count}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.count = state["count"]


def run(
    stages: list[Counting],
    folder: Path,
    *,
    budget: TimeBudget | None = None,
    resume: bool = False,
    stop_after: int | None = None,
) -> list[Advance]:
    advances: list[Advance] = []
    parts = [PlannedStage(1 / len(stages), lambda stage=stage: stage) for stage in stages]  # type: ignore[misc]
    run_stages(
        parts,
        budget or TimeBudget(),
        folder / "training.resume",
        resume=resume,
        each=advances.append,
        stop=lambda: len(advances) == stop_after,
    )
    return advances


def hours() -> Iterator[float]:
    return itertools.count(step=3600.0)


def test_stages_run_one_after_another_to_their_last_step(tmp_path: Path) -> None:
    stages = [Counting("first", 3), Counting("second", 2)]
    advances = run(stages, tmp_path)
    assert [stage.count for stage in stages] == [3, 2]
    assert advances[-1].step == advances[-1].steps
    assert [advance.saved for advance in advances] == [False, False, True, False, True]


def test_a_stage_ends_when_its_time_is_over_by_the_clock_it_was_given(tmp_path: Path) -> None:
    clock = hours()
    budget = TimeBudget(4 * 3600.0, lambda: next(clock))
    assert len(run([Counting("only", 100)], tmp_path, budget=budget)) == 4


def test_a_stage_that_gets_no_better_makes_way_for_the_next(tmp_path: Path) -> None:
    stages = [Counting("first", 100, converges_at=5), Counting("second", 2)]
    run(stages, tmp_path)
    assert [stage.count for stage in stages] == [5, 2]


@pytest.mark.parametrize("stop_after", [1, 3, 4])
def test_stopped_anywhere_it_continues_there(tmp_path: Path, stop_after: int) -> None:
    run([Counting("first", 3), Counting("second", 2)], tmp_path, stop_after=stop_after)
    stages = [Counting("first", 3), Counting("second", 2)]
    run(stages, tmp_path, resume=True)
    assert [stage.count for stage in stages] == [3, 2]
    assert sum(stage.fresh for stage in stages) == 5 - stop_after


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    (tmp_path / "training.resume").write_bytes(b"PK and no more")
    with pytest.raises(CheckpointError, match=r"training\.resume"):
        run([Counting("first", 3)], tmp_path, resume=True)


def test_a_loss_that_is_no_number_ends_the_training(tmp_path: Path) -> None:
    class Diverging(Counting):
        def step(self, pace: Pace) -> Losses:
            return {"loss": math.nan}

    with pytest.raises(FloatingPointError):
        run([Diverging("only", 3)], tmp_path)


def test_a_share_of_a_budget_is_counted_by_the_same_clock() -> None:
    budget = TimeBudget(60.0, lambda: 0.0)
    assert budget.share(0.25) == TimeBudget(15.0, budget.clock)
    assert TimeBudget().share(0.25).seconds == math.inf


def test_the_share_done_is_of_steps_or_of_time_whichever_is_more() -> None:
    clock = itertools.count(step=60.0)
    slow, quick = Pace(10, TimeBudget(300.0, lambda: next(clock))), Pace(10, TimeBudget())
    for pace in (slow, quick):
        pace.begin()
        pace.end()
    assert (slow.done, quick.done) == pytest.approx((0.2, 0.1))


def test_a_checkpoint_of_version_0_1_continues_its_first_stage(tmp_path: Path) -> None:
    torch.save({"step": 2, "spent": 60.0, "count": 2}, tmp_path / "training.resume")
    stages = [Counting("first", 3), Counting("second", 2)]
    run(stages, tmp_path, resume=True)
    assert [stage.fresh for stage in stages] == [1, 2]
