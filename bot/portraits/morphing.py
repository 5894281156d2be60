"""Morph from one portrait to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.errors import NothingToMorphError, OtherPortraitModelError
from bot.portraits.inference import DrawsPortraits, Latents, Pictures, PortraitInference
from bot.portraits.service import Asker, PortraitService, latent_of, normalised
from storage.portraits import Portraits as StoredPortraits

FRAMES = 25  # from one end to the other, both included; the way back shows the same ones
CHOSEN = "portrait:"  # before the number of a portrait that was chosen rather than typed
_DIGITS = 18  # more would not fit the database's numbers


@dataclass(frozen=True, slots=True, eq=False)
class Morph:
    """The frames from one portrait to another.

    Attributes:
        start: the seed it begins with.
        end: the seed it ends with.
        model: what drew it.
        frames: (FRAMES, side, side, 3) uint8, in steps that look even; the ends are exactly the
            two portraits.
    """

    start: str
    end: str
    model: str
    frames: Pictures


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    """A seed, and its latent where it is not the seed alone that decides it."""

    seed: str
    model: str | None = None
    latent: Latents | None = None

    def latent_from(self, portrait_model: DrawsPortraits) -> Latents:
        return latent_of(portrait_model, self.seed) if self.latent is None else self.latent


class MorphService:
    """Draws morphs."""

    def __init__(
        self,
        portrait_inference: PortraitInference,
        portraits: PortraitService,
        stored: StoredPortraits,
    ) -> None:
        """Join the parts."""
        self._inference = portrait_inference
        self._portraits = portraits
        self._stored = stored

    async def from_last(self, asker: Asker, portrait_id: int) -> Morph:
        """Morph from what was last drawn for a member to a portrait.

        Raises:
            PortraitGoneError: it is no longer known.
            NothingToMorphError: nothing else was drawn for the member here.
            PortraitError, NotSafeForWorkError: it cannot be drawn.
        """
        portrait = await self._portraits.find(asker, portrait_id)
        last = await self._stored.last_before(asker.guild_id, asker.member_id, portrait_id)
        if last is None:
            raise NothingToMorphError
        ends = [
            _End(each.sketch.seed, each.sketch.model, each.sketch.latent)
            for each in (last, portrait)
        ]
        return await self._between(asker.guild_id, ends[0], ends[1])

    async def between(self, asker: Asker, start: str, end: str) -> Morph:
        """Morph between what a member named: seeds, or portraits of their gallery.

        Args:
            asker: who asks.
            start: a seed, or what `chosen` gives for a kept portrait.
            end: likewise.

        Raises:
            PortraitGoneError: a portrait is no longer in the gallery.
            NothingToMorphError: both are the same.
            PortraitError, NotSafeForWorkError: it cannot be drawn.
        """
        ends = [await self._named(asker, each) for each in (start, end)]
        return await self._between(asker.guild_id, ends[0], ends[1])

    async def _named(self, asker: Asker, named: str) -> _End:
        number = named.removeprefix(CHOSEN)
        if named.startswith(CHOSEN) and number.isascii() and number.isdecimal():
            portrait = await self._portraits.find(asker, int(number[:_DIGITS]))
            if portrait.member_id == asker.member_id:
                sketch = portrait.sketch
                return _End(sketch.seed, sketch.model, sketch.latent)
        return _End(normalised(named))

    async def _between(self, guild_id: int, start: _End, end: _End) -> Morph:
        loaded = self._inference.models.model_for(guild_id, start.model or end.model)
        for each in (start, end):  # the numbers of one model mean nothing to another
            if each.model not in (None, loaded.name):
                raise OtherPortraitModelError(str(each.model))
        frames = await self._inference.draw(
            loaded, lambda portrait_model: _latents(portrait_model, start, end)
        )
        return Morph(start.seed, end.seed, loaded.name, frames)


def chosen(portrait_id: int) -> str:
    """Return a stored portrait as the value of a choice."""
    return f"{CHOSEN}{portrait_id}"


def _latents(portrait_model: DrawsPortraits, start: _End, end: _End) -> Latents:
    first, last = start.latent_from(portrait_model), end.latent_from(portrait_model)
    if np.array_equal(first, last):
        raise NothingToMorphError
    return portrait_model.morph(first, last, FRAMES)
