"""What is told of a portrait, as plain values: its traits, and what its parts come from.

Traits are what the numbers of a conditioned latent mean, in the order in which they stand in it.
Groups stand in blocks that a drawing decides by themselves: another mood replaces the block
`mood` and nothing else, which is why the girl stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor

FRINGE_POINTS: Final = 40  # places across the head where the lower edge of the hair is known
FRINGE_SPAN: Final = (-1.2, 1.25)  # heads, from the first of them to the last

BLOCKS: Final[Mapping[str, Mapping[str, int]]] = {
    "style": {
        "style": 12, "lids": 6, "chin": 1, "cheek": 1, "jaw": 1, "eye_width": 1, "eye_height": 1,
        "eye_apart": 1, "heads_across": 1, "mouth_scale": 1, "iris_width": 1, "lines": 2,
        "locks": 1, "strands": 1, "hair": 3, "tips": 3, "skin": 3, "iris": 3, "shadow": 3,
    },
    "girl": {
        "cut": 5, "fringe": 5, "clothes": 6, "ornament": 6, "gesture": 6, "ahoge": 1, "part": 1,
        "volume": 1, "eye_slant": 1, "jacket": 3, "tie": 3, "accent": 3, "fur": 3, "pink": 3,
        "fringe_edge": FRINGE_POINTS,
    },
    "pose": {"facing": 1, "yaw": 1, "tilt": 1, "nod": 1, "light": 1, "zoom": 1, "wind": 1},
    "mood": {
        "mood": 12, "mouth": 10, "open": 2, "merry": 1, "brow_slant": 1, "brow_lift": 1,
        "mouth_size": 1, "blush": 1, "iris_size": 1, "gaze": 2,
    },
    "ears": {"ears": 6, "ear_length": 1, "ear_width": 1, "ear_spread": 1, "ear_stray": 2},
    "scene": {"scene": 10, "sky": 3, "ground": 3, "rim": 3, "tint": 3},
}  # fmt: skip

KINDS: Final = frozenset(
    {"style", "lids", "cut", "fringe", "clothes", "ornament", "gesture", "mood", "mouth", "ears",
     "scene"}
)  # fmt: skip
"""Traits of which exactly one number is 1 and the others 0."""

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "style": ("cel", "airbrush", "gouache", "watercolour", "poster", "pencil", "chibi", "film",
              "manga", "moonlit", "candy", "ink"),
    "mood": ("smile", "laugh", "grin", "cat", "wink", "closed", "calm", "pout", "surprise",
             "sleepy", "shy", "lunatic"),
    "ears": ("upright", "leaning", "crumpled", "folded", "drooping", "odd"),
    "scene": ("plain", "pattern", "sky", "dusk", "moon", "bamboo", "blossom", "maple", "snow",
              "lights"),
}  # fmt: skip
"""What members may choose: the names of these traits' numbers, in their order."""


def _places() -> tuple[dict[str, slice], dict[str, slice], int]:
    traits, blocks, at = {}, {}, 0
    for block, members in BLOCKS.items():
        start = at
        for name, size in members.items():
            traits[name] = slice(at, at + size)
            at += size
        blocks[block] = slice(start, at)
    return traits, blocks, at


TRAIT, BLOCK, TRAITS = _places()
"""Where each trait and each block stands, and how many numbers the traits have together."""


class TraitValues:
    """Traits (n, TRAITS) by their names, shaped to meet maps (n, side, side)."""

    def __init__(self, raw: Tensor) -> None:
        self._raw = raw

    def __call__(self, name: str) -> Tensor:
        """Return a trait of one number, (n, 1, 1)."""
        return self._raw[:, TRAIT[name]].view(-1, 1, 1)

    def many(self, name: str) -> Tensor:
        """Return a trait of several numbers, (n, numbers)."""
        return self._raw[:, TRAIT[name]]


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
