"""What happens to a whole picture at the end: the paper's tooth, the grain, a soft lens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.avatar.illustrator.hands import Hand


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


def _tooth(side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return smooth noise in [0, 1]: the hills and valleys of rough paper."""
    noise = rng.random((side, side), np.float32)
    for axis in (0, 1):
        noise = (noise + np.roll(noise, 1, axis) + np.roll(noise, -1, axis)) / 3
    noise -= noise.min()
    return noise / noise.max()
