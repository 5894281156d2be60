"""Near-duplicates: pictures that differ only in size, compression or brightness.

A difference hash was tried first. It took a merry and a sad picture of the same pose for copies,
and we want both. Here no part of the picture may differ by much, so that a mouth is enough.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 16  # parts a picture is seen in, across and down
NEAR = 20  # of 255; copies saved smaller and as a poor JPEG differ by 10, 17 at most


def fingerprint(picture: Image.Image) -> bytes:
    """Return the greys (0 to 255) of the picture's 16 by 16 parts, row by row."""
    return picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX).tobytes()


def difference(one: bytes, other: bytes) -> float:
    """Return by how much two pictures differ where they differ most, in greys.

    A picture that is brighter as a whole differs in nothing.
    """
    return float(_differences(_greys(one)[None], _greys(other))[0])


class Seen:
    """Remembers fingerprints under names, and tells whether a like one was there before."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._greys = np.empty((0, SIDE * SIDE), np.int16)

    def like(self, mark: bytes) -> str | None:
        """Return the name of the nearest near-duplicate seen before."""
        if not self._names:
            return None
        differences = _differences(self._greys, _greys(mark))
        nearest = int(differences.argmin())
        return self._names[nearest] if differences[nearest] <= NEAR else None

    def add(self, mark: bytes, name: str) -> None:
        """Remember a fingerprint."""
        self._names.append(name)
        self._greys = np.vstack([self._greys, _greys(mark)])


def _greys(mark: bytes) -> NDArray[np.int16]:
    return np.frombuffer(mark, np.uint8).astype(np.int16)


def _differences(many: NDArray[np.int16], one: NDArray[np.int16]) -> NDArray[np.float64]:
    apart = (many - one).astype(np.float64)
    apart -= np.median(apart, axis=1, keepdims=True)
    return np.asarray(abs(apart).max(axis=1))
