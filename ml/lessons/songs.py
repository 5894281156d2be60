"""The songs of a genre lesson, in numbers, and the file in which they go to its process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

_FORMAT = "lesson-songs-1"


class LessonError(Exception):
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
    ear: str
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
            self.ear,
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
        metadata = {"format": _FORMAT, "genres": json.dumps(self.genres), "ear": self.ear}
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
            if metadata.get("format") != _FORMAT:
                raise LessonError(f"{file.name} holds no songs of a lesson")
            return cls(tuple(json.loads(metadata["genres"])), metadata["ear"], **tensors)
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise LessonError(f"{file.name} cannot be read: {error}") from error
