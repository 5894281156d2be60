"""Learn from members' thumbs how much each part of the vectors counts in their server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.songbook.similar import Weights
from ml.music.hearing import SimilarityParts, SimilarityScale
from storage.erasure import Erased, Scope
from storage.ratings import Rating, Ratings

FEWEST = 8  # ratings of a server, thumbs up and down among them, before they change anything
LARGEST = 3.0  # weight of a part, and one over it the least
RIDGE = 3.0  # ratings that must speak for it before a weight moves far from 1
PER_MEMBER = 25.0  # ratings that one member counts for at most
STEPS, STEP = 400, 0.05

Floats = npt.NDArray[np.float64]


class RatingService:
    """Records thumbs, and learns a server's weights from them."""

    def __init__(self, stored: Ratings, model: str, scale: SimilarityScale) -> None:
        """Record in `stored` what members think of what `model` found on `scale`."""
        self._stored = stored
        self._model = model
        self._scale = scale
        self._learned: dict[int, Weights] = {}

    async def rate(
        self,
        guild_id: int,
        member_id: int,
        song_id: int,
        asked_id: int | None,
        parts: SimilarityParts,
        *,
        liked: bool,
    ) -> bool:
        """Record what a member thinks of a song as an answer; twice the same takes it back.

        Args:
            guild_id: the server.
            member_id: who thinks so.
            song_id: the song that was found.
            asked_id: the song asked about; None: a file, or several songs.
            parts: how alike the two are.
            liked: whether it is a good answer.

        Returns:
            False when the rating was taken back.

        Raises:
            StorageError: the database could not do it.
        """
        try:
            return await self._stored.rate(
                guild_id,
                member_id,
                song_id,
                asked_id,
                liked=liked,
                model=self._model,
                shares=parts.shares,
            )
        finally:
            self._learned.pop(guild_id, None)

    async def weights(self, guild_id: int) -> Weights:
        """Return how much each part counts in a server; empty where nobody taught anything.

        Raises:
            StorageError: the database could not do it.
        """
        learned = self._learned.get(guild_id)
        if learned is None:
            ratings = await self._stored.of_server(guild_id, self._model)
            learned = self._learned[guild_id] = learned_weights(ratings, self._scale)
        return learned

    # Observes `bot.privacy.erasure`

    def before_erasure(self, scope: Scope) -> None:
        """Nothing is under way here that an erasure must stop."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Learn anew without what was erased; ratings go with their songs, too."""
        self._learned.clear()


def learned_weights(ratings: Sequence[Rating], scale: SimilarityScale) -> Weights:
    """Fit weights under which songs that members liked come before those they disliked.

    Logistic regression on what each part adds to the cosine, with the slope of `scale`. The
    logarithms of the weights are pulled to 0 and bounded, so that a few thumbs change little and
    no part ever vanishes.

    Returns:
        By part, `1 / LARGEST` to `LARGEST`; empty with too few ratings.
    """
    liked = np.array([rating.liked for rating in ratings], np.float64)
    if len(ratings) < FEWEST or liked.min() == liked.max():
        return {}
    names = list(scale.parts)
    shares = np.array([[rating.shares.get(name, 0.0) for name in names] for rating in ratings])
    logs = _fitted(scale.slope * shares, liked, _voices(ratings))
    return {name: float(weight) for name, weight in zip(names, np.exp(logs), strict=True)}


def _voices(ratings: Sequence[Rating]) -> Floats:
    """Weigh ratings, so that no member outvotes all others."""
    counts = Counter(rating.member_id for rating in ratings)
    return np.array([min(1.0, PER_MEMBER / counts[rating.member_id]) for rating in ratings])


def _fitted(features: Floats, liked: Floats, voices: Floats) -> Floats:
    """Descend the gradient of the loss.

    Args:
        features: (ratings, parts).
        liked: (ratings,) 1 or 0.
        voices: (ratings,) how much each counts.

    Returns:
        (parts,) logarithms of the weights.
    """
    bound = np.log(LARGEST)
    logs, offset = np.zeros(features.shape[1]), 0.0
    scale = voices.sum() + RIDGE
    for _ in range(STEPS):
        odds = features @ np.exp(logs) + offset
        wrong = voices * (1 / (1 + np.exp(-odds)) - liked)
        slope = (wrong @ features) * np.exp(logs) + 2 * RIDGE * logs
        logs = np.clip(logs - STEP * slope / scale, -bound, bound)
        offset -= 2 * STEP * wrong.sum() / scale
    return np.asarray(logs, np.float64)
