"""A song's vector: what was heard of its timbre, harmony and rhythm, joined so that cosines add up.

Each part is a block of its own: centred on many songs, turned to directions that vary from song
to song more than within one, brought to unit length and scaled by the square root of its weight.
The cosine of two joined vectors is then the sum of the parts' contributions: weight times cosine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]

PARTS = ("timbre", "harmony", "rhythm")  # in the vector's order


@dataclass(frozen=True, slots=True, eq=False)
class PartFit:
    """How one part becomes its stretch of the vector.

    Attributes:
        centre: (n,) float32, what the average song has.
        projection: (n, size) float32.
        weight: its share of the vector, 0 to 1.
    """

    centre: Vector
    projection: Vector
    weight: float

    @property
    def size(self) -> int:
        """How many numbers of the vector are its."""
        return int(self.projection.shape[1])

    def direction(self, heard: Vector) -> Vector:
        """Turn (n,) heard numbers into (size,) of unit length; nothing heard stays zero."""
        if not heard.any():
            return np.zeros(self.size, np.float32)
        return _unit((heard - self.centre) @ self.projection)


@dataclass(frozen=True, slots=True, eq=False)
class VectorFit:
    """How the parts become one vector.

    Attributes:
        blocks: by name, in the order of `PARTS`.
    """

    blocks: Mapping[str, PartFit]

    def join(self, heard: Mapping[str, Vector]) -> Vector:
        """Join what was heard of a song.

        A part of which nothing was heard (zeros: no beat, too short a passage) is zero in the
        vector, and the others take its weight, so that the length is one all the same.

        Args:
            heard: (n,) numbers of each part.

        Returns:
            (size,) float32 of unit length.
        """
        stretches = [
            np.sqrt(block.weight) * block.direction(heard[name])
            for name, block in self.blocks.items()
        ]
        return _unit(np.concatenate(stretches))

    def shares(self, one: Vector, other: Vector) -> dict[str, float]:
        """Divide the cosine of two joined vectors among the parts; the shares add up to it.

        A part that was not heard in one of the two is left out.
        """
        return {
            name: float(one[stretch] @ other[stretch])
            for name, stretch in self.stretches().items()
            if one[stretch].any() and other[stretch].any()
        }

    def stretches(self) -> dict[str, slice]:
        """Return where in the vector each part lies."""
        ends = accumulate(block.size for block in self.blocks.values())
        return {
            name: slice(end - block.size, end)
            for (name, block), end in zip(self.blocks.items(), ends, strict=True)
        }


def _unit(numbers: npt.NDArray[np.floating[Any]]) -> Vector:
    length = max(float(np.linalg.norm(numbers)), 1e-9)
    return (numbers / length).astype(np.float32)
