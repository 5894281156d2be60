"""A server's own genres: a linear head on the song vector."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ml import checkpoints
from ml.music.heads import softmax, tilted_softmax
from ml.music.hearing import GENRES, Hearing, Verdict

_HEAD_FORMAT = "genre-head-1"
SHARES_WEIGH = 0.15  # of a logarithm of a share beside a vector of unit length
LEAST_SHARE = 1e-3  # below it a share says no more

Floats = npt.NDArray[np.float64]


class GenreHeadError(checkpoints.ModelFileError):
    """A server's genres cannot be read; the message says which file and why."""

    code = "genre_head_file"
    holds = "a server's genres"


def features(vectors: npt.NDArray[np.float32], shares: npt.NDArray[np.float32]) -> Floats:
    """Join vectors (n, d) and shares (n, 10) to what the head reads, (n, d + 10)."""
    logs = np.log(np.maximum(shares, LEAST_SHARE).astype(np.float64))
    logs -= logs.mean(axis=1, keepdims=True)
    return np.concatenate([vectors.astype(np.float64), SHARES_WEIGH * logs], axis=1)


@dataclass(frozen=True, slots=True)
class GenreCard:
    """What a genre lesson learned from and how well its head does on songs held out.

    Attributes:
        music_model: the model whose vectors it reads.
        songs: how many it learned from.
        makers: of how many makers.
        genres: genre -> songs.
        right: genre -> share of its songs that were named rightly.
        score: macro F1, 0 to 1; more is better.
        interval: its 95 % interval.
        score_before: the same for what served before.
        by_maker: whether songs of one maker were never both learned from and tried.
        named: share of the songs that it was sure enough to name.
        named_right: share of those that it named rightly; None where it named none.
        sure: least probability of a genre that is named.
    """

    music_model: str = ""
    songs: int = 0
    makers: int = 0
    genres: Mapping[str, int] = field(default_factory=dict)
    right: Mapping[str, float] = field(default_factory=dict)
    score: float | None = None
    interval: tuple[float, float] | None = None
    score_before: float | None = None
    by_maker: bool = False
    named: float = 0.0
    named_right: float | None = None
    sure: float = 0.0

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> GenreCard:
        """Read a stored card; those of version 0.1 name the music model `ear`."""
        known = {name: stored[name] for name in cls.__slots__ if name in stored}
        known.setdefault("music_model", stored.get("ear", ""))
        if known.get("interval") is not None:
            known["interval"] = tuple(known["interval"])
        return cls(**known)


@dataclass(frozen=True, slots=True, eq=False)
class GenreHead:
    """Tells a server's genres from each other and from everything else.

    Attributes:
        genres: the server's genres.
        music_model: the model whose vectors it reads; those of another it cannot.
        centre: (f,) subtracted from the features.
        weights: (f, genres + 1); the last column stands for everything else.
        bias: (genres + 1,).
        temperature: logits are divided by it.
        sure: least probability of a genre that is named.
        card: what it learned from and how well it does.
    """

    genres: tuple[str, ...]
    music_model: str
    centre: Floats
    weights: Floats
    bias: Floats
    temperature: float = 1.0
    sure: float = 0.5
    card: GenreCard = GenreCard()

    def logits(self, vectors: npt.NDArray[np.float32], shares: npt.NDArray[np.float32]) -> Floats:
        """Read songs: (n, d) vectors and (n, 10) shares to (n, genres + 1), not yet tempered."""
        read: Floats = (features(vectors, shares) - self.centre) @ self.weights + self.bias
        return read

    def probabilities(
        self, vectors: npt.NDArray[np.float32], shares: npt.NDArray[np.float32]
    ) -> Floats:
        """Read songs: (n, genres + 1), calibrated, rows summing to 1."""
        return softmax(self.logits(vectors, shares) / self.temperature)

    def named(self, hearing: Hearing) -> Hearing | None:
        """Name a song where the head is sure of one of the server's genres.

        Args:
            hearing: of the song, by `music_model`.

        Returns:
            The hearing with the server's genres among the families, in the timeline as well, the
            surest said first; None where the answer of the music model alone should stand.
        """
        shares = np.array([[hearing.genres.get(genre, 0.0) for genre in GENRES]], np.float32)
        likely = self.probabilities(hearing.vector[None], shares)[0]
        best = int(likely[:-1].argmax())
        if likely[best] < self.sure:
            return None
        timeline, said = hearing.timeline, hearing.verdict
        odds = self.logits(timeline.vectors, timeline.genres) / self.temperature
        over_time = tilted_softmax(odds, likely).T.astype(np.float32)
        named = {genre: float(share) for genre, share in zip(self.genres, likely, strict=False)}
        families = {**hearing.families, **named}
        others = (family for family in said.families if family not in named)
        return replace(
            hearing,
            families=dict(sorted(families.items(), key=lambda item: -item[1])),
            verdict=Verdict((self.genres[best], *others), styles=said.styles),
            timeline=replace(
                timeline,
                shares={**timeline.shares, **dict(zip(self.genres, over_time, strict=False))},
            ),
        )

    def save(self, file: Path) -> None:
        """Write the head, with its card, into one file; whole or not at all."""
        arrays = {"centre": self.centre, "weights": self.weights, "bias": self.bias}
        metadata = {
            "genres": json.dumps(self.genres),
            "ear": self.music_model,
            "tuning": json.dumps([self.temperature, self.sure]),
            "card": json.dumps(asdict(self.card)),
        }
        checkpoints.save(file, _HEAD_FORMAT, arrays, metadata)

    @classmethod
    def load(cls, file: Path) -> GenreHead:
        """Read a head.

        Raises:
            GenreHeadError: the file is missing, damaged, or something else.
        """
        return checkpoints.load(file, _HEAD_FORMAT, cls._from, GenreHeadError)

    @classmethod
    def _from(cls, stored: checkpoints.StoredModel) -> GenreHead:
        temperature, sure = stored.fact("tuning")
        return cls(
            genres=tuple(stored.fact("genres")),
            music_model=stored.metadata["ear"],
            temperature=temperature,
            sure=sure,
            card=GenreCard.from_json(stored.fact("card")),
            **stored.arrays,
        )
