"""What a portrait's parts come from, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of a picture's sides."""


class Part(Enum):
    """A part of a face, and where faces that are cropped alike have it."""

    EARS = (0.1, 0.02, 0.9, 0.38)
    HAIR = (0.2, 0.3, 0.8, 0.56)
    EYES = (0.27, 0.53, 0.73, 0.73)
    MOUTH = (0.37, 0.71, 0.63, 0.845)

    @property
    def box(self) -> Box:
        """Where it is."""
        return self.value


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """A training drawing that is near to a part of a portrait.

    Attributes:
        drawing: (h, w, 3) uint8, the whole drawing, small.
        likeness: cosine of the two parts' features, less what any two drawings have in common:
            1 is the same, 0 no more alike than chance.
    """

    drawing: npt.NDArray[np.uint8]
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """For each part of a portrait the nearest drawings, nearest first."""

    parts: dict[Part, tuple[Nearest, ...]]
