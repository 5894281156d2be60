"""Portrait inference: which model draws, and drawing off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from bot.errors import NoPortraitModelError, OtherPortraitModelError, TooManyPortraitsError
from storage.portraits import DIRECT_MESSAGES

Latents = npt.NDArray[np.float32]
Pictures = npt.NDArray[np.uint8]


class DrawsPortraits(Protocol):
    """Draws portraits; blocking, on one thread at a time. See `ml.avatar.inference.PortraitModel`.

    `name` is the name and version of the model: the same name and latent give the same portrait.
    """

    name: str

    def latents(self, seeds: Sequence[int]) -> Latents:
        """Return the latents of seeds, (n, latent)."""

    def draw(self, latents: Latents) -> Pictures:
        """Draw portraits, (n, side, side, 3)."""

    def encode(self, pictures: Pictures) -> Latents:
        """Return the latents of pictures (n, h, w, 3)."""

    def blend(self, a: Latents, b: Latents, shares: Sequence[float]) -> Latents:
        """Mix two latents (latent,): a share of 0 is `a`, 1 is `b`. (n, latent)."""

    def vary(self, latent: Latents, seeds: Sequence[int], strength: float) -> Latents:
        """Vary a latent (latent,), once for each seed. (n, latent)."""

    def morph(self, a: Latents, b: Latents, frames: int) -> Latents:
        """Go from `a` to `b` in even steps. (frames, latent)."""

    @property
    def options(self) -> Mapping[str, tuple[str, ...]]:
        """By group what can be chosen about a portrait; empty: nothing."""

    def choose(self, latent: Latents, seed: int, choices: Mapping[str, str]) -> Latents:
        """Return a latent (latent,) that shows what was chosen and is otherwise the same."""

    def enlarge(self, picture: Pictures) -> Pictures:
        """Draw a portrait (side, side, 3) larger, (1024, 1024, 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A portrait model that can draw, and whose art it learned from.

    Attributes:
        name: its name and version.
        load: returns the model itself; blocking, and called where torch runs.
        of_members: it learned from what a server's members handed over, not from our own
            drawings: what it draws is screened, and our drawings do not explain it.
    """

    name: str
    load: Callable[[], DrawsPortraits]
    of_members: bool = False


class PortraitModels(Protocol):
    """Finds the portrait model of a server."""

    def model_for(self, guild_id: int, model: str | None = None) -> ServedModel:
        """Return the model of a server's new portraits, or the one called `model`.

        Args:
            guild_id: the server; 0 for direct messages.
            model: the name of the model that drew a portrait which is to be drawn again.

        Raises:
            NoPortraitModelError: there is none.
            OtherPortraitModelError: there is none of that name.
        """


class ShippedPortraitModel:
    """The same model for every server: the shipped one, or the one that the host set."""

    def __init__(self, portrait_model: DrawsPortraits | None) -> None:
        """Serve `portrait_model`; None: none is installed."""
        self._served = (
            ServedModel(portrait_model.name, lambda: portrait_model) if portrait_model else None
        )

    def model_for(self, guild_id: int, model: str | None = None) -> ServedModel:
        """Return the model, whichever server asks.

        Raises:
            NoPortraitModelError: there is none.
            OtherPortraitModelError: it is not called `model`.
        """
        if self._served is None:
            raise NoPortraitModelError
        if model not in (None, self._served.name):
            assert model is not None
            raise OtherPortraitModelError(model)
        return self._served


T = TypeVar("T")

RUN_SIZE = 4  # portraits drawn before another request's turn; a morph has many


class Screens(Protocol):
    """Screens pictures for what is not safe for work; blocking."""

    def check(self, pictures: Pictures) -> None:
        """Raise `NotSafeForWorkError` where one of the pictures (n, h, w, 3) is not safe."""


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
            return self.models.model_for(DIRECT_MESSAGES).name
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
        self, served: ServedModel, work: Callable[[DrawsPortraits], Latents]
    ) -> Pictures:
        """Draw the latents that `work` makes, and screen what a server's own model drew.

        Raises:
            TooManyPortraitsError: every slot is taken.
            NotSafeForWorkError: a model of members' art drew something not to be shown.
        """
        run = asyncio.get_running_loop().run_in_executor
        with self.slot():
            portrait_model = await run(self._torch, served.load)
            latents = await run(self._torch, work, portrait_model)
            parts = [
                await run(self._torch, portrait_model.draw, latents[first : first + RUN_SIZE])
                for first in range(0, len(latents), RUN_SIZE)
            ]
        pictures: Pictures = np.concatenate(parts)
        if served.of_members:
            await self.screen(pictures)
        return pictures

    async def screen(self, pictures: Pictures) -> None:
        """Screen pictures (n, h, w, 3).

        Raises:
            NotSafeForWorkError: one of them is not safe.
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
