"""How little a beat repeats itself, bar by bar: tall and bright where a bar is new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from bot.pictures.palette import HOLLOW
from bot.pictures.ramp import moonrise

SHORTEST = 0.12  # of the strip's height: a bar that only repeats is still a bar
DIMMEST = 0.3  # of the ramp, so that it stands out from the hollow


def draw_rhythm(bars: Sequence[float], size: tuple[int, int]) -> Image.Image:
    """Paint one column a bar.

    Args:
        bars: variety of each bar, 0 (heard before) to 1 (new).
        size: width and height in px.

    Returns:
        An "RGB" picture of `size`.
    """
    width, height = size
    ramp = moonrise()
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = HOLLOW
    edges = np.linspace(0, width, len(bars) + 1).round().astype(int)
    gap = min(6, width // max(len(bars), 1) // 3)
    for variety, left, right in zip(np.clip(bars, 0, 1), edges, edges[1:], strict=False):
        top = height - round(height * (SHORTEST + (1 - SHORTEST) * variety))
        colour = ramp[round(255 * (DIMMEST + (1 - DIMMEST) * variety))]
        picture[top:, left : max(left + 1, right - gap)] = colour
    return Image.fromarray(picture)
