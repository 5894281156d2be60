"""What falls through the picture: petals, leaves, snow, fireflies."""

from __future__ import annotations

import numpy as np

from training.illustrator.backdrop import BOTTOM, LEFT, RIGHT, TOP
from training.illustrator.colours import WHITE, hsv
from training.illustrator.curves import Points, oval, spline, turned
from training.illustrator.painter import Painter
from training.illustrator.subject import Season

_PETAL = spline(
    [(0, -1), (0.55, -0.35), (0.4, 0.6), (0, 0.85), (-0.4, 0.6), (-0.55, -0.35)], closed=True
)
_MAPLE = np.array(
    [(0, -1), (0.2, -0.45), (0.75, -0.6), (0.5, -0.1), (0.95, 0.25), (0.35, 0.3), (0.05, 0.8),
     (-0.35, 0.3), (-0.95, 0.25), (-0.5, -0.1), (-0.75, -0.6), (-0.2, -0.45)]
)  # fmt: skip


def draw_season(painter: Painter, season: Season, count: int) -> None:
    """Scatter `count` pieces of a season, most of them away from the face."""
    for _ in range(count if season is not Season.NONE else 0):
        at = painter.rng.uniform((LEFT, TOP), (RIGHT, BOTTOM))
        if np.hypot(at[0], at[1] - 0.1) < 1.0:
            continue
        _draw_piece(painter, season, at)


def _draw_piece(painter: Painter, season: Season, at: Points) -> None:
    rng = painter.rng
    x, y = at.tolist()
    size, angle = float(rng.uniform(0.08, 0.17)), float(rng.uniform(0, 360))
    if season is Season.PETALS:
        tone = hsv(rng.uniform(338, 352), rng.uniform(0.15, 0.35), 1.0)
        painter.flat(turned(_PETAL * size * [0.8, 1], angle) + at, tone, 0.95)
    elif season is Season.LEAVES:
        tone = hsv(rng.uniform(8, 42), rng.uniform(0.65, 0.85), rng.uniform(0.75, 0.95))
        painter.flat(turned(_MAPLE * size * 1.2, angle) + at, tone)
    elif season is Season.SNOW:
        painter.flat(oval(x, y, 0.5 * size, 0.5 * size, steps=14), WHITE, 0.9, blur=0.12 * size)
    else:
        glow = hsv(rng.uniform(58, 80), 0.5, 1.0)
        painter.flat(oval(x, y, 0.7 * size, 0.7 * size, steps=14), glow, 0.5, blur=0.3 * size)
        painter.flat(oval(x, y, 0.2 * size, 0.2 * size, steps=10), (1, 1, 0.9))
