"""Explain portraits: which training drawings their parts are nearest to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.errors import CannotExplainError
from bot.portraits.inference import PortraitInference
from bot.portraits.service import Asker, PortraitService, PortraitSet
from ml.avatar.traits import Explanation


class Explains(Protocol):
    """Compares portraits with the drawings a model learned from; blocking, runs torch."""

    def explain(self, picture: npt.NDArray[np.uint8]) -> Explanation:
        """Return the drawings nearest to each part of a picture (side, side, 3)."""


class ExplanationService:
    """Explains portraits of the shipped model by the drawings it learned from."""

    def __init__(
        self,
        portrait_inference: PortraitInference,
        portraits: PortraitService,
        load: Callable[[], Explains] | None,
    ) -> None:
        """Join the parts.

        Args:
            portrait_inference: runs torch.
            portraits: draws portraits again.
            load: opens our drawings, when somebody first asks; None: they are not installed.
        """
        self._inference = portrait_inference
        self._portraits = portraits
        self._load = load
        self._explains: Explains | None = None

    def can_explain(self, drawn: PortraitSet) -> bool:
        """Return whether the portrait's model learned from our drawings."""
        return self._load is not None and not self._portraits.model_of(drawn.portrait).of_members

    async def explain(self, asker: Asker, portrait_id: int) -> tuple[PortraitSet, Explanation]:
        """Compare a portrait with the drawings.

        Raises:
            CannotExplainError: there are none, or its model did not learn from them.
            PortraitGoneError: it is no longer known.
            PortraitError: it cannot be drawn.
        """
        drawn = await self._portraits.show(asker, portrait_id)
        if not self.can_explain(drawn):
            raise CannotExplainError
        return drawn, await self._inference.compute(lambda: self._compare(drawn))

    def _compare(self, drawn: PortraitSet) -> Explanation:
        if self._explains is None:
            assert self._load is not None
            self._explains = self._load()
        return self._explains.explain(drawn.picture)
