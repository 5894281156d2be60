"""Draw portraits for members from seeds, and draw them again."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.errors import (
    CannotExplainError,
    ChoiceUnavailableError,
    NoPortraitModelError,
    PortraitGoneError,
)
from bot.portraits.inference import (
    DrawsPortraits,
    Latents,
    Pictures,
    PortraitInference,
    ServedModel,
)
from ml.avatar.traits import Explanation
from storage.portraits import DIRECT_MESSAGES, Portrait, Sketch
from storage.portraits import Portraits as StoredPortraits

Choices = Mapping[str, str]
"""By group (`style`, `mood`, `ears`, `scene`) the option chosen; groups left out stay free."""

MARK = "~"  # before the number of a variation
MAX_LENGTH = 200  # characters of a seed; variations of variations grow
_CHANCE = 1_000_000_000  # random seeds, short enough to be typed
_VARIATIONS = 1_000


def normalised(typed: str) -> str:
    """Return a seed as it is shown: on one line, no longer than `MAX_LENGTH`."""
    seen = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFKC", typed))
    kept = "".join(c for c in seen if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join(kept.split())[:MAX_LENGTH].rstrip() or "?"


def number_of(seed: str) -> int:
    """Return the number of a seed: itself, or a hash of its letters."""
    folded = unicodedata.normalize("NFKC", seed).casefold().strip()
    if folded.isascii() and folded.isdecimal():
        return int(folded)
    return int.from_bytes(blake2b(folded.encode(), digest_size=8).digest())


def following(seed: str, count: int) -> tuple[str, ...]:
    """Return a seed and those after it: 42, 43, 44; of a word: reisen, reisen 2, reisen 3."""
    if seed.isascii() and seed.isdecimal():
        return tuple(str(int(seed) + step) for step in range(count))
    return (seed, *(f"{seed} {step}" for step in range(2, count + 1)))


def random_seed() -> str:
    """Return a random seed."""
    return str(secrets.randbelow(_CHANCE))


def random_variations(seed: str, count: int) -> tuple[str, ...]:
    """Return random variations of a seed, all different."""
    first = secrets.randbelow(_VARIATIONS - count)
    return tuple(f"{seed}{MARK}{first + step}" for step in range(count))


def steps_of(seed: str) -> tuple[str, ...]:
    """Return the first seed of a variation and each step from there: a, a~1, a~1~5."""
    parts = seed.split(MARK)
    tail = 0
    while tail < len(parts) - 1 and _is_number(parts[-1 - tail]):
        tail += 1
    first = len(parts) - tail
    if not parts[0].strip():  # nothing before the mark: a word like any other
        return (seed,)
    return tuple(MARK.join(parts[:end]) for end in range(first, len(parts) + 1))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


VARIATIONS = 4
VARIATION_STRENGTH = 0.35  # 0 changes nothing, 1 draws anew: a relative, not a twin
COUNTS = (1, 4, 9)  # portraits of one answer


@dataclass(frozen=True, slots=True)
class Asker:
    """A member who asks, and where.

    Attributes:
        guild_id: the server, or `DIRECT_MESSAGES`.
        member_id: the member.
        message_id: the answer they will get, as far as it is known.
    """

    guild_id: int
    member_id: int
    message_id: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LikePicture:
    """A member's picture for portraits to be like: (h, w, 3) uint8, and its share, 0 to 1."""

    picture: Pictures
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class PortraitSet:
    """A portrait and its picture, (side, side, 3) uint8.

    Attributes:
        portrait: the portrait.
        picture: as its model drew it.
        options: by group what can be chosen about it; empty: nothing.
    """

    portrait: Portrait
    picture: Pictures
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class PortraitService:
    """Draws portraits and stores how, so that they can be drawn again."""

    def __init__(
        self,
        portrait_inference: PortraitInference,
        stored: StoredPortraits,
        make_seed: Callable[[], str] = random_seed,
        make_variations: Callable[[str, int], Sequence[str]] = random_variations,
    ) -> None:
        """Join the parts; `make_seed` and `make_variations` return random seeds."""
        self._inference = portrait_inference
        self._stored = stored
        self._make_seed = make_seed
        self._make_variations = make_variations

    async def draw(
        self,
        asker: Asker,
        seed: str | None,
        count: int,
        like: LikePicture | None = None,
        choices: Choices | None = None,
    ) -> tuple[PortraitSet, ...]:
        """Draw portraits of a seed and of those following it.

        Args:
            asker: for whom.
            seed: as typed; None for a random one.
            count: how many.
            like: a picture for them to be like.
            choices: by group what they are to show.

        Raises:
            ChoiceUnavailableError: the model cannot be told one of the choices.
            PortraitError, NotSafeForWorkError: they cannot be drawn.
        """
        loaded = self._inference.models.model_for(asker.guild_id)
        seeds = following(normalised(seed) if seed else self._make_seed(), count)
        share = like.share if like else 0.0

        def sketch(portrait_model: DrawsPortraits) -> list[Sketch]:
            _check(portrait_model, choices or {})
            source = portrait_model.encode(like.picture[None])[0] if like else None
            return [_sketch(portrait_model, each, source, share, choices or {}) for each in seeds]

        return await self._drawn(asker, loaded, sketch)

    async def again(self, asker: Asker, portrait_id: int, count: int) -> tuple[PortraitSet, ...]:
        """Draw others with the same choices, like the same picture if there was one.

        Raises:
            PortraitGoneError, PortraitError, NotSafeForWorkError: they cannot be drawn.
        """
        before = (await self.find(asker, portrait_id)).sketch
        source, share = before.source, before.likeness
        model = before.model if source is not None else None  # its numbers mean nothing to others
        loaded = self._inference.models.model_for(asker.guild_id, model)
        seeds = following(self._make_seed(), count)

        def sketch(portrait_model: DrawsPortraits) -> list[Sketch]:
            known = {
                group: option
                for group, option in before.choices.items()
                if option in portrait_model.options.get(group, ())
            }
            return [_sketch(portrait_model, each, source, share, known) for each in seeds]

        return await self._drawn(asker, loaded, sketch)

    async def choose(
        self, asker: Asker, portrait_id: int, choices: Choices
    ) -> tuple[PortraitSet, ...]:
        """Draw the same girl with something else chosen; what was chosen before stays.

        Raises:
            ChoiceUnavailableError: the model cannot be told one of the choices.
            PortraitGoneError, PortraitError, NotSafeForWorkError: she cannot be drawn.
        """
        portrait = await self.find(asker, portrait_id)
        before = portrait.sketch
        merged = {**before.choices, **choices}

        def sketch(portrait_model: DrawsPortraits) -> list[Sketch]:
            _check(portrait_model, merged)
            if before.source is None and before.likeness:  # kept by somebody: its latent is left
                number = number_of(steps_of(before.seed)[0])
                latent = portrait_model.choose(before.latent, number, merged)
                return [replace(before, latent=latent, choices=merged)]
            likeness = before.likeness
            return [_sketch(portrait_model, before.seed, before.source, likeness, merged)]

        return await self._drawn(asker, self.model_of(portrait), sketch)

    async def enlarge(self, asker: Asker, portrait_id: int) -> PortraitSet:
        """Draw a portrait again as large as can be, (1024, 1024, 3).

        Raises:
            PortraitGoneError, PortraitError, NotSafeForWorkError: it cannot be drawn.
        """
        drawn = await self.show(asker, portrait_id)
        served = self.model_of(drawn.portrait)
        large = await self._inference.compute(lambda: served.load().enlarge(drawn.picture))
        return PortraitSet(drawn.portrait, large, drawn.options)

    @property
    def options(self) -> Mapping[str, tuple[str, ...]]:
        """By group what can be chosen where no lesson was held; empty: nothing, or no model."""
        try:
            return self._inference.models.model_for(DIRECT_MESSAGES).load().options
        except NoPortraitModelError:
            return {}

    async def variations(self, asker: Asker, portrait_id: int) -> tuple[PortraitSet, ...]:
        """Draw four portraits that are a little different.

        Raises:
            PortraitGoneError, PortraitError, NotSafeForWorkError: they cannot be drawn.
        """
        portrait = await self.find(asker, portrait_id)
        loaded = self.model_of(portrait)
        before = portrait.sketch
        seeds = self._make_variations(before.seed, VARIATIONS)

        def sketch(portrait_model: DrawsPortraits) -> list[Sketch]:
            if before.choices and not before.likeness:
                return [_sketch(portrait_model, each, None, 0.0, before.choices) for each in seeds]
            latents = portrait_model.vary(
                before.latent, [number_of(seed) for seed in seeds], VARIATION_STRENGTH
            )
            return [
                replace(before, seed=seed, latent=latent)
                for seed, latent in zip(seeds, latents, strict=True)
            ]

        return await self._drawn(asker, loaded, sketch)

    async def show(self, asker: Asker, portrait_id: int) -> PortraitSet:
        """Draw a portrait again.

        Raises:
            PortraitGoneError: it is no longer known.
            OtherPortraitModelError: its model is no longer here.
            PortraitError, NotSafeForWorkError: it cannot be drawn.
        """
        portrait = await self.find(asker, portrait_id)
        options: dict[str, tuple[str, ...]] = {}

        def latents(portrait_model: DrawsPortraits) -> Latents:
            options.update(portrait_model.options)
            return portrait.sketch.latent[None]

        pictures = await self._inference.draw(self.model_of(portrait), latents)
        return PortraitSet(portrait, pictures[0], options)

    async def find(self, asker: Asker, portrait_id: int) -> Portrait:
        """Find a portrait of the asker's server; in direct messages, of the asker alone.

        Raises:
            PortraitGoneError: it is no longer known.
        """
        portrait = await self._stored.portrait(asker.guild_id, portrait_id)
        if portrait is None:
            raise PortraitGoneError
        if portrait.guild_id == DIRECT_MESSAGES and portrait.member_id != asker.member_id:
            raise PortraitGoneError
        return portrait

    def model_of(self, portrait: Portrait) -> ServedModel:
        """Return the model that drew a portrait.

        Raises:
            NoPortraitModelError, OtherPortraitModelError: it is no longer here.
        """
        return self._inference.models.model_for(portrait.guild_id, portrait.sketch.model)

    async def _drawn(
        self, asker: Asker, loaded: ServedModel, sketch: Callable[[DrawsPortraits], list[Sketch]]
    ) -> tuple[PortraitSet, ...]:
        sketches: list[Sketch] = []
        options: dict[str, tuple[str, ...]] = {}

        def latents(portrait_model: DrawsPortraits) -> Latents:
            options.update(portrait_model.options)
            sketches.extend(sketch(portrait_model))
            return np.stack([each.latent for each in sketches])

        pictures = await self._inference.draw(loaded, latents)
        portraits = await self._stored.add(
            asker.guild_id, asker.member_id, asker.message_id, sketches
        )
        pairs = zip(portraits, pictures, strict=True)
        return tuple(PortraitSet(portrait, picture, options) for portrait, picture in pairs)


