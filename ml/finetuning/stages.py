"""Run the stages of a training within a time budget, with checkpoints and mixed precision."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import torch

from ml.files import write_atomically

SAVE_SECONDS = 120.0  # between two checkpoints of a stage
_SMOOTHING = 0.95  # of the reported losses: what the past keeps each step

Losses = dict[str, float]
States = dict[str, Mapping[str, Any]]  # of stages, by their names


class CheckpointError(Exception):
    """A checkpoint is damaged, or of another training; the message says which file and why."""

    code = "damaged"


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """How long a training may take.

    Attributes:
        seconds: that it may take.
        clock: what they are counted by; `time.process_time` counts those of the processor, so that
            a busy machine takes nothing from a training.
    """

    seconds: float = math.inf
    clock: Callable[[], float] = time.monotonic

    def share(self, part: float) -> TimeBudget:
        """Return a part of it, 0 to 1."""
        return replace(self, seconds=part * self.seconds)


class Pace:
    """Where a stage is: its step, and the share that is done.

    Attributes:
        step: steps done before the one that runs.
        done: the share of the stage done before that, 0 to 1: of its steps or of its time,
            whichever is more.
    """

    def __init__(self, steps: int, budget: TimeBudget, step: int = 0, spent: float = 0.0) -> None:
        """Begin, or continue after `step` steps that took `spent` seconds."""
        self._steps, self._budget = steps, budget
        self.step, self.spent = step, spent
        self._begun: float | None = None
        self.done = self._share(step, spent)

    @property
    def last(self) -> bool:
        """Whether the step that runs is the last one, by its number or by the time now."""
        return self._share(self.step + 1, self.spent + self._since()) >= 1

    def begin(self) -> None:
        """Begin to count the time of a step."""
        self._begun = self._budget.clock()

    def end(self) -> None:
        """Count a step and its time."""
        self.spent += self._since()
        self.step += 1
        self._begun, self.done = None, self._share(self.step, self.spent)

    def _since(self) -> float:
        return 0.0 if self._begun is None else self._budget.clock() - self._begun

    def _share(self, step: int, spent: float) -> float:
        return min(1.0, max(step / max(1, self._steps), spent / self._budget.seconds))


class Stage(Protocol):
    """A part of a training that advances step by step."""

    name: str
    steps: int  # planned; fewer when the time is over sooner

    @property
    def converged(self) -> bool:
        """Whether it gets no better, and ends before its steps are done."""

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss by name."""

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue, as `torch.save` can hold it."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError, ValueError: it is of another training.
        """


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage's share of the whole, 0 to 1; `begin` builds it once the earlier ones are done."""

    share: float
    begin: Callable[[], Stage]


@dataclass(frozen=True, slots=True)
class Advance:
    """A step was done.

    Attributes:
        step: of the whole training, as far as can be told from this stage.
        steps: the same.
        seconds_left: of the whole; None before it can be told.
        losses: averaged over the last steps.
        saved: whether a checkpoint was written after this step.
    """

    step: int
    steps: int
    seconds_left: float | None
    losses: Losses
    saved: bool


