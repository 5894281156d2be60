"""Smooth masks: Pillow's own shapes have jagged edges, so these are drawn large and shrunk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw

OVERSAMPLE = 4
Point = tuple[float, float]


@lru_cache(maxsize=256)
def rounded(width: int, height: int, radius: int) -> Image.Image:
    """A rectangle with round corners, as an "L" mask of exactly its size."""
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
    """The inside of a closed outline, as an "L" mask of `size`."""
    large = Image.new("L", (size[0] * OVERSAMPLE, size[1] * OVERSAMPLE), 0)
    points = [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in outline]
    ImageDraw.Draw(large).polygon(points, fill=255)
    return large.reduce(OVERSAMPLE)


@lru_cache(maxsize=64)
def _disc(radius: int) -> Image.Image:
    side = 2 * radius * OVERSAMPLE
    large = Image.new("L", (side, side), 0)
    ImageDraw.Draw(large).ellipse((0, 0, side - 1, side - 1), fill=255)
    return large.reduce(OVERSAMPLE)