def latent_of(portrait_model: DrawsPortraits, seed: str) -> Latents:
    """Return the latent (latent,) of a seed, variations included."""
    first, *steps = steps_of(seed)
    latent: Latents = portrait_model.latents([number_of(first)])[0]
    for step in steps:
        latent = portrait_model.vary(latent, [number_of(step)], VARIATION_STRENGTH)[0]
    return latent


def _sketch(
    portrait_model: DrawsPortraits,
    seed: str,
    source: Latents | None,
    share: float,
    choices: Choices,
) -> Sketch:
    latent = latent_of(portrait_model, seed)
    if source is not None:
        latent = portrait_model.blend(latent, source, [share])[0]
    if choices:
        latent = portrait_model.choose(latent, number_of(steps_of(seed)[0]), choices)
    likeness = share if source is not None else 0.0
    return Sketch(portrait_model.name, seed, latent, likeness, source, dict(choices))


def _check(portrait_model: DrawsPortraits, choices: Choices) -> None:
    """Raise `ChoiceUnavailableError` where a model cannot be told one of the choices."""
    for group, option in choices.items():
        if option not in portrait_model.options.get(group, ()):
            raise ChoiceUnavailableError(group)


def without_steps(seed: str) -> str:
    """Return the seed that a variation began with; of any other seed itself."""
    return steps_of(seed)[0]


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
