"""Find the model that draws a server's portraits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.errors import NoPortraitModelError, OtherPortraitModelError

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


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A portrait model in memory, and whose art it learned from.

    Attributes:
        portrait_model: draws.
        of_members: it learned from what a server's members handed over, not from our own
            drawings: what it draws is screened, and our drawings do not explain it.
    """

    portrait_model: DrawsPortraits
    of_members: bool = False


class PortraitModels(Protocol):
    """Finds the portrait model of a server."""

    def model_for(self, guild_id: int, model: str | None = None) -> LoadedModel:
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
        self._loaded = None if portrait_model is None else LoadedModel(portrait_model)

    def model_for(self, guild_id: int, model: str | None = None) -> LoadedModel:
        """Return the model, whichever server asks.

        Raises:
            NoPortraitModelError: there is none.
            OtherPortraitModelError: it is not called `model`.
        """
        if self._loaded is None:
            raise NoPortraitModelError
        if model not in (None, self._loaded.portrait_model.name):
            assert model is not None
            raise OtherPortraitModelError(model)
        return self._loaded
