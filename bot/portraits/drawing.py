"""Run portrait models: latents in, pictures out, never on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Protocol, TypeVar

import numpy as np

from bot.errors import NoPortraitModelError, TooManyPortraitsError
from bot.portraits.models import DrawsPortraits, Latents, LoadedModel, Pictures, PortraitModels
from storage.portraits import DIRECT_MESSAGES

T = TypeVar("T")

RUN_SIZE = 4  # portraits drawn before another request's turn; a morph has many


class Screens(Protocol):
    """Screens pictures for what is not safe for work; blocking."""

    def check(self, pictures: Pictures) -> None:
        """Raise `NotSafeForWork` where one of the pictures (n, h, w, 3) is not safe."""


class PortraitInference:
    """Runs the portrait models of all servers, a bounded number of requests at once.

    Attributes:
        models: finds a server's model.
    """

    def __init__(
        self,
        models: PortraitModels,
        *,
        torch_executor: Executor,
        screen: Callable[[], Screens],
        screen_executor: Executor,
        waiting_limit: int,
    ) -> None:
        """Join the parts.

        Args:
            models: finds a server's model.
            torch_executor: the one executor that runs torch.
            screen: loads what screens pictures, when one is first to be screened.
            screen_executor: runs it; one thread, so that it is loaded once.
            waiting_limit: requests in flight at once, so that memory stays bounded.
        """
        self.models = models
        self._torch = torch_executor
        self._screen = screen
        self._screener: Screens | None = None
        self._screening = screen_executor
        self._waiting_limit = waiting_limit
        self._in_flight = 0

    @property
    def version(self) -> str | None:
        """The name of the model of servers that trained none; None when there is none."""
        try:
            return self.models.model_for(DIRECT_MESSAGES).portrait_model.name
        except NoPortraitModelError:
            return None

    @property
    def in_flight(self) -> int:
        """The number of requests that wait or are being drawn."""
        return self._in_flight

    async def compute(self, work: Callable[[], T]) -> T:
        """Run work with torch in it on the thread of torch.

        Raises:
            TooManyPortraitsError: every slot is taken.
        """
        with self.slot():
            return await asyncio.get_running_loop().run_in_executor(self._torch, work)

    async def draw(
        self, loaded: LoadedModel, work: Callable[[DrawsPortraits], Latents]
    ) -> Pictures:
        """Draw the latents that `work` makes, and screen what a server's own model drew.

        Raises:
            TooManyPortraitsError: every slot is taken.
            NotSafeForWork: a model of members' art drew something not to be shown.
        """
        portrait_model, run = loaded.portrait_model, asyncio.get_running_loop().run_in_executor
        with self.slot():
            latents = await run(self._torch, work, portrait_model)
            parts = [
                await run(self._torch, portrait_model.draw, latents[first : first + RUN_SIZE])
                for first in range(0, len(latents), RUN_SIZE)
            ]
        pictures: Pictures = np.concatenate(parts)
        if loaded.of_members:
            await self.screen(pictures)
        return pictures

    async def screen(self, pictures: Pictures) -> None:
        """Screen pictures (n, h, w, 3).

        Raises:
            NotSafeForWork: one of them is not safe.
        """
        await asyncio.get_running_loop().run_in_executor(self._screening, self._check, pictures)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for the block.

        Raises:
            TooManyPortraitsError: every slot is taken.
        """
        if self._in_flight >= self._waiting_limit:
            raise TooManyPortraitsError(self._in_flight)
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    def _check(self, pictures: Pictures) -> None:
        if self._screener is None:
            self._screener = self._screen()
        self._screener.check(pictures)
