"""What happens to a whole picture at the end: the paper's tooth, the grain, a soft lens."""

from __future__ import annotations

from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from training.illustrator.habits import Edge, Hand


def finished(picture: NDArray[np.uint8], hand: Hand, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the picture (side, side, 3) on this hand's paper, with its grain."""
    if not (hand.grain or hand.paper):
        return picture
    side = len(picture)
    tone = picture.astype(np.float32) / 255
    if hand.paper:
        tone *= 1 - hand.paper * _tooth(side, rng)[..., None]
    if hand.grain:
        tone += rng.normal(0, hand.grain, (side, side, 1)).astype(np.float32)
    return (np.clip(tone, 0, 1) * 255 + 0.5).astype(np.uint8)


def edge_of(edge: Edge) -> Any:
    """Return the paint that puts a hand's edge around the layer of the figure."""
    filters = skia.ImageFilters
    if edge is Edge.STICKER:
        white = skia.ColorFilters.Blend(skia.ColorWHITE, skia.BlendMode.kSrcIn)
        border = filters.ColorFilter(white, filters.Dilate(0.08, 0.08, None))
        return skia.Paint(ImageFilter=filters.Merge([border, None]))
    if edge is Edge.CUT:
        shadow = skia.Color4f(0.1, 0.05, 0.2, 0.45).toColor()
        return skia.Paint(ImageFilter=filters.DropShadow(0.07, 0.09, 0.03, 0.03, shadow, None))
    if edge is Edge.HALO:
        light = skia.Color4f(0.75, 0.85, 1.0, 0.75).toColor()
        return skia.Paint(ImageFilter=filters.DropShadow(0, 0, 0.14, 0.14, light, None))
    return skia.Paint()


def _tooth(side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return smooth noise in [0, 1]: the hills and valleys of rough paper."""
    noise = rng.random((side, side), np.float32)
    for axis in (0, 1):
        noise += np.roll(noise, 1, axis) + np.roll(noise, -1, axis)
    noise -= noise.min()
    noise /= noise.max()
    return noise
