"""What all trainings of portraits share: they end after so many steps, or after so much time."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator


class BoundedTraining(ABC):
    """A training that `steps` advances.

    Attributes:
        step: how many are done.
    """

    def __init__(self, total: int, seconds: float) -> None:
        """Begin.

        Args:
            total: steps in all.
            seconds: that it may take; with fewer than its steps need, it does fewer.
        """
        self.step, self._total = 0, total
        self._allowed, self._spent = seconds, 0.0

    @property
    def done(self) -> float:
        """The share that is done, 0 to 1: of its steps or of its time, whichever is more."""
        return min(1.0, max(self.step / self._total, self._spent / self._allowed))

    def steps(self) -> Iterator[dict[str, float]]:
        """Train to the end; yields the parts of the loss after every step."""
        while self.done < 1:
            begun = time.monotonic()
            parts = self._advance()
            self.step += 1
            self._spent += time.monotonic() - begun
            yield parts

    @abstractmethod
    def _advance(self) -> dict[str, float]:
        """Do one step; returns the parts of its loss."""
