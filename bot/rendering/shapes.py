"""Make smooth masks, drawn large and shrunk: Pillow's have jagged edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw

OVERSAMPLE = 4
Point = tuple[float, float]


@lru_cache(maxsize=256)
def rounded(width: int, height: int, radius: int) -> Image.Image:
    """Return a rounded rectangle as an "L" mask of its size."""
    mask = Image.new("L", (width, height), 255)
    radius = min(radius, width // 2, height // 2)
    if radius < 1:
        return mask
    disc = _disc(radius)
    for left in (0, width - radius):
        for top in (0, height - radius):
            corner = (radius if left else 0, radius if top else 0)
            box = (*corner, corner[0] + radius, corner[1] + radius)
            mask.paste(disc.crop(box), (left, top))
    return mask


def filled(size: tuple[int, int], outline: Sequence[Point]) -> Image.Image:
    """Return a closed outline's inside as an "L" mask of `size`."""
    left, top = (math.floor(min(axis)) for axis in zip(*outline, strict=True))
    right, bottom = (math.ceil(max(axis)) for axis in zip(*outline, strict=True))
    large = Image.new("L", ((right - left) * OVERSAMPLE, (bottom - top) * OVERSAMPLE), 0)
    points = [((x - left) * OVERSAMPLE, (y - top) * OVERSAMPLE) for x, y in outline]
    ImageDraw.Draw(large).polygon(points, fill=255)
    mask = Image.new("L", size, 0)
    mask.paste(large.reduce(OVERSAMPLE), (left, top))
    return mask


@lru_cache(maxsize=64)
def _disc(radius: int) -> Image.Image:
    side = 2 * radius * OVERSAMPLE
    large = Image.new("L", (side, side), 0)
    ImageDraw.Draw(large).ellipse((0, 0, side - 1, side - 1), fill=255)
    return large.reduce(OVERSAMPLE)