def run_stages(
    parts: Sequence[PlannedStage],
    budget: TimeBudget,
    checkpoint: Path,
    *,
    resume: bool,
    each: Callable[[Advance], None],
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Run stages one after another; False when it was stopped.

    Args:
        parts: the stages; their shares add up to 1.
        budget: what all of them may take; each gets its share.
        checkpoint: is written every `SAVE_SECONDS`, at the end of each stage and when stopped.
        resume: whether to continue from it where there is one.
        each: is called after every step.
        stop: is asked after every step.

    Raises:
        CheckpointError: the checkpoint cannot be used.
        FloatingPointError: a loss is no number any more.
    """
    stages = (part.begin() for part in parts)
    first = next(stages)
    stored = _read(checkpoint, first.name) if resume and checkpoint.exists() else {}
    states: States = dict(stored.get("states", {}))
    done_before, losses = 0.0, Losses()
    for part, stage in zip(parts, chain([first], stages), strict=True):
        _restore(stage, states, checkpoint)
        if stored.get("stage", stage.name) == stage.name:  # else it is done already
            begun, stored = (stored.get("step", 0), stored.get("spent", 0.0)), {}
            pace = Pace(stage.steps, budget.share(part.share), *begun)
            run = _StageRun(stage, pace, part.share, done_before, states, checkpoint, losses)
            if not run.advance(each, stop):
                return False
            losses = run.losses
        done_before += part.share
    return True


class _StageRun:
    """One stage while it runs."""

    def __init__(
        self,
        stage: Stage,
        pace: Pace,
        share: float,
        before: float,
        states: States,
        checkpoint: Path,
        losses: Losses,
    ) -> None:
        self._stage, self._pace = stage, pace
        self._share, self._before = share, before
        self._states, self._checkpoint = states, checkpoint
        self.losses = losses

    def advance(self, each: Callable[[Advance], None], stop: Callable[[], bool]) -> bool:
        """Run it to its end; return False when it was stopped."""
        pace, stage = self._pace, self._stage
        begun, already = time.monotonic(), pace.done
        saved_at = begun
        while pace.done < 1 and not stage.converged:
            pace.begin()
            parts = stage.step(pace)
            pace.end()
            if not all(math.isfinite(loss) for loss in parts.values()):
                raise FloatingPointError(f"at step {pace.step} a loss is no number any more")
            self._smooth(parts)
            now = time.monotonic()
            saved = now - saved_at > SAVE_SECONDS or pace.done >= 1 or stage.converged
            if saved:
                self._save()
                saved_at = time.monotonic()
            # What is left of later stages is guessed from how this one goes.
            speed = (now - begun) / max(1e-9, pace.done - already) / self._share
            whole = self._before + self._share * pace.done
            left = speed * (1 - whole) if pace.done > already else None
            steps = round(pace.step / max(pace.done, 1e-9) / self._share)
            each(Advance(round(steps * whole), steps, left, self.losses, saved))
            if stop():
                if not saved:
                    self._save()
                return False
        return True

    def _smooth(self, parts: Losses) -> None:
        past = _SMOOTHING
        self.losses = {
            name: past * self.losses.get(name, value) + (1 - past) * value
            for name, value in parts.items()
        }

    def _save(self) -> None:
        self._states[self._stage.name] = self._stage.save()
        pace = self._pace
        state = {"stage": self._stage.name, "step": pace.step, "spent": pace.spent}
        write_atomically(
            self._checkpoint,
            lambda partial: torch.save({**state, "states": self._states}, partial),
        )


def _read(checkpoint: Path, first: str) -> dict[str, Any]:
    try:
        stored = torch.load(checkpoint, map_location="cpu", weights_only=True)
        if "states" not in stored:  # of version 0.1, which stored the first stage alone
            stored = {"stage": first, "states": {first: stored}, **stored}
        return {name: stored[name] for name in ("stage", "step", "spent", "states")}
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, UnpicklingError) as error:
        raise CheckpointError(f"{checkpoint}: {error}") from error


def _restore(stage: Stage, states: Mapping[str, Mapping[str, Any]], checkpoint: Path) -> None:
    if stage.name not in states:
        return
    try:
        stage.restore(states[stage.name])
    except (KeyError, RuntimeError, ValueError, TypeError) as error:
        raise CheckpointError(f"{checkpoint}: {error}") from error


def mixed_precision(device: torch.device | str) -> torch.autocast:
    """Return an autocast context to bfloat16; it does nothing where that would be slow.

    Processors without AVX-512 emulate bfloat16: a small convolution took 37 times as long.
    """
    kind = torch.device(device).type
    fast = kind != "cpu" or torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=fast)
