"""A server's own genres: a linear head on the song vector, and its data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ml.music.genres import GENRES

_SONGS_FORMAT = "lesson-songs-1"


class LessonDataError(Exception):
    """The songs of a lesson, or what was learned from them, cannot be read."""


@dataclass(frozen=True, slots=True, eq=False)
class LessonSongs:
    """What a genre lesson learns from.

    Attributes:
        genres: the server's genres; a shipped one is named by its key.
        ear: the model that made the vectors.
        vectors: (n, d) float32 of unit length.
        shares: (n, 10) float32, probability of each shipped genre.
        labels: (n,) int64, index into `genres`.
        makers: (n,) int64; songs of one maker are never both learned from and tried on.
        known: (n,) bool, which of them the model learned from that serves now.
        strangers: (m, d) float32, vectors of songs that are none of the genres; may be empty.
    """

    genres: tuple[str, ...]
    music_model: str
    vectors: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    makers: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    strangers: npt.NDArray[np.float32]

    def taken(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> LessonSongs:
        """Give the same lesson with these songs only."""
        return LessonSongs(
            self.genres,
            self.music_model,
            self.vectors[rows],
            self.shares[rows],
            self.labels[rows],
            self.makers[rows],
            self.known[rows],
            self.strangers,
        )

    def save(self, file: Path) -> None:
        """Write the songs into one file."""
        tensors: dict[str, npt.NDArray[Any]] = {
            "vectors": np.ascontiguousarray(self.vectors),
            "shares": np.ascontiguousarray(self.shares),
            "labels": self.labels,
            "makers": self.makers,
            "known": self.known,
            "strangers": np.ascontiguousarray(self.strangers),
        }
        metadata = {
            "format": _SONGS_FORMAT,
            "genres": json.dumps(self.genres),
            "ear": self.music_model,
        }
        partial = file.with_suffix(".part")
        save_file(tensors, partial, metadata)
        partial.replace(file)

    @classmethod
    def load(cls, file: Path) -> LessonSongs:
        """Read them back.

        Raises:
            LessonError: the file is missing, damaged, or something else.
        """
        try:
            with safe_open(file, framework="numpy") as stored:
                metadata = stored.metadata() or {}
                tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
            if metadata.get("format") != _SONGS_FORMAT:
                raise LessonDataError(f"{file.name} holds no songs of a lesson")
            return cls(tuple(json.loads(metadata["genres"])), metadata["ear"], **tensors)
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise LessonDataError(f"{file.name} cannot be read: {error}") from error


_HEAD_FORMAT = "genre-head-1"
SHARES_WEIGH = 0.15  # of a logarithm of a share beside a vector of unit length
LEAST_SHARE = 1e-3  # below it a share says no more

Floats = npt.NDArray[np.float64]


def features(vectors: npt.NDArray[np.float32], shares: npt.NDArray[np.float32]) -> Floats:
    """Join vectors (n, d) and shares (n, 10) to what the head reads, (n, d + 10)."""
    logs = np.log(np.maximum(shares, LEAST_SHARE).astype(np.float64))
    logs -= logs.mean(axis=1, keepdims=True)
    return np.concatenate([vectors.astype(np.float64), SHARES_WEIGH * logs], axis=1)


def softmax(logits: Floats) -> Floats:
    """Turn rows of logits into rows that sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    summed: Floats = powers / powers.sum(axis=1, keepdims=True)
    return summed


@dataclass(frozen=True, slots=True, eq=False)
class GenreHead:
    """Tells a server's genres from each other and from everything else.

    Attributes:
        genres: the server's genres.
        ear: the model whose vectors it reads; those of another it cannot.
        centre: (f,) subtracted from the features.
        weights: (f, genres + 1); the last column stands for everything else.
        bias: (genres + 1,).
        temperature: logits are divided by it.
        sure: least probability of a genre that is named.
        card: what it learned from and how well it does, as JSON can hold it.
    """

    genres: tuple[str, ...]
    music_model: str
    centre: Floats
    weights: Floats
    bias: Floats
    temperature: float = 1.0
    sure: float = 0.5
    card: Mapping[str, Any] = field(default_factory=dict)

    def logits(self, vectors: npt.NDArray[np.float32], shares: npt.NDArray[np.float32]) -> Floats:
        """Read songs: (n, d) vectors and (n, 10) shares to (n, genres + 1), not yet tempered."""
        read: Floats = (features(vectors, shares) - self.centre) @ self.weights + self.bias
        return read

    def named(
        self, vector: npt.NDArray[np.float32], shares: Mapping[str, float]
    ) -> dict[str, float] | None:
        """Name a song where the head is sure of one of the server's genres.

        Args:
            vector: (d,) of the song, from the ear `music_model`.
            shares: probability of each shipped genre.

        Returns:
            Probability of the server's and the shipped genres, summing to 1, most likely first;
            None where the answer of the ear alone should stand.
        """
        row = np.array([[shares.get(genre, 0.0) for genre in GENRES]], np.float32)
        likely = softmax(self.logits(vector[None], row) / self.temperature)[0]
        if likely[:-1].max() < self.sure:
            return None
        found = {genre: float(likely[-1]) * share for genre, share in shares.items()}
        for genre, share in zip(self.genres, likely, strict=False):
            found[genre] = found.get(genre, 0.0) + float(share)
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def save(self, file: Path) -> None:
        """Write the head, with its card, into one safetensors file; whole or not at all."""
        tensors = {"centre": self.centre, "weights": self.weights, "bias": self.bias}
        metadata = {
            "format": _HEAD_FORMAT,
            "genres": json.dumps(self.genres),
            "ear": self.music_model,
            "tuning": json.dumps([self.temperature, self.sure]),
            "card": json.dumps(dict(self.card)),
        }
        partial = file.with_suffix(".part")
        save_file({name: np.ascontiguousarray(t) for name, t in tensors.items()}, partial, metadata)
        partial.replace(file)

    @classmethod
    def load(cls, file: Path) -> GenreHead:
        """Read a head.

        Raises:
            LessonError: the file is missing, damaged, or something else.
        """
        try:
            with safe_open(file, framework="numpy") as stored:
                metadata = stored.metadata() or {}
                tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
            if metadata.get("format") != _HEAD_FORMAT:
                raise LessonDataError(f"{file.name} holds no genre head")
            temperature, sure = json.loads(metadata["tuning"])
            genres, card = tuple(json.loads(metadata["genres"])), json.loads(metadata["card"])
            return cls(
                genres=genres,
                music_model=metadata["ear"],
                temperature=temperature,
                sure=sure,
                card=card,
                **tensors,
            )
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise LessonDataError(f"{file.name} cannot be read: {error}") from error


def digest_of(file: Path) -> bytes:
    """Give the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
