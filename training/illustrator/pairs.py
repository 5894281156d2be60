"""Endless true pairs for an upscaler: a drawing, and the same drawing small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.illustrator.drawing import Facts, illustrate

LARGE, SMALL = 512, 128  # px


@dataclass(frozen=True)
class Pair:
    """One drawing in both sizes.

    Attributes:
        large: (512, 512, 3), red, green and blue.
        small: (128, 128, 3), what the portraits' decoder is to draw.
        facts: what both show.
    """

    large: NDArray[np.uint8]
    small: NDArray[np.uint8]
    facts: Facts


def pairs(first_seed: int = 0) -> Iterator[Pair]:
    """Draw one pair after another, of successive seeds, without end."""
    seed = first_seed
    while True:
        yield pair(seed)
        seed += 1


def pair(seed: int) -> Pair:
    """Draw the pair of one seed."""
    drawing = illustrate(seed, LARGE)
    return Pair(drawing.pixels, shrunk(drawing.pixels, SMALL), drawing.facts)


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a square picture (n, n, 3) as (side, side, 3), by Lanczos' filter."""
    small = Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(small)
