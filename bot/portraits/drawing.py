"""Painting: seeds and pictures in, portraits out, never on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Protocol, TypeVar

import numpy as np

from bot.errors import NoPortraitModel, TooManyPortraits
from bot.portraits.models import DrawsPortraits, Latents, Pictures, PortraitModels, Studio
from storage.portraits import DIRECT_MESSAGES

T = TypeVar("T")

AT_ONCE = 4  # portraits drawn before others have their turn; a morph has many


class Screens(Protocol):
    """Looks at pictures; blocking."""

    def check(self, pictures: Pictures) -> None:
        """Let pictures (n, h, w, 3) through, or raise `NotSafeForWork`."""


class PortraitInference:
    """Lends the painters of every server to those who need something drawn, one at a time."""

    def __init__(
        self,
        models: PortraitModels,
        *,
        torch_executor: Executor,
        screen: Callable[[], Screens],
        screen_executor: Executor,
        most_waiting: int,
    ) -> None:
        """Join the parts.

        Args:
            models: knows the painters.
            torch_executor: the one executor that runs torch.
            screen: loads what looks at pictures, when one is first to be looked at.
            screen_executor: runs it; one thread, so that it is loaded once.
            most_waiting: requests allowed at once, so that memory stays bounded.
        """
        self.models = models
        self._torch = torch_executor
        self._screen = screen
        self._screener: Screens | None = None
        self._screening = screen_executor
        self._most_waiting = most_waiting
        self._inside = 0

    @property
    def version(self) -> str | None:
        """The model that draws for whoever taught none of their own; None when there is none."""
        try:
            return self.models.model_for(DIRECT_MESSAGES).portrait_model.name
        except NoPortraitModel:
            return None

    @property
    def inside(self) -> int:
        """How many requests wait for something to be drawn, or are being drawn."""
        return self._inside

    async def compute(self, work: Callable[[], T]) -> T:
        """Run something with torch in it where torch runs.

        Raises:
            TooManyPortraits: every place is taken.
        """
        with self.place():
            return await asyncio.get_running_loop().run_in_executor(self._torch, work)

    async def draw(self, studio: Studio, work: Callable[[DrawsPortraits], Latents]) -> Pictures:
        """Draw the latents that `work` makes, and look at them where that is needed.

        Raises:
            TooManyPortraits: every place is taken.
            NotSafeForWork: a model of members' art drew something that should not be shown.
        """
        portrait_model, run = studio.portrait_model, asyncio.get_running_loop().run_in_executor
        with self.place():
            latents = await run(self._torch, work, portrait_model)
            parts = [
                await run(self._torch, portrait_model.draw, latents[first : first + AT_ONCE])
                for first in range(0, len(latents), AT_ONCE)
            ]
        pictures: Pictures = np.concatenate(parts)
        if studio.of_members:
            await self.screen(pictures)
        return pictures

    async def screen(self, pictures: Pictures) -> None:
        """Let pictures (n, h, w, 3) through.

        Raises:
            NotSafeForWork: one of them is not.
        """
        await asyncio.get_running_loop().run_in_executor(self._screening, self._look, pictures)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place in the queue.

        Raises:
            TooManyPortraits: every place is taken.
        """
        if self._inside >= self._most_waiting:
            raise TooManyPortraits(self._inside)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def _look(self, pictures: Pictures) -> None:
        if self._screener is None:
            self._screener = self._screen()
        self._screener.check(pictures)
