"""Pictures to train on: discs of one colour on another, which a tiny model can learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ml.avatar.features import Pictures


def discs(count: int, side: int = 32) -> Pictures:
    """Draw them, (count, side, side, 3)."""
    dice = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side] / side
    pictures = np.empty((count, side, side, 3), np.uint8)
    for picture in pictures:
        (y, x), size = dice.uniform(0.3, 0.7, 2), dice.uniform(0.1, 0.3)
        inside = (rows - y) ** 2 + (columns - x) ** 2 < size**2
        picture[:] = np.where(inside[..., None], dice.integers(180, 256, 3), (40, 40, 90))
    return pictures


def folder_of_discs(folder: Path, count: int, side: int = 64) -> Path:
    """Write them as PNG files."""
    folder.mkdir()
    for index, picture in enumerate(discs(count, side)):
        Image.fromarray(picture).save(folder / f"{index:03d}.png")
    return folder
