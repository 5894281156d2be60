"""What all trainings of portraits share: they end after so many steps, or after so much time."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


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
        """Take a part of it, 0 to 1."""
        return replace(self, seconds=part * self.seconds)


UNBOUNDED = TimeBudget()


class BoundedTraining(ABC):
    """A training that `steps` advances.

    Attributes:
        step: how many are done.
    """

    def __init__(self, total: int, allowed: TimeBudget) -> None:
        """Begin.

        Args:
            total: steps in all.
            allowed: what it may take; with less than its steps need, it does fewer.
        """
        self.step, self._total = 0, total
        self._allowed, self._spent = allowed, 0.0

    @property
    def done(self) -> float:
        """The share that is done, 0 to 1: of its steps or of its time, whichever is more."""
        return min(1.0, max(self.step / self._total, self._spent / self._allowed.seconds))

    def steps(self) -> Iterator[dict[str, float]]:
        """Train to the end; yields the parts of the loss after every step."""
        while self.done < 1:
            with self.counted():
                parts = self._advance()
            self.step += 1
            yield parts

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done meanwhile as time of this training."""
        begun = self._allowed.clock()
        yield
        self._spent += self._allowed.clock() - begun

    @abstractmethod
    def _advance(self) -> dict[str, float]:
        """Do one step; returns the parts of its loss."""
