"""Draw how a song goes on: one strip a genre, all over one axis of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from bot.rendering.palette import HOLLOW, INK, Rgb, mixed

CREST = 5  # px, the lighter line on top of a strip
MOST_MARKS = 6  # more would touch on a phone
MARK_STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    43200,
    86400,
)  # s


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the time axis: its place (0 to 1 of the song) and label ("2:30")."""

    at: float
    text: str


def clock(seconds: float) -> str:
    """Format seconds as 0:07, 4:05 or 1:02:30."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def marks(seconds: float, most: int = MOST_MARKS) -> tuple[Mark, ...]:
    """Return round times from start to end, at most so many, whose labels do not overlap."""
    step = next((s for s in MARK_STEPS if seconds / s <= most - 1), MARK_STEPS[-1])
    crowd = 1 / most
    moments = [i * step for i in range(int(seconds / step) + 1)]
    before = tuple(Mark(m / seconds, clock(m)) for m in moments if m / seconds <= 1 - crowd)
    end = Mark(1.0, clock(seconds))
    return before if end.text == before[0].text else (*before, end)


def heights_over(
    shares: npt.NDArray[np.float32], middles: npt.NDArray[np.float64], width: int
) -> npt.NDArray[np.float64]:
    """Return a share at every pixel column; between the middles of windows it rises evenly.

    Args:
        shares: (windows,) 0 to 1.
        middles: (windows,) of each window, 0 to 1 of the song, rising.
        width: px.
    """
    return np.interp((np.arange(width) + 0.5) / width, middles, shares)


def draw_strip(
    heights: npt.NDArray[np.float64], colour: Rgb, height: int, *, solid: bool = True
) -> Image.Image:
    """Paint an area under a curve, with smooth edges.

    Args:
        heights: (width,) 0 to 1 of the strip's height.
        colour: of the area.
        height: px.
        solid: a guess is only its crest over a faint area.

    Returns:
        An "RGB" picture of (width, height).
    """
    above_floor = (height - np.arange(height, dtype=np.float64))[:, None]
    tops = np.clip(heights, 0, 1)[None] * height
    area = np.clip(above_floor * -1 + tops + 1, 0.0, 1.0)[..., None]
    below_crest = np.clip(above_floor * -1 + tops - CREST + 1, 0.0, 1.0)[..., None]
    ground = np.array(HOLLOW, np.float64)
    inside = np.array(colour if solid else mixed(HOLLOW, colour, 0.35), np.float64)
    crest = np.array(mixed(colour, INK, 0.45) if solid else colour, np.float64)
    picture = ground + area * (crest - ground)
    picture += below_crest * (inside - crest)
    return Image.fromarray(np.rint(picture).astype(np.uint8))
